"""Japanese as the model was taught it: in katakana as it sounds, a blank between words (カコ ワ タンニ スギサッ タ)."""

from __future__ import annotations

import re
from typing import Final

# The model reads Latin words itself; Open JTalk would spell most of them.
_LATIN: Final = re.compile(r"([A-Za-z](?:[A-Za-z'’. -]*[A-Za-z])?)")
_KANA: Final = re.compile("[\u30a1-\u30fc]+")
_ACCENT: Final = "’"  # Open JTalk's mark behind a mora whose vowel is not voiced


def load() -> None:
    """Read the dictionary, 0.5 s, so that the first text need not wait for it.

    Raises:
        ImportError: pyopenjtalk is not installed.
    """
    import pyopenjtalk  # noqa: PLC0415 - an extra's

    pyopenjtalk.run_frontend("あ")


def katakana(text: str) -> str:
    """Write a text as it sounds; what has no sound, and Latin, stays as it is."""
    import pyopenjtalk  # noqa: PLC0415 - an extra's

    written = ""
    for place, stretch in enumerate(_LATIN.split(text)):
        if place % 2:
            words = [stretch]
        elif not stretch.strip():
            continue
        else:
            words = [_said(found["string"], found["pron"]) for found in pyopenjtalk.run_frontend(stretch)]
        for word in words:
            written += f" {word}" if written and word[0].isalnum() and _ends_word(written) else word
    return written


def _said(written: str, pronounced: str) -> str:
    kana = pronounced.replace(_ACCENT, "")
    return kana if _KANA.fullmatch(kana) else written


def _ends_word(text: str) -> bool:
    """Whether a word that follows needs a blank: not behind 、 or 「."""
    return text[-1].isalnum() or text[-1] in ".!?,;:"
