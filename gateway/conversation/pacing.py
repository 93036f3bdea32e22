"""When packets may leave, how many together, and how much is encoded for that: sizes only, nothing is sent here."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from .playout_clock import SAMPLES_PER_MS

if TYPE_CHECKING:
    from .context import Context

# Frames that leave together: each wake-up costs about as much as a frame, and 40 ms stays inside any jitter buffer.
QUANTUM_MS: Final = 40.0
# Releases of all connections fall on these instants of the shared clock, so that one wake-up of the loop and of the
# encoder serves many of them: 19 at 150 streams. A frame may be this much later, which is far inside the lead.
RELEASE_GRID_S: Final = 0.005
# The most that is encoded in one go, so that one context's full lead does not stand before another's first frame.
BURST_MS: Final = 200.0
# Less for the first sound of a context: 0.2 ms of encoding, and enough to hear until the next comes from a busy server.
FIRST_BURST_MS: Final = 100.0
# More if the listener has this much left to hear: a request to the encoder costs as much as encoding several frames,
# and this listener is in no hurry. More urgent requests come in between.
COMFORTABLE_LEAD_MS: Final = 1000.0
COMFORTABLE_BURST_MS: Final = 1200.0
# When the listener has this little left to hear and the writer has written no more, the last partial frame is padded
# and sent.
TAIL_MARGIN_MS: Final = 60.0
# Timers fire up to a clock tick early or late; a quantum that is short by less than this is complete.
TIMER_SLACK_MS: Final = 0.5


class Pacing:
    """How one connection's sound is paced.

    Args:
        max_lead_ms: sound that a listener may be sent ahead; 0 turns pacing off.
        frame_ms: sound in a frame.

    Attributes:
        quantum_ms: sound that leaves together: a whole frame at least, and never more than half of a small lead.
    """

    def __init__(self, max_lead_ms: float, frame_ms: int) -> None:
        self._frame_ms = frame_ms
        self.quantum_ms = max(frame_ms, min(QUANTUM_MS, max_lead_ms / 2))

    def allowed(self, context: Context, now: float) -> float:
        """How many samples of the context's stock may leave now; 0 if they are not worth a wake-up yet."""
        clock = context.clock
        allowance_ms = clock.allowance_ms(now, context.stock[0].duration / SAMPLES_PER_MS) + TIMER_SLACK_MS
        is_worth_it = allowance_ms >= self._release_ms(context) or clock.sent_ms == 0
        return allowance_ms * SAMPLES_PER_MS if is_worth_it else 0.0

    def release_at(self, context: Context, now: float) -> float:
        """When more of the context's stock may leave; inf if only credit allows it."""
        packet_ms = context.stock[0].duration / SAMPLES_PER_MS
        at = context.clock.allows_at(self._release_ms(context), now, packet_ms)
        return math.ceil(at / RELEASE_GRID_S) * RELEASE_GRID_S if at < math.inf else math.inf

    def frames_to_encode(self, context: Context, now: float) -> int:
        """How many of the frames that the speaker holds are encoded now.

        Few at first, then as many as fill the lead, and a few ahead of their time: so that they leave on time however
        busy the encoder is. None while enough lies ready.
        """
        stock_ms = context.stock_duration / SAMPLES_PER_MS
        if stock_ms > self.quantum_ms:
            return 0
        burst_ms = self._burst_ms(context, now)
        # A cancel drops what is encoded beyond the allowance.
        room_ms = context.clock.allowance_ms(now) + self.quantum_ms + burst_ms - stock_ms
        return max(1, min(context.wanted_frames, int(min(room_ms, burst_ms) // self._frame_ms)))

    def _release_ms(self, context: Context) -> float:
        """How much ready sound is worth a wake-up: a quantum, the rest if it is less, or one packet if it is more."""
        stock_ms = context.stock_duration / SAMPLES_PER_MS
        return max(min(self.quantum_ms, stock_ms), context.stock[0].duration / SAMPLES_PER_MS)

    def _burst_ms(self, context: Context, now: float) -> float:
        """How much is encoded in one go."""
        if context.sequence == 0:
            return FIRST_BURST_MS
        return BURST_MS if context.clock.lead_ms(now) < COMFORTABLE_LEAD_MS else COMFORTABLE_BURST_MS
