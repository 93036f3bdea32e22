"""Requests of the dialects over HTTP: found in their lists, let in, read, and answered in the dialect's own words.

Nothing here knows a dialect. Every request goes the same way, and each step may refuse it::

    path ─► route ─► place, key, room ─► body ─► the dialect reads it ─► a conversation (../http_peer.py) ─► answer
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, Protocol

from aiohttp import hdrs, web

from ....codecs import provenance
from ...capacity.admission import OVERLOAD_RETRY_S
from ...capacity.handshake import Refused
from ...capacity.tenants import ANYBODY
from ...dialects.http import Fault, HttpRequest, PageRoute, SpeechRoute
from ...dialects.opening import match_path
from ...errors import WIRE_ERRORS, ClientFault, GatewayError, Overloaded, OverQuota, UnknownVoice
from ...http_answers import HttpAnswer
from .bodies import Refusal, read_body

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from ...capacity.handshake import Admitted
    from ...capacity.tenants import Caller
    from ...dialects.http import HttpDialect, Offer, Route, Speech
    from ...tenants.guests import Guest

log = logging.getLogger("sayline.http")

# Any page may ask: what a browser's page may do is decided by its origin, as for a WebSocket (``judge_place``).
_CORS: Final = (
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Request-Id, Sayline-Ignored, Retry-After"),
)
_PREFLIGHT: Final = (("Access-Control-Allow-Headers", "*, Authorization"), ("Access-Control-Max-Age", "86400"))


@dataclass(frozen=True, slots=True)
class Found:
    """What the dialects have at a path.

    Attributes:
        dialect: whose path it is.
        route: the one for this request; None if the dialect has none for its method, or only lives above the path.
        request: as far as it is known before its body is read.
        methods: what the path has; empty if nothing is there.
    """

    dialect: HttpDialect
    route: Route | None
    request: HttpRequest
    methods: tuple[str, ...] = ()


class Host(Protocol):
    """The server, as requests of dialects need it."""

    def admit(self, asked: HttpRequest, dialect: HttpDialect, *, is_live: bool) -> Admitted | Refused:
        """Let a request in or refuse it, as handshakes are."""
        ...

    def offer(self) -> Offer:
        """Tell what is on offer."""
        ...

    def connection(self, caller: Caller) -> AbstractAsyncContextManager[tuple[str, Guest]]:
        """Count a request among the connections while it lasts; gives the id of its conversation, and whose it is."""
        ...

    async def speak(self, request: web.Request, session_id: str, guest: Guest, speech: Speech) -> web.StreamResponse:
        """Answer with speech.

        Raises:
            GatewayError: before any sound.
        """
        ...

    def refused(self, reason: str, request: web.Request) -> None:
        """Count and log a refusal."""
        ...


class HttpDialects:
    """All dialects' requests over HTTP. Lives as long as the server.

    Args:
        dialects: the list.
        host: the server.
        is_live: answers are paced in real time.
        max_chars: the longest text of a request; None: as each dialect says.
        max_body_bytes: the largest body of a request.
        pause_s: how long a body may pause.
    """

    def __init__(
        self,
        dialects: Sequence[HttpDialect],
        host: Host,
        *,
        is_live: bool,
        max_chars: int | None,
        max_body_bytes: int,
        pause_s: float,
    ) -> None:
        self._dialects = dialects
        self._host = host
        self._is_live = is_live
        self._max_chars = max_chars
        self._max_body_bytes = max_body_bytes
        self._pause_s = pause_s

    def find(self, request: web.Request, path: str) -> Found | None:
        """Find what the dialects have for a request; None if its path is none of theirs.

        Args:
            request: as it came.
            path: below the server's public address, without the query.
        """
        asked = HttpRequest(
            request.method,
            path,
            query=dict(request.query),
            headers={name.lower(): value for name, value in request.headers.items()},
        )
        return find(self._dialects, asked)

    async def answer(self, request: web.Request, found: Found) -> web.StreamResponse:
        """Answer a request of a dialect."""
        dialect, route = found.dialect, found.route
        try:
            if request.method == hdrs.METH_OPTIONS and found.methods:
                allowed = ", ".join((*found.methods, "OPTIONS"))
                headers = (("Allow", allowed), ("Access-Control-Allow-Methods", allowed), *_PREFLIGHT)
                return _response(HttpAnswer(HTTPStatus.NO_CONTENT, b"", headers=headers))
            if isinstance(route, PageRoute):
                return _response(route.answer(found.request, self._host.offer()))
            if route is not None:
                return await self._speak(request, found.request, dialect, route)
            raise _nothing_here(found)
        except Refusal as refusal:
            return self._refuse(request, dialect, refusal)
        except OverQuota as error:
            wait = (("Retry-After", str(error.retry_after_s)),)
            return self._refuse(request, dialect, Refusal(fault_of(error), wait, "quota"))
        except Overloaded as error:
            wait = (("Retry-After", str(OVERLOAD_RETRY_S)),)
            return self._refuse(request, dialect, Refusal(fault_of(error), wait, "overloaded"))
        except GatewayError as error:
            return self._refuse(request, dialect, Refusal(fault_of(error)))

    async def _speak(
        self, request: web.Request, asked: HttpRequest, dialect: HttpDialect, route: SpeechRoute
    ) -> web.StreamResponse:
        verdict = self._host.admit(asked, dialect, is_live=self._is_live)
        if isinstance(verdict, Refused):
            answer = verdict.answer
            fault = Fault(answer.status, verdict.reason.replace(" ", "_"), verdict.message)
            raise Refusal(fault, answer.headers, verdict.reason)
        # Counted before its body is read, so that no more requests are let in than there is room for.
        async with self._host.connection(verdict.caller or ANYBODY) as (session_id, guest):
            body = await read_body(request, self._max_body_bytes, self._pause_s)
            speech = route.read(replace(asked, body=body))
            most = self._max_chars or dialect.max_chars
            if len(speech.text) > most:
                message = f"{speech.text_field}: the text has {len(speech.text)} characters, and may have {most}"
                raise Refusal(Fault(HTTPStatus.BAD_REQUEST, "text_too_long", message, speech.text_field))
            return await self._host.speak(request, session_id, guest, speech)

    def _refuse(self, request: web.Request, dialect: HttpDialect, refusal: Refusal) -> web.StreamResponse:
        if refusal.reason:
            self._host.refused(refusal.reason, request)
        answer = dialect.error(refusal.fault)
        response = _response(replace(answer, headers=(*answer.headers, *refusal.headers)))
        if not request.content.is_eof() and request.can_read_body:
            response.force_close()  # what is left of the body is not worth reading
        return response


def find(dialects: Sequence[HttpDialect], asked: HttpRequest) -> Found | None:
    """Find what the dialects have for a request: the first route that takes it, else whose path it is."""
    method = "GET" if asked.method == hdrs.METH_HEAD else asked.method
    known: Found | None = None
    for dialect in dialects:
        for route in dialect.routes:
            parameters = match_path(route.path, asked.path)
            if parameters is None:
                continue
            request = replace(asked, parameters=parameters)
            if not route.when(request):
                continue
            if route.method == method:
                return Found(dialect, route, request, (route.method,))
            methods = known.methods if known and known.methods else ()
            known = Found(dialect, None, request, tuple(dict.fromkeys((*methods, route.method))))
    if known is None:
        homes = (dialect for dialect in dialects if dialect.home and asked.path.startswith(dialect.home))
        known = next((Found(dialect, None, asked) for dialect in homes), None)
    return known


def fault_of(error: GatewayError) -> Fault:
    """Say in terms of HTTP what went wrong."""
    code = WIRE_ERRORS[type(error)].code
    if isinstance(error, OverQuota):
        return Fault(HTTPStatus.TOO_MANY_REQUESTS, code, str(error))
    if isinstance(error, ClientFault):
        is_missing = isinstance(error, UnknownVoice)
        return Fault(HTTPStatus.BAD_REQUEST, code, str(error), "voice" if is_missing else getattr(error, "field", None))
    if isinstance(error, Overloaded):
        return Fault(HTTPStatus.SERVICE_UNAVAILABLE, code, str(error))
    return Fault(HTTPStatus.INTERNAL_SERVER_ERROR, code, str(error))


def _nothing_here(found: Found) -> Refusal:
    if not found.methods:
        return Refusal(Fault(HTTPStatus.NOT_FOUND, "not_found", "there is no such path"))
    allowed = ", ".join((*found.methods, "OPTIONS"))
    fault = Fault(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"only {allowed} here")
    return Refusal(fault, (("Allow", allowed),))


def speech_headers(speech: Speech, session_id: str, ignored: Sequence[str]) -> Mapping[str, str]:
    """Write the headers of an answer with speech."""
    headers = dict((("Server", "sayline"), *_CORS, *speech.headers))
    headers |= {"Content-Type": speech.content_type, "X-Request-Id": session_id, "Cache-Control": "no-store"}
    name, value = provenance.HTTP_HEADER
    headers[name] = value
    headers["X-Accel-Buffering"] = "no"  # nginx would hold sound back until it has a buffer full
    if ignored:
        headers["Sayline-Ignored"] = ", ".join(dict.fromkeys(ignored))
    return headers


def _response(answer: HttpAnswer) -> web.Response:
    headers = [("Server", "sayline"), *_CORS, *answer.headers]
    if answer.status != HTTPStatus.NO_CONTENT:
        headers.append(("Content-Type", answer.content_type))
    return web.Response(status=answer.status, body=answer.body, headers=headers)
