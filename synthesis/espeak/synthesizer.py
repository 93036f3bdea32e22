"""espeak-ng, in the library and data that the ``espeakng-loader`` wheel carries.

This file decides what is said, in which voice, and how far ahead; three files share the rest::

    synthesizer.py  speak(): one utterance (turns/utterance.py) asks for turns (turns/queue.py)
     ├── text.py         what espeak-ng is given to read, and where in the text it is
     └── engine.py       talks to the process
          ┆ socket
         process.py      espeak-ng itself, in a process that may crash

A turn is half a second of sound or more and ends at a clause. The reason is that espeak-ng never makes the same sound
twice (timing jitters by a few samples): a clause cannot be resumed in its middle, but clauses are independent of each
other. An utterance gets its turn only by asking, which bounds memory: one that no listener reads holds one turn's sound
and no more.

espeak-ng's 22,050 Hz become 24,000 here, where turns come one after another, so a single converter serves all
utterances. One converter for each context would cost 132 to 219 KB each, more than all else that a listener costs.
"""

from __future__ import annotations

import asyncio
import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import soxr  # type: ignore[import-untyped]  # it ships stubs without the py.typed marker

from ..interface import (
    EngineStatus,
    EngineUnavailable,
    NoSuchVoice,
    SpokenRun,
    UnsupportedRequest,
    Voice,
    WordMark,
    never,
)
from ..language import lookup, of_sentence, primary, wished_runs
from ..marking import Naming, marked
from ..turns.parts import ends_sentence, moved
from ..turns.process import start
from ..turns.queue import Turns
from ..turns.utterance import SAMPLE_RATE_HZ, Utterance
from .engine import EspeakEngine, Turn
from .phonemes import BRACKETS, PINYIN_VOICE, pinyin_text, written
from .process import SAMPLE_RATE_HZ as ENGINE_RATE_HZ
from .telling import Teller
from .text import Reading, speakable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sequence

    from ..alignment import Alignment
    from ..interface import Pcm, PcmChunk, Segment, Style
    from ..phonemes import Alphabet
    from ..turns.queue import Turn as QueuedTurn

TURN_SAMPLES: Final = ENGINE_RATE_HZ // 2  # 500 ms: a turn ends with the first clause that reaches this
_RATE_STEP_HZ: Final = math.gcd(ENGINE_RATE_HZ, SAMPLE_RATE_HZ)
_PERIOD_SAMPLES: Final = ENGINE_RATE_HZ // _RATE_STEP_HZ  # 147 at espeak-ng's rate last as long as 160 at ours
_SILENCE_SAMPLES: Final = 1_029  # pushes the last sample of a turn out: soxr gives a sample when it has 921 more

DEFAULT_VOICE: Final = "espeak"
DEFAULT_LANGUAGE: Final = "en-us"  # for text without letters, and for Latin script: the voice's own language
VARIANTS: Final = {  # voice name -> espeak-ng's voice variant, a file under voices/!v; free: it only shifts formants
    DEFAULT_VOICE: "",
    "espeak-female": "+f3",
    "espeak-male": "+m3",
}
ALPHABETS: Final[frozenset[Alphabet]] = frozenset(("ipa", "cmu", "pinyin"))
_KANJI: Final = re.compile("[\u3400-\u9fff]")
# Tags people use that espeak-ng's own list lacks or answers differently.
ALIASES: Final = {
    "en": DEFAULT_LANGUAGE,
    "zh-hk": "yue",
    "zh-mo": "yue",
    "zh-hant-hk": "yue",
    "nn": "nb",
    "iw": "he",
    "in": "id",
    **{f"es-{region}": "es-419" for region in ("ar", "bo", "cl", "co", "cr", "ec", "gt", "pe", "us", "uy", "ve")},
}
# Scripts that none of its voices reads, so that each letter would be said as "Khmer letter": Syriac to N'Ko, Lao,
# Tibetan, Cherokee to runes, Khmer, Mongolian, those of South East Asia, Coptic, Tifinagh, Yi to Vai, and dead ones.
_NO_VOICE: Final = re.compile(
    "[\u0700-\u07ff\u0e81-\u0edf\u0f00-\u0fff\u13a0-\u16ff\u1780-\u18af\u1950-\u1aff\u1b00-\u1c7f\u2c80-\u2cff"
    "\u2d30-\u2d7f\ua000-\ua63f\ua980-\ua9df\uaa00-\uaa5f\uaa80-\uaadf\uab70-\uabbf\U00010000-\U00011fff]"
)
# Languages whose pronunciation dictionary has another name. The wheel lacks a few dictionaries; espeak-ng then accepts
# the voice but says nothing.
_DICTIONARIES: Final = {"hyw": "hy", "ltg": "lv", "nb": "no"}


class EspeakSynthesizer:
    """Speaks a hundred languages on any processor; ``speed`` is for ``delivery``, other wishes change nothing.

    Each has an espeak-ng process of its own, and belongs to the event loop that started it.
    """

    def __init__(self) -> None:
        self._engine: EspeakEngine | None = None  # set while started
        self._turns: Turns[bytes] = Turns()
        self._languages: Mapping[str, str] = {}  # BCP 47 tag in lower case -> espeak-ng's voice; known once started
        self._voices = _voices((DEFAULT_LANGUAGE,))  # asked for with every message: made once
        self._failure = ""  # why the last start failed
        self._utterances: set[_Utterance] = set()  # being spoken, for close() to end
        self._converter = _Converter()
        self._teller: Teller | None = None  # once something was asked of it

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """How many contexts can run at once.

        A second of speech takes 1 to 1.8 ms of one core, so about 550 contexts would fill it. Half of that leaves room
        for voice changes (0.1 to 10 ms) and for the encoders, which need the same cores and two to three times the
        time.
        """
        return 256

    @property
    def process_id(self) -> int | None:
        """Id of the process that speaks, while there is one."""
        return self._engine.process_id if self._engine else None

    def voices(self) -> Sequence[Voice]:
        """List the voice and its variants; languages are known once started."""
        return self._voices

    def status(self) -> EngineStatus:
        """Tell whether the engine is up. While a crashed process is replaced it is: requests wait some 0.1 s."""
        failure = (self._engine.failure or self._engine.silence) if self._engine else self._failure
        if failure:
            return EngineStatus("espeak", "failed", failure)
        if self._engine:
            return EngineStatus("espeak", "ready", self._engine.version)
        return EngineStatus("espeak", "loading")

    def watch(self, changed: Callable[[], None]) -> None:
        """Keep no callback: this engine makes no forecast that could change."""

    def judge(self, style: Style) -> None:
        """Refuse a style that cannot be spoken, without speaking; once started.

        Raises:
            UnsupportedRequest: there is no such voice or language.
        """
        _voice_for(style, "", self._languages)

    async def start(self) -> None:
        """Start espeak-ng's process and wait until it can speak.

        Raises:
            EngineUnavailable: the wheel, its library or its data is missing.
        """
        if self._engine:
            return
        try:
            library, data = _find_library()
            turns: Turns[bytes] = Turns()
            engine = EspeakEngine(turns, library, data)
            await start([engine])
        except EngineUnavailable as exc:
            self._failure = str(exc)
            raise
        self._engine, self._turns, self._failure = engine, turns, ""
        self._languages = _languages(engine.voices, Path(data))
        self._voices = _voices(tuple(sorted(self._languages)))

    async def speak(
        self,
        segment: Segment,
        style: Style,
        runs_dry_at: Callable[[], float] = never,
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment, one turn ahead of the consumer; see ``Synthesizer.speak``."""
        if not self._engine:
            raise EngineUnavailable("the espeak engine is not started")
        if not segment.spoken.strip():
            return
        given = 0
        for begin, end, voice in _parts(segment, style, self._languages):
            part = segment.part(begin, end)
            # The pause between two sentences belongs to the first of them.
            pauses = not segment.is_last if end == len(segment.spoken) else ends_sentence(part.spoken)
            said, alignment, has_phonemes = _written(part, voice)
            naming = Naming(alignment)
            utterance = _Utterance(
                self._turns,
                self._converter,
                said.spoken,
                voice,
                runs_dry_at=runs_dry_at,
                pause_at_end=pauses,
                has_phonemes=has_phonemes,
            )
            self._utterances.add(utterance)
            try:
                # Chunks are named nowhere: a listener that stalls would have its last one kept here.
                while await utterance.has_sound():
                    yield moved(naming.named(utterance.take()), begin, given)
                given += utterance.given
            finally:
                utterance.cancel()
                self._utterances.discard(utterance)

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell which voice would read which part, and how; see ``interface.Telling``."""
        if self._teller is None:
            self._teller = Teller(*_find_library())
        told = []
        for begin, end, voice in _parts(segment, style, self._languages):
            said, _, has_phonemes = _written(segment.part(begin, end), voice)
            text = speakable(said.spoken, voice)
            ipa = await asyncio.to_thread(self._teller.ipa, text, voice, has_phonemes=has_phonemes)
            language = voice.rpartition("/")[2].partition("+")[0]
            told.append(SpokenRun(begin, end, language, f"espeak-ng {voice}", said.spoken, ipa))
        return told

    async def close(self) -> None:
        """End what is being spoken, and the process."""
        engine, self._engine = self._engine, None
        if engine:
            await engine.close()
        for utterance in self._utterances:
            utterance.turn_failed(EngineUnavailable("the espeak engine was closed"))


class _Converter:
    """Takes turns from espeak-ng's rate to ours; a turn begins and ends in a pause, so it stands by itself.

    One stream goes through all turns, because soxr computes its filters again when it is cleared, which takes as long
    as converting a third of a second. Between turns lies silence: enough to push the last sample out, and just so much
    that the next turn begins on a sample of both rates::

        in     |------- turn -------|-- silence --|------- turn ...
        out           |------- turn -------|- dropped -|------- turn ...
    """

    def __init__(self) -> None:
        # HQ: soxr's 20-bit grade; the grades below cost the same and end their pass band audibly earlier.
        self._stream = soxr.ResampleStream(ENGINE_RATE_HZ, SAMPLE_RATE_HZ, 1, "int16", "HQ")
        self._turn: QueuedTurn[bytes] | None = None  # the turn in whose sound it is
        self._taken = 0  # samples in since the turn's begin
        self._given = 0  # samples out since then; below 0 while what comes out was in before

    def convert(self, turn: QueuedTurn[bytes] | None, pcm: bytes, *, last: bool = False) -> Pcm:
        """Convert what can be converted of a turn so far; with ``last``, everything."""
        if turn is not self._turn:
            if self._turn:  # it was cut short
                self._end_turn()
            self._turn = turn
        converted = self._push(np.frombuffer(pcm, "<i2"))
        if not last:
            return converted
        return np.concatenate((converted, self._end_turn()))

    def _push(self, samples: Pcm) -> Pcm:
        converted: Pcm = self._stream.resample_chunk(samples)
        stale = max(0, -self._given)
        self._taken += len(samples)
        self._given += len(converted)
        return converted[stale:]

    def _end_turn(self) -> Pcm:
        """Push silence behind the turn; return the rest of the turn's sound."""
        missing = round(self._taken * SAMPLE_RATE_HZ / ENGINE_RATE_HZ) - max(0, self._given)
        rest = self._push(np.zeros(_SILENCE_SAMPLES + -(self._taken + _SILENCE_SAMPLES) % _PERIOD_SAMPLES, np.int16))
        self._turn = None
        self._given -= self._taken // _PERIOD_SAMPLES * (SAMPLE_RATE_HZ // _RATE_STEP_HZ)
        self._taken = 0
        return rest[:missing]


class _Utterance(Utterance[bytes]):
    """One segment being spoken by espeak-ng."""

    def __init__(
        self,
        turns: Turns[bytes],
        converter: _Converter,
        text: str,
        voice: str,
        *,
        runs_dry_at: Callable[[], float],
        pause_at_end: bool,
        has_phonemes: bool,
    ) -> None:
        super().__init__(turns)
        self.reading = Reading(speakable(text, voice))
        self._has_phonemes = has_phonemes
        self._converter = converter
        self._voice = voice
        self._runs_dry_at = runs_dry_at
        self._pause_at_end = pause_at_end

    def sound_made(self, pcm: bytes) -> None:
        """Take sound from the engine."""
        self._keep(self._converter.convert(self._turn, pcm))

    def words_begun(self, words: Iterable[tuple[int, int, int]]) -> None:
        """Take words from the engine: they begin in sound that follows."""
        for offset, length, sample in words:
            if word := self.reading.word_at(offset, length):
                start_sample = self._turn_start + sample * SAMPLE_RATE_HZ // ENGINE_RATE_HZ
                self._words.append(WordMark(*word, start_sample))

    def turn_ended(self, characters: int | None) -> None:
        """Go on in the text; the next turn is asked for when this one's sound is given."""
        self._keep(self._converter.convert(self._turn, b"", last=True))
        self.reading.advance(characters)
        super().turn_ended(characters)

    def _next_turn(self) -> Turn | None:
        window = self.reading.window()
        if not window:
            return None
        return Turn(
            self,
            window,
            voice=self._voice,
            full_at_samples=TURN_SAMPLES,
            needed_at=self._runs_dry_at(),
            pause_at_end=self._pause_at_end or self.reading.goes_on,
            is_first=self._received == 0,
            has_phonemes=self._has_phonemes,
        )


def _voices(languages: tuple[str, ...]) -> tuple[Voice, ...]:
    """Describe the voice and its variants; each speaks all languages."""
    descriptions = ("A formant voice", "A formant voice, higher", "A formant voice, lower")
    return tuple(
        Voice(name, f"{description} (espeak-ng)", languages, has_word_times=True, alphabets=ALPHABETS)
        for name, description in zip(VARIANTS, descriptions, strict=True)
    )


def _parts(segment: Segment, style: Style, languages: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    """Cut a text into what each of espeak-ng's voices reads: ``spoken[start:end]``, and the voice's name.

    A script that the voice of the text's language cannot read is read by that of another language: a voice of English
    would say "Chinese letter" again and again. So is what the writer says is in another language, and pinyin.

    Raises:
        UnsupportedRequest: it has no such voice or language.
    """
    text = segment.spoken
    if (letter := _NO_VOICE.search(text)) is not None:
        raise UnsupportedRequest(f"espeak-ng has no voice that reads the script of {letter[0]!r}, and would spell it")
    own = _voice_for(style, text, languages)
    language = style.language or of_sentence(text) or DEFAULT_LANGUAGE
    wishes = segment.wished("language")
    if PINYIN_VOICE in languages:
        pinyin = (wish for wish in segment.wished("phonemes") if wish[2].startswith("pinyin:"))
        wishes += [(start, end, PINYIN_VOICE) for start, end, _ in pinyin]
    start, voice = 0, own
    for run in wished_runs(text, language, wishes, lambda tag: bool(lookup(tag, languages))):
        if primary(run.language or "") == "ja" and (kanji := _KANJI.search(text, run.start, run.end)):
            raise UnsupportedRequest(
                f"espeak-ng reads Japanese in kana only, and here is {kanji[0]!r}: "
                "the kokoro and cosyvoice3 engines read kanji"
            )
        found = lookup(run.language or language, languages)
        wanted = own if not found or run.language == language else languages[found] + VARIANTS[style.voice]
        if wanted != voice and run.start > start:
            yield start, run.start, voice
            start = run.start
        voice = wanted
    yield start, len(text), voice


def _written(part: Segment, voice: str) -> tuple[Segment, Alignment, bool]:
    """Write phonemes as a voice takes them; the map from that to what was written, and whether there are any."""
    if "pinyin" in voice:
        return *marked(part, pinyin_text), False
    said, alignment = marked(part, lambda phonemes: written(phonemes, voice), foreign=BRACKETS)
    return said, alignment, said is not part


def _voice_for(style: Style, text: str, languages: Mapping[str, str]) -> str:
    """Name espeak-ng's voice for a style.

    Raises:
        UnsupportedRequest: it has no such voice or language.
    """
    if style.voice not in VARIANTS:
        raise NoSuchVoice(f"there is no voice {style.voice!r}; espeak has {', '.join(VARIANTS)}")
    wanted = style.language or of_sentence(text) or DEFAULT_LANGUAGE
    if found := lookup(wanted, languages):
        return languages[found] + VARIANTS[style.voice]
    raise UnsupportedRequest(f"espeak does not speak {wanted!r}")


def _languages(voices: Sequence[tuple[int, str, str]], data: Path) -> dict[str, str]:
    """Choose a voice per language, by espeak-ng's own priorities: BCP 47 tag in lower case -> voice identifier."""
    ranked: list[tuple[int, int, str, str]] = []
    bases: dict[str, str] = {}  # voice identifier -> the language it is listed under first, whose dictionary it uses
    for rank, (priority, tag, identifier) in enumerate(voices):
        base = bases.setdefault(identifier, tag.partition("-")[0])
        if (data / f"{_DICTIONARIES.get(base, base)}_dict").exists():
            ranked.append((priority, rank, tag, identifier))
    # Lowest priority number first, then espeak-ng's own order: later entries do not replace earlier ones.
    languages = {tag: identifier for _, _, tag, identifier in sorted(ranked, reverse=True)}
    return languages | {alias: languages[tag] for alias, tag in ALIASES.items() if tag in languages}


def _find_library() -> tuple[str, str]:
    """Find espeak-ng's library and its data folder.

    Raises:
        EngineUnavailable: the text says what to install.
    """
    try:
        import espeakng_loader  # noqa: PLC0415 - its absence is an answer of start(), not of the import of this module

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except ImportError as exc:
        raise EngineUnavailable("the embedded voice is missing: install it with `pip install espeakng-loader`") from exc
    except RuntimeError as exc:
        raise EngineUnavailable(
            f"the embedded voice is incomplete ({exc}): try `pip install --force-reinstall espeakng-loader`"
        ) from exc
