"""Rules that hold behind a language's own words, and rules of Europe: "Tel. …", "am 24.12.", "Mo–Fr", "3,- €"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import (
    Abbreviation,
    Code,
    Date,
    Duration,
    Measure,
    Money,
    Number,
    Phone,
    Ratio,
    Roman,
    Said,
    Scientific,
    Sign,
    Span,
    Unit,
    Year,
)
from .units import UNITS

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from .customs import Rule
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# So many characters in front of a number may hold the word that tells what it is.
_REACH: Final = 60
# A telephone number: E.164 has 15 digits at most, a local one six at least; what is shorter is rather a number.
_PHONE: Final = re.compile(
    r"\+?(?:\(\d{1,6}\)|\d{1,12})"
    r"(?:(?:[ \u00a0./-]|\s/\s)(?:\(\d{1,6}\)|\d{1,8})|\(\d{1,6}\)|(?<=\))\d{1,8}){0,8}(?![\w%€$£]|[.,:]\d| ?[€$£%])"
)
_FEWEST_DIGITS: Final = 6
_MOST_DIGITS: Final = 15
_OR: Final = r"(?:[\d ()./-]{6,}\s(?:o|u|oder|ou|или|и|e|et|und|y)\s[^.!?\d]*)?"
_ONE_LETTER: Final = {"I": 1, "V": 5, "X": 10}
_RULERS: Final = re.compile(
    r"(?:[KC]arlo?s?|Charles|Karls?|Alfonso|Afonso|Felipe|Filippo|Philippe|Philipps?|Enrique|Enrico|Henri|"
    r"Heinrichs?|Henry|"
    r"Fernando|Ju[aã]n|João|Jean|Johann|Luis|Luís|Louis|Luigi|Ludwigs?|P[íi]o|Pie|Pius|Georges?|Georg|Jorge|Giorgio|"
    r"Gustave?|Léon|"
    r"Pa[bou]lo|Paolo|Paul|Le[ãoó]*n?e?|Leo|Benedicto|Benedetto|Bento|Gregorio|Gregório|Clemente|Friedrichs?|Christian|"
    r"Enrique|Henrique|Pedro|Pietro|Sixto|Sisto|Urbano|Martin|Martín|Ramsés|Ramses|Haakon|Harald|Olaf|Mohammed|Mohamed|"
    r"(?:Карл|Генрих|Людовик|П[её]тр|Филипп|Георг|Павел|Павл|Иоанн|Никола|Александр|Фридрих|Вильгельм|Густав|"
    r"Кристиан|Эдуард|"
    r"Сикст|Пи|Лев|Льв|Бенедикт|Климент|Урбан|Мартин|Альфонс|Фердинанд|Рамсес|Харальд|Хокон)[а-яё]{0,3})\Z"
)
_NAME: Final = re.compile(r"(?<!\w)([^\W\d_a-zà-ÿа-я][^\W\d_]{2,}) \Z")
_FLIGHT: Final = re.compile(
    r"([A-Z]{2} ?\d{3} ?\d{3} ?\d{3} ?[A-Z]{2}(?!\w)|[A-Z]{2} \d{3} \d{3}(?: \d{3})?(?=\s*\Z))|([A-Z][A-Z0-9]|"
    r"[0-9][A-Z]|[A-Z]{3}) ?(\d{2,4})(?![\w]|[.,:]\d)"
)
_TIMES: Final = re.compile(r"(\d{1,3})(?:[.,](\d{1,2}))?\s?[x×](?=\s(?!d[xyt]\b)[^\W\d]|/[^\W\d])")
# "34:28 (17:15)": what stands in front of the bracket is no time.
_HALF_TIME: Final = re.compile(r"(\d{1,3}):(\d{1,3})(?=[),])")
_WHOLE_SCORE: Final = re.compile(r"(?<![\d:.])(\d{1,3}):(\d{1,3})\s\(\Z")
_LAST_HOUR: Final = 24
_TIMES_SPAN: Final = re.compile(r"(\d{1,3})\s?[-–]\s?(\d{1,3})\s?[x×](?=\s(?!d[xyt]\b)[^\W\d]|/[^\W\d])")
_FACTOR: Final = re.compile(r"\d+(?=[xX]\d+\s?=)")
# "4 x 3", "4 m x 3 m".
_SIDE_BEFORE: Final = re.compile(r"\d\s?(?:(?:[cdm]?m|[дсм]?м|ft|in|Zoll)\s)?\Z")
_CROSS: Final = re.compile(r"[xX](?=\s?\d)")
_POWER_BEFORE: Final = re.compile(r"(?:\^\{?[-−]?[0-9]+\}?|[⁰¹²³⁴-⁹]+)\s?\Z")
_UNIT: Final = re.compile("|".join(f"{re.escape(unit)}(?!\\w)" for unit in sorted(UNITS, key=len, reverse=True)))
_CYRILLIC_UNIT: Final = re.compile(r"(?:[кдсм]?м|кг|с)(?!\w)")
# A unit that needs no number in front of it, since no word is written so: "the price per m²".
_BARE_UNIT: Final = re.compile(r"([kcdm]?m[²³2]|[кдс]?м[²³2]|(?:km|км)/[hч]|[kMG]?Wh|(?:µ|μ)g/m³)(?![\w²³/])")
_LATIN: Final = str.maketrans("мкдсчг", "mkdchg")
_UNIT_INITIALS: Final = frozenset(unit[0] for unit in UNITS) | frozenset("мкдс")
_SEASON: Final = re.compile(r"((?:18|19|20)\d\d)/(\d\d|(?:18|19|20)\d\d)(?![\d/])")
_MAP: Final = re.compile(r"1\s?([:/])\s?([0-9]{1,3}(?:[ .\u00a0\u202f][0-9]{3})+)(?![0-9]|[.,][0-9])")
_PRICE: Final = re.compile(r"(\d{1,6})\s?€\s?(\d{2})(?!\d|[.,]\d)")
_ROUND_PRICE: Final = re.compile(r"(\d{1,3}(?:\.\d{3})+|\d{1,6})[,.][-–—]{1,2}(?:\s?(€|EUR|Euro|CHF|Fr\.))?(?!\w)")
_SHORT_YEAR: Final = re.compile(r"['’](\d\d)(?![\d'’])")
_PRIME: Final = re.compile(
    r"([0-9]{1,2})['′’](?:\s?([0-9]{1,2})(?:[.,][0-9]{1,3})?[\"″”])?(?![A-DF-MP-RT-VX-Za-z0-9'’])"
)
_DOUBLE_PRIME: Final = re.compile(r"([0-9]{1,2})(?:[.,]([0-9]{1,3}))?[\"″”]")
_FOOT_BEFORE: Final = re.compile(r"(?<![°0-9 ]) ?[0-9]{1,2}['′’]\Z")
_INCHES: Final = 11
_SIXTY: Final = 60
_SCIENTIFIC: Final = re.compile(r"([0-9]+)(?:[.,]([0-9]+))?[eE]([-−+]?)([0-9]{1,3})(?![\w.,]*[0-9a-z])")
_RATING: Final = re.compile(r"([0-9]{1,2})[.,]([0-9])\s?/\s?(5|10)(?![\w/]|[.,][0-9])")
_OUT_OF: Final = re.compile(r"([0-9]{1,2}(?:[.,][0-9]{1,2})?)\s?/\s?(5|10|20|100)(?![\w/]|[.,][0-9])")
# Words of a rating, in the languages of Europe: near them "9/10" is no part.
_RATED: Final = re.compile(
    r"(?<!\w)(?:rat(?:e|ed|es|ing)|scor(?:e|ed|es|ing)|stars?|review|bewert|punkt|stern|note|valor[ao]|estrella|"
    r"puntua|puntos|"
    r"califica|noté|étoile|valuta|voto|stelle|punteggio|avalia|estrela|nota|pontos|оцен|рейтинг|балл|зв[её]зд|quiz|"
    r"exam|prüfung|examen|esame|prova|экзамен|тест|media|média|★|⭐)",
    re.IGNORECASE,
)
_RESOLUTION: Final = re.compile(r"([248])K(?![\w€$£])")
FACTORIAL: Final = re.compile(r"!(?=\s?[=≈×*·÷/]|\()|(?<=\([0-9a-z])!(?=\))")  # of "5! = 120" and "1/(n!)"
FACTOR_BEFORE: Final = re.compile(r"[0-9]\Z|(?<![^\W_])[a-z]\Z")
_INCHES_BEHIND: Final = re.compile(r"([0-9]{1,3})(?:[.,]([0-9]{1,2}))?[\"″](?!\w)")
_DIVISION: Final = re.compile(r":(?=\s\d+(?:[.,]\d+)?\s=)")
_AMOUNT_FOLLOWS: Final = re.compile(
    r"\s?(?:[%€$£₽‰°]|(?:euros?|eur|usd|dollars?|prozent|mio|mrd|km|kg|cm|mm|mb|gb|руб|процент|млн|млрд|тыс|кг|км)\b)",
    re.IGNORECASE,
)
_DAY: Final = re.compile(
    r"(?P<day>0?[1-9]|[12]\d|3[01])(?P<mark>[./])(?P<month>1[0-2]|0?[1-9])(?P<stop>\.?)(?![\d/]|\.\d)"
)


# "24/12 all'1/1": what stands in front of the other end is a day for sure.
_DAY_BEFORE_CHARS: Final = 16  # what it matches at most
_DAY_BEFORE: Final = re.compile(r"(?:\d\d/\d{1,2}|\d/\d\d)\s?(?!\s?[^\W\d_]{4})\D{1,8}\Z")


# "il 1/2 litro"
_PART_BEHIND: Final = re.compile(
    r"(?:1/[234]|2/3|3/4)\s(?!(?:a|al|alle|y|e|con|contra|contro|ore|em|en|no|na|às|ao)\b)\w"
)
# "del 1/3 al 15/4"
_DAY_BEHIND: Final = re.compile(r"\s(?:al|a|até|ao|fino al|bis|au|по)\s[0-9]{1,2}/[0-9]{1,2}(?![\d/])")


def read_rating(text: str, at: int) -> Match:
    """Read "9/10" as "nine out of ten" near a word of a rating."""
    found = _OUT_OF.match(text, at) if text[at].isdecimal() and text[at - 1 : at] not in tuple(".,/") else None
    if found is None or text[at - 1 : at].isalnum():
        return None
    whole, _, fraction = found[1].replace(",", ".").partition(".")
    if int(whole) > int(found[2]) or not _RATED.search(text, max(0, at - _REACH), found.end() + _REACH):
        return None
    return found.end(), Ratio((Number(whole, fraction, mark="," if fraction else ""), Number(found[2])), "/")


def read_releases(text: str, at: int) -> Match:
    """Read "Windows 10/11" as one or the other."""
    found = _RELEASES.match(text, at)
    if found is None or not _RELEASED.search(text, max(0, at - 12), at):
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])), "or")


_RELEASES: Final = re.compile(r"([0-9]{1,2})\s?/\s?([0-9]{1,2})(?![\w/]|[.,][0-9])")
_RELEASED: Final = re.compile(
    r"\b(?:windows|iphone|ios|ipados|android|galaxy|ubuntu|macos|python|java|pixel|xbox|office|ipad|debian|fedora|"
    r"php)\s\Z",
    re.IGNORECASE,
)


def per_rule(spans: Mapping[str, str], per: str) -> Rule:
    """Take "/sem." behind a word for "per week"; without its full stop as well."""
    written = re.compile(
        rf"/\s?({'|'.join(map(re.escape, sorted(spans, key=len, reverse=True)))})\b(?:\.(?=\s[^\WA-ZА-Я\d]|[,;)]))?"
    )

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at] == "/" else None
        if found is None or not (
            _WORD_END.search(text, max(0, at - 3), at) or _COUNT_END.search(text, max(0, at - 4), at)
        ):
            return None
        return found.end(), Said(f" {f'{per} {spans[found[1]]}'.lstrip()}")

    return rule


_WORD_END: Final = re.compile(r"[^\W\d_]{3}\Z")
# "72/min", "3x/day", "320 l/Tag", "кВт·ч/год".
_COUNT_END: Final = re.compile(r"(?:[0-9][xKkM\s]?|%\s?|[^\W\d_]\.|[0-9\s/·⋅][^\W\d_]{1,2}[²³]?)\Z")


def phone_rule(cues: str) -> Rule:
    """Take digits for a telephone number behind one of the words of a regular expression."""
    cue = re.compile(rf"\b(?:{cues})\b\.?[^.!?\d]*{_OR}\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _PHONE.match(text, at)
        if found is None or text[at - 1 : at].isalnum() or not cue.search(text, max(0, at - _REACH), at):
            return None
        groups = tuple(re.findall(r"\d+", found[0]))
        is_long_enough = _FEWEST_DIGITS <= sum(map(len, groups)) <= _MOST_DIGITS
        return (found.end(), Phone(groups, has_plus=found[0].startswith("+"))) if is_long_enough else None

    return rule


def first_rule(chapters: Container[str]) -> Rule:
    """Take "I" behind a name for "the First", "V" and "X" behind a ruler's; the rule of all languages leaves them.

    "I" is a word in English, and "Malcolm X" is no tenth.
    """

    def rule(text: str, at: int) -> Match:
        if text[at] not in _ONE_LETTER or text[at + 1 : at + 2].isalnum():
            return None
        before = _NAME.search(text, max(0, at - _REACH), at)
        if before is None or (text[at] != "I" and not _RULERS.match(before[1])):
            return None
        return at + 1, Roman(_ONE_LETTER[text[at]], text[at], is_ordinal=before[1].lower() not in chapters)

    return rule


def flight_rule(cues: str) -> Rule:
    """Take "LH 1234" for an identifier behind one of the words of a regular expression."""
    cue = re.compile(rf"\b(?:{cues})[,:]?\s(?:\()?\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _FLIGHT.match(text, at)
        if found is not None and found[1] and not text[at - 1 : at].isalnum():  # a parcel: "LX 482 019 335 DE"
            return found.end(), Code(tuple(re.findall(r"[A-Z]+|\d+", found[1])), is_secret=True)
        if found is None or found[1] or not cue.search(text, max(0, at - _REACH), at):
            return None
        line = (found[2],) if found[2].isalpha() else tuple(found[2])  # "G3 1452"
        return found.end(), Code((*line, found[3]))

    return rule


def abbreviation_rule(words: Mapping[str, str]) -> Rule:
    """Take "S." for "Seite" in front of digits only: elsewhere it is somebody's name.

    Of "page|pages" the second word is said in front of a range.
    """
    words = {short.capitalize(): word.capitalize() for short, word in words.items() if len(short) > 2} | dict(words)
    written = re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))))

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at)
        if found is None or text[at - 1 : at].isalnum() or not _NUMBER_FOLLOWS.match(text, found.end()):
            return None
        one, _, many = words[found[0]].partition("|")
        is_plural = many and _RANGE_FOLLOWS.match(text, found.end()) is not None
        return found.end(), Abbreviation(found[0], many if is_plural else one)

    return rule


_RANGE_FOLLOWS: Final = re.compile(r"\s?\d{1,4}\s?[-–—]\s?\d{1,4}(?![\w-])")
# A Roman number of one letter may be somebody's initial: "S. V. Müller"; "n. A7-40921" is a number with letters.
_NUMBER_FOLLOWS: Final = re.compile(r"\s?\d|\s[IVXL]{2,7}(?!\w)|\s[A-Z]{1,4}-?\d")


def size_rule(words: Mapping[str, str]) -> Rule:
    """Take "Gr. M" for a size: "Größe M"."""
    words = {short.capitalize(): word.capitalize() for short, word in words.items()} | dict(words)
    written = re.compile(rf"({'|'.join(map(re.escape, words))})\s(?=(?:X{{0,3}}[SL]|M|[0-9]{{2}})(?!\w))")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at)
        return None if found is None or text[at - 1 : at].isalnum() else (found.end(1), Said(words[found[1]]))

    return rule


def weekday_rule(days: Mapping[str, str], to: str) -> Rule:
    """Take "Mo–Fr" for days, "Sa" in front of a time, and "lun. au ven." in mid-sentence."""
    days = {day.capitalize(): name for day, name in days.items()} | dict(days)
    any_day = "|".join(days)
    written = re.compile(
        rf"(?<!\w)({any_day})\.?(?:\s?[-–—]\s?({any_day})\b(?:\.(?!\s[A-Z]))?(?!-)|(?=,?\s\d{{1,2}}(?:[:.h–-]\d|\s?(?:h|Uhr)|\.\s[A-ZÄ]|/\d)))"
        rf"|(?<!\w)(?<!\d\s)({any_day})\.(?=\s[a-zà-ÿа-я0-9]|[,;)])"
    )

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at)
        if found is None:
            return None
        return found.end(), Said(f" {to} ".join(days[day] for day in found.groups() if day))

    return rule


def day_rule(mark: str, cues: str, not_behind: str = "(?!)", sure: str = "(?!)") -> Rule:
    """Take "31.12." or "31/12" for a day behind one of the words of a regular expression; "4/5" behind a sure one."""
    is_sure = re.compile(rf"(?:^|\W)(?:{sure})(?:\s|(?<=['’]))\Z", re.IGNORECASE)
    cue = re.compile(rf"(?:^|\W)(?:{cues})\s?\Z", re.IGNORECASE)
    is_part = re.compile(not_behind)

    def rule(text: str, at: int) -> Match:
        found = _DAY.match(text, at)
        if found is None or found["mark"] != mark or text[at - 1 : at].isdigit():
            return None
        if _AMOUNT_FOLLOWS.match(text, found.end()):
            return None
        # "1/2" is a half.
        is_long = len(found["day"]) + len(found["month"]) > 2 or (found["stop"] and mark == ".")
        is_date = (
            is_long
            or (is_sure.search(text, max(0, at - _DAY_BEFORE_CHARS), at) and not _PART_BEHIND.match(text, at))
            or _DAY_BEHIND.match(text, found.end())
            or _DAY_BEFORE.search(text, max(0, at - _DAY_BEFORE_CHARS), at)
        )
        if not is_date or not cue.search(text, max(0, at - _REACH), at) or is_part.match(text, found.end()):
            return None
        # The stop belongs to the date, but if it ends the sentence as well it is left to the voice.
        is_last = not text[found.end() :].strip(" \"'”’)»")
        end = found.start("stop") if mark == "/" or is_last else found.end()
        return end, Date("", int(found["month"]), int(found["day"]), "dm")

    return rule


def hectare_rule(text: str, at: int) -> Match:
    """Read "12 ha", which is a verb in Spanish and Italian, where no participle or clause can follow."""
    if text[at : at + 2] != "ha" or not _HECTARE.match(text, at) or not _NUMBER_BEFORE.search(text, max(0, at - 4), at):
        return None
    return at + 2, Unit("hectare", "ha")


_HECTARE: Final = re.compile(r"ha(?=[.,;:)]|\s(?:de|di|del|con|e|y|o|a|en|in|por|per)\b|\Z)")
_NUMBER_BEFORE: Final = re.compile(r"[0-9][ \u00a0\u202f]\Z")


def compass_rule(names: Mapping[str, str]) -> Rule:
    """Take the letter of "48.8566° N" and "51′24″N" for a point of the compass."""
    letters = frozenset(names)

    def rule(text: str, at: int) -> Match:
        if text[at] not in letters or text[at + 1 : at + 2].isalnum():
            return None
        return (at + 1, Said(names[text[at]])) if _ARC_BEFORE.search(text, max(0, at - 3), at) else None

    return rule


_ARC_BEFORE: Final = re.compile(r"""[0-9][°º′″'"’”]\s?\Z""")


def season_rule(text: str, at: int) -> Match:
    """Read "2020/21" as two years that follow each other."""
    found = _SEASON.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or not is_season(found[1], found[2]):
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])), "/")


def is_season(first: str, last: str) -> bool:
    """Whether two years follow each other."""
    return len(first) == len("2020") and int(last) in (int(first) + 1, (int(first) + 1) % 100)


def read_primes(text: str, at: int) -> Match:
    """Read "26′46″" behind degrees, 1'30" as a time, and 5'11" as a length."""
    if not text[at].isdecimal() or text[at - 1 : at].isdecimal():
        return None
    is_arc = text[at - 1 : at] == "°" or text[max(0, at - 2) : at] == "° "
    if (found := _PRIME.match(text, at)) is not None:
        below = int(found[2] or 0)
        if is_arc:
            return found.end(1) + 1, Measure(Number(found[1]), "minute", "′")
        if found[2] is None:
            return None
        if below > _INCHES:
            return (found.end(), Duration(None, int(found[1]), below)) if below < _SIXTY else None
        return found.end(1) + 1, Measure(Number(found[1]), "foot", "′")
    if text[at - 1 : at] in tuple("'′’") and (found := _DOUBLE_PRIME.match(text, at)) is not None:
        is_length = _FOOT_BEFORE.search(text, max(0, at - 6), at) is not None
        number = Number(found[1], found[2] or "", mark="." if found[2] else "")
        return found.end(), Measure(number, "inch" if is_length else "second", "″")
    return None


def read_european(text: str, at: int) -> Match:
    """Read what much of Europe writes: "9 €90", "3,- €", "2x", "10 : 2 = 5", "'90", "2023/24"."""
    first = text[at]
    if first.isdecimal():
        return None if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,") else _read_digits(text, at)
    if first in _UNIT_INITIALS and not text[at - 1 : at].isalnum():
        return _read_unit(text, at)
    if first in "xX" and _SIDE_BEFORE.search(text, max(0, at - 6), at) and (found := _CROSS.match(text, at)):
        return found.end(), Sign("×", "between")
    if first == ":" and re.search(r"\d\s\Z", text[max(0, at - 2) : at]) and (found := _DIVISION.match(text, at)):
        return found.end(), Sign(":", "between")
    if first in "'’" and not text[at - 1 : at].strip() and (found := _SHORT_YEAR.match(text, at)):
        return found.end(), Year(found[1])
    if first == "!" and (found := FACTORIAL.match(text, at)) and FACTOR_BEFORE.search(text, max(0, at - 2), at):
        return found.end(), Sign("!", "after")
    return None


_QUOTE_OR_PRIME: Final = tuple("'′’\"″°")


def _in_quotes(text: str, at: int) -> bool:
    """Whether a quote that was opened in front may end behind a number: "ich bin 30"."""
    return text.count('"', max(0, at - _REACH), at) % 2 == 1


def _read_unit(text: str, at: int) -> Match:
    """Read the unit behind a power, or one that no word is written like: "10⁻⁹ m", "the price per m²"."""
    if (bare := _BARE_UNIT.match(text, at)) is not None and not re.search(r"[\w=+*/^)]\Z", text[max(0, at - 1) : at]):
        unit = UNITS.get(bare[0].translate(_LATIN))
        return None if unit is None else (bare.end(), Unit(unit, bare[0]))
    if not _POWER_BEFORE.search(text, max(0, at - 12), at):
        return None
    found = _UNIT.match(text, at) or _CYRILLIC_UNIT.match(text, at)
    return None if found is None else (found.end(), Unit(UNITS[found[0].translate(_LATIN)], found[0]))


def _read_digits(text: str, at: int) -> Match:
    if (found := _SCIENTIFIC.match(text, at)) is not None:
        exponent = Number(found[4], sign="-" if found[3] in tuple("-−") else "")
        return found.end(), Scientific(Number(found[1], found[2] or "", mark="," if found[2] else ""), exponent)
    inches = _INCHES_BEHIND.match(text, at)
    if inches is not None and text[at - 1 : at] not in _QUOTE_OR_PRIME and not _in_quotes(text, at):
        return inches.end(), Measure(Number(inches[1], inches[2] or "", mark="," if inches[2] else ""), "inch", '"')
    if (found := _RATING.match(text, at)) is not None and text[at - 1 : at] not in tuple("€$£"):
        return found.end(), Ratio((Number(found[1], found[2], mark=","), Number(found[3])), "/")
    if (found := _RESOLUTION.match(text, at)) is not None and text[at - 1 : at] not in tuple("€$£"):
        return found.end(), Code((found[1], "K"))
    if (season := season_rule(text, at)) is not None:
        return season
    if (scale := _MAP.match(text, at)) is not None:  # "1:50 000" is no time
        return scale.end(), Ratio((Number("1"), Number(re.sub(r"[^0-9]", "", scale[2]))), ":")
    if (rating := read_rating(text, at) or read_releases(text, at)) is not None:
        return rating
    if (found := _PRICE.match(text, at)) is not None:
        return found.end(), Money(Number(found[1], found[2], mark=","), "EUR", "€")
    if (found := _ROUND_PRICE.match(text, at)) is not None:
        number = Number(found[1].replace(".", ""))
        if found[2] is None:
            return found.end(), number
        return found.end(), Money(number, "CHF" if found[2] in ("CHF", "Fr.") else "EUR", found[2])
    if text[at - 1 : at] == "(" and (half := _HALF_TIME.match(text, at)) is not None:
        whole = _WHOLE_SCORE.search(text, max(0, at - 10), at)
        if whole is not None and (int(whole[1]) > _LAST_HOUR or len(whole[2]) == 1 or int(whole[2]) >= _SIXTY):
            return half.end(), Ratio((Number(half[1]), Number(half[2])), ":")
    if (found := _TIMES_SPAN.match(text, at)) is not None:
        return found.end(), Measure(Span(Number(found[1]), Number(found[2])), "time", "x")
    if (found := _TIMES.match(text, at)) is not None:
        return found.end(), Measure(Number(found[1], found[2] or "", mark="," if found[2] else ""), "time", "x")
    if (found := _FACTOR.match(text, at)) is not None:
        return found.end(), Number(found[0])
    return None
