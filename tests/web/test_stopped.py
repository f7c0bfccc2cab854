"""A stopped worker or database: every page says what is wrong in plain words, and is itself again when that is mended."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gateway.pulse
import gateway.worker
from gateway.wiring import signer_of
from gateway.worker import Worker
from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]


@pytest.fixture
def worker(room: Room, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A real one that keeps house often, so that nobody waits."""
    monkeypatch.setattr(gateway.worker, "HOUSEKEEPING_SECONDS", 0.2)
    monkeypatch.setattr(gateway.pulse, "TOLD_AFTER_SECONDS", 0.0)
    at_work = Worker(room.gate, signer_of(room.gate.settings))
    thread = threading.Thread(target=at_work.run)
    thread.start()
    yield at_work
    at_work.stop()
    thread.join()


def basic(account: str) -> str:
    return "Basic " + b64encode(f"{account}:{PASSWORD}".encode()).decode()


def break_file(file: Path) -> bytes:
    """Overwrite the first page; what stood there."""
    kept = file.read_bytes()
    file.write_bytes(b"\0" * 4096 + kept[4096:])
    return kept


def test_a_database_that_cannot_be_read(room: Room, window: Window) -> None:
    gate = room.gate
    browser, file = window("zheng"), gate.settings.data / "imprimatur.db"
    assert "E_UNAVAILABLE" not in browser.text("/release")
    gate.database.tidy()
    gate.database.close()
    kept = break_file(file)
    answer = browser.get("/release")
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert all(said in page for said in ("E_UNAVAILABLE", "数据库", '<meta http-equiv="refresh" content="5">'))
    assert browser.client.post("/jobs/x/release").status_code == 503, "no form is taken either"
    told = browser.get("/api/v1/jobs", Authorization=basic("zheng"))
    assert (told.status_code, told.json["code"] if told.json else "") == (503, "E_UNAVAILABLE")
    gate.database.close()
    file.write_bytes(kept)
    assert "E_UNAVAILABLE" not in browser.text("/release")
    assert room.verify().ok


@pytest.mark.usefixtures("worker")
def test_a_worker_that_does_not_get_on(room: Room, window: Window) -> None:
    browser, spool = window("zhao"), room.gate.settings.spool
    assert "例行工作停滞" not in browser.text("/mine")
    away = spool.rename(spool.with_name("away"))
    wait_until(lambda: "例行工作停滞" in browser.text("/mine"), "the notice")
    page = browser.text("/mine")
    assert "FileNotFoundError" in page
    assert "imprimatur doctor" in page
    away.rename(spool)
    wait_until(lambda: "例行工作停滞" not in browser.text("/mine"), "its end")
