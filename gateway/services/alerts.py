"""Alerts: what responsible people must look at, raised inside the transaction of what happened, acknowledged by a person (R101)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import Alert, User, UserRole
from gateway.domain.duties import TOLD_OF, Act
from gateway.domain.vocabulary import AlertKind
from gateway.errors import ConflictError, NotFoundError
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Actor, Gate


def raise_alert(gate: Gate, session: Session, kind: AlertKind, subject: str, detail: str = "", *, actor: str = SYSTEM) -> Alert:
    """Raise an alert in the transaction of the act that causes it. `subject` is a number or account; `detail` codes and figures (I12)."""
    alert = Alert(kind=kind.value, subject=subject, detail=detail[:200], at=gate.clock.now())
    session.add(alert)
    session.flush()
    data = {"alert": alert.id, "kind": kind.value, "detail": alert.detail}
    append(session, kind="alert.raised", at=alert.at, actor=actor, subject=subject, data=data)
    return alert


@dataclass(frozen=True, slots=True)
class AlertView:
    """An alert as UI, API and CLI show it."""

    number: int
    kind: AlertKind
    subject: str
    detail: str
    at: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None
    note: str


def _view(session: Session, alert: Alert) -> AlertView:
    by = session.get_one(User, alert.acknowledged_by_id).username if alert.acknowledged_by_id else ""
    return AlertView(alert.id or 0, AlertKind(alert.kind), alert.subject, alert.detail, alert.at, by, alert.acknowledged_at, alert.note)


def list_alerts(gate: Gate, actor: Actor, *, everything: bool = False, limit: int = 200) -> list[AlertView]:
    """Those nobody has acknowledged yet, or all; newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_ALERTS)
    query = select(Alert).order_by(col(Alert.id).desc()).limit(limit)
    if not everything:
        query = query.where(col(Alert.acknowledged_at).is_(None))
    with gate.database.reading() as session:
        return [_view(session, alert) for alert in session.exec(query).all()]


def acknowledge_alert(gate: Gate, actor: Actor, number: int, note: str = "") -> AlertView:
    """Say that one has seen it and seen to it. Raises ForbiddenError, NotFoundError, ConflictError when somebody else has."""
    actor.require(Act.ACKNOWLEDGE_ALERTS)
    with gate.database.writing() as session:
        alert = session.get(Alert, number)
        if alert is None:
            raise NotFoundError(f"There is no alert {number}.", "See `imprimatur alert list`.")
        now = gate.clock.now()
        done = session.execute(
            update(Alert)
            .where(col(Alert.id) == number, col(Alert.acknowledged_at).is_(None))
            .values(acknowledged_by_id=actor.user_id, acknowledged_at=now, note=note[:200])
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"Alert {number} was acknowledged already.", "See `imprimatur alert list --all`.")
        session.refresh(alert)
        data = {"alert": number, "kind": alert.kind}
        append(session, kind="alert.acknowledged", at=now, actor=actor.username, subject=alert.subject, data=data)
        return _view(session, alert)


def people_to_tell(session: Session, kind: AlertKind) -> Sequence[str]:
    """The accounts that are told of this kind of alert (R101)."""
    return session.exec(
        select(User.username)
        .join(UserRole, col(UserRole.user_id) == User.id)
        .where(col(User.active).is_(True), col(UserRole.role).in_([role.value for role in TOLD_OF[kind]]))
        .distinct()
        .order_by(User.username)
    ).all()


@dataclass(frozen=True, slots=True)
class AlertNotice:
    """An alert for one person: codes and numbers, never a title (I12)."""

    number: int
    kind: str
    subject: str
    detail: str
    username: str
    address: str
    """Where in the UI the alerts stand."""

    @property
    def about(self) -> str:
        """What it is about."""
        return f"alert {self.number}"

    @property
    def subject_line(self) -> str:
        """The subject of a mail."""
        return f"{self.about} {self.kind}"

    @property
    def words(self) -> str:
        """Kind, subject and figures."""
        return f"{self.kind} {self.subject} {self.detail}".strip()

    def to_json(self) -> dict[str, object]:
        """What a webhook gets."""
        told = {"kind": self.kind, "subject": self.subject, "detail": self.detail}
        return {"alert": self.number, **told, "user": self.username, "address": self.address}


def newest_alert(gate: Gate) -> int:
    """Number of the newest alert, 0 when there is none."""
    with gate.database.reading() as session:
        return session.exec(select(func.max(Alert.id))).one() or 0


def alert_notices_after(gate: Gate, number: int) -> list[AlertNotice]:
    """Alerts after this number, oldest first, once for each person who is told (R101)."""
    with gate.database.reading() as session:
        raised = session.exec(select(Alert).where(col(Alert.id) > number).order_by(col(Alert.id)).limit(500)).all()
        return [
            AlertNotice(alert.id or 0, alert.kind, alert.subject, alert.detail, name, gate.settings.page_of_room)
            for alert in raised
            for name in people_to_tell(session, AlertKind(alert.kind))
        ]


def is_open(session: Session, kind: AlertKind, subject: str, since: datetime | None = None) -> bool:
    """Whether such an alert waits for somebody, so that the same is not told again and again; `since`: only if raised after."""
    query = select(Alert.id).where(Alert.kind == kind.value, Alert.subject == subject, col(Alert.acknowledged_at).is_(None))
    return session.exec(query.where(Alert.at >= since) if since else query).first() is not None
