"""One context's way from segments to packets: synthesize, encode what is granted, report.

The speaker decides nothing: the session tells it through ``orders`` and ``grant`` what to speak and how many frames may
leave. It pulls the synthesizer only when all sound it holds has been granted. If it is given a segment before its turn,
it asks for that segment's first sound and no more.
"""

from __future__ import annotations

import asyncio
import logging
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

import numpy as np

from ...codecs.base import WIRE_RATE_HZ
from ..conversation.actions import FinishAudio, GrantFrames, PadTail, Speak

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from ...codecs.base import Packet
    from ...synthesis.interface import PcmChunk, Segment, Style, Synthesizer, WordMark
    from .encoder_pool import RemoteEncoder

log = logging.getLogger(__name__)

Order = Speak | PadTail | FinishAudio


@dataclass(slots=True)
class _Speech:
    """A segment's sound, asked for when the order came, perhaps before all sound in front of it has been granted."""

    segment: Segment
    chunks: AsyncGenerator[PcmChunk, None]
    first: asyncio.Task[PcmChunk | Exception | None] | None

    async def begin(self) -> PcmChunk | None:
        """Get its first sound, once; None if it has none."""
        chunk = None if self.first is None else await self.first
        self.first = None  # it would keep the sound for as long as a listener takes to hear it
        if isinstance(chunk, Exception):
            raise chunk
        return chunk

    async def close(self) -> None:
        """Ask for no more of it; idempotent."""
        if self.first is not None and self.first.cancel():
            await asyncio.wait((self.first,))  # a generator that is running cannot be closed
        await self.chunks.aclose()


_NO_SOUND: Final = np.zeros(0, np.int16)


class Listener(Protocol):
    """The session, to which the speaker reports; ``session.py`` says what each report means."""

    def segment_wanted(self, context_id: str) -> None: ...  # noqa: D102
    def segment_begun(self, context_id: str, segment: Segment, position: int) -> None: ...  # noqa: D102
    def pcm_made(self, context_id: str, words: tuple[WordMark, ...], fed: int, waited_s: float) -> None: ...  # noqa: D102
    def segment_spoken(self, context_id: str, fed: int, waited_s: float) -> None: ...  # noqa: D102
    def frames_ready(self, context_id: str, frames: int) -> None: ...  # noqa: D102
    def audio_encoded(  # noqa: D102
        self, context_id: str, packets: Sequence[Packet], frames_left: int, *, is_last: bool
    ) -> None: ...


class Speaker:
    """Runs as one task, from the context's first slot to its last frame.

    Args:
        context_id: the context that speaks.
        style: how it speaks.
        encoder: this context's own.
        synthesizer: the process's engine.
        listener: receives the reports.
        tasks: the group in which sound is asked for before its turn.
        is_live: somebody listens in real time; otherwise no listener ever runs dry.
    """

    def __init__(
        self,
        context_id: str,
        style: Style,
        encoder: RemoteEncoder,
        synthesizer: Synthesizer,
        listener: Listener,
        tasks: asyncio.TaskGroup,
        *,
        is_live: bool = True,
    ) -> None:
        self._context_id = context_id
        self._style = style
        self._encoder = encoder
        self._synthesizer = synthesizer
        self._listener = listener
        self._tasks = tasks
        self._loop = asyncio.get_running_loop()
        self._orders: asyncio.Queue[_Speech | PadTail | FinishAudio] = asyncio.Queue()
        self._grant: asyncio.Future[GrantFrames] = self._loop.create_future()
        # When the listener will have heard all that was granted.
        self._runs_dry_at = self._loop.time() if is_live else math.inf
        self._speaking: Segment | None = None  # the segment whose turn it is
        self._task: asyncio.Task[None] | None = None  # that of ``run``, once it has begun
        self._is_stopped = False

    def order(self, order: Order) -> None:
        """Tell the speaker what to do next. It asks for a segment's sound at once, even if the segment must wait."""
        self._orders.put_nowait(self._begin(order) if isinstance(order, Speak) else order)

    def grant(self, grant: GrantFrames) -> None:
        """Let the speaker encode some of the frames that it reported."""
        if not self._grant.done():  # a cancelled speaker's is
            self._grant.set_result(grant)

    def stop(self) -> None:
        """Report nothing more: ``run`` lets go of all that it was given, and ends as cancelled."""
        self._is_stopped = True
        if self._task is not None:  # a task that is cancelled before its first step would let go of nothing
            self._task.cancel()

    async def run(self) -> None:
        """Obey orders until the audio is finished.

        Raises:
            SynthesisError: the engine could not speak.
            CodecError: the codec could not encode.
        """
        self._task = asyncio.current_task()
        try:
            if self._is_stopped:
                raise asyncio.CancelledError
            while await self._obey(await self._orders.get()):
                pass
        finally:
            self._encoder.close()
            while not self._orders.empty():
                if isinstance(order := self._orders.get_nowait(), _Speech):
                    await order.close()
            self._task = None  # it may keep why it ended, which refers to this object

    async def _obey(self, order: _Speech | PadTail | FinishAudio) -> bool:
        """Carry an order out; return False after the last."""
        match order:
            case _Speech():
                try:
                    await self._speak(order)
                finally:
                    await order.close()
                self._listener.segment_wanted(self._context_id)
            case PadTail():
                await self._encoder.pad_tail()
                if self._encoder.frames_ready:
                    await self._send_ready()
                else:
                    self._listener.audio_encoded(self._context_id, (), 0, is_last=False)
            case FinishAudio():
                await self._encoder.finish()
                await self._send_ready(is_finishing=True)
        return not isinstance(order, FinishAudio)

    def _begin(self, order: Speak) -> _Speech:
        """Ask for a segment's sound."""
        dry_at = order.dry_at

        def runs_dry_at() -> float:
            if dry_at is None or self._speaking is order.segment:
                return self._runs_dry_at
            return dry_at  # until its turn comes the session's guess is all there is

        chunks = self._synthesizer.speak(order.segment, self._style, runs_dry_at)
        return _Speech(order.segment, chunks, self._tasks.create_task(_first(chunks)))

    async def _speak(self, speech: _Speech) -> None:
        segment = self._speaking = speech.segment
        self._listener.segment_begun(self._context_id, segment, self._encoder.fed)
        asked_at = self._loop.time()
        chunk, is_first = await speech.begin(), True
        while chunk is not None:
            waited_s = self._loop.time() - asked_at
            await self._encoder.feed(chunk.samples)
            self._listener.pcm_made(self._context_id, chunk.words, self._encoder.fed, waited_s)
            if is_first and chunk.stages_ms:
                stages = " ".join(f"{stage}_ms={ms:.1f}" for stage, ms in chunk.stages_ms.items())
                log.info("context %s segment %d: first sound %s", self._context_id, segment.index, stages)
            is_first = False
            del chunk  # the encoder has it, for as long as a listener takes
            await self._send_ready()
            asked_at = self._loop.time()
            chunk = await anext(speech.chunks, None)
        waited_s = self._loop.time() - asked_at
        await self._encoder.feed(_NO_SOUND, ends_segment=True)
        self._listener.segment_spoken(self._context_id, self._encoder.fed, waited_s)
        await self._send_ready()

    async def _send_ready(self, *, is_finishing: bool = False) -> None:
        """Encode all frames that the encoder holds as they are granted, and report the packets."""
        frames = self._encoder.frames_ready
        if frames:
            self._grant = self._loop.create_future()
            self._listener.frames_ready(self._context_id, frames)
        while frames:
            grant = await self._grant
            packets = await self._encoder.encode(grant.frames, needed_at=grant.needed_at)
            self._runs_dry_at = grant.needed_at + sum(packet.duration for packet in packets) / WIRE_RATE_HZ
            frames = self._encoder.frames_ready
            self._grant = self._loop.create_future()  # the report may bring the next grant with it
            self._listener.audio_encoded(self._context_id, packets, frames, is_last=is_finishing and not frames)
            is_finishing = is_finishing and frames > 0
        if is_finishing:  # there was nothing left to encode
            self._listener.audio_encoded(self._context_id, (), 0, is_last=True)


async def _first(chunks: AsyncGenerator[PcmChunk, None]) -> PcmChunk | Exception | None:
    """Get a segment's first sound; None if it has none. A failure is returned, and raised in the segment's turn."""
    try:
        return await anext(chunks, None)
    except Exception as error:  # noqa: BLE001 - any error is raised again when the segment is spoken
        return error
