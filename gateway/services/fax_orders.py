"""What came by the fax queue becomes a fax by itself, once it is counted and its sender said everything (R41, R47; docs/fax.md).

The sender is known (CUPS asks who somebody is, the browser too) and the fax is filed as his. What he did not say, or said in a way that is
no number, a person says in the browser: the job waits with E_FAX_UNFILED. Nothing is tried twice by itself.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.db.tables import Fax, FaxPeer, Job
from gateway.domain.codes import Code, Reason
from gateway.domain.fax_order import FaxOrder, order_of
from gateway.domain.vocabulary import Channel, JobStage, Level
from gateway.errors import GatewayError
from gateway.services.counting import refuse_job
from gateway.services.fax_filing import FaxWish, file_job
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import visible_job
from gateway.services.matching import rematch
from gateway.services.people import actor_by_id

NOBODY = "an account for its sender"


def orders_to_file(gate: Gate) -> list[int]:
    """Ids of counted jobs of the fax queue nobody has tried to file, oldest first."""
    waiting = select(Job.id).where(Job.stage == JobStage.HELD.value, Job.channel == Channel.FAX.value, Job.verdict == "ok")
    untried = waiting.where(Job.fax_fault == "", col(Job.id).not_in(select(Fax.job_id).where(col(Fax.job_id).is_not(None))))
    with gate.database.reading() as session:
        return [job_id for job_id in session.exec(untried.order_by(col(Job.id))).all() if job_id is not None]


def file_order(gate: Gate, job_id: int) -> None:
    """File one of them as its sender's fax, or write down what a person has to say first.

    A refusal of the rules is final for what it refuses (R41: the content is destroyed); all else waits for a person.
    Raises SpoolFullError or KeyPoolEmptyError when there is no room for its pages now: it is tried again.
    """
    with gate.database.reading() as session:
        job = session.get_one(Job, job_id)
        order, job_no, requester = _order(session, job), job.job_no, job.requester_id
    actor = actor_by_id(gate, requester) if requester else None
    if actor is None:
        return _note(gate, job_id, NOBODY)
    if order.lacks and order.level is not None and order.level.is_state_secret:
        return _refuse(gate, job_id, order.level)
    if order.lacks or order.level is None or order.source_level is None:
        return _note(gate, job_id, ", ".join(order.lacks))
    wish = FaxWish(order.number, order.peer, order.person, order.level, order.source_level)
    try:
        file_job(gate, actor, job_no, wish)
    except GatewayError as error:
        _note(gate, job_id, error.code)


def order_for(gate: Gate, actor: Actor, job_no: str) -> FaxOrder:
    """What a job says of its fax, for the form of whoever it belongs to. Raises NotFoundError."""
    with gate.database.reading() as session:
        return _order(session, visible_job(session, actor, job_no))


def _order(session: Session, job: Job) -> FaxOrder:
    """The job's word; for whom it is, the address book says where the sender did not."""
    order = order_of(job.options, Level(job.declared_level) if job.declared_level else None)
    if not order.number or (order.peer and order.person):
        return order
    known = session.exec(select(FaxPeer).where(FaxPeer.number == order.number, col(FaxPeer.active).is_(True))).first()
    if known is None:
        return order
    return FaxOrder(order.number, order.peer or known.unit, order.person or known.person, order.level, order.source_level)


def _refuse(gate: Gate, job_id: int, level: Level) -> None:
    """Its own sender says that it is classified: whatever number would come, it is never faxed (R41)."""
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if JobStage(job.stage) is JobStage.HELD:
            refuse_job(gate, session, job, [Reason(Code.E_FAX_CLASSIFIED, level.hanzi)])


def _note(gate: Gate, job_id: int, fault: str) -> None:
    with gate.database.writing() as session:
        job = session.get_one(Job, job_id)
        if JobStage(job.stage) is not JobStage.HELD:
            return  # refused by the rules, or withdrawn meanwhile
        job.fax_fault = fault
        session.add(job)
        rematch(gate, session, job)
