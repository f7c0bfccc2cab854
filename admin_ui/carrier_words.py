"""The words of carriers in both languages: states, moves, ways, what is overdue."""

from __future__ import annotations

from gateway.domain.deadlines import Duty
from gateway.domain.vocabulary import CarrierState, CarrierVerb, CarryOutState, Delivery, DestructionState, Found, TransferState
from gateway.services.holdings import Held

CARRIER_WORDS: dict[str, tuple[str, str]] = {
    **{
        f"carrier.{state.value}": words
        for state, words in {
            CarrierState.PRINTED: ("待分发", "printed"),
            CarrierState.IN_CUSTODY: ("在位", "in custody"),
            CarrierState.ISSUED: ("已分发", "issued"),
            CarrierState.LENT: ("借出", "lent"),
            CarrierState.CIRCULATING: ("传阅中", "circulating"),
            CarrierState.CARRIED_OUT: ("外出", "carried out"),
            CarrierState.RETURNED: ("已清退", "returned"),
            CarrierState.ARCHIVED: ("已归档", "archived"),
            CarrierState.TRANSFERRED: ("已移交", "transferred"),
            CarrierState.DESTROYED: ("已销毁", "destroyed"),
            CarrierState.VOID: ("作废", "void"),
            CarrierState.MISSING: ("缺失", "missing"),
        }.items()
    },
    **{
        f"move.{verb.value}": words
        for verb, words in {
            CarrierVerb.ISSUE: ("分发", "issue"),
            CarrierVerb.LEND: ("借阅", "lend"),
            CarrierVerb.CIRCULATE: ("传阅", "circulate"),
            CarrierVerb.CARRY_OUT: ("外出携带", "carry out"),
            CarrierVerb.GIVE_BACK: ("归还", "give back"),
            CarrierVerb.RETURN: ("清退", "return for good"),
            CarrierVerb.TRANSFER: ("移交外单位", "transfer"),
        }.items()
    },
    **{
        f"passing.{state.value}": words
        for state, words in {
            TransferState.OFFERED: ("待签收", "waits for a signature"),
            TransferState.SIGNED: ("已签收", "signed for"),
            TransferState.REJECTED: ("拒收", "rejected"),
            TransferState.WITHDRAWN: ("撤回", "withdrawn"),
        }.items()
    },
    **{
        f"delivery.{way.value}": words
        for way, words in {
            Delivery.IN_PERSON: ("本人领取", "fetched in person"),
            Delivery.COURIER: ("专人送达", "courier of the unit"),
            Delivery.CONFIDENTIAL_TRAFFIC: ("机要交通", "confidential traffic"),
            Delivery.CONFIDENTIAL_MAIL: ("机要通信", "confidential mail"),
            Delivery.CONFIDENTIAL_EXCHANGE: ("机要交换", "confidential exchange"),
        }.items()
    },
    **{
        f"duty.{duty.value}": words
        for duty, words in {
            Duty.WASTE: ("废页未销毁", "waste not destroyed"),
            Duty.UNDISTRIBUTED: ("印件未分发", "copies not distributed"),
            Duty.UNSIGNED: ("交接未签收", "passing not signed"),
            Duty.LENT: ("借阅未归还", "lent and not back"),
            Duty.CIRCULATING: ("传阅未归还", "circulating and not back"),
            Duty.CARRIED_OUT: ("外出未归还", "carried out and not back"),
            Duty.INVENTORY: ("清查未完成", "inventory not done"),
            Duty.INCIDENT: ("缺失事件未上报", "incident not reported"),
            Duty.VISITOR: ("来访人未离开", "visitor still here"),
            Duty.FAX: ("来传真未登记", "received fax not registered"),
            Duty.DAY_CLOSE: ("下班检查未签字", "day not signed"),
            Duty.PAPER: ("月度用纸未确认", "month's paper not confirmed"),
            Duty.SELF_CHECK: ("月度自查未做", "month's self-check not done"),
            Duty.ALARM_TEST: ("报警监控系统本月未检测", "alarm not tested this month"),
            Duty.VIRUS_SCAN: ("超过一周未查杀病毒", "no virus scan for a week"),
            Duty.MAINTENANCE: ("设备到期未维护", "device not maintained in time"),
            Duty.CORRECTION: ("更正未确认", "correction not acknowledged"),
            Duty.FINDING: ("自查问题未了结", "finding of a self-check not settled"),
        }.items()
    },
    **{
        f"carry_out.{state.value}": words
        for state, words in {
            CarryOutState.REQUESTED: ("待批", "requested"),
            CarryOutState.APPROVED: ("已批准，待交付", "approved"),
            CarryOutState.REFUSED: ("未批准", "refused"),
            CarryOutState.OUT: ("在外", "out"),
            CarryOutState.BACK: ("已归还", "back"),
        }.items()
    },
    **{
        f"found.{found.value}": words
        for found, words in {
            Found.PRESENT: ("在位", "present"),
            Found.OUT_OK: ("外出有据", "out, accounted for"),
            Found.RETURNED: ("已清退", "returned"),
            Found.MISSING: ("缺失", "missing"),
        }.items()
    },
    **{
        f"held.{kind.value}": words
        for kind, words in {
            Held.JOB: ("作业", "job"),
            Held.PERMIT: ("准印证", "permit"),
            Held.CARRIER: ("载体", "carrier"),
            Held.TRANSFER: ("交接中的载体", "carrier on its way"),
            Held.WASTE: ("废页", "waste"),
        }.items()
    },
    "party.leaver": ("移交人", "leaver"),
    "party.successor": ("接收人", "successor"),
    "party.supervisor": ("监交人", "supervisor"),
    "method.shred": ("粉碎", "shredded"),
    "method.sent_away": ("送指定单位", "sent to the appointed unit"),
    "move.hand_over": ("交接", "hand over"),
    "handover.transferred": ("调动", "transfer"),
    "handover.leaving": ("离职", "leaving"),
    "handover.leave": ("休假", "leave"),
    **{
        f"destruction.{state.value}": words
        for state, words in {
            DestructionState.DRAFT: ("待批", "waits for approval"),
            DestructionState.APPROVED: ("已批准，待销毁", "approved"),
            DestructionState.REFUSED: ("未批准", "refused"),
            DestructionState.DONE: ("已销毁", "destroyed"),
        }.items()
    },
}
"""'group.value' → (Chinese, English); part of `admin_ui.words.WORDS`."""
