"""Twilio's messages: what is read of those that come, and those that are sent."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from ...errors import BadMessage
from ..json_protocol import read_object

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT: Final = "/v1/twilio"
CALL: Final = "call"  # the field of a query by which a client of ``tts.v1`` names the call for which it writes
REQUESTS: Final = "/v1/calls/{call}"  # where requests of HTTP write for a call
SAMPLE_RATE_HZ: Final = 8000
_ENCODING: Final = "audio/x-mulaw"
_MAX_SID_CHARS: Final = 128


@dataclass(frozen=True, slots=True)
class Started:
    """The call's stream has begun.

    Attributes:
        parameters: what the TwiML gave to the stream.
    """

    stream_sid: str
    call_sid: str
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Marked:
    """All sound before the mark of this name was played, or thrown away."""

    name: str


@dataclass(frozen=True, slots=True)
class Pressed:
    """The caller pressed a key."""

    digit: str


@dataclass(frozen=True, slots=True)
class Stopped:
    """The call, or its stream, is over."""


@dataclass(frozen=True, slots=True)
class Other:
    """What needs no answer: the greeting, the caller's sound, and whatever Twilio adds."""


FromTwilio = Started | Marked | Pressed | Stopped | Other
_OTHER: Final = Other()


def read(message: str | bytes) -> FromTwilio:
    """Read a message.

    Raises:
        BadMessage: it is none of Twilio's.
    """
    fields = read_object(message)
    if not isinstance(fields.get("event"), str):
        raise BadMessage("a message has an event, which is text")
    match fields["event"]:
        case "start":
            return _started(fields)
        case "mark":
            return Marked(_text(fields, "mark", "name"))
        case "dtmf":
            return Pressed(_text(fields, "dtmf", "digit"))
        case "stop":
            return Stopped()
    return _OTHER


def _started(fields: dict[str, Any]) -> Started:
    start = fields.get("start")
    start = start if isinstance(start, dict) else {}
    stream_sid = _text({"start": {"streamSid": fields.get("streamSid")} | start}, "start", "streamSid")
    form = start.get("mediaFormat")
    if isinstance(form, dict) and (form.get("encoding"), form.get("sampleRate")) != (_ENCODING, SAMPLE_RATE_HZ):
        raise BadMessage(f"start.mediaFormat: only {_ENCODING} at {SAMPLE_RATE_HZ} Hz is spoken")
    given = start.get("customParameters")
    parameters = (
        {name: text for name, text in given.items() if isinstance(text, str)} if isinstance(given, dict) else {}
    )
    return Started(stream_sid, _text(fields, "start", "callSid"), parameters)


def _text(fields: dict[str, Any], part: str, name: str) -> str:
    inner = fields.get(part)
    text = inner.get(name) if isinstance(inner, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= _MAX_SID_CHARS:
        raise BadMessage(f"{part}.{name}: text of 1 to {_MAX_SID_CHARS} characters is wanted")
    return text


def media(stream_sid: str, mulaw: bytes) -> str:
    """Let the call hear this sound, behind all that was sent before."""
    payload = base64.b64encode(mulaw).decode()
    return json.dumps({"event": "media", "streamSid": stream_sid, "media": {"payload": payload}})


def mark(stream_sid: str, name: str) -> str:
    """Ask to be told when all that was sent before has been heard."""
    return json.dumps({"event": "mark", "streamSid": stream_sid, "mark": {"name": name}})


def clear(stream_sid: str) -> str:
    """Throw away all that was sent and not heard yet."""
    return json.dumps({"event": "clear", "streamSid": stream_sid})
