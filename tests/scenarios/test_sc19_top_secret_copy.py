"""SC-19 绝密 copy attempt (R15 R16): refused while it is scanned, the scan erased; by way of exception one job, for 24 hours."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.domain.codes import Code
from gateway.domain.duties import TOLD_OF
from gateway.domain.vocabulary import AlertKind, JobStage, Level, PermitKind, Role
from gateway.errors import RefusedError
from gateway.services import alerts, carrier_views, declaring, jobs, permits
from gateway.services.copying import CopyWish, finish_copy
from gateway.services.declaring import Declaration
from gateway.services.policies import adopt_first, show_policy
from tests.room import Room
from tests.services.copies import begun, counted, declared, lay_in, pages_of
from tests.services.paper import print_job
from tests.services.top_secret import approve, asked, furnish, wish

THREE = CopyWish("sun", "PRN-JY-01", 3, "某绝密文件")
TOP = Declaration(Level.JUEMI, "20年")


def refusal(act: Any, *args: Any, **more: Any) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        act(*args, **more)
    return [reason.code for reason in caught.value.reasons]


def declaration_refused(room: Room, job: str) -> list[Code]:
    """zheng says that the paper is 绝密: the codes it is denied with; by then the job is refused and its pages are gone."""
    codes = refusal(declaring.declare_original, room.gate, room.actor("zheng"), job, TOP)
    assert jobs.show(room.gate, room.actor("zheng"), job).stage is JobStage.REFUSED
    assert not {page.spool_object for page in pages_of(room, job)} & set(room.gate.spool.list())
    return codes


def scanned(room: Room, permit_no: str) -> str:
    """A session under this permit with its one page."""
    job = begun(room, wish(permit_no))
    lay_in(room, job, [])
    return job


def held(room: Room, permit_no: str) -> str:
    """The paper scanned, declared and looked at by two, counted: held under the permit."""
    job = scanned(room, permit_no)
    declaring.declare_original(room.gate, room.actor("zheng"), job, TOP)
    finish_copy(room.gate, room.actor("zheng"), job)
    counted(room, job)
    declared(room, job, TOP)
    return job


def test_denied_told_and_erased(room: Room) -> None:
    job = begun(room, THREE)
    lay_in(room, job, [], [])
    began = room.clock.at
    assert declaration_refused(room, job) == [Code.E_TOPSECRET_COPY]
    (told,) = [alert for alert in alerts.list_alerts(room.gate, room.actor("wu")) if alert.subject == job]
    assert (told.kind, (told.at - began).total_seconds() <= 60) == (AlertKind.DENIED_JOB, True)
    assert {Role.SECRECY_DIRECTOR, Role.OPERATOR} <= TOLD_OF[told.kind], "wu and zheng hear of it"


def test_no_permit_for_it_can_be_asked_for_while_the_exception_is_off(room: Room) -> None:
    adopt_first(room.gate)
    assert show_policy(room.gate, room.actor("feng")).content["juemi_exception"] == "off"
    for kind in (PermitKind.COPY, PermitKind.REPRODUCTION, PermitKind.JM_EX):
        asking = {"kind": kind, "level": Level.JUEMI, "term": "20年", "copies": 3, "days": 1, "by": "zhou"}
        assert Code.E_TOPSECRET_COPY in refusal(room.request, **asking, scope={"D00": 3}, knowers=("zhou",))


def test_an_exception_without_the_principal_leader_is_denied(room: Room) -> None:
    furnish(room)
    permit = asked(room).permit_no
    assert refusal(approve, room, permit, "wu") == [Code.E_SELF_RELEASE], "the secrecy office does not go before 主要领导"
    assert refusal(approve, room, permit, "li") == [Code.E_SELF_RELEASE], "主管领导 is not 主要领导"
    assert declaration_refused(room, scanned(room, permit)) == [Code.E_TOPSECRET_COPY]


def test_a_complete_exception_is_one_job_and_the_second_is_denied(room: Room) -> None:
    furnish(room)
    permit = approve(room, asked(room).permit_no)
    job = held(room, permit)
    assert jobs.show(room.gate, room.actor("zheng"), job).releasable
    print_job(room, job, beside="wang")
    assert jobs.show(room.gate, room.actor("zheng"), job).copies_good == 3
    made = carrier_views.list_carriers(room.gate, room.actor("zheng"), permit=permit)
    assert {(one.level, one.copy_number) for one in made} == {(Level.JUEMI, number) for number in (1, 2, 3)}
    assert declaration_refused(room, scanned(room, permit)) == [Code.E_TOPSECRET_COPY], "exactly one job"
    assert room.verify().ok


def test_it_expires_after_24_hours(room: Room) -> None:
    furnish(room)
    permit = approve(room, asked(room).permit_no)
    job = held(room, permit)
    room.clock.advance(hours=24)
    permits.expire_permits(room.gate)
    assert Code.E_PERMIT_EXPIRED in refusal(print_job, room, job, beside="wang")
    assert declaration_refused(room, scanned(room, permit)) == [Code.E_TOPSECRET_COPY]
