"""The pool of one-time keys: each made and durable before it is offered, each taken by one removal, none ever offered twice.

The private half waits in its slot; the public half *is the name* of an empty file, `pool/SLOT-KEYID-PUBLICKEY.pub`, so that any number of
keys is made durable by one fsync of the folder (a file each meant an fsync each, and everybody who stored waited for them: measured).
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable
from pathlib import Path

from spool.errors import KeyPoolEmptyError, SpoolError
from spool.files import exclusive, sync_folder
from spool.provider import CryptoProvider
from spool.slots import SlotFile, SlotKey

SHARE = 4
"""At most one slot in this many waits in the pool as an unused key; the rest is for stored objects."""
LARGEST = 256


class KeyPool:
    """Public keys to be taken. Threads and processes may share one; without `slots` it can take, not make."""

    def __init__(self, root: Path, slots: SlotFile | None, provider: CryptoProvider) -> None:
        self._root, self._slots, self._provider = root, slots, provider
        self._folder = root / "pool"
        self._seen: deque[Path] = deque()
        self._looking, self._filling = threading.Lock(), threading.Lock()
        self._next_slot = 0

    def take(self, spare: int = 0) -> tuple[SlotKey, str]:
        """A key nobody else has or will get: the removal has one winner. Raises KeyPoolEmptyError when no more than `spare` are left."""
        while True:
            with self._looking:
                self._look(spare)
                offered = self._seen.popleft()
            try:
                offered.unlink()
            except FileNotFoundError:  # another process was quicker
                continue
            return _read(offered)

    def require(self, spare: int = 0) -> None:
        """Raise KeyPoolEmptyError unless more than `spare` keys wait; makes some first when this role can."""
        with self._looking:
            self._look(spare)

    def _look(self, spare: int) -> None:
        """The folder is read only when what was seen is used up, and filled only when too few are left."""
        for last_look in (False, True):
            if len(self._seen) <= spare:
                self._seen = deque(self._all())
            if len(self._seen) > spare:
                return
            if not last_look and self._slots is not None:
                self.refill()
        raise KeyPoolEmptyError("No one-time key is left; the job is taken as soon as there is one.")

    def refill(self) -> int:
        """Fill up a pool that is half empty; returns how many keys were made."""
        slots = self._with_slots()
        with self._filling, exclusive(self._root / "keys.lock"):
            wanted = max(8, min(LARGEST, slots.count // SHARE))
            missing = wanted - len(self._all())
            if missing * 2 < wanted:
                return 0
            made: list[tuple[SlotKey, str]] = []
            for slot in self._free_slots(slots):
                private, public = self._provider.new_key_pair()
                made.append((slots.write(slot, private), public))
                if len(made) == missing:
                    break
            slots.sync()
            for key, public in made:
                os.close(os.open(self._folder / f"{key.slot}-{key.key_id}-{public}.pub", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            sync_folder(self._folder)
            return len(made)

    def _free_slots(self, slots: SlotFile) -> Iterable[int]:
        """Free slots, going on where the last search ended."""
        start = self._next_slot
        for step in range(slots.count):
            slot = (start + step) % slots.count
            if slots.is_free(slot):
                yield slot
                self._next_slot = (slot + 1) % slots.count

    def withdraw(self, used: Iterable[SlotKey]) -> None:
        """Take back keys that objects name: after a power cut a removal from the pool may be undone, the object's name is not."""
        taken = set(used)
        for offered in self._all():
            if _read(offered)[0] in taken:
                offered.unlink(missing_ok=True)

    def clear_unused(self, used: set[int]) -> None:
        """Destroy every key that neither the pool nor an object (slots `used`) names. The caller holds `keys.lock` alone."""
        slots = self._with_slots()
        needed = used | {_read(offered)[0].slot for offered in self._all()}
        slots.clear(*(slot for slot in range(slots.count) if slot not in needed and not slots.is_free(slot)))

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> list[Path]:
        return list(self._folder.glob("*-*-*.pub"))

    def _with_slots(self) -> SlotFile:
        if self._slots is None:
            raise SpoolError("This role has no keys: it can store, not read.")
        return self._slots


def _read(offered: Path) -> tuple[SlotKey, str]:
    slot, key_id, public_key = offered.stem.split("-", 2)
    return SlotKey(int(slot), key_id), public_key
