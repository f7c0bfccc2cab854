"""`imprimatur cups install`: backend, guard filter, PPD, policy and queue in a CUPS; works on a private one as on the machine's."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from gateway.errors import ConfigurationError, InvalidInputError

PARTS = Path(__file__).resolve().parent.parent / "cups-backend"
POLICY, HIDDEN_POLICY = "imprimatur", "imprimatur-hidden"
ONCE = "imprimatur-once"
FAX_CHANNEL = "&channel=fax"
"""In a fax queue's address: the gateway takes its jobs as faxes, whatever their options say."""
BEGIN, END = "# BEGIN imprimatur", "# END imprimatur"
_QUEUE = re.compile(r"^[A-Za-z0-9_.-]{1,100}$")
_COMMAND_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Step:
    """One change: what it is, and the act itself. Doing it twice is as doing it once."""

    description: str
    act: Callable[[], None]


@dataclass(frozen=True, slots=True)
class CupsPlaces:
    """Where a CUPS keeps its things; the defaults are Debian's."""

    server_bin: Path = Path("/usr/lib/cups")
    cupsd_conf: Path = Path("/etc/cups/cupsd.conf")
    tokens: Path = Path("/var/spool/imprimatur-once")
    server: str | None = None
    lpadmin: str = "/usr/sbin/lpadmin"


def plan(*, queue: str, intake_socket: Path, server_id: str = "cups", places: CupsPlaces | None = None, fax: bool = False) -> list[Step]:
    """Everything that would be done, in order: files, cupsd.conf, queue (`fax`: of faxes). Raises InvalidInputError for a bad name."""
    if not _QUEUE.match(queue):
        raise InvalidInputError(f"'{queue[:40]}' is not a queue name.", "Use letters, digits, . _ - only.")
    return [
        *install_files(places or CupsPlaces()),
        *configure(places or CupsPlaces(), running=True),
        *make_queue(queue=queue, intake_socket=intake_socket, server_id=server_id, places=places or CupsPlaces(), fax=fax),
    ]


def install_files(places: CupsPlaces) -> list[Step]:
    """Backend and filter, executable by CUPS' own user."""
    targets = [
        (PARTS / "imprimatur", places.server_bin / "backend" / "imprimatur"),
        (PARTS / "imprimatur-guard", places.server_bin / "filter" / "imprimatur-guard"),
        (PARTS / "imprimatur-once", places.server_bin / "backend" / "imprimatur-once"),
    ]
    return [Step(f"copy {source.name} to {target}", lambda s=source, t=target: _copy(s, t)) for source, target in targets]  # type: ignore[misc]


def configure(places: CupsPlaces, *, running: bool = False) -> list[Step]:
    """The settings and the policy, in a marked block of cupsd.conf; the file as it was is kept beside it.

    With `running` the machine's cupsd is made to read them when something changed.
    """

    def act() -> None:
        if _write_block(places.cupsd_conf) and running:
            _reload()

    return [Step(f"put settings and policy into {places.cupsd_conf}", act)]


def make_queue(*, queue: str, intake_socket: Path, server_id: str, places: CupsPlaces, fax: bool = False) -> list[Step]:
    """The public queue. CUPS must run with the policy by now. What comes by a fax queue is never printed."""
    uri = f"imprimatur:/{queue}?sock={quote(str(intake_socket))}&server={server_id}{FAX_CHANNEL * fax}"
    command = [
        places.lpadmin,
        *(["-h", places.server] if places.server else []),
        "-p",
        queue,
        "-E",
        "-v",
        uri,
        "-P",
        str(PARTS / ("imprimatur-fax.ppd" if fax else "imprimatur.ppd")),
        "-o",
        f"printer-op-policy={POLICY}",
        "-o",
        "printer-error-policy=retry-job",
        "-o",
        "job-sheets-default=none,none",
    ]
    return [Step(f"make the {'fax ' * fax}queue {queue} → {uri}", lambda: _make_queue(command))]


def plan_hidden(*, queue: str, device_uri: str, places: CupsPlaces | None = None) -> list[Step]:
    """A hidden queue for a device that needs CUPS' filters: nobody prints to it past the gate, and no job reaches the device twice.

    Raises InvalidInputError for a bad name or address.
    """
    places = places or CupsPlaces()
    if not _QUEUE.match(queue) or not re.match(r"^[a-z]+://\S+$", device_uri):
        raise InvalidInputError(
            "A hidden queue needs a name and a device address.", "Write for instance: old-printer ipp://host/ipp/print."
        )
    once = f"{ONCE}:{places.tokens}?uri={quote(device_uri, safe='')}"
    lpadmin = [places.lpadmin, *(["-h", places.server] if places.server else []), "-p", queue]
    # The driverless PPD is made by asking the device, which CUPS can do only at its own address.
    ask = [*lpadmin, "-v", device_uri, "-m", "everywhere", "-o", f"printer-op-policy={HIDDEN_POLICY}", "-o", "printer-is-shared=false"]
    go = [*lpadmin, "-E", "-v", once, "-o", "printer-error-policy=abort-job", "-o", "job-sheets-default=none,none"]
    return [
        Step(f"make the folder {places.tokens} of one-time tokens", lambda: _make_tokens(places.tokens)),
        Step(f"make the hidden queue {queue} for {device_uri}", lambda: _make_queue(ask)),
        Step(f"lead it through {ONCE}", lambda: _make_queue(go)),
    ]


def _make_tokens(folder: Path) -> None:
    """Writable for CUPS' own user, who runs the backend."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if os.geteuid() == 0:
        shutil.chown(folder, user="lp", group="lp")


def apply(steps: Sequence[Step]) -> None:
    """Do the steps. Raises ConfigurationError at the first that fails; those before it stand."""
    for step in steps:
        try:
            step.act()
        except OSError as error:
            raise ConfigurationError(f"Could not {step.description}: {error.strerror}.", "Run it as root, with CUPS installed.") from error


def _copy(source: Path, target: Path) -> None:
    temporary = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, temporary)
    temporary.chmod(0o755)
    temporary.replace(target)


def with_block(text: str, block: str) -> str:
    """cupsd.conf with our marked block in it, replacing an older one; settings of ours set elsewhere are commented out."""
    stripped = re.sub(rf"(?ms)^{BEGIN}$.*?^{END}$\n?", "", text)
    for setting in re.findall(r"(?m)^([A-Z][A-Za-z]+) ", block):
        stripped = re.sub(rf"(?m)^({setting} .*)$", r"# replaced by imprimatur: \1", stripped)
    return f"{stripped.rstrip()}\n\n{BEGIN}\n{block.strip()}\n{END}\n"


def _write_block(file: Path) -> bool:
    """Whether the file had to be changed."""
    before = file.read_text()
    after = with_block(before, (PARTS / "snippets" / "cupsd.conf").read_text())
    if after == before:
        return False
    kept = file.with_name(file.name + ".before-imprimatur")
    if not kept.exists():
        shutil.copy2(file, kept)
    temporary = file.with_name(f".{file.name}.new")
    temporary.write_text(after)
    shutil.copymode(file, temporary)
    os.chown(temporary, file.stat().st_uid, file.stat().st_gid)
    temporary.replace(file)
    return True


def _reload() -> None:
    """By systemd where it rules, else by SIGHUP. Jobs go on; cupsd waits for those that run."""
    if Path("/run/systemd/system").exists():
        _run(["systemctl", "reload-or-restart", "cups.service"])
        return
    running = _machines_cupsd()
    if running is None:
        raise ConfigurationError("The machine's cupsd does not run.", "Start CUPS, then run this again.")
    os.kill(running, signal.SIGHUP)


def _machines_cupsd() -> int | None:
    """The process id of the cupsd that reads the usual cupsd.conf; private ones name another with -c."""
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            with contextlib.suppress(OSError):
                command = (process / "cmdline").read_bytes().split(b"\0")
                if Path(os.fsdecode(command[0])).name == "cupsd" and b"-c" not in command:
                    return int(process.name)
    return None


def _make_queue(command: list[str]) -> None:
    """lpadmin, again and again while a cupsd that was just told to reload does not know the policy yet."""
    deadline = time.monotonic() + _COMMAND_SECONDS
    while True:
        try:
            return _run(command)
        except ConfigurationError as error:
            if not re.search(rf"{POLICY}|connect", error.happened) or time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_COMMAND_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise ConfigurationError(
            f"{Path(command[0]).name} got no answer.", "Is a job running? cupsd reloads after it; try again."
        ) from error
    if done.returncode != 0:
        said = " ".join(line for line in done.stderr.splitlines() if "deprecated" not in line)
        raise ConfigurationError(f"{Path(command[0]).name} failed: {said.strip()[:200]}", "Is cupsd running? Look at its error_log.")
