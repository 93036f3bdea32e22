"""Every JSON message of ``tts.v1``, one class each (docs/PROTOCOL.md), as the server reads and writes it.

Frozen and strict: an unknown field, an unknown type or a wrong JSON type is an error, never a guess. The client has
classes of its own (``gateway.client.wire``), which need no pydantic and pass over what a newer gateway adds.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Annotated, Any, Final, Literal, TypeGuard, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    InstanceOf,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    ValidationError,
)

from ....codecs import provenance
from ....codecs.formats import FormatName
from ....synthesis.pronunciation import Pronunciation
from ...conversation import events, messages
from ...errors import BadMessage, ErrorCode
from .names import ENDPOINT as ENDPOINT  # noqa: PLC0414 - a part of the protocol, and of what servers import
from .names import PROTOCOL_VERSION as PROTOCOL_VERSION  # noqa: PLC0414 - as above
from .names import RESUME as RESUME  # noqa: PLC0414 - as above
from .names import SUBPROTOCOL as SUBPROTOCOL  # noqa: PLC0414 - as above

# The same words as those of the codecs and of the conversation.
AudioFormatName = FormatName
Chunking = messages.Chunking
Timestamps = messages.Timestamps
DoneReason = events.DoneReason

_MAX_ID_CHARS: Final = 128
ContextId = Annotated[str, StringConstraints(min_length=1, max_length=_MAX_ID_CHARS)]
# A whole number, however it is written: 24000 and 24000.0 are one number in JSON.
Whole = Annotated[int, BeforeValidator(lambda value: int(value) if _is_whole(value) else value)]
# Milliseconds as a client measured them: clocks of browsers give fractions.
Milliseconds = Annotated[float, Field(ge=0, allow_inf_nan=False, le=1e10)]


# Reading so many takes 2 ms of the loop; names in one conversation are fewer.
MAX_PRONUNCIATIONS: Final = 100


def _read_pronunciation(value: object) -> object:
    """Read an entry of a lexicon: a fault is the client's, and is told by its field."""
    if not isinstance(value, dict):
        return value
    if not all(isinstance(each, str) for each in value.values()):
        raise ValueError("holds something that is no text")
    try:
        return Pronunciation(**value)
    except TypeError:
        raise ValueError("has word, respelling, ipa, cmu, pinyin and language, and nothing else") from None


def _write_pronunciation(pronunciation: Pronunciation) -> dict[str, str]:
    return {name: value for name, value in asdict(pronunciation).items() if value is not None}


Entry = Annotated[
    InstanceOf[Pronunciation], BeforeValidator(_read_pronunciation), PlainSerializer(_write_pronunciation)
]


def _is_whole(value: object) -> TypeGuard[float]:
    return isinstance(value, float) and value.is_integer()


class Message(BaseModel):
    """What all messages share: nothing is coerced, nothing unknown is accepted, nothing changes afterwards."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


# -- client to server --------------------------------------------------------------------------------------------------


class SessionUpdate(Message):
    """How the audio of all later contexts is to be encoded and paced; only before the first context."""

    type: Literal["session.update"] = "session.update"
    format: AudioFormatName | None = None
    sample_rate: Annotated[Whole, Field(ge=8000, le=48000)] | None = None
    frame_ms: Literal[10, 20, 40, 60] | None = None
    # 6 to 510 kbit/s is what an Opus stream may have (RFC 6716, 2.1.1).
    bitrate: Annotated[Whole, Field(ge=6000, le=510_000)] | None = None
    max_lead_ms: Annotated[Whole, Field(ge=0, le=60_000)] | None = None
    # A gateway that does not offer ``resume`` among its features may not know the field, so a client leaves it out.
    resume: bool | None = None


class SessionResume(Message):
    """Go on with a conversation whose socket broke; only as the first message on another."""

    type: Literal["session.resume"] = "session.resume"
    session_id: Annotated[str, StringConstraints(max_length=_MAX_ID_CHARS)]
    token: Annotated[str, StringConstraints(max_length=_MAX_ID_CHARS)]
    # Messages of the gateway, text and binary, since and with the ``session.ready`` that held the token.
    received: Annotated[Whole, Field(ge=0)]


class ContextStart(Message):
    """Open a context with something other than the defaults."""

    type: Literal["context.start"] = "context.start"
    context_id: ContextId
    voice: Annotated[str, StringConstraints(min_length=1, max_length=128)] | None = None
    language: Annotated[str, StringConstraints(min_length=2, max_length=35)] | None = None  # 35: RFC 5646, 4.4.1
    instructions: Annotated[str, StringConstraints(max_length=1024)] | None = None
    speed: Annotated[float, Field(ge=messages.SLOWEST, le=messages.FASTEST, allow_inf_nan=False)] = 1.0
    # None means 1; a gateway that does not know the field refuses it, so a client leaves it out.
    volume: Annotated[float, Field(ge=0.0, le=messages.LOUDEST, allow_inf_nan=False)] | None = None
    seed: Annotated[Whole, Field(ge=0, lt=2**32)] | None = None
    allow_markup: bool = False
    chunking: Chunking = "sentence"
    timestamps: Timestamps = "segment"
    # None means no entry; a gateway that does not offer ``lexicon`` refuses the field, so a client leaves it out.
    lexicon: Annotated[tuple[Entry, ...], Field(max_length=MAX_PRONUNCIATIONS, strict=False)] | None = None


class Text(Message):
    """A delta of a context's text, concatenated exactly as sent."""

    type: Literal["text"] = "text"
    context_id: ContextId
    text: str


class Flush(Message):
    """Speak what is buffered now."""

    type: Literal["flush"] = "flush"
    context_id: ContextId


class ContextEnd(Message):
    """No more text will come."""

    type: Literal["context.end"] = "context.end"
    context_id: ContextId


class ContextCancel(Message):
    """Barge-in: stop now."""

    type: Literal["context.cancel"] = "context.cancel"
    context_id: ContextId
    played_ms: Milliseconds | None = None


class Playback(Message):
    """What the listener has heard and still holds."""

    type: Literal["playback"] = "playback"
    context_id: ContextId
    played_ms: Milliseconds
    buffered_ms: Milliseconds | None = None


class Ping(Message):
    """Are you there?"""

    type: Literal["ping"] = "ping"
    id: Annotated[str, StringConstraints(max_length=128)] | Whole | None = None


ContextMessage = ContextStart | Text | Flush | ContextEnd | ContextCancel | Playback
Wish = SessionUpdate | ContextMessage | Ping
ClientMessage = Wish | SessionResume
# Messages whose effect does not hang on their details.
ControlMessage = SessionUpdate | Flush | ContextEnd | ContextCancel | Playback | Ping


# -- server to client --------------------------------------------------------------------------------------------------


class FromServer(Message):
    """What the server says."""


class Limits(FromServer):
    """What this server allows on one connection."""

    max_contexts: int
    max_text_bytes: int
    max_lead_ms: int
    idle_s: float


class Resumption(FromServer):
    """How to go on if the socket breaks: the token to show, and for how long the gateway waits."""

    token: str
    seconds: float


class SessionReady(FromServer):
    """First message, and the answer to ``session.update``."""

    type: Literal["session.ready"] = "session.ready"
    session_id: str
    protocol: int = PROTOCOL_VERSION
    voices: tuple[str, ...] = Field(strict=False)  # JSON has arrays, not tuples
    limits: Limits
    features: tuple[str, ...] = Field(default=(), strict=False)
    resume: Resumption | None = None


class SessionResumed(FromServer):
    """The answer to ``session.resume``: what the client has not had comes next."""

    type: Literal["session.resumed"] = "session.resumed"
    session_id: str
    # Messages of the client that the gateway has taken since the ``session.update`` that asked for ``resume``.
    received: int


class Provenance(FromServer):
    """Where sound comes from: a machine made it (docs/PROVENANCE.md)."""

    synthetic: bool = True
    generator: str = provenance.GENERATOR
    digital_source_type: str = provenance.DIGITAL_SOURCE_TYPE


class ContextStarted(FromServer):
    """Before any of the context's audio."""

    type: Literal["context.started"] = "context.started"
    context_id: str
    channel: int
    format: AudioFormatName
    sample_rate: int
    preskip: int
    provenance: Provenance | None = None  # None from a gateway that does not say


class SegmentStarted(FromServer):
    """Before the segment's first audio frame."""

    type: Literal["segment"] = "segment"
    context_id: str
    segment_id: int
    text: str
    char_start: int
    char_end: int
    start_ms: int


class WordTime(FromServer):
    """One word and when it is heard, in milliseconds from the context's start."""

    text: str
    start_ms: int
    end_ms: int


class Words(FromServer):
    """Word times of a segment, or of the part of it that has been synthesized."""

    type: Literal["words"] = "words"
    context_id: str
    segment_id: int
    words: tuple[WordTime, ...] = Field(strict=False)
    approximate: bool


class SegmentDone(FromServer):
    """After the segment's last audio frame."""

    type: Literal["segment.done"] = "segment.done"
    context_id: str
    segment_id: int
    end_ms: int


class ContextDone(FromServer):
    """After the context's last audio frame: exactly once, always."""

    type: Literal["context.done"] = "context.done"
    context_id: str
    reason: DoneReason
    audio_ms: int
    text_spoken: str
    text_remaining: str
    characters: int | None = None  # None from a gateway that does not count


class Error(FromServer):
    """Something went wrong; the socket stays open."""

    type: Literal["error"] = "error"
    code: ErrorCode | str
    message: str
    context_id: str | None = None
    retryable: bool
    retry_after_ms: int | None = None


class GoAway(FromServer):
    """The server is draining: finish, reconnect elsewhere."""

    type: Literal["goaway"] = "goaway"
    drain_ms: int


class Pong(FromServer):
    """The answer to ``ping``."""

    type: Literal["pong"] = "pong"
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

_CLIENT: Final[TypeAdapter[ClientMessage]] = TypeAdapter(Annotated[ClientMessage, Field(discriminator="type")])


_CONTROL: Final[dict[str, type[ControlMessage]]] = {
    model.model_fields["type"].default: model for model in get_args(ControlMessage)
}
_MOST_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Heard:
    """What a client's message says, as far as it can be read.

    Attributes:
        message: what is to be done; None if that cannot be read.
        fault: what is wrong with the message; None if nothing is. Its text names the field, and never repeats the
            client's value.
        context_id: the context that it names, if it names one.
    """

    message: ClientMessage | None
    fault: BadMessage | None = None
    context_id: str | None = None


def hear_client_message(message: str | bytes) -> Heard:
    """Read what a client sent. A wrong detail of a control message is left out of it, and told.

    Who says "stop" is to be obeyed, whatever else is in the message. What has no effect but its fields (text, the
    style of a context) is read whole or not at all.
    """
    try:
        return Heard(_CLIENT.validate_json(message))
    except ValidationError as exc:
        fault = BadMessage(_first_fault(exc))
    fields = _read_fields(message)
    context_id = fields.get("context_id")
    if not isinstance(context_id, str) or not 0 < len(context_id) <= _MAX_ID_CHARS or not _is_unicode(context_id):
        context_id = None
    kind = fields.get("type")
    model = _CONTROL.get(kind) if isinstance(kind, str) else None
    return Heard(None if model is None else _without_wrong_details(model, fields), fault, context_id)


def _without_wrong_details(model: type[ControlMessage], fields: dict[str, Any]) -> ControlMessage | None:
    """Read a message from those of its fields that are right; None if one that it cannot be without is not."""
    known = {name: value for name, value in fields.items() if name in model.model_fields}
    try:
        return model.model_validate(known)
    except ValidationError as exc:
        wrong = {fault["loc"][0] for fault in exc.errors(include_url=False, include_context=False, include_input=False)}
    try:
        return model.model_validate({name: value for name, value in known.items() if name not in wrong})
    except ValidationError:
        return None


def _read_fields(message: str | bytes) -> dict[str, Any]:
    """Read an object's fields, more leniently than messages are read; none if it is not an object at all."""
    try:
        fields = json.loads(message, parse_int=_read_int)
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _read_int(digits: str) -> float:
    """Read a whole number; of more digits than any of our fields has, only its size matters."""
    return int(digits) if len(digits) <= _MOST_DIGITS else math.copysign(math.inf, -1 if digits[0] == "-" else 1)


def _is_unicode(text: str) -> bool:
    """Tell whether there are no halves of surrogate pairs in it."""
    return text.isascii() or not any("\ud800" <= char <= "\udfff" for char in text)


def encode(message: Message) -> str:
    """Write a message as JSON; optional fields that are not set are left out."""
    return message.model_dump_json(exclude_none=True)


_MAX_FAULTS: Final = 100  # writing all of them out to take the first costs 1 µs each, and a message has room for 12,000
_MAX_FAULT_CHARS: Final = 300  # a wrong type name comes back in the text; it may be as long as a message


def _first_fault(exc: ValidationError) -> str:
    if exc.error_count() > _MAX_FAULTS:
        return f"{exc.error_count()} fields are wrong or unknown"
    fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
    # The location starts with the union's tag; what is left is the field.
    field = ".".join(str(part) for part in fault["loc"][1:])
    fault_text = f"{field}: {fault['msg']}" if field else fault["msg"]
    return fault_text[:_MAX_FAULT_CHARS]
