"""SC-33 Idle and absence (R88), through the real web server and the room's clock.

zheng claims a job, leaves. 5 min → UI locked; 30 min → session gone, claimed job back to HELD, 0 pages; release with the old
cookie → 401. 22 s before the 30-min mark an activity extends the session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import urlencode, urlsplit

import pytest

from rehearsal.people import PASSWORD
from rehearsal.processes import wait_until
from tests.scenarios.conftest import Scene, opened

pytestmark = pytest.mark.cups
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    with opened(passwords=True) as room:
        yield room


class Window:
    """A browser's window: real requests to the real server, cookies kept, the form token taken from the page it is on."""

    def __init__(self, address: str) -> None:
        self._host = urlsplit(address).netloc
        self.cookies: dict[str, str] = {}

    def _send(self, method: str, path: str, body: str | None = None, **headers: str) -> tuple[HTTPResponse, str]:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        connection = HTTPConnection(self._host, timeout=60)
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer, text

    def get(self, path: str) -> tuple[int, str, str]:
        """Status, where it leads, text."""
        answer, text = self._send("GET", path)
        return answer.status, answer.headers.get("Location", ""), text

    def post(self, page: str, action: str, **fields: str) -> tuple[int, str]:
        """Send a form of `page`: status and where it leads."""
        found = TOKEN.search(self.get(page)[2])
        form = urlencode({"csrf_token": found[1] if found else "", **fields})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Referer": f"http://{self._host}{page}"}
        answer, _ = self._send("POST", action, form, **headers)
        return answer.status, answer.headers.get("Location", "")

    def api(self, path: str) -> int:
        """An act of the API with nothing but the cookie."""
        return self._send("POST", f"/api/v1{path}", "{}", **{"Content-Type": "application/json"})[0].status

    def log_in(self, account: str) -> None:
        assert self.post("/login", "/login", username=account, password=PASSWORD) == (302, "/release")


def test_a_claimed_job_is_left_alone(scene: Scene) -> None:
    job = scene.lp(scene.p123(), "-n", "10", "-o", "sides=two-sided-long-edge")["job"]
    zheng, page = Window(scene.house.address), f"/release/{job}"
    scene.at("03-12 09:14:00")
    zheng.log_in("zheng")
    zheng.post(page, f"{page}/claim")
    assert scene.house.ask("wang", "job", "show", job)["operator"] == "zheng"
    refused = scene.house.run("job", "claim", job, account="wang", check=False)
    assert (refused.status, "claimed by 郑洁" in refused.text) == (1, True)

    scene.at("03-12 09:19:00")
    assert zheng.get(page)[1].startswith("/unlock"), "5 min after the last activity: locked"
    assert zheng.post("/unlock", f"{page}/release", password=PASSWORD)[1].startswith("/unlock")
    assert scene.house.ask("wang", "job", "show", job)["operator"] == "zheng", "locked is not gone"

    scene.at("03-12 09:43:38")  # 22 s before the half hour is full
    assert zheng.post("/unlock", f"/unlock?next={page}", password=PASSWORD) == (302, page)
    scene.at("03-12 09:48:37")
    assert zheng.get(page)[0] == 200, "the activity extended the session"

    old = dict(zheng.cookies)
    scene.at("03-12 10:18:37")
    wait_until(lambda: scene.house.ask("wang", "job", "show", job)["operator"] == "", "the claim's end", 90)
    shown = scene.house.ask("wang", "job", "show", job)
    assert (shown["stage"], shown["releasable"], scene.counter()) == ("held", True, 0)
    thief = Window(scene.house.address)
    thief.cookies = old
    assert thief.get(page)[1] == "/login"
    assert thief.post("/login", f"{page}/release", password=PASSWORD) == (302, "/login")
    assert thief.api(f"/jobs/{job}/release") == 401
    assert scene.counter() == 0
    assert scene.house.ask("wang", "job", "claim", job)["operator"] == "wang"
    scene.house.run("ledger", "verify")


def test_twenty_two_seconds_before_the_half_hour_an_activity_extends_the_session(scene: Scene) -> None:
    window = Window(scene.house.address)
    scene.at("03-13 08:00:00")
    window.log_in("zheng")
    scene.at("03-13 08:29:38")
    assert window.post("/unlock", "/unlock", password=PASSWORD) == (302, "/release")
    scene.at("03-13 08:34:37")
    assert window.get("/release")[0] == 200
    scene.at("03-13 09:04:36")
    assert window.get("/release")[1].startswith("/unlock"), "one second before the next half hour it still exists"
    scene.at("03-13 09:04:37")
    assert window.get("/release")[1] == "/login"


def test_a_second_station_ends_the_first(scene: Scene) -> None:
    """SC-40: zheng logging in on a second station ends the first session."""
    scene.at("03-13 10:00:00")
    first, second = Window(scene.house.address), Window(scene.house.address)
    first.log_in("zheng")
    second.log_in("zheng")
    assert first.get("/release")[1] == "/login"
    assert second.get("/release")[0] == 200
