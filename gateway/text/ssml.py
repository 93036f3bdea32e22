"""The small SSML: what a tag asks of the voice. Pure; one tag at a time, no tree.

A writer that makes text token by token closes elements in another order than it opened them, or never. So each tag is
judged by itself, and nothing here fails: an element or a value that is not known asks for nothing, and is silent.

Elements: ``break``, ``emphasis``, ``sub``, ``say-as``, ``spell``, ``phoneme``, ``prosody`` (rate and volume), ``lang``,
and ``speak``, ``p`` and ``s`` around sentences. W3C's SSML 1.1 defines all but ``spell``, which hosted services have.
"""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from ...synthesis.interface import WishKind

# Longer than writers of speech pause. Amazon's and Google's services also stop at ten seconds.
MAX_PAUSE_MS: Final = 10_000
# Silence for each strength. Reading aloud, people pause about 0.2 s at a comma and 0.4 to 0.7 s behind a sentence.
_STRENGTHS_MS: Final = {"none": 0, "x-weak": 100, "weak": 200, "medium": 400, "strong": 700, "x-strong": 1000}
_RATES: Final = {"x-slow": 0.5, "slow": 0.8, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_VOLUMES: Final = {
    "silent": 0.0, "x-soft": 0.3, "soft": 0.6, "medium": 1.0, "default": 1.0, "loud": 1.4, "x-loud": 2.0,
}  # fmt: skip
_SPELLED: Final = frozenset(("characters", "character", "spell-out", "spell", "verbatim", "letters"))
_EMPHASES: Final = frozenset(("strong", "moderate", "reduced", "none"))
# The alphabets of phonemes that engines know, by the names that writers give them.
_ALPHABETS: Final = {
    "": "ipa", "ipa": "ipa", "cmu": "cmu", "cmu-arpabet": "cmu", "x-cmu": "cmu", "arpabet": "cmu", "x-arpabet": "cmu",
    "pinyin": "pinyin", "x-amazon-pinyin": "pinyin", "x-pinyin": "pinyin",
}  # fmt: skip

_ATTRIBUTE: Final = re.compile(
    r"""([A-Za-z_:][\w:.-]*)\s*=\s*(?:\\?"([^"]*)"|\\?'([^']*)'|[“”]([^“”]*)[“”]|([^\s"'“”<>=\\]+))"""
)
_TIME: Final = re.compile(r"\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(ms|s|)", re.IGNORECASE)
_PERCENT: Final = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{0,6})?)\s*%")
_NUMBER: Final = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})")
_DECIBELS: Final = re.compile(r"([+-]?\d{1,3}(?:\.\d{0,6})?)\s*dB", re.IGNORECASE)
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,8}(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def attributes(tag: str) -> dict[str, str]:
    """Collect the attributes of an opening tag, names in small letters; the first of a name counts."""
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(tag):
        value = next((value for value in match.groups()[1:] if value is not None), "")
        found.setdefault(match[1].lower(), html.unescape(value.removesuffix("\\")).strip())
    return found


def pause_ms(asked: dict[str, str]) -> int:
    """Tell how long a ``break`` is; a time that cannot be read counts as none."""
    time = _TIME.fullmatch(asked.get("time", ""))
    if time is not None:
        unit_ms = 1 if time[2].lower() == "ms" else 1000
        return min(MAX_PAUSE_MS, round(float(time[1]) * unit_ms))
    return _STRENGTHS_MS.get(asked.get("strength", "medium").lower(), _STRENGTHS_MS["medium"])


def wishes(name: str, asked: dict[str, str]) -> list[tuple[WishKind, str]]:
    """Tell what an element asks for its content.

    Args:
        name: of the element, in small letters.
        asked: its attributes.
    """
    match name:
        case "spell":
            return [("characters", "")]
        case "say-as":
            return _said_as(asked)
        case "emphasis":
            level = asked.get("level", "moderate").lower()
            return [("emphasis", level if level in _EMPHASES else "moderate")]
        case "phoneme":
            alphabet = _ALPHABETS.get(asked.get("alphabet", "").lower())
            return [("phonemes", f"{alphabet}:{asked['ph']}")] if alphabet and asked.get("ph") else []
        case "prosody":
            return _prosody(asked)
        case "lang" | "speak" | "voice":
            language = asked.get("xml:lang", asked.get("lang", ""))
            return [("language", language.replace("_", "-"))] if _LANGUAGE.fullmatch(language) else []
    return []


def _said_as(asked: dict[str, str]) -> list[tuple[WishKind, str]]:
    kind = asked.get("interpret-as", "").lower()
    if kind in _SPELLED:
        return [("characters", "")]
    form = asked.get("format", "").lower()
    return [("say-as", f"{kind}:{form}" if form else kind)] if kind else []


def _prosody(asked: dict[str, str]) -> list[tuple[WishKind, str]]:
    found: list[tuple[WishKind, str]] = []
    rate, volume = _rate(asked.get("rate", "").lower()), _volume(asked.get("volume", "").lower())
    if rate is not None and rate != 1:
        found.append(("rate", f"{min(2.0, max(0.5, rate)):.4g}"))
    if volume is not None and volume != 1:
        found.append(("volume", f"{min(2.0, max(0.0, volume)):.4g}"))
    return found


def _rate(asked: str) -> float | None:
    """Read a rate as a factor; ``80%`` is one, and so is ``-20%``."""
    if asked in _RATES:
        return _RATES[asked]
    factor = _relative(asked)
    if factor is None and (number := _NUMBER.fullmatch(asked)) is not None and not number[1]:
        factor = float(number[2])
    return factor or None  # at a rate of 0 nothing would ever be over


def _volume(asked: str) -> float | None:
    """Read a volume as a factor; a bare number is SSML 1.0's scale from 0 to 100."""
    if asked in _VOLUMES:
        return _VOLUMES[asked]
    if (decibels := _DECIBELS.fullmatch(asked)) is not None:
        return math.pow(10, max(-120.0, min(20.0, float(decibels[1]))) / 20)
    if (factor := _relative(asked)) is not None:
        return factor
    number = _NUMBER.fullmatch(asked)
    if number is None:
        return None
    share = float(number[2]) / 100
    return {"+": 1 + share, "-": 1 - share}.get(number[1], share)


def _relative(asked: str) -> float | None:
    percent = _PERCENT.fullmatch(asked)
    if percent is None:
        return None
    share = float(percent[2]) / 100
    return {"+": 1 + share, "-": max(0.0, 1 - share)}.get(percent[1], share)
