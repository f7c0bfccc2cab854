"""ESC/POS commands back to a picture: what the paper would show. For the virtual printer, and for looking at what was sent.

Refuses commands it does not know, so that every byte of a slip is accounted for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from PIL import Image

_LINE = 30
_RESET, _FEED_LINES, _CUT, _RASTER = b"\x1b@", b"\x1bd", b"\x1dV", b"\x1dv0"


@dataclass(slots=True)
class Paper:
    """What came out: the picture down to the last cut, and how often it was cut."""

    width: int
    pieces: list[Image.Image] = field(default_factory=list)
    cuts: int = 0

    def picture(self) -> Image.Image:
        """One picture of the whole length."""
        whole = Image.new("1", (self.width, max(1, sum(piece.height for piece in self.pieces))), 1)
        y = 0
        for piece in self.pieces:
            whole.paste(piece, (0, y))
            y += piece.height
        return whole


def read_commands(content: bytes, width: int) -> Paper:
    """Run the commands on paper of `width` dots. Raises ValueError for an unknown or cut command, or a raster wider than the paper."""
    paper, at = Paper(width), 0
    while at < len(content):
        if content.startswith(_RESET, at):
            at += len(_RESET)
        elif content.startswith(_RASTER, at):
            at = _raster(paper, content, at)
        elif content.startswith(_FEED_LINES, at) and at + 2 < len(content):
            paper.pieces.append(Image.new("1", (width, _LINE * content[at + 2]), 1))
            at += 3
        elif content.startswith(_CUT, at) and content[at + 2 : at + 3] in (b"\x00", b"\x01", b"0", b"1"):
            paper.cuts += 1
            at += 3
        else:
            raise ValueError(f"unknown command {content[at : at + 4].hex(' ')} at byte {at}")
    return paper


def _raster(paper: Paper, content: bytes, at: int) -> int:
    header = content[at + 3 : at + 8]
    if len(header) < 5:
        raise ValueError("the raster command is cut")
    bytes_across, height = header[1] + 256 * header[2], header[3] + 256 * header[4]
    end = at + 8 + bytes_across * height
    if bytes_across * 8 > paper.width or end > len(content):
        raise ValueError("the raster is wider than the paper, or cut")
    dots = bytes(byte ^ 0xFF for byte in content[at + 8 : end])  # the printer's 1 is black, the picture's is white
    piece = Image.new("1", (paper.width, height), 1)
    piece.paste(Image.frombytes("1", (bytes_across * 8, height), dots), (0, 0))
    paper.pieces.append(piece)
    return end
