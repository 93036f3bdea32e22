"""The text that a caller gives: what is accepted as one, and how it becomes deltas that the wire can carry."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Final

from .client_errors import BadArgument

if TYPE_CHECKING:
    # A chat API's chunks may be empty or None, the last one as a rule: they are passed over.
    Text = str | AsyncIterable[str | None] | Iterable[str | None]

_END: Final = None, "no more"  # like nothing that a source gives
_WANTED: Final = "text is a str, or gives the deltas of one: an async iterable, a generator, a list"


def check_text(text: object) -> None:
    """Refuse what is no text, when it is given and not when it is spoken.

    Raises:
        BadArgument: it is none; says what it is, and what helps.
    """
    if isinstance(text, str):
        return
    kind = type(text).__name__
    if isinstance(text, bytes | bytearray | memoryview):
        raise BadArgument(f"text: {kind} is not text yet; decode it")
    if inspect.iscoroutine(text):
        text.close()  # or Python warns that nobody awaited it
        raise BadArgument(f"text: a coroutine is not text yet; await it. {_WANTED}")
    if inspect.isroutine(text):
        raise BadArgument(f"text: a function is not text; call it. {_WANTED}")
    if isinstance(text, Mapping) or not isinstance(text, AsyncIterable | Iterable):
        raise BadArgument(f"text: {kind} is not text; {_WANTED}")


def checked_delta(delta: object) -> str:
    """Return a delta; an empty text for one that says nothing.

    Raises:
        BadArgument: it is no text.
    """
    if delta is None:
        return ""
    if not isinstance(delta, str):
        raise BadArgument(f"text: a delta is a str, not {type(delta).__name__}")
    return delta


async def deltas_of(text: Text) -> AsyncGenerator[str, None]:
    """Yield a text delta by delta, without those that say nothing.

    A source is closed as soon as nobody wants more of it. One that is not asynchronous may wait, as the stream of a
    chat API does, and is asked in a thread, so that it holds nobody else up; a list cannot wait.

    Raises:
        BadArgument: the source gave what is no text.
    """
    if isinstance(text, str):
        text = [text]
    if isinstance(text, AsyncGenerator):
        async with aclosing(text):
            async for delta in text:
                if checked := checked_delta(delta):
                    yield checked
    elif isinstance(text, AsyncIterable):
        async for delta in text:
            if checked := checked_delta(delta):
                yield checked
    elif isinstance(text, Collection):
        for delta in text:
            if checked := checked_delta(delta):
                yield checked
    else:
        iterator = iter(text)
        while (given := await asyncio.to_thread(next, iterator, _END)) is not _END:
            if checked := checked_delta(given):
                yield checked


class WholeCharacters:
    """Puts characters together that were cut: half a surrogate pair is no Unicode text, and the wire takes none.

    Such halves come from sources that count in UTF-16, as JSON's escapes do. A half whose partner never comes is spoken
    as U+FFFD, which says nothing, rather than losing the speech.
    """

    def __init__(self) -> None:
        self._half = ""  # the first half of a character, whose second is still to come

    def take(self, delta: str) -> str:
        """Add a delta; returns what is whole by now."""
        text = self._half + delta
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        if self._half:
            text = text[:-1]
        if text.isascii():
            return text
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
