"""Visitors 来访 (R78-R81, SC-06): registered before they come, approved, in, out; what they left with the room goes back first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Device, User, Visitor
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.vocabulary import IdKind, VisitReason
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.carriers import next_number
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.months import during
from gateway.services.register_reading import Reading

SERIES = "LF"
_MOST_ITEMS = 20


@dataclass(frozen=True, slots=True)
class NewVisitor:
    """Who comes, why, who goes with him. A repair names its device; another reason needs its words."""

    name: str
    org: str
    id_kind: IdKind
    id_no: str
    reason_kind: VisitReason
    escort: str
    reason: str = ""
    device: str = ""
    title: str = ""
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a visitor leaves with the room: a phone, a camera; how many; in which compartment."""

    kind: str
    quantity: int
    slot: str


@dataclass(frozen=True, slots=True)
class VisitView:
    """A visit as UI, API and CLI show it; `id_no` and `phone` only by their last digits."""

    visit_no: str
    visitor_name: str
    visitor_org: str
    visitor_title: str
    id_type: str
    id_no: str
    phone: str
    reason_kind: str
    reason: str
    device: str
    approver: str
    approved_at: datetime | None
    escort: str
    items: tuple[Deposit, ...]
    enter_at: datetime | None
    leave_at: datetime | None
    items_returned_at: datetime | None
    officer: str
    registered_at: datetime
    note: str

    @property
    def state(self) -> str:
        """`registered`, `approved`, `inside` or `left`."""
        return "left" if self.leave_at else "inside" if self.enter_at else "approved" if self.approved_at else "registered"


def register_visitor(gate: Gate, actor: Actor, wish: NewVisitor) -> VisitView:
    """Write a visit down before it. Raises ForbiddenError, InvalidInputError with what is missing, NotFoundError for escort or device."""
    actor.require(Act.KEEP_BOOKS)
    for value, what in ((wish.name, "name"), (wish.org, "unit"), (wish.id_no, "number of the identity document")):
        if not value.strip():
            raise InvalidInputError(f"The visitor's {what} is missing.", "There are no anonymous visits.")
    if wish.reason_kind is VisitReason.REPAIR and not wish.device:
        raise InvalidInputError("A repair names its device.", "Give the device's code.")
    if wish.reason_kind is VisitReason.OTHER and not wish.reason.strip():
        raise InvalidInputError("Another reason needs its words.", "Say in a few words why the visitor comes.")
    now, salt = gate.clock.now(), new_salt()
    with gate.database.writing() as session:
        escort = session.exec(select(User).where(User.username == wish.escort, col(User.active).is_(True))).first()
        device = session.exec(select(Device).where(Device.code == wish.device)).first() if wish.device else None
        if escort is None or (wish.device and device is None):
            raise NotFoundError("There is no such escort or device.", "Name an account, and a device's code.")
        visitor = Visitor(
            visit_no=next_number(session, SERIES, gate.today().year)[0],
            visitor_name=wish.name.strip(),
            visitor_org=wish.org.strip(),
            visitor_title=wish.title.strip(),
            id_type=wish.id_kind.value,
            id_no=wish.id_no.strip(),
            phone=wish.phone.strip(),
            salt=salt,
            reason_kind=wish.reason_kind.value,
            reason=wish.reason.strip(),
            device_id=device.id if device else None,
            escort_id=escort.id or 0,
            officer_id=actor.user_id,
            note=wish.note.strip(),
            registered_at=now,
        )
        session.add(visitor)
        session.flush()
        who = "\n".join((visitor.visitor_name, visitor.visitor_org, visitor.id_type, visitor.id_no))
        data = {"who": commitment(salt, who), "reason": visitor.reason_kind, "device": wish.device, "escort": wish.escort}
        append(session, kind="visitor.registered", at=now, actor=actor.username, subject=visitor.visit_no, data=data)
        return _view(session, visitor)


def approve_visitor(gate: Gate, actor: Actor, visit_no: str) -> VisitView:
    """Approve a visit: by one of the roles the setting `visitor_approvers` names (R79). Raises ForbiddenError, ConflictError."""
    if not actor.roles & gate.settings.roles_approving_visitors:
        raise ForbiddenError(f"The account {actor.username} may not approve visitors.", "Ask one of visitor_approvers (docs/settings.md).")
    values = {"approver_id": actor.user_id, "approved_at": gate.clock.now()}
    return _step(gate, actor, visit_no, "visitor.approved", col(Visitor.approved_at).is_(None), values)


def enter_visitor(gate: Gate, actor: Actor, visit_no: str, items: Sequence[Deposit], *, nothing: bool = False) -> VisitView:
    """Let an approved visitor in; phones and cameras stay with the room, or he says that he has none (R80).

    Raises RefusedError E_VISITOR before the approval, InvalidInputError when neither is said, ConflictError when he is in already.
    """
    actor.require(Act.KEEP_BOOKS)
    countable = all(1 <= item.quantity <= 99 and item.kind.strip() for item in items)
    if bool(items) == nothing or len(items) > _MOST_ITEMS or not countable:
        raise InvalidInputError("What does the visitor leave with the room?", "List things and numbers, or say that there is nothing.")
    _expect(gate, visit_no, lambda visitor: visitor.approved_at is not None, "not approved")
    told = [{"kind": item.kind.strip(), "quantity": item.quantity, "slot": item.slot.strip()} for item in items]
    waits = col(Visitor.enter_at).is_(None) & col(Visitor.approved_at).is_not(None)
    entry = {"items": sum(item.quantity for item in items)}
    return _step(gate, actor, visit_no, "visitor.entered", waits, {"enter_at": gate.clock.now(), "items": told}, entry)


def return_items(gate: Gate, actor: Actor, visit_no: str) -> VisitView:
    """Give back what the visitor left. Raises ConflictError when he left nothing, is not in, or has it back."""
    actor.require(Act.KEEP_BOOKS)
    inside = col(Visitor.enter_at).is_not(None) & col(Visitor.leave_at).is_(None) & col(Visitor.items_returned_at).is_(None)
    return _step(gate, actor, visit_no, "visitor.items_returned", inside, {"items_returned_at": gate.clock.now()})


def leave_visitor(gate: Gate, actor: Actor, visit_no: str) -> VisitView:
    """Let a visitor out: blocked while his things are here (R80). Raises RefusedError E_VISITOR, ConflictError when he is not in."""
    actor.require(Act.KEEP_BOOKS)
    _expect(gate, visit_no, lambda visitor: not visitor.items or visitor.items_returned_at is not None, "items not returned")
    inside = col(Visitor.enter_at).is_not(None) & col(Visitor.leave_at).is_(None)
    return _step(gate, actor, visit_no, "visitor.left", inside, {"leave_at": gate.clock.now()})


def _expect(gate: Gate, visit_no: str, holds: Any, detail: str) -> None:
    with gate.database.reading() as session:
        visitor = _by_number(session, visit_no)
        if not holds(visitor):
            raise RefusedError([Reason(Code.E_VISITOR, f"{visitor.visit_no} {detail}")])


def _step(
    gate: Gate, actor: Actor, visit_no: str, kind: str, waits: Any, values: dict[str, Any], told: dict[str, Any] | None = None
) -> VisitView:
    """One step by guarded update: exactly one row, and only where the visit waits for it."""
    with gate.database.writing() as session:
        visitor = _by_number(session, visit_no)
        done = session.execute(update(Visitor).where(col(Visitor.id) == visitor.id, waits).values(**values))
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"Visit {visitor.visit_no} does not wait for this.", "Look at the visit again.")
        session.refresh(visitor)
        append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=visitor.visit_no, data=told or {})
        return _view(session, visitor)


def _by_number(session: Session, visit_no: str) -> Visitor:
    visitor = session.exec(select(Visitor).where(Visitor.visit_no == visit_no.strip().upper())).first()
    if visitor is None:
        raise NotFoundError(f"There is no visit {visit_no.strip()[:20]}.", "See `imprimatur visitor list`.")
    return visitor


def list_visitors(gate: Gate, actor: Actor, *, inside: bool = False, limit: int = 100) -> list[VisitView]:
    """Visits, newest first; `inside`: who is in the room now. For readers of the books and who may approve. Raises ForbiddenError."""
    if not actor.roles & gate.settings.roles_approving_visitors:
        actor.require(Act.SEE_BOOKS)
    query = select(Visitor).order_by(col(Visitor.id).desc()).limit(limit)
    if inside:
        query = query.where(col(Visitor.enter_at).is_not(None), col(Visitor.leave_at).is_(None))
    with gate.database.reading() as session:
        return [_view(session, visitor) for visitor in session.exec(query).all()]


def masked(text: str) -> str:
    """All but the last four characters hidden (R78)."""
    return "*" * max(len(text) - 4, 0) + text[-4:] if len(text) > 4 else "*" * len(text)


def _view(session: Session, visitor: Visitor) -> VisitView:
    def name(user_id: int | None) -> str:
        return session.get_one(User, user_id).display_name if user_id else ""

    return VisitView(
        visit_no=visitor.visit_no,
        visitor_name=visitor.visitor_name,
        visitor_org=visitor.visitor_org,
        visitor_title=visitor.visitor_title,
        id_type=visitor.id_type,
        id_no=masked(visitor.id_no),
        phone=masked(visitor.phone),
        reason_kind=visitor.reason_kind,
        reason=visitor.reason,
        device=session.get_one(Device, visitor.device_id).code if visitor.device_id else "",
        approver=name(visitor.approver_id),
        approved_at=visitor.approved_at,
        escort=name(visitor.escort_id),
        items=tuple(Deposit(**item) for item in visitor.items),
        enter_at=visitor.enter_at,
        leave_at=visitor.leave_at,
        items_returned_at=visitor.items_returned_at,
        officer=name(visitor.officer_id),
        registered_at=visitor.registered_at,
        note=visitor.note,
    )


def visitor_rows(reading: Reading) -> Iterator[dict[str, object]]:
    """The visitor register (docs/forms.md F1): visits registered in the month."""
    query = select(Visitor).where(during(Visitor.registered_at, reading.month)).order_by(col(Visitor.id))
    for visitor in reading.session.exec(query).all():
        shown = _view(reading.session, visitor)
        times = {name: reading.local(getattr(shown, name)) for name in ("approved_at", "enter_at", "items_returned_at", "leave_at")}
        words = [f"{item.kind}×{item.quantity}" + (f" 格{item.slot}" if item.slot else "") for item in shown.items]
        plain = ("visitor_name", "visitor_org", "visitor_title", "id_type", "id_no", "phone", "reason_kind", "reason", "device")
        people = ("approver", "escort", "officer", "note")
        kept = {name: getattr(shown, name) for name in (*plain, *people)}
        yield {"visit_no": shown.visit_no, **kept, **times, "items": "; ".join(words)}
