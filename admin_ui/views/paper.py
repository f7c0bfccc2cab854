"""用纸: a month's paper, split as one likes, beside earlier months; its confirmation, and what is entered by hand."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.charts import month_bars, paper_bars
from admin_ui.session import actor, confirmed_actor
from gateway.domain.counting import A4_EQUIVALENT
from gateway.domain.duties import Act
from gateway.domain.paper import Dimension
from gateway.domain.vocabulary import Channel
from gateway.errors import InvalidInputError
from gateway.services import paper_months, statistics
from gateway.services.gate import Gate
from gateway.services.months import month_before, year_before
from gateway.services.paper_months import PaperByHand


def blueprint(gate: Gate) -> Blueprint:
    """The routes."""
    pages = Blueprint("paper", __name__, url_prefix="/books/paper")

    @pages.before_request
    def only_readers() -> None:
        actor().require(Act.SEE_BOOKS)

    @pages.get("")
    def index() -> ResponseReturnValue:
        by = _dimension(request.args.get("by", ""))
        state = statistics.month_state(gate, actor(), request.args.get("month", "")[:7])
        shares = statistics.paper_of_month(gate, actor(), state.month, by)
        names = (state.month, month_before(gate, state.month).label, year_before(gate, state.month).label)
        return render_template(
            "paper.html",
            state=state,
            by=by.value,
            dimensions=[one.value for one in Dimension],
            shares=shares,
            bars=paper_bars(shares),
            months=month_bars(names, state),
            channels=list(Channel),
            sizes=list(A4_EQUIVALENT),
        )

    @pages.post("/confirm")
    def confirm() -> ResponseReturnValue:
        state = paper_months.confirm_month(gate, confirmed_actor(gate), forms.words("month", longest=7))
        flash(gettext("%(month)s 的用纸统计已确认，表不再变动。", month=state.month), "good")
        return redirect(url_for("paper.index", month=state.month))

    @pages.post("/enter")
    def enter() -> ResponseReturnValue:
        sign = -1 if forms.words("sign", longest=1) == "-" else 1
        wish = PaperByHand(
            month=forms.words("month", longest=7),
            channel=forms.choice("channel", Channel, missing=Channel.PRINT),
            department=forms.words("department", longest=40),
            paper=forms.words("paper", longest=20) or "A4",
            reason=forms.words("reason"),
            good=sign * (forms.whole_number("good") or 0),
            waste=sign * (forms.whole_number("waste") or 0),
            impressions=sign * (forms.whole_number("impressions") or 0),
        )
        state = paper_months.enter_paper(gate, actor(), wish)
        flash(gettext("已记入 %(month)s。", month=state.month), "good")
        return redirect(url_for("paper.index", month=state.month))

    return pages


def _dimension(text: str) -> Dimension:
    try:
        return Dimension(text) if text else Dimension.DEPARTMENT
    except ValueError as error:
        raise InvalidInputError("A month is not split by that.", f"Use one of {', '.join(Dimension)}.") from error
