"""A WAV file as the body of an HTTP answer, of samples that are not of 16 bits: those have a format of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...codecs.wav import wav_header
from .http import Body

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...codecs.formats import FormatName
    from ..conversation.audio import Packet


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
