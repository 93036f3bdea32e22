"""Which phone calls are on the line at this server, and who waits for one that is about to come."""

from __future__ import annotations

import asyncio
import contextlib
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from ...dialects.twilio.protocol import TwilioProtocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...dialects.socket_protocol import SocketProtocol
    from ..conversation_runner import ConversationRunner

# An application learns of a call from Twilio's webhook, and Twilio opens the call's stream only after the answer to it.
# Less than the ten seconds that our own client waits for a greeting.
PATIENCE_S: Final = 8.0


@dataclass(frozen=True, slots=True)
class Line:
    """A call on the line: its conversation, and what runs it."""

    session: TwilioProtocol
    runner: ConversationRunner


class CallBook:
    """Lives as long as the server."""

    def __init__(self) -> None:
        self._lines: dict[str, Line] = {}  # by the call's name and by its stream's
        self._changed = asyncio.Event()  # replaced whenever a call begins

    @contextmanager
    def listed(self, session: SocketProtocol, runner: ConversationRunner) -> Iterator[None]:
        """List a conversation while the block runs, from the moment at which it proves to be a call."""
        if not isinstance(session, TwilioProtocol):
            yield
            return
        line = Line(session, runner)

        def began() -> None:
            if session.call is not None:
                self._lines[session.call.call_sid] = self._lines[session.call.stream_sid] = line
            self._changed.set()
            self._changed = asyncio.Event()

        session.began = began
        try:
            yield
        finally:
            for sid in [sid for sid, listed in self._lines.items() if listed is line]:
                del self._lines[sid]

    async def find(self, sid: str, tenant: str) -> Line | None:
        """Find a call of this tenant's, by its own name or its stream's; wait a while if it has yet to come."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_S):
                while sid not in self._lines:
                    await self._changed.wait()
        line = self._lines.get(sid)
        return line if line is not None and line.session.tenant == tenant else None
