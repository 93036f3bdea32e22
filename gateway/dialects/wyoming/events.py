"""Wyoming's events as bytes: a line of JSON, then a block of more JSON, then a payload; each block may be missing."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import BadMessage

# What the protocol's own package calls the version that this was written against.
VERSION: Final = "1.10.2"
# The longest text of a context is twice this by default, and comes as one event only from a client that cuts nothing.
MAX_JSON_BYTES: Final = 128 * 1024


@dataclass(frozen=True, slots=True)
class Event:
    """One event, without its payload: what clients of speech send has none that matters here. Any: JSON."""

    type: str
    data: dict[str, Any] = field(default_factory=dict)


class EventReader:
    """Makes events of a peer's bytes, however these are cut."""

    def __init__(self) -> None:
        self._came = bytearray()
        self._searched = 0  # bytes in which there is no end of a line
        self._begun: Event | None = None  # its line has come, and not yet its block of JSON
        self._json_bytes = 0  # in that block
        self._payload_bytes = 0  # behind it, all to be dropped

    def receive(self, data: bytes) -> list[Event]:
        """Take bytes; returns the events that are complete.

        Raises:
            BadMessage: this is not Wyoming, and what follows cannot be read either.
        """
        self._came += data
        events = []
        while (event := self._next()) is not None:
            events.append(event)
        return events

    def _next(self) -> Event | None:
        if self._begun is None:
            self._drop_payload()
            if self._payload_bytes or not self._read_line():
                return None
        assert self._begun is not None  # noqa: S101 - just read
        if len(self._came) < self._json_bytes:
            return None
        event, self._begun = self._begun, None
        if self._json_bytes:
            more = _object(bytes(self._came[: self._json_bytes]))
            del self._came[: self._json_bytes]
            event = Event(event.type, event.data | more)
        return event

    def _drop_payload(self) -> None:
        dropped = min(self._payload_bytes, len(self._came))
        del self._came[:dropped]
        self._payload_bytes -= dropped

    def _read_line(self) -> bool:
        end = self._came.find(b"\n", self._searched)
        if (len(self._came) if end < 0 else end) > MAX_JSON_BYTES:
            raise BadMessage(f"a line of more than {MAX_JSON_BYTES} bytes")
        if end < 0:
            self._searched = len(self._came)
            return False
        header = _object(bytes(self._came[:end]))
        del self._came[: end + 1]
        self._searched = 0
        kind, inline = header.get("type"), header.get("data")
        inline = {} if inline is None else inline
        if not isinstance(kind, str) or not isinstance(inline, dict):
            raise BadMessage("an event has a type, which is text, and data, which is an object")
        self._json_bytes = _length(header, "data_length")
        if self._json_bytes > MAX_JSON_BYTES:
            raise BadMessage(f"data of more than {MAX_JSON_BYTES} bytes")
        self._payload_bytes = _length(header, "payload_length")
        self._begun = Event(kind, inline)
        return True


def _object(text: bytes) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise BadMessage("this is no JSON; Wyoming's events are") from None
    if not isinstance(value, dict):
        raise BadMessage("an event is a JSON object")
    return value


def _length(header: dict[str, Any], name: str) -> int:
    length = header.get(name)
    if length is None:
        return 0
    if not isinstance(length, int) or isinstance(length, bool) or length < 0:
        raise BadMessage(f"{name} is no length")
    return length


def write(kind: str, data: dict[str, Any] | None = None, payload: bytes = b"") -> bytes:
    """Write an event, its data in a block of its own as the protocol's own package does."""
    header: dict[str, object] = {"type": kind, "version": VERSION}
    block = json.dumps(data).encode() if data else b""
    if block:
        header["data_length"] = len(block)
    if payload:
        header["payload_length"] = len(payload)
    return json.dumps(header).encode() + b"\n" + block + payload
