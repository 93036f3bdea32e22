"""How Cartesia's clients come in: with a key in a header or in the query, and a version of any value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..dialect import Dialect
from ..opening import header_keys
from .errors import error_body
from .protocol import CartesiaProtocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..opening import Opening

# Where a client that can set no header shows its key; the second is for a token that was made for a browser.
_KEY_FIELDS: Final = ("api_key", "access_token")


def shown_keys(opening: Opening) -> Iterable[str]:
    """Find the keys in headers and in the query."""
    yield from header_keys(opening)
    for name in _KEY_FIELDS:
        if key := opening.query.get(name):
            yield key


DIALECT: Final = Dialect(CartesiaProtocol, keys=shown_keys, error_body=error_body)
