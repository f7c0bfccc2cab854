"""策略: who approves what and who releases; one person proposes a change, another decides; delegations (R30, R32, R86; RULES.md §3)."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from admin_ui import forms
from admin_ui.session import actor, confirmed_actor
from gateway.domain.delegations import NewDelegation
from gateway.domain.duties import APPROVERS, Act
from gateway.domain.policy import PROFILES
from gateway.domain.vocabulary import Channel, Level, Origin, PolicyState, Role
from gateway.errors import InvalidInputError
from gateway.services import delegations, policies
from gateway.services.gate import Gate

LONGEST_POLICY = 100_000


def blueprint(gate: Gate, on_change: Callable[[], None]) -> Blueprint:
    """The routes."""
    pages = Blueprint("policy", __name__, url_prefix="/policy")

    @pages.get("")
    def index() -> ResponseReturnValue:
        me = actor()
        versions = policies.policy_history(gate, me)
        return render_template(
            "policy.html",
            policy=policies.show_policy(gate, me),
            proposals=[version for version in versions if version.state is PolicyState.PROPOSED],
            versions=[version for version in versions if version.state is not PolicyState.PROPOSED],
            profiles=PROFILES,
            levels=list(Level),
            origins=list(Origin),
            channels=list(Channel),
            may_propose=me.may(Act.PROPOSE_POLICY),
            may_decide=me.may(Act.DECIDE_POLICY),
            delegations=delegations.list_delegations(gate, me),
            own_roles=sorted(me.roles & APPROVERS - {role for role, _ in me.delegations}),
        )

    @pages.post("")
    def propose() -> ResponseReturnValue:
        proposed = policies.propose_policy(gate, actor(), _content(), forms.words("comment"))
        flash(gettext("策略第 %(number)s 版已提出，等待安全保密管理员批准。", number=proposed.number), "good")
        return redirect(url_for("policy.index"))

    @pages.post("/<int:number>/<any(approve, refuse):decision>")
    def decide(number: int, decision: str) -> ResponseReturnValue:
        me = confirmed_actor(gate)
        if decision == "approve":
            policies.approve_policy(gate, me, number)
            flash(gettext("策略第 %(number)s 版已生效。", number=number), "good")
        else:
            policies.refuse_policy(gate, me, number, forms.words("comment"))
            flash(gettext("未批准策略第 %(number)s 版。", number=number), "good")
        on_change()
        return redirect(url_for("policy.index"))

    @pages.post("/delegations")
    def delegate() -> ResponseReturnValue:
        first, last = forms.day("first_day"), forms.day("last_day")
        if first is None or last is None:
            raise InvalidInputError("A delegation has a first and a last day.", "Fill in both.")
        role = forms.choice("role", Role, missing=Role.LEADER)
        new = NewDelegation(forms.words("doc_no", longest=60), role, forms.words("delegate", longest=40), first, last)
        delegations.delegate_role(gate, actor(), new)
        flash(gettext("委托 %(doc_no)s 已登记。", doc_no=new.doc_no), "good")
        return redirect(url_for("policy.index"))

    @pages.post("/delegations/revoke")
    def revoke() -> ResponseReturnValue:
        gone = delegations.revoke_delegation(gate, actor(), forms.words("doc_no", longest=60))
        on_change()
        flash(gettext("委托 %(doc_no)s 已撤销。", doc_no=gone.doc_no), "good")
        return redirect(url_for("policy.index"))

    return pages


def _content() -> dict[str, Any]:
    """A profile by its name, or a whole policy as TOML."""
    if name := forms.words("profile", longest=40):
        return dict(json.loads(policies.profile(name).document()))
    text = request.form.get("document", "")
    if len(text) > LONGEST_POLICY:
        raise InvalidInputError(f"document: more than {LONGEST_POLICY} characters.", "A policy is shorter than that.")
    try:
        return tomllib.loads(text.replace("\r\n", "\n"))
    except tomllib.TOMLDecodeError as error:
        raise InvalidInputError(f"The policy is no TOML: {error}.", "docs/policy.md explains every key.") from error
