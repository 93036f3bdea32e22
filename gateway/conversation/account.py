"""What a conversation's client may still use, as the conversation asks and tells; whoever keeps it may do I/O."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from ..errors import GatewayError


class Account(Protocol):
    """The client's, or that of all who share its keys."""

    def refuse_context(self, now: float) -> GatewayError | None:
        """Tell why no context may begin; None if one may."""
        ...

    def context_began(self) -> None:
        """Count a live context."""
        ...

    def context_ended(self) -> None:
        """Count it no longer."""
        ...

    def spend(self, characters: int, now: float) -> None:
        """Count text that was taken."""
        ...


class Unlimited:
    """The account of a client that nobody counts."""

    def refuse_context(self, now: float) -> None:
        """Refuse nothing."""

    def context_began(self) -> None:
        """Count nothing."""

    def context_ended(self) -> None:
        """Count nothing."""

    def spend(self, characters: int, now: float) -> None:
        """Count nothing."""
