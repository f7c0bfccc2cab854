"""The rows of the registers about waste, destruction, carriers and their custody, hand-overs (docs/forms.md F6, F7, F9, F10)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import or_
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from gateway.db.tables import (
    Carrier,
    CarryOut,
    CarryOutEscort,
    CarryOutItem,
    Copy,
    CustodyTransfer,
    DestructionList,
    Handover,
    HandoverItem,
    Incident,
    Inventory,
    InventoryLine,
    Job,
    Permit,
    Waste,
)
from gateway.domain.carriers import format_waste_number
from gateway.domain.vocabulary import CarrierVerb, Level
from gateway.services import destruction_views
from gateway.services.months import during
from gateway.services.register_reading import Reading
from gateway.services.waste import lists_of_waste

Row = dict[str, object]


def waste_rows(reading: Reading) -> Iterator[Row]:
    """Waste of the month, each row with the list that ends it."""
    query = (
        select(Waste, Job, Copy, Permit)
        .join(Copy, col(Waste.copy_id) == Copy.id)
        .join(Job, col(Waste.job_id) == Job.id)
        .join(Permit, col(Copy.permit_id) == Permit.id)
        .where(during(Waste.recorded_at, reading.month))
        .order_by(col(Waste.id))
    )
    found = reading.session.exec(query).all()
    lists = lists_of_waste(reading.session, [waste.id or 0 for waste, *_ in found])
    for waste, job, copy, permit in found:
        yield {
            "waste_no": format_waste_number(waste.id or 0),
            "recorded_at": reading.local(waste.recorded_at),
            "job": job.job_no,
            **reading.of_permit(permit, copy.number),
            "sheets": waste.sheets,
            "reason": waste.reason,
            "withdrawn_from": waste.withdrawn_from,
            "kept_in": waste.kept_in,
            "recorded_by": reading.person(waste.recorded_by_id),
            "list_no": lists.get(waste.id or 0, ""),
            "destroyed_at": reading.local(waste.destroyed_at),
        }


def destruction_rows(reading: Reading) -> Iterator[Row]:
    """The items of the lists that were drawn up in the month."""
    query = select(DestructionList).where(during(DestructionList.made_at, reading.month)).order_by(col(DestructionList.id))
    for made in reading.session.exec(query).all():
        shown = destruction_views.view(reading.session, reading.actor, made)
        for line in shown.lines:
            yield {
                "list_no": shown.list_no,
                "line_no": line.line_no,
                "item": line.item,
                "title": line.title,
                "doc_no": reading.doc_no(line.permit_no),
                "mark": line.mark,
                "copy_number": f"{line.copy_number:06d}",
                "sheets": line.sheets,
                "formed_at": reading.local(line.formed_at),
                "made_by": shown.made_by,
                "reason": shown.reason,
                "approver": shown.approver,
                "decided_at": reading.local(shown.decided_at),
                "method": shown.method.value if shown.method else "",
                "place": shown.place,
                "unit": shown.unit,
                "receipt_no": shown.receipt_no,
                "witnesses": " ".join(shown.witnesses),
                "destroyed_by": shown.destroyed_by,
                "destroyed_at": reading.local(shown.destroyed_at),
                "status": shown.state.value,
            }


def carrier_rows(reading: Reading) -> Iterator[Row]:
    """Carriers that came into being in the month, as they stand now."""
    own = (Carrier.carrier_no, Permit.permit_no, Permit.doc_no, Permit.title, Carrier.location)
    original = aliased(Carrier)
    parents = select(original.id).where(reading.named(original.carrier_no))
    query = (
        select(Carrier, Permit, Job)
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .join(Job, col(Carrier.job_id) == Job.id)
        .where(during(Carrier.made_at, reading.month), or_(reading.named(*own), col(Carrier.parent_id).in_(parents)))
        .order_by(col(Carrier.id))
    )
    for carrier, permit, job in reading.session.exec(query):
        parent = reading.session.get(Carrier, carrier.parent_id) if carrier.parent_id else None
        yield {
            "carrier_no": carrier.carrier_no,
            "doc_no": permit.doc_no,
            **reading.of_permit(permit, carrier.copy_number),
            "job": job.job_no,
            "parent": parent.carrier_no if parent else "",
            "made_at": reading.local(carrier.made_at),
            "custodian": reading.person(carrier.custodian_id),
            "department": reading.department(carrier.department_id),
            "location": carrier.location,
            "status": carrier.state,
            "since": reading.local(carrier.since),
        }


def custody_rows(reading: Reading) -> Iterator[Row]:
    """What was offered from hand to hand in the month, and who signed for it."""
    own = (Carrier.carrier_no, Permit.permit_no, Permit.title, CustodyTransfer.place, CustodyTransfer.reason)
    query = (
        select(CustodyTransfer, Carrier, Permit)
        .join(Carrier, col(CustodyTransfer.carrier_id) == Carrier.id)
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .where(during(CustodyTransfer.offered_at, reading.month), reading.named(*own))
        .order_by(col(CustodyTransfer.id))
    )
    for transfer, carrier, permit in reading.session.exec(query):
        yield {
            "carrier_no": carrier.carrier_no,
            **reading.of_permit(permit, carrier.copy_number),
            "verb": transfer.verb,
            "given_by": reading.person(transfer.from_id or transfer.offered_by_id),
            "taken_by": reading.person(transfer.to_id) or transfer.place,
            "department": reading.department(transfer.department_id),
            "delivery": transfer.delivery if transfer.verb == CarrierVerb.ISSUE.value else "",
            "offered_at": reading.local(transfer.offered_at),
            "due_at": reading.local(transfer.due_at),
            "signed_by": reading.person(transfer.signed_by_id),
            "signed_at": reading.local(transfer.signed_at),
            "status": transfer.state,
            "reason": transfer.reason,
        }


def inventory_rows(reading: Reading) -> Iterator[Row]:
    """The lines of the inventories opened in the month."""
    query = (
        select(Inventory, InventoryLine, Carrier, Permit)
        .join(InventoryLine, col(InventoryLine.inventory_id) == Inventory.id)
        .join(Carrier, col(InventoryLine.carrier_id) == Carrier.id)
        .join(Permit, col(Carrier.permit_id) == Permit.id)
        .where(during(Inventory.snapshot_at, reading.month))
        .order_by(col(Inventory.id), col(Carrier.id))
    )
    found = reading.session.exec(query).all()
    counted = {inventory.id for inventory, *_ in found}
    incidents = reading.session.exec(select(Incident).where(col(Incident.inventory_id).in_(counted))).all()
    told: dict[tuple[int | None, int | None], str] = {(one.inventory_id, one.carrier_id): one.incident_no for one in incidents}
    for inventory, line, carrier, permit in found:
        signed = [reading.person(who) for who in (inventory.first_signed_by_id, inventory.second_signed_by_id)]
        yield {
            "inventory_no": inventory.inventory_no,
            "carrier_no": carrier.carrier_no,
            **reading.of_permit(permit, carrier.copy_number),
            "state": line.state,
            "custodian": reading.person(line.custodian_id),
            "found": line.found or "",
            "found_by": reading.person(line.found_by_id),
            "found_at": reading.local(line.found_at),
            "incident_no": told.get((inventory.id, carrier.id), ""),
            "signed_by": " ".join(name for name in signed if name),
        }


def carry_out_rows(reading: Reading) -> Iterator[Row]:
    """What was asked for in the month to be carried out."""
    query = select(CarryOut).where(during(CarryOut.requested_at, reading.month)).order_by(col(CarryOut.id))
    for out in reading.session.exec(query).all():
        items = select(Carrier).join(CarryOutItem, col(CarryOutItem.carrier_id) == Carrier.id).where(CarryOutItem.carry_out_id == out.id)
        carriers = reading.session.exec(items.order_by(col(Carrier.id))).all()
        escorts = reading.session.exec(select(CarryOutEscort.user_id).where(CarryOutEscort.carry_out_id == out.id)).all()
        yield {
            "carry_out_no": out.carry_out_no,
            "requester": reading.person(out.requester_id),
            "department": reading.department_of(out.requester_id),
            "carriers": " ".join(carrier.carrier_no for carrier in carriers),
            "max_level": max((Level(carrier.level) for carrier in carriers), key=lambda level: level.rank).value if carriers else "",
            "purpose": out.purpose,
            "destination": out.destination,
            "abroad": out.abroad_approval if out.abroad else "",
            "escorts": " ".join(reading.person(who) for who in escorts),
            "requested_at": reading.local(out.requested_at),
            "approver": reading.person(out.approver_id),
            "decided_at": reading.local(out.decided_at),
            "left_at": reading.local(out.left_at),
            "due_back": reading.local(out.due_back),
            "back_at": reading.local(out.back_at),
            "status": out.state,
        }


def handover_rows(reading: Reading) -> Iterator[Row]:
    """Hand-overs opened in the month, and what passed."""
    query = select(Handover).where(during(Handover.opened_at, reading.month)).order_by(col(Handover.id))
    for made in reading.session.exec(query).all():
        items = select(HandoverItem.subject).where(HandoverItem.handover_id == made.id)
        subjects = reading.session.exec(items.order_by(HandoverItem.kind, HandoverItem.subject)).all()
        yield {
            "handover_no": made.handover_no,
            "leaver": reading.person(made.leaver_id),
            "successor": reading.person(made.successor_id),
            "supervisor": reading.person(made.supervisor_id),
            "reason": made.reason,
            "opened_at": reading.local(made.opened_at),
            "count": len(subjects),
            "items": " ".join(subjects),
            "leaver_signed_at": reading.local(made.leaver_signed_at),
            "successor_signed_at": reading.local(made.successor_signed_at),
            "supervisor_signed_at": reading.local(made.supervisor_signed_at),
            "completed_at": reading.local(made.completed_at),
        }
