"""The press: takes a released job through `preparing`, `submitting` and `printing`, and decides after a crash what became of it.

What is asked of a device in which state, and what each failure means, stands in docs/release.md.
Printing is never repeated by itself: any doubt ends in `unresolved` (invariant I5).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from gateway.db.tables import Device, Submission
from gateway.domain.counting import is_duplex
from gateway.domain.meters import sides_of
from gateway.domain.vocabulary import AlertKind, JobStage
from gateway.errors import ConflictError
from gateway.job_meter import JobMeter
from gateway.logs import log
from gateway.memory import memory_file
from gateway.printers import DeviceJobStatus, Printer, PrinterError, Ticket
from gateway.services import counting, printing, printing_queue
from gateway.services.gate import Gate
from gateway.services.printing import PrintRun, Sheaf
from gateway.stamp_kit import StampKit
from spool import SpoolError
from watermark import WatermarkError, sandbox

NOT_READY_SECONDS = 5.0
HEED_SECONDS = 0.5
_ORDINARY = frozenset(
    {"job-printing", "job-queued", "job-incoming", "job-data-insufficient", "processing-to-stop-point", "moving-to-paused"}
)
"""State reasons that tell nobody anything new."""

_FINISHED_WELL = "completed"
_FINISHED_BADLY = frozenset({"aborted", "canceled"})


class Press:
    """Prints one job after the other at each device; `stop` is set when the gateway is told to end, `pulled` while the room is locked."""

    def __init__(self, gate: Gate, printer_for: Callable[[str, str], Printer], stop: threading.Event, pulled: threading.Event) -> None:
        self._gate = gate
        self._printer_for = printer_for
        self._stop = stop
        self._pulled = pulled
        self._not_before: dict[int, float] = {}
        self._recovered: set[int] = set()
        self.kit = StampKit(gate)

    def has_work(self, device_id: int) -> bool:
        """Whether it is worth serving this device now."""
        return device_id not in self._recovered or self.next_due(device_id) is not None

    def next_due(self, device_id: int) -> int | None:
        """The released job this device is to print next; None while there is none, or it was not ready a moment ago."""
        now = time.monotonic()
        return next((job for job in printing_queue.queued_jobs(self._gate, device_id) if self._not_before.get(job, 0.0) <= now), None)

    def print_job(self, job_id: int) -> None:
        """Take one queued job through `preparing`, `submitting` and `printing` to its end.

        Whatever it raises (a database that cannot be written), the job is looked at again by `recover` before anything else is printed.
        """
        try:
            device = printing.begin_preparing(self._gate, job_id)
        except ConflictError:
            return  # another worker has it, or it was withdrawn
        self._recovered.discard(device.id or 0)
        self._print(job_id, device)
        if not self._stop.is_set():
            self._recovered.add(device.id or 0)

    def _print(self, job_id: int, device: Device) -> None:
        printer = self._printer_for(device.adapter, device.uri)
        if hindrance := _hindrance(printer):
            return self._wait(job_id, hindrance)
        meter = JobMeter(self._gate, device, job_id, self._pause)
        if hindrance := meter.hindrance():
            return self._wait(job_id, hindrance)
        run = printing.plan_run(self._gate, job_id)
        try:
            for sheaf in run.sheaves:
                if not self._print_sheaf(printer, run, sheaf, meter):
                    return meter.done()
        except (SpoolError, WatermarkError) as error:
            # Stamping failed before this device job was created: nothing of it has left, yet a person must look.
            return printing.unresolve(self._gate, job_id, f"stamping failed: {error.code}")
        printing.complete_job(self._gate, job_id)
        log.info("job_completed", job=run.job_no)
        return meter.done()

    def _wait(self, job_id: int, hindrance: str) -> None:
        printing.back_to_queue(self._gate, job_id, hindrance)
        self._not_before[job_id] = time.monotonic() + NOT_READY_SECONDS

    def _print_sheaf(self, printer: Printer, run: PrintRun, sheaf: Sheaf, meter: JobMeter) -> bool:
        gate = self._gate
        if self._pulled.is_set():
            printing.certainly_not_sent(gate, run.job_id, "the room was locked")
            return False
        with gate.spool.fetched(run.base_object) as base, memory_file("stamped") as stamped:
            plan, kit = sheaf.plan, self.kit
            sandbox.fan_out(base, stamped, plan, counting.limits_of(gate), kit.fonts_for(plan), kit.template_for(plan))
            length = stamped.seek(0, 2)
            stamped.seek(0)
            try:
                device_job = printer.create(_ticket(run, sheaf))
                printing.mark_submission(gate, sheaf.submission_id, printing.SENDING, device_job=device_job)
            except PrinterError as error:
                if error.in_doubt:
                    printing.unresolve(gate, run.job_id, f"the device did not answer: {error.code}")
                else:
                    printing.certainly_not_sent(gate, run.job_id, error.code)
                    self._not_before[run.job_id] = time.monotonic() + NOT_READY_SECONDS
                return False
            printing.begin_printing(gate, run.job_id)
            try:
                printer.send(device_job, stamped, length, None)
                printing.mark_submission(gate, sheaf.submission_id, printing.SENT)
                printer.release(device_job)
            except PrinterError as error:
                if _withdrawn_unprinted(printer, device_job):
                    printing.certainly_not_sent(gate, run.job_id, error.code)
                    self._not_before[run.job_id] = time.monotonic() + NOT_READY_SECONDS
                else:
                    _stop_device_job(printer, device_job)
                    printing.unresolve(gate, run.job_id, f"sending broke off: {error.code}")
                return False
        sides = sides_of(run.pages, len(sheaf.plan.copies), expected=sheaf.pages_expected, certain=True)
        return self._watch(printer, run.job_id, sheaf.submission_id, device_job, sheaf.pages_expected, lambda: meter.objection(sides))

    def _watch(
        self,
        printer: Printer,
        job_id: int,
        submission_id: int,
        device_job: int,
        expected: int,
        objection: Callable[[], str] = lambda: "",
    ) -> bool:
        """Ask the device until it is done. False when the job became unresolved, or we are told to stop."""
        silent_since, told = time.monotonic(), ""
        while not self._stop.is_set():
            status = _asked(printer, device_job)
            if status is not None:
                silent_since = time.monotonic()
                if status.state == _FINISHED_WELL and printing.too_few(expected, status.impressions):
                    printing.unresolve(self._gate, job_id, f"the device counted {status.impressions} of {expected} sides")
                    return False
                if status.state == _FINISHED_WELL and (why := objection()):
                    printing.unresolve(self._gate, job_id, why, alert=AlertKind.METER)
                    return False
                if status.state == _FINISHED_WELL:
                    printing.finish_submission(self._gate, submission_id, impressions=status.impressions, result="completed")
                    return True
                if status.state in _FINISHED_BADLY or status.state == "unknown":
                    printing.unresolve(self._gate, job_id, f"the device says {status.state}: {', '.join(status.reasons)}")
                    return False
                if not self._pulled.is_set() and (says := _says(printer, status)) != told:
                    printing.note_device(self._gate, job_id, says)
                    told = says
            if self._pulled.is_set():
                _stop_device_job(printer, device_job)
                printing.unresolve(self._gate, job_id, "the room was locked in an emergency")
                return False
            if time.monotonic() - silent_since > self._gate.settings.device_silence_seconds:
                _stop_device_job(printer, device_job)
                printing.unresolve(self._gate, job_id, "the device has been silent for too long")
                return False
            self._pause(self._gate.settings.device_poll_seconds)
        return False

    def _pause(self, seconds: float) -> None:
        """Wait between two questions to the device; not longer than half a second once the room is locked or the gateway is told to end."""
        until = time.monotonic() + seconds
        while not (self._pulled.is_set() or self._stop.is_set()) and (left := until - time.monotonic()) > 0:
            self._stop.wait(min(left, HEED_SECONDS))

    def recover(self, device_id: int) -> None:
        """Decide for every interrupted job by what is durable and what the device says (docs/release.md).

        Done once after a start, and again whenever a step at this device has failed in the middle.
        """
        if device_id in self._recovered:
            return
        for job_id, stage, submissions, device in printing_queue.interrupted_jobs(self._gate, device_id):
            if stage is JobStage.PREPARING:
                printing.back_to_queue(self._gate, job_id)
                continue
            self._recover_job(self._printer_for(device.adapter, device.uri), job_id, submissions)
        if not self._stop.is_set():
            self._recovered.add(device_id)

    def _recover_job(self, printer: Printer, job_id: int, submissions: Sequence[Submission]) -> None:
        """Account for each open device job in the order of sending; one that cannot be accounted for makes the job unresolved."""
        unsent = False
        for one in submissions:
            if one.state == printing.CREATED:
                _tidy_away(printer, one.token)  # `sending` is durable before the first byte: this one got none
                unsent = True
            elif one.device_job is not None and _withdrawn_unprinted(printer, one.device_job):
                unsent = True
            elif one.state == printing.SENT and one.device_job is not None:
                if not self._watch(printer, job_id, one.id or 0, one.device_job, one.impressions_expected):
                    return None
            else:
                if one.device_job is not None:
                    _stop_device_job(printer, one.device_job)
                return printing.unresolve(self._gate, job_id, "the gateway stopped while the copies were being sent")
        if unsent:
            return printing.certainly_not_sent(self._gate, job_id, "the gateway stopped before sending")
        return printing.complete_job(self._gate, job_id)


def _tidy_away(printer: Printer, token: str) -> None:
    """Cancel the device job with this token, if there is one; it has no document and would end by itself some time."""
    with suppress(PrinterError):
        if (found := printer.find(token)) is not None:
            printer.cancel(found)


def _stop_device_job(printer: Printer, device_job: int) -> None:
    """Before a person counts: no more paper of it, and the device free for others (a broken job may keep it busy for ever, measured)."""
    with suppress(PrinterError):
        printer.cancel(device_job)


def _withdrawn_unprinted(printer: Printer, device_job: int) -> bool:
    """Whether this device job was still held, and is now cancelled: then nothing of it is or will be on paper."""
    if not printer.sends_held:
        return False
    try:
        if printer.poll(device_job).state != "pending-held":
            return False
        printer.cancel(device_job)
        return printer.poll(device_job).state == "canceled"
    except PrinterError:
        return False


def _hindrance(printer: Printer) -> str:
    """Why the device can take no job now, in IPP's keywords; empty when it can."""
    try:
        status = printer.status()
    except PrinterError:
        return "unreachable"
    if status.state == "unreachable" or not status.accepting:
        return " ".join(["unreachable" if status.state == "unreachable" else "rejecting-jobs", *status.reasons])
    return "" if status.takes_pdf else "takes-no-pdf"


def _says(printer: Printer, job: DeviceJobStatus) -> str:
    """What keeps the device from going on, as far as it tells; empty while all is well."""
    try:
        status = printer.status()
    except PrinterError:
        return "unreachable"
    reasons = {reason for reason in (*job.reasons, *status.reasons) if reason not in _ORDINARY}
    return " ".join([*(["stopped"] if status.state == "stopped" else []), *sorted(reasons)])


def _asked(printer: Printer, device_job: int) -> DeviceJobStatus | None:
    try:
        return printer.poll(device_job)
    except PrinterError:
        return None


def _ticket(run: PrintRun, sheaf: Sheaf) -> Ticket:
    options = run.options
    sides = options.get("sides")
    return Ticket(
        token=sheaf.token,
        pages=sheaf.pages_expected,
        media=options.get("media"),
        sides=sides if is_duplex(sides) else "one-sided",
        color_mode=options.get("print-color-mode"),
        tray=options.get("media-source"),
        output_bin=options.get("output-bin"),
        finishings=printing.finishings_of(options),
    )
