"""WebSocket frames as a server writes them: whole messages, not masked, without extensions (RFC 6455, 5.2).

The library makes an object and a file for each frame; at 150 listeners that is a tenth of what a frame of audio costs
the gateway. Our messages need neither its checks of control frames nor its masking.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_FINAL_TEXT: Final = 0x81
_FINAL_BINARY: Final = 0x82
_LENGTH_16: Final = 126  # the length follows in 16 bits ...
_LENGTH_64: Final = 127  # ... or in 64
_SHORT_BINARY: Final = tuple(bytes((_FINAL_BINARY, length)) for length in range(_LENGTH_16))  # most packets of Opus


def text_message(text: str) -> tuple[bytes, bytes]:
    """Write a text message: its header and its payload."""
    payload = text.encode()
    return _header(_FINAL_TEXT, len(payload)), payload


def binary_messages(payloads: Iterable[bytes]) -> list[bytes]:
    """Write binary messages: header and payload of each, one after the other."""
    parts = []
    for payload in payloads:
        length = len(payload)
        parts.append(_SHORT_BINARY[length] if length < _LENGTH_16 else _header(_FINAL_BINARY, length))
        parts.append(payload)
    return parts


def _header(first: int, length: int) -> bytes:
    if length < _LENGTH_16:
        return bytes((first, length))
    if length <= 0xFFFF:
        return struct.pack(">BBH", first, _LENGTH_16, length)
    return struct.pack(">BBQ", first, _LENGTH_64, length)
