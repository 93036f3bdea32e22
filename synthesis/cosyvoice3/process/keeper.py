"""Keeps one engine process alive, whoever listens to it: starts it, learns why it ended, starts it again.

An engine that is ready says every second that it is alive. One that has not for ``engine_link.SILENT_BEATS`` of them
is stopped, or hangs: it is killed, as if it had died.

The keeper owns the address that gateways come to, a listening socket which each engine process inherits. So a gateway
that comes while the engine loads, or between two engines, waits in the socket's queue and is let in by whichever
engine is next. The engine ends when its keeper is gone, and with it all that it started.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ...interface import EngineUnavailable
from . import link as engine_link

if TYPE_CHECKING:
    from .settings import EngineSettings

log = logging.getLogger(__name__)

_RESTART_S: Final = 5.0  # at least, between two starts: trying must not be all that this machine does
_OUTPUT_BYTES: Final = 64 * 1024  # of an engine's output at once; a pipe holds no more
_PACKAGES: Final = ("torch", "yaml", "tokenizers", "wetext", "safetensors")
_PROGRAM: Final = "sayline.synthesis.cosyvoice3.process.main"


class EngineKeeper:
    """See the module.

    Args:
        settings: of the engine.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._folder: Path | None = None  # of the address, ours alone; set while there may be an engine
        self._listener: socket.socket
        self._keeping: asyncio.Task[None] | None = None

    @property
    def address(self) -> Path:
        """Where gateways find the engine: a Unix socket; known once started."""
        assert self._folder is not None  # noqa: S101 - see above
        return self._folder / "engine"

    async def start(self) -> None:
        """Start the engine process and wait until it can speak.

        Raises:
            EngineUnavailable: it cannot run here; the message says why.
        """
        if missing := missing_packages():
            raise EngineUnavailable(f"CosyVoice3 needs {', '.join(missing)}: pip install 'sayline[cosyvoice3]'")
        try:
            self._listen()
        except OSError as error:
            raise EngineUnavailable(f"there is no place for its address: {error}") from error
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeping = asyncio.create_task(self._keep_alive(ready), name="cosyvoice3 engine")
        await asyncio.wait((ready, self._keeping), return_when=asyncio.FIRST_COMPLETED)
        if self._keeping.done():
            self._keeping.result()  # raises why it gave up

    async def close(self) -> None:
        """Stop the engine process; idempotent."""
        if self._keeping is not None:
            self._keeping.cancel()
            await asyncio.wait((self._keeping,))
            self._keeping = None
        if self._folder is not None:
            self._listener.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _listen(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sayline-"))  # nobody else may enter it
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(str(self.address))
        self._listener.listen()

    async def _keep_alive(self, ready: asyncio.Future[None]) -> None:
        """Run engine processes, one after another: whenever one ends, the next is started.

        Raises:
            EngineUnavailable: the first could not start; what cannot start at all is for the operator.
        """
        reason = ""
        while True:
            started_at = asyncio.get_running_loop().time()
            reason = await self._run_once(ready, reason)
            if not ready.done():
                raise EngineUnavailable(reason)
            log.error("the engine ended: %s; it is started again", reason)
            await _wait_until(started_at + _RESTART_S)

    async def _run_once(self, ready: asyncio.Future[None], predecessor: str) -> str:
        """Run one engine process until it ends; returns why it did."""
        ours, theirs = socket.socketpair()
        with theirs:
            reader, writer = await asyncio.open_connection(sock=ours)
            try:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    _PROGRAM,
                    str(theirs.fileno()),
                    str(self._listener.fileno()),
                    self._settings.to_json(),
                    predecessor,
                    pass_fds=[theirs.fileno(), self._listener.fileno()],
                    stdout=asyncio.subprocess.PIPE,  # where vLLM logs
                    stderr=asyncio.subprocess.STDOUT,
                    start_new_session=True,  # what it starts can be ended with it; Ctrl-C is for the gateway alone
                )
            except BaseException as error:
                writer.close()
                if isinstance(error, OSError):
                    return f"its process cannot be started: {error}"
                raise
        told, up = "", asyncio.Event()
        relaying = asyncio.create_task(_relay(process.stdout), name="cosyvoice3 output")
        try:
            told = await _follow(reader, up, ready)
        except _Hangs:
            process.kill()
            told = f"it gave no sign of life for {engine_link.SILENT_BEATS * engine_link.BEAT_S:.0f} s"
        except asyncio.CancelledError:
            if not up.is_set():  # it is loading, and has nothing to put in order
                process.kill()
            raise
        finally:
            writer.close()
            ended = await asyncio.shield(_ended(process))
            await relaying  # all that could write is dead
        return told or f"its process {ended}"


class _Hangs(Exception):
    """An engine says nothing any more."""


async def _follow(reader: asyncio.StreamReader, up: asyncio.Event, ready: asyncio.Future[None]) -> str:
    """Follow an engine until it hangs up; returns why it did, if it said so. What it tells gateways is theirs.

    Raises:
        _Hangs: it has been silent for too long.
    """
    with contextlib.suppress(engine_link.LinkClosed):
        while True:
            fields = (await _next_message(reader, up)).fields
            if fields["type"] == "ready":
                up.set()
                if not ready.done():
                    ready.set_result(None)
            elif fields["type"] == "unavailable":
                told: str = fields["message"]
                return told
    return ""


async def _relay(output: asyncio.StreamReader | None) -> None:
    """Log what an engine and all it started print: whoever stalls at our log must not stall them."""
    assert output is not None  # noqa: S101 - it was asked for
    rest = b""
    while data := await output.read(_OUTPUT_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > _OUTPUT_BYTES:  # a progress bar, which never ends its line
            lines, rest = [*lines, rest], b""
        for line in lines:
            log.info("engine: %s", line.decode(errors="replace").rstrip())
    if rest:
        log.info("engine: %s", rest.decode(errors="replace"))


async def _next_message(reader: asyncio.StreamReader, up: asyncio.Event) -> engine_link.LinkMessage:
    """Receive a message; of an engine that is up within SILENT_BEATS.

    Beats are counted one by one: after a pause of this very process one is over, and what came meanwhile is read.
    """
    reading = asyncio.create_task(engine_link.read(reader))
    try:
        for _ in range(engine_link.SILENT_BEATS):
            done, _ = await asyncio.wait((reading,), timeout=engine_link.BEAT_S if up.is_set() else None)
            if done:
                return reading.result()
        raise _Hangs
    finally:
        reading.cancel()


def missing_packages() -> list[str]:
    """Name what the engine's process imports and is not installed here."""
    return [name for name in _PACKAGES if importlib.util.find_spec(name) is None]


async def _ended(process: asyncio.subprocess.Process) -> str:
    """Let a process whose socket was closed end by itself, or kill it; with all it started. Tells how it ended."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(engine_link.GRACE_S):
            await process.wait()
    with contextlib.suppress(ProcessLookupError):  # else vLLM's processes would outlive it if it was killed
        os.killpg(process.pid, signal.SIGKILL)
    status = await process.wait()
    if status < 0:
        return f"was ended by signal {-status} ({signal.strsignal(-status)})"
    return f"exited with status {status}"


async def _wait_until(at: float) -> None:
    """Let the loop's clock reach a time."""
    loop = asyncio.get_running_loop()
    reached = loop.create_future()
    timer = loop.call_at(at, reached.set_result, None)
    try:
        await reached
    finally:
        timer.cancel()
