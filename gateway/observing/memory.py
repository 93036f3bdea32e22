"""How much of the memory is in use that this process may use: its container's, if it has a limit, or the machine's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import psutil  # type: ignore[import-untyped] # it ships no annotations

# Where a container sees its own limit (cgroup v2).
CGROUP: Final = Path("/sys/fs/cgroup")


def used_share(cgroup: Path = CGROUP) -> float:
    """Tell the used part. What the kernel only keeps of files until somebody needs the memory does not count."""
    try:
        limit = (cgroup / "memory.max").read_text().strip()
        if limit != "max":
            cached = dict(line.split() for line in (cgroup / "memory.stat").read_text().splitlines())
            used = int((cgroup / "memory.current").read_text()) - int(cached.get("inactive_file", 0))
            return max(0.0, used / int(limit))
    except (OSError, ValueError, ZeroDivisionError):
        pass  # no such container: the machine counts
    machine = psutil.virtual_memory()
    share: float = 1 - machine.available / machine.total
    return share
