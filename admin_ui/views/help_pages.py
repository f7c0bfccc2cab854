"""帮助: a page for each code, linked from wherever the code is shown; tells nothing of this installation, and so needs no log-in (I11)."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from admin_ui.help_texts import all_help, is_deny_code
from gateway.errors import NotFoundError


def blueprint() -> Blueprint:
    """The routes."""
    pages = Blueprint("help", __name__, url_prefix="/help")

    @pages.get("")
    def index() -> ResponseReturnValue:
        known = all_help()
        deny = [known[code] for code in known if is_deny_code(code)]
        return render_template("help.html", deny=deny, others=[known[code] for code in known if not is_deny_code(code)])

    @pages.get("/<code>")
    def look(code: str) -> ResponseReturnValue:
        found = all_help().get(code.upper())
        if found is None:
            raise NotFoundError("There is no such code.", "See the list of all codes.")
        return render_template("help_one.html", help=found)

    return pages
