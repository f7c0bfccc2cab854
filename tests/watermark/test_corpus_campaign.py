"""Real documents by the thousand: no crash, no hang, every refusal with a code, and every program counts what we count.

They come from Debian's documentation packages (made by pdfTeX, XeTeX, LuaTeX, R, LilyPond, Ghostscript, office programs, scanners) and
from the test data of PDF libraries, downloaded by apt and pip into a temporary folder. Without a network the campaign is skipped, and
says so. Of each package a sample is taken, drawn with a seed that is reported, so that all packages together take some ten minutes of one
core; the largest documents are left out (`LARGEST`, `MOST_DOCUMENTS`).
"""

from __future__ import annotations

import gzip
import os
import random
import statistics
import subprocess
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from gateway.domain.codes import Code
from tests.watermark.engines import PLAN, counts, faults_found_by_qpdf, run
from tests.watermark.test_hazards import outcome
from watermark import WatermarkError

pytestmark = [pytest.mark.long, pytest.mark.timeout(0)]

DEBIAN = (
    "asymptote-doc",
    "ghostscript-doc",
    "gnuplot-doc",
    "lilypond-doc-pdf",
    "octave-doc",
    "r-doc-pdf",
    "texlive-humanities-doc",
    "texlive-lang-chinese",
    "texlive-lang-cyrillic",
    "texlive-lang-japanese",
    "texlive-latex-base-doc",
    "texlive-latex-recommended-doc",
    "texlive-science-doc",
)
PYTHON = ("pypdf==7.1.1", "pypdfium2==5.15.2", "img2pdf==0.6.3")
"""Whose source packages hold documents that once broke a parser."""

SUFFIXES = {".pdf", ".ps", ".eps", ".png", ".jpg", ".jpeg", ".tif", ".tiff"}
UNMARKED = replace(PLAN, mark="")
"""A document that bears a mark of its own is not stamped with another one."""

LARGEST = 6 << 20
MOST_DOCUMENTS = 40
SEED = 20261125
MOST_STAMPED_PAGES = 400
"""Of longer documents the copies are made and counted, but Ghostscript and MuPDF are spared them."""


def unpacked_debian(package: str, folder: Path) -> Path:
    fetched = subprocess.run(["apt-get", "download", "-q", package], cwd=folder, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.deb"))
    if fetched.returncode or not archives:
        pytest.skip(f"{package} cannot be downloaded here: {fetched.stderr.strip().splitlines()[-1:]}")
    subprocess.run(["dpkg-deb", "-x", str(archives[0]), str(folder / "content")], check=True)
    return folder / "content"


def unpacked_python(requirement: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", str(folder), requirement]
    fetched = subprocess.run(command, capture_output=True, text=True, check=False)
    archives = list(folder.glob("*.tar.gz"))
    if fetched.returncode or not archives:
        pytest.skip(f"{requirement} cannot be downloaded here: {fetched.stderr.strip().splitlines()[-1:]}")
    (folder / "content").mkdir()
    subprocess.run(["tar", "-xzf", str(archives[0]), "-C", str(folder / "content")], check=True)
    return folder / "content"


def documents_in(folder: Path) -> Iterator[Path]:
    """Every document but the largest, packed ones too, in one order everywhere."""
    for file in sorted(folder.rglob("*")):
        suffix = (file.with_suffix("") if file.suffix == ".gz" else file).suffix.lower()
        if file.is_file() and not file.is_symlink() and suffix in SUFFIXES and 0 < file.stat().st_size < LARGEST:
            yield file


def content_of(file: Path) -> bytes:
    """Unpacked, if it is packed."""
    return gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()


@dataclass
class Tally:
    """What became of the documents."""

    verdicts: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    pages: int = 0
    refused: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def pages_by_poppler(source: bytes, file: Path) -> int | None:
    """What an independent program counts in the document as it came; None when it cannot read it."""
    file.write_bytes(source)
    try:
        info = run("pdfinfo", file).decode("utf-8", "replace")
    except subprocess.CalledProcessError:
        return None
    return next((int(line.split()[1]) for line in info.splitlines() if line.startswith("Pages:")), None)


def judge(name: str, content: bytes, folder: Path, tally: Tally) -> None:
    file = folder / "stamped.pdf"
    began = time.monotonic()
    found = outcome(content, file, UNMARKED)
    tally.seconds.append(time.monotonic() - began)
    tally.verdicts[found.verdict] += 1
    if found.verdict != "ok":
        tally.refused.append(f"{Path(name).name} ({found.verdict}: {'; '.join(found.reasons)})")
        if found.verdict not in Code.__members__ or not found.reasons or "ended with" in found.reasons[0]:
            tally.faults.append(f"{name}: {found.verdict} {found.reasons}")
        return
    tally.pages += found.pages
    if content.startswith(b"%PDF-") and (theirs := pages_by_poppler(content, folder / "source.pdf")) not in (None, found.pages):
        tally.faults.append(f"{name}: poppler counts {theirs} pages, we {found.pages}")
    if faults := faults_found_by_qpdf(file):
        tally.faults.append(f"{name}: qpdf --check: {faults.splitlines()[-1]}")
    if found.pages <= MOST_STAMPED_PAGES and set((seen := counts(file)).values()) != {found.pages * 2}:
        tally.faults.append(f"{name}: {found.pages} pages twice, but {seen}")


def campaign(folder: Path, record: Callable[[str, object], None], scratch: Path) -> None:
    tally, found = Tally(), list(documents_in(folder))
    sample = random.Random(SEED).sample(found, min(MOST_DOCUMENTS, len(found)))

    def one(numbered: tuple[int, Path]) -> None:
        number, file = numbered
        name, place = str(file.relative_to(folder)), scratch / str(number)
        place.mkdir()
        try:
            judge(name, content_of(file), place, tally)
        except (OSError, ValueError, LookupError, RuntimeError, subprocess.SubprocessError, WatermarkError) as error:
            tally.faults.append(f"{name}: {type(error).__name__} {error} {traceback.format_exc().splitlines()[-3]}")
        for left in place.iterdir():
            left.unlink()

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, enumerate(sample)))
    record("documents", sum(tally.verdicts.values()))
    record("of", len(found))
    record("seed", SEED)
    record("pages", tally.pages)
    for verdict, times in sorted(tally.verdicts.items()):
        record(verdict, times)
    if tally.refused:
        record("refused", ", ".join(sorted(tally.refused)))
    if tally.seconds:
        record("median s", round(statistics.median(tally.seconds), 3))
        record("slowest s", round(max(tally.seconds), 1))
    assert not tally.faults, "\n".join(tally.faults)
    assert tally.verdicts


@pytest.mark.parametrize("package", DEBIAN)
def test_documents_of_debian(package: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    campaign(unpacked_debian(package, tmp_path), record_property, scratch)


@pytest.mark.parametrize("requirement", PYTHON)
def test_documents_that_once_broke_a_parser(requirement: str, tmp_path: Path, record_property: Callable[[str, object], None]) -> None:
    (scratch := tmp_path / "scratch").mkdir()
    campaign(unpacked_python(requirement, tmp_path), record_property, scratch)
