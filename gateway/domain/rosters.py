"""Lists of people, departments and devices as offices keep them in spreadsheets: headings in two languages, cells as people write them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from gateway.domain.vocabulary import Level, Role


class Kind(StrEnum):
    """What a list is of."""

    USERS = "users"
    DEPARTMENTS = "departments"
    DEVICES = "devices"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, how its heading may be written in Chinese, whether every line needs it."""

    name: str
    hanzi: tuple[str, ...]
    required: bool = False


COLUMNS: dict[Kind, tuple[Column, ...]] = {
    Kind.USERS: (
        Column("username", ("帐号", "账号", "用户名"), required=True),
        Column("display_name", ("姓名",), required=True),
        Column("department", ("部门代码", "部门编号", "部门"), required=True),
        Column("roles", ("角色",)),
        Column("clearance", ("涉密等级",)),
        Column("undertaking_date", ("承诺书签订日期", "保密承诺书", "承诺书日期")),
        Column("undertaking_until", ("承诺书到期日", "承诺书到期")),
        Column("training_date", ("培训日期", "保密培训")),
        Column("unix_user", ("系统用户",)),
    ),
    Kind.DEPARTMENTS: (
        Column("code", ("部门代码", "部门编号", "代码"), required=True),
        Column("name", ("部门名称", "名称", "部门"), required=True),
    ),
    Kind.DEVICES: (
        Column("code", ("设备编号", "设备代码", "编号"), required=True),
        Column("uri", ("地址", "设备地址"), required=True),
        Column("name", ("设备名称", "名称")),
        Column("location", ("位置", "存放地点")),
        Column("designated", ("指定地点",)),
        Column("max_level", ("最高密级",)),
        Column("adapter", ("接口",)),
        Column("queue", ("队列",)),
    ),
}
"""The columns of each list, in the order docs/people.md shows them."""


def read_headings(kind: Kind, headings: Sequence[str]) -> list[str]:
    """Headings as written to column names. Raises ValueError naming the first that is unknown, doubled or missing."""
    known = {word: column.name for column in COLUMNS[kind] for word in (column.name, *column.hanzi)}
    names = []
    for heading in headings:
        name = known.get(heading.strip().lower())
        if name is None:
            accepted = ", ".join(f"{column.name} {column.hanzi[0]}" for column in COLUMNS[kind])
            raise ValueError(f"'{heading.strip()[:30]}' is not a column; use {accepted}")
        if name in names:
            raise ValueError(f"the column {name} stands there twice")
        names.append(name)
    for column in COLUMNS[kind]:
        if column.required and column.name not in names:
            raise ValueError(f"the column {column.name} {column.hanzi[0]} is missing")
    return names


T = TypeVar("T")


class Cells:
    """The cells of one line; each reading collects its fault, so that a line names all of them at once."""

    def __init__(self, kind: Kind, cells: Mapping[str, str]) -> None:
        self._cells = {name: text.strip() for name, text in cells.items()}
        self.faults = [
            f"{column.name} {column.hanzi[0]} is empty" for column in COLUMNS[kind] if column.required and not self._cells.get(column.name)
        ]
        known = {column.name for column in COLUMNS[kind]}
        self.faults += [f"there is no column {name[:30]}" for name in self._cells if name not in known]

    def text(self, name: str) -> str:
        """The cell as it stands, or ''."""
        return self._cells.get(name, "")

    def day(self, name: str) -> date | None:
        """A day, or None for an empty cell."""
        return self._read(name, read_day, None)

    def level(self, name: str) -> Level | None:
        """A level in pinyin or Chinese, or None for an empty cell."""
        return self._read(name, Level.parse, None)

    def roles(self, name: str) -> frozenset[Role]:
        """Roles, separated by blanks, commas or 、; an empty cell is a requester."""
        return self._read(name, read_roles, frozenset({Role.REQUESTER}))

    def yes(self, name: str) -> bool:
        """是 or 否; an empty cell is no."""
        return self._read(name, read_yes, False)

    def _read(self, name: str, read: Callable[[str], T], empty: T) -> T:
        text = self.text(name)
        if not text:
            return empty
        try:
            return read(text)
        except ValueError as error:
            self.faults.append(f"{name}: {error}")
            return empty


_DAY = re.compile(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})日?(?: 0?0:00(?::00)?)?|(\d{4})(\d\d)(\d\d)", re.ASCII)
_BETWEEN = re.compile(r"[\s,;、，；/|]+")
_YES = {
    "是": True,
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "√": True,
    "否": False,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
}


def read_day(text: str) -> date:
    """A day as spreadsheets write it: 2026-01-31, 2026/1/31, 2026.1.31, 20260131, 2026年1月31日. Raises ValueError."""
    found = _DAY.fullmatch(text)
    try:
        return date(*(int(part) for part in found.groups() if part)) if found else date.fromisoformat(text)
    except (ValueError, TypeError) as error:
        raise ValueError(f"'{text[:20]}' is not a day; write it like 2026-01-31") from error


def read_roles(text: str) -> frozenset[Role]:
    """Several roles in one cell. Raises ValueError."""
    return frozenset(Role.parse(part) for part in _BETWEEN.split(text) if part)


def read_yes(text: str) -> bool:
    """Raises ValueError for anything that is neither yes nor no."""
    try:
        return _YES[text.lower()]
    except KeyError as error:
        raise ValueError(f"'{text[:20]}' is neither 是 yes nor 否 no") from error
