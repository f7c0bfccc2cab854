"""What has happened to jobs that somebody should hear of: number, stage and codes, never a title (I12)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from gateway.db.tables import Job, User
from gateway.domain.vocabulary import JobStage
from gateway.services.gate import Gate
from gateway.services.jobs import reasons_of

TOLD = (JobStage.HELD, JobStage.COMPLETED, JobStage.UNRESOLVED, JobStage.REFUSED, JobStage.CANCELED)
_COUNTING = "E_COUNTING"


@dataclass(frozen=True, slots=True)
class Notice:
    """A job that came to a stage its requester wants to know of."""

    job_no: str
    stage: str
    codes: tuple[str, ...]
    username: str
    address: str
    """Where in the UI the job stands."""

    @property
    def about(self) -> str:
        """What it is about."""
        return self.job_no

    @property
    def subject_line(self) -> str:
        """The subject of a mail."""
        return f"{self.job_no} {self.stage}"

    @property
    def words(self) -> str:
        """Stage and codes."""
        return f"{self.stage} {' '.join(self.codes)}".strip()

    def to_json(self) -> dict[str, object]:
        """What a webhook gets."""
        return {"job": self.job_no, "stage": self.stage, "codes": list(self.codes), "user": self.username, "address": self.address}


def notices_since(gate: Gate, moment: datetime) -> list[Notice]:
    """Jobs of known requesters that came to their stage at or after `moment`, oldest first; those still being counted wait."""
    query = (
        select(Job, User.username)
        .join(User, col(Job.requester_id) == User.id)
        .where(Job.stage_since >= moment, col(Job.stage).in_([stage.value for stage in TOLD]))
        .order_by(col(Job.stage_since))
        .limit(500)
    )
    with gate.database.reading() as session:
        found = [(job, username, tuple(reason.code.value for reason in reasons_of(job))) for job, username in session.exec(query).all()]
    return [
        Notice(job.job_no, job.stage, codes, username, gate.settings.page_of_job(job.job_no))
        for job, username, codes in found
        if _COUNTING not in codes
    ]
