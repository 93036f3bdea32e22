"""Kin of what blind rounds told to be read otherwise, in the seven languages of Europe: one line for each of them."""

import pytest
from readings import folded, say


def reads(text, spoken, language):
    assert folded(say(text, language), language) == folded(spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Meet me at 123 Main St, please.", "Meet me at one hundred twenty-three Main Street, please."),
        ("It's 1245 W 5th Ave NE.", "It's one thousand two hundred forty-five West fifth Avenue Northeast."),
        ("We met at 9 Elm St. NW today.", "We met at nine Elm Street Northwest today."),
        ("Dr Patel works at St Mary's near Mt Hood.", "Doctor Patel works at Saint Mary's near Mount Hood."),
        ("The Main St Cafe is open.", "The Main St Cafe is open."),
        ("He drank 2 Dr Pepper cans.", "He drank two Dr Pepper cans."),
    ],
)
def test_english_ways_and_titles_need_no_full_stop(text, spoken):
    reads(text, spoken, "en")


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("en", "Your order No. B12-77 is ready.", "Your order number B twelve seventy-seven is ready."),
        ("it", "Ordine n. B12-77 pronto.", "Ordine numero B dodici settantasette pronto."),
        ("pt", "O art. A7 vale.", "O artigo A sete vale."),
    ],
)
def test_an_abbreviation_stands_for_its_word_in_front_of_a_code(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("language", "text", "spoken"),
    [
        ("es", "Abierto de 9-17 horas.", "Abierto de nueve a diecisiete horas."),
        ("pt", "Aberto das 9-17 horas.", "Aberto das nove a dezessete horas."),
        ("fr", "Il faut 7-9 heures.", "Il faut sept à neuf heures."),
    ],
)
def test_the_hours_of_a_range_are_named_once(language, text, spoken):
    reads(text, spoken, language)


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("la 2de guerre", "la seconde guerre"),
        ("le 2d tour", "le second tour"),
        ("un film en 2d", "un film en deux d"),
    ],
)
def test_a_french_second_is_written_in_several_ways(text, spoken):
    reads(text, spoken, "fr")


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("Приезжайте на ул. Пушкина.", "Приезжайте на улицу Пушкина."),
        ("Магазин находится на ул. Пушкина.", "Магазин находится на улице Пушкина."),
        ("Перейдите на стр. 12.", "Перейдите на страницу двенадцать."),
        ("Смотри рисунок на стр. 12.", "Смотри рисунок на странице двенадцать."),
        ("Поезд отходит в 7:45 от платформы.", "Поезд отходит в семь сорок пять от платформы."),
        ("Встреча перенесена на ср, 15 января.", "Встреча перенесена на среду, пятнадцатое января."),
        ("Соотношение воды и муки 3:2.", "Соотношение воды и муки три к двум."),
        ("Матч закончился со счётом 3:2.", "Матч закончился со счётом три — два."),
        ("В XVIII веке, а также в XX.", "В восемнадцатом веке, а также в двадцатом."),
    ],
)
def test_russian_asks_what_stands_around_for_the_case(text, spoken):
    reads(text, spoken, "ru")
