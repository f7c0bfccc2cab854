"""外出携带: asked for, approved by the leader the level needs, handed out and back (R70-R73, SC-32)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarryOutState
from gateway.errors import InvalidInputError
from gateway.services import carrier_views, carry_out
from gateway.services.carry_out import CarryOutRequest
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("carry_out", __name__, url_prefix="/carry-out")

    @pages.get("")
    def index() -> ResponseReturnValue:
        mine = carrier_views.list_carriers(gate, actor(), mine=True, living=True, limit=100)
        return render_template("carry_outs.html", found=carry_out.list_carry_outs(gate, actor()), mine=mine)

    @pages.get("/<number>")
    def look(number: str) -> ResponseReturnValue:
        found = carry_out.show_carry_out(gate, actor(), number)
        asked = found.state is CarryOutState.REQUESTED
        may_decide = asked and actor().may(Act.APPROVE) and found.requester != actor().username
        may_hand_out = found.state is CarryOutState.APPROVED and actor().may(Act.KEEP_CARRIERS)
        return render_template("carry_out.html", out=found, may_decide=may_decide, may_hand_out=may_hand_out)

    @pages.post("")
    def ask() -> ResponseReturnValue:
        due = forms.moment("due_back", gate.settings.zone)
        if due is None:
            raise InvalidInputError("due_back: it comes back some day.", "Fill in when.")
        wish = CarryOutRequest(
            carriers=[*request.form.getlist("item"), *forms.names("carriers")],
            purpose=forms.words("purpose"),
            destination=forms.words("destination", longest=100),
            due_back=due,
            escorts=forms.names("escorts"),
            abroad="abroad" in request.form,
            abroad_approval=forms.words("abroad_approval", longest=60),
        )
        made = carry_out.request_carry_out(gate, actor(), wish, forms.words("bearer", longest=40))
        flash(gettext("外出携带申请 %(number)s 已提交。", number=made.carry_out_no), "good")
        return redirect(url_for("carry_out.look", number=made.carry_out_no))

    @pages.post("/<number>/<any(approve, refuse):decision>")
    def decide(number: str, decision: str) -> ResponseReturnValue:
        verb = carry_out.approve_carry_out if decision == "approve" else carry_out.refuse_carry_out
        decided = verb(gate, confirmed_actor(gate), number)
        flash(gettext("外出携带 %(number)s 已决定。", number=decided.carry_out_no), "good")
        return redirect(url_for("carry_out.look", number=decided.carry_out_no))

    @pages.post("/<number>/hand-out")
    def hand_out(number: str) -> ResponseReturnValue:
        out = carry_out.hand_out(gate, actor(), number)
        flash(gettext("已交付，等待携带人签收。"), "good")
        return redirect(url_for("carry_out.look", number=out.carry_out_no))

    return pages
