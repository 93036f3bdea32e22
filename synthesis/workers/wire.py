"""Sockets between gateways and workers: of this machine, or over TCP with certificates on both sides.

A link reads and writes a plain socket. TLS is done by asyncio, and a socket pair leads from there to the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ..processes.link import READ_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from pathlib import Path

    from .addresses import Address

HANDSHAKE_S: Final = 5.0  # longest time for the handshake of TLS


@dataclass(frozen=True, slots=True)
class Identity:
    """How one side proves who it is, and whom it believes.

    Attributes:
        certificate: its chain (PEM).
        key: of the certificate (PEM).
        authority: what the other side's certificate must be signed by (PEM).
    """

    certificate: Path
    key: Path
    authority: Path

    def context(self, *, is_server: bool) -> ssl.SSLContext:
        """Load the files. Either side must show a certificate; a gateway also compares the worker's name.

        Raises:
            ValueError: they cannot be used; the message says which.
        """
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        try:
            context.load_verify_locations(self.authority)
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"{self.authority} is no certificate authority (PEM): {_said(error)}") from None
        try:
            # A key with a passphrase: OpenSSL would ask for it on the terminal, and wait.
            context.load_cert_chain(self.certificate, self.key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            raise ValueError(f"{self.certificate} and {self.key} are no pair (PEM): {_said(error)}") from None
        return context


def _said(error: OSError | ssl.SSLError) -> str:
    return getattr(error, "reason", None) or error.strerror or str(error)


def listen(address: Address) -> socket.socket:
    """Listen there. Only this user may connect to a Unix socket; one that a dead process left is replaced.

    Raises:
        OSError: the address cannot be had.
    """
    where: str | tuple[str | int | bytes, ...]
    if address.path is None:
        family, kind, protocol, _, where = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    else:
        where = str(address.path)
        listener = socket.socket(socket.AF_UNIX)
        _remove_dead(address.path)
    try:
        mask = os.umask(0o177)
        try:
            listener.bind(where)
        finally:
            os.umask(mask)
        listener.listen()
        listener.setblocking(False)
    except BaseException:
        listener.close()
        raise
    return listener


def _remove_dead(path: Path) -> None:
    """Remove a socket at which no process listens."""
    with socket.socket(socket.AF_UNIX) as probe, contextlib.suppress(FileNotFoundError):
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink()


async def connect(address: Address, identity: ssl.SSLContext | None, group: asyncio.TaskGroup) -> socket.socket:
    """Connect to a worker; what passes bytes on to TLS runs in the group.

    Raises:
        OSError: nobody is there, or it is not who it must be (``ssl.SSLError`` is one).
    """
    loop = asyncio.get_running_loop()
    if identity is not None and address.path is None:
        reader, writer = await asyncio.open_connection(
            address.host,
            address.port,
            ssl=identity,
            server_hostname=address.name or address.host,
            ssl_handshake_timeout=HANDSHAKE_S,
        )
        end, inner = _pair(writer)
        group.create_task(_bridge(inner, reader, writer))
        return end
    where: str | tuple[str | int | bytes, ...]
    if address.path is None:
        family, kind, protocol, _, where = (
            await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
        )[0]
        end = socket.socket(family, kind, protocol)
    else:
        where = str(address.path)
        end = socket.socket(socket.AF_UNIX)
    try:
        end.setblocking(False)
        await loop.sock_connect(end, where)
        _hurry(end)
    except BaseException:
        end.close()
        raise
    return end


async def admit(
    listener: socket.socket, identity: ssl.SSLContext | None, greet: Callable[[socket.socket], None]
) -> None:
    """Greet every gateway that comes, and has proved who it is; runs until it is cancelled."""
    if identity is None:
        loop = asyncio.get_running_loop()
        while True:
            end, _ = await loop.sock_accept(listener)
            _hurry(end)
            greet(end)

    async def come(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        end, inner = _pair(writer)
        greet(end)
        await _bridge(inner, reader, writer)

    async with await asyncio.start_server(
        come, sock=listener, ssl=identity, ssl_handshake_timeout=HANDSHAKE_S
    ) as server:
        await server.serve_forever()


def _hurry(end: socket.socket) -> None:
    """Send small messages at once."""
    if end.family != socket.AF_UNIX:
        end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def _pair(writer: asyncio.StreamWriter) -> tuple[socket.socket, socket.socket]:
    """Make the way between a link and TLS."""
    try:
        end, inner = socket.socketpair()
    except OSError:
        writer.transport.abort()
        raise
    inner.setblocking(False)
    return end, inner


async def _bridge(inner: socket.socket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass bytes on both ways until either side ends."""
    loop = asyncio.get_running_loop()

    async def outwards() -> None:
        while data := await loop.sock_recv(inner, READ_BYTES):
            writer.write(data)
            await writer.drain()

    async def inwards() -> None:
        while data := await reader.read(READ_BYTES):
            await loop.sock_sendall(inner, data)

    try:
        async with asyncio.TaskGroup() as tasks:
            ways = [tasks.create_task(_until_broken(outwards())), tasks.create_task(_until_broken(inwards()))]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
    finally:
        inner.close()
        writer.transport.abort()


async def _until_broken(way: Coroutine[None, None, None]) -> None:
    """Pass on until the connection is gone, which its link tells too."""
    with contextlib.suppress(OSError):
        await way
