"""HylaFAX' log of calls, `log/xferfaxlog` (hylafax-log(5F)): one line a call, fields between tabs."""

from __future__ import annotations

import re

from gateway.fax.interface import CallRecord

_FEWEST_FIELDS = 14


def read_calls(content: bytes) -> list[CallRecord]:
    """Every whole line, oldest first. The last line without its end is still being written and left for the next time."""
    whole, _, _ = content.decode("utf-8", "replace").rpartition("\n")
    records = (_record(line.split("\t")) for line in whole.split("\n"))
    return [record for record in records if record is not None]


def _record(fields: list[str]) -> CallRecord | None:
    if len(fields) < _FEWEST_FIELDS:
        return None
    texts = [_unquoted(field) for field in fields]
    at, direction, call, _, job, tag, _, number, remote, _, pages, _, connected, reason = texts[:14]
    seconds = sum(int(part) * 60**power for power, part in enumerate(reversed(connected.split(":"))) if part.isdecimal())
    return CallRecord(direction, at, call, job, tag, number, remote, int(pages) if pages.isdecimal() else 0, seconds, reason)


def _unquoted(field: str) -> str:
    if len(field) >= 2 and field[0] == field[-1] == '"':
        return re.sub(r"\\(.)", r"\1", field[1:-1])
    return field
