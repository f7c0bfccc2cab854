"""Stamping in figures, run by hand: `python -m benchmarks.stamping [--peers] [--quick]`. Prints the Markdown tables of docs/performance.md.

Ours: base → one file with N copies, a file per copy as the peers do it, and end to end: the document normalised and counted, stamped,
verified. Peers (pikepdf add_overlay, qpdf --overlay, pypdf merge_page, Ghostscript, pdftk multistamp when it is installed) get the base and
their stamp pages ready-made, interleaved with ours in the same run; every contestant in a process of its own, its start-up not counted.
Ratios are of processor time, that of programs a peer calls included: another process on the machine must not decide who is faster.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from rehearsal.papers import write_pdf
from watermark import CopyMark, FontFiles, StampPlan, characters_of, cut_font, load_template, make_base, verify_stamped
from watermark.fanout import faces_for, fan_out_each, fan_out_with

ROUNDS = 3
TEMPLATE = load_template("print")


@dataclass(slots=True)
class Spent:
    """What a contestant took: seconds by the clock, seconds of the processor, peak memory of its process in MB."""

    seconds: float = 0.0
    processor: float = 0.0
    peak: int = 0


@contextmanager
def clocked() -> Iterator[Spent]:
    """What is done within, measured."""
    spent, began, used = Spent(), time.perf_counter(), _processor_time()
    yield spent
    spent.seconds, spent.processor = time.perf_counter() - began, _processor_time() - used


def _processor_time() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def plan_of(copies: int) -> StampPlan:
    """N copies of a permit."""
    marks = tuple(CopyMark(number, f"{number}/{copies}", f"IC{number:025d}") for number in range(1, copies + 1))
    return StampPlan(
        permit_no="ZYZ-2026-000001-4",
        mark="秘密★5年",
        requester="赵敏",
        department="规划处",
        printed_at="2026-11-24 10:00",
        release_tag="0123456789abcdef",
        copies=marks,
        duplex=False,
        head_bare=True,  # as counting finds of `inputs`
    )


def one_file(folder: Path, copies: int, *, verified: bool = False) -> Spent:
    """Ours, all copies in one file; end to end when `verified`: opened again, every (page, copy) pair looked at."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with (folder / "base.pdf").open("rb") as base, (folder / "one.pdf").open("w+b") as out, clocked() as spent:
        fan_out_with(base, out, plan, faces, TEMPLATE)
        if verified:
            verify_stamped(out, base, plan, TEMPLATE)
    return spent


def end_to_end(folder: Path, copies: int) -> Spent:
    """Ours, from the document as it came to verified copies in one file."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with ExitStack() as opened:
        source = opened.enter_context((folder / "text.pdf").open("rb"))
        base, out = (opened.enter_context((folder / name).open("w+b")) for name in ("own.pdf", "one.pdf"))
        with clocked() as spent:
            if make_base([source], base).verdict != "ok":
                raise RuntimeError("the text was refused")
            fan_out_with(base, out, plan, faces, TEMPLATE)
            verify_stamped(out, base, plan, TEMPLATE)
    return spent


def file_per_copy(folder: Path, copies: int) -> Spent:
    """Ours, a file per copy."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with (folder / "base.pdf").open("rb") as base, ExitStack() as opened, clocked() as spent:
        fan_out_each(base, plan, faces, lambda mark: opened.enter_context((folder / f"ours-{mark.number}.pdf").open("wb")), TEMPLATE)
    return spent


def with_pikepdf(folder: Path, copies: int) -> Spent:
    """pikepdf: Page.add_overlay of a ready stamp page."""
    import pikepdf

    with clocked() as spent:
        for number in range(1, copies + 1):
            with pikepdf.open(folder / "base.pdf") as pdf, pikepdf.open(folder / f"stamp-{number}.pdf") as stamp:
                for page in pdf.pages:
                    page.add_overlay(stamp.pages[0])
                pdf.save(folder / f"peer-{number}.pdf")
    return spent


def with_pypdf(folder: Path, copies: int) -> Spent:
    """pypdf: PageObject.merge_page."""
    import pypdf

    with clocked() as spent:
        for number in range(1, copies + 1):
            stamp = pypdf.PdfReader(folder / f"stamp-{number}.pdf").pages[0]
            writer = pypdf.PdfWriter(clone_from=folder / "base.pdf")
            for page in writer.pages:
                page.merge_page(stamp)
            writer.write(folder / f"peer-{number}.pdf")
    return spent


def _commands(folder: Path, copies: int, command: Callable[[int], list[str]]) -> Spent:
    with clocked() as spent:
        for number in range(1, copies + 1):
            subprocess.run(command(number), check=True, capture_output=True, cwd=folder)
    return spent


def with_qpdf(folder: Path, copies: int) -> Spent:
    """qpdf --overlay with --repeat."""
    return _commands(
        folder, copies, lambda number: ["qpdf", "base.pdf", "--overlay", f"stamp-{number}.pdf", "--repeat=1", "--", f"peer-{number}.pdf"]
    )


def with_ghostscript(folder: Path, copies: int) -> Spent:
    """Ghostscript: pdfwrite with an EndPage procedure that writes the stamp."""
    show = "/Helvetica findfont 9 scalefont setfont 40 20 moveto (copy {}) show"
    words = "<</EndPage{{exch pop 0 eq{{" + show + " true}}{{pop false}}ifelse}}>>setpagedevice"
    return _commands(
        folder,
        copies,
        lambda number: ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile=peer-{number}.pdf", "-c",
                        words.format(number), "-f", "base.pdf"],
    )  # fmt: skip


def with_pdftk(folder: Path, copies: int) -> Spent:
    """pdftk multistamp."""
    return _commands(
        folder, copies, lambda number: ["pdftk", "base.pdf", "multistamp", f"stamp-{number}.pdf", "output", f"peer-{number}.pdf"]
    )


PEERS = {
    "pikepdf add_overlay": with_pikepdf,
    "qpdf --overlay": with_qpdf,
    "pypdf merge_page": with_pypdf,
    "Ghostscript EndPage": with_ghostscript,
    **({"pdftk multistamp": with_pdftk} if shutil.which("pdftk") else {}),
}
OUTSIDE = frozenset({"qpdf --overlay", "Ghostscript EndPage", "pdftk multistamp"})
"""Peers that run as programs of their own: this process' peak says nothing of theirs."""
DEMANDED = {"pikepdf add_overlay": 5, "qpdf --overlay": 10, "pypdf merge_page": 30, "Ghostscript EndPage": 100, "pdftk multistamp": 100}
"""How many times as fast ours is to be."""

CONTESTANTS: dict[str, Callable[[Path, int], Spent]] = {
    "one file": one_file,
    "one file, verified": partial(one_file, verified=True),
    "end to end": end_to_end,
    "a file per copy": file_per_copy,
    **PEERS,
}


def peak_megabytes() -> int:
    """This process' own peak (ru_maxrss would be the parent's when that was larger)."""
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) >> 10 for line in status.splitlines() if line.startswith("VmHWM"))


def measured(name: str, folder: Path, copies: int) -> Spent:
    """One contestant in its own process."""
    command = [sys.executable, "-m", "benchmarks.stamping", "--contestant", name, "--folder", str(folder), "--copies", str(copies)]
    return Spent(**json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))


def median(found: Sequence[Spent]) -> Spent:
    """Of both times the median, of memory the most."""
    return Spent(
        statistics.median(one.seconds for one in found), statistics.median(one.processor for one in found), max(one.peak for one in found)
    )


def inputs(folder: Path) -> None:
    """A base of 100 text pages, and 50 stamp pages for the peers."""
    source = write_pdf(folder / "text.pdf", "一百页", 100)
    with source.open("rb") as file, (folder / "base.pdf").open("w+b") as base:
        if not (inspection := make_base([file], base)).head_bare:
            raise RuntimeError(f"the text is not what it should be: {inspection}")
    for face, font in zip(("regular", "bold"), FontFiles().paths(), strict=True):  # as the gateway does it, once
        needed = frozenset("".join(map("".join, characters_of(plan_of(200), TEMPLATE))))
        (folder / f"{face}.otf").write_bytes(cut_font(font.read_bytes(), needed)[0])
    blank = write_pdf(folder / "blank.pdf", "", 1)
    for number in range(1, 51):
        shutil.copyfile(blank, folder / f"stamp-{number}.pdf")


def scan(folder: Path, megabytes: int) -> Path:
    """A base of one page for each 5 MB of picture that cannot be packed."""
    import pikepdf

    with pikepdf.new() as pdf:
        for _ in range(megabytes // 5):
            page = pdf.add_blank_page(page_size=(595, 842))
            picture = pdf.make_stream(os.urandom(5 << 20))
            picture.update(pikepdf.Dictionary(Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=1024, Height=5120,
                                              ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=8))  # fmt: skip
            page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(I=picture))
            page.obj.Contents = pdf.make_stream(b"q 595 0 0 842 0 0 cm /I Do Q")
        pdf.save(folder / "scan.pdf")
    with (folder / "scan.pdf").open("rb") as file, (folder / "base.pdf").open("w+b") as base:
        if make_base([file], base).verdict != "ok":
            raise RuntimeError("the scan was refused")
    return folder / "base.pdf"


def one_file_table(folder: Path, rounds: int) -> None:
    """Ours in one file, the rows interleaved."""
    rows = [(name, copies) for name in ("one file", "one file, verified", "end to end") for copies in (50, 200)]
    taken: dict[tuple[str, int], list[Spent]] = {row: [] for row in rows}
    sizes: dict[int, float] = {}
    for _ in range(rounds):
        for row in rows:
            taken[row].append(measured(row[0], folder, row[1]))
            sizes[row[1]] = (folder / "one.pdf").stat().st_size / 1e6
    print("| 100 text pages, one file | N | seconds | processor s | pages/s | peak MB | file MB |\n|---|---|---|---|---|---|---|")
    for (name, copies), found in taken.items():
        ours = median(found)
        speed = f"{100 * copies / ours.seconds:,.0f}"
        print(f"| {name} | {copies} | {ours.seconds:.2f} | {ours.processor:.2f} | {speed} | {ours.peak} | {sizes[copies]:.1f} |")


def peers_table(folder: Path, counts: Sequence[int], rounds: int) -> None:
    """A file per copy, ours and the peers', interleaved; the ratio of the medians of processor time."""
    print("\n| a file per copy | N | seconds | processor s | ours is faster | demanded | peak MB |\n|---|---|---|---|---|---|---|")
    for copies in counts:
        taken: dict[str, list[Spent]] = {name: [] for name in ("a file per copy", *PEERS)}
        for _ in range(rounds if copies == 10 else 1):
            for name, found in taken.items():
                found.append(measured(name, folder, copies))
        ours = median(taken["a file per copy"])
        for name, found in taken.items():
            theirs = median(found)
            ratio = f"{theirs.processor / ours.processor:.1f}× | ≥ {DEMANDED[name]}×" if name in DEMANDED else "|"
            peak = "other process" if name in OUTSIDE else theirs.peak
            print(f"| {name} | {copies} | {theirs.seconds:.3f} | {theirs.processor:.3f} | {ratio} | {peak} |")
    if "pdftk multistamp" not in PEERS:
        print("\npdftk is not installed (Debian: pdftk-java) and was not measured.")


def scan_line(folder: Path, megabytes: int) -> None:
    """A large scan, stamped and verified."""
    source = scan(folder, megabytes)
    for name in ("one file", "one file, verified"):
        ours = measured(name, folder, 200)
        more = (folder / "one.pdf").stat().st_size / source.stat().st_size - 1
        print(f"\n{megabytes} MB scan, N=200, {name}: {ours.seconds:.2f} s, source + {100 * more:.2f} %, peak {ours.peak} MB")


def report(folder: Path, *, peers: bool, quick: bool) -> None:
    """All tables."""
    inputs(folder)
    rounds = 1 if quick else ROUNDS
    one_file_table(folder, rounds)
    if peers:
        peers_table(folder, (10,) if quick else (10, 50), rounds)
    scan_line(folder, 250)
    print(f"\n{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--peers", action="store_true", help="Also the peers; takes minutes.")
    parser.add_argument("--quick", action="store_true", help="Each once, N=10 only against the peers.")
    parser.add_argument("--contestant", choices=CONTESTANTS)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--copies", type=int)
    chosen = parser.parse_args()
    if chosen.contestant:
        spent = CONTESTANTS[chosen.contestant](chosen.folder, chosen.copies)
        spent.peak = peak_megabytes()
        print(json.dumps(asdict(spent)))
        return
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-bench-", dir="/tmp"))
    try:
        report(folder, peers=chosen.peers, quick=chosen.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
