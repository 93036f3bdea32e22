"""Sayline, a real-time voice gateway: text streams in while it is being written, Opus frames stream out.

``sayline.connect`` opens a connection to a running gateway (see ``sayline.gateway.client``). Nothing is imported before
it is asked for: the session core promises to load neither asyncio nor websockets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .gateway.client import connect

__all__ = ["__version__", "connect"]
__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Import the client on first use (PEP 562)."""
    if name == "connect":
        from .gateway.client import connect  # noqa: PLC0415 - on first use, see above

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
