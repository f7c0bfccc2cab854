"""A fax that has been sent, without an exchange: what then becomes of its job and its permit."""

from __future__ import annotations

from gateway.db.tables import Fax
from gateway.ledger.append import append
from gateway.services import fax_endings
from gateway.services.gate import Gate


def fax_has_ended(gate: Gate, job_id: int) -> None:
    """All of its one page has arrived."""
    sent = Fax(
        fax_no="CZ-2026-000001",
        direction="out",
        state="ended",
        job_id=job_id,
        number="10",
        peer="-",
        salt="-",
        crypt_class="plain",
        level="neibu",
        sha256="-",
        pages=1,
        pages_sent=1,
        registered_at=gate.clock.now(),
    )
    with gate.database.writing() as session:
        session.add(sent)
        session.flush()
        data = {"direction": "out"}
        append(session, kind="fax.filed", at=gate.clock.now(), actor="gateway", subject=sent.fax_no, data=data)
        fax_endings.end_job_of(gate, session, sent)
