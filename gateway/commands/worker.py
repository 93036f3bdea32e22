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


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's flags, and a flag for every setting."""
    parser.add_argument(
        "--listen", metavar="ADDRESS", help="where gateways find it (needed): unix:/run/sayline/a, or HOST:PORT"
    )
    parser.add_argument(
        "--clients-ca",
        type=Path,
        metavar="FILE",
        help="authority (PEM) by which a gateway's certificate must be signed; TCP needs it, with --tls-cert and "
        "--tls-key",
    )
    parser.add_argument(
        "--plain-loopback",
        action="store_true",
        help="listen on TCP without certificates, at a loopback address only; for trials",
    )
    all_settings.add_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run a worker; returns the exit status."""
    from ..worker.life import serve  # noqa: PLC0415 - the engine's libraries are loaded only once all is read

    try:
        address = read_address(arguments.listen or "")
    except ValueError as error:
        raise BadSettings(f"--listen: {error}") from None
    settings = all_settings.load(arguments)
    if address.path is not None:
        return serve(settings, address, None)
    files = settings.tls_cert, settings.tls_key, arguments.clients_ca
    certificate, key, authority = files
    if certificate is not None and key is not None and authority is not None:
        return serve(settings, address, Identity(certificate, key, authority))
    if any(files) or not (arguments.plain_loopback and address.is_loopback):
        raise BadSettings(
            f"--listen: {address} needs certificates on both sides (--tls-cert, --tls-key, --clients-ca); at loopback "
            "--plain-loopback does without"
        )
    return serve(settings, address, None)
