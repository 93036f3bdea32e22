"""Every JSON message of ``tts.v1``, one class each (docs/PROTOCOL.md), and their way to JSON and back.

A client ignores fields, message types and error codes that it does not know: a gateway may be newer than its clients.
What it writes is within the protocol's ranges, which each field's annotation has.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Annotated, Any, ClassVar, Final, Literal, NoReturn, get_args

from ....codecs import provenance
from ....codecs.formats import FormatName
from ....synthesis.pronunciation import Pronunciation  # noqa: TC001 - annotations are read at run time
from ...errors import BadMessage, ErrorCode
from .fields import Length, Unfit, Within, read

AudioFormatName = FormatName
Chunking = Literal["sentence", "clause", "none"]
Timestamps = Literal["none", "segment", "word"]
DoneReason = Literal["end", "cancel", "error"]

ContextId = Annotated[str, Length(1, 128)]
# Milliseconds as a client measured them: clocks give fractions. The end is what the protocol allows.
Milliseconds = Annotated[float, Within(0, 1e10)]


@dataclass(frozen=True, slots=True)
class Message:
    """What all messages share.

    Attributes:
        type: what the wire calls it.
    """

    type: ClassVar[str]


# -- client to server --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUpdate(Message):
    """How the audio of all later contexts is to be encoded and paced; only before the first context."""

    type: ClassVar = "session.update"
    format: AudioFormatName | None = None
    sample_rate: Annotated[int, Within(8000, 48_000)] | None = None
    frame_ms: Literal[10, 20, 40, 60] | None = None
    bitrate: Annotated[int, Within(6000, 510_000)] | None = None
    max_lead_ms: Annotated[int, Within(0, 60_000)] | None = None
    resume: bool | None = None  # only for a gateway that offers it


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResume(Message):
    """Go on with a conversation whose socket broke; only as the first message on another."""

    type: ClassVar = "session.resume"
    session_id: str
    token: str
    received: int  # messages of the gateway, text and binary, since and with the ``session.ready`` that held the token


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextStart(Message):
    """Open a context with something other than the defaults."""

    type: ClassVar = "context.start"
    context_id: ContextId
    voice: Annotated[str, Length(1, 128)] | None = None
    language: Annotated[str, Length(2, 35)] | None = None
    instructions: Annotated[str, Length(0, 1024)] | None = None
    speed: Annotated[float, Within(0.5, 2)] = 1.0
    volume: Annotated[float, Within(0, 2)] | None = None  # only for a gateway that offers it
    seed: Annotated[int, Within(0, 2**32 - 1)] | None = None
    allow_markup: bool = False
    chunking: Chunking = "sentence"
    timestamps: Timestamps = "segment"
    lexicon: Annotated[tuple[Pronunciation, ...], Length(0, 100)] | None = None  # only for a gateway that offers it


@dataclass(frozen=True, slots=True, kw_only=True)
class Text(Message):
    """A delta of a context's text, concatenated exactly as sent."""

    type: ClassVar = "text"
    context_id: ContextId
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flush(Message):
    """Speak what is buffered now."""

    type: ClassVar = "flush"
    context_id: ContextId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextEnd(Message):
    """No more text will come."""

    type: ClassVar = "context.end"
    context_id: ContextId


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextCancel(Message):
    """Barge-in: stop now."""

    type: ClassVar = "context.cancel"
    context_id: ContextId
    played_ms: Milliseconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Playback(Message):
    """What the listener has heard and still holds."""

    type: ClassVar = "playback"
    context_id: ContextId
    played_ms: Milliseconds
    buffered_ms: Milliseconds | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Message):
    """Are you there?"""

    type: ClassVar = "ping"
    id: Annotated[str, Length(0, 128)] | int | None = None


ContextMessage = ContextStart | Text | Flush | ContextEnd | ContextCancel | Playback
ClientMessage = SessionUpdate | SessionResume | ContextMessage | Ping


# -- server to client --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What this server allows on one connection."""

    max_contexts: int
    max_text_bytes: int
    max_lead_ms: int
    idle_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumption:
    """How to go on if the socket breaks: the token to show, and for how long the gateway waits."""

    token: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReady(Message):
    """First message, and the answer to ``session.update``."""

    type: ClassVar = "session.ready"
    session_id: str
    protocol: int = 1
    voices: tuple[str, ...]
    limits: Limits
    features: tuple[str, ...] = ()
    resume: Resumption | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResumed(Message):
    """The answer to ``session.resume``: what the client has not had comes next."""

    type: ClassVar = "session.resumed"
    session_id: str
    received: int  # messages of the client that the gateway has taken since the one that asked for ``resume``


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where sound comes from: a machine made it (docs/PROVENANCE.md)."""

    synthetic: bool = True
    generator: str = provenance.GENERATOR
    digital_source_type: str = provenance.DIGITAL_SOURCE_TYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextStarted(Message):
    """Before any of the context's audio."""

    type: ClassVar = "context.started"
    context_id: str
    channel: int
    format: AudioFormatName
    sample_rate: int
    preskip: int
    provenance: Provenance | None = None  # None from a gateway that does not say


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentStarted(Message):
    """Before the segment's first audio frame."""

    type: ClassVar = "segment"
    context_id: str
    segment_id: int
    text: str
    char_start: int
    char_end: int
    start_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WordTime:
    """One word and when it is heard, in milliseconds from the context's start."""

    text: str
    start_ms: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Words(Message):
    """Word times of a segment, or of the part of it that has been synthesized."""

    type: ClassVar = "words"
    context_id: str
    segment_id: int
    words: tuple[WordTime, ...]
    approximate: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentDone(Message):
    """After the segment's last audio frame."""

    type: ClassVar = "segment.done"
    context_id: str
    segment_id: int
    end_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ContextDone(Message):
    """After the context's last audio frame: exactly once, always."""

    type: ClassVar = "context.done"
    context_id: str
    reason: DoneReason
    audio_ms: int
    text_spoken: str
    text_remaining: str
    characters: int | None = None  # None from a gateway that does not count


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Message):
    """Something went wrong; the socket stays open."""

    type: ClassVar = "error"
    code: ErrorCode | str
    message: str
    context_id: str | None = None
    retryable: bool
    retry_after_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoAway(Message):
    """The server is draining: finish, reconnect elsewhere."""

    type: ClassVar = "goaway"
    drain_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Message):
    """The answer to ``ping``."""

    type: ClassVar = "pong"
    id: str | int | None = None


ServerMessage = (
    SessionReady
    | SessionResumed
    | ContextStarted
    | SegmentStarted
    | Words
    | SegmentDone
    | ContextDone
    | Error
    | GoAway
    | Pong
)

_SERVER: Final[dict[str, type[ServerMessage]]] = {kind.type: kind for kind in get_args(ServerMessage)}


def parse_server_message(message: str | bytes) -> ServerMessage | None:
    """Parse what a server sent; None for a type of message that came after this client was written.

    Raises:
        BadMessage: it is not one of ours.
    """
    try:
        fields = json.loads(message, parse_constant=_refuse)
    except (ValueError, RecursionError) as exc:
        raise BadMessage(f"a message is no JSON: {exc}") from None
    kind = fields.get("type") if isinstance(fields, dict) else None
    if not isinstance(kind, str):
        raise BadMessage("a message is no object that has a type")
    if (model := _SERVER.get(kind)) is None:
        return None
    try:
        return read(model, fields)
    except Unfit as exc:
        raise BadMessage(f"{kind}: {exc}") from None


def encode(message: Message) -> str:
    """Write a message as JSON; optional fields that are not set are left out."""
    return json.dumps({"type": message.type, **asdict(message, dict_factory=_set_fields)}, ensure_ascii=False)


def _set_fields(fields: list[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in fields if value is not None}


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")
