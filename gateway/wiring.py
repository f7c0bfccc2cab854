"""Putting the parts together: the only place that knows them all."""

from __future__ import annotations

import gc
import os
import resource
import shutil
import signal
import threading
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from cheroot.wsgi import Server

from gateway.clock import Clock, SystemClock, UnsafeClock
from gateway.config import Settings
from gateway.copy_desk import CopyDesk
from gateway.counter import THREADS as COUNTING_THREADS
from gateway.cups_watch import CupsWatch
from gateway.daily import Daily
from gateway.db.engine import Database
from gateway.db.schema import is_current
from gateway.drop_folder import DropFolders
from gateway.errors import ConfigurationError, UnavailableError
from gateway.fax.hylafax import HylaFax
from gateway.fax_books import GateBooks
from gateway.fax_desk import FaxDesk
from gateway.fax_door import fax_server
from gateway.fax_install import FAX_USER
from gateway.fax_watch import FaxWatch
from gateway.intake import intake_server
from gateway.ledger.checkpoints import Signer
from gateway.logs import log
from gateway.meter_watch import MeterWatch
from gateway.notices import Notices, senders_of
from gateway.services.gate import Gate
from gateway.services.installation import HOST_KEY, LEDGER_KEY, read_code_key
from gateway.services.policies import adopt_first
from gateway.services.receiving import Receiving
from gateway.services.runs import note_start, note_stop
from gateway.services.tampering import look_for_tampering
from gateway.worker import Worker
from spool import Spool

WEB_ENTRY_POINT = "imprimatur.web"


def clock_of(settings: Settings) -> Clock:
    """The clock in force."""
    return UnsafeClock(settings.unsafe_clock) if settings.unsafe_clock else SystemClock()


def open_gate(settings: Settings) -> Gate:
    """Open database and spool. Raises ConfigurationError when the schema is another version's."""
    database = Database(settings.url)
    if not is_current(database):
        raise ConfigurationError(
            "The database was made by another version, or not at all.", "Run `imprimatur init` or `imprimatur migrate`."
        )
    spool = Spool.open(
        settings.spool,
        settings.keys / HOST_KEY,
        quota_bytes=settings.spool_quota_bytes,
        free_floor_bytes=settings.spool_free_floor_bytes,
    )
    return Gate(settings, database, clock_of(settings), spool, read_code_key(settings))


def signer_of(settings: Settings) -> Signer:
    """The holder of the ledger's signing key."""
    return Signer(settings.keys / LEDGER_KEY)


def exchange_of(settings: Settings) -> HylaFax:
    """The HylaFAX of the settings. Raises ConfigurationError without its password."""
    host, _, port = settings.fax_server.partition(":")
    try:
        password = settings.fax_password_file.read_text().strip()
    except OSError as error:
        raise ConfigurationError(f"HylaFAX' password cannot be read ({error.strerror}).", "Run `imprimatur fax install`.") from error
    return HylaFax(host, int(port), settings.fax_account, password)


def _web_application(gate: Gate, on_change: Callable[[], None], *, control: bool) -> Any:  # a WSGI callable
    """The web side plugs in by entry point, so that the gateway never imports it."""
    found = list(entry_points(group=WEB_ENTRY_POINT))
    if not found:
        raise ConfigurationError("No web side is installed.", "Install the package as a whole: run ./setup.")
    return found[0].load()(gate, on_change=on_change, control=control)


class Daemon:
    """`imprimatur serve`: intake socket, control socket, web port and worker in one process."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.gate = open_gate(settings)
        self.worker = Worker(self.gate, signer_of(settings))
        self.copies = CopyDesk(self.gate)
        self._servers: list[Server] = []
        self._threads: list[threading.Thread] = []
        self._told = threading.Event()
        self._stopping = threading.Event()
        self.failed = False
        self.web_address = ""

    def start(self) -> None:
        """Bind everything, then serve in threads. The intake opens last: a job is taken only when all else stands."""
        settings = self.settings
        settings.run.mkdir(parents=True, exist_ok=True)
        adopt_first(self.gate)
        look_for_tampering(self.gate)
        if note_start(self.gate):
            log.warning("unclean_stop")
        web = Server((settings.web_host, settings.web_port), _web_application(self.gate, self._wake, control=False), numthreads=16)
        if settings.tls_certificate and settings.tls_key:
            from cheroot.ssl.builtin import BuiltinSSLAdapter

            web.ssl_adapter = BuiltinSSLAdapter(str(settings.tls_certificate), str(settings.tls_key))
        control = Server(
            _fresh(settings.control_socket),
            _web_application(self.gate, self._wake, control=True),
            numthreads=4,
            peercreds_enabled=True,
            peercreds_resolve_enabled=True,
        )
        receiving = Receiving(self.gate, on_held=self.worker.counter.arrived)
        intake = intake_server(settings.intake_socket, receiving, self.gate.spool)
        self._run("brake", self.worker.brake.run)
        self._run("worker", self.worker.run)
        for number in range(COUNTING_THREADS):
            self._run(f"counter-{number}", self.worker.counter.run)
        if senders := senders_of(settings):
            self._run("notices", lambda: Notices(self.gate, senders).run(self._stopping))
        self._run("meter-watch", lambda: MeterWatch(self.gate).run(self._stopping))
        self._run("daily", lambda: Daily(self.gate).run(self._stopping))
        if settings.fax_server:
            self._start_fax(receiving)
        if settings.scanners:
            self._run("copy desk", lambda: self.copies.run(self._stopping))
        if settings.drop_folders:
            self._run("drop folders", lambda: DropFolders(self.gate).run(self._stopping))
        self._run("cups-watch", lambda: CupsWatch(self.gate).run(self._stopping))
        for name, server in (("web", web), ("control", control), ("intake", intake)):
            server.prepare()
            self._servers.append(server)
            self._run(name, server.serve)
        settings.control_socket.chmod(0o666)  # everybody may speak; what he may do is decided by his account
        _open_to_group(settings.intake_socket, settings.intake_group)
        host, port = web.bind_addr[:2]
        scheme = "https" if settings.tls_certificate else "http"
        self.web_address = f"{scheme}://{host}:{port}/"
        log.info("serving", address=self.web_address, pid=os.getpid())

    def _wake(self) -> None:
        """Somebody did something the background may have to go on with."""
        self.worker.wake()
        self.copies.wake()

    def _start_fax(self, receiving: Receiving) -> None:
        """The desk, and the socket on which HylaFAX' gate asks before every call."""
        settings = self.settings
        desk = FaxDesk(exchange_of(settings), GateBooks(self.gate, receiving))
        door = fax_server(settings.fax_socket, desk, desk.wake)
        door.prepare()
        _open_to_group(settings.fax_socket, FAX_USER)
        self._servers.append(door)
        self._run("fax door", door.serve)
        self._run("fax desk", lambda: desk.run(self._stopping, settings.fax_seconds))
        self._run("fax watch", lambda: FaxWatch(self.gate).run(self._stopping))

    def _run(self, name: str, target: Any) -> None:
        def run() -> None:
            try:
                target()
            finally:
                if not self._stopping.is_set():  # a part died: better no gateway than half of one, since then CUPS keeps the jobs
                    log.error("part_ended", socket=name)
                    self.failed = True
                    self._told.set()

        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        self._threads.append(thread)

    def stop(self) -> None:
        """Stop taking jobs, finish the present step, close."""
        self._stopping.set()
        self.copies.wake()
        for server in self._servers:
            server.stop()
        self.worker.stop()
        for thread in self._threads:
            thread.join(timeout=10)
        note_stop(self.gate)
        self.gate.close()

    def serve_until_told(self) -> None:
        """Run until SIGTERM or SIGINT. Raises UnavailableError when a part of it ended by itself."""
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not leave memory with papers in it on disk (I7)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._told.set())
        self.start()
        # What a start leaves behind stays: looking through it again at every full collection stops all pages for a fifth of a second.
        gc.collect()
        gc.freeze()
        self._told.wait()
        self.stop()
        if self.failed:
            raise UnavailableError("A part of the gateway ended by itself.", "Look at the log, then start it again.")


def _open_to_group(socket: Path, group: str) -> None:
    """Let CUPS' backends deliver, and nobody else."""
    socket.chmod(0o660)
    try:
        shutil.chown(socket, group=group)
    except (LookupError, PermissionError):
        log.warning("intake_group_not_set", group=group)


def _fresh(socket: Any) -> str:
    socket.unlink(missing_ok=True)
    return str(socket)
