"""Cartesia's HTTP requests: ``/tts/bytes`` for sound alone, ``/tts/sse`` for events, ``/voices`` for the list."""

from __future__ import annotations

import base64
import json
import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ....codecs.formats import MEDIA_TYPES
from ...conversation.events import Done, SegmentStarted, Words
from ...conversation.messages import Configure
from ...errors import BadField, UnknownVoice
from ...http_answers import json_answer
from ..http import CONTEXT, Body, HttpDialect, PageRoute, Speech, SpeechRoute
from ..wav_body import wav_of
from .dialect import shown_keys
from .errors import describe
from .messages import FORMATS, opening_of, read_generation
from .tags import TagReader
from .words import SignedWords

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ....synthesis.interface import Voice
    from ...conversation.audio import Packet
    from ...conversation.events import Event
    from ...http_answers import HttpAnswer
    from ..http import Fault, HttpRequest, Offer
    from .messages import Generation, OutputFormat

_MP3_BITRATE: Final = 128_000  # what Cartesia writes if none is asked for
_RAW_TYPE: Final = "application/octet-stream"  # no type names an encoding, a rate and a byte order at once
_SSE_TYPE: Final = "text/event-stream"
_MOST_CHARS: Final = 20_000


def _read_bytes(request: HttpRequest) -> Speech:
    """Read a request for sound alone."""
    wanted = _read(request)
    sound = _sound(wanted.output_format)
    audio, body, media_type = _body(sound)
    return _speech(wanted, audio, media_type, body)


def _read_sse(request: HttpRequest) -> Speech:
    """Read a request for events, whose sound is raw samples."""
    wanted = _read(request)
    audio = wanted.raw_audio()
    configuration = Configure(format=audio.format, sample_rate_hz=audio.sample_rate_hz)
    return _speech(wanted, configuration, _SSE_TYPE, Events(wanted.context_id))


def _read(request: HttpRequest) -> Generation:
    return read_generation(request.json_object())


def _speech(wanted: Generation, audio: Configure, media_type: str, body: Body) -> Speech:
    tags = TagReader()
    text = tags.feed(wanted.transcript or "") + tags.finish()
    opening = opening_of(CONTEXT, wanted, tags.manner)
    return Speech(text, opening, audio, media_type, body, text_field="transcript")


def _sound(wanted: OutputFormat | None) -> OutputFormat:
    if wanted is None:
        raise BadField("output_format", "output_format: a container, an encoding and a sample_rate are needed")
    if wanted.container != "mp3" and wanted.encoding is None:
        raise BadField("output_format", f"output_format.encoding: must be one of {', '.join(FORMATS)}")
    return wanted


def _body(wanted: OutputFormat) -> tuple[Configure, Body, str]:
    """Choose the format of the sound, what writes it, and what HTTP calls it."""
    rate_hz = wanted.sample_rate
    if wanted.container == "mp3" or wanted.encoding is None:
        audio = Configure(format="mp3", sample_rate_hz=rate_hz, bitrate=wanted.bit_rate or _MP3_BITRATE)
        return audio, Body(), MEDIA_TYPES["mp3"]
    form = FORMATS[wanted.encoding]
    if wanted.container == "raw":
        return Configure(format=form, sample_rate_hz=rate_hz), Body(), _RAW_TYPE
    return wav_of(form, rate_hz)


class Events(Body):
    """The events of ``/tts/sse``, which are the messages of the WebSocket."""

    def __init__(self, context_id: str | None) -> None:
        self._fields = {} if context_id is None else {"context_id": context_id}
        self._words = SignedWords()

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write an event for packets that come together."""
        data = base64.b64encode(super().audio(packets)).decode()
        return self._write("chunk", data=data, done=False, status_code=206, step_time=0).encode()

    def event(self, event: Event) -> str:
        """Write word times and the end; nothing for the others."""
        match event:
            case SegmentStarted():
                self._words.begin(event)
            case Words():
                return self._write("timestamps", done=False, status_code=206, word_timestamps=self._words.times(event))
            case Done():
                return self._write("done", done=True, status_code=200)
        return ""

    def fault(self, fault: Fault) -> bytes:
        """Write what went wrong, as an event."""
        return self._write("error", done=True, **describe(fault.status, fault.message)).encode()

    def _write(self, kind: str, **fields: object) -> str:
        content = json.dumps({"type": kind, **self._fields, **fields}, separators=(",", ":"))
        return f"event: {kind}\ndata: {content}\n\n"


# -- voices ------------------------------------------------------------------------------------------------------------


def _voices(request: HttpRequest, offer: Offer) -> HttpAnswer:
    """List voices. Clients ask for what comes behind the last one of a page until a page is empty."""
    names = [voice.name for voice in offer.voices]
    start, end = 0, len(names)
    if (after := request.query.get("starting_after")) is not None:
        start = names.index(after) + 1 if after in names else end
    if (before := request.query.get("ending_before")) is not None:
        end = names.index(before) if before in names else start
    limit = request.query.get("limit", "")
    most = max(1, int(limit)) if re.fullmatch(r"\d{1,3}", limit, re.ASCII) else len(names)
    page = [_voice(voice) for voice in offer.voices[start:end][:most]]
    has_more = start + len(page) < end
    next_page = page[-1]["id"] if page and has_more else None
    return json_answer(HTTPStatus.OK, {"data": page, "has_more": has_more, "next_page": next_page})


def _one_voice(request: HttpRequest, offer: Offer) -> HttpAnswer:
    voice = offer.voice(request.parameters["id"])
    if voice is None:
        raise UnknownVoice("there is no such voice; /voices lists them all")
    return json_answer(HTTPStatus.OK, _voice(voice))


def _voice(voice: Voice) -> Mapping[str, object]:
    return {
        "id": voice.name,
        "name": voice.name,
        "description": voice.description,
        "language": voice.languages[0] if voice.languages else "en",
        "is_owner": False,
        "is_public": True,
        "is_starred": False,
        "created_at": "1970-01-01T00:00:00Z",
        "gender": None,
    }


def _error(fault: Fault) -> HttpAnswer:
    return json_answer(fault.status, describe(fault.status, fault.message))


CARTESIA: Final = HttpDialect(
    "cartesia",
    (
        SpeechRoute("POST", "/tts/bytes", _read_bytes),
        SpeechRoute("POST", "/tts/sse", _read_sse),
        PageRoute("GET", "/voices", _voices),
        PageRoute("GET", "/voices/", _voices),
        PageRoute("GET", "/voices/{id}", _one_voice),
    ),
    _error,
    keys=shown_keys,
    home="/tts/",
    max_chars=_MOST_CHARS,
)
