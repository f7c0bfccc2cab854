"""Paper of a month: department × size, good and waste sheets, zero rows for idle departments (R58, R59, SC-07)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from gateway.db.tables import Department, PrintRegisterRow
from gateway.domain.counting import A4_EQUIVALENT
from gateway.domain.duties import Act
from gateway.services.gate import Actor, Gate
from gateway.services.months import during, parse_month


@dataclass(frozen=True, slots=True)
class PaperLine:
    """One department and paper size in one month. Sheets are media sheets; an impression is one printed side."""

    department: str
    name: str
    paper: str
    jobs: int
    impressions: int
    sheets_print: int
    sheets_waste: int

    @property
    def sheets_total(self) -> int:
        """Good and spoiled sheets."""
        return self.sheets_print + self.sheets_waste

    @property
    def a4_equivalent(self) -> float:
        """The same in A4 sheets."""
        return round(self.sheets_total * A4_EQUIVALENT.get(self.paper, 1.0), 2)


def paper_of_month(gate: Gate, actor: Actor, month_text: str = "") -> list[PaperLine]:
    """The month's paper by the time the last sheet came out, charged to the requester's department (R59, D13)."""
    actor.require(Act.SEE_BOOKS)
    month = parse_month(gate, month_text)
    row = PrintRegisterRow
    query = (
        select_columns(
            col(row.department),
            col(row.paper),
            func.count(),
            func.sum(row.impressions),
            func.sum(row.sheets_good),
            func.sum(row.sheets_waste),
        )
        .where(during(row.completed_at, month))
        .group_by(col(row.department), col(row.paper))
        .order_by(col(row.department), col(row.paper))
    )
    with gate.database.reading() as session:
        departments = session.exec(select(Department).where(col(Department.active).is_(True)).order_by(Department.code)).all()
        found = session.execute(query).all()
    names = {department.code: department.name for department in departments}
    lines = [
        PaperLine(code, names.get(code, ""), paper or "other", jobs, int(impressions), int(good), int(waste))
        for code, paper, jobs, impressions, good, waste in found
    ]
    used = {line.department for line in lines}
    lines += [PaperLine(code, name, "A4", 0, 0, 0, 0) for code, name in names.items() if code not in used]
    return sorted(lines, key=lambda line: (line.department, line.paper))
