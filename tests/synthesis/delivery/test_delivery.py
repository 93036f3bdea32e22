"""Every engine's voices obey speed and volume, whatever the engine does by itself."""

from dataclasses import replace

import numpy as np
import pytest

from sayline.synthesis.delivery import stretcher
from sayline.synthesis.delivery.delivery import Delivery
from sayline.synthesis.delivery.loudness import at_volume
from sayline.synthesis.interface import Segment, Style, SynthesisFailed, UnsupportedRequest, Wish, never
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


async def test_without_its_library_a_speed_is_unsupported_and_the_voice_speaks_on(delivery, monkeypatch):
    monkeypatch.setattr(stretcher, "SonicStream", None)
    with pytest.raises(UnsupportedRequest, match="libsonic is missing"):
        await heard(delivery, speed=1.5)
    assert len(sound(await heard(delivery)))


async def test_a_voice_that_was_removed_is_still_stretched(unhurried, delivery):
    unhurried.offered = ()
    whole = len(tone_for(segment(), Style(VOICE)))
    assert len(sound(await heard(delivery, speed=2.0))) == round(whole / 2)


async def said(delivery, segment, **style):
    return [chunk async for chunk in delivery.speak(segment, Style(VOICE, **style))]


async def test_the_silence_behind_a_segment_is_as_long_as_wished_at_any_pace(delivery):
    for speed in (1.0, 2.0):
        plain = sound(await heard(delivery, speed=speed))
        paused = sound(await said(delivery, replace(segment(), pause_ms=1500), speed=speed))
        assert np.array_equal(paused[: len(plain)], plain)
        assert len(paused) - len(plain) == round(1.5 * delivery.sample_rate_hz)
        assert not paused[len(plain) :].any()


async def test_a_segment_that_is_nothing_but_a_pause_asks_no_engine(unhurried, delivery):
    silence = sound(await said(delivery, Segment(0, "<break/>", "", 0, 8, pause_ms=400)))
    assert (len(silence), silence.any()) == (round(0.4 * delivery.sample_rate_hz), False)
    assert not unhurried.styles


async def test_a_stretch_is_spoken_at_the_pace_and_loudness_that_its_writer_wishes(unhurried, delivery):
    start, end = TEXT.index("fox"), TEXT.index("over")
    wished = replace(segment(), wishes=(Wish(start, end, "rate", "2"), Wish(start, end, "volume", "0.5")))
    chunks = await said(delivery, wished, speed=0.8)
    assert [(style.speed, style.volume) for style in unhurried.styles] == [(0.8, 1.0), (1.6, 0.5), (0.8, 1.0)]

    words = [word for chunk in chunks for word in chunk.words]
    assert [TEXT[word.char_start : word.char_end] for word in words] == TEXT.split()
    assert [word.start_sample for word in words] == sorted({word.start_sample for word in words})


@pytest.mark.parametrize(("level", "volume"), [("strong", 1.5), ("moderate", 1.25), ("reduced", 0.75), ("none", 1.0)])
async def test_every_voice_obeys_emphasis_by_loudness(unhurried, delivery, level, volume):
    start, end = TEXT.index("fox"), TEXT.index("over")
    await said(delivery, replace(segment(), wishes=(Wish(start, end, "emphasis", level),)))

    assert [style.volume for style in unhurried.styles] == [1.0, volume, 1.0]
    assert [style.speed for style in unhurried.styles] == [1.0] * 3


async def test_engines_get_the_other_wishes_where_they_belong():
    class Keeps(Unhurried):
        async def speak(self, segment, style, runs_dry_at=never):
            kept.append((segment.spoken, segment.wishes))
            async for chunk in super().speak(segment, style, runs_dry_at):
                yield chunk

    kept = []
    wishes = (Wish(0, 12, "language", "de"), Wish(4, 7, "volume", "2"), Wish(4, 7, "phonemes", "ipa:tuː"))
    delivery = Delivery(Keeps())
    await delivery.start()
    await said(delivery, Segment(0, "one two, three", "one two, three", 0, 14, wishes=wishes))
    assert kept == [
        ("one ", (Wish(0, 4, "language", "de"),)),
        ("two, ", (Wish(0, 5, "language", "de"), Wish(0, 3, "phonemes", "ipa:tuː"))),
        ("three", (Wish(0, 3, "language", "de"),)),
    ]
