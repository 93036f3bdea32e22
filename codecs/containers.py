"""Containers around the codecs: Ogg Opus as a stream of pages (PyAV), and the files that clients write.

Ogg counts in granules: samples at 48 kHz from the first that a decoder puts out, pre-skip included. The pages say

    OpusHead | OpusTags | page, granule = samples decodable after it | ... | last page, EOS, granule = preskip + sound

and a player that drops the pre-skip and stops at the last granule hears exactly the sound (RFC 7845, 4).
"""

from __future__ import annotations

import wave
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Self

import av

from .base import WIRE_RATE_HZ, EncodingFailed, Packet
from .pcm import pack_s16le

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

    Pcm = npt.NDArray[np.int16]  # (n,) mono samples

# Two 20 ms packets per page: half the messages of one each, for 28 bytes per page, and a player still starts at once.
# libavformat keeps one page back, to be able to mark the last one.
PAGE_MS: Final = 40
_TICK: Final = Fraction(1, WIRE_RATE_HZ)
_IO_BUFFER_BYTES: Final = 16_384  # over the largest page: 100 ms at 510 kbit/s is 6.4 kB


class OggOpusMuxer:
    """One Ogg Opus stream: raw Opus packets in, whole pages out.

    The header pages come with the first packets and last nothing; the durations of pages sum to those of the packets.
    """

    def __init__(self, sample_rate_hz: int, preskip: int, page_ms: int = PAGE_MS) -> None:
        """Start a stream.

        Args:
            sample_rate_hz: what was encoded, for the header's "input sample rate"; a rate that Opus has.
            preskip: samples at ``WIRE_RATE_HZ`` to drop from the front.
            page_ms: how much sound a page holds before it goes out.
        """
        self._preskip = preskip
        self._position = 0  # granules muxed so far
        self._paged = 0  # of them, what has gone out in pages
        self._pages: list[bytes] = []
        self._container = av.open(
            _PageSink(self._pages),
            "w",
            format="ogg",
            buffer_size=_IO_BUFFER_BYTES,
            options={"page_duration": str(page_ms * 1000), "flush_packets": "1"},  # microseconds
        )
        # FFmpeg's own libopus encoder is opened but given no sound: it writes OpusHead for us.
        self._stream = self._container.add_stream("libopus", rate=sample_rate_hz)
        self._stream.codec_context.layout = "mono"
        self._container.start_encoding()
        header_preskip = int.from_bytes((self._stream.codec_context.extradata or b"")[10:12], "little")  # RFC 7845, 5.1
        if header_preskip != preskip:
            raise EncodingFailed(f"the Ogg header would skip {header_preskip} samples where the encoder adds {preskip}")

    def mux(self, packets: Sequence[Packet], *, last: bool = False) -> list[Packet]:
        """Add Opus packets.

        Args:
            packets: in order.
            last: no packet follows these; the end is marked on the last page.

        Returns:
            The pages that are complete, each as one packet.
        """
        for packet in packets:
            unit = av.Packet(packet.payload)
            unit.stream = self._stream
            unit.time_base = _TICK
            unit.pts = unit.dts = self._position - self._preskip
            unit.duration = packet.duration
            self._position += packet.duration
            self._container.mux(unit)
        if last:
            self._container.close()
        pages = [self._page(payload) for payload in self._pages]
        self._pages.clear()
        return pages

    def _page(self, payload: bytes) -> Packet:
        if payload[:4] != b"OggS":
            raise EncodingFailed("libavformat wrote something else than whole Ogg pages")
        granule = int.from_bytes(payload[6:14], "little")  # RFC 3533, 6
        added = max(0, granule - self._paged)
        self._paged += added
        return Packet(payload, added)


class _PageSink:
    """A file for PyAV to write to: libavformat flushes after each page, so each write is one page."""

    def __init__(self, pages: list[bytes]) -> None:
        self._pages = pages

    def write(self, page: bytes) -> int:
        self._pages.append(bytes(page))
        return len(page)


class OggOpusFile:
    """Writes an ``.ogg`` or ``.opus`` file from the raw Opus packets that a client receives."""

    def __init__(self, path: Path, sample_rate_hz: int, preskip: int) -> None:
        self._muxer = OggOpusMuxer(sample_rate_hz, preskip, page_ms=1000)  # a file wants few large pages (RFC 7845, 6)
        self._file = path.open("wb")

    def write(self, packet: Packet) -> None:
        """Append one packet."""
        for page in self._muxer.mux([packet]):
            self._file.write(page.payload)

    def close(self) -> None:
        """Mark the end and close the file; idempotent."""
        if not self._file.closed:
            for page in self._muxer.mux([], last=True):
                self._file.write(page.payload)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class WavFile:
    """Writes a 16-bit mono ``.wav`` file, piece by piece; the length in its header is set at the end."""

    def __init__(self, path: Path, sample_rate_hz: int) -> None:
        self._wave = wave.open(str(path), "wb")  # noqa: SIM115 - closed by close()
        self._wave.setnchannels(1)
        self._wave.setsampwidth(2)
        self._wave.setframerate(sample_rate_hz)

    def write(self, samples: Pcm) -> None:
        """Append (n,) int16 samples."""
        self._wave.writeframesraw(pack_s16le(samples))

    def close(self) -> None:
        """Close the file; idempotent."""
        self._wave.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
