"""交接: everything somebody answers for passes to another, signed by three people (R82, SC-34)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import HANDOVER_REASONS
from gateway.services import handover
from gateway.services.gate import Gate

MOST_SHOWN = 300
"""Things on one page; nobody signs for more at once by looking at a screen."""


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("handover", __name__, url_prefix="/handover")

    @pages.get("")
    def index() -> ResponseReturnValue:
        asked = request.args.get("of", "").strip()[:40]
        holdings = handover.list_holdings(gate, actor(), asked)
        opens_for_others = actor().may(Act.KEEP_CARRIERS) or actor().may(Act.MANAGE_PEOPLE)
        return render_template(
            "handovers.html",
            found=handover.list_handovers(gate, actor()),
            holdings=holdings,
            of=asked or actor().username,
            opens_for_others=opens_for_others,
            reasons=HANDOVER_REASONS,
            most=MOST_SHOWN,
        )

    @pages.get("/<number>")
    def look(number: str) -> ResponseReturnValue:
        return render_template("handover.html", handover=handover.show_handover(gate, actor(), number), most=MOST_SHOWN)

    @pages.post("")
    def begin() -> ResponseReturnValue:
        people = [forms.words(name, longest=40) for name in ("leaver", "successor", "supervisor")]
        made = handover.open_handover(gate, actor(), people[0], people[1], people[2], forms.words("reason", longest=40))
        flash(gettext("交接单 %(number)s 已打开，三人分别签字。", number=made.handover_no), "good")
        return redirect(url_for("handover.look", number=made.handover_no))

    @pages.post("/<number>/sign")
    def sign(number: str) -> ResponseReturnValue:
        signed = handover.sign_handover(gate, confirmed_actor(gate), number)
        flash(gettext("交接已完成。") if signed.completed_at else gettext("已签字，还须其他人签字。"), "good")
        return redirect(url_for("handover.look", number=number))

    return pages
