"""Chinese and Japanese by Kokoro, all other languages by the embedded voice, stretch by stretch inside a segment.

Admission is Kokoro's, one context a core: what language a context will be in is not known when it comes.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from ..embedded.synthesizer import EmbeddedSynthesizer
from ..interface import EngineStatus, EngineUnavailable, NoSuchVoice, Voice, never
from ..language import wished_runs
from ..turns.parts import ends_sentence, moved, why_not
from .synthesizer import KokoroSynthesizer
from .text import is_spoken

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator, Sequence
    from pathlib import Path

    from ..interface import PcmChunk, Segment, SpokenRun, Style

log = logging.getLogger("sayline.kokoro")


class MixedSynthesizer:
    """Kokoro and the embedded voice as one engine; see the module.

    Args:
        folder: of Kokoro's voices.
        processes: of Kokoro's; None: one a core.
        gateways: processes of the server that each have such an engine, on the same cores.
    """

    def __init__(self, folder: Path, processes: int | None = None, gateways: int = 1) -> None:
        self._kokoro = KokoroSynthesizer(folder, processes, gateways)
        self._embedded = EmbeddedSynthesizer(1, gateways)  # its work is a hundredth of Kokoro's
        self._without_embedded = ""  # why, if it cannot run here
        self._voices: tuple[Voice, ...] = ()

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``; both engines have it."""
        return self._kokoro.sample_rate_hz

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many contexts as Kokoro keeps in real time."""
        return self._kokoro.default_max_concurrent_requests

    def voices(self) -> Sequence[Voice]:
        """List Kokoro's voices, then the embedded ones; known once started."""
        return self._voices

    def status(self) -> EngineStatus:
        """Tell how Kokoro is, and who speaks what it does not."""
        status = self._kokoro.status()
        other = self._without_embedded or self._embedded.status().detail
        return replace(status, detail=f"{status.detail}; other languages: {other}") if other else status

    def watch(self, changed: Callable[[], None]) -> None:
        """Keep no callback: Kokoro's forecast is made once, at the start."""

    async def start(self) -> None:
        """Start both engines.

        Raises:
            EngineUnavailable: Kokoro does not run here.
        """
        async with asyncio.TaskGroup() as group:
            starting = [group.create_task(why_not(engine)) for engine in (self._kokoro, self._embedded)]
        failure, self._without_embedded = (task.result() for task in starting)
        if failure:
            await self.close()
            raise EngineUnavailable(failure)
        if self._without_embedded:
            log.warning("%s; only Chinese and Japanese can be spoken", self._without_embedded)
        others = () if self._without_embedded else tuple(self._embedded.voices())
        tags = others[0].languages if others else ()
        self._voices = (
            *(
                replace(voice, languages=tuple(dict.fromkeys((*voice.languages, "cmn", "zh", "ja", *tags))))
                for voice in self._kokoro.voices()
            ),
            *others,
        )

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak a segment, stretch by stretch; see ``Synthesizer.speak``."""
        if any(voice.name == style.voice for voice in self._embedded.voices()) and not self._without_embedded:
            parts: Iterator[tuple[Segment, bool]] = iter([(segment, False)])
            embedded = style
        elif any(voice.name == style.voice for voice in self._kokoro.voices()):
            parts = self._parts(segment, style.language, self._voices[0].speaks)
            embedded = style
            if not self._without_embedded:
                embedded = replace(style, voice=self._embedded.voices()[0].name)
                if not is_spoken(style.language):
                    self._embedded.judge(embedded)  # before the first part, which may be Kokoro's
        else:
            raise NoSuchVoice(f"there is no voice {style.voice!r}; see /v1/voices")
        given = 0
        for part, is_kokoros in parts:
            begun, offset = given, part.char_start - segment.char_start
            chunks = (
                self._kokoro.speak(part, style, runs_dry_at)
                if is_kokoros
                else self._embedded.speak(part, embedded, runs_dry_at)
            )
            async with aclosing(chunks):
                async for chunk in chunks:
                    given += len(chunk.samples)
                    yield moved(chunk, offset, begun)

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell who would speak which part, and how; see ``interface.Telling``."""
        if all(voice.name != style.voice for voice in self._kokoro.voices()):
            return await self._embedded.tell(segment, style)
        told = []
        embedded = replace(style, voice=self._embedded.voices()[0].name)
        for part, is_kokoros in self._parts(segment, style.language, self._voices[0].speaks):
            runs = await (self._kokoro.tell(part, style) if is_kokoros else self._embedded.tell(part, embedded))
            begin = part.char_start - segment.char_start
            told += [run._replace(start=run.start + begin, end=run.end + begin) for run in runs]
        return told

    async def close(self) -> None:
        """Stop both engines; idempotent."""
        await self._kokoro.close()
        await self._embedded.close()

    def _parts(
        self, segment: Segment, language: str | None, speaks: Callable[[str], bool]
    ) -> Iterator[tuple[Segment, bool]]:
        """Cut a segment into what each engine speaks: the part, and whether it is Kokoro's."""
        text = segment.spoken
        stretches: list[tuple[int, int, bool]] = []
        for run in wished_runs(text, language, segment.wished("language"), speaks):
            is_kokoros = is_spoken(run.language) or bool(self._without_embedded)
            if stretches and stretches[-1][2] == is_kokoros:
                stretches[-1] = (stretches[-1][0], run.end, is_kokoros)
            else:
                stretches.append((run.start, run.end, is_kokoros))
        for start, end, is_kokoros in stretches:
            is_last = segment.is_last if end == len(text) else not ends_sentence(text[start:end])
            at = segment.char_start
            part = replace(segment.part(start, end), char_start=at + start, char_end=at + end, is_last=is_last)
            yield part, is_kokoros
