"""What a caller of the client may catch: one tree, and what the caller can do about each error.

Errors::

    GatewayError
     ├── ConnectionFailed   no connection, or it was lost; ``retryable`` and ``retry_after_s`` advise on another try
     │    ├── BadAddress     the given address cannot be a gateway's
     │    └── BadKey         the API key is missing, wrong, or cannot be a key at all
     ├── SpeechError        the gateway refused or broke off one speech; the connection and its other speeches go on
     ├── BadArgument        a value that cannot be used; the text names the argument
     └── Misuse             a call that cannot work here: text for an ended speech, a second reader of a speech

Every text is one line that names the cause and, if there is one, the remedy. No text holds a key or a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import BadMessage, ConnectionFailed, GatewayError

if TYPE_CHECKING:
    from .wire import messages as wire

__all__ = ["BadAddress", "BadArgument", "BadKey", "ConnectionFailed", "GatewayError", "Misuse", "SpeechError"]


class BadAddress(ConnectionFailed):
    """The address can be no gateway's; trying again cannot help."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class BadKey(ConnectionFailed):
    """The gateway wants another API key, or the given one cannot be sent. The text never shows the key."""

    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=False)


class SpeechError(GatewayError):
    """The gateway refused a speech, or broke it off.

    Attributes:
        code: what went wrong, as on the wire.
        retryable: whether the same text may succeed later.
        retry_after_s: how long the gateway asks to wait; None if it did not say.
    """

    def __init__(self, error: wire.Error) -> None:
        super().__init__(f"{error.code}: {error.message}")
        self.code = error.code
        self.retryable = error.retryable
        self.retry_after_s = None if error.retry_after_ms is None else error.retry_after_ms / 1000


class BadArgument(BadMessage):
    """A value that the client or the protocol cannot use."""


class Misuse(GatewayError):
    """A call out of order. The text says which call would be right."""
