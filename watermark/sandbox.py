"""The door for documents nobody has looked at: this library's verbs in a child process without keys, files or network.

Documents are passed as descriptors; use memory files, so that plaintext touches no folder (I7). The child is killed with
its whole session when its time is over. A child that dies over a document proves nothing about it, so the verdict is
E_LIMIT or E_DAMAGED: fail closed.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, BinaryIO, cast

from watermark.errors import MissingGlyphError, SandboxError, StampError
from watermark.fonts import FontFiles
from watermark.model import Inspection, Limits, StampPlan, StampReport

_GRACE_SECONDS = 3
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
DEFAULT_LIMITS = Limits()
DEBIAN_FONTS = FontFiles()


def make_base(sources: Sequence[BinaryIO], base: BinaryIO, limits: Limits = DEFAULT_LIMITS) -> Inspection:
    """`watermark.make_base` in a child. All files must have descriptors; their positions are undefined afterwards."""
    descriptors = [source.fileno() for source in sources]
    try:
        done = _ask("make_base", [*descriptors, base.fileno()], limits, sources=descriptors, base=base.fileno())
        return Inspection.from_json(done)
    except SandboxError as error:
        return Inspection(verdict=error.code if error.code == "E_DAMAGED" else "E_LIMIT", reasons=(str(error),))
    except (KeyError, TypeError, ValueError):
        return Inspection(verdict="E_DAMAGED", reasons=("counting gave no usable answer",))


def fan_out(
    base: BinaryIO, out: BinaryIO, plan: StampPlan, limits: Limits = DEFAULT_LIMITS, fonts: FontFiles = DEBIAN_FONTS
) -> StampReport:
    """`watermark.fan_out` and `watermark.verify_stamped` in a child; raises StampError, MissingGlyphError or SandboxError."""
    paths = [str(path) if path else None for path in (fonts.regular, fonts.bold)]
    done = _ask("fan_out", [base.fileno(), out.fileno()], limits, base=base.fileno(), out=out.fileno(), plan=plan.to_json(), fonts=paths)
    return StampReport(**done)


def render_page(base: BinaryIO, page_index: int, dpi: int, overlay_text: str | None = None, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """`watermark.render_page` in a child; raises StampError for a page that is not there, SandboxError otherwise."""
    with os.fdopen(os.memfd_create("imprimatur-picture", os.MFD_CLOEXEC), "w+b") as picture:
        _ask(
            "render_page",
            [base.fileno(), picture.fileno()],
            limits,
            base=base.fileno(),
            out=picture.fileno(),
            page_index=page_index,
            dpi=dpi,
            overlay_text=overlay_text,
        )
        picture.seek(0)
        return picture.read()


def _ask(verb: str, descriptors: Sequence[int], limits: Limits, **details: Any) -> dict[str, Any]:
    request = json.dumps({"verb": verb, "limits": asdict(limits), **details})
    for descriptor in descriptors:
        os.lseek(descriptor, 0, os.SEEK_SET)
    with subprocess.Popen(
        [sys.executable, "-I", "-m", "watermark.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        pass_fds=descriptors,
        env=_ENVIRONMENT,
        start_new_session=True,
        text=True,
    ) as child:
        try:
            answer, _ = child.communicate(request, timeout=limits.seconds + _GRACE_SECONDS)
        except subprocess.TimeoutExpired as expired:
            _kill(child)
            raise SandboxError(f"it took longer than {limits.seconds} seconds") from expired
        except BaseException:
            _kill(child)
            raise
    return _done(answer, child.returncode)


def _kill(child: subprocess.Popen[str]) -> None:
    os.killpg(child.pid, signal.SIGKILL)
    child.communicate()


def _done(answer: str, code: int) -> dict[str, Any]:
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        raise SandboxError("it took more time or memory than allowed")
    try:
        found = json.loads(answer)
        if "done" in found:
            return cast("dict[str, Any]", found["done"])
        failed, reason = str(found["code"]), str(found["reason"])
    except (ValueError, TypeError, KeyError) as error:
        broken = SandboxError(f"the child process ended with {code} and no answer")
        broken.code = "E_DAMAGED"
        raise broken from error
    if failed == MissingGlyphError.code:
        missing = StampError(reason)
        missing.code = failed
        raise missing
    if failed == "E_LIMIT":
        raise SandboxError(reason)
    raise StampError(reason)
