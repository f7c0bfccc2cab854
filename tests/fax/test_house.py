"""A whole house with a telephone (cupsd, gateway, HylaFAX, each its own process): the fax queue, and the gateway killed at any moment."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway.doctor.check import Verdict
from gateway.doctor.cups import checks
from gateway.fax.hylafax import HylaFax
from rehearsal.exchange import ACCOUNT, PASSWORD, Exchange
from rehearsal.house import FAX_QUEUE, House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.fax.locks import babbler
from tests.fax.office import reachable_folder, waiting
from tests.fax.papers import fax_pages, write_tiff

pytestmark = pytest.mark.cups
SAID = ("FaxLevel=neibu", "FaxUnit=Custom.省统计局", "FaxPerson=Custom.林某")
FAXOUT = """\
{{ NAME "fax" OPERATION Print-Job GROUP operation-attributes-tag
ATTR charset attributes-charset utf-8 ATTR naturalLanguage attributes-natural-language en ATTR uri printer-uri $uri
ATTR mimeMediaType document-format application/pdf
GROUP job-attributes-tag
ATTR collection destination-uris {destinations}
ATTR keyword FaxLevel neibu ATTR name FaxUnit "Custom.省统计局" ATTR name FaxPerson "Custom.林某"
FILE $filename STATUS successful-ok }}
"""


@pytest.fixture(scope="module")
def house() -> Iterator[House]:
    with reachable_folder() as folder:
        line = folder / "line"
        line.mkdir()
        with House(folder / "house", telephone=Exchange(line)) as opened:
            yield opened


def settled(house: House, before: set[str]) -> dict[str, Any]:
    """The one job that is new, once nothing more is to be done with it by itself."""
    found: list[dict[str, Any]] = []

    def done() -> bool:
        found[:] = [row for row in house.ask("zheng", "job", "list") if row["job"] not in before]
        return bool(found) and found[0]["stage"] != "receiving" and "E_COUNTING" not in found[0]["codes"]

    wait_until(done, "the job's arrival", 60)
    job = found[0]["job"]

    def tried() -> bool:
        shown = house.ask("zheng", "job", "show", job)
        return shown["stage"] != "held" or all(reason["code"] != "E_FAX_UNFILED" or reason["detail"] for reason in shown["reasons"])

    wait_until(tried, "the filing", 60)
    return dict(house.ask("zheng", "job", "show", job))


def send(house: House, paper: Path, *options: str) -> dict[str, Any]:
    before = {row["job"] for row in house.ask("zheng", "job", "list")}
    house.cups.lp(FAX_QUEUE, paper, *(word for option in options for word in ("-o", option)))
    return settled(house, before)


def unsaid(job: dict[str, Any]) -> str:
    """What a person has to say before it is a fax."""
    return next((str(reason["detail"]) for reason in job["reasons"] if reason["code"] == "E_FAX_UNFILED"), "")


def ask_for_permit(house: House, job: str) -> tuple[str, str]:
    """zhao asks for the permit of the fax this job became; both numbers."""
    (fax,) = [row["fax"] for row in house.ask("zhao", "fax", "list") if row["job"] == job]
    return fax, house.ask("zhao", "fax", "permit", fax, "--purpose", "会议")["permit"]


def approved(house: House, paper: Path, number: str) -> str:
    """A fax by the queue that wu has approved this moment."""
    fax, permit = ask_for_permit(house, send(house, paper, f"phone={number}", *SAID)["job"])
    house.approve(permit, "wu")
    return fax


def ended(house: House, fax: str, seconds: float = 120) -> dict[str, Any]:
    """The fax, once no call of it is under way or to come by itself."""
    seen: list[dict[str, Any]] = []

    def done() -> bool:
        seen[:] = [house.ask("zheng", "fax", "show", fax)]
        return seen[0]["state"] in ("ended", "to_decide")

    wait_until(done, "the fax' end", seconds)
    return seen[0]


@pytest.mark.timeout(240)
def test_a_job_of_the_fax_queue_is_filed_approved_and_sent_once_and_never_printed(house: House, tmp_path: Path) -> None:
    telephone = house.telephone
    assert telephone is not None
    paper = write_pdf(tmp_path / "会议.pdf", "会议通知", 2)
    job = send(house, paper, "phone='+86 591 8712 0001'", *SAID, "permit-id=ZYZ-2026-0001-0", "copies=3")
    assert (unsaid(job), job["copies"], job["permit"]) == ("", 1, "")
    (fax,) = [row for row in house.ask("zhao", "fax", "list") if row["job"] == job["job"]]
    assert (fax["number"], fax["peer"], fax["person"], fax["level"], fax["pages"]) == ("059187120001", "省统计局", "林某", "neibu", 2)
    _, permit = ask_for_permit(house, job["job"])
    assert house.run("release", job["job"], account="zheng", check=False).status != 0
    assert telephone.dials() == 0
    house.approve(permit, "wu")
    assert ended(house, fax["fax"])["result"] == "whole"
    assert (telephone.dials(), telephone.ends()[-1]["pages"]) == (1, 2)
    assert house.ask("zheng", "job", "show", job["job"])["stage"] == "completed"
    assert not house.printer.received()


def test_the_doctor_knows_a_fax_queue(house: House) -> None:
    found = {check.name: check for check in checks(house.settings, house.cups.places)}
    assert found[f"queue {FAX_QUEUE} PPD"].found == "guard filter, one document at a time, faxes"
    assert {check.verdict for name, check in found.items() if FAX_QUEUE in name} == {Verdict.OK}


@pytest.mark.timeout(240)
def test_what_was_not_said_or_is_no_number_waits_with_what_a_person_has_to_say(house: House, tmp_path: Path) -> None:
    telephone, paper = house.telephone, write_pdf(tmp_path / "one.pdf", "通知", 1)
    assert telephone is not None
    before = telephone.dials()
    bare = send(house, paper)
    assert (unsaid(bare), "E_FAX_UNFILED" in bare["codes"]) == ("number, unit and person, level", True)
    for hostile in ("110", "0591,,W*67#1", "$(reboot)", "5" * 60, "FFFF"):
        job = send(house, paper, f"phone={hostile}", *SAID)
        assert unsaid(job) == "no fax number", hostile
        assert hostile not in str(job["reasons"])
    classified = send(house, paper, "phone=55550001", "FaxLevel=jimi")
    assert (classified["stage"], [reason["code"] for reason in classified["reasons"]]) == ("refused", ["E_FAX_CLASSIFIED"])
    assert telephone.dials() == before


@pytest.mark.timeout(120)
def test_ipp_faxout_names_its_receivers_and_one_only_is_taken(house: House, tmp_path: Path) -> None:
    paper, script = write_pdf(tmp_path / "one.pdf", "通知", 1), tmp_path / "faxout.test"
    address = f"ipp://{quote(str(house.cups.socket), safe='')}/printers/{FAX_QUEUE}"
    member = "{ MEMBER uri destination-uri tel:%s }"
    for numbers, wanted in ((["+8659187120002"], ""), (["+8659187120002", "55550003"], "several numbers")):
        script.write_text(FAXOUT.format(destinations=",".join(member % number for number in numbers)))
        before = {row["job"] for row in house.ask("zheng", "job", "list")}
        told = house.cups.run("ipptool", "-tv", "-f", str(paper), address, str(script))
        assert told.returncode == 0, told.stdout
        job = settled(house, before)
        assert unsaid(job) == wanted


@pytest.mark.timeout(600)
@pytest.mark.parametrize("each", [1, pytest.param(17, marks=pytest.mark.long)])
def test_while_the_gateway_is_dead_or_talks_nonsense_nothing_is_dialled_and_nothing_is_lost(
    house: House, tmp_path: Path, each: int
) -> None:
    """By the fax queue, by HylaFAX' client, by hfaxd, and one that was just granted: afterwards all are held, and that one is sent."""
    telephone, paper = house.telephone, write_pdf(tmp_path / "one.pdf", "通知", 1)
    assert telephone is not None
    tiff, start = write_tiff(tmp_path / "one.tif", fax_pages(1)), telephone.dials()
    known = {row["job"] for row in house.ask("zheng", "job", "list", "--limit", "1000")}
    ours = approved(house, paper, "55550000")  # a stranger's first number too: his job must not hold ours up (measured, docs/fax.md)
    house.kill_gateway()
    hfaxd = HylaFax("127.0.0.1", telephone.port, ACCOUNT, PASSWORD)
    house.settings.fax_socket.unlink(missing_ok=True)
    for place in range(each):
        with babbler(house.settings.fax_socket, b"HTTP/1.1 200 OK\r\n\r\nsend\n") if place % 2 else nullcontext():
            house.cups.lp(FAX_QUEUE, paper, "-o", f"phone=5557{place:04d}")
            assert telephone.sendfax(f"5555{place:04d}", tiff).returncode == 0
            with tiff.open("rb") as content:
                hfaxd.submit(content, f"5556{place:04d}", f"grant=guess{place}", fine=False)
    wait_until(lambda: bool(waiting(telephone)), "a hold", 60)
    assert telephone.dials() - start <= 1
    house.start_gateway()

    def arrived() -> list[str]:
        rows = house.ask("zheng", "job", "list", "--limit", "1000")
        return [row["job"] for row in rows if row["job"] not in known and row["stage"] == "held" and "E_FAX_UNFILED" in row["codes"]]

    wait_until(lambda: len(arrived()) == 3 * each, "all of them, held", 240)
    assert ended(house, ours, 300)["result"] == "whole"  # the line was asked for by all of them, three seconds each
    assert (telephone.dials() - start, telephone.dials("55550000")) == (1, 1)
    assert not house.printer.received()


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("moment", ["approval", "grant", "dialling", "end", *range(6)])
def test_a_gateway_killed_at_any_moment_of_a_fax_sends_no_page_twice(house: House, tmp_path: Path, moment: str | int) -> None:
    """Killed before the grant, after it, during the call, after it before the books, or at a random moment; then started again."""
    telephone, number = house.telephone, f"6666{random.Random(str(moment)).randrange(1000, 9000):04d}"
    assert telephone is not None
    calls = len(telephone.ends())
    fax = approved(house, write_pdf(tmp_path / "three.pdf", "通知", 3), number)
    if moment == "grant":
        wait_until(lambda: house.ask("zheng", "fax", "show", fax)["state"] == "sending", "the grant")
    elif moment in ("dialling", "end"):
        wait_until(lambda: telephone.dials(number) == 1, "the call", 60)
    elif isinstance(moment, int):
        time.sleep(random.Random(moment).uniform(0, 9))
    house.kill_gateway()
    if moment == "end":
        wait_until(lambda: len(telephone.ends()) > calls, "the end of the call", 60)
    house.start_gateway()
    shown = ended(house, fax)
    pages = sum(int(str(end["pages"])) for end in telephone.ends()[calls:])
    told = (shown["state"], shown["result"], shown["pages_sent"], shown["uncertain"], len(shown["attempts"]))
    if telephone.dials(number) == 0:  # killed between the grant and HylaFAX: certainly not dialled, and the grant is withdrawn
        assert (told, pages) == (("to_decide", "failed", 0, False, 1), 0)
        house.run("fax", "resend", fax, account="zheng")
        assert ended(house, fax)["result"] == "whole"
    else:
        assert (told, pages) == (("ended", "whole", 3, False, 1), 3)
    assert telephone.dials(number) == 1
