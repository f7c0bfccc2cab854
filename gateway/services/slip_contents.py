"""What each kind of slip says, from the rows as they are now. The wording of paper is Chinese, whatever the language of the UI."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from gateway.db.tables import Checkpoint, Copy, Job, Permit, Release, User, Waste
from gateway.domain.duties import Act
from gateway.domain.paper_codes import permit_slip_code
from gateway.domain.slips import Issue, Slip, SlipTable, grouped, title_on_slip
from gateway.domain.vocabulary import CopyState, JobStage, Level, PermitState, Role, SlipKind, WasteReason
from gateway.errors import ConflictError, NotFoundError
from gateway.ledger.checkpoints import SignedHead
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, visible_job
from gateway.services.jobs import view as job_view
from gateway.services.permit_views import PermitView, visible_permit
from gateway.services.permit_views import view as permit_view

NEWEST = "newest"
"""The subject of a slip of the newest checkpoint."""

MOST_LINES = 50
"""Copy numbers a slip lists at most: it is a slip, not the register."""

ROLES_ZH = {
    Role.DEPARTMENT_HEAD: "部门负责人",
    Role.LEADER: "主管领导",
    Role.PRINCIPAL_LEADER: "主要领导",
    Role.SECRECY_DIRECTOR: "保密办主任",
}
WASTE_ZH = {
    WasteReason.JAM: "卡纸",
    WasteReason.SOILED: "污损",
    WasteReason.TEST: "试印",
    WasteReason.MISPRINT: "错版",
    WasteReason.SURPLUS: "多余",
    WasteReason.POWER_CUT: "断电",
    WasteReason.PROOF: "清样",
}


def contents(gate: Gate, session: Session, actor: Actor, kind: SlipKind, subject: str) -> tuple[str, Slip]:
    """The canonical subject, and the slip without its issue.

    Raises NotFoundError for what the actor may not know of, ForbiddenError for what is not his to hand out,
    ConflictError while there is nothing to tell yet.
    """
    return _MADE_BY[kind](gate, session, actor, subject)


def _local(gate: Gate, moment: datetime) -> str:
    return moment.astimezone(gate.settings.zone).strftime("%Y-%m-%d %H:%M")


def issue_told(gate: Gate, session: Session, *, serial: int, at: datetime, by_id: int, ledger_seq: int, tag: str) -> Issue:
    """The foot of an issued slip."""
    return Issue(serial, _local(gate, at), session.get_one(User, by_id).display_name, ledger_seq, tag)


def _permit(gate: Gate, session: Session, actor: Actor, subject: str) -> tuple[str, Slip]:
    permit = permit_view(session, visible_permit(session, actor, subject))
    if permit.state is not PermitState.ACTIVE:
        raise ConflictError(f"The permit {permit.permit_no} is {permit.state.value}, not active.", "Only an active permit gets a slip.")
    title = title_on_slip(permit.level, permit.title)
    rows = [
        *([("文件", title)] if title else []),
        ("数量", f"{permit.pages}页 × {permit.copies_approved}份"),
        ("发行范围", _scope(permit)),
        ("承办", f"{permit.requester_name}（{permit.department}）"),
        ("设备", "、".join(permit.devices) or "任一准许的设备"),
        ("有效期", f"{_local(gate, permit.valid_from)} 至\n{_local(gate, permit.valid_to)}"),
    ]
    rows += [
        (ROLES_ZH.get(step.role, step.role.value), f"{step.person_name} {_local(gate, step.decided_at)}")
        for step in permit.steps
        if step.decided_at is not None
    ]
    return permit.permit_no, Slip(
        SlipKind.PERMIT,
        gate.settings.unit,
        permit.permit_no,
        tuple(rows),
        mark=permit.mark or Level.GONGKAI.hanzi,
        code=permit_slip_code(permit.permit_no),
        code_words="打印时扫码，或输入上面的号码",
    )


def _scope(permit: PermitView) -> str:
    parts = [f"{code}×{copies}" for code, copies in permit.scope]
    return "，".join([*parts, f"存档×{permit.archive_copies}"] if permit.archive_copies else parts)


def _job_of_operator(session: Session, actor: Actor, subject: str) -> Job:
    job = visible_job(session, actor, subject)
    actor.require(Act.RELEASE)
    return job


def _about_job(session: Session, job: Job) -> tuple[JobView, list[tuple[str, str]]]:
    view = job_view(session, job)
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    title = title_on_slip(Level(permit.level), permit.title or "") if permit else ""
    return view, [*([("文件", title)] if title else []), ("准印证", view.permit_no), ("承办", view.requester_name), ("设备", view.device)]


def _pick_up(gate: Gate, session: Session, actor: Actor, subject: str) -> tuple[str, Slip]:
    job = _job_of_operator(session, actor, subject)
    if JobStage(job.stage) is not JobStage.COMPLETED:
        raise ConflictError(f"Job {job.job_no} is {job.stage}, not completed.", "There is nothing to pick up yet.")
    view, rows = _about_job(session, job)
    numbers = session.exec(
        select(Copy.number).where(Copy.job_id == job.id, Copy.state == CopyState.GOOD.value).order_by(col(Copy.number))
    ).all()
    if not numbers:
        raise ConflictError(f"No copy of job {job.job_no} is good.", "There is nothing to pick up.")
    release = session.exec(select(Release).where(Release.job_id == job.id).order_by(col(Release.id).desc())).first()
    if release is not None:
        rows += [
            ("放行", f"{session.get_one(User, release.operator_id).display_name} {_local(gate, release.released_at)}"),
            ("放行账目", grouped(release.tag, 4)),
        ]
    rows += [("数量", f"{len(numbers)}份 × {job.pages}页"), ("份号", spans(numbers))]
    return job.job_no, Slip(
        SlipKind.PICK_UP, gate.settings.unit, job.job_no, tuple(rows), mark=view.mark or Level.GONGKAI.hanzi, signatures=("取件人", "日期")
    )


def spans(numbers: Sequence[int]) -> str:
    """Copy numbers as runs: 000001–000003、000007; the end of a long list stands in the register only."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    told = "、".join(f"{first:06d}" if first == last else f"{first:06d}–{last:06d}" for first, last in runs[:MOST_LINES])
    return told if len(runs) <= MOST_LINES else f"{told}……余见登记簿"


def _waste(gate: Gate, session: Session, actor: Actor, subject: str) -> tuple[str, Slip]:
    job = _job_of_operator(session, actor, subject)
    found = session.exec(
        select(Waste, Copy.number).join(Copy, col(Waste.copy_id) == Copy.id).where(Waste.job_id == job.id).order_by(col(Waste.id))
    ).all()
    if not found:
        raise ConflictError(f"Job {job.job_no} has no spoiled sheets.", "There is nothing to hand in.")
    view, rows = _about_job(session, job)
    last = found[-1][0]
    rows += [
        ("登记", f"{session.get_one(User, last.recorded_by_id).display_name} {_local(gate, last.recorded_at)}"),
        ("合计", f"{sum(waste.sheets for waste, _ in found)}张"),
    ]
    lines = [(f"{number:06d}", str(waste.sheets), WASTE_ZH[WasteReason(waste.reason)]) for waste, number in found[:MOST_LINES]]
    if len(found) > MOST_LINES:
        lines.append(("余见登记簿", "", ""))
    return job.job_no, Slip(
        SlipKind.WASTE,
        gate.settings.unit,
        job.job_no,
        tuple(rows),
        mark=view.mark or Level.GONGKAI.hanzi,
        table=SlipTable(("份号", "张数", "原因"), tuple(lines)),
        signatures=("操作人", "监销人", "监销人"),
    )


def _checkpoint(gate: Gate, session: Session, actor: Actor, subject: str) -> tuple[str, Slip]:
    actor.require(Act.VERIFY_LEDGER)
    if subject != NEWEST and not (subject.isascii() and subject.isdigit() and len(subject) <= 18):
        raise NotFoundError("There is no such checkpoint.", "Name its entry, or 'newest'.")
    query = select(Checkpoint).order_by(col(Checkpoint.seq).desc(), col(Checkpoint.id).desc())
    row = session.exec(query if subject == NEWEST else query.where(Checkpoint.seq == int(subject))).first()
    if row is None:
        raise NotFoundError("There is no such checkpoint.", "Sign one first: `imprimatur ledger checkpoint`.")
    signed = SignedHead.of(row.seq, row.hash, row.at, row.key_id, row.signature)
    return str(row.seq), Slip(
        SlipKind.CHECKPOINT,
        gate.settings.unit,
        f"第 {row.seq} 条",
        (
            ("末条哈希", grouped(row.hash, 8)),
            ("签于", _local(gate, row.at)),
            ("密钥", grouped(row.key_id, 4)),
            ("签名", grouped(signed.signature_bytes.hex()[:16], 4) + " …"),
        ),
        code=signed.code(),
        code_words="内含完整签名；请存放在本机之外",
    )


_MADE_BY: dict[SlipKind, Callable[[Gate, Session, Actor, str], tuple[str, Slip]]] = {
    SlipKind.PERMIT: _permit,
    SlipKind.PICK_UP: _pick_up,
    SlipKind.WASTE: _waste,
    SlipKind.CHECKPOINT: _checkpoint,
}
