"""What an act on a job puts on the paper accounts: told by the entry that changes the job's register row (R58, R59, D13)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from gateway.db.tables import Job, PrintRegisterRow
from gateway.domain.paper import OTHER_SIZE, PAPER_USED, Posting, posting_of, summed
from gateway.ledger.projection import as_told
from gateway.services.gate import Gate


def used_paper(session: Session, job: Job) -> bool:
    """Whether sheets of the job have come out, good or spoiled."""
    row = session.get(PrintRegisterRow, job.job_no)
    return row is not None and row.sheets_good + row.sheets_waste > 0


def paper_told(gate: Gate, session: Session, job: Job, change: Mapping[str, Any]) -> dict[str, Any]:
    """What the entry that makes this `change` of the job's register row tells of paper; nothing while the job's paper is not complete.

    The whole job belongs to the month in which its last sheet came out; a later change of its sheets to that month too.
    """
    row = session.get(PrintRegisterRow, job.job_no)
    before = as_told(row) if row else {}
    taken = [posting_of(one.key, tuple(-amount for amount in one.amounts)) for one in _charged(gate, job, before)]
    moved = summed([*taken, *_charged(gate, job, {**before, **change})])
    postings = [posting_of(key, amounts).to_json() for key, amounts in sorted(moved.items()) if any(amounts)]
    return {PAPER_USED: postings} if postings else {}


def _charged(gate: Gate, job: Job, row: Mapping[str, Any]) -> list[Posting]:
    """The account a register row with paper stands on."""
    if not row.get("completed_at"):
        return []
    month = datetime.fromisoformat(row["completed_at"]).astimezone(gate.settings.zone).strftime("%Y-%m")
    return [
        Posting(
            month=month,
            channel=job.channel,
            department=row["department"],
            paper=row["paper"] or OTHER_SIZE,
            level=row["level"],
            device=row["device"],
            requester=row["requester"],
            jobs=1,
            impressions=row["impressions"],
            good=row["sheets_good"],
            waste=row["sheets_waste"],
        )
    ]
