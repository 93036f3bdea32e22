"""One of several gateway processes that are one server; ``supervisor.py`` starts and ends it.

It is a server like that of a single process, but the supervisor keeps its limits, the workers may share its engine, and
its figures are added to those of the other workers. Its standard input is the leash, over which its job comes first.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ...synthesis.processes.link import Link
from ..observing.metrics import Metrics
from ..wiring import new_synthesizer, running_server
from .doors import inherited
from .ending import Ending
from .leashed import run_job, say_alive
from .link import VOCABULARY, Closed, Drain, Granted, Job, Open, Prepared
from .process_life import heap_settled
from .shared_desk import Board, SharedDesk

if TYPE_CHECKING:
    import socket

    from ..settings import Settings

log = logging.getLogger("sayline.worker")


async def work(job: Job, settings: Settings, leash: socket.socket) -> int:
    """Serve until the supervisor says drain, or is gone; returns the exit status."""
    is_succeeded = False

    may_open = asyncio.Event()

    def received(message: Open | Drain | Granted) -> None:
        nonlocal is_succeeded
        match message:
            case Open():
                may_open.set()
            case Drain():
                is_succeeded = message.is_succeeded
                ending.serving(settings.drain_s + (settings.handshake_timeout_s if is_succeeded else 0.0))
                ending.ask()
            case Granted():
                desk.slot_granted(message)

    is_gone = asyncio.Event()  # set when the supervisor is gone
    supervisor = Link(leash, VOCABULARY, received, is_gone.set, is_greeted=True)
    folder = Path(job.folder)
    desk = SharedDesk(Board(folder / "board", settings.workers), job.place, supervisor)
    synthesizer = new_synthesizer(settings, None if job.engine is None else Path(job.engine))
    ending = Ending()
    ending.serving(settings.drain_s)
    say_alive(supervisor)
    async with (
        running_server(
            settings,
            synthesizer,
            desk=desk,
            metrics=Metrics(Path(job.metrics)),
            sockets=inherited(job.sockets),
            wyoming_sockets=inherited(job.wyoming_sockets),
            is_open=False,
        ) as server,
        server.probe.kept_up(),
        asyncio.TaskGroup() as tasks,
    ):

        async def open_when_told() -> None:
            await may_open.wait()
            await server.open()

        losing = tasks.create_task(is_gone.wait())
        with heap_settled():
            supervisor.send(Prepared(server.url))
            opening = tasks.create_task(open_when_told())
            told = tasks.create_task(ending.asked.wait())
            await asyncio.wait((losing, told), return_when=asyncio.FIRST_COMPLETED)
        opening.cancel()
        if ending.asked.is_set():
            if is_succeeded:
                await server.stop_accepting()
                supervisor.send(Closed())
            leaving = tasks.create_task(server.make_way() if is_succeeded else server.drain())
            await asyncio.wait((losing, leaving), return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
        else:
            log.error("the supervisor is gone")
            ending.serving(0.0)
            ending.ask()
            shutil.rmtree(folder, ignore_errors=True)  # no other process would remove it
        losing.cancel()
        told.cancel()
    supervisor.close()
    return 0


if __name__ == "__main__":
    sys.exit(run_job(VOCABULARY, work, "a supervisor"))
