"""Every screen of the UI, who looks at it and where it is on a busy day. A test finds any page that is not here."""

from __future__ import annotations

from dataclasses import dataclass

from rehearsal.busy_day import BusyDay


@dataclass(frozen=True, slots=True)
class Screen:
    """A page as one person sees it. `path` may name what there is on a busy day; without an account nobody is logged in."""

    name: str
    account: str
    path: str

    def address(self, day: BusyDay) -> str:
        """The path with the day's numbers."""
        numbers = {name: getattr(day, name) for name in BusyDay.__slots__}
        return self.path.format(**numbers)


SCREENS = (
    Screen("login", "", "login"),
    Screen("about", "", "about"),
    Screen("help", "", "help"),
    Screen("help-code", "", "help/E_QTY_EXCEEDED"),
    Screen("api", "", "api"),
    Screen("not-found", "zhao", "jobs/H999999"),
    Screen("mine", "zhao", "mine"),
    Screen("request", "zhao", "mine/request?job={asked}"),
    Screen("request-standing", "zhao", "mine/request/standing"),
    Screen("job", "zhao", "jobs/{asked}"),
    Screen("permit", "zhao", "permits/{permit}"),
    Screen("my-carriers", "zhao", "carriers?mine=1"),
    Screen("account", "zhao", "account"),
    Screen("password", "zhao", "account/password"),
    Screen("second-factor", "zhao", "account/second-factor"),
    Screen("approve", "li", "approve"),
    Screen("approve-one", "li", "approve/{waiting}"),
    Screen("approve-standing", "gu", "approve/{standing}"),
    Screen("release", "zheng", "release"),
    Screen("release-ready", "zheng", "release/{ready}"),
    Screen("release-settle", "zheng", "release/{unresolved}?last_good=2"),
    Screen("release-done", "zheng", "release/{completed}"),
    Screen("copying", "zheng", "release/copy"),
    Screen("copying-by-hand", "zheng", "release/copy/by-hand"),
    Screen("copying-one", "zheng", "release/copy/{copying}"),
    Screen("permit-slip", "zheng", "slips/permit/{permit}"),
    Screen("fax-sending", "zhao", "mine/fax"),
    Screen("fax-form", "zhao", "mine/fax/{asked}"),
    Screen("faxes", "zheng", "fax"),
    Screen("fax", "zhao", "fax/{fax}"),
    Screen("fax-peers", "zheng", "fax/peers"),
    Screen("books", "zheng", "books"),
    Screen("books-found", "zheng", "books?q=%E6%84%8F%E8%A7%81"),
    Screen("books-permits", "zheng", "books?register=permit"),
    Screen("paper", "zheng", "books/paper"),
    Screen("visitors", "zheng", "visitors"),
    Screen("tasks", "lin", "tasks"),
    Screen("carriers", "zheng", "carriers"),
    Screen("carrier-issued", "zhao", "carriers/one?name={issued}"),
    Screen("carrier-circulating", "zheng", "carriers/one?name={circulating}"),
    Screen("carrier-missing", "zheng", "carriers/one?name={missing}"),
    Screen("carry-outs", "zheng", "carry-out"),
    Screen("carry-out", "li", "carry-out/{carry_out}"),
    Screen("inventory", "zheng", "inventory"),
    Screen("inventory-one", "chu", "inventory/{inventory}"),
    Screen("destruction", "zheng", "carriers/destruction"),
    Screen("destruction-one", "wu", "carriers/destruction/{destruction}"),
    Screen("handovers", "lin", "handover"),
    Screen("handover", "gu", "handover/{handover}"),
    Screen("room", "lin", "room"),
    Screen("people", "feng", "people"),
    Screen("person", "feng", "people/sun"),
    Screen("people-reset", "chen", "people"),
    Screen("devices", "feng", "devices"),
    Screen("device", "zheng", "devices/PRN-JY-01?ask=1"),
    Screen("policy", "chen", "policy"),
    Screen("policy-propose", "feng", "policy"),
)

NO_SCREEN = {
    "static": "a file",
    "entry.start": "leads to the first door",
    "entry.choose_language": "leads back",
    "entry.unlock": "only of a session left alone: the story in tests/browser",
    "books.export": "a file",
    "fax.picture": "a picture",
    "jobs.picture": "a picture",
    "copying.picture": "a picture",
    "slips.preview": "a picture",
    "slips.shown": "a picture",
    "release.progress": "a fragment of release.look",
}
"""Endpoints that answer GET and are no screen, and why."""
