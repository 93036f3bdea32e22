"""One utterance as its caller holds it: text goes in, events come out, and leaving it early cancels it."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, Final, Self

from ..dialects.tts_v1.frames import AudioFrame
from ..errors import ConnectionFailed, GatewayError
from .arguments import checked_milliseconds
from .deltas import WholeCharacters, checked_delta, deltas_of
from .errors import BadArgument, Misuse, SpeechError
from .manuscript import Manuscript
from .opening import CLOSE_TIMEOUT_S
from .splice import Splice
from .wire import messages as wire

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from .connection import Connection
    from .deltas import Text
    from .wire.messages import (
        ContextDone,
        ContextStart,
        ContextStarted,
        SegmentDone,
        SegmentStarted,
        Timestamps,
        Words,
    )

    Event = AudioFrame | SegmentStarted | Words | SegmentDone | ContextDone

# 20 s of 20 ms frames, about 200 KiB of Opus: ten times the default lead, so only a stalled consumer gets here.
INBOX_EVENTS: Final = 1024


class Speech:
    """One utterance: an iterator of its events, and a block around it; made by ``Connection.speak``.

    The speech starts when its block is entered or, without a block, when it is first read or written to. Iteration ends
    after ``ContextDone``. If something fails, it raises after the events before: ``SpeechError``, ``ConnectionFailed``,
    or the exception of the text's source. Leaving the block early cancels the speech; without a block, leaving the loop
    does. Only one reader at a time.

    Attributes:
        context_id: names the utterance on the wire.
        started: rate, pre-skip and format of the audio; set before the first frame comes.
        done: how it ended and what was spoken; set once that event has been read, or the block is left. It stays None
            for a speech that was left early only if the gateway did not answer within a second.
    """

    def __init__(
        self, connection: Connection, start: ContextStart, text: Text | None, timestamps: Timestamps, *, resumes: bool
    ) -> None:
        self.context_id = start.context_id
        self.started: ContextStarted | None = None
        self.done: ContextDone | None = None
        self._connection = connection
        self._text = text
        self._timestamps = timestamps  # what the caller wants; more is asked of the gateway if it ``resumes``
        self._manuscript = Manuscript(start, keeps_text=resumes)
        self._splice = Splice() if resumes else None
        self._characters = WholeCharacters()
        self._telling = asyncio.Lock()  # its holder tells the gateway all that it does not know yet
        self._writer: asyncio.Task[None] | None = None
        self._inbox: deque[Event] = deque()
        self._failure: Exception | None = None  # raised to the consumer once the inbox is empty
        self.doubt: SpeechError | None = None  # an error that need not end the speech, and tells why if it does
        self._refusal: SpeechError | None = None  # becomes the failure when context.done comes
        self._writer_failure: Exception | None = None  # the same, after what was written before it
        self._is_begun = False
        self._has_block = False
        self._is_left = False  # the caller has left its block or its loop
        self._is_read = False  # a reader waits for its next event
        self._is_over = False  # no more events will come
        self._is_muted = False  # the consumer wants no more audio: it cancelled, or left
        self._news = asyncio.Event()  # set if the inbox holds an event, or never will again
        self._room = asyncio.Event()  # the inbox is short enough to read on
        self._gone = asyncio.Event()  # the gateway has no more to do with it

    def __repr__(self) -> str:
        return f"<Speech {self.context_id}{' over' if self._is_over else ''} {len(self._inbox)} unread>"

    async def __aenter__(self) -> Self:
        if self._has_block or self._is_left:
            raise Misuse("a speech has one block: call speak() again for another")
        self._has_block = True
        await self._begin()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._leave()

    async def _begin(self) -> None:
        if self._is_begun:
            self._connection.check_loop()
            return
        self._connection.begin(self)
        self._is_begun = True
        if self._text is not None:
            self._writer = self._connection.start_task(self._write_all(self._text))
        await self._tell()

    async def _leave(self) -> None:
        self._is_left = True
        try:
            if self._is_begun and not self._gone.is_set():
                if self._is_muted:
                    self._silence()
                else:
                    await self._cancel(None)
                # What was spoken is known when the gateway has stopped. It answers within a round trip; leaving must
                # not hang on a socket that is full or a gateway that is gone.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(CLOSE_TIMEOUT_S):
                        await self._gone.wait()
        finally:
            for event in self._inbox:
                if isinstance(event, wire.ContextDone):
                    self.done = event
            self._inbox.clear()
            self.finish(None)

    # -- writing -------------------------------------------------------------------------------------------------------

    async def send(self, delta: str | None) -> None:
        """Send a piece of text; pieces are joined exactly as sent, and an empty one or None says nothing.

        Does nothing once the speech is over or cancelled: that is a race, not a fault.

        Raises:
            Misuse: ``speak`` was given the text, ``end`` was called, or the block was left.
            BadArgument: the piece is no text.
            ConnectionFailed: the connection is lost, and does not come back.
        """
        text = checked_delta(delta)
        if self._is_over and not (self._is_left and self._has_block):
            return
        if self._text is not None:
            raise Misuse("this speech's text was given to speak(); for send(), call speak() without one")
        if self._is_left:
            raise Misuse("this speech was left: call speak() again for another")
        if self._manuscript.is_ended:
            raise Misuse("this speech was ended: no text can follow end(); call speak() again for another")
        await self._begin()
        await self._write(text)

    async def flush(self) -> None:
        """Have everything sent so far spoken now, without waiting for the end of a sentence."""
        if not self._is_left and not self._manuscript.is_ended:  # else it is spoken anyway
            await self._begin()
            self._manuscript.flush()
            await self._tell()

    async def end(self) -> None:
        """Say that no more text follows; the rest is spoken, then comes ``ContextDone``."""
        if not self._is_left:
            await self._begin()
            self._manuscript.end()
            await self._tell()

    async def cancel(self, played_ms: float | None = None) -> None:
        """Stop now: audio that was not read is dropped, and ``ContextDone`` is the next and last event.

        Whatever ``played_ms`` is, the speech is cancelled. A negative value counts as 0, a value beyond the sent audio
        as all of it, and NaN as unknown.

        Args:
            played_ms: how much the listener heard, so that ``ContextDone.text_spoken`` can name the text.

        Raises:
            BadArgument: ``played_ms`` is no number; the speech was cancelled without it.
        """
        self._connection.check_loop()
        refused: BadArgument | None = None
        try:
            heard_ms = None if played_ms is None else checked_milliseconds("played_ms", played_ms)
        except BadArgument as exc:
            heard_ms, refused = None, exc
        if not self._is_over and not self._is_muted:
            await self._cancel(heard_ms)
        if refused is not None:
            raise refused

    async def report_playback(self, played_ms: float, buffered_ms: float) -> None:
        """Report what the listener has heard and still holds, about every 250 ms; otherwise the gateway's clock counts.

        Values out of range are taken as in ``cancel``; an unknown position (NaN) is not reported.

        Raises:
            BadArgument: one of them is no number. If it is ``buffered_ms``, the position was reported.
        """
        self._connection.check_loop()
        heard_ms = checked_milliseconds("played_ms", played_ms)
        refused: BadArgument | None = None
        try:
            held_ms = checked_milliseconds("buffered_ms", buffered_ms) or 0.0
        except BadArgument as exc:
            held_ms, refused = 0.0, exc
        if heard_ms is not None and self._manuscript.is_started and not self._is_over and not self._is_muted:
            if self._splice is not None:
                heard_ms = self._splice.context_played_ms(heard_ms)
            await self._connection.send(
                wire.Playback(context_id=self.context_id, played_ms=heard_ms, buffered_ms=held_ms)
            )
        if refused is not None:
            raise refused

    async def _write(self, delta: str) -> None:
        text = self._characters.take(delta)
        if text and not self._is_over and not self._is_muted:
            self._manuscript.append(text)
            await self._tell()

    async def _write_all(self, text: Text) -> None:
        """Send a whole text and its end; if the source fails, speak its text so far before the failure is raised."""
        try:
            async with contextlib.aclosing(deltas_of(text)) as deltas:
                async for delta in deltas:
                    await self._write(delta)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
            # Nobody cancelled this task: work of the source's own was cancelled. The reader's was not.
            self._writer_failure = GatewayError("the source of the text was cancelled")
        except Exception as exc:  # noqa: BLE001 - not swallowed: iteration raises it
            self._writer_failure = exc
        self._manuscript.end()
        with contextlib.suppress(ConnectionFailed):  # the reader learns of it from the connection
            await self._tell()

    async def _tell(self) -> None:
        """Tell the gateway everything that it does not know yet; waits while the socket is full."""
        async with self._telling:
            while not self._is_over and not self._is_muted and self._connection.takes(self):
                message = self._manuscript.next_message(self._connection.limits.max_text_bytes)
                if message is None or not await self._connection.send(message):
                    break

    async def _cancel(self, played_ms: float | None) -> None:
        was_started = self._manuscript.is_started
        self._silence()
        if self._splice is not None:
            self._splice.cancel(played_ms)
            played_ms = None if played_ms is None else self._splice.context_played_ms(played_ms)
        if not self._is_begun or not was_started:  # no gateway knows of it
            self._is_begun = True
            self._connection.forget(self)
            self._arrive(self._own_done("cancel"))
            self.finish(None)
            return
        with contextlib.suppress(ConnectionFailed, TimeoutError):  # it then is over in any case
            # On a socket that is full the message is in its buffer by then.
            async with asyncio.timeout(CLOSE_TIMEOUT_S):
                await self._connection.send(wire.ContextCancel(context_id=self.context_id, played_ms=played_ms))

    def _silence(self) -> None:
        """Drop what was not read, and let no more of it in."""
        self._is_muted = True
        if self._writer is not None:
            self._writer.cancel()
        done = [event for event in self._inbox if isinstance(event, wire.ContextDone)]
        self._inbox.clear()
        self._inbox.extend(done)
        self._room.set()

    # -- reading -------------------------------------------------------------------------------------------------------

    async def __aiter__(self) -> AsyncGenerator[Event, None]:
        try:
            while True:
                try:
                    event = await anext(self)
                except StopAsyncIteration:
                    return
                yield event
        finally:
            if not self._has_block and not self._is_read:  # else who left is not the reader
                await self._leave()

    async def __anext__(self) -> Event:
        if self._is_read:
            raise Misuse("this speech is being read already: one reader at a time")
        if not self._is_begun and self._text is None and not self._has_block:
            raise Misuse("nothing was written: give speak() a text, or enter the speech with `async with` first")
        self._is_read = True
        try:
            await self._begin()
            while not self._inbox:
                if self._is_over:
                    if self._failure is not None:
                        raise self._failure
                    raise StopAsyncIteration
                self._news.clear()
                await self._news.wait()
        finally:
            self._is_read = False
        event = self._inbox.popleft()
        if len(self._inbox) <= INBOX_EVENTS // 2:
            self._room.set()
        if isinstance(event, wire.ContextDone):
            self.done = event
        return event

    async def audio(self) -> AsyncGenerator[AudioFrame, None]:
        """Iterate over the audio alone."""
        async with contextlib.aclosing(self.__aiter__()) as events:
            async for event in events:
                if isinstance(event, AudioFrame):
                    yield event

    async def collect(self) -> list[AudioFrame]:
        """Read to the end and return all audio; ``done`` then says what was spoken."""
        return [frame async for frame in self.audio()]

    # -- for Connection ------------------------------------------------------------------------------------------------

    def take_start(self, started: ContextStarted) -> ConnectionFailed | None:
        """Take the context's start; return why this gateway's sound cannot continue that of the first, if it cannot."""
        if self._splice is not None:
            self._splice.begin(started)
        if self.started is None:
            self.started = started
        elif (started.format, started.sample_rate) != (self.started.format, self.started.sample_rate):
            return ConnectionFailed("the gateway that took over sends another audio format", retryable=True)
        return None

    @property
    def is_known(self) -> bool:
        """Whether the present connection's gateway was told of it."""
        return self._manuscript.is_started

    def arrived(self, event: Event) -> None:
        """Take an event from the socket."""
        if self._splice is not None:
            event = self._splice.take(event, self._manuscript.text)
            if isinstance(event, wire.Words) and self._timestamps != "word":
                return
            if isinstance(event, wire.SegmentStarted | wire.SegmentDone) and self._timestamps == "none":
                return
        self._arrive(event)

    async def has_room(self) -> None:
        """Wait until the consumer has caught up."""
        if len(self._inbox) < INBOX_EVENTS or self._is_over:
            return
        self._room.clear()
        await self._room.wait()

    def interrupted(self) -> None:
        """Prepare to speak on at the next connection: this one is gone, and another is on its way."""
        manuscript = self._manuscript
        if self._splice is None or self._is_over or not manuscript.is_started:
            return
        heard, ended = self._splice.cut(self.context_id)
        manuscript.rewind(heard)
        is_whole = manuscript.is_ended and heard == len(manuscript.text) and heard > 0
        if self._is_muted or is_whole:
            self._connection.forget(self)
            self._arrive(self._own_done("end" if is_whole and not self._is_muted else "cancel"))
            self.finish(None)
        elif self._timestamps != "none":
            for end in ended:
                self._arrive(end)

    async def resume(self) -> None:
        """Tell another gateway what the first one has not spoken."""
        with contextlib.suppress(ConnectionFailed):  # the reader learns of it from the connection
            await self._tell()

    def fail(self, failure: Exception, *, awaits_done: bool) -> None:
        """End the speech with an error, now or when the gateway's ``context.done`` has come."""
        if awaits_done and isinstance(failure, SpeechError):
            self._refusal = failure
        else:
            self.finish(failure)

    def finish(self, failure: Exception | None) -> None:
        """Nothing more will come."""
        if self._is_over:
            return
        self._is_over = True
        self._failure = failure or self._refusal or self._writer_failure
        if self._writer is not None and self._writer is not asyncio.current_task():
            self._writer.cancel()
        self._room.set()
        self._news.set()

    def released(self) -> None:
        """The gateway has no more to do with it."""
        self._gone.set()

    def _arrive(self, event: Event) -> None:
        if isinstance(event, wire.ContextDone) and (self._is_left or self._is_over):
            self.done = event  # the caller will not read it
        if self._is_over or (self._is_muted and not isinstance(event, wire.ContextDone)):
            return
        self._inbox.append(event)
        self._news.set()

    def _own_done(self, reason: wire.DoneReason) -> ContextDone:
        """Say how it ended, because no gateway will."""
        text = self._manuscript.text
        if self._splice is not None:
            return self._splice.done(self.context_id, reason, text)
        return wire.ContextDone(
            context_id=self.context_id, reason=reason, audio_ms=0, text_spoken="", text_remaining=text
        )
