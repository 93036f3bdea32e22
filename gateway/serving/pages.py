"""What the listener answers over plain HTTP: health, metrics, voices, the demo's files.

No I/O after start-up, except that one of several workers reads the metrics of all.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import lru_cache
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from ... import __version__
from ...codecs.formats import FORMATS
from ..capacity.overload import Step
from ..http_answers import HttpAnswer, error_answer
from ..observing import startup
from .dialects import dialect_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from importlib.resources.abc import Traversable

    from ...synthesis.interface import EngineStatus, Voice
    from ..capacity.admission import Load
    from ..observing.metrics import Metrics
    from .probing import Probe

# Below about a packet, compression gains nothing.
GZIP_MIN_BYTES: Final = 1000
# Compressed bodies that are kept: as many as the demo has files, and some pages. Compressing a body takes milliseconds.
_KEPT_BODIES: Final = 64

_METHODS: Final = "GET, HEAD, OPTIONS"
# Any client that can reach the server may read its pages, and so may a page of any origin: none of them is private.
_CORS: Final = ("Access-Control-Allow-Origin", "*")
_PREFLIGHT: Final = (
    ("Access-Control-Allow-Methods", _METHODS),
    ("Access-Control-Allow-Headers", "*"),
    ("Access-Control-Max-Age", "86400"),  # the longest that a browser keeps, in Firefox
)
_CODING: Final = re.compile(
    r"\s*([!#$%&'*+.^_`|~0-9a-z-]+)\s*(?:;\s*q\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?", re.IGNORECASE | re.ASCII
)

_ENTITY_TAG: Final = re.compile(r'"[^"]*"')

_CONTENT_TYPES: Final = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".ts": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Everything the page needs comes from here; sockets and the optional chat endpoint are the exceptions it is made for.
_CONTENT_SECURITY_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src *; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Pages:
    """All paths that are not the WebSocket. Lives as long as the server; files are read once.

    Args:
        load: what the server carries now.
        status: how the engine is.
        voices: what is on offer.
        metrics: the server's.
        probe: of the engine.
    """

    def __init__(
        self,
        load: Callable[[], Load],
        status: Callable[[], EngineStatus],
        voices: Callable[[], list[Voice]],
        metrics: Metrics,
        probe: Probe,
    ) -> None:
        self._load = load
        self._status = status
        self._voices = voices
        self._metrics = metrics
        self._probe = probe
        self._files = read_demo(resources.files("sayline.web_demo"))
        self._pages: Mapping[str, Callable[[], HttpAnswer]] = {
            "/health": self._health,
            "/ready": self._ready,
            "/metrics": self._exposition,
            "/v1/voices": self._list_voices,
        }

    def answer(self, method: str, path: str) -> HttpAnswer:
        """Answer a request; the query string is ignored, and the answer to HEAD has the body that GET would have."""
        path = path.partition("?")[0]
        if dialect_at(path) is not None:
            return _answer_without_upgrade(method)
        page = self._pages.get(path)
        file = self._files.get("/" if path == "*" else path)  # OPTIONS * asks about the server as a whole
        if page is None and file is None:
            return error_answer(HTTPStatus.NOT_FOUND, "not_found", "there is no such page", (_CORS,))
        if method == "OPTIONS":
            return self._options()
        if method not in ("GET", "HEAD"):
            return _wrong_method(_METHODS)
        if page is not None:
            answer = page()
            return HttpAnswer(answer.status, answer.body, answer.content_type, (*answer.headers, _CORS))
        assert file is not None  # noqa: S101 - one of the two is there
        return file

    def _options(self) -> HttpAnswer:
        """Say what may be done. Load balancers ask this for their health check (haproxy does unless told otherwise)."""
        if self._load().is_draining:
            return error_answer(HTTPStatus.SERVICE_UNAVAILABLE, "draining", "draining", (("Retry-After", "1"), _CORS))
        return HttpAnswer(HTTPStatus.NO_CONTENT, b"", headers=(("Allow", _METHODS), _CORS, *_PREFLIGHT))

    def _health(self) -> HttpAnswer:
        load, status = self._load(), self._status()
        is_well = status.state != "failed" and not load.is_draining
        body = {
            "status": "draining" if load.is_draining else "ok" if is_well else "failed",
            "engine": status.engine,
            "model_loaded": status.state == "ready",
            "detail": status.detail,
            "current_requests": load.requests,
            # The name that an earlier server of this model used (docs/RTF.md).
            "current_concurrent_requests": load.requests,
            "max_concurrent_requests": load.max_concurrent_requests,
            "sustainable_requests": status.sustainable_requests,
            "pressure": status.pressure,
            "encoder_load": round(load.encoder_load, 3),
            "connections": load.connections,
            "max_connections": load.max_connections,
            "gpu_memory_bytes": status.gpu_memory_bytes,
            "event_loop_lag_s": round(self._metrics.worst_loop_lag_s, 4),
            "overload": load.overload.name.lower().replace("_", " "),
            # Of the last probe: ok, late, silent or failed; empty before the first, which comes after ten seconds.
            "probe": self._probe.result,
            "probe_first_sound_s": None if self._probe.first_sound_s is None else round(self._probe.first_sound_s, 4),
            "version": __version__,
            "build": startup.build(),
        }
        return _json(HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, body)

    def _ready(self) -> HttpAnswer:
        load = self._load()
        if load.is_draining or not load.is_ready or load.overload is Step.NO_CONNECTIONS:
            why = b"draining\n" if load.is_draining else b"not ready\n" if not load.is_ready else b"overloaded\n"
            return HttpAnswer(HTTPStatus.SERVICE_UNAVAILABLE, why)
        return HttpAnswer(HTTPStatus.OK, b"ready\n")

    def _exposition(self) -> HttpAnswer:
        self._metrics.load_is(self._load())
        return HttpAnswer(HTTPStatus.OK, self._metrics.exposition(), "text/plain; version=0.0.4; charset=utf-8")

    def _list_voices(self) -> HttpAnswer:
        offer = {"voices": [_facts(voice) for voice in self._voices()], "formats": list(FORMATS)}
        return _json(HTTPStatus.OK, offer)


def _facts(voice: Voice) -> dict[str, Any]:  # Any: JSON
    """Tell what a voice can do; speed and volume every voice can (``synthesis.delivery``)."""
    return {
        "name": voice.name,
        "description": voice.description,
        "languages": voice.languages,
        "scripts": voice.scripts,
        "wishes": sorted(voice.obeys | {"speed", "volume"}),
        "alphabets": sorted(voice.alphabets),
        "word_times": "exact" if voice.has_word_times else "interpolated",
    }


def compress(answer: HttpAnswer, accept_encoding: str | None) -> HttpAnswer:
    """Compress a body that is worth it, for clients that take it."""
    if len(answer.body) <= GZIP_MIN_BYTES or not takes_gzip(accept_encoding or ""):
        return answer
    return HttpAnswer(
        answer.status,
        _compressed(answer.body),
        answer.content_type,
        (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")),
    )


def if_changed(answer: HttpAnswer, if_none_match: str | None) -> HttpAnswer:
    """Send no body to a client that has it (RFC 9110, 13.1.2)."""
    tag = dict(answer.headers).get("ETag")
    asked = if_none_match or ""
    if tag is None or (asked.strip() != "*" and tag.removeprefix("W/") not in _ENTITY_TAG.findall(asked)):
        return answer
    headers = tuple(header for header in answer.headers if header[0] != "Content-Encoding")
    return HttpAnswer(HTTPStatus.NOT_MODIFIED, b"", headers=headers)


def takes_gzip(accept_encoding: str) -> bool:
    """Read ``Accept-Encoding`` (RFC 9110, 12.5.3): gzip by its name, or by ``*`` if it is not named; q=0 means no."""
    weights = {}
    for part in accept_encoding.split(","):
        if coding := _CODING.fullmatch(part):
            weights[coding[1].lower()] = float(coding[2] or 1)
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


@lru_cache(maxsize=_KEPT_BODIES)
def _compressed(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=6, mtime=0)


def _answer_without_upgrade(method: str) -> HttpAnswer:
    """Answer a request for the WebSocket's path that asks for no WebSocket."""
    if method == "OPTIONS":
        return HttpAnswer(HTTPStatus.NO_CONTENT, b"", headers=(("Allow", "GET"),))
    if method not in ("GET", "HEAD"):
        return _wrong_method("GET")
    return error_answer(
        HTTPStatus.UPGRADE_REQUIRED,
        "upgrade_required",
        "this path is a WebSocket: it is opened with the headers of a handshake (docs/PROTOCOL.md). A proxy drops "
        "these unless it is told to hand them on (docs/PROXIES.md)",
        (("Upgrade", "websocket"), ("Connection", "Upgrade, close")),
    )


def _wrong_method(allowed: str) -> HttpAnswer:
    return error_answer(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"only {allowed} here", (("Allow", allowed), _CORS))


def _json(status: HTTPStatus, body: dict[str, Any]) -> HttpAnswer:
    return HttpAnswer(status, json.dumps(body).encode() + b"\n", "application/json")


def read_demo(demo: Traversable) -> dict[str, HttpAnswer]:
    """Read the demo's files: ``/`` is index.html, and each file lies in its folder, ``/page/`` or ``/client/``.

    The client lies also under its name: ``/gateway_client.js`` is published. An installed package has bundles, each of
    one file of the page and of all that it imports, which are served in that file's place (``.ci/page_bundle.py``).
    """
    files = {}
    # Rooms by folder. Of two files of one path the later is served.
    rooms = {"page": "page", "client": "client", "bundle": "page"}
    folders = [(demo.joinpath(folder), room) for folder, room in rooms.items()]
    for entry, room in [(file, room) for folder, room in folders if folder.is_dir() for file in folder.iterdir()]:
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix not in _CONTENT_TYPES:
            continue
        body = entry.read_bytes()
        headers = (
            ("Content-Security-Policy", _CONTENT_SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            # A browser asks each time, and is answered in a few bytes if its copy is still good. The tag is a weak one:
            # it is the same for the compressed body.
            ("Cache-Control", "no-cache"),
            ("ETag", f'W/"{hashlib.sha256(body).hexdigest()[:16]}"'),
            # A chatbot's page may import the client from here: browsers fetch modules of another origin with CORS only.
            _CORS,
        )
        answer = HttpAnswer(HTTPStatus.OK, body, _CONTENT_TYPES[suffix], headers)
        files["/" if entry.name == "index.html" else f"/{room}/{entry.name}"] = answer
        if room == "client":
            files[f"/{entry.name}"] = answer
    return files
