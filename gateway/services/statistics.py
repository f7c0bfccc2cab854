"""Paper of a month as it is read: department × size × channel, good and waste, zero rows for idle departments (R58, R59, SC-07; F8).

Everything is added up from the month's lines (`gateway.ledger.paper`), never from jobs: a month costs what its own lines cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from gateway.db.tables import Department, Device, PaperCorrection, PaperLine, PaperMonth, PrintRegisterRow, User
from gateway.domain.counting import A4_EQUIVALENT
from gateway.domain.duties import Act
from gateway.domain.paper import Dimension
from gateway.domain.vocabulary import Channel, Level
from gateway.services.gate import Actor, Gate
from gateway.services.months import Month, during, month_before, parse_month, year_before


@dataclass(frozen=True, slots=True)
class PaperShare:
    """The month's paper of one department, level, device, person or channel, in one size. An impression is a printed side."""

    group: str
    name: str
    paper: str
    jobs: int = 0
    impressions: int = 0
    sheets_print: int = 0
    sheets_copy: int = 0
    sheets_fax: int = 0
    sheets_waste: int = 0
    sheets_classified: int = 0
    """Good and spoiled sheets of ★ levels; a part of the total."""
    denied: int = 0
    """Jobs of the group that were refused; told in its first line."""
    last_month: int = 0
    """Sheets of the month before, of the same group and size."""

    @property
    def sheets_total(self) -> int:
        """Good and spoiled sheets."""
        return self.sheets_print + self.sheets_copy + self.sheets_fax + self.sheets_waste

    @property
    def a4_equivalent(self) -> float:
        """The same in A4 sheets."""
        return round(self.sheets_total * A4_EQUIVALENT.get(self.paper, 1.0), 2)

    @property
    def delta_pct(self) -> float | None:
        """Change against the month before in percent; None where that had none."""
        return round(100 * (self.sheets_total - self.last_month) / self.last_month, 1) if self.last_month else None


@dataclass(frozen=True, slots=True)
class Correction:
    """Paper entered by hand, or told after the month was confirmed (`late`: it stands beside the table)."""

    ledger_seq: int
    at: datetime
    made_by: str
    subject: str
    reason: str
    late: bool
    channel: str
    department: str
    paper: str
    jobs: int
    impressions: int
    good: int
    waste: int


@dataclass(frozen=True, slots=True)
class MonthState:
    """How the month's statistics stand: a draft while it may still change, or confirmed, with what was corrected since."""

    month: str
    over: bool
    confirmed_by: str
    confirmed_at: datetime | None
    digest: str
    sheets_total: int
    sheets_waste: int
    impressions: int
    a4_equivalent: float
    last_month: int
    last_year: int
    """Sheets of the same month a year before."""
    corrections: tuple[Correction, ...]

    @property
    def state(self) -> str:
        """`running`, `draft` or `confirmed`."""
        return "confirmed" if self.confirmed_at else "draft" if self.over else "running"

    @property
    def sheets_corrected(self) -> int:
        """The total with what came after the confirmation."""
        return self.sheets_total + sum(one.good + one.waste for one in self.corrections if one.late)


def paper_of_month(gate: Gate, actor: Actor, month_text: str = "", by: Dimension = Dimension.DEPARTMENT) -> list[PaperShare]:
    """The month's paper by the time the last sheet came out, charged to the requester's department (R59, D13). Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    month = parse_month(gate, month_text)
    with gate.database.reading() as session:
        names = _names(session, by)
        denied = _denied(session, month) if by is Dimension.DEPARTMENT else {}
        before = _shares(session, month_before(gate, month.label).label, by)
        found = _shares(session, month.label, by)
    shares = {key: replace(share, name=names.get(share.group, "")) for key, share in found.items()}
    idle = set(names) - {group for group, _ in shares}
    if by in (Dimension.DEPARTMENT, Dimension.CHANNEL):
        shares |= {(group, "A4"): PaperShare(group, names[group], "A4") for group in idle}
    lines = [replace(shares[key], last_month=before[key].sheets_total if key in before else 0) for key in sorted(shares)]
    return list(_with_denied(lines, denied))


def _shares(session: Session, label: str, by: Dimension) -> dict[tuple[str, str], PaperShare]:
    """The month's lines added up by the dimension and the size; without names."""
    shares: dict[tuple[str, str], PaperShare] = {}
    for line in session.exec(select(PaperLine).where(PaperLine.month == label)).all():
        key = (str(getattr(line, by.value)), line.paper)
        share = shares.get(key) or PaperShare(key[0], "", line.paper)
        good = {channel: line.good if line.channel == channel.value else 0 for channel in Channel}
        shares[key] = replace(
            share,
            jobs=share.jobs + line.jobs,
            impressions=share.impressions + line.impressions,
            sheets_print=share.sheets_print + good[Channel.PRINT],
            sheets_copy=share.sheets_copy + good[Channel.COPY],
            sheets_fax=share.sheets_fax + good[Channel.FAX],
            sheets_waste=share.sheets_waste + line.waste,
            sheets_classified=share.sheets_classified + (line.good + line.waste if _is_secret(line.level) else 0),
        )
    return shares


def _is_secret(level: str) -> bool:
    return level in {one.value for one in Level if one.is_state_secret}


def _with_denied(lines: Iterable[PaperShare], denied: Mapping[str, int]) -> Iterable[PaperShare]:
    told: set[str] = set()
    for line in lines:
        yield line if line.group in told else replace(line, denied=denied.get(line.group, 0))
        told.add(line.group)


def _denied(session: Session, month: Month) -> dict[str, int]:
    row = PrintRegisterRow
    refused = select(row.department, func.count()).where(row.status == "refused", during(row.received_at, month))
    return {department: int(count) for department, count in session.exec(refused.group_by(col(row.department))).all()}


def _names(session: Session, by: Dimension) -> dict[str, str]:
    """What every value of the dimension is called; of departments only those that are there still."""
    if by is Dimension.DEPARTMENT:
        return {one.code: one.name for one in session.exec(select(Department).where(col(Department.active).is_(True))).all()}
    if by is Dimension.DEVICE:
        return {device.code: device.name for device in session.exec(select(Device)).all()}
    if by is Dimension.REQUESTER:
        return {user.username: user.display_name for user in session.exec(select(User)).all()}
    if by is Dimension.LEVEL:
        return {level.value: level.hanzi for level in Level}
    return dict.fromkeys((channel.value for channel in Channel), "")


def month_state(gate: Gate, actor: Actor, month_text: str = "") -> MonthState:
    """How the month's statistics stand, beside the month and the year before. Raises ForbiddenError."""
    actor.require(Act.SEE_BOOKS)
    month = parse_month(gate, month_text)
    with gate.database.reading() as session:
        return state_of(gate, session, month)


def state_of(gate: Gate, session: Session, month: Month) -> MonthState:
    """The month's state in this transaction."""
    shares = list(_shares(session, month.label, Dimension.DEPARTMENT).values())
    confirmed = session.get(PaperMonth, month.label)
    rows = select(PaperCorrection).where(PaperCorrection.month == month.label)
    corrections = session.exec(rows.order_by(col(PaperCorrection.ledger_seq), col(PaperCorrection.place))).all()
    return MonthState(
        month=month.label,
        over=month.end <= gate.clock.now(),
        confirmed_by=session.get_one(User, confirmed.confirmed_by_id).username if confirmed else "",
        confirmed_at=confirmed.confirmed_at if confirmed else None,
        digest=confirmed.digest if confirmed else "",
        sheets_total=sum(share.sheets_total for share in shares),
        sheets_waste=sum(share.sheets_waste for share in shares),
        impressions=sum(share.impressions for share in shares),
        a4_equivalent=round(sum(share.a4_equivalent for share in shares), 2),
        last_month=_sheets(session, month_before(gate, month.label)),
        last_year=_sheets(session, year_before(gate, month.label)),
        corrections=tuple(_correction(row) for row in corrections),
    )


def _sheets(session: Session, month: Month) -> int:
    total = func.coalesce(func.sum(PaperLine.good + PaperLine.waste), 0)
    return int(session.exec(select(total).where(PaperLine.month == month.label)).one())


def _correction(row: PaperCorrection) -> Correction:
    return Correction(**{name: getattr(row, name) for name in Correction.__slots__})
