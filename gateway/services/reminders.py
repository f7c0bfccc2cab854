"""What is overdue in the books: gathered from rows, judged by the clock, told once a stage.

R11, R33, R54, R60, R61, R66, R70, R83, R84, R93.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import (
    Alert,
    Carrier,
    CarryOut,
    CustodyTransfer,
    Fax,
    Incident,
    Inventory,
    PaperLine,
    PaperMonth,
    RegisterCorrection,
    User,
    Visitor,
    Waste,
)
from gateway.domain.deadlines import (
    CORRECTION_SEEN_AFTER,
    END_OF_DAY,
    FAX_REGISTERED_AFTER,
    UNDISTRIBUTED_AFTER,
    UNSIGNED_AFTER,
    VISITORS_OUT,
    Due,
    Duty,
    Overdue,
    at_time,
    inventory_due,
    inventory_opens,
    overdue,
    quarter_of,
    waste_due,
)
from gateway.domain.duties import Act
from gateway.domain.fax import FaxState
from gateway.domain.inventories import quarter_number
from gateway.domain.vocabulary import AlertKind, CarrierState, CarryOutState, TransferState
from gateway.services.alerts import raise_alert
from gateway.services.day_close import day_dues
from gateway.services.gate import Actor, Gate
from gateway.services.months import month_before
from gateway.services.regular_tasks import task_dues
from gateway.services.self_check_entries import lived_through, self_check_entry
from gateway.services.self_check_findings import finding_dues
from gateway.services.waste import waste_no

_TOLD_FOR = timedelta(days=120)
_OF_STATE = {CarrierState.LENT: Duty.LENT, CarrierState.CIRCULATING: Duty.CIRCULATING}


def list_overdue(gate: Gate, actor: Actor) -> list[Overdue]:
    """What is overdue now, oldest first: one's own; readers of the books see all."""
    return [item for item in all_overdue(gate) if actor.may(Act.SEE_BOOKS) or item.due.holder == actor.username]


def all_overdue(gate: Gate) -> list[Overdue]:
    """All that is overdue now, oldest first, for the gateway itself."""
    with gate.database.reading() as session:
        return overdue(_dues(gate, session), gate.clock.now(), gate.settings.zone)


def tell_overdue(gate: Gate) -> int:
    """Raise an alert for everything that is overdue, once for each stage; returns how many. Called by the worker's housekeeping."""
    now = gate.clock.now()
    with gate.database.reading() as session:
        items = overdue(_dues(gate, session), now, gate.settings.zone)
        new = [item for item in items if not _is_told(session, item)]
    for item in new:
        with gate.database.writing() as session:
            if not _is_told(session, item):
                raise_alert(gate, session, AlertKind.OVERDUE, item.due.subject, _detail(item))
    return len(new)


def _detail(item: Overdue) -> str:
    return f"{item.due.duty.value} {item.stage} {item.due.holder}".rstrip()


def _is_told(session: Session, item: Overdue) -> bool:
    told = select(Alert.id).where(
        Alert.kind == AlertKind.OVERDUE.value,
        Alert.subject == item.due.subject,
        Alert.detail == _detail(item),
        col(Alert.at) >= item.since - _TOLD_FOR,
    )
    return session.exec(told).first() is not None


def _dues(gate: Gate, session: Session) -> Iterator[Due]:
    people = {user.id: user.username for user in session.exec(select(User)).all()}
    yield from _of_waste(gate, session, people)
    yield from _of_carriers(session, people)
    yield from _of_transfers(session, people)
    out = select(CarryOut).where(CarryOut.state == CarryOutState.OUT.value)
    for carry_out in session.exec(out).all():
        yield Due(Duty.CARRIED_OUT, carry_out.carry_out_no, people.get(carry_out.requester_id, ""), carry_out.due_back)
    for incident in session.exec(select(Incident).where(col(Incident.reported_at).is_(None), col(Incident.found_at).is_(None))).all():
        yield Due(Duty.INCIDENT, incident.incident_no, people.get(incident.opened_by_id, ""), incident.report_due_at)
    yield from _of_inventory(gate, session, people)
    inside = select(Visitor).where(col(Visitor.enter_at).is_not(None), col(Visitor.leave_at).is_(None))
    for visitor in session.exec(inside).all():
        entered = visitor.enter_at or visitor.registered_at
        yield Due(Duty.VISITOR, visitor.visit_no, people.get(visitor.escort_id, ""), at_time(entered, gate.settings.zone, VISITORS_OUT))
    for fax in session.exec(select(Fax).where(Fax.state == FaxState.QUARANTINED.value)).all():
        yield Due(Duty.FAX, fax.fax_no, "", fax.registered_at + FAX_REGISTERED_AFTER)
    yield from day_dues(gate, session)
    yield from _of_paper(gate, session)
    yield from _of_self_check(gate, session)
    yield from task_dues(gate, session)
    yield from finding_dues(gate, session)
    waiting = select(RegisterCorrection).where(col(RegisterCorrection.counts).is_(True), col(RegisterCorrection.acknowledged_at).is_(None))
    for correction in session.exec(waiting).all():
        yield Due(Duty.CORRECTION, correction.row, "", correction.made_at + CORRECTION_SEEN_AFTER)


def _of_paper(gate: Gate, session: Session) -> Iterator[Due]:
    """Last month's paper, drafted on day 1, due on day 3 at the end of the day, if there is any to confirm (R59)."""
    month = month_before(gate, gate.today().strftime("%Y-%m"))
    used = session.exec(select(PaperLine.month).where(PaperLine.month == month.label).limit(1)).first()
    if used is not None and session.get(PaperMonth, month.label) is None:
        yield Due(Duty.PAPER, month.label, "", at_time(month.end + timedelta(days=2), gate.settings.zone, END_OF_DAY))


def _of_self_check(gate: Gate, session: Session) -> Iterator[Due]:
    """Last month's self-check, which the gateway does by itself on day 1 and must have done by the end of day 3 (R100)."""
    month = month_before(gate, gate.today().strftime("%Y-%m"))
    if lived_through(session, month) and self_check_entry(session, month.label) is None:
        yield Due(Duty.SELF_CHECK, month.label, "", at_time(month.end + timedelta(days=2), gate.settings.zone, END_OF_DAY))


def _of_waste(gate: Gate, session: Session, people: dict[int | None, str]) -> Iterator[Due]:
    for waste in session.exec(select(Waste).where(col(Waste.destroyed_at).is_(None))).all():
        keeper = people.get(waste.kept_by_id or waste.recorded_by_id, "")
        yield Due(Duty.WASTE, waste_no(waste), keeper, waste_due(waste.recorded_at, gate.settings.zone))


def _of_carriers(session: Session, people: dict[int | None, str]) -> Iterator[Due]:
    undistributed = (
        select(Carrier.job_id, func.min(Carrier.carrier_no), func.min(Carrier.custodian_id), func.min(Carrier.since))
        .where(Carrier.state == CarrierState.PRINTED.value)
        .group_by(col(Carrier.job_id))
    )
    for _, carrier_no, custodian_id, since in session.exec(undistributed).all():  # one reminder for all copies of a job
        yield Due(Duty.UNDISTRIBUTED, carrier_no, people.get(custodian_id, ""), since + UNDISTRIBUTED_AFTER)
    lent = select(Carrier).where(col(Carrier.state).in_([state.value for state in _OF_STATE]), col(Carrier.due_at).is_not(None))
    for carrier in session.exec(lent).all():
        if carrier.due_at:
            duty = _OF_STATE[CarrierState(carrier.state)]
            yield Due(duty, carrier.carrier_no, people.get(carrier.custodian_id, ""), carrier.due_at)


def _of_transfers(session: Session, people: dict[int | None, str]) -> Iterator[Due]:
    query = select(CustodyTransfer, Carrier.carrier_no).join(Carrier, col(Carrier.id) == CustodyTransfer.carrier_id)
    for transfer, carrier_no in session.exec(query.where(CustodyTransfer.state == TransferState.OFFERED.value)).all():
        receiver = people.get(transfer.to_id) or people.get(transfer.offered_by_id, "")
        yield Due(Duty.UNSIGNED, carrier_no, receiver, transfer.offered_at + UNSIGNED_AFTER)


def _of_inventory(gate: Gate, session: Session, people: dict[int | None, str]) -> Iterator[Due]:
    """An opened inventory is due when it says; one that nobody opened, from the first day of the quarter's last month."""
    for inventory in session.exec(select(Inventory).where(col(Inventory.second_signed_at).is_(None))).all():
        yield Due(Duty.INVENTORY, inventory.inventory_no, people.get(inventory.responsible_id, ""), inventory.due_at)
    now, zone = gate.clock.now(), gate.settings.zone
    number = quarter_number(quarter_of(now, zone))
    opened = session.exec(select(Inventory.id).where(Inventory.inventory_no == number)).first()
    has_carriers = session.exec(select(Carrier.id).limit(1)).first()
    if opened is None and has_carriers is not None and inventory_opens(now, zone) <= now <= inventory_due(now, zone):
        yield Due(Duty.INVENTORY, number, "", inventory_opens(now, zone))
