"""传真 behind 放行: what waits and goes, what came of each call, what came in (R41-R48, SC-26 to SC-29)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.fax import CryptClass, FaxDirection, FaxState
from gateway.domain.vocabulary import Level
from gateway.services import devices, fax_pictures, fax_printing, fax_retention, fax_tray, fax_views, faxing, people
from gateway.services.fax_tray import Registration
from gateway.services.gate import Gate

_ON_THE_WAY = (FaxState.HELD, FaxState.WAITING, FaxState.SENDING)
_MOST_ENDED = 20


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("fax", __name__, url_prefix="/fax")

    @pages.get("")
    def index() -> ResponseReturnValue:
        actor().require(Act.RELEASE)
        found = fax_views.list_faxes(gate, actor())
        return render_template(
            "faxes.html",
            to_decide=[fax for fax in found if fax.state is FaxState.TO_DECIDE],
            quarantined=[fax for fax in found if fax.state is FaxState.QUARANTINED],
            registered=[fax for fax in found if fax.state is FaxState.REGISTERED],
            on_the_way=[fax for fax in found if fax.state in _ON_THE_WAY],
            ended=[fax for fax in found if fax.state is FaxState.ENDED][:_MOST_ENDED],
        )

    @pages.get("/<fax_no>")
    def look(fax_no: str) -> ResponseReturnValue:
        fax = fax_views.show_fax(gate, actor(), fax_no)
        return render_template(
            "fax.html",
            fax=fax,
            levels=list(Level),
            crypt_classes=list(CryptClass),
            departments=[one for one in people.list_departments(gate) if one.active],
            devices=[one for one in devices.list_devices(gate) if one.active] if actor().may(Act.RELEASE) else [],
            shows_pages=fax.direction is FaxDirection.IN and fax.has_pages,
            may_discard=fax_retention.may_discard(gate, actor(), fax_no),
            may_sign=fax_tray.may_sign(gate, actor(), fax_no),
        )

    @pages.get("/<fax_no>/pages/<int:page>.png")
    def picture(fax_no: str, page: int) -> ResponseReturnValue:
        return Response(fax_pictures.picture_of_received(gate, actor(), fax_no, page), mimetype="image/png")

    @pages.post("/<fax_no>/<any(resend, settle):decision>")
    def decide(fax_no: str, decision: str) -> ResponseReturnValue:
        verb = faxing.resend if decision == "resend" else faxing.settle
        fax = verb(gate, confirmed_actor(gate), fax_no)
        on_change()
        flash(gettext("传真 %(fax)s 已决定。", fax=fax.fax_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    @pages.post("/<fax_no>/register")
    def register(fax_no: str) -> ResponseReturnValue:
        said = Registration(
            level=forms.level("level"),
            department=forms.words("department", longest=20),
            peer=forms.words("peer", longest=100),
            person=forms.words("person", longest=50),
            summary=forms.words("summary", longest=120),
            doc_no=forms.words("doc_no", longest=60),
            crypt_class=forms.choice("crypt_class", CryptClass, missing=CryptClass.PLAIN),
        )
        fax = fax_tray.register_received(gate, actor(), fax_no, said)
        flash(gettext("来传真 %(fax)s 已登记，等待签收。", fax=fax.fax_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    @pages.post("/<fax_no>/print")
    def to_paper(fax_no: str) -> ResponseReturnValue:
        recipient, device = forms.words("recipient", longest=40), forms.words("device", longest=40)
        fax = fax_printing.print_received(gate, actor(), fax_no, recipient=recipient, device=device)
        on_change()
        flash(gettext("已转为作业 %(job)s，按准印手续打印。", job=fax.job_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    @pages.post("/<fax_no>/discard")
    def discard(fax_no: str) -> ResponseReturnValue:
        fax = fax_retention.discard_received(gate, actor(), fax_no)
        flash(gettext("来传真 %(fax)s 不打印，页面已销毁。", fax=fax.fax_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    @pages.post("/<fax_no>/sign")
    def sign(fax_no: str) -> ResponseReturnValue:
        fax = fax_tray.sign_received(gate, actor(), fax_no)
        flash(gettext("来传真 %(fax)s 已签收。", fax=fax.fax_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    return pages
