"""Marks in pictures on the pages of a fax, which no reading of text finds (R41): read before it is filed, where that is possible."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from gateway.errors import ConflictError
from gateway.logs import log
from gateway.memory import memory_file
from gateway.services.fax_drawing import drawable
from gateway.services.gate import Actor, Gate
from spool import SpoolError
from watermark import WatermarkError, ocr, sandbox

_DPI = 200


@dataclass(frozen=True, slots=True)
class Pictures:
    """What is known of the pictures on a fax's pages: the pages (from 1), whether they were read, and what reads as a mark there."""

    pages: tuple[int, ...] = ()
    read: bool = False
    marks: tuple[str, ...] = ()


def look_at_pictures(gate: Gate, actor: Actor, job_no: str) -> Pictures:
    """Pages on which words may stand that are no text, and the marks found in them where they can be read (`fax_ocr`, Tesseract).

    A page that cannot be read leaves them unread, as on a machine without Tesseract: approver and doctor are told so. Raises what
    `draw_pages` raises.
    """
    with gate.database.reading() as session:
        _, base_object = drawable(session, actor, job_no)
    try:
        with gate.spool.fetched(base_object) as base:
            pages = sandbox.picture_pages(base)
            if not (pages and gate.settings.fax_ocr and ocr.is_installed()):
                return Pictures(pages)
            marks = _marks(base, pages)
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The fax cannot be drawn ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error
    return Pictures(pages) if marks is None else Pictures(pages, read=True, marks=marks)


def _marks(base: BinaryIO, pages: tuple[int, ...]) -> tuple[str, ...] | None:
    """What reads as a mark on these pages; None when one of them cannot be read."""
    found: dict[str, None] = {}
    for page in pages:
        try:
            with memory_file("picture") as picture:
                picture.write(sandbox.render_page(base, page - 1, _DPI))
                picture.flush()
                found |= dict.fromkeys(sandbox.marks_in_picture(picture))
        except WatermarkError as error:
            log.warning("fax_picture_unread", error=error.code)
            return None
    return tuple(found)
