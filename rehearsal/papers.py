"""Papers of the rehearsal: plain Chinese documents that say on each page that they are no secrets."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

from watermark.fonts import FontFiles, StampFont
from watermark.textpages import text_document

NOTICE = "样张·非密"
_BODY = (
    "为做好机要室文印工作，规范涉密文件、资料的印制管理，现就有关事项提出如下意见，请各部门认真研究，并于本周五前反馈规划处。"
    "一、印制涉密文件，应当严格按照批准的份数印制，不得擅自多印多留。二、每份文件应当标明密级、编号和发行范围。"
    "三、印制过程中产生的废页、残页应当及时登记并按规定销毁。四、复印件视同原件管理。"
)
_CHARACTERS_A_LINE, _LINES_A_PAGE = 28, 20  # GB/T 9704: 28 characters, 22 lines


def write_pdf(file: Path, title: str, pages: int, *, mark: str = "") -> Path:
    """Write an A4 document of `pages` pages in the manner of GB/T 9704, with text that can be extracted; returns `file`.

    `mark` is a classification mark the document bears by itself, in line 2 of the type area.
    """
    notices = [f"{NOTICE}　第{page}页" for page in range(1, pages + 1)]
    font = StampFont(FontFiles().read()[0], NOTICE + title + mark + _BODY + "".join(notices), "Paper")
    first = _content(font, title, notices[0], mark)
    file.write_bytes(text_document([first, *(_content(font, "", notice) for notice in notices[1:])], font))
    return file


def write_drawn(file: Path, size: tuple[float, float], words: str, draw: Callable[[StampFont], str], *, rotate: int = 0) -> Path:
    """Write one page of `size` points whose content `draw` gives; its font /F holds the characters of `words`. Returns `file`."""
    font = StampFont(FontFiles().read()[0], NOTICE + words, "Paper")
    file.write_bytes(text_document([draw(font)], font, size, rotate=rotate))
    return file


def _content(font: StampFont, title: str, notice: str, mark: str = "") -> str:
    def line(words: str, x: float, y: float, size: float) -> str:
        return f"BT /F {size} Tf {x:.2f} {y:.2f} Td {font.encoded(words)} Tj ET\n"

    rows = textwrap.wrap(_BODY * 6, _CHARACTERS_A_LINE)[: 12 if title else _LINES_A_PAGE]
    top = 520.0 if title else 723.0
    heading = line(title, (595.28 - font.width(title, 22)) / 2, 590, 22) if title else ""
    marked = line(mark, 79.37, 694, 16) if mark else ""
    return line(notice, 440, 790, 9) + marked + heading + "".join(line(row, 79.37, top - 28.99 * at, 15.5) for at, row in enumerate(rows))
