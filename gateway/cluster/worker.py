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

from ...synthesis.processes.child import take_leash
from ...synthesis.processes.link import Alive, Link, LinkBroken
from ..errors import BadSettings
from ..exit_status import FAILED, UNUSABLE, complain
from ..observing.metrics import Metrics
from ..settings import Settings
from ..wiring import new_synthesizer, running_server
from .doors import inherited
from .ending import Ending
from .link import HEARTBEAT_S, VOCABULARY, Drain, Granted, Job, Listening
from .process_life import heap_settled, run
from .shared_desk import Board, SharedDesk

if TYPE_CHECKING:
    import socket

log = logging.getLogger("sayline.worker")


async def work(job: Job, settings: Settings, leash: socket.socket) -> int:
    """Serve until the supervisor says drain, or is gone; returns the exit status."""
    is_succeeded = False

    def received(message: Drain | Granted) -> None:
        nonlocal is_succeeded
        match message:
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
    _say_alive(supervisor)
    async with (
        running_server(
            settings,
            synthesizer,
            desk=desk,
            metrics=Metrics(Path(job.metrics)),
            sockets=inherited(job.sockets),
            wyoming_sockets=inherited(job.wyoming_sockets),
        ) as server,
        server.probe.kept_up(),
        asyncio.TaskGroup() as tasks,
    ):
        losing = tasks.create_task(is_gone.wait())
        with heap_settled():
            supervisor.send(Listening(server.url))
            told = tasks.create_task(ending.asked.wait())
            await asyncio.wait((losing, told), return_when=asyncio.FIRST_COMPLETED)
        if ending.asked.is_set():
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


def _say_alive(supervisor: Link) -> None:
    """Tell the supervisor regularly that this event loop turns, until the link is closed."""
    if not supervisor.is_closed:
        supervisor.send(Alive())
        asyncio.get_running_loop().call_later(HEARTBEAT_S, _say_alive, supervisor)


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
        return complain(f"no job came from a supervisor: {exc}", FAILED)


if __name__ == "__main__":
    sys.exit(main())
