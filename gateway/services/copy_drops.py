"""What devices pushed into a drop folder: a session without a requester, until an operator says for whom it is (R01, R20; SC-39)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from sqlmodel import Session, col, select

from gateway.db.tables import CopySession, Job
from gateway.domain.copying import CopyMethod
from gateway.domain.stages import TERMINAL
from gateway.ledger.entry import commitment
from gateway.scanners import Fault
from gateway.services.copying import erase_refused, keep_page, new_copy_job, refuse_forbidden, tell
from gateway.services.gate import SYSTEM, Gate
from spool import StoredObject
from watermark.model import PushedPage

PushedPages = Sequence[tuple[StoredObject, PushedPage]]


def is_known(gate: Gate, sha256: str) -> bool:
    """Whether this very file came before and its job is not over: then it is the same file pushed twice."""
    with gate.database.reading() as session:
        return _open_job(session, sha256) is not None


def take_drop(gate: Gate, folder: str, sha256: str, pages: PushedPages) -> bool:
    """Make a session of a file's durable pages, all of them or none; False when it came before.

    A file that was not whole has no pages: the session then tells the operator to have it sent again.
    """
    with gate.database.writing() as session:
        if _open_job(session, sha256) is not None:
            return False
        job = new_copy_job(gate, session, None, CopyMethod.DROPPED, f"drop:{sha256}:{secrets.token_hex(8)}")
        row = session.get_one(CopySession, job.id)
        row.scanner, row.fault = folder, "" if pages else Fault.CUT.value
        session.add(row)
        tell(gate, session, job, "copy.dropped", SYSTEM, {"sha256": commitment(job.title_salt, sha256), "pages": len(pages)})
        for position, (stored, page) in enumerate(pages, 1):
            keep_page(gate, session, job, stored, page.codes, blank=page.blank, position=position)
        session.flush()
        refused, job_id = refuse_forbidden(gate, session, job), job.id or 0
    if refused:
        erase_refused(gate, job_id)
    return True


def _open_job(session: Session, sha256: str) -> Job | None:
    same = select(Job).where(col(Job.source_key).startswith(f"drop:{sha256}:"), col(Job.stage).not_in([s.value for s in TERMINAL]))
    return session.exec(same).first()
