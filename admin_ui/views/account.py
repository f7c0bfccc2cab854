"""我的帐号: who I am here, my papers, my password, my second factor, my session (R87, R94, R95)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.qr import qr_path
from admin_ui.session import actor, confirmed_actor, opened, proof, renew
from gateway.errors import InvalidInputError
from gateway.services import credentials, roll, second_factor
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("account", __name__, url_prefix="/account")

    @pages.get("")
    def index() -> ResponseReturnValue:
        line = roll.show_user(gate, actor(), actor().username)
        times = {"lock": gate.settings.lock_minutes, "end": gate.settings.session_minutes}
        return render_template("account.html", line=line, opened=opened(), **times)

    @pages.route("/password", methods=["GET", "POST"])
    def password() -> ResponseReturnValue:
        if request.method == "GET":
            return render_template("account_password.html", opened=opened())
        chosen = forms.password("chosen")
        if chosen != forms.password("again"):
            raise InvalidInputError("The two new passwords differ.", "Type the new password twice.")
        credentials.change_password(gate, actor().username, proof(), chosen)
        renew(gate)
        flash(gettext("口令已更改。"), "good")
        return redirect(url_for("account.index"))

    @pages.route("/second-factor", methods=["GET", "POST"])
    def enrol() -> ResponseReturnValue:
        if request.method == "POST":
            second_factor.begin_setup(gate, confirmed_actor(gate))
            return redirect(url_for("account.enrol"))
        enrolment = second_factor.pending_setup(gate, actor())
        picture = qr_path(enrolment.uri) if enrolment else None
        return render_template("account_second_factor.html", enrolment=enrolment, picture=picture, opened=opened())

    @pages.post("/second-factor/finish")
    def finish() -> ResponseReturnValue:
        second_factor.finish_setup(gate, actor(), forms.words("code", longest=20))
        renew(gate)
        flash(gettext("两步验证已启用。以后登录和批准、放行时要输入一次性验证码。"), "good")
        return redirect(url_for("account.index"))

    return pages
