"""A child that is stopped is alive and does nothing: its listeners learn of it in seconds, and the next are served."""

import asyncio
import time

import psutil
import pytest
from server_process import ServerProcess
from wire_peer import PATIENCE_S as WAIT_S
from wire_peer import WirePeer

from sayline.gateway.speaking.encoder_pool import PATIENCE_S as ENCODER_PATIENCE_S
from sayline.synthesis.espeak.engine import PATIENCE_S as VOICE_PATIENCE_S

BUSY_S = 3.0  # what a machine with other work may add
LONG_TEXT = "This sentence is one of many, and there is always another one after it. " * 40
CHILDREN = {
    "encoder": ("encoder_process", ENCODER_PATIENCE_S, "an encoder process (has said|was ended)|speech failed"),
    "voice": ("espeak/process.py", VOICE_PATIENCE_S, "espeak-ng's process has said nothing|speech failed"),
}


@pytest.mark.parametrize(("name", "patience_s", "said"), CHILDREN.values(), ids=CHILDREN)
async def test_contexts_of_a_stopped_child_end_with_an_error_that_may_be_retried_and_health_tells(
    name, patience_s, said
):
    with ServerProcess("--max-lead-ms", "200") as server:
        server.expected = said
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(LONG_TEXT)
            while not peer.heard().frames:
                await peer.take()
            children = psutil.Process(server.process.pid).children()
            (stopped,) = [child for child in children if name in " ".join(child.cmdline())]
            stopped.suspend()
            begun_at = time.monotonic()
            asking = asyncio.create_task(until_health_tells(server))
            while not peer.heard().errors:
                await peer.take()
            assert time.monotonic() - begun_at < patience_s + BUSY_S
            (error,) = peer.heard().errors
            assert (error["code"], error["retryable"]) == ("synthesis_failed", True)
            assert "process has" in await asking

            await peer.speak("Hello again.", "next")
            assert (await peer.listen("next")).done["reason"] == "end"
            assert (await server.health())["status"] == "ok"


async def until_health_tells(server):
    async with asyncio.timeout(WAIT_S):
        while (health := await server.health())["status"] == "ok":
            await asyncio.sleep(0.05)
    return health["detail"]


async def test_an_encoder_that_is_killed_ends_its_contexts_with_an_error_that_may_be_retried_and_the_next_is_spoken():
    with ServerProcess() as server:
        server.expected = CHILDREN["encoder"][2]
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(LONG_TEXT)
            while not peer.heard().frames:
                await peer.take()
            children = psutil.Process(server.process.pid).children()
            (killed,) = [child for child in children if "encoder_process" in " ".join(child.cmdline())]
            killed.kill()
            while not peer.heard().errors:
                await peer.take()
            (error,) = peer.heard().errors
            assert (error["code"], error["retryable"]) == ("synthesis_failed", True)

            await peer.speak("Hello again.", "next")
            assert (await peer.listen("next")).done["reason"] == "end"
