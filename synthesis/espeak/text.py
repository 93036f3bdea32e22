"""What espeak-ng is given to read, and where in the text it is: no process, no sound.

Characters that espeak-ng must not see are replaced one for one, so that offsets stay. The text is handed over in
windows of whole clauses: in each turn espeak-ng copies and decodes all that it is given, and speaks one clause into
memory before any code can stop it.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import Final

# A text without punctuation is cut at a word after this many characters: 5 s of English, 225 kB of sound, so that a
# listener that stops reading costs less than 256 KiB. A person takes a breath about as often.
CLAUSE_CHARACTERS: Final = 80
# How many characters one Han, Kana or Hangul character counts for: it is a syllable, not a letter.
WIDE_CHARACTERS: Final = 4
TEXT_WINDOW: Final = 1_000  # most characters handed to espeak-ng at once

# Letters in a circle, a square, a script or fullwidth are folded to the letters they are. Otherwise espeak-ng 1.52
# names each of them at length, and in some Indic voices overruns a buffer on the name, which ends its process.
_FOLDED: Final = frozenset({"<circle>", "<square>", "<font>", "<wide>", "<narrow>"})

# Single characters on which espeak-ng 1.52 overruns a fixed buffer in these voices, so that its process ends: alone, or
# in a clause of some length. Found by trying every character of Latin, of punctuation and of symbols in every voice. A
# character that was not found fails the segment it stands in, see ``espeak/engine.py``.
OVERRUNS: Final = {
    "aav/vi": "`ॠૠ",
    "aav/vi-VN-x-central": "`ॠૠ",
    "aav/vi-VN-x-south": "`ॠૠ",
    "inc/si": "]",
    "roa/pt": "©",
}

# Control characters (U+0001 begins espeak-ng's embedded commands), private-use ones (espeak-ng's internal marks) and
# lone surrogates (no UTF-8): each becomes a space, so that positions stay.
_UNSPEAKABLE: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ue000-\uf8ff]")
_CLAUSE_END: Final = re.compile(r"[.,;:!?…]+[\"'”’)\]]*\s|[。、，；：！？।॥؟،؛—\n]")
_WIDE: Final = re.compile(r"[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U00031fff]")
# Written without spaces: a word there is what espeak-ng says it is, not what lies between two spaces.
_UNSPACED: Final = re.compile(r"[\s—–\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def speakable(text: str, voice: str) -> str:
    """Replace what espeak-ng must not see or reads badly, character by character: offsets stay."""
    text = _UNSPEAKABLE.sub(" ", text)
    for character in OVERRUNS.get(voice.partition("+")[0], ""):
        text = text.replace(character, " ")
    return text if text.isascii() else "".join(map(_fold, text))


@functools.lru_cache(maxsize=4_096)
def _fold(character: str) -> str:
    if unicodedata.decomposition(character).partition(" ")[0] not in _FOLDED:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 and plain.isalnum() else character  # punctuation keeps its width: it means pauses


class Reading:
    """A text on its way through espeak-ng, window by window.

    Attributes:
        text: what is read, already ``speakable``.
        position: characters read.
        window_end: end of the stretch of text that is handed over together.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.window_end = 0
        self._word_end = 0  # end of the last word found

    @property
    def goes_on(self) -> bool:
        """Whether there is text after this window."""
        return self.window_end < len(self.text)

    def window(self) -> str:
        """Choose the text to hand over next, from the position on; empty at the end."""
        while self.position < len(self.text):
            if self.position >= self.window_end:
                self.window_end = _window_end(self.text, self.position)
            window = self.text[self.position : self.window_end]
            if spoken := window.rstrip():
                # Cut inside a clause: a comma keeps the voice up instead of letting it fall as at a sentence's end.
                return spoken + "," if self.goes_on and spoken[-1].isalnum() else window
            self.position = self.window_end
        return ""

    def advance(self, characters: int | None) -> None:
        """Go past what was spoken of the window; None: all of it."""
        self.position = self.window_end if characters is None else min(self.position + characters, self.window_end)

    def word_at(self, offset: int, length: int) -> tuple[int, int] | None:
        """Turn espeak-ng's word in the window into the word a reader sees, where it begins one: (start, end) in text.

        espeak-ng says "3,000" in several words, and a stretch of Kana in many: the first is the word's start.
        """
        word = _word_at(self.text, self.position, self.window_end, offset, length)
        if word is None or word[0] < self._word_end:
            return None
        self._word_end = word[1]
        return word


def _window_end(text: str, start: int) -> int:
    """Find how far text may be handed over at once: whole clauses, unless one is too long to be held as sound."""
    limit = min(len(text), start + TEXT_WINDOW)
    clause_start = start
    for boundary in (*(match.end() for match in _CLAUSE_END.finditer(text, start, limit)), limit):
        if _weight(text[clause_start:boundary]) > CLAUSE_CHARACTERS:
            return _cut_clause(text, clause_start)
        if boundary < limit or limit == len(text):
            clause_start = boundary
    return clause_start


def _cut_clause(text: str, start: int) -> int:
    """Find the last word boundary within the weight that a clause may have; without one, cut at that weight."""
    weight, end = 0, start
    while weight < CLAUSE_CHARACTERS:
        weight += _weight(text[end])
        end += 1
    space = next((index for index in range(end - 1, start, -1) if text[index].isspace()), end - 1)
    return space + 1


def _weight(text: str) -> int:
    return len(text) + (WIDE_CHARACTERS - 1) * len(_WIDE.findall(text))


def _word_at(text: str, window_start: int, window_end: int, offset: int, length: int) -> tuple[int, int] | None:
    """Widen an event to the word around it: from space to space, without the punctuation on either side."""
    start = window_start + offset
    if start < 0 or start >= window_end or text[start].isspace():
        return None
    end = min(start + max(length, 1), window_end)
    if not _UNSPACED.match(text[start]):
        while start > window_start and not _UNSPACED.match(text[start - 1]):
            start -= 1
        while end < window_end and not _UNSPACED.match(text[end]):
            end += 1
    while start < end and unicodedata.category(text[start])[0] in "PZ":
        start += 1
    while end > start and unicodedata.category(text[end - 1])[0] in "PZ":
        end -= 1
    return (start, end) if start < end else None
