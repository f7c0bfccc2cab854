"""Lists of people, departments and devices, all lines or none 批量导入."""

from __future__ import annotations

from pydantic import Field

from admin_ui.api.answers import Answer
from admin_ui.api.bodies import Body
from admin_ui.api.routes import Noun, Who
from gateway.domain.rosters import Kind
from gateway.services.gate import Actor, Gate
from gateway.services.rosters import Line, import_roster

routes = Noun("imports", "批量导入")
MOST_LINES = 5000


class LineBody(Body):
    """One line of the file."""

    line: int = Field(ge=1, le=10_000_000, description="Its number in the file, for messages.")
    cells: dict[str, str] = Field(max_length=30, description="Cells by column name; docs/people.md lists the columns.")


class RosterBody(Body):
    """The lines of a list."""

    lines: list[LineBody] = Field(max_length=MOST_LINES)
    dry_run: bool = Field(False, description="Check everything, make nothing.")


class RosterAnswer(Answer):
    """What was made, or would be."""

    made: list[str]
    dry_run: bool


def _import(gate: Gate, actor: Actor | None, kind: Kind, body: RosterBody) -> RosterAnswer:
    lines = [Line(line.line, line.cells) for line in body.lines]
    return RosterAnswer(made=import_roster(gate, actor, kind, lines, dry_run=body.dry_run), dry_run=body.dry_run)


@routes.post("/users/import", "导入帐号", who=Who.FOUNDER)
def import_users(gate: Gate, actor: Actor | None, body: RosterBody) -> RosterAnswer:
    """Make accounts from a list; a refusal names every faulty line."""
    return _import(gate, actor, Kind.USERS, body)


@routes.post("/departments/import", "导入部门", who=Who.FOUNDER)
def import_departments(gate: Gate, actor: Actor | None, body: RosterBody) -> RosterAnswer:
    """Make departments from a list; a refusal names every faulty line."""
    return _import(gate, actor, Kind.DEPARTMENTS, body)


@routes.post("/devices/import", "导入设备")
def import_devices(gate: Gate, actor: Actor, body: RosterBody) -> RosterAnswer:
    """Register devices from a list; a refusal names every faulty line."""
    return _import(gate, actor, Kind.DEVICES, body)
