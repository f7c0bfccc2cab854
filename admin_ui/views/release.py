"""放行: held jobs at the device, what is against them, the release itself with its progress, and settlement (R10, R76; I5)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import ENTERED_REASONS, JobStage, WasteReason
from gateway.errors import InvalidInputError
from gateway.services import arrivals, attendance, jobs, meters, permit_views, release, settlement, waste
from gateway.services.gate import Gate

AT_THE_DEVICE = (JobStage.QUEUED, JobStage.PREPARING, JobStage.SUBMITTING, JobStage.PRINTING)
_ENDED = (JobStage.COMPLETED, JobStage.CANCELED, JobStage.REFUSED)


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("release", __name__, url_prefix="/release")

    @pages.before_request
    def only_operators() -> None:
        actor().require(Act.RELEASE)

    @pages.get("")
    def index() -> ResponseReturnValue:
        held = jobs.list_jobs(gate, actor(), stages=[JobStage.HELD], limit=200)
        return render_template(
            "release.html",
            alarms=arrivals.recent_alarms(gate, actor()),
            ready=[job for job in held if job.releasable],
            held=[job for job in held if not job.releasable],
            running=jobs.list_jobs(gate, actor(), stages=AT_THE_DEVICE),
            unresolved=jobs.list_jobs(gate, actor(), stages=[JobStage.UNRESOLVED]),
            ended=jobs.list_jobs(gate, actor(), stages=_ENDED, limit=8),
        )

    @pages.get("/<job_no>")
    def look(job_no: str) -> ResponseReturnValue:
        job = jobs.show(gate, actor(), job_no)
        open_copies = settlement.open_copies(gate, actor(), job_no) if job.stage is JobStage.UNRESOLVED else []
        last_good = forms.whole_number("last_good")
        return render_template(
            "release_one.html",
            job=job,
            last_good=last_good,
            proposed=settlement.as_it_lies(open_copies, last_good, forms.whole_number("spoiled") or 0) if last_good is not None else {},
            permit=permit_views.show_permit(gate, actor(), job.permit_no) if job.permit_no else None,
            running=job.stage in AT_THE_DEVICE,
            open_copies=open_copies,
            outcomes=list(Outcome),
            waste_reasons=ENTERED_REASONS,
        )

    @pages.get("/<job_no>/progress")
    def progress(job_no: str) -> ResponseReturnValue:
        job = jobs.show(gate, actor(), job_no)
        if job.stage not in AT_THE_DEVICE and request.headers.get("HX-Request"):
            return "", 204, {"HX-Redirect": url_for("release.look", job_no=job.job_no)}
        return render_template("_progress.html", job=job)

    @pages.post("/<job_no>/<any(claim, attend):step>")
    def come(job_no: str, step: str) -> ResponseReturnValue:
        _come_to_the_device(gate, job_no, attending=step == "attend")
        return redirect(url_for("release.look", job_no=job_no))

    @pages.post("/<job_no>/release")
    def let_go(job_no: str) -> ResponseReturnValue:
        me = confirmed_actor(gate)
        job = release.release_job(gate, me, job_no)
        on_change()
        return redirect(url_for("release.look", job_no=job.job_no))

    @pages.post("/<job_no>/settle")
    def settle(job_no: str) -> ResponseReturnValue:
        me = confirmed_actor(gate)
        job = settlement.settle(gate, me, job_no, _read_settlement())
        _tell_finding(gate, job.device)
        on_change()
        flash(gettext("作业 %(job)s 已结算。", job=job.job_no), "good")
        return redirect(url_for("release.look", job_no=job.job_no))

    @pages.post("/<job_no>/reprint")
    def take_back(job_no: str) -> ResponseReturnValue:
        me, number = confirmed_actor(gate), forms.whole_number("copy_number", missing=0) or 0
        job = waste.withdraw_copy(gate, me, job_no, number, _read_spoilage())
        on_change()
        flash(gettext("份号 %(number)s 已收回，登记为废页。", number=f"{number:06d}"), "good")
        return redirect(url_for("release.look", job_no=job.job_no))

    return pages


def _read_spoilage() -> waste.Spoilage:
    return waste.Spoilage(
        sheets=forms.whole_number("sheets", missing=0) or 0,
        reason=forms.choice("reason", WasteReason, missing=WasteReason.SOILED),
        withdrawn_from=forms.words("withdrawn_from", longest=60) if "withdrawn" in request.form else "",
        kept_in=forms.words("kept_in", longest=60),
        again=request.form.get("then") != "void",
    )


def _read_settlement() -> Settlement:
    prefix = "outcome."
    try:
        outcomes = {int(name.removeprefix(prefix)): Outcome(request.form[name]) for name in request.form if name.startswith(prefix)}
        reason = WasteReason(request.form.get("waste_reason", ""))
    except ValueError as error:
        raise InvalidInputError("The count of the paper is not complete.", "Say for each number what became of it.") from error
    spoiled = {number for number, outcome in outcomes.items() if outcome is Outcome.SPOILED}
    sheets = {int(number): count for number, count in forms.numbers_by_suffix("sheets.").items() if number.isdigit()}
    return Settlement(
        outcomes=outcomes,
        resume=request.form.get("then") == "resume",
        waste_sheets={number: count for number, count in sheets.items() if number in spoiled},
        waste_reason=reason,
    )


def _come_to_the_device(gate: Gate, job_no: str, *, attending: bool) -> None:
    if not attending:
        release.claim_job(gate, actor(), job_no)
        return
    attendance.attend_job(gate, confirmed_actor(gate), job_no)
    flash(gettext("已登记您在场，半小时内由另一名机要管理员放行。"), "good")


def _tell_finding(gate: Gate, device: str) -> None:
    """The counter may disagree with what was just counted (SC-23)."""
    for found in meters.list_readings(gate, actor(), device=device, open_only=True, limit=1):
        words = gettext("设备计数器与登记不符，待保密办查清（%(finding)s）：查清前不再印国家秘密。", finding=found.finding)
        flash(words, "bad")
