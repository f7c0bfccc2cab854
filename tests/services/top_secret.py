"""A room where 绝密 may be copied by way of exception: the policy's switch, people cleared for it, a device that may put it out (R16)."""

from __future__ import annotations

import json
from datetime import date
from hashlib import sha256
from typing import Any

from gateway.db.tables import Device
from gateway.domain.permit_form import Consent
from gateway.domain.vocabulary import Level, PermitKind
from gateway.services import permits, policies
from gateway.services.accounts import Change, change_user
from gateway.services.copying import CopyWish
from gateway.services.devices import add_device
from gateway.services.permit_views import PermitView
from tests.room import Room

HIGH = "PRN-JM-01"
LETTER = Consent("中办函〔2026〕3号", date(2026, 3, 11), "王局长", sha256(b"the scanned letter").hexdigest())


def set_exception(room: Room, word: str = "issuer") -> None:
    """feng proposes and chen approves the policy, with or without the exception."""
    policies.adopt_first(room.gate)
    document: dict[str, Any] = json.loads(policies.profile("strict").document())
    document["juemi_exception"] = word
    if word == "issuer":
        document["chains"]["juemi"]["own"]["copy"] = ["principal_leader", "secrecy_director"]
        document["copy_caps"]["juemi"] = 3
    proposed = policies.propose_policy(room.gate, room.actor("feng"), document, "急用")
    policies.approve_policy(room.gate, room.actor("chen"), proposed.number)


def furnish(room: Room) -> None:
    """The exception, a device for 绝密, and zheng, wang and sun cleared for it."""
    set_exception(room)
    uri = "ipp://127.0.0.1:1/ipp/print"
    device = Device(code=HIGH, name="绝密打印机", location="机要室", designated=True, max_level="juemi", uri=uri, queue="juemi")
    add_device(room.gate, room.actor("feng"), device)
    for name in ("sun", "zheng", "wang"):
        change_user(room.gate, room.actor("feng"), name, Change(clearance=Level.JUEMI))


def asked(room: Room, **how: Any) -> PermitView:
    """sun asks for three copies of one page, with the issuer's letter."""
    terms: dict[str, Any] = {"kind": PermitKind.JM_EX, "level": Level.JUEMI, "term": "20年", "copies": 3, "days": 1, "by": "sun"}
    return room.request(**terms | {"scope": {"D03": 3}, "consent": LETTER, "devices": (HIGH,)} | how)


def approve(room: Room, permit_no: str, *approvers: str) -> str:
    for name in approvers or ("zhou", "wu"):
        permits.approve_permit(room.gate, room.actor(name), permit_no)
    return permit_no


def wish(permit_no: str, copies: int = 3) -> CopyWish:
    """What zheng begins at the station under a permit named beforehand."""
    return CopyWish("sun", HIGH, copies, "某绝密文件", permit=permit_no)
