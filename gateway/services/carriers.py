"""Carriers 载体: made with each good copy, found by any of their names, moved by guarded update (R25, R51-R55, R64, R67)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Copy, CopySession, CustodyTransfer, Department, Job, NumberSeries, Permit, User
from gateway.domain.carriers import (
    IN_THE_ROOM,
    MOVES,
    becomes_carrier,
    format_number,
    may_move,
    read_carrier_number,
    read_copy_name,
    target_of,
)
from gateway.domain.duties import Act
from gateway.domain.paper_codes import read_copy_code
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Level, PermitKind
from gateway.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.permit_views import permit_by_number

CARRIER_SERIES = "ZT"
_OUR_NUMBERS = re.compile(r"^[A-Z]{2,3}-\d{4}[A-Z0-9-]*(?: \d{1,6})?$")


def next_number(session: Session, series: str, year: int, digits: int = 4, *, count: int = 1) -> list[str]:
    """The next numbers of a series; the update of its row makes two writers queue (never reused, gap-free)."""
    if session.get(NumberSeries, (series, year)) is None:
        session.add(NumberSeries(series=series, year=year))
        session.flush()
    mine = (col(NumberSeries.series) == series) & (col(NumberSeries.year) == year)
    session.execute(update(NumberSeries).where(mine).values(last_serial=NumberSeries.last_serial + count))
    last = session.get_one(NumberSeries, (series, year), populate_existing=True).last_serial
    return [format_number(series, year, serial, digits) for serial in range(last - count + 1, last + 1)]


def make_carriers(gate: Gate, session: Session, job: Job, permit: Permit, copies: Sequence[Copy]) -> dict[str, Any]:
    """A carrier for each copy that has just become good, in that transaction; what the entry is to tell of them (R25).

    The operator who released has them in hand. Everyday and public paper becomes no carrier (SC-03).
    """
    if not copies or not becomes_carrier(PermitKind(permit.kind), Level(permit.level)):
        return {}
    now = gate.clock.now()
    ordered = sorted(copies, key=lambda copy: copy.number)
    numbers = next_number(session, CARRIER_SERIES, gate.today().year, 6, count=len(ordered))
    copied_from = session.get(CopySession, job.id)
    parent = session.get(Carrier, copied_from.parent_id) if copied_from and copied_from.parent_id else None
    for number, copy in zip(numbers, ordered, strict=True):
        session.add(
            Carrier(
                carrier_no=number,
                permit_id=permit.id or 0,
                copy_id=copy.id or 0,
                job_id=job.id or 0,
                copy_number=copy.number,
                parent_id=parent.id if parent else None,
                level=permit.level,
                term=permit.term,
                state=CarrierState.PRINTED.value,
                custodian_id=job.operator_id,
                since=now,
                made_at=now,
            )
        )
    session.flush()
    operator = session.get(User, job.operator_id) if job.operator_id else None
    said = {
        "permit": permit.permit_no,
        "level": permit.level,
        "term": permit.term,
        "state": CarrierState.PRINTED.value,
        "custodian": operator.username if operator else "",
        **({"parent": parent.carrier_no} if parent else {}),
    }
    return {"carriers": {"numbers": numbers, "copies": [copy.number for copy in ordered], "set": said}}


def find_carrier(gate: Gate, session: Session, name: str) -> Carrier:
    """The carrier a person named: its number, the text of a copy's QR code, or permit and 份号. Raises NotFoundError.

    A copy that was spoiled and printed again is found as the one that lives.
    """
    carrier = None
    if number := read_carrier_number(name):
        carrier = session.exec(select(Carrier).where(Carrier.carrier_no == number)).first()
    elif copy_id := _copy_named(gate, session, name):
        newest_first = select(Carrier).where(Carrier.copy_id == copy_id).order_by(col(Carrier.id).desc())
        carrier = session.exec(newest_first).first()
    if carrier is None:
        raise NotFoundError(f"There is no carrier {name.strip()[:60]}.", "Scan its code, or type its number or permit and copy number.")
    return carrier


def _copy_named(gate: Gate, session: Session, name: str) -> int | None:
    if written := read_copy_name(name):
        permit = permit_by_number(session, written[0])
        return session.exec(select(Copy.id).where(Copy.permit_id == permit.id, Copy.number == written[1])).first()
    code_id = read_copy_code(gate.code_key, name)
    return session.exec(select(Copy.id).where(Copy.code_id == code_id)).first() if code_id else None


def may_see_carrier(session: Session, actor: Actor, carrier: Carrier) -> bool:
    """The room, readers of the books, its custodian, who had the paper made, and who is offered it may know of a carrier."""
    if actor.may(Act.SEE_BOOKS) or carrier.custodian_id == actor.user_id:
        return True
    offer = session.get(CustodyTransfer, carrier.transfer_id) if carrier.transfer_id else None
    return (offer is not None and offer.to_id == actor.user_id) or session.get_one(Permit, carrier.permit_id).requester_id == actor.user_id


def visible_carrier(gate: Gate, session: Session, actor: Actor, name: str) -> Carrier:
    """The carrier, if the actor may know of it. Raises NotFoundError."""
    carrier = find_carrier(gate, session, name)
    if not may_see_carrier(session, actor, carrier):
        raise NotFoundError(f"There is no carrier {name.strip()[:60]}.", "Scan its code, or type its number or permit and copy number.")
    return carrier


def expect_clerk_or_holder(actor: Actor, carrier: Carrier) -> None:
    """In the room any clerk may act on a carrier; outside only who holds it. Raises ForbiddenError (R53)."""
    in_room = CarrierState(carrier.state) in IN_THE_ROOM
    if (in_room and actor.may(Act.KEEP_CARRIERS)) or (not in_room and carrier.custodian_id == actor.user_id):
        return
    raise ForbiddenError("Only who has this carrier may pass it on.", "Ask its custodian, or the operator of the room.")


def move_carriers(
    session: Session, carriers: Sequence[Carrier], verb: CarrierVerb, at: datetime, *, signed: bool = False, **values: Any
) -> dict[str, Any]:
    """Move carriers along the table by guarded update, every one or none; what the entry is to tell of it (R67, I2).

    `values` are columns set besides, alike for all; `signed` says that this ends the offer each of them is in. Raises ConflictError
    where the table has no such move, an open offer stands against it, or somebody else was faster.
    """
    for carrier in carriers:
        before = CarrierState(carrier.state)
        if not may_move(before, verb):
            raise ConflictError(f"Carrier {carrier.carrier_no} is {before.value}; {verb.value} is not possible.", "Look at it again.")
        if (carrier.transfer_id is not None) is not signed:
            raise ConflictError(f"Carrier {carrier.carrier_no} is being handed over.", "Let it be signed for, or withdraw the offer.")
        moved = session.execute(
            update(Carrier)
            .where(
                col(Carrier.id) == carrier.id,
                col(Carrier.state) == before.value,
                col(Carrier.transfer_id).is_not_distinct_from(carrier.transfer_id),
            )
            .values(**{"due_at": None, **values, "state": target_of(before, verb).value, "since": at, "transfer_id": None})
        )
        if moved.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"Carrier {carrier.carrier_no} has just moved on.", "Look at it again.")
        session.refresh(carrier)
    return _told(session, carriers, verb, values)


def _told(session: Session, carriers: Sequence[Carrier], verb: CarrierVerb, values: Mapping[str, Any]) -> dict[str, Any]:
    to = MOVES[verb].to
    said: dict[str, Any] = {"state": to.value} if to else {}
    if "custodian_id" in values:
        said["custodian"] = session.get_one(User, values["custodian_id"]).username
    if "department_id" in values:
        department = session.get(Department, values["department_id"]) if values["department_id"] else None
        said["department"] = department.code if department else ""
    return {"carriers": {"numbers": [carrier.carrier_no for carrier in carriers], "set": said}}


@contextmanager
def refusals_told(gate: Gate, actor: Actor, act: str, subject: str) -> Iterator[None]:
    """An act the rules or the table of moves refuse leaves an entry of its own, after the act's transaction was undone (R67, I11)."""
    try:
        yield
    except (ConflictError, RefusedError) as error:
        codes = [reason.to_json() for reason in error.reasons] if isinstance(error, RefusedError) else [{"code": error.code, "detail": ""}]
        named = subject.strip() if _OUR_NUMBERS.match(subject.strip()) else ""  # what a person typed may be anything, a title too
        with gate.database.writing() as session:
            data = {"act": act, "reasons": codes}
            append(session, kind="carrier.refused", at=gate.clock.now(), actor=actor.username, subject=named, data=data)
        raise
