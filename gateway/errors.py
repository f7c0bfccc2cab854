"""What can go wrong, as letters to the reader: a stable code, what happened, what to do next, the rule behind it.

Foreign exceptions never cross a package border: the place that meets one turns it into a `GatewayError`.
The deny codes of the rules (`E_NO_PERMIT` and its kin) are data in `gateway.domain.codes`; `Refused` carries one or more of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from gateway.domain.codes import Reason


class GatewayError(Exception):
    """Something the caller can understand and act on.

    `code` is stable and documented in docs/errors.md; `happened` and `next_step` are English sentences without titles,
    contents or fax numbers (invariant I12). `status` is the HTTP status the edges answer with.
    """

    code = "E_INTERNAL"
    status = 500

    def __init__(self, happened: str, next_step: str = "") -> None:
        super().__init__(happened)
        self.happened = happened
        self.next_step = next_step

    def letter(self) -> str:
        """The one-line form the CLI prints: `CODE: what happened. What to do.`"""
        return f"{self.code}: {self.happened} {self.next_step}".strip()


class InvalidInputError(GatewayError):
    """A value that came from outside does not have the form it must have."""

    code = "E_INVALID"
    status = 422


class NotFoundError(GatewayError):
    """The thing named does not exist, or the caller may not know that it does."""

    code = "E_NOT_FOUND"
    status = 404


class ConflictError(GatewayError):
    """The thing is not in the state this act needs: somebody else was faster, or the act makes no sense now."""

    code = "E_CONFLICT"
    status = 409


class ForbiddenError(GatewayError):
    """The account may not do this (invariant I10)."""

    code = "E_FORBIDDEN"
    status = 403


class UnauthenticatedError(GatewayError):
    """Nobody is logged in, or the password, one-time code or session is not valid."""

    code = "E_UNAUTHENTICATED"
    status = 401


class KeyReusedError(GatewayError):
    """An idempotency key stands for one act; here it came with another."""

    code = "E_KEY_REUSED"
    status = 422


class TooManyError(GatewayError):
    """A program calls faster than it may; `seconds` from now it may again."""

    code = "E_TOO_MANY"
    status = 429

    def __init__(self, seconds: float) -> None:
        super().__init__("The token's calls of this minute are used up.", f"Wait {math.ceil(seconds)} seconds.")
        self.seconds = math.ceil(seconds)


class UnavailableError(GatewayError):
    """The gateway cannot do this now without risking its promises (no keys, no space, locked database)."""

    code = "E_UNAVAILABLE"
    status = 503


class ConfigurationError(GatewayError):
    """The configuration file is missing, unreadable or contradicts itself."""

    code = "E_CONFIG"
    status = 500


class RefusedError(GatewayError):
    """One or more rules forbid the act; `reasons` names all of them at once (invariant I11)."""

    status = 409

    def __init__(self, reasons: Sequence[Reason]) -> None:
        first = reasons[0]
        super().__init__(first.message_en, first.next_step_en)
        self.reasons = tuple(reasons)
        self.code = first.code.value

    def letter(self) -> str:
        """All reasons, one per line."""
        return "\n".join(f"{r.code.value} ({r.text.rules}): {r.message_en} {r.next_step_en}".strip() for r in self.reasons)
