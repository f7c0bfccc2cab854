"""Papers of the rehearsal: plain Chinese documents that say on each page that they are no secrets."""

from __future__ import annotations

import textwrap
from pathlib import Path

from watermark.fonts import OBJECTS_PER_FONT, FontFiles, StampFont

NOTICE = "样张·非密"
_BODY = (
    "为做好机要室文印工作，规范涉密文件、资料的印制管理，现就有关事项提出如下意见，请各部门认真研究，并于本周五前反馈规划处。"
    "一、印制涉密文件，应当严格按照批准的份数印制，不得擅自多印多留。二、每份文件应当标明密级、编号和发行范围。"
    "三、印制过程中产生的废页、残页应当及时登记并按规定销毁。四、复印件视同原件管理。"
)
_CHARACTERS_A_LINE, _LINES_A_PAGE = 28, 20  # GB/T 9704: 28 characters, 22 lines
_FIRST_FREE = 3 + OBJECTS_PER_FONT


def write_pdf(file: Path, title: str, pages: int) -> Path:
    """Write an A4 document of `pages` pages in the manner of GB/T 9704, with text that can be extracted; returns `file`."""
    notices = [f"{NOTICE}　第{page}页" for page in range(1, pages + 1)]
    font = StampFont(FontFiles().read()[0], NOTICE + title + _BODY + "".join(notices), "Paper")
    kids = " ".join(f"{_FIRST_FREE + 2 * page} 0 R" for page in range(pages))
    bodies = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(), *font.objects(3)]
    for page, notice in enumerate(notices):
        content = _content(font, title if page == 0 else "", notice).encode()
        head = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595.28 841.89]/Contents {len(bodies) + 2} 0 R"
        bodies.append(head.encode() + b"/Resources<</Font<</F 3 0 R>>>>>>")
        bodies.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    file.write_bytes(_assembled(bodies))
    return file


def _content(font: StampFont, title: str, notice: str) -> str:
    def line(words: str, x: float, y: float, size: float) -> str:
        return f"BT /F {size} Tf {x:.2f} {y:.2f} Td {font.encoded(words)} Tj ET\n"

    rows = textwrap.wrap(_BODY * 6, _CHARACTERS_A_LINE)[: 12 if title else _LINES_A_PAGE]
    top = 520.0 if title else 723.0
    heading = line(title, (595.28 - font.width(title, 22)) / 2, 590, 22) if title else ""
    return line(notice, 440, 790, 9) + heading + "".join(line(row, 79.37, top - 28.99 * at, 15.5) for at, row in enumerate(rows))


def _assembled(bodies: list[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.5\n")
    offsets = []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(bodies) + 1
    tail = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (size, table, size, len(out))
    return bytes(out + tail)
