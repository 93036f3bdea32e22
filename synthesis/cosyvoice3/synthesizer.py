"""CosyVoice3 as the gateway knows it: an engine process, kept alive, and one queue of sound for each segment.

The gateway's process imports nothing of torch. A segment is pulled: the engine is told what was taken and when the
listener runs dry, and works no further ahead than ``acoustic_engine.AHEAD_S``.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import math
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from ..interface import (
    EngineStatus,
    EngineUnavailable,
    PcmChunk,
    SynthesisFailed,
    UnsupportedRequest,
    Voice,
)
from ..rates import MODEL_SAMPLE_RATE_HZ
from . import engine_link

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from ..interface import Segment, Style
    from .engine_settings import EngineSettings

log = logging.getLogger(__name__)

NAME: Final = "cosyvoice3"
_GRACE_S: Final = 5.0  # what an engine gets to free its GPU memory before it is killed
_PROGRAM: Final = "sayline.synthesis.cosyvoice3.engine_process"


class CosyVoice3Synthesizer:
    """See the module, and ``interface.Synthesizer``.

    Args:
        settings: of the engine.
    """

    def __init__(self, settings: EngineSettings) -> None:
        self._settings = settings
        self._status = EngineStatus(NAME, "loading", f"loading {settings.model_dir}")
        self._voices: tuple[Voice, ...] = ()
        self._voices_stamp: int | None = None
        self._keys = itertools.count()
        self._utterances: dict[int, asyncio.Queue[engine_link.LinkMessage]] = {}
        self._writer: asyncio.StreamWriter | None = None  # set while an engine is up
        self._keeper: asyncio.Task[None] | None = None

    @property
    def sample_rate_hz(self) -> int:
        """Rate of every ``PcmChunk``."""
        return MODEL_SAMPLE_RATE_HZ

    @property
    def default_max_concurrent_requests(self) -> int:
        """How many contexts are kept in real time at once unless the operator says otherwise."""
        return self._settings.max_streams

    def voices(self) -> Sequence[Voice]:
        """List the voices, as of the last look into the folder; a change there is asked for and seen the next time."""
        stamp = self._folder_stamp()
        if stamp != self._voices_stamp and self._writer is not None:
            self._voices_stamp = stamp
            engine_link.write(self._writer, {"type": "voices"})
        return self._voices

    def status(self) -> EngineStatus:
        """Tell how the engine is."""
        return self._status

    async def start(self) -> None:
        """Start the engine process and wait until it can speak.

        Raises:
            EngineUnavailable: it cannot run here; the message says why.
        """
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeper = asyncio.create_task(self._keep_alive(ready), name="cosyvoice3 engine")
        await ready

    async def speak(
        self, segment: Segment, style: Style, runs_dry_at: Callable[[], float] = lambda: math.inf
    ) -> AsyncGenerator[PcmChunk, None]:
        """Speak one segment; see ``interface.Synthesizer``."""
        if style.speed != 1.0:
            raise UnsupportedRequest("this engine streams at its voice's own pace: speed must be 1")
        if not segment.spoken.strip():
            return
        if self._writer is None:
            raise SynthesisFailed(f"the engine is {self._status.state}: {self._status.detail}")
        key, writer = next(self._keys), self._writer
        messages = self._utterances[key] = asyncio.Queue()
        request: dict[str, Any] = {  # Any: JSON
            "text": segment.spoken,
            "voice": style.voice,
            "language": style.language,
            "instructions": style.instructions,
            "allow_markup": style.allow_markup,
            "seed": style.seed,
        }
        engine_link.write(writer, {"type": "speak", "key": key} | request)
        is_last = False
        try:
            while not is_last:
                fields, samples = await messages.get()
                if fields["type"] == "failed":
                    raised = UnsupportedRequest if fields["kind"] == "unsupported" else SynthesisFailed
                    raise raised(fields["message"])
                pcm = np.frombuffer(samples, np.int16)
                is_last = fields["is_last"]
                yield PcmChunk(pcm, stages_ms=fields["stages"])
                if not is_last:
                    pull = {"taken_s": len(pcm) / MODEL_SAMPLE_RATE_HZ, "dry_at": runs_dry_at()}
                    engine_link.write(writer, {"type": "pull", "key": key} | pull)
        finally:
            del self._utterances[key]
            if not is_last and not writer.is_closing():
                engine_link.write(writer, {"type": "cancel", "key": key})

    async def close(self) -> None:
        """Stop the engine process; idempotent."""
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
            self._keeper = None

    async def _keep_alive(self, ready: asyncio.Future[None]) -> None:
        """Run engine processes, one after another: whenever one dies that had been ready, the next is started."""
        while True:
            was_ready = await self._run_once(ready)
            self._fail_all(self._status.detail)
            if not was_ready:
                # What cannot start now would not start a moment later either: that is for the operator.
                log.error("the engine cannot start: %s", self._status.detail)
                if not ready.done():
                    ready.set_exception(EngineUnavailable(self._status.detail))
                return
            log.error("the engine died and is started again: %s", self._status.detail)

    async def _run_once(self, ready: asyncio.Future[None]) -> bool:
        """Run one engine process until it ends; tells whether it had become ready."""
        ours, theirs = socket.socketpair()
        with theirs:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                _PROGRAM,
                str(theirs.fileno()),
                self._settings.to_json(),
                pass_fds=[theirs.fileno()],
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        was_ready = False
        reason = "its process ended"
        try:
            while True:
                message = await engine_link.read(reader)
                match message.fields["type"]:
                    case "ready":
                        was_ready = True
                        self._writer = writer
                        self._take_voices(message.fields["voices"])
                        self._voices_stamp = self._folder_stamp()
                        self._note_memory(message.fields)
                        if not ready.done():
                            ready.set_result(None)
                    case "voices":
                        self._take_voices(message.fields["voices"])
                    case "unavailable":
                        reason = message.fields["message"]
                    case _:
                        self._hand_out(message)
        except engine_link.LinkClosed:
            pass
        finally:
            self._writer = None
            self._status = EngineStatus(NAME, "failed", reason)
            writer.close()
            await asyncio.shield(_ended(process))
        self._status = EngineStatus(NAME, "failed", f"{reason} (exit {process.returncode})")
        return was_ready

    def _hand_out(self, message: engine_link.LinkMessage) -> None:
        if "gpu_memory_bytes" in message.fields:
            self._note_memory(message.fields)
        messages = self._utterances.get(message.fields["key"])
        if messages is not None:  # else it was cancelled meanwhile
            messages.put_nowait(message)

    def _fail_all(self, reason: str) -> None:
        for key, messages in self._utterances.items():
            fields = {"type": "failed", "key": key, "kind": "failed", "message": f"the engine died: {reason}"}
            messages.put_nowait(engine_link.LinkMessage(fields))

    def _take_voices(self, voices: list[dict[str, Any]]) -> None:  # Any: JSON
        self._voices = tuple(
            Voice(voice["name"], voice["description"], tuple(voice["languages"]) or ("mul",)) for voice in voices
        )

    def _note_memory(self, fields: dict[str, Any]) -> None:  # Any: JSON
        self._status = EngineStatus(NAME, "ready", str(self._settings.model_dir.name), fields["gpu_memory_bytes"])

    def _folder_stamp(self) -> int:
        """Tell a change in the folder of voices from none; a look at one directory entry."""
        try:
            return (self._settings.model_dir / "voices").stat().st_mtime_ns
        except OSError:
            return 0


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Let a process whose socket was closed end by itself, or kill it."""
    try:
        async with asyncio.timeout(_GRACE_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
