"""Containers around the codecs: Ogg Opus as a coding, and a header in front of packets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from . import opus
from .base import Packet
from .ogg import OggOpusMuxer, ogg_end_after

if TYPE_CHECKING:
    from collections.abc import Sequence


class HeaderMuxer:
    """A container that is a header and then the packets as they are; see ``base.Muxer``."""

    held = 0

    def __init__(self, header: bytes) -> None:
        self._header = header

    @property
    def written(self) -> int:
        """The header counts, and nothing else: 0 or 1."""
        return 0 if self._header else 1

    def go_on(self, written: int, granule: int, held: Sequence[Packet]) -> None:  # noqa: ARG002 - it holds nothing
        """Write no header if there was one."""
        if written:
            self._header = b""

    def mux(self, packets: Sequence[Packet], *, last: bool = False) -> list[Packet]:  # noqa: ARG002 - nothing ends it
        """Put the header in front of the first packets; it adds no sound."""
        header, self._header = self._header, b""
        return [Packet(header, 0), *packets] if header else list(packets)

    def flush(self) -> list[Packet]:
        """Nothing is held back."""
        return []


CODING: Final = replace(opus.CODING, new_muxer=OggOpusMuxer, end_after=ogg_end_after)
