"""SC-19 绝密 copy attempt (R15 R16): refused while it is scanned, the scan erased. The exception JM-EX is not built: it stays off."""

from __future__ import annotations

import pytest

from gateway.domain.codes import Code
from gateway.domain.duties import TOLD_OF
from gateway.domain.vocabulary import AlertKind, JobStage, Level, PermitKind, Role
from gateway.errors import RefusedError
from gateway.services import alerts, declaring, jobs
from gateway.services.copying import CopyWish
from gateway.services.declaring import Declaration
from gateway.services.policies import adopt_first, show_policy
from tests.room import Room
from tests.services.copies import begun, lay_in, pages_of

THREE = CopyWish("sun", "PRN-JY-01", 3, "某绝密文件")


def test_denied_told_and_erased(room: Room) -> None:
    job = begun(room, THREE)
    lay_in(room, job, [], [])
    began = room.clock.at
    with pytest.raises(RefusedError) as caught:
        declaring.declare_original(room.gate, room.actor("zheng"), job, Declaration(Level.JUEMI, "20年"))
    assert [reason.code for reason in caught.value.reasons] == [Code.E_TOPSECRET_COPY]
    assert jobs.show(room.gate, room.actor("zheng"), job).stage is JobStage.REFUSED
    (told,) = [alert for alert in alerts.list_alerts(room.gate, room.actor("wu")) if alert.subject == job]
    assert (told.kind, (told.at - began).total_seconds() <= 60) == (AlertKind.DENIED_JOB, True)
    assert {Role.SECRECY_DIRECTOR, Role.OPERATOR} <= TOLD_OF[told.kind], "wu and zheng hear of it"
    assert not {page.spool_object for page in pages_of(room, job)} & set(room.gate.spool.list())


def test_no_permit_for_it_can_be_asked_for_while_the_exception_is_off(room: Room) -> None:
    adopt_first(room.gate)
    assert show_policy(room.gate, room.actor("feng")).content["juemi_exception"] == "off"
    with pytest.raises(RefusedError) as caught:
        room.request(kind=PermitKind.COPY, level=Level.JUEMI, term="20年", copies=3, by="zhou", scope={"D00": 3}, knowers=("zhou",))
    assert Code.E_TOPSECRET_COPY in [reason.code for reason in caught.value.reasons]
