"""Korean as it is read in the news, kind by kind; where blanks stand between numerals is a matter of taste."""

import pytest

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read


def said(text):
    return read(text, words_of("ko"))


@pytest.mark.parametrize(
    ("digits", "name"),
    [
        ("0", "영"),
        ("11", "십일"),
        ("1111", "천백십일"),
        ("10000", "만"),
        ("110000", "십일만"),
        ("100000001", "일억 일"),
        ("1234567", "백이십삼만 사천오백육십칠"),
        ("007", "공공칠"),
    ],
)
def test_numbers_are_sino_korean(digits, name):
    assert said(f"총 {digits}") == f"총 {name}"


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("3개", "세개"),
        ("20살", "스무살"),
        ("21명", "스물한명"),
        ("101개", "백한개"),
        ("2번째", "두번째"),
        ("2~3개", "두 개에서 세개"),
        ("12시 30분", "열두시 삼십분"),
        ("13시", "십삼시"),
        ("3개월", "삼개월"),
        ("2달러", "이달러"),
        ("1번 출구", "일번 출구"),
        ("30대 남성", "삼십대 남성"),
        ("제2장", "제이장"),
        ("6월 10일", "유월 십일"),
        ("10월", "시월"),
        ("8:05", "여덟 시 오 분"),
        ("14:30", "십사 시 삼십 분"),
    ],
)
def test_what_is_counted_decides_between_native_and_sino_korean(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("$1.2M을", "백이십만 달러를"),
        ("$100을", "백 달러를"),
        ("₩5,000를", "오천 원을"),
        ("10kg가", "십킬로그램이"),
        ("2/3이", "삼분의 이가"),
        ("7으로", "칠로"),
        ("3로", "삼으로"),
        ("#3는", "삼 번은"),
        ("325km이고", "삼백이십오킬로미터이고"),
        ("5%고", "오 퍼센트고"),
        ("2.5kg고", "이 점 오킬로그램이고"),
        ("<50ms여야", "오십밀리초 미만이어야"),
        ("3개를", "세개를"),
        ("5이다", "오이다"),
        ("7으로도", "칠로도"),
        ("5은행", "오은행"),  # no particle
    ],
)
def test_a_particle_agrees_with_what_is_read_in_front_of_it(text, spoken):
    assert said(text) == spoken


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("-3℃", "영하 삼 도"),
        ("212°F", "화씨 이백십이도"),
        ("x<5", "x는 오 미만"),
        ("0.3≠0.2", "영 점 삼은 영 점 이가 아님"),
        ("3^2=9", "삼의 제곱은 구"),
        ("12/25까지", "십이월 이십오 일까지"),
        ("-2.3%", "마이너스 이 점 삼 퍼센트"),
        ("9시~18시", "아홉시에서 십팔시"),
        ("10-3=7", "십 빼기 삼은 칠"),
        ("10-3=", "십 빼기 삼은"),  # a writer who pauses there goes on with the result
        ("2x + ", "이x 더하기 "),
        ("18+", "십팔 이상"),
        ("√2≈1.414", "루트 이는 약 일 점 사일사"),
        ("2-1로 이겼다", "이 대 일로 이겼다"),
        ("평점은 4.5/5", "평점은 오점 만점에 사 점 오"),
        ("010-1234-5678", "공일공, 일이삼사, 오육칠팔"),
        ("119에 신고", "일일구에 신고"),
        ("비밀번호는 0826", "비밀번호는 공팔이육"),
        ("GPT-4를", "GPT사를"),
        ("4K를", "사K를"),
    ],
)
def test_amounts_signs_and_codes_keep_their_value(text, spoken):
    assert said(text) == spoken
