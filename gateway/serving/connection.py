"""One session over one socket: feed it, perform what it wants, keep its timer. Nothing is decided here.

Three kinds of task in one group: the reader, the writer and a speaker for each context that has one.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from websockets.exceptions import ConnectionClosed
from websockets.protocol import State

from ...codecs.base import CodecError
from ...synthesis.interface import SynthesisError, UnsupportedRequest
from ..capacity.admission import Slot
from ..conversation import actions
from ..errors import CloseCode, GatewayError, SpeechFailed, UnknownVoice
from ..speaking.speaker import Speaker
from .reading_turns import PIECE_CHARS, Allowance
from .server_frames import binary_messages, text_message

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from websockets.asyncio.server import ServerConnection

    from ...codecs.base import Packet
    from ...synthesis.interface import Segment, Synthesizer, WordMark
    from ..conversation.session import Session
    from ..observing.metrics import Metrics
    from ..speaking.encoder_pool import RemoteEncoder
    from .reading_turns import ReadingTurns
    from .timers import SharedTimers

log = logging.getLogger("sayline.connection")

# Replies that may wait for a client that writes and does not read; then we stop reading it.
_MAX_OUTBOX: Final = 256

# A peer whose socket is full reads all the same if so much leaves within ``slow_client_s``: one write may be megabytes.
_READS_SLOWLY_BYTES: Final = 4096
# How long a close may take, from the decision to the end of the socket, which is cut then: time for a round trip and
# for the 64 KiB that may be under way.
_CLOSE_GRACE_S: Final = 2.0


class SlotDesk(Protocol):
    """Where synthesis slots are asked for; answers come through ``Connection.slot_granted``."""

    def request_slot(self, slot: Slot, *, is_continuing: bool) -> None: ...  # noqa: D102
    def release_slot(self, slot: Slot) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Services:
    """What all connections of a server share."""

    synthesizer: Synthesizer
    new_encoder: Callable[[actions.AudioParameters], RemoteEncoder]
    slots: SlotDesk
    metrics: Metrics
    timers: SharedTimers
    reading_turns: ReadingTurns


class Connection:
    """Lives as long as its socket.

    Args:
        socket: an open WebSocket that speaks ``tts.v1``.
        session: its decisions; nobody else uses it.
        services: the server's.
    """

    def __init__(self, socket: ServerConnection, session: Session, services: Services) -> None:
        self._socket = socket
        self._session = session
        self._services = services
        self._loop = asyncio.get_running_loop()
        # (WebSocket frames in parts, context whose audio they are)
        self._outbox: deque[tuple[Sequence[bytes], str | None]] = deque()
        self._writer_is_needed = asyncio.Event()
        self._is_reading = True  # the session wants messages
        self._reading_changed = asyncio.Event()  # only a hint: the reader looks at ``_takes_messages`` itself
        self._is_blocked = False  # the socket takes no more; the writer waits until it does
        self._unsent_bytes = 0  # of what was written, when the session was last told that it is blocked
        self._is_over = False  # the peer is gone, or was closed
        self._close: actions.Close | None = None  # the session's last word: nothing is sent or obeyed after it
        self._cut: asyncio.TimerHandle | None = None  # ends the socket if the close takes too long
        self._speakers: dict[str, tuple[Speaker, asyncio.Task[None]]] = {}
        self._tasks: asyncio.TaskGroup
        self._timer_at = math.inf  # when ``_tick`` is to be called
        self._perform_one: dict[type[actions.Action], Callable[..., None]] = {
            actions.SendAudio: self._send_audio,
            actions.GrantFrames: self._grant_frames,
            actions.SendText: self._send_text,
            actions.Speak: self._order,
            actions.PadTail: self._order,
            actions.FinishAudio: self._order,
            actions.StartSpeaker: self._start_speaker,
            actions.DropAudio: self._drop_audio,
            actions.RequestSlot: self._request_slot,
            actions.ReleaseSlot: self._release_slot,
            actions.PauseReading: self._pause_reading,
            actions.ResumeReading: self._resume_reading,
            actions.SendPing: self._send_ping,
            actions.Close: self._begin_close,
            actions.ReportContext: self._report_context,
            actions.ReportUnderrun: self._report_underrun,
            actions.ReportStandstill: self._report_standstill,
        }

    async def serve(self) -> None:
        """Run until the peer is gone or the session has closed the connection.

        The end of the socket ends everything: no task is waited for that might wait for this peer, and what the peer
        has sent and nobody has read is dropped.
        """
        try:
            async with asyncio.TaskGroup() as self._tasks:
                helpers = [
                    self._tasks.create_task(self._write(), name="writer"),
                    self._tasks.create_task(self._read(), name="reader"),
                ]
                self._perform()
                await self._socket.wait_closed()
                self._session.peer_gone(self._loop.time())
                self._perform()
                self._is_over = True
                for task in (*helpers, *(task for _, task in self._speakers.values())):
                    task.cancel()
        finally:
            self._stop_timer()
            if self._cut is not None:
                self._cut.cancel()

    def slot_granted(self, context_id: str) -> None:
        """A slot that this connection asked for is its own."""
        self._session.slot_granted(context_id, self._loop.time())
        self._perform()

    def drain(self, drain_s: float) -> None:
        """The server is going away."""
        self._session.drain(self._loop.time(), drain_s)
        self._perform()

    def abort(self) -> None:
        """Cut the socket off; ``serve`` ends as if the peer had gone."""
        self._socket.transport.abort()

    def sample_leads(self) -> None:
        """Put how much sound each listener has left into the metrics."""
        for lead_ms in self._session.leads_ms(self._loop.time()):
            self._services.metrics.lead.observe(lead_ms / 1000)

    # -- tasks --

    async def _read(self) -> None:
        """Feed the session with what the peer sends; returns when the connection is closed.

        While the connection is being closed, messages are still read, for the peer's answer comes behind them, and
        dropped.
        """
        allowance = Allowance(self._loop.time())
        try:
            while True:
                while not self._takes_messages():
                    self._reading_changed.clear()
                    await self._reading_changed.wait()
                message = await self._socket.recv()
                if not allowance.covers(len(message), self._loop.time()):
                    await self._services.reading_turns.take()
                if self._close is not None:
                    continue
                if isinstance(message, str):
                    self._session.text_received(message, self._loop.time(), most_chars=PIECE_CHARS)
                else:
                    self._session.binary_received(self._loop.time())
                self._perform()
                while self._session.has_unread_text and self._close is None:
                    await self._services.reading_turns.take()
                    self._session.read_on(self._loop.time(), most_chars=PIECE_CHARS)
                    self._perform()
        except ConnectionClosed:
            return

    def _takes_messages(self) -> bool:
        return self._close is not None or (self._is_reading and len(self._outbox) <= _MAX_OUTBOX)

    async def _write(self) -> None:
        """Wait where the socket takes no more, and close once all has left; what the socket takes needs no task."""
        try:
            while self._close is None or self._is_blocked:
                await self._writer_is_needed.wait()
                self._writer_is_needed.clear()
                while self._is_blocked:
                    await self._socket.drain()
                    self._is_blocked = False
                    self._session.write_resumed(self._loop.time())
                    self._perform()
            await self._socket.close(self._close.code, self._close.reason)
        except (ConnectionClosed, OSError):
            return  # the reader sees it too, and ends the connection

    def _send_outbox(self) -> None:
        """Send all that waits in one write; keep it where the socket takes no more.

        ``Connection.send`` would cost one system call and one context manager for each message, a third of what the
        gateway adds to a frame.
        """
        transport = self._socket.transport
        if self._is_blocked or self._socket.protocol.state is not State.OPEN or transport.is_closing():
            return
        parts: list[bytes] = []
        while self._outbox:
            parts += self._outbox.popleft()[0]
        transport.write(b"".join(parts))
        self._reading_changed.set()
        if self._socket.paused:
            self._is_blocked = True
            self._note_blocked()
            self._writer_is_needed.set()

    def _note_blocked(self) -> None:
        self._unsent_bytes = self._socket.transport.get_write_buffer_size()
        self._session.write_blocked(self._loop.time())

    async def _speak(self, speaker: Speaker, context_id: str) -> None:
        """Run a speaker; its failure ends its context and nothing else."""
        fault: GatewayError
        try:
            await speaker.run()
        except UnsupportedRequest as exc:
            fault = UnknownVoice(str(exc))
        except (SynthesisError, CodecError) as exc:
            facts = {"session_id": self._session.id, "context_id": context_id, "error": str(exc)}
            log.warning("speech failed", extra=facts)
            fault = SpeechFailed("speech synthesis failed")
        except Exception:
            log.exception("a speaker broke", extra={"session_id": self._session.id, "context_id": context_id})
            fault = SpeechFailed("speech synthesis failed")
        else:
            self._speakers.pop(context_id, None)
            return
        self._speakers.pop(context_id, None)
        self._session.speech_failed(context_id, fault, self._loop.time())
        self._perform()

    # -- what speakers report --

    def segment_wanted(self, context_id: str) -> None:  # noqa: D102 - see session.py
        self._session.segment_wanted(context_id, self._loop.time())
        self._perform()

    def segment_begun(self, context_id: str, segment: Segment, position: int) -> None:  # noqa: D102 - see session.py
        self._session.segment_begun(context_id, segment, position, self._loop.time())
        self._perform()

    def pcm_made(self, context_id: str, words: tuple[WordMark, ...], fed: int, waited_s: float) -> None:  # noqa: D102
        self._session.pcm_made(context_id, words, fed, waited_s, self._loop.time())
        self._perform()

    def segment_spoken(self, context_id: str, fed: int, waited_s: float) -> None:  # noqa: D102 - see session.py
        self._session.segment_spoken(context_id, fed, waited_s)
        self._perform()

    def frames_ready(self, context_id: str, frames: int) -> None:  # noqa: D102 - see session.py
        self._session.frames_ready(context_id, frames, self._loop.time())
        self._perform()

    def audio_encoded(  # noqa: D102 - see session.py
        self, context_id: str, packets: Sequence[Packet], frames_left: int, *, is_last: bool
    ) -> None:
        self._session.audio_encoded(context_id, packets, frames_left, self._loop.time(), is_last=is_last)
        self._perform()

    # -- what the session wants --

    def _perform(self) -> None:
        if self._is_over:  # nobody is there to perform for, and no task may begin any more
            return
        todo = self._session.actions()
        while todo:
            action = todo.popleft()
            self._perform_one[type(action)](action)
        if self._outbox:
            self._send_outbox()
        self._set_timer()

    def _set_timer(self) -> None:
        at = self._session.next_deadline(self._loop.time())
        if at < self._timer_at:  # a tick that comes early does nothing, and costs less than moving the timer each time
            self._stop_timer()
            self._timer_at = at
            self._services.timers.call_at(at, self._tick)

    def _stop_timer(self) -> None:
        if self._timer_at < math.inf:
            self._services.timers.cancel(self._timer_at, self._tick)
            self._timer_at = math.inf

    def _tick(self) -> None:
        self._timer_at = math.inf
        unsent_bytes = self._socket.transport.get_write_buffer_size() if self._is_blocked else math.inf
        if unsent_bytes <= self._unsent_bytes - _READS_SLOWLY_BYTES:  # blocked, but not since it was noted
            self._note_blocked()
        self._session.tick(self._loop.time())
        self._perform()

    def _send_text(self, action: actions.SendText) -> None:
        if self._close is None:
            self._outbox.append((text_message(action.message), None))

    def _send_audio(self, action: actions.SendAudio) -> None:
        if self._close is None:
            self._outbox.append((binary_messages(action.frames), action.context_id))

    def _drop_audio(self, action: actions.DropAudio) -> None:
        kept = [entry for entry in self._outbox if entry[1] != action.context_id]
        self._outbox.clear()
        self._outbox.extend(kept)
        if running := self._speakers.pop(action.context_id, None):
            running[1].cancel()

    def _start_speaker(self, action: actions.StartSpeaker) -> None:
        services = self._services
        speaker = Speaker(
            action.context_id,
            action.style,
            services.new_encoder(action.audio),
            services.synthesizer,
            self,
            self._tasks,
        )
        task = self._tasks.create_task(self._speak(speaker, action.context_id), name=f"speaker {action.context_id}")
        self._speakers[action.context_id] = speaker, task

    def _order(self, action: actions.Speak | actions.PadTail | actions.FinishAudio) -> None:
        self._speakers[action.context_id][0].order(action)

    def _grant_frames(self, action: actions.GrantFrames) -> None:
        self._speakers[action.context_id][0].grant(action)

    def _request_slot(self, action: actions.RequestSlot) -> None:
        self._services.slots.request_slot(Slot(self._session.id, action.context_id), is_continuing=action.is_continuing)

    def _release_slot(self, action: actions.ReleaseSlot) -> None:
        self._services.slots.release_slot(Slot(self._session.id, action.context_id))

    def _pause_reading(self, _: actions.PauseReading) -> None:
        self._is_reading = False

    def _resume_reading(self, _: actions.ResumeReading) -> None:
        self._is_reading = True
        self._reading_changed.set()

    def _send_ping(self, _: actions.SendPing) -> None:
        self._tasks.create_task(self._ping(), name="ping")

    async def _ping(self) -> None:
        try:
            await (await self._socket.ping())
        except ConnectionClosed:
            return
        self._session.pong_received(self._loop.time())
        self._perform()

    def _begin_close(self, action: actions.Close) -> None:
        self._close = action
        self._services.metrics.closes.labels(str(action.code)).inc()
        log.info("closing", extra={"session_id": self._session.id, "code": int(action.code), "why": action.reason})
        self._cut = self._loop.call_later(_CLOSE_GRACE_S, self.abort)
        self._reading_changed.set()
        if action.code == CloseCode.SLOW_OR_IDLE:  # the writer may be stuck: this peer is not waited for
            self._outbox.clear()
            self._tasks.create_task(self._socket.close(action.code, action.reason), name="close")
        self._writer_is_needed.set()

    def _report_context(self, action: actions.ReportContext) -> None:
        self._services.metrics.context_over(action.report)
        log.info("context over", extra={"session_id": self._session.id, "report": action.report})

    def _report_underrun(self, action: actions.ReportUnderrun) -> None:
        self._services.metrics.underruns.inc()
        self._services.metrics.underrun_seconds.inc(action.dry_ms / 1000)

    def _report_standstill(self, action: actions.ReportStandstill) -> None:
        self._services.metrics.standstills.inc()
        log.error("a context stood still", extra={"session_id": self._session.id, "standstill": action.standstill})
