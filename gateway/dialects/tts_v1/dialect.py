"""How clients of ``tts.v1`` come in; a browser, which can set no header, shows its key as a subprotocol."""

from __future__ import annotations

import base64
import binascii
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ..dialect import Dialect
from ..opening import header_keys
from .messages import SUBPROTOCOL
from .protocol import TtsV1Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..opening import Opening

_AUTH_SUBPROTOCOL: Final = "tts.auth."


def shown_keys(opening: Opening) -> Iterable[str]:
    """Find the keys in headers and among the offered subprotocols."""
    yield from header_keys(opening)
    for offered in opening.subprotocols:
        if offered.startswith(_AUTH_SUBPROTOCOL):
            yield _decode_key(offered.removeprefix(_AUTH_SUBPROTOCOL))


def _decode_key(text: str) -> str:
    """Read base64url without padding; what cannot be read matches no key."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


DIALECT: Final = Dialect(
    TtsV1Protocol,
    subprotocols=(SUBPROTOCOL,),
    needs_subprotocol=True,
    keys=shown_keys,
    busy_status=HTTPStatus.SERVICE_UNAVAILABLE,
    can_resume=True,
)
