"""From a context's PCM to its packets: resample, slice, encode, and count every sample on the way.

Two clocks run here, both in samples at ``WIRE_RATE_HZ``. *Fed* is the sound put in. A packet's *duration* is what a
decoder puts out for it, so every packet but the last lasts a whole frame, the last one ends where the sound ends, and
durations sum to the pre-skip plus what was fed::

    fed                |---------------------- sound -----------------------|
    frames    |-- pre-skip + sound --|-------- frame --------|-- frame -- + silence --|
    durations |----------------------|-----------------------|---------------|

If an encoder is lost, another goes on in its place. It begins at a ``Mark`` of the lost one, is fed again what was fed
behind that mark, and encodes some frames again that are thrown away, until it has come as far. PCM goes on to the
sample. A lossy codec's frames differ a little from those that the lost one would have made, as any two of its encoders
differ after a while; the sound has no seam.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from .base import WIRE_RATE_HZ, Packet
from .formats import FORMATS
from .frame_slicer import FrameSlicer
from .opus import FRAME_SIZES_MS, OpusSettings
from .resampler import Resampler
from .stretches import Place, Stretches

if TYPE_CHECKING:
    import numpy.typing as npt

    from .base import Muxer
    from .formats import FormatName

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples


# Sound in front of the first frame to come that an encoder hears when it goes on in place of another. A resampler's
# filter hears 30 ms back; a lossy codec's prediction of energies forgets in about 100 ms what it began with.
_WARM_UP_MS: Final = 300


class Mark(NamedTuple):
    """How far an encoder has come, as far as one that goes on in its place must know; in samples at its rate.

    Attributes:
        source: samples of the source, at the source's rate, that need not be fed again.
        sound: samples of the sound that they made, and the silence between them.
        taken: samples that were encoded.
        out: those of them whose payloads have come out.
        encoded: what a decoder puts out for these, at ``WIRE_RATE_HZ``.
        held: packets that the container holds.
        written: pages that the container has written.
        is_flushing: the container must not hold anything back.
    """

    source: int
    sound: int
    taken: int
    out: int
    encoded: int
    held: int
    written: int
    is_flushing: bool


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
        self._counts_frames = coding.counts_frames
        self._resampler = Resampler(source_rate_hz, rate)
        self._stretches = Stretches(source_rate_hz, rate)
        self._is_in_stretch = False
        self._source = 0  # samples fed, at the source's rate
        frame_samples = coding.frame_samples(rate, audio_format.frame_ms)
        self._slicer = FrameSlicer(frame_samples, partial_tail=coding.takes_partial)
        self._sound = 0  # samples fed, at our rate: those pushed to the slicer, without the look-ahead at the end
        self._encoded = 0  # what a decoder puts out for the packets so far, in samples at WIRE_RATE_HZ
        self._finished = False
        # What the codec holds back, in samples at our rate.
        self._lookahead = -(-self.preskip * rate // WIRE_RATE_HZ) + coding.frames_behind * frame_samples
        self._out = (
            0  # samples at our rate whose payloads have come out; each stands for a frame, if it is no partial one
        )
        self._padded_at = 0  # the value of ``_sound`` when it was last completed with silence
        self._is_flushing = False  # the container must not hold anything back either
        self._behind: Mark | None = None  # of the encoder in whose place this one is, until it has come as far
        self._counted = 0  # samples of silence that were encoded for the numbers of their frames
        self._again: list[bytes] = []  # payloads that were encoded again, as many as that one's container held

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
        ready, behind = self._slicer.frames_ready, self._behind
        return (
            ready
            if behind is None
            else max(0, ready - (behind.taken - self._slicer.taken) // self._slicer.frame_samples)
        )

    def feed(self, samples: Pcm, *, ends_segment: bool = False) -> None:
        """Add sound.

        Args:
            samples: (n,) int16 at the source's rate; n may be 0.
            ends_segment: these are the segment's last, so that the resampler gives out what it holds.
        """
        if self._finished:
            raise ValueError("sound was fed to a context that is finished")
        if len(samples) and not self._is_in_stretch:
            self._stretches.begin(Place(self._source, self._sound))
        self._is_in_stretch = not ends_segment and (self._is_in_stretch or len(samples) > 0)
        self._source += len(samples)
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
        slicer = self._slicer
        if self._behind is not None:
            self._encode_again(self._behind)
            if self._behind is not None:
                return []
        samples, size = slicer.take(max_frames), slicer.frame_samples
        packets = []
        for number, payload in enumerate(self._encoder.encode(samples)):
            if not payload:  # it comes with the next one
                continue
            self._out += min(size, len(samples) - number * size)
            encoded = self._position(self._out)
            packets.append(Packet(payload, encoded - self._encoded))
            self._encoded = encoded
        if self._muxer and packets:
            return self._mux(self._muxer, packets, is_all=not slicer.frames_ready)
        return packets

    def mark(self) -> Mark:
        """Tell how far this encoder has come."""
        muxer = self._muxer
        held = muxer.held if muxer else 0
        # The first frame whose payload is still to leave this object; the container's are to be made again.
        next_out = self._out - held * self._slicer.frame_samples
        warm_up = _WARM_UP_MS * self.sample_rate_hz // 1000
        place = self._stretches.last_before(next_out - warm_up, self._source)
        return Mark(
            *place,
            self._slicer.taken,
            self._out,
            self._encoded,
            held,
            muxer.written if muxer else 0,
            self._is_flushing,
        )

    def begin_at(self, mark: Mark) -> None:
        """Go on in place of another encoder; to be called before anything is fed.

        The caller feeds again what was fed between ``mark.source`` and the moment of the mark, and then calls
        ``catch_up``.
        """
        self._source, self._sound = mark.source, mark.sound
        self._slicer.begin_at(mark.sound, mark.taken)

    def catch_up(self, mark: Mark, max_frames: int) -> bool:
        """Encode again what the other one had encoded, and throw it away; returns whether that is done.

        A coding whose frames have numbers counts up to the first of these, ``max_frames`` of silence in a call, so it
        may have to be called again. A resampler gives out its sound in blocks, which lie elsewhere if it began
        elsewhere. So the last of that sound may come later than it did; then ``encode`` goes on with this.

        Raises:
            EncodingFailed: the library refused a frame.
        """
        slicer = self._slicer
        if self._counts_frames and self._counted < slicer.taken:
            samples = min(max_frames * slicer.frame_samples, slicer.taken - self._counted)
            self._encoder.encode(np.zeros(samples, np.int16))
            self._counted += samples
            if self._counted < slicer.taken:
                return False
        self._behind = mark
        self._encode_again(mark)
        return True

    def _encode_again(self, mark: Mark) -> None:
        slicer, size = self._slicer, self._slicer.frame_samples
        self._again += [payload for payload in self._encoder.encode(slicer.take_until(mark.taken)) if payload]
        del self._again[: len(self._again) - mark.held]
        if slicer.taken < mark.taken:
            return
        self._out, self._encoded, self._is_flushing = mark.out, mark.encoded, self._is_flushing or mark.is_flushing
        if self._muxer:
            ends = [self._position(mark.out - back * size) for back in range(mark.held, -1, -1)]
            held = [Packet(*made) for made in zip(self._again, np.diff(ends).tolist(), strict=True)]
            self._muxer.go_on(mark.written, mark.encoded - sum(packet.duration for packet in held), held)
        self._again, self._behind = [], None

    def _position(self, out: int) -> int:
        """Tell what a decoder puts out for so many samples, at ``WIRE_RATE_HZ``: no more than there is."""
        return min(out * WIRE_RATE_HZ // self.sample_rate_hz, self.fed + self.preskip)

    def _mux(self, muxer: Muxer, packets: list[Packet], *, is_all: bool) -> list[Packet]:
        """Make pages; once all is encoded, a page that ends the stream; if the writer pauses, perhaps a short page."""
        pages = muxer.mux(packets, last=self._finished and is_all)
        if is_all and self._is_flushing:
            self._is_flushing = False
            pages += muxer.flush()
        return pages
