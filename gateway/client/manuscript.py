"""What the gateway must be told of one speech, in order, and again from the first unheard word if needed. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .wire import messages as wire

if TYPE_CHECKING:
    from .wire.messages import ContextStart

_MAX_UTF8_BYTES: Final = 4  # of one code point


class Manuscript:
    """The text of one speech as it grows, and how far the present connection knows it.

    Attributes:
        text: what was written. If it need not be told again, only the part that was not told yet.
        is_started: the present connection knows the context.
        is_ended: no more text will come.
    """

    def __init__(self, start: ContextStart, *, keeps_text: bool) -> None:
        """Begin an empty manuscript.

        Args:
            start: opens the context.
            keeps_text: another connection may have to be told the text again.
        """
        self.text = ""
        self.is_started = False
        self.is_ended = False
        self._start = start
        self._keeps_text = keeps_text
        self._told = 0  # offset in the text
        self._flush_at = 0  # offset up to which all is to be spoken at once
        self._is_flush_told = True
        self._is_end_told = False

    def append(self, delta: str) -> None:
        """Write on."""
        self.text += delta

    def flush(self) -> None:
        """Have what is written so far spoken without waiting for more."""
        self._flush_at = len(self.text)
        self._is_flush_told = False

    def end(self) -> None:
        """Let no more text follow."""
        self.is_ended = True

    def next_message(self, max_text_bytes: int) -> wire.ContextMessage | None:
        """Return what the present connection is to be told next; from now on it counts as told. None: it knows all."""
        context_id = self._start.context_id
        if not self.is_started:
            self.is_started = True
            return self._start
        if not self._is_flush_told and self._flush_at <= self._told:
            self._is_flush_told = True
            return wire.Flush(context_id=context_id)
        if self._told < len(self.text):
            piece = self.text[self._told : self._told + max(1, max_text_bytes // _MAX_UTF8_BYTES)]
            if not self._is_flush_told and self._told < self._flush_at:
                piece = piece[: self._flush_at - self._told]
            self._told += len(piece)
            if not self._keeps_text:
                self._forget_told()
            return wire.Text(context_id=context_id, text=piece)
        if self.is_ended and not self._is_end_told:
            self._is_end_told = True
            return wire.ContextEnd(context_id=context_id)
        return None

    def rewind(self, heard: int) -> None:
        """Prepare for another connection: it must be told all text that follows an offset."""
        self._told = heard
        self.is_started = self._is_end_told = False
        self._is_flush_told = self._flush_at <= heard

    def _forget_told(self) -> None:
        self.text = self.text[self._told :]
        self._flush_at = max(0, self._flush_at - self._told)
        self._told = 0
