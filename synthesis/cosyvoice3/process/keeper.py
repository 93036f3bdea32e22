"""Keeps one engine process alive for all gateways that speak with it, at one address.

An engine reports every second that it is alive. If it misses ``link.SILENT_BEATS`` reports (``LOADING_SILENT_BEATS``
while it loads), it is stopped or hangs: ``processes.keeper`` kills it, and starts the next one.

The keeper owns the address to which gateways connect, a listening socket that each engine process inherits. So a
gateway that connects while the engine loads, or between two engines, waits in the socket's queue, and the next engine
takes it. The engine ends when its keeper is gone, and with it all that it started.
"""

from __future__ import annotations

import asyncio
import importlib.util
import logging
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from ...interface import EngineUnavailable
from ...processes.child import Child
from ...processes.keeper import CannotStart, Care, Keeper
from ...processes.link import Link
from .link import BEAT_S, GRACE_S, LOADING_SILENT_BEATS, SILENT_BEATS, VOCABULARY, Ready, Unavailable

if TYPE_CHECKING:
    from ...processes.child import End
    from .link import FromEngine
    from .settings import EngineSettings

log = logging.getLogger(__name__)

_RESTART_S: Final = 5.0  # at least, between two starts: trying must not be all that this machine does
_OUTPUT_BYTES: Final = 64 * 1024  # of an engine's output at once; a pipe holds no more
_PACKAGES: Final = ("torch", "yaml", "tokenizers", "safetensors")
_PROGRAM: Final = "sayline.synthesis.cosyvoice3.process.main"
# How long loading takes is not limited, only how long an engine that loads may be silent.
_CARE: Final = Care(
    SILENT_BEATS * BEAT_S, LOADING_SILENT_BEATS * BEAT_S, _RESTART_S, GRACE_S, is_replaced_at_once=False
)


class EngineKeeper:
    """See the module.

    Args:
        settings: of the engine.
    """

    name = "the engine's process"  # as the log calls it

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._folder: Path | None = None  # of the address, ours alone; set while there may be an engine
        self._listener: socket.socket
        self._keeper = Keeper(self, _CARE)
        self._link: Link | None = None
        self._told = ""  # why this engine cannot go on, if it said so
        self._predecessor = ""  # why the engine before this one ended
        self._relaying: asyncio.Task[None] | None = None

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
        try:
            self._keeper.begin()
            await self._keeper.came_up()
        except OSError as error:
            raise EngineUnavailable(f"its process cannot be started: {error}") from error
        except CannotStart as error:
            raise EngineUnavailable(self._told or f"its process {error}") from error

    async def close(self) -> None:
        """Stop the engine process; idempotent."""
        await self._keeper.close()
        if self._relaying is not None:
            await asyncio.wait((self._relaying,))  # all that could write is dead
            self._relaying = None
        if self._folder is not None:
            self._listener.close()
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _listen(self) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="sayline-"))  # no other user may enter it
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.setblocking(False)
        self._listener.bind(str(self.address))
        self._listener.listen()

    # -- called by the keeper and the link -----------------------------------------------------------------------------

    @property
    def is_owed(self) -> bool:
        """An engine that is up owes a sign of life at all times."""
        return True

    def start_child(self) -> Child:
        """Start an engine process, which loads."""
        child = Child(
            [
                sys.executable,
                "-m",
                _PROGRAM,
                str(self._listener.fileno()),
                self._settings.to_json(),
                self._predecessor,
            ],
            inherited=[self._listener],
            output=subprocess.PIPE,  # where vLLM logs
        )
        assert child.printed is not None  # noqa: S101 - it was asked for
        self._told = ""
        self._link = Link(child.socket, VOCABULARY, self._received, self._keeper.hung_up, heard=self._keeper.heard)
        self._relaying = asyncio.create_task(_relay_pipe(child.printed), name="cosyvoice3 output")
        return child

    def child_lost(self) -> None:
        """Hang up; gateways have links of their own, and learn of the engine's end there."""
        if self._link is not None:
            self._link.close()
            self._link = None

    def child_ended(self, end: End) -> None:
        """Note why the engine ended, for gateways that come while the next one loads."""
        self._predecessor = self._told or f"its process {end}"

    def could_not_start(self, fault: str) -> None:
        """Note and say why."""
        self._predecessor = self._told or f"its process {fault}"
        log.error("the engine cannot start: %s; it is tried again", self._predecessor)

    def _received(self, message: FromEngine) -> None:
        """Follow the messages that an engine sends to all its links."""
        if isinstance(message, Ready):
            self._keeper.has_come_up()
        elif isinstance(message, Unavailable):
            self._told = message.message
            if self._keeper.is_up:
                log.error("the engine cannot go on: %s", message.message)


async def _relay_pipe(pipe: IO[bytes]) -> None:
    output = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(output)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, pipe)
    try:
        await _relay(output)
    finally:
        transport.close()


async def _relay(output: asyncio.StreamReader) -> None:
    """Log what an engine and its children print: if our log stalls, they must not."""
    rest = b""
    while data := await output.read(_OUTPUT_BYTES):
        *lines, rest = (rest + data).split(b"\n")
        if len(rest) > _OUTPUT_BYTES:  # a progress bar, which never ends its line
            lines, rest = [*lines, rest], b""
        for line in lines:
            log.info("engine: %s", line.decode(errors="replace").rstrip())
    if rest:
        log.info("engine: %s", rest.decode(errors="replace"))


def missing_packages() -> list[str]:
    """Name what the engine's process imports and is not installed here."""
    return [name for name in _PACKAGES if importlib.util.find_spec(name) is None]
