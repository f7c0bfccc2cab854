"""Carriers in the browser: found by any name, issued and signed for, given back; a list destroyed before two witnesses."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.services.carrier_views import show_carrier
from gateway.services.destruction_views import show_list
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.services.paper import printed
from tests.web.conftest import Browser

ONE = "ZT-2026-000001"
PAGE = f"/carriers/one?name={ONE}"


@pytest.fixture
def permit(room: Room) -> str:
    return printed(room, copies=3, scope={"D02": 2, "D03": 1})


def test_issued_signed_and_given_back(room: Room, window: Callable[[str], Browser], permit: str) -> None:
    operator, sun = window("zheng"), window("sun")
    assert ONE in operator.text("/carriers")
    assert ONE in operator.text(f"/carriers/one?name={permit}+000001")
    operator.post(PAGE, "/carriers/issue", carrier=ONE, to="sun", delivery="courier")
    assert "待签收" in sun.text("/carriers?mine=1")
    sun.post(PAGE, "/carriers/sign", carrier=ONE, password="wrong")
    assert show_carrier(room.gate, room.actor("zheng"), ONE).custodian == "zheng"
    sun.post(PAGE, "/carriers/sign", carrier=ONE, password=PASSWORD)
    held = show_carrier(room.gate, room.actor("zheng"), ONE)
    assert (held.state.value, held.custodian, held.department) == ("issued", "sun", "D03")
    sun.post(PAGE, "/carriers/return", carrier=ONE)
    operator.post(PAGE, "/carriers/sign", carrier=ONE, password=PASSWORD)
    assert show_carrier(room.gate, room.actor("zheng"), ONE).state.value == "returned"
    assert room.verify().ok


def test_a_refusal_is_told_on_the_page(window: Callable[[str], Browser], permit: str) -> None:
    operator = window("zheng")
    operator.post(PAGE, "/carriers/issue", carrier=ONE, to="feng", delivery="in_person")
    assert "E_SCOPE" in operator.text(PAGE)
    for action, fields in (("/carriers/issue", {"to": "sun", "delivery": "mail"}), ("/carriers/fly", {}), ("/carriers/archive", {})):
        operator.post(PAGE, action, carrier=ONE, **fields)
        assert "E_INVALID" in operator.text(PAGE)


def test_who_has_nothing_to_do_with_it_learns_nothing(window: Callable[[str], Browser], permit: str) -> None:
    stranger = window("sun")
    assert ONE not in stranger.text("/carriers")
    assert stranger.get(PAGE).status_code == 404


def test_a_list_from_draft_to_shredder(room: Room, window: Callable[[str], Browser], permit: str) -> None:
    operator = window("zheng")
    named = f"{ONE}, ZT-2026-000002"
    page = operator.post("/carriers/destruction", "/carriers/destruction", carriers=named, reason="到期").headers["Location"]
    assert page.endswith("XH-2026-0001")
    window("wu").post(page, f"{page}/approve", password=PASSWORD)
    for witness in ("sun", "ma"):
        browser = window(witness)
        assert browser.get("/carriers/one?name=XH-2026-0001").headers["Location"] == page
        browser.post(page, f"{page}/witness", password=PASSWORD)
    window("wang").post(page, f"{page}/destroy", place="机要室", unit="SH-01", password=PASSWORD)
    assert show_list(room.gate, room.actor("zheng"), "XH-2026-0001").state.value == "done"
    assert show_carrier(room.gate, room.actor("zheng"), ONE).state.value == "destroyed"


@pytest.mark.parametrize("path", ["/carriers", "/carriers?mine=1", PAGE, "/carriers/destruction", "/books", "/mine"])
def test_every_page_opens_in_both_languages(window: Callable[[str], Browser], permit: str, path: str) -> None:
    operator = window("zheng")
    assert operator.text(path)
    operator.get("/language/en")
    assert '<html lang="en">' in operator.text(path)
