"""From a picture to ESC/POS commands, by python-escpos.

Always a picture: its `text()` guesses a code page and silently turns what it lacks into question marks (measured: `〔` and `〕`).
The library is loaded when a slip or another profile than the usual one needs it: reading its profiles takes a third of a second, and
leaves a folder in the system's temporary one at every load, which goes here.
"""

from __future__ import annotations

import shutil
from functools import lru_cache
from typing import Any

from PIL import Image

DEFAULT_PROFILE, DEFAULT_WIDTH = "TM-T88V", 512
"""512 dots: fits heads of 512 and 576 dots, which is what 80 mm paper has."""

NARROWEST = 384
"""Dots of 58 mm paper. A slip does not fit narrower ones."""


def width_of(profile: str) -> int | None:
    """Dots across the paper of one of python-escpos' profiles; None when there is no such profile, or a slip does not fit it."""
    if profile == DEFAULT_PROFILE:
        return DEFAULT_WIDTH
    width = _profiles().get(profile, {}).get("media", {}).get("width", {}).get("pixels")
    return width if isinstance(width, int) and width >= NARROWEST else None


def profiles() -> list[str]:
    """The profiles a slip fits."""
    return sorted(name for name in _profiles() if width_of(name))


def commands(picture: Image.Image, profile: str) -> bytes:
    """Reset, the picture as raster, feed and cut. Raises ValueError for a picture of another width than the profile's."""
    if picture.width != width_of(profile):
        raise ValueError(f"a picture {picture.width} dots wide does not fit {profile}")
    _profiles()
    from escpos.printer import Dummy

    printer = Dummy(profile=profile)
    printer.hw("INIT")
    printer.image(picture, impl="bitImageRaster")
    printer.cut()
    return bytes(printer.output)


@lru_cache(maxsize=1)
def _profiles() -> dict[str, Any]:
    from escpos import capabilities

    if "ESCPOS_CAPABILITIES_PICKLE_DIR" not in capabilities.environ:
        shutil.rmtree(capabilities.pickle_dir, ignore_errors=True)
    return dict(capabilities.CAPABILITIES["profiles"])
