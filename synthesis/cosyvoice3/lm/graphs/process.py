"""The language model's process: takes requests, reads their prompts, and samples until each has ended.

One thread does all of it. Between two passes it takes what has come; a pass samples a few ids for each request, so a
new one waits for as long as that takes, a few milliseconds. A pass costs nearly the same for one request as for sixty.
So all requests take part in each, and while nobody waits for it, it rests between them (``lm/token_pacing.py``). The
process ends with the link.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import logging
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch

from ....interface import EngineUnavailable
from ....processes.child import take_leash
from ....processes.link import Link
from ...release.checkpoint import BadCheckpoint
from ...release.dimensions import ModelDimensions
from ...release.variant import file_of
from ..network import FILE_NAME
from ..speech_tokens import MAX_POSITIONS
from ..token_pacing import PassRest, TokenPacing
from .batch import Batch, Request
from .link import IDS, VOCABULARY, AskLife, Begin, Cancel, Lives, Ready, Unavailable, write_sampled
from .rows import PAGE, RowNetwork
from .steps import MOST_PROMPT_ROWS, Steps

if TYPE_CHECKING:
    import socket

    from ..checkpoint import Precision

log = logging.getLogger(__name__)

# Tokens that a pass samples for each request. A first hop of 10 takes 13 tokens, which are 1 + 4 * 3; a first hop of 25
# takes 28, which are 1 + 9 * 3. With more, a new request would wait longer.
TOKENS_AT_ONCE: Final = 3
# For CUDA's own context, work space, and what graphs and libraries take when they are captured.
_HELD_BACK_BYTES: Final = 3 << 29
_CPU_PAGES: Final = 2 * MAX_POSITIONS // PAGE + 1  # for tests: two requests of full length
_LOOK_AGAIN_S: Final = 0.001  # while it stands back


@dataclass(frozen=True, slots=True)
class Settings:
    """What the process is told; fields as of ``GraphRunner``."""

    model_dir: str
    variant: str | None
    precision: Precision
    memory_bytes: int
    max_streams: int

    def to_json(self) -> str:
        """Write them for the command line."""
        return json.dumps(asdict(self))


class SpeechTokens:
    """All requests, and the passes that serve them.

    Args:
        batch: whose turn it is.
        steps: the passes.
    """

    def __init__(self, batch: Batch, steps: Steps) -> None:
        self._batch = batch
        self._steps = steps
        self._pacing = TokenPacing()
        self._rest = PassRest()
        self._has_work = asyncio.Event()
        self.link: Link  # set before the first message can come

    def obey(self, message: Any) -> None:  # noqa: ANN401 - one of the vocabulary's
        """Take a message of the engine's process."""
        match message:
            case Begin(key, min_tokens, max_tokens, seed, is_greedy, awaited, begun, tail):
                prompt = np.frombuffer(tail, IDS)
                self._batch.add(Request(key, prompt, min_tokens, max_tokens, seed, is_greedy, awaited, begun))
                self._has_work.set()
            case Cancel(key):
                self._batch.cancel(key)
            case AskLife():
                self.link.send(Lives())

    async def run(self) -> None:
        """Serve for ever."""
        while True:
            if self._batch.is_idle:
                self._has_work.clear()
                await self._has_work.wait()
            await asyncio.sleep(0)  # takes what has come, and sends what was sampled
            now = time.monotonic()
            wait_s = self._wait_s(now)
            if wait_s > 0:
                self._has_work.clear()
                with contextlib.suppress(TimeoutError):  # a new request is looked at at once
                    async with asyncio.timeout(wait_s):
                        await self._has_work.wait()
                continue
            self._pass()
            self._rest.passed(now, time.monotonic())

    def _wait_s(self, now: float) -> float:
        """Tell how long the next pass should wait, as far as is known; not at all if it should not."""
        rest_s = self._rest.over_at(self._batch.progress(with_waiting=True)) - now
        if rest_s > 0 or self._batch.has_waiting:
            return rest_s
        return _LOOK_AGAIN_S if self._pacing.stands_back(self._batch.progress(), now) else 0.0

    def _pass(self) -> None:
        begun = self._batch.begin(MOST_PROMPT_ROWS)
        if begun:
            self._steps.begin(begun, self._batch.tables)
        running = self._batch.running
        if not running:
            return
        is_new = {id(each) for each in begun}
        lengths = [each.length + (id(each) in is_new) for each in running]
        self._steps.decode(running, lengths, self._batch.tables)
        ids = self._steps.results()
        first = {id(each): int(ids[0, index]) for index, each in enumerate(begun)}
        told = []
        for index, each in enumerate(running):
            sampled = ids[1:, index].tolist()
            told.append(self._batch.take(each, [first[id(each)], *sampled] if id(each) in first else sampled))
        self.link.send(write_sampled(told))


def load(settings: Settings) -> SpeechTokens:
    """Load the weights and capture all passes.

    Raises:
        EngineUnavailable: there is too little memory.
        BadCheckpoint: see ``RowNetwork.load``.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    model_dir = Path(settings.model_dir)
    dims = ModelDimensions.read(model_dir, settings.variant).lm
    positions = min(MAX_POSITIONS, dims.max_positions)
    slots = settings.max_streams + 1
    pages = _CPU_PAGES
    if device.type == "cuda":
        torch.cuda.set_stream(torch.cuda.Stream(priority=-1))  # type: ignore[no-untyped-call] # torch's
        weights = 2 * dims.text_rows * dims.hidden + 2 * dims.layers * dims.hidden * (
            3 * dims.intermediate + 3 * dims.hidden
        )
        left = settings.memory_bytes - weights - _HELD_BACK_BYTES
        pages = left // RowNetwork.page_bytes(dims, settings.precision)
        if pages * PAGE < positions:
            raise EngineUnavailable("the speech-token engine has too little memory: raise gpu_memory_utilization")
    network = RowNetwork.load(
        file_of(model_dir, FILE_NAME, settings.variant),
        dims,
        settings.precision,
        device,
        pages=pages,
        slots=slots,
        positions=positions + PAGE,  # what is sampled in vain when a speech ends needs room too
    )
    steps = Steps(network, TOKENS_AT_ONCE, settings.max_streams)
    if device.type == "cuda":
        steps.capture()
    batch = Batch(
        slots=min(slots, steps.most + 1),
        pages=pages,
        page=PAGE,
        positions=network.positions,
        at_once=TOKENS_AT_ONCE,
    )
    return SpeechTokens(batch, steps)


async def serve(settings: Settings, leash: socket.socket) -> None:
    """Serve the engine's process until it hangs up."""
    gone = asyncio.Event()
    with torch.inference_mode():
        try:
            model = load(settings)
        except (EngineUnavailable, BadCheckpoint, OSError, RuntimeError) as error:
            link = Link(leash, VOCABULARY, lambda _: None, gone.set)
            link.send(Unavailable(str(error)))
            await gone.wait()
            return
        gc.collect()
        gc.freeze()  # what loading made stays, and is looked through no more
        model.link = Link(leash, VOCABULARY, model.obey, gone.set)
        model.link.send(Ready())
        async with asyncio.TaskGroup() as tasks:
            serving = tasks.create_task(model.run())
            ending = tasks.create_task(gone.wait())
            await asyncio.wait((serving, ending), return_when=asyncio.FIRST_COMPLETED)
            serving.cancel()
            ending.cancel()


def main() -> None:
    """Run the process; its argument: the settings."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    torch.set_num_threads(1)
    torch.backends.cuda.matmul.allow_tf32 = False  # the head's product is exact
    asyncio.run(serve(Settings(**json.loads(sys.argv[1])), take_leash()))


if __name__ == "__main__":
    main()
