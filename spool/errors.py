"""What can go wrong with the spool: a stable code each, and in the message what happened and what to do."""

from __future__ import annotations


class SpoolError(Exception):
    """Base of all; `code` is stable."""

    code = "E_SPOOL"


class KeyPoolEmptyError(SpoolError):
    """No one-time key is left: the sender must wait, nothing may be stored plain."""

    code = "E_KEY_POOL_EMPTY"


class SpoolFullError(SpoolError):
    """The quota, the free-space floor or the disk itself is reached; nothing was stored."""

    code = "E_SPOOL_FULL"


class EncryptionFailedError(SpoolError):
    """Encrypting broke off: the stream could not be read, or the disk could not be written; nothing was stored."""

    code = "E_SPOOL_WRITE"


class CutBodyError(SpoolError):
    """The stream ended before its declared length; nothing was stored."""

    code = "E_BODY_CUT"


class DigestMismatchError(SpoolError):
    """The bytes do not have the declared digest; nothing was stored."""

    code = "E_BODY_DIGEST"


class DamagedObjectError(SpoolError):
    """The object cannot be decrypted whole: it was cut or changed on disk."""

    code = "E_OBJECT_DAMAGED"


class DestroyedError(SpoolError):
    """The object's key is gone; nobody can read it any more."""

    code = "E_OBJECT_DESTROYED"


class UnknownObjectError(SpoolError):
    """There is no such object."""

    code = "E_OBJECT_UNKNOWN"
