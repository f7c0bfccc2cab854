"""IPP's wire format (RFC 8010): encode requests, decode answers. Bounded: hostile bytes end in PrinterProtocolError."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.printers.interface import PrinterProtocolError

VERSION = (2, 0)
OPERATION_GROUP, JOB_GROUP, END_GROUP, PRINTER_GROUP, UNSUPPORTED_GROUP = 0x01, 0x02, 0x03, 0x04, 0x05
INTEGER, BOOLEAN, ENUM = 0x21, 0x22, 0x23
OCTETS, DATE_TIME, RESOLUTION, RANGE, BEGIN_COLLECTION, END_COLLECTION = 0x30, 0x31, 0x32, 0x33, 0x34, 0x37
TEXT_WITH_LANGUAGE, NAME_WITH_LANGUAGE, TEXT, NAME, KEYWORD, URI = 0x35, 0x36, 0x41, 0x42, 0x44, 0x45
CHARSET, LANGUAGE, MIME_TYPE, MEMBER_NAME = 0x47, 0x48, 0x49, 0x4A
OUT_OF_BAND = range(0x10, 0x20)

PRINT_JOB, CREATE_JOB, SEND_DOCUMENT, CANCEL_JOB, GET_JOB_ATTRIBUTES, GET_JOBS, GET_PRINTER_ATTRIBUTES = (
    0x02,
    0x05,
    0x06,
    0x08,
    0x09,
    0x0A,
    0x0B,
)
NOT_FOUND = 0x0406
MOST_BYTES = 4 << 20
DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute to send: value tag, name, values (int, bool, str or bytes by tag)."""

    tag: int
    name: str
    values: tuple[Any, ...]


@dataclass(slots=True)
class Answer:
    """A decoded answer; `groups` are (group tag, {name: list of values}) in order."""

    status: int
    request_id: int
    groups: list[tuple[int, dict[str, list[Any]]]] = field(default_factory=list)

    def all(self, group: int) -> list[dict[str, list[Any]]]:
        """Every group of this kind."""
        return [attributes for tag, attributes in self.groups if tag == group]

    def first(self, group: int) -> Mapping[str, list[Any]]:
        """The first group of this kind, empty when there is none."""
        return next(iter(self.all(group)), {})

    @property
    def ok(self) -> bool:
        """Whether the status is one of the successful ones."""
        return self.status < 0x0100


def encode_request(operation: int, request_id: int, groups: Iterable[tuple[int, Iterable[Attribute]]]) -> bytes:
    """The bytes of a request, up to where document data may follow."""
    out = bytearray(struct.pack(">BBHI", *VERSION, operation, request_id))
    for group, attributes in groups:
        out.append(group)
        for attribute in attributes:
            for position, value in enumerate(attribute.values):
                name = attribute.name.encode() if position == 0 else b""
                content = _encode_value(attribute.tag, value)
                out += struct.pack(">BH", attribute.tag, len(name)) + name + struct.pack(">H", len(content)) + content
    out.append(END_GROUP)
    return bytes(out)


def _encode_value(tag: int, value: Any) -> bytes:
    if tag in (INTEGER, ENUM):
        return struct.pack(">i", value)
    if tag == BOOLEAN:
        return bytes([bool(value)])
    return value if isinstance(value, bytes) else str(value).encode()


class _Reader:
    """Bytes with a cursor that never runs over the end."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._at = 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        end = self._at + count
        if end > len(self._content):
            raise PrinterProtocolError("The device's answer is cut.", "Look at the device.", in_doubt=True)
        piece = self._content[self._at : end]
        self._at = end
        return piece

    def u8(self) -> int:
        """One byte."""
        return self.take(1)[0]

    def u16(self) -> int:
        """Two bytes, big-endian."""
        return int.from_bytes(self.take(2), "big")

    def value(self) -> tuple[int, str, bytes]:
        """Tag, name and content of one attribute value."""
        tag = self.u8()
        name = self.take(self.u16()).decode("utf-8", "replace")
        return tag, name, self.take(self.u16())

    def peek(self) -> int:
        """The next byte without moving."""
        byte = self.u8()
        self._at -= 1
        return byte


def decode_answer(content: bytes) -> Answer:
    """Read an answer. Raises PrinterProtocolError for anything that is not one."""
    if len(content) > MOST_BYTES:
        raise PrinterProtocolError("The device's answer is too long.", "Look at the device.", in_doubt=True)
    reader = _Reader(content)
    reader.take(2)
    answer = Answer(reader.u16(), int.from_bytes(reader.take(4), "big"))
    while (tag := reader.u8()) != END_GROUP:
        if tag >= 0x10:
            raise PrinterProtocolError("The device's answer is not IPP.", "Look at the device.", in_doubt=True)
        answer.groups.append((tag, _decode_group(reader)))
    return answer


def _decode_group(reader: _Reader) -> dict[str, list[Any]]:
    attributes: dict[str, list[Any]] = {}
    last = ""
    while reader.peek() >= 0x10:
        tag, name, content = reader.value()
        last = name or last
        value = _decode_collection(reader, 1) if tag == BEGIN_COLLECTION else _decode_value(tag, content)
        attributes.setdefault(last, []).append(value)
    return attributes


def _decode_collection(reader: _Reader, depth: int) -> dict[str, list[Any]]:
    if depth > DEEPEST:
        raise PrinterProtocolError("The device's answer is nested too deep.", "Look at the device.", in_doubt=True)
    members: dict[str, list[Any]] = {}
    last = ""
    while True:
        tag, _, content = reader.value()
        if tag == END_COLLECTION:
            return members
        if tag == MEMBER_NAME:
            last = content.decode("utf-8", "replace")
            continue
        value = _decode_collection(reader, depth + 1) if tag == BEGIN_COLLECTION else _decode_value(tag, content)
        members.setdefault(last, []).append(value)


def _decode_value(tag: int, content: bytes) -> Any:
    if tag in OUT_OF_BAND:
        return None
    if tag in (INTEGER, ENUM):
        return struct.unpack(">i", _of(content, 4))[0]
    if tag == BOOLEAN:
        return _of(content, 1) != b"\0"
    if tag == RANGE:
        return struct.unpack(">ii", _of(content, 8))
    if tag == RESOLUTION:
        return struct.unpack(">iib", _of(content, 9))
    if tag in (TEXT_WITH_LANGUAGE, NAME_WITH_LANGUAGE):
        inner = _Reader(content)
        inner.take(inner.u16())
        return inner.take(inner.u16()).decode("utf-8", "replace")
    return content if tag in (OCTETS, DATE_TIME) else content.decode("utf-8", "replace")


def _of(content: bytes, length: int) -> bytes:
    if len(content) != length:
        raise PrinterProtocolError("A value in the device's answer has the wrong length.", "Look at the device.", in_doubt=True)
    return content
