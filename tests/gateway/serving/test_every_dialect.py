"""What every dialect owes its client, by the bare peers of the benchmarks on a real server."""

import asyncio
import gc
import importlib.util
import time
from collections import Counter
from pathlib import Path

from websockets.asyncio.server import ServerConnection

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

BENCHMARK = Path(__file__).parents[3] / "benchmarks/dialects.py"
TEXT = "The first sentence is spoken at once. The second one follows without any hole, as it always does."
# Pipecat drops a turn whose first sound takes 3 s, and what follows a hole of 3 s.
FIRST_SOUND_S = 2.5
HOLE_S = 3.0


def peers():
    """The benchmark's peers, of all dialects."""
    specification = importlib.util.spec_from_file_location("dialects_benchmark", BENCHMARK)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.PEERS


async def gaps(peer):
    """Seconds before the first sound and between the others."""
    found = []
    async with peer:
        last = time.perf_counter()
        async for _ in peer.speak(TEXT):
            found.append(time.perf_counter() - last)
            last = time.perf_counter()
    return found


async def test_rule_01_the_first_sound_comes_soon_and_no_hole_is_as_long_as_a_framework_waits():
    """All dialects at once: they share one server, as their clients do."""
    async with running_server(Settings(port=0, engine="tone")) as server, asyncio.timeout(60):
        kinds = peers()
        heard = await asyncio.gather(*(gaps(kind(server.url, "pcm_24000")) for kind in kinds.values()))
    for name, found in zip(kinds, heard, strict=True):
        assert found[0] <= FIRST_SOUND_S, name
        assert max(found) < HOLE_S, name


async def until_nobody_is_connected(server):
    while server.load().connections:
        await asyncio.sleep(0)
    for _ in range(10):  # passes of the loop in which the last callbacks run
        await asyncio.sleep(0)


def gateway_objects_in_cycles():
    """Count, by class, the gateway's objects and its libraries' that only a collection of garbage finds."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        return Counter(
            f"{type(found).__module__}.{type(found).__name__}"
            for found in gc.garbage
            if type(found).__module__.startswith(("sayline.gateway", "websockets.server", "aiohttp.web"))
            or isinstance(found, ServerConnection)
        )
    finally:
        gc.set_debug(0)
        gc.garbage.clear()


async def leave_amid_a_sentence(peer):
    async with peer:
        async for _ in peer.speak(TEXT):
            return


async def hear_a_word(peer):
    async with peer:
        async for _ in peer.speak("Hello."):
            pass


async def test_an_ended_connection_leaves_nothing_to_the_collection_of_garbage():
    """Two hundred that end together would stop the frames of all listeners for 100 ms: an object takes 3 us."""
    async with running_server(Settings(port=0, engine="tone")) as server, asyncio.timeout(60):

        async def clients(act, but=()):
            kinds = (kind for name, kind in peers().items() if name not in but)
            await asyncio.gather(*(act(kind(server.url, "pcm_24000")) for kind in kinds))
            await until_nobody_is_connected(server)

        await clients(hear_a_word)  # what a first connection imports and keeps
        gc.collect()
        gc.disable()
        try:
            await clients(hear_a_word)
            assert not gateway_objects_in_cycles()
            # Its request's task is cancelled, and in Python 3.11 a task group that ends so keeps a cycle.
            await clients(leave_amid_a_sentence, but=("openai",))
            assert not gateway_objects_in_cycles()
        finally:
            gc.enable()
