"""What hibari is given to read: which characters it reads, and where a text is cut into turns. No model, no sound.

A turn is a sentence, or a part of one that is too long to be made at once. Sentences stay together if the word between
them may be an abbreviation or a title: hibari reads several sentences as well as one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

# Longest turn: 9 s of speech, 60 to 70 ms of work on one core, 430 kB of sound.
TURN_CHARACTERS: Final = 150
# Clauses shorter than this are not worth a cut: a person would not breathe there.
SHORTEST_CLAUSE: Final = 40

# What a person pauses at the end of a turn, in ms. To each come some 70 ms that are kept around every turn.
SENTENCE_PAUSE_MS: Final = 330
CLAUSE_PAUSE_MS: Final = 130

# Sets the pronunciation of a word, as the readers that hibari follows have it; obeyed only if the caller allows it.
LINK: Final = re.compile(r"\[([^\]\[]+)\]\(/([^()/]+)/\)")
# Symbols and numerals beyond ASCII that hibari leaves out or fails at, all but those that it reads. Found by trying
# every character up to U+3100.
_UNREADABLE: Final = re.compile(
    r"(?![¢£§©°±²³¶¹¼½¾×÷⁺€№→]|[¥₹₩]\s?\d)"
    r"[¤¥¦¬®\u02c2-\u02df\u2030-\u2031\u2044\u2070-\u218b\u2190-\u2bff\u3004\u3007\u3012-\u3013\u3020-\u303f"
    r"\u0660-\u0669\u06f0-\u06f9\u2e80-\u2fff\U0001d7ce-\U0001d7ff\U0001f000-\U0001faff]+"
)
_SENTENCE_END: Final = re.compile(r"([^\s.!?…]*)([.!?…])[\"'”’)\]]*\s+(?=[^a-z\s])")
_ABBREVIATIONS: Final = frozenset("al approx ca cf ch ed eds est etc fig no nos pp vol vs".split())
_SHORTEST_NAME: Final = 6  # letters: no title before a name ("Prof.", "Capt.") is as long
_CLAUSE_END: Final = re.compile(r"[,;:—][\"'”’)\]]*\s+|\s[—–]\s+")
_ENDS_SENTENCE: Final = re.compile(r"[.!?…][\"'”’)\]\s]*\Z")
_ENDS_CLAUSE: Final = re.compile(r"[,;:—–][\"'”’)\]\s]*\Z")
_SPEAKABLE: Final = re.compile(r"[^\W_]|[#$%&+=@^~<>/]|[¢£§©°±²³¶¹¼½¾×÷⁺€№→]")


class Stretch(NamedTuple):
    """``text[start:end]``, and whether it can be given to hibari."""

    start: int
    end: int
    is_readable: bool = True


def readable(text: str) -> list[Stretch]:
    """Cut a text into what hibari reads and what it would leave out; the stretches tile it."""
    if text.isascii():
        return [Stretch(0, len(text))]
    found, at = [], 0
    for match in _UNREADABLE.finditer(text):
        if match.start() > at:
            found.append(Stretch(at, match.start()))
        found.append(Stretch(*match.span(), is_readable=False))
        at = match.end()
    if at < len(text):
        found.append(Stretch(at, len(text)))
    return found


def without_links(text: str) -> str:
    """Blank out what sets a pronunciation, so that only the words are left; offsets stay."""
    if "](/" not in text:
        return text
    return LINK.sub(lambda match: f" {match[1]}{' ' * (len(match[0]) - len(match[1]) - 1)}", text)


def has_words(text: str) -> bool:
    """Tell whether there is anything to say in a text."""
    return _SPEAKABLE.search(text) is not None


def turns(text: str, *, has_links: bool = False, unbroken: Iterable[tuple[int, int]] = ()) -> Iterator[Stretch]:
    """Cut a text into turns.

    Args:
        text: what is said.
        has_links: a pronunciation is never cut.
        unbroken: stretches that are not cut either.
    """
    links = [match.span() for match in LINK.finditer(text)] if has_links else []
    closed = [*unbroken, *links]

    def ends(pattern: re.Pattern[str], start: int, end: int) -> list[int]:
        matches = pattern.finditer(text, start, end)
        found = [match.end() for match in matches if pattern is not _SENTENCE_END or _is_sentence_end(match)]
        return [at for at in found if start < at < end and not any(first < at < last for first, last in closed)]

    start = 0
    for sentence_end in [*ends(_SENTENCE_END, 0, len(text)), len(text)]:
        while sentence_end - start > TURN_CHARACTERS:
            limit = start + TURN_CHARACTERS
            clauses = [at for at in ends(_CLAUSE_END, start, limit) if at - start >= SHORTEST_CLAUSE]
            words = ends(re.compile(r"\s+"), start, limit)
            whole = [last for first, last in closed if first < limit < last]
            end = (clauses or words or whole or [limit])[-1]
            yield Stretch(start, end)
            start = end
        if start < sentence_end:
            yield Stretch(start, sentence_end)
        start = sentence_end


def _is_sentence_end(match: re.Match[str]) -> bool:
    word, mark = match.groups()
    if mark != "." or not word[-1:].isalpha():
        return True
    if word.islower():
        return len(word) > 1 and word not in _ABBREVIATIONS
    return len(word) >= _SHORTEST_NAME


def pause_ms(turn: str) -> float:
    """Tell how long a person pauses behind a turn before the next one."""
    if _ENDS_SENTENCE.search(turn):
        return SENTENCE_PAUSE_MS
    return CLAUSE_PAUSE_MS if _ENDS_CLAUSE.search(turn) else 0.0
