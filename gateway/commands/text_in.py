"""What ``sayline say`` speaks: standard input as it arrives, judged to be text, and cut to what one context holds."""

from __future__ import annotations

import asyncio
import os
import re
from encodings.utf_8 import IncrementalDecoder
from typing import TYPE_CHECKING, Final

from ..errors import BadSettings, GatewayError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_READ_BYTES: Final = 65_536  # what a pipe holds on Linux

_REPLACEMENT: Final = "\ufffd"
# What no text has. Tabs, line ends, backspaces (man pages) and escapes (coloured output) are not odd.
_ODD: Final = (*map(chr, range(8)), *map(chr, range(0x0E, 0x1B)), *map(chr, range(0x1C, 0x20)), "\x7f", _REPLACEMENT)
# Perl's -T takes a file with more than 30 % of odd bytes for binary. Random bytes have over half. German in Latin-1, a
# text with bad bytes here and there, has 5 %. The least number lets a short text with a few bad bytes through.
_ODD_SHARE: Final = 0.3
_LEAST_ODD: Final = 8
_JUDGED_CHARS: Final = 4096  # the judgement is of about this much of the latest text
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")

# A gateway holds 256 KiB for a context unless it was told otherwise; a quarter of that, over an hour of speech, leaves
# room for one that was. From each of these sizes on a part ends at the first such place; a line's end is the best.
_PART_ENDS: Final = (
    (32 * 1024, re.compile(r"\n")),
    (48 * 1024, re.compile(r"\n|[.!?…][\"'”’)\]]*\s|[。！？]")),
    (56 * 1024, re.compile(r"\s")),
)
_MAX_PART_BYTES: Final = 64 * 1024  # and here it ends wherever that is
_TAIL_CHARS: Final = 4  # a full stop, closing quotes and brackets, whose space comes with the next delta


class CannotRead(GatewayError):
    """Standard input is closed, a folder, or failed."""


class NotText(BadSettings):
    """What was to be spoken is no text."""


async def read_as_it_arrives(descriptor: int) -> AsyncIterator[str]:
    """Yield what is written to a file descriptor, as soon as it is, whole characters at a time.

    Bytes that are no UTF-8 become U+FFFD if they are few: say speaks what it can of a stream that has gone wrong.

    Raises:
        NotText: they are many.
        CannotRead: the descriptor failed.
    """
    decoder = IncrementalDecoder("replace")
    judge = _Judge()
    start = b""
    while True:
        await _readable(descriptor)
        try:
            chunk = os.read(descriptor, _READ_BYTES)
        except BlockingIOError:
            continue  # another process made it non-blocking, and read the input
        except OSError as exc:
            raise CannotRead(f"standard input cannot be read: {exc.strerror}") from exc
        if len(start) < len(_UTF16_MARKS[0]):
            start += chunk[:2]
        delta = decoder.decode(chunk, final=not chunk)
        judge.judge(delta, start)
        if delta := delta.removeprefix("\ufeff"):  # a byte order mark, which no voice should try to say
            yield delta
        if not chunk:
            return


async def whole(argument: str) -> AsyncIterator[str]:
    """Yield a text from the command line."""
    # Arguments that are no UTF-8 reach us as lone surrogates, which no message can carry.
    text = argument.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    _Judge().judge(text, b"")
    yield text


async def _readable(descriptor: int) -> None:
    """Wait until a read would not block.

    Watched for one read at a time: a loop goes on to report what it sees until that is read, and to read once more for
    such a report would stop everything, sound included, until the writer writes again.
    """
    loop = asyncio.get_running_loop()
    seen = asyncio.Event()
    try:
        loop.add_reader(descriptor, seen.set)
    except PermissionError:
        return  # a regular file: always readable, so epoll refuses to watch it
    except OSError as exc:
        raise CannotRead(f"standard input cannot be read: {exc.strerror}") from exc
    try:
        await seen.wait()
    finally:
        loop.remove_reader(descriptor)


class _Judge:
    """Tells text from other bytes, by the share of characters that no text has."""

    def __init__(self) -> None:
        self._seen = 0  # characters that count, and
        self._odd = 0  # of them, those that no text has

    def judge(self, delta: str, start: bytes) -> None:
        """Judge what came next.

        Raises:
            NotText: what came lately is mostly not text.
        """
        if self._seen > _JUDGED_CHARS:  # forget half, or an hour of text would excuse a minute of noise
            self._seen //= 2
            self._odd //= 2
        self._seen += len(delta)
        self._odd += sum(map(delta.count, _ODD))
        if self._odd < _LEAST_ODD or self._odd <= _ODD_SHARE * self._seen:
            return
        if start in _UTF16_MARKS:
            raise NotText("the text is UTF-16, and say speaks UTF-8; `iconv -f UTF-16 -t UTF-8` converts it")
        raise NotText(
            f"that is no UTF-8 text: {self._odd} of {self._seen} characters are undecodable or control characters; "
            "if it is text in another encoding, `iconv -f ENCODING -t UTF-8` converts it"
        )


class Parts:
    """A text of any length, as texts that one context holds each; joined they are the text.

    Attributes:
        is_over: the text has ended, and so has its last part.
        has_text: something other than blanks came.
    """

    def __init__(self, deltas: AsyncIterator[str]) -> None:
        self.is_over = False
        self.has_text = False
        self._deltas = deltas
        self._rest = ""  # came with the part before, belongs to the next

    async def next_part(self) -> AsyncIterator[str]:
        """Yield the deltas of the next part; it is read to its end before the one after."""
        size, tail = 0, ""
        while not self.is_over:
            delta, self._rest = self._rest or await anext(self._deltas, ""), ""
            if not delta:
                self.is_over = True
                return
            self.has_text = self.has_text or not delta.isspace()
            end = _part_end(delta, size, tail)
            size += len(delta.encode())
            if end is not None:
                self._rest = delta[end:]
                delta = delta[:end]
            tail = (tail + delta)[-_TAIL_CHARS:]
            if delta:
                yield delta
            if end is not None:
                return


def _part_end(delta: str, size: int, tail: str) -> int | None:
    """Find where a part of ``size`` bytes, which ends in ``tail``, should end inside the next delta, if it should."""
    encoded = delta.encode()
    limits = (*(limit for limit, _ in _PART_ENDS[1:]), _MAX_PART_BYTES)
    for (limit, pattern), next_limit in zip(_PART_ENDS, limits, strict=True):
        if size + len(encoded) <= limit:
            return None
        first, last = (_chars_in(encoded, at - size) for at in (limit, next_limit))
        # The window begins with the tail, to see a sentence's end in it; what ends inside the tail has been sent.
        ends = (found.end() - len(tail) for found in pattern.finditer(tail + delta, first, len(tail) + last))
        if (end := next((end for end in ends if end >= 0), None)) is not None:
            return end
    return None if size + len(encoded) <= _MAX_PART_BYTES else _chars_in(encoded, _MAX_PART_BYTES - size)


def _chars_in(encoded: bytes, count: int) -> int:
    """Count the whole characters in the first ``count`` bytes."""
    return len(encoded[: max(0, count)].decode("utf-8", "ignore"))
