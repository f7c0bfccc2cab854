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
from gateway.domain.devices import Function
from gateway.domain.fax import ProcessingMethod
from gateway.domain.scopes import Scope
from gateway.domain.self_check_findings import FindingKind
from gateway.domain.vocabulary import AlertKind, IdKind, Level, PermitKind, Role, VisitReason
from gateway.services.accounts import NewUser, add_user
from gateway.services.alerts import raise_alert
from gateway.services.carrier_views import show_carrier
from gateway.services.carry_out import CarryOutRequest, request_carry_out
from gateway.services.circulation import start_circulation
from gateway.services.copying import CopyWish
from gateway.services.corrections import Wish, correct_row
from gateway.services.credentials import Proof, change_password
from gateway.services.declaring import Declaration
from gateway.services.delegations import delegate_role
from gateway.services.destruction import draft_list
from gateway.services.device_register import Change, change_device
from gateway.services.fax_peers import add_peer
from gateway.services.fax_processing import record_processing
from gateway.services.fax_tray import Arrival, Registration, receive, register_received
from gateway.services.handover import open_handover
from gateway.services.installation import mark_as_rehearsal
from gateway.services.inventories import miss_carrier, open_inventory
from gateway.services.meters import enter_meter
from gateway.services.policies import adopt_first, propose_policy, show_policy
from gateway.services.previews import note_page
from gateway.services.resets import What, confirm_reset, propose_reset
from gateway.services.self_check_findings import Found, open_findings
from gateway.services.tokens import make_token
from gateway.services.visitors import NewVisitor, register_visitor
from rehearsal.people import PASSWORD
from tests.room import START, Room
from tests.services.copies import begun, copied, declared, lay_in
from tests.services.paper import printed
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
_FIRST: dict[str, Any] = {"carriers": ["ZT-2026-000001"]}
PERMIT: dict[str, Any] = {"title": "规划纲要", "level": "mimi", "term": "5年", "pages": 2, "copies": 3, "purpose": "征求意见"}
BY_HAND: dict[str, Any] = {
    "device": "PRN-JY-01",
    "permit": "ZYZ-2026-000003-Z",
    "copies": 2,
    "serial": "SN-3",
    "counter_before": 1,
    "counter_after": 5,
}
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
    "change_device": {"location": "二号机要室"},
    "record_care": {"kind": "maintenance", "done_on": f"{_TODAY}", "done_by": "厂家工程师"},
    "set_meter": {"kind": "snmp", "address": "127.0.0.1:9", "community": "read-only"},
    "enter_meter": {"serial": "SN-1", "impressions": 5000},
    "clear_finding": {"reason": "维修测试页，已收回"},
    "request_permit": PERMIT,
    "refuse_permit": {"comment": "不同意"},
    "revoke_permit": {"comment": "不再需要"},
    "extend_permit": {"valid_to": _LATER},
    "add_consent": {"doc_no": "函〔2026〕1号", "date": f"{_TODAY}", "person": "秦主任"},
    "refuse_job": {"comment": "不同意"},
    "match_job": {"permit": "ZYZ-2026-000001-4"},
    "judge_job": {"telegram": False},
    "begin_copy": {"requester": "sun", "device": "PRN-JY-01", "copies": 2},
    "assign_copy": {"requester": "sun", "device": "PRN-JY-01", "copies": 2},
    "enter_hand_copy": BY_HAND,
    "order_scan": {"scanner": "counter"},
    "place_page": {"to": 2},
    "declare_original": {"level": "mimi", "term": "5年"},
    "settle_job": {"outcomes": {"1": "good"}},
    "propose_policy": {"policy": {}},
    "refuse_policy": {"comment": "不同意"},
    "delegate_role": {"doc_no": "委〔2026〕2号", "role": "leader", "delegate": "he", "first_day": f"{_TODAY}", "last_day": f"{_TODAY}"},
    "revoke_delegation": {"doc_no": "委〔2026〕1号"},
    "acknowledge_alert": {"comment": "已核查"},
    "issue_carriers": {**_FIRST, "to": "zhao"},
    "lend_carriers": {**_FIRST, "to": "zhao"},
    "give_back_carriers": _FIRST,
    "return_carriers": _FIRST,
    "transfer_carriers": {**_FIRST, "witness": "wang", "receipt": "收1号"},
    "shelve_carriers": {**_FIRST, "location": "柜1"},
    "archive_carriers": {**_FIRST, "location": "柜1"},
    "sign_carriers": _FIRST,
    "reject_carriers": {**_FIRST, "reason": "份数不对"},
    "withdraw_carriers": _FIRST,
    "start_circulation": {"carrier": "ZT-2026-000001", "readers": ["zhao"]},
    "next_reader": {"carrier": "ZT-2026-000003"},
    "add_reader": {"carrier": "ZT-2026-000003", "reader": "gu"},
    "close_circulation": {"carrier": "ZT-2026-000003"},
    "request_carry_out": {**_FIRST, "purpose": "汇报", "destination": "省城", "due_back": _LATER},
    "count_carriers": {**_FIRST, "found": "present"},
    "miss_carrier": {"carrier": "ZT-2026-000001"},
    "find_missing": {"carrier": "ZT-2026-000005", "reason": "夹在别处"},
    "open_handover": {"leaver": "qian", "successor": "zhao", "supervisor": "gu"},
    "withdraw_copy": {"copy_number": 1, "sheets": 1, "withdrawn": True, "withdrawn_from": "赵敏"},
    "draft_list": {"items": ["ZT-2026-000001"]},
    "destroy_list": {"place": "机要室"},
    "register_visitor": {
        "name": "何明",
        "org": "某设备公司",
        "id_kind": "identity_card",
        "id_no": "350100000000000017",
        "reason_kind": "other",
        "reason": "参观",
        "escort": "wang",
    },
    "enter_visitor": {"nothing": True},
    "file_fax": {"number": "8801", "peer": "省统计局", "person": "林某", "level": "neibu"},
    "register_received_fax": {"level": "neibu", "department": "D03", "peer": "某省统计局"},
    "request_fax_permit": {"purpose": "通知"},
    "print_received_fax": {"recipient": "zhao", "device": "PRN-JY-01"},
    "add_fax_peer": {"unit": "省财政厅", "number": "8802"},
    "note_fax_answer": {"crypt_class": "plain"},
    "record_processing": {"source_level": "mimi", "method": "left_out", "result_hash": "a1" * 32},
    "record_task": {"task": "alarm_test", "done_on": f"{_TODAY}", "tester": "保安公司"},
    "assign_finding": {"owner": "zheng", "due_on": f"{_TODAY}"},
    "close_finding": {"reason": "已补做"},
    "correct_row": {"row": "ZYZ-2026-000001-4", "field": "purpose", "value": "传达", "reason": "误填"},
    "enter_paper": {"department": "D02", "good": 2, "reason": "面板复印"},
    "confirm_paper_month": {"month": "2026-02"},
    "make_token": {"name": "oa2", "account": "zhao", "scopes": ["permits:read"], "expires_at": _LATER},
}
"""A body that fits, for every act that needs one. An act without is called with an empty object."""


QUERIES = {"show_carrier": "?name=ZT-2026-000001", "show_circulation": "?carrier=ZT-2026-000003"}
"""What an address must ask for, where it cannot do without."""


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
        scanners = {"counter": "sane:test:0"}
        room = Room.make(folder, unsafe_act_as=True, token_calls_per_minute=100_000, scanners=scanners, slip_printer=f"virtual:{slips}")
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
            (finding_no,) = open_findings(gate, session, "2026-02", [Found(FindingKind.OVERDUE, "waste", 1)], room.clock.now())
            alert = raise_alert(gate, session, AlertKind.DENIALS, "sun")
            session.flush()
        things = cls._paper(room)
        visitor = NewVisitor("何明", "某设备公司", IdKind.SERVICE_CARD, "A-1", VisitReason.OTHER, "wang", "参观")
        things["visit_no"] = register_visitor(gate, room.actor("zheng"), visitor).visit_no
        things["fax_no"] = receive(gate, Arrival("fax1.tif", "059187123456", 1, whole=True), b"pages").fax_no
        register_received(gate, room.actor("zheng"), things["fax_no"], Registration(Level.NEIBU, "D02", "某省统计局"))
        things["peer_id"] = str(add_peer(gate, room.actor("zheng"), "省统计局", "8801").peer_id)
        things["tpr_no"] = record_processing(
            gate,
            room.actor("zheng"),
            source_level=Level.MIMI,
            method=ProcessingMethod.LEFT_OUT,
            result_level=Level.NEIBU,
            result_hash="a1" * 32,
        )
        things["finding"] = cls._meter_finding(room)
        things["register"], things["finding_no"] = "permit", finding_no
        wrong = Wish("permit", permit, "pages", "3", "误填")
        things["correction"] = str(correct_row(gate, room.actor("zheng"), wrong).number)
        wish = CopyWish("zhao", "PRN-JY-01", 2, "规划纲要")
        things["copy_no"], things["seconded_no"] = begun(room, wish), copied(room, [], wish=wish)
        lay_in(room, things["copy_no"], [], [])
        declared(room, things["seconded_no"], Declaration(Level.MIMI, "5年"), by="wang", second="")
        note_page(gate, room.actor("zheng"), things["seconded_no"], 1)
        change_device(gate, feng, "PRN-JY-01", Change(functions=(Function.PRINT, Function.COPY)))
        made = room.permit(kind=PermitKind.COPY, pages=2, copies=2, scope={"D02": 2})
        assert made == BY_HAND["permit"], f"{made} is its number now"
        tokens = {scope: cls._token(room, scope) for scope in Scope}
        things |= {
            "job_no": job,
            "page": "1",
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
    def _meter_finding(room: Room) -> str:
        """Three sides outside the gate at the device of D03; the finding's number."""
        enter_meter(room.gate, room.actor("zheng"), "PRN-D03-02", "SN-1", 5000)
        return str(enter_meter(room.gate, room.actor("zheng"), "PRN-D03-02", "SN-1", 5003).finding)

    @staticmethod
    def _paper(room: Room) -> dict[str, str]:
        """Carriers of zhao's, and one of everything that happens to carriers; the numbers."""
        gate, zheng, zhao = room.gate, room.actor("zheng"), room.actor("zhao")
        printed(room, copies=5, scope={"D02": 5})
        due = START + timedelta(days=2)
        asked = request_carry_out(gate, zhao, CarryOutRequest(["ZT-2026-000002"], "汇报", "省城", due))
        start_circulation(gate, zheng, "ZT-2026-000003", ["zhao", "qian"])
        destroyed = draft_list(gate, zheng, ["ZT-2026-000004"])
        missing = miss_carrier(gate, zheng, "ZT-2026-000005")
        counted = open_inventory(gate, zheng, due)
        handed = open_handover(gate, zheng, "zhao", "qian", "gu", "leave")
        return {
            "printed_job": show_carrier(gate, zheng, "ZT-2026-000001").job_no,
            "carry_out_no": asked.carry_out_no,
            "list_no": destroyed.list_no,
            "incident_no": missing.incident_no,
            "inventory_no": counted.inventory_no,
            "handover_no": handed.handover_no,
        }

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
        things = self.things | ({"code": "PRN-D03-02"} if route.noun in {"devices", "meters"} else {})
        things |= {"job_no": things["printed_job"]} if route.noun == "destruction" else {}
        things |= {"job_no": things["copy_no"]} if route.noun == "copies" else {}
        return "/api/v1" + VARIABLE.sub(lambda match: things[match[1]], route.path) + QUERIES.get(route.name, "")
