"""Judges a transcript: whether it can be what a recording says, before anything listens and after.

A wrong transcript is worse than none: the model learns from it which sound belongs to which letters, and every sentence
of the voice begins with the difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

from ..language import detect
from .wording import mishearings, tokens

if TYPE_CHECKING:
    from .recogniser import Floats, Recogniser

# Syllables in a second of speech, without its pauses: fast speech has eight, slow speech two. A reader's letters are
# counted as what they are in most languages: a character of Han, Kana or Hangul is a syllable, elsewhere three letters.
_LETTERS_IN_A_SYLLABLE: Final = 3
_FASTEST: Final = 9.0
_SLOWEST: Final = 1.2
_USUAL: Final = (2.2, 7.5)
_OWN_SCRIPTS: Final = {
    "zh": {"cmn"}, "cmn": {"cmn"}, "yue": {"cmn"}, "ja": {"ja", "cmn"}, "ko": {"ko"}, "ru": {"ru"}, "uk": {"ru"},
    "bg": {"ru"}, "el": {"el"}, "he": {"he"}, "ar": {"ar"}, "fa": {"ar"}, "ur": {"ar"}, "hi": {"hi"}, "mr": {"hi"},
    "ne": {"hi"}, "bn": {"bn"}, "ta": {"ta"}, "te": {"te"}, "th": {"th"}, "ka": {"ka"}, "hy": {"hy"}, "am": {"am"},
}  # fmt: skip
_ANY_SCRIPT: Final = frozenset({"sr", "kk", "uz", "az", "mn", "tt", "ku", "pa", "ms", "mul", "und"})

# What is pasted along with a text, or instead of it, and that nobody says.
_NOT_SAID: Final = (
    (
        re.compile(
            r"\{\{|\}\}|\$\{|%s|\{[A-Za-z_]\w*\}|lorem ipsum|(?-i:TODO|TBD|FIXME)\s*:|\bundefined\s+undefined\b"
            r"|\b(enter|type|insert|paste) (your|the) (text|transcript\w*)",
            re.IGNORECASE,
        ),
        "a template that was not filled in",
    ),
    (re.compile(r"<\|[^|<>]{1,40}\|>"), "a control token"),
    (re.compile(r"</?[A-Za-z][^<>]{0,200}>|<[?!][^<>]{0,200}>|&(#\d{1,7}|[a-z]{2,8});"), "markup (SSML or HTML)"),
    (re.compile(r"\{\\|\\[A-Za-z]+\{"), "markup (of subtitles or TeX)"),
    (re.compile(r"\d\d:\d\d(:\d\d)?[.,]\d+|-->"), "times of subtitles"),
    (re.compile(r"https?://|www\.\S"), "a web address"),
    (re.compile(r'^\s*\[\s*("|\{)|\{\s*"'), "JSON"),
    (
        re.compile(r"\t|(([A-Za-z],[A-Za-z0-9]|[0-9],[A-Za-z])[^,\n]*){3}|(^|\s)(/[\w.-]+){2,}"),
        "columns of a table, or a file's path",
    ),
    (re.compile(r"\bdef \w+\(|\bfunction\s*\w*\(|\w=['\"\w]|=>|;\s*\n"), "program text"),
    (
        re.compile(
            r"[\[(]\s*(inaudible|unintelligible|blank.?audio|no speech|music|silence|applause|crosstalk)\s*[\])]|[♪♫]",
            re.IGNORECASE,
        ),
        "a transcriber's remark",
    ),
    (re.compile(r"\b(speaker|spk)[_ ]?\d+\b", re.IGNORECASE), "a label of who speaks"),
    (re.compile("[ˈˌː]"), "phonetic signs"),
    # What is needed inside words of Persian and of India stays: the joiners U+200C and U+200D.
    (
        re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"),
        "invisible characters",
    ),
    (re.compile("```|^#{1,6} |\\*\\*\\S", re.MULTILINE), "Markdown"),
    (
        re.compile("\ufffd|Ã[\x80-\xbf©®±¼¤¶ƒ]|â€[œ™“”]?|ï»¿|[À-ÿ]{5,}|\\?{4,}|\\?{3,}.*\\?{3,}"),
        "letters of a broken encoding",
    ),
    (re.compile(r"^\s*(user|assistant|system)\s*:", re.IGNORECASE | re.MULTILINE), "a chat's roles"),
    (
        re.compile(r"\.(wav|mp3|flac|ogg|opus|m4a|aac|aiff?|webm|mp4|txt|json|csv|pdf|docx?)\b|\w_\w", re.IGNORECASE),
        "the name of a file, or one that a program gives",
    ),
)
# Markup of the models (`<strong>`, `[laughter]`) may be meant: it says how a recording sounds.
_MODEL_MARKUP: Final = re.compile(r"</?(strong|laughter)>")
_DOUBTFUL: Final = (
    (re.compile(r"\d"), "has digits: write them as they are said"),
    (re.compile(r"[(（*][^()（）*]{2,40}[)）*]"), "has words in brackets: if they are not said, take them out"),
    (re.compile(r"[@#]\w|[\U0001f300-\U0001faff\u2600-\u27bf]"), "has signs: write them as they are said"),
    (re.compile(r"^\s*[-*•]\s", re.MULTILINE), "has the marks of a list: they are not said"),
    (re.compile(r"(^|\n)\s*\w{1,20}\s*[:：]\s", re.MULTILINE), "names a speaker: if the name is not said, take it out"),
)  # fmt: skip

# Of scripts that are written with blanks between words, the longest word that somebody may say, in letters: German has
# some of 34. A text without blanks is longer, and so is what a program wrote.
_LONGEST_WORD: Final = 38
_MOST_OF_ONE_WORD: Final = 0.6  # of a transcript of six words or more
_FEWEST_TO_REPEAT: Final = 6
_SPACED: Final = re.compile(r"[A-Za-z0-9\u00c0-\u024f\u0370-\u052f+/=_-]+")
# Letters that look alike in Latin, Greek and Cyrillic: a reader sees one word, a model another.
_MIXED: Final = re.compile(r"[A-Za-z][\u0370-\u03ff\u0400-\u052f]|[\u0370-\u03ff\u0400-\u052f][A-Za-z]")

# How much of a right transcript Whisper base mishears of a clean recording is a few words in a hundred.
MAX_MISHEARD: Final = 0.5  # beyond, something else is said
WORTH_TELLING: Final = 0.2


class UnfitTranscript(ValueError):
    """This cannot be what the recording says; the message says why."""


def judge_transcript(transcript: str, language: str | None, speech_s: float) -> list[str]:
    """Judge a transcript by itself and by the length of the speech; returns warnings.

    Args:
        transcript: not blank.
        language: BCP 47 tag of what the recording says; None if it is not known.
        speech_s: how long somebody speaks.

    Raises:
        UnfitTranscript: with the reason.
    """
    spoken = _MODEL_MARKUP.sub("", transcript)
    for pattern, what in _NOT_SAID:
        if found := pattern.search(spoken):
            raise UnfitTranscript(
                f"the transcript holds {what} ({found[0].strip()!r}); write down what is said, and only that"
            )
    _check_words(spoken)
    letters = [character for character in spoken if unicodedata.category(character)[0] == "L"]
    if not letters and not any(character.isdigit() for character in spoken):
        raise UnfitTranscript("the transcript has nothing that can be said")
    if language and letters:
        _check_script("".join(letters), language)
    syllables = _syllables(spoken)
    if syllables > _FASTEST * speech_s:
        raise UnfitTranscript(
            f"the transcript is too long: nobody says about {syllables:.0f} syllables in {speech_s:.1f} s of speech"
        )
    if syllables < _SLOWEST * speech_s:
        raise UnfitTranscript(
            f"the transcript is too short: {speech_s:.1f} s of speech hold more than about {syllables:.0f} syllables; "
            "it must be all that the recording says"
        )
    warnings = [f"the transcript {doubt}" for pattern, doubt in _DOUBTFUL if pattern.search(spoken)]
    if not _USUAL[0] <= syllables / speech_s <= _USUAL[1]:
        warnings.append(
            f"the transcript makes it about {syllables / speech_s:.1f} syllables a second, which few people speak: is "
            "something missing, or was it played at another speed?"
        )
    return warnings


def check_by_ear(transcript: str, language: str, samples: Floats, recogniser: Recogniser) -> list[str]:
    """Compare a transcript with what is heard; returns warnings.

    Args:
        transcript: what is said to be said.
        language: its BCP 47 tag.
        samples: (N,) of the recording, as the recogniser hears it.
        recogniser: hears.

    Raises:
        UnfitTranscript: something else is heard.
    """
    said, heard = tokens(transcript, language), recogniser.hear(samples, language)
    if not said:
        return []
    share = len(mishearings([said], tokens(heard, language))) / len(said)
    if share > MAX_MISHEARD:
        raise UnfitTranscript(f"the transcript is not what is heard in the recording, which is: {heard.strip()!r}")
    if share > WORTH_TELLING:
        return [f"the transcript differs from what is heard in {share:.0%} of its words: {heard.strip()!r}"]
    return []


def _check_words(spoken: str) -> None:
    """Refuse what has letters, and yet is no text."""
    if found := _MIXED.search(spoken):
        raise UnfitTranscript(f"the transcript has letters of two scripts in one word ({found[0]!r}), which look alike")
    longest = max(_SPACED.findall(spoken), key=len, default="")
    if len(longest) > _LONGEST_WORD:
        raise UnfitTranscript(
            f"the transcript has a word of {len(longest)} letters, which nobody says: {longest[:20]}…"
        )
    words = [word for word in re.findall(r"\w+", spoken.casefold()) if len(word) > 1 or not word.isascii()]
    if len(words) >= _FEWEST_TO_REPEAT:
        word, times = Counter(words).most_common(1)[0]
        if times > _MOST_OF_ONE_WORD * len(words):
            raise UnfitTranscript(f"the transcript says {word!r} {times} times, and little else")
        half = len(words) // 2
        if words[:half] == words[half:]:
            raise UnfitTranscript("the transcript says everything twice")


def _check_script(letters: str, language: str) -> None:
    primary = language.lower().partition("-")[0]
    if primary in _ANY_SCRIPT:
        return
    expected = _OWN_SCRIPTS.get(primary, {"en"})  # en stands for Latin
    written = detect(letters)
    if written is not None and written not in expected:
        raise UnfitTranscript(f"the transcript is not written in the script of its language, {language}")


def _syllables(text: str) -> float:
    count = 0.0
    for character in text:
        if unicodedata.category(character)[0] == "L":
            count += 1.0 if detect(character) in ("cmn", "ja", "ko") else 1 / _LETTERS_IN_A_SYLLABLE
        elif character.isdigit():
            count += 1.0
    return count
