"""SC-35 Tampering (R56 R86): a register row, the policy and the settings changed by hand; administrators who reach too far."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.cups.paper import permit_for, release

pytestmark = pytest.mark.cups


@dataclass
class Tampered:
    """A room, a clock, and feng's way past the gateway."""

    house: House
    clock: Path
    root: Path

    def behind_the_gateway(self, *statements: str) -> None:
        """feng, as root, on the database itself; the gateway is not asked."""
        with sqlite3.connect(self.house.settings.data / "imprimatur.db", timeout=10) as database:
            for statement in statements:
                database.execute(statement)

    def restart(self) -> None:
        self.house.stop_gateway()
        self.house.start_gateway()

    def mode(self) -> str:
        return str(self.house.ask("chen", "room", "show")["mode"])

    def alerts(self, account: str) -> list[tuple[str, str]]:
        return [(alert["kind"], alert["detail"]) for alert in self.house.ask(account, "alert", "list")]

    def held(self, title: str) -> str:
        """zhao's job, under an approved permit."""
        job = str(self.house.print_file(write_pdf(self.root / f"{title}.pdf", title, 1))["job"])
        permit_for(self.house, job, copies=9)
        return job

    def refused(self, job: str) -> str:
        answer = self.house.run("job", "release", job, account="zheng", check=False)
        assert answer.status == 1
        return answer.text

    def status(self, account: str, method: str, path: str) -> int:
        """What the web port answers."""
        connection = HTTPConnection("127.0.0.1", self.house.web_port, timeout=10)
        given = "Basic " + b64encode(f"{account}:{PASSWORD}".encode()).decode()
        try:
            headers = {"Authorization": given, "Content-Type": "application/json"}
            connection.request(method, f"/api/v1{path}", "{}" if method == "POST" else None, headers)
            return connection.getresponse().status
        finally:
            connection.close()


@pytest.fixture(scope="module")
def tampered() -> Iterator[Tampered]:
    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = root / "clock"
    clock.write_text("2026-03-12T09:00:00+08:00")
    try:
        with House(root, passwords=True, unsafe_clock=str(clock)) as house:
            yield Tampered(house, clock, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)


def test_administrators_who_reach_too_far(tampered: Tampered) -> None:
    job = tampered.held("越权")
    assert tampered.status("feng", "GET", f"/jobs/{job}") == 403
    assert tampered.status("chu", "POST", f"/jobs/{job}/approve") == 403
    assert tampered.status("zhao", "GET", f"/jobs/{job}") == 200


def test_the_policy_changed_in_the_database(tampered: Tampered) -> None:
    house = tampered.house
    job = tampered.held("策略")
    tampered.restart()
    assert tampered.mode() == "open"
    tampered.behind_the_gateway(
        "DROP TRIGGER policy_version_no_edit",
        """UPDATE policy_version SET document = replace(document, '"juemi_exception":"off"', '"juemi_exception":"issuer"')""",
    )
    tampered.restart()
    assert tampered.mode() == "safe"
    assert ("policy_changed", "version 1 is not what was approved") in tampered.alerts("chen")
    assert "E_SAFE_MODE" in tampered.refused(job)
    accepted = house.run("room", "accept-settings", account="chen", check=False)
    assert (accepted.status, "changed by hand" in accepted.text) == (1, True), "a policy is approved by two, never accepted by one"
    proposed = house.ask("feng", "policy", "propose", "--profile", "strict", "--comment", "恢复")
    house.run("policy", "approve", str(proposed["version"]), account="chen")
    assert "E_SAFE_MODE" in tampered.refused(job)
    house.run("room", "accept-settings", account="chen")
    assert tampered.mode() == "open"
    assert len(release(house, job)) == 1


def test_the_settings_changed_in_the_file(tampered: Tampered) -> None:
    house = tampered.house
    job = tampered.held("配置")
    before = house.config.read_text()
    house.config.write_text(before + "\n# only a remark\n")
    tampered.restart()
    assert tampered.mode() == "open", "a remark changes nothing"
    house.config.write_text(before + "hold_hours = 700\n")
    tampered.restart()
    assert tampered.mode() == "safe"
    assert ("settings_changed", "hold_hours") in tampered.alerts("lin")
    assert "E_SAFE_MODE" in tampered.refused(job)
    for account in ("feng", "lin", "zheng", "wu", "chu"):
        assert house.run("room", "accept-settings", account=account, check=False).status == 1
    tampered.restart()
    assert tampered.mode() == "safe", "a restart accepts nothing"
    house.run("room", "accept-settings", account="chen")
    tampered.restart()
    assert tampered.mode() == "open"
    assert len(release(house, job)) == 1


def test_a_register_row_changed_in_the_database(tampered: Tampered) -> None:
    house = tampered.house
    job = tampered.held("登记")
    release(house, job)
    house.run("ledger", "verify")
    tampered.behind_the_gateway(f"UPDATE print_register SET copies_good = copies_good + 9 WHERE job_no = '{job}'")
    seq = first_bad(house.run("ledger", "verify", "--json", check=False).json())
    assert seq is not None
    tampered.clock.write_text("2026-03-13T09:00:00+08:00")  # the next day's run
    wait_until(lambda: "ledger_broken" in [kind for kind, _ in tampered.alerts("chu")], "the daily verification", 90)
    assert ("ledger_broken", f"first bad entry {seq}") in tampered.alerts("chen")


def first_bad(verdict: dict[str, Any]) -> int | None:
    assert verdict["verdict"] == "bad"
    return None if verdict["first_bad"] is None else int(verdict["first_bad"])
