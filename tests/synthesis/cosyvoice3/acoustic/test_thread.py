"""The thread that owns the acoustic engine: calls in, sound out by callback, and every end is reported."""

import asyncio
import threading
import time

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")

from cosyvoice3_checkpoint import reference, tiny_model_dir
from cosyvoice3_flow import flow

from sayline.synthesis.cosyvoice3.acoustic.engine import AcousticEngine, AcousticVoice
from sayline.synthesis.cosyvoice3.acoustic.page_pool import PagePool
from sayline.synthesis.cosyvoice3.acoustic.rtf_guard import Pressure, RtfGuard
from sayline.synthesis.cosyvoice3.acoustic.scheduler import WANTED_SLACK_S
from sayline.synthesis.cosyvoice3.acoustic.thread import QUIET_S, AcousticThread
from sayline.synthesis.cosyvoice3.flow.chunk_solver import ChunkSolver, EagerNetwork, Pages
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.vocoder.batches import VocoderBatches
from sayline.synthesis.cosyvoice3.vocoder.vocoder import Vocoder
from sayline.synthesis.interface import EngineUnavailable, SynthesisFailed

LIMIT_S = 60  # of waiting; seen: 2 s on two cores
PAGES, STREAMS = 30, 2


def new_engine(*, measure=None):
    torch.set_num_threads(1)
    solver = ChunkSolver(flow(), EagerNetwork(flow().dit, Pages(flow().dit, PAGES)), 20)
    dimensions = ModelDimensions.read(tiny_model_dir()).vocoder
    vocoder = Vocoder.load(tiny_model_dir(), dimensions, torch.device("cpu"), torch.float32, noise_frames=400)
    batches = VocoderBatches(vocoder, STREAMS, solver.frames, uses_graphs=False)
    return AcousticEngine(flow(), solver, PagePool(PAGES), batches, 10, RtfGuard({1: 0.01}), measure=measure)


def demo_voice(digest="demo"):
    arrays = reference("tiny0_flow")
    return AcousticVoice(digest, tuple(arrays["prompt_token"].tolist()), arrays["prompt_mel"], arrays["embedding"])


def words(count):
    return np.random.default_rng(count).integers(0, 6561, count).tolist()


class Outcomes:
    """What a thread reports, stream by stream; every callback is checked to come in the loop's own thread."""

    def __init__(self, new_engine=new_engine, quiet_s=QUIET_S):
        self.samples = {}
        self.ended = {}
        self.failures = {}
        self.capacities = []
        self.thread = AcousticThread(new_engine, self._sounded, self._failed, self._capacity_changed, quiet_s)
        self._loop_thread = threading.current_thread()

    def _end_of(self, key):
        return self.ended.setdefault(key, asyncio.get_running_loop().create_future())

    def _sounded(self, key, samples, is_last, launched_at):
        assert threading.current_thread() is self._loop_thread
        assert launched_at > 0
        self.samples[key] = self.samples.get(key, 0) + len(samples)
        self.thread.pull(key, len(samples), launched_at + 1)
        if is_last:
            self._end_of(key).set_result("heard")

    def _failed(self, key, error):
        assert threading.current_thread() is self._loop_thread
        self.failures[key] = error
        self._end_of(key).set_result("failed")

    def _capacity_changed(self, count, pressure):
        assert threading.current_thread() is self._loop_thread
        self.capacities.append((count, pressure))

    async def end_of(self, key):
        async with asyncio.timeout(LIMIT_S):
            return await self._end_of(key)

    async def __aenter__(self):
        await self.thread.start()
        return self

    async def __aexit__(self, *_):
        await self.thread.stop()


async def test_a_stream_s_sound_arrives_in_the_loop_to_its_last_sample():
    async with Outcomes() as outcomes:
        assert outcomes.thread.most_chunks == PAGES - 1
        outcomes.thread.open(1, demo_voice())
        outcomes.thread.push(1, words(40)[:15], is_complete=False)
        outcomes.thread.push(1, words(40)[15:], is_complete=True)
        assert await outcomes.end_of(1) == "heard"
        assert outcomes.samples == {1: 40 * 960}


async def test_a_stream_that_waits_because_its_listener_has_much_to_hear_goes_on_by_itself_when_it_has_less():
    async with Outcomes() as outcomes:
        dry_at = time.monotonic() + WANTED_SLACK_S + 0.5
        outcomes.thread.open(1, demo_voice(), dry_at)
        outcomes.thread.push(1, words(20), is_complete=True)
        assert await outcomes.end_of(1) == "heard"
        assert time.monotonic() > dry_at - WANTED_SLACK_S


async def test_it_answers_when_it_comes_round_and_not_while_it_hangs():
    released = threading.Event()
    async with asyncio.timeout(LIMIT_S), Outcomes() as outcomes:
        await outcomes.thread.answer()
        outcomes.thread._calls.put(lambda _engine, _now: released.wait())
        answering = asyncio.create_task(outcomes.thread.answer())
        await asyncio.wait((answering,), timeout=0.1)
        assert not answering.done()
        released.set()
        await answering


async def test_a_stream_that_cannot_be_opened_is_reported_and_the_others_go_on():
    async with Outcomes() as outcomes:
        for key in range(1, STREAMS + 2):
            outcomes.thread.open(key, demo_voice())
        assert await outcomes.end_of(STREAMS + 1) == "failed"
        assert isinstance(outcomes.failures[STREAMS + 1], SynthesisFailed)
        for key in range(1, STREAMS + 1):
            outcomes.thread.push(key, words(20), is_complete=True)
        for key in range(1, STREAMS + 1):
            assert await outcomes.end_of(key) == "heard"
        assert outcomes.samples == dict.fromkeys(range(1, STREAMS + 1), 20 * 960)


async def test_a_voice_that_is_no_voice_ends_its_own_stream_only():
    async with Outcomes() as outcomes:
        broken = AcousticVoice("broken", (1, 2, 3), np.zeros((6, 80), np.float32), np.zeros(7, np.float32))
        outcomes.thread.open(1, broken)
        outcomes.thread.open(2, demo_voice())
        outcomes.thread.push(2, words(20), is_complete=True)
        assert await outcomes.end_of(1) == "failed"
        assert await outcomes.end_of(2) == "heard"


async def test_a_closed_stream_is_heard_no_more_and_leaves_its_place_to_another():
    async with Outcomes() as outcomes:
        for key in range(1, STREAMS + 1):
            outcomes.thread.open(key, demo_voice())
        outcomes.thread.close(1)
        outcomes.thread.push(1, words(20), is_complete=True)
        outcomes.thread.open(9, demo_voice())
        outcomes.thread.push(9, words(20), is_complete=True)
        assert await outcomes.end_of(9) == "heard"
        assert 1 not in outcomes.samples


async def test_how_many_can_be_kept_in_real_time_is_told_at_start_and_when_it_has_changed():
    """The guard was told of ten times faster steps than this machine makes."""

    def hopeful_engine():
        engine = new_engine()
        engine.guard = RtfGuard({1: 1e-4})
        return engine

    async with Outcomes(hopeful_engine) as outcomes:
        assert outcomes.capacities[0] == (800, Pressure.NONE)
        outcomes.thread.open(1, demo_voice())
        outcomes.thread.push(1, words(100), is_complete=True)
        assert await outcomes.end_of(1) == "heard"
        assert outcomes.capacities[-1][0] < 800 * 15 / 16


async def test_once_there_was_no_stream_for_a_while_steps_are_measured_again_and_the_capacity_is_told():
    """The guard was told of steps ten times too slow, as beside another program that starts on the same GPU."""
    measured = asyncio.Event()
    loop = asyncio.get_running_loop()

    def measure():
        loop.call_soon_threadsafe(measured.set)
        return {1: 0.001}

    async with asyncio.timeout(LIMIT_S), Outcomes(lambda: new_engine(measure=measure), quiet_s=0.0) as outcomes:
        assert outcomes.capacities[0] == (8, Pressure.NONE)
        await measured.wait()
        await outcomes.thread.answer()
        assert outcomes.capacities[-1] == (80, Pressure.NONE)


async def test_steps_are_measured_once_in_each_quiet_time_and_not_while_a_stream_is_open():
    quiet = asyncio.Queue()
    loop = asyncio.get_running_loop()

    def measure():
        loop.call_soon_threadsafe(quiet.put_nowait, "measured")
        return {}

    async with asyncio.timeout(LIMIT_S), Outcomes(lambda: new_engine(measure=measure), quiet_s=0.0) as outcomes:
        thread = outcomes.thread
        await quiet.get()
        thread.open(1, demo_voice())
        for _ in range(5):
            await thread.answer()
        thread.push(1, words(20), is_complete=True)
        assert await outcomes.end_of(1) == "heard"
        assert quiet.empty()
        thread.close(1)
        await quiet.get()
        for _ in range(5):
            await thread.answer()
        assert quiet.empty()


async def test_an_engine_that_cannot_be_made_is_unavailable():
    def no_engine():
        raise EngineUnavailable("no model here")

    outcomes = Outcomes(no_engine)
    with pytest.raises(EngineUnavailable, match="no model here"):
        await outcomes.thread.start()
    await outcomes.thread.stop()


async def test_an_engine_that_breaks_is_reported_dead_with_its_reason():
    """Tokens that are no speech codes: the gateway never sends any, so whatever follows is a defect."""
    async with Outcomes() as outcomes:
        outcomes.thread.open(1, demo_voice())
        outcomes.thread.push(1, [10**6] * 20, is_complete=True)
        async with asyncio.timeout(LIMIT_S):
            assert isinstance(await outcomes.thread.died, IndexError)


async def test_stopping_ends_both_threads_whatever_is_under_way():
    before = set(threading.enumerate())
    async with Outcomes() as outcomes:
        outcomes.thread.open(1, demo_voice())
        outcomes.thread.push(1, words(200), is_complete=True)
    left = [thread.name for thread in set(threading.enumerate()) - before if thread.name.startswith("acoustic")]
    assert left == []


async def test_a_thread_that_never_started_can_be_stopped():
    await Outcomes().thread.stop()
