"""废页与销毁: waste that waits, and destruction lists with approval, witnesses and the act itself (R33-R39, SC-30)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import DestructionMethod
from gateway.services import destruction, destruction_views, waste
from gateway.services.destruction import Destroying
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("destruction", __name__, url_prefix="/carriers/destruction")

    @pages.get("")
    def index() -> ResponseReturnValue:
        found = destruction_views.list_lists(gate, actor())
        open_waste = waste.list_waste(gate, actor()) if actor().may(Act.SEE_BOOKS) else []
        return render_template("destruction.html", lists=found, waste=open_waste)

    @pages.get("/<list_no>")
    def look(list_no: str) -> ResponseReturnValue:
        return render_template("destruction_one.html", list=destruction_views.show_list(gate, actor(), list_no))

    @pages.post("")
    def draft() -> ResponseReturnValue:
        items = [*request.form.getlist("item"), *forms.names("carriers")]
        made = destruction.draft_list(gate, actor(), items, forms.words("reason"))
        flash(gettext("销毁清单 %(list)s 已拟好，等待领导批准。", list=made.list_no), "good")
        return redirect(url_for("destruction.look", list_no=made.list_no))

    @pages.post("/<list_no>/<any(approve, refuse, witness, destroy):step>")
    def decide(list_no: str, step: str) -> ResponseReturnValue:
        me = confirmed_actor(gate)
        if step == "destroy":
            how = Destroying(DestructionMethod.SHRED, forms.words("place", longest=60), forms.words("unit", longest=60))
            destruction.destroy_list(gate, me, list_no, how)
        else:
            acts = {"approve": destruction.approve_list, "refuse": destruction.refuse_list, "witness": destruction.witness_list}
            acts[step](gate, me, list_no)
        return redirect(url_for("destruction.look", list_no=list_no))

    return pages
