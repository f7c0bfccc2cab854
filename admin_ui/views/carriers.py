"""载体: where copies are, their passing from hand to hand, what is overdue."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.carriers import IN_THE_ROOM, OUTSIDE
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Delivery
from gateway.errors import InvalidInputError
from gateway.services import carrier_views, custody, destruction, reminders
from gateway.services.carrier_views import CarrierView
from gateway.services.gate import Gate

PER_PAGE = 100


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("carriers", __name__, url_prefix="/carriers")

    @pages.get("")
    def index() -> ResponseReturnValue:
        mine = request.args.get("mine") == "1"
        found = carrier_views.list_carriers(gate, actor(), mine=mine, living=True, limit=PER_PAGE, after=request.args.get("after", ""))
        return render_template("carriers.html", carriers=found, mine=mine, overdue=reminders.list_overdue(gate, actor()))

    @pages.get("/one")
    def look() -> ResponseReturnValue:
        name = request.args.get("name", "")[:80]
        if name.strip().upper().startswith(destruction.SERIES):  # a witness is told the list's number
            return redirect(url_for("destruction.look", list_no=name.strip()))
        carrier = carrier_views.show_carrier(gate, actor(), name)
        return render_template(
            "carrier.html",
            carrier=carrier,
            in_room=carrier.state in IN_THE_ROOM,
            held_by_me=carrier.state in OUTSIDE and carrier.custodian == actor().username,
            printed=carrier.state is CarrierState.PRINTED,
            ways=list(Delivery),
        )

    @pages.post("/<verb>")
    def act(verb: str) -> ResponseReturnValue:
        (carrier,) = _act(gate, verb, forms.words("carrier", longest=80))
        flash(gettext("载体 %(carrier)s 已登记。", carrier=carrier.carrier_no), "good")
        return redirect(url_for("carriers.look", name=carrier.carrier_no))

    return pages


def _act(gate: Gate, verb: str, name: str) -> list[CarrierView]:
    """One move of one carrier, as the form says."""
    to, place = forms.words("to", longest=40), forms.words("place", longest=60)
    if verb == "sign":
        return custody.sign(gate, confirmed_actor(gate), [name])
    if verb == "reject":
        return custody.reject(gate, actor(), [name], forms.words("reason"))
    if verb == "withdraw":
        return custody.withdraw(gate, actor(), [name])
    if verb == "issue":
        return custody.issue(gate, actor(), [name], to, _way())
    if verb == "lend":
        return custody.lend(gate, actor(), [name], to)
    if verb == "shelve":
        return custody.shelve(gate, actor(), [name], place)
    if verb == "archive":
        return custody.archive(gate, actor(), [name], place)
    if verb in {"give_back", "return"}:
        return custody.bring_back(gate, actor(), [name], CarrierVerb(verb))
    raise InvalidInputError("A carrier has no such move.", "Use the buttons of its page.")


def _way() -> Delivery:
    try:
        return Delivery(forms.words("delivery"))
    except ValueError as error:
        raise InvalidInputError("delivery: choose a way from the list.", "Ordinary mail is not among them.") from error
