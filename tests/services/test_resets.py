"""A new password takes two administrators, and neither can log in with what he saw (I10, R32)."""

from __future__ import annotations

import sqlite3

import pytest

from gateway.domain.duties import reset_roles
from gateway.domain.vocabulary import Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, UnauthenticatedError
from gateway.services.accounts import disable_user
from gateway.services.credentials import Proof, authenticate, change_password
from gateway.services.resets import ResetState, What, confirm_reset, list_resets, propose_reset, refuse_reset, waiting_resets
from gateway.services.sessions import find_session, open_session
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.services.test_credentials import OTHER, code_of, secret_of


def reset(room: Room, account: str, what: What = What.PASSWORD) -> str:
    """feng proposes, chen confirms; the one-time password both halves make."""
    proposed = propose_reset(room.gate, room.actor("feng"), account, what, "forgotten")
    confirmed = confirm_reset(room.gate, room.actor("chen"), proposed.id)
    return f"{proposed.half}-{confirmed.half}"


def test_two_administrators_give_a_one_time_password(room: Room) -> None:
    token, _ = open_session(room.gate, "zheng", Proof(PASSWORD))
    once = reset(room, "zheng")
    assert find_session(room.gate, token, active=True) is None, "an open session of the account ends"
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD))
    with pytest.raises(UnauthenticatedError, match="one-time password"):
        authenticate(room.gate, "zheng", Proof(once))
    token, _ = open_session(room.gate, "zheng", Proof(once))
    opened = find_session(room.gate, token, active=True)
    assert opened is not None
    assert opened.must_change_password
    change_password(room.gate, "zheng", Proof(once), OTHER)
    assert authenticate(room.gate, "zheng", Proof(OTHER)).username == "zheng"
    assert room.verify().ok


def test_neither_half_opens_anything_and_none_is_kept(room: Room) -> None:
    proposed = propose_reset(room.gate, room.actor("feng"), "zheng", What.PASSWORD, "forgotten")
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng", "until it is confirmed nothing changes"
    confirmed = confirm_reset(room.gate, room.actor("chen"), proposed.id)
    for guess in (proposed.half, confirmed.half, f"{proposed.half}-", f"-{confirmed.half}", f"{confirmed.half}-{proposed.half}"):
        with pytest.raises(UnauthenticatedError):
            authenticate(room.gate, "zheng", Proof(guess), first=True)
        room.clock.advance(minutes=16)
    room.gate.close()
    with sqlite3.connect(room.gate.settings.data / "imprimatur.db") as database:
        dump = "\n".join(database.iterdump())
    assert proposed.half not in dump
    assert confirmed.half not in dump
    assert [view.half for view in list_resets(room.gate, room.actor("chu"))] == [""]


def test_one_alone_cannot(room: Room) -> None:
    feng, chen = room.actor("feng"), room.actor("chen")
    proposed = propose_reset(room.gate, feng, "zheng", What.PASSWORD, "forgotten")
    for account in ("feng", "chu", "zheng", "li", "lin"):
        for decide in (confirm_reset, refuse_reset):
            with pytest.raises(ForbiddenError):
                decide(room.gate, room.actor(account), proposed.id)
    for account in ("chen", "chu", "zheng", "li"):
        with pytest.raises(ForbiddenError):
            propose_reset(room.gate, room.actor(account), "wang", What.PASSWORD, "x")
    confirm_reset(room.gate, chen, proposed.id)
    for decide in (confirm_reset, refuse_reset):
        with pytest.raises(ConflictError):
            decide(room.gate, chen, proposed.id)


def test_nobody_resets_himself_and_administrators_are_reset_by_the_others(room: Room) -> None:
    for account in ("feng", "chen", "chu"):
        with pytest.raises(ForbiddenError):
            propose_reset(room.gate, room.actor(account), account, What.PASSWORD, "x")
    with pytest.raises(ForbiddenError):
        propose_reset(room.gate, room.actor("chu"), "chen", What.PASSWORD, "x")
    of_chen = propose_reset(room.gate, room.actor("feng"), "chen", What.PASSWORD, "x")
    with pytest.raises(ForbiddenError):
        confirm_reset(room.gate, room.actor("chen"), of_chen.id)
    confirm_reset(room.gate, room.actor("chu"), of_chen.id)
    of_feng = propose_reset(room.gate, room.actor("chen"), "feng", What.SECOND_FACTOR, "x")
    confirm_reset(room.gate, room.actor("chu"), of_feng.id)


@pytest.mark.parametrize("role", Role)
def test_no_role_takes_part_in_its_own_reset(role: Role) -> None:
    proposer, confirmer = reset_roles(frozenset({role}))
    assert len({proposer, confirmer, role}) == 3 or role is Role.AUDITOR
    assert role not in (proposer, confirmer)


def test_a_lost_phone_is_reset_by_two_and_the_password_stays(room: Room) -> None:
    secret = secret_of(room, "zheng")
    room.clock.advance(minutes=1)
    reset(room, "zheng", What.SECOND_FACTOR)
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"
    assert secret_of(room, "zheng") != secret
    room.clock.advance(minutes=1)
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD, code_of(secret, room.clock.now())))


def test_a_one_time_password_ends_after_three_days(room: Room) -> None:
    once = reset(room, "zheng")
    room.clock.advance(hours=72)
    with pytest.raises(UnauthenticatedError):
        open_session(room.gate, "zheng", Proof(once))


def test_a_proposal_ends_after_a_day(room: Room) -> None:
    proposed = propose_reset(room.gate, room.actor("feng"), "zheng", What.PASSWORD, "forgotten")
    with pytest.raises(ConflictError, match="proposed already"):
        propose_reset(room.gate, room.actor("feng"), "zheng", What.PASSWORD, "again")
    assert waiting_resets(room.gate, room.actor("chen")) == 1
    assert waiting_resets(room.gate, room.actor("chu")) == 0
    room.clock.advance(hours=24)
    with pytest.raises(ConflictError, match="expired"):
        confirm_reset(room.gate, room.actor("chen"), proposed.id)
    assert [view.state for view in list_resets(room.gate, room.actor("chen"))] == [ResetState.EXPIRED]
    propose_reset(room.gate, room.actor("feng"), "zheng", What.PASSWORD, "again")


def test_a_refused_reset_changes_nothing(room: Room) -> None:
    proposed = propose_reset(room.gate, room.actor("feng"), "zheng", What.PASSWORD, "forgotten")
    refuse_reset(room.gate, room.actor("chen"), proposed.id)
    assert authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"
    with pytest.raises(ConflictError):
        confirm_reset(room.gate, room.actor("chen"), proposed.id)


def test_what_makes_no_sense_is_refused(room: Room) -> None:
    feng = room.actor("feng")
    with pytest.raises(InvalidInputError):
        propose_reset(room.gate, feng, "zheng", What.PASSWORD, "  ")
    with pytest.raises(NotFoundError):
        propose_reset(room.gate, feng, "nobody", What.PASSWORD, "x")
    with pytest.raises(NotFoundError):
        confirm_reset(room.gate, room.actor("chen"), 77)
    disable_user(room.gate, feng, "zheng")
    with pytest.raises(ConflictError):
        propose_reset(room.gate, feng, "zheng", What.PASSWORD, "x")


def test_a_closed_account_opens_without_its_old_password(room: Room) -> None:
    from gateway.services.accounts import enable_user

    feng = room.actor("feng")
    disable_user(room.gate, feng, "zheng")
    enable_user(room.gate, feng, "zheng")
    with pytest.raises(UnauthenticatedError):
        authenticate(room.gate, "zheng", Proof(PASSWORD))
    once = reset(room, "zheng")
    open_session(room.gate, "zheng", Proof(once))
