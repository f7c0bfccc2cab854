"""人员: the roll with what is due, and passwords and second factors reset by two administrators (I10, R32, R94-R97)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.errors import InvalidInputError
from gateway.services import resets, roll
from gateway.services.gate import Gate
from gateway.services.resets import ResetState, What


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("people", __name__, url_prefix="/people")

    @pages.before_request
    def only_those_who_look_after_people() -> None:
        actor().require(Act.SEE_PEOPLE)

    @pages.get("")
    def index() -> ResponseReturnValue:
        lines = roll.list_users(gate, actor())
        known = resets.list_resets(gate, actor()) if actor().may(Act.RESET_CREDENTIALS) else []
        return render_template(
            "people.html",
            lines=lines,
            lacks=roll.shortcomings(lines),
            mine=[reset for reset in known if resets.may_decide(actor(), reset)],
            others=[reset for reset in known if not resets.may_decide(actor(), reset)][:10],
        )

    @pages.get("/<username>")
    def look(username: str) -> ResponseReturnValue:
        line = roll.show_user(gate, actor(), username)
        return render_template("person.html", line=line, may_propose=resets.may_propose(actor(), line), kinds=list(What))

    @pages.post("/<username>/reset")
    def propose(username: str) -> ResponseReturnValue:
        try:
            what = What(forms.words("what"))
        except ValueError as error:
            raise InvalidInputError("Nothing was chosen to be reset.", "Choose password or second factor.") from error
        return _told(resets.propose_reset(gate, confirmed_actor(gate), username, what, forms.words("reason")))

    @pages.post("/resets/<int:reset_id>/<any(confirm, refuse):decision>")
    def decide(reset_id: int, decision: str) -> ResponseReturnValue:
        verb = resets.confirm_reset if decision == "confirm" else resets.refuse_reset
        return _told(verb(gate, confirmed_actor(gate), reset_id))

    return pages


def _told(reset: resets.ResetView) -> ResponseReturnValue:
    """A half of a password is shown in the answer itself, once; everything else on the next page."""
    if reset.half:
        return render_template("reset_half.html", reset=reset, first=reset.state is ResetState.PROPOSED)
    said = {
        ResetState.PROPOSED: gettext("已提出，等待另一位管理员确认。"),
        ResetState.CONFIRMED: gettext("已重置。"),
        ResetState.REFUSED: gettext("未同意重置，什么都没有改变。"),
    }
    flash(said[reset.state], "good")
    return redirect(url_for("people.index"))
