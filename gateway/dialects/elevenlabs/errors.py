"""How this dialect's clients read errors, over HTTP and in messages."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from http import HTTPStatus

    from ...http_answers import ErrorBody


def error_body(status: HTTPStatus, code: str, message: str) -> ErrorBody:  # noqa: ARG001 - the answer's line has it
    """Write the body of a refusal."""
    return {"detail": {"status": code, "message": message}}


def error_message(code: str, message: str, close_code: int, context: str | None = None) -> str:
    """Write an error as a message; ``context`` is the id of the context concerned."""
    fields: dict[str, str | int] = {"message": message, "error": code, "code": close_code}
    if context is not None:
        fields["contextId"] = context
    return json.dumps(fields)
