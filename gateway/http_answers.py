"""An HTTP answer as plain values: what any room may make, and the listener writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from http import HTTPStatus

Headers = tuple[tuple[str, str], ...]
# Any: what JSON can hold.
ErrorBody = dict[str, Any]


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """An HTTP response, before it is compressed or written."""

    status: HTTPStatus
    body: bytes
    content_type: str = "text/plain; charset=utf-8"
    headers: Headers = ()


def json_answer(status: HTTPStatus, content: object, headers: Headers = ()) -> HttpAnswer:
    """Answer with JSON."""
    return HttpAnswer(status, json.dumps(content).encode() + b"\n", "application/json", headers)


def own_error_body(status: HTTPStatus, code: str, message: str) -> ErrorBody:  # noqa: ARG001 - some dialects repeat it
    """Write an error as the gateway's own clients read it."""
    return {"error": {"code": code, "message": message}}


def error_answer(
    status: HTTPStatus,
    code: str,
    message: str,
    headers: Headers = (),
    error_body: Callable[[HTTPStatus, str, str], ErrorBody] = own_error_body,
) -> HttpAnswer:
    """Say what is wrong with a request, for programs (the code) and for people (the message)."""
    return json_answer(status, error_body(status, code, message), headers)
