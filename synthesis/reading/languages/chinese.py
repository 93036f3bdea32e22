"""Mandarin as it is read in the news; simplified and traditional characters alike."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ..notation.customs import Customs
from ..notation.tokens import NOWHERE, Code, Number, Phone, Ratio
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
    weekday_rule,
)

if TYPE_CHECKING:
    from ..notation.tokens import Around, Clock, Measure, Token

_DIGITS: Final = tuple("零一二三四五六七八九")
_CELSIUS: Final = frozenset({"celsius", "fahrenheit", "degree"})

# What is counted with 两; other words behind a number take 二 (二月, 二号, 二级).
_COUNTED: Final = re.compile(
    r"个(?!位数)|個|名|人|位(?!数)|[只隻]|[条條]|[张張]|本|件|[台臺]|[辆輛]|部|杯|瓶|碗|片|[颗顆]|粒|[块塊]|座|家|[间間]|次(?!方|元)"
    r"|遍|回|趟|[场場]|天|年(?!级|級)|周|週|小[时時]|[分刻][钟鐘]|秒|星期|元|[岁歲]|米|公[里斤尺]|千[米克]|厘米|毫[米克升]|克|斤|[吨噸]"
    r"|升|倍|步|句|[页頁]|[层層]|[种種]|[类類]|[项項]|[点點]|扇|首|篇|封|[双雙]|[对對]|套|束|朵|棵|[头頭]|匹|[口把支枝根]|行|列|[排组組]"
    r"|[队隊]|[轮輪]|局|[段节節]|期|[届屆]|[笔筆]|份|[则則]|道|代|集|款|室|[厅廳]|[餐顿頓]|[盘盤]|盒|包|袋|箱|桶|滴|勺|者|成|平方|立方"
    r"|百|美元|[欧歐]元|英[镑鎊里尺寸]|[万萬]|[亿億]|千"
)
_ORDINAL: Final = re.compile(r"(?:第|星期|周|週|[礼禮]拜|初|[农農][历曆]|[小高初]|排名)\s?\Z")
_YEAR: Final = re.compile(r"\s?(?:年(?![级級])|[财財]年|[学學]年|[赛賽]季|[届屆]|版)")
_DURATION: Final = re.compile(r"\s?年(?:的|来|來|前|以上|以来|以來|左右|历史|歷史|时间|時間|之久|间|間)")

# Digits behind these are said one by one.
_CODE_CUE: Final = re.compile(
    r"(?:[码碼](?!头)|(?<![\d一二三四五六七八九十月])[号號]|口令|密[钥鑰]|ID|PIN|QQ|微信|ISBN|ISSN|[账帳][户戶]|[邮郵][编編]|[末后後]四位)"
    r"(?:[是为為：:\s#]|分[别別]){0,4}\Z",
    re.IGNORECASE,
)
_PHONE_CUE: Final = re.compile(
    r"(?:[电電][话話]|[拨撥]打|[拨撥]|打|呼叫|[热熱][线線]|手[机機][号號]?[码碼]?|致[电電]|[联聯][系繫]|Tel|[传傳]真|分[机機])[^\d，。；！？,;!?]{0,4}\Z",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<![\d.,])(?P<plus>\+)?(?:(?P<country>86)[ -]?)?"
    r"(?:(?P<mobile>1[3-9]\d[ -]?\d{4}[ -]?\d{4})|(?P<fixed>\(?0\d{2,3}\)?[ -]?\d{7,8})"
    r"|(?P<service>[48]00[ -]?\d{3,4}[ -]?\d{3,4}))"
    r"(?![\d.,]\d|\d)"
)
_SHORT: Final = re.compile(r"1(?:10|1[479]|2[02]|[02]\d{3}|00\d{2,3})(?!\d)|9[56]\d{3,4}(?!\d)|\d{7,8}(?!\d)")
_DIGITS_RUN: Final = re.compile(r"\d[\d -]*\d|\d")
_NICKNAME: Final = re.compile(r"\d{3}(?=事件|高校|工程|[晚大]会|大促|[购購]物|[电電]影|[国國]道|院校)")
_GENERATION: Final = re.compile(r"[05-9][05](?=[后後](?:[的是们們也都和与及、，。“”？！喜爱愛出成]|女|男|\Z))")
_SHORT_CODE: Final = re.compile(r"\d{1,6}(?!\d)")
_EXTENSION_CUE: Final = re.compile(r"(?:\d[)）]?\s?[转轉]接?|分[机機][号號]?|内[线線]|內線)[是：:\s]?\Z")
_ROOM: Final = re.compile(r"\d{3,4}(?=室|房(?![间間子租价價])|[教会會][室议議]|次列[车車]|次航班|路(?:公交|[车車]))")
_SCORE: Final = re.compile(r"(\d{1,3})\s?[-–:：比]\s?(\d{1,3})(?![\d:：%-])")
_SCORE_CUE: Final = re.compile(r"(?:比分|比[数數]|以)[^\d，。]{0,3}\Z")
_WON: Final = re.compile(
    r"\s?(?:[获獲取]?[胜勝]|[战戰險险大完][胜勝]|[击擊][败敗]|[领領]先|落[后後]|[负負]于|不[敌敵]|逆[转轉]|淘汰|战平|戰平)"
)

_CUE_LENGTH: Final = 16  # how far in front of a number a cue is looked for


def _phone(text: str, at: int) -> tuple[int, Token] | None:
    found = _PHONE.match(text, at)
    if found is None:
        short = _SHORT.match(text, at)
        if short is None or text[at - 1 : at].isdecimal() or not _PHONE_CUE.search(text[max(0, at - _CUE_LENGTH) : at]):
            return None
        return short.end(), Phone((short[0],))
    groups = re.findall(r"\d+", found["mobile"] or found["fixed"] or found["service"])
    return found.end(), Phone((*([found["country"]] if found["country"] else []), *groups), bool(found["plus"]))


def _code(text: str, at: int) -> tuple[int, Token] | None:
    if not _CODE_CUE.search(text[max(0, at - _CUE_LENGTH) : at]):
        return None
    found = _DIGITS_RUN.match(text, at)
    if found is None or len(found[0]) < 3:
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


def _extension(text: str, at: int) -> tuple[int, Token] | None:
    """Find the digits of "010-62781234转8012"."""
    found = _SHORT_CODE.match(text, at)
    if found is None or not _EXTENSION_CUE.search(text[max(0, at - _CUE_LENGTH) : at]):
        return None
    return found.end(), Phone((found[0],))


def _nickname(text: str, at: int) -> tuple[int, Token] | None:
    """Find "911事件" and "90后"."""
    found = _NICKNAME.match(text, at) or _GENERATION.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Code((found[0],), is_secret=True))


def _height(text: str, at: int) -> tuple[int, Token] | None:
    """Find the centimetres of "1米78", said one by one."""
    found = _CENTIMETERS.match(text, at)
    if found is None or not _METERS.search(text, max(0, at - 8), at):
        return None
    return found.end(), Code((found[0],), is_secret=True)


_CENTIMETERS: Final = re.compile(r"\d{2}(?!\d|[.米厘分个個])")
_METERS: Final = re.compile(r"(?:(?<!\d)[12]\s?(?:米|[mM])|\d秒)\Z")  # and the hundredths of "9秒83"


def _room(text: str, at: int) -> tuple[int, Token] | None:
    """Find "201室"."""
    found = _ROOM.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Phone((found[0],)))


def _score(text: str, at: int) -> tuple[int, Token] | None:
    found = _SCORE.match(text, at)
    if found is None or text[at - 1 : at].isdecimal():
        return None
    if not (_SCORE_CUE.search(text[max(0, at - _CUE_LENGTH) : at]) or _WON.match(text, found.end())):
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])))


_CUSTOMS: Final = Customs(
    is_spaced=False,
    date_order="ymd",
    halves={"am": "am", "pm": "pm", "a.m.": "am", "p.m.": "pm"},
    clock_marks=":：",
    scales={
        "千": 3,
        "万": 4,
        "萬": 4,
        "百万": 6,
        "百萬": 6,
        "亿": 8,
        "億": 8,
        "万亿": 12,
        "萬億": 12,
        "K": 3,
        "k": 3,
        "M": 6,
        "B": 9,
        "bn": 9,
    },
    currencies={"¥": "CNY", "￥": "CNY", "RMB": "CNY", "NT$": "TWD"},
    regnal_names=True,
    rules=(
        _phone,
        _code,
        _extension,
        _nickname,
        _room,
        _height,
        weekday_rule("一二三四五六日天", "年月日号號", "星期{}"),
        _score,
        roman_rule("第", "[世章卷部期级級型代节節幕]|阶段"),
        rating,
        bare_number,
        day_rule("之?[前后後]|[日号號起至到]|[周週星]|[发發举舉开開截]"),
        seat_rule("座位|座|登[机機]口|[舱艙]|排|室|[栋棟]|[号號][楼樓]"),
        duration_rule("[用耗历歷][时時]|[时時][长長间間]|成[绩績]|片[长長]|跑出|全程", "跑完|完[赛賽]|完成"),
        prefix_rule("第"),
        between_words(
            "-–—~～〜",
            "[周週][一二三四五六日天]|[星期禮礼拜]{2}[一二三四五六日天]|[点點时時日号號月年分岁歲元天层層页頁楼樓]",
            "[周週星禮礼\\d]",
        ),
        label_rule("[^元块塊円\\d]"),
    ),
)

_LEXIS: Final = Lexis(
    locale="zh",
    digits=_DIGITS,
    point="点",
    scales=("万", "亿", "万亿"),
    signs={"": "", "-": "负", "+": "正", "±": "正负"},
    to="到",
    ratio="比",
    rating="{top}分，满分{bottom}分",
    over="比",
    every="每",
    everyday="[月年天日周週次人件个個晚位台套张張度斤吨噸米秒]|小[时時]|公斤|平方|分[钟鐘]",
    by="乘",
    dot="点",
    percents={"%": "百分之{}", "‰": "千分之{}"},
    fraction="{bottom}分之{top}",
    hour="点",
    minute="分",
    second="秒",
    halves={"am": "上午", "pm": "下午"},
    hours="小时",
    minutes="分",
    seconds="秒",
    year="年",
    month="月",
    day="日",
    decade="年代",
    ordinal="第{}",
    hash="{}号",
    version="V",
    pause="，",
    plus="加",
    per="每{what}{amount}",
    rate="每{what}{amount}",
    periods={
        **dict.fromkeys(("month", "mo", "月"), "月"),
        **dict.fromkeys(("year", "yr", "年"), "年"),
        **dict.fromkeys(("day", "天", "日"), "天"),
        **dict.fromkeys(("hour", "hr", "h", "小时", "小時"), "小时"),
        **dict.fromkeys(("week", "wk", "周", "週"), "周"),
    },
    between={
        "+": "加",
        "-": "减",
        "−": "减",
        "–": "减",
        "*": "乘以",
        "×": "乘以",
        "·": "点",
        "÷": "除以",
        "/": "除以",
        "=": "等于",
        "==": "等于",
        "≠": "不等于",
        "!=": "不等于",
        "<": "小于",
        ">": "大于",
        "≤": "小于等于",
        "<=": "小于等于",
        "⩽": "小于等于",
        "≥": "大于等于",
        ">=": "大于等于",
        "⩾": "大于等于",
        "≈": "约等于",
        "≡": "恒等于",
        "~": "约",
        "～": "约",
        "〜": "到",
        "±": "正负",
        "→": "到",
        "->": "到",
        "=>": "推出",
        "⇒": "推出",
        "&": "和",
        "√": "根号",
        "∛": "立方根号",
        "^": "，指数为",
        "∞": "无穷大",
        "π": "派",
        "°": "度",
        "%": "百分号",
        "∑": "求和",
        "∈": "属于",
        "∩": "交",
        "∪": "并",
    },
    before={"-": "负", "−": "负", "+": "正", "≈": "约", "#": "井号"},
    after={"+": "以上", "!": "的阶乘"},
    power="的{}次方",
    powers={"2": "平方", "3": "立方"},
    of="的",
    marks={
        "@": "艾特",
        ".": "点",
        "/": "斜杠",
        "-": "杠",
        "_": "下划线",
        ":": "冒号",
        "#": "井号",
        "?": "问号",
        "=": "等于",
        "&": "和",
        "~": "波浪号",
        "+": "加",
        "%": "百分号",
    },
    currencies={
        "CNY": "元",
        "XBT": "比特币",
        "TWD": "新台币",
        "CAD": "加元",
        "AUD": "澳元",
        "SGD": "新加坡元",
        "RUB": "卢布",
        "INR": "卢比",
        "BTC": "比特币",
        "ETH": "以太币",
    },
    units={
        "mole-per-liter": "{}摩尔每升",
        "millimole": "{}毫摩尔",
        "millimole-per-liter": "{}毫摩尔每升",
        "watt-hour": "{}瓦时",
        "megawatt-hour": "{}兆瓦时",
        "gigawatt-hour": "{}吉瓦时",
        "millivolt": "{}毫伏",
        "kilovolt": "{}千伏",
        "newton": "{}牛",
        "kilonewton": "{}千牛",
        "newton-meter": "{}牛米",
        "square-millimeter": "{}平方毫米",
        "liter-per-100-kilometer": "每百公里{}升",
        "frame-per-second": "每秒{}帧",
        "pixel-per-inch": "每英寸{}像素",
        "beat-per-minute": "每分钟{}次",
        "liter-per-minute": "每分钟{}升",
        "microliter": "{}微升",
        "nanogram": "{}纳克",
        "kilowatt-peak": "{}千瓦峰值",
        "ampere-hour": "{}安时",
        "microampere": "{}微安",
        "kiloohm": "{}千欧",
        "megaohm": "{}兆欧",
        "ohm": "{}欧姆",
        "megajoule": "{}兆焦",
        "joule": "{}焦耳",
        "megapascal": "{}兆帕",
        "terahertz": "{}太赫兹",
        "millisievert": "{}毫西弗",
        "foodcalorie": "{}大卡",
        "microgram-per-cubic-meter": "每立方米{}微克",
        "milligram-per-kilogram": "每千克{}毫克",
        "time": "{}倍",
        "tonne": "{}吨",
        "metric-ton": "{}吨",
        "second": "{}秒",
        "meter-per-second": "{}米每秒",
        "kilometer-per-hour": "{}公里每小时",
        "kilometer-per-second": "{}公里每秒",
        "watt": "{}瓦",
        "volt": "{}伏",
        "ampere": "{}安",
        "hertz": "{}赫兹",
        "decibel": "{}分贝",
        "hectopascal": "{}百帕",
        "kilopascal": "{}千帕",
        "milliampere-hour": "{}毫安时",
        "microgram": "{}微克",
        "gram-per-cubic-centimeter": "每立方厘米{}克",
        "megabit-per-second": "每秒{}兆比特",
        "megabyte-per-second": "每秒{}兆字节",
        **{
            unit: "{}" + letters  # said in letters, as everybody does
            for unit, letters in {
                "byte": "字节",
                "kilobyte": "KB",
                "megabyte": "MB",
                "gigabyte": "GB",
                "terabyte": "TB",
                "petabyte": "PB",
            }.items()
        },
    },
)


class Chinese(MyriadWords):
    """See the module."""

    lexis = _LEXIS

    def __init__(self) -> None:
        """Take the language's rules."""
        super().__init__(_CUSTOMS)

    def mixed(self, whole: str, part: str) -> str:
        """Say 一又二分之一."""
        return f"{whole}又{part}"

    def cardinal(self, digits: str) -> str:
        """Name a whole number: 两 in front of 千, 万 and 亿, 零 for a gap."""
        high, low = digits[:-8], digits[-8:]
        if not high:
            return _below_yi(low)
        rest = _below_yi(low) if int(low) else ""
        gap = "零" if rest and int(low) < 10_000_000 else ""
        return self.scaled(high, "亿") + gap + rest

    def scaled(self, digits: str, name: str) -> str:
        """Name a number in front of 万 or 亿."""
        return ("两" if digits == "2" else self.whole(digits)) + name

    def count(self, digits: str, around: Around) -> str:
        """Name a number in front of what it counts: years digit by digit, 两 where one counts with it."""
        after = around.after.lstrip(" ")
        is_long = digits.endswith("00") and _DURATION.match(after)  # 1500年历史
        if len(digits) == 4 and digits[0] in "12" and _YEAR.match(after) and not is_long:
            return self.one_by_one(digits)
        if len(digits) == 2 and digits[0] in "789" and re.match(r"年(?![代级級的来來前以左历歷时時之间間])", after):
            return self.one_by_one(digits)
        is_floor = after[:1] in ("层", "層") and around.before.rstrip()[-1:] in tuple("楼樓座栋棟幢厦廈场場馆館店")
        if digits == "2" and _COUNTED.match(after) and not is_floor and not _ORDINAL.search(around.before):
            return "两"
        return self.whole(digits)

    def dialled(self, digits: str) -> str:
        """Say a telephone number: 幺 for one, since 一 is heard as 七."""
        return self.one_by_one(digits).replace("一", "幺")

    def two_digits(self, number: int) -> str:
        """Say minutes: 零五分."""
        return ("零" if number < 10 else "") + self.cardinal(str(number))

    def hour(self, hour: int, _clock: Clock) -> str:
        """Name the hour: 两点."""
        return "两" if hour == 2 else self.cardinal(str(hour))

    def counted(self, number: int, name: str) -> str:
        """Say how many, of a duration."""
        return self.count(str(number), replace(NOWHERE, after=name)) + name

    def year(self, digits: str, era: str) -> str:
        """Name a year, digit by digit."""
        return era + (self.one_by_one(digits) if len(digits) in (2, 4) else self.whole(digits))

    def measure(self, measure: Measure) -> str:
        """Say a quantity; a temperature with minus is 零下."""
        amount = measure.amount
        if measure.unit in _CELSIUS and isinstance(amount, Number) and amount.sign == "-":
            return "零下" + super().measure(replace(measure, amount=replace(amount, sign="")))
        if isinstance(amount, Number) and replace(amount, sign="") == Number("2"):
            said = super().measure(measure)
            return said.replace("二", "两", 1) if measure.unit in _COUNTED_UNITS else said
        return super().measure(measure)


_COUNTED_UNITS: Final = frozenset(
    {"meter", "kilometer", "centimeter", "millimeter", "gram", "kilogram", "liter", "hour", "minute", "second", "day"}
)


def _below_yi(digits: str) -> str:
    said, has_gap = "", False
    for group, behind in groups_of_four(digits):
        if group == 0:
            has_gap = True
            continue
        if said and (has_gap or group < 1000):
            said += "零"
        said += "两万" if behind and group == 2 and not said else _below_wan(group, not said) + "万" * behind
        has_gap = False
    return said or "零"


def _below_wan(number: int, is_first: bool) -> str:
    said, has_gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit == 0:
            has_gap = bool(said)
            continue
        if has_gap:
            said += "零"
        if unit == 10 and digit == 1 and is_first and not said:
            said = "十"
        else:
            said += ("两" if digit == 2 and unit == 1000 else _DIGITS[digit]) + name
        has_gap = False
    return said
