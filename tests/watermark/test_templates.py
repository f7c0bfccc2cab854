"""Stamp templates: what a site may write, what it is told when it is wrong, and that the house's own fit every page (R07, R36, R52)."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.watermark.stamped import PLAN
from watermark import CopyMark, FontFiles, TemplateError, load_template, load_templates
from watermark.fanout import faces_for
from watermark.layout import Fonts, PageLayout
from watermark.model import PageClass
from watermark.templates import KINDS, PACKAGED, parse_template

LARGEST = replace(
    PLAN,
    department="国家某某某某委员会办公厅保密办公室",
    requester="欧阳某某",
    unit="某某省人民政府某某某某某某委员会",
    copies=(CopyMark(9999, "9999/9999", "ICOPY000007ABCDEFGHJKMNPQRS"),),
)


@cache
def fonts_of(kind: str) -> Fonts:
    return faces_for(LARGEST, load_template(kind), FontFiles())


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(width=st.floats(36, 14400), height=st.floats(36, 1200))
@example(width=411.0, height=411.0)
def test_the_houses_templates_find_room_on_every_page(kind: str, width: float, height: float) -> None:
    plan = replace(LARGEST, kind=kind)
    for size in ((width, height), (height, width)):
        layout = PageLayout(size, load_template(kind), fonts_of(kind), plan, 5000)
        shown = layout.every_copy() + layout.one_copy(plan.copies[0], (25, "00"), dict.fromkeys(layout.tiles, 1000.0))
        assert shown.count("Tj") >= 1
        assert layout.codes == {PageClass.TINY: 0, PageClass.SMALL: 1}.get(PageClass.of(*size), 2)


TEXT = 'like = "print"\n[text.x]\n'
AT_TOP = '\nat = "top"\ny_mm = 9\nsize_pt = 7\n'


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ('like = "print"\n[text.who]\ntext = "{permit}"' + AT_TOP, r"text.who.text: there is no field {permit}; known are permit_no"),
        (TEXT + 'text = "{mark"' + AT_TOP, r"text.x.text: '{mark' is not well-formed"),
        (TEXT + 'text = "{mark!r}"' + AT_TOP, "there is no field {mark}"),
        (TEXT + 'text = "{mark.__class__}"' + AT_TOP, "there is no field"),
        (TEXT + 'text = "x"' + AT_TOP + 'colour = "red"', r"text.x.colour: there is no such key; allowed are sizes, at"),
        (TEXT + 'text = "x"\nat = "top"\ny_mm = 9', "text.x.size_pt: it is missing"),
        (TEXT + 'text = "x"\nat = "up"\ny_mm = 9\nsize_pt = 7', "text.x.at: Input should be 'top-left'"),
        (TEXT + 'text = "x"' + AT_TOP + 'sizes = ["a4"]', "text.x.sizes.*'tiny', 'small', 'standard' or 'large'"),
        (TEXT + 'text = "x"\nat = "top-left"\nx_mm = 160\ny_mm = 9\nsize_pt = 7', "no room for 'x' on a page of 148 × 210 mm"),
        (TEXT + 'text = "x"\nat = "top"\ny_mm = 1\nsize_pt = 20', "text.x does not lie wholly on a page of 148"),
        (TEXT + 'text = "x"\nat = "bottom-left"\nx_mm = 8\ny_mm = 9\nsize_pt = 7', "text.x and code.lower overlap on"),
        (TEXT + 'text = "{copy_of} {page}"' + AT_TOP, "fields of the copy and of the page"),
        ('like = "print"\n[code.lower]\nat = "bottom-left"\nx_mm = 6\ny_mm = 6\nside_mm = 12', "side_mm must be 15 to 18"),
        ('like = "print"\n[code.lower]\nleave_out = true', "standard pages need two QR codes"),
        ('like = "print"\n[text.which]\nleave_out = true', r"no text on every standard page shows {permit_no}"),
        ('like = "print"\n[text.number]\ntext = "{mark}"' + AT_TOP + 'compare = true', 'compare is for text = "{mark}" with on = "first"'),
        ('like = "letter"', "like = 'letter'; allowed are print, copy"),
        ('like = "print"\ntext = 3', r"tables such as \[text.NAME\]"),
        ("[text.x", "is no TOML file"),
        ("[picture.x]\nat = 1", "picture: there is no such key; allowed are like, text, tiles, code, seal"),
        ("", "no text on every tiny page shows {permit_no}"),
    ],
)  # fmt: skip
def test_a_wrong_template_is_told_where_and_what_is_allowed(own: str, told: str) -> None:
    with pytest.raises(TemplateError, match=told) as caught:
        parse_template(own, "own.toml")
    assert "own.toml" in str(caught.value)


def test_a_site_replaces_adds_and_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "print.toml").write_text(
        'like = "print"\n[text.number]\nleave_out = true\n[text.scope]\ntext = ["发行范围 {scope}", "共{copies_approved}份"]\n'
        'at = "bottom"\ny_mm = 3\nsize_pt = 6\n',
        encoding="utf-8",
    )
    found = load_templates(tmp_path)
    assert set(found) == set(KINDS)
    assert "number" not in found["print"].text
    assert found["print"].text["scope"].text == ("发行范围 {scope}", "共{copies_approved}份")
    assert found["copy"] == load_template("copy")


def test_a_file_for_no_kind_and_a_missing_folder_are_errors(tmp_path: Path) -> None:
    (tmp_path / "prnt.toml").write_text('like = "print"')
    with pytest.raises(TemplateError, match=r"prnt\.toml is for no kind of permit; allowed are print"):
        load_templates(tmp_path)
    with pytest.raises(TemplateError, match="no folder"):
        load_templates(tmp_path / "absent")
    (tmp_path / "prnt.toml").rename(tmp_path / "fax.toml")
    (tmp_path / "fax.toml").write_bytes("like = 'print' # 传真".encode("gb18030"))
    with pytest.raises(TemplateError, match="UTF-8"):
        load_templates(tmp_path)


def test_each_kind_has_its_file_and_no_other_lies_there() -> None:
    assert {file.stem for file in PACKAGED.iterdir()} == set(KINDS)
