"""HylaFAX as `imprimatur fax install` makes it, and the ways past the gate that stay open (docs/fax.md).

Where there is no HylaFAX nothing is said.
"""

from __future__ import annotations

import filecmp
import grp
from collections.abc import Iterator
from pathlib import Path

from gateway.config import Settings
from gateway.cups_install import PARTS
from gateway.doctor.check import Check, must, should
from gateway.fax_install import COPIES, FAX_USER, PLACES_FILE, FaxPlaces, faults, line_settings, server_settings
from watermark import ocr

_INSTALL = "Run `imprimatur fax install` again, and restart HylaFAX."


def checks(settings: Settings, places: FaxPlaces) -> Iterator[Check]:
    """All of them, where `fax install` has been run; one advice where HylaFAX is there and it has not."""
    if not (places.etc / "config").exists():
        return
    if not (places.etc / PLACES_FILE).exists():
        yield should("fax gate", False, "HylaFAX is here and has no gate", "Run `imprimatur fax install`, or remove HylaFAX.")
        return
    told = (places.etc / PLACES_FILE).read_text().splitlines()
    yield must("fax gate's socket", f"socket={settings.fax_socket}" in told, "as set" if told else "not told", _INSTALL)
    for program in (places.gate, places.hook):
        yield _program(program)
    yield _in_force(places.etc / "config", server_settings(places))
    for file in places.line_configs:
        yield _in_force(file, line_settings(places))
    yield _accounts(places.etc / "hosts.hfaxd")
    copies = places.spool / COPIES
    closed = copies.is_dir() and copies.stat().st_mode & 0o077 == 0
    yield must("folder of faxes being sent", closed, "closed" if closed else "missing or open", _INSTALL)
    yield _pictures(settings)
    yield from _ways_past()


def _pictures(settings: Settings) -> Check:
    """Words in pictures are looked at by eyes alone where no machine reads them (R41)."""
    if not settings.fax_ocr:
        return should("pictures on faxes", False, "not read for marks: fax_ocr is off", "Set fax_ocr = true, or look at each such page.")
    return should(
        "pictures on faxes",
        ocr.is_installed(),
        "read for marks" if ocr.is_installed() else "not read for marks: Tesseract with Chinese is not installed",
        "Install tesseract-ocr and tesseract-ocr-chi-sim, or look at each such page.",
    )


def _program(program: Path) -> Check:
    if not program.exists():
        return must(f"fax {program.name}", False, "missing", _INSTALL)
    about = program.stat()
    same = filecmp.cmp(PARTS / program.name, program, shallow=False)
    closed = about.st_uid == 0 and about.st_mode & 0o022 == 0 and about.st_mode & 0o111 == 0o111
    found = ("of this version" if same else "of another version, or changed") + f", mode {about.st_mode & 0o777:04o}"
    return must(f"fax {program.name}", same and closed, found, _INSTALL)


def _in_force(file: Path, wanted: dict[str, str]) -> Check:
    wrong = faults(file.read_text(), wanted)
    return must(f"fax settings {file.name}", not wrong, "in force" if not wrong else f"not in force: {', '.join(wrong)}", _INSTALL)


def _accounts(hosts: Path) -> Check:
    """One line with a password, readable by HylaFAX alone: any other lets its owner read every document (measured)."""
    try:
        lines = [line for line in hosts.read_text().splitlines() if line.strip() and not line.startswith("#")]
        good = len(lines) == 1 and lines[0].startswith("^") and lines[0].count(":") == 3 and hosts.stat().st_mode & 0o077 == 0
        found = f"{len(lines)} line{'s' * (len(lines) != 1)}, mode {hosts.stat().st_mode & 0o777:04o}"
    except OSError as error:
        good, found = False, f"cannot be read ({error.strerror})"
    return must("fax accounts", good, found, _INSTALL)


def _ways_past() -> Iterator[Check]:
    """Root, and whoever is HylaFAX' own user or in its groups, can call the modem without the gate; the log of calls shows it."""
    members = sorted({name for group in (FAX_USER, "dialout") for name in _members(group)})
    yield should(
        "ways past the fax gate",
        not members,
        "root alone" if not members else f"root, and {', '.join(members)} in {FAX_USER} or dialout",
        f"Take them out of the groups; the modem's device belongs to {FAX_USER} with mode 0600.",
    )


def _members(group: str) -> list[str]:
    try:
        return grp.getgrnam(group).gr_mem
    except KeyError:
        return []
