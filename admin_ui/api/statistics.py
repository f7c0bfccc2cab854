"""Paper statistics 用纸统计: a month by department, level, device, person or channel; entered by hand, confirmed."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, Month, Query
from admin_ui.api.routes import Noun, Who
from gateway.domain.paper import Dimension
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import Channel
from gateway.services import paper_months, statistics
from gateway.services.gate import Actor, Gate
from gateway.services.paper_months import PaperByHand

routes = Noun("statistics", "用纸统计")
_PRESENT = Field("", description="YYYY-MM; empty: the present month.")


class PaperQuery(Query):
    """Which month, split by what."""

    month: Month = _PRESENT
    by: Dimension = Field(Dimension.DEPARTMENT, description="What each line is of, besides its paper size.")


class MonthQuery(Query):
    """Which month."""

    month: Month = _PRESENT


class PaperAnswer(Answer):
    """Paper of one department (or level, device, person, channel) and size in one month; sheets are media sheets."""

    department: str = Field(validation_alias="group", description="The department's code, or what the month is split by.")
    name: str
    paper: str
    jobs: int
    denied: int = Field(description="Jobs that were refused; told in the department's first line.")
    impressions: int = Field(description="Printed sides.")
    sheets_print: int
    sheets_copy: int
    sheets_fax: int
    sheets_waste: int
    sheets_total: int
    a4_equivalent: float
    sheets_classified: int = Field(description="Sheets of ★ levels; a part of the total.")
    last_month: int = Field(description="Sheets of the month before.")
    delta_pct: float | None = Field(description="Change against the month before in percent; null where that had none.")


class CorrectionAnswer(Answer):
    """Paper entered by hand, or told after the month was confirmed."""

    ledger_seq: int
    at: datetime
    made_by: str
    subject: str = Field(description="The job; the month, where a person entered it.")
    reason: str
    late: bool = Field(description="It came after the confirmation: it stands beside the table, not in it.")
    channel: str
    department: str
    paper: str
    jobs: int
    impressions: int
    good: int
    waste: int


class MonthAnswer(Answer):
    """How a month's statistics stand."""

    month: str
    state: str = Field(description="running, draft (over, not confirmed) or confirmed.")
    confirmed_by: str
    confirmed_at: datetime | None
    digest: str = Field(description="SHA-256 of the confirmed table, as the ledger has it.")
    sheets_total: int
    sheets_corrected: int = Field(description="The total with what came after the confirmation.")
    sheets_waste: int
    impressions: int
    a4_equivalent: float
    last_month: int
    last_year: int
    corrections: list[CorrectionAnswer]


class PaperByHandBody(Body):
    """Sheets that did not pass the gate; negative amounts take off again."""

    month: str = Field("", pattern=r"^([0-9]{4}-[0-9]{2})?$", description="YYYY-MM; empty: the present month.")
    channel: Channel = Field(Channel.PRINT, strict=False)
    department: str = Field(max_length=40)
    paper: str = Field("A4", min_length=1, max_length=20, description="Paper size.")
    good: int = 0
    waste: int = 0
    impressions: int = 0
    jobs: int = 0
    reason: str = Field(min_length=1, max_length=200)


class ConfirmMonthBody(Body):
    """Which month."""

    month: str = Field(pattern=r"^[0-9]{4}-[0-9]{2}$", description="YYYY-MM; it must be over.")


@routes.get("/statistics/paper", "用纸统计", scopes=[Scope.REGISTERS_READ])
def paper_of_month(gate: Gate, actor: Actor, query: PaperQuery) -> Listing[PaperAnswer]:
    """The month's paper by department and size; idle departments have a line of zeros."""
    return listing(PaperAnswer, statistics.paper_of_month(gate, actor, query.month, query.by))


@routes.get("/statistics/paper/month", "用纸统计状态", scopes=[Scope.REGISTERS_READ])
def paper_month_state(gate: Gate, actor: Actor, query: MonthQuery) -> MonthAnswer:
    """Draft or confirmed, the totals beside last month's and last year's, and the corrections."""
    return MonthAnswer.of(statistics.month_state(gate, actor, query.month))


@routes.post("/statistics/paper/enter", "登记门外用纸")
def enter_paper(gate: Gate, actor: Actor, body: PaperByHandBody) -> MonthAnswer:
    """Enter paper by hand: into the month's table, or beside it once it is confirmed."""
    return MonthAnswer.of(paper_months.enter_paper(gate, actor, PaperByHand(**body.model_dump())))


@routes.post("/statistics/paper/confirm", "确认月度用纸", who=Who.CONFIRMED)
def confirm_paper_month(gate: Gate, actor: Actor, body: ConfirmMonthBody) -> MonthAnswer:
    """Confirm a finished month; from now on its table stands still. Of two at once exactly one does it."""
    return MonthAnswer.of(paper_months.confirm_month(gate, actor, body.month))
