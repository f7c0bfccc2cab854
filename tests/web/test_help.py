"""Every code has its page, in both languages, and wherever a code is shown it leads there (I11).

`IMPRIMATUR_RENEW=1` before this test renews `admin_ui/help_texts.json` from docs/rules.md and docs/errors.md.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable

from admin_ui.help_texts import TEXTS, all_help
from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import Code
from rehearsal.people import PASSWORD
from tests.architecture.repository import ROOT, table_rows
from tests.architecture.test_documents import code_cell
from tests.room import Room
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
FILE = ROOT / "admin_ui" / TEXTS
LINK, MARK = re.compile(r"\[([^]]+)\]\([^)]+\)"), re.compile(r"[`*]")


def plain(cell: str) -> list[str]:
    """A cell's Chinese and English, without Markdown."""
    return [MARK.sub("", LINK.sub(r"\1", part)).strip() for part in cell.split("<br>")]


def written() -> str:
    """The file as the documents would have it."""
    named = {number for text in CODE_TEXTS.values() for number in text.rules.split()}
    rows = [row for rows in table_rows("rules.md").values() for row in rows if row[0] in named]
    errors = {
        code_cell(row[0]): [*plain(row[2]), *plain(row[3])]
        for title, rows in table_rows("errors.md").items()
        if title != "Deny codes"
        for row in rows
    }
    texts = {"rules": {row[0]: [plain(row[1])[0], plain(row[2])[0]] for row in sorted(rows)}, "errors": errors}
    return json.dumps(texts, ensure_ascii=False, indent=1) + "\n"


def test_the_texts_are_those_of_the_documents() -> None:
    if os.environ.get("IMPRIMATUR_RENEW"):
        FILE.write_text(written(), encoding="utf-8")
    assert FILE.read_text(encoding="utf-8") == written()


def test_every_code_is_explained_with_its_rules_in_both_languages() -> None:
    known = all_help()
    assert {code.value for code in Code} <= set(known)
    for one in known.values():
        assert all((one.happened_zh, one.happened_en, one.next_zh, one.next_en)), one.code
        assert one.happened_zh != one.happened_en
    for code, text in CODE_TEXTS.items():
        numbers = [number for number in text.rules.split() if re.fullmatch(r"R\d+", number)]
        assert [rule.number for rule in known[code.value].rules] == numbers, code


def test_every_page_opens_without_log_in_and_speaks_the_language(window: Window) -> None:
    browser = window("")
    for language, other in (("zh_CN", "en"), ("en", "zh")):
        browser.get(f"/language/{language}")
        for one in all_help().values():
            page = browser.text(f"/help/{one.code}")
            texts = {"zh": (one.happened_zh, one.next_zh), "en": (one.happened_en, one.next_en)}
            shown = texts["zh" if other == "en" else "en"]
            assert all(escaped(text) in page for text in shown), one.code
            assert escaped(texts[other][1]) not in page, one.code
        assert all(f'/help/{code}"' in browser.text("/help") for code in all_help())


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;").replace("'", "&#39;")


def test_a_code_that_is_none_has_no_page(window: Window) -> None:
    browser = window("")
    assert browser.get("/help/E_NOTHING").status_code == 404
    assert browser.get("/help/%3Cscript%3E").status_code == 404
    assert browser.get("/help/e_no_permit").status_code == 200


def test_refusals_lead_to_their_help(room: Room, window: Window, held: str) -> None:
    browser = window("zhao")
    assert 'href="/help/E_NO_PERMIT"' in browser.text("/mine")
    assert 'href="/help/E_NOT_FOUND"' in browser.get("/jobs/H999999").get_data(as_text=True)
    browser.post("/mine", f"/mine/jobs/{held}/match", permit="ZYZ-2026-999999-9")
    assert re.search(r'role="alert".*href="/help/E_PERMIT_', browser.text("/mine"))
    operator = window("zheng")
    assert 'href="/help/E_NO_PERMIT"' in operator.text("/release")
    operator.post(f"/release/{held}", f"/release/{held}/release", password=PASSWORD)
    assert 'href="/help/E_NO_PERMIT"' in operator.text(f"/release/{held}")
