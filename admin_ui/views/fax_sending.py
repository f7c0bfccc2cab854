"""发传真 behind 我的: a held document and a number become a fax, its permit is asked for; processing records (R42, R47; SC-26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.fax import ProcessingMethod
from gateway.domain.vocabulary import Channel, JobStage, Level
from gateway.errors import InvalidInputError
from gateway.services import fax_drawing, fax_filing, fax_orders, fax_peers, fax_permits, fax_processing, fax_views, jobs, uploads
from gateway.services.fax_filing import FaxWish
from gateway.services.gate import Gate


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("fax_sending", __name__, url_prefix="/mine/fax")

    @pages.get("")
    def index() -> ResponseReturnValue:
        actor().require(Act.PRINT)
        held = jobs.list_jobs(gate, actor(), mine=True, stages=[JobStage.HELD])
        return render_template(
            "fax_sending.html",
            held=[job for job in held if job.has_pages and not job.permit_no],
            faxes=fax_views.list_faxes(gate, actor(), mine=True),
            records=fax_processing.list_processings(gate, actor()),
            methods=list(ProcessingMethod),
            levels=list(Level),
            peers=fax_peers.list_peers(gate, actor()),
            largest=gate.settings.web_document_bytes >> 20,
            coming=[job for job in held if job.channel is Channel.FAX and not job.has_pages],
        )

    @pages.get("/<job_no>")
    def fill_in(job_no: str) -> ResponseReturnValue:
        """The hash only when it is asked for: the pages are drawn for it, which takes a second or more."""
        fax_drawing.require_drawable(gate, actor(), job_no)
        job = jobs.show(gate, actor(), job_no)
        digest = fax_drawing.hash_of_pages(gate, actor(), job_no) if "digest" in request.args else ""
        order = fax_orders.order_for(gate, actor(), job_no)
        peers = fax_peers.list_peers(gate, actor())
        return render_template("fax_form.html", job=job, digest=digest, peers=peers, levels=list(Level), order=order)

    @pages.post("/document")
    def bring() -> ResponseReturnValue:
        """A document and where it goes in one form; it is filed by itself once it is counted."""
        document = request.files.get("document")
        if document is None or not document.filename:
            raise InvalidInputError("No document was chosen.", "Choose a PDF file.")
        job_no = uploads.bring_fax(gate, actor(), _wish(), document.filename, cast("BinaryIO", document.stream))
        on_change()
        flash(gettext("作业 %(job)s 已收下；清点后自动登记为传真，再申请传真准印证。", job=job_no), "good")
        return redirect(url_for("fax_sending.index"))

    @pages.post("/<job_no>")
    def file(job_no: str) -> ResponseReturnValue:
        fax = fax_filing.file_job(gate, actor(), job_no, _wish())
        on_change()
        flash(gettext("传真 %(fax)s 已登记；接着申请传真准印证。", fax=fax.fax_no), "good")
        return redirect(url_for("fax.look", fax_no=fax.fax_no))

    @pages.post("/<fax_no>/permit")
    def ask(fax_no: str) -> ResponseReturnValue:
        permit = fax_permits.request_fax_permit(gate, actor(), fax_no, forms.words("purpose"))
        on_change()
        flash(gettext("准印证 %(permit)s 已提交审批。", permit=permit.permit_no), "good")
        return redirect(url_for("fax.look", fax_no=fax_no))

    @pages.post("/processings")
    def record() -> ResponseReturnValue:
        number = fax_processing.record_processing(
            gate,
            actor(),
            source_level=forms.level("source_level"),
            method=forms.choice("method", ProcessingMethod, missing=ProcessingMethod.LEFT_OUT),
            result_level=forms.level("result_level"),
            result_hash=forms.words("result_hash", longest=64).lower(),
            carrier=forms.words("carrier", longest=60),
        )
        flash(gettext("技术处理记录 %(number)s 已登记，等待他人复核。", number=number), "good")
        return redirect(url_for("fax_sending.index"))

    @pages.post("/processings/<tpr_no>/review")
    def review(tpr_no: str) -> ResponseReturnValue:
        fax_processing.review_processing(gate, confirmed_actor(gate), tpr_no)
        flash(gettext("技术处理记录 %(number)s 已复核。", number=tpr_no), "good")
        return redirect(url_for("fax_sending.index"))

    return pages


def _wish() -> FaxWish:
    return FaxWish(
        number=forms.words("number", longest=40),
        peer=forms.words("peer", longest=100),
        person=forms.words("person", longest=50),
        level=forms.level("level"),
        source_level=forms.level("source_level"),
        doc_no=forms.words("doc_no", longest=60),
        tpr_no=forms.words("tpr_no", longest=20),
        answers=forms.words("answers", longest=20),
    )
