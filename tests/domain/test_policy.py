"""The policy as data: the matrix of RULES.md §3, the extra steps, consent, release, and the floor no policy goes below."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.codes import Code
from gateway.domain.policy import PROFILES, Policy, PolicyError, changes, parse_policy
from gateway.domain.vocabulary import Channel, Level, Origin, ReleaseMode, Role
from gateway.services.policies import profile
from tests.architecture.repository import ROOT

STRICT = profile("strict")
DIRECTOR, LEADER, PRINCIPAL = Role.SECRECY_DIRECTOR, Role.LEADER, Role.PRINCIPAL_LEADER


def written(name: str = "strict") -> dict[str, Any]:
    return tomllib.loads((ROOT / "gateway" / "profiles" / f"{name}.toml").read_text())


def test_the_strict_matrix_is_the_rules() -> None:
    for level in (Level.MIMI, Level.JIMI):
        for origin in Origin:
            assert STRICT.steps(level, origin, Channel.PRINT, copies=1) == (LEADER, DIRECTOR)
            assert STRICT.steps(level, origin, Channel.COPY, copies=1) == (LEADER, DIRECTOR)
    assert STRICT.steps(Level.JUEMI, Origin.OWN, Channel.PRINT, copies=1) == (PRINCIPAL, DIRECTOR)
    assert STRICT.steps(Level.NEIBU, Origin.OWN, Channel.FAX, copies=1) == (DIRECTOR,)
    assert STRICT.steps(Level.NEIBU, Origin.OWN, Channel.PRINT, copies=1) == (Role.DEPARTMENT_HEAD,)


def test_a_cell_the_matrix_does_not_have_cannot_be_approved() -> None:
    denied = [(level, Channel.FAX) for level in Level if level.is_state_secret] + [(Level.JUEMI, Channel.COPY)]
    for level, channel in denied:
        assert all(STRICT.steps(level, origin, channel, copies=1) is None for origin in Origin)
    assert STRICT.steps(Level.JUEMI, Origin.SUPERIOR, Channel.PRINT, copies=1) is None


@pytest.mark.parametrize(("level", "cap"), [(Level.MIMI, 50), (Level.JIMI, 20)])
def test_above_the_cap_the_principal_leader_joins_before_the_secrecy_office(level: Level, cap: int) -> None:
    assert STRICT.steps(level, Origin.OWN, Channel.PRINT, copies=cap) == (LEADER, DIRECTOR)
    assert STRICT.steps(level, Origin.OWN, Channel.PRINT, copies=cap + 1) == (LEADER, PRINCIPAL, DIRECTOR)


def test_a_role_joins_once() -> None:
    assert STRICT.steps(Level.JUEMI, Origin.OWN, Channel.PRINT, copies=2, outside=True) == (PRINCIPAL, DIRECTOR)
    assert STRICT.steps(Level.GONGKAI, Origin.OWN, Channel.PRINT, copies=9999, outside=True) == (Role.DEPARTMENT_HEAD, PRINCIPAL)


@pytest.mark.parametrize(
    ("consented", "notice", "approvers", "code"),
    [
        (False, False, {LEADER, DIRECTOR}, None),
        (False, False, {PRINCIPAL}, None),
        (False, False, {DIRECTOR}, Code.E_UPPER_DOC_NO_CONSENT),
        (False, True, {LEADER, DIRECTOR}, Code.E_UPPER_DOC_NO_CONSENT),
        (True, True, set(), None),
    ],
)
def test_consent_for_papers_from_above(consented: bool, notice: bool, approvers: set[Role], code: Code | None) -> None:
    reason = STRICT.consent_reason(
        Level.JIMI, Origin.SUPERIOR, Channel.COPY, issuer_consented=consented, no_copy_notice=notice, approvers=approvers
    )
    assert (reason.code if reason else None) is code


def test_own_papers_need_nobodys_consent() -> None:
    assert STRICT.consent_reason(Level.JIMI, Origin.OWN, Channel.COPY, issuer_consented=False, no_copy_notice=True, approvers=()) is None


def test_profiles_differ_only_in_who_releases_ordinary_papers() -> None:
    office = profile("office")
    places = {change.place for change in changes(STRICT, office)}
    assert places == {"profile", "release.levels.gongkai", "release.levels.neibu"}
    assert office.release_mode(Level.NEIBU, "PRN-D03-02") is ReleaseMode.APPROVER
    assert office.release_mode(Level.MIMI, "PRN-D03-02") is ReleaseMode.OPERATOR
    assert STRICT.release_mode(Level.NEIBU, "PRN-D03-02", standing=True) is ReleaseMode.SELF


def test_a_device_may_have_its_own_release_mode() -> None:
    policy = parse_policy(written() | {"release": {"devices": {"PRN-D03-02": {"neibu": "approver"}}}})
    assert policy.release_mode(Level.NEIBU, "PRN-D03-02") is ReleaseMode.APPROVER
    assert policy.release_mode(Level.NEIBU, "PRN-JY-01") is ReleaseMode.OPERATOR, "what is not said an operator does"


def test_pages_of_state_secrets_are_reviewed() -> None:
    assert [level for level in Level if STRICT.needs_review(level)] == [Level.MIMI, Level.JIMI, Level.JUEMI]


FLOOR: list[tuple[tuple[str, ...], object, str]] = [
    (("chains", "mimi", "own", "print"), [], "at least one step"),
    (("chains", "mimi", "own", "print"), ["secrecy_director"], "R05"),
    (("chains", "mimi", "own", "print"), ["secrecy_director", "leader"], "R05"),
    (("chains", "mimi", "own", "print"), ["leader", "leader"], "twice"),
    (("chains", "neibu", "own", "print"), ["operator"], "I10"),
    (("chains", "mimi", "own", "fax"), ["leader", "secrecy_director"], "R41"),
    (("chains", "juemi", "own", "copy"), ["principal_leader", "secrecy_director"], "R15"),
    (("copy_caps", "mimi"), 0, "R12"),
    (("extra_steps", "above_cap"), "operator", "I10"),
    (("copy_caps", "mimi"), True, "copy_caps.mimi"),
    (("consent", "levels"), ["jimi"], "R13"),
    (("consent", "origins"), ["external"], "R13"),
    (("consent", "channels"), [], "R13"),
    (("consent", "own_leaders"), ["department_head"], "R13"),
    (("release", "levels", "mimi"), "approver", "R76"),
    (("release", "levels", "gongkai"), "self", "R76"),
    (("review_from",), "jimi", "R31"),
    (("chains", "mimi", "own", "print"), ["leader", "boss"], "chains.mimi.own.print.1"),
    (("chains", "secret"), {}, "chains.secret"),
    (("surprise",), 1, "surprise"),
    (("juemi_exception",), "on", "juemi_exception"),
]


@pytest.mark.parametrize(("place", "value", "said"), FLOOR, ids=lambda part: ".".join(part) if isinstance(part, tuple) else None)
def test_no_policy_goes_below_the_floor(place: tuple[str, ...], value: object, said: str) -> None:
    data = written()
    inner: Any = data
    for key in place[:-1]:
        inner = inner.setdefault(key, {})
    inner[place[-1]] = value
    with pytest.raises(PolicyError, match=said):
        parse_policy(data)


def test_all_faults_are_told_at_once() -> None:
    data = written()
    data["review_from"] = "juemi"
    data["copy_caps"]["jimi"] = 10_000
    with pytest.raises(PolicyError) as caught:
        parse_policy(data)
    assert {"R31", "R12"} <= {rule for rule in ("R12", "R31", "R41") if rule in str(caught.value)}


def test_the_exception_opens_the_cell_for_top_secret_copies() -> None:
    data = written() | {"juemi_exception": "issuer"}
    data["chains"]["juemi"]["own"]["copy"] = ["principal_leader", "secrecy_director"]
    assert parse_policy(data).steps(Level.JUEMI, Origin.OWN, Channel.COPY, copies=1) == (PRINCIPAL, DIRECTOR)
    data["chains"]["juemi"]["own"]["copy"] = ["leader", "secrecy_director"]
    with pytest.raises(PolicyError, match="R16"):
        parse_policy(data)


@pytest.mark.parametrize("name", PROFILES)
def test_a_document_reads_back_as_itself(name: str) -> None:
    policy = profile(name)
    again = parse_policy(json.loads(policy.document()))
    assert again.document() == policy.document()
    assert again.digest() == policy.digest()
    assert changes(policy, again) == []


def leaves(value: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*place, key))
    else:
        yield place


@given(st.sampled_from(sorted(leaves(written()))))
def test_whatever_is_left_out_opens_nothing(place: tuple[str, ...]) -> None:
    """A policy with one line less is refused, or allows no more than before: never a cell, a mode or a shorter chain it did not have."""
    data = deepcopy(written())
    inner: Any = data
    for key in place[:-1]:
        inner = inner[key]
    del inner[place[-1]]
    try:
        less = parse_policy(data)
    except PolicyError:
        return
    assert all(
        is_no_laxer(less, level, origin, channel, copies)
        for level in Level
        for origin in Origin
        for channel in Channel
        for copies in (1, 51)
    )
    assert all(less.release_mode(level, "X") in (STRICT.release_mode(level, "X"), ReleaseMode.OPERATOR) for level in Level)
    assert less.juemi_exception is STRICT.juemi_exception


def is_no_laxer(less: Policy, level: Level, origin: Origin, channel: Channel, copies: int) -> bool:
    after, before = (policy.steps(level, origin, channel, copies=copies) for policy in (less, STRICT))
    return after is None or after == before
