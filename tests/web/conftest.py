"""The web side on a furnished room, by Flask's own client; people log in as they do in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2.bccache import Bucket, BytecodeCache
from werkzeug.test import TestResponse

from admin_ui.application import Application, create_application
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """One window: keeps cookies, sends the form token of the page it is on."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, headers=headers)

    def text(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, (path, answer.status_code)
        return answer.get_data(as_text=True)

    def post(self, page: str, action: str, **fields: str) -> TestResponse:
        found = TOKEN.search(self.get(page).get_data(as_text=True))
        form = {"csrf_token": found[1] if found else "", **fields}
        return self.client.post(action, data=form, headers={"Referer": f"http://localhost{page}"})

    def log_in(self, account: str, password: str = PASSWORD) -> TestResponse:
        return self.post("/login", "/login", username=account, password=password)


class Compiled(BytecodeCache):
    """Templates compiled once for all applications of this process."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self._code.get(bucket.key + bucket.checksum):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._code[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Application, "jinja_options", {**Application.jinja_options, "bytecode_cache": Compiled()})
        yield


@pytest.fixture
def app(room: Room) -> Flask:
    return create_application(room.gate, lambda: None, control=False)


@pytest.fixture
def window(app: Flask) -> Callable[[str], Browser]:
    def opened(account: str) -> Browser:
        browser = Browser(app)
        if account:
            assert browser.log_in(account).status_code == 302
        return browser

    return opened


@pytest.fixture
def held(room: Room) -> str:
    """A held, counted job of zhao's, three pages; its number."""
    room.gate.spool.refill()
    return room.submit(document("one", "two", "three").getvalue(), copies=2)
