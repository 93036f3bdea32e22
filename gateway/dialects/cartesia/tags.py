"""Cartesia's tags inside a transcript: speed, volume, emotion. None of them is ever spoken.

They hold for a whole context here. Those in front of a context's first words are obeyed; later ones are left out.
Breaks, spelling and the rest of the small SSML (docs/PROTOCOL.md) are read where every dialect's text is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Final

_PASSED_ON: Final = ("break", "spell")  # they are no words either
_NAMES: Final = ("speed", "volume", "emotion", *_PASSED_ON)
_TAG: Final = re.compile(
    r"""</?(?P<name>speed|volume|emotion|break|spell)\b(?P<rest>[^<>]*)>""",
    re.IGNORECASE,
)
_VALUE: Final = re.compile(r"""(?:ratio|value|time)\s*=\s*["']?\s*([^"'/\s>]+)""", re.IGNORECASE)
# Longer than any tag; what is longer is text, so that a lone "<" holds nothing back for good.
_MOST_TAG_CHARS: Final = 80


@dataclass(slots=True)
class Manner:
    """What tags in front of a context's first words ask for; None: nothing."""

    speed: float | None = None
    volume: float | None = None
    emotion: str | None = None


class TagReader:
    """Reads one context's transcript, cut anywhere.

    Attributes:
        manner: what the tags so far ask for.
    """

    def __init__(self) -> None:
        self.manner = Manner()
        self._held = ""  # what may be the beginning of a tag
        self._has_spoken = False  # words have come, so the manner is settled

    def feed(self, transcript: str) -> str:
        """Take the next piece; return what is to be spoken, without these tags."""
        text = self._held + transcript
        cut = _tag_begins(text)
        self._held = text[cut:]
        return self._read(text[:cut])

    def finish(self) -> str:
        """Return what was held back: no more of it will come."""
        held, self._held = self._held, ""
        return self._read(held)

    def _read(self, text: str) -> str:
        spoken, at = [], 0
        for tag in _TAG.finditer(text):
            spoken.append(self._say(text[at : tag.start()]))
            at = tag.end()
            spoken.append(self._obey(tag))
        spoken.append(self._say(text[at:]))
        return "".join(spoken)

    def _say(self, text: str) -> str:
        if text.strip():
            self._has_spoken = True
        return text

    def _obey(self, tag: re.Match[str]) -> str:
        name = tag["name"].lower()
        value = _VALUE.search(tag["rest"])
        if name in _PASSED_ON:
            return tag[0]
        if value is not None and not self._has_spoken:
            self._note(name, value[1])
        return ""

    def _note(self, name: str, value: str) -> None:
        if name == "emotion":
            self.manner.emotion = value
            return
        try:
            number = float(value)
        except ValueError:
            return
        if math.isnan(number):
            return
        if name == "speed":
            self.manner.speed = number
        else:
            self.manner.volume = number


def _tag_begins(text: str) -> int:
    """Find where a tag begins that has not ended; the text's end if there is none."""
    start = text.rfind("<")
    if start < 0 or ">" in text[start:] or len(text) - start > _MOST_TAG_CHARS:
        return len(text)
    word = re.match(r"</?([a-z]*)", text[start:], re.IGNORECASE)
    name = word[1].lower() if word else ""
    is_whole_word = word is not None and word.end() < len(text) - start
    may_be_one = any(known == name if is_whole_word else known.startswith(name) for known in _NAMES)
    return start if may_be_one else len(text)
