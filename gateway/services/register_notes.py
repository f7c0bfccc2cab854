"""Corrections beside the rows they are about, for whoever reads a register (R56)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from gateway.db.tables import RegisterCorrection, User
from gateway.domain.register_form import CORRECTIONS, RegisterForm
from gateway.services.gate import Gate

Row = dict[str, object]
_PRINT_AND_COPY = ("print", "copy")
"""The copy register has rows of the print register."""


def of_register(name: str) -> ColumnElement[bool]:
    """Corrections of a register's rows, in whichever register somebody saw them."""
    return col(RegisterCorrection.register_name).in_(_PRINT_AND_COPY if name in _PRINT_AND_COPY else (name,))


def with_corrections(gate: Gate, session: Session, form: RegisterForm, month: str, rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, each with what was said of it since, oldest first; the rows themselves are as they were."""
    if not form.key:
        yield from rows
        return
    notes = _notes(gate, session, form.name, month)
    for row in rows:
        yield {**row, CORRECTIONS.key: notes.get(form.row_no(row), [])}


def _notes(gate: Gate, session: Session, register: str, month: str) -> dict[str, list[Row]]:
    told = RegisterCorrection
    query = select(told, User.display_name).join(User, col(told.made_by_id) == User.id).where(told.month == month)
    found: dict[str, list[Row]] = {}
    for one, name in session.exec(query.where(of_register(register)).order_by(col(told.id))).all():
        note: Row = {"number": one.id, "field": one.field, "old": one.old, "new": one.new, "reason": one.reason, "by": name}
        note["at"] = one.made_at.astimezone(gate.settings.zone).isoformat(timespec="seconds")
        note["waits"] = one.counts and one.acknowledged_at is None
        found.setdefault(one.row, []).append(note)
    return found


def is_in_corrections(session: Session, form: RegisterForm, month: str, wish: str) -> bool:
    """Whether a correction of the month's rows speaks of it."""
    told = RegisterCorrection
    says = or_(*(col(column).contains(wish, autoescape=True) for column in (told.old, told.new, told.reason)))
    return session.exec(select(told.id).where(of_register(form.name), told.month == month, says).limit(1)).first() is not None
