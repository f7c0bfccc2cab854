"""One-time codes of a second factor: TOTP, RFC 6238 with SHA-1, six digits, steps of 30 seconds, as authenticator programs make them."""

from __future__ import annotations

import hmac
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

DIGITS = 6
STEP_SECONDS = 30
SECRET_BYTES = 20
"""As long as SHA-1's output (RFC 4226 §4, R6)."""

DRIFT = 1
"""Steps a device's clock may be fast or slow (RFC 6238 §5.2)."""


def accepted_step(secret: bytes, code: str, at: datetime, last_step: int) -> int | None:
    """The time step whose code this is, or None. A step at or before `last_step` was used already (RFC 6238 §5.2: once only)."""
    generator = TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # noqa: S303 — RFC 6238's default; HMAC-SHA-1 is not broken
    typed = code.replace(" ", "")
    now = int(at.timestamp()) // STEP_SECONDS
    found = None
    for step in range(now - DRIFT, now + DRIFT + 1):
        if hmac.compare_digest(generator.generate(step * STEP_SECONDS), typed.encode()) and step > last_step:
            found = step
    return found


def provisioning_uri(secret: bytes, account: str, issuer: str) -> str:
    """The otpauth: address an authenticator program reads from the QR code."""
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS).get_provisioning_uri(account, issuer)  # noqa: S303 — as above
