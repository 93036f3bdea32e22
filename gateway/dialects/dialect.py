"""One dialect as the server meets it before the first message: who may come in, how, and how a refusal is worded."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

from ..http_answers import own_error_body
from .opening import header_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from ..http_answers import ErrorBody
    from .opening import Opening
    from .socket_protocol import SocketProtocol


@dataclass(frozen=True, slots=True)
class Dialect:
    """One dialect of a WebSocket.

    Attributes:
        protocol: reads and writes it; made for each connection.
        subprotocols: the server confirms the first of these that a client offers.
        needs_subprotocol: who offers none of them does not speak this dialect.
        check: raises a ``ClientFault`` if a client asks for something, in its opening, that cannot be had.
        keys: finds the keys that a client shows before its first message.
        takes_key_later: a client may show its key in its first message instead.
        busy_status: what a client is told if the server has no room for it: the status at which it tries again.
        can_resume: its clients may ask that a conversation outlives its socket.
        error_body: words an error of the handshake, from status, code and message.
        is_signed: tells of a handshake, from the address that it was sent to (without its scheme) and the
            ``twilio_auth_tokens``, whether it is signed with one of them; None if the dialect's clients sign nothing.
    """

    protocol: type[SocketProtocol]
    subprotocols: tuple[str, ...] = ()
    needs_subprotocol: bool = False
    check: Callable[[Opening], object] = lambda _: None
    keys: Callable[[Opening], Iterable[str]] = header_keys
    takes_key_later: bool = False
    busy_status: HTTPStatus = HTTPStatus.TOO_MANY_REQUESTS
    error_body: Callable[[HTTPStatus, str, str], ErrorBody] = own_error_body
    is_signed: Callable[[Opening, str, Sequence[str]], bool] | None = None
    can_resume: bool = False

    def confirm(self, offered: Sequence[str]) -> str | None:
        """Choose the subprotocol to confirm: one of this dialect's, never a key; None confirms none."""
        return next((name for name in offered if name in self.subprotocols), None)
