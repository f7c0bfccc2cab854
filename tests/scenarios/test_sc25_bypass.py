"""SC-25 Bypass of the gate (R100 R101): 24 sides printed straight at the device; the evening's reading finds them."""

from __future__ import annotations

import time
from typing import Any

import pytest

from gateway.printers import Ticket, open_printer
from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups
DEVICE = "PRN-JY-01"


def past_the_gate(scene: Scene) -> None:
    """Send the plan to the device's own address, as anybody who can reach it may."""
    printer = open_printer("ipp", scene.house.printer.uri)
    job = printer.create(Ticket("bypass", pages=24))
    with scene.plan.open("rb") as document:
        printer.send(job, document, scene.plan.stat().st_size, None)
    until = time.monotonic() + 30
    while printer.poll(job).state != "completed":
        assert time.monotonic() < until, "the device does not print"
        time.sleep(0.1)


def read(scene: Scene) -> dict[str, Any]:
    """zheng reads the panel: what the device has really put out."""
    counted = str(90_000 + scene.counter())
    return dict(scene.house.ask("zheng", "meter", "enter", DEVICE, "--serial", "CNB1234567", "--impressions", counted))


def test_sides_outside_the_gate_block_the_device_until_wu_clears_them(scene: Scene) -> None:
    house = scene.house
    permit = scene.p123()
    read(scene)
    scene.release(scene.lp(permit, "-n", "2"))
    honest = read(scene)
    assert (honest["verdict"], honest["grown"]) == ("agrees", 48)

    past_the_gate(scene)
    scene.at("03-12 18:00")
    found = read(scene)
    assert (found["verdict"], found["beyond"]) == ("unexplained", 24)
    told = [(alert["subject"], alert["detail"]) for alert in house.ask("wu", "alert", "list") if alert["kind"] == "meter"]
    assert told == [(DEVICE, "unexplained +24")], "1 anomaly"

    before = scene.counter()
    job = scene.lp(permit, "-n", "1")
    assert job["codes"] == ["E_METER"]
    house.run("job", "claim", job["job"], account="zheng")
    assert house.run("job", "release", job["job"], account="zheng", check=False).status == 1
    assert scene.counter() == before, "0 pages"
    for account in ("zheng", "feng", "chen"):
        assert house.run("meter", "clear", str(found["finding"]), "--reason", "查明", account=account, check=False).status == 1

    house.run("meter", "clear", str(found["finding"]), "--reason", "李某绕过准印，24面已收回", account="wu")
    scene.release(job)
    after = read(scene)
    assert (after["verdict"], after["grown"]) == ("agrees", 24)
    house.run("ledger", "verify")
