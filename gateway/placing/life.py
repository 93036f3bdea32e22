"""The life of ``sayline cluster``: the board, beside a process that deploys the workers and ends."""

from __future__ import annotations

import asyncio
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Final

from ...synthesis.interface import EngineUnavailable
from ...synthesis.processes.child import Child
from ...synthesis.processes.link import Link
from ...synthesis.workers.wire import admit
from ..cluster.ending import Ending
from ..observing.log_output import write_aside
from ..worker.life import serve_at
from .board import Board
from .link import DEPLOYING, Deployed, Unavailable

if TYPE_CHECKING:
    import socket
    import ssl

    from ...synthesis.workers.addresses import Address
    from ...synthesis.workers.wire import Identity
    from ..settings import Settings
    from .link import Plan

log = logging.getLogger("sayline.placing")

_PROGRAM: Final = f"{__package__}.deploying"


def serve(settings: Settings, address: Address, identity: Identity | None, plan: Plan) -> int:
    """Run until a signal asks it to end, which leaves the workers as they are; returns the exit status.

    Args:
        settings: of the workers' engine, of logs and of draining.
        address: where the board listens.
        identity: for TLS; None: without.
        plan: what is deployed.

    Raises:
        BadSettings: the certificates cannot be used, or the engine is no worker's.
    """
    return serve_at(address, identity, settings, partial(_serve_until_signalled, address, plan))


async def _serve_until_signalled(
    address: Address, plan: Plan, listener: socket.socket, context: ssl.SSLContext | None
) -> int:
    ending = Ending.by_signals()
    where = address._replace(port=listener.getsockname()[1])
    board = Board()
    try:
        async with asyncio.TaskGroup() as tasks:
            admitting = tasks.create_task(admit(listener, context, board.greet))
            try:
                count = await _deploy(plan._replace(job={**plan.job, "board": str(where)}))
                ending.serving(0.0)
                write_aside(sys.stdout.fileno(), f"Sayline's board is listening on {where}; workers: {count}\n")
                await ending.asked.wait()
            finally:
                board.close()
                admitting.cancel()
    except* EngineUnavailable as failures:
        raise failures.exceptions[0] from None
    return 0


async def _deploy(plan: Plan) -> int:
    """Have the workers deployed; returns how many can speak.

    Raises:
        EngineUnavailable: Ray is not there, or an engine cannot run where Ray placed it.
    """
    said: asyncio.Future[Deployed | Unavailable] = asyncio.get_running_loop().create_future()

    def received(message: Deployed | Unavailable) -> None:
        if not said.done():
            said.set_result(message)

    child = Child([sys.executable, "-m", _PROGRAM])
    link = Link(child.socket, DEPLOYING, received, lambda: received(Unavailable("what deploys has ended")))
    link.send(plan)
    try:
        answer = await said
    finally:
        link.close()
        await child.end()
    if isinstance(answer, Unavailable):
        raise EngineUnavailable(f"the workers cannot be deployed: {answer.why}")
    return answer.workers
