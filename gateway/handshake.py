"""Whether a WebSocket handshake is let in: key, origin, capacity, decided before the upgrade and without I/O."""

from __future__ import annotations

import base64
import binascii
import hmac
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .messages import SUBPROTOCOL

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from .admission import Refusal

_AUTH_SUBPROTOCOL: Final = "tts.auth."


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP response, before it is compressed or written."""

    status: HTTPStatus
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class HandshakeRequest:
    """What a client shows at the door.

    Attributes:
        origin: where a browser's page came from; None for other clients.
        host: the ``Host`` header.
        subprotocols: offered, in order.
    """

    authorization: str | None
    xi_api_key: str | None
    origin: str | None
    host: str | None
    subprotocols: Sequence[str]


def judge(
    request: HandshakeRequest, api_keys: Sequence[str], allow_origins: Sequence[str], refusal: Refusal | None
) -> tuple[HttpAnswer, str] | None:
    """Refuse a handshake with (answer, reason for the metrics), or let it in with None."""
    if request.origin is not None and not _is_origin_allowed(request.origin, request.host, allow_origins):
        return HttpAnswer(HTTPStatus.FORBIDDEN, b"this origin is not allowed\n"), "origin"
    if api_keys and not _has_key(request, api_keys):
        answer = HttpAnswer(
            HTTPStatus.UNAUTHORIZED, b"a valid API key is required\n", headers=(("WWW-Authenticate", "Bearer"),)
        )
        return answer, "key"
    if refusal is not None:
        answer = HttpAnswer(
            HTTPStatus.SERVICE_UNAVAILABLE,
            f"{refusal.reason}\n".encode(),
            headers=(("Retry-After", str(refusal.retry_after_s)),),
        )
        return answer, refusal.reason
    return None


def _is_origin_allowed(origin: str, host: str | None, allow_origins: Sequence[str]) -> bool:
    if "*" in allow_origins or origin in allow_origins:
        return True
    return host is not None and urlsplit(origin).netloc == host  # our own page


def _has_key(request: HandshakeRequest, api_keys: Sequence[str]) -> bool:
    # Every pair is compared, and each in constant time, so that timing tells nothing about any key.
    matches = [hmac.compare_digest(shown.encode(), key.encode()) for shown in _shown_keys(request) for key in api_keys]
    return any(matches)


def _shown_keys(request: HandshakeRequest) -> Iterable[str]:
    scheme, _, credentials = (request.authorization or "").partition(" ")
    if scheme.lower() == "bearer" and credentials:
        yield credentials.strip()
    if request.xi_api_key:
        yield request.xi_api_key
    for offered in request.subprotocols:
        if offered.startswith(_AUTH_SUBPROTOCOL):
            yield _decode_key(offered.removeprefix(_AUTH_SUBPROTOCOL))


def _decode_key(text: str) -> str:
    """Read base64url without padding; what cannot be read matches no key."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def choose_subprotocol(offered: Sequence[str]) -> str | None:
    """Echo ``tts.v1`` and never a key; None where it was not offered."""
    return SUBPROTOCOL if SUBPROTOCOL in offered else None
