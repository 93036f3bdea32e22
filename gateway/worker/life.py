"""The life of a worker's process, from settings that are read to an exit status."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from ...synthesis.interface import EngineUnavailable
from ...synthesis.workers.serving import SpeechWorker
from ...synthesis.workers.wire import admit, listen
from ..cluster.ending import Ending
from ..cluster.process_life import run
from ..errors import BadSettings
from ..exit_status import FAILED, complain
from ..observing.log_output import write_aside
from ..wiring import new_synthesizer
from .pages import answering

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import AsyncIterator, Callable, Coroutine

    from ...synthesis.workers.addresses import Address
    from ...synthesis.workers.wire import Identity
    from ..settings import Settings

log = logging.getLogger("sayline.worker")


def serve(settings: Settings, address: Address, identity: Identity | None, probed: Address | None) -> int:
    """Run a worker until a signal asks it to end; returns the exit status.

    Args:
        settings: of the engine, of logs and of draining; the others are a gateway's.
        address: where it listens.
        identity: for TLS; None: without.
        probed: where it has pages for probes; None: it has none.

    Raises:
        BadSettings: the certificates cannot be used, or the engine is no worker's.
    """
    settings.ensure_engine()
    with contextlib.ExitStack() as stack:
        try:
            pages = None if probed is None else stack.enter_context(listen(probed))
        except OSError as error:
            return complain(f"cannot listen at {probed}: {error.strerror or error}", FAILED)
        return serve_at(address, identity, settings, partial(_serve_until_signalled, settings, address, pages))


def serve_at(
    address: Address,
    identity: Identity | None,
    settings: Settings,
    main: Callable[[socket.socket, ssl.SSLContext | None], Coroutine[Any, Any, int]],
) -> int:
    """Listen, and run what gets the listener and its TLS; returns the exit status.

    Raises:
        BadSettings: the certificates cannot be used, or the engine is no worker's.
    """
    if settings.gpus is not None or settings.chosen_engine == "workers":
        raise BadSettings("engine: a worker has one engine of its own; `gpus` and `engine_workers` are a gateway's")
    try:
        context = None if identity is None else identity.context(is_server=True)
    except ValueError as error:
        raise BadSettings(f"tls_cert, tls_key, clients_ca: {error}") from None
    try:
        listener = listen(address)
    except OSError as error:
        return complain(f"cannot listen at {address}: {error.strerror or error}", FAILED)
    with listener:
        try:
            return run(settings, main(listener, context))
        finally:
            if address.path is not None:
                address.path.unlink(missing_ok=True)


async def _serve_until_signalled(
    settings: Settings,
    address: Address,
    pages: socket.socket | None,
    listener: socket.socket,
    context: ssl.SSLContext | None,
) -> int:
    ending = Ending.by_signals()
    async with working(settings, listener, context) as worker, answering(pages, worker):
        ending.serving(settings.drain_s)
        where = address if address.path else address._replace(port=listener.getsockname()[1])
        write_aside(sys.stdout.fileno(), f"Sayline's worker is listening on {where}\n")
        await ending.asked.wait()
        log.info("draining")
        await leave(worker, settings.drain_s)
    return 0


@contextlib.asynccontextmanager
async def working(
    settings: Settings, listener: socket.socket, context: ssl.SSLContext | None
) -> AsyncIterator[SpeechWorker]:
    """A worker whose engine can speak. Gateways that come while the engine loads are told so.

    Raises:
        EngineUnavailable: the engine cannot run here.
    """
    engine = new_synthesizer(settings)
    unavailable: EngineUnavailable | None = None
    try:
        async with asyncio.TaskGroup() as tasks:
            worker = SpeechWorker(engine, tasks)
            admitting = tasks.create_task(admit(listener, context, worker.greet))
            try:
                await engine.start()
                yield worker
            except EngineUnavailable as error:
                unavailable = error
            finally:
                admitting.cancel()
                worker.hang_up()
    finally:
        await engine.close()
    if unavailable is not None:
        raise unavailable


async def leave(worker: SpeechWorker, drain_s: float) -> None:
    """Take no more, and wait for what is spoken."""
    worker.leave()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(drain_s):
            await worker.is_idle.wait()
