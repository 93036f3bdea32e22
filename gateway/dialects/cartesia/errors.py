"""An error as Cartesia's clients read it, in a message of the WebSocket or as the body of an HTTP answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from http import HTTPStatus


def describe(status: HTTPStatus, message: str, request_id: str = "") -> dict[str, Any]:
    """Describe an error; ``error_code`` is the status in words."""
    return {
        "title": status.phrase,
        "message": message,
        "error_code": status.name.lower(),
        "status_code": status.value,
        "doc_url": "",
        "request_id": request_id,
    }


def error_body(status: HTTPStatus, code: str, message: str) -> dict[str, Any]:  # noqa: ARG001 - the status says it
    """Write the body of a refusal."""
    return describe(status, message)
