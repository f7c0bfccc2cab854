"""SC-17 Document changed after approval. Telling the requester and the secrecy office comes with the notices."""

from __future__ import annotations

from pathlib import Path

import pikepdf
import pytest

from tests.scenarios.conftest import Scene
from tests.watermark.papers import document

pytestmark = pytest.mark.cups


def test_one_digit_edited_or_only_the_dates(scene: Scene, tmp_path: Path) -> None:
    scene.at("03-12 09:10")
    first = tmp_path / "first.pdf"
    first.write_bytes(document("total 2026", "page two").getvalue())
    job = scene.house.print_file(first)
    asked = scene.house.ask(
        "zhao", "permit", "request", "--job", job["job"], "--level", "mimi", "--term", "5年", "--copies", "3", "--purpose", "x"
    )
    permit = asked["permit"]
    scene.house.approve(permit, "li", "wu")
    edited = tmp_path / "edited.pdf"
    edited.write_bytes(document("total 2027", "page two").getvalue())
    changed = scene.lp(permit, file=edited)
    assert (changed["codes"], changed["releasable"]) == (["E_HASH_MISMATCH"], False)
    saved_again = tmp_path / "again.pdf"
    with pikepdf.open(first) as pdf:
        pdf.docinfo["/CreationDate"] = "D:20260312101010+08'00'"
        pdf.save(saved_again)
    same = scene.lp(permit, file=saved_again)
    assert (same["codes"], same["releasable"]) == ([], True)
