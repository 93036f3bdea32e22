"""What Cartesia's clients send: one JSON type, which repeats its whole configuration in each message.

Read leniently, because clients of many versions send it: unknown fields say nothing, null is the same as absent, and
any model is welcome. Only what decides what the client will hear must be right: the format of the sound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ...conversation.audio import AudioParameters
from ...conversation.messages import LOUDEST, Open, nearest_speed
from ...errors import BadMessage
from ..json_protocol import read_text

if TYPE_CHECKING:
    from ....codecs.formats import FormatName
    from ..json_protocol import Fields
    from .tags import Manner

Encoding = Literal["pcm_s16le", "pcm_f32le", "pcm_mulaw", "pcm_alaw"]
FORMATS: Final[dict[Encoding, FormatName]] = {
    "pcm_s16le": "pcm_s16le",
    "pcm_f32le": "pcm_f32le",
    "pcm_mulaw": "mulaw",
    "pcm_alaw": "alaw",
}
MOST_BUFFER_DELAY_MS: Final = 5000
# Cartesia's words for a pace, from before ``generation_config``; those that end in -est belong to its oldest models.
_PACES: Final = {"slowest": 0.6, "slow": 0.8, "normal": 1.0, "fast": 1.2, "fastest": 1.5}
_FRAME_MS: Final = 20
_BITRATE: Final = 32_000  # raw samples have none
_MOST_EMOTION_CHARS: Final = 64  # Cartesia's emotions are a word or two


class _Lenient(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, allow_inf_nan=False)


class Voice(_Lenient):
    """A voice by its id; an embedding names none that we could have."""

    id: str | None = None
    experimental_controls: dict[str, Any] | None = Field(None, alias="__experimental_controls")


class OutputFormat(_Lenient):
    """How the sound is wanted."""

    container: Literal["raw", "wav", "mp3"] = "raw"
    encoding: Encoding | None = None
    sample_rate: Annotated[int, Field(ge=8000, le=48_000)] = 44_100
    bit_rate: Annotated[int, Field(ge=8_000, le=320_000)] | None = None


class GenerationConfig(_Lenient):
    """How it is to be spoken."""

    speed: float | None = None
    volume: float | None = None
    emotion: str | None = None


class Generation(_Lenient):
    """A piece of a context's transcript, with the context's configuration."""

    context_id: str | None = None
    transcript: str | None = None
    voice: Voice | str | None = None
    output_format: OutputFormat | None = None
    is_continued: Annotated[bool | None, Field(alias="continue")] = None
    flush: bool | None = None
    max_buffer_delay_ms: Annotated[float, Field(ge=0, le=MOST_BUFFER_DELAY_MS)] | None = None
    language: Annotated[str, Field(max_length=35)] | None = None
    add_timestamps: bool | None = None
    generation_config: GenerationConfig | None = None
    speed: float | str | None = None

    @property
    def voice_name(self) -> str | None:
        """The voice's id; None for any."""
        return self.voice.id if isinstance(self.voice, Voice) else self.voice

    @property
    def pace(self) -> float | None:
        """How fast it is to be spoken, by whichever field says so; None: as the voice does."""
        if self.generation_config and self.generation_config.speed is not None:
            return self.generation_config.speed
        if self.speed is not None:
            return _read_pace(self.speed)
        controls = self.voice.experimental_controls if isinstance(self.voice, Voice) else None
        return _read_pace(controls.get("speed")) if controls else None

    @property
    def volume(self) -> float | None:
        """How loud it is to be; None: as the voice is."""
        return self.generation_config.volume if self.generation_config else None

    @property
    def emotion(self) -> str | None:
        """The emotion to speak with; None: what the text asks for."""
        return self.generation_config.emotion if self.generation_config else None

    def raw_audio(self) -> AudioParameters:
        """How the sound of a WebSocket is encoded.

        Raises:
            BadMessage: a container, which only ``/tts/bytes`` has, or no encoding.
        """
        wanted = self.output_format
        if wanted is None or wanted.encoding is None or wanted.container != "raw":
            raise BadMessage(
                'output_format must have the container "raw", an encoding of '
                f"{', '.join(FORMATS)}, and a sample_rate of 8000 to 48000"
            )
        return AudioParameters(FORMATS[wanted.encoding], wanted.sample_rate, _FRAME_MS, _BITRATE)


def opening_of(name: str, request: Generation, manner: Manner) -> Open:
    """Say how a context is to be spoken.

    Args:
        name: the conversation's for the context.
        request: its first message.
        manner: what the tags in front of its first words ask for.
    """
    emotion = (manner.emotion or request.emotion or "")[:_MOST_EMOTION_CHARS]
    speed, volume = _first(manner.speed, request.pace), _first(manner.volume, request.volume)
    delay_ms = request.max_buffer_delay_ms
    return Open(
        name,
        voice=request.voice_name or None,
        or_default=True,
        language=request.language,
        instructions=f"Speak with this emotion: {emotion}." if emotion else None,
        speed=nearest_speed(speed),
        volume=min(max(volume, 0.0), LOUDEST),
        timestamps="word" if request.add_timestamps else "none",
        takes_guesses=False,
        idle_release_s=delay_ms / 1000 if delay_ms else None,
    )


def _first(*wishes: float | None) -> float:
    """Choose the first wish that is one, 0 too; without any the voice's own."""
    return next((wish for wish in wishes if wish is not None), 1.0)


def _read_pace(value: object) -> float | None:
    """Read a pace as Cartesia's older versions write it: a word, or -1 to 1 around the voice's own."""
    if isinstance(value, str):
        return _PACES.get(value.lower())
    if isinstance(value, (int, float)):
        return 1 + max(-1, min(1, value)) / 2
    return None


def read_generation(fields: Fields) -> Generation:
    """Read a message's fields.

    Raises:
        BadMessage: it is none; the text says which field, and never repeats the client's value.
    """
    try:
        return Generation.model_validate(fields | {"transcript": read_text(fields, "transcript")})
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_context=False, include_input=False)[0]
        field = ".".join(map(str, fault["loc"]))
        raise BadMessage(f"{field}: {fault['msg']}" if field else str(fault["msg"])) from exc
