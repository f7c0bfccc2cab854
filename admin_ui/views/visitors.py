"""来访: who comes, who is in the room, what they left with it; the end of the day stands beside it."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import IdKind, VisitReason
from gateway.services import day_close, visitors
from gateway.services.gate import Gate
from gateway.services.visitors import Deposit, NewVisitor


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("visitors", __name__, url_prefix="/visitors")

    @pages.before_request
    def only_readers() -> None:
        actor().require(Act.SEE_BOOKS)

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template(
            "visitors.html",
            visits=visitors.list_visitors(gate, actor()),
            day=day_close.day_state(gate, actor()),
            may_approve=bool(actor().roles & gate.settings.roles_approving_visitors),
            reasons=list(VisitReason),
            ids=list(IdKind),
        )

    @pages.post("")
    def register() -> ResponseReturnValue:
        wish = NewVisitor(
            name=forms.words("name", longest=50),
            org=forms.words("org", longest=100),
            title=forms.words("title", longest=50),
            id_kind=forms.choice("id_kind", IdKind, missing=IdKind.IDENTITY_CARD),
            id_no=forms.words("id_no", longest=30),
            phone=forms.words("phone", longest=20),
            reason_kind=forms.choice("reason_kind", VisitReason, missing=VisitReason.OTHER),
            reason=forms.words("reason"),
            device=forms.words("device", longest=40),
            escort=forms.words("escort", longest=60),
        )
        visitors.register_visitor(gate, actor(), wish)
        return redirect(url_for("visitors.index"))

    @pages.post("/<visit_no>/<any(approve, enter, give, leave):step>")
    def go_on(visit_no: str, step: str) -> ResponseReturnValue:
        if step == "approve":
            visitors.approve_visitor(gate, confirmed_actor(gate), visit_no)
        elif step == "enter":
            kind = forms.words("kind", longest=40)
            items = [Deposit(kind, forms.whole_number("quantity", missing=1) or 0, forms.words("slot", longest=20))] if kind else []
            visitors.enter_visitor(gate, actor(), visit_no, items, nothing=not items)
        elif step == "give":
            visitors.return_items(gate, actor(), visit_no)
        else:
            visitors.leave_visitor(gate, actor(), visit_no)
        return redirect(url_for("visitors.index"))

    @pages.post("/day")
    def close() -> ResponseReturnValue:
        day_close.close_day(gate, confirmed_actor(gate))
        return redirect(url_for("visitors.index"))

    return pages
