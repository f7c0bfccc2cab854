"""A house some hours into a busy day: of everything the UI has a page for, there is one. For pictures and for walks through all pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import ROOM_PRINTER
from rehearsal.processes import wait_until
from rehearsal.scans import stack_of
from rehearsal.story import Story

JAMMING = "jams"


@dataclass(frozen=True, slots=True)
class BusyDay:
    """Numbers of what there is."""

    ready: str
    """A job that waits for the operator."""
    asked: str
    """A job whose permit waits for li."""
    copying: str
    """A copy session with two pages of an original that bears a code of ours."""
    unresolved: str
    completed: str
    permit: str
    """Active, with copies left."""
    waiting: str
    """The permit li is to look at."""
    standing: str
    """Asked for by zhao; gu is to look at it."""
    issued: str
    """A carrier zhao holds."""
    circulating: str
    missing: str
    carry_out: str
    inventory: str
    handover: str
    destruction: str
    fax: str
    """Filed by zhao; its permit is still to be asked for."""


def make_busy(house: House) -> BusyDay:
    """Tell the story, then let everybody begin something."""
    story = Story(house, say=lambda _: None)
    story.tell()
    permit = str(house.ask("zhao", "permit", "list", "--mine")[-1]["permit"])
    completed = _two_more(house, permit)
    carriers = sorted(str(row["carrier"]) for row in house.ask("zheng", "carrier", "list"))
    _carriers(house, carriers)
    ready = story.leave_one_for_the_visitor()
    asked = story.leave_one_for_the_approver()
    tomorrow = (datetime.now().astimezone() + timedelta(days=1)).isoformat(timespec="minutes")
    out = ("carrier", "carry-out", "request", carriers[0], "--purpose", "向省里汇报", "--destination", "省城", "--due", tomorrow)
    standing = ("--kind", "standing", "--level", "neibu", "--monthly", "300", "--purpose", "日常办公")
    day = BusyDay(
        ready=ready,
        asked=asked,
        copying=_copying(house),
        unresolved=_jam(house),
        completed=completed,
        permit=permit,
        waiting=str(house.ask("li", "permit", "list", "--waiting")[0]["permit"]),
        standing=str(house.ask("zhao", "permit", "request", *standing)["permit"]),
        issued=carriers[0],
        circulating=carriers[1],
        missing=carriers[2],
        carry_out=str(house.ask("zhao", *out)["carry_out"]),
        inventory=str(house.ask("zheng", "carrier", "inventory", "open")["inventory"]),
        handover=str(house.ask("lin", "carrier", "handover", "open", "zhao", "--successor", "qian", "--supervisor", "gu")["handover"]),
        fax=_fax(house),
        destruction=str(house.ask("zheng", "carrier", "destroy", "draft", carriers[3], "--reason", "试印")["list"]),
    )
    _administrators(house)
    return day


def _copying(house: House) -> str:
    """Two pages of a paper of ours lie in the scanner, and are being copied for sun; the job's number."""
    house.scanner.pages = stack_of(house.printer.received()[-1].read_bytes())[:2]
    wish = ("--for", "sun", "--device", ROOM_PRINTER, "--copies", "2", "--title", "关于做好文印工作的意见", "--resolution", "200")
    return str(house.ask("zheng", "copy", "scan", *wish, "--more")["job"])


def _two_more(house: House, permit: str) -> str:
    """Two more copies under the same permit; the job's number."""
    paper = house.root / "关于做好文印工作的意见.pdf"
    job = str(house.print_file(paper, "-n", "2", "-o", f"permit-id={permit}")["job"])
    house.run("job", "release", job, "--wait", account="zheng")
    return job


def _carriers(house: House, carriers: list[str]) -> None:
    house.run("carrier", "issue", carriers[0], "--to", "zhao", account="zheng")
    house.run("carrier", "sign", carriers[0], account="zhao")
    house.run("carrier", "circulate", "start", carriers[1], "zhao", "qian", account="zheng")
    house.run("carrier", "circulate", "next", carriers[1], account="zheng")
    house.run("carrier", "incident", "open", carriers[2], account="zheng")


def _fax(house: House) -> str:
    """A fax that is filed, and a number in the address book; no exchange is needed for either."""
    job = str(house.print_file(write_pdf(house.root / "会议时间调整.pdf", "会议时间调整", 2))["job"])
    house.run("fax", "peers", "add", "省统计局", "--number", "0591 8712 3456", "--person", "林某", account="zheng")
    to = ("--number", "0591 8712 3456", "--peer", "省统计局", "--person", "林某", "--level", "neibu")
    return str(house.ask("zhao", "fax", "file", job, *to)["fax"])


def _jam(house: House) -> str:
    """A job of which nobody knows how much came out; its number."""
    command = house.root / "jams"
    command.write_text("#!/bin/sh\nexit 1\n")
    command.chmod(0o755)
    device = house.second_printer("jamming-printer", command)
    house.cups.add_gate_queue(JAMMING, house.settings.intake_socket)
    options = ("--queue", JAMMING, "--designated", "--max-level", "jimi", "--name", "会卡纸的打印机")
    house.run("device", "add", "PRN-JAM-01", "--uri", device.uri, *options, account="feng")
    job = str(house.print_file(write_pdf(house.root / "年度计划.pdf", "年度计划", 2), "-n", "4", queue=JAMMING)["job"])
    asked = house.ask("zhao", "permit", "request", "--job", job, "--level", "mimi", "--term", "5年", "--copies", "4", "--purpose", "上会")
    house.approve(asked["permit"], "li", "wu")
    house.run("job", "release", job, account="zheng")
    wait_until(lambda: house.ask("zheng", "job", "show", job)["stage"] == "unresolved", "the jam", 60)
    return job


def _administrators(house: House) -> None:
    today = datetime.now().astimezone().date()
    house.run("policy", "propose", "--profile", "office", "--comment", "内部文件由批准人放行", account="feng")
    until = (today + timedelta(days=7)).isoformat()
    house.run(
        *("delegation", "add", "委〔2026〕1号", "--role", "leader", "--to", "he", "--from", today.isoformat(), "--until", until),
        account="li",
    )
    house.run("user", "reset", "qian", "--what", "password", "--reason", "忘记口令", account="feng")
    eleventh = next(row["job"] for row in house.ask("zheng", "job", "list") if "E_QTY_EXCEEDED" in row["codes"])
    for _ in range(3):  # enough for an alert
        house.run("job", "release", eleventh, account="zheng", check=False)
