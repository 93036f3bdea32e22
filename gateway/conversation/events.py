"""What a peer learns from a conversation. A dialect puts these into its own words.

Times of sound are milliseconds from the context's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...synthesis.interface import Segment
    from ..errors import GatewayError
    from .audio import AudioFacts, AudioParameters

DoneReason = Literal["end", "cancel", "error"]


@dataclass(frozen=True, slots=True)
class Ready:
    """What this server offers and allows: first of all, and again after ``Configure``."""

    conversation_id: str
    voices: Sequence[str]
    max_contexts: int
    max_text_bytes: int
    max_lead_ms: int
    idle_s: float


@dataclass(frozen=True, slots=True)
class Opened:
    """A context has begun; ``number`` counts the conversation's contexts from 0."""

    context_id: str
    number: int
    audio: AudioParameters
    facts: AudioFacts


@dataclass(frozen=True, slots=True)
class SegmentStarted:
    """The segment's sound comes next."""

    context_id: str
    segment: Segment
    start_ms: float


@dataclass(frozen=True, slots=True)
class Words:
    """When words of a segment are heard.

    Attributes:
        words: (word, start, end) each.
        is_guessed: the engine gave no times, so the words share the segment's time by their length.
    """

    context_id: str
    segment_index: int
    words: Sequence[tuple[str, float, float]]
    is_guessed: bool


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """The segment's last packet has left."""

    context_id: str
    segment_index: int
    end_ms: float


@dataclass(frozen=True, slots=True)
class Flushed:
    """All that was written before a ``Flush`` was sent; its token comes back. Not of a context that is cut short."""

    context_id: str
    token: int


@dataclass(frozen=True, slots=True)
class Done:
    """A context is over. One for each context, after its last packet.

    Attributes:
        audio_ms: sound that was sent.
        text_spoken: the part of the text as sent that the listener has heard, or will have heard.
        text_remaining: the rest of it.
        characters: how many were taken, spoken or not; what is counted for quotas.
    """

    context_id: str
    reason: DoneReason
    audio_ms: float
    text_spoken: str
    text_remaining: str
    characters: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """Something went wrong; the conversation goes on. ``context_id`` names the context concerned, if there is one."""

    error: GatewayError
    context_id: str | None = None


@dataclass(frozen=True, slots=True)
class GoingAway:
    """The server is draining: running contexts are finished, for ``drain_s`` at most."""

    drain_s: float


@dataclass(frozen=True, slots=True)
class StillHere:
    """The answer to ``AreYouThere``."""

    token: str | int | None


Event = Ready | Opened | SegmentStarted | Words | SegmentDone | Flushed | Done | Fault | GoingAway | StillHere
