"""hibari, a neural voice of English that a core speaks a hundred times faster than real time.

::

    synthesizer.py  what is said, in which turns (turns/synthesizer.py asks for them)
     ├── text.py         where the text is cut
          ┆ socket, one for each process
         process.py      ── voice.py   the model, what it reads, and when each word begins

A second of speech costs some 10 ms of a core, and one sentence is made at once: streaming inside it would gain nothing.
Each process has one thread and all of the model and its dictionaries, 230 MB. Threads would share them, but wait for
each other in everything that is not the network.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..interface import NoSuchVoice, SpokenRun, StyleWish, Voice
from ..turns.cores import cores
from ..turns.link import Speak
from ..turns.linked import LinkedProcess, TextRefused
from ..turns.synthesizer import LinkedSynthesizer, LinkedUtterance
from .text import has_words, pause_ms, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..interface import Segment, Style
    from ..phonemes import Alphabet
    from ..turns.queue import Turns
    from .voice import HibariVoice

NAME: Final = "hibari"
VOICE: Final = "heart"
LANGUAGE: Final = "en"
PATIENCE_S: Final = 5.0  # a turn takes 20 to 70 ms; an overloaded machine stretches that a hundredfold, not more
MOST_PROCESSES: Final = 8  # unless the operator wants more: they speak for more listeners than one gateway serves
# What else a listener costs on the same cores, in seconds a second: gateway and encoder (docs/BENCHMARKS.md).
OTHER_LOAD: Final = 0.004
# How much of the cores may be in use: a context that comes finds a core free soon, and one core's hiccup harms no
# listener. No hole was heard up to 0.57, and two at 0.62 (docs/BENCHMARKS.md); what is measured at the start differs by
# 4 % from start to start, and a machine gives less at other hours, so an eighth is left below the last that was good.
FILL: Final = 0.5
DEFAULT_SEED: Final = 0  # the same text is the same sound
# Its own speed is up to 11 % off, because each phoneme lasts a multiple of 25 ms; so it is left to be stretched.
OBEYS: Final[frozenset[StyleWish]] = frozenset({"seed", "allow_markup"})
ALPHABETS: Final[frozenset[Alphabet]] = frozenset({"ipa", "cmu"})
_VOICE: Final = Voice(VOICE, "A neural voice for English (hibari)", (LANGUAGE,), OBEYS, alphabets=ALPHABETS)
_REMEDY: Final = "try `pip install --force-reinstall hibari-tts onnxruntime`"
_PROGRAM: Final = "sayline.synthesis.hibari.process"


class HibariSynthesizer(LinkedSynthesizer):
    """Speaks English at its own pace; ``speed`` is for ``delivery``, and ``instructions`` change nothing.

    Args:
        processes: how many speak at once; None: one a core.
        gateways: how many gateway processes have such an engine on the same cores.
    """

    def __init__(self, processes: int | None = None, gateways: int = 1) -> None:
        self._cores = cores() / gateways
        self._voices = (_VOICE,)  # asked for with every message: made once
        self._reader: HibariVoice | None = None  # once it was asked how it reads
        super().__init__(NAME, processes or max(1, min(MOST_PROCESSES, int(self._cores))))

    def voices(self) -> Sequence[Voice]:
        """List the one voice; whether its words have times is known once started."""
        return self._voices

    async def start(self) -> None:
        """Start the processes and wait until they can speak.

        Raises:
            EngineUnavailable: a package is missing, or the model does not load.
        """
        await super().start()
        self._voices = (replace(_VOICE, has_word_times=self._processes[0].ready.has_times),)

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell how it would read a segment, by a reader of this process's own; see ``interface.Telling``.

        Raises:
            TextRefused: a part of it would not be heard.
        """
        from .voice import HibariVoice, Unreadable  # noqa: PLC0415 - loads the model, which speech has elsewhere

        if self._reader is None:
            self._reader = await asyncio.to_thread(HibariVoice)
        text = segment.spoken
        request = Speak(0, text, VOICE, LANGUAGE, 0, 0.0, style.allow_markup, segment.wished("phonemes"))
        try:
            tokens = await asyncio.to_thread(self._reader.read, request)
        except Unreadable as exc:
            raise TextRefused(str(exc)) from exc
        phonemes = "".join(f"{token.phonemes or ''}{token.whitespace}" for token in tokens).strip()
        return [SpokenRun(0, len(text), LANGUAGE, f"{NAME} {VOICE}", text, phonemes)]

    def _process(self, name: str, queue: Turns[Speak]) -> LinkedProcess:
        return LinkedProcess(name, _PROGRAM, _REMEDY, queue, PATIENCE_S)

    def _utterance(self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]) -> LinkedUtterance:
        if style.voice != VOICE:
            raise NoSuchVoice(f"there is no voice {style.voice!r}; hibari has {VOICE!r}")
        text = segment.spoken
        whole = [(start, end) for start, end, _ in segment.wished("phonemes")]
        cut = turns(text, has_links=style.allow_markup, unbroken=whole)
        stretches = ((start, end) for start, end, _ in cut if has_words(text[start:end]))
        seed = DEFAULT_SEED if style.seed is None else style.seed
        manner = Speak(0, "", VOICE, LANGUAGE, seed, 0.0, style.allow_markup)
        return LinkedUtterance(self._turns, segment, stretches, manner, pause_ms, runs_dry_at)

    def _detail(self) -> str:
        return self._processes[0].ready.version

    def _capacity(self) -> int:
        loads = [process.ready.load for process in self._processes]
        if not loads:
            return 0
        load = sum(loads) / len(loads)
        return int(FILL * min(len(loads) / load, self._cores / (load + OTHER_LOAD)))
