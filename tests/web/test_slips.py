"""Slips in the browser: a preview, the button, the virtual printer's picture, and a printer that fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from admin_ui.application import create_application
from rehearsal.processes import free_port
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


def with_printer(room: Room, address: str) -> Flask:
    gate = replace(room.gate, settings=room.gate.settings.model_copy(update={"slip_printer": address}))
    return create_application(gate, lambda: None, control=False)


@pytest.fixture
def app(room: Room, tmp_path: Path) -> Flask:
    return with_printer(room, f"virtual:{tmp_path / 'slips'}")


def test_from_the_permit_to_the_slip(room: Room, window: Window) -> None:
    number = room.permit()
    zhao, page = window("zhao"), f"/slips/permit/{number}"
    assert page in zhao.text(f"/permits/{number}")
    assert f"{page}/preview.png" in zhao.text(page)
    assert zhao.get(f"{page}/preview.png").get_data().startswith(b"\x89PNG")
    assert zhao.get(f"{page}/1.png").status_code == 404
    zhao.post(page, page)
    shown = zhao.text(page)
    assert "第 1 张凭条已送到打印机" in shown
    assert f"{page}/1.png" in shown
    assert zhao.get(f"{page}/1.png").get_data().startswith(b"\x89PNG")
    zhao.post(page, page)
    assert "重印" in zhao.text(page)


def test_others_get_no_slip(room: Room, window: Window) -> None:
    number = room.permit()
    for path in (f"/slips/permit/{number}", f"/slips/permit/{number}/preview.png"):
        assert window("zheng").get(path).status_code == 200
        assert window("feng").get(path).status_code == 404
    assert window("zhao").get("/slips/checkpoint/newest").status_code == 403
    assert window("zhao").get("/slips/letter/x").status_code == 422


def test_a_printer_that_fails_is_told_and_can_be_asked_again(room: Room) -> None:
    number = room.permit()
    zhao, page = Browser(with_printer(room, f"tcp://127.0.0.1:{free_port()}")), f"/slips/permit/{number}"
    zhao.log_in("zhao")
    zhao.post(page, page)
    shown = zhao.text(page)
    assert "E_SLIP_PRINTER" in shown
    assert "没有印出" in shown
    assert "重印一张" in shown
