"""``sayline worker`` as an operator runs it: gateways lease it, and no listener hears that it was killed or stopped."""

import asyncio
import contextlib
import signal
import time

import numpy as np
import pytest
from certificates import make_authority
from link_peer import LinkPeer
from server_process import ServerProcess
from struck_speech import RATE_HZ, heard_through
from wire_peer import PATIENCE_S
from worker_process import MOVES, WorkerProcess

from sayline import SpeechError
from sayline.gateway.cli import main
from sayline.synthesis.workers.addresses import read_address
from sayline.synthesis.workers.link import HUNG_S, VOCABULARY
from sayline.synthesis.workers.pool import NO_WORKER_S
from sayline.synthesis.workers.wire import Identity
from sayline.synthesis.workers.wire import connect as connect_to

TEXT = "This sentence is one of many, and there is always another one after it, and so on and on."
MOST_JITTER = RATE_HZ // 10  # samples: ten times what espeak-ng was seen to drift in nine seconds
STATED_S = HUNG_S + NO_WORKER_S + 1.0  # docs/PROTOCOL.md


@contextlib.contextmanager
def two_workers(folder, engine):
    with (
        WorkerProcess(f"unix:{folder}/a", engine=engine) as first,
        WorkerProcess(f"unix:{folder}/b", engine=engine) as second,
        ServerProcess("--engine-workers", f"{first.address},{second.address}") as server,
    ):
        server.expected = MOVES
        yield server, [first, second]


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_a_listener_hears_the_very_samples_of_an_unbroken_run_when_the_worker_is(sent, tmp_path):
    with two_workers(tmp_path, "tone") as (server, workers):
        unbroken, words, _ = await heard_through(server, TEXT)
        struck, words_struck, hole_s = await heard_through(server, TEXT, workers[0].process, sent)

        assert np.array_equal(struck, unbroken)
        assert words_struck == words
        assert hole_s == 0.0
        assert (await server.health())["detail"].startswith("1 of 2 workers speak")


@pytest.mark.slow
@pytest.mark.parametrize("sent", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
async def test_a_listener_hears_each_word_once_and_no_hole_when_espeak_s_worker_is(sent, tmp_path):
    """espeak-ng never makes the same sound twice: the samples differ, by some ms in a sentence."""
    with two_workers(tmp_path, "espeak") as (server, workers):
        unbroken, words, _ = await heard_through(server, TEXT)
        struck, words_struck, hole_s = await heard_through(server, TEXT, workers[0].process, sent)

        assert [word.text for word in words_struck] == [word.text for word in words]
        assert abs(len(struck) - len(unbroken)) < MOST_JITTER
        assert hole_s == 0.0


async def test_without_another_worker_the_context_ends_with_an_error_that_may_be_retried(tmp_path):
    with (
        WorkerProcess(f"unix:{tmp_path}/a") as worker,
        ServerProcess("--engine-workers", worker.address) as server,
    ):
        server.expected = f"{MOVES}|speech failed"
        begun_at = time.monotonic()
        with pytest.raises(SpeechError) as failure:
            await heard_through(server, TEXT, worker.process, signal.SIGKILL)

        assert (failure.value.code, failure.value.retryable) == ("synthesis_failed", True)
        assert time.monotonic() - begun_at < STATED_S + PATIENCE_S
        assert (await server.health())["status"] == "failed"
        with WorkerProcess(f"unix:{tmp_path}/a"):  # which replaces what the killed one left of its address
            async with asyncio.timeout(PATIENCE_S):
                while (await server.health())["status"] != "ok":
                    await asyncio.sleep(0.05)


async def test_a_worker_that_is_asked_to_end_finishes_what_it_speaks(tmp_path):
    with two_workers(tmp_path, "tone") as (server, workers):
        _, words, hole_s = await heard_through(server, TEXT, workers[0].process, signal.SIGTERM)

        assert workers[0].process.wait(PATIENCE_S) == 0
        assert words
        assert hole_s == 0.0
        assert not (tmp_path / "a").exists()


async def test_over_tcp_both_sides_show_certificates_and_nobody_else_is_served(tmp_path):
    authority, (server_cert, server_key), (gateway_cert, gateway_key) = make_authority(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    _, _, (foreign_cert, foreign_key) = make_authority(other)
    files = ["--tls-cert", str(server_cert), "--tls-key", str(server_key), "--clients-ca", str(authority)]
    with WorkerProcess("127.0.0.1:0", *files) as worker:
        shown = ["--worker-cert", str(gateway_cert), "--worker-key", str(gateway_key), "--worker-ca", str(authority)]
        with ServerProcess("--engine-workers", worker.address, *shown) as server:
            server.expected = MOVES  # on a machine that stands still for 0.3 s
            samples, _, _ = await heard_through(server, "Hello there.")
            assert len(samples)

        address = read_address(worker.address)
        for identity in (Identity(foreign_cert, foreign_key, authority), None):
            context = identity.context(is_server=False) if identity else None
            async with asyncio.TaskGroup() as tasks:
                end = await connect_to(address, context, tasks)
                refused = LinkPeer(end, VOCABULARY)
                assert await asyncio.wait_for(refused.take(), PATIENCE_S) is None  # hung up on, without a word
                refused.close()


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--listen", "127.0.0.1:0"], "needs certificates on both sides"),
        (["--listen", "0.0.0.0:0", "--plain-loopback"], "needs certificates on both sides"),
        (["--listen", "nowhere"], "is no address"),
        (["--listen", "unix:/tmp/x", "--engine-workers", "unix:/a", "--engine", "workers"], "engine of its own"),
        (["--listen", "unix:/tmp/x", "--gpus", "0"], "engine of its own"),
        (["--listen", "unix:/nowhere/x"], "cannot listen at unix:/nowhere/x"),
    ],
)
def test_what_a_worker_cannot_be_is_told_in_a_line(flags, why, capsys):
    engine = [] if "--engine" in flags else ["--engine", "tone"]

    assert main(["worker", *flags, *engine]) in (1, 2)
    assert why in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--engine-workers", "127.0.0.1:1"], "needs certificates on both sides"),
        (["--engine-workers", "10.0.0.1:1", "--worker-plain-loopback", "true"], "needs certificates on both sides"),
        (["--engine-workers", "nowhere"], "engine_workers: 'nowhere' is no address"),
        (["--engine-workers", "h:1", "--worker-cert", "/c"], "come together"),
        (["--engine-workers", "dns:h:1"], "needs certificates on both sides"),
        (["--engine-workers", "dns:h"], "engine_workers: 'h' is no address"),
        (["--engine-workers", "dns:h:1,i:1"], "there is one name"),
        (["--engine-workers", "dns:unix:/a"], "there is one name"),
        (["--engine-workers", "unix:/a", "--gpus", "0"], "leave one of the two out"),
    ],
)
def test_workers_that_cannot_be_leased_are_told_in_a_line(flags, why, capsys):
    assert main(["serve", *flags]) == 2
    assert why in capsys.readouterr().err
