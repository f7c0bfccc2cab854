"""What the books know of a copy job's original: the codes on its pages, and what was declared of pages without one (R22, R25)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from gateway.db.tables import Carrier, Copy, CopySession, Department, Job, JobDocument, Permit, PermitRecipient, PermitScope
from gateway.domain.copying import Original, Paper, youngest
from gateway.domain.vocabulary import CarrierState, CopyState, Level, Origin

_ENDED = frozenset({CarrierState.DESTROYED.value, CarrierState.VOID.value, CarrierState.MISSING.value})


def pages_of(session: Session, job: Job) -> Sequence[JobDocument]:
    """The scanned pages of a copy job, in their order."""
    mine = select(JobDocument).where(JobDocument.job_id == job.id, JobDocument.attempt == job.attempt)
    return session.exec(mine.order_by(col(JobDocument.position), col(JobDocument.id))).all()


def original_of(session: Session, job: Job) -> Original | None:
    """What is known of the original of a copy job; None for a job that is none."""
    row = session.get(CopySession, job.id)
    if row is None:
        return None
    pages = pages_of(session, job)
    copies = _copies_by_page(session, pages)
    uncoded = tuple(at for at, (page, found) in enumerate(zip(pages, copies, strict=True), 1) if not found and not page.blank)
    papers = {copy.id: _paper(session, copy) for found in copies for copy in found}
    parent = session.get(Carrier, row.parent_id) if row.parent_id else None
    declared = _declared(session, row, parent) if row.declared_by_id else None
    return Original(tuple(dict.fromkeys(papers.values())), uncoded, declared, seconded=row.seconded_by_id is not None)


def parent_of(session: Session, job: Job) -> Carrier | None:
    """The carrier the copies are made from: among those whose codes are on the pages the first of the highest level (R25)."""
    found = [copy for copies in _copies_by_page(session, pages_of(session, job)) for copy in copies]
    carriers = [carrier for copy in found if (carrier := _carrier_of(session, copy))]
    return max(carriers, key=lambda carrier: Level(carrier.level).rank, default=None)


def original_permit(session: Session, job: Job) -> Permit | None:
    """The permit the original was made under, where it is one of ours: a copy is asked for within its scope (R22)."""
    row = session.get(CopySession, job.id)
    carrier = (session.get(Carrier, row.parent_id) if row and row.parent_id else None) or parent_of(session, job)
    return session.get(Permit, carrier.permit_id) if carrier else None


def units_of(session: Session, permit: Permit) -> frozenset[str]:
    """Where a permit's copies go: departments by code, units outside by name."""
    lines = select(Department.code).join(PermitScope, col(PermitScope.department_id) == Department.id)
    codes = session.exec(lines.where(PermitScope.permit_id == permit.id)).all()
    outside = session.exec(select(PermitRecipient.unit).where(PermitRecipient.permit_id == permit.id)).all()
    return frozenset([*codes, *outside])


def _copies_by_page(session: Session, pages: Sequence[JobDocument]) -> list[list[Copy]]:
    """Of each page the copies of ours it is; of a copy of a copy only the younger."""
    wanted = {code for page in pages for code in page.codes}
    copies = {copy.code_id: copy for copy in session.exec(select(Copy).where(col(Copy.code_id).in_(wanted))).all()} if wanted else {}
    elders = _elders(session, [copy.id or 0 for copy in copies.values()])
    found = []
    for page in pages:
        of_page = {copies[code].id or 0: copies[code] for code in page.codes if code in copies}
        found.append([of_page[copy_id] for copy_id in youngest(list(of_page), elders)])
    return found


def carriers_by_page(session: Session, pages: Sequence[JobDocument]) -> list[tuple[str, ...]]:
    """Of each page the numbers of the carriers it is."""
    found = _copies_by_page(session, pages)
    return [tuple(carrier.carrier_no for copy in copies if (carrier := _carrier_of(session, copy))) for copies in found]


def _elders(session: Session, copy_ids: Iterable[int]) -> dict[int, int | None]:
    """The copy each was copied from, and so on to the first."""
    elders: dict[int, int | None] = {}
    waiting = list(copy_ids)
    while waiting:
        copy_id = waiting.pop()
        if copy_id in elders:
            continue
        mine = select(Carrier.parent_id).where(Carrier.copy_id == copy_id, col(Carrier.parent_id).is_not(None))
        parent_id = session.exec(mine).first()
        elders[copy_id] = session.get_one(Carrier, parent_id).copy_id if parent_id else None
        waiting += [elder for elder in [elders[copy_id]] if elder is not None]
    return elders


def _carrier_of(session: Session, copy: Copy) -> Carrier | None:
    return session.exec(select(Carrier).where(Carrier.copy_id == copy.id).order_by(col(Carrier.id).desc())).first()


def _paper(session: Session, copy: Copy) -> Paper:
    carrier = _carrier_of(session, copy)
    permit = session.get_one(Permit, copy.permit_id)
    ended = ""
    if copy.state != CopyState.GOOD.value:
        ended = f"{permit.permit_no} {copy.number:06d}"
    elif carrier is not None and carrier.state in _ENDED:
        ended = carrier.carrier_no
    return _of_permit(session, permit, ended)


def _of_permit(session: Session, permit: Permit, ended: str = "") -> Paper:
    return Paper(
        level=Level(permit.level),
        term=permit.term,
        units=units_of(session, permit),
        from_above=permit.origin != Origin.OWN.value,
        no_copy_notice=permit.no_copy_notice,
        ended=ended,
    )


def _declared(session: Session, row: CopySession, parent: Carrier | None) -> Paper:
    """What was declared; a carrier that was named by hand brings the circle of its permit with it."""
    units = units_of(session, session.get_one(Permit, parent.permit_id)) if parent else None
    ended = parent.carrier_no if parent and parent.state in _ENDED else ""
    level, above, notice = Level(row.level or Level.JIMI.value), row.from_above, row.no_copy_notice
    return Paper(level, row.term, units, from_above=above, no_copy_notice=notice, ended=ended)
