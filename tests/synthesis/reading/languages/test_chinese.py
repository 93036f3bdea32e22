"""Chinese as it is read in the news, kind by kind."""

import pytest

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read


def said(text):
    return read(text, words_of("zh"))


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        ("0", "零"),
        ("10", "十"),
        ("12", "十二"),
        ("105", "一百零五"),
        ("110", "一百一十"),
        ("1013", "一千零一十三"),
        ("2222", "两千二百二十二"),
        ("10000", "一万"),
        ("20003", "两万零三"),
        ("100050", "十万零五十"),
        ("120000", "十二万"),
        ("200000000", "两亿"),
        ("1005000000", "十亿零五百万"),
        ("1050000000", "十亿五千万"),
        ("150000000000", "一千五百亿"),
        ("007", "零零七"),
        ("12345678901234567", "一二三四五六七八九零一二三四五六七"),
    ],
)
def test_numbers_are_named_in_groups_of_four(digits, name):
    assert said(f"共{digits}") == f"共{name}"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("2个", "两个"),
        ("2個", "两個"),
        ("2年", "两年"),
        ("2点建议", "两点建议"),
        ("2-3天", "两到三天"),
        ("12个", "十二个"),
        ("2月2日", "二月二日"),
        ("第2个", "第二个"),
        ("2年级", "二年级"),
        ("2号", "二号"),
        ("3号楼2层", "三号楼二层"),
        ("圖書館2層", "圖書館二層"),
        ("2万", "两万"),
        ("2.5万", "二点五万"),
        ("2:02", "两点零二分"),
    ],
)
def test_two_is_liang_where_one_counts_with_it(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("2024年", "二零二四年"),
        ("2023-24赛季", "二零二三到二四赛季"),
        ("1993年-2003年", "一九九三年到二零零三年"),
        ("98年毕业", "九八年毕业"),
        ("20年", "二十年"),
        ("1500年历史", "一千五百年历史"),
        ("90年代", "九十年代"),
        ("2024/4", "二零二四年四月"),
        ("每周一-周五9:00-18:00", "每周一到周五，九点到十八点"),
        ("3:30pm", "下午三点三十分"),
        ("用时3:25:10", "用时三小时二十五分十秒"),
        ("时间：14:00", "时间：十四点"),
    ],
)
def test_years_are_read_digit_by_digit_and_times_by_the_clock(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("¥1,280.00元", "一千二百八十元"),
        ("2单元502室", "二单元五零二室"),
        ("$2.5万亿", "二点五万亿美元"),
        ("$5-10", "五到十美元"),
        ("9.99元/月", "九点九九元每月"),
        ("$20/小时", "每小时二十美元"),
        ("-3℃", "零下三摄氏度"),
        ("-5~3℃", "零下五摄氏度到三摄氏度"),
        ("3.5%~5%", "百分之三点五到百分之五"),
        ("±2%", "正负百分之二"),
        ("16GB", "十六GB"),
    ],
)
def test_units_and_currencies_stand_behind_the_amount(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("拨打13812345678", "拨打幺三八幺二三四五六七八"),
        ("报警打110", "报警打幺幺零"),
        ("密码0826", "密码零八二六"),
        ("房间号是1203", "房间号是一二零三"),
        ("5号有1203人", "五号有一千二百零三人"),
        ("GPT-4o", "GPT四o"),
        ("A380", "A三八零"),
        ("4K视频", "四K视频"),
        ("$4K", "四千美元"),
        ("3G/4G", "三G斜杠四G"),
        (" 839201。", " 八三九二零一。"),  # the words in front were spoken before
        ("QQ：12345678", "QQ：一二三四五六七八"),
        ("911事件", "九一一事件"),
        ("座位12A", "座位十二A"),
        ("电流12A", "电流十二安"),
        ("70B参数", "七十B参数"),
        ("No.5", "第五"),
        ("v3.2.1", "V三点二点一"),
    ],
)
def test_codes_and_telephone_numbers_are_read_digit_by_digit(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("10-3=7", "十减三等于七"),
        ("2+3×4-5÷1", "二加三乘以四减五除以一"),
        ("2x + ", "二x 加 "),  # a writer who pauses there goes on with another term
        ("18+", "十八以上"),
        ("3^2", "三的平方"),
        ("12/25之前", "十二月二十五日之前"),
        ("x=-3", "x等于负三"),
        ("a²+b²=c²", "a平方加b平方等于c平方"),
        ("3×10^8m/s", "三乘以十的八次方米每秒"),
        ("1e-5", "一乘以十的负五次方"),
        ("评分8.9/10", "评分八点九分，满分十分"),
        ("血压120/80", "血压一百二十比八十"),
        ("和/或", "和，或"),
        ("以2-1获胜", "以二比一获胜"),
        ("1又1/2杯", "一又二分之一杯"),
        ("约3，5个", "约三，五个"),
        ("第II章", "第二章"),
        ("路易XIV", "路易十四"),
        ("MIX", "MIX"),
        ("(a+b)²", "(a加b)的平方"),
    ],
)
def test_signs_keep_their_value(text, spoken):
    assert said(text) == spoken
