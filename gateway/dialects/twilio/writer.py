"""One program that writes for a phone call, as the call's conversation knows it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Literal

from ..tts_v1.messages import FromServer, encode

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..tts_v1.messages import Message


class Digit(FromServer):
    """The caller pressed a key; what ``tts.v1`` has only for calls."""

    type: Literal["call.digit"] = "call.digit"
    digit: str


class Writer:
    """What a writer is told waits here until its shell sends it.

    Args:
        changed: called when there is something to send or to look at again.

    Attributes:
        number: counts the call's writers, from when it joined.
        told: messages that were not sent yet, in order.
        contexts: its live contexts, by their own names, in the order in which they began.
        is_call_over: the call is over, and nothing more will be told.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self.number = -1
        self.told: deque[str] = deque()
        self.contexts: dict[str, None] = {}
        self.is_call_over = False
        self.changed = changed

    def tell(self, message: Message) -> None:
        """Have a message sent."""
        self.told.append(encode(message))
        self.changed()

    def end(self) -> None:
        """Say that the call is over."""
        self.is_call_over = True
        self.changed()
