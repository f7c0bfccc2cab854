"""The quarterly inventory 清查 and what is missing: snapshot, count, incident with its 24-hour clock, two signatures (R60, R61; SC-31)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, CustodyTransfer, Incident, Inventory, InventoryLine, User
from gateway.domain.carriers import LIVING, MOVES
from gateway.domain.codes import Code, Reason
from gateway.domain.deadlines import REPORT_WITHIN, inventory_due, quarter_of
from gateway.domain.duties import Act
from gateway.domain.inventories import may_be_found, quarter_number
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Found, TransferState
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import find_carrier, move_carriers, next_number, refusals_told
from gateway.services.custody import drop_passing
from gateway.services.gate import Actor, Gate

INCIDENT_SERIES = "SJ"


@dataclass(frozen=True, slots=True)
class CountLine:
    """One carrier of the snapshot; `found` is None while nobody has counted it."""

    carrier_no: str
    state: CarrierState
    custodian: str
    found: Found | None
    incident_no: str


@dataclass(frozen=True, slots=True)
class InventoryView:
    """An inventory with its sums: lines = present + out + returned + missing + open."""

    inventory_no: str
    snapshot_at: datetime
    due_at: datetime
    responsible: str
    signed_by: tuple[str, ...]
    signed_at: datetime | None
    lines: tuple[CountLine, ...]

    def count(self, found: Found | None) -> int:
        """How many lines were found so; None: still to be counted."""
        return sum(line.found is found for line in self.lines)


@dataclass(frozen=True, slots=True)
class IncidentView:
    """Something is missing, and until when it must be reported."""

    incident_no: str
    carrier_no: str
    last_holder: str
    opened_at: datetime
    report_due_at: datetime
    reported_at: datetime | None
    found_at: datetime | None
    found_reason: str


def open_inventory(gate: Gate, actor: Actor, due_at: datetime | None = None) -> InventoryView:
    """Begin this quarter's inventory: every living carrier of this moment becomes a line (R60). One a quarter."""
    actor.require(Act.KEEP_CARRIERS)
    now, zone = gate.clock.now(), gate.settings.zone
    due = due_at or inventory_due(now, zone)
    if due.tzinfo is None or due <= now:
        raise InvalidInputError("An inventory is due at a later time.", "Write it like 2026-03-31T17:30+08:00.")
    number = quarter_number(quarter_of(now, zone))
    with refusals_told(gate, actor, "open_inventory", number), gate.database.writing() as session:
        if session.exec(select(Inventory).where(Inventory.inventory_no == number)).first():
            raise ConflictError(f"The inventory {number} was opened already.", "Go on counting there.")
        inventory = Inventory(inventory_no=number, snapshot_at=now, due_at=due, responsible_id=actor.user_id)
        session.add(inventory)
        session.flush()
        states = sorted(state.value for state in LIVING)
        lines = 0
        for carrier in session.exec(select(Carrier).where(col(Carrier.state).in_(states)).order_by(col(Carrier.id))).all():
            missing = Found.MISSING.value if carrier.state == CarrierState.MISSING.value else None
            session.add(
                InventoryLine(
                    inventory_id=inventory.id or 0,
                    carrier_id=carrier.id or 0,
                    state=carrier.state,
                    custodian_id=carrier.custodian_id,
                    found=missing,
                )
            )
            lines += 1
        append(session, kind="inventory.opened", at=now, actor=actor.username, subject=number, data={"lines": lines})
        return _view(session, inventory)


def count_carriers(gate: Gate, actor: Actor, number: str, names: Sequence[str], found: Found) -> InventoryView:
    """Say what was found of carriers of the snapshot. 缺失 opens an incident for each at once (R61).

    Raises ConflictError when what was found cannot be (present, though carried out), or the inventory is signed.
    """
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "count_carriers", number), gate.database.writing() as session:
        inventory = _open_by_number(session, number)
        now = gate.clock.now()
        counted: list[Carrier] = []
        incidents: list[str] = []
        missed: dict[str, Any] = {}
        for name in dict.fromkeys(names):
            carrier = find_carrier(gate, session, name)
            line = session.get(InventoryLine, (inventory.id, carrier.id))
            if line is None:
                raise NotFoundError(f"Carrier {carrier.carrier_no} is not in the snapshot of {number}.", "It was made later, or closed.")
            if not may_be_found(CarrierState(carrier.state), found):
                raise ConflictError(
                    f"Carrier {carrier.carrier_no} is {carrier.state}; it cannot be {found.value}.", "Look where it should be."
                )
            line.found, line.found_by_id, line.found_at = found.value, actor.user_id, now
            session.add(line)
            counted.append(carrier)
        if found is Found.MISSING:
            gone = [carrier for carrier in counted if carrier.state != CarrierState.MISSING.value]
            incidents, missed = _lose(gate, session, actor, gone, inventory) if gone else ([], {})
        data = {"found": found.value, "numbers": [carrier.carrier_no for carrier in counted], "incidents": incidents, **missed}
        append(session, kind="inventory.counted", at=now, actor=actor.username, subject=inventory.inventory_no, data=data)
        return _view(session, inventory)


def _lose(
    gate: Gate, session: Session, actor: Actor, carriers: Sequence[Carrier], inventory: Inventory | None
) -> tuple[list[str], dict[str, Any]]:
    """An incident for each carrier; an open offer of it is void. The last custodian stays written on it."""
    now = gate.clock.now()
    numbers = next_number(session, INCIDENT_SERIES, gate.today().year, count=len(carriers))
    for number, carrier in zip(numbers, carriers, strict=True):
        if carrier.transfer_id is not None:
            passing = session.get_one(CustodyTransfer, carrier.transfer_id)
            drop_passing(session, carrier, passing, TransferState.WITHDRAWN, actor, now)
        session.add(
            Incident(
                incident_no=number,
                carrier_id=carrier.id or 0,
                inventory_id=inventory.id if inventory else None,
                last_holder_id=carrier.custodian_id,
                opened_by_id=actor.user_id,
                opened_at=now,
                report_due_at=now + REPORT_WITHIN,
            )
        )
    return numbers, move_carriers(session, carriers, CarrierVerb.MISS, now)


def miss_carrier(gate: Gate, actor: Actor, name: str) -> IncidentView:
    """A clerk misses a carrier outside any inventory: the incident is opened at once (R61)."""
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "miss", name), gate.database.writing() as session:
        carrier = find_carrier(gate, session, name)
        (number,), missed = _lose(gate, session, actor, [carrier], None)
        data = {"incident": number, **missed}
        tag = MOVES[CarrierVerb.MISS].tag
        append(session, kind=tag, at=gate.clock.now(), actor=actor.username, subject=carrier.carrier_no, data=data)
        return _incident(session, _open_incident(session, carrier))


def find_missing(gate: Gate, actor: Actor, name: str, reason: str) -> IncidentView:
    """A missing carrier is found: it is in the finder's custody again; its incident stays, with the reason (SC-31)."""
    actor.require(Act.KEEP_CARRIERS)
    if not reason.strip():
        raise InvalidInputError("Say where it was.", "Write it in a few words.")
    with refusals_told(gate, actor, "find", name), gate.database.writing() as session:
        carrier = find_carrier(gate, session, name)
        now = gate.clock.now()
        found = move_carriers(session, [carrier], CarrierVerb.FIND, now, custodian_id=actor.user_id, department_id=None, location="")
        incident = _open_incident(session, carrier)
        incident.found_at, incident.found_reason = now, reason.strip()[:200]
        session.add(incident)
        data = {"incident": incident.incident_no, **found}
        append(session, kind=MOVES[CarrierVerb.FIND].tag, at=now, actor=actor.username, subject=carrier.carrier_no, data=data)
        return _incident(session, incident)


def report_incident(gate: Gate, actor: Actor, number: str) -> IncidentView:
    """The incident was reported to those above (条例 art. 61); its clock stops."""
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "report_incident", number), gate.database.writing() as session:
        incident = session.exec(select(Incident).where(Incident.incident_no == number.strip().upper())).first()
        if incident is None:
            raise NotFoundError(f"There is no incident {number.strip()[:20]}.", "See `imprimatur carrier incidents`.")
        if incident.reported_at is not None:
            raise ConflictError(f"The incident {incident.incident_no} was reported.", "There is nothing more to report.")
        now = gate.clock.now()
        incident.reported_at = now
        session.add(incident)
        append(session, kind="incident.reported", at=now, actor=actor.username, subject=incident.incident_no, data={})
        return _incident(session, incident)


def sign_inventory(gate: Gate, actor: Actor, number: str) -> InventoryView:
    """Sign an inventory that is counted to its last line, with an incident for everything missing; two people sign (R61).

    Raises RefusedError E_INVENTORY while a line is open or the same person signs twice.
    """
    actor.require(Act.KEEP_CARRIERS)
    with refusals_told(gate, actor, "sign_inventory", number), gate.database.writing() as session:
        inventory = _open_by_number(session, number)
        shown = _view(session, inventory)
        if uncounted := shown.count(None):
            raise RefusedError([Reason(Code.E_INVENTORY, f"{uncounted} to count")])
        if without := [line.carrier_no for line in shown.lines if line.found is Found.MISSING and not line.incident_no]:
            raise RefusedError([Reason(Code.E_INVENTORY, f"no incident: {', '.join(without)}")])
        if inventory.first_signed_by_id == actor.user_id:
            raise RefusedError([Reason(Code.E_INVENTORY, f"{actor.username} has signed")])
        now = gate.clock.now()
        which = "first" if inventory.first_signed_by_id is None else "second"
        signed = session.execute(
            update(Inventory)
            .where(col(Inventory.id) == inventory.id, getattr(Inventory, f"{which}_signed_by_id").is_(None))
            .values({f"{which}_signed_by_id": actor.user_id, f"{which}_signed_at": now})
        )
        if signed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"The inventory {number} has just been signed.", "Look at it again.")
        session.refresh(inventory)
        sums = {found.value: shown.count(found) for found in Found}
        data = {"signature": which, "lines": len(shown.lines), **sums}
        append(session, kind="inventory.signed", at=now, actor=actor.username, subject=inventory.inventory_no, data=data)
        return _view(session, inventory)


def show_inventory(gate: Gate, actor: Actor, number: str) -> InventoryView:
    """One inventory with its lines; an empty number: the newest. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        return _view(session, _by_number(session, number))


def inventory_numbers(gate: Gate, actor: Actor) -> list[str]:
    """Numbers of all inventories, newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        return list(session.exec(select(Inventory.inventory_no).order_by(col(Inventory.id).desc())).all())


def list_incidents(gate: Gate, actor: Actor, limit: int = 100) -> list[IncidentView]:
    """Incidents, newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    with gate.database.reading() as session:
        query = select(Incident).order_by(col(Incident.id).desc()).limit(limit)
        return [_incident(session, incident) for incident in session.exec(query).all()]


def _by_number(session: Session, number: str) -> Inventory:
    query = select(Inventory).order_by(col(Inventory.id).desc())
    if number.strip():
        query = query.where(Inventory.inventory_no == number.strip().upper())
    inventory = session.exec(query).first()
    if inventory is None:
        raise NotFoundError(f"There is no inventory {number.strip()[:20]}.", "Open this quarter's.")
    return inventory


def _open_by_number(session: Session, number: str) -> Inventory:
    inventory = _by_number(session, number)
    if inventory.second_signed_by_id is not None:
        raise ConflictError(f"The inventory {inventory.inventory_no} is signed by two.", "It is closed.")
    return inventory


def _open_incident(session: Session, carrier: Carrier) -> Incident:
    session.flush()
    query = select(Incident).where(Incident.carrier_id == carrier.id, col(Incident.found_at).is_(None)).order_by(col(Incident.id).desc())
    return session.exec(query).one()


def _incident(session: Session, incident: Incident) -> IncidentView:
    holder = session.get(User, incident.last_holder_id) if incident.last_holder_id else None
    return IncidentView(
        incident.incident_no,
        session.get_one(Carrier, incident.carrier_id).carrier_no,
        holder.display_name if holder else "",
        incident.opened_at,
        incident.report_due_at,
        incident.reported_at,
        incident.found_at,
        incident.found_reason,
    )


def _view(session: Session, inventory: Inventory) -> InventoryView:
    session.flush()
    people = {user.id: user.display_name for user in session.exec(select(User)).all()}
    incidents: dict[int, str] = {}
    for incident in session.exec(select(Incident).order_by(col(Incident.id))).all():
        if incident.inventory_id == inventory.id or incident.found_at is None or incident.found_at > inventory.snapshot_at:
            incidents[incident.carrier_id] = incident.incident_no
    rows = session.exec(
        select(InventoryLine, Carrier.carrier_no)
        .join(Carrier, col(InventoryLine.carrier_id) == Carrier.id)
        .where(InventoryLine.inventory_id == inventory.id)
        .order_by(col(Carrier.id))
    ).all()
    lines = tuple(
        CountLine(
            carrier_no,
            CarrierState(line.state),
            people.get(line.custodian_id, ""),
            Found(line.found) if line.found else None,
            incidents.get(line.carrier_id, ""),
        )
        for line, carrier_no in rows
    )
    signers = [inventory.first_signed_by_id, inventory.second_signed_by_id]
    return InventoryView(
        inventory.inventory_no,
        inventory.snapshot_at,
        inventory.due_at,
        people[inventory.responsible_id],
        tuple(people[signer] for signer in signers if signer),
        inventory.second_signed_at,
        lines,
    )
