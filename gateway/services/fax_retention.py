"""The final pages of a fax are destroyed once it has ended (I7, R92)."""

from __future__ import annotations

from sqlmodel import col, or_, select

from gateway.db.tables import Fax, Job
from gateway.domain.fax import FaxState
from gateway.domain.stages import TERMINAL
from gateway.ledger.append import append
from gateway.services.fax_endings import outgoing
from gateway.services.gate import SYSTEM, Gate


def destroy_pages_of_ended_faxes(gate: Gate) -> int:
    """Destroy the final pages of faxes that were sent or will not be; returns how many.

    What came in is kept until somebody has signed for it and its print job has ended.
    """
    over = select(Job.id).where(col(Job.stage).in_([stage.value for stage in TERMINAL]))
    left = select(Fax).where(or_(outgoing(), col(Fax.job_id).in_(over)), Fax.state == FaxState.ENDED.value, Fax.spool_object != "")
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
