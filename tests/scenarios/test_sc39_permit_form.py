"""SC-39 Permit form checks (R09 R20 R22): the numbers of the form, a copy's circle, and scanning to a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.domain.codes import Code
from gateway.domain.permit_form import Recipient
from gateway.domain.vocabulary import JobStage, Level, PermitKind
from gateway.drop_folder import DropFolders
from gateway.errors import RefusedError
from gateway.services import copy_views, copying, declaring, jobs
from gateway.services.copying import CopyWish
from gateway.services.declaring import Declaration
from rehearsal.papers import write_pdf
from tests.room import Room
from tests.services.copies import code_of, copied, counted
from tests.services.paper import printed


def refused(room: Room, **how: object) -> list[Code]:
    with pytest.raises(RefusedError) as caught:
        room.request(**how)  # type: ignore[arg-type]
    return [reason.code for reason in caught.value.reasons]


def test_the_sum_of_the_scope_is_the_number_of_copies(room: Room) -> None:
    assert refused(room, copies=10, scope={"D01": 3, "D02": 4, "D03": 2}, archive=0) == [Code.E_SCOPE]  # Σ 9 ≠ 10


@pytest.mark.parametrize("copies", [0, 10_000])
def test_copies_are_one_to_9999(room: Room, copies: int) -> None:
    assert Code.E_SCOPE in refused(room, copies=copies, scope={"D01": copies})


def test_a_person_is_no_scope_line(room: Room) -> None:
    assert Code.E_SCOPE in refused(room, copies=10, scope={"D01": 9, "zhao": 1})
    assert Code.E_SCOPE in refused(room, copies=10, scope={"D01": 9}, recipients=(Recipient("", 1, "林某"),))


def test_a_copy_permit_does_not_widen_its_originals_scope(room: Room) -> None:
    printed(room, copies=10, scope={"D01": 3, "D02": 4, "D03": 3})
    job = copied(room, [code_of(room, "ZT-2026-000001")])
    wider = {"D01": 1, "D02": 1, "D04": 1}
    assert refused(room, job=job, by="sun", kind=PermitKind.COPY, copies=3, pages=1, scope=wider) == [Code.E_SCOPE]


def test_scanning_to_a_file_gives_no_file(room: Room, tmp_path: Path) -> None:
    """A multifunction device scans a page of 秘密 "to a folder": the gate takes it, and without a permit it stays held."""
    folder = tmp_path / "scans"
    folder.mkdir()
    object.__setattr__(room.gate.settings, "drop_folders", {"mfp": folder})
    room.gate.spool.refill()
    write_pdf(folder / "scan.pdf", "区域规划纲要", 1, mark="秘密★5年")
    DropFolders(room.gate).step()
    (session,) = copy_views.list_copies(room.gate, room.actor("zheng"))
    copying.assign_copy(room.gate, room.actor("zheng"), session.job_no, CopyWish("sun", "PRN-JY-01", 1, "区域规划纲要"))
    declaring.declare_original(room.gate, room.actor("zheng"), session.job_no, Declaration(Level.MIMI, "5年"))
    copying.finish_copy(room.gate, room.actor("zheng"), session.job_no)
    counted(room, session.job_no)
    view = jobs.show(room.gate, room.actor("zheng"), session.job_no)
    assert view.stage is JobStage.HELD
    assert Code.E_NO_PERMIT in [reason.code for reason in view.reasons]
    assert [file for file in tmp_path.rglob("*") if file.is_file() and b"%PDF" in file.read_bytes()] == [], "no file left"
