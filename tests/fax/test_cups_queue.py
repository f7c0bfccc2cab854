"""The fax queue on a real cupsd, gateway and HylaFAX: what comes by it is a fax, is approved, goes once, and never on paper."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from gateway.doctor.check import Verdict
from gateway.doctor.cups import checks
from rehearsal.exchange import Exchange
from rehearsal.house import FAX_QUEUE, House
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.fax.office import reachable_folder

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


@pytest.mark.timeout(240)
def test_a_job_of_the_fax_queue_is_filed_approved_and_sent_once_and_never_printed(house: House, tmp_path: Path) -> None:
    telephone = house.telephone
    assert telephone is not None
    paper = write_pdf(tmp_path / "会议.pdf", "会议通知", 2)
    job = send(house, paper, "phone='+86 591 8712 0001'", *SAID, "permit-id=ZYZ-2026-0001-0", "copies=3")
    assert (unsaid(job), job["copies"], job["permit"]) == ("", 1, "")
    (fax,) = [row for row in house.ask("zhao", "fax", "list") if row["job"] == job["job"]]
    assert (fax["number"], fax["peer"], fax["person"], fax["level"], fax["pages"]) == ("059187120001", "省统计局", "林某", "neibu", 2)
    assert telephone.dials() == 0
    permit = house.ask("zhao", "fax", "permit", fax["fax"], "--purpose", "会议")["permit"]
    assert house.run("release", job["job"], account="zheng", check=False).status != 0
    house.approve(permit, "wu")
    wait_until(lambda: house.ask("zheng", "fax", "show", fax["fax"])["state"] == "ended", "the fax' end", 90)
    assert house.ask("zheng", "fax", "show", fax["fax"])["result"] == "whole"
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
