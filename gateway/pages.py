"""What the listener answers over plain HTTP: health, metrics, voices, the demo's files. No I/O after start-up."""

from __future__ import annotations

import gzip
import json
from dataclasses import asdict
from http import HTTPStatus
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, get_args

from .. import __version__
from . import startup
from .handshake import HttpAnswer
from .messages import AudioFormatName

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ..synthesis.interface import EngineStatus, Voice
    from .admission import Load
    from .metrics import Metrics

# Below a packet or so there is nothing to win (the issue's own threshold).
GZIP_MIN_BYTES: Final = 1000

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
    """

    def __init__(
        self,
        load: Callable[[], Load],
        status: Callable[[], EngineStatus],
        voices: Callable[[], list[Voice]],
        metrics: Metrics,
    ) -> None:
        self._load = load
        self._status = status
        self._voices = voices
        self._metrics = metrics
        self._files = _read_demo()
        self._pages: Mapping[str, Callable[[], HttpAnswer]] = {
            "/health": self._health,
            "/ready": self._ready,
            "/metrics": self._exposition,
            "/v1/voices": self._list_voices,
        }

    def answer(self, method: str, path: str) -> HttpAnswer:
        """Answer a request; the query string is ignored."""
        if method != "GET":
            return HttpAnswer(HTTPStatus.METHOD_NOT_ALLOWED, b"only GET\n", headers=(("Allow", "GET"),))
        path = path.partition("?")[0]
        if page := self._pages.get(path):
            return page()
        if file := self._files.get(path):
            return file
        return HttpAnswer(HTTPStatus.NOT_FOUND, b"not found\n")

    def _health(self) -> HttpAnswer:
        load, status = self._load(), self._status()
        is_well = status.state != "failed" and not load.is_draining
        body = {
            "status": "draining" if load.is_draining else "ok" if is_well else "failed",
            "engine": status.engine,
            "model_loaded": status.state == "ready",
            "detail": status.detail,
            "current_requests": load.requests,
            "current_concurrent_requests": load.requests,  # what the server before this one called it (docs/RTF.md)
            "max_concurrent_requests": load.max_concurrent_requests,
            "sustainable_requests": status.sustainable_requests,
            "pressure": status.pressure,
            "connections": load.connections,
            "max_connections": load.max_connections,
            "gpu_memory_bytes": status.gpu_memory_bytes,
            "event_loop_lag_s": round(self._metrics.worst_loop_lag_s, 4),
            "version": __version__,
            "build": startup.build(),
        }
        return _json(HTTPStatus.OK if is_well else HTTPStatus.SERVICE_UNAVAILABLE, body)

    def _ready(self) -> HttpAnswer:
        load = self._load()
        if load.is_draining or not load.is_ready:
            return HttpAnswer(HTTPStatus.SERVICE_UNAVAILABLE, b"draining\n" if load.is_draining else b"not ready\n")
        return HttpAnswer(HTTPStatus.OK, b"ready\n")

    def _exposition(self) -> HttpAnswer:
        self._metrics.load_is(self._load())
        return HttpAnswer(HTTPStatus.OK, self._metrics.exposition(), "text/plain; version=0.0.4; charset=utf-8")

    def _list_voices(self) -> HttpAnswer:
        offer = {"voices": [asdict(voice) for voice in self._voices()], "formats": get_args(AudioFormatName)}
        return _json(HTTPStatus.OK, offer)


def compress(answer: HttpAnswer, accept_encoding: str | None) -> HttpAnswer:
    """Compress a body that is worth it, for clients that take it."""
    if len(answer.body) <= GZIP_MIN_BYTES or "gzip" not in (accept_encoding or ""):
        return answer
    return HttpAnswer(
        answer.status,
        gzip.compress(answer.body, compresslevel=6, mtime=0),
        answer.content_type,
        (*answer.headers, ("Content-Encoding", "gzip"), ("Vary", "Accept-Encoding")),
    )


def _json(status: HTTPStatus, body: dict[str, Any]) -> HttpAnswer:
    return HttpAnswer(status, json.dumps(body).encode() + b"\n", "application/json")


def _read_demo() -> dict[str, HttpAnswer]:
    """Read the demo's files: ``/`` is index.html, every other file goes by its name."""
    files = {}
    for entry in resources.files("sayline.web_demo").iterdir():
        suffix = entry.name[entry.name.rfind(".") :]
        if suffix not in _CONTENT_TYPES or not entry.is_file():
            continue
        headers = (
            ("Content-Security-Policy", _CONTENT_SECURITY_POLICY),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "no-referrer"),
            ("Cache-Control", "no-cache"),
            # A chatbot's page may import the client from here: browsers fetch modules of another origin with CORS only.
            ("Access-Control-Allow-Origin", "*"),
        )
        path = "/" if entry.name == "index.html" else f"/{entry.name}"
        files[path] = HttpAnswer(HTTPStatus.OK, entry.read_bytes(), _CONTENT_TYPES[suffix], headers)
    return files
