"""Which words of a lexicon are found in a text, and where."""

import time
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.synthesis.pronunciation import Pronunciation
from sayline.synthesis.reading.lexicon import Lexicon, find, lexicon_of


def lexicon(*words, **fields):
    return Lexicon(Pronunciation(word, **({"respelling": f"<{word}>"} | fields)) for word in words)


def found(text, *lexicons, language="en"):
    return [text[match.start : match.end] for match in find(text, language, lexicons)]


def said(text, *lexicons, language="en"):
    return [match.pronunciation.respelling for match in find(text, language, lexicons)]


def test_a_word_is_found_wherever_it_stands_as_a_word():
    assert found("Nguyen met Nguyen's aunt (Nguyen), not Nguyens.", lexicon("Nguyen")) == ["Nguyen"] * 3


@pytest.mark.parametrize("text", ["pgifs", "gift", "agif", "gif2", "gif_name", "4gif", "gif\u0301"])
def test_a_word_is_not_found_inside_another(text):
    assert found(text, lexicon("gif")) == []


def test_a_word_in_small_letters_stands_for_itself_in_any_case():
    assert found("GIF, Gif, gif", lexicon("gif")) == ["GIF", "Gif", "gif"]


def test_a_word_with_a_capital_stands_for_this_case_alone():
    assert found("US, us, Us", lexicon("US")) == ["US"]


def test_a_word_and_the_same_word_with_a_capital_are_two_entries():
    both = Lexicon([Pronunciation("polish", respelling="pollish"), Pronunciation("Polish", respelling="poe-lish")])
    assert said("polish", both) == ["pollish"]
    assert "poe-lish" in said("Polish", Lexicon([Pronunciation("Polish", respelling="poe-lish")]))


def test_a_word_in_its_own_case_goes_before_one_for_any_case():
    either = [Pronunciation("us", respelling="uss"), Pronunciation("US", respelling="you ess")]
    for lexicon in (Lexicon(either), Lexicon(reversed(either))):
        found = [match.pronunciation.respelling for match in find("In the US, about us and Us.", "en", [lexicon])]
        assert found == ["you ess", "uss", "uss"]


def test_the_longest_of_several_words_counts():
    assert found("New York City is in New York.", lexicon("New York", "New York City", "York")) == [
        "New York City",
        "New York",
    ]


def test_a_phrase_is_found_across_any_blanks():
    assert found("in New \n York", lexicon("New  York")) == ["New \n York"]


def test_a_phrase_that_goes_on_otherwise_leaves_the_shorter_word():
    assert found("New Yorker", lexicon("New York", "New")) == ["New"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("kept", ["NFC", "NFD"])
def test_a_letter_with_an_accent_is_the_same_however_it_is_encoded(form, kept):
    text = unicodedata.normalize(form, "Zoë sang.")
    assert len(found(text, lexicon(unicodedata.normalize(kept, "Zoë")))) == 1


def test_no_word_ends_inside_what_a_reader_sees_as_one_character():
    assert found("Zoe\u0308", lexicon("Zoe")) == []


@pytest.mark.parametrize(
    ("text", "word", "language"),
    [("我在重庆工作", "重庆", "zh"), ("ไปเชียงใหม่ด้วยกัน", "เชียงใหม่", "th"), ("東京都に行く", "東京", "ja")],
)
def test_scripts_without_blanks_have_words_anywhere(text, word, language):
    assert found(text, lexicon(word), language=language) == [word]


def test_korean_particles_follow_a_word_without_a_blank():
    assert found("서울은 크다. 한서울", lexicon("서울"), language="ko") == ["서울"]


def test_a_word_of_one_language_is_left_alone_in_another():
    german = lexicon("die", language="de")
    assert found("die", german, language="de-AT") == ["die"]
    assert found("die", german, language="en") == []
    assert found("die", german, language=None) == []


def test_of_two_lexicons_the_earlier_counts_for_the_same_word():
    context, server = lexicon("gif", respelling="jif"), lexicon("gif", respelling="ghif")
    assert said("a gif", context, server) == ["jif"]


def test_a_longer_word_of_the_server_goes_before_a_shorter_one_of_the_context():
    assert said("New York", lexicon("new", respelling="nu"), lexicon("new york", respelling="noo york")) == ["noo york"]


def test_the_lexicon_of_a_context_is_put_in_order_once():
    words = (Pronunciation("gif", respelling="jif"),)
    assert lexicon_of(words) is lexicon_of((Pronunciation("gif", respelling="jif"),))


@given(st.text(alphabet="ab \u0301é重", max_size=40), st.lists(st.text(alphabet="ab重 ", min_size=1, max_size=5)))
def test_what_is_found_is_ascending_disjoint_and_written_as_the_lexicon_has_it(text, words):
    known = [word for word in words if word.strip()]
    matches = list(find(text, "en", [lexicon(*known)]))

    assert all(one.end <= other.start for one, other in pairwise(matches))
    for match in matches:
        written = " ".join(text[match.start : match.end].split())
        assert written == " ".join(match.pronunciation.word.split())


def test_ten_thousand_words_cost_a_sentence_no_more_than_ten():
    """The tree makes the number of words irrelevant; a list that is tried one by one would take a thousand times."""
    sentence = "The ferry leaves the northern harbour at seven, and nobody waits for late passengers. " * 2
    few, many = (lexicon(*(f"word{number} and more" for number in range(count))) for count in (10, 10_000))

    def best(words):
        taken = []
        for _ in range(20):
            begun = time.perf_counter()
            list(find(sentence, "en", [words]))
            taken.append(time.perf_counter() - begun)
        return min(taken)

    assert best(many) < 20 * best(few)
