"""Slips 凭条: preview one, print one more, list those that were issued (docs/slips.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from admin_ui.api.answers import PNG, Answer, File, Listing, listing
from admin_ui.api.routes import Noun
from gateway.domain.vocabulary import SlipKind
from gateway.services.gate import Actor, Gate
from gateway.services.slips import read_kind
from gateway.slip_desk import SlipDesk

routes = Noun("slips", "凭条")


class SlipAnswer(Answer):
    """One slip that was issued; the paper bears `ledger_seq` and `tag`."""

    kind: SlipKind
    subject: str
    serial: int = Field(description="The how-manieth of its thing; from the second on it bears 重印.")
    duplicate: bool
    state: Literal["issued", "sent", "failed"] = Field(description="issued: nobody knows (yet); sent: the printer took every byte.")
    problem: str = Field(description="A code of docs/errors.md when the printer failed.")
    issued_by: str
    issued_at: datetime
    ledger_seq: int
    tag: str


@routes.get("/slips/<kind>/<subject>", "已印凭条")
def list_slips(gate: Gate, actor: Actor, kind: str, subject: str) -> Listing[SlipAnswer]:
    """Every slip of this thing that was issued, newest first."""
    return listing(SlipAnswer, SlipDesk(gate).issued(actor, read_kind(kind), subject))


@routes.post("/slips/<kind>/<subject>", "打印凭条", makes=True, outside=True)
def print_slip(gate: Gate, actor: Actor, kind: str, subject: str) -> SlipAnswer:
    """Issue a slip and print it.

    A printer that fails is told in `state` and `problem`: the slip is counted all the same, and may be printed again.
    """
    return SlipAnswer.of(SlipDesk(gate).print(actor, read_kind(kind), subject))


@routes.get("/slips/<kind>/<subject>/preview", "凭条预览")
def preview_slip(gate: Gate, actor: Actor, kind: str, subject: str) -> File:
    """A picture of what would be printed, marked 预览; nothing is counted."""
    picture = SlipDesk(gate).preview(actor, read_kind(kind), subject)
    return File("slip-preview.png", PNG, picture)
