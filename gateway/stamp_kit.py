"""What stamps are made with: the templates, and the house's own small fonts, cut once with every name of the house.

The small fonts only save reading 18 MB of glyphs at each release: a plan with a character they lack is stamped with the site's full fonts.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from pathlib import Path

from gateway.logs import log
from gateway.services import people
from gateway.services.gate import Gate
from watermark import FontFiles, StampPlan, Template, WatermarkError, characters_of, load_templates, sandbox
from watermark.templates import BLANK_WORDS

_MARKS = "绝密机密秘密内部公开★长期年个月解密日前至"
_LATIN = string.digits + string.ascii_letters + string.punctuation + " "


@dataclass(frozen=True, slots=True)
class _Cut:
    file: Path
    characters: frozenset[str]


class StampKit:
    """Templates read once (TemplateError when one is not right), and small fonts beside the database,
    cut anew when a name or a font file is new."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._templates = load_templates(gate.settings.stamp_templates)
        self._full = FontFiles(gate.settings.font_regular, gate.settings.font_bold)
        self._folder = gate.settings.data / "cache" / "fonts"
        self._cuts: dict[str, _Cut] = {}

    def refresh(self) -> None:
        """Cut what is new. A font that cannot be read or a full disk only costs the shortcut."""
        try:
            literals = "".join(template.literals() for template in self._templates.values()) + _MARKS + _LATIN + " ·"
            words = people.all_names(self._gate.database) + self._gate.settings.unit + BLANK_WORDS + literals
            regular, bold = self._full.paths()
            wanted = {"regular": (regular, frozenset(words)), "bold": (bold, frozenset(literals + self._gate.settings.unit))}
            for face, (font, characters) in wanted.items():
                self._cut(face, font, characters)
        except (OSError, WatermarkError) as error:
            log.warning("stamp_fonts_not_cut", error=type(error).__name__)

    def _cut(self, face: str, font: Path, characters: frozenset[str]) -> None:
        about = font.stat()
        named = hashlib.sha256(f"{font}\n{about.st_mtime_ns}\n{about.st_size}\n{''.join(sorted(characters))}".encode()).hexdigest()[:16]
        file = self._folder / f"{face}-{named}.otf"
        if (known := self._cuts.get(face)) is not None and known.file == file:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        with font.open("rb") as source, file.open("w+b") as out:
            present = sandbox.cut_font(source, characters, out)
        self._cuts[face] = _Cut(file, present)
        # The one before stays until the next change: a copy that is being stamped just now may be about to open it (measured).
        in_use = {file, known.file if known is not None else file}
        for old in set(self._folder.glob(f"{face}-*")) - in_use:
            old.unlink(missing_ok=True)

    def template_for(self, plan: StampPlan) -> Template:
        """The house's or the site's template for the plan's kind, as it was when the gateway was started."""
        return self._templates[plan.kind]

    def fonts_for(self, plan: StampPlan) -> FontFiles:
        """The small fonts when they hold all the plan needs, else the full ones."""
        cuts = [self._cuts.get("regular"), self._cuts.get("bold")]
        files = [
            cut.file if cut is not None and needed <= cut.characters else None
            for cut, needed in zip(cuts, characters_of(plan, self.template_for(plan)), strict=True)
        ]
        return FontFiles(files[0] or self._full.regular, files[1] or self._full.bold)
