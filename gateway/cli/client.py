"""Calling the daemon over its Unix socket; the daemon knows the caller by his Unix user."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import click

from gateway.config import Settings, config_path, load_settings
from gateway.errors import GatewayError, UnavailableError

API = "/api/v1"
ACT_AS_HEADER = "Imprimatur-Act-As"
PASSWORD_HEADER = "Imprimatur-Password"  # noqa: S105 — a header's name
CODE_HEADER = "Imprimatur-Code"


class _ToldError(GatewayError):
    """What the daemon answered (application/problem+json), as it stands."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(str(problem.get("detail", "")), str(problem.get("next_step", "")))
        self.code = str(problem.get("code", "E_INTERNAL"))
        self._reasons = problem.get("reasons") or []

    def letter(self) -> str:
        """The daemon's own words; of several reasons each on a line."""
        return "\n".join(said(reason) for reason in self._reasons) or super().letter()


def said(reason: dict[str, Any]) -> str:
    """A reason of the API as one line: code, rules, what is against it, what to do (I11)."""
    return f"{reason['code']} ({reason['rule']}): {reason['message']} {reason['next_step']}".strip()


class _UnixConnection(HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=60)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._path))


@dataclass
class Caller:
    """The options of one invocation, and the way to the daemon."""

    config: Path | None
    data: Path | None
    act_as: str | None

    @cached_property
    def settings(self) -> Settings:
        """The settings in force. Raises ConfigurationError."""
        return load_settings(config_path(self.config), self.data)

    def call(self, method: str, path: str, body: dict[str, Any] | None = None, *, confirm: bool = False, **query: str) -> Any:  # JSON
        """One request; the decoded JSON answer. With `confirm` the caller's password goes along (asked for on the terminal)."""
        return json.loads(self.raw(method, path, body, confirm=confirm, **query))

    def items(self, path: str, *, most: int | None = None, **query: str) -> list[Any]:  # JSON
        """The items of a list, through all its parts; with `most` no more than that."""
        target: str | None = _target(path, query)
        found: list[Any] = []
        while target and (most is None or len(found) < most):
            part = json.loads(self._exchange("GET", target))
            found += part["items"]
            target = part["next"]
        return found[:most]

    def raw(self, method: str, path: str, body: dict[str, Any] | None = None, *, confirm: bool = False, **query: str) -> bytes:
        """One request; the answer's bytes. Raises the daemon's refusal, or UnavailableError when it cannot be reached."""
        return self._exchange(method, _target(path, query), body, confirm=confirm)

    def _proof(self) -> dict[str, str]:
        """Password and one-time code, asked for on the terminal."""
        me = self.call("GET", "/me")
        return {PASSWORD_HEADER: click.prompt("Password", hide_input=True, err=True), CODE_HEADER: ask_code(me)}

    def _exchange(self, method: str, target: str, body: dict[str, Any] | None = None, *, confirm: bool = False) -> bytes:
        headers = {"Content-Type": "application/json"}
        if self.act_as:
            headers[ACT_AS_HEADER] = self.act_as
        if confirm and not (self.act_as and self.settings.unsafe_act_as):
            headers |= self._proof()
        connection = _UnixConnection(self.settings.control_socket)
        try:
            connection.request(method, target, json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            raise UnavailableError("The gateway does not answer.", "Start it with `imprimatur serve`, or look at its log.") from error
        finally:
            connection.close()
        if answer.status >= 400:
            raise _ToldError(_json_or_empty(content))
        return content


def _target(path: str, query: dict[str, str]) -> str:
    """The address of a request; empty parameters are left out."""
    given = urlencode({name: value for name, value in query.items() if value})
    return f"{API}{path}?{given}" if given else API + path


def ask_code(me: dict[str, Any]) -> str:
    """A one-time code, if the account has a second factor; what was given in the last minutes may still cover the act."""
    if not me["second_factor"]:
        return ""
    return str(click.prompt("One-time code (empty: given a moment ago)", default="", show_default=False, err=True))


def _json_or_empty(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {"detail": "The gateway answered something that is not JSON.", "next_step": "Look at its log."}
    return body if isinstance(body, dict) else {}
