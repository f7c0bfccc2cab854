"""Devices' meters: read, compared with the ledger, and a finding cleared by the secrecy office (R100, R101, SC-25; docs/meters.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from gateway.db.tables import Device, Job, MeterFinding, MeterReading, Release, Submission, User
from gateway.domain.duties import Act
from gateway.domain.meters import Comparison, Reading, Sides, Verdict, compare, sides_of, total
from gateway.domain.vocabulary import AlertKind, JobStage
from gateway.errors import ConflictError, InvalidInputError, NotFoundError
from gateway.ledger.append import append
from gateway.meters import LARGEST, MeterKind
from gateway.services.alerts import raise_alert
from gateway.services.devices import device_by_code
from gateway.services.gate import SYSTEM, Actor, Gate
from gateway.services.meter_settings import meter_of
from gateway.services.printing import COUNTED, DONE, DOUBT

DEVICE, SNMP, PANEL = "device", "snmp", "panel"
"""Where a reading comes from: the device answered over IPP or SNMP, or a person read its panel or counter sheet."""

_AT_IT = (JobStage.PREPARING.value, JobStage.SUBMITTING.value, JobStage.PRINTING.value)


@dataclass(frozen=True, slots=True)
class ReadingView:
    """A reading and what it says against the one before. `finding` is its number when a person must explain it, else None."""

    number: int
    device: str
    serial: str
    impressions: int
    source: str
    verdict: Verdict
    grown: int | None
    beyond: int
    at: datetime
    read_by: str
    finding: int | None
    cleared_by: str
    cleared_at: datetime | None
    reason: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: the number of the account, its name in the ledger, and whether it is the gate that reads by order of that account."""

    user_id: int
    name: str
    by_gate: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    reading: Reading
    source: str
    reader: Reader


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a device stood when its meter was asked: its last device job and its newest reading. A later one makes the answer stale."""

    submission: int
    reading: int


def source_of(device: Device) -> str:
    """Where the readings come from that the gate takes of this device."""
    return SNMP if device.meter_kind == MeterKind.SNMP.value else DEVICE


def read_meter(gate: Gate, actor: Actor, code: str) -> ReadingView:
    """Ask the device for its counter and compare. Raises MeterError, InvalidInputError when it has none to ask, ConflictError at work."""
    actor.require(Act.READ_METERS)
    with gate.database.reading() as session:
        device = device_by_code(session, code)
        mark = mark_of(session, device)
    told = meter_of(gate, device).read()
    if not told.idle:
        raise at_work(device)
    reader = Reader(actor.user_id, actor.username)
    return _written(record(gate, code, Reading(told.serial, told.impressions), source_of(device), reader, before_asking=mark))


def enter_meter(gate: Gate, actor: Actor, code: str, serial: str, impressions: int) -> ReadingView:
    """What a person read on the panel, now, with nothing printed since. Raises InvalidInputError, ConflictError while it is at work."""
    actor.require(Act.READ_METERS)
    if not serial.strip() or len(serial) > 80 or not serial.isprintable():
        raise InvalidInputError("A reading needs the device's serial number, 1 to 80 characters.", "It stands on the plate or the panel.")
    if not 0 <= impressions < LARGEST:
        raise InvalidInputError(f"A counter stands between 0 and {LARGEST - 1}.", "Read it again.")
    reader = Reader(actor.user_id, actor.username)
    return _written(record(gate, code, Reading(serial.strip(), impressions), PANEL, reader))


def _written(view: ReadingView | None) -> ReadingView:
    """A person's reading is always written."""
    if view is None:
        raise LookupError("a person's reading was left out")
    return view


def record(
    gate: Gate,
    code: str,
    reading: Reading,
    source: str,
    reader: Reader,
    *,
    before_asking: Mark | None = None,
    besides: int = 0,
    only_news: bool = False,
) -> ReadingView | None:
    """Compare a reading and write it down; None when it was left out since nothing moved and `only_news` is wanted.

    `besides`: a job that is at the device and has put out nothing yet. Raises ConflictError when the answer is stale.
    """
    with gate.database.writing() as session:
        device = device_by_code(session, code)
        before = _newest(session, device, source)
        mark = mark_of(session, device, besides)
        if before_asking is not None and mark != before_asking:
            raise at_work(device)
        found = Comparison(Verdict.AGREES, None) if before is None else _compared(session, device, before, reading)
        if only_news and found == Comparison(Verdict.AGREES, 0):
            return None
        return _view(session, device, _write(gate, session, device, _Told(reading, source, reader), found, mark.submission))


def hold_count_against(gate: Gate, session: Session, device: Device, now: Reading, reader: Reader, *, first: int, about: str) -> None:
    """Compare a person's count of device jobs in doubt, from `first` on, with the counter since the reading before them (SC-23).

    `now` is what the counter shows, all of them ended; `about` is the job's number. Raises ConflictError while the device is at work.
    """
    source, mark = source_of(device), mark_of(session, device)
    earlier = select(MeterReading).where(MeterReading.device_id == device.id, MeterReading.source == source)
    before = session.exec(earlier.where(col(MeterReading.last_submission) < first).order_by(col(MeterReading.id).desc())).first()
    if before is not None:
        found = _compared(session, device, before, now)
        _write(gate, session, device, _Told(now, source, reader), found, mark.submission, about=about)


def _write(gate: Gate, session: Session, device: Device, told: _Told, found: Comparison, last: int, *, about: str = "") -> MeterReading:
    reader = told.reader
    row = MeterReading(
        device_id=device.id or 0,
        serial=told.reading.serial,
        impressions=told.reading.impressions,
        source=told.source,
        verdict=found.verdict.value,
        grown=found.grown,
        beyond=found.beyond,
        last_submission=last,
        at=gate.clock.now(),
        read_by_id=reader.user_id,
        by_gate=reader.by_gate,
    )
    session.add(row)
    session.flush()
    data = {"reading": row.id, "serial": row.serial, "impressions": row.impressions, "source": row.source}
    data |= {"verdict": row.verdict, "grown": row.grown, "beyond": row.beyond} | ({"job": about} if about else {})
    append(session, kind="meter.read", at=row.at, actor=reader.name, subject=device.code, data=data)
    if found.verdict.is_finding:
        _hold(gate, session, device, row, reader, about)
    return row


def _hold(gate: Gate, session: Session, device: Device, row: MeterReading, reader: Reader, about: str) -> None:
    """A finding: its device puts out no state secret until a person has cleared it."""
    session.add(MeterFinding(device_id=device.id or 0, reading_id=row.id or 0))
    device.meter_hold = True
    session.add(device)
    session.flush()
    raise_alert(gate, session, AlertKind.METER, device.code, f"{row.verdict} {row.beyond:+d} {about}".rstrip(), actor=reader.name)


def _newest(session: Session, device: Device, source: str) -> MeterReading | None:
    """The reading to compare with: of the same source, since a device names itself by UUID and its plate by serial number."""
    query = select(MeterReading).where(MeterReading.device_id == device.id, MeterReading.source == source)
    return session.exec(query.order_by(col(MeterReading.id).desc())).first()


def mark_of(session: Session, device: Device, besides: int = 0) -> Mark:
    """Where the device stands, all of its device jobs ended. Raises ConflictError while it is at work, but for the job `besides`.

    Numbers and not times say what lies between two readings: a clock may stand or go back.
    """
    busy = select(Job.id).where(Job.device_id == device.id, col(Job.stage).in_(_AT_IT), Job.id != besides)
    if session.exec(busy).first() is not None:
        raise at_work(device)
    last = select(func.max(Submission.id)).join(Release, col(Submission.release_id) == Release.id)
    newest = select(func.max(MeterReading.id)).where(MeterReading.device_id == device.id)
    return Mark(session.exec(last.where(Release.device_id == device.id)).one() or 0, session.exec(newest).one() or 0)


def at_work(device: Device) -> ConflictError:
    """A counter that moves, or moved since it was asked, can be compared with nothing."""
    return ConflictError(f"The device {device.code} is at work: its counter moves.", "Read it again when its job is done.")


def _compared(session: Session, device: Device, before: MeterReading, after: Reading) -> Comparison:
    return compare(Reading(before.serial, before.impressions), after, _registered_since(session, device, before.last_submission))


def _registered_since(session: Session, device: Device, last: int) -> Sides:
    """The sides the gate accounts for at this device: what came out good, and what may have come out of jobs in doubt."""
    rows = session.exec(
        select(Submission, Job.pages)
        .join(Release, col(Submission.release_id) == Release.id)
        .join(Job, col(Submission.job_id) == Job.id)
        .where(Release.device_id == device.id, col(Submission.id) > last, col(Submission.state).in_((DONE, DOUBT, COUNTED)))
    ).all()
    return total(_sides(one, pages or 0) for one, pages in rows)


def _sides(one: Submission, pages: int) -> Sides:
    if one.state == COUNTED:
        return Sides(one.impressions or 0, one.impressions_expected)
    return sides_of(pages, len(one.copies), expected=one.impressions_expected, certain=one.state == DONE)


def list_readings(gate: Gate, actor: Actor, *, device: str = "", open_only: bool = False, limit: int = 200) -> list[ReadingView]:
    """Readings, newest first; only findings nobody has cleared with `open_only`. Raises ForbiddenError, NotFoundError."""
    actor.require(Act.SEE_METERS)
    query = select(MeterReading, Device).join(Device, col(MeterReading.device_id) == Device.id).order_by(col(MeterReading.id).desc())
    with gate.database.reading() as session:
        if device:
            query = query.where(MeterReading.device_id == device_by_code(session, device).id)
        if open_only:
            query = query.join(MeterFinding, col(MeterFinding.reading_id) == MeterReading.id).where(col(MeterFinding.cleared_at).is_(None))
        return [_view(session, of, row) for row, of in session.exec(query.limit(limit)).all()]


def clear_finding(gate: Gate, actor: Actor, number: int, reason: str) -> ReadingView:
    """The secrecy office knows the cause; when no finding is left, the device puts out state secrets again.

    Raises ForbiddenError, NotFoundError, InvalidInputError without a reason, ConflictError when it was cleared.
    """
    actor.require(Act.CLEAR_METERS)
    if not reason.strip():
        raise InvalidInputError("A finding is cleared only with a reason.", "Say what the cause was, and what was done.")
    with gate.database.writing() as session:
        finding = session.get(MeterFinding, number)
        if finding is None:
            raise NotFoundError(f"There is no meter finding {number}.", "See `imprimatur meter list --open`.")
        now = gate.clock.now()
        done = session.execute(
            update(MeterFinding)
            .where(col(MeterFinding.id) == number, col(MeterFinding.cleared_at).is_(None))
            .values(cleared_by_id=actor.user_id, cleared_at=now, reason=reason.strip()[:200])
        )
        if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
            raise ConflictError(f"Finding {number} was cleared already.", "See `imprimatur meter list`.")
        session.refresh(finding)
        device = session.get_one(Device, finding.device_id)
        left = select(MeterFinding.id).where(MeterFinding.device_id == device.id, col(MeterFinding.cleared_at).is_(None))
        device.meter_hold = session.exec(left).first() is not None
        session.add(device)
        session.flush()
        data = {"finding": number, "reading": finding.reading_id, "reason": finding.reason, "hold": device.meter_hold}
        append(session, kind="meter.cleared", at=now, actor=actor.username, subject=device.code, data=data)
        return _view(session, device, session.get_one(MeterReading, finding.reading_id))


def _view(session: Session, device: Device, row: MeterReading) -> ReadingView:
    finding = session.exec(select(MeterFinding).where(MeterFinding.reading_id == row.id)).first()
    cleared_by = finding.cleared_by_id if finding else None
    return ReadingView(
        number=row.id or 0,
        device=device.code,
        serial=row.serial,
        impressions=row.impressions,
        source=row.source,
        verdict=Verdict(row.verdict),
        grown=row.grown,
        beyond=row.beyond,
        at=row.at,
        read_by=SYSTEM if row.by_gate else session.get_one(User, row.read_by_id).username,
        finding=finding.id if finding else None,
        cleared_by=session.get_one(User, cleared_by).username if cleared_by else "",
        cleared_at=finding.cleared_at if finding else None,
        reason=finding.reason if finding else "",
    )
