"""Chinese first, English complete."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from tests.room import Room
from tests.web.conftest import Browser

ROOT = Path(__file__).parents[2] / "admin_ui"
CATALOG = ROOT / "translations" / "en" / "LC_MESSAGES"
HANZI = re.compile(r"[\u4e00-\u9fff]")
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEPT = re.compile(r"[(（]?[\u4e00-\u9fff·★]+[)）]?")


def used() -> set[str]:
    found = extract_from_dir(str(ROOT), method_map=METHODS, keywords={"_": None, "gettext": None})
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def test_nothing_is_untranslated_and_nothing_is_left_over() -> None:
    with (CATALOG / "messages.po").open("rb") as file:
        catalog = read_po(file, locale="en")
    translated = {message.id for message in catalog if message.id and message.string and not message.fuzzy}
    assert used() == translated


def test_what_is_compiled_is_what_is_written() -> None:
    with (CATALOG / "messages.po").open("rb") as text, (CATALOG / "messages.mo").open("rb") as compiled:
        written, read = read_po(text, locale="en"), read_mo(compiled)
    assert {m.id: m.string for m in written if m.id} == {m.id: m.string for m in read if m.id}


def test_placeholders_survive_translation() -> None:
    with (CATALOG / "messages.po").open("rb") as file:
        for message in read_po(file, locale="en"):
            assert set(re.findall(r"%\(\w+\)s", str(message.id))) == set(re.findall(r"%\(\w+\)s", str(message.string))), message.id


@pytest.mark.parametrize(
    ("account", "path"),
    [
        ("zhao", "/mine"),
        ("zhao", "/mine/request"),
        ("li", "/approve"),
        ("zheng", "/release"),
        ("zheng", "/books"),
        ("zheng", "/books/paper"),
        ("zheng", "/visitors"),
    ],
)
def test_an_english_page_speaks_english(room: Room, window: Callable[[str], Browser], held: str, account: str, path: str) -> None:
    browser = window(account)
    browser.get("/language/en")
    page = re.sub(r"<title>.*?</title>|<[^>]*>", "\n", browser.text(path))
    own_words = {room.gate.settings.unit, "中文", "准印", "规划纲要", *(name for _, name in names(room))}
    lines = [line.strip() for line in page.splitlines() if HANZI.search(line)]
    foreign = [line for line in lines if not any(word in line for word in own_words) and not re.search(r"[A-Za-z]", line)]
    assert foreign == []
    assert '<html lang="en">' in browser.text(path)


def names(room: Room) -> list[tuple[str, str]]:
    from gateway.services.people import list_departments
    from gateway.services.roll import list_users

    return [(d.code, d.name) for d in list_departments(room.gate)] + [
        (u.username, u.display_name) for u in list_users(room.gate, room.actor("chen"))
    ]
