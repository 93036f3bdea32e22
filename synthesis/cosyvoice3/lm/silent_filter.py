"""Drops silence that is too long to be meant (docs/COSYVOICE3.md, sampling)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..release.model_facts import SILENT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SILENT_TOKENS: Final = 5  # 200 ms, as in the reference program; tokens from the sixth in a row on are dropped


class SilentFilter:
    """Thins the tokens of one stream on their way to the flow; the language model's own history keeps them all.

    Args:
        most_leading: how many silent tokens may stand before the first that is not.
    """

    def __init__(self, most_leading: int = MAX_SILENT_TOKENS) -> None:
        self._silent_tokens = 0  # how many silent tokens in a row have just been seen, dropped ones included
        self._most = min(most_leading, MAX_SILENT_TOKENS)  # of these in a row, how many pass

    def pass_on(self, tokens: Iterable[int]) -> list[int]:
        """Return the tokens that the listener is to hear; any cutting of a stream gives the same tokens."""
        heard = []
        for token in tokens:
            if token in SILENT_CODES:
                self._silent_tokens += 1
            else:
                self._silent_tokens, self._most = 0, MAX_SILENT_TOKENS
            if self._silent_tokens <= self._most:
                heard.append(token)
        return heard
