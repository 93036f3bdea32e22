"""What dialects share whose messages are JSON objects and whose sound is base64 inside them."""

from __future__ import annotations

import json
from abc import abstractmethod
from binascii import b2a_base64
from typing import TYPE_CHECKING, Any

from ..errors import BadMessage
from .socket_protocol import SocketProtocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..conversation.audio import Packet

# A message's fields. Any: what JSON can hold.
Fields = dict[str, Any]


class JsonProtocol(SocketProtocol):
    """One conversation with a peer that speaks JSON."""

    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Read a JSON object; see ``SocketProtocol``."""
        try:
            self.fields_received(read_object(message), now, most_chars)
        except BadMessage as fault:
            self.unreadable(fault)

    def binary_received(self, now: float) -> None:  # noqa: ARG002 - of no message
        """Take a binary message: clients have none to send."""
        self.unreadable(BadMessage("clients send JSON text messages, never binary ones"))

    @abstractmethod
    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Give the conversation what a message means; ``most_chars`` goes with all of it.

        Raises:
            BadMessage: it has no meaning.
        """

    @abstractmethod
    def unreadable(self, fault: BadMessage) -> None:
        """Answer a message that has no meaning."""


def read_object(message: str | bytes) -> Fields:
    """Read a JSON object.

    Raises:
        BadMessage: it is none; the text never repeats what the client sent.
    """
    try:
        fields = json.loads(message)
    except (ValueError, RecursionError) as exc:
        raise BadMessage("a message is a JSON object") from exc
    if not isinstance(fields, dict):
        raise BadMessage("a message is a JSON object")
    return fields


def read_text(fields: Fields, name: str) -> str | None:
    """Read a text field; None if it is not there, or null.

    A character beyond the basic plane is two halves in JSON, and a client that cuts a text may cut between them. Half a
    character becomes a replacement mark.

    Raises:
        BadMessage: it is no text.
    """
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadMessage(f"{name} is text")
    if not value.isascii() and any("\ud800" <= char <= "\udfff" for char in value):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


def read_flag(fields: Fields, name: str) -> bool:
    """Read a field that is true or not there."""
    return fields.get(name) is True


def base64_of(packets: Sequence[Packet]) -> str:
    """Write packets as one base64 text: the bytes of a stream, cut anywhere."""
    return b2a_base64(b"".join([packet.payload for packet in packets]), newline=False).decode()
