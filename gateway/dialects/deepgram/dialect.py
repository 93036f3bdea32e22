"""How Deepgram's clients come in: with a key in a header, or from a browser as the second of two subprotocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..dialect import Dialect
from ..opening import header_keys
from .flux import FluxProtocol
from .parameters import error_body, read_stream_query
from .protocol import DeepgramProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..opening import Opening

# What stands before the key in a browser's list of subprotocols; the server confirms this word and never the key.
_SCHEMES: Final = ("token", "bearer")


def shown_keys(opening: Opening) -> Iterable[str]:
    """Find the keys in headers and behind a scheme among the offered subprotocols."""
    yield from header_keys(opening)
    for scheme, key in zip(opening.subprotocols, opening.subprotocols[1:], strict=False):
        if scheme in _SCHEMES:
            yield key


def check(opening: Opening) -> None:
    """Refuse a format that cannot be had.

    Raises:
        BadMessage: as above; the text lists what can.
    """
    read_stream_query(opening.query)


AURA: Final = Dialect(DeepgramProtocol, subprotocols=_SCHEMES, check=check, keys=shown_keys, error_body=error_body)
FLUX: Final = Dialect(FluxProtocol, subprotocols=_SCHEMES, check=check, keys=shown_keys, error_body=error_body)
