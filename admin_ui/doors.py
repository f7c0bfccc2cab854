"""The five doors 我的, 审批, 放行, 登记, 设置: what lies behind each, and who sees it. Every page stands behind one of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import request, url_for
from flask_babel import gettext

from gateway.domain.duties import Act
from gateway.services.gate import Actor


@dataclass(frozen=True, slots=True)
class Tab:
    """A page a door leads to: the index of the blueprint of this name."""

    blueprint: str
    act: Act
    label: Callable[[], str]

    @property
    def address(self) -> str:
        """Where it is."""
        return url_for(f"{self.blueprint}.index")

    @property
    def is_here(self) -> bool:
        """Whether the page shown belongs to it."""
        return request.blueprint == self.blueprint


@dataclass(frozen=True, slots=True)
class Door:
    """A door; whoever may see none of its tabs does not see it."""

    name: str
    label: Callable[[], str]
    tabs: tuple[Tab, ...]
    inside: frozenset[str] = frozenset()
    """Blueprints of pages that stand behind it and have no tab."""

    def tabs_for(self, actor: Actor) -> list[Tab]:
        """The tabs somebody sees."""
        return [tab for tab in self.tabs if actor.may(tab.act)]

    @property
    def is_here(self) -> bool:
        """Whether the page shown stands behind it."""
        return request.blueprint in self.inside or any(tab.is_here for tab in self.tabs)


DOORS = (
    Door(
        "mine",
        lambda: gettext("我的"),
        (Tab("mine", Act.PRINT, lambda: gettext("我的")), Tab("fax_sending", Act.PRINT, lambda: gettext("发传真"))),
    ),
    Door("approve", lambda: gettext("审批"), (Tab("approve", Act.APPROVE, lambda: gettext("审批")),)),
    Door(
        "release",
        lambda: gettext("放行"),
        (
            Tab("release", Act.RELEASE, lambda: gettext("放行")),
            Tab("copying", Act.RELEASE, lambda: gettext("复印台")),
            Tab("fax", Act.RELEASE, lambda: gettext("传真")),
            Tab("fax_peers", Act.RELEASE, lambda: gettext("传真号码簿")),
        ),
    ),
    Door(
        "books",
        lambda: gettext("登记"),
        (
            Tab("books", Act.SEE_BOOKS, lambda: gettext("登记簿")),
            Tab("paper", Act.SEE_BOOKS, lambda: gettext("用纸统计")),
            Tab("carriers", Act.SEE_BOOKS, lambda: gettext("载体")),
            Tab("carry_out", Act.SEE_BOOKS, lambda: gettext("外出携带")),
            Tab("inventory", Act.SEE_BOOKS, lambda: gettext("清查与事件")),
            Tab("visitors", Act.SEE_BOOKS, lambda: gettext("来访")),
            Tab("tasks", Act.SEE_BOOKS, lambda: gettext("例行与自查")),
            Tab("destruction", Act.SEE_BOOKS, lambda: gettext("废页与销毁")),
            Tab("handover", Act.SEE_BOOKS, lambda: gettext("交接")),
        ),
    ),
    Door(
        "settings",
        lambda: gettext("设置"),
        (
            Tab("room", Act.SEE_ALERTS, lambda: gettext("机要室")),
            Tab("people", Act.SEE_PEOPLE, lambda: gettext("人员")),
            Tab("devices", Act.SEE_DEVICES, lambda: gettext("打印设备")),
            Tab("policy", Act.SEE_POLICY, lambda: gettext("策略")),
        ),
    ),
)
_WORK_FIRST = ("release", "approve", "mine", "books", "settings")
"""Which door somebody with several of them finds open."""


def doors_of(actor: Actor) -> list[Door]:
    """The doors somebody sees. The policy alone opens none: approvers find it beside what they approve."""
    return [door for door in DOORS if any(tab.act is not Act.SEE_POLICY for tab in door.tabs_for(actor))]


def door_here(actor: Actor) -> Door | None:
    """The door the page shown stands behind, if somebody sees that door."""
    return next((door for door in doors_of(actor) if door.is_here), None)


def first_door(actor: Actor) -> str:
    """Where a person's work waits."""
    seen = {door.name: door for door in doors_of(actor)}
    door = next((seen[name] for name in _WORK_FIRST if name in seen), None)
    return door.tabs_for(actor)[0].address if door else url_for("entry.about")
