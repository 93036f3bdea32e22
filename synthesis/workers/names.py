"""A name that leads to all workers: a gateway looks it up again and again, since workers come and go.

In Kubernetes it is the name of a headless service: it leads to the pods that are ready. The system's own resolver is
asked, so nothing of the cluster must be known or allowed. A name that leads to nobody, or cannot be looked up, is no
reason to leave workers whose links stand: what was found last is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from typing import TYPE_CHECKING, Final

from ..processes.keeper import reached
from .addresses import Address

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

log = logging.getLogger("sayline.workers")

# From one answer to the next question. An engine loads for a minute or two, and name servers of clusters keep an answer
# for 5 to 30 s. Who is gone is noticed on its link, and who is leaving says so there: only newcomers wait for this.
LOOK_UP_S: Final = 2.0


class NameMembership:
    """The workers to which a name leads.

    Args:
        name: a host name, and the port at which all of its workers listen.
    """

    def __init__(self, name: Address) -> None:
        self._name = name
        self._is_lost = False  # and the log said so

    async def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call whenever the name leads to others; while it leads to nobody the workers stay those that it led to."""
        loop = asyncio.get_running_loop()
        known: tuple[Address, ...] = ()
        while True:
            found, why = await _look_up(self._name)
            if not found and not self._is_lost:
                self._is_lost = True
                log.warning("the name %s leads to no worker: %s; those that it led to are kept", self._name.host, why)
            if found and self._is_lost:
                self._is_lost = False
                log.warning("the name %s leads to workers", self._name.host)
            if found and found != known:
                log.info("the name %s leads to %s", self._name.host, ", ".join(map(str, found)))
                known = found
                changed(found)
            await reached(loop.time() + LOOK_UP_S)


async def _look_up(name: Address) -> tuple[tuple[Address, ...], str]:
    """Ask the system's resolver; gives the addresses, and why there are none.

    It may wait for name servers for half a minute. The thread is a daemon, so that the process need not wait too.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[tuple[tuple[Address, ...], str]] = loop.create_future()

    def ask() -> None:
        try:
            told = _addresses(name), ""
        except (OSError, UnicodeError) as error:  # UnicodeError: a label that is empty or too long
            told = (), getattr(error, "strerror", None) or str(error)
        with contextlib.suppress(RuntimeError):  # the loop is closed
            loop.call_soon_threadsafe(hand_over, told)

    def hand_over(told: tuple[tuple[Address, ...], str]) -> None:
        if not answer.done():
            answer.set_result(told)

    threading.Thread(target=ask, name="names", daemon=True).start()
    return await answer


def _addresses(name: Address) -> tuple[Address, ...]:
    """Look the name up; a worker that has an address of each kind is found by those of the kind that comes first."""
    found = socket.getaddrinfo(name.host, name.port, type=socket.SOCK_STREAM)
    hosts = {str(where[0]) for family, _, _, _, where in found if family == found[0][0]}
    return tuple(Address(None, host, name.port, name.host) for host in sorted(hosts))
