"""An utterance keeps the voice that it began with."""

import pytest

from sayline.synthesis.cosyvoice3.voices.casting import KEPT_UTTERANCES, Casting
from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice


class Store(dict):
    """Voices by name, as a store finds them now."""

    def get(self, name):
        if name not in self:
            raise BadVoice(f"there is no voice {name!r}")
        return self[name]


@pytest.fixture
def store():
    return Store(anna="first")


def test_an_utterance_keeps_its_voice_when_the_voice_is_replaced_or_removed(store):
    casting = Casting(store)
    assert casting.voice_of("anna", "u") == "first"
    store["anna"] = "second"
    assert casting.voice_of("anna", "u") == "first"
    assert casting.voice_of("anna", "another") == "second"
    del store["anna"]
    assert casting.voice_of("anna", "u") == "first"


def test_an_utterance_that_begins_without_its_voice_fails_and_may_begin_later(store):
    casting = Casting(store)
    with pytest.raises(BadVoice, match="there is no voice 'bob'"):
        casting.voice_of("bob", "u")
    store["bob"] = "bob"
    assert casting.voice_of("bob", "u") == "bob"


def test_a_segment_that_stands_alone_is_spoken_with_the_voice_as_it_is(store):
    casting = Casting(store)
    assert casting.voice_of("anna", None) == "first"
    store["anna"] = "second"
    assert casting.voice_of("anna", None) == "second"


def test_the_utterances_that_spoke_last_are_remembered(store):
    casting = Casting(store)
    for number in range(KEPT_UTTERANCES):
        casting.voice_of("anna", str(number))
    casting.voice_of("anna", "0")  # speaks again: the oldest is number 1 now
    casting.voice_of("anna", "one more")
    store["anna"] = "second"
    assert casting.voice_of("anna", "0") == "first"
    assert casting.voice_of("anna", "1") == "second"
