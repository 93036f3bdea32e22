"""Every engine's voices obey speed and volume, whatever the engine does by itself."""

from dataclasses import replace

import numpy as np
import pytest

from sayline.synthesis.delivery.delivery import Delivery
from sayline.synthesis.delivery.loudness import at_volume
from sayline.synthesis.interface import Segment, Style, SynthesisFailed, never
from sayline.synthesis.tone import VOICE, ToneSynthesizer, tone_for, words_for

TEXT = "the quick brown fox jumps over the lazy dog"


class Unhurried(ToneSynthesizer):
    """Speaks at its own pace, and counts what was begun and what was ended of it."""

    def __init__(self):
        super().__init__()
        self.styles = []
        self.ended = 0
        self.offered = tuple(replace(voice, obeys=frozenset()) for voice in super().voices())

    def voices(self):
        return self.offered

    async def speak(self, segment, style, runs_dry_at=never):
        self.styles.append(style)
        try:
            async for chunk in super().speak(segment, replace(style, speed=1.0), runs_dry_at):
                yield chunk
        finally:
            self.ended += 1


def segment(text=TEXT):
    return Segment(0, text, text, 0, len(text))


@pytest.fixture
async def unhurried():
    return Unhurried()


@pytest.fixture
async def delivery(unhurried):
    delivery = Delivery(unhurried)
    await delivery.start()
    yield delivery
    await delivery.close()


async def heard(delivery, **style):
    return [chunk async for chunk in delivery.speak(segment(), Style(VOICE, **style))]


def sound(chunks):
    return np.concatenate([chunk.samples for chunk in chunks])


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
async def test_an_engine_that_does_not_obey_the_speed_is_stretched_to_the_sample(delivery, speed):
    whole = len(tone_for(segment(), Style(VOICE)))
    assert len(sound(await heard(delivery, speed=speed))) == round(whole / speed)


@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
async def test_each_word_moves_with_its_sound_and_comes_with_it(delivery, speed):
    marks, position = [], 0
    for chunk in await heard(delivery, speed=speed):
        assert all(position <= word.start_sample < position + len(chunk.samples) for word in chunk.words)
        marks += chunk.words
        position += len(chunk.samples)

    meant = words_for(segment(), Style(VOICE))
    assert [(word.char_start, word.char_end) for word in marks] == [(word.char_start, word.char_end) for word in meant]
    assert [word.start_sample for word in marks] == [round(word.start_sample / speed) for word in meant]


async def test_the_engine_learns_the_speed_so_that_it_can_plan(unhurried, delivery):
    await heard(delivery, speed=1.5, volume=0.5)
    assert [style.speed for style in unhurried.styles] == [1.5]


async def test_an_engine_that_obeys_the_speed_is_left_alone():
    delivery = Delivery(ToneSynthesizer())
    await delivery.start()
    assert np.array_equal(sound(await heard(delivery, speed=2.0)), tone_for(segment(), Style(VOICE, speed=2.0)))


@pytest.mark.parametrize("volume", [0.0, 0.5, 2.0])
async def test_volume_changes_the_amplitude_and_nothing_else(delivery, volume):
    plain, changed = await heard(delivery), await heard(delivery, volume=volume)
    assert [chunk.words for chunk in plain] == [chunk.words for chunk in changed]
    assert np.array_equal(sound(changed), at_volume(sound(plain), volume))


async def test_a_style_without_wishes_costs_nothing(delivery):
    chunks = delivery.speak(segment(), Style(VOICE))
    assert chunks.ag_code is Unhurried.speak.__code__
    await chunks.aclose()


async def test_who_stops_listening_ends_the_engines_work(unhurried, delivery):
    chunks = delivery.speak(segment(), Style(VOICE, speed=2.0, volume=0.5))
    await anext(chunks)
    await chunks.aclose()
    assert unhurried.ended == 1


async def test_a_failure_of_the_engine_comes_through():
    class Broken(Unhurried):
        async def speak(self, segment, style, runs_dry_at=never):  # noqa: ARG002 - the interface's
            raise SynthesisFailed("out of breath")
            yield

    with pytest.raises(SynthesisFailed, match="out of breath"):
        await heard(Delivery(Broken()), speed=1.5, volume=0.5)


async def test_a_voice_that_was_removed_is_still_stretched(unhurried, delivery):
    unhurried.offered = ()
    whole = len(tone_for(segment(), Style(VOICE)))
    assert len(sound(await heard(delivery, speed=2.0))) == round(whole / 2)
