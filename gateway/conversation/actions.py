"""What the session wants done. A dialect turns ``Tell`` and ``SendPackets`` into bytes; the shell performs the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...synthesis.interface import Segment, Style
    from ..errors import CloseCode
    from .audio import AudioParameters, Packet
    from .context import ContextReport, Standstill
    from .events import Event


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell the peer."""

    event: Event


@dataclass(slots=True)  # not frozen: one is made for every second frame, and freezing makes that three times slower
class SendPackets:
    """Send packets that leave together, unless their context is dropped before they leave.

    Only the first packet may follow a hole; only the last may end a segment or the context.

    Attributes:
        number: the context's, from ``Opened``.
        sequence: how many packets of the context went before.
        pts: 48 kHz samples that a decoder has put out when it comes to the first packet.
        follows_hole: the listener had nothing to play before these packets.
        ends_segment: the last packet holds the end of a segment.
        ends_context: the last packet is the context's last.
    """

    context_id: str
    number: int
    sequence: int
    pts: int
    packets: list[Packet]
    follows_hole: bool
    ends_segment: bool = False
    ends_context: bool = False


@dataclass(frozen=True, slots=True)
class DropAudio:
    """Forget the context's frames that have not left, and stop its speaker."""

    context_id: str


@dataclass(frozen=True, slots=True)
class RequestSlot:
    """Ask for one of the process's synthesis slots.

    Attributes:
        is_continuing: its listener has heard the beginning, so it goes before contexts that were not heard yet.
        is_live: somebody listens in real time; otherwise it goes behind all contexts to which somebody does.
    """

    context_id: str
    is_continuing: bool
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class ReleaseSlot:
    """Give the slot back, or stop waiting for one."""

    context_id: str


@dataclass(frozen=True, slots=True)
class StartSpeaker:
    """Set up a context's way from text to packets.

    Attributes:
        is_live: somebody listens in real time; otherwise its work comes after that for all who do.
    """

    context_id: str
    style: Style
    audio: AudioParameters
    is_live: bool = True


@dataclass(frozen=True, slots=True)
class Speak:
    """Give the context's speaker a segment.

    Attributes:
        dry_at: when the listener will have played everything before this segment, on the loop's clock. None: its turn
            has come, and the speaker knows the time itself.
    """

    context_id: str
    segment: Segment
    dry_at: float | None = None


@dataclass(slots=True)
class GrantFrames:
    """Let the context's speaker encode this many frames.

    Attributes:
        needed_at: when the listener runs dry without these frames; encoders take the most urgent request first.
    """

    context_id: str
    frames: int
    needed_at: float


@dataclass(frozen=True, slots=True)
class PadTail:
    """The listener is about to run dry: complete the last, partial frame with silence and send it."""

    context_id: str


@dataclass(frozen=True, slots=True)
class FinishAudio:
    """No more segments will come: the encoder must let out what it still holds."""

    context_id: str


@dataclass(frozen=True, slots=True)
class PauseReading:
    """Stop reading the socket: the client writes faster than its listener hears."""


@dataclass(frozen=True, slots=True)
class ResumeReading:
    """Resume reading the socket."""


@dataclass(frozen=True, slots=True)
class SendPing:
    """Send a WebSocket ping and report the pong."""


@dataclass(frozen=True, slots=True)
class Close:
    """Close the connection with this code.

    Attributes:
        at_once: the peer may take nothing any more, so what was said before is not waited for.
    """

    code: CloseCode
    reason: str
    at_once: bool = False


@dataclass(frozen=True, slots=True)
class ReportContext:
    """A context is over: count it and log it."""

    report: ContextReport


@dataclass(frozen=True, slots=True)
class ReportUnderrun:
    """A listener ran dry although there was text to speak."""

    dry_ms: float


@dataclass(frozen=True, slots=True)
class ReportStandstill:
    """A context that had something to speak made no sound for too long, whatever the cause: count and log that."""

    standstill: Standstill


# What is the same whatever the peer speaks.
ShellAction = (
    DropAudio
    | RequestSlot
    | ReleaseSlot
    | StartSpeaker
    | Speak
    | GrantFrames
    | PadTail
    | FinishAudio
    | PauseReading
    | ResumeReading
    | SendPing
    | Close
    | ReportContext
    | ReportUnderrun
    | ReportStandstill
)
Action = Tell | SendPackets | ShellAction
