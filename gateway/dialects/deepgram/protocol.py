"""The server's side of Deepgram's ``/v1/speak``.

A connection has one stream of text and one of sound, without names for parts of either: the order alone tells a client
which sound belongs to which text. So there is one context at a time. It lasts until the client clears it, or until its
listener has heard all that was written; what the client writes then is a new turn, and begins as fast as a first one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...conversation import events
from ...conversation.actions import Close
from ...conversation.messages import Cancel, End, Flush, Open, Write
from ...errors import FATAL, BadMessage, CloseCode, Unsupported
from ..json_protocol import read_text
from .parameters import request_id
from .socket import DeepgramSocket, write

if TYPE_CHECKING:
    from typing import Unpack

    from ...conversation.session import SessionSettings
    from ..json_protocol import Fields
    from ..socket_protocol import Facts

# Deepgram's own words for what it closes with or warns of.
_BAD_MESSAGE: Final = "DATA-0000"
_BROKEN: Final = "NET-0000"


class DeepgramProtocol(DeepgramSocket):
    """One conversation with a peer that speaks Deepgram's first protocol."""

    idle_code = "NET-0001"

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        super().__init__(session_id, settings, **facts)
        self._context: str | None = None  # the live context's id
        self._begun = 0  # contexts so far
        self._flushes = 0  # flushes so far; each is answered with its number
        self._clears = 0
        self._is_leaving = False  # the peer has said that it writes no more

    # -- in ------------------------------------------------------------------------------------------------------------

    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message; see ``JsonProtocol``."""
        if self._is_leaving:
            return
        match fields.get("type"):
            case "Speak":
                text = read_text(fields, "text")
                if text is None:
                    raise BadMessage("text: a Speak message needs one")
                self._speak(text, now, most_chars)
            case "Flush":
                self._flush(now, most_chars)
            case "Clear":
                self._clear(now)
            case "Close":
                self._leave(now, most_chars)
            case "KeepAlive":  # of Deepgram's other sockets; some clients send it on this one
                pass
            case _:
                raise BadMessage("type: must be one of Speak, Flush, Clear, Close")

    def unreadable(self, fault: BadMessage) -> None:
        """Warn of a message that has no meaning; the connection goes on."""
        self.say(write("Warning", description=str(fault), code=_BAD_MESSAGE))

    def _speak(self, text: str, now: float, most_chars: int | None) -> None:
        obey = self.conversation.message_received
        if self._context is not None and self.conversation.is_heard_out(self._context, now):
            obey(End(self._context), now)
            self._context = None
        if self._context is None:
            self._context = f"speech-{self._begun}"
            self._begun += 1
            wanted = self.wanted
            obey(
                Open(
                    self._context,
                    voice=wanted.model,
                    or_default=True,
                    language=wanted.language,
                    speed=wanted.speed,
                    timestamps="none",
                ),
                now,
            )
            if not self.conversation.is_live(self._context):
                return
        obey(Write(self._context, text), now, most_chars=most_chars)

    def _flush(self, now: float, most_chars: int | None) -> None:
        number, self._flushes = self._flushes, self._flushes + 1
        if self._context is None:
            self.say(_flushed(number))
        else:
            self.conversation.message_received(Flush(self._context, token=number), now, most_chars=most_chars)

    def _clear(self, now: float) -> None:
        if self._context is None:
            self.say(self._cleared())
        else:
            self.conversation.message_received(Cancel(self._context), now)

    def _leave(self, now: float, most_chars: int | None) -> None:
        """Speak what was written, then close: clients send Close right behind their last Flush and wait for the sound.

        A client that goes because it was interrupted closes its socket itself.
        """
        self._is_leaving = True
        if self._context is None:
            self.conversation.close(Close(CloseCode.NORMAL, ""))
        else:
            self.conversation.message_received(End(self._context), now, most_chars=most_chars)

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write an event as JSON; None for what this dialect has no word for."""
        match event:
            case events.Ready():
                return write(
                    "Metadata",
                    request_id=request_id(self.id),
                    model_name=self.wanted.model,
                    model_version="sayline",
                    model_uuid=request_id(self.wanted.model),
                )
            case events.Flushed():
                return _flushed(event.token)
            case events.Done():
                return self._write_done(event)
            case events.Fault():
                return self._write_fault(event)
        return None

    def _write_done(self, event: events.Done) -> str | None:
        if event.context_id != self._context:  # it was heard out, and another has begun
            return None
        self._context = None
        if self._is_leaving:
            self.conversation.close(Close(CloseCode.NORMAL, ""))
        return self._cleared() if event.reason == "cancel" else None

    def _write_fault(self, event: events.Fault) -> str | None:
        if isinstance(event.error, Unsupported):  # a language that its voice does not have; it speaks all the same
            return None
        if isinstance(event.error, FATAL):
            # Deepgram has no message for that: it closes, and clients that wait for their sound connect again.
            self.conversation.close(Close(CloseCode.INTERNAL, f"{_BROKEN}: {event.error}"))
            return None
        return write("Warning", description=str(event.error), code=_BAD_MESSAGE)

    def _cleared(self) -> str:
        number, self._clears = self._clears, self._clears + 1
        return write("Cleared", sequence_id=number)


def _flushed(number: int) -> str:
    return write("Flushed", sequence_id=number)
