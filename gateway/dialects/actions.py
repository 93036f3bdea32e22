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


Action = SendText | SendAudio | ShellAction
