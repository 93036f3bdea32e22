"""From a context's PCM to its packets: resample, slice, encode, and count every sample on the way.

Two clocks run here, both in samples at ``WIRE_RATE_HZ``. *Fed* is the sound put in. A packet's *duration* is what a
decoder puts out for it, so every packet but the last lasts a whole frame, the last one ends where the sound ends, and
durations sum to the pre-skip plus what was fed::

    fed                |---------------------- sound -----------------------|
    frames    |-- pre-skip + sound --|-------- frame --------|-- frame -- + silence --|
    durations |----------------------|-----------------------|---------------|
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from .base import WIRE_RATE_HZ, Packet
from .containers import OggOpusMuxer
from .frame_slicer import FrameSlicer
from .opus import FRAME_SIZES_MS, OpusEncoder, OpusSettings, nearest_rate_hz
from .pcm import pack_s16le
from .resampler import Resampler

if TYPE_CHECKING:
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

CodecName = Literal["opus", "ogg_opus", "pcm_s16le"]
CODEC_IDS: Final[dict[CodecName, int]] = {"opus": 1, "pcm_s16le": 2, "ogg_opus": 3}  # docs/PROTOCOL.md, audio frames


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a context wants to receive.

    Attributes:
        codec: ``opus`` packets, ``ogg_opus`` pages, or ``pcm_s16le`` samples.
        sample_rate_hz: 8,000 to 48,000. Opus has five rates and takes the nearest that is not lower.
        frame_ms: sound per frame: 10, 20, 40 or 60. At a rate that gives no whole number of samples, PCM rounds down.
        opus: settings of the Opus encoder.
    """

    codec: CodecName = "opus"
    sample_rate_hz: int = 24_000
    frame_ms: int = 20
    opus: OpusSettings = field(default_factory=OpusSettings)

    def __post_init__(self) -> None:
        if self.codec not in CODEC_IDS:
            raise ValueError(f"codec must be one of {', '.join(CODEC_IDS)}, not {self.codec!r}")
        if not 8_000 <= self.sample_rate_hz <= WIRE_RATE_HZ:
            raise ValueError(f"sample rate must be 8000 to {WIRE_RATE_HZ} Hz, not {self.sample_rate_hz}")
        if self.frame_ms not in FRAME_SIZES_MS:
            raise ValueError(f"frames last one of {FRAME_SIZES_MS} ms, not {self.frame_ms}")


def encoded_rate_hz(codec: CodecName, sample_rate_hz: int) -> int:
    """Tell at which rate a codec encodes if this rate was asked for."""
    return sample_rate_hz if codec == "pcm_s16le" else nearest_rate_hz(sample_rate_hz)


class SpeechEncoder:
    """One context's encoder, used by one thread at a time.

    Attributes:
        codec_id: which payload the packets hold, as audio frames number it.
        sample_rate_hz: the rate at which it encodes.
        preskip: samples at ``WIRE_RATE_HZ`` to drop from the front of a decoder's output; 0 for PCM.

    Raises:
        CodecUnavailable: an Opus format, and no libopus.
    """

    def __init__(self, source_rate_hz: int, audio_format: AudioFormat) -> None:
        is_pcm = audio_format.codec == "pcm_s16le"
        rate = encoded_rate_hz(audio_format.codec, audio_format.sample_rate_hz)
        self.codec_id = CODEC_IDS[audio_format.codec]
        self.sample_rate_hz = rate
        self._opus = None if is_pcm else OpusEncoder(rate, audio_format.frame_ms, audio_format.opus)
        self.preskip = self._opus.preskip if self._opus else 0
        self._ogg = OggOpusMuxer(rate, self.preskip) if audio_format.codec == "ogg_opus" else None
        self._resampler = Resampler(source_rate_hz, rate)
        self._slicer = FrameSlicer(rate * audio_format.frame_ms // 1000, partial_tail=is_pcm)
        self._sound = 0  # samples fed, at our rate: those pushed to the slicer, without the look-ahead at the end
        self._encoded = 0  # what a decoder puts out for the packets so far, in samples at WIRE_RATE_HZ
        self._finished = False
        self._lookahead = self.preskip * rate // WIRE_RATE_HZ  # what Opus holds back, in samples at our rate
        self._padded_at = 0  # the value of ``_sound`` when it was last completed with silence
        self._is_flushing = False  # the container must not hold anything back either

    @property
    def fed(self) -> int:
        """Where the context's sound ends so far, in samples at ``WIRE_RATE_HZ``; silence from ``pad_tail`` counts."""
        return self._sound * WIRE_RATE_HZ // self.sample_rate_hz

    @property
    def resamples(self) -> bool:
        """``feed`` has to resample; if not, it takes a microsecond."""
        return self._resampler.is_needed

    @property
    def frames_ready(self) -> int:
        """Frames that may be encoded now; the newest is held back while it may yet turn out to be the last."""
        return self._slicer.frames_ready

    def feed(self, samples: Pcm, *, ends_segment: bool = False) -> None:
        """Add sound.

        Args:
            samples: (n,) int16 at the source's rate; n may be 0.
            ends_segment: these are the segment's last, so that the resampler gives out what it holds.
        """
        if self._finished:
            raise ValueError("sound was fed to a context that is finished")
        converted = self._resampler.push(samples, last=ends_segment)
        self._slicer.push(converted)
        self._sound += len(converted)

    def pad_tail(self) -> None:
        """Let all sound out, and complete a partial frame with silence: the listener would run dry otherwise.

        Opus holds back as much sound as the pre-skip is long until more comes, so that much silence is the least that
        lets the sound out. PCM needs no padding: its last frame is shorter.
        """
        if self._sound != self._padded_at:
            self._sound += self._slicer.pad_tail(self._lookahead)
            self._padded_at = self._sound
        self._is_flushing = True

    def finish(self) -> None:
        """End the sound: make every packet ready, including what the encoder itself still holds; idempotent."""
        if self._finished:
            return
        self._finished = True
        if self._opus and self._sound:
            self._slicer.push(np.zeros(self._lookahead, np.int16))
        self._slicer.pad_tail()

    def encode(self, max_frames: int) -> list[Packet]:
        """Encode up to ``max_frames`` of the frames that are ready.

        Returns:
            Opus packets or PCM, one per frame; or the Ogg pages that these frames completed, perhaps none.

        Raises:
            EncodingFailed: libopus refused a frame.
        """
        slicer, taken, end = self._slicer, self._slicer.taken, self.fed + self.preskip
        samples, size = slicer.take(max_frames), slicer.frame_samples
        if self._opus:
            payloads = self._opus.encode(samples)
        else:
            payloads = [pack_s16le(samples[at : at + size]) for at in range(0, len(samples), size)]
        packets = []
        for number, payload in enumerate(payloads, start=1):
            encoded = min((taken + number * size) * WIRE_RATE_HZ // self.sample_rate_hz, end)
            packets.append(Packet(payload, encoded - self._encoded))
            self._encoded = encoded
        if self._ogg and packets:
            return self._mux(self._ogg, packets, is_all=not slicer.frames_ready)
        return packets

    def _mux(self, ogg: OggOpusMuxer, packets: list[Packet], *, is_all: bool) -> list[Packet]:
        """Make pages; once all is encoded, a page that ends the stream; if the writer pauses, perhaps a short page."""
        pages = ogg.mux(packets, last=self._finished and is_all)
        if is_all and self._is_flushing:
            self._is_flushing = False
            pages += ogg.flush()
        return pages
