"""From what arrived to the base: the one file that is previewed, approved, hashed, counted and stamped (I6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from decimal import Decimal
from typing import BinaryIO

import pikepdf
import pypdf.errors
import pypdfium2
from pikepdf import Array, Dictionary, Name

from watermark.errors import DocumentRefused
from watermark.findings import Findings, read_pages
from watermark.geometry import Frame, frame_of, inherited, number
from watermark.hashing import hash_of_pages
from watermark.model import Inspection, Limits, PageSize
from watermark.pagetree import second_opinion, walk

_HEAD = 1024
_LONGEST_JOINED_CONTENT = 200_000_000
_UNREADABLE = (
    pikepdf.PdfError,
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


def make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Inspection:
    """Normalise one or several PDF documents (joined in order) into `base` and say what is in it.

    Annotations meant for print are painted into their pages; scripts, forms, attachments and actions stay behind; every page
    becomes one form with crop box, rotation and unit applied. The result is counted by three parsers. Never raises for
    what a document contains: the verdict tells. Call it in the sandbox: hostile files may still exhaust time or memory.
    """
    try:
        return _make_base(sources, base, limits)
    except DocumentRefused as refused:
        return Inspection(verdict=refused.code, reasons=(refused.reason,))
    except pikepdf.PasswordError:
        return Inspection(verdict="E_PASSWORD", reasons=("a password is needed to open it",))
    except (MemoryError, RecursionError):
        return Inspection(verdict="E_LIMIT", reasons=("it needs more memory than allowed",))
    except _UNREADABLE as error:
        return Inspection(verdict="E_DAMAGED", reasons=(f"the PDF cannot be read ({type(error).__name__})",))


def _make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits) -> Inspection:
    target = pikepdf.new()
    frames: list[Frame] = []
    with ExitStack() as stack:  # copied streams are read from their source when the target is saved
        for source in sources:
            pdf = stack.enter_context(_opened(source))
            _count_strictly(pdf, limits, len(frames))
            for page in pdf.pages:
                frames.append(frame_of(page.obj, limits))
                _add_page(target, pdf, page, frames[-1])
            if len(sources) == 1 and isinstance(pdf.Root.get("/OCProperties"), Dictionary):
                # without the defaults hidden layers would become visible
                target.Root.OCProperties = target.copy_foreign(pdf.make_indirect(pdf.Root.OCProperties))
        if not frames:
            raise DocumentRefused("E_FORMAT", "it has no pages")
        _save(target, base)
    return _inspect(base, frames)


def _count_strictly(pdf: pikepdf.Pdf, limits: Limits, before: int) -> None:
    declared = walk(pdf, limits)
    _flatten(pdf)
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
    head = source.read(_HEAD)
    start = head.find(b"%PDF-")
    # Printer languages before the PDF would be run by a printer and seen by no parser.
    if start < 0 or head[:start].lstrip(b"\xef\xbb\xbf").strip():
        raise DocumentRefused("E_FORMAT", "it is not a PDF document")
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


def _add_page(target: pikepdf.Pdf, pdf: pikepdf.Pdf, page: pikepdf.Page, frame: Frame) -> None:
    form = _content_form(pdf, page.obj.get("/Contents"))
    form.Type, form.Subtype = Name.XObject, Name.Form
    form.BBox = Array([Decimal(number(value)) for value in frame.bbox])
    form.Matrix = Array([Decimal(number(value)) for value in frame.matrix])
    form.Resources = inherited(page.obj, "/Resources") or Dictionary()
    if "/Group" in page.obj:
        form.Group = page.obj.Group
    copied = target.copy_foreign(pdf.make_indirect(form))
    sides = Array([0, 0, Decimal(number(frame.width)), Decimal(number(frame.height))])
    target.pages.append(
        pikepdf.Page(
            target.make_indirect(
                Dictionary(
                    Type=Name.Page,
                    MediaBox=sides,
                    Resources=Dictionary(XObject=Dictionary(W=copied)),
                    Contents=target.make_stream(b"/W Do"),
                )
            )
        )
    )


def _content_form(pdf: pikepdf.Pdf, content: pikepdf.Object | None) -> pikepdf.Stream:
    if isinstance(content, Array) and len(content) == 1:
        content = content[0]
    if isinstance(content, pikepdf.Stream):
        if "/F" in content:
            raise DocumentRefused("E_FORMAT", "its content lies in another file")
        form = pikepdf.Stream(pdf, b"")
        # taken as stored: decoding and coding again would only cost time
        form.write(content.read_raw_bytes())
        for key in ("/Filter", "/DecodeParms"):
            if key in content:
                form[key] = content[key]
        return form
    if isinstance(content, Array):
        parts, length = [], 0
        for index in range(len(content)):
            parts.append(content[index].read_bytes())
            length += len(parts[-1])
            if length > _LONGEST_JOINED_CONTENT:
                raise DocumentRefused("E_LIMIT", "a page's content is too long")
        return pikepdf.Stream(pdf, b"\n".join(parts))
    return pikepdf.Stream(pdf, b"")


def _inspect(base: BinaryIO, frames: list[Frame]) -> Inspection:
    findings, seen_by_pdfium = _read(base)
    base.seek(0)
    with pikepdf.open(base, access_mode=pikepdf.AccessMode.stream, attempt_recovery=False) as kept:
        counts = {len(frames), walk(kept, Limits(max_pages=len(frames))), len(kept.pages), seen_by_pdfium, second_opinion(base)}
        if len(counts) != 1:
            raise DocumentRefused("E_COUNT_DISAGREES", f"the parsers count {', '.join(map(str, sorted(counts)))} pages")
        forms = [(frame.width, frame.height, page.obj.Resources.XObject.W) for frame, page in zip(frames, kept.pages, strict=True)]
        page_hash = hash_of_pages(forms, kept.Root.get("/OCProperties"))
    base.seek(0)
    return Inspection(
        pages=len(frames),
        page_sizes=_sizes(frames),
        page_hash=page_hash,
        marks=findings.marks,
        permit_claims=findings.permit_claims,
        header_words=findings.header_words,
    )


def _read(base: BinaryIO) -> tuple[Findings, int]:
    base.seek(0)
    document = pypdfium2.PdfDocument(base)
    try:
        return read_pages(document), len(document)
    finally:
        document.close()


def _sizes(frames: list[Frame]) -> tuple[PageSize, ...]:
    """Page sizes, most frequent first."""
    counted = Counter((round(frame.width, 2), round(frame.height, 2)) for frame in frames)
    return tuple(PageSize(PageSize.name_of(width, height), width, height, count) for (width, height), count in counted.most_common())
