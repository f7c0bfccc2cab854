"""Small secrets at rest in the database: sealed under a key that is no part of it, and in no backup (I7)."""

from __future__ import annotations

import base64
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.services.gate import Gate

_NONCE_BYTES = 12


def _sealer(gate: Gate, purpose: str) -> AESGCM:
    return AESGCM(HKDF(SHA256(), 32, None, purpose.encode()).derive(gate.code_key))


def seal(gate: Gate, purpose: str, owner: int, secret: bytes) -> str:
    """Text for a column. `purpose` and `owner`, a row's number, are needed to open it: it is of no use in another's row."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return base64.b64encode(nonce + _sealer(gate, purpose).encrypt(nonce, secret, str(owner).encode())).decode()


def opened(gate: Gate, purpose: str, owner: int, sealed: str) -> bytes | None:
    """The secret; None when it was sealed with another key of this gateway, or for another row."""
    raw = base64.b64decode(sealed)
    try:
        return _sealer(gate, purpose).decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], str(owner).encode())
    except InvalidTag:
        return None
