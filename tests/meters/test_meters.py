"""Every meter keeps one contract: the device's own name and count, or a fault that says what to do; nothing is changed there."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from gateway.errors import InvalidInputError
from gateway.meters import Community, Counted, Fault, Meter, MeterError, MeterKind, SnmpUser, open_meter
from gateway.meters import snmp as snmp_adapter
from gateway.printers import ipp
from rehearsal import snmp
from rehearsal.device import IppEvePrinter, PrivateBus
from rehearsal.snmp import SnmpPrinter
from tests.meters.fake import FakeMeter

V2C = Community(snmp.COMMUNITY)
V3 = SnmpUser(snmp.USER, snmp.AUTHENTICATION, snmp.PRIVACY)


@pytest.fixture(scope="module")
def printer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpPrinter]:
    with SnmpPrinter(tmp_path_factory.mktemp("snmp")) as device:
        yield device


@pytest.fixture(autouse=True)
def as_before(printer: SnmpPrinter) -> Iterator[None]:
    objects = dict(printer.objects)
    yield
    for name, (kind, value) in objects.items():
        printer.tell(name, kind, value)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snmp_adapter, "TIMEOUT_SECONDS", 0.5)


def over_snmp(printer: SnmpPrinter, access: Community | SnmpUser = V2C) -> Meter:
    return open_meter(MeterKind.SNMP, printer.address, access)


def fault_of(meter: Meter) -> Fault:
    with pytest.raises(MeterError) as raised:
        meter.read()
    assert (raised.value.code, bool(raised.value.next_step)) == ("E_METER_READING", True)
    return raised.value.fault


@pytest.mark.parametrize("access", [V2C, V3], ids=["v2c", "v3"])
def test_what_snmp_tells(printer: SnmpPrinter, access: Community | SnmpUser) -> None:
    meter = over_snmp(printer, access)
    before = meter.read()
    assert before == Counted("CNB1234567", printer.impressions)
    assert meter.read() == before, "asking moves nothing"
    printer.count(12)
    assert meter.read().impressions == before.impressions + 12
    printer.tell(snmp.PRINTER_STATUS, "integer", 4)
    assert not meter.read().idle
    printer.tell(snmp.SERIAL, "string", "CNB7654321")
    assert meter.read().serial == "CNB7654321"


def test_what_the_fake_tells() -> None:
    meter = FakeMeter()
    before = meter.read()
    assert before == meter.read() == Counted("CNB1234567", 50_000)
    meter.count(12)
    assert meter.read().impressions == before.impressions + 12
    meter.idle, meter.serial = False, "CNB7654321"
    assert meter.read() == Counted("CNB7654321", 50_012, idle=False)


@pytest.mark.parametrize(
    ("access", "fault"),
    [
        (Community("guess"), Fault.SILENT),
        (SnmpUser("nobody", snmp.AUTHENTICATION, snmp.PRIVACY), Fault.LOCKED),
        (SnmpUser(snmp.USER, "guess-guess", snmp.PRIVACY), Fault.LOCKED),
        (SnmpUser(snmp.USER, snmp.AUTHENTICATION, snmp.PRIVACY, "sha1"), Fault.LOCKED),
        (SnmpUser(snmp.USER, snmp.AUTHENTICATION, "guess-guess"), Fault.SILENT),
    ],
    ids=["community", "user", "authentication", "hash", "privacy"],
)
def test_who_may_not_ask(printer: SnmpPrinter, access: Community | SnmpUser, fault: Fault) -> None:
    assert fault_of(over_snmp(printer, access)) is fault


@pytest.mark.parametrize("name", [snmp.LIFE, snmp.SERIAL])
def test_a_device_that_does_not_have_it(printer: SnmpPrinter, name: str) -> None:
    printer.forget(name)
    assert fault_of(over_snmp(printer)) is Fault.NO_COUNTER


@pytest.mark.parametrize(
    ("name", "kind", "value", "fault"),
    [
        (snmp.LIFE, "string", "50000", Fault.GARBLED),
        (snmp.LIFE, "integer", "-5", Fault.GARBLED),
        (snmp.SERIAL, "octet", "00 01 FF", Fault.GARBLED),
        (snmp.SERIAL, "string", "S" * 81, Fault.GARBLED),
        (snmp.UNIT, "integer", "8", Fault.OTHER_UNIT),
    ],
)
def test_nonsense_is_no_reading(printer: SnmpPrinter, name: str, kind: str, value: str, fault: Fault) -> None:
    printer.tell(name, kind, value)
    assert fault_of(over_snmp(printer)) is fault


def test_bytes_that_are_no_snmp_are_no_answer() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as noise:
        noise.bind(("127.0.0.1", 0))

        def answer() -> None:
            asked = b"."
            while asked:
                asked, who = noise.recvfrom(4096)
                if asked:
                    noise.sendto(b"\x30\x82\xff\xff garbage", who)

        threading.Thread(target=answer, daemon=True).start()
        began = time.monotonic()
        assert fault_of(open_meter(MeterKind.SNMP, f"127.0.0.1:{noise.getsockname()[1]}", V2C)) is Fault.SILENT
        assert time.monotonic() - began < 5
        noise.sendto(b"", noise.getsockname())


def test_a_device_that_is_off(printer: SnmpPrinter) -> None:
    printer.stop()
    assert fault_of(over_snmp(printer)) is Fault.SILENT
    printer.start()
    assert over_snmp(printer).read().serial == "CNB1234567"
    assert fault_of(open_meter(MeterKind.SNMP, "no-such-host.invalid", V2C)) is Fault.SILENT


def told_over_ipp(*attributes: ipp.Attribute) -> bytes:
    """A device's answer; requests and answers have one form (RFC 8010 §3.1), and 0 is successful-ok."""
    return ipp.encode_request(0, 1, [(ipp.PRINTER_GROUP, attributes)])


@contextmanager
def ipp_device(answer: bytes) -> Iterator[Meter]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(200)
            self.send_header("Content-Type", "application/ipp")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield open_meter(MeterKind.IPP, f"ipp://127.0.0.1:{server.server_port}/ipp/print")
        server.shutdown()


def test_what_ipp_tells() -> None:
    name = ipp.Attribute(ipp.URI, "printer-uuid", ("urn:uuid:1",))
    count = ipp.Attribute(ipp.INTEGER, "printer-impressions-completed", (777,))
    busy = ipp.Attribute(ipp.ENUM, "printer-state", (4,))
    with ipp_device(told_over_ipp(name, count)) as meter:
        assert meter.read() == Counted("urn:uuid:1", 777)
    with ipp_device(told_over_ipp(name, count, busy)) as meter:
        assert not meter.read().idle
    with ipp_device(told_over_ipp(name)) as meter:
        assert fault_of(meter) is Fault.NO_COUNTER
    with ipp_device(b"no ipp at all") as meter:
        assert fault_of(meter) is Fault.GARBLED


def test_an_ipp_printer_without_a_counter_says_so(tmp_path: Path) -> None:
    """CUPS' own ippeveprinter counts nothing."""
    with PrivateBus(tmp_path / "bus") as bus, IppEvePrinter(tmp_path / "printer", bus) as device:
        assert fault_of(open_meter(MeterKind.IPP, device.uri)) is Fault.NO_COUNTER
    assert fault_of(open_meter(MeterKind.IPP, device.uri)) is Fault.SILENT


@pytest.mark.parametrize("address", ["", "a b", "http://x", "x:0", "x:99999", "x:y", "user@x", "x/y", "x?y", "x\n"])
def test_addresses_that_are_none(address: str) -> None:
    with pytest.raises(InvalidInputError):
        open_meter(MeterKind.SNMP, address, V2C)


def test_secrets_are_not_told_by_accident() -> None:
    assert all(word not in repr((V2C, V3)) for word in (snmp.COMMUNITY, snmp.AUTHENTICATION, snmp.PRIVACY))
