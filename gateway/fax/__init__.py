"""Fax: the small Protocol the gate speaks, and HylaFAX behind it (docs/fax.md)."""

from gateway.fax.interface import (
    Attempt,
    CallEnd,
    CallRecord,
    FaxExchange,
    FaxExchangeError,
    FaxExchangeUnreachableError,
    ReceivedFax,
    Stranger,
)

__all__ = [
    "Attempt",
    "CallEnd",
    "CallRecord",
    "FaxExchange",
    "FaxExchangeError",
    "FaxExchangeUnreachableError",
    "ReceivedFax",
    "Stranger",
]
