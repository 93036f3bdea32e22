"""Where a page, a peer and this server are: origins, hosts and addresses as peers and operators write them.

All functions here read text that strangers send. They return None for text that they cannot read, and never raise.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import idna

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network
_IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_DEFAULT_PORTS: Final = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_AUTHORITY: Final = re.compile(r"(\[[0-9a-f:.]+\]|[^\[\]:/?#@\\\s]+)(?::([0-9]{0,5}))?", re.ASCII | re.IGNORECASE)
_HOST_NAME: Final = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?", re.ASCII)
# Names that no public DNS server answers for (RFC 6762, RFC 8375, ICANN's .internal, and what routers use), so no page
# outside the local network can make such a name mean this machine.
_LOCAL_SUFFIXES: Final = (".local", ".lan", ".internal", ".home.arpa", ".localdomain")
_FORWARDED_FOR: Final = re.compile(r'(?:^|[;,])\s*for\s*=\s*(?:"([^"]*)"|([^;,"\s]*))', re.ASCII | re.IGNORECASE)
_HIGHEST_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a browser's page came from, in the one form in which equal origins are equal (RFC 6454).

    Attributes:
        scheme: in lower case.
        host: in lower case; names in other scripts as DNS has them, addresses in their short form.
        port: None if none is written and the scheme has no usual one.
    """

    scheme: str
    host: str
    port: int | None


def read_origin(text: str) -> Origin | None:
    """Read an ``Origin`` header, or a setting that means one; None if it is no origin (``null`` is none either)."""
    scheme, separator, rest = text.strip().partition("://")
    scheme = scheme.lower()
    authority = read_host(rest.removesuffix("/"))
    if not separator or not _SCHEME.fullmatch(scheme) or authority is None:
        return None
    host, port = authority
    return Origin(scheme, host, _DEFAULT_PORTS.get(scheme) if port is None else port)


def read_host(text: str) -> tuple[str, int | None] | None:
    """Read a ``Host`` header: (host, port, None if none is written); None if it is none."""
    found = _AUTHORITY.fullmatch(text.strip())
    if found is None:
        return None
    host = _canonical_host(found[1])
    port = int(found[2]) if found[2] else None
    if host is None or (port is not None and port > _HIGHEST_PORT):
        return None
    return host, port


def is_same_place(origin: Origin, host: tuple[str, int | None]) -> bool:
    """Tell whether a page of this origin came from the server that is addressed as ``host``."""
    name, port = host
    return origin.host == name and origin.port == (_DEFAULT_PORTS.get(origin.scheme) if port is None else port)


def is_loopback(host: str) -> bool:
    """Tell whether a host means the machine that says it, whatever DNS answers."""
    name = host.lower().removesuffix(".")
    address = _read_address(name)
    if address is not None:
        return address.is_loopback
    return name == "localhost" or name.endswith(".localhost")  # RFC 6761, 6.3: browsers never ask DNS for these


def is_beyond_public_dns(host: str) -> bool:
    """Tell whether no stranger's DNS server can make this host mean another machine."""
    name = host.lower().removesuffix(".")
    return "." not in name or _read_address(name) is not None or is_loopback(name) or name.endswith(_LOCAL_SUFFIXES)


def read_networks(texts: Iterable[str]) -> list[IpNetwork]:
    """Read addresses and networks such as ``127.0.0.1`` and ``10.0.0.0/8``.

    Raises:
        ValueError: one of them is neither; the message names it.
    """
    return [ipaddress.ip_network(text, strict=False) for text in texts]


def peer_behind(
    peer: str, forwarded: Sequence[str], x_forwarded_for: Sequence[str], trusted: Sequence[IpNetwork]
) -> str:
    """Tell which client sent a request: the last address that a trusted proxy names as its client.

    Args:
        peer: the address that the connection came from.
        forwarded: the lines of ``Forwarded`` (RFC 7239); if there are any, they alone count.
        x_forwarded_for: the lines of ``X-Forwarded-For``.
        trusted: the networks of proxies that are believed; the same headers from other peers are ignored.
    """
    hops = list(_hops(forwarded, x_forwarded_for)) if trusted else []
    while hops and _is_in(peer, trusted):
        hop = _read_address(_without_port(hops.pop()))
        if hop is None:  # "unknown", or a name that the proxy made up: the proxy is the last that is known
            break
        peer = str(hop)
    return peer


def _hops(forwarded: Sequence[str], x_forwarded_for: Sequence[str]) -> Iterator[str]:
    if forwarded:
        for found in _FORWARDED_FOR.finditer(",".join(forwarded)):
            yield found[1] or found[2] or ""
    else:
        yield from filter(None, (hop.strip() for line in x_forwarded_for for hop in line.split(",")))


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def _is_in(peer: str, networks: Sequence[IpNetwork]) -> bool:
    address = _read_address(peer)
    return address is not None and any(address in network for network in networks)


def _canonical_host(text: str) -> str | None:
    if text.startswith("["):
        try:
            return f"[{ipaddress.IPv6Address(text[1:-1]).compressed}]"
        except ValueError:
            return None
    if text.isascii():
        name = text.lower()
    else:
        try:
            name = idna.encode(text, uts46=True).decode()
        except idna.IDNAError:
            return None
    return name if _HOST_NAME.fullmatch(name) else None


def _read_address(text: str) -> _IpAddress | None:
    try:
        address = ipaddress.ip_address(text.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
