"""The embedded voice: each stretch of a segment is spoken by the engine that speaks its language best.

::

    segment ──► language.runs ──► hibari    English
                              └─► espeak-ng every other language, and what hibari refuses

Nothing vanishes: what hibari cannot read is read by espeak-ng. If hibari cannot run here, the log says so once, and
espeak-ng speaks English too.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Final, NamedTuple

from ..espeak.synthesizer import DEFAULT_LANGUAGE, EspeakSynthesizer
from ..espeak.synthesizer import VARIANTS as ESPEAK_VOICES
from ..hibari.synthesizer import VOICE, HibariSynthesizer
from ..hibari.text import Stretch, readable, without_links
from ..interface import (
    EngineStatus,
    EngineUnavailable,
    NoSuchVoice,
    Voice,
    never,
)
from ..language import primary, wished_runs
from ..turns.linked import TextRefused
from ..turns.parts import ends_sentence, moved, why_not

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence

    from ..interface import PcmChunk, Segment, SpokenRun, Style, Synthesizer

NAME: Final = "embedded"
# Higher than espeak-ng's own voice, and so nearer to hibari's: the change of engines is less of a change of persons.
ESPEAK_VOICE: Final = "espeak-female"
ENGLISH: Final = "en"
log = logging.getLogger("sayline.embedded")


class EmbeddedSynthesizer:
    """hibari and espeak-ng as one engine.

    Args:
        processes: how many of hibari's, which speak at once; None: one a core.
        gateways: processes of the server that each have such an engine, on the same cores.
    """

    def __init__(self, processes: int | None = None, gateways: int = 1) -> None:
        self._hibari = HibariSynthesizer(processes, gateways)
        self._espeak = EspeakSynthesizer()
        self._voices: tuple[Voice, ...] = (Voice(VOICE, "", (ENGLISH,)), *self._espeak.voices())
        self._without_hibari = ""  # why, if it cannot run here
        self._without_espeak = ""  # the same
        self._is_started = False

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``; both engines have it."""
        return self._hibari.sample_rate_hz

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many contexts as hibari was measured to keep in real time; without it, as many as espeak-ng keeps."""
        engine: Synthesizer = self._espeak if self._without_hibari else self._hibari
        return engine.default_max_concurrent_requests

    def speaker_of(self, language: str) -> tuple[str, bool]:
        """Tell who speaks a language, why if it is not who is meant to, and whether it is."""
        espeak = self._without_espeak or f"espeak-ng ({self._espeak.status().detail})"
        if not _is_english(language):
            return f"{espeak}, in {len(self._voices[-1].languages)} languages", not self._without_espeak
        if self._without_hibari:
            return f"{espeak}, because {self._without_hibari}", False
        return f"hibari, voice {VOICE} ({self._hibari.status().detail})", True

    def voices(self) -> Sequence[Voice]:
        """List the neural voice, then espeak-ng's; languages are known once started."""
        return self._voices

    def status(self) -> EngineStatus:
        """Tell how the two are. With one of them alone it is ready, and says what the other's absence means."""
        if not self._is_started:
            failure = self._without_hibari and self._without_espeak
            return EngineStatus(NAME, "failed" if failure else "loading", failure)
        told = []
        statuses = []
        for engine, absence in ((self._hibari, self._without_hibari), (self._espeak, self._without_espeak)):
            told.append(absence or engine.status().detail)
            if not absence:
                statuses.append(engine.status())
        has_failed = any(status.state == "failed" for status in statuses)
        return EngineStatus(
            NAME,
            "failed" if has_failed else "ready",
            "; ".join(told),
            sustainable_requests=statuses[0].sustainable_requests,  # hibari's, unless espeak-ng is alone
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Have this called whenever hibari forecasts another number of contexts."""
        self._hibari.watch(changed)

    async def start(self) -> None:
        """Start both engines.

        Raises:
            EngineUnavailable: neither runs here.
        """
        if self._is_started:
            return
        async with asyncio.TaskGroup() as group:
            hibari = group.create_task(why_not(self._hibari))
            espeak = group.create_task(why_not(self._espeak))
        self._without_hibari, self._without_espeak = hibari.result(), espeak.result()
        if self._without_hibari and self._without_espeak:
            raise EngineUnavailable(f"{self._without_hibari}; {self._without_espeak}")
        if self._without_hibari:
            log.warning("%s; espeak-ng speaks English instead", self._without_hibari)
        if self._without_espeak:
            log.warning("%s; only English can be spoken", self._without_espeak)
        self._is_started = True
        self._voices = self._describe()

    def judge(self, style: Style) -> None:
        """Refuse a style that the neural voice cannot honour, without speaking; once started.

        Raises:
            UnsupportedRequest: it is another voice, or no engine speaks the language.
        """
        if style.voice != VOICE:
            raise NoSuchVoice(f"there is no voice {style.voice!r}; the embedded engine has {self._names()}")
        if style.language and not _is_english(style.language):
            self._espeak.judge(replace(style, voice=ESPEAK_VOICE))

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak a segment, run by run; see ``Synthesizer.speak``."""
        if not self._is_started:
            raise EngineUnavailable("the embedded engine is not started")
        if style.voice in ESPEAK_VOICES:
            async with aclosing(self._espeak.speak(segment, style, runs_dry_at)) as chunks:
                async for chunk in chunks:
                    yield chunk
            return
        self.judge(style)  # before the first run, which may be another language
        given = 0
        for part in _parts(segment, style, self._voices[0].speaks):
            before = given
            async with aclosing(self._speak_part(part, style, runs_dry_at)) as chunks:
                async for chunk in chunks:
                    yield moved(chunk, part.said.char_start, before)
                    given += len(chunk.samples)

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell who would speak which part, and how; see ``interface.Telling``."""
        if style.voice in ESPEAK_VOICES:
            return await self._espeak.tell(segment, style)
        self.judge(style)
        told = []
        for part in _parts(segment, style, self._voices[0].speaks):
            runs = await self._tell_part(part, style)
            begin = part.said.char_start
            told += [run._replace(start=run.start + begin, end=run.end + begin) for run in runs]
        return told

    async def _tell_part(self, part: _Part, style: Style) -> list[SpokenRun]:
        if part.is_hibaris and not self._without_hibari:
            with contextlib.suppress(TextRefused):
                return await self._hibari.tell(part.said, style)
        said = part.said
        plain = replace(said, spoken=without_links(said.spoken)) if style.allow_markup else said
        fallback = replace(style, voice=ESPEAK_VOICE, language=part.language or DEFAULT_LANGUAGE)
        return await self._espeak.tell(plain, fallback)

    async def close(self) -> None:
        """Stop both engines; idempotent."""
        self._is_started = False
        await self._hibari.close()
        await self._espeak.close()

    async def _speak_part(
        self, part: _Part, style: Style, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak a part; word marks and samples count from its beginning."""
        given, refused_at = 0, 0
        if part.is_hibaris and not self._without_hibari:
            english = replace(style, voice=VOICE)
            try:
                async with aclosing(self._hibari.speak(part.said, english, runs_dry_at)) as chunks:
                    async for chunk in chunks:
                        yield chunk
                        given += len(chunk.samples)
            except TextRefused as refusal:
                log.warning("espeak-ng speaks a text that hibari cannot: %s", refusal)
                refused_at = refusal.position
            else:
                return
        said = part.said
        plain = replace(said, spoken=without_links(said.spoken)) if style.allow_markup else said
        rest = plain.part(refused_at, len(plain.spoken))
        # What this voice speaks is stretched as a whole, so espeak-ng keeps to its own pace too.
        fallback = replace(style, voice=ESPEAK_VOICE, language=part.language or DEFAULT_LANGUAGE, speed=1.0)
        async with aclosing(self._espeak.speak(rest, fallback, runs_dry_at)) as chunks:
            async for chunk in chunks:
                yield moved(chunk, refused_at, given)

    def _describe(self) -> tuple[Voice, ...]:
        """List the voices, with all languages in which each can be heard."""
        espeak = () if self._without_espeak else tuple(self._espeak.voices())
        others = espeak[0].languages if espeak else ()
        if self._without_hibari:
            speaker = espeak[0]
            description = "espeak-ng in every language: the neural voice for English cannot run here"
        else:
            speaker = self._hibari.voices()[0]
            description = "A neural voice for English (hibari); espeak-ng for other languages"
        languages = (ENGLISH, *(tag for tag in others if tag != ENGLISH))
        alphabets = speaker.alphabets | (espeak[0].alphabets if espeak else frozenset())
        described = replace(speaker, name=VOICE, description=description, languages=languages, alphabets=alphabets)
        return (described, *espeak)

    def _names(self) -> str:
        return ", ".join(voice.name for voice in self._voices)


class _Part(NamedTuple):
    """A stretch of a segment that one engine speaks.

    Attributes:
        said: its text; ``char_start`` is its place in the whole segment's spoken text.
        language: the tag that was asked for, or that its script stands for.
        is_hibaris: hibari can read it.
    """

    said: Segment
    language: str | None
    is_hibaris: bool


def _parts(segment: Segment, style: Style, speaks: Callable[[str], bool]) -> Iterator[_Part]:
    """Cut a segment into what each engine speaks."""
    text = segment.spoken
    # How a word is pronounced is written in letters of several scripts, and says nothing of the language.
    plain = without_links(text) if style.allow_markup else text
    for run in wished_runs(plain, style.language, segment.wished("language"), speaks):
        is_english = _is_english(run.language or ENGLISH)
        stretches = readable(plain[run.start : run.end]) if is_english else [Stretch(0, run.end - run.start)]
        for stretch in stretches:
            start, end = run.start + stretch.start, run.start + stretch.end
            # A pause as between sentences follows if a sentence ends here.
            is_last = segment.is_last if end == len(text) else not ends_sentence(text[start:end])
            part = replace(segment.part(start, end), char_start=start, char_end=end, is_last=is_last)
            yield _Part(part, run.language, is_english and stretch.is_readable)


def _is_english(language: str) -> bool:
    return primary(language) == ENGLISH
