"""What Chinese, Japanese and Korean write and few others do, kind by kind, in all three languages."""

import pytest

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.notation import eastern
from sayline.synthesis.reading.notation.tokens import Code, Ratio, Sign, Span
from sayline.synthesis.reading.reader import read


def found(text, of):
    """The token that begins at a part of a text; None if no rule of this file knows it."""
    match = eastern.read(text, text.index(of))
    return None if match is None else match[1]


@pytest.mark.parametrize("text", ["21-18、19-21", "19-21，21-18", "19-21 21-18", "21:25, 25:23"])
def test_one_pair_that_descends_makes_scores_of_a_row(text):
    assert isinstance(found(text, text[:5]), Ratio)
    assert isinstance(found(text, text[-5:]), Ratio)


@pytest.mark.parametrize("text", ["8-10、11-13", "5-7岁、8-10岁", "9:00、14:30", "2-1-3、1-2-3", "1.5-2、3-1"])
def test_a_row_in_which_none_descends_has_no_scores(text):
    assert not isinstance(found(text, text[:1]), Ratio)


def test_scores_are_found_as_far_as_six_pairs_reach():
    row = "、".join(["21-18", *["18-21"] * 5])

    assert isinstance(found(row, "18-21、18-21"), Ratio)
    assert isinstance(found(row + "，", "18-21，"), Ratio)


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "第Ⅲ期，Ⅱ型，Ⅻ", "第三期，二型，十二"),
        ("ja", "第Ⅳ章、Ⅱ型", "第四章、二型"),
        ("ko", "제Ⅲ장, Ⅱ형", "제삼장, 이형"),
    ],
)
def test_a_roman_number_of_one_character_is_a_number(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "①打开设置②点击账号", "一，打开设置，二，点击账号"),
        ("zh", "①和②，见图③。", "一和二，见图三。"),
        ("ja", "①と②を比べる", "一と二を比べる"),
        ("ko", "①과 ②를 비교", "일과 이를 비교"),
    ],
)
def test_a_circled_number_begins_an_entry_or_is_referred_to(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("请拨打*67", "请拨打星号六七"),
        ("拨打*#06#查询", "拨打星号井号零六井号查询"),
        ("输入*100*2#", "输入星号一零零星号二井号"),
        ("按*号键或#键", "按星号键或井号键"),
        ("100抽*3包", "一百抽乘以三包"),
        ("排名#1", "排名一号"),
    ],
)
def test_a_star_is_a_key_or_a_product(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "答对8/10题", "答对十题中的八题"),
        ("zh", "第3/20页", "第三页，共二十页"),
        ("zh", "得分85/100分", "得分八十五分，满分一百分"),
        ("zh", "评分：8/10", "评分：八分，满分十分"),
        ("zh", "已完成2/10个任务", "已完成十个任务中的两个任务"),
        ("zh", "3/10个苹果", "十分之三个苹果"),
        ("zh", "3/4杯", "四分之三杯"),
        ("ja", "8/10問正解", "十問中八問正解"),
        ("ja", "18/20点", "二十点中十八点"),
        ("ja", "15/20人", "二十人中十五人"),
        ("ja", "3/4カップ", "四分の三カップ"),
        ("ko", "17/20문제를", "이십 문제 중 십칠 문제를"),
        ("ko", "15/20명이", "스무 명 중 열다섯 명이"),
        ("ko", "85/100점을", "백점 만점에 팔십오점을"),
        ("ko", "3/4컵", "사분의 삼컵"),
    ],
)
def test_so_many_of_a_whole_that_is_counted_is_no_fraction(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "比例是1:1.2", "比例是一比一点二"),
        ("ja", "1:1.5の割合", "一タイ一点五の割合"),
        ("ko", "비율은 1:1.5로", "비율은 일 대 일 점 오로"),
    ],
)
def test_a_ratio_keeps_its_decimals(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "¥3,500～¥4,200/月", "每月三千五百元到四千二百元"),
        ("zh", "35~75μg/m³", "每立方米三十五到七十五微克"),
        ("ja", "¥3,500〜¥4,200/月", "月額三千五百円から四千二百円"),
        ("ko", "₩3,500~₩4,200/월", "월 삼천오백 원에서 사천이백 원"),
    ],
)
def test_what_a_range_is_for_is_said_once(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("26°C/79°F", "二十六摄氏度，七十九华氏度"),
        ("175cm/体重65kg", "一百七十五厘米，体重六十五千克"),
        ("iOS/Android", "iOS，Android"),
        ("5L/人", "五升每人"),
        ("60km/2h", "六十公里每两小时"),
    ],
)
def test_a_slash_between_two_that_stand_side_by_side_is_a_pause(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(("text", "of"), [("RTX 4090", "4090"), ("GB/T 19001-2016", "19001"), ("HTTP 404", "404")])
def test_the_number_of_a_standard_or_a_model_is_a_code(text, of):
    assert isinstance(found(text, of), Code)


def test_labels_with_the_same_letters_are_a_range():
    match = eastern.read_labels("P12-P15", 0)

    assert match is not None
    assert isinstance(match[1], Span)


@pytest.mark.parametrize("text", ["(5-2)×3", "2×(7-3)", "(1.5+2.5×3-2)=7"])
def test_a_dash_in_brackets_that_are_reckoned_with_is_a_minus(text):
    assert found(text, "-") == Sign("-", "between")


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "128/256/512GB", "一百二十八，二百五十六，五百一十二GB"),
        ("zh", "8/16GB", "八，十六GB"),
        ("zh", "404/500错误", "四零四，五零零错误"),
        ("zh", "2024/11/20", "二零二四年十一月二十日"),
        ("ja", "404/500エラー", "ヨンゼロヨン、ゴゼロゼロエラー"),
        ("ko", "128/256/512GB", "백이십팔, 이백오십육, 오백십이기가바이트"),
    ],
)
def test_numbers_side_by_side_are_no_parts_of_each_other(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "11/20 20:00", "十一月二十日 二十点"),
        ("zh", "11-27 08:42", "十一月二十七日 八点四十二分"),
        ("ja", "12/1 1:59", "十二月一日 一時五十九分"),
        ("ko", "11/20 20:00", "십일월 이십 일 이십 시"),
        ("zh", "9.15-9.27举行", "九月十五日到九月二十七日举行"),
        ("zh", "3/8妇女节", "三月八日妇女节"),
        ("zh", "北京时间15:08:32", "北京时间十五点零八分三十二秒"),
        ("zh", "UTC-5，UTC+08:00", "UTC减五，UTC加八"),
    ],
)
def test_what_stands_beside_a_day_or_a_time_tells_that_it_is_one(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "图3-1，表2-1-3", "图三杠一，表二杠一杠三"),
        ("ja", "図3-1、p.12", "図三の一、十二ページ"),
        ("ko", "그림 3-1, pp. 34-56", "그림 삼 다시 일, 삼십사에서 오십육쪽"),
        ("zh", "10F，B1F", "十楼，地下一层"),
        ("ja", "10F、B1F", "十階、地下一階"),
        ("ko", "10F, B1F", "십층, 지하 일층"),
        ("zh", "京ICP备12345678号", "京ICP备一二三四五六七八号"),
    ],
)
def test_what_numbers_a_figure_a_page_a_floor_or_a_licence_is_no_amount(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "满300-50", "满三百减五十"),
        ("zh", "89元/2斤", "八十九元每两斤"),
        ("zh", "350kcal/100g", "三百五十千卡每一百克"),
        ("ja", "298円/100g", "百グラムあたり二百九十八円"),
        ("ja", "$70/オンス", "一オンスあたり七十ドル"),
        ("ko", "1,200원/100g", "백그램당 천이백원"),
        ("ko", "9,860원/시간", "시간당 구천팔백육십원"),
    ],
)
def test_what_an_amount_is_for_or_less_by_is_said(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "S=πr²，cos(2x)，10!≈3", "S等于派r平方，cos(二x)，十的阶乘约等于三"),
        ("ja", "2π、△ABC", "二パイ、三角形ABC"),
        ("ko", "θ=30°, |x|=2, (x-3)=0", "세타는 삼십도, x의 절댓값은 이, (x 빼기 삼)은 영"),
        ("zh", "RGB(255,128,0)，1,234,567", "RGB(二百五十五,一百二十八,零)，一百二十三万四千五百六十七"),
        ("zh", "f/1.8，C++17", "f一点八，C加加十七"),
    ],
)
def test_letters_and_marks_of_formulas_are_said(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "预计12/5送达", "预计十二月五日送达"),
        ("zh", "9/5倍，12/5有空吗", "五分之九倍，十二月五日有空吗"),
        ("ja", "12/5に発売", "十二月五日に発売"),
        ("ja", "1/2に減る", "二分の一に減る"),
        ("ko", "12/5 출시", "십이월 오 일 출시"),
        ("zh", "24年12月", "二四年十二月"),
        ("zh", "3.15晚会，“9·11”事件", "三一五晚会，“九一一”事件"),
        ("ko", "6·25 전쟁, 8.15 광복절", "육이오 전쟁, 팔일오 광복절"),
        ("zh", "前221—前206年", "前二百二十一到前二百零六年"),
    ],
)
def test_days_and_years_are_told_by_what_they_are_called_or_by_what_happens(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "1:48:06.980", "一小时四十八分六点九八零秒"),
        ("ja", "1:23.456", "一分二十三点四五六秒"),
        ("ko", "1:23.456", "일 분 이십삼 점 사오육 초"),
        ("zh", "10:10，24:00", "十点十分，二十四点"),
        ("zh", "兑水1:10", "兑水一比十"),
        ("ja", "1:10に薄める", "一タイ十に薄める"),
        ("ko", "1:10으로 희석", "일 대 십으로 희석"),
    ],
)
def test_a_colon_stands_in_times_laps_and_ratios(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "12/33层", "十二层，共三十三层"),
        ("ja", "3/120位", "三位、全百二十位"),
        ("ko", "3/120등", "삼등, 총 백이십등"),
        ("zh", "罚球8/10", "罚球十投八中"),
        ("ja", "フリースロー8/10", "フリースロー十本中八本"),
        ("ko", "자유투 8/10", "자유투 열개 중 여덟개"),
    ],
)
def test_one_of_a_row_and_shots_are_no_fractions(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("ja", "≥18歳の方", "十八歳以上の方"),
        ("ko", "-1<x<1", "x는 마이너스 일 초과 일 미만"),
        ("ko", "45㎍/㎥", "세제곱미터당 사십오마이크로그램"),
        ("ko", "3×10⁸m/s", "삼 곱하기 십의 팔 제곱미터 매 초"),
        ("zh", "Final Fantasy XVI和XXL码", "Final Fantasy 十六和XXL码"),
        ("ja", "ver.3.2.1、HDR10+", "バージョン三点二点一、HDR十プラス"),
        ("zh", "¥1.5w，175/96A", "一点五万元，一百七十五，九十六A"),
    ],
)
def test_what_else_was_found_by_unseen_texts(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "V=πr²h≈3", "V等于派r平方h约等于三"),
        ("ja", "πr²h≒3", "パイrの二乗hニアリーイコール三"),
        ("ko", "πr²h≈3", "파이r제곱h는 약 삼"),
        ("zh", "1kW·h，N:P:K=15:15:15，F=49N", "一千瓦时，N比P比K等于十五比十五比十五，F等于四十九牛"),
        ("ja", "14万km、IC178円、HDMI2.1端子、55V型", "十四万キロメートル、IC百七十八円、HDMI二点一端子、五十五V型"),
        ("zh", "BTC 24h涨3%", "BTC 二十四小时涨百分之三"),
        ("ko", "12.15(월) 17:00", "십이월 십오 일, 월요일 십칠 시"),
        ("zh", "每76年，78年出生", "每七十六年，七八年出生"),
    ],
)
def test_letters_beside_figures_are_no_units_and_no_codes(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "10/1-10/7.", "十月一日到十月七日."),
        ("zh", "100元以下、100-300元", "一百元以下、一百到三百元"),
        ("zh", "k=-4/3，P=2/27", "k等于负三分之四，P等于二十七分之二"),
        ("zh", "1+2+…+100=5050，90°=π/2", "一加二加…加一百等于五千零五十，九十度等于派除以二"),
        ("zh", "12周+3天，环比+3%", "十二周加三天，环比正百分之三"),
        ("zh", "400IU/d", "四百国际单位每天"),
        ("zh", "“设置”>“通用”，设置>通用>关于，5>3", "“设置”，“通用”，设置，通用，关于，五大于三"),
    ],
)
def test_marks_between_figures_mean_what_stands_on_both_sides(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "¥12/月的Plus版和¥98/年的Pro版", "每月十二元的Plus版和每年九十八元的Pro版"),
        ("zh", "¥5/平方米左右，$20/小时工资", "每平方米五元左右，每小时二十美元工资"),
        ("ja", "¥500/月のプラン、¥1,000/時間から", "月額五百円のプラン、一時間あたり千円から"),
        ("ko", "₩9,900/월이며", "월 구천구백 원이며"),
    ],
)
def test_what_an_amount_is_for_ends_where_its_word_does(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "升级到2024.2.1以上版本", "升级到两千零二十四点二点一以上版本"),
        ("ja", "3/1から、II種のほう", "三月一日から、二種のほう"),
        ("zh", "4-2-3-1的阵型", "四，二，三，一的阵型"),
    ],
)
def test_versions_days_kinds_and_formations_are_told_by_what_follows(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "12/25的活动，（12/25）", "十二月二十五日的活动，（十二月二十五日）"),
        ("zh", "12/25=0.48，3/4的人", "二十五分之十二等于零点四八，四分之三的人"),
        ("ja", "3/4まで入れる", "四分の三まで入れる"),
        ("ko", "1/2까지 줄이다", "이분의 일까지 줄이다"),
        ("zh", "功率67W左右，粉丝2W左右", "功率六十七瓦左右，粉丝两万左右"),
        ("zh", "——-5℃——，２³", "——零下五摄氏度——，二的立方"),
    ],
)
def test_a_mark_is_read_the_same_in_any_surroundings(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0.4536千克，1.5-2.5千克，8千-1万", "零点四五三六千克，一点五到二点五千克，八千到一万"),
        ("95折，9.5折", "九五折，九点五折"),
        ("2进制是11111111", "二进制是一一一一一一一一"),
        ("i从0到n-1循环", "i从零到n减一循环"),
        ("A1:C10的和", "A一到C十的和"),
        ("皇马0-2负", "皇马零比二负"),
    ],
)
def test_what_sweeps_of_chinese_found(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "可以看10:30的重播，以3:1取胜", "可以看十点三十分的重播，以三比一取胜"),
        ("ja", "長さは1:25:40、長さは3:25", "長さは一時間二十五分四十秒、長さは三分二十五秒"),
        ("ko", "길이는 1:25:40이고", "길이는 한 시간 이십오 분 사십 초이고"),
        ("ko", "현재 시간은 15:08:32", "현재 시간은 십오 시 팔 분 삼십이 초"),
        ("ja", "3x-5>7を解くとx>4", "三xマイナス五大なり七を解くとx大なり四"),
        ("ja", "設定>一般>情報", "設定、一般、情報"),
    ],
)
def test_times_durations_and_comparisons_are_told_by_their_words(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("工单#12345，排名#3", "工单一二三四五号，排名三号"),
        ("13人/1,000kg", "十三人，一千千克"),
        ("他用了3:28:15", "他用了三小时二十八分十五秒"),
    ],
)
def test_what_the_last_sweep_of_chinese_found(text, said):
    assert read(text, words_of("zh")) == said


def test_a_number_behind_its_word_is_no_count_in_korean():
    assert read("접수 번호는 17번, 책을 17번", words_of("ko")) == "접수 번호는 십칠번, 책을 열일곱번"


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        (
            "zh",
            "2024-08，2008.08，08/2028，20240115",
            "二零二四年八月，二零零八年八月，二零二八年八月，二零二四年一月十五日",
        ),
        ("ja", "08月08日の09時05分", "八月八日の九時五分"),
        ("ko", "08월 08일, 저녁 9시09분", "팔월 팔일, 저녁 아홉시구분"),
        ("zh", "10.31 20:00-11.11 23:59", "十月三十一日 二十点到十一月十一日 二十三点五十九分"),
        ("ja", "12/29〜1/3と5-15から5-20", "十二月二十九日から一月三日と五月十五日から五月二十日"),
        ("ko", "2024. 11. 1. ~ 11. 29.", "이천이십사 년 십일월 일 일 에서 십일월 이십구 일."),
        ("zh", "2024/12/02（周一）-2024/12/04（周三）", "二零二四年十二月二日（周一）到二零二四年十二月四日（周三）"),
        ("ja", "7月9日(月〜金)、1月2日(月・祝)", "七月九日月曜日から金曜日、一月二日月曜日、祝日"),
        ("zh", "20240115元，$2024.08", "两千零二十四万零一百一十五元，两千零二十四点零八美元"),
    ],
)
def test_days_are_told_by_zeros_and_by_what_stands_beside_them(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "头发丝的1/16，本月的1/16", "头发丝的十六分之一，本月的一月十六日"),
        ("zh", "3/2是假分数，-1/100", "二分之三是假分数，负一百分之一"),
        ("ja", "全体の1/16、-1/100", "全体の十六分の一、マイナス百分の一"),
        ("zh", "1-1/2+1/3-1/4≈0.583", "一减二分之一加三分之一减四分之一约等于零点五八三"),
        ("zh", "第3/1200，2,350/5,000", "第三，共一千二百，两千三百五十，共五千"),
    ],
)
def test_a_sixteenth_of_something_is_no_day(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "色温5500K，月薪20-35K", "色温五千五百开尔文，月薪两万到三万五千"),
        ("ja", "沸点は373Kです", "沸点は三百七十三ケルビンです"),
        ("ko", "힘은 300N, 9.8N/kg", "힘은 삼백뉴턴, 킬로그램당 구 점 팔뉴턴"),
        ("zh", "1KB=1024B，参数量从1.5B到72B", "一KB等于一千零二十四字节，参数量从一点五B到七十二B"),
        ("zh", "机油5W-30，轮胎225/45R17，M.2接口", "机油五W三十，轮胎二二五，四五，R十七，M点二接口"),
        ("ja", "50/60Hz、1/250s", "五十、六十ヘルツ、二百五十分の一秒"),
        ("zh", "220V/50Hz，1s/2s，100m/20s=5m/s", "二百二十伏，五十赫兹，一秒，两秒，一百米除以二十秒等于五米每秒"),
    ],
)
def test_letters_are_units_where_a_word_tells_it(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "i++，B2B，报告.pdf，20.x", "i加加，B to B，报告点pdf，二十点x"),
        (
            "ja",
            "i++、P2P、報告書.pdf、localhost:3000",
            "iプラスプラス、PツーP、報告書ドットpdf、localhostコロンサンゼロゼロゼロ",
        ),
        ("ko", "i++, B2B, log₂8", "i플러스 플러스, B투B, 로그 이의팔"),
        ("zh", "log₂8=3，n!=120，n!=0，a:b:c", "log以二为底八等于三，n的阶乘等于一百二十，n不等于零，a比b比c"),
        ("zh", "x→0，f'(x)，-5<-3，∠1，P(A)-P(B)", "x趋于零，f撇(x)，负五小于负三，角一，P(A)减P(B)"),
        ("zh", "HTTP 404表示没有，500表示故障", "HTTP 四零四表示没有，五零零表示故障"),
        ("zh", "CTR=点击/展示，利润=(售价-成本)/售价", "CTR等于点击除以展示，利润等于(售价减成本)除以售价"),
    ],
)
def test_signs_of_programs_and_figures_are_said(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "24/7服务，GPA 3.8/4.0，225 BC", "七乘二十四小时服务，GPA 三点八分，满分四分，公元前二百二十五年"),
        ("ja", "24/7、BC3000年、打率.310", "二十四時間、週七日、紀元前三千年、打率三割一分"),
        (
            "ko",
            "24/7, BC 2333년, 학점 3.8/4.5",
            "주 칠 일 이십사 시간, 기원전 이천삼백삼십삼년, 학점 사 점 오 만점에 삼 점 팔",
        ),
        ("zh", "0.05%/日，2.5元/㎡/月，1,500.00元", "百分之零点零五每日，二点五元每平方米每月，一千五百元"),
        ("zh", "北京~上海，好的~那走吧", "北京到上海，好的，那走吧"),
        ("ja", "新宿〜箱根、15,800円〜です、〜10:00", "新宿から箱根、一万五千八百円からです、十時まで"),
        ("ko", "서울~부산, 네~그래요", "서울에서 부산, 네, 그래요"),
    ],
)
def test_what_is_written_short_in_chats_is_said_in_full(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "初赛3/15，复赛4/12，决赛5/10", "初赛三月十五日，复赛四月十二日，决赛五月十日"),
        ("zh", "得9/15和10/15，5/16英寸，3/8英寸", "得十五分之九和十五分之十，十六分之五英寸，八分之三英寸"),
        ("ja", "2/28(金)必着、結果は3/10です", "二月二十八日金曜日必着、結果は三月十日です"),
        ("zh", "尾号3345和7781", "尾号三三四五和七七八一"),
        ("zh", "错误401是未授权，403是禁止", "错误四零一是未授权，四零三是禁止"),
        ("zh", "11.20-11.30预热，12.1-12.12正式", "十一月二十日到十一月三十日预热，十二月一日到十二月十二日正式"),
        ("ko", "2세트는 11-9, 3세트는 8-11", "이세트는 십일 대 구, 삼세트는 팔 대 십일"),
    ],
)
def test_the_first_of_a_row_tells_what_the_others_are(language, text, said):
    assert read(text, words_of(language)) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("方案2包括2个，x=2代入，若x>2则停", "方案二包括两个，x等于二代入，若x大于二则停"),
        ("每周2节，周2，走过75年，75年生", "每周两节，周二，走过七十五年，七五年生"),
        ("房间在2层，有2层楼", "房间在二层，有两层楼"),
        ("5A景区，12A层，5A电流", "五A景区，十二A层，五安电流"),
        ("10000×2.1%，CAD 2024，INR 2.5，100 CAD", "一万乘以百分之二点一，CAD 两千零二十四，INR 二点五，一百加元"),
    ],
)
def test_a_label_is_no_count_and_no_unit_in_chinese(text, said):
    assert read(text, words_of("zh")) == said


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("zh", "从C#或者C++入手", "从C sharp或者C加加入手"),
        ("zh", "C++17很新", "C加加十七很新"),
        ("ja", "C++の本", "Cプラスプラスの本"),
        ("ja", "1Kのお部屋", "一Kのお部屋"),
        ("ko", "교재 35p를 펴요", "교재 삼십오 페이지를 펴요"),
        ("ko", "1080p 영상", "천팔십p 영상"),
    ],
)
def test_signs_of_a_name_rooms_and_pages_stand_close_to_other_scripts(language, text, said):
    assert read(text, words_of(language)) == said
