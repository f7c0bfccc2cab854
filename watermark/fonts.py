"""Stamp fonts: a small subset of a CJK font as raw PDF objects. A missing glyph is an error, never an empty box."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.basePen import BasePen
from fontTools.ttLib import TTCollection, TTFont

from watermark.errors import MissingGlyphError, StampError

REGULAR = (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),)
BOLD = (Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc"), *REGULAR)
_FACE = "CJK SC"
_DROPPED = ["GSUB", "GPOS", "BASE", "VORG", "vhea", "vmtx", "DSIG", "GDEF"]


@dataclass(frozen=True, slots=True)
class FontFiles:
    """The site's own fonts, or None for Debian's Noto Sans CJK (fonts-noto-cjk); `bold` writes the mark (黑体)."""

    regular: Path | None = None
    bold: Path | None = None

    def paths(self) -> tuple[Path, Path]:
        """The files in force; raises StampError when one is not there."""
        return _first((self.regular,) if self.regular else REGULAR), _first((self.bold,) if self.bold else BOLD)

    def read(self) -> tuple[bytes, bytes]:
        """Both files' bytes; raises StampError when one is not there."""
        regular, bold = self.paths()
        return regular.read_bytes(), bold.read_bytes()


def _first(paths: Sequence[Path]) -> Path:
    for path in paths:
        if path.is_file():
            return path
    raise StampError(f"no stamp font at {', '.join(map(str, paths))}; install fonts-noto-cjk or set font_regular")


def cut_font(file: bytes, characters: AbstractSet[str]) -> tuple[bytes, frozenset[str]]:
    """A small font with those of `characters` the file has, and which these are: reading it later takes a tenth of the time."""
    font = _face(file)
    present = frozenset(characters) & {chr(point) for point in font.getBestCmap()}
    return _subset(font, "".join(sorted(present))), present


class StampFont:
    """A subset holding the characters of `text`, ready to be written into a PDF as a Type 0 font."""

    def __init__(self, file: bytes, text: str, name: str, face: str = _FACE) -> None:
        self.name = f"IMPRMT+{name}"
        font = _face(file, face)
        missing = sorted(set(text) - {chr(point) for point in font.getBestCmap()})
        if missing:
            raise MissingGlyphError("".join(missing))
        self._program = _subset(font, text)
        self._measure()

    def _measure(self) -> None:
        font = TTFont(io.BytesIO(self._program))
        self._is_cff = "CFF " in font
        units, metrics = font["head"].unitsPerEm, font["hmtx"]
        self._codes: dict[str, int] = {}
        self._widths: dict[int, int] = {}
        cid_keyed = self._is_cff and hasattr(font["CFF "].cff[0], "ROS")
        for point, glyph in font.getBestCmap().items():
            # a CID-keyed CFF is addressed by CID, every other program by glyph index
            code = int(glyph[3:]) if cid_keyed and glyph.startswith("cid") else font.getGlyphID(glyph)
            self._codes[chr(point)] = code
            self._widths[code] = round(metrics[glyph][0] * 1000 / units)
        self._operands = {character: f"{code:04X}" for character, code in self._codes.items()}
        self._advances = {character: self._widths[code] for character, code in self._codes.items()}
        shapes = font.getGlyphSet()
        self._outlines = {chr(point): _outline(shapes, glyph, 1000 / units) for point, glyph in font.getBestCmap().items()}
        if self._is_cff:
            self._program = font.reader["CFF "]

    def encoded(self, text: str) -> str:
        """The string operand that shows `text`."""
        return "<" + "".join(map(self._operands.__getitem__, text)) + ">"

    def width(self, text: str, size: float) -> float:
        """Width of `text` in points at `size` points."""
        return sum(map(self._advances.__getitem__, text)) * size / 1000

    def outlined(self, text: str, paint: str) -> str:
        """Operators that draw the shapes of `text` as paths, each painted with `paint`, in a thousandth of the type size from (0, 0).

        Paths are no text: nobody who extracts the page's words finds them twice.
        """
        return self._set(text, lambda character: f"{self._outlines[character]}{paint}\n")

    def rims(self, name: str) -> dict[str, str]:
        """Of each character that has a shape the operators that stroke it, by the name of the form they are to be; `name` is the font's.

        A rim is drawn again and again, on every page and copy: as a form it is written once.
        """
        return {f"{name}{self._operands[character]}": f"{shape}S" for character, shape in self._outlines.items() if shape}

    def rimmed(self, text: str, name: str) -> str:
        """Operators that stroke the shapes of `text` by the forms of `rims`, in a thousandth of the type size from (0, 0)."""
        return self._set(text, lambda character: f"/{name}{self._operands[character]} Do\n")

    def _set(self, text: str, draw: Callable[[str], str]) -> str:
        """What `draw` gives for each character that has a shape, moved on by the widths before it."""
        out, skipped = [], 0
        for character in text:
            if self._outlines[character]:
                if skipped:
                    out.append(f"1 0 0 1 {skipped} 0 cm\n")
                out.append(draw(character))
                skipped = 0
            skipped += self._advances[character]
        return "".join(out)

    @cached_property
    def _to_unicode(self) -> bytes:
        pairs = sorted((code, character.encode("utf-16-be").hex().upper()) for character, code in self._codes.items())
        blocks = []
        for start in range(0, len(pairs), 100):
            block = pairs[start : start + 100]
            blocks.append(f"{len(block)} beginbfchar\n" + "\n".join(f"<{code:04X}> <{text}>" for code, text in block) + "\nendbfchar")
        return (
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CIDSystemInfo <</Registry(Adobe)/Ordering(UCS)/Supplement 0>> "
            "def "
            "/CMapName /Adobe-Identity-UCS def /CMapType 2 def 1 begincodespacerange <0000> <FFFF> endcodespacerange\n"
            + "\n".join(blocks)
            + "\nendcmap CMapName currentdict /CMap defineresource pop end end"
        ).encode()

    def objects(self, first: int) -> list[bytes]:
        """Bodies of five indirect objects numbered from `first`; the first of them is the font itself."""
        kind, key = ("CIDFontType0", "FontFile3") if self._is_cff else ("CIDFontType2", "FontFile2")
        program = zlib.compress(self._program, 9)
        subtype = "/Subtype/CIDFontType0C" if self._is_cff else f"/Length1 {len(self._program)}"
        widths = " ".join(f"{code}[{self._widths[code]}]" for code in sorted(self._widths))
        to_unicode = zlib.compress(self._to_unicode, 9)
        mapping = "" if self._is_cff else "/CIDToGIDMap/Identity"
        return [
            f"<</Type/Font/Subtype/Type0/BaseFont/{self.name}-Identity-H/Encoding/Identity-H/DescendantFonts[{first + 1} 0 R]"
            f"/ToUnicode {first + 4} 0 R>>".encode(),
            f"<</Type/Font/Subtype/{kind}/BaseFont/{self.name}/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/DW 1000"
            f"/W[{widths}]/FontDescriptor {first + 2} 0 R{mapping}>>".encode(),
            f"<</Type/FontDescriptor/FontName/{self.name}/Flags 4/FontBBox[-1000 -1000 3000 2000]/ItalicAngle 0/Ascent 880/Descent -120"
            f"/CapHeight 733/StemV 90/{key} {first + 3} 0 R>>".encode(),
            f"<<{subtype}/Filter/FlateDecode/Length {len(program)}>>stream\n".encode() + program + b"\nendstream",
            f"<</Filter/FlateDecode/Length {len(to_unicode)}>>stream\n".encode() + to_unicode + b"\nendstream",
        ]


OBJECTS_PER_FONT = 5


class _PathPen(BasePen):  # type: ignore[misc]
    """Writes a glyph as PDF path operators (PDF 32000-1 §8.5.2), in whole thousandths of the type size."""

    def __init__(self, glyphs: Any, scale: float) -> None:
        super().__init__(glyphs)
        self.operators: list[str] = []
        self._scale = scale

    def _write(self, operator: str, *points: tuple[float, float]) -> None:
        self.operators.append(" ".join(f"{round(x * self._scale)} {round(y * self._scale)}" for x, y in points) + f" {operator}\n")

    def _moveTo(self, point: tuple[float, float]) -> None:  # noqa: N802 — the pen protocol's names
        self._write("m", point)

    def _lineTo(self, point: tuple[float, float]) -> None:  # noqa: N802
        self._write("l", point)

    def _curveToOne(self, one: tuple[float, float], two: tuple[float, float], end: tuple[float, float]) -> None:  # noqa: N802
        self._write("c", one, two, end)

    def _closePath(self) -> None:  # noqa: N802
        self.operators.append("h\n")


def _outline(shapes: Any, glyph: str, scale: float) -> str:
    pen = _PathPen(shapes, scale)
    shapes[glyph].draw(pen)
    return "".join(pen.operators)


def _face(file: bytes, wanted: str = _FACE) -> TTFont:
    """The face of a collection with `wanted` in its name (by default the simplified-Chinese one), or the only face of a file."""
    if not file.startswith(b"ttcf"):
        return TTFont(io.BytesIO(file), lazy=True)
    faces = TTCollection(io.BytesIO(file), lazy=True).fonts
    return next((face for face in faces if wanted in (face["name"].getDebugName(1) or "")), faces[0])


def _subset(font: TTFont, text: str) -> bytes:
    options = subset.Options()
    options.layout_features = []
    options.hinting = False
    options.glyph_names = False
    options.notdef_outline = True
    options.drop_tables += _DROPPED
    cutter = subset.Subsetter(options)
    cutter.populate(text=text)
    cutter.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()
