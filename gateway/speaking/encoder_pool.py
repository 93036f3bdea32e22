"""Encoders for contexts, in processes of their own: the gateway's side of ``encoder_process``.

If a process dies, its contexts go on in another one, or in the one that replaces it: each keeps the sound that its
encoder has not turned into packets, and some before that, and feeds it again (``codecs.speech_encoder``). The keeper
kills a process that owes an answer and has said nothing for a second: it is stopped, or hangs. If a process cannot be
started, the keeper tries again and again. Until it comes up, the other processes get its contexts; without any process
its contexts end with an error, and ``/health`` reports a fault. ``processes.keeper`` does all that. What waits in a
link is bounded, because each context has at most one request under way.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import sys
from typing import TYPE_CHECKING, Final, Self

from ...codecs.base import CodecUnavailable, EncodingFailed
from ...synthesis.processes.child import Child
from ...synthesis.processes.keeper import CannotStart, Care, Keeper
from ...synthesis.processes.link import Link
from .encoder_costs import EncoderCosts
from .encoder_process import (
    MARK_BYTES,
    SAMPLES,
    VOCABULARY,
    CatchUp,
    Close,
    Encode,
    Feed,
    Finish,
    GoOn,
    PadTail,
    Refused,
    open_message,
    read_mark,
    read_packets,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    import numpy as np
    import numpy.typing as npt

    from ...codecs.base import Packet
    from ...codecs.speech_encoder import AudioFormat
    from ...synthesis.processes.child import End
    from .encoder_costs import FormatCost
    from .encoder_process import Done, Open, Request, Sound

log = logging.getLogger("sayline.encoders")

# The child gets our module path as an argument, so that it finds us however we were found.
_CHILD: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from sayline.gateway.speaking.encoder_process import main; main()"
)
# The keeper kills a process that owes an answer and is silent for this long. A process at work says something every
# 0.1 s. Two seconds are what a listener has in hand at most, and in the rest of them the next process starts (0.3 to
# 0.4 s).
PATIENCE_S: Final = 1.0
# The same before its first word: it imports numpy and the codecs first, maybe from a cold disk.
START_PATIENCE_S: Final = 30.0
# Between two starts, if the first one failed: retries must not strain a machine that is short of descriptors.
RETRY_S: Final = 1.0
_GRACE_S: Final = 0.5  # it exits as soon as its socket is closed, between two frames
_SILENT_S: Final = 0.5  # after owing an answer for this long a process counts as unwell, and ``/health`` says so
# How many processes may die under one context before it has had a packet from one of them. If more do, what the context
# says may be what kills them.
_MOST_DEATHS: Final = 3


class EncoderLost(EncodingFailed):
    """The process died that had the encoder; what was fed can be encoded elsewhere."""


class EncoderPool:
    """A fixed number of encoder processes. Lives as long as the server, in one event loop.

    Args:
        processes: how many.
        source_rate_hz: the rate of the sound that all encoders are fed.
    """

    def __init__(self, processes: int, source_rate_hz: int) -> None:
        self._source_rate_hz = source_rate_hz
        self._ids = itertools.count(1)
        self._processes = [EncoderProcess() for _ in range(processes)]
        self._turns = itertools.count()
        self._costs = EncoderCosts(processes)

    async def __aenter__(self) -> Self:
        """Start the processes; ``came_up`` waits until they can encode.

        Raises:
            CodecUnavailable: the system does not start them.
        """
        try:
            for process in self._processes:
                process.keeper.begin()
        except OSError as exc:
            await self.__aexit__()
            raise CodecUnavailable(f"the encoder process cannot be started here: {exc}") from exc
        return self

    async def came_up(self) -> None:
        """Wait until all processes can encode.

        Raises:
            CodecUnavailable: one of them does not come up.
        """
        try:
            for process in self._processes:
                await process.keeper.came_up()
        except CannotStart as exc:
            raise CodecUnavailable(f"the encoder process cannot work here: it {exc}") from exc

    async def __aexit__(self, *_: object) -> None:
        for process in self._processes:
            process.failure = "the encoders are closed"  # nobody may wait for a process that never comes
        for process in self._processes:
            await process.keeper.close()
            process.fail_all(process.failure)

    def open(self, audio_format: AudioFormat) -> RemoteEncoder:
        """Make a context's encoder, in each process in turn; requests to it fail if there is no process."""
        opening = open_message(next(self._ids), self._source_rate_hz, audio_format)
        return RemoteEncoder(self._next_process, opening, self._costs.of(audio_format.codec))

    def _next_process(self) -> EncoderProcess:
        """Choose a process that works, or one that is being started, each in turn."""
        processes = self._processes
        well = [process for process in processes if process.keeper.is_up and not process.silence]
        running = well or [process for process in processes if not process.failure] or processes
        return running[next(self._turns) % len(running)]

    @property
    def load(self) -> float:
        """The share of the processes' time that the streams of now need: 1 is all of it."""
        return self._costs.load

    @property
    def failure(self) -> str:
        """Why nothing can be encoded at present; empty while any process is well."""
        failures = [process.failure or process.silence for process in self._processes]
        return failures[0] if all(failures) else ""

    @property
    def process_ids(self) -> list[int]:
        """Ids of the running processes."""
        pids = [process.keeper.pid for process in self._processes if not process.failure]
        return [pid for pid in pids if pid is not None]


class RemoteEncoder:
    """One context's encoder: the interface of ``codecs.speech_encoder.SpeechEncoder``, awaited.

    Attributes:
        fed: where the context's sound ends so far, in 48 kHz samples; as of the last answer.
        frames_ready: frames that may be encoded; as of the last answer.

    Every method but ``close`` raises EncodingFailed if the codec refused, if there is no process and none can be
    started, or if one process after another died.
    """

    def __init__(self, next_process: Callable[[], EncoderProcess], opening: Open, cost: FormatCost) -> None:
        self._next_process = next_process
        self._opening = opening
        self._cost = cost
        self._is_open = True
        cost.streams += 1
        self._id = opening.encoder
        self._journal = Journal()
        self._deaths = 0  # since the last packet
        self.fed = 0
        self.frames_ready = 0
        self._process = next_process()
        self._generation = self._process.generation  # of the process that has this encoder
        self._process.send(opening)

    async def feed(self, samples: npt.NDArray[np.int16], *, ends_segment: bool = False) -> None:
        """Add (n,) int16 mono samples at the source's rate."""
        await self._give(Feed(self._id, ends_segment, samples.astype(SAMPLES, copy=False).tobytes()))

    async def pad_tail(self) -> None:
        """Complete a partial frame with silence."""
        await self._give(PadTail(self._id))

    async def finish(self) -> None:
        """No more sound follows."""
        await self._give(Finish(self._id))

    async def encode(self, max_frames: int, *, needed_at: float) -> list[Packet]:
        """Encode frames that are ready; the process takes the most urgent request first."""
        answer = await self._ask(lambda: Encode(self._id, max_frames, needed_at - self._process.now()))
        self._journal.reached(answer.tail)
        if packets := list(read_packets(answer)):
            self._deaths = 0
        return packets

    def close(self) -> None:
        """Forget the encoder; the caller must not use it afterwards. Idempotent."""
        if not self._is_open:
            return
        self._is_open = False
        self._cost.streams -= 1
        if self._generation == self._process.generation:
            self._process.forget(self._id)

    async def _give(self, sound: Sound) -> None:
        await self._ask(lambda: sound)
        self._journal.add(sound)

    async def _ask(self, request: Callable[[], Request]) -> Done:
        """Have a request served, by one process or another."""
        while True:
            if self._generation != self._process.generation:
                await self._move("the encoder process died")
            try:
                answer = await self._process.ask(request())
            except EncoderLost as lost:
                await self._move(str(lost))
                continue
            self._cost.busy_us += answer.busy_us
            self._cost.samples += answer.fed - self.fed
            self.fed, self.frames_ready = answer.fed, answer.frames_ready
            return answer

    async def _move(self, why: str) -> None:
        """Go on in another process.

        Raises:
            EncodingFailed: too many have died, or none can be started.
        """
        while True:
            self._deaths += 1
            if self._deaths > _MOST_DEATHS:
                raise EncodingFailed(f"{why}, and so did those that took its place")
            process = self._process = self._next_process()
            self._generation = process.generation
            process.send(self._opening)
            try:
                for message in self._journal.again(self._id):
                    if isinstance(message, GoOn):
                        process.send(message)
                    else:
                        await process.ask(message)
            except EncoderLost as lost:
                why = str(lost)
            else:
                return


class Journal:
    """What a context's encoder was given, as far as another one in its place must be given it again."""

    def __init__(self) -> None:
        self._given: list[Sound] = []
        self._from = 0  # source samples before ``_given``
        self._until_mark = 0  # how many of ``_given`` came before the mark
        self._mark = b""  # the encoder's, as the link carries it; empty before the first packets

    def add(self, sound: Sound) -> None:
        """Note what the encoder has taken."""
        self._given.append(sound)

    def reached(self, mark: bytes) -> None:
        """Note how far the encoder has come, as the tail of its answer begins, and forget what lies before."""
        given, source = self._given, read_mark(mark).source
        while given and not isinstance(given[0], Finish) and self._from + _samples(given[0]) <= source:
            self._from += _samples(given.pop(0))
        if given and isinstance(given[0], Feed):  # a listener may take seconds to hear the rest
            given[0] = given[0]._replace(tail=given[0].tail[(source - self._from) * SAMPLES.itemsize :])
            self._from = source
        self._mark, self._until_mark = mark[:MARK_BYTES], len(given)

    def again(self, encoder: int) -> Iterator[GoOn | Request]:
        """Tell the messages that bring another encoder to where the lost one was."""
        if self._mark:
            yield GoOn(encoder, self._mark)
            yield from self._given[: self._until_mark]
            yield CatchUp(encoder)
        yield from self._given[self._until_mark :]


def _samples(sound: Sound) -> int:
    return len(sound.tail) // SAMPLES.itemsize if isinstance(sound, Feed) else 0


class EncoderProcess:
    """One child process after another, and the link to it.

    Attributes:
        keeper: keeps it alive.
        generation: counts the processes; an encoder belongs to one of them.
        failure: why there is no process although there should be; empty while all is well.
    """

    name = "an encoder process"  # as the keeper calls it

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.now = loop.time
        self._new_answer = loop.create_future
        self._answers: dict[int, asyncio.Future[Done]] = {}  # by encoder, which has one request under way
        self._lost_answers: list[asyncio.Future[Done]] = []  # those of a process that is gone
        self._link: Link | None = None  # while a process can be talked to
        self._unsent: list[Open | GoOn | Close | Request] = []  # for the next process, while there is none
        self.keeper = Keeper(self, Care(PATIENCE_S, START_PATIENCE_S, RETRY_S, _GRACE_S))
        self.generation = 0
        self.failure = ""

    @property
    def silence(self) -> str:
        """How long the process has owed answers in silence, in words; empty while that is short."""
        silent_s = self.keeper.silent_s
        return f"the encoder process has owed answers for {silent_s:.1f} s" if silent_s > _SILENT_S else ""

    @property
    def is_owed(self) -> bool:
        """The process owes an answer."""
        return bool(self._answers)

    def send(self, message: Open | GoOn | Close | Request) -> None:
        """Send a message. It waits for the next process while one dies, and is dropped if none can be started."""
        if self._link is not None:
            self._link.send(message)
        elif not self.failure:
            self._unsent.append(message)

    async def ask(self, request: Request) -> Done:
        """Send a request and wait for its answer.

        Raises:
            EncoderLost: the process died.
            EncodingFailed: the codec refused, or there is no process, and why.
        """
        if self.failure:
            raise EncodingFailed(self.failure)
        answer: asyncio.Future[Done] = self._new_answer()
        if not self._answers:
            self.keeper.owes()
        self._answers[request.encoder] = answer
        self.send(request)
        return await answer

    def forget(self, encoder_id: int) -> None:
        """Close an encoder; an answer that it still owes is no longer awaited, and may never come."""
        self._answers.pop(encoder_id, None)
        self.send(Close(encoder_id))

    def fail_all(self, reason: str) -> None:
        """Fail every request that awaits an answer."""
        answers = [*self._lost_answers, *self._answers.values()]
        self._lost_answers.clear()
        self._answers.clear()
        _fail(answers, EncodingFailed(reason))

    # -- called by the keeper and the link -----------------------------------------------------------------------------

    def start_child(self) -> Child:
        """Start a process; it takes requests at once and answers after it has imported its codecs."""
        child = Child([sys.executable, "-c", _CHILD, json.dumps(sys.path)])
        if self.failure:
            self.generation += 1  # no process knows the encoders that were opened meanwhile
        self._link = Link(
            child.socket,
            VOCABULARY,
            self._received,
            self.keeper.hung_up,
            greeted=self._greeted,
            heard=self.keeper.heard,
        )
        for message in self._unsent:
            self._link.send(message)
        self._unsent.clear()
        if self._answers:
            self.keeper.owes()
        return child

    def child_lost(self) -> None:
        """Hang up. Encoders and requests from now on are for the next process."""
        if self._link is not None:
            self._link.close()
            self._link = None
        self.generation += 1
        self._lost_answers += self._answers.values()
        self._answers.clear()

    def child_ended(self, end: End) -> None:
        """Tell those whose answers it owed that they have to ask elsewhere."""
        lost, self._lost_answers = self._lost_answers, []
        _fail(lost, EncoderLost(f"the encoder process died: it {end}"))

    def could_not_start(self, fault: str) -> None:
        """Fail all requests until there is a process."""
        failure = f"the encoder process {fault}"
        if failure != self.failure:
            log.error("%s; it is tried again every %g s", failure, RETRY_S)
        self.failure = failure
        self._unsent.clear()
        self.fail_all(failure)

    def _greeted(self) -> None:
        self.failure = ""
        self.keeper.has_come_up()

    def _received(self, message: Done | Refused) -> None:
        answer = self._answers.pop(message.encoder, None)
        if answer is None or answer.done():
            return  # the request was cancelled
        if isinstance(message, Refused):
            answer.set_exception(EncodingFailed(message.why))
        else:
            answer.set_result(message)


def _fail(answers: Iterable[asyncio.Future[Done]], error: EncodingFailed) -> None:
    for answer in answers:
        if not answer.done():
            answer.set_exception(type(error)(*error.args))
