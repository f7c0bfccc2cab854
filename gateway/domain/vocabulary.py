"""The words of the house: levels, stages, states, roles, kinds. Their Chinese terms stand in docs/glossary.md.

Codes are pinyin where English translations contradict each other (密级); everything else uses IPP's words.
"""

from __future__ import annotations

from enum import StrEnum


class Level(StrEnum):
    """密级: 公开 < 内部 < 秘密 < 机密 < 绝密 (R26). Compare with `rank`."""

    GONGKAI = "gongkai"
    NEIBU = "neibu"
    MIMI = "mimi"
    JIMI = "jimi"
    JUEMI = "juemi"

    @property
    def rank(self) -> int:
        """0 for 公开 … 4 for 绝密."""
        return list(Level).index(self)

    @property
    def hanzi(self) -> str:
        """The term as it is stamped and shown, for instance 机密."""
        return _LEVEL_HANZI[self]

    @property
    def is_state_secret(self) -> bool:
        """True for 秘密, 机密, 绝密: the three levels that bear ★ (保密法 art. 22)."""
        return self.rank >= Level.MIMI.rank

    @classmethod
    def parse(cls, text: str) -> Level:
        """Pinyin or Chinese to a level. Raises ValueError naming the accepted words."""
        word = text.strip().lower()
        for level in cls:
            if word in (level.value, level.hanzi):
                return level
        accepted = ", ".join(f"{level.value} {level.hanzi}" for level in cls)
        raise ValueError(f"'{text}' is not a level; use one of {accepted}")


_LEVEL_HANZI = {
    Level.GONGKAI: "公开",
    Level.NEIBU: "内部",
    Level.MIMI: "秘密",
    Level.JIMI: "机密",
    Level.JUEMI: "绝密",
}

UNKNOWN_LEVEL_COUNTS_AS = Level.JIMI
"""A job whose level nobody has said is treated as 机密 until somebody does (R26, fail closed)."""


class Channel(StrEnum):
    """The way to paper (or to the line) a job takes."""

    PRINT = "print"
    COPY = "copy"
    FAX = "fax"


class PermitKind(StrEnum):
    """What a permit 准印证 allows: print 打印, copy 复印, reproduction 翻印, proof 清样, fax 传真, standing 常年, JM-EX 绝密例外 (R16)."""

    PRINT = "print"
    COPY = "copy"
    REPRODUCTION = "reproduction"
    PROOF = "proof"
    FAX = "fax"
    STANDING = "standing"
    JM_EX = "jm_ex"


class AllowanceUnit(StrEnum):
    """What the monthly allowance of a standing permit counts: media sheets 张 or copies 份."""

    SHEETS = "sheets"
    COPIES = "copies"


class PermitState(StrEnum):
    """A permit's life; the transition table is in `gateway.domain.permits`."""

    DRAFT = "draft"
    REQUESTED = "requested"
    ACTIVE = "active"
    USED_UP = "used_up"
    EXPIRED = "expired"
    REVOKED = "revoked"
    REFUSED = "refused"
    CLOSED = "closed"


class JobStage(StrEnum):
    """A job's life; the transition table and the IPP job-state of each are in `gateway.domain.stages`."""

    RECEIVING = "receiving"
    HELD = "held"
    QUEUED = "queued"
    PREPARING = "preparing"
    SUBMITTING = "submitting"
    PRINTING = "printing"
    COMPLETED = "completed"
    UNRESOLVED = "unresolved"
    CANCELED = "canceled"
    REFUSED = "refused"
    ABORTED = "aborted"


class CopyState(StrEnum):
    """What became of one copy number 份号 (invariant I4): reserved, then exactly one of good or void.

    A good one that spoils after all and is withdrawn waits as `spoiled` until it is printed again (SC-22).
    """

    RESERVED = "reserved"
    GOOD = "good"
    SPOILED = "spoiled"
    VOID = "void"


class Role(StrEnum):
    """Roles of people. Which may not meet in one person: `gateway.domain.duties`."""

    REQUESTER = "requester"
    DEPARTMENT_HEAD = "department_head"
    LEADER = "leader"
    PRINCIPAL_LEADER = "principal_leader"
    SECRECY_DIRECTOR = "secrecy_director"
    OPERATOR = "operator"
    ROOM_HEAD = "room_head"
    SYSTEM_ADMIN = "system_admin"
    SECURITY_ADMIN = "security_admin"
    AUDITOR = "auditor"
    INSPECTOR = "inspector"

    @property
    def hanzi(self) -> str:
        """The role as it is called, for instance 机要管理员."""
        return _ROLE_HANZI[self]

    @classmethod
    def parse(cls, text: str) -> Role:
        """The code or its Chinese name to a role. Raises ValueError naming the accepted words."""
        word = text.strip()
        for role in cls:
            if word.lower() == role.value or word == role.hanzi:
                return role
        accepted = ", ".join(f"{role.value} {role.hanzi}" for role in cls)
        raise ValueError(f"'{text[:40]}' is not a role; use one of {accepted}")


_ROLE_HANZI = {
    Role.REQUESTER: "承办人",
    Role.DEPARTMENT_HEAD: "部门负责人",
    Role.LEADER: "主管领导",
    Role.PRINCIPAL_LEADER: "主要领导",
    Role.SECRECY_DIRECTOR: "保密办主任",
    Role.OPERATOR: "机要管理员",
    Role.ROOM_HEAD: "机要室负责人",
    Role.SYSTEM_ADMIN: "系统管理员",
    Role.SECURITY_ADMIN: "安全保密管理员",
    Role.AUDITOR: "安全审计员",
    Role.INSPECTOR: "检查人员",
}


class Origin(StrEnum):
    """Where the document comes from: 自产, 上级, 外单位."""

    OWN = "own"
    SUPERIOR = "superior"
    EXTERNAL = "external"


class DocType(StrEnum):
    """文种. A cipher telegram is refused on every channel (R17)."""

    ORDINARY = "ordinary"
    CIPHER_TELEGRAM = "cipher_telegram"
    PLAIN_TELEGRAM = "plain_telegram"
    CASE_FILE = "case_file"
    PERSONNEL_FILE = "personnel_file"


class ReleaseMode(StrEnum):
    """Who turns an approved job into paper: an operator at the device, an approver in the UI, or nobody (standing permits)."""

    OPERATOR = "operator"
    APPROVER = "approver"
    SELF = "self"


class JuemiException(StrEnum):
    """Whether 绝密 may be copied at all: never, or with the issuing authority's consent (R15, R16)."""

    OFF = "off"
    ISSUER = "issuer"


class PolicyState(StrEnum):
    """The life of one version of the policy (R32, R86): proposed, then in force until superseded, or refused."""

    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    SUPERSEDED = "superseded"
    REFUSED = "refused"


class RoomMode(StrEnum):
    """Why nothing is printed now. The room is open while no other mode holds (R86, R89, R90, R101, R102)."""

    OPEN = "open"
    CLOSED = "closed"
    SEALED = "sealed"
    CLOCK = "clock"
    SAFE = "safe"
    EMERGENCY = "emergency"


class AlertKind(StrEnum):
    """What somebody responsible must look at and acknowledge (R101)."""

    DENIALS = "denials"
    DENIED_JOB = "denied_job"
    CLOCK_SET_BACK = "clock_set_back"
    SETTINGS_CHANGED = "settings_changed"
    POLICY_CHANGED = "policy_changed"
    LEDGER_BROKEN = "ledger_broken"
    EMERGENCY = "emergency"
    OVERDUE = "overdue"
    METER = "meter"
    METER_SILENT = "meter_silent"


class SlipKind(StrEnum):
    """What a slip 凭条 witnesses. Its permit, checkpoint and copies' codes: `gateway.domain.paper_codes`."""

    PERMIT = "permit"
    PICK_UP = "pick_up"
    WASTE = "waste"
    CHECKPOINT = "checkpoint"


class CarrierState(StrEnum):
    """Where a carrier 载体 is in its life; the table of moves is in `gateway.domain.carriers` (R25, R67)."""

    RESERVED = "reserved"
    PRINTED = "printed"
    IN_CUSTODY = "in_custody"
    ISSUED = "issued"
    LENT = "lent"
    CIRCULATING = "circulating"
    CARRIED_OUT = "carried_out"
    RETURNED = "returned"
    ARCHIVED = "archived"
    TRANSFERRED = "transferred"
    DESTROYED = "destroyed"
    VOID = "void"
    MISSING = "missing"


class CarrierVerb(StrEnum):
    """What can be done with a carrier."""

    MAKE = "make"
    SHELVE = "shelve"
    ISSUE = "issue"
    LEND = "lend"
    CIRCULATE = "circulate"
    CARRY_OUT = "carry_out"
    GIVE_BACK = "give_back"
    RETURN = "return"
    HAND_OVER = "hand_over"
    TRANSFER = "transfer"
    ARCHIVE = "archive"
    SPOIL = "spoil"
    DESTROY = "destroy"
    MISS = "miss"
    FIND = "find"


class TransferState(StrEnum):
    """A custody transfer: offered by who gives, then signed or rejected by who receives, or withdrawn (R51, R53, R54)."""

    OFFERED = "offered"
    SIGNED = "signed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Delivery(StrEnum):
    """How a carrier travels; ordinary mail is not among the ways (R49)."""

    IN_PERSON = "in_person"
    COURIER = "courier"
    CONFIDENTIAL_TRAFFIC = "confidential_traffic"
    CONFIDENTIAL_MAIL = "confidential_mail"
    CONFIDENTIAL_EXCHANGE = "confidential_exchange"


class DestructionState(StrEnum):
    """A destruction list 销毁清单 (R38)."""

    DRAFT = "draft"
    APPROVED = "approved"
    REFUSED = "refused"
    DONE = "done"


class CarryOutState(StrEnum):
    """A request to carry carriers out 外出携带 (R70)."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    OUT = "out"
    BACK = "back"


class DestructionMethod(StrEnum):
    """How paper is destroyed (R35)."""

    SHRED = "shred"
    SENT_AWAY = "sent_away"


class Found(StrEnum):
    """What an inventory finds of one carrier (R60)."""

    PRESENT = "present"
    OUT_OK = "out_ok"
    RETURNED = "returned"
    MISSING = "missing"


class WasteReason(StrEnum):
    """Why sheets are waste (FORMS.md F6). A proof is waste from the moment it is printed (R36); nobody enters that by hand."""

    JAM = "jam"  # 卡纸
    SOILED = "soiled"  # 污损
    TEST = "test"  # 试印
    MISPRINT = "misprint"  # 错版
    SURPLUS = "surplus"  # 多余
    POWER_CUT = "power_cut"  # 断电
    PROOF = "proof"  # 清样


ENTERED_REASONS = tuple(reason for reason in WasteReason if reason is not WasteReason.PROOF)
"""What an operator may give as the reason of spoiled sheets."""


class VisitReason(StrEnum):
    """Why somebody comes into the room (R79)."""

    REPAIR = "repair"
    INSPECTION = "inspection"
    MILITARY = "military"
    COLLEAGUES = "colleagues"
    OTHER = "other"


class IdKind(StrEnum):
    """What a visitor shows who he is with (F1)."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    SERVICE_CARD = "service_card"


HANDOVER_REASONS = ("transferred", "leaving", "leave")
"""调动, 离职, 休假 (R82); after the last the account stays open."""
