"""hibari, a neural voice of English that a core speaks a hundred times faster than real time.

::

    synthesizer.py  speak(): one utterance (turns/utterance.py) asks for turns (turns/queue.py)
     ├── text.py         where the text is cut
          ┆ socket, one for each process
         process.py      ── voice.py   the model, what it reads, and when each word begins

A second of speech costs some 10 ms of a core, and one sentence is made at once: streaming inside it would gain nothing.
Each process has one thread and all of the model and its dictionaries, 230 MB. Threads would share them, but wait for
each other in everything that is not the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import EngineStatus, EngineUnavailable, NoSuchVoice, StyleWish, Voice, WordMark, never
from ..turns.cores import cores
from ..turns.link import SAMPLES, Speak
from ..turns.linked import LinkedProcess, TextRefused
from ..turns.process import start
from ..turns.queue import Turn, Turns
from ..turns.utterance import SAMPLE_RATE_HZ, Utterance
from .text import has_words, pause_ms, turns

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable, Sequence

    from ..interface import PcmChunk, Segment, Style, SynthesisError

NAME: Final = "hibari"
VOICE: Final = "heart"
LANGUAGE: Final = "en"
PATIENCE_S: Final = 5.0  # a turn takes 20 to 70 ms; an overloaded machine stretches that a hundredfold, not more
MOST_PROCESSES: Final = 8  # unless the operator wants more: they speak for more listeners than one gateway serves
# What else a listener costs on the same cores, in seconds a second: gateway and encoder (docs/BENCHMARKS.md).
OTHER_LOAD: Final = 0.004
# How much of the cores may be in use: a context that comes finds a core free soon, and one core's hiccup harms no
# listener (docs/BENCHMARKS.md has the knee).
FILL: Final = 0.6
DEFAULT_SEED: Final = 0  # the same text is the same sound
# Its own speed is up to 11 % off, because each phoneme lasts a multiple of 25 ms; so it is left to be stretched.
OBEYS: Final[frozenset[StyleWish]] = frozenset({"seed", "allow_markup"})
_VOICE: Final = Voice(VOICE, "A neural voice for English (hibari)", (LANGUAGE,), OBEYS, has_word_times=True)
_REMEDY: Final = "try `pip install --force-reinstall hibari-tts onnxruntime`"
_PROGRAM: Final = "sayline.synthesis.hibari.process"


class HibariSynthesizer:
    """Speaks English at its own pace; ``speed`` is for ``delivery``, and ``instructions`` change nothing.

    Args:
        processes: how many speak at once; None: one a core.
        gateways: how many gateway processes have such an engine on the same cores.
    """

    def __init__(self, processes: int | None = None, gateways: int = 1) -> None:
        self._cores = cores() / gateways
        self._size = processes or max(1, min(MOST_PROCESSES, int(self._cores)))
        self._turns: Turns[Speak] = Turns()
        self._processes: Sequence[LinkedProcess] = ()  # set while started
        self._failure = ""  # why the last start failed
        self._utterances: set[_Utterance] = set()  # being spoken, for close() to end

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many contexts as were measured to be kept in real time at the start."""
        return max(1, self._capacity())

    @property
    def process_ids(self) -> list[int]:
        """Ids of the processes that speak."""
        return [process.process_id for process in self._processes if process.process_id is not None]

    def voices(self) -> Sequence[Voice]:
        """List the one voice."""
        return (_VOICE,)

    def status(self) -> EngineStatus:
        """Tell whether anything can be spoken, and how many contexts are kept in real time."""
        failures = [process.failure or process.silence for process in self._processes]
        if not failures:
            return EngineStatus(NAME, "failed" if self._failure else "loading", self._failure)
        if all(failures):
            return EngineStatus(NAME, "failed", failures[0])
        return EngineStatus(
            NAME, "ready", self._processes[0].ready.version, sustainable_requests=max(1, self._capacity())
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Keep no callback: the forecast is made once, at the start."""

    async def start(self) -> None:
        """Start the processes and wait until they can speak.

        Raises:
            EngineUnavailable: a package is missing, or the model does not load.
        """
        if self._processes:
            return
        queue: Turns[Speak] = Turns()
        processes = [
            LinkedProcess(f"hibari's process {number}", _PROGRAM, _REMEDY, queue, PATIENCE_S)
            for number in range(1, self._size + 1)
        ]
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
            raise EngineUnavailable("the hibari engine is not started")
        if style.voice != VOICE:
            raise NoSuchVoice(f"there is no voice {style.voice!r}; hibari has {VOICE!r}")
        if not has_words(segment.spoken):
            return
        utterance = _Utterance(self._turns, segment, style, runs_dry_at)
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
            utterance.turn_failed(EngineUnavailable("the hibari engine was closed"))

    def _capacity(self) -> int:
        """Work out how many contexts are kept in real time, by what a second of speech took at the start."""
        loads = [process.ready.load for process in self._processes]
        if not loads:
            return 0
        load = sum(loads) / len(loads)
        return int(FILL * min(len(loads) / load, self._cores / (load + OTHER_LOAD)))


class _Utterance(Utterance[Speak]):
    """One segment being spoken by hibari."""

    def __init__(self, queue: Turns[Speak], segment: Segment, style: Style, runs_dry_at: Callable[[], float]) -> None:
        super().__init__(queue)
        self._segment = segment
        self._style = style
        self._runs_dry_at = runs_dry_at
        self._stretches = turns(segment.spoken, has_links=style.allow_markup)
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
        text = self._segment.spoken
        for begin, end, _ in self._stretches:
            said = text[begin:end]
            if not has_words(said):
                continue
            self._at = begin
            # The pause between two sentences belongs to the first of them.
            is_end = self._segment.is_last and end == len(text)
            seed = DEFAULT_SEED if self._style.seed is None else self._style.seed
            request = Speak(
                0, said, VOICE, LANGUAGE, 1.0, seed, 0.0 if is_end else pause_ms(said), self._style.allow_markup
            )
            return Turn(self, self._runs_dry_at(), request)
        return None
