"""How long a part of a list takes with 100,000 permits and as many jobs and register rows: `python -m benchmarks.listings`.

The room is that of `benchmarks.crowded`; the lists are asked for over the API, as programs do. Prints milliseconds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from admin_ui.application import create_application
from benchmarks.crowded import furnish
from tests.room import Room

ROUNDS = 7
ADDRESSES = (
    "/permits",
    "/permits?after=50000",
    "/permits?mine=1&after=50000",
    "/permits?state=requested",
    "/permits?waiting=1",
    "/permits?department=D03",
    "/permits?month=2025-06",
    "/jobs",
    "/jobs?after=50000",
    "/jobs?stage=held",
    "/jobs?department=D03",
    "/jobs?department=D04",
    "/jobs?month=2025-06",
    "/registers/print?month=2025-06",
    "/registers/print?month=2025-06&after=2025-30000",
)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        room = Room.make(Path(folder) / "room")
        furnish(room)
        client = create_application(room.gate, lambda: None, control=True).test_client()
        print(f"{'address':<55}{'items':>6}{'median ms':>11}{'worst ms':>10}")
        for address in ADDRESSES:
            account = "li" if address.startswith("/permits") else "zheng"
            spent = []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                answer = client.get(f"/api/v1{address}", environ_overrides={"X_REMOTE_USER": account, "X_REMOTE_UID": 1000})
                spent.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, answer.get_json()
            print(f"{address:<55}{len(answer.get_json()['items']):>6}{statistics.median(spent):>11.1f}{max(spent):>10.1f}")
        room.close()


if __name__ == "__main__":
    main()
