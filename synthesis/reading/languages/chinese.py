"""Mandarin as it is read in the news; simplified and traditional characters alike."""

from __future__ import annotations

import re
from dataclasses import replace
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
from ..notation.tokens import NOWHERE, Code, Date, Fraction, Measure, Money, Number, Phone, Ratio, Said, Sign, Span
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
    from ..notation.tokens import Amount, Around, Clock, Token

_DIGITS: Final = tuple("零一二三四五六七八九")
_CELSIUS: Final = frozenset({"celsius", "fahrenheit", "degree"})

# What is counted with 两; other words behind a number take 二 (二月, 二号, 二级).
_COUNTED: Final = re.compile(
    r"个(?!位数)|個|名|人|位(?!数)|[只隻]|[条條]|[张張]|本|件|[台臺]|[辆輛]|部|杯|瓶|碗|片|[颗顆]|粒|[块塊]|座|家|[间間]|次(?!方|元)"
    r"|遍|回|趟|[场場]|天|年(?!级|級)|周|週|小[时時]|[分刻][钟鐘]|秒|星期|元|[岁歲]|米|公[里斤尺]|千[米克]|厘米|毫[米克升]|克|斤|[吨噸]"
    r"|升|倍|步|句|[页頁]|[层層]|[种種]|[类類]|[项項]|[点點]|扇|首|篇|封|[双雙]|[对對]|套|束|朵|棵|[头頭]|匹|[口把支枝根]|行|列|[排组組]"
    r"|[队隊]|[轮輪]|局|[段节節]|期|[届屆]|[笔筆]|份|[则則]|道|代|集|款|室|[厅廳]|[餐顿頓]|[盘盤]|[剂劑](?!量)|[针針]|[门門]|[册冊]|堂|桌(?!面)|[罐壶壺锅鍋碟团團串艘架幅]|例|宗|[样樣]|方面|[边邊]|[侧側端]|[亩畝]|公[顷頃]|英[亩畝]|海里|光年|平米|夜|晚|票|站|拍|下(?![方面图圖列一])|[工]作日|[课課][时時]|[学學]期|[圈]|盏|盞|[户戶]|毛|[国國]|[男女荤葷素瓣顶頂副球]|大(?!学|學|[概约約于於])|[栋棟幢](?=[楼樓房别別])|[连連](?=[胜勝败敗冠跌涨漲])|[胜勝负負](?=\d|[一二三四五六七八九十])|[疗療]程|字(?![路号號头頭])|盒|包|袋|箱|桶|滴|勺|者|成|平方|立方"
    r"|百|美元|[欧歐]元|英[镑鎊里尺寸]|[万萬]|[亿億]|千"
)
# What a counter begins that counts nothing: "方案2包括", "x=2代入", "若x>2则".
_NO_COUNTER: Final = re.compile(
    r"代[入表码碼替理价號号]|[对對][应應于於称稱比齐數数角象话話外待]|行[驶動动为為程李政]|列[出表举舉]|[组組][成合织織]|[节節][省约約能]"
    r"|期[间間末望待工建]|份[额額]|[则則](?![新消公广廣故信笑短寓视視留招通])|成[为為功立本绩績员員分年熟就果都交]|道[路理具德]|口[味号號径徑感]|支[持付撑撐出援]"
    r"|根[据據本号號源]|[点點][击擊评評赞贊]|名[称稱字单單额額]|位[置于於]|本[身地次月周年人来來质質科]|场[景地所合]|回[答复復到来來家应應报報收归歸]"
    r"|天[气氣津然猫下空]|周[期末边邊围圍长長到]|片[段面]|[条條][件款例码碼]|部[门門署位件]|首[先都页頁次选選付]|封[装裝面闭閉]|[头頭][部发髮像等]"
    r"|排[列序除名版查放]|[队隊][伍员員列]|[轮輪][流胎回到]|局[部限面势勢]|[笔筆][记記者试試]|集[合成中群团團体體]|款[式项項]|[盘盤][点點]|包[括含装裝裹邮郵子]"
    r"|[边邊][界缘緣框际際境]|[侧側]重|端口|站[点點立在内]|票[据據价價]|[户戶][型口外]|[门門][口店槛诊診]|例[如外]|[样樣][本品式]|串[联聯]|[团團][队隊购購结結]"
    r"|[国國][家际際内內外产產]|晚[上饭飯餐会會安期]|[项項]目|[类類]似|[层層]面|人[民工均才类類员員体體口]|家[里裡中人庭]|台[湾灣风風]|元[素件旦一二三]|[种種]植|升[级級高至到]|把握|者"
)
# Names of what is numbered: 方案2.
_LABEL: Final = re.compile(
    r"(?:方案|步[骤驟]|[选選][项項择擇]|[阶階]段|版本|[问問][题題]|任[务務]|[图圖]|附?表|附件|例[题題]?|类型|情[况況]|场景|策略|模式|[级級][别別]|[单單]元|模[块塊]"
    r"|窗口|[选選]手|[队隊]伍|答案|[变變]量|[参參][数數]|假[设設]|定理|公式|推[论論]|命[题題]|[结結][论論]|要[点點]|原因|方法|技巧|建[议議]|提示|考[点點]|赛道|[组組])\s?\Z"
)
_ORDINAL: Final = re.compile(r"(?:第|星期|(?<![每一两兩三四])[周週]|[礼禮]拜|初|[农農][历曆]|[小高初]|排名)\s?\Z")
_YEAR: Final = re.compile(
    r"\s?(?:年(?![级級])|[财財]年|[学學]年|[赛賽]季|[届屆級级款版]|春晚|世界杯|[欧歐]洲杯|[奥奧][运運]|[亚亞][运運]|新年|跨年|春[节節季夏]|[国國][庆慶]|中秋|秋[季冬]|[暑寒]假|[双雙]十?1?1|年度|#(?=[^楼樓栋棟车車\d]|\Z))"
)
_GENERATION_OF: Final = re.compile(r"[A-Za-z]\s?\Z")  # "AirPods Pro 2代"
_DURATION: Final = re.compile(r"\s?年(?:的|来|來|前|以上|以来|以來|左右|历史|歷史|时间|時間|之久|间|間)")

# Digits behind these are said one by one.
_CODE_CUE: Final = re.compile(
    r"(?:[码碼](?!头|率|流|段)|(?<![\d一二三四五六七八九十月])[号號]|口令|密[钥鑰]|ID|PIN|QQ群?|微信群?|ISBN|ISSN|[账帳][户戶]|[邮郵][编編]|[末后後]四位"
    r"|端口|[运運][单單]|[订訂][单單]|[车車]牌|chmod|[权權]限|端口[：:是为為]?\s?\d{2,5}\s?(?:[改换換映转轉]\w{0,3}[为為成到至]|[到至和或、])|端口[^。！？\d]{0,8}\d{2,5}[，,]\s?[A-Za-z]{2,12}的?|[条條]形|IMEI|IMSI|SKU|[状狀][态態]|[错錯][误誤]|(?:2|二|8|八)[进進]制(?:[数數值]|表示)?)"
    rf"(?:[是为為：:\s#】\]）)]|分[别別]){{0,4}}(?:\d{{3,8}}[、和与與及或/]){{0,2}}{BEFORE_A_CODE}\Z",
    re.IGNORECASE,
)
_PHONE_CUE: Final = re.compile(
    r"(?:[电電][话話]|[拨撥]打|[拨撥]|打(?![车車折卡分包工算架球牌印])|呼叫|[热熱][线線]|手[机機][号號]?[码碼]?|致[电電]|[联聯][系繫]|Tel|[传傳]真|分[机機]|客服|投[诉訴]|咨[询詢]|[举舉][报報]|[报報]警|[查呼致][询詢叫电電]|[发發](?:送)?(?:短信)?[至到给給]?|[挂掛]失)[^\d，。；！？,;!?]{0,4}(?:\d{3,8}(?:[、/和或及]|,\s?)){0,4}\Z",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<![\d.,])(?P<plus>\+)?(?:(?P<country>86)[ -]?)?"
    r"(?:(?P<mobile>1[3-9]\d[ -]?\d{4}[ -]?\d{4})|(?P<fixed>\(?0\d{2,3}\)?[ -]?\d{7,8}(?:-\d{1,5})?)"
    r"|(?P<service>[48]00[ -]?\d{3,4}[ -]?\d{3,4}))"
    r"(?![\d.,]\d|\d)"
)
_SHORT: Final = re.compile(r"1(?:10|1[479]|2[02]|[02]\d{3}|00\d{2,3})(?!\d)|9[56]\d{3,4}(?!\d)|\d{7,12}(?!\d)")
_CALLED_BEHIND: Final = re.compile(r"打(?:个|個|了|[电電])|的?(?:投[诉訴]|[客咨])?(?:[电電][话話]|[热熱][线線])")
_LOCAL: Final = re.compile(r"[2-8]\d{2,3}[- ]\d{4}(?![\d.-])")
_AMOUNT_BEHIND: Final = re.compile(r"\s?(?:[-–~～至到]\s?\d|[元块塊个個名人次件分秒米天年万萬千%％])")
_DIGITS_RUN: Final = re.compile(r"\d[\d -]*\d|\d")
_NICKNAME: Final = re.compile(
    r"(?:12306|10086|10010)(?!\d|[.,]\d|\.[a-z]|\s?[元个個人名件])|(?:110|119|120|122|114|12[0-9]{3})(?=[报報]警|急救|火警|查[号號]|指[挥揮]|接警|[热熱][线線]|平台)|99[56]6?(?=工作|[,，、。不是的]|制|加班)|(?<=[今去明每]年)618(?![元个個人名件多.,\d])|618(?=[、和与及或/，,]\s?[双雙]|当天|大促|活[动動]|期[间間]|[年购購来來前后後]|[预預]售|狂[欢歡])|985(?=[、/和与或,，]\s?211)|211(?=[、/和与或,，]\s?985)|(?<=台北)101(?!\d)|404(?=[页頁错錯])|50[0-4](?=[错錯])|\d{3}(?=事件|高校|工程|[晚大]会|大促|[购購]物|[电電]影|[国國]道|院校)"
)
_GENERATION: Final = re.compile(r"[05-9][05](?=[后後](?:[的是们們也都和与及、，。“”？！喜爱愛出成]|女|男|\Z))")
_SHORT_CODE: Final = re.compile(r"\d{1,6}(?!\d)")
_EXTENSION_CUE: Final = re.compile(r"(?:\d[)）]?\s?[转轉]接?|分[机機][号號]?|内[线線]|內線)[是：:\s]?\Z")
_ROOM: Final = re.compile(
    r"\d{3,4}(?=[室寝寢]|[诊診病]室|病房|展[厅廳位]|包[厢廂间間]|房(?![间間子租价價])|[教会會][室议議]|次列[车車]|[车車]次|次航班|路(?:公交|[车車]))"
)
_SCORE: Final = re.compile(r"(\d{1,3})\s?[-–:：比]\s?(\d{1,3})(?![\d:：%-]|\.\d)")
_SCORE_CUE: Final = re.compile(
    r"(?:比分|比[数數]|(?<![可所难難予加得足用借])以(?![下上内內外前后後及])|[战戰][绩績平]|[决決][赛賽]|半[场場]|[总總]分|[兑兌]水|稀[释釋]|勾[兑兌]|配[比方]|[赔賠]率|杠杆|[缩縮]放|料液|[首次两兩][回轮輪]合?|追[到至成平]|[局盘盤](?!部)|反超[到至为]?|扳[成到])[^\d，。]{0,3}\Z|比(?:[例率值分数數])?(?:[是为為：:约約]|大约)?\s?\Z"
)
_SCORE_BEHIND: Final = re.compile(
    r"\s?的?(?:比[例率值分]|配比|大?比分)|\s?[横竖橫豎]屏|\s?[画畫]幅|\s?[来來去]?(?:稀[释釋]|[兑兌勾][兑兌水]|混合|[调調][配和匀]|配[制水兑兌])"
)
_EARLIER: Final = re.compile(r"\s?[早晚提更还還]")
_WON: Final = re.compile(
    r"\s?(?:[获獲取]?[胜勝]|[战戰險险大完][胜勝]|[击擊][败敗]|[领領]先|落[后後]|[负負](?:于|於|[,，。；;]|\s*\Z)|不[敌敵]|逆[转轉]|淘汰|战平|戰平|追[到至成平赶上]|反超|扳[平成回])"
)

_REACH_OF_CODE: Final = 32  # "端口6379，MySQL是", where the other number stands between
_REACH_OF_PHONE: Final = 40  # the same, where up to four other numbers may stand between


def _phone(text: str, at: int) -> tuple[int, Token] | None:
    found = _PHONE.match(text, at)
    if found is None:
        short = _LOCAL.match(text, at) or _SHORT.match(text, at)
        if (
            short is None
            or _AMOUNT_BEHIND.match(text, short.end())
            or text[at - 1 : at].isdecimal()
            or not (
                _CALLED_BEHIND.match(text, short.end()) or _PHONE_CUE.search(text[max(0, at - _REACH_OF_PHONE) : at])
            )
        ):
            return None
        return short.end(), Phone(tuple(re.findall(r"\d+", short[0])))
    groups = re.findall(r"\d+", found["mobile"] or found["fixed"] or found["service"])
    return found.end(), Phone((*([found["country"]] if found["country"] else []), *groups), bool(found["plus"]))


def _code(text: str, at: int) -> tuple[int, Token] | None:
    if not _CODE_CUE.search(text[max(0, at - _REACH_OF_CODE) : at]):
        return None
    found = _DIGITS_RUN.match(text, at)
    if found is None or len(found[0]) < 3 or re.compile(r"\.\d").match(text, found.end()):  # "255.255.255.0"
        return None
    return found.end(), Code(tuple(re.findall(r"\d+|.", found[0])), is_secret=True)


def _issue(text: str, at: int) -> tuple[int, Token] | None:
    """Find the number of "第2024138期", which begins with a year and counts nothing."""
    found = _ISSUE.match(text, at)
    return None if found is None or text[at - 1 : at] != "第" else (found.end(), Code((found[0],), is_secret=True))


_ISSUE: Final = re.compile(r"(?:(?:20)?[012]\d)\d{3}(?=期)")


def _licence(text: str, at: int) -> tuple[int, Token] | None:
    """Find the digits of "京ICP备12345678号"."""
    found = _LICENCE.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Code((found[0],), is_secret=True))


_LICENCE: Final = re.compile(r"\d{5,12}(?=号(?![线店]))")


def _holiday(text: str, at: int) -> tuple[int, Token] | None:
    """Find the day of "3/8妇女节"."""
    found = _HOLIDAY.match(text, at)
    return (
        None
        if found is None or text[at - 1 : at] in tuple("/.-0123456789")
        else (found.end(), Date("", int(found[1]), int(found[2]), "md"))
    )


_HOLIDAY: Final = re.compile(
    r"(1[0-2]|0?[1-9])/(3[01]|[12]\d|0?[1-9])(?=\s?(?:[^\W\d]{1,3}[节節]|[国國][庆慶]|元旦|[双雙]十))"
)


def _lead(text: str, at: int) -> tuple[int, Token] | None:
    """Find the seconds of "快了23″"."""
    found = _LEAD.match(text, at)
    if found is None or not _LEAD_CUE.search(text, max(0, at - _REACH_OF_LEAD), at):
        return None
    return found.end(), Measure(Number(found[1], found[2] or "", mark="."), "second", "s")


_LEAD: Final = re.compile(r"(\d{1,3})(?:\.(\d{1,3}))?[″\"](?!\w)")
_LEAD_CUE: Final = re.compile(r"(?:[快慢差]了?|用[时時]|耗[时時]|[领領]先|落[后後]|成[绩績][为為]?)\s?\Z")
_REACH_OF_LEAD: Final = 6


def _named_day(text: str, at: int) -> tuple[int, Token] | None:
    """Find "3.15晚会", "9·11事件" and "11.11大促", which are called by their day."""
    found = _NAMED_DAY.match(text, at)
    if found is None or text[at - 1 : at] in tuple(".,0123456789"):
        return None
    month, day = found[1], found[2]
    special = {("5", "1"): "五一", ("10", "1"): "十一", ("11", "11"): "双十一", ("12", "12"): "双十二"}.get(
        (month, day)
    )
    return found.end(), Said(special or _WORDS.one_by_one(month + day))


_NAMED_DAY: Final = re.compile(
    r"(1[0-2]|[1-9])[.·](3[01]|[12]\d|[1-9])(?=[”\"」]?\s?(?:[黄黃]金周|小?[长長]?假|大促|年[终終]|[购購]物|晚[会會]|事[变變件]|地震|[会會][员員]日"
    r"|[运運]|恐|[国國][难難]|[大]?地震|[预預]售|促[销銷]|狂[欢歡]))"
)


def _money_in_wan(text: str, at: int) -> tuple[int, Token] | None:
    """Find "¥1.5w"."""
    found = _WAN_OF_MONEY.match(text, at) if text[at] in "¥￥" else None
    if found is None:
        return None
    return found.end(), Money(Number(found[1], found[2] or "", mark=".", scale=4), "CNY", "¥")


_WAN_OF_MONEY: Final = re.compile(r"[¥￥]\s?(\d{1,4})(?:\.(\d{1,2}))?[wW](?![A-Za-z0-9])")


def _garment(text: str, at: int) -> tuple[int, Token] | None:
    """Find the size of a garment, "175/96A"."""
    found = _GARMENT.match(text, at)
    if found is None or text[at - 1 : at] in tuple(".,/0123456789"):
        return None
    return found.end(), Said(f"{_WORDS.whole(found[1])}，{_WORDS.whole(found[2])}{found[3]}")


_GARMENT: Final = re.compile(r"(1[4-9]\d)/(\d{2,3})([ABCY])(?![A-Za-z0-9])")


def _extension(text: str, at: int) -> tuple[int, Token] | None:
    """Find the digits of "010-62781234转8012"."""
    found = _SHORT_CODE.match(text, at)
    if found is None or not _EXTENSION_CUE.search(text[max(0, at - REACH_OF_WORD) : at]):
        return None
    return found.end(), Phone((found[0],))


def _nickname(text: str, at: int) -> tuple[int, Token] | None:
    """Find "911事件" and "90后"."""
    found = _NICKNAME.match(text, at) or _GENERATION.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Code((found[0],), is_secret=True))


def _height(text: str, at: int) -> tuple[int, Token] | None:
    """Find the centimetres of "1米78", said one by one."""
    found = _CENTIMETERS.match(text, at)
    if found is None or not _METERS.search(text, max(0, at - REACH_OF_UNIT), at):
        return None
    return found.end(), Code((found[0],), is_secret=True)


_CENTIMETERS: Final = re.compile(r"\d{2}(?!\d|[.米厘分个個])")
_METERS: Final = re.compile(r"(?:(?<!\d)[12]\s?(?:米|[mM])|\d秒)\Z")  # and the hundredths of "9秒83"


def _room(text: str, at: int) -> tuple[int, Token] | None:
    """Find "201室", "2单元301" and "幸福里12-3-501"."""
    if text[at - 1 : at].isdecimal():
        return None
    if (found := _ROOM.match(text, at)) is not None:
        return found.end(), Phone((found[0],))
    before = text[max(0, at - REACH_OF_WORD) : at]
    if (found := _HOUSE.match(text, at)) is not None and _ESTATE.search(before):
        parts = [_WORDS.whole(part) for part in found[0].split("-")[:-1]]
        return found.end(), Said("杠".join((*parts, _WORDS.dialled(found[0].split("-")[-1]))))
    if (number := _NUMBER_OF_HOUSE.match(text, at)) is not None and _STREET.search(before):
        return number.end(), Said("杠".join(map(_WORDS.whole, number[0].split("-"))))
    if (rooms := _ROOMS.match(text, at)) is not None and _ROOM_CUE.search(before):
        return rooms.end(), Span(Phone((rooms[1],)), Phone((rooms[2],)))
    found = _ROOM_BEHIND.match(text, at)
    return (found.end(), Phone((found[0],))) if found is not None and _ROOM_CUE.search(before) else None


_HOUSE: Final = re.compile(r"\d{1,3}(?:-\d{1,2}){0,2}-\d{3,4}(?![\d-])")
_ESTATE: Final = re.compile(
    r"(?:小[区區]|[栋棟幢]|[苑园園城里村院庭府邸湾灣]|花[园園]|公寓|教室|宿舍|大[厦廈]|[号號栋棟][楼樓]?|家[园園])\s?\Z"
)
_ROOM_BEHIND: Final = re.compile(r"\d{3,4}(?![\d%]|[.,:：]\d|\s?(?:[元个個名人件户戶平米万萬年月日号號次台套]|㎡|m))")
_NUMBER_OF_HOUSE: Final = re.compile(r"\d{1,4}-\d{1,3}(?=[号號])")
_STREET: Final = re.compile(r"[路街道巷弄村]\s?\Z")  # 人民路18-2号 is one house
_ROOMS: Final = re.compile(r"(\d{3,4})[-~至到](\d{3,4})(?![\d-])")
_ROOM_CUE: Final = re.compile(
    r"(?:[单單]元|[A-Z]塔|\d[楼樓]|[号號#][楼樓]|\d[层層]|[A-Z一二三四五六七八九十\d][座栋棟幢区區]|房[间間]|包[厢廂间間]|病房|教室|[办辦]公室|宿舍|公寓)\s?\Z"
)


def _plate(text: str, at: int) -> tuple[int, Token] | None:
    """Find the rest of "京A·88888"."""
    found = _PLATE.match(text, at)
    return (
        None
        if found is None or not _PROVINCE.search(text, max(0, at - REACH_OF_MARK), at)
        else (found.end(), Code((found[1], *re.findall(r"\d+|[A-Z]+", found[2])), is_secret=True))
    )


_PLATE: Final = re.compile(r"([A-Z])[·•\s-]?(?=[A-Z]{0,5}\d)([A-Z0-9]{5,6})(?![A-Za-z0-9])")
_PROVINCE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼滬遼魯蘇贛晉陝閩貴粵寧瓊雲]"
)


def _ten_thousands(text: str, at: int) -> tuple[int, Token] | None:
    """Find "3.5w" and "2-3w": people write w for 万."""
    found = _WAN.match(text, at)
    if (
        found is None
        or text[at - 1 : at] in tuple(".,")
        or (text[at - 1 : at].isascii() and text[at - 1 : at].isalnum())
    ):
        return None
    is_counted = _COUNTED_BY_WAN.match(text, found.end()) or _EARNED.search(text, max(0, at - REACH_OF_UNIT), at)
    if found[3] == "W" and (not is_counted or _ELECTRIC.search(text, max(0, at - REACH_OF_UNIT), at)):
        return None
    first, last = (
        None if written is None else Number(written.partition(".")[0], written.partition(".")[2], mark=".", scale=4)
        for written in (found[1], found[2])
    )
    if first is None or last is None:
        return (found.end(), last) if last is not None else None
    return found.end(), Span(replace(first, scale=0), last)


_ELECTRIC: Final = re.compile(r"(?:功[率耗]|快充|充[电電]|[灯燈电電泡]源?|支持|最高|[瓦输輸]出?)[约約为為是达達]?\s?\Z")
_WAN: Final = re.compile(
    r"(?:(\d{1,4}(?:\.\d{1,2})?)[-~])?(\d{1,5}(?:\.\d{1,2})?)([wW])(?![A-Za-z0-9/]|\s?(?:功率|快充|充[电電]|[灯燈]|[电電]|的?[音功])|小[时時])"
)
_COUNTED_BY_WAN: Final = re.compile(r"\s?(?:[粉人元块塊字次多阅閱播浏瀏点點存]|用[户戶]|左右)")
_EARNED: Final = re.compile(r"(?:薪|入|[价價]|[粉播][丝絲放]|存款|首付|彩礼|[赚賺花])[^\d，。]{0,2}\Z")


def _day_of_span(text: str, at: int) -> tuple[int, Token] | None:
    """Find "10.1-10.7" behind a word that tells days."""
    found = _DOTTED_DAYS.match(text, at)
    if found is None or not (
        _DAYS_CUE.search(text, max(0, at - REACH_OF_WORD), at)
        or _DAYS_BEHIND.match(text, found.end())
        or _DAYS_BEFORE.search(text, max(0, at - REACH_OF_CLAUSE), at)
    ):
        return None
    first, last = (Date("", int(found[place]), int(found[place + 1]), "md") for place in (1, 3))
    return found.end(), Span(first, last)


_DOTTED_DAYS: Final = re.compile(
    r"(1[0-2]|0?[1-9])\.(3[01]|[12]\d|0?[1-9])\s?[-–—~至到]\s?(1[0-2]|0?[1-9])\.(3[01]|[12]\d|0?[1-9])(?![\d%万元]|\.\d)"
)
_DAYS_BEHIND: Final = re.compile(
    r"\s?(?:[举舉][行办辦]|期[间間]|放假|有效|[开開][展放]|[进進]行|休|[营營][业業]|[报報]名|[预預][热熱售约約]|正式|[寒暑]假|[开開][学學]|上[课課]|比[赛賽]|[促返][销銷场場]|停[课課电電水])"
)
# "11.20-11.30预热，" tells that the next ones are days as well: nothing else has so large a part.
_DAYS_BEFORE: Final = re.compile(r"(?<!\d)1?\d\.(?:1[3-9]|2\d|3[01])\s?[-–—~至到]\s?1?\d\.\d{1,2}[^\d。]{1,12}\Z")
_DAYS_CUE: Final = re.compile(
    r"(?:日期|[时時][间間]|假期?|[国國][庆慶]|春[节節]|五一|十一|期[间間]?|展[览覽]?|[报報]名|[档檔]|活[动動])[是为為：:于於\s(（]{0,2}\Z"
)


def _month_of(text: str, at: int) -> tuple[int, Token] | None:
    """Find "1990.5" behind or in front of a word that tells a month."""
    found = _DOTTED_MONTH.match(text, at)
    if found is None or not (
        _MONTH_BEHIND.match(text, found.end()) or _MONTH_CUE.search(text, max(0, at - REACH_OF_MARK), at)
    ):
        return None
    return found.end(), Date(found[1], int(found[2]), None, "ym")


_DOTTED_MONTH: Final = re.compile(r"((?:19|20)\d\d)\.(1[0-2]|0?[1-9])(?![\d%]|\.\d)")
_MONTH_BEHIND: Final = re.compile(
    r"\s?(?:出生|生|[毕畢][业業]|入[职職学學]|[离離][职職]|至今|[创創]立|成立|起|[~—–-]\s?至今)"
)
_MONTH_CUE: Final = re.compile(r"(?:生[于於]|[创創成]立[于於]|截至|入[职職]|[毕畢][业業][于於]?)\s?\Z")


def _marked(text: str, at: int) -> tuple[int, Token] | None:
    """Find signs that say something in Chinese alone: "#话题#", "1#楼", "歼-20", "△ABC", "15k·13薪"."""
    sign, before = text[at], text[max(0, at - REACH_OF_WORD) : at]
    match sign:
        case "#":
            if _TOPIC_OF_YEAR.match(text, at) or _TOPIC_BEFORE.search(text, max(0, at - REACH_OF_CLAUSE), at):
                return at + 1, Said("")
            is_petrol = _PETROL.search(before) is not None and _PETROL_BEHIND.match(text, at) is not None
            is_house = before[-1:].isdecimal() and _HOUSE_SIGN.match(text, at) is not None
            return (at + 1, Said("号")) if is_petrol or is_house else None
        case "-" if text.startswith("-百分之", at) and not before[-1:].isalnum():
            return at + 1, Said("负")
        case "-" if _RATE_NAME.search(before) and _BASIS_POINTS.match(text, at):
            return at + 1, Sign("-", "between")
        case "-" if _DISCOUNT.search(before) and text[at + 1 : at + 2].isdecimal():
            return at + 1, Sign("-", "between")
        case "-" if _WEAPON.search(before) and text[at + 1 : at + 2].isdecimal():
            return at + 1, Said("")
        case "∠" if text[at + 1 : at + 2].isdecimal():
            return at + 1, Said("角")
        case "∠" | "△" | "⊙" if text[at + 1 : at + 2].isalpha() and text[at + 1].isascii():
            return at + 1, Said({"∠": "角", "△": "三角形", "⊙": "圆"}[sign])
        case "⊥" | "∥" | "∵" | "∴" | "≌" | "∽":
            return at + 1, Said(_SIGNS_OF_GEOMETRY[sign])
        case "·" if _WAGES.match(text, at):
            return at + 1, Said("，")
        case _:
            return None


_SIGNS_OF_GEOMETRY: Final = {
    "⊥": "垂直于", "∥": "平行于", "∵": "因为", "∴": "所以", "≌": "全等于", "∽": "相似于",
}  # fmt: skip
_TOPIC_OF_YEAR: Final = re.compile(r"#(?=\d[^#\s，。]{0,28}[^#\s，。\d])[^#\s，。]{1,30}#(?!\d)")
_TOPIC_BEFORE: Final = re.compile(r"#(?=[^#\s，。]{0,29}[^#\s，。\d])[^#\s，。]{1,30}\Z")
_PETROL: Final = re.compile(r"(?<!\d)(?:89|92|95|98)\Z")
_PETROL_BEHIND: Final = re.compile(r"#(?=\s?(?:[汽柴]?油|[涨漲跌降为為是和、，]|每升|\d))")
_HOUSE_SIGN: Final = re.compile(r"#(?=[楼樓栋棟车車机機库庫厂廠门門井炉爐泵房])")
_WEAPON: Final = re.compile(
    r"(?:歼|轰|运|直|东风|红旗|鹰击|巨浪|长征|神舟|天舟|嫦娥|米格|苏|图|安|霹雳|翼龙|枭龙|风云|实践|遥感|朱雀)\Z"
)
_RATE_NAME: Final = re.compile(r"(?:(?<![A-Za-z])[A-Z]{3,5}\s?|\d%)\Z")  # "LPR-20bp"
_BASIS_POINTS: Final = re.compile(r"-\s?\d{1,3}(?:\.\d+)?\s?(?:bp|BP|[个個]?基[点點])")
_DISCOUNT: Final = re.compile(r"[满滿]\d{1,5}元?\Z")  # "满300-50"
_WAGES: Final = re.compile(r"·(?=\d{2}薪)")


def _airliner(text: str, at: int) -> tuple[int, Token] | None:
    """Find "737-800" behind its maker, and "85后" before its kind."""
    found = _AIRLINER.match(text, at)
    if found is None or not _MAKER.search(text, max(0, at - REACH_OF_UNIT), at):
        return None
    return found.end(), Said("杠".join(map(_WORDS.one_by_one, found[0].split("-"))))


_AIRLINER: Final = re.compile(r"[37]\d\d(?:-\d{1,4})?(?![\d.,])")
_MAKER: Final = re.compile(r"(?:波音|空客|空中客[车車]|Boeing|Airbus)\s?A?\Z")


def _discount(text: str, at: int) -> tuple[int, Token] | None:
    """Find the sum of "满300-50", from which something is taken: no score and no range."""
    found = _SUM_TO_SPEND.match(text, at)
    return None if found is None or text[at - 1 : at] not in ("满", "滿") else (found.end(), Number(found[0]))


_SUM_TO_SPEND: Final = re.compile(r"\d{1,5}(?=元?-\d)")


def _score(text: str, at: int) -> tuple[int, Token] | None:
    found = _SCORE.match(text, at)
    if found is None or text[at - 1 : at].isdecimal():
        return None
    before = text[max(0, at - REACH_OF_WORD) : at]
    is_told = _SCORE_CUE.search(before) and not (before.endswith("比") and _EARLIER.match(text, found.end()))
    if not (is_told or _WON.match(text, found.end()) or _SCORE_BEHIND.match(text, found.end())):
        return None
    return found.end(), Ratio((Number(found[1]), Number(found[2])))


_SHARE: Final = re.compile(r"(\d{1,4})/(\d{1,4})(?![\d/]|\.\d)")
_SHARE_CUE: Final = re.compile(
    r"(?:完成(?:度|率|了)?|[进進][度展]|[答做][对對]了?|[占佔][比了]?|[还還][剩差]|通[过過]率?|已[读讀学學看听聽])(?:[了为為]|[:：])?\s?\Z"
)


def _share(text: str, at: int) -> tuple[int, Token] | None:
    """Take "完成3/20" for a part of the whole, and no day."""
    found = _SHARE.match(text, at)
    if found is None or int(found[1]) > int(found[2]) or not _SHARE_CUE.search(text[max(0, at - REACH_OF_WORD) : at]):
        return None
    return found.end(), Fraction(found[1], found[2])


def _storey(text: str, at: int) -> tuple[int, Token] | None:
    """Find "15/28" behind 楼层, "73'" of a match, "4/4拍", and "3" of "Model 3百公里加速"."""
    found = _SHARE.match(text, at)
    if found is not None and _STOREY_CUE.search(text, max(0, at - REACH_OF_WORD), at):
        return found.end(), Said("{}层，共{}层".format(*map(_WORDS.whole, found.groups())))
    beat = _BEAT.match(text, at)
    if beat is not None and not text[at - 1 : at].isdecimal():
        return beat.end(), Said(_WORDS.whole(beat[2]) + _WORDS.whole(beat[1]))
    minute = _MINUTE_OF_MATCH.match(text, at) if text[at - 1 : at] == "第" else None
    if minute is not None:
        return minute.end(), Said(f"{_WORDS.whole(minute[1])}分钟")
    named = _BEFORE_HUNDRED.match(text, at)
    if named is None or not text[max(0, at - 2) : at - 1].isascii() or text[at - 1 : at] != " ":
        return None
    return named.end(), Said(f"{_WORDS.whole(named[0])}，")


_BEAT: Final = re.compile(r"([1-9]|12)/([248])(?=拍)")
_MINUTE_OF_MATCH: Final = re.compile(r"(\d{1,3})['′’](?!\d)")
_STOREY_CUE: Final = re.compile(r"(?:楼[层層]|[层層][数數])[是为為：:\s]{0,2}\Z")
_BEFORE_HUNDRED: Final = re.compile(r"\d{1,2}(?=百公里)")


def _grade(text: str, at: int) -> tuple[int, Token] | None:
    """Find "5A" of 5A景区 and "12A" of 12A层, which are no currents."""
    found = _GRADE.match(text, at)
    return None if found is None or text[at - 1 : at].isdecimal() else (found.end(), Code((found[1], "A")))


_GRADE: Final = re.compile(r"([1-6](?=A\s?(?:[级級景旅游信评評写]|大))|\d{1,2}(?=A[层層楼樓栋棟幢]))A")


def _dosing(text: str, at: int) -> tuple[int, Token] | None:
    """Find "q8h" and "tid" of a prescription."""
    found = _DOSING.match(text, at)
    if found is None or not _DOSE.search(text, max(0, at - REACH_OF_UNIT), at):
        return None
    return found.end(), Said(f"每{_WORDS.whole(found[1])}小时一次" if found[1] else _DOSINGS[found[0]])


_DOSING: Final = re.compile(r"(?:q(\d{1,2})h|qd|bid|tid|qid|qn|prn|po)(?![A-Za-z0-9])")
_DOSINGS: Final = {
    "qd": "每日一次", "bid": "每日两次", "tid": "每日三次", "qid": "每日四次", "qn": "每晚一次", "prn": "必要时",
    "po": "口服",
}  # fmt: skip
_DOSE: Final = re.compile(
    r"(?:\d\s?(?:[mµμ]?g|m[lL]|IU|[片粒袋支滴])|口服|服用|po|[静靜肌皮][滴注脉脈下]|雾化|[bqt]id|qd)[\s，,]{0,2}\Z"
)
# What a "~" behind only draws out: 好的~那我们开始.
_CLOSING_PARTICLES: Final = "的了呢吧啊呀哦哈嘛啦喔耶哟嗯好是对對呐咯么么嗎吗见見您你哒滴噢呵嘻谢謝拜"


_CUSTOMS: Final = Customs(
    is_spaced=False,
    version_cues=frozenset({"php"}),  # no pesos
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
    units={
        "bp": "basis-point",
        "BP": "basis-point",
        "pp": "percentage-point",
        "pct": "percentage-point",
        "pt": "point-of-type",
        **LABORATORY,
        **SQUARED,
    },
    regnal_names=True,
    figure_rules=(
        _marked,
        below_minus,
        listed_rule(r"\d{6}", "SH|SZ|BJ|SS|HK|US"),
        _phone,
        _code,
        _extension,
        _licence,
        _named_day,
        _lead,
        _money_in_wan,
        _garment,
        _holiday,
        _issue,
        _airliner,
        _ten_thousands,
        _day_of_span,
        _month_of,
        _nickname,
        _room,
        _height,
        weekday_rule("一二三四五六日天", "年月日号號", "星期{}", "到"),
        _discount,
        _score,
        rating,
        _share,
        bare_number,
        compact_date,
        _storey,
        day_rule(
            "之?[前后後]|[日号號起至到止截]|[周週星]|[发發举舉开開截]", "(?:截?至|截止|[到于於自从從在]|日期)[:：]?"
        ),
        told_day_rule(
            "[预預][计計定售约約]|[定改][在于到於至期]+|延[期至到]+|截至|截止|到期日?|日期|生日|[发發]布日|[当當]日|自|最[早晚迟遲]|下次|下一次|上次",
            "恢[复復]|[复復]工|停[运運业業课課机機]|[换換]班|[补補][考班课課]|[体體][检檢]|[缴繳交][费費]|[结結]束|[报報][到名]|[续續][费費签簽]|送[达達货貨]|到[货貨账賬站期]|[发發][货貨布售车車放]|[出抵][发發达達]|[开開][始售幕播放课課学學业業奖獎票]|上[映线線市架]|生效|截止|"
            "起[飞飛航]|[举舉][行办辦]|入住|退房|[离離][店开開]|交[付稿房]|[之以]?前(?!面)|[之以]?[后後](?!面)|[当當][天晚]|凌晨|清晨|早上|[上下中]午|晚|夜|"
            "[复複][诊診查]|[续續]|面[试試]|考[试試]|更新|[发發]工资|[还還]款|[账賬][单單]",
        ),
        seat_rule("\\d车厢?|座位|座|登[机機]口|[舱艙]|排|室|[栋棟]|[号號][楼樓]"),
        duration_rule(
            "[全半]马|[全半]程?马拉松|[配]速|\\d\\s?(?:公里|[kK][mM])[赛跑]?|[用耗历歷][时時]|[用花跑骑騎游走][了掉]|[时時][长長]|(?<![北京东現现当當前某台湾夏標标准])[时時][间間]|成[绩績]|片[长長]|跑出|全程|秒[(（]|倒[计計][时時]",
            "跑完|完[赛賽]|完成",
            short="[用耗][时時]|[用花跑骑騎游走]了|[时時][长長]",
        ),
        between_words(
            "-–—~～〜",
            "[周週][一二三四五六日天]|前\\d{1,4}年?|[星期禮礼拜]{2}[一二三四五六日天]|[\\d一二三四五六七八九十初]\\s?[点點时時日号號月年分岁歲元天层層页頁楼樓]|[点點时時]半",
            "[周週星禮礼\\d]|(?:公元)?前\\d",
        ),
        between_words("-–—~～〜", "[)）]", "\\d{4}[/年.-]\\d|\\d{1,2}[/月]\\d"),
        between_words("~～〜", f"[^\\W\\da-zA-Z{_CLOSING_PARTICLES}]", "[^\\W\\da-zA-Z]|\\d"),
        label_rule("[^元块塊円\\d]"),
        _grade,
    ),
    rules=(
        _plate,
        _dosing,
        roman_rule("第", "[世章卷部期级級型代节節幕类類种種度区區号號相]|阶段|階段"),
        prefix_rule("第"),
    ),
)

# Letters of formulas.
_GREEK: Final = {
    "α": "阿尔法",
    "β": "贝塔",
    "γ": "伽马",
    "δ": "德尔塔",
    "ε": "艾普西隆",
    "η": "伊塔",
    "θ": "西塔",
    "λ": "兰姆达",
    "π": "派",
    "ρ": "柔",
    "σ": "西格玛",
    "τ": "陶",
    "φ": "斐",
    "χ": "卡方",
    "ψ": "普赛",
    "ω": "欧米伽",
    "Δ": "德尔塔",
    "Σ": "西格玛",
    "Φ": "斐",
    "Π": "派",
}

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
    everyday=(
        "(?:盎司|加[仑侖]|克拉)|平(?![均衡])|[股手块塊球刀度]|[月年天日周週次人件個个晚位台套张張度斤吨噸米秒分份只隻片粒支瓶盒包袋箱杯碗桶组組条條本册冊辆輛户戶间間节節课課场場趟股桌亩畝升克班圈局首篇题題页頁步针針剂劑颗棵头頭匹尾位单單票期集轮輪车車门門栋層层列排字句段行餐顿]"
        "|小[时時]|公[斤里顷頃]|千[克瓦]|平[方米]|立方|分[钟鐘]|季|[毫厘][升米克]"
    ),
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
        **_GREEK,
        "+": "加",
        "-": "减",
        "−": "减",
        "–": "减",
        "*": "乘以",
        "×": "乘以",
        "⋅": "乘以",
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
        "∫": "积分",
        "∝": "正比于",
        "√": "根号",
        "∛": "立方根号",
        "∜": "四次根号",
        "^": "，指数为",
        "∞": "无穷大",
        "°": "度",
        "%": "百分号",
        "∑": "求和",
        "∈": "属于",
        "∩": "交",
        "∪": "并",
        "∅": "空集",
        "∉": "不属于",
        "⊂": "真包含于",
        "⊆": "包含于",
        "∀": "任意",
        "∃": "存在",
        "∂": "偏",
    },
    before={
        "↑": "上升",
        "▲": "上涨",
        "↓": "下降",
        "▼": "下跌",
        "-": "负",
        "−": "负",
        "+": "正",
        "≈": "约",
        "#": "井号",
    },
    after={"↑": "上升", "↓": "下降", "+": "以上", "!": "的阶乘"},
    power="的{}次方",
    powers={"2": "平方", "3": "立方"},
    of="的",
    marks={
        "*": "星号",
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
    joint="杠",
    floor="{}楼",
    basement="地下{}层",
    page="第{}页",
    share="{bottom}{what}中的{top}{what}",
    shared="道?[题題]|[页頁]|步(?![骤驟长長])|[集章关關][^\\W\\d]?(?<![关關][于於])|[节節][课課]|[课課][时時]|[轮輪]|[幕站篇](?!幅)",
    ranked="[层層楼樓]|名(?!学|員|员)",
    counted="[人名位场場局次件项項只隻台辆輛座间間张張份户戶周週天期回卷册冊]|[个個](?!月)[^\\W\\d]{0,2}",
    share_cue="完成|[答做][对對]|[还還][剩差]|剩[余餘]|已|[通及]|[共达達]成|[进進][度行]|[签簽]到|打卡|[赢贏][了得]?",
    turn="{top}{what}，共{bottom}{what}",
    marked="{top}{what}，满分{bottom}{what}",
    mark="[分点點](?![钟鐘之半\\d])|星(?!期)",
    mark_cue="[评評打得给給豆][分瓣]|[满滿]意度|推[荐薦](?:度|指[数數])|[难難]度|[综綜]合|[测測口味][试試评評味道]|指[数數]",
    shot="{bottom}投{top}中",
    shot_what="个",
    shot_cue="投[篮籃]|三分球?|[罚罰]球|射[门門]|命中",
    each="每{}",
    hidden="星号",
    padded="[月日号號]",
    joins=" to ",
    always="七乘二十四小时",
    hours_behind="小[时時]",
    prime="撇",
    before_christ="公元前{}年",
    after_christ="公元{}年",
    currencies={
        "CNY": "元",
        "XBT": "比特币",
        "TWD": "元新台币",
        "CAD": "加元",
        "AUD": "澳元",
        "SGD": "新加坡元",
        "RUB": "卢布",
        "INR": "卢比",
        "BTC": "比特币",
        "ETH": "以太币",
    },
    units={
        "micromole": "{}微摩尔",
        "micromole-per-liter": "{}微摩尔每升",
        "nanomole": "{}纳摩尔",
        "picomole": "{}皮摩尔",
        "international-unit": "{}国际单位",
        "enzyme-unit-per-liter": "{}单位每升",
        "basis-point": "{}个基点",
        "percentage-point": "{}个百分点",
        "point-of-type": "{}磅",
        "milli-international-unit": "{}毫国际单位",
        "micro-international-unit": "{}微国际单位",
        "microfarad": "{}微法",
        "nanofarad": "{}纳法",
        "picofarad": "{}皮法",
        "picogram": "{}皮克",
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
        "meter-per-square-second": "{}米每二次方秒",
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

    formulas: ClassVar = {
        "integral": "从{}到{}积分",
        "integral over": "对{}积分",
        "sum": "{}从{}到{}求和",
        "sum over": "对{}求和",
        "product": "{}从{}到{}求积",
        "product over": "对{}求积",
        "limit": "{}趋于{}时的极限",
        "logarithm": "log以{}为底",
        "absolute": "{}的绝对值",
        "prime": "{}撇",
        "second": "{}两撇",
        "derivative": "d{} d{}",
        "bar": "{}拔",
        "hat": "{}帽",
        "vector": "向量{}",
        "call": "{}({})",
        "factor": "{}乘以",
        "derivation": "d d{}",
        "reaction": "生成",
        "angle": "角{}",
        "triangle": "三角形{}",
    }

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
        if len(digits) == 2 and after.startswith("折"):  # 95折
            return self.one_by_one(digits)
        if len(digits) == 2 and self._is_short_year(digits, around.before, after):
            return self.one_by_one(digits)
        is_floor = after[:1] in ("层", "層") and around.before.rstrip()[-1:] in _BEFORE_FLOOR
        if digits == "2" and after[:1] == "分" and _EARNED_POINTS.search(around.before):
            return "两"
        is_counted = _COUNTED.match(after) is not None and _NO_COUNTER.match(after) is None
        is_counted = is_counted and not (after[:1] == "代" and _GENERATION_OF.search(around.before))
        if digits == "2" and is_counted and not is_floor and not _is_label(around.before):
            return "两"
        return self.whole(digits)

    def _is_short_year(self, digits: str, before: str, after: str) -> bool:
        """Tell "98年" and "24年12月" from "每76年" and "80年前"."""
        if re.match(r"年\s?(?:1[0-2]|[1-9])月", after):
            return True
        is_year = digits[0] in "789" and re.match(r"年(?![代级級的来來前以左历歷时時之间間])", after) is not None
        return is_year and _SPAN_OF_YEARS.search(before) is None

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

    def slash(self, before: str, after: str) -> str:
        """Say a slash; the ones of "10ml/支" and "2.5元/㎡/月" as well."""
        if before in ("元", "块", "塊", "㎡", "²") and after[:1].isalpha() and not _CURRENCY_BEHIND.match(after):
            return self.lexis.every
        if before.isascii() and before.isalpha() and self._everyday.match(after):
            return self.lexis.every
        return super().slash(before, after)

    def say(self, token: Token, around: Around = NOWHERE) -> str:
        """Say a token; a pause keeps it from a numeral in front: "周五19:00" is not at 59."""
        said = super().say(token, around)
        if said[:1] in _NUMERALS and around.before[-1:] in _NUMERALS[1:]:
            said = f"，{said}"
        return f"{said}，" if said[-1:] in _NUMERALS and around.after[:1] in _NUMERALS[:-1] else said

    def span(self, first: Token, last: Token, around: Around) -> str:
        """Say a range; no pause stands inside it."""
        to = self.lexis.to
        return super().span(first, last, around).replace(f"{to}，", to).replace(f"，{to}", to)

    def sign(self, text: str, place: str, around: Around) -> str:
        """Say a sign; see ``MyriadWords``."""
        if text == "→" and _UNKNOWN_BEFORE.search(around.before) and _LIMIT_BEHIND.match(around.after):
            return "趋于"
        if text == "+" and (number := _COUNT_BEFORE.search(around.before)) is not None:
            if _MORE_BEHIND.match(around.after):
                return self.lexis.after["+"]
            if around.after[:1].isalpha() and not around.after[:1].isascii():
                return "多" if number[0].endswith("0") and len(number[0]) > 1 else self.lexis.marks["+"]
        return super().sign(text, place, around)

    def amount(self, amount: Amount, around: Around = NOWHERE) -> str:
        """Say a number; of degrees, 零下 for a minus."""
        is_added = isinstance(amount, Number) and amount.sign == "+" and around.before[-1:].isalpha()
        if isinstance(amount, Number) and is_added and _ADDED.match(around.after):  # 加浓+4元
            return "加" + self.number(amount, around)
        if not isinstance(amount, Number) or amount.sign != "-" or _ANGLE.search(around.before):
            return super().amount(amount, around)
        if _DEGREES.match(around.after):
            return "零下" + self.number(amount, around)
        return super().amount(amount, around)

    def measure(self, measure: Measure) -> str:
        """Say a quantity; a temperature with minus is 零下."""
        amount = measure.amount
        if measure.unit in ("minute", "second") and measure.written in _ARC and isinstance(amount, Number):
            return self.amount(amount) + _ARC[measure.written]  # of a degree
        if measure.unit in _CELSIUS and isinstance(amount, Number) and amount.sign == "-":
            return "零下" + super().measure(replace(measure, amount=replace(amount, sign="")))
        if isinstance(amount, Number) and replace(amount, sign="") == Number("2"):
            said = super().measure(measure)
            return said.replace("二", "两", 1) if measure.unit in _COUNTED_UNITS else said
        return super().measure(measure)


_ADDED: Final = re.compile(r"\s?(?:[元块人名塊分个個万萬亿億]|[欧歐日港美]元)")
_NUMERALS: Final = tuple("零一二三四五六七八九十两")
_CURRENCY_BEHIND: Final = re.compile(
    r"(?:美|欧|歐|日|港|韩|韓|澳|加|新台|新加坡)?[元币幣镑鎊]|人民[币幣]|英[镑鎊]|[卢盧]"
)
_UNKNOWN_BEFORE: Final = re.compile(r"(?<![A-Za-z])[a-zΔ]\s?\Z")
_LIMIT_BEHIND: Final = re.compile(r"\s?(?:[-+]?\d|[-+]?∞|[a-z](?![A-Za-z]))")
_COUNT_BEFORE: Final = re.compile(r"(?<![A-Za-z\d.,])\d{1,6}\Z")
_MORE_BEHIND: Final = re.compile(r"[需要支可已即均都才就能会會或和，。、；）)]")


_BEFORE_FLOOR: Final = tuple("楼樓座栋棟幢厦廈场場馆館店在到于於住上去从從")
_EARNED_POINTS: Final = re.compile(r"(?:[差得扣拿加减減给給积積送][了到]?|[领領]先|落[后後]|[仅僅]|每[题題])\s?\Z")


def _is_label(before: str) -> bool:
    """Whether a number is one of a row, and counts nothing."""
    return _ORDINAL.search(before) is not None or _LABEL.search(before) is not None


_SPAN_OF_YEARS: Final = re.compile(
    r"(?:第|每隔?|约|約|近|[历歷][经經时時]|共|整整?|超[过過]?|[达達]|[长長]达|[了过過来來满滿足仅僅只需要花位婚期限命续續刑存龄齡用隔享寿壽任教]|有|活到)\s?\Z"
)
_ARC: Final = {"′": "分", "″": "秒"}
_DEGREES: Final = re.compile(r"\s?(?:[~～至到]\s?[-−]?\d+(?:\.\d+)?\s?)?(?:[摄攝]氏)?(?:度|℃|°C)")
_ANGLE: Final = re.compile(r"(?:[转轉角纬緯经經视視]|倾|傾|旋|相位)[^，。]{0,4}\Z")
_COUNTED_UNITS: Final = frozenset(
    {
        "meter",
        "kilometer",
        "centimeter",
        "millimeter",
        "gram",
        "kilogram",
        "metric-ton",
        "liter",
        "hour",
        "minute",
        "second",
        "day",
    }
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


_WORDS: Final = Chinese()
