"""A worker that a server keeps on one of its GPUs (``fleet``). Its standard input is the leash; its job comes there."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from ...synthesis.interface import EngineUnavailable
from ...synthesis.processes.link import Link
from ...synthesis.workers.addresses import read_address
from ...synthesis.workers.wire import listen
from ..cluster.ending import Ending
from ..cluster.leashed import run_job, say_alive
from ..exit_status import FAILED
from ..fleet.link import VOCABULARY, Unavailable, Working
from .life import leave, working

if TYPE_CHECKING:
    import socket

    from ..fleet.link import Job
    from ..settings import Settings


async def work(job: Job, settings: Settings, leash: socket.socket) -> int:
    """Speak until the server hangs up; returns the exit status."""
    ending = Ending()
    server = Link(leash, VOCABULARY, _ignore, ending.ask, is_greeted=True)
    say_alive(server)
    try:
        with _listening(job.address) as listener:
            async with working(settings, listener, None) as worker:
                ending.serving(0.0)
                server.send(Working())
                await ending.asked.wait()
                await leave(worker, 0.0)
    except EngineUnavailable as error:
        server.send(Unavailable(str(error)))
        return FAILED
    finally:
        server.close()
    return 0


def _listening(address: str) -> socket.socket:
    """Listen where the server says.

    Raises:
        EngineUnavailable: that cannot be.
    """
    try:
        return listen(read_address(address))
    except OSError as error:
        raise EngineUnavailable(f"cannot listen at {address}: {error.strerror or error}") from error


def _ignore(message: object) -> None:
    """A server has nothing to say but the job."""


if __name__ == "__main__":
    sys.exit(run_job(VOCABULARY, work, "a server"))
