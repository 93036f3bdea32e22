"""The text that a caller gives: what is accepted as text, and how it becomes deltas that the wire can carry."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator, AsyncIterable, Collection, Generator, Iterable, Mapping
from contextlib import aclosing
from contextvars import copy_context
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Final

from .errors import BadArgument

if TYPE_CHECKING:
    from collections.abc import Iterator

    # A chat API's chunks may be empty or None, the last one as a rule: they are passed over.
    Text = str | AsyncIterable[str | None] | Iterable[str | None]

_END: Final = None, "no more"  # unlike anything that a source gives
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
        text.close()  # otherwise Python warns that it was never awaited
        raise BadArgument(f"text: a coroutine is not text yet; await it. {_WANTED}")
    if inspect.isroutine(text):
        raise BadArgument(f"text: a function is not text; call it. {_WANTED}")
    if isinstance(text, Mapping) or not isinstance(text, AsyncIterable | Iterable):
        raise BadArgument(f"text: {kind} is not text; {_WANTED}")


def checked_delta(delta: object) -> str:
    """Return a delta; empty for a delta that says nothing.

    Raises:
        BadArgument: it is no text.
    """
    if delta is None:
        return ""
    if not isinstance(delta, str):
        raise BadArgument(f"text: a delta is a str, not {type(delta).__name__}")
    return delta


async def deltas_of(text: Text) -> AsyncGenerator[str, None]:
    """Yield a text delta by delta, without deltas that say nothing.

    The source is closed as soon as its consumer stops. A source that is not asynchronous may block, as the stream of a
    chat API does, so it is read in a thread and delays no other speech. A list cannot block.

    Raises:
        BadArgument: the source gave a value that is no text.
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
        async with aclosing(_asked_in_thread(text)) as deltas:
            async for delta in deltas:
                if checked := checked_delta(delta):
                    yield checked


async def _asked_in_thread(source: Iterable[object]) -> AsyncGenerator[object, None]:
    """Yield the items of a source that may block; one thread of its own reads it, and closes it at the end.

    If the source never answers, the thread ends with the program: nothing could interrupt it.
    """
    loop = asyncio.get_running_loop()
    wanted: SimpleQueue[asyncio.Future[object] | None] = SimpleQueue()

    def answer(asked: asyncio.Future[object], given: object, failure: BaseException | None) -> None:
        if asked.done():  # cancelled: the consumer no longer waits for it
            return
        if failure is None:
            asked.set_result(given)
        else:
            asked.set_exception(failure)

    def ask() -> None:
        iterator: Iterator[object] | None = None
        while (asked := wanted.get()) is not None:
            given: object = _END
            failure = None
            try:
                iterator = iter(source) if iterator is None else iterator
                given = next(iterator, _END)
            except BaseException as exc:  # noqa: BLE001 - not swallowed: the consumer gets it
                failure = exc
            with contextlib.suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(answer, asked, given, failure)
        if isinstance(iterator, Generator):
            iterator.close()

    Thread(target=copy_context().run, args=(ask,), name="sayline source of text", daemon=True).start()
    try:
        while True:
            asked: asyncio.Future[object] = loop.create_future()
            wanted.put(asked)
            if (given := await asked) is _END:
                return
            yield given
    finally:
        wanted.put(None)


class WholeCharacters:
    """Joins characters that were cut: half a surrogate pair is no Unicode text, and the wire takes none.

    Such halves come from sources that count in UTF-16, as JSON's escapes do. If the partner of a half never comes, the
    half is spoken as U+FFFD, which has no sound, so that the speech goes on.
    """

    def __init__(self) -> None:
        self._half = ""  # the first half of a character whose second half has not come

    def take(self, delta: str) -> str:
        """Add a delta; returns what is whole by now."""
        text = self._half + delta
        self._half = text[-1] if text and "\ud800" <= text[-1] <= "\udbff" else ""
        if self._half:
            text = text[:-1]
        if text.isascii():
            return text
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
