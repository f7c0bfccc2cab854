"""Saying what an original is, where no code of ours tells: one person declares, a second looks at every page and agrees (R15, R17, R26)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session

from gateway.db.tables import Carrier, CopySession, Job, Permit
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.marks import Mark
from gateway.domain.vocabulary import DocType, JobStage, Level, Origin
from gateway.errors import ConflictError, ForbiddenError, NotFoundError, RefusedError
from gateway.ledger.entry import commitment
from gateway.services.carriers import find_carrier
from gateway.services.copying import erase_refused, expect_idle, refuse_session, tell
from gateway.services.gate import Actor, Gate
from gateway.services.jobs import JobView, view, visible_job
from gateway.services.matching import rematch
from gateway.services.originals import original_of
from gateway.services.previews import number_of_pages_seen
from gateway.services.telegrams import may_judge
from gateway.services.top_secret_copies import forbidden

_OPEN = (JobStage.RECEIVING, JobStage.HELD)


@dataclass(frozen=True, slots=True)
class Declaration:
    """What the operator reads on the paper. `carrier` names one of ours whose code cannot be read; then the books say the rest."""

    level: Level = Level.JIMI
    term: str = ""
    doc_type: DocType = DocType.ORDINARY
    from_above: bool = False
    no_copy_notice: bool = False
    doc_no: str = ""
    carrier: str = ""


def declare_original(gate: Gate, actor: Actor, job_no: str, said: Declaration) -> JobView:
    """Say what the pages without our code are. A new word takes the place of the old one, and has to be looked at anew.

    Raises RefusedError: E_MARKING_INVALID when the mark cannot be; E_TOPSECRET_COPY or E_CIPHER_TELEGRAM when nobody may copy it:
    then the job is refused, and what was scanned is destroyed.
    """
    actor.require(Act.RELEASE)
    refused: list[Reason] = []
    with gate.database.writing() as session:
        job, row = _copy_job(session, actor, job_no)
        carrier = find_carrier(gate, session, said.carrier) if said.carrier.strip() else None
        _write(gate, session, actor, row, said, carrier)
        data = {
            "level": row.level,
            "term": row.term,
            "from_above": row.from_above,
            "no_copy_notice": row.no_copy_notice,
            "doc_no": commitment(job.title_salt, row.doc_no),
            "carrier": carrier.carrier_no if carrier else "",
        }
        tell(gate, session, job, "copy.declared", actor.username, data)
        original = original_of(session, job)
        if said.doc_type is DocType.CIPHER_TELEGRAM:
            refused = [Reason(Code.E_CIPHER_TELEGRAM)]
        elif reason := forbidden(gate, session, job):
            refused = [reason]
        if refused:
            refuse_session(gate, session, job, refused, by=actor.username)
        else:
            job.declared_level = original.level.value if original and original.level else None
            session.add(job)
            _look_again(gate, session, job, actor)
            return view(session, job)
        job_id = job.id or 0
    erase_refused(gate, job_id)
    raise RefusedError(refused)


def _write(gate: Gate, session: Session, actor: Actor, row: CopySession, said: Declaration, carrier: Carrier | None) -> None:
    level, term, above, notice = said.level, said.term.strip(), said.from_above, said.no_copy_notice
    if carrier is not None:
        permit = session.get_one(Permit, carrier.permit_id)
        level, term = Level(permit.level), permit.term
        above, notice = permit.origin != Origin.OWN.value, permit.no_copy_notice
        row.parent_id = carrier.id
    term = term if level.is_state_secret else ""
    fault = "a state secret needs a term, such as 5年" if level.is_state_secret and not term else Mark(level, term).fault(gate.today())
    if fault and said.doc_type is not DocType.CIPHER_TELEGRAM and level is not Level.JUEMI:
        raise RefusedError([Reason(Code.E_MARKING_INVALID, fault)])
    row.level, row.term, row.from_above, row.no_copy_notice = level.value, term, above, notice
    row.doc_no = said.doc_no.strip()[:60] if said.doc_type is not DocType.CIPHER_TELEGRAM else ""
    row.declared_by_id, row.declared_at = actor.user_id, gate.clock.now()
    row.seconded_by_id = row.seconded_at = None
    session.add(row)
    session.flush()


def second_original(gate: Gate, actor: Actor, job_no: str) -> JobView:
    """Agree with what was declared, having paged through all of it: another operator, or the secrecy office.

    Raises ForbiddenError for others, for who declared it and for the job's own requester; RefusedError E_NOT_REVIEWED.
    """
    if not may_judge(actor):
        raise ForbiddenError("An operator or the secrecy office takes the second look.", "Ask one of them.")
    with gate.database.writing() as session:
        job, row = _copy_job(session, actor, job_no)
        if row.declared_by_id is None or row.seconded_by_id is not None or JobStage(job.stage) is not JobStage.HELD:
            raise ConflictError(f"Job {job.job_no} does not wait for a second look.", "Look at the job again.")
        if actor.user_id in (row.declared_by_id, job.requester_id):
            raise ForbiddenError("Who declared the original, or had it copied, does not look a second time.", "Ask somebody else.")
        seen = number_of_pages_seen(session, job, actor)
        if seen != job.pages:
            raise RefusedError([Reason(Code.E_NOT_REVIEWED, f"{seen} / {job.pages}")])
        row.seconded_by_id, row.seconded_at = actor.user_id, gate.clock.now()
        session.add(row)
        session.flush()
        tell(gate, session, job, "copy.seconded", actor.username, {"level": row.level, "term": row.term})
        _look_again(gate, session, job, actor)
        return view(session, job)


def _copy_job(session: Session, actor: Actor, job_no: str) -> tuple[Job, CopySession]:
    job = visible_job(session, actor, job_no)
    row = session.get(CopySession, job.id)
    if row is None:
        raise NotFoundError(f"Job {job.job_no} is no copy job.", "See `imprimatur copy list`.")
    if JobStage(job.stage) not in _OPEN:
        raise ConflictError(f"Job {job.job_no} is {job.stage}.", "Its original cannot be declared any more.")
    expect_idle(row)
    return job, row


def _look_again(gate: Gate, session: Session, job: Job, actor: Actor) -> None:
    if JobStage(job.stage) is JobStage.HELD:
        rematch(gate, session, job, actor=actor.username)
