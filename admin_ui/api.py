"""`/api/v1`: every verb of the services as JSON. The CLI is a client of it, over the control socket."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from admin_ui.bodies import (
    CommentBody,
    DepartmentBody,
    DeviceBody,
    ExtendBody,
    MatchBody,
    PermitBody,
    SettleBody,
    UserBody,
    only_json,
    read_body,
    read_level,
)
from admin_ui.identity import Identity
from gateway.db.tables import Device
from gateway.domain.vocabulary import JobStage
from gateway.errors import InvalidInputError
from gateway.services import (
    accounts,
    devices,
    exports,
    jobs,
    matching,
    people,
    permit_requests,
    permit_views,
    permits,
    registers,
    release,
    settlement,
    statistics,
)
from gateway.services.accounts import NewUser
from gateway.services.gate import Gate
from gateway.services.settlement import Settlement

API_PREFIX = "/api/v1"


def api_blueprint(gate: Gate, on_change: Callable[[], None], *, control: bool) -> Blueprint:
    """All routes. `on_change` wakes the worker."""
    api = Blueprint("api", __name__, url_prefix=API_PREFIX)
    api.before_request(only_json)
    who = Identity(gate, control=control)
    _people_routes(api, gate, who)
    _permit_routes(api, gate, who)
    _job_routes(api, gate, who, on_change)
    _book_routes(api, gate, who)
    return api


def _flag(name: str) -> bool:
    return request.args.get(name, "") in ("1", "true", "yes")


def _people_routes(api: Blueprint, gate: Gate, who: Identity) -> None:
    @api.get("/me")
    def me() -> ResponseReturnValue:
        actor = who.actor()
        return jsonify(
            {
                "username": actor.username,
                "display_name": actor.display_name,
                "department": actor.department,
                "roles": sorted(role.value for role in actor.roles),
            }
        )

    @api.get("/departments")
    def list_departments() -> ResponseReturnValue:
        who.actor_or_founder()
        return jsonify([{"code": d.code, "name": d.name, "active": d.active} for d in people.list_departments(gate)])

    @api.post("/departments")
    def add_department() -> ResponseReturnValue:
        body = read_body(DepartmentBody)
        department = accounts.add_department(gate, who.actor_or_founder(), body.code, body.name)
        return jsonify({"code": department.code, "name": department.name, "active": True}), 201

    @api.get("/users")
    def list_users() -> ResponseReturnValue:
        who.actor_or_founder()
        return jsonify([asdict(line) for line in people.list_users(gate)])

    @api.post("/users")
    def add_user() -> ResponseReturnValue:
        body = read_body(UserBody)
        user = accounts.add_user(
            gate,
            who.actor_or_founder(),
            NewUser(
                body.username,
                body.display_name,
                body.department,
                frozenset(body.roles),
                read_level(body.clearance) if body.clearance else None,
                body.undertaking_date,
                body.unix_user,
                body.password,
            ),
        )
        return jsonify({"username": user.username, "display_name": user.display_name}), 201

    @api.post("/users/<username>/disable")
    def disable_user(username: str) -> ResponseReturnValue:
        accounts.disable_user(gate, who.actor(), username)
        return jsonify({"username": username, "active": False})

    @api.get("/devices")
    def list_devices() -> ResponseReturnValue:
        who.actor()
        return jsonify([device.model_dump(exclude={"id"}) for device in devices.list_devices(gate)])

    @api.post("/devices")
    def add_device() -> ResponseReturnValue:
        body = read_body(DeviceBody)
        device = devices.add_device(gate, who.actor(), Device(**{**body.model_dump(), "name": body.name or body.code}))
        return jsonify(device.model_dump(exclude={"id"})), 201

    @api.post("/devices/<code>/disable")
    def disable_device(code: str) -> ResponseReturnValue:
        devices.disable_device(gate, who.actor(), code)
        return jsonify({"code": code, "active": False})


def _permit_routes(api: Blueprint, gate: Gate, who: Identity) -> None:
    @api.get("/permits")
    def list_permits() -> ResponseReturnValue:
        found = permit_views.list_permits(gate, who.actor(), mine=_flag("mine"), waiting_for_me=_flag("waiting"))
        return jsonify([permit.to_json() for permit in found])

    @api.post("/permits")
    def request_permit() -> ResponseReturnValue:
        actor, body = who.actor(), read_body(PermitBody)
        draft = permit_requests.draft_request(
            gate, actor, job_no=body.job, level=read_level(body.level), **body.model_dump(exclude={"job", "level"})
        )
        return jsonify(permit_requests.request_permit(gate, actor, draft, body.job).to_json()), 201

    @api.get("/permits/<permit_no>")
    def show_permit(permit_no: str) -> ResponseReturnValue:
        return jsonify(permit_views.show_permit(gate, who.actor(), permit_no).to_json())

    @api.post("/permits/<permit_no>/approve")
    def approve_permit(permit_no: str) -> ResponseReturnValue:
        body = read_body(CommentBody)
        return jsonify(permits.approve_permit(gate, who.confirmed_actor(), permit_no, body.comment).to_json())

    @api.post("/permits/<permit_no>/refuse")
    def refuse_permit(permit_no: str) -> ResponseReturnValue:
        body = read_body(CommentBody)
        return jsonify(permits.refuse_permit(gate, who.confirmed_actor(), permit_no, body.comment).to_json())

    @api.post("/permits/<permit_no>/revoke")
    def revoke_permit(permit_no: str) -> ResponseReturnValue:
        body = read_body(CommentBody)
        return jsonify(permits.revoke_permit(gate, who.actor(), permit_no, body.comment).to_json())

    @api.post("/permits/<permit_no>/extend")
    def extend_permit(permit_no: str) -> ResponseReturnValue:
        body = read_body(ExtendBody)
        return jsonify(permits.extend_permit(gate, who.actor(), permit_no, body.valid_to).to_json())


def _job_routes(api: Blueprint, gate: Gate, who: Identity, on_change: Callable[[], None]) -> None:  # noqa: C901 — a list of routes
    @api.get("/jobs")
    def list_jobs() -> ResponseReturnValue:
        try:
            stages = [JobStage(stage) for stage in request.args.getlist("stage")]
        except ValueError as error:
            raise InvalidInputError("There is no such stage.", f"Use one of {', '.join(JobStage)}.") from error
        return jsonify([job.to_json() for job in jobs.list_jobs(gate, who.actor(), mine=_flag("mine"), stages=stages)])

    @api.get("/jobs/<job_no>")
    def show_job(job_no: str) -> ResponseReturnValue:
        return jsonify(jobs.show(gate, who.actor(), job_no).to_json())

    @api.post("/jobs/<job_no>/match")
    def match_job(job_no: str) -> ResponseReturnValue:
        body = read_body(MatchBody)
        return jsonify(matching.match_job(gate, who.actor(), job_no, body.permit).to_json())

    @api.post("/jobs/<job_no>/<any(approve, refuse):decision>")
    def decide(job_no: str, decision: str) -> ResponseReturnValue:
        body, actor = read_body(CommentBody), who.confirmed_actor()
        permit_no = jobs.show(gate, actor, job_no).permit_no
        if not permit_no:
            raise InvalidInputError("No permit was asked for from this job.", "Its owner asks for one first.")
        act = permits.approve_permit if decision == "approve" else permits.refuse_permit
        return jsonify(act(gate, actor, permit_no, body.comment).to_json())

    @api.post("/jobs/<job_no>/claim")
    def claim_job(job_no: str) -> ResponseReturnValue:
        return jsonify(release.claim_job(gate, who.actor(), job_no).to_json())

    @api.post("/jobs/<job_no>/release")
    def release_job(job_no: str) -> ResponseReturnValue:
        view = release.release_job(gate, who.confirmed_actor(), job_no)
        on_change()
        return jsonify(view.to_json())

    @api.post("/jobs/<job_no>/cancel")
    def cancel_job(job_no: str) -> ResponseReturnValue:
        body = read_body(CommentBody)
        view = release.cancel_job(gate, who.actor(), job_no, body.comment)
        on_change()
        return jsonify(view.to_json())

    @api.get("/jobs/<job_no>/settlement")
    def open_copies(job_no: str) -> ResponseReturnValue:
        return jsonify([asdict(copy) for copy in settlement.open_copies(gate, who.actor(), job_no)])

    @api.post("/jobs/<job_no>/settle")
    def settle_job(job_no: str) -> ResponseReturnValue:
        body = read_body(SettleBody)
        view = settlement.settle(
            gate, who.confirmed_actor(), job_no, Settlement(body.outcomes, body.resume, body.waste_sheets, body.waste_reason)
        )
        on_change()
        return jsonify(view.to_json())


def _book_routes(api: Blueprint, gate: Gate, who: Identity) -> None:
    @api.get("/registers/print")
    def print_register() -> ResponseReturnValue:
        return jsonify(registers.print_register(gate, who.actor(), request.args.get("month", "")))

    @api.get("/registers/print/export")
    def export_register() -> ResponseReturnValue:
        export = exports.export_print_register(
            gate,
            who.actor(),
            request.args.get("month", ""),
            request.args.get("format", "csv"),
            request.args.get("lang", gate.settings.locale),
        )
        return Response(
            export.content, mimetype=export.media_type, headers={"Content-Disposition": f'attachment; filename="{export.file_name}"'}
        )

    @api.get("/statistics/paper")
    def paper() -> ResponseReturnValue:
        return jsonify([line.to_json() for line in statistics.paper_of_month(gate, who.actor(), request.args.get("month", ""))])
