"""How many cores there are to speak on."""

from __future__ import annotations

import os
from pathlib import Path


def cores() -> float:
    """Count the cores that this process may use: what is allowed it, and what its container is given of them."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return min(float(allowed), int(quota) / int(period))
    except (OSError, ValueError):  # no such limit
        return float(allowed)
