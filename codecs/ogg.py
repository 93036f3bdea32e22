"""Ogg Opus as a stream of pages, made of packets that were encoded elsewhere.

Ogg counts in granules: samples at 48 kHz from the first that a decoder puts out, pre-skip included. The pages say

    OpusHead | OpusTags | page, granule = samples decodable after it | ... | last page, EOS, granule = preskip + sound

and a player that drops the pre-skip and stops at the last granule hears exactly the sound (RFC 7845, 4). This file
writes the pages itself because libavformat keeps each page back until the next begins, and a listener would wait for
it.
"""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING, Final

from .base import WIRE_RATE_HZ, EncodingFailed, Packet
from .provenance import xiph_comments

if TYPE_CHECKING:
    from collections.abc import Sequence


# Two 20 ms packets per page: half as many messages as with one packet per page, for 28 bytes per page, and a player
# still starts at once.
PAGE_MS: Final = 40
_CAPTURE: Final = b"OggS"
_BEGIN: Final = 2
_END: Final = 4
_MAX_SEGMENTS: Final = 255  # segments of one page, each of up to 255 bytes
_SERIAL: Final = 1  # tells the streams of one file apart; our files have one stream
_VENDOR: Final = b"sayline"
_MIRRORED: Final = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


class OggOpusMuxer:
    """One Ogg Opus stream: raw Opus packets in, whole pages out.

    The header pages come with the first packets and last 0 samples; the durations of the pages sum to those of the
    packets. The muxer holds a full page back until it knows whether another follows, so that it can mark the last one.

    Attributes:
        written: pages written so far, headers included.
    """

    def __init__(self, sample_rate_hz: int, preskip: int, page_ms: int = PAGE_MS) -> None:
        """Start a stream.

        Args:
            sample_rate_hz: what was encoded, for the header's "input sample rate"; a rate that Opus has.
            preskip: samples at ``WIRE_RATE_HZ`` to drop from the front.
            page_ms: how much sound a page holds before it goes out.
        """
        self._page_samples = page_ms * WIRE_RATE_HZ // 1000
        self.written = 0
        self._granule = 0  # samples decodable after the pages written so far
        self._held: list[Packet] = []  # a full page, or a part of one
        self._headers = [_opus_head(sample_rate_hz, preskip), _opus_tags()]  # not written yet

    @property
    def held(self) -> int:
        """Packets that are in no page yet."""
        return len(self._held)

    def go_on(self, written: int, granule: int, held: Sequence[Packet]) -> None:
        """Go on in place of another muxer, with the number and the granule that follow its last page's."""
        self.written, self._granule, self._held = written, granule, list(held)
        if written:
            self._headers = []

    def mux(self, packets: Sequence[Packet], *, last: bool = False) -> list[Packet]:
        """Add Opus packets.

        Args:
            packets: in order.
            last: no packet follows these; the end is marked on the last page.

        Returns:
            The pages that are complete, each as one packet.
        """
        pages = self._begin()
        for packet in packets:
            if self._is_full(packet):
                pages.append(self._write_held())
            self._held.append(packet)
        if last:
            pages.append(self._write_held(_END))
        return pages

    def flush(self) -> list[Packet]:
        """Hold back nothing that was added: the listener is about to run dry."""
        return [self._write_held()] if self._held else []

    def _begin(self) -> list[Packet]:
        headers, self._headers = self._headers, []
        return [self._write([header], _BEGIN if number == 0 else 0) for number, header in enumerate(headers)]

    def _is_full(self, following: Packet) -> bool:
        """Tell whether the held packets make a page: they last long enough, or the page has no room for another."""
        is_long = sum(packet.duration for packet in self._held) >= self._page_samples
        segments = sum(len(packet.payload) // 255 + 1 for packet in (*self._held, following))
        return bool(self._held) and (is_long or segments > _MAX_SEGMENTS)

    def _write_held(self, flags: int = 0) -> Packet:
        held, self._held = self._held, []
        duration = sum(packet.duration for packet in held)
        self._granule += duration
        page = self._write([packet.payload for packet in held], flags)
        return Packet(page.payload, duration)

    def _write(self, payloads: Sequence[bytes], flags: int) -> Packet:
        page = _page(flags, self._granule, self.written, payloads)
        self.written += 1
        return Packet(page, 0)


def ogg_end_after(page: bytes) -> bytes:
    """Make the page that ends a stream after this page, because the pages that should follow will never come."""
    if page[:4] != _CAPTURE:
        raise EncodingFailed("an Ogg stream cannot be ended after bytes that are no Ogg page")
    granule, number = struct.unpack_from("<q4xI", page, 6)
    return _page(_END, granule, number + 1, ())


def _page(flags: int, granule: int, number: int, payloads: Sequence[bytes]) -> bytes:
    """Write one page (RFC 3533, 6); every packet ends on it."""
    lacing = b"".join(b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255]) for payload in payloads)
    body = lacing + b"".join(payloads)
    head = struct.pack("<4sBBqII", _CAPTURE, 0, flags, granule, _SERIAL, number)
    count = bytes([len(lacing)])
    checksum = _checksum(head + bytes(4) + count + body)
    return head + struct.pack("<I", checksum) + count + body


def _checksum(page: bytes) -> int:
    """Compute Ogg's CRC: zlib's polynomial, with the bits of every byte the other way round and nothing inverted."""
    mirrored = zlib.crc32(page.translate(_MIRRORED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(mirrored.to_bytes(4, "little").translate(_MIRRORED), "big")


def _opus_head(sample_rate_hz: int, preskip: int) -> bytes:
    """Write RFC 7845, 5.1: version 1, one channel, no gain, the mapping that needs no table."""
    return struct.pack("<8sBBHIhB", b"OpusHead", 1, 1, preskip, sample_rate_hz, 0, 0)


def _opus_tags() -> bytes:
    """Write the comment header (RFC 7845, 5.2): the writer's name, and that a machine speaks."""
    return struct.pack(f"<8sI{len(_VENDOR)}s", b"OpusTags", len(_VENDOR), _VENDOR) + xiph_comments()
