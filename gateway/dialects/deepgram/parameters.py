"""What a Deepgram client asks for in the query of its address: model, format, speed; and errors in Deepgram's shape."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ...conversation.audio import AudioParameters
from ...conversation.messages import FASTEST, SLOWEST
from ...errors import BadMessage

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....codecs.formats import FormatName
    from ...conversation.session import SessionSettings

DEFAULT_MODEL: Final = "aura-2-thalia-en"
# A raw format of the WebSocket -> ours, and the rate that Deepgram gives it if none is asked for.
RAW_ENCODINGS: Final[dict[str, tuple[FormatName, int]]] = {
    "linear16": ("pcm_s16le", 24_000),
    "mulaw": ("mulaw", 8_000),
    "alaw": ("alaw", 8_000),
}
_IDLE_S: Final = 300.0  # a pause in a conversation that a person would still call one
_FRAME_MS: Final = 20
_BITRATE: Final = 32_000  # raw samples have none
_LOWEST_HZ: Final = 8_000
_HIGHEST_HZ: Final = 48_000
# Models are named FAMILY-VOICE-LANGUAGE.
_LANGUAGE: Final = re.compile(r"-([a-z]{2})$")
_ERROR_CODES: Final = {
    HTTPStatus.BAD_REQUEST: "INVALID_QUERY_PARAMETER",
    HTTPStatus.UNAUTHORIZED: "INVALID_AUTH",
    HTTPStatus.FORBIDDEN: "INSUFFICIENT_PERMISSIONS",
    HTTPStatus.NOT_FOUND: "NOT_FOUND",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "PAYLOAD_TOO_LARGE",
    HTTPStatus.TOO_MANY_REQUESTS: "TOO_MANY_REQUESTS",
    HTTPStatus.SERVICE_UNAVAILABLE: "SERVICE_UNAVAILABLE",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client wants to hear.

    Attributes:
        model: Deepgram's name for a voice, which may be an alias of one of ours, or of none.
        language: the language that the model's name ends with; None if it names none.
        speed: of speech; 1 is the voice's own.
    """

    model: str
    language: str | None
    audio: AudioParameters
    speed: float


def read_stream_query(query: Mapping[str, str]) -> Wanted:
    """Read the query of a WebSocket, which carries raw samples only.

    Raises:
        BadMessage: a format or a number that cannot be had; the text lists what can.
    """
    encoding = query.get("encoding", "linear16")
    if encoding not in RAW_ENCODINGS:
        raise BadMessage(f"encoding: must be one of {', '.join(RAW_ENCODINGS)} on a WebSocket")
    if query.get("container", "none") not in ("none", ""):
        raise BadMessage("container: must be none on a WebSocket")
    form, usual_hz = RAW_ENCODINGS[encoding]
    model = read_model(query)
    audio = AudioParameters(form, read_rate(query, usual_hz), _FRAME_MS, _BITRATE)
    return Wanted(model, read_language(model), audio, read_speed(query.get("speed")))


def settings_for(wanted: Wanted, settings: SessionSettings) -> SessionSettings:
    """Set what holds for a connection.

    LiveKit reads a connection, and so answers pings, only while it waits for a speech on it; between two turns it keeps
    the connection for long.
    """
    return replace(settings, default_audio=wanted.audio, idle_s=max(settings.idle_s, _IDLE_S), needs_pongs=False)


def read_model(query: Mapping[str, str]) -> str:
    """Read the model's name, which is the voice's."""
    return query.get("model") or DEFAULT_MODEL


def read_language(model: str) -> str | None:
    """Read the language that a model's name ends with; None if it names none."""
    named = _LANGUAGE.search(model)
    return named[1] if named else None


def read_rate(query: Mapping[str, str], usual_hz: int) -> int:
    """Read the sample rate.

    Raises:
        BadMessage: it is no rate that can be had.
    """
    text = query.get("sample_rate") or str(usual_hz)
    if not re.fullmatch(r"\d{4,5}", text, re.ASCII) or not _LOWEST_HZ <= int(text) <= _HIGHEST_HZ:
        raise BadMessage(f"sample_rate: must be {_LOWEST_HZ} to {_HIGHEST_HZ}")
    return int(text)


def read_speed(value: object) -> float:
    """Read a speed, which is a number or one in text; 1 if there is none.

    Raises:
        BadMessage: it is no speed that can be had.
    """
    if value is None:
        return 1.0
    try:
        speed = float(value) if isinstance(value, (str, int, float)) and not isinstance(value, bool) else 0.0
    except (ValueError, OverflowError):
        speed = 0.0
    if not SLOWEST <= speed <= FASTEST:
        raise BadMessage(f"speed: must be {SLOWEST} to {FASTEST}")
    return speed


def request_id(session_id: str) -> str:
    """Name a request as Deepgram does, by a UUID; it is always the same one for a session."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, session_id))


def error_body(status: HTTPStatus, code: str, message: str) -> dict[str, Any]:
    """Write the body of a refusal."""
    return {"err_code": _ERROR_CODES.get(status, code.upper()), "err_msg": message, "request_id": str(uuid.uuid4())}
