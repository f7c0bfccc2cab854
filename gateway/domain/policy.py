"""The policy of a room as data: who approves, how many copies, who releases (RULES.md §3; R05, R06, R12, R13, R15, R29-R32).

A policy is a document: written in TOML, validated here, kept in the database version by version. It may be stricter than the
rules' floor, never laxer: what the floor is stands in `_floor_faults`. A cell the matrix does not have cannot be approved (R30).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError

from gateway.domain.codes import Code, Reason
from gateway.domain.duties import APPROVERS
from gateway.domain.vocabulary import Channel, JuemiException, Level, Origin, ReleaseMode, Role

LEADERS = (Role.LEADER, Role.PRINCIPAL_LEADER)
"""主管领导 or 主要领导: either is 本单位领导 (D20)."""


MOST_FAULTS = 20
"""A document of nonsense is told no more than this of it."""


USUAL_CAPS = {Level.MIMI: 50, Level.JIMI: 20, Level.JUEMI: 1}
"""Copies above which one step more is needed where the policy says nothing (R12)."""

PROFILES = ("strict", "office")
"""The profiles that come with the gateway, by their names in `gateway/profiles`."""


class PolicyError(ValueError):
    """A policy document is not right; the text names every fault with its place."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConsentRule(_Part):
    """Whose papers need their issuer's or the own leader's consent before they are reproduced (R13)."""

    levels: frozenset[Level] = frozenset({Level.MIMI, Level.JIMI})
    origins: frozenset[Origin] = frozenset({Origin.SUPERIOR, Origin.EXTERNAL})
    channels: frozenset[Channel] = frozenset({Channel.COPY})
    own_leaders: frozenset[Role] = frozenset(LEADERS)


class ReleaseRule(_Part):
    """Who turns approval into paper: by level, by device where it differs, and for standing permits."""

    standing: ReleaseMode = ReleaseMode.SELF
    levels: dict[Level, ReleaseMode] = {}
    devices: dict[str, dict[Level, ReleaseMode]] = {}


class ExtraSteps(_Part):
    """Roles that join a chain: above the copy cap (R12), for recipients outside the unit (R29)."""

    above_cap: Role = Role.PRINCIPAL_LEADER
    outside_recipient: Role = Role.PRINCIPAL_LEADER


class Policy(_Part):
    """The rules a unit may set itself. Frozen; made by `parse_policy`, asked by services."""

    profile: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")
    chains: dict[Level, dict[Origin, dict[Channel, tuple[Role, ...]]]]
    copy_caps: dict[Level, StrictInt] = {}
    extra_steps: ExtraSteps = ExtraSteps()
    consent: ConsentRule = ConsentRule()
    release: ReleaseRule = ReleaseRule()
    review_from: Level = Level.MIMI
    juemi_exception: JuemiException = JuemiException.OFF
    training_block: StrictBool = False

    def steps(self, level: Level, origin: Origin, channel: Channel, *, copies: int, outside: bool = False) -> tuple[Role, ...] | None:
        """The roles that must approve, in order; None where the matrix has no such cell (default deny, R30).

        `copies` above the level's cap adds a step (R12), so do recipients `outside` the unit (R29).
        """
        chain = self.chains.get(level, {}).get(origin, {}).get(channel)
        if chain is None:
            return None
        if copies > self.copy_caps.get(level, USUAL_CAPS.get(level, copies)):
            chain = _joined(chain, self.extra_steps.above_cap)
        return _joined(chain, self.extra_steps.outside_recipient) if outside else chain

    def consent_reason(
        self, level: Level, origin: Origin, channel: Channel, *, issuer_consented: bool, no_copy_notice: bool, approvers: Collection[Role]
    ) -> Reason | None:
        """Why a paper from elsewhere may not be reproduced, or None (R13, D04).

        The issuer's consent always suffices; an own leader among `approvers` does unless the paper forbids copying.
        """
        rule = self.consent
        if origin is Origin.OWN or channel not in rule.channels or issuer_consented:
            return None
        if no_copy_notice:
            return Reason(Code.E_UPPER_DOC_NO_CONSENT, "no-copy notice")
        if level in rule.levels and origin in rule.origins and not rule.own_leaders & set(approvers):
            return Reason(Code.E_UPPER_DOC_NO_CONSENT)
        return None

    def release_mode(self, level: Level, device: str, *, standing: bool = False) -> ReleaseMode:
        """Who releases a job of this level at this device (code). What the policy does not say an operator does (R76)."""
        if standing:
            return self.release.standing
        return self.release.devices.get(device, {}).get(level) or self.release.levels.get(level, ReleaseMode.OPERATOR)

    @property
    def approvers_release(self) -> bool:
        """Whether anything at all is released by who approved it."""
        rule = self.release
        modes = [rule.standing, *rule.levels.values(), *(mode for levels in rule.devices.values() for mode in levels.values())]
        return ReleaseMode.APPROVER in modes

    def needs_review(self, level: Level) -> bool:
        """Whether an approver must have paged through the pages before he approves (R31)."""
        return level.rank >= self.review_from.rank

    def document(self) -> str:
        """The policy as canonical JSON: what is stored, hashed and compared."""
        return json.dumps(_ordered(self.model_dump(mode="json")), ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def digest(self) -> str:
        """SHA-256 of `document`, in hexadecimal."""
        return digest_of(self.document())


def digest_of(document: str) -> str:
    """SHA-256 of a policy document, in hexadecimal."""
    return hashlib.sha256(document.encode()).hexdigest()


def _ordered(dumped: dict[str, Any]) -> dict[str, Any]:
    """The sets of `consent` come out of pydantic in no order; two equal policies must have one document."""
    return {**dumped, "consent": {name: sorted(words) for name, words in dumped["consent"].items()}}


def _joined(chain: tuple[Role, ...], role: Role) -> tuple[Role, ...]:
    """The chain with one more role, before the secrecy office, which has the last word (R05, R06)."""
    if role in chain:
        return chain
    at = chain.index(Role.SECRECY_DIRECTOR) if Role.SECRECY_DIRECTOR in chain else len(chain)
    return (*chain[:at], role, *chain[at:])


def parse_policy(data: Mapping[str, Any]) -> Policy:
    """A policy from the content of a TOML or JSON document. Raises PolicyError naming every fault and its place."""
    try:
        policy = Policy.model_validate(data)
    except ValidationError as error:
        found = [f"{'.'.join(str(part)[:40] for part in one['loc'])}: {one['msg']}" for one in error.errors(include_url=False)]
        raise PolicyError("; ".join(found[:MOST_FAULTS])) from error
    if faults := list(_floor_faults(policy)):
        raise PolicyError("; ".join(faults[:MOST_FAULTS]))
    return policy


def _floor_faults(policy: Policy) -> Iterator[str]:
    """What no policy may allow, each with the rule it would break."""
    for level, origins in policy.chains.items():
        for origin, channels in origins.items():
            for channel, chain in channels.items():
                place = f"chains.{level.value}.{origin.value}.{channel.value}"
                yield from (f"{place}: {fault}" for fault in _chain_faults(level, channel, chain, policy.juemi_exception))
    yield from (f"copy_caps.{level.value}: a cap is 1…9999 copies (R12)" for level, cap in policy.copy_caps.items() if not 1 <= cap <= 9999)
    for name, role in policy.extra_steps:
        if role not in APPROVERS:
            yield f"extra_steps.{name}: {role.value} is not a role that approves (I10)"
    yield from _consent_faults(policy.consent)
    yield from _release_faults(policy.release)
    if policy.review_from.rank > Level.MIMI.rank:
        yield "review_from: the pages of 秘密 and above are always reviewed before approval (R31)"


def _consent_faults(rule: ConsentRule) -> Iterator[str]:
    usual = ConsentRule()
    if not (rule.levels >= usual.levels and Origin.SUPERIOR in rule.origins and Channel.COPY in rule.channels):
        yield "consent: copies of 秘密 and 机密 papers from above always need it (R13)"
    if not rule.own_leaders <= set(LEADERS):
        yield "consent.own_leaders: only leader and principal_leader are 本单位领导 (R13, D20)"


def _release_faults(rule: ReleaseRule) -> Iterator[str]:
    for place, levels in {"levels": rule.levels, **{f"devices.{k}": v for k, v in rule.devices.items()}}.items():
        for level, mode in levels.items():
            if mode is ReleaseMode.SELF:
                yield f"release.{place}.{level.value}: only standing permits release themselves (R76)"
            if level.is_state_secret and mode is not ReleaseMode.OPERATOR:
                yield f"release.{place}.{level.value}: from 秘密 up an operator releases, never an approver (R76, I10)"


def _chain_faults(level: Level, channel: Channel, chain: tuple[Role, ...], exception: JuemiException) -> Iterator[str]:
    if not chain:
        yield "a chain needs at least one step; leave the cell out to deny it (R30)"
    if len(set(chain)) != len(chain):
        yield "a role stands twice (R06)"
    yield from (f"{role.value} is not a role that approves (I10)" for role in chain if role not in APPROVERS)
    if not level.is_state_secret:
        return
    if channel is Channel.FAX:
        yield "state secrets are never faxed (R41)"
    if level is Level.JUEMI and channel is Channel.COPY and exception is JuemiException.OFF:
        yield "绝密 is not copied while juemi_exception is off (R15)"
    if level is Level.JUEMI and channel is Channel.COPY and Role.PRINCIPAL_LEADER not in chain:
        yield "copies of 绝密 need the principal leader (R16)"
    if chain and (chain[-1] is not Role.SECRECY_DIRECTOR or not set(LEADERS) & set(chain[:-1])):
        yield "a state secret needs a leader, then the secrecy director as the last step (R05, R06)"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two policies: its place, and the words before and after ("" where there was or is nothing)."""

    place: str
    before: str
    after: str

    def to_json(self) -> dict[str, str]:
        """The form of the ledger."""
        return {"place": self.place, "before": self.before, "after": self.after}


def changes(before: Policy, after: Policy) -> list[Change]:
    """What differs, by place in alphabetical order; empty when both say the same (R86)."""
    old, new = dict(_leaves(json.loads(before.document()))), dict(_leaves(json.loads(after.document())))
    places = sorted(place for place in old.keys() | new.keys() if old.get(place) != new.get(place))
    return [Change(place, old.get(place, ""), new.get(place, "")) for place in places]


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{place}.{key}" if place else key)
    else:
        yield place, " → ".join(value) if isinstance(value, list) else str(value)
