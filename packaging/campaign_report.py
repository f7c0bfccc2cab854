"""Turn the result file of `./check --long` into a page of docs/campaigns/: `campaign_report.py RESULTS.xml PAGE.md`.

A campaign puts its numbers into the report with pytest's own `record_property("kills", 140)`.
"""

from __future__ import annotations

import os
import platform
import sys
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree as ET

OUTCOMES = ("failure", "error", "skipped")


def outcome_of(case: ET.Element) -> str:
    """What pytest says became of one test."""
    return next((outcome for outcome in OUTCOMES if case.find(outcome) is not None), "passed")


def row_of(case: ET.Element) -> str:
    """One line of the table: campaign, outcome, seconds, its own numbers."""
    numbers = ", ".join(f"{p.get('name')} {p.get('value')}" for p in case.iterfind("properties/property"))
    name = f"{case.get('classname', '')}::{case.get('name', '')}"
    return f"| `{name}` | {outcome_of(case)} | {float(case.get('time', '0')):.0f} | {numbers} |"


def page_of(results: ET.Element, now: datetime) -> str:
    """The whole page."""
    rows = [row_of(case) for case in results.iter("testcase")]
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
    results_file, page = (Path(argument) for argument in arguments)
    page.write_text(page_of(ET.parse(results_file).getroot(), datetime.now(UTC)))  # noqa: S314
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
