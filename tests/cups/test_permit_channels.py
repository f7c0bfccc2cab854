"""Every way to name a permit, and every way a permit can be wrong: held with its code, not one byte at the device (I1, R10)."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.house import House
from rehearsal.papers import write_pdf
from tests.cups.paper import permit_for, release

pytestmark = pytest.mark.cups
TERMS = ("--level", "mimi", "--term", "5年", "--pages", "2", "--copies", "1")
REQUEST = ("permit", "request", "--title", "x", "--purpose", "征求意见", *TERMS)


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pdf(tmp_path_factory.mktemp("paper") / "paper.pdf", "测试文件", 2)


@pytest.fixture(scope="module")
def permit(house: House, paper: Path) -> str:
    """Of two pages and nine copies."""
    return permit_for(house, house.print_file(paper)["job"])


@pytest.mark.parametrize("written", ["{}", "{lower}", "{plain}"])
@pytest.mark.parametrize(
    "channel",
    [
        ("-o", "permit-id={}"),
        ("-o", "permit={}"),
        ("-o", "job-account-id={}"),
        ("-o", "PermitID=Custom.{}"),
        ("-t", "会议纪要 [{}]"),
    ],
    ids=["permit-id", "permit", "job-account-id", "ppd", "title"],
)
def test_a_permit_is_found_wherever_it_is_written(house: House, paper: Path, permit: str, channel: tuple[str, str], written: str) -> None:
    number = written.format(permit, lower=permit.lower(), plain=permit.replace("-", ""))
    job = house.print_file(paper, channel[0], channel[1].format(number))
    assert (job["permit"], job["codes"], job["releasable"]) == (permit, [], True)


def test_a_permit_can_be_named_later(house: House, paper: Path, permit: str) -> None:
    job = house.print_file(paper)
    assert job["codes"] == ["E_NO_PERMIT"]
    assert house.ask("zhao", "job", "match", job["job"], permit)["releasable"]


def test_two_different_permits_stop_the_job(house: House, paper: Path, permit: str) -> None:
    other = permit_for(house, house.print_file(paper)["job"])
    job = house.print_file(paper, "-o", f"permit-id={permit}", "-t", f"[{other}]")
    assert (job["codes"], job["releasable"]) == (["E_PERMIT_CONFLICT"], False)


def wrong_digit(permit: str) -> str:
    return permit[:-3] + ("1" if permit[-3] != "1" else "2") + permit[-2:]


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ("unknown", "E_PERMIT_UNKNOWN"),
        ("mistyped", "E_PERMIT_MISTYPED"),
        ("nonsense", "E_PERMIT_MISTYPED"),
        ("pending", "E_PERMIT_PENDING"),
        ("revoked", "E_PERMIT_REVOKED"),
        ("channel", "E_PERMIT_CHANNEL"),
        ("used up", "E_QTY_EXCEEDED"),
        ("too many copies", "E_QTY_EXCEEDED"),
        ("other pages", "E_PAGES_MISMATCH"),
    ],
)
def test_a_wrong_permit_holds_the_job(house: House, paper: Path, permit: str, tmp_path: Path, wrong: str, code: str) -> None:  # noqa: C901 — ways to be wrong
    number, options, file = permit, [], paper
    if wrong == "unknown":
        number = "ZYZ-2026-000123-L"
    elif wrong == "mistyped":
        number = wrong_digit(permit)
    elif wrong == "nonsense":
        number = "please"
    elif wrong == "pending":
        number = house.ask("zhao", *REQUEST)["permit"]
    elif wrong == "revoked":
        number = permit_for(house, house.print_file(paper)["job"])
        house.run("permit", "revoke", number, "--reason", "不再需要", account="li")
    elif wrong == "channel":
        number = house.ask("zhao", *REQUEST, "--kind", "copy")["permit"]
        for account in ("li", "wu"):
            house.run("permit", "approve", number, account=account)
    elif wrong == "used up":
        first = house.print_file(paper)
        number = permit_for(house, first["job"], copies=1)
        release(house, first["job"])
    elif wrong == "too many copies":
        options = ["-n", "10"]
    elif wrong == "other pages":
        file = write_pdf(tmp_path / "longer.pdf", "更长", 4)
    before = house.printer.received()
    job = house.print_file(file, *options, "-o", f"permit-id={number}")
    assert code in job["codes"]
    assert (job["stage"], job["releasable"]) == ("held", False)
    assert all(reason["message"] and reason["next_step"] for reason in job["reasons"])
    house.run("job", "claim", job["job"], account="zheng", check=False)
    refused = house.run("job", "release", job["job"], account="zheng", check=False)
    assert (refused.status, code in refused.text) == (1, True)
    assert house.printer.received() == before


def test_an_expired_permit_holds_the_job(tmp_path: Path, paper: Path) -> None:
    """Time is moved by the rehearsal's clock: a second house, whose clock is a file."""
    import shutil
    import tempfile
    from datetime import UTC, datetime, timedelta

    root = Path(tempfile.mkdtemp(prefix="imprimatur-test-", dir="/tmp"))
    clock = tmp_path / "clock"
    now = datetime.now(UTC)
    clock.write_text(now.isoformat())
    try:
        with House(root, unsafe_clock=str(clock)) as house:
            job = house.print_file(paper)
            permit = permit_for(house, job["job"])
            assert house.ask("zheng", "job", "show", job["job"])["releasable"]
            clock.write_text((now + timedelta(days=8)).isoformat())
            late = house.print_file(paper, "-o", f"permit-id={permit}")
            assert late["codes"] == ["E_PERMIT_EXPIRED"]
            assert not house.printer.received()
    finally:
        shutil.rmtree(root, ignore_errors=True)
