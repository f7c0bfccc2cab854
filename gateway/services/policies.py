"""The policy in force, and how it changes: one person proposes, another approves; nothing is ever edited in place (R32, R86)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import PolicyVersion, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.policy import PROFILES, Change, Policy, PolicyError, changes, digest_of, parse_policy
from gateway.domain.vocabulary import JuemiException, PolicyState
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError, UnavailableError
from gateway.ledger.append import append
from gateway.services.gate import SYSTEM, Actor, Gate

FIRST_PROFILE = "strict"


@lru_cache(maxsize=len(PROFILES))
def profile(name: str) -> Policy:
    """A profile that comes with the gateway. Raises NotFoundError for another name."""
    if name not in PROFILES:
        raise NotFoundError(f"There is no profile {name[:40]}.", f"Use one of {', '.join(PROFILES)}.")
    return parse_policy(tomllib.loads((files("gateway") / "profiles" / f"{name}.toml").read_text()))


@lru_cache(maxsize=8)
def _parsed(document: str) -> Policy:
    return parse_policy(json.loads(document))


def version_in_force(session: Session) -> PolicyVersion | None:
    """The version in force; None while a gateway has not been started yet, when the strictest profile counts."""
    return session.exec(
        select(PolicyVersion).where(PolicyVersion.state == PolicyState.IN_FORCE.value).order_by(col(PolicyVersion.id).desc())
    ).first()


def policy_in_force(session: Session) -> Policy:
    """The policy everything is decided by. Raises UnavailableError when its document was changed by hand: then nothing is decided (R30)."""
    version = version_in_force(session)
    return profile(FIRST_PROFILE) if version is None else _trusted(version)


def may_except_top_secret(gate: Gate) -> bool:
    """Whether a JM-EX permit can be asked for under the policy in force (R15, R16)."""
    with gate.database.reading() as session:
        return policy_in_force(session).juemi_exception is JuemiException.ISSUER


def _as_approved(version: PolicyVersion) -> bool:
    return digest_of(version.document) == version.digest


def _trusted(version: PolicyVersion) -> Policy:
    if not _as_approved(version):
        raise UnavailableError(f"Version {version.id} of the policy is not what was approved.", "Restore the database; see docs/policy.md.")
    return _parsed(version.document)


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One version as UI, API and CLI show it; `changes` against the version before it, or against the one in force while proposed."""

    number: int
    state: PolicyState
    policy: Policy
    digest: str
    comment: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    changes: tuple[Change, ...]
    as_approved: bool
    """False when the document does not have its digest: it was changed by hand, and decides nothing."""

    @property
    def content(self) -> dict[str, Any]:
        """The whole policy as data: it can be proposed again as it stands."""
        return dict(json.loads(self.policy.document()))


def _compared_with(session: Session) -> Policy:
    """The policy in force as a base of comparison: a version changed by hand must not keep the right one from being proposed."""
    version = version_in_force(session)
    return profile(FIRST_PROFILE) if version is None else _parsed(version.document)


def _name(session: Session, user_id: int | None) -> str:
    return session.get_one(User, user_id).username if user_id else SYSTEM


def _view(session: Session, version: PolicyVersion) -> PolicyView:
    policy = _parsed(version.document)
    decided = _name(session, version.decided_by_id) if version.decided_at else ""
    return PolicyView(
        version.id or 0,
        PolicyState(version.state),
        policy,
        version.digest,
        version.comment,
        _name(session, version.proposed_by_id),
        version.proposed_at,
        decided,
        version.decided_at,
        tuple(changes(_base_of(session, version), policy)),
        _as_approved(version),
    )


def _base_of(session: Session, version: PolicyVersion) -> Policy:
    """What a version is compared with: the policy in force while it waits, else the one it replaced."""
    if version.state in (PolicyState.PROPOSED.value, PolicyState.REFUSED.value):
        return _compared_with(session)
    before = session.exec(
        select(PolicyVersion)
        .where(col(PolicyVersion.decided_at) < version.decided_at, PolicyVersion.state == PolicyState.SUPERSEDED.value)
        .order_by(col(PolicyVersion.decided_at).desc())
    ).first()
    return _parsed((before or version).document)


def adopt_first(gate: Gate) -> None:
    """A new gateway begins with the strict profile as version 1; does nothing when there is a version already."""
    with gate.database.writing() as session:
        if session.exec(select(PolicyVersion.id)).first() is not None:
            return
        first, now = profile(FIRST_PROFILE), gate.clock.now()
        state = PolicyState.IN_FORCE.value
        version = PolicyVersion(document=first.document(), digest=first.digest(), state=state, proposed_at=now, decided_at=now)
        session.add(version)
        session.flush()
        data = {"version": version.id, "profile": first.profile, "digest": version.digest}
        append(session, kind="policy.adopted", at=now, actor=SYSTEM, subject=str(version.id), data=data)


def show_policy(gate: Gate, actor: Actor, number: int | None = None) -> PolicyView:
    """The version in force, or another by its number. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_POLICY)
    with gate.database.reading() as session:
        version = version_in_force(session) if number is None else session.get(PolicyVersion, number)
        if version is None:
            raise NotFoundError("There is no such version of the policy.", "See `imprimatur policy history`.")
        return _view(session, version)


def policy_history(gate: Gate, actor: Actor) -> Sequence[PolicyView]:
    """All versions, newest first. Raises ForbiddenError."""
    actor.require(Act.SEE_POLICY)
    with gate.database.reading() as session:
        return [_view(session, version) for version in session.exec(select(PolicyVersion).order_by(col(PolicyVersion.id).desc())).all()]


def waiting_proposals(gate: Gate, actor: Actor) -> int:
    """How many proposals wait for this person: one's own wait for somebody else."""
    query = select(func.count()).select_from(PolicyVersion).where(PolicyVersion.state == PolicyState.PROPOSED.value)
    with gate.database.reading() as session:
        return session.exec(query.where(col(PolicyVersion.proposed_by_id) != actor.user_id)).one()


def propose_policy(gate: Gate, actor: Actor, content: Mapping[str, Any], comment: str = "") -> PolicyView:
    """Propose a whole policy, as read from TOML or JSON. It has no effect until another person approves it.

    Raises ForbiddenError, InvalidInputError naming every fault, ConflictError when it says what is in force already.
    """
    actor.require(Act.PROPOSE_POLICY)
    try:
        policy = parse_policy(content)
    except PolicyError as error:
        raise InvalidInputError(f"The policy is not right: {error}.", "Mend it; docs/policy.md explains every key.") from error
    with gate.database.writing() as session:
        differences = changes(_compared_with(session), policy)
        in_force = version_in_force(session)
        if not differences and (in_force is None or _as_approved(in_force)):
            raise ConflictError("This is the policy in force.", "Change something, or leave it as it is.")
        version = PolicyVersion(
            document=policy.document(),
            digest=policy.digest(),
            state=PolicyState.PROPOSED.value,
            comment=comment[:200],
            proposed_by_id=actor.user_id,
            proposed_at=gate.clock.now(),
        )
        session.add(version)
        session.flush()
        _record(gate, session, actor, version, "policy.proposed", differences)
        return _view(session, version)


def _record(gate: Gate, session: Session, actor: Actor, version: PolicyVersion, kind: str, differences: Sequence[Change]) -> None:
    data = {"version": version.id, "digest": version.digest, "changes": [change.to_json() for change in differences]}
    append(session, kind=kind, at=gate.clock.now(), actor=actor.username, subject=str(version.id), data=data)


def approve_policy(gate: Gate, actor: Actor, number: int) -> PolicyView:
    """Put a proposed version in force; permits asked for from now on follow it. Raises RefusedError for one's own proposal (R32)."""
    with gate.database.writing() as session:
        version, differences = _proposed(session, actor, number)
        session.execute(
            update(PolicyVersion).where(col(PolicyVersion.state) == PolicyState.IN_FORCE.value).values(state=PolicyState.SUPERSEDED.value)
        )
        _decide(gate, session, actor, version, PolicyState.IN_FORCE)
        _record(gate, session, actor, version, "policy.approved", differences)
        return _view(session, version)


def refuse_policy(gate: Gate, actor: Actor, number: int, reason: str) -> PolicyView:
    """Say no to a proposed version; a reason is required."""
    if not reason.strip():
        raise InvalidInputError("A refusal needs a reason.", "Say in a few words why.")
    with gate.database.writing() as session:
        version, differences = _proposed(session, actor, number)
        _decide(gate, session, actor, version, PolicyState.REFUSED)
        _record(gate, session, actor, version, "policy.refused", differences)
        return _view(session, version)


def _proposed(session: Session, actor: Actor, number: int) -> tuple[PolicyVersion, list[Change]]:
    actor.require(Act.DECIDE_POLICY)
    version = session.get(PolicyVersion, number)
    if version is None:
        raise NotFoundError(f"There is no version {number} of the policy.", "See `imprimatur policy history`.")
    if version.proposed_by_id == actor.user_id:
        raise RefusedError([Reason(Code.E_SELF_RELEASE, f"version {number}")])
    return version, changes(_compared_with(session), _trusted(version))


def _decide(gate: Gate, session: Session, actor: Actor, version: PolicyVersion, state: PolicyState) -> None:
    decided = session.execute(
        update(PolicyVersion)
        .where(col(PolicyVersion.id) == version.id, col(PolicyVersion.state) == PolicyState.PROPOSED.value)
        .values(state=state.value, decided_by_id=actor.user_id, decided_at=gate.clock.now())
    )
    if decided.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
        raise ConflictError(f"Version {version.id} of the policy is {version.state}, not proposed.", "See `imprimatur policy history`.")
    session.refresh(version)
