"""Notices files that come to a model directory's folder of voices or go from it, without the event loop ever waiting.

A thread looks a few times a second, however often anybody asks for the voices: one ``stat`` while nothing happens, one
more for each file when something did. It imports nothing of the model: the gateway's process watches too.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    Stamp = tuple[int, int, int]  # of a file: modification time in ns, size, inode

# How late a change may be noticed: less than a command that adds a voice takes to end and the next one to begin.
LOOK_EVERY_S: Final = 0.25
# File systems count time in steps of up to this, so what changed twice within one step looks unchanged the second time.
_TIME_STEP_NS: Final = 2_000_000_000


class FolderWatch:
    """Looks from ``start`` to ``close``; belongs to the event loop that it is made in.

    Args:
        folder: may be missing, and may come and go.
        changed: called in the event loop with the names of the voices whose files are there, whenever a file came, went
            or was replaced; the first look is none.

    Attributes:
        names: of the voices whose files were there at the last look.
    """

    def __init__(self, folder: Path, changed: Callable[[frozenset[str]], None]) -> None:
        self.names: frozenset[str] = frozenset()
        self._folder = folder
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._files: Mapping[str, Stamp] = {}
        self._settled_at: int | None = None  # the folder's time at the last look; None: it may change unnoticed
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def start(self) -> None:
        """Look for the first time, and again and again from then on."""
        self._files, self._settled_at = await self._loop.run_in_executor(None, self._look)
        self.names = frozenset(self._files)
        self._look_later()

    def close(self) -> None:
        """Look no more; idempotent."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()

    def _look_later(self) -> None:
        if not self._is_closed:
            self._timer = self._loop.call_later(LOOK_EVERY_S, self._look_now)

    def _look_now(self) -> None:
        self._loop.run_in_executor(None, self._look).add_done_callback(self._looked)

    def _looked(self, look: asyncio.Future[tuple[Mapping[str, Stamp], int | None]]) -> None:
        """Take what a look saw. A look that the file system lets hang has none behind it."""
        if look.cancelled() or self._is_closed:
            return
        files, self._settled_at = look.result()
        if files != self._files:
            self._files = files
            self.names = frozenset(files)
            self._changed(self.names)
        self._look_later()

    def _look(self) -> tuple[Mapping[str, Stamp], int | None]:
        """See which files there are, in a thread: the files, and the folder's time if a change would show in it."""
        try:
            at = self._folder.stat().st_mtime_ns
            if at == self._settled_at:
                return self._files, at
            files = {}
            for path in self._folder.glob("[!.]*.safetensors"):
                found = path.stat()
                files[path.stem] = found.st_mtime_ns, found.st_size, found.st_ino
        except FileNotFoundError:
            # The folder is not there, or a file went between two steps of this look: the next look sees what is true.
            return ({} if not self._folder.is_dir() else self._files), None
        except OSError:
            return self._files, None  # a file system that fails for now says nothing about its files
        return files, at if time.time_ns() - at > _TIME_STEP_NS else None
