"""An engine whose processes are linked ones (``linked``): all that such engines have in common.

::

    speak(): one utterance asks for turns (queue.py)
          ┆ socket, one for each process
         child.py ── the engine's model

An engine derives from ``LinkedSynthesizer`` how it is started, what an utterance is, and how many it keeps.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

from ..interface import EngineStatus, EngineUnavailable, WordMark, never
from .link import SAMPLES, Speak
from .linked import TextRefused
from .process import start
from .queue import Turn, Turns
from .utterance import SAMPLE_RATE_HZ, Utterance

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Sequence

    from ..interface import PcmChunk, Segment, Style, SynthesisError
    from .linked import LinkedProcess


class LinkedUtterance(Utterance[Speak]):
    """One segment being spoken.

    Args:
        queue: where its turns wait.
        segment: what is said.
        stretches: start and end of each turn in ``segment.spoken``, in order; each has words.
        manner: how each turn is spoken; text and pause are filled in.
        pause_ms: tells how long a person pauses behind a text before the next one.
        runs_dry_at: see ``Synthesizer.speak``.
    """

    def __init__(
        self,
        queue: Turns[Speak],
        segment: Segment,
        stretches: Iterator[tuple[int, int]],
        manner: Speak,
        pause_ms: Callable[[str], float],
        runs_dry_at: Callable[[], float],
    ) -> None:
        super().__init__(queue)
        self._segment = segment
        self._stretches = stretches
        self._manner = manner
        self._pause_ms = pause_ms
        self._runs_dry_at = runs_dry_at
        self._at = 0  # where the turn's text begins

    def words_begun(self, words: Iterable[tuple[int, int, int]]) -> None:
        """Take words of the turn."""
        for offset, length, sample in words:
            begin = self._at + offset
            self._words.append(WordMark(begin, begin + length, self._turn_start + sample))

    def sound_made(self, pcm: bytes) -> None:
        """Take the turn's sound."""
        self._keep(np.frombuffer(pcm, SAMPLES))

    def turn_failed(self, error: SynthesisError) -> None:
        """End here; tell where, if it is the text's fault."""
        if isinstance(error, TextRefused):
            error.position = self._at
        super().turn_failed(error)

    def _next_turn(self) -> Turn[Speak] | None:
        stretch = next(self._stretches, None)
        if stretch is None:
            return None
        self._at, end = stretch
        text = self._segment.spoken
        said = text[self._at : end]
        # The pause between two sentences belongs to the first of them.
        is_end = self._segment.is_last and end == len(text)
        phonemes = self._segment.part(self._at, end).wished("phonemes")
        pause_ms = 0.0 if is_end else self._pause_ms(said)
        request = self._manner._replace(text=said, pause_ms=pause_ms, phonemes=phonemes)
        return Turn(self, self._runs_dry_at(), request)


class LinkedSynthesizer(ABC):
    """See the module, and ``interface.Synthesizer``; the voices are the deriving engine's.

    Args:
        name: what ``/health`` calls the engine.
        size: how many processes speak at once.
    """

    def __init__(self, name: str, size: int) -> None:
        self._name = name
        self._size = size
        self._turns: Turns[Speak] = Turns()
        self._processes: Sequence[LinkedProcess] = ()  # set while started
        self._failure = ""  # why the last start failed
        self._utterances: set[LinkedUtterance] = set()  # being spoken, for close() to end

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many contexts as were measured to be kept in real time at the start, and one at least."""
        return max(1, self._capacity())

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes that speak."""
        return [process.process_id for process in self._processes if process.process_id is not None]

    def status(self) -> EngineStatus:
        """Tell whether anything can be spoken, and how many contexts are kept in real time."""
        failures = [process.failure or process.silence for process in self._processes]
        if not failures:
            return EngineStatus(self._name, "failed" if self._failure else "loading", self._failure)
        if all(failures):
            return EngineStatus(self._name, "failed", failures[0])
        return EngineStatus(
            self._name, "ready", self._detail(), sustainable_requests=self.default_max_concurrent_requests
        )

    def watch(self, changed: Callable[[], None]) -> None:  # noqa: B027 - it does all that there is to do
        """Keep no callback: the forecast is made once, at the start."""

    async def start(self) -> None:
        """Start the processes and wait until they can speak.

        Raises:
            EngineUnavailable: what they need is missing, or does not load.
        """
        if self._processes:
            return
        queue: Turns[Speak] = Turns()
        processes = [self._process(f"{self._name}'s process {number}", queue) for number in range(1, self._size + 1)]
        try:
            await start(processes)
        except EngineUnavailable as exc:
            self._failure = str(exc)
            raise
        self._processes, self._turns, self._failure = processes, queue, ""

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment, one turn ahead of the consumer; see ``Synthesizer.speak``."""
        if not self._processes:
            raise EngineUnavailable(f"the {self._name} engine is not started")
        utterance = self._utterance(segment, style, runs_dry_at)
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
            utterance.turn_failed(EngineUnavailable(f"the {self._name} engine was closed"))

    # -- for the engine that derives from it ---------------------------------------------------------------------------

    @abstractmethod
    def _process(self, name: str, queue: Turns[Speak]) -> LinkedProcess:
        """Make a process, which is not started yet."""

    @abstractmethod
    def _utterance(self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]) -> LinkedUtterance:
        """Plan how a segment is spoken.

        Raises:
            NoSuchVoice: the engine has no voice of this name.
        """

    @abstractmethod
    def _detail(self) -> str:
        """Say in one line for people what speaks; once started."""

    @abstractmethod
    def _capacity(self) -> int:
        """Work out how many contexts are kept in real time, by what a second of speech took at the start."""
