"""The options by which ``say`` and ``bench`` find a gateway: address, key, certificate authority.

What cannot be a key is refused by the name of the option that gave it, and not shown.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..client.errors import BadKey
from ..client.opening import checked_key
from ..client_defaults import client_defaults
from ..errors import BadSettings

if TYPE_CHECKING:
    import argparse


@dataclass(frozen=True, slots=True)
class ClientOptions:
    """How to reach a gateway.

    Attributes:
        url: as it was given.
        key: None if there is none.
        ssl_context: for a certificate authority of one's own; None for the system's.
    """

    url: str
    key: str | None = field(repr=False)
    ssl_context: ssl.SSLContext | None


def add_arguments(group: argparse._ActionsContainer, *, url_help: str) -> None:
    """Add the flags."""
    group.add_argument("--url", metavar="URL", help=url_help)
    group.add_argument("--key", metavar="KEY", help="API key (default: SAYLINE_KEY)")
    group.add_argument(
        "--ca-file", metavar="FILE", help="certificate authorities to trust for wss://, instead of the system's (PEM)"
    )


def read(arguments: argparse.Namespace) -> ClientOptions:
    """Collect the options from flags and environment.

    Raises:
        BadSettings: the key cannot be one, or the file holds no certificate.
    """
    defaults = client_defaults()
    try:
        key = checked_key(arguments.key or defaults.key)
    except BadKey as exc:
        raise BadSettings(f"{'--key' if arguments.key else 'SAYLINE_KEY'}: {exc}") from None
    return ClientOptions(arguments.url or defaults.url, key, _ssl_context(arguments.ca_file))


def _ssl_context(ca_file: str | None) -> ssl.SSLContext | None:
    if ca_file is None:
        return None
    try:
        return ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError:
        raise BadSettings(
            f"--ca-file {ca_file}: holds no certificate; it should be the authority's, as PEM (BEGIN CERTIFICATE)"
        ) from None
    except OSError as exc:
        raise BadSettings(f"--ca-file {ca_file}: cannot be read: {exc.strerror}") from None
