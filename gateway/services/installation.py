"""Making a gateway's data folder: keys, spool, database, the first accounts (`imprimatur init`)."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from gateway.config import REHEARSAL_MARKER, Settings
from gateway.db.engine import Database
from gateway.db.schema import is_current, upgrade
from gateway.db.tables import LedgerHead
from gateway.errors import ConfigurationError
from gateway.ledger.checkpoints import Signer
from gateway.ledger.entry import GENESIS_HASH
from spool import Spool

HOST_KEY, LEDGER_KEY, CODE_KEY = "host.key", "ledger.key", "codes.key"
CODE_KEY_BYTES = 32


def initialise(settings: Settings) -> list[str]:
    """Make whatever is missing; never replaces a key, a spool or a database. Returns what was made, for the user to read."""
    made = []
    for folder in (settings.data, settings.keys):
        if not folder.exists():
            folder.mkdir(parents=True, mode=0o700)
            made.append(str(folder))
    settings.run.mkdir(parents=True, exist_ok=True)
    if not (settings.keys / LEDGER_KEY).exists():
        Signer.create(settings.keys / LEDGER_KEY)
        made.append(f"signing key {LEDGER_KEY}")
    if not (settings.keys / CODE_KEY).exists():
        _write_key(settings.keys / CODE_KEY)
        made.append(f"code key {CODE_KEY}")
    if not settings.spool.exists():
        Spool.create(
            settings.spool,
            settings.keys / HOST_KEY,
            slots=settings.spool_slots,
            quota_bytes=settings.spool_quota_bytes,
            free_floor_bytes=settings.spool_free_floor_bytes,
        )
        made.append("spool")
    if migrate(settings):
        made.append("database")
    return made


def migrate(settings: Settings) -> bool:
    """Bring the database to this version; True when something changed."""
    database = Database(settings.url)
    try:
        if is_current(database):
            return False
        upgrade(database)
        with database.writing() as session:
            if session.get(LedgerHead, 1) is None:
                session.add(LedgerHead(id=1, seq=0, hash=GENESIS_HASH))
    finally:
        database.close()
    return True


def _write_key(file: Path) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(secrets.token_bytes(CODE_KEY_BYTES))
        out.flush()
        os.fsync(out.fileno())


def mark_as_rehearsal(data: Path) -> None:
    """Let a data folder accept `unsafe_` settings. For demos and tests; such a gateway must never see real papers."""
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    (data / REHEARSAL_MARKER).write_text("Made for a demo or a test. Accounts may be impersonated and the clock moved.\n")


def read_code_key(settings: Settings) -> bytes:
    """The key that signs copies' QR codes. Raises ConfigurationError."""
    try:
        key = (settings.keys / CODE_KEY).read_bytes()
    except OSError as error:
        raise ConfigurationError("The code key cannot be read.", "Run `imprimatur init`, or restore the key.") from error
    if len(key) != CODE_KEY_BYTES:
        raise ConfigurationError("The code key is damaged.", "Restore it.")
    return key
