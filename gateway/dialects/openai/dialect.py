"""OpenAI's requests, the one list, and the two that its clients' settings pages ask: which models, which voices."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from ...http_answers import json_answer
from ..http import HttpDialect, PageRoute, SpeechRoute
from .speech import error_object, read_speech

if TYPE_CHECKING:
    from ...http_answers import HttpAnswer
    from ..http import Fault, HttpRequest, Offer

# The service's speech models, which clients have as defaults or let people choose from. Any other name does as well.
MODELS: Final = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts")
# Clients show when a model was made and whose it is; ours are names only.
_CREATED: Final = 0
_OWNER: Final = "sayline"


def _models(request: HttpRequest, offer: Offer) -> HttpAnswer:  # noqa: ARG001 - the same for every request and offer
    return json_answer(HTTPStatus.OK, {"object": "list", "data": [_model(name) for name in MODELS]})


def _one_model(request: HttpRequest, offer: Offer) -> HttpAnswer:  # noqa: ARG001 - as above
    return json_answer(HTTPStatus.OK, _model(request.parameters["model"]))


def _model(name: str) -> dict[str, str | int]:
    return {"id": name, "object": "model", "created": _CREATED, "owned_by": _OWNER}


def _audio_models(request: HttpRequest, offer: Offer) -> HttpAnswer:  # noqa: ARG001 - as above
    return json_answer(HTTPStatus.OK, {"models": [{"id": name, "name": name} for name in MODELS]})


def _audio_voices(request: HttpRequest, offer: Offer) -> HttpAnswer:  # noqa: ARG001 - as above
    names = [voice.name for voice in offer.voices]
    names += [alias for alias in offer.aliases if alias not in names]
    return json_answer(HTTPStatus.OK, {"voices": [{"id": name, "name": name} for name in names]})


def _error(fault: Fault) -> HttpAnswer:
    return json_answer(fault.status, {"error": error_object(fault)})


OPENAI: Final = HttpDialect(
    "openai",
    (
        SpeechRoute("POST", "/v1/audio/speech", read_speech),
        PageRoute("GET", "/v1/models", _models),
        PageRoute("GET", "/v1/models/{model}", _one_model),
        # Open WebUI asks these two if it is given another address than the service's own.
        PageRoute("GET", "/v1/audio/models", _audio_models),
        PageRoute("GET", "/v1/audio/voices", _audio_voices),
    ),
    _error,
    home="/v1/audio/",
    max_chars=4096,
)
