"""What ``sayline doctor`` finds: one line for each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "missing", "broken", "optional"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report.

    Attributes:
        state: ``missing`` and ``broken`` fail the check; ``optional`` is absent and may be.
        detail: what was found, or what to do.
    """

    part: str
    state: State
    detail: str
