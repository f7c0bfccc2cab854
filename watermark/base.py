"""From what arrived to the base: the one file that is previewed, approved, hashed, counted and stamped (I6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from os import SEEK_END
from typing import BinaryIO

import pikepdf
import pypdf.errors
import pypdfium2
from pikepdf import Dictionary

from watermark.conversion import as_pdf
from watermark.errors import DocumentRefused
from watermark.findings import Findings, read_pages
from watermark.geometry import Frame, frame_of
from watermark.hashing import hash_of_pages
from watermark.layers import close_layers
from watermark.model import Inspection, Limits, PageSize
from watermark.pageforms import add_page
from watermark.pagetree import second_opinion, walk
from watermark.watchdog import Heartbeat, unwatched

_UNREADABLE = (
    pikepdf.PdfError,
    pikepdf.DataDecodingError,
    pypdf.errors.PyPdfError,
    pypdfium2.PdfiumError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    RuntimeError,
)
"""What the parsers raise over hostile files; each ends in E_DAMAGED, never in a guess."""

DEFAULT_LIMITS = Limits()


def make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits = DEFAULT_LIMITS, heartbeat: Heartbeat = unwatched) -> Inspection:
    """Normalise one or several documents (joined in order) into `base` and say what is in it.

    PDF is taken as it is; PostScript, text, PNG, JPEG, TIFF, PWG and URF raster become PDF first (`watermark.conversion`).
    Annotations meant for print are painted into their pages; scripts, forms, attachments and actions stay behind; every page
    becomes one form with crop box, rotation and unit applied. The result is counted by three parsers. Never raises for
    what a document contains: the verdict tells. Call it in the sandbox: hostile files may still exhaust time or memory.
    """
    try:
        return _make_base(sources, base, limits, heartbeat)
    except DocumentRefused as refused:
        return Inspection(verdict=refused.code, reasons=(refused.reason,))
    except pikepdf.PasswordError:
        return Inspection(verdict="E_PASSWORD", reasons=("a password is needed to open it",))
    except (MemoryError, RecursionError):
        return Inspection(verdict="E_LIMIT", reasons=("it needs more memory than allowed",))
    except _UNREADABLE as error:
        return Inspection(verdict="E_DAMAGED", reasons=(f"the PDF cannot be read ({type(error).__name__})",))


def _make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits, heartbeat: Heartbeat) -> Inspection:
    target = pikepdf.new()
    frames: list[Frame] = []
    work = 0
    with ExitStack() as stack:  # copied streams are read from their source when the target is saved
        for source in sources:
            pdf_file = as_pdf(source, limits, heartbeat)
            heartbeat(1)
            pdf = stack.enter_context(_opened(pdf_file))
            _count_strictly(pdf, limits, len(frames), heartbeat)
            work += len(pdf.pages) + (pdf_file.seek(0, SEEK_END) >> 20)
            for page in pdf.pages:
                heartbeat(1)
                frames.append(frame_of(page.obj, limits))
                add_page(target, pdf, page, frames[-1])
            if len(sources) == 1 and isinstance(pdf.Root.get("/OCProperties"), Dictionary):
                # without the defaults hidden layers would become visible
                target.Root.OCProperties = target.copy_foreign(pdf.make_indirect(pdf.Root.OCProperties))
        if not frames:
            raise DocumentRefused("E_FORMAT", "it has no pages")
        heartbeat(work)
        _save(target, base)
    return _inspect(base, frames, heartbeat)


def _count_strictly(pdf: pikepdf.Pdf, limits: Limits, before: int, heartbeat: Heartbeat) -> None:
    declared = walk(pdf, limits)
    heartbeat(declared)
    _flatten(pdf)
    close_layers(pdf)
    if len(pdf.pages) != declared:
        raise DocumentRefused("E_COUNT_DISAGREES", f"the page tree has {declared} pages, the parser sees {len(pdf.pages)}")
    if before + declared > limits.max_pages:
        raise DocumentRefused("E_LIMIT", f"more than {limits.max_pages} pages")


def _save(target: pikepdf.Pdf, base: BinaryIO) -> None:
    """A classic cross-reference table and no object streams: the fan-out appends raw objects to it."""
    target.trailer.Size = len(target.objects) + 1
    base.seek(0)
    base.truncate()
    target.save(
        base,
        object_stream_mode=pikepdf.ObjectStreamMode.disable,
        compress_streams=True,
        stream_decode_level=pikepdf.StreamDecodeLevel.none,
        fix_metadata_version=False,
        static_id=True,
    )
    base.flush()


def _opened(source: BinaryIO) -> pikepdf.Pdf:
    source.seek(0)
    pdf = pikepdf.open(
        source, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False, suppress_warnings=True, inherit_page_attributes=False
    )
    if pdf.is_encrypted and not pdf.owner_password_matched and not (pdf.allow.print_lowres or pdf.allow.print_highres):
        raise DocumentRefused("E_PASSWORD", "its owner does not allow printing")
    if bool(pdf.Root.get("/NeedsRendering", False)):
        raise DocumentRefused("E_FORMAT", "its pages are made by a form program (XFA) and cannot be counted")
    return pdf


def _flatten(pdf: pikepdf.Pdf) -> None:
    """Paint annotations meant for print into the pages: left alone they could cover the stamp."""
    if not any("/Annots" in page.obj for page in pdf.pages):
        return
    if "/AcroForm" in pdf.Root:
        pdf.generate_appearance_streams()
    pdf.flatten_annotations("print")


def _inspect(base: BinaryIO, frames: list[Frame], heartbeat: Heartbeat) -> Inspection:
    heartbeat(len(frames))
    base.seek(0)
    unembedded: set[str] = set()
    with pikepdf.open(base, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False) as kept:
        counts = {len(frames), walk(kept, Limits(max_pages=len(frames))), len(kept.pages), second_opinion(base)}
        forms = [(frame.width, frame.height, page.obj.Resources.XObject.W) for frame, page in zip(frames, kept.pages, strict=True)]
        # before anything is painted: it also finds what is too large to be
        page_hash = hash_of_pages(forms, kept.Root.get("/OCProperties"), heartbeat, unembedded)
    findings, seen_by_pdfium = _read(base, heartbeat)
    if len(counts := counts | {seen_by_pdfium}) != 1:
        raise DocumentRefused("E_COUNT_DISAGREES", f"the parsers count {', '.join(map(str, sorted(counts)))} pages")
    base.seek(0)
    return Inspection(
        pages=len(frames),
        page_sizes=_sizes(frames),
        page_hash=page_hash,
        marks=findings.marks,
        marks_by_page=findings.marks_by_page,
        permit_claims=findings.permit_claims,
        header_words=findings.header_words,
        head_bare=findings.head_bare,
        colour_pages=findings.colour_pages,
        unembedded_fonts=tuple(sorted(unembedded)),
    )


def _read(base: BinaryIO, heartbeat: Heartbeat) -> tuple[Findings, int]:
    heartbeat(1)
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        return read_pages(document, heartbeat), len(document)
    finally:
        document.close()


def _sizes(frames: list[Frame]) -> tuple[PageSize, ...]:
    """Page sizes, most frequent first."""
    counted = Counter((round(frame.width, 2), round(frame.height, 2)) for frame in frames)
    return tuple(PageSize(PageSize.name_of(width, height), width, height, count) for (width, height), count in counted.most_common())
