"""From what a person typed to a socket that a gateway has greeted, or to an error that names the cause and the remedy.

Foreign errors of the network, of TLS and of the WebSocket library are translated here and nowhere else.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import replace
from socket import gaierror
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage, InvalidStatus
from websockets.typing import Subprotocol

from ..dialects.tts_v1.names import ENDPOINT, SUBPROTOCOL
from ..errors import BadMessage, CloseCode, ConnectionFailed
from .errors import BadAddress, BadKey
from .wire import messages as wire

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from websockets.asyncio.client import ClientConnection
    from websockets.http11 import Response

    from .ledger import Ledger

# Long enough for a gateway on another continent behind a slow TLS handshake, short enough that a person still waits.
OPEN_TIMEOUT_S: Final = 10.0
# Closing is a courtesy: the server frees everything when the TCP connection ends, however it ends.
CLOSE_TIMEOUT_S: Final = 1.0
# For each of two probes of the peer, after a failure that does not name its cause.
_LOOK_TIMEOUT_S: Final = 2.0

# Close codes after which the same connection cannot work later: the peer, the key or the sent message is wrong. 1002,
# 1003 and 1007 are RFC 6455's protocol error, unsupported data and invalid UTF-8.
_FINAL_CLOSE_CODES: Final = frozenset(
    {
        *(1002, 1003, 1007, CloseCode.POLICY, CloseCode.TOO_BIG),
        *(CloseCode.NOT_A_CLIENT, CloseCode.KEY_REVOKED, CloseCode.NO_SUCH_CALL),
    }
)
_RESUME: Final = "resume"  # among a gateway's features
_RETRYABLE_STATUSES: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
_SCHEMES: Final = {"ws": "ws", "wss": "wss", "http": "ws", "https": "wss"}
_DEFAULT_PORTS: Final = {"ws": 80, "wss": 443}
_EXAMPLE: Final = "one looks like ws://127.0.0.1:8080"


def endpoint_url(url: str) -> str:
    """Complete what a person typed to the WebSocket endpoint's URL.

    Raises:
        BadAddress: it is no address; the text says why.
    """
    if not isinstance(url, str):
        raise BadAddress(f"an address is text, not {type(url).__name__}; {_EXAMPLE}")
    try:
        parts = urlsplit(url if "://" in url else f"ws://{url}")
    except ValueError:  # a bracket without its partner
        raise BadAddress(f"{_shown(url)!r} is no address; {_EXAMPLE}") from None
    try:
        port = parts.port
    except ValueError:
        raise BadAddress(f"{_shown(url)!r} is no address: a port is a number from 1 to 65535; {_EXAMPLE}") from None
    host = parts.hostname or ""
    scheme = _SCHEMES.get(parts.scheme)
    if scheme is None or not host or port == 0:
        raise BadAddress(f"{_shown(url)!r} is no address; {_EXAMPLE}")
    try:
        is_name = all(character.isprintable() and character != " " for character in host)
        host.encode("idna")
    except UnicodeError:  # such as a label of more than 63 characters
        is_name = False
    if not is_name:
        raise BadAddress(f"{_shown(url)!r} is no address: {host!r} can be no host's name; {_EXAMPLE}")
    path = parts.path.rstrip("/")
    if not path.endswith(ENDPOINT):
        path += ENDPOINT
    return parts._replace(scheme=scheme, path=path, fragment="").geturl()


def checked_key(key: str | None) -> str | None:
    """Return a key that a header can carry; None for none.

    Raises:
        BadKey: it cannot be sent. The text says what is wrong with it, and never shows it.
    """
    if not key:
        return None
    if not isinstance(key, str):
        raise BadKey(f"the API key is {type(key).__name__}, not text")
    key = key.strip()  # files of keys end with a line break, which is no part of the key
    if not (key.isascii() and key.isprintable()):
        raise BadKey("the API key is not one line of plain ASCII; it is not shown here")
    return key or None


async def open_socket(
    endpoint: str, key: str | None, open_timeout_s: float, ssl_context: ssl.SSLContext | None
) -> ClientConnection:
    """Open a WebSocket to a gateway.

    Args:
        endpoint: as ``endpoint_url`` completes it.
        key: as ``checked_key`` lets it pass.
        open_timeout_s: for TCP, TLS and the handshake together.
        ssl_context: for ``wss://``; None is the system's certificate authorities.

    Raises:
        ConnectionFailed: it did not open; the text says why.
    """
    parts = urlsplit(endpoint)
    where = _where(parts)
    try:
        return await connect_websocket(
            endpoint,
            subprotocols=[Subprotocol(SUBPROTOCOL)],
            additional_headers={"Authorization": f"Bearer {key}"} if key else None,
            compression=None,  # audio does not compress
            open_timeout=open_timeout_s,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=None,  # the library's own would count pongs only; see ``Connection.keep_alive``
            proxy=None,  # a proxy between a voice and its listener is a choice, not something to pick up unseen
            ssl=(ssl_context or True) if parts.scheme == "wss" else None,
        )
    except InvalidStatus as exc:
        raise _refused(where, exc.response, has_key=bool(key)) from exc
    except InvalidMessage as exc:
        raise await _no_websocket(parts, exc) from exc
    except InvalidHandshake as exc:
        raise ConnectionFailed(f"{where} is not a gateway: {exc}", retryable=False) from exc
    except TimeoutError as exc:
        raise ConnectionFailed(
            f"{where} did not answer within {open_timeout_s:g} s; is the address right, and no firewall between?",
            retryable=True,
        ) from exc
    except OSError as exc:
        raise await _no_connection(parts, exc) from exc
    except ValueError as exc:  # the library does not follow from ws:// to wss://, nor to what is no address
        raise BadAddress(f"{where} has moved; use wss:// instead of ws://, or the address it moved to") from exc


async def agree(
    socket: ClientConnection, update: wire.SessionUpdate, open_timeout_s: float, *, resumes: bool
) -> wire.SessionReady:
    """Take the gateway's greeting, and its answer to the wish for an audio format.

    Args:
        socket: open.
        update: the wish.
        open_timeout_s: for all of it.
        resumes: ask that the session outlive its socket, if the gateway offers it.

    Raises:
        ConnectionFailed: the peer is no gateway, it is draining, or it refuses the audio format.
    """
    if socket.subprotocol != SUBPROTOCOL:
        raise ConnectionFailed(
            f"a WebSocket server answers there, but it does not speak {SUBPROTOCOL}: it is no Sayline gateway",
            retryable=False,
        )
    try:
        async with asyncio.timeout(open_timeout_s):
            greeting = await _ready(socket)
            if resumes and _RESUME in greeting.features:
                update = replace(update, resume=True)
            await socket.send(wire.encode(update))
            return await _ready(socket)
    except ConnectionClosed as exc:
        raise lost(exc) from exc
    except TimeoutError as exc:
        raise ConnectionFailed(f"the gateway did not greet within {open_timeout_s:g} s", retryable=True) from exc
    except BadMessage as exc:
        raise ConnectionFailed(f"the gateway broke the rules of tts.v1: {exc}", retryable=False) from exc


async def resume(socket: ClientConnection, ledger: Ledger, open_timeout_s: float) -> int | None:
    """Ask for a session whose socket broke.

    Returns:
        How many of our messages the gateway has taken; None if the session is over.

    Raises:
        ConnectionFailed: the socket is lost too, or nobody answers.
    """
    try:
        async with asyncio.timeout(open_timeout_s):
            await socket.send(ledger.resume())
            while True:
                match wire.parse_server_message(await socket.recv()):
                    case wire.SessionResumed(received=taken):
                        return taken
                    case wire.Error() | wire.GoAway():
                        return None
    except ConnectionClosed as exc:
        raise lost(exc) from exc
    except TimeoutError as exc:
        raise ConnectionFailed(f"the gateway did not answer within {open_timeout_s:g} s", retryable=True) from exc
    except BadMessage as exc:
        raise ConnectionFailed(f"the gateway broke the rules of tts.v1: {exc}", retryable=False) from exc


def lost(exc: ConnectionClosed) -> ConnectionFailed:
    """Say why a connection that had been open is over."""
    if exc.rcvd is None:
        # 1006 is RFC 6455's name for an end without a close frame: the peer or the network died.
        return ConnectionFailed("the connection was lost", retryable=True, close_code=1006)
    reason = f": {exc.rcvd.reason}" if exc.rcvd.reason else ""
    return ConnectionFailed(
        f"the gateway closed the connection ({exc.rcvd.code}{reason})",
        retryable=exc.rcvd.code not in _FINAL_CLOSE_CODES,
        close_code=exc.rcvd.code,
    )


# -- what a failure means ----------------------------------------------------------------------------------------------


async def _no_websocket(parts: SplitResult, exc: InvalidMessage) -> ConnectionFailed:
    """Somebody answered, or hung up, and did not speak the HTTP of a WebSocket."""
    where = _where(parts)
    is_hung_up = isinstance(exc.__cause__, EOFError)
    match await _who_listens(parts):
        case "tls" if parts.scheme == "ws":
            return BadAddress(f"{where} speaks TLS: use wss:// instead of ws://")
        case "http" if not is_hung_up:  # else it may be the gateway, which was restarted between the two questions
            return ConnectionFailed(
                f"{where} is a web server, and no Sayline gateway; is the port right?", retryable=False
            )
    # A server that went away in mid-handshake may be back; another protocol will not change.
    if is_hung_up:
        return ConnectionFailed(f"{where} hung up without an answer; is it a gateway?", retryable=True)
    return ConnectionFailed(f"{where} does not answer with HTTP; is the port right?", retryable=False)


async def _no_connection(parts: SplitResult, exc: OSError) -> ConnectionFailed:
    """TCP or TLS failed."""
    where = _where(parts)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return ConnectionFailed(
            f"the certificate of {where} does not verify: {exc.verify_message}; if a private authority signed it, "
            "trust that authority",
            retryable=False,
        )
    if isinstance(exc, gaierror):
        return ConnectionFailed(
            f"cannot connect to {where}: there is no host of the name {parts.hostname!r}", retryable=True
        )
    if parts.scheme == "wss" and isinstance(exc, ssl.SSLError | ConnectionResetError | ConnectionAbortedError):
        if await _who_listens(parts) == "http":
            return BadAddress(f"{where} does not speak TLS: use ws:// instead of wss://")
        detail = exc.reason if isinstance(exc, ssl.SSLError) and exc.reason else "it hung up"
        return ConnectionFailed(
            f"cannot agree on TLS with {where}: {detail.lower().replace('_', ' ')}; is the port right?",
            retryable=not isinstance(exc, ssl.SSLError),
        )
    if isinstance(exc, ConnectionRefusedError) or exc.errno is None:  # None: several addresses, each refused
        return ConnectionFailed(
            f"cannot connect to {where}: nobody listens there; is a gateway running? `sayline serve` starts one",
            retryable=True,
        )
    return ConnectionFailed(f"cannot connect to {where}: {exc.strerror or exc}", retryable=True)


async def _who_listens(parts: SplitResult) -> str | None:
    """Probe the peer again, without the key: does TLS answer there, or plain HTTP? None: neither."""
    address = parts.hostname, parts.port or _DEFAULT_PORTS[parts.scheme]
    unverified = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    unverified.check_hostname = False
    unverified.verify_mode = ssl.CERT_NONE  # whose certificate it is does not matter: nothing secret is sent
    with contextlib.suppress(OSError, TimeoutError):
        async with asyncio.timeout(_LOOK_TIMEOUT_S):
            _, writer = await asyncio.open_connection(*address, ssl=unverified)
            writer.close()
            return "tls"
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(_LOOK_TIMEOUT_S):
            reader, writer = await asyncio.open_connection(*address)
            try:
                writer.write(f"HEAD / HTTP/1.1\r\nHost: {parts.hostname}\r\nConnection: close\r\n\r\n".encode())
                if await reader.readexactly(5) == b"HTTP/":
                    return "http"
            finally:
                writer.close()
    return None


def _refused(where: str, response: Response, *, has_key: bool) -> ConnectionFailed:
    status = response.status_code
    if status == 401:
        fault = "it does not know this API key" if has_key else "it wants an API key, and none was given"
        return BadKey(f"{where} answered 401: {fault}")
    reasons = {
        400: "it could not read the request; if it speaks TLS, use wss://",
        403: "this origin or client is not allowed",
        404: "a web server answers there, but there is no gateway at this path; is the port right?",
        426: "it is no gateway, or something between took the request for a plain one: a proxy must pass WebSockets on",
        503: "the gateway is full or draining",
    }
    if location := response.headers.get("Location"):
        reasons[status] = f"it has moved; use {_shown(location)}"
    reason = reasons.get(status, f"{response.reason_phrase or 'refused'}; it may be another server than a gateway")
    return ConnectionFailed(
        f"{where} answered {status}: {reason}",
        retryable=status in _RETRYABLE_STATUSES,
        retry_after_s=_seconds(response.headers.get("Retry-After")),
    )


def _seconds(retry_after: str | None) -> float | None:
    """Read the header's number of seconds; its other form, a date, is of no use between clocks that differ."""
    return float(retry_after) if retry_after is not None and retry_after.isdecimal() else None


async def _ready(socket: ClientConnection) -> wire.SessionReady:
    while (event := wire.parse_server_message(await socket.recv())) is None:
        pass  # a kind of message that came after this client
    match event:
        case wire.SessionReady():
            return event
        case wire.Error():
            raise ConnectionFailed(f"the gateway refused the audio format: {event.message}", retryable=event.retryable)
        case wire.GoAway():
            raise ConnectionFailed("the gateway is draining", retryable=True, close_code=CloseCode.DRAIN)
    raise BadMessage(f"{event.type} before session.ready")


def _where(parts: SplitResult) -> str:
    """Name an endpoint without what may be secret in it: user, password, query."""
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _shown(url: str) -> str:
    """Repeat what was typed, without user, password and query."""
    scheme, separator, rest = url.rpartition("://")
    return f"{scheme}{separator}{rest.partition('?')[0].rpartition('@')[2]}"
