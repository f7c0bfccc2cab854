"""What snmpd asks for a printer's objects (pass_persist, snmpd.conf(5)): the lines `OID TYPE VALUE` of a file, read anew each time."""

from __future__ import annotations

import sys
from pathlib import Path

Name = tuple[int, ...]


def objects(file: Path) -> dict[Name, tuple[str, str]]:
    """Every object by its name."""
    found: dict[Name, tuple[str, str]] = {}
    for line in file.read_text().splitlines():
        name, kind, value = line.split(" ", 2)
        found[named(name)] = (kind, value)
    return found


def named(text: str) -> Name:
    """A dotted name as numbers, so that it can be put in order."""
    return tuple(int(part) for part in text.strip().strip(".").split("."))


def answer(file: Path, verb: str, name: Name) -> str:
    """What is said to `get` or `getnext`."""
    known = objects(file)
    wanted = name if verb == "get" and name in known else min((one for one in known if one > name), default=None)
    if wanted is None or (verb == "get" and wanted != name):
        return "NONE"
    kind, value = known[wanted]
    return f".{'.'.join(map(str, wanted))}\n{kind}\n{value}"


def serve(file: Path) -> None:
    """Until snmpd closes the pipe."""
    for line in sys.stdin:
        if line.strip() == "PING":
            print("PONG", flush=True)
        elif line.strip() in ("get", "getnext"):
            print(answer(file, line.strip(), named(sys.stdin.readline())), flush=True)


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
