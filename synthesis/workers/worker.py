"""One worker as a gateway knows it: the link, which is made again whenever it broke, and the streams on it.

::

    away ── linked, its engine ready ──► here ◄──┐ heard again
     ▲                                    │      │
     │                                    ▼      │
     └── hung up, or silent for HUNG_S ── three beats missed (``is_silent``)
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from ..interface import Voice
from ..processes.keeper import reached
from ..processes.link import Alive, Link
from ..rates import MODEL_SAMPLE_RATE_HZ
from .choice import Candidate
from .link import (
    BEAT_S,
    HUNG_S,
    MISSED_BEATS,
    VOCABULARY,
    Cancel,
    Ended,
    Failed,
    Join,
    Ready,
    Sound,
    State,
)
from .wire import connect

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from ..interface import StyleWish
    from ..phonemes import Alphabet
    from .addresses import Address
    from .link import FromWorker, Speak

log = logging.getLogger("sayline.workers")

# Between two attempts to link: a worker that restarts is found soon, and one that is gone costs little.
_RELINK_S: Final = 0.1
_LONGEST_RELINK_S: Final = 5.0
# After a pause of this very process the loop calls its timers before it reads its sockets, so no worker is judged at
# the first look; as in ``processes.keeper``.
_SECOND_LOOK_S: Final = 0.05
_NEW_PART: Final = 0.25  # of the average that the newest first sound is


class Lost(NamedTuple):
    """Nothing more comes of a stream."""

    why: str


class Doubt(NamedTuple):
    """A stream's worker is silent; it may be heard again."""


class Stream:
    """One segment at one worker.

    Attributes:
        worker: that speaks it.
        messages: what came of it.
    """

    def __init__(self, worker: RemoteWorker, key: int) -> None:
        self.worker = worker
        self.messages: asyncio.Queue[Sound | Ended | Failed | Lost | Doubt] = asyncio.Queue()
        self._key = key

    def send(self, message: type[Any], *fields: object) -> None:
        """Send a message about this stream; dropped if the link is gone. Any: the classes have no common base."""
        self.worker.send(message(self._key, *fields))

    def close(self) -> None:
        """Want no more of it; idempotent."""
        if self.worker.forget(self._key):
            self.worker.send(Cancel(self._key))


class RemoteWorker:
    """See the module.

    Args:
        address: where it listens.
        identity: for TLS; None: without.
        server: names the gateway's server to it.
        changed: called whenever what can be leased of it changes.

    Attributes:
        state: what it said last; None while it is away, or has said nothing yet.
        voices: what it spoke with when it was here last.
        engine: the same.
        requests: that it said last to keep in real time.
        speeches_cut: of its engines, one after the other.
        first_sound_s: what its first sounds took lately; None if it made none.
        is_silent: it has missed its beats.
        is_member: it is on the list of workers.
    """

    def __init__(
        self, address: Address, identity: ssl.SSLContext | None, server: str, changed: Callable[[], None]
    ) -> None:
        self.name = str(address)
        self.state: State | None = None
        self.voices: tuple[Voice, ...] = ()
        self.engine = ""
        self.requests = 0
        self.speeches_cut = 0
        self.first_sound_s: float | None = None
        self.is_silent = False
        self.is_member = True
        self._address = address
        self._identity = identity
        self._server = server
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._link: Link | None = None
        self._is_ready = False
        self._keys = itertools.count()
        self._streams: dict[int, Stream] = {}
        self._prompts: set[str] = set()  # voices that it has spoken with since it came
        self._heard_at = 0.0
        self._why = "it was not reached yet"
        self._hung_up = asyncio.Event()
        self._timer: asyncio.TimerHandle

    @property
    def is_usable(self) -> bool:
        """New streams may be given to it."""
        return self.is_expected and not self.is_silent

    @property
    def is_expected(self) -> bool:
        """New streams may be given to it, if it is silent as soon as it is heard again."""
        return (
            self.is_member
            and self._link is not None
            and self._is_ready
            and self.state is not None
            and self.state.state == "ready"
            and not self.state.is_leaving
        )

    @property
    def others(self) -> int:
        """Streams that other servers have there."""
        return 0 if self.state is None else self.state.others

    @property
    def has_room(self) -> bool:
        """It keeps one more stream in real time."""
        return self.speaking + self.others < self.requests

    @property
    def speaking(self) -> int:
        """Streams that this gateway has there."""
        return len(self._streams)

    @property
    def why_not(self) -> str:
        """Why it cannot be used, for people."""
        if self.is_silent:
            return "it is silent"
        if self.state is None or (self.state.state == "ready" and not self._is_ready):
            return self._why
        return "it is leaving" if self.state.is_leaving else f"its engine is {self.state.state}: {self.state.detail}"

    def has_voice(self, name: str) -> bool:
        """It has a voice of this name."""
        return any(voice.name == name for voice in self.voices)

    def candidate(self, voice: str, usual_s: float, *, is_continuing: bool) -> Candidate:
        """Describe it to whoever chooses; ``usual_s``: what first sounds take, if it has made none."""
        first_sound_s = usual_s if self.first_sound_s is None else self.first_sound_s
        return Candidate(
            first_sound_s, self.requests, self.speaking + self.others, voice in self._prompts, is_continuing
        )

    def open(self, asked: Speak) -> Stream:
        """Lease a stream; it must be usable."""
        key = next(self._keys)
        stream = self._streams[key] = Stream(self, key)
        self._prompts.add(asked.voice)
        self.send(asked._replace(key=key))
        return stream

    def forget(self, key: int) -> bool:
        """Forget a stream; tells whether it had not ended."""
        return self._streams.pop(key, None) is not None

    def first_sound_took(self, seconds: float) -> None:
        """Learn from a stream how fast it is."""
        before = seconds if self.first_sound_s is None else self.first_sound_s
        self.first_sound_s = before + _NEW_PART * (seconds - before)

    def send(self, message: Any) -> None:  # noqa: ANN401 - as ``Link.send``
        """Send a message; dropped if it is away."""
        if self._link is not None:
            self._link.send(message)

    def doubt(self) -> None:
        """If it is silent, tell its streams, which may go elsewhere."""
        if self.is_silent:
            for stream in self._streams.values():
                stream.messages.put_nowait(Doubt())

    # -- the link ------------------------------------------------------------------------------------------------------

    async def stay_linked(self) -> None:
        """Link to it again and again, for as long as it is a member; a link that there is ends by itself."""
        pause_s = _RELINK_S
        while self.is_member:
            came = False
            async with asyncio.TaskGroup() as tasks:
                try:
                    came = await self._while_linked(tasks)
                except OSError as error:
                    why = getattr(error, "reason", None) or error.strerror or "it does not answer"
                    self._why = f"it cannot be reached: {why}"
            pause_s = _RELINK_S if came else min(2 * pause_s, _LONGEST_RELINK_S)
            await reached(self._loop.time() + pause_s)

    async def _while_linked(self, tasks: asyncio.TaskGroup) -> bool:
        """Serve one link until it ends; tells whether the worker was of use."""
        async with asyncio.timeout(_LONGEST_RELINK_S):
            end = await connect(self._address, self._identity, tasks)
        self._hung_up.clear()
        self._why = "it has said nothing"
        link = self._link = Link(end, VOCABULARY, self._received, self._hung_up.set, heard=self._heard)
        link.send(Join(self._server))
        self._heard_at = self._loop.time()
        self._timer = self._loop.call_later(BEAT_S, self._beat)
        try:
            await self._hung_up.wait()
        finally:
            self._timer.cancel()
            came, self._is_ready = self._is_ready, False
            self._link = None
            link.close()
            if came and self._hung_up.is_set():  # else this gateway hangs up
                log.warning("worker %s is lost: %s", self.name, "it was silent" if self.is_silent else "it hung up")
                self._why = "it is gone"
            self.state, self.is_silent = None, False
            self._prompts.clear()
            streams, self._streams = self._streams, {}
            for stream in streams.values():
                stream.messages.put_nowait(Lost(self._why))
            self._changed()
        return came

    def _beat(self, *, is_second: bool = False) -> None:
        """Say that this gateway lives, and judge the worker's silence."""
        link, silent_s, again_s = self._link, self._loop.time() - self._heard_at, BEAT_S
        if link is None:
            return
        if not link.unsent_bytes:  # else it does not read, and need not be told twice
            link.send(Alive())
        is_late = silent_s > MISSED_BEATS * BEAT_S
        if silent_s > HUNG_S:
            self._hung_up.set()
        elif is_late and not is_second:
            again_s = _SECOND_LOOK_S
        elif is_late and not self.is_silent:
            self.is_silent = True
            log.warning("worker %s is silent", self.name)
            self._changed()
        self._timer = self._loop.call_later(again_s, lambda: self._beat(is_second=is_late and not is_second))

    def _heard(self) -> None:
        self._heard_at = self._loop.time()
        if self.is_silent:
            self.is_silent = False
            log.warning("worker %s is heard again", self.name)
            self._changed()

    def _received(self, message: FromWorker) -> None:
        match message:
            case Ready():
                self.engine = message.engine
                if message.sample_rate_hz != MODEL_SAMPLE_RATE_HZ:
                    self._why = f"its engine speaks at {message.sample_rate_hz} Hz, not at {MODEL_SAMPLE_RATE_HZ}"
                    return
                self.voices = tuple(_voice(*facts) for facts in message.voices)
                self._is_ready = True
                self._changed()
            case State():
                before = 0 if self.state is None else self.state.speeches_cut
                self.speeches_cut += max(0, message.speeches_cut - before)
                self.state, self.requests = message, message.requests
                self._changed()
            case Sound():
                if (stream := self._streams.get(message.key)) is not None:  # else it was cancelled meanwhile, as below
                    stream.messages.put_nowait(message)
            case Ended() | Failed():
                if (ended := self._streams.pop(message.key, None)) is not None:
                    ended.messages.put_nowait(message)


def _voice(
    name: str,
    description: str,
    languages: list[str],
    obeys: list[StyleWish],
    has_word_times: bool,
    alphabets: list[Alphabet],
) -> Voice:
    """Describe a voice, as its worker does (``link.VoiceFacts``)."""
    return Voice(name, description, tuple(languages), frozenset(obeys), has_word_times, frozenset(alphabets))
