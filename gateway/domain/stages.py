"""The life of a job: stages, the one transition table, and what IPP calls each stage (DESIGN.md §4, RFC 8011 §5.3.7)."""

from __future__ import annotations

from gateway.domain.vocabulary import JobStage

S = JobStage

TRANSITIONS: dict[JobStage, frozenset[JobStage]] = {
    S.RECEIVING: frozenset({S.HELD, S.CANCELED}),
    S.HELD: frozenset({S.QUEUED, S.CANCELED, S.REFUSED}),
    S.QUEUED: frozenset({S.PREPARING, S.CANCELED}),
    # Until the first submission row is durable no byte can have left: going back to the queue is safe.
    S.PREPARING: frozenset({S.SUBMITTING, S.QUEUED, S.UNRESOLVED}),
    # Back to the queue only where it is certain that the device got nothing of what is left.
    S.SUBMITTING: frozenset({S.PRINTING, S.UNRESOLVED, S.QUEUED}),
    S.PRINTING: frozenset({S.COMPLETED, S.UNRESOLVED, S.QUEUED}),
    # Only a person leaves `unresolved`, by counting paper: all accounted for, or the rest is printed (invariant I5).
    S.UNRESOLVED: frozenset({S.COMPLETED, S.QUEUED, S.ABORTED}),
    S.COMPLETED: frozenset(),
    S.CANCELED: frozenset(),
    S.REFUSED: frozenset(),
    S.ABORTED: frozenset(),
}

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


def may_move(from_stage: JobStage, to_stage: JobStage) -> bool:
    """Whether the transition table has this arrow."""
    return to_stage in TRANSITIONS[from_stage]
