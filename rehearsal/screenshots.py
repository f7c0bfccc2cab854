"""Pictures of the UI on a house with a story in it: `python -m rehearsal.screenshots FOLDER`.

Needs Chromium and Playwright (`./setup --check`).
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from rehearsal.house import House
from rehearsal.people import PASSWORD
from rehearsal.story import Story

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


def take(house: House, folder: Path, waiting: str, asked: str) -> None:
    """One picture per page, size and language."""
    views = {
        "zhao": [("mine", "mine"), ("request", f"mine/request?job={asked}"), ("job", f"jobs/{asked}"), ("about", "about")],
        "li": [("approve", "approve"), ("approve_one", "")],
        "zheng": [("release", "release"), ("release_one", f"release/{waiting}"), ("books", "books")],
    }
    with chromium() as browser:
        for size, (width, height) in SIZES.items():
            for short, language in LANGUAGES.items():
                for account, pages in views.items():
                    page = browser.new_context(viewport={"width": width, "height": height}, device_scale_factor=1).new_page()
                    log_in(page, house, account)
                    page.goto(house.address + f"language/{language}")
                    for name, path in pages:
                        page.goto(house.address + (path or _first_waiting(page, house)))
                        page.wait_for_load_state("networkidle")
                        page.screenshot(path=folder / f"{name}-{short}-{size}.png", full_page=True)
                    page.context.close()


def _first_waiting(page: Page, house: House) -> str:
    page.goto(house.address + "approve")
    return str(page.locator("article h2 a").first.get_attribute("href")).removeprefix("/")


def main() -> None:
    """Furnish, tell, photograph."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix="imprimatur-pictures-", dir="/tmp"))
    try:
        with House(root) as house:
            story = Story(house, say=lambda _: None)
            story.tell()
            waiting = story.leave_one_for_the_visitor()
            take(house, folder, waiting, story.leave_one_for_the_approver())
    finally:
        shutil.rmtree(root, ignore_errors=True)


if __name__ == "__main__":
    main()
