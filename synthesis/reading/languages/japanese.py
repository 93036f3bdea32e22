"""Japanese as it is read in the news.

Numbers stay in kanji in front of their counters: Open JTalk knows how both change (三本 is サンボン, 四月一日 ends in
ツイタチ). They are in kana where it would read kanji otherwise: digits that are said one by one (it makes one number
of 四八二), and 十分, which it takes for ジュウブン, "enough".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar, Final

from ..notation.customs import Customs
from ..notation.eastern import (
    BEFORE_A_CODE,
    LABORATORY,
    REACH_OF_CLAUSE,
    REACH_OF_MARK,
    REACH_OF_UNIT,
    REACH_OF_WORD,
    SQUARED,
    below_minus,
    compact_date,
    listed_rule,
)
from ..notation.scanner import scan
from ..notation.tokens import NOWHERE, Code, Date, Measure, Money, Number, Percent, Phone, Ratio, Said
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
    from ..notation.tokens import Around, Clock, Token

_KANJI: Final = "零一二三四五六七八九"
_TEN_MINUTES: Final = re.compile(r"(?<![一二三四五六七八九百千万時])十分(?=\Z|か|まで)")
_TEN_MINUTES_WRITTEN: Final = re.compile(
    r"(?<![\d.,時])(?:(?P<first>\d{1,3})\s?(?:分)?\s?[-–—〜~～]\s?)?10\s?分(?!の[\d一-九])"
)
# Numbers that have names of their own.
_EMERGENCY: Final = re.compile(r"110\s?番")
_CODE_CUE: Final = re.compile(
    r"(?:番号|コード|ポート|パスワード|暗証|ID|PIN|ISBN|ISSN|ピン|郵便|〒|口座|品番|型番|シリアル|ナンバー|下[一二三四1-4]桁)(?:[はがをの：:\s#]|それぞれ){0,3}"
    rf"(?:\d{{3,8}}[、とや]){{0,2}}{BEFORE_A_CODE}\Z",
    re.IGNORECASE,
)
_PHONE_CUE: Final = re.compile(
    r"(?:電話|TEL|Tel|携帯|ファックス|FAX|ダイヤル|番号|内線)[^\d、。！？]{0,6}\Z", re.IGNORECASE
)
_PHONE: Final = re.compile(
    r"(?<![\d.,-])(?P<plus>\+81[ -]?)?"
    r"(?:\(?\d{1,5}\)?[ -]\d{1,4}[ -]\d{3,4}|0\d{1,4}\(\d{1,4}\)\d{4}|0\d{9,10})(?![\d-])"
)
_DIGITS_RUN: Final = re.compile(r"\d[\d -]*\d")
_POSTCODE: Final = re.compile(r"〒\s?(\d{3})-?(\d{4})(?!\d)")
_SCORE: Final = re.compile(r"(\d{1,3})\s?[-–:：対]\s?(\d{1,3})(?![\d:：%-]|\.\d)")
_SCORE_WON: Final = re.compile(
    r"で(?:勝|敗|負|引き分|下|破|リード|逆転)|の(?:勝利|スコア|比率|割合|逆転)|に(?:薄め|希釈|割)|で(?:混ぜ|割|薄め|希釈|配合)"
)
_SCORE_CUE: Final = re.compile(r"(?:セット|ゲーム|クォーター|ピリオド|第\d戦|[前後]半|スコア)[はがを]?\Z")
_COMPARED: Final = re.compile(r"(<=|>=|≤|≥|≦|≧|<|>|＜|＞)\s*")
_COMPARISONS: Final = {
    **dict.fromkeys(("<", "＜"), "未満"),
    **dict.fromkeys((">", "＞"), "超"),
    **dict.fromkeys(("<=", "≤", "≦"), "以下"),
    **dict.fromkeys((">=", "≥", "≧"), "以上"),
}
_BLOCKS: Final = re.compile(r"\d{1,4}(?:[-‐−–]\d{1,4}){1,3}(?![\d-])")
_PLACE: Final = re.compile(r"(?:[区町村市条]|丁目|番地|[東西南北中本])\Z")
_TOWN: Final = re.compile(r"[都道府県市区町村](?:の|[^\d\s、。ぁ-ん]){1,10}\Z")  # 千代田区丸の内1-9-1
_RATE: Final = re.compile(
    r"(\d[\d,.]{0,11}\s?(?:[万億]?円|ドル|ユーロ|[個本枚回件台杯錠包粒時歩]間?|[A-Za-zµμ]{1,3}))/"
    r"(?P<of>\d{1,4})?(?P<what>時間?|個|本|枚|回|件|台|杯|人|名|日|泊|食|袋|箱|缶|錠|株|坪|口|室|戸|席|冊|皿|玉|匹|羽|頭|足|着|丁|kg|g|ml|㎡|m²|km|GB|"
    r"L|kWh)"
    r"(?![A-Za-z0-9/]|[額間本別])"
)
_LONGEST_OPERAND: Final = 40


_SHORT: Final = re.compile(r"\d{3,5}(?![\d-]|[.,]\d)")
_SHARP: Final = re.compile(
    r"#(7119|8000|8008|8103|8891|9110)(?!\d)"
)  # of services: an ambulance or not, children, police
_SHORT_CUE: Final = re.compile(r"(?:内線(?:番号)?[はが:：]?|局番なしの?|短縮)\s?\Z")


def _phone(text: str, at: int) -> tuple[int, Token] | None:
    if (sharp := _SHARP.match(text, at)) is not None:
        return sharp.end(), Code(("#", sharp[1]), is_secret=True)
    if (short := _SHORT.match(text, at)) is not None and _SHORT_CUE.search(text, max(0, at - REACH_OF_UNIT), at):
        return short.end(), Phone((short[0],))
    found = _PHONE.match(text, at)
    if found is None or not (found[0][0] in "0(+" or _PHONE_CUE.search(text[max(0, at - REACH_OF_WORD) : at])):
        return None
    return found.end(), Phone(tuple(re.findall(r"\d+", found[0])), bool(found["plus"]))


def _code(text: str, at: int) -> tuple[int, Token] | None:
    if found := _POSTCODE.match(text, at):
        return found.end(), Code(("郵便番号", found[1], "-", found[2]), is_secret=True)
    if not _CODE_CUE.search(text[max(0, at - REACH_OF_WORD) : at]):
        return None
    found = _DIGITS_RUN.match(text, at)
    if found is None or len(found[0]) < 3:
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


def _era_date(text: str, at: int) -> tuple[int, Token] | None:
    """Find "R6.12.31", a date by the emperor's era."""
    found = _ERA_DATE.match(text, at)
    if found is None or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()):
        return None
    year, month, day = (cardinal(str(int(found[place]))) for place in (2, 4, 5))
    return found.end(), Said(f"{_ERAS[found[1]]}{year}年{month}月{day}日")


_ERA_DATE: Final = re.compile(r"([RHST])(\d{1,2})([./])(1[0-2]|0?[1-9])\3(3[01]|[12]\d|0?[1-9])(?![\d]|\.\d)")
_ERAS: Final = {"R": "令和", "H": "平成", "S": "昭和", "T": "大正"}


def _magnitude(text: str, at: int) -> tuple[int, Token] | None:
    """Find the "M" of "M7.3", which is an earthquake's."""
    found = _MAGNITUDE.match(text, at)
    is_inside = text[at - 1 : at].isascii() and text[at - 1 : at].isalnum()
    return None if found is None or is_inside else (found.end(), Said("マグニチュード"))


_MAGNITUDE: Final = re.compile(r"M(?=[3-9]\.\d(?![\d.A-Za-z]))")


def _named_day(text: str, at: int) -> tuple[int, Token] | None:
    """Find "3.11" and "2.26事件", which are called by their day."""
    found = _NAMED_DAY.match(text, at)
    if found is None or text[at - 1 : at] in tuple(".,0123456789"):
        return None
    return found.end(), Code(("".join(filter(None, found.groups())),), is_secret=True)


_NAMED_DAY: Final = re.compile(
    r"([39])[.・](11)(?=テロ|以[降来]|の(?:震|大|同|テロ|あ)|震災|同時|東日本)|(?:([25])[.・](26|15)(?=事件))"
)


def _figure(text: str, at: int) -> tuple[int, Token] | None:
    """Find the signs of "∠ABC" and "△ABC"."""
    is_figure = text[at] in _FIGURES and text[at + 1 : at + 2].isascii() and text[at + 1 : at + 2].isalpha()
    return (at + 1, Said(_FIGURES[text[at]])) if is_figure else None


_FIGURES: Final = {"∠": "角", "△": "三角形"}


def _room(text: str, at: int) -> tuple[int, Token] | None:
    """Find "305" behind the name of a building, and the hundredths of "10秒83"."""
    found = _ROOM.match(text, at)
    if found is None or not _ROOM_CUE.search(text, max(0, at - REACH_OF_MARK), at):
        return None
    return found.end(), Phone((found[0],))


def _layout(text: str, at: int) -> tuple[int, Token] | None:
    """Find the rooms of "1Kのお部屋", which is no thousand."""
    found = _LAYOUT.match(text, at)
    return None if found is None or text[at - 1 : at] in tuple(".,0123456789") else (found.end(), Number(found[0]))


_LAYOUT: Final = re.compile(
    r"[1-5](?=[KR](?:の(?:お?部屋|物件|間取り|アパート|マンション|賃貸)|タイプ|マンション|アパート))"
)
_ROOM: Final = re.compile(r"\d{2,4}(?!\d|[.,]\d|\s?[円個人名本年月日時分台件度])")
_ROOM_CUE: Final = re.compile(r"(?:[棟館]|\d秒)\s?\Z")


_DIGIT: Final = "0123456789"
_DAY: Final = re.compile(r"(1[0-2]|0?[1-9])/(3[01]|[12][0-9]|0?[1-9])(?![0-9/.,]*[0-9])")
_DAY_BEHIND: Final = re.compile(
    r"(?:[(（][月火水木金土日][)）])?(?:から|[〜～-])(?:1[0-2]|0?[1-9])/[0-9]{1,2}(?![0-9])"
)
_DAY_BEFORE: Final = re.compile(r"[0-9]/[0-9]{1,2}(?:[(（][月火水木金土日][)）])?(?:から|[〜～-])\Z")


def _dashed_days(text: str, at: int) -> tuple[int, Token] | None:
    """Find the days of "5-15から5-20"."""
    found = _DASHED_DAY.match(text, at)
    if found is None or text[at - 1 : at] in tuple("/-.,0123456789"):
        return None
    if not (_DASHED_BEHIND.match(text, found.end()) or _DASHED_BEFORE.search(text, max(0, at - REACH_OF_UNIT), at)):
        return None
    return found.end(), Date("", int(found[1]), int(found[2]), "md")


_DASHED_DAY: Final = re.compile(r"(1[0-2]|0?[1-9])-(3[01]|[12]\d|0?[1-9])(?![\d-]|[.,]\d)")
_DASHED_BEHIND: Final = re.compile(r"(?:から|[〜～])(?:1[0-2]|0?[1-9])-\d{1,2}(?!\d)")
_DASHED_BEFORE: Final = re.compile(r"\d-\d{1,2}(?:から|[〜～])\Z")


def _score(text: str, at: int) -> tuple[int, Token] | None:
    found = _SCORE.match(text, at)
    if found is None or text[at - 1 : at].isdecimal():
        return None
    if not _SCORE_WON.match(text, found.end()) and not _SCORE_CUE.search(text, max(0, at - REACH_OF_UNIT), at):
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])))


def _blocks(text: str, at: int) -> tuple[int, Token] | None:
    """Find "1-2-3" of an address: 一の二の三."""
    found = _BLOCKS.match(text, at)
    if found is None or not (
        _PLACE.search(text[max(0, at - REACH_OF_MARK) : at]) or _TOWN.search(text[max(0, at - REACH_OF_WORD) : at])
    ):
        return None
    return found.end(), Said("の".join(cardinal(str(int(part))) for part in re.findall(r"\d+", found[0])))


def _ten_minutes(text: str, at: int) -> tuple[int, Token] | None:
    found = _TEN_MINUTES_WRITTEN.match(text, at)
    if found is None:
        return None
    first = f"{cardinal(found['first'])}から" if found["first"] else ""
    return found.end(), Said(f"{first}ジュップン")


def _days(text: str, at: int) -> tuple[int, Token] | None:
    """Read the days of "4/1から5/6まで", which alone would be a fourth and five sixths."""
    found = _DAY.match(text, at) if text[at] in _DIGIT else None
    if found is None or (text[at - 1 : at] in tuple("/0123456789.,") and at):
        return None
    if not _DAY_BEHIND.match(text, found.end()) and not _DAY_BEFORE.search(text, max(0, at - REACH_OF_CLAUSE), at):
        return None
    return found.end(), Date("", int(found[1]), int(found[2]), "md")


def _open_end(text: str, at: int) -> tuple[int, Token] | None:
    """Find the dash of "8:45〜、", behind which nothing ends the range."""
    found = _OPEN_END.match(text, at) if text[at] in "〜～~" else None
    return (found.end(), Said("から")) if found and _BEGINNING.search(text, max(0, at - REACH_OF_MARK), at) else None


_OPEN_END: Final = re.compile(
    r"[〜～~](?=[、。（()）」\s]|\Z|です|でした|となり|で(?:ご|販|提|利|購|お|予)|の(?:お|プ|価|料|販))"
)
_BEGINNING: Final = re.compile(r"[0-9時分日月年円度歳代名人][)）]?\Z")


def _open_beginning(text: str, at: int) -> tuple[int, Token] | None:
    """Find "〜10:00" in front of which nothing begins the range."""
    found = _UNTIL.match(text, at) if text[at] in "〜～~" else None
    if found is None or _BEGINNING.search(text, max(0, at - REACH_OF_MARK), at):
        return None
    minutes = f"{cardinal(str(int(found[2])))}分" if int(found[2]) else ""
    return found.end(), Said(f"{cardinal(str(int(found[1])))}時{minutes}まで")


_UNTIL: Final = re.compile(r"[〜～~](\d{1,2}):(\d{2})(?![\d:])(?!まで|\s?[〜～~-])")


def _average(text: str, at: int) -> tuple[int, Token] | None:
    """Find "打率.310", which is said in tenths: 三割一分."""
    found = _AVERAGE.match(text, at)
    if found is None or not _AVERAGE_CUE.search(text, max(0, at - REACH_OF_MARK), at):
        return None
    parts = zip(found[1], ("割", "分", "厘"), strict=True)
    return found.end(), Said("".join(_KANJI[int(digit)] + name for digit, name in parts if digit != "0"))


_AVERAGE: Final = re.compile(r"0?\.(\d{3})(?!\d)")
_AVERAGE_CUE: Final = re.compile(r"(?:打|勝|出塁|得点圏打)率[はが]?\Z")


def _firm(text: str, at: int) -> tuple[int, Token] | None:
    """Find the kind of a firm or body in brackets, in front of its name or behind it: "(株)山田商事"."""
    found = _FIRM.match(text, at) if text[at] in "(（㈱㈲" else None
    return None if found is None else (found.end(), Said(_FIRMS[found[1] or found[2]]))


_FIRMS: Final = {
    "株": "株式会社", "㈱": "株式会社", "有": "有限会社", "㈲": "有限会社", "財": "財団法人", "一社": "一般社団法人",
    "一財": "一般財団法人", "社福": "社会福祉法人", "独": "独立行政法人",
}  # fmt: skip
_FIRM: Final = re.compile(r"[(（](株|有|財|一社|一財|社福|独)[)）]|([㈱㈲])")


def _emergency(text: str, at: int) -> tuple[int, Token] | None:
    found = _EMERGENCY.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Said("ヒャクトーバン"))


_CUSTOMS: Final = Customs(
    is_spaced=False,
    version_cues=frozenset({"php"}),  # no pesos
    date_order="ymd",
    halves={"am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm"},
    clock_marks=":：",
    scales={
        "百": 2,
        "千": 3,
        "万": 4,
        "百万": 6,
        "千万": 7,
        "億": 8,
        "兆": 12,
        "K": 3,
        "k": 3,
        "M": 6,
        "B": 9,
        "bn": 9,
    },
    units={**LABORATORY, **SQUARED, "pt": "point-of-a-card", "pp": "point-of-a-card"},
    currencies={"¥": "JPY", "￥": "JPY"},
)

# Letters of formulas.
_GREEK: Final = {
    "α": "アルファ",
    "β": "ベータ",
    "γ": "ガンマ",
    "δ": "デルタ",
    "ε": "イプシロン",
    "η": "イータ",
    "θ": "シータ",
    "λ": "ラムダ",
    "π": "パイ",
    "ρ": "ロー",
    "σ": "シグマ",
    "τ": "タウ",
    "φ": "ファイ",
    "χ": "カイ",
    "ψ": "プサイ",
    "ω": "オメガ",
    "Δ": "デルタ",
    "Σ": "シグマ",
    "Φ": "ファイ",
    "Π": "パイ",
}

_LEXIS: Final = Lexis(
    locale="ja",
    digits=("ゼロ", "イチ", "ニ", "サン", "ヨン", "ゴ", "ロク", "ナナ", "ハチ", "キュー"),
    point="点",
    scales=("万", "億", "兆"),
    signs={"": "", "-": "マイナス", "+": "プラス", "±": "プラスマイナス"},
    to="から",
    rating="{bottom}点満点中{top}",
    over="の",
    every="毎",
    everyday="[月年日週時分秒]",
    ratio="タイ",  # 対 alone is read ツイ
    by="かける",
    dot="点",
    percents={"%": "{}パーセント", "‰": "{}パーミル"},
    fraction="{bottom}分の{top}",
    hour="時",
    minute="分",
    second="秒",
    halves={"am": "午前", "pm": "午後"},
    hours="時間",
    minutes="分",
    seconds="秒",
    year="年",
    month="月",
    day="日",
    decade="年代",
    ordinal="第{}",
    hash="ナンバー{}",
    version="バージョン",
    pause="、",
    plus="プラス",
    per="{what}{amount}",
    rate="一{what}あたり{amount}",
    periods={
        **dict.fromkeys(("month", "mo", "月"), "月額"),
        **dict.fromkeys(("year", "yr", "年"), "年額"),
        **dict.fromkeys(("day", "日"), "一日あたり"),
        **dict.fromkeys(("hour", "hr", "h", "時間"), "一時間あたり"),
        **dict.fromkeys(("week", "wk", "週"), "一週間あたり"),
    },
    between={
        **_GREEK,
        "+": "プラス",
        "-": "マイナス",
        "−": "マイナス",
        "–": "マイナス",
        "*": "かける",
        "×": "かける",
        "⋅": "かける",
        "÷": "割る",
        "/": "割る",
        "=": "イコール",
        "==": "イコール",
        "≠": "ノットイコール",
        "!=": "ノットイコール",
        "<": "小なり",
        ">": "大なり",
        "≤": "小なりイコール",
        "<=": "小なりイコール",
        "≥": "大なりイコール",
        ">=": "大なりイコール",
        "≈": "ニアリーイコール",
        "≒": "ニアリーイコール",
        "~": "約",
        "〜": "から",
        "±": "プラスマイナス",
        "→": "から",
        "->": "から",
        "&": "アンド",
        "∫": "インテグラル",
        "∝": "比例",
        "⊥": "垂直",
        "∥": "平行",
        "∇": "ナブラ",
        "∑": "シグマ",
        "∩": "キャップ",
        "∪": "カップ",
        "∅": "空集合",
        "√": "ルート",
        "∛": "立方根",
        "∜": "四乗根",
        "^": "、指数は",
        "∞": "無限大",
        "°": "度",
        "%": "パーセント",
    },
    before={
        "↑": "上昇",
        "↓": "下落",
        "▲": "マイナス",
        "△": "マイナス",
        "▼": "マイナス",
        "-": "マイナス",
        "≈": "約",
        "≒": "約",
        "#": "シャープ",
    },
    after={"↑": "上昇", "↓": "下降", "+": "以上", "!": "の階乗"},
    power="の{}乗",
    powers={},
    of="の",
    marks={
        "*": "コメジルシ",
        "@": "アットマーク",
        ".": "ドット",
        "/": "スラッシュ",
        "-": "ハイフン",
        "_": "アンダーバー",
        ":": "コロン",
        "#": "シャープ",
        "?": "クエスチョン",
        "=": "イコール",
        "&": "アンド",
        "~": "チルダ",
        "+": "プラス",
        "%": "パーセント",
    },
    joint="の",
    floor="{}階",
    basement="地下{}階",
    page="{}ページ",
    share="{bottom}{what}中{top}{what}",
    shared="問(?!題)|ページ|頁|ステップ|章|話(?!題)|段階|ラウンド|レッスン",
    ranked="階(?!級)|位",
    counted="[人名件個枚回本台社校票日勝戦試室席]|か所|箇所|チーム|タスク|項目",
    share_cue="正解|完了|達成|残り|合格|出席|進捗|進行|回答|完成|参加|消化",
    turn="{top}{what}、全{bottom}{what}",
    marked="{bottom}{what}中{top}{what}",
    mark="点(?!\\d)|つ星",
    mark_cue="評価|スコア|得点|満足度|点数|レビュー|おすすめ度|難易度|採点",
    shot="{bottom}本中{top}本",
    shot_what="本",
    shot_cue="フリースロー|シュート|FG|スリーポイント|3P",
    each="、一{}あたり",
    hidden="アスタリスク",
    padded="[月日時分秒]",
    joins="ツー",
    always="二十四時間、週七日",
    hours_behind="時間(?!体制)",
    prime="プライム",
    before_christ="紀元前{}年",
    after_christ="西暦{}年",
    currencies={
        "USD": "ドル",
        "XBT": "ビットコイン",
        "JPY": "円",
        "CNY": "人民元",
        "GBP": "ポンド",
        "KRW": "ウォン",
        "TWD": "台湾ドル",
        "INR": "ルピー",
        "RUB": "ルーブル",
        "BTC": "ビットコイン",
    },
    units={
        "milli-international-unit": "{}ミリ国際単位",
        "micro-international-unit": "{}マイクロ国際単位",
        "microfarad": "{}マイクロファラド",
        "nanofarad": "{}ナノファラド",
        "picofarad": "{}ピコファラド",
        "picogram": "{}ピコグラム",
        "point-of-a-card": "{}ポイント",
        "micromole": "{}マイクロモル",
        "micromole-per-liter": "{}マイクロモル毎リットル",
        "nanomole": "{}ナノモル",
        "picomole": "{}ピコモル",
        "international-unit": "{}国際単位",
        "enzyme-unit-per-liter": "{}単位毎リットル",
        "mole-per-liter": "{}モル毎リットル",
        "millimole": "{}ミリモル",
        "metric-ton": "{}トン",
        "watt-hour": "{}ワット時",
        "megawatt-hour": "{}メガワット時",
        "gigawatt-hour": "{}ギガワット時",
        "millivolt": "{}ミリボルト",
        "kilovolt": "{}キロボルト",
        "kilonewton": "{}キロニュートン",
        "part-per-1e6": "{}ピーピーエム",
        "kibibyte": "{}キビバイト",
        "mebibyte": "{}メビバイト",
        "gibibyte": "{}ギビバイト",
        "tebibyte": "{}テビバイト",
        "square-millimeter": "{}平方ミリメートル",
        "frame-per-second": "毎秒{}フレーム",
        "beat-per-minute": "毎分{}拍",
        "liter-per-100-kilometer": "百キロメートルあたり{}リットル",
        "pixel-per-inch": "{}ピーピーアイ",
        "tablespoon": "大さじ{}",
        "teaspoon": "小さじ{}",
        "microliter": "{}マイクロリットル",
        "nanogram": "{}ナノグラム",
        "kilowatt-peak": "{}キロワットピーク",
        "ampere-hour": "{}アンペアアワー",
        "microampere": "{}マイクロアンペア",
        "kiloohm": "{}キロオーム",
        "megaohm": "{}メガオーム",
        "megajoule": "{}メガジュール",
        "terahertz": "{}テラヘルツ",
        "millisievert": "{}ミリシーベルト",
        "time": "{}倍",
        "celsius": "{}度",
        "meter-per-second": "{}メートル毎秒",
        "kilometer-per-hour": "{}キロメートル毎時",
        "kilometer-per-second": "{}キロメートル毎秒",
        "decibel": "{}デシベル",
        "megabit-per-second": "{}メガビット毎秒",
        "megabyte-per-second": "{}メガバイト毎秒",
        "milliampere-hour": "{}ミリアンペアアワー",
    },
)


class Japanese(MyriadWords):
    """See the module."""

    formulas: ClassVar = {
        "integral": "{}から{}までのインテグラル",
        "integral over": "{}でのインテグラル",
        "sum": "シグマ{}イコール{}から{}まで",
        "sum over": "シグマ{}",
        "product": "総乗{}イコール{}から{}まで",
        "product over": "総乗{}",
        "limit": "リミット{}矢印{}",
        "logarithm": "ログ{}の",
        "absolute": "{}の絶対値",
        "prime": "{}プライム",
        "second": "{}ツープライム",
        "derivative": "d{} d{}",
        "bar": "{}バー",
        "hat": "{}ハット",
        "vector": "ベクトル{}",
        "call": "{}({})",
        "factor": "{}かける",
        "derivation": "d d{}",
        "reaction": "から",
        "angle": "角{}",
        "triangle": "三角形{}",
    }
    functions: ClassVar = {
        "sin": "サイン",
        "cos": "コサイン",
        "tan": "タンジェント",
        "arcsin": "アークサイン",
        "arccos": "アークコサイン",
        "arctan": "アークタンジェント",
    }

    lexis = _LEXIS

    def __init__(self) -> None:
        """Join the rules that say their own tokens to those that only find them."""
        super().__init__(
            _CUSTOMS,
            (
                _emergency,
                _firm,
                below_minus,
                self._rate,
                listed_rule(r"[1-9]\d{2}[1-9]", "T|TYO|JP"),
                _figure,
                _named_day,
                _layout,
                _room,
                _open_end,
                _open_beginning,
                _average,
                _days,
                _dashed_days,
                _ten_minutes,
                _phone,
                _code,
                _score,
                self._comparison,
                label_rule("[^円元\\d]"),
                _blocks,
                bare_number,
                compact_date,
                weekday_rule("月火水木金土日", "年月日", "{}曜日", "から"),
                day_rule("[月火水木金土日にはのかまで頃発締〜～]"),
                told_day_rule(
                    "予定日は?|締め?切り?は|期限は|発売日は?|[はもが、]次回は|次回は|日付は|誕生日は|リリース日?は|納期は|開催日は?"
                    "|(?:発表|公開|開始|終了|面接|試験|結果|開幕|支払い|返却|集合|入社|卒業式?|入学式?|説明会|本番|納品)は",
                    "発[売送表]|締め?切|開[催始幕店演]|到着|出発|公開|放送|配信|納品|〆|午[前後]|朝|夜|まで|必着|付け?(?!き)|頃|以[降前]|の(?:朝|夜|午[前後]|会議|予約|予定|便)"
                    "|に(?:開|発|届|到|公|締|予|行|始|終|返|お|リリ|スタ)",
                ),
                seat_rule("座席|席|ゲート|搭乗口|号室|[棟列]"),
                rating,
                duration_rule(
                    "長さ|尺|再生|収録時間|上映時間|動画時間|マラソン|レース|ラップ|タイム|記録|所要時間|再生時間|秒[(（]",
                    "で(?:走|完走|ゴール|泳|優勝|フィニッシュ|到着|完泳|勝|クリア|[0-9]+位)|の(?:タイム|記録|自己|大会|世界|日本|新記録|好)",
                    short="(?:長さ|尺|(?:再生|収録|動画)時間)(?:は|が|:)?",
                ),
                between_words("~～〜", "\\d", "[RHST]\\d"),
                between_words("-–—~～〜", "[)）]", "\\d{4}[/年.-]\\d|\\d{1,2}[/月]\\d"),
                between_words(
                    "~～〜", "[\u3400-\u9fff\u30a1-\u30fa)）]|半ば|ごろ|はじめ", "[\u3400-\u9fff\u30a1-\u30fa\\d]"
                ),
                between_words(
                    "-–—~～〜",
                    "[時分日月年週歳円度曜階人個枚回]|時半|[(（][月火水木金土日][)）]",
                    "[\\d午前後翌月火水木金土日]",
                ),
            ),
            (
                _era_date,
                _magnitude,
                roman_rule("第", "[世章巻部期型節幕種類級度相号]|フェーズ"),
                prefix_rule("ナンバー"),
            ),
        )

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; see ``Words``."""
        return _TEN_MINUTES.sub("ジュップン", super().say(token, around))

    def period(self, per: str) -> str:
        """Name what an amount is for: 一オンスあたり."""
        return self.lexis.periods.get(per.lower()) or f"一{self.bare_unit(per) or per}あたり"

    def mixed(self, whole: str, part: str) -> str:
        """Say 一と二分の一."""
        return f"{whole}と{part}"

    def cardinal(self, digits: str) -> str:
        """Name a whole number in kanji."""
        return cardinal(digits)

    def scaled(self, digits: str, name: str) -> str:
        """Name a number in front of 万 or 億: 一千万."""
        said = self.whole(digits)
        return ("一" if len(digits) == 4 and digits[0] == "1" else "") + said + name

    def fraction_digits(self, digits: str) -> str:
        """Say the digits behind the decimal mark: Open JTalk reads kanji there one by one."""
        return "".join(_KANJI[int(digit)] for digit in digits)

    def hour(self, hour: int, _clock: Clock) -> str:
        """Name the hour: 零時."""
        return cardinal(str(hour))

    def _rate(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "120円/個": what it is for comes first, 一個あたり."""
        found = _RATE.match(text, at)
        before = text[at - 1 : at]
        if (
            found is None
            or (found["of"] and found[1][-1].isascii())  # "16GB/512GB"
            or found[0].lstrip("0123456789.,") in LABORATORY  # "9.8N/kg"
            or (before and before.isascii() and (before.isalnum() or before in tuple(".,/$€£¥")))
        ):
            return None
        what = self.bare_unit(found["what"]) or found["what"].replace("時", "時間").replace("間間", "間")
        if found["what"].isascii() and what == found["what"]:
            return None
        return found.end(), Said(f"{self.whole(found['of'] or '1')}{what}あたり{self.said(found[1])}")

    def _comparison(self, text: str, at: int) -> tuple[int, Token] | None:
        """Find "<50ms", which is said from its end: fifty milliseconds and below."""
        sign = _COMPARED.match(text, at)
        before = text[max(0, at - 2) : at].rstrip()[-1:]
        if sign is None or (before.isascii() and before.isalnum()) or before in ("<", ">", ")"):
            return None
        found = next(scan(text[sign.end() : sign.end() + _LONGEST_OPERAND], _CUSTOMS), None)
        if found is None or found.start or found.end == _LONGEST_OPERAND:
            return None
        if not isinstance(found.token, Number | Measure | Percent | Money):
            return None
        end, said = sign.end() + found.end, self.say(found.token)
        if isinstance(found.token, Number) and (what := _COUNTED_BEHIND.match(text, end)) is not None:
            end, said = what.end(), said + what[0]  # "≥18歳"
        return end, Said(said + _COMPARISONS[sign[1]])


_COUNTED_BEHIND: Final = re.compile(r"\s?(?:時間|か月|ヶ月|[歳才点名人件回円個時分秒年日度階枚台本倍週])")


def cardinal(digits: str) -> str:
    """Name a whole number in kanji; 一 is not said in front of 千, 百 and 十, but is in 一千万."""
    said = ""
    for group, behind in groups_of_four(digits):
        if group:
            part = ""
            for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
                digit = group // unit % 10
                if digit:
                    is_silent = digit == 1 and name and not (unit == 1000 and behind)
                    part += ("" if is_silent else _KANJI[digit]) + name
            said += part + ("", "万", "億", "兆")[behind]
    return said or "零"
