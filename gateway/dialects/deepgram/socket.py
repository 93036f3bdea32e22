"""What Deepgram's two protocols of a WebSocket share."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from ...errors import CloseCode
from ..actions import SendAudio
from ..json_protocol import JsonProtocol
from ..opening import NO_OPENING
from .parameters import read_stream_query, settings_for

if TYPE_CHECKING:
    from typing import Unpack

    from ...conversation.actions import Close, SendPackets
    from ...conversation.session import SessionSettings
    from ..socket_protocol import Facts


class DeepgramSocket(JsonProtocol):
    """One conversation with a peer that speaks one of them.

    Attributes:
        idle_code: Deepgram's own word for closing an idle connection.
        wanted: what the client asked for when it connected.
    """

    idle_code: ClassVar[str]

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        self.wanted = read_stream_query(facts.get("opening", NO_OPENING).query)
        super().__init__(session_id, settings_for(self.wanted, settings), **facts)

    def write_audio(self, run: SendPackets) -> SendAudio:
        """Write packets as one binary message: raw samples have no bounds that a client must know."""
        return SendAudio(run.context_id, (b"".join([packet.payload for packet in run.packets]),))

    def write_close(self, close: Close) -> Close:
        """Say that a connection was idle without the number that only our own clients know."""
        if close.code == CloseCode.SLOW_OR_IDLE:
            return replace(close, code=CloseCode.INTERNAL, reason=f"{self.idle_code}: {close.reason}")
        return close


def write(kind: str, **fields: object) -> str:
    """Write a message."""
    return json.dumps({"type": kind, **fields})
