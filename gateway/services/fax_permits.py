"""The permit of a fax is asked for from its job, after its filing: who approves it approves these pages to this number (R42, R47)."""

from __future__ import annotations

from datetime import timedelta

from gateway.db.tables import Job
from gateway.domain.fax import FaxState
from gateway.domain.permit_form import DEFAULT_VALIDITY
from gateway.domain.vocabulary import Level, PermitKind
from gateway.errors import ConflictError, NotFoundError
from gateway.services.fax_views import came_in_for, fax_by_number
from gateway.services.gate import Actor, Gate
from gateway.services.permit_requests import Wish, draft_request, request_permit
from gateway.services.permit_views import PermitView


def request_fax_permit(gate: Gate, actor: Actor, fax_no: str, purpose: str) -> PermitView:
    """Ask for the fax permit of one's own fax, with its level and pages. Raises ConflictError unless it is held."""
    with gate.database.reading() as session:
        fax = fax_by_number(session, fax_no)
        if fax.requester_id != actor.user_id and not came_in_for(actor, fax):
            raise NotFoundError(f"There is no fax {fax_no.strip()[:20]}.", "See `imprimatur fax list`.")
        if fax.state != FaxState.HELD.value or fax.job_id is None or fax.level is None:
            raise ConflictError(f"Fax {fax.fax_no} is {fax.state}.", "Look at it again.")
        job_no, now = session.get_one(Job, fax.job_id).job_no, gate.clock.now()
        wish = Wish(
            job_no=job_no,
            kind=PermitKind.FAX,
            level=Level(fax.level),
            pages=fax.pages,
            copies=1,
            purpose=purpose,
            doc_no=fax.doc_no,
            valid_from=now,
            valid_to=now + timedelta(days=DEFAULT_VALIDITY.days),
        )
    return request_permit(gate, actor, draft_request(gate, actor, wish), job_no)
