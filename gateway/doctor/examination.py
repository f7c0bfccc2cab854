"""The order in which things are looked at."""

from __future__ import annotations

from gateway.config import Settings
from gateway.cups_install import CupsPlaces
from gateway.doctor import cups, fax, gateway, machine
from gateway.doctor.check import Check
from gateway.fax_install import FaxPlaces


def examine(settings: Settings, places: CupsPlaces | None = None, fax_places: FaxPlaces | None = None) -> list[Check]:
    """Gateway, then CUPS and HylaFAX, then the machine under all."""
    places = places or CupsPlaces(server=settings.cups_server or None)
    return [
        *gateway.checks(settings),
        *cups.checks(settings, places),
        *fax.checks(settings, fax_places or FaxPlaces()),
        *machine.checks(settings, places),
    ]
