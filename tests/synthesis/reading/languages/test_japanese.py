"""Japanese as it is read in the news, kind by kind; and as Open JTalk then sounds it."""

import pytest

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read


def said(text):
    return read(text, words_of("ja"))


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        ("0", "零"),
        ("11", "十一"),
        ("1111", "千百十一"),
        ("10000", "一万"),
        ("10000000", "一千万"),
        ("100000001", "一億一"),
        ("1234567", "百二十三万四千五百六十七"),
        ("007", "ゼロゼロナナ"),
    ],
)
def test_numbers_are_named_in_kanji(digits, name):
    assert said(f"計{digits}") == f"計{name}"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("10分待つ", "ジュップン待つ"),
        ("5-10分", "五からジュップン"),
        ("1時間10分", "一時間ジュップン"),
        ("10分の1", "十分の一"),
        ("10分の休憩", "ジュップンの休憩"),
        ("20分", "二十分"),
        ("9:10", "九時十分"),
        ("8:00 AM", "午前八時"),
        ("午前9時〜午後5時", "午前九時から午後五時"),
        ("3/4(月)", "三月四日月曜日"),
        ("12/25に", "十二月二十五日に"),
        ("3/4カップ", "四分の三カップ"),
        ("タイムは3:25:10", "タイムは三時間二十五分十秒"),
    ],
)
def test_times_and_dates(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("¥1,280円", "千二百八十円"),
        ("1,000万円", "一千万円"),
        ("3万5千円", "三万五千円"),
        ("9.99ドル/月", "九点九九ドル毎月"),
        ("-3℃", "マイナス三度"),
        ("3.5%〜5%", "三点五パーセントから五パーセント"),
        ("<50ms", "五十ミリ秒未満"),
        ("≥90%", "九十パーセント以上"),
        ("x<5", "x小なり五"),
        ("1/100", "百分の一"),
        ("10-3=7", "十マイナス三イコール七"),
        ("16:9", "十六タイ九"),
        ("2-1で勝った", "二タイ一で勝った"),
        ("平均4.5/5", "平均五点満点中四点五"),
    ],
)
def test_amounts_and_signs_keep_their_value(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("090-1234-5678", "ゼロキューゼロ、イチニサンヨン、ゴロクナナハチ"),
        ("110番", "ヒャクトーバン"),
        ("暗証番号は0826", "暗証番号はゼロハチニロク"),
        ("〒150-0002", "郵便番号イチゴゼロ、ゼロゼロゼロニ"),
        ("千代田区1-2-3", "千代田区一の二の三"),
        ("RTX4090", "RTXヨンゼロキューゼロ"),
        ("COVID-19", "COVID十九"),
        ("4K動画", "四K動画"),
        ("192.168.1.10", "イチキューニ点イチロクハチ点イチ点イチゼロ"),
    ],
)
def test_digits_that_are_said_one_by_one_are_in_kana(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("鉛筆3本と本1冊", "エンピツサンボントホンイッサツ"),
        ("4月1日", "シガツツイタチ"),
        ("10分待って", "ジュップンマッテ"),
        ("5-10分", "ゴカラジュップン"),
        ("7:04", "シチジヨンプン"),
        ("コードは482913", "コードワヨンハチニキューイチサン"),
        ("番号は20240315001", "バンゴーワニゼロニヨンゼロサンイチゴゼロゼロイチ"),
        ("16:9", "ジューロクタイキュー"),
        ("3.14", "サンテンイチヨン"),
        ("110番に", "ヒャクトーバンニ"),
    ],
)
def test_open_jtalk_sounds_the_reading_right(text, sound):
    pyopenjtalk = pytest.importorskip("pyopenjtalk", reason="the kokoro extra is not installed")
    heard = "".join(found["pron"] for found in pyopenjtalk.run_frontend(said(text)))

    assert heard.replace("’", "") == sound
