"""我的: my jobs with what holds them and what to do; asking for permits; my permits and where they stand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor
from gateway.domain.permit_form import (
    DEFAULT_STANDING,
    DEFAULT_VALIDITY,
    LONGEST_EXCEPTION,
    LONGEST_STANDING,
    LONGEST_VALIDITY,
    Monthly,
    Recipient,
)
from gateway.domain.vocabulary import AllowanceUnit, Channel, JobStage, Level, Origin, PermitKind
from gateway.services import jobs, matching, people, permit_requests, permit_views, policies, release
from gateway.services.gate import Gate
from gateway.services.permit_views import PermitView

WITHDRAWABLE = frozenset({JobStage.HELD, JobStage.QUEUED})

_KINDS = (PermitKind.PRINT, PermitKind.PROOF, PermitKind.COPY)
_KINDS_OF_COPIES = (PermitKind.COPY, PermitKind.REPRODUCTION)
_EXCEPTION = (PermitKind.JM_EX,)
"""What is asked for in this form; a standing permit has its own. 绝密 is copied where the policy says so, and asked for in advance."""


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("mine", __name__, url_prefix="/mine")

    @pages.get("")
    def index() -> ResponseReturnValue:
        return render_template(
            "mine.html",
            jobs=jobs.list_jobs(gate, actor(), mine=True),
            permits=permit_views.list_permits(gate, actor(), mine=True, limit=30),
            standing=permit_views.list_permits(gate, actor(), mine=True, standing=True, limit=10),
            withdrawable=WITHDRAWABLE,
        )

    @pages.post("/jobs/<job_no>/match")
    def match(job_no: str) -> ResponseReturnValue:
        job = matching.match_job(gate, actor(), job_no, forms.words("permit", longest=64))
        on_change()
        if job.releasable:
            flash(gettext("作业 %(job)s 与准印证相符，等待操作员放行。", job=job.job_no), "good")
        return redirect(url_for("mine.index"))

    @pages.post("/jobs/<job_no>/withdraw")
    def withdraw(job_no: str) -> ResponseReturnValue:
        job = release.cancel_job(gate, actor(), job_no)
        on_change()
        flash(gettext("作业 %(job)s 已撤回，内容已销毁。", job=job.job_no), "good")
        return redirect(url_for("mine.index"))

    @pages.route("/request", methods=["GET", "POST"])
    def ask() -> ResponseReturnValue:
        job_no = request.args.get("job") or None
        if request.method == "POST":
            permit = _ask(gate, job_no)
            on_change()
            flash(gettext("准印证 %(permit)s 已提交审批。", permit=permit.permit_no), "good")
            return redirect(url_for("jobs.permit", permit_no=permit.permit_no))
        job = jobs.show(gate, actor(), job_no) if job_no else None
        return render_template(
            "request.html",
            job=job,
            levels=list(Level),
            origins=list(Origin),
            kinds=_kinds(gate, job),
            departments=[department for department in people.list_departments(gate) if department.active],
            longest=LONGEST_VALIDITY.days,
            usual=DEFAULT_VALIDITY.days,
        )

    @pages.route("/request/standing", methods=["GET", "POST"])
    def ask_standing() -> ResponseReturnValue:
        if request.method == "POST":
            permit = _ask_standing(gate)
            flash(gettext("准印证 %(permit)s 已提交审批。", permit=permit.permit_no), "good")
            return redirect(url_for("jobs.permit", permit_no=permit.permit_no))
        return render_template(
            "request_standing.html",
            levels=[level for level in Level if not level.is_state_secret],
            units=list(AllowanceUnit),
            longest=LONGEST_STANDING.days,
            usual=DEFAULT_STANDING.days,
        )

    return pages


def _kinds(gate: Gate, job: jobs.JobView | None) -> tuple[PermitKind, ...]:
    if job is not None:
        return _KINDS_OF_COPIES if job.channel is Channel.COPY else _KINDS
    return _KINDS + _EXCEPTION if policies.may_except_top_secret(gate) else _KINDS


def _ask_standing(gate: Gate) -> PermitView:
    """A department's daily paper, by the month (SC-03)."""
    now = gate.clock.now()
    days = forms.whole_number("days", missing=DEFAULT_STANDING.days) or 0
    wish = permit_requests.Wish(
        kind=PermitKind.STANDING,
        level=forms.level("level"),
        title=forms.words("title", longest=120) or None,
        monthly=Monthly(forms.whole_number("amount", missing=0) or 0, forms.choice("unit", AllowanceUnit, missing=AllowanceUnit.SHEETS)),
        purpose=forms.words("purpose"),
        valid_from=now,
        valid_to=now + timedelta(days=days),
    )
    return permit_requests.request_permit(gate, actor(), permit_requests.draft_request(gate, actor(), wish))


def _ask(gate: Gate, job_no: str | None) -> PermitView:
    """Read the form and ask; who fills in nothing of the scope keeps all copies in his own department."""
    now = gate.clock.now()
    level, kind = forms.level("level"), forms.choice("kind", PermitKind, missing=PermitKind.PRINT)
    days = timedelta(days=forms.whole_number("days", missing=DEFAULT_VALIDITY.days) or DEFAULT_VALIDITY.days)
    wish = permit_requests.Wish(
        job_no=job_no,
        level=level,
        kind=kind,
        title=forms.words("title", longest=120) or None,
        term=forms.words("term", longest=20) if level.is_state_secret else "",
        pages=forms.whole_number("pages"),
        copies=forms.whole_number("copies"),
        scope=forms.numbers_by_suffix("scope."),
        archive_copies=forms.whole_number("archive", missing=0) or 0,
        purpose=forms.words("purpose"),
        doc_no=forms.words("doc_no", longest=60),
        origin=forms.choice("origin", Origin, missing=Origin.OWN),
        issuer=forms.words("issuer", longest=100),
        consent=forms.consent(),
        no_copy_notice=bool(request.form.get("no_copy_notice")),
        classifier=forms.words("classifier", longest=50),
        recipients=_recipients(),
        knowers=tuple(forms.names("knowers")),
        valid_from=now,
        valid_to=now + (LONGEST_EXCEPTION if kind is PermitKind.JM_EX else days),
    )
    return permit_requests.request_permit(gate, actor(), permit_requests.draft_request(gate, actor(), wish), job_no)


def _recipients() -> tuple[Recipient, ...]:
    unit, copies = forms.words("outside.unit", longest=100), forms.whole_number("outside.copies", missing=0) or 0
    return (Recipient(unit, copies, forms.words("outside.person", longest=50)),) if unit or copies else ()
