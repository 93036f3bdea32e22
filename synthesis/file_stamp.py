"""Whether a file is another than before, by what the file system says of it: for files that are read again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def file_stamp(path: Path) -> tuple[int, int, int] | None:
    """Return what changes when a file does: modification time in ns, size, inode; None if it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
