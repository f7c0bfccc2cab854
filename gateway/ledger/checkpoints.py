"""Signed checkpoints 校验点: Ed25519 over the ledger's head, kept in the database and in a file beside it (invariant I9)."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from gateway.db.engine import Database
from gateway.db.tables import Checkpoint, LedgerHead
from gateway.domain.paper_codes import CHECKPOINT as CHECKPOINT_CODE
from gateway.errors import ConfigurationError
from gateway.ledger.entry import utc_text

CHECKPOINT_PREFIX = b"imprimatur.ledger.checkpoint.v1\n"
_CODE = re.compile(rf"^{CHECKPOINT_CODE}(\d{{1,18}})/([0-9A-F]{{64}})/([0-9T:.Z-]{{27}})/([0-9A-F]{{16}})/([0-9A-F]{{128}})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class SignedHead:
    """A checkpoint as it stands in the file: everything needed to check it but the public key."""

    seq: int
    hash: str
    at: str
    key_id: str
    signature: str

    def message(self) -> bytes:
        """The signed bytes."""
        return CHECKPOINT_PREFIX + rfc8785.dumps({"seq": self.seq, "hash": self.hash, "at": self.at, "key_id": self.key_id})

    def is_signed_by(self, public_key: bytes) -> bool:
        """Whether the signature is this key's (raw 32 bytes)."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(base64.b64decode(self.signature), self.message())
        except (InvalidSignature, ValueError):
            return False
        return True

    @classmethod
    def of(cls, seq: int, entry_hash: str, at: datetime, key_id: str, signature: str) -> SignedHead:
        """From a row of the database."""
        return cls(seq, entry_hash, utc_text(at), key_id, signature)

    @property
    def signature_bytes(self) -> bytes:
        """The 64 bytes of the signature (RFC 8032)."""
        return base64.b64decode(self.signature)

    def code(self) -> str:
        """The text of a checkpoint slip's QR code: all of it, in QR's alphanumeric mode, so that paper alone proves the head."""
        return CHECKPOINT_CODE + "/".join([str(self.seq), self.hash, self.at, self.key_id, self.signature_bytes.hex()]).upper()

    @classmethod
    def from_code(cls, text: str) -> SignedHead:
        """Read a scanned checkpoint slip; whether it is signed is another question. Raises ValueError."""
        match = _CODE.match(text.strip().upper())
        if match is None:
            raise ValueError("this is not the code of a checkpoint slip")
        seq, entry_hash, at, key_id, signature = match.groups()
        return cls(int(seq), entry_hash.lower(), at, key_id.lower(), base64.b64encode(bytes.fromhex(signature)).decode())


class Signer:
    """The holder of the signing key: a 32-byte file, mode 0600, and beside it the public key as hexadecimal."""

    def __init__(self, key_file: Path) -> None:
        try:
            self._key = Ed25519PrivateKey.from_private_bytes(key_file.read_bytes())
        except (OSError, ValueError) as error:
            raise ConfigurationError(
                f"The signing key {key_file.name} cannot be read.", "Run `imprimatur init`, or restore the key."
            ) from error
        self.public_key = self._key.public_key().public_bytes_raw()
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    @staticmethod
    def create(key_file: Path) -> None:
        """Make a new key; never overwrites one."""
        key = Ed25519PrivateKey.generate()
        with os.fdopen(os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(key.private_bytes_raw())
            os.fsync(file.fileno())
        key_file.with_suffix(".pub").write_text(key.public_key().public_bytes_raw().hex() + "\n")

    def sign(self, seq: int, entry_hash: str, at: datetime) -> SignedHead:
        """Sign one head."""
        unsigned = SignedHead(seq, entry_hash, utc_text(at), self.key_id, "")
        return SignedHead(
            unsigned.seq, unsigned.hash, unsigned.at, unsigned.key_id, base64.b64encode(self._key.sign(unsigned.message())).decode()
        )


def write_checkpoint(database: Database, signer: Signer, file: Path, at: datetime) -> SignedHead | None:
    """Sign the present head; None when nothing was appended since the last checkpoint."""
    with database.writing() as session:
        head = session.get_one(LedgerHead, 1)
        newest = read_checkpoint_file(file)[-1:]
        if head.seq == 0 or (newest and newest[0].seq == head.seq):
            return None
        signed = signer.sign(head.seq, head.hash, at)
        session.add(Checkpoint(seq=signed.seq, hash=signed.hash, at=at, key_id=signed.key_id, signature=signed.signature))
    with file.open("a") as out:
        out.write(json.dumps(asdict(signed)) + "\n")
        out.flush()
        os.fsync(out.fileno())
    return signed


def read_checkpoint_file(file: Path) -> list[SignedHead]:
    """All checkpoints of the file, oldest first; a cut last line (power loss while writing) is left out."""
    if not file.exists():
        return []
    lines = file.read_text().splitlines(keepends=True)
    return [SignedHead(**json.loads(line)) for line in lines if line.endswith("\n") and line.strip()]
