"""Which workers there are: a plug with one method, so that a placer of any kind can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .addresses import Address


class Membership(Protocol):
    """Whoever knows which workers there are."""

    def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call at once with the workers that there are, and again in the event loop whenever they are others.

        A worker that is left out gets no new stream, and finishes what it speaks.
        """
        ...


class StaticList:
    """A list that never changes."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call once."""
        changed(self._addresses)
