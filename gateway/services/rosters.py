"""Importing lists of people, departments and devices: all lines or none, and every faulty line is named (R87)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from gateway.db.tables import Device
from gateway.domain.duties import Act
from gateway.domain.rosters import Cells, Kind
from gateway.domain.vocabulary import Level
from gateway.errors import ForbiddenError, GatewayError, InvalidInputError
from gateway.services.accounts import NewUser, insert_user
from gateway.services.departments import insert_department
from gateway.services.devices import insert_device
from gateway.services.founding import authorise
from gateway.services.gate import Actor, Gate

MOST_FAULTS_TOLD = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the file, by its number in it, as cells by column name."""

    number: int
    cells: dict[str, str]


def import_roster(gate: Gate, actor: Actor | None, kind: Kind, lines: Sequence[Line], *, dry_run: bool = False) -> list[str]:
    """Make everything the lines name, in one transaction; each thing made has its entry in the ledger. Returns what was made.

    Raises InvalidInputError that names every faulty line; then, and in a dry run, nothing was made.
    """
    if not lines:
        raise InvalidInputError("The file has no lines below its heading.", "Fill it in.")
    made: list[str] = []
    with gate.database.writing() as session:
        authorise(session, actor, Act.MANAGE_DEVICES if kind is Kind.DEVICES else Act.MANAGE_PEOPLE)
        faults = _make_all(gate, session, actor, kind, lines, made)
        if faults:
            raise InvalidInputError(_told(faults, len(lines)), "Correct the file; nothing was imported.")
        if dry_run:
            session.rollback()
    return made


def _make_all(gate: Gate, session: Session, actor: Actor | None, kind: Kind, lines: Sequence[Line], made: list[str]) -> list[str]:
    """Each line inside a savepoint of its own, by the same code that makes single ones, so that it meets the same rules."""
    make: dict[Kind, Callable[[Gate, Session, Actor | None, Cells], str]] = {
        Kind.USERS: _user,
        Kind.DEPARTMENTS: _department,
        Kind.DEVICES: _device,
    }
    faults = []
    for line in lines:
        cells = Cells(kind, line.cells)
        try:
            with session.begin_nested():
                made.append(make[kind](gate, session, actor, cells))
        except GatewayError as error:
            faults.append(f"line {line.number}: {error.happened}")
    return faults


def _told(faults: list[str], lines: int) -> str:
    more = [f"and {len(faults) - MOST_FAULTS_TOLD} more lines"] if len(faults) > MOST_FAULTS_TOLD else []
    return "\n".join([f"{len(faults)} of {lines} lines are faulty:", *faults[:MOST_FAULTS_TOLD], *more, ""])


def _whole(cells: Cells) -> None:
    if cells.faults:
        raise InvalidInputError(f"{'; '.join(cells.faults)}.", "Correct the line.")


def _user(gate: Gate, session: Session, actor: Actor | None, cells: Cells) -> str:
    new = NewUser(
        username=cells.text("username"),
        display_name=cells.text("display_name"),
        department=cells.text("department"),
        roles=cells.roles("roles"),
        clearance=cells.level("clearance"),
        undertaking_date=cells.day("undertaking_date"),
        undertaking_until=cells.day("undertaking_until"),
        training_date=cells.day("training_date"),
        unix_user=cells.text("unix_user") or None,
    )
    _whole(cells)
    return insert_user(gate, session, actor, new).username


def _department(gate: Gate, session: Session, actor: Actor | None, cells: Cells) -> str:
    _whole(cells)
    return insert_department(gate, session, actor, cells.text("code"), cells.text("name")).code


def _device(gate: Gate, session: Session, actor: Actor | None, cells: Cells) -> str:
    level = cells.level("max_level") or Level.GONGKAI
    designated = cells.yes("designated")
    _whole(cells)
    if actor is None:
        raise ForbiddenError("Devices are registered by a system administrator.", "Make the accounts first.")
    device = Device(
        code=cells.text("code"),
        name=cells.text("name") or cells.text("code"),
        location=cells.text("location"),
        designated=designated,
        max_level=level.value,
        adapter=cells.text("adapter") or "ipp",
        uri=cells.text("uri"),
        queue=cells.text("queue") or None,
    )
    return insert_device(gate, session, actor, device).code
