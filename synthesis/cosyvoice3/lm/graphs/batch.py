"""Which requests run: their slots, their pages, and how far each has come. Pure: knows no device and no clock.

A request begins if there are a slot and pages for all that it may become, so that no running request ever waits for
pages. Those that wait begin in the order in which they came.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from ...release.model_facts import SPEECH_CODES
from ..token_pacing import Progress

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

MOST_BEGUN_AT_ONCE: Final = 8  # requests whose prompts are read together: as many as listeners who begin at once


@dataclass(slots=True, eq=False)
class Request:
    """One request.

    Attributes:
        key: its name at the engine.
        prompt: its ids, and those that another engine has begun it with.
        min_tokens: as in ``TokenRequest``.
        max_tokens: how many are sampled at most.
        seed: its 64 bits, signed.
        is_greedy: as in ``TokenRequest``.
        awaited: as in ``TokenRequest``.
        begun: how many ids at the end of ``prompt`` are speech.
        slot: where its ids lie, once it has begun.
        pages: for its keys and values.
        sampled: how many ids it has.
    """

    key: int
    prompt: npt.NDArray[np.int32]
    min_tokens: int
    max_tokens: int
    seed: int
    is_greedy: bool
    awaited: int
    begun: int = 0
    slot: int = 0
    pages: list[int] = field(default_factory=list)
    sampled: int = 0

    @property
    def length(self) -> int:
        """How many ids it has, the prompt's included."""
        return len(self.prompt) + self.sampled


class Batch:
    """All requests of a process.

    Args:
        slots: how many may run, and slot 0, which fills batches.
        pages: how many there are, page 0 included, which fills batches.
        page: positions in a page.
        positions: how long a request may become.
        at_once: tokens that are sampled together: up to so many less one are sampled in vain when a speech ends.
    """

    def __init__(self, *, slots: int, pages: int, page: int, positions: int, at_once: int) -> None:
        self._free_slots = list(range(slots - 1, 0, -1))
        self._free_pages = list(range(pages - 1, 0, -1))
        self._page = page
        self._at_once = at_once
        self._waiting: deque[Request] = deque()
        self._running: dict[int, Request] = {}  # by key, in the order in which they began
        self.tables = np.zeros((slots, -(-positions // page)), np.int32)  # by slot, its request's pages

    @property
    def is_idle(self) -> bool:
        """There is nothing to do."""
        return not self._waiting and not self._running

    @property
    def has_waiting(self) -> bool:
        """Somebody waits to begin."""
        return bool(self._waiting)

    @property
    def running(self) -> list[Request]:
        """Requests that have begun."""
        return list(self._running.values())

    def progress(self, *, with_waiting: bool = False) -> Iterator[Progress]:
        """Tell how far each running request has come; nothing is under way between two steps."""
        for request in (*self._running.values(), *(self._waiting if with_waiting else ())):
            yield Progress(str(request.key), request.awaited, request.sampled, request.sampled)

    def add(self, request: Request) -> None:
        """Let a request wait for its turn."""
        self._waiting.append(request)

    def cancel(self, key: int) -> None:
        """Forget a request, wherever it is."""
        request = self._running.pop(key, None)
        if request is not None:
            self._give_back(request)
        else:
            self._waiting = deque(each for each in self._waiting if each.key != key)

    def begin(self, most_rows: int) -> list[Request]:
        """Begin with those whose turn it is, as far as their prompts fit into so many rows; one always fits."""
        begun: list[Request] = []
        rows = 0
        while self._waiting and self._free_slots and len(begun) < MOST_BEGUN_AT_ONCE:
            request = self._waiting[0]
            needed = -(-(len(request.prompt) + request.max_tokens + self._at_once) // self._page)
            needed = min(needed, self.tables.shape[1])
            if needed > len(self._free_pages) or (begun and rows + len(request.prompt) > most_rows):
                break
            self._waiting.popleft()
            rows += len(request.prompt)
            request.slot = self._free_slots.pop()
            request.pages = [self._free_pages.pop() for _ in range(needed)]
            self.tables[request.slot] = 0
            self.tables[request.slot, :needed] = request.pages
            self._running[request.key] = request
            begun.append(request)
        return begun

    def take(self, request: Request, ids: Sequence[int]) -> tuple[int, bool, list[int]]:
        """Note what was sampled for a running request; returns its key, whether it has ended, and what it may keep."""
        kept = list(ids[: request.max_tokens - request.sampled])
        end = next((at for at, token in enumerate(kept) if token >= SPEECH_CODES), None)
        request.sampled += len(ids)
        is_last = end is not None or request.sampled >= request.max_tokens
        if is_last:
            del self._running[request.key]
            self._give_back(request)
        return request.key, is_last, kept[:end]

    def _give_back(self, request: Request) -> None:
        self._free_slots.append(request.slot)
        self._free_pages += request.pages
        request.pages = []
