"""审批: what waits for me, the request beside the very pages, yes or no with the password (R05, R06, I6)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.duties import Act
from gateway.domain.vocabulary import DestructionState
from gateway.services import carry_out, consents, destruction_views, fax_views, jobs, permit_views, permits, previews, release
from gateway.services.gate import Gate


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("approve", __name__, url_prefix="/approve")

    @pages.before_request
    def only_approvers() -> None:
        actor().require(Act.APPROVE)

    @pages.get("")
    def index() -> ResponseReturnValue:
        permits_ = permit_views.list_permits(gate, actor(), waiting_for_me=True)
        return render_template("approve.html", permits=permits_, jobs=release.jobs_to_release(gate, actor()), **_beside_paper(gate))

    @pages.get("/<permit_no>")
    def look(permit_no: str) -> ResponseReturnValue:
        permit = permit_views.show_permit(gate, actor(), permit_no)
        job = jobs.show(gate, actor(), permit.job_no) if permit.job_no else None
        pages_of_job = (job.pages or 0) if job and job.has_pages else 0
        page = min(max(request.args.get("page", 1, int), 1), max(pages_of_job, 1))
        seen = previews.pages_seen(gate, actor(), job.job_no) | {page} if job and pages_of_job else frozenset()
        may_consent = consents.may_add_consent(actor(), permit)
        fax = fax_views.fax_of_job(gate, actor(), job.job_no) if job else None
        return render_template(
            "approve_one.html", permit=permit, job=job, fax=fax, page=page, pages=pages_of_job, seen=seen, may_consent=may_consent
        )

    @pages.post("/<permit_no>/<any(approve, refuse):decision>")
    def decide(permit_no: str, decision: str) -> ResponseReturnValue:
        me = confirmed_actor(gate)
        verb = permits.approve_permit if decision == "approve" else permits.refuse_permit
        permit = verb(gate, me, permit_no, forms.words("comment"))
        on_change()
        said = gettext("已同意 %(permit)s。", permit=permit.permit_no)
        flash(said if decision == "approve" else gettext("未批准 %(permit)s。", permit=permit.permit_no), "good")
        return redirect(url_for("approve.index"))

    return pages


def _beside_paper(gate: Gate) -> dict[str, object]:
    """What else waits for a leader: papers to be carried out, lists to be destroyed."""
    drafts = [made for made in destruction_views.list_lists(gate, actor(), waiting=True) if made.state is DestructionState.DRAFT]
    leads = actor().may(Act.APPROVE_DESTRUCTION)
    return {"journeys": carry_out.list_carry_outs(gate, actor(), waiting=True), "lists": drafts if leads else []}
