"""PNG, JPEG and TIFF to PDF, without loss where the format allows (img2pdf takes JPEG and most TIFF data as they are)."""

from __future__ import annotations

import io
from typing import BinaryIO

import img2pdf
from PIL import Image, ImageOps, ImageSequence, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from watermark.errors import DocumentRefused
from watermark.model import Limits, PageSize
from watermark.watchdog import Heartbeat, unwatched

FORMATS = (PngImagePlugin.PngImageFile.format, JpegImagePlugin.JpegImageFile.format, TiffImagePlugin.TiffImageFile.format)
"""Nothing else is tried: Pillow reads forty formats, each a door."""

MPO = MpoImagePlugin.MpoImageFile.format
"""A photograph with its preview. Named here so that its part is loaded: later, in a child, nothing can be loaded."""

UNREADABLE = (
    img2pdf.ImageOpenError,
    img2pdf.AlphaChannelError,
    img2pdf.NegativeDimensionError,
    img2pdf.UnsupportedColorspaceError,
    img2pdf.JpegColorspaceError,
    img2pdf.PdfTooLargeError,
    img2pdf.ExifOrientationError,
    UnidentifiedImageError,
    SyntaxError,
    OSError,
)
"""What the two libraries raise over broken pictures (Pillow's PNG reader raises SyntaxError, any cut file OSError)."""

_A4 = (595.28, 841.89)
_MARGIN = 18.0
_SCAN_DPI = 150
_DRAWING_SIDE = 1190.55
"""Longer than A3's long side."""

_PLAIN_MODES = frozenset({"1", "L", "P", "RGB", "CMYK"})
_SIXTEEN_BITS = ("I;16", "I;16B", "I;16L", "I;16N")
_NOT_COLOURS = ("I", "F")


def to_pdf(source: BinaryIO, limits: Limits, heartbeat: Heartbeat = unwatched) -> BinaryIO:
    """One page for each frame of a TIFF, one page for any other picture.

    A picture whose stated resolution gives a usual paper size, or a scanned drawing larger than A3, becomes a page of that
    size; any other is laid on A4, upright or across as it is, and shrunk to fit. Raises DocumentRefused.
    """
    try:
        with Image.open(source, formats=FORMATS) as picture:
            is_tiff = picture.format == FORMATS[-1]
            frames = int(getattr(picture, "n_frames", 1)) if is_tiff else 1
            if frames > limits.max_pages:
                raise DocumentRefused("E_LIMIT", f"more than {limits.max_pages} pages")
            heartbeat(frames)
            plain = _is_plain(picture, is_tiff)  # reads every frame to its end: a cut one would be printed grey
            heartbeat(2 * frames)
            data = _as_stored(source) if plain else _repainted(picture, is_tiff)
        out = io.BytesIO()
        img2pdf.convert(
            *data, layout_fun=_page_of, rotation=img2pdf.Rotation.ifvalid, nodate=True, outputstream=out, engine=img2pdf.Engine.pikepdf
        )
    except Image.DecompressionBombError as bomb:
        raise DocumentRefused("E_LIMIT", "the picture has too many pixels") from bomb
    except UNREADABLE as error:
        raise DocumentRefused("E_DAMAGED", f"the picture cannot be read ({type(error).__name__})") from error
    out.seek(0)
    return out


def _is_plain(picture: Image.Image, is_tiff: bool) -> bool:
    """Whether no frame is translucent or of a kind PDF does not know; raises OSError when one is cut short."""
    plain = picture.format != MPO
    for frame in ImageSequence.Iterator(picture) if is_tiff else (picture,):
        frame.load()
        plain = plain and frame.mode in _PLAIN_MODES and "transparency" not in frame.info
    return plain


def _as_stored(source: BinaryIO) -> list[bytes]:
    source.seek(0)
    return [source.read()]


def _repainted(picture: Image.Image, is_tiff: bool) -> list[bytes]:
    """On white paper, as PNG: for translucent pictures and unusual pixels."""
    painted = []
    for frame in ImageSequence.Iterator(picture) if is_tiff else (picture,):
        if frame.mode in _NOT_COLOURS:
            raise DocumentRefused("E_FORMAT", "the picture holds measurements, not colours")
        upright = ImageOps.exif_transpose(frame)
        if upright.mode in _SIXTEEN_BITS:  # else Pillow would cut off what is brighter than 255
            upright = upright.point(lambda value: value / 257, "L")
        colours = upright.convert("RGBA")
        paper = Image.new("RGBA", colours.size, "white")
        paper.alpha_composite(colours)
        out = io.BytesIO()
        paper.convert("RGB").save(out, "PNG", compress_level=1, **({"dpi": frame.info["dpi"]} if "dpi" in frame.info else {}))
        painted.append(out.getvalue())
    return painted


def _page_of(width_px: float, height_px: float, dpi: tuple[float, float]) -> tuple[float, float, float, float]:
    """Page width and height, then the picture's, in points (img2pdf's layout function)."""
    width, height = width_px / dpi[0] * 72, height_px / dpi[1] * 72
    is_drawing = min(dpi) >= _SCAN_DPI and max(width, height) > _DRAWING_SIDE
    if PageSize.name_of(width, height) != "other" or is_drawing:
        return width, height, width, height
    page = _A4 if height >= width else _A4[::-1]
    scale = min(1.0, (page[0] - 2 * _MARGIN) / width, (page[1] - 2 * _MARGIN) / height)
    return *page, width * scale, height * scale
