"""IPP's wire format: what we write reads back, hostile answers end in one error (RFC 8010)."""

from __future__ import annotations

import struct
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.printers import ipp
from gateway.printers.interface import PrinterProtocolError
from gateway.printers.ipp import Attribute, decode_answer, encode_request

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,30}", fullmatch=True)
TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)
ATTRIBUTES = st.one_of(
    st.builds(Attribute, st.just(ipp.INTEGER), NAMES, st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4).map(tuple)),
    st.builds(Attribute, st.just(ipp.ENUM), NAMES, st.lists(st.integers(0, 2**31 - 1), min_size=1, max_size=4).map(tuple)),
    st.builds(Attribute, st.just(ipp.BOOLEAN), NAMES, st.lists(st.booleans(), min_size=1, max_size=3).map(tuple)),
    st.builds(Attribute, st.just(ipp.KEYWORD), NAMES, st.lists(NAMES, min_size=1, max_size=4).map(tuple)),
    st.builds(Attribute, st.just(ipp.NAME), NAMES, st.lists(TEXTS, min_size=1, max_size=3).map(tuple)),
)


@given(st.lists(ATTRIBUTES, max_size=8, unique_by=lambda attribute: attribute.name), st.integers(1, 2**31 - 1))
def test_what_is_written_reads_back(attributes: list[Attribute], request_id: int) -> None:
    message = encode_request(0x0000, request_id, [(ipp.JOB_GROUP, attributes)])
    answer = decode_answer(message)  # operation and status code share their place
    assert (answer.status, answer.request_id) == (0, request_id)
    assert dict(answer.first(ipp.JOB_GROUP)) == {attribute.name: list(attribute.values) for attribute in attributes}


@given(st.binary(max_size=300))
def test_any_bytes_are_an_answer_or_one_error(content: bytes) -> None:
    with suppress(PrinterProtocolError):
        decode_answer(content)


@given(st.data())
def test_a_cut_answer_is_an_error(data: st.DataObject) -> None:
    whole = encode_request(0, 1, [(ipp.OPERATION_GROUP, [Attribute(ipp.KEYWORD, "a", ("b", "c")), Attribute(ipp.INTEGER, "n", (7,))])])
    place = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(PrinterProtocolError):
        decode_answer(whole[:place])


def test_collections_nested_without_end_are_an_error() -> None:
    begin = struct.pack(">BH", ipp.BEGIN_COLLECTION, 1) + b"a" + struct.pack(">H", 0)
    member = struct.pack(">BHH", ipp.MEMBER_NAME, 0, 1) + b"m"
    nested = begin + (member + struct.pack(">BHH", ipp.BEGIN_COLLECTION, 0, 0)) * 5000
    with pytest.raises(PrinterProtocolError):
        decode_answer(struct.pack(">BBHIB", 2, 0, 0, 1, ipp.JOB_GROUP) + nested)
