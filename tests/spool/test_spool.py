"""Objects at rest: whole or not there, unreadable without their key, gone with it (I7, I8)."""

from __future__ import annotations

import hashlib
import io
import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from spool import (
    CutBodyError,
    DamagedObjectError,
    DestroyedError,
    DigestMismatchError,
    KeyPoolEmptyError,
    Spool,
    SpoolError,
    SpoolFullError,
    UnknownObjectError,
)

SLOTS = 64


@pytest.fixture
def root(tmp_path: Path) -> Path:
    Spool.create(tmp_path / "spool", tmp_path / "host.key", slots=SLOTS, free_floor_bytes=0)
    return tmp_path / "spool"


def opened(root: Path) -> Spool:
    return Spool.open(root, root.parent / "host.key")


def object_file(root: Path, object_id: str) -> Path:
    return root / "objects" / object_id[:2] / object_id


@pytest.mark.parametrize("length", [0, 1, 65535, 65536, 65537, 5 << 20])
def test_what_was_stored_comes_back(root: Path, length: int) -> None:
    spool, content = opened(root), os.urandom(length)
    stored = spool.put(io.BytesIO(content), expected_length=length, expected_sha256=hashlib.sha256(content).hexdigest())
    assert (stored.length, stored.sha256) == (length, hashlib.sha256(content).hexdigest())
    with opened(root).fetched(stored.object_id) as plain:
        assert plain.read() == content
    assert spool.list() == [stored.object_id]


def test_nothing_readable_lies_in_the_folder(root: Path) -> None:
    content = b"CANARY" * 5000
    opened(root).put(io.BytesIO(content))
    assert not [file for file in root.rglob("*") if file.is_file() and b"CANARY" in file.read_bytes()]


@pytest.mark.parametrize("where", [0, 30, 120, 300, 70_000, -1])
def test_one_changed_byte_is_found_before_anything_is_handed_out(root: Path, where: int) -> None:
    spool = opened(root)
    stored = spool.put(io.BytesIO(os.urandom(200_000)))
    file = object_file(root, stored.object_id)
    content = bytearray(file.read_bytes())
    content[where] ^= 1
    file.write_bytes(content)
    with pytest.raises(DamagedObjectError), spool.fetched(stored.object_id):
        pytest.fail("a damaged object was handed out")


@pytest.mark.parametrize("kept", [0, 100, 65536 + 200, -1, -17])
def test_a_cut_object_is_found(root: Path, kept: int) -> None:
    spool = opened(root)
    stored = spool.put(io.BytesIO(os.urandom(200_000)))
    file = object_file(root, stored.object_id)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(DamagedObjectError), spool.fetched(stored.object_id):
        pytest.fail("a cut object was handed out")


def test_wrong_length_or_digest_stores_nothing(root: Path) -> None:
    spool = opened(root)
    with pytest.raises(CutBodyError):
        spool.put(io.BytesIO(b"12345"), expected_length=6)
    with pytest.raises(DigestMismatchError):
        spool.put(io.BytesIO(b"12345"), expected_sha256="0" * 64)
    assert spool.list() == []
    assert not any((root / "incoming").iterdir())


class Broken(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise CutBodyError("the line was cut")


def test_a_stream_that_breaks_off_stores_nothing_and_says_why(root: Path) -> None:
    spool = opened(root)
    with pytest.raises(CutBodyError, match="line was cut"):
        spool.put(Broken())
    assert spool.list() == []


def test_yesterdays_copy_cannot_be_read_once_the_key_is_destroyed(root: Path, tmp_path: Path) -> None:
    spool = opened(root)
    stored = spool.put(io.BytesIO(b"secret"))
    yesterday = tmp_path / "backup"
    shutil.copytree(root / "objects", yesterday)
    spool.destroy(stored.object_id)
    spool.destroy(stored.object_id)
    with pytest.raises(DestroyedError), spool.fetched(stored.object_id):
        pytest.fail("a destroyed object was handed out")
    shutil.rmtree(root / "objects")
    shutil.copytree(yesterday, root / "objects")
    with pytest.raises(DestroyedError), opened(root).fetched(stored.object_id):
        pytest.fail("an object from a backup was read without its key")


def test_a_re_used_slot_does_not_open_the_old_object(root: Path, tmp_path: Path) -> None:
    spool = opened(root)
    first = spool.put(io.BytesIO(b"secret"))
    copy = object_file(root, first.object_id).read_bytes()
    spool.destroy(first.object_id)
    for _ in range(SLOTS * 2):
        spool.destroy(spool.put(io.BytesIO(b"other")).object_id)
    object_file(root, first.object_id).parent.mkdir(exist_ok=True)
    object_file(root, first.object_id).write_bytes(copy)
    with pytest.raises(DestroyedError), spool.fetched(first.object_id):
        pytest.fail("read with another object's key")


def test_the_intake_role_can_store_but_not_read(root: Path) -> None:
    opened(root).refill()
    keyless = Spool.open(root, None)
    keyless.ready()
    stored = keyless.put(io.BytesIO(b"secret"))
    for act in (lambda: keyless.fetched(stored.object_id).__enter__(), keyless.refill, lambda: keyless.destroy(stored.object_id)):
        with pytest.raises(SpoolError, match="no keys"):
            act()
    with opened(root).fetched(stored.object_id) as plain:
        assert plain.read() == b"secret"


def test_without_keys_in_the_pool_nothing_is_stored(root: Path) -> None:
    opened(root).refill()
    keyless = Spool.open(root, None)
    for file in (root / "pool").iterdir():
        file.unlink()
    with pytest.raises(KeyPoolEmptyError):
        keyless.ready()
    with pytest.raises(KeyPoolEmptyError):
        keyless.put(io.BytesIO(b"x"))


def test_a_key_back_in_the_pool_after_a_power_cut_is_not_used_again(root: Path) -> None:
    stored = opened(root).put(io.BytesIO(b"first"))
    key = stored.object_id.partition("-")[2]
    undone = root / "pool" / f"{key}-age1undone.pub"
    undone.touch()  # its removal from the pool was not on disk yet, the object was
    spool = opened(root)
    assert not undone.exists()
    spool.destroy(spool.put(io.BytesIO(b"second")).object_id)
    with spool.fetched(stored.object_id) as plain:
        assert plain.read() == b"first"


def test_the_pool_is_filled_up_when_half_of_it_is_used(root: Path) -> None:
    spool = opened(root)
    full = spool.refill()
    assert full >= 8
    assert spool.refill() == 0
    for number in range(full // 2):
        spool.put(io.BytesIO(b"%d" % number))
    assert spool.refill() == full // 2
    assert spool.usage().pooled_keys == full


def test_the_quota_is_kept_while_bytes_flow(tmp_path: Path) -> None:
    Spool.create(tmp_path / "spool", tmp_path / "host.key", slots=SLOTS, quota_bytes=100_000, free_floor_bytes=0)
    spool = opened(tmp_path / "spool")
    with pytest.raises(SpoolFullError):
        spool.put(io.BytesIO(bytes(100_001)))
    spool.put(io.BytesIO(bytes(60_000)))
    with pytest.raises(SpoolFullError):
        spool.put(io.BytesIO(bytes(60_000)))
    assert len(spool.list()) == 1


def test_the_free_space_floor_closes_the_spool(tmp_path: Path) -> None:
    Spool.create(tmp_path / "spool", tmp_path / "host.key", slots=SLOTS, free_floor_bytes=1 << 60)
    with pytest.raises(SpoolFullError):
        opened(tmp_path / "spool").ready()


_SMALL_DISK = """
import io, os, resource, signal, sys
from pathlib import Path
from spool import Spool, SpoolError
spool = Spool.open(Path(sys.argv[1]), Path(sys.argv[2]))
spool.refill()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
try:
    spool.put(io.BytesIO(os.urandom(2_000_000)))
except SpoolError as error:
    print(error.code)
"""


def test_a_disk_that_takes_no_more_stores_nothing(root: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SMALL_DISK, str(root), str(root.parent / "host.key")], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "E_SPOOL_WRITE"
    assert opened(root).list() == []
    assert not any((root / "incoming").iterdir())


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small disk needs root")
def test_a_full_disk_stores_nothing(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], check=False, capture_output=True).returncode != 0:
        pytest.skip("this machine lets nobody mount")
    try:
        Spool.create(disk / "spool", tmp_path / "host.key", slots=16, free_floor_bytes=0)
        spool = Spool.open(disk / "spool", tmp_path / "host.key")
        spool.refill()
        with pytest.raises(SpoolFullError):
            spool.put(io.BytesIO(os.urandom(3_000_000)))
        assert spool.list() == []
        spool.put(io.BytesIO(b"fits"))
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)  # the slot file is still open


_SLOW_PUT = """
import io, sys, time
from pathlib import Path
from spool import Spool
class Slow:
    sent = 0
    def read(self, size=-1):
        self.sent += 1
        if self.sent == 2:
            print("writing", flush=True)
            time.sleep(60)
        return bytes(max(1, min(200_000, size)))
Spool.open(Path(sys.argv[1]), Path(sys.argv[2])).put(Slow())
"""


def test_a_killed_put_leaves_nothing_but_what_the_next_start_clears(root: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _SLOW_PUT, str(root), str(root.parent / "host.key")], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "writing\n"
        spool = opened(root)
        assert spool.reconcile(set()).leftovers == 0, "somebody is storing: nothing may be cleared"
        child.send_signal(signal.SIGKILL)
    assert spool.list() == []
    assert spool.reconcile(set()).leftovers == 1
    assert not any((root / "incoming").iterdir())


def test_reconciliation_tells_orphans_both_ways(root: Path) -> None:
    spool = opened(root)
    kept, unknown = (spool.put(io.BytesIO(name)).object_id for name in (b"kept", b"unknown"))
    gone = spool.put(io.BytesIO(b"gone")).object_id
    object_file(root, gone).unlink()
    result = spool.reconcile({kept, gone})
    assert (result.unknown_objects, result.missing_objects) == ({unknown}, {gone})
    for object_id in (kept, unknown):
        with spool.fetched(object_id):
            pass


def test_ids_that_are_no_ids_touch_no_file(root: Path) -> None:
    for strange in ("../../etc/passwd", "", "0" * 16, "a" * 16 + "-1-" + "g" * 32):
        with pytest.raises(UnknownObjectError), opened(root).fetched(strange):
            pytest.fail("handed something out")


def _store_many(root: str, count: int, results: multiprocessing.queues.Queue[list[str]]) -> None:
    spool = opened(Path(root))
    results.put([spool.put(io.BytesIO(str(n).encode())).object_id for n in range(count)])


def test_two_processes_never_share_a_key(root: Path) -> None:
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    workers = [context.Process(target=_store_many, args=(str(root), 20, results)) for _ in range(2)]
    for worker in workers:
        worker.start()
    ids = [object_id for _ in workers for object_id in results.get(timeout=60)]
    for worker in workers:
        worker.join()
    keys = [object_id.split("-", 1)[1] for object_id in ids]
    assert len(ids) == 40
    assert len(set(keys)) == 40
    spool = opened(root)
    for object_id in ids:
        with spool.fetched(object_id) as plain:
            assert plain.read().isdigit()


def test_storing_takes_no_memory_to_speak_of(root: Path) -> None:
    class Large(io.RawIOBase):
        left = 200 << 20

        def read(self, size: int = -1) -> bytes:
            piece = bytes(min(self.left, size if size > 0 else 1 << 20, 1 << 20))
            self.left -= len(piece)
            return piece

    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    opened(root).put(Large())  # type: ignore[arg-type]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000, f"KiB, after {time.monotonic() - began:.1f} s"
