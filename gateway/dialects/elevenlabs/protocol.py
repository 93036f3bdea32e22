"""The server's side of ElevenLabs' two WebSockets: what they share.

``stream_input.py`` and ``multi_stream_input.py`` say how a client names, ends and stops its speeches.
"""

from __future__ import annotations

import json
import math
from abc import abstractmethod
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeGuard, Unpack

from ...conversation import events
from ...conversation.actions import Close
from ...conversation.messages import Cancel, End, Flush, Open, Write, nearest_speed
from ...conversation.playout_clock import SAMPLES_PER_MS
from ...errors import WIRE_ERRORS, BadMessage, ClientFault, CloseCode, Unsupported
from ..actions import SendText
from ..json_protocol import JsonProtocol, base64_of
from ..opening import NO_OPENING, read_authorization
from .alignment import Alignment
from .errors import error_message
from .options import read_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...conversation.actions import SendPackets
    from ...conversation.audio import Packet
    from ...conversation.session import SessionSettings
    from ...errors import GatewayError
    from ..json_protocol import Fields
    from ..socket_protocol import Facts
    from .alignment import Stretch
    from .options import Options


@dataclass(slots=True)
class Speech:
    """One speech of a client: the conversation has it as a context from its first text on.

    Attributes:
        id: the context's.
        name: what the client calls it; None if it has no name for it.
        head: the part of each message that names it, in JSON.
        speed: asked for.
        first_chars: how many characters its first segment should have.
        is_open: the conversation has the context.
        is_ended: the client has said that no more text comes.
        is_flushed: the client has asked, behind its last text, that all be spoken.
        is_put_aside: the gateway has ended the context because nothing was left to speak; the client is not told.
    """

    id: str
    name: str | None = None
    head: str = ""
    speed: float = 1.0
    first_chars: int | None = None
    is_open: bool = False
    is_ended: bool = False
    is_flushed: bool = False
    is_put_aside: bool = False
    alignment: Alignment = field(default_factory=Alignment)


class ElevenLabsProtocol(JsonProtocol):
    """One conversation with one of ElevenLabs' clients."""

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        self._options = read_options(facts.get("opening", NO_OPENING))
        super().__init__(session_id, _adapted(settings, self._options), **facts)
        self.settings = settings
        self.speeches: dict[str, Speech] = {}  # that the conversation has, by their contexts' ids
        self.has_told_why = False  # the connection is about to be closed
        self._preskip = 0  # of every context

    # -- in ------------------------------------------------------------------------------------------------------------

    def fields_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message; the first may have to show the client's key."""
        if self.awaits_key and not self.key_shown(_shown_key(fields)):
            return
        self.message_received(fields, now, most_chars)

    @abstractmethod
    def message_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take a message of a client that is let in.

        Raises:
            BadMessage: it has no meaning.
        """

    def unreadable(self, fault: BadMessage) -> None:
        """End the connection: a client that sends such a message would wait for sound forever."""
        self.conversation.close(Close(CloseCode.POLICY, str(fault)))

    def write(self, speech: Speech, text: str, now: float, most_chars: int | None) -> None:
        """Speak more text. Blanks alone begin nothing: clients send them before their text, and to be heard of."""
        if not speech.is_open:
            if not text.strip():
                return
            self._open(speech, now)
        self.conversation.message_received(Write(speech.id, text), now, most_chars=most_chars)
        if self._options.is_whole and text.strip():
            self.flush(speech, now, most_chars)

    def flush(self, speech: Speech, now: float, most_chars: int | None) -> None:
        """Speak all that was written."""
        if speech.is_open:
            self.conversation.message_received(Flush(speech.id), now, most_chars=most_chars)

    def end(self, speech: Speech, now: float, most_chars: int | None) -> None:
        """Take no more text for a speech; what was taken is spoken to its end."""
        speech.is_ended = True
        if speech.is_open:
            self.conversation.message_received(End(speech.id), now, most_chars=most_chars)
        else:
            self.say(self.speech_over(speech, is_whole=True))

    def cancel(self, speech: Speech, now: float) -> None:
        """Stop a speech."""
        self.conversation.message_received(Cancel(speech.id), now)

    def configure(self, speech: Speech, fields: Fields) -> None:
        """Note the wishes that a message has for a speech; they count if it has no text yet. Others mean nothing here.

        Raises:
            BadMessage: a wish has a value that it cannot have.
        """
        speed = _number_in(fields, "voice_settings", "speed")
        if speed is not None:
            speech.speed = nearest_speed(speed)
        for name in ("generation_config", "generator_config"):
            schedule = _object_in(fields, name).get("chunk_length_schedule")
            if isinstance(schedule, list) and schedule and _is_number(schedule[0]):
                speech.first_chars = max(1, round(schedule[0]))

    def _open(self, speech: Speech, now: float) -> None:
        options = self._options
        speech.is_open = True
        self.speeches[speech.id] = speech
        self.conversation.message_received(
            Open(
                speech.id,
                voice=options.voice,
                or_default=True,
                language=options.language,
                speed=speech.speed,
                seed=options.seed,
                timestamps="word",
                takes_guesses=False,
                first_chars=speech.first_chars,
            ),
            now,
        )

    # -- out -----------------------------------------------------------------------------------------------------------

    def write_event(self, event: events.Event) -> str | None:
        """Write an event, if clients of this dialect are told of it."""
        match event:
            case events.Opened():
                self._preskip = event.facts.preskip
            case events.SegmentStarted():
                self.speeches[event.context_id].alignment.segment_started(event.segment)
            case events.Words():
                self.speeches[event.context_id].alignment.words_placed(event.words)
            case events.Done():
                speech = self.speeches.pop(event.context_id)
                return None if speech.is_put_aside else self.speech_over(speech, is_whole=event.reason == "end")
            case events.Fault():
                return self.write_fault(event.error, self.speeches.get(event.context_id or ""))
        return None

    @abstractmethod
    def speech_over(self, speech: Speech, *, is_whole: bool) -> str:
        """Write that a speech is over; ``is_whole``: all of its text was spoken."""

    def write_fault(self, fault: GatewayError, speech: Speech | None) -> str | None:
        """Write an error; what a voice cannot do is no error to clients that ask for it with every request."""
        if isinstance(fault, Unsupported):
            return None
        name = speech.name if speech is not None else None
        return error_message(WIRE_ERRORS[type(fault)].code, str(fault), close_code(fault), name)

    def write_audio(self, run: SendPackets) -> SendText:
        """Write packets as base64, cut where a stretch of characters begins that is to be told with its sound."""
        speech = self.speeches[run.context_id]
        alignment, packets, pts = speech.alignment, run.packets, run.pts
        told = alignment.take(self._sound_ms(pts))
        begun = 0
        if alignment.has_more:
            for place, packet in enumerate(packets):
                more = alignment.take(self._sound_ms(pts)) if place > begun else None
                if more is not None:
                    self._actions.append(_audio(speech, packets[begun:place], told))
                    told, begun = more, place
                pts += packet.duration
        if run.ends_context and any(packet.duration for packet in packets):
            rest = alignment.take()
            if rest is not None and told is not None:
                self._actions.append(_audio(speech, packets[begun:], told))
                return _audio(speech, (), rest)
            told = told or rest
        return _audio(speech, packets[begun:] if begun else packets, told)

    def write_close(self, close: Close) -> Close:
        """Tell why, and close as the vendor does: 1008 for whatever the client did, or did not do."""
        if close.at_once or close.code not in (CloseCode.POLICY, CloseCode.SLOW_OR_IDLE):
            return close
        code, reason = "invalid_request", close.reason
        if close.code is CloseCode.SLOW_OR_IDLE:
            code, reason = "input_timeout_exceeded", "no text has come for as long as inactivity_timeout allows"
        if not self.has_told_why:
            self.say(error_message(code, reason, CloseCode.POLICY))
        return replace(close, code=CloseCode.POLICY, reason=reason)

    def _sound_ms(self, pts: int) -> float:
        return max(0, pts - self._preskip) / SAMPLES_PER_MS


def close_code(fault: GatewayError) -> CloseCode:
    """Tell whose fault it is."""
    return CloseCode.POLICY if isinstance(fault, ClientFault) else CloseCode.INTERNAL


def _adapted(settings: SessionSettings, options: Options) -> SessionSettings:
    """Apply what the client asked for in its address to what the operator allows."""
    settings = replace(settings, default_audio=options.audio)
    if options.inactivity_s is None:
        return settings
    idle_s = min(options.inactivity_s, settings.quiet_s)
    return replace(settings, idle_s=idle_s, quiet_s=idle_s)  # this client means messages; its pongs do not count


def _audio(speech: Speech, packets: Sequence[Packet], told: Stretch | None) -> SendText:
    """Write a message of sound; without packets, one of characters alone."""
    audio = f'"{base64_of(packets)}"' if packets else "null"
    written = "null" if told is None else json.dumps(told.written.since(told.begins_ms))
    spoken = "null" if told is None else json.dumps(told.spoken.since(told.begins_ms))
    times = f'"alignment":{written},"normalizedAlignment":{spoken}'
    return SendText(f'{{"audio":{audio},"isFinal":null,{speech.head}{times}}}', speech.id)


def _shown_key(fields: Fields) -> str:
    """Find the key in a first message; empty if there is none."""
    for name in ("xi_api_key", "xi-api-key", "authorization"):
        if isinstance(text := fields.get(name), str) and text:
            return read_authorization(text) or text
    return ""


def _object_in(fields: Fields, name: str) -> Fields:
    value = fields.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadMessage(f"{name} is an object")
    return value


def _number_in(fields: Fields, name: str, part: str) -> float | None:
    value = _object_in(fields, name).get(part)
    if value is not None and not _is_number(value):
        raise BadMessage(f"{name}.{part} is a number")
    return value


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
