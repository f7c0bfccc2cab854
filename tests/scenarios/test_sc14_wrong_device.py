"""SC-14 Wrong device (R03 R04): a 秘密 job with a valid P123 at the finance office's printer."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups
OFFICE = "PRN-D03-02"


def test_a_secret_paper_at_the_finance_offices_printer(scene: Scene) -> None:
    house = scene.house
    permit, before = scene.p123(), scene.counter()
    house.cups.add_gate_queue("caiwu", house.settings.intake_socket)
    (device,) = [device for device in house.ask("feng", "device", "list") if device["code"] == OFFICE]
    assert (device["max_level"], device["designated"]) == ("neibu", False)

    job = house.print_file(scene.plan, "-n", "10", "-o", f"permit={permit}", "-o", "level=秘密", queue="caiwu")
    assert (job["stage"], job["device"], job["permit"], job["releasable"]) == ("held", OFFICE, permit, False)
    assert job["codes"] == ["E_DEVICE_LEVEL"]
    house.run("job", "claim", job["job"], account="zheng")
    refused = house.run("job", "release", job["job"], account="zheng", check=False)
    assert (refused.status, "E_DEVICE_LEVEL" in refused.text, "R03 R04" in refused.text) == (1, True, True)
    assert scene.counter() == before, "0 pages"

    for account in ("lin", "chen", "wu", "zheng"):  # head of the room, security administrator, secrecy director, operator
        alerts = [(alert["kind"], alert["detail"]) for alert in house.ask(account, "alert", "list") if alert["subject"] == job["job"]]
        assert alerts == [("denied_job", "E_DEVICE_LEVEL")], "1 alert, and the refused release raised no second"
    (row,) = [row for row in house.ask("zheng", "register", "show", "print", "--month", "2026-03") if row["job"] == job["job"]]
    assert (row["status"], row["codes"], row["copies_good"]) == ("held", "E_DEVICE_LEVEL", 0)
    assert len(scene.release(scene.lp(permit, "-n", "10"))) == 1, "the same permit at the room's printer: nothing was used up"
    house.run("ledger", "verify")


def test_a_device_the_permit_does_not_name(scene: Scene) -> None:
    """As high as the room's, but the permit names the room's (R03)."""
    house = scene.house
    permit = scene.p123()
    house.cups.add_gate_queue("lingdao", house.settings.intake_socket)
    designated = ("--queue", "lingdao", "--designated", "--max-level", "jimi", "--name", "领导办公室打印机")
    house.run("device", "add", "PRN-D00-01", "--uri", house.printer.uri, *designated, account="feng")
    before = scene.counter()
    job = house.print_file(scene.plan, "-o", f"permit={permit}", queue="lingdao")
    assert (job["device"], job["codes"]) == ("PRN-D00-01", ["E_DEVICE_LEVEL"])
    assert scene.counter() == before
