"""Pure PDF library: count a document safely, make its base, turn the base into N numbered, stamped copies.

Knows nothing of jobs, permits' rules or devices. `watermark.sandbox` is the door the gateway uses: the same verbs in a
child process that has no keys, no network and no files. Measured background: the fan-out of docs/adr/0005-raw-fan-out.md.
"""

from watermark.base import make_base
from watermark.errors import MissingGlyphError, SandboxError, StampError, WatermarkError
from watermark.fanout import characters_of, fan_out
from watermark.fonts import FontFiles, cut_font
from watermark.model import CopyMark, Inspection, Limits, PageSize, StampPlan, StampReport
from watermark.rendering import render_page
from watermark.verification import verify_stamped

__all__ = [
    "CopyMark",
    "FontFiles",
    "Inspection",
    "Limits",
    "MissingGlyphError",
    "PageSize",
    "SandboxError",
    "StampError",
    "StampPlan",
    "StampReport",
    "WatermarkError",
    "characters_of",
    "cut_font",
    "fan_out",
    "make_base",
    "render_page",
    "verify_stamped",
]
