"""What is done at the desk besides the main story: standing permits, the issuer's letter, release by an approver (R13, R76, SC-03)."""

from __future__ import annotations

import json
from collections.abc import Callable

from gateway.domain.vocabulary import JobStage, Level, Origin, PermitKind
from gateway.services import permits, policies
from gateway.services.jobs import show
from gateway.services.permit_views import list_permits
from rehearsal.people import PASSWORD
from tests.room import Room
from tests.watermark.papers import document
from tests.web.conftest import Browser

Window = Callable[[str], Browser]
STANDING = {"level": "neibu", "amount": "300", "unit": "sheets", "days": "365", "purpose": "日常办公"}


def office(room: Room) -> None:
    """The room's policy becomes profile "office"."""
    policies.adopt_first(room.gate)
    document_ = dict(json.loads(policies.profile("office").document()))
    number = policies.propose_policy(room.gate, room.actor("feng"), document_).number
    policies.approve_policy(room.gate, room.actor("chen"), number)


def internal(room: Room) -> tuple[str, str]:
    """A held job of zhao's for an internal paper, and its permit, approved by the head of the department."""
    room.gate.spool.refill()
    job = room.submit(document("one", "two").getvalue(), copies=2, level="neibu")
    permit = room.request(job=job, pages=2, copies=2, level=Level.NEIBU, term="").permit_no
    room.review("gu", permit)
    permits.approve_permit(room.gate, room.actor("gu"), permit)
    return job, permit


def test_an_approver_releases_where_the_policy_says_so(room: Room, window: Window) -> None:
    office(room)
    job, _ = internal(room)
    head = window("gu")
    page = head.text("/approve")
    assert job in page
    assert '<span class="badge">1</span>' in page
    one = f"/jobs/{job}"
    assert "放行 2 份" in head.text(one)
    head.post(one, f"{one}/release", password="wrong")
    assert show(room.gate, room.actor("gu"), job).stage is JobStage.HELD
    head.post(one, f"{one}/release", password=PASSWORD)
    assert show(room.gate, room.actor("gu"), job).stage is JobStage.QUEUED
    assert "已放行" in head.text("/approve")
    assert job not in head.text("/approve")


def test_nobody_else_is_shown_the_button_or_heeded(room: Room, window: Window) -> None:
    office(room)
    job, _ = internal(room)
    one = f"/jobs/{job}"
    for account in ("zhao", "li"):
        browser = window(account)
        assert "放行 2 份" not in browser.text(one)
        browser.post(one, f"{one}/release", password=PASSWORD)
        assert "E_OPERATOR_REQUIRED" in browser.text(one)
    assert window("qian").post("/mine", f"{one}/release", password=PASSWORD).status_code in (302, 404)
    assert show(room.gate, room.actor("gu"), job).stage is JobStage.HELD


def test_under_the_strict_profile_approvers_release_nothing(room: Room, window: Window) -> None:
    job, _ = internal(room)
    head = window("gu")
    assert "等我放行" not in head.text("/approve")
    assert "放行 2 份" not in head.text(f"/jobs/{job}")


def test_a_standing_permit_is_asked_for_in_the_browser(room: Room, window: Window) -> None:
    browser = window("zhao")
    page = "/mine/request/standing"
    browser.post(page, page, **(STANDING | {"amount": "0"}))
    assert "E_FORM" in browser.text(page)
    browser.post(page, page, **(STANDING | {"level": "mimi"}))
    assert "E_LEVEL_MISMATCH" in browser.text(page)
    browser.post(page, page, **STANDING)
    (permit,) = list_permits(room.gate, room.actor("zhao"), mine=True, standing=True)
    assert permit.monthly is not None
    assert (permit.kind, permit.monthly.amount, permit.level) == (PermitKind.STANDING, 300, Level.NEIBU)
    head = window("gu")
    page = f"/approve/{permit.permit_no}"
    assert "没有页面可看" in head.text(page)
    head.post(page, f"{page}/approve", password=PASSWORD)
    assert permit.permit_no in window("qian").text("/mine"), "the whole department may use it"


def test_the_issuers_letter_is_entered_when_it_comes(room: Room, window: Window) -> None:
    form = {"kind": PermitKind.REPRODUCTION, "origin": Origin.SUPERIOR, "issuer": "省委办公厅", "no_copy_notice": True}
    permit = room.request(**form).permit_no  # type: ignore[arg-type]
    page, letter = f"/permits/{permit}", {"consent.doc_no": "函〔2026〕7号", "consent.date": "2026-03-11", "consent.person": "秦主任"}
    browser = window("zhao")
    browser.post(page, f"{page}/consent")
    assert "E_INVALID" in browser.text(page)
    for name in ("li", "wu"):
        permits.approve_permit(room.gate, room.actor(name), permit)
    assert "补登发文单位同意" not in browser.text(page)
    browser.post(page, f"{page}/consent", **letter)
    assert "E_FORBIDDEN" in browser.text(page)
    director = window("wu")
    assert "补登发文单位同意" in director.text(page)
    director.post(page, f"{page}/consent", **letter)
    assert "函〔2026〕7号" in director.text(page)


def test_an_approver_is_told_why_there_are_no_pages(room: Room, window: Window) -> None:
    permit = room.request().permit_no
    page = window("li").text(f"/approve/{permit}")
    assert "文件还没有送来" in page
    assert "内容即固定" in page
