"""The registry of fields a stamp template may show: name, where the value changes, a sample, its meaning, its value.

docs/stamping.md lists them (a test keeps the list complete). A field's scope decides how often it is written: once for all
copies, once per copy, or once per page for all copies; that is what makes the fan-out fast.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from watermark.model import CopyMark, StampPlan

SEPARATOR = " · "
"""Stands between the pieces of one line."""

_FORMATTER = string.Formatter()


class Scope(StrEnum):
    """How often a value changes: not at all within a run, with the copy, with the page."""

    RUN = "run"
    COPY = "copy"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Moment:
    """What a field's value is taken from; `copy` and `page` (counted from 1) only where the scope has them."""

    plan: StampPlan
    pages: int = 1
    copy: CopyMark | None = None
    page: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `{name}` in a template."""

    name: str
    scope: Scope
    sample: str
    zh: str
    en: str
    value: Callable[[Moment], str]


def _of_copy(show: Callable[[CopyMark], str]) -> Callable[[Moment], str]:
    return lambda moment: show(moment.copy) if moment.copy is not None else ""


FIELDS = {
    field.name: field
    for field in (
        Field("permit_no", Scope.RUN, "ZYZ-2026-000123-L", "准印证号", "permit number", lambda at: at.plan.permit_no),
        Field("mark", Scope.RUN, "秘密★5年", "密级★保密期限", "classification mark", lambda at: at.plan.mark),
        Field("requester", Scope.RUN, "王小明", "承办人", "requester", lambda at: at.plan.requester),
        Field("department", Scope.RUN, "保密办公室", "承办部门", "the requester's department", lambda at: at.plan.department),
        Field("unit", Scope.RUN, "示范单位", "单位", "the unit that prints", lambda at: at.plan.unit),
        Field("scope", Scope.RUN, "规划处2份 办公室1份", "发行范围 (R08)", "distribution scope (R08)", lambda at: at.plan.scope),
        Field("printed_at", Scope.RUN, "2026-03-12 10:00", "放行时间", "time of release, local", lambda at: at.plan.printed_at),
        Field("printed_on", Scope.RUN, "2026-03-12", "放行日期", "date of release, local", lambda at: at.plan.printed_at[:10]),
        Field("release_tag", Scope.RUN, "0123456789abcdef", "放行记录号 (I9)", "64 bits of the release's ledger entry (I9)",
              lambda at: at.plan.release_tag),
        Field("copies_approved", Scope.RUN, "10", "批准份数 (R09)", "copies approved (R09)",
              lambda at: str(at.plan.copies_approved) if at.plan.copies_approved else ""),
        Field("pages", Scope.RUN, "24", "每份页数", "pages of one copy", lambda at: str(at.pages)),
        Field("copy_number", Scope.COPY, "000003", "份号,六位", "copy number, six digits", _of_copy(lambda copy: f"{copy.number:06d}")),
        Field("proof_number", Scope.COPY, "Q001", "清样号 (R36)", "number of a proof (R36)", _of_copy(lambda copy: f"Q{copy.number:03d}")),
        Field("copy_of", Scope.COPY, "3/10", "本次第几份/共几份", "place of the copy in this run, k/N", _of_copy(lambda copy: copy.label)),
        Field("page", Scope.PAGE, "1", "第几页", "page of the copy", lambda at: str(at.page)),
    )
}  # fmt: skip
NUMBERS = frozenset({"copy_number", "proof_number"})
"""One of these stands on every page."""


@cache
def fields_of(piece: str) -> tuple[Field, ...]:
    """The fields a piece of text names, in order; raises ValueError that says what is wrong and which fields there are."""
    try:
        parsed = list(_FORMATTER.parse(piece))
    except ValueError as error:
        raise ValueError(f"'{piece}' is not well-formed ({error}); a field is written {{name}}") from error
    named = []
    for _, name, form, conversion in parsed:
        if name is None:
            continue
        if name not in FIELDS or form or conversion:
            raise ValueError(f"there is no field {{{name}}}; known are {', '.join(FIELDS)}")
        named.append(FIELDS[name])
    return tuple(named)


@cache
def scopes_of(pieces: tuple[str, ...]) -> frozenset[Scope]:
    """With what the text of these pieces changes."""
    return frozenset(field.scope for piece in pieces for field in fields_of(piece))


def literals_of(piece: str) -> str:
    """The characters of a piece that are no field's."""
    return "".join(literal for literal, *_ in _FORMATTER.parse(piece))


def filled(pieces: Sequence[str], moment: Moment) -> list[str]:
    """Each piece with its values; one whose fields are all empty is left out."""
    return _filled(pieces, lambda field: field.value(moment))


def samples(pieces: Sequence[str]) -> list[str]:
    """The pieces with sample values, to try a template."""
    return _filled(pieces, lambda field: field.sample)


def _filled(pieces: Sequence[str], value: Callable[[Field], str]) -> list[str]:
    out = []
    for piece in pieces:
        values = {field.name: value(field) for field in fields_of(piece)}
        if not values or any(values.values()):
            out.append(piece.format_map(values))
    return out
