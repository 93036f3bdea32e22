"""What a client says when it asks for a WebSocket, before its first message, and the keys that it shows there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, unquote

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# Headers that hold nothing but a key. ElevenLabs' clients use the first, Cartesia's the second.
KEY_HEADERS: Final = ("xi-api-key", "x-api-key")
# Words before a key in ``Authorization``; the second is Deepgram's.
_SCHEMES: Final = ("bearer", "token")


@dataclass(frozen=True, slots=True)
class Opening:
    """A request for a WebSocket, as far as dialects read it.

    Attributes:
        named: what stands in the path in the place of each name of the template, such as ``voice_id``.
        query: the query's fields; of a repeated field the last.
        headers: lower-case name -> value.
        subprotocols: offered, in order.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    subprotocols: tuple[str, ...] = ()


NO_OPENING: Final = Opening()  # of a client that said nothing but where it connects


def header_keys(opening: Opening) -> Iterable[str]:
    """Find the keys that a client shows in its headers, in any of the ways that the clients of our dialects have."""
    if key := read_authorization(opening.headers.get("authorization", "")):
        yield key
    for name in KEY_HEADERS:
        if key := opening.headers.get(name, ""):
            yield key


def read_authorization(text: str) -> str:
    """Read the key behind a scheme; empty if there is none."""
    scheme, _, credentials = text.partition(" ")
    return credentials.strip() if scheme.lower() in _SCHEMES else ""


def match_path(template: str, path: str) -> dict[str, str] | None:
    """Read what stands in a path in the place of a template's names; None if the path is another."""
    wanted, parts = template.split("/"), path.split("/")
    if len(wanted) != len(parts):
        return None
    named = {}
    for name, part in zip(wanted, parts, strict=True):
        if name.startswith("{") and part:
            named[name[1:-1]] = unquote(part)
        elif name != part:
            return None
    return named


def query_of(path: str) -> dict[str, str]:
    """Read the fields of a path's query; of a repeated field the last."""
    return dict(parse_qsl(path.partition("?")[2], keep_blank_values=True))
