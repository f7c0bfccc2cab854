"""The story of the product, told on real parts and checked step by step (issue: the main job)."""

from __future__ import annotations

import re
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import zxingcpp
from PIL import Image

from rehearsal.house import House
from rehearsal.papers import write_pdf
from rehearsal.people import QUEUE

_PAGES = 3
_APPROVED = 10
_QR_DPI = 200


class StoryError(AssertionError):
    """A step did not check out: the product is broken."""


def _must(condition: object, what: str) -> None:
    if not condition:
        raise StoryError(what)


class Story:
    """Tells and checks; `say` gets each line for the listener."""

    def __init__(self, house: House, say: Callable[[str], None] = click.echo) -> None:
        self._house = house
        self._say = say
        self._steps = 0
        self._paper = write_pdf(house.root / "关于做好文印工作的意见.pdf", "关于做好文印工作的意见", _PAGES)

    def tell(self) -> None:
        """The whole story. Raises StoryError at the first step that does not check out."""
        self._without_a_permit()
        permit = self._permit_by_two()
        self._three_numbered_copies(permit)
        self._an_eleventh_copy(permit)
        self._an_edited_ledger()
        self._the_months_paper()

    def leave_one_for_the_visitor(self) -> str:
        """A held job that fits a permit, ready for the operator's own click; its number."""
        agenda = write_pdf(self._house.root / "会议议程.pdf", "会议议程", 2)
        asked = self._house.ask("zhao", *self._request(2, "--title", "会议议程", pages=2))
        self._approve(asked["permit"])
        job = self._house.print_file(agenda, "-n", "2", "-o", f"permit-id={asked['permit']}")
        _must(job["releasable"], f"the visitor's job should be ready, but {job['codes']}")
        return str(job["job"])

    def leave_one_for_the_approver(self) -> str:
        """A held job whose permit waits for the first approval; its number."""
        job = self._house.print_file(self._paper, "-n", "4")
        self._house.ask("zhao", *self._request(4, "--job", job["job"]))
        return str(job["job"])

    def _step(self, chinese: str, english: str) -> None:
        self._steps += 1
        self._say(f"\n{self._steps}. {chinese}\n   {english}")

    def _shown(self, command: str, result: str) -> None:
        self._say(f"   $ {command}")
        for line in result.strip().splitlines():
            self._say(f"     {line.rstrip()}")

    def _run(self, account: str, *arguments: str) -> str:
        answer = self._house.run(*arguments, account=account)
        self._shown(f"imprimatur --as {account} {' '.join(arguments)}", answer.text)
        return answer.text

    def _print(self, *options: str) -> dict[str, Any]:
        job = self._house.print_file(self._paper, *options)
        lines = [f"{job['job']} {job['stage']}: {' '.join(job['codes']) or 'ready for release'}"]
        lines += [f"{reason['message_zh']}{reason['next_step_zh']}" for reason in job["reasons"]]
        self._shown(f"lp -d {QUEUE} {' '.join(options)} {self._paper.name}", "\n".join(lines))
        return job

    def _at_the_device(self) -> list[Path]:
        return self._house.printer.received()

    def _without_a_permit(self) -> None:
        self._step(
            "赵敏直接打印，没有准印证：作业被扣留，设备上一个字节也没有。",
            "Zhao Min prints without a permit: held, not one byte at the device.",
        )
        job = self._print("-n", "3")
        _must(
            job["stage"] == "held" and job["codes"] == ["E_NO_PERMIT"], f"should be held for E_NO_PERMIT, is {job['stage']} {job['codes']}"
        )
        _must(job["pages"] == _PAGES, f"{_PAGES} pages were printed, {job['pages']} counted")
        _must(not self._at_the_device(), "the device got something without a permit")

    def _request(self, copies: int, *more: str, pages: int = _PAGES) -> tuple[str, ...]:
        amounts = ("--pages", str(pages), "--copies", str(copies))
        return ("permit", "request", "--level", "mimi", "--term", "5年", *amounts, "--purpose", "征求意见", *more)

    def _approve(self, permit: str) -> None:
        self._house.approve(permit, "li", "wu")

    def _permit_by_two(self) -> str:
        self._step(
            f"赵敏申请准印证：秘密★5年，{_PAGES}页，{_APPROVED}份。分管领导李强、保密办吴芳先后批准。",
            f"She asks for a permit: {_PAGES} pages, {_APPROVED} copies. A leader and the secrecy director approve, one after the other.",
        )
        found = re.search(r"ZYZ-\d{4}-\d{6}-.", self._run("zhao", *self._request(_APPROVED, "--title", self._paper.stem)))
        _must(found, "no permit number was answered")
        permit = found[0] if found else ""
        refused = self._house.run("permit", "approve", permit, account="zhao", check=False)
        _must(refused.status != 0, "the requester could approve her own permit")
        for account in ("li", "wu"):
            self._run(account, "permit", "approve", permit)
        self._run("zhao", "permit", "slip", permit)
        slips = [_codes(file) for file in self._house.slips.glob("*.png")]
        _must(slips == [{f"IP{permit}"}], f"the slip should carry the permit's number, but {slips}")
        return permit

    def _three_numbered_copies(self, permit: str) -> None:
        self._step(
            "带准印证号打印3份：匹配，操作员郑洁放行，三份各有份号。",
            "With the number: matched; the operator releases; three numbered copies.",
        )
        job = self._print("-n", "3", "-o", f"permit-id={permit}")
        _must(job["releasable"] and job["permit"] == permit, f"should be ready, but {job['codes']}")
        self._run("zheng", "job", "claim", job["job"])
        self._run("zheng", "job", "release", job["job"], "--wait")
        _must(self._house.ask("zheng", "job", "show", job["job"])["stage"] == "completed", "the job should be completed")
        _must(len(self._at_the_device()) == 1, "the device should have got one document")
        self._look_at(self._at_the_device()[-1])

    def _look_at(self, paper: Path) -> None:
        """Read the paper as it came out: every page's own number in text, every copy's own QR code."""
        texts = _run_tool("pdftotext", "-layout", str(paper), "-").split("\f")[:-1]
        _must(len(texts) == 3 * _PAGES, f"3 × {_PAGES} pages should have come, {len(texts)} came")
        for index, text in enumerate(texts):
            number = f"{index // _PAGES + 1:06d}"
            _must(number in text, f"page {index + 1} should carry 份号 {number}")
        _run_tool("pdftoppm", "-r", str(_QR_DPI), "-gray", str(paper), str(paper.with_suffix("")))
        codes = [_codes(image) for image in sorted(paper.parent.glob(f"{paper.stem}-*.pgm"))]
        _must(all(len(found) == 1 for found in codes), "every page should carry one QR code, twice")
        _must(len(set().union(*codes)) == 3, "three copies should carry three QR codes")
        self._say(f"     {len(texts)} pages at the device; 份号 000001–000003 and 3 QR codes read back from the paper.")

    def _an_eleventh_copy(self, permit: str) -> None:
        self._step("再打印8份：3＋8＝11，超过批准的10份，整个作业扣留。", "Eight more would make eleven of ten: the whole job stays held.")
        before = len(self._at_the_device())
        job = self._print("-n", "8", "-o", f"permit-id={permit}")
        _must("E_QTY_EXCEEDED" in job["codes"] and not job["releasable"], f"should be held for E_QTY_EXCEEDED, is {job['codes']}")
        refused = self._house.run("job", "release", job["job"], account="zheng", check=False)
        _must(refused.status != 0 and len(self._at_the_device()) == before, "an eleventh copy was released")

    def _an_edited_ledger(self) -> None:
        self._step("在数据库副本中改一行账本：核验指出第一条坏账。", "One ledger row is edited in a copy of the database: verify names it.")
        self._run("chu", "ledger", "verify")
        copy = self._house.root / "copy.db"
        with sqlite3.connect(self._house.settings.data / "imprimatur.db") as source, sqlite3.connect(copy) as target:
            source.backup(target)
            target.commit()
            seq = int(target.execute("SELECT seq FROM ledger_entry WHERE kind = 'job.released' ORDER BY seq LIMIT 1").fetchone()[0])
            target.execute("DROP TRIGGER ledger_entry_no_update")  # who owns the file can do that; the chain still tells
            target.execute("UPDATE ledger_entry SET body = replace(body, 'zheng', 'wang') WHERE seq = ?", (seq,))
        answer = self._house.run("ledger", "verify", "--database", str(copy), account="chu", check=False)
        self._shown(f"imprimatur ledger verify --database {copy.name}", answer.text)
        _must(answer.status != 0 and f"first bad entry is {seq}." in answer.text, f"verify should have named entry {seq}")

    def _the_months_paper(self) -> None:
        self._step("本月各部门用纸。", "The month's paper by department.")
        self._run("zheng", "register", "show", "print")
        self._run("zheng", "stats", "paper")
        lines = self._house.ask("zheng", "stats", "paper")
        _must([line["sheets_total"] for line in lines if line["department"] == "D02"] == [3 * _PAGES], "规划处 used nine sheets")


def _codes(image: Path) -> set[str]:
    with Image.open(image) as opened:
        found = zxingcpp.read_barcodes(opened, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return {code.text for code in found}


def _run_tool(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", timeout=60).stdout
