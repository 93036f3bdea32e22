"""The board: a process that tells gateways which workers there are, for as long as its workers come and go.

A gateway that loses the board keeps the workers that it was told of last, so no speech needs it. Both gateways and
workers link to it over the wire that leads from one to the other, with certificates on both sides.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..processes.keeper import reached
from ..processes.link import Alive, Link, Vocabulary
from .addresses import read_address
from .wire import connect

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from .addresses import Address

log = logging.getLogger("sayline.workers")

BOARD_BEAT_S: Final = 1.0  # nobody waits for the board: who died is noticed on the link that leads there
# The other side is taken for gone after so long a silence, as when its machine lost its power and no reset comes.
BOARD_PATIENCE_S: Final = 10.0
# Between two attempts to reach the board. A board that has just started waits longer than this for its workers
# before it tells a gateway who there is (``gateway.placing.board``).
BOARD_RELINK_S: Final = 1.0


class Follow(NamedTuple):
    """To the board, from a gateway: tell who there is from now on.

    Attributes:
        server: the gateway's, as its workers know it.
    """

    server: str


class Serve(NamedTuple):
    """To the board, from a worker that can speak.

    Attributes:
        address: where gateways find it.
        is_orphaned: whoever kept it is gone. It speaks on until another worker can take its place.
    """

    address: str
    is_orphaned: bool


class Members(NamedTuple):
    """From the board, to a gateway: the workers that there are."""

    addresses: list[str]


class Leave(NamedTuple):
    """From the board, to an orphan: another worker has come in its place."""

    successor: str


BOARD: Final = Vocabulary("sayline board", 1, Follow, Serve, Members, Leave)


class BoardLink:
    """A link to the board, which is made again whenever it broke.

    Args:
        address: of the board.
        identity: for TLS; None: without.
        hello: what this side says of itself; asked for each time.
        received: called with what the board says. Any: as in ``Link``.
    """

    def __init__(
        self,
        address: Address,
        identity: ssl.SSLContext | None,
        hello: Callable[[], Follow | Serve],
        received: Callable[[Any], None],
    ) -> None:
        self._address = address
        self._identity = identity
        self._hello = hello
        self._received = received
        self._link: Link | None = None
        self._is_lost = False  # and the log said so

    def tell(self) -> None:
        """Say again what this side says of itself, since it has changed."""
        if self._link is not None:
            self._link.send(self._hello())

    async def stay_linked(self) -> None:
        """Link to the board again and again, until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            async with asyncio.TaskGroup() as tasks:
                with contextlib.suppress(OSError):
                    await self._while_linked(tasks)
            if not self._is_lost:
                self._is_lost = True
                log.warning("the board at %s is away; the workers that it told of are kept", self._address)
            await reached(loop.time() + BOARD_RELINK_S)

    async def _while_linked(self, tasks: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(BOARD_PATIENCE_S):
            end = await connect(self._address, self._identity, tasks)
        hung_up, heard_at = asyncio.Event(), loop.time()

        def greeted() -> None:
            if self._is_lost:
                self._is_lost = False
                log.warning("the board at %s is back", self._address)

        def heard() -> None:
            nonlocal heard_at
            heard_at = loop.time()

        link = self._link = Link(end, BOARD, self._received, hung_up.set, greeted=greeted, heard=heard)
        link.send(self._hello())
        try:
            while not hung_up.is_set() and loop.time() < heard_at + BOARD_PATIENCE_S:
                if not link.unsent_bytes:  # else it does not read, and need not be told twice
                    link.send(Alive())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(BOARD_BEAT_S):
                        await hung_up.wait()
        finally:
            self._link = None
            link.close()


class BoardMembership:
    """The workers that a board tells of.

    Args:
        address: of the board.
        identity: for TLS; None: without.
        server: names this gateway's server.
    """

    def __init__(self, address: Address, identity: ssl.SSLContext | None, server: str) -> None:
        self._address = address
        self._identity = identity
        self._server = server

    async def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call whenever the board tells; while it is away the workers stay those that it told of last."""

        def received(message: Members) -> None:
            changed(tuple(map(read_address, message.addresses)))

        await BoardLink(self._address, self._identity, lambda: Follow(self._server), received).stay_linked()
