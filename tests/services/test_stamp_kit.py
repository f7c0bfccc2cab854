"""The house's small stamp fonts change while copies are being stamped: nobody finds his font gone."""

from __future__ import annotations

from pathlib import Path

from gateway.domain.vocabulary import Role
from gateway.services.accounts import NewUser, add_user
from gateway.stamp_kit import StampKit
from tests.room import Room
from watermark import CopyMark, StampPlan

PLAN = StampPlan(
    permit_no="ZYZ-2026-000001-4",
    mark="秘密★5年",
    requester="赵敏",
    department="规划处",
    printed_at="2026-03-12 09:14",
    release_tag="0123456789abcdef",
    copies=(CopyMark(number=1, label="1/1", qr="IC0000000000000000000000000"),),
    duplex=False,
)


def test_a_new_name_takes_no_font_from_a_copy_that_is_being_stamped(tmp_path: Path) -> None:
    room = Room.make(tmp_path)
    fonts = StampKit(room.gate)
    fonts.refresh()
    in_hand = fonts.fonts_for(PLAN)
    assert in_hand.regular is not None
    assert in_hand.regular.parent == tmp_path / "cache" / "fonts"
    newcomer = NewUser("xin", "鑫淼", "D02", frozenset({Role.REQUESTER}), None, None, None, None)
    add_user(room.gate, room.actor("feng"), newcomer)
    fonts.refresh()
    assert fonts.fonts_for(PLAN).regular != in_hand.regular
    assert in_hand.read()
    assert len(list((tmp_path / "cache" / "fonts").iterdir())) <= 4  # two faces, the present and the one before
