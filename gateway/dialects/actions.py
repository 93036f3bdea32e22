"""What a dialect wants done: the conversation's actions, with its events and packets as bytes for the peer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..conversation.actions import ShellAction

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class SendText:
    """Send a text message; one that holds a context's sound is forgotten if the context is dropped before it leaves."""

    message: str
    context_id: str | None = None


@dataclass(slots=True)  # not frozen: made for every second frame, and freezing makes that three times slower
class SendAudio:
    """Send audio frames, unless their context is dropped before they leave."""

    context_id: str
    frames: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class KeepSent:
    """From now on keep what leaves for a while: the client may come back for what it did not get."""


@dataclass(frozen=True, slots=True)
class Resume:
    """Give this connection's socket to a conversation that lost its own.

    Attributes:
        session_id: the conversation's.
        token: what its client was told to show.
        received: how many messages the client has had of it since ``KeepSent``.
    """

    session_id: str
    token: str
    received: int


Action = SendText | SendAudio | KeepSent | Resume | ShellAction
