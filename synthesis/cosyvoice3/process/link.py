"""Messages between a gateway and the engine process: a JSON object and, for sound, the samples behind it.

To the engine: ``speak``, ``pull`` (samples taken), ``cancel``, ``voices``. From it: ``loading`` to who comes early,
``capacity`` and ``ready``, or ``unavailable``; then ``sound``, ``failed``, ``voices``, and ``capacity`` again whenever
it changes; and to its keeper ``alive``, from when it is ready.
``key`` is the gateway's own name for a stream. Both ends are ours and of one release, so nothing is negotiated.
"""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, Final, NamedTuple

GRACE_S: Final = 5.0  # what an engine that was hung up on gets to free its GPU memory before it is killed
# How often an engine that is ready tells its keeper that it is alive, and after how many such times without a word it
# is taken to hang, and replaced. A step takes milliseconds on a GPU, and a second or two where a busy CPU computes;
# the gateway itself gives up a speech that stands still for ``stuck_s``, 30 s.
BEAT_S: Final = 1.0
SILENT_BEATS: Final = 15

_SIZES: Final = struct.Struct("!II")  # bytes of JSON, bytes of samples


class LinkMessage(NamedTuple):
    """One message: its fields, ``type`` among them, and int16 samples in this machine's byte order."""

    fields: dict[str, Any]  # Any: JSON; each reader knows the fields of the types it reads
    samples: bytes = b""


class LinkClosed(Exception):
    """The other end is gone."""


def write(writer: asyncio.StreamWriter, fields: dict[str, Any], samples: bytes = b"") -> None:
    """Send a message, without waiting: what is under way is bounded by what listeners pull.

    Where the other end is gone nothing is sent: whoever reads learns that it is.
    """
    if writer.is_closing():
        return
    text = json.dumps(fields).encode()
    writer.write(_SIZES.pack(len(text), len(samples)) + text + samples)


async def read(reader: asyncio.StreamReader) -> LinkMessage:
    """Receive a message.

    Raises:
        LinkClosed: there will be none.
    """
    try:
        text_size, samples_size = _SIZES.unpack(await reader.readexactly(_SIZES.size))
        text = await reader.readexactly(text_size)
        return LinkMessage(json.loads(text), await reader.readexactly(samples_size))
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise LinkClosed from error
