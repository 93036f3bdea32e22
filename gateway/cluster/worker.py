"""One of several gateway processes that are one server; started and ended by ``supervisor.py``.

A server like that of a single process, but its limits are the supervisor's to keep, its engine may be everybody's, and
its figures are put together with the others'. Its argument is one end of a socket, the leash; its job comes on standard
input.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import shutil
import signal
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from ..errors import BadSettings
from ..exit_status import UNUSABLE
from ..observing.metrics import Metrics
from ..settings import Settings
from ..wiring import new_synthesizer, running_server
from . import link as worker_link
from .ending import Ending
from .process_life import heap_settled, run
from .shared_desk import Board, SharedDesk

log = logging.getLogger("sayline.worker")


@dataclass(frozen=True, slots=True)
class Job:
    """What the supervisor wants of a worker.

    Attributes:
        settings: the server's, with the port that all workers listen on.
        place: its number among them.
        folder: holds what all of them share.
        metrics: the same, for their figures.
        engine: the address of the engine that all of them speak with; None: it has its own.
    """

    settings: Settings
    place: int
    folder: Path
    metrics: Path
    engine: Path | None

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``Supervisor._job`` wrote."""
        fields = json.loads(text)
        engine = fields["engine"]
        return cls(
            Settings(**fields["settings"]),
            fields["place"],
            Path(fields["folder"]),
            Path(fields["metrics"]),
            None if engine is None else Path(engine),
        )


async def work(job: Job, leash: socket.socket) -> int:
    """Serve until the supervisor says drain, or is gone; returns the exit status."""
    reader, supervisor = await asyncio.open_connection(sock=leash)
    desk = SharedDesk(Board(job.folder / "board", job.settings.workers), job.place, supervisor)
    synthesizer = new_synthesizer(job.settings, job.engine)
    ending = Ending()
    ending.serving(job.settings.drain_s)
    _say_alive(supervisor)
    async with (
        running_server(job.settings, synthesizer, desk=desk, metrics=Metrics(job.metrics)) as server,
        asyncio.TaskGroup() as tasks,
    ):
        obeying = tasks.create_task(_obey(reader, desk, ending))
        with heap_settled():
            worker_link.write(supervisor, "listening", url=server.url)
            told = tasks.create_task(ending.asked.wait())
            await asyncio.wait((obeying, told), return_when=asyncio.FIRST_COMPLETED)
        if ending.asked.is_set():
            leaving = tasks.create_task(server.drain())
            await asyncio.wait((obeying, leaving), return_when=asyncio.FIRST_COMPLETED)
            leaving.cancel()
        else:
            log.error("the supervisor is gone")
            ending.serving(0.0)
            ending.ask()
            shutil.rmtree(job.folder, ignore_errors=True)  # or nobody would
        obeying.cancel()
        told.cancel()
    supervisor.close()
    return 0


def _say_alive(supervisor: asyncio.StreamWriter) -> None:
    """Tell the supervisor that this loop turns, now and every so often; until the link is closed."""
    if not supervisor.is_closing():
        worker_link.write(supervisor, "alive")
        asyncio.get_running_loop().call_later(worker_link.HEARTBEAT_S, _say_alive, supervisor)


async def _obey(reader: asyncio.StreamReader, desk: SharedDesk, ending: Ending) -> None:
    """Take what the supervisor says until it is gone."""
    with contextlib.suppress(worker_link.LinkClosed):
        while True:
            fields = await worker_link.read(reader)
            if fields["type"] == "drain":
                ending.ask()
            else:
                desk.slot_granted(fields)


def main() -> int:
    """Run a worker; returns the exit status."""
    # A service manager signals all processes of a server at once; the supervisor says drain to each.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    leash = socket.socket(fileno=int(sys.argv[1]))
    leash.set_inheritable(False)  # what we start must not hold it
    job = Job.from_json(sys.stdin.read())
    try:
        return run(job.settings, work(job, leash))
    except BadSettings as exc:
        print(f"sayline: {exc}", file=sys.stderr)  # noqa: T201 - the command line's one error line
        return UNUSABLE


if __name__ == "__main__":
    sys.exit(main())
