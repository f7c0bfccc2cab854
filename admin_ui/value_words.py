"""Words of values that stand only in sentences (`admin_ui.sentences`)."""

from __future__ import annotations

from gateway.domain.vocabulary import CopyState

VALUE_WORDS: dict[str, tuple[str, str]] = {
    "account.open": ("启用", "open"),
    "account.closed": ("停用", "closed"),
    "service.in": ("在用", "in service"),
    "service.out of": ("停用", "out of service"),
    "visitor_detail.name": ("姓名", "name"),
    "visitor_detail.unit": ("单位", "unit"),
    "visitor_detail.number of the identity document": ("证件号码", "number of the identity document"),
    **{
        f"copy_state.{state.value}": words
        for state, words in {
            CopyState.RESERVED: ("未结", "reserved"),
            CopyState.GOOD: ("好", "good"),
            CopyState.SPOILED: ("作废待重印", "spoiled"),
            CopyState.VOID: ("作废", "void"),
        }.items()
    },
}
