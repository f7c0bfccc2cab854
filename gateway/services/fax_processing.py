"""Technical processing records 技术处理记录: one person makes the text unclassified, another looks it over (R42; SC-26)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlmodel import Session, col, select

from gateway.db.tables import TechnicalProcessing, User
from gateway.domain.codes import Code, Reason
from gateway.domain.duties import Act
from gateway.domain.fax import ProcessingMethod
from gateway.domain.vocabulary import Level
from gateway.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from gateway.ledger.append import append
from gateway.services.carriers import next_number
from gateway.services.denials import record_refusal
from gateway.services.gate import Actor, Gate

SERIES = "TPR"
_MOST_SHOWN = 100
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


def record_processing(
    gate: Gate, actor: Actor, *, source_level: Level, method: ProcessingMethod, result_level: Level, result_hash: str, carrier: str = ""
) -> str:
    """Write down what was made of classified matter, bound to the SHA-256 of the fax's final pages; its number.

    Raises InvalidInputError for what is no hash, RefusedError E_FAX_CLASSIFIED for a result above 内部.
    """
    actor.require(Act.PRINT)
    if not _SHA256.match(result_hash):
        raise InvalidInputError("That is no SHA-256 of the fax's pages.", "Copy it from the fax.")
    if result_level.is_state_secret:
        reasons = [Reason(Code.E_FAX_CLASSIFIED, result_level.hanzi)]
        record_refusal(gate, actor, "fax.processing_refused", "", reasons)
        raise RefusedError(reasons)
    now = gate.clock.now()
    with gate.database.writing() as session:
        row = TechnicalProcessing(
            tpr_no=next_number(session, SERIES, gate.today().year)[0],
            source_level=source_level.value,
            source_carrier=carrier.strip()[:60],
            method=method.value,
            result_level=result_level.value,
            result_hash=result_hash,
            processor_id=actor.user_id,
            recorded_at=now,
        )
        session.add(row)
        session.flush()
        data = {"source_level": row.source_level, "method": row.method, "result_level": row.result_level, "sha256": result_hash}
        append(session, kind="fax.processed", at=now, actor=actor.username, subject=row.tpr_no, data=data)
        return row.tpr_no


def review_processing(gate: Gate, actor: Actor, tpr_no: str) -> None:
    """Say that the result is unclassified: somebody other than the processor (R42). Raises RefusedError, ConflictError, NotFoundError."""
    actor.require(Act.PRINT)
    now = gate.clock.now()
    with gate.database.writing() as session:
        row = processing_by_number(session, tpr_no)
        if itself := row.processor_id == actor.user_id:
            reasons = [Reason(Code.E_FAX_NO_SCREENING, f"{actor.username} = {actor.username}")]
        else:
            mine = (col(TechnicalProcessing.id) == row.id) & col(TechnicalProcessing.reviewer_id).is_(None)
            done = session.execute(update(TechnicalProcessing).where(mine).values(reviewer_id=actor.user_id, reviewed_at=now))
            if done.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has rowcount
                raise ConflictError(f"{row.tpr_no} has been looked over.", "Look at it again.")
            data = {"sha256": row.result_hash}
            append(session, kind="fax.processing_reviewed", at=now, actor=actor.username, subject=row.tpr_no, data=data)
    if itself:
        record_refusal(gate, actor, "fax.processing_refused", row.tpr_no, reasons)
        raise RefusedError(reasons)


@dataclass(frozen=True, slots=True)
class ProcessingView:
    """One record; without a reviewer nobody has looked it over yet."""

    tpr_no: str
    source_level: Level
    source_carrier: str
    method: ProcessingMethod
    result_level: Level
    result_hash: str
    processor: str
    reviewer: str
    recorded_at: datetime


def list_processings(gate: Gate, actor: Actor) -> list[ProcessingView]:
    """The newest records, newest first. They hold no text: whoever may print may look one over. Raises ForbiddenError for others."""
    actor.require(Act.PRINT)
    query = select(TechnicalProcessing).order_by(col(TechnicalProcessing.id).desc()).limit(_MOST_SHOWN)
    with gate.database.reading() as session:
        return [_view(session, row) for row in session.exec(query).all()]


def _view(session: Session, row: TechnicalProcessing) -> ProcessingView:
    return ProcessingView(
        tpr_no=row.tpr_no,
        source_level=Level(row.source_level),
        source_carrier=row.source_carrier,
        method=ProcessingMethod(row.method),
        result_level=Level(row.result_level),
        result_hash=row.result_hash,
        processor=session.get_one(User, row.processor_id).username,
        reviewer=session.get_one(User, row.reviewer_id).username if row.reviewer_id else "",
        recorded_at=row.recorded_at,
    )


def processing_by_number(session: Session, tpr_no: str) -> TechnicalProcessing:
    """The record. Raises NotFoundError."""
    row = session.exec(select(TechnicalProcessing).where(TechnicalProcessing.tpr_no == tpr_no.strip().upper())).first()
    if row is None:
        raise NotFoundError(f"There is no technical processing record {tpr_no.strip()[:20]}.", "Record it first.")
    return row
