"""Workers that Ray Serve places: gateways find them by the board, and no listener hears what becomes of Ray.

``make ray`` runs these: Ray starts once. The first tests begin with one worker, have two and three, and end with none;
each of the others leaves two behind, but for the last, which kills Ray.
"""

import asyncio
import contextlib
import os
import re
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from certificates import make_authority
from ray_cluster import Board, RayCluster, ServeShutdown, StoppedStart, wait_until
from server_process import ServerProcess
from speech_workers import SEGMENT as SPOKEN
from speech_workers import STYLE
from struck_speech import UNNOTICED, Strike, heard_during, heard_through
from wire_peer import WirePeer
from worker_process import MOVES

from sayline import SpeechError
from sayline.gateway.settings import Settings
from sayline.synthesis.workers.addresses import read_address
from sayline.synthesis.workers.membership import StaticList
from sayline.synthesis.workers.pool import WorkerPool
from sayline.synthesis.workers.wire import Identity

pytestmark = [pytest.mark.ray, pytest.mark.timeout(400)]

if os.environ.get("SAYLINE_REQUIRE_RAY") != "1":
    pytest.importorskip("ray")

TEXT = "This sentence is one of many, and there is always another one after it. " * 2
SEGMENT = "This sentence is one of many and there is always another one after it."
LONG = TEXT * 5  # 29 s at FAST, in ten segments: Serve ends what is too many within 15 s
FAST = 1.5
LISTENERS = 3
TWO = ["--min-workers", "2"]
ONE_TO_THREE = ["--min-workers", "1", "--max-workers", "3", "--surplus-s", "6"]
ONE_OR_TWO = ["--min-workers", "1", "--max-workers", "2"]
SHORT = ["--token-max-n", "20", "--token-min-n", "10"]  # a segment is a sentence
SLOTS = 4  # contexts at once
QUEUED = 1000


class Place:
    """What the tests share: Ray, the board, a gateway, and how another gateway proves who it is."""

    def __init__(self, ray, flags, board, identity):
        self.ray, self._flags, self.board, self._identity = ray, flags, board, identity

    def update(self, *flags):
        """Deploy anew, as an operator does: the board ends, and another one comes at its address.

        Two workers, unless flags say otherwise.
        """
        address = self.board.address
        self.board.end()
        self.board = Board(address, *self._flags, *(flags or TWO))

    def end(self):
        """End the board that there is by now."""
        self.board.end()

    async def heard_during(self, deed):
        """What listeners hear, one speech after another, until something was done in a thread."""
        return await heard_during(self.server, TEXT, LISTENERS, asyncio.to_thread(deed))

    async def is_whole(self, count=2):
        """Wait until so many workers speak, and the gateway knows of no others."""
        async with asyncio.timeout(120):
            while (await self.server.health())["detail"] != f"{count} of {count} workers speak":
                await asyncio.sleep(0.1)

    async def streams(self, suffice=bool):
        """Wait until the gateway tells so of its streams, and give them: so many at each worker, by address."""
        async with asyncio.timeout(120):
            while True:
                page = (await self.server.page("/metrics")).decode()
                found = re.findall(r'sayline_worker_speaking\{worker="(\S+)"\} (\S+)', page)
                if suffice(streams := {worker: float(count) for worker, count in found}):
                    return streams
                await asyncio.sleep(0.1)

    @contextlib.asynccontextmanager
    async def filled(self, workers):
        """Have another gateway fill these workers: its listeners take one chunk each, and no more."""
        pool = WorkerPool(StaticList([read_address(worker) for worker in workers]), self._identity, "another")
        async with contextlib.AsyncExitStack() as stack:
            stack.push_async_callback(pool.close)
            await pool.start()
            for number in range(pool.default_max_concurrent_requests):
                stream = pool.speak(SPOKEN, replace(STYLE, utterance=f"u{number}"))
                stack.push_async_callback(stream.aclose)
                await anext(stream)
            yield


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    with RayCluster() as ray, contextlib.ExitStack() as stack:
        authority, (cert, key), (gateway_cert, gateway_key) = make_authority(tmp_path_factory.mktemp("ca"), ray.host)
        flags = ["--engine", "tone", "--worker-cpus", "0.5", "--drain-s", "20"]
        flags += ["--tls-cert", str(cert), "--tls-key", str(key), "--clients-ca", str(authority)]
        flags += ["--ray-address", ray.address]
        identity = Identity(Path(gateway_cert), Path(gateway_key), Path(authority)).context(is_server=False)
        shared = Place(ray, flags, Board(f"{ray.host}:0", *flags, *ONE_TO_THREE), identity)
        stack.callback(shared.end)
        shown = ["--worker-cert", str(gateway_cert), "--worker-key", str(gateway_key), "--worker-ca", str(authority)]
        leased = ["--engine-workers", f"board:{shared.board.address}", *shown]
        shared.count_at_first = len(ray.workers)  # while nobody listens, and no gateway probes
        shared.server = stack.enter_context(ServerProcess(*leased, "--max-concurrent-requests", str(SLOTS), *SHORT))
        shared.server.expected = f"{MOVES}|is away|is back|a probe of the engine|speech failed"
        yield shared


def test_a_worker_that_is_silent_while_it_starts_is_given_up():
    settings = Settings(engine="embedded").model_dump(mode="json")  # which takes a second to load: time to stop it
    replica = StoppedStart({"settings": settings, "board": "127.0.0.1:1", "authority": ""})
    try:
        assert replica.why == "the worker cannot speak: it has said nothing for 2 s"
    finally:
        replica.end()


async def test_as_soon_as_somebody_listens_serve_starts_the_spare_worker(place):
    assert place.count_at_first == 1
    assert await place.heard_during(lambda: wait_until(lambda: len(place.ray.workers) == 2)) == UNNOTICED
    await place.is_whole()


async def test_nobody_hears_that_serve_ends_a_worker_that_is_too_many_though_it_speaks(place):
    """More than two workers keep bring a third one; once they have gone Serve ends the newest, which has a listener."""
    _, expected, _ = await heard_through(place.server, LONG, speed=FAST)
    before = await place.streams(lambda streams: len(streams) == 2)
    async with place.filled(before):
        await place.is_whole(3)
        assert (await place.server.health())["sustainable_requests"] == 500
        listening = asyncio.create_task(heard_through(place.server, LONG, is_paced=True, speed=FAST))
        streams = await place.streams(lambda streams: any(streams.values()))
        (newest,) = set(streams) - set(before)
        assert streams[newest] == 1
    await place.is_whole(2)
    await place.streams(lambda streams: set(streams) == set(before))

    assert (await place.server.health())["sustainable_requests"] == 1000
    assert not listening.done()
    _, words, hole_s = await listening
    assert (words, hole_s) == (expected, 0.0)


async def test_when_nobody_listens_any_more_serve_keeps_the_least(place):
    await place.is_whole(1)
    await asyncio.to_thread(wait_until, lambda: len(place.ray.workers) == 1)
    assert (await place.server.health())["sustainable_requests"] == 500


async def test_no_segment_is_cut_if_serve_shuts_down(place):
    """A segment that has begun is spoken to its end; then no worker is left, and a context that has more ends so."""
    _, expected, _ = await heard_through(place.server, SEGMENT)
    longer = asyncio.create_task(heard_through(place.server, LONG, is_paced=True))
    shutdown = await asyncio.to_thread(ServeShutdown, place.ray.dashboard)
    _, words, hole_s = await heard_through(place.server, SEGMENT, Strike(shutdown.confirm), signal.SIGTERM)

    assert (words, hole_s) == (expected, 0.0)
    with pytest.raises(SpeechError) as failure:
        await longer
    assert (failure.value.code, failure.value.retryable) == ("synthesis_failed", True)
    await asyncio.to_thread(wait_until, lambda: not place.ray.workers)
    await asyncio.to_thread(shutdown.end)
    assert (await place.server.health())["status"] == "failed"


async def test_a_gateway_finds_the_workers_that_are_deployed_anew_and_a_sentence_is_heard(place):
    await asyncio.to_thread(place.update)
    await place.is_whole()
    samples, words, _ = await heard_through(place.server, "Hello there. This came from a worker that Ray placed.")

    assert len(samples)
    assert [word.text for word in words][:2] == ["Hello", "there"]


async def test_after_a_thousand_that_were_cancelled_while_they_waited_one_is_heard(place):
    _, expected, _ = await heard_through(place.server, TEXT)
    async with await WirePeer.join(place.server.url) as peer:
        names = [f"c{number}" for number in range(SLOTS)]
        for name in names:
            await peer.speak(TEXT * 20, name)
        while not all(peer.heard(name).frames for name in names):
            await peer.take()
        for number in range(QUEUED):
            await peer.speak(TEXT, f"q{number}")
            await peer.send("context.cancel", context_id=f"q{number}")
            await peer.listen(f"q{number}")
            assert not peer.heard(f"q{number}").frames
        assert not any(peer.heard(name).done for name in names)  # so all of them have waited
        for name in names:
            await peer.send("context.cancel", context_id=name)
        await peer.listen(*names)

    _, words, _ = await heard_through(place.server, TEXT)
    assert words == expected


@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_nobody_hears_that_a_worker_was_lost_and_another_one_comes(place, sent):
    await place.is_whole()
    before = place.ray.workers

    def deed():
        os.kill(before[0], sent)
        wait_until(lambda: len(set(place.ray.workers) - set(before)) == 1)

    assert await place.heard_during(deed) == UNNOTICED
    await place.is_whole()


async def test_nobody_hears_that_the_replicas_were_killed_whose_workers_end_once_others_have_come(place):
    await place.is_whole()
    before = place.ray.workers

    def deed():
        place.ray.kill("ServeReplica:")
        wait_until(lambda: not set(place.ray.workers) & set(before))

    assert await place.heard_during(deed) == UNNOTICED
    await place.is_whole()


async def test_nobody_hears_that_the_controller_was_killed(place):
    await place.is_whole()
    before = place.ray.workers

    assert await place.heard_during(lambda: place.ray.kill("ray::ServeController")) == UNNOTICED
    assert place.ray.workers == before


async def test_nobody_hears_a_rolling_update_and_there_are_as_many_workers_as_before(place):
    await place.is_whole()
    before = place.ray.workers

    def deed():
        place.update(*ONE_OR_TWO)
        wait_until(lambda: not set(place.ray.workers) & set(before))
        assert len(place.ray.workers) == 2

    assert await place.heard_during(deed) == UNNOTICED
    await place.is_whole()


async def test_nobody_hears_that_ray_s_head_was_killed_and_new_speech_begins_without_it(place):
    await place.is_whole()
    before = place.ray.workers

    assert await place.heard_during(lambda: place.ray.kill("gcs_server", "raylet/raylet", "dashboard")) == UNNOTICED
    assert place.ray.workers == before
    assert len((await heard_through(place.server, TEXT))[1])
