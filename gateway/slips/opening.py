"""From the setting `slip_printer` to an adapter."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from gateway.errors import ConfigurationError
from gateway.slips.commands import DEFAULT_PROFILE, profiles, width_of
from gateway.slips.devices import DeviceFileSlipPrinter, NetworkSlipPrinter
from gateway.slips.interface import SlipPrinter
from gateway.slips.virtual import VirtualSlipPrinter

_PORT = 9100
_ACCEPTED = "Use tcp://HOST:9100, file:/dev/usb/lp0 or virtual:FOLDER, with ?profile=NAME for another model than TM-T88V."


def open_slip_printer(address: str) -> SlipPrinter:
    """The adapter for an address; connects only when it prints. Raises ConfigurationError."""
    parts = urlsplit(address)
    profile = parse_qs(parts.query).get("profile", [DEFAULT_PROFILE])[0]
    if width_of(profile) is None:
        raise ConfigurationError(f"slip_printer: no profile '{profile}' a slip fits.", f"Use one of {', '.join(profiles())}.")
    try:
        if parts.scheme == "tcp" and parts.hostname:
            return NetworkSlipPrinter(parts.hostname, parts.port or _PORT, profile)
    except ValueError as error:
        raise ConfigurationError(f"slip_printer: {error}.", _ACCEPTED) from error
    if parts.scheme == "file" and parts.path:
        return DeviceFileSlipPrinter(Path(parts.path), profile)
    if parts.scheme == "virtual" and parts.path:
        return VirtualSlipPrinter(Path(parts.path), profile)
    raise ConfigurationError(f"slip_printer: '{address}' is not the address of a slip printer.", _ACCEPTED)
