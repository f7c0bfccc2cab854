"""When the gateway ran: its start and its stop are written down, and a run that ended without a stop is told (R85, SC-23)."""

from __future__ import annotations

from gateway.db.tables import Setting
from gateway.ledger.append import append
from gateway.ledger.entry import utc_text
from gateway.services.gate import SYSTEM, Gate

_RUNNING = "running_since"


def note_start(gate: Gate) -> bool:
    """Write the start down; True when the run before ended without a stop: power, a kill, a crash."""
    now = gate.clock.now()
    with gate.database.writing() as session:
        row = session.get(Setting, _RUNNING) or Setting(key=_RUNNING, value="")
        unclean = bool(row.value)
        if unclean:
            append(session, kind="gateway.unclean_stop", at=now, actor=SYSTEM, subject="", data={"running_since": row.value})
        row.value = utc_text(now)
        session.add(row)
        append(session, kind="gateway.started", at=now, actor=SYSTEM, subject="", data={})
    return unclean


def note_stop(gate: Gate) -> None:
    """Write down that it stopped in order; nothing when no start was written."""
    with gate.database.writing() as session:
        row = session.get(Setting, _RUNNING)
        if row is None or not row.value:
            return
        row.value = ""
        session.add(row)
        append(session, kind="gateway.stopped", at=gate.clock.now(), actor=SYSTEM, subject="", data={})
