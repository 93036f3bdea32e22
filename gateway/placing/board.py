"""The board: tells gateways which workers there are (``synthesis.workers.board``). It asks nothing of Ray.

Workers link to it and say where they are, and hang up when they end. A worker whose keeper is gone says that it is
orphaned: it speaks on, until a worker that came later takes its place.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING, Final

from ...synthesis.processes.link import Alive, Link
from ...synthesis.workers.addresses import read_address
from ...synthesis.workers.board import (
    BOARD,
    BOARD_BEAT_S,
    BOARD_PATIENCE_S,
    BOARD_RELINK_S,
    Follow,
    Leave,
    Members,
    Serve,
)

if TYPE_CHECKING:
    import socket

log = logging.getLogger("sayline.placing")

# A board that has just started knows nobody. Before it tells gateways so, its workers get the time to find it again.
_SETTLING_S: Final = 2 * BOARD_RELINK_S


class _Peer:
    """A gateway, or a worker; what it said of itself."""

    def __init__(self, board: Board, end: socket.socket, now: float) -> None:
        self.is_gateway = False
        self.worker: Serve | None = None
        self.is_told_to_leave = False
        self.heard_at = now
        self.link = Link(end, BOARD, partial(board.obey, self), partial(board.gone, self), heard=self._heard)
        self._loop = asyncio.get_running_loop()

    def _heard(self) -> None:
        self.heard_at = self._loop.time()


class Board:
    """See the module. Lives as long as its event loop, or until ``close``."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._peers: dict[_Peer, None] = {}  # in the order in which they came
        self._told: list[str] | None = None  # None: gateways are told nothing yet
        self._timers = [self._loop.call_later(_SETTLING_S, self._settled), self._loop.call_later(0, self._beat)]

    def greet(self, end: socket.socket) -> None:
        """Talk to a gateway or a worker from now on."""
        self._peers[_Peer(self, end, self._loop.time())] = None

    def close(self) -> None:
        """Hang up on all."""
        for timer in self._timers:
            timer.cancel()
        for peer in list(self._peers):
            peer.link.close()
        self._peers.clear()

    def obey(self, peer: _Peer, message: Follow | Serve) -> None:
        """Take in what a peer says of itself."""
        match message:
            case Follow():
                peer.is_gateway = True
                if self._told is not None:
                    peer.link.send(Members(self._told))
            case Serve(address):
                is_new = peer.worker is None and not message.is_orphaned
                log.info("worker %s %s", address, "is orphaned" if message.is_orphaned else "has come")
                peer.worker = message
                if is_new:
                    self._dismiss_an_orphan(address)
                self._tell()

    def gone(self, peer: _Peer) -> None:
        """Forget one that has hung up."""
        self._peers.pop(peer, None)
        if peer.worker is not None:
            log.info("worker %s has gone", peer.worker.address)
            self._tell()

    def _dismiss_an_orphan(self, successor: str) -> None:
        """Let one orphan leave, of the newcomer's machine if there is one there: it holds what a worker needs there."""
        host = read_address(successor).host
        orphans = [peer for peer in self._peers if _is_orphan(peer)]
        here = [peer for peer in orphans if peer.worker and read_address(peer.worker.address).host == host]
        for peer in (here or orphans)[:1]:
            peer.is_told_to_leave = True
            peer.link.send(Leave(successor))

    def _settled(self) -> None:
        self._told = self._workers()
        for peer in self._peers:
            if peer.is_gateway:
                peer.link.send(Members(self._told))

    def _tell(self) -> None:
        """Tell all gateways, if the workers are others."""
        if self._told is not None and self._workers() != self._told:
            self._settled()

    def _workers(self) -> list[str]:
        return sorted({peer.worker.address for peer in self._peers if peer.worker and not peer.is_told_to_leave})

    def _beat(self) -> None:
        """Say to all that this event loop turns, and forget who has not said so; again and again."""
        for peer in list(self._peers):
            if self._loop.time() > peer.heard_at + BOARD_PATIENCE_S:
                peer.link.close()
                self.gone(peer)
            elif not peer.link.unsent_bytes:  # else it does not read, and need not be told twice
                peer.link.send(Alive())
        self._timers[1] = self._loop.call_later(BOARD_BEAT_S, self._beat)


def _is_orphan(peer: _Peer) -> bool:
    return peer.worker is not None and peer.worker.is_orphaned and not peer.is_told_to_leave
