"""From a picture to ESC/POS commands, by python-escpos.

Always a picture: its `text()` guesses a code page and silently turns what it lacks into question marks (measured: `〔` and `〕`).
"""

from __future__ import annotations

from escpos.capabilities import CAPABILITIES
from escpos.printer import Dummy
from PIL import Image

DEFAULT_PROFILE = "TM-T88V"
"""512 dots: fits heads of 512 and 576 dots, which is what 80 mm paper has."""

NARROWEST = 384
"""Dots of 58 mm paper. A slip does not fit narrower ones."""


def width_of(profile: str) -> int | None:
    """Dots across the paper of one of python-escpos' profiles; None when there is no such profile, or a slip does not fit it."""
    width = CAPABILITIES["profiles"].get(profile, {}).get("media", {}).get("width", {}).get("pixels")
    return width if isinstance(width, int) and width >= NARROWEST else None


def profiles() -> list[str]:
    """The profiles a slip fits."""
    return sorted(name for name in CAPABILITIES["profiles"] if width_of(name))


def commands(picture: Image.Image, profile: str) -> bytes:
    """Reset, the picture as raster, feed and cut. Raises ValueError for a picture of another width than the profile's."""
    if picture.width != width_of(profile):
        raise ValueError(f"a picture {picture.width} dots wide does not fit {profile}")
    printer = Dummy(profile=profile)
    printer.hw("INIT")
    printer.image(picture, impl="bitImageRaster")
    printer.cut()
    return bytes(printer.output)
