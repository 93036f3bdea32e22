"""Kokoro as an engine: processes speak turns, one for each core.

::

    synthesizer.py  what is said, by whom, in which turns (turns/synthesizer.py asks for them)
     ├── text.py         where the text is cut, and which language is whose
          ┆ socket, one for each process
         process.py      ── voice.py   the model; packs.py the voices
                             ├── chinese.py, japanese.py   readers
                             └── reading.py                what a reader makes of a text

A second of speech takes 0.6 seconds of a core. So a process serves one listener, and no more are admitted than there
are cores.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from ..interface import NoSuchVoice, SpokenRun, Voice
from ..language import detect
from ..turns.cores import cores
from ..turns.link import Speak
from ..turns.linked import LinkedProcess
from ..turns.synthesizer import LinkedSynthesizer, LinkedUtterance
from .packs import Pack, found
from .text import has_words, is_japanese, is_spoken, pause_ms, turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from ..interface import Segment, Style
    from ..phonemes import Alphabet
    from ..turns.queue import Turns

NAME: Final = "kokoro"
PATIENCE_S: Final = 40.0  # a turn takes up to 4 s; two are under way, and an overloaded machine stretches that fivefold
START_PATIENCE_S: Final = 120.0  # 10 s of a core: the model, the dictionaries, and what is spoken to see how fast it is
# Seconds for a second of speech above which a core keeps no listener; the rest is the gateway's, and slower turns'.
HIGHEST_LOAD: Final = 0.85
ALPHABETS: Final[frozenset[Alphabet]] = frozenset(("ipa", "cmu", "pinyin"))
_REMEDY: Final = "pip install 'sayline[kokoro]', then sayline download kokoro"
_PROGRAM: Final = "sayline.synthesis.kokoro.process"


class KokoroSynthesizer(LinkedSynthesizer):
    """Speaks Chinese and Japanese; no wish of a style changes anything but the language.

    A text without Kana is Chinese unless the style says otherwise. A voice of the other language is replaced by one
    that speaks this one.

    Args:
        folder: of the voices.
        processes: how many speak at once; None: one a core.
        gateways: how many gateway processes have such an engine on the same cores.
    """

    def __init__(self, folder: Path, processes: int | None = None, gateways: int = 1) -> None:
        super().__init__(NAME, processes or max(1, int(cores() / gateways)))
        self._folder = folder
        self._packs: Sequence[Pack] = ()  # set once started

    def voices(self) -> Sequence[Voice]:
        """List the voices whose files are there."""
        return tuple(
            Voice(pack.name, pack.description, pack.languages, has_word_times=True, alphabets=ALPHABETS)
            for pack in self._packs
        )

    async def start(self) -> None:
        """Start the processes and wait until they can speak; then the voices are known.

        Raises:
            EngineUnavailable: a package or a voice is missing, or the model does not load.
        """
        await super().start()
        self._packs = found(self._folder)

    async def tell(self, segment: Segment, style: Style) -> list[SpokenRun]:
        """Tell how it would read a segment; see ``interface.Telling``."""
        from .phonemes import read_turn  # noqa: PLC0415 - its readers are large, and speech has them elsewhere
        from .reading import joined  # noqa: PLC0415 - the same

        language = _language(segment.spoken, style)
        speaker = self._voice_for(style.voice, language)
        request = Speak(
            0, segment.spoken, speaker, language, 0, 0.0, obeys_markup=False, phonemes=segment.wished("phonemes")
        )
        words = await asyncio.to_thread(read_turn, request)
        text = segment.spoken
        return [SpokenRun(0, len(text), language, f"{NAME} {speaker}", text, joined(words)[0])]

    def _process(self, name: str, queue: Turns[Speak]) -> LinkedProcess:
        arguments = [str(self._folder.absolute())]
        return LinkedProcess(name, _PROGRAM, _REMEDY, queue, PATIENCE_S, START_PATIENCE_S, arguments)

    def _utterance(self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]) -> LinkedUtterance:
        if all(pack.name != style.voice for pack in self._packs):
            raise NoSuchVoice(f"there is no voice {style.voice!r}; kokoro has {', '.join(self._names())}")
        text = segment.spoken
        language = _language(text, style)
        whole = [(start, end) for start, end, _ in segment.wished("phonemes")]
        stretches = ((start, end) for start, end in turns(text, whole) if has_words(text[start:end]))
        manner = Speak(0, "", self._voice_for(style.voice, language), language, 0, 0.0, obeys_markup=False)
        return LinkedUtterance(self._turns, segment, stretches, manner, pause_ms, runs_dry_at)

    def _detail(self) -> str:
        ready = self._processes[0].ready
        detail = f"{ready.version}, {ready.load:.2f} s of a core for a second"
        return detail if self._capacity() else f"{detail}: too slow for real time"

    def _capacity(self) -> int:
        return sum(process.ready.load <= HIGHEST_LOAD for process in self._processes)

    def _names(self) -> list[str]:
        return [pack.name for pack in self._packs]

    def _voice_for(self, name: str, language: str) -> str:
        """Choose who speaks a language: the voice, one of the same sex, or any other that can."""
        able = [pack.name for pack in self._packs if language in pack.languages]
        alike = [other for other in able if other[1] == name[1]]
        return next((each for each in (name, *alike, *able) if each in able), name)


def _language(text: str, style: Style) -> str:
    asked = style.language if is_spoken(style.language) else detect(text)
    return "ja" if asked is not None and is_japanese(asked) else "zh"
