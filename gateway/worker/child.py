"""A worker that a server keeps on one of its GPUs (``fleet``). Its standard input is the leash; its job comes there."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from ...synthesis.interface import EngineUnavailable
from ...synthesis.processes.child import take_leash
from ...synthesis.processes.link import Alive, Link, LinkBroken
from ...synthesis.workers.addresses import read_address
from ...synthesis.workers.wire import listen
from ..cluster.ending import Ending
from ..cluster.process_life import run
from ..errors import BadSettings
from ..exit_status import FAILED, UNUSABLE, complain
from ..fleet.link import HEARTBEAT_S, VOCABULARY, Job, Unavailable, Working
from ..settings import Settings
from .life import leave, working

if TYPE_CHECKING:
    import socket


async def work(job: Job, settings: Settings, leash: socket.socket) -> int:
    """Speak until the server hangs up; returns the exit status."""
    ending = Ending()
    server = Link(leash, VOCABULARY, _ignore, ending.ask, is_greeted=True)
    _say_alive(server)
    try:
        with listen(read_address(job.address)) as listener:
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


def _say_alive(server: Link) -> None:
    """Tell the server regularly that this event loop turns, until the link is closed."""
    if not server.is_closed:
        server.send(Alive())
        asyncio.get_running_loop().call_later(HEARTBEAT_S, _say_alive, server)


def _ignore(message: object) -> None:
    """A server has nothing to say but the job."""


def main() -> int:
    """Run a worker; returns the exit status."""
    leash = take_leash()
    try:
        job: Job = VOCABULARY.receive(leash)
        settings = Settings(**job.settings)
        return run(settings, work(job, settings, leash))
    except BadSettings as exc:
        return complain(str(exc), UNUSABLE)
    except LinkBroken as exc:
        return complain(f"no job came from a server: {exc}", FAILED)


if __name__ == "__main__":
    sys.exit(main())
