"""Twilio's signature of a handshake: whoever connects knows the auth token of the account that makes the call.

Twilio signs the address that the TwiML gave it: the base64 of the HMAC-SHA1 of it under the token. Its own helper
libraries take an address with its port and without, since Twilio has signed both; some handshakes were signed with a
slash at the end.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..opening import Opening

_HEADER: Final = "x-twilio-signature"
_TLS_PORT: Final = "443"


def sign(url: str, token: str) -> str:
    """Sign an address as Twilio does."""
    digest = hmac.digest(_bytes(token), _bytes(url), hashlib.sha1)  # Twilio's choice; HMAC needs no more of a hash
    return base64.b64encode(digest).decode()


def is_signed(opening: Opening, address: str, tokens: Sequence[str]) -> bool:
    """Tell whether a handshake carries the signature of its address under one of the tokens.

    Args:
        opening: the handshake.
        address: the host, the port if there is one, and the path: what Twilio has behind ``wss://``.
        tokens: of the accounts that may call.
    """
    shown = _bytes(opening.headers.get(_HEADER, ""))
    # Every one is compared, so that the time tells nothing.
    matches = [
        hmac.compare_digest(shown, _bytes(sign(url, token))) for url in _ways_to_write(address) for token in tokens
    ]
    return any(matches)


def _ways_to_write(address: str) -> Iterable[str]:
    """List the addresses that Twilio may have signed for one."""
    host, slash, path = address.partition("/")
    bare, colon, port = host.rpartition(":")
    is_port = bool(colon) and port.isdecimal()
    hosts = (bare, host) if is_port else (host, f"{host}:{_TLS_PORT}")
    return [f"wss://{each}{slash}{path}{end}" for each in hosts for end in ("", "/")]


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")  # what HTTP's bytes became may be no text
