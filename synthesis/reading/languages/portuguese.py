"""Portuguese of Brazil and of Portugal: "duas irmãs", "mil e quinhentos", "catorze e trinta", "o primeiro de maio"."""

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
    read_invoice,
    roman_number_rule,
    saint_rule,
    sign_code_rule,
    small_roman_rule,
    street_day_rule,
    told_rule,
    unit_in_brackets_rule,
    week_rule,
    wind_rule,
)
from ..notation.scanner import worth
from ..notation.tokens import NOWHERE, Around, Code, Measure, Number, Phone, Ratio, Said, Span
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
    "janeiro", "fevereiro", "março", "abril", "maio", "junho",
    "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_SHORT_MONTHS: Final = {
    "jan": 1, "fev": 2, "mar": 3, "abr": 4, "mai": 5, "jun": 6, "jul": 7, "ago": 8, "set": 9, "out": 10, "nov": 11,
    "dez": 12,
}  # fmt: skip
_CHAPTERS: Final = frozenset(
    "capítulos tomos volumes livros títulos fases tipos anexos artigos incisos inciso inc alínea episódio rocky "
    "rambo fantasy apollo capítulo tomo volume ato cena parte livro artigo anexo "
    "seção secção fase "
    "nível tipo século cap vol "
    "art fig séc".split()
)

# "D. João", but not the initial of "John D. Rockefeller".
_TITLE: Final = re.compile(r"D\.(?=\s(?P<name>[A-ZÀ-Ý][a-zà-ÿ]+))")
_NAME_BEFORE: Final = re.compile(r"[A-ZÀ-Ý][\wÀ-ÿ]*\s\Z")
_PARTS: Final = re.compile(r"(?P<count>\d{1,3})x(?!\w)")


def _title_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "D. Pedro II" and "D. Maria": "Dom", "Dona"."""
    found = _TITLE.match(text, at) if text[at] == "D" and not text[at - 1 : at].isalnum() else None
    if found is None or _NAME_BEFORE.search(text, max(0, at - 40), at):
        return None
    return found.end(), Said("Dona" if found["name"].endswith("a") else "Dom")


def _street_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "na R. das Flores": "rua"; elsewhere it is an initial."""
    found = _STREET.match(text, at) if text[at] == "R" and not text[at - 1 : at].isalnum() else None
    if found is None or not (_STREET_CUE.search(text, max(0, at - 10), at) or _HOUSE_BEHIND.match(text, at)):
        return None
    return found.end(), Said("rua")


_STREET: Final = re.compile(r"R\.(?=\s(?:[IVX]{1,5}\sde\s[A-Z]|[0-9]{1,2}\sde\s[A-Z]|d[aeo]s?\b|[A-ZÀ-Ý][a-zà-ÿ]))")
_HOUSE_BEHIND: Final = re.compile(r"R\.\s[^.!?,0-9]{3,40},\s(?:n\.?[ºo°]\s?|número\s)?[0-9]{1,5}(?![\w])")
_STREET_CUE: Final = re.compile(r"(?:\b(?:na|da|à|[Aa]|pela|nesta|desta)|[Ee]ndereço:)\s\Z")


def _ranked_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "3º and." and "2º sem.": "terceiro andar", "segundo semestre"; elsewhere they are words."""
    found = _RANKED.match(text, at) if text[at] in "as" else None
    if found is None or not _RANK_BEFORE.search(text, max(0, at - 5), at):
        return None
    return found.end(), Said(_RANKED_NOUNS[found[0]] + ("" if text[found.end() :].strip() else "."))


_RANKED_NOUNS: Final = {"and.": "andar", "sem.": "semestre"}
_RANKED: Final = re.compile("|".join(map(re.escape, _RANKED_NOUNS)))
_RANK_BEFORE: Final = re.compile(r"[0-9][º°ª]\s\Z")


def _parts_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "em 10x", in which something is paid: "em dez vezes"."""
    found = _PARTS.match(text, at) if text[at] in "0123456789" else None
    if found is None or not text[max(0, at - 4) : at].lower().endswith(("em ", "até ")):
        return None
    return found.end(), Measure(Number(found["count"]), "time", "x")


_SCORE: Final = re.compile(r"(?P<ours>\d{1,2})\s?[xX]\s?(?P<theirs>\d{1,2})(?![\w,.]?\d)(?!\s?(?:[cdkm]?m|cm|px)\b)")
_SCORE_CUES: Final = frozenset(
    "por venceu vence ganhou ganha perdeu perde empatou empate placar goleou derrotou".split()
)


def _score_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take "venceu por 3 x 1" for a score."""
    found = _SCORE.match(text, at)
    if found is None or not _SCORE_CUES & set(re.findall(r"\w+", text[max(0, at - 40) : at].lower())):
        return None
    return found.end(), Ratio((Number(found["ours"]), Number(found["theirs"])), "x")


def _taxpayer_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the numbers of persons and firms by their groups, without their marks: "529.982.247-25"."""
    found = _TAXPAYER.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or text[at - 1 : at] in tuple(".,/-"):
        return None
    return found.end(), Phone(tuple(filter(None, found.groups())))


_TAXPAYER: Final = re.compile(
    r"(?:([0-9]{3})\.([0-9]{3})\.([0-9]{3})|([0-9]{2})\.([0-9]{3})\.([0-9]{3})/([0-9]{4}))-([0-9]{2})(?![\w-])"
)


def _few_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read a unit behind a word that counts: "alguns mm"."""
    found = _UNIT_ALONE.match(text, at)
    if found is None or _SOME.search(text, max(0, at - len(" quantos ")), at) is None:
        return None
    return found.end(), Said(_MANY[found[0]])


_MANY: Final = {
    "mm": "milímetros", "cm": "centímetros", "m": "metros", "km": "quilômetros", "g": "gramas", "kg": "quilos",
    "ml": "mililitros", "mL": "mililitros", "MB": "megabytes", "GB": "gigabytes",
}  # fmt: skip
_UNIT_ALONE: Final = re.compile(rf"(?:{'|'.join(_MANY)})(?![\w.²³/])")
_SOME: Final = re.compile(r"(?<!\w)(?:alguns|poucos|vários|uns|muitos|quantos)\s\Z", re.IGNORECASE)


def _proportion_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read what a proportion or a scale relates, "1:2": "um para dois", where a score is "um a dois"."""
    found = _PROPORTION.match(text, at)
    if found is None or not _PROPORTION_CUE.search(text, max(0, at - _REACH_OF_CUE), at):
        return None
    first, second = (named(side.replace(".", ""), "pt_BR") for side in found.groups())
    return found.end(), Said(f"{first} para {second}")


_PROPORTION: Final = re.compile(r"([0-9]{1,3}):([0-9]{1,3}(?:\.[0-9]{3}){0,2})(?![0-9:])")
_PROPORTION_CUE: Final = re.compile(
    r"(?:propor[cç][aã]o|escala|dilui[cç][aã]o|raz[aã]o|mistura)(?: [a-zà-ÿ]+){0,2} \Z", re.IGNORECASE
)
_REACH_OF_CUE: Final = 40


def _tax_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Take the numbers of people and companies in Brazil: "123.456.789-09", "12.345.678/0001-90"."""
    found = _TAX.match(text, at)
    return (found.end(), Code(tuple(re.findall(r"\d+|\D", found[0])), is_secret=True)) if found else None


_TAX: Final = re.compile(
    r"(?:\d{1,2}\.\d{3}\.\d{3}-[\dX]|\d{3}\.\d{3}\.\d{3}-\d{2}|\d{2}\.\d{3}\.\d{3}/\d{4}-\d{2})(?!\d)"
)
_WEEKDAYS: Final = {
    "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta", "sex": "sexta", "sáb": "sábado",
    "sab": "sábado", "dom": "domingo",
}  # fmt: skip


def _matches(value: int, word: str) -> str:
    """Say so many matches won, drawn or lost."""
    return Portuguese().count(Number(str(value)), Noun(word, f"{word}s", "f" if word[-1] == "a" else "m"))


def _counted(value: int, unit: str) -> str:
    """Say so many hours, minutes or seconds."""
    portuguese = Portuguese()
    if unit == "hundredth":
        return named(str(value), "pt_BR")
    return portuguese.count(Number(str(value)), portuguese.unit(unit, unit))


def _plural(day: str) -> str:
    """Say "segundas", "sábados"."""
    return f"{day}s"


def _hours_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "de 8/8 h" as "de oito em oito horas"."""
    found = _EVERY.match(text, at) if text[max(0, at - 3) : at] == "de " else None
    if found is None:
        return None
    hours = _counted(int(found[1]), "hour")
    return found.end(), Said(f"{hours.rpartition(' ')[0]} em {hours}")


_EVERY: Final = re.compile(r"([0-9]{1,2})/\1\s?(?:h|hs|horas)(?!\w)")


def _clause_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "art. 5º, LXXVIII, da CF" as the number of a clause."""
    found = _CLAUSE.match(text, at) if text[max(0, at - 2) : at] == ", " else None
    if found is None or not _ARTICLE_BEFORE.search(text, max(0, at - 40), at):
        return None
    return found.end(), Number(str(worth(found[0])))


_CLAUSE: Final = re.compile(r"(?=[IVXLC])C?(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?=[,;.)]|\sd[aoe]\s|\se\s|\s*\Z)")
_ARTICLE_BEFORE: Final = re.compile(r"(?i:\barts?\.?|§|caput)\s?[^;!?]{0,25}[0-9º°t],\s\Z")


def _weekday_number_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read "2as e 4as", as Portuguese numbers its weekdays: "segundas", "quartas"."""
    found = _NUMBERED_DAY.match(text, at) if not text[at - 1 : at].isalnum() else None
    return None if found is None else (found.end(), Said(_NUMBERED_DAYS[int(found[1]) - 2]))


_NUMBERED_DAY: Final = re.compile(r"([2-6])[ªa]s(?:-feiras)?(?!\w)")
_NUMBERED_DAYS: Final = ("segundas", "terças", "quartas", "quintas", "sextas")


def _postal_rule(text: str, at: int) -> tuple[int, Token] | None:
    """Read the digits of a town's number in Portugal: "1100-060 Lisboa"."""
    found = _POSTAL.match(text, at) if text[at - 1 : at].isspace() else None
    return None if found is None else (found.end(), Code((found[1], found[2]), is_secret=True))


_POSTAL: Final = re.compile(r"([1-9][0-9]{3})-([0-9]{3})(?=\s[A-ZÁÉÍÓÚ][a-záéíóúãõç]+)")
_WINDS: Final = compass(
    "nor-", "su-", "és-", "oés-", {"NE": "nordeste", "NO": "noroeste", "SE": "sudeste", "SO": "sudoeste"}
) | {"NNE": "nor-nordeste", "ENE": "és-nordeste", "ESE": "és-sudeste", "SSE": "su-sudeste"}
_street_day_rule = street_day_rule(
    r"av\.|avenida|rua|r\.|praça|pça\.|travessa|alameda|largo",
    r"\sde\s",
    _MONTHS,
    lambda day: Portuguese().say_day(day, NOWHERE),
)
_SAINTS: Final = {
    **dict.fromkeys(
        "Paulo João José Pedro Jorge Bento Francisco Luís Vicente Carlos Bernardo Caetano Gonçalo Miguel Sebastião "
        "Cristóvão Mateus Marcos Tomé Lourenço Domingos Roque Salvador".split(),
        "São",
    ),
    **dict.fromkeys("Antônio António Amaro Inácio Agostinho André Ângelo".split(), "Santo"),
}
_BY_HEAD: Final = at_heads(
    {
        "S": (saint_rule(_SAINTS),),
        "#": (told_rule({"#": "jogo da velha"}, r"(?:^|\s)", r"\s[a-zà-ÿ]|[.,;)]"),),
        "*": (sign_code_rule("asterisco", "jogo da velha", lambda digits: Portuguese().digits(digits)),),
        "-−": (
            frost_rule("menos", lambda digits: Portuguese().count(Number(digits), Portuguese().unit("degree", "°"))),
        ),
        "ABCDEFGHIJKLMNOPQRSTUVWXYZ": (read_invoice,),
        "/": (per_unit_rule(lambda unit: Portuguese().joined_per(Portuguese().unit(unit, unit))),),
        "€R": (
            told_rule({"€": "euros", "R$": "reais"}, r"(?:\bde|\bem|\ba)\s", r"(?![0-9\s]*[0-9])"),
            bare_price_rule("€", lambda unit: f"euros {Portuguese().joined_per(Portuguese().unit(unit, unit))}"),
            bare_price_rule("R$", lambda unit: f"reais {Portuguese().joined_per(Portuguese().unit(unit, unit))}"),
        ),
        "IVX": (_street_day_rule, _clause_rule),
        "LC": (_clause_rule,),
        "x": (told_rule({"x": "por"}, r"(?:h|m|cm|mm|km|horas|ore|mg|d[ií]as|veces|volte|vezes|g)\s", r"\s[0-9]"),),
        "K": (told_rule({"K": "kelvin"}, r"°[CF][^.!?]{0,20}[0-9]\s"),),
        "+": (duration_rule("(?!)", _counted, "e", "mais"),),
        "(": (
            told_rule({"(n.": "(nascido"}, "", r"\s[0-9]"),
            unit_in_brackets_rule(lambda unit: Portuguese().unit(unit, unit).many),
        ),
        "NSEO": (
            wind_rule(
                _WINDS,
                "(?:ventos?|brisa|rajadas)(?: fracos?| fortes?| moderados?)?(?: de)?|ao|do|para o|rumo",
                "de|do|da|com|a|e|em|por",
            ),
        ),
        "NS": (wind_rule({"N": "norte", "S": "sul"}, "ao", "de|do|da"),),
        "1234": (
            bare_quarter_rule(
                "o|no|do|ao",
                {"T": tuple(f"{rank} trimestre" for rank in ("primeiro", "segundo", "terceiro", "quarto"))},
                is_leading=False,
            ),
        ),
        "stqdSTQD": (week_rule(_WEEKDAYS, "a|à|ao|e|ou|até", _plural, "às|aos|as|os|todas as|todos os"),),
        "pP": (
            told_rule({"prof.": "profundidade"}, "", r"\s[0-9]"),
            told_rule({"p/": "para", "P/": "Para"}, r"(?:^|\s)", r"\s|[a-zà-ÿ0-9]"),
            told_rule({"prot.": "proteína"}, r"de\s"),
            told_rule({"prep.": "preparo", "Prep.": "Preparo"}),
            told_rule({"prob.": "probabilidade", "Prob.": "Probabilidade"}),
        ),
        "cC": (
            told_rule({"c.": "cerca de"}, "", r"\s1[0-9]{3}(?!\w)"),
            told_rule({"c/": "com", "C/": "Com"}, r"(?:^|\s)", r"\s?(?!c\b)[a-zà-ÿ0-9]"),
            told_rule({"cond.": "condomínio"}, r"(?:\+|\be|mais|taxa de|de)\s"),
        ),
        "sS": (told_rule({"s/": "sem", "S/": "Sem"}, r"(?:^|\s)", r"\s?(?!n\b)[a-zà-ÿ]"),),
        "lL": (told_rule({"l": "litro", "L": "litro"}, r"(?:[0-9]/[0-9]|[½¼¾])\sde\s"),),
        "Ø": (told_rule({"Ø": "de diâmetro"}, r"m\s"),),
        "mM": (
            told_rule(
                {"máx.": "máxima", "máx": "máxima", "mín.": "mínima", "mín": "mínima"},
                r"(?:\ba|temperatura|temp\.|velocidade?|velocit[aà]|vel\.|potencia|potência|potenza|presi[oó]n|pressão|"
                r"pressione|h?umedad|umidade|umidità|altura|altezza|carga|idade|edad|età|nota|cuota|distancia|"
                r"distância)\s",
            ),
        ),
        "m": (
            told_rule({"mi": "milhas"}, r"(?!)"),
            told_rule({"min": "mínima"}, r"[^0-9]\s", r"\s-?[0-9]{1,2}\s?°"),
        ),
        "d": (
            told_rule({"dir.": "direção"}, "", r"\s(?:norte|sul|leste|oeste|centro)(?!\w)"),
            told_rule({"d": "dias"}, r"[0-9]\s", r"(?:,|\se)?\s[0-9]{1,2}\s?h"),
        ),
        "Kk": (
            told_rule({"Km": "Quilômetro", "km": "quilômetro", "KM": "quilômetro"}, r"(?:[^0-9\s]\s|^)", r"\s[0-9]"),
        ),
        "iI": (
            told_rule({"incl.": "incluídas"}, r"(?:taxas|bebidas|refeições|gorjetas)\s"),
            told_rule({"incl.": "inclusa"}, r"(?:taxa|entrega|refeição|gorjeta|instalação)\s"),
            told_rule({"incl.": "incluso"}, r"(?:café|café da manhã|frete|imposto|almoço|iva)\s"),
        ),
        "a": (
            told_rule({"al.": "alínea"}, "", r"\s[\"“]?[a-z](?![\w])"),
            told_rule({"ag.": "agência"}, "", r"\s[0-9]"),
            told_rule({"a.m.": "ao mês"}, r"%\s"),
        ),
        "v": (told_rule({"v.": "veja"}, "", r"\s(?:fig|tab|pág|cap|art|nota|anexo|seção)(?!\w)"),),
        "D": (told_rule({"Dec.": "Decreto"}, "", r"\s(?:n\.?º\s)?[0-9]"),),
    }
)
_NUMBERS: Final = number_rules(
    Idiom(
        whole=lambda digits: named(digits, "pt_BR"),
        count=_counted,
        degrees=lambda digits: Portuguese().count(Number(digits), Portuguese().unit("degree", "°")),
        part=lambda bottom: Portuguese().say_fraction("1", str(bottom)),
        days=_WEEKDAYS,
        months=_SHORT_MONTHS,
        joint="e",
        plus="mais",
        over="sobre",
        of="de",
        pace="por quilômetro",
        verses="a",
        several=("pessoas|porções|dias|vezes|convidados", " a "),
        times="às|as|das|até as|até às|à",
        lasting=(
            "conexão de|duração total:|duração:|espera de|atraso de|viagem de|total:|em|dura|duram|durou|"
            "duração de|por|após|leva|levou|durante"
        ),
        dates="dia|próximo|passado|até|em|do dia",
        phones=(r"para|telefone|tel\.|celular|cel\.|whatsapp|zap|pix|número|telemóvel|o", "[19]|[1-9][1-9]9"),
        scales="escala|propor[cç][aã]o|rela[cç][aã]o|raz[aã]o|ratio|dilui[cç][aã]o|formato|aspecto|mistura",
        pages=r"pág(?:ina|\.)?|passo|fase|capítulo|nível|tentativa|episódio|parcela|etapa",
        matches=("vitória", "empate", "derrota", _matches),
        half=("às|as|das|pelas", "e", "meia", "meio"),
        pressures="press[aã]o|PA",
        above="por",
    ),
    {
        "d": (_street_day_rule,),
        "aª": (_weekday_number_rule,),
        "/": (_hours_rule,),
        "-": (_postal_rule,),
    },
)
_CUSTOMS: Final = Customs(
    decimal=",",
    thousands=".",
    has_blank_groups=True,
    date_order="dmy",
    months={name: number for number, name in enumerate(_MONTHS, 1)} | _SHORT_MONTHS,
    day_marks=r"\.?[ºo°]",
    between_date=r"\s(?:de\s)?",
    halves={"a.m.": "am", "a. m.": "am", "am": "am", "p.m.": "pm", "p. m.": "pm", "pm": "pm"},
    clock_words=r"(?:(?:(?<=[hH]\d\d)|(?<=[hH]\s\d\d))\s?min|\s?(?:horas|hs|hrs|h))\b",
    clock_marks=":hH",
    scales={
        "mil": 3, "bn": 9, "k": 3, "K": 3, "M": 6, "mi": 6,
        "mi.": 6, "milhão": 6, "milhões": 6, "bi": 9, "bi.": 9, "bilhão": 9,
        "bilhões": 9, "tri": 12, "trilhão": 12, "trilhões": 12,
    },
    ordinal_marks=r"\.?(?:[ºª°])|\.?[oa](?=\s)",
    currencies={"usd": "USD", "eur": "EUR", "chf": "CHF", "gbp": "GBP", "us$": "USD", "r$": "BRL", "brl": "BRL",
        "Kz": "AOA", "AOA": "AOA", "MZN": "MZN", "MT": "MZN", "MTn": "MZN", "R$": "BRL", "US$": "USD",
    "real": "BRL", "reais": "BRL", "euro": "EUR", "euros": "EUR"},
    no_units=frozenset({"mi"}),
    units={
        "p.p.": "percentage-point", "pp": "percentage-point", "p.b.": "basis-point", "pb": "basis-point",
        "págs.": "page",
        "fls.": "sheet", "unid.": "piece", "un.": "piece", "unids.": "piece", "uns.": "piece",
        "lt.": "can", "env.": "sachet", "c. de sopa": "tablespoon",
        "c. de chá": "teaspoon", "c. de café": "coffee-spoon", "c.s.": "tablespoon", "c.c.": "teaspoon",
        "colh.": "spoon",
        "colh. de sopa": "tablespoon", "colh. de chá": "teaspoon", "colh. (sopa)": "tablespoon",
        "colh. (chá)": "teaspoon",
        "min.": "minute", "kms": "kilometer", "kms.": "kilometer", "kg.": "kilogram", "km.": "kilometer", "m.": "meter",
        "cm.": "centimeter", "l.": "liter", "hrs": "hour", "¢": "cent", "ºC": "celsius",
        "pts": "point", "pts.": "point", "pct.": "packet", "gts.": "drop", "cc": "cubic-centimeter",
        "gar.": "bottle", "fat.": "slice", "cxs.": "box", "pcts.": "packet", "cp.": "tablet", "amp.": "ampoule",
        "dorm.": "bedroom",
        "comp.": "tablet",
        "cáps.": "capsule", "cps.": "capsule", "pax": "person",
        "pç.": "part",
        "dz.": "dozen", "pess.": "person", "gr.": "gram", "lts": "liter", "kgs": "kilogram", "mts": "meter",
        "cx.": "box", "hab.": "inhabitant", "col. (café)": "coffee-spoon",
        "ct": "cent", "cts": "cent", "cts.": "cent",
        "xíc.": "cup", "xíc": "cup", "col. (sopa)": "tablespoon", "col. de sopa": "tablespoon",
        "col. sopa": "tablespoon",
        "colheres (sopa)": "tablespoon", "col. (chá)": "teaspoon", "col. de chá": "teaspoon", "c. sopa": "tablespoon",
        "pol": "inch", "pol.": "inch", "pol²": "square-inch", "sem.": "week", "trim.": "quarter", "c. chá": "teaspoon",
        "c. (chá)": "teaspoon", "c. (sopa)": "tablespoon", "col. chá": "teaspoon", "xíc. (chá)": "cup",
        "xíc. de chá": "cup",
        "min": "minute", "seg": "second", "seg.": "second", "hs": "hour", "CV": "horsepower", "cv": "horsepower"},
    abbreviations=with_capitals({
        "Ctrl": "Control",
        "Ø": "diâmetro", "Vc": "Você", "lat.": "latitude", "umid.": "umidade", "long.": "longitude",
        "vel.": "velocidade", "ext.": "extensão",
        "dorms.": "dormitórios", "qts.": "quartos",
        "sécs.": "séculos", "a.a.": "ao ano", "a. a.": "ao ano", "a/a": "ano a ano",
        "m/m": "mês a mês",
        "t/t": "trimestre a trimestre", "tri.": "trimestre", "tri": "trimestre", "trim.": "trimestre",
        "bim.": "bimestre",
        "prorrog.": "prorrogação", "pên.": "pênaltis", "déc.": "década", "inc.": "inciso",
        "i. e.": "isto é", "parág.": "parágrafo", "apt.": "apartamento", "edif.": "edifício",
        "lj.": "loja", "sl.": "sala", "lt.": "lote", "vl.": "vila", "Vl.": "Vila",
        "Pq.": "parque",
        "pq.": "parque", "al.": "alameda", "Al.": "Alameda", "lgo.": "largo", "Lgo.": "Largo",
        "trav.": "travessa", "rod.": "rodovia", "estr.": "estrada", "jd.": "jardim",
        "mun.": "município", "esc.": "escada", "fte.": "frente", "fds.": "fundos", "d.to": "direito",
        "cód.": "código", "tot.": "total", "mens.": "mensal",
        "venc.": "vencimento",
        "pgto.": "pagamento", "desc.": "desconto", "transf.": "transferência", "dep.": "depósito",
        "c/c": "conta corrente", "doc.": "documento", "prot.": "protocolo",
        "ger.": "gerente", "dir.": "diretor",
        "presid.": "presidente", "sec.": "secretário", "vice-pres.": "vice-presidente",
        "sen.": "senador", "maj.": "major",
        "sgt.": "sargento", "eng.": "engenheiro", "adv.": "advogado", "arq.": "arquiteto", "enf.": "enfermeiro",
        "atte.": "atenciosamente", "qto.": "quarto", "qtos.": "quartos",
        "bl.": "bloco", "cj.": "conjunto", "conj.": "conjunto", "qd.": "quadra", "s/n": "sem número",
        "Trav.": "travessa",
        "Rod.": "rodovia", "Estr.": "estrada", "Jd.": "jardim", "esq.": "esquerdo",
        "dto.": "direito", "r/c": "rés do chão", "cel.": "celular", "ref.": "referência",
        "qtde.": "quantidade", "vc": "você", "depto.": "departamento", "Min.": "ministro", "Pres.": "presidente",
        "a/c": "aos cuidados de", "temp.": "temperatura", "trad.": "tradução",
        "coord.": "coordenação", "ed.": "edição", "Cia.": "companhia", "cia.": "companhia", "vs.": "contra",
        "cf.": "conforme", "i.e.": "isto é", "obs.": "observação", "resp.": "respectivamente", "bco.": "banco",
        "gov.": "governo", "aprox": "aproximadamente", "prox.": "próximo", "próx.": "próximo",
        "ult.": "último", "últ.": "último", "larg.": "largura", "comp.": "comprimento", "N.B.": "nota bene",
        "P.S.": "pós-escrito", "secr.": "secretaria", "esp.": "especialmente", "exc.": "exceto",
        "Sr.": "senhor", "Sra.": "senhora", "Srta.": "senhorita", "Srs.": "senhores", "Dr.": "doutor",
        "Dra.": "doutora",
        "Drs.": "doutores", "Prof.": "professor", "Profa.": "professora", "Prof.ª": "professora",
        "Exmo.": "excelentíssimo", "Exma.": "excelentíssima", "V. Exa.": "vossa excelência", "etc.": "et cetera",
        "p. ex.": "por exemplo", "p.ex.": "por exemplo", "a. C.": "antes de Cristo", "a.C.": "antes de Cristo",
        "d. C.": "depois de Cristo", "d.C.": "depois de Cristo", "nº": "número", "Nº": "Número", "n.º": "número",
        "N.º": "Número", "n°": "número", "N°": "Número", "núm.": "número", "tel.": "telefone", "Tel.": "telefone",
        "Av.": "avenida", "av.": "avenida", "pág.": "página", "págs.": "páginas",
        "cap.": "capítulo", "vol.": "volume", "fig.": "figura", "aprox.": "aproximadamente",
        "máx.": "máximo", "mín.": "mínimo", "Eng.": "engenheiro", "Sto.": "santo", "Sta.": "santa",

        "pça.": "praça", "Pça.": "Praça", "art.": "artigo", "hab.": "habitantes", "Gov.": "governador",
        "Gen.": "general", "Pe.": "padre", "S.A.": "SA", "incl.": "incluindo", "tb.": "também",
        "qtd.": "quantidade", "prof.": "professor", "profa.": "professora", "dr.": "doutor",
        "sr.": "senhor", "dra.": "doutora", "srta.": "senhorita", "sto.": "santo", "sta.": "santa", "sra.": "senhora",
        "apto.": "apartamento", "séc.": "século", "Ltda.": "limitada",
    }),
    eras=r"\s?[ad]\.\s?C\.",
    year_cues=frozenset("ano anos em desde até verão inverno primavera outono".split()) | frozenset(_MONTHS),
    code_cues=frozenset(
        "ref id ticket dígitos puk otp cvv cvc token renavam rg pis código códigos pin senha iban bic cep cpf cnpj "
        "referência nif "
        "protocolo matrícula boeing".split()
    ),
    cue_links=frozenset(
        "é são era de número com em e o confirmação verificação acesso segurança ativação".split()
    ),
    version_cues=VERSIONED | frozenset(
        "aula equação versão capítulo seção secção release cap item subitem art artigo anexo".split()
    ),
    duration_cues=frozenset("em tempo duração recorde".split()),
    number_cues=_CHAPTERS,
    range_words={"entre": "e"},
    greek=greek_letters(
        "alfa beta gama delta épsilon zeta eta teta iota capa lambda mi ni "
        "xi ômicron pi rô sigma tau ípsilon fi qui psi ômega"
    ),
    rules=(
        at_digits(
            short_number_rule(r"(?:envi|mand|escrev|sms)[^.!?]{0,40}\spara(?:\so)?"),
        _taxpayer_rule,
        _proportion_rule,
        code_rule(
            r"(?:n\.?[ºo°]|número) (?:d[eoa] )?(?:pedido|cliente|nota|contrato|conta|reserva|série|protocolo|"
            r"processo|apólice|cartão|"
            r"rastreio|rastreamento|encomenda|fatura|sócio|matrícula|inscrição|ordem)|(?:pedido|cliente|contrato|"
            r"processo|apólice|reserva|"
            r"encomenda|ticket|protocolo|conta|agência) (?:n\.?[ºo°]|número)|cartão final|com final|terminad[oa] em|"
            r"(?:código|pin|senha)(?: [a-zçã]+){0,3} SMS(?: é)?|ramal|"
            r"lig(?:ue|ar|uem)(?: para)?(?: o)?|disque|processo|protocolo|ag\.|agência|conta(?: corrente)?|c/c"
        ),
        dotted_clock_rule("às|as|à|das|até as|até às|desde as|pelas", "às|e|a", words="horas|hs|hrs|h"),
        measure_rule({"pp.": "page", "p.": "page"}),
        law_rule(
            r"lei(?: complementar)?|decreto(?:-lei)?|dec\.|portaria|regulamento|diretiva|resolução|medida provisória|"
            r"mp|"
            r"processo|acórdão|emenda constitucional", "de", lambda digits: named(digits, "pt_BR")
        ),
        sets_rule,
        minutes_rule("durante|por|em|cada"),
        _NUMBERS,
        read_degrees,
        ),
        bare_unit_rule(
            r"por|cada|ao|à|a|o|uma?|[0-9]/[0-9] de|[½¼¾] de|meia",
            {"xíc.": "cup", "col.": "spoon", "lt.": "can", "pess.": "person",
            "sem.": "week", "hab.": "inhabitant",
            "un.": "piece", "unid.": "piece"},
        ),
        month_rule(_SHORT_MONTHS, _MONTHS, "em|de|desde|até|a|e|fim de|início de|"
        "para", "a", lambda year: f"de {named(year, 'pt_BR')}"),
        quarter_rule(
            {
                "T": tuple(f"{rank} trimestre de" for rank in ("primeiro", "segundo", "terceiro", "quarto")),
                "S": ("primeiro semestre de", "segundo semestre de"),
            },
            lambda year: named(year, "pt_BR"),
        ),
        roman_span_rule(
            r"séculos|sécs\.|caps\.|capítulos|tomos|vols\.|volumes|"
            r"livros", "a", lambda value: named(str(value), "pt_BR")
        ),
        roman_rule(
            "o|a|do|da|no|na|ao|à|os|as|dos|das|pelo|pela|este|esta|e", "[^m]a|ção|são|dade|tude|gem", r"séculos?|séc\."
        ),
        size_rule({"tam.": "tamanho"}),
        side_rule("a|da|na|à|pela", {"est.": "estação"}),
        side_rule("à|porta|mão|da|na", {"esq.": "esquerda", "dir.": "direita", "dta.": "direita"}),
        _BY_HEAD,
        _ranked_rule,
        _title_rule,
        _street_rule,
        _parts_rule,
        _score_rule,
        _tax_rule,
        first_rule(_CHAPTERS),
        at_heads({"ADFJMNOSadfjmnos": (month_day_rule(_SHORT_MONTHS),), "mckgGM": (_few_rule,)}),
        at_heads({"ivxl": (small_roman_rule(r"séculos?|séc\.", lambda value: named(str(value), "pt_BR")),)}),
        at_heads({"IVX": (roman_number_rule(lambda value: named(str(value), "pt_BR")),)}),
        day_rule("/", "em|dia|até|desde|de|do|ao|a|e|no|segunda|terça|quarta|quinta|sexta", r"\s?d[eoa]s?\b",
            "dia|no dia|do dia|ao dia"),
        flight_rule("voo|trem|comboio"),
        abbreviation_rule({
            "pp.": "páginas", "n.": "número", "caps.": "capítulos", "p.": "página|páginas",
            "pág.": "página|páginas", "art.": "artigo|artigos",
            "ap.": "apartamento",
            "obs.": "observação", "plataf.": "plataforma", "seç.": "seção|seções",
        }),
        weekday_rule(_WEEKDAYS, "a"),
        last_day_rule(_WEEKDAYS, "a|à|ao|e|ou|exceto|até"),
        per_rule({
            "s": "segundo", "sem": "semana", "h": "hora",
            "noite": "noite", "pessoa": "pessoa", "min": "minuto", "mês": "mês", "dia": "dia", "ano": "ano",
        }, "por"),
        compass_rule({"N": "norte", "S": "sul", "E": "leste", "L": "leste", "O": "oeste", "W": "oeste"}),
        read_european,
        phone_rule("telefone|tel|lig(?:ue|ar)|celular|telemóvel|número|whatsapp|fax|zap"),
    ),
)  # fmt: skip

_CENTAVO: Final = Noun("centavo", "centavos")
_ARTICLES: Final = frozenset("o a os as do da no na ao à pelo pela um uma seu sua".split())
_FUNCTION_WORDS: Final = frozenset(
    "de do da dos das os o um uma uns umas e ou em no na nos nas com sem por para pra que se seu sua é são foi era "
    "está "
    "estão mais menos não nem sim como mas porque quando onde entre sobre desde até já muito pois depois então antes "
    "agora "
    "enquanto exceto salvo além igual igualmente equivale há dá resta restam cada apenas a as ao à às pelo pela "
    "vale valem tem têm sai saem custa custam ganha sobe desce soma significa indica abre fecha vem vai vão "
    "leva começa termina acaba chega inclui falta faltam".split()
)
_FEMININE: Final = re.compile(r"(?:[^m]as?|ção|ções|são|sões|dade|dades|tude|tudes|gem|gens|ice|ices)$")
_MASCULINE_WORDS: Final = frozenset(
    "dia dias mapa mapas planeta planetas artista artistas turista turistas cinema atleta atletas poeta poetas colega "
    "colegas sofá sofás motorista motoristas jornalista jornalistas personagem".split()
)
_FEMININE_WORDS: Final = frozenset(
    "avó avós mão mãos foto fotos moto motos noite noites tarde tardes classe classes chave chaves parte partes "
    "gente série "
    "séries "
    "vez vezes voz vozes luz luzes cruz cruzes flor flores mulher mulheres rede redes lei leis pele árvore árvores "
    "torre "
    "torres nuvem nuvens fonte fontes frase frases base bases carne morte mortes sorte mente mentes cor cores dor "
    "dores "
    "maçã maçãs irmã irmãs manhã manhãs lã mãe mães ordem ordens colher colheres televisão estação página páginas "
    "semana "
    "semanas cama camas cama chama chamas dama damas forma formas fórmula fórmulas firma firmas norma normas pessoa "
    "pessoas hora horas".split()
)


_HALF_OF_DAY: Final = re.compile(r"\sda\s(?:manhã|tarde|noite|madrugada)\b")
# Behind these a number counts nothing.
_NUMBERED: Final = frozenset(
    "erro código porta versão página capítulo número linha canal quarto sala rua estrada ônibus artigo resolução "
    "modelo lote voo trem temporada episódio nível grau grupo passo exercício questão pergunta opção tabela figura "
    "nota rota portão mesa unidade lição versículo salmo processo apartamento item".split()
)


class Portuguese(European):
    """Says tokens in the Portuguese of Brazil."""

    formulas: ClassVar = {
        "integral": "integral de {} a {} de",
        "integral over": "integral sobre {} de",
        "sum": "soma de {} igual a {} até {} de",
        "sum over": "soma sobre {} de",
        "product": "produto de {} igual a {} até {} de",
        "product over": "produto sobre {} de",
        "limit": "limite quando {} tende a {} de",
        "logarithm": "logaritmo na base {} de",
        "absolute": "valor absoluto de {}",
        "prime": "{} linha",
        "second": "{} duas linhas",
        "derivative": "d {} d {}",
        "bar": "{} barra",
        "hat": "{} chapéu",
        "vector": "vetor {}",
        "call": "{} de {}",
        "factor": "{} vezes",
        "derivation": "d d {} de",
        "reaction": "produz",
        "angle": "ângulo {}",
        "triangle": "triângulo {}",
    }
    of_functions: ClassVar = {"(": "de", "x": "de"}
    functions: ClassVar = {
        "ln": "logaritmo natural",
        "sen": "seno",
        "sin": "seno",
        "arcsin": "arco seno",
        "sinh": "seno hiperbólico",
        "cos": "cosseno",
        "arccos": "arco cosseno",
        "cosh": "cosseno hiperbólico",
        "tan": "tangente",
        "arctan": "arco tangente",
        "tanh": "tangente hiperbólico",
        "tg": "tangente",
        "arctg": "arco tangente",
        "cot": "cotangente",
        "ctg": "cotangente",
        "sec": "secante",
        "csc": "cossecante",
    }

    customs = _CUSTOMS
    before_one: ClassVar = frozenset("por o do ao um cada pelo de meia".split())
    code: ClassVar = "pt_BR"
    locale: ClassVar = "pt_BR"
    ones: ClassVar = ("zero", "um", "dois", "três", "quatro", "cinco", "seis", "sete", "oito", "nove")
    minus: ClassVar = "menos"
    plus_or_minus: ClassVar = "mais ou menos"
    plus: ClassVar = "mais"
    decimal: ClassVar = "vírgula"
    longest_decimals: ClassVar = 2
    percent: ClassVar = Noun("por cento", "por cento")
    per_mille: ClassVar = Noun("por mil", "por mil")
    to: ClassVar = "a"
    to_day: ClassVar = "a"
    always: ClassVar = "vinte e quatro horas por dia, sete dias por semana"
    ratio: ClassVar = "a"
    out_of: ClassVar = "de"
    either: ClassVar = "ou"
    lasting: ClassVar = frozenset("dura duram durou leva levam levou demora duração".split())
    over: ClassVar = "por"
    slash: ClassVar = "sobre"
    by: ClassVar = "por"
    per: ClassVar = "por"
    of: ClassVar = "de"
    and_cents: ClassVar = "e"
    and_part: ClassVar = "e"
    halves: ClassVar = {"m": "meio", "f": "meia"}
    rank: ClassVar = "número"
    powers: ClassVar = {"2": "ao quadrado", "3": "ao cubo"}
    power: ClassVar = "elevado a"
    scales: ClassVar = {
        3: Noun("mil", "mil"),
        6: Noun("milhão", "milhões"),
        9: Noun("bilhão", "bilhões"),
        12: Noun("trilhão", "trilhões"),
    }
    signs: ClassVar = {
        "+": "mais",
        "-": "menos",
        "−": "menos",
        "±": "mais ou menos",
        "×": "vezes",
        "*": "vezes",
        "·": "vezes",
        "⋅": "vezes",
        "÷": "dividido por",
        "/": "dividido por",
        ":": "dividido por",
        "=": "igual a",
        "==": "igual a",
        "≠": "diferente de",
        "!=": "diferente de",
        "<": "menor que",
        ">": "maior que",
        "<=": "menor ou igual a",
        "≤": "menor ou igual a",
        ">=": "maior ou igual a",
        "≥": "maior ou igual a",
        "≈": "aproximadamente igual a",
        "~": "aproximadamente",
        "→": "para",
        "->": "para",
        "=>": "então",
        "⇒": "então",
        "&": "e",
        "%": "por cento",
        "√": "raiz quadrada de",
        "∛": "raiz cúbica de",
        "∃": "existe",
        "∀": "para todo",
        "∅": "conjunto vazio",
        "⊆": "está contido em",
        "⊂": "está contido em",
        "∉": "não pertence a",
        "∩": "interseção",
        "∪": "união",
        "∜": "raiz quarta de",
        "∞": "infinito",
        "°": "graus",
        "§": "parágrafo",
        "∑": "soma",
        "∝": "proporcional a",
        "⊥": "perpendicular a",
        "∥": "paralelo a",
        "∇": "nabla",
        "∫": "integral",
        "∈": "pertence a",
        "@": "arroba",
        "^": "elevado a",
        "|": "barra vertical",
        "!": "fatorial",
    }
    before: ClassVar = {
        "<": "menos de",
        ">": "mais de",
        "≤": "no máximo",
        "<=": "no máximo",
        "≥": "no mínimo",
        ">=": "no mínimo",
        "~": "cerca de",
        "≈": "cerca de",
        "&": "e",
    }
    after: ClassVar = {"+": "mais"}
    marks: ClassVar = {
        ".": "ponto",
        "@": "arroba",
        "/": "barra",
        "-": "hífen",
        "_": "sublinhado",
        ":": "dois pontos",
        "#": "cerquilha",
        "?": "ponto de interrogação",
        "=": "igual",
        "&": "e",
        "+": "mais",
        "~": "til",
        "%": "por cento",
        "*": "asterisco",
        ",": "vírgula",
        "\\": "barra invertida",
    }
    coins: ClassVar = {
        "BRL": Coin(Noun("real", "reais"), _CENTAVO),
        "EUR": Coin(Noun("euro", "euros"), Noun("cêntimo", "cêntimos")),
        "USD": Coin(Noun("dólar", "dólares"), _CENTAVO),
        "GBP": Coin(Noun("libra", "libras", "f"), Noun("pêni", "pence")),
        "CHF": Coin(Noun("franco suíço", "francos suíços"), Noun("cêntimo", "cêntimos")),
        "JPY": Coin(Noun("iene", "ienes")),
        "CNY": Coin(Noun("yuan", "yuans")),
        "INR": Coin(Noun("rupia", "rupias", "f")),
        "RUB": Coin(Noun("rublo", "rublos"), Noun("copeque", "copeques")),
        "KRW": Coin(Noun("won", "wons")),
        "AED": Coin(Noun("dirham", "dirhams")),
        "XBT": Coin(Noun("bitcoin", "bitcoins")),
    }
    units: ClassVar = {
        "percentage-point": Noun("ponto percentual", "pontos percentuais"),
        "basis-point": Noun("ponto-base", "pontos-base"),
        "page": Noun("página", "páginas", "f"),
        "sheet": Noun("folha", "folhas", "f"),
        "bottle": Noun("garrafa", "garrafas", "f"),
        "slice": Noun("fatia", "fatias", "f"),
        "can": Noun("lata", "latas", "f"),
        "sachet": Noun("envelope", "envelopes"),
        "spoon": Noun("colher", "colheres", "f"),
        "point": Noun("ponto", "pontos"),
        "piece": Noun("unidade", "unidades", "f"),
        "packet": Noun("pacote", "pacotes"),
        "drop": Noun("gota", "gotas", "f"),
        "ampoule": Noun("ampola", "ampolas", "f"),
        "tablet": Noun("comprimido", "comprimidos"),
        "capsule": Noun("cápsula", "cápsulas", "f"),
        "bedroom": Noun("dormitório", "dormitórios"),
        "part": Noun("peça", "peças", "f"),
        "dozen": Noun("dúzia", "dúzias", "f"),
        "person": Noun("pessoa", "pessoas", "f"),
        "box": Noun("caixa", "caixas", "f"),
        "inhabitant": Noun("habitante", "habitantes"),
        "coffee-spoon": Noun("colher de café", "colheres de café", "f"),
        "millimole": Noun("milimol", "milimols"),
        "microliter": Noun("microlitro", "microlitros"),
        "nanogram": Noun("nanograma", "nanogramas"),
        "ampere-hour": Noun("ampere-hora", "amperes-hora"),
        "microampere": Noun("microampere", "microamperes"),
        "kiloohm": Noun("quiloohm", "quiloohms"),
        "megaohm": Noun("megaohm", "megaohms"),
        "megajoule": Noun("megajoule", "megajoules"),
        "kilonewton": Noun("quilonewton", "quilonewtons"),
        "terahertz": Noun("terahertz", "terahertz"),
        "millisievert": Noun("milissievert", "milissieverts"),
        "kilowatt-peak": Noun("quilowatt-pico", "quilowatts-pico"),
        "cent": Noun("cêntimo", "cêntimos"),
        "time": Noun("vez", "vezes", "f"),
        "metric-ton": Noun("tonelada", "toneladas", "f"),
        "watt-hour": Noun("watt-hora", "watts-hora"),
        "kilowatt-hour": Noun("quilowatt-hora", "quilowatts-hora"),
        "megawatt-hour": Noun("megawatt-hora", "megawatts-hora"),
        "gigawatt-hour": Noun("gigawatt-hora", "gigawatts-hora"),
        "milliampere-hour": Noun("miliampere-hora", "miliamperes-hora"),
        "millivolt": Noun("milivolt", "milivolts"),
        "kilovolt": Noun("quilovolt", "quilovolts"),
        "kibibyte": Noun("kibibyte", "kibibytes"),
        "mebibyte": Noun("mebibyte", "mebibytes"),
        "gibibyte": Noun("gibibyte", "gibibytes"),
        "tebibyte": Noun("tebibyte", "tebibytes"),
        "square-millimeter": Noun("milímetro quadrado", "milímetros quadrados"),
        "pound-force-per-square-inch": Noun("libra por polegada quadrada", "libras por polegada quadrada", "f"),
        "frame": Noun("quadro", "quadros"),
        "beat": Noun("batimento", "batimentos"),
        "decibel": Noun("decibel", "decibéis"),
        "part-per-million": Noun("parte por milhão", "partes por milhão", "f"),
        "liter-per-100-kilometer": Noun("litro por cem quilômetros", "litros por cem quilômetros"),
        "percent": Noun("por cento", "por cento"),
        "gram": Noun("grama", "gramas"),
        "kilogram": Noun("quilo", "quilos"),
        "milligram": Noun("miligrama", "miligramas"),
        "microgram": Noun("micrograma", "microgramas"),
        "horsepower": Noun("cavalo", "cavalos"),
    }
    eras: ClassVar = {"a.C.": "antes de Cristo", "d.C.": "depois de Cristo"}
    hour: ClassVar = Noun("hora", "horas", "f")
    minute: ClassVar = Noun("minuto", "minutos")
    second: ClassVar = Noun("segundo", "segundos")
    prefixes: ClassVar = {"v": "versão"}

    def cardinal(self, digits: str, agreement: Agreement = ALONE) -> str:
        """Say a whole number; "um", "dois" and the hundreds agree with what is counted."""
        words = named(digits, self.code)
        if agreement.gender != "f":
            return words
        found = re.match(r"(?:.*ilh(?:ão|ões|ões)|.*iliões|.*bilião)(?=\s|$)", words)
        head, tail = (found[0], words[found.end() :]) if found else ("", words)
        tail = re.sub(r"\bum(?= mil\b|$)", "uma", tail)
        tail = re.sub(r"\bdois(?= mil\b|$)", "duas", tail)
        return head + re.sub(r"(z|quinh|c|t)entos\b", r"\1entas", tail)

    def agreement(self, around: Around) -> Agreement:
        """What a number agrees with; behind "erro" and its like it is a name: "o erro 404 significa"."""
        return ALONE if last_word(around.before) in _NUMBERED else super().agreement(around)

    def counted(self, number: Number, around: Around) -> Agreement:
        """What a number agrees with: more than one with a plural alone, so not in "la ley de 1978 dedica"."""
        agreement = super().counted(number, around)
        if not agreement.noun:
            if last_word(around.before) in ("às", "das") or _HALF_OF_DAY.match(around.after):  # "às 21", "2 da tarde"
                return Agreement("f")
            if (other := ALSO_COUNTED.match(around.after)) is not None:  # "de 1 a 2 colheres"
                return self.agreement(Around(around.before, around.after[other.end() :]))
        if around.before[-3:].rstrip()[-1:] in tuple("-–"):  # "Flamengo 2 - 1 Santos"
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

    def _coin(self, currency: str) -> Coin:
        """CLDR's names begin with a capital letter in Brazil."""
        unit = super()._coin(currency).unit
        return Coin(Noun(unit.one[:1].lower() + unit.one[1:], unit.many[:1].lower() + unit.many[1:], unit.gender))

    def say_span(self, span: Span, around: Around) -> str:
        """Say a range: "cinco a dez", "entre cinco e dez"."""
        match span:
            case Span(Number() as first, Number(scale=3) as last) if not first.scale:
                return self.say_span(Span(replace(first, scale=3), last), around)
            case Span(Number() as first, Number() as last):
                word = "e" if last_word(around.before) == "entre" else self.to
                agreement = self.agreement(around)
                agreement = ALONE if agreement.noun[:1].isupper() else agreement  # "2 - 1 Barcelona"
                return f"{self.say_number(first, agreement)} {word} {self.say_number(last, agreement)}"
            case _:
                return super().say_span(span, around)

    def say_clock(self, clock: Clock, around: Around = NOWHERE) -> str:  # noqa: ARG002 - the words around do not count
        """Say "catorze e trinta", "vinte e uma horas"."""
        if not clock.minute:
            words = self.count(Number(str(clock.hour)), self.hour)
        else:
            words = f"{self.whole(str(clock.hour), Agreement('f'))} e {self.whole(str(clock.minute))}"
        if clock.second:
            words += f" e {self.count(Number(str(clock.second)), self.second)}"
        halves = {"am": " da manhã", "pm": " da noite" if 7 <= clock.hour < 12 else " da tarde"}
        return words + halves.get(clock.half, "")

    def say_day(self, day: int, around: Around) -> str:  # noqa: ARG002 - the words around do not count
        """Say "primeiro", "dois"."""
        return "primeiro" if day == 1 else self.whole(str(day))

    def say_date(self, date: Date, around: Around) -> str:
        """Say "três de outubro de mil novecentos e noventa"."""
        parts = [self.say_day(date.day, around)] if date.day else []
        parts.append(_MONTHS[date.month - 1])
        if date.year:
            parts.append(self.year(full_year(date.year)))
        return " de ".join(parts)

    def ordinal(self, value: int, gender: Gender = "m") -> str:
        """Say "vigésimo primeiro"; beyond a thousand, as people do, the plain number."""
        if value > 1000 or value == 0:
            return self.whole(str(value))
        words = named(str(value), "pt", "ordinal").replace("quadrigen", "quadringen")
        return re.sub(r"o\b", "a", words) if gender == "f" else words

    def say_ordinal(self, ordinal: Ordinal, around: Around) -> str:
        """Say "segunda vez", "décimo lugar"."""
        mark = ordinal.mark.lstrip(".")
        if mark == "°" and not is_ordinal(ordinal, around, _ARTICLES):
            return self.count(Number(ordinal.digits), self.unit("degree", "°"))
        is_feminine = mark in ("ª", "a") or (mark == "°" and self.gender_of(next_word(around.after)) == "f")
        return self.ordinal(int(ordinal.digits), "f" if is_feminine else "m")

    def say_fraction(self, top: str, bottom: str, agreement: Agreement = ALONE) -> str:
        """Say "três quartos", "meia xícara", "um terço"."""
        if agreement.noun == "partes" and bottom not in ("1", "2"):
            part = self.ordinal(int(bottom), "f")
            return f"{self.whole(top, Agreement('f'))} {part if top == '1' else f'{part}s'}"
        if (top, bottom) == ("1", "2"):
            if not agreement.is_counted:
                return "um meio"
            return "meia" if agreement.gender == "f" else "meio"
        if (len(bottom) > 3 and bottom != "1000") or bottom in ("0", "1") or bottom[0] == "0":
            return f"{self.whole(top)} sobre {self.whole(bottom)}"
        special = {2: "meio", 3: "terço", 100: "centésimo", 1000: "milésimo"}
        value = int(bottom)
        if value in special or value <= 10:
            part = special.get(value) or self.ordinal(value)
            return f"{self.whole(top)} {part if top == '1' else f'{part}s'}"
        return f"{self.whole(top)} {self.whole(bottom)} avos"

    def say_roman(self, roman: Roman, around: Around) -> str:
        """Say "Dom Pedro segundo", "século vinte e um", "João vinte e três"."""
        if not roman.is_ordinal or roman.value > 10:
            return self.whole(str(roman.value))
        is_queen = last_word(around.before).endswith(("a", "isabel", "beatriz", "elizabeth", "elisabeth"))
        return self.ordinal(roman.value, "f" if is_queen else "m")


class PortugalPortuguese(Portuguese):
    """Says tokens in the Portuguese of Portugal: "dezasseis", "mil milhões", "quilómetros"."""

    code: ClassVar = "pt"
    locale: ClassVar = "pt_PT"
    scales: ClassVar = {
        **Portuguese.scales,
        9: Noun("mil milhões", "mil milhões"),
        12: Noun("bilião", "biliões"),
    }
    units: ClassVar = {
        **Portuguese.units,
        "liter-per-100-kilometer": Noun("litro aos cem quilómetros", "litros aos cem quilómetros"),
        "tonne": Noun("tonelada", "toneladas", "f"),
    }
