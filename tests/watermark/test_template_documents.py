"""docs/stamping.md lists every field and every key; an undocumented one turns this red."""

from __future__ import annotations

from typing import get_args

import pytest
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from tests.architecture.repository import ROOT, table_rows
from watermark.fields import FIELDS
from watermark.templates import GROUPS, Anchor, parse_template


def default_of(key: FieldInfo) -> str:
    if key.default is PydanticUndefined:
        return "must be given"
    if isinstance(key.default, frozenset):
        return ", ".join(sorted(key.default, reverse=True))
    return "none" if key.default is None else str(key.default).lower() if isinstance(key.default, bool) else str(key.default)


def test_every_field_is_documented() -> None:
    declared = [[f"`{{{field.name}}}`", field.scope.value, field.sample, field.zh, field.en] for field in FIELDS.values()]
    assert table_rows("stamping.md")["Fields"] == declared


@pytest.mark.parametrize("group", GROUPS)
def test_every_key_is_documented(group: str) -> None:
    declared = [[f"`{name}`", default_of(key), key.description] for name, key in GROUPS[group].model_fields.items()]
    assert table_rows("stamping.md")[f"Keys of `[{group}.NAME]`"] == declared


def test_the_example_is_a_template() -> None:
    text = (ROOT / "docs" / "stamping.md").read_text(encoding="utf-8")
    template = parse_template(text.partition("```toml\n")[2].partition("```")[0], "the example")
    assert "scope" in template.text
    assert "watermark-small" not in template.tiles


def test_every_anchor_is_documented() -> None:
    text = (ROOT / "docs" / "stamping.md").read_text(encoding="utf-8")
    assert all(f"`{anchor}`" in text for anchor in get_args(Anchor))
