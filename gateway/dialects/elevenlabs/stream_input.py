"""``stream-input``: one speech on a socket, which the server closes at its end."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Unpack

from ...conversation.actions import Close
from ...errors import CloseCode
from ..dialect import Dialect
from ..json_protocol import read_flag, read_text
from .errors import error_body
from .options import read_options, shown_keys
from .protocol import ElevenLabsProtocol, Speech, close_code

if TYPE_CHECKING:
    from ...conversation.session import SessionSettings
    from ...errors import GatewayError
    from ..json_protocol import Fields
    from ..socket_protocol import Facts

_FINAL: Final = '{"audio":null,"isFinal":true,"normalizedAlignment":null,"alignment":null}'


class StreamInputProtocol(ElevenLabsProtocol):
    """One speech; an empty text ends it."""

    def __init__(self, session_id: str, settings: SessionSettings, **facts: Unpack[Facts]) -> None:
        super().__init__(session_id, settings, **facts)
        self._speech = Speech("speech")

    def message_received(self, fields: Fields, now: float, most_chars: int | None) -> None:
        """Take text, or the end of it."""
        speech = self._speech
        if speech.is_ended:  # what crossed with the end
            return
        self.configure(speech, fields)
        text = read_text(fields, "text")
        if text == "":
            self.end(speech, now, most_chars)
            return
        if text is not None:
            self.write(speech, text, now, most_chars)
        if read_flag(fields, "flush"):
            self.flush(speech, now, most_chars)

    def speech_over(self, speech: Speech, *, is_whole: bool) -> str:  # noqa: ARG002 - one that failed was told before
        """Write the last message, and close."""
        self.conversation.close(Close(CloseCode.NORMAL, ""))
        return _FINAL

    def write_fault(self, fault: GatewayError, speech: Speech | None) -> str | None:
        """Write an error, and close: the speech would lack something."""
        message = super().write_fault(fault, speech)
        if message is not None:
            self.has_told_why = True
            self.conversation.close(Close(close_code(fault), str(fault)))
        return message


DIALECT: Final = Dialect(
    StreamInputProtocol,
    check=read_options,
    keys=shown_keys,
    takes_key_later=True,
    busy_status=HTTPStatus.TOO_MANY_REQUESTS,
    error_body=error_body,
)
