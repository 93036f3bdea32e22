"""Spanish: "veintiún años", "veintiuna camisas", "el tercer piso", "las catorce treinta"."""

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
    sets_rule,
    short_number_rule,
    side_rule,
)
from ..notation.romance import (
    ALSO_COUNTED,
    Idiom,
    at_heads,
    bare_price_rule,
    bare_quarter_rule,
    compass,
    duration_rule,
    frost_rule,
    month_day_rule,
    number_rules,
    per_unit_rule,
    plate_rule,
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
from ..notation.scanner import worth
from ..notation.tokens import NOWHERE, Around, Code, Number, Said, Span
from .european import (
    ALONE,
    VERSIONED,
    Agreement,
    Coin,
    European,
    Noun,
    full_year,
    is_one,
    is_ordinal,
    last_word,
    named,
    next_word,
    with_capitals,
)

if TYPE_CHECKING:
    from ..notation.tokens import Clock, Date, Ordinal, Roman, Token
    from .european import Gender

_MONTHS: Final = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "ene": 1, "feb": 2, "mar": 3, "abr": 4, "may": 5, "jun": 6, "jul": 7, "ago": 8, "sep": 9, "sept": 9, "set": 9,
    "setiembre": 9, "oct": 10, "nov": 11, "dic": 12,
}  # fmt: skip
_CHAPTERS: Final = frozenset(
    "capítulos tomos volúmenes libros títulos fases tipos anexos artículos episodio rocky rambo fantasy apolo "
    "capítulo tomo volumen acto escena parte libro artículo anexo sección fase "
    "nivel tipo siglo cap vol "
    "art fig t".split()
)

_WEEKDAYS: Final = {
    "lun": "lunes", "mar": "martes", "mié": "miércoles", "mie": "miércoles", "jue": "jueves", "vie": "viernes",
    "sáb": "sábado", "sab": "sábado", "dom": "domingo",
    "vier": "viernes", "juev": "jueves", "miérc": "miércoles",
}  # fmt: skip

_CENTURY: Final = re.compile(r"ss?\.\s?(?P<letters>[IVXL]+)(?:(?:\s(?:y|al?)\s|[-–])(?P<others>[IVXL]+))?(?!\w)")


def _century_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "s. XIX": "siglo diecinueve"."""
    found = _CENTURY.match(text, at) if text[at] == "s" and not text[at - 1 : at].isalnum() else None
    value = worth(found["letters"]) if found is not None else 0
    if found is None or not value:
        return None
    if not text.startswith("ss", at) and not found["others"]:
        return found.end("letters"), Said(f"siglo {named(str(value), 'es')}")
    many = "siglo" if text[max(0, at - 4) : at] == "del " else "siglos"  # "del s. V al XV"
    said, end = f"{many} {named(str(value), 'es')}", found.end("letters")
    if others := worth(found["others"] or ""):
        joint = text[end : found.start("others")]
        said = f"{said}{' a ' if joint in tuple('-–') else joint}{named(str(others), 'es')}"
        end = found.end()
    return end, Said(said)


# "D. Juan", but not the initial of "John D. Rockefeller".
_TITLE: Final = re.compile(r"D\.(?=\s[A-ZÁ-Ú][a-zà-ÿ]+)")
_NAME_BEFORE: Final = re.compile(r"[A-ZÁ-Ú][\wÀ-ÿ]*\s\Z")


def _title_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "D. Juan": "don"."""
    found = _TITLE.match(text, at) if text[at] == "D" and not text[at - 1 : at].isalnum() else None
    if found is None or _NAME_BEFORE.search(text, max(0, at - 40), at):
        return None
    return found.end(), Said("don")


def _discount_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "20 % dto.": "veinte por ciento de descuento"."""
    if text[at : at + 4] != "dto." or text[max(0, at - 2) : at] != "% ":
        return None
    return at + 4, Said("de descuento" if text[at + 4 :].strip() else "de descuento.")


def _town_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the digits of a town's number behind a street: "41001 Sevilla"."""
    found = _TOWN.match(text, at) if text[at - 1 : at].isspace() else None
    is_round = found is not None and found[0].endswith("000")
    is_apart = text[max(0, at - 2) : at] in (", ", "- ") and not is_round
    if found is None or not (is_apart or _STREET_BEFORE.search(text, max(0, at - 80), at)):
        return None
    return found.end(), Code((found[0],), is_secret=True)


_TOWN: Final = re.compile(r"[0-5][0-9]{4}(?=,?\s[A-ZÁÉÍÓÚ][a-záéíóú]+)")
_STREET_BEFORE: Final = re.compile(
    r"(?i:\b(?:calle|avda?\.|avenida|plaza|pza\.|paseo|carretera|camino|ronda|travesía|glorieta)|c/)\s[^!?]{0,70},\s\Z"
)


def _rooms_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "3 hab." of a flat for rooms; elsewhere they are inhabitants."""
    found = _ROOMS.match(text, at) if text[at - 1 : at].isspace() else None
    if found is None or not _FLAT.search(text, max(0, at - 60), found.end() + 40):
        return None
    return found.end(), Said("una habitación" if found[1] == "1" else f"{named(found[1], 'es')} habitaciones")


def _street_number_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "Calle 45 # 12-34", as Colombia writes addresses: "número doce, treinta y cuatro"."""
    found = _CROSSING.match(text, at) if text[at] == "#" else None
    if found is None or not _CROSSED.search(text, max(0, at - 40), at):
        return None
    first, letter, last = found.groups()
    return found.end(), Said(f"número {named(first, 'es')}{f' {letter}' if letter else ''}, {named(last, 'es')}")


_CROSSING: Final = re.compile(r"#\s?([0-9]{1,3})([A-Z]?)\s?[-–]\s?([0-9]{1,3})(?!\w)")
_CROSSED: Final = re.compile(
    r"(?i:\b(?:calle|carrera|avenida|diagonal|transversal|cra\.?|kra\.?|cl\.?|cll\.?|av\.?|tv\.?|"
    r"dg\.?))\s[^.!?]{1,20}\s\Z"
)


def _matches(value: int, word: str) -> str:
    """Say so many matches won, drawn or lost."""
    return Spanish().count(Number(str(value)), Noun(word, f"{word}s", "f" if word[-1] == "a" else "m"))


def _counted(value: int, unit: str) -> str:
    """Say so many hours, minutes or seconds."""
    spanish = Spanish()
    return (
        spanish.count(Number(str(value)), spanish.unit(unit, unit)) if unit != "hundredth" else named(str(value), "es")
    )


def _plural(day: str) -> str:
    """Say "sábados"; other days are the same."""
    return f"{day}s" if day[-1] == "o" else day


_ROOMS: Final = re.compile(r"([1-9])\shab\.?(?!\w)")
_FLAT: Final = re.compile(
    r"(?i:\b(?:pisos?|apartamentos?|casas?|chal[eé]t|viviendas?|departamentos?|hotel|baños?|dúplex))|m²"
)
_ORDINAL_ENDS: Final = {
    **dict.fromkeys(("ro", "do", "to", "mo", "vo", "no", "ero"), "o"),
    **dict.fromkeys(("ra", "da", "ta", "ma", "va", "na", "era"), "a"),
    "ᵉʳ": "er",
}
_BARE_QUARTERS: Final = {"T": tuple(f"{rank} trimestre" for rank in ("primer", "segundo", "tercer", "cuarto"))}
_WINDS: Final = compass(
    "nor", "sur", "este", "oeste", {"NE": "noreste", "NO": "noroeste", "SE": "sureste", "SO": "suroeste"}
)
_street_day_rule = street_day_rule(
    r"av\.|avda\.|avenida|calle|c/|plaza|pza\.|paseo|parque|jirón",
    r"\sde\s",
    _MONTHS,
    lambda day: named(str(day), "es"),
)
_SAINTS: Final = dict.fromkeys(
    "Juan José Pedro Pablo Francisco Antonio Luis Miguel Martín Fernando Sebastián Vicente Isidro Lorenzo "
    "Agustín".split(),
    "San",
)
_BY_HEAD: Final = at_heads(
    {
        "S": (saint_rule(_SAINTS),),
        "*": (sign_code_rule("asterisco", "almohadilla", lambda digits: Spanish().digits(digits)),),
        "-−": (frost_rule("menos", lambda digits: Spanish().count(Number(digits), Spanish().unit("degree", "°"))),),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ": (read_invoice,),
        "/": (per_unit_rule(lambda unit: Spanish().joined_per(Spanish().unit(unit, unit))),),
        "€$": (
            told_rule({"€": "euros", "$": "dólares"}, r"(?:\bde|\ben|\ba)\s", r"(?![0-9\s]*[0-9])"),
            bare_price_rule("€", lambda unit: f"euros {Spanish().joined_per(Spanish().unit(unit, unit))}"),
        ),
        "IVX": (_street_day_rule,),
        "x": (told_rule({"x": "por"}, r"(?:h|m|cm|mm|km|horas|ore|mg|d[ií]as|veces|volte|vezes|g)\s", r"\s[0-9]"),),
        "K": (told_rule({"K": "kelvin"}, r"°[CF][^.!?]{0,20}[0-9]\s"),),
        "+": (duration_rule("(?!)", _counted, "y", "más"),),
        "#": (_street_number_rule, told_rule({"#": "almohadilla"}, r"(?:^|\s)", r"\s[a-zà-ÿ]|[.,;)]")),
        "(": (
            told_rule({"(n.": "(nacido"}, "", r"\s[0-9]"),
            unit_in_brackets_rule(lambda unit: Spanish().unit(unit, unit).many),
        ),
        "NSEO": (wind_rule(_WINDS, "al|del|desde el|hacia el|rumbo|dirección|vientos?", "de|del|con|a|y|en|por"),),
        "NS": (wind_rule({"N": "norte", "S": "sur"}, "al|del", "de|del"),),
        "T": (bare_quarter_rule("el|en el|del|al", _BARE_QUARTERS, is_leading=True),),
        "1234": (bare_quarter_rule("el|en el|del|al", _BARE_QUARTERS, is_leading=False),),
        "lmjvsdLMJVSD": (week_rule(_WEEKDAYS, "a|al|y|e|o", _plural, "los|todos los"),),
        "LMXJVSD": (
            told_rule(
                {
                    "L-V": "lunes a viernes",
                    "L–V": "lunes a viernes",
                    "L-D": "lunes a domingo",
                    "L-S": "lunes a sábado",
                    "L-J": "lunes a jueves",
                    "S-D": "sábado y domingo",
                    "M-D": "martes a domingo",
                    "L–D": "lunes a domingo",
                }
            ),
        ),
        "c": (
            told_rule({"c.": "circa"}, "", r"\s1[0-9]{3}(?!\w)"),
            told_rule({"com.": "comunidad"}, r"gastos de\s"),
            told_rule({"c/": "cada "}, "", r"\s?[0-9]{1,2}\s?(?:h|d[ií]as?|min|meses)"),
            told_rule({"c/": "con"}, "", r"\s[a-zñ]"),
            told_rule({"cdta.": "cucharadita", "cda.": "cucharada"}, r"de\s"),
        ),
        "s": (
            told_rule({"s/": "sin "}, r"(?:^|\s)", r"[a-zñ]{2}"),
            told_rule({"s/": "sin"}, r"(?:^|\s)", r"\s[a-zñ]"),
        ),
        "Ø": (told_rule({"Ø": "de diámetro"}, r"m\s"),),
        "mM": (
            told_rule(
                {"máx.": "máxima", "máx": "máxima", "mín.": "mínima", "mín": "mínima"},
                r"(?:\bla|temperatura|temp\.|velocidade?|velocit[aà]|vel\.|potencia|potência|potenza|presi[oó]n|"
                r"pressão|"
                r"pressione|h?umedad|umidade|umidità|altura|altezza|carga|idade|edad|età|nota|cuota|distancia|"
                r"distância)\s",
            ),
        ),
        "m": (
            told_rule({"mi": "millas"}, r"[0-9],[0-9]+\s"),
            told_rule({"mb": "milibares"}, r"presi[oó]n[^!?]{0,30}[0-9]\s"),
            told_rule({"m.": "del mediodía"}, r"12(?::00)?\s"),
            told_rule({"min.": "minuto", "min": "minuto"}, r"\b(?:el|al|del)\s", r"\s?[0-9]"),
        ),
        "d": (
            told_rule({"dir.": "dirección"}, "", r"\s(?:norte|sur|este|oeste|centro)(?!\w)"),
            told_rule({"d": "días"}, r"[0-9]\s", r"(?:,|\sy)?\s[0-9]{1,2}\s?h"),
        ),
        "Kk": (
            told_rule(
                {"Km": "Kilómetro", "km": "kilómetro", "Km.": "Kilómetro", "KM": "kilómetro"},
                r"[^0-9\s]\s|^",
                r"\s[0-9]",
            ),
        ),
        "pP": (
            told_rule({"prot.": "proteína"}, r"de\s"),
            told_rule({"pl.": "planta", "Pl.": "Planta"}, "", r"\s(?:(?:baja|alta|noble|sótano)(?!\w)|[0-9]{1,2}\.?ª)"),
            told_rule({"prep.": "preparación", "Prep.": "Preparación"}),
            told_rule({"prob.": "probabilidad", "Prob.": "Probabilidad"}),
        ),
        "i": (
            told_rule({"incl.": "incluidas"}, r"(?:tasas|comidas|bebidas|propinas|cuotas)\s"),
            told_rule({"incl.": "incluida"}, r"(?:tasa|comida|bebida|propina|entrega|pensión|limpieza|batería)\s"),
            told_rule({"incl.": "incluidos"}, r"(?:impuestos|gastos|desayunos|envíos|niños|festivos|portes|extras)\s"),
        ),
        "C": (
            told_rule({"Col.": "colonia"}, "", r"\s[A-ZÁ-Ú][a-zà-ÿ]"),
            told_rule({"Cra.": "carrera", "Cl.": "calle"}, "", r"\s[0-9]"),
        ),
    }
)
_QUARTERS: Final = {
    "T": tuple(f"{rank} trimestre de" for rank in ("primer", "segundo", "tercer", "cuarto")),
    "S": ("primer semestre de", "segundo semestre de"),
}
_NUMBERS: Final = number_rules(
    Idiom(
        whole=lambda digits: named(digits, "es"),
        count=_counted,
        degrees=lambda digits: Spanish().count(Number(digits), Spanish().unit("degree", "°")),
        part=lambda bottom: Spanish().say_fraction("1", str(bottom)),
        days=_WEEKDAYS,
        months=_SHORT_MONTHS,
        joint="y",
        plus="más",
        over="sobre",
        of="de",
        pace="por kilómetro",
        verses="al",
        several=(r"personas|porciones|raciones|días|veces|comensales", " a "),
        times="a las?|las|desde las|hasta las",
        lasting=(
            "escala de|duración de|duración total:|espera de|retraso de|viaje de|trayecto de|total:|en|"
            "dura|duran|duró|durante|tardó|tarda|tras|lleva|llevó"
        ),
        dates="el|del|al|próximo|pasado|día|hasta el",
        phones=(r"al|teléfono|tel\.|móvil|celular|bizum|whatsapp|número", "[679]"),
        scales="escala|proporci[oó]n|relaci[oó]n|raz[oó]n|ratio|diluci[oó]n|formato|aspecto|apuestas?|mezcla",
        pages=r"pág(?:ina|\.)?|paso|fase|capítulo|nivel|intento|episodio",
        matches=("victoria", "empate", "derrota", _matches),
        half=("las?|a las?", "y", "media", "medio"),
        pressures="tensi[oó]n|presi[oó]n|TA|PA",
        above="sobre",
    ),
    {
        "d": (_street_day_rule,),
        "rdtmvneᵉ": (shortened_ordinal_rule(_ORDINAL_ENDS, "(?!)"),),
        "º°.e": (
            shortened_ordinal_rule(_ORDINAL_ENDS, "(?!)"),
            told_rule(
                dict.fromkeys(("1.º", "1º", "1.°", "1°", "1er"), "primero"),
                "",
                rf"\sde\s(?:{'|'.join(_MONTHS)})(?!\w)",
            ),
        ),
        "BCDFGHJKLMNPRSTVWXYZ": (plate_rule("[0-9]{4} [BCDFGHJKLMNPRSTVWXYZ]{3}"),),
        "": (_town_rule,),
    },
)
_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".",
    has_blank_groups=True,
    date_order="dmy",
    months={name: number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    day_marks=r"\.?[ºo°]",
    between_date=r"\s(?:del?\s)?",
    halves={
        "a. m.": "am", "a.m.": "am", "am": "am", "p. m.": "pm", "p.m.": "pm", "pm": "pm",
    },
    clock_words=r"\s?(?:horas|hrs?|h)\b",
    clock_marks=":",
    scales={
        "mil millones": 9, "mil": 3, "k": 3, "K": 3, "bn": 9,
        "M": 6, "millón": 6, "millones": 6, "mill.": 6, "mln": 6, "MM": 6,
        "billón": 12,
        "billones": 12,
    },
    ordinal_marks=r"\.?(?:er|os|as|[ºª°])|\.?[oa](?=\s)",
    currencies={"usd": "USD", "eur": "EUR", "chf": "CHF", "gbp": "GBP", "us$": "USD",
        "mxn": "MXN", "MEX$": "MXN", "Mex$": "MXN", "u$s": "USD",
        "euro": "EUR", "euros": "EUR", "US$": "USD", "U$S": "USD", "S/": "PEN", "S/.": "PEN",
        "ARS": "ARS", "AR$": "ARS", "CLP": "CLP", "CLP$": "CLP", "COL$": "COP", "PEN": "PEN", "UYU": "UYU",
        "BOB": "BOB",
        "Bs": "BOB", "Bs.": "BOB", "RD$": "DOP", "DOP": "DOP", "CRC": "CRC", "₡": "CRC", "GTQ": "GTQ", "PYG": "PYG",
        "₲": "PYG", "MAD": "MAD"},
    no_units=frozenset({"ha", "mi"}),
    units={
        "pp": "percentage-point", "p.p.": "percentage-point", "p. p.": "percentage-point", "pb": "basis-point",
        "p.b.": "basis-point", "p. b.": "basis-point", "pbs": "basis-point", "COP": "colombian-peso", "págs.": "page",
        "rac.": "portion", "dte.": "clove", "dtes.": "clove",
        "paq.": "packet", "lonch.": "slice", "rebs.": "slice", "ºC": "celsius",
        "º C": "celsius", "ºF": "fahrenheit", "ptas.": "peseta", "¢": "cent", "kms": "kilometer",
        "kms.": "kilometer", "hras.": "hour", "mins.": "minute", "mins": "minute",
        "m.": "meter", "mm.": "millimeter", "cm.": "centimeter", "km.": "kilometer", "kg.": "kilogram",
        "pts": "point", "pts.": "point", "ptos.": "point", "ptos": "point", "uds.": "piece", "ud.": "piece",
        "uds": "piece", "pax": "person", "pers.": "person", "pzas.": "part", "gr.": "gram", "grs.": "gram",
        "lpm": "beat-per-minute", "kgs": "kilogram", "mts": "meter", "mts.": "meter", "lts": "liter",
        "lts.": "liter", "hab.": "inhabitant", "dorm.": "bedroom", "comp.": "tablet", "cáps.": "capsule",
        "gts.": "drop", "cc": "cubic-centimeter", "bot.": "bottle", "amp.": "ampoule",

        "ct": "cent", "cts": "cent", "cts.": "cent",
        "c/s": "tablespoon", "c/c": "teaspoon", "c.s.": "tablespoon", "c.c.": "cubic-centimeter",
        "cda.": "tablespoon", "cdas.": "tablespoon", "cda": "tablespoon", "cdas": "tablespoon", "cdta.": "teaspoon",
        "cdtas.": "teaspoon", "cdta": "teaspoon", "cdtas": "teaspoon", "min.": "minute", "seg.": "second",
        "hrs": "hour", "ppp": "dot-per-inch", "tza": "cup", "tza.": "cup", "sem.": "week", "trim.": "quarter",
        "r/min": "revolution-per-minute",
        "min": "minute", "seg": "second", "s": "second", "h": "hour", "hs": "hour", "lt": "liter",
        "CV": "horsepower"},
    abbreviations=with_capitals({
        "Ctrl": "Control",
        "Ø": "diámetro", "izda.": "izquierda", "izqda.": "izquierda", "dcho.": "derecho", "izdo.": "izquierdo",
        "int.": "interior",
        "trim.": "trimestre", "sem.": "semestre", "dorms.": "dormitorios", "prórr.": "prórroga", "i. a.": "interanual",
        "i.a.": "interanual", "a/a": "año a año", "m/m": "mes a mes", "t/t": "trimestre a trimestre",
        "Excmo.": "excelentísimo", "Excma.": "excelentísima", "Ilmo.": "ilustrísimo", "Ilma.": "ilustrísima",
        "JJ. OO.": "Juegos Olímpicos", "JJ.OO.": "Juegos Olímpicos", "FF. AA.": "Fuerzas Armadas",
        "CC. AA.": "comunidades autónomas", "CC.AA.": "comunidades autónomas", "RR. HH.": "recursos humanos",
        "RR.HH.": "recursos humanos", "EE. UU": "Estados Unidos", "c/u": "cada uno", "c. u.": "cada uno",
        "q. e. p. d.": "que en paz descanse", "v. gr.": "verbigracia", "p. m. a.": "promedio anual",
        "prof.": "profesor", "profa.": "profesora", "dr.": "doctor", "dra.": "doctora", "sr.": "señor",
        "sra.": "señora", "srta.": "señorita", "ing.": "ingeniero", "lic.": "licenciado", "arq.": "arquitecto",
        "gral.": "general", "sgto.": "sargento", "tte.": "teniente", "cmdte.": "comandante",
        "pte.": "presidente", "pdta.": "posdata", "P. D.": "posdata", "P.D.": "posdata", "ayto.": "ayuntamiento",
        "fracc.": "fraccionamiento", "mz.": "manzana", "lte.": "lote", "km.": "kilómetro",
        "depto.": "departamento", "carr.": "carretera", "autop.": "autopista", "pje.": "pasaje",
        "pol. ind.": "polígono industrial", "pol.": "polígono", "cód.": "código",
        "cant.": "cantidad",
        "Mª": "María", "M.ª": "María", "Fco.": "Francisco", "Fdo.": "Firmado", "hnos.": "hermanos",
        "Hnos.": "Hermanos", "gta.": "glorieta", "cfr.": "confróntese", "ibíd.": "ibídem", "op. cit.": "obra citada",
        "rev.": "revisada", "pról.": "prólogo", "dcto.": "descuento", "apto.": "apartamento", "lt.": "lote",
        "cad.": "caducidad", "blvd.": "bulevar", "orig.": "original", "lat.": "latitud",
        "vel.": "velocidad", "máq.": "máquina", "mens.": "mensual",
        "s. n. m.": "sobre el nivel del mar", "s.n.m.": "sobre el nivel del mar",
        "msnm": "metros sobre el nivel del mar", "m.s.n.m.": "metros sobre el nivel del mar", "esq.": "esquina",
        "urb.": "urbanización", "blq.": "bloque", "bl.": "bloque", "esc.": "escalera", "pta.": "puerta",
        "ptal.": "portal", "edif.": "edificio", "apdo.": "apartado",
        "prov.": "provincia", "C.P.": "código postal", "P.º": "paseo", "dto.": "descuento", "atte.": "atentamente",
        "admón.": "administración", "ej.": "ejemplo", "ref.": "referencia", "cta.": "cuenta", "tít.": "título",
        "vto.": "vencimiento", "s/n": "sin número", "vs.": "contra", "trad.": "traducción", "cf.": "compárese",
        "i. e.": "es decir", "temp.": "temperatura", "hno.": "hermano",
        "hna.": "hermana", "Pdte.": "presidente", "Mons.": "monseñor", "Gob.": "gobernador", "Cnel.": "coronel",
        "Mtro.": "maestro", "Dir.": "director", "Secc.": "sección", "secc.": "sección", "párr.": "párrafo",
        "ss.": "siguientes", "núms.": "números", "obs.": "observaciones", "N.B.": "nota bene",
        "aprox": "aproximadamente", "tfno": "teléfono", "resp.": "respectivamente", "pral.": "principal",
        "bco.": "banco", "gob.": "gobierno", "dep.": "departamento", "esp.": "especialmente", "ext.": "extensión",
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Sres.": "señores", "Sras.": "señoras", "Dr.": "doctor",
        "Dra.": "doctora", "Dres.": "doctores", "Prof.": "profesor", "Profa.": "profesora", "D.ª": "doña",
        "Da.": "doña", "Ud.": "usted", "Uds.": "ustedes", "Vd.": "usted", "Vds.": "ustedes", "etc.": "etcétera",
        "p. ej.": "por ejemplo", "p.ej.": "por ejemplo", "P. ej.": "Por ejemplo", "a. C.": "antes de Cristo",
        "a.C.": "antes de Cristo", "d. C.": "después de Cristo", "d.C.": "después de Cristo", "n.º": "número",
        "N.º": "Número", "nº": "número", "Nº": "Número", "n°": "número", "N°": "Número", "núm.": "número",

        "tel.": "teléfono", "Tel.": "teléfono", "tfno.": "teléfono", "avda.": "avenida", "Avda.": "Avenida",

        "c/": "calle", "C/": "Calle", "págs.": "páginas", "cap.": "capítulo", "vol.": "volumen",
        "fig.": "figura", "aprox.": "aproximadamente", "máx.": "máximo", "mín.": "mínimo",
        "Ing.": "ingeniero", "Lic.": "licenciado", "Arq.": "arquitecto", "Gral.": "general",
        "EE. UU.": "Estados Unidos",
        "EE.UU.": "Estados Unidos", "EEUU": "Estados Unidos", "Sto.": "santo", "Sta.": "santa", "izq.": "izquierda",
        "dcha.": "derecha", "Dña.": "doña", "pza.": "plaza", "Pza.": "Plaza", "pl.": "plaza",
        "Pl.": "Plaza",
        "Avda": "Avenida", "Av.": "Avenida", "ctra.": "carretera", "pág.": "página", "art.": "artículo",
        "hab.": "habitantes",
        "Cía.": "compañía", "dpto.": "departamento", "ed.": "edición", "máx": "máximo", "mín": "mínimo",
        "incl.": "incluido",
    }),
    eras=r"\s?[ad]\.\s?(?:de\s)?[Cc]\.|\s?(?:a|d)\.\s?e\.\s?c\.|\s(?:AEC|EC|[ad]C)",
    year_cues=frozenset("año años en desde hasta verano invierno primavera otoño".split()) | frozenset(_MONTHS),
    code_cues=frozenset(
        "ref id ticket dígitos terminada acabada folio incidencia puk otp cvv cvc nip cbu cvu clabe token código "
        "códigos pin clave contraseña iban bic postal referencia dni "
        "nif cif nie cuit cuil ruc rut curp rfc "
        "nss localizador "
        "expediente identificador boeing".split()
    ),
    cue_links=frozenset(
        "es son era de número con en y el confirmación verificación acceso seguridad activación".split()
    ),
    version_cues=VERSIONED | frozenset(
        "aula ecuación versión capítulo sección release cap secc apartado epígrafe art artículo anexo".split()
    ),
    duration_cues=frozenset("en tiempo duración récord".split()),
    number_cues=_CHAPTERS,
    range_words={"entre": "y"},
    greek=greek_letters(
        "alfa beta gamma delta épsilon zeta eta theta iota kappa lambda mu nu "
        "xi ómicron pi rho sigma tau ípsilon fi ji psi omega"
    ),
    rules=(
        at_digits(
            short_number_rule(r"(?:env[ií]|mand|escrib|sms)[^.!?]{0,40}\sal"),
        code_rule(
            r"(?:n\.?[ºo°]|número|núm\.) (?:de )?(?:la |el )?(?:pedido|cliente|factura|póliza|contrato|reserva|"
            r"expediente|cuenta|serie|"
            r"socio|seguimiento|referencia|tarjeta|orden|ticket|solicitud|guía)|(?:pedido|cliente|póliza|contrato|"
            r"reserva|orden|"
            r"expediente|ticket|socio|cuenta|agencia) (?:n\.?[ºo°]|número|núm\.)|(?:código|clave|"
            r"pin)(?: [a-zñ]+){0,3} SMS(?: es)?|extensión|ext\."
        ),
        dotted_clock_rule("a las|las|a la|de las|desde las|hasta las|sobre las", "a|y|hasta", words=r"horas|hrs?|h"),
        measure_rule({"pp.": "page", "p.": "page"}),
        _rooms_rule,
        law_rule(
            r"ley(?: orgánica)?|real decreto(?:[- ]ley)?|decreto|R\.?D\.?(?:-?L\.?)?|L\.?O\.?|reglamento|directiva|"
            r"orden|sentencia|stc|expediente|acuerdo|resolución", "de", lambda digits: named(digits, "es")
        ),
        sets_rule,
        minutes_rule("durante|por|en|unos|tras|otros|cada"),
        _NUMBERS,
        read_degrees,
        ),
        _BY_HEAD,
        bare_unit_rule(
            "por|cada|al|a la|la|una?", {"pers.": "person", "sem.": "week", "ud.": "piece", "hab.": "inhabitant",
            "h": "hour"}
        ),
        month_rule(_SHORT_MONTHS, _MONTHS, "en|desde|hasta|de|a|y|para|principios de|finales de|"
        "mediados de", "a", lambda year: f"de {named(year, 'es')}"),
        quarter_rule(_QUARTERS, lambda year: named(year, "es")),
        roman_span_rule(
            r"siglos|caps\.|capítulos|tomos|vols\.|volúmenes|libros", "a", lambda value: named(str(value), "es")
        ),
        roman_rule(
            "el|la|del|al|los|las|este|esta|de la|su|gran|y", "a|ción|sión|dad|tud|umbre", r"siglos?|s\."
        ),
        side_rule("la", {"est.": "estación"}),
        side_rule(r"[0-9]{1,2}\.?ª|(?:primera|segunda|tercera|cuarta|quinta|última)", {"pl.": "planta"}),
        size_rule({"T.": "talla", "tall.": "talla"}),
        _century_rule,
        _discount_rule,
        _title_rule,
        first_rule(_CHAPTERS),
        at_heads({"ADEFJMNOSadefjmnos": (month_day_rule(_SHORT_MONTHS),)}),
        at_heads({"ivxl": (small_roman_rule(r"siglos?|s\.", lambda value: named(str(value), "es")),)}),
        at_heads({"IVX": (roman_number_rule(lambda value: named(str(value), "es")),)}),
        day_rule("/", r"el|del|al|hasta|desde|y|lunes|martes|miércoles|jueves|viernes|sábado|domingo", r"\s?de\b",
            "el|del|al"),
        hectare_rule,
        flight_rule("vuelo|tren"),
        abbreviation_rule({
            "pág.": "página|páginas", "No.": "número", "art.": "artículo|artículos", "p.": "página|páginas",
            "pp.": "páginas", "n.": "número", "col.": "columna", "of.": "oficina", "Res.": "Resolución",
            "caps.": "capítulos", "cap.": "capítulo|capítulos", "sec.": "sección|secciones",
        }),
        weekday_rule(_WEEKDAYS, "a"),
        last_day_rule(_WEEKDAYS, "a|al|y|o|e|de|hasta el"),
        per_rule({
            "s": "segundo", "sem": "semana", "h": "hora",
            "noche": "noche", "persona": "persona", "min": "minuto", "mes": "mes", "día": "día", "año": "año",
        }, "por"),
        compass_rule({"N": "norte", "S": "sur", "E": "este", "O": "oeste", "W": "oeste"}),
        read_european,
        phone_rule("teléfono|tel|tfno|ll[aá]m[ea](?:nos|me)?|llamar|móvil|celular|número|whatsapp|fax|marque"),
    ),
)  # fmt: skip

_CENT: Final = Noun("céntimo", "céntimos")
_CENTAVO: Final = Noun("centavo", "centavos")
_ARTICLES: Final = frozenset("el la los las del al un una su mi este esta".split())
_FUNCTION_WORDS: Final = frozenset(
    "de del la las los el lo un una unos unas y e o u en a al con sin por para que se su sus es son fue era está están "
    "más menos no ni si sí como pero porque cuando donde entre sobre tras desde hasta hacia según también ya muy pues "
    "después entonces antes ahora mientras excepto salvo además igual equivale hay da luego quedan jamás quizás "
    "apenas vale valen tiene tienen sale salen cuesta cuestan gana ganan sube suben baja bajan suma suman resta "
    "significa "
    "indica abre cierra viene va van lleva llevan empieza termina acaba llega incluye requiere falta faltan "
    "cada".split()
)
_FEMININE: Final = re.compile(r"(?:as?|ción|ciones|sión|siones|dad|dades|tud|tudes|umbres?|iez|itis)$")
_MASCULINE_WORDS: Final = frozenset(
    "día días mapa mapas problema problemas programa programas sistema sistemas idioma idiomas clima climas planeta "
    "planetas tema temas poema poemas drama dramas síntoma síntomas diploma diplomas esquema esquemas fantasma "
    "fantasmas "
    "sofá sofás gramas kilogramas cometa cometas pirata colega colegas turista turistas artista artistas periodista "
    "periodistas futbolistas taxista taxistas atleta atletas guardia guardias aroma aromas".split()
)
_FEMININE_WORDS: Final = frozenset(
    "mano manos foto fotos moto motos radio noche noches tarde tardes clase clases calle calles llave llaves parte "
    "partes "
    "gente serie series vez veces voz voces luz luces cruz cruces flor flores mujer mujeres imagen imágenes red redes "
    "ley "
    "leyes sal piel miel torre torres nube nubes fuente fuentes frase frases base bases clave claves leche carne "
    "sangre "
    "muerte muertes suerte mente mentes nariz narices raíz raíces pared paredes señal señales hora horas razón razones "
    "canción canciones habitación sartén orden órdenes versión versiones opción opciones".split()
)
# Behind these a number counts nothing.
_NUMBERED: Final = frozenset(
    "error código puerto versión página capítulo número línea canal habitación sala aula planta calle carretera "
    "autobús artículo resolución modelo lote vuelo tren temporada episodio nivel grado grupo paso puesto ejercicio "
    "pregunta opción tabla figura nota bus ruta puerta mesa unidad lección versículo salmo expediente".split()
)
_ONE_OCLOCK: Final = re.compile(r"\b(?:a|es|era|de|hasta|desde|sobre) la \Z", re.IGNORECASE)
_ROUND_ORDINALS: Final = {1000: "milésimo", 1_000_000: "millonésimo"}
_SIDES: Final = frozenset("izda izqda izq izquierda dcha derecha dcho centro interior int exterior ext".split())
_SHORTENED: Final = {"1": "primer", "3": "tercer"}


class Spanish(European):
    """Says tokens in Spanish."""

    formulas: ClassVar = {
        "integral": "integral de {} a {} de",
        "integral over": "integral sobre {} de",
        "sum": "suma desde {} igual a {} hasta {} de",
        "sum over": "suma sobre {} de",
        "product": "producto desde {} igual a {} hasta {} de",
        "product over": "producto sobre {} de",
        "limit": "límite cuando {} tiende a {} de",
        "logarithm": "logaritmo en base {} de",
        "absolute": "valor absoluto de {}",
        "prime": "{} prima",
        "second": "{} segunda",
        "derivative": "d {} sobre d {}",
        "bar": "{} barra",
        "hat": "{} gorro",
        "vector": "vector {}",
        "call": "{} de {}",
        "factor": "{} por",
        "derivation": "d sobre d {} de",
        "reaction": "produce",
        "angle": "ángulo {}",
        "triangle": "triángulo {}",
    }
    of_functions: ClassVar = {"(": "de", "x": "de"}
    functions: ClassVar = {
        "ln": "logaritmo natural",
        "sen": "seno",
        "sin": "seno",
        "arcsin": "arco seno",
        "sinh": "seno hiperbólico",
        "cos": "coseno",
        "arccos": "arco coseno",
        "cosh": "coseno hiperbólico",
        "tan": "tangente",
        "arctan": "arco tangente",
        "tanh": "tangente hiperbólico",
        "tg": "tangente",
        "arctg": "arco tangente",
        "cot": "cotangente",
        "ctg": "cotangente",
        "sec": "secante",
        "csc": "cosecante",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("por el del al la un una cada".split())
    code: ClassVar = "es"
    locale: ClassVar = "es"
    ones: ClassVar = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")
    minus: ClassVar = "menos"
    plus: ClassVar = "más"
    decimal: ClassVar = "coma"
    longest_decimals: ClassVar = 2
    percent: ClassVar = Noun("por ciento", "por ciento")
    per_mille: ClassVar = Noun("por mil", "por mil")
    to: ClassVar = "a"
    to_day: ClassVar = "al"
    always: ClassVar = "veinticuatro horas, siete días"
    ratio: ClassVar = "a"
    out_of: ClassVar = "sobre"
    either: ClassVar = "o"
    lasting: ClassVar = frozenset("dura duran duró tarda tardan tardó durante".split())
    over: ClassVar = "sobre"
    by: ClassVar = "por"
    per: ClassVar = "por"
    of: ClassVar = "de"
    and_cents: ClassVar = "con"
    and_part: ClassVar = "y"
    halves: ClassVar = {"m": "medio", "f": "media"}
    rank: ClassVar = "número"
    powers: ClassVar = {"2": "al cuadrado", "3": "al cubo"}
    power: ClassVar = "elevado a"
    scales: ClassVar = {
        3: Noun("mil", "mil"),
        6: Noun("millón", "millones"),
        9: Noun("mil millones", "mil millones"),
        12: Noun("billón", "billones"),
    }
    signs: ClassVar = {
        "+": "más",
        "-": "menos",
        "−": "menos",
        "±": "más menos",
        "×": "por",
        "*": "por",
        "·": "por",
        "⋅": "por",
        "÷": "entre",
        "/": "entre",
        ":": "entre",
        "=": "igual a",
        "==": "igual a",
        "≠": "distinto de",
        "!=": "distinto de",
        "<": "menor que",
        ">": "mayor que",
        "<=": "menor o igual que",
        "≤": "menor o igual que",
        ">=": "mayor o igual que",
        "≥": "mayor o igual que",
        "≈": "aproximadamente igual a",
        "~": "aproximadamente",
        "→": "a",
        "->": "a",
        "=>": "entonces",
        "⇒": "entonces",
        "&": "y",
        "%": "por ciento",
        "√": "raíz cuadrada de",
        "∛": "raíz cúbica de",
        "∃": "existe",
        "∀": "para todo",
        "∅": "conjunto vacío",
        "⊆": "incluido en",
        "⊂": "incluido en",
        "∉": "no pertenece a",
        "∩": "intersección",
        "∪": "unión",
        "∜": "raíz cuarta de",
        "∞": "infinito",
        "°": "grados",
        "§": "sección",
        "∑": "suma",
        "∝": "proporcional a",
        "⊥": "perpendicular a",
        "∥": "paralelo a",
        "∇": "nabla",
        "∫": "integral",
        "∈": "pertenece a",
        "@": "arroba",
        "^": "elevado a",
        "|": "barra vertical",
        "!": "factorial",
    }
    before: ClassVar = {
        "<": "menos de",
        ">": "más de",
        "≤": "como máximo",
        "<=": "como máximo",
        "≥": "al menos",
        ">=": "al menos",
        "~": "aproximadamente",
        "≈": "aproximadamente",
        "&": "y",
    }
    after: ClassVar = {"+": "más"}
    marks: ClassVar = {
        ".": "punto",
        "@": "arroba",
        "/": "barra",
        "-": "guion",
        "_": "guion bajo",
        ":": "dos puntos",
        "#": "almohadilla",
        "?": "signo de interrogación",
        "=": "igual",
        "&": "y",
        "+": "más",
        "~": "virgulilla",
        "%": "por ciento",
        "*": "asterisco",
        ",": "coma",
        "\\": "barra invertida",
    }
    coins: ClassVar = {
        "EUR": Coin(Noun("euro", "euros"), _CENT),
        "USD": Coin(Noun("dólar", "dólares"), _CENTAVO),
        "GBP": Coin(Noun("libra", "libras", "f"), Noun("penique", "peniques")),
        "CHF": Coin(Noun("franco suizo", "francos suizos"), _CENT),
        "MXN": Coin(Noun("peso mexicano", "pesos mexicanos"), _CENTAVO),
        "ARS": Coin(Noun("peso argentino", "pesos argentinos"), _CENTAVO),
        "COP": Coin(Noun("peso colombiano", "pesos colombianos"), _CENTAVO),
        "CLP": Coin(Noun("peso chileno", "pesos chilenos")),
        "PEN": Coin(Noun("sol", "soles"), _CENT),
        "JPY": Coin(Noun("yen", "yenes")),
        "CNY": Coin(Noun("yuan", "yuanes")),
        "INR": Coin(Noun("rupia", "rupias", "f")),
        "RUB": Coin(Noun("rublo", "rublos"), Noun("kopek", "kopeks")),
        "KRW": Coin(Noun("won", "wones")),
        "BRL": Coin(Noun("real", "reales"), _CENTAVO),
        "XBT": Coin(Noun("bitcoin", "bitcoins")),
    }
    units: ClassVar = {
        "percentage-point": Noun("punto porcentual", "puntos porcentuales"),
        "basis-point": Noun("punto básico", "puntos básicos"),
        "colombian-peso": Noun("peso colombiano", "pesos colombianos"),
        "page": Noun("página", "páginas", "f"),
        "sheet": Noun("hoja", "hojas", "f"),
        "portion": Noun("ración", "raciones", "f"),
        "clove": Noun("diente", "dientes"),
        "pinch": Noun("pizca", "pizcas", "f"),
        "bottle": Noun("botella", "botellas", "f"),
        "packet": Noun("paquete", "paquetes"),
        "ampoule": Noun("ampolla", "ampollas", "f"),
        "tablet": Noun("comprimido", "comprimidos"),
        "capsule": Noun("cápsula", "cápsulas", "f"),
        "bedroom": Noun("dormitorio", "dormitorios"),
        "drop": Noun("gota", "gotas", "f"),
        "slice": Noun("loncha", "lonchas", "f"),
        "peseta": Noun("peseta", "pesetas", "f"),
        "point": Noun("punto", "puntos"),
        "piece": Noun("unidad", "unidades", "f"),
        "person": Noun("persona", "personas", "f"),
        "part": Noun("pieza", "piezas", "f"),
        "inhabitant": Noun("habitante", "habitantes"),
        "millimole": Noun("milimol", "milimoles"),
        "microliter": Noun("microlitro", "microlitros"),
        "nanogram": Noun("nanogramo", "nanogramos"),
        "ampere-hour": Noun("amperio hora", "amperios hora"),
        "microampere": Noun("microamperio", "microamperios"),
        "kiloohm": Noun("kiloohmio", "kiloohmios"),
        "megaohm": Noun("megaohmio", "megaohmios"),
        "megajoule": Noun("megajulio", "megajulios"),
        "kilonewton": Noun("kilonewton", "kilonewtons"),
        "terahertz": Noun("terahercio", "terahercios"),
        "millisievert": Noun("milisievert", "milisieverts"),
        "kilowatt-peak": Noun("kilovatio pico", "kilovatios pico"),
        "cent": Noun("céntimo", "céntimos"),
        "time": Noun("vez", "veces", "f"),
        "metric-ton": Noun("tonelada", "toneladas", "f"),
        "watt-hour": Noun("vatio hora", "vatios hora"),
        "megawatt-hour": Noun("megavatio hora", "megavatios hora"),
        "gigawatt-hour": Noun("gigavatio hora", "gigavatios hora"),
        "milliampere-hour": Noun("miliamperio hora", "miliamperios hora"),
        "millivolt": Noun("milivoltio", "milivoltios"),
        "kilovolt": Noun("kilovoltio", "kilovoltios"),
        "kibibyte": Noun("kibibyte", "kibibytes"),
        "mebibyte": Noun("mebibyte", "mebibytes"),
        "gibibyte": Noun("gibibyte", "gibibytes"),
        "tebibyte": Noun("tebibyte", "tebibytes"),
        "square-millimeter": Noun("milímetro cuadrado", "milímetros cuadrados"),
        "frame": Noun("fotograma", "fotogramas"),
        "beat": Noun("latido", "latidos"),
        "decibel": Noun("decibelio", "decibelios"),
        "part-per-million": Noun("parte por millón", "partes por millón", "f"),
        "liter-per-100-kilometer": Noun("litro a los cien kilómetros", "litros a los cien kilómetros"),
        "percent": Noun("por ciento", "por ciento"),
    }
    eras: ClassVar = {
        "a.C.": "antes de Cristo",
        "d.C.": "después de Cristo",
        "a.deC.": "antes de Cristo",
        "d.deC.": "después de Cristo",
        "a.c.": "antes de Cristo",
        "d.c.": "después de Cristo",
        "a.e.c.": "antes de la era común",
        "d.e.c.": "de la era común",
        "aC": "antes de Cristo",
        "dC": "después de Cristo",
        "AEC": "antes de la era común",
        "EC": "de la era común",
    }
    hour: ClassVar = Noun("hora", "horas", "f")
    minute: ClassVar = Noun("minuto", "minutos")
    second: ClassVar = Noun("segundo", "segundos")
    prefixes: ClassVar = {"v": "versión"}

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number; "uno" and the hundreds agree with what is counted."""
        # num2words does not shorten in front of "mil" and "millones": "veintiuno mil".
        words = re.sub(r"veintiuno(?= m)", "veintiún", named(digits, "es"))
        words = re.sub(r"\buno(?= m)", "un", words)
        if agreement.gender == "f":
            head, millions, tail = (
                words.rpartition("millones ") if "millones " in words else words.rpartition("millón ")
            )
            tail = re.sub(r"(cient|quinient)os\b", r"\1as", tail)
            return head + millions + re.sub(r"uno$", "una", tail)
        if agreement.is_counted and agreement.noun != self.percent.one:  # "treinta y uno por ciento"
            return re.sub(r"\buno$", "un", re.sub(r"veintiuno$", "veintiún", words))
        return words

    def agreement(self, around: Around) -> Agreement:
        """What a number agrees with; behind "error" and its like it is a name: "el error 404 significa"."""
        return ALONE if last_word(around.before) in _NUMBERED else super().agreement(around)

    def counted(self, number: Number, around: Around) -> Agreement:
        """What a number agrees with: more than one with a plural alone, so not in "la ley de 1978 dedica"."""
        agreement = super().counted(number, around)
        if not agreement.noun:
            if last_word(around.before) == "las" or _ONE_OCLOCK.search(around.before):  # "a las 21", "es la 1"
                return Agreement("f")
            if (other := ALSO_COUNTED.match(around.after)) is not None:  # "de 1 a 2 cucharadas"
                agreement = self.agreement(Around(around.before, around.after[other.end() :]))
                return replace(agreement, is_counted=False) if agreement.noun.endswith("s") else ALONE
        if around.before[-3:].rstrip()[-1:] in tuple("-–"):  # "Real Madrid 2 - 1 Barcelona"
            return ALONE
        return agreement if is_one(number) or number.scale or agreement.noun.endswith("s") else ALONE

    def gender_of(self, noun: str) -> Gender | None:
        """Guess a noun's gender from its end; None for words that are no nouns."""
        word = noun.lower()
        if word in _FUNCTION_WORDS:
            return None
        if word in _FEMININE_WORDS:
            return "f"
        return "m" if word in _MASCULINE_WORDS or not _FEMININE.search(word) else "f"

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range: "cinco a diez", "entre cinco y diez"."""
        match span:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.say_span(Span(replace(first, scale=3), last), around)
            case Span(Number() as first, Number() as last):
                word = "y" if last_word(around.before) == "entre" else self.to
                agreement = self.agreement(around)
                agreement = ALONE if agreement.noun[:1].isupper() else agreement  # "2 - 1 Barcelona"
                one = replace(agreement, is_counted=False)  # "uno a dos comprimidos"
                return f"{self.say_number(first, one)} {word} {self.say_number(last, agreement)}"
            case _:
                return super().say_span(span, around)

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:  # noqa: ARG002 - the words around do not count
        """Say "las catorce treinta", "la una y cuarto de la tarde"."""
        words = self.whole(str(clock.hour), Agreement("f"))
        if clock.minute is None:
            words += "" if clock.half else f" {self.form(Number(str(clock.hour)), self.hour)}"
        elif clock.half:
            named_minutes = {0: "", 15: " y cuarto", 30: " y media"}
            words += named_minutes.get(clock.minute, f" y {self.whole(str(clock.minute))}")
        elif clock.minute:
            words += f"{' y' if clock.minute < 10 else ''} {self.whole(str(clock.minute))}"
        elif clock.hour == 0 or clock.hour > 12:
            words += " horas"
        if clock.second:
            words += f" con {self.count(Number(str(clock.second)), self.second)}"
        return words + _half_of_day(clock)

    def say_day(self, day: int, around: Around) -> str:  # noqa: ARG002 - the words around do not count
        """Say "tres"."""
        return self.whole(str(day))

    def say_date(self, date: Date, around: Around) -> str:
        """Say "tres de octubre de mil novecientos noventa"."""
        parts = [self.say_day(date.day, around)] if date.day else []
        parts.append(_MONTHS[date.month - 1])
        if date.year:
            parts.append(self.year(full_year(date.year)))
        return " de ".join(parts)

    def ordinal(self, value: int, gender: Gender = "m", *, is_plural: bool = False) -> str:
        """Say "vigésimo primero"; beyond the hundredth, as people do, the plain number."""
        if value in _ROUND_ORDINALS:
            return _ROUND_ORDINALS[value][:-1] + ("a" if gender == "f" else "o") + ("s" if is_plural else "")
        if value > 100 or value == 0:
            return self.whole(str(value))
        # num2words says "décimoprimero", "décimosegundo", "décimo tercero", and writes "quadragésimo".
        words = {11: "undécimo", 12: "duodécimo"}.get(value) or named(str(value), "es", "ordinal")
        words = words.replace("décimo ", "decimo").replace("ooctavo", "octavo").replace("quadra", "cuadra")
        if gender == "f":
            words = re.sub(r"o\b", "a", words)
        return f"{words}s" if is_plural else words

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "tercer piso", "segunda puerta"."""
        mark = ordinal.mark.lstrip(".")
        if mark == "°" and not is_ordinal(ordinal, around, _ARTICLES):
            return self.count(Number(ordinal.digits), self.unit("degree", "°"))
        if mark in ("os", "as"):
            return self.ordinal(int(ordinal.digits), "f" if mark == "as" else "m", is_plural=True)
        if mark in ("ª", "a"):
            return self.ordinal(int(ordinal.digits), "f")
        noun = next_word(around.after)
        if (
            len(noun) > 1
            and self.gender_of(noun)
            and noun.lower() not in _SIDES
            and not (noun[0].isupper() and last_word(around.before) not in _ARTICLES)  # "1.º México"
            and ordinal.digits[-1] in _SHORTENED
            and ordinal.digits != "11"
        ):
            return re.sub(r"(primer|tercer)o$", r"\1", self.ordinal(int(ordinal.digits)))
        return (
            self.ordinal(int(ordinal.digits))
            if mark != "er"
            else re.sub(r"undécimo$", "decimoprimer", re.sub(r"ero$", "er", self.ordinal(int(ordinal.digits))))
        )

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "dos tercios", "media taza", "tres cuartas partes"."""
        if agreement.noun == "partes":
            return f"{self.whole(top, Agreement('f'))} {self.ordinal(int(bottom), 'f', is_plural=top != '1')}"
        if (top, bottom) == ("1", "2"):
            if not agreement.is_counted:
                return "un medio"
            return "media" if agreement.gender == "f" else "medio"
        if (len(bottom) > 3 and bottom != "1000") or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} partido por {self.whole(bottom)}"
        part = self.part(int(bottom))
        return f"{self.whole(top, Agreement(is_counted=True))} {part if top == '1' else f'{part}s'}"

    def part(self, bottom: int) -> str:
        """Say the name of a part of one: "tercio", "doceavo"."""
        if bottom <= 10:
            return ("medio", "tercio", "cuarto", "quinto", "sexto", "séptimo", "octavo", "noveno", "décimo")[bottom - 2]
        if bottom in (100, 1000):
            return {100: "centésimo", 1000: "milésimo"}[bottom]
        whole = self.whole(str(bottom)).replace(" y ", "i").replace("é", "e").replace("ó", "o")
        return f"{re.sub(r'[ao]$', '', whole)}avo"  # "doceavo", "treintavo", "veintiunavo", "dieciseisavo"

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "Felipe sexto", "siglo veintiuno", "Juan veintitrés"."""
        if not roman.is_ordinal or roman.value > 10:
            return self.whole(str(roman.value))
        is_queen = last_word(around.before).endswith(("a", "isabel", "beatriz", "elizabeth"))
        return self.ordinal(roman.value, "f" if is_queen else "m")


def _half_of_day(clock: Clock) -> str:
    """Say "de la tarde", as the hour asks for."""
    if clock.half == "am":
        return " de la noche" if clock.hour == 12 else " de la mañana"
    if clock.half == "pm":
        return " de la noche" if 8 <= clock.hour < 12 else " de la tarde"
    return ""
