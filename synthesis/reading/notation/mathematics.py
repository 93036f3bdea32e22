"""Signs that carry a value or a relation, powers, and the parts of a formula: "∫_0^1", "log_2", "|x - 3|", "sin θ".

Formulas come in plain notation, as the gateway hands LaTeX on and as people type it; see ``tokens.Formula``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Code, Emoji, Formula, Measure, Number, Power, Said, Sign

if TYPE_CHECKING:
    from .tokens import Around, FormulaKind, PlusMinus, Token

    Match: TypeAlias = tuple[int, Token] | None

_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿ", "0123456789+-n")
_LOWERED: Final = re.compile(r"[₀-₉]+|[ₐ-ₜᵢᵣᵤᵥⱼ]")
_CHARGE: Final = re.compile(r"([⁰¹²³⁴-⁹]*)([⁺⁻])(?![⁰¹²³⁴-⁹])")  # of "Ca²⁺"
_RAISED: Final = re.compile(r"[⁺⁻]?[⁰¹²³⁴-⁹]+|ⁿ")
_ISOTOPE: Final = re.compile(r"[A-Z][a-z]?(?![^\W_])")  # of "¹⁴C"
_POWER: Final = re.compile(
    r"(?:\^|\*\*)\s?(?:\{\s?(?P<braced>[-+]?[0-9]+|[A-Za-z])\s?\}|\((?P<round>[-+]?[0-9]+|[A-Za-z])\)|\((?P<term>[^()\n]{1,16})\)|(?P<plain>[-+]?[0-9]+|[A-Za-z](?![A-Za-z])))"
)
_SEVERAL: Final = re.compile(r"<=>|<->|===|!==|<=|>=|==|!=|->|=>|<-|\+/-|\+-|&&|\|\||~=|≈")
_SIGNS: Final = frozenset("=<>≤≥≠≈~∼≅≡±×÷·∙⋅*+-−/√∛∜∞∑∏∫∂∆∇∝⊥∥∈∉⊂⊆∪∩∧∨¬∀∃∅π°′″&§©®™→←↔⇒⇔^%‰|№•…†‡¶@#$€£¥¢")
_EMOJI: Final = re.compile(
    "[\u2191\u2193\u20e3\u231a-\u23ff\u25aa-\u25ff\u2600-\u26ff\u2700-\u27bf\u2b00-\u2bff\ufe0f\u200d\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
# Keys of a keyboard by their signs; their names are the same in the languages of Europe.
KEYS: Final = {
    "⌘": "Command", "⌥": "Option", "⇧": "Shift", "⌃": "Control", "⏎": "Enter", "⎋": "Escape", "⇥": "Tab", "⌫": "Delete",
}  # fmt: skip
# Marks over a letter: "x̄".
_ACCENTED: Final[dict[str, FormulaKind]] = {"\u0304": "bar", "\u0305": "bar", "\u0302": "hat", "\u20d7": "vector"}
ACCENTS: Final = frozenset(_ACCENTED)
# What may end an operand, beside letters and digits, and what may begin one.
_ENDS: Final = ")]}%°²³⁴⁵⁶⁷⁸⁹ⁿ!'|" + "".join(ACCENTS) + "".join(KEYS)
_BEGINS: Final = "([{√∛-−+±$€£¥\\|.∞π"
_DIVIDED: Final = frozenset("0123456789)")
# Signs that compare what is behind them with something that is not said, if a word and a blank stand before them.
_COMPARISONS: Final = frozenset("<>≤≥~≈")
_WORD_AND_BLANK: Final = re.compile(r"[^\W\d_]{2,}\s\Z")
_PREPOSITION: Final = re.compile(r"(?<!\w)(?:de|con|di|da|per|com|em|en|por|para|of|with|by|mit|von|bei|ab|à|avec)\s\Z")
_UNARY: Final = re.compile(
    r"[A-Za-zα-ω](?![^\W_])|√|(?:log|ln|sin|cos|tan|exp|sen|tg)\b"
)  # what a minus stands in front of, beside digits
_OPERAND_BEFORE: Final = re.compile(
    r"([0-9.,]{1,20}[%²³]?|(?:(?<![A-Za-zÀ-ɏа-яё0-9_])|(?<=[^A-Za-z_][0-9])|(?<=\A[0-9]))[A-Za-zα-ωΑ-Ω](?:[²³]|\^[0-9n]{1,2})?|(?<![A-Za-zÀ-ɏа-яё0-9_])[a-z][0-9₀-₉]|[)\]|!])\s?\Z"
)
_OPERAND_BEHIND: Final = re.compile(
    r"\s?(?:[0-9($€£¥√∛∫∑|]|[A-Za-zα-ωΑ-Ω](?![^\W_])|(?:sin|cos|tan|log|ln)\b|[a-z][0-9₀-₉](?!\w)|[-−][0-9])"
)
_LONGEST_WORD: Final = 40
_OPERAND_CHARS: Final = 24  # an operand of so many characters is one for sure
_TERM_BEFORE: Final = re.compile(r"[0-9A-Za-z)]\s?[+*×÷]\s?\Z")
# "y=x-1" and "2x-1": a letter behind a sign or its factor is one that is reckoned with.
_EQUATED_LETTER: Final = re.compile(
    r"(?:[=≤≥≠≈]\s?|[+*×÷(]|(?<![A-Za-z0-9])[0-9]{1,4})[a-z](?:[²³]|\^[0-9n]{1,2})?\s?\Z"
)
_RESULT_BEHIND: Final = re.compile(
    r"(?:[0-9.,]{1,20}[a-z]?|[a-z])[²³]?(?:[+*×÷-][0-9.,a-z]{1,8}[²³]?){0,4}\s?[=≤≥≠≈<>]"
)
# "n-1", "x-2": letters that mostly stand for a number.
_INDEX_BEFORE: Final = re.compile(r"(?<![\w.-])[nkxyij]\Z")
# Signs that say nothing between words, only between numbers and single letters.
_ARITHMETIC: Final = frozenset("*-−")


def read(text: str, at: int) -> Match:
    """Read a power or a sign."""
    char = text[at]
    if (lowered := _LOWERED.match(text, at)) is not None:
        return lowered.end(), Code((unicodedata.normalize("NFKC", lowered[0]),))
    if char.isalnum() and char not in "¹²³⁰⁴⁵⁶⁷⁸⁹ⁿ":
        return None
    if (charge := _CHARGE.match(text, at)) is not None and (
        text[at - 1 : at].isalnum() or text[at - 1 : at] in (")", "]")
    ):
        digits = charge[1].translate(_SUPERSCRIPTS)
        return (
            (charge.end(1), Code((digits,)))
            if digits
            else (charge.end(), Sign("+" if charge[2] == "⁺" else "-", "between"))
        )
    if text.startswith("³√", at):
        return at + 2, Sign("∛", "before")
    if (raised := _RAISED.match(text, at)) is not None:
        digits = raised[0].translate(_SUPERSCRIPTS)
        if digits.isdecimal() and _ISOTOPE.match(text, raised.end()) and not text[at - 1 : at].isalnum():
            return raised.end(), Number(digits)
        if _ends_operand(text[at - 1 : at]):
            return raised.end(), Power(_exponent(digits))
        return (raised.end(), Code((digits,))) if digits.isdecimal() else None
    if (
        char in "^*"
        and (power := _POWER.match(text, at)) is not None
        and _ends_operand(text[max(0, at - 2) : at].rstrip()[-1:])
    ):
        simple = power["braced"] or power["round"] or power["plain"]
        return power.end(), Power(_exponent(simple) if simple else power["term"])
    if char in KEYS:
        return at + 1, Said(KEYS[char])
    if (emoji := _EMOJI.match(text, at)) is not None:
        return emoji.end(), Emoji(emoji[0])
    several = _SEVERAL.match(text, at)
    sign = several[0] if several is not None else char
    if several is None and char not in _SIGNS:
        return None
    return _read_sign(text, at, sign)


_STEP_BEFORE: Final = re.compile(r"[^\W\d_]{2,}(?:[\"”“']|[\s\u00a0\u202f]?»)?\s?\Z")
_STEP_BEHIND: Final = re.compile(r"\s?(?:[\"“„']|«[\s\u00a0\u202f]?)?[A-ZÀ-ÝА-ЯЁ][^\W\d_]")
_MENU: Final = re.compile(
    r"[^\W\d_]\s?>\s?[^\W\d_].*[^\W\d_]\s?>\s?[^\W\d_]|"
    r"(?<!\w)(?:settings|menu|file|edit|view|tools|options|preferences|open|tap|click|go to|navigate|"
    r"einstellungen|men[üuú]|datei|öffnen|gehen sie|geh zu|ajustes|configuraci|archivo|abr[ae]|ve a|vaya a|"
    r"réglages|paramètres|fichier|ouvre|allez|impostazioni|apri|vai su|configura|arquivo|acesse|vá em|"
    r"настройки|откройте|файл|меню|зайдите|перейдите)",
    re.IGNORECASE,
)


def is_path(around: Around) -> bool:
    """Whether a ">" stands between the steps of a menu: "Settings > Privacy > Location"."""
    if not _STEP_BEFORE.search(around.before[-_LONGEST_WORD:]) or not _STEP_BEHIND.match(around.after):
        return False
    return _MENU.search(f"{around.before}>{around.after}") is not None


def _read_sign(text: str, at: int, sign: str) -> Match:
    end = at + len(sign)
    left, right = text[at - 1 : at], text[end : end + 1]
    before, behind = text[max(0, at - 2) : at].rstrip()[-1:], text[end : end + 2].lstrip()[:1]
    has_left, has_right = _ends_operand(before), bool(behind) and (behind.isalnum() or behind in _BEGINS)
    place = "between" if has_left and has_right else "before" if has_right else "after" if has_left else "alone"
    if (
        place == "between"
        and sign in _COMPARISONS
        and _WORD_AND_BLANK.search(text, max(0, at - _LONGEST_WORD), at)
        and right.isdecimal()
    ):
        place = "before"  # "in <5 ms"
    if place == "between" and sign in "<>" and _PREPOSITION.search(text, max(0, at - _LONGEST_WORD), at):
        place = "before"  # "de > 80 km/h"
    if place == "alone" and sign in "-−*|…•.":
        return None
    if sign in "-−" and _UNARY.match(text, end) and (not before or before in "([{=<>≤≥≈+*×÷/,"):
        return end, Sign("-", "before")
    if sign in _ARITHMETIC and not _is_arithmetic(text, at, end, left, right):
        return None
    if sign in "|…•†‡¶":
        return None
    if sign == "/" and place == "after" and left.isspace() and not text[end:].strip() and before in _DIVIDED:
        place = "between"  # its divisor is still to come: "(4 + 7) / "
    if sign == "/" and place != "between":
        return None
    if sign == "+" and place == "after" and left in ("+", *"CcGg") and not left.isdigit():
        return None  # C++, Google+
    if sign == "+" and place == "after" and left.isspace():
        place = "between"  # a sum whose rest is still to come, "3 + ", and no "18+"
    return end, Sign(sign, place)  # type: ignore[arg-type]


def _is_arithmetic(text: str, at: int, end: int, left: str, right: str) -> bool:
    """Whether a dash or an asterisk works on numbers: blanks on both sides or on none, and an operand on each."""
    is_loose = left.isspace() and right.isspace()
    if not is_loose and (not left or not right or left.isspace() or right.isspace()):
        return False
    first = _OPERAND_BEFORE.search(text, max(0, at - _OPERAND_CHARS), at)
    last = _OPERAND_BEHIND.match(text, end)
    if first is None or last is None:
        return False
    if is_loose or text[at] != "-":
        return not (
            first[1].isalpha() and text[end : end + 2].lstrip()[:1].isalpha() and text[at] == "-" and not is_loose
        )
    is_term = _TERM_BEFORE.search(text, max(0, first.start() - 3), first.start())  # "3×4-5"
    if text[at] == "-" and _INDEX_BEFORE.search(text, max(0, at - 2), at) and text[end].isdecimal():
        return True
    is_equated = _EQUATED_LETTER.search(text, max(0, at - 8), at)
    return any(found is not None for found in (is_term, is_equated, _RESULT_BEHIND.match(text, end)))  # "10-3=7"


def _ends_operand(char: str) -> bool:
    return bool(char) and (char.isalnum() or char in _ENDS)


def _exponent(written: str) -> Number | str:
    if written.isalpha():
        return written
    sign: PlusMinus = "-" if written[0] == "-" else "+" if written[0] == "+" else ""
    return Number(written.lstrip("+-"), sign=sign)


# The parts of a formula.

_OPERATORS: Final[dict[str, FormulaKind]] = {"∫": "integral", "∑": "sum", "∏": "product"}
_OVER: Final[dict[FormulaKind, FormulaKind]] = {
    "integral": "integral over", "sum": "sum over", "product": "product over",
}  # fmt: skip
# A bound: a number or a letter, or more between brackets. Raised and lowered characters are bounds by themselves.
_BOUND: Final = (
    r"(?:\((?P<round_{0}>[^()\n]{{1,24}})\)|\{{(?P<braced_{0}>[^{{}}\n]{{1,24}})\}}"
    r"|(?P<bare_{0}>[-+−]?(?:[0-9]{{1,6}}|[A-Za-zα-ω∞])))"
)
_LOW_FIGURES: Final = r"(?P<lowered>[₀-₉ₐ-ₜᵢᵣᵤᵥⱼ₊₋₌]{1,8})"
_HIGH_FIGURES: Final = r"(?P<raised>[⁰¹²³⁴-⁹⁺⁻ⁱⁿᵃ-ᵛ]{1,8})"
_LOW: Final = rf"(?:_\s?{_BOUND.format('low')}|{_LOW_FIGURES})"
_HIGH: Final = rf"(?:\^\s?{_BOUND.format('high')}|{_HIGH_FIGURES})"
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
# "NaHCO₃" and "Ca(OH)₂", whose letters are said one by one; "B₁₂" needs no rule, and "HbA₁c" is none.
_MOLECULE: Final = re.compile(
    r"(?=[A-Za-z()₀-₉]*[₀-₉])(?=[A-Z][^A-Z]{0,4}[A-Za-z])"
    r"(?:[A-Z][a-z]?[₀-₉]{0,3}|\((?:[A-Z][a-z]?[₀-₉]{0,3}){1,4}\)[₀-₉]{1,3}){1,10}(?![A-Za-z0-9₀-₉]|\.[₀-₉])"
)
_OF_MOLECULE: Final = re.compile(r"[A-Z]|[0-9]+")
_ANGLE: Final = re.compile(r"[∠△]\s?([A-Z]{1,3}|[α-ω0-9])(?![^\W_])")
_ABSOLUTE: Final = re.compile(r"\|((?!\s)[^|\n,;!?]{1,24}(?<!\s))\|(?!\|)")
_MINUS_INSIDE: Final = re.compile(r"(?<=[\w)])[-−](?=[\w(])")  # between bars it is no hyphen: "|a-b|"
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
    if "A" <= first <= "Z" and (found := _MOLECULE.match(text, at)) is not None:
        return found.end(), Code(tuple(_OF_MOLECULE.findall(unicodedata.normalize("NFKC", found[0]).upper())))
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
    inside = _MINUS_INSIDE.sub(" - ", found[1])
    return (found.end(), Formula("absolute", (inside,))) if _TERM.match(found[1]) else None
