"""``multi-stream-input``: many speeches on a socket, each a context that the client names."""

from __future__ import annotations

import json
from collections import OrderedDict
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Unpack

from ...conversation.actions import Close
from ...errors import BadMessage, CloseCode
from ..dialect import Dialect
from ..json_protocol import read_flag, read_text
from .errors import error_body
from .options import read_options, shown_keys
from .protocol import ElevenLabsProtocol, Speech

if TYPE_CHECKING:
    from ...conversation.session import SessionSettings
    from ..json_protocol import Fields
    from ..socket_protocol import Facts

# Names of contexts that are over, so that what is late is told from what is new.
_REMEMBERED: Final = 4096
# Contexts that a client has begun without a text.
_MAX_UNUSED: Final = 256
_MAX_NAME_CHARS: Final = 128


class MultiStreamInputProtocol(ElevenLabsProtocol):
    """Many speeches.

    A context's first close lets it speak to its end; its second close stops it. A client that is interrupted before it
    has written all of a speech closes only once. So a first close without a flush before it also stops the context if
    this client has flushed before an earlier close; ``close_without_flush`` can say so of all clients, or of none.
    """

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        super().__init__(session_id, settings, **facts)
        self._named: OrderedDict[str | None, Speech] = OrderedDict()  # not over; oldest first
        self._over: OrderedDict[str | None, bool] = OrderedDict()  # oldest first; true: what comes late is not spoken
        self._begun = 0
        self._flushes_first = settings.close_without_flush == "cancel"
        self._is_leaving = False  # the client wants the socket closed once all is spoken

    # -- in ------------------------------------------------------------------------------------------------------------

    def message_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take text for a context, a flush or a close; what comes for a context that is over means nothing any more."""
        if read_flag(fields, "close_socket"):
            self._leave(now, most_chars)
            return
        name, text = _name_in(fields), read_text(fields, "text") or ""
        speech = self._named.get(name)
        if speech is None and text:
            speech = self._begin(name, text)
        if speech is None or (speech.is_ended and not read_flag(fields, "close_context")):
            return
        self.configure(speech, fields)
        if text and not speech.is_ended:
            self._put_idle_aside(speech, now)
            self.write(speech, text, now, most_chars)
        if read_flag(fields, "flush"):
            self.flush(speech, now, most_chars)
        if text.strip():
            speech.is_flushed = False
        elif read_flag(fields, "flush"):
            speech.is_flushed = True
        if read_flag(fields, "close_context"):
            self._close(speech, now, most_chars)

    def _begin(self, name: str | None, text: str) -> Speech | None:
        """Begin a context; None if the text comes late for one that was stopped."""
        if text.strip() and self._over.get(name):
            return None
        self._over.pop(name, None)
        self._begun += 1
        speech = Speech(
            f"{name or 'default'} {self._begun}", name, "" if name is None else f'"contextId":{json.dumps(name)},'
        )
        self._named[name] = speech
        if len(self._named) > self.settings.max_contexts + _MAX_UNUSED:
            del self._named[next(other.name for other in self._named.values() if not other.is_open)]
        return speech

    def _close(self, speech: Speech, now: float, most_chars: int | None) -> None:
        if speech.is_ended or (speech.is_open and self._flushes_first and not speech.is_flushed):
            self.cancel(speech, now)
            return
        if speech.is_flushed and self.settings.close_without_flush == "learn":
            self._flushes_first = True
        self.end(speech, now, most_chars)

    def _leave(self, now: float, most_chars: int | None) -> None:
        """Close the socket once all is spoken."""
        self._is_leaving = True
        for speech in list(self._named.values()):
            if not speech.is_ended:
                self.end(speech, now, most_chars)
        self._close_if_left()

    def _put_idle_aside(self, speech: Speech, now: float) -> None:
        """Before a context opens, make room: end the oldest that has nothing to speak. Its next text opens it anew."""
        if speech.is_open or self.conversation.live_contexts < self.settings.max_contexts // 2:
            return
        idle = self.speeches.get(self.conversation.idle_context(now) or "")
        if idle is not None and not idle.is_ended:
            idle.is_put_aside = True
            self._forget(idle, is_stopped=False)
            self.end(idle, now, None)

    # -- out -----------------------------------------------------------------------------------------------------------

    def speech_over(self, speech: Speech, *, is_whole: bool) -> str:
        """Write that a context is over."""
        self._forget(speech, is_stopped=not is_whole)
        self._close_if_left()
        return f'{{{speech.head}"isFinal":true}}'

    def _forget(self, speech: Speech, *, is_stopped: bool) -> None:
        del self._named[speech.name]
        self._over[speech.name] = is_stopped
        while len(self._over) > _REMEMBERED:
            self._over.popitem(last=False)

    def _close_if_left(self) -> None:
        if self._is_leaving and not self._named:
            self.conversation.close(Close(CloseCode.NORMAL, ""))


def _name_in(fields: Fields) -> str | None:
    """Read the name of a context; None for the one that has no name."""
    name = read_text(fields, "context_id")
    if name is not None and len(name) > _MAX_NAME_CHARS:
        raise BadMessage(f"context_id has at most {_MAX_NAME_CHARS} characters")
    return name or None


DIALECT: Final = Dialect(
    MultiStreamInputProtocol,
    check=read_options,
    keys=shown_keys,
    takes_key_later=True,
    busy_status=HTTPStatus.TOO_MANY_REQUESTS,
    error_body=error_body,
)
