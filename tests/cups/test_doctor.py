"""`imprimatur doctor` is green on what `cups install` made, and names each thing somebody has undone, with its cure."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway.doctor.machine import file_system_of, is_encrypted
from rehearsal.house import House
from rehearsal.people import ROOM_PRINTER

pytestmark = pytest.mark.cups


def report(house: House) -> tuple[int, dict[str, dict[str, str]]]:
    places = house.cups.places
    answer = house.run(
        "doctor", "--json", "--cupsd-conf", str(places.cupsd_conf), "--cups-server-bin", str(places.server_bin), account=None, check=False
    )
    rows = {row["name"]: row for row in answer.json()}
    return answer.status, rows


def faults(house: House) -> set[str]:
    status, rows = report(house)
    found = {name for name, row in rows.items() if row["verdict"] == "fault"}
    assert status == (1 if found else 0)
    assert all(rows[name]["cure"] for name in found)
    return found


def test_what_cups_install_made_is_green(house: House) -> None:
    house.cups.add_hidden_queue("hidden", house.printer.uri)
    status, rows = report(house)
    assert status == 0, [row for row in rows.values() if row["verdict"] == "fault"]
    looked_at = {"CUPS", "cupsd.conf", "stamp fonts", "clock", "swap", "core dumps", "keys are overwritten in place", "hidden queue hidden"}
    looked_at |= {"CUPS' RequestRoot on a closed disk", "CUPS' TempDir on a closed disk", f"device {ROOM_PRINTER}"}
    looked_at |= {f"queue jiyao {what}" for what in ("leads here", "policies", "PPD", "accepts", "asks who it is")}
    assert looked_at <= set(rows)
    assert rows["real use"]["verdict"] == "advice"


@contextmanager
def edited(file: Path, change: Callable[[str], str]) -> Iterator[None]:
    """A text file as somebody changed it; as it was afterwards."""
    kept = file.read_bytes()
    file.write_text(change(file.read_text()))
    try:
        yield
    finally:
        file.write_bytes(kept)


def test_parts_that_were_changed_are_named(house: House) -> None:
    places = house.cups.places
    backend = places.server_bin / "backend" / "imprimatur"
    with edited(backend, lambda text: text + "\n# quicker\n"):
        assert faults(house) == {"backend imprimatur"}
    with edited(places.cupsd_conf, lambda text: text.replace("PreserveJobFiles No", "PreserveJobFiles Yes")):
        assert faults(house) == {"cupsd.conf"}
    guard = places.server_bin / "filter" / "imprimatur-guard"
    guard.chmod(0o777)
    assert faults(house) == {"filter imprimatur-guard"}
    guard.chmod(0o755)
    key = house.settings.keys / "host.key"
    key.chmod(0o644)
    assert faults(house) == {"key host.key"}
    key.chmod(0o600)
    assert faults(house) == set()


def test_queues_that_were_opened_are_named(house: House) -> None:
    run = house.cups.run
    run("lpadmin", "-p", "jiyao", "-o", "printer-op-policy=default", check=True)
    assert faults(house) == {"queue jiyao policies", "queue jiyao asks who it is"}
    run("lpadmin", "-p", "jiyao", "-o", "printer-op-policy=imprimatur", check=True)
    run("lpadmin", "-p", "hidden", "-o", "printer-op-policy=default", check=True)
    assert faults(house) == {"hidden queue hidden"}
    run("lpadmin", "-p", "hidden", "-o", "printer-op-policy=imprimatur-hidden", check=True)
    ppd = (house.cups.root / "etc/ppd/jiyao.ppd").read_text()
    raw = house.root / "without-guard.ppd"
    raw.write_text("\n".join(line for line in ppd.splitlines() if not line.startswith("*cupsFilter2")))
    run("lpadmin", "-p", "jiyao", "-P", str(raw), check=True)
    assert faults(house) == {"queue jiyao PPD"}
    house.cups.add_gate_queue("jiyao", house.settings.intake_socket)
    run("cupsreject", "jiyao", check=True)
    assert faults(house) == {"queue jiyao accepts"}
    run("cupsaccept", "jiyao", check=True)
    assert faults(house) == set()


def test_what_does_not_run_is_named(house: House) -> None:
    house.printer.stop()
    house.stop_gateway()
    assert faults(house) >= {"intake socket", "control socket", f"device {ROOM_PRINTER}"}
    house.cups.stop()
    assert "CUPS" in faults(house)
    house.cups.start()
    house.start_gateway()
    house.printer.start()
    assert faults(house) == set()


def test_file_systems_are_told_apart(tmp_path: Path) -> None:
    assert file_system_of(Path("/proc")).kind == "proc"
    shared_memory = Path("/dev/shm")
    if shared_memory.is_dir() and file_system_of(shared_memory).kind == "tmpfs":
        assert file_system_of(shared_memory).is_closed
    mounts = "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"
    assert file_system_of(tmp_path, mounts).kind in {"unknown", "ext3"}
    assert not is_encrypted("0:0")
