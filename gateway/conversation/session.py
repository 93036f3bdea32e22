"""One peer's conversation: messages, time and finished sound in; actions out. No I/O, no clock, no threads, no bytes.

A dialect calls ``message_received`` with each request of the peer. The shell calls the other past-tense methods
(``audio_encoded``, ...) with the time, performs ``actions()`` in order, and calls ``tick`` at ``next_deadline()``. The
session decides all order, limits and pacing (docs/PROTOCOL.md), whatever protocol the peer speaks.
"""

from __future__ import annotations

import itertools
import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Final, Literal

from ..errors import (
    BadMessage,
    CloseCode,
    GatewayError,
    OutOfTurn,
    Overloaded,
    SpeechFailed,
    TextTooLong,
    TooManyContexts,
    UnknownVoice,
    Unsupported,
)
from ..text.accumulator import ChunkingSettings, SentenceAccumulator
from . import events, messages, wishes
from .account import Unlimited
from .actions import (
    Close,
    DropAudio,
    FinishAudio,
    GrantFrames,
    PadTail,
    PauseReading,
    ReleaseSlot,
    ReportContext,
    ReportStandstill,
    ReportUnderrun,
    RequestSlot,
    ResumeReading,
    SendPackets,
    Speak,
    StartSpeaker,
    Tell,
)
from .audio import AudioParameters, SilentPacket
from .connection_life import ConnectionLife
from .context import Context, State
from .pacing import TAIL_MARGIN_MS, TIMER_SLACK_MS, Pacing
from .playout_clock import SAMPLES_PER_MS, PlayoutClock
from .speaker_life import SlotState, SlotStep, SpeakerState, SpeakerStep

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...synthesis.interface import Segment, Style, Voice, WordMark
    from ..text.asides import AsideKind
    from .account import Account
    from .actions import Action
    from .audio import AudioFacts, Packet
    from .spoken_words import TimedWord

# What a close that no flush came before means: the end of a speech, its cancellation, or what the client has shown.
CloseMeaning = Literal["learn", "drain", "cancel"]

# What each message does to a context. A pair that is neither here nor in RACES is the client's mistake and gets an
# error.
TRANSITIONS: Final[dict[State, dict[type[messages.ContextMessage], State]]] = {
    State.ABSENT: {
        messages.Open: State.OPEN,
        messages.Write: State.OPEN,
        messages.End: State.DONE,
        messages.Cancel: State.DONE,
    },
    State.OPEN: {
        messages.Write: State.OPEN,
        messages.Flush: State.OPEN,
        messages.End: State.ENDED,
        messages.Cancel: State.DONE,
        messages.Played: State.OPEN,
    },
    State.ENDED: {messages.Cancel: State.DONE, messages.Played: State.ENDED},
    State.DONE: {},
}

# Messages that crossed with the context's end, or came before its text. No client waits for an answer to these, so they
# are ignored.
RACES: Final[dict[State, frozenset[type[messages.ContextMessage]]]] = {
    State.ABSENT: frozenset({messages.Flush, messages.Played}),
    State.OPEN: frozenset(),
    State.ENDED: frozenset({messages.Write, messages.Flush, messages.End}),
    State.DONE: frozenset({messages.Write, messages.Flush, messages.End, messages.Cancel, messages.Played}),
}

# The next segment is asked for when the listener has this little left to hear of the segments before it; their unspoken
# rest is guessed. A short first segment would otherwise be over before a busy model has begun the second.
SPEAK_AHEAD_S: Final = 2.0
# A second segment must not delay another listener's first sound. So before anything is heard it is asked for only if
# the first is this short, a "Yes!": on a busy GPU the second would not be there in time (docs/PERFORMANCE.md).
SHORT_START_S: Final = 0.6
# A listener with a full lead that plays at less than this multiple of real time does not use its slot.
_LEAST_PACE: Final = 0.2
# A listener that paused once goes on before those that have heard nothing; one that pauses again and again waits with
# them.
_LEASES_FORGIVEN: Final = 2
# How long a report that all was heard may be under way before the clock alone is believed: a telephone network's
# buffer and a round trip.
_HEARD_PATIENCE_S: Final = 1.0
# Of prose in alphabets, blanks included; the accumulator counts tokens.
_CHARS_PER_TOKEN: Final = 5
# Ids of finished contexts, so that late messages are recognised: 4,096 of 128 characters stay under 1 MiB.
_REMEMBERED_IDS: Final = 4096


@dataclass(frozen=True, slots=True)
class SessionSettings:
    """What the operator allows one connection; ``settings.py`` gives the reasons.

    Attributes:
        in_turn: contexts are heard one after the other, in the order in which they began. For peers that cannot tell
            the sound of two contexts apart.
        needs_pongs: a ping without an answer ends the connection. Some clients read their socket, and so answer pings,
            only while they wait for a speech.
        done_when_heard: a context is over when its listener has heard it, not when its last packet has left. For
            listeners whose queue of sound the gateway can still empty.
        approximate_word_times: guessed times of words are told to peers that cannot tell them from others.
        close_without_flush: what a close means to dialects in which it may mean two things.
        voice_aliases: other names of voices.
        also_spoken: what is otherwise not for the ear (``gateway.text.asides``) and shall be spoken.
        is_live: somebody listens in real time; otherwise all work for the connection comes after that for all who do.
    """

    default_audio: AudioParameters
    default_voice: str
    voice_aliases: Mapping[str, str] = field(default_factory=dict)
    is_live: bool = True
    chunking: ChunkingSettings = field(default_factory=ChunkingSettings)
    also_spoken: tuple[AsideKind, ...] = ()
    max_lead_ms: int = 2000
    max_contexts: int = 64
    max_running_contexts: int = 8
    max_text_bytes: int = 16 * 1024
    max_context_text_bytes: int = 256 * 1024
    max_connection_text_bytes: int = 1024 * 1024
    max_queued_text_bytes: int = 256 * 1024
    idle_s: float = 180.0
    quiet_s: float = 3600.0
    slow_client_s: float = 10.0
    credit_timeout_s: float = 30.0
    ping_interval_s: float = 20.0
    stuck_s: float = 30.0
    slot_lease_s: float = 10.0
    in_turn: bool = False
    needs_pongs: bool = True
    done_when_heard: bool = False
    approximate_word_times: bool = False
    close_without_flush: CloseMeaning = "learn"


class Session:
    """One connection, from ``session.ready`` to its close.

    Args:
        session_id: names the connection in logs and to the client.
        settings: limits and defaults.
        voices: those on offer, asked again for each use because voices come and go while the server runs.
        negotiate: what the codec makes of audio parameters.
        synthesis_rate_hz: sample rate that word marks are counted in.
        now: the time, in seconds on any monotonic clock; the same clock for every call.
        account: what the client may still use; None: as much as it likes.
    """

    def __init__(
        self,
        session_id: str,
        settings: SessionSettings,
        *,
        voices: Callable[[], Sequence[Voice]],
        negotiate: Callable[[AudioParameters], AudioFacts],
        synthesis_rate_hz: int,
        now: float,
        account: Account | None = None,
    ) -> None:
        self.id = session_id
        self._account = account or Unlimited()
        self._settings = settings
        self._voices = voices
        self._negotiate = negotiate
        self._synthesis_rate_hz = synthesis_rate_hz

        self._audio = settings.default_audio  # until session.update
        self._facts = negotiate(self._audio)
        self._max_lead_ms = settings.max_lead_ms
        self._pacing = Pacing(self._max_lead_ms, self._audio.frame_ms)
        self._contexts: dict[str, Context] = {}  # live ones, in order of birth
        # Ids that are over, oldest first; true: its client ended it, and was not yet told that it is used anew.
        self._over: OrderedDict[str, bool] = OrderedDict()
        self._begun = 0  # contexts begun so far
        self._unread: tuple[Context, str] | None = None  # what is left of the last delta
        self._most_chars: int | None = None  # how much of a delta is read at once
        self._behind: deque[messages.Message] = deque()  # requests that came in one message with it, and follow it
        self._connection = ConnectionLife(
            now,
            idle_s=settings.idle_s,
            quiet_s=settings.quiet_s,
            slow_client_s=settings.slow_client_s,
            ping_interval_s=settings.ping_interval_s,
            needs_pongs=settings.needs_pongs,
        )
        self._is_closed = False
        self._watch_s = min(settings.stuck_s, settings.slot_lease_s)  # how long a context goes unwatched
        self._actions: deque[Action] = deque()
        self._tell_ready()

    def __repr__(self) -> str:
        return f"<Session {self.id} {list(self._contexts.values())!r}>"

    # -- out -----------------------------------------------------------------------------------------------------------

    def actions(self) -> deque[Action]:
        """Hand over the actions to perform, in order; the caller empties the list."""
        return self._actions

    @property
    def has_begun(self) -> bool:
        """A context has begun on this connection."""
        return self._begun > 0

    @property
    def live_contexts(self) -> int:
        """Contexts that are not over."""
        return len(self._contexts)

    def is_live(self, context_id: str) -> bool:
        """Tell whether a context has begun and is not over."""
        return context_id in self._contexts

    def is_heard_out(self, context_id: str, now: float) -> bool:
        """Tell whether a live context's listener has heard all that was written."""
        context = self._contexts.get(context_id)
        return context is not None and context.is_heard_out(now)

    def idle_context(self, now: float) -> str | None:
        """Name the oldest context that waits for its writer and whose listener has heard all; None if there is none."""
        open_ones = (context for context in self._contexts.values() if context.state is State.OPEN)
        return next((context.id for context in open_ones if context.is_heard_out(now)), None)

    def leads_ms(self, now: float) -> list[float]:
        """How much sound each listener has left, for the metrics; only contexts that have more to send."""
        if not self._settings.is_live:
            return []
        return [context.clock.lead_ms(now) for context in self._contexts.values() if context.stock]

    def next_deadline(self, now: float) -> float:
        """When ``tick`` must be called next, if nothing else happens before."""
        if self._is_closed:
            return math.inf
        deadline = self._connection.next_deadline
        if self._connection.is_away:
            return deadline
        for context in self._contexts.values():
            deadline = min(deadline, self._context_deadline(context, now))
        return deadline

    # -- in: the socket ------------------------------------------------------------------------------------------------

    def message_received(self, message: messages.Message, now: float, *, most_chars: int | None = None) -> None:
        """Take one request of the peer.

        Args:
            message: the request.
            now: the time.
            most_chars: how much of a delta's text to read now, ``read_on`` reads the rest; None: read all now. A
                request behind text that is not read waits for it.
        """
        if most_chars is not None and self.has_unread_text:
            self._behind.append(message)
            return
        self.read_on(now)  # no message overtakes text
        self._most_chars = most_chars
        self._connection.message_received(now)
        self._obey(message, now)

    def fault_received(self, fault: GatewayError, now: float, context_id: str | None = None) -> None:
        """Take a message that the dialect could not read, or not wholly; it may name the context ``context_id``."""
        self.read_on(now)
        self._connection.message_received(now)
        self._tell_fault(fault, context_id)

    @property
    def has_unread_text(self) -> bool:
        """The last delta is not read to its end, or requests wait behind it."""
        return self._unread is not None or bool(self._behind)

    def read_on(self, now: float, *, most_chars: int | None = None) -> None:
        """Read more of the last delta, at most ``most_chars`` characters, and obey what waits behind it."""
        if self._unread is not None:
            context, text = self._unread
            cut = len(text) if most_chars is None else most_chars
            self._unread = (context, text[cut:]) if cut < len(text) else None
            self._queue(context, context.accumulator.push(text[:cut], now), now)
        while self._behind and self._unread is None:
            self._obey(self._behind.popleft(), now)

    def pong_received(self, now: float) -> None:
        """The peer is alive."""
        self._connection.pong_received(now)

    def write_blocked(self, now: float) -> None:
        """The socket takes no more bytes; the session grants nothing until it does."""
        self._connection.write_blocked(now)

    def write_resumed(self, now: float) -> None:
        """The socket takes bytes again."""
        self._connection.write_resumed()
        for context in list(self._contexts.values()):
            context.moved(now)
            self._flow(context, now)

    def peer_lost(self, now: float) -> None:
        """The socket broke, and its client may come back on another. Until then time stands still for the contexts.

        They are granted no sound, and text that waits for its writer goes on waiting: the writer cannot be heard.
        """
        self.read_on(now)  # the last message, of which the next socket brings nothing more
        self._connection.peer_lost(now)

    def peer_back(self, now: float) -> None:
        """Another socket carries on where the last one broke."""
        away_s = self._connection.peer_back(now)
        for context in list(self._contexts.values()):
            context.resume(away_s, now)
            self._flow(context, now)

    def close(self, close: Close) -> None:
        """End the connection; idempotent."""
        if not self._is_closed:
            self._is_closed = True
            self._act(close)

    # -- in: the process -----------------------------------------------------------------------------------------------

    def drain(self, now: float, drain_s: float) -> None:
        """Finish running contexts, take no new ones, then close."""
        if self._connection.is_draining:
            return
        self._connection.drain(now + drain_s)
        self._tell(events.GoingAway(drain_s))
        self._close_if_drained()

    def slot_granted(self, context_id: str, now: float) -> None:
        """A synthesis slot belongs to this context, until the session releases it."""
        context = self._contexts.get(context_id)
        if context is None or not context.slot.is_queued:
            self._act(ReleaseSlot(context_id))
            return
        was_suspended = context.slot.is_suspended
        context.slot.step(SlotStep.GRANT)
        context.renew_lease(now)
        context.moved(now)
        if context.stopwatch.slot_at is None:
            context.stopwatch.slot_at = now
        if context.speaker.state is SpeakerState.NONE:
            context.speaker.step(SpeakerStep.START)
            self._act(StartSpeaker(context.id, context.style, context.audio, self._settings.is_live))
        self._direct_speaker(context, now)
        if was_suspended:
            self._flow(context, now)

    # -- in: speakers --------------------------------------------------------------------------------------------------

    def segment_wanted(self, context_id: str, now: float) -> None:
        """The speaker has spoken its segment; it may have been given its next one already."""
        if context := self._contexts.get(context_id):
            context.speaker.step(SpeakerStep.WANT)
            self._direct_speaker(context, now)

    def segment_begun(self, context_id: str, segment: Segment, position: int, now: float) -> None:
        """The segment's sound starts at 48 kHz sample ``position``; none of it has been sent."""
        if context := self._contexts.get(context_id):
            context.moved(now)
            context.speaker.begin(segment)
            self._begin_segment(context, segment, position)
            self._speak_ahead(context, now)

    def pcm_made(self, context_id: str, words: tuple[WordMark, ...], fed: int, waited_s: float, now: float) -> None:
        """A chunk came from the synthesizer after ``waited_s``; the context's sound is now ``fed`` samples long."""
        if context := self._contexts.get(context_id):
            if fed > context.fed:
                context.fed = fed
                context.moved(now)
            context.synthesis_s += waited_s
            if context.stopwatch.pcm_at is None:
                context.stopwatch.pcm_at = now
            self._tell_words(context, context.place_words(words, self._synthesis_rate_hz))
            self._speak_ahead(context, now)

    def segment_spoken(self, context_id: str, fed: int, waited_s: float) -> None:
        """The segment's sound ends at 48 kHz sample ``fed``; its last frame has not been sent."""
        if context := self._contexts.get(context_id):
            context.fed = fed
            context.synthesis_s += waited_s
            self._end_segment(context, fed)

    def frames_ready(self, context_id: str, frames: int, now: float) -> None:
        """The speaker holds this many frames and waits for a grant."""
        if context := self._contexts.get(context_id):
            context.wanted_frames = frames
            context.moved(now)
            self._flow(context, now)

    def audio_encoded(
        self, context_id: str, packets: Sequence[Packet], frames_left: int, now: float, *, is_last: bool = False
    ) -> None:
        """Granted frames are packets now; they leave when the lead allows it.

        Args:
            context_id: the context whose packets they are.
            packets: in order.
            frames_left: frames that the speaker still holds and for which it waits to be granted.
            now: the time.
            is_last: the codec holds no more of this context.
        """
        if (context := self._contexts.get(context_id)) is None:
            return
        context.stock.extend(packets)
        context.stock_duration += sum(packet.duration for packet in packets)
        context.moved(now)
        context.is_encoded_whole = is_last
        context.wanted_frames = frames_left
        if context.speaker.state is SpeakerState.PADDING and not frames_left:
            context.speaker.step(SpeakerStep.PADDED)
        self._flow(context, now)
        self._speak_ahead(context, now)

    def speech_failed(self, context_id: str, fault: GatewayError, now: float) -> None:
        """The speaker broke; this context ends, and no other."""
        if context := self._contexts.get(context_id):
            self._tell_fault(fault, context_id)
            self._finish(context, "error", now)

    # -- in: time ------------------------------------------------------------------------------------------------------

    def tick(self, now: float) -> None:
        """Do all that is due by now."""
        if self._is_closed:
            return
        if not self._connection.is_away:
            for context in list(self._contexts.values()):
                self._tick_context(context, now)
        if now >= self._connection.next_deadline:
            is_busy = any(context.is_under_way for context in self._contexts.values())
            due = self._connection.tick(now, is_busy=is_busy)
            if isinstance(due, Close):
                self.close(due)
            elif due is not None:
                self._act(due)

    # -- messages ------------------------------------------------------------------------------------------------------

    def _obey(self, message: messages.Message, now: float) -> None:
        match message:
            case messages.AreYouThere():
                self._tell(events.StillHere(message.token))
            case messages.Configure():
                try:
                    self._update(message)
                except GatewayError as fault:
                    self._tell_fault(fault)
            case _:
                try:
                    self._obey_context(message, now)
                except GatewayError as fault:
                    self._tell_fault(fault, message.context_id)

    def _obey_context(self, message: messages.ContextMessage, now: float) -> None:
        context = self._contexts.get(message.context_id)
        state = context.state if context else State.DONE if message.context_id in self._over else State.ABSENT
        if type(message) in RACES[state]:
            self._tell_reuse(message)
            return
        if type(message) not in TRANSITIONS[state]:
            raise OutOfTurn(type(message), f"for a context that is {state.name.lower()}: each id is used once")
        if context is None and TRANSITIONS[state][type(message)] is State.DONE:
            self._end_unbegun(message)
            return
        context = context or self._open(message, now)
        if context.state is not State.DONE:
            self._apply(context, message, now)

    def _tell_reuse(self, message: messages.ContextMessage) -> None:
        """Answer text for a context that its own client ended: no message crossed, so the client is using the id again.

        Answered once for each id, because a whole answer of a language model may follow.
        """
        if isinstance(message, messages.Write) and message.text and self._over.get(message.context_id):
            self._over[message.context_id] = False
            raise BadMessage("text for a context that is over: each id is used once")

    def _end_unbegun(self, message: messages.ContextMessage) -> None:
        """End a context before its first text: text that comes later is late text."""
        reason: events.DoneReason = "cancel" if isinstance(message, messages.Cancel) else "end"
        self._remember_over(message.context_id, reason)
        self._tell(events.Done(message.context_id, reason, audio_ms=0, text_spoken="", text_remaining=""))

    def _remember_over(self, context_id: str, reason: events.DoneReason) -> None:
        self._over[context_id] = reason == "end"
        while len(self._over) > _REMEMBERED_IDS:
            self._over.popitem(last=False)

    def _apply(self, context: Context, message: messages.ContextMessage, now: float) -> None:
        match message:
            case messages.Open():
                pass  # opening it was all
            case messages.Write():
                self._write(context, message.text, now)
            case messages.Flush():
                self._queue(context, context.accumulator.flush(now), now)
                if message.token is not None:
                    context.flushes.append((context.segments_released, message.token))
                    self._tell_flushed(context)
            case messages.End():
                self._queue(context, context.accumulator.end(now), now)
                context.state = TRANSITIONS[context.state][messages.End]
                self._direct_speaker(context, now)
            case messages.Cancel():
                self._cancel(context, message.played_ms, now)
            case messages.Played():
                context.clock.credit(message.played_ms, now)
                self._flow(context, now)

    def _update(self, message: messages.Configure) -> None:
        if self._begun:
            raise OutOfTurn(type(message), "comes before the first context")
        self._audio = AudioParameters(
            format=message.format or self._audio.format,
            sample_rate_hz=message.sample_rate_hz or self._audio.sample_rate_hz,
            frame_ms=message.frame_ms or self._audio.frame_ms,
            bitrate=message.bitrate or self._audio.bitrate,
        )
        self._facts = self._negotiate(self._audio)
        if message.max_lead_ms is not None:
            self._max_lead_ms = message.max_lead_ms
        self._pacing = Pacing(self._max_lead_ms, self._audio.frame_ms)
        self._tell_ready()

    def _open(self, message: messages.ContextMessage, now: float) -> Context:
        start = message if isinstance(message, messages.Open) else messages.Open(message.context_id)
        if self._connection.is_draining:
            raise Overloaded("the server is draining: connect again, elsewhere")
        if len(self._contexts) >= self._settings.max_contexts:
            raise TooManyContexts(f"a connection may have {self._settings.max_contexts} live contexts")
        if fault := self._account.refuse_context(now):
            raise fault
        style, refusals = self._style_of(start)
        context = Context(
            start.context_id,
            self._begun,
            style,
            start.timestamps,
            SentenceAccumulator(
                start.chunking,
                self._chunking(start),
                language=start.language,
                also_spoken=frozenset(self._settings.also_spoken),
            ),
            PlayoutClock(self._max_lead_ms),
            start.audio or self._audio,
            self._negotiate(start.audio) if start.audio else self._facts,
            now,
        )
        context.takes_guesses = start.takes_guesses or self._settings.approximate_word_times
        self._begun += 1
        context.watched_at = now + self._watch_s
        self._contexts[context.id] = context
        self._account.context_began()
        self._tell(events.Opened(context.id, context.number, context.audio, context.facts))
        for refusal in refusals:
            if isinstance(refusal, UnknownVoice):
                self.speech_failed(context.id, refusal, now)
            else:
                self._tell_fault(refusal, context.id)
        return context

    def _style_of(self, start: messages.Open) -> tuple[Style, Sequence[GatewayError]]:
        """Find how a context is spoken, and what of its peer's wishes is not granted."""
        default = self._settings.default_voice
        offered = {voice.name: voice for voice in self._voices()}
        if default not in offered:  # its tenant may not use it, or it was removed
            default = next(iter(offered), default)
        name = start.voice or default
        if name not in offered:
            name = self._settings.voice_aliases.get(name, name)
        is_lost = start.or_default and name not in offered
        if is_lost:
            name = default
        wished = wishes.style_of(start, name, f"{self.id}/{start.context_id}")
        if name not in offered:
            return wished, [UnknownVoice(f"no voice {name!r}; see /v1/voices")]
        granted, refusals = wishes.grant(wished, offered[name])
        return granted, [Unsupported("voice", f"there is no voice {start.voice!r}"), *refusals] if is_lost else refusals

    def _chunking(self, start: messages.Open) -> ChunkingSettings:
        """Apply the peer's wishes to the operator's choice of how text is cut."""
        chunking = self._settings.chunking
        if start.idle_release_s is not None:
            chunking = replace(chunking, idle_release_s=start.idle_release_s)
        if start.first_chars is not None:
            least = min(math.ceil(start.first_chars / _CHARS_PER_TOKEN), chunking.token_max_n)
            most = max(least, chunking.first_max_n)
            chunking = replace(chunking, first_min_n=least, first_max_n=most)
        return chunking

    def _write(self, context: Context, delta: str, now: float) -> None:
        if not delta:  # the last chunk of a chat API often is: it is no text, and no sign of the writer's pace either
            return
        size_bytes = len(delta.encode())
        if size_bytes > self._settings.max_text_bytes:
            raise TextTooLong(f"a text message holds at most {self._settings.max_text_bytes} bytes of text")
        if context.text_bytes + size_bytes > self._settings.max_context_text_bytes:
            raise TextTooLong(f"a context holds at most {self._settings.max_context_text_bytes} bytes of text")
        if self._text_bytes + size_bytes > self._settings.max_connection_text_bytes:
            limit = self._settings.max_connection_text_bytes
            raise TextTooLong(f"the live contexts of a connection hold at most {limit} bytes of text")
        if context.stopwatch.text_at is None:
            context.stopwatch.text_at = now
        context.add_text(delta, size_bytes)
        self._account.spend(len(delta), now)
        self._unread = context, delta
        self.read_on(now, most_chars=self._most_chars)

    def _cancel(self, context: Context, played_ms: float | None, now: float) -> None:
        heard_ms = context.clock.played_ms(now) if played_ms is None else min(played_ms, context.clock.sent_ms)
        self._finish(context, "cancel", now, heard_ms)

    # -- from text to speech -------------------------------------------------------------------------------------------

    def _queue(self, context: Context, segments: list[Segment], now: float) -> None:
        if not segments:
            return
        if context.stopwatch.segment_at is None:
            context.stopwatch.segment_at = now
        if context.busy_since is None:
            context.busy_since = now
        context.add_segments(segments)
        self._direct_speaker(context, now)
        self._speak_ahead(context, now)
        self._pause_reading_if_full(now)

    def _direct_speaker(self, context: Context, now: float) -> None:
        """Give an idle speaker its next order; ask for a slot for it, or give the slot back."""
        if self._settings.in_turn and context is not self._first():
            return
        self._pass_silent_segments(context, now)
        if not context.speaker.takes_orders:
            return
        if context.has_work:
            if context.slot.is_held:
                self._speak_next(context, now)
            else:
                self._seek_slot(context)
        elif context.state is State.ENDED:
            self._finish_audio(context, now)
        else:
            context.busy_since = None  # the writer's turn
            self._release_slot(context)

    def _speak_next(self, context: Context, now: float, dry_at: float | None = None) -> None:
        """Give the speaker the next segment, in its turn or, with ``dry_at``, before it."""
        segment = self._take_segment(context, now)
        context.moved(now)
        context.speaker.give(SpeakerStep.GIVE if dry_at is None else SpeakerStep.GIVE_AHEAD, segment)
        self._act(Speak(context.id, segment, dry_at))

    def _speak_ahead(self, context: Context, now: float) -> None:
        """Have the next segment begun before its turn, if its listener has little left to hear before it."""
        if context.speaker.state is not SpeakerState.SPEAKING or not context.slot.is_held:
            return
        if not context.segments or context.segments[0].is_silent:
            return
        begun_s = context.begun_s(now)
        if begun_s < (SPEAK_AHEAD_S if context.sequence > 0 else SHORT_START_S):
            self._speak_next(context, now, dry_at=now + begun_s if self._settings.is_live else math.inf)

    def _finish_audio(self, context: Context, now: float) -> None:
        if context.speaker.state is SpeakerState.NONE:
            self._finish(context, "end", now)
            return
        context.speaker.step(SpeakerStep.FINISH)
        context.moved(now)
        self._act(FinishAudio(context.id))

    def _pass_silent_segments(self, context: Context, now: float) -> None:
        """Report segments of markup and whitespace at their place and skip them: they need no engine."""
        while context.speaker.takes_orders and context.segments and context.segments[0].is_silent:
            self._begin_segment(context, self._take_segment(context, now), context.fed)
            self._end_segment(context, context.fed)
        self._announce_ends(context)

    def _take_segment(self, context: Context, now: float) -> Segment:
        segment = context.take_segment()
        self._resume_reading_if_room(now)
        return segment

    def _seek_slot(self, context: Context) -> None:
        if self._settings.in_turn and context is not self._first():
            return
        state = context.slot.state
        if not (state is SlotState.MISSED or (state is SlotState.NONE and context.has_work)):
            return
        holding = sum(other.slot.is_held or other.slot.is_queued for other in self._contexts.values())
        if holding < self._settings.max_running_contexts:
            context.slot.step(SlotStep.ASK)
            is_continuing = context.sequence > 0 and context.leases_lost < _LEASES_FORGIVEN
            self._act(RequestSlot(context.id, is_continuing=is_continuing, is_live=self._settings.is_live))

    def _release_slot(self, context: Context, step: SlotStep = SlotStep.RELEASE) -> None:
        """Give the slot back or withdraw the request for it; or take it away, another step of the slot's life."""
        if not (context.slot.is_held or context.slot.is_queued):
            return
        context.slot.step(step)
        self._connection.slot_released()
        self._act(ReleaseSlot(context.id))
        for other in self._contexts.values():  # oldest first: the turn passes on inside this connection
            self._seek_slot(other)

    def _begin_segment(self, context: Context, segment: Segment, position: int) -> None:
        span = context.begin_segment(segment, position)
        context.fed = max(context.fed, position)
        if context.timestamps != "none":
            self._tell(events.SegmentStarted(context.id, segment, span.start_ms))

    def _end_segment(self, context: Context, end: int) -> None:
        words = context.place_last_words(end)
        span = context.end_segment(end)
        if span.words.has_anchors or context.takes_guesses:
            self._tell_words(context, words)
        context.unflagged_ends.append((end, span))

    # -- from sound to frames ------------------------------------------------------------------------------------------

    def _flow(self, context: Context, now: float) -> None:
        """Send what may be sent of the encoded packets, then have more encoded; nothing while the socket is blocked."""
        if self._connection.blocked_since is not None:
            return
        self._release_packets(context, now)
        if context.is_encoded_whole and not context.stock:
            self._finish_if_heard(context, now)
        elif context.slot.is_suspended:
            self._want_slot_back(context)
        elif context.wanted_frames:
            self._have_encoded(context, now)

    def _suspend_if_unheard(self, context: Context, now: float) -> None:
        """Take the slot from a context whose listener has a full lead and hardly plays; otherwise renew its lease.

        The sound made for such a listener stays with the session, so the engine has nothing to do for it, while other
        contexts wait for a slot. Nor has it for a peer that takes no bytes.
        """
        heard_ms = context.clock.played_ms(now) - context.lease_heard_ms
        is_unheard = heard_ms < 1000 * self._settings.slot_lease_s * _LEAST_PACE
        blocked_since = self._connection.blocked_since
        is_blocked = blocked_since is not None and blocked_since <= context.lease_since
        if context.is_held_back and (is_unheard or is_blocked):
            context.leases_lost += 1
            self._release_slot(context, SlotStep.TAKE)
        else:
            context.renew_lease(now)

    def _want_slot_back(self, context: Context) -> None:
        """Ask again for the slot that was taken, once the listener has played so much that more sound must be made."""
        if context.stock_duration <= self._pacing.quantum_ms * SAMPLES_PER_MS:
            if context.slot.state is SlotState.TAKEN:
                context.slot.step(SlotStep.MISS)
            self._seek_slot(context)

    def _release_packets(self, context: Context, now: float) -> None:
        """Let packets go while the listener's lead allows it."""
        if context.stock and (allowed := self._pacing.allowed(context, now)):
            self._send_packets(context, allowed, now)
        context.release_at = self._pacing.release_at(context, now) if context.stock else math.inf

    def _have_encoded(self, context: Context, now: float) -> None:
        """Grant the speaker frames, if any are worth the encoder's while."""
        if frames := self._pacing.frames_to_encode(context, now):
            context.wanted_frames = 0
            context.moved(now)
            needed_at = context.clock.dry_at(now) if self._settings.is_live else math.inf
            self._act(GrantFrames(context.id, frames, needed_at))

    def _send_packets(self, context: Context, allowed: float, now: float) -> None:
        """Send packets that hold this many samples, at least one if none was sent yet, and count them."""
        clock, stock, ends = context.clock, context.stock, context.unflagged_ends
        run: SendPackets | None = None
        while stock and (stock[0].duration <= allowed or clock.sent_ms == 0):
            packet = stock.popleft()
            allowed -= packet.duration
            context.stock_duration -= packet.duration
            dry_ms = clock.frame_sent(context.sound_of(packet) / SAMPLES_PER_MS, now)
            if context.sequence == 0:
                context.stopwatch.audio_at = now
            elif dry_ms > 0:
                self._note_dry(context, dry_ms, now)
            if run is None or dry_ms > 0:
                run = SendPackets(context.id, context.number, context.sequence, context.pts, [], dry_ms > 0)
                self._act(run)
            run.packets.append(packet)
            run.ends_context = context.is_encoded_whole and not stock
            context.last_payload = packet.payload
            context.sequence += 1
            context.pts += packet.duration
            if ends and ends[0][0] <= context.sent:  # announced right behind
                run.ends_segment = ends[0][0] + context.preskip <= context.pts
                self._announce_ends(context)
                run = None
        context.moved(now)

    def _announce_ends(self, context: Context) -> None:
        """Announce the segments whose last sample has left."""
        while context.unflagged_ends and context.unflagged_ends[0][0] <= context.sent:
            end, span = context.unflagged_ends.popleft()
            context.segments_sent += 1
            if context.timestamps != "none":
                self._tell(events.SegmentDone(context.id, span.segment.index, end / SAMPLES_PER_MS))
            self._tell_flushed(context)

    def _tell_flushed(self, context: Context) -> None:
        """Tell of the flushes before which nothing is left to send."""
        while context.flushes and context.flushes[0][0] <= context.segments_sent:
            self._tell(events.Flushed(context.id, context.flushes.popleft()[1]))

    def _note_dry(self, context: Context, dry_ms: float, now: float) -> None:
        """Note that the listener had run dry: an underrun, unless it was waiting for the writer."""
        if context.busy_since is None or not self._settings.is_live:
            return
        ours_ms = min(dry_ms, 1000 * (now - context.busy_since))
        if ours_ms < dry_ms:
            return  # text came after the listener ran dry: that wait is a first-audio latency, not a hole
        context.underruns += 1
        context.underrun_ms += dry_ms
        self._act(ReportUnderrun(dry_ms))

    # -- the end of a context ------------------------------------------------------------------------------------------

    def _finish_if_heard(self, context: Context, now: float) -> None:
        """End a context whose last packet has left: now, or when its listener has heard it."""
        if not self._settings.done_when_heard or context.clock.is_heard:
            self._finish(context, "end", now)
        elif context.heard_by == math.inf:
            context.heard_by = context.clock.dry_at(now) + _HEARD_PATIENCE_S
            self._release_slot(context)

    def _finish(self, context: Context, reason: events.DoneReason, now: float, heard_ms: float | None = None) -> None:
        """End a context; ``heard_ms`` is the listener's position, None to take the clock's."""
        if reason == "end":
            self._announce_ends(context)
            spoken, remaining = context.whole_text(), ""
        else:
            self._act(DropAudio(context.id))
            self._end_stream(context)
            spoken, remaining = context.split_text(context.clock.played_ms(now) if heard_ms is None else heard_ms)
        context.state = State.DONE
        del self._contexts[context.id]
        self._account.context_ended()
        if self._unread is not None and self._unread[0] is context:
            self._unread = None
        self._remember_over(context.id, reason)
        self._release_slot(context)
        characters = len(spoken) + len(remaining)  # all that was taken
        self._tell(events.Done(context.id, reason, context.sent / SAMPLES_PER_MS, spoken, remaining, characters))
        self._act(ReportContext(context.report(reason, now)))
        self._resume_reading_if_room(now)
        self._connection.context_over(now)
        if self._settings.in_turn and self._contexts:
            self._direct_speaker(self._first(), now)
        self._close_if_drained()

    def _end_stream(self, context: Context) -> None:
        """Send the packet that completes a stream which is cut short."""
        if context.facts.end_after is None or context.last_payload is None:
            return
        last = SilentPacket(context.facts.end_after(context.last_payload))
        self._act(SendPackets(context.id, context.number, context.sequence, context.pts, [last], False, False, True))
        context.sequence += 1

    def peer_gone(self, now: float) -> None:
        """The connection is over: report every running context, and ask for nothing more."""
        for context in self._contexts.values():
            self._act(ReportContext(context.report("gone", now)))
            self._account.context_ended()
        self._contexts.clear()
        self._unread = None
        self._behind.clear()

    # -- time ----------------------------------------------------------------------------------------------------------

    def _context_deadline(self, context: Context, now: float) -> float:
        deadline = math.inf
        if context.stock and self._connection.blocked_since is None:
            deadline = context.release_at
            deadline = min(deadline, self._credit_due_at(context))
        elif self._has_tail(context):
            deadline = now if context.flushes else context.clock.falls_to_at(TAIL_MARGIN_MS, now)
        elif context.heard_by < math.inf:
            deadline = context.heard_by
        if self._may_release(context):
            falls_s = context.clock.falls_ms(now) / 1000
            deadline = min(deadline, context.accumulator.next_deadline(now, context.lead_s(now), falls_s))
        return min(deadline, context.watched_at)

    def _lease_ends_at(self, context: Context) -> float:
        """When to check whether a slot is still used; inf if the context holds none or waits for the engine."""
        is_due = context.slot.is_held and context.is_held_back
        return context.lease_since + self._settings.slot_lease_s if is_due else math.inf

    def _credit_due_at(self, context: Context) -> float:
        """When the client's next report is due; inf if none is awaited.

        While the socket is blocked the listener's silence does not count: nothing is released then, whatever the
        credit.
        """
        awaits_credit = context.stock and context.release_at == math.inf and context.clock.is_credited
        if not awaits_credit or self._connection.blocked_since is not None:
            return math.inf
        return context.clock.credited_at + self._settings.credit_timeout_s

    def _may_release(self, context: Context) -> bool:
        """Text waits for a better boundary and time may release it, unless more of the text is there to be read."""
        is_read = self._unread is None or self._unread[0] is not context
        return is_read and context.state is State.OPEN and context.accumulator.pending_chars > 0

    def _stuck_at(self, context: Context, now: float) -> float:
        """When to give up a context that has something to speak and makes no sound; inf while no sound is owed.

        This trusts neither engine, encoder nor our own state: it looks only at how long ago the speech made progress.
        """
        if self._connection.blocked_since is not None:  # a blocked socket has a limit of its own
            return math.inf
        if not context.is_owed_sound:
            return math.inf
        if not self._max_lead_ms:  # a file's writer plays nothing
            due_at = context.moved_at
        elif context.is_held_back:  # until the listener has heard what it has, however long it pauses
            due_at = max(context.moved_at, context.clock.dry_at(now))
        else:  # the next step is due when the listener has heard what it had at the last one
            due_at = context.clock.dry_at(context.moved_at)
        return due_at + self._settings.stuck_s

    def _tick_context(self, context: Context, now: float) -> None:
        if now >= context.heard_by:
            self._finish(context, "end", now)
            return
        if now >= context.watched_at and not self._watch(context, now):
            return
        if self._may_release(context):
            self._queue(context, context.accumulator.tick(now, context.lead_s(now)), now)
        if context.stock:
            self._flow(context, now)
            if now >= self._credit_due_at(context):
                self.close(Close(CloseCode.SLOW_OR_IDLE, "no playback credit with a full lead", at_once=True))
        elif self._has_tail(context) and (
            context.flushes or context.clock.lead_ms(now) <= TAIL_MARGIN_MS + TIMER_SLACK_MS
        ):
            context.speaker.step(SpeakerStep.PAD)
            context.moved(now)
            self._act(PadTail(context.id))

    def _watch(self, context: Context, now: float) -> bool:
        """Give the context up if it stands still, and take its slot if it does not use it; False if it was given up.

        A context that does well is watched seldom: sooner than the shorter of both limits nothing new can come due.
        """
        if now >= self._stuck_at(context, now):
            self._give_up(context, now)
            return False
        if now >= self._lease_ends_at(context):
            self._suspend_if_unheard(context, now)
        context.watched_at = min(now + self._watch_s, self._stuck_at(context, now), self._lease_ends_at(context))
        return True

    def _give_up(self, context: Context, now: float) -> None:
        """End a context whose sound does not come, rather than let its listener wait forever."""
        self._act(ReportStandstill(context.standstill(now)))
        seconds = now - context.moved_at
        self.speech_failed(context.id, SpeechFailed(f"speech synthesis has stood still for {seconds:.0f} s"), now)

    def _has_tail(self, context: Context) -> bool:
        """A partial frame waits for more text, which may not come."""
        return context.speaker.state is SpeakerState.IDLE and not context.stock and context.fed > context.sent

    # -- reading, sending, closing -------------------------------------------------------------------------------------

    def _pause_reading_if_full(self, now: float) -> None:
        """Stop reading if too much text waits for a speaker; text that waits for its boundary does not count."""
        if self._connection.is_reading and self._queued_bytes > self._settings.max_queued_text_bytes:
            self._connection.reading_paused()
            self._act(PauseReading())
            for context in list(self._contexts.values()):
                context.clock.forget_credit(now)
                self._flow(context, now)  # a listener whose credit was awaited is paced by the clock now

    def _resume_reading_if_room(self, now: float) -> None:
        if not self._connection.is_reading and self._queued_bytes <= self._settings.max_queued_text_bytes // 2:
            self._connection.reading_resumed(now)
            self._act(ResumeReading())

    def _first(self) -> Context:
        """The oldest live context."""
        return next(iter(self._contexts.values()))

    @property
    def _text_bytes(self) -> int:
        return sum(context.text_bytes for context in self._contexts.values())

    @property
    def _queued_bytes(self) -> int:
        return sum(context.queued_bytes for context in self._contexts.values())

    def _tell_ready(self) -> None:
        self._tell(
            events.Ready(
                self.id,
                tuple(voice.name for voice in self._voices()),
                max_contexts=self._settings.max_contexts,
                max_text_bytes=self._settings.max_text_bytes,
                max_lead_ms=self._max_lead_ms,
                idle_s=self._settings.idle_s,
            )
        )

    def _tell_words(self, context: Context, words: list[TimedWord]) -> None:
        """Tell of words, those whose times are guessed apart from the others."""
        if not words or context.timestamps != "word":
            return
        index = context.spans[-1].segment.index
        for is_guessed, together in itertools.groupby(words, key=attrgetter("is_guessed")):
            self._tell(events.Words(context.id, index, [word[:3] for word in together], is_guessed))

    def _tell_fault(self, fault: GatewayError, context_id: str | None = None) -> None:
        self._tell(events.Fault(fault, context_id))

    def _close_if_drained(self) -> None:
        if self._connection.is_draining and not self._contexts:
            self.close(Close(CloseCode.DRAIN, "drained"))

    def _tell(self, event: events.Event) -> None:
        self._act(Tell(event))

    def _act(self, action: Action) -> None:
        self._actions.append(action)
