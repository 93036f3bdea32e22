"""What stands in Chinese, Japanese and Korean texts and in few others: "P12-P15", "138****5678", "▲2.1%", "Ⅲ"."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final, TypeAlias

from .cues import is_season
from .tokens import (
    Code,
    Date,
    Duration,
    Fraction,
    Measure,
    Number,
    Ordinal,
    Phone,
    Ratio,
    Roman,
    Said,
    Sign,
    Span,
    Version,
    Year,
)
from .units import UNITS

if TYPE_CHECKING:
    from .customs import Rule
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# How many characters in front of a place may tell what stands there: as many as the longest thing that is looked for.
REACH_OF_MARK: Final = 4  # a sign or a letter, or a digit and what it counts: "10秒"
REACH_OF_UNIT: Final = 8  # a number and its unit: "99.9 mg²"
REACH_OF_WORD: Final = 16  # a word such as "コンテキスト" and three characters behind it
REACH_OF_CLAUSE: Final = 32  # a word, and a number or a few words behind it
_REACH_OF_STANDARD: Final = 12  # "SQLSTATE " and "ISO/IEC "
_REACH_OF_SCORES: Final = 48  # six pairs such as "25-23、"
_MOST_RECKONED: Final = 24  # characters between a bracket and what is reckoned in it: "(1.5+2.5×3-"
_REACH_OF_BRACKET: Final = _MOST_RECKONED + 2  # the bracket, and the sign in front of it
_DASHES: Final = "-\u2010\u2011–—~～〜"
_DASH: Final = rf"\s?[{_DASHES}]\s?"
_SIGNS: Final = frozenset(f"{_DASHES}!/↑↓▲△▼*#+")
_DIGITS: Final = frozenset("0123456789")
_DAY: Final = r"(0?[1-9]|1[0-2])([./-])(0?[1-9]|[12]\d|3[01])"
# "2024.03.15-2025.03.14" and "2024/3/15-3/20"; the mark is the same all through.
_DATES: Final = re.compile(
    rf"((?:19|20)\d\d)([./-])(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01]){_DASH}"
    r"(?:((?:19|20)\d\d)\2)?(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?![\d/]|\.\d)"
)
_MONTHS: Final = re.compile(
    rf"((?:19|20)\d\d)([./-])(0?[1-9]|1[0-2]){_DASH}((?:19|20)\d\d)\2(0?[1-9]|1[0-2])(?![\d/]|[.-]\d)"
)
# "2024-08" and "2008.08", whose month begins with a zero; "08/2028".
_MONTH: Final = re.compile(
    r"((?:19|20)\d\d)(?:-(0[1-9]|1[0-2])(?!\s?(?:[年赛賽学學季]|シーズン|시즌))|\.(0[1-9])(?!\s?[元円원%％万萬만亿億억点點℃°]))"
    r"(?![\dA-Za-z/-]|[.:]\d)"
)
_MONTH_FIRST: Final = re.compile(r"(0[1-9]|1[0-2])/(20\d\d)(?![\d/]|\.\d)")
# "20240115", which counts nothing.
_COMPACT: Final = re.compile(
    r"((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?![\dA-Za-z_%％/-]|[.,]\d"
    r"|\s?[元円원块塊个個人名件次条條步字台台套股份点點万萬만亿億억개명건회])"
)
_SHORT_DATES: Final = re.compile(
    rf"(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01]){_DASH}(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?![\d/]|\.\d)"
)
# "12.15(월)", with its weekday behind it.
_DOTTED_DAY: Final = re.compile(
    r"(0?[1-9]|1[0-2])\.\s?(0?[1-9]|[12]\d|3[01])\.?(?=\s?[(（](?:[周週]|星期)?[一二三四五六日天月火水木金土월화수목금토일](?:曜日?|요일)?[)）])"
)
_LATE_IN_YEAR: Final = 11  # "12/29~1/3" passes the end of the year
_EARLY_IN_YEAR: Final = 2
_BOTTOMS: Final = frozenset((2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16))
# "P12-P15", "B1-B3", "T1~T3": two labels with the same letters.
_LABELS: Final = re.compile(rf"([A-Za-z]{{1,2}})(\d{{1,4}}){_DASH}\1(\d{{1,4}})(?![A-Za-z0-9]|[-.]\d)", re.ASCII)
_MODEL: Final = re.compile(r"\d{3,5}(?:X[TSE]?|X3D|U|H[SX]?|KF)(?![A-Za-z0-9])", re.ASCII)
_STANDARD: Final = re.compile(r"\d{3,6}(?:[.-]\d{1,4}){0,2}(?![\w]|[.,-]\d)", re.ASCII)
_STANDARD_CUE: Final = re.compile(
    r"(?<![A-Za-z])(?:(?:GB|YY|JB|HJ|DB)(?:/T)?|ISO(?:/IEC)?|IEC|IEEE|RFC|JIS [A-Z]|[RG]TX|RX|HTTP|HTTPS|SQLSTATE)\s?\Z"
)
# Of a camera, "ISO 800", which is no standard.
_SENSITIVITIES: Final = frozenset("100 125 160 200 250 320 400 500 640 800 1600 3200 6400 12800 25600 51200".split())
_DECADE: Final = re.compile(r"(1[89]\d0|20[0-2]0)s(?![A-Za-z0-9])", re.ASCII)
_HIDDEN: Final = re.compile(r"(\d{1,6})\s?(?:\*|\\\*|[×※•●＊]){3,}\s?(\d{1,6})(?!\d|[.,]\d)", re.ASCII)
_SAME_UNIT: Final = re.compile(r"[\d一二三四五六七八九十百]\s?([^\W\da-zA-Z]{1,3})\Z")
_BEHIND_DASH: Final = re.compile(rf"{_DASH}(?=(?:\d[\d.,]*|[一二三四五六七八九十百]{{1,3}})\s?([^\W\da-zA-Z]{{1,3}}))")
_CLOCK_AND_DAY: Final = re.compile(rf"{_DASH}(?=\d{{1,2}}\s?[月/월]\s?\d|\d{{1,2}}\.\d{{1,2}}\s\d{{1,2}}[:：])")
_CLOCK_BEFORE: Final = re.compile(r"\d[:：]\d\d\Z")
_LETTERS_BEFORE: Final = re.compile(r"[0-9]\s?[A-Za-zµμ]{1,3}[²³]?\Z|[0-9]\s?[^\W\da-zA-Z]{1,2}\Z")
_REASON: Final = r"[\d.+*×÷/ -]"
_OPENING: Final = re.compile(rf"(\A|.)\(({_REASON}{{0,{_MOST_RECKONED}}})\Z", re.DOTALL)
_CLOSING: Final = re.compile(rf"{_REASON}{{1,{_MOST_RECKONED}}}\)\s?([=+*×÷/²³^≈<>-]?)")
_OPERATOR: Final = frozenset("=+*×÷/^√-≈")
_OPERATORS_BEHIND: Final = frozenset("=+*×÷²³^≈")
_NUMBER: Final = re.compile(r"\d+(?:\.(\d+))?")
_OPENED: Final = re.compile(rf"-(?=\({_REASON}{{3,{_MOST_RECKONED}}}\)\s?[=+*×÷≈])")
_NAME_OF_MODEL: Final = re.compile(r"(?<![A-Za-z])[A-Z][a-z]\Z")
_FUNCTION_BEHIND: Final = re.compile(r"-\s?[A-Za-z]\(")  # "P(A)-P(B)"
_GRADE: Final = re.compile(r"(?<![A-Za-z0-9])[A-F]\Z")
_GRADE_BEHIND: Final = re.compile(r"-(?=[，。、；,;)）]|\s*\Z)")
_TWO_LETTERS: Final = re.compile(r"/(?=[A-Z](?![A-Za-z0-9/]))")
_LETTER_BEFORE: Final = re.compile(r"(?<![A-Za-z0-9/])[A-Z]\Z")
_MOVED: Final = re.compile(r"[↑↓▲△▼]\s?(?=\d[\d,.]*\s?(?:[%‰点點元円원$bp]|pt|ポイント|[万億亿]))")
_MOVED_BEHIND: Final = re.compile(r"[↑↓]")
_AMOUNT_BEFORE: Final = re.compile(r"\d\s?[%‰点點元円]?\Z")
_LABELLED: Final = re.compile(r"(\d{1,5}(?:\.\d)?)\s?([KMG])(?![A-Za-z0-9/])", re.ASCII)
_LABEL_CUE: Final = re.compile(
    r"(?:[宽寬][带帶频頻]|[带帶][宽寬]|流量|[网網]速|[内內]存|[显顯]存|下[载載]|上下文|[码碼]率|帯域|回線|メモリ|容量|通信量"
    r"|コンテキスト|대역폭|용량|메모리|데이터|컨텍스트)[^\d，。,.]{0,3}\Z|[a-z]:\Z"
)
# "1.5B" of a language model, which everybody calls by the letter.
_SIZE_OF_MODEL: Final = re.compile(r"\d{1,3}(?:\.(\d))?\s?B(?![A-Za-z0-9])")
_MODEL_CUE: Final = re.compile(
    r"(?:[参參][数數]量?|模型|パラメータ数?|モデル|파라미터|매개변수|모델)[^\d，。、,.]{0,4}\Z"
)
_MODEL_BEHIND: Final = re.compile(
    r"\s?(?:的?(?:[参參][数數]|模型|版本)|到\d|のモデル|パラメータ|モデル|파라미터|매개변수|모델)"
)
_LABEL_BEHIND: Final = re.compile(
    r"\s?(?:[宽寬][带帶]|光[纤纖]|流量|[网網]|[内內]存|[显顯]存|[带帶][宽寬]|上下文|[码碼]率|采[样樣]|tokens?|トークン|回線|토큰|인터넷|데이터)"
)


# Units of laboratories.
LABORATORY: Final = {
    **{f"{mu}mol": "micromole" for mu in "µμ"},
    **{f"{mu}mol/L": "micromole-per-liter" for mu in "µμ"},
    "nmol": "nanomole",
    "pmol": "picomole",
    "IU": "international-unit",
    **{f"{mu}F": "microfarad" for mu in "µμ"},
    "nF": "nanofarad",
    "pF": "picofarad",
    "mIU": "milli-international-unit",
    **{f"{mu}IU": "micro-international-unit" for mu in "µμ"},
    "pg": "picogram",
    "U/L": "enzyme-unit-per-liter",
    "N/kg": "newton-per-kilogram",
    "N/m": "newton-per-meter",
    "N/m²": "newton-per-square-meter",
    "N/cm²": "newton-per-square-centimeter",
    "N/C": "newton-per-coulomb",
    "V/m": "volt-per-meter",
    "J/kg": "joule-per-kilogram",
    "kJ/kg": "kilojoule-per-kilogram",
    "W/kg": "watt-per-kilogram",
    "r/min": "revolution-per-minute",
    **{
        f"{unit}{dot}h": f"{name}-hour"
        for dot in "·⋅"
        for unit, name in {"W": "watt", "kW": "kilowatt", "MW": "megawatt", "mA": "milliampere", "A": "ampere"}.items()
    },
}
# Units in one character, as input methods of East Asia offer them.
SQUARED: Final = {
    "㎍": "microgram", "㎎": "milligram", "㎖": "milliliter", "ℓ": "liter", "㎗": "deciliter", "㎘": "kiloliter",
    "㏄": "cubic-centimeter", "㎢": "square-kilometer", "㎠": "square-centimeter", "㎟": "square-millimeter",
    "㎤": "cubic-centimeter", "㎛": "micrometer", "㎚": "nanometer", "㎾": "kilowatt", "㎿": "megawatt",
    "㎽": "milliwatt", "㎐": "hertz", "㎑": "kilohertz", "㎒": "megahertz", "㎓": "gigahertz", "㏈": "decibel",
    "㎩": "pascal", "㎪": "kilopascal", "㎫": "megapascal", "㎉": "kilocalorie", "㎈": "calorie", "㏊": "hectare",
    "㎃": "milliampere", "㎸": "kilovolt", "㎅": "kilobyte", "㎆": "megabyte", "㎇": "gigabyte",
    "㎳": "millisecond", "㎲": "microsecond",
}  # fmt: skip
# What may stand between a word that tells a code and its digits: "验证码【4096】", "인증번호(4096)".
BEFORE_A_CODE: Final = "[\\[(（【《「『“\"'‘]?"


def listed_rule(digits: str, exchanges: str) -> Rule:
    """Make a rule for the number of a share in brackets behind its name, "茅台(600519)", or with its exchange.

    Args:
        digits: of the country's exchanges (a regular expression).
        exchanges: what may stand behind a dot, "HK", the same.
    """
    number = re.compile(rf"({digits})(?=[)）])|(\d{{4,6}})\.({exchanges})(?![A-Za-z])")

    def rule(text: str, at: int) -> Match:
        found = number.match(text, at) if text[at] in _DIGITS and text[at - 1 : at] not in _DIGITS else None
        if found is None:
            return None
        if found[2]:
            return found.end(), Code((found[2], ".", found[3]), is_secret=True)
        return (
            (found.end(), Code((found[1],), is_secret=True))
            if _NAME_AND_BRACKET.search(text, max(0, at - REACH_OF_MARK), at)
            else None
        )

    return rule


_NAME_AND_BRACKET: Final = re.compile(r"[^\W\d_][(（]\Z")


def read(text: str, at: int) -> Match:
    """Read what the rules of all languages do not know, or know otherwise."""
    first = text[at]
    if first in _DIGITS:
        before = text[at - 1 : at]
        is_inside = bool(before) and before.isascii() and (before.isalnum() or before in "._")
        return None if is_inside else _read_digits(text, at, before)
    if first in _SIGNS:
        return _read_sign(text, at, first)
    if first in "≒≅":
        return at + 1, Sign("≈", "between")
    if first in _GREEK:
        return at + 1, Sign(first, "alone")
    return _read_figure(text, at, first) if first in _FIGURES else None


def _read_figure(text: str, at: int, first: str) -> Match:
    """Read "Ⅲ", which is one character, and "①", behind which a list's entry begins."""
    value = int(unicodedata.numeric(first))
    if first in _ROMANS:
        return at + 1, Roman(value, unicodedata.normalize("NFKC", first))
    before, behind = text[at - 1 : at], text[at + 1 : at + 2]
    is_number = (
        behind in _REFERS
        or before in _REFERS
        or (bool(before) and before not in _BEGINS_ENTRY and not behind.isalpha())
    )
    return at + 1, Number(str(value)) if is_number else Ordinal(str(value), first)


_ROMANS: Final = frozenset(map(chr, (*range(0x2160, 0x216C), *range(0x2170, 0x217C))))  # Ⅰ to Ⅻ, ⅰ to ⅻ
# ① to ⑳, ❶ to ❿, ➀ to ➓, ⓵ to ⓾
_CIRCLED: Final = frozenset(map(chr, (*range(0x2460, 0x2474), *range(0x2776, 0x2794), *range(0x24F5, 0x24FF))))
_GREEK: Final = frozenset("ΓΔΘΛΠΣΦΨαβγδεζηθικλνξοπρςστυφχψω")
_FIGURES: Final = _ROMANS | _CIRCLED
_BEGINS_ENTRY: Final = frozenset(" \n\u2028。！？；;!?：:，,、")
_REFERS: Final = frozenset("和与與及或跟到的是为图圖表式题題をとやのはがに와과은는이가을를의")


def _read_digits(text: str, at: int, before: str) -> Match:
    end = at + 1
    while text[end : end + 1] in _DIGITS:
        end += 1
    behind = text[end : end + 2]
    if before in ("+", "-") and (zone := _ZONE.match(text, at)) and text[max(0, at - 4) : at - 1] in ("UTC", "GMT"):
        return zone.end(), Number(zone[1])
    is_behind_clock = before == "-" and _CLOCK_BEFORE.search(text, max(0, at - REACH_OF_UNIT), at - 1) is not None
    if (before == "-" and not is_behind_clock) or not behind:
        return _read_standard(text, at, end)
    if behind[0] in ":：-–" and (score := _read_scores(text, at)) is not None:
        return score
    if behind[0] == "/" and (season := _SEASON.match(text, at)) is not None and is_season("20" + season[1], season[2]):
        return season.end(), Span(Year(season[1]), Year(season[2]))
    if behind[0] in "'′’" and (lasting := _SECONDS.match(text, at)) is not None:
        return lasting.end(), Duration(None, int(lasting[1]), int(lasting[2] or lasting[3]))
    if (
        behind[0] in "N ."
        and (force := _FORCE.match(text, at))
        and (_FORCE_CUE.search(text, max(0, at - REACH_OF_UNIT), at) or _FORCE_BEHIND.match(text, force.end()))
    ):
        return force.end(), Measure(Number(text[at:end], force[1] or "", mark="."), "newton", "N")
    if behind[0] == "-" and before in ("=", "＝") and (grades := _GRADES.match(text, at)) is not None:
        return grades.end(), Code(tuple(re.findall(r"\d+|-", grades[0])))
    if behind[0] == "-" and (lines := _FORMATION.match(text, at)) is not None:
        return lines.end(), Code(tuple(re.findall(r"\d|-", lines[0])), is_secret=True)
    if behind[0] in " B" and end - at > _MOST_BILLIONS and (size := _BYTES.match(text, at)) is not None:
        return size.end(), Measure(Number(text[at:end]), "byte", "B")
    if (
        behind[0] in ".K "
        and (heat := _KELVIN.match(text, at))
        and _HEAT_CUE.search(text, max(0, at - REACH_OF_CLAUSE), at)
    ):
        return heat.end(), Measure(Number(text[at:end], heat[1] or "", mark="." if heat[1] else ""), "kelvin", "K")
    if behind[0] in "Lgkmc" and (priced := _PRICED.match(text, at)) is not None:
        return priced.end(), Measure(Number(text[at:end]), UNITS[priced[1]], priced[1])
    if behind[0] == "W" and (oil := _OIL.match(text, at)) is not None:
        return oil.end(), Code((oil[1], "W", oil[2]))
    if behind[0] == "V" and text[end + 1 : end + 2] == "型":
        return end + 1, Code((text[at:end], "V"))  # the size of a television
    if (
        behind[0] == ":"
        and (parts := _PARTS.match(text, at))
        and _PARTS_CUE.search(text, max(0, at - REACH_OF_UNIT), at)
    ):
        return parts.end(), Ratio(tuple(map(Number, parts[0].split(":"))))
    ports = _PORTS.match(text, at) if behind[0] == ":" else None
    if ports is not None and (_PORTS_BEHIND.match(text, ports.end()) or text[max(0, at - len("-p ")) : at] == "-p "):
        return ports.end(), Code((ports[1], ":", ports[2]))
    beat = _BEAT.match(text, at) if behind[0] == "/" else None
    if beat is not None:
        return beat.end(), Fraction(beat[1], beat[2])
    if (
        behind[0] == "/"
        and (part := _EQUATED.match(text, at))
        and _EQUATED_BEFORE.search(text, max(0, at - REACH_OF_MARK), at)
    ):
        return part.end(), Fraction(part[1], part[2])
    if (
        behind[0] in "./-"
        and (is_behind_clock or before not in _SLASH_OR_DOT)
        and (day := _DAY_AND_CLOCK.match(text, at)) is not None
    ):
        return day.end(), Date("", int(day[1]), int(day[2]), "md")
    if behind[0] == "," and _LISTED.match(text, at) and (_LIST_CUE.search(text, max(0, at - _REACH_OF_LIST), at)):
        return end, Number(text[at:end])
    if behind[0] == "." and (version := _VERSION.match(text, at)) is not None:
        return version.end(), Version(tuple(version[0].split(".")))
    if behind[0] in "./-" and (dates := _read_dates(text, at)) is not None:
        return dates
    if behind[0] in "*×※•●＊\\" or behind[1:2] in ("*", "※"):
        hidden = _HIDDEN.match(text, at)
        if hidden is not None:
            return hidden.end(), Phone((hidden[1], "*", hidden[2]))
    if behind[0] in "XUHK" and (model := _MODEL.match(text, at)) is not None:
        return model.end(), Code((model[0][: end - at], model[0][end - at :]), is_secret=True)
    if behind[0] == "s" and (decade := _DECADE.match(text, at)) is not None:
        return decade.end(), Year(decade[1], is_decade=True)
    if behind[0] in " B." and (size := _SIZE_OF_MODEL.match(text, at)) is not None:
        is_model = _MODEL_BEHIND.match(text, size.end()) or _MODEL_CUE.search(text, max(0, at - REACH_OF_WORD), at)
        if is_model:
            return size.end(), Measure(Number(text[at:end], size[1] or "", mark="." if size[1] else ""), "", "B")
    if behind[0] in " KMG." and (label := _LABELLED.match(text, at)) is not None:
        is_label = _LABEL_BEHIND.match(text, label.end()) or _LABEL_CUE.search(text, max(0, at - REACH_OF_WORD), at)
        whole, _, fraction = label[1].partition(".")
        return (label.end(), Measure(Number(whole, fraction, mark="."), "", label[2])) if is_label else None
    if behind[0] in " -" and _is_reckoned(text, at, end):
        number = _NUMBER.match(text, at)
        return None if number is None else (number.end(), Number(text[at:end], number[1] or ""))
    return _read_standard(text, at, end)


def _read_scores(text: str, at: int) -> Match:
    """Read "21:25" beside "25:23", and "19-21" beside "21-18".

    One that is no time of the day, or no range, tells what all of a row are.
    """
    found = _SCORE.match(text, at)
    if found is None or text[at - 1 : at] in tuple("-–:："):
        return None
    mark = ":" if found[2] in ":：" else "-"
    before, behind = _SCORES_BESIDE[mark]
    listed = before.search(text[max(0, at - _REACH_OF_SCORES) : at])
    others = behind.match(text, found.end())
    row = (listed[0] if listed else "") + found[0] + (others[0] if others else "")
    pairs = [(int(first), int(last), last) for first, last in _SCORE_IN_ROW.findall(row)]
    if len(pairs) < 2:
        return None
    if mark == ":":
        are_other = any(written[:2] in ("00", "24") for written in _PAIR.findall(row)) or all(
            first < 24 and len(written) == 2 and last < 60 for first, last, written in pairs
        )
    else:
        are_other = all(first <= last for first, last, _ in pairs)
    return None if are_other else (found.end(), Ratio((Number(found[1]), Number(found[3]))))


_SCORE: Final = re.compile(r"(\d{1,3})([-–:：])(\d{1,3})(?![\d:：%/–-]|\.\d)")
_PAIR: Final = re.compile(r"\d{1,3}:\d{1,3}")
_SCORE_IN_ROW: Final = re.compile(r"(\d{1,3})[-–:：](\d{1,3})")
_AND: Final = r"(?:[,，、/;；]\s?|\s?[和与及と와과]\s?|\s)"
_SCORES_BESIDE: Final = {
    mark: (
        re.compile(rf"(?<![\d{marks}.])(?:\d{{1,3}}[{marks}]\d{{1,3}}{_AND}){{1,5}}\Z"),
        re.compile(rf"(?:{_AND}\d{{1,3}}[{marks}]\d{{1,3}}(?![\d{marks}%]|\.\d)){{1,5}}"),
    )
    for mark, marks in ((":", ":："), ("-", r"\-–"))
}
_SEASON: Final = re.compile(r"(\d\d)/(\d\d)(?=\s?(?:[赛賽財财学學雪]?[季年][度]?|シーズン|年度|시즌))")
# "12'30''", a time that something took, written with two marks for seconds.
# Nobody writes a zero in front of inches: "4′03″".
_SECONDS: Final = re.compile(r"(\d{1,3})['′’]\s?(?:([0-5]\d)(?:''|’’|′′)|(0\d)[\"″”])(?!\w)")


_PRICED: Final = re.compile(r"\d{1,4}(L|k?g|m[lL]|c?m)(?=\d{1,3}(?:,\d{3})*(?:円|元|원))")  # "1L175円"
_OIL: Final = re.compile(r"(0|5|10|15|20|25)W-?([1-6]0|16)(?![\dA-Za-z])")  # of an engine, "5W-30"
_MOST_BILLIONS: Final = 3  # digits: "1024B" are bytes, "7B" is a size of models
_BYTES: Final = re.compile(r"\d+\s?B(?![A-Za-z0-9])")
_KELVIN: Final = re.compile(r"\d+(?:\.(\d+))?\s?K(?![A-Za-z0-9/·])")
_HEAT_CUE: Final = re.compile(
    r"(?:[温溫]|零度|[沸熔融露凝冰]固?点|℃|°C|[Tt]\s?[=≈]|온도|영도|는\s?점|켈빈)[^。!?！？]{0,16}\Z"
)
_GRADES: Final = re.compile(r"\d{1,2}(?:-\d{1,2}){2}(?![\d-])")  # of a fertiliser, "N-P-K=8-8-8"
_FORMATION: Final = re.compile(
    r"\d(?:-\d){2,3}(?=[の的]?\s?(?:[阵陣]|[战戰][术術]|フォーメーション|システム|布陣|포메이션|전술))"
)
_FORCE: Final = re.compile(r"\d+(?:\.(\d+))?\s?N(?![A-Za-z0-9/·])")
_FORCE_CUE: Final = re.compile(
    r"[=≈×力重为為约約は]\s?\Z|(?:[拉推重引张張摩擦弹彈支浮]力|力[FＦ]?[はがをの]|[荷][重载載]|[힘력]|하중)[^\d。，、,.]{0,4}\Z"
)
_FORCE_BEHIND: Final = re.compile(r"\s?(?:[的の]?[^\W\d]{0,2}[力荷]|의?\s?(?:힘|[가-힣]{0,2}력))")
# "N:P:K=15:15:15", whose parts are no hours, minutes and seconds.
_PARTS: Final = re.compile(r"\d{1,3}(?::\d{1,3}){1,3}(?![\d:]|\.\d)")
_PARTS_CUE: Final = re.compile(r"[A-Za-z]:[A-Za-z]\s?[=＝≈]\s?\Z")
# "k=4/3", which is no date and no score; "=120/80" may be a pressure.
_PORTS: Final = re.compile(r"(\d{2,5}):(\d{2,5})(?![\d:])")  # "-p 8080:80"
_PORTS_BEHIND: Final = re.compile(r"\s?的?(?:端口|映射|ポート|포트)")
_BEAT: Final = re.compile(r"([1-9]|12)/([248])(?=拍子|박자)")
_EQUATED: Final = re.compile(r"(\d{1,3})/([1-9]\d{0,2})(?![\d/]|\.\d|\s?(?:mm|[A-Za-z]))")
_EQUATED_BEFORE: Final = re.compile(r"[=＝≈×÷]\s?\Z")
# "2024.2.1以上版本", which is no day.
_VERSION: Final = re.compile(
    r"\d{1,4}(?:\.\d{1,5}){2,3}(?=\s?(?:及|或|正式|[稳穩]定|[测測][试試]|安定|정식)?(?:以[上下後后前]|이[상하전후])?の?的?\s?(?:版|バージョン|버전))"
)
_ZONE: Final = re.compile(r"0?(\d{1,2}):00(?!\d)")  # of "UTC+08:00"
_SLASH_OR_DOT: Final = frozenset("/.-–")
_DAY_AND_CLOCK: Final = re.compile(r"(1[0-2]|0?[1-9])[./-](3[01]|[12]\d|0?[1-9])(?=\s\d{1,2}[:：]\d\d(?!\d))")
_LISTED: Final = re.compile(r"\d{1,4}(?:,\d{1,4}){1,5}(?!\d|[.,]\d)")
_REACH_OF_LIST: Final = 24  # "rgba(" or a point's name, and the numbers of the list in front
_LIST_CUE: Final = re.compile(
    r"(?:RGBA?|rgba?|HSL|hsl|CMYK|[A-Z]|[=＝]\s?|[点點坐标標標])\s?[(（\[{](?:-?\d{1,4}(?:\.\d{1,2})?,\s?){0,4}-?\Z"
)


def _read_standard(text: str, at: int, end: int) -> Match:
    """Read the number of "GB/T 19001-2016", "RFC 2616", "RTX 4090", "HTTP 404"."""
    if end - at < 3 or not text[max(0, at - 2) : at].strip().isalpha():
        return None
    found = _STANDARD.match(text, at)
    if found is not None and found[0] in _SENSITIVITIES and text[max(0, at - 4) : at].strip() == "ISO":
        return end, Number(found[0])
    if found is None or not _STANDARD_CUE.search(text, max(0, at - _REACH_OF_STANDARD), at):
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


def _read_dates(text: str, at: int) -> Match:
    if (found := _DATES.match(text, at)) is not None:
        year, _, month, day, next_year, next_month, next_day = found.groups()
        first = Date(year, int(month), int(day), "ymd")
        return found.end(), Span(
            first, Date(next_year or "", int(next_month), int(next_day), "ymd" if next_year else "md")
        )
    if (found := _MONTHS.match(text, at)) is not None:
        year, _, month, next_year, next_month = found.groups()
        return found.end(), Span(Date(year, int(month), None, "ym"), Date(next_year, int(next_month), None, "ym"))
    if (month := _MONTH.match(text, at)) is not None and text[at - 1 : at] not in _SLASH_OR_DOT:
        return month.end(), Date(month[1], int(month[2] or month[3]), None, "ym")
    if (month := _MONTH_FIRST.match(text, at)) is not None and text[at - 1 : at] not in _SLASH_OR_DOT:
        return month.end(), Date(month[2], int(month[1]), None, "ym")
    if (day := _DOTTED_DAY.match(text, at)) is not None:
        return day.end(), Date("", int(day[1]), int(day[2]), "md")
    found = _SHORT_DATES.match(text, at) if text[at - 1 : at] not in ("/", "-") else None
    if found is None:
        return None
    month, day, next_month, next_day = map(int, found.groups())
    is_later = (month, day) < (next_month, next_day) or (month >= _LATE_IN_YEAR and next_month <= _EARLY_IN_YEAR)
    fractions = month < day in _BOTTOMS and next_month < next_day in _BOTTOMS and month * next_day < next_month * day
    if not is_later or fractions:
        return None
    return found.end(), Span(Date("", month, day, "md"), Date("", next_month, next_day, "md"))


def below_minus(text: str, at: int) -> Match:
    """Read the "<" of "-5<-3", which is no arrow."""
    is_sign = text[at] == "<" and _BELOW.match(text, at) and text[max(0, at - 2) : at].rstrip()[-1:].isalnum()
    return (at + 1, Sign("<", "between")) if is_sign else None


_BELOW: Final = re.compile(r"<[-−]\d")


def compact_date(text: str, at: int) -> Match:
    """Read "20240115" as a day, where no word tells that it is a code."""
    found = _COMPACT.match(text, at)
    if found is None or text[at - 1 : at] in _NO_DATE_BEFORE:
        return None
    return found.end(), Date(found[1], int(found[2]), int(found[3]), "ymd")


_NO_DATE_BEFORE: Final = frozenset("0123456789.,-/_#$€£¥￥₩")


def read_labels(text: str, at: int) -> Match:
    """Read "P12-P15", "B1-B3" and "T1~T3", and cells of a table: "A1:C10".

    "IC" of "IC178円", "BTC" of "BTC 24h" and "UTC" of "UTC-5" stand alone: they are no code with what follows.
    """
    if text.startswith(("UTC-", "GMT-"), at) and text[at + 4 : at + 5] in _DIGITS:
        return at + 3, Code((text[at : at + 3],))
    if (letters := _LETTERS_AND_SUM.match(text, at)) is not None and not text[at - 1 : at].isalnum():
        return letters.end(), Code((letters[0],))
    if (cells := _CELLS.match(text, at)) is not None and not (at and text[at - 1].isascii() and text[at - 1].isalnum()):
        return cells.end(), Span(Code((cells[1], cells[2])), Code((cells[3], cells[4])))
    if (name := _NO_CURRENCY.match(text, at)) is not None and not text[at - 1 : at].isdecimal():
        return name.end(), Code((name[0],))
    if (model := _MODEL_AND_WORD.match(text, at)) is not None and not re.match(r"[A-Za-z0-9]", text[at - 1 : at]):
        return model.end(), Code((model[1], model[2]))
    if text.startswith("N/A", at) and not re.match(r"[A-Za-z0-9]", text[at + 3 : at + 4]):
        return at + 3, Said("N A")
    if (port := _PORT.match(text, at)) is not None:
        return port.end(), Code(("localhost", ":", port[1]), is_secret=True)
    found = _LABELS.match(text, at)
    if found is None or int(found[2]) >= int(found[3]) or re.compile(r"[A-Za-z0-9]").match(text[at - 1 : at]):
        return None
    return found.end(), Span(Code((found[1], found[2])), Code((found[1], found[3])))


# Codes of currencies that are something else: a program and its year, a ratio of blood, a defibrillator.
_NO_CURRENCY: Final = re.compile(
    r"BPM(?=\d{2,3}(?!\d))|CAD(?=\s?20[0-3]\d(?![\d.,]))|(?:INR|SAR)(?=\s?\d\.\d(?!\d))|AED(?=\s?\d{1,2}\s?(?:[台臺个個処か]|대))"
)
_MODEL_AND_WORD: Final = re.compile(r"([A-Z])(\d{3})(?=[a-z]{2,4}(?![A-Za-z0-9]))")  # "A321neo"
_PORT: Final = re.compile(r"localhost:(\d{2,5})(?!\d)")
_CELLS: Final = re.compile(r"([A-Z]{1,2})(\d{1,5}):([A-Z]{1,2})(\d{1,5})(?![A-Za-z0-9:])")
_LETTERS_AND_SUM: Final = re.compile(
    r"[A-Z]{2,5}(?=\d{1,3}(?:,?\d{3})*(?:円|元|원)|\d{1,3}(?:\.\d{1,3})?[%％]|\s\d{1,3}\s?(?:[hH](?![A-Za-z0-9])|小[时時]|天|시간))"
)


def _read_sign(text: str, at: int, first: str) -> Match:
    before, end = text[max(0, at - REACH_OF_UNIT) : at], at + 1
    if first == "!":
        is_factorial = (before[-1:] in _DIGITS and _FACTORIAL.match(text, at) is not None) or (
            _UNKNOWN.search(before) is not None and _FACTORIAL_OF_UNKNOWN.match(text, at) is not None
        )
        return (end, Sign("!", "after")) if before and is_factorial else None
    if first == "#" and _SHARP_BEFORE.search(before) and not text[end : end + 1].isdigit():
        return end, Said(" sharp")  # "C#"
    if first in "*#":
        code = _read_star(text, at, before[-1:])
        if code is not None and text[code[0] - 1] == "#":
            return code
        is_product = first == "*" and text[end : end + 1] in _DIGITS and _LETTERS_BEFORE.search(before)
        return (end, Sign("×", "between")) if is_product else code
    if first == "+":
        if text.startswith("++", at) and _VARIABLE.search(before):
            return at + 2, Code(("+", "+"))
        if text[end : end + 1] in _DIGITS and _QUANTITY_BEFORE.search(before):
            return end, Sign("+", "between")
        is_of_name = _PLUS_OF_A_NAME.search(before) and _PLUSES_BEHIND.match(text, at)
        return (end, Code(("+",))) if is_of_name else None
    if first == "/":
        is_apart = not (before[-2:-1].isascii() and before[-2:-1].isalnum())
        if before[-1:] == "f" and _APERTURE.match(text, at - 1) and is_apart:
            return end, Said("")
        return (end, Said("")) if _LETTER_BEFORE.search(before) and _is_pair(text, at) else None
    if first in "↑↓▲△▼":
        if (moved := _MOVED.match(text, at)) is not None:
            return moved.end(), Sign(first, "before")
        return (end, Sign(first, "after")) if first in "↑↓" and _AMOUNT_BEFORE.search(before) else None
    return _read_dash(text, at, before)


_VARIABLE: Final = re.compile(r"(?<![A-Za-z0-9])(?:[a-z]|count|index|cnt|num)\Z")  # "i++"
_QUANTITY_BEFORE: Final = re.compile(r"\d\s?[^\W\da-zA-Z]{1,2}\Z")  # "12周+3天"
_SHARP_BEFORE: Final = re.compile(r"(?<![A-Za-z0-9])[CF]\Z")
_PLUS_OF_A_NAME: Final = re.compile(r"(?<![A-Za-z0-9])(?:C|[A-Z][a-z]{2,12}|A)\+?\Z")
_PLUSES_BEHIND: Final = re.compile(r"(?:\+\+|(?<=\+)\+)(?:(?=\d\d(?!\d))|(?![\d+]))")  # "C++17", C++入手
_APERTURE: Final = re.compile(r"f/\d{1,2}(?:\.\d)?")


_UNKNOWN: Final = re.compile(r"(?<![A-Za-z0-9])[ijkmnxyz]\Z")  # "n-1" is reckoned, wherever it stands
_FACTORIAL: Final = re.compile(r"!\s?[=≈<>+*/×÷-]\s?\d")


# "n!=120" tells a factorial, since nobody says of such a number that it is not n.
_FACTORIAL_OF_UNKNOWN: Final = re.compile(
    r"!\s?=\s?(?:(?:24|120|720|5040|40320|362880|3628800|39916800|479001600)(?!\d)|[a-z]\s?[×*·(])"
)


def _read_star(text: str, at: int, before: str) -> Match:
    """Read "*#06#", "*67" and the sign of "*号键"."""
    if before.isascii() and before.isalnum():
        return None
    found = _STAR_CODE.match(text, at)
    if found is None:
        return None
    end = found.end() + (text[found.end() : found.end() + 1] in ("号", "號"))  # the sign's name ends so
    return end, Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


_STAR_CODE: Final = re.compile(
    r"(?:\*\*|\*#|##|\*(?=\d)|#(?=\d\d#))\d{1,5}(?:[*#]\d{1,5}){0,3}#(?![A-Za-z0-9])|\*\d{2,5}(?![A-Za-z0-9*]|[.,]\d)"
    r"|[*#](?=[号號键鍵]|キー)",
    re.ASCII,
)


def _read_dash(text: str, at: int, before: str) -> Match:
    front = before.rstrip()
    if text[at] == "-" and _UNKNOWN.search(before) and text[at + 1 : at + 2] in _DIGITS:
        return at + 1, Sign("-", "between")
    if text[at] == "-" and front[-1:] in ("=", "＝", "≈") and (part := _EQUATED.match(text, at + 1)) is not None:
        return part.end(), Fraction(part[1], part[2], sign="-")
    if text[at] == "-" and front.endswith(("UTC", "GMT")):
        return at + 1, Sign("-", "between")
    if (last := front[-1:]) in _DIGITS:
        if _CLOCK_BEFORE.search(front) and (dash := _CLOCK_AND_DAY.match(text, at)) is not None:
            return dash.end(), Sign("〜", "between")
        if text[at] == "-" and (_OPENED.match(text, at) or _is_reckoned(text, at, at)):
            return at + 1, Sign("-", "between")
        return None
    if last == ")" and text[at] == "-" and (_OPENED.match(text, at) or _FUNCTION_BEHIND.match(text, at)):
        return at + 1, Sign("-", "between")
    if text[at] == "-" and text[at + 1 : at + 2] in _DIGITS and _NAME_OF_MODEL.search(before):
        return at + 1, Said("")  # "Su-57"
    if last.isascii():
        is_grade = text[at] == "-" and _GRADE.search(before) and _GRADE_BEHIND.match(text, at)
        return (at + 1, Sign("-", "after")) if is_grade else None
    dash = _BEHIND_DASH.match(text, at)
    unit = _SAME_UNIT.search(front) if dash is not None else None
    if dash is None or unit is None or not dash[1].startswith(unit[1]):
        return None
    return dash.end(), Sign("〜", "between")


def _is_pair(text: str, at: int) -> bool:
    """Whether a slash stands between two letters that are a name: "A/B测试", and not "A/B=2"."""
    pair = _TWO_LETTERS.match(text, at)
    behind = text[at + 2 : at + 4].lstrip()[:1]
    return pair is not None and bool(behind) and (behind.isalpha() and not behind.isascii())


def _is_reckoned(text: str, at: int, end: int) -> bool:
    """Whether a number or sign stands in brackets that are reckoned with: "2×(7-3)", "(5-2)×3"."""
    opening = _OPENING.search(text[max(0, at - _REACH_OF_BRACKET) : at])
    closing = _CLOSING.match(text, end) if opening is not None else None
    if opening is None or closing is None:
        return False
    return opening[1] in _OPERATOR or closing[1] in _OPERATORS_BEHIND
