"""The spool itself: put, fetch, destroy, list, reconcile; one class owns the folder.

Layout (docs/spool-format.md): `format.json`, `slots` (private halves), `pool/` (public keys to be taken),
`incoming/` (unfinished), `objects/xx/<object id>`. An object id is `<random>-<slot>-<key id>`: it names its own key.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from spool.errors import (
    CutBodyError,
    DigestMismatchError,
    EncryptionFailedError,
    SpoolError,
    SpoolFullError,
    UnknownObjectError,
)
from spool.files import exclusive, sync_folder, write_whole
from spool.pool import KeyPool
from spool.provider import AgeProvider, CryptoProvider
from spool.slots import SlotFile, SlotKey
from spool.streams import MeasuredSource, RememberingSink

FORMAT_VERSION = 1
HOST_KEY_BYTES = 32
_OBJECT_ID = re.compile(r"^[0-9a-f]{16}-(\d{1,9})-([0-9a-f]{32})$")
RESERVED_KEYS = 2
"""Kept back from those who bring documents, for those who replace one by another."""
_USAGE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A durable object: its id, and length and SHA-256 of the plaintext."""

    object_id: str
    length: int
    sha256: str
    stored_length: int


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """Where spool and database differ: objects nobody knows, known ones that are gone, unfinished files removed."""

    unknown_objects: frozenset[str]
    missing_objects: frozenset[str]
    leftovers: int


@dataclass(frozen=True, slots=True)
class Usage:
    """Bytes on disk, objects stored, keys waiting in the pool, slots in all."""

    stored_bytes: int
    objects: int
    pooled_keys: int
    slots: int


class Spool:
    """An opened spool. Threads and processes may share one."""

    def __init__(
        self,
        root: Path,
        host_key: bytes | None,
        provider: CryptoProvider,
        quota_bytes: int | None = None,
        free_floor_bytes: int | None = None,
    ) -> None:
        described = json.loads((root / "format.json").read_text())
        if described.get("version") != FORMAT_VERSION:
            raise SpoolError(f"The spool has format {described.get('version')}; this program knows {FORMAT_VERSION}.")
        self._root, self._provider = root, provider
        self._quota: int | None = described["quota_bytes"] if quota_bytes is None else quota_bytes
        self._floor: int = described["free_floor_bytes"] if free_floor_bytes is None else free_floor_bytes
        self._slots = SlotFile(root / "slots", host_key, provider) if host_key is not None else None
        self._pool = KeyPool(root, self._slots, provider)
        self._stored, self._stored_at = 0, -_USAGE_SECONDS
        if self._slots is not None:
            self._pool.withdraw(map(_key_of, self.list()))

    @staticmethod
    def create(root: Path, host_key: Path, slots: int = 1024, quota_bytes: int | None = None, free_floor_bytes: int = 64 << 20) -> None:
        """Make a new spool; makes the host key too when it is missing. Never replaces anything."""
        root.mkdir(mode=0o700)
        for folder in ("pool", "incoming", "objects"):
            (root / folder).mkdir(mode=0o700)
        if not host_key.exists():
            write_whole(host_key, secrets.token_bytes(HOST_KEY_BYTES))
        SlotFile.create(root / "slots", slots)
        described = {"version": FORMAT_VERSION, "quota_bytes": quota_bytes, "free_floor_bytes": free_floor_bytes}
        write_whole(root / "format.json", json.dumps(described).encode())

    @classmethod
    def open(
        cls,
        root: Path,
        host_key: Path | None,
        provider: CryptoProvider | None = None,
        *,
        quota_bytes: int | None = None,
        free_floor_bytes: int | None = None,
    ) -> Spool:
        """Open a spool; without a host key it can put but not fetch, refill or destroy (the intake role).

        `quota_bytes` and `free_floor_bytes` stand for what the spool was made with.
        """
        key = host_key.read_bytes() if host_key else None
        if key is not None and len(key) != HOST_KEY_BYTES:
            raise SpoolError("The host key is damaged; restore it.")
        return cls(root, key, provider or AgeProvider(), quota_bytes, free_floor_bytes)

    # -- storing ---------------------------------------------------------------------------------------------------

    def put(
        self, stream: BinaryIO, *, expected_length: int | None = None, expected_sha256: str | None = None, from_reserve: bool = False
    ) -> StoredObject:
        """Store a stream, encrypted and durable when this returns.

        A reserve of keys and room is kept for those who must store something to get rid of something else (`from_reserve`).
        Raises CutBodyError, DigestMismatchError, SpoolFullError or KeyPoolEmptyError; then nothing was stored.
        """
        with exclusive(self._root / "puts.lock", shared=True):
            room = self._room(from_reserve)
            key, public_key = self._pool.take(0 if from_reserve else RESERVED_KEYS)
            return self._put(stream, room, key, public_key, expected_length, expected_sha256)

    def _put(
        self, stream: BinaryIO, room: int, key: SlotKey, public_key: str, expected_length: int | None, expected_sha256: str | None
    ) -> StoredObject:
        object_id = f"{secrets.token_hex(8)}-{key.slot}-{key.key_id}"
        unfinished = self._root / "incoming" / object_id
        measured = MeasuredSource(stream, room)
        try:
            stored_length = self._write(unfinished, measured, public_key)
            _check(measured, expected_length, expected_sha256)
            final = self._path(object_id)
            final.parent.mkdir(mode=0o700, exist_ok=True)
            unfinished.rename(final)
            sync_folder(final.parent)
        except BaseException:
            # The key was for this object only; the worker clears it away with the unfinished file.
            unfinished.unlink(missing_ok=True)
            self._forget(key)
            raise
        self._stored += stored_length
        return StoredObject(object_id, measured.length, measured.sha256, stored_length)

    def _write(self, file: Path, measured: MeasuredSource, public_key: str) -> int:
        sink: RememberingSink | None = None
        try:
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                sink = RememberingSink(cast("BinaryIO", out))
                self._provider.encrypt(cast("BinaryIO", measured), cast("BinaryIO", sink), public_key)
                out.flush()
                os.fsync(out.fileno())
                return out.tell()
        except EncryptionFailedError as error:
            cause = measured.fault or (sink.fault if sink else None) or error
            if isinstance(cause, OSError):
                raise _full_or_failed(cause) from error
            raise cause from error
        except OSError as error:
            raise _full_or_failed(error) from error

    def _room(self, from_reserve: bool = False) -> int:
        disk = os.statvfs(self._root)
        room = disk.f_bavail * disk.f_frsize - (self._floor // 2 if from_reserve else self._floor)
        if self._quota is not None:
            room = min(room, self._quota + (self._quota // 10 if from_reserve else 0) - self._about_stored())
        if room <= 0:
            raise SpoolFullError("The spool is full; release or withdraw jobs, or raise the quota.")
        return room

    def _about_stored(self) -> int:
        """Bytes on disk: counted every few seconds, and what this process stored since; a count per put would cost more than the put."""
        now = time.monotonic()
        if now - self._stored_at >= _USAGE_SECONDS:
            self._stored, self._stored_at = self.usage().stored_bytes, now
        return self._stored

    def ready(self) -> None:
        """Whether a put would be taken now. Raises KeyPoolEmptyError or SpoolFullError with what is missing."""
        self._room()
        self._pool.require(RESERVED_KEYS)

    def refill(self) -> int:
        """Top up the pool with fresh keys, each durable in its slot before it is offered; returns how many were made."""
        return self._pool.refill()

    # -- fetching and destroying ------------------------------------------------------------------------------------

    @contextmanager
    def fetched(self, object_id: str) -> Iterator[BinaryIO]:
        """The plaintext in an anonymous memory file, positioned at its start, only after it was verified to its end.

        Raises DestroyedError, UnknownObjectError or DamagedObjectError before anything is handed out.
        """
        private_key = self._keyed().read(_key_of(object_id))
        path = self._path(object_id)
        if not path.exists():
            raise UnknownObjectError("There is no such object in the spool.")
        with os.fdopen(os.memfd_create("imprimatur-object", os.MFD_CLOEXEC), "w+b") as plain:
            with path.open("rb") as source:
                self._provider.decrypt(cast("BinaryIO", source), plain, private_key)
            plain.seek(0)
            yield cast("BinaryIO", plain)

    def destroy(self, *object_ids: str) -> None:
        """Overwrite the keys in place, then remove the ciphertexts; many at once cost hardly more than one. Idempotent."""
        paths = [self._path(object_id) for object_id in object_ids]
        self._keyed().destroy(*map(_key_of, object_ids))
        present = [path for path in paths if path.exists()]
        for path in present:
            path.unlink()
        for folder in {path.parent for path in present}:
            sync_folder(folder)

    def _forget(self, key: SlotKey) -> None:
        if self._slots is not None:
            self._slots.destroy(key)

    def list(self) -> list[str]:
        """Ids of all objects, sorted."""
        return sorted(path.name for path in (self._root / "objects").glob("??/*"))

    def reconcile(self, known: set[str]) -> Reconciliation:
        """Compare with what the database knows; while nobody is storing, clear unfinished files and the keys they took."""
        leftovers = 0
        with contextlib.suppress(BlockingIOError), exclusive(self._root / "puts.lock", wait=False):
            leftovers = self._clear_leftovers()  # nobody is storing: what is unfinished will never be finished
        present = frozenset(self.list())
        return Reconciliation(present - known, frozenset(known) - present, leftovers)

    def _clear_leftovers(self) -> int:
        """Remove unfinished files, and every key that neither an object nor the pool names."""
        leftovers = 0
        with exclusive(self._root / "keys.lock"):
            for unfinished in (self._root / "incoming").iterdir():
                unfinished.unlink(missing_ok=True)
                leftovers += 1
            self._pool.clear_unused({_key_of(object_id).slot for object_id in self.list()})
        return leftovers

    def usage(self) -> Usage:
        """What the spool holds now."""
        sizes = [path.stat().st_size for path in (self._root / "objects").glob("??/*")]
        return Usage(sum(sizes), len(sizes), len(self._pool), (self._root / "slots").stat().st_size // 4096)

    def close(self) -> None:
        """Give the slot file back; nothing is read or stored afterwards."""
        if self._slots is not None:
            self._slots.close()

    def _keyed(self) -> SlotFile:
        if self._slots is None:
            raise SpoolError("This role has no keys: it can store, not read.")
        return self._slots

    def _path(self, object_id: str) -> Path:
        _key_of(object_id)
        return self._root / "objects" / object_id[:2] / object_id


def _full_or_failed(error: OSError) -> SpoolError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return SpoolFullError("The disk is full; make room, then send the job again.")
    return EncryptionFailedError(
        f"The object could not be written ({errno.errorcode.get(error.errno or 0, 'unknown')}); send the job again."
    )


def _key_of(object_id: str) -> SlotKey:
    match = _OBJECT_ID.match(object_id)
    if match is None:
        raise UnknownObjectError("This is not an object's id.")
    return SlotKey(int(match[1]), match[2])


def _check(measured: MeasuredSource, expected_length: int | None, expected_sha256: str | None) -> None:
    if expected_length is not None and measured.length != expected_length:
        raise CutBodyError(f"{measured.length} of {expected_length} bytes arrived; send the job again.")
    if expected_sha256 is not None and measured.sha256 != expected_sha256.lower():
        raise DigestMismatchError("The bytes that arrived do not have the declared digest; send the job again.")
