"""Messages between the supervisor and a worker: one JSON object a line.

From a worker: ``alive``, every second; ``listening``, once; and what its desk is asked: ``open``, ``request``,
``release``, ``close``, ``forecast``. To it: ``granted``, and ``drain``, once. Both ends are ours and of one release, so
nothing is negotiated. The link is a leash too: a worker whose supervisor is gone ends.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

HEARTBEAT_S: Final = 1.0  # how often a worker says that it is alive


class LinkClosed(Exception):
    """The other end is gone."""


def write(writer: asyncio.StreamWriter, kind: str, **fields: object) -> None:
    """Send a message without waiting: what is under way is bounded by the contexts that there are.

    Where the other end is gone nothing is sent: whoever reads learns that it is.
    """
    if not writer.is_closing():
        writer.write(json.dumps({"type": kind, **fields}).encode() + b"\n")


async def read(reader: asyncio.StreamReader) -> dict[str, Any]:  # Any: JSON; readers know the fields of what they read
    """Receive a message.

    Raises:
        LinkClosed: there will be none.
    """
    try:
        return json.loads(await reader.readuntil(b"\n"))  # type: ignore[no-any-return] # an object, as all that is written
    except (asyncio.IncompleteReadError, ConnectionError) as error:
        raise LinkClosed from error
