"""Stamping in figures, run by hand: `python -m benchmarks.stamping [--peers] [--quick]`. Prints the Markdown tables of docs/performance.md.

Ours: base → one file with N copies, a file per copy as the peers do it, and end to end: the document normalised and counted, stamped,
verified. Peers (pikepdf add_overlay, qpdf --overlay, pypdf merge_page, Ghostscript, pdftk multistamp when it is installed) get the base and
their stamp pages ready-made, interleaved with ours in the same run; every contestant in a process of its own, its start-up not counted.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from rehearsal.papers import write_pdf
from watermark import CopyMark, FontFiles, StampPlan, characters_of, cut_font, load_template, make_base, verify_stamped
from watermark.fanout import faces_for, fan_out_each, fan_out_with

ROUNDS = 3
TEMPLATE = load_template("print")


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


def one_file(folder: Path, copies: int, *, verified: bool = False) -> float:
    """Ours, all copies in one file; end to end when `verified`: opened again, every (page, copy) pair looked at."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with (folder / "base.pdf").open("rb") as base, (folder / "one.pdf").open("w+b") as out:
        began = time.perf_counter()
        fan_out_with(base, out, plan, faces, TEMPLATE)
        if verified:
            verify_stamped(out, base, plan, TEMPLATE)
        return time.perf_counter() - began


def end_to_end(folder: Path, copies: int) -> float:
    """Ours, from the document as it came to verified copies in one file."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with (folder / "text.pdf").open("rb") as source, (folder / "own.pdf").open("w+b") as base, (folder / "one.pdf").open("w+b") as out:
        began = time.perf_counter()
        if make_base([source], base).verdict != "ok":
            raise RuntimeError("the text was refused")
        fan_out_with(base, out, plan, faces, TEMPLATE)
        verify_stamped(out, base, plan, TEMPLATE)
        return time.perf_counter() - began


def file_per_copy(folder: Path, copies: int) -> float:
    """Ours, a file per copy."""
    plan = plan_of(copies)
    faces = faces_for(plan, TEMPLATE, FontFiles(folder / "regular.otf", folder / "bold.otf"))
    with (folder / "base.pdf").open("rb") as base, ExitStack() as opened:
        began = time.perf_counter()
        fan_out_each(base, plan, faces, lambda mark: opened.enter_context((folder / f"ours-{mark.number}.pdf").open("wb")), TEMPLATE)
        return time.perf_counter() - began


def with_pikepdf(folder: Path, copies: int) -> float:
    """pikepdf: Page.add_overlay of a ready stamp page."""
    import pikepdf

    began = time.perf_counter()
    for number in range(1, copies + 1):
        with pikepdf.open(folder / "base.pdf") as pdf, pikepdf.open(folder / f"stamp-{number}.pdf") as stamp:
            for page in pdf.pages:
                page.add_overlay(stamp.pages[0])
            pdf.save(folder / f"peer-{number}.pdf")
    return time.perf_counter() - began


def with_pypdf(folder: Path, copies: int) -> float:
    """pypdf: PageObject.merge_page."""
    import pypdf

    began = time.perf_counter()
    for number in range(1, copies + 1):
        stamp = pypdf.PdfReader(folder / f"stamp-{number}.pdf").pages[0]
        writer = pypdf.PdfWriter(clone_from=folder / "base.pdf")
        for page in writer.pages:
            page.merge_page(stamp)
        writer.write(folder / f"peer-{number}.pdf")
    return time.perf_counter() - began


def _commands(folder: Path, copies: int, command: Callable[[int], list[str]]) -> float:
    began = time.perf_counter()
    for number in range(1, copies + 1):
        subprocess.run(command(number), check=True, capture_output=True, cwd=folder)
    return time.perf_counter() - began


def with_qpdf(folder: Path, copies: int) -> float:
    """qpdf --overlay with --repeat."""
    return _commands(
        folder, copies, lambda number: ["qpdf", "base.pdf", "--overlay", f"stamp-{number}.pdf", "--repeat=1", "--", f"peer-{number}.pdf"]
    )


def with_ghostscript(folder: Path, copies: int) -> float:
    """Ghostscript: pdfwrite with an EndPage procedure that writes the stamp."""
    show = "/Helvetica findfont 9 scalefont setfont 40 20 moveto (copy {}) show"
    words = "<</EndPage{{exch pop 0 eq{{" + show + " true}}{{pop false}}ifelse}}>>setpagedevice"
    return _commands(
        folder,
        copies,
        lambda number: ["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=pdfwrite", f"-sOutputFile=peer-{number}.pdf", "-c",
                        words.format(number), "-f", "base.pdf"],
    )  # fmt: skip


def with_pdftk(folder: Path, copies: int) -> float:
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
CONTESTANTS: dict[str, Callable[[Path, int], float]] = {
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


def measured(name: str, folder: Path, copies: int) -> tuple[float, int]:
    """Seconds and peak memory in MB of one contestant in its own process."""
    command = [sys.executable, "-m", "benchmarks.stamping", "--contestant", name, "--folder", str(folder), "--copies", str(copies)]
    told = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return told["seconds"], told["peak"]


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
    taken: dict[tuple[str, int], list[tuple[float, int]]] = {row: [] for row in rows}
    sizes: dict[int, float] = {}
    for _ in range(rounds):
        for row in rows:
            taken[row].append(measured(row[0], folder, row[1]))
            sizes[row[1]] = (folder / "one.pdf").stat().st_size / 1e6
    print("| 100 text pages, one file | N | seconds | pages/s | peak MB | file MB |\n|---|---|---|---|---|---|")
    for (name, copies), found in taken.items():
        seconds, peak = statistics.median(one for one, _ in found), max(most for _, most in found)
        print(f"| {name} | {copies} | {seconds:.2f} | {100 * copies / seconds:,.0f} | {peak} | {sizes[copies]:.1f} |")


def peers_table(folder: Path, counts: Sequence[int], rounds: int) -> None:
    """A file per copy, ours and the peers', interleaved; the ratio of the medians."""
    print("\n| a file per copy | N | seconds | ours is faster | peak MB |\n|---|---|---|---|---|")
    for copies in counts:
        taken: dict[str, list[tuple[float, int]]] = {name: [] for name in ("a file per copy", *PEERS)}
        for _ in range(rounds if copies == 10 else 1):
            for name, found in taken.items():
                found.append(measured(name, folder, copies))
        ours = statistics.median(seconds for seconds, _ in taken["a file per copy"])
        for name, found in taken.items():
            seconds = statistics.median(one for one, _ in found)
            peak = "other process" if name in OUTSIDE else str(max(most for _, most in found))
            print(f"| {name} | {copies} | {seconds:.2f} | {seconds / ours:.0f}× | {peak} |")
    if "pdftk multistamp" not in PEERS:
        print("\npdftk is not installed (Debian: pdftk-java) and was not measured.")


def scan_line(folder: Path, megabytes: int) -> None:
    """A large scan, stamped and verified."""
    source = scan(folder, megabytes)
    for name in ("one file", "one file, verified"):
        seconds, peak = measured(name, folder, 200)
        more = (folder / "one.pdf").stat().st_size / source.stat().st_size - 1
        print(f"\n{megabytes} MB scan, N=200, {name}: {seconds:.2f} s, source + {100 * more:.2f} %, peak {peak} MB")


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
        seconds = CONTESTANTS[chosen.contestant](chosen.folder, chosen.copies)
        print(json.dumps({"seconds": seconds, "peak": peak_megabytes()}))
        return
    folder = Path(tempfile.mkdtemp(prefix="imprimatur-bench-", dir="/tmp"))
    try:
        report(folder, peers=chosen.peers, quick=chosen.quick)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
