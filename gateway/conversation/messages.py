"""What a peer may ask of a conversation. A dialect makes these from its bytes and checks their values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from ...codecs.formats import FormatName
    from ...synthesis.pronunciation import Pronunciation
    from .audio import AudioParameters

Chunking = Literal["sentence", "clause", "none"]
Timestamps = Literal["none", "segment", "word"]

# Factors of a voice's own pace and amplitude. If a dialect's clients may wish for more, they get the nearest.
SLOWEST: Final = 0.5
FASTEST: Final = 2.0
LOUDEST: Final = 2.0


@dataclass(frozen=True, slots=True)
class Configure:
    """How the audio of all contexts is to be encoded and paced; None leaves a value as it is."""

    format: FormatName | None = None
    sample_rate_hz: int | None = None
    frame_ms: int | None = None
    bitrate: int | None = None
    max_lead_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Begin a context.

    Attributes:
        voice: None for the operator's default.
        or_default: speak with the default voice if there is none of this name, and tell that the wish is ignored.
        speed: a factor of the voice's own pace, ``SLOWEST`` to ``FASTEST``.
        volume: a factor of the voice's own amplitude, 0 to ``LOUDEST``.
        chunking: how text is cut into segments.
        timestamps: which times the peer wants to be told.
        audio: how its sound is encoded, if not as ``Configure`` or the defaults say.
        idle_release_s: how long the writer may pause in mid-sentence before what it wrote is spoken; None for the
            operator's default.
        takes_guesses: the peer can tell guessed times from others; a peer that cannot is told them only if the operator
            wants it.
        lexicon: how words are said in this context.
        first_chars: how many characters the first segment should have, if no sentence ends before; None: the operator's
            choice.
    """

    context_id: str
    voice: str | None = None
    language: str | None = None
    instructions: str | None = None
    speed: float = 1.0
    volume: float = 1.0
    seed: int | None = None
    allow_markup: bool = False
    chunking: Chunking = "sentence"
    timestamps: Timestamps = "segment"
    audio: AudioParameters | None = None
    idle_release_s: float | None = None
    takes_guesses: bool = True
    first_chars: int | None = None
    or_default: bool = False
    lexicon: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """A delta of a context's text. It begins a context with the defaults if there is none of this id."""

    context_id: str
    text: str


@dataclass(frozen=True, slots=True)
class Flush:
    """Speak what is buffered now. With a token, ``events.Flushed`` tells when all of it was sent."""

    context_id: str
    token: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """No more text will come."""

    context_id: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop now. ``played_ms`` is what the listener had heard; None if the peer does not say."""

    context_id: str
    played_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Played:
    """What the listener has heard."""

    context_id: str
    played_ms: float


@dataclass(frozen=True, slots=True)
class AreYouThere:
    """Answer with the same token."""

    token: str | int | None = None


ContextMessage = Open | Write | Flush | End | Cancel | Played
Message = Configure | ContextMessage | AreYouThere


def nearest_speed(wish: float) -> float:
    """Choose the speed that is nearest to a wish."""
    return min(max(wish, SLOWEST), FASTEST)
