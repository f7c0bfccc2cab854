"""A program with a token files permits and follows them; it never approves, releases or destroys, whatever its account may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select
from werkzeug.test import TestResponse

from admin_ui.api import NOUNS
from admin_ui.application import create_application
from gateway.db.tables import ApiToken, LedgerEntry
from gateway.domain.scopes import ACTS, Scope
from gateway.domain.vocabulary import Level, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError, TooManyError, UnauthenticatedError
from gateway.services import accounts, permits, release
from gateway.services.accounts import NewUser
from gateway.services.pace import Pace
from gateway.services.tokens import actor_by_token, list_tokens, make_token, revoke_token
from tests.room import Room
from tests.web.calls import PERMIT

Caller = Callable[..., TestResponse]


def token_of(room: Room, *scopes: Scope, account: str = "zhao", name: str = "oa", days: float = 30) -> str:
    end = room.clock.now() + timedelta(days=days)
    return make_token(room.gate, room.actor("feng"), name=name, account=account, scopes=scopes, expires_at=end)[0]


def entries(room: Room, kind: str) -> list[str]:
    with room.gate.database.reading() as session:
        return list(session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == kind)).all())


@pytest.fixture
def call(app: Flask) -> Caller:
    client = app.test_client()

    def called(token: str, method: str, path: str, **more: Any) -> TestResponse:
        return client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **more)

    return called


def test_an_office_system_files_a_permit_and_follows_it(room: Room, call: Caller) -> None:
    token = token_of(room, Scope.PERMITS_WRITE, Scope.PERMITS_READ)
    made = call(token, "POST", "/permits", json=PERMIT)
    assert made.status_code == 201
    number = made.get_json()["permit"]
    assert made.get_json()["requester"] == "zhao"
    permits.approve_permit(room.gate, room.actor("li"), number)
    assert call(token, "GET", f"/permits/{number}").get_json()["next_role"] == "secrecy_director"
    assert [permit["permit"] for permit in call(token, "GET", "/permits").get_json()["items"]] == [number]
    (entry,) = entries(room, "permit.requested")
    assert '"actor":"zhao"' in entry
    assert '"token":"oa"' in entry
    revoked = call(token, "POST", f"/permits/{number}/revoke", json={"comment": "不再需要"})
    assert revoked.get_json()["state"] == "revoked"
    assert '"token":"oa"' in entries(room, "permit.revoked")[0]


def test_the_token_is_shown_once_and_kept_as_a_hash(room: Room) -> None:
    token = token_of(room, Scope.PERMITS_READ)
    with room.gate.database.reading() as session:
        row = session.exec(select(ApiToken)).one()
    assert token.startswith("imprimatur_")
    assert len(token) > 50
    assert token not in repr(row)
    assert token not in "".join(entries(room, "token.made"))
    data = (room.gate.settings.data / "imprimatur.db").read_bytes() + (room.gate.settings.data / "imprimatur.db-wal").read_bytes()
    assert token.encode() not in data
    assert room.verify().ok


@pytest.mark.parametrize("scope", Scope)
@pytest.mark.parametrize("account", ["zhao", "li", "zheng"])
def test_no_scope_of_any_account_opens_more_than_it_says(room: Room, call: Caller, scope: Scope, account: str) -> None:
    try:
        tokens = [token_of(room, scope, account=account, name=f"oa-{n}") for n, _ in enumerate(NOUNS)]  # each has a pace of its own
    except InvalidInputError:
        assert ACTS[scope], "only scopes the account itself cannot fill are refused"
        return
    for token, noun in zip(tokens, NOUNS, strict=True):
        for route in noun.routes:
            path = route.path.replace("<permit_no>", "ZYZ-2026-000001-4").replace("<job_no>", "H000001")
            path = path.replace("<username>", "zhao").replace("<code>", "X").replace("<token_name>", "oa")
            answer = call(token, route.method, path, **({"json": {}} if route.method == "POST" else {}))
            if scope in route.scopes:
                assert answer.status_code in (200, 404, 409, 422), (route.name, answer.get_json())
            else:
                assert answer.status_code == 403, (route.name, answer.get_json())
                assert 'error="insufficient_scope"' in answer.headers["WWW-Authenticate"]


def test_no_route_that_approves_releases_destroys_or_rules_people_has_a_scope() -> None:
    acts = {route.name: route.scopes for noun in NOUNS for route in noun.routes if route.method == "POST"}
    assert {name for name, scopes in acts.items() if scopes} == {"request_permit", "revoke_permit", "extend_permit"}
    assert all(scopes == {Scope.PERMITS_WRITE} for scopes in acts.values() if scopes)


def test_the_services_refuse_a_program_whatever_its_account_may(room: Room, held: str) -> None:
    """Not only the routes: an actor with a token has no role, so no service approves, releases or rules for it."""
    asked = room.request().permit_no
    for account in ("li", "zheng"):
        program = actor_by_token(room.gate, token_of(room, Scope.PERMITS_READ, Scope.JOBS_READ, account=account, name=account))
        assert program.roles == frozenset()
        with pytest.raises(ForbiddenError):
            permits.approve_permit(room.gate, program, asked)
        with pytest.raises((RefusedError, NotFoundError)):
            release.release_job(room.gate, program, held)
        with pytest.raises(NotFoundError):
            release.cancel_job(room.gate, program, held)
        with pytest.raises(ForbiddenError):
            accounts.disable_user(room.gate, program, "zhao")


def test_a_program_of_an_approver_revokes_only_what_it_filed(room: Room, call: Caller) -> None:
    number = room.request().permit_no
    permits.approve_permit(room.gate, room.actor("li"), number)
    token = token_of(room, Scope.PERMITS_WRITE, account="li")
    assert call(token, "POST", f"/permits/{number}/revoke", json={"comment": "x"}).status_code == 403
    assert permits.revoke_permit(room.gate, room.actor("li"), number, "x").state == "revoked"


def test_a_program_sees_only_its_account_s(room: Room, call: Caller, held: str) -> None:
    number = room.request().permit_no
    token = token_of(room, Scope.PERMITS_READ, Scope.JOBS_READ, account="li")
    assert call(token, "GET", f"/permits/{number}").status_code == 404
    assert call(token, "GET", "/permits").get_json()["items"] == []
    assert call(token, "GET", f"/jobs/{held}").status_code == 404
    assert call(token, "GET", "/jobs").get_json()["items"] == []


def test_an_ended_revoked_or_unknown_token_and_a_closed_account(room: Room, call: Caller) -> None:
    tokens = {
        name: token_of(room, Scope.PERMITS_READ, name=name, account=who) for name, who in (("a", "zhao"), ("b", "zhao"), ("c", "qian"))
    }
    assert all(call(token, "GET", "/permits").status_code == 200 for token in tokens.values())
    revoke_token(room.gate, room.actor("feng"), "a")
    accounts.disable_user(room.gate, room.actor("feng"), "qian")
    for token in (tokens["a"], tokens["c"], "imprimatur_" + "A" * 43, "", "x", "ä"):
        answer = call(token, "GET", "/permits")
        assert (answer.status_code, answer.get_json()["code"]) == (401, "E_UNAUTHENTICATED"), token
        assert any(challenge.startswith("Bearer") for challenge in answer.headers.getlist("WWW-Authenticate"))
    room.clock.advance(days=31)
    assert call(tokens["b"], "GET", "/permits").status_code == 401
    with pytest.raises(ConflictError):
        revoke_token(room.gate, room.actor("feng"), "a")
    with pytest.raises(NotFoundError):
        revoke_token(room.gate, room.actor("feng"), "z")
    assert len(entries(room, "token.revoked")) == 1


def test_a_role_taken_from_the_account_is_taken_from_the_token(room: Room, call: Caller) -> None:
    from gateway.db.tables import UserRole
    from gateway.ledger.append import append

    token = token_of(room, Scope.REGISTERS_READ, account="zheng")
    assert call(token, "GET", "/registers/print").status_code == 200
    with room.gate.database.writing() as session:
        session.delete(session.get_one(UserRole, (room.actor("zheng").user_id, Role.OPERATOR.value)))
        append(session, kind="user.changed", at=room.clock.now(), actor="feng", subject="zheng", data={})
    assert call(token, "GET", "/registers/print").status_code == 403


def test_only_the_system_administrator_makes_tokens_of_use_and_with_an_end(room: Room) -> None:
    with pytest.raises(ForbiddenError):
        make_token(room.gate, room.actor("li"), name="x", account="zhao", scopes=[Scope.PERMITS_READ], expires_at=room.clock.now())
    for scopes, account, days in (((), "zhao", 1), ((Scope.REGISTERS_READ,), "zhao", 1), ((Scope.PERMITS_WRITE,), "chu", 1)):
        with pytest.raises(InvalidInputError):
            token_of(room, *scopes, account=account, days=days)
    for days in (-1, 0, 367):
        with pytest.raises(InvalidInputError):
            token_of(room, Scope.PERMITS_READ, days=days)
    with pytest.raises(NotFoundError):
        token_of(room, Scope.PERMITS_READ, account="nobody")
    token_of(room, Scope.PERMITS_READ)
    with pytest.raises(ConflictError):
        token_of(room, Scope.PERMITS_READ)
    with pytest.raises(ForbiddenError):
        list_tokens(room.gate, room.actor("zhao"))


def test_last_use_is_kept_to_the_minute(room: Room, call: Caller) -> None:
    token = token_of(room, Scope.PERMITS_READ)
    assert list_tokens(room.gate, room.actor("feng"))[0].last_used_at is None
    call(token, "GET", "/permits")
    first = list_tokens(room.gate, room.actor("feng"))[0].last_used_at
    call(token, "GET", "/permits")
    assert list_tokens(room.gate, room.actor("feng"))[0].last_used_at == first
    room.clock.advance(minutes=2)
    call(token, "GET", "/permits")
    last = list_tokens(room.gate, room.actor("feng"))[0].last_used_at
    assert last is not None
    assert first is not None
    assert last > first


def test_a_program_in_a_loop_is_slowed_down_alone(room: Room) -> None:
    gate = Room.open(room.gate.settings.data, token_calls_per_minute=3).gate
    client = create_application(gate, lambda: None, control=False).test_client()
    fast, calm = token_of(room, Scope.PERMITS_READ), token_of(room, Scope.PERMITS_READ, name="calm")

    def status(token: str) -> tuple[int, str | None]:
        answer = client.get("/api/v1/permits", headers={"Authorization": f"Bearer {token}"})
        return answer.status_code, answer.headers.get("Retry-After")

    assert [status(fast) for _ in range(3)] == [(200, None)] * 3
    code, wait = status(fast)
    assert (code, 1 <= int(wait or 0) <= 20) == (429, True)
    assert status(calm) == (200, None)


def test_the_pace_fills_evenly() -> None:
    now = 0.0
    pace = Pace(60, clock=lambda: now)
    for _ in range(60):
        pace.step("oa")
    with pytest.raises(TooManyError) as refused:
        pace.step("oa")
    assert refused.value.seconds == 1
    now = 2.0
    pace.step("oa")
    pace.step("oa")
    with pytest.raises(TooManyError):
        pace.step("oa")


def test_a_token_is_no_key_to_the_pages_and_none_on_the_control_socket(room: Room, app: Flask) -> None:
    token = token_of(room, Scope.PERMITS_READ)
    headers = {"Authorization": f"Bearer {token}"}
    assert app.test_client().get("/mine", headers=headers).status_code == 302
    control = create_application(room.gate, lambda: None, control=True).test_client()
    assert control.get("/api/v1/permits", headers=headers).status_code == 401
    with pytest.raises(UnauthenticatedError):
        actor_by_token(room.gate, token + "x")


def test_a_clearance_still_counts(room: Room, call: Caller) -> None:
    """A program acts for its account, with nothing added."""
    accounts.add_user(room.gate, room.actor("feng"), NewUser("oa", "办公系统", "D02", frozenset({Role.REQUESTER}), Level.NEIBU))
    token = token_of(room, Scope.PERMITS_WRITE, account="oa")
    answer = call(token, "POST", "/permits", json=PERMIT | {"scope": {"D03": 3}})
    assert answer.get_json()["department"] == "D02"
