"""Acts that are asked for twice and done once: the answer is kept under the caller's key, in the act's own transaction
(draft-ietf-httpapi-idempotency-key-header). Nobody who lost an answer has to guess whether the act was done."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlmodel import Session, col

from gateway.db.tables import KeptAnswer
from gateway.errors import KeyReusedError
from gateway.services.gate import Actor, Gate

KEPT_FOR = timedelta(hours=24)
_FOUNDER = 0


@dataclass(frozen=True, slots=True)
class KeyedCall:
    """One act under one key: whose, and a digest of all that was asked for."""

    user_id: int
    key_hash: str
    digest: str

    @classmethod
    def of(cls, actor: Actor | None, key: str, asked: bytes) -> KeyedCall:
        """The call of this actor (None: root, before there are accounts). `asked` is everything the act depends on."""
        return cls(actor.user_id if actor else _FOUNDER, hashlib.sha256(key.encode()).hexdigest(), hashlib.sha256(asked).hexdigest())


def kept_answer(session: Session, call: KeyedCall) -> KeptAnswer | None:
    """What was answered the first time. Raises KeyReusedError when the key stands for something else."""
    row = session.get(KeptAnswer, (call.user_id, call.key_hash))
    if row is not None and row.digest != call.digest:
        raise KeyReusedError("This Idempotency-Key was used for another request.", "Make a new key for each act.")
    return row


def keep(session: Session, call: KeyedCall, *, status: int, media_type: str, content: str, at: datetime) -> None:
    """Keep an answer, in the transaction of the act it tells of."""
    session.add(
        KeptAnswer(
            user_id=call.user_id, key_hash=call.key_hash, digest=call.digest, status=status, media_type=media_type, content=content, at=at
        )
    )


def forget_old_answers(gate: Gate) -> None:
    """Drop answers older than a day: they may hold titles."""
    with gate.database.writing() as session:
        session.execute(delete(KeptAnswer).where(col(KeptAnswer.at) < gate.clock.now() - KEPT_FOR))
