"""`imprimatur fax install`: the gate at HylaFAX' line, its settings, the one account; works on a private spool as on the machine's."""

from __future__ import annotations

import os
import pwd
import re
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.cups_install import PARTS, Step
from gateway.errors import ConfigurationError

BEGIN, END = "# BEGIN imprimatur", "# END imprimatur"
GATE, HOOK = "sendfax-gate", "fax-hook"
PLACES_FILE, COPIES = "imprimatur-gate", "gate"
REAL_FAXSEND = Path("/usr/lib/hylafax/bin/faxsend")
"""Not Debian's /usr/sbin/faxsend, a shell script that gives its rights back and mounts folders (measured)."""
FAX_USER = "uucp"
ACCOUNT = "imprimatur"


@dataclass(frozen=True, slots=True)
class FaxPlaces:
    """Where a HylaFAX keeps its things; the defaults are Debian's."""

    spool: Path = Path("/var/spool/hylafax")
    etc: Path = Path("/etc/hylafax")
    programs: Path = Path("/usr/local/lib/imprimatur")
    faxsend: Path = REAL_FAXSEND
    pause_seconds: int = 20
    """How long a job waits at the line before the gateway is asked about it again."""

    @property
    def gate(self) -> Path:
        """The program asked before every call."""
        return self.programs / GATE

    @property
    def hook(self) -> Path:
        """The program told after every call, and of every fax received."""
        return self.programs / HOOK

    @property
    def line_configs(self) -> list[Path]:
        """The settings of each modem."""
        return sorted(path for path in self.etc.glob("config.*") if ".before-imprimatur" not in path.name and not path.name.endswith("~"))


def server_settings(places: FaxPlaces) -> dict[str, str]:
    """What stands in etc/config, and why in docs/fax.md. An empty value switches a thing off."""
    return {
        "SendFaxCmd": str(places.gate),
        "SendPageCmd": "/bin/false",
        "SendUUCPCmd": "/bin/false",
        "JobControlCmd": '""',
        "NotifyCmd": str(places.hook),
        "MaxBatchJobs": "1",
        "MaxConcurrentCalls": "256",
        "UseJobTagLine": "no",
        "ContCoverPage": '""',
    }


def line_settings(places: FaxPlaces) -> dict[str, str]:
    """What stands in each etc/config.MODEM."""
    return {
        "FaxRcvdCmd": str(places.hook),
        "RecvFileMode": "0600",
        "LogFileMode": "0600",
        "UseJobTagLine": "no",
        "ContCoverPage": '""',
        "PollRcvdCmd": str(places.hook),
    }


def plan(*, socket: Path, places: FaxPlaces | None = None, account: str = ACCOUNT, password_file: Path | None = None) -> list[Step]:
    """Everything that would be done, in order. With `password_file` the account is made, and its password written there."""
    places = places or FaxPlaces()
    steps = [
        Step(f"copy {GATE} and {HOOK} to {places.programs}", lambda: _copy_programs(places)),
        Step(f"write {places.etc / PLACES_FILE}", lambda: _write_places(places, socket)),
        Step(f"make the folder {places.spool / COPIES} for the copies being sent", lambda: _make_copies(places.spool / COPIES)),
        Step(f"put the settings into {places.etc / 'config'}", lambda: _write_block(places.etc / "config", server_settings(places))),
    ]
    steps += [
        Step(f"put the settings into {file}", lambda f=file: _write_block(f, line_settings(places)))  # type: ignore[misc]
        for file in places.line_configs
    ]
    if password_file is not None:
        hosts = places.etc / "hosts.hfaxd"
        steps.append(Step(f"admit only the account {account} in {hosts}", lambda: _admit(hosts, account, password_file)))
    return steps


def apply(steps: Sequence[Step]) -> None:
    """Do the steps. Raises ConfigurationError at the first that fails; those before it stand."""
    for step in steps:
        try:
            step.act()
        except (OSError, LookupError) as error:
            raise ConfigurationError(f"Could not {step.description}: {error}.", "Run it as root, with HylaFAX installed.") from error


def faults(config: str, wanted: dict[str, str]) -> list[str]:
    """Names of settings that are not in force as they should be: HylaFAX takes the last one, in any case of letters."""
    in_force = {name.lower(): value.strip() for name, value in re.findall(r"(?m)^\s*([A-Za-z0-9]+)\s*:[ \t]*(.*)$", config)}
    return [name for name, value in wanted.items() if in_force.get(name.lower()) != value]


def with_block(text: str, settings: dict[str, str]) -> str:
    """A HylaFAX configuration with our marked block at its end, replacing an older one; ours set elsewhere are commented out."""
    rest = re.sub(rf"(?ms)^{BEGIN}$.*?^{END}$\n?", "", text)
    for name in settings:
        rest = re.sub(rf"(?mi)^(\s*{name}\s*:.*)$", r"# replaced by imprimatur: \1", rest)
    block = "".join(f"{name}: {value}\n" for name, value in settings.items())
    return f"{rest.rstrip()}\n\n{BEGIN}\n{block}{END}\n"


def _write_block(file: Path, settings: dict[str, str]) -> None:
    before = file.read_text()
    after = with_block(before, settings)
    if after == before:
        return
    kept = file.with_name(f".{file.name}.before-imprimatur")
    if not kept.exists():
        shutil.copy2(file, kept)
    _replace(file, after, file.stat().st_mode & 0o777, file.stat().st_uid, file.stat().st_gid)


def _copy_programs(places: FaxPlaces) -> None:
    places.programs.mkdir(parents=True, exist_ok=True)
    for target in (places.gate, places.hook):
        _replace(target, (PARTS / target.name).read_text(), 0o755, 0, 0)


def _write_places(places: FaxPlaces, socket: Path) -> None:
    _replace(places.etc / PLACES_FILE, f"socket={socket}\nfaxsend={places.faxsend}\npause={places.pause_seconds}\n", 0o644, 0, 0)


def _make_copies(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    shutil.chown(folder, FAX_USER, FAX_USER)


def _admit(hosts: Path, account: str, password_file: Path) -> None:
    """One line, one account; the password is made once and stays in its file, which only the gateway reads."""
    if not password_file.exists():
        descriptor = os.open(password_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_hex(16) + "\n")
        owner = password_file.parent.stat()
        os.chown(password_file, owner.st_uid, owner.st_gid)
    write_hosts(hosts, account, password_file.read_text().strip())


def write_hosts(hosts: Path, account: str, password: str) -> None:
    """hosts.hfaxd with this account alone, from this machine alone (hosts.hfaxd(5F)). Raises LookupError when it cannot be hashed."""
    done = subprocess.run(["openssl", "passwd", "-6", "-stdin"], input=password, capture_output=True, text=True, timeout=20, check=False)
    if done.returncode != 0:
        raise LookupError("openssl does not hash the password")
    hashed = done.stdout.strip()
    user = pwd.getpwnam(FAX_USER)
    _replace(hosts, f"^{account}@127\\.0\\.0\\.1$:{user.pw_uid}:{hashed}:{hashed}\n", 0o600, user.pw_uid, user.pw_gid)


def _replace(file: Path, content: str, mode: int, uid: int, gid: int) -> None:
    """Atomically, with its rights set before it has its name."""
    temporary = file.with_name(f".{file.name}.new")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(content)
    temporary.chmod(mode)
    if os.geteuid() == 0:
        os.chown(temporary, uid, gid)
    temporary.replace(file)
