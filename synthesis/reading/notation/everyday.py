"""Rules for what messages of every day write in Europe, each made for a language's words: see the functions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from .tokens import Clock, Code, Date, Measure, Number, Ordinal, Ratio, Said, Span, Unit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .customs import Rule
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# So many characters in front of a place may hold the words that tell what stands there.
_REACH: Final = 60
_REACH_OF_ARTICLE: Final = 10  # "dell'" and longer articles of one noun, with a blank
# So many characters may stand between a century and the next one, "do século XVI ao XIX", and between a verb and what
# it tells to be a score, "ha perso ieri in casa 1-3": a clause's worth.
_MOST_BETWEEN_CENTURIES: Final = 40
_MOST_BEHIND_VERB: Final = 30
_CODE: Final = re.compile(
    r"[0-9]{1,12}[A-Z]{0,2}(?:[ /-][0-9]{1,12}[A-Z]{0,2}){0,5}(?:-[A-Z]{1,3})?(?![\w]|[.,:/-][0-9])", re.ASCII
)
_FEWEST_DIGITS: Final = 3
_PARTS: Final = re.compile(r"[0-9]+|[A-Z]+|[^0-9A-Z]")
# "bis 05.11., dann" is a day.
_DOTTED: Final = r"([01]?[0-9]|2[0-4])\.([0-5][0-9])(?![\w]|[.,:/][0-9]|\.[,;)]|\.\s[a-z0-9])"
_DOTTED_CLOCK: Final = re.compile(_DOTTED)
_DOTTED_SPAN: Final = re.compile(rf"{_DOTTED}\s?[-–—]\s?{_DOTTED}")
_QUANTITY: Final = re.compile(r"[0-9]{1,3}(?:[.\u00a0\u202f ][0-9]{3})+(?![0-9])|[0-9]{1,6}")
_SETS: Final = re.compile(
    r"(?<![\w.,/-])[0-7]([-–/])[0-7](?:(?:,| e| y| et| und| and| и|, e|, y)? [0-7]\1[0-7])+(?![\w/-]|[.,][0-9])"
)
_YEAR_BEHIND: Final = re.compile(r"\s(?:de\s|del\s)?((?:19|20)[0-9]{2})(?![\w]|[.,:/-][0-9])")
_ROMAN: Final = re.compile(r"[IVXL]{1,7}(?!\w)")
_ROMAN_SPAN: Final = re.compile(r"([IVXL]{1,7})\s?[-–—]\s?([IVXL]{1,7})(?!\w)")
_WORTH: Final = {"I": 1, "V": 5, "X": 10, "L": 50}
_MADE: Final = re.compile(r"(?:XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
# Articles of one noun that tell its gender by their last letter.
_ARTICLE_BEFORE: Final = re.compile(
    r"(?<!\w)(la|[dnae]?ella|dalla|sulla|alla|a|da|na|pela|esta|el|il|del|dello?|"
    r"al|nel|dal|sul|o|do|no|ao|pelo|este) \Z"
)
_NOUN: Final = re.compile(r"\s[A-ZÀ-Ý][a-zà-ÿ]{3,}")
_PLAIN_NOUN: Final = re.compile(
    r"\s(?:guerr[ae]|edi[cçz](?:ión|ão|ione)|congress?o|rep[úu]bb?lica|jornada|giornata|legislatura|dinast[íi]a|cumbre|"
    r"festival|campeonato|campionato|torneo|torneio|premio|prêmio|concurso|concorso|centenari?o|anivers[áa]rio|"
    r"aniversario|anniversario|cruzada|crociata|internacional|asamblea|assembleia|feria|feira|encuentro|encontro|"
    r"incontro|certamen|conferencia|conferência|conferenza|região|regione|región|enmienda|emenda|plan|fase|etapa|"
    r"parte|olimpi[ae]d[ae]s?|juegos|jogos|copa|coppa|gran|domenica|domingo|semestre|trimestre|cuatrimestre|"
    r"quadrimestre|apóstol|apóstolo|presidente|cumpleaños|compleanno|título|titolo|trofeo|ciclo|taller|salón|salão|"
    r"foro|"
    r"simposi?o|simpósio|semana|settimana|marat[óo]n|maratona|marcha|marcia|memorial|rally|rali|jornadas|encontro|sez|"
    r"sezione|sección|seção|secção|turma|câmara)(?!\w)"
)


def _reached(cue: re.Pattern[str], text: str, at: int) -> bool:
    return cue.search(text, max(0, at - _REACH), at) is not None


def at_digits(*rules: Rule) -> Rule:
    """Make one rule of several that hold at digits only: at other characters, none of them is asked."""

    def rule(text: str, at: int) -> Match:
        if text[at] not in _DIGITS:
            return None
        for one in rules:
            if (found := one(text, at)) is not None:
                return found
        return None

    return rule


def greek_letters(names: str) -> dict[str, str]:
    """Name the Greek letters that stand alone, as in formulas (``Customs.greek``).

    Args:
        names: of the letters from alpha to omega, parted by blanks; "_" is one inside a name.
    """
    small = {letter: name.replace("_", " ") for letter, name in zip(_GREEK, names.split(), strict=True)}
    return small | {letter: small[letter.lower()] for letter in "ΓΔΘΛΞΠΣΦΨΩ"}  # the other capitals look like Latin ones


_GREEK: Final = "αβγδεζηθικλμνξοπρστυφχψω"


def at_heads(head: str, *rules: Rule) -> Rule:
    """Make one rule of several that hold where a regular expression does: at other words, none of them is asked."""
    match_head = re.compile(head).match

    def rule(text: str, at: int) -> Match:
        if match_head(text, at) is None:
            return None
        for one in rules:
            if (found := one(text, at)) is not None:
                return found
        return None

    return rule


_DIGITS: Final = frozenset("0123456789")


def short_number_rule(cues: str) -> Rule:
    """Take "88022" for digits behind words that tell where a message goes: "senden Sie STOP an 88022"."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile(r"[0-9]{4,6}(?=\s?[.,;!?)]|\s(?:oder|und|o|u|y|e|ou|et|или|и)(?:\s|\Z)|\s*\Z)(?![.,][0-9])")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        return (
            None if found is None or not _reached(cue, text, at) else (found.end(), Code((found[0],), is_secret=True))
        )

    return rule


def code_rule(cues: str) -> Rule:
    """Take "77-205" and "55012" for digits that are read one by one, behind words such as "customer number"."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s?:?\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _CODE.match(text, at) if text[at].isdecimal() and text[at - 1 : at].isspace() else None
        if found is None or not _reached(cue, text, at):
            return None
        is_long = sum(map(str.isdigit, found[0])) >= _FEWEST_DIGITS
        return (found.end(), Code(tuple(_PARTS.findall(found[0])), is_secret=True)) if is_long else None

    return rule


def dotted_clock_rule(cues: str, links: str, *, words: str) -> Rule:
    """Take "9.30" for a time behind "at", in front of a dotted hour ("9.00–17.30 Uhr"), and of "a 14.00 h".

    Args:
        cues: words behind which it is one, as a regular expression.
        links: words between two times, the latter of which is told by its word.
        words: what stands behind a time.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    told = re.compile(rf"\s?(?:{words})(?!\w)|\s(?:{links})\s{_DOTTED}\s?(?:{words})(?!\w)")
    measured = re.compile(r"\s?(?:[%€$£]|[^\W\d_]{1,3}\b)(?<!\ba)(?<!\be)(?<!\by)(?<!\bh)")

    def rule(text: str, at: int) -> Match:
        if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:-–/"):
            return None
        if (both := _DOTTED_SPAN.match(text, at)) is not None:
            hours = [int(part) for part in both.groups()]
            is_round = not (hours[1] % 5 or hours[3] % 5) and not measured.match(text, both.end())
            word = re.compile(rf"\s?(?:{words})(?!\w)").match(text, both.end())
            if word is None and not is_round:
                return None
            end = word.end() if word is not None else both.end()
            return end, Span(Clock(hours[0], hours[1]), Clock(hours[2], hours[3]))
        found = _DOTTED_CLOCK.match(text, at)
        if found is None:
            return None
        word = re.compile(rf"\s?(?:{words})(?!\w)").match(text, found.end())
        is_cued = _reached(cue, text, at) and not measured.match(text, found.end())
        if word is None and not is_cued and not told.match(text, found.end()):
            return None
        return (word.end() if word is not None else found.end()), Clock(int(found[1]), int(found[2]))

    return rule


def measure_rule(written: Mapping[str, str]) -> Rule:
    """Take "320 S." for pages, where no number follows: "Kap. 5 S. 12" is a page of a chapter."""
    unit = re.compile(rf"[ \u00a0\u202f]({'|'.join(map(re.escape, written))})(?!\s?[0-9]|\w|\s?m\.)")

    def rule(text: str, at: int) -> Match:
        if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,-–"):
            return None
        number = _QUANTITY.match(text, at)
        found = unit.match(text, number.end()) if number is not None else None
        if number is None or found is None:
            return None
        return found.end(), Measure(Number(re.sub(r"[^0-9]", "", number[0])), written[found[1]], found[1])

    return rule


def bare_unit_rule(cues: str, written: Mapping[str, str]) -> Rule:
    """Take the unit of "per kg", "par pers." and "por sem." for one of it."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    names = {**_BARE, **written}
    unit = re.compile(
        "|".join(
            re.escape(one) + (r"(?![\w'’])" if one[-1] not in ".²" else "")
            for one in sorted(names, key=len, reverse=True)
        )
    )
    initials = frozenset(name[0] for name in names)

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at] not in _BLANKS:
            return None
        found = unit.match(text, at)
        return None if found is None or not _reached(cue, text, at) else (found.end(), Unit(names[found[0]], found[0]))

    return rule


_BLANKS: Final = (" ", "\u00a0", "\u202f")
_BARE: Final = {
    "kg": "kilogram", "km": "kilometer", "kWh": "kilowatt-hour", "m²": "square-meter", "km²": "square-kilometer",
    "m³": "cubic-meter", "GB": "gigabyte", "MB": "megabyte", "min": "minute", "ml": "milliliter", "ha": "hectare",
}  # fmt: skip


def last_day_rule(days: Mapping[str, str], links: str) -> Rule:
    """Take a weekday's abbreviation at the end of a text behind another weekday: "de seg. a sex."."""
    names = {day.capitalize(): name for day, name in days.items()} | dict(days)
    any_day = "|".join([*names, *days.values()])
    day = re.compile(rf"({'|'.join(names)})(\.?)(?=[\s\"'”’»)!?.]*\Z|\.?\s[A-ZÀ-ÝА-Я])")
    before = re.compile(rf"(?<!\w)(?:{any_day})\.?,?\s(?:{links})\s\Z")
    initials = frozenset(name[0] for name in names)

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at].isalnum():
            return None
        found = day.match(text, at)
        if found is None or text[found.end() : found.end() + 1].isalnum() or not _reached(before, text, at):
            return None
        return found.end(), Said(names[found[1]] + found[2])

    return rule


def month_rule(
    short: Mapping[str, int], names: Sequence[str], cues: str, to: str, say_year: Callable[[str], str]
) -> Rule:
    """Take "ab Okt." for a month, and "ene.-mar." for two; a month with its day or year is a date.

    Args:
        short: abbreviations in lower case, without their stop, and the month's number.
        names: of the months, the first one first.
        cues: words in front of a month, as a regular expression.
        to: what is said for the dash.
        say_year: says a year behind them, with what stands in front of it.
    """
    full = {name.lower(): number for number, name in enumerate(names, 1)}
    any_short = "|".join(sorted(short, key=len, reverse=True))
    any_month = "|".join(sorted({*short, *full}, key=len, reverse=True))
    both = re.compile(rf"({any_month})\.?\s?[-–/]\s?({any_month})(\.?)(?!\w|-)", re.IGNORECASE)
    one = re.compile(
        rf"({any_short})(?:\.(?=[\s,;)]|\Z))(?!\.?\s(?:de )?[0-9](?!\d?\s?[-–]\s?\d+\s?(?:[ckm]?m|°|%|€|k?g|l|h)\b))",
        re.IGNORECASE,
    )
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    values = full | dict(short)
    initials = frozenset(month[0] for month in values) | frozenset(month[0].upper() for month in values)

    def name(written: str) -> str:
        return names[values[written.lower()] - 1]

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at].isalnum():
            return None
        found = both.match(text, at)
        if found is not None and not (found[1].lower() in full and found[2].lower() in full):
            said = f"{name(found[1])} {to} {name(found[2])}"
            if (year := _YEAR_BEHIND.match(text, found.end())) is not None:
                return year.end(), Said(f"{said} {say_year(year[1])}")
            return found.end(), Said(said + ("." if found[3] and not text[found.end() :].strip() else ""))
        found = one.match(text, at)
        if found is None or not _reached(cue, text, at):
            return None
        stop = "" if text[found.end() :].strip(" \"'”’)»") else "."
        return found.end(), Said(name(found[1]) + stop)

    return rule


def month_of_year_rule(marks: str, expiry: str) -> Rule:
    """Take "03/2025" and "2025-03" for a month of a year, and "12/27" where a card or a food expires.

    Args:
        marks: what may stand between a month and its year.
        expiry: words in front of a month and two digits of its year, as a regular expression.
    """
    edge = r"(?![\w]|[.,/:-][0-9])"
    full = re.compile(rf"(?P<month>0[1-9]|1[0-2])[{marks}](?P<year>(?:19|20)[0-9]{{2}}){edge}")
    iso = re.compile(rf"(?P<year>(?:19|20)[0-9]{{2}})-(?P<month>0[1-9]){edge}")
    short = re.compile(rf"(?P<month>0?[1-9]|1[0-2])/(?P<year>[2-4][0-9]){edge}")
    cue = re.compile(rf"(?<!\w)(?:{expiry})\s?:?\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
            return None
        found = full.match(text, at) or iso.match(text, at)
        if found is None and ((found := short.match(text, at)) is None or not _reached(cue, text, at)):
            return None
        year = found["year"] if len(found["year"]) == len("2025") else f"20{found['year']}"
        return found.end(), Date(year, int(found["month"]), None, "my")

    return rule


def quarter_rule(
    parts: Mapping[str, Sequence[str]], say_year: Callable[[str], str], *, is_leading: bool = True
) -> Rule:
    """Take "3T25" and "T3 2025" for a quarter of a year.

    Args:
        parts: words for each of its letter's parts, the first one first: {"T": ("primer trimestre", …)}.
        say_year: says a year, with what stands between it and its quarter.
        is_leading: the letter may stand in front as well.
    """
    letters = "".join(parts)
    written = re.compile(rf"(?P<part>[1-4])(?P<letter>[{letters}])[ ']?(?P<year>20[0-9]{{2}}|[0-9]{{2}})(?!\w)")
    leading = re.compile(rf"(?P<letter>[{letters}])(?P<part>[1-4])[ /](?P<year>20[0-9]{{2}})(?!\w)")

    def rule(text: str, at: int) -> Match:
        if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,-/"):
            return None
        found = written.match(text, at) or (leading.match(text, at) if is_leading else None)
        if found is None or int(found["part"]) > len(parts[found["letter"]]):
            return None
        digits = found["year"] if len(found["year"]) == len("2025") else f"20{found['year']}"
        return found.end(), Said(f"{parts[found['letter']][int(found['part']) - 1]} {say_year(digits)}")

    return rule


def sets_rule(text: str, at: int) -> Match:
    """Take each of "6/4, 3/6 e 7/6" for a score."""
    if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at + 1 : at + 2] not in ("/", "-", "–"):
        return None
    start = max(0, at - _REACH)
    for found in _SETS.finditer(text, start):
        if found.start() <= at < found.end():
            return at + 3, Ratio((Number(text[at]), Number(text[at + 2])), ":")
    return None


def roman_span_rule(cues: str, joint: str, say: Callable[[int], str]) -> Rule:
    """Take "XV-XVI" behind "centuries", "chapters" and their like for two numbers."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _ROMAN_SPAN.match(text, at) if text[at] in _WORTH and text[at - 1 : at].isspace() else None
        if found is None or not _reached(cue, text, at):
            return None
        first, last = worth(found[1]), worth(found[2])
        to = "a" if last - first > 1 else joint  # in Italian, two that follow each other are one and the other
        return (found.end(), Said(f"{say(first)} {to} {say(last)}")) if first and last else None

    return rule


def roman_rule(articles: str, feminine: str, behind: str = "(?!)") -> Rule:
    """Take "la II Guerra", "el I Congreso" for ordinals in front of a noun, and "y el XIX" behind a century.

    Args:
        articles: words in front, as a regular expression.
        feminine: the end of a feminine noun, as a regular expression.
        behind: the word for a century, behind which a bare "XIX" is a number.
    """
    article = re.compile(rf"(?<!\w)(?:{articles})\s\Z", re.IGNORECASE)
    is_feminine = re.compile(rf"(?:{feminine})\Z")
    century = re.compile(
        rf"(?<!\w)(?:{behind})\s[IVXL]{{1,7}}(?!\w)[^!?]{{0,{_MOST_BETWEEN_CENTURIES}}}\Z", re.IGNORECASE
    )

    def rule(text: str, at: int) -> Match:
        found = _ROMAN.match(text, at) if text[at] in _WORTH and not text[at - 1 : at].isalnum() else None
        if found is None or not (value := worth(found[0])):
            return None
        opens = at == 0 or (len(found[0]) > 1 and text[max(0, at - 2) : at] in ("; ", ": "))
        if not opens and not _reached(article, text, at):
            return None
        noun = _NOUN.match(text, found.end()) or _PLAIN_NOUN.match(text, found.end())
        if noun is not None and (len(found[0]) > 1 or at):
            before = text[max(0, at - _REACH_OF_ARTICLE) : at].lower()
            is_told = _ARTICLE_BEFORE.search(before)
            is_her = is_told[1][-1] == "a" if is_told is not None else is_feminine.search(noun[0]) is not None
            return found.end(), Ordinal(str(value), "ª" if is_her else "º")
        if len(found[0]) > 1 and _reached(century, text, at):
            return found.end(), Number(str(value))
        return None

    return rule


def side_rule(cues: str, sides: Mapping[str, str]) -> Rule:
    """Take "a sx" and "à g." for a side, behind words that ask for one."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile("|".join(re.escape(one) for one in sorted(sides, key=len, reverse=True)))
    initials = frozenset(one[0] for one in sides)

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at] not in _BLANKS:
            return None
        found = written.match(text, at)
        if found is None or text[found.end() : found.end() + 1].isalnum() or not _reached(cue, text, at):
            return None
        is_last = found[0].endswith(".") and not text[found.end() :].strip(" \"'”’)»")
        return found.end(), Said(sides[found[0]] + ("." if is_last else ""))

    return rule


def minutes_rule(cues: str) -> Rule:
    """Take "40'" behind "for" for minutes."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile(r"([0-9]{1,3})['′’](?=[\s.,;:)!?]|\Z)")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at].isdecimal() and text[at - 1 : at].isspace() else None
        if found is None or not _reached(cue, text, at):
            return None
        return found.end(), Measure(Number(found[1]), "minute", "′")

    return rule


def score_rule(verbs: str) -> Rule:
    """Take "ha perso 1-3" for a score, and no range."""
    verb = re.compile(rf"(?<!\w)(?:{verbs})(?!\w)[^.!?]{{0,{_MOST_BEHIND_VERB}}}\Z", re.IGNORECASE)
    written = re.compile(
        r"([0-9]{1,3})[-–]([0-9]{1,3})(?![\w%€$-]|[.,/][0-9]|\s?(?:[%€$]|"
        r"(?!(?:e|a|il|al|all|ai|dopo|con|per|in|nel|su|ma|poi|da)\b)[^\W\d_]{1,4}\b))"
    )

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at].isdecimal() and text[at - 1 : at].isspace() else None
        if found is None or not _reached(verb, text, at):
            return None
        return found.end(), Ratio((Number(found[1]), Number(found[2])), "-")

    return rule


def enumeration_rule(say: Callable[[str], str]) -> Rule:
    """Take "1,2,3" for numbers one behind another: nobody writes two decimal marks."""
    written = re.compile(r"[0-9]{1,3}(?:,[0-9]{1,3}){2,12}(?!\w|[.,][0-9])")

    def rule(text: str, at: int) -> Match:
        if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
            return None
        found = written.match(text, at)
        numbers = found[0].split(",") if found is not None else []
        if found is None or all(len(number) == len("000") for number in numbers[1:]):
            return None
        return found.end(), Said(", ".join(map(say, numbers)))

    return rule


def step_rule(cues: str, say: Callable[[str, str], str]) -> Rule:
    """Take "step 1/5" for one of five, and no fifth.

    Args:
        cues: words that are counted off, as a regular expression.
        say: says how many of how many.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile(r"([0-9]{1,3})/([0-9]{1,3})(?![\w/]|[.,][0-9])")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or int(found[1]) > int(found[2]) or not _reached(cue, text, at):
            return None
        return found.end(), Said(say(found[1].lstrip("0") or "0", found[2].lstrip("0") or "0"))

    return rule


def days_rule(days: Mapping[str, str], words: frozenset[str] = frozenset()) -> Rule:
    """Take "Mo, Di, Do 8–12", "Sa/So" and "Fr: 9–15" for weekdays: another one or a time stands beside them.

    Args:
        days: abbreviations and what they stand for.
        words: of the abbreviations, those that are words as well.
    """
    names = {day.capitalize(): name for day, name in days.items()} | dict(days)
    any_day = "|".join(sorted({*names, *days.values()}, key=len, reverse=True))
    links = r"(?:,\s?|\s?[/+&]\s?|\s(?:und|u\.|oder|et|ou|и|или)\s)"
    day = re.compile(
        rf"({'|'.join(names)})\.?(?:(?={links}(?:{any_day})(?!\w))|(?=\s?:\s?[0-9]{{1,2}}(?:\s?[-–]|[:.h]|\s(?:Uhr|h|ч))))"
    )
    last = re.compile(rf"({'|'.join(names)})(?!\w)(?:\.(?=\s[a-zà-ÿа-я0-9]|[,;)]))?")
    before = re.compile(rf"(?<!\w)(?:{any_day})\.?{links}\Z")
    # A piece of text may end behind it; "So:" alone is a word.
    hanging = re.compile(rf"({'|'.join(names)})(?!\w)(?=(?:\s?:|,|\s?[/+&]|\s(?:und|u\.|et|и))?\s*\Z)")
    earlier = re.compile(rf"(?<!\w)(?:{any_day})(?!\w)")
    initials = frozenset(name[0] for name in names)

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at].isalnum():
            return None
        found = day.match(text, at)
        if found is None and _reached(before, text, at):
            found = last.match(text, at)
        if found is None and (found := hanging.match(text, at)) is not None:
            found = found if found[1] not in words or _reached(earlier, text, at) else None
        return None if found is None else (found.end(), Said(names[found[1]]))

    return rule


def wind_rule(cues: str, names: Mapping[str, str]) -> Rule:
    """Take "NW" of a wind for where it comes from.

    Args:
        cues: words in front, as a regular expression.
        names: of the points of the compass.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s?\Z", re.IGNORECASE)
    point = re.compile(rf"({'|'.join(sorted(names, key=len, reverse=True))})(?![\w-])")
    initials = frozenset(name[0] for name in names)

    def rule(text: str, at: int) -> Match:
        if text[at] not in initials or text[at - 1 : at].isalnum():
            return None
        found = point.match(text, at)
        return None if found is None or not _reached(cue, text, at) else (found.end(), Said(names[found[1]]))

    return rule


def law_rule(cues: str, of: str, say: Callable[[str], str]) -> Rule:
    """Take "39/2015" behind "law" and its like for a number and its year, which are no parts.

    Args:
        cues: names of laws, as a regular expression.
        of: what is said for the slash.
        say: says a number.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})(?:\s\([A-Z]{{2,3}}\))?\s(?:n\.?[ºo°]?\s)?\Z", re.IGNORECASE)
    written = re.compile(r"([0-9]{1,3}(?:\.[0-9]{3})+|[0-9]{1,5})/((?:19|20)?[0-9]{2})(?![\w/]|[.,][0-9])")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at)
        if found is None or not text[at - 1 : at].isspace() or not _reached(cue, text, at):
            return None
        year = f"20{found[2]}" if len(found[2]) == len("08") and found[2][0] == "0" else found[2]
        return found.end(), Said(f"{say(found[1].replace('.', ''))} {of} {say(year)}")

    return rule


def read_degrees(text: str, at: int) -> Match:
    """Take "38,5º" for degrees, since no ordinal has a decimal mark; and "10h30" for a time."""
    if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/"):
        return None
    if (found := _DEGREES.match(text, at)) is not None:
        return found.end(), Measure(Number(found[1], found[2], mark=","), "degree", "º")
    warmth = _WARMTH.match(text, at)
    if warmth is not None and _WARM.search(text, max(0, at - _REACH), at):
        return warmth.end(), Measure(Number(warmth[1]), "degree", "º")
    found = _HOUR_MARK.match(text, at)
    return None if found is None else (found.end(), Clock(int(found[1]), int(found[2])))


_DEGREES: Final = re.compile(r"([0-9]{1,3}),([0-9]{1,2})\s?[º°](?!\s?\w)")
# "máx. 31º y mín. 22º": a number that no noun follows, near a word of warmth.
_WARMTH: Final = re.compile(
    r"([0-9]{1,3})\s?[º°](?!\w)"
    r"(?=[.,;:!?)]|\s(?:[yeoauà]|con|de (?:m[áa]x|m[íi]n)|por|en|em|pela|la|al|ao|no)\b|\s*\Z)"
)
_WARM: Final = re.compile(
    r"(?i:temperatur|grados|graus|\bm[áa]x|\bm[íi]n(?:im)?[.ao]|calor|fr[íi]o|horno|forn[oaei]|hoy|hoje|mañana|"
    r"amanhã|noche|noite|"
    r"llegar|baj|sub|ca[ei]|term[óô]metro|clima|tiempo|tempo)"
)
_HOUR_MARK: Final = re.compile(r"([01]?[0-9]|2[0-4])\s?[hH]\s?([0-5][0-9])(?!\w|\s?min)")


def worth(letters: str) -> int:
    """What a Roman number is worth; 0 if the letters are none."""
    if not letters or not _MADE.fullmatch(letters):
        return 0
    values = [_WORTH[letter] for letter in letters]
    return sum(-one if any(one < later for later in values[at + 1 :]) else one for at, one in enumerate(values))
