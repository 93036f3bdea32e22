"""MP3, AAC and FLAC through PyAV's copy of FFmpeg: the one file that encodes with it.

Each codec has frames of a size of its own, and gives out a frame when it has seen the next one (FLAC: at once). A
decoder puts out some samples before the first sample of sound, as with Opus. So a stream is as long as pre-skip and
sound, and complete at its end, because as much silence follows the sound as it takes for all of it to come out.

MP3 is written without a bit reservoir: a frame stands by itself, so a listener may join or leave anywhere, and no sound
waits for later frames. MP3 has a tag in front, FLAC a header; AAC is its frames and nothing else.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from . import provenance
from .base import WIRE_RATE_HZ, CodecUnavailable, Coding, EncodingFailed
from .containers import HeaderMuxer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from .opus import OpusSettings

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

MP3_RATES_HZ: Final = (8_000, 11_025, 12_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  # MPEG-1, -2 and -2.5
AAC_RATES_HZ: Final = MP3_RATES_HZ  # of ADTS's table (ISO 13818-7, 6.2.1), those that are asked for
# Bits per second that a frame's header can name (ISO 11172-3 and 13818-3); the first are for 24 kHz and less.
MP3_BITRATES: Final = tuple(1000 * rate for rate in (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160))
MP3_BITRATES_ABOVE_24_KHZ: Final = tuple(
    1000 * rate for rate in (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
)
_MPEG2_UP_TO_HZ: Final = 24_000  # frames of these rates are half as long
_MP3_DELAY: Final = 1105  # samples: 576 that LAME adds, 529 of every decoder's filters
_AAC_FRAME: Final = 1024
_AAC_DELAY: Final = 1024  # samples: the frame before the first, which overlaps it
_ADTS_RATES_HZ: Final = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000)
_ADTS_HEADER_BYTES: Final = 7
# A FLAC block of 40 ms: its header and its predictor weigh little against its samples, and a listener waits no longer.
_FLAC_BLOCKS_PER_S: Final = 25


class FrameEncoderOfLibav:
    """One stream of a codec of FFmpeg's; see ``base.FrameEncoder``.

    Args:
        name: the encoder's in FFmpeg.
        sample_rate_hz: a rate that it has.
        frame_samples: its frames' size.
        preskip: as in ``FrameEncoder``.
        sample_format: ``s16``, ``s16p`` or ``fltp``, whichever it takes.
        bitrate: bits per second; None for a codec without loss.
        options: of the encoder.
        wrap: puts a frame's header in front of its payload.
    """

    def __init__(
        self,
        name: str,
        sample_rate_hz: int,
        frame_samples: int,
        preskip: int,
        sample_format: str,
        *,
        bitrate: int | None = None,
        options: dict[str, str] | None = None,
        wrap: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.preskip = preskip
        self._frame_samples = frame_samples
        self._rate_hz = sample_rate_hz
        self._format = sample_format
        self._wrap = wrap
        self._at = 0  # samples encoded so far
        self._av = av = _load_av()
        try:
            context = av.CodecContext.create(name, "w")
            context.sample_rate = sample_rate_hz
            context.layout = "mono"
            context.format = sample_format
            context.time_base = Fraction(1, sample_rate_hz)
            if bitrate is not None:
                context.bit_rate = bitrate
            context.options = options or {}
            context.open()
        except (av.FFmpegError, ValueError) as exc:
            raise EncodingFailed(f"FFmpeg refused an encoder for {name}: {exc}") from exc
        self._context = context

    def encode(self, samples: Pcm) -> list[bytes]:
        """Encode whole frames; the payload is empty for one that has to wait for the next."""
        payloads = []
        for start in range(0, len(samples), self._frame_samples):
            frame = self._frame(samples[start : start + self._frame_samples])
            try:
                packets = self._context.encode(frame)
            except self._av.FFmpegError as exc:
                raise EncodingFailed(f"FFmpeg refused a frame: {exc}") from exc
            payloads.append(b"".join([self._wrapped(bytes(packet)) for packet in packets]))
        return payloads

    def _frame(self, samples: Pcm) -> Any:  # noqa: ANN401 - PyAV is loaded late, so its types are not known here
        if self._format == "fltp":
            plane: npt.NDArray[np.generic] = samples.astype(np.float32) / 32768
        else:
            plane = np.ascontiguousarray(samples)
        frame = self._av.AudioFrame.from_ndarray(plane.reshape(1, -1), format=self._format, layout="mono")
        frame.sample_rate = self._rate_hz
        frame.time_base = Fraction(1, self._rate_hz)
        frame.pts = self._at
        self._at += len(samples)
        return frame

    def _wrapped(self, payload: bytes) -> bytes:
        return self._wrap(payload) if self._wrap is not None else payload


def _nearest(offered: Sequence[int], wanted: int) -> int:
    """Choose the lowest on offer that is not below what is wanted, or the highest."""
    return next((value for value in offered if value >= wanted), offered[-1])


def _mp3_rate(sample_rate_hz: int) -> int:
    return _nearest(MP3_RATES_HZ, sample_rate_hz)


def _mp3_frame(sample_rate_hz: int, frame_ms: int) -> int:  # noqa: ARG001 - a codec's frames are as long as they are
    return 576 if sample_rate_hz <= _MPEG2_UP_TO_HZ else 1152


def _mp3(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> FrameEncoderOfLibav:
    bitrates = MP3_BITRATES if sample_rate_hz <= _MPEG2_UP_TO_HZ else MP3_BITRATES_ABOVE_24_KHZ
    return FrameEncoderOfLibav(
        "libmp3lame",
        sample_rate_hz,
        _mp3_frame(sample_rate_hz, frame_ms),
        _at_wire_rate(_MP3_DELAY, sample_rate_hz),
        "s16p",
        bitrate=_nearest(bitrates, opus.bitrate),
        # 7 is LAME's fast end that still shapes its noise; the default takes a quarter more time for speech.
        options={"reservoir": "0", "compression_level": "7"},
    )


def _mp3_tag(sample_rate_hz: int, preskip: int) -> HeaderMuxer:  # noqa: ARG001 - the same for all
    return HeaderMuxer(provenance.id3())


def _aac_rate(sample_rate_hz: int) -> int:
    return _nearest(AAC_RATES_HZ, sample_rate_hz)


def _aac_frame(sample_rate_hz: int, frame_ms: int) -> int:  # noqa: ARG001 - as above
    return _AAC_FRAME


def _aac(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> FrameEncoderOfLibav:  # noqa: ARG001 - as above
    # ISO 14496-3, 4.5.3: 6144 bits for a frame of 1024 samples are the most that a decoder's buffer takes.
    most_bits = 6 * sample_rate_hz
    return FrameEncoderOfLibav(
        "aac",
        sample_rate_hz,
        _AAC_FRAME,
        _at_wire_rate(_AAC_DELAY, sample_rate_hz),
        "fltp",
        bitrate=min(opus.bitrate, most_bits),
        wrap=lambda payload: _adts(payload, sample_rate_hz),
    )


def _adts(payload: bytes, sample_rate_hz: int) -> bytes:
    """Put an ADTS header before a frame of AAC (ISO 13818-7, 6.2): MPEG-4, low complexity, mono, no checksum."""
    size = len(payload) + _ADTS_HEADER_BYTES
    bits = 0xFFF1 << 40  # the sync word; MPEG-4; layer 0; no checksum
    bits |= 1 << 38  # the profile: low complexity
    bits |= _ADTS_RATES_HZ.index(sample_rate_hz) << 34
    bits |= 1 << 30  # channels
    bits |= size << 13
    bits |= 0x7FF << 2  # the buffer's fullness: not stated
    return bits.to_bytes(_ADTS_HEADER_BYTES) + payload


def _flac_frame(sample_rate_hz: int, frame_ms: int) -> int:  # noqa: ARG001 - as above
    return sample_rate_hz // _FLAC_BLOCKS_PER_S


def _flac(sample_rate_hz: int, frame_ms: int, opus: OpusSettings) -> FrameEncoderOfLibav:  # noqa: ARG001 - no loss
    block = _flac_frame(sample_rate_hz, frame_ms)
    return FrameEncoderOfLibav("flac", sample_rate_hz, block, 0, "s16", options={"frame_size": str(block)})


def _flac_header(sample_rate_hz: int, preskip: int) -> HeaderMuxer:  # noqa: ARG001 - it has none
    """Write what begins a stream (RFC 9639, 8.2); its length and checksum are left open, for it goes on."""
    block = _flac_frame(sample_rate_hz, 0)
    rate_and_form = sample_rate_hz << 44 | 0 << 41 | 15 << 36  # one channel, 16 bits, no known length
    info = struct.pack(">HH6xQ16x", block, block, rate_and_form)
    generator = provenance.GENERATOR.encode()
    comments = struct.pack("<I", len(generator)) + generator + provenance.xiph_comments()
    return HeaderMuxer(b"fLaC" + _flac_block(0, info) + _flac_block(4, comments, is_last=True))


def _flac_block(kind: int, content: bytes, *, is_last: bool = False) -> bytes:
    return struct.pack(">I", is_last << 31 | kind << 24 | len(content)) + content


def _at_wire_rate(samples: int, sample_rate_hz: int) -> int:
    return round(samples * WIRE_RATE_HZ / sample_rate_hz)


def _mp3_preskip(sample_rate_hz: int, opus: OpusSettings) -> int:  # noqa: ARG001 - it is no Opus
    return _at_wire_rate(_MP3_DELAY, sample_rate_hz)


def _aac_preskip(sample_rate_hz: int, opus: OpusSettings) -> int:  # noqa: ARG001 - it is no Opus
    return _at_wire_rate(_AAC_DELAY, sample_rate_hz)


def _load_av() -> Any:  # noqa: ANN401 - its FFmpeg takes 60 ms to load, so only who encodes loads it
    try:
        import av  # noqa: PLC0415 - as said
    except ImportError as exc:
        raise CodecUnavailable("the Python package av is missing: install it with `pip install av`") from exc
    return av


MP3: Final = Coding(_mp3, _mp3_rate, _mp3_preskip, new_muxer=_mp3_tag, frame_samples=_mp3_frame, frames_behind=1)
AAC: Final = Coding(_aac, _aac_rate, _aac_preskip, frame_samples=_aac_frame, frames_behind=1)
FLAC: Final = Coding(_flac, new_muxer=_flac_header, frame_samples=_flac_frame, counts_frames=True)
