"""What the gateway says to people in English is Chinese on Chinese pages: every sentence of the source is in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from admin_ui.language import letters
from admin_ui.sentences import CATALOGUE, in_chinese
from gateway.errors import ConflictError, InvalidInputError

ROOT = Path(__file__).parents[2]
ERRORS = {"InvalidInputError", "ConflictError", "NotFoundError", "ForbiddenError", "UnauthenticatedError", "UnavailableError"}
NOT_PAGES = ("gateway/cli/", "gateway/doctor/", "gateway/intake", "admin_ui/api/")
"""These talk to terminals and programs, in English."""
ONLY_FAULTS = "{}."
"""A sentence made of nothing but faults; they are turned one by one."""


def test_every_sentence_of_an_error_has_its_chinese() -> None:
    catalogue = _catalogue()
    missing = {text: place for text, place in _said() if text not in catalogue and text != ONLY_FAULTS}
    assert not missing, "add them to sentences.po, then: pybabel compile -D sentences -d admin_ui/translations -l zh_CN"


def test_the_compiled_catalogue_is_the_written_one() -> None:
    for english, chinese in _catalogue().items():
        if "{" not in english:
            assert in_chinese(english) == chinese


def test_no_sentence_is_left_over() -> None:
    source = "".join(text for path in _sources() for text in _literals(path))
    leftover = [english for english in _catalogue() if not all(part in source for part in english.split("{}"))]
    assert not leftover


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("Job H000012 is printing, not held.", "作业 H000012 目前为“打印中”，未被扣留。"),
        ("Copy 000003 of job H000012 is void.", "作业 H000012 的第 000003 份目前为“作废”。"),
        ("nobody delegates to himself; auditor is not a role that approves.", "不能委托给自己；安全审计员不是审批角色。"),
        ("The policy is not right: a.b: state secrets are never faxed (R41).", "策略不正确：a.b：国家秘密不得传真（R41）。"),
        ("The roof has come off.", None),
        ("x" * 100_000, None),
    ],
)
def test_values_stand_where_chinese_wants_them_in_the_houses_words(english: str, chinese: str | None) -> None:
    assert in_chinese(english) == chinese


def test_a_letter_without_its_chinese_keeps_the_english_beside_the_meaning_of_its_code() -> None:
    unknown = letters("zh_CN", ConflictError("The roof has come off.", "Ask for another job."))[0]
    assert (unknown["detail"], "roof" in unknown["happened"]) == ("The roof has come off. Ask for another job.", False)
    known = letters("zh_CN", InvalidInputError("An account needs a role.", "Give at least one."))[0]
    assert (known["happened"], known["next"], known["detail"]) == ("账号至少要有一个角色。", "请至少选一个。", "")


def _catalogue() -> dict[str, str]:
    with CATALOGUE.with_suffix(".po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file) if message.id}


def _sources() -> list[Path]:
    return [*sorted((ROOT / "gateway").rglob("*.py")), *sorted((ROOT / "admin_ui").rglob("*.py"))]


def _said() -> Iterator[tuple[str, str]]:
    for path in _sources():
        place = path.relative_to(ROOT).as_posix()
        if place.startswith(NOT_PAGES):
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ERRORS:
                yield from ((text, f"{place}:{node.lineno}") for argument in node.args if (text := _template(argument)) is not None)


def _template(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _literals(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value + "\n"
