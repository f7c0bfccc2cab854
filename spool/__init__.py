"""Encrypted objects on disk, each to its own one-time key; destroying an object is destroying its key.

Usable alone. The format is docs/spool-format.md; what is promised and what is not stands there.
"""

from spool.errors import (
    CutBodyError,
    DamagedObjectError,
    DestroyedError,
    DigestMismatchError,
    EncryptionFailedError,
    KeyPoolEmptyError,
    SpoolError,
    SpoolFullError,
    UnknownObjectError,
)
from spool.store import Reconciliation, Spool, StoredObject, Usage

__all__ = [
    "CutBodyError",
    "DamagedObjectError",
    "DestroyedError",
    "DigestMismatchError",
    "EncryptionFailedError",
    "KeyPoolEmptyError",
    "Reconciliation",
    "Spool",
    "SpoolError",
    "SpoolFullError",
    "StoredObject",
    "UnknownObjectError",
    "Usage",
]
