"""One job and one permit, for everybody who may know of them: what they are, where they stand, and what he may do about them."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.codes import Code
from gateway.services import consents, declaring, jobs, permit_closing, permit_views, previews, release, telegrams
from gateway.services.gate import Gate


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("jobs", __name__)

    @pages.get("/jobs/<job_no>")
    def show(job_no: str) -> ResponseReturnValue:
        job = jobs.show(gate, actor(), job_no)
        suspected = any(reason.code is Code.E_TELEGRAM_SUSPECTED for reason in job.reasons)
        releasing = release.is_released_by(gate, actor(), job_no)
        unseconded = any(reason.code is Code.E_SECOND_LOOK for reason in job.reasons)
        may_judge = telegrams.may_judge(actor())
        return render_template(
            "job.html", job=job, judging=suspected and may_judge, seconding=unseconded and may_judge, releasing=releasing
        )

    @pages.post("/jobs/<job_no>/release")
    def let_go(job_no: str) -> ResponseReturnValue:
        job = release.release_job(gate, confirmed_actor(gate), job_no)
        on_change()
        flash(gettext("作业 %(job)s 已放行。", job=job.job_no), "good")
        return redirect(url_for("jobs.show", job_no=job.job_no))

    @pages.post("/jobs/<job_no>/judge")
    def judge(job_no: str) -> ResponseReturnValue:
        job = telegrams.judge_telegram(gate, actor(), job_no, is_telegram=request.form.get("finding") != "ordinary")
        return redirect(url_for("jobs.show", job_no=job.job_no))

    @pages.post("/jobs/<job_no>/second")
    def second(job_no: str) -> ResponseReturnValue:
        job = declaring.second_original(gate, actor(), job_no)
        on_change()
        flash(gettext("复看已登记。"), "good")
        return redirect(url_for("jobs.show", job_no=job.job_no))

    @pages.get("/jobs/<job_no>/pages/<int:page>.png")
    def picture(job_no: str, page: int) -> ResponseReturnValue:
        return Response(previews.picture_of_page(gate, actor(), job_no, page), mimetype="image/png")

    @pages.get("/permits/<permit_no>")
    def permit(permit_no: str) -> ResponseReturnValue:
        found = permit_views.show_permit(gate, actor(), permit_no)
        may_consent, may_close = consents.may_add_consent(actor(), found), permit_closing.may_close(actor(), found)
        return render_template("permit.html", permit=found, may_consent=may_consent, may_close=may_close)

    @pages.post("/permits/<permit_no>/close")
    def close(permit_no: str) -> ResponseReturnValue:
        closed = permit_closing.close_permit(gate, actor(), permit_no)
        flash(gettext("准印证 %(permit)s 已办结。", permit=closed.permit_no), "good")
        return redirect(url_for("jobs.permit", permit_no=closed.permit_no))

    @pages.post("/permits/<permit_no>/consent")
    def consent(permit_no: str) -> ResponseReturnValue:
        changed = consents.add_consent(gate, actor(), permit_no, forms.needed_consent())
        on_change()
        flash(gettext("发文单位同意已登记。"), "good")
        return redirect(url_for("jobs.permit", permit_no=changed.permit_no))

    return pages
