"""ElevenLabs' names of formats, such as ``mp3_44100_128``: codec, sample rate in Hz, kbit/s."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ...conversation.audio import AudioParameters
from ...errors import BadMessage

if TYPE_CHECKING:
    from ....codecs.formats import FormatName

DEFAULT: Final = "mp3_44100_128"
_FRAME_MS: Final = 20
_CODECS: Final[dict[str, FormatName]] = {
    "mp3": "mp3",
    "pcm": "pcm_s16le",
    "ulaw": "mulaw",
    "alaw": "alaw",
    "opus": "ogg_opus",
}
# Bits per second, for codecs that have no choice.
_ANY_BITRATE: Final = 32_000

NAMES: Final = (
    "mp3_22050_32", "mp3_24000_48", "mp3_44100_32", "mp3_44100_64", "mp3_44100_96", "mp3_44100_128", "mp3_44100_192",
    "pcm_8000", "pcm_16000", "pcm_22050", "pcm_24000", "pcm_32000", "pcm_44100", "pcm_48000",
    "ulaw_8000", "alaw_8000",
    "opus_48000_32", "opus_48000_64", "opus_48000_96", "opus_48000_128", "opus_48000_192",
)  # fmt: skip


def audio_of(name: str) -> AudioParameters:
    """Read a format's name.

    Raises:
        BadMessage: there is no such format; the text lists all.
    """
    if name not in NAMES:
        raise BadMessage(f"output_format is one of {', '.join(NAMES)}")
    codec, rate_hz, kbit = (*name.split("_"), "")[:3]
    return AudioParameters(_CODECS[codec], int(rate_hz), _FRAME_MS, int(kbit) * 1000 if kbit else _ANY_BITRATE)
