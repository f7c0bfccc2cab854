"""What was stamped is read again before a byte is sent: whatever was changed is found (I6)."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import replace
from functools import cache

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.watermark.papers import document
from tests.watermark.stamped import PLAN, stamped
from watermark import StampError, fan_out, make_base, verify_stamped
from watermark.basefile import BaseFile

PAGE = re.compile(rb"\d+ 0 obj\n<</Type/Page/.*?\nendobj\n", re.DOTALL)


@cache
def files() -> tuple[bytes, bytes]:
    base, out = stamped(document("alpha", "beta"))
    return base.getvalue(), out.getvalue()


def found(changed: bytes, plan: object = PLAN) -> str:
    """What the verification says of changed bytes; '' when it says nothing."""
    try:
        verify_stamped(io.BytesIO(changed), io.BytesIO(files()[0]), plan)  # type: ignore[arg-type]
    except StampError as error:
        return str(error)
    return ""


def page(copy: int, index: int) -> bytes:
    """A page's object in the stamped file."""
    return PAGE.findall(files()[1])[copy * 2 + index]


def form(name: bytes, of: bytes) -> bytes:
    """Which object a page shows under a name, as written."""
    match = re.search(rb"/" + name + rb" \d+ 0 R", of)
    assert match is not None
    return match[0]


def exchanged(file: bytes, one: bytes, other: bytes, name: bytes) -> bytes:
    """The file with what two pages show under `name` exchanged."""
    first, second = form(name, one), form(name, other)
    assert len(first) == len(second)
    return file.replace(one, one.replace(first, second)).replace(other, other.replace(second, first))


def test_the_file_as_it_was_written_is_right() -> None:
    assert found(files()[1]) == ""


def test_stamps_of_two_copies_exchanged() -> None:
    assert "different copies" in found(exchanged(files()[1], page(1, 0), page(2, 0), b"K"))
    whole = exchanged(exchanged(files()[1], page(1, 0), page(2, 0), b"K"), page(1, 1), page(2, 1), b"K")
    assert "do not show its number" in found(whole)


def test_numbers_of_first_pages_exchanged() -> None:
    assert "do not show its number" in found(exchanged(files()[1], page(1, 0), page(2, 0), b"G"))


def test_numbers_of_two_pages_exchanged_or_used_twice() -> None:
    assert "drawn in another way" in found(exchanged(files()[1], page(1, 0), page(1, 1), b"N"))
    one, other = page(0, 0), page(0, 1)
    assert "bears the number of another" in found(files()[1].replace(other, other.replace(form(b"N", other), form(b"N", one))))


def test_a_number_under_a_name_nobody_paints() -> None:
    one = page(1, 0)
    assert "drawn in another way" in found(files()[1].replace(one, one.replace(b"/G ", b"/A ")))


def test_pages_in_another_order() -> None:
    assert "shows another page" in found(exchanged(files()[1], page(0, 0), page(0, 1), b"W"))


def test_a_page_without_its_number() -> None:
    one = page(0, 0)
    assert found(files()[1].replace(one, one.replace(form(b"G", one), b" " * len(form(b"G", one)))))


def test_a_page_drawn_without_its_stamps() -> None:
    one, two = page(0, 0), page(0, 1)
    first = re.search(rb"/Contents \d+", one)
    second = re.search(rb"/Contents \d+", two)
    assert first is not None
    assert second is not None
    assert "does not show its stamps" in found(files()[1].replace(first[0], second[0]))


def test_the_plan_of_other_copies() -> None:
    others = tuple(replace(copy, number=copy.number + 1) for copy in PLAN.copies)
    assert "do not show its number" in found(files()[1], replace(PLAN, copies=others))
    codes = tuple(replace(copy, qr=copy.qr[:-1] + "Z") for copy in PLAN.copies)
    assert "QR codes" in found(files()[1], replace(PLAN, copies=codes))
    assert "permit" in found(files()[1], replace(PLAN, permit_no="ZYZ-2026-000124-K"))
    assert found(files()[1], replace(PLAN, copies=PLAN.copies[:2]))
    assert found(files()[1], replace(PLAN, duplex=True)) == "", "two pages need no padding"


def test_an_object_of_the_base_written_anew() -> None:
    base, out = files()
    start = base.index(b"stream\n") + 7
    assert "does not begin with the base" in found(out[:start] + bytes([out[start] ^ 1]) + out[start + 1 :])
    table = out.rindex(b"\nxref\n0 ")
    entry = out.index(b" 00000 n \n", table) - 10
    assert "point at the base's objects" in found(out[:entry] + b"%010d" % (len(out) - 400) + out[entry + 10 :])


def test_a_file_cut_short_lengthened_or_saved_by_another_program() -> None:
    out = files()[1]
    again = io.BytesIO()
    with pikepdf.open(io.BytesIO(out)) as pdf:
        pdf.save(again)
    for changed in (out[:-500], out[:-1], out + b" ", out + out[-200:], b"", again.getvalue()):
        assert found(changed)


def test_a_page_set_in_other_fonts() -> None:
    """Found by the random bytes: on a later page the fonts' number could be another's, and the stamps be unreadable."""
    out = files()[1]
    *_, last = re.finditer(rb"/Resources<</Font (\d+) 0 R", out)
    assert "other fonts" in found(out[: last.start(1)] + b"6".rjust(len(last[1]), b"0") + out[last.end(1) :])


def test_a_first_page_with_a_stamp_twice_instead_of_its_number_and_mark() -> None:
    """Found by the random bytes: the first page's own stamp could be the copy's other one."""
    out = files()[1]
    first = next(re.finditer(rb"/K (\d+) 0 R/G (\d+) 0 R", out))
    assert "a stamp twice" in found(out[: first.start(2)] + first[1].rjust(len(first[2]), b"0") + out[first.end(2) :])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_byte_of_a_page_can_be_changed(data: st.DataObject) -> None:
    out = files()[1]
    span = data.draw(st.sampled_from([match.span() for match in PAGE.finditer(out)]))
    at = data.draw(st.integers(span[0], span[1] - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != out[at]))
    assert found(out[:at] + bytes([other]) + out[at + 1 :])


def test_a_base_is_read_in_the_form_it_was_written_in() -> None:
    base = files()[0]
    read = BaseFile.read(io.BytesIO(base))
    assert (len(read.pages), read.sizes) == (2, ((595.28, 841.89),))
    for wrong, right in ((b"/Count 2 ", b"/Count 3 "), (b"/Parent 2 0 R", b"/Parent 3 0 R"), (b"/MediaBox [ 0 0", b"/MediaBox [ 1 0")):
        with pytest.raises(StampError, match="not a base made by make_base"):
            BaseFile.read(io.BytesIO(base.replace(wrong, right, 1)))


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 1 << 20))
def test_a_spoiled_base_is_read_or_refused(spoiled: bytes, at: int) -> None:
    base = files()[0]
    at %= len(base)
    with suppress(StampError):
        BaseFile.read(io.BytesIO(base[:at] + spoiled + base[at + len(spoiled) :]))


def test_two_copies_of_one_number_are_never_made() -> None:
    base = io.BytesIO()
    make_base([document("x")], base)
    with pytest.raises(StampError, match="twice"):
        fan_out(base, io.BytesIO(), replace(PLAN, copies=(PLAN.copies[0], PLAN.copies[0])))
