"""Voices of recordings, added and removed over HTTP by clients that have a key, if the operator allows it.

::

    POST   /v1/voices         multipart/form-data: name, audio, consent; text?, language?, description?, replace?
    DELETE /v1/voices/NAME

Both are judged like a handshake first. The recording is written to a file that is gone with the answer.
"""

from __future__ import annotations

import asyncio
import logging
import tempfile
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from aiohttp import hdrs, web

from ....synthesis.interface import EngineUnavailable, NewVoice, SynthesisError, UnsupportedRequest
from ...dialects.http import Fault
from ...dialects.opening import match_path
from ...http_answers import error_answer, json_answer
from .bodies import Refusal, read_form

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping

    from ....synthesis.interface import Shelf
    from ...capacity.handshake import Refused
    from ...http_answers import HttpAnswer
    from .bodies import Part

log = logging.getLogger("sayline.voices")

PATH: Final = "/v1/voices"
_ONE: Final = f"{PATH}/{{name}}"
# 30 s of stereo at 96 kHz in 24 bits are 17 MB; twice that leaves room for silence that is cut off.
MAX_BYTES: Final = 32 * 1024 * 1024
_MOST_CHARS: Final = 4_000  # of a field; a transcript of 30 s has a tenth of that
_FIELDS: Final = ("name", "text", "language", "description", "consent", "replace")
_YES: Final = ("1", "true", "yes", "on")


class Host(Protocol):
    """The server, as far as it is needed here."""

    def admit_change(self, request: web.Request) -> Refused | None:
        """Judge the place and the key of a request that changes something; None lets it in."""
        ...

    def refused(self, reason: str, request: web.Request) -> None:
        """Count and log a refusal."""
        ...


class VoiceRequests:
    """Changes of the voices on offer. Lives as long as the server.

    Args:
        shelf: of the engine; None if its voices cannot be changed.
        host: the server.
        is_allowed: the operator lets clients with a key change voices, and there are keys.
        pause_s: how long a body may pause.
    """

    def __init__(self, shelf: Shelf | None, host: Host, *, is_allowed: bool, pause_s: float) -> None:
        self._shelf = shelf
        self._host = host
        self._is_allowed = is_allowed
        self._pause_s = pause_s

    def find(self, request: web.Request, path: str) -> Awaitable[web.StreamResponse] | None:
        """Answer a request for a change; None if it is for something else."""
        if request.method == hdrs.METH_POST and path == PATH:
            return self._answer(request, None)
        named = match_path(_ONE, path) if request.method == hdrs.METH_DELETE else None
        return None if named is None else self._answer(request, named["name"])

    async def _answer(self, request: web.Request, removed: str | None) -> web.StreamResponse:
        """Add a voice, or remove the named one."""
        try:
            shelf = self._let_in(request)
            answer = await (self._add(request, shelf) if removed is None else _remove(removed, shelf))
        except Refusal as refusal:
            if refusal.reason:
                self._host.refused(refusal.reason, request)
            fault = refusal.fault
            answer = error_answer(fault.status, fault.code, fault.message, refusal.headers)
        except SynthesisError as error:
            answer = _fault(error)
        headers = [("Server", "sayline"), ("Content-Type", answer.content_type), *answer.headers]
        response = web.Response(status=answer.status, body=answer.body, headers=headers)
        if not request.content.is_eof() and request.can_read_body:
            response.force_close()  # what is left of the body is not worth reading
        return response

    def _let_in(self, request: web.Request) -> Shelf:
        refused = self._host.admit_change(request)
        if refused is not None:
            fault = Fault(refused.answer.status, refused.reason.replace(" ", "_"), refused.message)
            raise Refusal(fault, refused.answer.headers, refused.reason)
        if not self._is_allowed:
            message = "voices are changed here only if the operator sets api_keys and voices_over_http"
            raise Refusal(Fault(HTTPStatus.FORBIDDEN, "not_allowed", message), reason="voices")
        if self._shelf is None:
            message = "this engine has the voices that it has: it makes none of recordings"
            raise Refusal(Fault(HTTPStatus.NOT_FOUND, "unsupported", message))
        return self._shelf

    async def _add(self, request: web.Request, shelf: Shelf) -> HttpAnswer:
        parts = await read_form(request, MAX_BYTES, self._pause_s)
        audio, fields = parts.get("audio"), _read_fields(parts)
        if audio is None or not audio.content:
            raise _bad("audio", "a recording is wanted, as a file")
        loop = asyncio.get_running_loop()
        with tempfile.TemporaryDirectory(prefix="sayline-voice-") as folder:  # no other user may enter it
            path = Path(folder) / "recording"
            await loop.run_in_executor(None, path.write_bytes, audio.content)
            voice = NewVoice(
                name=fields["name"],
                audio=path,
                transcript=fields.get("text"),
                language=fields.get("language"),
                description=fields.get("description", ""),
                consent=fields["consent"],
                replace=fields.get("replace", "").lower() in _YES,
            )
            try:
                warnings = await shelf.add(voice)
            except UnsupportedRequest as error:
                # The caller knows the recording by its own name.
                text = str(error).replace(f"{path}: ", "").replace(str(path), "the recording")
                raise UnsupportedRequest(text) from error
        log.info("voice added", extra={"voice": voice.name})
        return json_answer(HTTPStatus.CREATED, {"name": voice.name, "warnings": list(warnings)})


async def _remove(name: str, shelf: Shelf) -> HttpAnswer:
    try:
        await shelf.remove(name)
    except UnsupportedRequest as error:
        raise Refusal(Fault(HTTPStatus.NOT_FOUND, "unknown_voice", str(error))) from error
    log.info("voice removed", extra={"voice": name})
    return json_answer(HTTPStatus.OK, {"name": name})


def _read_fields(parts: Mapping[str, Part]) -> dict[str, str]:
    """Read the fields that are no file; blank ones count as left out."""
    unknown = sorted(parts.keys() - {*_FIELDS, "audio"})
    if unknown:
        raise _bad(unknown[0], f"there is no such field; there are audio, {', '.join(_FIELDS)}")
    fields: dict[str, str] = {}
    for name in _FIELDS:
        text = parts[name].text.strip() if name in parts else ""
        if len(text) > _MOST_CHARS:
            raise _bad(name, f"longer than {_MOST_CHARS} characters")
        if text:
            fields[name] = text
    if "name" not in fields:
        raise _bad("name", "a name is wanted, by which clients ask for the voice")
    if "consent" not in fields:
        raise _bad("consent", "say who agreed that this voice speaks here; a voice is personal data of its owner")
    return fields


def _bad(field: str, message: str) -> Refusal:
    return Refusal(Fault(HTTPStatus.BAD_REQUEST, "bad_message", f"{field[:40]}: {message}", field))


def _fault(error: SynthesisError) -> HttpAnswer:
    if isinstance(error, UnsupportedRequest):
        return error_answer(HTTPStatus.UNPROCESSABLE_ENTITY, "unfit_voice", str(error))
    if isinstance(error, EngineUnavailable):
        return error_answer(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", str(error))
    log.error("a voice was not made: %s", error)
    return error_answer(HTTPStatus.SERVICE_UNAVAILABLE, "failed", str(error), (("Retry-After", "5"),))
