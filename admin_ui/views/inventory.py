"""清查与事件: the quarter's count line by line, signed by two; what is missing, with its clock of 24 hours (R60, R61, SC-31)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.vocabulary import Found
from gateway.services import inventories
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("inventory", __name__, url_prefix="/inventory")

    @pages.get("")
    def index() -> ResponseReturnValue:
        numbers = inventories.inventory_numbers(gate, actor())
        newest = inventories.show_inventory(gate, actor(), numbers[0]) if numbers else None
        return render_template("inventory.html", inventory=newest, numbers=numbers, **_shown(gate))

    @pages.get("/<number>")
    def look(number: str) -> ResponseReturnValue:
        numbers = inventories.inventory_numbers(gate, actor())
        shown = inventories.show_inventory(gate, actor(), number)
        return render_template("inventory.html", inventory=shown, numbers=numbers, **_shown(gate))

    @pages.post("")
    def begin() -> ResponseReturnValue:
        made = inventories.open_inventory(gate, actor(), forms.moment("due", gate.settings.zone))
        flash(gettext("清查 %(number)s 已开始：%(lines)s 件。", number=made.inventory_no, lines=len(made.lines)), "good")
        return redirect(url_for("inventory.look", number=made.inventory_no))

    @pages.post("/<number>/count")
    def count(number: str) -> ResponseReturnValue:
        names = [*request.form.getlist("item"), *forms.names("carriers")]
        inventories.count_carriers(gate, actor(), number, names, forms.choice("found", Found, missing=Found.PRESENT))
        return redirect(url_for("inventory.look", number=number))

    @pages.post("/<number>/sign")
    def sign(number: str) -> ResponseReturnValue:
        signed = inventories.sign_inventory(gate, confirmed_actor(gate), number)
        flash(gettext("清查 %(number)s 已签字。", number=signed.inventory_no), "good")
        return redirect(url_for("inventory.look", number=number))

    @pages.post("/incidents/<number>/report")
    def report(number: str) -> ResponseReturnValue:
        told = inventories.report_incident(gate, actor(), number)
        flash(gettext("事件 %(number)s 已上报。", number=told.incident_no), "good")
        return redirect(url_for("inventory.index"))

    return pages


def _shown(gate: Gate) -> dict[str, object]:
    return {"incidents": inventories.list_incidents(gate, actor()), "findings": list(Found)}
