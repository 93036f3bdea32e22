"""What a context's speaker is doing, and what becomes of its synthesis slot: two tables of steps.

A step that a table does not have is a fault of ours and raises. ARCHITECTURE.md draws both tables from here.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...synthesis.interface import Segment


class SpeakerState(Enum):
    """What the speaker is doing."""

    NONE = "none"  # no segment was to be spoken yet
    IDLE = "idle"  # it waits for an order
    PADDING = "padding"  # it waits, and completes the last frame with silence
    PADDED = "padded"  # it waits, and the last frame has left
    GIVEN = "given"  # it has a segment whose turn has come, and has not begun it
    SPEAKING = "speaking"  # it speaks a segment
    AHEAD = "ahead"  # it speaks a segment and has been given the next
    FINISHING = "finishing"  # no more segments come; the codec lets out what it holds


class SpeakerStep(Enum):
    """What happens to a speaker, or what it reports."""

    START = "a slot came"
    GIVE = "Speak"
    GIVE_AHEAD = "Speak before its turn"
    BEGIN = "segment begun"
    WANT = "next segment wanted"
    PAD = "PadTail"
    PADDED = "tail encoded"
    FINISH = "FinishAudio"


_WAITING: Final = {SpeakerStep.GIVE: SpeakerState.GIVEN, SpeakerStep.FINISH: SpeakerState.FINISHING}
SPEAKER_STEPS: Final[Mapping[SpeakerState, Mapping[SpeakerStep, SpeakerState]]] = {
    SpeakerState.NONE: {SpeakerStep.START: SpeakerState.IDLE},
    SpeakerState.IDLE: {**_WAITING, SpeakerStep.PAD: SpeakerState.PADDING},
    SpeakerState.PADDING: {**_WAITING, SpeakerStep.PADDED: SpeakerState.PADDED},
    SpeakerState.PADDED: _WAITING,
    SpeakerState.GIVEN: {SpeakerStep.BEGIN: SpeakerState.SPEAKING},
    SpeakerState.SPEAKING: {SpeakerStep.GIVE_AHEAD: SpeakerState.AHEAD, SpeakerStep.WANT: SpeakerState.IDLE},
    SpeakerState.AHEAD: {SpeakerStep.WANT: SpeakerState.GIVEN},
    SpeakerState.FINISHING: {},
}


class SlotState(Enum):
    """Where a context stands with its synthesis slot."""

    NONE = "none"
    WAITING = "waiting"  # the context has asked for a slot
    HELD = "held"
    # The slot was taken while the listener did not play; nothing is encoded until the context has one again.
    TAKEN = "taken"
    MISSED = "missed"  # the listener has played on, so the context needs the slot
    WAITING_AGAIN = "waiting again"  # the context has asked for a slot again


class SlotStep(Enum):
    """What happens to a slot."""

    ASK = "asked for"
    GRANT = "granted"
    RELEASE = "released"
    TAKE = "taken"
    MISS = "missed"


SLOT_STEPS: Final[Mapping[SlotState, Mapping[SlotStep, SlotState]]] = {
    SlotState.NONE: {SlotStep.ASK: SlotState.WAITING},
    SlotState.WAITING: {SlotStep.GRANT: SlotState.HELD, SlotStep.RELEASE: SlotState.NONE},
    SlotState.HELD: {SlotStep.RELEASE: SlotState.NONE, SlotStep.TAKE: SlotState.TAKEN},
    SlotState.TAKEN: {SlotStep.MISS: SlotState.MISSED},
    SlotState.MISSED: {SlotStep.ASK: SlotState.WAITING_AGAIN},
    SlotState.WAITING_AGAIN: {SlotStep.GRANT: SlotState.HELD, SlotStep.RELEASE: SlotState.MISSED},
}

_NO_ORDER: Final = frozenset({SpeakerState.NONE, SpeakerState.IDLE, SpeakerState.PADDING, SpeakerState.PADDED})
_QUEUED: Final = frozenset({SlotState.WAITING, SlotState.WAITING_AGAIN})
_SUSPENDED: Final = frozenset({SlotState.TAKEN, SlotState.MISSED, SlotState.WAITING_AGAIN})


class IllegalStep(Exception):
    """A speaker or a slot took a step that its state does not allow."""


class SpeakerLife:
    """What one context's speaker is doing.

    Attributes:
        takes_orders: the speaker waits for an order, or does not exist yet. Kept beside the state, for it is asked for
            with every packet and looking a state up in a set costs more than a packet's header.
        ordered: the segment that the speaker was given and has not begun; None unless the state is GIVEN or AHEAD.
    """

    def __init__(self) -> None:
        self.state = SpeakerState.NONE
        self.takes_orders = True
        self.ordered: Segment | None = None

    def step(self, step: SpeakerStep) -> None:
        """Take a step of the table.

        Raises:
            IllegalStep: the table has no such step.
        """
        target = SPEAKER_STEPS[self.state].get(step)
        if target is None:
            raise IllegalStep(f"{step.value!r} of a speaker that is {self.state.value}")
        self.state = target
        self.takes_orders = target in _NO_ORDER

    def give(self, step: SpeakerStep, segment: Segment) -> None:
        """Give the speaker a segment, in its turn or before it."""
        self.step(step)
        self.ordered = segment

    def begin(self, segment: Segment) -> None:
        """Note that the speaker has begun the segment that it was given.

        Raises:
            IllegalStep: it was given another segment, or none.
        """
        if segment is not self.ordered:
            raise IllegalStep(f"segment {segment.index} was begun and not ordered")
        self.step(SpeakerStep.BEGIN)
        self.ordered = None


class SlotLife:
    """Where one context stands with its synthesis slot.

    Attributes:
        is_held: the context holds a slot, so it may speak. Kept beside the state, like the others: as ``takes_orders``.
        is_queued: the context has asked for a slot.
        is_suspended: the context's slot was taken, and it has none again.
    """

    def __init__(self) -> None:
        self.state = SlotState.NONE
        self.is_held = self.is_queued = self.is_suspended = False

    def step(self, step: SlotStep) -> None:
        """Take a step of the table.

        Raises:
            IllegalStep: the table has no such step.
        """
        target = SLOT_STEPS[self.state].get(step)
        if target is None:
            raise IllegalStep(f"{step.value!r} of a slot that is {self.state.value}")
        self.state = target
        self.is_held = target is SlotState.HELD
        self.is_queued = target in _QUEUED
        self.is_suspended = target in _SUSPENDED
