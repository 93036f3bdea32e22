"""Drops silence that is too long to be meant (docs/COSYVOICE3.md, sampling)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ..release.model_facts import SILENT_CODES

if TYPE_CHECKING:
    from collections.abc import Iterable

MAX_SILENT_TOKENS: Final = 5  # 200 ms, as in the reference program; tokens from the sixth in a row on are dropped


class SilentFilter:
    """Thins the tokens of one stream on their way to the flow; the language model's own history keeps them all."""

    def __init__(self) -> None:
        self._silent_tokens = 0  # how many silent tokens in a row have just been seen, dropped ones included

    def pass_on(self, tokens: Iterable[int]) -> list[int]:
        """Return the tokens that the listener is to hear; any cutting of a stream gives the same tokens."""
        heard = []
        for token in tokens:
            self._silent_tokens = self._silent_tokens + 1 if token in SILENT_CODES else 0
            if self._silent_tokens <= MAX_SILENT_TOKENS:
                heard.append(token)
        return heard
