"""Two workers in this process."""

import contextlib

import pytest
from speech_workers import Engine, LocalWorker

from sayline.synthesis.workers.addresses import Address


@pytest.fixture
async def workers(tmp_path):
    """Two workers that a pool may lease."""
    async with contextlib.AsyncExitStack() as stack:
        made = [LocalWorker(Address(tmp_path / name), Engine()) for name in "ab"]
        for worker in made:
            await worker.start()
            stack.push_async_callback(worker.stop)
        yield made
