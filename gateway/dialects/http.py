"""What a dialect says of its HTTP requests: the list of them, how each is read, and how its answer is written.

A dialect has one ``HttpDialect`` with all its routes. A ``SpeechRoute`` reads a request as a text and messages of the
conversation. The shell speaks it through the same conversation as a WebSocket's text, and the route's ``Body`` writes
the packets. A ``PageRoute`` answers from what the server has on offer. All of it is pure: the shell does the I/O.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from ..errors import BadMessage
from ..http_answers import own_error_body
from .opening import Opening, header_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from ...synthesis.interface import Voice
    from ..conversation.audio import Packet
    from ..conversation.events import Event
    from ..conversation.messages import Configure, Open
    from ..http_answers import ErrorBody, Headers, HttpAnswer

# The one context of a request.
CONTEXT: Final = "speech"


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as a dialect sees it.

    Attributes:
        method: in capitals.
        path: without the query.
        parameters: the parts of the path that the route's template names.
        query: the last value of each name.
        headers: by name in lower case.
        body: empty while the request is not yet let in.
    """

    method: str
    path: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def opening(self) -> Opening:
        """What of it may hold a key."""
        return Opening(self.parameters, self.query, self.headers)

    def json_object(self) -> dict[str, Any]:
        """Read the body as a JSON object; half a character becomes a replacement mark. Any: values as JSON has them.

        Raises:
            BadMessage: it is none.
        """
        try:
            content = json.loads(self.body)
            text = json.dumps(content, ensure_ascii=False)
            if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
                content = json.loads(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))
        except (ValueError, RecursionError):
            raise BadMessage("the body is not JSON") from None
        if not isinstance(content, dict):
            raise BadMessage("the body is not a JSON object")
        return content


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request gets no answer, or no whole one.

    Attributes:
        code: what the gateway calls it, for programs: an ``ErrorCode``, the reason of a refusal, or ``not_found``,
            ``method``, ``body_too_large``, ``body_too_late``, ``body_encoding`` and ``internal``.
        field: the field of the request that is wrong, if one is.
    """

    status: HTTPStatus
    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Offer:
    """What the server has on offer.

    Attributes:
        voices: the default one first.
        aliases: other names of voices, as the operator's settings have them.
        default_voice: the voice of requests that name none, or an unknown one.
    """

    voices: Sequence[Voice]
    aliases: Mapping[str, str]
    default_voice: str

    def voice(self, name: str) -> Voice | None:
        """Find a voice as speech does: by its name, else by another name of it; None if there is none."""
        by_name = {voice.name: voice for voice in self.voices}
        return by_name.get(name) or by_name.get(self.aliases.get(name, ""))


class Body:
    """Writes the body of one answer: the packets as they are. A subclass puts them into messages."""

    def audio(self, packets: Sequence[Packet]) -> bytes:
        """Write packets."""
        return b"".join([packet.payload for packet in packets])

    def event(self, event: Event) -> str:  # noqa: ARG002 - sound alone has no events
        """Write an event; empty if the peer is told nothing of it."""
        return ""

    def fault(self, fault: Fault) -> bytes | None:  # noqa: ARG002 - sound alone has no errors
        """Write what ends an answer that had begun. None: nothing can, and the connection is cut off (RFC 9112, 8)."""
        return None


@dataclass(frozen=True, slots=True)
class Speech:
    """A request to speak, read.

    Attributes:
        text: all of it.
        opening: how it is to be spoken; its context is ``CONTEXT``.
        audio: the format of the sound.
        content_type: of the body.
        body: writes it.
        headers: of the answer, besides the server's own.
        text_field: what the dialect calls the text.
        ignored: wishes that this gateway cannot grant, besides those that the engine ignores.
    """

    text: str
    opening: Open
    audio: Configure
    content_type: str
    body: Body = field(default_factory=Body)
    headers: Headers = ()
    text_field: str = "text"
    ignored: tuple[str, ...] = ()


def _always(request: HttpRequest) -> bool:  # noqa: ARG001 - whatever is asked
    return True


@dataclass(frozen=True, slots=True)
class SpeechRoute:
    """Requests that are answered with speech.

    Attributes:
        path: a template (``opening.match_path``).
        read: reads a request; raises a ``ClientFault`` if it is none.
        when: tells by path, query and headers whether a request at this path is meant for this dialect.
    """

    method: str
    path: str
    read: Callable[[HttpRequest], Speech]
    when: Callable[[HttpRequest], bool] = _always


@dataclass(frozen=True, slots=True)
class PageRoute:
    """Requests that are answered from what is on offer; GET stands for HEAD too. No key is needed for a list of voices.

    Attributes:
        path: as above, like ``when``.
        answer: raises a ``ClientFault`` if there is no such page.
    """

    method: str
    path: str
    answer: Callable[[HttpRequest, Offer], HttpAnswer]
    when: Callable[[HttpRequest], bool] = _always


Route = SpeechRoute | PageRoute


@dataclass(frozen=True, slots=True)
class HttpDialect:
    """The HTTP side of one dialect.

    Attributes:
        routes: all its requests.
        error: writes a fault as the dialect's clients read it.
        busy_status: what a client is told if the server has no room for it: the status at which it tries again.
        keys: finds the keys that a client shows.
        home: paths below this one are the dialect's, even if it has no such route: its errors have the dialect's shape.
        max_chars: the longest text of a request, unless the operator's settings say another.
    """

    name: str
    routes: tuple[Route, ...]
    error: Callable[[Fault], HttpAnswer]
    busy_status: HTTPStatus = HTTPStatus.TOO_MANY_REQUESTS
    keys: Callable[[Opening], Iterable[str]] = header_keys
    home: str = ""
    max_chars: int = 4096

    @property
    def takes_key_later(self) -> bool:
        """Never: a request has no messages."""
        return False

    def error_body(self, status: HTTPStatus, code: str, message: str) -> ErrorBody:
        """Word a refusal plainly: ``error`` words it again as the dialect does."""
        return own_error_body(status, code, message)
