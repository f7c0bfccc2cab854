"""Registers 登记簿."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from admin_ui.api.answers import Answer, File, Listing, listing
from admin_ui.api.bodies import Month, PageQuery, Query
from admin_ui.api.routes import Noun
from admin_ui.words import word
from gateway.domain.register_forms import PRINT
from gateway.domain.scopes import Scope
from gateway.services import exports, registers
from gateway.services.gate import Actor, Gate

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
