"""Pictures of stamped pages for docs/stamping.md: `python -m rehearsal.stamp_samples FOLDER`.

Every document says 样张·非密 on its own page; the stamps are the real ones, as the gate writes them.
"""

from __future__ import annotations

import io
import math
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pypdfium2
from PIL import Image, ImageDraw, ImageFilter

from rehearsal.papers import NOTICE, write_drawn, write_pdf
from watermark import CopyMark, StampPlan, fan_out, make_base, verify_stamped
from watermark.fonts import StampFont

A4, A3, LABEL = (595.28, 841.89), (1190.55, 841.89), (283.46, 198.43)
_TITLE = "关于做好文印工作的意见"
_WORDS = "序号文件名称密级份数去向规划处办公室档案室关于做好年度文印工作的意见秘密★年设备布置图比例第层平面0123456789: "
PLAN = StampPlan(
    permit_no="ZYZ-2026-000123-L",
    mark="秘密★5年",
    requester="赵敏",
    department="规划处",
    printed_at="2026-03-12 09:14",
    release_tag="9f2c41d07be8a653",
    copies=(CopyMark(3, "3/10", "IC0000000000300000000000000"),),
    unit="示范单位",
    copies_approved=10,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """A document, how it is stamped, and at what resolution its picture is taken; a fax is black or white."""

    make: Callable[[Path], Path]
    kind: str = "print"
    dpi: int = 80
    mark: str = PLAN.mark
    fax: bool = False


def _line(font: StampFont, words: str, x: float, y: float, size: float, colour: str = "0 g") -> str:
    return f"{colour} BT /F {size} Tf {x:.1f} {y:.1f} Td {font.encoded(words)} Tj ET\n"


def _text(file: Path) -> Path:
    return write_pdf(file, _TITLE, 1)


def _black(file: Path) -> Path:
    return write_drawn(file, A4, "", lambda font: "0 g 0 0 596 842 re f\n" + _line(font, NOTICE, 240, 560, 22, "1 g"))


def _table(font: StampFont) -> str:
    out = _line(font, NOTICE, 690, 560, 9) + _line(font, "文件份数", 380, 470, 20)
    columns = (90, 150, 470, 570, 650, 752)
    out += "".join(f"{x} 90 m {x} 420 l S\n" for x in columns)
    for row in range(11):
        y = 420 - row * 33
        out += f"90 {y} m 752 {y} l S\n"
        if row < 10:
            cells = ("序号", "文件名称", "密级", "份数", "去向") if row == 0 else (
                str(row), "关于做好年度文印工作的意见", "秘密★5年", str(row + 2), ("规划处", "办公室", "档案室")[row % 3])  # fmt: skip
            out += "".join(_line(font, cell, x + 8, y - 21, 12) for cell, x in zip(cells, columns, strict=False))
    return "0.6 w\n" + out


def _landscape(file: Path) -> Path:
    return write_drawn(file, (A4[1], A4[0]), _WORDS, _table)


def _rotated(file: Path) -> Path:
    """A portrait page that asks to be shown turned by a quarter: the stamps stand upright on the page as it is shown."""

    def draw(font: StampFont) -> str:
        rows = "".join(_line(font, "关于做好年度文印工作的意见" * 2, 90, 640 - 40 * row, 16) for row in range(11))
        return _line(font, NOTICE, 240, 720, 14) + rows

    return write_drawn(file, A4, _WORDS, draw, rotate=90)


def _photo(file: Path) -> Path:
    """A picture with bright, dark and middling places."""
    picture = Image.new("RGB", (900, 1273))
    pen = ImageDraw.Draw(picture)
    for y in range(picture.height):
        sky = y / picture.height
        pen.line([(0, y), (picture.width, y)], fill=(int(40 + 170 * sky), int(80 + 120 * sky), int(150 + 40 * sky)))
    for depth in range(5):
        base, shade = 560 + depth * 140, 130 - depth * 24
        ridge = [(x, base - 120 * math.sin(x / (90 + 40 * depth) + depth) - 14 * math.sin(x * (depth + 2) / 17)) for x in range(0, 930, 15)]
        pen.polygon([*ridge, (930, 1273), (0, 1273)], fill=(shade // 2, shade, shade // 2 + 10))
    pen.ellipse((640, 130, 780, 270), fill=(255, 246, 214))
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(file, "PDF", resolution=picture.width / A4[0] * 72)
    return file


def _drawing(file: Path) -> Path:
    def draw(font: StampFont) -> str:
        out = "1.4 w 71 28 1091 785 re S 0.5 w\n"
        for room in range(4):
            x = 140 + room * 235
            out += f"{x} 330 205 320 re S {x + 80} 330 45 4 re f {x + 30} 560 60 60 re S {x + 120} 390 50 30 re S\n"
            out += f"[6 3] 0 d {x - 20} 490 m {x + 225} 490 l S [] 0 d\n" + _line(font, f"第{room + 1}层平面", x + 60, 300, 13)
        out += "0.8 w 862 28 300 120 re S 862 68 m 1162 68 l S 862 108 m 1162 108 l S\n"
        return out + _line(font, "设备布置图", 960, 122, 17) + _line(font, "比例 1:200", 880, 82, 12) + _line(font, NOTICE, 880, 42, 12)

    return write_drawn(file, A3, _WORDS, draw)


def _label(file: Path) -> Path:
    def draw(font: StampFont) -> str:
        return "0.6 w 60 96 163 0 re S\n" + _line(font, "档案室 00123", 60, 105, 24) + _line(font, NOTICE, 112, 78, 11)

    return write_drawn(file, LABEL, _WORDS, draw)


SAMPLES = {
    "text": Sample(_text),
    "black": Sample(_black),
    "landscape": Sample(_landscape),
    "rotated": Sample(_rotated),
    "photo": Sample(_photo),
    "drawing": Sample(_drawing, dpi=66),
    "label": Sample(_label, dpi=150),
    "proof": Sample(_text, kind="proof"),
    "fax": Sample(_text, kind="fax", mark="", fax=True, dpi=204),
    "copy": Sample(_text, kind="copy"),
}


def picture_of(sample: Sample, folder: Path) -> Image.Image:
    """The sample's first page, stamped, verified and painted."""
    base, out = io.BytesIO(), io.BytesIO()
    with sample.make(folder / "sample.pdf").open("rb") as source:
        found = make_base([source], base)
    if found.verdict != "ok":
        raise RuntimeError(f"the sample was refused: {found.reasons}")
    copies = PLAN.copies if sample.kind != "proof" else (CopyMark(1, "1/1", PLAN.copies[0].qr),)
    plan = StampPlan(**{**PLAN.to_json(), "copies": copies, "kind": sample.kind, "mark": sample.mark})
    fan_out(base, out, plan)
    verify_stamped(out, base, plan)
    painted: Image.Image = pypdfium2.PdfDocument(out)[0].render(scale=sample.dpi / 72).to_pil()
    if sample.fax:
        return painted.convert("1", dither=Image.Dither.NONE).convert("L").resize((painted.width // 2, painted.height // 2)).quantize(8)
    return painted.convert("RGB").quantize(48, dither=Image.Dither.NONE)


def main() -> None:
    """Make them all."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        for name, sample in SAMPLES.items():
            picture_of(sample, Path(place)).save(folder / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
