"""The server that a benchmark measures: a process of its own, and a meter on what it uses."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psutil  # type: ignore[import-untyped] # it ships no annotations

from ...errors import GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

_ADDRESS: Final = re.compile(rb"listening on (\S+)")
_START_TIMEOUT_S: Final = 300.0  # vLLM takes a minute to load and capture, on a cold machine several
_STOP_TIMEOUT_S: Final = 10.0


class ServerDied(GatewayError):
    """The server under test did not start, or ended before it was told to."""


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process tree has used up to one moment.

    Attributes:
        at: ``time.perf_counter``.
        cpu_s: user and system time.
        rss_bytes: resident memory.
    """

    at: float
    cpu_s: float
    rss_bytes: int


class Meter:
    """Reads what a process and its children use."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)

    def read(self) -> Usage:
        """Read it now; a process that has gone counts as nothing."""
        cpu_s = 0.0
        rss_bytes = 0
        with contextlib.suppress(psutil.NoSuchProcess):
            for process in (self._process, *self._process.children(recursive=True)):
                with contextlib.suppress(psutil.NoSuchProcess), process.oneshot():
                    times = process.cpu_times()
                    cpu_s += times.user + times.system
                    rss_bytes += process.memory_info().rss
        return Usage(time.perf_counter(), cpu_s, rss_bytes)


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server process that listens.

    Attributes:
        url: where.
        meter: what it uses.
    """

    url: str
    meter: Meter


@contextlib.asynccontextmanager
async def server_process(command: Sequence[str]) -> AsyncIterator[RunningServer]:
    """Run a server that prints ``listening on URL``, until the block is left.

    Raises:
        ServerDied: it did not start, or it ended inside the block.
    """
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    try:
        try:
            async with asyncio.timeout(_START_TIMEOUT_S):
                url = await _address(process)
        except TimeoutError:
            raise ServerDied(f"the server did not listen within {_START_TIMEOUT_S:g} s") from None
        yield RunningServer(url, Meter(process.pid))
        if process.returncode is not None:
            raise ServerDied(f"the server ended with status {process.returncode} during the measurement")
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(_STOP_TIMEOUT_S):
                await process.communicate()
        except TimeoutError:
            process.kill()
            await process.communicate()


def gateway_command(flags: Sequence[str]) -> list[str]:
    """Write the command that starts a gateway of this very installation on a free port."""
    return [sys.executable, "-m", "sayline", "serve", "--port", "0", *flags]


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    while line := await process.stdout.readline():
        if match := _ADDRESS.search(line):
            return match[1].decode()
    raise ServerDied(f"the server ended with status {await process.wait()} before it listened")
