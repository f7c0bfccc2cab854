"""What became of one attempt, read from HylaFAX' own words (6.0.7; measured, see docs/fax.md).

A page is certain when the other machine confirmed it. When a page was sent and its confirmation was lost, the page may lie in the other
machine or not: that is said, never guessed (invariant I5).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.fax.interface import Attempt, CallEnd, CallRecord
from gateway.fax.queuefile import STATE_DONE, QueueFile

REFUSED_CODE = 348
"""HylaFAX' own code for a job that was rejected before dialling; the gate's word uses it."""
_LOST_CONFIRMATIONS = frozenset(range(236, 244))
"""No response, or an unreadable one, to MPS, EOM or EOP: the page is out, its confirmation did not come."""
_WORDS_OF_LOST_CONFIRMATION = re.compile(r"response to (MPS|EOM|EOP|PPS|EOR)|received in response to|CTC", re.IGNORECASE)
_WORDS_OF_BUSY = re.compile(r"\bbusy\b", re.IGNORECASE)
_WORDS_OF_NO_ANSWER = re.compile(r"no answer|no carrier|no local dialtone|ring detected", re.IGNORECASE)


def outcome_of(job: QueueFile, calls: Sequence[CallRecord]) -> Attempt:
    """The end of an ended job; `calls` are the lines of the log with its name, in which the call's own words stand.

    A job without a line, or one that says it is done and confirmed fewer pages than it has, is in doubt.
    """
    reason = " ".join([*(call.reason for call in calls), job.text("status")]).strip()
    pages = max(job.count("npages"), sum(call.pages for call in calls))
    total, code = job.count("totpages"), job.count("statuscode")
    refused = not calls and code == REFUSED_CODE
    uncertain = code in _LOST_CONFIRMATIONS or bool(_WORDS_OF_LOST_CONFIRMATION.search(reason)) or not (calls or refused)
    return Attempt(
        end=_end(job, calls, pages, total, reason, uncertain=uncertain),
        pages=pages,
        uncertain=uncertain,
        dials=job.count("totdials"),
        seconds=sum(call.seconds for call in calls),
        remote=job.text("csi"),
        call=job.text("commid"),
        reason=reason[:200],
    )


def _end(job: QueueFile, calls: Sequence[CallRecord], pages: int, total: int, reason: str, *, uncertain: bool) -> CallEnd:
    done = job.count("state") == STATE_DONE
    if uncertain:
        return CallEnd.IN_DOUBT
    if not calls:  # rejected before dialling; else whoever dials was ended in the middle and wrote nothing
        return CallEnd.REFUSED if not done and job.count("statuscode") == REFUSED_CODE else CallEnd.IN_DOUBT
    if done:
        return CallEnd.WHOLE if total and pages == total else CallEnd.IN_DOUBT
    if pages:
        return CallEnd.PART
    if _WORDS_OF_BUSY.search(reason):
        return CallEnd.BUSY
    return CallEnd.NO_ANSWER if _WORDS_OF_NO_ANSWER.search(reason) else CallEnd.FAILED
