"""No page without a screen in the walk (rehearsal.screens): who adds a page adds where it is looked at."""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.exceptions import NotFound
from werkzeug.routing import RequestRedirect

from rehearsal.busy_day import BusyDay
from rehearsal.screens import NO_SCREEN, SCREENS

SOME_DAY = BusyDay(**dict.fromkeys(BusyDay.__slots__, "X-1"))


def endpoint_of(app: Flask, path: str) -> str:
    adapter = app.url_map.bind("localhost")
    try:
        return str(adapter.match("/" + path.partition("?")[0], method="GET")[0])
    except (NotFound, RequestRedirect):
        return ""


def test_every_page_is_a_screen(app: Flask) -> None:
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.endpoint.startswith("api.")}
    shown = {endpoint_of(app, screen.address(SOME_DAY)) for screen in SCREENS}
    assert "" not in shown
    assert pages - shown == set(NO_SCREEN)
    assert not shown & set(NO_SCREEN)


def test_screens_have_names_of_their_own() -> None:
    assert len({screen.name for screen in SCREENS}) == len(SCREENS)


@pytest.mark.parametrize("name", sorted(NO_SCREEN))
def test_what_has_no_screen_is_there(app: Flask, name: str) -> None:
    assert name in app.view_functions
