"""What the gate asks of a fax exchange, and what it may be told (R41-R48, invariants I5, I12)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Protocol

from gateway.errors import GatewayError


class FaxExchangeError(GatewayError):
    """The exchange did not do what was asked."""

    code = "E_FAX_EXCHANGE"
    status = 502


class FaxExchangeUnreachableError(FaxExchangeError):
    """No answer: not running, or wrong address or password."""

    code = "E_FAX_EXCHANGE_UNREACHABLE"


class CallEnd(StrEnum):
    """How one attempt ended: whole 成功, part 部分, busy 忙, no answer 无应答, failed 失败, refused by the gate 拒绝, in doubt 存疑."""

    WHOLE = "whole"
    PART = "part"
    BUSY = "busy"
    NO_ANSWER = "no_answer"
    FAILED = "failed"
    REFUSED = "refused"
    IN_DOUBT = "in_doubt"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that has ended. `pages` were confirmed by the other machine; with `uncertain` one more may have arrived.

    `dials` is how often the number was dialled, `seconds` how long the connection stood, `remote` how the other machine
    names itself, `reason` the exchange's words: none of them holds a number or a title of ours.
    """

    end: CallEnd
    pages: int
    uncertain: bool = False
    dials: int = 0
    seconds: int = 0
    remote: str = ""
    call: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Stranger:
    """A job in the exchange's queue that the gate did not put there."""

    job: str
    owner: str
    number: str
    tag: str
    documents: tuple[str, ...]
    ended: bool = True
    """Whether the exchange does no more for it: then what it names is all there is. Until then it may be read in the middle of a change."""


@dataclass(frozen=True, slots=True)
class ReceivedFax:
    """A fax that came in. `whole` is False when the exchange noted an error; `at` is its own local minute."""

    name: str
    sender: str
    pages: int
    seconds: int
    at: str
    reason: str = ""

    @property
    def whole(self) -> bool:
        """Whether it arrived without an error."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One line of the exchange's log of calls. `direction` is SEND, RECV or another word of the exchange's."""

    direction: str
    at: str
    call: str
    job: str
    tag: str
    number: str
    remote: str
    pages: int
    seconds: int
    reason: str


class FaxExchange(Protocol):
    """An exchange with telephone lines. Every method may raise FaxExchangeError."""

    def submit(self, tiff: BinaryIO, number: str, tag: str, *, fine: bool) -> str:
        """Queue a finished TIFF for one single try. Returns the job's name; whoever asks the gate about it sees `tag`."""

    def find(self, tag: str) -> str | None:
        """The job with this tag, for recovery after a crash between submitting and noting it."""

    def outcome(self, job: str) -> Attempt | None:
        """How the attempt ended; None while it has not. An unknown job is IN_DOUBT: its call may have been made."""

    def withdraw(self, job: str) -> None:
        """Take a job out of the queue; a call under way is broken off."""

    def purge(self, job: str) -> None:
        """Remove an ended job and its documents. Nothing happens when there are none."""

    def strangers(self, mine: frozenset[str]) -> list[Stranger]:
        """Jobs, waiting or ended, whose names are not among `mine`."""

    def document(self, name: str) -> bytes:
        """One document of a stranger."""

    def received(self) -> list[ReceivedFax]:
        """Faxes lying in the tray."""

    def fetch(self, received: ReceivedFax) -> bytes:
        """The TIFF of a received fax."""

    def remove(self, received: ReceivedFax) -> None:
        """Take a received fax out of the tray."""

    def calls(self) -> list[CallRecord]:
        """Every call in the exchange's log, oldest first."""
