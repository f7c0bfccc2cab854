"""凭条: what a slip would say, those that were issued, and the button that prints one more."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from admin_ui.language import flash_letters
from admin_ui.session import actor
from gateway.services.gate import Gate
from gateway.services.slips import FAILED, read_kind
from gateway.slip_desk import SlipDesk


def blueprint(gate: Gate) -> Blueprint:
    """The routes; kind and subject are those of `gateway.services.slips`."""
    pages = Blueprint("slips", __name__, url_prefix="/slips/<kind>/<subject>")
    desk = SlipDesk(gate)

    @pages.get("")
    def look(kind: str, subject: str) -> ResponseReturnValue:
        issued = desk.issued(actor(), read_kind(kind), subject)
        shown = next((view for view in issued if desk.shown(actor(), view.kind, view.subject, view.serial)), None)
        return render_template("slip.html", kind=read_kind(kind), subject=subject, issued=issued, shown=shown, desk=desk)

    @pages.get("/preview.png")
    def preview(kind: str, subject: str) -> ResponseReturnValue:
        return Response(desk.preview(actor(), read_kind(kind), subject), mimetype="image/png")

    @pages.get("/<int:serial>.png")
    def shown(kind: str, subject: str, serial: int) -> ResponseReturnValue:
        picture = desk.shown(actor(), read_kind(kind), subject, serial)
        if picture is None:
            raise NotFound
        return Response(picture, mimetype="image/png")

    @pages.post("")
    def print_one(kind: str, subject: str) -> ResponseReturnValue:
        view = desk.print(actor(), read_kind(kind), subject)
        if view.state == FAILED:
            happened = gettext("凭条没有印出来。它说明的事已经办妥，不受影响。")
            following = gettext("查看凭条打印机的纸、盖和线，再印一次；再印的标“重印”。")
            flash_letters([{"code": view.problem, "happened": happened, "next": following, "detail": ""}])
        else:
            flash(gettext("第 %(serial)s 张凭条已送到打印机，已记入账本。", serial=view.serial), "good")
        return redirect(url_for("slips.look", kind=kind, subject=view.subject))

    return pages
