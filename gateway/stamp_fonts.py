"""The house's own small stamp fonts: cut once with every name of the house, so that a release need not read 18 MB of glyphs each time.

Only a shortcut: a plan with a character they lack is stamped with the site's full fonts.
"""

from __future__ import annotations

import hashlib
import string
from dataclasses import dataclass
from pathlib import Path

from gateway.logs import log
from gateway.services import people
from gateway.services.gate import Gate
from watermark import FontFiles, StampPlan, WatermarkError, characters_of, sandbox
from watermark.layout import FIXED_WORDS

_MARKS = "绝密机密秘密内部公开★长期年个月解密日前至"
_LATIN = string.digits + string.ascii_letters + string.punctuation + " "


@dataclass(frozen=True, slots=True)
class _Cut:
    file: Path
    characters: frozenset[str]


class HouseFonts:
    """Keeps the small fonts beside the database, cut anew when a name or a font file is new."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._full = FontFiles(gate.settings.font_regular, gate.settings.font_bold)
        self._folder = gate.settings.data / "cache" / "fonts"
        self._cuts: dict[str, _Cut] = {}

    def refresh(self) -> None:
        """Cut what is new. A font that cannot be read or a full disk only costs the shortcut."""
        try:
            words = frozenset(people.all_names(self._gate.database) + self._gate.settings.unit + FIXED_WORDS + _MARKS + _LATIN)
            regular, bold = self._full.paths()
            wanted = {"regular": (regular, words), "bold": (bold, frozenset(_MARKS + _LATIN))}
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

    def for_plan(self, plan: StampPlan) -> FontFiles:
        """The small fonts when they hold all the plan needs, else the full ones."""
        cuts = [self._cuts.get("regular"), self._cuts.get("bold")]
        files = [
            cut.file if cut is not None and needed <= cut.characters else None
            for cut, needed in zip(cuts, characters_of(plan), strict=True)
        ]
        return FontFiles(files[0] or self._full.regular, files[1] or self._full.bold)
