"""Adds and removes voices for a server, in a process of its own, one after the other.

A recording takes a gigabyte of networks and seconds of processor time to become a voice. In a process of its own that
costs the gateway's loop nothing, and a file that crashes a decoder costs one answer. The server learns of the voice
from the folder, as of any other (``folder_watch.py``).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from typing import TYPE_CHECKING, Final

from ...interface import EngineUnavailable, Shelf, SynthesisFailed, UnsupportedRequest
from ...processes.child import Child

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from ...interface import NewVoice

PROGRAM: Final = ("-m", "sayline.synthesis.cosyvoice3.voices.shelf_process")
# To load the networks takes seconds on a fast disk, to hear 30 s a few more; a busy machine may take ten times that.
_MOST_S: Final = 180.0
_GRACE_S: Final = 1.0  # it ends by itself as soon as it has answered, and how it died is to be known
_MOST_WAITING: Final = 4  # each holds a recording of some megabytes
_ANSWER_BYTES: Final = 64 * 1024
_FAULTS: Final = {"unfit": UnsupportedRequest, "unavailable": EngineUnavailable, "failed": SynthesisFailed}


class VoiceShelf(Shelf):
    """The folder of voices of one model directory, as a server changes it."""

    def __init__(self, model_dir: Path) -> None:
        self._model_dir = model_dir
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def add(self, voice: NewVoice) -> tuple[str, ...]:
        """Make a voice of a recording and store it; see ``interface.Shelf``."""
        order = {
            "do": "add",
            "name": voice.name,
            "audio": str(voice.audio),
            "text": voice.transcript,
            "language": voice.language,
            "description": voice.description,
            "consent": voice.consent,
            "replace": voice.replace,
        }
        return tuple(map(str, await self._have_done(order)))

    async def remove(self, name: str) -> None:
        """Delete a voice; see ``interface.Shelf``."""
        await self._have_done({"do": "remove", "name": name})

    async def _have_done(self, order: Mapping[str, object]) -> list[object]:
        if self._waiting >= _MOST_WAITING:
            raise SynthesisFailed("other voices are being made; try again later")
        self._waiting += 1
        try:
            async with self._turn, asyncio.timeout(_MOST_S):
                return await self._ask({"model_dir": str(self._model_dir), **order})
        except TimeoutError:
            raise SynthesisFailed(f"the voice was not made within {_MOST_S:g} s") from None
        finally:
            self._waiting -= 1

    async def _ask(self, order: Mapping[str, object]) -> list[object]:
        """Start the process, give it the order, and read its answer, one line of JSON."""
        child = Child([sys.executable, *PROGRAM])
        loop = asyncio.get_running_loop()
        answer = b""
        try:
            with contextlib.suppress(ConnectionError):  # it died: how, is told below
                await loop.sock_sendall(child.socket, json.dumps(order).encode() + b"\n")
                while not answer.endswith(b"\n") and len(answer) < _ANSWER_BYTES:
                    if not (more := await loop.sock_recv(child.socket, _ANSWER_BYTES)):
                        break
                    answer += more
        finally:
            end = await child.end(_GRACE_S)
        try:
            said = json.loads(answer)
        except ValueError:
            raise SynthesisFailed(f"what makes voices {end}") from None
        if "fault" in said:
            raise _FAULTS[said["fault"]](said["message"])
        warnings: list[object] = said["warnings"]
        return warnings
