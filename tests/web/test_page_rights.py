"""Who may open and press what: every page and every form with every role, tried on real services; docs/page-rights.md is what was found.

Each try happens in a transaction that is undone. `IMPRIMATUR_RENEW=1` before this test renews the document.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from admin_ui.pages import WITH_A_DOCUMENT
from admin_ui.session import LOCKED_ENDPOINTS, OPEN_ENDPOINTS, Sessions
from gateway.domain.vocabulary import SlipKind
from gateway.services.credentials import Proof
from gateway.services.sessions import open_session
from gateway.slip_desk import SlipDesk
from rehearsal.people import PASSWORD
from tests.architecture.repository import ROOT
from tests.room import START
from tests.watermark.papers import document
from tests.web.calls import BY_HAND, OWNERS, Calls
from tests.web.test_api_rights import DENIALS, MAY, MAY_NOT, undone

DOCUMENT = ROOT / "docs" / "page-rights.md"
HEAD = """# Who may open and press what

Written by `tests/web/test_page_rights.py` from what the pages really answer; the test fails when they answer otherwise. Renew it with
`IMPRIMATUR_RENEW=1 .venv/bin/python -m pytest tests/web/test_page_rights.py`.

● may, · may not (403, or 404 where he may not even know of it). The right alone is meant: a rule of paper may still say no. *requester,
own* is the person whose job, permit or account it is. Without log-in every one of these leads to the log-in; everybody may open the log-in,
the notes, the help and the description of the API, and end or unlock his own session.
"""
ANY = re.compile(r"<any\(([^)]*)\):(\w+)>")
VARIABLE = re.compile(r"<(?:\w+:)?(\w+)>")
CARRIER_ACTS = ("sign", "reject", "withdraw", "issue", "lend", "shelve", "archive", "transfer", "give_back", "return", "miss", "find")
FAULTS = {"E_INVALID", "E_MALFORMED", "E_INTERNAL", "400", "405", "500"}
"""Answers that say nothing about a right: the try itself was not fit."""
_DAY = f"{START.date()}"
_SOON = (START + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
_PERSON = {"display_name": "辛平", "department": "D03", "role": "requester"}
FORMS: dict[str, dict[str, str]] = {
    "account.password": {"chosen": "Battery-Staple-7", "again": "Battery-Staple-7"},
    "account.finish": {"code": "123456"},
    "approve.decide": {"comment": "已阅"},
    "copying.begin": {"requester": "sun", "device": "PRN-JY-01", "copies": "2"},
    "copying.by_hand": {name: str(value) for name, value in BY_HAND.items()},
    "copying.assign": {"requester": "sun", "device": "PRN-JY-01", "copies": "2"},
    "copying.scan": {"scanner": "counter"},
    "copying.declare": {"level": "mimi", "term": "5年"},
    "books.correct": {"register": "permit", "row": "ZYZ-2026-000001-4", "field": "purpose", "value": "传达", "reason": "误填"},
    "carriers.act": {"to": "zhao", "delivery": "courier", "place": "柜1", "reason": "份数不对", "witness": "wang", "receipt": "收1号"},
    "carriers.circulate": {"readers": "zhao", "reader": "gu"},
    "carry_out.ask": {"item": "ZT-2026-000001", "purpose": "汇报", "destination": "省城", "due_back": _SOON},
    "destruction.draft": {"item": "ZT-2026-000001"},
    "destruction.decide": {"place": "机要室"},
    "devices.maintain": {"done_by": "厂家工程师"},
    "devices.clear": {"reason": "维修测试页，已收回"},
    "devices.set_meter": {"kind": "snmp", "address": "127.0.0.1:9", "community": "read-only"},
    "devices.add": {"code": "X1", "uri": "ipp://127.0.0.1:1/ipp/print", "adapter": "ipp", "max_level": "gongkai"},
    "fax.register": {"level": "neibu", "department": "D03", "peer": "某省统计局", "summary": "会议"},
    "fax.to_paper": {"recipient": "zhao", "device": "PRN-JY-01"},
    "fax_peers.add": {"unit": "省财政厅", "number": "8802"},
    "fax_sending.ask": {"purpose": "通知"},
    "fax_sending.bring": {"peer": "省统计局", "person": "林某", "number": "8801", "level": "neibu", "source_level": "gongkai"},
    "fax_sending.file": {"peer": "省统计局", "person": "林某", "number": "8801", "level": "neibu", "source_level": "gongkai"},
    "fax_sending.record": {"source_level": "mimi", "method": "left_out", "result_level": "neibu", "result_hash": "b2" * 32},
    "handover.begin": {"leaver": "qian", "successor": "zhao", "supervisor": "gu", "reason": "leave"},
    "inventory.count": {"item": "ZT-2026-000001", "found": "present"},
    "jobs.consent": {"consent.doc_no": "函〔2026〕1号", "consent.date": _DAY, "consent.person": "秦主任"},
    "mine.ask": {"title": "规划", "level": "mimi", "term": "5年", "pages": "2", "copies": "3", "purpose": "征求意见"},
    "mine.ask_standing": {"level": "neibu", "amount": "100", "purpose": "日常办公"},
    "mine.match": {"permit": "ZYZ-2026-000001-4"},
    "paper.confirm": {"month": "2026-02"},
    "paper.enter": {"month": f"{START:%Y-%m}", "department": "D02", "reason": "补登", "good": "1"},
    "people.add": {"username": "xin", **_PERSON},
    "people.change": _PERSON,
    "people.add_department": {"code": "D77", "name": "试验处"},
    "people.propose": {"what": "password", "reason": "忘记口令"},
    "policy.propose": {"profile": "office"},
    "policy.decide": {"comment": "已阅"},
    "policy.delegate": {"doc_no": "委〔2026〕2号", "role": "leader", "delegate": "he", "first_day": _DAY, "last_day": _DAY},
    "policy.revoke": {"doc_no": "委〔2026〕1号"},
    "tasks.record": {"task": "virus_scan", "done_on": _DAY, "tester": "王工"},
    "tasks.settle": {"owner": "zheng", "due_on": _DAY, "reason": "已补做"},
    "visitors.register": {
        "name": "何明",
        "org": "维修公司",
        "title": "技术员",
        "id_no": "110101199001011237",
        "phone": "13800000000",
        "reason": "维修",
        "device": "PRN-JY-01",
        "escort": "wang",
    },
    "release.settle": {"outcome.1": "good", "outcome.2": "good", "waste_reason": "jam"},
    "release.take_back": {"copy_number": "1", "sheets": "1", "withdrawn": "1", "withdrawn_from": "赵敏", "reason": "soiled"},
    "room.acknowledge": {"note": "已核查"},
}
"""What is filled in, where a form cannot do without."""
ASKED = {"carriers.look": "?name=ZT-2026-000001", "books.export": f"?register=print&format=csv&month={START:%Y-%m}"}
"""What an address must ask for, where it cannot do without."""


@dataclass(frozen=True, slots=True)
class Try:
    """One row: an address as it is written and as it is called, and the endpoint behind it."""

    method: str
    shown: str
    path: str
    endpoint: str


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Calls]:
    made = Calls.furnish(tmp_path_factory.mktemp("page-rights"))
    made.web.config["WTF_CSRF_METHODS"] = set()  # the form's token is tried in test_pages

    SlipDesk(made.room.gate).print(made.room.actor("zheng"), SlipKind.PICK_UP, made.things["printed_job"])
    yield made
    made.room.close()


def things(calls: Calls, endpoint: str, rule: str) -> dict[str, str]:
    """What an address names, of what is there."""
    known, blueprint = dict(calls.things), endpoint.partition(".")[0]
    known |= {"serial": "1", "number": {"policy": known["version"], "room": known["alert"], "carry_out": known["carry_out_no"],
              "handover": known["handover_no"], "inventory": known["inventory_no"],
              "books": known["correction"]}.get(blueprint, "")}  # fmt: skip
    if blueprint == "devices":
        known |= {"code": "PRN-D03-02", "number": known["finding"]}
    if blueprint == "copying":
        known["job_no"] = known["copy_no"]
    if endpoint == "jobs.second":
        known["job_no"] = known["seconded_no"]
    if blueprint == "slips":
        known |= {"kind": SlipKind.PICK_UP.value, "subject": known["printed_job"]}
    if "incidents" in rule:
        known["number"] = known["incident_no"]
    if endpoint == "release.take_back":
        known["job_no"] = known["printed_job"]
    return known


def tries(calls: Calls) -> list[Try]:
    """Every page and every form that needs a log-in; what is one of several words is a row for each."""
    found = []
    for rule in sorted(calls.web.url_map.iter_rules(), key=lambda rule: rule.rule):
        if rule.endpoint.startswith("api.") or rule.endpoint in OPEN_ENDPOINTS | LOCKED_ENDPOINTS | {"entry.start"}:
            continue
        words = CARRIER_ACTS if rule.endpoint == "carriers.act" else [""]
        if several := ANY.search(rule.rule):
            words = [word.strip() for word in several[1].split(",")]
        for word in words:
            shown = ANY.sub(word, rule.rule).replace("<verb>", word)
            path = VARIABLE.sub(lambda match, rule=rule: things(calls, rule.endpoint, rule.rule)[match[1]], shown)
            path += ASKED.get(rule.endpoint, "")
            plain = VARIABLE.sub(lambda match: f"<{match[1]}>", shown)
            found += [Try(method, plain, path, rule.endpoint) for method in sorted((rule.methods or set()) & {"GET", "POST"})]
    return found


@dataclass
class Visitors:
    """A log-in of each role, and what it is answered."""

    app: Flask
    calls: Calls
    tokens: dict[str, str]

    @classmethod
    def of(cls, calls: Calls) -> Visitors:
        gate = calls.room.gate
        return cls(calls.web, calls, {role: open_session(gate, name, Proof(PASSWORD))[0] for role, name in OWNERS.items()})

    def answer(self, one: Try, role: str) -> tuple[int, str]:
        """Status and code of one try, which is then undone."""
        client = self.app.test_client()
        client.set_cookie(Sessions(self.calls.room.gate).cookie, self.tokens[role])
        form: dict[str, Any] = (
            FORMS.get(one.endpoint, {}) | {"password": PASSWORD, "carrier": carrier_for(one)} if one.method == "POST" else {}
        )
        if one.endpoint in WITH_A_DOCUMENT:
            form["document"] = (document("one"), "one.pdf")
        with undone(self.calls.room):
            got = client.open(one.path, method=one.method, data=form or None)
        if got.status_code < 400:
            return got.status_code, ""
        code = re.search(r"<code>(E_[A-Z_]+|\d{3})</code>", got.get_data(as_text=True))
        return got.status_code, code[1] if code else str(got.status_code)


def carrier_for(one: Try) -> str:
    """A carrier with which the act makes sense: the one that circulates, the one that is missing, else one that is in the room."""
    if one.endpoint == "carriers.circulate":
        return "ZT-2026-000001" if one.path.endswith("/start") else "ZT-2026-000003"
    return "ZT-2026-000005" if one.path.endswith("/find") else "ZT-2026-000001"


def is_unfit(one: Try, answer: tuple[int, str]) -> bool:
    """A delegation of a role one does not hold oneself is a wrong form, not a missing right; no device stands here that could be read."""
    if one.endpoint == "devices.read" and answer[1] == "E_METER_READING":
        return False
    return answer[0] >= 500 or (answer[1] in FAULTS and one.endpoint != "policy.delegate")


def written(calls: Calls) -> str:
    """The document."""
    visitors, parts, group, unfit = Visitors.of(calls), [HEAD], "", []
    for one in sorted(tries(calls), key=lambda one: one.endpoint.partition(".")[0]):
        blueprint = one.endpoint.partition(".")[0]
        if blueprint != group:
            group = blueprint
            heads = [role.replace("_", " ") for role in OWNERS]
            parts.append(f"\n## {group.replace('_', ' ')}\n\n| Address | {' | '.join(heads)} |\n|---{'|:-:' * len(heads)}|\n")
        answers = {role: visitors.answer(one, role) for role in OWNERS}
        unfit += [(one.shown, role, answer) for role, answer in answers.items() if is_unfit(one, answer)]
        cells = [MAY_NOT if code in DENIALS or code in ("403", "404") else MAY for _, code in answers.values()]
        parts.append(f"| {one.method} `{one.shown}` | {' | '.join(cells)} |\n")
    assert unfit == []
    return "".join(parts)


def test_the_table_is_what_the_pages_answer(calls: Calls) -> None:
    found = written(calls)
    if os.environ.get("IMPRIMATUR_RENEW"):
        DOCUMENT.write_text(found, encoding="utf-8")
    assert DOCUMENT.read_text(encoding="utf-8") == found


def test_every_address_is_in_the_table_and_somebody_may_use_it(calls: Calls) -> None:
    rows = [line.split("|") for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith(("| GET", "| POST"))]
    assert sorted(cells[1].strip() for cells in rows) == sorted(f"{one.method} `{one.shown}`" for one in tries(calls))
    assert [cells[1] for cells in rows if MAY not in "".join(cells[2:])] == []
    assert all(cell.strip() in (MAY, MAY_NOT) for cells in rows for cell in cells[2:-1])
    assert {len(cells) for cells in rows} == {len(OWNERS) + 3}
