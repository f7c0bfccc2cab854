"""The door every call of the API goes through: who calls, what he brings, the act itself, the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from admin_ui.api.answers import Answer, File
from admin_ui.api.bodies import only_json, read_body, read_query
from admin_ui.api.identity import Identity
from admin_ui.api.routes import Route, Who
from gateway.errors import ForbiddenError
from gateway.services.gate import Actor, Gate


class Door:
    """Turns routes into Flask's views. One per application."""

    def __init__(self, gate: Gate, on_change: Callable[[], None], *, control: bool) -> None:
        self._gate = gate
        self._on_change = on_change
        self._who = Identity(gate, control=control)

    def open_to(self, route: Route) -> Callable[..., ResponseReturnValue]:
        """The view of a route."""

        def view(**path: str) -> ResponseReturnValue:
            if route.method == "POST":
                only_json()
            brought: dict[str, Any] = {"gate": self._gate, "actor": self._actor(route), **path}
            if route.body:
                brought["body"] = read_body(route.body)
            if route.query:
                brought["query"] = read_query(route.query)
            answer = route.view(**{name: value for name, value in brought.items() if name in route.takes})
            if route.wakes:
                self._on_change()
            return _response(answer, route.status)

        return view

    def _actor(self, route: Route) -> Actor | None:
        if route.who is Who.FOUNDER:
            actor = self._who.actor_or_founder()
        else:
            actor = self._who.confirmed_actor() if route.who is Who.CONFIRMED else self._who.actor()
        if actor is not None and actor.token and not actor.scopes & route.scopes:
            wanted = " or ".join(sorted(route.scopes)) or "a person"
            raise ForbiddenError(f"The token {actor.token} is not made for this: it needs {wanted}.", "Have a token with that scope made.")
        return actor


def _response(answer: Answer | File, status: int) -> Response:
    if isinstance(answer, File):
        return Response(
            answer.content, status, mimetype=answer.media_type, headers={"Content-Disposition": f'attachment; filename="{answer.name}"'}
        )
    return Response(answer.model_dump_json(by_alias=True), status, mimetype="application/json")
