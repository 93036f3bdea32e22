"""How far ahead of its listener a context is, hence whether the next frame may go (docs/PROTOCOL.md, flow control).

Pure arithmetic on times that are passed in; nothing here knows what a socket or a codec is.
"""

from __future__ import annotations

import math
from typing import Final

# A client reports every 250 ms; after four missing reports its last word no longer proves that it is still listening.
CREDIT_HORIZON_S: Final = 1.0
# A new listener is sent this much at once, enough to ride out a wireless network's hiccups ...
START_LEAD_MS: Final = 400.0
# ... and the rest of its lead at this multiple of real time: many contexts that start together share the encoders, and
# a barge-in in the first second wastes little. Two seconds of lead are full after 1.6 s.
FILL_RATE: Final = 2.0


class PlayoutClock:
    """Where one context's listener is, and how much sound it still holds.

    Without reports the listener is taken to play in real time from the first frame on and to wait where it has nothing
    to play. With reports (``playback`` messages) it is where it says it is, playing on for at most
    ``CREDIT_HORIZON_S``, or not at all once two reports in a row name the same position: it is paused.

    Attributes:
        sent_ms: sound that has left, in milliseconds.
        is_credited: the client reports its position, and is held to it.
        credited_at: when it last did.
    """

    def __init__(self, max_lead_ms: float) -> None:
        self._max_lead_ms = max_lead_ms  # 0: pacing is off
        self._anchor_ms = 0.0  # the listener was here ...
        self._anchored_at = -math.inf  # ... at this time
        self._is_paused = False  # the last two reports named one position
        self._filling_since = -math.inf  # since when its lead grows from nothing
        self._filled_ms = 0.0  # what had been sent then
        self.sent_ms = 0.0
        self.is_credited = False
        self.credited_at = -math.inf

    def frame_sent(self, duration_ms: float, now: float) -> float:
        """Count sound that leaves now; returns for how many milliseconds the listener had had nothing to play."""
        dry_ms = self.dry_for_ms(now)
        if dry_ms > 0 or self.sent_ms == 0:
            self._anchor(self.sent_ms, now)
            self._filling_since = now
            self._filled_ms = self.sent_ms
        self.sent_ms += duration_ms
        return dry_ms

    def credit(self, played_ms: float, now: float) -> None:
        """Take the listener's own word for where it is."""
        played_ms = min(played_ms, self.sent_ms)
        self._is_paused = self.is_credited and played_ms == self._anchor_ms and played_ms < self.sent_ms
        self.is_credited = True
        self.credited_at = now
        self._anchor(played_ms, now)

    def forget_credit(self, now: float) -> None:
        """Go by the clock alone: we are not reading the client's reports, so their absence says nothing."""
        self._anchor(self.played_ms(now), now)
        self.is_credited = self._is_paused = False

    def played_ms(self, now: float) -> float:
        """Where the listener is, in milliseconds of this context's sound."""
        return min(self.sent_ms, self._anchor_ms + self._played_since_anchor_ms(now))

    def lead_ms(self, now: float) -> float:
        """How much sound the listener still has to play."""
        return max(0.0, self.sent_ms - (self._anchor_ms + self._played_since_anchor_ms(now)))

    def dry_for_ms(self, now: float) -> float:
        """How long the listener has had nothing to play; 0 before its first frame."""
        if self.sent_ms == 0:
            return 0.0
        return max(0.0, self._anchor_ms + self._played_since_anchor_ms(now) - self.sent_ms)

    def allowance_ms(self, now: float) -> float:
        """How much more sound may leave now."""
        if self._max_lead_ms == 0:
            return math.inf
        return min(self._max_lead_ms - self.lead_ms(now), self._fill_allowance_ms(now))

    def allows_at(self, quantum_ms: float, now: float) -> float:
        """When ``quantum_ms`` of sound may leave: now, later, or never (``inf``) unless credit comes."""
        if self._max_lead_ms == 0:
            return now
        filled_at = now + max(0.0, quantum_ms - self._fill_allowance_ms(now)) / (1000 * FILL_RATE)
        missing_ms = quantum_ms - (self._max_lead_ms - self.lead_ms(now))
        if missing_ms <= 0:
            return filled_at
        at = now + missing_ms / 1000
        if self.is_credited and (self._is_paused or at > self._anchored_at + CREDIT_HORIZON_S):
            return math.inf
        return max(at, filled_at)

    def dry_at(self, now: float) -> float:
        """When the listener will have nothing left to play, if nothing more is sent and it plays on."""
        return now + self.lead_ms(now) / 1000

    def _fill_allowance_ms(self, now: float) -> float:
        if self.sent_ms == 0:
            return START_LEAD_MS
        filling_ms = START_LEAD_MS + FILL_RATE * 1000 * (now - self._filling_since)
        return filling_ms - (self.sent_ms - self._filled_ms)

    def _anchor(self, position_ms: float, now: float) -> None:
        self._anchor_ms = position_ms
        self._anchored_at = now

    def _played_since_anchor_ms(self, now: float) -> float:
        if self._is_paused or self._anchored_at == -math.inf:
            return 0.0
        elapsed_s = now - self._anchored_at
        return 1000 * (min(elapsed_s, CREDIT_HORIZON_S) if self.is_credited else elapsed_s)
