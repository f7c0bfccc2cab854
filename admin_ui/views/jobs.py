"""One job, for everybody who may know of it: what it is, where it stands, its pages."""

from __future__ import annotations

from flask import Blueprint, Response, render_template
from flask.typing import ResponseReturnValue

from admin_ui.session import actor, opened
from gateway.services import jobs, permit_views
from gateway.services.gate import Gate
from gateway.services.previews import Previews


def blueprint(gate: Gate, previews: Previews) -> Blueprint:
    """The routes."""
    pages = Blueprint("jobs", __name__)

    @pages.get("/jobs/<job_no>")
    def show(job_no: str) -> ResponseReturnValue:
        return render_template("job.html", job=jobs.show(gate, actor(), job_no))

    @pages.get("/jobs/<job_no>/pages/<int:page>.png")
    def picture(job_no: str, page: int) -> ResponseReturnValue:
        return Response(previews.page(actor(), opened().key, job_no, page), mimetype="image/png")

    @pages.get("/permits/<permit_no>")
    def permit(permit_no: str) -> ResponseReturnValue:
        return render_template("permit.html", permit=permit_views.show_permit(gate, actor(), permit_no))

    return pages
