"""Guesses a text's language from its script: enough to choose a voice if the client named no language.

Each script stands for one language, that of most of its readers. A text of several scripts gets the language of most of
its letters. Telling French from Polish would need a model; a client that knows sets the context's ``language``.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections import Counter
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable

# Unicode blocks that hold letters (Blocks.txt), each with the language its script stands for. A block ends where the
# next entry begins. None marks characters that say nothing of the language: digits, punctuation, symbols, emoji.
_BLOCKS: Final[tuple[tuple[int, str | None], ...]] = (
    (0x0000, None),
    (0x0041, "en"),  # Latin
    (0x005B, None),
    (0x0061, "en"),
    (0x007B, None),
    (0x00C0, "en"),
    (0x0250, None),
    (0x0370, "el"),  # Greek
    (0x0400, "ru"),  # Cyrillic
    (0x0530, "hy"),  # Armenian
    (0x0590, "he"),  # Hebrew
    (0x0600, "ar"),  # Arabic
    (0x0700, None),
    (0x0750, "ar"),
    (0x0780, None),
    (0x08A0, "ar"),
    (0x0900, "hi"),  # Devanagari
    (0x0980, "bn"),  # Bengali
    (0x0A00, "pa"),  # Gurmukhi
    (0x0A80, "gu"),  # Gujarati
    (0x0B00, "or"),  # Oriya
    (0x0B80, "ta"),  # Tamil
    (0x0C00, "te"),  # Telugu
    (0x0C80, "kn"),  # Kannada
    (0x0D00, "ml"),  # Malayalam
    (0x0D80, "si"),  # Sinhala
    (0x0E00, "th"),  # Thai
    (0x0E80, None),
    (0x1000, "my"),  # Myanmar
    (0x10A0, "ka"),  # Georgian
    (0x1100, "ko"),  # Hangul letters
    (0x1200, "am"),  # Ethiopic
    (0x13A0, "chr"),  # Cherokee
    (0x1400, None),
    (0x1C80, "ru"),
    (0x1C90, "ka"),
    (0x1CC0, None),
    (0x1E00, "en"),  # Latin with two accents, as Vietnamese and other languages use
    (0x1F00, "el"),
    (0x2000, None),
    (0x3041, "ja"),  # Hiragana, Katakana
    (0x3100, None),
    (0x3130, "ko"),
    (0x3190, None),
    (0x31F0, "ja"),
    (0x3200, None),
    (0x3400, "cmn"),  # Han
    (0xA000, None),
    (0xAC00, "ko"),  # Hangul syllables
    (0xD7B0, None),
    (0xF900, "cmn"),
    (0xFB00, None),
    (0xFB1D, "he"),
    (0xFB50, "ar"),
    (0xFE00, None),
    (0xFE70, "ar"),
    (0xFEFF, None),
    (0xFF21, "en"),  # fullwidth Latin
    (0xFF3B, None),
    (0xFF41, "en"),
    (0xFF5B, None),
    (0xFF66, "ja"),  # halfwidth Katakana
    (0xFFA0, None),
    (0x20000, "cmn"),
    (0x32000, None),
)
_STARTS: Final = [start for start, _ in _BLOCKS]
_SYLLABIC: Final = frozenset({"cmn", "ja", "ko"})
# Each character of these languages is a syllable, which takes two to three letters elsewhere.
_SYLLABLE_WEIGHT: Final = 2
# Japanese is written in Han and Kana together, Chinese in Han with at most the odd decorative Kana.
_KANA_SHARE_OF_JAPANESE: Final = 0.1
# Languages that are written in a script which stands for another language above. Those that are named nowhere here are
# written in Latin script. Serbian has two.
_ALSO_WRITTEN: Final = {
    "ar": "fa ur sd ug ps".split(),
    "bn": "as bpy".split(),
    "cmn": "zh yue hak wuu nan ja ko".split(),
    "el": ["grc"],
    "en": ["sr"],
    "he": ["yi", "iw"],
    "hi": "mr ne kok sa bho".split(),
    "hy": ["hyw"],
    "ru": "uk be bg mk sr kk ky tt ba cv mn tg".split(),
    "am": ["ti"],
    "my": ["shn"],
}
# The scripts by their names in ISO 15924, each by the language that it stands for.
_NAMES: Final = {
    "am": "Ethi",
    "ar": "Arab",
    "bn": "Beng",
    "chr": "Cher",
    "cmn": "Hani",
    "el": "Grek",
    "en": "Latn",
    "gu": "Gujr",
    "he": "Hebr",
    "hi": "Deva",
    "hy": "Armn",
    "ja": "Jpan",
    "ka": "Geor",
    "kn": "Knda",
    "ko": "Kore",
    "ml": "Mlym",
    "my": "Mymr",
    "or": "Orya",
    "pa": "Guru",
    "ru": "Cyrl",
    "si": "Sinh",
    "ta": "Taml",
    "te": "Telu",
    "th": "Thai",
}
_LATIN: Final = "en"
_OWN_SCRIPT: Final = frozenset(language for _, language in _BLOCKS if language)
# Text that says nothing of another script than Latin: most of all text, found without a look at each character.
_ALL_LATIN: Final = re.compile(r"[\x00-\u024f\u1e00-\u1eff\u2000-\u2bff]*")
_LATIN_LETTER: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")  # as in the blocks


class _Languages(dict[str, str | None]):
    """The language that each character's script stands for, looked up once; the basic plane is kept."""

    def __missing__(self, character: str) -> str | None:
        language = _BLOCKS[bisect_right(_STARTS, ord(character)) - 1][1]
        if character <= "\uffff":
            self[character] = language
        return language


_STANDS_FOR: Final = _Languages()


def detect(text: str) -> str | None:
    """Guess the language of ``text``, as a BCP 47 tag; None if it holds no letter.

    Latin script answers ``en``; a caller that knows better should say so.
    """
    if _ALL_LATIN.fullmatch(text):
        return _LATIN if _LATIN_LETTER.search(text) else None
    counts = Counter(map(_STANDS_FOR.__getitem__, text))
    del counts[None]
    for syllabic in _SYLLABIC & counts.keys():
        counts[syllabic] *= _SYLLABLE_WEIGHT
    if counts["ja"] > _KANA_SHARE_OF_JAPANESE * (counts["ja"] + counts["cmn"]):
        counts["ja"] += counts.pop("cmn", 0)
    (language, count), *_ = counts.most_common(1) or [("", 0)]
    return language if count else None


# A word in small letters: sentences are made of them, whereas names and abbreviations stand in those of any language.
_SMALL_WORD: Final = re.compile(r"(?<![^\W\d_])[a-z\u00df-\u00f6\u00f8-\u00ff][^\W\d_]*")
_LATIN_WORD: Final = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+")


def of_sentence(text: str) -> str | None:
    """Guess the language of a sentence, in which names of another script may stand: "有 GPU 8 个" is Chinese.

    Latin letters count only in words that begin small, where another script is written as well.
    """
    if _ALL_LATIN.fullmatch(text):
        return detect(text)
    others = _LATIN_WORD.sub("", text)
    told = detect(others)
    if told is None:
        return detect(text)
    small = "".join(_SMALL_WORD.findall(text))
    return detect(others + small) if small else told


def is_written_in(language: str, text: str) -> bool:
    """Tell whether a text has letters of a script in which a language is written."""
    own = _scripts(language)
    return any(_STANDS_FOR[character] in own for character in text)


def primary(tag: str) -> str:
    """Name the language of a tag without script, region and the like: ``pt`` of ``pt-BR``."""
    return _normal(tag).partition("-")[0]


def lookup(tag: str, known: Container[str]) -> str:
    """Drop subtags of a tag from its end until it is known (RFC 4647, 3.4); empty if none of its forms is.

    Args:
        tag: in any case, with hyphens or underscores.
        known: tags in lower case.
    """
    tag = _normal(tag)
    while tag and tag not in known:
        tag = tag.rpartition("-")[0]
    return tag


def scripts(languages: Iterable[str]) -> list[str]:
    """List the scripts (ISO 15924) in which these languages are written; ``mul`` says nothing of any."""
    return sorted({_NAMES[script] for language in languages if language != "mul" for script in _scripts(language)})


class Run(NamedTuple):
    """A stretch of text in one language: ``text[start:end]``; the language is None if nothing tells it."""

    start: int
    end: int
    language: str | None


def runs(text: str, language: str | None = None) -> list[Run]:
    """Cut a text wherever the script says that another language begins; the runs tile it.

    A script in which ``language`` is written is that language, any other script the one that it stands for. What
    belongs to no script goes with the run before it, and opening marks with the run behind them.
    """
    if not text:
        return []
    if _ALL_LATIN.fullmatch(text):
        is_own = language is not None and _LATIN in _scripts(language)
        spoken = _LATIN if any(map(str.isalpha, text)) else None
        return [Run(0, len(text), language if is_own or (spoken is None and language) else spoken)]
    own = _scripts(language) if language else frozenset()
    is_japanese = detect(_LATIN_WORD.sub("", text)) == "ja"
    found: list[Run] = []
    start, current = 0, None
    for at, character in enumerate(text):
        script = _STANDS_FOR[character]
        if script is None:
            continue
        spoken = language if script in own else "ja" if script == "cmn" and is_japanese else script
        if current is not None and spoken != current:
            begins = _with_opening_marks(text, at)
            found.append(Run(start, begins, current))
            start = begins
        current = spoken
    return [*found, Run(start, len(text), current or language)]


def wished_runs(
    text: str, language: str | None, wishes: Iterable[tuple[int, int, str]], speaks: Callable[[str], bool]
) -> list[Run]:
    """Cut a text as ``runs`` does, but for stretches whose language the writer names.

    Args:
        text: in which they stand.
        language: of the rest.
        wishes: start, end and BCP 47 tag of each stretch, an outer one before an inner one.
        speaks: tells whether a language can be spoken; a wish for any other changes nothing.
    """
    found = runs(text, language)
    for first, last, tag in wishes:
        if not speaks(tag):
            continue
        while last < len(text) and text[last] in _CLOSES:  # nobody speaks a full stop alone
            last += 1  # noqa: PLW2901 - the stretch is longer than its wish
        own = [Run(first + run.start, first + run.end, run.language) for run in runs(text[first:last], tag)]
        before = [run._replace(end=min(run.end, first)) for run in found if run.start < first]
        behind = [run._replace(start=max(run.start, last)) for run in found if run.end > last]
        found = [*before, *own, *behind]
    joined: list[Run] = []
    for run in found:
        # Marks between two languages are nobody's words.
        is_mute = not any(map(str.isalnum, text[run.start : run.end]))
        if joined and (is_mute or run.language == joined[-1].language):
            joined[-1] = joined[-1]._replace(end=run.end)
        else:
            joined.append(run)
    return joined


_CLOSES: Final = frozenset(".,;:!?…)]}\"'”’»。，、；：！？」』）】،؛؟।")


def _normal(tag: str) -> str:
    return tag.lower().replace("_", "-")


def _scripts(language: str) -> frozenset[str]:
    """The scripts that a language is written in, each by the language it stands for."""
    main, *subtags = _normal(language).split("-")
    found = {script for script, others in _ALSO_WRITTEN.items() if main in others}
    if main in _OWN_SCRIPT:
        found.add(main)
    if not found or "latn" in subtags:
        found.add(_LATIN)
    return frozenset(found)


def _with_opening_marks(text: str, at: int) -> int:
    while at and unicodedata.category(text[at - 1]) in ("Ps", "Pi"):
        at -= 1
    return at
