"""A fax ends with its job, and its final pages are destroyed once it has ended (I7, R47, R92)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from gateway.db.tables import Fax, Job
from gateway.domain.fax import FaxDirection, FaxResult, FaxState
from gateway.domain.stages import TERMINAL
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Gate

_NO_CALL_UNDER_WAY = (FaxState.HELD.value, FaxState.WAITING.value, FaxState.TO_DECIDE.value)


def end_faxes_of_ended_jobs(gate: Gate) -> int:
    """End faxes whose job was withdrawn, expired or refused; returns how many. The last call's result stays, without a call it is 拒绝."""
    terminal = [stage.value for stage in TERMINAL]
    over = select(Fax.id).join(Job, col(Fax.job_id) == Job.id).where(col(Job.stage).in_(terminal), _outgoing())
    with gate.database.reading() as session:
        due = session.exec(over.where(col(Fax.state).in_(_NO_CALL_UNDER_WAY))).all()
    for fax_id in due:
        with gate.database.writing() as session:
            _end(gate, session, session.get_one(Fax, fax_id))
    return len(due)


def _end(gate: Gate, session: Session, fax: Fax) -> None:
    now, result = gate.clock.now(), fax.result or FaxResult.REFUSED.value
    waits = (col(Fax.id) == fax.id) & col(Fax.state).in_(_NO_CALL_UNDER_WAY)
    ended = update(Fax).where(waits).values(state=FaxState.ENDED.value, result=result, ended_at=now, next_try_at=None)
    if session.execute(ended).rowcount == 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        data = {"result": result, "pages_sent": fax.pages_sent, "uncertain": fax.uncertain}
        append(session, kind="fax.ended", at=now, actor=SYSTEM, subject=fax.fax_no, data=data)


def destroy_pages_of_ended_faxes(gate: Gate) -> int:
    """Destroy the final pages of faxes that were sent or will not be; returns how many. What came in is kept until it is printed."""
    left = select(Fax).where(_outgoing(), Fax.state == FaxState.ENDED.value, Fax.spool_object != "")
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


def _outgoing() -> ColumnElement[bool]:
    return col(Fax.direction) == FaxDirection.OUT.value
