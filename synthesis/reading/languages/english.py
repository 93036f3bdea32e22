"""English, as an American newsreader says it; British spellings and dates are understood."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING, ClassVar, Final, Literal, NamedTuple, TypeAlias

from babel.numbers import get_currency_name
from num2words import num2words

from ..notation.addresses import words_of_tag
from ..notation.cues import (
    FACTOR_BEFORE,
    FACTORIAL,
    compass_rule,
    flight_rule,
    is_season,
    per_rule,
    read_rating,
    read_releases,
    season_rule,
    size_rule,
    weekday_rule,
)
from ..notation.customs import Customs
from ..notation.everyday import (
    at_digits,
    code_rule,
    greek_letters,
    last_day_rule,
    measure_rule,
    month_rule,
    roman_span_rule,
)
from ..notation.mathematics import is_path
from ..notation.scanner import worth
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
from ..notation.units import CURRENCIES, UNITS
from ..notation.words import Words

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..notation.tokens import Token

    Match: TypeAlias = tuple[int, Token] | None

_ONES: Final = "zero one two three four five six seven eight nine".split()
_MONTHS: Final = "January February March April May June July August September October November December".split()
_SCALES: Final = {3: "thousand", 5: "lakh", 6: "million", 7: "crore", 9: "billion", 12: "trillion"}
# Whole numbers beyond this many digits are read one by one: nobody says "quadrillion" and is understood.
_LONGEST_NAMED: Final = 15
_REMEMBERED: Final = 4096


class Noun(NamedTuple):
    """A noun that is counted."""

    one: str
    many: str


def _plural(one: str) -> Noun:
    return Noun(one, f"{one}s")


class Coin(NamedTuple):
    """A currency, and the hundredth of it; None if it has none."""

    unit: Noun
    cent: Noun | None = None


_CENT: Final = _plural("cent")
_COINS: Final = {
    "USD": Coin(_plural("dollar"), _CENT),
    "EUR": Coin(_plural("euro"), _CENT),
    "GBP": Coin(_plural("pound"), Noun("penny", "pence")),
    "JPY": Coin(Noun("yen", "yen")),
    "CNY": Coin(Noun("yuan", "yuan")),
    "KRW": Coin(Noun("won", "won")),
    "INR": Coin(_plural("rupee"), Noun("paisa", "paise")),
    "RUB": Coin(_plural("rouble"), _plural("kopeck")),
    "CHF": Coin(_plural("Swiss franc"), _plural("centime")),
    "CAD": Coin(_plural("Canadian dollar"), _CENT),
    "AUD": Coin(_plural("Australian dollar"), _CENT),
    "NZD": Coin(_plural("New Zealand dollar"), _CENT),
    "HKD": Coin(_plural("Hong Kong dollar"), _CENT),
    "SGD": Coin(_plural("Singapore dollar"), _CENT),
    "BRL": Coin(Noun("Brazilian real", "Brazilian reais"), _plural("centavo")),
    "MXN": Coin(_plural("Mexican peso"), _plural("centavo")),
    "XBT": Coin(_plural("bitcoin")),
}
_US: Final = Coin(_plural("US dollar"), _CENT)

_PREFIXED: Final = {
    prefix + unit: _plural(prefix + unit)
    for unit, prefixes in {
        "gram": ("", "kilo", "milli", "micro"),
        "meter": ("", "kilo", "centi", "milli", "micro", "nano", "deci"),
        "liter": ("", "milli", "centi", "deci"),
        "second": ("", "milli", "micro", "nano"),
        "watt": ("", "kilo", "mega", "giga"),
        "watt-hour": ("", "kilo", "mega", "giga"),
        "volt": ("", "milli", "kilo"),
        "ampere": ("", "milli"),
        "byte": ("", "kilo", "mega", "giga", "tera", "peta", "kibi", "mebi", "gibi", "tebi"),
        "bit": ("", "kilo", "mega", "giga"),
        "joule": ("", "kilo"),
        "pascal": ("", "hecto", "kilo"),
        "calorie": ("", "kilo"),
        "pixel": ("", "mega"),
    }.items()
    for prefix in prefixes
}
_UNITS: Final = _PREFIXED | {
    "hertz": Noun("hertz", "hertz"), "kilohertz": Noun("kilohertz", "kilohertz"), "megahertz": Noun("megahertz",
    "megahertz"),
    "gigahertz": Noun("gigahertz", "gigahertz"), "foot": Noun("foot", "feet"), "inch": Noun("inch", "inches"),
    "square-foot": Noun("square foot", "square feet"), "cubic-foot": Noun("cubic foot", "cubic feet"),
    "square-inch": Noun("square inch", "square inches"), "cubic-inch": Noun("cubic inch", "cubic inches"),
    "fluid-ounce": _plural("fluid ounce"), "person": Noun("person", "people"), "quart": _plural("quart"),
    "day": _plural("day"), "week": _plural("week"), "month": _plural("month"), "year": _plural("year"),
    "square-yard": _plural("square yard"), "celsius": Noun("degree Celsius", "degrees Celsius"),
    "fahrenheit": Noun("degree Fahrenheit", "degrees Fahrenheit"), "kelvin": Noun("kelvin", "kelvin"),
    "milliampere-hour": _plural("milliamp hour"), "ampere": _plural("amp"), "milliampere": _plural("milliamp"),
    "part-per-1e6": Noun("part per million", "parts per million"),
    "pound-force-per-square-inch": Noun("pound per square inch", "pounds per square inch"),
    "mile-per-hour": Noun("mile per hour", "miles per hour"), "mile-per-gallon": Noun("mile per gallon",
    "miles per gallon"),
    "liter-per-100-kilometer": Noun("liter per hundred kilometers", "liters per hundred kilometers"),
    "meter-per-square-second": Noun("meter per second squared", "meters per second squared"),
    "teaspoon": _plural("teaspoon"), "tablespoon": _plural("tablespoon"), "cup": _plural("cup"),
    "metric-ton": _plural("metric ton"), "millimeter-ofhg": Noun("millimeter of mercury", "millimeters of mercury"),
    "millimole": _plural("millimole"), "lux": Noun("lux", "lux"), "foodcalorie": _plural("calorie"),
    "horsepower": Noun("horsepower", "horsepower"), "kilowatt-peak": Noun("kilowatt peak", "kilowatts peak"),
    "ampere-hour": _plural("amp hour"), "microampere": _plural("microamp"), "kiloohm": _plural("kilohm"),
    "megaohm": _plural("megohm"), "terahertz": Noun("terahertz", "terahertz"), "dozen": Noun("dozen", "dozen"),
    "pixel-per-inch": Noun("pixel per inch", "pixels per inch"),
    "percentage-point": _plural("percentage point"), "basis-point": _plural("basis point"), "box": Noun("box", "boxes"),
    "bar": Noun("bar", "bar"), "pound-foot": Noun("pound foot", "pound feet"),
    "count": Noun("count", "count"), "millimolar": Noun("millimolar", "millimolar"),
    "micromolar": Noun("micromolar", "micromolar"), "nanomolar": Noun("nanomolar", "nanomolar"),
    "thousand": Noun("thousand", "thousand"),
    "inch-of-mercury": Noun("inch of mercury", "inches of mercury"),
    "ohm": _plural("ohm"), "mole": _plural("mole"),
}  # fmt: skip
_PER: Final = {
    "mo": "month", "yr": "year", "hr": "hour", "h": "hour", "min": "minute", "s": "second", "sec": "second",
    "wk": "week",
    "kg": "kilogram", "g": "gram", "lb": "pound", "l": "liter", "L": "liter", "km": "kilometer", "mi": "mile",
    "sqft": "square foot", "sq ft": "square foot", "sq. ft": "square foot", "sq mi": "square mile",
    "sq m": "square meter", "sq. m": "square meter", "cu ft": "cubic foot", "cu. ft": "cubic foot",
    "kWh": "kilowatt hour", "gal": "gallon", "oz": "ounce", "pp": "person", "ea": "piece",
    "bbl": "barrel", "doz": "dozen", "sq": "square", "mL": "milliliter", "ml": "milliliter", "nt": "night",
    "side": "side", "serving": "serving",
    "M": "million",
    "K": "thousand", "day": "day", "d": "day",
    "week": "week",
    "month": "month", "year": "year", "night": "night", "hour": "hour", "minute": "minute", "person": "person",
}  # fmt: skip
_SIGNS: Final = {
    "=": "equals", "==": "equals", "===": "equals", "≡": "is identical to", "+": "plus", "-": "minus", "×": "times",
    "·": "times", "∙": "times", "⋅": "times", "*": "times", "÷": "divided by", "<": "is less than",
    ">": "is greater than",
    "≤": "is less than or equal to", "<=": "is less than or equal to", "≥": "is greater than or equal to",
    ">=": "is greater than or equal to", "≠": "is not equal to", "!=": "is not equal to", "!==": "is not equal to",
    "≈": "is approximately", "~=": "is approximately", "≅": "is approximately", "∼": "about", "~": "about",
    "±": "plus or minus", "+/-": "plus or minus", "+-": "plus or minus", "&": "and", "&&": "and",
    "||": "or",
    "→": "to", "->": "to", "=>": "gives", "⇒": "implies", "↔": "is equivalent to", "⇔": "is equivalent to",
    "<=>": "is equivalent to", "<->": "to and from", "←": "from", "<-": "from", "√": "the square root of",
    "∛": "the cube root of", "∜": "the fourth root of",
    "∞": "infinity", "∑": "the sum of", "∏": "the product of", "∫": "the integral of",
    "∝": "is proportional to",
    "⊥": "is perpendicular to", "∥": "is parallel to", "∂": "partial",
    "∆": "delta", "∇": "nabla", "∈": "in", "∉": "not in", "⊂": "is a subset of", "⊆": "is a subset of",
    "∪": "union", "∩": "intersection", "∧": "and", "∨": "or", "¬": "not", "∀": "for all", "∃": "there exists",
    "∅": "the empty set", "π": "pi", "°": "degrees", "§": "section", "%": "percent", "‰": "per mille", "@": "at",
    "^": "to the power of", "№": "number", "¢": "cents", "©": "copyright", "′": "prime", "″": "double prime",
    "−": "minus",
}  # fmt: skip
_BEFORE: Final = {
    "<": "less than", ">": "more than", "≤": "at most", "<=": "at most", "≥": "at least", ">=": "at least",
    "~": "about", "≈": "about", "=": "equals", "→": "to", "->": "to", "#": "number", "$": "dollars",
}  # fmt: skip
_SILENT: Final = frozenset("®™")
_MARKS: Final = {
    ".": "dot", "@": "at", "-": "dash", "_": "underscore", "/": "slash", ":": "colon", "#": "hash",
    "?": "question mark",
    "=": "equals", "&": "and", "%": "percent", "+": "plus", "~": "tilde", "\\": "backslash", "−": "minus",
}  # fmt: skip
_GREEK: Final = greek_letters(
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu "
    "xi omicron pi rho sigma tau upsilon phi chi psi omega"
)
# Names that are told apart by an ordinal; behind others a Roman number is a plain one: "Apollo XI".
_REGNAL: Final = frozenset(
    (
        "henry louis charles george edward richard william james elizabeth philip francis frederick napoleon pius "
        "john paul "
        "benedict gregory leo clement innocent alexander nicholas peter catherine ivan charlemagne ferdinand alfonso "
        "christian gustav carl karl wilhelm friedrich leopold otto ramses ptolemy cleopatra mary robert david juan "
        "pope "
        "king queen victor umberto mehmed selim"
    ).split()
)
_ABBREVIATIONS: Final = {
    "Dr.": "Doctor", "Mr.": "Mister", "Mrs.": "Missus", "Ms.": "Miz", "Prof.": "Professor", "Gen.": "General",
    "Sen.": "Senator", "Rep.": "Representative", "Gov.": "Governor", "Capt.": "Captain", "Lt.": "Lieutenant",
    "Col.": "Colonel", "Sgt.": "Sergeant", "Maj.": "Major", "Rev.": "Reverend", "Hon.": "Honorable",
    "Pres.": "President",
    "Jr.": "Junior", "Sr.": "Senior", "St.": "Street", "Ave.": "Avenue", "Blvd.": "Boulevard", "Rd.": "Road",
    "Mt.": "Mount", "Ft.": "Fort",
    "Weds.": "Wednesday", "Sect.": "Section", "sect.": "section", "Qty": "Quantity", "Cat.": "category",
    "Op.": "opus", "op.": "opus", "pron.": "pronounced",
    "q.i.d.": "four times a day", "t.i.d.": "three times a day", "b.i.d.": "twice a day", "Vit.": "Vitamin",
    "vit.": "vitamin",
    "TID": "three times a day", "QID": "four times a day", "a/c": "AC", "A/C": "AC", "s/he": "she or he",
    "Mgmt.": "Management", "Bd.": "Board", "Std.": "Standard",
    "std. dev.": "standard deviation", "Std. dev.": "standard deviation", "div. yield": "dividend yield",
    "Mkt": "Market",
    "mkt": "market", "mkt.": "market", "Amdt.": "Amendment", "inv.": "invoice", "exp.": "expires", "Exp.": "expires",
    "M/W/F": "Monday, Wednesday, Friday", "MWF": "Monday, Wednesday, Friday", "T/Th": "Tuesday, Thursday",
    "TTh": "Tuesday, Thursday", "Est.": "Established", "w/v": "weight by volume", "v/v": "volume by volume",
    "o/w": "one way", "r/t": "round trip", "b/w": "between", "w/in": "within", "btw": "by the way",
    "BTW": "by the way", "pls": "please", "Pls": "Please",
    "hwy": "highway", "Expy": "Expressway", "Fwy": "Freeway", "Tpke": "Turnpike", "PRN": "as needed",
    "vs.": "versus", "vs": "versus", "v.": "versus", "e.g.": "for example", "eg.": "for example", "i.e.": "that is",
    "etc.": "et cetera", "cf.": "compare", "et al.": "and others", "a.k.a.": "also known as", "aka": "also known as",
    "w/o": "without", "w/": "with", "b/c": "because", "approx.": "approximately", "est.": "established",
    "min.": "minutes", "c.": "circa", "b.": "born", "d.": "died",
    "ca.": "circa", "max.": "maximum", "dept.": "department", "Dept.": "Department", "govt.": "government",
    "intl.": "international",
    "Inc.": "Incorporated", "Ltd.": "Limited", "Corp.": "Corporation", "Co.": "Company", "Bros.": "Brothers",
    "No.": "number", "no.": "number", "Nos.": "numbers", "Vol.": "volume", "vol.": "volume", "Fig.": "figure",
    "fig.": "figure", "Figs.": "figures", "figs.": "figures", "Eq.": "equation", "eq.": "equation", "Ch.": "chapter",
    "ch.": "chapter", "Sec.": "section", "sec.": "section", "p.": "page", "pp.": "pages", "Art.": "article",
    "Ph.D.": "PhD", "M.D.": "MD", "B.A.": "BA", "M.A.": "MA", "B.Sc.": "BSc", "M.Sc.": "MSc", "U.S.C.": "USC",
    "U.S.": "US",
    "U.S.A.": "USA", "U.K.": "UK", "U.N.": "UN", "E.U.": "EU", "D.C.": "DC", "P.S.": "PS", "N.B.": "note well",
    "Jan.": "January", "Feb.": "February", "Mar.": "March", "Apr.": "April", "Jun.": "June", "Jul.": "July",
    "Aug.": "August", "Sept.": "September", "Sep.": "September", "Oct.": "October", "Nov.": "November",
    "Dec.": "December",
    "Mon.": "Monday", "Tue.": "Tuesday", "Tues.": "Tuesday", "Wed.": "Wednesday", "Thu.": "Thursday",
    "Thurs.": "Thursday",
    "Fri.": "Friday", "Ctrl": "Control", "Cmd": "Command", "hrs": "hours",
    "Rm": "Room", "Ste": "Suite", "Fl": "Floor", "Ext": "extension", "incl.": "including",
    "excl.": "excluding", "avg.": "average",
    "temp.": "temperature",
    "qty.": "quantity", "Qty.": "Quantity", "misc.": "miscellaneous", "Apt.": "Apartment", "apt.": "apartment",
    "Ste.": "Suite", "Bldg.": "Building", "Pkwy.": "Parkway", "Pkwy": "Parkway", "Hwy.": "Highway", "Hwy": "Highway",
    "Blvd": "Boulevard", "Ave": "Avenue", "Rd": "Road", "Ln.": "Lane", "tel.": "telephone", "Tel.": "Telephone",
    "ext.": "extension", "Ext.": "extension", "ref.": "reference", "asst.": "assistant", "yr.": "year",
    # titles
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Cpl.": "Corporal", "Pvt.": "Private",
    "Adm.": "Admiral", "Cmdr.": "Commander", "Brig.": "Brigadier", "Fr.": "Father", "Atty.": "Attorney",
    "Supt.": "Superintendent", "Amb.": "Ambassador", "Esq.": "Esquire", "Messrs.": "Messieurs", "Det.": "Detective",
    "Asst.": "Assistant", "Assoc.": "Associate", "Mgr.": "Manager", "mgr.": "manager",
    # addresses and organisations
    "Sq.": "Square", "Ct.": "Court", "Pl.": "Place", "Ter.": "Terrace", "Cir.": "Circle", "Rte.": "Route",
    "Rm.": "Room", "rm.": "room", "Apt": "Apartment", "Bldg": "Building", "Attn.": "Attention", "attn.": "attention",
    "Attn": "Attention", "c/o": "care of", "P.O.": "PO", "Univ.": "University", "Inst.": "Institute",
    "Assn.": "Association", "Natl.": "National", "Intl.": "International", "Govt.": "Government", "gov't": "government",
    "Gov't": "Government", "mfg.": "manufacturing", "Mfg.": "Manufacturing", "dist.": "district", "bldg.": "building",
    "hwy.": "highway", "ave.": "avenue", "blvd.": "boulevard",
    # texts
    "vols.": "volumes", "Vols.": "Volumes", "chs.": "chapters", "secs.": "sections", "para.": "paragraph",
    "paras.": "paragraphs", "eds.": "editors", "viz.": "namely", "esp.": "especially",
    "orig.": "originally", "poss.": "possibly", "prob.": "probably", "abbr.": "abbreviated", "cont.": "continued",
    "et seq.": "and the following", "ibid.": "ibidem", "op. cit.": "opus citatum", "n.b.": "note well",
    "i.a.": "among other things", "tbl.": "table", "app.": "appendix", "vers.": "version", "ver.": "version",
    # business and messages
    "acct.": "account", "amt.": "amount", "appt.": "appointment", "bal.": "balance", "cert.": "certificate",
    "ea.": "each", "mtg.": "meeting", "pkg.": "package", "pmt.": "payment", "prev.": "previous",
    "req.": "required", "std.": "standard", "subj.": "subject", "wt.": "weight", "ht.": "height", "mgmt.": "management",
    "mo.": "month", "wk.": "week", "hr.": "hour", "nos.": "numbers", "nr.": "number", "diam.": "diameter",
    "equiv.": "equivalent", "ident.": "identical", "dep.": "departure", "arr.": "arrival", "dept": "department",
    "aet": "after extra time", "a.e.t.": "after extra time", "pens.": "penalties",
    "p.a.": "per annum", "lg.": "large", "med.": "medium", "sm.": "small", "sz.": "size", "Sz.": "size",
    "precip.": "precipitation", "elev.": "elevation",
    "Chap.": "chapter", "chap.": "chapter", "chaps.": "chapters", "illus.": "illustrated",
    "repr.": "reprinted", "supp.": "supplement", "suppl.": "supplement", "encl.": "enclosed",
    "recd.": "received", "rec'd": "received", "sched.": "schedule",
    "asap": "as soon as possible",

    "cntr.": "center", "Ctr.": "Center", "Cntr.": "Center",
    "Tpke.": "Turnpike",
    "Expy.": "Expressway", "Fwy.": "Freeway", "Hts.": "Heights",
    "Fl.": "Floor",
    "fl.": "floor", "Mtn.": "Mountain", "Mtns.": "Mountains", "Twp.": "Township",
    "Cty.": "County", "Sta.": "Station", "Terr.": "Terrace", "Sgts.": "Sergeants", "Drs.": "Doctors",
    "Profs.": "Professors",
    "Hwys.": "Highways", "Ofc.": "Office",
    "ofc.": "office", "wknd.": "weekend", "tix": "tickets",
    "incl": "including", "excl": "excluding", "approx": "approximately",
}  # fmt: skip
# Abbreviations that are words as well, and stand for a thing only in front of its number: "No.", "fig. 3".
_WEEKDAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Tues": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Thurs": "Thursday",
    "Fri": "Friday", "Sat": "Saturday", "Sun": "Sunday", "Weds": "Wednesday", "Thur": "Thursday",
}  # fmt: skip
_MONTH: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_WEEKDAY: Final = re.compile(
    r"(Mon|Tues|Tue|Wed|Thurs|Thu|Fri)(?=,)|"
    rf"({'|'.join(_WEEKDAYS)})\.?(?=,?\s(?:(?:{_MONTH})[a-z]*\.?\s\d|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?:{_MONTH})))"
)
_OTHER_DAY: Final = re.compile(r"(?<!\w)(?:Mon|Tues?|Wed|Thurs?|Fri|Sat|Sun)(?!\w)[^!?]{0,48}\Z")
_DIRECTIONS: Final = {"N": "North", "S": "South", "E": "East", "W": "West"}
_STREET_BEHIND: Final = re.compile(r"[NSEW]\.?\s[0-9]{1,3}(?:st|nd|rd|th)\s(?:St|Ave|Street|Avenue|Blvd|Rd)(?!\w)")
# The name of a street, and no beginning of a sentence as in "60 W. The lamp"; what follows it may not be written yet.
_NAME_OF_STREET: Final = (
    r"(?:(?!(?:The|This|That|These|It|Then|Please|If|In|On|At|For|But|And|So|He|She|We|You|They)\b)"
    r"[A-Z][a-z]+|[0-9]{1,3}(?:st|nd|rd|th))(?:\s|\Z)"
)
_DIRECTION: Final = re.compile(rf"([NSEW])\.?(?=\s{_NAME_OF_STREET})")
_HOUSE: Final = re.compile(r"(?<![\w.,$€£:])[0-9]{1,5}\s\Z")
_COMPARED: Final = re.compile(r"(y/y|m/m|q/q|w/w|yoy|qoq|YoY|QoQ|YOY|QOQ|YTD)(?!\w)")
_COMPARISONS: Final = {
    "y/y": "year over year", "m/m": "month over month", "q/q": "quarter over quarter", "w/w": "week over week",
    "yoy": "year over year", "qoq": "quarter over quarter", "ytd": "year to date",
}  # fmt: skip
# "25 bps" of a rate, not of a line.
_BASIS: Final = re.compile(r"([0-9]{1,3})(?:[-–]([0-9]{1,3}))?\s?(?:bps|bp)\b")
_RATES: Final = re.compile(
    r"\b(?:rates?|yields?|fed|ecb|boe|hikes?d?|cuts?|rose|fell|spreads?|bonds?|treasur(?:y|ies)|interest|"
    r"mortgages?|by|margins?)\b|[0-9]%",
    re.IGNORECASE,
)
_IN: Final = re.compile(r"\b(?:in|for|of|since|by|from|until)\s\Z", re.IGNORECASE)
_QUARTER: Final = re.compile(r"([QH])([1-4])['’]([0-9]{2})(?!\w)")
_HALF_YEAR: Final = re.compile(r"([1-4])([QH])[ ']?(20[0-9]{2}|[0-9]{2})(?!\w)")
_SHORT_YEAR: Final = re.compile(r"['’]([0-9]{2})(?![\w'’\"]|[.,:][0-9])")
_RANK_BEFORE: Final = re.compile(r"[0-9](?:st|nd|rd|th)\s\Z")
_SHOOT_OUT: Final = re.compile(r"\bon \Z")
_HOUSE_NUMBER: Final = re.compile(rf"[0-9]{{1,5}}(?=\s[NSEW]\.?\s{_NAME_OF_STREET})")
_UNTIL_NOON: Final = re.compile(r"(?:noon|midnight)\b")
_ANY_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|"
    r"Nov(?:ember)?|"
    r"Dec(?:ember)?)\b\.?"
)
_ANY_DAY: Final = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}\b\.?"
_UNTIL_DAY: Final = re.compile(rf"\s?(?:{_ANY_DAY},?\s)?{_ANY_MONTH}\s[0-9]{{1,2}}(?![0-9])")
_DAY_ENDS: Final = re.compile(rf"\b{_ANY_MONTH}\s[0-9]{{1,2}}(?:st|nd|rd|th)?(?:,\s[0-9]{{4}})?\s?\Z")
_NOTES: Final = re.compile(r"[$€£]([0-9]{1,4})s(?![\w/])")
_KEYED: Final = re.compile(r"\b(?:codes?|dial|press|enter|PIN|pin)\b[^.!?#]*[0-9]\Z")
_PER_COIN: Final = re.compile(r"/([$€£])1(?![0-9]|[.,][0-9]|[kKmMbB])")
_FEW: Final = re.compile(r"(?<![$€£¥0-9.,])[0-9]{1,2}\Z")
_TERM_ENDS: Final = re.compile(r"[0-9)\]]\s\Z")
_STAR: Final = re.compile(r"(\*(?=[0-9]+#)|#(?=[0-9]+#)|\*)([0-9]{2,8})(#?)(?![\w*])")
_DIALLED: Final = re.compile(r"\b(?:dial|call|code|press|enter|text|use|type)\b[^.!?]{0,24}\Z", re.IGNORECASE)
_KEYS: Final = {"*": "star", "#": "pound"}
_PRESS: Final = re.compile(
    r"(?<!song )(?<!album )(?<!book )(?<!single )(?<!movie )\b(?:press|hit|dial|enter|then)\s\Z"
    r"|\b(?:press|hit|dial)\b[^.!?]{0,40}\bor\s\Z",
    re.IGNORECASE,
)
_NUMBERED: Final = re.compile(  # "your case # is …", "the # of users"
    r"\b(?:case|order|ticket|account|acct\.?|phone|tracking|confirmation|invoice|ref\.?|reference|flight|room|"
    r"policy|member|card|"
    r"serial|model|part|item|lot|PO|ID|the|a|total|contact|routing)\s\Z|\b(?-i:[A-Z]{2,4})\Z",
    re.IGNORECASE,
)
_NO_DIGIT: Final = re.compile(r":|\s(?=[0-9A-Z]+-?[0-9A-Z])|\s(?:of|is|was|and|or|on|in|for|at|to|you)\b|\)")
_PER_UNIT: Final = re.compile(rf"/({'|'.join(sorted(_PER, key=len, reverse=True))})(?!\w)(?:\.(?=\s[a-z]|[,;)]))?")
_RATE_BEFORE: Final = re.compile(
    r"(?:[0-9]\s?\w{1,4}/[A-Za-z]{1,3}|\^\{?-?[0-9]+\}?|[⁰¹²³⁴-⁹]|[0-9]:[0-9]{2})\Z"
)  # "52 mL/kg/min", "5:30/km"
_YEAR_CUT: Final = re.compile(r"['’][0-9]{2}(?!\w)")
_YEAR_ENDS: Final = re.compile(r"['’][0-9]{2}\Z")
_OPEN_SUM: Final = re.compile(r"=[^.!?]*\([^()]*\w\s\Z")
_HOUR_OR_NOW: Final = re.compile(
    r"\s?(?:[0-9]{1,2}(?::[0-9]{2})?\s?[ap]\.?m|(?:present|now|today|date)\b)", re.IGNORECASE
)
_NOON_OR_YEAR: Final = re.compile(r"(?:\b(?:noon|midnight)|(?<!\w)(?:1[5-9]|20)[0-9]{2})\s?\Z", re.IGNORECASE)
_OPEN_TERM: Final = re.compile(r"(?:=[^.!?,;]{0,40}[0-9a-z²³)]|\([0-9a-z.]{1,6})\s\Z")
_TERM_BEHIND: Final = re.compile(r"\s\w{1,4}(?!\w|\s[a-z])")
_TERM_IN_FRONT: Final = re.compile(r"=[^.!?,;]*(?<!\w)[A-ZΔ]\w{0,2}\s\Z")
_PLACE_BEHIND: Final = re.compile(r"[A-Z]{3}(?!\w)")
_LETTER_BEHIND: Final = re.compile(r"[A-Z](?!\w)")
_LETTER_IN_FRONT: Final = re.compile(r"(?<!\w)[A-Z]\Z")
_PLACE_IN_FRONT: Final = re.compile(r"(?<!\w)[A-Z]{3}\Z")
_UNTIL_DECADE: Final = re.compile(r"\s?(?:early[ -]|mid-?|late[ -])?['’]?(?:[12][0-9])?[0-9]0s(?!\w)")
_DECADE_ENDS: Final = re.compile(r"0['’]?s\s?\Z")
_BATTING: Final = re.compile(r"\.([0-9]{3})(?![0-9%])")
_BATTING_CUE: Final = re.compile(
    r"\b(?:hits?|hitting|bats?|batt(?:ed|ing)|averag(?:e of|ed|ing)|average|avg\.?|slugg(?:ed|ing)|percentage "
    r"of)\s(?:an?\s)?\Z"
)
_FISCAL: Final = re.compile(r"FY[ ']?(20[0-9]{2}|[0-9]{2})(?!\w)")
_AGES: Final = re.compile(r"([0-9]{1,2})s(?!\w)")
_AGES_CUE: Final = re.compile(r"\b(?:under|over)-\Z", re.IGNORECASE)
_COUNTING: Final = frozenset(
    (
        "inv. exp. Exp. Cat. Op. op. Sect. sect. Rm Ste Fl Ext Chap. chap. chaps. sz. Sz. c. ca. b. d. No. no. Nos. "
        "nos. nr. secs. "
        "app. tbl. ver. vers. "
        "chs. vols. Vols. para. paras. rm. Rm. Vol. vol. "
        "Fig. fig. Figs. figs. Eq. eq. Ch. ch. Sec. sec. p. pp. Art."
    ).split()
)
# Those that stand for a thing only behind a number.
_COUNTED: Final = frozenset(("min.", "lg.", "med.", "sm.", "fl."))

_FEET: Final = re.compile(r"([0-9]{1,2})['′’]\s?([0-9]{1,2})(?:[\"″”]|['′’]{2})?(?![\w'])")
_FEET_AND_INCHES: Final = re.compile(r"([0-9]{1,2})\s?(?:ft\.?|feet|foot)\s([0-9]{1,2})\s?in(?:\.|ches)?(?!\w)")
_INCHES: Final = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)[\"″](?!\w)")
_INCH_PART: Final = re.compile(r"([1-9]|1[0-9])/([248]|16|32)[\"″](?!\w)")
_FOOT_INCHES: Final = 12
_NEAR: Final = 60  # characters, within which an opened quote or a formula's sign says what a mark here is
_QUOTES: Final = re.compile(r"(?<![0-9½¼¾⅓⅔⅛⅜⅝⅞])\"")
_RESOLUTION: Final = re.compile(r"([248])K(?!\w)|([0-9]{3,4})([pi])(?!\w)")
_RACE: Final = re.compile(r"([0-9]{1,2})K(?!\w)")
_RACE_CUE: Final = re.compile(
    r"\b(?:a|an|the|my|her|his|your|our|first|charity|ran|run|running|fun|local|annual|[0-9]{1,2}:[0-9]{2})\s\Z",
    re.IGNORECASE,
)
_RACED: Final = re.compile(r"\s(?:race|run|time|training|runner|plan|pace|this|next|on)\b")
_FUNCTION: Final = re.compile(r"([fghFG])\(([xyztn]|[0-9]{1,2})\)")
_POWER_BEFORE: Final = re.compile(r"(?:\^\{?-?[0-9]+\}?|[⁰¹²³⁴-⁹]+)\s\Z")
_UNIT: Final = re.compile("|".join(f"{re.escape(unit)}(?!\\w)" for unit in sorted(UNITS, key=len, reverse=True)))
_PLUS_UNIT: Final = re.compile(
    r"\+\s(ft|mi|miles|lbs?|oz|hrs?|hours|yrs?|mins?|secs?|sq ft|sq\. ft\.|sq mi|km|kg|cm|mm|mph|GB|TB|MB|gal|acres|"
    r"pts|pcs)(?!\w)"
)
_SPELLED: Final = {
    "ft": "foot",
    "in": "inch",
    "mi": "mile",
    "yd": "yard",
    "m": "meter",
    "km": "kilometer",
    "cm": "centimeter",
}
_SPELLED_UNIT: Final = re.compile(rf"(sq|cu)\.?\s({'|'.join(_SPELLED)})(?:\.(?=\s[a-z]))?(?!\w)")
_ONE_OF: Final = re.compile(r"\b(?:per|a|an|each|every|the|one)\s\Z", re.IGNORECASE)
_NUMBER_FOLLOWS: Final = re.compile(r"\s?\(?(?:[0-9#]|[A-Z]{1,4}-?[0-9]|[IVXLC]{2,}\b|[VX]\b)")
_TIMES: Final = re.compile(r"([0-9]{1,4}(?:\.[0-9]+)?)(?:[-–]([0-9]{1,4}))?x(?![\w²³^(]|\s?[-+=*×÷<>]|\s?d[xyt]\b)")
_CENTURY: Final = re.compile(r"([IVX]{1,5})(?=\scentur(?:y|ies)\b)")
_SCIENTIFIC: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?[eE]([-+]?)([0-9]{1,3})(?!\w)")
_FACTOR: Final = re.compile(r"([0-9]{1,3})([a-z]{2,3})(?![\w'’])")
_MATHEMATICAL: Final = re.compile(r"[=²³^√±]")
_ABOUT: Final = re.compile(r"\b(?:about|around|roughly|approximately)\s\Z", re.IGNORECASE)
_SHARP: Final = re.compile(r"([A-G])([#♯♭])(m(?:7|aj7?)?|7)?(?!\w)|([A-Za-z])\+\+(?!\w)")
_BEHIND_NUMBER: Final = re.compile(r"[0-9]\s?\Z")


def _read_vulgar(text: str, at: int) -> Match:
    """Read the "⅜" of '⅜" drill bit' and of '2½" screws'."""
    found = _VULGAR_INCHES.match(text, at)
    if found is None or len(_QUOTES.findall(text, max(0, at - _NEAR), at)) % 2:
        return None
    whole, sign = found.groups(default="")
    top, bottom = unicodedata.normalize("NFKC", sign).split("\u2044")
    is_several = whole and _OF_INCHES.match(text, found.end()) is None
    return found.end(), Said(f"{_fraction(Fraction(top, bottom, whole))} {'inches' if is_several else 'inch'}")


_VULGAR_INCHES: Final = re.compile(r"(?:([0-9]{1,2})\s?)?([½¼¾⅓⅔⅛⅜⅝⅞])[\"″”](?!\w)")
# A noun behind inches: "2½ inch screws", unlike "2½ inches wide".
_OF_INCHES: Final = re.compile(
    r"\s(?!(?:wide|tall|long|deep|high|thick|of|by|x|in|on|at|apart|and|or|to|from|above|below|longer|wider|taller|"
    r"shorter|each|per|is|for|between|away|off|with|when|so|but|than)\b)[a-z]"
)


def _read_feet(text: str, at: int) -> Match:
    if not text[at].isdecimal() or (at and text[at - 1].isdecimal()):
        return None
    if text[max(0, at - 2) : at].rstrip()[-1:] in ("°", "′"):
        return None
    if (found := _FEET.match(text, at)) is not None and int(found[2]) < _FOOT_INCHES:
        return found.end(), Said(f"{_cardinal(found[1])} foot {_cardinal(found[2])}")
    if (found := _INCHES.match(text, at)) is not None and len(_QUOTES.findall(text, max(0, at - _NEAR), at)) % 2 == 0:
        whole, _, fraction = found[1].partition(".")
        number = Number(whole, fraction)
        return found.end(), Measure(number, "inch", '"')
    if (vulgar := _read_vulgar(text, at)) is not None:
        return vulgar
    if (found := _INCH_PART.match(text, at)) is not None and len(
        _QUOTES.findall(text, max(0, at - _NEAR), at)
    ) % 2 == 0:
        return found.end(), Said(f"{_fraction(Fraction(found[1], found[2]))} inch")
    if (found := _FEET_AND_INCHES.match(text, at)) is not None:
        return found.end(), Said(f"{_cardinal(found[1])} foot {_cardinal(found[2])}")
    if (found := _TIMES.match(text, at)) is not None and not _IN_A_SUM.search(text, max(0, at - _SUM_CHARS), at):
        first = _number(Number(*found[1].partition(".")[::2]))
        return found.end(), Said(f"{first} to {_cardinal(found[2])} times" if found[2] else f"{first} times")
    if (found := _SCIENTIFIC.match(text, at)) is not None:
        exponent = Number(found[4], sign="-" if found[3] == "-" else "")
        return found.end(), Scientific(Number(found[1], found[2] or ""), exponent)
    if (
        (found := _FACTOR.match(text, at)) is not None
        and _is_factor(found[2])
        and _MATHEMATICAL.search(text, max(0, at - _NEAR), at + _NEAR)
    ):
        return found.end(), Said(f"{_cardinal(found[1])} {' '.join(found[2])}")
    if (found := _RACE.match(text, at)) is not None and (
        _RACE_CUE.search(text, max(0, at - 12), at) or _RACED.match(text, found.end())
    ):
        return found.end(), Said(f"{_cardinal(found[1])} K")
    if (found := _RESOLUTION.match(text, at)) is not None:
        words = f"{_ONES[int(found[1])]} K" if found[1] else f"{_hundreds(found[2])} {found[3]}"
        return found.end(), Said(words)
    return None


def _read_dash(text: str, at: int) -> Match:
    """Read "8 a.m.–noon", "seats A–C", "'15–'24", "Nov. 28-Dec. 2", "a 10-ft pole" and "ROI = (gain − cost)/cost"."""
    for marks, behind, before in _DASHES:
        if text[at] in marks and behind.match(text, at + 1) and before.search(text, max(0, at - _NEAR), at):
            return at + 1, Said("to")
    if text[at] in "-–" and _YEAR_CUT.match(text, at + 1) and _YEAR_ENDS.search(text, max(0, at - 4), at):
        return at + 2, Said("to ")
    if text[at] != "-":
        return None
    if (joined := _JOINED_UNIT.match(text, at)) is not None and _NUMBER_BEFORE.search(text[at - 1]):
        return joined.end(), Said(f" {_unit(_JOINED[joined[1]]).one}")
    if text[at - 1 : at] != " ":
        return None
    is_open = not text[at + 1 :].strip() and _OPEN_TERM.search(text[:at])  # "y = x² − | 4x"
    is_term = _TERM_BEHIND.match(text, at + 1) and _TERM_IN_FRONT.search(text, max(0, at - _NEAR), at)
    is_sum = text[at + 1 : at + 2] == " " and _OPEN_SUM.search(text, max(0, at - _NEAR), at)
    return (at + 1, Said("minus")) if is_open or is_term or is_sum else None


def _read_slash(text: str, at: int) -> Match:
    """Read "2/$5", "2 pts/$1", "52 mL/kg/min" and the end of "(84 + 91) / | 2"."""
    if text[at - 1 : at] == " " and not text[at + 1 :].strip() and _TERM_ENDS.search(text[:at]):
        return at + 1, Said(_slash(Around(text[:at], " 1")))
    if (coin := _PER_COIN.match(text, at)) is not None:
        return coin.end(), Said(f" per {_COINS[CURRENCIES[coin[1]]].unit.one}")
    if text[at + 1 : at + 2] in tuple("$€£¥") and _FEW.search(text, max(0, at - 4), at):
        return at + 1, Said("for")
    if (span := _PER_SPAN(text, at)) is not None:
        return span
    unit = _PER_UNIT.match(text, at)
    if unit is None:
        return None
    is_told = len(unit[1]) > 1 and (text[at - 1 : at].isdecimal() or text[at - 1 : at] in tuple('"″”)%°.'))
    is_rate = (len(unit[1]) > 1 or unit[1] == "d") and _RATE.search(text, max(0, at - 24), at)
    is_told = is_told or bool(is_rate or _RATE_BEFORE.search(text, max(0, at - 12), at))
    return (unit.end(), Said(f" per {_PER[unit[1]]}")) if is_told else None


def _read_hash(text: str, at: int) -> Match:
    """Read "*67", "*4321#", "press #", "7741#", "your case # is" and "do #s 1–15"."""
    if not text[at - 1 : at].strip() and (keys := _STAR.match(text, at)) is not None:
        if not keys[3] and not _DIALLED.search(text, max(0, at - _NEAR), at):
            return None
        return keys.end(), Said(f"{_KEYS[keys[1]]} {_digits(keys[2])} {'pound' if keys[3] else ''}".rstrip())
    if text[at] != "#":
        return None
    if _NUMBERED.search(text, max(0, at - 16), at) and _NO_DIGIT.match(text, at + 1):
        return at + 1, Said("number")
    if text[at + 1 : at + 2] == "s" and not text[at + 2 : at + 3].isalnum():
        return at + 2, Said("numbers")
    is_keyed = text[at + 1 : at + 2] in tuple(" .,;)") and _KEYED.search(text, max(0, at - _NEAR), at)
    return (at + 1, Said("pound")) if is_keyed or _PRESS.search(text, max(0, at - _NEAR), at) else None


def _read_notes(text: str, at: int) -> Match:
    """Read "four $5s" and "in the $40s"."""
    notes = _NOTES.match(text, at)
    if notes is None:
        return None
    is_decade = len(notes[1]) == 2 and notes[1][1] == "0"
    return notes.end(), Said(_year(Year(notes[1], is_decade=True)) if is_decade else _plural(_cardinal(notes[1])).many)


def _read_plus(text: str, at: int) -> Match:
    """Read the unit of "500+ mi"."""
    counted = _PLUS_UNIT.match(text, at) if text[at - 1 : at].isdecimal() else None
    if counted is None:
        return None
    return counted.end(), Said(f"plus {_unit(English.customs.units.get(counted[1]) or UNITS[counted[1]]).many}")


def _read_average_of_hits(text: str, at: int) -> Match:
    """Read "batting .312"."""
    average = _BATTING.match(text, at)
    if average is None or not _BATTING_CUE.search(text, max(0, at - 24), at):
        return None
    return average.end(), Said(_hundreds(average[1]))


def _read_grades(text: str, at: int) -> Match:
    """Read "grades K–2"."""
    found = _GRADES.match(text, at)
    return None if found is None else (found.end(), Said(f"K to {_cardinal(found[1])}"))


_GRADES: Final = re.compile(r"(?<=grades )K\s?[-–]\s?([0-9]{1,2})(?!\w)")


def _read_factorial(text: str, at: int) -> Match:
    is_factorial = FACTORIAL.match(text, at) and FACTOR_BEFORE.search(text, max(0, at - 2), at)
    return (at + 1, Said("factorial")) if is_factorial else None


# "x² − 4x has two zeros", "dy/dx = 2x", "∫2x", "sin(2x)".
_IN_A_SUM: Final = re.compile(r"(?:[∫√]|(?:[0-9)²³]|\bd?[a-z])\s?[=+−-]\s?|(?:sin|cos|tan|\b[fgh])\()\Z")
_SUM_CHARS: Final = 6  # that hold its longest match


def _read_cross(text: str, at: int) -> Match:
    if not text[at + 1 :].strip() and _OPEN_SIZE.search(text[:at]):
        return at + 1, Said("by")  # "8 x 2¼ x | 3⅝"
    if _NUMBER_BEHIND.match(text, at + 1) and (counted := _COUNTED_BEFORE.search(text, max(0, at - _NEAR), at)):
        return at + 1, Said("by" if counted[1] in _SIDES_BY_NAME else "times")  # "10 rows x | 5 columns"
    cross = _CROSS.match(text, at)
    if cross is None:
        return None
    if _SIDE_BEFORE.search(text, max(0, at - 3), at):
        return cross.end(), Said("by")
    is_lane = text[at - 1 : at] == " " and text[at + 1 : at + 2] != " "  # "PCIe 4.0 x4"
    is_factor = not is_lane and _FACTOR_BEFORE.search(text, max(0, at - 4), at)
    return (cross.end(), Said("times")) if is_factor else None


def _read_finance(text: str, at: int) -> Match:
    """Read a mark by what stands on both sides of it, "y/y", "25 bps" near a rate, "1H24", "2Q25" and "FY25"."""
    if text[at] in _MARK_RULES and (mark := _MARK_RULES[text[at]](text, at)) is not None:
        return mark
    if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,"):
        return None
    if text[at] in "'’" and not text[at - 1 : at].strip() and (found := _SHORT_YEAR.match(text, at)) is not None:
        return found.end(), Year(found[1])
    if text.startswith("c.", at) and _RANK_BEFORE.search(text, max(0, at - 6), at):
        return at + 2, Said("century" if text[at + 2 :].strip() else "century.")
    if text.startswith("ed.", at) and _RANK_BEFORE.search(text, max(0, at - 6), at):
        return at + 3, Said("edition" if text[at + 3 :].strip() else "edition.")
    if text.startswith("pens", at) and _SHOOT_OUT.search(text, max(0, at - 4), at):
        return at + 4, Said("penalties")
    if text[at] in "ymqwYQ" and (found := _COMPARED.match(text, at)) is not None:
        return found.end(), Said(_COMPARISONS[found[1].lower()])
    if text[at] == "F" and (found := _FISCAL.match(text, at)) is not None:
        return found.end(), Said(f"fiscal {_year_digits(found[1] if len(found[1]) > 2 else f'20{found[1]}')}")
    if text[at] in "QH" and (found := _QUARTER.match(text, at)) is not None and (found[1] == "Q" or found[2] < "3"):
        part = "quarter" if found[1] == "Q" else "half"
        article = "the " if _IN.search(text, max(0, at - 8), at) else ""
        return found.end(), Said(f"{article}{_ordinal(found[2])} {part} of {_year_digits(f'20{found[3]}')}")
    if text[at] in "+-" and (basis := _BASIS.match(text, at + 1)) is not None and basis[2] is None:
        if _RATES.search(text, max(0, at - _NEAR), basis.end() + _NEAR):
            return basis.end(), Measure(Number(basis[1], sign="+" if text[at] == "+" else "-"), "basis-point", "bp")
        return None
    if not text[at].isdecimal():
        return None
    if (found := _HOUSE_NUMBER.match(text, at)) is not None:
        return found.end(), Number(found[0])
    if (found := _HALF_YEAR.match(text, at)) is not None and (found[2] == "Q" or found[1] < "3"):
        year = found[3] if len(found[3]) > 2 else f"20{found[3]}"
        part = "quarter" if found[2] == "Q" else "half"
        article = "the " if _IN.search(text, max(0, at - 8), at) else ""
        return found.end(), Said(f"{article}{_ordinal(found[1])} {part} of {_year_digits(year)}")
    found = _BASIS.match(text, at)
    if found is None or not _RATES.search(text, max(0, at - _NEAR), found.end() + _NEAR):
        return None
    amount = Number(found[1]) if found[2] is None else Span(Number(found[1]), Number(found[2]))
    return found.end(), Measure(amount, "basis-point", "bp")


# Dashes that are "to": which, what stands behind them, and what in front.
_DASHES: Final = (
    ("-–—", _UNTIL_NOON, re.compile("")),
    ("–", _PLACE_BEHIND, _PLACE_IN_FRONT),
    ("–", _LETTER_BEHIND, _LETTER_IN_FRONT),
    ("-–—", _HOUR_OR_NOW, _NOON_OR_YEAR),
    ("-–—", _UNTIL_DECADE, _DECADE_ENDS),
    ("-–—", _UNTIL_DAY, _DAY_ENDS),
)
_MARK_RULES: Final[dict[str, Callable[[str, int], Match]]] = {
    "/": _read_slash, "+": _read_plus, ".": _read_average_of_hits, "!": _read_factorial,
    **dict.fromkeys("-–—", _read_dash), **dict.fromkeys("*#", _read_hash), **dict.fromkeys("$€£", _read_notes),
    **dict.fromkeys("xX", _read_cross), **dict.fromkeys("½¼¾⅓⅔⅛⅜⅝⅞", _read_vulgar),
}  # fmt: skip
_OPEN_SIZE: Final = re.compile(r"[0-9½¼¾⅓⅔⅛⅜⅝⅞]\s?[x×]\s?[0-9½¼¾⅓⅔⅛⅜⅝⅞ .]{1,8}\s\Z")
_NUMBER_BEHIND: Final = re.compile(r"\s[0-9]|\s?\Z")
_COUNTED_BEFORE: Final = re.compile(
    r"(?<![\w.,])[0-9][0-9,.]*\s([a-z]{2,}s|row|column|inch|feet|foot|wide|deep|tall)\s\Z"
)
_SIDES_BY_NAME: Final = frozenset(
    "rows row columns column cols pixels inches inch feet foot meters wide deep tall".split()
)
_CROSS: Final = re.compile(r"[xX](?=\s?[0-9(])")
_SIDE_BEFORE: Final = re.compile(r"[\"″′'][WDHL]?\s?\Z")
_FACTOR_BEFORE: Final = re.compile(r"[0-9)]\s?\Z|/[a-z]{1,3}\s\Z")  # "7 x 8 = 56", "$18/hr x 40"
_PER_SPAN: Final = per_rule(
    {
        "s": "second",
        "sec": "second",
        "min": "minute",
        "h": "hour",
        "hr": "hour",
        "wk": "week",
        "mo": "month",
        "yr": "year",
    },
    "per",
)
# "a 10-ft pole": a unit that is joined to its number.
_JOINED: Final = {
    "ft": "foot", "in": "inch", "lb": "pound", "oz": "ounce", "hr": "hour", "min": "minute", "sec": "second",
    "mi": "mile", "yd": "yard", "yr": "year", "mo": "month", "wk": "week", "mm": "millimeter", "cm": "centimeter",
    "m": "meter", "km": "kilometer", "kg": "kilogram", "g": "gram", "mg": "milligram", "ml": "milliliter",
    "gal": "gallon", "qt": "quart", "ct": "count", "pt": "point", "GB": "gigabyte", "MB": "megabyte", "TB": "terabyte",
    "kW": "kilowatt",
    "kWh": "kilowatt-hour", "pk": "pack", "mph": "mile-per-hour", "acre": "acre", "sq-ft": "square-foot",
}  # fmt: skip
_JOINED_UNIT: Final = re.compile(
    rf"-({'|'.join(sorted(_JOINED, key=len, reverse=True))})(?:\.(?=[),\s]\s?[\wa-z(]|\Z)|(?!-?[\w.]))"
)
_NUMBER_BEFORE: Final = re.compile(r"[0-9½¼¾⅓⅔]")


def _is_factor(letters: str) -> bool:
    """Whether letters behind a number are its factors, as in "4ac", and neither a unit nor the end of an ordinal."""
    return (letters not in UNITS or letters == "ac") and letters not in ("st", "nd", "rd", "th")


def _read_letter(text: str, at: int) -> Match:
    if (found := _FUNCTION.match(text, at)) is not None and not (text[at - 1 : at].isalnum() and at):
        return found.end(), Said(f"{found[1]} of {_cardinal(found[2]) if found[2].isdecimal() else found[2]}")
    if (found := _SHARP.match(text, at)) is not None and not text[at - 1 : at].isalnum():
        key = {"m": " minor", "7": " seven", "m7": " minor seven"}.get(found[3] or "", "")
        pitch = "flat" if found[2] == "♭" else "sharp"
        return found.end(), Said(f"{found[1]} {pitch}{key}" if found[1] else f"{found[4]} plus plus")
    return None


def _read_hours_and_minutes(text: str, at: int) -> Match:
    """Read "1h20", "2h 15m" and "3 hr 5 min"."""
    found = _HOURS_AND_MINUTES.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/"):
        return None
    return found.end(), Said(
        f"{_counted(Number(found[1]), _plural('hour'))} {_counted(Number(str(int(found[2]))), _plural('minute'))}"
    )


_HOURS_AND_MINUTES: Final = re.compile(
    r"([0-9]{1,3})\s?h(?:rs?)?\s?([0-5]?[0-9])(?:\s?(?:m|mins?)(?![\w²³/])|(?!\s?\w))"
)


def _read_vanity(text: str, at: int) -> Match:
    """Read the digits of "1-888-FLY-BOAT" one by one."""
    found = _VANITY.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    return found.end(), Code(tuple(re.findall(r"[0-9]+|[A-Z]+", found[0])), is_secret=True)


_VANITY: Final = re.compile(r"(?:1-)?[0-9]{3}-(?=[0-9-]*[A-Z]{2})[A-Z0-9]{2,}(?:-[A-Z0-9]+)*(?![\w-])")


def _read_two_years(text: str, at: int) -> Match:
    """Read each of "between 1998 and 2004", "from 1914 to 1918" and "of 2008 and 2009", and "the 2024 model"."""
    found = _YEAR.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    before = text[max(0, at - 24) : at]
    is_first = _YEAR_FOLLOWS.match(text, found.end()) is not None and _YEARS_FROM.search(before) is not None
    if is_first or _YEAR_BEFORE.search(before) or (_THE.search(before) and _OF_YEAR.match(text, found.end())):
        return found.end(), Year(found[0])
    return None


_YEAR: Final = re.compile(r"(?:1[5-9]|20)[0-9]{2}(?![\w%]|[.,:/-][0-9])")
_YEAR_FOLLOWS: Final = re.compile(r"\s(?:and|to|through|until|till|or)\s(?:1[5-9]|20)[0-9]{2}(?![\w%]|[.,:/-][0-9])")
_YEARS_FROM: Final = re.compile(r"\b(?:between|from|of|in|since|years|founded)\s\Z", re.IGNORECASE)
_YEAR_BEFORE: Final = re.compile(
    r"\b(?:between|from|of|in|since|years)\s(?:1[5-9]|20)[0-9]{2},?\s(?:and|to|through|until|till|or)\s\Z|"
    r"\bfounded\s\Z",
    re.IGNORECASE,
)
_THE: Final = re.compile(r"\b(?:the|this|our|a|its|their|late|early)\s\Z", re.IGNORECASE)
_OF_YEAR: Final = re.compile(
    r"\s(?:model|edition|version|season|report|election|budget|film|movie|study|survey|census|vintage|album|novel|book|"
    r"law|act|treaty|crisis|recession|pandemic|fiscal|calendar|tax|World|Olympics?|Summer|Winter|Super|Nobel|Paris|"
    r"release|"
    r"remake|series|championship|tournament|final|conference|earthquake|revolution|constitution|agreement)(?!\w)"
)


def _read_average(text: str, at: int) -> Match:
    """Read "3.85/4.0" as "out of"."""
    found = _AVERAGE.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,/"):
        return None
    return found.end(), Said(" out of ".join(_number(Number(*part.partition(".")[::2])) for part in found.groups()))


_AVERAGE: Final = re.compile(r"([0-9]\.[0-9]{1,2})/((?:4|5|10)(?:\.0)?)(?![\w/]|\.[0-9])")


def _read_ages(text: str, at: int) -> Match:
    """Read "under-5s": "under-fives"."""
    found = _AGES.match(text, at) if text[at - 1 : at] == "-" else None
    if found is None or not _AGES_CUE.search(text, max(0, at - 8), at):
        return None
    said = _cardinal(found[1])
    return found.end(), Said(f"{said[:-1]}ies" if said[-1] == "y" else f"{said}{'es' if said[-1] == 'x' else 's'}")


def _read_weekday(text: str, at: int) -> Match:
    """Read "Tue, Mar 4", and "Sun." behind another weekday; and the N. of "480 N. Oak Blvd."."""
    if text[at] not in "MTWFSNE" or text[at - 1 : at].isalnum():
        return None
    way = _DIRECTION.match(text, at)
    if way is not None and (_HOUSE.search(text, max(0, at - 8), at) or _STREET_BEHIND.match(text, at)):
        return way.end(), Said(_DIRECTIONS[way[1]])
    if (found := _WEEKDAY.match(text, at)) is not None:
        return found.end(), Said(_WEEKDAYS[found[1] or found[2]])
    day = text[at : at + 3]
    if day not in ("Sat", "Sun") or text[at + 3 : at + 4].isalnum():
        return None
    if not _OTHER_DAY.search(text, max(0, at - _NEAR), at):
        return None
    has_stop = text[at + 3 : at + 4] == "." and text[at + 4 :].strip() != ""
    return at + 3 + has_stop, Said(_WEEKDAYS[day])


_STREET: Final = re.compile(r"[A-Z0-9]\w*\s(?:Ave|Rd)(?!\s[A-Z])")
_RULER: Final = re.compile(r"\b(?:King|Queen|Pope|Emperor|Empress|Prince|Tsar|Kaiser)\s[A-Z][a-zé]+\s\Z")
_NAME_BEFORE: Final = re.compile(r"\b([A-Z][a-z]{2,})\s\Z")
_RULERS_NUMBER: Final = re.compile(r"([IVX])(?![\w'’])")
_STATES: Final = (
    "AL|AK|AZ|AR|CA|CO|CT|DE|FL|GA|HI|ID|IL|IN|IA|KS|KY|LA|ME|MD|MA|MI|MN|MS|MO|MT|NE|NV|NH|NJ|NM|NY|NC|ND|OH|OK|OR|PA|"
    "RI|SC|SD|TN|TX|UT|VT|VA|WA|WV|WI|WY|DC"
)
_STATE_BEFORE: Final = re.compile(rf"\b(?:{_STATES}|D\.C\.),?\s\Z")
_ZIP: Final = re.compile(r"([0-9]{5})(?:-([0-9]{4}))?(?![\w]|[.,][0-9])")
_DAY: Final = re.compile(
    r"(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|0?[1-9])(?![\w/%]|[.,:][0-9]|\s(?:of|cups?|tsp|tbsp|inch|miles?)\b)"
)
_DAY_CUE: Final = re.compile(
    r"\b(on|due|by|before|until|till|since|from|after|through|thru|starting|ending|expires?|week of|received|rec'd|"
    r"paid|sent|posted|exp\.|ends?|ended|"
    r"begins?|began|"
    r"starts?|started|opens?|closes?|closed|arrives?|arriving|ships?|shipped|delivered|dated|as of|effective|out|"
    r"available|live|"
    r"scheduled for|"
    r"(?:1[0-2]|[1-9])/(?:1[3-9]|2[0-9]|3[01])(?:,|,?\sand|,?\sor|\s&|\sto)|"
    r"mon|tues?|wed|thu(?:rs?)?|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday)[.,]?,?\s\(?\Z",
    re.IGNORECASE,
)


# Names of ways that stand for a street without a full stop, behind a house's number and a name: "45 Oak Dr".
_WAYS: Final = {
    "St": "Street", "Ave": "Avenue", "Rd": "Road", "Blvd": "Boulevard", "Dr": "Drive", "Ln": "Lane", "Ct": "Court",
    "Pl": "Place", "Sq": "Square", "Ter": "Terrace", "Cir": "Circle", "Pkwy": "Parkway", "Hwy": "Highway",
    "Trl": "Trail", "Cres": "Crescent",
}  # fmt: skip
_QUARTERS: Final = _DIRECTIONS | {"NE": "Northeast", "NW": "Northwest", "SE": "Southeast", "SW": "Southwest"}
_WAY: Final = re.compile(
    rf"({'|'.join(_WAYS)})(?:\.?,?\s({'|'.join(sorted(_QUARTERS, key=len, reverse=True))})(?![\w'’])|(?![\w.'’]))"
)
_WAY_INITIALS: Final = frozenset(way[0] for way in _WAYS) | frozenset("MF")
_NAME_OF_A_WAY: Final = re.compile(
    r"(?<![\w.,$€£:])[0-9]{1,5}[A-Z]?\s(?:[NSEW]{1,2}\.?\s)?(?:[A-Z][\w'’.-]*\s|[0-9]{1,3}(?:st|nd|rd|th)\s){1,3}\Z"
)
# "Dr Patel", "St Mary's", "Mt Everest": the same without a full stop in front of a name.
_NAMED: Final = {"Dr": "Doctor", "St": "Saint", "Mt": "Mount", "Ft": "Fort"}
_NAME_FOLLOWS: Final = re.compile(r"(Dr|St|Mt|Ft)(?=\s(?!Pepper)[A-Z][a-zé])")
_PLAIN_STREET: Final = re.compile(r"(St)(?=[,;)]|\s(?![A-Z])|[.!?]?\s*\Z)")
_NAME_IN_FRONT: Final = re.compile(r"\s(?:[A-Z][a-z]+|[0-9]{1,3}(?:st|nd|rd|th))\s\Z")


def _read_way(text: str, at: int) -> Match:
    """Read "45 Oak Dr", "1600 Pennsylvania Ave NW" and "Dr Patel", which have no full stop."""
    if text[at] not in _WAY_INITIALS or text[at - 1 : at].isalnum():
        return None
    found = _WAY.match(text, at)
    if found is not None and _NAME_OF_A_WAY.search(text, max(0, at - _NEAR), at):
        return found.end(), Said(_WAYS[found[1]] + (f" {_QUARTERS[found[2]]}" if found[2] else ""))
    if text[at] not in "DSMF":
        return None
    is_behind_name = _NAME_IN_FRONT.search(text, max(0, at - _NEAR), at) is not None
    if is_behind_name and (found := _PLAIN_STREET.match(text, at)) is not None:
        return found.end(1), Said(_WAYS[found[1]])
    if (found := _NAME_FOLLOWS.match(text, at)) is not None and not (is_behind_name and found[1] == "St"):
        return found.end(), Said(_NAMED[found[1]])
    return None


_DAYS_IN_A_ROW: Final = re.compile(r"\b(?:on|due|by)\s(?:[0-9]{1,2}/[0-9]{1,2}(?:,|,?\sand|,?\sor|\s&)\s)+\Z")
_MARKED: Final = re.compile(r"\b(?:scor|grade|quiz|tests?\b|exam|points?\b|rated)", re.IGNORECASE)
_FIRST_OF_NAME: Final = re.compile(
    r"[.,;:)!?]|['’]s\b|\s(?:of\s[A-Z]|is|has|and|died|became|ruled|reigned|ascended|abdicated|crowned|fell|married|"
    r"signed|"
    r"defeated|invaded|succeeded|took\sthe\sthrone|came\sto)\b|\s*\Z"
)
# A clause begins with the name, and "I" cannot be its subject: "before Elizabeth I took the throne".
_CLAUSE_OF_NAME: Final = re.compile(r"\b(?i:before|until|when|while|where|because|although|under)\s[A-Z][a-z]+\s\Z")
_ZONES: Final = {"E": "Eastern", "C": "Central", "M": "Mountain", "P": "Pacific"}
_ZONE: Final = re.compile(r"[ECMP]T(?!\w)")
_CLOCK_BEFORE: Final = re.compile(r"[AaPp]\.?[Mm]\.?\s\Z")
_DAYS_BEFORE: Final = frozenset("mon tue wed thu fri sat sun".split())


def _read_place_and_day(text: str, at: int) -> Match:
    """Read "King George V", the digits of "CA 94043", and "6/30" behind a word that tells a day."""
    first = text[at]
    if first in "ECMP" and (zone := _ZONE.match(text, at)) is not None:
        is_told = _CLOCK_BEFORE.search(text, max(0, at - 5), at) is not None
        return (zone.end(), Said(f"{_ZONES[first]} Time")) if is_told else None
    if first in "IVX":
        name = _NAME_BEFORE.search(text, max(0, at - _NEAR), at)
        is_named = name is not None and name[1].lower() in _REGNAL  # "Henry V"
        if first == "I" and is_named:  # "I" is a word as well: "Tell John I was late"
            is_first_word = name is not None and not text[max(0, at - _NEAR) : at - len(name[0])].strip()
            is_named = bool(_FIRST_OF_NAME.match(text, at + 1)) or (is_first_word and text.startswith(" was ", at + 1))
            is_named = is_named or _CLAUSE_OF_NAME.search(text, max(0, at - _NEAR), at) is not None
        is_ruler = _RULERS_NUMBER.match(text, at) and (is_named or _RULER.search(text, max(0, at - _NEAR), at))
        return (at + 1, Roman(worth(first), first, is_ordinal=True)) if is_ruler else None
    if not first.isdecimal():
        return None
    if (code := _ZIP.match(text, at)) is not None and _STATE_BEFORE.search(text, max(0, at - 5), at):
        return code.end(), Code(tuple(filter(None, code.groups())), is_secret=True)
    day, cue = _DAY.match(text, at), _DAY_CUE.search(text, max(0, at - 12), at)
    if day is not None and _DAYS_IN_A_ROW.search(text, max(0, at - _NEAR), at):
        return day.end(), Date("", int(day[1]), int(day[2]), "md", is_worded=True)
    if day is None or cue is None:
        return None
    word = cue[1].lower()
    if word[0].isdecimal() and _MARKED.search(text, max(0, at - _NEAR), at):
        return None  # "9/15, 12/15"
    is_day = word in ("on", "due", "week of") or word[:3] in _DAYS_BEFORE
    is_day = is_day or word[0].isdecimal()
    is_told = is_day or int(day[2]) > 12 or day[2] == "1" or int(day[1]) > int(day[2])  # "by 3/4" may be a part
    return (day.end(), Date("", int(day[1]), int(day[2]), "md", is_worded=True)) if is_told else None


def _read_unit(text: str, at: int) -> Match:
    """Read a unit behind a power, or alone: "3×10^8 m/s", "in km/h"; and a century."""
    if not text[at].isalpha() or text[at - 1 : at].isalnum():
        return None
    if (century := _CENTURY.match(text, at)) is not None and (value := worth(century[1])):
        return century.end(), Said(_ordinal(str(value)))
    if (spelled := _SPELLED_UNIT.match(text, at)) is not None:
        kind = "square" if spelled[1] == "sq" else "cubic"
        return spelled.end(), Unit(f"{kind}-{_SPELLED[spelled[2]]}", spelled[0])
    found = _UNIT.match(text, at)
    below = _UNIT.match(text, found.end() + 1) if found and text[found.end() : found.end() + 1] == "/" else None
    if found is not None and below is not None and set(below[0]) & set("²³"):  # "kg/m²"
        return below.end(), Unit(f"{UNITS[found[0]]}-per-{UNITS[below[0]]}", f"{found[0]}/{below[0]}")
    if found is None or not (set(found[0]) & set("/²³") or _POWER_BEFORE.search(text[max(0, at - 12) : at])):
        return None
    return found.end(), Unit(UNITS[found[0]], found[0])


_BOOKS: Final = (
    "Gen(?:esis)?|Exod?(?:us)?|Lev(?:iticus)?|Num(?:bers)?|Deut(?:eronomy)?|Josh(?:ua)?|Judg(?:es)?|Ruth|"
    "Sam(?:uel)?|Kings|"
    "Chron(?:icles)?|Ezra|Neh(?:emiah)?|Esther|Job|Ps(?:alms?)?|Prov(?:erbs)?|Eccl(?:esiastes)?|Song of (?:Songs|"
    "Solomon)|"
    "Isa(?:iah)?|Jer(?:emiah)?|Lam(?:entations)?|Ezek(?:iel)?|Dan(?:iel)?|Hos(?:ea)?|Joel|Amos|Obadiah|Jonah|"
    "Mic(?:ah)?|"
    "Nahum|Hab(?:akkuk)?|Zeph(?:aniah)?|Hag(?:gai)?|Zech(?:ariah)?|Mal(?:achi)?|Matt(?:hew)?|Mark|Luke|John|Acts|"
    "Rom(?:ans)?|Cor(?:inthians)?|Gal(?:atians)?|Eph(?:esians)?|Phil(?:ippians|emon)?|Col(?:ossians)?|"
    "Thess(?:alonians)?|Tim(?:othy)?|Titus|Heb(?:rews)?|Jas|James|Pet(?:er)?|Jude|Rev(?:elation)?|Qur'?an|Surah"
)
_FULL_BOOKS: Final = {
    "Gen": "Genesis", "Ex": "Exodus", "Exod": "Exodus", "Lev": "Leviticus", "Num": "Numbers", "Deut": "Deuteronomy",
    "Josh": "Joshua", "Judg": "Judges", "Sam": "Samuel", "Chron": "Chronicles", "Neh": "Nehemiah", "Ps": "Psalm",
    "Prov": "Proverbs", "Eccl": "Ecclesiastes", "Isa": "Isaiah", "Jer": "Jeremiah", "Lam": "Lamentations",
    "Ezek": "Ezekiel", "Dan": "Daniel", "Hos": "Hosea", "Mic": "Micah", "Hab": "Habakkuk", "Zeph": "Zephaniah",
    "Hag": "Haggai", "Zech": "Zechariah", "Mal": "Malachi", "Matt": "Matthew", "Rom": "Romans", "Cor": "Corinthians",
    "Gal": "Galatians", "Eph": "Ephesians", "Phil": "Philippians", "Col": "Colossians", "Thess": "Thessalonians",
    "Tim": "Timothy", "Heb": "Hebrews", "Jas": "James", "Pet": "Peter", "Rev": "Revelation",
}  # fmt: skip


def _read_letters(text: str, at: int) -> Match:
    """Read "q6h", "1 Cor. 13:4", "N Main St", "I-405 N", "Austin, TX", "M-F", "closed Mon", "NW wind"."""
    if text[at] not in _LETTER_INITIALS or text[at - 1 : at].isalnum():
        return None
    if (flight := _AIRLINE.match(text, at)) is not None:
        return flight.end(), Code((flight[1], flight[2]))
    found = _LETTERS.match(text, at)
    if found is None:
        return None
    before = text[max(0, at - _NEAR) : at]
    match found.lastgroup:
        case "hours":
            said = f"every {_cardinal(found['first'])}" + (f" to {_cardinal(found['last'])}" if found["last"] else "")
            return found.end(), Said(f"{said} hours")
        case "book":
            return found.end(), Said(_FULL_BOOKS[found["short"]])
        case "way" if not text[at - 1 : at].strip("( "):
            return found.end(), Said(_DIRECTIONS[found["to"]])
        case "heading" if _ROAD_BEFORE.search(before):
            return found.end("heading"), Said(_DIRECTIONS[found["heading"]])
        case "state" | "zip" if found["zip"] or (
            _CITY_BEFORE.search(before) and found["state"] not in _NO_STATES_ALONE
        ):
            if _CITY_BEFORE.search(before) or _STREET_OR_CITY.search(before):
                return found.end("state"), Said(_STATE_NAMES[found["state"]])
        case "days":
            first, last = re.split(r"[-–]", found["days"])
            return found.end(), Said(f"{_DAY_LETTERS[first]} to {_DAY_LETTERS[last]}")
        case "day" if text[found.end() : found.end() + 1] == ":" or _OPEN_BEFORE.search(before):
            stop = "." if found["day"].endswith(".") and not text[found.end() :].strip(" \"'”’)»") else ""
            return found.end(), Said(_WEEKDAYS[found["day"].rstrip(".")] + stop)
        case "wind" if _WINDY.search(text, max(0, at - _NEAR), at + _NEAR):
            return found.end(), Said(_WINDS[found["wind"]])
        case "head" if _PRICE_BEFORE.search(before):
            return found.end(), Said("per person")
        case "truck":
            return found.end(), Said(f"F {_hundreds(found['truck'][2:])}")
        case "blood" if _BLOOD_BEFORE.search(before):
            return found.end(), Said(f"{found['blood'][:-1]} {'positive' if found['blood'][-1] == '+' else 'negative'}")
        case "blood" | "grade" if found[0][-1] != "+" and _MARKED_BEFORE.search(before):
            return found.end(), Said(f"{found[0][:-1]} minus")
        case "bare" if _ONE_BEFORE.search(before):
            return found.end(), Said(_one_of(found["bare"]))
        case "extension" if _PHONE_BEFORE.search(before):
            return found.end(), Said(f"extension {_digits(found['digits'])}")
        case "dose" if _DOSE_BEFORE.search(before):
            return found.end(), Said("twice a day")
        case "episode":
            said = f"season {_cardinal(str(int(found['season'])))} episode {_cardinal(str(int(found['number'])))}"
            return found.end(), Said(said)
        case "initials":
            is_last = not text[found.end() :].strip(" \"'”’)»")
            return found.end(), Said(found["initials"].replace(".", "") + ("." if is_last else ""))
        case "codec":
            return found.end(), Said(f"H dot {_hundreds(found['codec'][2:])}")
        case "heat":
            return found.end(), Said("medium")
    return None


# Two letters that stand for an airline in front of a flight's number, behind which other numbers are no flight's.
_AIRLINE: Final = re.compile(
    r"(AA|UA|DL|WN|BA|LH|AF|KL|EK|QR|SQ|JL|QF|TK|EY|CX|B6|F9)\s([0-9]{2,4})(?![\w]|[.,:/-][0-9])"
)


_STATE_NAMES: Final = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii", "ID": "Idaho",
    "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine",
    "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi", "MO": "Missouri",
    "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee",
    "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia",
    "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
# Words, and what stands behind a person's name ("Jane Smith, MD"): a state only in front of a postal code.
_NO_STATES_ALONE: Final = frozenset("OK HI OH ME IN OR PA MA LA AL DE ID MD MS MT".split())
_WINDS: Final = {
    "NE": "northeast", "NW": "northwest", "SE": "southeast", "SW": "southwest", "NNE": "north-northeast",
    "NNW": "north-northwest", "SSE": "south-southeast", "SSW": "south-southwest", "ENE": "east-northeast",
    "ESE": "east-southeast", "WNW": "west-northwest", "WSW": "west-southwest",
}  # fmt: skip
_DAY_LETTERS: Final = {
    "M": "Monday", "Tu": "Tuesday", "T": "Tuesday", "W": "Wednesday", "Th": "Thursday", "F": "Friday", "Sa": "Saturday",
    "Su": "Sunday", "S": "Saturday",
}  # fmt: skip
_LETTERS: Final = re.compile(
    r"(?P<hours>q\.?(?P<first>[1-9][0-9]?)(?:\s?[-–]\s?(?P<last>[1-9][0-9]?))?\s?h(?:rs?)?(?!\w))"
    rf"|(?P<book>(?P<short>{'|'.join(_FULL_BOOKS)})\b\.?(?=\s[0-9]{{1,3}}:[0-9]))"
    r"|(?P<way>(?P<to>[NSEW])\.?(?=\s(?:[A-Z][a-z]+|[0-9]{1,3}(?:st|nd|rd|th))\s(?:St|Ave|Rd|Blvd|Dr|Ln|Street|"
    r"Avenue|Road|Boulevard)\b))"
    r"|(?P<heading>[NSEW])(?=[\s,.;:)]|\Z)"
    rf"|(?P<state>{'|'.join(_STATE_NAMES)})"
    r"(?:(?P<zip>,?\s[0-9]{5})(?![0-9])|(?=[,;)?!.]|\s*\Z|\s(?:is|was|to|on|at|and|has|for|from|with|in)\b))"
    r"|(?P<days>M[-–](?:F|Th|Sa|Su|W)|Tu?[-–](?:Sa|Su|Th|F)|W[-–](?:Su|F))(?![\w-])"
    r"|(?P<day>(?:Mon|Tue|Tues|Wed|Weds|Thu|Thur|Thurs|Fri|Sat|Sun)\b\.?+(?!\s?[-–—]|\s(?!AM|PM)[A-Z]))"
    r"|(?P<head>pp)(?=[/\s.,;)]|\Z)|(?P<truck>F-[1-4]50)(?!\w)"
    r"|(?P<blood>(?:AB?|B|O)[+−-])(?=[\s.,;)]|\Z)|(?P<bare>lbs?|oz|gal|mi|km|kg|mL|kWh|GB|MB|hr|yr|mo|wk|min|"
    r"sec)(?![\w.'’])"
    r"|(?P<extension>x(?P<digits>[0-9]{2,5}))(?!\w)|(?P<dose>BID)(?!\w)"
    r"|(?P<episode>S(?P<season>[0-9]{1,2})\s?E(?P<number>[0-9]{1,3}))(?!\w)"
    r"|(?P<initials>(?:[A-Z]\.){3,5})(?!\w)"
    r"|(?P<grade>[A-F][-−])(?=[\s.,;:)!?]|\Z)|(?P<codec>H\.26[1-6])(?![\w])"
    r"|(?P<wind>[NSEW]{2,3})(?!\w)"
    r"|(?P<heat>med\.?(?=-(?:low|high)\b|\sheat\b))"
)
_LETTER_INITIALS: Final = frozenset("pqmxloghkywsABCDEFGHIJKLMNOPQRSTUVWXYZ")
_PRICE_BEFORE: Final = re.compile(r"[$€£][0-9][0-9.,]*\s?\Z")
_BLOOD_BEFORE: Final = re.compile(r"\b(?:[Bb]lood|[Tt]ype|donors?|Rh)\b[^.!?]{0,30}\Z")
_ONE_BEFORE: Final = re.compile(r"\b(?:per|each|every)\s\Z", re.IGNORECASE)
_PHONE_BEFORE: Final = re.compile(r"[0-9]{4},?\s\Z")
_DOSE_BEFORE: Final = re.compile(
    r"(?:\b(?:mg|mcg|mL|ml|g|IU|units|tablets?|tabs?|capsules?|PO|daily|taken)|"
    r"[0-9](?:mg|mcg|mL|ml|g))\s\Z"
)
_MARKED_BEFORE: Final = re.compile(
    r"\b(?:an?|got|grade(?:s)?(?: of| is)?|earned|from|to|solid|or)\s\Z|[=:]\s\Z", re.IGNORECASE
)
_ROAD_BEFORE: Final = re.compile(r"\b(?:I|US|Hwy\.?|Highway|Route|Rte\.?|SR|CA|Interstate)[- ]?[0-9]{1,3}\s\Z")
_CITY_BEFORE: Final = re.compile(r"\b[A-Z][a-z.]+(?:\s[A-Z][a-z]+)*,\s\Z")
_STREET_OR_CITY: Final = re.compile(r"\b[A-Z][a-z]+\s\Z")
_OPEN_BEFORE: Final = re.compile(
    r"\b(?:closed|open|on|every|until|till|by|before|after|next|this|last|each|since|due|for|starting|from|through|"
    r"and|or|to)\s\Z",
    re.IGNORECASE,
)
_WINDY: Final = re.compile(
    r"\b(?:winds?|gusts?|mph|kts?|knots|breeze|km/h|heading|facing|corner|side|swell|surf)\b", re.IGNORECASE
)


def _written_year(digits: str) -> str:
    return _year_digits(digits)


class _Form(NamedTuple):
    """Digits that are written in a way of their own, behind words that tell them if there are any."""

    written: re.Pattern[str]
    say: Callable[[re.Match[str]], str]
    before: re.Pattern[str] | None = None


def _read_form(text: str, at: int) -> Match:
    """Read what a table has: houses, statuses, forms of a tax office, verses, sides."""
    before = text[at - 1 : at]
    if before.isalnum() or before in tuple(".,:/_$€£′'’°"):
        return None
    for form in _FORMS:
        found = form.written.match(text, at)
        if found is not None and (form.before is None or form.before.search(text, max(0, at - _NEAR), at)):
            return found.end(), Said(form.say(found))
    return None


def _house(digits: str, letter: str = "") -> str:
    """Say the number of a house: "fourteen twenty-eight", "two twenty-one B"."""
    if len(digits) > 4 or digits[0] == "0":
        return _digits(digits)
    words = _cardinal(digits) if len(digits) < 3 or digits[-3:] == "000" else _hundreds(digits)
    return f"{words} {letter}".rstrip()


def _stopwatch(hours: str | None, minutes: str, seconds: str, fraction: str) -> str:
    """Say "2:06.12": "two oh six point one two"."""
    parts = [part if part != "00" else "zero zero" for part in filter(None, (hours, minutes, seconds))]
    first, *rest = parts
    said = [_cardinal(first), *(_minute(int(part)) if part.isdecimal() else part for part in rest)]
    return f"{' '.join(said)} point {_digits(fraction)}"


def _span_of_time(written: str) -> str:
    names = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
    return _quantity(str(int(written[:-1])), names[written[-1]])


def _military(hour: str, minute: str) -> str:
    hours = f"oh {_ONES[int(hour)]}" if hour[0] == "0" else _cardinal(hour)
    return f"{hours} {'hundred' if minute == '00' else _minute(int(minute))}"


def _status(digits: str) -> str:
    return _cardinal(digits) if digits.endswith("00") else _hundreds(digits)


def _verses(chapter: str, first: str, last: str | None) -> str:
    return f"{_cardinal(chapter)} {_cardinal(first)}" + (f" to {_cardinal(last)}" if last else "")


def _sides(found: re.Match[str], noun: str) -> str:
    return " by ".join(
        f"{_number(Number(*side.partition('.')[::2]))} {noun}" for side in re.findall(r"[0-9]+(?:\.[0-9]+)?", found[0])
    )


_WAY_NAMES: Final = (
    r"(?i:St|Street|Ave|Avenue|Rd|Road|Blvd|Boulevard|Dr|Drive|Ln|Lane|Ct|Court|Pl|Place|Sq|Square|Ter|Terr|Terrace|"
    r"Cir|Circle|"
    r"Pkwy|Parkway|Hwy|Highway|Trl|Trail|Cres|Crescent|Way|Expy|Expressway|Broadway|Plaza|Loop|Row)"
)
_IN_A_STREET: Final = (
    r"(?=\s(?:(?:[NSEW]|NE|NW|SE|SW|North|South|East|West)\.?\s)?"
    rf"(?:(?:(?!(?:In|At|On|The|And)\b)[A-Z][\w'’.-]*\s|[0-9]{{1,3}}(?:st|nd|rd|th)\s){{1,3}}{_WAY_NAMES}(?![\w'’])|"
    r"Broadway(?!\w)|(?:Avenue|Rue|Via|Calle)\s(?:of|de|d))"
    rf"|\s(?:[NSEW]|NE|NW|SE|SW)\.?\s{_NAME_OF_STREET})"
)
_PARTS_OF_AN_INCH: Final = {"½": ("1", "2"), "¼": ("1", "4"), "¾": ("3", "4")}
_VULGARS: Final = "½¼¾⅓⅔⅛⅜⅝⅞"
_SIDE: Final = rf"[0-9]{{1,4}}(?:\.[0-9]+|\s?[{_VULGARS}])?"
_MEASURED: Final = (
    r"(?:meters?|metres?|miles?|foot|feet|word|page|item|piece|calorie|watt|person|people|pound|dollar|euro|square|"
    r"cubic|more|"
    r"or|and|to|of|in|at|for|from|on|by|with|per|total|plus|million|billion|thousand|year|day|hour|minute|point|ton|"
    r"gallon|acre|seat|room|unit|member|user|square-foot|rpm|mph|psi|kcal|mah|was|were|are|is|the|had|has|have|did|"
    r"than|as|"
    r"but|which|that|who|when|while|came|went|got|won)\b"
)
_NO_COUNT: Final = (
    r"(?![\w%-]|[.,:/][0-9]|\s(?:people|users|meters?|metres?|miles|words|dollars|copies|points|votes|steps|"
    r"calories|kcal|items|"
    r"units|times|years|days|hours|minutes|of)\b)"
)
_FORMS: Final = (
    _Form(re.compile(rf"([0-9]{{1,5}})([A-Z]?){_IN_A_STREET}"), lambda found: _house(found[1], found[2])),
    _Form(  # of "to 1600 Pennsylvania | Ave" while the rest is not written yet
        re.compile(r"([0-9]{3,4})(?=\s[A-Z][a-z]+(?:\s[A-Z][a-z]+)?\s?\Z)"),
        lambda found: _house(found[1]),
        re.compile(r"\b(?:to|at|near|visit|address(?: is)?:?|from|by)\s\Z"),
    ),
    _Form(  # "401(k)", "501(c)(3)"
        re.compile(r"(40[13]|457|501|529)\s?(?:\(([a-z])\)(?:\(([0-9]{1,2})\))?|([kK])(?!\w))"),
        lambda found: " ".join(filter(None, (_hundreds(found[1]), (found[2] or found[4]).upper(), _tail(found[3])))),
    ),
    _Form(  # "1 Cor. 13:4"
        re.compile(r"([123])(?=\s(?:Sam|Kings|Chron|Cor|Thess|Tim|Pet|John)[a-z]*\.?\s[0-9]{1,3}:)"),
        lambda found: _ordinal(found[1]),
    ),
    _Form(  # "a 9x13-inch pan"
        re.compile(r"[0-9]{1,3}(?:\s?[x×]\s?[0-9]{1,3}){1,2}-(inch|in|foot|ft|feet|cm|mm|meter)(?![\w.])"),
        lambda found: f"{' by '.join(map(_cardinal, re.findall('[0-9]+', found[0])))} {_one_of(found[1])}",
    ),
    _Form(  # "(Smith et al., 2019)"
        re.compile(r"(1[5-9][0-9]{2}|20[0-9]{2})([a-z]?)(?=[,;:)])"),
        lambda found: f"{_year_digits(found[1])} {found[2]}".rstrip(),
        re.compile(r"(?:\bet al\.|[A-Z][a-z]+\)?|\([A-Z][^()]{0,30}),\s\Z|[A-Z][a-z]+\s\(\Z"),
    ),
    _Form(  # "2:06.12", "1:23:45.678"
        re.compile(r"(?:([0-9]{1,2}):)?([0-9]{1,2}):([0-5][0-9])\.([0-9]{1,3})(?![\w:]|\.[0-9])"),
        lambda found: _stopwatch(*found.groups()),
    ),
    _Form(
        re.compile(
            r"([1-9][0-9])[-–]([1-9][0-9])(?=\s(?:chance|split|mix|rule|ratio|odds|partners?|blend|balance|joint|"
            r"custody|shot|basis)\b)"
        ),
        lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}",
    ),
    _Form(re.compile(r"50[-–]50(?![\w%-]|[.,][0-9])"), lambda _: "fifty fifty"),
    _Form(re.compile(r"(3|5|7|10)/([16])(?=\sARM)"), lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}"),
    _Form(
        re.compile(r"[0-9]{4}(?![\w]|[.,][0-9])"),
        lambda found: _cardinal(found[0]) if found[0][1] == "0" else _hundreds(found[0]),
        re.compile(r"\b(?:RTX|GTX|RX|GeForce|Radeon|RFC|ISO|IEC|IEEE|ANSI|DIN)\s\Z"),
    ),
    _Form(
        re.compile(r"([0-9]{4})(?=\s(?:Ti|Super|XT|XTX)\b)"),
        lambda found: _hundreds(found[1]),
    ),
    _Form(
        re.compile(r"([0-9]{1,2})\s?[-–]\s?([0-9]{1,2})[\"″](?!\w)"),
        lambda found: f"{_cardinal(found[1])} to {_quantity(found[2], 'inch')}",
    ),
    _Form(  # "1 in = 2.54 cm"
        re.compile(
            r"([0-9]+(?:\.[0-9]+)?)\sin(?=\s?[=≈×)]|\s(?:x|by)\s|\s(?:wide|long|tall|deep|thick|high|apart|"
            r"across|of (?:rain|snow))\b)"
        ),
        lambda found: _quantity(found[1], "inch"),
    ),
    _Form(
        re.compile(r"([0-9]+(?:\.[0-9]+)?)\sN(?=[.,;)]|\s?\Z)"),
        lambda found: _quantity(found[1], "newton"),
        re.compile(r"(?:=|\bforce\b)[^.!?]*\Z", re.IGNORECASE),
    ),
    _Form(  # "60/90/120 Hz"
        re.compile(r"((?:[0-9]{1,4}/){2,4}[0-9]{1,4})\s?(Hz|GB|TB|W|mg|mL|ml|mm|fps|kg|lbs?)(?!\w)"),
        lambda found: f"{', '.join(map(_cardinal, found[1].split('/')))} {_many_of(found[2])}",
    ),
    _Form(  # "upgrade from 15.x"
        re.compile(r"([0-9]{1,4})((?:\.[0-9]{1,3})*)\.[xX](?!\w)"),
        lambda found: f"{' point '.join(map(_short, [found[1], *found[2].split('.')[1:]]))} point x",
    ),
    _Form(  # "0600 hours", "1700 UTC"
        re.compile(
            r"([01][0-9]|2[0-3])([0-5][0-9])(?=\s?(?:hours(?!\s(?:of|in|per|a|to|for|at|on)\b)|hrs(?!\s(?:of|"
            r"per)\b)|UTC|GMT|Zulu|Z\b))"
        ),
        lambda found: _military(found[1], found[2]),
    ),
    _Form(
        re.compile(
            r"((?:18|19|20)[0-9]{2})(?=\s(?:est\.|estimates?|census|elections?|season|Olympics|World Cup|"
            r"Super Bowl|tax year|Census)(?!\w))"
        ),
        lambda found: _year_digits(found[1]),
    ),
    _Form(
        re.compile(r"([0-9]{1,2})\s?st\s([0-9]{1,2})\s?lbs?(?!\w)"),
        lambda found: f"{_cardinal(found[1])} stone {_quantity(found[2], 'pound')}",
    ),
    _Form(  # "1m 23s", "14d 6h", "1h 2m 3s"
        re.compile(r"(?:[0-9]{1,3}[dhm]\s?){1,3}[0-9]{1,2}[hms](?![\w/²³])"),
        lambda found: " ".join(_span_of_time(part) for part in re.findall(r"[0-9]+[dhms]", found[0])),
    ),
    _Form(re.compile(r"24-7(?![\w%-]|[.,][0-9])"), lambda _: "twenty-four seven"),
    _Form(re.compile(r"1/2(?=\s(?:price|off)\b)"), lambda _: "half"),
    _Form(  # "12/2025"
        re.compile(r"(0?[1-9]|1[0-2])/(20[0-9]{2}|19[0-9]{2})(?![\w/%-]|[.,][0-9])"),
        lambda found: f"{_MONTHS[int(found[1]) - 1]} {_year_digits(found[2])}",
    ),
    _Form(
        re.compile(r"(0[1-9]|1[0-2])/([23][0-9])(?![\w/%-]|[.,][0-9])"),
        lambda found: f"{_MONTHS[int(found[1]) - 1]} {_year_digits('20' + found[2])}",
        re.compile(r"(?:\bexp\.?|valid (?:thru|through)|card\b[^.!?]{0,30}expires?(?: in)?)[:\s]\s?\Z", re.IGNORECASE),
    ),
    _Form(
        re.compile(
            r"(?![0-9]{1,2}W-[0-9]{2}(?!\w))(?:0[0-9]{0,3}[A-Z]{1,3}(?:-[A-Z0-9]{1,5}){1,4}|"
            r"[0-9]{1,4}[A-Z]{1,3}(?:-[A-Z0-9]{1,5}){2,4})(?![\w-])"
        ),
        lambda found: _code(Code(tuple(re.findall(r"[0-9]+|[A-Z]+", found[0])), is_secret=True)),
    ),
    _Form(
        re.compile(r"20[0-9]{2}(?:\.[0-9]{1,3}){1,3}(?![\w]|\.[0-9])"),
        lambda found: " point ".join([_year_digits(found[0][:4]), *map(_short, found[0].split(".")[1:])]),
        re.compile(
            r"\b(?:version|release|build|v|[A-Z][A-Za-z]*(?:IDEA|Charm|Storm|Studio|Unity|Assistant))\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(re.compile(r"[0-9]{5,20}(?![\w]|[.,][0-9])"), lambda found: _digits(found[0]), re.compile(r"\w#:?\s?\Z")),
    _Form(  # "in 1066, 1492 and 1776"
        re.compile(rf"(1[0-9]{{3}}|20[0-9]{{2}}){_NO_COUNT}"),
        lambda found: _year_digits(found[1]),
        re.compile(
            r"\b(?:(?:in|since|of|years|from|until|by|between|both)\s(?:1[0-9]{3}|20[0-9]{2})(?:(?:,|,?\sand|,?\sor|"
            r"\s&|\sto)\s(?:1[0-9]{3}|20[0-9]{2}))*"
            r"(?:,|,?\sand|,?\sor|\s&)|year (?:is|was)|years|in)\s\Z|\b(?:mid|early|late|pre|post)-\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "her 1985 album", "the 2008 crisis and 2020 pandemic"
        re.compile(
            rf"(1[89][0-9]{{2}}|20[0-3][0-9])(?=\s(?!{_MEASURED})(?:[a-z]{{3,}}(?<!s)|[A-Z][a-z]+|"
            rf"[a-z]+(?:ss|us|is|ics))(?![\w-])|[’']s?\s[a-z])"
        ),
        lambda found: _year_digits(found[1]),
        re.compile(
            r"\b(?:an?|the|his|her|its|their|our|your|my|this|that|[a-z]+['’]s|(?:1[89][0-9]{2}|"
            r"20[0-3][0-9])\s[a-z]+\sand)\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "2024 was a leap year"
        re.compile(
            r"(19[0-9]{2}|20[0-4][0-9])(?=\s(?:was|saw|marked|brought|will be|is (?:a|an|the|next|over|"
            r"here))\b)"
        ),
        lambda found: _year_digits(found[1]),
        re.compile(r"(?:\A|[.;:,!?]\s|\b(?:and|but|so|while|because|that)\s)\Z"),
    ),
    _Form(
        re.compile(
            r"([0-9]{1,4}):([0-9]{1,6})(?=\s(?:ratio|scale|odds|dilution|mix|mixture|split|solution|leverage|"
            r"slope|gear|aspect|proportion|model|replica|match|favou?rites?)\b)"
        ),
        lambda found: f"{_cardinal(found[1])} to {_cardinal(found[2])}",
    ),
    _Form(
        re.compile(r"([0-9]{1,4}):([0-9]{1,6})(?![\w:]|[.,][0-9]|\s?[ap]\.?m)"),
        lambda found: f"{_cardinal(found[1])} to {_cardinal(found[2])}",
        re.compile(
            r"\b(?:ratio|odds|scale|proportion|dilut(?:e|ed|ion)|slope|leverage|outnumber(?:s|"
            r"ed)?)\b(?:\s(?:of|is|are|at|by|about|it|was|were|to|roughly|[a-z]+ly)){0,3}\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(re.compile(r"([1-9][0-9]?)p(?!\w|\.[0-9])"), lambda found: f"{_cardinal(found[1])} pence"),
    _Form(
        re.compile(r"([0-9]+)\.([0-9])(?:th|st|nd|rd)(?!\w)"),
        lambda found: f"{_cardinal(found[1])} point {_ordinal(found[2])}",
    ),
    _Form(  # "Rte. 66 W"
        re.compile(r"([0-9]{1,3})\s([NSEW])(?![\w'’])"),
        lambda found: f"{_cardinal(found[1])} {_DIRECTIONS[found[2]]}",
        re.compile(r"\b(?:I|US|Hwy\.?|Highway|Route|Rte\.?|SR|Interstate)[- ]\Z"),
    ),
    _Form(
        re.compile(r"(0[0-9])([0-5][0-9])(?![\w]|[.,:/-][0-9])"),
        lambda found: _military(found[1], found[2]),
        re.compile(
            r"\b(?:at|by|until|till|from|before|after|around|arrived?|departs?|depart(?:ed|ing)|NLT)\s\Z", re.IGNORECASE
        ),
    ),
    _Form(re.compile(r"([0-9]{1,3})[\s-]?(?:y/o|yo|y\.o\.)(?!\w)"), lambda found: f"{_cardinal(found[1])} year old"),
    _Form(
        re.compile(
            r"([45][0-9]{2})(?=\s(?:Not Found|Bad Request|Unauthorized|Forbidden|Internal Server|Too Many|"
            r"Bad Gateway|Service Unavailable|Gateway|Conflict|Gone)\b)"
        ),
        lambda found: _status(found[1]),
    ),
    _Form(
        re.compile(r"([0-9]{1,2})/([0-9]{1,2})(?:c(?!\w)|(?=\sCentral))"),
        lambda found: f"{_cardinal(found[1])}, {_cardinal(found[2])}{' central' if found[0][-1] == 'c' else ''}",
    ),
    _Form(
        re.compile(r"([0-9]{3})(?=\s(?:North|South|East|West|freeway|Freeway|Fwy|to the [0-9]))"),
        lambda found: _digits(found[1]),
        re.compile(r"\bthe\s\Z"),
    ),
    _Form(  # "There are 52! ways"
        re.compile(r"([0-9]{1,3})!(?=\s(?:ways|permutations|possible|different|orders|orderings|arrangements)\b)"),
        lambda found: f"{_cardinal(found[1])} factorial",
    ),
    _Form(  # "July 18–20, 2025"
        re.compile(r"(20[0-9]{2}|19[0-9]{2})(?![\w%-]|[.,:/][0-9])"),
        lambda found: _year_digits(found[1]),
        re.compile(
            rf"\b{_ANY_MONTH}\s[0-9]{{1,2}}(?:st|nd|rd|th)?\s?(?:[-–—]|to|and|&|"
            rf"through)\s?(?:{_ANY_MONTH}\s)?[0-9]{{1,2}}(?:st|nd|rd|th)?,?\s\Z"
        ),
    ),
    _Form(  # "Dec. 24 & 31"
        re.compile(r"([12]?[0-9]|3[01])(?=[.,;)!?]|\s(?:at|from|for|in|only|and)\b|\s*\Z)(?![.,][0-9])"),
        lambda found: _ordinal(found[1]),
        re.compile(
            rf"\b{_ANY_MONTH}\s[0-9]{{1,2}}(?:st|nd|rd|th)?(?:,\s[0-9]{{1,2}}(?:st|nd|rd|th)?)*,?\s(?:&|and|"
            rf"or)\s\Z"
        ),
    ),
    _Form(  # "between 1995 and '99"
        re.compile(r"(1[5-9][0-9]{2}|20[0-9]{2})(?=\s(?:and|to|until|through)\s['’][0-9]{2}(?![0-9]))"),
        lambda found: _year_digits(found[1]),
        re.compile(r"\b(?:between|from)\s\Z", re.IGNORECASE),
    ),
    _Form(
        re.compile(r"([1-4])/([1-4])(?=\s(?:trial|study|clinical))"),
        lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}",
    ),
    _Form(
        re.compile(r"([0-9]{1,3}) d(?=[.,;)]|\s*\Z)"),
        lambda found: _quantity(found[1], "day"),
        re.compile(r"\b(?:for|x|after|within|every|times)\s\Z"),
    ),
    _Form(
        re.compile(r"([0-9]{1,4})\s?[×x]\s?([0-9]{1,4})(?=\s(?:is|equals|gives|makes|was)\s(?:still\s)?[0-9])"),
        lambda found: f"{_cardinal(found[1])} times {_cardinal(found[2])}",
    ),
    _Form(  # "6/3–6/10"
        re.compile(
            r"(?![1-9]/(?:2|3|4|8|16)\s?[-–—]\s?[1-9]/(?:2|3|4|8|16)(?![0-9]))(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|"
            r"0?[1-9])\s?[-–—]\s?(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|0?[1-9])"
            r"(?![\w/%]|[.,][0-9]|\s(?:cups?|inch|inches|tsp|tbsp|miles?|lbs?|oz|of)\b)"
        ),
        lambda found: " to ".join(
            f"{_MONTHS[int(month) - 1]} {_ordinal(str(int(day)))}"
            for month, day in (found.group(1, 2), found.group(3, 4))
        ),
    ),
    _Form(
        re.compile(r"(7[0-9]7)(?=\s?MAX|\s(?:Dreamliner|jets?|aircraft|planes?)\b)"), lambda found: _hundreds(found[1])
    ),
    _Form(
        re.compile(r"(7[0-9]7)-([1-9]0?0?|10)(ER|LR|F)?(?![\w-])"),
        lambda found: " ".join(filter(None, (_hundreds(found[1]), _cardinal(found[2]), found[3]))),
    ),
    _Form(
        re.compile(r"([0-9]{3})/([0-9]{2})(Z?R)([0-9]{2})(?!\w)"),
        lambda found: f"{_hundreds(found[1])} {_cardinal(found[2])} {found[3]} {_cardinal(found[4])}",
    ),
    _Form(
        re.compile(r"([0-9]{1,2})W-([0-9]{2})(?![\w-])"), lambda found: f"{_cardinal(found[1])} W {_cardinal(found[2])}"
    ),
    _Form(  # "a 3/4-ton truck"
        re.compile(r"([2-9])/([348]|16)(?=-[a-z]{2})"),
        lambda found: f"{_cardinal(found[1])} {_bottom(found[2], is_one=True)}",
    ),
    _Form(
        re.compile(r"([0-9]{1,2}) ?mil(?=\s(?:plastic|thick|sheet|film|poly|vinyl|nitrile|gloves|bags?|liner))"),
        lambda found: f"{_cardinal(found[1])} mil",
    ),
    _Form(  # "Rule 10b-5"
        re.compile(r"([0-9]{1,2})([a-z])-([0-9]{1,2})(?![\w-])"),
        lambda found: f"{_cardinal(found[1])} {found[2]} {_cardinal(found[3])}",
        re.compile(r"\b(?:Rule|Section|Sec\.|Reg\.|§)\s\Z"),
    ),
    _Form(re.compile(r"([0-9]{1,2})([mhd])(?=\sago\b)"), lambda found: _span_of_time(found[0])),
    _Form(
        re.compile(r"([0-9]{1,4})/([0-9]{1,4})(?![\w/%]|[.,][0-9])"),
        lambda found: f"{_cardinal(found[1])} of {_cardinal(found[2])}",
        re.compile(
            r"\b(?:step|part|page|lap|level|stage|episode|question|slide|round|game|attempt|phase|chapter|task|item|"
            r"set|track)\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "Table 2-1"
        re.compile(r"([0-9]{1,2})-([0-9]{1,2})(?![\w-]|[.,][0-9])"),
        lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}",
        re.compile(r"\b(?:Table|Figure|Fig\.|Exhibit|Eq\.|Equation|Appendix|Problem)\s\Z"),
    ),
    _Form(
        re.compile(r"([0-9]{1,2})['′’]\s?([0-9]{1,2})([½¼¾])(?:[\"″”]|['′’]{2})?(?![\w'])"),
        lambda found: f"{_cardinal(found[1])} foot {_fraction(Fraction(*_PARTS_OF_AN_INCH[found[3]], found[2]))}",
    ),
    _Form(  # "booked for 7:30", and no time that something takes
        re.compile(r"([0-9]|1[0-2]):([0-5][0-9])(?![\w:]|[.,][0-9]|\s?[ap]\.?m|\s(?:min|h))", re.IGNORECASE),
        lambda found: _clock(Clock(int(found[1]), int(found[2]))),
        re.compile(
            r"\A(?!.*\b(?:timer|cook|bake|boil|simmer|ran|runs?|running|hold|held|lasts?|lasted|play(?:s|ed)?|"
            r"paused?|video|clip|song|track|plank|swam|rows?|rowed|led|lead|possession)\b).*"
            r"\bfor\s\Z",
            re.IGNORECASE | re.DOTALL,
        ),
    ),
    _Form(
        re.compile(r"([23469]|12)/([48])(?=\stime\b|\smeter\b)"),
        lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}",
    ),
    _Form(re.compile(r"(529|1031)(?=\s(?:plans?|exchanges?|accounts?|savings)\b)"), lambda found: _hundreds(found[1])),
    _Form(  # "2019–present"
        re.compile(r"((?:1[5-9]|20)[0-9]{2})(?=\s?[-–—]\s?(?:present|now|today|date)\b)", re.IGNORECASE),
        lambda found: _year_digits(found[1]),
    ),
    _Form(
        re.compile(
            r"([0-9]+(?:\.[0-9]+)?)\s?M(?=\s(?:HCl|NaOH|NaCl|KOH|HNO|H2SO4|H₂SO₄|KCl|Tris|solutions?|acetic|"
            r"sucrose|glucose)\b)"
        ),
        lambda found: f"{_number(Number(*found[1].partition('.')[::2]))} molar",
    ),
    _Form(  # "0 K = −273.15 °C"
        re.compile(r"([0-9]{1,6}(?:\.[0-9]+)?) K(?=[.,;)]|\s?[=≈(]|\s*\Z)"),
        lambda found: f"{_number(Number(*found[1].partition('.')[::2]))} kelvin",
    ),
    _Form(
        re.compile(r"([0-9]{1,2},[0-9]{3})['′’](?!\w)"),
        lambda found: _quantity(found[1].replace(",", ""), "foot"),
    ),
    _Form(
        re.compile(r"([0-9]{1,2})-([0-9]{1,2})(?=\s(?:FG|3PT|FT|3P|3FG|shooting)\b)"),
        lambda found: f"{_cardinal(found[1])} for {_cardinal(found[2])}",
    ),
    _Form(re.compile(r"([0-9]{2,8})(?=#(?:[\s.,;)]|\Z))"), lambda found: _digits(found[1])),  # "press 4321#"
    _Form(  # "8 x 2¼ x 3⅝ inches"
        re.compile(rf"(?=[0-9.\s]*[x×]?[0-9.\sx×]*[{_VULGARS}]){_SIDE}(?:\s?[x×]\s?{_SIDE}){{1,3}}(?![\w/])"),
        lambda found: " by ".join(map(_side, re.findall(_SIDE, found[0]))),
    ),
    _Form(  # of "moved to 315 W | 36th St", whose W are no watts
        re.compile(r"([0-9]{3,5})\s([NSEW])(?=\s*\Z)"),
        lambda found: f"{_house(found[1])} {_DIRECTIONS[found[2]]}",
        re.compile(
            r"\b(?:moved|located|lives?|send|ship|mail|deliver|returns?|office|address)\b(?:\s\w+)?\s(?:to|"
            r"at|is)\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "your account in 3-5 business days", no number of an account
        re.compile(
            r"([0-9]{1,3})\s?[-–]\s?([0-9]{1,3})"
            r"(?=\s(?:(?:business|working|calendar)\s)?(?:days|weeks|months|years|hours|minutes)\b)"
        ),
        lambda found: f"{_cardinal(found[1])} to {_cardinal(found[2])}",
        re.compile(r"(?<![-–.,/$€£¥0-9])\Z"),
    ),
    _Form(  # "dial 911 in the US or 999 in the UK", "ring NHS 111"
        re.compile(
            r"(?:911|999|112|988|111|000|110|119|101)"
            r"(?=\s(?:in|or|and|if|for|from|first|immediately|instead|now|right|when)\b|[.,;!?)](?!\d)|\s?\Z)"
        ),
        lambda found: _digits(found[0]),
        re.compile(
            r"\b(?:dial|call|ring|text)(?:\s[a-z]+){0,2}\s\Z|\b(?:dial|call|ring|text)\s[0-9]{3}\s[^.!?]*\s\Z|\bNHS\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "a 1:16 coffee-to-water ratio"
        re.compile(
            r"([0-9]{1,3}):([0-9]{1,3})(?=\s(?:[a-z]+-to-[a-z]+|(?:[a-z-]+\s){0,2}(?:ratio|dilution|odds|mixture|mix|split|scale))\b)"
        ),
        lambda found: f"{_cardinal(found[1])} to {_cardinal(found[2])}",
        re.compile(r"(?<![\w:.])\Z"),
    ),
    _Form(  # "a finish of 24:38 in your last 5K"
        re.compile(r"(5|8|10|15)[Kk](?=[,.;:!?)]|\s(?:run|race|time|in|on|and|with|for|at|this|next)\b|\Z)"),
        lambda found: f"{_cardinal(found[1])} K",
        re.compile(
            r"\b(?:run|ran|running|race[ds]?|jog(?:ged|ging)?|pace|marathon|train\w*|finish\w*|sprint\w*)\b[^.!?]*\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "2/3rds"
        re.compile(r"([0-9]{1,2})/([0-9]{1,3})(?:ths?|rds?|nds?|st)(?!\w)", re.IGNORECASE),
        lambda found: _fraction(Fraction(found[1], found[2])),
    ),
    _Form(
        re.compile(
            r"((?:4[0-9]|5[01]|30)[0-9])(s?)(?=\s(?:errors?|pages?|response|status|if|on|when|not|or|and|for|Not|"
            r"Bad|Found|"
            r"Unauthorized|Forbidden|Internal|Too|Gateway|Service|redirects?|Moved|usually|often|typically|means?|"
            r"instead|back|rather|again|but|because)\b|[.,;:)]|\s?\()"
        ),
        lambda found: _status(found[1]) + found[2],
        re.compile(
            r"(?:\b(?:HTTP|status(?: code)?|returns?|returned|throws?|throwing|gets?|got|getting|see|"
            r"seeing)\s(?:an?\s)?"
            r"|\b(?:response|error) code\s|\ba\s)\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(  # "2BR/2BA", "3bd/2.5ba"
        re.compile(r"([1-9]|1[0-9])\s?(?:BR|bdrm|bds?|br)\s?[/,]\s?([1-9](?:\.5)?)\s?(?:BA|ba)(?!\w)"),
        lambda found: f"{_cardinal(found[1])} bedroom, {_number(Number(*found[2].partition('.')[::2]))} bath",
    ),
    _Form(
        re.compile(r"([1-9]|1[0-9])\s?(BR|BA)s?(?!\w)"),
        lambda found: f"{_cardinal(found[1])} {'bedroom' if found[2] == 'BR' else 'bath'}",
    ),
    _Form(  # "1099s", "1095-A", which need no cue
        re.compile(r"(1040|1099|1098|1095|1120|1065|8949)(?:(s)(?!\w)|-([A-Z]{1,4})(?!\w))"),
        lambda found: _hundreds(found[1]) + (found[2] or f" {found[3]}"),
    ),
    _Form(  # "USDA zones 5b–9a"
        re.compile(r"([1-9][0-9]?)([a-f])\s?[-–—]\s?([1-9][0-9]?)([a-f])(?![\w-])"),
        lambda found: f"{_cardinal(found[1])} {found[2]} to {_cardinal(found[3])} {found[4]}",
    ),
    _Form(  # "0W-20"
        re.compile(r"([0-9]{1,2})W-([0-9]{2})(?![\w-])"),
        lambda found: f"{_cardinal(found[1])} W {_cardinal(found[2])}",
    ),
    _Form(  # the firm, and no millions
        re.compile(r"3M(?=[™®]|\s(?:tape|Command|Company|Co\.|Post-it|filters?|masks?|respirators?)(?!\w))"),
        lambda _: "three M",
    ),
    _Form(  # "Form 1040", "a 1099-NEC"
        re.compile(
            r"(1040|1099|1098|1095|1120|1065|8949|990|940|941|4868|2106|8829)(?:-([A-Z]{1,4}))?(s?)(?![\w.,]*[0-9])"
        ),
        lambda found: " ".join(filter(None, (_hundreds(found[1]) + ("" if found[2] else found[3]), found[2]))),
        re.compile(r"\b(?:forms?|an?|your|the|IRS|and|or|with)\s\Z", re.IGNORECASE),
    ),
    _Form(
        re.compile(r"([0-9]{2})ers(?!\w)"),
        lambda found: _cardinal(found[1]) + ("rs" if _cardinal(found[1])[-1] == "e" else "ers"),
    ),
    _Form(
        re.compile(
            r"([0-9]|1[0-2]):([0-5][0-9]):([0-5][0-9])(?![:\w]|[.,][0-9]|\s?[ap]\.?m|\s?(?:UTC|GMT|"
            r"[+-][0-9]))",
            re.IGNORECASE,
        ),
        lambda found: _duration(Duration(int(found[1]), int(found[2]), int(found[3]))),
        re.compile(
            r"(?<!\bat)(?<!\bby)(?<!from)(?<!until)(?<!since)(?<!after)(?<!before)(?<!around)(?<!and)(?<!to)(?<![0-9]{4})(?<![0-9]{4},)[\s(]\Z|"
            r"\A\Z"
        ),
    ),
    _Form(
        re.compile(
            r"([0-9]{1,3}):([0-9]{1,3})(?:\s?[-–]\s?([0-9]{1,3}))?(?![\w:]|[.,][0-9]|\s?[ap]\.?m)", re.IGNORECASE
        ),
        lambda found: _verses(*found.groups()),
        re.compile(rf"\b(?:{_BOOKS})\.?\s\Z"),
    ),
    _Form(
        re.compile(
            r"([0-9]{1,4})\s?/\s?([0-9]{1,4})(?=\s(?:tasks|items|steps|questions|stars|points|tests|games|wins|"
            r"lives|modules|"
            r"lessons|correct|complete|completed|done|right|answers|votes|files|checks|passed|members|people|users|"
            r"days|"
            r"runs|cases|seats|spots|credits|chapters|levels|rounds|goals|attempts|tries)\b)"
        ),
        lambda found: f"{_cardinal(found[1])} out of {_cardinal(found[2])}",
    ),
    _Form(
        re.compile(
            r"([0-9]{1,2}(?:\.5)?)/10(?![\w/]|[.,][0-9]|\s(?:of|inch|mile|cup|tsp|tbsp|lb|oz|[-+*=×÷])|\s?[=+%])"
        ),
        lambda found: f"{_number(Number(*found[1].partition('.')[::2]))} out of ten",
        re.compile(
            r"\b(?:an?|it|it's|that's|is|was|solid|strong|easy|about|at|level|pain|got|a solid|feels like)\s\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(
        re.compile(r"([235679]|12)/([48])(?=\s(?:time|meter|signature)\b|[.,])"),
        lambda found: f"{_cardinal(found[1])} {_cardinal(found[2])}",
        re.compile(r"\bin\s\Z"),
    ),
    _Form(re.compile(r"24/7/365(?!\w)"), lambda _: "twenty-four seven three sixty-five"),
    _Form(
        re.compile(r"([1-9][0-9])/([1-9]?[0-9])/([1-9]?[0-9])(?![\w/])"),
        lambda found: " ".join(map(_cardinal, found.groups())),
        re.compile(r"\b(?:the|an?|rule|split|using|follow)\s\Z", re.IGNORECASE),
    ),
    _Form(
        re.compile(
            r"([0-9]0)s(?=\s(?:rest|holds?|planks?|sprints?|intervals?|timeouts?|delay|breaks?|caps?|clips?|videos?|"
            r"ads?|each|per|"
            r"between|on|off|window|limit|timer|and|or|then)\b|[.,;:)]|\s?\Z)"
        ),
        lambda found: _counted(Number(found[1]), _plural("second")),
        re.compile(
            r"\b(?:hold|rest|wait|sleep|timeout|every|after|takes?|took|within|plank|sprint|about|of|for|with|w/|in|"
            r"to|least|most|than|is)[\s~:]{1,2}\Z",
            re.IGNORECASE,
        ),
    ),
    _Form(
        re.compile(r"802\.11([abgnx]?)([cdexn]?)(?!\w)"),
        lambda found: " ".join(filter(None, ("eight oh two point eleven", *found.groups()))),
    ),
    _Form(
        re.compile(r"([1-9][0-9]?00)\s?K(?!\w)"),
        lambda found: f"{_cardinal(found[1])} kelvin",
        re.compile(r"(?<![$€£¥])\Z"),
    ),
    _Form(
        re.compile(r"([1-9][0-9]?)x([1-9][0-9]?)s(?!\w)"),
        lambda found: f"{_cardinal(found[1])} by {_plural(_cardinal(found[2])).many.replace('sixs', 'sixes')}",
    ),
    _Form(  # "5' x 8'", "36"W x 12"D"
        re.compile(r"[0-9]{1,3}(?:\.[0-9]+)?['′’]\s?(?:[x×]|by)\s?[0-9]{1,3}(?:\.[0-9]+)?['′’](?![\w'’])"),
        lambda found: _sides(found, "feet"),
    ),
    _Form(
        re.compile(r"([0-9]{1,3}(?:\.[0-9]+)?)[\"″”]\s?([WDHL])(?=\s?[x×,.;)]|\s|\Z)"),
        lambda found: f"{_quantity(found[1], 'inch')} {_box_way(found[2])}",
    ),
    _Form(
        re.compile(r"([0-9]{1,2})[- ]([1-9])/(2|4|8|16)[\"″”](?!\w)"),
        lambda found: f"{_fraction(Fraction(found[2], found[3], found[1]))} inches",
    ),
    _Form(
        re.compile(
            r"([0-9]{1,3}(?:\.[0-9]+)?)[\"″](?=\s(?!(?:wide|tall|long|deep|high|thick|of|by|x|in|on|at|apart|and|or|"
            r"to|from|above|below|"
            r"longer|wider|taller|shorter|each|per|is|for|between|away|off|with|when|so|but|than)\b)[a-z])"
        ),
        lambda found: f"{_number(Number(*found[1].partition('.')[::2]))} inch",
        re.compile(r"\A[^\"]*\Z"),
    ),
    _Form(
        re.compile(r"([0-9]{2,3})\s?([FC])(?![\w'’/-])"),
        lambda found: _quantity(found[1], "fahrenheit" if found[2] == "F" else "celsius"),
        re.compile(
            r"\b(?:feels like|temp(?:erature)?s?|heat|oven|preheat|highs?|lows?|hits?|reach(?:es)?|fever|bake|roast|"
            r"cook|degrees?|warm|cold|hot|thermostat|"
            r"internal|freezing|boils?)\b[^.!?]{0,30}\Z",
            re.IGNORECASE,
        ),
    ),
)


def _box_way(letter: str) -> str:
    return {"W": "wide", "D": "deep", "H": "high", "L": "long"}[letter]


def _quantity(digits: str, unit: str) -> str:
    return _counted(Number(*digits.partition(".")[::2]), _unit(unit))


def _one_of(unit: str) -> str:
    return _unit(_JOINED.get(unit) or UNITS.get(unit, unit)).one


def _side(written: str) -> str:
    top, bar, bottom = unicodedata.normalize("NFKC", written[-1]).partition("⁄")
    whole = written[:-1].strip() if bar else written
    return _fraction(Fraction(top, bottom, whole)) if bar else _number(Number(*whole.partition(".")[::2]))


def _many_of(unit: str) -> str:
    return _unit(UNITS[unit]).many


def _tail(digits: str | None) -> str:
    return _cardinal(digits) if digits else ""


class English(Words):
    """See the module."""

    formulas: ClassVar = {
        "integral": "the integral from {} to {} of",
        "integral over": "the integral over {} of",
        "sum": "the sum from {} equals {} to {} of",
        "sum over": "the sum over {} of",
        "product": "the product from {} equals {} to {} of",
        "product over": "the product over {} of",
        "limit": "the limit as {} approaches {} of",
        "logarithm": "log base {} of",
        "absolute": "the absolute value of {}",
        "prime": "{} prime",
        "second": "{} double prime",
        "derivative": "d {} d {}",
        "bar": "{} bar",
        "hat": "{} hat",
        "vector": "vector {}",
        "call": "{} of {}",
        "factor": "{} times",
        "derivation": "d d {} of",
        "reaction": "yields",
        "angle": "angle {}",
        "triangle": "triangle {}",
    }
    of_functions: ClassVar = {"(": "of"}
    functions: ClassVar = {
        "ln": "natural log",
        "sin": "sine",
        "arcsin": "arc sine",
        "sinh": "hyperbolic sine",
        "cos": "cosine",
        "arccos": "arc cosine",
        "cosh": "hyperbolic cosine",
        "tan": "tangent",
        "arctan": "arc tangent",
        "tanh": "hyperbolic tangent",
        "tg": "tangent",
        "arctg": "arc tangent",
        "cot": "cotangent",
        "ctg": "cotangent",
        "sec": "secant",
        "csc": "cosecant",
    }

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token."""
        match token:
            case Number():
                return _number(token)
            case Year():
                return _year(token)
            case Money():
                return _money(token, around)
            case Percent():
                return f"{_amount(token.amount)} {'percent' if token.mark == '%' else 'per mille'}"
            case Measure():
                return _measure(token, around)
            case Fraction():
                return _fraction(token)
            case Span():
                return self._span(token, around)
            case Clock():
                return _clock(token)
            case Duration():
                return _duration(token)
            case Date():
                return _date(token, around)
            case Ratio():
                return _ratio(token)
            case Size():
                return _size(token)
            case Phone():
                groups = ", ".join(map(_digits, token.groups))
                return f"plus {groups}" if token.has_plus else groups
            case Code():
                return _code(token)
            case Ordinal():
                return _ordinal(token.digits)
            case Roman():
                return _roman(token, around)
            case Version():
                return _version(token)
            case Address():
                return _address(token)
            case Sign():
                return _sign(token, around)
            case Power(exponent):
                if isinstance(exponent, str):
                    return f"to the power of {self.said(exponent)}"
                return _power(exponent)
            case Scientific(number, exponent):
                return f"{_number(number)} times ten to the power of {_number(exponent)}"
            case Unit(unit):
                return _unit(unit).one if _ONE_OF.search(around.before) else _unit(unit).many
            case Hash():
                digits = token.digits
                return f"number {_digits(digits) if len(digits) > 4 else _whole(digits)}"
            case Emoji():
                return ""
            case Abbreviation():
                return _abbreviation(token, around)
            case Formula():
                return self.say_formula(token, around)
            case Said():
                return token.words

    def _span(self, span: Span, around: Around) -> str:
        match span.first, span.last:
            case ((Number() | Fraction()), _) if isinstance(span.last, Number | Fraction):
                first, last = _amount(span.first), _amount(span.last)
            case Clock(minute=None, half="") as clock, last_clock:
                first, last = _cardinal(str(clock.hour)), self.say(last_clock)
            case Clock() as clock, Clock(hour, None, None, ""):
                first, last = self.say(clock), _cardinal(str(hour))
            case Date() as date, Ordinal() as day:
                first, last = self.say(date, around), self.say(day)
            case Money() as low, Money() as high if _is_scaled_by(low, high):  # "$1.2–$1.5 billion"
                first, last = _amount(low.amount), self.say(high, around)
            case _:
                first, last = self.say(span.first, Around(around.before, "")), self.say(span.last, around)
        word = "and" if re.search(r"\bbetween\s\Z", around.before, re.IGNORECASE) else "to"
        return f"{first} {word} {last}"

    customs = Customs(
        date_order="mdy",
        has_decades=True,
        months={name.lower(): number for number, name in enumerate(_MONTHS, 1)}
        | {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1)}
        | {"sept": 9},
        months_first=True,
        day_marks="st|nd|rd|th",
        between_date=r"\s(?:of\s)?",
        halves={"am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm"},
        scales={
            "K": 3, "k": 3, "M": 6, "m": 6, "B": 9, "b": 9, "bn": 9, "T": 12, "mn": 6, "MM": 6, "thousand": 3,
            "million": 6,
            "billion": 9, "trillion": 12, "mil": 6, "tn": 12, "trn": 12,
            "lakh": 5, "lakhs": 5, "crore": 7, "crores": 7, "Cr": 7,
        },
        ordinal_marks="st|nd|rd|th",
        currencies={"Rs.": "INR", "Rs": "INR"},
        units={
            "pp": "percentage-point", "ppt": "percentage-point", "ppts": "percentage-point", "p.p.": "percentage-point",
            "pps": "percentage-point", "¢": "cent", "qts.": "quart", "pkt.": "packet", "pkts.": "packet",
            "pkgs.": "package",
            "pkg.": "package", "btl.": "bottle", "btls.": "bottle", "bx.": "box", "ct.": "count", "ct": "count",
            "slc.": "slice",
            "svgs.": "serving",
            "sqm.": "square-meter", "kgs": "kilogram", "kg.": "kilogram", "km.": "kilometer",
            "kms": "kilometer",
            "lt.": "liter", "mg.": "milligram", "ml.": "milliliter", "mi.": "mile", "c.": "cup",
            "kn.": "knot",
            "rds.": "round", "rds": "round", "hrs./wk.": "hour-per-week", "wds.": "word",
            "appts.": "appointment",
            "tsp": "teaspoon", "tsp.": "teaspoon", "tbsp": "tablespoon", "tbsp.": "tablespoon", "cup": "cup",
            "cups": "cup",
            "lbs.": "pound", "lb.": "pound", "oz.": "ounce", "ft.": "foot", "in.": "inch", "hr": "hour", "hrs": "hour",
            "mins": "minute", "sec": "second", "secs": "second", "sq ft": "square-foot", "sq. ft.": "square-foot",
            "sqft": "square-foot", "cu ft": "cubic-foot", "sq mi": "square-mile", "min.": "minute",
            "tsps": "teaspoon", "tbsps": "tablespoon", "Tbsp": "tablespoon", "fl oz": "fluid-ounce",
            "fl. oz.": "fluid-ounce",
            "qt": "quart", "yrs": "year", "yr": "year", "mos": "month", "wks": "week", "wk": "week",
            "mcg": "microgram", "inches": "inch", "kts": "knot", "yds": "yard", "yds.": "yard", "yd.": "yard",
            "gal.": "gallon", "gals": "gallon", "qt.": "quart", "qts": "quart", "pt.": "pint", "mths": "month",
            "mos.": "month", "mo.": "month", "wks.": "week", "wk.": "week", "yrs.": "year", "yr.": "year",
            "pts": "point", "pts.": "point", "pcs": "piece", "pcs.": "piece", "doz.": "dozen", "doz": "dozen",
            "cu. ft.": "cubic-foot", "sq in": "square-inch", "sq. in.": "square-inch", "sq. mi.": "square-mile",
            "sq yd": "square-yard", "sq. yd.": "square-yard", "sq. m": "square-meter", "ft2": "square-foot",
            "in2": "square-inch", "ft3": "cubic-foot", "secs.": "second", "tsps.": "teaspoon", "tbsps.": "tablespoon",
            "gr.": "gram", "Tbsp.": "tablespoon", "ozs": "ounce", "reps": "rep", "lux": "lux", "in³": "cubic-inch",
            "ppl": "person", "deg": "degree", "deg.": "degree", "msec": "millisecond", "gpm": "gallon-per-minute",
            "mIU/L": "milli-international-unit-per-liter", "IU/L": "international-unit-per-liter",
            "U/L": "unit-per-liter",
            "K/µL": "thousand-per-microliter", "mEq/L": "milliequivalent-per-liter", "mM": "millimolar",
            "µM": "micromolar", "μM": "micromolar", "nM": "nanomolar", "Å": "angstrom", "Å": "angstrom",
            "eV": "electronvolt", "keV": "kiloelectronvolt", "MeV": "megaelectronvolt", "GeV": "gigaelectronvolt",
            "pg": "picogram",
            "µF": "microfarad", "μF": "microfarad", "uF": "microfarad", "nF": "nanofarad", "pF": "picofarad",
            "mH": "millihenry", "µH": "microhenry", "μH": "microhenry",
            "cal.": "calorie", "rebs": "rebound", "asts": "assist", "reb": "rebound", "ast": "assist",
            "KG": "kilogram", "KM": "kilometer",
            "ML": "milliliter", "CM": "centimeter", "LBS": "pound", "LB": "pound", "OZ": "ounce",
            "MPH": "mile-per-hour",
            "PSI": "pound-force-per-square-inch", "RPM": "revolution-per-minute", "mbps": "megabit-per-second",
            "gbps": "gigabit-per-second", "inHg": "inch-of-mercury", "lb-ft": "pound-foot", "ft-lb": "foot-pound",
            "ft-lbs": "foot-pound", "lb·ft": "pound-foot", "cu yd": "cubic-yard", "cu. yd.": "cubic-yard",
            "cu. yds.": "cubic-yard", "cu yds": "cubic-yard", "T.": "tablespoon", "pk": "pack", "pk.": "pack",
            "hrs.": "hour", "hr.": "hour", "mins.": "minute", "sec.": "second",
        },
        abbreviations=_ABBREVIATIONS,
        eras=r"AD|BC|BCE|CE|A\.D\.|B\.C\.",
        year_cues=frozenset(
            "in since from until till year years during before after circa early late mid by spring summer fall "
            "autumn winter "
            "est established of around class copyright election season vintage back c ca b d born died".split()
        ),
        code_cues=frozenset(
            "code pin pincode passcode password otp ending dial account error room flight zip zipcode id ext "
            "extension isbn call dial text "
            "ein ssn mrn npi cvv cvc pnr imei serial train tracking chmod confirmation reference ref ticket invoice "
            "port status suite apartment apt "
            "gate bus "
            "highway "
            "route enter sku runway seat row boeing airbus model exit platform block building hall bay lane zone track "
            "terminal".split()
        ),
        cue_links=frozenset("is was in are number numbers no at or and as to with your".split()),
        clock_marks=":.",
        version_cues=frozenset(
            "version release python node java php ruby rust go ubuntu debian android ios macos linux kernel cuda torch "
            "pytorch tensorflow django react vue angular swift kotlin postgres postgresql mysql redis docker "
            "kubernetes "
            "windows chrome firefox llama gemini claude usb bluetooth".split()
        ),
        duration_cues=frozenset("in took takes lasted lasts for ran swam time record duration".split()),
        number_cues=frozenset(
            "chapter part book volume section act scene war phase type stage grade level title article appendix "
            "figure table ch vol fig art pt "
            "class category group mark generation episode season bowl olympiad unit step tier schedule annex".split()
        ),
        greek=_GREEK,
        rules=(
        at_digits(
            code_rule(
                r"(?:acct\.|routing|serial|model|part|customer|order|account|policy|member|membership|case|invoice|"
                r"ticket|booking|reservation|"
                r"tracking|reference|claim|"
                r"confirmation|student|employee|contract|loyalty|extension) (?:number|no\.|num\.|ID|#)(?: is)?|"
                r"(?:code|pin|passcode|otp)(?: [a-z]+){0,3} (?:SMS|text|email|app)(?: is)?"
            ),
            measure_rule({"pp.": "page", "pgs.": "page", "pgs": "page"}),
            _read_form, _read_average, read_rating, _read_two_years,
            _read_hours_and_minutes, _read_vanity, read_releases,
        ),
            month_rule(
                {name[:3].lower(): number for number, name in enumerate(_MONTHS, 1) if name != "May"} | {"sept": 9},
                _MONTHS, "in|by|since|until|early|late|mid|from|to|last|next|"
                "this", "to", _written_year,
            ),
            roman_span_rule(r"chapters|chs\.|volumes|vols\.|books|acts|"
            r"parts", "to", lambda value: _cardinal(str(value))),
            last_day_rule(_WEEKDAYS, "to|and|or|through|thru|except|till|until|&"),
            size_rule({"sz.": "size"}),
            _read_finance, _read_grades,
            compass_rule(_DIRECTIONS),
            _read_letters,
            _read_ages, _read_weekday, _read_way, _read_place_and_day, _read_feet, _read_letter, _read_unit,
            flight_rule("flights?"),
            weekday_rule(_WEEKDAYS, "to"), season_rule,
        ),
    )  # fmt: skip


# Numbers.


@lru_cache(_REMEMBERED)
def _named(digits: str, kind: Literal["cardinal", "ordinal"]) -> str:
    words: str = num2words(int(digits), lang="en", to=kind)
    return words.replace(",", "")


def _digits(digits: str) -> str:
    return " ".join(_ONES[int(digit)] for digit in digits)


def _cardinal(digits: str) -> str:
    return _named(digits, "cardinal")


def _whole(digits: str) -> str:
    """Say a whole number, or its digits if it is not written as one."""
    if not digits:
        return "zero"
    if len(digits) > _LONGEST_NAMED or (len(digits) > 1 and digits[0] == "0"):
        return _digits(digits)
    return _cardinal(digits)


def _ordinal(digits: str) -> str:
    return _named(digits, "ordinal") if len(digits) <= _LONGEST_NAMED else f"{_digits(digits)}th"


def _short(digits: str) -> str:
    """Say a part of a code, a version or a name: up to 99 as a number, otherwise digit by digit."""
    return _cardinal(digits) if len(digits) < 3 and (digits[0] != "0" or digits == "0") else _digits(digits)


def _signed(sign: str, words: str) -> str:
    word = {"-": "minus ", "+": "plus ", "±": "plus or minus "}.get(sign, "")
    return word + words


def _number(number: Number) -> str:
    words = _whole(number.whole)
    if number.fraction:
        words = f"{words} point {_digits(number.fraction)}"
    if number.scale:
        words = f"{words} {_SCALES[number.scale]}"
    return _signed(number.sign, words)


def _fraction(fraction: Fraction) -> str:
    top, bottom = _whole(fraction.top), _bottom(fraction.bottom, is_one=fraction.top == "1")
    part = f"{top} {bottom}"
    if fraction.whole:
        part = f"{_article(bottom)} {bottom}" if fraction.top == "1" else part
        part = f"{_whole(fraction.whole)} and {part}"
    return _signed(fraction.sign, part)


def _bottom(digits: str, *, is_one: bool) -> str:
    match digits:
        case "2":
            return "half" if is_one else "halves"
        case "4":
            return "quarter" if is_one else "quarters"
        case _:
            return _ordinal(digits) + ("" if is_one else "s")


def _amount(amount: Token) -> str:
    match amount:
        case Number():
            return _number(amount)
        case Fraction():
            return _fraction(amount)
        case Span():
            return f"{_amount(amount.first)} to {_amount(amount.last)}"
        case _:
            raise TypeError(type(amount).__name__)


def _hundreds(digits: str) -> str:
    """Say three or four digits as people say years and sizes: "nineteen twenty", "seven twenty"."""
    first, last = digits[:-2], digits[-2:]
    if int(first) % 10 == 0 and last == "00":
        return _cardinal(digits)
    if last == "00":
        return f"{_cardinal(first)} hundred"
    if last[0] == "0":
        return f"{_cardinal(first)} oh {_cardinal(last[1])}"
    return f"{_cardinal(first)} {_cardinal(last)}"


def _year_digits(digits: str) -> str:
    number = int(digits)
    if len(digits) == 2:
        return f"oh {_cardinal(digits[1])}" if digits[0] == "0" else _cardinal(digits)
    if len(digits) < 4 or 2000 <= number < 2010 or number < 1010:
        return _cardinal(digits)
    return _hundreds(digits)


def _year(year: Year) -> str:
    if year.is_decade:
        words = _year_digits(year.digits)
        return f"{words[:-1]}ies" if words.endswith("y") else f"{words}s"
    era = year.era.replace(".", "")
    return f"{_year_digits(year.digits)} {era}".rstrip()


# What is counted.


def _is_one(amount: Token) -> bool:
    return isinstance(amount, Number) and amount.whole == "1" and not amount.fraction and not amount.scale


def _counted(amount: Token, noun: Noun) -> str:
    if isinstance(amount, Fraction) and not amount.whole:
        if amount.top == "1" and amount.bottom != "2" and noun.one in _KITCHEN:
            return f"{_fraction(amount)} {noun.one}"
        if (amount.top, amount.bottom) == ("1", "2"):
            return f"{_signed(amount.sign, 'half')} {_article(noun.one)} {noun.one}"
        return f"{_fraction(amount)} of {_article(noun.one)} {noun.one}"
    return f"{_amount(amount)} {noun.one if _is_one(amount) else noun.many}"


_KITCHEN: Final = frozenset(("cup", "teaspoon", "tablespoon"))  # "one quarter cup", as recipes say


def _article(noun: str) -> str:
    return "an" if (noun[0] in "aeio" and not noun.startswith("eu")) or noun == "hour" else "a"


def _is_attribute(around: Around) -> bool:
    """Whether a noun follows that is told apart by the amount: "a six foot fence", "a $75 fee"."""
    if around.after.startswith("-") and around.after[1:2].isalpha():
        return True
    before = _ARTICLE.search(around.before)
    if before is not None and re.match(r",\s[0-9][0-9.,]*[\s-]?[A-Za-z]", around.after):
        return True  # "a 12V, 7Ah battery"
    after = re.match(r"\s([a-z]+|[A-Z]{2,})", around.after)
    return before is not None and after is not None and after[1] not in _NO_NOUN


_ARTICLE: Final = re.compile(
    r"\b(?:a|an|the|this|that|each|one|another|my|your|his|her|its|our|their|(?!(?:it|that|there|here|he|she|what|"
    r"let|who|where|"
    r"how)[’'])\w+[’']s)\s(?:(?:new|whopping|massive|huge|single|separate|additional|"
    r"one-time|recent|similar|typical|standard|full|small|large|big|proposed|planned|annual|monthly|extra|flat|nice|"
    r"good|"
    r"[\w]+-(?:year|month|day|week|hour),?)\s)?\Z",
    re.IGNORECASE,
)
_NO_NOUN: Final = frozenset(
    "a an and or to in on at of for from by with was is are were has had per each if as but than that which who will "
    "can "
    "could would should may into over under after before until since while when between among during through "
    "around about above below across along near past towards without because so then unless max maximum total ago "
    "later earlier away apart plus minus now today tonight outside inside here there tomorrow yesterday right only "
    "even not "
    "yet still already again too also overnight everywhere "
    "each apiece one round extra more less".split()
)


# "12 fl oz cans", "two 6 ft poles"
_PACKED: Final = re.compile(
    r"\s(?:cans?|bottles|jars|packages|packets|packs|bags|boxes|cartons|containers|tubs|tins|bars|steaks|fillets|"
    r"portions|"
    r"servings|slices|cubes|rounds|pans|poles|boards|beams|planks|tiles|ladders?|batter(?:y|ies)|chargers?|drives?|"
    r"cables?|"
    r"screens?|monitors?|displays?|intervals|tanks?|pots?|breaks?|sets|walks?|runs?|drives|limit|plates|dumbbells?|"
    r"cups|"
    r"mugs|bulbs?|tablets|capsules|pills|doses?|lens(?:es)?|screws?|bolts?|pipes?|hoses?|cords?|ropes?|races?|"
    r"hikes?|dash|freestyle|backstroke|butterfly|relay|hurdles|sprint|final|record|time|sockets?|wrench(?:es)?|"
    r"circuits?|logic|capacitors?|supply|outlets?|adapters?|fuses?|motors?|LEDs?)\b"
)


def _measure(measure: Measure, around: Around) -> str:
    noun = _unit(measure.unit)
    is_adverbial = measure.unit in ("celsius", "fahrenheit") and _ADVERBIAL.search(around.before) is not None
    if (
        isinstance(measure.amount, Number | Span)
        and not is_adverbial
        and (_is_attribute(around) or _PACKED.match(around.after))
    ):
        return f"{_amount(measure.amount)} {noun.one}"
    return _counted(measure.amount, noun)


_ADVERBIAL: Final = re.compile(r"\b(?:above|below|over|under|to|than|about|around|exceeds?|reach(?:es)?)\s\Z")


@lru_cache(_REMEMBERED)
def _unit(unit: str) -> Noun:
    """Names of a unit: "square-meter" is a square meter, "gigabit-per-second" a gigabit per second."""
    if unit in _UNITS:
        return _UNITS[unit]
    first, per, last = unit.partition("-per-")
    if per:
        one, many = _unit(first)
        below = _unit(last).one
        return Noun(f"{one} per {below}", f"{many} per {below}")
    return _plural(unit.replace("-", " "))


def _is_scaled_by(low: Money, high: Money) -> bool:
    """Whether the scale of the last amount is that of the first as well."""
    if low.currency != high.currency or not isinstance(low.amount, Number) or not isinstance(high.amount, Number):
        return False
    return bool(high.amount.scale) and not low.amount.scale and len(low.amount.whole) <= 3


def _coin(money: Money) -> Coin:
    if money.written in ("US$", "USD"):
        return _US
    return _COINS.get(money.currency) or _foreign(money.currency)


@lru_cache
def _foreign(currency: str) -> Coin:
    one, many = (get_currency_name(currency, count, locale="en") for count in (1, 2))
    return Coin(Noun(one, many))


_PAID: Final = re.compile(
    r"\s(?:bills|notes|coins|tickets|coupons|vouchers|gift|payments|installments|instalments|"
    r"chips|bets|donations)\b"
)


def _money(money: Money, around: Around) -> str:
    words = _money_amount(
        money, _coin(money), is_attribute=_is_attribute(around) or _PAID.match(around.after) is not None
    )
    return f"{words} per {_PER.get(money.per, money.per)}" if money.per else words


def _money_amount(money: Money, coin: Coin, *, is_attribute: bool) -> str:
    amount = money.amount
    if isinstance(amount, Number) and len(amount.fraction) == 1 and not amount.scale and money.per:
        amount = replace(amount, fraction=f"{amount.fraction}0")  # "$0.5/hr"
    if isinstance(amount, Number) and len(amount.fraction) == 2 and not amount.scale and coin.cent is not None:
        whole, cents = amount.whole.lstrip("0"), amount.fraction.lstrip("0")
        if not whole and cents and " " in coin.unit.one:
            return _counted(amount, coin.unit)  # "0.65 USD" are no cents of another country
        parts = []
        if whole or not cents:
            parts.append(_counted(Number(whole or "0"), coin.unit))
        if cents:
            parts.append(_counted(Number(cents), coin.cent))
        if is_attribute:  # "a $7.50 fee"
            parts = [
                f"{_cardinal(digits)} {noun.one}" for digits, noun in ((whole, coin.unit), (cents, coin.cent)) if digits
            ]
        return _signed(amount.sign, " and ".join(parts))
    if isinstance(amount, Number) and is_attribute:
        return f"{_amount(amount)} {coin.unit.one}"
    return _counted(amount, coin.unit)


# Times.


def _clock(clock: Clock) -> str:
    half = f" {clock.half_written.replace('.', '').upper()}" if clock.half else ""
    hour = _cardinal(str(clock.hour))
    if clock.second:
        minute = _minute(clock.minute or 0)
        return f"{hour} {minute} and {_counted(Number(str(clock.second)), _plural('second'))}{half}"
    if not clock.minute:
        if half:
            return f"{hour}{half}"
        return f"{hour} o'clock" if 0 < clock.hour <= 12 else f"{hour} hundred"
    return f"{hour} {_minute(clock.minute)}{half}"


def _minute(minute: int) -> str:
    if minute == 0:
        return "o'clock"
    return _cardinal(str(minute)) if minute > 9 else f"oh {_ONES[minute]}"


def _duration(duration: Duration) -> str:
    parts = [
        _counted(Number(str(value)), _plural(name))
        for value, name in ((duration.hours, "hour"), (duration.minutes, "minute"), (duration.seconds, "second"))
        if value is not None
    ]
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def _full_year(digits: str) -> str:
    """The year of "11/05/24": one of this century until its middle."""
    return f"{'20' if digits < '50' else '19'}{digits}" if len(digits) == 2 else digits


def _date(date: Date, around: Around) -> str:
    month = _MONTHS[date.month - 1]
    year = f", {_year_digits(_full_year(date.year))}" if date.year else ""
    if date.day is None:
        return f"{month} {year.lstrip(', ')}"
    day = _ordinal(str(date.day))
    if date.order.startswith("d"):
        article = "" if re.search(r"\bthe\s\Z", around.before, re.IGNORECASE) else "the "
        return f"{article}{day} of {month}{year}"
    return f"{month} {day}{year}"


# Ratios, sizes, codes.


def _ratio(ratio: Ratio) -> str:
    if ratio.unit:
        return f"{_ratio(replace(ratio, unit=''))} {_unit(ratio.unit).many}"
    parts = [_number(part) for part in ratio.parts]
    if ratio.mark == "or":
        return " or ".join(parts)
    if ratio.mark == ":" and len(parts) == 2 and _is_stopped(*ratio.parts):
        return f"{parts[0]} {_minute(int(ratio.parts[1].whole)) if int(ratio.parts[1].whole) else 'zero zero'}"
    if ratio.mark != "/":
        return " to ".join(parts)
    written = tuple(part.whole for part in ratio.parts)
    if is_season(*written[:2]) and len(written) == 2:
        return " ".join(map(_year_digits, written))
    if written[-1] in ("5", "10") and len(written) == 2 and int(written[0]) <= int(written[-1]):
        return " out of ".join(parts)
    if len(written) == 2 and sum(map(int, written)) == 100 and all(map(int, written)):
        return " ".join(parts)  # the rule of 80/20
    if written in (("24", "7"), ("9", "11"), ("24", "7", "365")) or len(set(written)) == 1:
        return " ".join(parts)
    if written[-1] in ("20", "50", "100") and int(written[0]) < int(written[-1]):
        return " out of ".join(parts)
    return " over ".join(parts)


def _is_stopped(minutes: Number, seconds: Number) -> bool:
    """Whether "45:30" is rather a time that was stopped than a ratio."""
    is_plain = not (minutes.fraction or seconds.fraction) and len(seconds.whole) == 2
    return is_plain and int(minutes.whole) > 24 and int(seconds.whole) < 60


def _size(size: Size) -> str:
    if size.unit:
        *first, last = size.sides
        return " by ".join([*map(_number, first), _counted(last, _unit(size.unit))])
    if all(len(side.whole) in (3, 4) and not side.fraction and side.whole[0] != "0" for side in size.sides):
        return " by ".join(_hundreds(side.whole) for side in size.sides)
    return " by ".join(map(_number, size.sides))


def _code(code: Code) -> str:
    said = []
    for part in code.parts:
        if part.isdecimal():
            said.append(_digits(part) if code.is_secret else _short(part))
        elif part.isalpha():
            said.append(part)
        elif part not in "- ":
            said.append({".": "point", "#": "hash" if code.is_secret else "number"}.get(part) or _MARKS.get(part, part))
    return " ".join(said)


def _roman(roman: Roman, around: Around) -> str:
    words = str(roman.value)
    name = re.search(r"(\w+)\s\Z", around.before)
    is_ruler = len(roman.written) == 1 or (name is not None and name[1].lower() in _REGNAL)
    if roman.is_ordinal and is_ruler:
        return f"the {_ordinal(words)}"
    return _cardinal(words)


def _version(version: Version) -> str:
    if version.is_address:
        return " dot ".join(map(_digits, version.parts))
    prefix = "version " if version.prefix else ""
    return prefix + " point ".join(map(_short, version.parts))


def _address(address: Address) -> str:
    text = re.sub(r"^(?:https?|ftp)://|/$", "", address.text)
    if address.kind == "tag":
        parts = re.findall(r"[0-9]+|[^0-9\s]+", words_of_tag(text.removeprefix("#")))
        said = [
            (_year_digits(part) if len(part) == 4 else _short(part)) if part.isdecimal() else part for part in parts
        ]
        return f"hashtag {' '.join(said)}"
    words = []
    for part in re.findall(r"[0-9]+|[^\W\d_]+|.", text):
        if part.isdecimal():
            words.append(_short(part))
        elif not part.isspace():
            words.append(_MARKS.get(part, part))
    return " ".join(words)


def _sign(sign: Sign, around: Around) -> str:
    if sign.text == "/":
        return _slash(around)
    if sign.text in _SILENT:
        return ""
    if sign.text == "√" and around.before[-1:].isalnum():
        return "root"  # "5√3"
    if sign.text == "×" and around.before.rstrip()[-1:] in tuple("\"″′'"):
        return "by"
    if sign.text == ">" and is_path(around):
        return ","
    if sign.text in ("~", "≈") and re.search(
        r"\b(?:about|around|roughly|approximately)\s\Z", around.before, re.IGNORECASE
    ):
        return ""
    if sign.place == "before" and sign.text in _BEFORE:
        return _BEFORE[sign.text]
    words = _SIGNS.get(sign.text, sign.text)
    if sign.text == "∑" and re.match(r"\s(?:from|of|over)\b", around.after):
        return "the sum"
    if words == "is approximately" and re.search(r"=[^,;:!?]*\Z", around.before[-_NEAR:]):
        return "approximately"
    if words.startswith("is ") and re.search(
        r"(?:\b(?:is|are|was|were|be|if not|stays?|remains?)|[’'](?:s|re))\s\Z", around.before, re.IGNORECASE
    ):
        return words.removeprefix("is ")
    if words.startswith("is ") and sign.place == "between" and _is_inside_phrase(around):
        return words.removeprefix("is ")
    if words.startswith("is ") and sign.place == "between" and _SEVERAL.search(around.before):
        is_clause = _SUPPOSED.search(_CLAUSE_ENDS.split(around.before)[-1]) is not None
        return words.replace("is ", "are ", 1) if is_clause else words.removeprefix("is ")
    return words


def _is_inside_phrase(around: Around) -> bool:
    """Whether what is compared is no sentence of its own: "a GPA ≥ 3.5", "a BMI ≥ 30 is obese", not "if pH > 7"."""
    clause = _CLAUSE_ENDS.split(around.before)[-1]
    if _SUPPOSED.search(clause) or not _NOUN_IN_FRONT.search(clause):
        return False
    return _PHRASE.search(clause) is not None or _SENTENCE_BEHIND.match(around.after) is not None


# Several that are compared: "children ≥ 12", "orders > $50".
_SEVERAL: Final = re.compile(r"(?:\b(?i:children|people|men|women)|[a-z]{2}[^sui\W\d]s)\s?\Z")
_CLAUSE_ENDS: Final = re.compile(r"[.,;:!?]\s")
_SUPPOSED: Final = re.compile(
    r"\b(?:if|when|whenever|where|while|since|because|unless|until|so|then|that|thus|hence|means?|assum\w+|suppose|let|"
    r"given|once)\b",
    re.IGNORECASE,
)
_NOUN_IN_FRONT: Final = re.compile(r"[A-Za-z]{2,}\s?\Z")
_PHRASE: Final = re.compile(
    r"\b(?:an?|any|each|every|all|no|only|with|for|of|needs?|requires?|required|have|has|had|shows?|showing|find|choose|"
    r"pick|select|filter|keep|use|want)\s(?:[\w-]+\s){0,3}\Z",
    re.IGNORECASE,
)
_SENTENCE_BEHIND: Final = re.compile(
    r"\s?[-−]?[0-9][0-9.,]*\s?(?:%|°\s?[CF]?|[A-Za-z]{1,4})?\s(?:is|are|was|were|will|can|may|must|should|fail|means?|counts?)\b"
)


def _slash(around: Around) -> str:
    """Say a slash: "per" between units, "or" between words, nothing between names ("TCP/IP")."""
    before = re.search(r"([\w²³]+)\s?\Z", around.before)
    after = re.match(r"\s?(\w+)", around.after)
    first, last = before[1] if before is not None else "", after[1] if after is not None else ""
    if around.before.rstrip()[-1:] in (")", "]"):
        return ", all over" if "+" in around.before or "-" in around.before or "±" in around.before else "over"
    if around.after.lstrip()[:1] in ("(", "√") or set(first) & set("²³"):
        return "over"
    if re.search(r"°\s?[CF]\s?\Z", around.before):
        return "or"  # "12 °C/54 °F"
    if _RATE.search(around.before) and last.islower() and (last[-1:] != "s" or last in UNITS):
        return "per"  # "20 reps/set"
    if last.isdecimal() and (_RATE_OF_RATE.search(around.before) or _SPAN_BEHIND.match(around.after)):
        return "per"  # "60 mL/min/1.73 m²", "3 g/24 h"
    if first.isupper() and re.match(r"[0-9]{1,2}(?::[0-9]{2})?\s?[ap]\.?m", around.after, re.IGNORECASE):
        return ", "  # "6 p.m. EST/3 p.m. PST"
    if first == "f" and last.isdecimal():
        return ""  # "f/2.8"
    if last[:1].isdecimal() and re.search(r"[$€£¥][0-9][0-9.,]*\s?\Z", around.before):
        return "per"  # "$0.002/1K tokens"
    if len(first) == 1 and first.islower() and last.isdecimal():
        return "over"  # "x/2"
    is_sum = (_SUM_BEFORE.search(around.before) and _FACTOR_BEHIND.match(around.after)) or _SUM_BEHIND.match(
        around.after
    )
    if is_sum and not (first.isupper() and last.isupper()):
        return "over"
    if around.before.rstrip()[-1:] in ("°", "%"):
        return ", "
    if first[-1:] in _GREEK and last.isdecimal():
        return "over"  # "3π/4"
    if around.after[:1] in tuple("$€£"):
        return ", "
    if first in UNITS and last[:1].isdecimal():
        return ", "  # "230 V/50 Hz"
    if last in _TIMED or (first.isdecimal() and last in _PER):
        return "per"
    if around.before.endswith(" ") and around.after.startswith(" ") and last.isdecimal() and not first.isdecimal():
        return ","  # "10am PT / 1pm ET"
    if first.isdecimal() and last in CURRENCIES:
        return "per"  # "152/USD"
    if (
        first.islower()
        and len(first) > 1
        and around.before[-1:] != " "
        and re.match(r"[0-9][0-9.,]*\s[A-Za-z]", around.after)
    ):
        return ", "  # "32 mpg city/41 mpg highway"
    if first.isdecimal() and last in _DENOMINATORS:
        return "over"  # "1/n"
    if first.isdecimal() or last.isdecimal():
        return "over" if first.isdecimal() and last.isdecimal() else "slash"
    if len(first) == 1 and len(last) == 1:
        return "over" if first.islower() and last.islower() else ""
    if first.islower() and last.islower() and "and" not in (first, last) and len(first) > 1 and len(last) > 1:
        return "or"
    return ""


_DENOMINATORS: Final = frozenset("knpqrtxyz")  # and no units
# "speed = distance/time", and no path as in "type='text/html'".
_SUM_BEFORE: Final = re.compile(r"=\s?[\w\s.²³×*+-]*\Z")
_FACTOR_BEHIND: Final = re.compile(r"\s?\w+(?![\w\"'/.<>-])|\s?\w+\.(?:\s|\Z)")
_SUM_BEHIND: Final = re.compile(r"\s?\w+\s?=\s")
_NAMES_OF_UNITS: Final = "|".join(sorted(filter(str.isalpha, UNITS), key=len, reverse=True))
_RATE: Final = re.compile(rf"[0-9⁰¹²³⁴-⁹]\s?(?:[a-z]+s|{_NAMES_OF_UNITS})\.?\Z")
_RATE_OF_RATE: Final = re.compile(r"[0-9]\s?\w+(?:/|\sper\s)\w+\Z")
_SPAN_BEHIND: Final = re.compile(r"[0-9]{1,2}\s?(?:h|hrs?|hours|min|days?)(?!\w)")
_TIMED: Final = frozenset("second minute hour day week month year night person".split())


def _power(exponent: Number) -> str:
    if not exponent.sign and exponent.whole in ("2", "3"):
        return "squared" if exponent.whole == "2" else "cubed"
    return f"to the power of {_number(exponent)}"


_PARTS_OF_A_BOOK: Final = frozenset(
    "chapter volume figure section page number equation table paragraph article".split()
)
_SEVERAL_FOLLOW: Final = re.compile(
    r"\s?[0-9]{1,4}\s?(?:[-–—]|(?:,\s[0-9]{1,4})*,?\s(?:and|&|"
    r"to)\s)\s?[0-9]{1,4}(?![\w-]|[.,:/][0-9])"
)
_THE_APP: Final = re.compile(r"\b(?:the|an|this|that|your|our|my|their|mobile|free|new)\s\Z", re.IGNORECASE)
_FOUNDED: Final = re.compile(r"\s(?:in\s|c\.\s|ca\.\s)?[0-9]{4}(?![0-9])")


def _abbreviation(token: Abbreviation, around: Around) -> str:
    written = token.written
    words = token.words
    follows_number = bool(_NUMBER_FOLLOWS.match(around.after))
    if written in ("est.", "Est.") and not _FOUNDED.match(around.after):
        words = "estimated" if written[0] == "e" else "Estimated"  # "$1.95 est."; "est. 1985" is established
    if words in _PARTS_OF_A_BOOK and _SEVERAL_FOLLOW.match(around.after):
        return f"{words}s"
    if written in ("no.", "No.") and re.match(r"\s(?:of|is)\s|:", around.after):
        return words
    if written in _COUNTING and not follows_number:
        return written
    if written == "app." and _THE_APP.search(around.before):
        return written
    if written == "min." and not _BEHIND_NUMBER.search(around.before):
        return "minute" if _ONE_OF.search(around.before) else "minimum"
    if written in _COUNTED and not _BEHIND_NUMBER.search(around.before):
        return written
    is_behind_name = re.search(r"\b(?!(?:Lake|Port|Fort|Cape|Mount|Church)\s)[A-Z]\w+\s\Z", around.before)
    if written == "St." and re.match(r"\s[A-Z]", around.after) and not is_behind_name:
        return "Saint"
    if written in ("v.", "aka", "vs") and not re.match(r"\s\w", around.after):
        return written
    if written in ("Ave", "Rd") and not _STREET.search(around.before + written + around.after[:2]):
        return written
    if written == "Dr." and not re.match(r"\s[A-Z]", around.after):
        return "Drive"
    return words + ("." if token.ends else "")
