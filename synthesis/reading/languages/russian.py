"""Russian: numbers and units in the case that the preposition or the noun asks for, years and dates as ordinals."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from ..notation.cues import (
    abbreviation_rule,
    day_rule,
    first_rule,
    flight_rule,
    per_rule,
    phone_rule,
    read_european,
    weekday_rule,
)
from ..notation.customs import Customs
from ..notation.tokens import NOWHERE, Around, Clock, Code, Date, Fraction, Number, Ordinal, Roman, Said, Span
from .european import ALONE, VERSIONED, Agreement, Coin, European, Noun, last_word, named, roman, with_capitals

if TYPE_CHECKING:
    from ..notation.tokens import Ratio, Token, Year
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
        "дольше длиннее короче старее против вместо кроме среди течение ради мимо вокруг минимум_из".split(),
        "g",
    ),
    **dict.fromkeys("к ко благодаря согласно равно_к".split(), "d"),
    **dict.fromkeys("между над перед под".split(), "i"),
    **dict.fromkeys("о об обо при".split(), "p"),
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
_FROM_DAY: Final = re.compile(rf"(?P<day>\d{{1,2}})(?=\sпо\s\d{{1,2}}\s(?:{'|'.join(_MONTHS)}|число)\b)")
_ROMAN_ORDINAL: Final = re.compile(r"(?P<letters>[IVX]{1,5})-(?P<mark>й|я|е|го|му|м|х|ю)\b")
_OF_MONTH: Final = re.compile(r"([12]?\d|3[01])\sчисл([оау])\b")
_COMPOUND: Final = re.compile(
    r"(\d{1,4})-((?:лет|комнатн|этажн|дневн|часов|минутн|процентн|кратн|метров|местн|значн|тонн|звёздочн|секундн|ступенчат|"
    r"месячн|недельн|километров|дюймов)[а-яё]*)"
)
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


def _year_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "1999 году", "в 1999 г.", "1941–1945 гг." for years."""
    found = _YEAR.match(text, at)
    if found is None or text[at - 1 : at] in (",", "."):
        return None
    word, before = found["word"].strip(), last_word(text[max(0, at - 40) : at])
    is_abbreviated = word.endswith(".")
    case, is_plural = _YEAR_FORMS.get(word) or (_case_of_abbreviated(before, text[max(0, at - 40) : at]), word == "гг.")
    if word == "году" and before in ("к", "ко"):
        case = "d"
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


_LEAST_YEAR: Final = 1000


def _case_of_abbreviated(before: str, text: str) -> Case:
    """The case of "г." or "в." by the word in front of its number."""
    if before in ("в", "во"):
        return "p"
    if before in _CASES:
        return _CASES[before]
    return "n" if not before or re.search(r"[(:;—–.]\s*$", text) else "g"


def _century_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "XX веке", "XIX–XX вв." for centuries."""
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
    """Take the first day of "с 3 по 5 мая"."""
    found = _FROM_DAY.match(text, at)
    if found is None or last_word(text[max(0, at - 40) : at]) not in ("с", "со"):
        return None
    return found.end(), Said(named(found["day"], "ru", "ordinal", case="g", gender="n"))


def _of_month_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "15 число", "5 числа" for days of a month."""
    found = _OF_MONTH.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    case: Case = {"о": "n", "а": "g", "у": "d"}[found[2]]  # type: ignore[assignment] # a literal
    return found.end(1), Said(named(found[1], "ru", "ordinal", case=case, gender="n", animate=False))


def _compound_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "5-летний", "3-комнатная", "50-летие" for one word."""
    found = _COMPOUND.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    special = {"1": "одно", "90": "девяносто", "100": "сто", "1000": "тысяче"}
    stem = special.get(found[1]) or named(found[1], "ru", case="g").replace(" ", "")
    return found.end(), Said(f"{stem}{found[2]}")


def _after_date_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "г." behind a date or a year for "года"; behind a number it is grams, which the scanner finds."""
    if text[at : at + 2] != "г." or not re.search(r"\d\s?\Z", text[max(0, at - 2) : at]):
        return None
    is_last = not text[at + 2 :].strip(" \"'”’)»")
    return at + 2, Said("года." if is_last else "года")


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
    before = last_word(text[max(0, at - 40) : at])
    return found.end(), Said(_PLACES[found[1]][_PLACE_CASES.get(before, 0)])


# Nominative, genitive, dative, prepositional; of a place an accusative is rare.
_PLACES: Final = {
    "ул.": ("улица", "улицы", "улице", "улице"), "г.": ("город", "города", "городу", "городе"),
    "пл.": ("площадь", "площади", "площади", "площади"), "пр.": ("проспект", "проспекта", "проспекту", "проспекте"),
    "просп.": ("проспект", "проспекта", "проспекту", "проспекте"),
    "пр-т": ("проспект", "проспекта", "проспекту", "проспекте"),
    "пер.": ("переулок", "переулка", "переулку", "переулке"),
    "наб.": ("набережная", "набережной", "набережной", "набережной"),
    "б-р": ("бульвар", "бульвара", "бульвару", "бульваре"),
}  # fmt: skip
_PLACE: Final = re.compile(rf"({'|'.join(map(re.escape, _PLACES))})(?=\s[А-ЯЁ0-9])")
_PLACE_CASES: Final = {
    **dict.fromkeys("от до с со из у около возле вдоль".split(), 1),
    **dict.fromkeys("по к ко".split(), 2),
    **dict.fromkeys("на в во о об при".split(), 3),
}


def _weekday_in_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "в ср.": "в среду"."""
    found = _WEEKDAY_IN.match(text, at) if text[at] in "спвч" and not text[at - 1 : at].isalnum() else None
    if found is None or last_word(text[max(0, at - 40) : at]) not in ("в", "во"):
        return None
    return found.end(), Said(_ON_WEEKDAYS[found[1]])


_ON_WEEKDAYS: Final = {
    "пн": "понедельник", "вт": "вторник", "ср": "среду", "чт": "четверг", "пт": "пятницу", "сб": "субботу",
    "вс": "воскресенье",
}  # fmt: skip
_WEEKDAY_IN: Final = re.compile(rf"({'|'.join(_ON_WEEKDAYS)})\.?(?=[,;)]|\s[а-я0-9])(?:(?<=\.)|(?!\w))")


def _code_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take Cyrillic letters with digits for a code: "АБ-1234", "А123ВС"."""
    found = _CODE.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|[А-ЯЁ]+|-", found[0])))


def year_in(digits: str, case: Case) -> str:
    """Say a year as an ordinal in its case: "тысяча девятьсот девяностого"."""
    return named(digits, "ru", "ordinal", case=case, gender="m", animate=False)


_WEEKDAYS: Final = {
    "пн": "понедельник", "вт": "вторник", "ср": "среда", "чт": "четверг", "пт": "пятница", "сб": "суббота",
    "вс": "воскресенье",
}  # fmt: skip

_IN_FRONT_OF_DIGITS: Final = {
    "разд.": "раздел", "подп.": "подпункт",
    "с.": "страница", "п.": "пункт", "д.": "дом", "ст.": "статья", "кв.": "квартира", "т.": "том", "гл.": "глава",
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
        "кВтч": "kilowatt-hour", "кВт*ч": "kilowatt-hour", "В": "volt", "А": "ampere",
        "мА": "milliampere", "мА·ч": "milliampere-hour", "мАч": "milliampere-hour", "Ом": "ohm", "Гц": "hertz",
        "кГц": "kilohertz", "МГц": "megahertz", "ГГц": "gigahertz", "Дж": "joule", "кДж": "kilojoule",
        "ккал": "kilocalorie",
        "кал": "calorie", "Па": "pascal", "кПа": "kilopascal", "гПа": "hectopascal", "мм рт. ст.": "millimeter-ofhg",
        "бар": "bar", "атм": "atmosphere", "л.с.": "horsepower", "л. с.": "horsepower", "дБ": "decibel", "бит": "bit",
        "б": "byte", "КБ": "kilobyte", "Кб": "kilobyte", "кБ": "kilobyte", "МБ": "megabyte", "Мб": "megabyte",
        "ГБ": "gigabyte", "Гб": "gigabyte", "ТБ": "terabyte", "Тб": "terabyte", "Мбит/с": "megabit-per-second",
        "Гбит/с": "gigabit-per-second", "МБ/с": "megabyte-per-second", "ГБ/с": "gigabyte-per-second", "Н": "newton",
        "°С": "celsius", "° С": "celsius", "пикс.": "pixel", "шт.": "item", "шт": "item", "чел.": "person",
        "коп.": "kopek", "коп": "kopek", "акр.": "acre", "фт²": "square-foot", "фт": "foot", "ми": "mile",
        "дюйм.": "inch", "ярд.": "yard",
        "кбит": "kilobit", "Мбит": "megabit", "Гбит": "gigabit", "Тбит": "terabit", "ПБ": "petabyte", "лк": "lux",
        "лм": "lumen", "мВт": "milliwatt", "МПа": "megapascal", "мбар": "millibar", "уз.": "knot", "уз": "knot",
        "ми/ч": "mile-per-hour", "Н·м": "newton-meter", "Н⋅м": "newton-meter", "Н*м": "newton-meter",
        "сл": "centiliter", "дл": "deciliter", "барр.": "barrel", "барр": "barrel", "об.": "revolution",
        "об/мин": "revolution-per-minute", "м/с²": "meter-per-square-second", "мг/дл": "milligram-per-deciliter",
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
        "корп.": "корпус", "эт.": "этаж", "оф.": "офис", "пом.": "помещение", "мкр.": "микрорайон", "пос.": "посёлок",
        "дер.": "деревня", "ш.": "шоссе", "пр-д": "проезд", "мес.": "месяц", "прибл.": "приблизительно",
        "моб.": "мобильный", "адр.": "адрес", "соотв.": "соответственно", "зам.": "заместитель", "нач.": "начальник",
        "дир.": "директор", "ред.": "редактор", "изд.": "издание", "вып.": "выпуск", "прим.": "примечание",
        "букв.": "буквально", "ув.": "уважаемый", "оз.": "озеро", "б/у": "бывший в употреблении", "з/п": "зарплата",
        "в т. ч.": "в том числе", "в т.ч.": "в том числе", "и. о.": "исполняющий обязанности",
        "и.о.": "исполняющий обязанности", "т. о.": "таким образом", "т.о.": "таким образом",
        "пр-во": "правительство", "гос.": "государственный", "ж/д": "железнодорожный", "а/м": "автомобиль",
        "кол-во": "количество", "ж.-д.": "железнодорожный", "стр-во": "строительство", "ун-т": "университет",
        "ин-т": "институт", "б-ка": "библиотека", "о-в": "остров", "подр.": "подробнее",
        "ст. м.": "станция метро", "под.": "подъезд", "мкрн.": "микрорайон", "вкл.": "включая", "искл.": "исключая",
        "пред.": "предыдущий",
        "и т. д.": "и так далее", "и т.д.": "и так далее", "т. д.": "так далее", "т.д.": "так далее",
        "и т. п.": "и тому подобное", "и т.п.": "и тому подобное", "т. п.": "тому подобное", "т.п.": "тому подобное",
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
        "договор паспорт артикул номер".split()
    ) - {"номер", "заказ", "заказа", "договор"},
    cue_links=frozenset(
        "это номер был из от с и для подтверждения доступа активации безопасности входа проверки".split()
    ),
    version_cues=VERSIONED | frozenset("версия версии версию глава раздел пункт релиз разд гл".split()),
    duration_cues=frozenset("за время длительность рекорд".split()),
    number_cues=_CHAPTERS,
    rules=(
        _of_month_rule,
        _compound_rule,
        _after_date_rule,
        _from_year_rule,
        _year_rule,
        _century_rule,
        _day_rule,
        _ordinal_rule,
        _code_rule,
        _place_rule,
        _weekday_in_rule,
        first_rule(_CHAPTERS),
        day_rule(".", "до|к|с|со|по|на|от|и"),
        flight_rule("рейс|рейса|рейсом|поезд"),
        abbreviation_rule(_IN_FRONT_OF_DIGITS),
        weekday_rule(_WEEKDAYS, "—"),
        per_rule({"нед": "неделю", "мес": "месяц", "ч": "час", "мин": "минуту", "сут": "сутки"}, "в"),
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


class Russian(European):
    """Says tokens in Russian."""

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("за каждый один".split())
    code: ClassVar = "ru"
    locale: ClassVar = "ru"
    ones: ClassVar = ("ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять")
    minus: ClassVar = "минус"
    plus: ClassVar = "плюс"
    decimal: ClassVar = "запятая"
    percent: ClassVar = _noun("процент", "процента", "процентов")
    per_mille: ClassVar = _noun("промилле", "промилле", "промилле")
    to: ClassVar = "—"
    to_day: ClassVar = "по"
    always: ClassVar = "двадцать четыре на семь"
    ratio: ClassVar = "к"
    out_of: ClassVar = "из"
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
        "∞": "бесконечность",
        "°": "градусов",
        "§": "параграф",
        "∑": "сумма",
        "∫": "интеграл",
        "∈": "принадлежит",
        "@": "собака",
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
        if around.before.endswith(("√", "∛")):
            return "g"
        return _CASES.get(last_word(around.before), "n") if around.before[-1:].isspace() else "n"

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
        words = re.match(r"\s([а-яё]+)(?:\s([а-яё]+))?", around.after.lower())
        if words is None:
            return Agreement(case=case)
        noun = words[2] if words[2] and _ADJECTIVE.search(words[1]) else words[1]
        if len(noun) < 3:
            return Agreement(case=case)
        if re.search(r"[ая]ми$", noun):
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
        agreement = self.agreement(around)
        if (
            agreement.case == "n"
            and agreement.is_counted
            and (number.fraction or re.search(r"(?<!1)[234]$", number.whole))
        ):
            words = re.findall(r"[а-яё]+", around.after.lower())[:2]
            noun = words[1] if len(words) > 1 and _ADJECTIVE.search(words[0]) else words[0]
            return Agreement("f" if re.search(r"[ыи]$", noun) else "m", is_counted=True)
        return agreement

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; a bare number agrees with the noun behind it."""
        if isinstance(token, Number):
            return self.say_number(token, self.agreement_of(token, around))
        if isinstance(token, Fraction) and token.whole:
            return self.amount(token, self.agreement_of(Number(token.whole, "5"), around))
        return super().say(token, around)

    def say_number(self, number: Number, agreement: Agreement = ALONE) -> str:
        """Say a number; one with a decimal mark in its case."""
        if (
            (number.whole, number.fraction, number.scale) == ("1", "5", 0)
            and agreement.is_counted
            and agreement.case == "n"
        ):
            return self.signed(number.sign, "полторы" if agreement.gender == "f" else "полтора")
        if number.fraction and not number.scale:
            return self.signed(number.sign, self.say_decimal(number, agreement.case))
        return super().say_number(number, agreement)

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

    def part_of(self, noun: Noun) -> str:
        """Say of what something is a part."""
        return noun.part or noun.few or noun.one

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
            case Span(Number() as first, Number() as last):
                if re.match(r"страниц|глав|серии|стать|строк|задач", before):
                    return (
                        f"с {named(first.whole, 'ru', 'ordinal', case='g', gender='f')} "
                        f"по {named(last.whole, 'ru', 'ordinal', case='a', gender='f', animate=False)}"
                    )
                if before in _PREPOSITIONS or re.search(r"(?<!1)[1-4]\Z", last.whole):
                    agreement = self.agreement_of(last, around)
                    return f"{self.say_number(first, agreement)} — {self.say_number(last, agreement)}"
                return self._from_to(first, last)
            case Span(Ordinal() as first, Date() as last):
                until = self.say_date(last, Around("по ", around.after))
                said = f"{self.say_day(int(first.digits), around)} по {until}"
                return said if before in ("с", "со") else f"с {said}"
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

    def say_ratio(self, ratio: Ratio) -> str:
        """Say "три к одному"."""
        if ratio.mark == "/":
            return super().say_ratio(ratio)
        first, *rest = ratio.parts
        dative = Agreement(case="d")
        return " к ".join([self.say_number(first), *(self.say_number(part, dative) for part in rest)])

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:
        """Say "четырнадцать тридцать", "девять ноль пять", "десять часов", in its case."""
        case = self.case_of(around)
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
        before = last_word(around.before)
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
        parts.append(_MONTHS[date.month - 1] if date.day else _PLAIN_MONTHS[date.month - 1])
        if date.year:
            parts.append(year_in(date.year, "g"))
            if not re.match(r"\s?(?:год|г\.)", around.after):
                parts.append("года")
        return " ".join(parts)

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
            return special[bottom][agreement.case == "g"]
        feminine = Agreement("f", is_counted=True)
        if bottom in ("3", "4") and len(top) == 1:
            few = int(top) < 5
            return f"{self.whole(top, feminine)} {special[bottom][1] if few else special[bottom][1][:-1] + 'ей'}"
        if len(bottom) > 4 or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} {self.signs['/']} {self.whole(bottom)}"
        return f"{self.whole(top, feminine)} {named(bottom, 'ru', 'ordinal', gender='f', **_plural_form(top, 'n'))}"

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "Пётр Первый", "Екатерины Второй"."""
        if not roman.is_ordinal:
            return self.whole(str(roman.value))
        gender, case = _form_of_name(last_word(around.before))
        return named(str(roman.value), "ru", "ordinal", gender=gender, case=case).capitalize()


_FROM: Final = Around("с ")

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
        is_instrumental = (
            mark in ("ым", "им") or before in ("с", "со", "перед", "над", "под", "между", "за") or noun.endswith("ом")
        )
        return {"case": "i" if is_instrumental and mark != "ом" else "p"}
    if mark in ("е", "ое", "ее", "ые", "ие"):
        is_decade = digits.endswith("0") and (len(noun) < 3 or noun.startswith("год"))
        is_plural = mark in ("ые", "ие") or is_decade or re.search(r"[ыи]$", noun)
        return {"plural": True} if is_plural else {"gender": "n"}
    # "й" is "третий этаж", or "третьей" in front of a feminine noun that is not in the nominative.
    is_feminine = (len(noun) > 2 and noun[-1] in "иы") or (noun.endswith("е") and before in _PREPOSITIONS)
    return {"gender": "f", "case": "g"} if is_feminine else {}


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
