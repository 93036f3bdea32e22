"""German: endings of ordinals by the article in front, years in hundreds, "um vierzehn Uhr dreißig"."""

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
    month_of_year_rule,
    month_rule,
    quarter_rule,
    roman_span_rule,
    short_number_rule,
    side_rule,
    step_rule,
    wind_rule,
)
from ..notation.tokens import (
    NOWHERE,
    Clock,
    Code,
    Date,
    Duration,
    Fraction,
    Measure,
    Money,
    Number,
    Ordinal,
    Phone,
    Roman,
    Said,
    Span,
    Year,
)
from .european import (
    ALONE,
    VERSIONED,
    Agreement,
    Coin,
    European,
    Noun,
    as_amount,
    closed,
    is_one,
    last_word,
    named,
    next_word,
    roman,
    with_capitals,
)

if TYPE_CHECKING:
    from ..notation.tokens import Amount, Around, Token
    from .european import Case, Gender

_MONTHS: Final = (
    "Januar", "Februar", "März", "April", "Mai", "Juni",
    "Juli", "August", "September", "Oktober", "November", "Dezember",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "jan": 1, "jän": 1, "jänner": 1, "feb": 2, "febr": 2, "feber": 2, "mär": 3, "mrz": 3, "apr": 4, "jun": 6, "jul": 7,
    "aug": 8, "sep": 9, "sept": 9, "okt": 10, "nov": 11, "dez": 12,
}  # fmt: skip

# Words in front of a number and its unit, by the case they ask for.
_DATIVE: Final = frozenset("ab aus außer bei mit nach seit von vor zu binnen zwischen in".split())
_GENITIVE: Final = frozenset("wegen während trotz statt anstatt innerhalb außerhalb".split())
_NOMINATIVE: Final = frozenset("ist sind war waren bleibt bleiben wird werden fehlt fehlen als gleich sei wäre".split())

# Articles and the like in front of an ordinal, by the ending they ask for.
_WEAK: Final = frozenset("der die das eine keine meine deine seine ihre unsere eure jede diese jene welche".split())
_OBLIQUE: Final = frozenset(
    "dem den des einem einen einer eines am im vom zum zur beim ins ans aufs jedem jeden jeder jedes diesem diesen "
    "dieser "
    "d v dieses keinem keinen keiner meinem meinen meiner deinem deinen deiner seinem seinen seiner ihrem ihren ihrer "
    "unserem unseren unserer welchem welchen bis ab seit und oder für spätestens".split()
)
_INDEFINITE: Final = frozenset("ein kein mein dein sein ihr unser euer".split())
# Behind these, "der" is a dative: "in der 2. Woche".
_BEFORE_DATIVE: Final = frozenset(
    "in an auf mit von nach bei aus seit vor hinter neben über unter zu ab gegenüber".split()
)
_ARTICLES: Final = _WEAK | _OBLIQUE | _INDEFINITE

_FEMININE: Final = re.compile(r"(?:[sx]is|ung|heit|keit|schaft|ion|tät|ik|ur|enz|anz|ie|ei|[^aeiou]e)$")
_FEMININE_WORDS: Final = frozenset(
    "Uhr Zahl Tür Hand Stadt Nacht Person Frau Antwort Frucht Bank Wand Kraft Fahrt Schicht Liga Million Auswahl Kuh "
    "Maus "
    "Nuss Wurst Arbeit Gefahr Mutter Tochter Schwester Nummer Feier Regel Gabel Insel Kartoffel Zwiebel Klausur Wahl "
    "Firma Pizza E-Mail Mail SMS Pers Aufl Std Min Kl Abt Etg SSW KW".split()
)
_NEUTER: Final = re.compile(r"(?:chen|lein|ment|um|nis|ett|[bB]yte|[bB]it)$")
_NEUTER_WORDS: Final = frozenset(
    "Mal Jahr Buch Haus Kind Tor Bild Zimmer Bett Auto Ei Brot Bier Glas Spiel Wort Stück Kapitel Quartal Konto "
    "Jahrhundert "
    "Jahrzehnt Semester Foto Video Problem Ticket Produkt Gerät Mitglied Gramm Kilo Prozent Grad Byte Bit Pfund "
    "Fenster "
    "Geschenk Tier Land Hotel Restaurant Level Halbjahr Viertel Drittel Geschoss Obergeschoss Wunder Beispiel Modell "
    "Handy "
    "OG Team Paar Lied Album Schiff Pferd Rad Fahrrad Messer Hemd Kleid Paket Update Thema Ende Auge Interesse Gebäude "
    "Gemüse".split()
)
_MASCULINE_WORDS: Final = frozenset("Name Junge Kunde Kollege Käse Gedanke Zeuge Euro Punkt Weltkrieg".split())

# What is numbered by its rank, even where a list may begin: "Impfung: 1. Dosis nach zwei Monaten".
_RANKED_NOUNS: Final = frozenset(
    "Dosis Tag Platz Preis Halbzeit Runde Stock Rang Gang Klasse Woche Monat Quartal Mahnung Rate Auflage Etage "
    "Semester "
    "Trimester Satz Akt Liga Person Versuch Teil Hälfte Advent Weihnachtstag Mal Jahr Stunde Minute Spieltag Etappe "
    "Reihe "
    "Impfung Termin Obergeschoss OG Untergeschoss UG Geburtstag Weltkrieg Bundesliga Lektion Zeile Spalte Wahl".split()
)
# Words that begin a sentence behind "3.", so that the full stop is the end of one.
_SENTENCE_STARTERS: Final = frozenset(
    "Der Die Das Den Dem Des Ein Eine Es Er Sie Wir Ich Ihr Du Danach Dann Und Aber Oder Doch Denn Wenn Als Da Dabei "
    "Dort "
    "Hier Heute Morgen Gestern Jetzt Nun So Auch Noch Nur In Im Am An Auf Bei Mit Nach Von Vor Zu Zum Zur Für Ohne Um "
    "Über "
    "Unter Bitte Was Wer Wie Wo Wann Warum Alle Viele Diese Dieser Dieses Jeder Jede Jedes Man Kein Keine Mein Meine "
    "Dein "
    "Ja Nein Also Außerdem Deshalb Daher Trotzdem Zuerst Später Zudem Sonst Soll Ist Sind Hat Haben Kann Können".split()
)
# Behind these, digits are a number, and a full stop behind them ends the sentence.
_NUMBERED: Final = frozenset(
    "s abs satz absatz paragraf nr nummer kapitel seite band teil artikel punkt schritt zimmer raum gleis tor etwa "
    "circa".split()
)
_CHAPTERS: Final = frozenset(
    "kap bd abschn kapitel band teil akt szene abschnitt artikel anhang klasse stufe typ phase buch".split()
)

_ORDINAL: Final = re.compile(r"(?P<digits>\d{1,3}(?:\.\d{3})+|\d{1,4})\.(?=\s+(?P<next>[^\W\d_]+))")
# "am 1., 2. und 11. Mai": each of them is an ordinal; what follows may not be written yet.
_LISTED: Final = re.compile(r"(\d{1,3})\.(?:(?=,)|(?<=\d\.,\s\d\.)|(?<=\d\.,\s\d\d\.))(?=[,\s]|\Z)")
_LIST_BEFORE: Final = re.compile(r"(?:\d{1,3}\.(?:\d{1,2}\.)?,?\s(?:und\s|u\.\s|oder\s|sowie\s)?)+\Z")
_ROMAN: Final = re.compile(r"(?P<letters>[IVX]{1,6})\.(?=[\s,;:)]|$)")


def _decade_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "90er" and "1990er"."""
    found = _DECADE.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    words = named(found[1], "de", "year" if len(found[1]) == 4 else "cardinal")
    return found.end(), Said(f"{words}{found[2]}")


def _thousands_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "12 T€" for thousands of euros, and "5%ige" for one word."""
    if text[at] == "Ø" and _AVERAGE.match(text, at):
        return at + 1, Said("durchschnittlich")
    if text[at] == "§" and text[at : at + 2] == "§§":
        return at + 2, Said("Paragrafen")
    if text[at : at + 2] == "S." and _PARAGRAPH_BEFORE.search(text, max(0, at - 16), at):
        return at + 2, Said("Satz")
    if not text[at].isdecimal() or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,"):
        return None
    if (found := _FILE.match(text, at)) is not None and _FILE_CUE.search(text, max(0, at - 20), at):
        year = named(found[4], "de") if found[4][0] != "0" else f"null {named(found[4][1], 'de')}"
        return found.end(), Said(f"{named(found[1], 'de')} {found[2]} {named(found[3], 'de')} {year}")
    if (found := _JOINED.match(text, at)) is not None:
        one = "ein" if found[1] == "1" else named(found[1], "de")
        return found.end(), Said(f"{one}{found[2]}")
    if (found := _POINTS.match(text, at)) is not None:
        return found.end(), Measure(
            Number(found[1], found[2] or "", mark="," if found[2] else ""), "percentage-point", "%"
        )
    if (found := _THOUSANDS.match(text, at)) is not None:
        return found.end(), Money(Number(found[1], found[2] or "", mark="," if found[2] else "", scale=3), "EUR", "€")
    if (found := _PER_CENT.match(text, at)) is not None:
        return found.end(), Said(f"{named(found[1], 'de')}prozent{found[2]}")
    return None


_AVERAGE: Final = re.compile(r"Ø\s?[\d.,]+\s?(?:km/h|€|%|kcal|Std|h\b|min|Min|l/|kWh|Punkte|Tage|°C)")
_FILE: Final = re.compile(r"([1-9][0-9]{0,2}) ([A-Z][A-Za-z]{0,2}) ([1-9][0-9]{0,4})/([0-9]{2})(?!\w)")
_JOINED: Final = re.compile(
    r"(\d{1,3})[- ]?((?:jährig|minütig|stündig|tägig|wöchig|monatig|köpfig|stellig|teilig|seitig|türig|stöckig|"
    r"sprachig|"
    r"prozentig|malig|zeilig|strahlig|fach|mal|gängig|sätzig|sekündig|stufig|kernig|adrig|gleisig|spurig)"
    r"(?:e[nmrs]?)?)(?!\w)"
)
_FILE_CUE: Final = re.compile(r"(?:Az\.:?|Aktenzeichen:?|Urteil|Beschluss) \Z")
_PARAGRAPH_BEFORE: Final = re.compile(r"Abs\.\s[0-9]{1,2}\s\Z")
_POINTS: Final = re.compile(r"([0-9]{1,3})(?:,([0-9]{1,2}))?\s?%-Punkte?n?(?!\w)")
_THOUSANDS: Final = re.compile(r"(\d{1,6})(?:,(\d{1,2}))?\s?(?:T ?€|TEUR)(?!\w)")
_PER_CENT: Final = re.compile(r"(\d{1,4})\s?(?:%|-prozent)-?(ige?[nmrs]?)(?!\w)")
_DECADE: Final = re.compile(r"(\d{2}|1\d{3}|20\d{2})(ern?)\b")
# "Es gibt zwei Wege: 1. Warten, 2. Gehen" counts its ways; more than nine are rather ordinals.
_LONGEST_LIST: Final = 9
# So many characters lie between two numbers of a list.
_LONGEST_ITEM: Final = 120
# "Sie wurde 3. beim Rennen."
_BEFORE_PLACE: Final = frozenset("in im bei beim hinter".split())
_RANKED: Final = frozenset("wurde wurden wird werden ist war als".split())


def _ordinal_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3." for an ordinal if a word follows that can be counted: "im 3. Stock", "die 1. große Aufgabe"."""
    listed = _LISTED.match(text, at) if text[at - 1 : at].isspace() else None
    if listed is not None and last_word(_LIST_BEFORE.sub("", text[max(0, at - 40) : at])) in _ARTICLES:
        return listed.end(), Ordinal(listed[1], ".")
    found = _ORDINAL.match(text, at)
    before = last_word(text[max(0, at - 40) : at])
    if found is None or text[at - 1 : at] in (".", ",", ":", "-", "–") or before in _NUMBERED:
        return None
    follower = found["next"]
    digits = found["digits"].replace(".", "")
    is_listed = (
        text[at - 2 : at] == ": " if digits == "1" else f" {int(digits) - 1}. " in text[max(0, at - _LONGEST_ITEM) : at]
    )
    if (
        is_listed
        and follower not in _RANKED_NOUNS
        and before not in _ARTICLES
        and follower.lower() not in _CUSTOMS.months  # "Mo., 3. Nov., u. Di., 4. Nov."
        and re.match(r"[A-ZÄÖÜ][a-zäöüß]", follower)
        and int(digits) <= _LONGEST_LIST
    ):
        return found.end(), Said(f"{named(digits, 'de', 'ordinal').removesuffix('e')}ens,")
    if before in _RANKED and follower[0].islower():
        return found.end(), Ordinal(digits, ".")
    if follower in _BEFORE_PLACE and before not in _ARTICLES:  # "Sie wurde beim Stadtlauf 3. in ihrer Klasse"
        is_her = re.search(r"(?<!\w)[Ss]ie\s[^!?]*\Z", text[:at]) is not None
        return found.end(), Said(named(digits, "de", "ordinal") + ("" if is_her else "r"))
    if before not in _ARTICLES and (follower in _SENTENCE_STARTERS or follower.lower() in _ARTICLES):
        return None
    # Months make a date, which the scanner finds; a unit is counted: "Das sind 3. km" is a typing error.
    return None if follower.lower() in _CUSTOMS.months else (found.end(), Ordinal(digits, "."))


def _roman_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take the full stop along: "Ludwig XIV.", "im II. Weltkrieg"."""
    found = _ROMAN.match(text, at)
    if found is None or not (value := roman(found["letters"])):
        return None
    before = last_word(text[max(0, at - 40) : at])
    if before in _ARTICLES:
        return (found.end(), Ordinal(str(value), ".")) if re.match(r"\s[A-ZÄÖÜ]", text[found.end() :]) else None
    if not re.search(r"[A-ZÄÖÜ][a-zäöüß]+\s$", text[max(0, at - 40) : at]) or before in _CHAPTERS:
        return None
    return found.end(), Roman(value, found["letters"], is_ordinal=True)


def _hour_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "15 h" for a time of the day behind "um" and "Mo–Fr"; elsewhere something takes so many hours."""
    found = _HOURS.match(text, at)
    if found is None or not _HOUR_BEFORE.search(text, max(0, at - 24), at):
        return None
    hours = [Clock(int(hour)) for hour in found.groups() if hour]
    return found.end(), hours[0] if len(hours) == 1 else Span(hours[0], hours[1])


_HOURS: Final = re.compile(r"([01]?[0-9]|2[0-4])(?:\s?[–-]\s?([01]?[0-9]|2[0-4]))?\s?h(?![\w/])(?!\s?[0-9])")
_HOUR_BEFORE: Final = re.compile(
    r"(?<!\w)(?:um|ab|gegen|bis|vor|von [0-9]{1,2} h bis|geöffnet|Öffnungszeiten:|täglich|tgl\.|"
    r"(?:Mo|Di|Mi|Do|Fr|Sa|So)\.?:?|\w+tags?:?)\s\Z"
)


def _zero_phone_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "030 / 901 820" and "0221 99 88 77-0" for telephone numbers: what begins with a zero is no amount."""
    found = _ZERO_PHONE.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple("+(.,/-"):
        return None
    groups = tuple(re.findall(r"[0-9]+", found[0]))
    return (found.end(), Phone(groups)) if sum(map(len, groups)) >= _FEWEST_OF_A_PHONE else None


_FEWEST_OF_A_PHONE: Final = 7
_ZERO_PHONE: Final = re.compile(
    r"0[1-9][0-9]{1,4}(?:\s?/\s?|[ -])[1-9][0-9]{0,9}(?:[ -][0-9]{1,8}){0,5}(?![\w/]|[.,][0-9]|\s?[%€$])"
)


def _short_word_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read short words that only what stands behind them tells: "Gem. Art. 6", "d. 4. Nov.", "lit. b", "So geschl."."""
    if not text[at].isalpha() or text[at - 1 : at].isalnum():
        return None
    for written, said in _SHORT_WORDS:
        if (found := written.match(text, at)) is not None:
            return found.end(), Said(said or _WEEKDAYS[found[0].rstrip(".")])
    return None


_SHORT_WORDS: Final = (
    (re.compile(r"Gem\.(?=\s(?:§|Art|Abs|Ziff|Nr|Anl|Ihre|unsere|de[rmn]\s))"), "Gemäß"),
    (re.compile(r"d\.(?=\s\d{1,2}\.\s?[A-Z0-9])"), "den"),
    (re.compile(r"v\.(?=\s(?:Hbf|Bhf|Bf|Flughafen|Zentrum|Bahnhof))"), "vom"),
    (re.compile(r"v\.(?=\s\d{1,2}\.\s?(?:\d{1,2}\.|[A-Z]))"), "vom"),
    (re.compile(r"Urt\.(?=\s|\Z)"), "Urteil"),
    (re.compile(r"Beschl\.(?=\s|\Z)"), "Beschluss"),
    (re.compile(r"s\.(?=\s(?:auch|oben|unten|hierzu|dazu)(?!\w))"), "siehe"),
    (re.compile(r"lit\.(?=\s[a-z](?!\w))"), "Buchstabe"),
    (re.compile(r"(?:Mo|Di|Mi|Do|Fr|Sa|So)\.?(?=[:,]?\s(?:und Feiertage? )?(?:geschl|Ruhetag|zu\b|frei\b))"), ""),
    (
        re.compile(
            r"(?:Mo|Di|Mi|Do|Sa|So)\.(?<=(?:außer|jeden) ..\.)|(?:Mo|Di|Mi|Do|Sa|So)\.(?<=(?:immer|nur a) ..\.)|"
            r"(?:Mo|Di|Mi|Do|Sa|So)\.(?<=(?:am|ab) ..\.)|(?:Mo|Di|Mi|Do|Sa|So)\.(?<=(?:nur|bis) ..\.)"
        ),
        "",
    ),
    (re.compile(r"EG(?=[\s,.;)])(?<=[imn,] EG)"), "Erdgeschoss"),
    (re.compile(r"DG(?=[\s,.;)])(?<=[imn,] DG)"), "Dachgeschoss"),
    (re.compile(r"UG(?=[\s,.;)])(?<=[imn,.] UG)"), "Untergeschoss"),
    (re.compile(r"spät\.(?=\s(?:um|am|bis|ab|im|nach|\d))"), "spätestens"),
    (re.compile(r"geh\.(?=\s(?:[ET]L|Ess|Tee))"), "gehäufte"),
    (re.compile(r"EZ(?=:?\s(?:0?\d|1[0-2])[/.]\d{2,4}(?!\w))"), "Erstzulassung"),
    (re.compile(r"DZ(?!\w)(?<=im DZ)|DZ(?!\w)(?<=(?:ein|pro|das) DZ)"), "Doppelzimmer"),
    (re.compile(r"EZ(?!\w)(?<=im EZ)|EZ(?!\w)(?<=(?:ein|pro|das) EZ)"), "Einzelzimmer"),
    (re.compile(r"Std\.(?<=(?:eine|jede|pro ) Std\.)|Std\.(?<=(?:einer|jeder|halbe) Std\.)"), "Stunde"),
    (re.compile(r"Min\.(?<=(?:eine|jede|pro ) Min\.)|Min\.(?<=(?:einer|jeder|halbe) Min\.)"), "Minute"),
    (re.compile(r"Wo\.(?<=(?:eine|jede|pro ) Wo\.)|Wo\.(?<=(?:einer|jeder|halbe) Wo\.)"), "Woche"),
    (re.compile(r"Kl\.(?<=\. Kl\.)"), "Klasse"),
    (re.compile(r"Pl\.(?=\))"), "Plural"),
    (re.compile(r"Sg\."), "Singular"),
    (re.compile(r"f\.(?<=\d f\.)(?=[\s,;)]|\Z)"), "folgende"),
    (
        re.compile(r"s\.(?=\s(?:Abb|Tab|Kap|Abschn|S\.|Anl|Anh|Ziff|§|Punkt|Seite|Bild|Link|Foto|Grafik|Skizze))"),
        "siehe",
    ),
    (re.compile(r"Min\.(?<=\d\. Min\.)"), "Minute"),
    (re.compile(r"Std\.(?<=\d\. Std\.)"), "Stunde"),
    (re.compile(r"Wo\.(?<=\d\. Wo\.)"), "Woche"),
)


def _adjective_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Give "die durchschn. Dauer" and "im engl. Original" the ending that the article and the noun ask for."""
    if not text[at].isalpha() or text[at - 1 : at].isalnum():
        return None
    found = _ADJECTIVE.match(text, at) or _IN_LICH.match(text, at)
    if found is None or found[1] in _CUSTOMS.abbreviations or text[max(0, at - 4) : at] == "Dr. ":
        return None
    stem, noun = _ADJECTIVES.get(found[1].lower()) or f"{found[1][:-1].lower()}ich", found[2]
    if not noun:
        stop = "" if text[found.end() :].strip(" \"'”’)»") else "."
        return found.end(), Said((stem.capitalize() if found[1][0].isupper() else stem) + stop)
    before = text[max(0, at - 40) : at]
    is_plural = noun.endswith("en") and not _SINGULAR.search(noun)
    word = last_word(before)
    if is_plural and word not in _ARTICLES:
        ending = "en" if word in _DATIVE else "e"
    else:
        ending = _ending(before, _gender(noun) or "m")
    said = stem + ending
    return found.end(1), Said(said.capitalize() if found[1][0].isupper() else said)


_ADJECTIVES: Final = {
    "dt.": "deutsch", "engl.": "englisch", "frz.": "französisch", "franz.": "französisch", "ital.": "italienisch",
    "span.": "spanisch", "österr.": "österreichisch", "amerik.": "amerikanisch",
    "europ.": "europäisch", "internat.": "international", "russ.": "russisch", "griech.": "griechisch",
    "lat.": "lateinisch", "jap.": "japanisch", "chin.": "chinesisch", "türk.": "türkisch", "poln.": "polnisch",
    "niederl.": "niederländisch", "durchschn.": "durchschnittlich", "jährl.": "jährlich", "mtl.": "monatlich",
    "monatl.": "monatlich", "tägl.": "täglich", "tgl.": "täglich", "wöchentl.": "wöchentlich",
    "versch.": "verschieden",
    "gesetzl.": "gesetzlich", "persönl.": "persönlich", "schriftl.": "schriftlich", "elektr.": "elektrisch",
    "elektron.": "elektronisch", "techn.": "technisch", "wiss.": "wissenschaftlich", "öffentl.": "öffentlich",
    "öff.": "öffentlich", "südl.": "südlich", "nördl.": "nördlich", "westl.": "westlich", "östl.": "östlich",
    "kath.": "katholisch", "ev.": "evangelisch", "evang.": "evangelisch", "röm.": "römisch", "ärztl.": "ärztlich",
    "gewerbl.": "gewerblich", "kostenl.": "kostenlos", "zusätzl.": "zusätzlich", "tatsächl.": "tatsächlich",
    "erm.": "ermäßigt", "rel.": "relativ", "hist.": "historisch", "math.": "mathematisch", "chem.": "chemisch",
    "biol.": "biologisch",
    "phys.": "physikalisch", "med.": "medizinisch", "mech.": "mechanisch", "autom.": "automatisch",
    "akad.": "akademisch", "brit.": "britisch", "schwed.": "schwedisch", "klass.": "klassisch", "polit.": "politisch",
    "prakt.": "praktisch", "jur.": "juristisch", "opt.": "optisch", "landw.": "landwirtschaftlich",
    "wirtsch.": "wirtschaftlich", "mod.": "modern", "priv.": "privat", "kompl.": "komplett", "spez.": "speziell",
    "offiz.": "offiziell", "int.": "international", "kurzfr.": "kurzfristig", "mittelfr.": "mittelfristig",
    "langfr.": "langfristig", "regelm.": "regelmäßig", "unregelm.": "unregelmäßig", "städt.": "städtisch",
    "frdl.": "freundlich", "kgl.": "königlich", "nat.": "national", "port.": "portugiesisch",
    "ungef.": "ungefähr", "voraussichtl.": "voraussichtlich", "mögl.": "möglich", "gleichz.": "gleichzeitig",
}  # fmt: skip
_ADJECTIVE: Final = re.compile(
    rf"({'|'.join(map(re.escape, sorted(_ADJECTIVES, key=len, reverse=True)))})(?:(?=\s((?-i:[A-ZÄÖÜ][a-zäöüß-]+)))|)",
    re.IGNORECASE,
)
# "rechtl.", "mündl.": what ends in a consonant and "l" is cut short.
_IN_LICH: Final = re.compile(r"([a-zäöüß]{2,16}[bdfgkmnprstz]l\.)(?:(?=\s([A-ZÄÖÜ][a-zäöüß-]+))|)")
# "Seiten" and "Namen" are many; these are one.
_SINGULAR: Final = re.compile(
    r"(?:chen|[Ll]eben|[Ee]ssen|[Vv]erfahren|[Tt]reffen|[Rr]aten|[Uu]nternehmen|[Vv]ermögen)\Z"
)


def _hyphened_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "10-km-Lauf" and "8-h-Tag": a number, a unit by its name and a noun; codes behind "Nr."."""
    if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,-/"):
        return None
    if (code := _NUMBERED_CODE.match(text, at)) is not None and text[max(0, at - 4) : at] == "Nr. ":
        return code.end(), Code(tuple(re.findall(r"\d+|-", code[0])), is_secret=True)
    found = _HYPHENED.match(text, at)
    if found is None:
        return None
    number = Number(re.sub(r"\D", "", found[1]), found[2] or "", mark="," if found[2] else "")
    return found.end(), Said(f"{German().say_number(number)}-{_HYPHENED_UNITS[found[3]]}")


_HYPHENED_UNITS: Final = {
    "km": "Kilometer", "m": "Meter", "cm": "Zentimeter", "mm": "Millimeter", "g": "Gramm", "kg": "Kilogramm",
    "mg": "Milligramm", "t": "Tonnen", "l": "Liter", "ml": "Milliliter", "h": "Stunden", "min": "Minuten",
    "s": "Sekunden", "€": "Euro", "%": "Prozent", "GB": "Gigabyte", "MB": "Megabyte", "TB": "Terabyte", "W": "Watt",
    "kW": "Kilowatt", "kWh": "Kilowattstunden", "V": "Volt", "mAh": "Milliamperestunden", "Hz": "Hertz",
    "GHz": "Gigahertz", "MHz": "Megahertz", "MP": "Megapixel", "qm": "Quadratmeter", "m²": "Quadratmeter",
    "mm²": "Quadratmillimeter", "Std.": "Stunden", "Min.": "Minuten", "kcal": "Kilokalorien", "°": "Grad",
    "$": "Dollar",
    "ha": "Hektar", "dB": "Dezibel", "bar": "Bar", "A": "Ampere", "Ω": "Ohm", "PS": "PS", "Tg.": "Tage",
    "Zi.": "Zimmer",
}  # fmt: skip
_HYPHENED: Final = re.compile(
    r"(\d{1,3}(?:\.\d{3})+|\d{1,5})(?:,(\d{1,2}))?-"
    rf"({'|'.join(re.escape(unit) for unit in sorted(_HYPHENED_UNITS, key=len, reverse=True))})"
    r"(?=-(?:[A-ZÄÖÜa-zäöü]|\s(?:und|oder|bzw)))"
)
_NUMBERED_CODE: Final = re.compile(r"\d{1,8}(?:-\d{1,8}){1,4}(?![\w-]|[.,]\d)")


def _quarter_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "im Q3/2024": "im dritten Quartal zweitausendvierundzwanzig"; and "DIN-A4", whose letters are a word."""
    if (paper := _PAPER.match(text, at)) is not None:
        return paper.end(), Said(f"DIN A {named(paper[1], 'de')}")
    found = _QUARTER.match(text, at) if text[at] == "Q" and not text[at - 1 : at].isalnum() else None
    before = text[max(0, at - 40) : at]
    is_name = re.search(r"[A-Z]\w* \Z", before) is not None and last_word(before) not in _ARTICLES | _DATIVE
    if found is None or (is_name and not found[2]):  # "Audi Q3"
        return None
    quarter = f"{German().ordinal(int(found[1]), _ending(before, 'n'))} Quartal"
    return found.end(), Said(f"{quarter} {named(found[2], 'de', 'year')}" if found[2] else quarter)


_PAPER: Final = re.compile(r"DIN-A([0-9])(?!\w)")
_QUARTER: Final = re.compile(r"Q([1-4])(?:\s?/\s?|\s)?(20\d{2})?(?![\w-]|[.,]\d)")


def _full_day_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "04.03." for a day whatever stands in front: no number is written so."""
    found = _FULL_DAY.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    before = last_word(text[max(0, at - 40) : at])
    if before in _CUSTOMS.version_cues or before in ("um", "ab", "gegen"):
        return None
    is_last = not text[found.end() :].strip(" \"'”’)»")
    return found.end() - is_last, Date("", int(found[2]), int(found[1]), "dm")


_FULL_DAY: Final = re.compile(r"(0[1-9]|[12]\d|3[01])\.(0[1-9]|1[0-2])\.(?!\d|\s?\d{4})")


def _bare_year_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "1998" that counts nothing for a year: "das 1998 eröffnete Haus"; hundreds are right of amounts too."""
    found = _BARE_YEAR.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-–+−=×*·^(€$£#_'’"):
        return None
    before = text[max(0, at - 48) : at]
    is_ordinal = text[found.end() : found.end() + 1] == "." and last_word(before) in _ARTICLES
    if is_ordinal or _NO_YEAR_BEFORE.search(before) is not None:
        return None
    return found.end(), Year(found[0])


_BARE_YEAR: Final = re.compile(
    r"1[1-9][0-9]{2}(?!\w|[.,:/'’][0-9]|\s?[-–—/]\s?[0-9]|\s?[%‰€$£°²³=+×÷*·^<>≈±−)]|\s[A-ZÄÖÜ]|"
    r"\s?(?:[kcdm]?m[²³]?|[mk]?g|t|[mc]?l|h|min|s|ms|kcal|kWh|kW|mAh|qm|px|mal|x|bis)(?!\w))"
)
_NO_YEAR_BEFORE: Final = re.compile(
    r"(?i:code|(?<!\w)(?:pin|tan|port|bus|id)|nummer|nr\.|passwort|plz|konto|kennung|durchwahl|telefon|tel\.|(?<!be)ruf|"
    r"wähl|sms|buchung|"
    r"zimmer|(?<!zeit)raum|modell|flug|(?<!\w)zug|linie|artikel|auf [0-9.]+ von|[=+×÷*·^<>≈±−]|(?:eur|usd|chf|"
    r"gbp))[^.!?;]{0,24}\Z|\d\s\Z"
)


def _times_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "1 mal" and "10 Mal": "einmal"; a number behind it is a product's."""
    found = _SO_OFTEN.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-–"):
        return None
    return found.end(), Said("einmal" if found[1] == "1" else f"{named(found[1], 'de')}mal")


_SO_OFTEN: Final = re.compile(r"([1-9][0-9]{0,2})\smal(?!\w)(?!\s?[0-9(])")


def _lap_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "24:30 min", "5:45 h" behind "Fahrzeit" and "1:26,983 min" for how long something takes."""
    if text[at - 1 : at] == ":" and (part := _SECONDS.match(text, at)) is not None:
        return part.end(), Measure(Number(part[1].lstrip("0") or "0", part[2], mark=","), "second", "s")
    if text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,:/-"):
        return None
    if (lap := _LAP.match(text, at)) is not None:
        return lap.end(), Measure(Number(lap[1]), "minute", "min")
    found = _TAKES.match(text, at)
    if found is None:
        return None
    first, second, third = int(found[1]), int(found[2]), found[3]
    if third is not None:
        return found.end(), Duration(first, second, int(third))
    if found[4].lower().startswith("min"):
        if text[found.end() : found.end() + 3] == "/km":
            return found.end() + 3, Said(f"{German().say_duration(Duration(None, first, second))} pro Kilometer")
        return found.end(), Duration(None, first, second)
    is_told = found[4] != "h" or first > _LAST_HOUR or _DURATION_CUE.search(text, max(0, at - 40), at)
    if not is_told:
        return None
    says = German()
    said = (says.count(Number(str(value)), noun) for value, noun in ((first, says.hour), (second, says.minute)))
    words = " ".join(said)
    is_dative = last_word(text[max(0, at - 40) : at]) in _DATIVE
    return found.end(), Said(re.sub(r"\beine(?= )", "einer", words) if is_dative else words)


_LAST_HOUR: Final = 24
_LAP: Final = re.compile(r"(\d{1,2}):(?=[0-5]\d,\d{1,3}(?:\s?(?:min|Min\.))?(?![\w:]))")
_SECONDS: Final = re.compile(r"([0-5]\d),(\d{1,3})(?:\s?(?:min|Min\.))?(?![\w:])")
_TAKES: Final = re.compile(r"(\d{1,3}):([0-5]\d)(?::([0-5]\d))?\s?(h|Std\.?|Stunden|min|Min\.?|Minuten)(?!\w)")
_DURATION_CUE: Final = re.compile(
    r"(?i:(?:zeit|dauer|dauert|dauerte|rekord|nach|in|von|circa|ca\.|etwa|rund|noch):?)\s\Z"
)


def _and_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "24. u. 31.12." and "Bestellnr. 5": "und", "Bestellnummer"."""
    if text[at : at + 3] == "u. " and _DAY_BEFORE.search(text, max(0, at - 4), at) and text[at + 3 : at + 4].isdigit():
        return at + 2, Said("und")
    found = _NUMBER_OF.match(text, at) if text[at].isupper() and not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Said(f"{found[1]}nummer"))


_DAY_BEFORE: Final = re.compile(r"[0-9]\.\s\Z")
_NUMBER_OF: Final = re.compile(r"([A-ZÄÖÜ][a-zäöüß]{2,20})nr\.(?=:?\s?[0-9A-Z])")


def _street_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "Goethestr. 12a", and the digits of a town's number behind a house: "60313 Frankfurt"."""
    if text[at].isdecimal():
        lettered = _LETTERED.match(text, at) if text[at - 1 : at].isspace() else None
        if lettered is not None and _LETTERED_BEFORE.search(text, max(0, at - 40), at):
            return lettered.end(), Said(f"{named(lettered[1], 'de')} {lettered[2]}")
        found = _TOWN.match(text, at)
        if found is None or not (
            _HOUSE.search(text, max(0, at - 12), at) or _STREET_BEFORE.search(text, max(0, at - 60), at)
        ):
            return None
        return found.end(), Code((found[0],), is_secret=True)
    found = _STREET.match(text, at)
    return None if found is None or text[at - 1 : at].isalnum() else (found.end(), Said(f"{found[1]}straße"))


_STREET: Final = re.compile(r"([A-ZÄÖÜ][a-zäöüß-]{2,30})str\.")
_LETTERED: Final = re.compile(r"([1-9][0-9]{0,2})\s?([A-Ha-h])(?![\w-])")
_LETTERED_BEFORE: Final = re.compile(
    r"(?:straße|str\.|weg|platz|allee|gasse|ring|damm|ufer|steig|chaussee|(?<!\w)(?:Haus|Gebäude|Block|Hausnummer|"
    r"Wohnung|Zimmer|"
    r"Raum|Gleis|Gate|Halle|Tor|Steig))\s\Z",
    re.IGNORECASE,
)
_TOWN: Final = re.compile(r"[0-9]{5}(?=\s[A-ZÄÖÜ][a-zäöüß]+)")
_STREET_BEFORE: Final = re.compile(
    r"(?:straße|str\.|weg|platz|allee|gasse|ring|damm|ufer|markt|steig|chaussee|postfach)\s[^!?]{0,45},\s\Z",
    re.IGNORECASE,
)
_HOUSE: Final = re.compile(r"(?:\A|\s[0-9]{1,3}\s?[a-z]?|[EOUD]G|Stock|Etage),\s\Z")
_WINDS: Final = {
    "N": "Nord", "NO": "Nordost", "NE": "Nordost", "O": "Ost", "SO": "Südost", "S": "Süd", "SW": "Südwest", "W": "West",
    "NW": "Nordwest",
}  # fmt: skip
_WEEKDAYS: Final = {
    "Mo": "Montag", "Di": "Dienstag", "Mi": "Mittwoch", "Do": "Donnerstag", "Fr": "Freitag", "Sa": "Samstag",
    "So": "Sonntag",
}  # fmt: skip

_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".'’",
    has_blank_groups=True,
    date_order="dmy",
    months={name.lower(): number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    day_marks=r"\.",
    clock_words=r"\s?(?:Uhr|(?<=:[0-5]\d)h|(?<=:[0-5]\d\s)h)\b",
    clock_marks=":",
    scales={
        "k": 3, "bn": 9, "Tsd.": 3, "Tausend": 3, "tausend": 3,
        "million": 6, "millionen": 6, "milliarde": 9, "milliarden": 9,
        "Mio.": 6, "Mio": 6, "Mill.": 6, "Million": 6, "Millionen": 6,
        "Mrd.": 9, "Mrd": 9, "Milliarde": 9, "Milliarden": 9, "Bio.": 12, "Billion": 12, "Billionen": 12,
    },
    currencies={"US-$": "USD", "Euro": "EUR", "Fr.": "CHF", "SFr.": "CHF", "Franken": "CHF"},
    units={
        "%-Punkte": "percentage-point", "%-Punkten": "percentage-point", "Prozentpkt.": "percentage-point",
        "Bp.": "basis-point", "Bp": "basis-point", "bp": "basis-point", "J.": "year", "Ew.": "inhabitant",
        "Whg.": "flat", "Pl.": "seat", "Bl.": "sheet", "Scheib.": "slice", "Btl.": "sachet",
        "Bd.": "bunch", "Pck.": "packet", "Päck.": "packet", "Pkg.": "package", "Msp.": "knife-tip", "Pr.": "pinch",
        "Pers.": "person",
        "Einw.": "inhabitant", "Pkte.": "point", "Pkte": "point", "Port.": "portion", "Stck.": "item", "Fl.": "bottle",
        "Dtzd.": "dozen",
        "ct": "cent", "Cent": "cent",
        "Std.": "hour", "Std": "hour", "Stdn.": "hour", "Min.": "minute", "Sek.": "second", "Tg.": "day", "Wo.": "week",
        "Mon.": "month", "Stk.": "item", "Pkt.": "point", "EL": "tablespoon",
        "Bft": "beaufort", "Hm": "altitude-meter", "hm": "altitude-meter", "Gehmin.": "walking-minute",
        "Tbl.": "tablet", "Tabl.": "tablet", "Kps.": "capsule", "Kaps.": "capsule",
        "Amp.": "ampoule", "Tr.": "drop",
        "Trpf.": "drop", "IE": "international-unit", "I.E.": "international-unit", "Wdh.": "repetition",
        "Wdhl.": "repetition", "Stg.": "stick",
        "Lj": "light-year", "Lj.": "light-year", "sm": "nautical-mile", "Umdr.": "revolution",
        "U/min": "revolution-per-minute", "Quart.": "quarter", "Jz.": "decade",
        "TL": "teaspoon", "PS": "horsepower", "qm": "square-meter", "Pfd.": "pound",
    },
    abbreviations=with_capitals(closed({
        "Strg": "Steuerung", "Ctrl": "Control",
        "a. d.": "an der", "d. Ä.": "der Ältere", "d. M.": "dieses Monats", "b. a. w.": "bis auf Weiteres",
        "b. w.": "bitte wenden", "m. a. W.": "mit anderen Worten", "o. J.": "ohne Jahr", "o. O.": "ohne Ort",
        "v. J.": "vorigen Jahres", "i. J.": "im Jahre", "i. e. S.": "im engeren Sinne", "i. w. S.": "im weiteren Sinne",
        "m. b. H.": "mit beschränkter Haftung", "u. ä. m.": "und ähnliches mehr", "d. i.": "das ist",
        "jmd.": "jemand", "jmdm.": "jemandem", "jmdn.": "jemanden", "etw.": "etwas", "gez.": "gezeichnet",
        "hrsg.": "herausgegeben", "Anh.": "Anhang", "Begr.": "Begründung", "div.": "diverse", "desgl.": "desgleichen",
        "ders.": "derselbe", "Forts.": "Fortsetzung", "Fn.": "Fußnote", "Prov.": "Provinz", "svw.": "so viel wie",
        "teilw.": "teilweise", "viell.": "vielleicht", "vorl.": "vorläufig", "verst.": "verstorben",
        "Univ.": "Universität", "Ztr.": "Zentner", "Ztschr.": "Zeitschrift", "Zeitschr.": "Zeitschrift",
        "umg.": "umgangssprachlich", "jun.": "junior", "sen.": "senior", "freiw.": "freiwillig", "Frl.": "Fräulein",
        "Lfg.": "Lieferung", "Wwe.": "Witwe", "erg.": "ergänze", "ahd.": "althochdeutsch", "mhd.": "mittelhochdeutsch",
        "Pers.": "Person", "Aufl.": "Auflage", "Mr.": "Mister", "Mrs.": "Missis", "Ms.": "Miss", "Kü.": "Küche",
        "Wfl.": "Wohnfläche", "Nfl.": "Nutzfläche",
        "Ri.": "Richtung", "Ausf.": "Ausfahrt", "vorauss.": "voraussichtlich",
        "verm.": "vermutlich", "wahrsch.": "wahrscheinlich", "zurz.": "zurzeit", "zzt.": "zurzeit",
        "z. H.": "zu Händen", "z.H.": "zu Händen", "i. Allg.": "im Allgemeinen", "i. W.": "im Wesentlichen",
        "m. W.": "meines Wissens", "u. E.": "unseres Erachtens", "o. B.": "ohne Befund", "usf.": "und so fort",
        "u. v. a.": "und viele andere", "u. v. a. m.": "und viele andere mehr", "u. z.": "und zwar",
        "u. zw.": "und zwar", "v. l. n. r.": "von links nach rechts", "v.l.n.r.": "von links nach rechts",
        "s. d.": "siehe dort", "o. a.": "oben angegeben", "u. g.": "unten genannt", "n. a.": "nicht angegeben",
        "k. A.": "keine Angabe", "k.A.": "keine Angabe", "a. a. O.": "am angegebenen Ort",
        "USt-IdNr.": "Umsatzsteuer-Identifikationsnummer", "St.-Nr.": "Steuernummer",
        "Vers.-Nr.": "Versicherungsnummer", "Auftr.-Nr.": "Auftragsnummer", "Ref.-Nr.": "Referenznummer",
        "Ser.-Nr.": "Seriennummer", "Lief.-Nr.": "Lieferscheinnummer", "Sdg.-Nr.": "Sendungsnummer",
        "lfd.": "laufende", "Pos.": "Position", "Bsp.": "Beispiel", "Def.": "Definition", "Erg.": "Ergebnis",
        "Erl.": "Erläuterung", "Abt.": "Abteilung", "Anl.": "Anlage", "Bez.": "Bezirk",
        "Hst.": "Haltestelle", "Ank.": "Ankunft", "Abf.": "Abfahrt", "Abfl.": "Abflug", "inbegr.": "inbegriffen",
        "Verf.": "Verfasser", "Übers.": "Übersetzung", "Verbr.": "Verbrauch",
        "Geschw.": "Geschwindigkeit", "gepl.": "geplant", "vollst.": "vollständig", "zul.": "zulässig",
        "unverb.": "unverbindlich", "verfügb.": "verfügbar", "ausverk.": "ausverkauft", "lieferb.": "lieferbar",
        "gestr.": "gestrichene", "getr.": "getrocknete", "Jhs.": "Jahrhunderts",
        "Jhdt.": "Jahrhundert", "Jt.": "Jahrtausend", "hl.": "heilige", "Hl.": "Heilige", "Gebr.": "Gebrüder",
        "Ges.": "Gesellschaft", "Inh.": "Inhaber", "Präs.": "Präsident", "Dipl.-Kfm.": "Diplomkaufmann",
        "Priv.-Doz.": "Privatdozent", "Univ.-Prof.": "Universitätsprofessor", "Dr.-Ing.": "Doktoringenieur",
        "stellv.": "stellvertretend", "MwSt": "Mehrwertsteuer", "USt": "Umsatzsteuer", "Rückf.": "Rückfahrt",
        "Hinf.": "Hinfahrt", "Zw.-Summe": "Zwischensumme", "Zw.-summe": "Zwischensumme",
        "Kat.": "Kategorie",
        "Min.-Bestellwert": "Mindestbestellwert", "n. n.": "nicht nachgewiesen", "c. t.": "cum tempore",
        "c.t.": "cum tempore", "s. t.": "sine tempore", "s.t.": "sine tempore", "i. Tr.": "in der Trockenmasse",
        "i.Tr.": "in der Trockenmasse", "p. m.": "pro Monat", "Zeitr.": "Zeitraum", "Lit.": "Literatur",
        "beschr.": "beschränkt", "insg.": "insgesamt", "abz.": "abzüglich",
        "Bibl.": "Bibliothek", "Az.": "Aktenzeichen", "Gesch.-Z.": "Geschäftszeichen", "Ø": "Durchmesser",
        "ggü.": "gegenüber", "Vj.": "Vorjahr", "Vm.": "Vormonat", "Vq.": "Vorquartal", "z. Zt.": "zur Zeit",
        "z.Zt.": "zur Zeit", "z. Z.": "zur Zeit", "m. E.": "meines Erachtens", "u. Ä.": "und Ähnliches",
        "u. ä.": "und ähnliches", "i. H. v.": "in Höhe von", "i.H.v.": "in Höhe von", "i. S. v.": "im Sinne von",
        "i. V. m.": "in Verbindung mit", "v. H.": "vom Hundert", "s. a.": "siehe auch", "vgl. a.": "vergleiche auch",
        "a. D.": "außer Dienst", "e. V.": "eingetragener Verein", "e.V.": "eingetragener Verein",
        "ggfs.": "gegebenenfalls", "geschl.": "geschlossen", "geöff.": "geöffnet",
        "ausschl.": "ausschließlich", "Durchschn.": "Durchschnitt",
        "tel.": "telefonisch", "jew.": "jeweils", "beil.": "beiliegend", "betr.": "betrifft",
        "bez.": "bezüglich", "Bhf.": "Bahnhof", "Bf.": "Bahnhof", "Pkt.": "Punkt",
        "Jg.": "Jahrgang", "Fam.": "Familie", "p. P.": "pro Person", "p.P.": "pro Person", "c/o": "care of",
        "Tab.": "Tabelle", "Mitgl.": "Mitglieder", "Vors.": "Vorsitzender",
        "Gem.": "Gemeinde", "Lkr.": "Landkreis", "Postf.": "Postfach", "Etg.": "Etage", "Whg.": "Wohnung",
        "Zi.": "Zimmer", "Schuhgr.": "Schuhgröße", "Gew.": "Gewicht", "Temp.": "Temperatur", "Vol.": "Volumen",
        "Verl.": "Verlängerung", "i. E.": "im Elfmeterschießen", "i. d. F.": "in der Fassung", "rF": "relative Feuchte",
        "sFr.": "Schweizer Franken",
        "OG": "Obergeschoss",
        "Hausnr.": "Hausnummer", "Hsnr.": "Hausnummer", "Tel.-Nr.": "Telefonnummer", "Best.-Nr.": "Bestellnummer",
        "Kd.-Nr.": "Kundennummer", "Art.-Nr.": "Artikelnummer", "Rg.-Nr.": "Rechnungsnummer",
        "Kto.-Nr.": "Kontonummer", "Kto.": "Konto", "Hrsg.": "Herausgeber", "Anm.": "Anmerkung", "Ausg.": "Ausgabe",
        "bes.": "besonders", "einschl.": "einschließlich", "entspr.": "entsprechend", "gem.": "gemäß",
        "insb.": "insbesondere", "insbes.": "insbesondere", "insges.": "insgesamt",
        "lt.": "laut", "wg.": "wegen", "zw.": "zwischen", "Fa.": "Firma",
        "USt.": "Umsatzsteuer", "z. Hd.": "zu Händen", "z.Hd.": "zu Händen",
        "i. A.": "im Auftrag", "i. V.": "in Vertretung", "u. v. m.": "und vieles mehr", "u.v.m.": "und vieles mehr",
        "o. g.": "oben genannt", "ü. NN": "über Normalnull", "ü. d. M.": "über dem Meeresspiegel",
        "gegr.": "gegründet", "ehem.": "ehemals", "urspr.": "ursprünglich",
        "vorm.": "vormittags", "nachm.": "nachmittags", "allg.": "allgemein", "zus.": "zusammen", "bzgl.": "bezüglich",
        "dgl.": "dergleichen", "u. dgl.": "und dergleichen", "od.": "oder", "eigtl.": "eigentlich",
        "stdl.": "stündlich", "pers.": "persönlich",
        "telef.": "telefonisch", "rd.": "rund", "geg.": "gegen",
        "z. B.": "zum Beispiel", "z.B.": "zum Beispiel", "n. d.": "nach dem", "v. d.": "vor dem",
        "d. h.": "das heißt", "d.h.": "das heißt",
        "u. a.": "unter anderem", "u.a.": "unter anderem", "u. U.": "unter Umständen", "i. d. R.": "in der Regel",
        "i.d.R.": "in der Regel", "o. Ä.": "oder Ähnliches", "o.Ä.": "oder Ähnliches", "o. ä.": "oder ähnlich",
        "v. a.": "vor allem", "v.a.": "vor allem", "z. T.": "zum Teil", "z.T.": "zum Teil", "s. o.": "siehe oben",
        "s. u.": "siehe unten", "usw.": "und so weiter", "etc.": "et cetera", "bzw.": "beziehungsweise",
        "ca.": "circa", "evtl.": "eventuell", "ggf.": "gegebenenfalls", "inkl.": "inklusive",
        "MwSt.": "Mehrwertsteuer", "exkl.": "exklusive",
        "vgl.": "vergleiche", "sog.": "sogenannte", "max.": "maximal", "min.": "mindestens", "mind.": "mindestens",
        "Nr.": "Nummer", "Dr.": "Doktor", "Prof.": "Professor", "Hr.": "Herr", "Fr.": "Frau", "Hrn.": "Herrn",
        "St.": "Sankt", "Str.": "Straße", "Tel.": "Telefon", "Abb.": "Abbildung", "Abs.": "Absatz", "Art.": "Artikel",
        "Kap.": "Kapitel", "Jh.": "Jahrhundert", "Jhd.": "Jahrhundert", "geb.": "geboren",
        "gest.": "gestorben", "verh.": "verheiratet", "zzgl.": "zuzüglich", "abzgl.": "abzüglich",
        "bspw.": "beispielsweise",
        "Mio.": "Millionen", "Mrd.": "Milliarden", "Std.": "Stunden", "Min.": "Minuten", "ff.": "folgende",
        "Hbf.": "Hauptbahnhof", "Hbf": "Hauptbahnhof", "Pl.": "Platz", "Mwst.": "Mehrwertsteuer",
        "a. M.": "am Main", "a.M.": "am Main",
        "n. E.": "nach Elfmeterschießen",
        "n. V.": "nach Verlängerung", "p. a.": "pro Jahr",
        "p.a.": "pro Jahr", "n. Chr.": "nach Christus",
        "v. Chr.": "vor Christus", "d. J.": "dieses Jahres", "Dipl.-Ing.": "Diplomingenieur", "Ing.": "Ingenieur",
    })),
    eras=r"\s?[vn]\.\s?(?:Chr|u\.\s?Z)\.",
    year_cues=frozenset(
        "bj jahr jahre jahres jahren jahrgang jg geb gest geboren gestorben gegr gegründet "
        "seit anno anfang mitte ende sommer winter herbst frühjahr frühling "
        "baujahr januar februar märz april mai juni juli august september oktober november dezember".split()
    ),
    code_cues=frozenset(
        "code codes pin tan passwort kennwort bestätigungscode sicherheitscode iban bic kontonummer kundennummer "
        "postleitzahl plz bestellnummer auftragsnummer rechnungsnummer vorgangsnummer ticketnummer sendungsnummer "
        "seriennummer aktenzeichen artikelnummer matrikelnummer vertragsnummer flugnummer zimmernummer id blz "
        "durchwahl boeing wkn isin kenncode zugangscode freischaltcode aktivierungscode gutscheincode türcode "
        "rabattcode zahlencode buchungscode einmalcode anmeldecode prüfcode kennung wlan-passwort schlüssel".split()
    ),
    cue_links=frozenset("ist lautet lauten war ist nummer nr von und mit zu auf heißt".split()),
    version_cues=VERSIONED | frozenset(
        "version kapitel abschnitt punkt ziffer release abschn kap artikel art anhang".split()
    ),
    duration_cues=frozenset("in nach lief dauerte dauert brauchte braucht zeit bestzeit laufzeit rekord".split()),
    number_cues=_CHAPTERS,
    range_words={"zwischen": "und"},
    greek=greek_letters(
        "Alpha Beta Gamma Delta Epsilon Zeta Eta Theta Jota Kappa Lambda My Ny "
        "Xi Omikron Pi Rho Sigma Tau Ypsilon Phi Chi Psi Omega"
    ),
    rules=(
        at_digits(
            short_number_rule(r"(?:send|schick|schreib|sms|text)[^.!?]{0,40}\san(?:\sdie)?"),
        code_rule(
            r"(?:(?!haus)\w+-?nummer|(?:kunden|bestell|auftrags|rechnungs|vertrags|sendungs|artikel)nr\.|"
            r"(?:Bestellung|Auftrag|Rechnung|Vertrag|Ticket|Vorgang|Sendung|Fall|Reklamation|"
            r"Retoure|Buchung|Reservierung|Kunde) Nr\.|[\w.-]+-Nr\.|Notruf|w[äa]hlen Sie(?: die)?|(?:code|pin|"
            r"tan)(?: [a-zäöü]+){0,2} (?:SMS|E-Mail|Mail|App)"
            r"(?: (?:ist|lautet))?|end(?:et|en|end) auf|endziffern?|\(?(?:CVC|CVV)\)?:?|(?:\w*code|pin|tan)(?: "
            r"[\wäöüß-]+){1,4}:)(?: (?:ist|lautet)(?: die)?)?"
        ),
        dotted_clock_rule("um|ab|gegen|bis|von|vor|nach", "bis|und", words=r"Uhr|h"),
        month_of_year_rule("/.", r"bis(?: einschließlich| Ende)?|Ablaufdatum|Gültigkeit|MHD|verfällt"),
        enumeration_rule(lambda number: named(number, "de")),
        _zero_phone_rule,
        _full_day_rule,
        step_rule("(?:Konfektions|Schuh)?größe|Gr\\.", lambda top, bottom: f"{named(top, 'de')} {named(bottom, 'de')}"),
        step_rule(
            "Schritt|Teil|Seite|Folge|Lektion|Frage|Tag|Runde|Aufgabe|Kapitel|Episode|Etappe|Level",
            lambda top, bottom: f"{named(top, 'de')} von {named(bottom, 'de')}",
        ),
        _hour_rule,
        _lap_rule,
        _times_rule,
        _hyphened_rule,
        measure_rule({"S.": "page"}),
        quarter_rule(
            {
                "Q": tuple(f"{word} Quartal" for word in ("erstes", "zweites", "drittes", "viertes")),
                "H": ("erstes Halbjahr", "zweites Halbjahr"),
            },
            lambda year: named(year, "de", "year"),
            is_leading=False,
        ),
        _bare_year_rule,
        ),
        bare_unit_rule(
            "pro|je|per|p\\.", {"Pers.": "person", "Std.": "hour", "Stck.": "item", "Stk.": "item", "St.": "item",
            "Tg.": "day", "Wo.": "week"}
        ),
        month_rule(_SHORT_MONTHS, _MONTHS, "ab|bis|seit|im|anfang|mitte|ende|von|vor|nach|und|zum|"
        "pro", "bis", lambda year: named(year, "de", "year")),
        roman_span_rule(
            r"Kap\.|Kapitel|Bd\.|Bde\.|Bände|Teile?|Akte?|Klassen?|"
            r"Stufen?", "bis", lambda value: named(str(value), "de")
        ),
        side_rule(
            r"nach|dann|tür|und|oder|eingang|von|og|eg|dg|stock|etage|wohnung|whg\.",
            {"re.": "rechts", "li.": "links"},
        ),
        size_rule({"Gr.": "Größe", "Schuhgr.": "Schuhgröße", "Konf.-Gr.": "Konfektionsgröße"}),
        at_heads(
            r"[A-ZÄÖÜa-zäöü]{1,16}\.|(?:[NOSW]|N[OW]|S[OW]|[DEU]G|Sg|Q[1-4]|KW|[ED]Z|DIN)(?![^\W\d])|(?:Mo|Di|Mi|Do|Fr|Sa|"
            r"So)(?!\w)",
            _quarter_rule,
            _short_word_rule,
            _adjective_rule,
            wind_rule(
                r"Wind(?:e|böen)?(?: \w+){0,2}|(?:Wind|Böen?|Strömung)[^.!?]{0,30} aus|nach|Richtung|"
                r"Ausrichtung:?", _WINDS
            ),
            days_rule(_WEEKDAYS, frozenset(("So", "Do"))),
        ),
        _thousands_rule,
        _street_rule,
        _and_rule,
        _decade_rule,
        _roman_rule,
        _ordinal_rule,
        first_rule(_CHAPTERS),
        day_rule(
            ".", r"am|bis|vom|zum|ab|den|der|dem|und|seit|spätestens|(?:mo|di|mi|do|fr|sa|so)\.?,|"
            r"\w+tag,?|[–-]|u\."
        ),
        flight_rule("flug|flüge|flugnummer|zug"),
        abbreviation_rule({
            "S.": "Seite", "Bd.": "Band", "St.": "Sankt", "Gr.": "Größe", "Zi.": "Zimmer", "Kl.": "Klasse",
            "Jg.": "Jahrgang",
            "Aufl.": "Auflage", "Abschn.": "Abschnitt", "Gl.": "Gleis", "Whg.": "Wohnung",
            "op.": "Opus", "ca": "circa", "KW": "Kalenderwoche", "NK": "Nebenkosten", "Bj.": "Baujahr",
            "KV": "Köchelverzeichnis",
            "H.": "Heft", "Abt.": "Abteilung",
            "Vers.": "Version",
            "s. S.": "siehe Seite", "Nr": "Nummer", "Z.": "Zeile", "Ziff.": "Ziffer",
        }),
        weekday_rule(_WEEKDAYS, "bis"),
        last_day_rule(_WEEKDAYS, "bis|und|oder|außer"),
        per_rule({
            "Wo": "Woche", "Woche": "Woche",
            "Std": "Stunde", "h": "Stunde", "Min": "Minute", "min": "Minute", "Mon": "Monat", "Tag": "Tag",
            "s": "Sekunde", "Jahr": "Jahr", "Monat": "Monat", "km²": "Quadratkilometer", "m²": "Quadratmeter",
            "m³": "Kubikmeter", "Einw": "Einwohner", "Pers": "Person", "Person": "Person", "Stk": "Stück",
        }, "pro"),
        compass_rule({"N": "Nord", "S": "Süd", "O": "Ost", "W": "West", "E": "Ost"}),
        read_european,
        phone_rule(r"telefon|tel|telefonnummer|nummer|handy|handynummer|hotline|fax|ruf\w*|anrufen|whatsapp|durchwahl"),
    ),
)  # fmt: skip

_EURO_CENT: Final = Noun("Cent", "Cent", "m")


class German(European):
    """Says tokens in German."""

    formulas: ClassVar = {
        "integral": "Integral von {} bis {} von",
        "integral over": "Integral über {} von",
        "sum": "Summe von {} gleich {} bis {} von",
        "sum over": "Summe über {} von",
        "product": "Produkt von {} gleich {} bis {} von",
        "product over": "Produkt über {} von",
        "limit": "Limes für {} gegen {} von",
        "logarithm": "Logarithmus zur Basis {} von",
        "absolute": "Betrag von {}",
        "prime": "{} Strich",
        "second": "{} zwei Strich",
        "derivative": "d {} nach d {}",
        "bar": "{} quer",
        "hat": "{} Dach",
        "vector": "Vektor {}",
        "call": "{} von {}",
        "factor": "{} mal",
        "derivation": "d nach d {} von",
        "reaction": "reagiert zu",
        "angle": "Winkel {}",
        "triangle": "Dreieck {}",
    }
    of_functions: ClassVar = {"(": "von"}
    functions: ClassVar = {
        "ln": "natürlicher Logarithmus",
        "sin": "Sinus",
        "arcsin": "ArkusSinus",
        "sinh": "Sinus hyperbolicus",
        "cos": "Kosinus",
        "arccos": "ArkusKosinus",
        "cosh": "Kosinus hyperbolicus",
        "tan": "Tangens",
        "arctan": "ArkusTangens",
        "tanh": "Tangens hyperbolicus",
        "tg": "Tangens",
        "arctg": "ArkusTangens",
        "cot": "Kotangens",
        "ctg": "Kotangens",
        "sec": "Sekans",
        "csc": "Kosekans",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("pro per p je der den dem ein einen einem jeder jeden".split())
    code: ClassVar = "de"
    locale: ClassVar = "de"
    ones: ClassVar = ("null", "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
    minus: ClassVar = "minus"
    tag: ClassVar = "Hashtag"
    plus: ClassVar = "plus"
    decimal: ClassVar = "Komma"
    percent: ClassVar = Noun("Prozent", "Prozent", "n")
    per_mille: ClassVar = Noun("Promille", "Promille", "n")
    to: ClassVar = "bis"
    to_day: ClassVar = "bis"
    always: ClassVar = "vierundzwanzig sieben"
    ratio: ClassVar = "zu"
    out_of: ClassVar = "von"
    either: ClassVar = "oder"
    over: ClassVar = "zu"
    by: ClassVar = "mal"
    per: ClassVar = "pro"
    and_cents: ClassVar = "und"
    and_part: ClassVar = "und"
    rank: ClassVar = "Nummer"
    powers: ClassVar = {"2": "hoch zwei", "3": "hoch drei"}
    power: ClassVar = "hoch"
    scales: ClassVar = {
        3: Noun("Tausend", "Tausend", "n"),
        6: Noun("Million", "Millionen", "f"),
        9: Noun("Milliarde", "Milliarden", "f"),
        12: Noun("Billion", "Billionen", "f"),
    }
    signs: ClassVar = {
        "+": "plus", "-": "minus", "−": "minus", "±": "plus minus", "×": "mal", "*": "mal", "·": "mal", "⋅": "mal",
        "÷": "geteilt durch", "/": "durch", ":": "geteilt durch", "=": "gleich", "==": "gleich", "≠": "ungleich",
        "!=": "ungleich", "<": "kleiner als", ">": "größer als", "<=": "kleiner oder gleich",
        "≤": "kleiner oder gleich", ">=": "größer oder gleich", "≥": "größer oder gleich", "≈": "ungefähr gleich",
        "~": "ungefähr", "→": "nach", "->": "nach", "=>": "daraus folgt", "⇒": "daraus folgt", "&": "und",
        "%": "Prozent", "#": "Raute",
        "√": "Wurzel aus", "∛": "dritte Wurzel aus", "∃": "es existiert", "∀": "für alle", "∅": "leere Menge",
        "⊆": "Teilmenge von", "⊂": "Teilmenge von", "∉": "nicht Element von", "∩": "geschnitten mit",
        "∪": "vereinigt mit", "∜": "vierte Wurzel aus", "∞": "unendlich", "°": "Grad", "§": "Paragraf",
        "§§": "Paragrafen",
        "∝": "proportional zu", "⊥": "senkrecht auf", "∥": "parallel zu", "∇": "Nabla",
        "∑": "Summe", "∫": "Integral", "∈": "Element von", "@": "ät", "^": "hoch", "|": "senkrechter Strich",
        "…": "", "•": "", "©": "Copyright", "®": "", "™": "", "!": "Fakultät",
    }  # fmt: skip
    before: ClassVar = {
        "<": "unter", ">": "über", "≤": "höchstens", "<=": "höchstens", "≥": "mindestens", ">=": "mindestens",
        "~": "etwa", "≈": "etwa", "&": "und",
    }  # fmt: skip
    after: ClassVar = {"+": "plus"}
    marks: ClassVar = {
        ".": "Punkt", "@": "ät", "/": "Schrägstrich", "-": "Bindestrich", "_": "Unterstrich", ":": "Doppelpunkt",
        "#": "Raute", "?": "Fragezeichen", "=": "gleich", "&": "und", "+": "plus", "~": "Tilde", "%": "Prozent",
        "*": "Stern", ",": "Komma", "\\": "Rückschrägstrich",
    }  # fmt: skip
    coins: ClassVar = {
        "EUR": Coin(Noun("Euro", "Euro"), _EURO_CENT),
        "USD": Coin(Noun("Dollar", "Dollar"), _EURO_CENT),
        "US-$": Coin(Noun("US-Dollar", "US-Dollar"), _EURO_CENT),
        "GBP": Coin(Noun("Pfund", "Pfund", "n"), Noun("Penny", "Pence", "m")),
        "CHF": Coin(Noun("Franken", "Franken"), Noun("Rappen", "Rappen")),
        "JPY": Coin(Noun("Yen", "Yen")),
        "CNY": Coin(Noun("Yuan", "Yuan")),
        "INR": Coin(Noun("Rupie", "Rupien", "f")),
        "RUB": Coin(Noun("Rubel", "Rubel"), Noun("Kopeke", "Kopeken", "f")),
        "KRW": Coin(Noun("Won", "Won")),
        "PLN": Coin(Noun("Złoty", "Złoty"), Noun("Groschen", "Groschen")),
        "BRL": Coin(Noun("Real", "Reais"), Noun("Centavo", "Centavos")),
        "XBT": Coin(Noun("Bitcoin", "Bitcoin")),
    }
    units: ClassVar = {
        "percentage-point": Noun("Prozentpunkt", "Prozentpunkte"),
        "basis-point": Noun("Basispunkt", "Basispunkte"),
        "altitude-meter": Noun("Höhenmeter", "Höhenmeter"),
        "walking-minute": Noun("Gehminute", "Gehminuten", "f"),
        "beaufort": Noun("Beaufort", "Beaufort"),
        "tablet": Noun("Tablette", "Tabletten", "f"),
        "capsule": Noun("Kapsel", "Kapseln", "f"),
        "ampoule": Noun("Ampulle", "Ampullen", "f"),
        "drop": Noun("Tropfen", "Tropfen"),
        "international-unit": Noun("Internationale Einheit", "Internationale Einheiten", "f"),
        "repetition": Noun("Wiederholung", "Wiederholungen", "f"),
        "stick": Noun("Stange", "Stangen", "f"),
        "bunch": Noun("Bund", "Bund", "n"),
        "page": Noun("Seite", "Seiten", "f"),
        "flat": Noun("Wohnung", "Wohnungen", "f"),
        "seat": Noun("Platz", "Plätze"),
        "sheet": Noun("Blatt", "Blatt", "n"),
        "slice": Noun("Scheibe", "Scheiben", "f"),
        "cup": Noun("Becher", "Becher"),
        "sachet": Noun("Beutel", "Beutel"),
        "packet": Noun("Päckchen", "Päckchen", "n"),
        "package": Noun("Packung", "Packungen", "f"),
        "knife-tip": Noun("Messerspitze", "Messerspitzen", "f"),
        "pinch": Noun("Prise", "Prisen", "f"),
        "person": Noun("Person", "Personen", "f"),
        "inhabitant": Noun("Einwohner", "Einwohner"),
        "portion": Noun("Portion", "Portionen", "f"),
        "bottle": Noun("Flasche", "Flaschen", "f"),
        "dozen": Noun("Dutzend", "Dutzend", "n"),
        "millimole": Noun("Millimol", "Millimol", "n"),
        "microliter": Noun("Mikroliter", "Mikroliter"),
        "nanogram": Noun("Nanogramm", "Nanogramm", "n"),
        "ampere-hour": Noun("Amperestunde", "Amperestunden", "f"),
        "microampere": Noun("Mikroampere", "Mikroampere", "n"),
        "kiloohm": Noun("Kiloohm", "Kiloohm", "n"),
        "megaohm": Noun("Megaohm", "Megaohm", "n"),
        "megajoule": Noun("Megajoule", "Megajoule", "n"),
        "kilonewton": Noun("Kilonewton", "Kilonewton", "n"),
        "terahertz": Noun("Terahertz", "Terahertz", "n"),
        "millisievert": Noun("Millisievert", "Millisievert", "n"),
        "kilowatt-peak": Noun("Kilowatt Peak", "Kilowatt Peak", "n"),
        "time": Noun("Mal", "Mal", "n"),
        "cent": Noun("Cent", "Cent"),
        "metric-ton": Noun("Tonne", "Tonnen", "f"),
        "watt-hour": Noun("Wattstunde", "Wattstunden", "f"),
        "megawatt-hour": Noun("Megawattstunde", "Megawattstunden", "f"),
        "gigawatt-hour": Noun("Gigawattstunde", "Gigawattstunden", "f"),
        "milliampere-hour": Noun("Milliamperestunde", "Milliamperestunden", "f"),
        "millivolt": Noun("Millivolt", "Millivolt", "n"),
        "kilovolt": Noun("Kilovolt", "Kilovolt", "n"),
        "kibibyte": Noun("Kibibyte", "Kibibyte", "n"),
        "mebibyte": Noun("Mebibyte", "Mebibyte", "n"),
        "gibibyte": Noun("Gibibyte", "Gibibyte", "n"),
        "tebibyte": Noun("Tebibyte", "Tebibyte", "n"),
        "square-millimeter": Noun("Quadratmillimeter", "Quadratmillimeter"),
        "frame": Noun("Bild", "Bilder", "n"),
        "beat": Noun("Schlag", "Schläge"),
        "decibel": Noun("Dezibel", "Dezibel", "n"),
        "item": Noun("Stück", "Stück", "n"),
        "point": Noun("Punkt", "Punkte"),
        "tablespoon": Noun("Esslöffel", "Esslöffel"),
        "teaspoon": Noun("Teelöffel", "Teelöffel"),
        "horsepower": Noun("PS", "PS", "n"),
        "part-per-million": Noun("Teil pro Million", "Teile pro Million", "n"),
        "liter-per-100-kilometer": Noun("Liter auf hundert Kilometer", "Liter auf hundert Kilometer"),
        "dot-per-inch": Noun("Punkt pro Zoll", "Punkte pro Zoll"),
        "kilogram": Noun("Kilogramm", "Kilogramm", "n"),
        "gram": Noun("Gramm", "Gramm", "n"),
        "milligram": Noun("Milligramm", "Milligramm", "n"),
        "microgram": Noun("Mikrogramm", "Mikrogramm", "n"),
        "megapixel": Noun("Megapixel", "Megapixel", "n"),
        "pixel": Noun("Pixel", "Pixel", "n"),
    }
    eras: ClassVar = {
        "v.Chr.": "vor Christus",
        "n.Chr.": "nach Christus",
        "v.u.Z.": "vor unserer Zeitrechnung",
        "n.u.Z.": "nach unserer Zeitrechnung",
    }
    hour: ClassVar = Noun("Stunde", "Stunden", "f")
    minute: ClassVar = Noun("Minute", "Minuten", "f")
    second: ClassVar = Noun("Sekunde", "Sekunden", "f")
    prefixes: ClassVar = {"v": "Version"}

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number; 1 in front of a noun is "ein", "eine", "einen"."""
        # num2words puts an "s" too many into 101 000 and 101 000 000: "einhunderteinstausend".
        words = re.sub(r"eins (?=Mill|Bill)", "eine ", named(digits, "de").replace("einstausend", "eintausend"))
        if agreement.is_counted and digits == "1":
            return _article(agreement)
        if agreement.is_counted and words.endswith("hunderteins"):
            return words.removesuffix("s")
        return words

    def year(self, digits: str) -> str:
        """Say 1876 in hundreds, 2024 in thousands."""
        if len(digits) == 4 and digits[0] != "0":
            return named(digits, "de", "year").replace("einstausend", "eintausend")
        return self.whole(digits)

    def case_of(self, around: Around) -> Case:
        """The case by the word in front; without a preposition, an object in the middle of a sentence."""
        before = last_word(around.before)
        if before in _DATIVE:
            return "d"
        if before in _GENITIVE:
            return "g"
        is_equated = re.match(r"\s?[=≈]", around.after) is not None
        is_alone = re.search(r"(?:^|[.!?:;•–—(=≈])\s*$", around.before) is not None
        return "n" if before in _NOMINATIVE or is_equated or is_alone else "a"

    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender; a noun begins with a capital letter."""
        return _gender(noun)

    def agreement(self, around: Around) -> Agreement:
        """What a number agrees with; nothing behind a word that numbers things: "Satz eins Nummer drei"."""
        if last_word(around.before) in _NUMBERED:
            return ALONE
        joined = _JOINED_NOUN.match(around.after)
        if joined is not None and _NOUN_BEFORE.search(around.before) is None:  # "1 USB-Stick"
            return Agreement(_gender(joined[1]) or "m", self.case_of(around), is_counted=True, noun=joined[1])
        described = _DESCRIBED.match(around.after)
        if described is not None and _NOUN_BEFORE.search(around.before) is None:  # "1 verpassten Anruf"
            return Agreement(_gender(described[1]) or "m", self.case_of(around), is_counted=True, noun=described[1])
        return super().agreement(around)

    def say_number(self, number: Number, agreement: Agreement = ALONE) -> str:
        """Say a number; "1,5" is "eins Komma fünf" whatever follows."""
        return super().say_number(number, ALONE if number.fraction and not number.scale else agreement)

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; a bare number that can only be a year is one: "seit 1999"."""
        if isinstance(token, Duration):  # "in einer Stunde zwei Minuten"
            said = self.say_duration(token)
            return re.sub(r"\beine(?= )", "einer", said) if last_word(around.before) in _DATIVE else said
        if isinstance(token, Number) and _is_year(token) and last_word(around.before) in _BEFORE_YEARS:
            is_counted = self.gender_of(next_word(around.after)) is not None
            return super().say(token, around) if is_counted else self.year(token.whole)
        if isinstance(token, Number) and _is_year(token) and last_word(around.before) in _HAPPENED:
            return self.year(token.whole)  # "wurde 1871 Kaiser"
        return super().say(token, around)

    def form(self, number: Number, noun: Noun, case: Case = "n") -> str:
        """The noun's form behind a number; in the dative most plurals end in "n": "nach zehn Jahren"."""
        if case == "d" and not is_one(number) and noun.many != noun.one and noun.many.endswith(("e", "er")):
            return f"{noun.many}n"
        return super().form(number, noun, case)

    def count(self, amount: Amount, noun: Noun, case: Case = "n") -> str:
        """Say so many of a noun; "ein bis zwei Zentimeter" in any case."""
        if isinstance(amount, Span) and isinstance(amount.first, Number) and is_one(amount.first):
            return f"ein {self.to} {super().count(as_amount(amount.last), noun, case)}"
        return super().count(amount, noun, case)

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range; the first of two full hours is a plain number: "neun bis siebzehn Uhr"."""
        match span:
            case Span(Clock(hour, None | 0, None, ""), Clock()) if not around.before.endswith("Uhr "):
                return f"{self.whole(str(hour))} {self.to} {self.say_clock(span.last)}"  # type: ignore[arg-type] # a Clock
            case Span(Number() as first, Number() as last):
                word = "und" if last_word(around.before) == "zwischen" else self.to
                if _is_year(first) and _is_year(last) and self.gender_of(next_word(around.after)) is None:
                    return f"{self.year(first.whole)} {word} {self.year(last.whole)}"
                agreement = self.agreement(around)
                one = "ein" if is_one(first) and agreement.is_counted else self.say_number(first)
                return f"{one} {word} {self.say_number(last, agreement)}"
            case _:
                return super().say_span(span, around)

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:  # noqa: ARG002 - the words around do not count
        """Say "vierzehn Uhr dreißig"."""
        words = f"{self.whole(str(clock.hour), Agreement('n', is_counted=True))} Uhr"
        if clock.minute:
            words += f" {self.whole(str(clock.minute))}"
        if clock.second:
            words += f" und {self.count(Number(str(clock.second)), self.second)}"
        return words

    def say_day(self, day: int, around: Around) -> str:
        """Say "dritten", as the article asks for."""
        return self.ordinal(day, _ending(around.before, "m"))

    def say_date(self, date: Date, around: Around) -> str:
        """Say "dritten Oktober neunzehnhundertneunzig"."""
        parts = [self.say_day(date.day, around)] if date.day else []
        parts.append(_MONTHS[date.month - 1])
        if date.year:
            parts.append(self.year(date.year))
        return " ".join(parts)

    def ordinal(self, value: int, ending: str) -> str:
        """Say "dritter", with the ending that the article asks for."""
        return f"{named(str(value), 'de', 'ordinal').replace('einstausend', 'eintausend').removesuffix('e')}{ending}"

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "dritten" as the article and the noun ask for."""
        words = re.findall(r"[^\W\d_]+", around.after[:60])
        noun = next((word for word in words if word[0].isupper()), "")
        return self.ordinal(int(ordinal.digits), _ending(around.before, self.gender_of(noun) or "m"))

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "drei Viertel", "ein halber"."""
        if bottom == "2":
            if top != "1":
                return f"{self.whole(top)} Halbe"
            return f"{_article(agreement)} halb{_strong(agreement)}" if agreement.is_counted else "ein halb"
        if len(bottom) > 3 or bottom[0] == "0" or bottom == "1":
            return f"{self.whole(top)} {self.signs['/']} {self.whole(bottom)}"
        part = self.ordinal(int(bottom), "el").capitalize()
        return f"{self.whole(top, Agreement('n', is_counted=True))} {part}"

    def amount(self, token: Token, agreement: Agreement = ALONE) -> str:
        """Say "zweieinhalb" for two and a half, "ein und drei Viertel"."""
        if isinstance(token, Fraction) and token.whole:
            agreement = Agreement("n", is_counted=True)
        match token:
            case Fraction("1", "2", whole, sign) if whole:
                return self.signed(sign, f"{self.whole(whole, Agreement('n', is_counted=True))}einhalb")
            case _:
                return super().amount(token, agreement)

    def fraction_of(self, fraction: Fraction, noun: Noun, case: Case = "n") -> str:
        """Say "drei Viertel Liter", "zweieinhalb Liter", "einen halben Liter"."""
        words = self.amount(fraction, Agreement(noun.gender, case, is_counted=True, noun=noun.one))
        return f"{words} {noun.many if fraction.whole else noun.one}"

    def say_money(self, money: Money, around: Around = NOWHERE) -> str:
        """Say "US-Dollar" of "US-$" and "USD", and "Dollar" of "$"."""
        is_of_us = money.currency == "USD" and money.written.startswith("US")
        return super().say_money(replace(money, currency="US-$") if is_of_us else money, around)

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "der Vierzehnte" behind a name, in its case."""
        if not roman.is_ordinal:
            return self.whole(str(roman.value))
        name = last_word(around.before)
        is_queen = name in _QUEENS or name.removesuffix("s") in _QUEENS
        case = self._case_of_ruler(around.before)
        article = {"n": "die", "a": "die"}.get(case, "der") if is_queen else _OF_HIM[case]
        ending = "e" if case == "n" or (is_queen and case == "a") else "en"
        return f"{article} {self.ordinal(roman.value, ending).capitalize()}"

    @staticmethod
    def _case_of_ruler(before: str) -> Case:
        """The case of a name: its own genitive, or what a preposition in front of it and its title asks for."""
        if re.search(r"[^s]s\s$", before) and last_word(before) not in _NAMES_IN_S:
            return "g"
        for word in reversed(re.findall(r"[^\W\d_]+", re.split(r"[,;:!?]", before)[-1])[-5:]):
            if word.lower() in _BEFORE_ACCUSATIVE:  # "ein Buch über Ludwig"
                return "a"
            if word.lower() in _BEFORE_DATIVE or word.lower() in ("vom", "zum", "beim"):
                return "d"
            if not word[0].isupper() and not word.endswith(("em", "en")):  # "unter dem jungen König Ludwig"
                break
        return "n"


_OF_HIM: Final[dict[Case, str]] = {"n": "der", "g": "des", "d": "dem", "a": "den"}
_BEFORE_ACCUSATIVE: Final = frozenset("für gegen ohne um durch über".split())
_DESCRIBED: Final = re.compile(r"\s[a-zäöüß]{3,}(?:e|en|er|es|em)\s([A-ZÄÖÜ][a-zäöüß]+)")
_JOINED_NOUN: Final = re.compile(r"\s[A-Z][\w-]*-([A-ZÄÖÜ][a-zäöüß]+)(?![\w-])")
_NOUN_BEFORE: Final = re.compile(r"(?:[A-ZÄÖÜ][\w-]*\.?|\d)\s\Z")
_HAPPENED: Final = frozenset("wurde wurden starb regierte erschien gründete entstand begann endete heiratete".split())
_BEFORE_YEARS: Final = frozenset("seit von bis vor nach ab um und zwischen in".split())
_QUEENS: Final = frozenset("elisabeth katharina margarethe maria anna christina isabella beatrix wilhelmina".split())
_NAMES_IN_S: Final = frozenset("paulus johannes pius innozenz markus julius nikolaus andreas ludwigs".split()) - {
    "ludwigs"
}


def _gender(noun: str) -> Gender | None:
    """Guess a noun's gender; a noun begins with a capital letter."""
    if not noun[:1].isupper() or (noun.isupper() and noun not in _NEUTER_WORDS) or noun in _SENTENCE_STARTERS:
        return None
    if noun in _MASCULINE_WORDS:
        return "m"
    if noun in _NEUTER_WORDS or _NEUTER.search(noun):
        return "n"
    return "f" if noun in _FEMININE_WORDS or _FEMININE.search(noun) else "m"


def _is_year(number: Number) -> bool:
    """Whether a number may be a year: four digits from 1100 to 2099."""
    return not (number.sign or number.fraction or number.scale) and bool(
        re.fullmatch(r"1[1-9]\d\d|20\d\d", number.whole)
    )


def _article(agreement: Agreement) -> str:
    """Say 1 in front of a noun."""
    endings = {"m": {"a": "en", "d": "em", "g": "es"}, "f": {"n": "e", "a": "e"}, "n": {"d": "em", "g": "es"}}
    default = "er" if agreement.gender == "f" else ""
    return f"ein{endings[agreement.gender].get(agreement.case, default)}"


def _strong(agreement: Agreement) -> str:
    """The ending of "halb" behind "ein"."""
    if agreement.case in "dg" or (agreement.gender, agreement.case) == ("m", "a"):
        return "en"
    return {"m": "er", "f": "e", "n": "es"}[agreement.gender]


_WEEKDAY_BEFORE: Final = re.compile(r"\s(?:\w+tag|Mittwoch|Sonnabend|Mo|Di|Mi|Do|Fr|Sa|So)\.?,\s*\Z")


# "Mo., 3. und Di., 4. Nov.": days that nothing stands in front of are in the nominative.
_JOINS: Final = frozenset(("und", "u", "oder"))
_IN_FRONT: Final = re.compile(r"(?<!\w)(?:am|vom|bis|den|dem|ab|seit|zum)\s[^.!?]*\Z")


def _ending(before: str, gender: Gender) -> str:
    """The ending of an ordinal, by the article in front of it; a weekday may stand between: "am Sonntag, 14.6."."""
    before, is_day = _WEEKDAY_BEFORE.subn("", _LIST_BEFORE.sub("", before))
    word = last_word(before)
    if word in ("der", "jeder"):
        in_front = last_word(re.sub(r"\w+\s*$", "", before))
        return "en" if in_front in _BEFORE_DATIVE else "e"
    if word in _WEAK:
        return "e"
    if word in _OBLIQUE and not (is_day and word in _JOINS and not _IN_FRONT.search(before)):
        return "en"
    if word in _DATIVE:
        return "er" if gender == "f" else "em"
    return {"m": "er", "f": "e", "n": "es"}[gender]
