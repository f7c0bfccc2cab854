"""Which copy numbers 份号 a release gives: new ones, or those of spoiled copies that are printed again (I4, R52; SC-22)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.tables import Copy, Job, Permit, Release
from gateway.domain.carriers import ranges
from gateway.domain.codes import Code, Reason
from gateway.domain.vocabulary import CopyState


def copies_to_reprint(session: Session, permit: Permit) -> list[Copy]:
    """The first unbroken run of numbers whose copies were withdrawn: nothing else of this permit is printed before them."""
    query = select(Copy).where(Copy.permit_id == permit.id, Copy.state == CopyState.SPOILED.value).order_by(col(Copy.number))
    run: list[Copy] = []
    for copy in session.exec(query).all():
        if run and copy.number != run[-1].number + 1:
            break
        run.append(copy)
    return run


def reprint_reasons(waiting: Sequence[Copy], copies: int) -> list[Reason]:
    """Why a job of so many copies is not what the numbers wait for that are to be printed again."""
    if not waiting or copies <= len(waiting):
        return []
    return [Reason(Code.E_QTY_EXCEEDED, f"{copies} > {len(waiting)}: {ranges(copy.number for copy in waiting)} first")]


def give_numbers(session: Session, job: Job, permit: Permit, release: Release, again: Sequence[Copy]) -> None:
    """Reserve the release's numbers for the job: those printed again keep their row and code, new ones get both."""
    for copy in again:
        copy.release_id, copy.job_id, copy.state = release.id or 0, job.id or 0, CopyState.RESERVED.value
        session.add(copy)
    if again:
        return
    for number in range(release.first_copy, release.last_copy + 1):
        session.add(
            Copy(
                permit_id=permit.id or 0,
                release_id=release.id or 0,
                job_id=job.id or 0,
                number=number,
                state=CopyState.RESERVED.value,
                code_id=f"{secrets.randbits(60):015x}",
            )
        )
