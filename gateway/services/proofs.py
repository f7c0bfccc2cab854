"""Proofs 清样: printed to be read and corrected; no copy of the paper, waste from the first moment, destroyed the same day (R36)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Job, Permit, Release, Waste
from gateway.domain.carriers import format_waste_number
from gateway.domain.vocabulary import PermitKind, WasteReason
from gateway.services.gate import Gate


def is_proof(session: Session, job: Job) -> bool:
    """Whether the job's paper is a proof."""
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    return permit is not None and permit.kind == PermitKind.PROOF.value


def proof_waste(gate: Gate, session: Session, job: Job, copies: Sequence[Copy]) -> dict[str, Any]:
    """A waste row for each proof that has just come out, in that transaction; what the entry is to tell of them.

    Who released it answers for it until a destruction list has it.
    """
    if not copies or not is_proof(session, job):
        return {}
    rows = []
    for copy in copies:
        release = session.get_one(Release, copy.release_id)
        row = Waste(
            copy_id=copy.id or 0,
            job_id=copy.job_id,
            sheets=release.sheets_per_copy,
            reason=WasteReason.PROOF.value,
            recorded_by_id=release.operator_id,
            recorded_at=gate.clock.now(),
        )
        session.add(row)
        rows.append(row)
    session.flush()
    sheets = {f"{copy.number:06d}": row.sheets for copy, row in zip(copies, rows, strict=True)}
    return {
        "waste": sheets,
        "waste_no": ", ".join(format_waste_number(row.id or 0) for row in rows),
        "waste_reason": WasteReason.PROOF.value,
    }


def undestroyed_waste(session: Session, permit: Permit) -> list[str]:
    """Numbers of the permit's proofs and spoiled sheets that are not destroyed yet, oldest first."""
    query = select(Waste.id).join(Copy, col(Waste.copy_id) == Copy.id)
    open_rows = session.exec(query.where(Copy.permit_id == permit.id, col(Waste.destroyed_at).is_(None)).order_by(col(Waste.id))).all()
    return [format_waste_number(row or 0) for row in open_rows]
