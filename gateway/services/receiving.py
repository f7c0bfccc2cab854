"""Taking jobs in: a `receiving` row before the first byte, `held` once everything is durable (invariants I7, I8)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Job, JobDocument, PrintRegisterRow, User
from gateway.domain import moves
from gateway.domain.envelope import Envelope, Receipt
from gateway.domain.vocabulary import JobStage, Level
from gateway.errors import ConflictError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment, utc_text
from gateway.services.devices import device_for_queue
from gateway.services.gate import SYSTEM, Gate, new_salt
from gateway.services.jobs import move, reasons_of
from gateway.services.matching import STATUS_HELD, rematch
from spool import StoredObject


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery under way: which job row it belongs to."""

    job_id: int
    attempt: str
    delivery: str


class Receiving:
    """The sink of the intake edge. Thread-safe; every method is one short transaction, none open while bytes flow."""

    def __init__(self, gate: Gate, on_held: Callable[[], None] = lambda: None) -> None:
        self._gate = gate
        self._on_held = on_held

    def begin(self, envelope: Envelope) -> Delivery | Receipt:
        """Write the `receiving` row, or answer "have it" for a job that is stored (I8).

        A new attempt of an unfinished job replaces the partial one for good: what still comes of the older one is refused with
        ConflictError, so that its sender keeps the job (measured: a killed cupsd's backend goes on beside the one that is started again).
        """
        dropped: list[str] = []
        with self._gate.database.writing() as session:
            job = session.exec(select(Job).where(Job.source_key == envelope.key)).first()
            if job is not None and JobStage(job.stage) is not JobStage.RECEIVING:
                return _receipt(self._gate, job, created=False)
            if job is None:
                job = self._new_job(session, envelope)
            elif envelope.attempt in job.superseded:
                raise ConflictError("A newer attempt of this job has begun.", "Nothing to do: the newer one is kept.")
            elif job.attempt != envelope.attempt:
                job.superseded = [*job.superseded, job.attempt]
                dropped = _drop_partial_attempt(session, job)
                job.attempt, job.documents = envelope.attempt, envelope.documents
                session.add(job)
            result = Delivery(job.id or 0, envelope.attempt, envelope.delivery)
        for spool_object in dropped:
            self._gate.spool.destroy(spool_object)
        return result

    def take(self, envelope: Envelope, stored: StoredObject) -> Receipt:
        """A new job of one document that is durable already: held when this returns, in one transaction."""
        with self._gate.database.writing() as session:
            job = self._new_job(session, envelope)
            session.add(_document(Delivery(job.id or 0, envelope.attempt, envelope.delivery), stored))
            session.flush()
            hold_job(self._gate, session, job)
            receipt = _receipt(self._gate, job, created=True)
        self._on_held()
        return receipt

    def _new_job(self, session: Session, envelope: Envelope) -> Job:
        gate, now = self._gate, self._gate.clock.now()
        named = col(User.username) == envelope.account if envelope.account else col(User.unix_user) == envelope.user
        requester = session.exec(select(User).where(named, col(User.active).is_(True))).first()
        device = device_for_queue(session, envelope.queue)
        defaults = gate.settings.queues.get(envelope.queue)
        declared = _declared_level(envelope.options.get("level")) or (defaults.level if defaults else None)
        job = Job(
            job_no="",
            source_key=envelope.key,
            attempt=envelope.attempt,
            stage=JobStage.RECEIVING.value,
            channel=envelope.channel.value,
            queue=envelope.queue,
            sender=envelope.user,
            requester_id=requester.id if requester else None,
            device_id=device.id if device else None,
            title=envelope.title,
            title_salt=new_salt(),
            copies=envelope.copies,
            options=dict(envelope.options),
            claims=[{"source": c.source, "text": c.text} for c in envelope.claims],
            declared_level=declared.value if declared else None,
            documents=envelope.documents,
            received_at=now,
            stage_since=now,
        )
        session.add(job)
        job.job_no = f"?{envelope.key}"[:60]
        session.flush()
        job.job_no = f"H{job.id:06d}"
        session.add(job)
        session.flush()
        return job

    def store(self, delivery: Delivery, stored: StoredObject) -> Receipt:
        """Record one durable document; the last one of the attempt turns the job to `held`.

        Raises ConflictError when the same delivery came before with another digest, or was overtaken by a newer attempt.
        """
        with self._gate.database.writing() as session:
            job = session.get_one(Job, delivery.job_id)
            if job.attempt != delivery.attempt:
                raise ConflictError("A newer attempt of this job has begun.", "Nothing to do: the newer one is kept.")
            same = session.exec(
                select(JobDocument).where(
                    JobDocument.job_id == job.id, JobDocument.attempt == delivery.attempt, JobDocument.delivery == delivery.delivery
                )
            ).first()
            if same is not None and same.sha256 != stored.sha256:
                raise ConflictError("This delivery was stored before with other bytes.", "Deliver the document as a new attempt.")
            if same is not None or JobStage(job.stage) is not JobStage.RECEIVING:
                return _receipt(self._gate, job, created=False)
            session.add(_document(delivery, stored))
            session.flush()
            have = session.exec(select(JobDocument.id).where(JobDocument.job_id == job.id, JobDocument.attempt == job.attempt)).all()
            if len(have) >= job.documents:
                hold_job(self._gate, session, job)
            receipt = _receipt(self._gate, job, created=True)
        self._on_held()
        return receipt


def _document(delivery: Delivery, stored: StoredObject) -> JobDocument:
    return JobDocument(
        job_id=delivery.job_id,
        attempt=delivery.attempt,
        delivery=delivery.delivery,
        spool_object=stored.object_id,
        length=stored.length,
        sha256=stored.sha256,
    )


def hold_job(gate: Gate, session: Session, job: Job, *, by: str = SYSTEM) -> None:
    """All of a job has arrived: it is held, its row of the register begins, and it is looked for its permit."""
    now = gate.clock.now()
    move(session, job, moves.HOLD, now)
    job.expires_at = now + timedelta(hours=gate.settings.hold_hours)
    year = now.astimezone(gate.settings.zone).year
    last = (
        session.exec(
            select(PrintRegisterRow.seq).where(PrintRegisterRow.year == year).order_by(col(PrintRegisterRow.seq).desc()).limit(1)
        ).first()
        or 0
    )
    requester = session.get(User, job.requester_id) if job.requester_id else None
    department = session.get(Department, requester.department_id) if requester else None
    documents = session.exec(select(JobDocument).where(JobDocument.job_id == job.id, JobDocument.attempt == job.attempt)).all()
    append(
        session,
        kind="job.received",
        at=now,
        actor=by,
        subject=job.job_no,
        data={
            "queue": job.queue,
            "sender": job.sender,
            "copies": job.copies,
            "title": commitment(job.title_salt, job.title or ""),
            "documents": [{"sha256": commitment(job.title_salt, document.sha256), "length": document.length} for document in documents],
            "print_register": {
                "year": year,
                "seq": last + 1,
                "received_at": utc_text(now),
                "status": STATUS_HELD,
                "requester": requester.username if requester else "",
                "department": department.code if department else "",
            },
        },
    )
    rematch(gate, session, job)


def _drop_partial_attempt(session: Session, job: Job) -> list[str]:
    documents = session.exec(select(JobDocument).where(JobDocument.job_id == job.id)).all()
    for document in documents:
        session.delete(document)
    return [document.spool_object for document in documents]


def _declared_level(text: str | None) -> Level | None:
    try:
        return Level.parse(text) if text else None
    except ValueError:
        return None


def _receipt(gate: Gate, job: Job, *, created: bool) -> Receipt:
    reasons = reasons_of(job)
    codes = tuple(reason.code.value for reason in reasons)
    waiting = "; ".join(reason.message_en for reason in reasons) or "It waits for the operator."
    return Receipt(job.job_no, job.stage, codes, f"{waiting} {gate.settings.page_of_job(job.job_no)}", created)
