"""Whether every speech ends: the real gateway and acoustic engine together, on a simulated clock, in random worlds.

    python benchmarks/simulate.py [--speeches 100000] [--seed 0]

These parts are real: the gateway's sessions with their pacing and playout clocks, its speakers, its slots and its
slicing of sound into frames, and the acoustic engine with its scheduler, hops, pages and guard. Flow and vocoder take
time and compute nothing (``scheduling.py``), the language model hands over tokens after a set time, and a socket takes
what it is sent, or takes nothing for a while. Each world is another draw: listeners, slots, pages, voices, lengths of
hops, paces of steps and tokens. Its callers write in pieces, flush, cancel, hang up, report what they have heard,
pause, or do not read. Tokens come late, steps stall, and some speeches fail in the engine. Time passes only when no
part has anything to do.

Every speech must end within LIMIT_S of simulated time after its caller's last act: heard to its last sample, cancelled,
or with the error that was meant for it. After every step of the engine that did nothing, each stream with work must
wait for something that will come (``wait_of``), and its work must bring sound (MOST_SILENT_WORK). Exits with 1 if a
speech did not end, a stream waits in vain, or the engine works in vain.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import contextlib
import json
import math
import random
import selectors
import sys
import time
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scheduling import Costs, step_ms

from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.gateway.capacity.admission import Slot, SlotQueue
from sayline.gateway.conversation import actions
from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.session import SessionSettings
from sayline.gateway.dialects.actions import SendAudio, SendText
from sayline.gateway.dialects.tts_v1.protocol import TtsV1Protocol
from sayline.gateway.errors import SpeechFailed
from sayline.gateway.speaking.speaker import Speaker
from sayline.synthesis.cosyvoice3.acoustic.engine import AHEAD_S, AcousticEngine, AcousticVoice
from sayline.synthesis.cosyvoice3.acoustic.page_pool import PagePool
from sayline.synthesis.cosyvoice3.acoustic.rtf_guard import RtfGuard
from sayline.synthesis.cosyvoice3.flow.dit import Linear
from sayline.synthesis.cosyvoice3.flow.flow import Flow
from sayline.synthesis.cosyvoice3.flow.solver_grids import SolverGrids
from sayline.synthesis.cosyvoice3.lm.vllm.runner import TOKENS_AT_ONCE
from sayline.synthesis.cosyvoice3.process.pipeline import FIRST_HOPS_AT_ONCE
from sayline.synthesis.cosyvoice3.release.model_facts import CHUNK_TOKENS, MEL_BINS, SOLVER_STEPS, SPEAKER_DIM
from sayline.synthesis.interface import PcmChunk, SynthesisFailed, Voice
from sayline.synthesis.rates import MODEL_SAMPLE_RATE_HZ, TOKEN_MS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable

    from sayline.codecs.base import Packet
    from sayline.synthesis.cosyvoice3.acoustic.streams import Stream
    from sayline.synthesis.interface import Segment, Style

# A speech has some seconds of sound, and in the slowest world dozens are ahead of it: simulated seconds after its
# caller's last act. The longest seen was 71.
LIMIT_S = 300.0
# While no stream sounds, comes or goes, the engine may solve as many chunks as fill all pages so many times; an engine
# that takes pages from two streams in turn solves without end. In 5,000 speeches the most seen was 1.2.
MOST_SILENT_WORK = 4.0
SPEECHES_OF_A_WORLD = 60
AUDIO = AudioParameters("pcm_s16le", MODEL_SAMPLE_RATE_HZ, 20, 32_000)
WORDS = ("yes", "and", "water", "listening", "to", "a", "harbour", "slowly", "I", "remember", "nothing", "of", "it")


class Clock(selectors.SelectSelector):
    """Stands in for waiting: when no part has anything to do, time jumps to the next event."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[Any]:
        """Let time pass."""
        if timeout is None:
            raise AssertionError("nobody has anything to do, ever again")
        self.now += max(0.0, timeout)
        return []


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop in which only waiting takes time."""

    def __init__(self) -> None:
        self.clock = Clock()
        super().__init__(self.clock)

    def time(self) -> float:
        """Tell the simulated time, s."""
        return self.clock.now


async def until(at: float) -> None:
    """Let simulated time come to that."""
    loop = asyncio.get_running_loop()
    reached = loop.create_future()
    timer = loop.call_at(at, lambda: reached.done() or reached.set_result(None))
    try:
        await reached
    finally:
        timer.cancel()


async def passed(seconds: float) -> None:
    """Let so much simulated time pass."""
    await until(asyncio.get_running_loop().time() + seconds)


def wait_of(engine: AcousticEngine, stream: Stream, now: float) -> str | None:
    """Tell what a stream with work waits for when the engine has nothing to do; None if nothing will wake it."""
    is_heard = stream.dry_at is not None
    if stream.is_complete and stream.solvable <= stream.sounded:
        return "its close"
    if stream.untaken > 0 and (is_heard or stream.untaken >= AHEAD_S * MODEL_SAMPLE_RATE_HZ):
        return "a take"
    if not stream.is_complete and stream.is_resting:
        return "tokens"
    if stream.is_hop_done:
        leaves_at = engine._leaves_at(stream)  # noqa: SLF001 - as below: what is asked is why it stands
        return "a time" if now < leaves_at < math.inf else "tokens" if not stream.is_complete else None
    if is_heard and now < stream.wanted_from < math.inf:
        return "a time"
    if not stream.prompt.track.is_at_goal:
        return "a page"
    if stream.is_resting or any(True for _ in stream.track.steppable()):
        return None
    return "a slot" if not engine._free_slots else "a page"  # noqa: SLF001


def check_waits(engine: AcousticEngine, now: float) -> None:
    """Check that no stream waits in vain."""
    streams = engine._streams.values()  # noqa: SLF001
    waits = {stream.key: wait_of(engine, stream, now) for stream in streams}
    assert None not in waits.values(), f"nothing will wake {[_facts(s, now) for s in streams if not waits[s.key]]}"
    if "a time" in waits.values():
        assert engine.idle_until < math.inf, f"nobody looks at the clock for {waits}"
    if {"a page", "a slot"} & set(waits.values()):  # the streams that hold them will go on
        holders = {s.key for s in streams if s.has_begun or s.track.solves or s.is_hop_done}
        assert any(waits[key] in {"a take", "tokens", "a time"} for key in holders), (
            f"nobody gives back: {[(waits[s.key], _facts(s, now)) for s in streams]}"
        )


def _facts(stream: Stream, now: float) -> dict[str, object]:
    names = ("key", "first_end", "sounded", "is_complete", "untaken", "solvable", "own_pages")
    facts = {name: getattr(stream, name) for name in names} | {
        "goal": stream.track.goal,
        "tokens": len(stream.track.tokens),
    }
    return facts | {"dry_in_s": stream.dry_at and stream.dry_at - now, "wanted_in_s": stream.wanted_from - now}


class EngineSide:
    """The engine's process as far as it decides when: the thread that steps, the turns, and the pace of tokens."""

    def __init__(self, chance: random.Random, slots: SlotQueue, granted: Callable[[list[Slot]], None]) -> None:
        self._chance = chance
        self._slots, self._granted = slots, granted
        self._slow = chance.choice([0.3, 1.5, 4.0, 20.0, 20.0])
        self._stalls = chance.choice([0.0, 0.0, 0.002])  # steps that take up to two seconds longer
        self._late = chance.choice([0.0, 0.0, 0.01])  # tokens that come up to three seconds late
        self._token_s = chance.choice([0.0005, 0.002, 0.012, 0.035])
        self._hop = chance.choice([10, 10, 10, 25, 35])
        self._pages = chance.choice([12, 34, 60, 400])
        self._costs = Costs(chance.choice([8, 8, 16, 60]))
        guard = RtfGuard({size: step_ms(size) / 1000 for size in (1, 8, 32, 64)}, is_on=chance.random() < 0.5)
        nothing = Linear(torch.zeros(MEL_BINS, SPEAKER_DIM), torch.zeros(MEL_BINS))
        flow = Flow(torch.zeros(1, MEL_BINS), nothing, nothing, nothing, None, SolverGrids(8))
        pool = PagePool(self._pages)
        self.engine = AcousticEngine(flow, self._costs, pool, self._costs, self._hop, guard, SolverGrids(8))
        self.voices = [
            AcousticVoice(
                f"voice {number}", (0,) * tokens, np.zeros((2 * tokens, MEL_BINS), np.float32), np.ones(SPEAKER_DIM)
            )
            for number, tokens in enumerate(chance.choices([65, 74, 80, 87], k=chance.choice([1, 1, 3, 12])))
        ]
        self._worked_for: tuple[int, ...] = ()  # the open streams
        self._silent_steps = 0  # chunks' solver steps since a stream sounded, came or went
        self.most_silent_work = 0.0  # how many times these filled all pages, at most
        self._turns = asyncio.Semaphore(FIRST_HOPS_AT_ONCE)
        self._calls: list[Callable[[float], None]] = []
        self._called = asyncio.Event()
        self._sounds: dict[int, asyncio.Queue[tuple[int, bool] | None]] = {}
        self.tokens: dict[tuple[str, int], int] = {}  # of a context's segment
        self.failing: set[str] = set()  # contexts whose speech must fail in the engine

    def call(self, what: Callable[[float], None]) -> None:
        """Leave a call for the thread."""
        self._calls.append(what)
        self._called.set()

    def _check_work(self, *, has_sounded: bool) -> None:
        """Check that the engine does not compute in turn, without end, what it takes back before anybody sounds."""
        streams = tuple(self.engine._streams)  # noqa: SLF001 - as above
        if has_sounded or streams != self._worked_for:
            self._worked_for, self._silent_steps = streams, 0
        self._silent_steps += self.engine.chunks_stepped
        silent_work = self._silent_steps / (SOLVER_STEPS * self._pages)
        self.most_silent_work = max(self.most_silent_work, silent_work)
        assert silent_work <= MOST_SILENT_WORK, f"{self._silent_steps} solver steps brought streams {streams} no sound"

    async def work(self) -> None:
        """Step while there is work, as ``acoustic/thread.py`` does."""
        loop, engine = asyncio.get_running_loop(), self.engine
        while True:
            calls, self._calls = self._calls, []
            self._called.clear()
            for call in calls:
                call(loop.time())
            self._costs.ms = 0.0
            sounds = engine.advance(loop.time())
            self._granted(self._slots.forecast(engine.guard.sustainable))
            self._check_work(has_sounded=bool(sounds))
            if sounds is None:
                check_waits(engine, loop.time())
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout_at(None if engine.idle_until == math.inf else engine.idle_until):
                        await self._called.wait()
                continue
            took_s = self._slow * self._costs.ms / 1000
            took_s += self._chance.uniform(0, 2) if self._chance.random() < self._stalls else 0.0
            await passed(took_s)
            engine.guard.worked(engine.chunks_stepped, took_s)
            for sound in sounds:
                for part in sound.parts:
                    if part.key in self._sounds:
                        self._sounds[part.key].put_nowait((part.samples, part.is_last))

    async def speak(
        self, key: int, context_id: str, segment: Segment, voice: AcousticVoice, runs_dry_at: Callable[[], float]
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak a segment, as ``synthesizer.py`` and ``pipeline.py`` do."""
        now = asyncio.get_running_loop().time()
        dry_at = runs_dry_at()
        wanted_at = dry_at if now < dry_at < math.inf else None
        heard = self._sounds[key] = asyncio.Queue()
        room = (min(128, self._pages - 1) - 1) * CHUNK_TOKENS - len(voice.tokens)
        tokens = min(room, round(len(segment.spoken) * self._chance.uniform(0.5, 2.0)))
        self.tokens[context_id, segment.index] = tokens
        is_failing = context_id in self.failing
        turn = _Turn(self._turns)
        generating = asyncio.create_task(self._generate(key, voice, tokens, wanted_at, turn, is_failing=is_failing))
        sounded = 0
        try:
            is_last = False
            while not is_last:
                sound = await heard.get()
                if sound is None:
                    raise SynthesisFailed("as was meant")
                samples, is_last = sound
                sounded += 1
                if sounded > 1 or is_last:
                    turn.pass_on()
                yield PcmChunk(np.zeros(samples, np.int16))
                if not is_last:
                    dry_at = runs_dry_at()
                    self.call(lambda _now, taken=samples, dry=dry_at: self.engine.pull(key, taken, dry))
        finally:
            generating.cancel()
            turn.pass_on()
            del self._sounds[key]
            self.call(lambda _now: self.engine.close(key))

    async def _generate(
        self, key: int, voice: AcousticVoice, tokens: int, dry_at: float | None, turn: _Turn, *, is_failing: bool
    ) -> None:
        """Hand over tokens as the language model does."""
        if tokens == 0:
            self._sounds[key].put_nowait((0, True))
            return
        if dry_at is None:
            await turn.take()
        await passed(0.006 + self._chance.random() * 10 * self._token_s)
        pushed = 0
        fails_at = self._chance.randint(0, tokens) if is_failing else -1
        while pushed < tokens:
            count = min(tokens - pushed, TOKENS_AT_ONCE if pushed else 1)
            await passed(count * self._token_s)
            if self._chance.random() < self._late:
                await passed(self._chance.uniform(0, 3))
            if pushed == 0:
                self.call(lambda now: self.engine.open(key, voice, now, dry_at))
            pushed += count
            self.call(lambda now, count=count: self.engine.push(key, [1] * count, now, is_complete=False))
            if is_failing and pushed >= fails_at:
                self._sounds[key].put_nowait(None)
                return
        self.call(lambda now: self.engine.push(key, (), now, is_complete=True))


class _Turn:
    """One of the turns of listeners that wait for their first sound (``pipeline.py``)."""

    def __init__(self, turns: asyncio.Semaphore) -> None:
        self._turns, self._is_mine = turns, False

    async def take(self) -> None:
        """Wait for it."""
        await self._turns.acquire()
        self._is_mine = True

    def pass_on(self) -> None:
        """Let the next be begun with; idempotent."""
        if self._is_mine:
            self._is_mine = False
            self._turns.release()


class Encoder:
    """Stands in for the encoder's process, but for the time it takes: the real slicing, without a codec."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self._encoder = SpeechEncoder(MODEL_SAMPLE_RATE_HZ, AudioFormat("pcm_s16le", MODEL_SAMPLE_RATE_HZ, 20))

    @property
    def fed(self) -> int:
        """48 kHz samples."""
        return self._encoder.fed

    @property
    def frames_ready(self) -> int:
        """Frames that may be encoded."""
        return self._encoder.frames_ready

    async def feed(self, samples: np.ndarray, *, ends_segment: bool = False) -> None:
        """Add sound."""
        await self._answer()
        self._encoder.feed(samples, ends_segment=ends_segment)

    async def pad_tail(self) -> None:
        """Complete a frame."""
        await self._answer()
        self._encoder.pad_tail()

    async def finish(self) -> None:
        """End it."""
        await self._answer()
        self._encoder.finish()

    async def encode(self, frames: int, *, needed_at: float) -> list[Packet]:
        """Encode."""
        del needed_at
        await self._answer()
        return self._encoder.encode(frames)

    def close(self) -> None:
        """Forget it."""

    async def _answer(self) -> None:
        await passed(self._chance.choice([0.0005, 0.0005, 0.02]))


class Synthesizer:
    """The engine as one context's speaker knows it."""

    def __init__(self, world: World, context_id: str) -> None:
        self._world, self._context_id = world, context_id

    def speak(self, segment: Segment, style: Style, runs_dry_at: Callable[[], float]) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment."""
        world = self._world
        world.keys += 1
        voice = world.side.voices[int(style.voice)]
        return world.side.speak(world.keys, self._context_id, segment, voice, runs_dry_at)


class Caller:
    """One connection: what ``connection.py`` is to a session, without a socket."""

    def __init__(self, world: World, name: str) -> None:
        self._world, self._loop = world, asyncio.get_running_loop()
        self.name = name
        self.session = TtsV1Protocol(
            name,
            SessionSettings(
                default_audio=AUDIO, default_voice="0", max_lead_ms=world.chance.choice([2000, 2000, 2000, 400, 60, 0])
            ),
            voices=lambda: [Voice(str(number), "", ("mul",)) for number in range(len(world.side.voices))],
            negotiate=lambda _audio: AudioFacts(2, MODEL_SAMPLE_RATE_HZ, 0),
            synthesis_rate_hz=MODEL_SAMPLE_RATE_HZ,
            now=self._loop.time(),
        )
        self._speakers: dict[str, tuple[Speaker, asyncio.Task[None]]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.frames: collections.Counter[str] = collections.Counter()
        self.done: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self.errors: dict[str, str] = {}
        self.stood_still: set[str] = set()

    def send(self, kind: str, context_id: str, **fields: object) -> None:
        """Say something to the gateway."""
        message = {"type": kind, "context_id": context_id} | fields
        self.session.text_received(json.dumps(message), self._loop.time())
        self.perform()

    def hang_up(self) -> None:
        """Be gone."""
        self.session.peer_gone(self._loop.time())
        self.perform()
        for _, task in self._speakers.values():
            task.cancel()
        self._speakers.clear()
        self._world.hand_out(self._world.slots.release_connection(self.name))
        if self._timer:
            self._timer.cancel()

    def perform(self) -> None:
        """Do what the session wants."""
        todo = self.session.actions()
        while todo:
            match todo.popleft():
                case SendText(message):
                    self._hear(json.loads(message))
                case SendAudio(context_id, frames):
                    self.frames[context_id] += len(frames)
                case actions.StartSpeaker(context_id, style, _, _):
                    world = self._world
                    encoder, engine = Encoder(world.chance), Synthesizer(world, context_id)
                    speaker = Speaker(context_id, style, encoder, engine, self, world.tasks)
                    self._speakers[context_id] = speaker, world.tasks.create_task(self._speak(speaker, context_id))
                case actions.Speak() | actions.PadTail() | actions.FinishAudio() as order:
                    self._speakers[order.context_id][0].order(order)
                case actions.GrantFrames() as grant:
                    self._speakers[grant.context_id][0].grant(grant)
                case actions.DropAudio(context_id):
                    if running := self._speakers.pop(context_id, None):
                        running[1].cancel()
                case actions.RequestSlot(context_id, is_continuing, _):
                    slot = Slot(self.name, context_id)
                    self._world.hand_out(self._world.slots.request(slot, is_continuing=is_continuing))
                case actions.ReleaseSlot(context_id):
                    self._world.hand_out(self._world.slots.release(Slot(self.name, context_id)))
                case actions.SendPing():
                    self.session.pong_received(self._loop.time())
                case actions.ReportStandstill(standstill):  # the session's watchdog: it hides nothing here
                    self.stood_still.add(standstill.context_id)
        at = self.session.next_deadline(self._loop.time())
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._tick) if at < math.inf else None

    def _tick(self) -> None:
        self.session.tick(self._loop.time())
        self.perform()

    def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "context.done":
            self.done[message["context_id"]].set_result(message)
        elif message["type"] == "error":
            self.errors[message["context_id"]] = message["code"]

    async def _speak(self, speaker: Speaker, context_id: str) -> None:
        try:
            await speaker.run()
        except SynthesisFailed as error:
            self.session.speech_failed(context_id, SpeechFailed(str(error)), self._loop.time())
            self.perform()

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Pass on what a speaker reports, with the time if the session wants it."""
        report = getattr(self.session, name)

        def pass_on(*arguments: object, **options: object) -> None:
            if name == "segment_spoken":
                report(*arguments, **options)
            else:
                report(*arguments, self._loop.time(), **options)
            self.perform()

        return pass_on


class World:
    """One draw of everything, and the speeches in it."""

    def __init__(self, seed: int, speeches: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.slots = SlotQueue(64)
        self.keys = 0
        self.left = speeches
        self.callers: dict[str, Caller] = {}
        self.outcomes: collections.Counter[str] = collections.Counter()
        self.longest_s = 0.0  # from a caller's last act to the end of its speech
        self.faults: list[str] = []

    async def run(self) -> None:
        """Let the callers talk."""
        self.side = EngineSide(self.chance, self.slots, self.hand_out)
        async with asyncio.TaskGroup() as self.tasks:
            working = self.tasks.create_task(self.side.work())
            listeners = self.chance.choice([1, 1, 2, 4, 12, 12])
            async with asyncio.TaskGroup() as listening:
                for number in range(listeners):
                    listening.create_task(self._listen(number))
            await passed(1.0)
            working.cancel()
        assert self.side.engine.stream_count == 0, "streams are left over"
        assert self.slots.held == self.slots.waiting == 0, "slots are left over"

    def hand_out(self, slots: list[Slot]) -> None:
        """Tell contexts that they were granted a slot, but not within the call that freed it."""
        for slot in slots:
            asyncio.get_running_loop().call_soon(self._granted, slot)

    def _granted(self, slot: Slot) -> None:
        if caller := self.callers.get(slot.connection_id):
            caller.session.slot_granted(slot.context_id, asyncio.get_running_loop().time())
            caller.perform()
        else:
            self.hand_out(self.slots.release(slot))

    async def _listen(self, number: int) -> None:
        chance, calls = self.chance, 0
        while self.left > 0:
            calls += 1
            caller = self.callers[f"{number}/{calls}"] = Caller(self, f"{number}/{calls}")
            for turn in range(chance.randint(1, 6)):
                async with asyncio.TaskGroup() as together:
                    for each in range(chance.choice([1, 1, 1, 2])):
                        self.left -= 1
                        together.create_task(self._have_spoken(caller, f"{caller.name} {turn}.{each}"))
                await passed(chance.choice([0.0, 0.1, 1.0]))
            caller.hang_up()
            del self.callers[caller.name]

    async def _have_spoken(self, caller: Caller, context_id: str) -> None:
        loop, chance = asyncio.get_running_loop(), self.chance
        done = caller.done[context_id] = loop.create_future()
        if fails := chance.random() < 0.02:
            self.side.failing.add(context_id)
        caller.send("context.start", context_id, voice=str(chance.randrange(len(self.side.voices))))
        helpers = [asyncio.create_task(self._report(caller, context_id))] if chance.random() < 0.2 else []
        helpers += [asyncio.create_task(self._block(caller))] if chance.random() < 0.05 else []
        writing = asyncio.create_task(self._write(caller, context_id))
        cancelled = chance.random() < 0.15
        if cancelled:
            await asyncio.wait((done,), timeout=chance.uniform(0, 5))
            writing.cancel()
            caller.send("context.cancel", context_id)
        await asyncio.wait((writing,))
        acted_at = loop.time()
        await asyncio.wait((done,), timeout=LIMIT_S)
        self.longest_s = max(self.longest_s, loop.time() - acted_at)
        for helper in helpers:
            helper.cancel()
        if not done.done() or context_id in caller.stood_still:
            self._blame(context_id, "stood still")
            caller.send("context.cancel", context_id)
            return
        reason, error = done.result()["reason"], caller.errors.get(context_id)
        self.outcomes[reason] += 1
        if reason == "cancel":
            assert cancelled
        elif reason == "error":
            if not fails or error != "synthesis_failed":
                self._blame(context_id, f"ended with {error}")
        else:
            said = [count for (whose, _), count in self.side.tokens.items() if whose == context_id]
            if done.result()["audio_ms"] != TOKEN_MS * sum(said):
                self._blame(context_id, f"was heard for {done.result()['audio_ms']} ms of {TOKEN_MS * sum(said)}")

    def _blame(self, context_id: str, what: str) -> None:
        self.outcomes[what.split(" for ", maxsplit=1)[0]] += 1
        self.faults.append(f"{context_id} {what}")

    async def _write(self, caller: Caller, context_id: str) -> None:
        chance = self.chance
        pace_s = chance.choice([0.0, 0.0, 0.02, 0.3])
        for _ in range(chance.choice([1, 1, 1, 2, 3])):
            words = chance.choices(WORDS, k=chance.choice([1, 2, 5, 10, 30]))
            text = " ".join(words).capitalize() + chance.choice(". ! ? ,".split()) + " "
            while text:
                size = chance.randint(1, 60) if pace_s else len(text)
                caller.send("text", context_id, text=text[:size])
                text = text[size:]
                if pace_s:
                    await passed(chance.uniform(0, 2 * pace_s))
            if chance.random() < 0.1:
                caller.send("flush", context_id)
                await passed(chance.choice([0.0, 1.0, 4.0]))
        caller.send("context.end", context_id)

    async def _report(self, caller: Caller, context_id: str) -> None:
        """Tell four times a second what was heard; stop listening for a while now and then."""
        played_ms, paused_until = 0.0, 0.0
        while True:
            await passed(0.25)
            now = asyncio.get_running_loop().time()
            sent_ms = 20.0 * caller.frames[context_id]
            if now >= paused_until:
                played_ms = min(sent_ms, played_ms + 250)
                if self.chance.random() < 0.02:
                    paused_until = now + self.chance.uniform(0, 12)
            caller.send("playback", context_id, played_ms=played_ms, buffered_ms=sent_ms - played_ms)

    async def _block(self, caller: Caller) -> None:
        """Read nothing for a while."""
        await passed(self.chance.uniform(0, 3))
        loop = asyncio.get_running_loop()
        caller.session.write_blocked(loop.time())
        try:
            await passed(self.chance.uniform(0, 3))
        finally:
            caller.session.write_resumed(loop.time())
            caller.perform()


def simulate(seed: int, speeches: int) -> World:
    """Run one world to its end."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        world = World(seed, speeches)
        try:
            runner.run(world.run())
        except BaseException:
            print(f"in the world of seed {seed}:", file=sys.stderr)
            raise
    return world


def main() -> int:
    """Print how the speeches ended; return 1 if one did not end as it should."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speeches", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0, help="of the first world; the others follow")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    outcomes: collections.Counter[str] = collections.Counter()
    faults: list[str] = []
    longest_s, silent_work, simulated, seed, begun_at = 0.0, 0.0, 0, arguments.seed, time.monotonic()
    with torch.inference_mode():
        while outcomes.total() < arguments.speeches:
            world = simulate(seed, SPEECHES_OF_A_WORLD)
            outcomes += world.outcomes
            faults += [f"seed {seed}: {fault}" for fault in world.faults]
            longest_s = max(longest_s, world.longest_s)
            silent_work = max(silent_work, world.side.most_silent_work)
            simulated, seed = simulated + 1, seed + 1
    print(f"{outcomes.total()} speeches in {simulated} worlds, {time.monotonic() - begun_at:.0f} s")
    for outcome, count in outcomes.most_common():
        print(f"{count:8} {outcome}")
    print(f"longest from a caller's last act to the end: {longest_s:.0f} s")
    print(f"most work without a sound: all pages {silent_work:.1f} times")
    for fault in faults[:20]:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
