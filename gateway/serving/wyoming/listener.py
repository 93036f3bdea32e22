"""Wyoming's port: its connections are counted, admitted and drained with those of the server's other port."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import logging
from functools import partial
from typing import TYPE_CHECKING, Self, cast

from ...capacity.admission import refuse_connection
from ...dialects.wyoming.events import write
from ...dialects.wyoming.protocol import WyomingProtocol
from ...errors import BadSettings
from ..front_door import bound_kernel_buffer
from ..server import stop_reading
from .peer import WyomingPeer

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from ...settings import Settings
    from ..server import Server

log = logging.getLogger("sayline.wyoming")


class WyomingListener:
    """Lives as long as its block.

    Args:
        server: whose conversations these are.
        settings: the server's.
        sockets: on which it listens; none: on one of its own.
        is_open: it listens at once; otherwise it is bound, and listens once ``open`` is called.
    """

    def __init__(
        self, server: Server, settings: Settings, sockets: Sequence[socket.socket] = (), *, is_open: bool = True
    ) -> None:
        self._server = server
        self._settings = settings
        self._sockets = sockets
        self._is_open = is_open
        self._listeners: list[asyncio.Server] = []
        self._open: set[asyncio.StreamWriter] = set()
        self._nobody = asyncio.Event()
        self._nobody.set()

    async def __aenter__(self) -> Self:
        """Bind, and listen if it is open.

        Raises:
            BadSettings: the address cannot be bound.
        """
        host, port = self._settings.wyoming_address, self._settings.wyoming_port
        listen = partial(asyncio.start_server, self._serve, start_serving=self._is_open)
        try:
            for each in self._sockets:
                self._listeners.append(await listen(sock=each))
            if not self._sockets:
                self._listeners.append(await listen(host, port))
        except OSError as exc:
            raise cannot_listen(host, port, exc) from exc
        self.port: int = self.sockets[0].getsockname()[1]
        self._server.beside = self
        log.info("listening", extra={"host": host, "port": self.port})
        return self

    async def __aexit__(self, *_: object) -> None:
        """Accept no more, and cut off who is still there."""
        for listener in self._listeners:
            listener.close()
        for writer in self._open:
            writer.transport.abort()
        await self._nobody.wait()

    @property
    def sockets(self) -> Sequence[socket.socket]:
        """Those on which it listens."""
        return [listening for listener in self._listeners for listening in listener.sockets]

    async def open(self) -> None:
        """Listen, if it does not yet."""
        for listener in self._listeners:
            await listener.start_serving()

    async def stop_accepting(self) -> None:
        """Let nobody in any more; who is in stays."""
        await stop_reading(self.sockets)
        for listener in self._listeners:
            listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        self._nobody.clear()
        try:
            await self._converse(reader, writer)
        finally:
            self._open.discard(writer)
            if not self._open:
                self._nobody.set()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        address = writer.get_extra_info("peername")
        peer = f"{address[0]}:{address[1]}" if address else None
        load = self._server.load()
        # Home Assistant does not ask again, so a text waits for its turn rather than being lost: a connection is
        # refused only once as many contexts wait as may speak.
        if refusal := refuse_connection(dataclasses.replace(load, requests=load.waiting)):
            self._server.count_refusal(refusal.reason)
            log.info("connection refused", extra={"why": refusal.reason, "peer": peer})
            with contextlib.suppress(OSError):
                writer.write(write("error", {"text": refusal.reason, "code": refusal.reason.replace(" ", "_")}))
                await writer.drain()
                writer.close()
                await writer.wait_closed()
            return
        bound_kernel_buffer(cast("asyncio.Transport", writer.transport))
        session = self._server.new_session(WyomingProtocol)
        async with self._server.served(session, peer) as runner:
            await WyomingPeer(reader, writer, session, runner, self._server.reading_turns).serve()


def cannot_listen(host: str, port: int | None, failure: OSError) -> BadSettings:
    """Say why nothing can listen there."""
    return BadSettings(f"wyoming_port: cannot listen on {host}:{port}: {failure.strerror or failure}")
