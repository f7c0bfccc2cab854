"""`imprimatur notify`: desktop notices about one's own jobs; started with the desktop by packaging/imprimatur-notify.desktop."""

from __future__ import annotations

import subprocess
import time
from typing import Any

import click

from gateway.cli.client import Caller
from gateway.errors import GatewayError

_STAGES = {
    "held": "扣留 held",
    "completed": "已印完 completed",
    "unresolved": "存疑 unresolved",
    "refused": "被拒绝 refused",
    "canceled": "已撤回 canceled",
}


def news(before: dict[str, str], rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Headline and text for each job that changed since `before` (job → what was told), which is brought up to date.

    Only numbers, stages and codes: a desktop is looked at by others.
    """
    found = []
    for row in reversed(rows):
        codes = " ".join(row["codes"])
        if row["stage"] not in _STAGES or "E_COUNTING" in row["codes"]:
            continue
        says = f"{_STAGES[row['stage']]} {codes}".strip()
        if before.get(row["job"]) != says:
            before[row["job"]] = says
            found.append((f"准印 {row['job']}", says))
    return found


@click.command()
@click.option("--seconds", default=5.0, show_default=True, help="Between two looks.")
@click.option("--once", is_flag=True, help="Tell how things stand now, and end.")
@click.pass_obj
def notify(caller: Caller, seconds: float, once: bool) -> None:
    """Show a desktop notice (notify-send) when something happens to my jobs."""
    told: dict[str, str] = {}
    if not once:
        news(told, caller.items("/jobs", most=50, mine="1"))  # what was before is no news
    while True:
        try:
            for headline, text in news(told, caller.items("/jobs", most=50, mine="1")):
                _show(headline, text)
        except GatewayError as error:
            if once:
                raise
            click.echo(error.letter(), err=True)
        if once:
            return
        time.sleep(seconds)


def _show(headline: str, text: str) -> None:
    try:
        subprocess.run(["notify-send", "--app-name=Imprimatur", "--", headline, text], check=False, timeout=10)
    except FileNotFoundError as error:
        raise click.ClickException("notify-send is not installed: apt install libnotify-bin.") from error


COMMANDS = (notify,)
