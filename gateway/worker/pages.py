"""What a worker answers to whoever keeps its process, over plain HTTP: can it be leased, and should it be restarted."""

from __future__ import annotations

import contextlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    import socket
    from collections.abc import AsyncIterator

    from ...synthesis.workers.serving import SpeechWorker

_SHUTDOWN_S: Final = 0.5  # as ``serving.http_server``


@contextlib.asynccontextmanager
async def answering(listener: socket.socket | None, worker: SpeechWorker) -> AsyncIterator[None]:
    """Answer there; None: nobody asks."""
    if listener is None:
        yield
        return

    async def ready(_: web.Request) -> web.Response:
        return _answer(worker.state, is_well=worker.state == "ready")

    async def health(_: web.Request) -> web.Response:
        return _answer(worker.state, is_well=worker.state != "failed")

    app = web.Application()
    app.add_routes([web.get("/ready", ready), web.get("/health", health)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.SockSite(runner, listener).start()
        yield
    finally:
        await runner.cleanup()


def _answer(state: str, *, is_well: bool) -> web.Response:
    return web.Response(status=HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, text=f"{state}\n")
