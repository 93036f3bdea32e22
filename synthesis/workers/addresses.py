"""Where a worker listens: ``unix:/path``, or ``host:port``."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import NamedTuple

# Of the shortest kind there is: sun_path of macOS. A longer path is refused by the system in words that help nobody.
_LONGEST_PATH = 103


class Address(NamedTuple):
    """One of the two.

    Attributes:
        path: of a Unix socket; None: TCP.
        name: that the certificate there must show, if it is not the host.
    """

    path: Path | None
    host: str = ""
    port: int = 0
    name: str = ""

    def __str__(self) -> str:
        """Write it as it is read."""
        if self.path is not None:
            return f"unix:{self.path}"
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """TCP that does not leave this machine. Of names only ``localhost`` is known to."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


def read_address(text: str) -> Address:
    """Read one.

    Raises:
        ValueError: it is none; the message says what one looks like.
    """
    scheme, colon, rest = text.partition(":")
    if scheme == "unix" and colon:
        if not rest.startswith("/") or len(rest.encode()) > _LONGEST_PATH:
            raise ValueError(f"{text!r}: the path is absolute, and of {_LONGEST_PATH} bytes at most")
        return Address(Path(rest))
    host, colon, port = text.rpartition(":")
    if not (host and port.isascii() and port.isdigit() and int(port) <= 65_535):
        raise ValueError(f"{text!r} is no address such as unix:/run/sayline/a or gpu-1.example:7411")
    return Address(None, host.removeprefix("[").removesuffix("]"), int(port))


def read_addresses(text: str) -> tuple[Address, ...]:
    """Read a list with commas.

    Raises:
        ValueError: one is none, or stands there twice.
    """
    addresses = tuple(read_address(part.strip()) for part in text.split(",") if part.strip())
    if not addresses:
        raise ValueError("names no worker")
    if len(set(addresses)) < len(addresses):
        raise ValueError("names one worker twice")
    return addresses
