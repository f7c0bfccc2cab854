"""The programs a printed PDF may meet: what they count and what they paint."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pypdf
import pypdfium2
import zxingcpp
from PIL import Image

from watermark import CopyMark, StampPlan

SECONDS = 60

PLAN = StampPlan(
    permit_no="ZYZ-2026-000123-L",
    mark="机密★10年",
    requester="王小明",
    department="保密办公室",
    printed_at="2026-11-24 09:30",
    release_tag="0123456789abcdef",
    copies=(CopyMark(7, "1/2", "C123456789012345678901234AB"), CopyMark(8, "2/2", "C123456789012345678901234CD")),
)


def run(*command: str | Path) -> bytes:
    return subprocess.run([str(word) for word in command], capture_output=True, check=True, timeout=SECONDS).stdout


def counts_by_libraries(file: Path) -> dict[str, int]:
    """Pages by three libraries that share no parser."""
    with pikepdf.open(file) as pdf:
        by_qpdf = len(pdf.pages)
    document = pypdfium2.PdfDocument(file)
    try:
        by_pdfium = len(document)
    finally:
        document.close()
    return {"pikepdf": by_qpdf, "pypdf": len(pypdf.PdfReader(file, strict=True).pages), "pdfium": by_pdfium}


def counts(file: Path) -> dict[str, int]:
    """Pages by six programs that share no parser."""
    info = run("pdfinfo", file).decode("utf-8", "replace")
    program = f"({file}) (r) file runpdfbegin pdfpagecount = quit"
    return counts_by_libraries(file) | {
        "poppler": int(next(line.split()[1] for line in info.splitlines() if line.startswith("Pages:"))),
        "mutool": run("mutool", "pages", file).count(b"<page "),
        "ghostscript": int(run("gs", "-q", "-dNODISPLAY", f"--permit-file-read={file}", "-c", program).split()[-1]),
    }


def _by_pdfium(file: Path, dpi: int) -> Image.Image:
    document = pypdfium2.PdfDocument(file)
    try:
        return document[0].render(scale=dpi / 72, grayscale=True).to_pil().convert("L")
    finally:
        document.close()


def _by_poppler(file: Path, dpi: int) -> Image.Image:
    stem = file.with_suffix(".poppler")
    run("pdftoppm", "-r", str(dpi), "-l", "1", "-gray", "-singlefile", file, stem)
    return Image.open(f"{stem}.pgm")


def _by_ghostscript(file: Path, dpi: int) -> Image.Image:
    out = file.with_suffix(".gs.png")
    device = ("-dBATCH", "-dNOPAUSE", "-sDEVICE=pnggray", "-dLastPage=1", "-dTextAlphaBits=4", "-dGraphicsAlphaBits=4")
    run("gs", "-q", "-dSAFER", *device, f"-r{dpi}", f"-sOutputFile={out}", file)
    return Image.open(out)


def _by_mutool(file: Path, dpi: int) -> Image.Image:
    """Its exit status tells of faults in the page's own content too, which are not ours: only the picture counts."""
    out = file.with_suffix(".mutool.png")
    command = ["mutool", "draw", "-q", "-r", str(dpi), "-c", "gray", "-o", str(out), str(file), "1"]
    subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
    return Image.open(out)


RENDERERS: dict[str, Callable[[Path, int], Image.Image]] = {
    "pdfium": _by_pdfium,
    "poppler": _by_poppler,
    "ghostscript": _by_ghostscript,
    "mutool": _by_mutool,
}
"""Page 1 of a file at a resolution, in grey."""


def codes_in(picture: Image.Image) -> list[str]:
    """Texts of the QR codes a reader finds in the picture, one for each code."""
    return [code.text for code in zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))]


def faults_found_by_qpdf(file: Path) -> str:
    """What `qpdf --check` complains of; '' when nothing."""
    done = subprocess.run(["qpdf", "--check", str(file)], capture_output=True, text=True, check=False, timeout=SECONDS)
    return "" if done.returncode == 0 else done.stderr or done.stdout
