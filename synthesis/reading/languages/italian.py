"""Italian: "un gatto", "un'ora", "uno zaino", "le quattordici e trenta", "il ventesimo secolo"."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from ..notation.cues import (
    abbreviation_rule,
    compass_rule,
    day_rule,
    first_rule,
    flight_rule,
    hectare_rule,
    per_rule,
    phone_rule,
    read_european,
    size_rule,
    weekday_rule,
)
from ..notation.customs import Customs
from ..notation.everyday import (
    at_digits,
    bare_unit_rule,
    code_rule,
    dotted_clock_rule,
    greek_letters,
    last_day_rule,
    law_rule,
    measure_rule,
    minutes_rule,
    month_rule,
    quarter_rule,
    read_degrees,
    roman_rule,
    roman_span_rule,
    score_rule,
    sets_rule,
    short_number_rule,
    side_rule,
)
from ..notation.romance import (
    Idiom,
    at_heads,
    bare_price_rule,
    bare_quarter_rule,
    compass,
    duration_rule,
    frost_rule,
    number_rules,
    per_unit_rule,
    read_invoice,
    roman_number_rule,
    saint_rule,
    shortened_ordinal_rule,
    sign_code_rule,
    small_roman_rule,
    street_day_rule,
    told_rule,
    unit_in_brackets_rule,
    week_rule,
    wind_rule,
)
from ..notation.tokens import NOWHERE, Clock, Code, Fraction, Number, Phone, Roman, Said, Span
from .european import (
    ALONE,
    VERSIONED,
    Agreement,
    Coin,
    European,
    Noun,
    is_ordinal,
    last_word,
    named,
    next_word,
    roman,
    with_capitals,
)

if TYPE_CHECKING:
    from ..notation.tokens import Amount, Around, Date, Ordinal, Token
    from .european import Case, Gender

_MONTHS: Final = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
    "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "gen": 1, "genn": 1, "feb": 2, "febbr": 2, "mar": 3, "apr": 4, "mag": 5, "giu": 6, "lug": 7, "ago": 8, "set": 9,
    "sett": 9,
    "ott": 10, "nov": 11, "dic": 12,
}  # fmt: skip
_CHAPTERS: Final = frozenset(
    "capitoli tomi volumi libri titoli fasi allegati articoli episodio rocky rambo fantasy capitolo tomo volume "
    "atto scena parte libro articolo allegato sezione fase "
    "livello tipo cap vol art "
    "fig sez tav sec".split()
)
# Behind these, "9.30" is a time of the day.
_TIME_CUES: Final = frozenset("alle ore dalle all dall delle le entro".split())
_CENTURIES: Final = re.compile(r"\s(?:secol[oi]\b|sec\.)")

_DOTTED_CLOCK: Final = re.compile(r"(?P<hour>[01]?\d|2[0-4])\.(?P<minute>[0-5]\d)(?![\w.,]?\d)")
# "nel XVI secolo e Luigi XIV nel XVII"
_CENTURY_BEFORE: Final = re.compile(r"[IVXL]\s(?:secolo|sec\.)[^.!?]{1,50}\b(?:il|del|al|nel|dal|e) \Z")
_OTHER_CENTURY: Final = re.compile(
    r"\s(?:e|al?|-)\s(?:il\s)?[IVXL]{1,5}\s(?:secol[oi]\b|sec\.)"
)  # "dal V al XV secolo"
_OF_CENTURIES: Final = re.compile(r"\b[Ss]ecol[oi]\s(?:[IVXL]{1,5}(?:,| e| al?)\s)*\Z")  # "i secoli XVIII e XIX"
_ROMAN: Final = re.compile(r"[IVXL]{1,7}\b(?![.°º'’]\w)")


def _span_of_time(text: str, at: int) -> tuple[int, Token] | None:
    """Read how long something lasts, "per 8-10 minuti", where no "a" can stand between the two."""
    found = _LONG.match(text, at)
    if found is None or _LASTS.search(text, max(0, at - len(" entro ")), at) is None:
        return None
    return found.end(), Said(f"{named(found[1], 'it')}-{named(found[2], 'it')}")


_LONG: Final = re.compile(
    r"([2-9]|[1-9][0-9]{1,2})\s?[-–]\s?([2-9]|[1-9][0-9]{1,2})"
    r"(?=\s(?:second|minut|or[ae](?!\w)|giorn|settiman|mes[ei](?!\w)|ann[io](?!\w)|volt))"
)
_LASTS: Final = re.compile(r"(?<!\w)(?:per|in|ogni|circa|entro|altri)\s\Z", re.IGNORECASE)


def _clock_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "alle 9.30" for a time."""
    found = _DOTTED_CLOCK.match(text, at)
    if found is None or last_word(text[max(0, at - 40) : at]) not in _TIME_CUES:
        return None
    return found.end(), Clock(int(found["hour"]), int(found["minute"]))


def _example_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "p.es.", which looks like a host in Spain."""
    is_whole = text.startswith("p.es.", at) and not text[at - 1 : at].isalnum()
    return (at + len("p.es."), Said("per esempio")) if is_whole else None


def _see_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read ", v. piantina": "vedi"; elsewhere it is somebody's name."""
    is_told = (
        text[at : at + 3] == "v. "
        and text[max(0, at - 2) : at] in (", ", "; ", " (")
        and text[at + 3 : at + 4].islower()
    )
    return (at + 2, Said("vedi")) if is_told else None


def _floor_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "2° p.": "secondo piano"."""
    if text[at : at + 2] != "p." or not _FLOOR_BEFORE.search(text, max(0, at - 5), at):
        return None
    return at + 2, Said("piano")


_FLOOR_BEFORE: Final = re.compile(r"[0-9][º°]\s\Z")


def _century_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "XX secolo" for an ordinal."""
    found = _ROMAN.match(text, at)
    value = roman(found[0]) if found else 0
    if not found or not value or (found[0] == "I" and text.startswith(" secoli", found.end())):
        return None
    is_next = (len(found[0]) > 1 and _CENTURY_BEFORE.search(text, max(0, at - 60), at)) or _OF_CENTURIES.search(
        text, max(0, at - 40), at
    )
    if not is_next and not _CENTURIES.match(text, found.end()) and not _OTHER_CENTURY.match(text, found.end()):
        return None
    return found.end(), Roman(value, found[0], is_ordinal=True)


_RANKS: Final = ("primo", "secondo", "terzo", "quarto")
_WEEKDAYS: Final = {
    "lun": "lunedì", "mar": "martedì", "mer": "mercoledì", "gio": "giovedì", "ven": "venerdì", "sab": "sabato",
    "dom": "domenica",
}  # fmt: skip


def _open_days_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "lun-ven" outside of an article or preposition: "dal lunedì al venerdì"; within them one rule will do."""
    found = _DAYS.match(text, at) if not text[at - 1 : at].isalnum() else None
    if found is None or last_word(text[max(0, at - 12) : at]) in _IN_FRONT_OF_DAYS:
        return None
    first, last = (_WEEKDAYS.get(day.lower(), day.lower()) for day in found.groups())
    if (first, last) == ("sabato", "domenica"):
        return found.end(), Said("sabato e domenica")
    since, until = ("dalla" if first == "domenica" else "dal"), ("alla" if last == "domenica" else "al")
    return found.end(), Said(f"{since.capitalize() if text[at].isupper() else since} {first} {until} {last}")


_ANY_DAY: Final = "|".join((*_WEEKDAYS.values(), *_WEEKDAYS))
_DAYS: Final = re.compile(rf"((?i:{_ANY_DAY}))\.?\s?[-–—]\s?((?i:{_ANY_DAY}))(?!\w)(?:\.(?!\s[A-Z]|\s*\Z))?(?!-)")
_IN_FRONT_OF_DAYS: Final = frozenset("da dal dalla il i la nel nei del dei ogni di tra fra".split())


def _war_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "la guerra del '15-'18": "quindici-diciotto", the war's name and no range."""
    found = _WAR.match(text, at) if _WAR_BEFORE.search(text, max(0, at - 24), at) is not None else None
    return None if found is None else (found.end(), Said(f"{named(found[1], 'it')}-{named(found[2], 'it')}"))


_WAR: Final = re.compile(r"['’]?(15|14|40)\s?[-–]\s?['’]?(18|45)(?![\w%-]|[.,][0-9])")
_WAR_BEFORE: Final = re.compile(r"(?<!\w)[Gg]uerra(?: mondiale)? (?:del )?\Z")


def _matches(value: int, word: str) -> str:
    """Say so many matches won, drawn or lost."""
    many = {"vittoria": "vittorie", "pareggio": "pareggi", "sconfitta": "sconfitte"}[word]
    return Italian().count(Number(str(value)), Noun(word, many, "f" if word[-1] == "a" else "m"))


def _counted(value: int, unit: str) -> str:
    """Say so many hours, minutes or seconds."""
    italian = Italian()
    return (
        italian.count(Number(str(value)), italian.unit(unit, unit)) if unit != "hundredth" else named(str(value), "it")
    )


def _plural(day: str) -> str:
    """Say "sabati", "domeniche"; other days are the same."""
    return {"sabato": "sabati", "domenica": "domeniche"}.get(day, day)


def _sets_won_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "in 3 set" and "3 set a 1", which are no days of September."""
    found = _SETS_WON.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None or _DAY_BEFORE.search(text, max(0, at - 12), at) else (found.end(), Number(found[0]))


_SETS_WON: Final = re.compile(r"[2-5](?=\sset(?:\s(?:a|su|consecutivi|vinti|giocati)\b|[.,;)]|\s*\Z))")
_DAY_BEFORE: Final = re.compile(r"\b(?:il|dal|al|del|entro il|dì|sabato|domenica)\s\Z")


def _phone_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "06 3570", whose zero tells that it is called."""
    found = _PHONE.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None or text[at - 1 : at] in tuple(".,/-") else (found.end(), Phone(found.groups()))


_PHONE: Final = re.compile(r"(0[0-9]{1,3})[ /-]([0-9]{4,8})(?![\w]|[ .,:/-][0-9])")


def _town_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the digits of a town's number behind a street: "80121 Napoli"."""
    found = _TOWN.match(text, at) if text[at - 1 : at].isspace() else None
    is_round = found is not None and found[0].endswith("000")
    is_apart = text[max(0, at - 2) : at] in (", ", "- ") and not is_round
    if found is None or not (is_apart or _STREET_BEFORE.search(text, max(0, at - 80), at)):
        return None
    return found.end(), Code((found[0],), is_secret=True)


_TOWN: Final = re.compile(r"[0-9]{5}(?=\s[A-Z][a-zà-ù]+)")
_STREET_BEFORE: Final = re.compile(
    r"(?i:\b(?:via|viale|piazza|piazzale|corso|largo|vicolo|strada|lungomare|v\.le|p\.zza|p\.za|c\.so|l\.go))"
    r"\s[^!?]{0,70}[,–-]\s\Z"
)


def _tax_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the sixteen letters and digits by which Italy knows a person one by one."""
    found = _TAX.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Code(tuple(found[0]), is_secret=True))


_TAX: Final = re.compile(r"[A-Z]{6}[0-9]{2}[A-Z][0-9]{2}[A-Z][0-9]{3}[A-Z](?!\w)")
_WINDS: Final = compass(
    "nord-", "sud-", "est-", "ovest-", {"NE": "nord-est", "NO": "nord-ovest", "SE": "sud-est", "SO": "sud-ovest"}
)
_street_day_rule = street_day_rule(
    r"via|viale|v\.le|piazza|p\.zza|p\.za|corso|c\.so|largo|l\.go|piazzale",
    r"\s",
    _MONTHS,
    lambda day: Italian().say_day(day, NOWHERE),
)
_SAINTS: Final = {
    **dict.fromkeys(
        "Giovanni Marco Pietro Paolo Giuseppe Francesco Martino Lorenzo Michele Nicola Benedetto Carlo Babila Siro "
        "Gennaro "
        "Rocco Vito Giorgio Donato Felice Biagio Sebastiano Bartolomeo Matteo Luca Bernardo Bernardino Vitale Zeno "
        "Remo "
        "Cristoforo Gregorio Leonardo Luigi Filippo Giacomo Giuliano Domenico Daniele Severo Vincenzo "
        "Valentino".split(),
        "San",
    ),
    **dict.fromkeys(
        "Maria Lucia Croce Caterina Chiara Rita Teresa Barbara Monica Marta Margherita Cecilia Giulia Sofia".split(),
        "Santa",
    ),
    **dict.fromkeys("Anna Antonio Agnese Ambrogio Andrea Agostino Elena Eustorgio Ignazio Orsola".split(), "Sant'"),
    "Stefano": "Santo",
}
_BY_HEAD: Final = at_heads(
    {
        "S": (saint_rule(_SAINTS),),
        "#": (told_rule({"#": "cancelletto"}, r"(?:^|\s)", r"\s[a-zà-ÿ]|[.,;)]"),),
        "*": (sign_code_rule("asterisco", "cancelletto", lambda digits: Italian().digits(digits)),),
        "-−": (frost_rule("meno", lambda digits: Italian().count(Number(digits), Italian().unit("degree", "°"))),),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ": (_tax_rule, read_invoice),
        "/": (per_unit_rule(lambda unit: Italian().joined_per(Italian().unit(unit, unit))),),
        "€": (
            told_rule({"€": "euro"}, r"(?:\bdi|\bin|\ba)\s", r"(?![0-9\s]*[0-9])"),
            bare_price_rule("€", lambda unit: f"euro {Italian().joined_per(Italian().unit(unit, unit))}"),
        ),
        "IVX": (_street_day_rule,),
        "x": (told_rule({"x": "per"}, r"(?:h|m|cm|mm|km|°C|horas|ore|mg|d[ií]as|veces|volte|vezes|g)\s", r"\s[0-9]"),),
        "K": (
            told_rule({"K": "kelvin"}, r"°[CF][^.!?]{0,20}[0-9]\s"),
            told_rule({"Km": "Chilometro"}, r"^", r"\s[0-9]"),
        ),
        "+": (duration_rule("(?!)", _counted, "e", "più"),),
        "(": (
            told_rule({"(n.": "(nato"}, "", r"\s[0-9]"),
            unit_in_brackets_rule(lambda unit: Italian().unit(unit, unit).many),
        ),
        "NSEO": (wind_rule(_WINDS, "a|da|di|dai|verso|verso il|direzione|vent[oi]", "di|del|della|con|a|e|in|per"),),
        "NS": (wind_rule({"N": "nord", "S": "sud"}, "a", "di|del|della"),),
        "1234": (
            bare_quarter_rule("il|nel|del|al", {"T": tuple(f"{rank} trimestre" for rank in _RANKS)}, is_leading=False),
        ),
        "lmgvsdLMGVSD": (week_rule(_WEEKDAYS, "a|al|e|o|e il|e la|al la|o il", _plural, "i|tutti i|le"),),
        "c": (
            told_rule({"c.": "circa"}, "", r"\s1[0-9]{3}(?!\w)"),
            told_rule({"cond.": "condominiali"}, r"spese\s"),
            told_rule({"compr.": "compresa"}, r"(?:iva|colazione|spedizione|mancia)\s"),
        ),
        "Ø": (told_rule({"Ø": "di diametro"}, r"m\s"),),
        "d": (told_rule({"dir.": "direzione"}, "", r"\s(?:nord|sud|est|ovest|centro)(?!\w)"),),
        "mM": (
            told_rule({"min.": "minimo", "min": "minimo", "max.": "massimo"}, r"\b(?:un|il|al|del)\s", r"\sdi\b"),
            told_rule(
                {"max.": "massima", "max": "massima", "min.": "minima", "min": "minima"},
                r"(?:\bla|temperatura|temp\.|velocidade?|velocit[aà]|vel\.|potencia|potência|potenza|presi[oó]n|"
                r"pressão|"
                r"pressione|h?umedad|umidade|umidità|altura|altezza|carga|idade|edad|età|nota|cuota|distancia|"
                r"distância)\s",
            ),
        ),
        "m": (
            told_rule({"mi": "miglia"}, r"[0-9],[0-9]+\s"),
            told_rule({"min": "minimo"}, r"[^0-9]\s", r"\s-?[0-9]{1,2}\s?(?:°|gradi)"),
        ),
        "k": (told_rule({"km": "chilometro"}, r"(?:\bal|\bdal|[,(])\s", r"\s[0-9]"),),
        "h": (
            told_rule(
                {"h": "ore", "h.": "ore"},
                r"(?:^|[^0-9\s]\s)",
                r"\s(?:[01]?[0-9]|2[0-4])(?:[.:][0-5][0-9])?(?!\w|[.,][0-9])",
            ),
        ),
        "n": (
            told_rule({"n.": "numero"}, "", r"\s(?:verde|civico|unico|telefonico|identificativo|progressivo)(?!\w)"),
        ),
        "M": (
            told_rule({"Max": "Max"}, r"(?:\bPro|[0-9])\s"),
            told_rule({"Mag.": "Magnitudo"}, "", r"\s[0-9][.,][0-9]"),
        ),
        "eE": (
            told_rule({"Es.": "Esercizi", "es.": "esercizi"}, "", r"\s[0-9]+\s?[-–]\s?[0-9]"),
            told_rule({"es.": "esercizi"}, r"\b(?:gli|negli|degli|agli|dagli)\s", r"\s[0-9]"),
            told_rule({"es.": "esercizio"}, r"(?<!\w)(?:l|nell|dell|all|dall|sull)['’]", r"\s[0-9]"),
            told_rule(
                {"Es.": "Esercizio", "es.": "esercizio"},
                "",
                r"\s[0-9]{1,3}(?![\w]|\s(?!(?:a|di|del|della|dal|in|su|per) (?:pp?\.|pag|[0-9]|libro|quaderno|capitolo|"
                r"cap\.|domani|[a-z]+dì)|pp?\.|pag)[a-zà-ù])",
            ),
        ),
        "a": (told_rule({"all.": "allegato"}, "", r"\s(?:[0-9]|[A-Z](?!\w))"),),
        "v": (told_rule({"v.": "via"}, r"(?<!\w)(?:in|via)\s", r"\s[A-Z][a-zà-ù]"),),
        "DR": (told_rule({"Dir.": "Direttiva", "Reg.": "Regolamento"}, "", r"\s(?:\([A-Z]{2,3}\)\s)?[0-9]"),),
        "C": (told_rule({"Cost.": "Costituzione"}, r"(?:art\.?\s[0-9]{1,3}|della)\s"),),
        "lL": (told_rule({"l": "litro", "L": "litro"}, r"(?:[0-9]/[0-9]|[½¼¾])\sdi\s"),),
        "L": (told_rule({"L.": "legge"}, "", r"\s(?:n\.\s?)?[0-9]{1,4}/"),),
        "l": (told_rule({"loc.": "locali"}, r"(?<!\w)[2-9]\s"), told_rule({"loc.": "locale"}, r"(?<!\w)1\s")),
        "pP": (
            told_rule({"prot.": "proteine"}, r"di\s"),
            told_rule({"prep.": "preparazione", "Prep.": "Preparazione"}),
            told_rule({"prof.": "profondità"}, "", r"\s[0-9]"),
            told_rule({"prob.": "probabilità", "Prob.": "Probabilità"}),
        ),
        "ie": (
            told_rule({"incl.": "incluse", "escl.": "escluse"}, r"(?:spese|tasse|bevande|batterie|mance)\s"),
            told_rule({"incl.": "inclusi", "escl.": "esclusi"}, r"(?:pasti|costi|oneri|festivi|servizi|bambini)\s"),
            told_rule(
                {"incl.": "inclusa", "escl.": "esclusa"},
                r"(?:iva(?:\s(?:al\s)?[0-9]{1,2}\s?%)?|colazione|spedizione|consegna|mancia|tassa|cena|batteria|"
                r"pensione|garanzia)\s",
            ),
        ),
    }
)
_NUMBERS: Final = number_rules(
    Idiom(
        whole=lambda digits: named(digits, "it"),
        count=_counted,
        degrees=lambda digits: Italian().count(Number(digits), Italian().unit("degree", "°")),
        part=lambda bottom: Italian().say_fraction("1", str(bottom)),
        days=_WEEKDAYS,
        months=_SHORT_MONTHS,
        joint="e",
        plus="più",
        over="su",
        of="di",
        pace="al chilometro",
        verses="a",
        several=("persone|porzioni|giorni|volte|commensali", " "),
        times="alle|dalle|le|ore",
        lasting=(
            "scalo di|ritardo di|viaggio di|attesa di|durata:|totale:|durata totale:|in|dura|durano|"
            "durata di|per|dopo|impiega"
        ),
        dates="il|dal|al|prossimo|scorso|giorno|entro il",
        phones=(r"al|telefono|tel\.|cell\.|cellulare|whatsapp|numero", "[03]"),
        scales="scala|proporzione|rapporto|ratio|diluizione|formato|aspetto|miscela",
        pages=r"pag(?:ina|\.)|passo|fase|capitolo|livello|tentativo|episodio|foglio|rata",
        matches=("vittoria", "pareggio", "sconfitta", _matches),
        half=("alle|le|dalle|verso le", "e", "mezza", "mezzo"),
        pressures="pressione|PA",
        above="su",
    ),
    {
        "ao": (
            shortened_ordinal_rule(
                {"a": "ª", "o": "º"},
                "fig|figura|figg|tab|art|punto|via|comma|n|nota|classe|lettera|par",
                r"\s[a-zà-ù]{4}",
            ),
        ),
        "s": (_sets_won_rule,),
        "0123456789/-": (_phone_rule,),
        "": (_street_day_rule, _town_rule),
    },
)
_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".",
    has_blank_groups=True,
    date_order="dmy",
    months={name: number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    day_marks=r"[º°]",
    between_date=r"\s(?:del?\s)?",
    halves={"a.m.": "am", "am": "am", "p.m.": "pm", "pm": "pm"},
    clock_words=r"(?<=[:.]\d\d)\s?h\b",
    clock_marks=":",
    scales={
        "mila": 3, "bn": 9, "k": 3, "K": 3, "M": 6,
        "mln": 6, "Mln": 6, "Mld": 9, "milione": 6, "milioni": 6, "mld": 9, "miliardo": 9, "miliardi": 9,
    },
    ordinal_marks=r"[ºª°](?!\s?[CF]\b)",
    currencies={"usd": "USD", "eur": "EUR", "chf": "CHF", "gbp": "GBP", "us$": "USD",
        "euro": "EUR", "fr.": "CHF"},
    no_units=frozenset({"ha", "mi"}),
    units={
        "p.p.": "percentage-point", "pp": "percentage-point", "p.b.": "basis-point", "pb": "basis-point",
        "mq": "square-meter", "mc": "cubic-meter", "kmq": "square-kilometer", "cmq": "square-centimeter",
        "pagg.": "page", "bott.": "bottle", "fogli": "sheet", "fg.": "sheet",
        "sett.": "week", "ql": "quintal", "q.li": "quintal", "q.le": "quintal", "¢": "cent",
        "pax": "person",
        "min.": "minute", "sec.": "second", "kg.": "kilogram", "km.": "kilometer", "m.": "meter", "cm.": "centimeter",
        "pt.": "point", "pt": "point", "gtt.": "drop", "cc": "cubic-centimeter", "bicch.": "glass",
        "fett.": "slice", "vas.": "jar", "bot.": "bottle", "cp": "tablet",
        "cp.": "tablet", "cpr": "tablet",
        "cpr.": "tablet", "cps.": "capsule", "gtt": "drop", "pti": "point", "pti.": "point",
        "gr.": "gram", "lt": "liter", "lt.": "liter", "mt": "meter",
        "mt.": "meter", "pz.": "piece", "pz": "piece", "conf.": "pack", "pers.": "person",
        "ab.": "inhabitant", "abit.": "inhabitant", "cucch.ni": "teaspoon",
        "ct": "cent", "cts": "cent", "cts.": "cent",
        "min": "minute", "sec": "second", "cucch.": "tablespoon", "hg": "hectogram",
        "trim.": "quarter", "gg": "day", "giri/min": "revolution-per-minute",
        "etto": "hectogram", "etti": "hectogram", "CV": "horsepower"},
    abbreviations=with_capitals({
        "Ctrl": "Control",
        "d.t.s.": "dopo i tempi supplementari", "dts": "dopo i tempi supplementari",
        "d.c.r.": "dopo i calci di rigore", "dcr": "dopo i calci di rigore", "a/a": "anno su anno",
        "m/m": "mese su mese", "t/t": "trimestre su trimestre", "s.d.": "senza data", "c.a.": "corrente anno",
        "p.v.": "prossimo venturo", "n.d.r.": "nota del redattore", "ndr": "nota del redattore",
        "co.": "comma", "lett.": "lettera", "alleg.": "allegato",
        "D.L.": "decreto legge", "D.Lgs.": "decreto legislativo", "c.c.": "codice civile", "c.p.": "codice penale",
        "sem.": "semestre", "trim.": "trimestre", "bim.": "bimestre", "scad.": "scadenza", "staz.": "stazione",
        "fatt.": "fattura",

        "orig.": "originale", "partic.": "particolarmente",
        "compl.": "complemento", "uff.": "ufficio",
        "univ.": "università", "assoc.": "associazione",
        "comm.": "commendatore", "cav.": "cavaliere", "mons.": "monsignor",
        "cap.no": "capitano", "mar.llo": "maresciallo", "p.za": "piazza", "P.za": "Piazza",
        "V.lo": "Vicolo", "v.lo": "vicolo", "str.": "strada", "sc.": "scala",
        "pianot.": "pianoterra", "p.t.": "piano terra", "P.T.": "piano terra", "mitt": "mittente",
        "a/r": "andata e ritorno", "vs": "contro",
        "A/R": "andata e ritorno", "max": "massimo", "tg.": "taglia", "Tg.": "Taglia", "gg": "giorni",
        "iscr.": "iscrizione", "pren.": "prenotazione", "tel": "telefono",
        "Ø": "diametro", "secc.": "secoli", "q.b.": "quanto basta", "incl.": "incluso", "escl.": "escluso",
        "compr.": "compreso",
        "s.l.m.": "sul livello del mare", "s. l. m.": "sul livello del mare", "loc.": "località", "fraz.": "frazione",
        "c.da": "contrada", "rif.": "riferimento", "c/c": "conto corrente",
        "c/o": "presso", "spett.le": "spettabile", "Spett.le": "Spettabile", "P.IVA": "partita IVA",
        "P. IVA": "partita IVA",
        "C.F.": "codice fiscale", "dip.": "dipartimento", "vel.": "velocità", "umid.": "umidità", "rip.": "ripetizioni",
        "sped.": "spedizione", "lat.": "latitudine", "long.": "longitudine", "tot.": "totale", "cod.": "codice",
        "sent.": "sentenza",
        "Cass.": "Cassazione", "gent.mo": "gentilissimo", "gent.ma": "gentilissima",
        "Gent.mo": "Gentilissimo",
        "Gent.ma": "Gentilissima", "sen.": "senatore", "mitt.": "mittente", "dest.": "destinatario", "cad.": "cadauno",
        "ss.": "seguenti", "segg.": "seguenti", "cit.": "citato", "trad.": "traduzione",
        "N.B.": "nota bene", "P.S.": "post scriptum", "c.m.": "corrente mese", "vs.": "contro", "temp.": "temperatura",
        "largh.": "larghezza", "lungh.": "lunghezza", "prof.ri": "professori", "dott.ri": "dottori",
        "dir.": "direttore", "pres.": "presidente", "obbl.": "obbligatorio", "qtà": "quantità",
        "q.tà": "quantità", "ns.": "nostro", "approx.": "circa", "sez.": "sezione",
        "par.": "paragrafo", "resp.": "responsabile", "amm.ne": "amministrazione", "soc.": "società",
        "P.le": "Piazzale", "C.so.": "corso", "B.go": "Borgo", "rag.": "ragionier",
        "sig.": "signor", "Sig.": "Signor", "sig.ra": "signora", "Sig.ra": "Signora", "sig.na": "signorina",
        "sigg.": "signori", "dott.": "dottor", "Dott.": "Dottor", "dott.ssa": "dottoressa", "Dott.ssa": "Dottoressa",
        "Dr.": "Dottor", "dr.": "dottor", "dr.ssa": "dottoressa", "Dr.ssa": "Dottoressa", "prof.": "professor",
        "Prof.": "Professor", "prof.ssa": "professoressa",
        "Prof.ssa": "Professoressa", "avv.": "avvocato", "Avv.": "Avvocato", "ing.": "ingegner", "Ing.": "Ingegner",
        "geom.": "geometra", "arch.": "architetto", "ecc.": "eccetera", "p. es.": "per esempio",
        "p.es.": "per esempio", "cfr.": "confronta", "pag.": "pagina", "pagg.": "pagine", "cap.": "capitolo",
        "vol.": "volume", "fig.": "figura", "nr.": "numero",
        "N°": "Numero", "Nº": "Numero", "n°": "numero", "nº": "numero", "num.": "numero", "tel.": "telefono",
        "Tel.": "Telefono", "cell.": "cellulare",
        "a.C.": "avanti Cristo", "a. C.": "avanti Cristo", "d.C.": "dopo Cristo", "d. C.": "dopo Cristo",
        "sec.": "secolo", "ca.": "circa", "max.": "massimo", "p.zza": "piazza",
        "v.le": "viale", "c.so": "corso", "l.go": "largo", "P.zza": "Piazza", "V.le": "Viale", "C.so": "Corso",
        "p.le": "piazzale", "art.": "articolo", "artt.": "articoli", "abit.": "abitanti", "min.": "minimo",
        "S.p.A.": "Spa", "S.r.l.": "Srl", "spett.": "spettabile", "egr.": "egregio", "On.": "Onorevole",
        "prov.": "provincia", "tav.": "tavola", "ed.": "edizione", "es.": "esempio",
        "gg.": "giorni", "u.s.": "ultimo scorso",
    }),
    eras=r"\s?[ad]\.\s?C\.",
    year_cues=frozenset("anno anni nel dal del al estate inverno primavera autunno".split()) | frozenset(_MONTHS),
    code_cues=frozenset(
        "id ticket cifre puk cvv cvc token codice codici pin password iban bic cap conto riferimento pratica "
        "fiscale prenotazione "
        "matricola otp "
        "boeing".split()
    ),
    cue_links=frozenset(
        "è sono era di numero con e il conferma verifica accesso sicurezza attivazione sblocco".split()
    ),
    version_cues=VERSIONED | frozenset(
        "aula equazione versione capitolo sezione release par paragrafo sez cap art articolo allegato".split()
    ),
    duration_cues=frozenset("in tempo durata record".split()),
    number_cues=_CHAPTERS,
    range_words={"tra": "e", "fra": "e"},
    greek=greek_letters(
        "alfa beta gamma delta epsilon zeta eta theta iota kappa lambda mi ni "
        "xi omicron pi_greco rho sigma tau ipsilon fi chi psi omega"
    ),
    rules=(
        at_digits(
            _span_of_time,
            short_number_rule(r"(?:invi|mand|scriv|sms)[^.!?]{0,40}\sal"),
        code_rule(
            r"(?:n\.|n[°º]|numero) (?:di |d['’])?(?:cliente|ordine|pratica|fattura|contratto|conto|serie|"
            r"spedizione|polizza|tessera|"
            r"prenotazione|protocollo|ticket|pedido|carta|socio)|(?:cliente|ordine|pratica|contratto|polizza|"
            r"ticket|tessera|prenotazione|conto) "
            r"(?:n\.|n[°º]|numero)|(?:codice|pin|otp)(?: [a-z]+){0,3} SMS(?: è)?|rif\.|(?:che )?termina(?:nte)? con|"
            r"(?:tel\. )?int\. tel\."
        ),
        dotted_clock_rule("alle|ore|dalle|all|delle|entro le|verso le", "alle|e le", words="h"),
        measure_rule({"pp.": "page", "p.": "page"}),
        law_rule(
            r"legge|l\.|decreto(?: legislativo| legge)?|d\.\s?lgs\.|d\.\s?l\.|d\.p\.r\.|dpr|d\.m\.|dm|regolamento|"
            r"direttiva|sentenza|sent\.|circolare|delibera", "del", lambda digits: named(digits, "it")
        ),
        sets_rule,
        minutes_rule("per|in|di|da|dopo|circa|ca\\.|altri|ogni"),
        score_rule(
            "vinto|vince|perso|perde|battuto|batte|sconfitto|pareggiato|pareggia|finit[ao]|finisce|chiuso|"
            "punteggio|risultato|superato|sotto|avanti|vantaggio|svantaggio|parziale|sul|rimontato|domina(?:to)?"
        ),
        _NUMBERS,
        read_degrees,
        ),
        _BY_HEAD,
        _example_rule,
        _floor_rule,
        _see_rule,
        bare_unit_rule(
            r"a|al|alla|per|ogni|una?|la|il|[0-9]/[0-9] di|[½¼¾] di",
            {"pers.": "person", "sett.": "week", "mq": "square-meter", "ab.": "inhabitant", "cad.": "piece"},
        ),
        month_rule(_SHORT_MONTHS, _MONTHS, "in|da|ad?|fine|inizio|metà|di|e|entro|"
        "per", "a", lambda year: named(year, "it")),
        quarter_rule(
            {
                "T": tuple(f"{rank} trimestre" for rank in ("primo", "secondo", "terzo", "quarto")),
                "S": ("primo semestre", "secondo semestre"),
            },
            lambda year: named(year, "it"),
        ),
        roman_span_rule(r"secoli|secc\.", "e", lambda value: named(str(value), "it", "ordinal")),
        roman_span_rule(
            r"capitoli|capp\.|volumi|voll\.|libri|canti", "e", lambda value: named(str(value), "it")
        ),
        roman_rule(
            "il|lo|la|del|dello|della|al|alla|nel|nella|dal|dalla|i|le|sul|sulla|questo|questa",
            "[^m]a|zione|sione|tà|tù|udine", r"secol[oi]|sec\."
        ),
        size_rule({"tg.": "taglia", "mis.": "misura"}),
        side_rule(
            "a|alla|sulla|di|porta|lato|mano",
            {"sin.": "sinistra", "sx.": "sinistra", "dx.": "destra", "dest.": "destra"}
            | {"sx": "sinistra", "dx": "destra"},
        ),
        _clock_rule,
        _century_rule,
        first_rule(_CHAPTERS),
        at_heads({"ivxl": (small_roman_rule(r"secol[oi]|sec\.", lambda value: named(str(value), "it")),)}),
        at_heads({"IVX": (roman_number_rule(lambda value: named(str(value), "it")),)}),
        day_rule("/", "il|dal|al|entro|del|e|(?:|al|dal|del)l['’]|[a-z]+dì|sabato", r"\s?de(?:i|gli|l|lla|lle)\b",
            "il|dal|al|entro il|(?:al|dal|del)?l['’]"),
        hectare_rule,
        flight_rule("volo|treno"),
        abbreviation_rule({
            "n.": "numero", "N.": "Numero", "art.": "articolo|articoli", "p.": "pagina|pagine", "pp.": "pagine",
            "capp.": "capitoli",
            "bin.": "binario",
            "par.": "paragrafo", "int.": "interno",
        }),
        at_heads({"lmgvsdLMGVSD": (_open_days_rule,), "'’1234": (_war_rule,)}),
        weekday_rule(_WEEKDAYS, "a"),
        last_day_rule(_WEEKDAYS, "a|al|alla|e|o|tranne|il"),
        per_rule({
            "sett": "a settimana", "gg": "al giorno", "mese": "al mese", "min": "al minuto", "h": "all'ora",
            "giorno": "al giorno", "die": "al giorno", "notte": "a notte", "persona": "a persona",
            "anno": "all'anno", "s": "al secondo",
        }, ""),
        compass_rule({"N": "nord", "S": "sud", "E": "est", "O": "ovest", "W": "ovest"}),
        read_european,
        phone_rule(r"telefono|tel|chiam[aio]\w*|numero|cellulare|cell|whatsapp|fax|telefonare|verde"),
    ),
)  # fmt: skip

_CENT: Final = Noun("centesimo", "centesimi")
_ARTICLES: Final = frozenset("il la lo l i le al alla del della nel nella dal dalla sul un una".split())
_FUNCTION_WORDS: Final = frozenset(
    "di del della dello dei degli delle da dal dalla in nel nella a al alla alle e ed o con su sul per tra fra che si "
    "non "
    "è era sono fa più meno ma se come poi il lo la i gli le un uno una circa anche ancora già quando dove mentre "
    "uguale "
    "volte invece oppure contro vale costa ha hanno esce sale scende significa indica apre chiude viene va parte "
    "arriva "
    "inizia finisce manca mancano resta restano".split()
) - {"volte"}
_FEMININE: Final = re.compile(r"(?:[^m]a|zione|zioni|sione|sioni|gione|gioni|tà|tù|ice|ici|udine)$")
_FEMININE_WORDS: Final = frozenset(
    "mano mani foto moto auto radio notte chiave chiavi parte parti classe voce luce croce rete legge torre fonte "
    "frase base "
    "clip email mail app volte ore persone settimane camere stanze pagine macchine case donne ragazze tazze mele uova "
    "lira "
    "carne neve gente nave estate lingue forma parete mente opinione".split()
)
_MASCULINE_WORDS: Final = frozenset(
    "problema programma sistema tema clima pianeta poema dramma schema diploma poeta pilota giornalista artista "
    "turista "
    "autista collega cinema delta sofà papa duca pollice pollici codice codici indice indici vertice vertici "
    "giudice giudici".split()
)
_VOWELS: Final = ("a", "e", "i", "o", "u", "è")
# "uno zaino", "uno studente".
_UNO: Final = re.compile(r"(?:z|x|y|gn|ps|pn|s[^aeiou]|i[aeou])", re.IGNORECASE)
# Words of hours at which something is open: "aperto 9-13".
_OPEN: Final = re.compile(
    r"\b(?:apert[oaie]|orari[oi]?|chius[oaie]|ricevimento|sportello|lun|mar|mer|gio|ven|sab|dom)\b[^!?]{0,40}\Z",
    re.IGNORECASE,
)
_OTHER_PLURAL: Final = re.compile(r"\s(?:a|o|e)\s[0-9]{1,4}\s[a-z]{3,}e(?!\w)")  # "1 o 2 tazze"
_BEFORE_RANGE: Final = frozenset(
    "da dal dalla dalle dai in per tra fra con di entro ogni pagine pagina pp p pagg capp artt anni capitoli".split()
)


class Italian(European):
    """Says tokens in Italian."""

    formulas: ClassVar = {
        "integral": "integrale da {} a {} di",
        "integral over": "integrale su {} di",
        "sum": "somma per {} da {} a {} di",
        "sum over": "somma su {} di",
        "product": "prodotto per {} da {} a {} di",
        "product over": "prodotto su {} di",
        "limit": "limite per {} che tende a {} di",
        "logarithm": "logaritmo in base {} di",
        "absolute": "valore assoluto di {}",
        "prime": "{} primo",
        "second": "{} secondo",
        "derivative": "d {} su d {}",
        "bar": "{} segnato",
        "hat": "{} cappello",
        "vector": "vettore {}",
        "call": "{} di {}",
        "factor": "{} per",
        "derivation": "d su d {} di",
        "reaction": "produce",
        "angle": "angolo {}",
        "triangle": "triangolo {}",
    }
    of_functions: ClassVar = {"(": "di", "x": "di"}
    functions: ClassVar = {
        "ln": "logaritmo naturale",
        "sen": "seno",
        "sin": "seno",
        "arcsin": "arco seno",
        "sinh": "seno iperbolico",
        "cos": "coseno",
        "arccos": "arco coseno",
        "cosh": "coseno iperbolico",
        "tan": "tangente",
        "arctan": "arco tangente",
        "tanh": "tangente iperbolico",
        "tg": "tangente",
        "arctg": "arco tangente",
        "cot": "cotangente",
        "ctg": "cotangente",
        "sec": "secante",
        "csc": "cosecante",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("per a al alla il la del un una ogni di".split())
    code: ClassVar = "it"
    locale: ClassVar = "it"
    ones: ClassVar = ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove")
    minus: ClassVar = "meno"
    plus_or_minus: ClassVar = "più o meno"
    plus: ClassVar = "più"
    decimal: ClassVar = "virgola"
    longest_decimals: ClassVar = 2
    percent: ClassVar = Noun("per cento", "per cento")
    per_mille: ClassVar = Noun("per mille", "per mille")
    to: ClassVar = "a"
    to_day: ClassVar = "al"
    always: ClassVar = "ventiquattr'ore su ventiquattro, sette giorni su sette"
    ratio: ClassVar = "a"
    out_of: ClassVar = "su"
    either: ClassVar = "o"
    lasting: ClassVar = frozenset("dura durano durata impiega circa".split())
    over: ClassVar = "su"
    by: ClassVar = "per"
    per: ClassVar = "al"
    per_several: ClassVar = "ogni"
    of: ClassVar = "di"
    and_cents: ClassVar = "e"
    and_part: ClassVar = "e"
    halves: ClassVar = {"m": "mezzo", "f": "mezza"}
    rank: ClassVar = "numero"
    powers: ClassVar = {"2": "al quadrato", "3": "al cubo"}
    power: ClassVar = "elevato a"
    scales: ClassVar = {
        3: Noun("mila", "mila"),
        6: Noun("milione", "milioni"),
        9: Noun("miliardo", "miliardi"),
        12: Noun("bilione", "bilioni"),
    }
    signs: ClassVar = {
        "+": "più",
        "-": "meno",
        "−": "meno",
        "±": "più o meno",
        "×": "per",
        "*": "per",
        "·": "per",
        "⋅": "per",
        "÷": "diviso",
        "/": "diviso",
        ":": "diviso",
        "=": "uguale",
        "==": "uguale",
        "≠": "diverso da",
        "!=": "diverso da",
        "<": "minore di",
        ">": "maggiore di",
        "<=": "minore o uguale a",
        "≤": "minore o uguale a",
        ">=": "maggiore o uguale a",
        "≥": "maggiore o uguale a",
        "≈": "circa uguale a",
        "~": "circa",
        "→": "a",
        "->": "a",
        "=>": "quindi",
        "⇒": "quindi",
        "&": "e",
        "%": "per cento",
        "√": "radice quadrata di",
        "∛": "radice cubica di",
        "∃": "esiste",
        "∀": "per ogni",
        "∅": "insieme vuoto",
        "⊆": "incluso in",
        "⊂": "incluso in",
        "∉": "non appartiene a",
        "∩": "intersezione",
        "∪": "unione",
        "∜": "radice quarta di",
        "∞": "infinito",
        "°": "gradi",
        "§": "paragrafo",
        "∑": "somma",
        "∝": "proporzionale a",
        "⊥": "perpendicolare a",
        "∥": "parallelo a",
        "∇": "nabla",
        "∫": "integrale",
        "∈": "appartiene a",
        "@": "chiocciola",
        "^": "elevato a",
        "|": "barra verticale",
        "!": "fattoriale",
    }
    before: ClassVar = {
        "<": "meno di",
        ">": "più di",
        "≤": "al massimo",
        "<=": "al massimo",
        "≥": "almeno",
        ">=": "almeno",
        "~": "circa",
        "≈": "circa",
        "&": "e",
    }
    after: ClassVar = {"+": "più"}
    marks: ClassVar = {
        ".": "punto",
        "@": "chiocciola",
        "/": "barra",
        "-": "trattino",
        "_": "trattino basso",
        ":": "due punti",
        "#": "cancelletto",
        "?": "punto interrogativo",
        "=": "uguale",
        "&": "e",
        "+": "più",
        "~": "tilde",
        "%": "per cento",
        "*": "asterisco",
        ",": "virgola",
        "\\": "barra rovesciata",
    }
    coins: ClassVar = {
        "EUR": Coin(Noun("euro", "euro"), _CENT),
        "USD": Coin(Noun("dollaro", "dollari"), _CENT),
        "GBP": Coin(Noun("sterlina", "sterline", "f"), Noun("penny", "pence")),
        "CHF": Coin(Noun("franco svizzero", "franchi svizzeri"), _CENT),
        "JPY": Coin(Noun("yen", "yen")),
        "CNY": Coin(Noun("yuan", "yuan")),
        "INR": Coin(Noun("rupia", "rupie", "f")),
        "RUB": Coin(Noun("rublo", "rubli"), Noun("copeco", "copechi")),
        "KRW": Coin(Noun("won", "won")),
        "BRL": Coin(Noun("real", "real"), Noun("centavo", "centavos")),
        "XBT": Coin(Noun("bitcoin", "bitcoin")),
    }
    units: ClassVar = {
        "percentage-point": Noun("punto percentuale", "punti percentuali"),
        "basis-point": Noun("punto base", "punti base"),
        "revolution-per-minute": Noun("giro al minuto", "giri al minuto"),
        "page": Noun("pagina", "pagine", "f"),
        "bottle": Noun("bottiglia", "bottiglie", "f"),
        "sheet": Noun("foglio", "fogli"),
        "quintal": Noun("quintale", "quintali"),
        "lira": Noun("lira", "lire", "f"),
        "kilowatt-hour": Noun("chilowattora", "chilowattora"),
        "point": Noun("punto", "punti"),
        "piece": Noun("pezzo", "pezzi"),
        "pack": Noun("confezione", "confezioni", "f"),
        "glass": Noun("bicchiere", "bicchieri"),
        "slice": Noun("fetta", "fette", "f"),
        "jar": Noun("vasetto", "vasetti"),
        "tablet": Noun("compressa", "compresse", "f"),
        "capsule": Noun("capsula", "capsule", "f"),
        "drop": Noun("goccia", "gocce", "f"),
        "sachet": Noun("bustina", "bustine", "f"),
        "person": Noun("persona", "persone", "f"),
        "inhabitant": Noun("abitante", "abitanti"),
        "millimole": Noun("millimole", "millimoli", "f"),
        "microliter": Noun("microlitro", "microlitri"),
        "nanogram": Noun("nanogrammo", "nanogrammi"),
        "ampere-hour": Noun("amperora", "amperora"),
        "microampere": Noun("microampere", "microampere"),
        "kiloohm": Noun("chiloohm", "chiloohm"),
        "megaohm": Noun("megaohm", "megaohm"),
        "megajoule": Noun("megajoule", "megajoule"),
        "kilonewton": Noun("chilonewton", "chilonewton"),
        "terahertz": Noun("terahertz", "terahertz"),
        "millisievert": Noun("millisievert", "millisievert"),
        "kilowatt-peak": Noun("chilowatt di picco", "chilowatt di picco"),
        "cent": Noun("centesimo", "centesimi"),
        "time": Noun("volta", "volte", "f"),
        "metric-ton": Noun("tonnellata", "tonnellate", "f"),
        "watt-hour": Noun("wattora", "wattora"),
        "megawatt-hour": Noun("megawattora", "megawattora"),
        "gigawatt-hour": Noun("gigawattora", "gigawattora"),
        "milliampere-hour": Noun("milliamperora", "milliamperora"),
        "millivolt": Noun("millivolt", "millivolt"),
        "kilovolt": Noun("kilovolt", "kilovolt"),
        "kibibyte": Noun("kibibyte", "kibibyte"),
        "mebibyte": Noun("mebibyte", "mebibyte"),
        "gibibyte": Noun("gibibyte", "gibibyte"),
        "tebibyte": Noun("tebibyte", "tebibyte"),
        "square-millimeter": Noun("millimetro quadrato", "millimetri quadrati"),
        "frame": Noun("fotogramma", "fotogrammi"),
        "beat": Noun("battito", "battiti"),
        "decibel": Noun("decibel", "decibel"),
        "kilometer-per-hour": Noun("chilometro all'ora", "chilometri all'ora"),
        "mile-per-hour": Noun("miglio all'ora", "miglia all'ora"),
        "meter-per-second": Noun("metro al secondo", "metri al secondo"),
        "hectogram": Noun("etto", "etti"),
        "kilogram": Noun("chilo", "chili"),
        "part-per-million": Noun("parte per milione", "parti per milione", "f"),
        "liter-per-100-kilometer": Noun("litro per cento chilometri", "litri per cento chilometri"),
        "percent": Noun("per cento", "per cento"),
        "horsepower": Noun("cavallo", "cavalli"),
    }
    eras: ClassVar = {"a.C.": "avanti Cristo", "d.C.": "dopo Cristo"}
    hour: ClassVar = Noun("ora", "ore", "f")
    minute: ClassVar = Noun("minuto", "minuti")
    second: ClassVar = Noun("secondo", "secondi")
    prefixes: ClassVar = {"v": "versione"}

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number; 1 in front of a noun is "un", "una", "un'", "uno"."""
        if digits == "1" and agreement.is_counted and agreement.noun not in ("per cento", "per mille"):
            if agreement.gender == "f":
                return "un'" if agreement.noun[:1].lower() in _VOWELS else "una"
            return "uno" if _UNO.match(agreement.noun) else "un"
        # The "e" of num2words in "due milioni e trecentomila" is heard in speech as well; of 118 it drops a letter.
        return re.sub(r"(?<=\w)tre(?=$| mil)", "tré", named(digits, "it").replace("dicotto", "diciotto"))

    def counted(self, number: Number, around: Around) -> Agreement:
        """What a number agrees with; an hour is a she: "l'una"."""
        agreement = super().counted(number, around)
        if number.whole != "1" or agreement.noun:
            return agreement
        is_hour = around.before.lower().endswith(("all'", "dell'", "dall'", "all’", "dell’", "dall’"))
        is_her = is_hour or _OTHER_PLURAL.match(around.after) is not None
        return Agreement("f", is_counted=True) if is_her else agreement

    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender from its end; None for words that are no nouns."""
        word = noun.lower()
        if word in _FUNCTION_WORDS:
            return None
        if word in _FEMININE_WORDS:
            return "f"
        return "m" if word in _MASCULINE_WORDS or not _FEMININE.search(word) else "f"

    def joined_per(self, unit: Noun) -> str:
        """Say "al secondo", "all'ora", "alla settimana"."""
        if unit.one[:1] in _VOWELS:
            return f"all'{unit.one}"
        return f"{'alla' if unit.gender == 'f' else 'al'} {unit.one}"

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range: "da cinque a dieci", "tra cinque e dieci", "le pagine dodici a quindici"."""
        before = last_word(around.before)
        match span:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.say_span(Span(replace(first, scale=3), last), around)
            case Span(Number() as first, Number() as last):
                agreement = self.agreement(around)
                if next_word(around.after).endswith("e"):  # of a plural, that is the end of a feminine: "compresse"
                    agreement = replace(agreement, gender="f")
                one = agreement if agreement.gender == "f" else replace(agreement, is_counted=False)
                words = (self.say_number(first, one), self.say_number(last, agreement))
                if before in ("tra", "fra"):
                    return " e ".join(words)
                if agreement.noun[:1].isupper():  # "Inter 2 - 1 Milan"
                    return f"{self.say_number(first)} a {self.say_number(last)}"
                is_opening = before == "ore" or (_OPEN.search(around.before) and not agreement.is_counted)
                if is_opening and int(last.whole or 0) <= 24:
                    said = " alle ".join(words)
                    return said if before in _TIME_CUES else f"dalle {said}"
                said = f" {self.to} ".join(words)
                return said if before in _BEFORE_RANGE else f"da {said}"
            case Span(Clock() as first_clock, Clock() as last_clock):
                said = f"{self.say_clock(first_clock)} alle {self.say_clock(last_clock)}"
                return said if before in _TIME_CUES else f"dalle {said}"
            case _:
                return super().say_span(span, around)

    def amount(self, token: Token, agreement: Agreement = ALONE) -> str:
        """Say "uno e mezzo" of one and a half, whatever is counted."""
        is_mixed = isinstance(token, Fraction) and bool(token.whole)
        return super().amount(token, replace(agreement, is_counted=False) if is_mixed else agreement)

    def behind(self, said: str, after: str) -> tuple[int, str] | None:
        """Take the blank behind an article that ends in an apostrophe: "un'ora"."""
        return (1, "") if said.endswith("un'") and after[:1] == " " and after[1:2].isalpha() else None

    def count(self, amount: Amount, noun: Noun, case: Case = "n") -> str:
        """Say so many of a noun; an article that ends in an apostrophe stands close to it: "un'ora"."""
        return super().count(amount, noun, case).replace("un' ", "un'")

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:  # noqa: ARG002 - the words around do not count
        """Say "quattordici e trenta", "una e quindici"."""
        words = "una" if clock.hour == 1 else self.whole(str(clock.hour))
        if clock.hour == 0:
            words = "zero"
        if clock.minute:
            words += f" e {self.whole(str(clock.minute))}"
        elif clock.hour == 0:
            words += " e zero"
        if clock.second:
            words += f" e {self.count(Number(str(clock.second)), self.second)}"
        halves = {"am": " di mattina", "pm": " di sera" if 6 <= clock.hour < 12 else " di pomeriggio"}
        return words + halves.get(clock.half, "")

    def say_day(self, day: int, around: Around) -> str:  # noqa: ARG002 - the words around do not count
        """Say "primo", "due"."""
        return "primo" if day == 1 else self.whole(str(day))

    def say_date(self, date: Date, around: Around) -> str:
        """Say "primo maggio duemilaventiquattro"."""
        day = [self.say_day(date.day, around)] if date.day else []
        year = [self.year(date.year)] if date.year else []
        return " ".join([*day, _MONTHS[date.month - 1], *year])

    def ordinal(self, value: int, gender: Gender = "m") -> str:
        """Say "ventesimo"."""
        words = named(str(value), "it", "ordinal").removeprefix("un ")
        words = words.replace("dicottesimo", "diciottesimo").replace("diecesimo", "decimo")  # 118th and 110th
        return re.sub(r"o$", "a", words) if gender == "f" else words

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "seconda volta", "quinto tentativo"."""
        if ordinal.mark == "°" and not is_ordinal(ordinal, around, _ARTICLES):
            return self.count(Number(ordinal.digits), self.unit("degree", "°"))
        noun = next_word(around.after)
        is_named = noun[:1].isupper() and last_word(around.before) not in _ARTICLES  # "1° Italia"
        is_feminine = ordinal.mark == "ª" or (ordinal.mark == "°" and self.gender_of(noun) == "f" and not is_named)
        return self.ordinal(int(ordinal.digits), "f" if is_feminine else "m")

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "tre quarti", "mezzo", "mezza"."""
        if (top, bottom) == ("1", "2"):
            if not agreement.is_counted:
                return "un mezzo"
            return "mezza" if agreement.gender == "f" else "mezzo"
        if (len(bottom) > 3 and bottom != "1000") or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} fratto {self.whole(bottom)}"
        part = "mezzo" if bottom == "2" else self.ordinal(int(bottom))
        return f"{self.whole(top, Agreement(is_counted=True))} {part if top == '1' else re.sub('o$', 'i', part)}"

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "Giovanni ventitreesimo", "ventesimo secolo"."""
        if not roman.is_ordinal:
            return self.whole(str(roman.value))
        is_queen = last_word(around.before).endswith("a") and last_word(around.before) not in {"andrea", "luca"}
        return self.ordinal(roman.value, "f" if is_queen and not _CENTURIES.match(around.after) else "m")
