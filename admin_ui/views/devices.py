"""设备: which devices there are, what waits for them, how they answer; in and out of service (R03, R04)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor
from gateway.db.tables import Device
from gateway.domain.devices import Care
from gateway.domain.duties import Act
from gateway.domain.vocabulary import Level
from gateway.meters import MeterKind
from gateway.services import device_register, device_views, devices, meter_settings, meters
from gateway.services.gate import Gate


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("devices", __name__, url_prefix="/devices")

    @pages.get("")
    def index() -> ResponseReturnValue:
        found = device_views.list_device_views(gate, actor())
        may_manage = actor().may(Act.MANAGE_DEVICES)
        return render_template("devices.html", devices=found, may_manage=may_manage, levels=list(Level), adapters=list(devices.ADAPTERS))

    @pages.get("/<code>")
    def look(code: str) -> ResponseReturnValue:
        device = device_views.show_device(gate, actor(), code)
        health = device_views.ask_device(gate, actor(), code) if "ask" in request.args else None
        return render_template(
            "device.html",
            device=device,
            health=health,
            may_manage=actor().may(Act.MANAGE_DEVICES),
            meter=meter_settings.show_setting(gate, actor(), code),
            meter_kinds=list(MeterKind),
            readings=meters.list_readings(gate, actor(), device=code, limit=7),
            open_findings=meters.list_readings(gate, actor(), device=code, open_only=True, limit=20),
            record=device_register.list_care(gate, actor(), code),
            cares=list(Care),
            today=gate.today(),
        )

    @pages.post("")
    def add() -> ResponseReturnValue:
        made = devices.add_device(gate, actor(), _from_form())
        flash(gettext("设备 %(code)s 已登记。", code=made.code), "good")
        return redirect(url_for("devices.look", code=made.code))

    @pages.post("/<code>/<any(enable, disable):act>")
    def set_state(code: str, act: str) -> ResponseReturnValue:
        verb = devices.enable_device if act == "enable" else devices.disable_device
        verb(gate, actor(), code)
        on_change()
        flash(gettext("设备 %(code)s 已启用。", code=code) if act == "enable" else gettext("设备 %(code)s 已停用。", code=code), "good")
        return redirect(url_for("devices.look", code=code))

    _add_meter(pages, gate, on_change)
    return pages


def _add_meter(pages: Blueprint, gate: Gate, on_change: Callable[[], None]) -> None:
    """The routes of a device's counter and of its maintenance record."""

    @pages.post("/<code>/meter")
    def set_meter(code: str) -> ResponseReturnValue:
        names = ("address", "community", "user", "authentication", "privacy", "hash_name")
        given = {name: request.form.get(name, "").strip() for name in names}
        kind = forms.choice("kind", MeterKind, missing=MeterKind.NONE)
        meter_settings.set_meter(gate, actor(), code, meter_settings.MeterWish(kind, **given))
        flash(gettext("设备 %(code)s 的计数器已设置。", code=code), "good")
        return redirect(url_for("devices.look", code=code))

    @pages.post("/<code>/read")
    def read(code: str) -> ResponseReturnValue:
        found = meters.read_meter(gate, actor(), code)
        if found.finding:
            flash(gettext("计数器 %(impressions)s 面，与账本不符，待保密办查清。", impressions=found.impressions), "bad")
        else:
            flash(gettext("计数器 %(impressions)s 面，与账本相符。", impressions=found.impressions), "good")
        return redirect(url_for("devices.look", code=code))

    @pages.post("/<code>/findings/<int:number>/clear")
    def clear(code: str, number: int) -> ResponseReturnValue:
        meters.clear_finding(gate, actor(), number, forms.words("reason"))
        on_change()
        flash(gettext("待查事项 %(number)s 已解除。", number=number), "good")
        return redirect(url_for("devices.look", code=code))

    @pages.post("/<code>/maintenance")
    def maintain(code: str) -> ResponseReturnValue:
        kind, done_on = forms.choice("kind", Care, missing=Care.MAINTENANCE), forms.day("done_on") or gate.today()
        done_by, note = forms.words("done_by", longest=80), forms.words("note")
        device_register.record_care(gate, actor(), code, kind, done_on, done_by, note)
        on_change()
        flash(gettext("已记入维护记录。"), "good")
        return redirect(url_for("devices.look", code=code))


def _from_form() -> Device:
    code = forms.words("code", longest=40)
    return Device(
        code=code,
        name=forms.words("name", longest=80) or code,
        location=forms.words("location", longest=80),
        designated="designated" in request.form,
        max_level=forms.level("max_level").value,
        adapter=forms.words("adapter", longest=20),
        uri=forms.words("uri", longest=1000),
        queue=forms.words("queue", longest=127) or None,
    )
