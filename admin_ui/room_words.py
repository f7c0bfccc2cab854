"""Words of the room's regular tasks and of what self-checks find."""

from __future__ import annotations

from gateway.domain.regular_tasks import Task
from gateway.domain.self_check_findings import FindingKind

ROOM_WORDS: dict[str, tuple[str, str]] = {
    f"task.{Task.ALARM_TEST.value}": ("报警监控系统检测（每月）", "test of the alarm (monthly)"),
    f"task.{Task.VIRUS_SCAN.value}": ("计算机查杀病毒（每周）", "virus scan (weekly)"),
    "task.maintenance": ("设备维护", "maintenance"),
    f"self_check.{FindingKind.LEDGER.value}": ("账本不一致", "the ledger disagrees"),
    f"self_check.{FindingKind.PAPER.value}": ("用纸与登记不一致", "paper and register disagree"),
    f"self_check.{FindingKind.OVERDUE.value}": ("逾期", "overdue"),
    f"self_check.{FindingKind.TASK.value}": ("例行事务缺做", "regular task missing"),
}
"""'group.value' → (Chinese, English); part of `admin_ui.words.WORDS`."""
