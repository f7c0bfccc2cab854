"""The API's description as a page: everything is on it, every code has its place, it needs no log-in and no script."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from admin_ui.api.problems import PROBLEM_TYPE
from admin_ui.words import ERRORS
from gateway.domain.codes import Code
from tests.web.calls import ROUTES
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_route_object_and_code_is_on_the_page(window: Window, language: str) -> None:
    browser = window("")
    browser.get(f"/language/{language}")
    page = browser.text("/api")
    anchors = set(re.findall(r' id="([^"]+)"', page))
    assert {route.name for route in ROUTES} <= anchors
    assert {code.value for code in Code} | set(ERRORS) <= anchors
    assert {target for target in re.findall(r'href="#([^"]+)"', page) if target != "main"} <= anchors
    for route in ROUTES:
        assert (route.zh if language == "zh_CN" else route.summary.split("'")[0]) in page


def test_the_type_of_a_problem_leads_to_its_code(window: Window) -> None:
    browser = window("")
    told = browser.client.get("/api/v1/jobs").get_json()
    assert told["type"] == PROBLEM_TYPE + "E_UNAUTHENTICATED"
    path, _, anchor = told["type"].partition("#")
    assert f'id="{anchor}"' in browser.text(path)


def test_nothing_on_it_comes_from_elsewhere(window: Window) -> None:
    page = window("").text("/api")
    assert re.findall(r'(?:src|href)="(?:https?:)?//', page) == []
    assert "style=" not in page
