"""The machine under gateway and CUPS: where plaintext could come to rest, and what makes erasing best effort."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.config import Settings
from gateway.cups_install import CupsPlaces
from gateway.doctor.check import Check, should

_COPY_ON_WRITE = frozenset({"btrfs", "zfs", "bcachefs", "nilfs2", "overlay"})
_IN_MEMORY = frozenset({"tmpfs", "ramfs"})
_SYNCHRONISED = (Path("/run/systemd/timesync/synchronized"), Path("/run/chrony/chronyd.pid"), Path("/run/ntpd.pid"))


@dataclass(frozen=True, slots=True)
class FileSystem:
    """What a folder lies on."""

    kind: str
    device: str

    @property
    def is_closed(self) -> bool:
        """In memory, or on an encrypted block device."""
        return self.kind in _IN_MEMORY or is_encrypted(self.device)


def file_system_of(folder: Path, mounts: str | None = None) -> FileSystem:
    """The file system of an existing folder, as /proc/self/mountinfo tells it (proc(5))."""
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    for line in (mounts or Path("/proc/self/mountinfo").read_text()).splitlines():
        before, _, after = line.partition(" - ")
        if before.split()[2] == wanted:
            return FileSystem(after.split()[0], wanted)
    return FileSystem("unknown", wanted)


def is_encrypted(device: str) -> bool:
    """Whether a block device (`major:minor`) is dm-crypt, or stands on nothing but such."""
    block = Path("/sys/dev/block") / device
    try:
        if (block / "dm" / "uuid").read_text().startswith("CRYPT-"):
            return True
    except OSError:
        pass
    below = [(slave / "dev").read_text().strip() for slave in (block / "slaves").glob("*")]
    return bool(below) and all(is_encrypted(one) for one in below)


def checks(settings: Settings, places: CupsPlaces) -> Iterator[Check]:
    """All of them."""
    yield from _folders(settings, places)
    yield _swap()
    yield _core_dumps()
    yield _synchronised()


def _folders(settings: Settings, places: CupsPlaces) -> Iterator[Check]:
    titled = {"the data folder (titles)": settings.data, **cups_folders(places)}
    for what, folder in titled.items():
        try:
            found = file_system_of(folder)
        except OSError:
            continue  # said elsewhere, or not ours to read
        cure = "Put it on an encrypted disk (dm-crypt), CUPS' folders perhaps on a tmpfs: what waits there can be read from the disk."
        yield should(f"{what} on a closed disk", found.is_closed, f"{folder} on {found.kind}", cure)
    if settings.spool.exists():
        kind = file_system_of(settings.spool).kind
        cure = "Put the spool on ext4 or xfs: here a destroyed key may live on in old blocks, erasing is best effort."
        yield should("keys are overwritten in place", kind not in _COPY_ON_WRITE, kind, cure)


def cups_folders(places: CupsPlaces) -> dict[str, Path]:
    """CUPS' RequestRoot and TempDir, by cups-files.conf or as they are by default."""
    try:
        text = places.cupsd_conf.with_name("cups-files.conf").read_text()
    except OSError:
        text = ""
    chosen = dict(re.findall(r"(?m)^(RequestRoot|TempDir)\s+(\S+)", text))
    root = Path(chosen.get("RequestRoot", "/var/spool/cups"))
    return {"CUPS' RequestRoot": root, "CUPS' TempDir": Path(chosen.get("TempDir", str(root / "tmp")))}


def _swap() -> Check:
    swaps = [line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()[1:]]
    plain = [swap for swap in swaps if not _is_closed_swap(Path(swap))]
    return should(
        "swap", not plain, ", ".join(plain) or "none in plain", "Turn it off, or encrypt it: memory with papers can be written there."
    )


def _is_closed_swap(swap: Path) -> bool:
    if swap.name.startswith("zram"):
        return True
    try:
        about = swap.stat()
    except OSError:
        return False
    device = about.st_rdev or about.st_dev
    return is_encrypted(f"{os.major(device)}:{os.minor(device)}")


def _core_dumps() -> Check:
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    found = f"core_pattern {pattern or '(empty)'}"
    good = pattern in ("", "|/bin/false", "/dev/null")
    cure = "Set kernel.core_pattern=|/bin/false: a crashed filter of CUPS would leave its memory, with the paper in it, on disk."
    return should("core dumps", good, found, cure)


def _synchronised() -> Check:
    good = any(path.exists() for path in _SYNCHRONISED)
    found = "kept by the network" if good else "nobody keeps it, as far as is to be seen"
    return should("clock kept", good, found, "Run systemd-timesyncd or chrony: the books need the true time.")
