"""复印台: sessions at the copy station: scan, put pages in order, say what the original is, make it a job (R01, R14, R76)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor
from gateway.domain.copying import ScanState
from gateway.domain.duties import Act
from gateway.domain.hand_copies import ALONE
from gateway.domain.vocabulary import ENTERED_REASONS, DocType, Level, WasteReason
from gateway.scanners import Colours, Source
from gateway.services import copy_scans, copy_views, copying, declaring, device_views, hand_copies
from gateway.services.gate import Gate

_SHOWN_WHILE_SCANNING = 4
"""Small pictures on a page that renews itself; the others are shown when the scanner is done."""
_RENEW_SECONDS = 2
_RESOLUTIONS = (200, 300, 400, 600)


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("copying", __name__, url_prefix="/release/copy")

    @pages.before_request
    def only_operators() -> None:
        actor().require(Act.RELEASE)

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template("copying.html", sessions=copy_views.list_copies(gate, actor()), devices=_devices(gate))

    @pages.post("")
    def begin() -> ResponseReturnValue:
        return _to(copying.begin_copy(gate, actor(), _read_wish()).job_no)

    @pages.post("/<job_no>/assign")
    def assign(job_no: str) -> ResponseReturnValue:
        return _to(copying.assign_copy(gate, actor(), job_no, _read_wish()).job_no)

    @pages.get("/<job_no>")
    def look(job_no: str) -> ResponseReturnValue:
        found = copy_views.show_copy(gate, actor(), job_no)
        scanning = found.scan is not ScanState.IDLE
        return render_template(
            "copying_one.html",
            copy=found,
            scanning=scanning,
            again=_RENEW_SECONDS if scanning else None,
            pages=found.pages[-_SHOWN_WHILE_SCANNING:] if scanning else found.pages,
            devices=_devices(gate),
            scanners=list(gate.settings.scanners),
            sources=list(Source),
            colours=list(Colours),
            resolutions=_RESOLUTIONS,
            levels=list(Level),
            doc_types=(DocType.ORDINARY, DocType.CIPHER_TELEGRAM),
        )

    @pages.post("/<job_no>/scan")
    def scan(job_no: str) -> ResponseReturnValue:
        copy_scans.order_scan(
            gate,
            actor(),
            job_no,
            forms.words("scanner", longest=40),
            source=forms.choice("source", Source, missing=Source.FEEDER),
            colours=forms.choice("colours", Colours, missing=Colours.GREY),
            resolution=forms.whole_number("resolution", missing=300) or 0,
            replace_page=forms.whole_number("replace", missing=0) or 0,
        )
        on_change()
        return _to(job_no)

    @pages.post("/<job_no>/declare")
    def declare(job_no: str) -> ResponseReturnValue:
        declaring.declare_original(gate, actor(), job_no, _read_declaration())
        on_change()
        flash(gettext("原件已说明，须由第二人复看。"), "good")
        return _to(job_no)

    @pages.post("/<job_no>/<any(finish, give_up):act>")
    def end(job_no: str, act: str) -> ResponseReturnValue:
        _end(gate, job_no, whole=act == "finish")
        on_change()
        return redirect(url_for("release.look", job_no=job_no))

    _add_pages(pages, gate)
    _add_by_hand(pages, gate, on_change)
    return pages


def _add_pages(pages: Blueprint, gate: Gate) -> None:
    """The routes of single pages."""

    @pages.get("/<job_no>/pages/<int:page>.png")
    def picture(job_no: str, page: int) -> ResponseReturnValue:
        return Response(copy_views.small_page(gate, actor(), job_no, page), mimetype="image/png")

    @pages.post("/<job_no>/pages/<int:page>/<any(remove, up, down):act>")
    def arrange(job_no: str, page: int, act: str) -> ResponseReturnValue:
        _arrange(gate, job_no, page, act)
        return _to(job_no)


def _add_by_hand(pages: Blueprint, gate: Gate, on_change: Callable[[], None]) -> None:
    """The route of copies made at a stand-alone copier."""

    @pages.route("/by-hand", methods=["GET", "POST"])
    def by_hand() -> ResponseReturnValue:
        if request.method == "POST":
            job = hand_copies.enter_hand_copy(gate, actor(), _read_hand_copy())
            on_change()
            flash(gettext("复印已登记：作业 %(job)s，份号和载体已编。", job=job.job_no), "good")
            return redirect(url_for("jobs.show", job_no=job.job_no))
        copiers = device_views.list_copiers(gate, actor())
        return render_template("copying_by_hand.html", devices=copiers, papers=hand_copies.PAPERS, reasons=ENTERED_REASONS)


def _read_wish() -> copying.CopyWish:
    return copying.CopyWish(
        requester=forms.words("requester", longest=40),
        device=forms.words("device", longest=40),
        copies=forms.whole_number("copies", missing=1) or 0,
        title=forms.words("title"),
        duplex="duplex" in request.form,
        permit=forms.words("permit", longest=64),
    )


def _read_hand_copy() -> hand_copies.HandCopy:
    return hand_copies.HandCopy(
        device=forms.words("device", longest=40),
        permit=forms.words("permit", longest=64),
        copies=forms.whole_number("copies", missing=0) or 0,
        counter_before=forms.counter("counter_before"),
        counter_after=forms.counter("counter_after"),
        serial=forms.words("serial", longest=80),
        duplex="duplex" in request.form,
        paper=forms.words("paper", longest=12) or "A4",
        waste_sheets=forms.whole_number("waste_sheets", missing=0) or 0,
        waste_reason=forms.choice("waste_reason", WasteReason, missing=WasteReason.JAM),
        original=forms.words("original", longest=60),
        wet_stamp="wet_stamp" in request.form,
    )


def _devices(gate: Gate) -> list[device_views.DeviceView]:
    return [device for device in device_views.list_device_views(gate, actor()) if device.active and device.adapter != ALONE]


def _arrange(gate: Gate, job_no: str, page: int, act: str) -> None:
    if act == "remove":
        copying.remove_page(gate, actor(), job_no, page)
    else:
        copying.place_page(gate, actor(), job_no, page, page - 1 if act == "up" else page + 1)


def _end(gate: Gate, job_no: str, *, whole: bool) -> None:
    if whole:
        copying.finish_copy(gate, actor(), job_no)
        flash(gettext("页面已齐，作业已扣留待印。"), "good")
    else:
        copying.give_up_copy(gate, actor(), job_no)
        flash(gettext("这次复印已放弃，页面已销毁。"), "good")


def _to(job_no: str) -> ResponseReturnValue:
    return redirect(url_for("copying.look", job_no=job_no))


def _read_declaration() -> declaring.Declaration:
    return declaring.Declaration(
        level=forms.choice("level", Level, missing=Level.JIMI),
        term=forms.words("term", longest=30),
        doc_type=forms.choice("doc_type", DocType, missing=DocType.ORDINARY),
        from_above="from_above" in request.form,
        no_copy_notice="no_copy_notice" in request.form,
        doc_no=forms.words("doc_no", longest=60),
        carrier=forms.words("carrier", longest=60),
    )
