"""Destruction lists as everybody sees them (FORMS.md F6). Titles only for readers of the books."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Copy, DestructionLine, DestructionList, DestructionWitness, Permit, User, Waste
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import DestructionMethod, DestructionState, Level
from gateway.services.gate import Actor, Gate


@dataclass(frozen=True, slots=True)
class LineView:
    """One item: a carrier or a waste row. `formed_at` is when the paper came out."""

    line_no: int
    item: str
    permit_no: str
    copy_number: int
    title: str
    mark: str
    sheets: int
    formed_at: datetime


@dataclass(frozen=True, slots=True)
class DestructionView:
    """A list with its items, approval and witnesses; people with their display names, `maker` as account."""

    list_no: str
    state: DestructionState
    maker: str
    made_by: str
    made_at: datetime
    reason: str
    approver: str
    decided_at: datetime | None
    method: DestructionMethod | None
    place: str
    unit: str
    receipt_no: str
    destroyed_by: str
    destroyed_at: datetime | None
    witnesses: tuple[str, ...]
    witness_accounts: tuple[str, ...]
    lines: tuple[LineView, ...]

    @property
    def total_sheets(self) -> int:
        """Σ of the lines."""
        return sum(line.sheets for line in self.lines)


def view(session: Session, actor: Actor, made: DestructionList) -> DestructionView:
    """Build the view of one list."""
    people = {user.id: user for user in session.exec(select(User)).all()}

    def name(user_id: int | None) -> str:
        return people[user_id].display_name if user_id else ""

    witnesses = session.exec(
        select(DestructionWitness).where(DestructionWitness.list_id == made.id).order_by(col(DestructionWitness.confirmed_at))
    ).all()
    return DestructionView(
        made.list_no,
        DestructionState(made.state),
        people[made.made_by_id].username,
        name(made.made_by_id),
        made.made_at,
        made.reason,
        name(made.approver_id),
        made.decided_at,
        DestructionMethod(made.method) if made.method else None,
        made.place,
        made.unit,
        made.receipt_no,
        name(made.destroyed_by_id),
        made.destroyed_at,
        tuple(name(witness.user_id) for witness in witnesses),
        tuple(people[witness.user_id].username for witness in witnesses),
        tuple(_lines(session, made, titles=actor.may(Act.SEE_BOOKS))),
    )


def _lines(session: Session, made: DestructionList, *, titles: bool) -> list[LineView]:
    line = DestructionLine
    carriers = session.exec(
        select(line, Carrier, Permit)
        .join(Carrier, col(line.carrier_id) == Carrier.id)
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .where(line.list_id == made.id)
    ).all()
    wastes = session.exec(
        select(line, Waste, Copy, Permit)
        .join(Waste, col(line.waste_id) == Waste.id)
        .join(Copy, col(Waste.copy_id) == Copy.id)
        .join(Permit, col(Copy.permit_id) == Permit.id)
        .where(line.list_id == made.id)
    ).all()
    found = [_line(row, carrier.carrier_no, permit, carrier.copy_number, carrier.made_at, titles) for row, carrier, permit in carriers]
    found += [_line(row, f"W-{waste.id or 0:04d}", permit, copy.number, waste.recorded_at, titles) for row, waste, copy, permit in wastes]
    return sorted(found, key=lambda shown: shown.line_no)


def _line(row: DestructionLine, item: str, permit: Permit, copy_number: int, formed_at: datetime, titles: bool) -> LineView:
    mark = mark_to_stamp(Level(permit.level), permit.term)
    title = (permit.title or "") if titles else ""
    return LineView(row.line_no, item, permit.permit_no, copy_number, title, mark, row.sheets, formed_at)


def show_list(gate: Gate, actor: Actor, list_no: str) -> DestructionView:
    """One list. Whoever knows its number may look, as witnesses must; titles only for readers of the books. Raises NotFoundError."""
    from gateway.services.destruction import list_by_number

    with gate.database.reading() as session:
        return view(session, actor, list_by_number(session, list_no))


def list_lists(gate: Gate, actor: Actor, *, waiting: bool = False, limit: int = 100) -> list[DestructionView]:
    """Lists, newest first; `waiting`: those that are drafts or approved. Everybody else sees none (R32)."""
    if not (actor.may(Act.SEE_BOOKS) or actor.may(Act.APPROVE_DESTRUCTION)):
        return []
    query = select(DestructionList).order_by(col(DestructionList.id).desc()).limit(limit)
    if waiting:
        query = query.where(col(DestructionList.state).in_([DestructionState.DRAFT.value, DestructionState.APPROVED.value]))
    with gate.database.reading() as session:
        return [view(session, actor, made) for made in session.exec(query).all()]
