"""The load: writers that type like language models, listeners that play in real time, and what happened to each.

The generator shares the machine with the server that it measures, so its receive path does almost nothing: a subclass
of the library's connection takes each frame where it is parsed, without a task switch, and keeps numbers. Whatever can
wait (decoding, percentiles) is done after the run.
"""

from __future__ import annotations

import asyncio
import bisect
import contextlib
import json
import random
import time
from array import array
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import InvalidStatus, WebSocketException
from websockets.frames import Frame, Opcode
from websockets.protocol import State
from websockets.typing import Subprotocol

from ...client.opening import OPEN_TIMEOUT_S, endpoint_url
from ...dialects.tts_v1.frames import HEADER
from ...dialects.tts_v1.messages import SUBPROTOCOL
from .listener import ContextRecord, Listener

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from websockets.protocol import Event

    from .server import Meter, Usage
    from .texts import Script

_CREDIT_INTERVAL_S: Final = 0.25  # what PROTOCOL.md asks of listeners
_TOKENS_AT_ONCE: Final = 500  # of a text sent whole: at most 24 bytes each, so a message stays below its 16 KiB
_LAG_INTERVAL_S: Final = 0.01  # how often the generator looks whether its own loop is late
_USAGE_INTERVAL_S: Final = 1.0  # how often memory is looked at, for its peak
_GRACE_S: Final = 45.0  # what runs at the end may finish: twice the longest text of the corpus, spoken slowly


@dataclass(frozen=True, slots=True)
class LoadPlan:
    """What to do to the gateway.

    Attributes:
        streams: this many listeners at all times; None for arrivals at ``rate``.
        rate: contexts per second, at exponentially distributed intervals (open loop); None for ``streams``.
        duration_s: how long contexts start.
        ramp_s: the time before, in which ``streams`` start one by one.
        tokens_per_second: of each writer; 0 for the whole text at once.
        is_long: one context per stream for the whole time, instead of one text after the other.
        reports_playback: listeners send credit.
        contexts_per_connection: how many share a socket.
        seed: makes texts and arrivals repeatable.
        scripts: what may be typed.
        voice: that speaks it; None for the gateway's default.
    """

    streams: int | None
    rate: float | None
    duration_s: float
    ramp_s: float
    tokens_per_second: float
    is_long: bool
    reports_playback: bool
    contexts_per_connection: int
    seed: int
    scripts: Sequence[Script]
    voice: str | None = None


@dataclass(slots=True)
class LoadResult:
    """What happened.

    Attributes:
        contexts: one record per context begun.
        refusals: connections answered 503.
        faults: connections that failed otherwise.
        lateness_s: per frame after the first of its context: arrival after the pacing rule allowed it and its segment
            had begun; 0 where on time. Waiting for more text while the listener has sound in hand is no lateness; if
            it takes too long it is an underrun.
        segment_wait_s: per segment: from its text being complete to its begin, deliberate waiting included.
        lag_s: how late the generator's own loop was, at every look.
        window_frames: frames between the two usages.
        usages: the server's, from begin to end of the measured time; empty for a server elsewhere.
        generator_cpu_s: the generator's own, in the same time.
        window_s: how long that was.
        window_contexts: how many contexts began in it.
    """

    contexts: list[ContextRecord] = field(default_factory=list)
    refusals: int = 0
    faults: list[str] = field(default_factory=list)
    lateness_s: array[float] = field(default_factory=lambda: array("f"))
    segment_wait_s: array[float] = field(default_factory=lambda: array("f"))
    lag_s: array[float] = field(default_factory=lambda: array("f"))
    frames: int = 0
    window_frames: int = 0
    usages: list[Usage] = field(default_factory=list)
    generator_cpu_s: float = 0.0
    window_s: float = 0.0
    window_contexts: int = 0


class Utterance:
    """One context: its writer's progress and its listener's."""

    def __init__(
        self, load: Load, wire: Wire, context_id: str, script: Script, when_over: Callable[[float], None]
    ) -> None:
        self.context_id = context_id
        self.record = ContextRecord()
        self.listener = Listener(self.record, load.result.lateness_s, wire.max_lead_s)
        self._load = load
        self._wire = wire
        self._script = script
        self._when_over = when_over  # told when the listener has heard everything
        self._sent_at: list[float] = []  # when each token left
        self._ended_at: float | None = None
        self._begun_at = 0.0  # of the loop's clock: the writer keeps its pace by it
        load.result.contexts.append(self.record)

    def begin(self) -> None:
        """Start typing."""
        self._begun_at = self._load.loop.time()
        self._wire.contexts[self.context_id] = self
        if voice := self._load.plan.voice:
            start = {"type": "context.start", "context_id": self.context_id, "voice": voice}
            self._send(json.dumps(start))
        self._type()
        if self._load.plan.reports_playback:
            self._load.loop.call_later(_CREDIT_INTERVAL_S, self._report_playback)

    def cancel(self) -> None:
        """Stop: the benchmark is over."""
        if self.record.done is None:
            self._send(f'{{"type":"context.cancel","context_id":"{self.context_id}"}}')

    def fail(self, why: str) -> None:
        """Nothing more will come."""
        if self.record.done is None and self.record.fault is None:
            self.record.fault = why
            self._when_over(time.perf_counter())

    # -- writing -------------------------------------------------------------------------------------------------------

    def _type(self) -> None:
        """Send the tokens that are due, then come back for the next."""
        if self.record.done is not None or self.record.fault is not None:
            return
        tokens, per_second, loop = self._script.tokens, self._load.plan.tokens_per_second, self._load.loop
        due = len(tokens)
        if per_second:
            due = min(due, 1 + int((loop.time() - self._begun_at) * per_second + 1e-6))
        if not per_second:
            for first in range(0, due, _TOKENS_AT_ONCE):
                piece = _joined(tokens[first : first + _TOKENS_AT_ONCE])
                self._send(f'{{"type":"text","context_id":"{self.context_id}","text":{piece}}}')
            self._sent_at = [time.perf_counter()] * due
        for token in tokens[len(self._sent_at) : due]:
            self._send(f'{{"type":"text","context_id":"{self.context_id}","text":{token}}}')
            self._sent_at.append(time.perf_counter())
        if due < len(tokens):
            loop.call_at(self._begun_at + due / per_second, self._type)
        else:
            self._send(f'{{"type":"context.end","context_id":"{self.context_id}"}}')
            self._ended_at = time.perf_counter()

    def _written_at(self, char_end: int) -> float | None:
        """When the text's first ``char_end`` code points had left."""
        token = bisect.bisect_left(self._script.ends, char_end)
        return self._sent_at[token] if token < len(self._sent_at) else None

    def _send(self, message: str) -> None:
        self._wire.send_now(message)

    def _report_playback(self) -> None:
        record = self.record
        if record.done is not None or record.fault is not None:
            return
        if record.audio_at is not None:
            buffered_ms = max(0.0, 1000 * (self.listener.dry_at - time.perf_counter()))
            played_ms = max(0.0, 1000 * record.audio_s - buffered_ms)
            self._send(
                f'{{"type":"playback","context_id":"{self.context_id}",'
                f'"played_ms":{played_ms:.1f},"buffered_ms":{buffered_ms:.1f}}}'
            )
        self._load.loop.call_later(_CREDIT_INTERVAL_S, self._report_playback)

    # -- listening -----------------------------------------------------------------------------------------------------

    def segment_came(self, text: str, char_end: int) -> None:
        """Take the announcement of a segment: the frames that follow are its."""
        spoken_end = char_end - (len(text) - len(text.rstrip()))
        if self.record.segment_at is None:
            self.record.segment_at = self._written_at(spoken_end)
        # A full stop at the end of what is written may be a decimal point: the next token, or the end, tells.
        now = time.perf_counter()
        text_ready_at = self._written_at(spoken_end + 1) or self._ended_at or now
        self.listener.segment_began(now, text_ready_at)
        self._load.result.segment_wait_s.append(now - text_ready_at)

    def error_came(self, why: str) -> None:
        """Take an error: a context that had started still owes its ``context.done``, another will never have one."""
        if self.listener in self._wire.listeners.values():
            self.record.fault = why
        else:
            self._wire.contexts.pop(self.context_id, None)
            self.fail(why)

    def done_came(self, reason: str) -> None:
        """Take the end: the listener still plays what it holds, then it is over."""
        record = self.record
        record.done = reason
        if self._sent_at:
            record.text_at = self._sent_at[0]
            record.sentence_at = self._written_at(self._script.first_sentence_end)
        self._when_over(max(self.listener.dry_at, time.perf_counter()))


class Wire(ClientConnection):
    """A connection that hands each message on where it is parsed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the library's own, passed through
        super().__init__(*args, **kwargs)
        self.load: Load | None = None
        self.max_lead_s = 0.0
        self.voices: list[str] = []
        self.is_ready: asyncio.Future[bool] = self.loop.create_future()  # False: lost before it was
        self.contexts: dict[str, Utterance] = {}  # live ones
        self.listeners: dict[int, Listener] = {}  # theirs, by channel, once they have one

    def process_event(self, event: Event) -> None:
        """Take a message; the gateway never fragments one."""
        if self.response is None or not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode == Opcode.BINARY:
            now = time.perf_counter()
            _, _, channel, sequence, pts, duration, _, _ = HEADER.unpack_from(event.data)
            listener = self.listeners.get(channel)
            if listener is not None and self.load is not None:
                self.load.result.frames += 1
                listener.frame_came(now, sequence, pts, duration, event.data)
        elif event.opcode == Opcode.TEXT:
            self._take_message(json.loads(bytes(event.data)))
        else:
            super().process_event(event)

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail what was still going on."""
        super().connection_lost(exc)
        if not self.is_ready.done():
            self.is_ready.set_result(False)
        for utterance in list(self.contexts.values()):
            utterance.fail(f"connection lost ({self.close_code})")
        self.contexts.clear()
        self.listeners.clear()

    def send_now(self, message: str) -> None:
        """Send without a task; messages are small and the gateway reads them, so nothing piles up."""
        if self.state is State.OPEN:
            self.protocol.send_text(message.encode())
            self.send_data()

    def close_now(self) -> None:
        """Say goodbye without waiting for the answer; do nothing if the connection is already over."""
        if self.state is State.OPEN:
            self.protocol.send_close(1000)
            self.send_data()

    def _take_message(self, message: dict[str, Any]) -> None:
        kind = message["type"]
        if kind == "session.ready":
            self.max_lead_s = message["limits"]["max_lead_ms"] / 1000
            self.voices = message["voices"]
            if not self.is_ready.done():
                self.is_ready.set_result(True)
            return
        utterance = self.contexts.get(message.get("context_id", ""))
        if utterance is None:
            if kind == "error" and self.load is not None:
                self.load.result.faults.append(f"{message['code']}: {message['message']}")
        elif kind == "context.started":
            self.listeners[message["channel"]] = utterance.listener
        elif kind == "segment":
            utterance.segment_came(message["text"], message["char_end"])
        elif kind == "error":
            utterance.error_came(f"{message['code']}: {message['message']}")
        elif kind == "context.done":
            del self.contexts[utterance.context_id]
            for channel in [number for number, live in self.listeners.items() if live is utterance.listener]:
                del self.listeners[channel]
            utterance.done_came(message["reason"])


class Load:
    """One run of one plan against one gateway."""

    def __init__(
        self,
        plan: LoadPlan,
        url: str,
        key: str | None = None,
        meter: Meter | None = None,
        ssl_context: ssl.SSLContext | None = None,
    ) -> None:
        self.plan = plan
        self.result = LoadResult()
        self.loop = asyncio.get_running_loop()
        self._url = endpoint_url(url)
        self._key = key
        self._ssl = (ssl_context or True) if self._url.startswith("wss://") else None
        self._meter = meter
        self._utterances: set[Utterance] = set()  # begun, not over
        self._wires: list[Wire] = []
        self._is_open = True  # new contexts may begin
        self._all_over = asyncio.Event()
        self._count = 0

    async def run(self) -> LoadResult:
        """Do it."""
        async with asyncio.TaskGroup() as tasks:
            if self.plan.streams is not None:
                await self._connect_streams(self.plan.streams, tasks)
            else:
                self._schedule_arrivals(tasks)
            await self._measure()
            self._is_open = False
            if self.plan.is_long:
                for utterance in list(self._utterances):
                    utterance.cancel()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_GRACE_S):
                    while self._utterances:
                        self._all_over.clear()
                        await self._all_over.wait()
            for utterance in list(self._utterances):
                utterance.fail("no context.done")
        for wire in self._wires:
            wire.transport.abort()
        return self.result

    # -- listeners -----------------------------------------------------------------------------------------------------

    async def _connect_streams(self, streams: int, tasks: asyncio.TaskGroup) -> None:
        """Open all connections, then let the streams start one by one over the ramp."""
        per_wire = self.plan.contexts_per_connection
        opened = [tasks.create_task(self._open()) for _ in range(-(-streams // per_wire))]
        await asyncio.wait(opened)
        for stream in range(streams):
            if (wire := opened[stream // per_wire].result()) is not None:
                # Each stream has its own dice: what it says must not depend on how fast the others are.
                dice = random.Random(f"{self.plan.seed}/{stream}")  # noqa: S311 - repeatable on purpose
                self.loop.call_later(self.plan.ramp_s * stream / streams, self._next_text, wire, dice)

    def _next_text(self, wire: Wire, dice: random.Random) -> None:
        """Begin a stream's next context; it comes back here when that has been heard."""
        if self._is_open:
            script = dice.choice(self.plan.scripts)
            self._begin(wire, script, lambda heard_at: self._at(heard_at, lambda: self._next_text(wire, dice)))

    def _schedule_arrivals(self, tasks: asyncio.TaskGroup) -> None:
        """Plan every arrival now: an open loop does not wait for answers."""
        dice = random.Random(self.plan.seed)  # noqa: S311 - repeatable on purpose
        at_s = 0.0
        while (at_s := at_s + dice.expovariate(self.plan.rate or 1.0)) < self.plan.duration_s:
            script = dice.choice(self.plan.scripts)
            self.loop.call_later(at_s, lambda script: tasks.create_task(self._arrive(script)), script)

    async def _arrive(self, script: Script) -> None:
        wire = self._wire_with_room() or await self._open()
        if wire is not None:
            self._begin(wire, script, lambda heard_at: self._at(heard_at, lambda: self._leave(wire)))

    def _wire_with_room(self) -> Wire | None:
        most = self.plan.contexts_per_connection
        return (
            next((w for w in self._wires if len(w.contexts) < most and w.close_code is None), None)
            if most > 1
            else None
        )

    def _leave(self, wire: Wire) -> None:
        if self.plan.contexts_per_connection == 1:
            wire.close_now()

    async def _open(self) -> Wire | None:
        try:
            wire = await connect_websocket(
                self._url,
                create_connection=Wire,
                subprotocols=[Subprotocol(SUBPROTOCOL)],
                additional_headers={"Authorization": f"Bearer {self._key}"} if self._key else None,
                compression=None,
                ping_interval=None,  # the gateway pings; twice would be load that no listener makes
                proxy=None,
                ssl=self._ssl,
            )
        except InvalidStatus as exc:
            if exc.response.status_code == 503:
                self.result.refusals += 1
            else:
                self.result.faults.append(f"HTTP {exc.response.status_code}")
            return None
        except (OSError, WebSocketException) as exc:
            self.result.faults.append(f"cannot connect: {exc}")
            return None
        assert isinstance(wire, Wire)  # noqa: S101 - that is what create_connection was given
        wire.load = self
        self._wires.append(wire)
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                is_ready = await wire.is_ready
        except TimeoutError:
            self.result.faults.append(f"no session.ready within {OPEN_TIMEOUT_S:g} s")
            return None
        if not is_ready:
            self.result.faults.append(f"closed before session.ready ({wire.close_code})")
            return None
        if self.plan.voice not in (None, *wire.voices):
            self.result.faults.append(f"no voice {self.plan.voice!r} among {', '.join(wire.voices)}")
            return None
        return wire

    def _begin(self, wire: Wire, script: Script, when_heard: Callable[[float], None]) -> None:
        def over(heard_at: float) -> None:
            self._utterances.discard(utterance)
            self._all_over.set()
            when_heard(heard_at)

        self._count += 1
        utterance = Utterance(self, wire, f"bench-{self._count}", script, over)
        self._utterances.add(utterance)
        utterance.begin()

    def _at(self, moment: float, action: Callable[[], object]) -> None:
        self.loop.call_later(max(0.0, moment - time.perf_counter()), action)

    # -- measuring -----------------------------------------------------------------------------------------------------

    async def _measure(self) -> None:
        """Let the ramp pass, then watch usage and our own lag until the time is up."""
        await asyncio.sleep(self.plan.ramp_s)
        started_at, cpu_s, frames = time.perf_counter(), time.process_time(), self.result.frames
        contexts = len(self.result.contexts)
        self._look_at_usage()
        self.loop.call_later(_LAG_INTERVAL_S, self._look_at_lag, time.perf_counter() + _LAG_INTERVAL_S)
        await asyncio.sleep(self.plan.duration_s)
        if self._meter is not None:
            self.result.usages.append(self._meter.read())
        self.result.window_frames = self.result.frames - frames
        self.result.window_contexts = len(self.result.contexts) - contexts
        self.result.generator_cpu_s = time.process_time() - cpu_s
        self.result.window_s = time.perf_counter() - started_at

    def _look_at_usage(self) -> None:
        if self._meter is not None and self._is_open:
            self.result.usages.append(self._meter.read())
            self.loop.call_later(_USAGE_INTERVAL_S, self._look_at_usage)

    def _look_at_lag(self, due: float) -> None:
        now = time.perf_counter()
        self.result.lag_s.append(max(0.0, now - due))
        if self._is_open:
            self.loop.call_later(_LAG_INTERVAL_S, self._look_at_lag, now + _LAG_INTERVAL_S)


def _joined(tokens: Sequence[str]) -> str:
    """Join JSON strings to one."""
    return '"' + "".join(token[1:-1] for token in tokens) + '"'
