"""What the gateway knows of speech synthesis: segments go in, PCM comes out, and all failures are one family.

Errors::

    SynthesisError
     ├── EngineUnavailable   the engine cannot run here, or is not up (the operator acts; the message says what to do)
     ├── UnsupportedRequest  the engine cannot speak this (the client's fault)
     │    └── NoSuchVoice          the engine has no voice of this name, or cannot use it
     └── SynthesisFailed     the engine broke while speaking (our fault; retrying may help)
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, runtime_checkable

from .alignment import Alignment
from .language import lookup, scripts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    from .phonemes import Alphabet
    from .pronunciation import Pronunciation

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples at the synthesizer's own rate


class SynthesisError(Exception):
    """A failure that keeps text from becoming sound."""


class EngineUnavailable(SynthesisError):
    """The engine cannot run on this machine, or is not up. The message says what to install or set."""


class UnsupportedRequest(SynthesisError):
    """The engine is well but cannot speak this request; retrying does not help."""


class NoSuchVoice(UnsupportedRequest):
    """The engine has no voice of this name, or cannot use it."""


class SynthesisFailed(SynthesisError):
    """The engine broke while speaking; the same request may succeed later."""


# What a writer may wish for a stretch of what is spoken. Values, by kind:
#   characters  spelled, one character after the other; no value
#   say-as      what it is, as SSML's ``interpret-as`` has it: ``cardinal``, ``ordinal``, ``digits``, ``date``, ``time``
#               ``telephone``, ``currency``, ``unit``, ``fraction``, ``math`` …; ``date:dmy`` names its parts' order
#   phonemes    how it sounds: ``ipa:…``, ``cmu:…`` or ``pinyin:…``
#   language    a BCP 47 tag
#   rate        a factor of the pace, 0.5 to 2, as a decimal number
#   volume      a factor of the amplitude, 0 to 2, as a decimal number
#   emphasis    ``strong``, ``moderate``, ``reduced`` or ``none``
WishKind = Literal["characters", "say-as", "phonemes", "language", "rate", "volume", "emphasis"]


# So much of a sentence decides how a number behind it is read, in characters: about twenty words.
MAX_BEFORE_CHARS: Final = 120


@dataclass(frozen=True, slots=True)
class Wish:
    """How the writer wants a stretch of a segment spoken. Who cannot do it speaks the stretch like any other.

    Attributes:
        start: offset in ``Segment.spoken``, in code points.
        end: offset just past the stretch, which is never empty.
        kind: what is wished for.
        value: see ``WishKind``.
    """

    start: int
    end: int
    kind: WishKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of one context's text that is spoken in one breath.

    Attributes:
        index: position among the context's segments, from 0.
        text: the text exactly as the client sent it, ``sent[char_start:char_end]``.
        spoken: what a person reading ``text`` aloud would say (markup removed); may be empty.
        char_start: offset of ``text`` in the context's text, in Unicode code points.
        char_end: offset just past ``text``; the next segment starts here.
        is_last: no segment of this context follows.
        alignment: leads from ``spoken`` to ``text``. If it is left out, or was made for other texts than these, two
            texts of one length are each other's character for character, and others as a whole.
        wishes: how stretches of ``spoken`` are to be spoken, in order of their starts, an outer one before an inner
            one. Engines never see those for rate and volume: ``delivery`` grants them.
        pause_ms: silence behind its sound. Engines never see it: ``delivery`` appends it.
        language: what its script tells of its language, or else what those of the segments before it told; None if
            nothing did.
        begun: what an engine noted (``PcmChunk.note``, in order) that has begun this segment and cannot go on. Whoever
            has the notes makes the same sound as far as that one had come. An engine that makes no notes gets none.
        before: what earlier segments spoke of the same sentence, or its end, if this segment begins inside a sentence.
            The reading stage says "482913" behind "your code is" as it would in one piece. Engines need not look at it.
    """

    index: int
    text: str
    spoken: str
    char_start: int
    char_end: int
    is_last: bool = False
    alignment: Alignment = field(default_factory=Alignment)
    wishes: tuple[Wish, ...] = ()
    pause_ms: int = 0
    language: str | None = None
    before: str = ""
    begun: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Align the two texts if nobody has."""
        here, there = len(self.spoken), len(self.text)
        if (self.alignment.here_length, self.alignment.there_length) != (here, there):
            alignment = Alignment.identity(here) if here == there else Alignment.whole(here, there)
            object.__setattr__(self, "alignment", alignment)

    def part(self, start: int, end: int) -> Segment:
        """Make a segment of ``spoken[start:end]``, with the wishes for it."""
        wishes = tuple(
            replace(wish, start=max(wish.start, start) - start, end=min(wish.end, end) - start)
            for wish in self.wishes
            if wish.start < end and wish.end > start
        )
        before = (self.before + self.spoken[:start])[-MAX_BEFORE_CHARS:]
        return replace(self, spoken=self.spoken[start:end], wishes=wishes, before=before)

    def wished(self, kind: WishKind) -> list[tuple[int, int, str]]:
        """List start, end and value of each wish of a kind."""
        return [(wish.start, wish.end, wish.value) for wish in self.wishes if wish.kind == kind]

    @property
    def is_silent(self) -> bool:
        """Nothing of it takes time: neither a word nor a pause."""
        return not self.pause_ms and not self.spoken.strip()


# Parts of a style that an engine may ignore. ``Voice.obeys`` says it, so that a client is told what is ignored.
StyleWish = Literal["instructions", "speed", "seed", "allow_markup"]


@dataclass(frozen=True, slots=True)
class Style:
    """How a context wants to be spoken.

    Attributes:
        voice: a name from ``Synthesizer.voices()``.
        language: a BCP 47 tag such as ``en`` or ``pt-BR``, or None to detect it from the text's script.
        instructions: free-text manner of speaking, for engines that take it.
        speed: 1.0 is the voice's own pace; 0.5 to 2. Sound of a voice that does not obey it is stretched afterwards
            (``delivery``).
        volume: 1.0 is the voice's own loudness; a factor of the amplitude, 0 to 2. No engine need obey it: sound is
            made louder or softer afterwards.
        seed: makes sampling engines repeatable.
        allow_markup: engines that know tokens such as ``[laughter]`` obey them in the text. Without it the engine
            treats them as any other text.
        utterance: names what the segment is part of, uniquely; an engine may let a segment's prosody follow from that
            of the segment before. None: it stands alone.
        lexicon: how words of this context are said; they go before those of the server. Engines need not look at it:
            the reading stage grants it.
    """

    voice: str
    language: str | None = None
    instructions: str | None = None
    speed: float = 1.0
    volume: float = 1.0
    seed: int | None = None
    allow_markup: bool = False
    utterance: str | None = None
    lexicon: tuple[Pronunciation, ...] = ()


@dataclass(frozen=True, slots=True)
class WordMark:
    """When a word is heard.

    Attributes:
        char_start: offset of the word in ``Segment.spoken``, in code points.
        char_end: offset just past it.
        start_sample: first sample of the word, counted from the segment's first sample, at the synthesizer's rate.
    """

    char_start: int
    char_end: int
    start_sample: int


@dataclass(frozen=True, slots=True)
class PcmChunk:
    """A stretch of a segment's sound, in order.

    Attributes:
        samples: (n,) int16 mono at the synthesizer's ``sample_rate_hz``; n may be 0.
        words: the words that begin inside this chunk, if the engine knows them.
        stages_ms: when the engine reached each of its stages for this chunk, by name, ms after the segment's request.
        note: what another engine of its kind must know to go on behind this chunk, beside what was noted in the
            segment's earlier chunks; only such an engine reads it. Empty if there is nothing new.
    """

    samples: Pcm
    words: tuple[WordMark, ...] = ()
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice on offer.

    Attributes:
        name: what a client asks for.
        description: one line for people.
        languages: BCP 47 tags it speaks; ``mul`` for any.
        obeys: what of a style the engine itself obeys with this voice. A speed within 1 % counts as obeyed.
        alphabets: phonemes that are written in these are said as they are, by wishes of a segment. ``cmu`` is for text
            in English, and for English words between those of another script.
        has_word_times: the engine knows when each word is heard; otherwise the gateway interpolates.
    """

    name: str
    description: str
    languages: tuple[str, ...]
    obeys: frozenset[StyleWish] = frozenset()
    has_word_times: bool = False
    alphabets: frozenset[Alphabet] = frozenset()

    @property
    def scripts(self) -> list[str]:
        """The scripts in which its languages are written (ISO 15924)."""
        return scripts(self.languages)

    def speaks(self, language: str) -> bool:
        """Tell whether a BCP 47 tag, or a shorter form of it, is among the languages (RFC 4647, 3.4, lookup)."""
        spoken = {tag.lower() for tag in self.languages}
        return "mul" in spoken or bool(lookup(language, spoken))


class WorkerFacts(NamedTuple):
    """One of several workers that are one engine.

    Attributes:
        name: its address.
        is_up: it may be given something to speak.
        requests: contexts that it keeps in real time.
        speaking: segments that it speaks for this process.
    """

    name: str
    is_up: bool
    requests: int
    speaking: int


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """What ``/health`` reports of the engine.

    Attributes:
        engine: the engine's name.
        state: ``loading`` until it can speak, ``ready``, or ``failed``.
        detail: one line for people: the version, or why it failed.
        gpu_memory_bytes: what the process holds on the GPU; None without a GPU.
        sustainable_requests: how many contexts the engine forecasts to keep in real time at present; 0 while no new
            context should begin; None if it makes no forecast.
        pressure: what the engine gives up for real time at present, in its own words.
        speeches_cut: segments so far whose speech was as long as the engine allows for their text, and cut off there.
        speeches_moved: times so far that a segment went on at another worker than the one that had begun it.
        workers: those that are the engine together; none if it is one.
    """

    engine: str
    state: Literal["loading", "ready", "failed"]
    detail: str = ""
    gpu_memory_bytes: int | None = None
    sustainable_requests: int | None = None
    pressure: str = "none"
    speeches_cut: int = 0
    speeches_moved: int = 0
    workers: tuple[WorkerFacts, ...] = ()


class SpokenRun(NamedTuple):
    """Who speaks a stretch of a segment, and what it is given: ``spoken[start:end]``.

    Attributes:
        language: BCP 47 tag; None if nothing tells it.
        speaker: the engine, and its voice.
        text: as the engine is given it, with the engine's own marks.
        phonemes: how it is said, in the engine's own alphabet; None if the engine keeps that to itself.
    """

    start: int
    end: int
    language: str | None
    speaker: str
    text: str
    phonemes: str | None


@runtime_checkable
class Telling(Protocol):
    """An engine that tells how it would speak, without speaking; for people who write lexicons (``sayline read``)."""

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell who would speak which part of a segment, and how.

        Raises:
            UnsupportedRequest: it cannot speak this.
        """
        ...


def never() -> float:
    """Tell when a listener runs dry that does not listen in real time: never."""
    return math.inf


class Synthesizer(Protocol):
    """One engine for the whole process, shared by every context; it keeps no state of any context."""

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        ...

    @property
    def default_max_concurrent_requests(self) -> int:
        """How many contexts the engine can keep in real time at once, unless the operator says otherwise."""
        ...

    def voices(self) -> Sequence[Voice]:
        """List the voices on offer, the default one first."""
        ...

    def status(self) -> EngineStatus:
        """Tell how the engine is; cheap, never blocks."""
        ...

    def watch(self, changed: Callable[[], None]) -> None:
        """Register a callback; the event loop calls it whenever ``status`` forecasts other ``sustainable_requests``."""
        ...

    async def start(self) -> None:
        """Load what is needed.

        Raises:
            EngineUnavailable: the engine cannot run here.
        """
        ...

    def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment, as sound becomes available.

        ``runs_dry_at`` tells at any moment when the listener will have heard all that was taken (monotonic clock, s).
        An engine that serves many listeners orders its work by it.

        The engine works only while the consumer asks for the next chunk, a bounded stretch ahead. Closing the generator
        cancels the rest at once. Several generators may run at the same time.

        Raises:
            UnsupportedRequest: from the first step, for a text that the engine cannot speak.
            NoSuchVoice: the same, for a voice.
            SynthesisFailed: the engine broke.
        """
        ...

    async def close(self) -> None:
        """Stop and release everything; idempotent."""
        ...


@dataclass(frozen=True, slots=True)
class NewVoice:
    """A voice that a client wants made.

    Attributes:
        name: what clients will ask for.
        audio: a recording of one person speaking.
        transcript: what it says; None if that is not known.
        language: BCP 47 tag of what it says; None to guess.
        description: one line for people.
        consent: who agreed to it.
        replace: overwrite a voice of the same name.
    """

    name: str
    audio: Path
    transcript: str | None
    language: str | None
    description: str
    consent: str
    replace: bool


class Shelf(Protocol):
    """Adds and removes the voices of an engine that makes voices of recordings, while servers speak with it."""

    async def add(self, voice: NewVoice) -> tuple[str, ...]:
        """Make a voice and store it; returns what its owner should know.

        Raises:
            UnsupportedRequest: name, recording or transcript will not do; the message says why.
            EngineUnavailable: voices cannot be made on this machine.
            SynthesisFailed: it went wrong; the same may succeed later.
        """
        ...

    async def remove(self, name: str) -> None:
        """Delete a voice; contexts that speak with it go on.

        Raises:
            UnsupportedRequest: there is none of that name that can be removed.
            SynthesisFailed: it went wrong.
        """
        ...
