"""Between a gateway and its workers lies a network that delays, stalls, cuts in mid-frame, or loses all it is given."""

import asyncio
import contextlib
from types import SimpleNamespace

import numpy as np
import pytest
from relay import Relay
from speech_workers import PATIENCE_S, SEGMENT, STYLE, Engine, LocalWorker, joined, pool_of

from sayline.synthesis.tone import tone_for, words_for
from sayline.synthesis.workers.addresses import Address


@pytest.fixture
async def network():
    """Two workers over TCP, each behind a relay of its own: (worker, relay), and the pool that leases them."""
    async with contextlib.AsyncExitStack() as stack:
        pairs = []
        for _ in range(2):
            worker = LocalWorker(Address(None, "127.0.0.1", 0), Engine())
            await worker.start()
            stack.push_async_callback(worker.stop)
            relay = await stack.enter_async_context(Relay(worker._listener.getsockname()[1]))
            pairs.append((worker, relay))
        places = [SimpleNamespace(address=Address(None, "127.0.0.1", relay.port)) for _, relay in pairs]
        pool = await stack.enter_async_context(pool_of(*places))
        yield pairs, pool


async def begun(pairs, pool):
    """A segment of which three chunks were taken, and the relay before its worker."""
    stream = pool.speak(SEGMENT, STYLE)
    chunks = [await anext(stream) for _ in range(3)]
    return stream, chunks, next(relay for worker, relay in pairs if worker.speaks)


async def ends_unbroken(stream, chunks):
    async with asyncio.timeout(PATIENCE_S):
        chunks += [chunk async for chunk in stream]
    samples, words = joined(chunks)
    return np.array_equal(samples, tone_for(SEGMENT, STYLE)) and tuple(words) == words_for(SEGMENT, STYLE)


async def test_over_a_slow_network_speech_stays_with_its_worker(network):
    pairs, pool = network
    for _, relay in pairs:
        relay.delay_s = 0.02
    stream, chunks, _ = await begun(pairs, pool)

    assert await ends_unbroken(stream, chunks)
    assert pool.status().speeches_moved == 0


@pytest.mark.parametrize("after", [0, 1, 5, 9, 10, 11, 50, 5_000, 9_650, 12_345])
async def test_a_link_that_is_cut_in_mid_frame_costs_no_sample(network, after):
    pairs, pool = network
    stream, chunks, relay = await begun(pairs, pool)
    relay.cut_after["client"] = after

    assert await ends_unbroken(stream, chunks)
    assert pool.status().speeches_moved >= 1  # on a busy machine the second link may look hung, too


async def test_a_link_that_loses_all_costs_no_sample(network):
    pairs, pool = network
    stream, chunks, relay = await begun(pairs, pool)
    relay.loses_all = True

    assert await ends_unbroken(stream, chunks)
    assert pool.status().speeches_moved == 1


async def test_a_link_that_stalls_is_left_and_leased_again_when_it_flows(network):
    pairs, pool = network
    stream, chunks, relay = await begun(pairs, pool)
    relay.flows.clear()

    assert await ends_unbroken(stream, chunks)
    assert pool.status().speeches_moved == 1
    relay.flows.set()
    async with asyncio.timeout(PATIENCE_S):
        await pool._until(lambda: all(worker.is_up for worker in pool.status().workers))


async def test_if_both_links_stall_for_a_second_speech_goes_on_when_they_flow(network):
    pairs, pool = network
    stream, chunks, _ = await begun(pairs, pool)
    for _, relay in pairs:
        relay.flows.clear()
    asyncio.get_running_loop().call_later(1.0, lambda: [relay.flows.set() for _, relay in pairs])

    assert await ends_unbroken(stream, chunks)
