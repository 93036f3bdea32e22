r"""From LaTeX to the plain notation that people type: ``\frac{7}{10}`` becomes ``7/10``, ``x^{2}`` becomes ``x^2``.

The reading stage says plain notation, in whatever language it speaks; what it means is not decided here. A command that
is not known leaves its name, because in chat that is mostly a function or a word.
"""

from __future__ import annotations

import re
from string import ascii_letters
from typing import Final, NamedTuple

_SIGNS: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "varepsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "vartheta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ", "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "varphi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω", "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω",
    "times": "×", "cdot": "⋅", "div": "÷", "pm": "±", "mp": "∓", "ast": "*", "leq": "≤", "le": "≤", "geq": "≥",
    "ge": "≥", "lt": "<", "gt": ">", "neq": "≠", "ne": "≠", "approx": "≈", "sim": "~", "equiv": "≡", "cong": "≅",
    "propto": "∝", "infty": "∞", "to": "→", "rightarrow": "→", "Rightarrow": "⇒", "implies": "⇒", "iff": "⇔",
    "leftrightarrow": "↔", "Leftrightarrow": "⇔", "leftarrow": "←", "mapsto": "→", "in": "∈", "notin": "∉",
    "subset": "⊂", "subseteq": "⊆", "cup": "∪", "cap": "∩", "emptyset": "∅", "varnothing": "∅", "forall": "∀",
    "exists": "∃", "land": "∧", "lor": "∨", "neg": "¬", "lnot": "¬", "sum": "∑", "prod": "∏", "int": "∫", "oint": "∮",
    "partial": "∂", "nabla": "∇", "degree": "°", "circ": "°", "angle": "∠", "perp": "⊥", "parallel": "∥",
    "ldots": "…", "cdots": "…", "dots": "…", "prime": "′", "hbar": "ħ", "ell": "l", "mid": "|",
    "vert": "|", "lvert": "|", "rvert": "|", "euro": "€", "pounds": "£", "quad": " ", "qquad": " ", "therefore": "∴",
}  # fmt: skip
# Commands that say how something looks.
_LOOKS: Final = frozenset(
    "left right big Big bigg Bigg bigl bigr Bigl Bigr displaystyle textstyle scriptstyle limits nolimits mathrm mathbf "
    "mathit mathsf mathtt mathbb mathcal mathfrak boldsymbol bm text textbf textit textrm texttt textsf mbox hbox "
    "operatorname ce rm bf it boxed underline tilde dot ddot widehat widetilde overrightarrow "
    "underbrace overbrace color tag label nonumber notag phantom hspace vspace hline centering".split()
)
# Of these the argument is not said.
_SWALLOW: Final = frozenset("begin end color tag label hspace vspace phantom".split())
_ROOTS: Final = {"": "√", "2": "√", "3": "∛", "4": "∜"}
_FRACTIONS: Final = frozenset("frac dfrac tfrac cfrac".split())
# Marks over a letter, as people type them: "x̄".
_ACCENTS: Final = {"bar": "\u0304", "overline": "\u0304", "hat": "\u0302", "vec": "\u20d7"}
_CHOOSES: Final = frozenset("binom dbinom tbinom".split())

_TOKEN: Final = re.compile(r"\\[A-Za-z]+\*?|\\.|[{}^_&~]|\s+|[^\\{}^_&~\s]", re.DOTALL)
_SIMPLE: Final = re.compile(r"[^\W_]+(?:\.\d+)?|.|[+-]?\d+(?:[.,]\d+)?|−\d+")
_DEEPEST: Final = 40
_NO_BLANK: Final = re.compile(r"(?<=[(\[]) | (?=[)\],^_₀-₉⁰¹²³⁴-⁹⁺⁻])")
_LOWERED: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_RAISED: Final = str.maketrans("0123456789+-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻")
_CHARGE: Final = re.compile(r"[1-9]?[+-]")  # of an ion: SO₄²⁻
_PROPER: Final = re.compile(r"[0-9]+/[0-9]+")
# Between two terms; between words it is a hyphen.
_MINUS: Final = re.compile(
    r"(?:(?<=[0-9A-Za-z)\]!²³⁰¹⁴-⁹₀-₉α-ωΑ-Ω])|(?<=[0-9A-Za-z)]\|))(?<![A-Za-z]{2}) ?[-−] ?(?=[0-9A-Za-z(\[|√∛∫∑α-ωΑ-Ω])"
)
_LOOSE_BARS: Final = re.compile(r"\| ([^|]*) \|")

# Inside a formula two words never stand side by side, unless one is a function; in prose they do after a word or two.
_FUNCTIONS: Final = (
    "sin|cos|tan|cot|sec|csc|log|ln|lg|exp|lim|max|min|mod|gcd|lcm|det|dim|arg|sup|inf|arcsin|arccos|arctan|sinh|cosh"
)
_PROSE: Final = re.compile(
    rf"(?<![\\A-Za-z])(?!(?:{_FUNCTIONS})\b)(?:[A-Za-z]+|\d[\d.,]*[A-Za-z]?)[,.;:!?]?"
    rf"\s+(?!(?:{_FUNCTIONS}|d[xyztrs])\b)[A-Za-z]{{2,}}\b|[^\W\d_A-Za-zα-ωΑ-Ω]"
)
_TEXT_ARGUMENT: Final = re.compile(r"\\(?:text|mathrm|mbox|textbf|operatorname)\s*\{[^{}]*(?:\}|\Z)")
_NAME: Final = re.compile(r"\\([A-Za-z]{1,20})")
# Braces inside braces inside braces are enough outside of marks.
_BRACES: Final = r"\{(?:[^{}\n]|\{(?:[^{}\n]|\{[^{}\n]*\})*\})*\}"
_ARGUMENT: Final = re.compile(rf"(?:\[[^\[\]\n]{{0,9}}\])?{_BRACES}")
_OPEN_ARGUMENT: Final = re.compile(r"(?:\[[^\[\]\n]{0,9}\]?)?(?:\{[^\n]*)?\Z")
_BARE: Final = frozenset((*_SIGNS, *_FRACTIONS, "sqrt"))
# "f(x)"; "2x-7", and no "5-6" of prices.
_CALL_OR_DIFFERENCE: Final = re.compile(
    r"[A-Za-z]\(|(?<![A-Za-z])[A-Za-z]\s?[-−]\s?[0-9A-Za-z]|[0-9]\s?[-−]\s?[0-9]*[A-Za-z](?![A-Za-z])"
)


def is_prose(text: str, *, is_unfinished: bool = False) -> bool:
    """Tell whether a text is certainly no formula; the last word of an unfinished one does not count."""
    judged = _TEXT_ARGUMENT.sub("", text)
    return _PROSE.search(judged.rstrip(ascii_letters) if is_unfinished else judged) is not None


def has_signs(text: str) -> bool:
    """Tell whether a text has signs that make it a formula."""
    return any(sign in text for sign in "\\^_{}=+*/|!<>≤≥") or _CALL_OR_DIFFERENCE.search(text) is not None


class BareCommand(NamedTuple):
    """A command that stands in text without marks around it.

    Attributes:
        latex: it, with its arguments.
        is_whole: what follows does not belong to it, whatever comes.
        is_sign: it takes no arguments.
    """

    latex: str
    is_whole: bool
    is_sign: bool


def bare_command(text: str, at: int, end: int) -> BareCommand | None:
    """Recognise a command of mathematics at a position; None if there is none."""
    name = _NAME.match(text, at, end)
    if name is None:
        return None
    if name.end() == len(text):
        begins, is_sign = name[1], name[1] in _SIGNS
        is_beginning = any(each.startswith(begins) for each in _BARE)
        return BareCommand(name.group(), is_whole=False, is_sign=is_sign) if is_beginning else None
    if name[1] in _SIGNS:
        return BareCommand(name.group(), is_whole=True, is_sign=True)
    groups = {"sqrt": 1}.get(name[1], 2 if name[1] in _FRACTIONS else 0)
    if not groups:
        return None
    place = name.end()
    for _ in range(groups):
        group = _ARGUMENT.match(text, place, end)
        if group is None:
            is_open = _OPEN_ARGUMENT.match(text, place, end) is not None and len(text) <= end
            return BareCommand(text[at:], is_whole=False, is_sign=False) if is_open else None
        place = group.end()
    return BareCommand(text[at:place], is_whole=True, is_sign=False)


def plain(latex: str) -> str:
    """Write a formula as people type it in one line."""
    items = _TOKEN.findall(latex)
    said, _ = _sequence(items, 0, 0)
    said = _NO_BLANK.sub("", " ".join(said.split())).replace("->", "→")
    said = _MINUS.sub(" - ", said)
    return _LOOSE_BARS.sub(r"|\1|", said)


def _sequence(items: list[str], at: int, depth: int) -> tuple[str, int]:
    """Read up to the brace that closes this group, or to the end."""
    parts: list[str] = []
    while at < len(items) and items[at] != "}":
        part, at = _read(items, at, depth)
        if (
            part[:1].isalpha()
            and parts
            and parts[-1][-1:].isalpha()
            and items[min(at, len(items)) - 1].startswith("\\")
        ):
            part = f" {part}"
        if parts and parts[-1][-1:].isdecimal() and _PROPER.fullmatch(part):
            part = f" {part}"  # a mixed number, and not 81/3
        if parts and parts[-1][-1:].isalpha() and part[1:] in _ACCENTS.values():
            part = f" {part}"  # "m a⃗", two letters
        parts.append(part)
    return "".join(parts), at + 1


def _read(items: list[str], at: int, depth: int) -> tuple[str, int]:
    item = items[at]
    at += 1
    if item == "{":
        return _sequence(items, at, depth + 1) if depth < _DEEPEST else ("", at)
    if item in "^_":
        argument, at = _argument(items, at, depth)
        argument = argument.strip()
        if item == "^" and argument in ("°", "′", "″"):
            return argument, at
        if item == "_" and argument.isdecimal():
            return argument.translate(_LOWERED), at
        if item == "^" and _CHARGE.fullmatch(argument):
            return argument.translate(_RAISED), at
        return (f"{item}{grouped(argument)}" if argument else ""), at
    if item in ("&", "~") or item.isspace():
        return " ", at
    if item.startswith("\\"):
        return _command(item[1:].rstrip("*"), items, at, depth)
    return item, at


def _command(name: str, items: list[str], at: int, depth: int) -> tuple[str, int]:
    if name in _FRACTIONS:
        above, at = _argument(items, at, depth)
        below, at = _argument(items, at, depth)
        return f"{grouped(above)}/{grouped(below)}" if above or below else "", at
    if name in _CHOOSES:
        above, at = _argument(items, at, depth)
        below, at = _argument(items, at, depth)
        return f"C({above}, {below})", at
    if name == "sqrt":
        degree, at = _option(items, at)
        argument, at = _argument(items, at, depth)
        root = _ROOTS.get(degree.strip())
        return (f"{root}{grouped(argument)}" if root else f"{grouped(argument)}^(1/{degree})"), at
    if name in _SWALLOW:
        _, at = _argument(items, at, depth)
        return " ", at
    if name in _ACCENTS:
        argument, at = _argument(items, at, depth)
        return argument + (_ACCENTS[name] if len(argument) == 1 and argument.isalpha() else ""), at
    if name in _LOOKS:
        return "", at
    if name in _SIGNS:
        return _SIGNS[name], at
    if name[:1].isalpha():
        return f" {name} ", at
    return {"\\": ", ", ",": " ", ";": " ", ":": " ", "!": "", "(": "", ")": "", "[": "", "]": "", " ": " "}.get(
        name, name
    ), at


def _argument(items: list[str], at: int, depth: int) -> tuple[str, int]:
    while at < len(items) and items[at].isspace():
        at += 1
    if at >= len(items) or items[at] == "}":
        return "", at
    return _read(items, at, depth + 1) if depth < _DEEPEST else ("", at + 1)


def _option(items: list[str], at: int) -> tuple[str, int]:
    if at >= len(items) or items[at] != "[":
        return "", at
    end = at
    while end < len(items) and items[end] != "]":
        end += 1
    return "".join(items[at + 1 : end]), end + 1


def grouped(argument: str) -> str:
    """Put parentheses around what is more than one number, name or sign."""
    argument = argument.strip()
    return argument if _SIMPLE.fullmatch(argument) else f"({argument})"
