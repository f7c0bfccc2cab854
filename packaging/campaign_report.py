"""Turn the result files of `./check --long` into a page of docs/campaigns/: `campaign_report.py PAGE.md RESULTS.xml...`.

A campaign puts its numbers into the report with pytest's own `record_property("kills", 140)`.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from xml.etree import ElementTree as ET

OUTCOMES = ("failure", "error", "skipped")

MANY = 20
"""Particulars of one test that are still worth a line each."""


def outcome_of(case: ET.Element) -> str:
    """What pytest says became of one test."""
    return next((outcome for outcome in OUTCOMES if case.find(outcome) is not None), "passed")


def row_of(case: ET.Element) -> str:
    """One line of the table: campaign, outcome, seconds, its own numbers."""
    numbers = ", ".join(f"{p.get('name')} {p.get('value')}" for p in case.iterfind("properties/property"))
    name = f"{case.get('classname', '')}::{case.get('name', '')}"
    return f"| `{name}` | {outcome_of(case)} | {float(case.get('time', '0')):.0f} | {numbers} |"


def folded(cases: list[ET.Element]) -> str:
    """One line for many that passed under one name and say nothing of their own: an operation each, a document each."""
    seconds = sum(float(case.get("time", "0")) for case in cases)
    name = f"{cases[0].get('classname', '')}::{name_of(cases[0])}"
    return f"| `{name}` | passed | {seconds:.0f} | {len(cases)} cases |"


def name_of(case: ET.Element) -> str:
    """The test's name without its particulars."""
    return case.get("name", "").split("[")[0]


def kind_of(case: ET.Element) -> tuple[str, str]:
    """The test a case is one of."""
    return case.get("classname", ""), name_of(case)


def rows_of(results: list[ET.Element]) -> list[str]:
    """The lines of the table: those of a test with many particulars folded where they passed."""
    rows: list[str] = []
    cases = sorted((case for result in results for case in result.iter("testcase")), key=kind_of)
    for _, group in groupby(cases, key=kind_of):
        found = list(group)
        passed = [case for case in found if outcome_of(case) == "passed"]
        if len(passed) > MANY:
            rows.append(folded(passed))
            found = [case for case in found if case not in passed]
        rows += [row_of(case) for case in found]
    return rows


def page_of(results: list[ET.Element], now: datetime) -> str:
    """The whole page."""
    rows = rows_of(results)
    machine = f"{os.cpu_count()} cores, {platform.machine()}, Linux {platform.release()}, Python {platform.python_version()}"
    return "\n".join(
        [
            "# Campaigns, last run",
            "",
            f"{now:%Y-%m-%d %H:%M} UTC · {machine} · by `./check --long`",
            "",
            "| Campaign | Outcome | Seconds | Numbers |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def main(arguments: list[str]) -> int:
    """Write the page; 0 if it was written."""
    page, *results = arguments
    Path(page).write_text(page_of([ET.parse(file).getroot() for file in results], datetime.now(UTC)))  # noqa: S314
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
