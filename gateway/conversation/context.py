"""The state of one utterance: what was written, what was spoken, what the listener has heard of it.

A context begins with its first message and ends with ``context.done``. The session owns it; only the session writes it.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING, Final, Literal

from ..text.words import character_end
from .playout_clock import SAMPLES_PER_MS
from .speaker_life import SlotLife, SpeakerLife, SpeakerState
from .spoken_words import SpokenWords

if TYPE_CHECKING:
    from ...synthesis.interface import Segment, Style, WordMark
    from ..text.accumulator import SentenceAccumulator
    from .audio import AudioFacts, AudioParameters, Packet
    from .events import DoneReason
    from .messages import Timestamps
    from .playout_clock import PlayoutClock
    from .spoken_words import TimedWord

    EndReason = DoneReason | Literal["gone"]

# Conversational English is about 15 characters a second, which is good enough to guess the length of unspoken text.
GUESSED_MS_PER_CHAR: Final = 65.0

# Sound further back than this many segments is not going to be interrupted: a lead is at most a minute.
_KEPT_SPANS: Final = 64


class State(Enum):
    """Where a context stands in its life; ``session.TRANSITIONS`` holds the transitions."""

    ABSENT = auto()  # no message has named this id
    OPEN = auto()  # text may come
    ENDED = auto()  # no more text; still speaking
    DONE = auto()  # context.done was sent; further messages are a race and are ignored


@dataclass(slots=True)
class Span:
    """When a segment is heard, in milliseconds of the context's sound."""

    segment: Segment
    start_ms: float
    end_ms: float | None = None  # None while it is being spoken
    words: SpokenWords = field(init=False)

    def __post_init__(self) -> None:
        """Find the words."""
        self.words = SpokenWords(self.segment, self.start_ms)


@dataclass(frozen=True, slots=True)
class ContextReport:
    """What the log and the metrics keep of a context; durations in seconds.

    Attributes:
        reason: what ``context.done`` said; "gone" if the connection ended before it.
        first_segment_s: from the first text to the first released segment.
        queue_s: from the first released segment to the synthesis slot.
        first_pcm_s: from the slot to the first sound from the synthesizer.
        first_audio_s: from the first text to the first frame handed to the socket; None if nothing was heard.
        total_s: from the first message to context.done.
        synthesis_s: time spent waiting for the synthesizer, all segments together.
        rtf: real-time factor: ``synthesis_s`` divided by the sound's length; None without sound.
    """

    context_id: str
    reason: EndReason
    voice: str
    chars: int
    segments: int
    frames: int
    audio_ms: int
    first_segment_s: float | None
    queue_s: float | None
    first_pcm_s: float | None
    first_audio_s: float | None
    total_s: float
    synthesis_s: float
    rtf: float | None
    underruns: int
    underrun_ms: float


@dataclass(frozen=True, slots=True)
class Standstill:
    """Where every part of a context stood when its sound failed to come.

    Attributes:
        still_s: seconds since its speech last made progress.
        segments_begun: segments whose sound has begun.
        begun_is_over: the last begun segment has all its sound.
        ordered_segment: the segment that the speaker was given and has not begun.
        made_ms: sound that the encoder was fed.
        sent_ms: sound that has left.
        ready_ms: sound that is encoded and not sent.
        ungranted_frames: frames that the encoder holds until they are granted.
    """

    context_id: str
    state: str
    voice: str
    still_s: float
    holds_slot: bool
    queued_segments: int
    segments_begun: int
    begun_is_over: bool
    speaker: str
    ordered_segment: int | None
    made_ms: int
    sent_ms: int
    ready_ms: int
    ungranted_frames: int
    lead_ms: int
    is_paused: bool


@dataclass(slots=True)
class Stopwatch:
    """When things first happened; None until they do."""

    opened_at: float
    text_at: float | None = None
    segment_at: float | None = None
    slot_at: float | None = None
    pcm_at: float | None = None
    audio_at: float | None = None


class Context:
    """One utterance of one connection.

    Attributes:
        takes_guesses: the peer is to be told word times that are guessed.
        segments: released by the accumulator, not yet given to the speaker.
        spans: the last segments given to the speaker, with their times.
        audio: how its sound is encoded.
        facts: what the codec makes of that.
        segments_released: how many segments its text has made so far.
        segments_sent: how many of them have left to the last sample.
        flushes: (how many segments must have left, token) of each flush that its peer waits for, in order.
        queued_bytes: UTF-8 bytes of the text in ``segments``.
        text_bytes: UTF-8 bytes of all its text.
        slot: where it stands with its synthesis slot.
        lease_since: since when its use of the slot is measured.
        lease_heard_ms: where its listener was then.
        leases_lost: how often its slot was taken.
        speaker: what its speaker is doing, the shell's way from text to packets.
        wanted_frames: frames that the speaker holds and waits to be granted.
        stock: encoded packets whose time has not come.
        stock_duration: what a decoder puts out for them, in 48 kHz samples.
        release_at: when the next of them may leave; inf while there are none, or no credit.
        is_encoded_whole: the codec holds no more of this context; when ``stock`` is empty, it is done.
        heard_by: when the listener has heard all, whether it reports that or not; inf while there is more to send, and
            if the session does not wait for that.
        fed: 48 kHz samples of sound made so far.
        pts: 48 kHz samples sent so far, as a decoder puts them out: the first ``preskip`` of them are not sound.
        sequence: frames sent so far.
        last_payload: what the last frame held, kept for codecs whose streams need an end.
        unflagged_ends: finished segments whose last frame is unsent: (where they end in 48 kHz samples, span).
        busy_since: since when there has been text to speak without a break; None while it is the writer's turn.
        moved_at: when its speech last came a step further: a slot, an order, sound, packets, a frame that left.
        watched_at: when the session next looks whether the context stands still or leaves its slot unused.
    """

    def __init__(
        self,
        context_id: str,
        number: int,
        style: Style,
        timestamps: Timestamps,
        accumulator: SentenceAccumulator,
        clock: PlayoutClock,
        audio: AudioParameters,
        facts: AudioFacts,
        now: float,
    ) -> None:
        self.id = context_id
        self.number = number
        self.style = style
        self.timestamps = timestamps
        self.takes_guesses = True
        self.accumulator = accumulator
        self.clock = clock
        self.audio = audio
        self.facts = facts
        self.preskip = facts.preskip
        self.state = State.OPEN
        self.stopwatch = Stopwatch(opened_at=now)

        self._deltas: list[str] = []
        self.text_bytes = 0
        self.queued_bytes = 0
        self._queued_ms = (
            0.0  # guessed sound of ``segments``: summed up here, for a pasted book is thousands of segments
        )
        self.segments: deque[Segment] = deque()
        self.spans: deque[Span] = deque(maxlen=_KEPT_SPANS)
        self._segments_begun = 0
        self.segments_released = 0
        self.segments_sent = 0
        self.flushes: deque[tuple[int, int]] = deque()

        self.slot = SlotLife()
        self.lease_since = now
        self.lease_heard_ms = 0.0
        self.leases_lost = 0
        self.speaker = SpeakerLife()
        self.wanted_frames = 0

        self.stock: deque[Packet] = deque()
        self.stock_duration = 0
        self.release_at = math.inf
        self.is_encoded_whole = False
        self.heard_by = math.inf
        self.fed = 0
        self.pts = 0
        self.sequence = 0
        self.last_payload: bytes | None = None
        self.unflagged_ends: deque[tuple[int, Span]] = deque()

        self.busy_since: float | None = None
        self.moved_at = now
        self.watched_at = math.inf
        self.synthesis_s = 0.0
        self.underruns = 0
        self.underrun_ms = 0.0

    def __repr__(self) -> str:
        return f"<Context {self.id!r} {self.state.name} pts={self.pts} queued={len(self.segments)}>"

    # -- text --

    def add_text(self, delta: str, size_bytes: int) -> None:
        """Keep what the client wrote; ``context.done`` reports it, split at what was heard."""
        self._deltas.append(delta)
        self.text_bytes += size_bytes

    def add_segments(self, segments: list[Segment]) -> None:
        """Queue what the accumulator released."""
        self.segments.extend(segments)
        self.segments_released += len(segments)
        self.queued_bytes += sum(len(segment.text.encode()) for segment in segments)
        self._queued_ms += sum(map(_guess_ms, segments))

    def take_segment(self) -> Segment:
        """Take the next segment to speak."""
        segment = self.segments.popleft()
        self.queued_bytes -= len(segment.text.encode())
        self._queued_ms -= _guess_ms(segment)
        return segment

    def is_heard_out(self, now: float) -> bool:
        """All that was written was spoken, sent and played."""
        is_sent = self.segments_sent == self.segments_released and not self.accumulator.pending_chars
        return is_sent and self.clock.lead_ms(now) == 0

    @property
    def has_work(self) -> bool:
        """There is text to speak, now."""
        return bool(self.segments)

    @property
    def is_under_way(self) -> bool:
        """The context has something to speak or is speaking, so its peer is not idle."""
        has_slot = self.slot.is_held or self.slot.is_queued
        return has_slot or self.has_work or self.speaker.state is SpeakerState.FINISHING

    def moved(self, now: float) -> None:
        """Note that the speech made progress."""
        self.moved_at = now

    def resume(self, away_s: float, now: float) -> None:
        """Go on after its peer was away for so long."""
        self.accumulator.hold(away_s)
        self.moved(now)
        self.renew_lease(now)

    def renew_lease(self, now: float) -> None:
        """Restart the measurement of how the slot is used."""
        self.lease_since = now
        self.lease_heard_ms = self.clock.played_ms(now)

    @property
    def is_owed_sound(self) -> bool:
        """There is something to speak, and only the engine and the encoder keep it from being heard.

        A context that waits for a slot is owed nothing yet. Packets and frames that lie ready wait for the listener's
        lead; if the listener has nothing left to hear, they are owed to it all the same.
        """
        if self.slot.is_queued or self.slot.is_suspended:
            return False
        should_have_order = self.slot.is_held and self.has_work
        return not self.speaker.takes_orders or should_have_order or self.speaker.state is SpeakerState.PADDING

    @property
    def is_held_back(self) -> bool:
        """The next packet is made, and the session keeps it until the listener's lead allows it."""
        return bool(self.stock or self.wanted_frames)

    def standstill(self, now: float) -> Standstill:
        """Tell where every part of the context's way stands, for the log."""
        return Standstill(
            context_id=self.id,
            state=self.state.name.lower(),
            voice=self.style.voice,
            still_s=now - self.moved_at,
            holds_slot=self.slot.is_held,
            queued_segments=len(self.segments),
            segments_begun=self._segments_begun,
            begun_is_over=not self.spans or self.spans[-1].end_ms is not None,
            speaker=self.speaker.state.value,
            ordered_segment=None if self.speaker.ordered is None else self.speaker.ordered.index,
            made_ms=round(_ms(self.fed)),
            sent_ms=round(_ms(self.sent)),
            ready_ms=round(_ms(self.stock_duration)),
            ungranted_frames=self.wanted_frames,
            lead_ms=round(self.clock.lead_ms(now)),
            is_paused=self.clock.is_paused,
        )

    def lead_s(self, now: float) -> float:
        """The lead that the accumulator is told: the listener's sound, plus a guess at that of released text."""
        ordered_ms = 0.0 if self.speaker.ordered is None else _guess_ms(self.speaker.ordered)
        unspoken_ms = self._queued_ms + ordered_ms + self._unmade_ms()
        return (self.clock.lead_ms(now) + unspoken_ms) / 1000

    def begun_s(self, now: float) -> float:
        """Sound that the listener has, and that the speaker's segments will still give it: made, or guessed."""
        made_ms = _ms(self.fed - self.sent)
        return (self.clock.lead_ms(now) + made_ms + self._unmade_ms()) / 1000

    def _unmade_ms(self) -> float:
        """Guess how much sound of the segment that is being spoken is still to come."""
        if not self.spans or self.spans[-1].end_ms is not None:
            return 0.0
        span = self.spans[-1]
        return max(0.0, _guess_ms(span.segment) - (_ms(self.fed) - span.start_ms))

    # -- speech --

    @property
    def sent(self) -> int:
        """48 kHz samples of sound sent so far."""
        return max(0, self.pts - self.preskip)

    def sound_of(self, packet: Packet) -> int:
        """48 kHz samples of sound that this packet adds if it is sent next; a header page adds none."""
        if self.pts >= self.preskip:  # nearly always
            return packet.duration
        return max(0, self.pts + packet.duration - self.preskip) - self.sent

    def begin_segment(self, segment: Segment, start: int) -> Span:
        """Note that a segment's sound starts at 48 kHz sample ``start``."""
        self._segments_begun += 1
        span = Span(segment, _ms(start))
        self.spans.append(span)
        return span

    def place_words(self, marks: tuple[WordMark, ...], rate_hz: int) -> list[TimedWord]:
        """Return the words whose time is known by a chunk's word marks.

        A word ends where the next begins, so the last one is held back until the next is known.
        """
        placed: list[TimedWord] = []
        for mark in marks:
            span = self.spans[-1]
            at_ms = span.start_ms + 1000 * mark.start_sample / rate_hz
            placed += span.words.anchor(mark.char_start, mark.char_end, at_ms)
        return placed

    def place_last_words(self, end: int) -> list[TimedWord]:
        """Return the words that the segment ends with; ``end`` is where its sound ends, in 48 kHz samples."""
        span = self.spans[-1]
        return span.words.finish(_ms(end) - span.segment.pause_ms)

    def end_segment(self, end: int) -> Span:
        """Note that the segment's sound ends at 48 kHz sample ``end``."""
        span = self.spans[-1]
        span.end_ms = _ms(end)
        return span

    # -- the end --

    def split_text(self, heard_ms: float) -> tuple[str, str]:
        """Split the text as sent, between words, into the part heard until ``heard_ms`` and the rest."""
        text = "".join(self._deltas)
        heard = character_end(text, self._heard_chars(heard_ms))
        return text[:heard], text[heard:]

    def whole_text(self) -> str:
        """All text as sent."""
        return "".join(self._deltas)

    def report(self, reason: EndReason, now: float) -> ContextReport:
        """Sum the context up for the log."""
        watch = self.stopwatch
        audio_s = _ms(self.sent) / 1000
        return ContextReport(
            context_id=self.id,
            reason=reason,
            voice=self.style.voice,
            chars=sum(map(len, self._deltas)),
            segments=self._segments_begun,
            frames=self.sequence,
            audio_ms=round(_ms(self.sent)),
            first_segment_s=_between(watch.text_at, watch.segment_at),
            queue_s=_between(watch.segment_at, watch.slot_at),
            first_pcm_s=_between(watch.slot_at, watch.pcm_at),
            first_audio_s=_between(watch.text_at, watch.audio_at),
            total_s=now - watch.opened_at,
            synthesis_s=self.synthesis_s,
            rtf=self.synthesis_s / audio_s if audio_s else None,
            underruns=self.underruns,
            underrun_ms=self.underrun_ms,
        )

    def _heard_chars(self, heard_ms: float) -> int:
        heard = self.spans[0].segment.char_start if self.spans else 0
        for span in self.spans:
            if span.start_ms >= heard_ms:
                break
            if span.end_ms is not None:
                is_whole = span.end_ms <= heard_ms
                heard = span.segment.char_end if is_whole else span.words.heard_until(heard_ms)
            else:
                guessed_end_ms = span.start_ms + _guess_ms(span.segment)
                heard = span.words.guess_heard_until(heard_ms, max(guessed_end_ms, _ms(self.fed)))
        return heard


def _guess_ms(segment: Segment) -> float:
    """Guess how long a segment sounds; the sums of such guesses are exact, because a guess is a whole number."""
    return GUESSED_MS_PER_CHAR * len(segment.spoken) + segment.pause_ms


def _ms(samples: int) -> float:
    """48 kHz samples to milliseconds."""
    return samples / SAMPLES_PER_MS


def _between(start: float | None, end: float | None) -> float | None:
    return end - start if start is not None and end is not None else None
