"""The life of a job: its stages, where each may lead, and what IPP calls it (DESIGN.md §4, RFC 8011 §5.3.7)."""

from __future__ import annotations

from gateway.domain.moves import JOB_MOVES, arrows
from gateway.domain.vocabulary import JobStage

S = JobStage

TRANSITIONS = arrows(JOB_MOVES, JobStage)
"""From stage to stages, made of the rows of `gateway.domain.moves`."""

TERMINAL = frozenset(stage for stage, onward in TRANSITIONS.items() if not onward)
"""Stages nothing leaves; the content is destroyed within 60 s of reaching one (invariant I7)."""

PAPER_MAY_MOVE = frozenset({S.SUBMITTING, S.PRINTING})
"""The only stages in which bytes may go to a device (invariant I1)."""

IPP_STATES: dict[JobStage, tuple[str, str]] = {
    S.RECEIVING: ("pending-held", "job-incoming"),
    S.HELD: ("pending-held", "job-hold-until-specified"),
    S.QUEUED: ("pending", "none"),
    S.PREPARING: ("processing", "job-transforming"),
    S.SUBMITTING: ("processing", "job-outgoing"),
    S.PRINTING: ("processing", "job-printing"),
    S.COMPLETED: ("completed", "job-completed-successfully"),
    S.UNRESOLVED: ("processing-stopped", "printer-stopped"),
    S.CANCELED: ("canceled", "job-canceled-by-user"),
    S.REFUSED: ("aborted", "aborted-by-system"),
    S.ABORTED: ("aborted", "aborted-by-system"),
}
"""job-state and job-state-reasons (RFC 8011) of each stage."""
