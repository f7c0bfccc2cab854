"""What can go wrong in this library. Documents that are refused are no errors: their `Inspection` says so."""

from __future__ import annotations


class WatermarkError(Exception):
    """Base of this library's errors; `code` is stable and language-neutral."""

    code = "E_STAMPING"


class StampError(WatermarkError):
    """The stamped file could not be made, or is not what the plan asked for: no byte of it may be printed."""


class MissingGlyphError(StampError):
    """The font has no shape for a character: an empty box on paper would be a silent loss, so nothing is stamped."""

    code = "E_MISSING_GLYPH"

    def __init__(self, characters: str) -> None:
        super().__init__(f"the stamp font has no glyph for {characters!r}; set font_regular to one that has")


class TemplateError(StampError):
    """A stamp template is not right; the message names the file, the key and what is allowed there."""

    code = "E_TEMPLATE"


class SandboxError(WatermarkError):
    """The child process was killed, ran out of time or memory, or answered nonsense."""

    code = "E_SANDBOX"


class DocumentRefused(Exception):  # noqa: N818 — a verdict on its way to an Inspection, never seen outside
    """A document that cannot be counted beyond doubt; `code` is a deny code of docs/rules.md."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason
