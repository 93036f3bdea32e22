from __future__ import annotations

import numpy as np
import pytest

from sayline.synthesis.interface import EngineUnavailable, Segment, Style, UnsupportedRequest
from sayline.synthesis.tone import MS_PER_CHARACTER, VOICE, ToneSynthesizer, tone_for, words_for

STYLE = Style(VOICE)


def segment(spoken: str) -> Segment:
    return Segment(0, spoken, spoken, 0, len(spoken))


@pytest.fixture
async def tones():
    synthesizer = ToneSynthesizer()
    await synthesizer.start()
    yield synthesizer
    await synthesizer.close()


@pytest.mark.parametrize("text", ["Hello there.", "a", "", "你好 😀", "x" * 500])
async def test_the_synthesizer_speaks_what_the_pure_function_computes(tones, text):
    chunks = [chunk async for chunk in tones.speak(segment(text), STYLE)]
    sound = np.concatenate([np.zeros(0, np.int16), *(chunk.samples for chunk in chunks)])
    assert np.array_equal(sound, tone_for(segment(text), STYLE))
    assert tuple(word for chunk in chunks for word in chunk.words) == words_for(segment(text), STYLE)


def test_length_follows_the_text_and_the_speed():
    assert len(tone_for(segment("1234567890"), STYLE)) == 10 * MS_PER_CHARACTER * 24
    assert len(tone_for(segment("1234567890"), Style(VOICE, speed=2.0))) == 5 * MS_PER_CHARACTER * 24


def test_different_texts_sound_different():
    one, other = (tone_for(segment(text), STYLE).astype(float) for text in ("Hello there.", "Hello where."))
    assert abs(one @ other) < 0.1 * (one @ one)


def test_words_begin_where_their_characters_do():
    marks = words_for(segment("one  two"), STYLE)
    assert [(mark.char_start, mark.char_end, mark.start_sample) for mark in marks] == [(0, 3, 0), (5, 8, 5 * 60 * 24)]


async def test_words_lie_in_the_chunk_they_begin_in(tones):
    position = 0
    async for chunk in tones.speak(segment("the quick brown fox jumps over the lazy dog"), STYLE):
        assert all(position <= word.start_sample < position + len(chunk.samples) for word in chunk.words)
        position += len(chunk.samples)


async def test_another_voice_is_refused(tones):
    with pytest.raises(UnsupportedRequest, match="no voice 'espeak'"):
        await anext(tones.speak(segment("hello"), Style("espeak")))


async def test_the_tone_engine_speaks_only_while_started():
    synthesizer = ToneSynthesizer()
    assert synthesizer.status().state == "loading"
    with pytest.raises(EngineUnavailable, match="not started"):
        await anext(synthesizer.speak(segment("hello"), STYLE))
    await synthesizer.start()
    assert synthesizer.status().state == "ready"
    assert [voice.name for voice in synthesizer.voices()] == [VOICE]
    assert synthesizer.sample_rate_hz == 24_000
    await synthesizer.close()
    assert synthesizer.status().state == "loading"
