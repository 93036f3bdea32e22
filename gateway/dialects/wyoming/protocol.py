"""The server's side of Wyoming: a peer's events become the conversation's messages, its sound becomes events.

Nothing on the wire tells the sounds of two texts apart, so they are spoken one after the other. A peer that wants no
more hangs up; there is no event for that.
"""

from __future__ import annotations

import dataclasses
import json
import math
from typing import TYPE_CHECKING, Any, Final

from ...conversation import events, messages
from ...conversation.actions import Close
from ...errors import WIRE_ERRORS, BadMessage, CloseCode
from ..actions import SendAudio
from ..socket_protocol import SocketProtocol
from .events import Event, write

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ....synthesis.interface import Voice
    from ...conversation.actions import SendPackets
    from ...conversation.session import SessionSettings

# Home Assistant shows where each voice is from.
_ATTRIBUTION: Final = {"name": "Sayline", "url": ""}
_WIDTH_BYTES: Final = 2  # of a sample
_MAX_PING_CHARS: Final = 1024


class WyomingProtocol(SocketProtocol):
    """One conversation with a peer that speaks Wyoming.

    Args:
        session_id: as for every dialect, like all others.
        settings: the same.
        synthesis_rate_hz: also the rate at which the sound is sent, so that nothing is resampled.
        voices: as for every dialect; Home Assistant lets people choose among them.
        options: what other dialects take too.
    """

    def __init__(
        self,
        session_id: str,
        settings: SessionSettings,
        *,
        synthesis_rate_hz: int,
        voices: Callable[[], Sequence[Voice]],
        **options: Any,  # noqa: ANN401 - see SocketProtocol
    ) -> None:
        settings = dataclasses.replace(
            settings,
            default_audio=dataclasses.replace(
                settings.default_audio, format="pcm_s16le", sample_rate_hz=synthesis_rate_hz
            ),
            in_turn=True,
            max_text_bytes=settings.max_context_text_bytes,  # a text that is not streamed comes as one event
            ping_interval_s=math.inf,  # TCP has none, and clients need not answer Wyoming's own
        )
        super().__init__(session_id, settings, voices=voices, synthesis_rate_hz=synthesis_rate_hz, **options)
        self._voices = voices
        self._format = {"rate": synthesis_rate_hz, "width": _WIDTH_BYTES, "channels": 1}
        self._texts = 0  # begun so far; each is a context, whose name is its number
        self._streamed: str | None = None  # the context whose text comes in pieces
        self._wants_stopped: set[str] = set()  # contexts whose text came in pieces
        self._audible: str | None = None  # the context whose ``audio-start`` was sent last

    # -- in ------------------------------------------------------------------------------------------------------------

    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Take an event that comes as JSON of its own, without the blocks of bytes."""
        fields = json.loads(message)
        self.event_received(Event(fields["type"], fields.get("data") or {}), now, most_chars=most_chars)

    def binary_received(self, now: float) -> None:
        """Refuse what no transport of Wyoming's can bring."""
        self.conversation.fault_received(BadMessage("an event begins with a line of JSON"), now)

    def event_received(self, event: Event, now: float, *, most_chars: int | None = None) -> None:
        """Take an event; those that concern other services are ignored, as the protocol has it."""
        data = event.data
        match event.type:
            case "describe":
                self.say(_text("info", self._info()))
            case "ping":
                self.say(_text("pong", {"text": str(data.get("text") or "")[:_MAX_PING_CHARS]}))
            case "synthesize-start":
                self._end(now)  # of a text before it, if that was not stopped
                self._streamed = self._open(data, now)
                self._wants_stopped.add(self._streamed)
            case "synthesize-chunk":
                if self._streamed is not None:
                    self._write(self._streamed, data, now, most_chars)
            case "synthesize-stop":
                self._end(now)
            case "synthesize":
                if self._streamed is None:  # otherwise it repeats the text that came in pieces, for older servers
                    context_id = self._open(data, now)
                    self._write(context_id, data, now, most_chars)
                    self.conversation.message_received(messages.End(context_id), now)

    def unreadable(self, fault: BadMessage, now: float) -> None:
        """Give up a peer whose bytes are no events: nobody knows where the next one would begin."""
        self.conversation.fault_received(fault, now)
        self.conversation.close(Close(CloseCode.POLICY, "this is not Wyoming"))

    def _open(self, data: dict[str, Any], now: float) -> str:
        context_id = str(self._texts)
        self._texts += 1
        wish = data.get("voice")
        wish = wish if isinstance(wish, dict) else {}
        name, language = _text_or_none(wish.get("name")), _text_or_none(wish.get("language"))
        self.conversation.message_received(
            messages.Open(context_id, voice=name or self._voice_of(language), language=language), now
        )
        return context_id

    def _write(self, context_id: str, data: dict[str, Any], now: float, most_chars: int | None) -> None:
        text = data.get("text")
        if isinstance(text, str):
            text = text.encode(errors="replace").decode()  # JSON may hold halves of surrogate pairs, which are no text
            self.conversation.message_received(messages.Write(context_id, text), now, most_chars=most_chars)
        else:
            self.conversation.fault_received(BadMessage("text: is no text"), now, context_id)

    def _end(self, now: float) -> None:
        if self._streamed is not None:
            context_id, self._streamed = self._streamed, None
            self.conversation.message_received(messages.End(context_id), now)

    def _voice_of(self, language: str | None) -> str | None:
        """Find a voice of a language; None for the default voice, which may speak it too."""
        if language is None:
            return None
        wanted = language.replace("_", "-").lower()
        spoken = [voice.name for voice in self._voices() if wanted in map(str.lower, voice.languages)]
        return spoken[0] if spoken else None

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write what clients can learn: that a text is over, and what went wrong."""
        match event:
            case events.Done():
                begun = "" if self._audible == event.context_id else self._audio_start(event.context_id)
                stopped = _text("synthesize-stopped") if event.context_id in self._wants_stopped else ""
                self._wants_stopped.discard(event.context_id)
                if self._streamed == event.context_id:  # it failed while its text still comes
                    self._streamed = None
                return begun + _text("audio-stop") + stopped
            case events.Fault():
                return _text("error", {"text": str(event.error), "code": WIRE_ERRORS[type(event.error)].code})
        return None

    def write_audio(self, run: SendPackets) -> SendAudio:
        """Write packets as one event, behind the event that announces a text's first sound."""
        sound = write("audio-chunk", self._format, b"".join(packet.payload for packet in run.packets))
        if run.sequence == 0:
            return SendAudio(run.context_id, [self._audio_start(run.context_id).encode(), sound])
        return SendAudio(run.context_id, [sound])

    def _audio_start(self, context_id: str) -> str:
        self._audible = context_id
        return _text("audio-start", self._format)

    def _info(self) -> dict[str, Any]:
        voices = [
            {
                "name": voice.name,
                "description": voice.description or voice.name,
                "attribution": _ATTRIBUTION,
                "installed": True,
                "version": None,
                "languages": list(voice.languages),
                "speakers": None,
            }
            for voice in self._voices()
        ]
        program = {
            "name": "sayline",
            "description": "Sayline voice gateway",
            "attribution": _ATTRIBUTION,
            "installed": True,
            "version": None,
            "voices": voices,
            "supports_synthesize_streaming": True,
        }
        return {"tts": [program], "asr": [], "handle": [], "intent": [], "wake": [], "mic": [], "snd": []}


def _text(kind: str, data: dict[str, Any] | None = None) -> str:
    return write(kind, data).decode()


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
