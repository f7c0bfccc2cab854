"""Pure PDF library: count a document safely, make its base, turn the base into N numbered, stamped copies.

Knows nothing of jobs, permits' rules or devices. `watermark.sandbox` is the door the gateway uses: the same verbs in a
child process that has no keys, no network and no files. Measured background: the fan-out of docs/adr/0005-raw-fan-out.md.
"""

from watermark.base import make_base
from watermark.drawing import qr_code
from watermark.errors import MissingGlyphError, SandboxError, StampError, TemplateError, WatermarkError
from watermark.fanout import fan_out
from watermark.fonts import FontFiles, StampFont, cut_font
from watermark.layout import characters_of
from watermark.model import CopyMark, Inspection, Limits, PageSize, StampPlan, StampReport
from watermark.rendering import render_page
from watermark.templates import Template, load_template, load_templates
from watermark.textpages import text_document
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
    "StampFont",
    "StampPlan",
    "StampReport",
    "Template",
    "TemplateError",
    "WatermarkError",
    "characters_of",
    "cut_font",
    "fan_out",
    "load_template",
    "load_templates",
    "make_base",
    "qr_code",
    "render_page",
    "text_document",
    "verify_stamped",
]
