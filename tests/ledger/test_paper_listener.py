"""Paper of millions of entries is read once where it is said in the same words: nothing else may come out of it than of reading each."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.paper import AMOUNTS, CONFIRMED, ENTERED, KEY, PAPER_USED, PaperBooks
from gateway.ledger import paper
from gateway.ledger.paper import PaperListener

MONTHS = ("2026-01", "2026-02", "2026-03")
postings = st.fixed_dictionaries(
    {name: st.sampled_from(MONTHS if name == "month" else ("", "A")) for name in KEY} | {name: st.integers(-1, 2) for name in AMOUNTS}
)
told = st.lists(postings, min_size=1, max_size=2)
entries = st.one_of(
    st.tuples(st.just("job.completed"), told),
    st.tuples(st.just("job.completed"), told),
    st.tuples(st.just(ENTERED), told),
    st.tuples(st.just(CONFIRMED), st.sampled_from(MONTHS)),
)


@given(st.lists(entries, max_size=12), st.integers(1, 4), st.integers(1, 3))
def test_the_same_books(lives: list[tuple[str, Any]], again: int, kept: int) -> None:
    books, listener = PaperBooks(), PaperListener()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paper, "_WORDS_KEPT", kept)
        for seq, (kind, said) in enumerate(lives * again, start=1):
            if kind == CONFIRMED:
                books.hear(seq, kind, said, {"digest": f"{seq}"})
                listener.hear_confirmation(seq, said, {"digest": f"{seq}"})
            else:
                books.hear(seq, kind, "H000001", {PAPER_USED: copy.deepcopy(said)})
                listener.hear(seq, kind, "H000001", json.dumps(said).encode())
        assert listener.settle() == books
        assert listener.settle() == books, "settled twice"


def test_what_cannot_be_understood_is_never_taken_for_heard() -> None:
    listener = PaperListener()
    nonsense = json.dumps([{"month": "2026-01", "good": 1}]).encode()
    for seq in (1, 2):
        with pytest.raises(KeyError):
            listener.hear(seq, "job.completed", "H000001", nonsense)
    assert listener.settle() == PaperBooks()
