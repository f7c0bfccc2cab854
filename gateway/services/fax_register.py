"""The fax register 传真信息登记表 (docs/forms.md F2): one row a fax, out and in, with its last result; numbers masked (I12)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlmodel import Session, col, select

from gateway.db.tables import Fax, Permit, PermitStep
from gateway.services.fax_views import permit_of, view
from gateway.services.months import during
from gateway.services.register_reading import Reading

_AS_SHOWN = ("fax_no", "number", "peer", "person", "doc_no", "summary", "pages", "pages_sent", "answers", "tpr_no", "department", "sha256")


def fax_rows(reading: Reading) -> Iterator[dict[str, object]]:
    """Faxes filed or received in the month."""
    query = select(Fax).where(during(Fax.registered_at, reading.month)).order_by(col(Fax.id))
    for fax in reading.session.exec(query).all():
        shown = view(reading.session, fax)
        yield {
            **{name: getattr(shown, name) for name in _AS_SHOWN},
            "direction": fax.direction,
            "registered_at": reading.local(fax.registered_at),
            "level": fax.level or "",
            "crypt_class": fax.crypt_class,
            "requester": reading.person(fax.requester_id),
            "approver": reading.person(_approver(reading.session, permit_of(reading.session, fax))),
            "operator": reading.person(fax.operator_id),
            "permit_no": shown.permit_no,
            "attempts": fax.attempts,
            "result": fax.result,
            "signed_by": shown.signed_by,
            "signed_at": reading.local(fax.signed_at),
        }


def _approver(session: Session, permit: Permit | None) -> int | None:
    """Who filled the last step of the approval."""
    if permit is None:
        return None
    steps = select(PermitStep.person_id).where(PermitStep.permit_id == permit.id, PermitStep.decision == "approved")
    return session.exec(steps.order_by(col(PermitStep.step).desc())).first()
