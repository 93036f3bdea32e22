"""The dialects that clients may speak: the one list for WebSockets, by path, and the one for HTTP."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..dialects.cartesia.dialect import DIALECT as CARTESIA
from ..dialects.cartesia.http import CARTESIA as CARTESIA_HTTP
from ..dialects.deepgram.dialect import AURA, FLUX
from ..dialects.deepgram.http import DEEPGRAM as DEEPGRAM_HTTP
from ..dialects.elevenlabs.http import ELEVENLABS
from ..dialects.elevenlabs.multi_stream_input import DIALECT as MULTI_STREAM_INPUT
from ..dialects.elevenlabs.stream_input import DIALECT as STREAM_INPUT
from ..dialects.openai.dialect import OPENAI
from ..dialects.opening import match_path
from ..dialects.tts_v1.dialect import DIALECT as TTS_V1
from ..dialects.tts_v1.messages import ENDPOINT
from ..dialects.twilio.dialect import DIALECT as TWILIO
from ..dialects.twilio.messages import ENDPOINT as CALLS
from ..dialects.vllm_omni.dialect import DIALECT as VLLM_OMNI
from ..dialects.voices.preview import VOICES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..dialects.dialect import Dialect
    from ..dialects.http import HttpDialect

# Path -> what is spoken there. A name in braces stands for one part of the path, whatever it is.
DIALECTS: Final[dict[str, Dialect]] = {
    ENDPOINT: TTS_V1,
    CALLS: TWILIO,
    "/v1/text-to-speech/{voice_id}/stream-input": STREAM_INPUT,
    "/v1/text-to-speech/{voice_id}/multi-stream-input": MULTI_STREAM_INPUT,
    "/tts/websocket": CARTESIA,
    "/v1/speak": AURA,
    "/v2/speak": FLUX,
    "/v1/audio/speech/stream": VLLM_OMNI,
}

# A request is answered by the first of these that takes it.
HTTP_DIALECTS: Final[tuple[HttpDialect, ...]] = (
    ELEVENLABS,
    OPENAI,
    CARTESIA_HTTP,
    DEEPGRAM_HTTP,
    VOICES,
)  # fmt: skip # a line for each: so a change that adds one touches no other


def dialect_at(path: str) -> tuple[Dialect, Mapping[str, str]] | None:
    """Find what is spoken at a path, and what stands there in the place of the template's names."""
    place = path.partition("?")[0]
    for template, dialect in DIALECTS.items():
        if (named := match_path(template, place)) is not None:
            return dialect, named
    return None
