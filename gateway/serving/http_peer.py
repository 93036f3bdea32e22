"""An answer to an HTTP request as one end of a conversation: it takes what the conversation says as far as it is read.

The request's handler is the only task: it gives the text to the conversation piece by piece, and writes the body. The
connection tells when it takes no more bytes; the conversation grants nothing until it does again, so what lies ahead of
a peer is what the kernel and the connection hold (``front_door.WRITE_LIMIT_BYTES``), and what was granted before.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from aiohttp import web

from ...codecs.base import CodecError
from ..dialects.actions import SendAudio
from ..errors import Overloaded, SpeechFailed
from .http.requests import fault_of
from .reading_turns import PIECE_CHARS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from ..conversation.actions import Close
    from ..conversation.audio import Packet
    from ..dialects.http import Body
    from ..dialects.http_conversation import HttpConversation
    from ..errors import GatewayError
    from .conversation_runner import ConversationRunner, Outbox
    from .http_server import HttpConnection
    from .reading_turns import ReadingTurns

# A peer with a full connection counts as reading if this much leaves within ``slow_client_s``.
_READS_SLOWLY_BYTES: Final = 4096


class _Answer(web.StreamResponse):
    """An answer that begins with sound: its head leaves with the first of it, in one piece, and not by itself."""

    _send_headers_immediately = False  # private in aiohttp, whose other answers have it so; without it they leave apart


class HttpPeer:
    """Lives as long as its request; see ``conversation_runner.Peer``.

    Args:
        request: an admitted request.
        connection: the one on which it came.
        conversation: what it asked for.
        runner: of that conversation.
        body: writes the answer.
        silence: makes a moment of silence in the format that was asked for.
    """

    def __init__(
        self,
        request: web.Request,
        connection: HttpConnection,
        conversation: HttpConversation,
        runner: ConversationRunner,
        body: Body,
        silence: Callable[[], Awaitable[Sequence[Packet]]],
    ) -> None:
        self._request = request
        self._connection = connection
        self._conversation = conversation
        self._runner = runner
        self._body = body
        self._silence = silence
        self._outbox: Outbox | None = None  # the runner's, once something is in it
        self._has_news = asyncio.Event()
        self._kept: list[bytes] = []  # said before the first sound: until then the answer may become an error
        self._response: web.StreamResponse | None = None  # once it has begun
        self._unsent_bytes = 0  # of all written bytes, when the peer was last found to take some
        self._is_closed = False

    async def serve(
        self, text: str, turns: ReadingTurns, headers: Callable[[], Mapping[str, str]]
    ) -> web.StreamResponse | GatewayError:
        """Have the text spoken, and answer with it.

        Args:
            text: all of it.
            turns: in which long texts are read.
            headers: of the answer, asked for when it begins.

        Returns:
            The answer; or why there is no sound, if the answer has not begun.
        """
        self._connection.peer = self
        try:
            self._runner.attach(self)
            if self._connection.is_paused:
                self.paused()
            for start in range(0, len(text), PIECE_CHARS):
                await turns.take()
                if self._conversation.is_over:  # it failed
                    break
                self._runner.text_received(text[start : start + PIECE_CHARS])
                await self._write(headers)
            self._runner.text_received("")
            while not self._conversation.is_over and not self._is_closed:
                await self._has_news.wait()
                self._has_news.clear()
                await self._write(headers)
            return await self._end(headers)
        except ConnectionError:  # the peer has left, and the handler is about to be cancelled
            return self._response or web.Response()
        finally:
            self._connection.peer = None

    # -- what the runner wants -----------------------------------------------------------------------------------------

    def send(self, outbox: Outbox) -> None:
        """Have the handler write what is there."""
        self._outbox = outbox
        self._has_news.set()

    def read_again(self) -> None:
        """There is nothing to read: the whole request is there."""

    def has_moved(self) -> bool:
        """Tell whether a peer that takes no more has taken enough to count as a slow reader."""
        unsent_bytes = self._connection.unsent_bytes
        if unsent_bytes > self._unsent_bytes - _READS_SLOWLY_BYTES:
            return False
        self._unsent_bytes = unsent_bytes
        return True

    def ping(self) -> None:
        """HTTP has no pings, and these conversations ask for none."""

    def close(self, close: Close) -> None:
        """End the answer: all is said, the peer does not read, or the server's time is over."""
        self._is_closed = True
        self._has_news.set()
        is_cut = self._response is not None and not self._conversation.is_over
        if is_cut or close.at_once:  # then the end of the answer may be stuck
            self.abort()

    def abort(self) -> None:
        """Cut the connection off."""
        self._connection.abort()

    # -- what the connection tells -------------------------------------------------------------------------------------

    def paused(self) -> None:
        """The connection takes no more bytes."""
        self._unsent_bytes = self._connection.unsent_bytes
        self._runner.blocked()

    def resumed(self) -> None:
        """The connection takes bytes again."""
        self._runner.unblocked()

    # -- the answer ----------------------------------------------------------------------------------------------------

    async def _write(self, headers: Callable[[], Mapping[str, str]]) -> None:
        """Write all that the conversation has said, once there is sound."""
        while self._outbox:
            entry = self._outbox.popleft()
            self._kept += entry.frames if isinstance(entry, SendAudio) else (entry.message.encode(),)
        if not self._conversation.has_sound or not self._kept:
            return
        if self._response is None:
            self._response = await self._begin(headers())
        piece = b"".join(self._kept)
        self._kept.clear()
        await self._response.write(piece)
        await self._request.writer.drain()  # aiohttp itself waits only when 64 KiB have gathered

    async def _begin(self, headers: Mapping[str, str]) -> web.StreamResponse:
        response = _Answer(headers=headers)
        if self._connection.closes_after_answer:
            response.force_close()
        await response.prepare(self._request)
        return response

    async def _end(self, headers: Callable[[], Mapping[str, str]]) -> web.StreamResponse | GatewayError:
        await self._write(headers)
        fault = self._conversation.fault
        if not self._conversation.is_over:
            fault = Overloaded("the server ended the answer: it is going away, or the client did not read")
        if self._response is None:
            if fault is not None:
                return fault
            try:
                silence = await self._silence()
            except CodecError:
                return SpeechFailed("speech synthesis failed")
            self._kept.insert(0, self._body.audio(silence))
            self._response = await self._begin(headers())
        elif fault is not None:
            last = self._body.fault(fault_of(fault))
            if last is None:
                self.abort()  # so that the peer does not take a part for the whole
                return self._response
            self._kept.append(last)
        await self._response.write(b"".join(self._kept))
        await self._response.write_eof()
        return self._response
