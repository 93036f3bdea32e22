"""Korean as it is read in the news.

Native numbers count (세 개), Sino-Korean ones measure and number (삼 층). A particle behind what is read agrees with
it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final

from ..notation.customs import Customs
from ..notation.eastern import (
    BEFORE_A_CODE,
    LABORATORY,
    REACH_OF_MARK,
    REACH_OF_UNIT,
    REACH_OF_WORD,
    SQUARED,
    compact_date,
    listed_rule,
)
from ..notation.scanner import scan
from ..notation.tokens import NOWHERE, Code, Date, Measure, Money, Number, Percent, Phone, Ratio, Said, Sign
from .myriads import (
    Lexis,
    MyriadWords,
    bare_number,
    between_words,
    day_rule,
    duration_rule,
    groups_of_four,
    label_rule,
    prefix_rule,
    rating,
    roman_rule,
    seat_rule,
    told_day_rule,
    weekday_rule,
)

if TYPE_CHECKING:
    from ..notation.tokens import Amount, Around, Clock, Roman, Token

_DIGITS: Final = "영일이삼사오육칠팔구"
_ONES: Final = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
_TENS: Final = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_MONTHS: Final = {6: "유", 10: "시"}
_NOON: Final = 12  # hours up to here are native, as on a dial; 십삼 시 and later are Sino-Korean

# What is counted with native numbers.
_COUNTED: Final = re.compile(
    r"\s?(?:개(?!월|국|년|소|사|강|정)|명|사람|마리|권|잔|병|대(?![0-9]|\s?\d)|살|번째|번(?!지|호|\s?(?:출구|입구|버스|문제|문항|타자|선수|주자|투수|트랙|게이트|탑승구|국도|도로|홈|좌석|자리|방|창구|플랫폼|승강장|테이블|메뉴|항목|환자|손님|고객님?|홀|레인|라인|채널|버튼|키(?![가-힣])|칸|사물함|교실|진료실|수술실|검사실|회의실|상담실|접수|코스|후보|서버|포트|단자|곡|그림|사진|표|정류장|정거장|카메라|주차장|구역|코트|세트|타석|시드|조(?![가-힣])|염색체|고속도로|선로|도크|부두|활주로))"
    r"|장(?!\s?면)|켤레|벌|그루|송이|채|척|자루|곳|봉(?![가-힣])|가지|배(?!럴)|조각|판(?!\s?\d{1,2}쇄)|통|봉지|그릇|접시|컵|쌍|달(?!러)|군데|줄|방울|모금|숟가락|스푼"
    r"|큰술|작은술|자리(?!번호)|끼|샷|꼬집|스쿱|움큼|포기|토막|근(?=[)\s,.은이을에])|모(?=[\s,.를와])|편|건|차례|바퀴|걸음|마디|팀|알|시간|시(?!간))"
)
_LINE: Final = re.compile(
    r"(?:버스|[A-Za-z0-9]\s?[열반]|번호[는은가이]?|[대순]기(?:표|번호)?[는은]?|노선|소나타|교향곡|협주곡|작품|지하철|마을버스|문제|출구|좌석|게이트|탑승구|트랙|국도)\s?\Z"
)  # 버스 402번 is no count
_NUMBERED: Final = re.compile(r"(?:제|내선|구내)\s?\Z")  # 제2장, 내선 27번
_OF_CHILDREN: Final = re.compile(r"째(?![가-힣]*로)")
_ORDERED: Final = {1: "첫", 2: "둘", 3: "셋", 4: "넷"}
_FIRST: Final = re.compile(r"\s?번째")
# The chapter of a book: 1장은 1~25쪽.
_CHAPTER: Final = re.compile(r"\s?장(?:[은의](?=\s)|에서|에는|부터|까지|\s?\d+절)")
_QUESTION: Final = re.compile(r"\s?번[은의]?\s?\d{1,3}\s?점")  # 1번은 5점
_BEGINS_CLAUSE: Final = re.compile(r"(?:\A|[.,:;!?]\s|\n)\Z")
_MONTH: Final = re.compile(r"\s?월(?!급|세|요)")
_HOURS: Final = re.compile(r"\s?시")

_CODE_CUE: Final = re.compile(
    r"(?:번호|코드|포트|비밀번호|암호|아이디|ID|PIN|ISBN|ISSN|핀|계좌|우편|뒷자리|끝자리|(?:끝|뒤|뒷|마지막)\s?[네4]\s?자리)(?:[은는이가를을의：:\s#]|각각){0,4}"
    rf"(?:\d{{3,8}}(?:[과와]|,)\s?){{0,2}}{BEFORE_A_CODE}\Z",
    re.IGNORECASE,
)
_PHONE_CUE: Final = re.compile(
    r"(?:전화|연락처|센터|상담|문의|대표|콜|휴대폰|핸드폰|팩스|TEL|Tel|내선|신고|국번\s?없이)[^\d.,!?]{0,6}\Z",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<![\d.,-])(?P<plus>\+82[ -]?)?(?:\(?0\d{1,2}\)?[ -]?\d{3,4}[ -]\d{4}"
    r"|01\d\d{7,8}|1[568]\d\d-\d{4}|\d{3,4}-\d{4})(?![\d-])"
)
_SHORT: Final = re.compile(
    r"(?<!\d)1(?:1[0-9]|0[0-9]|2[0-9]|3[0-9]{2}|8[0-9])(?=\s?(?:번?(?:에|으로|로)\s?(?:전화|신고|연락|문의|문자)))"
)
_CALLED: Final = re.compile(r"1(?:[0128]\d|3\d{2})(?=\s?(?:,|입니다|이고|이며|또는|나\s))(?!,\d)")
_CALLED_CUE: Final = re.compile(r"(?:전화|신고|상담|문의|콜센터|핫라인|민원)(?:번호)?[은는]?\s\Z")
_DIGITS_RUN: Final = re.compile(r"\d[\d -]*\d")
_SCORE: Final = re.compile(
    r"(\d{1,3})\s?[-–:：]\s?(\d{1,3})(?![\d:：%-]|\.\d)(?=\s?(?:으?로\s?(?:이|승|패|졌|비|꺾|앞|역전|누르)|승|패|무승부|(?:으?로|의)\s?(?:희석|섞|혼합|배합|비율)))"
)
_ANY_SCORE: Final = re.compile(r"(\d{1,3})\s?[-–]\s?(\d{1,3})(?![\d:：%-]|\.\d)")
_SCORE_CUE: Final = re.compile(r"(?:세트|게임|쿼터|차전|전반|후반|스코어)[는은이가를을]?\s?\Z")
_COUNTED_BEHIND: Final = re.compile(r"\s?(?:시간|개월|[세점명개원회번분초년일도배건살](?![가-힣]))")
_COMPARED: Final = re.compile(r"\s?(<=|>=|!=|≤|≥|≠|<|>)\s*")
_LETTER: Final = re.compile(r"[A-Za-z](?![A-Za-z0-9])")
_OPERAND_BEFORE: Final = re.compile(r"(?:[0-9)²³]|(?<![A-Za-z])[A-Za-z])\s?\Z")
_COMPARISONS: Final = {
    "<": " 미만",
    ">": " 초과",
    **dict.fromkeys(("<=", "≤"), " 이하"),
    **dict.fromkeys((">=", "≥"), " 이상"),
}
_LONGEST_OPERAND: Final = 40

# Particles by what they follow: a vowel, or a consonant. 로 follows ㄹ as well.
_PARTICLES: Final = (
    ("는", "은"),
    ("를", "을"),
    ("가", "이"),
    ("와", "과"),
    ("로", "으로"),
    ("나", "이나"),
    ("랑", "이랑"),
    ("라는", "이라는"),
    ("라고", "이라고"),
    ("며", "이며"),
    ("고", "이고"),
    ("면", "이면"),
    ("지만", "이지만"),
    ("든", "이든"),
    ("여야", "이어야"),
    ("예요", "이에요"),
    ("였", "이었"),
)
_FORMS: Final = {form: pair for pair in _PARTICLES for form in pair}
_PARTICLE: Final = re.compile(
    r"(?:(이었|였)(?=[가-힣])|("
    + "|".join(sorted(_FORMS, key=len, reverse=True))
    + r")(?=$|[^가-힣])|(으로|로|와|과)(?=(?:도|만|서|부터|는)(?![가-힣])))"
)
_COPULAS: Final = frozenset({"이고", "이며", "이면", "이지만", "이든", "이어야", "이에요", "이었", "이라고", "이라는"})
_FIRST_SYLLABLE: Final = 0xAC00
_FINALS: Final = 28  # finals of a syllable, none among them; ㄹ is the eighth
_RIEUL: Final = 8
_LETTERS_WITH_FINAL: Final = frozenset("lmnrLMNR")  # 엘, 엠, 엔, 알
_LETTERS_WITH_RIEUL: Final = frozenset("lrLR")


_INNER: Final = re.compile(r"\d{3,5}(?![\d-]|[.,]\d)")
_INNER_CUE: Final = re.compile(r"(?:내선|국번\s?없이)\s?(?:번호)?[은는이가:]?\s?\Z")
# Numbers of services; "1592-1598" are years.
_SERVICE: Final = re.compile(
    r"(15(?:22|33|44|66|77|88|99)|16(?:00|44|61|66|70|88)|18(?:00|11|33|55|77|99))-(\d{4})(?![\d-])"
)
_LATEST_YEAR: Final = "2100"


def _phone(text: str, at: int) -> tuple[int, Token] | None:
    if text[at - 1 : at].isdecimal():
        return None
    if (inner := _INNER.match(text, at)) is not None and _INNER_CUE.search(text, max(0, at - REACH_OF_UNIT), at):
        return inner.end(), Phone((inner[0],))
    if (service := _SERVICE.match(text, at)) is not None and not service[1] <= service[2] <= _LATEST_YEAR:
        return service.end(), Phone((service[1], service[2]))
    called = _CALLED.match(text, at)
    if called is not None and _CALLED_CUE.search(text, max(0, at - REACH_OF_WORD), at):
        return called.end(), Phone((called[0],))
    found = _PHONE.match(text, at) or _SHORT.match(text, at)
    if found is None:
        return None
    is_short_form = found[0][0] not in "0(+"
    if is_short_form and found.re is _PHONE and not _PHONE_CUE.search(text[max(0, at - REACH_OF_WORD) : at]):
        return None
    return found.end(), Phone(tuple(re.findall(r"\d+", found[0])), text[at] == "+")


def _code(text: str, at: int) -> tuple[int, Token] | None:
    if (
        text[at] == "#"
        and (secret := _SECRET.match(text, at))
        and _PASSWORD.search(text, max(0, at - REACH_OF_UNIT), at)
    ):
        return secret.end(), Code(("#", secret[1]), is_secret=True)
    if not _CODE_CUE.search(text[max(0, at - REACH_OF_WORD) : at]):
        return None
    found = _DIGITS_RUN.match(text, at)
    if found is None or len(found[0]) < 3:
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


_SECRET: Final = re.compile(r"#(\d{3,8})(?!\d)")
_PASSWORD: Final = re.compile(r"(?:비밀번호|암호|비번)[은는이가:]?\s?\Z")


def _dotted_date(text: str, at: int) -> tuple[int, Token] | None:
    """Find "2024. 11. 14." and "2024. 11.", with blanks behind the dots."""
    found = _DOTTED_DATE.match(text, at) if text[at] in "12" and not text[at - 1 : at].isalnum() else None
    if found is None:
        later = _LATER_DAY.match(text, at)
        if later is None or not _EARLIER_DAY.search(text, max(0, at - REACH_OF_WORD), at):
            return None
        return later.end(), Date("", int(later[1]), int(later[2]), "md")
    day = int(found[3]) if found[3] else None
    return found.end(), Date(found[1], int(found[2]), day, "ymd" if day else "ym")


def _page(text: str, at: int) -> tuple[int, Token] | None:
    """Find the page of "35p를"; the lines of a picture are none: "1080p"."""
    found = _PAGE.match(text, at)
    if found is None or text[at - 1 : at].isalnum() or found[1] in _LINES:
        return None
    return found.end(), Said(f"{_WORDS.whole(found[1])} 페이지")


_PAGE: Final = re.compile(r"([1-9]\d{0,3})p(?=[가-힣,.)]|\s|\Z)")
_LINES: Final = frozenset(("144", "240", "360", "480", "540", "720", "1080", "1440", "2160", "4320"))


def _open_end(text: str, at: int) -> tuple[int, Token] | None:
    """Find the dash of "9:00~", behind which nothing ends the range."""
    found = _OPEN_END.match(text, at) if text[at] in "~～〜" else None
    return (found.end(), Said("부터")) if found and _BEGINNING.search(text, max(0, at - REACH_OF_MARK), at) else None


_DOTTED_DATE: Final = re.compile(
    r"((?:19|20)\d\d)\.\s(1[0-2]|0?[1-9])\.(?:\s(3[01]|[12]\d|0?[1-9])(?:\.(?=\s?[^\W\d]|\s?[(（~～–-]|\s*\Z)|(?![\d.]))|(?=\s?[가-힣]))"
)
_LATER_DAY: Final = re.compile(r"(1[0-2]|0?[1-9])\.\s?(3[01]|[12]\d|0?[1-9])\.?(?![\d.])")
_EARLIER_DAY: Final = re.compile(r"\d\.(?:\s?\([월화수목금토일]\))?\s?[~～–-]\s?\Z")  # of "11. 1. ~ 11. 29."
_OPEN_END: Final = re.compile(r"[~～〜](?=[,.()\s]|\Z)")
_BEGINNING: Final = re.compile(r"[0-9시분일월년원도세명][)]?\Z")


def _house(text: str, at: int) -> tuple[int, Token] | None:
    """Find "12-3" of an address: 십이 다시 삼."""
    found = _HOUSE.match(text, at)
    if found is None or (text[at - 1 : at] in tuple(".,-/0123456789") and at):
        return None
    if not (found[3] or _ROAD.search(text, max(0, at - REACH_OF_MARK), at)):
        return None
    first, last = _WORDS.whole(found[1]), _WORDS.whole(found[2])
    return found.end(2), Said(f"{first} 다시 {last}")


_HOUSE: Final = re.compile(r"(\d{1,4})-(\d{1,4})(?![\d:-]|[.,]\d|\s?(?:으?로|[완대역]?[승패전]|리드|무))(\s?번지)?")
_ROAD: Final = re.compile(r"[가-힣](?:로|길)\s\Z|\d가\s\Z|(?:\A|\s)산\s?\Z")


def _named_day(text: str, at: int) -> tuple[int, Token] | None:
    """Find "8.15 광복절" and "6·25 전쟁", which are called by their day."""
    found = (
        _NAMED_DAY.match(text, at) if text[at].isdecimal() and text[at - 1 : at] not in tuple(".,0123456789") else None
    )
    return (
        None
        if found is None
        else (found.end(), Said("".join(_DIGITS[int(digit)] for digit in "".join(filter(None, found.groups())))))
    )


_NAMED_DAY: Final = re.compile(
    r"([1-9])(?:·(1(?=절)|\d\d(?!\d))|\.(\d\d)(?=\s?(?:광복|전쟁|민주|혁명|운동|사[건태]|항쟁|테러|참전|대?지진)))"
)


def _between(text: str, at: int) -> tuple[int, Token] | None:
    """Find "-1<x<1", whose letter is said first: x는 마이너스 일 초과 일 미만."""
    found = _BETWEEN.match(text, at)
    if found is None or text[at - 1 : at].isalnum():
        return None
    least, below, letter, above, most = found.groups()
    low = _COMPARISONS[{"<": ">", "≤": "≥", "<=": ">="}[below]]
    ends = f"{_WORDS.said(least)}{low} {_WORDS.said(most)}{_COMPARISONS[above]}"
    return found.end(), Said(f"{letter}{_topic(letter)}{ends}")


_BETWEEN: Final = re.compile(
    r"(-?\d{1,6}(?:\.\d{1,4})?)\s?(<=|[<≤])\s?([A-Za-z])\s?(<=|[<≤])\s?(-?\d{1,6}(?:\.\d{1,4})?)(?![\d.]*\d)"
)


def _speed(text: str, at: int) -> tuple[int, Token] | None:
    """Find the unit of "3×10⁸m/s": what is said in front of a number elsewhere is said behind a power."""
    found = _SPEED.match(text, at) if text[at] in "mk" else None
    if found is None or not _POWER_BEFORE.search(text, max(0, at - len("10⁻¹⁰ ")), at):
        return None
    return found.end(), Said(_SPEEDS[found[0]])


_SPEEDS: Final = {"m/s": " 미터 매 초", "km/s": " 킬로미터 매 초", "km/h": " 킬로미터 매 시"}
_SPEED: Final = re.compile("(?:k?m/s|km/h)(?![A-Za-z0-9²³])")
_POWER_BEFORE: Final = re.compile(r"(?:[⁰¹²³⁴-⁹]|\^-?\d{1,3})\s?\Z")


def _point(text: str, at: int) -> tuple[int, Token] | None:
    """Find the "p" of "0.25%p"."""
    return (at + 1, Said("포인트")) if text[at] == "p" and _POINT.match(text, max(0, at - 1)) else None


_POINT: Final = re.compile(r"%p(?![A-Za-z0-9])")


def _mark(text: str, at: int) -> tuple[int, Token] | None:
    """Find signs of figures, the hundredths of "10초 83", and "2030" of a generation."""
    if text[at] in _SIGNS_OF_FIGURES and text[at + 1 : at + 2].isascii() and text[at + 1 : at + 2].isalpha():
        return at + 1, Said(_SIGNS_OF_FIGURES[text[at]])
    found = _HUNDREDTHS.match(text, at)
    if found is not None and _SECONDS.search(text, max(0, at - REACH_OF_MARK), at):
        return found.end(), Phone((found[0],))
    generation = _GENERATION.match(text, at)
    return None if generation is None or text[at - 1 : at].isdecimal() else (generation.end(), Phone((generation[0],)))


_SIGNS_OF_FIGURES: Final = {"∠": "각 ", "△": "삼각형 "}
_HUNDREDTHS: Final = re.compile(r"\d{2}(?![\d:]|[.,]\d)")
_SECONDS: Final = re.compile(r"\d초\s?\Z")
_GENERATION: Final = re.compile(r"[2-9]0[2-9]0(?=\s?세대)")


def _score(text: str, at: int) -> tuple[int, Token] | None:
    found = _SCORE.match(text, at)
    if found is None and _SCORE_CUE.search(text, max(0, at - REACH_OF_UNIT), at):
        found = _ANY_SCORE.match(text, at)
    if found is None or text[at - 1 : at].isdecimal():
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])))


# What a "~" behind only draws out: 좋아요~그럼.
_CLOSING_SYLLABLES: Final = "요네다죠지까어아음응해니데녕세용당징"

_CUSTOMS: Final = Customs(
    is_spaced=False,  # a numeral stands close to what it counts, and a particle close to the numeral
    version_cues=frozenset({"php"}),  # no pesos
    date_order="ymd",
    halves={"am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm", "오전": "am", "오후": "pm"},
    scales={
        "백": 2,
        "천": 3,
        "만": 4,
        "십만": 5,
        "백만": 6,
        "천만": 7,
        "억": 8,
        "조": 12,
        "K": 3,
        "k": 3,
        "M": 6,
        "B": 9,
        "bn": 9,
    },
    units={**LABORATORY, **SQUARED, "pp": "percentage-point"},
    currencies={"₩": "KRW"},
)

# Letters of formulas.
_GREEK: Final = {
    "α": "알파",
    "β": "베타",
    "γ": "감마",
    "δ": "델타",
    "ε": "엡실론",
    "η": "에타",
    "θ": "세타",
    "λ": "람다",
    "π": "파이",
    "ρ": "로",
    "σ": "시그마",
    "τ": "타우",
    "φ": "파이",
    "χ": "카이",
    "ψ": "프사이",
    "ω": "오메가",
    "Δ": "델타",
    "Σ": "시그마",
    "Φ": "파이",
    "Π": "파이",
}

_LEXIS: Final = Lexis(
    locale="ko",
    digits=tuple("공일이삼사오육칠팔구"),
    point=" 점 ",
    scales=("만", "억", "조"),
    signs={"": "", "-": "마이너스 ", "+": "플러스 ", "±": "플러스마이너스 "},
    to="에서 ",
    ratio=" 대 ",
    rating="{bottom}점 만점에 {top}",
    over="에 ",
    every=" 매 ",
    everyday="[월년일주시분초명개회]",
    by=" 곱하기 ",
    dot=" 점 ",
    percents={"%": "{} 퍼센트", "‰": "{} 퍼밀"},
    fraction="{bottom}분의 {top}",
    hour=" 시",
    minute=" 분",
    second=" 초",
    halves={"am": "오전 ", "pm": "오후 "},
    hours=" 시간 ",
    minutes=" 분 ",
    seconds=" 초",
    year=" 년 ",
    month="월 ",
    day=" 일",
    decade=" 년대",
    ordinal="제{}",
    hash="{} 번",
    version="버전 ",
    pause=", ",
    plus="플러스 ",
    per="{what} {amount}",
    rate="{what}당 {amount}",
    periods={
        **dict.fromkeys(("month", "mo", "월"), "월"),
        **dict.fromkeys(("year", "yr", "년"), "연"),
        **dict.fromkeys(("day", "일"), "하루"),
        **dict.fromkeys(("hour", "hr", "h", "시간"), "시간당"),
        **dict.fromkeys(("week", "wk", "주"), "주당"),
    },
    between={
        **_GREEK,
        "+": " 더하기 ",
        "-": " 빼기 ",
        "−": " 빼기 ",
        "–": " 빼기 ",
        "*": " 곱하기 ",
        "×": " 곱하기 ",
        "⋅": " 곱하기 ",
        "÷": " 나누기 ",
        "/": " 나누기 ",
        "≠": " 같지 않다 ",
        "!=": " 같지 않다 ",
        "<": " 작다 ",
        ">": " 크다 ",
        "≤": " 작거나 같다 ",
        "<=": " 작거나 같다 ",
        "≥": " 크거나 같다 ",
        ">=": " 크거나 같다 ",
        "≈": " 약 ",
        "~": "약 ",
        "〜": "에서 ",
        "±": " 플러스마이너스 ",
        "→": "에서 ",
        "->": "에서 ",
        "&": " 앤드 ",
        "∫": "인테그랄 ",
        "∝": "비례",
        "⊥": "수직",
        "∥": "평행",
        "∇": "나블라 ",
        "∑": "시그마 ",
        "∩": " 교집합 ",
        "∪": " 합집합 ",
        "∅": "공집합",
        "√": "루트 ",
        "∛": "세제곱근 ",
        "∜": "네제곱근 ",
        "^": ", 지수는 ",
        "∞": "무한대",
        "°": "도",
        "%": "퍼센트",
    },
    before={
        "↑": "상승 ",
        "↓": "하락 ",
        "▲": "플러스 ",
        "▼": "마이너스 ",
        "△": "마이너스 ",
        "-": "마이너스 ",
        "≈": "약 ",
        "#": "샵 ",
    },
    after={"↑": " 상승", "↓": " 하락", "+": " 이상", "!": " 팩토리얼"},
    power="의 {} 제곱",
    powers={"2": " 제곱", "3": " 세제곱"},
    of="의",
    marks={
        "*": " 별표 ",
        "@": " 골뱅이 ",
        ".": " 닷 ",
        "/": " 슬래시 ",
        "-": " 하이픈 ",
        "_": " 언더바 ",
        ":": " 콜론 ",
        "#": " 샵 ",
        "?": " 물음표 ",
        "=": " 이퀄 ",
        "&": " 앤드 ",
        "~": " 물결표 ",
        "+": " 플러스 ",
        "%": " 퍼센트 ",
    },
    joint=" 다시 ",
    floor="{}층",
    basement="지하 {}층",
    page="{}쪽",
    share="{bottom} {what} 중 {top} {what}",
    shared="문제|문항|페이지|단계|회차|강(?![가-힣])|화(?![가-힣])|챕터|라운드",
    ranked="층|등(?![급산록])|위(?![험치])",
    counted="쪽|명|개|건|회|번|장|팀|곳|과목|항목|경기|일(?!월)|주(?!일)",
    share_cue="정답|완료|달성|남은|합격|출석|진행률?|진도|참여|참석|성공",
    turn="{top}{what}, 총 {bottom}{what}",
    marked="{bottom}{what} 만점에 {top}{what}",
    mark="점(?!\\s?\\d)",
    mark_cue="평점|점수|별점|만족도|추천도|난이도|스코어",
    shot="{bottom}개 중 {top}개",
    shot_what="개",
    shot_cue="자유투|야투|슛|3점슛?",
    each=", {}당",
    hidden="별표",
    padded="[월일시분초]",
    joins="투",
    always="주 칠 일 이십사 시간",
    hours_behind="시간",
    prime=" 프라임",
    before_christ="기원전 {}년",
    after_christ="서기 {}년",
    currencies={
        "USD": " 달러",
        "XBT": " 비트코인",
        "EUR": " 유로",
        "KRW": " 원",
        "JPY": " 엔",
        "CNY": " 위안",
        "GBP": " 파운드",
        "HKD": " 홍콩 달러",
        "TWD": " 대만 달러",
        "BTC": " 비트코인",
    },
    units={
        "percentage-point": "{} 퍼센트포인트",
        "milli-international-unit": "{} 밀리국제단위",
        "micro-international-unit": "{} 마이크로국제단위",
        "microfarad": "{} 마이크로패럿",
        "nanofarad": "{} 나노패럿",
        "picofarad": "{} 피코패럿",
        "picogram": "{} 피코그램",
        "micromole": "{} 마이크로몰",
        "micromole-per-liter": "리터당 {} 마이크로몰",
        "nanomole": "{} 나노몰",
        "picomole": "{} 피코몰",
        "international-unit": "{} 국제단위",
        "enzyme-unit-per-liter": "리터당 {} 단위",
        "mole-per-liter": "{} 몰 퍼 리터",
        "millimole": "{} 밀리몰",
        "watt-hour": "{} 와트시",
        "megawatt-hour": "{} 메가와트시",
        "gigawatt-hour": "{} 기가와트시",
        "millivolt": "{} 밀리볼트",
        "kilovolt": "{} 킬로볼트",
        "kilonewton": "{} 킬로뉴턴",
        "part-per-1e6": "{} 피피엠",
        "kibibyte": "{} 키비바이트",
        "mebibyte": "{} 메비바이트",
        "gibibyte": "{} 기비바이트",
        "tebibyte": "{} 테비바이트",
        "megapixel": "{} 메가픽셀",
        "square-millimeter": "{} 제곱밀리미터",
        "frame-per-second": "초당 {} 프레임",
        "beat-per-minute": "분당 {} 회",
        "liter-per-100-kilometer": "백 킬로미터당 {} 리터",
        "pixel-per-inch": "{} 피피아이",
        "microliter": "{} 마이크로리터",
        "nanogram": "{} 나노그램",
        "kilowatt-peak": "{} 킬로와트피크",
        "ampere-hour": "{} 암페어시",
        "microampere": "{} 마이크로암페어",
        "kiloohm": "{} 킬로옴",
        "megaohm": "{} 메가옴",
        "megajoule": "{} 메가줄",
        "terahertz": "{} 테라헤르츠",
        "millisievert": "{} 밀리시버트",
        "time": "{} 배",
        "celsius": "{} 도",
        "tonne": "{} 톤",
        "metric-ton": "{} 톤",
        "pixel": "{} 픽셀",
        "decibel": "{} 데시벨",
        "megabit-per-second": "초당 {} 메가비트",
        "megabyte-per-second": "초당 {} 메가바이트",
        "milliampere-hour": "{} 밀리암페어시",
    },
)


class Korean(MyriadWords):
    """See the module."""

    formulas: ClassVar = {
        "integral": "인테그랄 {}부터 {}까지 ",
        "integral over": "인테그랄 {} ",
        "sum": "시그마 {} {}부터 {}까지 ",
        "sum over": "시그마 {} ",
        "product": "곱 {} {}부터 {}까지 ",
        "product over": "곱 {} ",
        "limit": "리미트 {} {}에 가까워질 때 ",
        "logarithm": "로그 {}의 ",
        "absolute": "{}의 절댓값",
        "prime": "{} 프라임",
        "second": "{} 더블 프라임",
        "derivative": "d{} d{}",
        "bar": "{} 바",
        "hat": "{} 햇",
        "vector": "벡터 {}",
        "call": "{}({})",
        "factor": "{} 곱하기",
        "derivation": "d d{}",
        "reaction": " 반응하여 ",
        "angle": "각 {}",
        "triangle": "삼각형 {}",
    }
    functions: ClassVar = {
        "sin": "사인",
        "cos": "코사인",
        "tan": "탄젠트",
        "arcsin": "아크사인",
        "arccos": "아크코사인",
        "arctan": "아크탄젠트",
    }

    lexis = _LEXIS

    def __init__(self) -> None:
        """Join the rules that say their own tokens to those that only find them."""
        super().__init__(
            _CUSTOMS,
            (
                _named_day,
                self._pieces,
                self._offer,
                _between,
                _mark,
                _house,
                self._rate,
                listed_rule(r"\d{6}", "KS|KQ"),
                _dotted_date,
                _open_end,
                _page,
                _phone,
                _code,
                _score,
                self._comparison,
                label_rule("[^원\\d]"),
                rating,
                bare_number,
                compact_date,
                weekday_rule("월화수목금토일", "년월일", ", {}요일", "에서 "),
                day_rule("까지|에|부터|은|전|이전|[월화수목금토일]"),
                told_day_rule(
                    "예정일은?|마감일?은?|출시일은?|기한은|생일은|날짜는|다음은|일정은|납기는?|(?:발표|시험|면접|결과|개강|종강|시작|종료|입금|공개|졸업식?|입학식?|설명회)[는은]",
                    "출[시발고]|마감|개[봉최장막]|도착|시작|오[전후]|저녁|아침|밤|새벽|까지|부터|자(?![가-힣])|예[약정]|발[송매표]|방[송영]|공개|이[전후]|배송",
                ),
                seat_rule("좌석|게이트|탑승구|동|열"),
                duration_rule(
                    "길이|러닝타임|재생|기록|(?<!(?:현재|지금|시작|종료|현지|한국|출발|도착) )시간|걸린|초[(（]",
                    "에 (?:뛰|완주|달|주파|들어)|만에",
                    short="(?:길이|러닝타임|재생\\s?시간)[는은]?",
                ),
                between_words("-–—~～〜", "[)）]", "\\d{4}[/년.-]\\d|\\d{1,2}[/월]\\d"),
                between_words("~～–-", "\\d\\.", "\\d{1,4}\\.\\s?\\d"),
                between_words("~～〜", f"[가-힣](?<![{_CLOSING_SYLLABLES}])", "[가-힣\\d]"),
                between_words(
                    "-–—~～〜", "[시분일월년주세원도층명개회]|요일|[(（][월화수목금토일][)）]", "[\\d오월화수목금토일]"
                ),
            ),
            (
                _point,
                self._unit_each,
                _speed,
                roman_rule("제", "세|장|부|권|기|형|단계|종|류|급|호(?![가-힣])|도(?![가-힣])"),
                prefix_rule("넘버 "),
            ),
        )

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; see ``Words``."""
        said = re.sub(" +", " ", super().say(token, around))
        if not isinstance(token, Sign):
            return said.strip()
        said = said if around.before.rstrip() == around.before != "" else said.lstrip()
        return said if around.after.lstrip() == around.after != "" else said.rstrip()

    def behind(self, said: str, after: str) -> tuple[int, str] | None:
        """Make a particle agree with what is said in front of it."""
        found = _PARTICLE.match(after)
        if found is None:
            return None
        written = found[0]
        after_vowel, after_consonant = _FORMS[written]
        has_final, has_rieul = _final(said)
        is_vowels = not has_final or (has_rieul and after_vowel == "로")
        if is_vowels and written in _COPULAS:  # 미터이고 is as right as 미터고
            return None
        return len(written), after_vowel if is_vowels else after_consonant

    def cardinal(self, digits: str) -> str:
        """Name a whole number in Sino-Korean: a blank behind 만, 억 and 조; 일 is said in front of 억 and 조 only."""
        said: list[str] = []
        for group, behind in groups_of_four(digits):
            if not group:
                continue
            name = ("", "만", "억", "조")[behind]
            part = "" if group == 1 and name == "만" and not said else _below_man(group)
            said.append(part + name)
        return " ".join(said) or "영"

    def period(self, per: str) -> str:
        """Name what an amount is for: 온스당."""
        return self.lexis.periods.get(per.lower()) or f"{self.bare_unit(per) or per}당"

    def mixed(self, whole: str, part: str) -> str:
        """Say "일과 이분의 일"."""
        return f"{whole}{'과' if _final(whole)[0] else '와'} {part}"

    def scaled(self, digits: str, name: str) -> str:
        """Name a number in front of 만 or 억."""
        return name if digits == "1" and name == "만" else self.whole(digits) + name

    def fraction_digits(self, digits: str) -> str:
        """Say the digits behind the decimal mark: zero is 영 there."""
        return "".join(_DIGITS[int(digit)] for digit in digits)

    def count(self, digits: str, around: Around) -> str:
        """Name a number in front of what it counts."""
        after, number = around.after, int(digits)
        if number == 1 and _FIRST.match(after):
            return "첫"
        if 0 < number < 100 and _OF_CHILDREN.match(after):  # 2째
            return _ORDERED.get(number) or _native(number)
        if _MONTH.match(after) and number in _MONTHS and len(digits) < 3:
            return _MONTHS[number]
        is_decade = number % 10 == 0 and number < 100 and re.match(r"\s?대(?!\s?\d)", after)  # people of thirty: 30대
        if not _COUNTED.match(after) or _NUMBERED.search(around.before) or is_decade:
            return self.whole(digits)
        is_label = _CHAPTER.match(after) or _QUESTION.match(after)
        if is_label and _BEGINS_CLAUSE.search(around.before):
            return self.whole(digits)
        is_line = after.lstrip().startswith("번") and not after.lstrip().startswith("번째")
        if is_line and _LINE.search(around.before):
            return self.whole(digits)
        if 100 < number < 1000 and 0 < number % 100 < 10:  # 백한 개
            return self.cardinal(str(number // 100 * 100)) + _native(number % 100)
        if not 0 < number < 100:
            return self.whole(digits)
        if _HOURS.match(after) and number > _NOON:
            return self.whole(digits)
        return _native(number)

    def hour(self, hour: int, _clock: Clock) -> str:
        """Name the hour: native on a dial of twelve."""
        return _native(hour) if 0 < hour <= _NOON else self.cardinal(str(hour))

    def two_digits(self, number: int) -> str:
        """Name minutes or seconds of a time."""
        return f" {self.cardinal(str(number))}"

    def span(self, first: Token, last: Token, around: Around) -> str:
        """Say a range; with a native number, its counter is said twice: 두 개에서 세 개."""
        counter = _COUNTED.match(around.after)
        if counter is None or not isinstance(first, Number) or not isinstance(last, Number):
            return super().span(first, last, around)
        said = self.amount(first, around)
        is_native = said != self.amount(first)
        return said + (f" {counter[0].strip()}" if is_native else "") + self.lexis.to + self.amount(last, around)

    def counted(self, number: int, name: str) -> str:
        """Say how many, of a duration."""
        is_native = name == self.lexis.hours and 0 < number <= _NOON
        return (_native(number) if is_native else self.cardinal(str(number))) + name

    def month(self, month: int) -> str:
        """Name a month: 유월 and 시월."""
        return _MONTHS.get(month) or self.cardinal(str(month))

    def ratio(self, numbers: tuple[Number, ...], mark: str) -> str:
        """Say a ratio, a score, or a rating: 사 점 오 만점."""
        said = super().ratio(numbers, mark)
        return said.replace("점 만점에", " 만점에") if numbers[-1].fraction else said

    def roman(self, roman: Roman) -> str:
        """Say a Roman number: behind a king's name it is 세."""
        return self.whole(str(roman.value)) + (" 세" if roman.is_ordinal else "")

    def measure(self, measure: Measure) -> str:
        """Say a quantity; a temperature with minus is 영하."""
        amount = measure.amount
        if measure.unit in ("celsius", "fahrenheit") and isinstance(amount, Number) and amount.sign == "-":
            return "영하 " + super().measure(replace(measure, amount=replace(amount, sign="")))
        return super().measure(measure)

    def amount(self, amount: Amount, around: Around = NOWHERE) -> str:
        """Say a number; of degrees, 영하 for a minus."""
        if isinstance(amount, Number) and amount.sign == "-" and _DEGREES.match(around.after):
            return "영하 " + self.number(amount, around)
        return super().amount(amount, around)

    def sign(self, text: str, place: str, around: Around) -> str:
        """Say a sign; "=" is the particle of what stands in front."""
        before = around.before.rstrip()
        if text == "=" and before[-1:] in ("+", "*", "/"):
            return self.lexis.marks["="]  # "x += 1"
        is_between = place in ("between", "after") or before[-1:] in ("|", "$", "€", "£", "¥")
        if text in ("=", "==", "≈") and is_between:
            return _topic(self._heard(around.before)) + ("약 " if text == "≈" else "")
        return super().sign(text, place, around)

    def _heard(self, before: str) -> str:
        """Say the currency or unit at the end of a text: "$1", "3km"; else the text as it is."""
        before = before.rstrip()
        if before.endswith("!"):
            return self.lexis.after["!"]
        if before.endswith("|"):
            return self.formulas["absolute"]
        if (part := _FRACTION_AT_END.search(before)) is not None:
            return self.said(part[0])
        found = _AMOUNT_AT_END.search(before, max(0, len(before) - 24))
        return before if found is None else self.said(found[0])

    def _unit_each(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "L" of L당, which has no number in front."""
        found = _UNIT_EACH.match(text, at)
        if found is None or text[at - 1 : at].isalnum():
            return None
        name = self.bare_unit(found[0])
        return (found.end(), Said(name)) if name else None

    def _pieces(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "3" of 3조각, which is no 3조."""
        found = _PIECES.match(text, at)
        if found is None or text[at - 1 : at] in tuple(".,/0123456789"):
            return None
        return found.end(), Said(self.count(found[0].rstrip(), replace(NOWHERE, after="조각")))

    def _offer(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "1+1" of 1+1 행사, which is said in English, and "18+"."""
        found = _OFFER.match(text, at)
        if found is not None and not text[at - 1 : at].isalnum():
            return found.end(), Said(f"{_ENGLISH[found[1]]} 플러스 {_ENGLISH[found[2]]}")
        more = _AND_MORE.match(text, at)
        if more is None or text[at - 1 : at] in tuple(".,/0123456789"):
            return None
        if more[2]:
            return more.end(), Said(f"{self.count(more[1], replace(NOWHERE, after=more[2]))}{more[2]} 이상")
        return more.end(), Said(f"{self.whole(more[1])} 플러스")

    def _rate(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "1,200원/개": what it is for comes first, 개당."""
        found = _RATE.match(text, at)
        before = text[at - 1 : at]
        if (
            found is None
            or (found["of"] and found[1][-1].isascii())  # "16GB/512GB"
            or found[0].lstrip("0123456789.,") in LABORATORY  # "9.8N/kg"
            or (before and before.isascii() and (before.isalnum() or before in tuple(".,/$€£¥₩")))
        ):
            return None
        of, unit = found["of"], found["what"]
        name = self.bare_unit(unit) or unit
        if unit.isascii() and name == unit:
            return None
        what = f"{self.said(of + unit)}당" if of else _RATES.get(unit) or f"{name}당"
        return found.end(), Said(f"{what} {self.said(found[1])}")

    def _comparison(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "<50ms" and "x<5", which are said from their ends: x는 오 미만."""
        sign = _COMPARED.match(text, at)
        if sign is None or text[at - 1 : at] in ("<", ">"):
            return None
        operand = text[sign.end() : sign.end() + _LONGEST_OPERAND]
        letter = _LETTER.match(operand)
        found = next(scan(operand, _CUSTOMS), None) if letter is None else None
        if letter is not None:
            end, said = 1, letter[0]
        elif found is None or found.start or found.end == _LONGEST_OPERAND:
            return None
        elif isinstance(found.token, Number | Measure | Percent | Money):
            end, said = found.end, self.say(found.token)
        else:
            return None
        if letter is None and isinstance(found.token, Number):  # type: ignore[union-attr] # found where no letter is
            what = _COUNTED_BEHIND.match(text, sign.end() + end)
            if what is not None:  # "≥18세"
                end, said = what.end() - sign.end(), f"{said}{what[0]}"
        before = text[max(0, at - REACH_OF_UNIT) : at]
        is_between = bool(_OPERAND_BEFORE.search(before))
        if sign[1] in ("≠", "!="):
            return (
                (sign.end() + end, Said(f"{_topic(before)}{said}{'이' if _final(said)[0] else '가'} 아님"))
                if is_between
                else None
            )
        return sign.end() + end, Said((_topic(before) if is_between else "") + said + _COMPARISONS[sign[1]])


def _below_man(number: int) -> str:
    said = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit = number // unit % 10
        if digit:
            said += ("" if digit == 1 and name else _DIGITS[digit]) + name
    return said


def _native(number: int) -> str:
    """Name a number up to 99 in front of what it counts: 스무 개, 스물한 개."""
    return "스무" if number == 20 else _TENS[number // 10] + _ONES[number % 10]


_UNIT_EACH: Final = re.compile(r"(?:[kmc]?[gmL]|ml|t|kWh|[GM]B|m²|㎡)(?=당)")
_PIECES: Final = re.compile(r"\d{1,3}\s?(?=조각)")
_OFFER: Final = re.compile(
    r"([123])\s?\+\s?([12])(?=\s?(?:행사|이벤트|상품|할인|제품|증정|구매|프로모션|세일|혜택|로\s?(?:판매|구매|살)))"
)
_ENGLISH: Final = {"1": "원", "2": "투", "3": "쓰리"}
_AND_MORE: Final = re.compile(r"(\d{1,6})\+\s?(?:(개국|[명개건회대곳편권종](?![가-힣])|시간|가지)|(?=\s?[가-힣]))")
_DEGREES: Final = re.compile(r"(?:\s?(?:에서|[~～])\s?[-−]?\d+(?:\.\d+)?)?\s?도(?=[까가는로입에의를와]|[^가-힣]|\Z)")
_FRACTION_AT_END: Final = re.compile(r"(?<![\d/])\d{1,3}/\d{1,3}\Z")
_AMOUNT_AT_END: Final = re.compile(
    r"[$€£¥₩]\s?\d[\d,.]*\Z|\d[\d,.]*\s?(?:US|HK|NT|A|C|S)?[$€£¥]\Z|(?<![A-Za-z\d])\d[\d,.]*\s?(?:[A-Za-z]{1,3}[²³]?|[%℃])\Z"
)
_RATE: Final = re.compile(
    r"(\d[\d,.]{0,11}\s?(?:[만억]?\s?원|달러|유로|회|번|개|정|알|건|시간|걸음|[A-Za-zµμ]{1,3}))/"
    r"(?P<of>\d{1,4})?(?P<what>시간|월|달|년|개|병|명|인|일|주|회|분|초|건|장|권|박|캔|봉지|상자|박스|대|평|석|끼|잔|kg|g|ml|㎡|m²|km|GB|L|kWh)(?![A-Za-z0-9/가-힣])"
)
_RATES: Final = {"일": "하루", "월": "월", "년": "연", "주": "주당", "인": "일인당"}


def _final(said: str) -> tuple[bool, bool]:
    """Whether the last syllable ends in a consonant, and whether in ㄹ."""
    last = said[-1:]
    if "\uac00" <= last <= "\ud7a3":
        final = (ord(last) - _FIRST_SYLLABLE) % _FINALS
        return final > 0, final == _RIEUL
    return last in _LETTERS_WITH_FINAL, last in _LETTERS_WITH_RIEUL


def _is_closed(character: str) -> bool:
    """Whether a digit, a power (…제곱) or a letter ends in a consonant when it is read."""
    return character in "013678⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ" or _final(character)[0]


def _topic(before: str) -> str:
    """Choose the particle 은 or 는 behind what stands in front, before it is read."""
    before = before.rstrip(") ")
    is_power = re.search(r"(?:\^|\*\*)[-\d]+\Z", before) is not None
    return "은 " if is_power or _is_closed(before[-1:]) else "는 "


_WORDS: Final = Korean()
