"""Language model and acoustic model beside each other on one GPU, by NVIDIA's Multi-Process Service.

A GPU takes processes in turns: while one is at work the other waits, however little of the GPU the first can fill, as
the language model with its small kernels never does. Under the service both run at once. Left to itself it would keep
the language model waiting for longer than turns did, since the flow's kernels fill the GPU; so the acoustic model gets
a share of the multiprocessors, and the rest are always free for the other (docs/PERFORMANCE.md).

Only for a GPU that is ours alone: whoever is outside of the service still takes turns with all inside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import torch

from ...interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from ..flow.dit import Linear

# Of the multiprocessors, in percent, that the acoustic model may take. By measurement on an H200: 13 are left for the
# language model, enough for its small kernels, and the flow hardly notices.
ACOUSTIC_SHARE: Final = 90
# With some shares cuBLAS computes wrong products, without an error: with 60, 70, 75, 80 and 85 % on an H200 (torch
# 2.11, CUDA 13.0), and none with 50, 90, 95 and 100. So products are compared before anybody listens to them. What
# bfloat16 rounds is 0.003 of a product; what was wrong was off by 0.1 or more, or infinite.
MOST_ERROR: Final = 0.02

_PROGRAM: Final = "nvidia-cuda-mps-control"
_UP: Final = b"binary version"  # the last of what it says when it listens
_TOLD: Final = b"Cmd:quit"  # and what when it was told to end
_SHARE: Final = "CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"
_DEVICES: Final = "CUDA_VISIBLE_DEVICES"


@contextlib.asynccontextmanager
async def multi_process_service() -> AsyncIterator[None]:
    """Run the service for this process and what it starts; enter before anything here uses the GPU.

    It ends once the last process that uses it has, so leaving only tells it to: this process still does.

    Raises:
        EngineUnavailable: it cannot run here.
    """
    with (
        tempfile.TemporaryDirectory(prefix="sayline-mps-", ignore_cleanup_errors=True) as folder,
        await asyncio.to_thread(_start, folder) as said,
    ):
        try:
            yield
        finally:
            await asyncio.to_thread(_tell_to_end, folder, said)


def take_share() -> None:
    """Take the acoustic model's share of the GPU for this process; what it starts from here on may take all of it.

    Raises:
        EngineUnavailable: there is no GPU.
    """
    os.environ[_SHARE] = str(ACOUSTIC_SHARE)
    if not torch.cuda.is_available():
        raise EngineUnavailable("the setting mps needs a GPU")
    torch.cuda.mem_get_info()  # makes CUDA's context, whose share is settled with it
    os.environ[_SHARE] = "100"


def check_products(matrices: Iterable[Linear], row_counts: Iterable[int]) -> None:
    """Compare products as the flow will compute them with the same in float32.

    Raises:
        EngineUnavailable: one is wrong.
    """
    generator = torch.Generator().manual_seed(0)
    counts = tuple(row_counts)
    for matrix in matrices:
        out, width = matrix.weight.shape
        x = torch.randn(max(counts), width, generator=generator).to(matrix.weight.device, matrix.weight.dtype)
        exact = torch.nn.functional.linear(x.float(), matrix.weight.float(), matrix.bias.float())
        for rows in counts:
            error = float((matrix(x[:rows]).float() - exact[:rows]).norm() / exact[:rows].norm())
            if not error <= MOST_ERROR:  # nor where it is no number
                raise EngineUnavailable(
                    f"with {ACOUSTIC_SHARE} % of this GPU's multiprocessors a product of {rows} x {width} by {out} is "
                    f"off by {error:.1e}: turn the setting mps off"
                )


def _start(folder: str) -> BinaryIO:
    """Start the service and wait until it listens; returns what it says."""
    # It serves the one GPU that is ours, which is then the first for all who use it.
    device = os.environ.get(_DEVICES, "0").split(",")[0]
    os.environ |= {"CUDA_MPS_PIPE_DIRECTORY": folder, "CUDA_MPS_LOG_DIRECTORY": folder, _DEVICES: device}
    reading, writing = os.pipe()
    said = os.fdopen(reading, "rb")
    try:
        with os.fdopen(writing, "wb") as saying, Path(os.devnull).open("rb") as nothing:
            _spawn("-f", stdin=nothing, stdout=saying)
        _read_until(_UP, said)
    except BaseException as error:
        said.close()
        if isinstance(error, OSError):
            raise EngineUnavailable(f"the setting mps needs NVIDIA's {_PROGRAM}: {error}") from error
        raise
    os.environ[_DEVICES] = "0"
    return said


def _tell_to_end(folder: str, said: BinaryIO) -> None:
    with Path(folder, "commands").open("w+b") as commands, Path(os.devnull).open("wb") as nothing:
        commands.write(b"quit\n")
        commands.seek(0)
        _spawn(stdin=commands, stdout=nothing)
    with contextlib.suppress(EngineUnavailable):  # it has ended already
        _read_until(_TOLD, said)


def _spawn(*arguments: str, stdin: BinaryIO, stdout: BinaryIO) -> None:
    """Start the service's program; it is not waited for, since it ends after us."""
    files = [(os.POSIX_SPAWN_DUP2, stdin.fileno(), 0), *((os.POSIX_SPAWN_DUP2, stdout.fileno(), end) for end in (1, 2))]
    os.posix_spawnp(_PROGRAM, [_PROGRAM, *arguments], os.environ, file_actions=files)


def _read_until(word: bytes, said: BinaryIO) -> None:
    last = b""
    for line in said:
        if word in line:
            return
        last = line
    raise EngineUnavailable(f"{_PROGRAM} ended: {last.decode(errors='replace').strip()}")
