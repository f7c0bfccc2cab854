"""Alerts 告警: what responsible people must look at."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import CommentBody, Query
from admin_ui.api.routes import Noun
from gateway.domain.vocabulary import AlertKind
from gateway.errors import NotFoundError
from gateway.services import alerts
from gateway.services.gate import Actor, Gate

routes = Noun("alerts", "告警")


class AlertsQuery(Query):
    """Which alerts to list."""

    all: bool = Field(False, description="Also those somebody has acknowledged.")


class AlertAnswer(Answer):
    """Something responsible people must look at; open while nobody has acknowledged it."""

    alert: int = Field(validation_alias="number")
    kind: AlertKind
    subject: str = Field(description="Number or account it is about.")
    detail: str = Field(description="Codes and figures.")
    at: datetime
    acknowledged_by: str
    acknowledged_at: datetime | None
    note: str


@routes.get("/alerts", "告警列表")
def list_alerts(gate: Gate, actor: Actor, query: AlertsQuery) -> Listing[AlertAnswer]:
    """Alerts nobody has acknowledged yet, newest first."""
    return listing(AlertAnswer, alerts.list_alerts(gate, actor, everything=query.all))


@routes.post("/alerts/<alert>/acknowledge", "确认告警")
def acknowledge_alert(gate: Gate, actor: Actor, alert: str, body: CommentBody) -> AlertAnswer:
    """Say that one has seen it and seen to it."""
    if not (alert.isascii() and alert.isdigit() and len(alert) < 19):
        raise NotFoundError("There is no such alert.", "See `imprimatur alert list`.")
    return AlertAnswer.of(alerts.acknowledge_alert(gate, actor, int(alert), body.comment))
