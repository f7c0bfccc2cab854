"""Nobody gets a call past the gate on the real books: with HylaFAX' own commands, or behind its back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.fax import FaxResult, FaxState
from gateway.domain.vocabulary import Level
from gateway.services.fax_filing import FaxWish
from rehearsal.exchange import Exchange
from rehearsal.papers import write_pdf
from rehearsal.processes import wait_until
from tests.fax.office import Office, guarded_line, waiting
from tests.fax.papers import fax_pages, write_tiff
from tests.room import Room


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with guarded_line() as line:
        yield line


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
