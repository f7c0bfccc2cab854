"""A crowded room for measurements: 100,000 permits, as many jobs and register rows, 10,000 of the jobs held.

Rows are written straight into the database, each as the services would have left it but for its ledger entries: 1,000 days up to the
room's now. The newest tenth of the permits is active, each with one held job; every other of these jobs names its permit.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlmodel import select

from gateway.db.tables import Device, Job, Permit, PermitDevice, PermitScope, PermitStep, PermitYear, PrintRegisterRow
from gateway.domain.permit_numbers import format_permit_number
from gateway.services.gate import Actor
from tests.room import Room

ROWS = 100_000
HELD = 10_000
COPIES = 10
_AT_A_TIME = 10_000
_PAGES = 20
_STEPS = (("leader", "li"), ("secrecy_director", "wu"))


def furnish(room: Room, *, after: int = 0) -> None:
    """Fill the room; a tenth of everything is sun's of the finance office, the rest zhao's. Numbers begin after those that are there."""
    crowd = _Crowd(room, after)
    with room.gate.database.writing() as session:
        device = session.exec(select(Device.id).where(Device.code == "PRN-JY-01")).one()
        for start in range(1, ROWS + 1, _AT_A_TIME):
            numbers = range(start, start + _AT_A_TIME)
            session.execute(insert(Permit), [crowd.permit(n) for n in numbers])
            session.execute(
                insert(PermitScope),
                [crowd.scope(n) for n in numbers],
            )
            session.execute(insert(PermitDevice), [{"permit_id": n + after, "device_id": device} for n in numbers])
            session.execute(insert(PermitStep), [step for n in numbers for step in crowd.steps(n)])
            session.execute(insert(Job), [crowd.job(n, device or 0) for n in numbers])
            session.execute(insert(PrintRegisterRow), [crowd.row(n) for n in numbers])
        session.merge(PermitYear(year=crowd.now.year, last_serial=ROWS + after))


def is_held(n: int) -> bool:
    """Whether the n-th job is held; its permit is active then."""
    return n > ROWS - HELD


def names_its_permit(n: int) -> bool:
    """Whether the n-th job, held, belongs to the n-th permit already."""
    return n % 2 == 0


def permit_no(n: int) -> str:
    """The number of the n-th permit."""
    return format_permit_number(2026, n)


def job_no(n: int) -> str:
    """The number of the n-th job."""
    return f"H{n:06d}"


class _Crowd:
    """The rows of one number."""

    def __init__(self, room: Room, after: int) -> None:
        self.after = after
        self.zhao, self.sun = room.actor("zhao"), room.actor("sun")
        self.approvers = {name: room.actor(name).user_id for _, name in _STEPS}
        self.now: datetime = room.clock.now()

    def owner(self, n: int) -> Actor:
        return self.sun if n % 10 == 0 else self.zhao

    def at(self, n: int) -> datetime:
        return self.now - timedelta(minutes=14 * (ROWS - n))

    def state(self, n: int) -> str:
        if n % 500 == 0:
            return "requested"
        return "active" if is_held(n) else "closed"

    def permit(self, n: int) -> dict[str, Any]:
        owner, at, number = self.owner(n), self.at(n), n + self.after
        from_, to = (self.now - timedelta(days=1), self.now + timedelta(days=29)) if is_held(n) else (at, at + timedelta(days=7))
        return {
            "id": number, "permit_no": permit_no(number), "kind": "print", "state": self.state(n), "department_id": owner.department_id,
            "requester_id": owner.user_id, "title": "规划纲要", "title_salt": "00", "level": "mimi", "term": "5年", "doc_type": "ordinary",
            "pages": _pages(n), "copies_approved": COPIES, "archive_copies": 0, "copies_good": 0 if is_held(n) else COPIES,
            "next_copy_number": 1 if is_held(n) else COPIES + 1, "purpose": "征求意见", "valid_from": from_, "valid_to": to,
            "created_at": at,
        }  # fmt: skip

    def scope(self, n: int) -> dict[str, Any]:
        return {"permit_id": n + self.after, "department_id": self.owner(n).department_id, "copies": COPIES}

    def steps(self, n: int) -> list[dict[str, Any]]:
        asked = self.state(n) == "requested"
        return [
            {
                "permit_id": n + self.after, "step": step, "role": role, "person_id": None if asked else self.approvers[name],
                "decision": None if asked else "approved", "decided_at": None if asked else self.at(n),
            }
            for step, (role, name) in enumerate(_STEPS)
        ]  # fmt: skip

    def job(self, n: int, device: int) -> dict[str, Any]:
        held, at = is_held(n), self.now - timedelta(hours=1) if is_held(n) else self.at(n)
        nameless, number = held and not names_its_permit(n), n + self.after
        return {
            "id": number, "job_no": job_no(number), "source_key": f"k{n}", "attempt": "1",
            "stage": "held" if held else "completed",
            "channel": "print", "queue": "jiyao", "sender": self.owner(n).username, "requester_id": self.owner(n).user_id,
            "device_id": device, "permit_id": None if nameless else number,
            "title": "规划纲要", "title_salt": "00", "copies": 1, "options": {},
            "superseded": [],
            "claims": [] if nameless else [{"source": "permit-id", "text": permit_no(number)}], "verdict": "ok",
            "pages": _pages(n), "page_hash": f"sha256:{n:064x}", "inspection": {"paper": "A4"},
            "reasons": [{"code": "E_NO_PERMIT", "detail": ""}] if nameless else [],
            "received_at": at, "stage_since": at, "expires_at": at + timedelta(hours=72) if held else None,
            "content_destroyed_at": None if held else at, "base_object": f"base-{n}" if held else None,
        }  # fmt: skip

    def row(self, n: int) -> dict[str, Any]:
        owner, at = self.owner(n), self.at(n)
        return {
            "job_no": job_no(n + self.after), "year": at.year, "seq": n + self.after, "received_at": at,
            "status": "held" if is_held(n) else "completed",
            "department": owner.department, "requester": owner.username, "ledger_seq": n + self.after,
        }  # fmt: skip


def _pages(n: int) -> int:
    return 1 + n % _PAGES
