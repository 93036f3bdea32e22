"""The ledger: one line of JSON for each context that is over, appended to a file by a thread of its own.

The loop never waits for the file. What cannot be written (a full disk, a pipe that nobody reads) is tried again with
the next line. So many lines wait at most; beyond that lines are lost, counted and told in the log. The file is opened
for each writing, so whoever rotates it just moves it away. A line is written by one call, so several processes may
append to one file.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import Counter, deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from pathlib import Path

log = logging.getLogger("sayline.ledger")

# A record is about 250 bytes: 16 MiB. At a hundred contexts a second that is ten minutes without a disk.
MAX_WAITING: Final = 65_536
# At the server's end the disk gets so long to take what waits.
_FLUSH_S: Final = 0.5

# Any: JSON.
Record = dict[str, Any]


class Ledger:
    """Lives as long as the server.

    Args:
        path: of the file, which is made if it is not there.

    Attributes:
        lost: records that could not be kept.
    """

    def __init__(self, path: Path) -> None:
        self.lost = 0
        self._path = path
        self._waiting: deque[bytes] = deque()
        self._is_closing = False
        self._is_failing = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._write_all, name="ledger", daemon=True)
        self._thread.start()

    def add(self, record: Record) -> None:
        """Take a record. Never waits."""
        line = json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self._changed:
            if len(self._waiting) >= MAX_WAITING:
                self.lost += 1
                return
            self._waiting.append(line)
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, for a moment at most; idempotent."""
        with self._changed:
            self._is_closing = True
            self._changed.notify()
        self._thread.join(_FLUSH_S)
        if self._thread.is_alive() or self._waiting:
            log.error("the ledger lacks its last lines: %d", len(self._waiting))

    def _write_all(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting or self._is_closing)
                if not self._waiting:
                    return
                lines = list(self._waiting)
            written = self._append(lines)
            with self._changed:
                for _ in range(written):
                    self._waiting.popleft()
                if written < len(lines):
                    if self._is_closing:
                        return
                    waiting = len(self._waiting)
                    self._changed.wait_for(lambda: len(self._waiting) > waiting or self._is_closing)  # noqa: B023 - called here only

    def _append(self, lines: list[bytes]) -> int:
        """Append lines, and tell how many are written whole."""
        written = 0
        try:
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
            try:
                for line in lines:
                    if os.write(descriptor, line) < len(line):  # the disk is full: what is written is no record
                        os.write(descriptor, b"\n")
                        raise OSError("the disk is full")
                    written += 1
            finally:
                os.close(descriptor)
        except OSError as exc:
            if not self._is_failing:
                log.error("the ledger cannot be written, its lines wait: %s", exc.strerror or exc)  # noqa: TRY400 - one line
            self._is_failing = True
        else:
            self._is_failing = False
        return written


def characters_of(path: Path, month: str) -> dict[str, int]:
    """Add up what each tenant sent in a month (``2026-11``), as far as the file has it."""
    used: Counter[str] = Counter()
    begins = b'{"at":"' + month.encode() + b"-"
    try:
        with path.open("rb") as file:
            for line in file:
                if not line.startswith(begins):
                    continue
                try:
                    record = json.loads(line)
                    used[record["tenant"]] += int(record["characters"])
                except (ValueError, KeyError, TypeError):
                    log.warning("a line of the ledger cannot be read, and is not counted")
    except FileNotFoundError:
        pass
    return dict(used)
