"""What vLLM-Omni's clients send. What a model of theirs needs and none of ours does is ignored, like unknown fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...conversation.audio import AudioParameters
from ...conversation.messages import FASTEST, SLOWEST
from ...errors import BadMessage

if TYPE_CHECKING:
    from ....codecs.formats import FormatName

Granularity = Literal["none", "sentence", "clause"]
ResponseFormat = Literal["wav", "pcm", "flac", "mp3", "opus"]
SAMPLE_RATE_HZ: Final = 24_000  # of every format but Opus, whose decoders put out what they like
_FRAME_MS: Final = 20
_BITRATE: Final = 64_000
# A format whose pieces make sense as they come, and ours for it.
_STREAMED: Final[dict[str, FormatName]] = {"pcm": "pcm_s16le", "opus": "ogg_opus"}
# A format of a whole file, and ours for its sound; the header of a WAV file is written when its length is known.
_WHOLE: Final[dict[ResponseFormat, FormatName]] = {
    "wav": "pcm_s16le",
    "pcm": "pcm_s16le",
    "flac": "flac",
    "mp3": "mp3",
    "opus": "ogg_opus",
}


class Config(BaseModel):
    """How the utterances that follow are to be spoken and sent."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    voice: Annotated[str, Field(max_length=128)] | None = None
    speaker: Annotated[str, Field(max_length=128)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    instructions: Annotated[str, Field(max_length=1024)] | None = None
    response_format: ResponseFormat = "wav"
    speed: Annotated[float, Field(ge=SLOWEST, le=FASTEST, allow_inf_nan=False)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**32)] | None = None
    stream_audio: bool = False
    word_timestamps: bool = False
    split_granularity: Granularity = "sentence"

    @property
    def is_cut_by_sentence(self) -> bool:
        """A part of its sound is a file too; else there is one file for all of an utterance."""
        return self.response_format in ("wav", "pcm", "mp3")

    @property
    def audio(self) -> AudioParameters:
        """How the sound is encoded."""
        form = _STREAMED[self.response_format] if self.stream_audio else _WHOLE[self.response_format]
        return AudioParameters(form, SAMPLE_RATE_HZ, _FRAME_MS, _BITRATE)


def read_config(fields: dict[str, Any]) -> Config:
    """Read a ``session.config``. Any: fields as JSON has them.

    Raises:
        BadMessage: a field has no value that can be had; the text says which field, and never repeats the value.
    """
    try:
        config = Config.model_validate({name: value for name, value in fields.items() if value is not None})
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        raise BadMessage(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}") from exc
    if config.stream_audio and config.response_format not in _STREAMED:
        raise BadMessage(f"stream_audio: response_format must be one of {', '.join(_STREAMED)} to be streamed")
    if config.word_timestamps and not (config.stream_audio and config.response_format == "pcm"):
        raise BadMessage("word_timestamps: needs stream_audio and the response_format pcm")
    return config
