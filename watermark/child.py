"""The child process: reads hostile documents with nothing in reach (facts behind it: docs/threat-model.md).

Forked by `watermark.forkserver`. Documents are descriptors of memory files. Everything needed is imported, read and rehearsed before the
fork or at the verb's beginning; then the process gives up root, may open no descriptor any more (no file, no socket), and only then
touches a document.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, BinaryIO, Literal, cast

from watermark.errors import DocumentRefused, WatermarkError
from watermark.lockdown import lock_down

_COUNTING_NICENESS = 10
"""Counting gives way to taking jobs in: a sender waits for that, nobody waits for this."""

_ENCRYPTIONS: tuple[Literal[2, 3, 4, 6], ...] = (2, 3, 4, 6)
"""Revisions of PDF's security handler: their ciphers are loaded at first use too."""


def _file(descriptor: int, mode: str) -> BinaryIO:
    return cast("BinaryIO", os.fdopen(descriptor, mode, closefd=False))


def _make_base(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import Inspection, Limits, make_base
    from watermark.conversion import made_ready
    from watermark.watchdog import watchdog

    os.nice(_COUNTING_NICENESS)
    _rehearsed_base()
    *sources, base = documents
    limits, out = Limits(**request["limits"]), _file(base, "r+b")
    try:
        files = [made_ready(_file(source, "rb"), limits) for source in sources]
    except DocumentRefused as refused:
        verdict = Inspection(verdict=refused.code, reasons=(refused.reason,)).to_json()
        return lambda: verdict
    return lambda: make_base(files, out, limits, watchdog(limits.page_seconds)).to_json()


def _fan_out(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import FontFiles, StampPlan, Template, verify_stamped
    from watermark.fanout import faces_for, fan_out_with

    base, out = _file(documents[0], "rb"), _file(documents[1], "r+b")
    plan = StampPlan.from_json(request["plan"])
    template = Template.model_validate(request["template"])
    faces = faces_for(plan, template, FontFiles(*(Path(path) if path else None for path in request["fonts"])))

    def stamp() -> dict[str, Any]:
        report = fan_out_with(base, out, plan, faces, template)
        verify_stamped(out, base, plan, template)
        return {"pages_total": report.pages_total, "pages_per_copy": report.pages_per_copy, "sheets": report.sheets}

    if plan.copies:  # with the fonts of this plan: they are parsed as they are used
        one, rehearsed = replace(plan, copies=plan.copies[:1]), io.BytesIO()
        fan_out_with(_rehearsed_base(), rehearsed, one, faces, template)
        verify_stamped(rehearsed, _rehearsed_base(), one, template)
    return stamp


def _render_page(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import FontFiles
    from watermark.rendering import render_page_with

    words = request["overlay_text"]
    font = FontFiles().read()[0] if words else b""
    base, out = _file(documents[0], "rb"), _file(documents[1], "r+b")
    render_page_with(_rehearsed_base(), 0, 10, words, font)

    def render() -> dict[str, Any]:
        out.write(render_page_with(base, int(request["page_index"]), int(request["dpi"]), words, font))
        out.flush()
        return {}

    return render


def _make_facsimile(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import Limits
    from watermark.facsimile import make_facsimile
    from watermark.faxtiff import COARSE
    from watermark.watchdog import watchdog

    stamped, out = _file(documents[0], "rb"), _file(documents[1], "r+b")
    make_facsimile(_rehearsed_base(), io.BytesIO(), lines_per_inch=COARSE)
    heartbeat = watchdog(Limits(**request["limits"]).page_seconds)

    def draw() -> dict[str, Any]:
        return asdict(make_facsimile(stamped, out, lines_per_inch=int(request["lines_per_inch"]), heartbeat=heartbeat))

    return draw


def _read_scan(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from PIL import Image

    from watermark.scans import read_scan

    page, small = _file(documents[0], "rb"), _file(documents[1], "r+b")
    rehearsed = io.BytesIO()
    Image.new("L", (64, 64), "white").save(rehearsed, "PNG")
    read_scan(rehearsed, io.BytesIO(), 32)

    def read() -> dict[str, Any]:
        return asdict(read_scan(page, small, int(request["longest_side"])))

    return read


def _take_page(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import Limits
    from watermark.pushed import take_page

    source, out = _file(documents[0], "rb"), _file(documents[1], "r+b")
    limits = Limits(**request["limits"])
    take_page(_rehearsed_base(), 0, io.BytesIO(), limits)

    def take() -> dict[str, Any]:
        return asdict(take_page(source, int(request["index"]), out, limits))

    return take


def _picture_pages(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark.ocr import picture_pages

    del request
    base = _file(documents[0], "rb")
    picture_pages(_rehearsed_base())
    return lambda: {"pages": picture_pages(base)}


def _marks_in_picture(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import Limits
    from watermark.ocr import marks_in_picture

    os.nice(_COUNTING_NICENESS)
    marks = marks_in_picture(_file(documents[0], "rb"), Limits(**request["limits"]))  # a picture we drew ourselves
    return lambda: {"marks": marks}


def _cut_font(request: dict[str, Any], documents: list[int]) -> Callable[[], dict[str, Any]]:
    from watermark import cut_font

    os.nice(_COUNTING_NICENESS)
    file, out = _file(documents[0], "rb"), _file(documents[1], "r+b")
    program, present = cut_font(file.read(), frozenset(request["characters"]))  # the site's own font: no stranger's document

    def cut() -> dict[str, Any]:
        out.write(program)
        out.flush()
        return {"characters": "".join(sorted(present))}

    return cut


@cache
def _rehearsed_base() -> BinaryIO:
    """Count harmless pages of our own first: libraries load parts at first use, which is impossible once the doors are closed."""
    import pikepdf
    from pikepdf import Dictionary, Name
    from PIL import Image

    from watermark import make_base

    plain, base = io.BytesIO(), io.BytesIO()
    with pikepdf.new() as pdf:
        page = pdf.add_blank_page(page_size=(595, 842))
        helvetica = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        page.obj.Resources = Dictionary(Font=Dictionary(H=helvetica))
        page.obj.Contents = pdf.make_stream(b"BT /H 12 Tf 72 720 Td (1) Tj ET")
        pdf.save(plain)
        sources: list[BinaryIO] = [plain]
        for revision in _ENCRYPTIONS:
            sources.append(io.BytesIO())
            pdf.save(sources[-1], encryption=pikepdf.Encryption(owner="o", R=revision, aes=revision >= 4, metadata=revision >= 4))
    for picture in ("PNG", "JPEG", "TIFF"):
        sources.append(io.BytesIO())
        Image.new("RGB", (100, 100), "white").save(sources[-1], picture)
    if (inspection := make_base(sources, base)).verdict != "ok":
        raise WatermarkError(f"the counting of empty pages failed: {inspection.reasons}")
    return base


_VERBS = {
    "make_base": _make_base,
    "fan_out": _fan_out,
    "render_page": _render_page,
    "make_facsimile": _make_facsimile,
    "read_scan": _read_scan,
    "take_page": _take_page,
    "picture_pages": _picture_pages,
    "marks_in_picture": _marks_in_picture,
    "cut_font": _cut_font,
}
_PARTS = {
    "fan_out": "fanout",
    "render_page": "rendering",
    "make_facsimile": "facsimile",
    "read_scan": "scans",
    "take_page": "pushed",
    "picture_pages": "ocr",
    "marks_in_picture": "ocr",
    "cut_font": "fonts",
}


@cache
def warm(verb: str) -> None:
    """Import and rehearse what a verb needs, once, before the fork. What fails here fails again, and is told, in the child."""
    with suppress(WatermarkError, OSError):
        _rehearsed_base()
        if verb in _PARTS:
            import_module(f"watermark.{_PARTS[verb]}")


def answer(request: dict[str, Any], documents: list[int]) -> dict[str, Any]:
    """Do one request; errors of this library and exhausted limits become an answer too."""
    try:
        work = _VERBS[request["verb"]](request, documents)
        lock_down(request["limits"]["seconds"], request["limits"]["memory_bytes"], request["limits"]["output_bytes"])
        return {"done": work()}
    except WatermarkError as error:
        return {"code": error.code, "reason": str(error)}
    except (MemoryError, OSError) as error:
        return {"code": "E_LIMIT", "reason": f"out of memory or space ({type(error).__name__})"}
