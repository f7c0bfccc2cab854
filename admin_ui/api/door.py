"""The door every call of the API goes through: who calls, what he brings, the act itself (once, if he gives a key), the answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue

from admin_ui.api import problems
from admin_ui.api.answers import Answer, File
from admin_ui.api.bodies import NoBody, only_json, read_body, read_key, read_query
from admin_ui.api.identity import Identity
from admin_ui.api.routes import Route, Who
from gateway.errors import ForbiddenError, GatewayError, InvalidInputError
from gateway.services import idempotency
from gateway.services.denials import note_forbidden
from gateway.services.gate import Actor, Gate
from gateway.services.idempotency import KeyedCall

REPLAYED_HEADER = "Idempotency-Replayed"


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
            actor = self._actor(route)
            act = partial(self._act, route, actor, {**path, **_brought(route)})
            key = read_key() if route.method == "POST" else None
            answer = act() if key is None else self._once(route, actor, key, act)
            if route.wakes:
                self._on_change()
            return answer

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

    def _act(self, route: Route, actor: Actor | None, brought: dict[str, Any]) -> Response:
        """Call the view with what it asks for, and write its answer. Who may not do it at all is noted (R101)."""
        offered = {"gate": self._gate, "actor": actor, **brought}
        try:
            answer = route.view(**{name: value for name, value in offered.items() if name in route.takes})
        except ForbiddenError:
            note_forbidden(self._gate, actor, route.name)
            raise
        return _written(answer, route.status)

    def _once(self, route: Route, actor: Actor | None, key: str, act: Callable[[], Response]) -> Response:
        """The act and its answer in one transaction: a crash leaves both or neither. The same key again gets the same answer.

        A refusal is an answer; a fault of ours, or a password not given, is none: then the same key may be tried again.
        """
        if route.outside:
            raise InvalidInputError("This act cannot be asked for by key: it does something outside the books.", "Send it without the key.")
        asked = f"{request.method} {request.full_path}\n".encode() + request.get_data()
        call = KeyedCall.of(actor, key, asked)
        with self._gate.database.together() as session:
            if kept := idempotency.kept_answer(session, call):
                return Response(kept.content, kept.status, mimetype=kept.media_type, headers={REPLAYED_HEADER: "true"})
            try:
                answer = act()
            except GatewayError as error:
                if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                    raise
                answer = problems.answer(error)
            if answer.status_code != HTTPStatus.UNAUTHORIZED:
                idempotency.keep(
                    session,
                    call,
                    status=answer.status_code,
                    media_type=answer.mimetype or "",
                    content=answer.get_data(as_text=True),
                    at=self._gate.clock.now(),
                )
        return answer


def _brought(route: Route) -> dict[str, Any]:
    """What the caller brings besides the path."""
    brought: dict[str, Any] = {}
    if route.method == "POST":
        brought["body"] = read_body(route.body or NoBody)
    if route.query:
        brought["query"] = read_query(route.query)
    return brought


def _written(answer: Answer | File, status: int) -> Response:
    if isinstance(answer, File):
        named = {"Content-Disposition": f'attachment; filename="{answer.name}"'}
        return Response(answer.content, status, mimetype=answer.media_type, headers=named)
    return Response(answer.model_dump_json(by_alias=True), status, mimetype="application/json")
