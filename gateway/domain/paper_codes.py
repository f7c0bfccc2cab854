"""What stands in the QR codes on paper: three types, told apart by their first two letters (DESIGN.md §7).

`IC` a copy: opaque, with a MAC; `IP` a permit slip: the permit's number, a claim like the number typed by hand; `IK` a checkpoint
slip: the signed statement of the ledger's head, whole, so that paper alone can prove it. All fit QR's alphanumeric mode.
"""

from __future__ import annotations

import hashlib
import hmac

COPY, PERMIT_SLIP, CHECKPOINT = "IC", "IP", "IK"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def copy_code(key: bytes, code_id: str) -> str:
    """A copy's code: type, 60-bit id, 64-bit MAC, 27 characters; nothing about the document in it.

    `code_id` is the id in hexadecimal, `key` the gateway's code key.
    """
    body = COPY[1] + _base32(int(code_id, 16), 12)
    mac = hmac.new(key, b"imprimatur.code.v1\n" + body.encode(), hashlib.sha256).digest()[:8]
    return COPY[0] + body + _base32(int.from_bytes(mac), 13)


def permit_slip_code(permit_no: str) -> str:
    """A permit slip's code. Wherever a permit number is read, this is read as that number."""
    return PERMIT_SLIP + permit_no


def _base32(number: int, length: int) -> str:
    return "".join(_ALPHABET[(number >> (5 * i)) & 31] for i in reversed(range(length)))


def read_copy_code(key: bytes, text: str) -> str | None:
    """The id (15 hexadecimal digits) in a copy's code as scanned; None when it is none, or not one of ours."""
    compact = text.strip().upper()
    if len(compact) != 27 or not compact.startswith(COPY) or any(letter not in _ALPHABET for letter in compact[2:]):
        return None
    code_id = f"{_number(compact[2:14]):015x}"
    return code_id if hmac.compare_digest(copy_code(key, code_id), compact) else None


def _number(digits: str) -> int:
    number = 0
    for digit in digits:
        number = number * 32 + _ALPHABET.index(digit)
    return number
