"""A room in which every route has something to act on, and who calls there: for the table of rights and for fuzzing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask

from admin_ui.api import NOUNS
from admin_ui.api.routes import Route
from admin_ui.application import create_application
from gateway.cli.client import ACT_AS_HEADER
from gateway.domain.delegations import NewDelegation
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import AlertKind, Role
from gateway.services.accounts import NewUser, add_user
from gateway.services.alerts import raise_alert
from gateway.services.credentials import Proof, change_password
from gateway.services.delegations import delegate_role
from gateway.services.installation import mark_as_rehearsal
from gateway.services.policies import adopt_first, propose_policy, show_policy
from gateway.services.resets import What, confirm_reset, propose_reset
from gateway.services.tokens import make_token
from rehearsal.people import PASSWORD
from tests.room import START, Room
from tests.watermark.papers import document

ROUTES: tuple[Route, ...] = tuple(route for noun in NOUNS for route in noun.routes)
VARIABLE = re.compile(r"<(\w+)>")
WITHOUT_ROLE = "nobody"
OWNERS: dict[str, str] = {
    "requester, own": "zhao",
    "requester, other": "sun",
    "department_head": "gu",
    "leader": "li",
    "principal_leader": "zhou",
    "secrecy_director": "wu",
    "operator": "zheng",
    "room_head": "lin",
    "system_admin": "feng",
    "security_admin": "chen",
    "auditor": "chu",
    "inspector": "jian",
}
"""Who stands for each role. What there is to act on is zhao's."""

_LATER = (START + timedelta(days=20)).isoformat()
_TODAY = START.date()
BODIES: dict[str, dict[str, Any]] = {
    "add_department": {"code": "D77", "name": "试验处"},
    "add_user": {"username": "xin", "display_name": "辛", "department": "D02"},
    "import_users": {"lines": [{"line": 2, "cells": {"username": "bing", "display_name": "丙", "department": "D02"}}]},
    "import_departments": {"lines": [{"line": 2, "cells": {"code": "D78", "name": "试验二处"}}]},
    "import_devices": {"lines": [{"line": 2, "cells": {"code": "X2", "uri": "ipp://127.0.0.1:1/ipp/print"}}]},
    "change_own_password": {"present": PASSWORD, "chosen": "Battery-Staple-7"},
    "propose_reset": {"what": "password", "reason": "忘记口令"},
    "change_user": {"display_name": "赵敏敏"},
    "add_device": {"code": "X1", "uri": "ipp://127.0.0.1:1/ipp/print"},
    "request_permit": {"title": "规划纲要", "level": "mimi", "term": "5年", "pages": 2, "copies": 3},
    "refuse_permit": {"comment": "不同意"},
    "revoke_permit": {"comment": "不再需要"},
    "extend_permit": {"valid_to": _LATER},
    "refuse_job": {"comment": "不同意"},
    "match_job": {"permit": "ZYZ-2026-000001-4"},
    "settle_job": {"outcomes": {"1": "good"}},
    "propose_policy": {"policy": {}},
    "refuse_policy": {"comment": "不同意"},
    "delegate_role": {"doc_no": "委〔2026〕2号", "role": "leader", "delegate": "he", "first_day": f"{_TODAY}", "last_day": f"{_TODAY}"},
    "revoke_delegation": {"doc_no": "委〔2026〕1号"},
    "acknowledge_alert": {"comment": "已核查"},
    "make_token": {"name": "oa2", "account": "zhao", "scopes": ["permits:read"], "expires_at": _LATER},
}
"""A body that fits, for every act that needs one. An act without is called with an empty object."""


@dataclass
class Calls:
    """The room, its two applications, the numbers of what is there, and a token of zhao's or lin's for each scope."""

    room: Room
    control: Flask
    web: Flask
    things: dict[str, str]
    tokens: dict[Scope, str]

    @classmethod
    def furnish(cls, folder: Path) -> Calls:
        """Make it all in an empty folder."""
        mark_as_rehearsal(folder)
        slips = folder / "slips"
        room = Room.make(folder, unsafe_act_as=True, token_calls_per_minute=100_000, slip_printer=f"virtual:{slips}")
        gate, feng = room.gate, room.actor("feng")
        add_user(gate, feng, NewUser("jian", "简明", "D04", frozenset({Role.INSPECTOR})))
        cls._first_password(room, "jian")
        reset = propose_reset(gate, feng, "qian", What.PASSWORD, "忘记口令")
        gate.spool.refill()
        adopt_first(gate)
        job = room.submit(document("one", "two").getvalue(), copies=2)
        permit = room.request(job=job, pages=2, copies=2).permit_no
        content = dict(show_policy(gate, feng).content) | {"review_from": "neibu"}
        version = propose_policy(gate, feng, content).number
        delegate_role(gate, room.actor("li"), NewDelegation("委〔2026〕1号", Role.LEADER, "he", _TODAY, _TODAY + timedelta(days=3)))
        with gate.database.writing() as session:
            alert = raise_alert(gate, session, AlertKind.DENIALS, "sun")
            session.flush()
        tokens = {scope: cls._token(room, scope) for scope in Scope}
        things = {
            "job_no": job,
            "permit_no": permit,
            "username": "qian",
            "code": "D03",
            "version": str(version),
            "alert": str(alert.id),
            "reset_id": str(reset.id),
            "token_name": "permits.read",
            "kind": "permit",
            "subject": permit,
        }
        web, control = (create_application(gate, lambda: None, control=control) for control in (False, True))
        return cls(room, control, web, things, tokens)

    @staticmethod
    def _first_password(room: Room, account: str) -> None:
        """As it is given: by two, and changed at once."""
        proposed = propose_reset(room.gate, room.actor("feng"), account, What.PASSWORD, "新帐号")
        confirmed = confirm_reset(room.gate, room.actor("chen"), proposed.id)
        change_password(room.gate, account, Proof(f"{proposed.half}-{confirmed.half}"), PASSWORD)

    @staticmethod
    def _token(room: Room, scope: Scope) -> str:
        account = "lin" if scope is Scope.REGISTERS_READ else "zhao"
        end = room.clock.now() + timedelta(days=90)
        name = scope.value.replace(":", ".")
        return make_token(room.gate, room.actor("feng"), name=name, account=account, scopes=[scope], expires_at=end)[0]

    def callers(self) -> dict[str, tuple[Flask, dict[str, str]]]:
        """Who calls: each role and each scope, with the application he calls and what he shows there."""
        people = {role: (self.control, {ACT_AS_HEADER: account}) for role, account in OWNERS.items()}
        return people | {scope.value: (self.web, {"Authorization": f"Bearer {token}"}) for scope, token in self.tokens.items()}

    def path(self, route: Route) -> str:
        """The route's address, of what is there."""
        things = self.things | ({"code": "PRN-D03-02"} if route.noun == "devices" else {})
        return "/api/v1" + VARIABLE.sub(lambda match: things[match[1]], route.path)
