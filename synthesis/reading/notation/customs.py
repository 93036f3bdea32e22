"""What a language does with digits and signs: its conventions, by which ``scanner`` finds tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from .tokens import Token

    # A language's own rule: looks at ``text`` from a position on; the token and its end, or None.
    Rule = Callable[[str, int], tuple[int, Token] | None]


@dataclass(frozen=True, eq=False)
class Customs:
    r"""A language's conventions. Words are matched without regard to case unless it says otherwise.

    Attributes:
        decimal: the decimal mark.
        thousands: the marks that may stand between groups of three digits; narrow and unbreakable blanks always may.
        has_blank_groups: a plain blank may stand between such groups as well: ``1 234 567``.
        is_spaced: words are separated by blanks.
        date_order: of dates in digits such as 12/25/2023.
        months: names and abbreviations (without full stop), in lower case, and the month's number.
        has_decades: "the 1990s" and "the '80s" are decades.
        months_first: worded dates may be "July 4, 1976" as well as "4 July 1976".
        day_marks: what may stand behind the day of a worded date, as a regular expression: ``\.``, ``st|nd|rd|th``.
        between_date: what may stand between the parts of a worded date, as a regular expression: " de ", " of ".
        halves: what is written behind (or in front of) a time for each half of the day, in lower case.
        clock_words: what may be written behind a time and is swallowed, as a regular expression: ``\s?Uhr``.
        clock_marks: marks between hour and minute.
        scales: letters and words behind a number, and their power of ten; case counts.
        ordinal_marks: what makes a number an ordinal, as a regular expression.
        currencies: signs and codes beyond those that all languages share, and their ISO 4217 code; case counts.
        units: units as written beyond those that all languages share, and their names in CLDR; case counts.
        no_units: units of all languages that are words of this one: Italian "ha", "mi".
        abbreviations: as written, with full stops, and what they stand for; case counts.
        eras: what is written behind a year, as a regular expression.
        year_cues: words, in lower case, behind which four digits are a year.
        code_cues: words, in lower case, behind which digits are read one by one.
        cue_links: words, in lower case, that may stand between such a word and its digits ("is"); if none are given,
            any two words may.
        version_cues: words, in lower case, behind which "3.11" is a version.
        duration_cues: words, in lower case, behind which "2:03:45" or "4:05" is a time that something took.
        number_cues: words, in lower case, behind which a Roman number is a plain number ("Chapter IV").
        regnal_names: a capitalised word in front of a Roman number makes it an ordinal ("Henry VIII").
        greek: how Greek letters are called that stand alone, in languages without rules of their own for them.
        range_words: if one of these words stands in front of a range ("between"), its dash is the word given.
        rules: the language's own, tried in order before those that all languages share.
    """

    decimal: str = "."
    thousands: str = ","
    has_blank_groups: bool = False
    is_spaced: bool = True
    date_order: Literal["mdy", "dmy", "ymd"] = "dmy"
    months: Mapping[str, int] = field(default_factory=dict)
    has_decades: bool = False
    months_first: bool = False
    day_marks: str = ""
    between_date: str = r"\s"
    halves: Mapping[str, Literal["am", "pm"]] = field(default_factory=dict)
    clock_words: str = ""
    clock_marks: str = ":"
    scales: Mapping[str, int] = field(default_factory=dict)
    ordinal_marks: str = ""
    currencies: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    no_units: frozenset[str] = frozenset()
    abbreviations: Mapping[str, str] = field(default_factory=dict)
    eras: str = ""
    year_cues: frozenset[str] = frozenset()
    code_cues: frozenset[str] = frozenset()
    cue_links: frozenset[str] = frozenset()
    version_cues: frozenset[str] = frozenset()
    duration_cues: frozenset[str] = frozenset()
    number_cues: frozenset[str] = frozenset()
    regnal_names: bool = True
    greek: Mapping[str, str] = field(default_factory=dict)
    range_words: Mapping[str, str] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    figure_rules: tuple[Rule, ...] = ()
