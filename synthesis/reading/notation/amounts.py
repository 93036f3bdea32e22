"""Numbers and what is counted with them: money, shares, quantities, ranges, fractions, ratios, ordinals, years."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import (
    Fraction,
    Hash,
    Measure,
    Money,
    Number,
    Ordinal,
    Percent,
    Ratio,
    Size,
    Span,
    Version,
    Year,
)
from .units import BEHIND_BLANK, CURRENCIES, UNITS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .customs import Customs
    from .tokens import PlusMinus, Token

    Match: TypeAlias = tuple[int, Token] | None

# Blanks that stand between groups of digits: no-break, figure, thin and narrow no-break space.
_GROUP_BLANKS: Final = "\u00a0\u2007\u2009\u202f"
_PLAIN: Final = {ord(blank): " " for blank in "\u00a0\u202f"}  # inside a unit: "ч. л."
_VULGAR: Final = {
    "½": ("1", "2"), "⅓": ("1", "3"), "⅔": ("2", "3"), "¼": ("1", "4"), "¾": ("3", "4"), "⅕": ("1", "5"),
    "⅖": ("2", "5"), "⅗": ("3", "5"), "⅘": ("4", "5"), "⅙": ("1", "6"), "⅚": ("5", "6"), "⅐": ("1", "7"),
    "⅛": ("1", "8"), "⅜": ("3", "8"), "⅝": ("5", "8"), "⅞": ("7", "8"), "⅑": ("1", "9"), "⅒": ("1", "10"),
}  # fmt: skip
_VULGARS: Final = "".join(_VULGAR)
_FRACTION: Final = re.compile(
    rf"(?:(?P<whole>[0-9]{{1,4}})[ \u00a0]?)?(?P<vulgar>[{_VULGARS}])"
    r"|(?:(?P<mixed>[0-9]{1,4}(?=[ \u00a0])|[0-9]{1,2}(?=-[1-9][/⁄](?:[2-9]|16)(?![0-9])))"
    r"[ \u00a0-](?=[0-9]+[/⁄][0-9]))?"
    r"(?P<top>[0-9]{1,4})[/⁄](?P<bottom>[0-9]{1,4})(?![0-9]|[/.][0-9])"
)
# Bottoms of fractions as people write them; "24/7", "50/50" and "120/80" are none.
_BOTTOMS: Final = frozenset((*range(2, 11), 12, 16, 32, 64))
# "1/20 of them"; but "page 1/20" is the first of twenty.
_ROUND_BOTTOMS: Final = frozenset((20, 25, 30, 40, 50, 60, 80, 100, 200, 250, 500, 1000))
_MONTHS: Final = 12
_ROUND_BOTTOMS_END: Final = 100
_REACH: Final = 24
_COUNTED_OFF: Final = re.compile(
    r"\b(?:page|step|part|day|lesson|question|seite|schritt|teil|tag|lektion|frage|folge|étape|partie|jour|leçon|página|"
    r"paso|parte|día|pagina|passo|giorno|dia|etapa|страница|стр|шаг|часть|день|урок|вопрос|серия)\.?\s\Z",
    re.IGNORECASE,
)
_FACTOR_IN_FRONT: Final = re.compile(r"(?:[×*÷+/=·⋅]\s?\(|√)\Z")  # "3 × (8 - 2)", "√2 - 1"
_DASH: Final = re.compile(r"(?:[-‐‑–—](?![-–—])|[~〜～]|\s[–—~〜～]\s|\s-\s)")
_RATIO: Final = re.compile(r"([0-9]+(?:[.,][0-9]+)?)[:∶]([0-9]+(?:[.,][0-9]+)?)(?:[:∶]([0-9]+))?(?![:∶]?[0-9])")
_SIZE: Final = re.compile(r"\s?[x×X]\s?(?=[0-9])")
_POWER_FOLLOWS: Final = re.compile(r"[⁺⁻⁰¹²³⁴-⁹]|\^|\*\*")
_DIGIT_GROUPS_FOLLOW: Final = re.compile(r"[-–][0-9A-Z]")
_VERSION: Final = re.compile(r"(?P<prefix>[vV]\.?\s?)?(?P<parts>[0-9]{1,5}(?:\.[0-9]{1,5})+)(?![0-9])")
_IP_PARTS: Final = 4
_BYTE: Final = 255
_FIRST_YEAR: Final = 1100
_LAST_YEAR: Final = 2099
_YEAR_DIGITS: Final = 4
_QUARTER_BEHIND: Final = re.compile(r"\s?[QH][1-4](?![A-Za-z0-9])")
_WORD_BEFORE: Final = re.compile(r"([^\W\d_]+)[.]?\s?[(]?\Z")
_PROGRAM_BEFORE: Final = re.compile(r"([^\W\d_]+)(?:-[ABC])?[.]?\s?(?:[(]|[<>≤≥~^=]{1,2}\s?)?\Z")  # "Python ≥3.10"
_PERCENT: Final = re.compile(r"[ \u00a0\u202f]?([%‰٪])")
_PER: Final = re.compile(
    r"\s?/\s?((?:sq|cu)\.?\s(?:ft|mi|m)(?!\w)|[^\W\d_]+(?:[·⋅*-][чh](?!\w))?)(?:\.(?=\s[a-zß-ÿа-я(]|[,;)]))?"
)
# Where words run on without blanks, one that is known, or its first character: "¥12/月的Plus版".
_PER_CLOSE: Final = re.compile(
    r"\s?/\s?([A-Za-z]+|小[时時]|分[钟鐘]|公[里斤]|平[方米]米?|千[克瓦]时?|[學学]期|[季]度|人[天次]|時間|時|か月|ヶ月|[ァ-ヴー]{2,8}|盎司|加[仑侖]|用[户戶]|[设設][备備]|席位|[间間]夜|시간|개월|온스|학기|[^\W\d_])"
)
_PER_WORD: Final = re.compile(
    r"\s(?:pro|je|per|por|el|par|le|la|al|o|a|za|за)\s(?:l|kWh|Liter|Kilowattstunde|Gallone|litro|litre|kilovatio|galón|"
    r"gallon|kilowattora|quilowatt|литр|киловатт)"
)
_OPERATOR: Final = re.compile(r"\s?[=+*×÷≈<>]")
_TERM_BEHIND: Final = re.compile(r"\s?[×÷=]")
_TERM_BEFORE: Final = re.compile(r"[0-9A-Za-z)]\s?[+*×÷]\s?\Z")
_CLOSED_TERM: Final = re.compile(r"\)\s?[×*/÷^=+²³-]")
_EQUALS: Final = re.compile(r"\s?=")
_SUM: Final = re.compile(r"\s?[=≈+*×÷<>-]")
_MOST_SIDES: Final = 3
_EQUATION: Final = re.compile(r"[0-9a-z!)]\s?=\s?[0-9]")
_REACH_OF_EQUATION: Final = 40  # characters: it stands in the same sentence
_FACTOR: Final = re.compile(r"[1-9]/[2-9]\s?(?:π|[a-zA-Z][²³])")  # "4/3 πr³"
_YEAR: Final = re.compile(r"[0-9]{1,4}(?![0-9]|[.,/:][0-9])")
_HASH: Final = re.compile(r"[#№]\s?([0-9]{1,9})(?![\w-]|[.,][0-9])", re.ASCII)
# Letters that scale an amount of money in any language: "$1.5M".
_MONEY_SCALES: Final = {"k": 3, "K": 3, "m": 6, "M": 6, "mn": 6, "b": 9, "B": 9, "bn": 9, "T": 12}
_MONEY_SCALE: Final = re.compile(r"(?:bn|mn|[kKmMbBT])(?![A-Za-z0-9/²³])")
# A decimal comma where the language writes a point: "12,50 €".
_COMMA: Final = r"(?P<foreign>[0-9]{1,9}),(?P<foreign_fraction>[0-9]{1,2})(?![.,][0-9])"
# Groups with plain blanks, which other numbers side by side do not look like: "350 000", "1 234 567".
_ROUND: Final = "[0-9]{1,3}(?: 000| [0-9]{3}(?= [0-9]{3}(?![0-9])))+(?: [0-9]{3})?(?![0-9])"


# What is counted by the billion in chats; "option 8 B" counts nothing.
_COUNTED_SO: Final = re.compile(
    r"\s(?:parameters?|params|tokens?|users|people|dollars|euros|years|views|requests|rows|records)\b|\s?[$€£¥₩₹]"
)


_UNITS_BY_THOUSANDS: Final = frozenset("克瓦米卡帕伏焦牛赫字")
_NUMBERED_REACH: Final = len("apartment. ")  # characters, the longest of these
_NUMBERED: Final = re.compile(
    r"\b(?:fig|figs|figure|figures|table|tables|step|question|exercise|problem|part|item|page|exhibit|appendix|chapter|"
    r"section|clause|paragraph|level|class|grade|room|gate|seat|row|flat|apartment|suite|unit|platform|building|version|"
    r"rm|zone|lot|bay|booth|locker|cabin|lane|track|exit|option|episode|stage|phase|type|bus|route|line|size)"
    r"\.?\s?\Z",
    re.IGNORECASE,
)


def _is_name(text: str, at: int, scale: re.Match[str]) -> bool:
    """Whether a letter names something: "option 8 B", "Fig. 3b", the unknown of "2b = 5", 千 of "0.45千克"."""
    if scale[1] == "千" and text[scale.end() : scale.end() + 1] in _UNITS_BY_THOUSANDS:
        return True
    if len(scale[1]) == 1 and scale[0] == scale[1] and _NUMBERED.search(text, max(0, at - _NUMBERED_REACH), at):
        return True
    if len(scale[1]) == 1 and scale[1].islower() and _EQUALS.match(text, scale.end()):
        return True
    if scale[1] not in ("B", "K", "T") or text[scale.start(1) - 1].isdigit():
        return False
    is_money = unicodedata.category(text[at - 1 : at] or " ") == "Sc"
    return not is_money and _COUNTED_SO.match(text, scale.end()) is None


# Units of one letter that are taken for one behind a blank if there is something electric near them: "a 16 A fuse".
_OF_CURRENT: Final = frozenset("AАВ")
_CURRENT: Final = re.compile(
    r"[0-9][\s\u00a0]?[kmMкмМ]?(?:V|W|Ω|Hz|VA|Ah|Wh|Вт|Ом|Гц|ВА)(?!\w)|[0-9][.,][0-9]{1,2}\s[AАВ](?!\w)|"
    r"[0-9]\s(?:А(?!\w).*\sВ|В(?!\w).*\sА)(?!\w)"
    r"|(?i:\b(?:fuse|socket|breaker|circuit|charger|outlet|sicherung|steckdose|fusible|enchufe|prise|disjoncteur|"
    r"fusibile|c[ao]ric|carg|corrent|corrient|ladeger|lader|chargeur|courant|strom|电流|電流|전류|퓨즈|콘센트|コンセント|ヒューズ|插座|保险丝|充电|充電|충전|"
    r"presa|fusível|tomada|disjuntor|розетк|предохранител|автомат|заряд|батаре|сил[аы] тока))"
)


_APART: Final = re.compile(r"(?:\A|[\s(])[0-9]+\Z")
_LONGEST_APART: Final = len(" 875A")


def _is_current(unit: re.Match[str]) -> bool:
    """Whether a letter behind a number and a blank is a current's or a tension's."""
    return _CURRENT.search(unit.string, max(0, unit.start() - 40), unit.end() + 40) is not None


class Amounts:
    """The rules, made for a language's customs.

    Attributes:
        heads: words at which a rule may hold.
    """

    def __init__(self, customs: Customs) -> None:
        self._customs = customs
        self._currencies = CURRENCIES | dict(customs.currencies)
        shared = {written: unit for written, unit in UNITS.items() if written not in customs.no_units}
        self._units = shared | dict(customs.units)
        self.heads = {written for written in self._currencies if written[0].isalpha()} | {"v", "version"}
        own, other = customs.decimal, "," if customs.decimal == "." else "."
        blanks = _GROUP_BLANKS + (" " if customs.has_blank_groups else "")
        thousands = rf"[{re.escape(customs.thousands)}{blanks}]"
        edge = r"(?![\w])" if customs.is_spaced else r"(?![A-Za-z0-9])"
        # A number as the language writes it; as the others write it, where both marks tell that; with the other
        # decimal mark, where it cannot stand between thousands.
        groups = rf"[0-9]{{1,3}}(?:{re.escape(own)}[0-9]{{3}})"
        swapped = rf"(?P<swapped>{groups}+){re.escape(other)}(?P<swapped_fraction>[0-9]+)"
        swapped += rf"|(?P<millions>{groups}{{2,}})(?![0-9]|[.,][0-9])"
        foreign = (
            r"|(?P<foreign>[0-9]+)\.(?P<foreign_fraction>[0-9]{1,2}(?![0-9]|\.[0-9])|[0-9]{4,}(?![0-9]|\.[0-9]))"
            if own == ","
            else ""
        )
        self._number = re.compile(
            rf"(?P<sign>[-+±])?(?:{swapped}"
            rf"|(?P<whole>[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+(?![0-9])|{_ROUND}|"
            rf"[0-9]++)(?:{re.escape(own)}(?P<fraction>[0-9]++))?(?!{re.escape(own)}[0-9])"
            rf"|{re.escape(own)}(?P<only>[0-9]+))"
        )
        self._foreign = re.compile(rf"(?P<sign>[-+±])?(?:{foreign[1:] or _COMMA})(?![0-9])")
        self._scale = _words(customs.scales, edge)
        self._unit = _words(self._units, r"(?![\w²³'’]|\.[a-z]\.)" if customs.is_spaced else r"(?![A-Za-z0-9²³])")
        self._currency_before = _words(self._currencies, "")
        self._currency_after = _words(self._currencies, edge)
        self._ordinal = (
            re.compile(
                rf"(?P<digits>[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+|[0-9]+)(?P<mark>{customs.ordinal_marks}){edge}"
            )
            if customs.ordinal_marks
            else None
        )
        self._era = re.compile(rf"\s?({customs.eras})(?!\w)") if customs.eras else None

    def read(self, text: str, at: int) -> Match:
        """Read an amount, or two with a dash between them."""
        for rule in (self._read_version, self._read_hash, self._read_ordinal, self._read_ratio, self._read_size):
            if (special := rule(text, at)) is not None:
                return special
        first = self._read_one(text, at)
        if first is None:
            return None
        return self._read_range(text, at, *first) or self._read_year(text, at) or first

    def number(self, text: str, at: int, *, may_scale: bool = True, may_sign: bool = True) -> tuple[int, Number] | None:
        """Read a number in digits."""
        found = self._foreign.match(text, at)
        if found is not None and self._customs.decimal == "." and not self._is_counted(text, at, found.end()):
            found = None
        names = ("foreign", "foreign_fraction") if found is not None else ("whole", "fraction")
        if found is None:
            found = self._number.match(text, at)
            if found is None:
                return None
            if found["swapped"]:
                names = ("swapped", "swapped_fraction")
            elif found["millions"]:
                names = ("millions", "fraction")
            elif found["only"]:
                names = ("", "only")
        if found["sign"] and not (may_sign and self._may_have_sign(text, at)):
            return None
        if names[0] == "" and (self._continues(text, at) or text[at - 1 : at] == "."):
            return None  # "114...48"
        whole = re.sub(r"[^0-9]", "", found[names[0]]) if names[0] else ""
        fraction = found[names[1]] or ""
        mark = found.string[found.start(names[1]) - 1] if fraction else ""
        sign: PlusMinus = {"-": "-", "+": "+", "±": "±"}.get(found["sign"] or "", "")  # type: ignore[assignment]
        end, scale = found.end(), 0
        if may_scale and (scaled := self._scale.match(text, end)) is not None and not _is_name(text, at, scaled):
            end, scale = scaled.end(), self._customs.scales[scaled[1]]
        return end, Number(whole, fraction, sign, mark, scale)

    def _is_counted(self, text: str, at: int, end: int) -> bool:
        """Whether a currency, a unit or a scale stands beside a number, so that its one comma is a decimal mark."""
        unit = self._unit.match(text, end)
        return (
            text[max(0, at - 2) : at].rstrip()[-1:] in self._currencies
            or _PERCENT.match(text, end) is not None
            or self._scale.match(text, end) is not None
            or self._currency_after.match(text, end) is not None
            or (unit is not None and not self._is_no_unit(end, unit))
        )

    def _continues(self, text: str, at: int) -> bool:
        """Whether a word stands close in front; where words run on without blanks, one in Latin letters or digits."""
        before = text[at - 1 : at]
        return before.isalnum() and (self._customs.is_spaced or before.isascii())

    @staticmethod
    def _may_have_sign(text: str, at: int) -> bool:
        """Whether a sign in front of digits is theirs: nothing, a blank or an opening mark stands before it."""
        return (
            not at
            or text[at - 1].isspace()
            or text[at - 1] in "([{|=<>≤≥≈~,;:$€£¥（「『“\"'，。：、—"
            or text[at - 1] > "⺀"
        )

    def _read_one(self, text: str, at: int) -> Match:
        money = self._read_money_sign_first(text, at)
        if money is not None:
            return money
        counted: tuple[int, Number | Fraction] | None = self._fraction(text, at) or self.number(
            text, at, may_scale=False
        )
        if counted is None:
            return None
        end, amount = counted
        if text[at].isdecimal() and self._continues(text, at):
            return counted  # of "3f2b"
        is_division = isinstance(amount, Fraction) and not self._is_fraction(text, at, amount)
        if (found := self._read_mark(text, end, amount)) is not None:
            if not is_division:
                return found
            # "120/80 mmHg" is no part of a millimeter.
            parts = (Number(amount.top, sign=amount.sign), Number(amount.bottom))  # type: ignore[union-attr] # a fraction
            if not isinstance(found[1], Measure):
                return end, Ratio(parts, "/")
            return found[0], Ratio(parts, "/", found[1].unit, found[1].written)
        if isinstance(amount, Number):
            scaled = self.number(text, at)
            if scaled is not None and scaled[1].scale:
                return self._read_mark(text, *scaled) or scaled
        elif is_division:
            return end, Ratio((Number(amount.top, sign=amount.sign), Number(amount.bottom)), "/")
        return counted

    def _read_mark(self, text: str, end: int, amount: Number | Fraction) -> Match:
        """Read what stands behind a number: a percent sign, a currency, a unit."""
        behind = _PERCENT.match(text, end)
        if behind is not None:
            return behind.end(), Percent(amount, "‰" if behind[1] == "‰" else "%")
        unit = self._unit.match(text, end)
        if unit is not None and not self._is_no_unit(end, unit):
            return self._rate(text, unit.end(), Measure(amount, self._unit_named(unit[1]), unit[1]))
        currency = self._currency_after.match(text, end)
        if currency is not None and not (currency[0] != currency[1] and self._begins_amount(text, currency)):
            code = self._currencies[currency[1]]
            end, per = self._per(text, currency.end())
            is_exact = bool(per) or (isinstance(amount, Number) and self._is_price(text, end, amount))
            return end, Money(amount if is_exact else _without_decimals(amount), code, currency[1], per)
        return None

    def _unit_named(self, written: str) -> str:
        return self._units[written.translate(_PLAIN)]

    def _rate(self, text: str, end: int, measure: Measure) -> tuple[int, Measure]:
        """Read a second unit behind a slash: "5 μg/mL"."""
        below = self._unit.match(text, end + 1) if text[end : end + 1] == "/" else None
        if below is None or below[0] != below[1]:
            return end, measure
        unit = f"{measure.unit}-per-{self._unit_named(below[1])}"
        return below.end(), replace(measure, unit=unit, written=f"{measure.written}/{below[1]}")

    def _begins_amount(self, text: str, currency: re.Match[str]) -> bool:
        """Whether a sign behind a blank belongs to the number behind it: "3 $5 notes"."""
        return text[currency.end() : currency.end() + 1].isdigit()

    @staticmethod
    def _is_no_unit(end: int, unit: re.Match[str]) -> bool:
        written = unit[1]
        has_blank = unit.end() - end > len(written)
        if written == "с" and re.compile(r"\s(?!(?:и|или|до|на|после|при|быстрее|позже)(?:\s|\Z))[^\W\d]").match(
            unit.string, unit.end()
        ):
            return True  # "5 с половиной"
        if written == "ac" and not has_blank:
            return True  # the factors of b² − 4ac
        if len(written) == 1 and written.isalpha():
            if has_blank and written not in BEHIND_BLANK:
                return written not in _OF_CURRENT or not _is_current(unit)
            is_apart = _APART.search(unit.string, max(0, end - _LONGEST_APART), end) is not None
            if (
                not has_blank and written == "A" and is_apart and not _is_current(unit)
            ):  # the bus "875A", the seat "14A"
                return True
            if not has_blank and written in "BKTN":  # thousands, billions, a building's wing
                return True
        return False

    def _read_money_sign_first(self, text: str, at: int) -> Match:
        sign: PlusMinus = ""
        if text[at] in "-+±" and self._may_have_sign(text, at):
            sign = text[at]  # type: ignore[assignment]
            at += 1
        elif at and text[at].isalpha() and text[at - 1].isalnum() and text[at - 1].isascii():
            return None
        currency = self._currency_before.match(text, at)
        if currency is None:
            return None
        written = currency[1]
        if written.lower() in self._customs.version_cues:  # "PHP 8.2"
            return None
        start = currency.end()
        if text[start : start + 1] in (" ", "\u00a0", "\u202f"):
            start += 1
        counted = self.number(text, start, may_sign=True)
        if counted is None:
            return None
        end, number = counted
        if not number.scale and (letter := _MONEY_SCALE.match(text, end)) is not None:
            end, number = letter.end(), replace(number, scale=_MONEY_SCALES[letter[0]])
        if sign:
            number = replace(number, sign=sign)
        code = self._currencies[written]
        # "$1,500.50 MXN": the code tells which dollar or peso it is.
        told = re.compile(r"[ \u00a0]?([A-Z]{3})(?!\w)").match(text, end) if written.endswith("$") else None
        if told is not None and told[1] in self._currencies:
            end, code = told.end(), self._currencies[told[1]]
        end, per = self._per(text, end)
        is_exact = bool(per) or self._is_price(text, end, number)
        return end, Money(number if is_exact else _without_decimals(number), code, written, per)

    def _is_price(self, text: str, end: int, number: Number) -> bool:
        """Whether three decimals are no thousands: "$3.459 per gallon", "1,759 € pro Liter"; not "$1,000"."""
        if number.mark != self._customs.decimal or len(number.fraction) != 3 or number.fraction.endswith("00"):
            return False
        return number.mark == "." or _PER_WORD.match(text, end) is not None

    def _per(self, text: str, end: int) -> tuple[int, str]:
        per = (_PER if self._customs.is_spaced else _PER_CLOSE).match(text, end)
        return (per.end(), per[1]) if per is not None else (end, "")

    def _fraction(self, text: str, at: int) -> tuple[int, Fraction] | None:
        sign: PlusMinus = ""
        start = at
        if text[at] in "-+±" and self._may_have_sign(text, at):
            sign = text[at]  # type: ignore[assignment]
            start += 1
        found = _FRACTION.match(text, start)
        if found is None or (at and text[at - 1] in "/⁄"):
            return None
        if found["vulgar"]:
            top, bottom = _VULGAR[found["vulgar"]]
            return found.end(), Fraction(top, bottom, found["whole"] or "", sign)
        if text[found.end() : found.end() + 1] == "/":
            return None
        return found.end(), Fraction(found["top"], found["bottom"], found["mixed"] or "", sign)

    def _is_fraction(self, text: str, at: int, fraction: Fraction) -> bool:
        if any(vulgar in text[at : at + 8] for vulgar in _VULGARS) or fraction.whole or _FACTOR.match(text, at):
            return True
        top, bottom = int(fraction.top), int(fraction.bottom)
        is_written = fraction.top[0] != "0" and fraction.bottom[0] != "0"
        is_no_month = self._customs.date_order == "dmy" and _MONTHS < bottom < _ROUND_BOTTOMS_END
        is_small = (
            top == 1
            and (bottom in _ROUND_BOTTOMS or is_no_month)
            and _COUNTED_OFF.search(text, max(0, at - _REACH), at) is None
        )
        if is_written and (is_small or (fraction.sign == "-" and top < bottom)):
            return True
        return is_written and (top < bottom or top % 2 != 0) and bottom in _BOTTOMS and (top, bottom) != (24, 7)

    def _read_range(self, text: str, at: int, end: int, first: Token) -> Match:
        dash = _DASH.match(text, end)
        if dash is None or dash.end() == len(text) or isinstance(first, Ratio):
            return None
        second = self._read_one(text, dash.end())
        if second is None or (text[dash.end()] in "-+±" and dash[0].strip() not in "~〜～"):  # "-15~-8℃"
            return None
        last_end, last = second
        if _DIGIT_GROUPS_FOLLOW.match(text, last_end) or text[at - 1 : at] in ("-", "–"):
            return None
        is_minus = dash[0] == " - "
        if (_OPERATOR if is_minus else _EQUALS).match(text, last_end):  # "10-3=7"
            return None
        if is_minus and text[at - 1 : at] == "(" and _CLOSED_TERM.match(text, last_end):  # "(72 - 32) × 5"
            return None
        if is_minus and _FACTOR_IN_FRONT.search(text, max(0, at - 4), at):
            return None
        if is_minus and _OPERATOR.match(text[max(0, at - 2) : at].lstrip()):
            return None
        if _TERM_BEHIND.match(text, last_end) or _TERM_BEFORE.search(text, max(0, at - 3), at):  # "3×4-5÷1"
            return None
        match first, last:
            case Number(), Number():
                return self._read_plain_range(text, dash[0], first, last_end, last)
            case ((Number() | Fraction()), (Measure() | Percent() | Money())) if isinstance(
                last.amount, Number | Fraction
            ):
                if isinstance(last, Money) and text[dash.end()].isdigit() is False and text[dash.end()] not in _VULGARS:
                    return last_end, Span(first, last)  # the sign stands in front: "5-$10"
                return last_end, replace(last, amount=Span(first, last.amount))
            case Money(), Number() if not first.per and text[at] not in "0123456789":
                last_end, per = self._per(text, last_end)
                return last_end, replace(first, amount=Span(first.amount, last), per=per)
            case (
                (Money(), Money())
                | (Measure(), Measure())
                | (Percent(), Percent())
                | (Fraction(), Number() | Fraction())
                | (Number(), Fraction())
            ):
                return last_end, Span(first, last)
            case _:
                return None

    def _read_plain_range(self, text: str, dash: str, first: Number, end: int, last: Number) -> Match:
        if first.whole[:1] == "0" != first.whole or last.whole[:1] == "0" != last.whole:
            return None
        if self._is_year(first) and (self._is_year(last) or (len(last.whole) == 2 and last.whole > first.whole[2:])):
            era = self._era.match(text, end) if self._era is not None else None
            end = era.end() if era is not None else end
            return end, Span(Year(first.whole), Year(last.whole, era[1] if era is not None else ""))
        if text[end : end + 1].isalnum() and self._customs.is_spaced:
            return None
        is_score = dash == "-" and not first.fraction and not last.fraction and not last.scale
        if is_score and int(first.whole or "0") >= int(last.whole or "0"):
            return end, Ratio((first, last), "-")
        return end, Span(first, last)

    @staticmethod
    def _is_year(number: Number) -> bool:
        return (
            len(number.whole) == _YEAR_DIGITS
            and not (number.fraction or number.sign or number.scale)
            and _FIRST_YEAR <= int(number.whole) <= _LAST_YEAR
        )

    def _read_year(self, text: str, at: int) -> Match:
        """Read four digits behind a word that tells a year, or digits with an era behind them."""
        digits = _YEAR.match(text, at)
        if digits is None:
            return None
        if self._era is not None and (era := self._era.match(text, digits.end())) is not None:
            return era.end(), Year(digits[0], era[1])
        if not self._is_year(Number(digits[0])):
            return None
        before = _WORD_BEFORE.search(text, max(0, at - 40), at)
        word = before[1].lower() if before is not None else ""
        is_quarter = re.search(r"\b(?:[QH][1-4]|FY)\s\Z", text[max(0, at - 4) : at]) is not None
        is_quarter = is_quarter or _QUARTER_BEHIND.match(text, digits.end()) is not None
        if (
            is_quarter
            or word in self._customs.year_cues
            or (text[at - 1 : at] == "(" and text[digits.end() : digits.end() + 1] == ")")
        ):
            return digits.end(), Year(digits[0])
        return None

    def _read_ordinal(self, text: str, at: int) -> Match:
        if self._ordinal is None or not text[at].isdigit():
            return None
        found = self._ordinal.match(text, at)
        digits = re.sub(r"[^0-9]", "", found["digits"]) if found is not None else ""
        return (found.end(), Ordinal(digits, found["mark"])) if found is not None else None

    @staticmethod
    def _read_hash(text: str, at: int) -> Match:
        found = _HASH.match(text, at)
        return (found.end(), Hash(found[1])) if found is not None else None

    def _read_ratio(self, text: str, at: int) -> Match:
        found = _RATIO.match(text, at)
        if found is None:
            return None
        return found.end(), Ratio(tuple(self._part(part) for part in found.groups() if part is not None), ":")

    def _part(self, part: str) -> Number:
        whole, mark, fraction = re.match(r"([0-9]+)([.,]?)([0-9]*)", part).groups()  # type: ignore[union-attr]
        if mark in tuple(self._customs.thousands) and len(fraction) == 3:
            return Number(whole + fraction)
        return Number(whole, fraction, mark=mark)

    def _read_size(self, text: str, at: int) -> Match:
        """Read sides with a cross between them; "6 × 7 = 42" and "3×10^8" are not sides."""
        if text.startswith(("0x", "0X"), at):
            return None
        sides: list[Number] = []
        end = at
        while (counted := self.number(text, end, may_scale=False, may_sign=False)) is not None:
            end, number = counted
            sides.append(number)
            cross = _SIZE.match(text, end)
            if cross is None:
                break
            if text[cross.start() :][:2] in (" x", " ×", " X") and cross[0][-1] != " ":
                break
            end = cross.end()
        if len(sides) < 2 or _POWER_FOLLOWS.match(text, end) or _PERCENT.match(text, end):
            return None  # "10000×2.1%" is reckoned
        if self._currency_after.match(text, end):  # "3 x 49,90 €"
            return None
        unit = self._unit.match(text, end)
        if unit is not None and not self._is_no_unit(end, unit):
            return unit.end(), Size(tuple(sides), self._unit_named(unit[1]), unit[1])
        if _SUM.match(text, end) or _SUM.match(text[max(0, at - 2) : at].lstrip()):
            return None
        is_reckoned = _EQUATION.search(text, max(0, at - _REACH_OF_EQUATION), at) is not None
        if len(sides) > _MOST_SIDES or (len(sides) == _MOST_SIDES and is_reckoned):
            return None  # "5! = 120, since 5 × 4 × 3 | × 2 × 1 = 120"
        return end, Size(tuple(sides))

    def _read_version(self, text: str, at: int) -> Match:
        if self._continues(text, at) or text[at - 1 : at] == ".":
            return None
        found = _VERSION.match(text, at)
        if found is None:
            return None
        parts = tuple(found["parts"].split("."))
        if found["prefix"]:
            return found.end(), Version(parts, found["prefix"].strip())
        if len(parts) == 2:
            before = _PROGRAM_BEFORE.search(text, max(0, at - 40), at)
            if before is None or before[1].lower() not in self._customs.version_cues:
                return None
            unit = self._unit.match(text, found.end())
            if unit is not None and not self._is_no_unit(found.end(), unit):
                return None  # "go 1.2 mi"
            return found.end(), Version(parts)
        is_grouped = all(len(part) == 3 for part in parts[1:])
        if is_grouped and (len(parts) != _IP_PARTS or any(part[0] == "0" or int(part) > _BYTE for part in parts[1:])):
            return None  # "1.000.000.000"
        is_address = len(parts) == _IP_PARTS and all(int(part) <= _BYTE for part in parts)
        return found.end(), Version(parts, is_address=is_address)


def _without_decimals(amount: Number | Fraction) -> Number | Fraction:
    """Money has no three decimals: "$1,000" is a thousand, whichever mark the language writes there."""
    if isinstance(amount, Number) and not amount.scale and len(amount.fraction) == 3 and len(amount.whole) < 4:
        return (
            replace(amount, whole=amount.whole + amount.fraction, fraction="", mark="")
            if amount.whole != "0"
            else amount
        )
    return amount


def _words(written: Iterable[str], edge: str) -> re.Pattern[str]:
    """A pattern for the longest of several strings behind at most one blank; what ends in a letter ends a word."""
    strings = sorted(written, key=len, reverse=True)
    escaped = {one: re.escape(one).replace(r"\ ", r"[ \u00a0\u202f]") for one in strings}
    # Letters follow words of Chinese, Japanese and Korean without a blank: "14万km".
    any_of = "|".join(escaped[one] + (edge if one[-1].isalnum() and one[-1] < "⺀" else "") for one in strings)
    return re.compile(rf"[ \u00a0\u202f]?({any_of})") if strings else re.compile(r"(?!)()")
