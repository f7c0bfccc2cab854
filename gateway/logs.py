"""Logs with an allow-list of keys, so that no title, content or fax number can slip in (invariant I12)."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

ALLOWED = frozenset(
    {
        "event",
        "level",
        "timestamp",
        "job",
        "permit",
        "device",
        "stage",
        "code",
        "codes",
        "error",
        "socket",
        "address",
        "seconds",
        "count",
        "pid",
        "seq",
        "queue",
        "group",
        "user",
        "status",
        "method",
        "route",
        "folder",
        "objects",
        "submission",
    }
)


def _only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key in [key for key in event if key not in ALLOWED]:
        del event[key]
    return event


def configure_logs(*, verbose: bool = False) -> None:
    """One JSON line an event on stderr. Call once per process."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _only_allowed,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


log = structlog.get_logger()
