"""A whole room on real parts, in one folder and on free ports: printer, private cupsd, gateway, people. For demo and tests.

Everything is done as an installer and its users would do it: `imprimatur` commands, `imprimatur cups install`'s steps, `lp`.
"""

from __future__ import annotations

import json
import os
import pwd
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from gateway.cli import main as imprimatur
from gateway.config import Settings, load_settings
from rehearsal.cupsd import PrivateCups
from rehearsal.device import IppEvePrinter, PrivateBus
from rehearsal.escl import EsclDevice
from rehearsal.exchange import ACCOUNT, Exchange
from rehearsal.exchange import PASSWORD as TELEPHONE_PASSWORD
from rehearsal.people import CHARACTERS, DEPARTMENTS, FINANCE_PRINTER, PASSWORD, QUEUE, ROOM_PRINTER, UNDERTAKING_SIGNED
from rehearsal.processes import Process, free_port, wait_until

SCANNER = "counter"
"""The network scanner of the room; what lies in its feeder is `House.scanner.pages`."""
FAX_QUEUE = "chuanzhen"
UNIT = "样张·非密 示范单位"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a command printed, and its exit status."""

    status: int
    text: str

    def json(self) -> Any:
        """The printed JSON."""
        return json.loads(self.text)


class CommandFailedError(RuntimeError):
    """A command of the rehearsal did not do what it should."""


class House:
    """A context manager: everything stands inside, nothing is left running after it. `root` must be reachable for CUPS' user.

    With `passwords` everybody can log in; without, people act by `--as` alone, and the house is built faster. With a `telephone` the room
    has a fax queue, and a gate before that line.
    """

    def __init__(
        self,
        root: Path,
        *,
        web_port: int = 0,
        duplex: bool = True,
        passwords: bool = False,
        telephone: Exchange | None = None,
        **settings: object,
    ) -> None:
        self.root = root
        self.config = root / "imprimatur.toml"
        self.web_port = web_port or free_port()
        self._duplex = duplex
        self._passwords = passwords
        self.telephone = telephone
        often = {"cups_server": str(root / "cups" / "run" / "cups.sock"), "cups_watch_seconds": 1, "rounds_seconds": 2}
        self.slips = root / "slips"
        self.scanner = EsclDevice([])
        self._more = {"slip_printer": f"virtual:{self.slips}", "spool_slots": 256, "device_poll_seconds": 0.2, **often, **settings}
        if telephone is not None:
            self._more |= {"fax_server": f"127.0.0.1:{telephone.port}", "fax_account": ACCOUNT, "fax_seconds": 0.5}
        self._stack = ExitStack()
        self._gateway: Process | None = None

    @property
    def address(self) -> str:
        """Where the UI is."""
        return f"http://127.0.0.1:{self.web_port}/"

    @property
    def gateway_pid(self) -> int:
        """The process id of `imprimatur serve`."""
        if self._gateway is None:
            raise CommandFailedError("the gateway does not run")
        return self._gateway.pid

    @property
    def settings(self) -> Settings:
        """The gateway's settings."""
        return load_settings(self.config)

    def __enter__(self) -> House:
        try:
            self._furnish()
        except BaseException:
            self._leave()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._leave()

    def _leave(self) -> None:
        self.stop_gateway()
        self._stack.close()

    def _furnish(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o755)
        self._stack.enter_context(self.scanner)
        self._configure()
        self._bus = self._stack.enter_context(PrivateBus(self.root / "bus"))
        self.printer = self._stack.enter_context(IppEvePrinter(self.root / "printer", self._bus, duplex=self._duplex))
        self.start_gateway()
        self._populate()
        self.cups = self._stack.enter_context(PrivateCups(self.root / "cups"))
        self.cups.add_gate_queue(QUEUE, self.settings.intake_socket)
        if self.telephone is not None:
            self.cups.add_gate_queue(FAX_QUEUE, self.settings.intake_socket, fax=True)

    def second_printer(self, name: str, command: Path) -> IppEvePrinter:
        """Another device, which hands each document to `command`; it goes with the house."""
        return self._stack.enter_context(IppEvePrinter(self.root / name, self._bus, command=command))

    def _configure(self) -> None:
        places = {"unit": UNIT, "data": str(self.root / "data"), "run": str(self.root / "run")}
        scanners = {f"scanners.{SCANNER}": self.scanner.address}
        chosen: dict[str, object] = {**places, "unsafe_act_as": True, "web_port": self.web_port, **scanners, **self._more}
        self.config.write_text("".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in chosen.items()))
        self.run("--data", str(self.root / "data"), "init", "--rehearsal")
        if self.telephone is not None:
            self.settings.fax_password_file.write_text(TELEPHONE_PASSWORD)
            self.telephone.put_gate(self.settings.fax_socket)
            self._stack.enter_context(self.telephone)

    def start_gateway(self) -> None:
        """Start `imprimatur serve`, and wait until it answers."""
        command = [sys.executable, "-m", "gateway", "--config", str(self.config), "serve"]
        self._gateway = Process(command, self.root / "gateway.log")
        wait_until(self._answers, "the gateway's start")

    def _answers(self) -> bool:
        if self._gateway is None or not self._gateway.running():
            raise CommandFailedError(f"the gateway ended:\n{(self.root / 'gateway.log').read_text()[-2000:]}")
        return self.settings.intake_socket.exists() and self.run("dept", "list", account="", check=False).status == 0

    def stop_gateway(self) -> None:
        """Stop it in order."""
        if self._gateway is not None:
            self._gateway.stop()
            self._gateway = None

    def kill_gateway(self) -> None:
        """SIGKILL: the power is cut."""
        if self._gateway is not None:
            self._gateway.kill()
            self._gateway = None

    def _populate(self) -> None:
        """Departments, people, devices. The first requester is whoever runs this, so that a plain `lp` comes from her."""
        me = pwd.getpwuid(os.getuid()).pw_name
        password = ["--password-stdin"] if self._passwords else []
        for code, name in DEPARTMENTS:
            self.run("dept", "add", code, name, account="")
        for person in CHARACTERS:
            clearance = ["--clearance", person.clearance.value] if person.clearance else []
            unix_user = me if person is CHARACTERS[0] else person.username
            self.run(
                *("user", "add", person.username, "--name", person.name, "--dept", person.department, "--role", person.role.value),
                *("--undertaking", UNDERTAKING_SIGNED, "--unix-user", unix_user, *password, *clearance),
                account="",
                stdin=PASSWORD + "\n",
            )
        for code, name, queue, more in (
            (ROOM_PRINTER, "机要室打印机", QUEUE, ["--designated", "--max-level", "jimi"]),
            (FINANCE_PRINTER, "财务处打印机", "caiwu", ["--max-level", "neibu"]),
        ):
            self.run("device", "add", code, "--uri", self.printer.uri, "--name", name, "--queue", queue, *more, account="feng")

    def run(self, *arguments: str, account: str | None = None, check: bool = True, stdin: str = "") -> Answer:
        """`imprimatur …` as `account` (None: no account is named). Raises CommandFailedError unless `check` is off."""
        command = ["--config", str(self.config), *(["--as", account] if account else []), *arguments]
        done = CliRunner().invoke(imprimatur, command, input=stdin)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        if check and done.exit_code != 0:
            raise CommandFailedError(f"imprimatur {' '.join(arguments)}: {done.output.strip()}")
        return Answer(done.exit_code, done.output)

    def ask(self, account: str, *arguments: str) -> Any:
        """`imprimatur --as ACCOUNT … --json`, decoded."""
        return self.run(*arguments, "--json", account=account).json()

    def review(self, account: str, job_no: str) -> None:
        """Somebody looks at every page of a held job, as an approver must (R31)."""
        for page in range(1, self.ask(account, "job", "show", job_no)["pages"] + 1):
            self.run("job", "page", job_no, str(page), account=account)

    def approve(self, permit_no: str, *accounts: str) -> None:
        """These people look at the pages, where there are any, and approve one after the other."""
        job_no = self.ask(accounts[0], "permit", "show", permit_no)["job"]
        for account in accounts:
            if job_no:
                self.review(account, job_no)
            self.run("permit", "approve", permit_no, account=account)

    def print_file(self, file: Path, *options: str, queue: str = QUEUE) -> dict[str, Any]:
        """`lp`, then wait until the job is held and counted; what `job show` says of it."""
        before = {row["job"] for row in self.ask("zheng", "job", "list")}
        self.cups.lp(queue, file, *options)
        found: list[dict[str, Any]] = []

        def arrived() -> bool:
            rows = self.ask("zheng", "job", "list")
            found[:] = [row for row in rows if row["job"] not in before]
            return bool(found) and found[0]["stage"] != "receiving" and "E_COUNTING" not in found[0]["codes"]

        wait_until(arrived, "the job's arrival", 60)
        return dict(self.ask("zheng", "job", "show", found[0]["job"]))
