"""Reads a text in one language: each token that stands in it becomes words, the rest stays as it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..alignment import Edit, Rewriting
from .languages.registry import words_of
from .notation.tokens import Address, Around, Code, Date, Number, Ordinal, Phone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..alignment import Alignment
    from ..interface import Segment, Wish
    from .notation.tokens import Token
    from .notation.words import Words

# How much of the text on either side of a token may decide how it is said: a sentence's worth.
_AROUND: Final = 120
# What engines obey in a text, if the context allows it: "[word](/phones/)", "[laughter]", "[AH0]", "[ǐ]",
# "<|endofprompt|>", "<strong>".
_MARKUP: Final = re.compile(r"\[[^\[\]\n]*\]\(/[^()\n]*/\)|\[[^\W\d][\w-]*\]|<\|[^|<>\n]*\|>|</?[a-z]+>")
# Wishes of the writer that are granted here, by words; engines do not see the first two.
_GRANTED: Final = ("characters", "say-as")
_PARTS: Final = re.compile(r"[0-9]+|[^\W\d_]+|\S")


def read(text: str, words: Words) -> str:
    """Say a text in words."""
    rewriting = Rewriting(text)
    rewriting.replace(edits(text, words))
    return rewriting.text


def edits(text: str, words: Words, before: str = "") -> Iterator[Edit]:
    """Find what is said otherwise than it is written; ascending and disjoint.

    Args:
        text: what is to be said.
        words: of its language.
        before: what was said already of the same sentence, as it was written.
    """
    if not before:
        yield from _edits(text, words)
        return
    border = len(before)
    for start, end, said in _edits(before + text, words):
        if start >= border:
            yield Edit(start - border, end - border, said)
        elif end > border:
            rest = _unsaid(said, before, start, words)
            if rest is None and before[-1] == "." and not any(map(str.isspace, (before + text)[start:end])):
                rest = words.say(Address(f".{text[: end - border]}", "web"))  # "my-shop. | com"
            if rest is None:  # what was said of it began otherwise, so that what is left stands alone
                yield from _edits(text, words)
                return
            yield Edit(0, end - border, _fit("", rest, text[end - border : end - border + 1], words))


def _unsaid(said: str, before: str, start: int, words: Words) -> str | None:
    """Return what is left to say if a cut came inside of what is read as one: "fourth" behind "July | 4".

    Args:
        said: what would be said of all of it.
        before: the text up to the cut.
        start: where it begins.
        words: of its language.

    Returns:
        None if what was said up to the cut is not how it begins.
    """
    heard, at = "", start
    for edit in _edits(before, words):
        if edit.end <= start:
            continue
        if edit.start < start:
            return None
        heard += before[at : edit.start] + edit.text
        at = edit.end
    heard = (heard + before[at:]).rstrip(_PAUSING)
    rest = said[len(heard) :]
    begins_so = said[: len(heard)].casefold() == heard.casefold()
    if not begins_so or (words.customs.is_spaced and heard[-1:].isalnum() and rest[:1].isalnum()):
        return None
    return rest.lstrip(_PAUSING)


def _edits(text: str, words: Words) -> Iterator[Edit]:
    last_end, last_said = 0, ""
    for start, end, token in words.find(text):
        around = _around(text, start, end)
        said = words.say(token, around)
        agreed = words.behind(said, around.after) if said else None
        if agreed is not None:
            end += agreed[0]  # noqa: PLW2901 - the edit is longer than the token
            said += agreed[1]
        before = last_said[-1:] if start == last_end else text[start - 1 : start]
        said = _fit(before, said, text[end : end + 1], words)
        if text[end - 1] == "." and said[-1:].isalnum() and not text[end : end + 4].strip(_CLOSING):
            said += "."  # the full stop of an abbreviation that ends the sentence as well
        last_end, last_said = end, said
        if said != text[start:end]:
            yield Edit(start, end, said)


def read_segment(
    segment: Segment, words: Words, *, has_markup: bool, known: Sequence[Edit] = ()
) -> tuple[Segment, Alignment]:
    """Return a segment as it is said, and the map from what is said to what was written.

    Args:
        segment: as the conversation has it.
        words: of the segment's language.
        has_markup: leave the engine's own markup as it is.
        known: what is said in the place of words that a lexicon has, ascending and disjoint.
    """
    text = segment.spoken
    rewriting = Rewriting(text)
    wanted = [wish for wish in segment.wishes if wish.kind in ("characters", "say-as", "language", "phonemes")]
    kept = markup(text) if has_markup else []
    if not wanted and not kept and not known:
        rewriting.replace(edits(text, words, segment.before))
    else:
        rewriting.replace(_wished_edits(segment, words, wanted, kept, known))
    if rewriting.text == text and not segment.wishes:
        return segment, rewriting.alignment
    alignment = rewriting.alignment
    back = alignment.inverse()
    wishes = []
    for wish in segment.wishes:
        start, end = back.span(wish.start, wish.end)
        if wish.kind not in _GRANTED and start < end:
            wishes.append(replace(wish, start=start, end=end))
    said = replace(segment, spoken=rewriting.text, alignment=alignment.then(segment.alignment), wishes=tuple(wishes))
    return said, alignment


def markup(text: str) -> list[tuple[int, int]]:
    """Find what engines may obey in a text."""
    return [match.span() for match in _MARKUP.finditer(text)]


def _wished_edits(
    segment: Segment, words: Words, wishes: list[Wish], kept: list[tuple[int, int]], known: Sequence[Edit]
) -> list[Edit]:
    """Find what is said otherwise where stretches are wished to be said in a way of their own."""
    text = segment.spoken
    found = [
        Edit(start, end, _fit(text[start - 1 : start], said, text[end : end + 1], words)) for start, end, said in known
    ]
    taken = bytearray(len(text))  # a character is 1 if something else is said of it

    def take(start: int, end: int) -> None:
        taken[start:end] = b"\1" * (end - start)

    def is_free(start: int, end: int) -> bool:
        return 1 not in taken[start:end]

    for start, end in [*kept, *((start, end) for start, end, _ in known)]:
        take(start, end)
    for wish in reversed(wishes):  # an inner one stands behind the outer one, and comes first
        if not is_free(wish.start, wish.end) and wish.kind != "language":
            continue
        own = words_of(wish.value) if wish.kind == "language" else words
        found += [edit for edit in _grant(text, wish, own) if is_free(edit.start, edit.end)]
        take(wish.start, wish.end)
    found += [edit for edit in edits(text, words, segment.before) if is_free(edit.start, edit.end)]
    return sorted(found)


def _grant(text: str, wish: Wish, words: Words) -> Iterator[Edit]:
    """Say a stretch as its writer wishes."""
    start, end = wish.start, wish.end
    stretch = text[start:end]
    if wish.kind == "phonemes":
        return
    if wish.kind == "characters" or wish.value.partition(":")[0] in ("characters", "spell-out", "verbatim"):
        yield Edit(start, end, _fit(text[start - 1 : start], _spelled(stretch, words), text[end : end + 1], words))
        return
    token = _token(stretch, *wish.value.partition(":")[::2]) if wish.kind == "say-as" else None
    if token is not None:
        said = words.say(token, _around(text, start, end))
        yield Edit(start, end, _fit(text[start - 1 : start], said, text[end : end + 1], words))
        return
    for edit in edits(stretch, words):
        yield Edit(start + edit.start, start + edit.end, edit.text)


def _token(stretch: str, interpretation: str, form: str) -> Token | None:
    """Make the token that a stretch is said to be; None if it is none, and reads as it would anyway."""
    digits = "".join(re.findall(r"[0-9]+", stretch))
    if not digits or len(digits) > 40:
        return None
    match interpretation:
        case "digits":
            return Code(tuple(_PARTS.findall(stretch)), is_secret=True)
        case "ordinal":
            return Ordinal(digits.lstrip("0") or "0")
        case "cardinal" | "number" if stretch.strip().isdecimal():
            return Number(digits.lstrip("0") or "0")
        case "telephone":
            groups = tuple(re.findall(r"[0-9]+", stretch))
            return Phone(groups, has_plus=stretch.lstrip().startswith("+"))
        case "date" if form:
            return _date(re.findall(r"[0-9]+", stretch), form)
        case _:
            return None


def _date(numbers: list[str], form: str) -> Date | None:
    if len(numbers) != len(form) or sorted(form) not in ([*"dmy"], [*"dm"], [*"my"]):
        return None
    parts = dict(zip(form, numbers, strict=True))
    month, day = int(parts["m"]), int(parts["d"]) if "d" in parts else None
    if not 1 <= month <= 12 or not 1 <= (day or 1) <= 31:
        return None
    return Date(parts.get("y", ""), month, day, form)


def _spelled(stretch: str, words: Words) -> str:
    said = []
    for part in _PARTS.findall(stretch):
        if part.isdecimal():
            said.append(words.say(Code((part,), is_secret=True)))
        elif part.isalpha():
            said.append(" ".join(part.upper() if part.isascii() else part))
        else:
            said.append(words.say(Address(part, "name")))
    return " ".join(said)


def _around(text: str, start: int, end: int) -> Around:
    return Around(text[max(0, start - _AROUND) : start], text[end : end + _AROUND])


def _fit(before: str, said: str, behind: str, words: Words) -> str:
    """Put blanks where two words that are written without one would become one."""
    if not words.customs.is_spaced:
        return said
    if not said:
        return " " if before.isalnum() and (behind.isalnum() or behind in _COINS) else ""
    has_blank_before = said[0].isalnum() and (before.isalnum() or before in _CLOSES)
    has_blank_behind = said[-1].isalnum() and (behind.isalnum() or behind in _OPENS)
    return f"{' ' if has_blank_before else ''}{said}{' ' if has_blank_behind else ''}"


_COINS: Final = ("$", "€", "£", "¥")
_CLOSES: Final = (")", "]", "}")
_OPENS: Final = ("(", "[", "{")
_CLOSING: Final = " \"'”’)»"
_PAUSING: Final = " ,."
