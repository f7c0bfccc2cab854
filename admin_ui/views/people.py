"""人员: the roll with what is due, accounts, departments; passwords and second factors reset by two (I10, R32, R94-R97)."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import Level, Role
from gateway.errors import InvalidInputError
from gateway.services import accounts, departments, people, resets, roll
from gateway.services.accounts import Change, NewUser
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
            **_choices(gate),
            mine=[reset for reset in known if resets.may_decide(actor(), reset)],
            others=[reset for reset in known if not resets.may_decide(actor(), reset)][:10],
        )

    @pages.get("/<username>")
    def look(username: str) -> ResponseReturnValue:
        line = roll.show_user(gate, actor(), username)
        may_propose = resets.may_propose(actor(), line)
        return render_template("person.html", line=line, may_propose=may_propose, kinds=list(What), **_choices(gate))

    _account_routes(pages, gate)

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


def _account_routes(pages: Blueprint, gate: Gate) -> None:
    @pages.post("")
    def add() -> ResponseReturnValue:
        new = NewUser(username=forms.words("username", longest=40), **_account())
        made = accounts.add_user(gate, actor(), new)
        flash(gettext("帐号 %(name)s 已建立。", name=made.username), "good")
        return redirect(url_for("people.look", username=made.username))

    @pages.post("/<username>/change")
    def change(username: str) -> ResponseReturnValue:
        changed = accounts.change_user(gate, actor(), username, Change(**_account()))
        flash(gettext("帐号 %(name)s 已更改。", name=changed.username), "good")
        return redirect(url_for("people.look", username=changed.username))

    @pages.post("/<username>/<any(enable, disable):act>")
    def set_state(username: str, act: str) -> ResponseReturnValue:
        verb = accounts.enable_user if act == "enable" else accounts.disable_user
        verb(gate, actor(), username)
        said = gettext("帐号 %(name)s 已启用。", name=username) if act == "enable" else gettext("帐号 %(name)s 已停用。", name=username)
        flash(said, "good")
        return redirect(url_for("people.look", username=username))

    @pages.post("/departments")
    def add_department() -> ResponseReturnValue:
        made = departments.add_department(gate, actor(), forms.words("code", longest=40), forms.words("name", longest=80))
        flash(gettext("部门 %(code)s 已建立。", code=made.code), "good")
        return redirect(url_for("people.index"))

    @pages.post("/departments/<code>/<any(enable, disable):act>")
    def set_department(code: str, act: str) -> ResponseReturnValue:
        verb = departments.enable_department if act == "enable" else departments.disable_department
        verb(gate, actor(), code)
        return redirect(url_for("people.index"))


def _choices(gate: Gate) -> dict[str, Any]:
    """What the forms of an account offer."""
    found = people.list_departments(gate)
    in_use = [department for department in found if department.active]
    return {"departments": in_use, "all_departments": found, "all_roles": list(Role), "levels": list(Level)}


def _account() -> dict[str, Any]:
    """What the form says of an account; an empty field means that there is none of it."""
    return {
        "display_name": forms.words("display_name", longest=80),
        "department": forms.words("department", longest=40),
        "roles": forms.choices("role", Role),
        "clearance": forms.level("clearance") if forms.words("clearance") else None,
        "undertaking_date": forms.day("undertaking_date"),
        "undertaking_until": forms.day("undertaking_until"),
        "training_date": forms.day("training_date"),
        "unix_user": forms.words("unix_user", longest=40) or None,
    }


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
