"""Corrections of register rows (R56): a new row that says what is wrong and what is right; never an edit, never another count.

What the evidence counts (paper, copies, permits) stays what the ledger's postings make it: a correction is a note beside the row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import PrintRegisterRow, RegisterCorrection, User
from gateway.domain.duties import Act
from gateway.domain.plain_text import one_line
from gateway.domain.register_form import Column, Kind, RegisterForm, needs_second
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.exports import form_of, rows_in
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.months import parse_month
from gateway.services.register_notes import of_register
from gateway.services.registers import print_register

CORRECTED, ACKNOWLEDGED = "register.corrected", "register.acknowledged"
CORRECTION = "correction"
"""The member of an entry that tells of one; the bundle's corrections are folded from it."""
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """Which cell of which row is wrong, what is right, and why. `month`: the one the row stands in; empty the present."""

    register: str
    row: str
    field: str
    value: str
    reason: str
    month: str = ""


@dataclass(frozen=True, slots=True)
class CorrectionView:
    """A correction as UI, API and CLI show it."""

    number: int
    register_name: str
    month: str
    row: str
    field: str
    old: str
    new: str
    reason: str
    made_by: str
    made_at: datetime
    waits: bool
    """For the secrecy office."""
    acknowledged_by: str
    acknowledged_at: datetime | None


def correct_row(gate: Gate, actor: Actor, wish: Wish) -> CorrectionView:
    """Say that a cell is wrong and what is right. Numbers wait for the secrecy office's acknowledgement.

    Raises ForbiddenError, NotFoundError for register or row, InvalidInputError for month, column, value or reason.
    """
    actor.require(Act.KEEP_BOOKS)
    form, month, at = form_of(wish.register), parse_month(gate, wish.month), gate.clock.now()
    column = _column(form, wish.field)
    new, reason = _value(gate, column, wish.value), one_line(wish.reason).strip()[:_LONGEST]
    if not reason:
        raise InvalidInputError("A correction needs its reason.", "Say in a few words what was wrong.")
    row = _row(gate, actor, form, month.label, wish.row)
    if row is None:
        raise NotFoundError(f"{month.label} has no row {wish.row[:40]} in this register.", "Look it up there, and give its month.")
    with gate.database.writing() as session:
        old = _stands(session, form, month.label, wish, str(row[column.key] if row[column.key] is not None else ""))
        if new == old:
            raise InvalidInputError("The row says that already.", "Give what is right.")
        made = RegisterCorrection(
            register_name=form.name,
            month=month.label,
            row=wish.row,
            field=column.key,
            old=old,
            new=new,
            reason=reason,
            salt=new_salt(),
            counts=needs_second(column),
            made_at=at,
            made_by_id=actor.user_id,
        )
        session.add(made)
        session.flush()
        append(session, kind=CORRECTED, at=at, actor=actor.username, subject=wish.row, data={CORRECTION: _told(made, column)})
        return _view(session, made)


def acknowledge_correction(gate: Gate, actor: Actor, number: int) -> CorrectionView:
    """Say for the secrecy office that a correction of a number is right. Raises ForbiddenError, NotFoundError, ConflictError."""
    actor.require(Act.ACKNOWLEDGE_CORRECTIONS)
    with gate.database.writing() as session:
        made = session.get(RegisterCorrection, number)
        if made is None:
            raise NotFoundError(f"There is no correction {number}.", "See `imprimatur register corrections`.")
        if not made.counts or made.acknowledged_at is not None:
            raise ConflictError(f"Correction {number} waits for nobody.", "Nothing is to do.")
        made.acknowledged_at, made.acknowledged_by_id = gate.clock.now(), actor.user_id
        session.add(made)
        data = {CORRECTION: {"no": number, "acknowledged": True}}
        append(session, kind=ACKNOWLEDGED, at=made.acknowledged_at, actor=actor.username, subject=made.row, data=data)
        return _view(session, made)


def list_corrections(gate: Gate, actor: Actor, *, waiting: bool = False, limit: int = 200) -> Sequence[CorrectionView]:
    """Newest first; with `waiting` only those the secrecy office has to see. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    query = select(RegisterCorrection).order_by(col(RegisterCorrection.id).desc()).limit(limit)
    if waiting:
        query = query.where(col(RegisterCorrection.counts).is_(True), col(RegisterCorrection.acknowledged_at).is_(None))
    with gate.database.reading() as session:
        return [_view(session, made) for made in session.exec(query).all()]


def _row(gate: Gate, actor: Actor, form: RegisterForm, month: str, number: str) -> dict[str, object] | None:
    """The row as the register has it; the print register, the long one, is asked for it alone."""
    if form.name == "print":
        return next(iter(print_register(gate, actor, month, wanted=col(PrintRegisterRow.job_no) == number)), None)
    with gate.database.reading() as session:
        return next((one for one in rows_in(gate, session, actor, form.name, month) if form.row_no(one) == number), None)


def _column(form: RegisterForm, field: str) -> Column:
    found = next((column for column in form.correctable if column.key == field), None)
    if not form.key:
        raise InvalidInputError("Paper is corrected beside the month's table.", "Enter the difference under paper statistics.")
    if found is None:
        raise InvalidInputError("This column is not corrected.", "Choose a column that does not name the row.")
    return found


def _value(gate: Gate, column: Column, text: str) -> str:
    """As the register writes it: digits, local time to the second, one line of text."""
    value = one_line(text).strip()
    if len(value) > _LONGEST:
        raise InvalidInputError("A correction has at most 200 characters.", "Make it shorter.")
    if column.kind is Kind.NUMBER and not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise InvalidInputError("This column holds a whole number.", "Write digits only.")
    if column.kind is Kind.TIME and value:
        try:
            return datetime.fromisoformat(value).astimezone(gate.settings.zone).isoformat(timespec="seconds")
        except (ValueError, OverflowError) as error:
            raise InvalidInputError("This column holds a time.", "Write it as 2026-03-12T17:30+08:00.") from error
    return str(int(value)) if column.kind is Kind.NUMBER else value


def _stands(session: Session, form: RegisterForm, month: str, wish: Wish, written: str) -> str:
    """What counts now: the last correction of the cell, or what the row says."""
    told = RegisterCorrection
    query = select(told.new).where(of_register(form.name), told.month == month, told.row == wish.row, told.field == wish.field)
    last = session.exec(query.order_by(col(told.id).desc()).limit(1)).first()
    return written if last is None else last


def _told(made: RegisterCorrection, column: Column) -> dict[str, object]:
    """For the ledger: numbers, times and codes as they are; text, which may be a title or a name, as commitments (I12)."""
    plain = column.kind is not Kind.TEXT or bool(column.words)
    old, new = (value if plain else commitment(made.salt, value) for value in (made.old, made.new))
    where = {"no": made.id, "register": made.register_name, "month": made.month, "row": made.row, "field": made.field}
    return {**where, "old": old, "new": new, "plain": plain, "reason": commitment(made.salt, made.reason)}


def _view(session: Session, made: RegisterCorrection) -> CorrectionView:
    by = session.get_one(User, made.acknowledged_by_id).username if made.acknowledged_by_id else ""
    return CorrectionView(
        number=made.id or 0,
        register_name=made.register_name,
        month=made.month,
        row=made.row,
        field=made.field,
        old=made.old,
        new=made.new,
        reason=made.reason,
        made_by=session.get_one(User, made.made_by_id).username,
        made_at=made.made_at,
        waits=made.counts and made.acknowledged_at is None,
        acknowledged_by=by,
        acknowledged_at=made.acknowledged_at,
    )
