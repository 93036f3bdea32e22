"""``sayline worker``: an engine that gateways lease, ended by SIGTERM as ``sayline serve`` is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ...synthesis.workers.addresses import read_address
from ...synthesis.workers.wire import Identity
from .. import settings as all_settings
from ..errors import BadSettings

if TYPE_CHECKING:
    import argparse

    from ...synthesis.workers.addresses import Address
    from ..settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags, and a flag for every setting."""
    parser.add_argument(
        "--listen", metavar="ADDRESS", help="where gateways find it (needed): unix:/run/sayline/a, or HOST:PORT"
    )
    add_identity_arguments(
        parser, "by which a gateway's certificate must be signed; TCP needs it, with --tls-cert and --tls-key"
    )
    parser.add_argument(
        "--probes",
        metavar="HOST:PORT",
        help="where it answers GET /ready and /health over plain HTTP, once its engine has loaded, for what keeps it",
    )
    all_settings.add_arguments(parser)


def add_identity_arguments(parser: argparse.ArgumentParser, signed: str) -> None:
    """Add the flags that say whom this side believes; ``signed`` tells what the authority must have signed."""
    parser.add_argument("--clients-ca", type=Path, metavar="FILE", help=f"authority (PEM) {signed}")
    parser.add_argument(
        "--plain-loopback", action="store_true", help="do without certificates, at loopback addresses only; for trials"
    )


def identity_at(address: Address, arguments: argparse.Namespace, settings: Settings) -> Identity | None:
    """Tell who this side is at a TCP address; None: without certificates.

    Raises:
        BadSettings: a file is missing, and the address is none where certificates may be left out.
    """
    certificate, key, authority = files = settings.tls_cert, settings.tls_key, arguments.clients_ca
    if certificate is not None and key is not None and authority is not None:
        return Identity(certificate, key, authority)
    if any(files) or not (arguments.plain_loopback and address.is_loopback):
        raise BadSettings(
            f"--listen: {address} needs certificates on both sides (--tls-cert, --tls-key, --clients-ca); at loopback "
            "--plain-loopback does without"
        )
    return None


def run(arguments: argparse.Namespace) -> int:
    """Run a worker; returns the exit status."""
    from ..worker.life import serve  # noqa: PLC0415 - the engine's libraries are loaded only once all is read

    address = _address("--listen", arguments.listen or "")
    probed = None if arguments.probes is None else _address("--probes", arguments.probes)
    if probed is not None and probed.path is not None:
        raise BadSettings("--probes: they come over TCP, to HOST:PORT")
    settings = all_settings.load(arguments)
    identity = None if address.path is not None else identity_at(address, arguments, settings)
    return serve(settings, address, identity, probed)


def _address(flag: str, text: str) -> Address:
    try:
        return read_address(text)
    except ValueError as error:
        raise BadSettings(f"{flag}: {error}") from None
