"""Where ``sayline say`` puts bytes: a file, a pipe, a device, or a descriptor that the shell opened.

Whatever ends the program, the output is whole. If a write fails half-way and the output can be cut, the part is taken
back. Bytes that a slow reader has not taken yet are kept, so that an interrupted write goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import fcntl
import os
import re
import select
import stat
import sys
from pathlib import Path
from typing import Final, Self

from ..errors import BadSettings, GatewayError

STANDARD_OUTPUT: Final = "-"
# The shell's names of descriptors. These are written to directly and not opened again: a socket cannot be opened, and a
# file that is opened again starts at its beginning.
_DESCRIPTORS: Final = {STANDARD_OUTPUT: 1, "/dev/stdout": 1, "/dev/stderr": 2}
_NUMBERED: Final = re.compile(r"(?:/dev/fd|/proc/self/fd)/(\d{1,9})")
_MODE: Final = 0o666  # the umask takes away what the user does not want


class CannotWrite(GatewayError):
    """An output that was open failed: the disk is full, the reader has gone."""


class Output:
    """An open output.

    Attributes:
        name: as the user wrote it, with the option, for messages.
        is_terminal: a person would read it.
        can_seek: written bytes can be changed: a file that is not only appended to.
        size: bytes of the writes that were completed.
    """

    def __init__(
        self, option: str, name: str, descriptor: int, *, made: Path | None = None, is_ours: bool = True
    ) -> None:
        self.name = f"{option} {name}"
        self.size = 0
        self._descriptor = descriptor
        self._made = made  # the file that came to be only for this
        self._is_ours = is_ours  # opened here, so that what an older file held is to go
        self._pending = b""  # of a write that waits for the reader, and
        self._begun = 0  # how much of that write has gone out
        self.is_terminal = os.isatty(descriptor)
        mode = os.fstat(descriptor).st_mode
        self._waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
        self.can_seek = stat.S_ISREG(mode) and not fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_APPEND
        self._start = os.lseek(descriptor, 0, os.SEEK_CUR) if self.can_seek else 0

    @classmethod
    def open(cls, name: str, *, option: str = "--out") -> Self:
        """Open for writing, without touching what a file holds; that goes with the first write.

        Waits for a reader if it is a named pipe.

        Raises:
            BadSettings: it cannot be written to, with the reason.
        """
        number = _DESCRIPTORS.get(name)
        if number is None and (numbered := _NUMBERED.fullmatch(name)):
            number = int(numbered[1])
        try:
            return cls._of_shell(option, name, number) if number is not None else cls._of_path(option, name)
        except OSError as exc:
            raise BadSettings(f"{option} {name}: {_reason(exc, name)}") from exc

    @classmethod
    def _of_shell(cls, option: str, name: str, number: int) -> Self:
        if number in (1, 2) and (sys.stdout, sys.stderr)[number - 1] is None:
            raise BadSettings(f"{option} {name}: that descriptor is closed")
        descriptor = os.dup(number)
        if fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise BadSettings(f"{option} {name}: that descriptor is open for reading only")
        return cls(option, name, descriptor, is_ours=False)

    @classmethod
    def _of_path(cls, option: str, name: str) -> Self:
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY
        try:
            return cls(option, name, os.open(name, flags | os.O_EXCL, _MODE), made=Path(name))
        except FileExistsError:
            return cls(option, name, os.open(name, flags, _MODE))

    async def write(self, data: bytes) -> None:
        """Write all of it; waits for a reader that is slow. A wait that is cancelled leaves the rest for ``finish``.

        Raises:
            CannotWrite: with the reason; a file then ends with the write before.
        """
        self._begin()
        self._pending += data
        await self.finish()

    async def finish(self) -> None:
        """Write what a cancelled write left.

        Raises:
            CannotWrite: as for ``write``.
        """
        while self._pending:
            if self._waits:
                await self._writable()
            self._write_some()

    def write_now(self, data: bytes) -> None:
        """Write as much as can be written without waiting, and give up on the rest; never raises."""
        if data:
            self._begin()
            self._pending += data
        with contextlib.suppress(CannotWrite):
            while self._pending and (not self._waits or self._has_room()):
                self._write_some()

    def rewrite(self, data: bytes) -> None:
        """Write over the start of an output that ``can_seek``; the same number of bytes is there already."""
        with contextlib.suppress(OSError):  # those blocks are there; a disk that fails now told the last write
            os.pwrite(self._descriptor, data, self._start)

    def close(self) -> None:
        """Close it; a file that was made here and is still empty is deleted again; idempotent.

        Raises:
            CannotWrite: the file system reported an error only now.
        """
        if self._descriptor < 0:
            return
        descriptor, self._descriptor = self._descriptor, -1
        self._pending = b""
        try:
            os.close(descriptor)
        except OSError as exc:
            raise CannotWrite(f"{self.name}: {_reason(exc)}") from exc
        finally:
            if self._made is not None and not self.size:
                with contextlib.suppress(OSError):
                    self._made.unlink()

    def _begin(self) -> None:
        if not self.size and self.can_seek and self._is_ours:
            os.ftruncate(self._descriptor, 0)

    def _write_some(self) -> None:
        # A pipe that can be written to takes this much without making us wait, which would stop the loop.
        data = self._pending[: select.PIPE_BUF] if self._waits else self._pending
        try:
            written = os.write(self._descriptor, data)
        except BlockingIOError:
            return
        except OSError as exc:
            self._pending = b""
            if self.can_seek:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._descriptor, self._start + self.size)
            raise CannotWrite(f"{self.name}: {_reason(exc)}") from exc
        self._pending = self._pending[written:]
        self._begun += written
        if not self._pending:
            self.size += self._begun
            self._begun = 0

    def _has_room(self) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(0))

    async def _writable(self) -> None:
        loop = asyncio.get_running_loop()
        seen = asyncio.Event()
        loop.add_writer(self._descriptor, seen.set)
        try:
            await seen.wait()
        finally:
            loop.remove_writer(self._descriptor)


def _reason(exc: OSError, name: str = "") -> str:
    match exc.errno:
        case errno.EISDIR:
            return "that is a folder"
        case errno.ENOENT:
            return f"there is no folder {Path(name).parent}"
        case errno.EBADF:
            return "that descriptor is closed"
        case errno.EPIPE:
            return "its reader has closed it"
    return exc.strerror or str(exc)
