"""House rules a reader feels: sizes, names, no leftovers, nothing of the machine it was written on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.repository import ROOT, files, is_python, name_of, python_files, text_of

MOST_LINES = 400
MOST_BACKEND_LINES = 200
SIZED = {".py", ".html", ".css", ".js", ".sh"}
NAMELESS = {"utils", "util", "helpers", "helper", "manager", "managers", "common"}

# Built from pieces, so that this file does not hold what it looks for.
MACHINE_PATHS = re.compile(r"(?<![\w.])/" + r"work/|\.\./" + r"shared/|/" + r"root/\w|/" + r"home/\w|/tmp/" + r"w/")
REGISTRIES = re.compile(
    "|".join(
        re.escape("".join(parts))
        for parts in (
            ("pypi", ".org"),
            ("python", "hosted.org"),
            ("deb.", "debian.org"),
            ("security.", "debian.org"),
            ("npm", "js.org"),
            ("npm", "js.com"),
            ("unpkg", ".com"),
            ("js", "delivr"),
            ("extra-index", "-url"),
            ("cdn", "js.com"),
        )
    )
)
UNFINISHED = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b|NotImplemented" + r"Error|assert" + r" True\b")


def is_vendored(file: Path) -> bool:
    return any(part in ("vendor", "versions") for part in file.parts)


def cleans_up_only(handler: ast.ExceptHandler) -> bool:
    """Whether whatever was caught goes on: `except BaseException:` … `raise`."""
    anything = isinstance(handler.type, ast.Name) and handler.type.id == "BaseException"
    last = handler.body[-1]
    return anything and isinstance(last, ast.Raise) and last.exc is None


def broad_handlers(tree: ast.AST) -> Iterator[ast.ExceptHandler]:
    """Handlers that swallow what they do not know."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and not cleans_up_only(node):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            if any(one is None or (isinstance(one, ast.Name) and one.id in ("Exception", "BaseException")) for one in caught):
                yield node


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    sized = [file for file in files() if (file.suffix in SIZED or is_python(file)) and not is_vendored(file)]
    too_long = {name_of(file): lines for file in sized if (lines := len(text_of(file).splitlines())) > MOST_LINES}
    assert sized
    assert not too_long


def test_backend_programs_are_short() -> None:
    programs = python_files("cups-backend")
    too_long = {name_of(file): lines for file in programs if (lines := len(text_of(file).splitlines())) > MOST_BACKEND_LINES}
    assert programs
    assert not too_long


def test_modules_say_what_they_are() -> None:
    assert [name_of(file) for file in python_files() if file.stem in NAMELESS] == []


@pytest.mark.parametrize("pattern", [MACHINE_PATHS, REGISTRIES], ids=["machine paths", "registry hosts"])
def test_nothing_of_the_place_it_was_written_at(pattern: re.Pattern[str]) -> None:
    found = [
        f"{name_of(file)}:{number}: {line.strip()[:120]}"
        for file in files()
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_exceptions_are_caught_by_name() -> None:
    broad = [
        f"{name_of(file)}:{handler.lineno}" for file in python_files() for handler in broad_handlers(ast.parse(text_of(file), str(file)))
    ]
    assert broad == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{name_of(file)}:{number}: {line.strip()[:120]}"
        for file in python_files()
        for number, line in enumerate(text_of(file).splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []


def test_the_four_commands_are_there_and_executable() -> None:
    missing = [name for name in ("setup", "demo", "check", ".ci/run") if not (ROOT / name).stat().st_mode & 0o111]
    assert missing == []


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    pass\nexcept:\n    pass",
        "try:\n    pass\nexcept Exception:\n    pass",
        "try:\n    pass\nexcept (OSError, BaseException):\n    pass",
    ],
)
def test_the_search_for_broad_handlers_finds_them(source: str) -> None:
    assert len(list(broad_handlers(ast.parse(source)))) == 1


def test_cleaning_up_after_anything_is_no_broad_handler() -> None:
    assert not list(broad_handlers(ast.parse("try:\n    pass\nexcept BaseException:\n    clean()\n    raise")))


def test_the_searches_find_what_they_look_for() -> None:
    assert MACHINE_PATHS.search("see /" + "work/main/x")
    assert MACHINE_PATHS.search("../" + "shared/DESIGN.md")
    assert not MACHINE_PATHS.search("docs/work/flow and Network/")
    assert REGISTRIES.search("https://" + "pypi" + ".org/simple")
    assert UNFINISHED.search("# TO" + "DO later")
