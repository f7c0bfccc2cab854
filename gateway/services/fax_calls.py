"""Every call in the exchange's log has a grant; one that has none is told of (R47, issue of calls past the gate)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import col, select

from gateway.db.tables import Alert, FaxGrant
from gateway.domain.vocabulary import AlertKind
from gateway.services.alerts import raise_alert
from gateway.services.gate import Gate

EXCHANGE = "HylaFAX"
"""What alerts of its settings are about."""


def account_for(gate: Gate, call: str, tag: str) -> bool:
    """Whether this call was granted and the lock said yes. When not, an alert is raised, once for each call."""
    granted = select(FaxGrant.id).where(FaxGrant.tag == tag, col(FaxGrant.used_at).is_not(None))
    with gate.database.reading() as session:
        if session.exec(granted).first() is not None:
            return True
    subject = f"fax call {call[:20]}"
    with gate.database.writing() as session:
        told = session.exec(select(Alert.id).where(Alert.kind == AlertKind.DENIED_JOB.value, Alert.subject == subject)).first()
        if told is None:
            raise_alert(gate, session, AlertKind.DENIED_JOB, subject, "E_NO_PERMIT")
    return False


def note_settings(gate: Gate, faults: Sequence[str]) -> bool:
    """HylaFAX is not as it was installed: raise an alert, unless the same one waits to be acknowledged. Whether one was raised."""
    detail = ", ".join(faults)[:200]
    same = (Alert.kind == AlertKind.SETTINGS_CHANGED.value, Alert.subject == EXCHANGE, Alert.detail == detail)
    with gate.database.writing() as session:
        if session.exec(select(Alert.id).where(*same, col(Alert.acknowledged_at).is_(None))).first() is not None:
            return False
        raise_alert(gate, session, AlertKind.SETTINGS_CHANGED, EXCHANGE, detail)
        return True
