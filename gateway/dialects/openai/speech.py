"""``POST /v1/audio/speech``: how a request is read, and how its answer is written."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from ....codecs.formats import MEDIA_TYPES
from ...conversation.events import Done
from ...conversation.messages import Configure, Open, nearest_speed
from ...errors import BadField
from ..http import CONTEXT, Body, Speech

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ....codecs.formats import FormatName
    from ...conversation.audio import Packet
    from ...conversation.events import Event
    from ..http import Fault, HttpRequest

# What the service's own speech has: 16-bit PCM at 24 kHz, and so every other format at this rate too.
_RATE_HZ: Final = 24_000


class _Sound(NamedTuple):
    """What a ``response_format`` is here; bits per second, where a codec takes any."""

    format: FormatName
    bitrate: int | None = None


# 64 kbit/s are MP3's transparent rate for speech at 24 kHz, and more than AAC's; Opus has the server's own.
FORMATS: Final[dict[str, _Sound]] = {
    "mp3": _Sound("mp3", 64_000),
    "opus": _Sound("ogg_opus"),
    "aac": _Sound("aac", 64_000),
    "flac": _Sound("flac"),
    "wav": _Sound("wav"),
    "pcm": _Sound("pcm_s16le"),
    "ogg": _Sound("ogg_opus"),  # what some clients call ``opus``
}


class _VoiceById(BaseModel):
    id: StrictStr


class _Request(BaseModel):
    """The body; fields that are not known here are ignored, because compatible clients send their own."""

    model_config = ConfigDict(extra="ignore")

    input: StrictStr
    model: Any = None  # any model is this gateway's
    voice: Annotated[StrictStr | _VoiceById | None, Field(union_mode="left_to_right")] = None
    response_format: StrictStr | None = None
    speed: Annotated[StrictFloat | StrictInt, Field(ge=0.25, le=4, allow_inf_nan=False)] | None = None
    instructions: Annotated[StrictStr, Field(max_length=4096)] | None = None
    stream_format: Literal["audio", "sse"] | None = None
    language: Annotated[StrictStr, Field(min_length=2, max_length=35)] | None = None  # not OpenAI's; others send it


def read_speech(request: HttpRequest) -> Speech:
    """Read a request.

    Raises:
        BadField: a field is missing or wrong.
        BadMessage: the body is no JSON object.
    """
    wanted = _read(request.json_object())
    name = wanted.response_format or "mp3"
    sound = FORMATS.get(name)
    if sound is None:
        offered = ", ".join(FORMATS)
        raise BadField("response_format", f"response_format must be one of {offered}, not {name[:40]!r}")
    if not wanted.input.strip():
        raise BadField("input", "input must hold a text to speak")
    wish = 1.0 if wanted.speed is None else float(wanted.speed)
    speed = nearest_speed(wish)
    voice = wanted.voice.id if isinstance(wanted.voice, _VoiceById) else wanted.voice
    is_sse = wanted.stream_format == "sse"
    return Speech(
        wanted.input,
        Open(
            CONTEXT,
            voice=voice or None,
            or_default=True,
            language=wanted.language,
            instructions=wanted.instructions or None,
            speed=speed,
            timestamps="none",
        ),
        Configure(format=sound.format, sample_rate_hz=_RATE_HZ, bitrate=sound.bitrate),
        "text/event-stream" if is_sse else MEDIA_TYPES[sound.format],
        SpeechEvents(len(wanted.input)) if is_sse else Body(),
        text_field="input",
        ignored=() if speed == wish else ("speed",),
    )


class SpeechEvents(Body):
    """The body of ``stream_format: sse``: sound in base64, then how much was used.

    Args:
        chars: the text's length, by which this gateway counts in place of tokens.
    """

    def __init__(self, chars: int) -> None:
        self._chars = chars

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write an event for packets that come together."""
        sound = b"".join([packet.payload for packet in packets])
        return b'data: {"type":"speech.audio.delta","audio":"%s"}\n\n' % base64.b64encode(sound)

    def event(self, event: Event) -> str:
        """Write the last event; nothing for the others."""
        if not isinstance(event, Done):
            return ""
        spoken_ms = round(event.audio_ms)
        usage = {"input_tokens": self._chars, "output_tokens": spoken_ms, "total_tokens": self._chars + spoken_ms}
        return _event({"type": "speech.audio.done", "usage": usage})

    def fault(self, fault: Fault) -> bytes:
        """Write what went wrong, as an event."""
        return _event({"type": "error", "error": error_object(fault)}).encode()


def error_object(fault: Fault) -> dict[str, str | None]:
    """Write a fault as the service does."""
    return {"message": fault.message, "type": _type_of(fault), "param": fault.field, "code": fault.code}


def _type_of(fault: Fault) -> str:
    if fault.code == "key":
        return "authentication_error"
    if fault.status == 429:
        return "rate_limit_error"
    return "server_error" if fault.status >= 500 else "invalid_request_error"


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, separators=(',', ':'))}\n\n"


def _read(fields: dict[str, Any]) -> _Request:
    try:
        return _Request.model_validate(fields)
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        name = str(fault["loc"][0])
        raise BadField(name, f"{name}: {fault['msg']}") from None
