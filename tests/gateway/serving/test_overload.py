"""Overload at a real server: what is refused at each step, and that it ends."""

import asyncio
import json
import time

import pytest
from raw_http import ask
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.tone import ToneSynthesizer

HOST = "Host: localhost\r\n"
BODY = json.dumps({"model": "tts-1", "input": "Hello.", "voice": "alloy", "response_format": "pcm"})
SPEECH = f"POST /v1/audio/speech HTTP/1.1\r\n{HOST}Content-Length: {len(BODY)}\r\nConnection: close\r\n\r\n{BODY}"


async def page(server, path):
    return await ask(server.port, f"GET {path} HTTP/1.1\r\n{HOST}Connection: close\r\n\r\n")


async def test_at_the_first_step_connections_come_in_and_no_context_begins():
    settings = Settings(port=0, shed_at_memory=0.0001, refuse_at_memory=1.0)
    async with running_server(settings, ToneSynthesizer()) as server, await WirePeer.join(server.url) as peer:
        await peer.send("text", context_id="c", text="Hello.")
        while not peer.heard().errors:
            await peer.take()
        error = peer.heard().errors[0]
        assert (error["code"], error["retryable"]) == ("overloaded", True)
        answer = await ask(server.port, SPEECH)
        assert (answer.status, answer.error, answer.headers["retry-after"]) == (503, "overloaded", "4")
        assert json.loads((await page(server, "/health")).body)["overload"] == "no contexts"
        assert (await page(server, "/ready")).status == 200
        assert b"sayline_overload_step 1.0" in (await page(server, "/metrics")).body


async def test_at_the_second_step_nobody_comes_in():
    settings = Settings(port=0, shed_at_memory=0.0001, refuse_at_memory=0.0001)
    async with running_server(settings, ToneSynthesizer()) as server:
        with pytest.raises(InvalidStatus) as refused:
            await WirePeer.join(server.url)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "4"
        answer = await ask(server.port, SPEECH)
        assert (answer.status, answer.headers["retry-after"]) == (503, "4")
        assert (await page(server, "/ready")).body == b"overloaded\n"
        assert json.loads((await page(server, "/health")).body)["overload"] == "no connections"


async def test_a_loop_that_is_late_again_and_again_begins_nothing_until_it_is_well_and_what_runs_goes_on():
    settings = Settings(port=0, shed_at_lag_ms=400, refuse_at_lag_ms=60_000)
    async with running_server(settings, ToneSynthesizer()) as server, await WirePeer.join(server.url) as peer:
        await peer.send("text", context_id="c", text="A context that has begun. ")
        while not peer.heard().frames:
            await peer.take()
        for _ in range(6):  # four samples in a row
            time.sleep(1.0)  # noqa: ASYNC251 - this is the fault
            await asyncio.sleep(0.01)
        assert server.load().overload.name == "NO_CONTEXTS"
        await peer.send("context.end", context_id="c")
        await peer.send("text", context_id="new", text="Not now.")
        assert (await peer.listen()).done["reason"] == "end"
        assert peer.heard("new").errors[0]["code"] == "overloaded"
        async with asyncio.timeout(2 * PATIENCE_S):
            while server.load().overload:
                await asyncio.sleep(0.1)
        await peer.speak("Now I am heard.", "later")
        assert (await peer.listen("later")).done["reason"] == "end"
