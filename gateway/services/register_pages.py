"""A page of any register, with what somebody looks for in it (issue 6: search; long lists by keyset)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlmodel import col, select

from gateway.db.tables import Department, Job, Permit, PrintRegisterRow, User
from gateway.domain.duties import Act
from gateway.forms.filled import Filled, Words
from gateway.services import registers
from gateway.services.exports import form_of, rows_in
from gateway.services.gate import Actor, Gate
from gateway.services.months import parse_month
from gateway.services.pages import Page, number_key
from gateway.services.register_notes import is_in_corrections, with_corrections

_NUMBER = re.compile(r"(?:ZYZ|ZT)-\d", re.IGNORECASE)
"""How numbers of permits and carriers begin: nothing the house puts in words, such as a state or a time, looks like that."""
LONGEST_WISH = 80
"""Characters of what is looked for; more are not read."""


@dataclass(frozen=True, slots=True)
class Look:
    """Which rows somebody wants to see: of a register and month, those with `wanted` in them, the page after a key."""

    register: str
    month: str = ""
    wanted: str = ""
    after: str = ""
    limit: int = 200


def register_page(gate: Gate, actor: Actor, look: Look, locale: str, words: Words) -> Page[dict[str, object]]:
    """Rows with keys as the form's columns.

    The print register, the long one, is looked through by the database; of the others what people see is compared, so that a word of
    the house is found as well; for a permit's or carrier's number the database leaves out beforehand what cannot name it.
    Raises ForbiddenError, NotFoundError for the register, InvalidInputError for the month or `after`.
    """
    actor.require(Act.SEE_BOOKS)
    form, wish = form_of(look.register), look.wanted.strip()[:LONGEST_WISH]
    if form.name == "print":
        condition = stands_in_row(wish) if wish else None
        page = registers.print_register(gate, actor, look.month, after=look.after, limit=look.limit, wanted=condition)
        with gate.database.reading() as session:
            month = parse_month(gate, look.month).label
            return Page(list(with_corrections(gate, session, form, month, page)), page.after)
    filled = Filled(form, "", "", locale, (), words)
    start = number_key(look.after) if look.after else 0
    end = start + look.limit
    with gate.database.reading() as session:
        month = parse_month(gate, look.month).label
        number = wish.upper() if _NUMBER.match(wish) and not is_in_corrections(session, form, month, wish) else ""
        rows = rows_in(gate, session, actor, form.name, month, number=number)
        found = list(islice((row for row in rows if not wish or wish.casefold() in _seen(filled, row)), end + 1))
    return Page(found[start:end], str(end) if len(found) > end else None)


def _seen(filled: Filled, row: dict[str, object]) -> str:
    return "\n".join(str(filled.told(row, column)) for column in filled.form.columns).casefold()


def stands_in_row(wish: str) -> ColumnElement[bool]:
    """That the text is the job's or permit's number or its beginning, or stands in the title, a name, a department or a device."""
    row = PrintRegisterRow
    if wish.upper().startswith(("H0", "ZYZ-")):
        number = wish.upper()
        return or_(col(row.job_no).startswith(number, autoescape=True), col(row.permit_no).startswith(number, autoescape=True))

    def has(column: Any) -> ColumnElement[bool]:
        condition: ColumnElement[bool] = col(column).contains(wish, autoescape=True)
        return condition

    people = select(User.username).where(or_(has(User.username), has(User.display_name)))
    places = select(Department.code).where(or_(has(Department.code), has(Department.name)))
    permit_titled = exists().where(and_(col(Permit.id) == col(Job.permit_id), has(Permit.title)))
    titled = exists().where(and_(col(Job.job_no) == col(row.job_no), or_(has(Job.title), permit_titled)))
    return or_(col(row.requester).in_(people), col(row.department).in_(places), has(row.device), has(row.operator), titled)
