"""Faxes 传真: filed, decided on, registered, signed for; technical processing records."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from admin_ui.api.answers import Answer, Listing, listing
from admin_ui.api.bodies import Body
from admin_ui.api.routes import Noun, Who
from gateway.domain.fax import CryptClass, ProcessingMethod
from gateway.domain.vocabulary import Level
from gateway.services import fax_drawing, fax_filing, fax_permits, fax_printing, fax_processing, fax_retention, fax_tray, fax_views, faxing
from gateway.services.fax_filing import FaxWish
from gateway.services.fax_tray import Registration
from gateway.services.gate import Actor, Gate

routes = Noun("faxes", "传真")


class AttemptAnswer(Answer):
    """One call."""

    attempt: int
    started_at: datetime
    ended_at: datetime
    result: str
    pages: int
    uncertain: bool
    seconds: int
    remote: str


class FaxAnswer(Answer):
    """A fax; its number is masked except for its requester, operators and approvers."""

    fax: str = Field(validation_alias="fax_no")
    direction: str
    state: str
    result: str | None
    job: str = Field(validation_alias="job_no")
    permit: str = Field(validation_alias="permit_no")
    number: str
    peer: str
    person: str
    summary: str
    doc_no: str
    level: str | None
    crypt_class: str
    answers: str
    tpr_no: str
    department: str
    requester: str
    operator: str
    sha256: str
    pages: int
    picture_pages: list[int] = Field(description="Pages on which words may stand that are no text.")
    pictures_read: bool = Field(description="Whether those were read for marks by machine.")
    pages_sent: int
    uncertain: bool
    attempts: list[AttemptAnswer]
    next_try_at: datetime | None
    registered_at: datetime
    ended_at: datetime | None
    signed_by: str
    signed_at: datetime | None


class FaxBody(Body):
    """Where a held job's pages go; `source_level` is that of the paper its text was made from."""

    number: str = Field(min_length=3, max_length=40)
    peer: str = Field(min_length=1, max_length=100)
    person: str = Field(min_length=1, max_length=50)
    level: Level = Field(strict=False)
    source_level: Level = Field(Level.GONGKAI, strict=False)
    crypt_class: CryptClass = Field(CryptClass.PLAIN, strict=False)
    doc_no: str = Field("", max_length=60)
    tpr_no: str = Field("", max_length=20)
    answers: str = Field("", max_length=20, description="The received fax it replies to.")


class ReceivedFaxBody(Body):
    """What the operator says of a received fax."""

    level: Level = Field(strict=False)
    department: str = Field(min_length=1, max_length=20)
    peer: str = Field(min_length=1, max_length=100)
    person: str = Field("", max_length=50)
    summary: str = Field("", max_length=120)
    doc_no: str = Field("", max_length=60)
    crypt_class: CryptClass = Field(CryptClass.PLAIN, strict=False)


class FaxPurposeBody(Body):
    """What a fax is for."""

    purpose: str = Field(min_length=1, max_length=200)


class FaxPrintBody(Body):
    """Whose job a received fax becomes, and where it comes out."""

    recipient: str = Field(min_length=1, max_length=40)
    device: str = Field(min_length=1, max_length=40)


class FaxReplyBody(Body):
    """An answer that went another way."""

    crypt_class: CryptClass = Field(strict=False)
    by_telephone: bool = False


class ProcessingBody(Body):
    """What was made of classified matter, bound to the final pages."""

    source_level: Level = Field(strict=False)
    method: ProcessingMethod = Field(strict=False)
    result_level: Level = Field(Level.NEIBU, strict=False)
    result_hash: str = Field(pattern="^[0-9a-f]{64}$")
    carrier: str = Field("", max_length=60)


class ProcessingAnswer(Answer):
    """The record's number."""

    tpr_no: str


class ProcessingRow(Answer):
    """One record; without a reviewer nobody has looked it over yet."""

    tpr_no: str
    source_level: str
    source_carrier: str
    method: str
    result_level: str
    result_hash: str
    processor: str
    reviewer: str
    recorded_at: datetime


class FaxPagesAnswer(Answer):
    """What a record is bound to."""

    sha256: str


@routes.get("/faxes", "传真列表")
def list_faxes(gate: Gate, actor: Actor) -> Listing[FaxAnswer]:
    """Faxes, newest first: one's own, or for readers of the books all."""
    return listing(FaxAnswer, fax_views.list_faxes(gate, actor))


@routes.get("/faxes/<fax_no>", "查看传真")
def show_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxAnswer:
    """One fax with its attempts."""
    return FaxAnswer.of(fax_views.show_fax(gate, actor, fax_no))


@routes.get("/jobs/<job_no>/fax-pages", "传真定稿")
def show_fax_pages(gate: Gate, actor: Actor, job_no: str) -> FaxPagesAnswer:
    """SHA-256 of the final pages a held job would be faxed as."""
    return FaxPagesAnswer(sha256=fax_drawing.hash_of_pages(gate, actor, job_no))


@routes.post("/jobs/<job_no>/fax", "登记发传真", makes=True)
def file_fax(gate: Gate, actor: Actor, job_no: str, body: FaxBody) -> FaxAnswer:
    """Make a held job a fax; then ask for its fax permit from the same job."""
    return FaxAnswer.of(fax_filing.file_job(gate, actor, job_no, FaxWish(**body.model_dump())))


@routes.post("/faxes/<fax_no>/permit", "申请传真准印证", makes=True)
def request_fax_permit(gate: Gate, actor: Actor, fax_no: str, body: FaxPurposeBody) -> FaxAnswer:
    """Ask for the permit of one's own fax: these pages to this number."""
    fax_permits.request_fax_permit(gate, actor, fax_no, body.purpose)
    return FaxAnswer.of(fax_views.show_fax(gate, actor, fax_no))


@routes.post("/faxes/<fax_no>/resend", "重发传真", who=Who.CONFIRMED)
def resend_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxAnswer:
    """Decide that all pages are sent again, while the approval lives."""
    return FaxAnswer.of(faxing.resend(gate, actor, fax_no))


@routes.post("/faxes/<fax_no>/settle", "传真结果确认")
def settle_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxAnswer:
    """Decide that it is not sent again: its last result stays."""
    return FaxAnswer.of(faxing.settle(gate, actor, fax_no))


@routes.post("/faxes/<fax_no>/register", "登记来传真")
def register_received_fax(gate: Gate, actor: Actor, fax_no: str, body: ReceivedFaxBody) -> FaxAnswer:
    """Give a received fax level and department."""
    return FaxAnswer.of(fax_tray.register_received(gate, actor, fax_no, Registration(**body.model_dump())))


@routes.post("/faxes/<fax_no>/print", "打印来传真")
def print_received_fax(gate: Gate, actor: Actor, fax_no: str, body: FaxPrintBody) -> FaxAnswer:
    """Make a registered fax a held print job of somebody of its department."""
    return FaxAnswer.of(fax_printing.print_received(gate, actor, fax_no, recipient=body.recipient, device=body.device))


@routes.post("/faxes/<fax_no>/sign", "签收来传真")
def sign_received_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxAnswer:
    """Sign for a registered fax, as somebody of its department."""
    return FaxAnswer.of(fax_tray.sign_received(gate, actor, fax_no))


@routes.post("/faxes/<fax_no>/discard", "来传真不打印")
def discard_received_fax(gate: Gate, actor: Actor, fax_no: str) -> FaxAnswer:
    """Decide that a fax somebody signed for is not printed: its pages are destroyed."""
    return FaxAnswer.of(fax_retention.discard_received(gate, actor, fax_no))


@routes.post("/faxes/<fax_no>/answer", "登记答复")
def note_fax_answer(gate: Gate, actor: Actor, fax_no: str, body: FaxReplyBody) -> FaxAnswer:
    """Write down an answer that went another way; plain and cipher do not mix."""
    fax_tray.note_answer(gate, actor, fax_no, body.crypt_class, by_telephone=body.by_telephone)
    return FaxAnswer.of(fax_views.show_fax(gate, actor, fax_no))


@routes.get("/processings", "技术处理记录")
def list_processings(gate: Gate, actor: Actor) -> Listing[ProcessingRow]:
    """The newest records, newest first."""
    return listing(ProcessingRow, fax_processing.list_processings(gate, actor))


@routes.post("/processings", "登记技术处理", makes=True)
def record_processing(gate: Gate, actor: Actor, body: ProcessingBody) -> ProcessingAnswer:
    """Write down what was made of classified matter."""
    return ProcessingAnswer(tpr_no=fax_processing.record_processing(gate, actor, **body.model_dump()))


@routes.post("/processings/<tpr_no>/review", "复核技术处理", who=Who.CONFIRMED)
def review_processing(gate: Gate, actor: Actor, tpr_no: str) -> ProcessingAnswer:
    """Say that the result is unclassified, as somebody other than the processor."""
    fax_processing.review_processing(gate, actor, tpr_no)
    return ProcessingAnswer(tpr_no=tpr_no)
