"""When a peer is asked for a sign of life, and when its connection is closed without its asking.

There are four reasons to close: the socket takes no more bytes, a ping is not answered, nothing happens for long, and
the server is going away. While the peer is away, only the last of them holds. The session tells what happens, and
performs what ``tick`` returns.
"""

from __future__ import annotations

import math

from ..errors import CloseCode
from .actions import Close, SendPing


class ConnectionLife:
    """What one connection has shown of its peer, and when that is judged next.

    Args:
        now: the time; all times are of the session's clock.
        idle_s: how long a connection may be idle without a message or a pong.
        quiet_s: how long it may be idle without a message.
        slow_client_s: how long its socket may take no bytes, or a ping stay unanswered.
        ping_interval_s: time between pings.
        needs_pongs: a ping without an answer ends the connection.

    Attributes:
        is_reading: the socket is read, so that a pong or a report would be seen.
        blocked_since: since when the socket takes no more bytes, or is gone; None while it takes them.
        is_away: the socket is gone, and the peer may come back on another.
        next_deadline: when ``tick`` has something to do, if nothing else happens before. Kept beside the times that it
            is the least of, for it is asked for with every packet and they change much more rarely.
    """

    def __init__(
        self,
        now: float,
        *,
        idle_s: float,
        quiet_s: float,
        slow_client_s: float,
        ping_interval_s: float,
        needs_pongs: bool = True,
    ) -> None:
        self._idle_s = idle_s
        self._quiet_s = quiet_s
        self._slow_client_s = slow_client_s
        self._ping_interval_s = ping_interval_s
        self._needs_pongs = needs_pongs

        self.is_reading = True
        self.blocked_since: float | None = None
        self.is_away = False
        self._idle_since = now  # the last message, or the end of the last context
        self._alive_since = now  # the last pong
        self._idle_check_at = now + idle_s  # inf while it is known that something runs
        self._ping_at = now + ping_interval_s
        self._pong_due_at = math.inf  # inf while no pong is awaited
        self._away_since = now  # if the peer is away
        self._drain_at = math.inf  # drain deadline; inf while not draining
        self.next_deadline = self._next_deadline()

    # -- what happens --------------------------------------------------------------------------------------------------

    def message_received(self, now: float) -> None:
        """The peer is alive, since it writes: behind much unread text its pong would be seen too late."""
        self._pong_due_at = math.inf
        self._note_activity(now)

    def pong_received(self, now: float) -> None:
        """The peer is alive, and may have nothing to say."""
        self._pong_due_at = math.inf
        self._alive_since = now
        self.next_deadline = self._next_deadline()

    def write_blocked(self, now: float) -> None:
        """The socket takes no more bytes."""
        self.blocked_since = now
        self.next_deadline = self._next_deadline()

    def write_resumed(self) -> None:
        """The socket takes bytes again."""
        self.blocked_since = None
        self.next_deadline = self._next_deadline()

    def peer_lost(self, now: float) -> None:
        """The socket broke; nothing is expected of the peer until it is back."""
        self.is_away = True
        self.blocked_since = now
        self._away_since = now
        self.next_deadline = self._next_deadline()

    def peer_back(self, now: float) -> float:
        """The peer has another socket; returns how long it was away, in seconds."""
        self.is_away = False
        self.blocked_since = None
        self._pong_due_at = math.inf
        self._ping_at = now + self._ping_interval_s
        self._alive_since = now
        self._note_activity(now)
        return now - self._away_since

    def reading_paused(self) -> None:
        """No pong can be seen from now on."""
        self.is_reading = False
        self._pong_due_at = math.inf
        self.next_deadline = self._next_deadline()

    def reading_resumed(self, now: float) -> None:
        """Pongs can be seen again."""
        self.is_reading = True
        self._note_activity(now)

    def slot_released(self) -> None:
        """Perhaps nothing runs any more."""
        self._idle_check_at = self._idle_since + self._idle_s
        self.next_deadline = self._next_deadline()

    def context_over(self, now: float) -> None:
        """Idleness starts when the last context is over."""
        self._note_activity(now)

    def drain(self, until: float) -> None:
        """The server is going away, and keeps the connection no longer than this."""
        self._drain_at = until
        self.next_deadline = self._next_deadline()

    @property
    def is_draining(self) -> bool:
        """The server is going away."""
        return self._drain_at < math.inf

    # -- time ----------------------------------------------------------------------------------------------------------

    def tick(self, now: float, *, is_busy: bool) -> Close | SendPing | None:
        """Say what is due by now; ``is_busy`` says that a context speaks or has something to speak."""
        due = self._due(now, is_busy=is_busy)
        self.next_deadline = self._next_deadline()
        return due

    def _next_deadline(self) -> float:
        if self.is_away:
            return self._drain_at
        blocked_until = math.inf if self.blocked_since is None else self.blocked_since + self._slow_client_s
        return min(blocked_until, self._pong_due_at, self._idle_check_at, self._drain_at, self._ping_at)

    def _due(self, now: float, *, is_busy: bool) -> Close | SendPing | None:
        if self.is_away:
            return Close(CloseCode.DRAIN, "the server is going away") if now >= self._drain_at else None
        if self.blocked_since is not None and now >= self.blocked_since + self._slow_client_s:
            return Close(CloseCode.SLOW_OR_IDLE, "the client does not read", at_once=True)
        if now >= self._pong_due_at:
            return Close(CloseCode.SLOW_OR_IDLE, "the client does not answer pings", at_once=True)
        if now >= self._idle_check_at:
            self._idle_check_at = math.inf if is_busy else self._idle_at()  # if busy, until a slot is released
            if now >= self._idle_check_at:
                return Close(CloseCode.SLOW_OR_IDLE, "idle")
        if now >= self._drain_at:
            return Close(CloseCode.DRAIN, "the server is going away")
        if now >= self._ping_at:
            self._ping_at = now + self._ping_interval_s
            if self.is_reading:  # a pong could not be seen otherwise
                if self._needs_pongs:
                    self._pong_due_at = min(self._pong_due_at, now + self._slow_client_s)
                return SendPing()
        return None

    def _idle_at(self) -> float:
        """When the connection is to be closed if it stays idle: without a sign of life, or with only pongs for long."""
        alive_until = min(self._alive_since + self._idle_s, self._idle_since + self._quiet_s)
        return max(self._idle_since + self._idle_s, alive_until)

    def _note_activity(self, now: float) -> None:
        self._idle_since = now
        self._idle_check_at = now + self._idle_s
        self.next_deadline = self._next_deadline()
