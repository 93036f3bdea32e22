"""The sockets on which a server listens: bound for several workers, and left by one process to another.

Workers share a port: each has a socket of its own, and the kernel spreads connections evenly over them (SO_REUSEPORT).
The process that starts a worker makes that socket, and keeps a copy for as long as the worker runs, so that it can
leave it to its successor: what waits to be accepted is lost only with the last copy.
"""

from __future__ import annotations

import contextlib
import errno
import socket
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..serving.port_probe import binding
from ..serving.wyoming.listener import cannot_listen

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..settings import Settings


@dataclass(slots=True)
class Doors:
    """The sockets of one process.

    Attributes:
        main: those of HTTP and WebSockets.
        wyoming: those of Wyoming.
    """

    main: list[socket.socket] = field(default_factory=list)
    wyoming: list[socket.socket] = field(default_factory=list)

    def all(self) -> list[socket.socket]:
        """List them."""
        return [*self.main, *self.wyoming]

    def close(self) -> None:
        """Give up our copies."""
        for each in self.all():
            each.close()
        self.main, self.wyoming = [], []

    def share(self, place: int, places: int) -> Doors:
        """Take the part of one of several places."""
        return Doors(self.main[place::places], self.wyoming[place::places])


def inherited(descriptors: Sequence[int]) -> list[socket.socket]:
    """Take sockets that the process which started this one has left open; programs that we start do not get them."""
    found = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    for each in found:
        each.set_inheritable(False)
    return found


def descriptors(sockets: Sequence[socket.socket]) -> list[int]:
    """List the descriptors of sockets, by which a process that is started inherits them."""
    return [each.fileno() for each in sockets]


def shared(host: str, port: int) -> list[socket.socket]:
    """Bind sockets, one for each address of a host, on a port that others of ours have too.

    Raises:
        OSError: none can be bound.
    """
    found: list[socket.socket] = []
    failure: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(
        socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    ):
        bound = _unbound(family, kind, protocol)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            bound.bind(address)
        except OSError as exc:
            bound.close()
            failure = exc
            if exc.errno != errno.EADDRNOTAVAIL:  # a name may have an address of IPv6 that the machine has not
                break
        else:
            found.append(bound)
    if failure is not None and (not found or failure.errno != errno.EADDRNOTAVAIL):
        for each in found:
            each.close()
        raise failure
    return found


@contextmanager
def reserved(settings: Settings, left: Doors) -> Iterator[Settings]:
    """Hold the ports for the workers, which listen on them together; gives the settings, with a free port for 0.

    Args:
        settings: the server's.
        left: what a predecessor has left; its ports are ours already.

    Raises:
        CannotListen: the address cannot be bound.
        BadSettings: that of Wyoming cannot.
    """
    for each in left.all():  # of a process that shared it with nobody
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    with contextlib.ExitStack() as stack:
        port: int = left.main[0].getsockname()[1] if left.main else settings.port
        with binding():
            port = stack.enter_context(_held(settings.host, port, is_ours=bool(left.main)))
        if settings.wyoming_port is not None:
            host, wyoming_port = settings.wyoming_address, settings.wyoming_port
            try:
                stack.enter_context(_held(host, wyoming_port, is_ours=bool(left.wyoming)))
            except OSError as exc:
                raise cannot_listen(host, wyoming_port, exc) from exc
        yield settings.model_copy(update={"port": port})


@contextmanager
def _held(host: str, port: int, *, is_ours: bool) -> Iterator[int]:
    """Hold a port; gives it.

    The port is bound as if for this process alone, so that a port on which another program listens is refused. It is
    shared only then. The holder does not listen, so the kernel gives it no connection.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
    )[0]
    with _unbound(family, kind, protocol) as holder:
        if is_ours:
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind(address)
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        yield holder.getsockname()[1]


def _unbound(family: int, kind: int, protocol: int) -> socket.socket:
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a predecessor's last connections do not count
    if family == socket.AF_INET6:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)  # as asyncio's own listeners do
    return made
