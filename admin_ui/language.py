"""Languages: Chinese first, English complete; the choice lives in a cookie."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from flask import Flask, Response, flash, g, request, url_for
from flask_babel import Babel
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from admin_ui.doors import door_here, doors_of
from admin_ui.help_texts import is_explained
from admin_ui.sentences import in_chinese
from admin_ui.words import ERRORS, device_word, level_word, word
from gateway.domain.codes import Reason
from gateway.domain.duties import Act
from gateway.errors import GatewayError, RefusedError
from gateway.services import room
from gateway.services.gate import Gate
from gateway.services.waiting import waiting_for

LANGUAGES = {"zh_CN": "中文", "en": "English"}
COOKIE = "language"
_A_YEAR = 365 * 24 * 3600


def set_up(app: Flask, gate: Gate) -> None:
    """Babel, filters, and the names every template may use."""

    def chosen() -> str:
        asked = request.cookies.get(COOKIE, "")
        return asked if asked in LANGUAGES else gate.settings.locale

    app.config["BABEL_TRANSLATION_DIRECTORIES"] = "translations"
    Babel(app, default_locale="zh_CN", locale_selector=chosen, default_timezone=gate.settings.timezone)

    def local(moment: datetime | None) -> str:
        return moment.astimezone(gate.settings.zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    @app.context_processor
    def _names() -> dict[str, Any]:
        language = chosen()
        return {
            "language": language,
            "languages": LANGUAGES,
            "unit": gate.settings.unit,
            "word": lambda group, value: word(language, group, str(value)),
            "level_word": lambda value: level_word(language, str(value)),
            "device_word": lambda keyword: device_word(language, keyword),
            "reason_text": lambda reason: reason_text(language, reason),
            "may": lambda act: bool(g.get("opened")) and g.opened.actor.may(Act(act)),
            "csrf": hidden_token,
            "code_link": code_link,
            "waiting_for_me": lambda: _waiting(gate),
            "doors_of": doors_of,
            "door_here": door_here,
            "troubles": gate.pulse.troubles,
            "room_mode": lambda: room.present_mode(gate).value,
            "me": g.opened.actor if g.get("opened") else None,
        }

    app.jinja_env.filters["local"] = local
    app.jinja_env.filters["letter"] = json.loads
    app.jinja_env.filters["extract"] = lambda name, counts: counts.get(name, 0)
    app.jinja_env.filters["number"] = lambda value: f"{value:06d}"


def code_link(code: str) -> Markup:
    """A code as it is shown: a link to its help, where there is one."""
    if not is_explained(code):
        return Markup("<code>{}</code>").format(code)
    return Markup('<a class="code" href="{}"><code>{}</code></a>').format(url_for("help.look", code=code), code)


def _waiting(gate: Gate) -> dict[str, int]:
    """Counted once a page."""
    if "waiting" not in g:
        g.waiting = waiting_for(gate, g.opened.actor)
    return dict(g.waiting)


def hidden_token() -> Markup:
    """The hidden field every form carries."""
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def reason_text(language: str, reason: Reason) -> tuple[str, str]:
    """What happened and what to do next."""
    if language == "en":
        return reason.message_en, reason.next_step_en
    return reason.message_zh, reason.next_step_zh


def letters(language: str, error: GatewayError) -> list[dict[str, str]]:
    """An error as the page shows it: code, what happened, what next.

    What has no Chinese of its own is told by its code's meaning, the English beside it.
    """
    if isinstance(error, RefusedError):
        texts = [(reason.code.value, *reason_text(language, reason)) for reason in error.reasons]
        return [{"code": code, "happened": happened, "next": following, "detail": ""} for code, happened, following in texts]
    if language == "en" or error.code not in ERRORS:
        return [{"code": error.code, "happened": error.happened, "next": error.next_step, "detail": ""}]
    happened, following = in_chinese(error.happened), in_chinese(error.next_step) if error.next_step else ""
    if happened is not None and following is not None:
        return [{"code": error.code, "happened": happened, "next": following, "detail": ""}]
    english = f"{error.happened} {error.next_step}".strip()
    meaning, cure, _ = ERRORS[error.code]
    return [{"code": error.code, "happened": happened or meaning, "next": following or cure, "detail": english}]


def flash_letters(letters_: list[dict[str, str]]) -> None:
    """Show them on the next page."""
    for letter in letters_:
        flash(json.dumps(letter, ensure_ascii=False), "letter")


def remember(answer: Response, language: str, *, secure: bool) -> None:
    """Keep the choice for a year."""
    answer.set_cookie(COOKIE, language, max_age=_A_YEAR, samesite="Strict", httponly=True, secure=secure)
