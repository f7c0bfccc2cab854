"""`imprimatur fax install` and what the doctor says of it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gateway.doctor.check import Verdict
from gateway.doctor.fax import checks
from gateway.domain.vocabulary import AlertKind
from gateway.errors import ConfigurationError
from gateway.fax_install import FaxPlaces, apply, faults, plan, server_settings
from gateway.fax_watch import FaxWatch
from gateway.services import alerts
from tests.room import Room


@pytest.fixture
def places(tmp_path: Path) -> FaxPlaces:
    """Debian's settings, and one modem's."""
    spool = tmp_path / "spool"
    shutil.copytree("/etc/hylafax", spool / "etc", symlinks=True)
    (spool / "etc" / "config.ttyS0").write_text("ModemType: Class2.0\nFaxRcvdCmd: bin/faxrcvd\nRecvFileMode: 0644\n")
    return FaxPlaces(spool=spool, etc=spool / "etc", programs=tmp_path / "programs")


def installed(room: Room, places: FaxPlaces) -> None:
    apply(plan(socket=room.gate.settings.fax_socket, places=places, password_file=room.gate.settings.fax_password_file))


def faulty(room: Room, places: FaxPlaces) -> set[str]:
    return {check.name for check in checks(room.gate.settings, places) if check.verdict is Verdict.FAULT}


def test_without_the_gate_the_doctor_advises_it(room: Room, places: FaxPlaces) -> None:
    (found,) = checks(room.gate.settings, places)
    assert (found.name, found.verdict) == ("fax gate", Verdict.ADVICE)
    shutil.rmtree(places.etc)
    assert list(checks(room.gate.settings, places)) == []


def test_installed_once_or_twice_all_is_well(room: Room, places: FaxPlaces) -> None:
    installed(room, places)
    password, config = room.gate.settings.fax_password_file.read_text(), (places.etc / "config").read_text()
    installed(room, places)
    assert faulty(room, places) == set()
    assert (room.gate.settings.fax_password_file.read_text(), (places.etc / "config").read_text()) == (password, config)
    assert room.gate.settings.fax_password_file.stat().st_mode & 0o777 == 0o600
    assert password.strip() not in (places.etc / "hosts.hfaxd").read_text()
    assert "# replaced by imprimatur: FaxRcvdCmd: bin/faxrcvd" in (places.etc / "config.ttyS0").read_text()


@pytest.mark.parametrize(
    ("file", "line", "name"),
    [
        ("config", "SendFaxCmd: /usr/sbin/faxsend\n", "fax settings config"),
        ("config", "sendfaxcmd: /usr/sbin/faxsend\n", "fax settings config"),
        ("config", "MaxBatchJobs: 64\n", "fax settings config"),
        ("config.ttyS0", "ContCoverPage: etc/cover.templ\n", "fax settings config.ttyS0"),
        ("hosts.hfaxd", "localhost\n", "fax accounts"),
    ],
)
def test_the_doctor_finds_what_was_changed_afterwards(room: Room, places: FaxPlaces, file: str, line: str, name: str) -> None:
    installed(room, places)
    with (places.etc / file).open("a") as out:
        out.write(line)
    assert faulty(room, places) == {name}
    installed(room, places)
    assert faulty(room, places) == set()


def test_the_doctor_finds_a_changed_gate(room: Room, places: FaxPlaces) -> None:
    installed(room, places)
    places.gate.write_text('#!/bin/sh\nexec /usr/lib/hylafax/bin/faxsend "$@"\n')
    places.hook.chmod(0o777)
    (places.spool / "gate").chmod(0o755)
    assert faulty(room, places) == {"fax sendfax-gate", "fax fax-hook", "folder of faxes being sent"}


def test_the_watch_tells_of_a_change_once_and_of_the_next_one_again(room: Room, places: FaxPlaces) -> None:
    installed(room, places)
    watch, config = FaxWatch(room.gate, places), places.etc / "config"
    good = config.read_text()

    def told() -> list[str]:
        return [alert.detail for alert in alerts.list_alerts(room.gate, room.actor("chen")) if alert.kind is AlertKind.SETTINGS_CHANGED]

    assert (watch.look(), told()) == ([], [])
    config.write_text(good + "SendFaxCmd: /usr/sbin/faxsend\n")
    for at_work in (watch, watch, FaxWatch(room.gate, places)):  # the last one: the gateway was started again
        assert at_work.look() == ["fax settings config"]
        assert told() == ["fax settings config"]
    config.write_text(good)
    assert watch.look() == []
    places.gate.write_text("#!/bin/sh\n")
    watch.look()
    assert len(told()) == 2
    assert room.verify().ok


def test_the_last_setting_counts() -> None:
    wanted = server_settings(FaxPlaces())
    text = "".join(f"{name}: {value}\n" for name, value in wanted.items())
    assert faults(text, wanted) == []
    assert faults(text + "  MAXBATCHJOBS :\t2\n", wanted) == ["MaxBatchJobs"]
    assert faults("", wanted) == list(wanted)


def test_without_hylafax_it_says_so(room: Room, tmp_path: Path) -> None:
    nowhere = FaxPlaces(spool=tmp_path / "no", etc=tmp_path / "no", programs=tmp_path / "programs")
    with pytest.raises(ConfigurationError):
        installed(room, nowhere)
