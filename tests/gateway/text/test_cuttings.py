"""Every input of the reading's tests, cut anywhere and written at any pace: the same segments, or none that hurts."""

from itertools import pairwise
from random import Random

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pauses import LANGUAGES, LONGEST_PAUSE_S, heard, texts_of, written

from sayline.synthesis.reading.languages.registry import words_of
from sayline.synthesis.reading.reader import read_segment

NO_PAUSE_S = 0.002  # less than a network's burst
PAUSE_S = 7.0  # a search in the middle of an answer

# What hangs together and may be parted by a pause, by its families: ordinals and their noun, compounds with "-Nr.",
# directions and their street, Roman numbers behind an abbreviation, abbreviations of several letters, ranges, operators
# and their terms, brackets and their powers or weekdays, a unit's slash, classes with Roman numbers, formulas between
# marks, reactions, chains of equations, hosts with a hyphen, times in brackets.
FAMILIES = [
    ("de", "Der 2. und 3. Senat tagt jeden 2. Donnerstag, die 5., 6. und 7. Klassen fahren am 1. oder 2. Juni mit."),
    ("de", "Deine Kunden-Nr. 4711, die Rechnungs-Nr. 2024/118 und die Karl-Marx-Str. 3 fehlen."),
    ("en", "We met at 742 N. Lake Shore Dr., at 1600 E. Grand River Ave. and at 310 W. Main St."),
    ("en", "See ch. V, sec. 3, para. 2, pp. 7-9 of vol. X."),
    ("fr", "Voir t. III, p. 12, vol. IV, chap. V et fig. 2, cf. t. I, p. 3."),
    ("fr", "Il vient av. J.-C. ou apr. J.-C., s.v.p., et perd aux t.a.b. hier."),
    ("fr", "Env. 3 c. à s. de farine, 2 c. à c. de sel, 1 pers."),
    ("es", "El s. XX a. C. y d. C., cap. V, pág. 3, art. 5."),
    ("it", "Nel sec. XX a.C. e d.C., cap. V, pag. 3, art. 5, lett. b."),
    ("pt", "No séc. XX a.C. e d.C., cap. V, pág. 3, art. 5.º, inc. II."),
    ("ru", "До 500 г. до н. э. и в 300 г. н. э., в IV в. до н. э."),
    ("ru", "С 21 по 25 дек. 2025 г. и с 1 по 8 янв. закрыто, с 1941 по 1945 г. тоже."),
    ("ru", "Мы на пр-т Мира, 12, б-р Гоголя, 7, пр-т Победы, д. 3."),
    ("zh", "租金约¥3,500～¥4,200/月，浓度在35~75μg/m³之间，票价$5/人，密度1.2g/cm³左右。"),
    ("zh", "汉朝（公元前202年—公元220年）和秦朝（前221—前206年），营业时间为周一～周五10:00～22:00（周六日休息）。"),
    ("zh", "(x-1)(x+1)=x²-1是平方差公式，5 × 3 + 2 = 17，3 + 4 - 2 = 5，7×24小时营业，面积是3m×4m=12m²。"),
    ("zh", "第II类和第III类中，II类更贵，主场0-2负于对手，电话+86 138-1234-5678，气温-5~3℃。"),
    ("ja", "家賃は¥35,000〜¥42,000/月で、22時〜翌5時は休み、12/15(月)〜12/18(木)17:00も休みです。"),
    ("ja", "y = 3x² - 2x + 1 と (a+b)² = a² + 2ab + b² と x - 7 > 15 を解きます。II型はIII型より安いです。"),
    ("ko", "2x - 7 = 15를 풀면 x = 11이고, 3² + 4² = 5²이며, x - 7 > 15이면 x > 22입니다."),
    ("ko", "월세는 ₩350,000~₩420,000/월이고, 농도는 35~75μg/m³이며, 기원전 221년~기원전 206년입니다."),
    ("en", "If 2x - 7 = 15, (a + b)² = a² + 2ab + b² and x - 7 > 15, the tank (5 × 3 m) holds 3 km / h."),
    ("en", "y = 3x² - 2x + 1 has its apex at x = 1/3, and rent is $3,500–$4,200/month."),
    ("en", r"As we know, $\lim_{x \to 0} \frac{\sin x}{x} = 1$ and $-1 \leq x < 4$ hold, so $|x| = 2$."),
    ("en", r"The sum $2^3 + 4^2 + 1$ is fine, and $\frac{a+b}{c} - \sqrt{x^2 + y^2} \geq 0$ too."),
    ("de", r"Es gilt $\int_0^1 x^2 \, dx = \frac{1}{3}$ bei $5$ m und $3 \cdot 10^8$ m/s."),
    ("en", "Burning: CH₄ + 2 O₂ → CO₂ + 2 H₂O, and 3x - 7 = 20 → 3x = 27 → x = 9; go to Settings → Sound → Volume."),
    ("en", "Add Zn + 2 HCl → ZnCl₂ + H₂ or HCl + NaOH → NaCl + H₂O to the site of sea-view.org (10:00 AM PT, not ET)."),
    ("en", "He met James I before Elizabeth I took over, at 9:00 AM PT (12:00 PM ET), and x! = 6, as 3 × 2 × 1 is 6."),
    ("fr", "Téléchargez l'appli sur air-mail.fr avant votre rendez-vous."),
    ("ja", "詳しくは第3章(p.128)と図2(Fig.3)を見てください。"),
    ("de", "Aus 2x - 7 = 15 folgt x = 11, y = 3x² - 2x + 1 und x - 7 > 15, bei 35–75 μg/m³ und 5 km / h."),
]

# An example is all texts of a language; a smaller one than a text that fails would tell no more.


def tiles(alignment):
    runs = alignment.runs
    here, there = [run[:2] for run in runs], [run[2:4] for run in runs]
    return all(a[1] == b[0] for spans in (here, there) for a, b in pairwise(spans))


def readings(segments, language):
    return [read_segment(segment, words_of(language), has_markup=False) for segment in segments]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=2, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_any_cutting_without_a_pause_gives_the_same_segments_readings_and_offsets_which_tile(language, random):
    for text in texts_of(language):
        whole = written(text, language, (), 0.0)
        assert "".join(segment.text for segment in whole) == text
        assert [segment.char_end for segment in whole[:-1]] == [segment.char_start for segment in whole[1:]]
        said = readings(whole, language)
        for segment, (_, alignment) in zip(whole, said, strict=True):
            assert tiles(segment.alignment)
            assert tiles(alignment)
            assert (segment.alignment.here_length, segment.alignment.there_length) == (
                len(segment.spoken),
                len(segment.text),
            )
            assert alignment.there_length == len(segment.spoken)
        cuts = sorted(random.sample(range(1, len(text)), random.randint(1, len(text) - 1)))
        again = written(text, language, cuts, NO_PAUSE_S, lead_s=10.0)  # sound lasts longer than milliseconds
        assert again == whole
        assert readings(again, language) == said


@pytest.mark.parametrize(("language", "text"), FAMILIES)
def test_a_pause_anywhere_parts_nothing_that_hangs_together(language, text):
    whole = heard(written(text, language, (), 0.0), language)

    for place in range(1, len(text)):
        assert heard(written(text, language, [place], PAUSE_S), language) == whole, text[:place]


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None, max_examples=3, phases=[Phase.generate])
@given(st.integers(0, 2**32).map(Random))
def test_after_any_pauses_of_the_writer_the_pieces_read_as_the_whole(language, random):
    """A sample; ``python tests/pauses.py`` tries every place for one pause."""
    for text in texts_of(language):
        places = sorted(random.sample(range(1, len(text)), random.randint(1, min(6, len(text) - 1))))
        pause_s = random.uniform(0.01, LONGEST_PAUSE_S)
        pieces = written(text, language, places, pause_s)
        assert "".join(segment.text for segment in pieces) == text
        whole = heard(written(text, language, (), 0.0), language)
        assert heard(pieces, language) == whole, (text, places, pause_s)
