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
from typing import TYPE_CHECKING

import numpy as np

from .base import WIRE_RATE_HZ, Packet
from .formats import FORMATS
from .frame_slicer import FrameSlicer
from .opus import FRAME_SIZES_MS, OpusSettings
from .resampler import Resampler

if TYPE_CHECKING:
    import numpy.typing as npt

    from .base import Muxer
    from .formats import FormatName

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples


@dataclass(frozen=True, slots=True)
class AudioFormat:
    """What a context wants to receive.

    Attributes:
        codec: the name of a format, such as ``opus``.
        sample_rate_hz: 8,000 to 48,000. Opus has five rates and takes the nearest that is not lower.
        frame_ms: sound per frame: 10, 20, 40 or 60. At a rate that gives no whole number of samples, PCM rounds down.
        opus: settings of the Opus encoder.
    """

    codec: FormatName = "opus"
    sample_rate_hz: int = 24_000
    frame_ms: int = 20
    opus: OpusSettings = field(default_factory=OpusSettings)

    def __post_init__(self) -> None:
        if self.codec not in FORMATS:
            raise ValueError(f"codec must be one of {', '.join(FORMATS)}, not {self.codec!r}")
        if not 8_000 <= self.sample_rate_hz <= WIRE_RATE_HZ:
            raise ValueError(f"sample rate must be 8000 to {WIRE_RATE_HZ} Hz, not {self.sample_rate_hz}")
        if self.frame_ms not in FRAME_SIZES_MS:
            raise ValueError(f"frames last one of {FRAME_SIZES_MS} ms, not {self.frame_ms}")


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
        form = FORMATS[audio_format.codec]
        coding = form.coding()
        rate = coding.rate_hz(audio_format.sample_rate_hz)
        self.codec_id = form.codec
        self.sample_rate_hz = rate
        self._encoder = coding.new_encoder(rate, audio_format.frame_ms, audio_format.opus)
        self.preskip = self._encoder.preskip
        self._muxer = coding.new_muxer(rate, self.preskip) if coding.new_muxer else None
        self._resampler = Resampler(source_rate_hz, rate)
        frame_samples = coding.frame_samples(rate, audio_format.frame_ms)
        self._slicer = FrameSlicer(frame_samples, partial_tail=coding.takes_partial)
        self._sound = 0  # samples fed, at our rate: those pushed to the slicer, without the look-ahead at the end
        self._encoded = 0  # what a decoder puts out for the packets so far, in samples at WIRE_RATE_HZ
        self._finished = False
        # What the codec holds back, in samples at our rate.
        self._lookahead = -(-self.preskip * rate // WIRE_RATE_HZ) + coding.frames_behind * frame_samples
        self._out = 0  # samples at our rate whose payloads have come out
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
        if self._lookahead and self._sound:
            self._slicer.push(np.zeros(self._lookahead, np.int16))
        self._slicer.pad_tail()

    def encode(self, max_frames: int) -> list[Packet]:
        """Encode up to ``max_frames`` of the frames that are ready.

        Returns:
            Opus packets or PCM, one per frame; or the Ogg pages that these frames completed, perhaps none.

        Raises:
            EncodingFailed: libopus refused a frame.
        """
        slicer, end = self._slicer, self.fed + self.preskip
        samples, size = slicer.take(max_frames), slicer.frame_samples
        packets = []
        for number, payload in enumerate(self._encoder.encode(samples)):
            if not payload:  # it comes with the next one
                continue
            self._out += min(size, len(samples) - number * size)
            encoded = min(self._out * WIRE_RATE_HZ // self.sample_rate_hz, end)
            packets.append(Packet(payload, encoded - self._encoded))
            self._encoded = encoded
        if self._muxer and packets:
            return self._mux(self._muxer, packets, is_all=not slicer.frames_ready)
        return packets

    def _mux(self, muxer: Muxer, packets: list[Packet], *, is_all: bool) -> list[Packet]:
        """Make pages; once all is encoded, a page that ends the stream; if the writer pauses, perhaps a short page."""
        pages = muxer.mux(packets, last=self._finished and is_all)
        if is_all and self._is_flushing:
            self._is_flushing = False
            pages += muxer.flush()
        return pages
