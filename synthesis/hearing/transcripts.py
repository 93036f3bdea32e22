"""Judges a transcript: whether it can be what a recording says, before anything listens and after.

A wrong transcript is worse than none: the model learns from it which sound belongs to which letters, and every sentence
of the voice begins with the difference.
"""

from __future__ import annotations

import re
import unicodedata
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
_OWN_SCRIPTS: Final = {
    "zh": {"cmn"}, "cmn": {"cmn"}, "yue": {"cmn"}, "ja": {"ja", "cmn"}, "ko": {"ko"}, "ru": {"ru"}, "uk": {"ru"},
    "bg": {"ru"}, "el": {"el"}, "he": {"he"}, "ar": {"ar"}, "fa": {"ar"}, "ur": {"ar"}, "hi": {"hi"}, "mr": {"hi"},
    "ne": {"hi"}, "bn": {"bn"}, "ta": {"ta"}, "te": {"te"}, "th": {"th"}, "ka": {"ka"}, "hy": {"hy"}, "am": {"am"},
}  # fmt: skip
_ANY_SCRIPT: Final = frozenset({"sr", "kk", "uz", "az", "mn", "tt", "ku", "pa", "ms", "mul", "und"})

# What is pasted along with a text, or instead of it, and that nobody says.
_NOT_SAID: Final = (
    (re.compile(r"\{\{|\}\}|\$\{|%s|lorem ipsum", re.IGNORECASE), "a template that was not filled in"),
    (re.compile(r"<\|[^|<>]{1,40}\|>"), "a control token"),
    (re.compile(r"</?[A-Za-z][^<>]{0,200}>"), "markup (SSML or HTML)"),
    (re.compile(r"\d\d:\d\d(:\d\d)?[.,]\d+|-->"), "times of subtitles"),
    (re.compile(r"https?://|www\.\S"), "a web address"),
    (re.compile(r'^\s*[\[{]\s*("|\{)'), "JSON"),
    (re.compile("```|^#{1,6} |\\*\\*\\S", re.MULTILINE), "Markdown"),
    (re.compile("\ufffd|Ã[\x80-\xbf©®±¼¤¶]|â€[œ™“”]?|ï»¿"), "letters of a broken encoding"),
    (re.compile(r"^\s*(user|assistant|system)\s*:", re.IGNORECASE | re.MULTILINE), "a chat's roles"),
    (re.compile(r"\.(wav|mp3|flac|ogg|m4a|txt)\b", re.IGNORECASE), "a file's name"),
)
# Markup of the models (`<strong>`, `[laughter]`) may be meant: it says how a recording sounds.
_MODEL_MARKUP: Final = re.compile(r"</?(strong|laughter)>")
_DOUBTFUL: Final = (
    (re.compile(r"\d"), "has digits: write them as they are said"),
    (re.compile(r"[(（*][^()（）*]{2,40}[)）*]"), "has words in brackets: if they are not said, take them out"),
    (re.compile(r"(^|\n)\s*\w{1,20}\s*[:：]\s", re.MULTILINE), "names a speaker: if the name is not said, take it out"),
)  # fmt: skip

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
    return [f"the transcript {doubt}" for pattern, doubt in _DOUBTFUL if pattern.search(spoken)]


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
