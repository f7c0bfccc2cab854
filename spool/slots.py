"""The slot file: one 4 KiB slot per key, overwritten in place, never copied, never backed up (docs/spool-format.md).

Measured on ext4: a slot overwritten in place keeps its extents; a key in a database row survives in WAL and backups.
"""

from __future__ import annotations

import os
import secrets
import struct
from dataclasses import dataclass
from pathlib import Path

from spool.errors import DamagedObjectError, DestroyedError
from spool.provider import NONCE_BYTES, CryptoProvider

SLOT_BYTES = 4096
_MAGIC = b"IMPSLOT1"
_HEADER = struct.Struct(">8sQ16s12sH")  # magic, slot number, key id, nonce, length of the wrapped key


@dataclass(frozen=True, slots=True)
class SlotKey:
    """A key in its slot: `key_id` (hex) names it for its whole life, so that a re-used slot is told apart."""

    slot: int
    key_id: str


class SlotFile:
    """The private halves. Only the roles that decrypt open it."""

    def __init__(self, file: Path, host_key: bytes, provider: CryptoProvider) -> None:
        self._fd = os.open(file, os.O_RDWR | os.O_CLOEXEC)
        self._host_key = host_key
        self._provider = provider
        self.count = os.fstat(self._fd).st_size // SLOT_BYTES

    @staticmethod
    def create(file: Path, slots: int) -> None:
        """Preallocate with zeros that are really written, so that later writes change blocks in place."""
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            for _ in range(slots):
                out.write(bytes(SLOT_BYTES))
            out.flush()
            os.fsync(out.fileno())

    def is_free(self, slot: int) -> bool:
        """Whether the slot holds no key."""
        return os.pread(self._fd, len(_MAGIC), slot * SLOT_BYTES) != _MAGIC

    def write(self, slot: int, private_key: str) -> SlotKey:
        """Put a key into a free slot. Durable only after `sync`."""
        key_id, nonce = secrets.token_bytes(16), secrets.token_bytes(NONCE_BYTES)
        wrapped = self._provider.wrap(self._host_key, private_key.encode(), self._bound_to(slot, key_id), nonce)
        block = _HEADER.pack(_MAGIC, slot, key_id, nonce, len(wrapped)) + wrapped
        os.pwrite(self._fd, block.ljust(SLOT_BYTES, b"\0"), slot * SLOT_BYTES)
        return SlotKey(slot, key_id.hex())

    def read(self, key: SlotKey) -> str:
        """The private key. Raises DestroyedError when it was overwritten, DamagedObjectError when it cannot be unwrapped."""
        block = os.pread(self._fd, SLOT_BYTES, key.slot * SLOT_BYTES)
        if len(block) != SLOT_BYTES or block[: len(_MAGIC)] != _MAGIC:
            raise DestroyedError("The object's key has been destroyed.")
        _, slot, key_id, nonce, length = _HEADER.unpack_from(block)
        if key_id.hex() != key.key_id:
            raise DestroyedError("The object's key has been destroyed; its slot serves another one.")
        if slot != key.slot or length > SLOT_BYTES - _HEADER.size:
            raise DamagedObjectError("The key slot is damaged.")
        wrapped = block[_HEADER.size : _HEADER.size + length]
        return self._provider.unwrap(self._host_key, wrapped, self._bound_to(slot, key_id), nonce).decode()

    def destroy(self, *keys: SlotKey) -> None:
        """Overwrite their slots in place with random bytes, then zeros, each forced to disk. Idempotent; spares re-used slots."""
        self.clear(*(key.slot for key in keys if self._holds(key)))

    def _holds(self, key: SlotKey) -> bool:
        block = os.pread(self._fd, _HEADER.size, key.slot * SLOT_BYTES)
        return len(block) == _HEADER.size and block[: len(_MAGIC)] == _MAGIC and _HEADER.unpack(block)[2].hex() == key.key_id

    def clear(self, *slots: int) -> None:
        """Overwrite slots, whatever keys they hold: all with random bytes, then all with zeros, each time forced to disk."""
        for content in (secrets.token_bytes(SLOT_BYTES), bytes(SLOT_BYTES)) if slots else ():
            for slot in slots:
                os.pwrite(self._fd, content, slot * SLOT_BYTES)
            os.fdatasync(self._fd)

    def sync(self) -> None:
        """Force everything to disk: before a public key is handed out."""
        os.fdatasync(self._fd)

    def close(self) -> None:
        """Give the file back; a second time does nothing."""
        descriptor, self._fd = self._fd, -1
        if descriptor >= 0:
            os.close(descriptor)

    @staticmethod
    def _bound_to(slot: int, key_id: bytes) -> bytes:
        return b"imprimatur.spool.slot.v1\n" + slot.to_bytes(8, "big") + key_id
