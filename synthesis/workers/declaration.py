"""Workers as the registry lists them: an engine that is spoken with over links, and is kept elsewhere."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import Field

from ..declaration import Engine
from .addresses import read_addresses
from .wire import Identity

if TYPE_CHECKING:
    import ssl

    from ..declaration import Order
    from .addresses import Address
    from .membership import Membership
    from .pool import WorkerPool

BOARD: Final = "board:"
NAME: Final = "dns:"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkersSettings:
    """Which workers there are, and how they are talked to.

    Raises:
        ValueError: an address is none, or TCP would go without certificates.
    """

    engine_workers: Annotated[
        str,
        Field(
            description="addresses of workers (`sayline worker`) that speak, comma-separated: `unix:/run/sayline/a` "
            "or `gpu-1.example:7411`; or `dns:NAME:PORT`, a name that leads to all of them; or `board:HOST:PORT`, "
            "where `sayline cluster` tells which there are; see docs/WORKERS.md"
        ),
    ]
    worker_cert: Annotated[
        Path | None, Field(description="certificate chain (PEM) by which workers over TCP know this gateway")
    ] = None
    worker_key: Annotated[Path | None, Field(description="private key of `worker_cert` (PEM)")] = None
    worker_ca: Annotated[
        Path | None, Field(description="authority (PEM) by which the certificates of workers must be signed")
    ] = None
    worker_plain_loopback: Annotated[
        bool, Field(description="speak with workers at loopback addresses without certificates; for trials")
    ] = False

    def __post_init__(self) -> None:
        """Judge what no single value shows."""
        try:
            addresses = self.addresses
        except ValueError as error:
            raise ValueError(f"engine_workers: {error}") from None
        if self.placer == BOARD and len(addresses) > 1:
            raise ValueError("engine_workers: there is one board")
        if self.placer == NAME and (len(addresses) > 1 or addresses[0].path is not None):
            raise ValueError("engine_workers: there is one name, with a port: dns:workers.example:7411")
        files = (self.worker_cert, self.worker_key, self.worker_ca)
        if any(files) and not all(files):
            raise ValueError(
                "worker_cert: certificate, key and authority come together (worker_cert, worker_key, worker_ca)"
            )
        for address in addresses:
            if address.path is None and not any(files) and not (self.worker_plain_loopback and address.is_loopback):
                raise ValueError(
                    f"engine_workers: {address} needs certificates on both sides (worker_cert, worker_key, worker_ca); "
                    "at loopback worker_plain_loopback does without"
                )

    @property
    def placer(self) -> str:
        """Who tells which workers there are: a board, a name, or (empty) this list."""
        return next((placer for placer in (BOARD, NAME) if self.engine_workers.startswith(placer)), "")

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Where the workers listen, or the one that tells of them.

        Raises:
            ValueError: one is no address.
        """
        return read_addresses(self.engine_workers.removeprefix(self.placer))

    def identity(self) -> Identity | None:
        """Tell who this gateway is; None: without certificates."""
        if self.worker_cert is None or self.worker_key is None or self.worker_ca is None:
            return None
        return Identity(self.worker_cert, self.worker_key, self.worker_ca)


class ServerName:
    """Keeps nothing: workers are kept elsewhere. Its address names the server to them, for all its processes alike."""

    def __init__(self) -> None:
        self.address = Path(secrets.token_hex(8))

    async def start(self) -> None:
        """Start nothing."""

    async def close(self) -> None:
        """Stop nothing."""


def _make(order: Order[WorkersSettings]) -> WorkerPool:
    from .board import BoardMembership  # noqa: PLC0415 - only the chosen engine is loaded
    from .membership import StaticList  # noqa: PLC0415 - the same
    from .names import NameMembership  # noqa: PLC0415 - the same
    from .pool import WorkerPool  # noqa: PLC0415 - the same

    settings = order.settings
    server = str(order.address or ServerName().address)
    addresses, identity = settings.addresses, _context(settings)
    members: Membership = StaticList(addresses)
    if settings.placer == BOARD:
        members = BoardMembership(addresses[0], identity, server)
    elif settings.placer == NAME:
        members = NameMembership(addresses[0])
    return WorkerPool(members, identity, server)


def _keep(order: Order[WorkersSettings]) -> ServerName:  # noqa: ARG001 - there is nothing to keep
    return ServerName()


def _look(settings: WorkersSettings) -> None:
    _context(settings)


def _context(settings: WorkersSettings) -> ssl.SSLContext | None:
    identity = settings.identity()
    if identity is None:
        return None
    try:
        return identity.context(is_server=False)
    except ValueError as error:
        raise ValueError(f"worker_cert, worker_key, worker_ca: {error}") from None


ENGINE: Final = Engine(
    "workers",
    "engines in processes of their own (`sayline worker`), here or on other machines",
    _make,
    WorkersSettings,
    needs_advice="sayline worker starts one",
    keep=_keep,
    look=_look,
)
