"""An engine that is given words to say: numbers, money, times and signs are words before it sees them.

Stands between ``delivery`` and every engine. Word marks come back as places in what was written: "five dollars" is
heard, "$5" is named, once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from ..alignment import Alignment
from ..interface import Voice, never
from ..marking import Naming
from .languages.registry import LANGUAGES, words_of
from .lexicon import Lexicon, lexicon_of
from .pronounced import pronounced, taken_by
from .reader import read, read_segment
from .routing import language_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from ..interface import PcmChunk, Segment, Style, Synthesizer

# What may take longer than 1 ms is read in a thread. The unit is a call of a function, built in or ours, which takes
# 0.25 to 0.4 µs: it can be counted, and a test counts that what is read at once takes no more.
_AT_ONCE_CALLS: Final = 2_500
_AT_ONCE_CHARS: Final = 300  # longer texts are not looked at
_CALLS_OF_A_WORD: Final = 70
_CALLS_OF_A_MARK: Final = 560
_WORD: Final = re.compile(r"[^\W\d_]+")
# Numbers, signs, capitals that may be an abbreviation or a numeral, dots inside a word.
_MARK: Final = re.compile(
    r"[0-9]+(?:[.,:][0-9]+)*|[^\w\s.,;:!?'\"’“”，。、！？：；]|(?<=\w)[.:](?=\w)|(?<!\w)['’]"
    r"|\b[A-ZА-Я]{1,8}\b|[A-ZА-Я]{2,8}|_|[^\W0-9a-zA-Z](?<=[²³¹⁰-⁹₀-₉¼-¾])"
)
log = logging.getLogger("sayline.reading")


class Reading:
    """See the module, and ``interface.Synthesizer``.

    Args:
        engine: owned, started and closed here.
        lexicon: gives the pronunciations of the server, as they are at present.
    """

    def __init__(self, engine: Synthesizer, lexicon: Callable[[], Lexicon] = Lexicon) -> None:
        self._engine = engine
        self._lexicon = lexicon
        # What is known of each voice: kept, because a context speaks on with a voice that was removed meanwhile.
        self._known: dict[str, Voice] = {}
        self.voices = engine.voices
        self.status = engine.status
        self.watch = engine.watch
        self.close = engine.close

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return self._engine.sample_rate_hz

    @property
    def default_max_concurrent_requests(self) -> int:
        """As many as the engine says."""
        return self._engine.default_max_concurrent_requests

    async def start(self) -> None:
        """Start the engine, and compile what the languages are read with, so that no listener waits for it.

        Raises:
            EngineUnavailable: it cannot run here.
        """
        await asyncio.gather(self._engine.start(), asyncio.to_thread(_prepare))

    def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment; see ``interface.Synthesizer``."""
        if not _is_read_at_once(segment):
            return self._speak_long(segment, style, runs_dry_at)
        return self._speak_read(segment, self.read(segment, style), style, runs_dry_at)

    def read(self, segment: Segment, style: Style) -> tuple[Segment, Alignment]:
        """Return the segment as it is said, and the map from what is said to what was written."""
        voice = self._voice(style.voice)
        language = language_of(segment, style.language, voice.languages)
        lexicons = (lexicon_of(style.lexicon), self._lexicon())
        has_markup = style.allow_markup
        segment, known = pronounced(segment, language, lexicons, taken_by(voice, language), has_markup=has_markup)
        try:
            return read_segment(segment, words_of(language), has_markup=has_markup, known=known)
        except Exception:
            log.exception("a segment of %s could not be read, and is spoken as it stands", language)
            return segment, Alignment.identity(len(segment.spoken))

    async def _speak_long(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        said = await asyncio.to_thread(self.read, segment, style)
        async with aclosing(self._speak_read(segment, said, style, runs_dry_at)) as chunks:
            async for chunk in chunks:
                yield chunk

    def _speak_read(
        self, segment: Segment, reading: tuple[Segment, Alignment], style: Style, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        said, alignment = reading
        chunks = self._engine.speak(said, style, runs_dry_at)
        return chunks if said is segment else _named_as_written(chunks, alignment)

    def _voice(self, name: str) -> Voice:
        if name not in self._known:
            self._known |= {voice.name: voice for voice in self.voices()}
        return self._known.get(name) or Voice(name, "", ())


def _is_read_at_once(segment: Segment) -> bool:
    """Tell whether a segment is read in less than 1 ms; what stands before it is read with it, and once more alone."""
    if len(segment.spoken) > _AT_ONCE_CHARS:
        return False
    return _calls(segment.spoken) + 2 * _calls(segment.before) <= _AT_ONCE_CALLS


def _calls(text: str) -> int:
    return len(_WORD.findall(text)) * _CALLS_OF_A_WORD + len(_MARK.findall(text)) * _CALLS_OF_A_MARK


def _prepare() -> None:
    for words in LANGUAGES.values():
        read("", words)


async def _named_as_written(
    chunks: AsyncGenerator[PcmChunk, None], alignment: Alignment
) -> AsyncGenerator[PcmChunk, None]:
    naming = Naming(alignment)
    async with aclosing(chunks):
        async for chunk in chunks:
            yield naming.named(chunk)
