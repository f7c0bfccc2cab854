"""The rehearsal's telephone line: what goes in at HylaFAX' own client comes out at the modem, and dials are counted."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from rehearsal.exchange import Exchange
from rehearsal.processes import wait_until
from tests.fax.papers import differing_dots, fax_pages, write_tiff


def ended(exchange: Exchange, calls: int) -> dict[str, object]:
    wait_until(lambda: len(exchange.ends()) >= calls, f"the end of call {calls}", 60)
    return exchange.ends()[calls - 1]


def test_three_pages_come_out_as_they_went_in(exchange: Exchange, tmp_path: Path) -> None:
    sent = fax_pages(3)
    done = exchange.sendfax("55550001", write_tiff(tmp_path / "three.tif", sent))
    assert done.returncode == 0, done.stderr
    end = ended(exchange, 1)
    assert (end["ends"], end["pages"], exchange.dials()) == ("ok", 3, 1)
    assert [differing_dots(page, came) for page, came in zip(sent, exchange.captured(1), strict=True)] == [0, 0, 0]


def test_a_ring_is_answered_and_the_pages_arrive(exchange: Exchange) -> None:
    came = fax_pages(2)
    wait_until(lambda: not list((exchange.spool / "recvq").glob("fax*")), "an empty tray")
    exchange.ring(came)

    def received() -> bool:
        log = exchange.spool / "log" / "xferfaxlog"
        return log.exists() and any("\tRECV\t" in line for line in log.read_text().splitlines())

    wait_until(received, "the fax' arrival", 60)
    assert exchange.dials() == 1
    (file,) = (exchange.spool / "recvq").glob("fax*.tif")
    with Image.open(file) as tiff:
        assert getattr(tiff, "n_frames", 1) == 2
        for number, page in enumerate(came):
            tiff.seek(number)
            assert differing_dots(page, tiff.convert("1")) == 0


def test_nobody_speaks_with_hfaxd_without_the_password(exchange: Exchange, tmp_path: Path) -> None:
    file = write_tiff(tmp_path / "one.tif", fax_pages(1))
    for password in ("wrong", ""):
        assert exchange.sendfax("55550001", file, password=password).returncode != 0
    assert exchange.sendfax("55550001", file, "-o", "anybody").returncode != 0
    assert exchange.dials() == 1
