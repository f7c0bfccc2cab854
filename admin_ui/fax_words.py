"""Words of faxes 传真: ways, states, results, how a text was made unclassified."""

from __future__ import annotations

from gateway.domain.fax import FaxResult, FaxState, ProcessingMethod

FAX_WORDS: dict[str, tuple[str, str]] = {
    "fax_way.out": ("发", "out"),
    "fax_way.in": ("收", "in"),
    **{
        f"processing.{method.value}": words
        for method, words in {
            ProcessingMethod.LEFT_OUT: ("删除", "left out"),
            ProcessingMethod.REPLACED: ("替换", "replaced"),
            ProcessingMethod.SUMMED_UP: ("概括", "summed up"),
            ProcessingMethod.RECODED: ("编码转换", "recoded"),
        }.items()
    },
    "crypt.plain": ("明", "plain"),
    "crypt.cipher": ("密", "cipher"),
    **{f"fax_result.{result.value}": (result.hanzi, result.value.replace("_", " ")) for result in FaxResult},
    **{
        f"fax_state.{state.value}": words
        for state, words in {
            FaxState.HELD: ("待审批", "held"),
            FaxState.SENDING: ("正在发送", "sending"),
            FaxState.WAITING: ("待重拨", "waiting for the next try"),
            FaxState.TO_DECIDE: ("待决定", "to be decided"),
            FaxState.ENDED: ("已结束", "ended"),
            FaxState.QUARANTINED: ("隔离中", "in quarantine"),
            FaxState.REGISTERED: ("待签收", "to be signed for"),
        }.items()
    },
}
