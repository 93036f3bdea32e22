"""Whose fault an error is, what the peer learns, whether to retry: one tree, one table.

Errors::

    GatewayError
     ├── BadSettings             the operator's fault: one line that names the setting, exit 2
     ├── ClientFault             the peer's fault; the peer learns all of it
     │    ├── BadMessage           not JSON, unknown field or type
     │    │    ├── BadField          one field is wrong or missing
     │    │    └── OutOfTurn         not now: the message may come at other times
     │    ├── TextTooLong          one delta, or one context's text, over its cap
     │    ├── UnknownVoice         no such voice
     │    ├── Unsupported          a wish that this voice cannot grant; what was asked for goes on without it
     │    ├── CannotSpeak          the engine cannot speak this text
     │    ├── CannotResume         the conversation is over, or was never this client's
     │    ├── TooManyContexts      more live contexts than one connection may have
     │    └── OverQuota            its key has used up what its tenant may use; it knows when to come back
     ├── ServerFault             our fault; the peer learns only that, the log keeps the cause
     │    ├── SpeechFailed         the engine broke while speaking
     │    └── Overloaded           no capacity, or the server is draining
     └── ConnectionFailed        client side: no connection, or it was lost or refused (see ``retry_after_s``)

``CloseCode`` lists the close codes. An ``error`` message never closes the socket; a close code always ends it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal

ErrorCode = Literal[
    "bad_message",
    "text_too_long",
    "unknown_voice",
    "unsupported",
    "resume_failed",
    "too_many_contexts",
    "quota_exceeded",
    "synthesis_failed",
    "overloaded",
]


class CloseCode(IntEnum):
    """Why a WebSocket is closed (docs/PROTOCOL.md)."""

    NORMAL = 1000
    DRAIN = 1001
    POLICY = 1008
    TOO_BIG = 1009
    INTERNAL = 1011
    NOT_A_CLIENT = 4400  # the peer does not speak tts.v1
    KEY_REVOKED = 4401
    NO_SUCH_CALL = 4404  # the phone call for which the peer wants to write
    SLOW_OR_IDLE = 4408


class GatewayError(Exception):
    """The base of all errors of the gateway and its client."""


class BadSettings(GatewayError):
    """A setting has a value that cannot work. The message is one line that names the setting."""


class ClientFault(GatewayError):
    """The peer asked for something that it may not have."""


class BadMessage(ClientFault):
    """The protocol has no such message, or it may not come now."""


class BadField(BadMessage):
    """One field is wrong or missing.

    Attributes:
        field: its name, in the words of the dialect.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class OutOfTurn(BadMessage):
    """The message may not come now.

    Attributes:
        kind: the message's class; a dialect puts its own name for it before ``why``.
    """

    def __init__(self, kind: type, why: str) -> None:
        super().__init__(f"{kind.__name__} {why}")
        self.kind = kind
        self.why = why


class TextTooLong(ClientFault):
    """A delta or a context's text is over its cap."""


class UnknownVoice(ClientFault):
    """There is no such voice."""


class Unsupported(ClientFault):
    """The voice cannot grant a wish; the context goes on without it.

    Attributes:
        wish: what was wished for, by the name of its field.
    """

    def __init__(self, wish: str, why: str) -> None:
        super().__init__(f"{wish}: {why}; the context goes on without it")
        self.wish = wish


class CannotSpeak(ClientFault):
    """The engine is well and cannot speak this text, whatever is left of the style; the context ends."""


class CannotResume(ClientFault):
    """There is no conversation that this client may go on with, or what it missed is kept no longer."""


class TooManyContexts(ClientFault):
    """One connection would have more live contexts than it may."""


class OverQuota(ClientFault):
    """The client's tenant has used up what it may use; what has begun goes on.

    Attributes:
        quota: which limit, by its name in the file of tenants.
        retry_after_s: when the client may come back.
    """

    def __init__(self, quota: str, message: str, retry_after_s: int) -> None:
        super().__init__(message)
        self.quota = quota
        self.retry_after_s = retry_after_s


class ServerFault(GatewayError):
    """The server could not do what it should: our fault."""


class SpeechFailed(ServerFault):
    """The engine broke while speaking."""


class Overloaded(ServerFault):
    """There is no capacity, or the server is draining."""


class ConnectionFailed(GatewayError):
    """Client side: the connection was refused, lost or closed.

    Attributes:
        retryable: whether the same attempt may succeed later.
        retry_after_s: how long the server asks the client to wait; None if it did not say.
        close_code: the WebSocket close code, if there was one.
    """

    def __init__(
        self, message: str, *, retryable: bool, retry_after_s: float | None = None, close_code: int | None = None
    ) -> None:
        super().__init__(message)
        self.retryable = retryable
        self.retry_after_s = retry_after_s
        self.close_code = close_code


@dataclass(frozen=True, slots=True)
class WireError:
    """How an error is told to the peer."""

    code: ErrorCode
    retryable: bool


# After these errors a context is over; after the first three it never began.
NEVER_BEGAN: Final = (Overloaded, TooManyContexts, OverQuota)
FATAL: Final = (*NEVER_BEGAN, UnknownVoice, CannotSpeak, SpeechFailed)

# Retryable answers: would the very same message succeed later? A voice may not appear by itself; a slot does.
WIRE_ERRORS: Final[dict[type[GatewayError], WireError]] = {
    BadMessage: WireError("bad_message", retryable=False),
    BadField: WireError("bad_message", retryable=False),
    OutOfTurn: WireError("bad_message", retryable=False),
    TextTooLong: WireError("text_too_long", retryable=False),
    UnknownVoice: WireError("unknown_voice", retryable=False),
    Unsupported: WireError("unsupported", retryable=False),
    CannotSpeak: WireError("unsupported", retryable=False),
    CannotResume: WireError("resume_failed", retryable=False),
    TooManyContexts: WireError("too_many_contexts", retryable=True),
    OverQuota: WireError("quota_exceeded", retryable=True),
    SpeechFailed: WireError("synthesis_failed", retryable=True),
    Overloaded: WireError("overloaded", retryable=True),
}
