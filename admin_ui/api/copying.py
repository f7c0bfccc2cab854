"""Copying 复印: sessions at the station, their pages, what the original is."""

from __future__ import annotations

from pydantic import AliasPath, Field

from admin_ui.api.answers import PNG, Answer, File, Listing, ReasonAnswer, listing
from admin_ui.api.bodies import Body, CommentBody
from admin_ui.api.jobs import JobAnswer
from admin_ui.api.routes import Noun
from gateway.domain.copying import CopyMethod, ScanState
from gateway.domain.duties import Act
from gateway.domain.vocabulary import DocType, Level, WasteReason
from gateway.meters import LARGEST
from gateway.scanners import Colours, Source
from gateway.services import copy_scans, copy_views, copying, declaring, hand_copies
from gateway.services.gate import Actor, Gate

routes = Noun("copies", "复印")


class ScannedPageAnswer(Answer):
    """One page; `carriers` are those of ours whose codes it bears."""

    number: int
    blank: bool
    carriers: list[str]


class CopyAnswer(Answer):
    """A copy job as its station sees it."""

    job: str = Field(validation_alias="job_no")
    stage: str = Field(validation_alias=AliasPath("job", "stage"))
    requester: str = Field(validation_alias=AliasPath("job", "requester"))
    device: str = Field(validation_alias=AliasPath("job", "device"))
    copies: int = Field(validation_alias=AliasPath("job", "copies"))
    title: str = Field(validation_alias=AliasPath("job", "title"))
    method: CopyMethod
    scan: ScanState
    scanner: str
    fault: str = Field(description="Why the last scan ended before its end; empty when it did not.")
    pages: list[ScannedPageAnswer]
    level: Level | None
    declared: bool
    declared_level: Level | None
    term: str
    from_above: bool
    no_copy_notice: bool
    declared_by: str
    seconded_by: str
    original: str
    reasons: list[ReasonAnswer]


class ScannerAnswer(Answer):
    """A scanner by its name in the settings."""

    name: str


class CopyBody(Body):
    """What is to be copied, for whom, where it comes out."""

    requester: str = Field(min_length=1, max_length=40)
    device: str = Field(min_length=1, max_length=40)
    copies: int = Field(1, ge=1, le=9999)
    title: str = Field("", max_length=200)
    duplex: bool = False
    permit: str = Field("", max_length=64, description="Its permit, where one was asked for in advance; 绝密 needs it (JM-EX).")


class HandCopyBody(Body):
    """Copies made at a stand-alone copier: its counter before and after in sides, what came out, under which permit."""

    device: str = Field(min_length=1, max_length=40)
    permit: str = Field(min_length=1, max_length=64)
    copies: int = Field(ge=1, le=9999)
    counter_before: int = Field(ge=0, lt=LARGEST)
    counter_after: int = Field(ge=0, lt=LARGEST)
    serial: str = Field("", max_length=80, description="The copier's serial number; may be left out when it was entered before.")
    duplex: bool = False
    paper: str = Field("A4", max_length=12)
    waste_sheets: int = Field(0, ge=0, le=10_000)
    waste_reason: WasteReason = Field(WasteReason.JAM, strict=False)
    original: str = Field("", max_length=60, description="The carrier it was copied from, where it is one of ours.")
    wet_stamp: bool = Field(False, description="The copies bear the copy stamp 复制戳记 in ink.")


class ScanBody(Body):
    """How to scan; with `replace_page` (from 1) that page is scanned again."""

    scanner: str = Field(min_length=1, max_length=40)
    source: Source = Field(Source.FEEDER, strict=False)
    colours: Colours = Field(Colours.GREY, strict=False)
    resolution: int = Field(300, ge=75, le=600)
    replace_page: int = Field(0, ge=0, le=100_000)


class PlaceBody(Body):
    """Where a page goes, from 1."""

    to: int = Field(ge=1, le=100_000)


class DeclarationBody(Body):
    """What stands on an original without our code; `carrier` names one of ours whose code cannot be read."""

    level: Level = Field(Level.JIMI, strict=False)
    term: str = Field("", max_length=30)
    doc_type: DocType = Field(DocType.ORDINARY, strict=False)
    from_above: bool = False
    no_copy_notice: bool = False
    doc_no: str = Field("", max_length=60)
    carrier: str = Field("", max_length=60)


@routes.get("/scanners", "扫描仪列表")
def list_scanners(gate: Gate, actor: Actor) -> Listing[ScannerAnswer]:
    """The scanners the settings name, for operators."""
    actor.require(Act.RELEASE)
    return Listing[ScannerAnswer](items=[ScannerAnswer(name=name) for name in gate.settings.scanners], next=None)


@routes.get("/copies", "复印列表")
def list_copies(gate: Gate, actor: Actor) -> Listing[CopyAnswer]:
    """Sessions whose pages still come."""
    return listing(CopyAnswer, copy_views.list_copies(gate, actor))


@routes.get("/copies/<job_no>", "查看复印")
def show_copy(gate: Gate, actor: Actor, job_no: str) -> CopyAnswer:
    """One copy job."""
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.post("/copies", "开始复印", makes=True)
def begin_copy(gate: Gate, actor: Actor, body: CopyBody) -> CopyAnswer:
    """Begin a session, as an operator, on behalf of the requester."""
    begun = copying.begin_copy(gate, actor, copying.CopyWish(**body.model_dump()))
    return CopyAnswer.of(copy_views.show_copy(gate, actor, begun.job_no))


@routes.post("/copies/by-hand", "人工登记复印", makes=True)
def enter_hand_copy(gate: Gate, actor: Actor, body: HandCopyBody) -> JobAnswer:
    """Enter copies made at a stand-alone copier: detection only; what its counter does not explain is a finding."""
    return JobAnswer.of(hand_copies.enter_hand_copy(gate, actor, hand_copies.HandCopy(**dict(body))))


@routes.post("/copies/<job_no>/assign", "指定承办人")
def assign_copy(gate: Gate, actor: Actor, job_no: str, body: CopyBody) -> CopyAnswer:
    """Say for whom a session is and where it comes out, such as of what a device pushed."""
    copying.assign_copy(gate, actor, job_no, copying.CopyWish(**body.model_dump()))
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.post("/copies/<job_no>/scan", "扫描", wakes=True)
def order_scan(gate: Gate, actor: Actor, job_no: str, body: ScanBody) -> CopyAnswer:
    """Have pages scanned; they come while one looks."""
    copy_scans.order_scan(gate, actor, job_no, **dict(body))
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.get("/copies/<job_no>/pages/<page>", "查看扫描页缩略图")
def show_small_page(gate: Gate, actor: Actor, job_no: str, page: str) -> File:
    """A small picture of one scanned page."""
    return File(f"{job_no}-{_number(page)}-small.png", PNG, copy_views.small_page(gate, actor, job_no, _number(page)))


@routes.post("/copies/<job_no>/pages/<page>/remove", "去掉一页")
def remove_page(gate: Gate, actor: Actor, job_no: str, page: str) -> CopyAnswer:
    """Take a page out; it is destroyed."""
    copying.remove_page(gate, actor, job_no, _number(page))
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.post("/copies/<job_no>/pages/<page>/place", "移动一页")
def place_page(gate: Gate, actor: Actor, job_no: str, page: str, body: PlaceBody) -> CopyAnswer:
    """Put a page in another place."""
    copying.place_page(gate, actor, job_no, _number(page), body.to)
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.post("/copies/<job_no>/finish", "扫描完毕", wakes=True)
def finish_copy(gate: Gate, actor: Actor, job_no: str) -> JobAnswer:
    """All pages are there: the job is held, counted and looked at for its permit."""
    return JobAnswer.of(copying.finish_copy(gate, actor, job_no))


@routes.post("/copies/<job_no>/give-up", "放弃复印", wakes=True)
def give_up_copy(gate: Gate, actor: Actor, job_no: str, body: CommentBody) -> JobAnswer:
    """End a session before it became a job; its pages are destroyed."""
    return JobAnswer.of(copying.give_up_copy(gate, actor, job_no, body.comment))


@routes.post("/copies/<job_no>/declare", "说明原件", wakes=True)
def declare_original(gate: Gate, actor: Actor, job_no: str, body: DeclarationBody) -> CopyAnswer:
    """Say what an original without our code is; 绝密 and cipher telegrams are refused, and the scan is destroyed."""
    declaring.declare_original(gate, actor, job_no, declaring.Declaration(**dict(body)))
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


@routes.post("/copies/<job_no>/second", "复看原件")
def second_original(gate: Gate, actor: Actor, job_no: str) -> CopyAnswer:
    """Agree with what was declared, having paged through the job, as another operator or the secrecy office."""
    declaring.second_original(gate, actor, job_no)
    return CopyAnswer.of(copy_views.show_copy(gate, actor, job_no))


def _number(page: str) -> int:
    return int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 0
