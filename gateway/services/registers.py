"""Registers out of the house: rows of a month as the paper form has them (FORMS.md F3, R56)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import tuple_
from sqlmodel import Session, col, select

from gateway.db.tables import Department, Job, Permit, PrintRegisterRow, User
from gateway.domain.duties import Act
from gateway.domain.marks import mark_to_stamp
from gateway.domain.vocabulary import Level
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month
from gateway.services.pages import Page, number_key, page_of

PRINT_COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("seq", "序号", "No."),
    ("job", "作业号", "Job"),
    ("received_at", "提交时间", "Received"),
    ("released_at", "放行时间", "Released"),
    ("completed_at", "完成时间", "Completed"),
    ("permit_no", "准印证号", "Permit"),
    ("title", "文件名称", "Title"),
    ("mark", "密级/保密期限", "Mark"),
    ("pages", "页数", "Pages"),
    ("copies_approved", "批准份数", "Copies approved"),
    ("copies_this", "本次份数", "Copies of this job"),
    ("copies_total", "累计份数", "Copies so far"),
    ("copy_from", "份号起", "First copy"),
    ("copy_to", "份号止", "Last copy"),
    ("copies_good", "完好份数", "Good copies"),
    ("paper", "纸张规格", "Paper"),
    ("sides", "单双面", "Sides"),
    ("sheets_good", "用纸张数", "Good sheets"),
    ("sheets_waste", "废页张数", "Waste sheets"),
    ("department", "申请部门", "Department"),
    ("requester", "承办人", "Requester"),
    ("approvers", "审批人", "Approvers"),
    ("operator", "操作人", "Operator"),
    ("device", "打印机", "Device"),
    ("page_hash", "文件哈希", "Page hash"),
    ("status", "状态", "Status"),
    ("codes", "原因代码", "Codes"),
    ("ledger_seq", "账本序号", "Ledger entry"),
)
"""Columns of the print register: key, Chinese heading as on the form, English heading."""

STATUS_ZH = {
    "held": "扣留",
    "released": "已放行",
    "printing": "打印中",
    "completed": "完成",
    "unresolved": "存疑",
    "refused": "拒绝",
    "canceled": "取消",
}


def print_register(
    gate: Gate,
    actor: Actor,
    month_text: str = "",
    *,
    department: str = "",
    status: str = "",
    after: str = "",
    limit: int | None = None,
) -> Page[dict[str, object]]:
    """Rows of the month by sequence number, keys as in PRINT_COLUMNS. Times are local ISO text. Without `limit` all."""
    actor.require(Act.SEE_BOOKS)
    query = select(PrintRegisterRow).where(during(PrintRegisterRow.received_at, parse_month(gate, month_text)))
    if department:
        query = query.where(PrintRegisterRow.department == department)
    if status:
        query = query.where(PrintRegisterRow.status == status)
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
        "approvers": row.approvers,
        "operator": names.get(row.operator, row.operator),
        "device": row.device,
        "page_hash": row.page_hash,
        "status": row.status,
        "codes": row.codes,
        "ledger_seq": row.ledger_seq,
    }
