"""What all dialects of a socket share: the calls that feed the conversation, and how its actions become messages."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NotRequired, TypedDict

from ..conversation.actions import Close, SendPackets, Tell
from ..conversation.session import Session
from ..errors import CannotResume, CloseCode
from .actions import SendText
from .opening import NO_OPENING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...synthesis.interface import Voice
    from ..conversation import events
    from ..conversation.account import Account
    from ..conversation.audio import AudioFacts, AudioParameters
    from ..conversation.session import SessionSettings
    from .actions import Action, SendAudio
    from .opening import Opening


@dataclass(frozen=True, slots=True)
class ResumeOffer:
    """What a client may ask for: its conversation outlives its socket.

    Attributes:
        token: what it shows to have the conversation back; nobody can guess it.
        seconds: how long the conversation waits.
    """

    token: str
    seconds: float


class Facts(TypedDict):
    """What ``SocketProtocol`` is given by name, for subclasses that only hand it on."""

    voices: Callable[[], Sequence[Voice]]
    negotiate: Callable[[AudioParameters], AudioFacts]
    synthesis_rate_hz: int
    now: float
    tenant: NotRequired[str | None]
    opening: NotRequired[Opening]
    tenant_of: NotRequired[Callable[..., str | None]]
    key_by: NotRequired[float]
    resume_offer: NotRequired[ResumeOffer | None]
    account: NotRequired[Account | None]


class SocketProtocol(ABC):
    """One conversation with the peer of a socket; a subclass knows the dialect.

    It has the shape of h11's ``Connection``: received bytes and the time in, actions out, and no I/O. Calls that do not
    depend on the dialect go straight to the conversation.

    Args:
        session_id: names the connection in logs and to the client.
        settings: limits and defaults; a dialect replaces those that its clients set when they connect.
        voices: names on offer, asked again for each use.
        negotiate: what the codec makes of audio parameters.
        synthesis_rate_hz: sample rate that word marks are counted in.
        now: the time.
        tenant: names the client, and is empty if the server asks for no key. None: the client has still to show a key.
        opening: what the client said when it connected.
        tenant_of: tells whose key it is, or whose token of the call that is named besides; None if nobody's.
        key_by: when a key that is still to be shown must have come.
        resume_offer: for dialects whose clients know how to come back; None: there is none.
        account: see ``Session``.

    Attributes:
        tenant: as above; empty until a key is shown.
        awaits_key: the client has still to show a key, and nothing is done for it before.
    """

    def __init__(
        self,
        session_id: str,
        settings: SessionSettings,
        *,
        voices: Callable[[], Sequence[Voice]],
        negotiate: Callable[[AudioParameters], AudioFacts],
        synthesis_rate_hz: int,
        now: float,
        tenant: str | None = "",
        opening: Opening = NO_OPENING,
        tenant_of: Callable[..., str | None] = lambda _: None,
        key_by: float = math.inf,
        resume_offer: ResumeOffer | None = None,
        account: Account | None = None,
    ) -> None:
        self.id = session_id
        self.tenant = tenant or ""
        self.awaits_key = tenant is None
        self.opening = opening
        self._tenant_of = tenant_of
        self._key_by = key_by
        self._resume_offer = resume_offer
        self.conversation = conversation = Session(
            session_id,
            settings,
            voices=voices,
            negotiate=negotiate,
            synthesis_rate_hz=synthesis_rate_hz,
            now=now,
            account=account,
        )
        self._actions: deque[Action] = deque()

        # Bound once: these run for every chunk of sound, and another method around each would cost a call.
        self.read_on = conversation.read_on
        self.pong_received = conversation.pong_received
        self.write_blocked = conversation.write_blocked
        self.write_resumed = conversation.write_resumed
        self.peer_gone = conversation.peer_gone
        self.peer_lost = conversation.peer_lost
        self.peer_back = conversation.peer_back
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
        if self.awaits_key:
            self.tick, self.next_deadline = self._tick_without_key, self._next_deadline_without_key

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

    # -- a key in the first message ------------------------------------------------------------------------------------

    def key_shown(self, key: str, **call: str) -> bool:
        """Admit a client that had still to show its key, or close its connection; False if it stays out."""
        tenant = self._tenant_of(key, **call)
        if tenant is None:
            self.conversation.close(Close(CloseCode.POLICY, "a valid API key is required"))
            return False
        self.tenant = tenant
        self.awaits_key = False
        self.tick, self.next_deadline = self.conversation.tick, self.conversation.next_deadline
        return True

    def _tick_without_key(self, now: float) -> None:
        if now >= self._key_by:
            self.conversation.close(Close(CloseCode.POLICY, "no API key came in time"))
        self.conversation.tick(now)

    def _next_deadline_without_key(self, now: float) -> float:
        return min(self._key_by, self.conversation.next_deadline(now))

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
    def write_event(self, event: events.Event) -> str | None:
        """Write an event as a text message; None if the dialect has none for it."""

    @abstractmethod
    def write_audio(self, run: SendPackets) -> SendAudio | SendText:
        """Write packets as binary messages, or as a text message of their context."""

    def write_close(self, close: Close) -> Close:
        """Choose the code and the reason that this dialect's clients understand; ``say`` may tell them more before."""
        return close

    def tell_resumed(self, received: int) -> str:
        """Tell a client that is back how many of its messages have come; only of a dialect that offers to resume."""
        raise NotImplementedError

    def resume_refused(self, now: float) -> None:
        """The client asked for a conversation that it may not have."""
        why = "there is no such conversation to go on with: it is over, or what was missed is no longer kept"
        self.conversation.fault_received(CannotResume(why), now)

    def say(self, message: str) -> None:
        """Send a text message."""
        self._actions.append(SendText(message))

    # -- out -----------------------------------------------------------------------------------------------------------

    def actions(self) -> deque[Action]:
        """Hand over what is to be done, in order; the caller empties it."""
        todo = self.conversation.actions()
        while todo:
            action = todo.popleft()
            # Sound and grants come with every second frame, and a class pattern costs twice what isinstance does.
            if isinstance(action, SendPackets):
                self._actions.append(self.write_audio(action))
            elif isinstance(action, Tell):
                if (message := self.write_event(action.event)) is not None:
                    self._actions.append(SendText(message))
            elif isinstance(action, Close):
                self._actions.append(self.write_close(action))
            else:
                self._actions.append(action)
        return self._actions
