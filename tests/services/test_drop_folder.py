"""A drop folder: whole files become sessions, cut ones never look whole, and nothing is left in the folder (I7, I8; R20)."""

from __future__ import annotations

import io
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from gateway.domain.codes import Code
from gateway.domain.vocabulary import JobStage
from gateway.drop_folder import CLAIMED, DropFolders, _nobody_writes
from gateway.errors import ConflictError
from gateway.services import copy_drops, copy_views, copying, jobs
from rehearsal.escl import jpeg
from tests.room import Room
from tests.services.copies import WISH, code_of, counted
from tests.services.paper import printed
from tests.services.test_copying import SCOPE, code_page
from tests.watermark.papers import document


@pytest.fixture
def folder(room: Room, tmp_path: Path) -> Path:
    drop = tmp_path / "drop"
    drop.mkdir()
    object.__setattr__(room.gate.settings, "drop_folders", {"mfp": drop})
    room.gate.spool.refill()
    return drop


def left(folder: Path) -> list[str]:
    return [file.name for file in folder.rglob("*") if file.is_file()]


def sessions(room: Room) -> list[copy_views.CopyView]:
    return copy_views.list_copies(room.gate, room.actor("zheng"))


def test_a_pushed_file_becomes_a_session_and_its_plaintext_goes(room: Room, folder: Path) -> None:
    printed(room, copies=3, scope=SCOPE)
    (folder / "scan.png").write_bytes(code_page(room))
    DropFolders(room.gate).step()
    assert left(folder) == []
    (session,) = sessions(room)
    assert [page.carriers for page in session.pages] == [("ZT-2026-000001",)], code_of(room, "ZT-2026-000001")
    with pytest.raises(ConflictError):
        copying.finish_copy(room.gate, room.actor("zheng"), session.job_no)
    copying.assign_copy(room.gate, room.actor("zheng"), session.job_no, WISH)
    copying.finish_copy(room.gate, room.actor("zheng"), session.job_no)
    counted(room, session.job_no)
    view = jobs.show(room.gate, room.actor("zheng"), session.job_no)
    assert (view.stage, [reason.code for reason in view.reasons], view.pages) == (JobStage.HELD, [Code.E_NO_PERMIT], 1)
    assert room.verify().ok


def test_every_page_of_a_file_is_a_page(room: Room, folder: Path) -> None:
    (folder / "three.pdf").write_bytes(document("one", "two", "three").getvalue())
    DropFolders(room.gate).step()
    (session,) = sessions(room)
    assert [(page.number, page.carriers) for page in session.pages] == [(1, ()), (2, ()), (3, ())]


def test_the_same_file_twice_is_one_session(room: Room, folder: Path) -> None:
    content = document("page").getvalue()
    for name in ("a.pdf", "b.pdf"):
        (folder / name).write_bytes(content)
    DropFolders(room.gate).step()
    assert (len(sessions(room)), left(folder), len(room.gate.spool.list())) == (1, [], 1)
    copying.give_up_copy(room.gate, room.actor("zheng"), sessions(room)[0].job_no)
    (folder / "again.pdf").write_bytes(content)
    DropFolders(room.gate).step()
    assert len(sessions(room)) == 1, "its job was over: it may come again"


def test_a_file_somebody_writes_is_left_alone_until_he_closes_it(room: Room, folder: Path) -> None:
    content, desk = document("page").getvalue(), DropFolders(room.gate)
    with (folder / "slow.pdf").open("wb") as writer:
        writer.write(content[:100])
        writer.flush()
        desk.step()
        assert (left(folder), sessions(room)) == (["slow.pdf"], [])
        (folder / "slow.pdf").rename(folder / CLAIMED / "x")  # a writer goes on in a file that was renamed
        writer.write(content[100:300])
        writer.flush()
        desk.step()
        assert sessions(room) == []
        writer.write(content[300:])
    desk.step()
    assert [len(session.pages) for session in sessions(room)] == [1]


def test_a_crash_before_the_file_is_gone_takes_it_once(room: Room, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "scan.pdf").write_bytes(document("page").getvalue())
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_: (_ for _ in ()).throw(OSError("power")))
        DropFolders(room.gate).step()
    assert len(left(folder)) == 1
    DropFolders(room.gate).step()
    assert (left(folder), len(sessions(room)), len(room.gate.spool.list())) == ([], 1, 1)


@pytest.mark.parametrize("name", ["half.part", ".hidden", "link.pdf"])
def test_what_is_no_finished_file_is_not_touched(room: Room, folder: Path, tmp_path: Path, name: str) -> None:
    elsewhere = tmp_path / "elsewhere.pdf"
    elsewhere.write_bytes(document("page").getvalue())
    if name == "link.pdf":
        (folder / name).symlink_to(elsewhere)
    else:
        (folder / name).write_bytes(b"x")
    DropFolders(room.gate).step()
    assert (sessions(room), (folder / name).exists(), elsewhere.exists()) == ([], True, True)


def whole_files() -> dict[str, bytes]:
    picture = Image.effect_noise((400, 560), 60)
    tiff = io.BytesIO()
    picture.save(tiff, "TIFF", compression="tiff_lzw", dpi=(50, 50))
    return {"pdf": document("one", "two").getvalue(), "jpg": jpeg(picture, 50), "tif": tiff.getvalue()}


def cut_somewhere(room: Room, folder: Path, count: int, seed: int) -> int:
    """Files cut at random places; how many of them looked whole."""
    chance, desk, whole = random.Random(seed), DropFolders(room.gate), whole_files()
    for number in range(count):
        kind = chance.choice(sorted(whole))
        (folder / f"{number}.{kind}").write_bytes(whole[kind][: chance.randrange(1, len(whole[kind]) - 1)])
        room.gate.spool.refill()
        desk.step()
    assert left(folder) == []
    assert room.gate.spool.list() == []
    return sum(bool(session.pages) for session in sessions(room))


def test_a_cut_transfer_never_looks_whole(room: Room, folder: Path) -> None:
    assert cut_somewhere(room, folder, 5, 11) == 0
    assert {session.fault for session in sessions(room)} == {"cut"}


@pytest.mark.long
def test_campaign_of_cut_transfers(room: Room, folder: Path, record_property: Callable[[str, object], None]) -> None:
    found = cut_somewhere(room, folder, 50, 12)
    record_property("cuts", 50)
    record_property("looked_whole", found)
    assert found == 0


def test_a_hole_in_the_middle_is_no_whole_file(room: Room, folder: Path) -> None:
    content = bytearray(document(*(f"page {number}" for number in range(40))).getvalue())
    middle = len(content) // 2
    content[middle : middle + 400] = bytes(400)
    (folder / "hole.pdf").write_bytes(content)
    DropFolders(room.gate).step()
    assert [session.pages for session in sessions(room)] == [()]
    assert copy_drops.is_known(room.gate, "0" * 64) is False


def test_a_picture_that_would_fill_the_memory_is_refused_once(room: Room, folder: Path) -> None:
    bomb = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(bomb, "PNG")
    (folder / "bomb.png").write_bytes(bomb.getvalue())
    DropFolders(room.gate).step()
    assert (left(folder), [session.pages for session in sessions(room)]) == ([], [()])


def test_a_pusher_leads_us_nowhere(room: Room, folder: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "paper.pdf").write_bytes(document("page").getvalue())
    (folder / CLAIMED).symlink_to(elsewhere)
    (folder / "scan.pdf").write_bytes(document("page").getvalue())
    DropFolders(room.gate).step()
    assert (sessions(room), (elsewhere / "paper.pdf").exists()) == ([], True)


def test_a_writer_who_comes_while_we_ask_does_no_harm(room: Room, folder: Path) -> None:
    stop = threading.Event()

    def write_again_and_again() -> None:
        while not stop.is_set():
            (folder / "busy.part").write_bytes(b"x")
            _nobody_writes(folder / "busy.part")

    threads = [threading.Thread(target=write_again_and_again) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(300):
        _nobody_writes(folder / "busy.part")
    stop.set()
    for thread in threads:
        thread.join()
    assert sessions(room) == []
