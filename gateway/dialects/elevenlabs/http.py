"""ElevenLabs' HTTP requests: speech, with or without times, and what clients ask before they speak."""

from __future__ import annotations

import json
from base64 import b64encode
from http import HTTPStatus
from typing import TYPE_CHECKING, Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StrictFloat, StrictInt, StrictStr, ValidationError

from ....codecs.formats import MEDIA_TYPES
from ...conversation import events
from ...conversation.messages import Configure, Open, nearest_speed
from ...errors import BadField, BadMessage
from ...http_answers import json_answer
from ..http import CONTEXT, Body, HttpDialect, PageRoute, Speech, SpeechRoute
from . import formats
from .alignment import Alignment
from .errors import error_body
from .options import read_language, read_seed

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ....synthesis.interface import Voice
    from ...conversation.audio import Packet
    from ...conversation.events import Event
    from ...http_answers import HttpAnswer
    from ..http import Fault, HttpRequest, Offer
    from .alignment import Stretch

_NDJSON: Final = "application/x-ndjson"
# Models that clients have as defaults or let people choose from. Any other name does as well.
_MODELS: Final = ("eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v3")
_MAX_CHARS: Final = 40_000  # what the vendor's longest model takes


# -- requests ----------------------------------------------------------------------------------------------------------


class _VoiceSettings(BaseModel):
    model_config = ConfigDict(extra="ignore")

    speed: Annotated[StrictFloat | StrictInt, Field(allow_inf_nan=False)] | None = None


class _Request(BaseModel):
    """The body; fields that mean nothing here are ignored, the model's name first of all."""

    model_config = ConfigDict(extra="ignore")

    text: StrictStr
    voice_settings: _VoiceSettings | None = None
    language_code: StrictStr | None = None
    seed: StrictInt | None = None


def _read(request: HttpRequest, *, body: Body, content_type: str | None = None) -> Speech:
    """Read a request for speech; ``content_type``: of an answer that is no sound by itself.

    Raises:
        BadMessage: a field is missing or wrong.
    """
    wanted = _fields(request)
    if not wanted.text.strip():
        raise BadField("text", "text must hold something to speak")
    audio = formats.audio_of(request.query.get("output_format") or formats.DEFAULT)
    speed = wanted.voice_settings.speed if wanted.voice_settings else None
    return Speech(
        wanted.text,
        Open(
            CONTEXT,
            voice=request.parameters["voice_id"],
            or_default=True,
            language=read_language(wanted.language_code or request.query.get("language_code")),
            speed=1.0 if speed is None else nearest_speed(speed),
            seed=read_seed(wanted.seed),
            timestamps="none" if content_type is None else "word",
            takes_guesses=False,
        ),
        Configure(format=audio.format, sample_rate_hz=audio.sample_rate_hz, bitrate=audio.bitrate),
        content_type or MEDIA_TYPES[audio.format],
        body,
    )


def _fields(request: HttpRequest) -> _Request:
    try:
        return _Request.model_validate(request.json_object())
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        name = ".".join(map(str, fault["loc"]))
        raise BadField(name, f"{name}: {fault['msg']}") from None


def _read_sound(request: HttpRequest) -> Speech:
    return _read(request, body=Body())


def _read_timed(request: HttpRequest) -> Speech:
    return _read(request, body=TimedSpeech(), content_type="application/json")


def _read_timed_lines(request: HttpRequest) -> Speech:
    return _read(request, body=TimedLines(), content_type=_NDJSON)


# -- answers -----------------------------------------------------------------------------------------------------------


class TimedLines(Body):
    """``stream/with-timestamps``: lines of JSON with sound and the characters that have become known with it."""

    def __init__(self) -> None:
        self._alignment = Alignment()

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write a line for packets that come together."""
        return self._line(b"".join([packet.payload for packet in packets]))

    def event(self, event: Event) -> str:
        """Take times in; at the end write those that no sound came after."""
        _note(event, self._alignment)
        if isinstance(event, events.Done) and self._alignment.has_more:
            return self._line(b"").decode()
        return ""

    def fault(self, fault: Fault) -> bytes:
        """Write what went wrong, as the last line."""
        return json.dumps(error_body(fault.status, fault.code, fault.message)).encode() + b"\n"

    def _line(self, sound: bytes) -> bytes:
        fields = {"audio_base64": b64encode(sound).decode(), **_times(self._alignment.take())}
        return json.dumps(fields).encode() + b"\n"


class TimedSpeech(Body):
    """``with-timestamps``: one JSON object, whose sound is written while it is made and whose times come behind it."""

    def __init__(self) -> None:
        self._alignment = Alignment()
        self._rest = b""  # of the sound: base64 takes three bytes at a time
        self._has_begun = False

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write more of the sound."""
        sound = b"".join([self._rest, *[packet.payload for packet in packets]])
        whole = len(sound) - len(sound) % 3
        self._rest = sound[whole:]
        return self._begin() + b64encode(sound[:whole])

    def event(self, event: Event) -> str:
        """Take times in; at the end write them."""
        _note(event, self._alignment)
        if not isinstance(event, events.Done):
            return ""
        head = (self._begin() + b64encode(self._rest)).decode()
        return f'{head}",{json.dumps(_times(self._alignment.take()))[1:]}\n'

    def _begin(self) -> bytes:
        head = b"" if self._has_begun else b'{"audio_base64":"'
        self._has_begun = True
        return head


def _note(event: Event, alignment: Alignment) -> None:
    if isinstance(event, events.SegmentStarted):
        alignment.segment_started(event.segment)
    elif isinstance(event, events.Words):
        alignment.words_placed(event.words)


def _times(stretch: Stretch | None) -> dict[str, Any]:  # Any: what JSON can hold
    if stretch is None:
        return {"alignment": None, "normalized_alignment": None}
    return {"alignment": stretch.written.in_seconds(), "normalized_alignment": stretch.spoken.in_seconds()}


# -- pages -------------------------------------------------------------------------------------------------------------


def _page(content: Callable[[Offer], Any]) -> Callable[[HttpRequest, Offer], HttpAnswer]:  # Any: what JSON can hold
    return lambda _, offer: json_answer(HTTPStatus.OK, content(offer))


def _voice(voice: Voice) -> dict[str, Any]:  # Any: as above
    """Describe a voice, as the vendor's clients and as the gateway's own read it."""
    return {
        "voice_id": voice.name,
        "name": voice.name,
        "description": voice.description,
        "category": "premade",
        "labels": {"language": voice.languages[0]} if voice.languages else {},
        "languages": voice.languages,
        "available_for_tiers": [],
        "high_quality_base_model_ids": list(_MODELS),
    }


def _voices(offer: Offer) -> dict[str, Any]:  # Any: as above
    voices = [_voice(voice) for voice in offer.voices]
    return {"voices": voices, "has_more": False, "total_count": len(voices), "next_page_token": None}


def _one_voice(request: HttpRequest, offer: Offer) -> HttpAnswer:
    voice = offer.voice(request.parameters["voice_id"])
    if voice is None:
        raise BadMessage("there is no voice of this id; /v1/voices lists all")
    return json_answer(HTTPStatus.OK, _voice(voice))


def _models(offer: Offer) -> list[dict[str, Any]]:  # Any: as above
    languages = sorted({language for voice in offer.voices for language in voice.languages})
    return [
        {
            "model_id": name,
            "name": name,
            "description": "whatever this gateway speaks with",
            "can_do_text_to_speech": True,
            "can_do_voice_conversion": False,
            "can_use_style": False,
            "can_use_speaker_boost": False,
            "can_be_finetuned": False,
            "serves_pro_voices": False,
            "token_cost_factor": 0.0,
            "requires_alpha_access": False,
            "max_characters_request_free_user": _MAX_CHARS,
            "max_characters_request_subscribed_user": _MAX_CHARS,
            "maximum_text_length_per_request": _MAX_CHARS,
            "languages": [{"language_id": language, "name": language} for language in languages],
        }
        for name in _MODELS
    ]


def _subscription(_: Offer) -> dict[str, Any]:  # Any: as above
    """Tell clients that look for what is left of a quota that there is none."""
    return {
        "tier": "self-hosted",
        "status": "active",
        "character_count": 0,
        "character_limit": 2**31 - 1,
        "can_extend_character_limit": False,
        "allowed_to_extend_character_limit": False,
        "voice_limit": 0,
        "voice_slots_used": 0,
        "professional_voice_limit": 0,
        "professional_voice_slots_used": 0,
        "voice_add_edit_counter": 0,
        "can_extend_voice_limit": False,
        "can_use_instant_voice_cloning": False,
        "can_use_professional_voice_cloning": False,
        "has_open_invoices": False,
        "open_invoices": [],
    }


def _user(offer: Offer) -> dict[str, Any]:  # Any: as above
    return {
        "user_id": "sayline",
        "subscription": _subscription(offer),
        "is_new_user": False,
        "can_use_delayed_payment_methods": False,
        "is_onboarding_completed": True,
        "is_onboarding_checklist_completed": True,
        "created_at": 0,
        "seat_type": "workspace_admin",
    }


def _is_meant(request: HttpRequest) -> bool:
    """Tell whether a page that other dialects have too is asked for by one of this dialect's clients."""
    return "xi-api-key" in request.headers


def _error(fault: Fault) -> HttpAnswer:
    return json_answer(fault.status, error_body(fault.status, fault.code, fault.message))


_SPEECH: Final = "/v1/text-to-speech/{voice_id}"

ELEVENLABS: Final = HttpDialect(
    "elevenlabs",
    (
        SpeechRoute("POST", _SPEECH, _read_sound),
        SpeechRoute("POST", f"{_SPEECH}/stream", _read_sound),
        SpeechRoute("POST", f"{_SPEECH}/with-timestamps", _read_timed),
        SpeechRoute("POST", f"{_SPEECH}/stream/with-timestamps", _read_timed_lines),
        PageRoute("GET", "/v1/voices", _page(_voices), _is_meant),
        PageRoute("GET", "/v2/voices", _page(_voices)),
        PageRoute("GET", "/v1/voices/{voice_id}", _one_voice, _is_meant),
        PageRoute("GET", "/v1/models", _page(_models), _is_meant),
        PageRoute("GET", "/v1/user", _page(_user)),
        PageRoute("GET", "/v1/user/subscription", _page(_subscription)),
    ),
    _error,
    home="/v1/text-to-speech/",
    max_chars=_MAX_CHARS,
)
