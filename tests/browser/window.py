"""One person's browser window, which notes what must not happen behind the page."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, Locator, Page, expect

from rehearsal.house import House
from rehearsal.people import PASSWORD
from rehearsal.screenshots import SIZES, log_in


class Window:
    """Whatever the console says or the page asks for elsewhere is kept in `complaints`; `account` "" leaves the log-in to the story."""

    def __init__(self, browser: Browser, house: House, account: str, size: str = "wide") -> None:
        width, height = SIZES[size]
        self.page: Page = browser.new_context(viewport={"width": width, "height": height}).new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text) if message.type in {"error", "warning"} else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "request", lambda request: None if request.url.startswith((house.address, "data:")) else self.complaints.append(request.url)
        )
        self.address = house.address
        if account:
            log_in(self.page, house, account)

    def open(self, path: str) -> Page:
        """Go there by its address."""
        self.page.goto(self.address + path)
        return self.page

    def doors(self) -> list[str]:
        """The doors this person sees, without what waits behind them."""
        self.page.locator("header nav a").first.wait_for()
        return [re.split(r"\s", text.strip())[0] for text in self.page.locator("header nav a").all_inner_texts()]

    def press(self, button: str, password: str = "", within: Locator | None = None) -> None:
        """Press a button, with the password where the form asks for one."""
        form = within or self.page.locator("form", has=self.page.get_by_role("button", name=button, exact=True)).first
        if password:
            form.locator("input[name=password]").fill(password)
        form.get_by_role("button", name=button, exact=True).click()

    def confirm(self, button: str, within: Locator | None = None) -> None:
        """Press a button with the right password."""
        self.press(button, PASSWORD, within)

    def is_refused(self, code: str) -> None:
        """The page says so, with a code that leads to its explanation."""
        expect(self.page.get_by_role("alert").first).to_contain_text(code)

    def is_turned_away(self, path: str, status: int) -> None:
        """Somebody types an address that is not for him: a page in plain words, and the browser's own note of it is no complaint."""
        answer = self.page.goto(self.address + path)
        assert answer is not None
        assert answer.status == status, path
        expect(self.page.locator("h1")).not_to_be_empty()
        self.complaints = [told for told in self.complaints if f"status of {status}" not in told]
