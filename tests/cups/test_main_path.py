"""`lp` of anything, with any option: what is counted is what comes out, copies × pages, each copy numbered (R10, R52, I6)."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from rehearsal.house import House
from rehearsal.papers import write_pdf
from tests.cups.paper import permit_for, release, sheets

pytestmark = pytest.mark.cups


def pdf(folder: Path) -> Path:
    return write_pdf(folder / "paper.pdf", "测试文件", 3)


def text(folder: Path) -> Path:
    file = folder / "paper.txt"
    file.write_text("".join(f"line {line}\n" for line in range(150)))
    return file


def png(folder: Path) -> Path:
    Image.new("RGB", (400, 300), "steelblue").save(folder / "paper.png")
    return folder / "paper.png"


def jpeg(folder: Path) -> Path:
    Image.new("RGB", (400, 300), "firebrick").save(folder / "paper.jpg")
    return folder / "paper.jpg"


def postscript(folder: Path) -> Path:
    file = folder / "paper.ps"
    body = "".join(f"/Helvetica findfont 20 scalefont setfont 72 700 moveto (ps page {page}) show showpage\n" for page in (1, 2))
    file.write_text("%!PS-Adobe-3.0\n" + body)
    return file


@pytest.mark.parametrize(
    ("make", "options", "pages", "copies", "padded"),
    [
        (pdf, (), 3, 1, False),
        pytest.param(pdf, ("-n", "3"), 3, 3, False, marks=pytest.mark.long),
        (pdf, ("-n", "2", "-o", "sides=two-sided-long-edge"), 3, 2, True),
        (pdf, ("-o", "number-up=2"), 2, 1, False),
        (pdf, ("-o", "page-ranges=2-3", "-n", "2"), 2, 2, False),
        (text, ("-n", "3"), 3, 3, False),
        pytest.param(png, ("-n", "2"), 1, 2, False, marks=pytest.mark.long),
        (jpeg, ("-n", "2", "-o", "sides=two-sided-short-edge"), 1, 2, True),
        (postscript, ("-n", "2"), 2, 2, False),
        pytest.param(postscript, ("-n", "2", "-o", "number-up=2"), 1, 2, False, marks=pytest.mark.long),
    ],
    ids=lambda value: getattr(value, "__name__", None) or (" ".join(value) or "plain" if isinstance(value, tuple) else str(value)),
)
def test_what_is_counted_comes_out_as_often_as_asked(
    house: House, tmp_path: Path, make: Callable[[Path], Path], options: tuple[str, ...], pages: int, copies: int, padded: bool
) -> None:
    job = house.print_file(make(tmp_path), *options)
    assert (job["stage"], job["codes"], job["pages"], job["copies"]) == ("held", ["E_NO_PERMIT"], pages, copies)
    permit = permit_for(house, job["job"])
    (received,) = release(house, job["job"])
    found = sheets(received)
    per_copy = pages + padded
    assert len(found) == copies * per_copy
    numbers = [f"{number:06d}" for number in range(1, copies + 1)]
    assert [page.number for page in found] == [number for number in numbers for _ in range(per_copy)]
    assert all(permit in page.text and "秘密★5年" in page.text for page in found)
    codes = [page.codes for page in found]
    assert all(len(code) == 1 for code in codes)
    assert len(set(codes)) == copies
    assert all(len(set(codes[start : start + per_copy])) == 1 for start in range(0, len(codes), per_copy))


def test_a_second_job_goes_on_counting_the_copies(house: House, tmp_path: Path) -> None:
    first = house.print_file(pdf(tmp_path), "-n", "2")
    permit = permit_for(house, first["job"], copies=5)
    release(house, first["job"])
    second = house.print_file(pdf(tmp_path), "-n", "3", "-o", f"permit-id={permit}")
    (received,) = release(house, second["job"])
    assert sorted({page.number for page in sheets(received)}) == ["000003", "000004", "000005"]
    assert house.ask("zhao", "permit", "show", permit)["state"] == "used_up"


def test_finishing_makes_one_device_job_per_copy(house: House, tmp_path: Path) -> None:
    job = house.print_file(pdf(tmp_path), "-n", "2", "-o", "finishings=4")
    permit_for(house, job["job"])
    received = release(house, job["job"])
    assert [[page.number for page in sheets(file)] for file in received] == [["000001"] * 3, ["000002"] * 3]


def test_several_files_of_one_lp_are_one_job(house: House, tmp_path: Path) -> None:
    other = write_pdf(tmp_path / "other.pdf", "附件", 2)
    job = house.print_file(pdf(tmp_path), str(other))
    assert job["pages"] == 5
    permit_for(house, job["job"])
    (received,) = release(house, job["job"])
    assert len(sheets(received)) == 5


def test_raw_data_is_counted_or_refused(house: House, tmp_path: Path) -> None:
    assert house.print_file(pdf(tmp_path), "-o", "raw")["pages"] == 3
    file = tmp_path / "printer-language"
    file.write_bytes(b"\x1b%-12345X@PJL SET COPIES=99\r\n@PJL ENTER LANGUAGE=PCL\r\nhello\x0c\x1b%-12345X")
    before = house.printer.received()
    refused = house.print_file(file, "-o", "raw")
    assert (refused["stage"], refused["codes"][0]) == ("refused", "E_FORMAT")
    assert house.printer.received() == before


def test_the_registers_and_the_ledger_agree_at_the_end(house: House) -> None:
    house.run("ledger", "verify")
    rows = house.ask("zheng", "register", "show", "print")
    completed = [row for row in rows if row["status"] == "completed"]
    assert completed
    for row in completed:
        assert row["copies_good"] == int(row["copy_to"]) - int(row["copy_from"]) + 1
    paper = next(line for line in house.ask("zheng", "stats", "paper") if line["department"] == "D02")
    assert paper["sheets_total"] == sum(row["sheets_good"] for row in completed)


def test_what_the_device_got_is_a_clean_pdf(house: House) -> None:
    for file in house.printer.received():
        subprocess.run(["qpdf", "--check", str(file)], check=True, capture_output=True)
        with pikepdf.open(file) as opened:
            assert "/OpenAction" not in opened.Root
