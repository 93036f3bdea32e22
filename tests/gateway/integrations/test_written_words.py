"""Words as they were written, found by the words that are spoken."""

from sayline.gateway.integrations.written_words import WrittenWords

TEXT = "This turn is long enough, and it is as long as that one."


def written(text=TEXT):
    words = WrittenWords()
    words.write(text)
    return words


def test_each_word_is_handed_out_once_with_what_hangs_on_it():
    words = written()
    assert "".join(words.take(word.strip(",.")) for word in TEXT.split()) == TEXT


def test_words_that_are_spoken_again_after_a_loss_are_not_handed_out_again():
    words = written()
    told = [words.take(word) for word in ("This", "turn", "is", "long", "enough")]
    words.read_from(TEXT.index("long"))  # the lost speech goes on from here

    assert [words.take("long"), words.take("enough")] == ["", ""]
    assert words.take("and") == " and"
    assert "".join(told) + " and" + words.rest() == TEXT


def test_a_word_that_is_written_otherwise_comes_with_the_next():
    words = written("It costs $5 today.")
    assert [words.take(word) for word in ("It", "costs", "five", "dollars", "today")] == [
        "It", " costs", "", "", " $5 today.",
    ]  # fmt: skip
