"""The worker's side: one engine that speaks for all gateways that come."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Literal

from ..interface import NoSuchVoice, Segment, Style, SynthesisFailed, UnsupportedRequest, Wish
from ..processes.link import Alive, Link
from .link import (
    BEAT_S,
    GATEWAY_PATIENCE_S,
    SAMPLES,
    VOCABULARY,
    Cancel,
    Ended,
    Failed,
    Join,
    Pull,
    Ready,
    Sound,
    Speak,
    State,
    VoiceFacts,
)

if TYPE_CHECKING:
    import socket
    from collections.abc import Sequence

    from ..interface import PcmChunk, Synthesizer, Voice
    from .link import FromWorker, ToWorker

log = logging.getLogger("sayline.worker")


class _Stream:
    """A segment that is being spoken for a gateway.

    Args:
        dry_in_s: how soon its listener runs dry.

    Attributes:
        is_heard: it is of a listener's utterance; what stands alone is a gateway's probe.
    """

    def __init__(self, dry_in_s: float | None, *, is_heard: bool) -> None:
        self.task: asyncio.Task[None]
        self.is_heard = is_heard
        self._dry_at = 0.0
        self._pulled = asyncio.Event()
        self._note(dry_in_s)

    def dry_at(self) -> float:
        """When the listener runs dry, as was told last."""
        return self._dry_at

    def pull(self, dry_in_s: float | None) -> None:
        """Let the next chunk be made."""
        self._note(dry_in_s)
        self._pulled.set()

    async def pulled(self) -> None:
        """Wait until the chunk was taken."""
        await self._pulled.wait()
        self._pulled.clear()

    def _note(self, dry_in_s: float | None) -> None:
        self._dry_at = math.inf if dry_in_s is None else time.monotonic() + dry_in_s


class _Gateway:
    """A gateway that leases streams; what it was told last."""

    def __init__(self, worker: SpeechWorker, end: socket.socket) -> None:
        self.server = ""
        self.streams: dict[int, _Stream] = {}
        self.state: State | None = None
        self.ready: Ready | None = None
        self.heard_at = time.monotonic()
        self.link = Link(end, VOCABULARY, partial(worker.obey, self), partial(worker.gone, self), heard=self._heard)

    def _heard(self) -> None:
        self.heard_at = time.monotonic()

    def tell(self, message: FromWorker) -> None:
        """Send a message."""
        self.link.send(message)


class SpeechWorker:
    """One engine, and the gateways that speak with it.

    Args:
        engine: started elsewhere; it may still load.
        tasks: runs the streams.

    Attributes:
        is_leaving: no new stream is wanted.
        is_idle: set while nothing is spoken.
    """

    def __init__(self, engine: Synthesizer, tasks: asyncio.TaskGroup) -> None:
        self._engine = engine
        self._tasks = tasks
        self._gateways: set[_Gateway] = set()
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._ready: Ready | None = None  # as of the last beat; None: the engine could not speak yet
        self.is_leaving = False
        self.is_idle = asyncio.Event()
        self.is_idle.set()
        self._beat()

    @property
    def speaking(self) -> int:
        """Listeners' streams of all gateways."""
        return sum(stream.is_heard for gateway in self._gateways for stream in gateway.streams.values())

    @property
    def state(self) -> Literal["leaving", "loading", "ready", "failed"]:
        """How its engine is, if it does not leave."""
        return "leaving" if self.is_leaving else self._engine.status().state

    @property
    def requests(self) -> int:
        """Contexts that the engine forecasts to keep in real time; else what it states."""
        sustained = self._engine.status().sustainable_requests
        return self._engine.default_max_concurrent_requests if sustained is None else sustained

    def greet(self, end: socket.socket) -> None:
        """Talk to a gateway from now on."""
        self._gateways.add(gateway := _Gateway(self, end))
        self._look_at_voices()
        self._report(gateway)

    def leave(self) -> None:
        """Tell all gateways to lease no more of it."""
        self.is_leaving = True
        for gateway in self._gateways:
            self._report(gateway)

    def hang_up(self) -> None:
        """End all streams and links."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for gateway in list(self._gateways):
            gateway.link.close()
            self.gone(gateway)

    # -- called by the links -------------------------------------------------------------------------------------------

    def gone(self, gateway: _Gateway) -> None:
        """Forget a gateway that has hung up, and all that it leased."""
        self._gateways.discard(gateway)
        for stream in gateway.streams.values():
            stream.task.cancel()
        gateway.streams.clear()
        self._note_idle()

    def obey(self, gateway: _Gateway, message: ToWorker) -> None:
        """Do what a gateway asks for."""
        match message:
            case Join(server):
                gateway.server = server
            case Speak():
                stream = gateway.streams[message.key] = _Stream(
                    message.dry_in_s, is_heard=message.utterance is not None
                )
                self.is_idle.clear()
                stream.task = self._tasks.create_task(self._speak(gateway, message, stream))
            case Pull(key, dry_in_s):
                if (pulled := gateway.streams.get(key)) is not None:  # else it has ended meanwhile, as below
                    pulled.pull(dry_in_s)
            case Cancel(key):
                if (cancelled := gateway.streams.pop(key, None)) is not None:
                    cancelled.task.cancel()
                    self._note_idle()

    # -- speaking ------------------------------------------------------------------------------------------------------

    async def _speak(self, gateway: _Gateway, asked: Speak, stream: _Stream) -> None:
        """Speak a segment, one chunk for each pull."""
        try:
            at, notes, rate_hz = 0, list[str](), self._engine.sample_rate_hz

            def dry_at() -> float:
                return stream.dry_at() - max(0, asked.from_sample - at) / rate_hz  # the listener has it from another

            async with aclosing(self._engine.speak(_segment(asked), _style(asked), dry_at)) as chunks:
                async for chunk in chunks:
                    begin = max(0, asked.from_sample - at)
                    at += len(chunk.samples)
                    notes += [chunk.note] if chunk.note else []
                    if begin < len(chunk.samples) or not asked.from_sample:
                        gateway.tell(_sound(asked.key, chunk, begin, notes))
                        notes = []
                        await stream.pulled()
            end: Ended | Failed = Ended(asked.key)
        except NoSuchVoice as error:
            end = Failed(asked.key, "voice", str(error))
        except UnsupportedRequest as error:
            end = Failed(asked.key, "text", str(error))
        except Exception as error:  # noqa: BLE001 - the stream's border: it fails alone, and its gateway is told
            why = str(error) if isinstance(error, SynthesisFailed) else f"{type(error).__name__}: {error}"
            log.warning("a stream failed: %s", why)
            end = Failed(asked.key, "engine", why)
        gateway.tell(end)
        gateway.streams.pop(asked.key, None)
        self._note_idle()

    def _note_idle(self) -> None:
        if not any(gateway.streams for gateway in self._gateways):
            self.is_idle.set()

    # -- what gateways are told ----------------------------------------------------------------------------------------

    def _beat(self) -> None:
        """Tell all gateways that this event loop turns, and what has changed; again and again."""
        now = time.monotonic()
        self._look_at_voices()
        for gateway in list(self._gateways):
            if now > gateway.heard_at + GATEWAY_PATIENCE_S:
                log.warning("a gateway has said nothing for %g s and is forgotten", GATEWAY_PATIENCE_S)
                gateway.link.close()
                self.gone(gateway)
                continue
            self._report(gateway)
            if not gateway.link.unsent_bytes:  # else it does not read, and need not be told twice
                gateway.link.send(Alive())
        self._timer = self._loop.call_later(BEAT_S, self._beat)

    def _look_at_voices(self) -> None:
        """Note what the engine speaks with; once a beat and for a newcomer: there may be many voices and gateways."""
        status = self._engine.status()
        if status.state == "ready":
            ready = Ready(status.engine, self._engine.sample_rate_hz, _facts(self._engine.voices()))
            if ready != self._ready:
                self._ready = ready

    def _report(self, gateway: _Gateway) -> None:
        status = self._engine.status()
        if self._ready is not None and self._ready is not gateway.ready:
            gateway.ready = self._ready
            gateway.tell(self._ready)
        state = State(
            status.state,
            status.detail,
            self.requests,
            sum(len(other.streams) for other in self._gateways if other.server != gateway.server),
            status.gpu_memory_bytes,
            status.pressure,
            status.speeches_cut,
            self.is_leaving,
        )
        if state != gateway.state:
            gateway.state = state
            gateway.tell(state)


def _segment(asked: Speak) -> Segment:
    wishes = tuple(Wish(start, end, kind, value) for start, end, kind, value in asked.wishes)  # type: ignore[arg-type] # kinds come from a gateway, which has them from ``Wish``
    spoken = asked.spoken
    return Segment(
        asked.place,
        spoken,
        spoken,
        0,
        len(spoken),
        is_last=asked.is_last,
        wishes=wishes,
        language=asked.written_in,
        begun=tuple(asked.begun),
    )


def _style(asked: Speak) -> Style:
    return Style(
        asked.voice,
        language=asked.language,
        instructions=asked.instructions,
        speed=asked.speed,
        seed=asked.seed,
        allow_markup=asked.allow_markup,
        utterance=asked.utterance,
    )


def _sound(key: int, chunk: PcmChunk, begin: int, notes: list[str]) -> Sound:
    words = [(word.char_start, word.char_end, word.start_sample) for word in chunk.words]
    samples = chunk.samples[begin:].astype(SAMPLES, copy=False)
    return Sound(key, words, dict(chunk.stages_ms), notes, samples.tobytes())


def _facts(voices: Sequence[Voice]) -> list[VoiceFacts]:
    return [
        VoiceFacts(
            voice.name,
            voice.description,
            list(voice.languages),
            sorted(voice.obeys),
            voice.has_word_times,
            sorted(voice.alphabets),
        )
        for voice in voices
    ]
