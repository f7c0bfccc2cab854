"""A document a person brings through the browser or the API to be faxed: in at the same door as every job (R47, I7, I8).

What it shall become is said with it, and it becomes that once it is counted (`services.fax_orders`). It is never printed.
"""

from __future__ import annotations

import secrets
from typing import BinaryIO

from gateway.domain.duties import Act
from gateway.domain.envelope import Envelope
from gateway.domain.fax_order import options_of
from gateway.domain.plain_text import one_line
from gateway.domain.vocabulary import Channel
from gateway.errors import InvalidInputError, UnavailableError
from gateway.services.fax_filing import FaxWish, number_of
from gateway.services.gate import Actor, Gate
from gateway.services.receiving import Receiving
from spool import SpoolError

QUEUE = "web"
"""The queue name of jobs people brought themselves."""
_HEAD, _PDF = 1024, b"%PDF-"
_LONGEST_NAME = 200


def bring_fax(gate: Gate, actor: Actor, wish: FaxWish, name: str, source: BinaryIO) -> str:
    """Take a PDF in as a held fax job of the actor; its number. `name` is the file's own, and becomes the title.

    Raises InvalidInputError for what is no PDF or no fax number, UnavailableError when the spool has no room.
    """
    actor.require(Act.PRINT)
    options = options_of(wish.number, wish.peer, wish.person, wish.level, wish.source_level)
    number_of(wish)
    head = source.read(_HEAD)
    source.seek(0)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(_PDF):
        raise InvalidInputError("The file is no PDF document.", "Save it as PDF and choose that file.")
    envelope = Envelope(
        key=f"{QUEUE}:{secrets.token_hex(16)}",
        attempt="1",
        delivery="1",
        queue=QUEUE,
        user=actor.username,
        account=actor.username,
        title=_title_of(name),
        copies=1,
        channel=Channel.FAX,
        options=options,
        filtered=False,
    )
    try:
        stored = gate.spool.put(source)
    except SpoolError as error:
        raise UnavailableError(
            "The spool takes nothing at the moment.", "Try again in a minute; tell the operator if it stays so."
        ) from error
    try:
        return Receiving(gate).take(envelope, stored).job
    except BaseException:
        gate.spool.destroy(stored.object_id)
        raise


def _title_of(name: str) -> str:
    """The file's name as a title: without folders and `.pdf`."""
    text = one_line(name.replace("\\", "/").rpartition("/")[2]).strip()
    return (text[:-4] if text.lower().endswith(".pdf") else text)[:_LONGEST_NAME]
