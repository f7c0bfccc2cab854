"""Pictures of held pages for those who decide about them; who looked is in the books (R30: seeing is using)."""

from __future__ import annotations

from gateway.errors import ConflictError
from gateway.ledger.append import append
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import visible_job
from spool import SpoolError
from watermark import WatermarkError, sandbox

DPI = 96


class Previews:
    """Page pictures. Remembers which session has looked at which job, so that the ledger gets one entry and not one per page."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._looked: set[tuple[str, str]] = set()

    def page(self, actor: Actor, session_key: str, job_no: str, page: int) -> bytes:
        """A PNG of one page of the base, counted from 1, with the viewer's name across it.

        Raises NotFoundError for a job the actor may not know of, ConflictError when there is no such page any more.
        """
        gate = self._gate
        with gate.database.reading() as session:
            job = visible_job(session, actor, job_no)
        if job.base_object is None or job.content_destroyed_at is not None or not 1 <= page <= (job.pages or 0):
            raise ConflictError(f"Job {job.job_no} has no page {page} to show.", "Its content may have been destroyed already.")
        if (session_key, job.job_no) not in self._looked:
            self._record(actor, job.job_no)
            self._looked.add((session_key, job.job_no))
        at = gate.clock.now().astimezone(gate.settings.zone)
        try:
            with gate.spool.fetched(job.base_object) as base:
                return sandbox.render_page(base, page - 1, DPI, f"{actor.display_name} {actor.username} {at:%Y-%m-%d %H:%M}")
        except (SpoolError, WatermarkError) as error:
            raise ConflictError(
                f"The page cannot be shown ({error.code}).", "Try again; if it stays so, look at the gateway's log."
            ) from error

    def _record(self, actor: Actor, job_no: str) -> None:
        with self._gate.database.writing() as session:
            append(session, kind="job.viewed", at=self._gate.clock.now(), actor=actor.username, subject=job_no, data={})
