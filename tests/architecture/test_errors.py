"""Every deny code and every error of the gateway: asserted somewhere, told with cause and cure in both languages (I11)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache

import pytest

from gateway.domain.codes import Code
from tests.architecture.repository import PACKAGES, name_of, python_files, table_rows, text_of

HANZI = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2}")
NOT_HERE = "tests/architecture/"
THE_TABLES = {"gateway/domain/codes.py", "gateway/domain/code_texts.py"}


def expectations(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a test says what must come: assertions, awaited exceptions, parameters of its cases, codes handed to a check of its own."""
    for node in ast.walk(tree):
        called = node.func.attr if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else ""
        if isinstance(node, ast.Assert) or called in ("raises", "parametrize"):
            yield node
        elif isinstance(node, ast.Call):
            yield from (given for given in node.args if is_code(given))


def is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Code"


def codes_in(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Attribute) and is_code(one):
            yield one.attr
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            yield from re.findall(r"\bE_[A-Z_]+\b", one.value)


@cache
def expected_somewhere() -> frozenset[str]:
    files = [file for file in python_files("tests") if not name_of(file).startswith(NOT_HERE)]
    return frozenset(code for file in files for node in expectations(ast.parse(text_of(file))) for code in codes_in(node))


@cache
def given_by_the_gateway() -> frozenset[str]:
    """Codes that stand in a module other than the tables, by name or, for the verdicts of counting, as text."""
    files = [file for file in python_files(*PACKAGES) if name_of(file) not in THE_TABLES]
    return frozenset(code for file in files for code in codes_in(ast.parse(text_of(file))))


@pytest.mark.parametrize("code", Code)
def test_every_code_the_gateway_gives_is_expected_by_a_test(code: Code) -> None:
    assert code.value not in given_by_the_gateway() or code.value in expected_somewhere()


def test_nearly_all_codes_are_given() -> None:
    """Those that are not belong to what is still to come."""
    assert {code.value for code in Code} - given_by_the_gateway() <= {"E_NOT_REVIEWED", "E_FAX_CLASSIFIED"}


def test_the_search_reads_expectations_only() -> None:
    tree = ast.parse(
        "x = Code.E_ONE\nassert y is Code.E_TWO\nassert 'E_THREE (11)' in z\n@p.parametrize('a', [(1, Code.E_FOUR)])\ndef t(): ..."
    )
    assert {code for node in expectations(tree) for code in codes_in(node)} == {"E_TWO", "E_THREE", "E_FOUR"}


ROWS = [row for rows in table_rows("errors.md").values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=[row[0].strip("`") for row in ROWS])
def test_every_error_has_cause_and_cure_in_both_languages(row: list[str]) -> None:
    cause, cure = row[-2], row[-1]
    for cell in (cause, cure):
        assert HANZI.search(cell), "no Chinese"
        assert LATIN.search(cell), "no English"
