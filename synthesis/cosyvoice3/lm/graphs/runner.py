"""The engine's side of the language model's process; see ``SpeechTokenRunner``."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ....interface import EngineUnavailable, SynthesisFailed
from ....processes.child import Child
from ....processes.link import Link
from ..speech_tokens import MAX_POSITIONS
from .link import IDS, VOCABULARY, AskLife, Begin, Cancel, Lives, Ready, Sampled, Unavailable, read_sampled
from .process import Settings

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path

    from ...release.dimensions import LmDimensions
    from ..checkpoint import Precision
    from ..speech_tokens import TokenRequest

_MODULE: Final = "sayline.synthesis.cosyvoice3.lm.graphs.process"
_GRACE_S: Final = 2.0  # in which the process may end by itself


class GraphRunner:
    """Runs the language model in a process of its own, as CUDA graphs.

    Args:
        model_dir: the release's directory.
        dims: its language model's sizes.
        variant: see ``release/variant.py``.
        precision: in which weights and keys are kept.
        memory_bytes: how much of the GPU's memory it may take.
        max_streams: how many requests run at once; more wait.
    """

    def __init__(
        self,
        model_dir: Path,
        dims: LmDimensions,
        *,
        variant: str | None = None,
        precision: Precision = "bfloat16",
        memory_bytes: int = 0,
        max_streams: int = 4,
    ) -> None:
        self._settings = Settings(str(model_dir), variant, precision, memory_bytes, max_streams)
        self._max_positions = min(MAX_POSITIONS, dims.max_positions)
        self._child: Child | None = None
        self._link: Link | None = None
        self._keys = itertools.count()
        self._streams: dict[int, asyncio.Queue[tuple[list[int], bool] | None]] = {}  # None: the process is gone
        self._lives: list[asyncio.Future[None]] = []

    @property
    def process_id(self) -> int | None:
        """The process's id, while there is one."""
        return self._child.pid if self._child else None

    async def start(self) -> None:
        """Start the process; returns once it has loaded the weights and captured its passes."""
        await self.close()
        self._gone = asyncio.Event()
        self._ready: asyncio.Future[str] = asyncio.get_running_loop().create_future()  # why it is not; empty if it is
        command = [sys.executable, "-m", _MODULE, self._settings.to_json()]
        self._child = await asyncio.to_thread(Child, command)
        self._link = Link(self._child.socket, VOCABULARY, self._obey, self._lost)
        fault = await self._ready
        if fault:
            await self.close()
            raise EngineUnavailable(f"the speech-token engine did not start: {fault}")

    async def generate(self, request: TokenRequest) -> AsyncGenerator[list[int], None]:
        """Yield speech codes as they are sampled; see ``SpeechTokenRunner.generate``."""
        if self._link is None:
            raise EngineUnavailable("the speech-token engine is not started")
        if self._gone.is_set():
            raise SynthesisFailed("the speech-token engine died")
        key, queue = next(self._keys), asyncio.Queue[tuple[list[int], bool] | None]()
        most = request.limited_to(self._max_positions)
        seed = int(np.array([request.seed_bits()], np.uint64).view(np.int64)[0])
        prompt, begun = np.array(request.ids, IDS).tobytes(), len(request.begun)
        self._streams[key] = queue
        link = self._link
        link.send(Begin(key, request.min_tokens, most, seed, request.is_greedy, request.awaited_tokens, begun, prompt))
        is_last = False
        try:
            while not is_last:
                told = await queue.get()
                if told is None:
                    is_last = True
                    raise SynthesisFailed("the speech-token engine died")
                ids, is_last = told
                if ids:
                    yield ids
        finally:
            del self._streams[key]
            if not is_last:
                link.send(Cancel(key))

    async def answer(self) -> None:
        """Return when the process has come round to this call; see ``SpeechTokenRunner.answer``."""
        if self._link is None or self._gone.is_set():
            return  # ``wait_until_dead`` tells
        came: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lives.append(came)
        self._link.send(AskLife())
        await came

    async def wait_until_dead(self) -> str:
        """Return once the process is gone; see ``SpeechTokenRunner.wait_until_dead``."""
        await self._gone.wait()
        return "the speech-token engine died"

    async def close(self) -> None:
        """End the process; requests that are still running fail."""
        child, self._child = self._child, None
        link, self._link = self._link, None
        if link is not None:
            link.close()
            self._lost()
        if child is not None:
            await child.end(_GRACE_S)

    def _obey(self, message: Any) -> None:  # noqa: ANN401 - one of the vocabulary's
        match message:
            case Sampled(tail):
                for key, is_last, ids in read_sampled(tail):
                    if (queue := self._streams.get(key)) is not None:  # else it was cancelled meanwhile
                        queue.put_nowait((ids, is_last))
            case Lives():
                self._settle_lives()
            case Ready():
                self._ready.set_result("")
            case Unavailable(fault):
                self._ready.set_result(fault)

    def _lost(self) -> None:
        self._gone.set()
        with contextlib.suppress(asyncio.InvalidStateError):
            self._ready.set_result("it ended while it loaded")
        for queue in self._streams.values():
            queue.put_nowait(None)
        self._settle_lives()

    def _settle_lives(self) -> None:
        lives, self._lives = self._lives, []
        for each in lives:
            if not each.done():
                each.set_result(None)
