"""A received fax comes on paper by the print path: a held job of whom it is for, with permit, stamp and charge (R01, R48; SC-29)."""

from __future__ import annotations

from sqlmodel import Session, col, select

from gateway.db.tables import Fax, Job, JobDocument, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.fax import CryptClass, FaxDirection
from gateway.domain.vocabulary import Channel, JobStage
from gateway.errors import ConflictError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.denials import record_refusal
from gateway.services.devices import printing_device
from gateway.services.fax_views import FaxView, fax_by_number, view
from gateway.services.gate import Actor, Gate, new_salt
from gateway.services.receiving import hold_job
from spool import StoredObject

_ONLY = "1"
"""Attempt and delivery: a fax comes to print once, whole."""


def print_received(gate: Gate, actor: Actor, fax_no: str, *, recipient: str, device: str) -> FaxView:
    """An operator makes a registered fax a held print job of `recipient`, somebody of its department, whom its paper is charged to.

    Raises ConflictError when it is not registered, has a job, or its pages are gone; NotFoundError for another department's people;
    RefusedError E_CIPHER_TELEGRAM for one in cipher (R17).
    """
    actor.require(Act.RELEASE)
    with gate.database.reading() as session:
        fax = _printable(session, fax_no)
        source, is_cipher = fax.spool_object, fax.crypt_class == CryptClass.CIPHER.value
    if is_cipher:
        reasons = [Reason(Code.E_CIPHER_TELEGRAM)]
        record_refusal(gate, actor, "fax.print_refused", fax_no.strip().upper(), reasons)
        raise RefusedError(reasons)
    with gate.spool.fetched(source) as pages:
        stored = gate.spool.put(pages)
    try:
        with gate.database.writing() as session:
            fax = _printable(session, fax_no)
            job = _new_job(gate, session, fax, _of_its_department(session, fax, recipient), device, stored)
            fax.job_id = job.id
            session.add(fax)
            hold_job(gate, session, job, by=actor.username)
            data = {"job": job.job_no, "recipient": recipient.strip(), "pages": fax.pages}
            append(session, kind="fax.to_print", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data=data)
            return view(session, fax, actor)
    except BaseException:
        gate.spool.destroy(stored.object_id)
        raise


def _printable(session: Session, fax_no: str) -> Fax:
    fax = fax_by_number(session, fax_no)
    if fax.direction != FaxDirection.IN.value or fax.level is None or not fax.spool_object or fax.job_id is not None:
        raise ConflictError(f"Fax {fax.fax_no} cannot be printed.", "Register it first; it is printed once.")
    return fax


def _of_its_department(session: Session, fax: Fax, recipient: str) -> User:
    person = session.exec(select(User).where(User.username == recipient.strip(), col(User.active).is_(True))).first()
    if person is None or person.department_id != fax.department_id:
        raise NotFoundError(f"There is no account {recipient.strip()[:40]} in its department.", "Name somebody of the fax' department.")
    return person


def _new_job(gate: Gate, session: Session, fax: Fax, requester: User, device: str, stored: StoredObject) -> Job:
    now, at = gate.clock.now(), printing_device(session, device)
    job = Job(
        job_no=f"?fax:{fax.fax_no}",
        source_key=f"fax:{fax.fax_no}",
        attempt=_ONLY,
        stage=JobStage.RECEIVING.value,
        channel=Channel.PRINT.value,
        queue=at.queue or "",
        sender=requester.username,
        requester_id=requester.id,
        device_id=at.id,
        title=fax.summary or fax.fax_no,
        title_salt=new_salt(),
        copies=1,
        options={"sides": "one-sided"},
        declared_level=fax.level,
        received_at=now,
        stage_since=now,
    )
    session.add(job)
    session.flush()
    job.job_no = f"H{job.id:06d}"
    document = JobDocument(
        job_id=job.id or 0,
        attempt=_ONLY,
        delivery=_ONLY,
        spool_object=stored.object_id,
        length=stored.length,
        sha256=stored.sha256,
    )
    session.add(document)
    session.flush()
    return job
