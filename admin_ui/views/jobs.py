"""One job, for everybody who may know of it: what it is, where it stands, its pages."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_ui.session import actor
from gateway.domain.codes import Code
from gateway.services import jobs, permit_views, previews, telegrams
from gateway.services.gate import Gate


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("jobs", __name__)

    @pages.get("/jobs/<job_no>")
    def show(job_no: str) -> ResponseReturnValue:
        job = jobs.show(gate, actor(), job_no)
        suspected = any(reason.code is Code.E_TELEGRAM_SUSPECTED for reason in job.reasons)
        return render_template("job.html", job=job, judging=suspected and telegrams.may_judge(actor()))

    @pages.post("/jobs/<job_no>/judge")
    def judge(job_no: str) -> ResponseReturnValue:
        job = telegrams.judge_telegram(gate, actor(), job_no, is_telegram=request.form.get("finding") != "ordinary")
        return redirect(url_for("jobs.show", job_no=job.job_no))

    @pages.get("/jobs/<job_no>/pages/<int:page>.png")
    def picture(job_no: str, page: int) -> ResponseReturnValue:
        return Response(previews.picture_of_page(gate, actor(), job_no, page), mimetype="image/png")

    @pages.get("/permits/<permit_no>")
    def permit(permit_no: str) -> ResponseReturnValue:
        return render_template("permit.html", permit=permit_views.show_permit(gate, actor(), permit_no))

    return pages
