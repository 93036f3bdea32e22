"""A worker's pages for probes: can it be leased, and should it be restarted."""

import asyncio
import contextlib
from dataclasses import replace

import aiohttp
import pytest
from speech_workers import Engine

from sayline.gateway.cli import main
from sayline.gateway.worker.pages import answering
from sayline.synthesis.workers.addresses import Address
from sayline.synthesis.workers.serving import SpeechWorker
from sayline.synthesis.workers.wire import listen


class Ailing(Engine):
    """An engine whose state the test says."""

    state = "ready"

    def status(self):
        return replace(super().status(), state=self.state)


@contextlib.asynccontextmanager
async def asked(engine):
    """The worker, and what asks its pages."""
    async with asyncio.TaskGroup() as tasks, aiohttp.ClientSession() as http:
        worker = SpeechWorker(engine, tasks)
        with listen(Address(None, "127.0.0.1", 0)) as listener:
            place = f"http://127.0.0.1:{listener.getsockname()[1]}"

            async def ask(path):
                async with http.get(place + path) as answer:
                    return answer.status, await answer.text()

            async with answering(listener, worker):
                yield worker, ask
        worker.hang_up()


@pytest.mark.parametrize(
    ("state", "ready", "health"), [("ready", 200, 200), ("loading", 503, 200), ("failed", 503, 503)]
)
async def test_a_worker_is_ready_if_its_engine_speaks_and_well_unless_it_has_failed(state, ready, health):
    engine = Ailing()
    async with asked(engine) as (_, ask):
        engine.state = state
        assert await ask("/ready") == (ready, f"{state}\n")
        assert await ask("/health") == (health, f"{state}\n")
        assert (await ask("/"))[0] == 404


async def test_a_worker_that_drains_is_not_ready_and_is_well():
    """Its speeches go on: it must be sent no more, and not be restarted."""
    async with asked(Ailing()) as (worker, ask):
        worker.leave()
        assert await ask("/ready") == (503, "leaving\n")
        assert await ask("/health") == (200, "leaving\n")


@pytest.mark.parametrize(
    ("probes", "why"),
    [
        ("nowhere", "--probes: 'nowhere' is no address"),
        ("unix:/tmp/x", "--probes: they come over TCP"),
        ("192.0.2.1:1", "cannot listen at 192.0.2.1:1"),
    ],
)
def test_where_probes_cannot_come_is_told_in_a_line(probes, why, tmp_path, capsys):
    assert main(["worker", "--listen", f"unix:{tmp_path}/w", "--engine", "tone", "--probes", probes]) in (1, 2)
    assert why in capsys.readouterr().err
