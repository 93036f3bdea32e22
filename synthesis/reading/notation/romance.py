"""Rules for what Spanish, Italian and Portuguese share in writing; each is made for a language's words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from .everyday import worth
from .tokens import Clock, Code, Date, Measure, Number, Ordinal, Phone, Ratio, Said

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from .customs import Rule
    from .tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

# So many characters in front of a place may hold the words that tell what stands there.
_REACH: Final = 60
_SIXTY: Final = 60
_CLOSING: Final = " \"'”’)»"


def at_heads(rules: Mapping[str, Sequence[Rule]]) -> Rule:
    """Make one rule of several, each for the characters that it may begin with: elsewhere, none of them is asked."""
    table: dict[str, tuple[Rule, ...]] = {}
    for heads, ours in rules.items():
        for head in heads:
            table[head] = (*table.get(head, ()), *ours)

    def rule(text: str, at: int) -> Match:
        for one in table.get(text[at], ()):
            if (found := one(text, at)) is not None:
                return found
        return None

    return rule


def by_mark(rules: Mapping[str, Sequence[Rule]]) -> Rule:
    """Make one rule of several for digits, each for the characters that may follow them, with or without a blank.

    Args:
        rules: by these characters; "" for all others.
    """
    table: dict[str, tuple[Rule, ...]] = {"": tuple(rules.get("", ()))}
    for marks, ours in rules.items():
        for mark in marks:
            table[mark] = (*table.get(mark, ()), *ours)
    table = {mark: (*ours, *table[""]) if mark else ours for mark, ours in table.items()}

    def rule(text: str, at: int) -> Match:
        found = _MARK.match(text, at)
        if found is None:
            return None
        for one in table.get(found[1], table[""]):
            if (token := one(text, at)) is not None:
                return token
        return None

    return rule


_MARK: Final = re.compile(r"[0-9]++ ?(.?)")


@dataclass(frozen=True)
class Idiom:
    """What a language says where the rules for digits are the same.

    Attributes:
        whole: says a whole number.
        count: says so many of "hour", "minute", "second" or "hundredth".
        degrees: says so many degrees.
        part: says one of so many parts.
        days: weekdays' abbreviations and names.
        months: months' abbreviations, and their numbers.
        joint: "and" in front of the last part of a duration.
        plus: for a sign in front of a duration and in "45'+2".
        over: for the slash of "1/100.000".
        of: for the slash of "pag. 3/10".
        pace: for "/km".
        verses: between two verses.
        several: nouns that nobody has a part of, as a regular expression, and what stands between "4/6" of them.
        times: words behind which "14h20min" is a time of the day; this and what follows are regular expressions.
        lasting: words behind which "2h58" is how long something took.
        dates: words behind which "22-12" is a day.
        phones: words behind which nine digits are a telephone number, and how such a number begins.
        scales: words behind which "1:50" is a proportion.
        pages: words behind which "3/10" is so many of all.
        matches: won, drawn and lost, and what says so many of each.
        pressures: words for a blood pressure, as a regular expression.
        above: for the slash of one, "13/8".
        half: words in front of an hour, "and", and half of an hour and of anything else.
    """

    whole: Callable[[str], str]
    count: Callable[[int, str], str]
    degrees: Callable[[str], str]
    part: Callable[[int], str]
    days: Mapping[str, str]
    months: Mapping[str, int]
    joint: str
    plus: str
    over: str
    of: str
    pace: str
    verses: str
    several: tuple[str, str]
    times: str
    lasting: str
    dates: str
    phones: tuple[str, str]
    scales: str
    pages: str
    matches: tuple[str, str, str, Callable[[int, str], str]]
    half: tuple[str, str, str, str]
    pressures: str
    above: str


def number_rules(idiom: Idiom, own: Mapping[str, Sequence[Rule]]) -> Rule:
    """Make the rules for digits, and those of the language's own, by the characters that follow."""
    lasting = duration_rule(idiom.times, idiom.count, idiom.joint, idiom.plus)
    pace = pace_rule(idiom.count, idiom.joint, idiom.pace)
    nouns, between = idiom.several
    several = several_rule(nouns, lambda first, last: f"{idiom.whole(first)}{between}{idiom.whole(last)}")
    slashed = (
        pressure_rule(idiom.pressures, idiom.above, idiom.whole), and_half_rule(*idiom.half),
        page_rule(idiom.pages, idiom.of, idiom.whole), union_law_rule(idiom.whole), several,
        short_day_rule(idiom.days), slash_month_rule(idiom.months), over_rule(idiom.over, idiom.whole), read_expiry,
        part_rule(idiom.part), read_roman_month,
    )  # fmt: skip
    dashed = (
        dash_day_rule(idiom.dates), read_roman_month, read_order, read_local_phone, read_marked_code,
        house_rule(idiom.whole),
    )  # fmt: skip
    raised = (read_set, read_first_day, degrees_rule(idiom.degrees), read_class, read_oven)
    shared: dict[str, tuple[Rule, ...]] = {
        "/": slashed,
        "-–": dashed,
        "º°ª": raised,
        ".": (read_order, read_set, read_class, read_dotted_half, read_roman_month, read_first_day),
        ":": (proportion_rule(idiom.scales), pace, verse_rule(idiom.whole, idiom.verses)),
        "'′’": (pace, overtime_rule(idiom.plus, idiom.whole)),
        "h": (lasting, lasting_clock_rule(idiom.lasting, idiom.count, idiom.joint)),
        'ms"″': (lasting,),
        ",": (read_factor, arguments_rule(idiom.whole)),
        "VG": (tally_rule(*idiom.matches),),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ": (read_order,),
        "": (local_number_rule(*idiom.phones),),
    }
    return by_mark(_merged(shared, own))


def _merged(shared: Mapping[str, Sequence[Rule]], own: Mapping[str, Sequence[Rule]]) -> dict[str, tuple[Rule, ...]]:
    """Put a language's own rules in front of those that it shares."""
    marks = {mark for table in (shared, own) for marks in table for mark in marks or ("",)}
    return {
        mark: tuple(
            rule
            for table in (own, shared)
            for marks, rules in table.items()
            if (mark in marks if mark and marks else mark == marks)
            for rule in rules
        )
        for mark in sorted(marks)
    }


def told_rule(words: Mapping[str, str], before: str = "", behind: str = "") -> Rule:
    """Take an abbreviation for a word if what stands around tells so.

    Args:
        words: abbreviations as written, and what is said.
        before: a regular expression for the end of what stands in front.
        behind: a regular expression for the beginning of what follows.
    """
    any_short = "|".join(
        re.escape(short) + (r"(?!\w)" if short[-1].isalnum() else "") for short in sorted(words, key=len, reverse=True)
    )
    written = re.compile(rf"({any_short})(?={behind})")
    cue = re.compile(rf"(?:{before})\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        is_last = found[1][-1] == "." and not text[found.end() :].strip(_CLOSING)
        return found.end(), Said(words[found[1]] + ("." if is_last else ""))

    return rule


def duration_rule(times: str, count: Callable[[int, str], str], joint: str, plus: str) -> Rule:
    r"""Take "2h35min", "2min35s", "2h01'09\"", "9s58" and "+2'35\"" for how long something takes.

    Args:
        times: words behind which "14h20min" is a time of the day, as a regular expression.
        count: says so many of "hour", "minute", "second" or "hundredth".
        joint: stands in front of the last part.
        plus: is said for the sign.
    """
    cue = re.compile(rf"(?<!\w)(?:{times})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/"):
            return None
        found = next(filter(None, (one.match(text, at) for one in _LASTING)), None)
        if found is None or cue.search(text, max(0, at - _REACH), at):
            return None
        values = found.groupdict()
        if max(int(values.get("minute") or 0), int(values.get("second") or 0)) >= _SIXTY:
            return None
        parts = [count(int(digits), unit) for unit, digits in values.items() if digits and int(digits)]
        *first, last = parts or [count(0, "second")]
        said = f"{', '.join(first)} {joint} {last}" if first else last
        return found.end(), Said(f"{plus} {said}" if text[at] == "+" else said)

    return rule


_LASTING: Final = (
    re.compile(
        r"(?P<hour>[0-9]{1,3})h\s?(?P<minute>[0-9]{1,2})\s?(?:min|mn|m|['′’])"
        r"(?:\s?(?P<second>[0-9]{1,2})\s?(?:segs?|s|[\"″”]|''))?(?![\w'′])"
    ),
    re.compile(r"(?P<hour>[0-9]{1,3})\s?h\s(?:[ey]\s)?(?P<minute>[0-9]{1,2})['′’](?![\w'′])"),
    re.compile(r"(?P<minute>[0-9]{1,2})min\s?(?P<second>[0-9]{1,2})\s?(?:segs?|s)(?!\w)"),
    re.compile(r"\+(?P<minute>[0-9]{1,2})['′’](?P<second>[0-9]{2})[\"″”]"),
    re.compile(r"(?P<second>[0-9]{1,2})[s\"″](?P<hundredth>[0-9]{2})(?![\w\"″])"),
)


def wind_rule(names: Mapping[str, str], before: str, behind: str) -> Rule:
    """Take "al NE de" and "viento del NO" for points of the compass.

    Args:
        names: of the points, by their letters.
        before: words in front of one, as a regular expression.
        behind: words behind one, as a regular expression; the end of a clause will do as well.
    """
    letters = "|".join(sorted(names, key=len, reverse=True))
    written = re.compile(rf"({letters})(?=[.,;)]|\s(?:{behind})(?!\w)|\s[0-9]|\s*\Z)")
    cue = re.compile(rf"(?<!\w)(?:{before})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Said(names[found[1]])

    return rule


def compass(north: str, south: str, east: str, west: str, halves: Mapping[str, str]) -> dict[str, str]:
    """Name the points of the compass by their letters, of which the West's may be "O" or "W"; not those of one letter.

    Args:
        north: as it is said in "nornoreste".
        south: the same.
        east: the same.
        west: the same.
        halves: the four points between, by "NE", "NO", "SE" and "SO".
    """
    names = dict(halves)
    for first, word in (("N", north), ("S", south)):
        for last in "EO":
            names[f"{first}{first}{last}"] = word + halves[first + last]
            names[f"{last}{first}{last}"] = (east if last == "E" else west) + halves[first + last]
    return names | {letters.replace("O", "W"): said for letters, said in names.items()}


def bare_quarter_rule(articles: str, names: Mapping[str, Sequence[str]], *, is_leading: bool) -> Rule:
    """Take "3T" (and "T3") behind an article for a quarter of this year.

    Args:
        articles: in front of one, as a regular expression.
        names: of the parts, the first one first, by their letter.
        is_leading: the letter may stand in front as well.
    """
    letters = "".join(names)
    written = re.compile(rf"([1-4])([{letters}])(?!\w)|([{letters}])([1-4])(?![\w]|[.,/-][0-9])")
    cue = re.compile(rf"(?<!\w)(?:{articles})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or (found[3] and not is_leading) or not cue.search(text, max(0, at - _REACH), at):
            return None
        parts, place = names[found[2] or found[3]], int(found[1] or found[4]) - 1
        return (found.end(), Said(parts[place])) if place < len(parts) else None

    return rule


def week_rule(days: Mapping[str, str], links: str, many: Callable[[str], str], plural: str) -> Rule:
    """Take "mar. a dom." for two days and no month, and "los sáb. y dom." for several of each.

    Args:
        days: their abbreviations in lower case, without a stop, and their names.
        links: words between two days, as a regular expression.
        many: makes a day's name a plural.
        plural: articles of several, as a regular expression.
    """
    names = {day.capitalize(): name for day, name in days.items()} | dict(days)
    any_day = "|".join(sorted({*names, *days.values()}, key=len, reverse=True))
    both = re.compile(rf"({any_day})\.?(\s(?:{links})\s)({any_day})(\.?)(?!\w)")
    article = re.compile(rf"(?<!\w)(?:{plural})\s\Z", re.IGNORECASE)
    one = re.compile(rf"({'|'.join(names)})\.(?!\w)")

    def name(day: str, *, are_many: bool) -> str:
        said = names.get(day, day)
        return many(said) if are_many else said

    def rule(text: str, at: int) -> Match:
        if text[at - 1 : at].isalnum() or text[at - 1 : at] == "-":
            return None
        are_many = article.search(text, max(0, at - _REACH), at) is not None
        found = both.match(text, at)
        if found is not None and (found[1] in names or found[3] in names):
            is_last = found[4] and not text[found.end() :].strip(_CLOSING)
            # The stop of "dom." in front of a capital letter may end the sentence, but what is said of it does not.
            first, last = (name(found[part], are_many=are_many) for part in (1, 3))
            return found.end(), Said(f"{first}{found[2]}{last}{'.' if is_last else ''}")
        single = one.match(text, at) if are_many else None
        if single is None:
            return None
        is_last = not text[single.end() :].strip(_CLOSING)
        return single.end(), Said(many(names[single[1]]) + ("." if is_last else ""))

    return rule


def several_rule(nouns: str, say: Callable[[str, str], str]) -> Rule:
    """Take "4/6 persone" for four to six of them.

    Args:
        nouns: that nobody has a part of, as a regular expression.
        say: says both numbers.
    """
    written = re.compile(rf"([0-9]{{1,2}})/([0-9]{{1,2}})(?=\s(?:{nouns})(?!\w))")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or not int(found[1]) < int(found[2]) or text[at - 1 : at] in tuple(".,/-"):
            return None
        return found.end(), Said(say(found[1], found[2]))

    return rule


def unit_in_brackets_rule(many: Callable[[str], str]) -> Rule:
    """Take "peso (kg)" for what something is measured in; ``many`` says a unit."""

    def rule(text: str, at: int) -> Match:
        found = _UNIT_IN_BRACKETS.match(text, at)
        if found is None or text[at - 1 : at] != " " or not text[at - 2 : at - 1].isalpha():
            return None
        return found.end(), Said(f"({many(_UNITS_IN_BRACKETS[found[1]])})")

    return rule


_UNITS_IN_BRACKETS: Final = {
    "kg": "kilogram", "g": "gram", "mg": "milligram", "km": "kilometer", "cm": "centimeter", "mm": "millimeter",
    "ml": "milliliter", "min": "minute", "kcal": "kilocalorie", "kWh": "kilowatt-hour", "km/h": "kilometer-per-hour",
    "MB": "megabyte", "GB": "gigabyte", "°C": "celsius", "ºC": "celsius", "Hz": "hertz", "kW": "kilowatt",
}  # fmt: skip
_UNIT_IN_BRACKETS: Final = re.compile(rf"\(({'|'.join(_UNITS_IN_BRACKETS)})\)")


def read_local_phone(text: str, at: int) -> Match:
    """Read "5555-1234" and "99123-4567": the second half of no range is smaller than the first."""
    found = _LOCAL.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-–"):
        return None
    return (found.end(), Phone((found[1], found[2]))) if int(found[2]) < int(found[1]) else None


_LOCAL: Final = re.compile(r"(9?[2-9][0-9]{3})-([0-9]{4})(?![\w%]|[-.,:/–][0-9]|\s?[€$%°])")


def shortened_ordinal_rule(marks: Mapping[str, str], not_behind: str, behind: str = "") -> Rule:
    """Take "2da" and "3o piano" for an ordinal.

    Args:
        marks: letters close behind the number, and the mark of the ordinal that they stand for.
        not_behind: words behind which the letter is a part of a number, "fig. 3a", as a regular expression.
        behind: what must follow, as a regular expression.
    """
    any_mark = "|".join(sorted(marks, key=len, reverse=True))
    written = re.compile(rf"([0-9]{{1,3}})\.?({any_mark})(?!\w)(?={behind})")
    part = re.compile(rf"(?<!\w)(?:{not_behind})\.?\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or int(found[1]) == 0 or part.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Ordinal(str(int(found[1])), marks[found[2]])

    return rule


def read_marked_code(text: str, at: int) -> Match:
    """Read "2045-B" letter by letter and digit by digit."""
    found = (
        _MARKED.match(text, at)
        if not text[at - 1 : at].isalnum() and text[at - 1 : at] not in tuple("-–/.,:")
        else None
    )
    return None if found is None else (found.end(), Code((found[1], *found[2])))


_MARKED: Final = re.compile(r"([0-9]{2,6})-([A-Z]{1,3})(?![\w-])")


def read_roman_month(text: str, at: int) -> Match:
    """Read "8-V-1945" and "12.X.1492" as days."""
    found = _ROMAN_MONTH.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None:
        return None
    return found.end(), Date(found[4], _MONTHS.index(found[3]) + 1, int(found[1]), "dmy")


_MONTHS: Final = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN_MONTH: Final = re.compile(
    r"(0?[1-9]|[12][0-9]|3[01])([-–./])(I{1,3}|IV|VI{0,3}|IX|XI{0,2})\2([12][0-9]{3})(?![\w]|[.,/-][0-9])"
)


def read_class(text: str, at: int) -> Match:
    """Read the number of "4ºB" and "3ªB", a flat and a class."""
    found = _CLASS.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Ordinal(found[1], found[2]))


_CLASS: Final = re.compile(r"([1-9][0-9]?)\.?([ªº])(?=[ABDEG-LPQR](?!\w))")


def read_factor(text: str, at: int) -> Match:
    """Read "15,3x" as so many times."""
    found = _FACTOR.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None or text[at - 1 : at] in tuple(".,"):
        return None
    return found.end(), Measure(Number(found[1], found[2], mark=","), "time", "x")


_FACTOR: Final = re.compile(r"([0-9]{1,4}),([0-9]{1,2})\s?[x×](?![\w]|\s?[0-9])")


def part_rule(parts: Callable[[int], str]) -> Rule:
    """Take "1/15" and "1/100" for a part of one; ``parts`` says it by its bottom."""

    def rule(text: str, at: int) -> Match:
        found = _PART.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or text[at - 1 : at] in tuple(".,/:-–") or _SCALE_BEFORE.search(text, max(0, at - 12), at):
            return None
        return found.end(), Said(parts(int(found[1])))

    return rule


_PART: Final = re.compile(r"1/(1[3-9]|[2-9][0-9]|100|1000)(?![\w/]|[.,][0-9]|\s?[=+×*/])")
_SCALE_BEFORE: Final = re.compile(r"(?i:escala|scala|nota|partita|voto)\s(?:de |di )?\Z")


def street_day_rule(streets: str, of: str, months: Sequence[str], say: Callable[[int], str]) -> Rule:
    """Take "9 de Julio" and "XX Settembre" behind a street for its name, whose number is no year.

    Args:
        streets: words in front, as a regular expression.
        of: what stands between day and month.
        months: their names, in lower case.
        say: says a day.
    """
    written = re.compile(rf"([0-9]{{1,2}}|[IVX]{{1,5}})({of})({'|'.join(months)})(?!\w)", re.IGNORECASE)
    cue = re.compile(rf"(?<!\w)(?:{streets})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        day = int(found[1]) if found[1].isdecimal() else worth(found[1])
        return (found.end(), Said(f"{say(day)}{found[2]}{found[3]}")) if day else None

    return rule


def sign_code_rule(star: str, hash_: str, say: Callable[[str], str]) -> Rule:
    """Take "*123#" for what is dialled; ``say`` says digits one by one."""

    def rule(text: str, at: int) -> Match:
        found = _DIALLED.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None:
            return None
        parts = (star, say(found[1]), hash_ if found[2] else "")
        return found.end(), Said(" ".join(filter(None, parts)))

    return rule


_DIALLED: Final = re.compile(r"\*([0-9]{2,4})(#)?(?![\w*#])")


def per_unit_rule(joined: Callable[[str], str]) -> Rule:
    """Take "bacterias/ml" for so many of them per unit; ``joined`` says "per millilitre"."""

    def rule(text: str, at: int) -> Match:
        found = _PER_UNIT.match(text, at) if _NOUN_BEFORE.search(text, max(0, at - 4), at) else None
        return None if found is None else (found.end(), Said(f" {joined(_PER_UNITS[found[1]])}"))

    return rule


_PER_UNITS: Final = {
    "ml": "milliliter", "mL": "milliliter", "l": "liter", "L": "liter", "dl": "deciliter", "dL": "deciliter",
    "kg": "kilogram", "g": "gram", "m²": "square-meter", "m³": "cubic-meter", "km²": "square-kilometer",
    "km": "kilometer",
    "ha": "hectare", "cm²": "square-centimeter", "h": "hour", "s": "second", "min": "minute",
}  # fmt: skip
_PER_UNIT: Final = re.compile(rf"/({'|'.join(sorted(_PER_UNITS, key=len, reverse=True))})(?!\w)")
_NOUN_BEFORE: Final = re.compile(r"[^\W\d_]{3}\Z|(?<![^\W_])(?:UI|UFC)\Z")


def bare_price_rule(money: str, say: Callable[[str], str]) -> Rule:
    """Take "€/kg" without an amount for a price by the unit.

    Args:
        money: its sign.
        say: says what a unit costs: "euros por kilogramo".
    """
    written = re.compile(rf"{re.escape(money)}/({'|'.join(sorted(_PER_UNITS, key=len, reverse=True))})(?!\w)")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not _PRICED.search(text, max(0, at - 3), at) else None
        return None if found is None else (found.end(), Said(say(_PER_UNITS[found[1]])))

    return rule


_PRICED: Final = re.compile(r"[0-9]\s?\Z")


def read_order(text: str, at: int) -> Match:
    """Read the number of an order, "123-4567890-1234567", and of an identity card, "12345678Z", digit by digit."""
    found = _ORDER.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None or text[at - 1 : at] in tuple("-–/.,:"):
        return None
    return found.end(), Code(tuple(re.findall(r"[0-9]+|[A-Z]", found[0])), is_secret=True)


_ORDER: Final = re.compile(
    r"(?:[0-9]{3}-[0-9]{7}-[0-9]{7}|[0-9]{1,2}\.[0-9]{3}\.[0-9]{3}-[0-9A-Z]|[0-9]{8}-?[A-Z]|"
    r"[0-9]{7}-[0-9]{2}\.[0-9]{4}\.[0-9]\.[0-9]{2}\.[0-9]{4})(?![\w-])"
)


def read_expiry(text: str, at: int) -> Match:
    """Read "05/27" as a month, since no month has 27 of them."""
    found = _EXPIRY.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None or text[at - 1 : at] in tuple("-–/.,:") or not _EXPIRES.search(text, max(0, at - 30), at):
        return None
    return found.end(), Date(f"20{found[2]}", int(found[1]), None, "my")


_EXPIRY: Final = re.compile(r"(0[1-9]|1[0-2])/(?:20)?(1[3-9]|[2-9][0-9])(?![\w/]|[.,][0-9])")
_EXPIRES: Final = re.compile(r"(?i:scad|valid|caduc|venc|expir|cad\.|v[áa]lid|ven[cç]e|hasta|até|fino)[^.!?]{0,20}\Z")


def page_rule(cues: str, of: str, say: Callable[[str], str]) -> Rule:
    """Take "pag. 3/10" for so many of all.

    Args:
        cues: words in front, as a regular expression.
        of: what is said for the slash.
        say: says a whole number.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile(r"([0-9]{1,3})/([0-9]{1,3})(?![\w/]|[.,][0-9])")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at) or int(found[1]) > int(found[2]):
            return None
        return found.end(), Said(f"{say(found[1])} {of} {say(found[2])}")

    return rule


def degrees_rule(say: Callable[[str], str]) -> Rule:
    """Take "28º/15º" for the warmth of a day and of its night; ``say`` says so many degrees."""

    def rule(text: str, at: int) -> Match:
        found = _DAY_AND_NIGHT.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or text[at - 1 : at] in tuple(".,:/"):
            return None
        return found.end(), Said(f"{say(found[1])}, {say(found[2])}")

    return rule


_DAY_AND_NIGHT: Final = re.compile(r"([0-9]{1,2})\s?[º°]\s?/\s?([0-9]{1,2})\s?[º°](?![\w])")


def overtime_rule(plus: str, say: Callable[[str], str]) -> Rule:
    """Take "45'+2" for a minute of a match."""

    def rule(text: str, at: int) -> Match:
        found = _OVERTIME.match(text, at) if not text[at - 1 : at].isalnum() else None
        return None if found is None else (found.end(), Said(f"{say(found[1])} {plus} {say(found[2])}"))

    return rule


_OVERTIME: Final = re.compile(r"([0-9]{2,3})['′’]\s?\+\s?([0-9]{1,2})(?:['′’]|(?!\w|[.,][0-9]))")


def union_law_rule(say: Callable[[str], str]) -> Rule:
    """Take "95/46/CE" for two numbers and letters; ``say`` says a whole number."""

    def rule(text: str, at: int) -> Match:
        found = _UNION_LAW.match(text, at) if not text[at - 1 : at].isalnum() else None
        return None if found is None else (found.end(), Said(f"{say(found[1])} {say(found[2])} {found[3]}"))

    return rule


_UNION_LAW: Final = re.compile(r"([0-9]{2,4})/([0-9]{1,4})/(CEE|CE|UE|EU|EC)(?!\w)")


def short_day_rule(days: Mapping[str, str]) -> Rule:
    """Take "28/02" for a day, since no part begins with a zero, and "vie. 28/2".

    Args:
        days: weekdays' abbreviations and names.
    """
    any_day = "|".join(sorted({*days, *days.values()}, key=len, reverse=True))
    cue = re.compile(rf"(?<!\w)(?:{any_day})\.?,?\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _SHORT_DAY.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or text[at - 1 : at] in tuple("-–/.,:"):
            return None
        is_told = "0" in (found[1][0], found[2][0]) or cue.search(text, max(0, at - _REACH), at)
        if not is_told and not _is_day(text, at, int(found[1]), int(found[2])):
            return None
        return found.end(), Date("", int(found[2]), int(found[1]), "dm")

    return rule


def _is_day(text: str, at: int, first: int, last: int) -> bool:
    """Tell whether "29/2" in a sentence is a day, since nobody writes 29 halves there."""
    is_day = first > _LAST_MONTH and (first, last) != (24, 7) and _WORD_BEFORE.search(text, max(0, at - 24), at)
    return bool(is_day) and _NO_DAY_BEFORE.search(text, max(0, at - 30), at) is None


_LAST_MONTH: Final = 12
_WORD_BEFORE: Final = re.compile(r"(?:[a-zà-ÿ]{1,20}|[,:(])\s?\Z")
_NO_DAY_BEFORE: Final = re.compile(
    r"(?i:press|tensi|\b[pt]a\b|formato|pantalla|tela|schermo|propor|aspecto|aspetto|relaci|rapporto|fracci|fra[cz]|"
    r"nota|voto|igual|ugual|x|[=+×])"
    r"[^.!?]{0,24}\Z"
)
_SHORT_DAY: Final = re.compile(r"(0?[1-9]|[12][0-9]|3[01])/(0[1-9]|1[0-2]|[1-9])(?![\w/%]|[.,:][0-9]|\s?[=+×*])")


def proportion_rule(cues: str) -> Rule:
    """Take "1:50" behind a scale or a proportion for no time of the day; ``cues`` is a regular expression."""
    cue = re.compile(rf"(?<!\w)(?:{cues})(?:\s[a-zà-ÿ]{{1,8}}){{0,3}}:?\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _PROPORTION.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Ratio((Number(found[1]), Number(found[2])), ":")

    return rule


_PROPORTION: Final = re.compile(r"([0-9]{1,3}):([0-9]{1,3})(?![\w:]|[.,][0-9])")


def roman_number_rule(say: Callable[[int], str]) -> Rule:
    """Take "canto XXXIII" and "estadio III" for numbers; ``say`` says one."""

    def rule(text: str, at: int) -> Match:
        found = (_PLAIN_ROMAN.match(text, at) or _FIRST_OF_ROW.match(text, at)) if text[at - 1 : at] == " " else None
        if found is None or not _NUMBERED_NOUN.search(text, max(0, at - 40), at):
            return None
        value = worth(found[0])
        return (found.end(), Said(say(value))) if value else None

    return rule


_FIRST_OF_ROW: Final = re.compile(r"[IVX](?=(?:,| y| e| o| ou| a| al| ao) [IVX]{1,5}(?!\w))")  # "tomos I y II"
# No "IV", as a vein's, no "XX", as chromosomes, and no size.
_PLAIN_ROMAN: Final = re.compile(r"(?!IV\b|X{2,}\b|X{0,3}L\b)[IVX]{2,6}(?![\w'’-])")
_NUMBERED_NOUN: Final = re.compile(
    r"(?<![\w-])(?!(?:para|como|pero|desde|hasta|sobre|entre|segundo|secondo|della|delle|degli|dalla|sulla|quando|"
    r"pelo|pela|talla|taglia|cromosomas?|cromossomos?)\b)"
    r"(?:[a-zà-ÿ]{4,}|Tom[oi]s?|Cap[íi]t(?:ulos|oli)|Vol[uú]m(?:enes|es|i)|Li[bv]r(?:os|i)) "
    r"(?:[IVX]{1,5}(?:,| y| e| o| ou| a| al| ao) )*\Z"
)


def read_set(text: str, at: int) -> Match:
    """Read "5.º set" as a part of a match and no day of September."""
    found = _SET.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Ordinal(found[1], found[2]))


_SET: Final = re.compile(r"([1-5])\.?([ºª°])(?=\ssets?(?!\w|\.\s[0-9]|\sde\s))")


def pace_rule(count: Callable[[int, str], str], joint: str, per: str) -> Rule:
    r"""Take "5:06 min/km" and "5'06\"/km" for how long somebody runs a kilometre.

    Args:
        count: says so many of "minute" or "second".
        joint: stands between them.
        per: is said for "/km".
    """

    def rule(text: str, at: int) -> Match:
        found = _PACE.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or int(found[2]) >= _SIXTY:
            return None
        seconds = f" {joint} {count(int(found[2]), 'second')}" if int(found[2]) else ""
        return found.end(), Said(f"{count(int(found[1]), 'minute')}{seconds} {per}")

    return rule


_PACE: Final = re.compile(r"([0-9]{1,2})[:'′’]([0-9]{2})[\"″”]?\s?(?:min)?/km(?!\w)")


def frost_rule(minus: str, say: Callable[[str], str]) -> Rule:
    """Take "-3º" for degrees below zero; ``say`` says so many degrees."""

    def rule(text: str, at: int) -> Match:
        found = _FROST.match(text, at) if not text[at - 1 : at].strip(" ([") else None
        return None if found is None else (found.end(), Said(f"{minus} {say(found[1])}"))

    return rule


_FROST: Final = re.compile(r"[-−]([0-9]{1,2})\s?[º°](?!\w|\s?[CF]\b)")


def read_invoice(text: str, at: int) -> Match:
    """Read "F-2024/0153" letter by letter and digit by digit."""
    found = _INVOICE.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Code(tuple(re.findall(r"[0-9]+|[A-Z]", found[0])), is_secret=True))


_INVOICE: Final = re.compile(r"[A-Z]{1,4}-?[0-9]{2,6}/[0-9]{2,8}(?![\w/])")


def tally_rule(won: str, drawn: str, lost: str, count: Callable[[int, str], str]) -> Rule:
    """Take "3 V, 1 E, 0 D" for matches won, drawn and lost; ``count`` says so many of each word."""

    def rule(text: str, at: int) -> Match:
        found = _TALLY.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None:
            return None
        parts = (count(int(found[part]), word) for part, word in ((1, won), (2, drawn), (3, lost)))
        return found.end(), Said(", ".join(parts))

    return rule


_TALLY: Final = re.compile(r"([0-9]{1,2})\s?[VG],\s([0-9]{1,2})\s?[EN],?\s(?:[ey]\s)?([0-9]{1,2})\s?[DPS](?!\w)")


def local_number_rule(cues: str, begins: str) -> Rule:
    """Take nine or ten digits without marks for a telephone number.

    Args:
        cues: words in front, as a regular expression.
        begins: digits that such a number begins with, as a regular expression.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)
    written = re.compile(rf"(?={begins})[0-9]{{9,11}}(?![\w]|[.,:/-][0-9])")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Code((found[0],), is_secret=True)

    return rule


def house_rule(say: Callable[[str], str]) -> Rule:
    """Take the house and the dash of "Via Roma, 10 - 20121 Milano" for no range; ``say`` says a whole number."""

    def rule(text: str, at: int) -> Match:
        found = _HOUSE.match(text, at) if text[max(0, at - 2) : at] == ", " else None
        return None if found is None else (found.end(), Said(f"{say(found[1])},"))

    return rule


_HOUSE: Final = re.compile(r"([0-9]{1,4})\s?[-–](?=\s?[0-9]{5}(?:-[0-9]{3})?\s[A-ZÁÉÍÓÚ])")


def read_oven(text: str, at: int) -> Match:
    """Read "a 40º" and "de 200º" as degrees, where no noun follows that could be the 40th or the 200th."""
    found = _OVEN.match(text, at) if text[max(0, at - 3) : at] in (" a ", "de ", "os ") else None
    if found is None or (text[max(0, at - 3) : at] != " a " and len(found[1]) < len("200")):
        return None
    is_row = _ORDINAL_BEFORE.search(text, max(0, at - 12), at) is not None  # "del 1.º a 15.º"
    return None if is_row else (found.end(), Measure(Number(found[1]), "degree", "º"))


_OVEN: Final = re.compile(
    r"([1-9][0-9]{1,2})\s?[º°](?!\w|\s[CF]\b|\s(?!(?:por|per|durante|con|com|ed?|hasta|até|fino)\b)[a-zà-ÿ]{3})"
)
_ORDINAL_BEFORE: Final = re.compile(r"[0-9]\.?[ºª°]\s")


def slash_month_rule(months: Mapping[str, int]) -> Rule:
    """Take "15/jun." and "15-jun-2024" for a day; ``months`` are abbreviations in lower case, and their numbers."""
    any_month = "|".join(sorted(months, key=len, reverse=True))
    written = re.compile(
        rf"(0?[1-9]|[12][0-9]|3[01])/({any_month})(?:\.(?=\s[a-z0-9]|[,;)/])|(?!\w))(?:/((?:19|20)?[0-9]{{2}})(?!\w))?",
        re.IGNORECASE,
    )

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None:
            return None
        year = found[3] or ""
        year = f"20{year}" if len(year) == len("24") else year
        return found.end(), Date(year, months[found[2].lower()], int(found[1]), "dmy" if year else "dm")

    return rule


# What is counted behind the other end: "de 1 a 2 cucharadas", "1 ou 2 xícaras".
ALSO_COUNTED: Final = re.compile(r"\s(?:a|o|u|ou|e|y)\s[0-9]{1,4}(?=\s[^\W\d_])")


def lasting_clock_rule(cues: str, count: Callable[[int, str], str], joint: str) -> Rule:
    """Take "em 2h58" for how long something took, behind words that no time of the day follows.

    Args:
        cues: the words, as a regular expression.
        count: says so many of "hour" or "minute".
        joint: stands between them.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z|\(\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _LASTING_CLOCK.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Said(f"{count(int(found[1]), 'hour')} {joint} {count(int(found[2]), 'minute')}")

    return rule


_LASTING_CLOCK: Final = re.compile(r"([1-9][0-9]?)\s?h\s?([0-5][0-9])(?!\w|\s?min|[-–])")


def read_first_day(text: str, at: int) -> Match:
    """Read "1º/02" as a day."""
    found = _FIRST_DAY.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None:
        return None
    return found.end(), Date(found[2] or "", int(found[1]), 1, "dmy" if found[2] else "dm")


_FIRST_DAY: Final = re.compile(r"1\.?[º°]/(0?[1-9]|1[0-2])(?:/((?:19|20)[0-9]{2}|[0-9]{2}))?(?![\w/])")


def dash_day_rule(cues: str) -> Rule:
    """Take "el próximo 22-12" for a day, since no range falls; ``cues`` are words in front, as a regular expression."""
    cue = re.compile(rf"(?<!\w)(?:{cues})\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _DASH_DAY.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Date("", int(found[2]), int(found[1]), "dm")

    return rule


_DASH_DAY: Final = re.compile(r"(1[3-9]|2[0-9]|3[01])-(0?[1-9]|1[0-2])(?![\w%/-]|[.,:][0-9]|\s?[%€$])")


def verse_rule(say: Callable[[str], str], to: str) -> Rule:
    """Take "Isaías 40:31" and "Salmo 119:1-3" for a chapter and its verses.

    Args:
        say: says a whole number.
        to: stands between two verses.
    """

    def rule(text: str, at: int) -> Match:
        found = _VERSE.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not _BOOK.search(text, max(0, at - 30), at):
            return None
        is_clock = int(found[1]) <= _HOURS and int(found[2]) < _SIXTY and not found[3]
        if is_clock:
            return None
        last = f" {to} {say(found[3])}" if found[3] else ""
        return found.end(), Said(f"{say(found[1])}, {say(found[2])}{last}")

    return rule


_HOURS: Final = 24
_VERSE: Final = re.compile(r"([1-9][0-9]{0,2}):([1-9][0-9]{0,2})(?:[-–]([1-9][0-9]{0,2}))?(?![\w:]|[.,][0-9])")
_BOOK: Final = re.compile(
    r"(?<!\w)(?:[1-3]\.?[ºª°]?\s)?(?:G[ée]n|[ÉE][xs]|Lev|N[úu]m|Deut|Dt|Jos|Ju[ed]|Rut|Sam|Re[iy]|Cr[óo]n|Esd|Neh|"
    r"Est|Job|J[óo]|"
    r"Sal|Prov|Pr|Ecl|Cant|Is|Jer|Lam|Ez|Dan|Os|Joel|Am[óo]s|Jon|Miq|Nah|Hab|Sof|Zac|Mal|Ma?t|Mc|Mar[ck]|Luc|Lc|"
    r"Giov|Gv|"
    r"Jn|Juan|Jo[ãa]o|Hech|At|Rom|Rm|Cor|G[áa]l|Ef|Fil|Flp|Col|Ts|Tes|Tim|Tit|Heb|Eb|Hb|Sant|Giac|Tg|Ped|Piet|Pt|"
    r"Apoc|Ap|"
    r"Sura|Corán|Corano|Alcorão)[a-zà-ÿ]*\.?\s\Z"
)


def read_dotted_half(text: str, at: int) -> Match:
    """Read "2.30 p. m." as a time of the day."""
    found = _DOTTED_HALF.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None or text[at - 1 : at] in tuple(".,:/-") or int(found[1]) > _HALF_A_DAY:
        return None
    written = found[3]
    return found.end(), Clock(int(found[1]), int(found[2]), None, "am" if written[0] in "aA" else "pm", written)


_HALF_A_DAY: Final = 12
_DOTTED_HALF: Final = re.compile(r"([01]?[0-9])\.([0-5][0-9])\s?([aApP]\.?\s?[mM]\.?)(?!\w)")


def small_roman_rule(centuries: str, say: Callable[[int], str]) -> Rule:
    """Take "siglo xix" for a number, as some print it; ``say`` says one.

    Args:
        centuries: words for a century, as a regular expression.
        say: says a number.
    """
    cue = re.compile(rf"(?<!\w)(?:{centuries})\s(?:[ivxlIVXL]{{1,6}}\s(?:[yeo]|al?)\s)?\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _SMALL_ROMAN.match(text, at) if text[at - 1 : at] == " " else None
        value = worth(found[0].upper()) if found is not None and cue.search(text, max(0, at - 30), at) else 0
        return (found.end(), Said(say(value))) if found is not None and value else None

    return rule


_SMALL_ROMAN: Final = re.compile(r"[ivxl]{1,6}(?![\w'’-])")


def month_day_rule(months: Mapping[str, int]) -> Rule:
    """Take "abr. 22" for a day; ``months`` are abbreviations in lower case, and their numbers."""
    written = re.compile(rf"({'|'.join(months)})\.\s(0?[1-9]|[12][0-9]|3[01])(?![\w]|[.,:/-][0-9])", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or _DIGIT_BEFORE.search(text, max(0, at - 6), at):
            return None
        return found.end(), Date("", months[found[1].lower()], int(found[2]), "md")

    return rule


_DIGIT_BEFORE: Final = re.compile(r"[0-9]\s(?:de\s)?\Z")


def over_rule(over: str, say: Callable[[str], str]) -> Rule:
    """Take "1/100.000" for one over so many.

    Args:
        over: is said for the slash.
        say: says a whole number.
    """

    def rule(text: str, at: int) -> Match:
        found = _OVER.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or text[at - 1 : at] in tuple(".,/:"):
            return None
        return found.end(), Said(f"{say(found[1])} {over} {say(found[2].replace('.', ''))}")

    return rule


_OVER: Final = re.compile(r"([0-9]{1,3})/([0-9]{1,3}(?:\.[0-9]{3})+)(?![\w/]|[.,][0-9])")


def saint_rule(saints: Mapping[str, str]) -> Rule:
    """Take the "S." of "S. Maria" for a saint's title; ``saints`` are words for it, by the names behind it."""
    written = re.compile(rf"S\.\s?(?=({'|'.join(saints)})(?!\w))")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        if found is None or _NAME_BEFORE.search(text, max(0, at - 24), at):
            return None
        title = saints[found[1]]
        return found.end(), Said(title if title.endswith("'") else f"{title} ")

    return rule


# "Ana S. Pedro" is a name with an initial, "Via S. Anna" none.
_NAME_BEFORE: Final = re.compile(
    r"\b(?!(?:Via|Piazza|Corso|Largo|Chiesa|Basilica|Rua|Praça|Calle|Plaza|In|A|Da|Di|De|Em)\b)[A-Z][a-zà-ÿ]+ \Z"
)


def and_half_rule(times: str, joint: str, her: str, him: str) -> Rule:
    """Take the "1/2" of "alle 9 e 1/2" and "1 kg e 1/2" for a half of one.

    Args:
        times: words in front of an hour, as a regular expression.
        joint: "and".
        her: half an hour.
        him: half of anything else.
    """
    hour = re.compile(rf"(?<!\w)(?:{times})\s[0-9]{{1,2}}h?\s{joint}\s\Z", re.IGNORECASE)
    thing = re.compile(rf"[0-9]\s?[^\W\d_]{{1,9}}\s{joint}\s\Z")
    woman = re.compile(rf"[0-9]\s?(?:h|[^\W\d_]{{2,8}}(?:as?|e))\s{joint}\s\Z")  # "1 ora e 1/2", "2 tazas y 1/2"

    def rule(text: str, at: int) -> Match:
        if text[at : at + 3] != "1/2" or text[at + 3 : at + 4].isalnum() or text[at + 3 : at + 4] == "/":
            return None
        if hour.search(text, max(0, at - _REACH), at) or woman.search(text, max(0, at - _REACH), at):
            return at + 3, Said(her)
        return (at + 3, Said(him)) if thing.search(text, max(0, at - _REACH), at) else None

    return rule


def arguments_rule(say: Callable[[str], str]) -> Rule:
    """Take "C(5,2)" for two numbers; ``say`` says a whole number."""

    def rule(text: str, at: int) -> Match:
        found = _ARGUMENTS.match(text, at) if text[at - 1 : at] == "(" and text[at - 2 : at - 1].isalpha() else None
        return None if found is None else (found.end(), Said(f"{say(found[1])}, {say(found[2])}"))

    return rule


_ARGUMENTS: Final = re.compile(r"([0-9]{1,6}),([0-9]{1,6})(?=\))")


def plate_rule(pattern: str) -> Rule:
    """Take what looks like the plate of a car for letters and digits; ``pattern`` is a regular expression."""
    written = re.compile(rf"(?:{pattern})(?!\w)")

    def rule(text: str, at: int) -> Match:
        found = written.match(text, at) if not text[at - 1 : at].isalnum() else None
        return (
            None if found is None else (found.end(), Code(tuple(re.findall(r"[0-9]+|[A-Z]", found[0])), is_secret=True))
        )

    return rule


def pressure_rule(cues: str, over: str, say: Callable[[str], str]) -> Rule:
    """Take "13/8" behind a word for blood pressure for one number over the other.

    Args:
        cues: the words, as a regular expression.
        over: is said for the slash.
        say: says a whole number.
    """
    cue = re.compile(rf"(?<!\w)(?:{cues})(?:,|\s[a-zà-ÿ]{{1,11}}){{0,4}}\s\Z", re.IGNORECASE)

    def rule(text: str, at: int) -> Match:
        found = _PRESSURE.match(text, at) if text[at - 1 : at].isspace() else None
        if found is None or not cue.search(text, max(0, at - _REACH), at):
            return None
        return found.end(), Said(f"{say(found[1])} {over} {say(found[2])}")

    return rule


_PRESSURE: Final = re.compile(
    r"(1[0-9]|[89]|[12][0-9]{2})/([4-9]|1[0-3]|[4-9][0-9]|1[0-3][0-9])(?![\w/]|[.,][0-9]|\s?mm)"
)
