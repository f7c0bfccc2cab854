"""A private cupsd in a folder: own port, own socket, own spool; nothing of the machine's CUPS is touched."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from pathlib import Path

from gateway import cups_install
from rehearsal.processes import Process, free_port, wait_until

_SYSTEM_BIN = Path("/usr/lib/cups")
_FILES_CONF = """\
User {user}
Group {group}
SystemGroup {system_group}
ServerRoot {root}/etc
ServerBin {root}/lib
DataDir /usr/share/cups
StateDir {root}/run
CacheDir {root}/cache
RequestRoot {root}/spool
TempDir {root}/spool/tmp
ServerKeychain {root}/etc/ssl
CreateSelfSignedCerts no
AccessLog {root}/log/access_log
ErrorLog {root}/log/error_log
PageLog {root}/log/page_log
FileDevice Yes
FatalErrors config listen
SyncOnClose No
"""
_CUPSD_CONF = """\
LogLevel {log_level}
MaxLogSize 0
Listen 127.0.0.1:{port}
Listen {root}/run/cups.sock
Browsing No
WebInterface No
DefaultAuthType Basic
<Location />
  Order allow,deny
  Allow from 127.0.0.1
</Location>
<Location /admin>
  Order allow,deny
  Allow from 127.0.0.1
</Location>
{default_policy}
"""


def _debians_policy() -> str:
    """The default policy a new Debian print server has; ours must hold beside it."""
    shipped = Path("/usr/share/cups/cupsd.conf.default").read_text()
    return shipped[shipped.index("<Policy default>") : shipped.index("</Policy>")] + "</Policy>"


class PrivateCups:
    """A context manager: made, configured by `imprimatur cups install`'s own steps, started; stopped and gone at the end."""

    def __init__(self, root: Path, *, log_level: str = "info") -> None:
        self.root = root
        self.port = free_port()
        self.socket = root / "run" / "cups.sock"
        self.places = cups_install.CupsPlaces(root / "lib", root / "etc" / "cupsd.conf", root / "once", str(self.socket))
        self._process: Process | None = None
        self._log_level = log_level
        self._make()

    def _make(self) -> None:
        root, as_root = self.root, os.getuid() == 0
        for folder in ("etc/ppd", "etc/ssl", "lib/backend", "lib/filter", "run/certs", "cache", "spool/tmp", "log"):
            (root / folder).mkdir(parents=True, exist_ok=True)
        for part in _SYSTEM_BIN.iterdir():
            if part.name not in ("backend", "backend-available", "filter"):
                (root / "lib" / part.name).symlink_to(part)
        for kind in ("filter", "backend"):
            for part in (_SYSTEM_BIN / kind).iterdir():
                (root / "lib" / kind / part.name).symlink_to(part)
        mine = pwd.getpwuid(os.getuid()).pw_name
        names = {
            "user": "lp" if as_root else mine,
            "group": "lp" if as_root else grp.getgrgid(os.getgid()).gr_name,
            "system_group": "root" if as_root else grp.getgrgid(os.getgid()).gr_name,
            "root": root,
        }
        (root / "etc" / "cups-files.conf").write_text(_FILES_CONF.format(**names))
        (root / "etc" / "cupsd.conf").write_text(
            _CUPSD_CONF.format(root=root, port=self.port, log_level=self._log_level, default_policy=_debians_policy())
        )
        if as_root:
            self._give_to_lp()
        cups_install.apply([*cups_install.install_files(self.places), *cups_install.configure(self.places)])

    def _give_to_lp(self) -> None:
        group = grp.getgrnam("lp").gr_gid
        for folder, mode in (("spool", 0o710), ("spool/tmp", 0o1770), ("cache", 0o770), ("run", 0o755)):
            os.chown(self.root / folder, 0, group)
            (self.root / folder).chmod(mode)
        self.root.chmod(0o755)
        closed = [folder for folder in self.root.parents if not folder.stat().st_mode & 0o001]
        if closed:
            raise RuntimeError(
                f"{closed[0]} is closed to other users: CUPS' own user could not reach {self.root}; choose a folder below /tmp"
            )

    def __enter__(self) -> PrivateCups:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def env(self) -> dict[str, str]:
        """What client programs need to find this cupsd."""
        return {"CUPS_SERVER": str(self.socket)}

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = ["/usr/sbin/cupsd", "-f", "-c", str(self.root / "etc/cupsd.conf"), "-s", str(self.root / "etc/cups-files.conf")]
        self._process = Process(command, self.root / "log" / "cupsd.out")
        wait_until(lambda: self.run("lpstat", "-r").stdout.startswith("scheduler is running"), "cupsd's start")

    def stop(self) -> None:
        """Stop in order."""
        if self._process is not None:
            self._process.stop()
            self._process = None

    def kill(self) -> None:
        """SIGKILL for cupsd alone; its backends live on, as after a crash."""
        if self._process is not None:
            os.kill(self._process.pid, 9)
            self._process.stop()
            self._process = None

    def add_gate_queue(self, queue: str, intake_socket: Path, *, fax: bool = False) -> None:
        """A public queue, by the product's own steps."""
        cups_install.apply(cups_install.make_queue(queue=queue, intake_socket=intake_socket, server_id="cups", places=self.places, fax=fax))

    def add_hidden_queue(self, queue: str, device_uri: str) -> str:
        """A hidden device queue, by the product's own steps; its address for a device row."""
        cups_install.apply(cups_install.plan_hidden(queue=queue, device_uri=device_uri, places=self.places))
        return f"cups://{self.socket}?queue={queue}"

    def run(self, *command: str, check: bool = False, stdin: bytes | None = None) -> subprocess.CompletedProcess[str]:
        """Run a CUPS client program against this cupsd."""
        return subprocess.run(
            command,
            env={**os.environ, **self.env, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            timeout=60,
            check=check,
            encoding="utf-8",
            input=stdin.decode("latin-1") if stdin is not None else None,
        )

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """Start a CUPS client program against this cupsd and go on."""
        return subprocess.Popen(command, env={**os.environ, **self.env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def children(self) -> list[int]:
        """Process ids of the filters and backends cupsd has running."""
        pid = self._process.pid if self._process is not None else 0
        try:
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        except OSError:
            return []

    def lp(self, queue: str, file: Path, *options: str, user: str | None = None) -> str:
        """`lp -d QUEUE options file`, as root or as another Unix user; the CUPS job id such as `jiyao-7`."""
        command = ["lp", "-d", queue, *options, str(file)]
        if user is not None:
            command = ["setpriv", "--reuid", user, "--clear-groups", "--", *command]
        done = self.run(*command)
        if done.returncode != 0:
            raise RuntimeError(f"lp failed: {done.stderr.strip()}")
        return done.stdout.split()[3]
