"""Containers around the codecs: Ogg Opus as a stream of pages (PyAV), and the header of WAV.

Ogg counts in granules: samples at 48 kHz from the first that a decoder puts out, pre-skip included. The pages say

    OpusHead | OpusTags | page, granule = samples decodable after it | ... | last page, EOS, granule = preskip + sound

and a player that drops the pre-skip and stops at the last granule hears exactly the sound (RFC 7845, 4).
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import TYPE_CHECKING, Final

import av

from .base import WIRE_RATE_HZ, EncodingFailed, Packet

if TYPE_CHECKING:
    from collections.abc import Sequence

# Two 20 ms packets per page: half the messages of one each, for 28 bytes per page, and a player still starts at once.
# libavformat keeps one page back, to be able to mark the last one.
PAGE_MS: Final = 40
_TICK: Final = Fraction(1, WIRE_RATE_HZ)
_ENDLESS: Final = 0xFFFF_FFFF
_WAV_HEADER_BYTES: Final = 44
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


def wav_header(sample_rate_hz: int, data_bytes: int | None) -> bytes:
    """Write the header of a 16-bit mono WAV file, which the samples follow.

    Args:
        sample_rate_hz: of the samples.
        data_bytes: how many bytes of samples follow. None: as many as come, for an output whose start cannot be changed
            once that is known. FFmpeg writes the same then, the largest length there is, and readers go on to the end.
    """
    data_bytes = _ENDLESS if data_bytes is None else min(data_bytes, _ENDLESS)  # over a day of sound: it is longer
    riff_bytes = min(data_bytes + _WAV_HEADER_BYTES - 8, _ENDLESS)  # a RIFF length leaves out its own two fields
    return struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF", riff_bytes, b"WAVE",
        b"fmt ", 16, 1, 1, sample_rate_hz, 2 * sample_rate_hz, 2, 16,  # PCM, one channel of two bytes
        b"data", data_bytes,
    )  # fmt: skip
