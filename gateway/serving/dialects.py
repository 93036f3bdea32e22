"""The dialects that clients may speak over a WebSocket, each at a path of its own: the one list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL
from ..dialects.tts_v1.protocol import TtsV1Protocol

if TYPE_CHECKING:
    from ..dialects.socket_protocol import SocketProtocol


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect.

    Attributes:
        subprotocol: what a client offers in its handshake, and the server confirms.
        protocol: reads and writes it; made for each connection.
    """

    subprotocol: str
    protocol: type[SocketProtocol]


# Path -> what is spoken there.
DIALECTS: Final[dict[str, Dialect]] = {
    ENDPOINT: Dialect(SUBPROTOCOL, TtsV1Protocol),
}
