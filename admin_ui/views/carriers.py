"""载体: where copies are, their passing from hand to hand, reading lists, what is missing, what is overdue."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.carriers import IN_THE_ROOM, OUTSIDE, may_move
from gateway.domain.duties import Act
from gateway.domain.vocabulary import CarrierState, CarrierVerb, Delivery
from gateway.errors import InvalidInputError
from gateway.services import carrier_views, circulation, custody, destruction, inventories, reminders
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
            moves={verb.value for verb in CarrierVerb if may_move(carrier.state, verb)},
            ways=list(Delivery),
            circulation=circulation.find_circulation(gate, actor(), name),
            may_widen=actor().may(Act.APPROVE_DESTRUCTION),
        )

    @pages.post("/circulation/<any(start, next, add, close):step>")
    def circulate(step: str) -> ResponseReturnValue:
        name = forms.words("carrier", longest=80)
        _circulate(gate, step, name)
        return redirect(url_for("carriers.look", name=name))

    @pages.post("/<verb>")
    def act(verb: str) -> ResponseReturnValue:
        carrier = _act(gate, verb, forms.words("carrier", longest=80))
        flash(gettext("载体 %(carrier)s 已登记。", carrier=carrier.carrier_no), "good")
        return redirect(url_for("carriers.look", name=carrier.carrier_no))

    return pages


def _act(gate: Gate, verb: str, name: str) -> CarrierView:
    """One move of one carrier, as the form says; the carrier afterwards."""
    to, place, reason = forms.words("to", longest=40), forms.words("place", longest=60), forms.words("reason")
    acts: dict[str, Callable[[], object]] = {
        "sign": lambda: custody.sign(gate, confirmed_actor(gate), [name]),
        "reject": lambda: custody.reject(gate, actor(), [name], reason),
        "withdraw": lambda: custody.withdraw(gate, actor(), [name]),
        "issue": lambda: custody.issue(gate, actor(), [name], to, _way()),
        "lend": lambda: custody.lend(gate, actor(), [name], to),
        "shelve": lambda: custody.shelve(gate, actor(), [name], place),
        "archive": lambda: custody.archive(gate, actor(), [name], place),
        "transfer": lambda: custody.transfer(gate, actor(), [name], forms.words("witness", longest=40), forms.words("receipt", longest=60)),
        "give_back": lambda: custody.bring_back(gate, actor(), [name], CarrierVerb.GIVE_BACK),
        "return": lambda: custody.bring_back(gate, actor(), [name], CarrierVerb.RETURN),
        "miss": lambda: inventories.miss_carrier(gate, actor(), name),
        "find": lambda: inventories.find_missing(gate, actor(), name, reason),
    }
    if verb not in acts:
        raise InvalidInputError("A carrier has no such move.", "Use the buttons of its page.")
    acts[verb]()
    return carrier_views.show_carrier(gate, actor(), name)


def _circulate(gate: Gate, step: str, name: str) -> None:
    """One step of a reading list."""
    if step == "start":
        circulation.start_circulation(gate, actor(), name, forms.names("readers"))
    elif step == "next":
        circulation.next_reader(gate, actor(), name, forms.words("reader", longest=40))
    elif step == "add":
        circulation.add_reader(gate, confirmed_actor(gate), name, forms.words("reader", longest=40))
    else:
        circulation.close_circulation(gate, actor(), name)


def _way() -> Delivery:
    try:
        return Delivery(forms.words("delivery"))
    except ValueError as error:
        raise InvalidInputError("delivery: choose a way from the list.", "Ordinary mail is not among them.") from error
