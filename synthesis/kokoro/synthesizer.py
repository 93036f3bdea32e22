"""Kokoro as an engine: utterances ask for turns, processes speak them, one for each core.

::

    synthesizer.py  speak(): one utterance (turns/utterance.py) asks for turns (turns/queue.py)
     ├── text.py         where the text is cut, and which language is whose
          ┆ socket, one for each process
         process.py      ── voice.py   the model; packs.py the voices
                             ├── chinese.py, japanese.py   readers
                             └── reading.py                what a reader makes of a text

A second of speech takes 0.6 seconds of a core. So a process serves one listener, and no more are admitted than there
are cores.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import EngineStatus, EngineUnavailable, NoSuchVoice, Voice, WordMark, never
from ..language import detect
from ..turns.cores import cores
from ..turns.link import SAMPLES, Speak
from ..turns.linked import LinkedProcess
from ..turns.process import start
from ..turns.queue import Turn, Turns
from ..turns.utterance import SAMPLE_RATE_HZ, Utterance
from .packs import Pack, found
from .text import has_words, is_japanese, is_spoken, pause_ms, turns

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
    from pathlib import Path

    from ..interface import PcmChunk, Segment, Style

NAME: Final = "kokoro"
PATIENCE_S: Final = 40.0  # a turn takes up to 4 s; two are under way, and an overloaded machine stretches that fivefold
START_PATIENCE_S: Final = 120.0  # 10 s of a core: the model, the dictionaries, and what is spoken to see how fast it is
# Seconds for a second of speech above which a core keeps no listener; the rest is the gateway's, and slower turns'.
HIGHEST_LOAD: Final = 0.85
_REMEDY: Final = "pip install 'sayline[kokoro]', then sayline download kokoro"
_PROGRAM: Final = "sayline.synthesis.kokoro.process"


class KokoroSynthesizer:
    """Speaks Chinese and Japanese; no wish of a style changes anything but the language.

    Args:
        folder: of the voices.
        processes: how many speak at once; None: one a core.
        gateways: how many gateway processes have such an engine on the same cores.
    """

    def __init__(self, folder: Path, processes: int | None = None, gateways: int = 1) -> None:
        self._folder = folder
        self._size = processes or max(1, int(cores() / gateways))
        self._turns: Turns[Speak] = Turns()
        self._processes: Sequence[LinkedProcess] = ()  # set while started
        self._packs: Sequence[Pack] = ()  # the same
        self._failure = ""  # why the last start failed
        self._utterances: set[_Utterance] = set()  # being spoken, for close() to end

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """One context for each process, or fewer if a process is slower than real time."""
        return max(1, self._capacity())

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes that speak."""
        return [process.process_id for process in self._processes if process.process_id is not None]

    def voices(self) -> Sequence[Voice]:
        """List the voices whose files are there."""
        return tuple(Voice(pack.name, pack.description, pack.languages, has_word_times=True) for pack in self._packs)

    def status(self) -> EngineStatus:
        """Tell whether anything can be spoken, and how many contexts are kept in real time."""
        failures = [process.failure or process.silence for process in self._processes]
        if not failures:
            return EngineStatus(NAME, "failed" if self._failure else "loading", self._failure)
        if all(failures):
            return EngineStatus(NAME, "failed", failures[0])
        ready = self._processes[0].ready
        detail = f"{ready.version}, {ready.load:.2f} s of a core for a second"
        if not self._capacity():
            detail += ": too slow for real time"
        return EngineStatus(NAME, "ready", detail, sustainable_requests=self.default_max_concurrent_requests)

    def watch(self, changed: Callable[[], None]) -> None:
        """Keep no callback: the forecast is made once, at the start."""

    async def start(self) -> None:
        """Start the processes and wait until they can speak.

        Raises:
            EngineUnavailable: a package or a voice is missing, or the model does not load.
        """
        if self._processes:
            return
        queue: Turns[Speak] = Turns()
        processes = [
            LinkedProcess(
                f"kokoro's process {number}",
                _PROGRAM,
                _REMEDY,
                queue,
                PATIENCE_S,
                START_PATIENCE_S,
                [str(self._folder.absolute())],
            )
            for number in range(1, self._size + 1)
        ]
        try:
            await start(processes)
        except EngineUnavailable as exc:
            self._failure = str(exc)
            raise
        self._processes, self._turns, self._failure = processes, queue, ""
        self._packs = found(self._folder)

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment, one turn ahead of the consumer; see ``Synthesizer.speak``.

        A text without Kana is Chinese unless the style says otherwise. A voice of the other language is replaced by one
        that speaks this one.
        """
        if not self._processes:
            raise EngineUnavailable("the kokoro engine is not started")
        if all(pack.name != style.voice for pack in self._packs):
            raise NoSuchVoice(f"there is no voice {style.voice!r}; kokoro has {', '.join(self._names())}")
        if not has_words(segment.spoken):
            return
        language = style.language if is_spoken(style.language) else detect(segment.spoken)
        language = "ja" if language is not None and is_japanese(language) else "zh"
        utterance = _Utterance(self._turns, segment, self._voice_for(style.voice, language), language, runs_dry_at)
        self._utterances.add(utterance)
        try:
            while await utterance.has_sound():
                yield utterance.take()  # named nowhere: a listener that stalls would have its last chunk kept here
        finally:
            utterance.cancel()
            self._utterances.discard(utterance)

    async def close(self) -> None:
        """End what is being spoken, and the processes."""
        processes, self._processes = self._processes, ()
        for process in processes:
            await process.close()
        for utterance in self._utterances:
            utterance.turn_failed(EngineUnavailable("the kokoro engine was closed"))

    def _names(self) -> list[str]:
        return [pack.name for pack in self._packs]

    def _voice_for(self, name: str, language: str) -> str:
        """Choose who speaks a language: the voice, one of the same sex, or any other that can."""
        able = [pack.name for pack in self._packs if language in pack.languages]
        alike = [other for other in able if other[1] == name[1]]
        return next((each for each in (name, *alike, *able) if each in able), name)

    def _capacity(self) -> int:
        """Count the processes that keep a listener in real time, by what a second of speech took at the start."""
        loads = [process.ready.load for process in self._processes]
        return int(sum(min(1.0, HIGHEST_LOAD / load) for load in loads if load > 0))


class _Utterance(Utterance[Speak]):
    """One segment being spoken by Kokoro."""

    def __init__(
        self, queue: Turns[Speak], segment: Segment, voice: str, language: str, runs_dry_at: Callable[[], float]
    ) -> None:
        super().__init__(queue)
        self._segment = segment
        self._voice = voice
        self._language = language
        self._runs_dry_at = runs_dry_at
        self._stretches = turns(segment.spoken)
        self._at = 0  # where the turn's text begins

    def words_begun(self, words: Iterable[tuple[int, int, int]]) -> None:
        """Take words of the turn."""
        for offset, length, sample in words:
            begin = self._at + offset
            self._words.append(WordMark(begin, begin + length, self._turn_start + sample))

    def sound_made(self, pcm: bytes) -> None:
        """Take the turn's sound."""
        self._keep(np.frombuffer(pcm, SAMPLES))

    def _next_turn(self) -> Turn[Speak] | None:
        text = self._segment.spoken
        for begin, end in self._stretches:
            said = text[begin:end]
            if not has_words(said):
                continue
            self._at = begin
            # The pause between two sentences belongs to the first of them.
            silence_ms = 0.0 if self._segment.is_last and end == len(text) else pause_ms(said)
            request = Speak(0, said, self._voice, self._language, 1.0, 0, silence_ms, obeys_markup=False)
            return Turn(self, self._runs_dry_at(), request)
        return None
