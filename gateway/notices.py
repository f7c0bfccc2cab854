"""Tells people by webhook or mail what became of their jobs: job number, stage, codes and an address, never a title (I12).

A notice is a courtesy: what cannot be delivered after some tries is dropped and logged; the job does not care.
"""

from __future__ import annotations

import json
import smtplib
import threading
import urllib.request
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

from sqlalchemy.exc import SQLAlchemyError

from gateway.config import Settings
from gateway.errors import GatewayError
from gateway.logs import log
from gateway.services.alerts import AlertNotice, alert_notices_after, newest_alert
from gateway.services.gate import Gate
from gateway.services.notices import Notice, notices_since

LOOK_SECONDS = 2.0
_OVERLAP = timedelta(minutes=10)
"""How far each look reaches back: counting ends some time after a job came to its stage."""
_TRIES = 3
_TIMEOUT_SECONDS = 10
AnyNotice = Notice | AlertNotice
Sender = Callable[[AnyNotice], None]


def senders_of(settings: Settings) -> list[Sender]:
    """What the settings ask for; empty when nobody is to be told."""
    found: list[Sender] = []
    if settings.notice_webhook:
        found.append(lambda notice: post(settings.notice_webhook, notice))
    if settings.notice_mail_to:
        found.append(lambda notice: mail(settings, notice))
    return found


def post(url: str, notice: AnyNotice) -> None:
    """POST the notice as JSON. Raises OSError."""
    request = urllib.request.Request(url, json.dumps(notice.to_json()).encode(), {"Content-Type": "application/json"})  # noqa: S310
    with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS):  # noqa: S310 — the setting allows http and https only
        pass


def mail(settings: Settings, notice: AnyNotice) -> None:
    """Send the notice to its requester. Raises OSError."""
    message = EmailMessage()
    message["From"] = settings.notice_mail_from
    message["To"] = settings.notice_mail_to.replace("{user}", notice.username)
    message["Subject"] = notice.subject_line
    message.set_content("\n".join([f"{notice.about} {notice.words}".strip(), notice.address]))
    host, _, port = settings.notice_mail_server.partition(":")
    with smtplib.SMTP(host, int(port or 25), timeout=_TIMEOUT_SECONDS) as server:
        server.send_message(message)


class Notices:
    """Looks what has changed, and tells each sender once."""

    def __init__(self, gate: Gate, senders: list[Sender]) -> None:
        self._gate, self._senders = gate, senders
        self._started = gate.clock.now()
        self._told: dict[tuple[str, str], None] = {}
        self._last_alert = newest_alert(gate)
        """By number and not by time, since a clock that was set back is itself a reason for an alert."""

    def run(self, stop: threading.Event) -> None:
        """Until told to stop."""
        while not stop.is_set():
            try:
                self.look()
            except (GatewayError, SQLAlchemyError) as error:
                log.warning("notices_wait", error=type(error).__name__)
            stop.wait(LOOK_SECONDS)

    def look(self) -> None:
        """Tell of everything new."""
        since = max(self._started, self._gate.clock.now() - _OVERLAP)
        for notice in notices_since(self._gate, since):
            key = (notice.job_no, notice.words)
            if key not in self._told:
                self._told[key] = None
                self._tell(notice)
        for alert in alert_notices_after(self._gate, self._last_alert):
            self._last_alert = max(self._last_alert, alert.number)
            self._tell(alert)
        while len(self._told) > 10_000:
            self._told.pop(next(iter(self._told)))

    def _tell(self, notice: AnyNotice) -> None:
        for sender in self._senders:
            _send(sender, notice)


def _send(sender: Sender, notice: AnyNotice) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            return sender(notice)
        except OSError as error:  # smtplib's and urllib's errors are among them
            log.warning("notice_not_sent", job=notice.about, error=type(error).__name__, count=attempt)
    return None
