from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import stages
from gateway.domain.approvals import Step, approval_reason, current_step
from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import Code, Reason
from gateway.domain.counting import is_duplex, sheets_per_copy
from gateway.domain.duties import APPROVERS, THREE_ADMINISTRATORS, Act, allowed, conflicting_roles
from gateway.domain.marks import Mark, mark_to_stamp, parse_mark
from gateway.domain.matching import DeviceFacts, JobFacts, Person, job_reasons, match_reasons
from gateway.domain.permit_form import House, PermitRequest, request_faults
from gateway.domain.permits import Allowance, PermitFacts
from gateway.domain.registers import fold
from gateway.domain.vocabulary import Channel, DocType, JobStage, Level, PermitKind, PermitState, Role

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 12)
ZHAO = Person("zhao", "D02", Level.JIMI, date(2026, 1, 1))
ROOM_PRINTER = DeviceFacts("PRN-JY-01", Level.JIMI, designated=True)
JOB = JobFacts(Channel.PRINT, ZHAO, 10, 24, "sha256:h1", Level.MIMI, (), "ok", ROOM_PRINTER)
P123 = PermitFacts(
    "ZYZ-2026-000123-L",
    PermitKind.PRINT,
    PermitState.ACTIVE,
    "D02",
    Level.MIMI,
    "5年",
    DocType.ORDINARY,
    24,
    Allowance(10, 0, 0),
    NOW - timedelta(days=2),
    NOW + timedelta(days=5),
    "sha256:h1",
    frozenset({"PRN-JY-01"}),
)


def codes(job: JobFacts, permit: PermitFacts = P123, now: datetime = NOW) -> set[Code]:
    return {reason.code for reason in match_reasons(job, permit, now, TODAY)}


def test_the_right_job_fits() -> None:
    assert codes(JOB) == set()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"copies": 11}, Code.E_QTY_EXCEEDED),
        ({"copies": 0}, Code.E_QTY_EXCEEDED),
        ({"pages": 12}, Code.E_PAGES_MISMATCH),
        ({"pages": 264}, Code.E_PAGES_MISMATCH),
        ({"page_hash": "sha256:h2"}, Code.E_HASH_MISMATCH),
        ({"channel": Channel.COPY}, Code.E_PERMIT_CHANNEL),
        ({"declared_level": Level.JIMI}, Code.E_LEVEL_MISMATCH),
        ({"marks": ("机密★10年",)}, Code.E_LEVEL_MISMATCH),
        ({"marks": ("秘密★10年",)}, Code.E_LEVEL_MISMATCH),
        ({"marks": ("秘密★15年",)}, Code.E_MARKING_INVALID),
        ({"marks": ("内部★5年",)}, Code.E_MARKING_INVALID),
        ({"requester": replace(ZHAO, department="D03")}, Code.E_DEPT_MISMATCH),
        ({"requester": replace(ZHAO, clearance=None)}, Code.E_CLEARANCE),
        ({"requester": replace(ZHAO, undertaking=None)}, Code.E_CLEARANCE),
        ({"requester": replace(ZHAO, active=False)}, Code.E_CLEARANCE),
        ({"requester": None}, Code.E_USER_UNKNOWN),
        ({"device": DeviceFacts("PRN-D03-02", Level.NEIBU, designated=False)}, Code.E_DEVICE_LEVEL),
        ({"device": replace(ROOM_PRINTER, designated=False)}, Code.E_DEVICE_LEVEL),
        ({"device": replace(ROOM_PRINTER, code="PRN-JY-02")}, Code.E_DEVICE_LEVEL),
        ({"device": None}, Code.E_DEVICE_LEVEL),
        ({"verdict": None}, Code.E_COUNTING),
        ({"verdict": "E_COUNT_DISAGREES"}, Code.E_COUNT_DISAGREES),
    ],
)
def test_each_condition_has_its_code(changes: dict[str, object], code: Code) -> None:
    assert code in codes(replace(JOB, **changes))  # type: ignore[arg-type]


def test_all_failing_conditions_are_named_at_once() -> None:
    assert codes(replace(JOB, copies=11, pages=12, page_hash="x")) == {Code.E_QTY_EXCEEDED, Code.E_PAGES_MISMATCH, Code.E_HASH_MISMATCH}


def test_a_mark_equal_to_the_permit_is_fine() -> None:
    assert codes(replace(JOB, marks=("秘密★5年",))) == set()


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (PermitState.REQUESTED, Code.E_PERMIT_PENDING),
        (PermitState.REVOKED, Code.E_PERMIT_REVOKED),
        (PermitState.REFUSED, Code.E_PERMIT_REVOKED),
        (PermitState.CLOSED, Code.E_PERMIT_REVOKED),
        (PermitState.EXPIRED, Code.E_PERMIT_EXPIRED),
    ],
)
def test_states_that_open_nothing(state: PermitState, code: Code) -> None:
    assert code in codes(JOB, replace(P123, state=state))


def test_validity_ends_at_the_second() -> None:
    assert codes(JOB, now=P123.valid_to - timedelta(microseconds=1)) == set()
    assert codes(JOB, now=P123.valid_to) == {Code.E_PERMIT_EXPIRED}
    assert codes(JOB, now=P123.valid_from - timedelta(seconds=1)) == {Code.E_PERMIT_EXPIRED}


def test_unknown_level_alone_does_not_hold_under_a_permit() -> None:
    assert job_reasons(replace(JOB, declared_level=None)) == []


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(-3, 60))
def test_an_allowance_never_covers_more_than_is_left(approved: int, reserved: int, good: int, wanted: int) -> None:
    allowance = Allowance(approved, reserved, good)
    assert allowance.covers(wanted) == (wanted >= 1 and reserved + good + wanted <= approved)


def request(**changes: object) -> PermitRequest:
    base = PermitRequest(
        PermitKind.PRINT,
        "D02",
        "规划纲要",
        Level.MIMI,
        "5年",
        24,
        10,
        {"D01": 3, "D02": 4, "D03": 2},
        1,
        "征求意见",
        NOW,
        NOW + timedelta(days=7),
        ("PRN-JY-01",),
    )
    return replace(base, **changes)  # type: ignore[arg-type]


HOUSE = House(
    departments=frozenset({"D01", "D02", "D03"}),
    devices={"PRN-JY-01": ROOM_PRINTER, "PRN-D03-02": DeviceFacts("PRN-D03-02", Level.NEIBU, designated=False)},
    people={"zhao": ZHAO, "qian": Person("qian", "D02", Level.MIMI, date(2026, 1, 1))},
    today=TODAY,
)


def test_sc39_a_good_form_passes() -> None:
    assert request_faults(request(), HOUSE) == []


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"archive_copies": 0}, Code.E_SCOPE),
        ({"copies": 0}, Code.E_SCOPE),
        ({"copies": 10_000}, Code.E_SCOPE),
        ({"scope": {"赵敏": 9}}, Code.E_SCOPE),
        ({"scope": {"D01": 10, "D02": -1}}, Code.E_SCOPE),
        ({"pages": 0}, Code.E_PAGES_MISMATCH),
        ({"term": "15年"}, Code.E_MARKING_INVALID),
        ({"term": ""}, Code.E_MARKING_INVALID),
        ({"level": Level.NEIBU}, Code.E_MARKING_INVALID),
        ({"doc_type": DocType.CIPHER_TELEGRAM}, Code.E_CIPHER_TELEGRAM),
        ({"valid_to": NOW}, Code.E_PERMIT_EXPIRED),
        ({"valid_to": NOW + timedelta(days=31)}, Code.E_PERMIT_EXPIRED),
        ({"level": Level.JUEMI, "kind": PermitKind.COPY}, Code.E_TOPSECRET_COPY),
    ],
)
def test_sc39_faults_of_the_form(changes: dict[str, object], code: Code) -> None:
    assert code in {reason.code for reason in request_faults(request(**changes), HOUSE)}


CHAIN = [Step(Role.LEADER), Step(Role.SECRECY_DIRECTOR)]


def test_two_steps_in_order_by_two_people() -> None:
    assert approval_reason(CHAIN, "li", frozenset({Role.LEADER}), "zhao") is None
    assert approval_reason(CHAIN, "wu", frozenset({Role.SECRECY_DIRECTOR}), "zhao") is not None, "the leader comes first"
    second = [Step(Role.LEADER, "li"), Step(Role.SECRECY_DIRECTOR)]
    assert approval_reason(second, "wu", frozenset({Role.SECRECY_DIRECTOR}), "zhao") is None
    both = approval_reason(second, "li", frozenset({Role.LEADER, Role.SECRECY_DIRECTOR}), "zhao")
    own = approval_reason(second, "wu", frozenset({Role.SECRECY_DIRECTOR}), "wu")
    assert both is not None
    assert both.code is Code.E_SELF_RELEASE
    assert own is not None
    assert own.code is Code.E_SELF_RELEASE
    assert current_step([Step(Role.LEADER, "li")]) is None


def test_three_administrators_stand_apart() -> None:
    for administrator in THREE_ADMINISTRATORS:
        for other in set(Role) - {administrator}:
            assert conflicting_roles(frozenset({administrator, other}))
        assert not allowed(frozenset({administrator}), Act.RELEASE)
        assert not allowed(frozenset({administrator}), Act.APPROVE)
        assert not allowed(frozenset({administrator}), Act.PRINT)
    for approver in APPROVERS:
        assert conflicting_roles(frozenset({approver, Role.OPERATOR}))
    assert conflicting_roles(frozenset({Role.REQUESTER, Role.LEADER})) == []


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("秘密★5年", Mark(Level.MIMI, "5年")),
        ("机 密 ★ １０ 年", Mark(Level.JIMI, "10年")),
        ("绝密☆长期", Mark(Level.JUEMI, "长期")),
        ("内部", Mark(Level.NEIBU)),
        ("保密", None),
        ("机密文件", None),
    ],
)
def test_marks(text: str, mark: Mark | None) -> None:
    assert parse_mark(text) == mark


def test_legal_terms() -> None:
    assert Mark(Level.MIMI, "10年").fault() is None
    assert Mark(Level.MIMI, "11年").fault()
    assert Mark(Level.JIMI, "6个月").fault() is None
    assert Mark(Level.JUEMI, "2030年1月1日").fault() is None
    assert mark_to_stamp(Level.NEIBU, "") == "内部"
    assert mark_to_stamp(Level.GONGKAI, "") == ""


def test_levels_are_ordered_and_read_in_both_scripts() -> None:
    assert [level.rank for level in Level] == [0, 1, 2, 3, 4]
    assert Level.parse("机密") is Level.parse("JIMI") is Level.JIMI
    with pytest.raises(ValueError, match="gongkai 公开"):
        Level.parse("top secret")


def test_sheets_are_not_pages() -> None:
    assert sheets_per_copy(24, duplex=True) == 12
    assert not is_duplex("bogus")
    assert sheets_per_copy(7, duplex=True) == 4
    assert sheets_per_copy(7, duplex=False) == 7
    assert is_duplex("two-sided-long-edge")
    assert not is_duplex("one-sided")
    assert not is_duplex(None)


def test_every_code_has_its_letter() -> None:
    assert set(CODE_TEXTS) == set(Code)
    for code, text in CODE_TEXTS.items():
        assert all((text.rules, text.message_en, text.message_zh, text.next_step_en, text.next_step_zh)), code
    assert Reason(Code.E_QTY_EXCEEDED, "11 > 10").message_en == "More copies than approved (11 > 10)."
    assert Reason.from_json(Reason(Code.E_SCOPE, "x").to_json()) == Reason(Code.E_SCOPE, "x")


def test_stages_only_end_where_nothing_leaves() -> None:
    assert {JobStage.COMPLETED, JobStage.CANCELED, JobStage.REFUSED, JobStage.ABORTED} == stages.TERMINAL
    assert set(stages.TRANSITIONS) == set(stages.IPP_STATES) == set(JobStage)
    assert JobStage.PRINTING not in stages.TRANSITIONS[JobStage.HELD]
    assert JobStage.SUBMITTING not in stages.TRANSITIONS[JobStage.UNRESOLVED], "nothing prints twice by itself"


def test_a_register_row_is_the_fold_of_its_entries() -> None:
    row = fold(fold(None, {"year": 2026, "seq": 1, "status": "held"}, 4), {"status": "completed", "sheets_good": 120}, 9)
    assert (row["seq"], row["status"], row["sheets_good"], row["ledger_seq"]) == (1, "completed", 120, 9)
    with pytest.raises(KeyError):
        fold(row, {"title": "规划纲要"}, 10)
