"""The connection that a framework's service keeps: tried until it is there, and back by itself after a loss."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
from typing import TYPE_CHECKING

from ..client.connection import wait_before
from ..client.errors import ConnectionFailed

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..client.connecting import Connecting, Connection


class Line:
    """A connection from the first wish for it until ``close``.

    ``connect`` tells its caller at once that it cannot connect. A service waits and tries again, because at the cap, or
    while a gateway starts, the next attempt may succeed.

    Args:
        connect: makes a connection that comes back, for each attempt.
    """

    def __init__(self, connect: Callable[[], Connecting]) -> None:
        self._connect = connect
        self._keeping: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[Connection] | None = None  # of the present ``_keeping``
        self._failure: ConnectionFailed | None = None  # of the last attempt

    def open(self) -> None:
        """Begin to connect, unless it was begun; needs a running loop."""
        if self._keeping is None or self._keeping.done():
            loop = asyncio.get_running_loop()
            self._ready = loop.create_future()
            self._keeping = loop.create_task(self._keep(self._ready), name="sayline line")

    async def connection(self, patience_s: float) -> Connection:
        """Return the connection; waits for it.

        Raises:
            ConnectionFailed: there is none in this time, or another attempt would fail the same way.
        """
        self.open()
        assert self._ready is not None  # noqa: S101 - made by ``open``
        try:
            async with asyncio.timeout(patience_s):
                return await asyncio.shield(self._ready)
        except TimeoutError:
            raise self._failure or ConnectionFailed(
                f"the gateway did not answer within {patience_s:g} s", retryable=True
            ) from None

    async def close(self) -> None:
        """Hang up, and connect no more until it is opened again; idempotent."""
        keeping, self._keeping = self._keeping, None
        if keeping is not None:
            keeping.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await keeping

    async def _keep(self, ready: asyncio.Future[Connection]) -> None:
        try:
            for failures in itertools.count():
                try:
                    async with self._connect() as connection:
                        ready.set_result(connection)
                        await asyncio.get_running_loop().create_future()  # until ``close`` cancels it
                except ConnectionFailed as exc:
                    self._failure = exc
                    if not exc.retryable:
                        ready.set_exception(exc)
                        ready.exception()  # retrieved: nobody may be waiting
                        return
                    wait_s = wait_before(failures, random.random())  # noqa: S311 - no secret
                    await asyncio.sleep(max(wait_s, exc.retry_after_s or 0))
        finally:
            ready.cancel()
