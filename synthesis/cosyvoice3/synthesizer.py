"""CosyVoice3 as the gateway knows it: a link to an engine process, and one queue of sound for each segment.

The gateway's process imports nothing of torch. The engine is this gateway's own, or somebody else keeps it and other
gateways speak with it too; either way the link is the same, and is made again whenever it broke. A segment is pulled:
the engine is told what was taken and when the listener runs dry, and works no further ahead than
``acoustic_engine.AHEAD_S``.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import math
import socket
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from ..interface import (
    EngineStatus,
    EngineUnavailable,
    NoSuchVoice,
    PcmChunk,
    SynthesisFailed,
    UnsupportedRequest,
    Voice,
    never,
)
from ..marking import marked
from ..processes.keeper import reached
from ..processes.link import Link
from ..rates import MODEL_SAMPLE_RATE_HZ
from .process.keeper import EngineKeeper
from .process.link import (
    SAMPLES,
    VOCABULARY,
    AskVoices,
    Cancel,
    Capacity,
    Failed,
    LimitReached,
    Loading,
    Pull,
    Ready,
    Sound,
    Speak,
    Unavailable,
    Voices,
)
from .release.model_facts import LANGUAGES
from .text.markup import FOUND, written
from .voices.folder_watch import FolderWatch

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence
    from pathlib import Path

    from ..interface import Segment, Style, StyleWish
    from ..phonemes import Alphabet
    from .process.link import FromEngine, VoiceFacts
    from .process.settings import EngineSettings

NAME: Final = "cosyvoice3"
# At least, between two links to engines: if each of them breaks at once, trying must not be all that a gateway does.
_RELINK_S: Final = 1.0
_FAULTS: Final = {"voice": NoSuchVoice, "text": UnsupportedRequest, "engine": SynthesisFailed}
_ALPHABETS: Final[frozenset[Alphabet]] = frozenset({"cmu", "pinyin"})
_OBEYS: Final[frozenset[StyleWish]] = frozenset({"instructions", "seed", "allow_markup"})


class CosyVoice3Synthesizer:
    """See the module, and ``interface.Synthesizer``.

    Args:
        settings: of the engine.
        address: of an engine that another process keeps (``EngineKeeper.address``); None: it keeps one of its own.
    """

    def __init__(self, settings: EngineSettings, address: Path | None = None) -> None:
        self._settings = settings
        self._keeper = EngineKeeper(settings) if address is None else None
        self._address = address  # of an engine of its own, once that was started
        self._status = EngineStatus(NAME, "loading", f"loading {settings.model_dir}")
        self._voices: tuple[Voice, ...] = ()
        self._watch = FolderWatch(settings.model_dir / "voices", self._files_changed)
        self._files: frozenset[str] = frozenset()  # voices whose files were there when the watch last told us
        self._files_asked: frozenset[str] = frozenset()  # ... and when the engine was last asked for its voices
        self._is_asked = False  # the engine was asked, and has not answered
        self._is_changed = False  # the folder, since the engine was last asked
        self._keys = itertools.count()
        self._utterances: dict[int, asyncio.Queue[Sound | Failed]] = {}
        self._link: Link | None = None  # set while an engine is up
        self._capacity_changed: Callable[[], None] = _nobody_watches
        self._linking: asyncio.Task[None] | None = None

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return MODEL_SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """How many contexts are kept in real time at once unless the operator says otherwise."""
        return self._settings.max_streams

    def voices(self) -> Sequence[Voice]:
        """List the voices. What the engine has not read yet is listed by its file's name.

        This does no I/O, because every new context asks. The watch tells of files that come and go.
        """
        return self._voices

    def status(self) -> EngineStatus:
        """Tell how the engine is."""
        return self._status

    def watch(self, changed: Callable[[], None]) -> None:
        """Have this called whenever the engine forecasts another number of contexts."""
        self._capacity_changed = changed

    async def start(self) -> None:
        """Start the engine, if it is this gateway's own, and wait until it can speak.

        Raises:
            EngineUnavailable: it cannot run here; the message says why.
        """
        if self._keeper is not None:
            try:
                await self._keeper.start()
            except EngineUnavailable as error:
                self._status = EngineStatus(NAME, "failed", str(error))
                raise
            self._address = self._keeper.address
        await self._watch.start()
        self._files = self._files_asked = self._watch.names
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._linking = asyncio.create_task(self._stay_linked(ready), name="cosyvoice3 link")
        await asyncio.wait((ready, self._linking), return_when=asyncio.FIRST_COMPLETED)
        if self._linking.done():
            self._linking.result()  # raises why it gave up

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = never
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment; see ``interface.Synthesizer``."""
        if not segment.spoken.strip():
            return
        if self._link is None:
            raise SynthesisFailed(f"the engine is {self._status.state}: {self._status.detail}")
        foreign = None if style.allow_markup else FOUND
        said, _ = marked(segment, written, foreign=foreign)
        key, link = next(self._keys), self._link
        messages = self._utterances[key] = asyncio.Queue()
        request = Speak(
            key=key,
            text=said.spoken,
            voice=style.voice,
            language=style.language,
            instructions=style.instructions,
            allow_markup=style.allow_markup or said is not segment,
            seed=_seed(segment, style),
            speed=style.speed,
            utterance=style.utterance,
            dry_in_s=_if_ahead(runs_dry_at()),
            notes=list(segment.begun),
        )
        link.send(request)
        is_last = False
        try:
            while not is_last:
                message = await messages.get()
                if isinstance(message, Failed):
                    raise _FAULTS[message.fault](message.message)
                pcm = np.frombuffer(message.tail, SAMPLES)
                is_last = message.is_last
                yield PcmChunk(pcm, stages_ms=message.stages, note=message.note)
                if not is_last:
                    dry_at = runs_dry_at()
                    dry_in_s = None if dry_at == math.inf else dry_at - time.monotonic()
                    link.send(Pull(key, len(pcm), dry_in_s))
        finally:
            del self._utterances[key]
            if not is_last:
                link.send(Cancel(key))

    async def close(self) -> None:
        """Hang up, and stop the engine if it is this gateway's own; idempotent."""
        self._watch.close()
        if self._linking is not None:
            self._linking.cancel()
            await asyncio.wait((self._linking,))
            self._linking = None
        if self._keeper is not None:
            await self._keeper.close()

    async def _stay_linked(self, ready: asyncio.Future[None]) -> None:
        """Speak with one engine after another: whenever one hangs up, the next is waited for at the same address.

        Raises:
            EngineUnavailable: no keeper keeps an engine there.
        """
        loop = asyncio.get_running_loop()
        while True:
            linked_at = loop.time()
            end = socket.socket(socket.AF_UNIX)
            end.setblocking(False)
            try:
                await loop.sock_connect(end, str(self._address))
            except BaseException as error:
                end.close()
                if not isinstance(error, OSError):
                    raise
                if ready.done():
                    return  # its keeper is gone, and its supervisor ends this gateway too
                raise EngineUnavailable(f"there is no engine to speak with: {error}") from error
            await self._until_hung_up(end, ready)
            await reached(linked_at + _RELINK_S)

    async def _until_hung_up(self, end: socket.socket, ready: asyncio.Future[None]) -> None:
        """Take what one engine says until it hangs up, and fail what it owed then."""
        reason = "its process ended"

        def received(message: FromEngine) -> None:
            nonlocal reason
            match message:
                case Loading():
                    self._note_loading(message.predecessor)
                case Ready():
                    self._link = link
                    self._take_voices(message.voices)
                    self._note_memory(message.gpu_memory_bytes)
                    if not ready.done():
                        ready.set_result(None)
                case Voices():
                    self._take_voices(message.voices)
                case Capacity():
                    self._note_capacity(message)
                case LimitReached():
                    self._status = replace(self._status, speeches_cut=self._status.speeches_cut + 1)
                case Unavailable():
                    reason = message.message
                    hung_up.set()
                case _:
                    self._hand_out(message)

        hung_up = asyncio.Event()
        link = Link(end, VOCABULARY, received, hung_up.set)
        try:
            await hung_up.wait()
        finally:
            self._link = None
            self._status = EngineStatus(NAME, "failed", reason, speeches_cut=self._status.speeches_cut)
            self._fail_all(reason)
            link.close()

    def _hand_out(self, message: Sound | Failed) -> None:
        if isinstance(message, Sound) and message.is_last:
            self._note_memory(message.gpu_memory_bytes)
        messages = self._utterances.get(message.key)
        if messages is not None:  # else it was cancelled meanwhile
            messages.put_nowait(message)

    def _fail_all(self, reason: str) -> None:
        for key, messages in self._utterances.items():
            messages.put_nowait(Failed(key, "engine", f"the engine died: {reason}"))

    def _take_voices(self, voices: list[VoiceFacts]) -> None:
        self._is_asked = False
        self._voices = tuple(_voice(name, description, languages) for name, description, languages in voices)
        self._foresee_voices(self._files_asked)  # what came or went while the engine read, or while there was none
        self._ask_for_changed_voices()

    def _files_changed(self, files: frozenset[str]) -> None:
        """A file came, went or was replaced."""
        before, self._files = self._files, files
        self._is_changed = True
        self._foresee_voices(before)
        self._ask_for_changed_voices()

    def _ask_for_changed_voices(self) -> None:
        """Have the engine read its folder. One that has not answered is asked again once it has: if it hangs, once."""
        if self._is_changed and not self._is_asked and self._link is not None:
            self._is_asked, self._is_changed, self._files_asked = True, False, self._files
            self._link.send(AskVoices())

    def _foresee_voices(self, before: frozenset[str]) -> None:
        """List files that came since then, and no longer those that went, until the engine has read them."""
        gone = before - self._files
        kept = tuple(voice for voice in self._voices if voice.name not in gone)
        new = self._files - before - {voice.name for voice in kept}
        self._voices = kept + tuple(_voice(name, "", ()) for name in sorted(new))

    def _note_loading(self, predecessor: str) -> None:
        detail = f"starting again; it had ended: {predecessor}" if predecessor else self._status.detail
        self._status = EngineStatus(NAME, "loading", detail, speeches_cut=self._status.speeches_cut)

    def _note_memory(self, gpu_memory_bytes: int | None) -> None:
        self._status = replace(
            self._status, state="ready", detail=self._settings.model_dir.name, gpu_memory_bytes=gpu_memory_bytes
        )

    def _note_capacity(self, capacity: Capacity) -> None:
        self._status = replace(
            self._status, sustainable_requests=capacity.requests, pressure=capacity.pressure.replace("_", " ")
        )
        self._capacity_changed()


def _voice(name: str, description: str, recorded: Sequence[str]) -> Voice:
    """Describe a voice: it speaks the language of its recording, and the model's other languages with its accent."""
    languages = tuple(dict.fromkeys((*recorded, *LANGUAGES)))
    return Voice(name, description, languages, _OBEYS, alphabets=_ALPHABETS)


def _seed(segment: Segment, style: Style) -> int | None:
    """Tell the seed of a segment. If the client gives none, it follows from the context, which is named uniquely.

    So another engine that goes on with a segment (``workers``) samples the same speech tokens, as long as its sums
    round alike. Those that the first one handed over (``process/handover.py``) do not depend on that.
    """
    if style.seed is not None or style.utterance is None:
        return style.seed
    named = f"{style.utterance} {segment.index} {segment.spoken}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(named, digest_size=8).digest())


def _if_ahead(dry_at: float) -> float | None:
    """Tell how soon a listener runs dry; None if it already has, or does not listen in real time."""
    now = time.monotonic()
    return dry_at - now if now < dry_at < math.inf else None


def _nobody_watches() -> None:
    pass
