"""Deepgram's ``POST /v1/speak``: the format in the query, the text in the body, sound as the answer."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from ....codecs.formats import MEDIA_TYPES
from ...conversation.messages import Configure, Open
from ...errors import BadField
from ...http_answers import json_answer
from ..http import CONTEXT, Body, HttpDialect, Speech, SpeechRoute
from ..json_protocol import read_text
from ..wav_body import wav_of
from .parameters import RAW_ENCODINGS, error_body, read_language, read_model, read_rate, read_speed, request_id

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ....codecs.formats import FormatName
    from ...http_answers import HttpAnswer
    from ..http import Fault, HttpRequest

_MOST_CHARS: Final = 2000  # Deepgram's own limit


class _Coded(NamedTuple):
    """An encoding that is no raw samples: ours, its rates (the first is Deepgram's own), and its bit rate."""

    format: FormatName
    rates_hz: tuple[int, ...]
    bitrate: int | None
    container: str


_CODED: Final[dict[str, _Coded]] = {
    "mp3": _Coded("mp3", (22_050,), 48_000, "none"),
    "opus": _Coded("ogg_opus", (48_000,), 12_000, "ogg"),
    "flac": _Coded("flac", (24_000, 8_000, 16_000, 22_050, 32_000, 48_000), None, "none"),
    "aac": _Coded("aac", (22_050,), 48_000, "none"),
}
_ENCODINGS: Final = (*RAW_ENCODINGS, *_CODED)
# What HTTP calls raw samples.
_RAW_TYPES: Final = {"linear16": "l16", "mulaw": "mulaw", "alaw": "alaw"}
_DEFAULT_ENCODING: Final = "mp3"
_LOWEST_BITRATE: Final = 4_000
_HIGHEST_BITRATE: Final = 650_000


def read_speech(request: HttpRequest) -> Speech:
    """Read a request.

    Raises:
        BadMessage: a field of the query or of the body is missing or wrong; the text lists what can be had.
    """
    query = request.query
    model = read_model(query)
    text = _text(request)
    audio, body, media_type = _sound(query)
    opening = Open(
        CONTEXT,
        voice=model,
        or_default=True,
        language=read_language(model),
        speed=read_speed(query.get("speed")),
        timestamps="none",
    )
    headers = (
        ("dg-model-name", re.sub(r"[^\x21-\x7e]", "?", model)),
        ("dg-model-uuid", request_id(model)),
        ("dg-char-count", str(len(text))),
    )
    return Speech(text, opening, audio, media_type, body, headers=headers, text_field="text")


def _text(request: HttpRequest) -> str:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() == "text/plain":
        text: str | None = request.body.decode(errors="replace")
    else:
        text = read_text(request.json_object(), "text")
    if text is None or not text.strip():
        raise BadField("text", "text: a text to speak is needed")
    return text


def _sound(query: Mapping[str, str]) -> tuple[Configure, Body, str]:
    """Choose the format of the sound, what writes it, and what HTTP calls it."""
    encoding = query.get("encoding") or _DEFAULT_ENCODING
    if encoding in RAW_ENCODINGS:
        return _samples(query, encoding)
    coded = _CODED.get(encoding)
    if coded is None:
        raise BadField("encoding", f"encoding: must be one of {', '.join(_ENCODINGS)}")
    _check_container(query, (coded.container,))
    rate_hz = read_rate(query, coded.rates_hz[0])
    if rate_hz not in coded.rates_hz:
        offered = ", ".join(map(str, sorted(coded.rates_hz)))
        raise BadField("sample_rate", f"sample_rate: must be one of {offered} for {encoding}")
    audio = Configure(format=coded.format, sample_rate_hz=rate_hz, bitrate=_bitrate(query, coded.bitrate))
    return audio, Body(), MEDIA_TYPES[coded.format]


def _samples(query: Mapping[str, str], encoding: str) -> tuple[Configure, Body, str]:
    _check_container(query, ("wav", "none"))
    form, usual_hz = RAW_ENCODINGS[encoding]
    rate_hz = read_rate(query, usual_hz)
    if query.get("container") == "none":
        return Configure(format=form, sample_rate_hz=rate_hz), Body(), f"audio/{_RAW_TYPES[encoding]};rate={rate_hz}"
    return wav_of(form, rate_hz)


def _check_container(query: Mapping[str, str], offered: tuple[str, ...]) -> None:
    if query.get("container") and query["container"] not in offered:
        raise BadField("container", f"container: must be {' or '.join(offered)} for this encoding")


def _bitrate(query: Mapping[str, str], usual: int | None) -> int | None:
    text = query.get("bit_rate")
    if not text or usual is None:
        return usual
    if not re.fullmatch(r"\d{1,7}", text, re.ASCII) or not _LOWEST_BITRATE <= int(text) <= _HIGHEST_BITRATE:
        raise BadField("bit_rate", f"bit_rate: must be {_LOWEST_BITRATE} to {_HIGHEST_BITRATE}")
    return int(text)


def _error(fault: Fault) -> HttpAnswer:
    return json_answer(fault.status, error_body(fault.status, fault.code, fault.message))


DEEPGRAM: Final = HttpDialect(
    "deepgram",
    (SpeechRoute("POST", "/v1/speak", read_speech),),
    _error,
    home="/v1/speak",
    max_chars=_MOST_CHARS,
)
