"""Webhook and mail tell number, stage and codes of a job, once, and never its title (I12)."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator

import pytest

from gateway.cli.notify import news
from gateway.domain.vocabulary import AlertKind
from gateway.notices import Notices, senders_of
from gateway.services.alerts import raise_alert
from tests.room import Room
from tests.watermark.papers import document
from tests.webhook import listening

TITLE = "关于某项工作的请示"


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[dict[str, object]]]]:
    with listening() as hook:
        yield hook


@pytest.fixture
def mailbox() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        """As much of RFC 5321 as one message needs."""

        def handle(self) -> None:
            self.wfile.write(b"220 test\r\n")
            for line in self.rfile:
                word = line.strip().upper()
                if word == b"DATA":
                    self.wfile.write(b"354 go on\r\n")
                    heard.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
                self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}", heard
        server.shutdown()


def test_a_held_job_is_told_once_without_its_title(
    room: Room, webhook: tuple[str, list[dict[str, object]]], mailbox: tuple[str, list[str]]
) -> None:
    told = {"notice_webhook": webhook[0], "notice_mail_to": "{user}@example.org", "notice_mail_server": mailbox[0]}
    settings = room.gate.settings.model_copy(update={**told, "public_url": "https://gate.example"})
    notices = Notices(room.gate, senders_of(settings))
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), title=TITLE)
    notices.look()
    notices.look()
    (heard,), (letter,) = webhook[1], mailbox[1]
    assert (heard["job"], heard["stage"], heard["codes"], heard["user"]) == (job, "held", ["E_NO_PERMIT"], "zhao")
    assert f"To: zhao@example.org\r\nSubject: {job} held" in letter
    assert TITLE not in json.dumps(heard, ensure_ascii=False) + letter
    assert set(heard) == {"job", "stage", "codes", "user", "address"}


def test_an_alert_is_told_to_who_answers_for_the_room(room: Room, webhook: tuple[str, list[dict[str, object]]]) -> None:
    settings = room.gate.settings.model_copy(update={"notice_webhook": webhook[0]})
    with room.gate.database.writing() as session:
        raise_alert(room.gate, session, AlertKind.EMERGENCY, "chen")
    notices = Notices(room.gate, senders_of(settings))
    notices.look()
    assert webhook[1] == [], "what was raised before the start was told before"
    room.clock.advance(hours=-3)
    with room.gate.database.writing() as session:
        raise_alert(room.gate, session, AlertKind.CLOCK_SET_BACK, "clock", "10800 s")
        raise_alert(room.gate, session, AlertKind.LEDGER_BROKEN, "ledger", "first bad entry 7")
    notices.look()
    notices.look()
    told = [(heard["kind"], heard["detail"], heard["user"]) for heard in webhook[1]]
    assert told == [
        *(("clock_set_back", "10800 s", name) for name in ("chen", "lin")),
        *(("ledger_broken", "first bad entry 7", name) for name in ("chen", "chu", "lin")),
    ]


def test_what_nobody_takes_is_dropped_and_the_next_one_told(room: Room, mailbox: tuple[str, list[str]]) -> None:
    settings = room.gate.settings.model_copy(
        update={"notice_webhook": "http://127.0.0.1:9/", "notice_mail_to": "x@example.org", "notice_mail_server": mailbox[0]}
    )
    notices = Notices(room.gate, senders_of(settings))
    room.gate.spool.refill()
    room.submit(document("page").getvalue())
    notices.look()
    assert len(mailbox[1]) == 1


def test_nobody_is_told_by_default(room: Room) -> None:
    assert senders_of(room.gate.settings) == []


def test_a_desktop_is_told_what_is_new() -> None:
    told: dict[str, str] = {}
    held = {"job": "H000001", "stage": "held", "codes": ["E_NO_PERMIT"], "title": TITLE}
    assert news(told, [{**held, "codes": ["E_COUNTING"]}]) == []
    assert news(told, [held]) == [("准印 H000001", "扣留 held E_NO_PERMIT")]
    assert news(told, [held]) == []
    assert news(told, [{**held, "stage": "completed", "codes": []}]) == [("准印 H000001", "已印完 completed")]
