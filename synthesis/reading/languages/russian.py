"""Russian: numbers and units in the case that the preposition or the noun asks for, years and dates as ordinals."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from ..notation.cues import (
    abbreviation_rule,
    day_rule,
    first_rule,
    flight_rule,
    per_rule,
    phone_rule,
    read_european,
    size_rule,
    weekday_rule,
)
from ..notation.customs import Customs
from ..notation.everyday import (
    at_digits,
    at_heads,
    bare_unit_rule,
    code_rule,
    days_rule,
    dotted_clock_rule,
    enumeration_rule,
    greek_letters,
    measure_rule,
    month_of_year_rule,
    quarter_rule,
    short_number_rule,
    step_rule,
    wind_rule,
)
from ..notation.tokens import (
    NOWHERE,
    Around,
    Clock,
    Code,
    Date,
    Duration,
    Fraction,
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
    Span,
    Unit,
)
from .european import ALONE, VERSIONED, Agreement, Coin, European, Noun, last_word, named, roman, with_capitals

if TYPE_CHECKING:
    from ..notation.tokens import Formula, Sign, Token, Year
    from .european import Case, Gender

_MONTHS: Final = (
    "января", "февраля", "марта", "апреля", "мая", "июня",
    "июля", "августа", "сентября", "октября", "ноября", "декабря",
)  # fmt: skip
# As a month stands without a day: "май 2024", "в мае 2024 года".
_PLAIN_MONTHS: Final = (
    "январь", "февраль", "март", "апрель", "май", "июнь",
    "июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "янв": 1, "фев": 2, "февр": 2, "мар": 3, "апр": 4, "июн": 6, "июл": 7, "авг": 8, "сен": 9, "сент": 9, "окт": 10,
    "ноя": 11, "нояб": 11, "дек": 12,
}  # fmt: skip

# Words in front of a number, by the case they ask for.
_CASES: Final[dict[str, Case]] = {
    **dict.fromkeys(
        "без до от из у около после более менее больше меньше свыше для с со порядка старше младше выше ниже дороже "
        "дешевле ок "
        "дольше длиннее короче старее против вместо кроме среди течение ради мимо вокруг минимум_из нет хватает хватит "
        "хватило хватало достиг достигла достигло достигли достигает достигают достигнет достичь превышает_до лишился "
        "лишилась лишились добился добилась добились касается требует внутри вдоль возле накануне посреди из-за из-под "
        "пределах размере сумме суммой объёмом весом длиной высотой площадью".split(),
        "g",
    ),
    **dict.fromkeys(
        "к ко благодаря согласно равно_к равен равна равны равняется навстречу вопреки подобно соответствует".split(),
        "d",
    ),
    **dict.fromkeys("между над перед под".split(), "i"),
    **dict.fromkeys("о об обо при".split(), "p"),
    **dict.fromkeys("на за через про спустя".split(), "a"),
}
_PREPOSITIONS: Final = frozenset(_CASES) | frozenset("в во на за через по про спустя".split())
_ORDINAL_ENDINGS: Final = "ого|ому|ыми|ими|ый|ий|ой|ая|яя|ое|ее|ые|ие|ую|юю|ым|им|ых|их|ом|го|му|ми|й|я|е|м|х|ю"
_ORDINAL: Final = re.compile(rf"(?P<digits>\d{{1,4}})\s?[-–]\s?(?P<mark>{_ORDINAL_ENDINGS})\b")
_INFLECTED: Final = re.compile(r"(?P<digits>\d{1,6})-(?P<mark>ти|и|мя|ю|х|ёх|ех|м)\b")
_YEAR: Final = re.compile(
    r"(?P<first>[12]\d{3}|[1-9]\d{2}(?=\s?год))(?:\s?[-–—]\s?(?P<last>[12]\d{3}))?(?:-(?:й|го|му|м|е|х))?"
    r"(?P<word>\s(?:год|года|году|годом|годе|годы|годов|годам|годах|годами)\b|\s?гг?\.)"
)
_CENTURY: Final = re.compile(
    r"(?P<first>[IVX]{1,5})(?:\s?[-–—]\s?(?P<last>[IVX]{1,5}))?(?P<word>\s(?:век|столети)\w*|\s?вв?\.)"
)
# "в XVIII веке, а Николай II — в XX".
_BARE_CENTURY: Final = re.compile(r"(?:X{1,2}(?:I[XV]|VI{0,3}|I{0,3})|I[XV]|VI{0,3}|I{2,3})(?=[\s]*[.,;:!?)]|\s*\Z)")
_CENTURY_BEFORE: Final = re.compile(r"(?<!\w)[IVX]{1,5}\s(?:век\w*|вв?\.)[^.!?]*\s(?:в|во|до|с|из|от|после|к|и)\s\Z")
# "С … по …" takes in both ends, which are ordinals whatever is counted; what it is may not be written yet.
_FROM_DAY: Final = re.compile(
    r"(?P<first>\d{1,4})(?=\sпо(?:\s\d|\s*\Z)|"
    rf"\sдо\s\d{{1,2}}\s(?:{'|'.join((*_MONTHS, *_SHORT_MONTHS))}|число|числа)\b)"
)
_UP_TO: Final = re.compile(
    rf"(?P<last>\d{{1,4}})(?!\s(?:{'|'.join((*_MONTHS, *_SHORT_MONTHS))}|числ|гг?\b|год))"
    r"(?=[.,;!?)]*(?:\s|\Z))(?!\s?(?:(?:[кмс]м|кг|[гмлтчс]|мин|руб|шт)\b|[%₽°]))(?:\s(?P<noun>[а-яё]+))?"
)
_UP_TO_CUE: Final = re.compile(r"\b[Сс]о?\s\d{1,4}\sпо\s\Z")
_FEMININE_CUE: Final = re.compile(
    r"\b(?:страниц|глав|сери|стать|строк|задач|част)[а-яё]*\s[Сс]о?\s(?:\d{1,4}\sпо\s)?\Z"
)
_MASCULINE: Final = re.compile(
    r"(?:класс|курс|этаж|подъезд|том|раздел|пункт|вопрос|ряд|месяц|километр|век|сезон|выпуск|урок|эпизод|номер|этап|"
    r"уровень|тур|раунд|день)\Z"
)
_ROMAN_ORDINAL: Final = re.compile(r"(?P<letters>[IVX]{1,5})-(?P<mark>й|я|е|го|му|м|х|ю)\b")
_OF_MONTH: Final = re.compile(r"([12]?\d|3[01])\sчисл([оау])\b")
_COMPOUND: Final = re.compile(
    r"(\d{1,4})-((?:лет|комнатн|этажн|дневн|часов|минутн|процентн|кратн|метров|местн|значн|тонн|звёздочн|секундн|"
    r"ступенчат|"
    r"месячн|недельн|километров|дюймов)[а-яё]*)"
)
_HALF_MORE: Final = re.compile(r"1,5-((?:час|год|литр|метр|месяч|недель|минут|килограмм|процент|кратн|тонн)[а-яё]*)")
_FROM_YEAR: Final = re.compile(r"[12]\d{3}(?=\s(?:по|до)\s[12]\d{3}\s?г)")
_CODE: Final = re.compile(r"[А-ЯЁ]{1,4}-?\d{2,}(?:-?[А-ЯЁ]{1,4}(?![а-яё])|-?\d++)*(?!\w)")
_CHAPTERS: Final = frozenset(
    "глава главу главе главы главой гл т том тома томе часть части частью раздел разделе акт акте сцена "
    "сцене статья статье "
    "статьи книга книге серия серии класс типа тип уровень уровня этап этапе фаза фазе".split()
)
# The case of a year or a century, by the form of its noun.
_YEAR_FORMS: Final[dict[str, tuple[Case, bool]]] = {
    "год": ("n", False), "года": ("g", False), "году": ("p", False), "годом": ("i", False), "годе": ("p", False),
    "годы": ("n", True), "годов": ("g", True), "годам": ("d", True), "годах": ("p", True), "годами": ("i", True),
}  # fmt: skip


def _final_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "в 1/8 финала": whoever goes there stands in the accusative, who is there in another case."""
    found = _FINAL.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    before = text[max(0, at - _NEAR) : at]
    word = last_word(before)
    case: Case = "n"
    if word in ("в", "во", "на"):
        is_moved = _ADVANCED.search(before) or _ADVANCED_BEHIND.match(text, found.end())
        case = "a" if is_moved else "p"
    elif word in ("за", "через", "про") or _PLAYED.search(before) is not None:
        case = "a"
    elif before[-1:].isspace() and (word in _PREPOSITIONS or _OF_A_FINAL.search(before) is not None):
        case = "g"
    return found.end(), Said(f"{named('1', 'ru', case=case, gender='f')} {_rank_of_her(found[1], case)}")


def _rank_of_her(digits: str, case: Case) -> str:
    return named(digits, "ru", "ordinal", case=case, gender="f")


_FINAL: Final = re.compile(r"1/(2|4|8|16|32|64|128)(?=-?\s?финал[а-яё]*(?!\w))")
_ADVANCED: Final = re.compile(
    r"(?<!\w)(?:вы(?:шл|ш[её]л|йд|йти|ход|вел|вод|вед|рва)|про(?:шл|ш[её]л|йд|йти|ход|би|ник|рва|ры|пуст|вел)|попа|"
    r"пробра|шагн|пут[её]вк|билет|допу[сщ]|пере(?:шл|ш[её]л|йд|ход))[а-яё]*(?:\s[^\W\d]+){0,3}"
    r"(?:\sв\s1/[0-9]{1,2}\sфинала(?:,|\sи|\sили))?\s(?:в|во|на)\s\Z",
    re.IGNORECASE,
)
_ADVANCED_BEHIND: Final = re.compile(r"\sфинала\s(?:[^\W\d]+\s){0,3}(?:вы(?:шл|ш[её]л|йд|ход|вел)|проби|попа)[а-яё]*")
_PLAYED: Final = re.compile(
    r"(?<!\w)(?:сыгра|игра|пройти|преодоле|провел|пров[её]л|выигра|проигра|смотр)[а-яё]*\s\Z", re.IGNORECASE
)
_OF_A_FINAL: Final = re.compile(
    r"(?<!\w)(?:матч|игр|стади|жереб|побед|участни|раунд|пар|сетк|этап|уровн|соперни|поедин|встреч|дуэл|серии|"
    r"расписани|календар|результат|итог)[а-яё]*\s\Z|(?<!\w)(?:начал[аоу]м?|старта?)\s\Z",
    re.IGNORECASE,
)


def _part_in_genitive(text: str, at: int) -> tuple[int, Token] | None:
    """Read a fraction behind what wants the genitive: "до 3/4" as "до трёх четвёртых"."""
    found = _PART.match(text, at)
    if found is None or _WANTS_GENITIVE.search(text, max(0, at - _REACH_OF_GENITIVE), at) is None:
        return None
    numerator, denominator = found.groups()
    is_one = numerator == "1"
    return found.end(), Said(f"{_SO_MANY[int(numerator)]} {_PARTS_OF[denominator][0 if is_one else 1]}")


_PART: Final = re.compile(r"([1-9])/([2-9]|10)(?![\w/.,-]*[0-9]|\s?[-–+*×÷=])")
_WANTS_GENITIVE: Final = re.compile(
    r"(?<!\w)(?:сокра|уменьш|увелич|вырас|упа|дой)\w* до \Z|"
    r"(?<!\w)(?:от|около|более|менее|больше|меньше|свыше|порядка) \Z",
    re.IGNORECASE,
)
_REACH_OF_GENITIVE: Final = 24
_SO_MANY: Final = dict(enumerate("одной двух трёх четырёх пяти шести семи восьми девяти".split(), 1))
_PARTS_OF: Final = {
    "2": ("второй", "вторых"),
    "3": ("третьей", "третьих"),
    "4": ("четвёртой", "четвёртых"),
    "5": ("пятой", "пятых"),
    "6": ("шестой", "шестых"),
    "7": ("седьмой", "седьмых"),
    "8": ("восьмой", "восьмых"),
    "9": ("девятой", "девятых"),
    "10": ("десятой", "десятых"),
}


def _year_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "1999 году", "в 1999 г.", "1941–1945 гг." for years."""
    if (ancient := _ANCIENT.match(text, at)) is not None and text[at - 1 : at] not in (",", "."):
        case = _case_of_abbreviated(last_word(text[max(0, at - 40) : at]), text[max(0, at - 40) : at])
        form = {"n": "год", "g": "года", "d": "году", "a": "год", "i": "годом", "p": "году"}[case]
        return ancient.end(), Said(f"{year_in(ancient[1], case)} {form}")
    found = _YEAR.match(text, at)
    if found is None or text[at - 1 : at] in (",", "."):
        return None
    word, before = found["word"].strip(), last_word(text[max(0, at - 40) : at])
    is_abbreviated = word.endswith(".")
    case, is_plural = _YEAR_FORMS.get(word) or (_case_of_abbreviated(before, text[max(0, at - 40) : at]), word == "гг.")
    if word == "году" and before in ("к", "ко"):
        case = "d"
    if is_abbreviated and before == "по":  # "с 2010 по 2020 гг."
        form = "годы" if is_plural else "год"
        return found.end(), Said(f"{year_in(found['first'], 'a')} {form}")
    if word == "года" and int(found["first"]) < _LEAST_YEAR and not found["last"]:  # "два года": "1002 года" is rare
        return None
    if is_plural and not found["last"]:
        years = named(found["first"], "ru", "ordinal", case=case, plural=True, animate=False)
    else:
        years = " — ".join(year_in(digits, case) for digits in (found["first"], found["last"]) if digits)
    if not is_abbreviated:
        return found.start("word"), Said(years)
    forms = {"n": "год", "g": "года", "d": "году", "a": "год", "i": "годом", "p": "году"}
    plurals = {"n": "годы", "g": "годов", "d": "годам", "a": "годы", "i": "годами", "p": "годах"}
    return found.end(), Said(f"{years} {(plurals if is_plural else forms)[case]}")


_ANCIENT: Final = re.compile(r"([0-9]{1,4})\sг\.(?=\s(?:до\s)?н\.\s?э\.)")
_LEAST_YEAR: Final = 1000


def _made_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "2019 г. в." of a car and "1998 г. п." of a house: "года выпуска", "года постройки"."""
    found = _MADE.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    return found.end(), Said(f"{year_in(found[1], 'g')} года {'выпуска' if found[2] == 'в' else 'постройки'}")


_MADE: Final = re.compile(r"((?:19|20)[0-9]{2})\sг\.\s?([вп])\.(?!\w)")


def _bare_year_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "в 1998" and "летом 2024" for years, if nothing is counted: "в тысяча девятьсот девяносто восьмом году"."""
    found = _BARE_YEAR.match(text, at)
    if found is None or not text[at - 1 : at].isspace():
        return None
    before = text[max(0, at - 40) : at]
    if _MONTH_BEFORE.search(before) is not None:
        return found.end(), Said(f"{year_in(found[0], 'g')} года")
    case = _YEAR_CASES.get(last_word(before))
    if case is None or found[0][2:] == "00" or before.rstrip()[-1:] == ".":
        return None
    if _COMPARED_WITH.search(before) is not None:
        case = "i"
    form = {"g": "года", "d": "году", "a": "год", "i": "годом", "p": "году"}[case]
    return found.end(), Said(f"{year_in(found[0], case)} {form}")


# A verb or a mark behind it: what is counted would be a noun.
_BARE_YEAR: Final = re.compile(
    r"(?:19|20)[0-9]{2}(?=\s*\Z|[.,;:!?)](?![0-9])|\s[—–]\s|"
    r"\s(?:и|а|но|он|она|они|мы|это|был[аои]?|стал[аои]?|"
    r"[а-яё]{2,}(?:л|ла|ло|ли|лся|лась|лось|лись|ет|ит|ут|ют|ат|ят|ется|ются|ится|атся|ятся))(?![а-яё]))"
)
_MONTH_BEFORE: Final = re.compile(
    r"(?<!\w)(?i:(?:январ|феврал|апрел|июн|июл|сентябр|октябр|ноябр|декабр)(?:[ьяею]|ём|ем)|(?:март|август)(?:а|е|у|ом)?|"
    r"ма[йяею]|летом?|лета|зим[аыой]{1,2}|весн[аыой]{1,2}|осень[ю]?|осени)\s\Z"
)
_YEAR_CASES: Final[dict[str, Case]] = {
    "в": "p", "к": "d", "до": "g", "после": "g", "на": "a", "с": "g",
}  # fmt: skip
_COMPARED_WITH: Final = re.compile(r"сравнени[еюя] с \Z")


def _case_of_abbreviated(before: str, text: str) -> Case:
    """The case of "г." or "в." by the word in front of its number."""
    if before in ("в", "во"):
        return "p"
    if before == "по":
        return "a"
    if before in _CASES:
        return _CASES[before]
    if before in ("кв", "полугодия", "квартал", "квартале", "квартала", "мес", "месяца") or before in _SHORT_MONTHS:
        return "g"  # "в 4-м кв. 2024 г."
    return "n" if not before or re.search(r"[(:;—–.]\s*$", text) else "g"


def _century_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "XX веке", "XIX–XX вв." for centuries."""
    if text[at] not in "IVX":
        return None
    if (bare := _BARE_CENTURY.match(text, at)) is not None and _CENTURY_BEFORE.search(text, max(0, at - _NEAR), at):
        case = _case_of_abbreviated(last_word(text[max(0, at - 40) : at]), "")
        return bare.end(), Said(named(str(roman(bare[0])), "ru", "ordinal", case=case, gender="m", animate=False))
    found = _CENTURY.match(text, at)
    values = [roman(found[part]) for part in ("first", "last") if found[part]] if found else []
    if found is None or not all(values):
        return None
    word = found["word"].strip()
    gender: Gender = "n" if word.startswith("столет") else "m"
    forms: dict[str, Case] = {
        "века": "g", "веку": "d", "веком": "i", "веке": "p", "веков": "g", "веках": "p", "векам": "d",
        "столетия": "g", "столетии": "p", "столетию": "d", "столетием": "i",
    }  # fmt: skip
    case = (
        _case_of_abbreviated(last_word(text[max(0, at - 40) : at]), text[max(0, at - 40) : at])
        if word.endswith(".")
        else forms.get(word, "n")
    )
    said = " — ".join(named(str(value), "ru", "ordinal", case=case, gender=gender, animate=False) for value in values)
    if not word.endswith("."):
        return found.start("word"), Said(said)
    singular = {"n": "век", "g": "века", "d": "веку", "a": "век", "i": "веком", "p": "веке"}
    plural = {"n": "века", "g": "веков", "d": "векам", "a": "века", "i": "веками", "p": "веках"}
    return found.end(), Said(f"{said} {(plural if word == 'вв.' else singular)[case]}")


def _ordinal_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3-м", "1-й", "90-х" for ordinals, "5-ти" and "2-х" for numbers in their case."""
    if text[at - 1 : at] in (".", ",", "-", "–"):
        return None
    found = _INFLECTED.match(text, at)
    if found is not None:
        case = {"ти": "g", "и": "g", "х": "g", "ёх": "g", "ех": "g", "мя": "i"}.get(found["mark"])
        if case and (found["mark"] != "х" or found["digits"] in ("2", "3", "4")):
            return found.end(), Said(named(found["digits"], "ru", case=case))
    found = _ORDINAL.match(text, at)
    if found is not None:
        return found.end(), Ordinal(found["digits"], found["mark"])
    found = _ROMAN_ORDINAL.match(text, at)
    value = roman(found["letters"]) if found else 0
    return (found.end(), Ordinal(str(value), found["mark"])) if found and value else None


def _day_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take the first day of "с 3 по 5 мая", and both numbers of "с 5 по 10 класс" and "страницы с 12 по 15"."""
    if text[at - 1 : at].isalnum():
        return None
    before = text[max(0, at - 40) : at]
    if (found := _FROM_DAY.match(text, at)) is not None and last_word(before) in ("с", "со"):
        gender: Gender = "n" if _FEMININE_CUE.search(before) is None else "f"
        return found.end(), Said(named(found["first"], "ru", "ordinal", case="g", gender=gender))
    found = _UP_TO.match(text, at) if _UP_TO_CUE.search(before) is not None else None
    if found is None:
        return None
    noun = found["noun"] or ""
    if noun.endswith(("у", "ю")) or _FEMININE_CUE.search(before) is not None:
        gender = "f"
    else:
        gender = "m" if len(found["last"]) == len("2005") or _MASCULINE.match(noun) is not None else "n"
    return found.end("last"), Said(named(found["last"], "ru", "ordinal", case="a", gender=gender, animate=False))


def _of_month_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "15 число", "5 числа" for days of a month."""
    found = _OF_MONTH.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    case: Case = {"о": "n", "а": "g", "у": "d"}[found[2]]  # type: ignore[assignment] # a literal
    return found.end(1), Said(named(found[1], "ru", "ordinal", case=case, gender="n", animate=False))


def _ranked_noun_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "на 21 странице", "в 5 классе", "по 1 каналу" for ordinals: a noun in the singular is not counted."""
    found = _RANKED_NOUN.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    before = last_word(text[max(0, at - 10) : at])
    if before not in (("по", "к", "ко") if found["to"] else ("на", "в", "во")):
        return None
    gender: Gender = "f" if found["f"] or found["hers"] else "n" if found["n"] else "m"
    case: Case = "d" if found["to"] else "p"
    return found.end("digits"), Said(named(found["digits"], "ru", "ordinal", case=case, gender=gender))


_RANKED_NOUN: Final = re.compile(
    r"(?P<digits>[1-9][0-9]{0,2})\s(?:(?P<f>странице|главе|строке|серии|части|линии|неделе|минуте|палате|платформе|"
    r"аудитории|комнате|квартире|школе|поликлинике|больнице)|(?P<n>месте|отделении)|(?:этаже|томе|классе|курсе|уровне|"
    r"вагоне|пути|дне|ряду|разделе|пункте|акте|туре|сезоне|раунде|подъезде|корпусе|терминале|столбце|абзаце|"
    r"году)|(?P<to>(?P<hers>программе|ветке)|каналу|маршруту|пункту|этажу|подъезду|терминалу|корпусу))(?!\w)"
)


def _compound_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "5-летний", "3-комнатная", "50-летие" for one word."""
    if (half := _HALF_MORE.match(text, at)) is not None and not text[at - 1 : at].isalnum():
        return half.end(), Said(f"полутора{half[1]}")
    found = _COMPOUND.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    special = {"1": "одно", "90": "девяносто", "100": "сто", "1000": "тысяче"}
    stem = special.get(found[1]) or named(found[1], "ru", case="g").replace(" ", "")
    return found.end(), Said(f"{stem}{found[2]}")


def _after_date_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "г." behind a date or a year for "года"; behind a number it is grams, which the scanner finds."""
    if text[at : at + 3] == "гг." and (decade := _DECADE_BEFORE.search(text, max(0, at - 24), at)) is not None:
        form = {"е": "годы", "м": "годам", "х": "годах" if decade[1] in ("в", "В", "о") else "годов"}[decade[2]]
        return at + 3, Said(form if text[at + 3 :].strip(" \"'”’)»") else f"{form}.")
    if text[at : at + 2] != "г." or not re.search(r"\d\s?\Z", text[max(0, at - 2) : at]):
        return None
    is_last = not text[at + 2 :].strip(" \"'”’)»")
    return at + 2, Said("года." if is_last else "года")


_DECADE_BEFORE: Final = re.compile(r"(?:(?<!\w)([А-Яа-яё]+)\s)?[0-9]{1,3}0-([ехм])\s\Z")


def _from_year_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take the first year of "с 1939 по 1945 год"."""
    found = _FROM_YEAR.match(text, at)
    return (
        (found.end(), Said(year_in(found[0], "g")))
        if found and last_word(text[max(0, at - 40) : at]) in ("с", "со", "от")
        else None
    )


def _place_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "на ул. Ленина", "в г. Москве" for their words, in the case that the preposition asks for."""
    found = _PLACE.match(text, at) if text[at] in "угпнб" and not text[at - 1 : at].isalnum() else None
    if found is None or text[max(0, at - 2) : at].rstrip()[-1:].isdecimal():
        return None
    before = text[max(0, at - 40) : at]
    is_moved = last_word(before) in ("на", "в", "во") and _is_moved(text, at)
    return found.end(), Said(_PLACES[found[1]][4 if is_moved else _place_case(before)])


def _place_behind_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "Невский пр., д. 85" and "на Садовой ул.": the ending of the name in front shows the case."""
    found = _PLACE_BEHIND.match(text, at) if text[at] in "упнб" and text[at - 1 : at].isspace() else None
    name = _PLACE_NAME.search(text, max(0, at - 60), at) if found is not None else None
    if found is None or name is None:
        return None
    forms, ending = _PLACES[found[1]], name["ending"] or ""
    is_hers = forms[0] in ("улица", "площадь", "набережная")
    form = (_ENDINGS_OF_HERS if is_hers else _ENDINGS_OF_HIS).get(ending)
    if form is None and not _HOUSE_BEHIND.match(text, found.end()):
        return None  # "… и пр."
    if is_hers and ending in ("ой", "ей"):
        form = _place_case(text[: name.start()]) or 1
    said = forms[form or 0]
    return found.end(), Said(said if text[found.end() :].strip() else f"{said}.")


def _place_case(before: str) -> int:
    """Which form of a place's name the words in front ask for."""
    return 5 if _BESIDE.search(before) is not None else _PLACE_CASES.get(last_word(before), 0)


_BESIDE: Final = re.compile(r"(?<!\w)(?:(?:рядом|вместе|вровень)\s(?:с|со)|между|перед|над|под)\s\Z", re.IGNORECASE)
_PLACE_BEHIND: Final = re.compile(r"(ул\.|пл\.|пр\.|просп\.|пр-т|пер\.|наб\.|б-р)(?!\w)")
_PLACE_NAME: Final = re.compile(
    r"(?<!\w)(?:[0-9]{1,2}-[а-яё]{1,2}\s)?(?:[А-ЯЁ][а-яё]+(?:[ое]й|[иы]й|ая|ую|ом|ого)\s)?[А-ЯЁ][а-яё-]+?"
    r"(?P<ending>[иыо]й|ого|его|ому|ему|[ое]м|[иы]м|ая|яя|ую|юю|ей)?\s\Z"
)
_HOUSE_BEHIND: Final = re.compile(r",|\s(?:(?:д|дом|корп|к|стр)\.?\s?)?[0-9]{1,3}(?!\w|[.,][0-9])")
_ENDINGS_OF_HIS: Final = {
    "ий": 0, "ый": 0, "ой": 0, "ого": 1, "его": 1, "ому": 2, "ему": 2, "ом": 3, "ем": 3, "им": 5, "ым": 5,
}  # fmt: skip
_ENDINGS_OF_HERS: Final = {"ая": 0, "яя": 0, "ой": 1, "ей": 1, "ую": 4, "юю": 4}


def _is_moved(text: str, at: int) -> bool:
    """Whether a verb in front tells where something goes: "отправьте на ул. Ленина", "перейдите на стр. 12"."""
    return _MOVED.search(text, max(0, at - _NEAR), at) is not None


_NEAR: Final = 60
_MOVED: Final = re.compile(
    r"(?<!\w)(?:отправ[ьил]|достав[ькил]|присл|пришл|перешл|высл|вышл|отнес|принес|привез|отвез|приезжа|приеха|приед|"
    r"поезжа|поеха|поед|переезжа|переех|переед|заезжа|заеха|заед|перейд|перейти|переходи|пойд|пойти|иди|идти|зайд|"
    r"зайти|"
    r"захо|выйд|выйти|выходите|подойд|подойти|подъе|сверн|поверн|добра|верните|вернуться|приглаш|загляни|подключи)"
    r"[а-яё]*(?!\w)[^.!?]*\Z",
    re.IGNORECASE,
)
# Nominative, genitive, dative, prepositional, accusative (behind a verb that moves something), instrumental.
_STREET: Final = ("улица", "улицы", "улице", "улице", "улицу", "улицей")
_AVENUE: Final = ("проспект", "проспекта", "проспекту", "проспекте", "проспект", "проспектом")
_PLACES: Final = {
    "ул.": _STREET, "пр.": _AVENUE, "просп.": _AVENUE, "пр-т": _AVENUE,
    "г.": ("город", "города", "городу", "городе", "город", "городом"),
    "пл.": ("площадь", "площади", "площади", "площади", "площадь", "площадью"),
    "пер.": ("переулок", "переулка", "переулку", "переулке", "переулок", "переулком"),
    "наб.": ("набережная", "набережной", "набережной", "набережной", "набережную", "набережной"),
    "б-р": ("бульвар", "бульвара", "бульвару", "бульваре", "бульвар", "бульваром"),
}  # fmt: skip
# Behind a hyphen it is one whatever follows: the name may not be written yet.
_PLACE: Final = re.compile(rf"({'|'.join(map(re.escape, _PLACES))})(?:(?<=-.)(?!\w)|(?=\s[А-ЯЁ0-9]))")
_PLACE_CASES: Final = {
    **dict.fromkeys("от до с со из у около возле вдоль".split(), 1),
    **dict.fromkeys("по к ко".split(), 2),
    **dict.fromkeys("на в во о об при".split(), 3),
}


def _weekday_in_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "в ср.": "в среду", "кроме пн.": "кроме понедельника"; behind "и" in the case of the day before it."""
    found = _WEEKDAY_IN.match(text, at) if text[at] in "спвч" and not text[at - 1 : at].isalnum() else None
    if found is None:
        return None
    before = text[max(0, at - 40) : at]
    word = last_word(before)
    if word == "и" and (pair := _WEEKDAY_AND.search(before)) is not None:
        word = pair[1].lower()
    if word in ("в", "во", "на", "за", "через"):
        return found.end(), Said(_ON_WEEKDAYS[found[1]] + (found[2] or ""))
    if word not in _WEEKDAY_CASES:
        is_closed = _CLOSED.match(text, found.end()) is not None
        return (found.end(), Said(_WEEKDAYS[found[1]] + (found[2] or ""))) if is_closed else None
    return found.end(), Said(_WEEKDAY_CASES[word][found[1]] + (found[2] or ""))


_CLOSED: Final = re.compile(r",?\s(?:[—–-]\s)?(?:вых\.|выходн|закрыт|не работа)")
_WEEKDAY_AND: Final = re.compile(r"(?<!\w)([а-яё]{1,5}) (?:пн|вт|ср|чт|пт|сб|вс)\.?,? и \Z", re.IGNORECASE)
_OF_WEEKDAYS: Final = {
    "пн": "понедельника", "вт": "вторника", "ср": "среды", "чт": "четверга", "пт": "пятницы", "сб": "субботы",
    "вс": "воскресенья",
}  # fmt: skip
_BY_WEEKDAYS: Final = {
    "пн": "понедельникам", "вт": "вторникам", "ср": "средам", "чт": "четвергам", "пт": "пятницам", "сб": "субботам",
    "вс": "воскресеньям",
}  # fmt: skip
_TO_WEEKDAYS: Final = {
    "пн": "понедельнику", "вт": "вторнику", "ср": "среде", "чт": "четвергу", "пт": "пятнице", "сб": "субботе",
    "вс": "воскресенью",
}  # fmt: skip
_WEEKDAY_CASES: Final = {
    **dict.fromkeys("с со до кроме после от из без".split(), _OF_WEEKDAYS),
    **dict.fromkeys(("к", "ко"), _TO_WEEKDAYS),
    "по": _BY_WEEKDAYS,
}


_ON_WEEKDAYS: Final = {
    "пн": "понедельник", "вт": "вторник", "ср": "среду", "чт": "четверг", "пт": "пятницу", "сб": "субботу",
    "вс": "воскресенье",
}  # fmt: skip
_WEEKDAY_IN: Final = re.compile(
    rf"({'|'.join(_ON_WEEKDAYS)})(?:\.?(?=[,;)]|\s[а-я0-9—–])|(\.?)(?=[\s\"»)!?]*\Z))(?:(?<=\.)|(?!\w))"
)


def _noun_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "на стр. 5", "по тел. 112", "в I кв.": nouns in the case that the preposition asks for."""
    if not text[at].isalpha() or text[at - 1 : at].isalnum() or text[at] not in _NOUN_INITIALS:
        return None
    found = _NOUN.match(text, at)
    if found is None:
        return None
    before = text[max(0, at - 40) : at]
    word = last_word(before)
    if found[1] in _RANKED_NOUNS and (rank := _RANK_BEFORE.search(before)) is not None:
        ranked = _RANKED_NOUNS[found[1]] + {"й": "", "м": "е", "го": "а", "му": "у"}[rank[1]]
        return found.end(), Said(ranked if text[found.end() :].strip() else f"{ranked}.")
    noun, needs_number = _NOUNS[found[1]]
    if found[1] in ("ст.", "гл.", "разд.") and _PART_BEFORE.search(text, max(0, at - 20), at):
        return found.end(), Said(_noun_in(noun, "g"))
    if found[1] == "стр." and _HOUSE_BEFORE.search(text, max(0, at - 60), at):
        noun = "строение"
    if needs_number and not _NUMBER_BEHIND.match(text, found.end()):
        return None
    case = _NOUN_CASES.get(word) or ("a" if word == "и" and _SEE_BEFORE.search(before) else None)
    if case == "p" and word in ("на", "в", "во") and _is_moved(text, at):
        case = "a"
    if case is None or not before[-1:].isspace():
        return (found.end(), Said(noun)) if noun == "строение" else None
    if case == "a" and noun != "страница" and _PAGES_BEHIND.match(text, found.end()):
        return None
    if noun == "страница" and _PAGES_BEHIND.match(text, found.end()):
        return found.end(), Said({"p": "страницах", "g": "страниц", "d": "страницам", "a": "страницы"}.get(case, noun))
    return found.end(), Said(_noun_in(noun, case))


_PAGES_BEHIND: Final = re.compile(r"\s?[0-9]{1,4}\s?[-–—]\s?[0-9]{1,4}(?!\w)")


def _noun_in(noun: str, case: Case) -> str:
    if noun == "рисунок" and case not in "na":
        noun = "рисунк"
    if noun.endswith("ие"):
        return noun[:-1] + {"g": "я", "d": "ю", "i": "ем", "p": "и"}.get(case, "е")
    if noun.endswith("е"):
        return noun[:-1] + {"g": "я", "d": "ю", "i": "ем", "p": "е"}.get(case, "е")
    if noun.endswith("ь"):  # "часть", "область", "площадь"
        return noun[:-1] + {"g": "и", "d": "и", "i": "ью", "p": "и"}.get(case, "ь")
    if noun == "этаж":
        return noun + {"g": "а", "d": "у", "i": "ом", "p": "е"}.get(case, "")
    return decline(noun, case)


# Nouns, and whether they are one only in front of a number.
_NOUNS: Final = {
    "стр.": ("страница", False), "с.": ("страница", True), "рис.": ("рисунок", False), "табл.": ("таблица", False),
    "гл.": ("глава", False), "п.": ("пункт", True), "пп.": ("подпункт", True), "подп.": ("подпункт", True),
    "ст.": ("статья", True), "разд.": ("раздел", False), "т.": ("том", True), "кв.": ("квартира", True),
    "д.": ("дом", True), "корп.": ("корпус", False), "тел.": ("телефон", False), "оф.": ("офис", False),
    "каб.": ("кабинет", True), "комн.": ("комната", True), "ауд.": ("аудитория", True), "под.": ("подъезд", True),
    "эт.": ("этаж", False), "ч.": ("часть", True), "адр.": ("адрес", False), "обл.": ("область", False),
    "р-н": ("район", False), "просп.": ("проспект", False), "ун-т": ("университет", False),
    "ин-т": ("институт", False), "пом.": ("помещение", False), "прил.": ("приложение", False),
    "изд.": ("издание", False), "вып.": ("выпуск", False), "ред.": ("редакция", False), "пен.": ("пенальти", False),
    "ст. м.": ("станция метро", False), "кл.": ("класс", True), "гр.": ("группа", True),
    "поликл.": ("поликлиника", False), "пл.": ("площадь", False), "обл": ("область", False),
}  # fmt: skip
_NOUN: Final = re.compile(
    "("
    + "|".join(re.escape(one) + ("" if one[-1] == "." else r"(?!\w)") for one in sorted(_NOUNS, key=len, reverse=True))
    + ")"
)
_RANKED_NOUNS: Final = {"кв.": "квартал", "эт.": "этаж", "кл.": "класс"}
_SEE_BEFORE: Final = re.compile(r"(?i:см\.|смотрите?)\s[а-я]{1,5}\.\s?[0-9.,–-]+\sи\s\Z")
_RANK_BEFORE: Final = re.compile(r"[0-9]-(й|м|го|му)\s\Z")
# "п. 2 ст. 15": the second is what the first is a part of.
_PART_BEFORE: Final = re.compile(r"(?<!\w)(?:п|пп|подп|ч|абз)\.\s?[0-9.]{1,5}\s\Z")
_NOUN_INITIALS: Final = frozenset(one[0] for one in _NOUNS)
_NUMBER_BEHIND: Final = re.compile(r"\s?(?:[0-9]|[IVX]{1,6}(?!\w))")
_HOUSE_BEFORE: Final = re.compile(r"(?<!\w)(?:д|дом|корп|к)\.?\s?[0-9]{1,4}[а-яА-Я]?,\s\Z")
_NOUN_CASES: Final[dict[str, Case]] = {
    **dict.fromkeys("от до с со из у около без для возле кроме после вместо согласно_из".split(), "g"),
    **dict.fromkeys("по к ко согласно".split(), "d"),
    **dict.fromkeys("на в во о об при".split(), "p"),
    **dict.fromkeys("за через про см смотри смотрите откройте прочитайте".split(), "a"),
    **dict.fromkeys("над перед между под".split(), "i"),
}


def _village_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "с. Ивановка", "м. «Сокол»", "темп. выше" and "мин." behind an ordinal."""
    if text[at] not in "дкнпсмтТП" or text[at - 1 : at].isalnum():
        return None
    for written, said in _VILLAGES:
        if (found := written.match(text, at)) is not None:
            return found.end(), Said(said)
    return None


_VILLAGES: Final = (
    (re.compile(r"д\.(?=\s[А-ЯЁ][а-яё]{2})"), "деревня"),
    (re.compile(r"с\.(?=\s[А-ЯЁ][а-яё]{2})"), "село"),
    (re.compile(r"м\.(?=\s(?:«[А-ЯЁ]|[А-ЯЁ][а-яё]{2}))(?<![0-9]\sм\.)"), "метро"),
    (re.compile(r"Пост\.(?=\s№)|Пост\.(?=\s*\Z)(?<=[а-яё] Пост\.)"), "Постановление"),
    (re.compile(r"пост\.(?=\s№)"), "постановление"),
    (re.compile(r"кв\.(?<=-к\. кв\.)|кв\.(?<=комн\. кв\.)"), "квартира"),
    (re.compile(r"Темп\.(?=\s(?:выше|ниже|воздуха|тела|воды|до|от|около|[+−-]?[0-9]))"), "Температура"),
    (re.compile(r"темп\.(?=\s(?:выше|ниже|до|от|около|[+−-]?[0-9]))(?<=ри темп\.)"), "температуре"),
    (re.compile(r"темп\.(?=\s(?:выше|ниже|воздуха|тела|воды|до|от|около|[+−-]?[0-9]))"), "температура"),
    (re.compile(r"нед\.(?<=-я нед\.)"), "неделя"),
    (re.compile(r"нед\.(?<=-й нед\.)"), "неделе"),
    (re.compile(r"ср\.(?=\s(?:табл|рис|гл|стр|ст|п|с)\.)"), "сравни"),
    (re.compile(r"мин\.(?<=-й мин\.)"), "минуте"),
    (re.compile(r"мин\.(?<=-я мин\.)"), "минута"),
)


def _scale_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "несколько млн руб."; where a text begins so, a pause came behind a decimal: "2,5 | млн"."""
    found = _SCALE.match(text, at) if text[at] in "тмрдч" and not text[at - 1 : at].isalnum() else None
    if found is None:
        return None
    part, many, within = _SCALES[found[1]]
    if not text[:at].strip():
        return found.end(), Said(part)
    return found.end(), Said(within if last_word(text[max(0, at - 10) : at]) in ("в", "во") else many)


_SCALES: Final = {
    "тыс": ("тысячи", "тысяч", "тысячах"), "млн": ("миллиона", "миллионов", "миллионах"),
    "млрд": ("миллиарда", "миллиардов", "миллиардах"), "трлн": ("триллиона", "триллионов", "триллионах"),
    "руб": ("рубля", "рублей", "рублях"), "долл": ("доллара", "долларов", "долларах"),
    "чел": ("человека", "человек", "человек"),
}  # fmt: skip
_SCALE: Final = re.compile(r"(тыс(?=\.)|млн|млрд|трлн|(?:руб|долл|чел)(?=\.))(?!\w)(?:\.(?!\s[А-ЯЁ]|\s*\Z))?")


def _about_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "прим. в 2 км": "примерно"; elsewhere it is a note."""
    found = _ABOUT.match(text, at) if text[at] in "пП" and not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Said("примерно" if text[at] == "п" else "Примерно"))


_ABOUT: Final = re.compile(r"прим\.(?=\s(?:в|на|через|за|до|от|около)(?:\s|\Z)|\s[0-9])", re.IGNORECASE)


def _moscow_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "по мск" and "10:00 мск": "по московскому времени"."""
    if text[at : at + 3].lower() != "мск" or text[at - 1 : at].isalnum() or text[at + 3 : at + 4].isalnum():
        return None
    is_told = last_word(text[max(0, at - 10) : at]) == "по"
    return at + 3, Said("московскому времени" if is_told else "по московскому времени")


def _address_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the index of "300000, г. Тула" digit by digit, and the house of "д. 7/2": "семь дробь два"."""
    if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    if (house := _HOUSE.match(text, at)) is not None and _HOUSE_CUE.search(text, max(0, at - 60), at):
        return house.end(), Said(f"{named(house[1], 'ru')} дробь {named(house[2], 'ru')}")
    lettered = _LETTERED.match(text, at)
    if lettered is not None and _HOUSE_CUE.search(text, max(0, at - 60), at):
        return lettered.end(), Said(f"{named(lettered[1], 'ru')} {lettered[2]}")
    index = _INDEX.match(text, at)
    if index is None or not _PLACE_NEAR.search(text, max(0, at - 60), index.end() + 20):
        return None
    return index.end(), Code((index[0],), is_secret=True)


_LETTERED: Final = re.compile(r"([1-9][0-9]{0,2})\s?([А-Еа-еA-E])(?![\w.])")
_HOUSE: Final = re.compile(r"([1-9][0-9]{0,2})/([1-9][0-9]?)(?![\w/]|[.,][0-9])")
_HOUSE_CUE: Final = re.compile(
    r"(?:№\s?|(?<!\w)(?:д|дом|кв|[Мм]есто|[Кк]аб|[Кк]абинет|[Вв]ыход|[Аа]удитория|[Кк]орпус|[Пп]одъезд)\.?\s|(?:ул|"
    r"пер|просп|пр|наб|пл|б-р|пр-т|ш)\.?\s[А-ЯЁ][а-яё-]+,\s)\Z"
)
_INDEX: Final = re.compile(r"[1-6][0-9]{5}(?![\w]|[ .,][0-9])")
_PLACE_NEAR: Final = re.compile(
    r"(?i:адрес|пишите|индекс)|(?<!\w)(?:д|корп|оф|кв)\.\s?[0-9]{1,4}[а-я]?,\s|(?<!\w)(?:г|ул|обл|пос|пер|просп|"
    r"наб)\.\s[А-ЯЁ]"
)


def _adjective_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "эл. почта", "юр. лицо", "в след. месяце": adjectives that agree with the noun behind them."""
    if text[at].lower() not in _ADJECTIVE_INITIALS or text[at - 1 : at].isalnum():
        return None
    found = _SHORT_ADJECTIVE.match(text, at)
    if found is None:
        return None
    stem, noun = _ADJECTIVES[found[1].lower()], found[2]
    if stem in ("средн", "минимальн", "максимальн") and _AVERAGE.match(noun) is None:  # a Wednesday, minutes
        return None
    is_soft = stem.endswith(("щ", "ч")) or stem in _SOFT_STEMS
    before = last_word(text[max(0, at - 40) : at])
    if text[max(0, at - 2) : at].rstrip()[-1:].isdecimal() and noun in (
        "дня",
        "месяца",
        "часа",
        "года",
        "дней",
        "часов",
    ):
        end = "их" if is_soft else "ых"  # "2–3 раб. дня"
    elif before in ("от", "до", "из", "у", "с", "около", "возле", "без") and noun.endswith(("а", "я")):
        end = "его" if is_soft else "ого"
    elif before in ("в", "на", "о", "об", "при", "к", "по", "с", "из", "от", "до") and _HER_NOUN.match(noun):
        end = "ей" if is_soft else "ой"
    elif noun in ("году", "месяцу", "дню", "разу"):
        end = (
            "ем"
            if is_soft and before == "в"
            else "ому"
            if not is_soft and before != "в"
            else "ему"
            if is_soft
            else "ом"
        )
    elif noun in ("дней", "лет", "недель", "месяцев", "раз") and noun != "раз":
        end = "их" if is_soft else "ых"
    elif noun.endswith(("ы", "и")):
        end = "ие" if is_soft or stem.endswith("к") else "ые"
    elif noun.endswith("ь") and noun not in _FEMININE_SOFT and not noun.endswith("ость"):
        end = "ий" if is_soft or stem.endswith("к") else "ый"
    elif before in ("в", "на", "о", "об", "при") and noun.endswith("е"):
        end = "ем" if is_soft else "ом"
    elif noun.endswith("мя"):
        end = "ее" if is_soft else "ое"
    elif noun.endswith(("а", "я", "ь")):
        end = "яя" if stem in _SOFT_STEMS else "ая"
    elif noun.endswith(("у", "ю")):
        end = "юю" if stem in _SOFT_STEMS else "ую"
    elif noun.endswith(("о", "е")):
        end = "ее" if is_soft else "ое"
    else:
        end = "ий" if is_soft or stem.endswith("к") else "ый"
    said = stem + end
    return found.end(1), Said(said.capitalize() if found[1][0].isupper() else said)


# Feminine nouns in a case that an "-е" or "-и" shows: "на след. неделе".
_HER_NOUN: Final = re.compile(
    r"(?:недел|страниц|глав|сери|верси|стать|работ|школ|стран|групп|форм|задач|встреч|команд|комнат|улиц|дорог|ссылк|"
    r"вкладк|строк|таблиц|систем|программ|почт|служб|карт|машин|остановк|станци|сесси|попытк|помощ|част)[еи]\Z"
)
_ADJECTIVES: Final = {
    "росс.": "российск", "моск.": "московск", "дет.": "детск",
    "иностр.": "иностранн", "науч.": "научн", "офиц.": "официальн", "полит.": "политическ", "практ.": "практическ",
    "соц.": "социальн", "совм.": "совместн", "техн.": "техническ", "экон.": "экономическ", "хоз.": "хозяйственн",
    "леч.": "лечебн", "псих.": "психическ", "биол.": "биологическ", "адм.": "административн", "бух.": "бухгалтерск",
    "ежемес.": "ежемесячн", "центр.": "центральн", "опер.": "оперативн", "разн.": "разн",
    "уч.": "учебн", "ср.": "средн", "мин.": "минимальн", "макс.": "максимальн", "внутр.": "внутренн",
    "внеш.": "внешн", "верхн.": "верхн", "нижн.": "нижн",
    "сев.": "северн",
    "юж.": "южн", "вост.": "восточн", "зап.": "западн", "обязат.": "обязательн",
    "необх.": "необходим", "дополн.": "дополнительн",
    "разл.": "различн", "соврем.": "современн", "отеч.": "отечественн", "зарубеж.": "зарубежн",
    "ж/д": "железнодорожн",
    "доп.": "дополнительн", "след.": "следующ", "посл.": "последн", "пред.": "предыдущ", "обяз.": "обязательн",
    "бесп.": "бесплатн", "инд.": "индивидуальн", "мед.": "медицинск", "гос.": "государственн", "фед.": "федеральн",
    "муниц.": "муниципальн", "рег.": "региональн", "раб.": "рабоч", "тех.": "техническ", "эл.": "электронн",
    "гор.": "городск", "нац.": "национальн", "междунар.": "международн", "юр.": "юридическ", "физ.": "физическ",
    "хим.": "химическ", "общ.": "общ", "осн.": "основн", "нар.": "народн", "воен.": "военн", "спорт.": "спортивн",
    "худ.": "художественн", "акад.": "академическ", "совр.": "современн", "ист.": "историческ",
}  # fmt: skip
_AVERAGE: Final = re.compile(
    r"(?:цен|балл|возраст|температур|скорост|зарплат|доход|рост|вес|чек|значени|врем|срок|числ|стоимост|"
    r"продолжительн|длин|"
    r"потреблен|расход|оценк|заказ|сумм|нагрузк|доз|количеств|высот|мощност|объ[её]м|платеж|ставк|взнос|школ|"
    r"образован|палец|размер|показател|уров)"
)
_SOFT_STEMS: Final = frozenset(("последн", "средн", "внутренн", "внешн", "верхн", "нижн"))
_SHORT_ADJECTIVE: Final = re.compile(
    rf"({'|'.join(map(re.escape, _ADJECTIVES))})(?=\s((?-i:[а-яё]{{3,}}))\b(?!\.\s?[а-я0-9]))", re.IGNORECASE
)
_ADJECTIVE_INITIALS: Final = frozenset(one[0] for one in _ADJECTIVES)


def _quarter_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "III кв. 2025 г.", "в I квартале", "II мировая": ordinals, as the noun behind them asks for."""
    found = _RANKED.match(text, at) if text[at] in "IVX1234" and not text[at - 1 : at].isalnum() else None
    value = (roman(found["letters"]) or int(f"0{re.sub('[IVX]', '', found['letters'])}")) if found is not None else 0
    if found is None or not value:
        return None
    noun, before = found["noun"], last_word(text[max(0, at - 40) : at])
    if noun.startswith("кв."):
        cases: dict[str, Case] = {"в": "p", "во": "p", "за": "a", "на": "a", "по": "d", "к": "d"}
        case = cases.get(before, "n")
        if before in ("с", "из", "до", "от", "после"):
            case = "g"
        said = named(str(value), "ru", "ordinal", case=case, gender="m", animate=False)
        said = f"{said} {decline('квартал', case) if case not in 'na' else 'квартал'}"
        if (year := _OF_A_YEAR.match(text, found.end())) is not None:
            return year.end(), Said(f"{said} {year_in(year[1], 'g')} года")
        return found.end(), Said(said)
    gender: Gender = "m"
    case = "n"
    if re.search(r"(?:ая|яя)$", noun):
        gender = "f"
    elif re.search(r"(?:ой|ей)$", noun):
        gender, case = "f", "g"
    elif re.search(r"(?:ую|юю)$", noun):
        gender, case = "f", "a"
    elif re.search(r"(?:группа|степень|категория|часть|глава)$", noun):
        gender = "f"
    elif re.search(r"(?:группы|степени|категории)$", noun):
        gender, case = "f", "g"
    elif re.search(r"(?:тысячелетие|полугодие|место)$", noun):
        gender = "n"
    elif re.search(r"(?:тысячелетии|полугодии)$", noun):
        gender, case = "n", "p"
    elif re.search(r"(?:тысячелетия|полугодия)$", noun):
        gender, case = "n", "g"
    elif noun.endswith("е"):
        case = "p"
    elif noun.endswith("а"):
        case = "g"
    elif noun.endswith("у"):
        case = "d"
    elif noun.endswith("ом"):
        case = "i"
    return found.end("letters"), Said(named(str(value), "ru", "ordinal", case=case, gender=gender, animate=False))


_OF_A_YEAR: Final = re.compile(r"\s(20[0-9]{2})(?:\s?(?:г\.|года))?(?![\w.,-]*[0-9])")
_RANKED: Final = re.compile(
    r"(?P<letters>[IVX]{1,6}|[1-4](?=\sкв\.\s20[0-9]{2}))(?=(?P<blank>\s)(?P<follows>кв\.|"
    r"[а-яё]))\s(?P<noun>кв\.(?!\s?м)|(?:квартал|"
    r"тысячелети|полугоди|съезд|мировая|"
    r"мировой|мировую|групп|степен|категори|тур|этап|сезон|чемпионат|фестивал|конкурс|конгресс|олимпи|зимн|летн|"
    r"международн|"
    r"всероссийск|место)[а-яё]*)"
)


def _percent_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "25%-ный" and "4-комн.": one word each."""
    if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,"):
        return None
    if (flat := _ROOMS.match(text, at)) is not None:
        return flat.end(), Said(f"{'одно' if flat[1] == '1' else named(flat[1], 'ru', case='g')}комнатная")
    found = _PER_CENT.match(text, at)
    if found is None:
        return None
    special = {"1": "одно", "90": "девяносто", "100": "сто", "1000": "тысяче"}
    stem = special.get(found[1]) or named(found[1], "ru", case="g").replace(" ", "")
    return found.end(), Said(f"{stem}процент{found[2]}")


_ROOMS: Final = re.compile(r"([1-9])-к(?:омн)?\.(?!\w)")
_PER_CENT: Final = re.compile(r"(\d{1,3})\s?%-?(н[а-яё]{2,3})(?!\w)")


def _code_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take Cyrillic letters with digits for a code: "АБ-1234", "А123ВС"."""
    found = _CODE.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|[А-ЯЁ]+|-", found[0])))


def _pages_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "320 с." for pages: seconds have no full stop, and are fewer."""
    return _PAGES(text, at) if _MANY_PAGES.match(text, at) else None


_MANY_PAGES: Final = re.compile(r"[0-9]{3,4}\s(?:с|стр)\.")


def _glass_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "2 ст. муки" for glasses; "ст. 105" is an article, "ст. л." a spoon."""
    if (half := _HALF_A_GLASS.match(text, at)) is not None and not text[at - 1 : at].isalnum():
        return half.end(), Measure(Fraction(half[1], half[2]), "glass", "ст.")
    found = _GLASSES.match(text, at) if text[at].isdecimal() and not text[at - 1 : at].isalnum() else None
    if found is None or text[at - 1 : at] in tuple(".,/"):
        return None
    number = Number(found[1], found[2] or "", mark="," if found[2] else "")
    return found.end(), Measure(number, "glass", "ст.")


def _spoon_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "2 ст. ложки" and "1/2 ч. ложки" for spoons."""
    found = _SPOONS.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,/"):
        return None
    unit = "tablespoon" if found["spoon"] == "ст" else "teaspoon"
    if found["bottom"]:
        return found.end(), Measure(Fraction(found["whole"], found["bottom"]), unit, "л.")
    part = found["part"] or ""
    number = Number(found["whole"], part, mark="," if part else "")
    amount = Span(number, Number(found["last"])) if found["last"] else number
    return found.end(), Measure(amount, unit, "л.")


_SPOONS: Final = re.compile(
    r"(?P<whole>[0-9]{1,2})(?:/(?P<bottom>[234])|,(?P<part>[0-9])|\s?[-–]\s?(?P<last>[0-9]{1,2}))?\s"
    r"(?P<spoon>ст|ч)\.\s?ложк(?:а|и|у|е|ой|ами)(?!\w)"
)


def _kopek_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "01 коп." for one, and "5:30 мин/км" for how long a kilometre takes."""
    if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    if (lap := _LAP.match(text, at)) is not None:
        said = Russian().say_duration(Duration(None, int(lap[1]), int(lap[2])))
        return lap.end(), Said(f"{said} на километр" if lap[3] else said)
    found = _KOPEKS.match(text, at)
    unit = {"к": "kopek", "м": "minute", "с": "second"}[found[2][0]] if found is not None else ""
    return None if found is None else (found.end(), Measure(Number(found[1]), unit, found[2]))


_KOPEKS: Final = re.compile(r"0([0-9])\s(коп|мин|сек|с)\.?(?!\w)")
_LAP: Final = re.compile(r"([0-9]{1,2}):([0-5][0-9])\sмин\.?(/км)?(?![\w/])")


def _points_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3 249,49 п." for points; "п. 3" is a paragraph."""
    found = _POINTS.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,/-"):
        return None
    number = Number(re.sub(r"[^0-9]", "", found[1]), found[2] or "", mark="," if found[2] else "")
    return found.end(), Measure(number, "index-point", "п.")


_POINTS: Final = re.compile(r"([0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})*|[0-9]{1,6})(?:,([0-9]{1,2}))?\sп\.(?!\s?[0-9п])")


def _part_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take the number of "ст. 15 ч. 2" for an article's, and no hours."""
    found = _ARTICLE.match(text, at)
    is_law = found is not None and text[at - 1 : at].isspace() and _ARTICLE_BEFORE.search(text, max(0, at - 8), at)
    return (found.end(), Number(found[0])) if found is not None and is_law else None


_ARTICLE: Final = re.compile(r"[1-9][0-9]{0,3}(?=,?\sч\.\s?[0-9])")
_ARTICLE_BEFORE: Final = re.compile(r"(?<!\w)(?:ст\.|стать[а-яё]{1,2})\s\Z")


def _times_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3 р./день" and "2–3 р. в неделю" for times, and no roubles."""
    found = _SO_OFTEN.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,/-–"):
        return None
    amount = Span(Number(found[1]), Number(found[2])) if found[2] else Number(found[1])
    return found.end(), Measure(amount, "time", "р.")


_SO_OFTEN: Final = re.compile(
    r"([1-9][0-9]?)(?:\s?[-–]\s?([1-9]))?\s?р\.?(?=\s?/\s?(?:день|д|сут|нед|мес|год)|\sв\s(?:день|д\.|сут|нед|мес|год))"
)


def _pressure_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "120/80" of a blood pressure: "сто двадцать на восемьдесят"."""
    found = _PRESSURE.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or _PRESSURE_CUE.search(text, max(0, at - 40), at) is None:
        return None
    return found.end(), Said(f"{named(found[1], 'ru')} на {named(found[2], 'ru')}")


_PRESSURE: Final = re.compile(r"([1-9][0-9]{1,2})/([1-9][0-9]{1,2})(?![\w/]|[.,][0-9]|\sмм)")
_PRESSURE_CUE: Final = re.compile(r"(?:(?<!\w)АД|[Дд]авлени[еяю])[^.\d]{0,30}\Z")


def _dated_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "12.03" for a day behind a weekday, and in front of a time of the day."""
    found = _DATED.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    before = text[max(0, at - 24) : at]
    is_told = (
        _TIME_BEHIND.match(text, found.end()) is not None
        or _DATE_BEFORE.search(before) is not None
        or (not text[:at].strip() and _DATES_BEHIND.match(text, found.end()) is not None)
        or (_UNTIL.search(before) is not None and _CLOCK_BEHIND.match(text, found.end()) is None)
        or (_CLAUSE_BEGINS.search(before) is not None and _DASH_BEHIND.match(text, found.end()) is not None)
        or _is_appointed(text, at, found.end())
    )
    return (found.end(), Date("", int(found[2]), int(found[1]), "dm")) if is_told else None


def _is_appointed(text: str, at: int, end: int) -> bool:
    """Whether something is done on that day, and nothing in its clause is measured or priced."""
    start = max(0, at - _NEAR)
    is_done = _APPOINTED.search(text, start, at) is not None and _CLAUSE_ENDS.match(text, end) is not None
    return is_done and _MEASURED_IN_CLAUSE.search(text, start, at) is None


def _changed_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "курс упал до 10.12" and "вырос на 3.11" for amounts, which look like a time or a day."""
    found = _POINTED.match(text, at)
    if found is None or not text[at - 1 : at].isspace() or _CHANGED.search(text, max(0, at - _NEAR), at) is None:
        return None
    return found.end(), Number(found[1], found[2], mark=",")


# "идёт запись, 15.09 — экзамен".
_CLAUSE_BEGINS: Final = re.compile(r"[,;]\s\Z")
_DASH_BEHIND: Final = re.compile(r"\s[—–]\s[а-яё]")
# "до 14.05." is a day, "с 9.05 до 18.00" two times.
_UNTIL: Final = re.compile(r"(?<!\w)(?:[Дд]о|[Сс]о?|[Кк]|[Пп]осле)\s\Z")
_CLOCK_BEHIND: Final = re.compile(
    r"\s?(?:ч|мск|утра|вечера|дня|[-–])|.{0,12}\.[0-5]0(?!\d)|\s?(?:[%°₽€$]|(?:руб|р|млн|млрд|тыс|км|кг|балл|пункт)\b)"
)
_POINTED: Final = re.compile(r"([0-9]{1,3})\.([0-9]{1,3})(?=[,;!?)]|\.?(?:\s|\Z))")
_CHANGED: Final = re.compile(
    r"(?<!\w)(?:вырос|выраст|раст[уё]|упа[лд]|сни[зж]а?[ея]?|повы[сш]|увелич|уменьш|сократ|подорож|подешев|прибав|"
    r"потерял|подня[лв]|опусти[лв])[а-яё]*(?:\s(?!в\s)[а-яё]+){0,2}\s(?:до|на|с)\s\Z|"
    r"(?<!\w)(?:курс|индекс|рейтинг|котировк|акци|коэффициент)[а-яё]*(?:\s(?!в\s)[а-яё]+){0,3}\s(?:—\s)?(?:до|на|с)\s\Z",
    re.IGNORECASE,
)
# What is done on a day: "доставят 23.11", "перенесли на 07.06"; a noun that is measured in between makes it an amount.
_APPOINTED: Final = re.compile(
    r"(?<!\w)(?i:достав(?:ят|им|ит|лен|ка|ку|ки)|прив[её]з|прибы|приед|приех|уед|уех|верн[её]т|верн[уё]|выез|выед|выех|"
    r"вылет|прилет|отправ[ьил]|отправк|отгру[зж]|высл|выстав|выпис|подпис|оплат|оплач|назнач|перенес|заплан|запис[ая]|"
    r"забронир|состо[ия]|нач(?:н|ал|ина)|законч|заканч|заверш|старт|откро|закро|прой?д[её]т|пройд|прош(?:ла|ло|[её]л)|"
    r"род[ия]л|умер|вый?д|выш(?:ел|ла|ло|ли)|выда[нл]|издан|опубликов|приня[тл]|оформ|заключ|зарегистр|поступ|ист[её]к|"
    r"ист[её]ч|действ|сдат|сдад|жд[уеё]|позвон|встреч|приш[её]?л|прид[её]т|получ[еи]н|датир|за[её]зд|крайний срок|"
    r"срок|дата|дедлайн|день рождения|концерт|спектакл|премьер|экзамен|зач[её]т|свадьб|собрани|совещани|вебинар|"
    r"конференци|экскурси|визит|при[её]м)"
    r"[а-яё]*(?:\s(?!(?:за|по|из)\s)[а-яё]+|\s[0-3]?[0-9]\.[01]?[0-9](?:\s(?:и|или)|,)){0,3}(?::|\s—)?\s\Z"
)
_MEASURED_IN_CLAUSE: Final = re.compile(
    r"(?<!\w)(?:цен|стоим|сто[ия]т|стоил|сумм|верси|курс|балл|оценк|коэффициент|рейтинг|размер|пункт|релиз|сборк|"
    r"номер|раздел|глав|индекс|сч[её]т\sна|скор|тариф|ставк)[^,;!?]*\Z",
    re.IGNORECASE,
)
_CLAUSE_ENDS: Final = re.compile(
    r"\s*[,;.!?)»]|\s*\Z|\s(?:[—–]|(?:и|или|а|но|в|во|до|после|с|к|по|на|между|утром|дн[её]м|вечером|ночью|курьером|"
    r"включительно)(?!\w))"
)
_DATES_BEHIND: Final = re.compile(
    r"(?:,|\sи)\s(?:0?[1-9]|[12][0-9]|3[01])\.(?:0[1-9]|1[0-2])(?![\w]|[.,][0-9])|"
    r"\s(?:работаем|закрыт|не работа|выходной|состоится|пройд[её]т|будет)"
)
_DATED: Final = re.compile(r"(0?[1-9]|[12][0-9]|3[01])\.(0[1-9]|1[0-2])(?!\w|[.,:/][0-9])")
_TIME_BEHIND: Final = re.compile(r",?\s(?:в|с|до|после|к|около)\s[0-9]{1,2}(?::[0-9]{2}|\s(?:ч|час|утра|вечера|дня))")
_DATE_BEFORE: Final = re.compile(
    r"(?<!\w)(?:(?i:пн|вт|ср|чт|пт|сб|вс)\.?,?|(?i:понедельник|вторник|сред[ауы]|четверг|пятниц[ауы]|суббот[ауы]|"
    r"воскресень[ея]),?|"
    r"(?i:дата|вылет|приезд|заезд|выезд|доставка|оплатить|начало|старт)(?::|\s—)?)\s\Z"
)


def _floor_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3 этаж" and "на 2 линию" for ordinals: what is counted would stand in the genitive."""
    found = _FLOOR.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-–"):
        return None
    gender: Gender
    if found["all"]:  # "5/9 эт."
        rank = named(found["digits"], "ru", "ordinal", case="n", gender="m")
        return found.end(), Said(f"{rank} этаж из {named(found['all'], 'ru', case='g')}")
    if found["short"]:  # "на 5 эт."
        is_at = last_word(text[max(0, at - 10) : at]) == "на"
        rank = named(found["digits"], "ru", "ordinal", case="p" if is_at else "n", gender="m")
        return found.end(), Said(f"{rank} {'этаже' if is_at else 'этаж'}")
    if found["of"] or found["hers"]:
        is_of = (
            last_word(text[max(0, at - 16) : at]) in _OF
            or found["digits"][-1] not in "1234"
            or found["digits"] in _TEENS
        )
        if not (is_of or _OF_BEFORE.search(text, max(0, at - 24), at)):
            return None
        gender = "f" if found["hers"] else "m"
        return found.end("digits"), Said(named(found["digits"], "ru", "ordinal", case="g", gender=gender))
    is_one = found["digits"][-1] == "1" and found["digits"] != "11"
    if is_one and not found["always"]:
        return None
    gender = "n" if found["n"] else "f" if found["f"] or found["her"] else "m"
    case: Case = "a" if found["her"] else "n"
    return found.end("digits"), Said(named(found["digits"], "ru", "ordinal", case=case, gender=gender, animate=False))


_FLOOR: Final = re.compile(
    r"(?P<digits>[1-9][0-9]{0,2})(?:/(?P<all>[1-9][0-9]?)\s(?:эт\.|этаж)|\s(?:(?P<short>эт\.)(?!/)|"
    r"(?P<always>этаж|класс|курс|подъезд|(?P<n>место|отделение))|вагон|путь|ряд|том|раздел|пункт|терминал|корпус|сезон|"
    r"раунд|тур|уровень|квартал|абзац|урок|выпуск|эпизод|этап|"
    r"(?P<f>серия|глава|страница|линия|строка|статья|часть|неделя|платформа)|"
    r"(?P<her>серию|главу|страницу|линию|строку|статью|неделю|платформу)|"
    r"(?P<of>класса|курса|этажа|ряда|подъезда|тома|вагона|раунда|тура|уровня|сезона|разряда|типа|раздела|пункта)|"
    r"(?P<hers>страницы|главы|серии|линии|строки|платформы|степени|категории|группы))(?!\w))(?!\w)(?!\s[IVX0-9])"
)
# Behind these, many would be in the plural: "с 3 этажа" is one floor.
_OF: Final = frozenset("с со из от до у после около возле для без кроме".split())
_TEENS: Final = frozenset(("11", "12", "13", "14"))
_OF_BEFORE: Final = re.compile(
    r"(?<!\w)(?:[Дд]иабет[а-яё]{0,2}|СД|(?:учени|студент|школьни|учащ|выпускни|житель|пассажир|инвалид|"
    r"квартир)[а-яё]*|билет[а-яё]*)\s\Z"
)


def _phone_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "8 800 250-09-90" and "+7 (495) 123-45-67" for telephone numbers."""
    if text[at] not in "8+" or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,-/"):
        return None
    found = _PHONE.match(text, at) or _PHONE_BEGUN.match(text, at)
    return (
        None
        if found is None
        else (found.end(), Phone(tuple(re.findall(r"[0-9]+", found[0])), has_plus=text[at] == "+"))
    )


# The rest of it is still to come.
_PHONE_BEGUN: Final = re.compile(r"(?:\+7|8) ?\([0-9]{3}\)(?: [0-9]{3}(?:-[0-9]{2})?)?(?=-?\s*\Z)")
_PHONE: Final = re.compile(
    r"(?:\+(?=7)|(?=8))([78])[ \u00a0-]?\(?([0-9]{3})\)?[ \u00a0-]([0-9]{3})[ \u00a0-]?([0-9]{2})[ \u00a0-]?([0-9]{2})"
    r"(?![\w-]|[.,][0-9])"
)


def _proportion_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "в пропорции 1:10": "один к десяти", and no time of the day."""
    found = _PROPORTION.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or _MIXED.search(text, max(0, at - _NEAR), at) is None:
        return None
    first, *rest = re.split(r"\s?:\s?", found[0])
    return found.end(), Said(" к ".join([named(first, "ru"), *(named(part, "ru", case="d") for part in rest)]))


_PROPORTION: Final = re.compile(r"[1-9][0-9]{0,3}(?:\s?:\s?[1-9][0-9]{0,4}){1,3}(?![\w:]|[.,][0-9])")
_MIXED: Final = re.compile(
    r"(?<!\w)(?:пропорци|соотношени|отношени|шанс|развед|развест|разбав|смеш)[а-яё]*(?:\s(?!в\s|до\s|к\s)"
    r"[а-яё]+){0,3}(?::|\s—|,)?\s\Z",
    re.IGNORECASE,
)


def _numbers_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "№№ 2–4": "номера два — четыре"; "+8…+11 °C": "от плюс восьми до плюс одиннадцати градусов"."""
    if text[at] == "№" and (slashed := _SLASHED.match(text, at)) is not None:
        return slashed.end(), Said(f"номер {named(slashed[1], 'ru')} дробь {named(slashed[2], 'ru')}")
    if text[at] == "№" and (found := _NUMBERS.match(text, at)) is not None:
        return found.end(), Said(f"номера {named(found[1], 'ru')} — {named(found[2], 'ru')}")
    found = _WARMTH.match(text, at) if text[at] in "+-−0123456789" and not text[at - 1 : at].isalnum() else None
    if found is None:
        return None
    ends = [
        Number(digits, sign="+" if sign == "+" else "-" if sign else "")
        for sign, digits in ((found[1], found[2]), (found[3], found[4]))
    ]
    unit = "celsius" if found[5] else "degree"
    return found.end(), Measure(Span(ends[0], ends[1]), unit, "°")


_SLASHED: Final = re.compile(r"№\s?([1-9][0-9]{0,6})/([1-9][0-9]{0,3})(?![\w/-]|[.,][0-9])")
_NUMBERS: Final = re.compile(r"№№\s?([0-9]{1,4})\s?[-–—]\s?([0-9]{1,4})(?![\w-]|[.,][0-9])")
_WARMTH: Final = re.compile(r"([+−-]?)([0-9]{1,3})\s?(?:…|\.{2,3})\s?([+−-]?)([0-9]{1,3})\s?°\s?([CС])?(?!\w)")
_HALF_A_GLASS: Final = re.compile(r"([1-3])/([234])\sст\.(?=\s[а-яё]{3,})")
_GLASSES: Final = re.compile(r"([0-9]{1,2})(?:,([0-9]{1,2}))?\sст\.(?=\s(?!ложк)[а-яё]{3,})")
_PAGES: Final = measure_rule({"с.": "page", "стр.": "page"})


def _months_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "в авг. 2025 г." and "в мае 2024": "в августе две тысячи двадцать пятого года"."""
    found = _MONTH_OF.match(text, at) if text[at].isalpha() and not text[at - 1 : at].isalnum() else None
    before = last_word(text[max(0, at - 40) : at]) if found is not None else ""
    case: Case | None = "p" if before in ("в", "во") else "a" if before == "по" else _CASES.get(before)
    if found is None or case is None:
        return None
    plain = _PLAIN_MONTHS[_SHORT_MONTHS[found[1].lower()] - 1]
    month = plain if case == "a" else decline(plain, case)
    if not found[2]:
        return found.end(), Said(month)
    return found.end(), Said(f"{month} {year_in(found[2], 'g')} года")


_MONTH_OF: Final = re.compile(
    rf"({'|'.join(sorted(_SHORT_MONTHS, key=len, reverse=True))})\.(?:\s([12]\d{{3}})(?:\s(?:года|г\.))?)?(?!\w)",
    re.IGNORECASE,
)


def _of_year(digits: str) -> str:
    return f"{year_in(digits, 'g')} года"


def year_in(digits: str, case: Case) -> str:
    """Say a year as an ordinal in its case: "тысяча девятьсот девяностого"."""
    return named(digits, "ru", "ordinal", case=case, gender="m", animate=False)


_WEEKDAYS: Final = {
    "пн": "понедельник", "вт": "вторник", "ср": "среда", "чт": "четверг", "пт": "пятница", "сб": "суббота",
    "вс": "воскресенье",
}  # fmt: skip

_WINDS: Final = {
    "С": "северный", "СВ": "северо-восточный", "В": "восточный", "ЮВ": "юго-восточный", "Ю": "южный",
    "ЮЗ": "юго-западный", "З": "западный", "СЗ": "северо-западный",
}  # fmt: skip
_IN_FRONT_OF_DIGITS: Final = {
    "абз.": "абзац", "упр.": "упражнение|упражнения", "зад.": "задание|задания",
    "ч.": "часть", "Т.": "Том", "С.": "Страница|Страницы", "р.": "размер", "разм.": "размер",
    "разд.": "раздел", "подп.": "подпункт",
    "с.": "страница|страницы", "стр.": "страница|страницы", "п.": "пункт|пункты", "д.": "дом", "ст.": "статья|статьи",
    "кв.": "квартира", "т.": "том|тома", "гл.": "глава|главы",
}  # fmt: skip

_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".",
    has_blank_groups=True,
    date_order="dmy",
    months={name: number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    between_date=r"\s",
    clock_words=r"\s?ч(?:\.(?!\s?л\.)|(?!\.))(?![\w/])",
    clock_marks=":",
    scales={
        "k": 3, "bn": 9, "тыс.": 3, "тыс": 3, "тысяч": 3,
        "тысячи": 3, "тысяча": 3, "млн": 6, "млн.": 6, "миллион": 6, "миллиона": 6,
        "миллионов": 6, "млрд": 9, "млрд.": 9, "миллиард": 9, "миллиарда": 9, "миллиардов": 9, "трлн": 12, "трлн.": 12,
        "триллион": 12, "триллиона": 12, "триллионов": 12,
    },
    currencies={
        "₽": "RUB", "руб.": "RUB", "руб": "RUB", "р.": "RUB", "евро": "EUR", "грн": "UAH", "грн.": "UAH", "тг": "KZT",
        "долл.": "USD",
    },
    units={
        "таб.": "tablet", "табл.": "tablet", "капс.": "capsule", "амп.": "ampoule", "МЕ": "international-unit",
        "ЕД": "dose-unit", "комн.": "room", "с/у": "bathroom", "повт.": "repetition", "дес. л.": "dessertspoon",
        "зубч.": "clove", "пуч.": "bunch", "кус.": "slice", "ломт.": "slice",
        "п.п.": "percentage-point", "п. п.": "percentage-point", "п.п": "percentage-point", "пп": "percentage-point",
        "б.п.": "basis-point", "б. п.": "basis-point", "бп": "basis-point", "у.е.": "conventional-unit",
        "у. е.": "conventional-unit", "стак.": "glass", "щеп.": "pinch", "уп.": "packet",
        "бут.": "bottle", "пак.": "packet", "порц.": "portion",
        "л.д.": "sheet", "руб/мес": "rouble-per-month", "кВт-ч": "kilowatt-hour",
        "кВт•ч": "kilowatt-hour",
        "сут.": "day-and-night", "сут": "day-and-night", "кв.м.": "square-meter", "кв. м.": "square-meter",
        "м.": "meter", "км.": "kilometer", "кг.": "kilogram", "л.": "liter", "см.": "centimeter", "мм.": "millimeter",
        "экз.": "copy", "ед.": "piece", "кл.": "class", "¢": "cent", "ккал.": "kilocalorie",
        "очк.": "point", "балл.": "mark",
        "мм": "millimeter", "см": "centimeter", "дм": "decimeter", "м": "meter", "км": "kilometer", "мкм": "micrometer",
        "нм": "nanometer", "м²": "square-meter", "м2": "square-meter", "кв. м": "square-meter", "кв.м": "square-meter",
        "км²": "square-kilometer", "кв. км": "square-kilometer", "см²": "square-centimeter", "м³": "cubic-meter",
        "м3": "cubic-meter", "куб. м": "cubic-meter", "см³": "cubic-centimeter", "га": "hectare", "мг": "milligram",
        "мкг": "microgram", "г": "gram", "гр": "gram", "гр.": "gram", "кг": "kilogram", "т": "tonne", "ц": "centner",
        "мл": "milliliter", "л": "liter", "с": "second", "сек": "second", "сек.": "second", "мин.": "minute",
        "мс": "millisecond",
        "мкс": "microsecond", "нс": "nanosecond", "мин": "minute", "ч": "hour", "ч.": "hour",
        "час.": "hour", "дн.": "day", "нед.": "week", "мес.": "month", "км/ч": "kilometer-per-hour",
        "м/с": "meter-per-second", "Вт": "watt", "кВт": "kilowatt", "МВт": "megawatt", "ГВт": "gigawatt",
        "л/100 км": "liter-per-100-kilometer", "л/100км": "liter-per-100-kilometer", "кВт·ч": "kilowatt-hour",
        "кВтч": "kilowatt-hour", "кВт*ч": "kilowatt-hour", "Вт·ч": "watt-hour", "Вт⋅ч": "watt-hour",
        "Вт*ч": "watt-hour", "Вт-ч": "watt-hour", "Втч": "watt-hour", "ГВт·ч": "gigawatt-hour",
        "ГВт⋅ч": "gigawatt-hour", "МВт⋅ч": "megawatt-hour", "МВтч": "megawatt-hour", "мА⋅ч": "milliampere-hour",
        "А⋅ч": "ampere-hour", "В": "volt", "А": "ampere",
        "мА": "milliampere", "мА·ч": "milliampere-hour", "мАч": "milliampere-hour", "Ом": "ohm", "Гц": "hertz",
        "кГц": "kilohertz", "МГц": "megahertz", "ГГц": "gigahertz", "Дж": "joule", "кДж": "kilojoule",
        "ккал": "kilocalorie",
        "кал": "calorie", "Па": "pascal", "кПа": "kilopascal", "гПа": "hectopascal", "мм рт. ст.": "millimeter-ofhg",
        "бар": "bar", "атм": "atmosphere", "л.с.": "horsepower", "л. с.": "horsepower", "дБ": "decibel", "бит": "bit",
        "КБ": "kilobyte", "Кб": "kilobyte", "кБ": "kilobyte", "МБ": "megabyte", "Мб": "megabyte",
        "ГБ": "gigabyte", "Гб": "gigabyte", "ТБ": "terabyte", "Тб": "terabyte", "Мбит/с": "megabit-per-second",
        "Гбит/с": "gigabit-per-second", "МБ/с": "megabyte-per-second", "ГБ/с": "gigabyte-per-second", "Н": "newton",
        "°С": "celsius", "° С": "celsius", "пикс.": "pixel", "шт.": "item", "шт": "item", "чел.": "person",
        "коп.": "kopek", "коп": "kopek", "акр.": "acre", "фт²": "square-foot", "фт": "foot", "ми": "mile",
        "дюйм.": "inch", "ярд.": "yard",
        "кбит": "kilobit", "Мбит": "megabit", "Гбит": "gigabit", "Тбит": "terabit", "ПБ": "petabyte", "лк": "lux",
        "лм": "lumen", "мВт": "milliwatt", "МПа": "megapascal", "мбар": "millibar", "уз.": "knot", "уз": "knot",
        "ми/ч": "mile-per-hour", "Н·м": "newton-meter", "Н⋅м": "newton-meter", "Н*м": "newton-meter",
        "сл": "centiliter", "дл": "deciliter", "барр.": "barrel", "барр": "barrel", "об.": "revolution",
        "об/мин": "revolution-per-minute", "уд/мин": "beat-per-minute", "уд./мин": "beat-per-minute",
        "кадр/с": "frame-per-second", "кадр/сек": "frame-per-second", "к/с": "frame-per-second",
        "кадр./с": "frame-per-second",
        "м/с²": "meter-per-square-second", "мг/дл": "milligram-per-deciliter",
        "ммоль": "millimole", "ммоль/л": "millimole-per-liter", "моль": "mole", "г/л": "gram-per-liter",
        "мг/л": "milligram-per-liter", "г/см³": "gram-per-cubic-centimeter", "кг/м³": "kilogram-per-cubic-meter",
        "мкг/м³": "microgram-per-cubic-meter", "кВт⋅ч": "kilowatt-hour", "МВт·ч": "megawatt-hour", "Мпкс": "megapixel",
        "пкс": "pixel", "мм рт.ст.": "millimeter-ofhg", "унц.": "ounce", "км/с": "kilometer-per-second",
        "л/мин": "liter-per-minute", "мкл": "microliter", "нг": "nanogram", "кОм": "kiloohm", "МОм": "megaohm",
        "мкА": "microampere", "А·ч": "ampere-hour", "МДж": "megajoule", "кН": "kilonewton", "ТГц": "terahertz",
        "мЗв": "millisievert", "кар": "carat", "чел./км²": "person-per-square-kilometer",
        "мг/кг": "milligram-per-kilogram",
        "ст. л.": "tablespoon", "ст.л.": "tablespoon", "ч.л.": "teaspoon", "ч. л.": "teaspoon", "Мп": "megapixel",
    },
    abbreviations=with_capitals({
        "неск.": "несколько", "деп.": "департамент", "инст.": "институт", "фак.": "факультет",
        "фам.": "фамилия", "шк.": "школа", "дисс.": "диссертация", "ежед.": "ежедневно",
        "с/у": "санузел", "уч. г.": "учебный год", "и/или": "и или", "арт.": "артикул", "ед. ч.": "единственное число",
        "мн. ч.": "множественное число", "м. р.": "мужской род",
        "ж. р.": "женский род", "ср. р.": "средний род", "наст. вр.": "настоящее время",
        "прош. вр.": "прошедшее время", "буд. вр.": "будущее время", "им. п.": "именительный падеж",
        "род. п.": "родительный падеж", "дат. п.": "дательный падеж", "вин. п.": "винительный падеж",
        "тв. п.": "творительный падеж", "предл. п.": "предложный падеж", "г. р.": "года рождения",
        "г.р.": "года рождения", "мин-во": "министерство", "гр-н": "гражданин", "гр-ка": "гражданка",
        "зав.": "заведующий", "каф.": "кафедра", "преп.": "преподаватель", "сущ.": "существительное",
        "глаг.": "глагол", "нареч.": "наречие", "пгт": "посёлок городского типа", "мкр-н": "микрорайон",
        "выкл.": "выключено", "к. т. н.": "кандидат технических наук", "к.т.н.": "кандидат технических наук",
        "д. м. н.": "доктор медицинских наук", "д.м.н.": "доктор медицинских наук",
        "к. м. н.": "кандидат медицинских наук", "к.м.н.": "кандидат медицинских наук",
        "к. э. н.": "кандидат экономических наук", "к.э.н.": "кандидат экономических наук",
        "д. э. н.": "доктор экономических наук", "д.э.н.": "доктор экономических наук",
        "экв.": "эквивалент", "вр.": "время", "авт.": "автор", "вокз.": "вокзал", "аэроп.": "аэропорт",
        "м-н": "магазин", "ф-ла": "формула", "ср-во": "средство", "ср-ва": "средства", "к-т": "комплект",
        "отд.": "отдел", "тж.": "также", "исп.": "испанское",
        "ит.": "итальянское", "греч.": "греческое", "яп.": "японское",
        "с. ш.": "северной широты", "ю. ш.": "южной широты", "в. д.": "восточной долготы",
        "з. д.": "западной долготы", "с.ш.": "северной широты", "ю.ш.": "южной широты", "в.д.": "восточной долготы",
        "з.д.": "западной долготы", "г/г": "год к году", "м/м": "месяц к месяцу", "кв/кв": "квартал к кварталу",
        "др.": "другие", "пр.": "прочее",
        "каб.": "кабинет", "ауд.": "аудитория", "прил.": "приложение",
        "гл.": "глава", "разд.": "раздел", "поликл.": "поликлиника", "ост.": "остановка",
        "вых.": "выходной", "ежедн.": "ежедневно", "круглосут.": "круглосуточно",
        "приб.": "прибытие", "отпр.": "отправление", "опл.": "оплата", "ст-ть": "стоимость",
        "произв.": "производство", "шир.": "ширина", "выс.": "высота", "дл.": "длина", "диам.": "диаметр",
        "влажн.": "влажность",
        "назв.": "название",
        "респ.": "республика", "мн.": "многие", "ч-к": "человек",
        "сокр.": "сокращённо", "разг.": "разговорное", "устар.": "устаревшее",
        "лат.": "латинское",
        "англ.": "английское", "франц.": "французское", "рус.": "русское", "м. б.": "может быть",
        "м.б.": "может быть", "вкл": "включительно", "д-р": "доктор", "Д-р": "Доктор", "доц.": "доцент",
        "ген.": "генерал", "полк.": "полковник", "кап.": "капитан", "лейт.": "лейтенант", "серж.": "сержант",
        "св.": "святой", "р.": "река", "н. п.": "населённый пункт", "п/я": "почтовый ящик",
        "а/я": "абонентский ящик", "в/ч": "войсковая часть", "х/ф": "художественный фильм", "м/ф": "мультфильм",
        "т/с": "телесериал", "с/х": "сельскохозяйственный",
        "лит.": "литера", "Ø": "диаметр", "корп.": "корпус", "эт.": "этаж", "оф.": "офис", "пом.": "помещение",
        "мкр.": "микрорайон", "пос.": "посёлок",
        "дер.": "деревня", "ш.": "шоссе", "пр-д": "проезд", "мес.": "месяц", "прибл.": "приблизительно",
        "моб.": "мобильный", "адр.": "адрес", "соотв.": "соответственно", "зам.": "заместитель", "нач.": "начальник",
        "дир.": "директор", "ред.": "редактор", "изд.": "издание", "вып.": "выпуск", "прим.": "примечание",
        "букв.": "буквально", "ув.": "уважаемый", "оз.": "озеро", "б/у": "бывший в употреблении", "з/п": "зарплата",
        "в т. ч.": "в том числе", "в т.ч.": "в том числе", "и. о.": "исполняющий обязанности",
        "и.о.": "исполняющий обязанности", "т. о.": "таким образом", "т.о.": "таким образом",
        "пр-во": "правительство", "ж/д": "железнодорожный", "а/м": "автомобиль",
        "кол-во": "количество", "ж.-д.": "железнодорожный", "стр-во": "строительство", "ун-т": "университет",
        "ин-т": "институт", "б-ка": "библиотека", "о-в": "остров", "подр.": "подробнее",
        "ст. м.": "станция метро", "под.": "подъезд", "мкрн.": "микрорайон", "вкл.": "включая", "искл.": "исключая",
        "пред.": "предыдущий",
        "и т. д.": "и так далее", "и т.д.": "и так далее", "т. д.": "так далее", "т.д.": "так далее",
        "и т. п.": "и тому подобное", "и т.п.": "и тому подобное", "т. п.": "тому подобное", "т.п.": "тому подобное",
        "в теч.": "в течение",
        "т. е.": "то есть", "т.е.": "то есть", "т. к.": "так как", "т.к.": "так как", "т. н.": "так называемый",
        "т.н.": "так называемый", "и др.": "и другие", "и пр.": "и прочее", "напр.": "например", "см.": "смотри",
        "ср.": "сравни", "гг.": "годы", "ул.": "улица", "просп.": "проспект",
        "пер.": "переулок", "стр.": "страница",
        "рис.": "рисунок", "табл.": "таблица", "тел.": "телефон",
        "им.": "имени", "проф.": "профессор", "акад.": "академик", "канд.": "кандидат", "г-н": "господин",
        "Г-н": "Господин", "Г-жа": "Госпожа", "доб.": "добавочный",
        "г-жа": "госпожа", "до н. э.": "до нашей эры", "до н.э.": "до нашей эры", "н. э.": "нашей эры",
        "н.э.": "нашей эры",
        "обл.": "область", "р-н": "район", "мин.": "минимум", "макс.": "максимум", "ок.": "около",
        "экз.": "экземпляров",
    }),
    eras=r"\s(?:до\s)?н\.\s?э\.",
    code_cues=frozenset(
        "доб код кода кодом пин пин-код пароль индекс счёт счет счёта карта карты инн снилс огрн бик кпп заказ "
        "заказа рейс "
        "договор паспорт артикул номер boeing боинг".split()
    ) - {"номер", "заказ", "заказа", "договор"},
    cue_links=frozenset(
        "это номер был из от с и для подтверждения доступа активации безопасности входа проверки".split()
    ),
    version_cues=VERSIONED | frozenset("п пп подп версия версии версию глава раздел пункт релиз разд гл".split()),
    duration_cues=frozenset("за время длительность рекорд".split()),
    number_cues=_CHAPTERS,
    greek=greek_letters(
        "альфа бета гамма дельта эпсилон дзета эта тета йота каппа лямбда мю ню "
        "кси омикрон пи ро сигма тау ипсилон фи хи пси омега"
    ),
    rules=(
        at_digits(
            at_heads(r"1/[1-9]|[0-9]+(?:\.|\s?:\s?)[0-9]", _final_rule, _proportion_rule, _changed_rule),
            _part_in_genitive,
            short_number_rule(r"(?:отправ|пошл|присл|шлите|смс|sms)[^.!?]{0,40}\sна(?:\sномер)?"),
        code_rule(
            r"(?:номер|№)(?:ом|а|у)? (?:заказа|договора|счёта|счета|карты|брони|бронирования|обращения|заявки|"
            r"полиса|паспорта|клиента|"
            r"билета|накладной|посылки|отправления|вашего заказа|квитанции|участника|дела)|(?:заказ|договор|бронь|"
            r"заявка|обращение|полис|"
            r"посылка|билет|квитанция)[ауе]? (?:номер|№)|арт\.|ГОСТ(?: Р)?|ТУ|(?:оканчива|заканчива)[а-яё]+ на|"
            r"\(?(?:CVC|CVV)\)?|(?:код|пароль|пин-код)(?: [а-яё-]+){0,3} (?:СМС|SMS|смс|"
            r"письма)(?: —)?|код(?: [а-яё-]+){1,4}:|"
            r"почтовый индекс|индекс"
        ),
        _percent_rule,
        _pages_rule,
        _spoon_rule,
        _points_rule,
        _kopek_rule,
        _part_rule,
        step_rule("размера?|р\\.", lambda top, bottom: f"{named(top, 'ru')} {named(bottom, 'ru')}"),
        step_rule(
            "шаг|часть|страница|стр|день|урок|вопрос|серия|этап|глава|задание",
            lambda top, bottom: f"{named(top, 'ru')} из {named(bottom, 'ru', case='g')}",
        ),
        _times_rule,
        _pressure_rule,
        _dated_rule,
        _floor_rule,
        month_of_year_rule("./", r"действ\w+ до|годен до|до|срок действия(?: до)?|истекает(?: в)?"),
        enumeration_rule(lambda number: named(number, "ru")),
        _glass_rule,
        _ranked_noun_rule,
        _address_rule,
        dotted_clock_rule("в|к|до|после|около", "до|и|по|—", words=r"ч\.?|мск|утра|вечера|дня"),
            _of_month_rule,
            _compound_rule,
            _from_year_rule,
            _made_rule,
            _year_rule,
            _day_rule,
            _bare_year_rule,
        ),
        at_heads(
            r"[А-ЯЁа-яё]{1,10}\.|[№8+−0-9-]|(?:[СВЮЗ]|[СЮ][ВЗ])(?!\w)|(?:[Пп][нт]|[ВвСс][тсрб]|[Чч]т|[Сс][рб]|пр-т|б-р|млн|млрд|трлн)(?!\w)",
            _place_behind_rule,
            _scale_rule,
            _numbers_rule,
            _phone_rule,
            wind_rule(r"ветер(?: [а-яё]+)?(?: до [0-9]+ м/с)?,?", _WINDS),
            _village_rule,
            size_rule({"р.": "размер", "разм.": "размер"}),
            days_rule(_WEEKDAYS),
        ),
        _noun_rule,
        _quarter_rule,
        _adjective_rule,
        _moscow_rule,
        _about_rule,
        _months_rule,
        bare_unit_rule(
            "за|в|на|каждый|один|одну|1",
            {
                "кг": "kilogram", "шт.": "item", "шт": "item", "мес.": "month", "нед.": "week", "чел.": "person",
                "км": "kilometer",
                "л": "liter", "м²": "square-meter", "кв. м": "square-meter", "ч": "hour", "сут.": "day-and-night",
                "уп.": "packet",
            },
        ),
        quarter_rule({"Q": ("первый квартал", "второй квартал", "третий квартал", "четвёртый квартал")}, _of_year),
        _after_date_rule,
        _century_rule,
        _ordinal_rule,
        _code_rule,
        _place_rule,
        _weekday_in_rule,
        first_rule(_CHAPTERS),
        day_rule(".", "до|к|с|со|по|на|от|и"),
        flight_rule("рейс|рейса|рейсом|поезд"),
        abbreviation_rule(_IN_FRONT_OF_DIGITS),
        weekday_rule(_WEEKDAYS, "—"),
        per_rule({
            "с": "секунду", "сек": "секунду", "нед": "неделю", "мес": "месяц", "ч": "час", "час": "час",
            "мин": "минуту", "сут": "сутки", "день": "день", "год": "год",
        }, "в"),
        read_european,
        phone_rule(r"тел|телефон\w*|звон\w*|позвон\w*|номер\w*|моб|факс|whatsapp|ватсап\w*"),
    ),
)  # fmt: skip

_FEMININE_SOFT: Final = frozenset(
    "часть ночь дверь площадь новость кровать вещь область скорость роль цель сеть мышь тетрадь модель деталь соль "
    "боль связь "
    "запись степень жизнь смерть речь помощь очередь смесь осень ткань нить тень мысль постель печь дочь мать кость "
    "возможность ошибка неделя лошадь треть четверть".split()
)
_TIMES: Final = frozenset("час день неделю месяц год сутки минуту секунду".split())
_MASCULINE_IN_A: Final = frozenset("мужчина папа дедушка дядя судья коллега юноша".split())
_ADJECTIVE: Final = re.compile(r"(?:ых|их|ые|ие|ая|яя|ой|ый|ий|ое|ее|ого|его|ую|юю|ыми|ими|ым|им|ому|ему)$")


def _kopek() -> Noun:
    return Noun("копейка", "копеек", "f", "копейки", "копейки")


def _noun(one: str, few: str, many: str, gender: Gender = "m") -> Noun:
    return Noun(one, many, gender, few, few)


_IN_A_SUM: Final = re.compile(r"[-+−=×·⋅*]\s?\Z")
_LONG_POWER: Final = 2  # digits: "в десятой степени", but "в степени сто двадцать"
_CASES_OF_PARTS: Final[dict[tuple[str, int], Case]] = {
    ("integral", 0): "g", ("integral", 1): "g", ("sum", 1): "g", ("sum", 2): "g", ("product", 1): "g",
    ("product", 2): "g", ("limit", 1): "d",
}  # fmt: skip


class Russian(European):
    """Says tokens in Russian."""

    formulas: ClassVar = {
        "integral": "интеграл от {} до {} от",
        "integral over": "интеграл по {} от",
        "sum": "сумма по {} от {} до {}",
        "sum over": "сумма по {}",
        "product": "произведение по {} от {} до {}",
        "product over": "произведение по {}",
        "limit": "предел при {} стремящемся к {}",
        "logarithm": "логарифм по основанию {} числа",
        "absolute": "модуль {}",
        "prime": "{} штрих",
        "second": "{} два штриха",
        "derivative": "d {} по d {}",
        "bar": "{} с чертой",
        "hat": "{} с крышкой",
        "vector": "вектор {}",
        "call": "{} от {}",
        "factor": "{} умножить на",
        "derivation": "d по d {} от",
        "reaction": "даёт",
        "angle": "угол {}",
        "triangle": "треугольник {}",
    }
    functions: ClassVar = {
        "ln": "натуральный логарифм",
        "sin": "синус",
        "arcsin": "арксинус",
        "sinh": "гиперболический синус",
        "cos": "косинус",
        "arccos": "арккосинус",
        "cosh": "гиперболический косинус",
        "tan": "тангенс",
        "arctan": "арктангенс",
        "tanh": "гиперболический тангенс",
        "tg": "тангенс",
        "arctg": "арктангенс",
        "cot": "котангенс",
        "ctg": "котангенс",
        "sec": "секанс",
        "csc": "косеканс",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("за каждый один в на одну".split())
    code: ClassVar = "ru"
    locale: ClassVar = "ru"
    ones: ClassVar = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
    minus: ClassVar = "минус"
    tag: ClassVar = "хештег"
    plus: ClassVar = "плюс"
    decimal: ClassVar = "запятая"
    percent: ClassVar = _noun("процент", "процента", "процентов")
    per_mille: ClassVar = _noun("промилле", "промилле", "промилле")
    to: ClassVar = "—"
    to_day: ClassVar = "по"
    always: ClassVar = "двадцать четыре на семь"
    ratio: ClassVar = "к"
    out_of: ClassVar = "из"
    either: ClassVar = "или"
    over: ClassVar = "на"
    by: ClassVar = "на"
    per: ClassVar = "в"
    and_cents: ClassVar = ""
    and_part: ClassVar = "и"
    rank: ClassVar = "номер"
    powers: ClassVar = {"2": "в квадрате", "3": "в кубе"}
    power: ClassVar = "в степени"
    scales: ClassVar = {
        3: _noun("тысяча", "тысячи", "тысяч", "f"),
        6: _noun("миллион", "миллиона", "миллионов"),
        9: _noun("миллиард", "миллиарда", "миллиардов"),
        12: _noun("триллион", "триллиона", "триллионов"),
    }
    signs: ClassVar = {
        "+": "плюс",
        "-": "минус",
        "−": "минус",
        "±": "плюс-минус",
        "×": "умножить на",
        "*": "умножить на",
        "·": "умножить на",
        "⋅": "умножить на",
        "÷": "разделить на",
        "/": "разделить на",
        ":": "разделить на",
        "=": "равно",
        "==": "равно",
        "≠": "не равно",
        "!=": "не равно",
        "<": "меньше",
        ">": "больше",
        "<=": "меньше или равно",
        "≤": "меньше или равно",
        ">=": "больше или равно",
        "≥": "больше или равно",
        "≈": "приблизительно равно",
        "~": "примерно",
        "→": "стрелка",
        "->": "стрелка",
        "=>": "следовательно",
        "⇒": "следовательно",
        "&": "и",
        "%": "процент",
        "√": "корень из",
        "∛": "кубический корень из",
        "∃": "существует",
        "∀": "для любого",
        "∅": "пустое множество",
        "⊆": "подмножество",
        "⊂": "подмножество",
        "∉": "не принадлежит",
        "∩": "пересечение",
        "∪": "объединение",
        "∜": "корень четвёртой степени из",
        "∞": "бесконечность",
        "°": "градусов",
        "§": "параграф",
        "∑": "сумма",
        "∫": "интеграл",
        "∈": "принадлежит",
        "∝": "пропорционально",
        "⊥": "перпендикулярно",
        "∥": "параллельно",
        "∇": "набла",
        "@": "собака",
        "#": "решётка",
        "^": "в степени",
        "|": "вертикальная черта",
        "!": "факториал",
    }
    before: ClassVar = {
        "<": "менее чем",
        ">": "более чем",
        "≤": "максимум",
        "<=": "максимум",
        "≥": "как минимум",
        ">=": "как минимум",
        "~": "примерно",
        "≈": "примерно",
        "&": "и",
    }
    after: ClassVar = {"+": "плюс"}
    marks: ClassVar = {
        ".": "точка",
        "@": "собака",
        "/": "слэш",
        "-": "дефис",
        "_": "подчёркивание",
        ":": "двоеточие",
        "#": "решётка",
        "?": "вопросительный знак",
        "=": "равно",
        "&": "амперсанд",
        "+": "плюс",
        "~": "тильда",
        "%": "процент",
        "*": "звёздочка",
        ",": "запятая",
        "\\": "обратный слэш",
    }
    coins: ClassVar = {
        "RUB": Coin(_noun("рубль", "рубля", "рублей"), _kopek()),
        "UAH": Coin(_noun("гривна", "гривны", "гривен", "f"), _kopek()),
        "BYN": Coin(
            Noun("белорусский рубль", "белорусских рублей", "m", "белорусских рубля", "белорусского рубля"), _kopek()
        ),
        "KZT": Coin(_noun("тенге", "тенге", "тенге")),
        "USD": Coin(_noun("доллар", "доллара", "долларов"), _noun("цент", "цента", "центов")),
        "EUR": Coin(_noun("евро", "евро", "евро"), _noun("цент", "цента", "центов")),
        "GBP": Coin(_noun("фунт", "фунта", "фунтов"), _noun("пенс", "пенса", "пенсов")),
        "CHF": Coin(_noun("франк", "франка", "франков"), _noun("сантим", "сантима", "сантимов")),
        "JPY": Coin(_noun("иена", "иены", "иен", "f")),
        "CNY": Coin(_noun("юань", "юаня", "юаней")),
        "INR": Coin(_noun("рупия", "рупии", "рупий", "f")),
        "KRW": Coin(_noun("вона", "воны", "вон", "f")),
        "BRL": Coin(_noun("реал", "реала", "реалов"), _noun("сентаво", "сентаво", "сентаво")),
        "XBT": Coin(_noun("биткоин", "биткоина", "биткоинов")),
    }
    units: ClassVar = {
        "percentage-point": Noun(
            "процентный пункт", "процентных пунктов", "m", "процентных пункта", "процентного пункта"
        ),
        "tablet": _noun("таблетка", "таблетки", "таблеток", "f"),
        "capsule": _noun("капсула", "капсулы", "капсул", "f"),
        "ampoule": _noun("ампула", "ампулы", "ампул", "f"),
        "international-unit": Noun(
            "международная единица", "международных единиц", "f", "международные единицы", "международной единицы"
        ),
        "dose-unit": _noun("единица", "единицы", "единиц", "f"),
        "room": _noun("комната", "комнаты", "комнат", "f"),
        "bathroom": _noun("санузел", "санузла", "санузлов"),
        "repetition": Noun("повторение", "повторений", "n", "повторения", "повторения"),
        "dessertspoon": Noun("десертная ложка", "десертных ложек", "f", "десертные ложки", "десертной ложки"),
        "bunch": _noun("пучок", "пучка", "пучков"),
        "slice": _noun("кусок", "куска", "кусков"),
        "index-point": _noun("пункт", "пункта", "пунктов"),
        "basis-point": Noun("базисный пункт", "базисных пунктов", "m", "базисных пункта", "базисного пункта"),
        "conventional-unit": Noun("условная единица", "условных единиц", "f", "условные единицы", "условной единицы"),
        "page": _noun("страница", "страницы", "страниц", "f"),
        "sheet": _noun("лист", "листа", "листов"),
        "glass": _noun("стакан", "стакана", "стаканов"),
        "pinch": _noun("щепотка", "щепотки", "щепоток", "f"),
        "clove": _noun("зубчик", "зубчика", "зубчиков"),
        "packet": _noun("упаковка", "упаковки", "упаковок", "f"),
        "bottle": _noun("бутылка", "бутылки", "бутылок", "f"),
        "jar": _noun("банка", "банки", "банок", "f"),
        "portion": _noun("порция", "порции", "порций", "f"),
        "vote": _noun("голос", "голоса", "голосов"),
        "place": Noun("место", "мест", "n", "места", "места"),
        "copy": _noun("экземпляр", "экземпляра", "экземпляров"),
        "piece": _noun("единица", "единицы", "единиц", "f"),
        "pair": _noun("пара", "пары", "пар", "f"),
        "class": _noun("класс", "класса", "классов"),
        "day-and-night": Noun("сутки", "суток", "f", "суток", "суток"),
        "cent": _noun("цент", "цента", "центов"),
        "point": Noun("очко", "очков", "n", "очка", "очка"),
        "mark": _noun("балл", "балла", "баллов"),
        "millimole": _noun("миллимоль", "миллимоля", "миллимолей"),
        "microliter": _noun("микролитр", "микролитра", "микролитров"),
        "nanogram": _noun("нанограмм", "нанограмма", "нанограммов"),
        "ampere-hour": _noun("ампер-час", "ампер-часа", "ампер-часов"),
        "microampere": _noun("микроампер", "микроампера", "микроампер"),
        "kiloohm": _noun("килоом", "килоома", "килоом"),
        "megaohm": _noun("мегаом", "мегаома", "мегаом"),
        "megajoule": _noun("мегаджоуль", "мегаджоуля", "мегаджоулей"),
        "kilonewton": _noun("килоньютон", "килоньютона", "килоньютонов"),
        "terahertz": _noun("терагерц", "терагерца", "терагерц"),
        "millisievert": _noun("миллизиверт", "миллизиверта", "миллизивертов"),
        "time": _noun("раз", "раза", "раз"),
        "metric-ton": _noun("тонна", "тонны", "тонн", "f"),
        "watt-hour": _noun("ватт-час", "ватт-часа", "ватт-часов"),
        "megawatt-hour": _noun("мегаватт-час", "мегаватт-часа", "мегаватт-часов"),
        "gigawatt-hour": _noun("гигаватт-час", "гигаватт-часа", "гигаватт-часов"),
        "millivolt": _noun("милливольт", "милливольта", "милливольт"),
        "kilovolt": _noun("киловольт", "киловольта", "киловольт"),
        "kibibyte": _noun("кибибайт", "кибибайта", "кибибайт"),
        "mebibyte": _noun("мебибайт", "мебибайта", "мебибайт"),
        "gibibyte": _noun("гибибайт", "гибибайта", "гибибайт"),
        "tebibyte": _noun("тебибайт", "тебибайта", "тебибайт"),
        "square-millimeter": Noun(
            "квадратный миллиметр", "квадратных миллиметров", "m", "квадратных миллиметра", "квадратного миллиметра"
        ),
        "frame": _noun("кадр", "кадра", "кадров"),
        "beat": _noun("удар", "удара", "ударов"),
        "gram": _noun("грамм", "грамма", "граммов"),
        "kilogram": _noun("килограмм", "килограмма", "килограммов"),
        "decibel": _noun("децибел", "децибела", "децибел"),
        "item": _noun("штука", "штуки", "штук", "f"),
        "person": _noun("человек", "человека", "человек"),
        "kopek": _kopek(),
        "centner": _noun("центнер", "центнера", "центнеров"),
        "tablespoon": Noun("столовая ложка", "столовых ложек", "f", "столовые ложки", "столовой ложки"),
        "teaspoon": Noun("чайная ложка", "чайных ложек", "f", "чайные ложки", "чайной ложки"),
        "milliampere-hour": _noun("миллиампер-час", "миллиампер-часа", "миллиампер-часов"),
        "part-per-million": Noun("миллионная доля", "миллионных долей", "f", "миллионные доли", "миллионной доли"),
        "liter-per-100-kilometer": _noun(
            "литр на сто километров", "литра на сто километров", "литров на сто километров"
        ),
    }
    hour: ClassVar = _noun("час", "часа", "часов")
    minute: ClassVar = _noun("минута", "минуты", "минут", "f")
    second: ClassVar = _noun("секунда", "секунды", "секунд", "f")
    prefixes: ClassVar = {"v": "версия"}

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number in its gender and case; of a bare thousand "одна" is not said."""
        words = named(digits, "ru", case=agreement.case, gender=agreement.gender, animate=False)
        return re.sub(r"^(?:одна тысяча|одной тысячи|одной тысяче|одну тысячу|одной тысячей)\b", _bare_thousand, words)

    def case_of(self, around: Around) -> Case:
        """The case by the word in front, or by the sign of a root: "корень из шестнадцати"."""
        if around.before.endswith(("√", "∛", "теч. ")) or _COMPARED.search(around.before[-24:]):
            return "g"
        word, before = last_word(around.before), around.before.rstrip()
        if word == "и" and _BETWEEN.search(before):
            return "i"
        if before.endswith(".") and word != "ок":  # "под. 2"
            return "n"
        if word in ("в", "во") and _AWAY.match(around.after):
            return "p"
        if (measured := _MEASURED_BEFORE.search(around.before[-40:])) is not None:
            return _CASES.get(measured[1].lower(), "n")
        if not around.before[-1:].isspace():
            return "n"
        return _CASES.get(word, "n")

    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender from its end in the nominative."""
        word = noun.lower()
        if word in _FEMININE_SOFT:
            return "f"
        if word in _MASCULINE_IN_A:
            return "m"
        if re.search(r"(?:мя|о|е|ё)$", word):
            return "n"
        return "f" if re.search(r"(?:а|я|ость)$", word) else "m"

    def agreement(self, around: Around) -> Agreement:
        """What a bare number agrees with: the noun behind it shows gender and case."""
        case = self.case_of(around)
        case = "n" if case == "a" else case  # the noun shows it
        words = re.match(r"\s([а-яё]+)(?:\s([а-яё]+))?", around.after.lower())
        if words is None or words[1] in _NO_NOUNS:
            return Agreement(case=case)
        noun = words[2] if words[2] and _ADJECTIVE.search(words[1]) else words[1]
        if len(noun) < 3:
            return Agreement(case=case)
        if re.search(r"(?:[ая]|[дт]ь|л[юь])ми$", noun):
            return Agreement(case="i", is_counted=True)
        if re.search(r"[ая]х$", noun):
            return Agreement(case="p", is_counted=True)
        if re.search(r"[ая]м$", noun) and last_word(around.before) not in _CASES:
            return Agreement(case="d", is_counted=True)
        if case != "n":
            is_feminine = (bool(re.search(r"(?:[ыи]|ой|ей)$", noun)) and case in "gd") or noun.endswith(("ой", "ей"))
            return Agreement("f" if is_feminine else "m", case, is_counted=True)
        if re.search(r"[ую]$", noun):
            return Agreement("f", "a", is_counted=True)
        return Agreement(self.gender_of(noun) or "m", "n", is_counted=True)

    def agreement_of(self, number: Number, around: Around) -> Agreement:
        """What a number agrees with; behind 2 to 4 the noun's form shows its gender: "две кошки", "два дома"."""
        is_whole = not number.fraction and not number.scale
        if last_word(around.before) == "по" and _ONE.search(number.whole) and is_whole:
            each = _EACH_OF.match(around.after.lower())
            if each is not None:  # "по одной таблетке", "по одному разу", "по одному на человека"
                return Agreement("f" if each["f"] else "m", "d", is_counted=True)
        agreement = self.agreement(around)
        if (
            agreement.case == "n"
            and agreement.is_counted
            and re.search(r"(?<!1)1$", number.whole)
            and not number.fraction
        ):
            noun = re.findall(r"[а-яё]+", around.after.lower())[0]
            is_with = _WITH_BEFORE.search(around.before) is not None
            if is_with and re.search(r"(?:ой|ей|ью)$", noun):  # "с кошкой и одной собакой"
                return Agreement("f", "i", is_counted=True)
            if is_with and re.search(r"(?:ом|ем|ём)$", noun):
                return Agreement("m", "i", is_counted=True)
        if (
            agreement.case == "n"
            and agreement.is_counted
            and (number.fraction or re.search(r"(?<!1)[234]$", number.whole))
        ):
            words = re.findall(r"[а-яё]+", around.after.lower())[:2]
            noun = words[1] if len(words) > 1 and _ADJECTIVE.search(words[0]) else words[0]
            if _ANIMATE.search(noun) and not number.fraction and not number.scale:  # "вижу двух кошек"
                return Agreement(case="g", is_counted=True)
            return Agreement("f" if re.search(r"[ыи]$", noun) else "m", is_counted=True)
        return agreement

    def say_sign(self, sign: Sign, around: Around = NOWHERE) -> str:
        """Say a sign; energy and the like are told "на сто граммов"."""
        said = super().say_sign(sign, around)
        return "на" if said == self.per and sign.text == "/" and _MASS_BEHIND.match(around.after) else said

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; "по тысяче рублей" of so much each."""
        amount = token.amount if isinstance(token, Measure) else token
        if amount == Fraction("1", "2") and _IN_A_SUM.search(around.before):
            return "одна вторая"
        if isinstance(amount, Fraction) and not amount.whole and last_word(around.before) in ("в", "во"):
            around = Around("при ", around.after)  # "в половине литра"
        if isinstance(token, Percent) and last_word(around.before) == "под":
            around = Around("на ", around.after)  # "под двенадцать процентов"
        said = self._say(token, around)
        if isinstance(token, Number | Measure | Money) and last_word(around.before) == "по":
            return re.sub(r"^(?:тысяча|миллион)\b", lambda found: _EACH[found[0]], said)
        return said

    def _say(self, token: Token, around: Around) -> str:
        """Say a token; a bare number agrees with the noun behind it."""
        if isinstance(token, Measure | Money) and isinstance(token.amount, Span) and last_word(around.before) == "по":
            around = Around("на ", around.after)  # "по один — два сантиметра"
        is_plain = isinstance(token, Number | Fraction) or (
            isinstance(token, Measure | Money | Percent) and not isinstance(token.amount, Span)
        )
        if is_plain and _is_object(around.before):
            around = Around("на ", around.after)
        if isinstance(token, Number):
            agreement = self.agreement_of(token, around)
            if agreement.case == "n" and self.case_of(around) == "a":
                agreement = replace(agreement, case="a") if token.fraction or token.whole[-3:] == "000" else agreement
            return self.say_number(token, agreement)
        if isinstance(token, Unit) and last_word(around.before) in self.before_one:
            return decline(self.unit(token.unit, token.written).one, "a")
        if isinstance(token, Fraction) and not token.whole:
            is_each = token.top == "1" and last_word(around.before) == "по"  # "по половине таблетки"
            case = "d" if is_each else self.case_of(around)
            agreement = self.agreement(around)
            return self.amount(token, replace(agreement, case=case) if case in "ad" else agreement)
        if isinstance(token, Fraction):
            return self.amount(token, self.agreement_of(Number(token.whole, "5"), around))
        if isinstance(token, Ratio):
            return self.say_ratio(token, around)
        if isinstance(token, Measure | Money) and last_word(around.before) == "по" and _ONE.search(_digits_of(token)):
            around = Around("к ", around.after)  # "по одной таблетке"
        if isinstance(token, Duration) and last_word(around.before) == "за":
            said = self.say_duration(token)
            return said.replace("одна минута", "одну минуту").replace("одна секунда", "одну секунду")
        return super().say(token, around)

    def say_number(self, number: Number, agreement: Agreement = ALONE) -> str:
        """Say a number; one with a decimal mark in its case."""
        if _is_one_and_half(number) and agreement.case not in "na":
            return self.signed(number.sign, "полутора")
        if _is_one_and_half(number) and agreement.is_counted:
            return self.signed(number.sign, "полторы" if agreement.gender == "f" else "полтора")
        is_half = number.fraction == "5" and number.scale in self.scales
        if is_half and (number.whole == "1" or not re.search(r"(?<!1)1$|^0?$", number.whole)):
            return self.signed(number.sign, self._half_more(number, agreement.case))
        if number.fraction and not number.scale:
            return self.signed(number.sign, self.say_decimal(number, agreement.case))
        return super().say_number(number, agreement)

    def _half_more(self, number: Number, case: Case) -> str:
        """Say "двух с половиной тысяч" of 2,5 тыс., "полутора миллионов" of 1,5 млн."""
        scale = self.scales[number.scale]
        if number.whole == "1":
            if case in "na":
                return f"{'полторы' if scale.gender == 'f' else 'полтора'} {scale.few}"
            return f"полутора {scale.many if case == 'g' else decline(scale.one, case, is_plural=True)}"
        words = self.whole(number.whole, Agreement(scale.gender, case, is_counted=True))
        return f"{words} с половиной {self.form(Number(number.whole), scale, case)}"

    def say_decimal(self, number: Number, case: Case = "n") -> str:
        """Say "две целых пять десятых"; beyond millionths digit by digit."""
        whole, fraction = number.whole or "0", number.fraction
        if len(fraction) > 6 or len(whole) > 6:
            return f"{self.whole(whole)} {self.decimal} {self.digits(fraction)}"
        form = Agreement("f", case, is_counted=True)
        part = named(f"1{'0' * len(fraction)}", "ru", "ordinal", gender="f", **_plural_form(fraction, case))
        full = _WHOLE[bool(re.search(r"(?<!1)1$", whole))][case]
        return f"{self.cardinal(whole, form)} {full} {self.cardinal(fraction.lstrip('0') or '0', form)} {part}"

    def form(self, number: Number, noun: Noun, case: Case = "n") -> str:
        """The noun's form behind a number, in its case."""
        if _is_one_and_half(number) and case not in "na":  # "около полутора километров"
            return noun.many if case == "g" else decline(noun.one, case, is_plural=True)
        if _is_one_and_half(number) and " " in noun.few:
            return noun.few  # "полторы столовые ложки"
        if number.fraction or number.scale:
            return (noun.part or noun.few or noun.many) if not number.scale else noun.many
        is_one = bool(re.search(r"(?<!1)1$", number.whole))
        if case in "na":
            if is_one:
                return decline(noun.one, case) if case == "a" else noun.one
            return (noun.few or noun.many) if re.search(r"(?<!1)[234]$", number.whole) else noun.many
        if case == "g":
            return (noun.part or decline(noun.one, "g")) if is_one else noun.many
        return decline(noun.one, case, is_plural=not is_one)

    def joined_per(self, unit: Noun) -> str:
        """Say "в месяц", "на килограмм"."""
        name = decline(unit.one, "a")
        return f"{'в' if name in _TIMES else 'на'} {name}"

    def per_price(self, written: str) -> str:
        """Say "в месяц" of a price, "за литр"."""
        said = super().per_price(written)
        return f"за {said.removeprefix('на ')}" if said.startswith("на ") else said

    def part_of(self, noun: Noun) -> str:
        """Say of what something is a part."""
        return noun.part or noun.few or noun.one

    def say_power(self, power: Power) -> str:
        """Say "в пятой степени"."""
        number = power.exponent
        if (
            isinstance(number, str)
            or number.sign
            or number.fraction
            or number.whole in self.powers
            or len(number.whole) > _LONG_POWER
        ):
            return super().say_power(power)
        return f"в {named(number.whole, 'ru', 'ordinal', case='p', gender='f')} степени"

    def say_part(self, formula: Formula, place: int) -> str:
        """Say a part in its case: "от нуля до бесконечности", "стремящемся к нулю"."""
        written, case = formula.parts[place], _CASES_OF_PARTS.get((formula.kind, place))
        if case is None:
            return super().say_part(formula, place)
        if written.isdecimal():
            return self.whole(written, Agreement(case=case))
        return written.replace("∞", "бесконечности") if "∞" in written else super().say_part(formula, place)

    def fraction_of(self, fraction: Fraction, noun: Noun, case: Case = "n") -> str:
        """Say "три четверти литра", "полтора литра"."""
        return f"{self.amount(fraction, Agreement(noun.gender, case, is_counted=True))} {self.part_of(noun)}"

    def amount(self, token: Token, agreement: Agreement = ALONE) -> str:
        """Say "полтора" for one and a half."""
        match token:
            case Fraction("1", "2", "1", sign):
                return self.signed(sign, "полторы" if agreement.gender == "f" else "полтора")
            case Fraction("1", "2", whole, sign) if whole:
                return self.signed(sign, f"{self.whole(whole, agreement)} с половиной")
            case _:
                return super().amount(token, agreement)

    def say_span(self, span: Span, around: Around) -> str:
        """Say "от пяти до десяти", and "с третьего по пятое мая"."""
        before = last_word(around.before)
        match span:
            case Span(Number("1" | "2" | "3" | "4", "5", scale=0) as first, Number() as last) if last.scale:
                agreement = self.agreement_of(last, around)  # "две с половиной — три тысячи"
                so_many, _, _ = self.say_number(replace(first, scale=last.scale), agreement).rpartition(" ")
                return f"{so_many} — {self.say_number(last, agreement)}"
            case Span(Number() as first, Number() as last):
                if re.match(r"страниц|глав|серии|стать|строк|задач", before):
                    return (
                        f"с {named(first.whole, 'ru', 'ordinal', case='g', gender='f')} "
                        f"по {named(last.whole, 'ru', 'ordinal', case='a', gender='f', animate=False)}"
                    )
                if before == "по" and first.whole == "1" and not first.fraction:  # "по одной — две таблетки"
                    agreement = self.agreement_of(last, around)
                    one = named("1", "ru", case="d", gender=agreement.gender)
                    return f"{one} — {self.say_number(last, agreement)}"
                if before in ("гл", "разд", "п", "ст", "т") and around.before.endswith(". "):  # "гл. 4–6"
                    return f"{self.say_number(first)} — {self.say_number(last)}"
                if before in _PREPOSITIONS or re.search(r"(?<!1)[1-4]\Z", last.whole):
                    agreement = self.agreement_of(last, around)
                    return f"{self.say_number(first, agreement)} — {self.say_number(last, agreement)}"
                return self._from_to(first, last)
            case Span(Ordinal() as first, Date() as last):
                until = self.say_date(last, Around("по ", around.after))
                said = f"{self.say_day(int(first.digits), around)} по {until}"
                return said if before in ("с", "со") else f"с {said}"
            case Span(Date() as opens, Date() as closes):
                said = f"{self.say_date(opens, _FROM)} по {self.say_date(closes, Around('по ', around.after))}"
                return said if before in ("с", "со") else f"с {said}"
            case Span(Clock(start, None), Clock(end, None)) if not _OPEN.search(around.before):  # "займёт 4–6 ч"
                hours = Span(Number(str(start)), Number(str(end)))
                if before in _EVERY:
                    return f"{self.whole(str(start))} — {self.count(Number(str(end)), self.hour)}"
                return self.count(hours, self.hour, self.case_of(around))
            case Span(Clock() as first, Clock() as last):
                said = f"{self.say_clock(first, _FROM)} до {self.say_clock(last, _FROM)}"
                return said if before in ("с", "со") else f"с {said}"
            case _:
                return super().say_span(span, around)

    def _from_to(self, first: Number, last: Number) -> str:
        genitive = Agreement(case="g")
        return f"от {self.say_number(first, genitive)} до {self.say_number(last, genitive)}"

    def count(self, amount: Number | Fraction | Span, noun: Noun, case: Case = "n") -> str:
        """Say so many of a noun; a range goes "от пяти до десяти процентов"."""
        match amount:
            case Span(Number() as first, Number() as last) if case == "n":
                genitive = Agreement(noun.gender, "g", is_counted=True)
                return f"от {self.say_number(first, genitive)} до {self.count(last, noun, 'g')}"
            case _:
                return super().count(amount, noun, case)

    def say_ratio(self, ratio: Ratio, around: Around = NOWHERE) -> str:
        """Say "три к одному", and of a match "три — один"."""
        if ratio.unit:
            parts = f" {self.over} ".join(map(self.say_number, ratio.parts))
            return f"{parts} {self.form(ratio.parts[-1], self.unit(ratio.unit, ratio.written))}"
        if ratio.mark in ("/", "or"):
            return super().say_ratio(ratio)
        if ratio.mark == ":" and not ratio.unit and _MATCH.search(around.before + around.after):
            return " — ".join(map(self.say_number, ratio.parts))
        first, *rest = ratio.parts
        dative = Agreement(case="d")
        return " к ".join([self.say_number(first), *(self.say_number(part, dative) for part in rest)])

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:
        """Say "четырнадцать тридцать", "девять ноль пять", "десять часов", in its case."""
        case = self.case_of(around)
        case = "n" if case == "p" and last_word(around.before) in ("в", "во") else case  # "в 7:45 от платформы 3"
        hour = Number(str(clock.hour))
        if not clock.minute and not clock.second:
            return self.count(hour, self.hour, case)
        form = Agreement("f", case, is_counted=True)
        minute = clock.minute or 0
        zero = f"{self.whole('0')} " if minute < 10 else ""
        words = f"{self.whole(hour.whole, Agreement(case=case))} {zero}{self.whole(str(minute), form)}"
        return f"{words} {self.count(Number(str(clock.second)), self.second, case)}" if clock.second else words

    def say_day(self, day: int, around: Around) -> str:  # noqa: ARG002 - the first day of a range
        """Say "третьего"."""
        return named(str(day), "ru", "ordinal", case="g", gender="n")

    def say_date(self, date: Date, around: Around) -> str:
        """Say "третьего октября тысяча девятьсот девяностого года", the day in its case."""
        before = last_word(_WEEKDAY_BEFORE.sub("", around.before))
        case: Case = {
            "сегодня": "n",
            "завтра": "n",
            "вчера": "n",
            "на": "a",
            "за": "a",
            "по": "a",
            "к": "d",
            "ко": "d",
        }.get(before, "g")  # type: ignore[assignment] # a literal
        parts = []
        if date.day:
            parts.append(named(str(date.day), "ru", "ordinal", case=case, gender="n", animate=False))
        parts.append(_MONTHS[date.month - 1] if date.day else self._month(date.month, last_word(around.before)))
        if date.year:
            parts.append(year_in(date.year, "g"))
            if not re.match(r"\s?(?:год|г\.)", around.after):
                parts.append("года")
        return " ".join(parts)

    @staticmethod
    def _month(month: int, before: str) -> str:
        """Say a month that has no day, as the preposition asks for: "до марта", "в марте"."""
        case = "p" if before in ("в", "во") else _CASES.get(before, "n")
        return decline(_PLAIN_MONTHS[month - 1], case) if case != "n" else _PLAIN_MONTHS[month - 1]

    def say_year(self, year: Year, around: Around) -> str:
        """Say a year as a number: those with "год" are found by a rule."""
        return super().say_year(year, around)

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "третьем", as the ending behind the digits and the noun ask for."""
        form = _form_of_ordinal(ordinal.digits, ordinal.mark, around)
        return named(ordinal.digits, "ru", "ordinal", animate=False, **form)

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "три четверти", "две пятых", "около трети"."""
        special = {"2": ("половина", "половины"), "3": ("треть", "трети"), "4": ("четверть", "четверти")}
        if bottom in special and top == "1":
            return _PARTS[bottom][agreement.case]
        case = agreement.case
        feminine = Agreement("f", case, is_counted=True)
        if bottom in ("3", "4") and len(top) == 1:
            one, few = special[bottom]
            many = f"{few[:-1]}ей"
            name = (few if int(top) < 5 else many) if case in "na" else many if case == "g" else ""
            return f"{self.whole(top, feminine)} {name or decline(one, case, is_plural=True)}"
        if len(bottom) > 4 or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} {self.signs['/']} {self.whole(bottom)}"
        return f"{self.whole(top, feminine)} {named(bottom, 'ru', 'ordinal', gender='f', **_plural_form(top, case))}"

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "Пётр Первый", "Екатерины Второй"."""
        if not roman.is_ordinal:
            return self.whole(str(roman.value))
        gender, case = _form_of_name(last_word(around.before))
        return named(str(roman.value), "ru", "ordinal", gender=gender, case=case).capitalize()


# What is bought, added or paid stands in the accusative: "добавьте одну ложку", "стоит тысячу рублей".
_OBJECT_BEFORE: Final = re.compile(
    r"(?<!\w)(?i:[а-яё]{3,}(?:йте|ите|ьте)|[а-яё]{2,}(?:ать|ять|ить|еть|йти)|сто[ия]т|стоил[аои]?|вес[яи]т|весил[аои]?|"
    r"(?:занима|составля|потребля|получа|принима|теря|набира|зарабатыва)[ею]т|(?:займ[её]|пройд[её]|вед[её]|"
    r"возьм[её])т|"
    r"(?:продл|составл?|потрат|заплат|сэконом|получ|добав|куп|заработа|стоя|длил?|прибав)[а-яё]{2,4})\s\Z"
)
_OBJECT_NEAR: Final = re.compile(
    r"(?<!\w)[А-Яа-яё]{3,}(?:йте|ите|ьте)\s(?:[^.!?:;—]|\.(?!\s[А-ЯЁ])){1,80}(?:,|\sи)\s\Z"
)


def _is_object(before: str) -> bool:
    """Whether a verb in front asks for the accusative."""
    return _OBJECT_BEFORE.search(before[-_NEAR:]) is not None or _OBJECT_NEAR.search(before[-2 * _NEAR :]) is not None


# "меньше трёх"
_BETWEEN: Final = re.compile(r"(?<!\w)[Мм]ежду\s[^.!?]{1,24}\sи\Z")
_COMPARED: Final = re.compile(r"(?:[<>]\s|(?<![^\W\d_])[\w)²³][<>])\Z")
# A dative behind "по 1": what each one gets; "по 1 января" has none.
_EACH_OF: Final = re.compile(
    r"\s(?:[а-яё]+(?:ому|ему|[ую])(?!\w)|(?P<f>[а-яё]{2,}(?:[еи]|[оеё]й))(?!\w)|(?:на|из|в)\s)"
)
_EACH: Final = {"тысяча": "тысяче", "миллион": "миллиону"}
_MASS_BEHIND: Final = re.compile(r"\s?[0-9]{1,4}\s?(?:кг|г|мл|л|км|м)\b")
# Words behind a number that it does not count, however they end: "нажмите 1 для оплаты".
_NO_NOUNS: Final = frozenset(
    "равна равен равны "
    "для или если после через когда чтобы пока либо также только это эта эти уже ещё еще нужно можно надо была было "
    "были "
    "будет есть нет как так что где там тут сразу затем потом перед между около более менее равно плюс минус при "
    "про".split()
)
_ONE: Final = re.compile(r"(?<!1)1\Z")


def _is_one_and_half(number: Number) -> bool:
    return (number.whole, number.fraction, number.scale) == ("1", "5", 0)


def _digits_of(token: Measure | Money) -> str:
    """The whole number that is counted, of a part its numerator; "" if it is another amount."""
    amount = token.amount
    if isinstance(amount, Fraction) and not amount.whole:
        return amount.top
    return amount.whole if isinstance(amount, Number) and not amount.fraction and not amount.scale else ""


_PARTS: Final[dict[str, dict[Case, str]]] = {
    "2": {
        "n": "половина", "g": "половины", "d": "половине", "a": "половину", "i": "половиной", "p": "половине",
    },
    "3": {"n": "треть", "g": "трети", "d": "трети", "a": "треть", "i": "третью", "p": "трети"},
    "4": {"n": "четверть", "g": "четверти", "d": "четверти", "a": "четверть", "i": "четвертью", "p": "четверти"},
}  # fmt: skip
# "за 2 ч 41 мин": both are in the case of the first.
_MEASURED_BEFORE: Final = re.compile(
    r"(?<!\w)([а-яё]+)\s[0-9][0-9 ]{0,8}\s(?:ч|час|часа|часов|мин|км|м|кг|руб|р|нед|мес|дн|дня|дней|сут)\.?\s\Z"
)
# Words of hours at which something is open; elsewhere "4–6 ч" is how long something takes.
_OPEN: Final = re.compile(
    r"(?<!\w)(?:откры|работа|при[её]м|график|режим|часы|ежедневно|пн|вт|ср|чт|пт|сб|вс)", re.IGNORECASE
)
_EVERY: Final = frozenset("каждые каждых за через на".split())
_MATCH: Final = re.compile(
    r"(?<!\w)(?:сч[её]т(?:ом|е|а)?|выигр\w+|проигр\w+|обыгр\w+|побед\w+|разгром\w+|одолел\w*|уступил\w*|вничью|ничь\w+|"
    r"матч\w*|тайм\w*|перерыв\w*|вед[её]т|вела|в[её]л|в гостях|сет\w*|гол\w*)(?!\w)",
    re.IGNORECASE,
)
# "на вт, 14.01": the day is in the case of its weekday.
_WEEKDAY_BEFORE: Final = re.compile(
    r"(?<!\w)(?:пн|вт|ср|чт|пт|сб|вс|понедельник[ау]?|вторник[ау]?|сред[уые]|четверг[ау]?|пятниц[уые]|суббот[уые]|"
    r"воскресень[еюя])\.?,?\s?\Z"
)
_WITH_BEFORE: Final = re.compile(r"(?<!\w)(?:с|со|над|под|перед|между) [^.!?;:,]{1,40} и \Z")
_FROM: Final = Around("с ")
# "в двадцати километрах от города".
_AWAY: Final = re.compile(
    r"\s(?:от|ходьбы|езды|пути|лёта|к северу|к югу|к западу|к востоку|севернее|южнее|западнее|восточнее)(?!\w)"
)
# The plural of the genitive behind 2 to 4 is an accusative of the living.
_ANIMATE: Final = re.compile(r"(?:[а-яё]{2}(?:ов|ев|ей|ек|ок|ят|щин|чин|тниц|вочек|стёр)|человек|людей|детей|друзей)$")

# "целых": whether one is counted, and the case.
_WHOLE: Final[dict[bool, dict[Case, str]]] = {
    True: {"n": "целая", "g": "целой", "d": "целой", "a": "целую", "i": "целой", "p": "целой"},
    False: {"n": "целых", "g": "целых", "d": "целым", "a": "целых", "i": "целыми", "p": "целых"},
}


def _bare_thousand(found: re.Match[str]) -> str:
    """Say "тысяча" for "одна тысяча", in its case."""
    return {
        "одной тысячи": "тысячи",
        "одной тысяче": "тысяче",
        "одну тысячу": "тысячу",
        "одной тысячей": "тысячей",
    }.get(found[0], "тысяча")


def _plural_form(digits: str, case: Case) -> dict[str, object]:
    """How an adjective stands behind a number: "одна десятая", "пять десятых", "пятью десятыми"."""
    if re.search(r"(?<!1)1$", digits):
        return {"case": case, "plural": False}
    return {"case": "g" if case in "na" else case, "plural": True}


def _form_of_ordinal(digits: str, mark: str, around: Around) -> dict[str, object]:
    """Gender, case and number of an ordinal, by the ending that is written and what stands around."""
    before = last_word(around.before)
    found = re.match(r"\s([а-яё]+)", around.after.lower())
    noun = found[1] if found else ""
    if mark == "й" and noun in ("мин", "сек", "стр", "гл") and before in _PREPOSITIONS:
        return {"gender": "f", "case": "g"}
    if mark in ("я", "ая", "яя"):
        return {"gender": "f"}
    if mark in ("ю", "ую", "юю"):
        return {"gender": "f", "case": "a"}
    if mark in ("го", "ого"):
        return {"case": "g"}
    if mark in ("му", "ому"):
        return {"case": "d"}
    if mark in ("ми", "ыми", "ими"):
        return {"case": "i", "plural": True}
    if mark in ("х", "ых", "их"):
        return {"case": "g", "plural": True}
    if mark in ("м", "ым", "им", "ом"):
        is_place = before in ("в", "во", "на", "о", "об", "при", "и", "или", "этом", "самом") and not noun.endswith(
            "ом"
        )
        return {"case": "p" if mark == "ом" or (mark == "м" and is_place) else "i"}
    if mark in ("е", "ое", "ее", "ые", "ие"):
        is_decade = digits.endswith("0") and (len(noun) < 3 or noun.startswith("год"))
        is_plural = mark in ("ые", "ие") or is_decade or re.search(r"[ыи]$", noun)
        return {"plural": True} if is_plural else {"gender": "n"}
    # "й" is "третий этаж", or "третьей" in front of a feminine noun that is not in the nominative.
    if before in _BECAME:  # "стала 5-й"
        return {"gender": "f", "case": "i"}
    is_feminine = (len(noun) > 2 and noun[-1] in "иы") or (noun.endswith("е") and before in _PREPOSITIONS)
    return {"gender": "f", "case": "g"} if is_feminine else {}


_BECAME: Final = frozenset("была стала пришла финишировала оказалась стать быть осталась считается является".split())
_QUEENS: Final = re.compile(r"(?:екатерин|елизавет|ани?н|анн|мари|виктори|изабелл|маргарит|софь|софи|ольг)")


def _form_of_name(name: str) -> tuple[Gender, Case]:
    """Gender and case of a ruler's name."""
    if _QUEENS.match(name):
        if re.search(r"[ыи]$|ой$|ей$|е$", name):
            return "f", "g"
        return ("f", "a") if re.search(r"[ую]$", name) else ("f", "n")
    cases: tuple[tuple[str, Case], ...] = (("[ая]$", "g"), ("[ую]$", "d"), ("(?:ом|ем|ём)$", "i"), ("е$", "p"))
    return "m", next((case for end, case in cases if re.search(end, name)), "n")


_SOFT: Final = re.compile(r"[ьйяиё]$")


def decline(phrase: str, case: Case, *, is_plural: bool = False) -> str:
    """Decline a unit's name, given in the nominative: its adjectives and its first noun, nothing behind it."""
    words = phrase.split(" ")
    at = 0
    while at + 1 < len(words) and re.search(r"(?:ый|ий|ой|ая|яя)$", words[at]):
        words[at] = _adjective(words[at], case, is_plural=is_plural)
        at += 1
    words[at] = _declined_noun(words[at], case, is_plural=is_plural)
    return " ".join(words)


def _adjective(word: str, case: Case, *, is_plural: bool) -> str:
    stem, is_feminine = word[:-2], word.endswith(("ая", "яя"))
    vowel = "и" if re.search(r"[кгхжшщч]$", stem) or word.endswith("ний") else "ы"
    if is_plural:
        return stem + {"g": f"{vowel}х", "d": f"{vowel}м", "i": f"{vowel}ми", "p": f"{vowel}х"}.get(case, f"{vowel}е")
    if is_feminine:
        return stem + {"n": "ая", "a": "ую"}.get(case, "ой")
    return stem + {"g": "ого", "d": "ому", "i": f"{vowel}м", "p": "ом"}.get(case, word[-2:])


def _declined_noun(word: str, case: Case, *, is_plural: bool) -> str:
    if re.search(r"[оеёиуюэ]$", word) or not re.search(r"[а-яё]$", word):
        return word  # "евро" has one form
    is_soft = bool(re.search(r"[ьйя]$", word))
    stem = word[:-1] if re.search(r"[ьйая]$", word) else word
    if is_plural:
        return stem + {"d": ("ам", "ям"), "i": ("ами", "ями"), "p": ("ах", "ях")}[case][is_soft]
    if re.search(r"[ая]$", word):
        hushes = re.search(r"[кгхжшщч]$", stem)
        in_e = "и" if stem.endswith("и") else "е"
        forms = {
            "g": "и" if is_soft or hushes else "ы",
            "d": in_e,
            "a": "ю" if is_soft else "у",
            "i": "ей" if is_soft or re.search(r"[жшщчц]$", stem) else "ой",
            "p": in_e,
        }
        return stem + forms.get(case, word[-1])
    forms = {
        "g": "ая"[is_soft],
        "d": "ую"[is_soft],
        "i": "ём" if word.endswith("ль") else "ем" if is_soft else "ом",
        "p": "е",
    }
    return stem + forms[case] if case in forms else word
