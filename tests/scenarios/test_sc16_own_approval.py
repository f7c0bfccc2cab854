"""SC-16 Approver releasing own job (R06 R32): own requests, two steps, a delegate, and an approver who is no longer there."""

from __future__ import annotations

from datetime import date

import pytest

from gateway.db.tables import Device
from gateway.domain.delegations import NewDelegation
from gateway.domain.vocabulary import Level, PermitState, Role
from gateway.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError, RefusedError
from gateway.services import accounts, delegations, permits, registers, release
from gateway.services.devices import add_device
from gateway.services.permit_views import PermitView, list_permits, show_permit
from tests.room import Room
from tests.watermark.papers import document

DOC_NO = "保密办委字〔2026〕3号"
MARCH = NewDelegation(DOC_NO, Role.SECRECY_DIRECTOR, "he", date(2026, 3, 1), date(2026, 3, 31))


def approve(room: Room, name: str, permit_no: str) -> PermitView:
    return permits.approve_permit(room.gate, room.actor(name), permit_no)


@pytest.fixture
def delegated(room: Room) -> Room:
    delegations.delegate_role(room.gate, room.actor("wu"), MARCH)
    return room


def held_job(room: Room, permit_no: str, user: str = "zhao") -> str:
    room.gate.spool.refill()
    return room.submit(document("page").getvalue(), user=user, permit=permit_no)


def test_wu_asks_and_her_delegate_approves(delegated: Room) -> None:
    room = delegated
    permit_no = room.request(by="wu").permit_no
    approve(room, "li", permit_no)
    with pytest.raises(RefusedError) as caught:
        approve(room, "wu", permit_no)
    assert caught.value.code == "E_SELF_RELEASE"
    assert [view.permit_no for view in list_permits(room.gate, room.actor("he"), waiting_for_me=True)] == [permit_no]
    approved = approve(room, "he", permit_no)
    assert approved.state is PermitState.ACTIVE
    assert [(step.person, step.delegation) for step in approved.steps] == [("li", ""), ("he", DOC_NO)]
    job = held_job(room, permit_no, user="wu")
    release.release_job(room.gate, room.actor("zheng"), job)
    (row,) = registers.print_register(room.gate, room.actor("lin"), "2026-03")
    assert row["approvers"] == f"李强 2026-03-12 09:00; 贺兰 ({DOC_NO}) 2026-03-12 09:00"
    assert room.verify().ok


def test_li_does_not_fill_both_steps(room: Room) -> None:
    both = NewDelegation("保密办委字〔2026〕4号", Role.SECRECY_DIRECTOR, "li", date(2026, 3, 1), date(2026, 3, 31))
    delegations.delegate_role(room.gate, room.actor("wu"), both)
    permit_no = room.request().permit_no
    approve(room, "li", permit_no)
    with pytest.raises(RefusedError) as caught:
        approve(room, "li", permit_no)
    assert caught.value.code == "E_SELF_RELEASE"


@pytest.mark.parametrize(("gone", "open_role", "again"), [("wu", Role.SECRECY_DIRECTOR, ["he"]), ("li", Role.LEADER, ["zhou", "wu"])])
def test_an_approver_disabled_before_the_release(delegated: Room, gone: str, open_role: Role, again: list[str]) -> None:
    room = delegated
    permit_no = room.permit()
    job = held_job(room, permit_no)
    accounts.disable_user(room.gate, room.actor("feng"), gone)
    permit = show_permit(room.gate, room.actor("zhao"), permit_no)
    assert (permit.state, permit.next_role) == (PermitState.REQUESTED, open_role)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert caught.value.code == "E_PERMIT_PENDING"
    if gone == "li":  # another leader: the role is given, the director decides again after him
        give_role(room, "zhou", Role.LEADER)
        for name in again:
            permit = approve(room, name, permit_no)
        assert permit.state is PermitState.ACTIVE
        release.release_job(room.gate, room.actor("zheng"), job)
    else:  # who delegated is no longer there, and so neither is her delegate
        with pytest.raises(ForbiddenError):
            approve(room, "he", permit_no)
    assert room.verify().ok


def give_role(room: Room, name: str, role: Role) -> None:
    from gateway.db.tables import UserRole
    from gateway.ledger.append import append

    with room.gate.database.writing() as session:
        session.add(UserRole(user_id=room.actor(name).user_id, role=role.value))
        append(session, kind="user.changed", at=room.clock.now(), actor="feng", subject=name, data={})


def take_role(room: Room, name: str, role: Role) -> None:
    from gateway.db.tables import UserRole
    from gateway.ledger.append import append

    with room.gate.database.writing() as session:
        session.delete(session.get_one(UserRole, (room.actor(name).user_id, role.value)))
        append(session, kind="user.changed", at=room.clock.now(), actor="feng", subject=name, data={})


def test_a_lost_role_is_found_at_the_release_at_the_latest(room: Room) -> None:
    permit_no = room.permit()
    job = held_job(room, permit_no)
    take_role(room, "wu", Role.SECRECY_DIRECTOR)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert caught.value.code == "E_PERMIT_PENDING"
    permit = show_permit(room.gate, room.actor("zhao"), permit_no)
    assert (permit.state, permit.next_role) == (PermitState.REQUESTED, Role.SECRECY_DIRECTOR)
    assert room.verify().ok


def test_a_revoked_delegation_takes_back_what_was_approved_under_it(delegated: Room) -> None:
    room = delegated
    permit_no = room.request().permit_no
    approve(room, "li", permit_no)
    approve(room, "he", permit_no)
    job = held_job(room, permit_no)
    with pytest.raises(ForbiddenError):
        delegations.revoke_delegation(room.gate, room.actor("he"), DOC_NO)
    delegations.revoke_delegation(room.gate, room.actor("chen"), DOC_NO)
    assert show_permit(room.gate, room.actor("zhao"), permit_no).state is PermitState.REQUESTED
    with pytest.raises(RefusedError):
        release.release_job(room.gate, room.actor("zheng"), job)
    with pytest.raises(ForbiddenError):
        approve(room, "he", permit_no)
    approve(room, "wu", permit_no)
    release.release_job(room.gate, room.actor("zheng"), job)


def test_a_delegation_that_has_ended_approves_nothing_more_but_keeps_what_it_did(delegated: Room) -> None:
    room = delegated
    room.clock.advance(days=17)  # 2026-03-29
    done, late = (room.request().permit_no for _ in range(2))
    for permit_no in (done, late):
        approve(room, "li", permit_no)
    approve(room, "he", done)
    job = held_job(room, done)
    room.clock.advance(days=3)  # 2026-04-01
    assert room.actor("he").roles == {Role.REQUESTER}
    with pytest.raises(ForbiddenError):
        approve(room, "he", late)
    release.release_job(room.gate, room.actor("zheng"), job)


@pytest.mark.parametrize(
    ("holder", "new", "said"),
    [
        ("wu", NewDelegation(" ", Role.SECRECY_DIRECTOR, "he", date(2026, 3, 1), date(2026, 3, 31)), "document number"),
        ("wu", NewDelegation("1", Role.SECRECY_DIRECTOR, "he", date(2026, 3, 1), date(2026, 4, 1)), "30 days"),
        ("wu", NewDelegation("1", Role.SECRECY_DIRECTOR, "he", date(2026, 3, 2), date(2026, 3, 1)), "30 days"),
        ("wu", NewDelegation("1", Role.SECRECY_DIRECTOR, "wu", date(2026, 3, 1), date(2026, 3, 31)), "himself"),
        ("wu", NewDelegation("1", Role.SECRECY_DIRECTOR, "zheng", date(2026, 3, 1), date(2026, 3, 31)), "may not be"),
        ("wu", NewDelegation("1", Role.SECRECY_DIRECTOR, "chen", date(2026, 3, 1), date(2026, 3, 31)), "may not be"),
        ("wu", NewDelegation("1", Role.LEADER, "he", date(2026, 3, 1), date(2026, 3, 31)), "does not hold"),
        ("wu", NewDelegation("1", Role.OPERATOR, "he", date(2026, 3, 1), date(2026, 3, 31)), "not a role that approves"),
    ],
)
def test_what_is_no_delegation(room: Room, holder: str, new: NewDelegation, said: str) -> None:
    with pytest.raises(InvalidInputError, match=said):
        delegations.delegate_role(room.gate, room.actor(holder), new)


def test_a_delegation_is_not_passed_on_nor_made_by_others_nor_twice(delegated: Room) -> None:
    room = delegated
    on = NewDelegation("2", Role.SECRECY_DIRECTOR, "qian", date(2026, 3, 1), date(2026, 3, 31))
    for name in ("he", "zhao", "chen", "feng"):
        with pytest.raises(ForbiddenError):
            delegations.delegate_role(room.gate, room.actor(name), on)
    with pytest.raises(ConflictError):
        delegations.delegate_role(room.gate, room.actor("wu"), MARCH)
    with pytest.raises(NotFoundError):
        delegations.revoke_delegation(room.gate, room.actor("wu"), "99")
    delegations.revoke_delegation(room.gate, room.actor("wu"), DOC_NO)
    with pytest.raises(ConflictError):
        delegations.revoke_delegation(room.gate, room.actor("wu"), DOC_NO)
    (shown,) = delegations.list_delegations(room.gate, room.actor("chu"))
    assert (shown.revoked, shown.in_force) == (True, False)


def test_a_permit_of_top_secret_is_not_approved_by_a_delegate_of_the_wrong_role(delegated: Room) -> None:
    high = Device(
        code="PRN-JM-01", name="绝密打印机", location="机要室", designated=True, max_level="juemi", uri="ipp://127.0.0.1:1/ipp/print"
    )
    add_device(delegated.gate, delegated.actor("feng"), high)
    view = delegated.request(level=Level.JUEMI, term="30年", devices=("PRN-JM-01",), by="zhou")
    with pytest.raises(RefusedError):
        approve(delegated, "he", view.permit_no)
