"""The state of the books for people who may see them: how long, how far signed, whole or not."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from gateway.db.tables import Checkpoint, LedgerHead, Setting
from gateway.domain.duties import Act
from gateway.domain.vocabulary import AlertKind
from gateway.errors import ConfigurationError
from gateway.ledger.verify import Verdict, verify
from gateway.services.alerts import is_open, raise_alert
from gateway.services.gate import Actor, Gate
from gateway.services.installation import LEDGER_KEY

_VERIFIED_ON = "ledger_verified_on"


@dataclass(frozen=True, slots=True)
class LedgerState:
    """Number of entries, hash of the last, and the newest signed checkpoint."""

    entries: int
    head: str
    signed_up_to: int
    signed_at: datetime | None


def ledger_state(gate: Gate, actor: Actor) -> LedgerState:
    """How the ledger stands. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        head = session.get_one(LedgerHead, 1)
        newest = session.exec(select(Checkpoint).order_by(col(Checkpoint.seq).desc())).first()
        return LedgerState(head.seq, head.hash, newest.seq if newest else 0, newest.at if newest else None)


def verify_daily(gate: Gate) -> bool:
    """Check the books once a day; what is found is told to the security administrator and the auditor (R56, SC-35).

    False when it was done today already.
    """
    today = gate.today().isoformat()
    with gate.database.reading() as session:
        done = session.get(Setting, _VERIFIED_ON)
        if done is not None and done.value >= today:
            return False
    verdict = verify_ledger(gate)
    with gate.database.writing() as session:
        row = session.get(Setting, _VERIFIED_ON) or Setting(key=_VERIFIED_ON, value="")
        row.value = today
        session.add(row)
        if not verdict.ok and not is_open(session, AlertKind.LEDGER_BROKEN, "ledger"):
            raise_alert(gate, session, AlertKind.LEDGER_BROKEN, "ledger", f"first bad entry {verdict.first_bad}")
    return True


def verify_books(gate: Gate, actor: Actor) -> Verdict:
    """Check chain, head, checkpoints and registers. Raises ForbiddenError, ConfigurationError without the public key."""
    actor.require(Act.VERIFY_LEDGER)
    return verify_ledger(gate)


def verify_ledger(gate: Gate) -> Verdict:
    """Check chain, head, checkpoints and registers, for the gateway itself. Raises ConfigurationError without the public key."""
    file = (gate.settings.keys / LEDGER_KEY).with_suffix(".pub")
    try:
        public_key = bytes.fromhex(file.read_text().strip())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"The public key {file.name} cannot be read.", "Restore it from the inspector's copy.") from error
    return verify(gate.database, public_key, gate.settings.checkpoint_file)
