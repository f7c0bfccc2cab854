"""A sender's word about his fax: what is there, what is missing, what is no number (R41, R47)."""

from __future__ import annotations

import pytest

from gateway.domain.fax_order import order_of
from gateway.domain.vocabulary import Level

WHOLE = {"phone": "+86 591 8712 3456", "FaxLevel": "neibu", "FaxUnit": "Custom.省统计局", "FaxPerson": "Custom.林某"}


def test_everything_said_lacks_nothing() -> None:
    order = order_of(WHOLE)
    assert (order.number, order.peer, order.person, order.level) == ("059187123456", "省统计局", "林某", Level.NEIBU)
    assert (order.source_level, order.lacks) == (Level.GONGKAI, ())


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ({"phone": ""}, ("number",)),
        ({"phone": "110"}, ("no fax number",)),
        ({"phone": "0591,,8712"}, ("no fax number",)),
        ({"phone": "tel:0591"}, ("no fax number",)),
        ({"destination-uris": "tel:+8659187123456;ext=1"}, ()),
        ({"destination-uris": "tel:+8659187120000"}, ("several numbers",)),
        ({"destination-uris": "mailto:a@b"}, ("no fax number",)),
        ({"phone": "", "destination-uris": "tel:+8659187123456"}, ()),
        ({"FaxPerson": "None"}, ("unit and person",)),
        ({"FaxLevel": "None"}, ("level",)),
        ({"FaxSource": "Custom.?"}, ("level of the source",)),
    ],
)
def test_what_is_missing_is_named_and_never_repeated(said: dict[str, str], lacks: tuple[str, ...]) -> None:
    assert order_of({**WHOLE, **said}).lacks == lacks


def test_the_level_of_the_job_counts_where_the_fax_says_none() -> None:
    assert order_of({**WHOLE, "FaxLevel": "None"}, Level.GONGKAI).level is Level.GONGKAI
    assert order_of({**WHOLE, "FaxLevel": "jimi"}, Level.GONGKAI).level is Level.JIMI
