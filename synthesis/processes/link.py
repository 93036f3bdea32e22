"""Typed messages between two processes over one stream socket, the same at both ends.

A message is a named tuple. On the wire it is its kind's number, its fields, and bytes behind them if its last field is
called ``tail``; numbers are in network byte order::

    u8 kind | u32 bytes of fields | u32 bytes of tail | fields | tail

The fields are a JSON list. If all of them are ``int``, ``float`` or ``bool``, they are an i64, an f64 or a byte each
instead: JSON takes twelve times as long (2.2 µs for three numbers), and half a second of sound takes four of these.

Either side begins with ``Hello``: what it speaks, and in which version. If the other side speaks something else, the
link is closed, and the log says why. Times are sent as durations ("runs dry in 1.2 s"), since clocks of two processes
need not agree; samples are little-endian.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

log = logging.getLogger("sayline.processes")

READ_BYTES: Final = 256 * 1024
# Each kind of link says what bounds its messages. If the other end leaves this much unread, that bound is lost: the
# other end hangs, and the link is closed before this process runs out of memory.
MOST_UNSENT_BYTES: Final = 64 * 1024 * 1024
# No message of ours is longer than this: ten minutes of sound are 29 MB.
MOST_BYTES: Final = 64 * 1024 * 1024

_HEAD: Final = struct.Struct("!BII")  # kind, bytes of fields, bytes of tail
_FIXED: Final = {"int": "q", "float": "d", "bool": "?"}  # how fields of these types are packed
_encode: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
_scan: Final = json.JSONDecoder().raw_decode  # cheaper than ``json.loads``: it looks for no blanks and no encoding

type_of_message = type[Any]  # of a NamedTuple class. Any: these classes have no common base but ``tuple``


class LinkBroken(Exception):
    """The other end speaks another protocol or version; the message says which."""


class Hello(NamedTuple):
    """The first message of each side."""

    protocol: str
    version: int


class Alive(NamedTuple):
    """A sign of life of a side that has nothing else to say. Every vocabulary has it, and no handler gets it."""


class Vocabulary:
    """The messages of a kind of link. Knows nothing of sockets.

    Args:
        protocol: what the link is for; part of the hello.
        version: of the messages; raised whenever one of them changes.
        kinds: their classes, NamedTuple each; a message's number is its place here.
    """

    def __init__(self, protocol: str, version: int, *kinds: type_of_message) -> None:
        self.hello = Hello(protocol, version)
        self._kinds: tuple[type_of_message, ...] = (Hello, Alive, *kinds)
        self._numbers = {kind: number for number, kind in enumerate(self._kinds)}
        self._has_tail = [kind._fields[-1:] == ("tail",) for kind in self._kinds]
        self._fixed = [_fixed(kind) for kind in self._kinds]

    def pack(self, message: Any) -> bytes:  # noqa: ANN401 - as in ``type_of_message``
        """Write one message."""
        packed = bytearray()
        self.add(packed, message)
        return bytes(packed)

    def add(self, outgoing: bytearray, message: Any) -> None:  # noqa: ANN401 - as in ``type_of_message``
        """Write one message behind others; its tail is copied once."""
        number = self._numbers[type(message)]
        tail = b""
        if self._has_tail[number]:
            message, tail = message[:-1], message[-1]
        fixed = self._fixed[number]
        fields = _encode(message).encode() if fixed is None else fixed.pack(*message)
        outgoing += _HEAD.pack(number, len(fields), len(tail)) + fields
        outgoing += tail

    def take(self, received: bytearray) -> list[Any]:  # Any: as in ``type_of_message``
        """Take all whole messages off the front of what was received.

        Raises:
            LinkBroken: this is no message of ours.
        """
        messages = []
        start, size = 0, len(received)
        with memoryview(received) as view:  # so that a tail is copied once
            while size - start >= _HEAD.size:
                number, field_bytes, tail_bytes = _HEAD.unpack_from(view, start)
                if number >= len(self._kinds) or field_bytes + tail_bytes > MOST_BYTES:
                    raise LinkBroken(f"a message of kind {number} and {field_bytes + tail_bytes} bytes")
                fields_at = start + _HEAD.size
                tail_at = fields_at + field_bytes
                end = tail_at + tail_bytes
                if end > size:
                    break
                messages.append(self._read(number, bytes(view[fields_at:tail_at]), bytes(view[tail_at:end])))
                start = end
        del received[:start]
        return messages

    def check(self, message: Any) -> None:  # noqa: ANN401 - as above
        """Judge the first message of the other end.

        Raises:
            LinkBroken: it is not our hello.
        """
        if message != self.hello:
            said = (
                " ".join(map(str, message)) if isinstance(message, Hello) else f"begins with {type(message).__name__}"
            )
            raise LinkBroken(f"the other end says {said!r}, this one {self.hello.protocol} {self.hello.version}")

    def receive(self, end: socket.socket) -> Any:  # noqa: ANN401 - as above
        """Wait for the other end's hello and first message, for a process that has nothing else to do yet.

        Raises:
            LinkBroken: the other end is gone, or speaks something else.
        """
        self.check(self._receive_one(end))
        return self._receive_one(end)

    def _receive_one(self, end: socket.socket) -> Any:  # noqa: ANN401 - as above
        head = end.recv(_HEAD.size, socket.MSG_WAITALL)
        size = sum(_HEAD.unpack(head)[1:]) if len(head) == _HEAD.size else 0
        body = end.recv(size, socket.MSG_WAITALL) if size else b""
        messages = self.take(bytearray(head + body))
        if not messages:
            raise LinkBroken("it ended before its first message")
        return messages[0]

    def _read(self, number: int, packed: bytes, tail: bytes) -> Any:  # noqa: ANN401 - as above
        kind, fixed = self._kinds[number], self._fixed[number]
        try:
            fields = _scan(packed.decode())[0] if fixed is None else fixed.unpack(packed)
            return kind(*fields, tail) if self._has_tail[number] else kind(*fields)
        except (ValueError, TypeError, struct.error) as error:
            raise LinkBroken(f"not a {kind.__name__}: {error}") from error


def _fixed(kind: type_of_message) -> struct.Struct | None:
    """Tell how the fields of a message are packed that all have a fixed size; None if some have not."""
    types = dict(kind.__annotations__)
    types.pop("tail", None)
    # An annotation is a type, or what stands in the source if its module postpones the evaluation.
    names = [getattr(said, "__forward_arg__", getattr(said, "__name__", "")) for said in types.values()]
    formats = [_FIXED.get(name) for name in names]
    return None if None in formats else struct.Struct("!" + "".join(filter(None, formats)))


def _ignore() -> None:
    pass


class Link:
    """One end of a link, in an event loop. Messages of one turn of the loop leave in one write; nothing here waits.

    Args:
        end: the socket; owned and closed here.
        vocabulary: what is spoken.
        received: called with each message but hello and signs of life. If it raises, the link breaks: then both ends
            know that what they owe each other does not come.
        closed: called once when the other end is gone or broken, and not after ``close``; what it said before that was
            handed out.
        greeted: called when the other end has said hello.
        heard: called whenever it has said anything.
        is_greeted: it has said hello already (``Vocabulary.receive``).
    """

    def __init__(
        self,
        end: socket.socket,
        vocabulary: Vocabulary,
        received: Callable[[Any], None],
        closed: Callable[[], None],
        *,
        greeted: Callable[[], None] = _ignore,
        heard: Callable[[], None] = _ignore,
        is_greeted: bool = False,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        end.setblocking(False)
        self._socket = end
        self._vocabulary = vocabulary
        self._received = received
        self._closed = closed
        self._greeted = greeted
        self._heard = heard
        self._incoming = bytearray()
        self._buffer = memoryview(bytearray(READ_BYTES))  # kept: a fresh one for each read leaves holes in the heap
        self._outgoing = bytearray(vocabulary.pack(vocabulary.hello))
        self._is_flush_due = True
        self._is_full = False  # the socket is, and the loop tells when it is not
        self._is_greeted = is_greeted
        self._is_closed = False
        self._loop.add_reader(end, self._read)
        self._loop.call_soon(self._flush)

    @property
    def is_closed(self) -> bool:
        """Nothing can be sent any more."""
        return self._is_closed

    @property
    def unsent_bytes(self) -> int:
        """What the other end has not taken yet."""
        return len(self._outgoing)

    def send(self, message: Any) -> None:  # noqa: ANN401 - see ``type_of_message``
        """Send a message with the others of this turn of the loop; drop it if the other end is gone."""
        if self._is_closed:
            return
        self._vocabulary.add(self._outgoing, message)
        if not (self._is_flush_due or self._is_full):
            self._is_flush_due = True
            self._loop.call_soon(self._flush)
        elif len(self._outgoing) > MOST_UNSENT_BYTES:
            self._break("the other end does not read")

    def close(self) -> None:
        """Send what the socket takes at once, and hang up; idempotent."""
        if not self._is_closed:
            self._flush()
            self._detach()

    def _detach(self) -> None:
        self._is_closed = True
        self._loop.remove_reader(self._socket)
        if self._is_full:
            self._loop.remove_writer(self._socket)
        self._socket.close()
        self._outgoing.clear()

    def _flush(self) -> None:
        self._is_flush_due = False
        if self._is_closed:
            return
        try:
            sent = self._socket.send(self._outgoing)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it is gone; the reader sees it, after what it said last
        del self._outgoing[:sent]
        if bool(self._outgoing) != self._is_full:
            self._is_full = not self._is_full
            if self._is_full:
                self._loop.add_writer(self._socket, self._flush)
            else:
                self._loop.remove_writer(self._socket)

    def _read(self) -> None:
        try:
            count = self._socket.recv_into(self._buffer)
        except BlockingIOError:
            return
        except OSError:
            count = 0
        if not count:
            self._detach()
            self._closed()
            return
        self._heard()
        self._incoming += self._buffer[:count]
        try:
            self._hand_out(self._vocabulary.take(self._incoming))
        except LinkBroken as error:
            self._break(str(error))
        except Exception:
            # Our own fault. The other end counts on this message, and could wait for what comes of it for ever.
            log.exception("the link to a process broke: a message could not be handled")
            self._give_up()

    def _hand_out(self, messages: list[Any]) -> None:  # Any: as in ``type_of_message``
        if messages and not self._is_greeted:
            self._vocabulary.check(messages.pop(0))
            self._is_greeted = True
            self._greeted()
        for message in messages:
            if not (self._is_closed or type(message) is Alive):
                self._received(message)

    def _break(self, why: str) -> None:
        log.error("the link to a process broke: %s", why)
        self._give_up()

    def _give_up(self) -> None:
        if not self._is_closed:
            self._detach()
            self._loop.call_soon(self._closed)  # a sender does not expect to be called back within its call
