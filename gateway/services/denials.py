"""Denials are counted by person: three within ten minutes raise an alert (R101)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from gateway.db.tables import Denial, User
from gateway.domain.anomalies import ALERTING, DENIALS_NOTICED, DENIALS_WITHIN, denials_among
from gateway.domain.codes import Reason
from gateway.domain.vocabulary import AlertKind
from gateway.ledger.append import append
from gateway.services.alerts import is_open, raise_alert
from gateway.services.gate import Actor, Gate

_KEPT = timedelta(days=1)


def note_denial(
    gate: Gate, session: Session, user_id: int | None, subject: str, reasons: Collection[Reason], before: Collection[Reason] = ()
) -> None:
    """In the transaction of a refusal: who was denied, and by which codes that were not there before; perhaps an alert.

    A job that tried what is forbidden raises one at once, but no second while the first waits for somebody.
    """
    codes = denials_among([reason.code for reason in reasons], [reason.code for reason in before])
    if (forbidden := [code for code in codes if code in ALERTING]) and not is_open(session, AlertKind.DENIED_JOB, subject):
        raise_alert(gate, session, AlertKind.DENIED_JOB, subject, " ".join(forbidden))
    if user_id is not None and codes:
        _note(gate, session, user_id, subject, " ".join(codes))


def record_refusal(gate: Gate, actor: Actor, kind: str, subject: str, reasons: Collection[Reason]) -> None:
    """After an act that was refused and undone: a ledger entry of this kind with all reasons, and it counts as a denial (I11, R101)."""
    with gate.database.writing() as session:
        data = {"reasons": [reason.to_json() for reason in reasons]}
        append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=subject, data=data)
        note_denial(gate, session, actor.user_id, subject, reasons)


def note_forbidden(gate: Gate, actor: Actor | None, act: str) -> None:
    """Somebody tried an act his account may not do at all: a ledger entry of its own, and it counts as a denial (I11, SC-35).

    Not so for root before the first accounts, and for programs with a token, which have no roles.
    """
    if actor is None or actor.token:
        return
    with gate.database.writing() as session:
        append(session, kind="user.denied", at=gate.clock.now(), actor=actor.username, subject=actor.username, data={"act": act})
        _note(gate, session, actor.user_id, act, "E_FORBIDDEN")


def _note(gate: Gate, session: Session, user_id: int, subject: str, codes: str) -> None:
    now = gate.clock.now()
    session.add(Denial(user_id=user_id, subject=subject, codes=codes, at=now))
    session.flush()
    since = now - DENIALS_WITHIN
    count = session.exec(select(func.count()).select_from(Denial).where(Denial.user_id == user_id, Denial.at > since)).one()
    name = session.get_one(User, user_id).username
    if count >= DENIALS_NOTICED and not is_open(session, AlertKind.DENIALS, name, since):
        raise_alert(gate, session, AlertKind.DENIALS, name, f"{count} / 10 min · {subject}: {codes}")


def forget_old_denials(gate: Gate) -> None:
    """Drop what is older than a day; the ledger keeps every refusal."""
    with gate.database.writing() as session:
        session.execute(delete(Denial).where(col(Denial.at) < gate.clock.now() - _KEPT))
