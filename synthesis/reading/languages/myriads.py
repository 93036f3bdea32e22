"""What Chinese, Japanese and Korean share: numbers in groups of four digits, and whatever is counted behind the number.

Units and currencies have their names from the CLDR, by babel, unless a language says otherwise.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Final

from babel.numbers import get_currency_name
from babel.units import UnknownUnitError, format_unit

from ..notation import eastern
from ..notation.cues import is_season, season_rule
from ..notation.eastern import REACH_OF_CLAUSE, REACH_OF_MARK, REACH_OF_UNIT, REACH_OF_WORD
from ..notation.tokens import (
    NOWHERE,
    Abbreviation,
    Address,
    Around,
    Clock,
    Code,
    Date,
    Duration,
    Emoji,
    Formula,
    Fraction,
    Hash,
    Measure,
    Money,
    Number,
    Ordinal,
    Percent,
    Phone,
    Power,
    Ratio,
    Roman,
    Said,
    Scientific,
    Sign,
    Size,
    Span,
    Unit,
    Version,
    Year,
)
from ..notation.units import KINDS, UNITS
from ..notation.words import Words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ..notation.customs import Customs, Rule
    from ..notation.tokens import Amount, Token

# Past 9999 万亿 (兆) nobody names a number: it is read digit by digit.
LONGEST_NAMED: Final = 16
# Digits of an identifier that are said as one number: "COVID-19", "5G"; of longer ones each is said.
LONGEST_LABEL: Final = 2
# Powers of ten that have a name where numbers go in groups of four; "1.5M" is written out, 1.5億 is not.
_NAMED_SCALES: Final = (4, 8, 12)
_HYPHENS: Final = frozenset("-\u2010\u2011\u2013 ")
_LONGEST_RANK: Final = 4  # digits: "#1024" is a rank, "#12345" the number of a ticket
_MONEY_SIGNS: Final = frozenset("$€£¥￥₩.,0123456789")
_RATING: Final = re.compile(r"([0-9]{1,3}\.[0-9]{1,2})\s?/\s?(4\.[035]|[45]|5\.0|10|10\.0|100)(?![\d/]|\.\d)")
_STEP_BEFORE: Final = re.compile(r"(?:[第제]|步[骤驟]|[阶階]段|ステップ|단계|[Ss]tep|[Pp]art|[页頁]码?)\s?\Z")
_SHARE: Final = re.compile(r"(\d{1,4})/(\d{1,4})(?![\d/]|[.,]\d)")
_REACH_OF_SHARE: Final = 12  # characters in front of a share that may tell that it is one: a word, and four behind it
_MOST_PARTS: Final = 10  # into so many parts something may be cut: "3/10个" may be a fraction
_WHOLE_MARKS: Final = frozenset({5, 10, 20, 50, 100, 120, 150})  # what tests and reviews give at most
_ROW: Final = re.compile(
    r"(?![\d/]{0,6}(?:19|20)\d\d(?!\d))(\d{1,4}(?:/\d{1,4}){1,6})(?:\s?([GT]B)(?![A-Za-z0-9/]))?(?![\d/]|[.,]\d)"
)
_STATUS: Final = re.compile(r"[1-5]\d\d")  # of HTTP
_STATUS_CUE: Final = re.compile(
    r"HTTP|(?:[错錯][误誤]|エラー|오류)\s?[1-5]\d\d|[状狀][态態][码碼]|[错錯][误誤][码碼]|(?:[页頁]面|[网網][页頁]|接口|[请請]求|[服伺][务服][器]|API)[^。！？]{0,6}(?:返回|[报報]了?[错錯]?)|ステータス|상태\s?코드"
)
_STATUS_BEHIND: Final = re.compile(r"\s?(?:[是为為则則]|表示|代表|意味|[はがな]|[은는이]|[，,。；;、了]|\Z)")
_REACH_OF_STATUS: Final = 48  # characters between a word that tells codes of HTTP and the last of a few
_JOINED: Final = re.compile(r"(?:B2B2C|[BCDSGM]2[BCDGM]|P2P|O2O|V2[XVG]|E2E|F2F|D2D)(?![A-Za-z0-9])")
_ENDING: Final = re.compile(
    r"\.(?:pdf|docx?|xlsx?|pptx?|txt|csv|zip|rar|7z|jpe?g|png|gif|mp[34]|wav|html?|json|md|py|hwpx?)(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_LETTERS_OF_RATIO: Final = re.compile(r"(?:[a-z](?::[a-z])+|[A-Z](?::[A-Z])+)(?![A-Za-z0-9])")
_LETTER_AND_COLON: Final = re.compile(r"(?<![A-Za-z0-9])(?:[a-z]:[a-z]|[A-Z]:[A-Z])\Z")
_PRIMES: Final = re.compile(r"['′’]{1,3}(?=\()")
_FUNCTION_NAME: Final = re.compile(r"(?<![A-Za-z])[A-Za-z]\Z")
_FISCAL_YEAR: Final = re.compile(r"FY\s?(20\d\d)(?!\d)")
_SLOT: Final = re.compile(r"(?:M\.2|(?:alpha|beta|rc|dev|preview|canary)\.\d{1,3})(?![\d.])")
_ERA_BEHIND: Final = re.compile(r"(?P<year>[1-9]\d{0,3})\s?年?\s?(?P<era>BCE?|B\.C\.|AD|A\.D\.)(?![A-Za-z0-9])")
_ERA_FIRST: Final = re.compile(
    r"(?P<era>BCE?|B\.C\.|AD|A\.D\.)\s?(?P<year>[1-9]\d{0,3})(?:\s?[年년]|(?![\dA-Za-z年년]|[.,]\d))"
)
# Terms up to the sign of their sum; two at least are added, so that "1-1/2=" may still be a size.
_CHAIN: Final = re.compile(r"\d{1,4}(?:/[1-9]\d{0,3})?(?:[-+×*÷−]\d{1,4}(?:/[1-9]\d{0,3})?){2,8}(?=\s?[=≈])")
_PARTS_OF_CHAIN: Final = re.compile(r"\d+(?:/\d+)?|[-+×*÷−]")
_SHARE_OF_THOUSANDS: Final = re.compile(r"(\d{1,3}(?:,\d{3})*)/(\d{1,3}(?:,\d{3})+)(?![\d/,]|\.\d)")
_ANY_RELEASE: Final = re.compile(r"\d{1,4}(?:\.\d{1,3})?\.[xX](?![A-Za-z0-9])")
_TYRE: Final = re.compile(r"(\d{3})/(\d{2})\s?(Z?R)(\d{2})(?!\d)")
# No units: "5/s", "1/h".
_LETTER_FRACTION: Final = re.compile(r"([0-9]{1,3})/([abcknpqrxyzπ])(?![A-Za-z0-9^²³(/_])")
_MORE_OF_FRACTION: Final = tuple("/.^)_")
_MORE_OF_NUMBER: Final = tuple("/.0123456789")
_ERROR_BEFORE: Final = re.compile(
    r"(?:[错錯][误誤]|[状狀][态態]|返回)[码碼]?[为為是]?\s?\Z|(?:エラー|コード|오류|코드|에러)\s?\Z"
)
_ERROR_BEHIND: Final = re.compile(r"\s?(?:[错錯][误誤]|[状狀][态態][码碼]|エラー|오류|에러)")
_SECTION: Final = re.compile(r"\d{1,2}(?:-\d{1,2}){1,2}(?![\d-]|[.,]\d|\s?[%℃])")
_SECTION_CUE: Final = re.compile(
    r"(?:[图圖図表](?!示|现|現)|附[录錄]|作品|작품|[练練][习習]|[问問][题題]|그림|(?<![가-힣])표|[Ff]ig\.|Figure|Table)\s?\Z"
)
_TIMED: Final = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})\.(\d{1,3})(?![\d:.])")
_VERSION: Final = re.compile(r"(?:[Vv]er(?:sion)?|VER)\.?\s?(\d{1,4}(?:\.\d{1,5}){0,4})(?![\w]|\.\d)", re.ASCII)
_FLOOR: Final = re.compile(r"(\d{1,3})F(?![A-Za-z0-9])(?=[^\W]|[、。，,.)）・〜～~\s-]|\Z)")
_BASEMENT: Final = re.compile(r"B(\d)(?:F(?![A-Za-z0-9])|\s?[层層階층])")
_PAGE: Final = re.compile(r"[pP]{1,2}\.\s?(\d{1,4})(?:\s?[-–—~〜]\s?(\d{1,4}))?(?![\w.])", re.ASCII)
_YEAR_AND_MONTH: Final = re.compile(r"((?:19|20)\d\d)/(0?[1-9]|1[0-2])(?![\d/]|\.\d)")
_SCIENTIFIC: Final = re.compile(r"(\d+)(?:\.(\d+))?[eE]([-−+]?)(\d{1,3})(?![\w.])", re.ASCII)
_POWER_BEFORE: Final = re.compile(
    r"\d\s?(?:(?:\^|\*\*)[({]?[-−+]?\d+[)}]?|⁻?[⁰¹²³⁴-⁹]+)\s?\Z"
)  # of a number: not "πr²h"
_BARE_UNITS: Final = frozenset("m² m³ km² cm² cm³ km/h kWh m/s".split())
_LETTERS: Final = re.compile(r"[A-Za-zµμΩ°℃℉²³/]+")
_TIMES: Final = re.compile(r"([0-9]{1,4})(?:\.([0-9]{1,2}))?[xX×](?!\s?[\w(+*/=-]|[²³^])", re.ASCII)
_BARE: Final = re.compile(r"\s*(\d{5,16})[\s。．.!！?？,，、;；]*")
_OF: Final = frozenset(")]0123456789０１２３４５６７８９")
_BEST_MARKS: Final = frozenset({"4", "5", "10", "100"})
_NUMBER_SIGN: Final = re.compile(r"(?:[Nn][Oo]\.|№)\s?(?=\d)")
_ENDS_OPERAND: Final = re.compile(r"(?:[0-9)\]²³^%]|(?<=[0-9a-z)])!|(?<![a-zA-Z0-9])[A-Z]|(?<![a-zA-Z])[a-zα-ω])\Z")
_BEGINS_OPERAND: Final = re.compile(r"[0-9(\[√]|[a-zA-Z](?![a-zA-Z])")
_UNIT_BEFORE: Final = re.compile(r"[0-9]\s?[A-Za-z°℃℉]{1,4}[²³^]?\Z")
_SAME_UNIT: Final = re.compile(r"\d\s?([A-Za-z]{1,3})/\d[\d.]*\s?\1(?![A-Za-z]|\s?[=≈])")
_QUOTIENT_BEHIND: Final = re.compile(r"\d[\d.]*\s?[A-Za-z]{1,3}[²³^]?\s?[=≈]")
_AMOUNT_BEHIND: Final = re.compile(r"[0-9]{1,4}\s?(?:h|min|s|[天日人年月周]|小[时時]|時間|시간|일)(?![A-Za-z]|\s?=)")
_ENDS_RANGE: Final = re.compile(r"[0-9)）年月日号號时時分点點度元円원세시분년월일]\Z")
_NAME_BEFORE: Final = re.compile(r"(?:(?<![\d\s])|(?<![\d]\s))(?<![A-Za-z\d])(?:[A-Za-z]+|[A-Z]{3}\d{2})\Z")
_LASTING: Final = re.compile(
    r"(?:(\d{1,3})h\s?(\d{1,2})(?:min|m)(?:\s?(\d{1,2})s(?:ec)?)?|()(\d{1,2})(?:min|"
    r"m)\s?(\d{1,2})s(?:ec)?)(?![A-Za-z0-9/²³^])"
)
_UNIT_BEHIND: Final = re.compile(r"/\s?((?:[A-Za-zµμ]{1,4}[²³]?)|㎡|㎥)(?![A-Za-z0-9]|/[A-Za-z0-9])")
_COUNTED_BEFORE: Final = re.compile(r"[^\x00-\x7f]\Z|\d[\"']\Z|(?:\^|\*\*)\d{1,2}\Z")
_SIZE_BEFORE: Final = re.compile(r"[0-9]\s?(?:[cmk]?m²?|k?g|lbs?|m?[lL]|mi|ft|in|°[CF]|[℃℉]|k?W|[kMG]?Hz|h|min)\Z")
_WORD_BEFORE: Final = re.compile(r"(?:[A-Za-z]{2}|[A-Za-z]\d{1,2})\Z")
_CLOCK_BEFORE: Final = re.compile(r"\d[:：]\d\d\Z")
_CLOCK_BEHIND: Final = re.compile(r"\d{1,2}[:：]\d\d(?!\d)")
_QUANTITY_IN_UNITS: Final = re.compile(r"[0-9]\s?([A-Za-z°℃℉·Ωµμ]{1,4}[²³]?)\Z")
_OTHER_QUANTITY: Final = re.compile(
    r"\d[\d.,]*(?:[-~～]\d[\d.,]*)?\s?([A-Za-zµμ]{1,4}[²³]?|[℃℉Ω]|°[CF])(?![A-Za-z0-9]|\s?[=≈])"
)
_CONTENT_BEFORE: Final = re.compile(r"[0-9]\s?(?:k?cal|kJ|[mµμ]?g|m?[lL]|kWh|[㎉])\Z")
_PORTION_BEHIND: Final = re.compile(r"10{0,3}\s?(?:g|ml|mL|[kc]?m|kg|L)(?![A-Za-z])")
_SUM_BEFORE: Final = re.compile(r"(?:[¥￥$€£₩]\s?\d[\d.,]*|\d\s?(?:元|块|塊|円|원))\Z")
_QUANTITY_BEHIND: Final = re.compile(r"\d{1,4}\s?(?:[^\x00-\x7f]|[a-zA-Z]{1,2}(?![A-Za-z]))")
_COUNTED_BEHIND: Final = re.compile(r"\d{1,4}[^\W\x00-\x7f]")
_WORD_BEHIND: Final = re.compile(r"[A-Za-z]{2}")
_FUNCTION_BEFORE: Final = re.compile(r"(?:[A-Za-z]\(|[-−+=*×÷²³]\s?)\Z")  # "cos(2x)", "x² - 2x"
_YEAR_OF_TAG: Final = re.compile(r"(?:19|20)\d\d")
_RUN: Final = re.compile(r"\d+|[^\d]")


@dataclass(frozen=True, eq=False)
class Lexis:
    """The words of a language.

    Attributes:
        locale: its name in the CLDR.
        digits: ten words.
        point: the decimal mark.
        scales: names of 10^4, 10^8 and 10^12.
        signs: what stands in front of a number.
        to: between the ends of a range.
        ratio: between the parts of a ratio.
        rating: a pattern of ``{top}`` and ``{bottom}``, for "8.9/10".
        over: between other numbers with a slash between them ("120/80").
        every: for the slash of "元/月", in front of what matches ``everyday`` (a regular expression).
        everyday: see there.
        by: between the sides of something.
        dot: between the parts of a version.
        percents: a pattern for each mark, ``{}`` for the amount.
        fraction: a pattern of ``{top}`` and ``{bottom}``.
        hour: behind the hour; likewise ``minute`` and ``second``.
        halves: in front of a time.
        hours: of a duration; likewise ``minutes`` and ``seconds``.
        year: behind the year; likewise ``month`` and ``day``.
        decade: behind a decade's year.
        ordinal: a pattern for the number.
        hash: a pattern for the number behind ``#``.
        version: for the "v" of a version.
        pause: between groups of digits that are read one by one.
        plus: in front of a telephone number.
        per: a pattern of ``{what}`` and ``{amount}``, for "$10/month"; ``periods`` has the words.
        rate: the same for a unit, as in "3 GB/s".
        between: signs between two operands.
        before: signs in front of one; other signs are said as in ``between``.
        after: signs behind one; the same.
        power: a pattern for an exponent.
        powers: exponents that have a word of their own.
        of: in front of such a word, behind a digit or brackets.
        marks: characters of addresses and file names.
        joint: for the dash of "图3-1".
        floor: a pattern for the number of "10F"; likewise ``basement`` for "B1F" and ``page`` for "p.12".
        share: a pattern of ``{top}``, ``{bottom}`` and ``{what}`` for "8/10题"; ``what`` is what is counted.
        shared: what is never cut into parts, so that "8/10题" is no fraction (a regular expression).
        counted: what is counted in the same way, if more than ten are, or behind ``share_cue``.
        share_cue: what stands in front of such a share (a regular expression).
        ranked: what is one of a row, said as by ``turn`` (a regular expression): "12/33层".
        turn: a pattern as ``share`` for "第3/20页".
        marked: a pattern as ``share`` for marks, "8/10分"; ``mark`` is what they are called (a regular expression).
        mark: see there.
        mark_cue: what stands in front of marks without a name, "评分：8/10" (a regular expression).
        shot: a pattern of ``{top}`` and ``{bottom}`` for "罚球8/10", behind ``shot_cue`` (a regular expression);
            ``shot_what`` is what is counted.
        each: a pattern for the unit of "/kg" behind an amount in words.
        hidden: for asterisks in place of digits.
        padded: what stands behind two digits whose zero in front is not said, "08月" (a regular expression).
        joins: for the "2" of "B2B".
        always: for "24/7"; ``hours_behind`` is what may follow and is said in it (a regular expression).
        hours_behind: see there.
        prime: for the mark of "f'(x)".
        before_christ: a pattern for the year of "221 BC"; likewise ``after_christ``.
        after_christ: see there.
        currencies: names by code, where the CLDR's are not what is said.
        units: patterns by name, where the CLDR's are not what is said.
    """

    locale: str
    digits: tuple[str, ...]
    point: str
    scales: tuple[str, str, str]
    signs: Mapping[str, str]
    to: str
    ratio: str
    rating: str
    over: str
    every: str
    everyday: str
    by: str
    dot: str
    percents: Mapping[str, str]
    fraction: str
    hour: str
    minute: str
    second: str
    halves: Mapping[str, str]
    hours: str
    minutes: str
    seconds: str
    year: str
    month: str
    day: str
    decade: str
    ordinal: str
    hash: str
    version: str
    pause: str
    plus: str
    per: str
    rate: str
    periods: Mapping[str, str]
    between: Mapping[str, str]
    before: Mapping[str, str]
    after: Mapping[str, str]
    power: str
    powers: Mapping[str, str]
    of: str
    marks: Mapping[str, str]
    joint: str
    floor: str
    basement: str
    page: str
    share: str
    shared: str
    counted: str
    share_cue: str
    ranked: str
    turn: str
    marked: str
    mark: str
    mark_cue: str
    shot: str
    shot_what: str
    shot_cue: str
    each: str
    hidden: str
    padded: str
    joins: str
    always: str
    hours_behind: str
    prime: str
    before_christ: str
    after_christ: str
    currencies: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)


class MyriadWords(Words):
    """Says tokens by a ``Lexis``; see the module."""

    lexis: Lexis

    def __init__(self, customs: Customs, figures: tuple[Rule, ...] = (), words: tuple[Rule, ...] = ()) -> None:
        """Join the rules that say their own tokens to those of ``customs``, which only find them.

        Args:
            customs: of the language.
            figures: rules at digits and signs, tried before the others.
            words: rules that may hold at a Latin letter too.
        """
        own = (
            self._timed,
            eastern.read,
            self._share,
            self._row,
            self._numbered,
            self._part_of_letter,
            self._each,
            self._lasting,
            self._always,
            self._unpadded,
            self._before_christ,
            self._status,
            self._ending,
            self._any_release,
            self._tyre,
            self._and_more,
            self._of_letters,
            self._prime,
            self._chain,
            _of_words,
            self._share_of_thousands,
        )
        lexis = self.lexis
        self._shared, self._ranked, self._counted, self._mark = (
            re.compile(rf"\s?({what})") for what in (lexis.shared, lexis.ranked, lexis.counted, lexis.mark)
        )
        self._everyday = re.compile(lexis.everyday)
        self._padded = re.compile(rf"0(\d)(?=\s?(?:{lexis.padded}))")
        self._hours_behind = re.compile(rf"(?:\s?(?:{lexis.hours_behind}))?")
        self._any_shared = re.compile(rf"\s?({lexis.shared}|{lexis.ranked}|{lexis.counted})")
        self._share_cue, self._mark_cue, self._shot_cue = (
            re.compile(rf"(?:{cue})[^\d，。、,.!?！？\s]{{0,4}}[\s:：]{{0,2}}\Z")
            for cue in (lexis.share_cue, lexis.mark_cue, lexis.shot_cue)
        )
        shared = (_year_and_month, _scientific, season_rule, _times, self._floor, _long_number)
        self.customs = replace(
            customs,
            figure_rules=(*own, *figures, *customs.figure_rules, *shared),
            rules=(
                eastern.read_labels,
                self._basement,
                self._page,
                self._version,
                self._joined,
                self._slot,
                self._fiscal_year,
                _password,
                self._of_letters,
                self._before_christ,
                *words,
                *customs.rules,
                self._unit_of_power,
            ),
        )

    @abstractmethod
    def cardinal(self, digits: str) -> str:
        """Name a whole number of at most ``LONGEST_NAMED`` digits, without zeros in front."""

    @abstractmethod
    def mixed(self, whole: str, part: str) -> str:
        """Say a whole number and a fraction behind it."""

    def count(self, digits: str, _around: Around) -> str:
        """Name a whole number in front of what it counts."""
        return self.whole(digits)

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; see ``Words``."""
        lexis = self.lexis
        match token:
            case Number() | Fraction():
                return self.amount(token, around)
            case Span(first, last):
                return self.span(first, last, around)
            case Money():
                return self.money(token, around)
            case Percent(amount, mark):
                return self.each(amount, lexis.percents[mark])
            case Measure():
                return self.measure(token)
            case Clock():
                return self.clock(token)
            case Duration(hours, minutes, seconds):
                parts = ((hours, lexis.hours), (minutes, lexis.minutes), (seconds, lexis.seconds))
                return "".join(self.counted(part, name) for part, name in parts if part is not None)
            case Date():
                return self.date(token)
            case Year(digits, era, is_decade):
                return self.year(digits, era) + (lexis.decade if is_decade else "")
            case Ratio(numbers, mark, unit, written):
                if unit and mark == "/" and unit != "millimeter-ofhg" and numbers[0].whole != "1":  # "50/60Hz"
                    *most, last = numbers
                    return lexis.pause.join((*map(self.amount, most), self.say(Measure(last, unit, written))))
                name = (self.pattern(unit) or "{}" + written).removeprefix("{}") if unit else ""
                return self.ratio(numbers, mark) + name
            case Size(sides, unit, written):
                *most, last = sides
                end = self.say(Measure(last, unit, written)) if unit else self.amount(last)
                return lexis.by.join((*map(self.amount, most), end))
            case Phone(groups, has_plus):
                dialled = (self.dialled(group) if group.isdecimal() else lexis.hidden for group in groups)
                return (lexis.plus if has_plus else "") + lexis.pause.join(dialled)
            case Code(parts, is_secret):
                return self.code(parts, is_secret=is_secret)
            case Ordinal(digits, mark):
                return lexis.ordinal.format(self.whole(digits)) if not mark else self.entry(digits, around)
            case Roman():
                return self.roman(token)
            case Version(parts, prefix, is_address):
                each = self.one_by_one if is_address else self.whole
                return (lexis.version if prefix else "") + lexis.dot.join(map(each, parts))
            case Address(text):
                return self.address(text)
            case Sign(text, place):
                return self.sign(text, place, around)
            case Power(exponent):
                said = self.power(exponent)
                is_of = around.before[-1:] in _OF and not said.startswith(lexis.of)
                return lexis.of + said if is_of else said
            case Scientific(number, exponent):
                times = lexis.between["×"] + self.whole("10") + lexis.power.format(self.amount(exponent))
                return self.amount(number) + times
            case Unit(unit, written):
                return self.pattern(unit).removeprefix("{}").strip() or written
            case Hash(digits):
                each = self.whole if len(digits) <= _LONGEST_RANK else self.one_by_one
                return lexis.hash.format(each(digits))
            case Emoji():
                return ""
            case Formula():
                return self.say_formula(token, around)
            case Abbreviation(words=words) | Said(words):
                return words

    def entry(self, digits: str, around: Around) -> str:
        """Say the number of a list's entry, "①打开设置②点击账号", and pause behind it."""
        is_inside = around.before[-1:].isalnum()
        return (self.lexis.pause if is_inside else "") + self.whole(digits) + self.lexis.pause.rstrip()

    def ratio(self, numbers: tuple[Number, ...], mark: str) -> str:
        """Say a ratio, a score, or a rating."""
        said = [self.amount(number) for number in numbers]
        if mark != "/" or len(said) != 2:
            return self.lexis.ratio.join(said)
        top, bottom = numbers
        if is_season(top.whole, bottom.whole) and not (top.fraction or bottom.fraction):
            return f"{self.year(top.whole, '')}{self.lexis.to}{self.year(bottom.whole, '')}"
        if top.fraction and bottom.whole in _BEST_MARKS:
            return self.lexis.rating.format(top=said[0], bottom=said[1])
        if not (top.fraction or bottom.fraction) and int(top.whole) < int(bottom.whole):
            return self.amount(Fraction(top.whole, bottom.whole, sign=top.sign))
        return self.lexis.over.join(said)

    def slash(self, before: str, after: str) -> str:
        """Say a slash that divides no number: "元/月", "HTTP/2", "和/或"."""
        if before and not before.isascii() and after[:1].isdecimal():
            return self.lexis.pause  # "13人/1,000kg"
        if before.isascii() or after[:1].isascii():
            return self.lexis.marks["/"]
        return self.lexis.every if self._everyday.match(after) else self.lexis.pause

    def power(self, exponent: Number | str) -> str:
        """Say an exponent behind its base."""
        if isinstance(exponent, str):
            return self.lexis.power.format(self.said(exponent))
        is_plain = not (exponent.fraction or exponent.sign)
        special = self.lexis.powers.get(exponent.whole) if is_plain else None
        return special or self.lexis.power.format(self.amount(exponent))

    def one_by_one(self, digits: str) -> str:
        """Say digits one by one."""
        return "".join(self.lexis.digits[int(digit)] for digit in digits)

    def fraction_digits(self, digits: str) -> str:
        """Say the digits behind the decimal mark."""
        return self.one_by_one(digits)

    def roman(self, roman: Roman) -> str:
        """Say a Roman number."""
        return self.whole(str(roman.value))

    def dialled(self, digits: str) -> str:
        """Say digits of a telephone number."""
        return self.one_by_one(digits)

    def code(self, parts: tuple[str, ...], *, is_secret: bool) -> str:
        """Say an identifier: letters as they stand, digits one by one unless they are few."""
        said: list[str] = []
        for at, part in enumerate(parts):
            if part.isdecimal():
                said.append(self.one_by_one(part) if is_secret else self.label(part))
            elif part.isalpha():
                said.append(part)
            elif part in _HYPHENS:  # a short rest between digits; "COVID-19" has none
                is_between = "".join(parts[at - 1 : at] + parts[at + 1 : at + 2]).isdecimal()
                said.append(self.lexis.pause if is_between else "")
            elif part == "." and not is_secret and "".join(parts[at - 1 : at] + parts[at + 1 : at + 2]).isdecimal():
                said.append(self.lexis.dot)  # "HDMI2.1"
            else:
                said.append(self.lexis.marks.get(part, part))
        return "".join(said)

    def whole(self, digits: str) -> str:
        """Name a whole number; digit by digit if it begins with a zero, or is too long to be named."""
        if len(digits) > LONGEST_NAMED or (len(digits) > 1 and digits.startswith("0")):
            return self.one_by_one(digits)
        return self.cardinal(digits)

    def amount(self, amount: Amount, around: Around = NOWHERE) -> str:
        """Say a number, a fraction or a range."""
        lexis = self.lexis
        match amount:
            case Span(first, last):
                return self.span(first, last, around)
            case Fraction(top, bottom, whole, sign):
                said = lexis.fraction.format(top=self.whole(top), bottom=self.whole(bottom))
                return lexis.signs[sign] + (self.mixed(self.whole(whole), said) if whole else said)
            case Number():
                return lexis.signs[amount.sign] + self.number(amount, around)

    def number(self, number: Number, around: Around) -> str:
        """Say a number without its sign."""
        if number.scale and number.scale not in _NAMED_SCALES:
            number = written_out(number)
        name = self.lexis.scales[_NAMED_SCALES.index(number.scale)] if number.scale else ""
        if number.fraction == "00" and around.after.lstrip()[:1] in ("元", "円", "원", "块"):
            number = replace(number, fraction="")
        if number.fraction:
            return self.whole(number.whole or "0") + self.lexis.point + self.fraction_digits(number.fraction) + name
        return self.scaled(number.whole, name) if name else self.count(number.whole, around)

    def scaled(self, digits: str, name: str) -> str:
        """Name a whole number in front of 10^4 and the like."""
        return self.whole(digits) + name

    def span(self, first: Token, last: Token, around: Around) -> str:
        """Say a range; what stands at its last end only belongs to both."""
        if (
            isinstance(first, Number)
            and isinstance(last, Number)
            and not first.scale
            and last.scale not in _NAMED_SCALES
        ):
            first = replace(first, scale=last.scale)  # "20-35K"
        if isinstance(first, Number) and isinstance(last, Percent | Measure | Money):
            return self.say(replace(last, amount=Span(first, last.amount)), around)
        if isinstance(first, Money) and isinstance(last, Number):
            return self.say(replace(first, amount=Span(first.amount, last)), around)
        if isinstance(first, Money) and isinstance(last, Money) and last.per and not first.per:
            ends = f"{self.money(first, around)}{self.lexis.to}{self.money(replace(last, per=''), around)}"
            return self.lexis.per.format(what=self.period(last.per), amount=ends)
        return self.say(first, around) + self.lexis.to + self.say(last, around)

    def each(self, amount: Amount, pattern: str) -> str:
        """Say an amount within a pattern; of a range, each end if the pattern begins with words."""
        if isinstance(amount, Span) and not pattern.startswith("{"):
            ends = (self.each(end, pattern) for end in (amount.first, amount.last))  # type: ignore[arg-type] # amounts
            return self.lexis.to.join(ends)
        if isinstance(amount, Number) and amount.sign:
            return self.lexis.signs[amount.sign] + pattern.format(self.amount(replace(amount, sign="")))
        return pattern.format(self.amount(amount))

    def money(self, money: Money, around: Around) -> str:
        """Say money: the amount, then the currency."""
        name = self.currency(money.currency, money.written)
        amount = money.amount
        if isinstance(amount, Number) and amount.fraction == "00":  # "¥1,299.00"
            amount = replace(amount, fraction="")
        said = self.amount(amount)
        if not around.after.lstrip().startswith(name.strip()):  # "¥1,280元"
            said += name
        if not money.per:
            return said
        return self.lexis.per.format(what=self.period(money.per), amount=said)

    def period(self, per: str) -> str:
        """Name what an amount is for: "month" of ``$9.99/month``."""
        return self.lexis.periods.get(per.lower()) or self.bare_unit(per) or per

    def currency(self, code: str, written: str) -> str:
        """Name a currency; one that the CLDR does not know stays as it is written."""
        if code in self.lexis.currencies:
            return self.lexis.currencies[code]
        return _currency(code, self.lexis.locale) or written

    def measure(self, measure: Measure) -> str:
        """Say a quantity; of a range that begins below zero, each end."""
        amount = measure.amount
        if isinstance(amount, Span) and isinstance(amount.first, Number) and amount.first.sign:
            ends = (end for end in (amount.first, amount.last) if isinstance(end, Number | Fraction))
            return self.lexis.to.join(self.measure(replace(measure, amount=end)) for end in ends)
        pattern = self.pattern(measure.unit)
        if pattern and isinstance(amount, Span):
            return pattern.format(self.amount(amount))
        if pattern:
            return self.each(measure.amount, pattern)
        top, _, bottom = measure.unit.partition("-per-")
        above, below = self.pattern(top), self.pattern(bottom)
        if not above or not below.startswith("{}"):
            return self.each(measure.amount, "{}" + measure.written)
        said = self.each(measure.amount, above)
        return self.lexis.rate.format(what=below.removeprefix("{}").strip(), amount=said)

    def bare_unit(self, written: str) -> str:
        """Name a unit that has no number in front of it; empty if it has no name that can stand alone."""
        pattern = self.pattern(UNITS.get(written, ""))
        return pattern.removeprefix("{}").strip() if pattern.startswith("{}") else ""

    def said(self, text: str) -> str:
        """Say a short text that is a part of something."""
        said, at = "", 0
        for start, end, token in self.find(text):
            said += text[at:start] + self.say(token, Around(text[:start], text[end:]))
            at = end
        return said + text[at:]

    def pattern(self, unit: str) -> str:
        """Find the pattern of a unit; empty if it has none."""
        return self.lexis.units.get(unit) or (_unit(unit, self.lexis.locale) if unit else "")

    def clock(self, clock: Clock) -> str:
        """Say a time of the day."""
        half = self.lexis.halves.get(clock.half, "")
        said = half + self.hour(clock.hour, clock) + self.lexis.hour
        if clock.minute or clock.second:
            said += self.two_digits(clock.minute or 0) + self.lexis.minute
        if clock.second:
            said += self.two_digits(clock.second) + self.lexis.second
        return said

    def hour(self, hour: int, _clock: Clock) -> str:
        """Name the hour."""
        return self.cardinal(str(hour))

    def two_digits(self, number: int) -> str:
        """Name minutes or seconds of a time."""
        return self.cardinal(str(number))

    def counted(self, number: int, name: str) -> str:
        """Say how many, of a duration."""
        return self.cardinal(str(number)) + name

    def date(self, date: Date) -> str:
        """Say a date: year, month, day, whatever order it was written in."""
        said = self.year(date.year, "") + self.lexis.year if date.year else ""
        said += self.month(date.month) + self.lexis.month
        return said if date.day is None else said + self.cardinal(str(date.day)) + self.lexis.day

    def month(self, month: int) -> str:
        """Name a month's number."""
        return self.cardinal(str(month))

    def year(self, digits: str, era: str) -> str:
        """Name a year."""
        return era + self.whole(digits)

    def address(self, text: str) -> str:
        """Say an address: words as they stand, digits one by one, marks by their names."""
        parts = _RUN.findall(re.sub(r"^https?://", "", text))
        each = self.one_by_one if "@" in text[1:] else self.label  # "ming88@163.com"
        said = (
            (self.year(part, "") if text[0] == "#" and _YEAR_OF_TAG.fullmatch(part) else each(part))
            if part.isdecimal()
            else self.lexis.marks.get(part, part)
            for part in parts
        )
        return "".join(said)

    def label(self, digits: str) -> str:
        """Say digits of an identifier: a few are a number, of more each is said."""
        return self.whole(digits) if len(digits) <= LONGEST_LABEL else self.one_by_one(digits)

    def _share(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "8/10题", "第3/20页" and "评分：8/10", which are no fractions: so many of a whole that is counted."""
        found = _SHARE.match(text, at) if text[at].isdecimal() and text[at - 1 : at] not in _MONEY_SIGNS else None
        if found is None or int(found[1]) > int(found[2]) or found[2] == "1":
            return None
        before = text[max(0, at - _REACH_OF_SHARE) : at]
        if before.rstrip()[-1:] in ("第", "제"):
            what, pattern = self._any_shared.match(text, found.end()), self.lexis.turn
        elif (what := self._mark.match(text, found.end())) is not None:
            pattern = self.lexis.marked
        elif (what := self._ranked.match(text, found.end())) is not None:
            pattern = self.lexis.turn
        else:
            what, pattern = self._shared.match(text, found.end()), self.lexis.share
            if what is None and (int(found[2]) > _MOST_PARTS or self._share_cue.search(before)):
                what = self._counted.match(text, found.end())
        if what is None and _STEP_BEFORE.search(before):
            top, bottom = map(self.whole, found.groups())
            return found.end(), Said(self.lexis.turn.format(top=top, bottom=bottom, what=""))
        if what is None and self._shot_cue.search(before):
            top, bottom = (self.count(part, Around(before, self.lexis.shot_what)) for part in found.groups())
            return found.end(), Said(self.lexis.shot.format(top=top, bottom=bottom))
        if what is None:
            is_mark = int(found[2]) in _WHOLE_MARKS and self._mark_cue.search(before) is not None
            said = self.lexis.rating.format(top=self.whole(found[1]), bottom=self.whole(found[2]))
            return (found.end(), Said(said)) if is_mark else None
        around = Around(before, what[1])
        top, bottom = self.count(found[1], around), self.count(found[2], around)
        return what.end(), Said(pattern.format(top=top, bottom=bottom, what=what[1]))

    def _row(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "128/256/512GB", "8/16GB" and "404/500错误": numbers side by side, of which none is a part."""
        found = _ROW.match(text, at) if text[at].isdecimal() and text[at - 1 : at] not in _MONEY_SIGNS else None
        if found is None or text[at - 1 : at] in ("/", "-"):
            return None
        *most, last = found[1].split("/")
        is_status = all(map(_STATUS.fullmatch, (*most, last))) and (
            _ERROR_BEHIND.match(text, found.end()) or _ERROR_BEFORE.search(text, max(0, at - _REACH_OF_SHARE), at)
        )
        if len(most) == 1 and not (found[2] or is_status):
            return None
        say = self.one_by_one if is_status else self.whole
        end = self.say(Measure(Number(last), UNITS[found[2]], found[2])) if found[2] else say(last)
        return found.end(), Said(self.lexis.pause.join((*map(say, most), end)))

    def _numbered(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "3-1" of "图3-1" and "表2-1-3", which is no score and no range."""
        found = _SECTION.match(text, at) if text[at].isdecimal() else None
        if found is None or not _SECTION_CUE.search(text, max(0, at - _REACH_OF_SHARE), at):
            return None
        return found.end(), Said(self.lexis.joint.join(map(self.whole, found[0].split("-"))))

    def _floor(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "10F", a floor."""
        found = _FLOOR.match(text, at) if text[at].isdecimal() else None
        before = text[at - 1 : at]
        if found is None or (before.isascii() and before.isalnum()):
            return None
        return found.end(), Said(self.lexis.floor.format(self.whole(found[1])))

    def _basement(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "B1F" and "B2层", a floor below the ground."""
        found = _BASEMENT.match(text, at) if text[at] == "B" else None
        before = text[at - 1 : at]
        if found is None or (before.isascii() and before.isalnum()):
            return None
        return found.end(), Said(self.lexis.basement.format(self.whole(found[1])))

    def _page(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "p.12" and "pp. 34-56"."""
        found = _PAGE.match(text, at) if text[at] in "pP" else None
        before = text[at - 1 : at]
        if found is None or (before.isascii() and before.isalnum()):
            return None
        pages = self.lexis.to.join(self.whole(page) for page in found.groups() if page)
        return found.end(), Said(self.lexis.page.format(pages))

    def _each(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "/kg" and "/㎡" behind an amount that has a word, a mark of a time or a power at its end."""
        found = _UNIT_BEHIND.match(text, at) if text[at] == "/" else None
        if found is not None and found[1] == "d" and _UNIT_BEFORE.search(text, max(0, at - REACH_OF_UNIT), at):
            return found.end(), Said(self.lexis.each.format(self.pattern("day").removeprefix("{}").strip()))
        if text[at] == "/" and text[at - 1 : at] in ("㎡", "㎥") and self._everyday.match(text, at + 1):
            return at + 1, Said(self.lexis.every)  # "元/㎡/月"
        if found is None or not _COUNTED_BEFORE.search(text, max(0, at - REACH_OF_UNIT), at):
            return None
        name = self.bare_unit(found[1])
        return (found.end(), Said(self.lexis.each.format(name))) if name else None

    def _lasting(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "3h20min" and "4min30s"."""
        found = _LASTING.match(text, at) if text[at : at + 1].isdecimal() else None
        before = text[at - 1 : at]
        if found is None or (before and before.isascii() and (before.isalnum() or before == ".")):
            return None
        names = (self.lexis.hours, self.lexis.minutes, self.lexis.seconds) * 2
        parts = zip(found.groups(), names, strict=True)
        return found.end(), Said("".join(self.counted(int(part), name) for part, name in parts if part).strip())

    def _timed(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "1:48:06.980" and "1:23.456", which are no times of the day: seconds have parts."""
        found = _TIMED.match(text, at) if text[at].isdecimal() and text[at - 1 : at] not in _MONEY_SIGNS else None
        if found is None or text[at - 1 : at] == ":":
            return None
        lexis, said = self.lexis, ""
        for part, name in ((found[1], lexis.hours), (found[2], lexis.minutes)):
            said += self.counted(int(part), name) if part else ""
        seconds = self.whole(str(int(found[3]))) + lexis.point + self.fraction_digits(found[4])
        return found.end(), Said(said + seconds + lexis.seconds)

    def _version(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "ver.3.2.1"."""
        found = _VERSION.match(text, at) if text[at] in "vV" else None
        return None if found is None else (found.end(), Version(tuple(found[1].split(".")), "v"))

    def _joined(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "B2B", whose figure is an English word."""
        found = _JOINED.match(text, at)
        if found is None or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()):
            return None
        return found.end(), Said(self.lexis.joins.join(found[0].split("2")))

    def _always(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "24/7"."""
        if not text.startswith("24/7", at) or text[at - 1 : at].isdecimal() or text[at + 4 : at + 5] in _MORE_OF_NUMBER:
            return None
        end = self._hours_behind.match(text, at + 4).end()  # type: ignore[union-attr] # it may be empty
        return end, Said(self.lexis.always)

    def _of_letters(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "b" of "a:b", and the colon in front; the writer may pause behind it."""
        before = text[at - 1 : at]
        if _LETTERS_OF_RATIO.match(text, at) and not (before.isascii() and before.isalnum()) and before != ":":
            return at + 1, Said(text[at])  # these are no pairs of a code
        is_colon = text[at] == ":"
        end = at + (2 if is_colon else 1)
        if _LETTER_AND_COLON.search(text, max(0, end - len(" a:b")), end) is None:
            return None
        if text[end : end + 1].isascii() and text[end : end + 1].isalnum():
            return None
        return at + 1, Said("" if is_colon else self.lexis.ratio + text[at])

    def _prime(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find the mark of "f'(x)"."""
        found = _PRIMES.match(text, at)
        if found is None or _FUNCTION_NAME.search(text, max(0, at - REACH_OF_MARK), at) is None:
            return None
        return found.end(), Said(self.lexis.prime * len(found[0]))

    def _fiscal_year(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "FY2024"."""
        found = _FISCAL_YEAR.match(text, at)
        return None if found is None else (found.end(), Said("FY" + self.year(found[1], "")))

    def _slot(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "M.2" and "beta.1"."""
        found = _SLOT.match(text, at)
        if found is None or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()):
            return None
        name, _, number = found[0].partition(".")
        return found.end(), Said(f"{name}{self.lexis.dot}{self.whole(number)}")

    def _any_release(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "20.x", any release of a version."""
        found = _ANY_RELEASE.match(text, at)
        if found is None or text[at - 1 : at].isdecimal():
            return None
        parts = found[0].split(".")[:-1]
        return found.end(), Said(self.lexis.dot.join((*map(self.whole, parts), "x")))

    def _tyre(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "225/45R17", the size of a tyre."""
        found = _TYRE.match(text, at)
        if found is None or text[at - 1 : at] in _MONEY_SIGNS:
            return None
        width, height = self.one_by_one(found[1]), self.one_by_one(found[2])
        return found.end(), Said(self.lexis.pause.join((width, height, found[3] + self.whole(found[4]))))

    def _and_more(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find the "+" of "35°C+"."""
        is_more = text[at] == "+" and text[max(0, at - 2) : at] in ("°C", "°F") and not text[at + 1 : at + 2].isalnum()
        return (at + 1, Said(self.lexis.after["+"])) if is_more else None

    def _before_christ(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "221 BC" and "BC 221", with 年 or without."""
        found = _ERA_BEHIND.match(text, at) or _ERA_FIRST.match(text, at)
        if found is None or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()):
            return None
        pattern = self.lexis.before_christ if found["era"][0] == "B" else self.lexis.after_christ
        return found.end(), Said(pattern.format(self.whole(found["year"])))

    def _chain(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "1-1/2+1/3", whose fractions are reckoned with, and no days and no one and a half."""
        found = _CHAIN.match(text, at)
        if found is None or "/" not in found[0] or text[at - 1 : at] in _MORE_OF_NUMBER:
            return None
        said = ""
        for part in _PARTS_OF_CHAIN.findall(found[0]):
            if not part[0].isdecimal():
                said += self.lexis.between[part]
            elif "/" in part:
                said += self.amount(Fraction(*part.split("/")))
            else:
                said += self.whole(part)
        return found.end(), Said(said)

    def _share_of_thousands(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "2,350/5,000", so many of the whole."""
        found = _SHARE_OF_THOUSANDS.match(text, at)
        if found is None or text[at - 1 : at] in _MONEY_SIGNS:
            return None
        top, bottom = (written.replace(",", "") for written in found.groups())
        if int(top) > int(bottom):
            return None
        return found.end(), Said(self.lexis.turn.format(top=self.whole(top), bottom=self.whole(bottom), what=""))

    def _unpadded(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "08" of "08月", whose zero is written and not said."""
        found = self._padded.match(text, at)
        if found is None or text[at - 1 : at] in _MORE_OF_NUMBER:
            return None
        return found.end(), Number(found[1])

    def _status(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "500" of "HTTP 404表示未找到，500表示服务器错误"."""
        found = _STATUS.match(text, at)
        if (
            found is None
            or not _STATUS_BEHIND.match(text, found.end())
            or not _STATUS_CUE.search(text, max(0, at - _REACH_OF_STATUS), at)
            or text[at - 1 : at] in _MONEY_SIGNS
        ):
            return None
        return found.end(), Said(self.one_by_one(found[0]))

    def _ending(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find the dot of "报告.pdf", whose name is not in Latin letters."""
        found = _ENDING.match(text, at) if text[at] == "." else None
        before = text[at - 1 : at]
        if found is None or before.isascii() or not before.isalnum():
            return None
        return at + 1, Said(self.lexis.marks["."])

    def _part_of_letter(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "1/n", which is a part as 1/2 is."""
        found = _LETTER_FRACTION.match(text, at)
        before = text[at - 1 : at]
        if found is None or (before.isascii() and (before.isalnum() or before in _MORE_OF_FRACTION)):
            return None
        return found.end(), Said(self.lexis.fraction.format(top=self.whole(found[1]), bottom=found[2]))

    def _unit_of_power(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find the unit of "3×10^8 m/s", and one that needs no number: "每m²"."""
        found = _LETTERS.match(text, at)
        if found is None or found[0] not in UNITS:
            return None
        before = text[max(0, at - REACH_OF_UNIT) : at]
        is_bare = found[0] in _BARE_UNITS and not re.search(r"[A-Za-z0-9=+*/^)]\Z", before)
        if not is_bare and not _POWER_BEFORE.search(before):
            return None
        unit = UNITS[found[0]]
        return (found.end(), Unit(unit, found[0])) if self.pattern(unit).startswith("{}") else None

    def sign(self, text: str, place: str, around: Around) -> str:
        """Say a sign; one that has no words stays as it is."""
        lexis = self.lexis
        before, after = around.before.rstrip(), around.after.lstrip()
        if text == "/" and _UNIT_BEFORE.search(before) and _QUOTIENT_BEHIND.match(after):
            return lexis.between[text]  # "100m/20s=5m/s"
        same = _SAME_UNIT.search(before[-REACH_OF_UNIT:] + text + after[:REACH_OF_UNIT]) if text == "/" else None
        if same is not None and same[1] in UNITS:
            return lexis.pause  # "1s/2s/4s"
        if text == "/" and _UNIT_BEFORE.search(before) and _AMOUNT_BEHIND.match(after):
            return lexis.every  # "0.85kWh/24h"
        if text == "/" and _SUM_BEFORE.search(before) and _QUANTITY_BEHIND.match(after):
            return lexis.every  # "89元/2斤", "¥12.8/500g"
        if text == "/" and _CONTENT_BEFORE.search(before) and _PORTION_BEHIND.match(after):
            return lexis.every  # "350kcal/100g"
        if text == "/" and _TERM_BEFORE.search(around.before[-_REACH_OF_TERM:]) and _TERM_BEHIND.match(after):
            return lexis.between[text]
        if text == "/" and _CLOCK_BEFORE.search(before) and _CLOCK_BEHIND.match(after):
            return lexis.pause  # "9:00~12:00/14:00~17:30"
        if text == "/" and before.endswith("%") and self._everyday.match(after):
            return lexis.every  # "0.05%/日"
        if text == "/" and _are_quantities(before, after):
            return lexis.pause  # "220V/50Hz"
        if text == "@" and after[:1].isdecimal():
            return lexis.pause  # "4K@120Hz"
        if text == "/" and _WORD_BEFORE.search(before) and _COUNTED_BEHIND.match(after):
            return lexis.pause  # "8核CPU/10核GPU"
        if text == "/" and (_WORD_BEFORE.search(before) and _WORD_BEHIND.match(after)):
            return lexis.pause  # "iOS/Android"
        if text == "/" and _SIZE_BEFORE.search(before) and (after[:1].isdecimal() or not after[:1].isascii()):
            is_rate = self._everyday.match(after)
            return lexis.every if is_rate else lexis.pause  # "5L/人"; "26°C/79°F", "175cm/体重65kg"
        if text in "+-=" and before.endswith("|"):
            place = "between"  # "|x| + 2"
        if text == "/" and not (_ENDS_OPERAND.search(before) and _BEGINS_OPERAND.match(after)):
            return self.slash(before[-1:], after)
        if text == "+" and place == "after" and _NAME_BEFORE.search(before):
            return lexis.marks["+"]  # "A+", "Mate 60 Pro+"
        if text == "+" and place in ("before", "after") and (before.endswith("…") or after.startswith("…")):
            place = "between"  # "1+2+…+100"
        if text == ">" and _is_path(before, after):
            return lexis.pause
        if text in "~～" and not _AMOUNT_BEGINS.match(after):
            return lexis.pause if after else ""  # 好的~那我们开始~
        special = {"before": lexis.before, "after": lexis.after}.get(place, {})
        if text in "~～" and place == "between" and _ENDS_RANGE.search(before) and after[:1].isdecimal():
            text = "〜"
        return special.get(text) or lexis.between.get(text) or text


_AMOUNT_BEGINS: Final = re.compile(r"[-+]?[\d.$€£¥￥₩一二三四五六七八九十百千万]|[a-zA-Z√π](?![A-Za-z])")
_TITLE_BEFORE: Final = re.compile(r"(?:[A-Z][a-z]{2,}|[a-z]{3,})\s\Z")
_ROMAN: Final = re.compile(r"(?=[IVXLCDM])M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?![A-Za-z0-9])")
_OF_A_NAME: Final = frozenset("IVX")
_ROMAN_WORTH: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def _are_quantities(before: str, after: str) -> bool:
    """Whether two quantities in units of their own stand side by side: "220V/50Hz", not "3G/4G"."""
    first, last = _QUANTITY_IN_UNITS.search(before), _OTHER_QUANTITY.match(after)
    return first is not None and last is not None and first[1] in UNITS and last[1] in UNITS


def _is_path(before: str, after: str) -> bool:
    """Tell a way through menus, “设置”>“通用” and 设置>通用>关于, from what is compared."""
    return bool(_QUOTED_BEFORE.search(before) and _QUOTED_BEHIND.match(after)) or bool(
        _WORD_OF_PATH.search(before)
        and (_MORE_OF_PATH.match(after) or (_LESS_OF_PATH.search(before) and not after[:1].isdecimal()))
    )


_QUOTED_BEFORE: Final = re.compile(r"[”\"」』】]\s?\Z")
_QUOTED_BEHIND: Final = re.compile(r"\s?[“\"「『【]")
_WORD_OF_PATH: Final = re.compile(r"(?:[^\W\dA-Za-z_]{2}|[A-Za-z]{2})\s?\Z")
_MORE_OF_PATH: Final = re.compile(r"\s?[^\W\d][^\s>，。、]{1,12}\s?>")
_LESS_OF_PATH: Final = re.compile(r">\s?[^\s>，。、]{1,12}\s?\Z|(?:[设設][置定]|設定|설정)\s?\Z")


def roman_rule(cue: str, kind: str) -> Rule:
    """Make a rule that finds Roman numbers: behind a name or a ``cue``, or in front of a ``kind``.

    Args:
        cue: what makes a number of a single letter as well (a regular expression); other numbers have two letters or
            more, and directly or behind a blank a word that is not Latin in front.
        kind: the same for what stands behind the number.
    """
    cued, named, counts = (
        re.compile(rf"(?:{cue})\s?\Z"),
        re.compile(r"[^\W\da-zA-Z]\s?\Z"),
        re.compile(rf"\s?(?:{kind})"),
    )

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = _ROMAN.match(text, at)
        before = text[max(0, at - REACH_OF_UNIT) : at]
        if found is None or (before[-1:].isascii() and before[-1:].isalnum()):
            return None
        is_long = len(found[0]) > 1 and _OF_A_NAME.issuperset(found[0])  # "买CD" buys no four hundred
        is_of_title = is_long and found[0].strip("X") and _TITLE_BEFORE.search(before)  # "Final Fantasy XVI", no "XXL"
        is_number = cued.search(before) or counts.match(text, found.end()) or is_of_title
        if not is_number and not (is_long and named.search(before)):
            return None
        values = [_ROMAN_WORTH[letter] for letter in found[0]]
        worth = sum(-value if value < max(values[place:]) else value for place, value in enumerate(values))
        return found.end(), Roman(worth, found[0], is_ordinal=not is_number)

    return rule


def label_rule(behind: str) -> Rule:
    """Make a rule that keeps "4K" from being four thousand: in front of what ``behind`` matches, or of nothing."""
    label = re.compile(rf"([248]K)(?=\s?(?:{behind})|\s*(?:\Z|[、，。,.]))")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = label.match(text, at)
        if found is None or text[at - 1 : at] in _MONEY_SIGNS:
            return None
        return found.end(), Code((found[1][0], "K"))

    return rule


def between_words(signs: str, before: str, after: str) -> Rule:
    """Make a rule for a dash between two ends of a range that are words: "9時〜18時", "周一-周五".

    Args:
        signs: what the dash may be (a class of characters).
        before: what stands in front of it (a regular expression).
        after: what stands behind it, the same.
    """
    dash, front = re.compile(rf"\s?[{signs}]\s?(?={after})"), re.compile(rf"(?:{before})\Z")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = dash.match(text, at)
        if found is None or not front.search(text[max(0, at - REACH_OF_UNIT) : at].rstrip()):
            return None
        if text[at - 1 : at] == " " and found[0][-1] != " ":
            return None  # "값은 ~5만 원" is about as much
        return found.end(), Sign("〜", "between")

    return rule


def rating(text: str, at: int) -> tuple[int, Token] | None:
    """Find "8.9/10", which divides nothing."""
    found = _RATING.match(text, at)
    if found is None or text[at - 1 : at] in _MONEY_SIGNS:
        return None
    if float(found[1]) > float(found[2]):
        return None
    top, bottom = (written.partition(".") for written in found.groups())
    best = Number(bottom[0], bottom[2].rstrip("0"), mark=".")
    return found.end(), Ratio((Number(top[0], top[2], mark="."), best), "/")


def duration_rule(cue: str, behind: str, *, short: str = "(?!)") -> Rule:
    """Make a rule for "3:25:10" as a time that something took: behind a ``cue``, or in front of ``behind``.

    Args:
        cue: of hours, minutes and seconds (a regular expression): "时间：14:00" is no duration.
        behind: of minutes and seconds too, the same.
        short: the same, in front of them.
    """
    times = re.compile(r"(?:(\d{1,2}):)?(\d{1,2}):(\d{2})(?:\.(\d{1,3}))?(?![\d:])")
    front, back = re.compile(rf"(?:{cue})[^\d，。、,.]{{0,4}}\Z"), re.compile(rf"\s?(?:{behind})")
    shortly = re.compile(rf"(?:{short})(?:[约約为為共仅僅]|[:：])?\s?\Z")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = times.match(text, at)
        if found is None or found[4] or text[at - 1 : at] in _MONEY_SIGNS:
            return None
        is_cued = (shortly if found[1] is None else front).search(text[max(0, at - REACH_OF_WORD) : at])
        if not is_cued and not back.match(text, found.end()):
            return None
        hours = None if found[1] is None else int(found[1])
        return found.end(), Duration(hours, int(found[2]), int(found[3]))

    return rule


def day_rule(behind: str, cue: str = "(?!)") -> Rule:
    """Make a rule for "12/25", if the day is no month, or in front of ``behind``.

    Args:
        behind: what stands behind a day (a regular expression).
        cue: what stands in front of one, the same.
    """
    front = re.compile(rf"(?:{cue})\s?\Z")
    day = re.compile(rf"(1[0-2]|0?[1-9])/(?:(1[3-9]|2\d|3[01])|(0?[1-9]|1[0-2])(?=\s?[(（](?:{behind})))(?![\d/]|\.\d)")
    ends = re.compile(rf"\s?(?:{behind}|[(（、，。,.]|\Z)")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        if (told := _TOLD_DAY.match(text, at)) is not None and _DAY_OF_WEEK.search(
            text, max(0, at - REACH_OF_UNIT), at
        ):
            return told.end(), Date("", int(told[1]), int(told[2]), "md")
        found = day.match(text, at)
        if (
            found is None
            or not (ends.match(text, found.end()) or front.search(text, max(0, at - REACH_OF_MARK), at))
            or text[at - 1 : at] in _MONEY_SIGNS
            or text[at - 1 : at] == "/"
            or _is_part_of(text, at, found)
        ):
            return None
        return found.end(), Date("", int(found[1]), int(found[2] or found[3]), "md")

    return rule


# What stands in front of the day of 周三(12/3).
_DAY_OF_WEEK: Final = re.compile(r"(?:[周週期拜][一二三四五六日天]|曜日?|요일)\s?[(（]\Z")
_TOLD_DAY: Final = re.compile(r"(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|0?[1-9])(?=[)）])")


def told_day_rule(front: str, behind: str) -> Rule:
    """Make a rule for "12/5", which may be a fraction: behind ``front`` or in front of ``behind``.

    Args:
        front: words that no fraction follows (a regular expression).
        behind: words that follow no fraction, such as what happens on a day, the same.
    """
    day = re.compile(r"(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|0?[1-9])(?![\d/%％]|\.\d)")
    cue, ends = re.compile(rf"(?:{front})[的：:\s]?\Z"), re.compile(rf"\s?(?:{behind})")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = day.match(text, at)
        if found is None or text[at - 1 : at] in _MONEY_SIGNS or text[at - 1 : at] in ("/", "-"):
            return None
        month, day_of_month = int(found[1]), int(found[2])
        is_part = month < day_of_month <= _COMMON_PARTS  # "3/4まで" may be three quarters
        happens = ends.match(text, found.end()) and not (is_part and _UNTIL.match(text, found.end()))
        is_told = cue.search(text, max(0, at - _REACH_OF_DAY), at) is not None
        if not is_told and _DAY_TOLD.search(text, max(0, at - REACH_OF_CLAUSE), at):
            is_told = (
                _is_prose(text, at, found.end())
                and not _is_part_of(text, at, found)
                and _PARTLY.match(text, found.end()) is None
            )
        if not happens and not is_told:
            is_odd = month > day_of_month or (month >= _TWO_DIGITS and day_of_month > _MONTHS)
            is_odd = is_odd or "0" in (found[1][0], found[2][0])
            if not is_odd or _is_part_of(text, at, found) or not _is_prose(text, at, found.end()):
                return None
        return found.end(), Date("", month, day_of_month, "md")

    return rule


def _is_part_of(text: str, at: int, found: re.Match[str]) -> bool:
    """Whether "1/16" is a part of what stands in front ("头发丝的1/16"), or told to be a fraction behind."""
    if _TOLD_FRACTION.match(text, found.end()):
        return True
    before = _FRACTION_BEFORE.search(text, max(0, at - REACH_OF_UNIT), at)
    behind = _FRACTION_BEHIND.match(text, found.end())
    bottom = found[0].partition("/")[2]
    if any(beside is not None and beside[1] == bottom for beside in (before, behind)):
        return True  # "9/15和10/15"
    return found[1] == "1" and _WHOLE_BEFORE.search(text, max(0, at - _REACH_OF_DAY), at) is not None


# A day with its weekday in front, "2/28(金)必着、発表は", tells that the next one is a day as well.
# So does one in a row whose day is no month: 初赛3/15，复赛4/12.
_DAY_TOLD: Final = re.compile(
    r"\d/\d{1,2}\s?[(（](?:[周週]|星期)?[一二三四五六日天月火水木金土월화수목금토일][^()（）\d]{0,2}[)）][^。!?！？\d]{0,16}\Z"
    r"|(?<![\d/])1?\d/(?:1[3-9]|2\d|3[01])(?:[^\d。/]{1,8}\d{1,2}/\d{1,2}){0,3}[^\d。/]{0,6}[，,、；;][^\d。/]{1,6}\Z"
)
_PARTLY: Final = re.compile(r"\s?(?:英|[大小]?[勺匙杯]|茶|[汤湯]|的|以[上下]|左右|[个個]|の|가|을|를)")
_FRACTION_BEFORE: Final = re.compile(r"\d/(\d{1,2})\s?(?:[和与與及或、,，とや]|와|과)\s?\Z")
_FRACTION_BEHIND: Final = re.compile(r"\s?(?:[和与與及或、,，とや]|와|과)\s?\d{1,2}/(\d{1,2})(?![\d/])")
_TOLD_FRACTION: Final = re.compile(r"\s?(?:[是为為]|は|[은는이])[^，。、,.]{0,5}(?:分[数數]|분수)")
_WHOLE_BEFORE: Final = re.compile(
    r"(?:(?<![月日周週年期次])的|[约約][为為]?|[仅僅]有?|不[到足]|[占佔]了?|只有|[只还還]剩|(?<![月日週年回])の|わずか|(?<![달주])의|약|불과|단)\s?\Z"
)
_COMMON_PARTS: Final = 5
_TWO_DIGITS: Final = 10
_MONTHS: Final = 12
_UNTIL: Final = re.compile(r"\s?(?:まで|까지|부터|頃|[之以]?[前后後]|이[전후])")


def _is_prose(text: str, at: int, end: int) -> bool:
    """Whether nothing is reckoned with "12/5": nobody writes such a fraction elsewhere."""
    return (
        _RECKONED_BEFORE.search(text, max(0, at - REACH_OF_MARK), at) is None
        and _RECKONED_BEHIND.match(text, end) is None
    )


_RECKONED_BEFORE: Final = re.compile(r"(?:[=＝+×÷*^√≈<>≤≥-]|[A-Za-z])\s?\Z")
_RECKONED_BEHIND: Final = re.compile(r"\s?(?:[=＝+×÷*^≈<>≤≥A-Za-z·]|[倍拍杯勺匙寸])")
_REACH_OF_DAY: Final = 10  # characters in front of a day: a word such as "リリース日は"


def seat_rule(cue: str) -> Rule:
    """Make a rule for "12A", which is no current: behind a ``cue`` (a regular expression); and for "7B"."""
    label, front = (
        re.compile(r"(\d{1,3})([A-K])(?![A-Za-z0-9])(\s?(?:[座席석]|번?\s?좌석|[号號]座))?"),
        re.compile(rf"(?:{cue})[^\d。，、,.]{{0,3}}\Z"),
    )

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = label.match(text, at)
        before = text[max(0, at - REACH_OF_WORD) : at]
        if (
            found is None
            or before[-1:] in _MONEY_SIGNS
            or (found[2] != "B" and not found[3] and not front.search(before))
        ):
            return None
        return found.end(2), Code((found[1], found[2]))

    return rule


def weekday_rule(days: str, behind: str, said: str, to: str) -> Rule:
    """Make a rule for the weekday in brackets behind a date: "3月15日(土)", "12/1(月)", "(月〜金)", "(月・祝)".

    Args:
        days: the days' characters.
        behind: characters that a date ends with, beside digits.
        said: a pattern for the day.
        to: between the ends of a range.
    """
    day = re.compile(rf"[(（]([{days}])(?:([-–~〜～至到・·/])(?:([{days}])|(祝)日?))?[)）]")
    name = said.lstrip(", ")
    date = re.compile(rf"(?:[{behind}]|\d[/.]\s?\d{{1,2}}\.?)\s?\Z")

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = day.match(text, at) if text[at] in "(（" else None
        if found is None or not date.search(text, max(0, at - REACH_OF_UNIT), at):
            return None
        first = said.format(found[1])
        if found[4]:
            return found.end(), Said(f"{first}、祝日")
        if found[3]:
            return found.end(), Said(first + (", " if found[2] in "・·/" else to) + name.format(found[3]))
        return found.end(), Said(first)

    return rule


def bare_number(text: str, at: int) -> tuple[int, Token] | None:
    """Find a number that stands alone: what it counts is not said, so it is an identifier ("...码：" came before).

    One that ends in three zeros is an answer.
    """
    found = _BARE.fullmatch(text)
    if found is None or at != found.start(1) or found[1].endswith("000"):
        return None
    return found.end(1), Code((found[1],), is_secret=True)


def _password(text: str, at: int) -> tuple[int, Token] | None:
    """Find "Ku7#91", letters and digits with signs among them."""
    found = _PASSWORD.match(text, at)
    if found is None or not _PASSWORD_CUE.search(text, max(0, at - _REACH_OF_SHARE), at):
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|[A-Za-z]+|[#@!$%&*]", found[0])), is_secret=True)


_PASSWORD: Final = re.compile(
    r"(?=[A-Za-z]*\d)[A-Za-z][A-Za-z0-9]{1,15}[#@!$%&*][A-Za-z0-9#@!$%&*]{2,16}(?![.\w])", re.ASCII
)
_PASSWORD_CUE: Final = re.compile(r"(?:密[码碼]|口令|パスワード|비밀번호|암호|[Pp]assword)[^A-Za-z\d，。、,.]{0,4}\Z")


def _long_number(text: str, at: int) -> tuple[int, Token] | None:
    """Find ten digits or more that count nothing: nobody writes an amount so, but with commas or with a word."""
    found = _LONG_NUMBER.match(text, at)
    if found is None or text[at - 1 : at] in _MONEY_SIGNS or text[at - 1 : at] in tuple("-+/=×*第제"):
        return None
    return found.end(), Code((found[0],), is_secret=True)


_LONG_NUMBER: Final = re.compile(
    r"\d{10,16}(?<!000)(?![\dA-Za-z.,/:%％+*×÷=^-]|\s?[元円원块塊个個人名件次条條步字台套股份点點年万萬千亿億兆억만조명개건회번番倍米克公度]"
    r"|\s[A-Za-z=+×÷])"
)


def _of_words(text: str, at: int) -> tuple[int, Token] | None:
    """Find the signs of "毛利率=(售价-成本)/售价", whose terms are words."""
    if text[at] not in "-−/" or not _TERM_BEHIND.match(text, at + 1):
        return None
    if not _TERM_BEFORE.search(text, max(0, at - _REACH_OF_TERM), at):
        return None
    return at + 1, Sign(text[at], "between")


_REACH_OF_TERM: Final = 28  # an equals sign, and up to three words behind it
_WORD: Final = r"[\u3400-\u9fff\u30a1-\u30fe\uac00-\ud7a3]"
_TERM_BEFORE: Final = re.compile(rf"[=＝]\s?[(（]?[^，。；,;=＝\n]{{0,20}}(?:{_WORD}{{2}}|[)）])\s?\Z")
_TERM_BEHIND: Final = re.compile(rf"\s?[(（]?{_WORD}{{2}}")


def prefix_rule(said: str) -> Rule:
    """Make a rule that says "No." in front of a number."""

    def rule(text: str, at: int) -> tuple[int, Token] | None:
        found = _NUMBER_SIGN.match(text, at)
        is_inside = text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()
        return None if found is None or is_inside else (found.end(), Said(said))

    return rule


def _scientific(text: str, at: int) -> tuple[int, Token] | None:
    """Find "1.5e-5"."""
    found = _SCIENTIFIC.match(text, at)
    before = text[at - 1 : at]
    if found is None or (before.isascii() and (before.isalnum() or before == ".") and before):
        return None
    number = Number(found[1], found[2] or "", mark="." if found[2] else "")
    return found.end(), Scientific(number, Number(found[4], sign="-" if found[3] in ("-", "−") else ""))


def _times(text: str, at: int) -> tuple[int, Token] | None:
    """Find "1.5x", which is so many times."""
    found = _TIMES.match(text, at)
    if (
        found is None
        or text[at - 1 : at] in _MONEY_SIGNS
        or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum())
        or _FUNCTION_BEFORE.search(text, max(0, at - len("sin(")), at)
    ):
        return None
    return found.end(), Measure(Number(found[1], found[2] or "", mark="." if found[2] else ""), "time", "x")


def _year_and_month(text: str, at: int) -> tuple[int, Token] | None:
    """Find "2024/4"."""
    found = _YEAR_AND_MONTH.match(text, at)
    if found is None or text[at - 1 : at].isdecimal():
        return None
    return found.end(), Date(found[1], int(found[2]), None, "ym")


def groups_of_four(digits: str) -> Iterator[tuple[int, int]]:
    """Cut a number into groups of four digits from its end: each with the number of groups behind it."""
    behind = (len(digits) - 1) // 4
    first = len(digits) - 4 * behind
    yield int(digits[:first]), behind
    for place in range(behind):
        start = first + 4 * place
        yield int(digits[start : start + 4]), behind - place - 1


def written_out(number: Number) -> Number:
    """Write a scale out: "1.5M" is 1500000."""
    fraction = number.fraction.ljust(number.scale, "0")
    whole = (number.whole + fraction[: number.scale]).lstrip("0") or "0"
    return replace(number, whole=whole, fraction=fraction[number.scale :], scale=0)


@cache
def _unit(name: str, locale: str) -> str:
    """The CLDR's pattern of a unit, without blanks; empty if it knows none that can be spoken."""
    for kind in KINDS:
        try:
            pattern = format_unit("{}", f"{kind}-{name}", length="long", locale=locale)
            break
        except UnknownUnitError:
            pass
    else:
        return ""
    if locale == "ja":
        pattern = pattern.replace(" ", "")
    return pattern if re.fullmatch(r"[^/A-Za-z%]+", pattern) else ""


@cache
def _currency(code: str, locale: str) -> str:
    name = get_currency_name(code, locale=locale)
    return "" if name == code else name.replace(" ", "")
