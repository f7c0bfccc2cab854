"""登记: a register of a month with search, its exports, and whether the ledger is whole."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, gettext

from admin_ui import forms
from admin_ui.language import flash_letters
from admin_ui.session import actor, confirmed_actor
from admin_ui.words import word
from gateway.domain.duties import Act
from gateway.domain.register_forms import FORMS
from gateway.forms import Filled
from gateway.services import bookkeeping, corrections, exports, regular_tasks, self_check
from gateway.services.corrections import CorrectionView, Wish
from gateway.services.gate import Gate
from gateway.services.months import parse_month
from gateway.services.register_pages import LONGEST_WISH, Look, register_page


def _language() -> str:
    return "en" if str(get_locale()) == "en" else "zh_CN"


def _heading(one: CorrectionView) -> str:
    column = next((column for column in FORMS[one.register_name].columns if column.key == one.field), None)
    return column.heading(_language()) if column else one.field


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("books", __name__, url_prefix="/books")

    @pages.before_request
    def only_readers() -> None:
        actor().require(Act.SEE_BOOKS)

    @pages.get("")
    def index() -> ResponseReturnValue:
        month = parse_month(gate, request.args.get("month", ""))
        name, wanted, after = (request.args.get(one, "")[:LONGEST_WISH] for one in ("register", "q", "after"))
        form = exports.form_of(name or "print")
        rows = register_page(gate, actor(), Look(form.name, month.label, wanted, after), _language(), word)
        return render_template(
            "books.html",
            month=month.label,
            rows=rows,
            form=form,
            wanted=wanted,
            filled=Filled(form, "", month.label, _language(), rows, word),
            forms=list(FORMS.values()),
            formats=exports.FORMATS,
            state=bookkeeping.ledger_state(gate, actor()),
            late=sum(one.overdue for one in regular_tasks.list_tasks(gate, actor())),
            checked=self_check.newest_self_check(gate, actor()),
            unseen=corrections.list_corrections(gate, actor(), waiting=True),
            titles={one.name: one.title(_language()) for one in FORMS.values()},
            headings=_heading,
            may_verify=actor().may(Act.VERIFY_LEDGER),
        )

    @pages.get("/export")
    def export() -> ResponseReturnValue:
        name, month, form = (request.args.get(one, "")[:20] for one in ("register", "month", "format"))
        made = exports.export_register(gate, actor(), name, month, form, _language(), word)
        how = "inline" if "show" in request.args else "attachment"
        headers = {"Content-Disposition": f'{how}; filename="{made.file_name}"'}
        return Response(made.content, mimetype=made.media_type, headers=headers)

    @pages.post("/correct")
    def correct() -> ResponseReturnValue:
        names = {"register": 20, "row": 80, "field": 40, "value": 200, "reason": 200, "month": 7}
        wish = Wish(**{name: forms.words(name, longest=longest) for name, longest in names.items()})
        corrections.correct_row(gate, actor(), wish)
        return redirect(url_for("books.index", register=wish.register, month=wish.month))

    @pages.post("/corrections/<int:number>/acknowledge")
    def acknowledge(number: int) -> ResponseReturnValue:
        corrections.acknowledge_correction(gate, confirmed_actor(gate), number)
        return redirect(url_for("books.index"))

    @pages.post("/verify")
    def verify() -> ResponseReturnValue:
        verdict = bookkeeping.verify_books(gate, actor())
        if verdict.ok:
            flash(gettext("账本完整：%(count)s 条，哈希链、签名校验点与登记簿一致。", count=verdict.entries), "good")
        else:
            bad = gettext("账本不完整！第一条坏账是 %(seq)s。", seq=verdict.first_bad)
            what_now = gettext("立即报告安全审计员，不要再改动任何东西。")
            flash_letters([{"code": "LEDGER", "happened": bad, "next": what_now, "detail": ""}])
        return redirect(url_for("books.index"))

    return pages
