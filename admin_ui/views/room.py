"""机要室: why nothing is printed, and who may change that; alerts to look at (R90, R101, R102)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import RoomMode
from gateway.services import alerts, clock_watch, room, tampering
from gateway.services.gate import Actor, Gate


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("room", __name__, url_prefix="/room")

    @pages.get("")
    def index() -> ResponseReturnValue:
        me, now = actor(), room.show_room(gate)
        return render_template(
            "room.html",
            room=now,
            begins=room.may_begin(now, me),
            ends=room.may_end(now, me),
            alerts=alerts.list_alerts(gate, me) if me.may(Act.SEE_ALERTS) else (),
        )

    @pages.post("/begin/<any(closed, sealed, emergency):mode>")
    def begin(mode: str) -> ResponseReturnValue:
        room.enter_mode(gate, actor(), RoomMode(mode), forms.words("reason"))
        on_change()
        return redirect(url_for("room.index"))

    @pages.post("/end/<any(closed, sealed, emergency, clock, safe):mode>")
    def end(mode: str) -> ResponseReturnValue:
        _end(gate, confirmed_actor(gate), RoomMode(mode))
        on_change()
        return redirect(url_for("room.index"))

    @pages.post("/alerts/<int:number>/acknowledge")
    def acknowledge(number: int) -> ResponseReturnValue:
        alerts.acknowledge_alert(gate, actor(), number, forms.words("note"))
        return redirect(url_for("room.index"))

    return pages


def _end(gate: Gate, me: Actor, mode: RoomMode) -> None:
    """Each mode ends in its own way."""
    if mode is RoomMode.CLOCK:
        clock_watch.confirm_clock(gate, me)
    elif mode is RoomMode.SAFE:
        tampering.accept_settings(gate, me)
    elif any(hold.mode is mode for hold in room.leave_mode(gate, me, mode).holds):
        flash(gettext("已记下您的意见；还须另一人在半小时内同意。"), "good")
