"""What strangers wrote, as one harmless line."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.plain_text import REPLACEMENT, one_line


def test_what_moves_turns_or_ends_a_line_is_replaced() -> None:
    assert one_line("a\x00b\x1b[2Jc\r\nd\te") == f"a{REPLACEMENT}b{REPLACEMENT}[2Jc{REPLACEMENT * 2}d e"
    assert one_line("通知\u202efdp.exe\u2069") == f"通知{REPLACEMENT}fdp.exe{REPLACEMENT}"
    assert one_line("a\u2028b\u2029c\ud800") == f"a{REPLACEMENT}b{REPLACEMENT}c{REPLACEMENT}"


def test_words_of_any_language_stay() -> None:
    for words in ("关于做好文印工作的意见（征求意见稿）", "שלום", "مرحبا", "👩‍💻", "naïve — “x” <b>&amp;</b> =1+1"):
        assert one_line(words) == words


@given(st.text())
def test_it_is_printable_and_says_nothing_new(text: str) -> None:
    shown = one_line(text)
    assert len(shown) == len(text)
    assert one_line(shown) == shown
    assert not set(shown) & set("\x00\n\r\t\x1b\u202e\u2066")
