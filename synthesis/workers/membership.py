"""Which workers there are: a plug with one method, so that a placer of any kind can tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .addresses import Address


class Membership(Protocol):
    """Whoever knows which workers there are."""

    async def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call with the workers that there are, as soon as they are known, and again whenever they are others.

        Runs until it is cancelled, or until the workers can be no others. A worker that is left out gets no new stream,
        finishes what it speaks, and is forgotten once its link has ended.
        """
        ...


class StaticList:
    """A list that never changes."""

    def __init__(self, addresses: Sequence[Address]) -> None:
        self._addresses = addresses

    async def follow(self, changed: Callable[[Sequence[Address]], None]) -> None:
        """Call once."""
        changed(self._addresses)
