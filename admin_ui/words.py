"""The house's words in both languages: stages, states, roles, outcomes. Levels keep their Chinese in every language (DESIGN.md §4)."""

from __future__ import annotations

from admin_ui.carrier_words import CARRIER_WORDS
from admin_ui.copy_words import COPY_WORDS
from admin_ui.device_words import DEVICE_WORDS
from admin_ui.fax_words import FAX_WORDS
from admin_ui.room_words import ROOM_WORDS
from admin_ui.value_words import VALUE_WORDS
from gateway.domain.deadlines import Duty
from gateway.domain.personnel import Reminder
from gateway.domain.settlement import Outcome
from gateway.domain.vocabulary import (
    AlertKind,
    JobStage,
    Level,
    PermitKind,
    PermitState,
    PolicyState,
    ReleaseMode,
    Role,
    RoomMode,
    VisitReason,
    WasteReason,
)
from gateway.pulse import Part

WORDS: dict[str, tuple[str, str]] = {
    **CARRIER_WORDS,
    **COPY_WORDS,
    **DEVICE_WORDS,
    **VALUE_WORDS,
    **FAX_WORDS,
    **ROOM_WORDS,
    **{
        f"stage.{stage.value}": words
        for stage, words in {
            JobStage.RECEIVING: ("接收中", "arriving"),
            JobStage.HELD: ("扣留", "held"),
            JobStage.QUEUED: ("待印", "queued"),
            JobStage.PREPARING: ("备印", "preparing"),
            JobStage.SUBMITTING: ("送印", "submitting"),
            JobStage.PRINTING: ("打印中", "printing"),
            JobStage.COMPLETED: ("完成", "completed"),
            JobStage.UNRESOLVED: ("存疑", "unresolved"),
            JobStage.CANCELED: ("已撤回", "canceled"),
            JobStage.REFUSED: ("拒绝", "refused"),
            JobStage.ABORTED: ("中止", "aborted"),
        }.items()
    },
    "stage.released": ("已放行", "released"),
    **{f"level.{level.value}": (level.hanzi, level.hanzi) for level in Level},
    **{
        f"visit.{reason.value}": words
        for reason, words in {
            VisitReason.REPAIR: ("维修", "repair"),
            VisitReason.INSPECTION: ("上级检查", "inspection from above"),
            VisitReason.MILITARY: ("军方", "military"),
            VisitReason.COLLEAGUES: ("系统内参观", "colleagues' visit"),
            VisitReason.OTHER: ("其他", "other"),
        }.items()
    },
    "id.identity_card": ("居民身份证", "identity card"),
    "id.passport": ("护照", "passport"),
    "id.service_card": ("工作证", "service card"),
    "visit_state.registered": ("待批", "to be approved"),
    "visit_state.approved": ("已批准", "approved"),
    "visit_state.inside": ("在室内", "inside"),
    "visit_state.left": ("已离开", "left"),
    "check.under_way": ("正在打印的作业", "jobs at a device"),
    "check.unresolved": ("存疑作业", "unresolved jobs"),
    "check.uncollected": ("未取走、未入柜的印件", "copies neither fetched nor shelved"),
    "check.waste": ("未销毁的废页", "waste not destroyed"),
    "check.visitors": ("室内的来访人", "visitors inside"),
    "check.lent": ("借出、传阅未归还", "lent or circulating"),
    "paper_state.running": ("进行中", "running"),
    "paper_state.draft": ("待确认", "to be confirmed"),
    "paper_state.confirmed": ("已确认", "confirmed"),
    "paper_by.department": ("部门", "Department"),
    "paper_by.level": ("密级", "Level"),
    "paper_by.device": ("设备", "Device"),
    "paper_by.requester": ("承办人", "Requester"),
    "paper_by.channel": ("途径", "Channel"),
    "channel.print": ("打印", "print"),
    "channel.copy": ("复印", "copy"),
    "channel.fax": ("传真", "fax"),
    **{
        f"state.{state.value}": words
        for state, words in {
            PermitState.DRAFT: ("草稿", "draft"),
            PermitState.REQUESTED: ("待审批", "waiting for approval"),
            PermitState.ACTIVE: ("有效", "active"),
            PermitState.USED_UP: ("用完", "used up"),
            PermitState.EXPIRED: ("过期", "expired"),
            PermitState.REVOKED: ("已撤销", "revoked"),
            PermitState.REFUSED: ("未批准", "refused"),
            PermitState.CLOSED: ("已办结", "closed"),
        }.items()
    },
    **{
        f"role.{role.value}": words
        for role, words in {
            Role.REQUESTER: (Role.REQUESTER.hanzi, "requester"),
            Role.DEPARTMENT_HEAD: (Role.DEPARTMENT_HEAD.hanzi, "department head"),
            Role.LEADER: (Role.LEADER.hanzi, "leader in charge"),
            Role.PRINCIPAL_LEADER: (Role.PRINCIPAL_LEADER.hanzi, "principal leader"),
            Role.SECRECY_DIRECTOR: (Role.SECRECY_DIRECTOR.hanzi, "secrecy director"),
            Role.OPERATOR: (Role.OPERATOR.hanzi, "operator"),
            Role.ROOM_HEAD: (Role.ROOM_HEAD.hanzi, "head of the room"),
            Role.SYSTEM_ADMIN: (Role.SYSTEM_ADMIN.hanzi, "system administrator"),
            Role.SECURITY_ADMIN: (Role.SECURITY_ADMIN.hanzi, "security administrator"),
            Role.AUDITOR: (Role.AUDITOR.hanzi, "auditor"),
            Role.INSPECTOR: (Role.INSPECTOR.hanzi, "inspector"),
        }.items()
    },
    **{
        f"outcome.{outcome.value}": words
        for outcome, words in {
            Outcome.GOOD: ("完好", "good"),
            Outcome.SPOILED: ("损坏", "spoiled"),
            Outcome.UNPRINTED: ("未印出", "not printed"),
        }.items()
    },
    **{
        f"waste.{reason.value}": words
        for reason, words in {
            WasteReason.JAM: ("卡纸", "jam"),
            WasteReason.SOILED: ("污损", "soiled"),
            WasteReason.TEST: ("试印", "test print"),
            WasteReason.MISPRINT: ("错版", "misprint"),
            WasteReason.SURPLUS: ("多余", "surplus"),
            WasteReason.POWER_CUT: ("断电", "power cut"),
            WasteReason.PROOF: ("清样", "proof"),
        }.items()
    },
    **{
        f"reminder.{reminder.value}": words
        for reminder, words in {
            Reminder.UNDERTAKING_MISSING: (
                "没有签订保密承诺书，不得接触国家秘密",
                "no confidentiality undertaking signed: no state secrets",
            ),
            Reminder.UNDERTAKING_EXPIRED: ("保密承诺书不在有效期内，不得接触国家秘密", "the undertaking is not in force: no state secrets"),
            Reminder.UNDERTAKING_ENDS_SOON: ("保密承诺书将在 30 天内到期", "the undertaking ends within 30 days"),
            Reminder.TRAINING_MISSING: ("没有保密培训记录", "no training on record"),
            Reminder.TRAINING_EXPIRED: ("保密培训已过期，请尽快参加", "the training is out of date: attend one soon"),
        }.items()
    },
    **{
        f"due.{reminder.value}": words
        for reminder, words in {
            Reminder.UNDERTAKING_MISSING: ("未签承诺书", "no undertaking"),
            Reminder.UNDERTAKING_EXPIRED: ("承诺书失效", "undertaking over"),
            Reminder.UNDERTAKING_ENDS_SOON: ("承诺书将到期", "undertaking ends soon"),
            Reminder.TRAINING_MISSING: ("无培训记录", "no training"),
            Reminder.TRAINING_EXPIRED: ("培训过期", "training overdue"),
        }.items()
    },
    "reset.password": ("口令", "password"),
    "reset.second_factor": ("两步验证", "second factor"),
    "reset_state.proposed": ("待确认", "proposed"),
    "reset_state.confirmed": ("已重置", "confirmed"),
    "reset_state.refused": ("未同意", "refused"),
    "reset_state.expired": ("逾期未决", "expired"),
    "alarm.cups.job_stuck": (
        "警报：CUPS 中有作业多次送不进来，仍留在 CUPS。请管理员查看该作业。",
        "Alarm: a job in CUPS does not get through; CUPS still has it. Let the administrator look at it.",
    ),
    "alarm.cups.job_lost": (
        "警报：CUPS 说已办结的作业从未到达，内容已失。请通知发送人重新打印。",
        "Alarm: a job CUPS calls done never arrived; it is lost. Tell its sender to print again.",
    ),
    "alarm.spool.differs": (
        "警报：启动时加密存储与数据库不一致。请安全审计员查看账本。",
        "Alarm: at start the store and the database did not agree. Let the auditor look at the ledger.",
    ),
    "slip.permit": ("准印证凭条", "permit slip"),
    "slip.pick_up": ("取件单", "pick-up slip"),
    "slip.waste": ("废页单", "waste slip"),
    "slip.checkpoint": ("校验点凭条", "checkpoint slip"),
    "slip_state.issued": ("不明", "not known"),
    "slip_state.sent": ("已送打印机", "sent to the printer"),
    "slip_state.failed": ("没有印出", "not printed"),
    **{
        f"{group}.{mode.value}": words
        for mode, texts in {
            RoomMode.OPEN: {"mode": ("开放", "open")},
            RoomMode.CLOSED: {
                "mode": ("下班", "closed"),
                "mode_begin": ("下班关门", "Close for the day"),
                "mode_end": ("开门", "Open"),
                "mode_banner": ("机要室已下班，作业暂不放行。", "The room is closed; jobs are held."),
            },
            RoomMode.SEALED: {
                "mode": ("封存", "sealed"),
                "mode_begin": ("封存", "Seal"),
                "mode_end": ("启封（须两人）", "Unseal (takes two)"),
                "mode_banner": ("机要室已封存，不放行任何作业。", "The room is sealed; nothing is released."),
            },
            RoomMode.CLOCK: {
                "mode": ("时钟存疑", "clock in doubt"),
                "mode_end": ("时间已核对无误", "The time is right now"),
                "mode_banner": (
                    "系统时钟被回拨，核实前不放行任何作业。",
                    "The clock was set back; nothing is released until it is checked.",
                ),
            },
            RoomMode.SAFE: {
                "mode": ("安全模式", "safe mode"),
                "mode_end": ("已核查，接受现行配置", "Checked: accept the settings"),
                "mode_banner": (
                    "配置或策略被直接改动：安全模式，不放行任何作业。",
                    "Settings or policy were changed by hand: safe mode, nothing is released.",
                ),
            },
            RoomMode.EMERGENCY: {
                "mode": ("紧急封锁", "emergency lock"),
                "mode_begin": ("紧急封锁", "Emergency lock"),
                "mode_end": ("解除封锁（须两人）", "Unlock (takes two)"),
                "mode_banner": ("机要室已紧急封锁，不放行任何作业。", "The room is locked in an emergency; nothing is released."),
            },
        }.items()
        for group, words in texts.items()
    },
    **{
        f"trouble.{part.value}": words
        for part, words in {
            Part.WORKER: ("派发停滞：已放行的作业不会开始。", "Handing out does not get on: released jobs do not begin."),
            Part.CHORES: (
                "例行工作停滞：到期、提醒和内容销毁没有进行。",
                "Housekeeping does not get on: nothing expires, reminds or is destroyed.",
            ),
            Part.DEVICES: ("打印停滞：已放行的作业在等待。", "Printing does not get on: released jobs wait."),
            Part.COUNTER: ("计数停滞：新到的作业扣留着，尚未数页。", "Counting does not get on: new jobs are held uncounted."),
        }.items()
    },
    **{
        f"alert.{kind.value}": words
        for kind, words in {
            AlertKind.DENIALS: ("多次被拒", "denied several times"),
            AlertKind.DENIED_JOB: ("违规作业", "a job that tried what is forbidden"),
            AlertKind.CLOCK_SET_BACK: ("时钟回拨", "the clock was set back"),
            AlertKind.SETTINGS_CHANGED: ("配置被改", "settings changed by hand"),
            AlertKind.POLICY_CHANGED: ("策略被改", "policy changed by hand"),
            AlertKind.LEDGER_BROKEN: ("账本不符", "the ledger does not verify"),
            AlertKind.EMERGENCY: ("紧急封锁", "emergency lock"),
            AlertKind.OVERDUE: ("逾期", "overdue"),
            AlertKind.METER: ("计数不符", "a meter disagrees with the ledger"),
            AlertKind.METER_SILENT: ("计数器无读数", "a meter gives no reading"),
        }.items()
    },
    **{
        f"duty.{duty.value}": words
        for duty, words in {
            Duty.WASTE: ("废页待销毁", "waste to destroy"),
            Duty.UNDISTRIBUTED: ("份未分发", "copy not given out"),
            Duty.UNSIGNED: ("份未签收", "copy not signed for"),
            Duty.LENT: ("借出未还", "lent and not back"),
            Duty.CIRCULATING: ("传阅未退", "circulating and not back"),
            Duty.CARRIED_OUT: ("携出未归", "carried out and not back"),
            Duty.INVENTORY: ("清点未完", "inventory not ended"),
            Duty.INCIDENT: ("缺失未报告", "missing and not reported"),
            Duty.VISITOR: ("外来人员未离开", "visitor not out"),
            Duty.FAX: ("来传真未登记", "received fax not registered"),
            Duty.DAY_CLOSE: ("日终检查未做", "end of day not checked"),
            Duty.PAPER: ("纸张统计未确认", "month's paper not confirmed"),
            Duty.SELF_CHECK: ("月度自查未做", "month's self-check not done"),
        }.items()
    },
    **{
        f"kind.{kind.value}": words
        for kind, words in {
            PermitKind.PRINT: ("打印", "print"),
            PermitKind.COPY: ("复印", "copy"),
            PermitKind.REPRODUCTION: ("翻印", "reproduction"),
            PermitKind.PROOF: ("清样", "proof 清样"),
            PermitKind.FAX: ("传真", "fax"),
            PermitKind.STANDING: ("常年", "standing"),
            PermitKind.JM_EX: ("绝密例外", "top secret exception"),
        }.items()
    },
    **{
        f"release.{mode.value}": words
        for mode, words in {
            ReleaseMode.OPERATOR: ("操作员在设备旁放行", "an operator at the device"),
            ReleaseMode.APPROVER: ("批准人放行", "whoever approved"),
            ReleaseMode.SELF: ("自行放行", "by itself"),
        }.items()
    },
    **{
        f"policy_state.{state.value}": words
        for state, words in {
            PolicyState.PROPOSED: ("待批", "proposed"),
            PolicyState.IN_FORCE: ("现行", "in force"),
            PolicyState.SUPERSEDED: ("已被取代", "superseded"),
            PolicyState.REFUSED: ("未批准", "refused"),
        }.items()
    },
    "profile.strict": ("严格：一律由操作员放行", "strict: an operator releases everything"),
    "profile.office": ("办公：内部和公开文件由批准人放行", "office: whoever approved releases internal and public papers"),
    "adapter.ipp": ("直连 IPP", "IPP, direct"),
    "adapter.cups": ("CUPS 隐藏队列", "hidden CUPS queue"),
    "adapter.none": ("独立复印机，不能送作业", "stands alone, nothing can be sent"),
    "device_state.idle": ("空闲", "idle"),
    "device_state.processing": ("正在打印", "printing"),
    "device_state.stopped": ("已停", "stopped"),
    "device_state.unreachable": ("没有应答", "does not answer"),
    "origin.own": ("本单位自产", "our own"),
    "origin.superior": ("上级来文", "from above"),
    "origin.external": ("外单位来文", "from another unit"),
    "unit.sheets": ("张", "sheets"),
    "unit.copies": ("份", "copies"),
    "decision.approved": ("同意", "approved"),
    "decision.refused": ("不同意", "refused"),
    "decision.": ("待办", "open"),
    "sides.one-sided": ("单面", "one-sided"),
    "sides.two-sided-long-edge": ("双面（长边）", "two-sided, long edge"),
    "sides.two-sided-short-edge": ("双面（短边）", "two-sided, short edge"),
}
"""'group.value' → (Chinese, English)."""

LEVELS: dict[str, tuple[str, str]] = {
    Level.GONGKAI.value: ("公开", "Public 公开"),
    Level.NEIBU.value: ("内部", "Internal 内部"),
    Level.MIMI.value: ("秘密", "Confidential 秘密"),
    Level.JIMI.value: ("机密", "Secret 机密"),
    Level.JUEMI.value: ("绝密", "Top secret 绝密"),
}

ERRORS: dict[str, tuple[str, str, str]] = {
    "E_INVALID": ("填写的内容不合要求。", "按提示更正后重试。", "A value does not have the form it must have."),
    "E_MALFORMED": ("请求无法读取。", "请发送 UTF-8 编码的 JSON。", "The request cannot be read."),
    "E_UNAUTHENTICATED": ("没有登录，或口令不对。", "请重新登录。", "Nobody is logged in, or the password is wrong."),
    "E_FORBIDDEN": ("您的帐号不能进行此操作。", "请有相应角色的人办理。", "The account may not do this."),
    "E_NOT_FOUND": ("没有找到，或您无权知悉。", "请核对编号。", "It does not exist, or you may not know of it."),
    "E_METHOD": ("此地址不接受这种请求方法。", "请对照接口说明。", "The address does not take this method."),
    "E_CONFLICT": ("情况已经变化，此操作现在不能进行。", "请查看当前状态后再决定。", "The act makes no sense in the present state."),
    "E_TOO_LARGE": ("请求太大。", "请缩短后重试。", "The body is too large."),
    "E_MEDIA_TYPE": ("请求体必须是 JSON。", "请注明 Content-Type: application/json。", "The body must be JSON."),
    "E_KEY_REUSED": ("此幂等键已用于另一请求。", "每次操作请使用新的键。", "The idempotency key was used for another request."),
    "E_TOO_MANY": ("调用过于频繁。", "请按提示的秒数等待后重试。", "Too many calls."),
    "E_UNAVAILABLE": ("系统暂时不能处理，请稍后再试。", "请稍候重试。", "The gateway cannot do this now."),
    "E_INTERNAL": ("系统出了差错。", "请报告管理员。", "A fault of ours."),
}
"""A code of the gateway: what it means and what to do in Chinese, what it means in English. Sentences with particulars are English."""


def word(language: str, group: str, value: str) -> str:
    """One word of the house in `language` ('zh_CN' or 'en'); an unknown value comes back as it is."""
    chinese, english = WORDS.get(f"{group}.{value}", (value, value))
    return english if language == "en" else chinese


def device_word(language: str, keyword: str) -> str:
    """One of a device's state reasons (RFC 8011 §5.4.12), its severity left out; a keyword we do not know comes back as it is."""
    for severity in ("-error", "-warning", "-report"):
        keyword = keyword.removesuffix(severity)
    return word(language, "device", keyword)


def level_word(language: str, value: str) -> str:
    """A level; in English with its Chinese term beside it."""
    chinese, english = LEVELS.get(value, (value, value))
    return english if language == "en" else chinese
