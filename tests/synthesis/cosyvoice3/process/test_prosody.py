"""What one segment leaves for the next: in order, bounded, and gone if it came to nothing."""

import asyncio

import pytest

pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from sayline.synthesis.cosyvoice3.process import prosody
from sayline.synthesis.cosyvoice3.process.prosody import MOST_SPEECH_TOKENS, MOST_TEXT_IDS, Prosody
from sayline.synthesis.cosyvoice3.voices.prompts import Said

SAID = Said("zero-shot", (1, 2), (3, 4, 5))


async def test_the_first_segment_of_an_utterance_follows_nothing():
    before, _ = Prosody().next_of("a")
    assert before is None


async def test_each_segment_follows_the_one_before_it_of_its_own_utterance():
    kept = Prosody()
    _, one = kept.next_of("a")
    _, other = kept.next_of("b")
    one.ends(SAID)
    other.ends(Said("zero-shot", (9,), (9,)))

    before, two = kept.next_of("a")
    assert await before == SAID
    after, _ = kept.next_of("a")
    two.ends()
    assert await after is None


async def test_a_segment_that_goes_on_here_follows_nothing_and_is_followed():
    kept = Prosody()
    kept.again("a").ends(SAID)
    before, _ = kept.next_of("a")
    assert await before == SAID


async def test_a_segment_that_goes_on_here_after_a_later_one_began_does_not_take_its_place():
    kept = Prosody()
    _, later = kept.next_of("a")
    kept.again("a").ends(Said("zero-shot", (9,), (9,)))
    later.ends(SAID)
    before, _ = kept.next_of("a")
    assert await before == SAID


async def test_the_next_segment_waits_until_the_one_before_is_said():
    kept = Prosody()
    _, telling = kept.next_of("a")
    before, _ = kept.next_of("a")
    assert not before.done()
    telling.ends(SAID)
    telling.ends()  # its task ends after it
    assert await before == SAID


@pytest.mark.parametrize(
    "said",
    [
        Said("zero-shot", (1,) * (MOST_TEXT_IDS + 1), (1,)),
        Said("zero-shot", (1,), (1,) * (MOST_SPEECH_TOKENS + 1)),
    ],
)
async def test_a_segment_that_is_too_long_is_no_context(said):
    kept = Prosody()
    _, telling = kept.next_of("a")
    telling.ends(said)
    before, _ = kept.next_of("a")
    assert await before is None


async def test_a_segment_that_stands_alone_is_not_remembered():
    kept = Prosody()
    _, telling = kept.next_of(None)
    telling.ends(SAID)
    assert kept.next_of(None)[0] is None


async def test_of_too_many_utterances_the_longest_silent_is_forgotten(monkeypatch):
    monkeypatch.setattr(prosody, "MOST_UTTERANCES", 2)
    kept = Prosody()
    for name in ("a", "b", "a", "c"):
        kept.next_of(name)[1].ends(SAID)

    assert kept.next_of("b")[0] is None
    assert len(asyncio.all_tasks()) == 1
