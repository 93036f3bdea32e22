"""Inputs that were written by hand before the code, and whether they are read as a newsreader would."""

import re
import sys
import tomllib
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from sayline.gateway.text.accumulator import ChunkingSettings, SentenceAccumulator
from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

INPUTS = Path(__file__).parent / "synthesis" / "reading" / "inputs"
# Languages whose words run on without blanks, or where a blank is a matter of taste: there every character is a word.
_UNSPACED = ("zh", "ja", "ko")


@dataclass(frozen=True)
class Input:
    """One text of a language's inputs.

    Attributes:
        kind: what it is about: money, time, range.
        reading: every reading that is accepted.
        value: what must be heard, whatever else is said; "one|other" if there are several ways to say it.
    """

    language: str
    kind: str
    text: str
    reading: tuple[str, ...]
    value: tuple[str, ...]

    @property
    def said(self) -> str:
        """What the voice is given to say, through the same accumulator as in a conversation."""
        return say(self.text, self.language)

    @property
    def is_right(self) -> bool:
        """Whether one of the accepted readings is said, word for word."""
        said = folded(self.said, self.language)
        return said in [folded(reading, self.language) for reading in self.reading]

    @property
    def lost(self) -> list[str]:
        """Values that are not heard, or not in order."""
        return lost(self.value, self.said, self.language)


def inputs_of(language, *, aside=False):
    """A language's inputs: those that the code was written with, or those that were set aside."""
    tables = tomllib.loads((INPUTS / ("aside" if aside else "") / f"{language}.toml").read_text())
    return [
        Input(
            language,
            kind,
            entry["text"],
            tuple(entry["reading"]),
            tuple(entry.get("value", ())),
        )
        for kind, entries in tables.items()
        for entry in entries
    ]


def say(text, language):
    """What a voice is given to say for a text that came at once."""
    accumulator = SentenceAccumulator("sentence", ChunkingSettings(), language=language)
    segments = [*accumulator.push(text, 0.0), *accumulator.end(0.0)]
    words = words_of(language)
    said = (read_segment(segment, words, has_markup=False)[0] for segment in segments if segment.spoken)
    return " ".join(segment.spoken for segment in said)


def folded(text, language):
    """A reading's words, without what makes no difference to the ear.

    That is case, punctuation, the optional "and", and whether letters that are said one by one stand apart ("P M").
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    text = re.sub(r"['\u2019]", "", text).replace("〇", "零")
    words = re.findall(r"\w" if language in _UNSPACED else r"\w+", text)
    if language == "en":  # "one hundred and five" and "one hundred five" are both English
        words = [word for word in words if word != "and"]
    return re.sub(r"\b(\w) (?=\w\b)", r"\1", " ".join(words)) if language == "en" else " ".join(words)


def lost(value, said, language):
    """Values that are not heard, or not in order, or only as part of another word ("six" in "sixteen").

    "two|a couple" is heard if one of them is.
    """
    rest = f" {folded(said, language)} "
    missing = []
    for words in value:
        heard = [at for option in words.split("|") if (at := _end_of(folded(option, language), rest))]
        if heard:
            rest = rest[min(heard) :]
        else:
            missing.append(words)
    return missing


def _end_of(words, text):
    """Where words end that stand in a text; 0 if they do not."""
    at = text.find(f" {words} ")
    return at + len(words) + 1 if at >= 0 else 0


if __name__ == "__main__":  # python tests/readings.py LANGUAGE… [--aside]: the shares, and what is read otherwise
    is_aside = "--aside" in sys.argv
    for tag in [argument for argument in sys.argv[1:] if not argument.startswith("-")]:
        entries = inputs_of(tag, aside=is_aside)
        for entry in entries:
            if entry.lost or not entry.is_right:
                print(f"{'VALUE' if entry.lost else 'wrong'} {entry.kind}: {entry.text}\n   {entry.said}")
        right = sum(entry.is_right for entry in entries)
        changed = sum(bool(entry.lost) for entry in entries)
        print(f"{tag}: {right} of {len(entries)} right ({right / len(entries):.1%}), values wrong: {changed}")
