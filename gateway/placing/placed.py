"""A worker that a replica of Ray Serve keeps. Its standard input is the leash; its job comes there.

The worker is a process of its own so that no speech needs Ray: if its replica goes without asking it to leave, because
the replica was killed, or with Ray's head all that Ray keeps, it speaks on as an orphan. The board lets it leave once
another worker has come; SIGTERM does so too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...synthesis.interface import EngineUnavailable
from ...synthesis.processes.link import Link
from ...synthesis.workers.addresses import Address, read_address
from ...synthesis.workers.board import BoardLink, Serve
from ...synthesis.workers.wire import Identity, listen
from ..cluster.ending import Ending
from ..cluster.leashed import HEARTBEAT_S, run_job, say_alive
from ..exit_status import FAILED
from ..worker.life import leave, working
from .link import WORKER, Leave, Load, Unavailable

if TYPE_CHECKING:
    import socket

    from ...synthesis.workers.serving import SpeechWorker
    from ..settings import Settings
    from .link import Job

log = logging.getLogger("sayline.placing")


def identity_of(settings: Settings, authority: str) -> Identity | None:
    """Tell who a worker or the board is; None: without certificates."""
    if settings.tls_cert is None or settings.tls_key is None or not authority:
        return None
    return Identity(settings.tls_cert, settings.tls_key, Path(authority))


async def work(job: Job, settings: Settings, leash: socket.socket) -> int:
    """Speak until something asks this worker to leave; returns the exit status."""
    ending = Ending.by_signals()
    if (niceness := os.nice(0)) > 0:
        log.warning("this worker stands back behind others (nice %d); start Ray with RAY_worker_niceness=0", niceness)
    is_orphaned = is_ready = False

    def asked(_: Leave) -> None:
        ending.ask()

    def hung_up() -> None:
        nonlocal is_orphaned
        is_orphaned = True
        if is_ready:
            board.tell()
        else:
            ending.ask()

    replica = Link(leash, WORKER, asked, hung_up, is_greeted=True)
    say_alive(replica)
    try:
        identity = identity_of(settings, job.authority)
        try:
            listener = listen(Address(None, job.host, 0))
            ours = None if identity is None else identity.context(is_server=True)
            towards = None if identity is None else identity.context(is_server=False)
        except (OSError, ValueError) as error:
            raise EngineUnavailable(f"a worker cannot listen at {job.host}: {error}") from error
        address = Address(None, job.host, listener.getsockname()[1])
        board = BoardLink(
            read_address(job.board), towards, lambda: Serve(str(address), is_orphaned), lambda _: ending.ask()
        )
        with listener:
            async with working(settings, listener, ours) as worker:
                is_ready = True
                ending.serving(settings.drain_s)
                _tell_load(replica, worker)
                async with asyncio.TaskGroup() as tasks:
                    telling = tasks.create_task(board.stay_linked())
                    await ending.asked.wait()
                    telling.cancel()  # so gateways are told that it is a member no more, and by its own link why
                    await leave(worker, settings.drain_s)
    except EngineUnavailable as error:
        replica.send(Unavailable(str(error)))
        return FAILED
    finally:
        replica.close()
    return 0


def _tell_load(replica: Link, worker: SpeechWorker) -> None:
    """Tell the replica every ``HEARTBEAT_S``, for as long as there is one."""
    if not replica.is_closed:
        replica.send(Load(worker.speaking, worker.requests, os.getpid()))
        asyncio.get_running_loop().call_later(HEARTBEAT_S, _tell_load, replica, worker)


if __name__ == "__main__":
    # Ray kills the children of its processes; a grandchild is not known to it.
    if os.fork():
        os._exit(0)
    os.setsid()  # so that it is killed with all that it started (``processes.child.kill_family``)
    sys.exit(run_job(WORKER, work, "a replica"))
