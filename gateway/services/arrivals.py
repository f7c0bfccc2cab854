"""What became of CUPS' jobs at the gate: known, withdrawn, stuck or lost. Alarms are entries of the ledger (I11)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from gateway.db.tables import Job, LedgerEntry
from gateway.domain import moves
from gateway.domain.duties import Act
from gateway.domain.vocabulary import JobStage
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.logs import log
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.jobs import move
from gateway.services.release import cancel

STUCK, LOST, DIFFERS = "cups.job_stuck", "cups.job_lost", "spool.differs"
ALARMS = (STUCK, LOST, DIFFERS)
_SHOWN_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something a person must look at; `subject` is CUPS' key of the job (server:job:time) or ''."""

    kind: str
    subject: str
    at: datetime


def has_arrived(gate: Gate, key: str) -> bool:
    """Whether the job with this key ever arrived with all its documents."""
    with gate.database.reading() as session:
        job = _find(session, key)
        return job is not None and JobStage(job.stage) is not JobStage.RECEIVING


def _find(session: Session, key: str) -> Job | None:
    return session.exec(select(Job).where(Job.source_key == key)).first()


def withdraw_canceled(gate: Gate, key: str) -> None:
    """The user cancelled in CUPS while the job was on its way: what has arrived is withdrawn, unless it was released already."""
    with gate.database.writing() as session:
        job = _find(session, key)
        if job is None:
            return
        if JobStage(job.stage) is JobStage.HELD:
            cancel(gate, session, job, moves.WITHDRAW, SYSTEM, "canceled in CUPS")
        elif JobStage(job.stage) is JobStage.RECEIVING:  # not in the register yet
            move(session, job, moves.GIVE_UP, gate.clock.now())
            data = {"reason": "canceled in CUPS", "words": commitment(job.title_salt, "")}
            append(session, kind="job.canceled", at=gate.clock.now(), actor=SYSTEM, subject=job.job_no, data=data)


def report_stuck(gate: Gate, key: str) -> None:
    """CUPS has the job, but it does not get through; it is kept there, stopped."""
    _report(gate, STUCK, key)


def report_lost(gate: Gate, key: str) -> None:
    """CUPS says it is done with a job that never arrived, or not in full: it is gone, and its sender must be told."""
    _report(gate, LOST, key)


def _report(gate: Gate, kind: str, key: str) -> None:
    with gate.database.writing() as session:
        before = session.exec(select(LedgerEntry.seq).where(LedgerEntry.kind == kind, LedgerEntry.subject == key)).first()
        if before is None:
            append(session, kind=kind, at=gate.clock.now(), actor=SYSTEM, subject=key, data={})
            log.error("cups_alarm", code=kind)


def recent_alarms(gate: Gate, actor: Actor) -> list[Alarm]:
    """The alarms of the last seven days, newest first; for those who see the books."""
    actor.require(Act.SEE_BOOKS)
    query = select(LedgerEntry).where(col(LedgerEntry.kind).in_(ALARMS), LedgerEntry.at >= gate.clock.now() - _SHOWN_FOR)
    with gate.database.reading() as session:
        found = session.exec(query.order_by(col(LedgerEntry.seq).desc()).limit(50)).all()
        return [Alarm(entry.kind, entry.subject, entry.at) for entry in found]
