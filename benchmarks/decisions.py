"""How long a decision takes in a room with 10,000 held jobs and 100,000 permits: `python -m benchmarks.decisions`. Prints Markdown.

Decisions are the services' own verbs, each one durable transaction; pages and API lists go through the web application, as asked
by somebody who is logged in. What is measured runs alone in this process: no device, no counting.
"""

from __future__ import annotations

import gc
import itertools
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flask.testing import FlaskClient

from admin_ui.application import create_application
from benchmarks.crowded import HELD, ROWS, furnish, is_held, job_no, names_its_permit, permit_no
from gateway.errors import RefusedError
from gateway.services import jobs, matching, permits, release
from rehearsal.people import PASSWORD
from tests.room import Room

DECISIONS = 400
LOOKS = 20
MOST_MS = {"decision": 50.0, "list": 200.0}
API = {
    "zheng": ("/jobs", "/jobs?stage=held", f"/jobs?stage=held&after={ROWS - HELD // 2}", "/jobs?department=D03", "/jobs?month=2025-06"),
    "li": ("/permits", "/permits?state=active", "/permits?waiting=1", "/permits?after=50000", "/permits?department=D03&month=2025-06"),
    "zhao": ("/jobs?mine=1", "/permits?mine=1", "/permits?mine=1&after=50000"),
}
PAGES = {
    "zheng": ("/release", f"/jobs/{job_no(ROWS - 1)}", f"/permits/{permit_no(ROWS - 1)}", "/books", "/carriers"),
    "li": ("/approve", f"/approve/{permit_no(ROWS - 500)}"),
    "zhao": ("/mine", f"/jobs/{job_no(ROWS - 3)}"),
}


def numbers(*, named: bool) -> Iterator[int]:
    """Held jobs, in an order drawn once, that name their permit or do not; none whose permit is not approved."""
    drawn = [n for n in range(ROWS - HELD + 1, ROWS + 1) if is_held(n) and names_its_permit(n) is named and n % 500]
    random.Random(1).shuffle(drawn)  # noqa: S311 — an order, no secret
    return iter(drawn)


class Spent(NamedTuple):
    """Milliseconds one act took: by the clock, and of the processor (which a busy machine does not make longer)."""

    clock: float
    processor: float


def measured(act: Callable[[], object]) -> Spent:
    began, worked = time.perf_counter(), time.process_time()
    act()
    return Spent((time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000)


def decisions(room: Room) -> Iterator[tuple[str, list[Spent]]]:
    """Each kind of decision, with what each of them took."""
    zheng, li = room.actor("zheng"), room.actor("li")
    nameless, named = numbers(named=False), numbers(named=True)
    gate = room.gate

    def refused(n: int) -> None:
        with suppress(RefusedError):
            release.release_job(gate, zheng, job_no(n))
            raise AssertionError("a job without a permit was released")

    def released(n: int) -> None:
        assert release.release_job(gate, zheng, job_no(n)).stage.value == "queued"

    def matched(n: int) -> None:
        assert matching.match_job(gate, zheng, job_no(n), permit_no(n)).releasable

    some = list(itertools.islice(nameless, DECISIONS))
    yield "a person names the permit (match)", [measured(lambda n=n: matched(n)) for n in some]
    yield "release of what was matched", [measured(lambda n=n: released(n)) for n in some]
    others = list(itertools.islice(named, DECISIONS))
    yield "claim", [measured(lambda n=n: release.claim_job(gate, zheng, job_no(n))) for n in others]
    yield "release", [measured(lambda n=n: released(n)) for n in others]
    without = list(itertools.islice(nameless, DECISIONS))
    yield "release refused: no permit", [measured(lambda n=n: refused(n)) for n in without]
    zhao = room.actor("zhao")
    his = [n for n in without if n % 10][:DECISIONS]
    yield "which of his permits fit (job shown to its owner)", [measured(lambda n=n: jobs.show(gate, zhao, job_no(n))) for n in his]
    asked = range(500, ROWS + 1, 500)
    yield "approval of a step", [measured(lambda n=n: permits.approve_permit(gate, li, permit_no(n))) for n in asked]


def logged_in(app: FlaskClient, account: str) -> FlaskClient:
    found = re.search(r'name="csrf_token" value="([^"]+)"', app.get("/login").get_data(as_text=True))
    form = {"csrf_token": found[1] if found else "", "username": account, "password": PASSWORD}
    assert app.post("/login", data=form, headers={"Referer": "http://localhost/login"}).status_code == 302
    return app


def lists(room: Room) -> Iterator[tuple[str, list[Spent]]]:
    """Lists of the API and pages of the UI."""
    control = create_application(room.gate, lambda: None, control=True).test_client()
    for account, addresses in API.items():
        caller = {"X_REMOTE_USER": account, "X_REMOTE_UID": 1000}
        for address in addresses:
            yield f"API, {account}: {address}", looks(lambda a=address, c=caller: control.get(f"/api/v1{a}", environ_overrides=c))  # type: ignore[misc]
    web = create_application(room.gate, lambda: None, control=False)
    for account, addresses in PAGES.items():
        window = logged_in(web.test_client(), account)
        for address in addresses:
            yield f"page, {account}: {address}", looks(lambda a=address, w=window: w.get(a))  # type: ignore[misc]


def looks(look: Callable[[], object]) -> list[Spent]:
    """Some looks, after one that fills the caches."""
    answer = look()
    assert answer.status_code == 200, answer  # type: ignore[attr-defined]
    return [measured(look) for _ in range(LOOKS)]


def quantile(spent: list[float], part: float) -> float:
    return sorted(spent)[min(len(spent) - 1, int(len(spent) * part))]


def line(name: str, spent: list[Spent], part: float, limit: float) -> str:
    clock, processor = [one.clock for one in spent], [one.processor for one in spent]
    figures = [quantile(clock, 0.5), quantile(clock, part), quantile(processor, 0.5), quantile(processor, part)]
    mark = "slow" if figures[1] > limit else ""
    return f"| {name} | {len(spent)} | " + " | ".join(f"{figure:.1f}" for figure in figures) + f" | {mark} |"


def main() -> None:
    """Furnish, measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        room = Room.make(Path(folder) / "room")
        furnish(room)
        gc.collect()
        gc.freeze()  # what furnishing left behind is no part of a gateway
        for heading, part, limit, kinds in (("Decision", 0.99, MOST_MS["decision"], decisions), ("List", 0.95, MOST_MS["list"], lists)):
            high = f"p{part * 100:.0f}"
            print(f"| {heading} ({high} ≤ {limit:.0f} ms) | times | p50 ms | {high} ms | processor p50 | processor {high} | |")
            print("|---|---|---|---|---|---|---|")
            for name, spent in kinds(room):
                print(line(name, spent, part, limit), flush=True)
            print()
        room.close()


if __name__ == "__main__":
    main()
