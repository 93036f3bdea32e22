"""All workers as one engine: each segment is leased to the best of them, and goes on elsewhere if that one fails.

::

    speak() ──► choice.py ──► worker.py ──── link ───► serving.py ── an engine
       ▲                          │
       └── goes on from what was  │ lost, silent, too slow, or its engine failed
           handed over (seam.py) ◄┘
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import (
    EngineStatus,
    EngineUnavailable,
    NoSuchVoice,
    PcmChunk,
    SynthesisFailed,
    UnsupportedRequest,
    WordMark,
    WorkerFacts,
    never,
)
from ..rates import MODEL_SAMPLE_RATE_HZ
from .choice import choose
from .link import SAMPLES, Ended, Failed, Pull, Sound, Speak
from .seam import TAIL_MS, Seam
from .worker import Doubt, Lost, RemoteWorker

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncGenerator, Callable, Mapping, Sequence

    from ..interface import Pcm, Segment, Style, Voice
    from .addresses import Address
    from .membership import Membership
    from .worker import Stream

log = logging.getLogger("sayline.workers")

NAME: Final = "workers"
# How long the start waits for every worker; an engine loads for a minute or two. One is enough after that.
_START_S: Final = 5.0
_LONGEST_START_S: Final = 300.0
# How long a segment without any worker waits for one: what a listener has in hand at most.
NO_WORKER_S: Final = 2.0
# A chunk that was asked for so long ago, of a listener who runs dry so soon, is asked for elsewhere, once a segment. A
# first sound takes 60 to 120 ms on a GPU, and its redoing about as much.
SLOW_S: Final = 1.0
_DRY_S: Final = 0.4
# A segment on which so many workers failed is given up: maybe it is what kills them.
MOST_MOVES: Final = 2
_KEPT_UTTERANCES: Final = 4096  # of which is known who spoke their last segment


class WorkerPool:
    """See the module, and ``interface.Synthesizer``.

    Args:
        membership: tells which workers there are.
        identity: for TLS; None: without.
        server: names this gateway's server to the workers.
    """

    def __init__(self, membership: Membership, identity: ssl.SSLContext | None, server: str) -> None:
        self._membership = membership
        self._identity = identity
        self._server = server
        self._workers: dict[Address, RemoteWorker] = {}
        self._voices: tuple[Voice, ...] = ()
        self._sustained = 0
        self._moved = 0
        self._cut_before = 0  # speeches that engines of forgotten workers cut
        self._spoke: OrderedDict[str, RemoteWorker] = OrderedDict()  # by utterance
        self._news = asyncio.Event()  # set, and replaced, whenever a worker changed
        self._capacity_changed: Callable[[], None] = _nobody_watches
        self._linking: asyncio.Task[None] | None = None
        self._tasks: asyncio.TaskGroup

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``: that of all our engines; workers with another one are not leased."""
        return MODEL_SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """What the workers keep in real time together; one that never came is taken to be as good as the best."""
        known = [worker.requests for worker in self._workers.values()]
        best = max(known, default=0)
        return max(1, sum(requests or best for requests in known))

    def voices(self) -> Sequence[Voice]:
        """List the voices of all workers; those of workers that are away stay listed."""
        return self._voices

    def status(self) -> EngineStatus:
        """Tell how the workers are."""
        workers = list(self._workers.values())
        here = [worker for worker in workers if worker.is_usable]
        facts = tuple(
            WorkerFacts(worker.name, worker.is_usable, worker.requests, worker.speaking) for worker in workers
        )
        names = sorted({worker.engine for worker in workers if worker.engine})
        detail = f"{len(here)} of {len(workers)} workers speak"
        for worker in workers:
            if not worker.is_usable:
                detail += f"; {worker.name}: {worker.why_not}"
        memory = [worker.state.gpu_memory_bytes for worker in here if worker.state and worker.state.gpu_memory_bytes]
        pressures = {worker.state.pressure for worker in here if worker.state} - {"none"}
        return EngineStatus(
            " and ".join(names) or NAME,
            "ready" if here else "failed" if self._voices else "loading",
            detail,
            gpu_memory_bytes=sum(memory) if memory else None,
            sustainable_requests=self._sustained if self._voices else None,
            pressure=", ".join(sorted(pressures)) or "none",
            speeches_cut=self._cut_before + sum(worker.speeches_cut for worker in workers),
            speeches_moved=self._moved,
            workers=facts,
        )

    def watch(self, changed: Callable[[], None]) -> None:
        """Have this called whenever the workers keep another number of contexts."""
        self._capacity_changed = changed

    async def start(self) -> None:
        """Link to the workers: wait for all of them a while, and for one of them as long as engines may load.

        Raises:
            EngineUnavailable: none comes.
        """
        begun: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._linking = asyncio.create_task(self._stay_linked(begun), name="workers")
        await asyncio.wait((begun, self._linking), timeout=_LONGEST_START_S, return_when=asyncio.FIRST_COMPLETED)
        if not begun.done():
            raise EngineUnavailable("nobody has told which workers there are")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_S):
                await self._until(lambda: all(worker.is_usable for worker in self._workers.values()))
        try:
            async with asyncio.timeout(_LONGEST_START_S):
                await self._until(lambda: any(worker.is_usable for worker in self._workers.values()))
        except TimeoutError:
            why = "; ".join(f"{worker.name}: {worker.why_not}" for worker in self._workers.values())
            raise EngineUnavailable(f"no worker can be leased: {why}") from None

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment; see ``interface.Synthesizer``."""
        if not segment.spoken.strip():
            return
        speech = _Speech(segment, style, runs_dry_at, self.sample_rate_hz)
        while not speech.is_over:
            stream = await self._lease(speech)
            try:
                while (chunk := await self._next(speech, stream)) is not None:
                    yield chunk
                    del chunk  # or it would be kept for as long as its listener takes
                    if speech.is_over:
                        break
                    stream.send(Pull, _dry_in_s(runs_dry_at()))
            finally:
                stream.close()

    async def close(self) -> None:
        """Hang up; idempotent."""
        linking, self._linking = self._linking, None
        if linking is not None:
            linking.cancel()
            await asyncio.wait((linking,))

    # -- one segment ---------------------------------------------------------------------------------------------------

    async def _lease(self, speech: _Speech) -> Stream:
        """Lease a stream for what is left of a segment.

        Raises:
            NoSuchVoice: no worker has this voice.
            SynthesisFailed: there is no worker, or too many failed.
        """
        if len(speech.failed) > MOST_MOVES:
            raise SynthesisFailed(f"{len(speech.failed)} workers failed one after another: {speech.why}")
        if not any(voice.name == speech.style.voice for voice in self._voices):
            raise NoSuchVoice(f"no worker has a voice {speech.style.voice!r}")
        try:
            async with asyncio.timeout(NO_WORKER_S):
                while (worker := self._choose(speech)) is None or self._should_await_another(speech, worker):
                    await self._changes()
        except TimeoutError:
            raise SynthesisFailed(f"no worker has come for {NO_WORKER_S:g} s; {speech.why}") from None
        if speech.failed or speech.slow:
            self._moved += 1
            log.warning("a speech goes on at worker %s: %s", worker.name, speech.why)
        if utterance := speech.style.utterance:
            self._spoke[utterance] = worker
            self._spoke.move_to_end(utterance)
            if len(self._spoke) > _KEPT_UTTERANCES:
                self._spoke.popitem(last=False)
        return worker.open(speech.begin(worker.engine))

    def _choose(self, speech: _Speech, *, besides: RemoteWorker | None = None) -> RemoteWorker | None:
        """Choose who speaks it; one that was too slow comes after the others, and then who failed it. None: nobody."""
        voice, utterance = speech.style.voice, speech.style.utterance
        usable = [
            one for one in self._workers.values() if one.is_usable and one.has_voice(voice) and one is not besides
        ]
        unbroken = [one for one in usable if one not in speech.failed]
        best = [one for one in unbroken if one is not speech.slow] or unbroken or usable
        if not best:
            return None
        before = self._spoke.get(utterance or "")
        known = (one.first_sound_s for one in self._workers.values())
        usual_s = min((seconds for seconds in known if seconds is not None), default=1.0)
        return best[choose([one.candidate(voice, usual_s, is_continuing=one is before) for one in best])]

    def _should_await_another(self, speech: _Speech, worker: RemoteWorker) -> bool:
        """Tell whether this worker failed the segment while another one, which did not, is silent for the moment."""
        return worker in speech.failed and any(
            one.is_expected and one.is_silent and one.has_voice(speech.style.voice) and one not in speech.failed
            for one in self._workers.values()
        )

    async def _next(self, speech: _Speech, stream: Stream) -> PcmChunk | None:
        """Wait for the next chunk; None at the end, or if the rest must be leased anew.

        Raises:
            SynthesisError: this cannot be spoken.
        """
        asked_at = time.monotonic()
        if stream.messages.empty() and self._is_forsaken(speech, stream):
            return None
        while True:
            try:
                async with asyncio.timeout(self._patience_s(speech, asked_at)):
                    message = await stream.messages.get()
            except TimeoutError:
                speech.is_hurried = True
                if self._is_too_slow(speech, stream):
                    return None
                continue
            match message:
                case Sound():
                    if (took_s := speech.first_sound_s()) is not None:
                        stream.worker.first_sound_took(took_s)
                    if (chunk := speech.take(message)) is not None:
                        return chunk
                    stream.send(Pull, _dry_in_s(speech.runs_dry_at()))
                case Ended():
                    return speech.end()
                case Failed(_, "voice", why):
                    raise NoSuchVoice(why)
                case Failed(_, "text", why):
                    raise UnsupportedRequest(why)
                case Failed(_, _, why):
                    speech.fail(stream.worker, why)
                    other = self._choose(speech)
                    if other in speech.failed and not self._should_await_another(speech, other):
                        raise SynthesisFailed(why)
                    return None
                case Lost(why):
                    speech.fail(stream.worker, f"worker {stream.worker.name}: {why}")
                    return None
                case Doubt():
                    if self._is_forsaken(speech, stream):
                        return None

    def _is_forsaken(self, speech: _Speech, stream: Stream) -> bool:
        """Tell whether a stream's worker is silent and another one is there; if none is, it may yet be heard again."""
        worker = stream.worker
        if not worker.is_silent or self._choose(speech, besides=worker) is None:
            return False
        speech.fail(worker, f"worker {worker.name} is silent")
        return True

    def _is_too_slow(self, speech: _Speech, stream: Stream) -> bool:
        """Tell whether another worker has room for a stream that is late."""
        worker = stream.worker
        other = self._choose(speech, besides=worker)
        if other is None or other in speech.failed or not other.has_room:
            return False
        speech.slow, speech.why = worker, f"worker {worker.name} is too slow"
        return True

    def _patience_s(self, speech: _Speech, asked_at: float) -> float | None:
        """How long to wait before another worker is asked; None: for ever."""
        dry_at = speech.runs_dry_at()
        if speech.is_hurried or dry_at == math.inf:
            return None
        return max(0.0, max(asked_at + SLOW_S, dry_at - _DRY_S) - time.monotonic())

    # -- workers -------------------------------------------------------------------------------------------------------

    async def _stay_linked(self, begun: asyncio.Future[None]) -> None:
        """Keep a link to every worker there is, until cancelled."""

        def told(addresses: Sequence[Address]) -> None:
            self._members_are(addresses)
            if not begun.done():
                begun.set_result(None)

        async with asyncio.TaskGroup() as self._tasks:
            self._tasks.create_task(self._membership.follow(told))
            await asyncio.get_running_loop().create_future()  # never done: the links are kept until this is cancelled

    def _members_are(self, addresses: Sequence[Address]) -> None:
        for address in addresses:
            if address not in self._workers:
                worker = RemoteWorker(address, self._identity, self._server, self._changed)
                self._workers[address] = worker
                self._tasks.create_task(self._keep(worker, address))
        for address, worker in self._workers.items():
            worker.is_member = address in addresses
        self._changed()

    async def _keep(self, worker: RemoteWorker, address: Address) -> None:
        """Keep a link to a worker while it is a member, and forget it afterwards."""
        await worker.stay_linked()
        del self._workers[address]
        self._cut_before += worker.speeches_cut
        self._changed()

    def _changed(self) -> None:
        """Take in what has changed of a worker, and wake whoever waits for that."""
        workers = self._workers.values()
        listed = {voice.name: voice for worker in workers for voice in reversed(worker.voices)}
        names = [voice.name for worker in workers for voice in worker.voices]
        if names or not self._voices:  # while one worker takes the place of the only one, nobody is told of no voices
            self._voices = tuple(listed[name] for name in dict.fromkeys(names))
        if any(worker.is_usable for worker in workers):
            for worker in workers:
                worker.doubt()
        self._news.set()
        self._news = asyncio.Event()
        sustained = sum(max(0, worker.requests - worker.others) for worker in workers if worker.is_usable)
        if sustained != self._sustained:
            self._sustained = sustained
            self._capacity_changed()

    async def _until(self, is_so: Callable[[], bool]) -> None:
        while not is_so():
            await self._changes()

    async def _changes(self) -> None:
        """Wait until something of a worker changes."""
        await self._news.wait()


class _Speech:
    """One segment: what of it was handed over, and where it is spoken.

    Attributes:
        failed: workers that failed on it.
        slow: the worker that was too slow for it.
        why: it had to be leased anew.
        is_hurried: it was late once, and is not looked after again.
        is_over: all of it was handed over.
    """

    def __init__(self, segment: Segment, style: Style, runs_dry_at: Callable[[], float], rate_hz: int) -> None:
        self.style = style
        self.runs_dry_at = runs_dry_at
        self.failed: list[RemoteWorker] = []
        self.slow: RemoteWorker | None = None
        self.why = "none can be leased"
        self.is_hurried = False
        self.is_over = False
        self._segment = segment
        self._rate_hz = rate_hz
        self._given = 0  # samples handed over
        self._tail: Pcm = np.zeros(0, np.int16)  # the last of them
        self._worded = -1  # where the last word began that was handed over
        self._notes: list[str] = []  # for a worker that must go on
        self._noted_by = ""  # the kind of engine that wrote them
        self._engine = ""  # the kind of engine that speaks at present
        self._has_noted = False  # it has written notes, which say all that those before it said
        self._moved_by = 0  # samples by which the present worker's marks are early
        self._seam: Seam | None = None  # until what is spoken again has been joined to what was handed over
        self._redone: list[Pcm] = []  # until then
        self._words: list[tuple[int, int, int]] = []  # the same
        self._leased_at: float | None = None  # until the first sound came

    def begin(self, engine: str) -> Speak:
        """Write down what a worker with an engine of this kind is asked for."""
        self._engine, self._has_noted = engine, False
        seam = Seam(self._tail, self._given, self._rate_hz)
        self._seam = seam if self._given else None
        self._redone, self._words, self._moved_by = [], [], 0
        self._leased_at = time.monotonic()
        segment, style = self._segment, self.style
        return Speak(
            key=0,
            place=segment.index,
            spoken=segment.spoken,
            is_last=segment.is_last,
            wishes=[(wish.start, wish.end, wish.kind, wish.value) for wish in segment.wishes],
            written_in=segment.language,
            voice=style.voice,
            language=style.language,
            instructions=style.instructions,
            speed=style.speed,
            seed=style.seed,
            allow_markup=style.allow_markup,
            utterance=style.utterance,
            begun=self._notes if engine == self._noted_by else [],
            from_sample=seam.from_sample,
            dry_in_s=_dry_in_s(self.runs_dry_at()),
        )

    def fail(self, worker: RemoteWorker, why: str) -> None:
        """Note that a worker failed on it."""
        self.failed.append(worker)
        self.why = why

    def first_sound_s(self) -> float | None:
        """Tell once, when the first sound has come, how long it took; None if it was not the segment's first."""
        leased_at, self._leased_at = self._leased_at, None
        return None if leased_at is None or self._given else time.monotonic() - leased_at

    def take(self, sound: Sound) -> PcmChunk | None:
        """Take sound; None while more is needed to join it to what was handed over."""
        samples = np.frombuffer(sound.tail, SAMPLES)
        if sound.notes:
            self._notes = self._notes + sound.notes if self._has_noted else sound.notes
            self._has_noted, self._noted_by = True, self._engine
        if self._seam is None:
            return self._hand_over(samples, sound.words, sound.stages)
        self._redone.append(samples)
        self._words += sound.words
        if sum(map(len, self._redone)) < self._seam.needed:
            return None
        return self._join(self._seam)

    def end(self) -> PcmChunk | None:
        """Note that the worker has no more of it."""
        self.is_over = True
        return None if self._seam is None else self._join(self._seam)

    def _join(self, seam: Seam) -> PcmChunk:
        redone = np.concatenate(self._redone) if self._redone else np.zeros(0, np.int16)
        at = seam.find(redone)
        self._moved_by = self._given - (seam.from_sample + at)
        self._seam, self._redone = None, []
        return self._hand_over(redone[at:], self._words, {})

    def _hand_over(self, samples: Pcm, words: Sequence[tuple[int, int, int]], stages: Mapping[str, float]) -> PcmChunk:
        marks = tuple(
            WordMark(start, end, sample + self._moved_by) for start, end, sample in words if start > self._worded
        )
        if marks:
            self._worded = marks[-1].char_start
        chunk = PcmChunk(samples, marks, stages)
        self._given += len(samples)
        kept = self._rate_hz * TAIL_MS // 1000
        self._tail = np.concatenate((self._tail, samples[-kept:]))[-kept:]
        return chunk


def _dry_in_s(dry_at: float) -> float | None:
    return None if dry_at == math.inf else dry_at - time.monotonic()


def _nobody_watches() -> None:
    pass
