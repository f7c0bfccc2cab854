"""How long a part of a list takes with 100,000 permits and as many jobs and register rows: `python -m benchmarks.listings`.

Rows are written straight into the database; the lists are asked for over the API, as programs do. Prints milliseconds.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert

from admin_ui.application import create_application
from gateway.db.tables import Job, Permit, PermitScope, PermitStep, PrintRegisterRow
from tests.room import Room

ROWS = 100_000
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


def furnish(room: Room) -> None:
    """100,000 permits, jobs and rows, a tenth of them sun's, over 1,000 days up to the room's now."""
    zhao, sun = room.actor("zhao"), room.actor("sun")
    now = room.clock.now()
    with room.gate.database.writing() as session:
        for start in range(1, ROWS + 1, 10_000):
            numbers = range(start, start + 10_000)
            who = {n: sun if n % 10 == 0 else zhao for n in numbers}
            at = {n: now - timedelta(minutes=14 * (ROWS - n)) for n in numbers}
            session.execute(insert(Permit), [_permit(n, who[n], at[n]) for n in numbers])
            session.execute(insert(PermitScope), [{"permit_id": n, "department_id": who[n].department_id, "copies": 10} for n in numbers])
            steps = [
                {"permit_id": n, "step": step, "role": role} for n in numbers for step, role in ((0, "leader"), (1, "secrecy_director"))
            ]
            session.execute(insert(PermitStep), steps)
            session.execute(insert(Job), [_job(n, who[n], at[n]) for n in numbers])
            session.execute(insert(PrintRegisterRow), [_row(n, at[n]) for n in numbers])


def _permit(n: int, who, at) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "id": n, "permit_no": f"ZYZ-{n:06d}", "kind": "print", "state": "requested" if n % 500 == 0 else "closed",
        "department_id": who.department_id, "requester_id": who.user_id, "title": "x", "title_salt": "00", "level": "mimi", "term": "5年",
        "doc_type": "ordinary", "pages": 1, "copies_approved": 10, "archive_copies": 0, "valid_from": at, "valid_to": at, "created_at": at,
    }  # fmt: skip


def _job(n: int, who, at) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "id": n, "job_no": f"H{n:06d}", "source_key": f"k{n}", "attempt": "1", "stage": "held" if n % 100 == 0 else "completed",
        "channel": "print", "queue": "jiyao", "sender": who.username, "requester_id": who.user_id, "permit_id": n, "title_salt": "00",
        "copies": 1, "options": {}, "superseded": [], "claims": [], "inspection": {}, "reasons": [], "received_at": at, "stage_since": at,
    }  # fmt: skip


def _row(n: int, at) -> dict[str, object]:  # type: ignore[no-untyped-def]
    return {
        "job_no": f"H{n:06d}",
        "year": at.year,
        "seq": n,
        "received_at": at,
        "status": "completed",
        "department": "D02",
        "ledger_seq": n,
    }


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
