"""Print jobs 作业: what holds them, and every act on them."""

from __future__ import annotations

from datetime import datetime

from pydantic import AliasPath, Field, computed_field

from admin_ui.api.answers import PNG, Answer, File, Listing, ReasonAnswer, listing
from admin_ui.api.bodies import Body, CommentBody, Month, Number, PageQuery
from admin_ui.api.permits import PermitAnswer
from admin_ui.api.routes import Noun, Who
from gateway.domain.codes import Code
from gateway.domain.scopes import Scope
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import JobStage, WasteReason
from gateway.errors import InvalidInputError
from gateway.services import attendance, jobs, matching, permits, previews, release, settlement, telegrams
from gateway.services.gate import Actor, Gate

routes = Noun("jobs", "作业")


class MatchBody(Body):
    """The permit a held job belongs to."""

    permit: str = Field(max_length=64)


class JudgeBody(Body):
    """What a person found on page 1."""

    telegram: bool = Field(description="True: a cipher telegram, it is refused and destroyed. False: an ordinary paper.")


class SettleBody(Body):
    """The operator's count of an unresolved job; copy numbers as keys."""

    outcomes: dict[Number, Outcome]
    waste_sheets: dict[Number, Number] = Field({})
    waste_reason: WasteReason = WasteReason.JAM
    resume: bool = Field(True, description="Print what is not good; otherwise its numbers become void.")


class JobsQuery(PageQuery):
    """Which jobs to list."""

    mine: bool = Field(False, description="Only one's own.")
    stage: list[JobStage] = Field([], description="Only these stages; may be given several times.")
    department: str = Field("", max_length=40, description="Only of requesters of this department.")
    month: Month = Field("", description="Only received in this month, YYYY-MM.")


class JobAnswer(Answer):
    """A job and everything that holds it."""

    job: str = Field(validation_alias="job_no")
    stage: JobStage
    job_state: str = Field(validation_alias=AliasPath("ipp_state", 0), serialization_alias="job-state", description="In IPP's words.")
    job_state_reasons: str = Field(validation_alias=AliasPath("ipp_state", 1), serialization_alias="job-state-reasons")
    title: str
    requester: str
    sender: str
    queue: str
    device: str
    permit: str = Field(validation_alias="permit_no")
    permit_state: str
    mark: str
    copies: int
    pages: int | None
    paper: str
    sides: str
    releasable: bool
    operator: str
    attendant: str = Field(description="The second operator at the device, for a paper that takes two.")
    needs_two: bool
    received_at: datetime
    device_says: list[str] = Field(description="State keywords of the device while the job waits for it or is on it.")
    copies_good: int
    copies_reserved: int
    reasons: list[ReasonAnswer]
    suggested: list[str] = Field(description="Permits of the requester that would release the job as it is.")

    @computed_field  # type: ignore[prop-decorator]
    @property
    def codes(self) -> list[Code]:
        """The codes of the reasons."""
        return [reason.code for reason in self.reasons]


class OpenCopyAnswer(Answer):
    """One copy number that waits for settlement."""

    number: int
    reprints: int


@routes.get("/jobs", "作业列表", scopes=[Scope.JOBS_READ])
def list_jobs(gate: Gate, actor: Actor, query: JobsQuery) -> Listing[JobAnswer]:
    """Jobs, newest first: one's own; approvers and operators see all."""
    asked = query.model_dump(exclude={"stage"})
    return listing(JobAnswer, jobs.list_jobs(gate, actor, stages=query.stage, **asked))


@routes.get("/jobs/<job_no>", "查看作业", scopes=[Scope.JOBS_READ])
def show_job(gate: Gate, actor: Actor, job_no: str) -> JobAnswer:
    """One job with everything that holds it."""
    return JobAnswer.of(jobs.show(gate, actor, job_no))


@routes.get("/jobs/<job_no>/pages/<page>", "查看一页")
def show_page(gate: Gate, actor: Actor, job_no: str, page: str) -> File:
    """One page of a held job as a picture, with the viewer's name across it.

    It counts as looked at: an approver looks at all of them before he approves (R31).
    """
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
    return File(f"{job_no}-{number}.png", PNG, previews.picture_of_page(gate, actor, job_no, number))


@routes.post("/jobs/<job_no>/judge", "核查密码电报字样")
def judge_job(gate: Gate, actor: Actor, job_no: str, body: JudgeBody) -> JobAnswer:
    """Say of a paper whose first page speaks of cipher telegrams what it is; whoever says it has looked at that page."""
    return JobAnswer.of(telegrams.judge_telegram(gate, actor, job_no, is_telegram=body.telegram))


@routes.post("/jobs/<job_no>/match", "为作业指定准印证")
def match_job(gate: Gate, actor: Actor, job_no: str, body: MatchBody) -> JobAnswer:
    """Say which permit a held job belongs to."""
    return JobAnswer.of(matching.match_job(gate, actor, job_no, body.permit))


@routes.post("/jobs/<job_no>/approve", "批准此作业的准印证", who=Who.CONFIRMED)
def approve_job(gate: Gate, actor: Actor, job_no: str, body: CommentBody) -> PermitAnswer:
    """Approve the permit asked for from this job."""
    return PermitAnswer.of(permits.approve_permit(gate, actor, _permit_of(gate, actor, job_no), body.comment))


@routes.post("/jobs/<job_no>/refuse", "不批准此作业的准印证", who=Who.CONFIRMED)
def refuse_job(gate: Gate, actor: Actor, job_no: str, body: CommentBody) -> PermitAnswer:
    """Refuse the permit asked for from this job, with a reason."""
    return PermitAnswer.of(permits.refuse_permit(gate, actor, _permit_of(gate, actor, job_no), body.comment))


def _permit_of(gate: Gate, actor: Actor, job_no: str) -> str:
    permit_no = jobs.show(gate, actor, job_no).permit_no
    if not permit_no:
        raise InvalidInputError("No permit was asked for from this job.", "Its owner asks for one first.")
    return permit_no


@routes.post("/jobs/<job_no>/attend", "第二名操作员在场", who=Who.CONFIRMED)
def attend_job(gate: Gate, actor: Actor, job_no: str) -> JobAnswer:
    """Say as second operator that one stands at the device while another releases a paper of 绝密; it counts for half an hour."""
    return JobAnswer.of(attendance.attend_job(gate, actor, job_no))


@routes.post("/jobs/<job_no>/claim", "认领作业")
def claim_job(gate: Gate, actor: Actor, job_no: str) -> JobAnswer:
    """Take a held job to the device: a lease that ends by itself."""
    return JobAnswer.of(release.claim_job(gate, actor, job_no))


@routes.post("/jobs/<job_no>/release", "放行", who=Who.CONFIRMED, wakes=True)
def release_job(gate: Gate, actor: Actor, job_no: str) -> JobAnswer:
    """Release all copies of a held job: every rule is checked again, the copy numbers are given, paper comes out."""
    return JobAnswer.of(release.release_job(gate, actor, job_no))


@routes.post("/jobs/<job_no>/cancel", "撤回作业", wakes=True)
def cancel_job(gate: Gate, actor: Actor, job_no: str, body: CommentBody) -> JobAnswer:
    """Withdraw a job; its content is destroyed."""
    return JobAnswer.of(release.cancel_job(gate, actor, job_no, body.comment))


@routes.get("/jobs/<job_no>/settlement", "待处置的份号")
def open_copies(gate: Gate, actor: Actor, job_no: str) -> Listing[OpenCopyAnswer]:
    """The copy numbers of an unresolved job nobody has accounted for."""
    return listing(OpenCopyAnswer, settlement.open_copies(gate, actor, job_no))


@routes.post("/jobs/<job_no>/settle", "处置存疑作业", who=Who.CONFIRMED, wakes=True)
def settle_job(gate: Gate, actor: Actor, job_no: str, body: SettleBody) -> JobAnswer:
    """Say what became of each number of an unresolved job."""
    count = Settlement(body.outcomes, body.resume, body.waste_sheets, body.waste_reason)
    return JobAnswer.of(settlement.settle(gate, actor, job_no, count))
