"""Permits: asked, approved by two, refused, revoked, extended; and who may not (SC-16, SC-39, I10)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.domain.codes import Code
from gateway.domain.vocabulary import Level, PermitState, Role
from gateway.errors import (
    ConflictError,
    ForbiddenError,
    GatewayError,
    InvalidInputError,
    NotFoundError,
    RefusedError,
    UnauthenticatedError,
)
from gateway.services import accounts, credentials, permits
from gateway.services.accounts import NewUser
from gateway.services.credentials import Proof
from gateway.services.permit_views import list_permits, show_permit
from tests.room import PASSWORD, Room


def test_two_approvals_make_it_active(room: Room) -> None:
    view = room.request(copies=10, scope={"D01": 3, "D02": 4, "D03": 2}, archive=1)
    assert view.state is PermitState.REQUESTED
    assert view.next_role is Role.LEADER
    assert permits.approve_permit(room.gate, room.actor("li"), view.permit_no).next_role is Role.SECRECY_DIRECTOR
    assert permits.approve_permit(room.gate, room.actor("wu"), view.permit_no.lower().replace("-", "")).state is PermitState.ACTIVE
    assert room.verify().ok


def test_numbers_are_never_reused(room: Room) -> None:
    numbers = [room.request().permit_no for _ in range(3)]
    assert [number[:15] for number in numbers] == ["ZYZ-2026-000001", "ZYZ-2026-000002", "ZYZ-2026-000003"]


def test_an_internal_paper_needs_one_step(room: Room) -> None:
    view = room.request(level=Level.NEIBU, term="")
    assert permits.approve_permit(room.gate, room.actor("gu"), view.permit_no).state is PermitState.ACTIVE


def test_nobody_approves_out_of_turn_or_twice(room: Room) -> None:
    view = room.request()
    for name in ("wu", "gu"):
        with pytest.raises(RefusedError):
            permits.approve_permit(room.gate, room.actor(name), view.permit_no)
    permits.approve_permit(room.gate, room.actor("li"), view.permit_no)
    with pytest.raises(RefusedError) as caught:
        permits.approve_permit(room.gate, room.actor("li"), view.permit_no)
    assert caught.value.reasons[0].code is Code.E_SELF_RELEASE


def test_sc16_the_applicant_does_not_approve(room: Room) -> None:
    view = room.request(by="wu")
    permits.approve_permit(room.gate, room.actor("li"), view.permit_no)
    with pytest.raises(RefusedError) as caught:
        permits.approve_permit(room.gate, room.actor("wu"), view.permit_no)
    assert caught.value.code == "E_SELF_RELEASE"


@pytest.mark.parametrize("name", ["zhao", "zheng", "chen", "chu", "feng"])
def test_others_never_approve(room: Room, name: str) -> None:
    view = room.request()
    with pytest.raises(ForbiddenError):
        permits.approve_permit(room.gate, room.actor(name), view.permit_no)


@pytest.mark.parametrize("name", ["chen", "chu", "feng"])
def test_administrators_never_print(room: Room, name: str) -> None:
    with pytest.raises(ForbiddenError):
        room.request(by=name)


def test_a_refusal_needs_a_reason_and_ends_it(room: Room) -> None:
    view = room.request()
    with pytest.raises(InvalidInputError):
        permits.refuse_permit(room.gate, room.actor("li"), view.permit_no, " ")
    assert permits.refuse_permit(room.gate, room.actor("li"), view.permit_no, "不必打印").state is PermitState.REFUSED
    with pytest.raises(ConflictError):
        permits.approve_permit(room.gate, room.actor("li"), view.permit_no)


def test_revoking(room: Room) -> None:
    permit_no = room.permit()
    with pytest.raises(ForbiddenError):
        permits.revoke_permit(room.gate, room.actor("sun"), permit_no, "x")
    assert permits.revoke_permit(room.gate, room.actor("wu"), permit_no, "作废").state is PermitState.REVOKED
    assert room.verify().ok


def test_an_extension_is_approved_again(room: Room) -> None:
    permit_no = room.permit()
    later = room.clock.now() + timedelta(days=20)
    assert permits.extend_permit(room.gate, room.actor("zhao"), permit_no, later).state is PermitState.REQUESTED
    permits.approve_permit(room.gate, room.actor("li"), permit_no)
    assert permits.approve_permit(room.gate, room.actor("wu"), permit_no).valid_to == later
    with pytest.raises(InvalidInputError):
        permits.extend_permit(room.gate, room.actor("zhao"), permit_no, room.clock.now() + timedelta(days=99))


def test_a_form_with_faults_is_refused_with_all_of_them(room: Room) -> None:
    with pytest.raises(RefusedError) as caught:
        room.request(copies=10, scope={"D01": 3, "D02": 4, "D03": 2}, term="15年")
    assert {reason.code for reason in caught.value.reasons} == {Code.E_SCOPE, Code.E_MARKING_INVALID}


def test_who_sees_what(room: Room) -> None:
    permit_no = room.request().permit_no
    assert [view.permit_no for view in list_permits(room.gate, room.actor("li"), waiting_for_me=True)] == [permit_no]
    assert list_permits(room.gate, room.actor("wu"), waiting_for_me=True) == []
    assert list_permits(room.gate, room.actor("sun")) == []
    with pytest.raises(NotFoundError):
        show_permit(room.gate, room.actor("sun"), permit_no)


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(room: Room) -> None:
    for _ in range(5):
        with pytest.raises(UnauthenticatedError):
            credentials.authenticate(room.gate, "zheng", Proof("wrong"))
    with pytest.raises(UnauthenticatedError, match="locked"):
        credentials.authenticate(room.gate, "zheng", Proof(PASSWORD))
    room.clock.advance(minutes=15)
    assert credentials.authenticate(room.gate, "zheng", Proof(PASSWORD)).username == "zheng"


def test_conflicting_roles_and_weak_passwords_are_refused(room: Room) -> None:
    feng = room.actor("feng")
    for new in (NewUser("x", "X", "D01", frozenset({Role.OPERATOR, Role.LEADER})), NewUser("x", "X", "D01", password="short")):
        with pytest.raises(InvalidInputError):
            accounts.add_user(room.gate, feng, new)
    with pytest.raises(ForbiddenError):
        accounts.add_user(room.gate, room.actor("li"), NewUser("x", "X", "D01"))
    with pytest.raises(GatewayError):
        accounts.add_user(room.gate, None, NewUser("x", "X", "D01"))


def test_a_closed_account_is_nobody(room: Room) -> None:
    accounts.disable_user(room.gate, room.actor("feng"), "zheng")
    with pytest.raises(UnauthenticatedError):
        credentials.authenticate(room.gate, "zheng", Proof(PASSWORD))
    with pytest.raises(UnauthenticatedError):
        room.actor("zheng")
