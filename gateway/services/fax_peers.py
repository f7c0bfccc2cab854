"""The address book of faxes: who may be faxed to when the unit keeps an allow-list (FORMS.md F2, setting `fax_allow_list`)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import col, select

from gateway.db.tables import FaxPeer
from gateway.domain.duties import Act
from gateway.domain.fax import normal_number
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate


@dataclass(frozen=True, slots=True)
class PeerView:
    """One line of the address book."""

    peer_id: int
    unit: str
    person: str
    number: str
    active: bool


def list_peers(gate: Gate, actor: Actor) -> list[PeerView]:
    """The lines in use, then the closed ones. Raises ForbiddenError for who may not fax at all."""
    actor.require(Act.PRINT)
    with gate.database.reading() as session:
        rows = session.exec(select(FaxPeer).order_by(col(FaxPeer.active).desc(), col(FaxPeer.unit), col(FaxPeer.id))).all()
        return [_view(row) for row in rows]


def add_peer(gate: Gate, actor: Actor, unit: str, number: str, person: str = "") -> PeerView:
    """Write a number into the address book, or open it again. Raises InvalidInputError, ConflictError when it is there."""
    actor.require(Act.KEEP_BOOKS)
    if not unit.strip():
        raise InvalidInputError("A fax names the unit and the person it is for.", "Enter both.")
    try:
        dialled = normal_number(number)
    except ValueError as error:
        raise InvalidInputError("That is no fax number.", "Write it like +86 591 8712 3456, or 3 to 15 digits.") from error
    with gate.database.writing() as session:
        row = session.exec(select(FaxPeer).where(FaxPeer.number == dialled)).first()
        if row is not None and row.active:
            raise ConflictError("This number is in the address book.", "Close the old line first.")
        row = row or FaxPeer(unit="", number=dialled)
        row.unit, row.person, row.active = unit.strip()[:100], person.strip()[:50], True
        session.add(row)
        session.flush()
        append(session, kind="fax.peer_added", at=gate.clock.now(), actor=actor.username, subject="", data={"line": row.id or 0})
        return _view(row)


def close_peer(gate: Gate, actor: Actor, peer_id: int) -> PeerView:
    """Nobody is faxed to at this number any more. Raises NotFoundError, ConflictError when it is closed."""
    actor.require(Act.KEEP_BOOKS)
    with gate.database.writing() as session:
        row = session.get(FaxPeer, peer_id)
        if row is None:
            raise NotFoundError(f"There is no line {peer_id} in the address book.", "Look at the list.")
        if not row.active:
            raise ConflictError(f"Line {peer_id} of the address book is closed.", "There is nothing to close.")
        row.active = False
        session.add(row)
        append(session, kind="fax.peer_closed", at=gate.clock.now(), actor=actor.username, subject="", data={"line": peer_id})
        return _view(row)


def _view(row: FaxPeer) -> PeerView:
    return PeerView(row.id or 0, row.unit, row.person, row.number, row.active)
