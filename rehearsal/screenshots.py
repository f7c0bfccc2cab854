"""Pictures of every screen of the UI, in both languages, wide and narrow, dark and as printed: `python -m rehearsal.screenshots FOLDER`.

Needs Chromium and Playwright (`./setup --check`).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from playwright.sync_api import Browser, Page, sync_playwright

from rehearsal.busy_day import BusyDay, make_busy
from rehearsal.house import House
from rehearsal.people import PASSWORD
from rehearsal.screens import SCREENS

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
SIZES = {"wide": (1280, 800), "narrow": (390, 844)}
LANGUAGES = {"zh": "zh_CN", "en": "en"}


class Look(NamedTuple):
    """How somebody looks at a screen."""

    name: str
    width: int
    height: int
    media: Literal["screen", "print"] = "screen"
    colours: Literal["light", "dark"] = "light"


_BOTH = tuple(Look(name, *size) for name, size in SIZES.items())
LOOKS = {"zh": (*_BOTH, Look("dark", *SIZES["wide"], colours="dark"), Look("print", 794, 1123, media="print")), "en": _BOTH}
"""The print look is as wide as A4 at 96 dots an inch."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, calling nobody."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def log_in(page: Page, house: House, account: str) -> None:
    """Through the log-in page, as everybody does."""
    page.goto(house.address + "login")
    page.fill("input[name=username]", account)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button")


def take(house: House, folder: Path, day: BusyDay) -> None:
    """One picture of each screen, language and look."""
    with chromium() as browser:
        for account in dict.fromkeys(screen.account for screen in SCREENS):
            for language, code in LANGUAGES.items():
                page = browser.new_context(device_scale_factor=1, locale=code.replace("_", "-")).new_page()
                if account:
                    log_in(page, house, account)
                page.goto(house.address + f"language/{code}")
                for screen in (screen for screen in SCREENS if screen.account == account):
                    page.goto(house.address + screen.address(day))
                    page.wait_for_load_state("networkidle")
                    for look in LOOKS[language]:
                        page.set_viewport_size({"width": look.width, "height": look.height})
                        page.emulate_media(media=look.media, color_scheme=look.colours)
                        page.screenshot(path=folder / f"{screen.name}-{language}-{look.name}.png", full_page=True)
                page.context.close()


def main() -> None:
    """Furnish, be busy, photograph."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="imprimatur-pictures-", dir="/tmp"))
    try:
        with House(root, passwords=True) as house:
            take(house, folder, make_busy(house))
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
