"""Was something changed behind the gateway's back? Looked at when it starts; if so, safe mode: everything stays held (R86, SC-35)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from sqlmodel import Session, col, select

from gateway.db.tables import LedgerEntry, PolicyVersion, RoomHold
from gateway.domain.policy import digest_of
from gateway.domain.room import MODES
from gateway.domain.vocabulary import AlertKind, RoomMode
from gateway.errors import ConflictError, ForbiddenError
from gateway.ledger.append import append
from gateway.services.alerts import raise_alert
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.policies import version_in_force
from gateway.services.room import end_hold, hold_room, holding

ACCEPTED = "settings.accepted"
_ROOM_KINDS = ("room.held", "room.released")
_POLICY_KINDS = ("policy.adopted", "policy.approved")


def settings_digests(gate: Gate) -> dict[str, str]:
    """A digest of each setting the file gives; only these are compared, so that comments and a newer version's defaults change nothing."""
    given = gate.settings.model_dump(mode="json", exclude_unset=True)
    return {key: hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest() for key, value in sorted(given.items())}


def look_for_tampering(gate: Gate) -> None:
    """Compare settings and policy with what the ledger says was accepted; enter safe mode and raise alerts if they differ.

    The very first start accepts the settings it finds.
    """
    with gate.database.writing() as session:
        found, known = settings_digests(gate), _newest(session, ACCEPTED)
        if known is None:
            _accept(gate, session, SYSTEM)
        elif changed := sorted(key for key in found.keys() | known["settings"].keys() if found.get(key) != known["settings"].get(key)):
            _enter_safe_mode(gate, session, AlertKind.SETTINGS_CHANGED, "settings", ", ".join(changed))
        if (fault := policy_fault(session)) is not None:
            _enter_safe_mode(gate, session, AlertKind.POLICY_CHANGED, "policy", fault)
        if lost := _lost_holds(session):
            for mode in lost:
                hold_room(gate, session, mode)
            _enter_safe_mode(gate, session, AlertKind.SETTINGS_CHANGED, "room", f"no longer {', '.join(lost)}")


def _lost_holds(session: Session) -> list[RoomMode]:
    """Modes that hold by the ledger and whose row somebody took away."""
    told = _newest(session, *_ROOM_KINDS)
    return sorted({RoomMode(mode) for mode in told["holding"]} - set(holding(session))) if told else []


def _newest(session: Session, *kinds: str) -> dict[str, Any] | None:
    entry = session.exec(select(LedgerEntry).where(col(LedgerEntry.kind).in_(kinds)).order_by(col(LedgerEntry.seq).desc()).limit(1)).first()
    return dict(json.loads(entry.body)["data"]) if entry else None


def policy_fault(session: Session) -> str | None:
    """How the policy in force differs from what the ledger says was approved last, or None."""
    told, version = _newest(session, *_POLICY_KINDS), version_in_force(session)
    if told is None:
        return "a version nobody approved" if version is not None else None
    if version is None or version.id != told["version"]:
        return f"version {told['version']} was approved, but another is in force"
    if told["digest"] != version.digest or digest_of(version.document) != version.digest:
        return f"version {version.id} is not what was approved"
    others = session.exec(select(PolicyVersion.id).where(PolicyVersion.state == version.state)).all()
    return "several versions are in force" if len(others) > 1 else None


def _enter_safe_mode(gate: Gate, session: Session, kind: AlertKind, subject: str, detail: str) -> None:
    raise_alert(gate, session, kind, subject, detail)
    if session.get(RoomHold, RoomMode.SAFE.value) is None:
        hold_room(gate, session, RoomMode.SAFE)


def _accept(gate: Gate, session: Session, actor: str) -> None:
    append(session, kind=ACCEPTED, at=gate.clock.now(), actor=actor, subject="settings", data={"settings": settings_digests(gate)})


def accept_settings(gate: Gate, actor: Actor) -> None:
    """The security administrator accepts the settings the gateway runs with; safe mode ends.

    Raises ForbiddenError, ConflictError when the policy is not what was approved: that is mended by approving a policy, not by accepting.
    """
    if not actor.roles & MODES[RoomMode.SAFE].ends:
        raise ForbiddenError(f"The account {actor.username} may not end safe mode.", "The security administrator may.")
    with gate.database.writing() as session:
        if session.get(RoomHold, RoomMode.SAFE.value) is None:
            raise ConflictError("The room is not in safe mode.", "See `imprimatur room show`.")
        if (fault := policy_fault(session)) is not None:
            raise ConflictError(f"The policy was changed by hand: {fault}.", "Propose a policy and approve it, then accept.")
        _accept(gate, session, actor.username)
        end_hold(gate, session, RoomMode.SAFE, actor)
