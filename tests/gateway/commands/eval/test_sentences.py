"""Sentences come from this project's lists, from lines of one's own, or from the lists of test sets."""

import pytest

from sayline.gateway.commands.eval.sentences import OWN_LISTS, Sentence, own_list, read_list
from sayline.gateway.errors import BadSettings


@pytest.mark.parametrize(("language", "count"), [("en", 40), ("zh", 20), ("ja", 20)])
def test_this_projects_lists_have_the_sentences_that_figures_speak_of(language, count):
    sentences = own_list(language)
    assert len(sentences) == count
    assert len({sentence.text for sentence in sentences}) == count
    assert len({sentence.name for sentence in sentences}) == count


@pytest.mark.parametrize("language", OWN_LISTS)
def test_numbers_are_in_words(language):
    """Else a recogniser's spelling of a number would count as a mishearing."""
    assert not any(character.isdigit() for sentence in own_list(language) for character in sentence.text)


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Hello there.\n\nGood bye.\n", [("en-001", "Hello there."), ("en-002", "Good bye.")]),
        ("a\tHello.\nb\tBye.\n", [("a", "Hello."), ("b", "Bye.")]),
        ("x-1|Say this.|wavs/x.wav|Hello.\nx-2|Say that.|wavs/y.wav|Bye.|gt.wav", [("x-1", "Hello."), ("x-2", "Bye.")]),
        ("LJ001|Dr. A|Doctor A\nLJ002|No. 2|Number two", [("LJ001", "Doctor A"), ("LJ002", "Number two")]),
        ("84-121-0000 GO ON\n84-121-0001 STAY", [("84-121-0000", "go on"), ("84-121-0001", "stay")]),
        ("../../etc/x\tHello.\n../../etc/x\tBye.\n", [("etc_x", "Hello."), ("etc_x-2", "Bye.")]),
        ("\ufeffHello.", [("en-001", "Hello.")]),
    ],
)
def test_a_list_is_read_in_the_form_it_has(tmp_path, lines, expected):
    path = tmp_path / "list.txt"
    path.write_text(lines, "utf-8")
    assert read_list(path, "en") == [Sentence(name, text, "en") for name, text in expected]


@pytest.mark.parametrize(("content", "fault"), [(b"", "no sentence"), (b"\xff\xfe\xfa", "no UTF-8")])
def test_a_list_that_is_none_is_refused_by_its_name(tmp_path, content, fault):
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    with pytest.raises(BadSettings, match=fault):
        read_list(path, "en")


def test_a_list_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(BadSettings, match="cannot be read"):
        read_list(tmp_path / "absent", "en")
