"""SC-08 Reuse of a used permit (R10)."""

from __future__ import annotations

import pytest

from tests.scenarios.conftest import Scene

pytestmark = pytest.mark.cups


def test_not_one_copy_more_nor_the_same_job_again(scene: Scene) -> None:
    permit = scene.p123()
    scene.release(scene.lp(permit, "-n", "10"))
    before = scene.counter()
    denied = scene.lp(permit)
    assert (denied["releasable"], "E_QTY_EXCEEDED" in denied["codes"]) == (False, True)
    alerts = [alert["subject"] for alert in scene.house.ask("wu", "alert", "list") if alert["detail"] == "E_QTY_EXCEEDED"]
    assert alerts == [denied["job"]], "1 alert row"
    finished = scene.house.cups.run("lpstat", "-W", "completed", "-o").stdout.split()[0]
    restarted = scene.house.cups.run("lp", "-i", finished, "-H", "restart")
    assert restarted.returncode != 0
    assert scene.counter() == before
