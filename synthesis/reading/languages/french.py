"""French: "vingt et une heures", "premier", "le dix-neuvième siècle", pairs of digits in telephone numbers."""

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
    last_day_rule,
    measure_rule,
    minutes_rule,
    month_of_year_rule,
    month_rule,
    quarter_rule,
    roman_span_rule,
    short_number_rule,
    side_rule,
    step_rule,
    wind_rule,
)
from ..notation.tokens import NOWHERE, Clock, Date, Duration, Measure, Number, Ordinal, Ratio, Said, Span
from .european import (
    ALONE,
    VERSIONED,
    Agreement,
    Coin,
    European,
    Noun,
    last_word,
    named,
    next_word,
    roman,
    with_capitals,
)

if TYPE_CHECKING:
    from ..notation.tokens import Around, Phone, Roman, Size, Token
    from .european import Gender

_MONTHS: Final = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "janv": 1, "févr": 2, "fév": 2, "avr": 4, "juil": 7, "sept": 9, "oct": 10, "nov": 11, "déc": 12, "aout": 8,
    "fevrier": 2, "decembre": 12,
}  # fmt: skip
# Endings of ordinals, and whether they are feminine or a plural.
_ORDINAL_MARKS: Final = (
    "ers|er|res|re|ères|ère|èmes|ème|emes|eme|ièmes|ième|ndes|nde|nds|nd|es|e|os|o|º|"
    r"(?<=2)(?<!\d2)(?:des?|d(?=\s(?:tour|degré|semestre|mandat|cycle|empire)\b))"  # "la 2de"; "en 2d" is no second
)
_CHAPTERS: Final = frozenset(
    "chapitre tome volume acte scène partie livre article annexe section phase niveau type titre chap t vol art "
    "fig".split()
)

_MARK: Final = re.compile(r"(?P<got>\d{1,3})(?:[.,](?P<part>\d{1,2}))?/(?P<of>20|100)(?![\d/.,]?\d|/)")


def _mark_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "12/20", a mark at school: "douze sur vingt"."""
    found = _MARK.match(text, at) if text[at] in "0123456789" else None
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple("/.,"):
        return None
    got = Number(found["got"], found["part"] or "", mark="," if found["part"] else "")
    return found.end(), Ratio((got, Number(found["of"])), "/")


_ROMAN_ORDINAL: Final = re.compile(
    r"(?P<letters>(?=[IVX])[IVXL]{1,7})(?P<mark>ers?|res?|ères?|ièmes?|èmes?|emes?|"
    r"es?)\b(?P<century>\ss\.(?!\s?[A-ZÀ-Ý]\b))?"
)


def _roman_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "XIXe" and "Ier"."""
    found = _ROMAN_ORDINAL.match(text, at)
    value = roman(found["letters"]) if found else 0
    if found is None or not value:
        return None
    if found["century"]:  # "XVIIIe s."
        stop = "" if text[found.end() :].strip(" \"'”’)»") else "."
        return found.end(), Said(f"{named(str(value), 'fr', 'ordinal')} siècle{stop}")
    return found.end("mark"), Ordinal(str(value), found["mark"])


_WINDS: Final = {
    "N": "nord", "N-O": "nord-ouest", "NO": "nord-ouest", "N-E": "nord-est", "NE": "nord-est", "S": "sud",
    "S-O": "sud-ouest", "SO": "sud-ouest", "S-E": "sud-est", "SE": "sud-est", "E": "est", "O": "ouest",
}  # fmt: skip
_WEEKDAYS: Final = {
    "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi", "sam": "samedi",
    "dim": "dimanche",
}  # fmt: skip


def _short_phone_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3949" behind "composez le" for pairs: "trente-neuf quarante-neuf"."""
    found = _SHORT_PHONE.match(text, at) if text[at] in "123" and not text[at - 1 : at].isalnum() else None
    if found is None or not _CALL.search(text, max(0, at - 60), at):
        return None
    return found.end(), Said(f"{named(found[1], 'fr')} {named(found[2], 'fr')}")


_SHORT_PHONE: Final = re.compile(r"([123]\d) ?([1-9]\d)(?![\d\w]|[ .,:/-]\d)")
_CALL: Final = re.compile(
    r"\b(?:appele[rz]|compose[rz]|téléphone[rz]? au|joignable au|contacte[rz])\b[^.!?]{0,56}\s\Z", re.IGNORECASE
)


def _rooms_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3 p." of a flat for rooms; elsewhere they are pages."""
    found = _ROOMS.match(text, at) if text[at - 1 : at].isspace() else None
    if found is not None and found[2] == "ch":
        return found.end(), Measure(Number(found[1]), "bedroom", "ch.")
    if found is None or not _FLAT.search(text, max(0, at - 60), found.end() + 40):
        return None
    return found.end(), Said(f"{'une pièce' if found[1] == '1' else named(found[1], 'fr') + ' pièces'}")


_ROOMS: Final = re.compile(r"([1-9])\s(ch|p)\.(?!\s?\d)")
_FLAT: Final = re.compile(r"(?i:\b(?:apparts?|appartements?|maisons?|logements?|studios?|duplex|loyer))|m²")


def _law_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "art. L. 121-3": "article L"."""
    found = _LAW.match(text, at) if text[at] == "a" and not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Said(f"article {found[1]}"))


def _closed_day_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "sauf lun." and "chaque mer.": weekdays."""
    found = _CLOSED_DAY.match(text, at) if text[at] in "lmjvsd" else None
    if found is None or not _CLOSED_BEFORE.search(text, max(0, at - 12), at):
        return None
    return found.end(), Said(_WEEKDAYS[found[1]] + ("" if text[found.end() :].strip(" \"'”’)»") else "."))


_CLOSED_DAY: Final = re.compile(r"(lun|mar|mer|jeu|ven|sam|dim)\.")
_CLOSED_BEFORE: Final = re.compile(r"(?<!\w)(?:sauf(?: le)?|sf|chaque|tous les)\s\Z")


def _letter_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "let. b" of a law, and "Dim. : 30 × 40 cm", which is no Sunday."""
    for written, said in _SHORT_WORDS:
        if text[at] in "aDdlmP" and (found := written.match(text, at)) is not None and not text[at - 1 : at].isalnum():
            return found.end(), Said(said)
    return None


_SHORT_WORDS: Final = (
    (re.compile(r"let\.(?=\s[a-z](?!\w))"), "lettre"),
    (re.compile(r"alt\.(?<=['’]alt\.)"), "altitude"),
    (re.compile(r"min\.(?<=\de min\.)|min\.(?<=ème min\.)"), "minute"),
    (re.compile(r"Pop\.(?=\s?:)"), "Population"),
    (re.compile(r"Dim\.(?=\s?:?\s?[LlHØ\d])"), "Dimensions"),
    (re.compile(r"dim\.(?=\s?:?\s?[LlHØ\d]{1,5}\s?[x×c])"), "dimensions"),
)
_LAW: Final = re.compile(r"art\. ?([LRDA])\.?(?=\s?[1-9])")


def _statute_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "121-3" of "art. L. 121-3" for two numbers and no range."""
    found = _STATUTE.match(text, at)
    if found is None or not _STATUTE_BEFORE.search(text, max(0, at - 24), at):
        return None
    return found.end(), Said(" tiret ".join(named(part, "fr") for part in found[0].split("-")))


_STATUTE: Final = re.compile(r"[1-9][0-9]{0,3}(?:-[1-9][0-9]{0,2}){1,3}(?![\w-])")
_STATUTE_BEFORE: Final = re.compile(
    r"(?<!\w)(?:(?:art\.|articles?) ?(?:[LRDA]\.?\s?)?\*?|(?:lois?|décrets?|ordonnances?|arrêtés?) (?:n°|no) ?)\Z"
)


def _duration_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "1 h 45 min 30 s" for a time that something took."""
    found = _DURATION.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    return found.end(), Duration(int(found[1]), int(found[2]), int(found[3]))


_DURATION: Final = re.compile(r"(\d{1,3})\s?h\s?(\d{1,2})\s?(?:min|mn|m)\s?(\d{1,2})\s?s(?:ec\.?)?(?!\w)")


def _height_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "1m85" for a length."""
    found = _HEIGHT.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    metres = "mètre" if found[1] == "1" else "mètres"
    return found.end(), Said(f"{named(found[1], 'fr')} {metres} {named(found[2], 'fr')}")


def _days_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "les 17/18/19 mars" and "les 17-18-19 juin" for days one behind another, "les 80s" for years."""
    if (decade := _DECADE.match(text, at)) is not None and _THE_BEFORE.search(text, max(0, at - 6), at):
        return decade.end(), Said(f"années {named(decade[1], 'fr').removesuffix('s')}")
    found = _DAYS.match(text, at)
    if found is None or not _THE_BEFORE.search(text, max(0, at - 6), at):
        return None
    return found.end(), Said(
        ", ".join(named(day, "fr") if day != "1" else "premier" for day in re.findall(r"\d+", found[0]))
    )


_THE_BEFORE: Final = re.compile(r"(?<!\w)[Ll]es \Z")
_DECADE: Final = re.compile(r"([2-9]0)s(?!\w)")
_DAYS: Final = re.compile(rf"[1-3]?\d(?:([/-])[1-3]?\d)(?:\1[1-3]?\d)+(?=\s(?:{'|'.join(_MONTHS)})(?!\w))")


def _seat_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "siège 14A" for a number and a letter, and no amperes."""
    found = _SEAT.match(text, at) if text[at - 1 : at].isspace() else None
    if found is None or not _SEAT_BEFORE.search(text, max(0, at - 16), at):
        return None
    return found.end(), Said(f"{named(found[1], 'fr')} {found[2]}")


_SEAT: Final = re.compile(r"([1-9]\d{0,2})\s?([A-K])(?![\w'’-])")
_SEAT_BEFORE: Final = re.compile(
    r"(?i:(?<!\w)(?:sièges?|places?|salle|porte|bâtiment|bât\.|appartement|appt\.|chambre|bureau|voie|quai|lot|"
    r"numéro|n°))\s\Z"
)


def _date_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "12/03" for a day behind "mer." and "le", whose month begins with a zero or which stands before a time."""
    found = _SHORT_DATE.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    if found[2][0] != "0" and not _DAY_CUE.search(text, max(0, at - 24), at):
        return None
    return found.end(), Date("", int(found[2]), int(found[1]), "dm")


_SHORT_DATE: Final = re.compile(
    r"(0?[1-9]|[12]\d|3[01])/(0[1-9]|1[0-2]|[1-9](?=\s(?:à|de|dès|vers|entre)\s\d|\s?[.,;)]))(?![\w/]|[.,]\d)"
)
_DAY_CUE: Final = re.compile(
    r"(?i:(?<!\w)(?:lun|mar|mer|jeu|ven|sam|dim)\.|[a-z]+di,?|(?<!\w)(?:le|au|du|rdv|date\s?:))\s\Z"
)


def _hours_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "10-12 h" for so many hours, which sounds right of a time of the day too."""
    found = _HOURS.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    return found.end(), Measure(Span(Number(found[1]), Number(found[2])), "hour", "h")


_HOURS: Final = re.compile(r"(\d{1,2})\s?[-–]\s?(\d{1,2})\s?h(?![\w/])(?!\s?\d)")


def _war_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "la guerre de 14-18": "quatorze dix-huit", the war's name and no range."""
    found = _WAR.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-–"):
        return None
    before = text[max(0, at - 40) : at]
    is_told = _WAR_NAMED.search(before) or (_WAR_CUE.search(before) and _NOTHING_COUNTED.match(text, found.end()))
    return (found.end(), Said(f"{named(found[1], 'fr')} {named(found[2], 'fr')}")) if is_told else None


_WAR: Final = re.compile(r"(14|39|70)\s?[-–]\s?(18|45|71)(?<=14.18|39.45|70.71)(?![\w%/-]|[.,]\d)")
_WAR_NAMED: Final = re.compile(
    r"(?i:(?<!\w)(?:guerre|conflit|poilus|soldats|combattants)(?: mondiale?)?(?: de| en)?) \Z"
)
_WAR_CUE: Final = re.compile(r"(?i:(?<!\w)(?:en|celle de|pendant|depuis|avant|après)) \Z")
_NOTHING_COUNTED: Final = re.compile(
    r"\s*\Z|\s?[,;:.!?)»]|\s(?:et|ou|comme|où|que?|qui|les?|la|l['’]|des?|du|d['’]|dans|sur|pour|mais|par|avec|sans|il|"
    r"ils|elle|elles|on|nous|a|ont|est|sont|fut|fit|était|avait)(?!\w)"
)


def _sign_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "les - de 18 ans", "J-3" and "12/8" of a blood pressure."""
    if text[at] == "-" and _LESS.match(text, at) and _ONES_BEFORE.search(text, max(0, at - 6), at):
        return at + 1, Said("moins")
    if text[at] in "JDH" and (found := _COUNTDOWN.match(text, at)) is not None and not text[at - 1 : at].isalnum():
        return found.end(), Said(f"{text[at]} {'moins' if found[1] != '+' else 'plus'} {named(found[2], 'fr')}")
    if text[at].isdecimal() and (found := _PRESSURE.match(text, at)) is not None:
        if _PRESSURE_CUE.search(text, max(0, at - 40), at):
            return found.end(), Said(f"{named(found[1], 'fr')} {named(found[2], 'fr')}")
        if _FORMAT_CUE.search(text, max(0, at - 24), at):
            return found.end(), Said(f"{named(found[1], 'fr')} {named(found[2], 'fr', 'ordinal')}s")
    return None


_LESS: Final = re.compile(r"- (?:de|d['’])\s?\d")
_ONES_BEFORE: Final = re.compile(r"(?<!\w)(?:[LlDd]es|aux) \Z")
_COUNTDOWN: Final = re.compile(r"[JH]([-−–+])(\d{1,3})(?![\w-]|[.,]\d)")
_PRESSURE: Final = re.compile(r"([1-9]\d?)/([1-9]\d?)(?![\w/]|[.,]\d)")
_PRESSURE_CUE: Final = re.compile(r"(?i:(?<!\w)(?:tension|pression artérielle|TA|PA)\b)[^.!?\d]{0,30}\Z")
_FORMAT_CUE: Final = re.compile(r"(?i:(?<!\w)(?:format|écran|ratio|vidéo|image|en)) \Z")
_HEIGHT: Final = re.compile(r"(\d)\s?m\s?([1-9]\d)(?!\w)")
_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".",
    has_blank_groups=True,
    date_order="dmy",
    months={name: number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    day_marks=r"er",
    clock_words=r"(?:(?<=[hH]\d\d)|(?<=[hH]\s\d\d))\s?(?:min|mn)\b",
    clock_marks=":hH",
    scales={
        "k": 3, "K": 3, "bn": 9, "mille": 3, "M": 6,
        "million": 6, "millions": 6, "Md": 9, "Mds": 9, "Mrd": 9, "Mrds": 9,
        "milliard": 9, "milliards": 9, "billion": 12, "billions": 12,
    },
    ordinal_marks=_ORDINAL_MARKS,
    currencies={
        "euro": "EUR", "euros": "EUR", "CHF": "CHF", "$ US": "USD", "$US": "USD", "$ CA": "CAD", "$CA": "CAD",
        "$ CAN": "CAD", "$ AU": "AUD", "$ AUS": "AUD", "$ HK": "HKD", "F CFA": "XOF", "FCFA": "XOF", "XOF": "XOF",
        "XAF": "XAF", "DH": "MAD", "MAD": "MAD", "TND": "TND", "DZD": "DZD",
    },
    units={
        "pt": "point", "pt.": "point", "pb": "basis-point", "p.b.": "basis-point", "pdb": "basis-point",
        "¢": "cent", "cc": "teaspoon", "c.c.": "teaspoon", "cs": "tablespoon", "c.s.": "tablespoon",
        "kgs": "kilogram", "min.": "minute", "sec.": "second", "pces": "piece",
        "bout.": "bottle", "paq.": "packet", "tr.": "slice", "g.": "gram", "km.": "kilometer",
        "m2": "square-meter",
        "pts": "point", "pts.": "point", "pers.": "person", "hab.": "inhabitant", "ex.": "copy", "sach.": "sachet",
        "tasse": "cup",
        "ct": "cent", "cts": "cent", "cts.": "cent",
        "min": "minute", "mn": "minute", "sec": "second", "j": "day", "ko": "kilobyte", "Ko": "kilobyte",
        "Mo": "megabyte", "Go": "gigabyte", "To": "terabyte", "Mo/s": "megabyte-per-second",
        "Go/s": "gigabyte-per-second", "c. à s.": "tablespoon", "c.à.s.": "tablespoon", "c.à.s": "tablespoon",
        "c. à soupe": "tablespoon", "càs": "tablespoon", "c. à c.": "teaspoon", "c.à.c.": "teaspoon",
        "c.à.c": "teaspoon",
        "c. à café": "teaspoon", "càc": "teaspoon", "hab./km²": "inhabitant-per-square-kilometer",
        "hab/km²": "inhabitant-per-square-kilometer",
        "pi²": "square-foot", "po²": "square-inch", "Po": "petabyte", "sem.": "week", "trim.": "quarter",
        "nd": "knot", "i/s": "frame-per-second",
        "nds": "knot", "tr/min": "revolution-per-minute", "c. à thé": "teaspoon", "kWc": "kilowatt-peak",
        "ch": "horsepower", "t": "tonne", "cp.": "tablet", "cp": "tablet", "cps": "tablet",
        "comp.": "tablet", "gél.": "capsule", "amp.": "ampoule", "gttes": "drop", "UI": "international-unit",
        "SDB": "bathroom", "sdb": "bathroom", "SdB": "bathroom", "pces.": "piece", "pce": "piece", "jrs": "day",
        "ips": "frame-per-second", "Bft": "beaufort",
        "reps": "repetition",
    },
    abbreviations=with_capitals({
        "Ctrl": "Contrôle",
        "appart.": "appartement", "dens.": "densité", "superf.": "superficie",
        "et suiv.": "et suivantes", "au min.": "au minimum", "au max.": "au maximum",
        "diam.": "diamètre", "ép.": "épaisseur", "puiss.": "puissance",
        "capac.": "capacité", "mém.": "mémoire", "livr.": "livraison", "dépt.": "département", "hor.": "horaires",
        "vac.": "vacances", "scol.": "scolaire", "boul.": "boulevard", "hôp.": "hôpital", "i.e.": "c'est-à-dire",
        "vs": "versus", "vs.": "versus", "angl.": "anglais", "allem.": "allemand", "ital.": "italien",
        "syn.": "synonyme", "adj.": "adjectif", "plur.": "pluriel", "masc.": "masculin",
        "fém.": "féminin", "litt.": "littéralement", "fam.": "familier", "Dre": "Docteure",
        "Dres": "Docteures", "nᵒ": "numéro", "Nᵒ": "Numéro", "nᵒˢ": "numéros", "n°s": "numéros",
        "nos.": "numéros", "qqfs": "quelquefois", "c.-à-d": "c'est-à-dire",
        "étud.": "étudiant", "interm.": "intermédiaire", "déb.": "débutant", "sup.": "supérieur", "inf.": "inférieur",
        "équiv.": "équivalent", "conso.": "consommation", "indiv.": "individuel",
        "P.-S.": "post-scriptum",
        "assoc.": "association", "coeff.": "coefficient", "coord.": "coordonnées", "dipl.": "diplôme",
        "dict.": "dictionnaire", "doss.": "dossier", "équip.": "équipement", "exc.": "excepté", "ext.": "extérieur",
        "féd.": "fédération", "gouv.": "gouvernement", "inst.": "institut", "log.": "logement", "nbr.": "nombre",
        "princ.": "principal", "priv.": "privé", "publ.": "public", "rég.": "région", "rem.": "remarque",
        "sér.": "série", "serv.": "service", "spéc.": "spécial", "syst.": "système", "techn.": "technique",
        "util.": "utilisation", "déf.": "définition", "élec.": "électricité", "étab.": "établissement",
        "créd.": "crédit", "compl.": "complément", "abr.": "abréviation", "admin.": "administration",
        "C. civ.": "Code civil", "C. pén.": "Code pénal", "C. trav.": "Code du travail", "A/R": "aller-retour",
        "tlj": "tous les jours", "sf": "sauf",
        "j. fériés": "jours fériés", "asc.": "ascenseur", "pers.": "personne", "H/F": "homme ou femme",
        "Ø": "diamètre", "rdc": "rez-de-chaussée",
        "Rdc": "Rez-de-chaussée", "t.a.b.": "tirs au but",
        "a.p.": "après prolongation",
        "a. p.": "après prolongation", "ap. prol.": "après prolongation", "prol.": "prolongation", "dte": "droite",
        "gche": "gauche", "trim.": "trimestre", "sem.": "semestre",
        "r.": "rue", "fbg": "faubourg", "fg": "faubourg", "sq.": "square",
        "ttes": "toutes", "tt": "tout", "qq.": "quelques", "qqs": "quelques",
        "qques": "quelques", "pdt": "pendant", "lgtps": "longtemps", "auj.": "aujourd'hui", "dern.": "dernier",
        "proch.": "prochain", "mini": "minimum", "maxi": "maximum",
        "mens.": "mensuel", "hebd.": "hebdomadaire", "quot.": "quotidien", "bibl.": "bibliothèque",
        "univ.": "université", "dest.": "destinataire", "exp.": "expéditeur", "cde": "commande",
        "réduc.": "réduction", "inscr.": "inscription", "rens.": "renseignements",
        "ouv.": "ouverture", "ferm.": "fermeture", "arriv.": "arrivée", "adr.": "adresse", "comm.": "commune",
        "suiv.": "suivant", "préc.": "précédent", "nbx": "nombreux", "nbre": "nombre",
        "a/a": "d'une année sur l'autre", "g.a.": "glissement annuel", "J.-C.": "Jésus-Christ",
        "ét.": "étage", "esc.": "escalier", "imm.": "immeuble", "rés.": "résidence", "pl.": "place",
        "bd.": "boulevard", "rte": "route", "rte.": "route", "chem.": "chemin",
        "apt.": "appartement", "réf.": "référence", "qté": "quantité", "qté.": "quantité", "notam.": "notamment",
        "coll.": "collection", "trad.": "traduction", "ibid.": "ibidem", "Cie": "compagnie", "Sté": "société",
        "incl.": "inclus", "excl.": "exclu", "moy.": "moyenne", "approx.": "approximativement",
        "resp.": "respectivement", "temp.": "température", "HT": "hors taxes",
        "TTC": "toutes taxes comprises", "bcp": "beaucoup", "qqn": "quelqu'un", "qqch": "quelque chose",
        "N.B.": "nota bene", "larg.": "largeur",
        "poss.": "possible", "quest.": "question", "rép.": "réponse", "prép.": "préparation", "suppl.": "supplément",
        "RDC": "rez-de-chaussée", "r.-d.-c.": "rez-de-chaussée", "r.-v.": "rendez-vous",
        "R.-V.": "rendez-vous", "càd.": "c'est-à-dire",
        "dir.": "direction", "prof.": "professeur", "gén.": "général", "St.": "Saint", "nb": "nombre",
        "nb.": "nombre",
        "M.": "Monsieur", "MM.": "Messieurs", "Mme": "Madame", "Mmes": "Mesdames", "Mlle": "Mademoiselle",
        "Mlles": "Mesdemoiselles", "Mgr": "Monseigneur",
        "Dr": "Docteur", "Dr.": "Docteur", "Pr": "Professeur", "Pr.": "Professeur",
        "Me": "Maître", "St": "Saint", "Ste": "Sainte", "etc.": "et cetera", "p. ex.": "par exemple",
        "p.ex.": "par exemple", "c.-à-d.": "c'est-à-dire", "càd": "c'est-à-dire", "env.": "environ",
        "av. J.-C.": "avant Jésus-Christ", "apr. J.-C.": "après Jésus-Christ", "ap. J.-C.": "après Jésus-Christ",
        "n°": "numéro", "N°": "Numéro", "nº": "numéro", "n^o": "numéro", "tél.": "téléphone",
        "Tél.": "Téléphone", "bd": "boulevard", "Bd": "Boulevard", "bld": "boulevard",
        "vol.": "volume", "al.": "alinéa",
        "chap.": "chapitre", "fig.": "figure", "éd.": "édition", "av.": "avenue",
        "bât.": "bâtiment", "appt.": "appartement", "arr.": "arrondissement", "dép.": "département",
        "hab.": "habitants",
        "min.": "minimum", "tjs": "toujours", "ttc": "toutes taxes comprises",
        "cf.": "confer", "max.": "maximum", "svp": "s'il vous plaît",
        "s.v.p.": "s'il vous plaît", "rdv": "rendez-vous", "RDV": "rendez-vous",
    }),
    eras=r"\s?(?:av|apr?)\.\s?J\.-C\.",
    year_cues=frozenset("année années an en depuis printemps été automne hiver".split()) | frozenset(_MONTHS),
    code_cues=frozenset(
        "code codes pin iban bic postal référence dossier réf matricule siret siren identifiant boeing".split()
    ),
    cue_links=frozenset("est sont était de numéro n no à et par".split()),
    version_cues=VERSIONED | frozenset("version chapitre section release paragraphe chap art article annexe".split()),
    duration_cues=frozenset("en temps durée chrono record".split()),
    number_cues=_CHAPTERS,
    range_words={"entre": "et"},
    greek=greek_letters(
        "alpha bêta gamma delta epsilon zêta êta thêta iota kappa lambda mu nu "
        "xi omicron pi rhô sigma tau upsilon phi khi psi oméga"
    ),
    rules=(
        at_digits(
            short_number_rule(r"(?:envoy|sms|écri)[^.!?]{0,40}\sau"),
        month_of_year_rule("/", r"expir\w+(?: fin| le| en)?|fin|jusqu'(?:en|au|à)|validité|péremption"),
        enumeration_rule(lambda number: named(number, "fr")),
        step_rule("tailles?|pointure", lambda top, bottom: f"{named(top, 'fr')} {named(bottom, 'fr')}"),
        step_rule(
            "étape|partie|page|jour|leçon|question|épisode|chapitre|exercice|niveau",
            lambda top, bottom: f"{named(top, 'fr')} sur {named(bottom, 'fr')}",
        ),
        _seat_rule,
        _days_rule,
        _date_rule,
        _hours_rule,
        _war_rule,
        _sign_rule,
        code_rule(
            r"(?:n[°ºo]|numéro) (?:de |d['’])?(?:la |le )?(?:client|commande|dossier|facture|contrat|réservation|"
            r"compte|série|suivi|colis|"
            r"référence|police|sociétaire|adhérent|carte|sinistre|ticket)|(?:client|commande|dossier|colis|contrat|"
            r"police|ticket|facture) "
            r"(?:n[°ºo]|numéro)|(?:code|pin)(?: [a-zéèçà]+){0,3} SMS(?: est)?|(?:se termin\w+|finiss\w+|finit) "
            r"par(?: le)?|code(?: de [a-zéèçà]+)? est le|\(?(?:CVC|CVV)\)?|code(?: [\w'’éèçà-]+){1,5} ?:|poste"
        ),
        _short_phone_rule,
        _duration_rule,
        _statute_rule,
        dotted_clock_rule("à|de|dès|vers|avant|après|jusqu'à", "à|et", words="h|heures"),
        _rooms_rule,
        measure_rule({"pp.": "page", "p.": "page", "pages": "page"}),
        minutes_rule("pendant|en|de|après|environ|encore"),
        ),
        bare_unit_rule(
            r"par|chaque|une?|la|le|au|[0-9]/[0-9] de|[½¼¾] de",
            {"pers.": "person", "sem.": "week", "hab.": "inhabitant", "nuit": "night", "c. à c.": "teaspoon",
             "c. à s.": "tablespoon", "c.à.c.": "teaspoon", "c.à.s.": "tablespoon", "càc": "teaspoon",
             "càs": "tablespoon"},
        ),
        month_rule(_SHORT_MONTHS, _MONTHS, "en|fin|début|mi|depuis|de|à|et|courant|"
        "jusqu'en", "à", lambda year: named(year, "fr")),
        quarter_rule(
            {
                "T": tuple(f"{rank} trimestre" for rank in ("premier", "deuxième", "troisième", "quatrième")),
                "S": ("premier semestre", "deuxième semestre"),
            },
            lambda year: named(year, "fr"),
        ),
        roman_span_rule(
            r"chap\.|chapitres|tomes|t\.|vol\.|volumes|livres|actes", "à", lambda value: named(str(value), "fr")
        ),
        size_rule({"T.": "taille"}),
        side_rule("à|de|porte|main|côté", {"dr.": "droite", "dte": "droite", "g.": "gauche", "gche": "gauche"}),
        at_heads(
            r"[A-Za-zéèêàâû]{1,12}\.|- |[JH][-−–+]|(?:[NSEO]|[NS]-?[EO])(?!\w)|(?:[Ll]un|[Mm]ar|[Mm]er|[Jj]eu|"
            r"[Vv]en|[Ss]am|[Dd]im)(?!\w)",
            _sign_rule,
            wind_rule(r"vents?(?: \w+)? d[eu']|vents?|secteur|orient\w+(?: au)?|exposition|expos\w+(?: au)?", _WINDS),
            _letter_rule,
            _closed_day_rule,
            days_rule(_WEEKDAYS, frozenset(_WEEKDAYS)),
        ),
        _mark_rule,
        _height_rule,
        _roman_rule,
        first_rule(_CHAPTERS),
        day_rule("/", "les?|du|au|avant|après|dès|depuis|jusqu'au|et|à partir du|[a-z]+di", r"\s?d(?:es?|u|')\b"),
        flight_rule("vol|train"),
        abbreviation_rule({
            "p.": "page|pages", "pp.": "pages", "sect.": "section|sections", "art.": "article|articles",
            "chap.": "chapitre|chapitres",
            "no.": "numéro", "t.": "tome", "th.": "thermostat", "tab.": "tableau", "prof.": "profondeur",
            "long.": "longueur", "haut.": "hauteur", "alt.": "altitude", "q.": "question", "ex.": "exercice",
            "app.": "appartement",
            "ann.": "annexe",
            "apt": "appartement",
        }),
        _law_rule,
        weekday_rule(_WEEKDAYS, "à"),
        last_day_rule(_WEEKDAYS, "à|au|et|ou|sauf"),
        per_rule(
            {"s": "seconde", "sem": "semaine", "j": "jour", "jour": "jour",
              "h": "heure", "an": "an", "min": "minute", "mois": "mois", "km²": "kilomètre carré",
              "m²": "mètre carré", "m³": "mètre cube", "pers": "personne", "hab": "habitant"},
            "par",
        ),
        compass_rule({"N": "nord", "S": "sud", "E": "est", "O": "ouest", "W": "ouest"}),
        read_european,
        phone_rule("téléphone|tél|appele[rz]|numéro|portable|mobile|fax|whatsapp"),
    ),
)  # fmt: skip

_CENT: Final = Noun("centime", "centimes")
_FEMININE: Final = re.compile(
    r"(?:[^aeiouyéè]?[eé]es?|tions?|sions?|xions?|ités?|etés?|eurs|ances?|ences?|ures?|ettes?|esses?|ises?|ales?|"
    r"[^aeiou]es?)$"
)
_MASCULINE: Final = re.compile(
    r"(?:ages?|ismes?|èges?|ômes?|omes?|èmes?|ètres?|mètres?|litres?|grammes?|aires?|oires?|eaux?|ments?|iers?|"
    r"ables?|acles?"
    r"|icles?|isodes?)$"
)
_MASCULINE_WORDS: Final = frozenset(
    "livre livres arbre arbres homme hommes siècle siècles exemple exemples problème article articles verre verres "
    "membre "
    "membres peuple monde mode chiffre chiffres centre centres titre titres nombre nombres ministre groupe groupes "
    "élève "
    "élèves siège exercice exercices service services contrôle jeune jeunes dollar euro produit modèle modèles mètre "
    "programme programmes système systèmes téléphone téléphones compte comptes texte textes site sites type types "
    "signe "
    "rôle disque disques kilo kilos artiste artistes malade malades film films ordre ordres adulte adultes document "
    "message messages légume légumes étage étages poste postes lycée musée musées trophée degré degrés point points "
    "pétale doute geste angle triangle cercle cube octet octets litre litres centime centimes architecte".split()
)
_FEMININE_WORDS: Final = frozenset(
    "fois page pages plage image images cage fin main mains nuit nuits dent dents part parts leçon leçons maison "
    "maisons "
    "chanson chansons façon façons raison raisons saison saisons personne personnes heure heures minute minutes "
    "seconde "
    "secondes année années semaine semaines journée journées fleur fleurs couleur couleurs valeur valeurs erreur "
    "erreurs "
    "soeur soeurs sœur sœurs mer mers clé clés clef clefs forêt forêts souris croix noix voix vis brebis photo photos "
    "moto motos vidéo vidéos radio auto autos télé adresse adresses table tables chaise chaises question questions "
    "histoire histoires mémoire victoire victoires affaire affaires paire paires dette faire salle salles".split()
)
_FUNCTION_WORDS: Final = frozenset(
    "de du des d le la les l un une et ou où est sont était en dans sur sous par pour avec sans à au aux que qui ne se "
    "ce "
    "cette ces mais donc or ni car si il elle ils elles on nous vous je tu plus moins fois égale égalent contre entre "
    "même comme puisque lorsque quelque chaque notre votre autre pas très reste restent marque montre semble existe "
    "arrive donne ensuite encore".split()
) - {"fois"}
_BEFORE_YEARS: Final = frozenset("en depuis vers dès jusqu avant après".split())


class French(European):
    """Says tokens in French."""

    formulas: ClassVar = {
        "integral": "intégrale de {} à {} de",
        "integral over": "intégrale sur {} de",
        "sum": "somme pour {} allant de {} à {} de",
        "sum over": "somme sur {} de",
        "product": "produit pour {} allant de {} à {} de",
        "product over": "produit sur {} de",
        "limit": "limite quand {} tend vers {} de",
        "logarithm": "logarithme en base {} de",
        "absolute": "valeur absolue de {}",
        "prime": "{} prime",
        "second": "{} seconde",
        "derivative": "d {} sur d {}",
        "bar": "{} barre",
        "hat": "{} chapeau",
        "vector": "vecteur {}",
        "call": "{} de {}",
        "factor": "{} fois",
        "derivation": "d sur d {} de",
        "reaction": "donne",
        "angle": "angle {}",
        "triangle": "triangle {}",
    }
    of_functions: ClassVar = {"(": "de", "x": "de"}
    functions: ClassVar = {
        "ln": "logarithme népérien",
        "sin": "sinus",
        "arcsin": "arc sinus",
        "sinh": "sinus hyperbolique",
        "cos": "cosinus",
        "arccos": "arc cosinus",
        "cosh": "cosinus hyperbolique",
        "tan": "tangente",
        "arctan": "arc tangente",
        "tanh": "tangente hyperbolique",
        "tg": "tangente",
        "arctg": "arc tangente",
        "cot": "cotangente",
        "ctg": "cotangente",
        "sec": "sécante",
        "csc": "cosécante",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("par le du au un la une chaque de".split())
    code: ClassVar = "fr"
    locale: ClassVar = "fr"
    ones: ClassVar = ("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf")
    minus: ClassVar = "moins"
    plus_or_minus: ClassVar = "plus ou moins"
    plus: ClassVar = "plus"
    decimal: ClassVar = "virgule"
    longest_decimals: ClassVar = 2
    percent: ClassVar = Noun("pour cent", "pour cent")
    per_mille: ClassVar = Noun("pour mille", "pour mille")
    to: ClassVar = "à"
    to_day: ClassVar = "au"
    always: ClassVar = "vingt-quatre heures sur vingt-quatre, sept jours sur sept"
    between: ClassVar = "et"
    ratio: ClassVar = "à"
    out_of: ClassVar = "sur"
    either: ClassVar = "ou"
    over: ClassVar = "sur"
    by: ClassVar = "sur"
    per: ClassVar = "par"
    of: ClassVar = "de"
    and_cents: ClassVar = "et"
    and_part: ClassVar = "et"
    halves: ClassVar = {"m": "demi", "f": "demie"}
    rank: ClassVar = "numéro"
    powers: ClassVar = {"2": "au carré", "3": "au cube"}
    power: ClassVar = "puissance"
    scales: ClassVar = {
        3: Noun("mille", "mille"),
        6: Noun("million", "millions"),
        9: Noun("milliard", "milliards"),
        12: Noun("billion", "billions"),
    }
    signs: ClassVar = {
        "+": "plus",
        "-": "moins",
        "−": "moins",
        "±": "plus ou moins",
        "×": "fois",
        "*": "fois",
        "·": "fois",
        "⋅": "fois",
        "÷": "divisé par",
        "/": "sur",
        ":": "divisé par",
        "=": "égale",
        "==": "égale",
        "≠": "différent de",
        "!=": "différent de",
        "<": "inférieur à",
        ">": "supérieur à",
        "<=": "inférieur ou égal à",
        "≤": "inférieur ou égal à",
        ">=": "supérieur ou égal à",
        "≥": "supérieur ou égal à",
        "≈": "environ égal à",
        "~": "environ",
        "→": "vers",
        "->": "vers",
        "=>": "donc",
        "⇒": "donc",
        "&": "et",
        "%": "pour cent",
        "√": "racine carrée de",
        "∛": "racine cubique de",
        "∃": "il existe",
        "∀": "pour tout",
        "∅": "ensemble vide",
        "⊆": "inclus dans",
        "⊂": "inclus dans",
        "∉": "n'appartient pas à",
        "∩": "inter",
        "∪": "union",
        "∜": "racine quatrième de",
        "∞": "l'infini",
        "°": "degrés",
        "§": "paragraphe",
        "∑": "somme",
        "∝": "proportionnel à",
        "⊥": "perpendiculaire à",
        "∥": "parallèle à",
        "∇": "nabla",
        "∫": "intégrale",
        "∈": "appartient à",
        "@": "arobase",
        "#": "dièse",
        "^": "puissance",
        "|": "barre verticale",
        "!": "factorielle",
    }
    before: ClassVar = {
        "<": "moins de",
        ">": "plus de",
        "≤": "au plus",
        "<=": "au plus",
        "≥": "au moins",
        ">=": "au moins",
        "~": "environ",
        "≈": "environ",
        "&": "et",
    }
    after: ClassVar = {"+": "plus"}
    marks: ClassVar = {
        ".": "point",
        "@": "arobase",
        "/": "barre oblique",
        "-": "tiret",
        "_": "tiret bas",
        ":": "deux-points",
        "#": "dièse",
        "?": "point d'interrogation",
        "=": "égale",
        "&": "et",
        "+": "plus",
        "~": "tilde",
        "%": "pour cent",
        "*": "étoile",
        ",": "virgule",
        "\\": "barre oblique inverse",
    }
    coins: ClassVar = {
        "EUR": Coin(Noun("euro", "euros"), _CENT),
        "USD": Coin(Noun("dollar", "dollars"), Noun("cent", "cents")),
        "CAD": Coin(Noun("dollar canadien", "dollars canadiens"), Noun("cent", "cents")),
        "GBP": Coin(Noun("livre", "livres", "f"), Noun("penny", "pence")),
        "CHF": Coin(Noun("franc suisse", "francs suisses"), _CENT),
        "JPY": Coin(Noun("yen", "yens")),
        "CNY": Coin(Noun("yuan", "yuans")),
        "INR": Coin(Noun("roupie", "roupies", "f")),
        "RUB": Coin(Noun("rouble", "roubles"), Noun("kopeck", "kopecks")),
        "KRW": Coin(Noun("won", "wons")),
        "BRL": Coin(Noun("réal", "réaux"), Noun("centavo", "centavos")),
        "XOF": Coin(Noun("franc CFA", "francs CFA")),
        "XAF": Coin(Noun("franc CFA", "francs CFA")),
        "MAD": Coin(Noun("dirham", "dirhams"), Noun("centime", "centimes")),
        "TND": Coin(Noun("dinar", "dinars")),
        "DZD": Coin(Noun("dinar", "dinars")),
        "XBT": Coin(Noun("bitcoin", "bitcoins")),
    }
    units: ClassVar = {
        "basis-point": Noun("point de base", "points de base"),
        "beaufort": Noun("Beaufort", "Beaufort"),
        "bedroom": Noun("chambre", "chambres", "f"),
        "bathroom": Noun("salle de bain", "salles de bain", "f"),
        "tablet": Noun("comprimé", "comprimés"),
        "capsule": Noun("gélule", "gélules", "f"),
        "ampoule": Noun("ampoule", "ampoules", "f"),
        "drop": Noun("goutte", "gouttes", "f"),
        "international-unit": Noun("unité internationale", "unités internationales", "f"),
        "repetition": Noun("répétition", "répétitions", "f"),
        "inhabitant-per-square-kilometer": Noun("habitant par kilomètre carré", "habitants par kilomètre carré"),
        "page": Noun("page", "pages", "f"),
        "night": Noun("nuit", "nuits", "f"),
        "piece": Noun("pièce", "pièces", "f"),
        "bottle": Noun("bouteille", "bouteilles", "f"),
        "packet": Noun("paquet", "paquets"),
        "slice": Noun("tranche", "tranches", "f"),
        "visitor": Noun("visiteur", "visiteurs"),
        "place": Noun("emplacement", "emplacements"),
        "dwelling": Noun("logement", "logements"),
        "point": Noun("point", "points"),
        "person": Noun("personne", "personnes", "f"),
        "inhabitant": Noun("habitant", "habitants"),
        "copy": Noun("exemplaire", "exemplaires"),
        "sachet": Noun("sachet", "sachets"),
        "millimole": Noun("millimole", "millimoles", "f"),
        "microliter": Noun("microlitre", "microlitres"),
        "nanogram": Noun("nanogramme", "nanogrammes"),
        "ampere-hour": Noun("ampère-heure", "ampères-heures"),
        "microampere": Noun("microampère", "microampères"),
        "kiloohm": Noun("kiloohm", "kiloohms"),
        "megaohm": Noun("mégohm", "mégohms"),
        "megajoule": Noun("mégajoule", "mégajoules"),
        "kilonewton": Noun("kilonewton", "kilonewtons"),
        "terahertz": Noun("térahertz", "térahertz"),
        "millisievert": Noun("millisievert", "millisieverts"),
        "kilowatt-peak": Noun("kilowatt-crête", "kilowatts-crête"),
        "cent": Noun("centime", "centimes"),
        "time": Noun("fois", "fois", "f"),
        "metric-ton": Noun("tonne", "tonnes", "f"),
        "watt-hour": Noun("wattheure", "wattheures"),
        "megawatt-hour": Noun("mégawattheure", "mégawattheures"),
        "gigawatt-hour": Noun("gigawattheure", "gigawattheures"),
        "milliampere-hour": Noun("milliampère-heure", "milliampères-heures"),
        "millivolt": Noun("millivolt", "millivolts"),
        "kilovolt": Noun("kilovolt", "kilovolts"),
        "kibibyte": Noun("kibioctet", "kibioctets"),
        "mebibyte": Noun("mébioctet", "mébioctets"),
        "gibibyte": Noun("gibioctet", "gibioctets"),
        "tebibyte": Noun("tébioctet", "tébioctets"),
        "square-millimeter": Noun("millimètre carré", "millimètres carrés"),
        "frame": Noun("image", "images", "f"),
        "beat": Noun("battement", "battements"),
        "decibel": Noun("décibel", "décibels"),
        "part-per-million": Noun("partie par million", "parties par million", "f"),
        "liter-per-100-kilometer": Noun("litre aux cent kilomètres", "litres aux cent kilomètres"),
        "kilowatt-hour": Noun("kilowattheure", "kilowattheures"),
        "horsepower": Noun("cheval", "chevaux"),
        "kilogram": Noun("kilo", "kilos"),
        "percent": Noun("pour cent", "pour cent"),
    }
    eras: ClassVar = {
        "av.J.-C.": "avant Jésus-Christ",
        "apr.J.-C.": "après Jésus-Christ",
        "ap.J.-C.": "après Jésus-Christ",
    }
    hour: ClassVar = Noun("heure", "heures", "f")
    minute: ClassVar = Noun("minute", "minutes", "f")
    second: ClassVar = Noun("seconde", "secondes", "f")

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number; "un" at its end becomes "une" in front of a feminine noun."""
        words = named(digits, "fr")
        if agreement.gender == "f" and re.search(r"\bun$", words):
            return f"{words}e"
        return words

    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender from its end; None for words that are no nouns."""
        word = noun.lower()
        if word in _FUNCTION_WORDS:
            return None
        if word in _FEMININE_WORDS:
            return "f"
        if word in _MASCULINE_WORDS or _MASCULINE.search(word):
            return "m"
        return "f" if _FEMININE.search(word) else "m"

    def form(self, number: Number, noun: Noun, case: object = "n") -> str:  # noqa: ARG002 - French has no cases
        """The noun's form behind a number: singular below two."""
        return noun.one if number.whole in ("", "0", "1") and not number.scale else noun.many

    def of_many(self, words: str, noun: str) -> str:
        """Put a noun behind a million: "deux millions d'euros"."""
        return f"{words} d'{noun}" if re.match(r"[aeiouyéèêhâîô]", noun) else f"{words} de {noun}"

    def part_of(self, noun: Noun) -> str:
        """Say of what something is a part: "d'heure", "de litre"."""
        return self.of_many("", noun.one).lstrip()

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range: "cinq à dix", "entre cinq et dix"."""
        match span:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.say_span(Span(replace(first, scale=3), last), around)
            case Span(Number() as first, Number() as last):
                word = self.between if last_word(around.before) == "entre" else self.to
                agreement = self.agreement(around)
                return f"{self.say_number(first, agreement)} {word} {self.say_number(last, agreement)}"
            case Span(Clock() as opens, Clock() as closes):  # "9h-17h" has its word at both
                return f"{self.say_clock(opens)} {self.to} {self.say_clock(closes)}"
            case _:
                return super().say_span(span, around)

    def say_size(self, size: Size) -> str:
        """Say "deux fois trois" of small numbers without a unit, which may as well be a product."""
        if not size.unit and all(len(side.whole) < 3 for side in size.sides):
            return f" {self.signs['×']} ".join(map(self.say_number, size.sides))
        return super().say_size(size)

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:  # noqa: ARG002 - the words around do not count
        """Say "quatorze heures trente"."""
        words = self.count(Number(str(clock.hour)), self.hour)
        if clock.minute:
            words += f" {self.whole(str(clock.minute), Agreement('f'))}"
        if clock.second:
            words += f" et {self.count(Number(str(clock.second)), self.second)}"
        halves = {"am": " du matin", "pm": " de l'après-midi" if clock.hour < 6 else " du soir"}
        return words + halves.get(clock.half, "")

    def say_day(self, day: int, around: Around) -> str:  # noqa: ARG002 - the words around do not count
        """Say "premier", "deux"."""
        return "premier" if day == 1 else self.whole(str(day))

    def say_date(self, date: Date, around: Around) -> str:
        """Say "premier mai deux mille vingt-quatre"."""
        day = [self.say_day(date.day, around)] if date.day else []
        year = [self.year(date.year)] if date.year else []
        return " ".join([*day, _MONTHS[date.month - 1], *year])

    def ordinal(self, value: int, gender: Gender = "m", *, is_second: bool = False) -> str:
        """Say "vingt et unième"."""
        if value == 1:
            return "première" if gender == "f" else "premier"
        if is_second:
            return "seconde" if gender == "f" else "second"
        # num2words keeps the plural of "quatre-vingts" and "cents", and says "un millionième".
        words = named(str(value), "fr", "ordinal")
        return re.sub(r"^un (?=milli)", "", re.sub(r"(vingt|cent|million|milliard)sième$", r"\1ième", words))

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "première" as its mark or the noun behind it asks for."""
        mark = ordinal.mark.lower()
        if mark in ("º", "°", "o", "os"):
            return f"{self.rank} {self.whole(ordinal.digits)}"
        is_feminine = mark.startswith(("re", "ère", "nde", "de")) or self.gender_of(next_word(around.after)) == "f"
        is_feminine = is_feminine and not mark.startswith("er")
        words = self.ordinal(int(ordinal.digits), "f" if is_feminine else "m", is_second=mark.startswith(("nd", "d")))
        return f"{words}s" if mark.endswith("s") else words

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "trois quarts", "une demi"."""
        if bottom == "2" and top == "1":
            return "une demi" if agreement.gender == "f" else "un demi"
        named_parts = {"2": "demi", "3": "tiers", "4": "quart"}
        if bottom in named_parts:
            part = named_parts[bottom]
        elif len(bottom) > 3 or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} sur {self.whole(bottom)}"
        else:
            part = self.ordinal(int(bottom))
        return f"{self.whole(top)} {part if top == '1' or part == 'tiers' else f'{part}s'}"

    def say_roman(self, roman: Roman, around: Around) -> str:  # noqa: ARG002 - the words around do not count
        """Say "Louis quatorze", but "François premier"."""
        return "premier" if roman.is_ordinal and roman.value == 1 else self.whole(str(roman.value))

    def say_phone(self, phone: Phone) -> str:
        """Say a telephone number in pairs: "zéro six douze trente-quatre"."""
        said = [
            self.whole(group) if len(group) < 3 and group[0] != "0" else self.digits(group)
            for group in (re.sub(r"\D", "", group) for group in phone.groups)
        ]
        words = ", ".join(said)
        return f"{self.plus} {words}" if phone.has_plus else words
