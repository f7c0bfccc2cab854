"""A room for random days: real services on a real database and spool, real press and recovery; devices and PDF reading stand in.

`paper` is what lies in the room: per copy number, how many whole copies. Operators are honest: they settle by what lies there.
"""

from __future__ import annotations

import itertools
import json
import shutil
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, TypeVar

from sqlalchemy import func
from sqlmodel import col, select

from gateway.db.tables import Copy, Device, Job, LedgerEntry, Permit, Release, Submission, User
from gateway.domain.vocabulary import CopyState, JobStage, PermitKind, PermitState, RoomMode
from gateway.errors import GatewayError
from gateway.ledger.checkpoints import write_checkpoint
from gateway.press import Press
from gateway.printers import Ticket
from gateway.services import printing_queue, retention
from gateway.services.devices import add_device
from gateway.services.gate import Gate
from gateway.services.printing import SENDING
from gateway.services.room import ENDED_BY_WORD, holding
from gateway.wiring import signer_of
from tests.printers.fake_device import FakeDevice, FakePrinter, Fate
from tests.properties.killing import Executioner, Killed, MortalDatabase
from tests.room import Room, SetClock
from watermark import Inspection, PageSize, StampPlan

HELD_QUEUE_DEVICE = "PRN-JY-02"
PAPER = "A4"
Key = tuple[str, int]
T = TypeVar("T")


def furnish(furnished: Path, folder: Path) -> Path:
    """A copy of the fixture's room with a second device, which holds its jobs until they are released."""
    room = Room.open(Path(shutil.copytree(furnished, folder)))
    second = Device(
        code=HELD_QUEUE_DEVICE,
        name="机要室打印机二",
        location="机要室",
        designated=True,
        max_level="jimi",
        adapter="cups",
        uri="cups://hidden",
        queue="jiyao2",
    )
    add_device(room.gate, room.actor("feng"), second)
    room.gate.spool.refill()
    room.close()
    return folder


def read_pages(sources: Sequence[BinaryIO], base: BinaryIO, _limits: object = None) -> Inspection:
    """Instead of counting PDF: a document is the line `PAGES VERSION`."""
    content = b"".join(source.read() for source in sources)
    pages, version = content.split()
    base.write(content)
    size = PageSize(PAPER, 595.0, 842.0, int(pages))
    return Inspection(pages=int(pages), page_sizes=(size,), page_hash=f"sha256:{version.decode()}")


def stamp_lines(_base: BinaryIO, out: BinaryIO, plan: StampPlan, *_more: object) -> None:
    """Instead of stamping PDF: one line a copy, with its permit and number."""
    for copy in plan.copies:
        out.write(json.dumps([plan.permit_no, copy.number]).encode() + b"\n")


class Impatient(threading.Event):
    """Nobody waits in a random day."""

    def wait(self, timeout: float | None = None) -> bool:
        return self.is_set()


class Hurried:
    """A clock for the press's patience: each look is a minute later."""

    def __init__(self) -> None:
        self._minutes = itertools.count()

    def monotonic(self) -> float:
        return 60.0 * next(self._minutes)


@dataclass
class World:
    """The room, its devices and what lies in it."""

    room: Room
    executioner: Executioner = field(default_factory=Executioner)
    devices: dict[str, FakeDevice] = field(default_factory=dict)
    withdrawn: Counter[Key] = field(default_factory=Counter)
    stop: Impatient = field(default_factory=Impatient)

    @classmethod
    def open(cls, furnished: Path, folder: Path) -> World:
        """A fresh copy of the furnished room."""
        world = cls(Room.open(Path(shutil.copytree(furnished, folder)), device_poll_seconds=0.05))
        for adapter in ("ipp", "cups"):
            world.devices[adapter] = FakeDevice(holds=adapter == "cups", before=world._look, after=world._passed, on_stop=world._told)
        world.start()
        return world

    @property
    def gate(self) -> Gate:
        """The gateway as it runs now."""
        return self.room.gate

    def _told(self) -> None:
        self.stop.set()

    def start(self, *, clock: SetClock | None = None) -> None:
        """A new process: connections, press, recovery still to come."""
        self.gate.close()
        settings = self.gate.settings
        opened = Room.open(settings.data, device_poll_seconds=0.05)
        opened.gate.database.close()
        self.room.clock = clock or self.room.clock
        database = MortalDatabase.at(settings.url)
        database.executioner = self.executioner
        gate = replace(opened.gate, database=database, clock=self.room.clock)
        self.room.gate = gate
        self.stop.clear()
        self.press = Press(gate, lambda adapter, _uri: FakePrinter(self.devices[adapter]), self.stop, threading.Event())
        retention.reconcile_spool(gate)

    def act(self, verb: Callable[[], T], *, dies_after: int | None = None) -> T | GatewayError | None:
        """Do something, as whoever: its result, its refusal, or None when the process died of it and a new one runs."""
        self.executioner.left = dies_after
        try:
            return verb()
        except GatewayError as refusal:
            return refusal
        except Killed:
            self.start()
            return None
        finally:
            self.executioner.left = None

    def work(self, adapter: str, fate: Fate) -> None:
        """What the worker does at one device: recover what was interrupted, then print what waits."""
        self.devices[adapter].fate = fate
        device_id = self.device_id(adapter)
        self.press.recover(device_id)
        for job_id in printing_queue.queued_jobs(self.gate, device_id):
            if self.stop.is_set():
                break
            self.press.print_job(job_id)
            self.press.recover(device_id)
        if self.stop.is_set():
            self.start()

    def device_id(self, adapter: str) -> int:
        """The device of an adapter in the room."""
        with self.gate.database.reading() as session:
            return session.exec(select(Device.id).where(Device.adapter == adapter, Device.max_level == "jimi")).one() or 0

    def _passed(self, _request: str, _ticket: Ticket | None) -> None:
        self.executioner.moment()

    def _look(self, request: str, ticket: Ticket | None) -> None:
        """I1 and I5, seen from the device: what must be durable before a request reaches it."""
        self.executioner.moment()
        if request not in ("create", "send") or ticket is None:
            return
        with self.gate.database.reading() as session:
            submission = session.exec(select(Submission).where(Submission.token == ticket.token)).one()
            job = session.get_one(Job, submission.job_id)
            permit = session.get_one(Permit, job.permit_id)
            numbers = set(submission.copies)
            copies = session.exec(select(Copy).where(Copy.job_id == job.id, col(Copy.number).in_(numbers))).all()
            holds = set(holding(session)) & ENDED_BY_WORD
        assert job.stage in (JobStage.SUBMITTING, JobStage.PRINTING), f"bytes for a job that is {job.stage}"
        assert request == "create" or submission.state == SENDING, f"bytes before the submission said so: {submission.state}"
        assert {copy.number for copy in copies if copy.state == CopyState.RESERVED} == numbers, "copies that are not reserved"
        assert not holds, f"bytes while the room is {holds}"
        assert permit.state not in ("revoked", "refused", "closed"), f"paper under a permit that is {permit.state}"

    def printed(self) -> Counter[Key]:
        """Whole copies that ever came out."""
        lines = (line for device in self.devices.values() for one in device.tray for line in one.content.splitlines())
        return Counter((permit, number) for permit, number in map(json.loads, lines))

    def paper(self) -> Counter[Key]:
        """Whole copies that lie in the room: those that came out but for those an operator withdrew."""
        there = self.printed()
        there.subtract(self.withdrawn)
        return there

    def lying_there(self, job_no: str) -> tuple[str, set[int]]:
        """The permit of a job, and the numbers of it that lie in the room whole."""
        with self.gate.database.reading() as session:
            job = session.exec(select(Job).where(Job.job_no == job_no)).one()
            permit = session.get(Permit, job.permit_id) if job.permit_id else None
        permit_no, paper = permit.permit_no if permit else "", self.paper()
        return permit_no, {number for (of, number), there in paper.items() if of == permit_no and there > 0}

    def permits(self, state: PermitState) -> bool:
        """Whether there is a permit in this state."""
        with self.gate.database.reading() as session:
            return session.exec(select(Permit.id).where(Permit.state == state.value).limit(1)).first() is not None

    def standing(self) -> list[str]:
        """The levels active standing permits 常年 are for."""
        with self.gate.database.reading() as session:
            query = select(Permit.level).where(Permit.kind == PermitKind.STANDING.value, Permit.state == PermitState.ACTIVE.value)
            return sorted(session.exec(query.distinct()).all())

    def standing_releases(self) -> int:
        """How many jobs standing permits released."""
        with self.gate.database.reading() as session:
            return session.exec(select(func.count()).select_from(Release).where(Release.standing_month != "")).one()

    def room_holds(self) -> list[RoomMode]:
        """The modes that hold now and that people may end."""
        with self.gate.database.reading() as session:
            return sorted(set(holding(session)) & ENDED_BY_WORD)

    def jobs(self, stage: JobStage) -> bool:
        """Whether there is a job in this stage."""
        with self.gate.database.reading() as session:
            return session.exec(select(Job.id).where(Job.stage == stage.value).limit(1)).first() is not None

    def busy(self) -> list[str]:
        """The adapters of devices with work."""
        with self.gate.database.reading() as session:
            devices = printing_queue.devices_with_work(self.gate)
            return sorted(session.exec(select(Device.adapter).where(col(Device.id).in_(devices), Device.max_level == "jimi")).all())

    def requester_of(self, permit_no: str) -> str:
        """Whose permit it is."""
        with self.gate.database.reading() as session:
            query = select(User.username).join(Permit, col(Permit.requester_id) == User.id).where(Permit.permit_no == permit_no)
            return session.exec(query).one()

    def releasable(self) -> list[str]:
        """Held jobs nothing is known against."""
        with self.gate.database.reading() as session:
            held = session.exec(select(Job).where(Job.stage == JobStage.HELD.value, col(Job.permit_id).is_not(None))).all()
            return [job.job_no for job in held if not job.reasons]

    def good_copies(self) -> list[tuple[str, str, int]]:
        """Job, permit and number of good copies of completed jobs, newest first."""
        query = select(Job.job_no, Permit.permit_no, Copy.number).join(Job, col(Copy.job_id) == Job.id)
        query = query.join(Permit, col(Copy.permit_id) == Permit.id).where(Copy.state == "good", Job.stage == JobStage.COMPLETED.value)
        with self.gate.database.reading() as session:
            return [tuple(row) for row in session.exec(query.order_by(col(Copy.id).desc()).limit(8)).all()]

    def entries(self, kind: str) -> int:
        """How many ledger entries of a kind there are."""
        with self.gate.database.reading() as session:
            return len(session.exec(select(LedgerEntry.seq).where(LedgerEntry.kind == kind)).all())

    @staticmethod
    def checkpoint(gate: Gate) -> None:
        """Sign the head."""
        write_checkpoint(gate.database, signer_of(gate.settings), gate.settings.checkpoint_file, gate.clock.now())
