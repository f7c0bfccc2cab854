"""Registers 登记簿."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import Field, create_model

from admin_ui.api.answers import Answer, File, Listing, listing
from admin_ui.api.bodies import Body, Month, PageQuery, Query
from admin_ui.api.routes import Noun, Who
from admin_ui.words import word
from gateway.domain.register_forms import PRINT
from gateway.domain.scopes import Scope
from gateway.services import corrections, exports, registers
from gateway.services.corrections import Wish
from gateway.services.gate import Actor, Gate
from gateway.services.pages import number_key

routes = Noun("registers", "登记簿")

PRESENT = Field("", description="YYYY-MM; empty: the present month.")


class RegisterQuery(PageQuery):
    """Which rows of which month."""

    month: Month = PRESENT
    department: str = Field("", max_length=40, description="Only charged to this department.")
    status: str = Field("", max_length=20, description="Only those that stand, or ended, like this: held, completed, …")


class ExportQuery(Query):
    """Which month, as which file, with headings in which language."""

    month: Month = PRESENT
    format: Literal["csv", "xlsx", "pdf", "jsonl"] = "csv"
    lang: Literal["zh_CN", "en"] | None = Field(None, description="Default: the gateway's.")


_COLUMNS: dict[str, Any] = {one.key: (int | str, Field(description=f"{one.zh} {one.en}")) for one in PRINT.columns}


class CorrectionAnswer(Answer):
    """What was said of a cell of a register's row, and what is right; the row itself stays as it is."""

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
    waits: bool = Field(description="For the secrecy office.")
    acknowledged_by: str
    acknowledged_at: datetime | None


class CorrectionBody(Body):
    """Which cell of which row, what is right, and why."""

    row: str = Field(min_length=1, max_length=80, description="What the row is called: job, permit, visit, …; parts with / between.")
    field: str = Field(min_length=1, max_length=40, description="The column's key.")
    value: str = Field("", max_length=200)
    reason: str = Field(min_length=1, max_length=200)
    month: str = Field("", pattern=r"^(\d{4}-\d{2})?$", description="YYYY-MM the row stands in; empty: the present month.")


class CorrectionsQuery(Query):
    """Which corrections."""

    waiting: bool = Field(False, description="Only those the secrecy office has to see.")


PrintLineAnswer: type[Answer] = create_model(
    "PrintLineAnswer", __base__=Answer, __doc__="One row of the print register, as the paper form has it.", **_COLUMNS
)


@routes.get("/registers/print", "打印登记簿", scopes=[Scope.REGISTERS_READ])
def print_register(gate: Gate, actor: Actor, query: RegisterQuery) -> Listing[PrintLineAnswer]:
    """The print register of a month, by sequence number; times are local."""
    asked = query.model_dump(exclude={"month"})
    return listing(PrintLineAnswer, registers.print_register(gate, actor, query.month, **asked))


@routes.get("/registers/<register>/export", "导出登记簿", scopes=[Scope.REGISTERS_READ])
def export_register(gate: Gate, actor: Actor, register: str, query: ExportQuery) -> File:
    """A register of a month as a file: print, permit, waste, destruction, carrier, custody, inventory, paper, carry_out, handover, visitor,
    fax.

    PDF is the paper form. In CSV, XLSX and PDF codes are told in words; JSON lines keep them.
    """
    export = exports.export_register(gate, actor, register, query.month, query.format, query.lang or gate.settings.locale, word)
    return File(export.file_name, export.media_type, export.content)


@routes.get("/registers/corrections", "更正列表")
def list_corrections(gate: Gate, actor: Actor, query: CorrectionsQuery) -> Listing[CorrectionAnswer]:
    """Corrections of register rows, newest first."""
    return listing(CorrectionAnswer, corrections.list_corrections(gate, actor, waiting=query.waiting))


@routes.post("/registers/<register>/correct", "更正登记", makes=True)
def correct_row(gate: Gate, actor: Actor, register: str, body: CorrectionBody) -> CorrectionAnswer:
    """Say that a cell of a register's row is wrong and what is right: a row of its own beside it.

    Numbers wait for the secrecy office. What the month's paper and the evidence count is never changed by it.
    """
    return CorrectionAnswer.of(corrections.correct_row(gate, actor, Wish(register, **body.model_dump())))


@routes.post("/registers/corrections/<correction>/acknowledge", "确认更正", who=Who.CONFIRMED)
def acknowledge_correction(gate: Gate, actor: Actor, correction: str) -> CorrectionAnswer:
    """Say for the secrecy office that a correction of a number is right."""
    return CorrectionAnswer.of(corrections.acknowledge_correction(gate, actor, number_key(correction)))
