"""Slips 凭条: issued after an act that is done, counted, and marked when they are not the first (invariant I9).

Issuing is one transaction with one ledger entry; the printer comes after it (`gateway.slip_desk`), so a failing one loses nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import SlipIssue, User
from gateway.domain.slips import Slip
from gateway.domain.vocabulary import SlipKind
from gateway.errors import InvalidInputError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.slip_contents import contents, issue_told

ISSUED, SENT, FAILED = "issued", "sent", "failed"
"""What became of a slip: nobody knows (yet); the printer took every byte; it did not."""


@dataclass(frozen=True, slots=True)
class SlipView:
    """One issued slip as UI, API and CLI show it."""

    slip_id: int
    kind: SlipKind
    subject: str
    serial: int
    state: str
    problem: str
    issued_by: str
    issued_at: datetime
    ledger_seq: int
    tag: str

    @property
    def name(self) -> str:
        """An opaque name for printers."""
        return f"slip-{self.slip_id:06d}"

    @property
    def duplicate(self) -> bool:
        """Whether it bears 重印."""
        return self.serial > 1


def read_kind(text: str) -> SlipKind:
    """A kind of slip by its word, with _ or -. Raises InvalidInputError."""
    try:
        return SlipKind(text.replace("-", "_"))
    except ValueError as error:
        raise InvalidInputError(f"'{text[:20]}' is no kind of slip.", f"Use one of {', '.join(SlipKind)}.") from error


def preview(gate: Gate, actor: Actor, kind: SlipKind, subject: str) -> tuple[str, Slip]:
    """What a slip would say, marked as a preview; nothing is recorded. Returns the canonical subject too. Raises as `issue` does."""
    with gate.database.reading() as session:
        return contents(gate, session, actor, kind, subject)


def issue(gate: Gate, actor: Actor, kind: SlipKind, subject: str) -> tuple[SlipView, Slip]:
    """Count one more slip of this thing and put it in the books; the second and later ones bear 重印.

    Raises NotFoundError or ForbiddenError for what is not the actor's, ConflictError while there is nothing to tell.
    """
    with gate.database.writing() as session:
        subject, slip = contents(gate, session, actor, kind, subject)
        same = select(func.coalesce(func.max(SlipIssue.serial), 0)).where(SlipIssue.kind == kind.value, SlipIssue.subject == subject)
        serial, now = int(session.exec(same).one()) + 1, gate.clock.now()
        data = {"kind": kind.value, "serial": serial, "duplicate": serial > 1}
        entry = append(session, kind="slip.issued", at=now, actor=actor.username, subject=subject, data=data)
        row = SlipIssue(
            kind=kind.value,
            subject=subject,
            serial=serial,
            state=ISSUED,
            issued_by_id=actor.user_id,
            issued_at=now,
            ledger_seq=entry.seq,
            tag=entry.tag,
        )
        session.add(row)
        session.flush()
        told = issue_told(gate, session, serial=serial, at=now, by_id=actor.user_id, ledger_seq=entry.seq, tag=entry.tag)
        return _view(session, row), replace(slip, issue=told)


def record_outcome(gate: Gate, slip_id: int, problem: str = "") -> SlipView:
    """What the printer said: nothing against it, or a code of docs/errors.md."""
    with gate.database.writing() as session:
        row = session.get_one(SlipIssue, slip_id)
        row.state, row.problem = (FAILED if problem else SENT), problem[:40]
        session.add(row)
        return _view(session, row)


def issued(gate: Gate, actor: Actor, kind: SlipKind, subject: str) -> list[SlipView]:
    """Every slip of this thing that was issued, newest first; for who may issue one."""
    with gate.database.reading() as session:
        subject, _ = contents(gate, session, actor, kind, subject)
        query = select(SlipIssue).where(SlipIssue.kind == kind.value, SlipIssue.subject == subject)
        return [_view(session, row) for row in session.exec(query.order_by(col(SlipIssue.serial).desc())).all()]


def _view(session: Session, row: SlipIssue) -> SlipView:
    return SlipView(
        row.id or 0,
        SlipKind(row.kind),
        row.subject,
        row.serial,
        row.state,
        row.problem,
        session.get_one(User, row.issued_by_id).display_name,
        row.issued_at,
        row.ledger_seq,
        row.tag,
    )
