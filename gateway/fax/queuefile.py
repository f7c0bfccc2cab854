"""HylaFAX' queue files `sendq/qN` and `doneq/qN` (sendq(5F)): lines of `name:value`, documents among them."""

from __future__ import annotations

from dataclasses import dataclass

STATE_DONE, STATE_FAILED, STATE_ACTIVE = 7, 8, 6
_KINDS = ("fax", "tiff", "pdf", "postscript", "pcl", "data")


@dataclass(frozen=True, slots=True)
class QueueFile:
    """One job as HylaFAX has it. `documents` are what the user gave, without converted copies."""

    fields: dict[str, str]
    documents: tuple[str, ...]
    converted: tuple[str, ...]

    @classmethod
    def read(cls, content: bytes) -> QueueFile:
        """Whatever is in the file; fields that are missing read as empty or 0. Bytes that are no UTF-8 become question marks."""
        fields: dict[str, str] = {}
        given: list[str] = []
        converted: list[str] = []
        for line in content.decode("utf-8", "replace").splitlines():
            name, colon, value = line.partition(":")
            kind, parts = name.removeprefix("!"), value.split(":", 2)
            if not colon:
                continue
            if kind in _KINDS and len(parts) == 3:
                (converted if kind == "fax" and ";" in parts[2] else given).append(parts[2])
            else:
                fields.setdefault(name, value)
        return cls(fields, tuple(given), tuple(converted))

    def text(self, name: str) -> str:
        """A field; empty when it is not there."""
        return self.fields.get(name, "")

    def count(self, name: str) -> int:
        """A field that is a number; 0 when it is not there or none."""
        value = self.text(name)
        return int(value) if value.isascii() and value.isdigit() else 0

    @property
    def has_ended(self) -> bool:
        """Whether HylaFAX does no more for this job."""
        return self.count("state") in (STATE_DONE, STATE_FAILED)
