"""Gateway and workers on two networks that only a relay joins, which delays, stalls, cuts in mid-frame and loses all.

The links between them are of TLS. One gateway serves the tests in the order of this file; each leaves it ready.
"""

import asyncio
import contextlib
import json
import time
from http.client import HTTPConnection

import numpy as np
import pytest
import pytest_asyncio
from certificates import make_authority
from namespaces import Namespace, skip_without_namespaces
from relay import Relay
from server_process import ServerProcess
from struck_speech import Strike, heard_through
from wire_peer import PATIENCE_S
from worker_process import MOVES, WorkerProcess

from sayline import SpeechError
from sayline.synthesis.workers.link import HUNG_S
from sayline.synthesis.workers.pool import NO_WORKER_S

skip_without_namespaces()

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]

TEXT = "This sentence is one of many, and there is always another one after it, and so on and on."
STATED_S = HUNG_S + NO_WORKER_S + 1.0  # docs/PROTOCOL.md


class Site:
    """A gateway on one network and two workers on another, with a relay between it and each of them.

    Attributes:
        far: the workers' network.
        relays: to the workers.
        url: leads to the gateway.
        unbroken: what is heard of TEXT if nothing happens: sound and words.
    """

    def __init__(self, far, relays, url):
        self.far = far
        self.relays = relays
        self.url = url

    async def until_both_speak(self):
        """Lead everything on again."""
        for relay in self.relays:
            relay.loses_all, relay.delay_s = False, 0.0
            relay.flows.set()
            relay.cut()
        async with asyncio.timeout(PATIENCE_S):
            while not (await asyncio.to_thread(self._health))["detail"].startswith("2 of 2 workers speak"):
                await asyncio.sleep(0.05)

    def _health(self):
        asking = HTTPConnection(self.url.removeprefix("ws://"), timeout=PATIENCE_S)
        with contextlib.closing(asking):
            asking.request("GET", "/health")
            return json.load(asking.getresponse())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    authority, (server_cert, server_key), (gateway_cert, gateway_key) = make_authority(folder)
    theirs = ["--tls-cert", str(server_cert), "--tls-key", str(server_key), "--clients-ca", str(authority)]
    ours = ["--worker-cert", str(gateway_cert), "--worker-key", str(gateway_key), "--worker-ca", str(authority)]
    async with contextlib.AsyncExitStack() as stack:
        near, far = stack.enter_context(Namespace("near")), stack.enter_context(Namespace("far"))
        relays = []
        for _ in range(2):
            worker = stack.enter_context(WorkerProcess("127.0.0.1:0", *theirs, prefix=far.prefix))
            port = int(worker.address.rpartition(":")[2])
            relays.append(await stack.enter_async_context(Relay(port, listening=near.listening(), dial=far.connect)))
        addresses = ",".join(f"127.0.0.1:{relay.port}" for relay in relays)
        server = await asyncio.to_thread(ServerProcess, "--engine-workers", addresses, *ours, prefix=near.prefix)
        stack.push_async_exit(lambda *_: asyncio.to_thread(server.__exit__, *_))  # whose links end while it does
        server.expected = f"{MOVES}|speech failed|a probe of the engine"
        door = await stack.enter_async_context(Relay(server.port, dial=near.connect))
        made = Site(far, relays, door.url)
        made.unbroken = await heard_through(made, TEXT)
        yield made


async def test_over_a_slow_network_nothing_is_missing(site):
    await site.until_both_speak()
    for relay in site.relays:
        relay.delay_s = 0.02
    samples, words, hole_s = await heard_through(site, TEXT, is_paced=True)

    assert np.array_equal(samples, site.unbroken[0])
    assert words == site.unbroken[1]
    assert hole_s == 0.0


async def test_over_a_thin_network_nothing_is_missing(site):
    """A megabit in a second; sound takes 0.4, and is sent ahead of its time."""
    await site.until_both_speak()
    site.far.limit("1mbit")
    samples, words, hole_s = await heard_through(site, TEXT, is_paced=True)
    site.far.unlimit()

    assert np.array_equal(samples, site.unbroken[0])
    assert words == site.unbroken[1]
    assert hole_s == 0.0


def cut(relay):
    relay.cut_after["client"] = 12_345


def lose(relay):
    relay.loses_all = True


def stall(relay):
    relay.flows.clear()


@pytest.mark.parametrize("fault", [cut, lose, stall])
async def test_a_listener_hears_the_very_samples_of_an_unbroken_run_if_the_network_to_a_worker_does(fault, site):
    await site.until_both_speak()
    passed = [relay.passed for relay in site.relays]

    def strike():
        """The link over which the sound comes."""
        came = [relay.passed - before for relay, before in zip(site.relays, passed, strict=True)]
        fault(site.relays[came.index(max(came))])

    samples, words, hole_s = await heard_through(site, TEXT, Strike(strike), fault)

    assert np.array_equal(samples, site.unbroken[0])
    assert words == site.unbroken[1]
    assert hole_s == 0.0


async def test_if_the_network_to_all_workers_loses_all_the_context_ends_with_an_error_that_may_be_retried(site):
    await site.until_both_speak()
    struck_at = []

    def strike():
        struck_at.append(time.monotonic())
        for relay in site.relays:
            relay.loses_all = True

    with pytest.raises(SpeechError) as failure:
        await heard_through(site, TEXT, Strike(strike), lose)
    assert (failure.value.code, failure.value.retryable) == ("synthesis_failed", True)
    assert time.monotonic() - struck_at[0] < STATED_S + PATIENCE_S
    await site.until_both_speak()
