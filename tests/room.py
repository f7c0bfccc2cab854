"""A confidential room for tests: the people and devices of the scenarios' fixture, on a real database and spool."""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from gateway.config import Settings
from gateway.db.engine import Database
from gateway.db.tables import Device
from gateway.domain.envelope import Claim, Envelope, Receipt
from gateway.domain.vocabulary import Level
from gateway.ledger.verify import Verdict, verify
from gateway.services import installation, jobs, permit_requests, permit_views, permits, previews
from gateway.services.accounts import NewUser, add_user
from gateway.services.departments import add_department
from gateway.services.devices import add_device
from gateway.services.gate import Actor, Gate
from gateway.services.people import actor_by_name
from gateway.services.permit_requests import Wish
from gateway.services.permit_views import PermitView
from gateway.services.receiving import Delivery, Receiving
from rehearsal.people import CHARACTERS, DEPARTMENTS, PASSWORD, UNDERTAKING_SIGNED
from spool import Spool

START = datetime(2026, 3, 12, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai, a Thursday


@dataclass
class SetClock:
    """A clock that stands where the test puts it, and ticks a microsecond a look so that times are distinct."""

    at: datetime = START

    def now(self) -> datetime:
        self.at += timedelta(microseconds=1)
        return self.at

    def advance(self, **span: float) -> None:
        self.at += timedelta(**span)


@dataclass
class Room:
    """The gateway under test and short ways to its verbs."""

    gate: Gate
    clock: SetClock
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @classmethod
    def make(cls, folder: Path, *, printer_uri: str = "ipp://127.0.0.1:1/ipp/print", **settings: object) -> Room:
        room = cls.open(folder, made=False, **settings)
        room._people(printer_uri)
        return room

    @classmethod
    def open(cls, folder: Path, *, made: bool = True, **settings: object) -> Room:
        """A room whose data folder is there already (or only just to be made), with fresh connections."""
        chosen = Settings(data=folder, run=folder / "run", spool_slots=128, spool_free_floor_bytes=0, **settings)  # type: ignore[arg-type]
        if not made:
            installation.initialise(chosen)
        clock = SetClock()
        spool = Spool.open(chosen.spool, chosen.keys / installation.HOST_KEY)
        return cls(Gate(chosen, Database(chosen.url), clock, spool, installation.read_code_key(chosen)), clock)

    def _people(self, printer_uri: str) -> None:
        for code, name in DEPARTMENTS:
            add_department(self.gate, None, code, name)
        signed = date.fromisoformat(UNDERTAKING_SIGNED)
        for one in CHARACTERS:
            roles = frozenset({one.role})
            new = NewUser(one.username, one.name, one.department, roles, one.clearance, signed, one.username, PASSWORD)
            add_user(self.gate, None, new)
        add_device(
            self.gate,
            self.actor("feng"),
            Device(
                code="PRN-JY-01",
                name="机要室打印机",
                location="机要室",
                designated=True,
                max_level="jimi",
                adapter="ipp",
                uri=printer_uri,
                queue="jiyao",
            ),
        )
        add_device(
            self.gate,
            self.actor("feng"),
            Device(
                code="PRN-D03-02", name="财务处打印机", location="财务处", max_level="neibu", adapter="ipp", uri=printer_uri, queue="caiwu"
            ),
        )

    def actor(self, name: str) -> Actor:
        return actor_by_name(self.gate, name)

    def envelope(
        self,
        *,
        user: str = "zhao",
        copies: int = 1,
        queue: str = "jiyao",
        title: str = "规划纲要",
        permit: str = "",
        key: str | None = None,
        attempt: str = "1",
        delivery: str = "a",
        documents: int = 1,
        **options: str,
    ) -> Envelope:
        claims = (Claim("permit-id", permit),) if permit else ()
        return Envelope(
            key=key or f"cups:{next(self._serial)}:1",
            attempt=attempt,
            delivery=delivery,
            queue=queue,
            user=user,
            title=title,
            copies=copies,
            documents=documents,
            options={k.replace("_", "-"): v for k, v in options.items()},
            claims=claims,
        )

    def deliver(self, envelope: Envelope, content: bytes) -> Receipt:
        receiving = Receiving(self.gate)
        begun = receiving.begin(envelope)
        if isinstance(begun, Receipt):
            return begun
        assert isinstance(begun, Delivery)
        return receiving.store(begun, self.gate.spool.put(io.BytesIO(content)))

    def submit(self, content: bytes, **how: object) -> str:
        """A job arrives and is counted; its number."""
        from gateway.services import counting

        receipt = self.deliver(self.envelope(**how), content)  # type: ignore[arg-type]
        for job_id in counting.jobs_to_count(self.gate):
            counting.count_job(self.gate, job_id)
        return receipt.job

    def request(
        self,
        *,
        pages: int = 1,
        copies: int = 10,
        level: Level = Level.MIMI,
        term: str = "5年",
        by: str = "zhao",
        job: str | None = None,
        days: float = 7,
        devices: tuple[str, ...] = (),
        **more: object,
    ) -> PermitView:
        now = self.clock.now()
        wish = Wish(
            job_no=job,
            title=more.pop("title", "规划纲要"),  # type: ignore[arg-type]
            level=level,
            term=term,
            pages=pages,
            copies=copies,
            archive_copies=more.pop("archive", 0),  # type: ignore[arg-type]
            purpose="征求意见",
            valid_from=now,
            valid_to=now + timedelta(days=days),
            devices=devices,
            **more,  # type: ignore[arg-type]
        )
        actor = self.actor(by)
        return permit_requests.request_permit(self.gate, actor, permit_requests.draft_request(self.gate, actor, wish), job)

    def permit(self, **how: object) -> str:
        """An active permit of 秘密, approved by li and wu; its number."""
        view = self.request(**how)  # type: ignore[arg-type]
        for name in ("li", "wu"):
            self.review(name, view.permit_no)
            permits.approve_permit(self.gate, self.actor(name), view.permit_no)
        return view.permit_no

    def review(self, name: str, permit_no: str) -> None:
        """Somebody is shown every page of the job a permit was asked for from, if there is one (R31); the painting is tried elsewhere."""
        actor = self.actor(name)
        if job_no := permit_views.show_permit(self.gate, actor, permit_no).job_no:
            for page in range(1, (jobs.show(self.gate, actor, job_no).pages or 0) + 1):
                previews.note_page(self.gate, actor, job_no, page)

    def verify(self) -> Verdict:
        public = bytes.fromhex((self.gate.settings.keys / "ledger.pub").read_text())
        return verify(self.gate.database, public, self.gate.settings.checkpoint_file)

    def close(self) -> None:
        self.gate.close()
