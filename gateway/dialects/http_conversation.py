"""One HTTP request to speak, as a conversation: its text comes in, the body of its answer goes out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..conversation import events
from ..conversation.messages import End, Write
from ..errors import BadMessage, GatewayError, Unsupported
from .actions import SendAudio
from .http import CONTEXT
from .socket_protocol import SocketProtocol

if TYPE_CHECKING:
    from ..conversation.actions import SendPackets
    from ..conversation.audio import AudioParameters
    from .http import Speech


class HttpConversation(SocketProtocol):
    """What an HTTP request makes of a conversation: one context, and nothing that could still be asked.

    Args:
        speech: what was asked for.
        now: the time.
        rest: as ``SocketProtocol`` has them. Any: each has the type that it has there.

    Attributes:
        has_sound: sound has come, so the answer may begin.
        is_over: nothing more will come.
        fault: why the answer is not whole; None if it is.
        ignored: wishes that change nothing, by name.
        audio: the sound's parameters, once the context has begun.
    """

    audio: AudioParameters

    def __init__(self, session_id: str, speech: Speech, now: float, **rest: Any) -> None:  # noqa: ANN401 - as said
        self.has_sound = self.is_over = False
        self.fault: GatewayError | None = None
        self.ignored = list(speech.ignored)
        self._body = speech.body
        super().__init__(session_id, now=now, **rest)
        self.conversation.message_received(speech.audio, now)
        self.conversation.message_received(speech.opening, now)

    # -- in ------------------------------------------------------------------------------------------------------------

    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Take the next piece of the text; an empty one ends it."""
        text = str(message)
        self.conversation.message_received(Write(CONTEXT, text) if text else End(CONTEXT), now, most_chars=most_chars)

    def binary_received(self, now: float) -> None:
        """Take a message that no request has."""
        self.conversation.fault_received(BadMessage("a request has no further messages"), now)

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write what the dialect tells of an event, and note how the conversation stands.

        The end is told even if the body has no words for it: whoever writes the answer waits for it.
        """
        match event:
            case events.Fault(error=Unsupported() as unsupported):
                self.ignored.append(unsupported.wish)
            case events.Fault():
                self.fault = self.fault or event.error
            case events.Opened():
                self.audio = event.audio
            case events.Done():
                self.is_over = True
        message = self._body.event(event) if self.fault is None else ""
        return message if message or self.is_over else None

    def write_audio(self, run: SendPackets) -> SendAudio:
        """Write packets as a piece of the body."""
        self.has_sound = True
        return SendAudio(run.context_id, [self._body.audio(run.packets)])
