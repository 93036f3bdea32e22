"""Which pages of the flow's past (``chunk_solver.Pages``) are taken, and which are free."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


class PagePool:
    """Hands out page numbers. Page 0 belongs to no stream; rows that only fill a batch use it.

    Args:
        count: all pages, page 0 included.
    """

    def __init__(self, count: int) -> None:
        self.count = count
        self._free = list(range(count - 1, 0, -1))
        self._taken: set[int] = set()

    @property
    def free_count(self) -> int:
        """How many pages can be taken."""
        return len(self._free)

    def take(self) -> int | None:
        """Take a page; None when there is none."""
        if not self._free:
            return None
        page = self._free.pop()
        self._taken.add(page)
        return page

    def give_back(self, pages: Iterable[int]) -> None:
        """Give pages back.

        Raises:
            KeyError: a page is not taken.
        """
        for page in pages:
            self._taken.remove(page)
            self._free.append(page)
