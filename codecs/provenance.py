"""Says of sound that a machine made it, in words that machines read: the one place where these words stand.

What can carry a mark carries it: Ogg comments, WAV and ID3 tags, ``context.started``, a header of HTTP. Raw packets and
samples cannot. A mark is a statement beside the sound, not a watermark in it (docs/PROVENANCE.md).
"""

from __future__ import annotations

import struct
from typing import Final

from .. import __version__

# IPTC's vocabulary, which C2PA and others take over: media that a trained model made.
DIGITAL_SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
GENERATOR: Final = f"sayline/{__version__}"
STATEMENT: Final = "Synthetic speech: no person said this."

# The field of HTTP that a draft of the IETF proposes (draft-abaris-aicdh): a dictionary of RFC 9651.
HTTP_HEADER: Final = ("AI-Disclosure", f'mode=ai-originated, provider="{GENERATOR}"')

# Of Ogg and FLAC (Xiph's comments): names are not case-sensitive.
COMMENTS: Final = (
    ("ENCODER", GENERATOR),
    ("COMMENT", STATEMENT),
    ("DIGITALSOURCETYPE", DIGITAL_SOURCE_TYPE),
)


def xiph_comments() -> bytes:
    """Write the list of comments as Ogg and FLAC have it: its length, then each one's length and text."""
    texts = [f"{name}={value}".encode() for name, value in COMMENTS]
    return struct.pack("<I", len(texts)) + b"".join(struct.pack("<I", len(text)) + text for text in texts)


def riff_info() -> bytes:
    """Write a LIST chunk for WAV: software, comment, and IPTC's term as the source."""
    fields = ((b"ISFT", GENERATOR), (b"ICMT", STATEMENT), (b"ISRC", DIGITAL_SOURCE_TYPE))
    chunks = b"".join(_riff_chunk(name, text.encode("ascii") + b"\0") for name, text in fields)
    return _riff_chunk(b"LIST", b"INFO" + chunks)


def id3() -> bytes:
    """Write an ID3v2.4 tag, which goes in front of the first frame of MP3."""
    frames = b"".join(
        (
            _id3_frame(b"TSSE", b"\x03" + GENERATOR.encode()),
            _id3_frame(b"COMM", b"\x03eng\0" + STATEMENT.encode()),
            _id3_frame(b"TXXX", b"\x03DIGITALSOURCETYPE\0" + DIGITAL_SOURCE_TYPE.encode()),
        )
    )
    return b"ID3\x04\0\0" + _syncsafe(len(frames)) + frames


def _riff_chunk(name: bytes, content: bytes) -> bytes:
    """Write a chunk; it is padded to an even length, which its own length does not count."""
    return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)


def _id3_frame(name: bytes, content: bytes) -> bytes:
    return name + _syncsafe(len(content)) + b"\0\0" + content


def _syncsafe(number: int) -> bytes:
    """Write a number in seven bits a byte, so that no decoder takes it for the start of a frame."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))
