"""`imprimatur stamp`: shows and measures without a database, and can forge nothing."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from click.testing import CliRunner, Result
from PIL import Image

from gateway.cli import main
from rehearsal.papers import write_pdf


def stamp(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["stamp", *map(str, arguments)])


@pytest.fixture
def letter(tmp_path: Path) -> Path:
    return write_pdf(tmp_path / "letter.pdf", "关于文印的意见", 3)


def test_every_page_says_what_it_is_and_its_code_is_registered_nowhere(letter: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    done = stamp(letter, out, "--copies", "2", "--first-number", "41", "--level", "mimi", "--term", "5年", "--duplex", "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"copies": 2, "pages": 8, "pages_per_copy": 4, "sheets": 4}
    pages = pypdfium2.PdfDocument(out)
    for index, page in enumerate(pages):
        text = page.get_textpage().get_text_bounded()
        assert "样张 · 非密 · 编号未登记" in text
        assert f"份号 {41 + index // 4:06d}" in text
    codes = zxingcpp.read_barcodes(pages[0].render(scale=200 / 72).to_pil())
    assert {code.text for code in codes} == {"SAMPLE-000041-UNREGISTERED"}


def test_a_preview_shows_the_stamped_page(letter: Path, tmp_path: Path) -> None:
    shown, other = tmp_path / "1.png", tmp_path / "2.png"
    assert stamp(letter, "--preview", shown).exit_code == 0
    assert stamp(letter, "--preview", other, "--page", "2", "--kind", "proof").exit_code == 0
    first, second = (Image.open(io.BytesIO(file.read_bytes())) for file in (shown, other))
    assert first.size == second.size == (910, 1287)
    assert first.tobytes() != second.tobytes()
    assert {code.text for code in zxingcpp.read_barcodes(first)} == {"SAMPLE-000001-UNREGISTERED"}


def test_a_template_is_tried_with_a_file(letter: Path, tmp_path: Path) -> None:
    own, out = tmp_path / "own.toml", tmp_path / "out.pdf"
    own.write_text('like = "print"\n[text.unit]\ntext = "{unit}"\nat = "bottom"\ny_mm = 3\nsize_pt = 7\n', encoding="utf-8")
    assert stamp(letter, out, "--template", own, "--unit", "某某局").exit_code == 0
    assert "某某局" in pypdfium2.PdfDocument(out)[0].get_textpage().get_text_bounded()
    own.write_text('like = "print"\n[text.unit]\ntext = "{unti}"\nat = "bottom"\ny_mm = 3\nsize_pt = 7\n', encoding="utf-8")
    refused = stamp(letter, out, "--template", own)
    assert refused.exit_code == 1
    assert refused.stderr.startswith("E_TEMPLATE: the template own.toml is not right: text.unit.text: there is no field {unti}; known are")


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (("--level", "mimi", "--term", "15年"), 1, "E_INVALID: The mark 秘密★15年 is not legal"),
        (("--level", "geheim"), 1, "E_INVALID"),
        (("--template", "absent.toml"), 1, "E_TEMPLATE: the template absent.toml cannot be read"),
        (("--requester", "\U0001f600"), 1, "E_MISSING_GLYPH"),
        (("--copies", "0"), 2, "copies"),
        (("--kind", "letter"), 2, "kind"),
    ],
)
def test_what_cannot_be_done_is_told(letter: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, told: str) -> None:
    done = stamp(letter, tmp_path / "out.pdf", *arguments)
    assert (done.exit_code, told in done.stderr) == (code, True), done.stderr


def test_somewhere_to_write_is_needed(letter: Path, tmp_path: Path) -> None:
    assert stamp(letter).exit_code == 2
    done = stamp(letter, tmp_path / "no" / "folder" / "out.pdf")
    assert (done.exit_code, "cannot be written" in done.stderr) == (1, True)
    done = stamp(letter, "--preview", tmp_path / "x.png", "--page", "9")
    assert (done.exit_code, "no page 9" in done.stderr) == (1, True)
