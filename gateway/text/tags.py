"""Tells tags from text in which "<" means something else, while they are still being written. Pure.

A tag is ``<name attribute="value">``, ``</name>`` or a token of a model such as ``<|end|>``. ``a < b``, ``x<y`` and
``<3`` are none. The grammar is strict, so that text is recognised after a word or two; what begins as a tag of SSML and
breaks the grammar is silent up to where it does.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

MAX_TAG_CHARS: Final = 2048  # browsers' limit for a URL, which may stand in a tag

_NAME: Final = r"[A-Za-z][\w:.-]{0,63}"
# Quotes may be those of a typewriter or of a typesetter; text that was JSON once may have a backslash before them.
_ATTRIBUTE: Final = r"""[A-Za-z_:@][\w:.@-]{0,63}\s*=\s*(?:\\?"[^"<>]*"|\\?'[^'<>]*'|[“”][^“”<>]*[“”]|[^\s"'“”<>=]+)"""
_UNVALUED: Final = (
    "allowfullscreen|async|autofocus|autoplay|checked|controls|default|defer|disabled|download|formnovalidate|hidden|"
    "inert|ismap|loop|multiple|muted|nomodule|novalidate|nowrap|open|playsinline|readonly|required|reversed|selected"
)
_ATTRIBUTES: Final = rf"(?:\s+(?:{_ATTRIBUTE}|(?:{_UNVALUED})(?![\w=-])))*"
_BARS: Final = "|｜"

_TAG: Final = re.compile(
    rf"<(?:(?P<address>[A-Za-z][A-Za-z.+-]*://|mailto:|[A-Za-z0-9][\w.%+-]*@)[^\s<>]*>"
    rf"|(?P<open>{_NAME})(?P<attributes>{_ATTRIBUTES})\s*(?P<empty>/?)>"
    rf"|/(?P<close>{_NAME})\s*>"
    rf"|[{_BARS}](?P<token>[^<>{_BARS}\s]{{1,64}})[{_BARS}]>"
    r"|(?P<comment>!--)"
    r"|(?:![A-Za-z\[][^<>]*|\?[A-Za-z][^<>]*|(?P<call>function|tool)=[^\s<>]{1,99}|parameter=[^\s<>]{1,99})>)",
    re.IGNORECASE,
)
_BEGINNING: Final = re.compile(
    rf"<(?:/?|/{_NAME}\s*|[A-Za-z0-9][^\s<>]*"
    rf"|{_NAME}{_ATTRIBUTES}"
    r"""(?:\s+(?:[A-Za-z_:@][\w:.@-]{0,63}(?:\s*=\s*(?:\\?"[^"<>]*|\\?'[^'<>]*|[“”][^“”<>]*|[^\s"'“”<>=]*|\\))?)?)?"""
    rf"\s*/?|[{_BARS}][^<>{_BARS}\s]{{0,64}}[{_BARS}]?|!-?|![A-Za-z\[][^<>]*|\?(?:[A-Za-z][^<>]*)?)\Z",
    re.IGNORECASE,
)
# The part of a broken tag that nobody would want to hear: its name, and attributes up to their first blank.
_BROKEN: Final = re.compile(
    rf"</?(?P<name>{_NAME})(?![^\s/<>])(?:\s+[A-Za-z_:][\w:.-]*\s*=\s*[\\\"'“”]*[^\s<>\"'“”]*[\\\"'“”]*)*\s*/?",
    re.IGNORECASE,
)


# What may yet become another attribute of it.
_BROKEN_GOES_ON: Final = re.compile(r"\s*(?:[A-Za-z_:][\w:.-]*\s*)?\Z")


class Tag(NamedTuple):
    """A tag, recognised.

    Attributes:
        kind: ``open``, ``empty`` (``<br/>``) and ``close`` have a name; a ``token`` has one without its bars; an
            ``address`` stands in angles as in ``<https://…>``; a ``comment`` has only begun; ``other`` is never said.
        name: in small letters but for tokens.
        attributes: as written.
        end: position just past it.
    """

    kind: Literal["open", "empty", "close", "token", "address", "comment", "other", "broken"]
    name: str
    attributes: str
    end: int


def find_tag(text: str, at: int) -> Tag | None:
    """Recognise the tag that begins at the position; None if none does, or not yet."""
    match = _TAG.match(text, at, at + MAX_TAG_CHARS)
    if match is None:
        return None
    end = match.end()
    if match["address"] is not None:
        return Tag("address", "", "", end)
    if match["open"] is not None:
        kind: Literal["open", "empty"] = "empty" if match["empty"] else "open"
        return Tag(kind, match["open"].lower(), match["attributes"], end)
    if match["close"] is not None:
        return Tag("close", match["close"].lower(), "", end)
    if match["token"] is not None:
        return Tag("token", match["token"], "", end)
    if match["call"] is not None:
        return Tag("open", match["call"].lower(), match.group(), end)
    return Tag("other" if match["comment"] is None else "comment", "", "", end)


def may_become_tag(text: str, at: int) -> bool:
    """Tell whether the rest of the text may be the beginning of a tag."""
    return _BEGINNING.match(text, at) is not None


def broken_tag(text: str, at: int) -> Tag | None:
    """Read what began as a tag and is none: its name, and what is not for the ear of it."""
    match = _BROKEN.match(text, at, at + MAX_TAG_CHARS)
    return None if match is None else Tag("broken", match["name"].lower(), "", match.end())


def may_go_on(text: str, end: int) -> bool:
    """Tell whether the rest of the text may belong to a broken tag that ends at the position so far."""
    return _BROKEN_GOES_ON.match(text, end) is not None
