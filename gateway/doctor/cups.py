"""CUPS as `imprimatur cups install` makes it: parts, settings, policy and queues, and whether it really asks who somebody is."""

from __future__ import annotations

import filecmp
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import cups

from gateway.config import Settings
from gateway.cups_install import ONCE, PARTS, POLICY, CupsPlaces, with_block
from gateway.doctor.check import Check, must
from gateway.printers import ipp
from gateway.printers.ipp import Attribute

DEFAULT_SOCKET = "/run/cups/cups.sock"
_INSTALL = "Run `imprimatur cups install` again."
_GUARD = '*cupsFilter2: "application/vnd.cups-pdf application/pdf 0 imprimatur-guard"'


def checks(settings: Settings, places: CupsPlaces) -> Iterator[Check]:
    """All of them; queues only while CUPS answers."""
    yield from _parts(places)
    yield _settings(places)
    server = settings.cups_server or DEFAULT_SOCKET
    try:
        connection = cups.Connection(host=server)
        printers = connection.getPrinters()
    except (RuntimeError, cups.IPPError) as error:
        yield must("CUPS", False, f"no answer at {server} ({type(error).__name__})", "Start CUPS, or set cups_server.")
        return
    yield must("CUPS", True, f"answers at {server}", "")
    public = {name: found for name, found in printers.items() if str(found.get("device-uri", "")).startswith("imprimatur:")}
    yield must("public queues", bool(public), ", ".join(sorted(public)) or "none", _INSTALL)
    for name, found in sorted(public.items()):
        yield from _queue(settings, places, connection, name, found)
        if server.startswith("/"):
            yield _asks_for_names(Path(server), name)
    for name, found in sorted(printers.items()):
        if str(found.get("device-uri", "")).startswith(f"{ONCE}:"):
            yield _hidden(connection, name)


def _parts(places: CupsPlaces) -> Iterator[Check]:
    for name, folder in (("imprimatur", "backend"), ("imprimatur-guard", "filter"), ("imprimatur-once", "backend")):
        part = places.server_bin / folder / name
        if not part.exists():
            yield must(f"{folder} {name}", False, "missing", _INSTALL)
            continue
        about = part.stat()
        same = filecmp.cmp(PARTS / name, part, shallow=False)
        closed = about.st_mode & 0o022 == 0 and about.st_mode & 0o111 == 0o111
        found = "of this version" if same else "of another version, or changed"
        yield must(f"{folder} {name}", same and closed, found + f", mode {about.st_mode & 0o777:04o}", _INSTALL)


def _settings(places: CupsPlaces) -> Check:
    try:
        text = places.cupsd_conf.read_text()
    except OSError as error:
        return must("cupsd.conf", False, f"cannot be read: {error.strerror}", "Run the doctor as root.")
    good = with_block(text, (PARTS / "snippets" / "cupsd.conf").read_text()) == text
    found = "settings and policies as installed" if good else "settings or policies are not those of `cups install`"
    return must("cupsd.conf", good, found, _INSTALL)


def _queue(settings: Settings, places: CupsPlaces, connection: Any, name: str, found: dict[str, Any]) -> Iterator[Check]:
    query = parse_qs(urlsplit(str(found["device-uri"])).query)
    leads = query.get("sock", [""])[0] == str(settings.intake_socket) and query.get("server", ["cups"])[0] == settings.server_id
    yield must(f"queue {name} leads here", leads, str(found["device-uri"]), _INSTALL)
    told = connection.getPrinterAttributes(
        name, requested_attributes=["printer-op-policy", "printer-error-policy", "job-sheets-default", "printer-is-accepting-jobs"]
    )
    policy, errors = told.get("printer-op-policy"), told.get("printer-error-policy")
    yield must(f"queue {name} policies", (policy, errors) == (POLICY, "retry-job"), f"{policy}, {errors}", _INSTALL)
    accepts = bool(told.get("printer-is-accepting-jobs"))
    yield must(f"queue {name} accepts", accepts, "yes" if accepts else "no", f"cupsaccept {name}; cupsenable {name}")
    fax = query.get("channel", [""])[0] == "fax"
    guarded = _has_guard(places, name, fax=fax)
    yield must(f"queue {name} PPD", guarded, "guard filter, one document at a time" + ", faxes" * fax if guarded else "not ours", _INSTALL)


def _has_guard(places: CupsPlaces, name: str, *, fax: bool) -> bool:
    try:
        text = (places.cupsd_conf.parent / "ppd" / f"{name}.ppd").read_text(errors="replace")
    except OSError:
        return False
    lines = [line.strip() for line in text.splitlines()]
    filters = [line for line in lines if line.startswith(("*cupsFilter", "*cupsPreFilter"))]
    return filters == [_GUARD] and "*cupsSingleFile: True" in lines and ("*cupsFax: True" in lines) == fax


def _hidden(connection: Any, name: str) -> Check:
    told = connection.getPrinterAttributes(name, requested_attributes=["printer-op-policy", "printer-error-policy", "printer-is-shared"])
    policy, errors, shared = (told.get(key) for key in ("printer-op-policy", "printer-error-policy", "printer-is-shared"))
    good = policy == f"{POLICY}-hidden" and errors == "abort-job" and not shared
    return must(
        f"hidden queue {name}", good, f"{policy}, {errors}, {'shared' if shared else 'not shared'}", "Run `imprimatur cups hidden` again."
    )


def _asks_for_names(server: Path, name: str) -> Check:
    """Really ask, as somebody who claims to be root: CUPS must want to know who it is before it shows a job."""
    groups = [
        (
            ipp.OPERATION_GROUP,
            [
                Attribute(ipp.CHARSET, "attributes-charset", ("utf-8",)),
                Attribute(ipp.LANGUAGE, "attributes-natural-language", ("en",)),
                Attribute(ipp.URI, "printer-uri", (f"ipp://localhost/printers/{name}",)),
                Attribute(ipp.NAME, "requesting-user-name", ("root",)),
            ],
        )
    ]
    try:
        status = _status_of(server, ipp.encode_request(ipp.GET_JOBS, 1, groups))
    except (OSError, ValueError, IndexError, struct.error) as error:
        return must(f"queue {name} asks who it is", False, type(error).__name__, "Look at CUPS' error_log.")
    return must(f"queue {name} asks who it is", status == 401, f"HTTP {status} to a nameless claim", _INSTALL)


def _status_of(server: Path, body: bytes) -> int:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(5)
        connection.connect(str(server))
        head = f"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/ipp\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        for line in connection.makefile("rb"):
            if line.startswith(b"HTTP/") and int(line.split()[1]) != 100:
                return int(line.split()[1])
    raise ValueError("no answer")
