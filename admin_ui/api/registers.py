"""Registers 登记簿."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, create_model

from admin_ui.api.answers import Answer, File, Listing, listing
from admin_ui.api.bodies import Month, PageQuery, Query
from admin_ui.api.routes import Noun
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
    format: Literal["csv", "xlsx", "jsonl"] = "csv"
    lang: Literal["zh_CN", "en"] | None = Field(None, description="Default: the gateway's.")


_COLUMNS: dict[str, Any] = {key: (int | str, Field(description=f"{zh} {en}")) for key, zh, en in registers.PRINT_COLUMNS}
PrintLineAnswer: type[Answer] = create_model(
    "PrintLineAnswer", __base__=Answer, __doc__="One row of the print register, as the paper form has it.", **_COLUMNS
)


@routes.get("/registers/print", "打印登记簿", scopes=[Scope.REGISTERS_READ])
def print_register(gate: Gate, actor: Actor, query: RegisterQuery) -> Listing[PrintLineAnswer]:
    """The print register of a month, by sequence number; times are local."""
    asked = query.model_dump(exclude={"month"})
    return listing(PrintLineAnswer, registers.print_register(gate, actor, query.month, **asked))


@routes.get("/registers/print/export", "导出打印登记簿", scopes=[Scope.REGISTERS_READ])
def export_register(gate: Gate, actor: Actor, query: ExportQuery) -> File:
    """The print register of a month as a file."""
    export = exports.export_print_register(gate, actor, query.month, query.format, query.lang or gate.settings.locale)
    return File(export.file_name, export.media_type, export.content)
