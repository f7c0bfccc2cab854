"""The cryptography behind a small seam, since users with real state secrets must plug their approved module."""

from __future__ import annotations

from typing import BinaryIO, Protocol

import pyrage
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from spool.errors import DamagedObjectError, EncryptionFailedError

NONCE_BYTES = 12


class CryptoProvider(Protocol):
    """One-time key pairs, streaming encryption to the public half, and wrapping of the private half."""

    def new_key_pair(self) -> tuple[str, str]:
        """A fresh (private, public) pair as text; the public half can be part of a file name: no slash, at most 180 characters."""

    def encrypt(self, source: BinaryIO, sink: BinaryIO, public_key: str) -> None:
        """Encrypt all of `source` into `sink`, streaming. Raises EncryptionFailedError when either stream raised."""

    def decrypt(self, source: BinaryIO, sink: BinaryIO, private_key: str) -> None:
        """Decrypt to the end. Raises DamagedObjectError; what `sink` holds then must not be used."""

    def wrap(self, host_key: bytes, secret: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        """Encrypt a private key for its slot, bound to the slot's identity."""

    def unwrap(self, host_key: bytes, wrapped: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        """The inverse of `wrap`. Raises DamagedObjectError."""


class AgeProvider:
    """age (X25519, ChaCha20-Poly1305) for objects, ChaCha20-Poly1305 for slots. Reference implementation,
    not approved for state secrets."""

    def new_key_pair(self) -> tuple[str, str]:
        """A fresh X25519 identity and its recipient."""
        identity = pyrage.x25519.Identity.generate()
        return str(identity), str(identity.to_public())

    def encrypt(self, source: BinaryIO, sink: BinaryIO, public_key: str) -> None:
        """Write a complete age file."""
        try:
            pyrage.encrypt_io(source, sink, [pyrage.x25519.Recipient.from_str(public_key)])
        except pyrage.EncryptError as error:  # it swallows what the streams raised; the spool remembers that
            raise EncryptionFailedError("The object could not be written; send the job again.") from error

    def decrypt(self, source: BinaryIO, sink: BinaryIO, private_key: str) -> None:
        """Read a complete age file."""
        try:
            pyrage.decrypt_io(source, sink, [pyrage.x25519.Identity.from_str(private_key)])
        except (pyrage.DecryptError, OSError) as error:
            raise DamagedObjectError("The object cannot be decrypted to its end; it was cut or changed on disk.") from error

    def wrap(self, host_key: bytes, secret: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        """ChaCha20-Poly1305 with `bound_to` as associated data."""
        return ChaCha20Poly1305(host_key).encrypt(nonce, secret, bound_to)

    def unwrap(self, host_key: bytes, wrapped: bytes, bound_to: bytes, nonce: bytes) -> bytes:
        """The inverse of `wrap`."""
        try:
            return ChaCha20Poly1305(host_key).decrypt(nonce, wrapped, bound_to)
        except InvalidTag as error:
            raise DamagedObjectError("The key slot is damaged or belongs to another host key.") from error
