"""Language model and acoustic model side by side on one GPU, by NVIDIA's Multi-Process Service; engines load in turn.

A GPU runs processes in turns: while one is at work the other waits, even if the first cannot fill the GPU, as the
language model with its small kernels never can. Under the service both run at once. Without shares the service would
make the language model wait longer than turns did, because the flow's kernels fill the GPU. So the acoustic model gets
a share of the multiprocessors, and the rest are always free for the language model (docs/PERFORMANCE.md).

Use it only on a GPU that no other program uses: a process outside of the service still takes turns with all inside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import torch

from ...interface import EngineUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from ..flow.dit import Linear

log = logging.getLogger(__name__)

# The share of the multiprocessors, in percent, that the acoustic model may take. Measured on an H200: 13 are left for
# the language model, enough for its small kernels, and the flow is hardly slower.
ACOUSTIC_SHARE: Final = 90
# With some shares cuBLAS computes wrong products and reports no error: with 60, 70, 75, 80 and 85 % on an H200 (torch
# 2.11, CUDA 13.0), and none with 50, 90, 95 and 100. So products are compared before any listener hears them. bfloat16
# rounds off 0.003 of a product; the wrong ones were off by 0.1 or more, or infinite.
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


@contextlib.asynccontextmanager
async def turn_to_load(gpu: str) -> AsyncIterator[None]:
    """Let one engine of a GPU load at a time; enter before its free memory is looked at.

    An engine counts as its own what the GPU's free memory loses while it loads, and vLLM gives up if that changes under
    it. The turn of a process that dies is over. Engines of other users and of other containers are not waited for.

    Args:
        gpu: which one, in a form that is the same in every process.
    """
    path = Path(tempfile.gettempdir(), f"sayline-{os.getuid()}-{gpu}.loading")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            log.info("another engine loads on this GPU; this one loads after it")
            await asyncio.to_thread(fcntl.flock, descriptor, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(descriptor, fcntl.LOCK_UN)  # whoever was forked meanwhile has the file open, too
    finally:
        os.close(descriptor)


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
    """Compare products as the flow will compute them with the same products in float32.

    Raises:
        EngineUnavailable: a product is wrong.
    """
    generator = torch.Generator().manual_seed(0)
    counts = tuple(row_counts)
    for matrix in matrices:
        out, width = matrix.weight.shape
        x = torch.randn(max(counts), width, generator=generator).to(matrix.weight.device, matrix.weight.dtype)
        exact = torch.nn.functional.linear(x.float(), matrix.weight.float(), matrix.bias.float())
        for rows in counts:
            error = float((matrix(x[:rows]).float() - exact[:rows]).norm() / exact[:rows].norm())
            if not error <= MOST_ERROR:  # also if it is no number
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
