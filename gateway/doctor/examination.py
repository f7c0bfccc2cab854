"""The order in which things are looked at."""

from __future__ import annotations

from gateway.config import Settings
from gateway.cups_install import CupsPlaces
from gateway.doctor import cups, gateway, machine
from gateway.doctor.check import Check


def examine(settings: Settings, places: CupsPlaces | None = None) -> list[Check]:
    """Gateway, then CUPS, then the machine under both."""
    places = places or CupsPlaces(server=settings.cups_server or None)
    return [*gateway.checks(settings), *cups.checks(settings, places), *machine.checks(settings, places)]
