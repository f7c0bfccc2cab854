"""`/api/v1`: every verb of the services as JSON. The command line is a client of it, over the control socket (docs/api.md)."""

from __future__ import annotations

from collections.abc import Callable

from flask import Blueprint, Response

from admin_ui.api import (
    alerts,
    carriers,
    copying,
    custody,
    destruction,
    devices,
    fax,
    fax_peers,
    jobs,
    meters,
    people,
    permits,
    policy,
    registers,
    regular_tasks,
    resets,
    room,
    rosters,
    slips,
    statistics,
    tokens,
    visitors,
)
from admin_ui.api.door import Door
from admin_ui.api.openapi import openapi_text
from admin_ui.api.problems import API_PREFIX
from admin_ui.api.routes import Noun
from gateway.services.gate import Gate

NOUNS: tuple[Noun, ...] = (
    people.routes,
    rosters.routes,
    resets.routes,
    devices.routes,
    meters.routes,
    permits.routes,
    jobs.routes,
    copying.routes,
    registers.routes,
    statistics.routes,
    carriers.routes,
    custody.routes,
    destruction.routes,
    slips.routes,
    policy.routes,
    room.routes,
    regular_tasks.routes,
    alerts.routes,
    tokens.routes,
    visitors.routes,
    fax.routes,
    fax_peers.routes,
)
"""Every route, in the order the reference shows them. A new noun is added here and nowhere else."""


def api_blueprint(gate: Gate, on_change: Callable[[], None], *, control: bool) -> Blueprint:
    """All routes, with the description of them. `on_change` wakes the worker; `control`: callers are Unix peers."""
    api = Blueprint("api", __name__, url_prefix=API_PREFIX)
    door = Door(gate, on_change, control=control)
    for noun in NOUNS:
        for route in noun.routes:
            api.add_url_rule(route.path, route.name, door.open_to(route), methods=[route.method], provide_automatic_options=False)

    @api.get("/openapi.json")
    def description() -> Response:
        return Response(openapi_text(NOUNS), mimetype="application/json")

    return api
