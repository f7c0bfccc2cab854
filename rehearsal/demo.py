"""`./demo`: the story aloud, then the UI for a visitor; `./demo --once`: the story alone, exit status 0 only if all checked out."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

import click

from rehearsal.house import CommandFailedError, House
from rehearsal.people import CHARACTERS, PASSWORD, QUEUE
from rehearsal.story import Story, StoryError

_USUAL_PORT = 8631
_ENDS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _web_port() -> int:
    """The usual port when it is free, else 0 for any."""
    with socket.socket() as probe:
        return _USUAL_PORT if probe.connect_ex(("127.0.0.1", _USUAL_PORT)) != 0 else 0


def _stop(*_: object) -> None:
    for number in _ENDS:  # what tidies up is not interrupted
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


def main() -> int:
    """Run it; the exit status."""
    parser = argparse.ArgumentParser(prog="./demo", description="Imprimatur's main job on real parts, in a folder of its own.")
    parser.add_argument("--once", action="store_true", help="tell the story, check every step, end")
    once = parser.parse_args().once
    for number in _ENDS:
        signal.signal(number, _stop)
    root = Path(tempfile.mkdtemp(prefix="imprimatur-demo-", dir="/tmp"))
    began = time.monotonic()
    try:
        click.echo(f"准印 Imprimatur — 样张·非密 a rehearsal, in {root}\n   starting printer, CUPS and gateway …")
        with House(root, web_port=_web_port(), passwords=True) as house:
            story = Story(house)
            story.tell()
            waiting = story.leave_one_for_the_visitor()
            click.echo(f"\n全部核对无误。Every step checked out, {time.monotonic() - began:.0f} s.")
            if not once:
                _receive_visitor(house, waiting)
    except (StoryError, CommandFailedError, TimeoutError) as error:
        click.echo(f"\nNOT AS IT SHOULD BE: {error}", err=True)
        return 1
    except KeyboardInterrupt:
        if once:
            return 130
    finally:
        shutil.rmtree(root, ignore_errors=True)
    return 0


def _receive_visitor(house: House, waiting: str) -> None:
    click.echo(f"\n现在轮到您。The UI is at {house.address}\n")
    click.echo(f"   {waiting} 等待放行：以操作员登录，点“放行”。{waiting} waits for release: log in as the operator and click.\n")
    for person in CHARACTERS:
        click.echo(f"   {person.username:8} {PASSWORD}   {person.name} {person.role.value}")
    command = f"CUPS_SERVER={house.cups.socket} lp -d {QUEUE} FILE"
    click.echo(f"\n   打印 To print as {CHARACTERS[0].name}: {command}")
    click.echo(f"   命令行 Commands: {Path(sys.executable).parent}/imprimatur --config {house.config} --as zheng job list")
    click.echo(f"   凭条打印机的纸 What the slip printer put out: {house.slips}")
    click.echo(f"   设备收到的纸 What the printer got: {house.printer.documents}")
    click.echo("   Ctrl-C 结束，不留下任何东西。Ctrl-C ends it; nothing is left.", nl=True)
    while True:
        time.sleep(3600)


if __name__ == "__main__":
    os.environ.pop("IMPRIMATUR_CONFIG", None)
    sys.exit(main())
