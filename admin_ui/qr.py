"""A QR code as one SVG path, so that a page can show it without a picture file and without script."""

from __future__ import annotations

from dataclasses import dataclass

import qrcode
from qrcode.constants import ERROR_CORRECT_M

QUIET_ZONE = 4
"""Modules of white around it (ISO/IEC 18004)."""


@dataclass(frozen=True, slots=True)
class QrPath:
    """`size` is the side in modules with the quiet zone; `path` the SVG path of the dark modules, one unit each."""

    size: int
    path: str


def qr_path(text: str) -> QrPath:
    """Draw `text`; each run of dark modules in a row is one stroke."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE)
    code.add_data(text)
    matrix = code.get_matrix()
    strokes = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            if not row[x]:
                x += 1
                continue
            begin = x
            while x < len(row) and row[x]:
                x += 1
            strokes.append(f"M{begin} {y}h{x - begin}v1h{begin - x}z")
    return QrPath(len(matrix), "".join(strokes))
