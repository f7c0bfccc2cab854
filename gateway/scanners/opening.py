"""From an address in the setting `scanners` to an adapter."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from gateway.errors import ConfigurationError
from gateway.scanners.interface import Scanner
from gateway.scanners.sane import SaneScanner

_BACKEND = re.compile(r"^[a-z0-9_]{1,32}$")
_ACCEPTED = "Use escl:http://HOST/eSCL (network scanners) or sane:BACKEND:DEVICE, as `scanimage -L` names it."
_ESCL_NAME = "station"


def open_scanner(address: str, *, silence_seconds: float = 60.0) -> Scanner:
    """The adapter for an address; connects only when it scans. Raises ConfigurationError.

    `silence_seconds` is how long the device may give nothing before it counts as silent.
    """
    kind, _, rest = address.partition(":")
    if any(not character.isprintable() or character in '"\\' for character in address):
        raise ConfigurationError("scanners: an address holds a character that is not allowed.", _ACCEPTED)
    if kind == "escl" and urlsplit(rest).scheme in ("http", "https") and urlsplit(rest).hostname:
        return SaneScanner(f"airscan:e0:{_ESCL_NAME}", _escl_files(rest), silence_seconds)
    backend, _, device = rest.partition(":")
    if kind == "sane" and device and _BACKEND.match(backend):
        return SaneScanner(rest, {"dll.conf": f"{backend}\n", **_host_of(backend, device)}, silence_seconds)
    raise ConfigurationError(f"scanners: '{address}' is not the address of a scanner.", _ACCEPTED)


def _escl_files(url: str) -> dict[str, str]:
    """One known device and no discovery: nothing is sent to the network but to it."""
    airscan = f'[devices]\n"{_ESCL_NAME}" = {url}, eSCL\n[options]\ndiscovery = disable\nws-discovery = off\n'
    return {"dll.conf": "airscan\n", "airscan.conf": airscan}


def _host_of(backend: str, device: str) -> dict[str, str]:
    """saned's own configuration: the one host the device is at."""
    return {"net.conf": f"connect_timeout = 5\n{device.partition(':')[0]}\n"} if backend == "net" else {}
