"""传真号码簿: whom the house may fax to (FORMS.md F2)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor
from gateway.services import fax_peers
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("fax_peers", __name__, url_prefix="/fax/peers")

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template("fax_peers.html", found=fax_peers.list_peers(gate, actor()), enforced=gate.settings.fax_allow_list)

    @pages.post("")
    def add() -> ResponseReturnValue:
        unit, number = forms.words("unit", longest=100), forms.words("number", longest=40)
        fax_peers.add_peer(gate, actor(), unit, number, forms.words("person", longest=50))
        flash(gettext("已列入传真号码簿。"), "good")
        return redirect(url_for("fax_peers.index"))

    @pages.post("/<int:peer_id>/close")
    def close(peer_id: int) -> ResponseReturnValue:
        fax_peers.close_peer(gate, actor(), peer_id)
        flash(gettext("已停用，不再向此号码发传真。"), "good")
        return redirect(url_for("fax_peers.index"))

    return pages
