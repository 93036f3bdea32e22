"""The server's side of Deepgram's ``/v2/speak``: turns, one heard after the other, and reports of what was interrupted.

A turn is a context of the conversation. ``SpeechStarted`` comes before its first sound and ``SpeechMetadata`` behind
its last, so a client knows whose sound the binary messages in between hold.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ...conversation import events
from ...conversation.actions import Close
from ...conversation.messages import Cancel, End, Open, Write
from ...errors import FATAL, BadMessage, CloseCode, Unsupported
from ..json_protocol import read_text
from .parameters import read_speed, request_id
from .socket import DeepgramSocket, write

if TYPE_CHECKING:
    from typing import Unpack

    from ...conversation.session import SessionSettings
    from ..json_protocol import Fields
    from ..socket_protocol import Facts

# Controls inside a text, which this gateway has none of.
_CONTROLS: Final = {"pronunciations_applied": 0, "breaks_applied": 0, "pronunciation_warnings": 0}
_MOST_OFFSET_MS: Final = 1e10  # what is more is no time that anybody listened


@dataclass(slots=True)
class _Turn:
    """A turn that is not over; ``chars`` is how much text it has."""

    has_started: bool = False
    chars: int = 0


class FluxProtocol(DeepgramSocket):
    """One conversation with a peer that speaks Deepgram's second protocol."""

    idle_code = "NET-0004"

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        super().__init__(session_id, replace(settings, in_turn=True), **facts)
        self._speed = self.wanted.speed
        self._turns: dict[str, _Turn] = {}  # oldest first: the first is the one that is heard
        self._open: str | None = None  # the turn that text is added to
        self._begun = 0
        self._heard_ms = 0.0  # sound of the turns that are over, as far as it was heard; offsets count from its start
        self._offset_ms: float | None = None  # what the interruption that is being obeyed says was heard
        self._chars = 0  # text of all turns
        self._is_leaving = False

    # -- in ------------------------------------------------------------------------------------------------------------

    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message; see ``JsonProtocol``."""
        if self._is_leaving:
            return
        match fields.get("type"):
            case "Speak":
                self._speak(fields, now, most_chars)
            case "Flush":
                self._flush(now)
            case "Interrupt":
                self._interrupt(_offset_ms(fields), now)
            case "Configure":
                self._configure(fields)
            case "Close":
                self._leave(now)
            case "KeepAlive":  # of Deepgram's other sockets; some clients send it on this one
                pass
            case _:
                raise BadMessage("type: must be one of Speak, Flush, Interrupt, Configure, Close")

    def unreadable(self, fault: BadMessage) -> None:
        """Warn of a message that has no meaning; the connection goes on."""
        self.say(write("Warning", code="INVALID_MESSAGE", description=str(fault)))

    def _speak(self, fields: Fields, now: float, most_chars: int | None) -> None:
        text = read_text(fields, "text")
        if text is None:
            raise BadMessage("text: a Speak message needs one")
        if self._open is None:
            name = self._open = self._new_speech_id()
            self._turns[name] = _Turn()
            wanted = self.wanted
            opening = Open(name, voice=wanted.model, or_default=True, language=wanted.language, speed=self._speed)
            self.conversation.message_received(opening, now)
        if self.conversation.is_live(self._open):
            self._turns[self._open].chars += len(text)
            self.conversation.message_received(Write(self._open, text), now, most_chars=most_chars)

    def _flush(self, now: float) -> None:
        if self._open is None:
            self._warn_idle("Flush")
        else:
            name, self._open = self._open, None
            self.conversation.message_received(End(name), now)

    def _interrupt(self, offset_ms: float | None, now: float) -> None:
        if not self._turns:
            self._warn_idle("Interrupt")
        self._open = None
        self._offset_ms = offset_ms
        played_ms = None if offset_ms is None else max(0.0, offset_ms - self._heard_ms)
        for place, name in enumerate(list(self._turns)):  # of those behind the first nothing was heard
            self.conversation.message_received(Cancel(name, played_ms if place == 0 else 0.0), now)

    def _configure(self, fields: Fields) -> None:
        try:
            self._speed = read_speed(fields.get("speed"))
        except BadMessage as fault:
            failure = {"code": "SPEED_OUT_OF_RANGE", "field": "speed", "description": str(fault)}
            self.say(write("ConfigureFailure", **failure))
        else:
            self.say(write("ConfigureSuccess", applied={"speed": self._speed}))

    def _leave(self, now: float) -> None:
        """Speak what was written, then close: clients send Close right behind their last Flush and wait for the sound.

        A client that goes because it was interrupted closes its socket itself.
        """
        self._is_leaving = True
        if self._open is not None:
            self._flush(now)
        self._close_if_all_is_said()

    def _close_if_all_is_said(self) -> None:
        if self._is_leaving and not self._turns:
            totals = {"total_input_character_count": self._chars, "total_billable_character_count": self._chars}
            self.say(write("SessionMetadata", total_audio_duration_ms=round(self._heard_ms), **totals))
            self.conversation.close(Close(CloseCode.NORMAL, ""))

    def _warn_idle(self, kind: str) -> None:
        self.say(write("Warning", code="NO_ACTIVE_SPEECH", description=f"{kind}: no turn is under way"))

    def _new_speech_id(self) -> str:
        digest = sha256(f"{self.id} {self._begun}".encode()).hexdigest()
        self._begun += 1
        return f"dg_sp_{digest[:12]}"

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write an event as JSON; what takes several messages is said here, in order."""
        match event:
            case events.Ready():
                return write(
                    "Connected",
                    request_id=request_id(self.id),
                    model_name=self.wanted.model,
                    model_version="sayline",
                    model_uuids=[request_id(self.wanted.model)],
                )
            case events.SegmentStarted():
                if event.segment.spoken.strip():
                    self._start(event.context_id, self._turns[event.context_id])
            case events.Done():
                self._turn_done(event)
            case events.Fault():
                self._tell_fault(event)
        return None

    def _start(self, name: str, turn: _Turn) -> None:
        if not turn.has_started:
            turn.has_started = True
            self.say(write("SpeechStarted", speech_id=name))

    def _turn_done(self, event: events.Done) -> None:
        name, turn = event.context_id, self._turns.pop(event.context_id)
        if self._open == name:
            self._open = None
        if event.reason == "error":
            return
        self._chars += turn.chars
        metadata = {
            "speech_id": name,
            "audio_duration_ms": round(event.audio_ms),
            "input_character_count": turn.chars,
            "billable_character_count": turn.chars,
            "controls_applied": _CONTROLS,
        }
        if event.reason == "cancel":
            if turn.has_started:
                self._tell_interrupted(event, metadata)
            return
        self._heard_ms += event.audio_ms
        if not event.audio_ms:
            description = "the turn's text is only whitespace or punctuation"
            self.say(write("Warning", code="NO_SYNTHESIZABLE_TEXT", description=description))
        self._start(name, turn)
        self.say(write("SpeechMetadata", **metadata))
        self.say(write("Flushed", speech_id=name))
        self._close_if_all_is_said()

    def _tell_interrupted(self, event: events.Done, metadata: dict[str, object]) -> None:
        """Tell what was heard; positions count from the connection's first sound, as in ``playback_offset``."""
        sent_ms = self._heard_ms + event.audio_ms
        played_ms = sent_ms if self._offset_ms is None else min(max(self._offset_ms, self._heard_ms), sent_ms)
        self._heard_ms = played_ms
        heard = {"text_spoken": event.text_spoken, "text_remaining": event.text_remaining}
        self.say(write("SpeechInterrupted", audio_played_ms=round(played_ms), **heard, metadata=metadata))

    def _tell_fault(self, event: events.Fault) -> None:
        if isinstance(event.error, Unsupported):  # a language that its voice does not have; it speaks all the same
            return
        if isinstance(event.error, FATAL):
            self.say(write("Error", code="NET-0000", description=str(event.error)))
            self.conversation.close(Close(CloseCode.INTERNAL, f"NET-0000: {event.error}"))
        else:
            self.say(write("Warning", code="INVALID_MESSAGE", description=str(event.error)))


def _offset_ms(fields: Fields) -> float | None:
    """Read how much the listener had heard; None if the message does not say it in milliseconds."""
    offset = fields.get("playback_offset")
    if not isinstance(offset, dict) or offset.get("type") != "time_ms":
        return None
    value = offset.get("value")
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return None
    return float(value) if 0 <= value <= _MOST_OFFSET_MS else None
