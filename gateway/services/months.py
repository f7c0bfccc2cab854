"""Calendar months in the unit's zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlmodel import col

from gateway.errors import InvalidInputError
from gateway.services.gate import Gate


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month in the unit's zone, as a half-open span of UTC time."""

    label: str
    start: datetime
    end: datetime


def parse_month(gate: Gate, text: str) -> Month:
    """Read YYYY-MM; empty means the present month. Raises InvalidInputError."""
    zone = gate.settings.zone
    now = gate.clock.now().astimezone(zone)
    try:
        year, month = (int(part) for part in text.split("-")) if text else (now.year, now.month)
        start = datetime(year, month, 1, tzinfo=zone)
        end = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=zone)
    except ValueError as error:
        raise InvalidInputError(f"'{text[:20]}' is not a month.", "Write it as YYYY-MM, such as 2026-03.") from error
    return Month(f"{year:04d}-{month:02d}", start.astimezone(UTC), end.astimezone(UTC))


def during(column: Any, month: Month) -> Any:  # a column of times, a condition
    """That the time lies in the month."""
    return (col(column) >= month.start) & (col(column) < month.end)


def month_after(gate: Gate, label: str) -> Month:
    """The month that follows the one named `YYYY-MM`."""
    year, number = (int(part) for part in label.split("-"))
    return parse_month(gate, f"{year + number // 12:04d}-{number % 12 + 1:02d}")


def month_before(gate: Gate, label: str) -> Month:
    """The month before the one named `YYYY-MM`."""
    year, number = (int(part) for part in label.split("-"))
    return parse_month(gate, f"{year - (number == 1):04d}-{(number - 2) % 12 + 1:02d}")


def year_before(gate: Gate, label: str) -> Month:
    """The same month of the year before."""
    return parse_month(gate, f"{int(label[:4]) - 1:04d}{label[4:]}")
