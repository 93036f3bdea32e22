"""The server's side of Cartesia's ``/tts/websocket``.

A context here is a context of the conversation. Cartesia's clients may use an id again once its context is done; the
conversation uses each id once, so a second use gets a name of its own.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ...conversation import events
from ...conversation.messages import Cancel, End, Flush, Write
from ...errors import (
    FATAL,
    BadMessage,
    CloseCode,
    GatewayError,
    Overloaded,
    SpeechFailed,
    TooManyContexts,
    UnknownVoice,
    Unsupported,
)
from ..actions import SendText
from ..json_protocol import JsonProtocol, base64_of
from .errors import describe
from .messages import opening_of, read_generation
from .tags import TagReader
from .words import SignedWords

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Unpack

    from ...conversation.actions import Close, SendPackets
    from ...conversation.messages import Message
    from ...conversation.session import SessionSettings
    from ..actions import SendAudio
    from ..json_protocol import Fields
    from ..socket_protocol import Facts
    from .messages import Generation

# Cartesia closes an idle connection after five minutes, and its clients have no message to keep one open.
_IDLE_S: Final = 300.0
# Ids of contexts that are over: as many as the conversation remembers.
_REMEMBERED_IDS: Final = 4096
_MOST_ID_CHARS: Final = 512  # Cartesia's clients use a UUID
_STATUS: Final[dict[type[GatewayError], HTTPStatus]] = {
    UnknownVoice: HTTPStatus.NOT_FOUND,
    SpeechFailed: HTTPStatus.INTERNAL_SERVER_ERROR,
    Overloaded: HTTPStatus.SERVICE_UNAVAILABLE,
    TooManyContexts: HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(slots=True)
class _Context:
    """One live context of the peer.

    Attributes:
        peer_s_id: the id that the peer gave it.
        quoted_id: the same as JSON.
        tags: reads its transcript.
        words: writes its word times.
        speaks_each_message: the peer decides where to cut: each message is spoken as it comes.
        is_ended: the peer has said that no more text comes.
        flushes: how often the peer has flushed it.
        flush_id: how many of these are done, and one: what its sound is numbered by.
    """

    peer_s_id: str
    speaks_each_message: bool
    tags: TagReader = field(default_factory=TagReader)
    words: SignedWords = field(default_factory=SignedWords)
    is_ended: bool = False
    flushes: int = 0
    flush_id: int = 1
    quoted_id: str = ""

    def __post_init__(self) -> None:
        self.quoted_id = json.dumps(self.peer_s_id)


class CartesiaProtocol(JsonProtocol):
    """One conversation with a peer that speaks Cartesia's protocol."""

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        # LiveKit reads a connection, and so answers pings, only while it waits for a speech on it.
        settings = replace(settings, idle_s=max(settings.idle_s, _IDLE_S), needs_pongs=False)
        super().__init__(session_id, settings, **facts)
        self._contexts: dict[str, _Context] = {}  # live ones, by the conversation's ids
        self._live: dict[str, str] = {}  # the peer's ids of live contexts -> the conversation's
        self._over: OrderedDict[str, bool] = OrderedDict()  # the peer's ids of others -> whether it was cancelled
        self._used_again = 0

    # -- in ------------------------------------------------------------------------------------------------------------

    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message; see ``JsonProtocol``."""
        peer_s_id = fields.get("context_id")
        if not isinstance(peer_s_id, str) or not 0 < len(peer_s_id) <= _MOST_ID_CHARS:
            raise BadMessage(f"context_id: every message needs one, of 1 to {_MOST_ID_CHARS} characters")
        if fields.get("cancel") is True:  # a stop is obeyed whatever else is in its message
            self._cancel(peer_s_id, now)
            return
        try:
            self._generate(peer_s_id, read_generation(fields), now, most_chars)
        except BadMessage as fault:
            self.conversation.fault_received(fault, now, self._live.get(peer_s_id, peer_s_id))

    def unreadable(self, fault: BadMessage) -> None:
        """Answer a message that has no meaning; the connection goes on."""
        self.say(self._error(None, fault, is_done=True))

    def _cancel(self, peer_s_id: str, now: float) -> None:
        if (name := self._live.get(peer_s_id)) is not None:
            self.conversation.message_received(Cancel(name), now)
        else:  # over, or never begun: text that comes later belongs to what was interrupted
            self._remember(peer_s_id, is_cancelled=True)

    def _generate(self, peer_s_id: str, request: Generation, now: float, most_chars: int | None) -> None:
        name = self._live.get(peer_s_id)
        transcript = request.transcript or ""
        if name is None:
            if self._over.get(peer_s_id) or (peer_s_id in self._over and not transcript.strip()):
                return  # it crossed with a cancel, or ends what has ended
            name = self._open(peer_s_id, request, now)
            if name is None:
                return
        context = self._contexts[name]
        if context.is_ended:
            if transcript.strip():
                fault = BadMessage("transcript: this context was ended by a message without continue")
                self.conversation.fault_received(fault, now, name)
            return
        context.is_ended = not request.is_continued
        for wish in self._wishes(name, context, request, transcript):
            self.conversation.message_received(wish, now, most_chars=most_chars)

    @staticmethod
    def _wishes(name: str, context: _Context, request: Generation, transcript: str) -> Iterator[Message]:
        """Say what a message asks of its context."""
        text = context.tags.feed(transcript)
        if context.is_ended or request.flush or context.speaks_each_message:
            text += context.tags.finish()
        yield Write(name, text)
        if request.flush:
            context.flushes += 1
            yield Flush(name, token=context.flushes)
        elif context.speaks_each_message and not context.is_ended:
            yield Flush(name)
        if context.is_ended:
            yield End(name)

    def _open(self, peer_s_id: str, request: Generation, now: float) -> str | None:
        """Begin a context; None if the conversation takes no more.

        Raises:
            BadMessage: its first message does not say how it is to sound.
        """
        audio = request.raw_audio()
        name = peer_s_id
        if peer_s_id in self._over:
            self._used_again += 1
            name = f"{peer_s_id} {self._used_again}"
        context = _Context(peer_s_id, speaks_each_message=request.max_buffer_delay_ms == 0)
        context.tags.feed(request.transcript or "")
        manner, context.tags = context.tags.manner, TagReader()
        self._contexts[name] = context
        self._live[peer_s_id] = name
        self.conversation.message_received(replace(opening_of(name, request, manner), audio=audio), now)
        return name if self.conversation.is_live(name) else None

    def _remember(self, peer_s_id: str, *, is_cancelled: bool) -> None:
        self._over[peer_s_id] = is_cancelled
        while len(self._over) > _REMEMBERED_IDS:
            self._over.popitem(last=False)

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write an event as JSON; None for what this dialect has no word for."""
        match event:
            case events.SegmentStarted():
                self._contexts[event.context_id].words.begin(event)
            case events.Words():
                return self._write_words(event)
            case events.Flushed():
                context = self._contexts[event.context_id]
                context.flush_id = event.token + 1
                return (
                    f'{{"type":"flush_done","context_id":{context.quoted_id},"done":false,"flush_done":true,'
                    f'"flush_id":{event.token},"status_code":206}}'
                )
            case events.Done():
                return self._write_done(event)
            case events.Fault():
                return self._write_fault(event)
        return None

    def write_audio(self, run: SendPackets) -> SendAudio | SendText:
        """Write packets as one chunk of sound."""
        context = self._contexts[run.context_id]
        return SendText(
            f'{{"type":"chunk","context_id":{context.quoted_id},"data":"{base64_of(run.packets)}","done":false,'
            f'"status_code":206,"step_time":0,"flush_id":{context.flush_id}}}',
            run.context_id,
        )

    def write_close(self, close: Close) -> Close:
        """Say as Cartesia does that a connection was idle: its clients connect again without a complaint."""
        if close.code == CloseCode.SLOW_OR_IDLE and close.reason == "idle":
            return replace(close, code=CloseCode.NORMAL, reason="connection idle timeout")
        return close

    def _write_words(self, event: events.Words) -> str:
        context = self._contexts[event.context_id]
        return (
            f'{{"type":"timestamps","context_id":{context.quoted_id},"done":false,"status_code":206,'
            f'"flush_id":{context.flush_id},"word_timestamps":{json.dumps(context.words.times(event))}}}'
        )

    def _write_done(self, event: events.Done) -> str | None:
        context = self._contexts.pop(event.context_id, None)
        if context is None:  # a fault has said so
            return None
        self._forget(context, is_cancelled=event.reason == "cancel")
        return f'{{"type":"done","context_id":{context.quoted_id},"done":true,"status_code":200}}'

    def _write_fault(self, event: events.Fault) -> str | None:
        if isinstance(event.error, Unsupported):  # these clients wish for what their own models do
            return None
        context = self._contexts.get(event.context_id or "")
        is_fatal = context is None or isinstance(event.error, FATAL)
        if context is not None and is_fatal:
            del self._contexts[event.context_id or ""]
            self._forget(context, is_cancelled=True)  # what follows belongs to what could not be spoken
        return self._error(event.context_id if context is None else context.peer_s_id, event.error, is_done=is_fatal)

    def _error(self, peer_s_id: str | None, error: GatewayError, *, is_done: bool) -> str:
        status = _STATUS.get(type(error), HTTPStatus.BAD_REQUEST)
        fields = {"type": "error", "context_id": peer_s_id, "done": is_done}
        return json.dumps(fields | describe(status, str(error), self.id))

    def _forget(self, context: _Context, *, is_cancelled: bool) -> None:
        del self._live[context.peer_s_id]
        self._remember(context.peer_s_id, is_cancelled=is_cancelled)
