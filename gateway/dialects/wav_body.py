"""A WAV file as the body of an HTTP answer. 16 bits are a format of their own; others get their header here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...codecs.formats import MEDIA_TYPES
from ...codecs.wav import wav_header
from ..conversation.messages import Configure
from .http import Body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...codecs.formats import FormatName
    from ..conversation.audio import Packet


def wav_of(form: FormatName, rate_hz: int) -> tuple[Configure, Body, str]:
    """Choose the format of a WAV file's sound, what writes it, and what HTTP calls it."""
    if form == "pcm_s16le":
        return Configure(format="wav", sample_rate_hz=rate_hz), Body(), MEDIA_TYPES["wav"]
    return Configure(format=form, sample_rate_hz=rate_hz), WavBody(form, rate_hz), MEDIA_TYPES["wav"]


class WavBody(Body):
    """A header, and then the samples as they are.

    Args:
        form: ``pcm_f32le``, ``mulaw`` or ``alaw``.
        rate_hz: the sample rate.
    """

    def __init__(self, form: FormatName, rate_hz: int) -> None:
        self._header = wav_header(rate_hz, None, form)

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write packets, behind the header if they are the first."""
        header, self._header = self._header, b""
        return header + super().audio(packets)
