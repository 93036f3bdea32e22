"""hibari behind the interface of engines: real processes, real sound. What all engines promise, and what is its own."""

import asyncio
import contextlib
import os
import signal
import sys
from time import perf_counter

import numpy as np
import pytest
import pytest_asyncio

from sayline.synthesis.hibari import synthesizer as hibari
from sayline.synthesis.hibari.synthesizer import VOICE, HibariSynthesizer
from sayline.synthesis.hibari.text import SENTENCE_PAUSE_MS
from sayline.synthesis.interface import EngineUnavailable, NoSuchVoice, Segment, Style, SynthesisFailed
from sayline.synthesis.turns.linked import TURNS_IN_FLIGHT, TextRefused

RATE = 24_000
# Generous: what is awaited comes in milliseconds, and a machine that is busy with other work must not fail a test.
PATIENCE_S = 60
SENTENCE = "The ferry leaves the northern harbour at seven, and nobody waits for late passengers."
LONG = " ".join(f"Sentence number {number}, which is not short, ends here." for number in range(6))
# One process takes a second to load, so the tests share it; those that kill have their own.
pytestmark = pytest.mark.asyncio(loop_scope="module")


def segment(spoken, *, is_last=True):
    return Segment(0, spoken, spoken, 0, len(spoken), is_last)


@contextlib.asynccontextmanager
async def started(processes=1):
    synthesizer = HibariSynthesizer(processes)
    await synthesizer.start()
    try:
        yield synthesizer
    finally:
        await synthesizer.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice():
    async with started() as synthesizer:
        yield synthesizer
        assert not synthesizer._utterances, "an utterance was left behind"


async def speak(synthesizer, text, *, is_last=True, **style):
    wanted = Style(**{"voice": VOICE} | style)
    return [chunk async for chunk in synthesizer.speak(segment(text, is_last=is_last), wanted)]


def sound(chunks):
    return np.concatenate([np.zeros(0, np.int16), *(chunk.samples for chunk in chunks)])


def words(chunks, text):
    return [text[word.char_start : word.char_end] for chunk in chunks for word in chunk.words]


def seconds(chunks):
    return len(sound(chunks)) / RATE


async def outcomes(*speaking):
    return await asyncio.gather(*speaking, return_exceptions=True)


async def ended(pid):
    """Wait until a process is gone, reaped too."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.01)


# --- what is said -----------------------------------------------------------------------------------------------------


async def test_text_becomes_speech_of_a_plausible_length(voice):
    samples = sound(await speak(voice, SENTENCE))

    assert samples.dtype == np.int16
    assert 4.0 < len(samples) / RATE < 5.5


@pytest.mark.parametrize("text", ["", "   \n", "\u2003", "...", "— ()"])
async def test_nothing_to_say_is_nothing_said(voice, text):
    assert await speak(voice, text) == []


async def test_the_pause_between_sentences_is_kept_unless_nothing_follows(voice):
    last, followed = [await speak(voice, "Hello there.", is_last=is_last) for is_last in (True, False)]

    assert seconds(followed) - seconds(last) == pytest.approx(SENTENCE_PAUSE_MS / 1000)
    assert not sound(followed)[-RATE // 10 :].any()


async def test_the_same_text_is_the_same_sound_and_a_seed_makes_another(voice):
    first, again, other = [sound(await speak(voice, "Hello there.", seed=seed)) for seed in (None, None, 7)]

    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


async def test_word_positions_hold_across_turns(voice):
    chunks = await speak(voice, LONG)

    assert words(chunks, LONG) == [word.strip(".,") for word in LONG.split()]
    starts = [word.start_sample for chunk in chunks for word in chunk.words]
    assert starts == sorted(starts)


async def test_words_begin_inside_their_chunk(voice):
    position = 0
    for chunk in await speak(voice, LONG):
        assert all(position <= word.start_sample < position + len(chunk.samples) for word in chunk.words)
        position += len(chunk.samples)


async def test_a_pronunciation_is_obeyed_only_if_the_caller_allows_it(voice):
    text = "[tomato](/sˈɪks/)"
    obeyed, six = await speak(voice, text, allow_markup=True), await speak(voice, "[six](/sˈɪks/)", allow_markup=True)

    assert np.array_equal(sound(obeyed), sound(six))
    with pytest.raises(TextRefused):
        await speak(voice, text)


async def test_a_text_that_it_cannot_read_is_refused_where_it_begins(voice):
    text = "We have waited. Nobody said 你好 today."
    stream = voice.speak(segment(text), Style(VOICE))
    heard = [await anext(stream)]
    (utterance,) = voice._utterances
    while utterance.held_bytes:
        heard.append(await anext(stream))
    with pytest.raises(TextRefused) as refusal:
        await anext(stream)

    assert words(heard, text) == ["We", "have", "waited"]
    assert refusal.value.position == text.index("Nobody")
    assert await speak(voice, "Hello there.")


async def test_another_voice_is_refused_from_the_first_step(voice):
    with pytest.raises(NoSuchVoice, match="hibari has 'heart'"):
        await speak(voice, "hello", voice="alice")


# --- turns: bounded, fair, cancelled ----------------------------------------------------------------------------------


async def idle(voice):
    """Wait until all that was asked for so far is done."""
    await speak(voice, "x")


async def test_work_is_done_only_while_asked_for_and_one_sentence_ahead(voice):
    stream = voice.speak(segment(LONG), Style(VOICE))
    await anext(stream)
    await idle(voice)
    (utterance,) = voice._utterances
    held = utterance.held_bytes
    assert held < 2 * RATE * 5
    await idle(voice)
    assert utterance.held_bytes == held
    await stream.aclose()


async def test_many_at_once_never_mix(voice):
    texts = [f"This is the text of listener number {number}." for number in range(8)]
    alone = [sound(await speak(voice, text)) for text in texts]
    together = await asyncio.gather(*(speak(voice, text) for text in texts))

    for text, one, chunks in zip(texts, alone, together, strict=True):
        assert np.array_equal(sound(chunks), one)
        assert words(chunks, text) == text.strip(".").split()


async def test_a_long_text_does_not_keep_a_short_one_waiting(voice):
    finished = []

    async def tell(name, text):
        await speak(voice, text)
        finished.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(tell("long", LONG))
        group.create_task(tell("short", "Hello there."))
    assert finished == ["short", "long"]


async def test_the_listener_that_runs_dry_first_is_spoken_to_first(voice):
    """As many as are in flight are past changing; the others were asked for in the opposite order."""
    begun = []

    async def tell(number):
        async for _ in voice.speak(segment("Hello there."), Style(VOICE), lambda: -number):
            if number not in begun:
                begun.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(TURNS_IN_FLIGHT + 5):
            group.create_task(tell(number))
    assert begun == [*range(TURNS_IN_FLIGHT), *reversed(range(TURNS_IN_FLIGHT, TURNS_IN_FLIGHT + 5))]


async def test_closing_frees_the_process_within_a_turn(voice):
    taken = []
    for _ in range(5):
        stream = voice.speak(segment(LONG), Style(VOICE))
        await anext(stream)
        begun = perf_counter()
        await stream.aclose()
        taken.append(perf_counter() - begun)
        assert not voice._utterances
    assert min(taken) < 0.01


async def test_an_utterance_cancelled_while_it_waits_for_its_turn_is_never_spoken(voice):
    streams = [voice.speak(segment(LONG), Style(VOICE)) for _ in range(20)]
    asks = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await asyncio.sleep(0)  # each has asked
    utterances = list(voice._utterances)
    for ask in asks:
        ask.cancel()
    await asyncio.gather(*asks, return_exceptions=True)
    for stream in streams:
        await stream.aclose()
    assert not voice._turns.are_waiting
    await idle(voice)
    assert len(utterances) == 20
    assert not any(utterance.held_bytes for utterance in utterances)


# --- capacity ---------------------------------------------------------------------------------------------------------


async def test_the_capacity_is_what_was_measured_at_the_start(voice):
    status = voice.status()

    assert (status.engine, status.state) == ("hibari", "ready")
    assert status.detail.startswith("hibari-tts 0.2")
    assert status.sustainable_requests == voice.default_max_concurrent_requests >= 1
    (process,) = voice._processes
    assert status.sustainable_requests <= max(1, hibari.FILL / process.ready.load)


async def test_gateways_share_the_cores():
    alone, shared = HibariSynthesizer(), HibariSynthesizer(gateways=2)

    assert shared._cores == alone._cores / 2
    assert 1 <= shared._size <= alone._size <= hibari.MOST_PROCESSES


# --- faults -----------------------------------------------------------------------------------------------------------


async def test_speaking_needs_a_start():
    voice = HibariSynthesizer(1)

    assert voice.status().state == "loading"
    with pytest.raises(EngineUnavailable, match="not started"):
        await speak(voice, "hello")


async def test_without_the_package_one_line_says_what_to_install(tmp_path, monkeypatch):
    """Found first on the path, as a package that is broken."""
    (tmp_path / "hibari.py").write_text("raise ImportError('libonnxruntime.so: no such file')")
    monkeypatch.syspath_prepend(tmp_path)
    voice = HibariSynthesizer(1)
    with pytest.raises(EngineUnavailable, match=r"libonnxruntime.*pip install") as caught:
        await voice.start()

    assert "\n" not in str(caught.value)
    assert (voice.status().state, voice.status().detail) == ("failed", str(caught.value))


async def test_a_python_that_does_not_run_is_an_answer_too(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(EngineUnavailable, match="/no/such/python"):
        await HibariSynthesizer(2).start()


async def test_a_killed_process_fails_the_utterance_in_turn_and_a_fresh_one_goes_on():
    async with started() as voice:
        (pid,) = voice.process_ids
        os.kill(pid, signal.SIGSTOP)
        asks = [asyncio.create_task(speak(voice, f"Hello number {number}.")) for number in range(4)]
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        failed, *others = await outcomes(*asks)

        assert isinstance(failed, SynthesisFailed)
        assert all(seconds(chunks) > 0.5 for chunks in others)
        assert voice.process_ids != [pid]
        await ended(pid)


async def test_while_one_process_is_replaced_another_speaks():
    async with started(2) as voice:
        first, second = voice.process_ids
        os.kill(first, signal.SIGKILL)
        await ended(first)
        chunks = await asyncio.wait_for(speak(voice, LONG), PATIENCE_S)

        assert words(chunks, LONG)
        assert second in voice.process_ids
        assert voice.status().state == "ready"


async def test_closing_leaves_no_process_and_ends_what_is_spoken():
    voice = HibariSynthesizer(1)
    await voice.start()
    (pid,) = voice.process_ids
    stream = voice.speak(segment(LONG), Style(VOICE))
    await anext(stream)
    await voice.close()
    await voice.close()

    with pytest.raises(EngineUnavailable, match="closed"):
        async for _ in stream:
            pass
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert voice.process_ids == []
