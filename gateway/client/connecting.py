"""The Python client: text in as it is written, typed events and audio out as they are made.

A connection carries many speeches at once, each an utterance (a *context* on the wire)::

    async with connect("ws://127.0.0.1:8080") as connection:
        async with connection.speak(tokens_of_a_language_model()) as speech:
            async for frame in speech.audio():
                play(frame.payload)

Leaving the inner block early, by ``break`` or by an exception, cancels the speech: that is all of barge-in.

Errors: see ``errors.py``. No call waits for what cannot come: what cannot work is refused at once.

Backpressure. One task reads the socket for all speeches and puts each event into its speech's inbox. The server paces
audio to the listener's speed, so inboxes stay short. If it does not (``max_lead_ms=0``), or if a consumer falls
``INBOX_EVENTS`` behind, that task waits for the consumer and the socket fills up to the server, which then stops
making sound, and closes with 4408 what stays full for its ``slow_client_s``. The other speeches of the connection wait
too: read every speech in a task of its own. For the same reason do not write megabytes with ``send`` before the first
read; text given to ``speak`` is written beside your reading and has no such trap.

Staying connected. The client pings, so a conversation may rest as long as it likes. With ``reconnect=True`` a lost
connection comes back by itself. A gateway that offers ``resume`` and still has the session goes on as if nothing had
happened: nothing is lost, and nothing is spoken twice. Otherwise a speech that was being heard goes on from the first
word whose sound had not come whole: its frames, segments and times are counted on, and the first frame after the hole
carries ``Flags.DISCONTINUITY``. A speech waits ``SPEECH_PATIENCE_S`` for that; the connection tries on.

    connecting.py ──► connection.py ──────► speech.py ───────────► manuscript.py  what the gateway is to be told
    connect()         reads, pings, returns  text in, events out   splice.py      one speech over many connections
       │                 └──► ledger.py         └──► deltas.py
       │                      what was sent          what text may be
       └──► opening.py
            from an address to a greeting
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from typing import TYPE_CHECKING, NoReturn
from urllib.parse import quote

from ..dialects.tts_v1.names import RESUME
from .arguments import checked_message, checked_timeout
from .connection import Connection
from .errors import BadArgument, Misuse
from .opening import OPEN_TIMEOUT_S, agree, checked_key, endpoint_url, open_socket, resume
from .speech import Speech
from .wire import messages as wire

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager
    from types import TracebackType

    from websockets.asyncio.client import ClientConnection

    from .ledger import Ledger
    from .wire.messages import AudioFormatName

__all__ = ["Connection", "Speech", "connect"]


def connect(
    url: str,
    *,
    key: str | None = None,
    format: AudioFormatName = "opus",  # noqa: A002 - what the wire calls it, and nothing is formatted here
    sample_rate: int | None = None,
    frame_ms: int | None = None,
    bitrate: int | None = None,
    max_lead_ms: int | None = None,
    reconnect: bool = False,
    open_timeout_s: float = OPEN_TIMEOUT_S,
    ssl_context: ssl.SSLContext | None = None,
) -> Connecting:
    """Connect to a gateway, for as long as an ``async with`` block lasts.

    Args:
        url: ``ws://host:port``, ``wss://``, ``http://``, ``https://`` or just ``host:port``.
        key: the API key, if the gateway wants one.
        format: ``opus`` packets, ``ogg_opus`` pages, or samples: ``pcm_s16le``, ``pcm_f32le``, ``mulaw`` or ``alaw``;
            or the pieces of a file: ``mp3``, ``aac``, ``flac`` or ``wav``.
        sample_rate: in Hz; None leaves it to the gateway, as below.
        frame_ms: sound per audio frame.
        bitrate: of Opus, in bits per second.
        max_lead_ms: how far ahead of real time the gateway may send; 0 asks for everything at once.
        reconnect: a connection that is lost comes back, and speeches go on: where they were, if the gateway still has
            the session, otherwise from the first word that was not heard. The first attempt is not repeated: if it
            fails, you learn why.
        open_timeout_s: for TCP, TLS, the handshake and the gateway's first message together.
        ssl_context: for ``wss://`` with something else than the system's certificate authorities.

    Raises:
        BadAddress, BadKey: the address or the key can be none.
        BadArgument: an argument is out of the protocol's range.
        ConnectionFailed: when the block is entered: refused, unreachable, or not a gateway; says whether and when to
            try again. ``BadKey`` if the gateway does not take the key.
    """
    # Connecting again with the same arguments would fail the same way, so they are judged before anything is sent.
    fields = {
        "format": format,
        "sample_rate": sample_rate,
        "frame_ms": frame_ms,
        "bitrate": bitrate,
        "max_lead_ms": max_lead_ms,
    }
    update = checked_message(wire.SessionUpdate, fields)
    timeout_s = checked_timeout("open_timeout_s", open_timeout_s)
    if ssl_context is not None and not isinstance(ssl_context, ssl.SSLContext):
        raise BadArgument(f"ssl_context: an ssl.SSLContext is wanted, not {type(ssl_context).__name__}")
    dialer = Dialer(endpoint_url(url), checked_key(key), update, timeout_s, ssl_context, resumes=reconnect)
    return Connecting(_connected(dialer, reconnect=reconnect))


class Dialer:
    """Opens sockets to one gateway with the same wishes each time; takes what ``connect`` takes."""

    def __init__(
        self,
        endpoint: str,
        key: str | None,
        update: wire.SessionUpdate,
        timeout_s: float,
        ssl_context: ssl.SSLContext | None,
        *,
        resumes: bool,
    ) -> None:
        self._endpoint = endpoint
        self._key = key
        self._update = update
        self._timeout_s = timeout_s
        self._ssl_context = ssl_context
        self._resumes = resumes

    async def open(self) -> tuple[ClientConnection, wire.SessionReady]:
        """Open a socket and begin a session on it.

        Raises:
            ConnectionFailed: there is none; the text says why.
        """
        socket = await open_socket(self._endpoint, self._key, self._timeout_s, self._ssl_context)
        try:
            return socket, await agree(socket, self._update, self._timeout_s, resumes=self._resumes)
        except BaseException:
            await socket.close()
            raise

    async def resume(self, ledger: Ledger) -> tuple[ClientConnection, int] | None:
        """Open a socket for a session whose socket broke.

        Returns:
            The socket, and how many of our messages the gateway has taken; None if the session is over.

        Raises:
            ConnectionFailed: there is no socket; the text says why.
        """
        endpoint = f"{self._endpoint}?{RESUME}={quote(ledger.session_id)}"
        socket = await open_socket(endpoint, self._key, self._timeout_s, self._ssl_context)
        try:
            taken = await resume(socket, ledger, self._timeout_s)
        except BaseException:
            await socket.close()
            raise
        if taken is None:
            await socket.close()
            return None
        return socket, taken


class Connecting:
    """What ``connect`` gives: a block around a connection."""

    def __init__(self, block: AbstractAsyncContextManager[Connection]) -> None:
        self._block = block
        self._is_entered = False

    async def __aenter__(self) -> Connection:
        if self._is_entered:
            raise Misuse("a connection has one block: call connect() again for another")
        self._is_entered = True
        return await self._block.__aenter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, traceback: TracebackType | None
    ) -> bool | None:
        return await self._block.__aexit__(kind, raised, traceback)

    def __await__(self) -> NoReturn:
        raise Misuse("a connection lasts as long as its block: `async with connect(...) as connection`")


@contextlib.asynccontextmanager
async def _connected(dialer: Dialer, *, reconnect: bool) -> AsyncIterator[Connection]:
    socket, ready = await dialer.open()
    raised: BaseException | None = None
    async with asyncio.TaskGroup() as tasks:
        connection = Connection(socket, ready, tasks, dialer if reconnect else None)
        running = tasks.create_task(connection.run())
        pinging = tasks.create_task(connection.keep_alive())
        try:
            yield connection
        except asyncio.CancelledError:
            raise
        except BaseException as exc:  # noqa: BLE001 - raised again below: the task group would wrap it in a group
            raised = exc
        finally:
            try:
                await connection.close()
            finally:
                running.cancel()
                pinging.cancel()
    if raised is not None:
        raise raised
