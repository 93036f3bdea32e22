"""Where a server's limits are kept: how many connections there are, and whose turn it is to be synthesized.

A server that is one process keeps them itself (``OwnDesk``). If several processes are one server, they share their
limits (``shared_desk.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from .admission import SlotQueue

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from .admission import Slot


class Desk(Protocol):
    """What a process of a server asks and reports. Figures are the whole server's."""

    @property
    def connections(self) -> int:
        """Connections that are open."""
        ...

    @property
    def running(self) -> int:
        """Contexts that hold a slot."""
        ...

    @property
    def waiting(self) -> int:
        """Contexts that wait for a slot."""
        ...

    def open(self, slots: int, granted: Callable[[Slot], None]) -> None:
        """Begin, with this many slots. The event loop calls ``granted``, but never within a call of the desk."""
        ...

    def connection_opened(self) -> None:
        """Count a connection."""
        ...

    def connection_closed(self, connection_id: str) -> None:
        """Stop counting a connection, and free every slot that it held or waited for."""
        ...

    def request_slot(self, slot: Slot, *, is_continuing: bool, is_live: bool = True) -> None:
        """Queue a context for synthesis.

        Args:
            slot: what is wanted.
            is_continuing: its listener has already heard something.
            is_live: somebody listens in real time.
        """
        ...

    def release_slot(self, slot: Slot) -> None:
        """Take a slot back, or withdraw the request for it; idempotent."""
        ...

    def forecast(self, sustainable: int | None) -> None:
        """Apply the engine's capacity forecast; None: no forecast."""
        ...


class OwnDesk:
    """The desk of a server that is one process.

    Args:
        call_soon: calls a function with a slot once the call that is under way is over, as the event loop's does.
    """

    def __init__(self, call_soon: Callable[[Callable[[Slot], None], Slot], object]) -> None:
        self.connections = 0
        self._call_soon = call_soon
        self._slots: SlotQueue
        self._granted: Callable[[Slot], None]

    @property
    def running(self) -> int:  # noqa: D102 - as in Desk, like all below
        return self._slots.held

    @property
    def waiting(self) -> int:  # noqa: D102
        return self._slots.waiting

    def open(self, slots: int, granted: Callable[[Slot], None]) -> None:  # noqa: D102
        self._slots = SlotQueue(slots)
        self._granted = granted

    def connection_opened(self) -> None:  # noqa: D102
        self.connections += 1

    def connection_closed(self, connection_id: str) -> None:  # noqa: D102
        self.connections -= 1
        self._hand_out(self._slots.release_connection(connection_id))

    def request_slot(self, slot: Slot, *, is_continuing: bool, is_live: bool = True) -> None:  # noqa: D102
        self._hand_out(self._slots.request(slot, is_continuing=is_continuing, is_live=is_live))

    def release_slot(self, slot: Slot) -> None:  # noqa: D102
        self._hand_out(self._slots.release(slot))

    def forecast(self, sustainable: int | None) -> None:  # noqa: D102
        self._hand_out(self._slots.forecast(sustainable))

    def _hand_out(self, slots: Sequence[Slot]) -> None:
        for slot in slots:
            # Not within the call: the connection that asks may be in the middle of performing its actions.
            self._call_soon(self._granted, slot)
