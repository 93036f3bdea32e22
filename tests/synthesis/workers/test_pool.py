"""Workers as one engine: sound goes on to the sample whatever becomes of the worker that made it."""

import asyncio
import contextlib
import math
import time
from dataclasses import replace

import numpy as np
import pytest
from speech_workers import PATIENCE_S, SEGMENT, STYLE, Engine, LocalWorker, NotingEngine, joined, pool_of, spoken

from sayline.synthesis.interface import (
    EngineUnavailable,
    NoSuchVoice,
    SynthesisFailed,
    UnsupportedRequest,
    Voice,
    Wish,
    WordMark,
)
from sayline.synthesis.tone import tone_for, words_for
from sayline.synthesis.workers import pool as pool_module
from sayline.synthesis.workers.addresses import Address
from sayline.synthesis.workers.link import HUNG_S

DIES_AT = [1, 5, 22]  # chunks taken before; the segment has 23


def is_unbroken(chunks, segment=SEGMENT):
    samples, words = joined(chunks)
    return np.array_equal(samples, tone_for(segment, STYLE)) and tuple(words) == words_for(segment, STYLE)


async def until(pool, is_so):
    async with asyncio.timeout(PATIENCE_S):
        await pool._until(is_so)


def speaking(workers):
    return next(worker for worker in workers if worker.speaks)


async def begun(pool, chunks=3, style=STYLE, **options):
    """A segment of which so many chunks were taken."""
    stream = pool.speak(SEGMENT, style, **options)
    return stream, [await anext(stream) for _ in range(chunks)]


async def test_a_pool_speaks_as_its_workers_do(workers):
    async with pool_of(*workers) as pool:
        samples, words = await spoken(pool.speak(SEGMENT, STYLE))

        assert np.array_equal(samples, tone_for(SEGMENT, STYLE))
        assert tuple(words) == words_for(SEGMENT, STYLE)
        assert pool.voices() == tuple(workers[0].engine.voices())
        assert pool.sample_rate_hz == workers[0].engine.sample_rate_hz
        status = pool.status()
        assert (status.engine, status.state, status.speeches_moved) == ("tone", "ready", 0)
        assert [worker.is_up for worker in status.workers] == [True, True]


async def test_a_worker_is_given_all_that_an_engine_is_given(workers):
    given = []

    async def speak(segment, style, runs_dry_at):
        given.append((segment, style, runs_dry_at() - time.monotonic()))
        return
        yield

    for worker in workers:
        worker.engine.speak = speak
    segment = replace(SEGMENT, index=3, wishes=(Wish(4, 9, "phonemes", "ipa:kwɪk"),), language="en", is_last=False)
    style = replace(STYLE, language="en-GB", instructions="gently", speed=1.5, seed=7, allow_markup=True, utterance="u")
    async with pool_of(*workers) as pool:
        await spoken(pool.speak(segment, style, lambda: time.monotonic() + 1.5))
        await spoken(pool.speak(segment, style))

    (first_segment, first_style, dry_in_s), (_, _, never) = given
    assert first_segment == segment
    assert first_style == style
    assert 1.0 < dry_in_s <= 1.5
    assert never == math.inf


# -- failover ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", DIES_AT)
async def test_a_segment_goes_on_to_the_sample_when_its_worker_is_lost(workers, taken):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool, taken)
        await speaking(workers).stop()
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 1


async def test_a_segment_goes_on_to_the_sample_when_its_worker_is_silent(workers):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        speaking(workers).silence()
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 1


async def test_a_segment_goes_on_to_the_sample_when_its_worker_is_slow_and_its_listener_nearly_dry(workers):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool, runs_dry_at=time.monotonic)
        slow = speaking(workers)
        slow.engine.held.clear()
        chunks += [chunk async for chunk in stream]
        slow.engine.held.set()

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 1


async def test_a_segment_goes_back_to_its_slow_worker_when_the_engine_of_the_other_breaks(workers):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool, style=replace(STYLE, utterance="u"), runs_dry_at=time.monotonic)
        slow = speaking(workers)
        (other,) = (worker for worker in workers if worker is not slow)
        slow.engine.held.clear()
        chunks.append(await anext(stream))
        slow.engine.held.set()
        other.engine.fails = RuntimeError("out of memory")
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 2


async def test_a_slow_worker_keeps_a_segment_if_no_other_has_room(workers):
    workers[1].engine._requests = 0
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool, runs_dry_at=time.monotonic)
        workers[0].engine.held.clear()
        rest = asyncio.ensure_future(anext(stream))
        await asyncio.wait((rest,), timeout=1.5 * pool_module.SLOW_S)
        assert not rest.done()
        workers[0].engine.held.set()
        chunks += [await rest, *[chunk async for chunk in stream]]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 0


async def test_a_segment_goes_on_to_the_sample_when_its_worker_s_engine_breaks(workers):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        speaking(workers).engine.fails = RuntimeError("out of memory")
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)


async def test_a_segment_whose_engine_breaks_waits_for_a_worker_that_is_silent_for_a_moment(workers):
    """As on a busy machine; the worker that failed it says that it is well until its next beat."""
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        broken = speaking(workers)
        (other,) = (worker for worker in workers if worker is not broken)
        other.silence()
        await until(pool, lambda: sum(worker.is_up for worker in pool.status().workers) == 1)
        broken.engine.fails = RuntimeError("out of memory")

        async def rest():
            return [chunk async for chunk in stream]

        async with asyncio.TaskGroup() as tasks:
            hearing = tasks.create_task(rest())
            await broken.worker.is_idle.wait()
            other.speak_again()

        assert is_unbroken(chunks + hearing.result())


async def moved_once(folder, kinds, taken=5):
    """Two engines that take notes; the segment has moved from the first to the second."""
    async with contextlib.AsyncExitStack() as stack:
        made = [LocalWorker(Address(folder / str(place)), NotingEngine(kind)) for place, kind in enumerate(kinds)]
        for worker in made:
            await worker.start()
            stack.push_async_callback(worker.stop)
        async with pool_of(*made) as pool:
            lead_s = 1.5
            stream, chunks = await begun(pool, taken, runs_dry_at=lambda: time.monotonic() + lead_s)
            lost = speaking(made)
            (other,) = set(made) - {lost}
            await lost.stop()
            chunks += [chunk async for chunk in stream]
            assert is_unbroken(chunks)
            return lost.engine, other.engine, lead_s, chunks


async def test_what_an_engine_has_noted_is_handed_to_another_of_its_kind(tmp_path):
    lost, other, _, _ = await moved_once(tmp_path, ["noting", "noting"])
    assert lost.begun == [()]
    assert other.begun == [tuple(f"noting {number}" for number in range(1, 6))]


async def test_an_engine_of_another_kind_is_given_no_notes(tmp_path):
    _, other, _, _ = await moved_once(tmp_path, ["noting", "otherwise"])
    assert other.begun == [()]


async def test_an_engine_that_goes_on_is_as_hurried_as_its_listener_whatever_it_makes_again(tmp_path):
    """The listener has the first chunks from another worker: they are no lead over the sound behind them."""
    _, other, lead_s, chunks = await moved_once(tmp_path, ["noting", "noting"])
    again_s = sum(len(chunk.samples) for chunk in chunks[:5]) / other.sample_rate_hz
    assert other.dry_in_s[0] < lead_s - again_s / 2
    assert lead_s - again_s / 2 < other.dry_in_s[-1] <= lead_s


async def test_notes_of_what_is_made_again_are_handed_on_if_that_worker_is_lost_too(tmp_path):
    """They say all that was known before, also of chunks that are not sent again."""
    async with contextlib.AsyncExitStack() as stack:
        made = [LocalWorker(Address(tmp_path / name), NotingEngine()) for name in "abc"]
        for worker in made:
            await worker.start()
            stack.push_async_callback(worker.stop)
        async with pool_of(*made) as pool:
            stream, chunks = await begun(pool, 5)
            await speaking(made).stop()
            chunks.append(await anext(stream))
            await speaking(made).stop()
            chunks += [chunk async for chunk in stream]

            assert is_unbroken(chunks)
            last = next(worker for worker in made if worker.worker is not None).engine.begun[-1]
            assert last[:6] == tuple(f"noting {number}" for number in range(1, 7))


async def test_a_silent_worker_that_is_heard_again_goes_on_if_there_is_no_other(workers):
    await workers[1].stop()
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        workers[0].silence()
        await until(pool, lambda: not any(worker.is_up for worker in pool.status().workers))
        workers[0].speak_again()
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 0


async def test_a_worker_that_comes_back_in_time_goes_on_if_there_is_no_other(workers):
    await workers[1].stop()
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        await workers[0].stop()
        again = LocalWorker(workers[0].address, Engine())
        await again.start()
        chunks += [chunk async for chunk in stream]
        await again.stop()

        assert is_unbroken(chunks)


@pytest.mark.parametrize(("loss", "within_s"), [("stop", 0.0), ("silence", HUNG_S)])
async def test_without_any_worker_a_segment_fails_in_the_time_that_is_stated(workers, loss, within_s):
    await workers[1].stop()
    async with pool_of(*workers) as pool:
        stream, _ = await begun(pool)
        begun_at = time.monotonic()
        await workers[0].stop() if loss == "stop" else workers[0].silence()
        with pytest.raises(SynthesisFailed, match="no worker has come for 2 s"):
            await spoken(stream)

        assert time.monotonic() - begun_at < within_s + pool_module.NO_WORKER_S + PATIENCE_S
        assert pool.status().state == "failed"
        assert pool.status().sustainable_requests == 0


async def test_an_engine_that_breaks_without_another_fails_its_segment_at_once(workers):
    await workers[1].stop()
    workers[0].engine.fails = SynthesisFailed("out of memory")
    async with pool_of(*workers) as pool:
        with pytest.raises(SynthesisFailed, match="out of memory"):
            await spoken(pool.speak(SEGMENT, STYLE))
        assert workers[0].engine.asked == 1


async def test_a_segment_that_breaks_every_engine_is_not_tried_for_ever(workers):
    for worker in workers:
        worker.engine.fails = SynthesisFailed("this text breaks it")
    async with pool_of(*workers) as pool:
        with pytest.raises(SynthesisFailed, match="this text breaks it"):
            await spoken(pool.speak(SEGMENT, STYLE))
        assert [worker.engine.asked for worker in workers] == [1, 1]


@pytest.mark.parametrize("error", [UnsupportedRequest, NoSuchVoice])
async def test_what_the_client_got_wrong_is_not_tried_elsewhere(workers, error):
    for worker in workers:
        worker.engine.fails = error("not like that")
    async with pool_of(*workers) as pool:
        with pytest.raises(error, match="not like that"):
            await spoken(pool.speak(SEGMENT, STYLE))
        assert sum(worker.engine.asked for worker in workers) == 1


async def test_a_voice_that_no_worker_has_is_refused(workers):
    async with pool_of(*workers) as pool:
        with pytest.raises(NoSuchVoice, match="'nobody'"):
            await spoken(pool.speak(SEGMENT, replace(STYLE, voice="nobody")))


# -- leases and capacity -----------------------------------------------------------------------------------------------


async def test_capacity_is_the_sum_of_the_workers_and_a_worker_that_goes_takes_its_own_away(workers):
    workers[1].engine._requests = 4
    async with pool_of(*workers) as pool:
        told = []
        pool.watch(lambda: told.append(pool.status().sustainable_requests))
        assert pool.default_max_concurrent_requests == 14
        assert pool.status().sustainable_requests == 14

        await workers[0].stop()
        await until(pool, lambda: pool.status().sustainable_requests == 4)
        assert told[-1] == 4


async def test_what_other_servers_speak_is_not_counted_on(workers):
    async with pool_of(*workers) as pool, pool_of(*workers, server="another") as other:
        stream, _ = await begun(other)
        await until(pool, lambda: pool.status().sustainable_requests == 19)
        assert other.status().sustainable_requests == 20
        await stream.aclose()
        await until(pool, lambda: pool.status().sustainable_requests == 20)


async def test_the_processes_of_one_server_are_counted_together(workers):
    async with pool_of(*workers) as pool, pool_of(*workers) as sibling:
        stream, _ = await begun(sibling)
        workers[0].engine._requests = 11  # whoever is told this was told of the stream before
        await until(pool, lambda: pool.status().sustainable_requests == 21)
        await stream.aclose()


async def test_segments_of_one_utterance_stay_with_one_worker_and_others_spread(workers):
    async with pool_of(*workers) as pool:
        style = replace(STYLE, utterance="u")
        held = [(await begun(pool, 1))[0] for _ in range(8)]
        assert all(worker.engine.asked for worker in workers)
        before = [worker.engine.asked for worker in workers]
        for _ in range(3):
            await spoken(pool.speak(SEGMENT, style))
        after = [worker.engine.asked for worker in workers]
        assert sorted(new - old for new, old in zip(after, before, strict=True)) == [0, 3]
        for stream in held:
            await stream.aclose()


async def test_a_stream_that_is_closed_is_cancelled_at_its_worker(workers):
    async with pool_of(*workers) as pool:
        stream, _ = await begun(pool, 1)
        worker = speaking(workers)
        await stream.aclose()
        await asyncio.wait_for(worker.worker.is_idle.wait(), PATIENCE_S)


async def test_a_worker_forgets_what_a_gateway_that_is_gone_had_leased(workers):
    async with pool_of(*workers) as pool:
        stream, _ = await begun(pool, 1)
        worker = speaking(workers)
        await pool.close()
        await asyncio.wait_for(worker.worker.is_idle.wait(), PATIENCE_S)
        await stream.aclose()


async def test_a_worker_lists_its_voices_once_a_beat_however_many_gateways_it_has(workers):
    listed = []
    voices = workers[0].engine.voices
    async with pool_of(*workers), pool_of(*workers, server="another"), pool_of(*workers, server="a third"):
        workers[0].engine.voices = lambda: listed.append(0) or voices()
        for beats in range(1, 4):
            workers[0].worker._timer.cancel()
            workers[0].worker._beat()
            assert len(listed) == beats


async def test_a_worker_makes_no_chunk_before_the_last_was_taken(workers):
    async with pool_of(*workers) as pool:
        made = []
        original = workers[0].engine.speak

        async def speak(*given):
            async for chunk in original(*given):
                made.append(chunk)
                yield chunk

        for worker in workers:
            worker.engine.speak = speak
        stream, taken = await begun(pool, 2)
        assert len(made) == len(taken)
        await stream.aclose()


async def test_a_worker_that_leaves_finishes_what_it_speaks_and_gets_nothing_new(workers):
    async with pool_of(*workers) as pool:
        stream, chunks = await begun(pool)
        leaving = speaking(workers)
        leaving.worker.leave()
        await until(pool, lambda: sum(worker.is_up for worker in pool.status().workers) == 1)
        asked = leaving.engine.asked
        await spoken(pool.speak(SEGMENT, STYLE))
        assert leaving.engine.asked == asked
        chunks += [chunk async for chunk in stream]

        assert is_unbroken(chunks)
        assert pool.status().speeches_moved == 0


async def test_a_probe_is_nobody_s_speech(workers):
    """A cluster that nobody uses shrinks, although each of its gateways probes."""
    async with pool_of(workers[0]) as pool:
        probe, _ = await begun(pool)
        assert (workers[0].speaks, workers[0].worker.speaking) == (True, 0)
        heard, _ = await begun(pool, style=replace(STYLE, utterance="u"))
        assert workers[0].worker.speaking == 1
        await probe.aclose()
        await heard.aclose()


async def test_members_come_and_go(workers):
    async with pool_of(workers[0]) as pool:
        pool.members.changed([worker.address for worker in workers])
        await until(pool, lambda: pool.status().sustainable_requests == 20)
        pool.members.changed([workers[1].address])
        assert pool.status().sustainable_requests == 10
        await spoken(pool.speak(SEGMENT, STYLE))
        assert [worker.engine.asked for worker in workers] == [0, 1]


async def test_voices_that_a_worker_gets_later_are_offered(workers):
    async with pool_of(*workers) as pool:
        voice = Voice(
            "new", "came later", ("en",), frozenset({"seed"}), has_word_times=False, alphabets=frozenset({"cmu"})
        )
        offered = [*workers[1].engine.voices(), voice]
        workers[1].engine.voices = lambda: offered
        await until(pool, lambda: voice in pool.voices())


# -- the start ---------------------------------------------------------------------------------------------------------


async def test_a_pool_that_finds_nobody_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr(pool_module, "_START_S", 0.05)
    monkeypatch.setattr(pool_module, "_LONGEST_START_S", 0.05)
    with pytest.raises(EngineUnavailable, match=r"unix:.*gone: it cannot be reached"):
        async with pool_of(LocalWorker(Address(tmp_path / "gone"), Engine())):
            pass


async def test_a_worker_whose_engine_has_another_rate_is_not_leased(workers, monkeypatch):
    monkeypatch.setattr(pool_module, "_START_S", 0.5)
    monkeypatch.setattr(pool_module, "_LONGEST_START_S", 0.05)
    monkeypatch.setattr(Engine, "sample_rate_hz", 16_000)
    with pytest.raises(EngineUnavailable, match="its engine speaks at 16000 Hz, not at 24000"):
        async with pool_of(*workers):
            pass


async def test_a_pool_starts_with_one_of_two_and_takes_the_other_in_when_it_comes(workers, monkeypatch):
    monkeypatch.setattr(pool_module, "_START_S", 0.05)
    await workers[1].stop()
    async with pool_of(*workers) as pool:
        assert pool.default_max_concurrent_requests == 20  # the other is taken to be as good
        assert pool.status().sustainable_requests == 10
        late = LocalWorker(workers[1].address, Engine())
        await late.start()
        await until(pool, lambda: pool.status().sustainable_requests == 20)
        await late.stop()


def test_words_that_were_told_are_not_told_again():
    speech = pool_module._Speech(SEGMENT, STYLE, lambda: math.inf, 24_000)
    speech.begin("tone")
    sound = np.arange(4_800, dtype="<i2").tobytes()
    first = speech.take(pool_module.Sound(0, [(0, 3, 0), (4, 9, 4_700)], {}, [], sound))
    speech.begin("tone")
    again = speech.take(pool_module.Sound(0, [(4, 9, 4_700), (10, 15, 9_000)], {}, [], sound[2 * 3_840 :] + sound))

    assert first.words == (WordMark(0, 3, 0), WordMark(4, 9, 4_700))
    assert again.words == (WordMark(10, 15, 9_000),)
