"""What stands in a text and is not read as it is spelt, as values. No language, no words.

Digits stay text, exactly as written but for the marks between thousands: a value is never computed and cannot change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

PlusMinus: TypeAlias = Literal["", "-", "+", "±"]


@dataclass(frozen=True, slots=True)
class Number:
    """A number in digits.

    Attributes:
        whole: the digits in front of the decimal mark, without marks between thousands; "" for ".5".
        fraction: the digits behind the decimal mark; "" if there is none.
        sign: what stands directly in front, ``-``, ``+`` or ``±``.
        mark: the decimal mark as written, ``.`` or ``,``.
        scale: power of ten of a letter or word that belongs to the number: 6 for "1.5M"; 0: none.
    """

    whole: str
    fraction: str = ""
    sign: PlusMinus = ""
    mark: str = ""
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Year:
    """A year: ``1999``.

    Attributes:
        digits: as written.
        era: as written behind it, such as ``BC``.
        is_decade: "the 1990s"; ``digits`` may be "90".
    """

    digits: str
    era: str = ""
    is_decade: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A range: ``5–10``, ``3:00–4:30``, ``20–25 °C``. What belongs to both ends stands at the last one."""

    first: Token
    last: Token


@dataclass(frozen=True, slots=True)
class Fraction:
    """``2/3``, ``1 1/2``, ``¾``; ``whole`` is "" if there is none."""

    top: str
    bottom: str
    whole: str = ""
    sign: PlusMinus = ""


Amount: TypeAlias = Number | Fraction | Span


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of money.

    Attributes:
        amount: its number, with sign and scale.
        currency: its code (ISO 4217), such as ``USD``.
        written: the sign or code as written: ``$``, ``US$``, ``EUR``.
        per: what the amount is for, as written behind a slash: "month" of ``$9.99/month``.
    """

    amount: Amount
    currency: str
    written: str
    per: str = ""


@dataclass(frozen=True, slots=True)
class Percent:
    """``12.5%``, ``3–5 %``, ``2 ‰``."""

    amount: Amount
    mark: Literal["%", "‰"] = "%"


@dataclass(frozen=True, slots=True)
class Measure:
    """A quantity: ``50g``, ``120 km/h``.

    Attributes:
        amount: its number.
        unit: the unit's name in CLDR without its kind, such as ``gram``, ``kilometer-per-hour``, ``square-meter``.
        written: the unit as written.
    """

    amount: Amount
    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of the day: ``3:00 PM``, ``14:30``.

    Attributes:
        hour: 0 to 24, as written.
        minute: None if none is written.
        second: None if none is written.
        half: ``am`` or ``pm``; "" if the time counts 24 hours or does not say.
        half_written: the same as written: ``PM``, ``a.m.``, ``下午``.
    """

    hour: int
    minute: int | None = None
    second: int | None = None
    half: Literal["", "am", "pm"] = ""
    half_written: str = ""


@dataclass(frozen=True, slots=True)
class Duration:
    """``2:03:45`` as a time that something took; a part that is not written is None."""

    hours: int | None
    minutes: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Date:
    """A day, or a month of a year: ``2024-03-15``, ``July 4, 1976``, ``3. Oktober``.

    Attributes:
        year: "" if none is written; its digits as written, two or four.
        month: 1 to 12.
        day: None if none is written.
        order: of year, month and day as written: ``ymd``, ``mdy``, ``dm``, ...
        is_worded: the month is written as a word.
    """

    year: str
    month: int
    day: int | None
    order: str
    is_worded: bool = False


@dataclass(frozen=True, slots=True)
class Ratio:
    """``3:1``, ``16:9``, a score of ``3-2``, ``120/80 mmHg``: parts, their mark, and a unit as in ``Size``."""

    parts: tuple[Number, ...]
    mark: str = ":"
    unit: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Size:
    """``3x4``, ``1920 × 1080``, ``2 × 4 m``: sides, and the unit's name in CLDR if one is written ("" if not)."""

    sides: tuple[Number, ...]
    unit: str = ""
    written: str = ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that is called: groups of digits as written, read digit by digit."""

    groups: tuple[str, ...]
    has_plus: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """An identifier: ``482913``, ``A-10472``, ``BA287``, ``GPT-4``.

    Attributes:
        parts: runs of digits, runs of letters, and single marks between them, in order; joined they are the text.
        is_secret: digits are read one by one, whatever their number: a PIN, a card's last digits, an account.
    """

    parts: tuple[str, ...]
    is_secret: bool = False


@dataclass(frozen=True, slots=True)
class Ordinal:
    """``1st``, ``3.`` in German, ``2º``: the digits, and the mark as written."""

    digits: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Roman:
    """A Roman number.

    Attributes:
        value: what it is worth.
        written: its letters.
        is_ordinal: it stands behind a name: "Henry VIII", "Louis XIV".
    """

    value: int
    written: str
    is_ordinal: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """``v2.0``, ``3.11.2``, ``192.168.0.1``: parts between dots; ``prefix`` is "v" if one is written."""

    parts: tuple[str, ...]
    prefix: str = ""
    is_address: bool = False


@dataclass(frozen=True, slots=True)
class Address:
    """An address or a file's name, as written."""

    text: str
    kind: Literal["email", "web", "file", "handle", "tag", "name"]


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign that carries a value or a relation: ``=``, ``<``, ``≈``, ``&``.

    Attributes:
        text: the sign; those of several characters are one sign: ``<=``, ``!=``, ``->``.
        place: ``between`` two operands, ``before`` one (``<5 ms``), ``after`` one (``10+``), or ``alone``.
    """

    text: str
    place: Literal["between", "before", "after", "alone"]


@dataclass(frozen=True, slots=True)
class Power:
    """An exponent behind its base: ``²``, ``^10``, ``e^(-x)``; a number, or a term as written."""

    exponent: Number | str


@dataclass(frozen=True, slots=True)
class Scientific:
    """``6.02e23``: a number, and the power of ten by which it is multiplied."""

    number: Number
    exponent: Number


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit behind a power: ``m`` of ``10⁻⁹ m``; see ``Measure``."""

    unit: str
    written: str


@dataclass(frozen=True, slots=True)
class Hash:
    """``#1``: a rank or a number in a list."""

    digits: str


@dataclass(frozen=True, slots=True)
class Emoji:
    """A sequence of emoji, as written."""

    text: str


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation that the language knows.

    Attributes:
        written: with its full stop.
        words: what it stands for.
        ends: nothing follows, so that its full stop ends the sentence as well.
    """

    written: str
    words: str
    ends: bool = False


FormulaKind: TypeAlias = Literal[
    "integral",  # from, to
    "integral over",  # what
    "sum",  # index, from, to
    "sum over",
    "product",
    "product over",
    "limit",  # variable, where it goes
    "logarithm",  # base
    "absolute",  # what stands between the bars
    "function",  # name: "sin"; what follows: "(", "x" for an operand, "" for a power
    "call",  # name, argument: "f(x)"
    "factor",  # letter: "n" of "n(n+1)"
    "prime",  # name: "f" of "f'"
    "second",  # the same of "f''"
    "derivative",  # of what, by what
    "derivation",  # by what, of what follows
    "bar",  # the letter under it
    "hat",
    "vector",
    "reaction",  # no parts
    "angle",  # its letters
    "triangle",
]


@dataclass(frozen=True, slots=True)
class Formula:
    """A part of a formula that has words of its own; its parts, in plain notation, are read in turn."""

    kind: FormulaKind
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """Words that a rule of a language has found itself; they are said as they are."""

    words: str


Token: TypeAlias = (
    Number
    | Year
    | Span
    | Fraction
    | Money
    | Percent
    | Measure
    | Clock
    | Duration
    | Date
    | Ratio
    | Size
    | Phone
    | Code
    | Ordinal
    | Roman
    | Version
    | Address
    | Sign
    | Power
    | Scientific
    | Unit
    | Hash
    | Emoji
    | Abbreviation
    | Formula
    | Said
)


class Found(NamedTuple):
    """A token and its place: ``text[start:end]``."""

    start: int
    end: int
    token: Token


@dataclass(frozen=True, slots=True)
class Around:
    """What stands beside a token, up to a sentence's worth: an article or a noun may decide how the token is said."""

    before: str = ""
    after: str = ""


NOWHERE = Around()
