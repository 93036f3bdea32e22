"""What all dialects of a socket share: the calls that feed the conversation, and how its actions become messages."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import TYPE_CHECKING

from ..conversation.actions import SendPackets, Tell
from ..conversation.session import Session
from .actions import SendAudio, SendText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ..conversation import events
    from ..conversation.audio import AudioFacts, AudioParameters
    from ..conversation.session import SessionSettings
    from .actions import Action


class SocketProtocol(ABC):
    """One conversation with the peer of a socket; a subclass knows the dialect.

    It has the shape of h11's ``Connection``: received bytes and the time in, actions out, and no I/O. Calls that do not
    depend on the dialect go straight to the conversation.
    """

    def __init__(
        self,
        session_id: str,
        settings: SessionSettings,
        *,
        voices: Callable[[], Sequence[str]],
        negotiate: Callable[[AudioParameters], AudioFacts],
        synthesis_rate_hz: int,
        now: float,
        tenant: str = "",
    ) -> None:
        self.id = session_id
        self.tenant = tenant
        self.conversation = conversation = Session(
            session_id,
            settings,
            voices=voices,
            negotiate=negotiate,
            synthesis_rate_hz=synthesis_rate_hz,
            now=now,
            tenant=tenant,
        )
        self._actions: deque[Action] = deque()

        # Bound once: these run for every chunk of sound, and another method around each would cost a call.
        self.read_on = conversation.read_on
        self.pong_received = conversation.pong_received
        self.write_blocked = conversation.write_blocked
        self.write_resumed = conversation.write_resumed
        self.peer_gone = conversation.peer_gone
        self.drain = conversation.drain
        self.slot_granted = conversation.slot_granted
        self.segment_wanted = conversation.segment_wanted
        self.segment_begun = conversation.segment_begun
        self.pcm_made = conversation.pcm_made
        self.segment_spoken = conversation.segment_spoken
        self.frames_ready = conversation.frames_ready
        self.audio_encoded = conversation.audio_encoded
        self.speech_failed = conversation.speech_failed
        self.tick = conversation.tick
        self.next_deadline = conversation.next_deadline
        self.leads_ms = conversation.leads_ms

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.conversation!r}>"

    @property
    def has_unread_text(self) -> bool:
        """Of the last delta something is left to read."""
        return self.conversation.has_unread_text

    @property
    def live_contexts(self) -> int:
        """Contexts that are not over."""
        return self.conversation.live_contexts

    # -- what a dialect knows ------------------------------------------------------------------------------------------

    @abstractmethod
    def text_received(self, message: str | bytes, now: float, *, most_chars: int | None = None) -> None:
        """Read a text message, and give the conversation what it means.

        Args:
            message: as it came.
            now: the time.
            most_chars: of a delta's text only so much is read now, ``read_on`` reads the rest; None: all is read now.
        """

    @abstractmethod
    def binary_received(self, now: float) -> None:
        """Take a binary message."""

    @abstractmethod
    def write_event(self, event: events.Event) -> str:
        """Write an event as a text message."""

    @abstractmethod
    def pack(self, run: SendPackets) -> list[bytes]:
        """Write packets as binary messages, one for each."""

    # -- out -----------------------------------------------------------------------------------------------------------

    def actions(self) -> deque[Action]:
        """Hand over what is to be done, in order; the caller empties it."""
        todo = self.conversation.actions()
        while todo:
            action = todo.popleft()
            match action:
                case SendPackets():
                    self._actions.append(SendAudio(action.context_id, self.pack(action)))
                case Tell(event):
                    self._actions.append(SendText(self.write_event(event)))
                case _:
                    self._actions.append(action)
        return self._actions
