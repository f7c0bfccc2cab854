"""Permits 准印证: ask, decide, take back, extend, look."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body, CommentBody, LevelWord, Moment, Month, Number, PageQuery
from admin_ui.api.routes import Noun, Who
from gateway.domain.permit_form import Consent, Monthly, Recipient, Vendor
from gateway.domain.scopes import Scope
from gateway.domain.vocabulary import AllowanceUnit, DocType, Level, Origin, PermitKind, PermitState, Role
from gateway.services import consents, permit_closing, permit_requests, permit_views, permits
from gateway.services.gate import Actor, Gate
from gateway.services.permit_requests import Wish

routes = Noun("permits", "准印证")


class ConsentBody(Body):
    """The issuer's consent 发文单位同意."""

    doc_no: str = Field(max_length=60)
    date: date
    person: str = Field(max_length=50)
    sha256: str = Field("", max_length=64, description="SHA-256 of the scanned letter, in small hexadecimal; a JM-EX permit needs it.")


class RecipientBody(Body):
    """A unit outside that gets copies, and who signs for them there."""

    unit: str = Field(max_length=100)
    copies: Number
    person: str = Field("", max_length=50)


class VendorBody(Body):
    """An outside printer with its licence 印制资质."""

    name: str = Field(max_length=100)
    licence_no: str = Field("", max_length=60)
    level: LevelWord | None = None


class MonthlyBody(Body):
    """The allowance of a standing permit 常年 in each calendar month."""

    amount: Number
    unit: AllowanceUnit = AllowanceUnit.SHEETS


class PermitBody(Body):
    """A permit asked for; with `job`, what is left out is taken from the held job."""

    job: str | None = Field(None, max_length=40)
    kind: PermitKind = PermitKind.PRINT
    title: str | None = Field(None, max_length=120)
    level: LevelWord
    term: str = Field("", max_length=20)
    pages: Number | None = None
    copies: Number | None = None
    scope: dict[str, Number] = Field({}, max_length=500)
    archive_copies: Number = 0
    purpose: str = Field("", max_length=200)
    doc_no: str = Field("", max_length=60)
    doc_type: DocType = DocType.ORDINARY
    devices: list[str] = Field([], max_length=100)
    valid_from: Moment | None = None
    valid_to: Moment | None = None
    origin: Origin = Origin.OWN
    issuer: str = Field("", max_length=100, description="发文单位; needed unless the paper is the unit's own.")
    consent: ConsentBody | None = None
    no_copy_notice: bool = Field(False, description="The paper itself says 不得翻印 or 不得复制.")
    classifier: str = Field("", max_length=50, description="定密责任人.")
    recipients: list[RecipientBody] = Field([], max_length=100)
    vendor: VendorBody | None = None
    knowers: list[str] = Field([], max_length=500, description="Accounts of 知悉人员, from 机密 up.")
    original: str = Field("", max_length=64, description="Of a copy: the permit its original was made under.")
    monthly: MonthlyBody | None = Field(None, description="Of a standing permit only.")

    def wish(self) -> Wish:
        """What was filled in, as the service takes it."""
        given = {name: value for name, value in self if name not in ("job", "consent", "recipients", "vendor", "monthly")}
        return Wish(
            **given,
            job_no=self.job,
            consent=Consent(**dict(self.consent)) if self.consent else None,
            recipients=tuple(Recipient(**dict(one)) for one in self.recipients),
            vendor=Vendor(**dict(self.vendor)) if self.vendor else None,
            monthly=Monthly(**dict(self.monthly)) if self.monthly else None,
        )


class ExtendBody(Body):
    """A later end of validity."""

    valid_to: Moment


class PermitsQuery(PageQuery):
    """Which permits to list."""

    mine: bool = Field(False, description="Only those one asked for.")
    waiting: bool = Field(False, description="Only those whose next step one may fill.")
    state: list[PermitState] = Field([], description="Only in these states; may be given several times.")
    department: str = Field("", max_length=40, description="Only of this department.")
    month: Month = Field("", description="Only asked for in this month, YYYY-MM.")
    standing: bool = Field(False, description="Only standing ones; with `mine` those of one's own department.")


class ConsentAnswer(Answer):
    """The issuer's consent."""

    doc_no: str
    date: date
    person: str
    sha256: str


class RecipientAnswer(Answer):
    """A unit outside that gets copies."""

    unit: str
    copies: int
    person: str


class VendorAnswer(Answer):
    """An outside printer."""

    name: str
    licence_no: str
    level: Level | None


class MonthlyAnswer(Answer):
    """A standing permit's allowance in each calendar month."""

    amount: int
    unit: AllowanceUnit


class ApprovalAnswer(Answer):
    """One step of the approval chain; open while `decision` is empty."""

    role: Role
    person: str
    decision: str
    comment: str
    delegation: str = Field(description="Document number of the delegation the person acted under; empty for a role of his own.")
    at: datetime | None = Field(validation_alias="decided_at")


class PermitAnswer(Answer):
    """A permit with its quantities and its approval chain."""

    permit: str = Field(validation_alias="permit_no")
    kind: PermitKind
    state: PermitState
    department: str
    requester: str
    title: str
    level: Level
    term: str
    mark: str = Field(description="As it is stamped, such as 秘密★5年.")
    pages: int
    copies_approved: int
    copies_reserved: int
    copies_good: int
    copies_left: int
    archive_copies: int
    scope: Annotated[dict[str, int], BeforeValidator(dict)]
    devices: list[str]
    purpose: str
    valid_from: datetime
    valid_to: datetime
    page_hash: str
    job: str = Field(validation_alias="job_no")
    next_role: Role | None
    approvals: list[ApprovalAnswer] = Field(validation_alias="steps")
    doc_no: str
    doc_type: DocType
    origin: Origin
    issuer: str
    consent: ConsentAnswer | None
    no_copy_notice: bool
    classifier: str
    recipients: list[RecipientAnswer]
    vendor: VendorAnswer | None
    knowers: list[str]
    monthly: MonthlyAnswer | None
    months: Annotated[dict[str, int], BeforeValidator(dict)] = Field(description="Of a standing permit: used in which month (YYYY-MM).")


@routes.get("/permits", "准印证列表", scopes=[Scope.PERMITS_READ])
def list_permits(gate: Gate, actor: Actor, query: PermitsQuery) -> Listing[PermitAnswer]:
    """Permits, newest first: one's own; approvers and operators see all."""
    asked = query.model_dump(exclude={"state", "waiting"})
    return listing(PermitAnswer, permit_views.list_permits(gate, actor, waiting_for_me=query.waiting, states=query.state, **asked))


@routes.post("/permits", "申请准印证", makes=True, scopes=[Scope.PERMITS_WRITE])
def request_permit(gate: Gate, actor: Actor, body: PermitBody) -> PermitAnswer:
    """Ask for a permit, in advance or from a held job.

    Scope and archive copies must sum up to the copies; without a scope all stay in the caller's department.
    """
    draft = permit_requests.draft_request(gate, actor, body.wish())
    return PermitAnswer.of(permit_requests.request_permit(gate, actor, draft, body.job))


@routes.get("/permits/<permit_no>", "查看准印证", scopes=[Scope.PERMITS_READ])
def show_permit(gate: Gate, actor: Actor, permit_no: str) -> PermitAnswer:
    """One permit with its approval chain."""
    return PermitAnswer.of(permit_views.show_permit(gate, actor, permit_no))


@routes.post("/permits/<permit_no>/approve", "批准", who=Who.CONFIRMED)
def approve_permit(gate: Gate, actor: Actor, permit_no: str, body: CommentBody) -> PermitAnswer:
    """Fill the next step of the approval chain."""
    return PermitAnswer.of(permits.approve_permit(gate, actor, permit_no, body.comment))


@routes.post("/permits/<permit_no>/refuse", "不批准", who=Who.CONFIRMED)
def refuse_permit(gate: Gate, actor: Actor, permit_no: str, body: CommentBody) -> PermitAnswer:
    """Say no, with a reason."""
    return PermitAnswer.of(permits.refuse_permit(gate, actor, permit_no, body.comment))


@routes.post("/permits/<permit_no>/revoke", "撤销", scopes=[Scope.PERMITS_WRITE])
def revoke_permit(gate: Gate, actor: Actor, permit_no: str, body: CommentBody) -> PermitAnswer:
    """Take a permit back, with a reason; copies that run are finished."""
    return PermitAnswer.of(permits.revoke_permit(gate, actor, permit_no, body.comment))


@routes.post("/permits/<permit_no>/extend", "申请延期", scopes=[Scope.PERMITS_WRITE])
def extend_permit(gate: Gate, actor: Actor, permit_no: str, body: ExtendBody) -> PermitAnswer:
    """Ask for a later end of validity; the whole chain approves again."""
    return PermitAnswer.of(permits.extend_permit(gate, actor, permit_no, body.valid_to))


@routes.post("/permits/<permit_no>/consent", "补登发文单位同意")
def add_consent(gate: Gate, actor: Actor, permit_no: str, body: ConsentBody) -> PermitAnswer:
    """Enter the issuer's letter of consent when it comes later: the requester before approval, afterwards one who approved."""
    return PermitAnswer.of(consents.add_consent(gate, actor, permit_no, Consent(**dict(body))))


@routes.post("/permits/<permit_no>/close", "办结")
def close_permit(gate: Gate, actor: Actor, permit_no: str) -> PermitAnswer:
    """Close a permit that is over, when its proofs and spoiled sheets are destroyed."""
    return PermitAnswer.of(permit_closing.close_permit(gate, actor, permit_no))
