"""SC-02 No permit (R01 R30): held and told, without a title; after 72 hours unclaimed it ends, content and all."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest

from rehearsal.processes import wait_until
from tests.scenarios.conftest import Scene, opened
from tests.webhook import listening

pytestmark = pytest.mark.cups
TITLE = "规划纲要"


@pytest.fixture
def heard() -> Iterator[tuple[Scene, list[dict[str, object]]]]:
    """The room, and what the user's desk hears by webhook."""
    with listening() as (address, messages), opened(notice_webhook=address) as scene:
        yield scene, messages


def register_row(scene: Scene, job: str) -> dict[str, Any]:
    (row,) = [row for row in scene.house.ask("zheng", "register", "show", "print", "--month", "2026-03") if row["job"] == job]
    return dict(row)


def test_held_told_and_ended_after_seventy_two_hours(heard: tuple[Scene, list[dict[str, object]]]) -> None:
    scene, messages = heard
    house = scene.house
    scene.at("03-12 09:10:00")
    job = house.print_file(scene.plan, "-n", "1", "-t", TITLE, "-o", "level=秘密")
    number = job["job"]
    assert (job["stage"], job["codes"], job["releasable"], job["copies"]) == ("held", ["E_NO_PERMIT"], False, 1)
    row = register_row(scene, number)
    assert (row["status"], row["codes"], row["copies_good"]) == ("held", "E_NO_PERMIT", 0)

    wait_until(lambda: any(message.get("job") == number for message in messages), "the message to zhao")
    (message,) = [message for message in messages if message.get("job") == number]
    assert (message["user"], message["stage"], message["codes"]) == ("zhao", "held", ["E_NO_PERMIT"])
    assert not [told for told in messages if TITLE in json.dumps(told, ensure_ascii=False)]

    house.run("job", "claim", number, account="zheng")
    refused = house.run("job", "release", number, account="zheng", check=False)
    assert (refused.status, "E_NO_PERMIT" in refused.text, "R01" in refused.text) == (1, True, True)
    assert scene.counter() == 0

    scene.at("03-15 09:09:59")
    wait_until(lambda: house.ask("wang", "job", "show", number)["operator"] == "", "the claim's end: it is unclaimed", 30)
    assert house.ask("zhao", "job", "show", number)["stage"] == "held", "one second is missing from 72 h"
    assert spooled(scene), "its content is still there"
    scene.at("03-15 09:10:00")
    wait_until(lambda: house.ask("zhao", "job", "show", number)["stage"] == "canceled", "its end", 30)
    wait_until(lambda: not spooled(scene), "the content's end", 60)
    assert register_row(scene, number)["status"] == "canceled"
    assert end_of(scene, number) == "expired"
    wait_until(lambda: (number, "canceled") in [(told.get("job"), told.get("stage")) for told in messages], "the message of its end")
    assert scene.counter() == 0
    house.run("ledger", "verify")


def end_of(scene: Scene, job: str) -> str:
    """Why the ledger says that it was canceled."""
    with sqlite3.connect(scene.house.settings.data / "imprimatur.db") as database:
        asked = "SELECT body FROM ledger_entry WHERE kind = 'job.canceled' AND subject = ?"
        ((body,),) = database.execute(asked, (job,)).fetchall()
    return str(json.loads(body)["data"]["reason"])


def spooled(scene: Scene) -> bool:
    return any((scene.house.settings.spool / "objects").glob("*/*"))
