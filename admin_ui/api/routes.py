"""A route as data: what it takes, gives and asks of its caller. Flask, OpenAPI and the rights table are all filled from it.

A view is a plain function. The door hands it, by name, what it asks for: `gate`, `actor`, `body`, `query`, and the path's own
variables. Its annotations say what the body, the query and the answer look like.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeVar, get_type_hints

from admin_ui.api.answers import Answer, File
from admin_ui.api.bodies import Body, Query
from gateway.domain.scopes import Scope


class Who(Enum):
    """What a route asks of its caller besides the rights its service checks."""

    ACCOUNT = "account"
    """An account."""
    FOUNDER = "founder"
    """An account; or root on the control socket, while no system administrator exists yet. The view gets `actor=None` then."""
    CONFIRMED = "confirmed"
    """An account whose password is asked for again: acts that approve, release or destroy."""


@dataclass(frozen=True, slots=True)
class Route:
    """One method on one path."""

    noun: str
    method: str
    path: str
    zh: str
    view: Callable[..., Answer | File]
    takes: frozenset[str]
    body: type[Body] | None
    query: type[Query] | None
    answer: type[Answer | File]
    who: Who
    scopes: frozenset[Scope]
    status: int = 200
    wakes: bool = False
    outside: bool = False

    @property
    def name(self) -> str:
        """The operation's name: its view's."""
        return self.view.__name__

    @property
    def summary(self) -> str:
        """One English line."""
        return self._paragraphs()[0].rstrip(".")

    @property
    def description(self) -> str:
        """What else there is to know; may be empty."""
        return "\n\n".join(self._paragraphs()[1:])

    def _paragraphs(self) -> list[str]:
        return [" ".join(part.split()) for part in inspect.cleandoc(self.view.__doc__ or "").split("\n\n")]


View = TypeVar("View", bound=Callable[..., Answer | File])


@dataclass
class Noun:
    """The routes of one noun. `noun.get(…)` and `noun.post(…)` are decorators that add one."""

    name: str
    zh: str
    routes: list[Route] = field(default_factory=list)

    def get(self, path: str, zh: str, *, who: Who = Who.ACCOUNT, scopes: Iterable[Scope] = ()) -> Callable[[View], View]:
        """A look at something. `zh` is the Chinese summary; the view's docstring is the English one.

        A program's token with any of `scopes` may call it; without scopes no token may.
        """
        return self._add("GET", path, zh, who=who, scopes=frozenset(scopes))

    def post(
        self,
        path: str,
        zh: str,
        *,
        who: Who = Who.ACCOUNT,
        scopes: Iterable[Scope] = (),
        makes: bool = False,
        wakes: bool = False,
        outside: bool = False,
    ) -> Callable[[View], View]:
        """An act. `makes`: it answers 201; `wakes`: the worker has something to do afterwards.

        `outside`: it does something outside the database, such as printing a slip or telling a secret once: never by key.
        """
        status = 201 if makes else 200
        return self._add("POST", path, zh, who=who, scopes=frozenset(scopes), status=status, wakes=wakes, outside=outside)

    def _add(self, method: str, path: str, zh: str, **facts: Any) -> Callable[[View], View]:
        def add(view: View) -> View:
            hints = get_type_hints(view)
            models = {"body": hints.get("body"), "query": hints.get("query"), "answer": hints["return"]}
            takes = frozenset(inspect.signature(view).parameters)
            self.routes.append(Route(self.name, method, path, zh, view, takes=takes, **models, **facts))
            return view

        return add
