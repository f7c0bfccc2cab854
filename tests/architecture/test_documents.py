"""Undocumented means red: codes, words, settings, and every reference from one document to another."""

from __future__ import annotations

import ast
import re
from enum import StrEnum

import pytest

from gateway.config import QueueDefaults, Settings
from gateway.domain import vocabulary
from gateway.domain.code_texts import CODE_TEXTS
from gateway.domain.codes import REFUSING, Code
from tests.architecture.repository import PACKAGES, ROOT, files, name_of, python_files, table_rows, text_of

CODE_ATTRIBUTE = re.compile(r"^ +code(?:: (?:ClassVar\[)?str\]?)? = \"(E_\w+)\"", re.MULTILINE)
RULE = re.compile(r"\bR(\d{2,3})\b")
SCENARIO = re.compile(r"\bSC-(\d{2})\b")
KINDS = (
    "books|job|copies|copy|permit|user|token|department|device|spool|session|slip|cups|policy|delegation|room|alert|settings"
    "|carrier|waste|destruction|circulation|carry_out|inventory|incident|handover|paper|visitor|day|gateway|fax|task|finding|register"
)
KIND = re.compile(rf"^(?:{KINDS})\.[a-z_]+$")
DOCUMENT = re.compile(r"[\w./-]*\w\.md\b")
PLACE = re.compile(r"`((?:gateway|spool|watermark|admin_ui|rehearsal|cups-backend|tests|packaging|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\((?!https?://|#|mailto:)([^)#\s]+)")
HANZI = re.compile(r"[\u4e00-\u9fff]")
WORDS = [kind for kind in vars(vocabulary).values() if isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum]


def code_cell(cell: str) -> str:
    return cell.strip("`")


@pytest.mark.parametrize("code", Code)
def test_every_deny_code_is_explained_in_both_languages(code: Code) -> None:
    rows = {code_cell(row[0]): row for row in table_rows("errors.md")["Deny codes"]}
    text = CODE_TEXTS[code]
    effect = "refuses" if code in REFUSING else "holds"
    assert rows.get(code.value) == [
        f"`{code.value}`",
        effect,
        text.rules,
        f"{text.message_zh}<br>{text.message_en}",
        f"{text.next_step_zh}<br>{text.next_step_en}",
    ]


def test_no_deny_code_is_explained_that_is_not_there() -> None:
    assert {code_cell(row[0]) for row in table_rows("errors.md")["Deny codes"]} == {code.value for code in Code}


def test_every_error_class_is_explained() -> None:
    raised = {code for file in python_files(*PACKAGES) for code in CODE_ATTRIBUTE.findall(text_of(file))}
    explained = {code_cell(row[0]) for rows in table_rows("errors.md").values() for row in rows}
    assert raised
    assert raised - explained == set()


@pytest.mark.parametrize("kind", WORDS, ids=lambda kind: kind.__name__)
def test_every_word_has_its_chinese_term(kind: type[StrEnum]) -> None:
    rows = {code_cell(row[0]): row[1] for row in table_rows("glossary.md").get(kind.__name__, [])}
    assert list(rows) == [word.value for word in kind]
    assert all(HANZI.search(term) for term in rows.values())


def test_levels_are_called_as_they_are_stamped() -> None:
    rows = {code_cell(row[0]): row[1] for row in table_rows("glossary.md")["Level"]}
    assert rows == {level.value: level.hanzi for level in vocabulary.Level}


def test_every_kind_of_ledger_entry_is_explained() -> None:
    constants = (
        node.value
        for file in python_files("gateway/services", "gateway/domain")
        for node in ast.walk(ast.parse(text_of(file)))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
    written = {value for value in constants if KIND.match(value)}
    explained = {kind.strip("` ") for row in table_rows("ledger-format.md")["Kinds"] for kind in row[0].split(",")}
    assert written
    assert written == explained


def documented_settings(section: str) -> dict[str, tuple[str, str]]:
    return {code_cell(row[0]): (code_cell(row[1]), row[2]) for row in table_rows("settings.md")[section]}


def declared_settings(model: type[Settings] | type[QueueDefaults]) -> dict[str, tuple[str, str]]:
    declared = {}
    for name, field in model.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "none" if default in (None, "", {}) else str(default).lower() if isinstance(default, bool) else str(default)
        declared[name] = (shown, field.description or "")
    return declared


def test_every_setting_is_documented_with_its_default_and_meaning() -> None:
    declared = declared_settings(Settings)
    safe = {name: rest for name, rest in declared.items() if not name.startswith("unsafe_")}
    assert documented_settings("Settings of a gateway") == safe
    assert documented_settings("Settings of a queue, `[queues.NAME]`") == declared_settings(QueueDefaults)


def test_unsafe_settings_are_listed_apart_and_off_by_default() -> None:
    unsafe = {name: rest for name, rest in declared_settings(Settings).items() if name.startswith("unsafe_")}
    assert documented_settings("Unsafe settings") == unsafe
    assert {default for default, _ in unsafe.values()} <= {"false", "none"}


def test_rules_and_scenarios_that_are_cited_exist() -> None:
    rules = {row[0] for rows in table_rows("rules.md").values() for row in rows}
    scenarios = set(SCENARIO.findall(text_of(ROOT / "docs" / "scenarios.md")))
    cited_rules = {f"R{number}" for file in python_files(*PACKAGES, "tests") for number in RULE.findall(text_of(file))}
    cited_scenarios = {number for file in python_files(*PACKAGES, "tests") for number in SCENARIO.findall(text_of(file))}
    assert cited_rules - rules == set()
    assert cited_scenarios - scenarios == set()


def test_documents_that_are_mentioned_exist() -> None:
    known = {file.name.lower() for file in files() if file.suffix == ".md"}
    known |= {"latest.md", "page.md"}  # written by campaigns
    readable = [file for file in files() if file.suffix in (".py", ".md", ".toml", ".sh", "")]
    lost = [
        f"{name_of(file)}: {mention}"
        for file in readable
        for mention in DOCUMENT.findall(text_of(file))
        if mention.rpartition("/")[2].lower() not in known
    ]
    assert lost == []


def test_the_map_names_what_is_there() -> None:
    places = PLACE.findall(text_of(ROOT / "ARCHITECTURE.md"))
    assert places
    assert [place for place in places if not (ROOT / place).exists()] == []


def test_links_between_documents_lead_somewhere() -> None:
    broken = [
        f"{name_of(file)}: {target}"
        for file in files()
        if file.suffix == ".md"
        for target in LINK.findall(text_of(file))
        if not (file.parent / target).exists()
    ]
    assert broken == []


def test_the_environment_of_the_check_holds_all_of_the_products() -> None:
    product, check = (
        {line for line in text_of(ROOT / "packaging" / name).splitlines() if "==" in line}
        for name in ("requirements.lock", "requirements-check.lock")
    )
    assert product
    assert product <= check
