"""Where log lines go: to standard error, by a thread, so that a stalled reader delays nothing but the log.

A pipe that no program reads takes 64 KiB and then blocks its writer. So the event loop hands lines over here and never
waits. The lines that wait here are bounded. Lines beyond that are lost and counted, and the log reports the loss once
its reader goes on.
"""

from __future__ import annotations

import atexit
import io
import os
import select
import sys
import threading
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

# Some 4,000 lines: a reader that restarts within a minute loses nothing at ordinary load.
MAX_WAITING_BYTES: Final = 1024 * 1024
# Time that a process at its end gives a slow reader. A reader that reads at all takes the whole MiB in less. A server
# needs up to 0.7 s before this to cut off the remaining clients. 1.6 s after its time to drain it is ended by force
# (``cluster/ending.py``), which is no success.
FLUSH_S: Final = 0.5
_STDERR: Final = 2
# An endless line leaves in pieces: progress bars never write a line feed.
_MAX_LINE_CHARS: Final = 8 * 1024
# Sources that the limits remember: 1,000 peers, each with one kind of line, are about 200 KiB.
_REMEMBERED_SOURCES: Final = 1000


@dataclass(slots=True)
class Counts:
    """Lines of this process that did not reach the log."""

    lost: int = 0  # the reader of standard error was too slow
    held_back: int = 0  # the same peer had caused too many like it


class LineWriter:
    """Writes lines to a descriptor, in order, by a thread of its own. Lives as long as the process.

    Args:
        descriptor: receives the lines.
        counts: of the process.
        loss_line: renders the line that tells how many were lost.
    """

    def __init__(self, descriptor: int, counts: Counts, loss_line: Callable[[int], str]) -> None:
        self._descriptor = descriptor
        self._counts = counts
        self._loss_line = loss_line
        self._lines: deque[bytes] = deque()
        self._waiting_bytes = 0  # of these lines, and of those that are being written
        self._untold = 0  # lost since a line told of it
        self._is_closing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, name="log", daemon=True)
        self._thread.start()

    def offer(self, text: str) -> None:
        """Take one line, or several that belong together; lose them if too many wait. Never waits."""
        line = text.encode("utf-8", "backslashreplace")
        with self._changed:
            if self._waiting_bytes + len(line) > MAX_WAITING_BYTES:
                self._lose()
                return
            self._lines.append(line)
            self._waiting_bytes += len(line)
            self._changed.notify()

    def close(self, timeout_s: float = FLUSH_S) -> None:
        """Write what waits, for so long at most; idempotent."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(timeout_s)

    def _lose(self) -> None:
        self._counts.lost += 1
        self._untold += 1

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._lines or self._is_closing)
                if not self._lines:
                    return
                line = self._lines.popleft()
            try:
                self._write(line)
            except OSError:  # the reader is gone, or the disk is full
                with self._changed:
                    self._lose()
            else:
                self._tell_losses()
            with self._changed:
                self._waiting_bytes -= len(line)

    def _tell_losses(self) -> None:
        with self._changed:
            untold, self._untold = self._untold, 0
        if untold:
            try:
                self._write(self._loss_line(untold).encode())
            except OSError:
                with self._changed:
                    self._untold += untold

    def _write(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # another process that shares this descriptor made it so
                select.select([], [self._descriptor], [])


class StandardError(io.TextIOBase):
    """``sys.stderr`` of a server's process: no code that prints ever waits, nor the interpreter with its last words.

    Args:
        writer: takes the text, by whole lines unless the printing code flushes.
    """

    encoding = "utf-8"

    def __init__(self, writer: LineWriter) -> None:
        self._writer = writer
        self._begun = threading.local()  # each thread's unfinished line

    def write(self, text: str) -> int:
        """Take text; it leaves by whole lines, so that lines of several threads do not mix."""
        whole, newline, rest = (getattr(self._begun, "text", "") + text).rpartition("\n")
        self._begun.text = rest
        if newline:
            self._writer.offer(whole + newline)
        if len(rest) > _MAX_LINE_CHARS:
            self.flush()
        return len(text)

    def flush(self) -> None:
        """Let an unfinished line leave."""
        rest, self._begun.text = getattr(self._begun, "text", ""), ""
        if rest:
            self._writer.offer(rest)

    def fileno(self) -> int:
        """Return the descriptor, to which the interpreter and C libraries write."""
        return _STDERR

    def writable(self) -> bool:
        """Say that it can be written to."""
        return True


def fill_closed_descriptors() -> None:
    """Open the standard descriptors that the caller closed (``>&-``).

    Otherwise the next file or socket would get such a number, and whatever is printed would go there.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number, this one


def take_over_stderr(counts: Counts, loss_line: Callable[[int], str]) -> LineWriter:
    """Put the writer between this process and its standard error, until the process ends."""
    fill_closed_descriptors()
    writer = LineWriter(_STDERR, counts, loss_line)
    sys.stderr = StandardError(writer)
    atexit.register(writer.close)
    return writer


def write_aside(descriptor: int, text: str) -> None:
    """Write something once, without waiting for its reader."""
    writer = LineWriter(descriptor, Counts(), str)
    writer.offer(text)
    atexit.register(writer.close)


@dataclass(slots=True)
class _Bucket:
    """A limit: this many lines may come at once, and this many a second after them."""

    lines: float
    at: float
    held_back: int = 0  # since the last line that was let through

    def take(self, burst: int, per_s: float, now: float) -> bool:
        self.lines = min(burst, self.lines + (now - self.at) * per_s)
        self.at = now
        if self.lines < 1:
            return False
        self.lines -= 1
        return True


class RateLimits:
    """Bounds how much each source may make us log of each kind of event.

    Args:
        burst: lines at once.
        per_s: lines a second after these.
    """

    def __init__(self, burst: int, per_s: float) -> None:
        self._burst = burst
        self._per_s = per_s
        self._buckets: OrderedDict[tuple[str, str, str], _Bucket] = OrderedDict()  # by kind, source, part

    def admit(self, kind: str, source: str, now: float, *, part: str | None = None) -> int | None:
        """Say how many lines like this were held back since the last one; None: hold this one back too.

        Args:
            kind: of line.
            source: caused it.
            now: seconds.
            part: of the source. It has no burst of its own, since a source can have any number of parts, and the rate
                from its first line of the kind on: a part that lasts does not suffer from the others.
        """
        bucket = self._bucket((kind, source, ""), self._burst, now)
        is_earned = part is not None and self._take(self._bucket((kind, source, part), 0, now), now)
        if not is_earned and not self._take(bucket, now):
            bucket.held_back += 1
            return None
        held_back, bucket.held_back = bucket.held_back, 0
        return held_back

    def _bucket(self, name: tuple[str, str, str], lines: int, now: float) -> _Bucket:
        """Return the bucket of this name, which has so many lines if it is new."""
        bucket = self._buckets.pop(name, None) or _Bucket(lines, now)
        self._buckets[name] = bucket
        if len(self._buckets) > _REMEMBERED_SOURCES:
            self._buckets.popitem(last=False)
        return bucket

    def _take(self, bucket: _Bucket, now: float) -> bool:
        return bucket.take(self._burst, self._per_s, now)
