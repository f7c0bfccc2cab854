"""Who approves, looks at or releases papers is cleared for them and trained; a refusal stands in the ledger (R28, R94, R95, I10, I11)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from gateway.db.tables import LedgerEntry
from gateway.domain.codes import Code
from gateway.domain.vocabulary import AlertKind, Level, PermitState
from gateway.errors import ForbiddenError, RefusedError
from gateway.services import alerts, jobs, matching, permits, policies, previews, release
from gateway.services.accounts import Change, change_user
from gateway.services.permit_views import PermitView
from tests.room import Room
from tests.watermark.papers import document

PAGE = document("page").getvalue()


def entries(room: Room, kind: str) -> list[tuple[str, str, list[str]]]:
    """Of each entry of this kind: who, about what, by which codes."""
    with room.gate.database.reading() as session:
        bodies = [json.loads(body) for body in session.exec(select(LedgerEntry.body).where(LedgerEntry.kind == kind)).all()]
    return [(one["actor"], one["subject"], [reason["code"] for reason in one["data"]["reasons"]]) for one in bodies]


def change(room: Room, name: str, **changes: Any) -> None:
    change_user(room.gate, room.actor("feng"), name, Change(**changes))


def block_the_untrained(room: Room) -> None:
    policies.adopt_first(room.gate)
    document_ = json.loads(policies.profile("strict").document()) | {"training_block": True}
    number = policies.propose_policy(room.gate, room.actor("feng"), document_, "R95").number
    policies.approve_policy(room.gate, room.actor("chen"), number)


def codes(caught: pytest.ExceptionInfo[RefusedError]) -> list[tuple[Code, str]]:
    return [(reason.code, reason.detail) for reason in caught.value.reasons]


@pytest.mark.parametrize("decide", [permits.approve_permit, permits.refuse_permit])
def test_an_approver_not_cleared_for_the_level_decides_nothing(room: Room, decide: Callable[..., PermitView]) -> None:
    permit = room.request(level=Level.JIMI, term="10年").permit_no
    change(room, "li", clearance=Level.MIMI)
    with pytest.raises(RefusedError) as caught:
        decide(room.gate, room.actor("li"), permit, "no")
    assert codes(caught) == [(Code.E_CLEARANCE, "li")]
    assert entries(room, "permit.decision_refused") == [("li", permit, ["E_CLEARANCE"])]
    change(room, "li", clearance=Level.JIMI)
    assert permits.approve_permit(room.gate, room.actor("li"), permit).state is PermitState.REQUESTED
    assert room.verify().ok


def test_an_approver_whose_undertaking_is_over_is_not_cleared(room: Room) -> None:
    permit = room.request().permit_no
    change(room, "li", undertaking_until=date(2026, 3, 11))
    with pytest.raises(RefusedError) as caught:
        permits.approve_permit(room.gate, room.actor("li"), permit)
    assert codes(caught) == [(Code.E_CLEARANCE, "li")]


def test_what_is_no_secret_needs_no_clearance(room: Room) -> None:
    permit = room.request(level=Level.NEIBU, term="").permit_no
    change(room, "gu", clearance=None)
    assert permits.approve_permit(room.gate, room.actor("gu"), permit).state is PermitState.ACTIVE


def test_a_refused_approval_stands_in_the_ledger_and_three_raise_an_alert(room: Room) -> None:
    own = room.request(by="li").permit_no
    for times in range(1, 4):
        with pytest.raises(RefusedError) as caught:
            permits.approve_permit(room.gate, room.actor("li"), own)
        assert caught.value.code == "E_SELF_RELEASE"
        assert entries(room, "permit.decision_refused") == [("li", own, ["E_SELF_RELEASE"])] * times
    (alert,) = alerts.list_alerts(room.gate, room.actor("lin"))
    assert (alert.kind, alert.subject) == (AlertKind.DENIALS, "li")
    assert room.verify().ok


def test_pages_not_seen_yet_are_told_but_no_denial(room: Room) -> None:
    permit = room.request(job=room.submit(PAGE), copies=1).permit_no
    for _ in range(3):
        with pytest.raises(RefusedError) as caught:
            permits.approve_permit(room.gate, room.actor("li"), permit)
        assert caught.value.code == "E_NOT_REVIEWED"
    assert entries(room, "permit.decision_refused") == [("li", permit, ["E_NOT_REVIEWED"])] * 3
    assert list(alerts.list_alerts(room.gate, room.actor("lin"))) == []


@pytest.mark.parametrize(("said", "may"), [({"level": "秘密"}, True), ({"level": "机密"}, False), ({}, False)])
def test_pages_are_shown_to_who_is_cleared_for_what_is_said_of_them(room: Room, said: dict[str, str], may: bool) -> None:
    """Where nothing is said of its level a paper counts as 机密 (R26)."""
    room.gate.spool.refill()
    job = room.submit(PAGE, **said)
    change(room, "zheng", clearance=Level.MIMI)
    if may:
        assert previews.picture_of_page(room.gate, room.actor("zheng"), job, 1).startswith(b"\x89PNG")
        assert entries(room, "job.view_refused") == []
        return
    with pytest.raises(RefusedError) as caught:
        previews.picture_of_page(room.gate, room.actor("zheng"), job, 1)
    assert codes(caught) == [(Code.E_CLEARANCE, "zheng")]
    assert entries(room, "job.view_refused") == [("zheng", job, ["E_CLEARANCE"])]
    assert previews.pages_seen(room.gate, room.actor("zheng"), job) == frozenset()


def test_an_operator_not_cleared_releases_nothing(room: Room) -> None:
    job = room.submit(PAGE, permit=room.permit(level=Level.JIMI, term="10年"))
    change(room, "zheng", clearance=Level.MIMI)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert codes(caught) == [(Code.E_CLEARANCE, "zheng")]
    assert release.release_job(room.gate, room.actor("wang"), job).stage.value == "queued"


def test_training_that_is_over_only_warns_unless_the_policy_blocks(room: Room) -> None:
    for name in ("zhao", "li", "wu", "zheng"):
        change(room, name, training_date=date(2025, 3, 13))
    change(room, "qian", training_date=date(2025, 3, 12))  # twelve months ago: over today
    permit = room.permit()
    job = room.submit(PAGE, user="qian", permit=permit)
    assert jobs.show(room.gate, room.actor("zheng"), job).reasons == ()
    block_the_untrained(room)
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("zheng"), job)
    assert codes(caught) == [(Code.E_TRAINING, "")]
    with pytest.raises(RefusedError) as caught:
        release.release_job(room.gate, room.actor("wang"), room.submit(PAGE, permit=permit))
    assert codes(caught) == [(Code.E_TRAINING, "wang")], "never trained"
    later = room.request().permit_no
    change(room, "li", training_date=None)
    with pytest.raises(RefusedError) as caught:
        permits.approve_permit(room.gate, room.actor("li"), later)
    assert codes(caught) == [(Code.E_TRAINING, "li")]
    change(room, "qian", training_date=date(2026, 3, 11))
    assert release.release_job(room.gate, room.actor("zheng"), job).stage.value == "queued"
    assert room.verify().ok


def test_the_untrained_still_print_what_is_no_secret(room: Room) -> None:
    block_the_untrained(room)
    permit = permits.approve_permit(room.gate, room.actor("gu"), room.request(level=Level.NEIBU, term="").permit_no)
    job = room.submit(PAGE, permit=permit.permit_no)
    assert release.release_job(room.gate, room.actor("zheng"), job).stage.value == "queued"


@pytest.mark.parametrize("name", ["li", "wu", "gu"])
def test_who_approves_does_not_choose_what_is_printed_under_it(room: Room, name: str) -> None:
    permit, job = room.permit(), room.submit(PAGE)
    with pytest.raises(ForbiddenError):
        matching.match_job(room.gate, room.actor(name), job, permit)
    assert jobs.show(room.gate, room.actor("zheng"), job).permit_no == ""
    assert matching.match_job(room.gate, room.actor("zheng"), job, permit).releasable
