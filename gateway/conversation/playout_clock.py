"""How far ahead of its listener a context is, and so whether the next frame may leave (docs/PROTOCOL.md, flow control).

Pure arithmetic on times that are passed in; this file knows neither sockets nor codecs.
"""

from __future__ import annotations

import math
from typing import Final

SAMPLES_PER_MS: Final = 48  # the clock of pts and durations (docs/PROTOCOL.md)

# A client reports every 250 ms; after four missing reports its last word no longer proves that it is still listening.
CREDIT_HORIZON_S: Final = 1.0
# A new listener is sent this much at once, enough to ride out a wireless network's hiccups ...
START_LEAD_MS: Final = 400.0
# ... and the rest of its lead at this multiple of real time: many contexts that start together share the encoders, and
# a barge-in in the first second wastes little. Two seconds of lead are full after 1.6 s.
FILL_RATE: Final = 2.0
# What multiplying and dividing by 48 may cost a whole number of samples; a true part of a sample is not counted.
_PART_OF_A_SAMPLE: Final = 1e-6


class PlayoutClock:
    """Where one context's listener is, and how much sound it still holds.

    Without reports the listener is taken to play in real time from the first frame on and to wait where it has nothing
    to play. With reports (``playback`` messages) it is where it says it is, playing on for at most
    ``CREDIT_HORIZON_S``, or not at all once two reports in a row name the same position: it is paused.

    Positions and amounts are kept as whole samples at 48 kHz, so what was added and taken away again is exactly gone.

    Attributes:
        is_credited: the client reports its position, and is held to it.
        credited_at: when it last did.
        is_paused: its last two reports named one position, short of what was sent.
    """

    def __init__(self, max_lead_ms: float) -> None:
        self._max_lead_ms = max_lead_ms  # 0: pacing is off
        self._sent = 0  # samples that have left
        self._anchor = 0  # the listener was here, in samples ...
        self._anchored_at = -math.inf  # ... at this time
        self._reported: int | None = None  # the position that the last report named, in samples; None before the first
        self._heard = 0  # the furthest position that a report has named, in samples
        self._filling_since = -math.inf  # since when its lead grows from nothing
        self._filled = 0  # samples that had been sent then
        self.is_credited = False
        self.credited_at = -math.inf
        self.is_paused = False

    @property
    def sent_ms(self) -> float:
        """Sound that has left, in milliseconds."""
        return self._sent / SAMPLES_PER_MS

    @property
    def is_heard(self) -> bool:
        """The listener has reported that it heard all that was sent."""
        return self.is_credited and self._heard >= self._sent

    def frame_sent(self, duration_ms: float, now: float) -> float:
        """Count sound that leaves now; return for how many milliseconds the listener had nothing to play before it."""
        dry_ms = self.dry_for_ms(now)
        if dry_ms > 0 or self._sent == 0:
            self._anchor_at(self._sent, now)
            self._filling_since = now
            self._filled = self._sent
        self._sent += int(duration_ms * SAMPLES_PER_MS + _PART_OF_A_SAMPLE)
        return dry_ms

    def credit(self, played_ms: float, now: float) -> None:
        """Take the listener's own report of its position.

        A listener cannot un-hear. If a report names an earlier position than one before it (a player that restarted its
        count, a message that was overtaken), it proves only that the listener is there, which is taken to play on.
        """
        reported = min(round(played_ms * SAMPLES_PER_MS), self._sent)
        was, self._reported = self._reported, reported
        position = reported if reported >= self._heard else self._played(now)
        self.is_paused = self.is_credited and reported == was and reported < self._sent
        self._heard = max(self._heard, reported)
        self.is_credited = True
        self.credited_at = now
        self._anchor_at(position, now)

    def forget_credit(self, now: float) -> None:
        """Use the clock alone: the gateway is not reading the client's reports, so their absence says nothing."""
        self._anchor_at(self._played(now), now)
        self.is_credited = self.is_paused = False

    def played_ms(self, now: float) -> float:
        """Where the listener is, in milliseconds of this context's sound."""
        return min(self._sent, self._reached(now)) / SAMPLES_PER_MS

    def lead_ms(self, now: float) -> float:
        """How much sound the listener still has to play."""
        return max(0.0, self._sent - self._reached(now)) / SAMPLES_PER_MS

    def falls_ms(self, now: float) -> float:
        """How much of the lead will be played if nothing is heard of the listener: none if it has paused."""
        if self.is_paused:
            return 0.0
        if not self.is_credited:
            return self.lead_ms(now)
        return min(self.lead_ms(now), max(0.0, 1000 * (self._anchored_at + CREDIT_HORIZON_S - now)))

    def falls_to_at(self, lead_ms: float, now: float) -> float:
        """When the lead will be as small as this if nothing is sent, nor heard of the listener; ``inf`` if never."""
        above_ms = self.lead_ms(now) - lead_ms
        return math.inf if above_ms > self.falls_ms(now) else now + max(0.0, above_ms) / 1000

    def dry_for_ms(self, now: float) -> float:
        """How long the listener has had nothing to play; 0 before its first frame."""
        if self._sent == 0:
            return 0.0
        return max(0.0, self._reached(now) - self._sent) / SAMPLES_PER_MS

    def allowance_ms(self, now: float, packet_ms: float = 0.0) -> float:
        """How much more sound may leave now.

        Args:
            now: the time.
            packet_ms: sound in the next packet. A smaller lead than two of these could never be kept.
        """
        if self._max_lead_ms == 0:
            return math.inf
        return min(max(self._max_lead_ms, 2 * packet_ms) - self.lead_ms(now), self._fill_allowance_ms(now))

    def allows_at(self, quantum_ms: float, now: float, packet_ms: float = 0.0) -> float:
        """When ``quantum_ms`` of sound may leave: now, later, or never (``inf``) unless credit comes."""
        if self._max_lead_ms == 0:
            return now
        filled_at = now + max(0.0, quantum_ms - self._fill_allowance_ms(now)) / (1000 * FILL_RATE)
        missing_ms = quantum_ms - (max(self._max_lead_ms, 2 * packet_ms) - self.lead_ms(now))
        if missing_ms <= 0:
            return filled_at
        at = now + missing_ms / 1000
        if self.is_credited and (self.is_paused or at > self._anchored_at + CREDIT_HORIZON_S):
            return math.inf
        return max(at, filled_at)

    def dry_at(self, now: float) -> float:
        """When the listener will have nothing left to play, if no more is sent and it plays on."""
        return now + self.lead_ms(now) / 1000

    def _fill_allowance_ms(self, now: float) -> float:
        if self._sent == 0:
            return START_LEAD_MS
        filling_ms = START_LEAD_MS + FILL_RATE * 1000 * (now - self._filling_since)
        return filling_ms - (self._sent - self._filled) / SAMPLES_PER_MS

    def _anchor_at(self, position: int, now: float) -> None:
        self._anchor = position
        self._anchored_at = now

    def _played(self, now: float) -> int:
        """Where the listener is, in whole samples."""
        return min(self._sent, int(self._reached(now)))

    def _reached(self, now: float) -> float:
        """Where the listener would be, in samples, if there were always something to play."""
        if self.is_paused or self._anchored_at == -math.inf:
            return self._anchor
        elapsed_s = now - self._anchored_at
        played_s = min(elapsed_s, CREDIT_HORIZON_S) if self.is_credited else elapsed_s
        return self._anchor + 1000 * SAMPLES_PER_MS * played_s
