"""Parts of a formula that are said around what stands in them: "∫_0^1", "lim_(x → 0)", "log_2", "|x - 3|", "sin θ".

Formulas come in plain notation, as the gateway hands LaTeX on and as people type it; see ``tokens.Formula``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Formula, Measure, Number

if TYPE_CHECKING:
    from .tokens import FormulaKind, Token

    Match: TypeAlias = tuple[int, Token] | None

_OPERATORS: Final[dict[str, FormulaKind]] = {"∫": "integral", "∑": "sum", "∏": "product"}
_OVER: Final[dict[FormulaKind, FormulaKind]] = {
    "integral": "integral over", "sum": "sum over", "product": "product over",
}  # fmt: skip
# A bound: a number or a letter, or more between brackets. Raised and lowered characters are bounds by themselves.
_BOUND: Final = (
    r"(?:\((?P<round_{0}>[^()\n]{{1,24}})\)|\{{(?P<braced_{0}>[^{{}}\n]{{1,24}})\}}"
    r"|(?P<bare_{0}>[-+−]?(?:[0-9]{{1,6}}|[A-Za-zα-ω∞])))"
)
_LOWERED: Final = r"(?P<lowered>[₀-₉ₐ-ₜᵢᵣᵤᵥⱼ₊₋₌]{1,8})"
_RAISED: Final = r"(?P<raised>[⁰¹²³⁴-⁹⁺⁻ⁱⁿᵃ-ᵛ]{1,8})"
_LOW: Final = rf"(?:_\s?{_BOUND.format('low')}|{_LOWERED})"
_HIGH: Final = rf"(?:\^\s?{_BOUND.format('high')}|{_RAISED})"
_BOUNDS: Final = re.compile(rf"[∫∑∏](?:{_LOW}\s?(?:{_HIGH})?)")
_BOUNDS_REVERSED: Final = re.compile(rf"[∫∑∏]{_HIGH}\s?{_LOW}")
_ASSIGNMENT: Final = re.compile(r"\s*([A-Za-z])\s?=\s?(.+)")

# "lim_(x → 0)" and "lim x→0"; "0^+" is 0 from above.
_LIMIT: Final = re.compile(
    r"lim\s?(?P<open>_?\s?[({])?\s?(?P<letter>[A-Za-z])\s?(?:→|->)\s?"
    r"(?P<target>[-+−]?(?:[0-9]{1,6}|[A-Za-zπ∞]))(?:\^?(?P<side>[-+−⁺⁻]))?(?(open)\s?[)}])"
)
# No name of a file: "log_2024.txt", "log_file".
_LOGARITHM: Final = re.compile(
    r"log(?:_(?:\(([^()\n]{1,8})\)|\{([^{}\n]{1,8})\}|([0-9]{1,4}(?![0-9_]|\.\w|[A-Za-z]{2})|[A-Za-z](?![\w.])))|([₀-₉]{1,4}))"
)
# In front of what is surely its operand: Spanish "sin" and "tan", and "sec", are words as well.
_FUNCTION: Final = re.compile(
    r"((?:arc)?(?:sin|cos|tan|cot|sec|csc|tg|ctg|sen)h?|ln)(?=(?P<power>[²³]|\^|⁻¹)?)(?="
    r"\s?[α-ω](?!\w)|(?P<bracket>\s?\((?:[-+−*/·^²³° 0-9.,]|[A-Za-zα-ω](?![A-Za-z])){1,16}\))"
    r"|\s?[0-9]{1,3}(?:[.,][0-9])?\s?°"
    r"|(?:[²³]|\^-?[1-3]|⁻¹)\s?[(0-9A-Za-zα-ω]|\sx(?=\s?(?:[-+=*/^<>≤≥)²³.,;]|dx|\Z))"
    r"|(?<!sin)(?<!tan)\sx(?![\w'’]))"
)
# No elision: French "l'(ex-)ami".
_PRIME: Final = re.compile(r"([fghpruvyzFGH])(''|’’|″|['’′])(?=\(|\s?=|\Z)")
_CALL: Final = re.compile(r"([fghFGH](?:'{1,2}|[’′″])?)\(([a-z](?:\s?[-+−]\s?[0-9a-z])?|[-−]?[0-9]{1,3})\)")
# "n(n+1)": the letter inside tells that it is no function.
_FACTOR: Final = re.compile(r"([a-z])\((?=\1\s?[-+−]\s?[0-9a-z])")
# No words: Portuguese "do/da", French "de/du".
_DERIVATIVE: Final = re.compile(r"d([A-Zfgpqrstvwxyz])?/d([rstvwxyz])(?!\w)")
_ACCENTED: Final[dict[str, FormulaKind]] = {"\u0304": "bar", "\u0305": "bar", "\u0302": "hat", "\u20d7": "vector"}
ACCENTS: Final = frozenset(_ACCENTED)
_FIGURES: Final[dict[str, FormulaKind]] = {"∠": "angle", "△": "triangle"}
SIGNS: Final = frozenset((*_OPERATORS, *_FIGURES, *"|→-"))
# Between substances, of which one has a figure or is added to another, an arrow is a reaction's:
# "CH₄ + 2O₂ → CO₂ + 2H₂O".
_SUBSTANCE: Final = r"(?:[A-Z][a-z]?[0-9₀-₉]{0,3}|\((?:[A-Z][a-z]?[0-9₀-₉]{0,2}){1,4}\)[0-9₀-₉]?){1,8}"
_SUBSTANCE_BEFORE: Final = re.compile(rf"(?:\+\s)?(?<![A-Za-z]){_SUBSTANCE}\s?\Z")
_SUBSTANCE_BEHIND: Final = re.compile(rf"\s?(?:[0-9]{{1,2}}\s?)?{_SUBSTANCE}(?![A-Za-z])(?:\s\+)?")
_TOLD: Final = re.compile(r"[0-9₀-₉+]")
_REACTS: Final = re.compile(r"->|→")
_SUBSTANCE_CHARS: Final = 32  # of the longest that is looked for
_ANGLE: Final = re.compile(r"[∠△]\s?([A-Z]{1,3}|[α-ω0-9])(?![^\W_])")
_ABSOLUTE: Final = re.compile(r"\|((?!\s)[^|\n,;!?]{1,24}(?<!\s))\|(?!\|)")
_TERM: Final = re.compile(r"[-+−]?\s?(?:[0-9]+(?:[.,][0-9]+)?|[A-Za-zα-ω])[²³]?(?![^\W\d_]{2})")

# Words with which a rule of this module begins though a blank may follow them.
HEADS: Final = tuple("lim log ln sen sin cos tan cot sec csc tg ctg arcsin arccos arctan".split())

_FORCE: Final = re.compile(r"([0-9]{1,9})(?:([.,])([0-9]{1,6}))?\s?([NJ])(?![\w/·⋅*])")
_EQUATED: Final = re.compile(r"[=≈]\s?\Z")
_FORCES: Final = {"N": "newton", "J": "joule"}


def read_quantity(text: str, at: int) -> Match:
    """Find "10 N" behind an equals sign; elsewhere a single letter behind a blank is no unit."""
    found = _FORCE.match(text, at) if _EQUATED.search(text, max(0, at - 2), at) else None
    if found is None:
        return None
    whole, mark, fraction, unit = found.groups()
    return found.end(), Measure(Number(whole, fraction or "", mark=mark or ""), _FORCES[unit], unit)


def read_sign(text: str, at: int) -> Match:
    """Find a part of a formula that begins with a sign."""
    first = text[at]
    if first in _OPERATORS:
        return _read_bounds(text, at, _OPERATORS[first])
    if first == "|":
        return _read_absolute(text, at)
    if first in "→-":
        return _read_reaction(text, at)
    found = _ANGLE.match(text, at)
    return None if found is None else (found.end(), Formula(_FIGURES[first], (" ".join(found[1]),)))


def read_letter(text: str, at: int) -> Match:
    """Find a part of a formula that begins with a letter."""
    first = text[at]
    before = text[at - 1 : at]
    if before.isascii() and before.isalnum():
        return None
    if text[at + 1 : at + 2] in ACCENTS:
        return at + 2, Formula(_ACCENTED[text[at + 1]], (first,))
    if first == "l" and (found := _LIMIT.match(text, at)) is not None:
        return found.end(), Formula("limit", (found["letter"], found["target"] + (found["side"] or "")))
    if first == "l" and (found := _LOGARITHM.match(text, at)) is not None:
        base = next(part for part in found.groups() if part)
        return found.end(), Formula("logarithm", (unicodedata.normalize("NFKC", base),))
    if first in "asctl" and (found := _FUNCTION.match(text, at)) is not None:
        of = "" if found["power"] else "(" if found["bracket"] else "x"
        return found.end(), Formula("function", (found[1], of))
    if first == "d" and (found := _DERIVATIVE.match(text, at)) is not None:
        what, by = found.groups()
        return found.end(), Formula("derivative", (what, by)) if what else Formula("derivation", (by,))
    if (found := _CALL.match(text, at)) is not None:
        return found.end(), Formula("call", (found[1], found[2]))
    if (found := _FACTOR.match(text, at)) is not None:
        return at + 1, Formula("factor", (first,))
    if (found := _PRIME.match(text, at)) is not None:
        return found.end(), Formula("prime" if found[2] in "'’′" else "second", (found[1],))
    return None


def _read_bounds(text: str, at: int, kind: FormulaKind) -> Match:
    found = _BOUNDS.match(text, at) or _BOUNDS_REVERSED.match(text, at)
    if found is None:
        return None
    low = _bound(found, "low", "lowered")
    high = _bound(found, "high", "raised")
    assigned = _ASSIGNMENT.fullmatch(low)
    if not high:
        return found.end(), Formula(_OVER[kind], (low,))
    if kind == "integral":
        return found.end(), Formula(kind, (low, high))
    return None if assigned is None else (found.end(), Formula(kind, (assigned[1], assigned[2], high)))


def _bound(found: re.Match[str], name: str, plain: str) -> str:
    """Return a bound as it would be written in a line of its own."""
    groups = found.groupdict()
    written = next((part for form in ("round", "braced", "bare") if (part := groups.get(f"{form}_{name}"))), "")
    return written or unicodedata.normalize("NFKC", groups.get(plain) or "").replace("−", "-")


def _read_reaction(text: str, at: int) -> Match:
    found = _REACTS.match(text, at)
    if found is None:
        return None
    before = _SUBSTANCE_BEFORE.search(text, max(0, at - _SUBSTANCE_CHARS), at)
    behind = _SUBSTANCE_BEHIND.match(text, found.end())
    if before is None or behind is None or _TOLD.search(before[0] + behind[0]) is None:
        return None
    return found.end(), Formula("reaction", ())


def _read_absolute(text: str, at: int) -> Match:
    found = _ABSOLUTE.match(text, at)
    if found is None or (at and text[at - 1].isascii() and text[at - 1].isalpha()):
        return None
    return (found.end(), Formula("absolute", (found[1],))) if _TERM.match(found[1]) else None
