"""A network scanner for rehearsals: eSCL (AirScan) as a multifunction device speaks it, over a stack of pictures, with its failures.

Enough of the Mopria eSCL specification for sane-airscan; nothing here is a product part.
"""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

from PIL import Image

_NAMES = 'xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm" xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03"'
_XML = '<?xml version="1.0" encoding="UTF-8"?>'
_RESOLUTIONS = (200, 300)


def _tag(name: str, *content: str) -> str:
    return f"<{name}>{''.join(content)}</{name}>"


def _capabilities() -> str:
    resolutions = (
        _tag("scan:DiscreteResolution", _tag("scan:XResolution", str(dpi)), _tag("scan:YResolution", str(dpi))) for dpi in _RESOLUTIONS
    )
    profile = _tag(
        "scan:SettingProfile",
        _tag("scan:ColorModes", _tag("scan:ColorMode", "Grayscale8"), _tag("scan:ColorMode", "RGB24")),
        _tag("scan:DocumentFormats", _tag("pwg:DocumentFormat", "image/jpeg"), _tag("scan:DocumentFormatExt", "image/jpeg")),
        _tag("scan:SupportedResolutions", _tag("scan:DiscreteResolutions", *resolutions)),
    )
    sides = {"MinWidth": 16, "MaxWidth": 2550, "MinHeight": 16, "MaxHeight": 3508, "MaxScanRegions": 1}
    caps = "".join(_tag(f"scan:{name}", str(value)) for name, value in sides.items()) + _tag("scan:SettingProfiles", profile)
    adf = _tag(
        "scan:Adf",
        _tag("scan:AdfSimplexInputCaps", caps),
        _tag("scan:AdfDuplexInputCaps", caps),
        _tag("scan:FeederCapacity", "50"),
        _tag("scan:AdfOptions", _tag("scan:AdfOption", "DetectPaperLoaded"), _tag("scan:AdfOption", "Duplex")),
    )
    about = _tag("pwg:Version", "2.63") + _tag("pwg:MakeAndModel", "Rehearsal MFP") + _tag("pwg:SerialNumber", "R1")
    body = _tag("scan:Platen", _tag("scan:PlatenInputCaps", caps)) + adf
    return f"{_XML}<scan:ScannerCapabilities {_NAMES}>{about}{body}</scan:ScannerCapabilities>"


def jpeg(picture: Image.Image, dpi: int = 200) -> bytes:
    """A page as such a device sends it."""
    out = io.BytesIO()
    picture.convert("L").save(out, "JPEG", quality=80, dpi=(dpi, dpi))
    return out.getvalue()


@dataclass
class EsclDevice:
    """The device: what lies in its feeder, and what goes wrong.

    A page takes `page_seconds`, as paper has to move: sane-airscan fetches ahead, and forgets what nobody has read yet when a page fails.
    `jam_at` and `cut_at` are pages counted from 1: one that does not come, and one whose bytes break off in the middle. `busy_times` is
    how often it answers 503 to a scan that is asked for. `duplex_asked` remembers, for each scan, whether both sides were asked for.
    """

    pages: Sequence[bytes]
    jam_at: int = 0
    cut_at: int = 0
    busy_times: int = 0
    page_seconds: float = 0.0
    duplex_asked: list[bool] = field(default_factory=list)
    _jobs: dict[str, list[int]] = field(default_factory=dict)
    _jammed: bool = False

    def __enter__(self) -> EsclDevice:
        """Begin to serve."""
        device = self

        class Handler(_Handler):
            scanner = device

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def address(self) -> str:
        """For the setting `scanners`."""
        return f"escl:http://127.0.0.1:{self._server.server_port}/eSCL"

    def _begin(self, settings: str) -> str | None:
        """A new scan's id; None while the device is busy."""
        if self.busy_times > 0:
            self.busy_times -= 1
            return None
        self.duplex_asked.append("<scan:Duplex>true<" in settings)
        name = str(uuid4())
        feeder = "Feeder<" in settings
        self._jobs[name] = list(range(1, len(self.pages) + 1 if feeder else 2))
        return name

    def _status(self) -> str:
        adf = "ScannerAdfJam" if self._jammed else "ScannerAdfLoaded" if self.pages else "ScannerAdfEmpty"
        jobs = "".join(
            _tag(
                "scan:JobInfo",
                _tag("pwg:JobUri", f"/eSCL/ScanJobs/{name}"),
                _tag("pwg:JobUuid", name),
                _tag("pwg:ImagesToTransfer", str(len(left))),
                _tag("pwg:JobState", "Aborted" if self._jammed else "Processing" if left else "Completed"),
            )
            for name, left in self._jobs.items()
        )
        state = _tag("pwg:Version", "2.63") + _tag("pwg:State", "Idle") + _tag("scan:AdfState", adf) + _tag("scan:Jobs", jobs)
        return f"{_XML}<scan:ScannerStatus {_NAMES}>{state}</scan:ScannerStatus>"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    scanner: EsclDevice

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        device, path = self.scanner, self.path.rstrip("/")
        if path == "/eSCL/ScannerCapabilities":
            return self._answer(200, _capabilities().encode())
        if path == "/eSCL/ScannerStatus":
            return self._answer(200, device._status().encode())
        asked = re.fullmatch(r"/eSCL/ScanJobs/([\w-]+)/NextDocument", path)
        left = device._jobs.get(asked[1]) if asked else None
        if not left:
            return self._answer(404)
        time.sleep(device.page_seconds)
        if left[0] == device.jam_at:
            device._jammed = True
            return self._answer(409)
        number = left.pop(0)
        return self._answer(200, device.pages[number - 1], "image/jpeg", cut=number == device.cut_at)

    def do_POST(self) -> None:
        settings = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        name = self.scanner._begin(settings)
        if name is None:
            return self._answer(503)
        return self._answer(201, location=f"{self.path.rstrip('/')}/{name}")

    def do_DELETE(self) -> None:
        self.scanner._jobs.pop(self.path.rsplit("/", 1)[1], None)
        self._answer(200)

    def _answer(self, status: int, body: bytes = b"", kind: str = "text/xml", location: str = "", *, cut: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if location:
            self.send_header("Location", location)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if cut else body)
        self.close_connection = cut
