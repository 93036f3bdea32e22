"""Who is here by whose key: what a connection may use, and its end if its key is revoked."""

from __future__ import annotations

import calendar
import contextlib
import logging
import math
import time
from typing import TYPE_CHECKING, Any

from ..capacity.meters import Meters
from ..capacity.overload import Overload, Thresholds
from ..capacity.tenants import ANYBODY, Directory
from ..errors import Overloaded
from .ledger import Ledger, characters_of
from .tenant_file import TenantFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from ...synthesis.interface import Voice
    from ..capacity.meters import Meter
    from ..capacity.tenants import Caller
    from ..conversation.context import ContextReport
    from ..errors import GatewayError, OverQuota

log = logging.getLogger("sayline.tenants")


class Guest:
    """One connection or request, of whoever shows its key; see ``conversation.account.Account``.

    Args:
        guests: of the server.
        caller: None: it has still to show its key.

    Attributes:
        caller: who it is; nobody as long as no key was shown.
    """

    def __init__(self, guests: Guests, caller: Caller | None) -> None:
        self._guests = guests
        self.caller = caller or ANYBODY
        self._turn_out: Callable[[], None] = _nothing

    @property
    def is_welcome(self) -> bool:
        """Its key has not been revoked."""
        return not self.caller.key or self._guests.directory.knows(self.caller)

    def stays_until(self, turn_out: Callable[[], None]) -> None:
        """Say what ends the connection if its key is revoked, or has been by now."""
        self._turn_out = turn_out
        if not self.is_welcome:
            turn_out()

    def leave(self) -> None:
        """The connection has ended: nothing is left to end, and nothing of it is held here."""
        self._turn_out = _nothing

    def turn_out(self) -> None:
        """End the connection, because its key is revoked."""
        self._turn_out()

    @property
    def meter(self) -> Meter | None:
        """What its tenant has used; None if it has none."""
        return self._guests.meter_of(self.caller)

    def show(self, shown: str, call_sid: str | None = None) -> str | None:
        """Take a key that is shown late, and tell whose it is; None if nobody's."""
        caller = self._guests.directory.find((shown,), call_sid)
        if caller is None:
            return None
        self.caller = caller
        return caller.tenant

    def allowed(self, voices: Sequence[Voice]) -> Sequence[Voice]:
        """Leave out the voices that its tenant may not use."""
        meter = self.meter
        if meter is None or meter.tenant.voices is None:
            return voices
        return [voice for voice in voices if voice.name in meter.tenant.voices]

    @property
    def priority(self) -> int:
        """Its tenant's."""
        meter = self.meter
        return 0 if meter is None else meter.tenant.priority

    def note(self, session_id: str, report: ContextReport) -> None:
        """Write a context that is over into the ledger."""
        self._guests.note(self.caller, session_id, report)

    # -- as the conversation's account ---------------------------------------------------------------------------------

    def refuse_context(self, now: float) -> GatewayError | None:
        """Tell why no context may begin; None if one may."""
        if self._guests.overload.step:
            return Overloaded("the server is short of memory or of time, and begins no new context")
        if (meter := self.meter) is None:
            return None
        fault = meter.refuse_context(now)
        if fault is not None:
            self._guests.refused(self.caller, fault)
        return fault

    def context_began(self) -> None:
        """Count a live context."""
        if (meter := self.meter) is not None:
            meter.contexts += 1

    def context_ended(self) -> None:
        """Count it no longer."""
        if (meter := self.meter) is not None:
            meter.contexts -= 1

    def spend(self, characters: int, now: float) -> None:
        """Count text."""
        if (meter := self.meter) is not None:
            meter.spend(characters, now)


class Guests:
    """Everybody at one server. Lives as long as it.

    Args:
        clock: the loop's time.
        directory: who may come in, where no file says it.
        path: the file of tenants; None: there is none.
        ledger: the file that keeps what was used; None: nothing keeps it.
        refused: is told of each refusal: the tenant, and the limit's name.
        overload: under which nobody may begin a context; None: there is none.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        directory: Directory,
        path: Path | None = None,
        ledger: Path | None = None,
        refused: Callable[[str, str], None] = lambda _, __: None,
        overload: Overload | None = None,
    ) -> None:
        self._clock = clock
        self.overload = overload or Overload(Thresholds(math.inf, math.inf), Thresholds(math.inf, math.inf))
        self._file = None if path is None else TenantFile(path, self._replace)
        self.directory = directory if self._file is None else self._file.directory
        self._meters = Meters(self.directory)
        self._refused = refused
        self._here: set[Guest] = set()
        self.ledger = None
        if ledger is not None:
            month = _month()
            self._meters.used_before(month, characters_of(ledger, month))
            self.ledger = Ledger(ledger)
        self.look()

    def close(self) -> None:
        """Write what the ledger still lacks."""
        if self.ledger is not None:
            self.ledger.close()

    def look(self) -> None:
        """Look whether the file or the month has changed; called twice a second."""
        self._meters.month_is(_month(), _month_ends_s())
        if self._file is not None:
            self._file.look()

    @contextlib.contextmanager
    def here(self, caller: Caller | None) -> Iterator[Guest]:
        """Count a guest while the block runs."""
        guest = Guest(self, caller)
        self._here.add(guest)
        try:
            yield guest
        finally:
            self._here.discard(guest)
            guest.leave()

    def meter_of(self, caller: Caller) -> Meter | None:
        """Find what somebody's tenant has used; None for nobody's."""
        return self._meters.of(caller.tenant, self._clock()) if caller.tenant else None

    def refuse_connect(self, caller: Caller) -> OverQuota | None:
        """Tell why no other connection of this caller may begin; None if one may, which is counted."""
        meter = self.meter_of(caller)
        fault = None if meter is None else meter.refuse_connect(self._clock())
        if fault is not None:
            self.refused(caller, fault)
        return fault

    def refused(self, caller: Caller, fault: OverQuota) -> None:
        """Count a refusal."""
        self._refused(caller.tenant, fault.quota)

    def note(self, caller: Caller, session_id: str, report: ContextReport) -> None:
        """Write a context that is over into the ledger."""
        if self.ledger is None:
            return
        record: dict[str, Any] = {  # Any: JSON
            "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "tenant": caller.tenant,
            "key": caller.key[:15],  # enough to tell a tenant's keys apart: of 64 digits eight
            "session": session_id,
            "context": report.context_id,
            "voice": report.voice,
            "characters": report.chars,
            "audio_ms": report.audio_ms,
            "reason": report.reason,
        }
        self.ledger.add(record)

    def _replace(self, directory: Directory) -> None:
        """Go by what the file holds now, and end what a key has begun that it no longer has."""
        self.directory = directory
        self._meters.replace(directory, self._clock())
        revoked = [guest for guest in self._here if not guest.is_welcome]
        for guest in revoked:
            guest.turn_out()
        if revoked:
            log.warning("keys were revoked: %d connections end", len(revoked))


def _nothing() -> None:
    pass


def _month() -> str:
    return time.strftime("%Y-%m", time.gmtime())


def _month_ends_s() -> float:
    now = time.time()
    today = time.gmtime(now)
    is_last = today.tm_mon == 12
    following = (today.tm_year + is_last, 1 if is_last else today.tm_mon + 1, 1, 0, 0, 0)
    return calendar.timegm(following) - now
