"""What German, the Romance languages and Russian share when they say a token: nouns that are counted, genders, cases.

Whole numbers come from num2words, units and rare currencies from CLDR (babel); both are corrected by the language's own
file if they were found wrong. A number that nobody says whole (leading zeros, more digits than have a name) is read
digit by digit, so that its value stays.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from babel.core import UnknownLocaleError
from babel.numbers import get_currency_name
from babel.units import UnknownUnitError, format_unit
from num2words import num2words

from ..notation.addresses import words_of_tag
from ..notation.mathematics import is_path
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
    from collections.abc import Container, Mapping

    from ..notation.tokens import Amount, Token

Gender: TypeAlias = Literal["m", "f", "n"]
# Cases as num2words names them: nominative, genitive, dative, accusative, instrumental, prepositional. The Romance
# languages know the first one only, German has no more than the first four.
Case: TypeAlias = Literal["n", "g", "d", "a", "i", "p"]

# Whole numbers beyond this many digits are read one by one: nobody says "quadrillion" and is understood.
LONGEST_NAMED = 15
# Words for a number are looked up again and again (hours, days, years): a few thousand strings.
REMEMBERED = 4096
# Letters that are said as a word if they are more than these, unless they have no vowel: "COVID", but "S M T P".
_LONGEST_SPELLED = 3
# So many characters in front of a token may hold the word before it.
_LONGEST_WORD = 40
_AMOUNT_BEFORE: Final = re.compile(r"\d\s?°?[^\W\d_]{1,4}(?:[·⋅][чh])?[²³]?\s?\Z")
_AMOUNT_BEHIND: Final = re.compile(r"\s?\d{1,4}(?:[. ]\d{3})?\s?(?:h|ч|min|мин|s|km|км|kg|кг|g|г|m|м|l|л)\b")
_SIDE_BEFORE: Final = re.compile(r"\d\s?(?:[cdm]?m|[дсм]?м|ft|in|Zoll)\s?\Z")
_SIDE_BEHIND: Final = re.compile(r"\s?[\d.,]{1,7}\s?(?:[cdm]?m|[дсм]?м|ft|in|Zoll)\b")
_NAME_BEHIND: Final = re.compile(r"[A-Z](?!\w)|[A-Z]\d{1,3}(?!\w)|[A-Z]{2}[A-Za-z-]+")
_UNIT_BEFORE: Final = re.compile(r"\d\s?(°?[^\W\d_]{1,4}[²³]?)\s?\Z")
_UNIT_BEHIND: Final = re.compile(r"\s?[−-]?\d[\d.,\u00a0 ]{0,9}\s?(°?[^\W\d_]{1,4}[²³]?)(?!\w)")
_SAME: Final = re.compile(r"kcal|kJ|°[CF]|cm|in|ft|lbs?|oz|mi|ккал|кДж")
_CODE_BEFORE: Final = re.compile(r"(?<!\w)[A-Z]{2,5}\Z")
_CODE_BEHIND: Final = re.compile(r"[A-Z]{2,5}(?!\w)|[1-9](?!\d)")
_DEGREES_BEFORE: Final = re.compile(r"°\s?[CF]\s\Z")
_QUANTITY_BEFORE: Final = re.compile(r"[0-9]\s?(?:[kmc]?[gm]|[mcdk]?[lL]|kcal|kWh)\Z")
_EQUATED: Final = re.compile(r"(?:(?<!\w)[a-z]\s?=|(?:(?<![^\W\d])[abcknxyz]|[0-9)])[²³]?\s?[-+×·*/=<>≤≥≈−])\s?\Z")
_MILLIONS: Final = re.compile(r"[1-9][0-9]{0,8}0{6}")  # "un millón de euros"
_VOWELS = re.compile(r"[AEIOUYÀ-ÖØ-Ýаеёиоуыэюя]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun that is counted.

    Attributes:
        one: its form behind 1.
        many: its form behind 5, and behind 2 if ``few`` is "".
        gender: to which the number agrees.
        few: its form behind 2 to 4 in Russian.
        part: its form behind a part of one in Russian: "полтора километра".
    """

    one: str
    many: str
    gender: Gender = "m"
    few: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True)
class Coin:
    """A currency: its unit, and the hundredth of it; None if it has none."""

    unit: Noun
    cent: Noun | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What a number agrees with. ``is_counted``: a noun follows it, so that Spanish says "veintiún" of 21."""

    gender: Gender = "m"
    case: Case = "n"
    is_counted: bool = False
    noun: str = ""


ALONE = Agreement()

# Names behind which "3.11" is a version in any language.
VERSIONED: Final = frozenset(
    "python ios android windows macos ubuntu debian fedora java node php ruby chrome firefox safari gpt claude llama "
    "gemini bluetooth usb http tls django rails hdmi displayport pcie ddr wifi opengl directx mysql postgresql sql "
    "build code studio laravel vue nuxt flutter git gcc openssl blender wordpress drupal elasticsearch mongodb redis "
    "kafka "
    "terraform gitlab grafana cuda opencv keras npm yarn pip mariadb sqlite qt gnome plasma vulkan spring whatsapp "
    "telegram "
    "autocad matlab visionos deepseek qwen mistral hyperos miui "
    "react angular typescript javascript kubernetes docker nginx apache linux kernel watchos ipados tvos harmonyos "
    "unity unreal minecraft pytorch tensorflow numpy pandas excel office photoshop edge opera swift kotlin figma "
    "sec sect seç "
    "fig figure figura abb abbildung tab tabelle tabla tabella tabela tableau табл таблица таблице таблицу рис рисунок "
    "рисунке".split()
)


@lru_cache(REMEMBERED)
def named(digits: str, language: str, kind: Literal["cardinal", "ordinal", "year"] = "cardinal", **form: object) -> str:
    """Have num2words say a whole number; commas that it puts between groups are pauses nobody makes."""
    words: str = num2words(int(digits), lang=language, to=kind, **form)
    return words.replace(",", "")


class European(Words):
    """Says tokens in a language that counts nouns; a language gives its words, its nouns and its grammar.

    Attributes:
        code: the language's name for num2words.
        locale: the language's name for babel, which names the units and currencies that the language does not name.
        ones: the ten digits.
        of: what stands between "million" and what is counted: "de".
        longest_decimals: so many digits behind the decimal mark are said as one number, if no zero begins them.
        signs: what is said for a sign between two operands.
        before: what is said for a sign in front of one.
        after: what is said for a sign behind one.
        marks: what is said for a mark in an address, a version or a code.
        always: how "24/7" is said.
        either: what stands between two of which one will do.
        lasting: words behind which "2h45" is how long something takes, if its times of the day are said otherwise.
        to_day: what stands between the first day and the last of a range.
        halves: "half" behind a whole number, by the gender of what is counted: "dos tazas y media".
        units: units by their name in CLDR, if the language says them otherwise than CLDR does.
        slash: what is said for the slash of "3/11", if it is not what stands in a blood pressure.
        per_several: what is said for the slash of "15 kWh/100 km", if it is not ``per``.
        before_one: words in front of a unit without a number, behind which there is one of it: "per", "the".
    """

    code: ClassVar[str]
    locale: ClassVar[str]
    ones: ClassVar[tuple[str, ...]]
    minus: ClassVar[str]
    plus: ClassVar[str]
    tag: ClassVar = "hashtag"
    plus_or_minus: ClassVar = ""  # "±"; without it plus and minus
    decimal: ClassVar[str]
    longest_decimals: ClassVar[int] = 0
    percent: ClassVar[Noun]
    per_mille: ClassVar[Noun]
    to: ClassVar[str]
    to_day: ClassVar[str]
    ratio: ClassVar[str]
    out_of: ClassVar[str]
    either: ClassVar[str]
    lasting: ClassVar[Container[str]] = frozenset()
    over: ClassVar[str]
    slash: ClassVar[str] = ""
    always: ClassVar[str]
    by: ClassVar[str]
    per: ClassVar[str]
    per_several: ClassVar[str] = ""
    of: ClassVar[str] = ""
    and_cents: ClassVar[str]
    and_part: ClassVar[str]
    halves: ClassVar[Mapping[Gender, str]] = {}
    rank: ClassVar[str]
    powers: ClassVar[Mapping[str, str]]
    power: ClassVar[str]
    scales: ClassVar[Mapping[int, Noun]]
    signs: ClassVar[Mapping[str, str]]
    before: ClassVar[Mapping[str, str]]
    after: ClassVar[Mapping[str, str]] = {}
    marks: ClassVar[Mapping[str, str]]
    coins: ClassVar[Mapping[str, Coin]]
    units: ClassVar[Mapping[str, Noun]] = {}
    eras: ClassVar[Mapping[str, str]] = {}
    before_one: ClassVar[Container[str]] = frozenset()
    hour: ClassVar[Noun]
    minute: ClassVar[Noun]
    second: ClassVar[Noun]

    # What each language says in a way of its own.

    @abstractmethod
    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number without leading zeros."""

    @abstractmethod
    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "third" as its mark and the words around it ask for."""

    @abstractmethod
    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "two thirds"."""

    @abstractmethod
    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:
        """Say a time of the day."""

    @abstractmethod
    def say_day(self, day: int, around: Around) -> str:
        """Say a day of a month."""

    @abstractmethod
    def say_date(self, date: Date, around: Around) -> str:
        """Say a day, or a month of a year."""

    @abstractmethod
    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say a Roman number."""

    @abstractmethod
    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender from its end; None if the word does not look like a noun that is counted."""

    def year(self, digits: str) -> str:
        """Say a year; most languages say it as any number."""
        return self.whole(digits)

    def agreement(self, around: Around) -> Agreement:
        """What a number without a unit agrees with: the word behind it."""
        noun = next_word(around.after)
        gender = self.gender_of(noun) if noun else None
        case = self.case_of(around)
        return Agreement(case=case) if gender is None else Agreement(gender, case, is_counted=True, noun=noun)

    def counted(self, number: Number, around: Around) -> Agreement:  # noqa: ARG002 - others look at the number
        """What this number agrees with: nothing behind a sign, "en x = 1 vale"."""
        return ALONE if _EQUATED.search(around.before[-_LONGEST_WORD:]) else self.agreement(around)

    def case_of(self, around: Around) -> Case:  # noqa: ARG002 - the Romance languages have no cases
        """The case in which a number and its unit stand."""
        return "n"

    # What they share.

    def digits(self, digits: str) -> str:
        """Say digits one by one."""
        return " ".join(self.ones[int(digit)] for digit in digits)

    def whole(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number, or its digits if it is not written as one."""
        if len(digits) > LONGEST_NAMED or (len(digits) > 1 and digits[0] == "0"):
            return self.digits(digits)
        return self.cardinal(digits, agreement)

    def short(self, digits: str) -> str:
        """Say a part of a code, a version or a name: up to 99 as a number, otherwise digit by digit."""
        return self.whole(digits) if len(digits) < 3 else self.digits(digits)

    def decimals(self, fraction: str) -> str:
        """Say what stands behind the decimal mark."""
        if len(fraction) <= self.longest_decimals and fraction[0] != "0":
            return self.whole(fraction)
        return self.digits(fraction)

    def signed(self, sign: str, words: str) -> str:
        """Put a sign's word in front."""
        word = {"-": self.minus, "+": self.plus, "±": self.plus_or_minus or f"{self.plus} {self.minus}"}.get(sign, "")
        return f"{word} {words}" if word else words

    def say_number(self, number: Number, agreement: Agreement = ALONE) -> str:
        """Say a number."""
        number = spelled_out(number)
        if number.scale:
            scale = self.scales.get(number.scale)
            plain = Number(number.whole, number.fraction, mark=number.mark)
            if scale is None:
                return self.signed(number.sign, f"{self.say_number(plain)} {self.say_power_of_ten(number.scale)}")
            return self.signed(number.sign, self.count(plain, scale, agreement.case))
        if not number.fraction:
            return self.signed(number.sign, self.whole(number.whole, agreement))
        return self.signed(number.sign, self.say_decimal(number))

    def say_power_of_ten(self, scale: int) -> str:
        """Say "times ten to the seventh", for a scale that has no name."""
        return f"{self.signs['×']} {self.whole('10')} {self.say_power(Power(Number(str(scale))))}"

    def say_decimal(self, number: Number) -> str:
        """Say a number with a decimal mark, without its sign."""
        return f"{self.whole(number.whole or '0')} {self.decimal} {self.decimals(number.fraction)}"

    def count(self, amount: Amount, noun: Noun, case: Case = "n") -> str:
        """Say so many of a noun."""
        match amount:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.count(Span(replace(first, scale=3), last), noun, case)
            case Span(first, last):
                counted = Agreement(noun.gender, case, is_counted=True, noun=noun.one)
                return f"{self.amount(first, counted)} {self.to} {self.count(as_amount(last), noun, case)}"
            case Fraction():
                return self.fraction_of(amount, noun, case)
            case Number():
                words = self.say_number(amount, Agreement(noun.gender, case, is_counted=True, noun=noun.one))
                if amount.scale >= 6 or _MILLIONS.fullmatch(amount.whole + amount.fraction):
                    return self.of_many(words, self.form(Number("5"), noun, case))
                return f"{words} {self.form(amount, noun, case)}"

    def of_many(self, words: str, noun: str) -> str:
        """Put a noun behind a million."""
        return f"{words} {self.of} {noun}" if self.of else f"{words} {noun}"

    def fraction_of(self, fraction: Fraction, noun: Noun, case: Case = "n") -> str:
        """Say "half a litre", "one and a half litres"."""
        agreement = Agreement(noun.gender, case, is_counted=True, noun=noun.one)
        part = self.say_fraction(fraction.top, fraction.bottom, agreement)
        if fraction.whole:
            is_half = (fraction.top, fraction.bottom) == ("1", "2") and noun.gender in self.halves
            part = self.halves[noun.gender] if is_half else self.say_fraction(fraction.top, fraction.bottom)
            whole = self.count(Number(fraction.whole), noun, case)
            return self.signed(fraction.sign, f"{whole} {self.and_part} {part}")
        if (fraction.top, fraction.bottom) == ("1", "2"):
            return self.signed(fraction.sign, f"{part} {noun.one}")
        return self.signed(fraction.sign, f"{part} {self.part_of(noun)}")

    def part_of(self, noun: Noun) -> str:
        """Say of what something is a part: "of a litre"."""
        return f"{self.of} {noun.one}"

    def form(self, number: Number, noun: Noun, case: Case = "n") -> str:  # noqa: ARG002 - only Russian has cases
        """The noun's form behind a number."""
        return noun.one if is_one(number) else noun.many

    def amount(self, token: Token, agreement: Agreement = ALONE) -> str:
        """Say a number, a fraction or a range that counts nothing."""
        match token:
            case Span(first, last):
                return f"{self.amount(first, agreement)} {self.to} {self.amount(last, agreement)}"
            case Fraction(top, bottom, whole, sign):
                if not whole:
                    return self.signed(sign, self.say_fraction(top, bottom, agreement))
                is_half = (top, bottom) == ("1", "2") and agreement.gender in self.halves
                part = self.halves[agreement.gender] if is_half else self.say_fraction(top, bottom)
                return self.signed(sign, f"{self.whole(whole, agreement)} {self.and_part} {part}")
            case Number():
                return self.say_number(token, agreement)
            case _:
                return self.say(token)

    def say_money(self, money: Money, around: Around = NOWHERE) -> str:
        """Say an amount of money: in cents if there is nothing else, with cents if there are two digits of them."""
        coin = self.coin(money.currency)
        amount = money.amount
        case = self.case_of(around)
        if isinstance(amount, Number) and not amount.scale and len(amount.fraction) == 2 and coin.cent:
            cents = amount.fraction.lstrip("0")
            whole = Number(amount.whole or "0")
            if not cents:
                words = self.count(whole, coin.unit, case)
            elif not whole.whole.strip("0"):
                words = self.count(Number(cents), coin.cent, case)
            else:
                cents_words = self.count(Number(cents), coin.cent, case)
                parts = (self.count(whole, coin.unit, case), self.and_cents, cents_words)
                words = " ".join(filter(None, parts))
            words = self.signed(amount.sign, words)
        else:
            words = self.count(amount, coin.unit, case)
        return f"{words} {self.per_price(money.per)}" if money.per else words

    def per_price(self, written: str) -> str:
        """Say "per month" of "€/month"; a unit by its name."""
        units = self.customs.units
        unit = units.get(written) or units.get(f"{written}.") or UNITS.get(written)
        return self.joined_per(
            self.unit(unit, written) if unit else Noun(written, written, self.gender_of(written) or "m")
        )

    def coin(self, currency: str) -> Coin:
        """A currency's names: ours, or else CLDR's."""
        return self.coins.get(currency) or self._coin(currency)

    def _coin(self, currency: str) -> Coin:
        one, few, many = currency_forms(currency, self.locale)
        return Coin(Noun(one, many, self.gender_of(one.partition(" ")[0]) or "m", few))

    def unit(self, unit: str, written: str) -> Noun:
        """A unit's names: ours, or CLDR's, or those of its parts ("meter-per-day"), or else as it is written."""
        known = self.units.get(unit)
        if known is not None:
            return known
        one, few, many, part = unit_forms(unit, self.locale)
        if one:
            return Noun(one, many, self.gender_of(one.partition(" ")[0]) or "m", few, part)
        top, per, bottom = unit.partition("-per-")
        if per and self.knows(top) and self.knows(bottom):
            above, below = self.unit(top, written), self.joined_per(self.unit(bottom, written))
            one, many, few, part = (
                f"{form} {below}" if form else "" for form in (above.one, above.many, above.few, above.part)
            )
            return Noun(one, many, above.gender, few, part)
        return Noun(written, written)

    def knows(self, unit: str) -> bool:
        """Whether a unit has a name."""
        return unit in self.units or bool(unit_forms(unit, self.locale)[0])

    def joined_per(self, unit: Noun) -> str:
        """Say "per second"."""
        return f"{self.per} {unit.one}"

    def say_version(self, version: Version) -> str:
        """Say "three point eleven point two"."""
        point = f" {self.marks['.']} "
        prefix = self.prefixes.get(version.prefix.lower().rstrip("."), version.prefix)
        first, *rest = version.parts
        is_number = not version.is_address and len(first) == 3  # "Firefox 128.0"
        said = [self.whole(first) if is_number else self.short(first), *map(self.short, rest)]
        return f"{prefix} {point.join(said)}".lstrip()

    @property
    def spans_of_time(self) -> Mapping[str, Noun]:
        """What something is paid or done per, by its name: "month"."""
        units = ("second", "minute", "hour", "day", "week", "month", "year")
        return {noun.one: noun for noun in (self.unit(unit, unit) for unit in units)}

    prefixes: ClassVar[Mapping[str, str]] = {"v": "version"}

    def say_code(self, code: Code) -> str:
        """Say letters one by one and digits one by one; numbers below 100 are said whole if nothing is secret."""
        said = []
        for at, part in enumerate(code.parts):
            if part.isdecimal():
                said.append(self.digits(part) if code.is_secret else self.short(part))
            elif part.isalpha():
                said.append(" ".join(part) if is_spelled(part) else part)
            elif part == "−":
                said.append(self.minus)
            elif part == "." and "".join(code.parts[at - 1 : at + 2 : 2]).isdecimal():
                said.append(self.decimal if code.parts[0] == "PM" else self.marks["."])  # "PM2.5" is a size
            else:
                said.extend(
                    self.rank if mark == "#" else self.marks.get(mark, mark) for mark in part if mark not in "-–. "
                )
        return " ".join(said)

    def say_phone(self, phone: Phone) -> str:
        """Say a telephone number group by group."""
        groups = ", ".join(self.digits(re.sub(r"\D", "", group)) for group in phone.groups)
        return f"{self.plus} {groups}" if phone.has_plus else groups

    def say_address(self, address: Address) -> str:
        """Say an address: its names as they are, its marks by name."""
        text = re.sub(r"^(?:https?|ftp)://|/$", "", address.text)
        if address.kind == "tag":
            text = words_of_tag(text.removeprefix("#"))
        said = [self.tag] if address.kind == "tag" else []
        for part in re.findall(r"\d+|[^\W\d_]+|\S", text):
            if part.isdecimal():
                said.append(self.short(part))
            elif part.lower() == "www":
                said.append("w w w")
            else:
                said.append(self.marks.get(part, part))
        return " ".join(said)

    def say_sign(self, sign: Sign, around: Around = NOWHERE) -> str:
        """Say a sign; one that the language has no word for stays as it is."""
        if sign.text == "№":
            return self.rank
        if sign.text == "/" and _CODE_BEFORE.search(around.before[-6:]) and _CODE_BEHIND.match(around.after):
            return ""  # "EUR/USD"
        if sign.text == ">" and is_path(around):
            return ","
        is_loose = _LOOSE_BEFORE.search(around.before[-_LONGEST_WORD:]) and _LOOSE_BEHIND.match(around.after)
        if sign.text == "/" and (
            is_loose or (_DEGREES_BEFORE.search(around.before) and around.after[:2].strip().isalpha())
        ):
            return ","  # "inglés / español", "mín. −3 °C / máx. 8 °C"
        if sign.text == "/" and is_no_division(around):
            return "," if around.before[-1:].isspace() else ""
        if sign.text == "×" and _SIDE_BEFORE.search(around.before[-12:]) and _SIDE_BEHIND.match(around.after):
            return self.by  # "4 m x 3 m"
        if (
            sign.text == "/"
            and re.search(r"[^\W\d_]{2}\Z", around.before[-2:])
            and re.match(r"[^\W\d_]{2}", around.after)
        ):
            # "und/oder", "brut/an": a slash between words is no division.
            time = self.spans_of_time.get(next_word(f" {around.after}"))
            return self.joined_per(time).removesuffix(time.one).rstrip() if time else ","
        if sign.text == "/" and _QUANTITY_BEFORE.search(around.before[-12:]) and re.match(r"[^\W\d_]{4}", around.after):
            word = next_word(f" {around.after}")  # "100 g/settimana", "2 ml/planta"
            return self.joined_per(Noun(word, word, self.gender_of(word) or "m")).removesuffix(word).rstrip()
        is_behind_digit = sign.text == "/" and around.before[-1:].isdecimal()
        if is_behind_digit and (_NAME_BEHIND.match(around.after) or re.match(r"[A-Z]{1,3}(?!\w)", around.after)):
            return ""  # a house: "12/A"; trousers: "W32/L34"; "95/46/CE"
        if sign.text == "/" and _is_pair(around):
            return ","  # "18 °C/9 °C", "1520 kJ/363 kcal", "2,4 GHz/5 GHz"
        if sign.text == "/" and _AMOUNT_BEFORE.search(around.before[-12:]) and _AMOUNT_BEHIND.match(around.after):
            return self.per_several or self.per  # "0,85 kWh/24 h"
        table = {"before": self.before, "after": self.after}.get(sign.place, self.signs)
        return table.get(sign.text) or self.signs.get(sign.text) or sign.text

    def say_power(self, power: Power) -> str:
        """Say "squared", "to the tenth"."""
        if isinstance(power.exponent, str):
            return f"{self.power} {self.said(power.exponent)}"
        number = power.exponent
        if number.sign == "" and number.fraction == "" and number.whole in self.powers:
            return self.powers[number.whole]
        return f"{self.power} {self.say_number(number)}"

    def say_duration(self, duration: Duration) -> str:
        """Say hours, minutes and seconds."""
        parts = ((duration.hours, self.hour), (duration.minutes, self.minute), (duration.seconds, self.second))
        return " ".join(self.count(Number(str(value)), noun) for value, noun in parts if value is not None)

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range."""
        match span:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.say_span(Span(replace(first, scale=3), last), around)
            case Span(Number() as first, Number() as last):
                agreement = self.agreement(around)
                return f"{self.say_number(first, agreement)} {self.to} {self.say_number(last, agreement)}"
            case Span(Ordinal() as day, Date() as date):
                return f"{self.say_day(int(day.digits), around)} {self.to_day} {self.say_date(date, around)}"
            case Span(Clock(hour, None, None, ""), Clock(half="") as last):  # "siete a nueve horas"
                return f"{self.whole(str(hour), Agreement(self.hour.gender))} {self.to} {self.say_clock(last, around)}"
            case _:
                return f"{self.say(span.first, around)} {self.to} {self.say(span.last, around)}"

    def say_year(self, year: Year, around: Around) -> str:  # noqa: ARG002 - Russian looks around
        """Say a year and its era."""
        words = self.year(year.digits)
        return f"{words} {self.era(year.era)}" if year.era else words

    def era(self, written: str) -> str:
        """Say what stands behind a year."""
        return self.eras.get(re.sub(r"\s", "", written), written)

    def say_ratio(self, ratio: Ratio) -> str:
        """Say "three to one", "four point five out of five"."""
        if ratio.unit:
            unit = self.unit(ratio.unit, ratio.written).many
            return f"{f' {self.over} '.join(map(self.say_number, ratio.parts))} {unit}"
        if ratio.mark == "or":
            first, last = map(self.say_number, ratio.parts)
            return (
                f"{first} {'u' if self.either == 'o' and self.code == 'es' and last[0] == 'o' else self.either} {last}"
            )
        wholes = [int(part.whole or "0") for part in ratio.parts]
        if ratio.mark == "/" and sum(wholes) == 100 and not any(part.fraction for part in ratio.parts):
            return " ".join(map(self.say_number, ratio.parts))  # the rule of 80/20
        is_mark = wholes[-1] in (5, *range(10, 101, 10)) and wholes[0] <= wholes[-1]
        if (ratio.parts[0].fraction or is_mark) and ratio.mark == "/":
            top, bottom = ratio.parts
            return f"{self.say_number(top)} {self.out_of} {self.say_number(bottom, Agreement(case='g'))}"
        if [part.whole for part in ratio.parts] == ["24", "7"] and ratio.mark == "/":
            return self.always
        if ratio.mark == "/" and re.fullmatch(r"20\d\d", ratio.parts[-1].whole) and not ratio.parts[0].fraction:
            return f"{self.whole(ratio.parts[0].whole)} {self.year(ratio.parts[-1].whole)}"  # "issue 3/2025"
        if ratio.mark == "/" and len(ratio.parts[0].whole) == 4:  # a season, or a month behind a year
            return " ".join(self.year(part.whole) for part in ratio.parts)
        is_over = ratio.mark == "/" and any(len(part.whole) > 1 for part in ratio.parts)
        joint = (self.slash or self.over) if is_over else self.ratio  # "PA 130/85", and the set "6/3"
        return f" {joint} ".join(map(self.say_number, ratio.parts))

    def say_size(self, size: Size) -> str:
        """Say "two by four metres"."""
        *first, last = size.sides
        end = self.count(last, self.unit(size.unit, size.written)) if size.unit else self.say_number(last)
        return f" {self.by} ".join([*map(self.say_number, first), end])

    def say_hash(self, hash_: Hash) -> str:
        """Say "number seven"."""
        return f"{self.rank} {self.whole(hash_.digits)}"

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token."""
        match token:
            case Number():
                return self.say_number(token, self.counted(token, around))
            case Fraction():
                return self.amount(token, self.agreement(around))
            case Span():
                return self.say_span(token, around)
            case Year():
                return self.say_year(token, around) + final_stop(token.era, around)
            case Money():
                return self.say_money(token, around)
            case Percent():
                noun = self.percent if token.mark == "%" else self.per_mille
                return self.count(token.amount, noun, self.case_of(around))
            case Measure():
                return self.count(token.amount, self.unit(token.unit, token.written), self.case_of(around))
            case Clock(hour, int() as minute, None, "") if last_word(around.before) in self.lasting:
                hours, minutes = Number(str(hour)), Number(str(minute))
                return f"{self.count(hours, self.hour)} {self.and_part} {self.count(minutes, self.minute)}"
            case Clock():
                return self.say_clock(token, around) + final_stop(token.half_written, around)
            case Duration():
                return self.say_duration(token)
            case Date():
                return self.say_date(token, around)
            case Ratio():
                return self.say_ratio(token)
            case Size():
                return self.say_size(token)
            case Phone():
                return self.say_phone(token)
            case Code():
                return self.say_code(token)
            case Ordinal():
                return self.say_ordinal(token, around)
            case Roman():
                return self.say_roman(token, around)
            case Version():
                return self.say_version(token)
            case Address():
                return self.say_address(token)
            case Sign():
                return self.say_sign(token, around)
            case Power():
                return self.say_power(token)
            case Scientific(number, exponent):
                times = f"{self.signs['×']} {self.whole('10')} {self.say_power(Power(exponent))}"
                return f"{self.say_number(number)} {times}"
            case Unit(unit, written):
                noun = self.unit(unit, written)
                return noun.one if last_word(around.before) in self.before_one else noun.many
            case Hash():
                return self.say_hash(token)
            case Abbreviation():
                return f"{token.words}." if token.ends else token.words
            case Formula():
                return self.say_formula(token, around)
            case Said():
                return token.words
            case Emoji():
                return ""


def _is_pair(around: Around) -> bool:
    """Whether a slash stands between two amounts, of one unit or of units that tell the same."""
    first, last = _UNIT_BEFORE.search(around.before[-12:]), _UNIT_BEHIND.match(around.after)
    if first is None or last is None:
        return False
    return first[1] == last[1] or _SAME.fullmatch(last[1]) is not None


def is_no_division(around: Around) -> bool:
    """Whether a slash stands between letters that are no terms: "P/E", "CF/88", "10 a. m. PT / 1 p. m. ET"."""
    if "=" in around.before[-_LONGEST_WORD:] or "=" in around.after[:_LONGEST_WORD]:
        return False
    if _NOUN_BEFORE.search(around.before[-_LONGEST_WORD:]) and around.after[:1].isdecimal():
        return True  # "8 núcleos/16 hilos", "HTTP/2"
    if _LETTERS_BEFORE.search(around.before[-_LONGEST_WORD:]) is not None:
        return _LETTERS_BEHIND.match(around.after) is not None
    return False


_LOOSE_BEFORE: Final = re.compile(r"(?<!= )(?<!=)(?<![\w])[^\W\d_]{2,}\s\Z")
_LOOSE_BEHIND: Final = re.compile(r"\s[^\W\d_]{2}[^=]*\Z")
_NOUN_BEFORE: Final = re.compile(r"(?<![\w.=])(?:[a-zà-ÿ]{4,}|[A-Z]{3,5})\Z")
_LETTERS_BEFORE: Final = re.compile(r"(?<![\w.])[A-Z]{1,5}\Z|(?:[A-Z]{2,4}|\bm\.)\s\Z")
_LETTERS_BEHIND: Final = re.compile(
    r"[A-Z]{1,5}(?!\w)|[0-9]{2,4}(?![\w]|[.,:/][0-9])|\s[0-9]{1,2}\s?(?:[hap]|[A-Z]{2,4})\b"
)


def is_one(number: Number) -> bool:
    """Whether exactly one is counted."""
    return number.whole == "1" and not number.fraction and not number.scale


def is_spelled(letters: str) -> bool:
    """Whether letters of a code are said one by one."""
    return letters.isupper() and (len(letters) <= _LONGEST_SPELLED or not _VOWELS.search(letters))


def is_ordinal(ordinal: Ordinal, around: Around, articles: Container[str]) -> bool:
    """Whether "°" makes an ordinal and no degrees: an article stands in front, or a word behind a small number."""
    article = last_word(around.before)
    if _RANKED_NOUN.match(around.after) or (article in articles and (article != "a" or next_word(around.after))):
        return True  # but not "água a 30°"
    return len(ordinal.digits) == 1 and bool(next_word(around.after)) and ordinal.digits != "0"


# Nouns that are numbered and nobody's warmth: "il suo 15° podio".
_RANKED_NOUN: Final = re.compile(
    r"\s(?:posto|piano|podio|anniversario|compleanno|giorno|giro|minuto|titolo|gol|congresso|reggimento|capitolo|"
    r"trofeo|"
    r"anno|mese|secolo|successo|centro|turno|scudetto|incontro|lugar|puesto|aniversario|piso|cumpleaños|día|minuto|"
    r"título|"
    r"mes|año|siglo|andar|anivers[áa]rio|dia|ano|século|mandato|lote|batallón|batalhão|battaglione|premio|prêmio|"
    r"distrito|distretto|municipio)(?!\w)"
)


def final_stop(written: str, around: Around) -> str:
    """The full stop of an abbreviation, if it ends the sentence as well."""
    return "." if written.endswith(".") and not around.after.strip(" \"'”’)»") else ""


def with_capitals(abbreviations: Mapping[str, str]) -> dict[str, str]:
    """Add abbreviations as they begin a sentence: "Pág." for "pág."."""
    longest = {short: words for short, words in abbreviations.items() if len(short) > 2}
    return {short.capitalize(): words.capitalize() for short, words in longest.items()} | dict(abbreviations)


def closed(abbreviations: Mapping[str, str]) -> dict[str, str]:
    """Add abbreviations of several letters without their blanks: "i.d.R." for "i. d. R."."""
    spaced = {short: words for short, words in abbreviations.items() if _SPACED.fullmatch(short)}
    return {short.replace(" ", ""): words for short, words in spaced.items()} | dict(abbreviations)


_SPACED: Final = re.compile(r"(?:[^\W\d_]{1,3}\. )+[^\W\d_]{1,3}\.")


def full_year(digits: str) -> str:
    """The year of "5/11/24": one of this century until its middle."""
    return f"{'20' if digits < '50' else '19'}{digits}" if len(digits) == 2 else digits


_LAST_WORD: Final = re.compile(r"([^\W\d_]+)['’.]?\s*\Z")


def last_word(text: str) -> str:
    """The word at the end of a text, in lower case."""
    found = _LAST_WORD.search(text[-_LONGEST_WORD:])
    return found[1].lower() if found else ""


_NEXT_WORD: Final = re.compile(r"\s([^\W\d_]+)")


def next_word(text: str) -> str:
    """The word at the beginning of a text behind a blank, as written."""
    found = _NEXT_WORD.match(text)
    return found[1] if found else ""


def roman(letters: str) -> int:
    """The value of a Roman number up to 89; 0 if the letters are none."""
    found = re.fullmatch(r"(XL|L?X{0,3})(IX|IV|V?I{0,3})", letters)
    if not found:
        return 0
    worth = {"I": 1, "V": 5, "X": 10, "L": 50}
    values = [worth[letter] for letter in letters]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def as_amount(token: Token) -> Amount:
    """The end of a range that is counted."""
    if isinstance(token, (Number, Fraction, Span)):
        return token
    msg = f"a range of {type(token).__name__} counts nothing"
    raise TypeError(msg)


def spelled_out(number: Number) -> Number:
    """Thousands are digits: 1.5k is 1500. Of "1,2345k" the scale stays."""
    if number.scale != 3 or len(number.fraction) > 3:
        return number
    return Number((number.whole + number.fraction.ljust(3, "0")).lstrip("0") or "0", sign=number.sign)


@lru_cache(REMEMBERED)
def currency_forms(currency: str, locale: str) -> tuple[str, str, str]:
    """A currency's forms behind 1, 2 and 5, as CLDR has them."""
    one, few, many = (get_currency_name(currency, count, locale=locale) for count in (1, 2, 5))
    return one, few, many


@lru_cache(REMEMBERED)
def unit_forms(unit: str, locale: str) -> tuple[str, str, str, str]:
    """A unit's forms behind 1, 2, 5 and 1.5, as CLDR has them; "" if CLDR does not know it."""
    for kind in KINDS:
        try:
            said = [format_unit(count, f"{kind}-{unit}", locale=locale) for count in (1, 2, 5, 1.5)]
        except (UnknownUnitError, UnknownLocaleError):
            continue
        one, few, many, part = (re.sub(r"^[\d.,]+\s*", "", words) for words in said)
        return one, few, many, part
    return "", "", "", ""
