"""A model hub on this machine: what the hub's client asks of the real one, and nothing more."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(ThreadingHTTPServer):
    """Serves one repository.

    Attributes:
        files: path -> content.
        fetched: (path, Range header or None) of each file that was asked for, in order.
        revisions: that were asked for.
        breaks_off_after: bytes of each answer after which the connection is dropped; None never.
    """

    def __init__(self, repository: str, files: Mapping[str, bytes]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.repository = repository
        self.files = dict(files)
        self.fetched: list[tuple[str, str | None]] = []
        self.revisions: set[str] = set()
        self.breaks_off_after: int | None = None

    @property
    def url(self) -> str:
        """What stands in HF_ENDPOINT."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, *_: object) -> None:
        """Clients hang up when they have had enough; that needs no traceback."""


@contextlib.contextmanager
def running_hub(repository: str, files: Mapping[str, bytes]) -> Iterator[Hub]:
    hub = Hub(repository, files)
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: Hub
    protocol_version = "HTTP/1.1"

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        self._answer(with_body=True)

    def _answer(self, *, with_body: bool) -> None:
        repository = self.server.repository
        path = self.path.partition("?")[0]
        if path.startswith(f"/api/models/{repository}/tree/"):
            self.server.revisions.add(path.rpartition("/")[2])
            tree = [
                {"type": "file", "path": name, "size": len(content), "oid": hashlib.sha1(content).hexdigest()}  # noqa: S324 - what git names files by
                for name, content in self.server.files.items()
            ]
            self._send(json.dumps(tree).encode(), with_body=with_body)
        elif path.startswith(f"/api/models/{repository}"):
            self.server.revisions.add(path.rpartition("/revision/")[2])
            siblings = [{"rfilename": name, "size": len(data)} for name, data in self.server.files.items()]
            self._send(
                json.dumps({"id": repository, "sha": COMMIT, "siblings": siblings}).encode(), with_body=with_body
            )
        elif path.startswith(f"/{repository}/resolve/"):
            revision, name = path.split("/", 5)[4:]
            self.server.revisions.add(revision)
            if name not in self.server.files:
                self._send(b"", status=404, headers={"X-Error-Code": "EntryNotFound"}, with_body=with_body)
                return
            content = self.server.files[name]
            etag = hashlib.sha256(content).hexdigest()
            headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
            status = 200
            if with_body:
                wanted = self.headers.get("Range")
                self.server.fetched.append((name, wanted))
                if wanted:
                    start = int(wanted.removeprefix("bytes=").partition("-")[0])
                    headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
                    content, status = content[start:], 206
            self._send(content, status=status, headers=headers, with_body=with_body)
        else:
            self._send(b"", status=404, headers={"X-Error-Code": "RepoNotFound"}, with_body=with_body)

    def _send(
        self, body: bytes, *, status: int = 200, headers: Mapping[str, str] | None = None, with_body: bool
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        limit = self.server.breaks_off_after
        if with_body and status in (200, 206) and "/resolve/" in self.path and limit is not None:
            self.wfile.write(body[:limit])
            if len(body) > limit:
                self.close_connection = True
                self.connection.close()
        elif with_body:
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""
