"""Pictures of a received fax for whoever registers it or signs for it; that somebody looked is in the books (R30, R48)."""

from __future__ import annotations

from sqlmodel import Session

from gateway.db.tables import Fax
from gateway.domain.duties import Act
from gateway.domain.fax import FaxDirection
from gateway.errors import ConflictError, NotFoundError
from gateway.ledger.append import append
from gateway.memory import memory_file
from gateway.services.fax_views import came_in_for, fax_by_number
from gateway.services.gate import Actor, Gate
from gateway.services.previews import DPI
from spool import SpoolError
from watermark import WatermarkError, sandbox


def picture_of_received(gate: Gate, actor: Actor, fax_no: str, page: int) -> bytes:
    """A PNG of one page of a received fax, counted from 1, with the viewer's name across it.

    Raises NotFoundError for others than operators and its department, ConflictError when there is no such page any more.
    """
    with gate.database.reading() as session:
        fax = _visible(session, actor, fax_no)
    if not fax.spool_object or not 1 <= page <= fax.pages:
        raise ConflictError(f"Fax {fax.fax_no} has no page {page} to show.", "Its content may have been destroyed already.")
    overlay = f"{actor.display_name} {actor.username} {gate.now():%Y-%m-%d %H:%M}"
    try:
        with gate.spool.fetched(fax.spool_object) as tiff, memory_file("fax") as base:
            if sandbox.make_base([tiff], base).verdict != "ok":
                raise ConflictError(f"Fax {fax.fax_no} has no page {page} to show.", "Its content may have been destroyed already.")
            picture = sandbox.render_page(base, page - 1, DPI, overlay)
    except (SpoolError, WatermarkError) as error:
        raise ConflictError(f"The page cannot be shown ({error.code}).", "Try again; if it stays so, look at the gateway's log.") from error
    with gate.database.writing() as session:
        append(session, kind="fax.viewed", at=gate.clock.now(), actor=actor.username, subject=fax.fax_no, data={"page": page})
    return picture


def _visible(session: Session, actor: Actor, fax_no: str) -> Fax:
    fax = fax_by_number(session, fax_no)
    if fax.direction != FaxDirection.IN.value or not (actor.may(Act.RELEASE) or came_in_for(actor, fax)):
        raise NotFoundError(f"There is no fax {fax_no.strip()[:20]}.", "See `imprimatur fax list`.")
    return fax
