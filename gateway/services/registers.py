"""The print register: rows of a month as the paper form has them (FORMS.md F3, R56)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col, select

from gateway.db.tables import Department, Job, Permit, PrintRegisterRow, User
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import Level
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month
from gateway.services.pages import Page, number_key, page_of


def print_register(
    gate: Gate,
    actor: Actor,
    month_text: str = "",
    *,
    department: str = "",
    status: str = "",
    after: str = "",
    limit: int | None = None,
    wanted: ColumnElement[bool] | None = None,
) -> Page[dict[str, object]]:
    """Rows of the month by sequence number, keys as in `register_forms.PRINT`. Times are local ISO text.

    Without `limit` all; `wanted` is a condition on the rows.
    """
    actor.require(Act.SEE_BOOKS)
    query = select(PrintRegisterRow).where(during(PrintRegisterRow.received_at, parse_month(gate, month_text)))
    if department:
        query = query.where(PrintRegisterRow.department == department)
    if status:
        query = query.where(PrintRegisterRow.status == status)
    if wanted is not None:
        query = query.where(wanted)
    if after:
        year, _, seq = after.partition("-")
        query = query.where(tuple_(col(PrintRegisterRow.year), col(PrintRegisterRow.seq)) > (number_key(year), number_key(seq)))
    query = query.order_by(col(PrintRegisterRow.year), col(PrintRegisterRow.seq))
    with gate.database.reading() as session:
        rows = session.exec(query.limit(limit + 1) if limit else query).all()
        titles = _titles(session, rows)
        names = {user.username: user.display_name for user in session.exec(select(User)).all()}
        departments = {department.code: department.name for department in session.exec(select(Department)).all()}
    return page_of(
        rows,
        limit or len(rows),
        lambda row: _as_form(gate, row, titles.get(row.job_no, ""), names, departments),
        lambda row: f"{row.year}-{row.seq}",
    )


def _titles(session: Session, rows: Sequence[PrintRegisterRow]) -> dict[str, str]:
    """Titles stand outside the register, where they can be erased; the permit's is the approved one."""
    titles: dict[str, str] = {}
    numbers = [row.job_no for row in rows]
    for start in range(0, len(numbers), 500):
        found = session.exec(
            select(Job.job_no, Job.title, Permit.title)
            .join(Permit, col(Job.permit_id) == Permit.id, isouter=True)
            .where(col(Job.job_no).in_(numbers[start : start + 500]))
        ).all()
        titles.update({job_no: permit_title or title or "" for job_no, title, permit_title in found})
    return titles


_APPROVED = re.compile(r"(?P<name>[^ ;]+)(?P<under>(?: \([^)]*\))?) (?P<at>\d{4}-\d\d-\d\dT\d\d:\d\dZ)")
"""How a step stands in the ledger: account, delegation, UTC."""


def _approvers(told: str, names: Mapping[str, str], zone: ZoneInfo) -> str:
    """The steps by people's names and local time; what is not in that form is shown as it stands."""

    def shown(step: re.Match[str]) -> str:
        at = datetime.fromisoformat(step["at"]).astimezone(zone)
        return f"{names.get(step['name'], step['name'])}{step['under']} {at:%Y-%m-%d %H:%M}"

    return _APPROVED.sub(shown, told)


def _as_form(gate: Gate, row: PrintRegisterRow, title: str, names: dict[str, str], departments: dict[str, str]) -> dict[str, object]:
    def local(moment: datetime | None) -> str:
        return moment.astimezone(gate.settings.zone).isoformat(timespec="seconds") if moment else ""

    return {
        "seq": row.seq,
        "job": row.job_no,
        "received_at": local(row.received_at),
        "released_at": local(row.released_at),
        "completed_at": local(row.completed_at),
        "permit_no": row.permit_no,
        "title": title,
        "mark": mark_to_stamp(Level(row.level), row.term) if row.level else "",
        "pages": row.pages if row.pages is not None else "",
        "copies_approved": row.copies_approved if row.copies_approved is not None else "",
        "copies_this": row.copies_this,
        "copies_total": row.copies_total if row.copies_total is not None else "",
        "copy_from": row.copy_from,
        "copy_to": row.copy_to,
        "copies_good": row.copies_good,
        "paper": row.paper,
        "sides": "双面" if row.duplex else "单面" if row.copy_from else "",
        "sheets_good": row.sheets_good,
        "sheets_waste": row.sheets_waste,
        "department": f"{row.department} {departments.get(row.department, '')}".strip(),
        "requester": names.get(row.requester, row.requester),
        "approvers": _approvers(row.approvers, names, gate.settings.zone),
        "operator": "; ".join(names.get(name, name) for name in row.operator.split("; ")),
        "device": row.device,
        "page_hash": row.page_hash,
        "status": row.status,
        "codes": row.codes,
        "ledger_seq": row.ledger_seq,
    }
