"""Where clients connect unless they are told otherwise: two variables of the environment."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_URL: Final = "ws://127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class ClientDefaults:
    """Where clients connect unless told otherwise."""

    url: str
    key: str | None


def client_defaults(environ: Mapping[str, str] = os.environ) -> ClientDefaults:
    """Read ``SAYLINE_URL`` and ``SAYLINE_KEY``."""
    return ClientDefaults(environ.get("SAYLINE_URL", DEFAULT_URL), environ.get("SAYLINE_KEY"))
