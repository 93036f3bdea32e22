"""``GET /v1/voices/NAME/preview``: what a voice sounds like, as a file that a browser plays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from ....codecs.formats import MEDIA_TYPES, FormatName
from ...conversation.messages import Configure, Open
from ...errors import BadField
from ...http_answers import error_answer
from ..http import CONTEXT, HttpDialect, Speech, SpeechRoute

if TYPE_CHECKING:
    from ...http_answers import HttpAnswer
    from ..http import Fault, HttpRequest

# Sentences with most of a language's sounds, by the language that the request names.
_SENTENCES: Final = {
    "en": "Hello there. This is how I sound when I read a sentence or two.",
    "zh": "你好，这就是我说话的声音，很高兴认识你。",
    "ja": "こんにちは。これが私の声です。よろしくお願いします。",
    "de": "Guten Tag. So klinge ich, wenn ich einen Satz oder zwei vorlese.",
    "fr": "Bonjour. Voici ma voix quand je lis une phrase ou deux.",
    "es": "Hola. Así suena mi voz cuando leo una frase o dos.",
}
_DEFAULT: Final = "en"
_RATE_HZ: Final = 24_000
_MP3_BITRATE: Final = 64_000  # transparent for speech at 24 kHz
MAX_CHARS: Final = 500


def read_preview(request: HttpRequest) -> Speech:
    """Read a request; ``text``, ``language`` and ``format`` may stand in its query.

    Raises:
        BadField: one of them will not do.
    """
    language = request.query.get("language") or None
    sentence = _SENTENCES.get((language or _DEFAULT).lower().partition("-")[0], _SENTENCES[_DEFAULT])
    text = request.query.get("text") or sentence
    if not text.strip():
        raise BadField("text", "text must hold something to speak")
    name = request.query.get("format") or "mp3"
    if name not in MEDIA_TYPES or name not in get_args(FormatName):
        raise BadField("format", f"format must be one of {', '.join(MEDIA_TYPES)}, not {name[:40]!r}")
    form: FormatName = next(each for each in get_args(FormatName) if each == name)
    return Speech(
        text,
        Open(CONTEXT, voice=request.parameters["voice"], language=language, timestamps="none"),
        Configure(format=form, sample_rate_hz=_RATE_HZ, bitrate=_MP3_BITRATE if form in ("mp3", "aac") else None),
        MEDIA_TYPES[form],
    )


def _error(fault: Fault) -> HttpAnswer:
    return error_answer(fault.status, fault.code, fault.message)


VOICES: Final = HttpDialect(
    "voices", (SpeechRoute("GET", "/v1/voices/{voice}/preview", read_preview),), _error, max_chars=MAX_CHARS
)
