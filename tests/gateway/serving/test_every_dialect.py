"""What every dialect owes its client, by the bare peers of the benchmarks on a real server."""

import asyncio
import importlib.util
import time
from pathlib import Path

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
