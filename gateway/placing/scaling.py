"""How many workers are wanted: decides, and does nothing else."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection

# Warm workers beyond what is spoken. An engine takes a minute or two to start, so a worker that is there already
# is what takes over the speech of one that died.
SPARE: Final = 1


def wanted(speaking: Collection[float], requests: Collection[float]) -> int | None:
    """Count the workers that keep all this speech in real time by their engines' own forecast, and the spare one.

    Args:
        speaking: streams of each worker.
        requests: contexts that each one's engine forecasts to keep in real time.

    Returns:
        None: none has said anything yet.
    """
    if not requests:
        return None
    each = max(1.0, sum(requests) / len(requests))
    return math.ceil(sum(speaking) / each) + SPARE
