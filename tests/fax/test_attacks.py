"""Nobody gets a call past the gate on the real books: with HylaFAX' own commands, behind its back, or while the gateway is away."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import Job, LedgerEntry
from gateway.domain.fax import FaxResult, FaxState
from gateway.domain.vocabulary import JobStage, Level
from gateway.services.fax_filing import FaxWish
from rehearsal.exchange import Exchange
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.fax.locks import babbler
from tests.fax.office import Office, guarded_line
from tests.fax.papers import fax_pages, write_tiff
from tests.room import Room


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with guarded_line() as line:
        yield line


def waiting(exchange: Exchange) -> list[Path]:
    """Queue files of jobs that were asked about and wait."""
    return [path for path in (exchange.spool / "sendq").glob("q*") if "Imprimatur: waiting" in path.read_text(errors="replace")]


@pytest.mark.timeout(180)
def test_what_is_changed_between_approval_and_call_is_refused_at_the_line(room: Room, exchange: Exchange, tmp_path: Path) -> None:
    """By whoever knows the password (number, permit text) or can write HylaFAX' folder (the pages): 0 dials, an entry each."""
    office = Office(room, exchange)
    papers = {name: write_pdf(tmp_path / f"{name}.pdf", name, 1).read_bytes() for name in ("号码", "标签", "页面")}
    faxes = {}
    for at, (name, paper) in enumerate(papers.items()):
        faxes[name] = office.file(paper, FaxWish(f"5555000{at}", "省统计局", "林某", Level.NEIBU))
        office.approve(faxes[name])
    office.desk.step()  # the grants are made and the jobs queued; nobody is at the gate's socket
    wait_until(lambda: len(waiting(exchange)) == 3, "three holds", 60)
    by_number = {path.read_text(errors="replace").partition("\nnumber:")[2].partition("\n")[0][-1]: path for path in waiting(exchange)}
    for at, change in (("0", 'DIALSTRING "55550009"'), ("1", 'JOBINFO "grant=other"')):
        job = by_number[at].name[1:]
        exchange.command(f"JSUSP {job}")
        wait_until(lambda at=at: "\nstate:1\n" in by_number[at].read_text(errors="replace"), "the suspension")  # type: ignore[misc]
        exchange.command(f"JOB {job}", f"JPARM {change}", f"JSUBM {job}")
    item = next(line for line in by_number["2"].read_text(errors="replace").splitlines() if line.startswith("!tiff:"))
    write_tiff(exchange.spool / item.rpartition(":")[2], fax_pages(1), lines_per_inch=196)
    with office.open():
        office.work_until(lambda: all(office.fax(fax).state is not FaxState.SENDING for fax in faxes.values()), "the refusals")
    ends = [(office.fax(fax).result, office.fax(fax).pages_sent) for fax in faxes.values()]
    assert ends == [(FaxResult.REFUSED, 0)] * 3
    assert exchange.dials() == 0
    with room.gate.database.reading() as session:
        kinds = [entry.kind for entry in session.exec(select(LedgerEntry)).all()]
    assert (kinds.count("fax.call_refused"), kinds.count("fax.dialled")) == (3, 0)
    assert room.verify().ok


@pytest.mark.timeout(600)
@pytest.mark.parametrize("each", [1, pytest.param(17, marks=pytest.mark.long)])
def test_while_the_gateway_is_away_or_talks_nonsense_nothing_is_dialled_and_nothing_is_lost(
    room: Room, exchange: Exchange, tmp_path: Path, each: int
) -> None:
    """By HylaFAX' client, by hfaxd, and what the desk itself had queued: afterwards strangers' jobs are held, our fax is sent."""
    office, file, before = Office(room, exchange), tmp_path / "one.tif", exchange.dials()
    write_tiff(file, fax_pages(1))
    ours = office.file(write_pdf(tmp_path / "our.pdf", "会议", 1).read_bytes(), FaxWish("55550001", "省统计局", "林某", Level.NEIBU))
    office.approve(ours)
    office.desk.step()  # queued by the desk; then the gateway is gone
    for place in range(each):
        with babbler(exchange.root / "fax.sock", b"HTTP/1.1 200 OK\r\n\r\nsend\n") if place % 2 else nullcontext():
            assert exchange.sendfax(f"5555{place:04d}", file).returncode == 0
            with file.open("rb") as content:
                office.hylafax.submit(content, f"5556{place:04d}", f"grant=guess{place}", fine=False)
    wait_until(lambda: len(list((exchange.spool / "sendq").glob("q*"))) == 2 * each + 1, "all in the queue", 60)
    wait_until(lambda: bool(waiting(exchange)), "a hold", 60)
    assert exchange.dials() == before

    def held() -> list[Job]:
        with room.gate.database.reading() as session:
            return list(session.exec(select(Job).where(Job.queue == "fax", Job.stage == JobStage.HELD.value)).all())

    room.gate.spool.refill()
    with office.open():
        office.work_until(lambda: len(held()) == 2 * each and office.fax(ours).state is not FaxState.SENDING, "everything taken in", 180)
    assert (office.fax(ours).result, exchange.dials() - before) == (FaxResult.WHOLE, 1)
    assert room.verify().ok
