"""Who calls the API: on the control socket the Unix peer's account, on the web port an account (password) or a program (token)."""

from __future__ import annotations

from flask import request

from gateway.errors import UnauthenticatedError
from gateway.services.credentials import Proof, authenticate
from gateway.services.gate import Actor, Gate
from gateway.services.pace import Pace
from gateway.services.people import actor_by_name, actor_by_unix_user
from gateway.services.second_factor import Place
from gateway.services.tokens import actor_by_token

ACT_AS_HEADER = "Imprimatur-Act-As"
PASSWORD_HEADER = "Imprimatur-Password"  # noqa: S105 — a header's name
CODE_HEADER = "Imprimatur-Code"
WEB_CHALLENGES = ('Basic realm="imprimatur", charset="UTF-8"', 'Bearer realm="imprimatur"')
CONTROL_CHALLENGES = ('Unix-Peer realm="imprimatur"',)
"""What a 401 asks for: on the control socket the account of the Unix peer, and for some acts its password in a header."""


class Identity:
    """Finds out who calls. One per application."""

    def __init__(self, gate: Gate, *, control: bool) -> None:
        self._gate = gate
        self._control = control
        self._pace = Pace(gate.settings.token_calls_per_minute)

    def actor(self) -> Actor:
        """The calling account. Raises UnauthenticatedError."""
        found = self.actor_or_founder()
        if found is None:
            raise UnauthenticatedError("Root is no account of this gateway.", "Call as a Unix user that is mapped to an account.")
        return found

    def actor_or_founder(self) -> Actor | None:
        """Like `actor`, but None for root on the control socket, who may make the very first accounts."""
        if not self._control:
            return self._by_authorization()
        act_as = request.headers.get(ACT_AS_HEADER)
        if act_as and self._gate.settings.unsafe_act_as:
            return actor_by_name(self._gate, act_as)
        if request.environ.get("X_REMOTE_UID") in (0, "0"):
            return None
        user = request.environ.get("X_REMOTE_USER")
        if not user:
            raise UnauthenticatedError("The calling Unix user has no name.", "Call as a Unix user that is mapped to an account.")
        return actor_by_unix_user(self._gate, str(user))

    def confirmed_actor(self) -> Actor:
        """The caller of an act that approves, releases or destroys: password and one-time code are asked for again (DESIGN.md §7)."""
        actor = self.actor()
        if not self._control or self._gate.settings.unsafe_act_as:
            return actor  # on the web port he has just given both
        return authenticate(self._gate, actor.username, self.proof(request.headers.get(PASSWORD_HEADER, "")))

    def proof(self, password: str) -> Proof:
        """What the caller gives to prove himself; on the control socket a one-time code covers later acts for some minutes."""
        code = request.headers.get(CODE_HEADER, "")
        if self._control:
            return Proof(password, code, f"unix:{request.environ.get('X_REMOTE_UID', '')}", Place.CONTROL)
        return Proof(password, code, request.remote_addr or "")

    def _by_authorization(self) -> Actor:
        given = request.authorization
        if given is not None and given.type == "bearer":
            program = actor_by_token(self._gate, given.token or "")
            self._pace.step(program.token)
            return program
        if given is None or given.type != "basic" or given.username is None or given.password is None:
            raise UnauthenticatedError("The API on the web port wants a token or HTTP Basic authentication.", "Send either.")
        return authenticate(self._gate, given.username, self.proof(given.password))
