"""Slips: what each says and to whom it is given, counted in the books; a failing printer loses nothing (I9, I12)."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image
from sqlmodel import select

from admin_ui.words import WORDS
from gateway.db.tables import LedgerEntry
from gateway.domain.permit_numbers import Reading, read_permit_number
from gateway.domain.settlement import Outcome, Settlement
from gateway.domain.vocabulary import Level, SlipKind, WasteReason
from gateway.errors import ConfigurationError, ConflictError, ForbiddenError, NotFoundError
from gateway.ledger.checkpoints import SignedHead, Signer, write_checkpoint
from gateway.services import jobs, matching, permits, printing, release, settlement, slips
from gateway.services.installation import LEDGER_KEY
from gateway.services.printing_queue import queued_jobs
from gateway.services.slip_contents import NEWEST, ROLES_ZH, WASTE_ZH, spans
from gateway.slip_desk import SlipDesk
from rehearsal.processes import free_port
from tests.room import Room
from tests.watermark.papers import document


def desk_of(room: Room, address: str) -> SlipDesk:
    return SlipDesk(replace(room.gate, settings=room.gate.settings.model_copy(update={"slip_printer": address})))


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "slips"


@pytest.fixture
def desk(room: Room, out: Path) -> SlipDesk:
    return desk_of(room, f"virtual:{out}")


@pytest.fixture
def finished(room: Room) -> str:
    """A job of four copies: 1 and 2 good, 3 spoiled by two sheets, 4 not printed, closed."""
    room.gate.spool.refill()
    job = room.submit(document("page").getvalue(), copies=4, permit=room.permit(copies=4))
    release.release_job(room.gate, room.actor("zheng"), job)
    (job_id,) = [one for device in (1, 2) for one in queued_jobs(room.gate, device)]
    printing.begin_preparing(room.gate, job_id)
    printing.plan_run(room.gate, job_id)
    printing.unresolve(room.gate, job_id, "jam")
    outcomes = {1: Outcome.GOOD, 2: Outcome.GOOD, 3: Outcome.SPOILED, 4: Outcome.UNPRINTED}
    settlement.settle(room.gate, room.actor("zheng"), job, Settlement(outcomes, resume=False, waste_sheets={3: 2}))
    return job


def entries(room: Room) -> list[dict[str, object]]:
    with room.gate.database.reading() as session:
        rows = session.exec(select(LedgerEntry).where(LedgerEntry.kind == "slip.issued").order_by(LedgerEntry.seq)).all()
        return [{"subject": row.subject, "seq": row.seq, "tag": row.hash[:16], **json.loads(row.body)["data"]} for row in rows]


def test_a_permit_slip_is_issued_counted_and_shown(room: Room, desk: SlipDesk, out: Path) -> None:
    number = room.permit(copies=10, scope={"D01": 3, "D02": 6}, archive=1)
    first = desk.print(room.actor("zhao"), SlipKind.PERMIT, number.lower())
    second = desk.print(room.actor("zheng"), SlipKind.PERMIT, number)
    assert [(view.subject, view.serial, view.state) for view in (first, second)] == [(number, 1, "sent"), (number, 2, "sent")]
    assert entries(room) == [
        {"subject": number, "seq": view.ledger_seq, "tag": view.tag, "kind": "permit", "serial": view.serial, "duplicate": view.serial > 1}
        for view in (first, second)
    ]
    assert room.verify().ok
    for view in (first, second):
        shown = desk.shown(room.actor("zhao"), SlipKind.PERMIT, number, view.serial)
        assert shown == (out / f"{view.name}.png").read_bytes()
        (code,) = zxingcpp.read_barcodes(Image.open(out / f"{view.name}.png").convert("L"))
        assert read_permit_number(code.text).text == number
    assert desk.shown(room.actor("zhao"), SlipKind.PERMIT, number, 3) is None


def test_the_number_on_the_slip_works_typed_and_scanned(room: Room) -> None:
    room.gate.spool.refill()
    number = room.permit(copies=2)
    _, slip = slips.preview(room.gate, room.actor("zhao"), SlipKind.PERMIT, number)
    assert slip.number == number
    for typed in (slip.number, slip.code, slip.number.lower(), slip.code.lower() + "\n", slip.number.replace("-", " ")):
        assert read_permit_number(typed) == read_permit_number(number)
        job = room.submit(document("page").getvalue(), copies=1)
        assert matching.match_job(room.gate, room.actor("zhao"), job, typed).permit_no == number
    assert read_permit_number(slip.code[:-1] + "*").reading is Reading.MISTYPED
    named = room.submit(document("page").getvalue(), copies=1, permit=slip.code)  # a scanner fills in the print dialogue
    assert jobs.show(room.gate, room.actor("zhao"), named).permit_no == number


def test_a_slip_never_tells_the_title_of_a_state_secret(room: Room) -> None:
    secret = room.permit()
    public = room.request(level=Level.NEIBU, term="").permit_no
    permits.approve_permit(room.gate, room.actor("gu"), public)
    told = {number: str(slips.preview(room.gate, room.actor("zhao"), SlipKind.PERMIT, number)[1]) for number in (secret, public)}
    assert "规划纲要" not in told[secret]
    assert "规划纲要" in told[public]
    assert "李强" in told[secret]
    assert "吴芳" in told[secret]


def test_only_active_permits_get_slips_and_only_for_who_may_know(room: Room, desk: SlipDesk) -> None:
    asked = room.request().permit_no
    with pytest.raises(ConflictError):
        desk.print(room.actor("zhao"), SlipKind.PERMIT, asked)
    number = room.permit()
    for name in ("feng", "chen", "chu"):
        with pytest.raises(NotFoundError):
            desk.print(room.actor(name), SlipKind.PERMIT, number)
    with pytest.raises(NotFoundError):
        desk.preview(room.actor("zhao"), SlipKind.PERMIT, "ZYZ-2026-000999-0")
    assert entries(room) == []


def test_a_pick_up_slip_names_the_good_copies(room: Room, desk: SlipDesk, finished: str) -> None:
    _, slip = slips.preview(room.gate, room.actor("zheng"), SlipKind.PICK_UP, finished)
    rows = dict(slip.rows)
    assert rows["份号"] == "000001–000002"
    assert rows["数量"] == "2份 × 1页"
    assert "规划纲要" not in str(slip)
    assert slip.mark == "秘密★5年"
    with pytest.raises(ForbiddenError):
        desk.print(room.actor("zhao"), SlipKind.PICK_UP, finished)
    assert desk.print(room.actor("zheng"), SlipKind.PICK_UP, finished.lower()).subject == finished


def test_a_waste_slip_names_the_spoiled_sheets(room: Room, finished: str) -> None:
    _, slip = slips.preview(room.gate, room.actor("zheng"), SlipKind.WASTE, finished)
    assert slip.table is not None
    assert slip.table.rows == (("000003", "2", "卡纸"),)
    assert dict(slip.rows)["合计"] == "2张"
    assert slip.signatures == ("操作人", "监销人", "监销人")


def test_slips_of_what_is_not_there_yet(room: Room) -> None:
    room.gate.spool.refill()
    held = room.submit(document("page").getvalue())
    for kind, subject in ((SlipKind.PICK_UP, held), (SlipKind.WASTE, held)):
        with pytest.raises(ConflictError):
            slips.preview(room.gate, room.actor("zheng"), kind, subject)
    for subject in (NEWEST, "7", "x", "9" * 30, "²"):
        with pytest.raises(NotFoundError):
            slips.preview(room.gate, room.actor("zheng"), SlipKind.CHECKPOINT, subject)


def test_a_checkpoint_slip_is_a_checkpoint_outside_the_machine(room: Room, desk: SlipDesk, out: Path) -> None:
    room.permit()
    signer = Signer(room.gate.settings.keys / LEDGER_KEY)
    signed = write_checkpoint(room.gate.database, signer, room.gate.settings.checkpoint_file, room.clock.now())
    assert signed is not None
    view = desk.print(room.actor("zheng"), SlipKind.CHECKPOINT, NEWEST)
    assert view.subject == str(signed.seq)
    (code,) = zxingcpp.read_barcodes(Image.open(out / f"{view.name}.png").convert("L"))
    from_paper = SignedHead.from_code(code.text)
    assert from_paper == signed
    assert from_paper.is_signed_by(signer.public_key)
    assert not replace(from_paper, seq=signed.seq + 1).is_signed_by(signer.public_key)
    with pytest.raises(ForbiddenError):
        desk.print(room.actor("zhao"), SlipKind.CHECKPOINT, NEWEST)


@pytest.mark.parametrize(
    "text",
    ["", "IK", "IK1/2/3/4/5", "IPZYZ-2026-000123-L", "IK1/" + "G" * 64 + "/2026-03-12T01:10:00.000000Z/" + "0" * 16 + "/" + "0" * 128],
)
def test_what_is_no_checkpoint_code_is_found_out(text: str) -> None:
    with pytest.raises(ValueError, match="not the code"):
        SignedHead.from_code(text)


def test_a_failing_printer_loses_nothing(room: Room, desk: SlipDesk, out: Path) -> None:
    number, actor = room.permit(), room.actor("zheng")
    broken = desk_of(room, f"tcp://127.0.0.1:{free_port()}").print(actor, SlipKind.PERMIT, number)
    assert (broken.serial, broken.state, broken.problem) == (1, "failed", "E_SLIP_PRINTER")
    again = desk.print(actor, SlipKind.PERMIT, number)
    assert (again.serial, again.state, again.problem) == (2, "sent", "")
    assert [view.serial for view in desk.issued(actor, SlipKind.PERMIT, number)] == [2, 1]
    assert [entry["duplicate"] for entry in entries(room)] == [False, True]
    assert sorted(file.name for file in out.iterdir()) == [f"{again.name}.png"]
    assert room.verify().ok


def test_without_a_printer_nothing_is_counted(room: Room) -> None:
    number = room.permit()
    with pytest.raises(ConflictError):
        desk_of(room, "").print(room.actor("zhao"), SlipKind.PERMIT, number)
    with pytest.raises(ConfigurationError):
        desk_of(room, "lpt1").print(room.actor("zhao"), SlipKind.PERMIT, number)
    assert desk_of(room, "").preview(room.actor("zhao"), SlipKind.PERMIT, number).startswith(b"\x89PNG")
    assert entries(room) == []


def test_runs_of_numbers() -> None:
    assert spans([1, 2, 3, 7, 9, 10]) == "000001–000003、000007、000009–000010"


def test_a_long_list_ends_in_the_register() -> None:
    assert spans(range(1, 9999, 2)).endswith("000099……余见登记簿")


def test_paper_and_screen_call_things_alike() -> None:
    assert {role: WORDS[f"role.{role.value}"][0] for role in ROLES_ZH} == ROLES_ZH
    assert {reason: WORDS[f"waste.{reason.value}"][0] for reason in WasteReason} == WASTE_ZH
