"""What each tenant has used of what it may use, and when it may go on. No I/O; the time is an argument.

Minutes are counted as a bucket that holds a minute's allowance and is filled evenly. A context that has begun is never
cut short: its text may empty the bucket further than to nothing, and the next context waits until that is paid back.
All amounts are whole numbers, so that nothing is left over or missing after many steps.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from ..errors import OverQuota
from .admission import RETRY_AFTER_S

if TYPE_CHECKING:
    from .tenants import Directory, Tenant

_MS_A_MINUTE: Final = 60_000
# Whoever has as many contexts as it may is not told to come back later than this, however many of it were told before:
# contexts last seconds.
_LATEST_RETURN_MS: Final = 10_000


class Bucket:
    """So many a minute, and no more than a minute's worth at once.

    Args:
        a_minute: how many.
        now: the time in seconds, on any clock; the same for every call.
    """

    def __init__(self, a_minute: int, now: float) -> None:
        self.a_minute = a_minute
        # In parts of one that come in a millisecond each: one is 60,000 of them.
        self._parts = a_minute * _MS_A_MINUTE
        self._at_ms = round(now * 1000)

    def wait_s(self, now: float) -> float:
        """When there is one in it again, in seconds from now; 0: there is."""
        missing = _MS_A_MINUTE - self._filled(now)
        return max(0, -(-missing // self.a_minute)) / 1000

    def take(self, number: int, now: float) -> None:
        """Take so many out, whether they are there or not."""
        self._parts = self._filled(now) - number * _MS_A_MINUTE

    def _filled(self, now: float) -> int:
        now_ms = round(now * 1000)
        self._parts = min(self.a_minute * _MS_A_MINUTE, self._parts + (now_ms - self._at_ms) * self.a_minute)
        self._at_ms = now_ms
        return self._parts


class Meter:
    """One tenant's use of a server.

    Args:
        tenant: what it may use.
        now: as for ``Bucket``.

    Attributes:
        connections: that it has open.
        contexts: of its that are live.
        month_characters: the characters of text that it has sent in this month.
        month_ends_s: how long this month lasts, in seconds from now.
    """

    def __init__(self, tenant: Tenant, now: float) -> None:
        self.connections = 0
        self.contexts = 0
        self.month_characters = 0
        self.month_ends_s = 0.0
        self.tenant = tenant
        self._return_at_ms = 0  # when the next that is refused for want of a context may come back
        self._connects = _bucket(None, tenant.connects_a_minute, now)
        self._characters = _bucket(None, tenant.characters_a_minute, now)

    def allow(self, tenant: Tenant, now: float) -> None:
        """Go by other limits from now on; a limit that stays what it was goes on where it is."""
        self.tenant = tenant
        self._connects = _bucket(self._connects, tenant.connects_a_minute, now)
        self._characters = _bucket(self._characters, tenant.characters_a_minute, now)

    def refuse_context(self, now: float) -> OverQuota | None:
        """Tell why no other context may begin; None if one may."""
        tenant = self.tenant
        if tenant.contexts is not None and self.contexts >= tenant.contexts:
            return _over("contexts", f"may have {tenant.contexts} contexts at once", self._return_in_s(now))
        if tenant.characters_a_month is not None and self.month_characters >= tenant.characters_a_month:
            limit = f"may send {tenant.characters_a_month} characters in a month"
            return _over("characters_a_month", limit, self.month_ends_s)
        if self._characters is not None and (wait_s := self._characters.wait_s(now)):
            limit = f"may send {tenant.characters_a_minute} characters in a minute"
            return _over("characters_a_minute", limit, wait_s)
        return None

    def refuse_connect(self, now: float) -> OverQuota | None:
        """Tell why no other connection may begin; None if one may, which is counted."""
        if fault := self.refuse_context(now):
            return fault
        if self._connects is not None:
            if wait_s := self._connects.wait_s(now):
                limit = f"may begin {self.tenant.connects_a_minute} connections in a minute"
                return _over("connects_a_minute", limit, wait_s)
            self._connects.take(1, now)
        return None

    def _return_in_s(self, now: float) -> float:
        """Tell when somebody may come back who found all contexts taken.

        As many are told the same second as the tenant may have contexts. If all were told to come in a second, they
        would come together again and again, and refusing them would take the time of other tenants' listeners.
        """
        now_ms = round(now * 1000)
        earliest_ms, latest_ms = now_ms + RETRY_AFTER_S * 1000, now_ms + _LATEST_RETURN_MS
        at_ms = min(max(self._return_at_ms, earliest_ms), latest_ms)
        self._return_at_ms = at_ms + 1000 // max(1, self.tenant.contexts or 0)
        return (at_ms - now_ms) / 1000

    def spend(self, characters: int, now: float) -> None:
        """Count text that was sent."""
        self.month_characters += characters
        if self._characters is not None:
            self._characters.take(characters, now)


class Meters:
    """The meters of all tenants, each made when it is first asked for. A tenant that is gone keeps its meter.

    Args:
        directory: who there is.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._meters: dict[str, Meter] = {}
        self._used: dict[str, int] = {}  # in this month, before this process began
        self._month = ""
        self._month_ends_s = 0.0

    def of(self, name: str, now: float) -> Meter | None:
        """Find a tenant's meter; None for nobody's."""
        meter = self._meters.get(name)
        if meter is None and (tenant := self._directory.tenants.get(name)) is not None:
            meter = self._meters[name] = Meter(tenant, now)
            meter.month_characters = self._used.get(name, 0)
            meter.month_ends_s = self._month_ends_s
        return meter

    def replace(self, directory: Directory, now: float) -> None:
        """Go by other limits from now on."""
        self._directory = directory
        for name, meter in self._meters.items():
            if (tenant := directory.tenants.get(name)) is not None:
                meter.allow(tenant, now)

    def used_before(self, month: str, characters: dict[str, int]) -> None:
        """Note what tenants used in a month before this process began; before the first of them is asked for."""
        self._month, self._used = month, characters

    def month_is(self, month: str, ends_s: float) -> None:
        """Note which month it is, and how long it lasts; with a new month all begin at nothing."""
        is_new, self._month, self._month_ends_s = month != self._month, month, ends_s
        if is_new:
            self._used = {}
        for meter in self._meters.values():
            meter.month_ends_s = ends_s
            if is_new:
                meter.month_characters = 0


def _bucket(old: Bucket | None, a_minute: int | None, now: float) -> Bucket | None:
    if a_minute is None:
        return None
    return old if old is not None and old.a_minute == a_minute else Bucket(a_minute, now)


def _over(quota: str, limit: str, wait_s: float) -> OverQuota:
    return OverQuota(quota, f"this API key {limit}", max(1, math.ceil(wait_s)))
