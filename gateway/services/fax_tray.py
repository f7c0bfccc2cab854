"""Received faxes: in quarantine until an operator registers them; then signed for; answers (R44, R45, R48; SC-28, SC-29)."""

from __future__ import annotations

import io
from dataclasses import dataclass

from sqlmodel import Session, col, select

from gateway.db.tables import Department, Fax
from gateway.domain.codes import Reason
from gateway.domain.duties import Act
from gateway.domain.fax import CryptClass, FaxDirection, FaxResult, FaxState, answer_reasons
from gateway.domain.vocabulary import AlertKind, Level
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.ledger.entry import commitment
from gateway.services.alerts import raise_alert
from gateway.services.carriers import next_number
from gateway.services.denials import record_refusal
from gateway.services.fax_filing import SERIES
from gateway.services.fax_views import FaxView, fax_by_number, view
from gateway.services.gate import SYSTEM, Actor, Gate, new_salt


@dataclass(frozen=True, slots=True)
class Arrival:
    """A fax that has just come in. `sender` is the number or name the other machine gave; `whole` is False after an error."""

    name: str
    sender: str
    pages: int
    whole: bool


def receive(gate: Gate, arrival: Arrival, tiff: bytes) -> FaxView:
    """Take a received fax into the encrypted quarantine. Of the same file a second time, the first row is given back."""
    stored = gate.spool.put(io.BytesIO(tiff))
    now = gate.clock.now()
    try:
        with gate.database.writing() as session:
            known = session.exec(select(Fax).where(Fax.direction == FaxDirection.IN.value, Fax.sha256 == stored.sha256)).first()
            if known is None:
                return _write(gate, session, arrival, stored.object_id, stored.sha256)
            double = view(session, known)
    except BaseException:
        gate.spool.destroy(stored.object_id)
        raise
    gate.spool.destroy(stored.object_id)
    with gate.database.writing() as session:
        append(session, kind="fax.received_again", at=now, actor=SYSTEM, subject=double.fax_no, data={"sha256": stored.sha256})
    return double


def _write(gate: Gate, session: Session, arrival: Arrival, spool_object: str, sha256: str) -> FaxView:
    fax = Fax(
        fax_no=next_number(session, SERIES, gate.today().year)[0],
        direction=FaxDirection.IN.value,
        state=FaxState.QUARANTINED.value,
        result=FaxResult.QUARANTINED.value,
        number=arrival.sender[:30],
        peer="",
        salt=new_salt(),
        crypt_class=CryptClass.PLAIN.value,
        sha256=sha256,
        pages=arrival.pages,
        pages_sent=arrival.pages,
        uncertain=not arrival.whole,
        spool_object=spool_object,
        registered_at=gate.clock.now(),
    )
    session.add(fax)
    session.flush()
    data = {"pages": fax.pages, "sha256": sha256, "whole": arrival.whole, "number": commitment(fax.salt, fax.number)}
    append(session, kind="fax.received", at=fax.registered_at, actor=SYSTEM, subject=fax.fax_no, data=data)
    return view(session, fax)


@dataclass(frozen=True, slots=True)
class Registration:
    """What the operator says of a received fax."""

    level: Level
    department: str
    peer: str
    person: str = ""
    summary: str = ""
    doc_no: str = ""
    crypt_class: CryptClass = CryptClass.PLAIN


def register_received(gate: Gate, actor: Actor, fax_no: str, said: Registration) -> FaxView:
    """The operator gives a received fax level and department (R48). Raises ConflictError unless it is in quarantine, NotFoundError."""
    actor.require(Act.RELEASE)
    if not said.peer.strip():
        raise InvalidInputError("The unit a fax came from is missing.", "Enter it.")
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        if fax.state != FaxState.QUARANTINED.value:
            raise ConflictError(f"Fax {fax.fax_no} is {fax.state}.", "Only a fax in quarantine is registered.")
        department = session.exec(select(Department).where(Department.code == said.department, col(Department.active).is_(True))).first()
        if department is None:
            raise NotFoundError(f"There is no department {said.department[:20]}.", "See `imprimatur department list`.")
        fax.state, fax.level, fax.department_id = FaxState.REGISTERED.value, said.level.value, department.id
        fax.result = FaxResult.PART.value if fax.uncertain else FaxResult.WHOLE.value
        fax.peer, fax.person, fax.operator_id = said.peer.strip()[:100], said.person.strip()[:50], actor.user_id
        fax.summary, fax.doc_no, fax.crypt_class = said.summary.strip()[:120], said.doc_no.strip()[:60], said.crypt_class.value
        session.add(fax)
        data = {"level": fax.level, "department": department.code, "crypt_class": fax.crypt_class}
        append(session, kind="fax.registered", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data=data)
        return view(session, fax, actor)


def sign_received(gate: Gate, actor: Actor, fax_no: str) -> FaxView:
    """Somebody of its department signs for a registered fax (F2). Raises ConflictError, and NotFoundError for other departments."""
    now = gate.clock.now()
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        if fax.department_id != actor.department_id:
            raise NotFoundError(f"There is no fax {fax_no.strip()[:20]}.", "Somebody of its department signs for it.")
        if fax.state != FaxState.REGISTERED.value or fax.signed_at is not None:
            raise ConflictError(f"Fax {fax.fax_no} is not waiting for a signature.", "Look at it again.")
        fax.state, fax.signed_by, fax.signed_at, fax.ended_at = FaxState.ENDED.value, actor.username, now, now
        session.add(fax)
        append(session, kind="fax.signed", at=now, actor=actor.username, subject=fax.fax_no, data={"pages": fax.pages})
        return view(session, fax, actor)


def may_sign(gate: Gate, actor: Actor, fax_no: str) -> bool:
    """Whether this fax waits for a signature of the actor's department."""
    with gate.database.reading() as session:
        fax = fax_by_number(session, fax_no)
        return fax.state == FaxState.REGISTERED.value and fax.department_id == actor.department_id


def note_answer(gate: Gate, actor: Actor, fax_no: str, crypt_class: CryptClass, *, by_telephone: bool = False) -> None:
    """Write down an answer that went another way than by this gate. Raises RefusedError E_CIPHER_PLAIN_MIX (R44, R45)."""
    actor.require(Act.KEEP_BOOKS)
    with gate.database.writing() as session:
        fax = fax_by_number(session, fax_no)
        reasons: list[Reason] = answer_reasons(CryptClass(fax.crypt_class), crypt_class, by_telephone=by_telephone)
        if not reasons:
            data = {"crypt_class": crypt_class.value, "by_telephone": by_telephone}
            append(session, kind="fax.answered", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data=data)
            return
    record_refusal(gate, actor, "fax.answer_refused", fax.fax_no, reasons)
    raise RefusedError(reasons)


def take_stranger(gate: Gate, job: str, owner: str, documents: int) -> None:
    """A job in the exchange's queue that the gate did not put there is told of; its documents come in like every other (R48)."""
    with gate.database.writing() as session:
        data = {"job": job[:20], "owner": owner[:40], "documents": documents}
        append(session, kind="fax.stranger", at=gate.clock.now(), actor=SYSTEM, subject="", data=data)
        raise_alert(gate, session, AlertKind.DENIED_JOB, f"fax {job[:20]}", "E_NO_PERMIT")
