"""Which connections may come in, and whose turn it is: pure decisions, no I/O.

There are two gates. ``refuse_connection`` answers before the upgrade, because agent frameworks recover from a refused
handshake without losing text, but lose the turn if they are refused later. ``SlotQueue`` shares out the synthesis slots
among contexts of admitted connections: these contexts are served, never refused.
"""

from __future__ import annotations

import math
from collections import OrderedDict, deque
from dataclasses import dataclass, field
from typing import Final

from .overload import Step

# Contexts last seconds, so one of a full server's slots is free again in about a second; agents retry after 0.1 to 1 s.
RETRY_AFTER_S: Final = 1
# Encoders that need more of their time than this in the mean are late now and then: requests come in bursts.
_FULL_ENCODERS: Final = 0.85


# Ease must last so long before a step of overload is taken back.
OVERLOAD_RETRY_S: Final = 4


@dataclass(frozen=True, slots=True)
class Load:
    """What the server carries now, and what it may carry."""

    connections: int
    max_connections: int
    requests: int  # contexts that hold a synthesis slot or wait for one
    max_concurrent_requests: int
    waiting: int = 0  # of these contexts, those that wait
    # How many contexts the engine forecasts to keep in real time; None: no forecast.
    sustainable_requests: int | None = None
    is_draining: bool = False
    is_ready: bool = True
    # The share of the encoders' time that the streams of now need: 1 is all of it.
    encoder_load: float = 0.0
    overload: Step = Step.NONE


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why the server refuses a connection, and when the client may try again.

    Attributes:
        is_busy: the server is well, and has no room at present.
    """

    reason: str
    retry_after_s: int = RETRY_AFTER_S
    is_busy: bool = True


def refuse_connection(load: Load, *, is_live: bool = True) -> Refusal | None:
    """Decide on a handshake, or on a request to speak; None admits it.

    Args:
        load: what the server carries.
        is_live: somebody listens in real time; others are refused while there is room for listeners.
    """
    most_requests = load.max_concurrent_requests if is_live else most_unheard(load.max_concurrent_requests)
    if load.is_draining:
        return Refusal("draining", is_busy=False)
    if not load.is_ready:
        return Refusal("not ready", retry_after_s=5, is_busy=False)  # a model loads for tens of seconds
    if load.overload is Step.NO_CONNECTIONS:
        return Refusal("overloaded", retry_after_s=OVERLOAD_RETRY_S, is_busy=False)
    if load.connections >= load.max_connections:
        return Refusal("too many connections")
    if load.requests >= most_requests:
        return Refusal("too many concurrent requests")
    if load.requests >= _bearable(load.sustainable_requests) or load.encoder_load >= _FULL_ENCODERS:
        return Refusal("no real time for more")
    return None


def _bearable(sustainable: int | None) -> float:
    """How many contexts may speak or wait: the sustainable ones, and as many more as soon find a place.

    A context speaks for some seconds, so of eight that speak about one ends within a second. A new context may wait
    that long, and its listener notices only a slow answer.
    """
    return math.inf if sustainable is None else max(1, sustainable) + sustainable // 8


def most_unheard(slots: int) -> int:
    """How many slots contexts may hold to which nobody listens in real time: three of four, and one at least."""
    return max(1, slots * 3 // 4)


@dataclass(frozen=True, slots=True)
class Slot:
    """One context of one connection that holds or wants a slot.

    Attributes:
        tenant: empty if the server asks for no key.
        priority: the tenant's; a higher one goes first.
    """

    connection_id: str
    context_id: str
    tenant: str = ""
    priority: int = field(default=0, compare=False)


class Turns:
    """Slots that are wanted, next in turn first: by tenant, then by connection, then by context.

    The tenant is next whose last turn is the longest ago, so one that asks for its next turn when another has twenty
    waiting goes before them. A connection that had its turn goes behind the tenant's other connections. So a tenant
    with a hundred connections does not starve a tenant with one, and a connection with ten contexts does not starve a
    connection with one. Tenants of a lower priority have no turn while one of a higher waits.
    """

    def __init__(self) -> None:
        self._priorities: dict[str, int] = {}  # of the tenants that are not 0
        self._turns = 0  # so far
        self._last_turns: dict[str, int] = {}  # each tenant's; there are as many as names in the tenants' file
        # Tenant -> connection -> its contexts; the first of each is next. Empty entries are removed.
        self._tenants: OrderedDict[str, OrderedDict[str, deque[Slot]]] = OrderedDict()

    def __len__(self) -> int:
        return sum(len(queue) for connections in self._tenants.values() for queue in connections.values())

    def __bool__(self) -> bool:
        return bool(self._tenants)

    def add(self, slot: Slot) -> None:
        """Queue behind the connection's other contexts."""
        if slot.priority:
            self._priorities[slot.tenant] = slot.priority
        else:
            self._priorities.pop(slot.tenant, None)
        connections = self._tenants.setdefault(slot.tenant, OrderedDict())
        connections.setdefault(slot.connection_id, deque()).append(slot)

    def take_next(self) -> Slot:
        """Take the slot that is next in turn."""
        tenant = min(self._tenants, key=self._rank)  # of equal ones, who never had a turn, the first
        self._turns += 1
        self._last_turns[tenant] = self._turns
        connections = self._tenants.pop(tenant)
        connection_id, queue = connections.popitem(last=False)
        slot = queue.popleft()
        if queue:
            connections[connection_id] = queue
        if connections:
            self._tenants[tenant] = connections
        return slot

    def _rank(self, tenant: str) -> tuple[int, int]:
        return -self._priorities.get(tenant, 0), self._last_turns.get(tenant, 0)

    def remove(self, slot: Slot) -> None:
        """Forget a slot that is no longer wanted; idempotent."""
        connections = self._tenants.get(slot.tenant)
        queue = None if connections is None else connections.get(slot.connection_id)
        if queue and slot in queue:
            queue.remove(slot)
            if not queue:
                self._remove_connection(slot.tenant, slot.connection_id)

    def remove_connection(self, connection_id: str) -> None:
        """Forget every slot that a connection wants; idempotent."""
        for tenant in [tenant for tenant, connections in self._tenants.items() if connection_id in connections]:
            self._remove_connection(tenant, connection_id)

    def _remove_connection(self, tenant: str, connection_id: str) -> None:
        del self._tenants[tenant][connection_id]
        if not self._tenants[tenant]:
            del self._tenants[tenant]


class SlotQueue:
    """The server's synthesis slots, granted in turn between tenants, and between the connections of each tenant.

    Contexts whose listener has already heard something go first, because a hole in speech is worse than a late start.
    The engine's forecast never holds them back; it limits only contexts that begin. Contexts to which nobody listens in
    real time come last, and never have all slots: a listener who comes then need not wait for the end of a long file.
    Each of the three classes has its own ``Turns``.
    """

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._newcomers_up_to = slots  # slots in use from which on no new context begins
        self._held: set[Slot] = set()
        self._unheard_held: set[Slot] = set()  # of these, those to which nobody listens in real time
        self._unheard_up_to = most_unheard(slots)
        self._continuing = Turns()
        self._starting = Turns()
        self._unheard = Turns()

    @property
    def held(self) -> int:
        """Slots in use."""
        return len(self._held)

    @property
    def waiting(self) -> int:
        """Contexts that wait for a slot."""
        return len(self._continuing) + len(self._starting) + len(self._unheard)

    def forecast(self, sustainable: int | None) -> list[Slot]:
        """Apply the engine's capacity forecast; return the slots that are granted in consequence.

        One context may always begin: if none spoke, nothing would be measured, and the forecast would never change.
        """
        self._newcomers_up_to = self._slots if sustainable is None else max(1, sustainable)
        return self._grant()

    def request(self, slot: Slot, *, is_continuing: bool, is_live: bool = True) -> list[Slot]:
        """Queue for a slot; return the slots that are granted now, perhaps this one among them."""
        (self._unheard if not is_live else self._continuing if is_continuing else self._starting).add(slot)
        return self._grant()

    def release(self, slot: Slot) -> list[Slot]:
        """Give a slot back or stop waiting for it; idempotent. Return the slots that are granted in consequence."""
        self._held.discard(slot)
        self._unheard_held.discard(slot)
        for turns in (self._continuing, self._starting, self._unheard):
            turns.remove(slot)
        return self._grant()

    def release_connection(self, connection_id: str) -> list[Slot]:
        """Free every slot that a connection held or waited for; return the slots that are granted in consequence."""
        self._held = {slot for slot in self._held if slot.connection_id != connection_id}
        self._unheard_held &= self._held
        for turns in (self._continuing, self._starting, self._unheard):
            turns.remove_connection(connection_id)
        return self._grant()

    def _grant(self) -> list[Slot]:
        granted = []
        while turns := self._next_turns():
            slot = turns.take_next()
            self._held.add(slot)
            if turns is self._unheard:
                self._unheard_held.add(slot)
            granted.append(slot)
        return granted

    def _next_turns(self) -> Turns | None:
        """Choose the class that gets the next slot; None if there is no free slot, or no context that may take it."""
        if len(self._held) < self._slots and self._continuing:
            return self._continuing
        if len(self._held) < min(self._slots, self._newcomers_up_to):
            if self._starting:
                return self._starting
            if self._unheard and len(self._unheard_held) < self._unheard_up_to:
                return self._unheard
        return None
