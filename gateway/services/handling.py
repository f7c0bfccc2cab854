"""Who may handle papers of a level: cleared, undertaking signed, trained where the policy asks for it (R28, R94, R95)."""

from __future__ import annotations

from dataclasses import replace

from sqlmodel import Session

from gateway.db.tables import Job, Permit, User
from gateway.domain.codes import Reason
from gateway.domain.marks import parse_mark
from gateway.domain.matching import Person, person_reasons
from gateway.domain.personnel import training_holds
from gateway.domain.vocabulary import UNKNOWN_LEVEL_COUNTS_AS, Level
from gateway.errors import UnavailableError
from gateway.services.gate import Actor, Gate
from gateway.services.people import person_of
from gateway.services.policies import policy_in_force


def handler_of(gate: Gate, session: Session, user: User) -> Person:
    """What the rules need to know of somebody who handles papers."""
    trained = training_holds(user.training_date, gate.today(), gate.settings.training_months)
    return replace(person_of(session, user), training_over=not trained and _training_blocks(session))


def _training_blocks(session: Session) -> bool:
    """Whether the policy keeps the untrained away; one changed by hand does: the job is still taken in, and waits with the room (R30)."""
    try:
        return policy_in_force(session).training_block
    except UnavailableError:
        return True


def handling_reasons(gate: Gate, session: Session, actor: Actor, level: Level) -> list[Reason]:
    """Why this account may not approve, look at or release papers of this level; empty if it may."""
    person = handler_of(gate, session, session.get_one(User, actor.user_id))
    return person_reasons(person, level, gate.today(), actor.username)


def level_to_handle(session: Session, job: Job) -> Level:
    """The highest level anything says of a job: its permit, its sender, the marks on it; 机密 when nothing does (R26)."""
    permit = session.get(Permit, job.permit_id) if job.permit_id else None
    said = [permit.level] if permit else []
    said += [job.declared_level] if job.declared_level else []
    marks = [mark.level for text in job.inspection.get("marks", ()) if (mark := parse_mark(text))]
    levels = [*(Level(word) for word in said), *marks]
    return max(levels, key=lambda level: level.rank) if levels else UNKNOWN_LEVEL_COUNTS_AS
