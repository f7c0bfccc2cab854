"""The pages of a fax are destroyed once it has ended: by themselves, or by an operator's decision where nobody prints them (I7, R92)."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import col, or_, select

from gateway.db.tables import Fax, Job
from gateway.domain.duties import Act
from gateway.domain.fax import FaxDirection, FaxState
from gateway.domain.stages import TERMINAL
from gateway.errors import ConflictError
from gateway.ledger.append import append
from gateway.services.fax_endings import outgoing
from gateway.services.fax_views import FaxView, fax_by_number, view
from gateway.services.gate import SYSTEM, Actor, Gate


def destroy_pages_of_ended_faxes(gate: Gate) -> int:
    """Destroy the final pages of faxes that were sent or will not be; returns how many.

    What came in is kept until somebody has signed for it and its print job has ended; without one, `fax_keep_days` longer.
    """
    over = select(Job.id).where(col(Job.stage).in_([stage.value for stage in TERMINAL]))
    never_printed = col(Fax.job_id).is_(None) & (col(Fax.ended_at) <= gate.clock.now() - timedelta(days=gate.settings.fax_keep_days))
    gone = or_(outgoing(), col(Fax.job_id).in_(over), never_printed)
    left = select(Fax).where(gone, Fax.state == FaxState.ENDED.value, Fax.spool_object != "")
    with gate.database.reading() as session:
        objects = {fax.id: fax.spool_object for fax in session.exec(left).all()}
    gate.spool.destroy(*objects.values())
    for fax_id in objects:
        with gate.database.writing() as session:
            fax = session.get_one(Fax, fax_id)
            fax.spool_object = ""
            session.add(fax)
            append(session, kind="fax.content_destroyed", at=gate.clock.now(), actor=SYSTEM, subject=fax.fax_no, data={"objects": 1})
    return len(objects)


def discard_received(gate: Gate, actor: Actor, fax_no: str) -> FaxView:
    """An operator decides that a fax somebody signed for is not printed: its pages are destroyed at once.

    Raises ForbiddenError, NotFoundError, ConflictError when it is not signed for, is a print job, or its pages are gone.
    """
    actor.require(Act.RELEASE)
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        if not _may_be_discarded(fax):
            raise ConflictError(f"Fax {fax.fax_no} has no pages that only wait to be printed.", "Look at it again.")
        spool_object, fax.spool_object = fax.spool_object, ""
        session.add(fax)
        data = {"objects": 1, "decision": "not printed"}
        append(session, kind="fax.content_destroyed", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data=data)
        found = view(session, fax, actor)
    gate.spool.destroy(spool_object)  # after a crash here the spool's reconciliation destroys what no row names
    return found


def may_discard(gate: Gate, actor: Actor, fax_no: str) -> bool:
    """Whether `discard_received` is for this actor to decide now."""
    with gate.database.reading() as session:
        return actor.may(Act.RELEASE) and _may_be_discarded(fax_by_number(session, fax_no))


def _may_be_discarded(fax: Fax) -> bool:
    return fax.direction == FaxDirection.IN.value and fax.state == FaxState.ENDED.value and fax.job_id is None and bool(fax.spool_object)
