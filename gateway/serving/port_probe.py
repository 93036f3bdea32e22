"""What occupies a port that a server wants: a gateway, another server, or a program that says nothing."""

from __future__ import annotations

import errno
import json
import socket
import ssl
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import TYPE_CHECKING, Final
from urllib.error import HTTPError, URLError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..settings import Settings

_TIMEOUT_S: Final = 2.0  # the gateway promises 20 ms
_MOST_BYTES: Final = 65_536  # many times a gateway's own answer
# Fields that /health of every gateway has, and of no other server.
_SIGNS: Final = frozenset({"status", "engine", "model_loaded", "max_concurrent_requests"})
_ANY_ADDRESS: Final = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - compared, not bound


class CannotListen(OSError):
    """The address of a server cannot be bound.

    Attributes:
        failure: what the system said.
    """

    def __init__(self, failure: OSError) -> None:
        super().__init__(failure.errno, failure.strerror or str(failure))
        self.failure = failure


@contextmanager
def binding() -> Iterator[None]:
    """Bind a server's own address in this block.

    Raises:
        CannotListen: it cannot be bound.
    """
    try:
        yield
    except OSError as failure:
        raise CannotListen(failure) from failure


@dataclass(frozen=True, slots=True)
class Occupant:
    """The program that answers at a port.

    Attributes:
        is_gateway: it is a Sayline gateway.
        detail: in words.
    """

    is_gateway: bool
    detail: str


def ensure_free(settings: Settings) -> None:
    """Check that a server could listen where these settings say.

    Raises:
        OSError: it could not; ``cannot_listen`` puts the error into words.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.create_server((settings.host, settings.port), family=family):
        pass


def who_has(settings: Settings) -> Occupant:
    """Ask the program that listens where these settings would, for its health."""
    host = _ANY_ADDRESS.get(settings.host, f"[{settings.host}]" if ":" in settings.host else settings.host)
    for scheme in ("https", "http") if settings.tls_cert else ("http", "https"):
        try:
            status, body = _get(f"{scheme}://{host}:{settings.port}/health")
        except (URLError, HTTPException, OSError, ValueError):
            continue
        try:
            health = json.loads(body)
        except ValueError:
            health = None
        if isinstance(health, dict) and health.keys() >= _SIGNS:
            return Occupant(True, f"a gateway is running there, status {health['status']}")
        return Occupant(False, f"another web server is there (it answers {status} to /health)")
    return Occupant(False, "another program is there")


def cannot_listen(settings: Settings, failure: OSError) -> str:
    """Say why a server cannot listen, and what would help."""
    where = f"cannot listen on {settings.host}:{settings.port}"
    match failure.errno:
        case errno.EADDRINUSE:
            return f"{where}: {who_has(settings).detail}; another port is free: --port N (0: any)"
        case errno.EACCES:
            return f"{where}: only root may take ports this low; --port 8080 is for everybody"
        case errno.EADDRNOTAVAIL:
            return f"{where}: this machine has no such address; --host 0.0.0.0 is all that it has"
    if isinstance(failure, socket.gaierror):
        return f"{where}: there is no host of that name; --host 127.0.0.1 is this machine"
    # Python's own words repeat the address, in brackets behind the system's.
    reason = (failure.strerror or str(failure)).partition(" (while")[0]
    return f"{where}: {reason}; --host and --port say where"


def _get(url: str) -> tuple[int, bytes]:
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE  # it is this machine's own certificate, named for another host
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=unchecked)
    )
    try:
        with opener.open(url, timeout=_TIMEOUT_S) as response:
            return response.status, response.read(_MOST_BYTES)
    except HTTPError as refusal:  # a gateway that drains answers 503, and says so
        with refusal:
            return refusal.code, refusal.read(_MOST_BYTES)
