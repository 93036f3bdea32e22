"""Passes over the network as CUDA graphs: captured once for each size, replayed with other inputs.

All that a pass reads is one array of integers, which is copied to the device before it; all that the host learns is one
array of ids, copied back. On a CPU, where tests run it, the same passes run without graphs.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np
import torch

from .batch import MOST_BEGUN_AT_ONCE
from .rows import Rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt
    from torch import Tensor

    from .batch import Request
    from .rows import RowNetwork

DECODE_SIZES: Final = (1, 2, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512, 768, 1024)
PROMPT_SIZES: Final = (32, 64, 128, 192, 256, 384, 512, 768, 1024, 1536, 2048)
MOST_PROMPT_ROWS: Final = PROMPT_SIZES[-1]
_WARM_UPS: Final = 2  # the first launch compiles and picks algorithms, which a capture must not do


class _Inputs:
    """Arrays of integers that lie behind each other, on the host and on the device."""

    def __init__(self, device: torch.device, **shapes: tuple[int, ...]) -> None:
        sizes = {name: int(np.prod(shape)) for name, shape in shapes.items()}
        total = sum(map(_aligned, sizes.values()))
        host = torch.zeros(total, dtype=torch.int32)
        self._host = host.pin_memory() if device.type == "cuda" else host
        self._device = torch.zeros(total, dtype=torch.int32, device=device)
        self.host: dict[str, npt.NDArray[np.int32]] = {}
        self.device: dict[str, Tensor] = {}
        at = 0
        for name, shape in shapes.items():
            end = at + sizes[name]
            self.host[name] = self._host[at:end].view(shape).numpy()
            self.device[name] = self._device[at:end].view(shape)
            at += _aligned(sizes[name])

    def upload(self) -> None:
        """Copy them to the device, without waiting."""
        self._device.copy_(self._host, non_blocking=True)


class Steps:
    """Reads prompts and samples ids, for a network that this owns.

    Args:
        network: the weights.
        at_once: tokens that a decoding pass samples for each request.
        most: requests that may run at once.

    Attributes:
        carried: requests in the last decoding pass.
    """

    def __init__(self, network: RowNetwork, at_once: int, most: int) -> None:
        self._network = network
        self._at_once = at_once
        self.carried = 0
        self._device = network.device
        self._pages = -(-network.positions // network.page)
        largest = DECODE_SIZES[min(bisect_left(DECODE_SIZES, most), len(DECODE_SIZES) - 1)]
        self._decode_sizes = tuple(size for size in DECODE_SIZES if size <= largest)
        shape = (at_once + 1, max(largest, MOST_BEGUN_AT_ONCE))
        told = torch.zeros(shape, dtype=torch.int32)
        self._told = told.pin_memory() if self._device.type == "cuda" else told
        self._told_there = torch.zeros(shape, dtype=torch.int32, device=self._device)
        self._pool = torch.cuda.graph_pool_handle() if self._device.type == "cuda" else None
        self._kept: list[Callable[[], None]] = []
        self._decodes: dict[int, tuple[_Inputs, Callable[[], None]]] = {}
        self._prompts: dict[int, tuple[_Inputs, Callable[[], None]]] = {}

    @property
    def most(self) -> int:
        """How many requests one decoding pass can carry."""
        return self._decode_sizes[-1]

    def capture(self) -> None:
        """Make all graphs, the largest first, whose memory serves the others."""
        for size in reversed(self._decode_sizes):
            self._decodes[size] = self._decoding(size)
        for size in reversed(PROMPT_SIZES):
            self._prompts[size] = self._prompting(size)

    def begin(self, requests: Sequence[Request], tables: npt.NDArray[np.int32]) -> None:
        """Read the prompts of requests and sample the first id of each; ``results`` gives them as row 0.

        Several prompts must fit into MOST_PROMPT_ROWS; one by itself may be longer.
        """
        network = self._network
        for request in requests:
            wishes = np.array([request.seed, request.min_tokens, request.is_greedy], np.int64)
            network.ids[request.slot, : len(request.prompt)] = _uploaded(request.prompt, self._device)
            network.wishes[request.slot] = _uploaded(wishes, self._device)
            network.prompt_lengths[request.slot] = len(request.prompt) - request.begun
        request_of = np.concatenate([np.full(len(each.prompt), index) for index, each in enumerate(requests)])
        position_of = np.concatenate([np.arange(len(each.prompt)) for each in requests])
        ends = np.cumsum([len(each.prompt) for each in requests]) - 1
        for first in range(0, len(request_of), MOST_PROMPT_ROWS):
            piece = slice(first, first + MOST_PROMPT_ROWS)
            self._read(requests, tables, request_of[piece], position_of[piece], ends - first)

    def _read(
        self,
        requests: Sequence[Request],
        tables: npt.NDArray[np.int32],
        request_of: npt.NDArray[np.int64],
        position_of: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
    ) -> None:
        count = len(request_of)
        inputs, run = self._of(self._prompts, self._prompting, PROMPT_SIZES[bisect_left(PROMPT_SIZES, count)])
        host = inputs.host
        for each in host.values():
            each[:] = 0
        host["request"][:count], host["position"][:count] = request_of, position_of
        host["request"][count:] = MOST_BEGUN_AT_ONCE  # the one of slot 0
        for index, request in enumerate(requests):
            host["slots"][index] = request.slot
            host["plan"][index] = tables[request.slot]
            if ends[index] < count:  # else it is longer, and a later piece samples for it
                host["sampling"][index] = request.slot
                host["scored"][index] = ends[index]
                host["lengths"][index] = len(request.prompt)
        inputs.upload()
        run()

    def decode(self, requests: Sequence[Request], lengths: Sequence[int], tables: npt.NDArray[np.int32]) -> None:
        """Sample the next ids of requests, which have so many ids now; ``results`` gives them as rows 1 and on."""
        count = self.carried = len(requests)
        size = self._decode_sizes[bisect_left(self._decode_sizes, count)]
        inputs, run = self._of(self._decodes, self._decoding, size)
        host = inputs.host
        slots = np.fromiter((each.slot for each in requests), np.int32, count)
        host["slots"][:count], host["slots"][count:] = slots, 0
        host["lengths"][:count], host["lengths"][count:] = lengths, 1
        host["position"][:] = host["lengths"] - 1
        host["plan"][:count], host["plan"][count:] = tables[slots], 0
        inputs.upload()
        run()

    def results(self) -> npt.NDArray[np.int32]:
        """Wait for what was begun and decoded since the last call: (1 + ids at once, requests)."""
        self._told.copy_(self._told_there, non_blocking=True)
        if self._device.type == "cuda":
            done = torch.cuda.Event(blocking=True)  # type: ignore[no-untyped-call] # torch's
            done.record()
            done.synchronize()
        return self._told.numpy()

    def _of(
        self,
        made: dict[int, tuple[_Inputs, Callable[[], None]]],
        make: Callable[[int], tuple[_Inputs, Callable[[], None]]],
        size: int,
    ) -> tuple[_Inputs, Callable[[], None]]:
        if size not in made:  # on a CPU, which captures nothing ahead
            made[size] = make(size)
        return made[size]

    def _decoding(self, size: int) -> tuple[_Inputs, Callable[[], None]]:
        inputs = _Inputs(self._device, slots=(size,), position=(size,), lengths=(size,), plan=(size, self._pages))
        given = inputs.device
        own = torch.arange(size, dtype=torch.int32, device=self._device)
        rows = Rows(given["slots"], given["plan"], own, given["position"])
        inputs.host["lengths"][:] = 1

        def sample(step: int) -> None:
            logits = self._network.logits(rows)
            told = self._told_there[1 + step]
            self._network.sample(logits, given["slots"], given["lengths"], given["position"], told)

        # A graph for each id, launched in a row: the first begins while the others are still being launched.
        parts = [self._captured(inputs, partial(sample, step)) for step in range(self._at_once)]

        def run() -> None:
            for part in parts:
                part()

        return inputs, run

    def _prompting(self, size: int) -> tuple[_Inputs, Callable[[], None]]:
        most = MOST_BEGUN_AT_ONCE
        inputs = _Inputs(
            self._device,
            request=(size,),
            position=(size,),
            slots=(most + 1,),
            plan=(most + 1, self._pages),
            sampling=(most,),
            scored=(most,),
            lengths=(most,),
        )
        given = inputs.device
        rows = Rows(given["slots"], given["plan"], given["request"], given["position"])
        read_next = torch.zeros(most, dtype=torch.int32, device=self._device)  # of no use: a decoding pass is told

        def run() -> None:
            logits = self._network.logits(rows, given["scored"])
            self._network.sample(logits, given["sampling"], given["lengths"], read_next, self._told_there[0])

        return inputs, self._captured(inputs, run)

    def _captured(self, inputs: _Inputs, run: Callable[[], None]) -> Callable[[], None]:
        if self._device.type != "cuda":
            return run
        stream = torch.cuda.current_stream()
        for _ in range(_WARM_UPS):
            inputs.upload()
            run()
        stream.synchronize()
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self._pool, stream=stream):
            run()
        self._kept.append(run)  # with all arrays that the graph reads and nobody else holds
        return graph.replay


def _aligned(count: int) -> int:
    """Fill up to 16 bytes: kernels are compiled anew for arrays that begin elsewhere."""
    return -(-count // 4) * 4


def _uploaded(array: npt.NDArray[np.generic], device: torch.device) -> Tensor:
    tensor = torch.from_numpy(array)
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor
