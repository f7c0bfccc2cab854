"""The policy changes by proposal of one administrator and approval by another, and never otherwise (R32, R86, SC-35)."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import select

from gateway.db.tables import LedgerEntry, PolicyVersion
from gateway.domain.vocabulary import AlertKind, Level, PolicyState, Role
from gateway.errors import ConflictError, ForbiddenError, GatewayError, InvalidInputError, NotFoundError, UnavailableError
from gateway.services import alerts, permits, policies
from gateway.services.policies import PolicyView, profile
from gateway.services.tampering import policy_fault
from tests.room import Room


def content(name: str) -> dict[str, Any]:
    return dict(json.loads(profile(name).document()))


def one_step_less(room: Room) -> PolicyView:
    """feng proposes that nobody may print 内部 papers from elsewhere."""
    document = content("strict")
    del document["chains"]["neibu"]["superior"]["print"]
    return policies.propose_policy(room.gate, room.actor("feng"), document, "试行")


def test_a_new_gateway_begins_strict_and_adopts_once(room: Room) -> None:
    policies.adopt_first(room.gate)
    policies.adopt_first(room.gate)
    (only,) = policies.policy_history(room.gate, room.actor("chu"))
    assert (only.number, only.state, only.policy) == (1, PolicyState.IN_FORCE, profile("strict"))


def test_propose_then_another_approves(room: Room) -> None:
    policies.adopt_first(room.gate)
    proposed = policies.propose_policy(room.gate, room.actor("feng"), content("office"))
    assert proposed.state is PolicyState.PROPOSED
    assert policies.show_policy(room.gate, room.actor("li")).policy.profile == "strict", "a proposal changes nothing"
    assert [(change.place, change.before, change.after) for change in proposed.changes] == [
        ("profile", "strict", "office"),
        ("release.levels.gongkai", "operator", "approver"),
        ("release.levels.neibu", "operator", "approver"),
    ]
    policies.approve_policy(room.gate, room.actor("chen"), proposed.number)
    assert policies.show_policy(room.gate, room.actor("li")).policy.profile == "office"
    newest, first = policies.policy_history(room.gate, room.actor("chu"))
    assert (first.state, newest.proposed_by, newest.decided_by) == (PolicyState.SUPERSEDED, "feng", "chen")
    assert newest.changes == proposed.changes
    with room.gate.database.reading() as session:
        entries = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "policy.approved")).all()
    assert json.loads(entries[0].body)["data"]["changes"][1] == {
        "place": "release.levels.gongkai", "before": "operator", "after": "approver",
    }  # fmt: skip
    assert room.verify().ok


@pytest.mark.parametrize("name", ["zhao", "li", "wu", "zheng", "chen", "chu"])
def test_only_the_system_administrator_proposes(room: Room, name: str) -> None:
    with pytest.raises(ForbiddenError):
        policies.propose_policy(room.gate, room.actor(name), content("office"))


@pytest.mark.parametrize("name", ["zhao", "li", "wu", "zheng", "feng", "chu"])
def test_only_the_security_administrator_decides(room: Room, name: str) -> None:
    number = one_step_less(room).number
    for act in (lambda: policies.approve_policy(room.gate, room.actor(name), number),
                lambda: policies.refuse_policy(room.gate, room.actor(name), number, "x")):  # fmt: skip
        with pytest.raises(ForbiddenError):
            act()


def test_requesters_do_not_see_it(room: Room) -> None:
    policies.adopt_first(room.gate)
    with pytest.raises(ForbiddenError):
        policies.show_policy(room.gate, room.actor("zhao"))


def test_a_decision_is_made_once(room: Room) -> None:
    number = one_step_less(room).number
    with pytest.raises(InvalidInputError):
        policies.refuse_policy(room.gate, room.actor("chen"), number, " ")
    assert policies.refuse_policy(room.gate, room.actor("chen"), number, "不妥").state is PolicyState.REFUSED
    with pytest.raises(ConflictError):
        policies.approve_policy(room.gate, room.actor("chen"), number)
    with pytest.raises(NotFoundError):
        policies.approve_policy(room.gate, room.actor("chen"), 99)


@pytest.mark.parametrize("faulty", [{}, {"profile": "x", "chains": {"mimi": 1}}, {"profile": "x", "chains": {}, "review_from": "juemi"}])
def test_a_document_with_faults_is_refused(room: Room, faulty: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        policies.propose_policy(room.gate, room.actor("feng"), faulty)


def test_what_is_in_force_already_is_no_proposal(room: Room) -> None:
    with pytest.raises(ConflictError):
        policies.propose_policy(room.gate, room.actor("feng"), content("strict"))


def test_chains_follow_the_policy_in_force(room: Room) -> None:
    document = content("strict")
    document["chains"]["neibu"]["own"]["print"] = ["department_head", "leader"]
    number = policies.propose_policy(room.gate, room.actor("feng"), document).number
    before = room.request(level=Level.NEIBU, term="")
    policies.approve_policy(room.gate, room.actor("chen"), number)
    after = room.request(level=Level.NEIBU, term="")
    assert [step.role for step in before.steps] == [Role.DEPARTMENT_HEAD]
    assert [step.role for step in after.steps] == [Role.DEPARTMENT_HEAD, Role.LEADER]


def test_many_copies_need_the_principal_leader(room: Room) -> None:
    view = room.request(copies=51)
    assert [step.role for step in view.steps] == [Role.LEADER, Role.PRINCIPAL_LEADER, Role.SECRECY_DIRECTOR]
    for name in ("li", "zhou", "wu"):
        view = permits.approve_permit(room.gate, room.actor(name), view.permit_no)
    assert view.next_role is None


def test_the_database_refuses_to_edit_a_version(room: Room) -> None:
    number = one_step_less(room).number
    for statement in ("UPDATE policy_version SET document = '{}'", "UPDATE policy_version SET proposed_by_id = 1 + proposed_by_id",
                      "DELETE FROM policy_version"):  # fmt: skip
        with pytest.raises(DatabaseError, match="append-only"), room.gate.database.writing() as session:
            session.execute(text(statement))
    assert policies.approve_policy(room.gate, room.actor("chen"), number).state is PolicyState.IN_FORCE


def test_a_version_edited_behind_the_triggers_decides_nothing(room: Room) -> None:
    policies.adopt_first(room.gate)
    with room.gate.database.writing() as session:
        session.execute(text("DROP TRIGGER policy_version_no_edit"))
        session.execute(text("UPDATE policy_version SET document = replace(document, '\"off\"', '\"issuer\"')"))
        (document,) = session.exec(select(PolicyVersion.document)).all()
    assert '"issuer"' in document
    with pytest.raises(UnavailableError):
        room.request()


def test_alerts_are_acknowledged_once_by_those_who_answer_for_it(room: Room) -> None:
    with room.gate.database.writing() as session:
        number = alerts.raise_alert(room.gate, session, AlertKind.DENIED_JOB, "J-1", "E_DEVICE_LEVEL").id or 0
    assert [alert.number for alert in alerts.list_alerts(room.gate, room.actor("chen"))] == [number]
    for name in ("zhao", "feng", "li"):
        with pytest.raises(ForbiddenError):
            alerts.list_alerts(room.gate, room.actor(name))
    with pytest.raises(ForbiddenError):
        alerts.acknowledge_alert(room.gate, room.actor("zheng"), number)
    assert alerts.acknowledge_alert(room.gate, room.actor("chen"), number, "已核查").acknowledged_by == "chen"
    with pytest.raises(ConflictError):
        alerts.acknowledge_alert(room.gate, room.actor("chen"), number)
    assert alerts.list_alerts(room.gate, room.actor("chu")) == []
    assert [alert.note for alert in alerts.list_alerts(room.gate, room.actor("chu"), everything=True)] == ["已核查"]
    with pytest.raises(GatewayError):
        alerts.acknowledge_alert(room.gate, room.actor("chen"), 99)
    assert room.verify().ok


def test_two_proposals_approved_at_the_same_instant_leave_one_in_force(room: Room) -> None:
    policies.adopt_first(room.gate)
    numbers = [policies.propose_policy(room.gate, room.actor("feng"), content("office")).number, one_step_less(room).number]
    chen = room.actor("chen")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda number: policies.approve_policy(room.gate, chen, number), numbers))
    states = [version.state for version in policies.policy_history(room.gate, room.actor("chu"))]
    assert sorted(states) == [PolicyState.IN_FORCE, PolicyState.SUPERSEDED, PolicyState.SUPERSEDED]
    with room.gate.database.reading() as session:
        assert policy_fault(session) is None
    assert room.verify().ok


NONSENSE: list[Any] = [
    {"profile": "x", "chains": []},
    {"profile": "x", "chains": {"mimi": {"own": {"print": [["leader"]]}}}},
    {"profile": "x", "chains": {"mimi": {"own": {"print": {"leader": 1}}}}},
    {"profile": "x" * 10_000, "chains": {}},
    {"profile": "x", "chains": {}, "copy_caps": {"mimi": 10**400}},
    {"profile": "x", "chains": {}, "copy_caps": {"mimi": True}},
    {"profile": "x", "chains": {}, "release": {"devices": {"d": {"mimi": "self"}}}},
    {str(number): number for number in range(5000)},
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_nonsense_is_refused_in_few_words(room: Room, nonsense: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        policies.propose_policy(room.gate, room.actor("feng"), nonsense)
    assert len(caught.value.happened) < 4000
