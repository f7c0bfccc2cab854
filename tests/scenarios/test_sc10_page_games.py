"""SC-10 Page games (R10, D10): the approved rendition is 24 pages full size."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups


@pytest.mark.parametrize(("option", "pages"), [("number-up=2", 12), ("page-ranges=1-10", 10)])
def test_another_rendition_is_another_document(scene: Scene, option: str, pages: int) -> None:
    before = scene.counter()
    job = scene.lp(scene.p123(), "-o", option)
    assert (job["pages"], job["releasable"], "E_PAGES_MISMATCH" in job["codes"]) == (pages, False, True)
    assert scene.counter() == before
