"""A program: one hostile peer. ``python attacks.py NAME PORT``; ``on`` and ``off`` on standard input begin and end it.

Each attack is a function that does one round, which takes a second or less; rounds follow each other while it is on.
What it does is bounded, and it is polite to this machine alone: its own work has the lowest priority, since a real
attacker has a machine of his own.
"""

import contextlib
import itertools
import json
import os
import select
import socket
import sys
import time

from raw_peer import RawPeer, binary_frame, empty_fragments, handshake, ping_frame, text_frame

ROUND_S = 0.5
PROSE = "The quick brown fox jumps over the lazy dog, and nobody is surprised by it. " * 213  # some 16 KiB
BRACKETS = "[" * 16_000
_number = itertools.count()


def text(content, context_id):
    return text_frame(json.dumps({"type": "text", "context_id": context_id, "text": content}))


def message(kind, **fields):
    return text_frame(json.dumps({"type": kind, **fields}))


def flood(port, frame, *, times=20_000):
    """Send as many of this as the server takes, read nothing, leave."""
    with RawPeer(port) as peer:
        peer.send_bytes_without_reading(frame * times, patience_s=ROUND_S)


def exchange(port, content):
    """Send all this and read whatever comes, for a while; then leave."""
    with contextlib.suppress(ConnectionError), RawPeer(port, receive_buffer=1 << 18) as peer:
        send_and_read(peer.socket, content)


def send_and_read(sock, content, *, for_s=ROUND_S):
    sock.setblocking(False)
    left, end = memoryview(content), time.monotonic() + for_s
    while (patience_s := end - time.monotonic()) > 0:
        readable, writable, _ = select.select([sock], [sock] if left else [], [], patience_s)
        if readable and not sock.recv(1 << 16):
            return
        if writable:
            left = left[sock.send(left) :]


def pings(port):
    flood(port, message("ping"))


def pings_of_the_library(port):
    flood(port, ping_frame(b"x" * 125), times=40_000)


def fragments(port):
    """Of a message that never ends."""
    with RawPeer(port) as peer:
        peer.send_bytes_without_reading(empty_fragments(50_000), patience_s=ROUND_S)


def empty_objects(port):
    flood(port, text_frame("{}"))


def updates_unread(port):
    flood(port, message("session.update", max_lead_ms=500), times=3000)


def invalid_json(port):
    exchange(port, text_frame('{"type": [[[{"a": "\\ud800') * 3000)


def binary_messages(port):
    exchange(port, binary_frame(b"\0" * 40) * 5000)


def prose(port):
    """The deltas of one context: the server may speak them, and must not read them all at once."""
    exchange(port, b"".join(text(PROSE, "c") for _ in range(15)))


def brackets(port):
    exchange(port, b"".join(text(BRACKETS, "c") for _ in range(15)))


def prose_and_away(port):
    """Nobody is there to hear it."""
    with RawPeer(port) as peer:
        peer.send_bytes_without_reading(b"".join(text(PROSE, "c") for _ in range(15)), patience_s=ROUND_S)


def brackets_and_away(port):
    with RawPeer(port) as peer:
        peer.send_bytes_without_reading(b"".join(text(BRACKETS, "c") for _ in range(15)), patience_s=ROUND_S)


def updates_with_new_values(port):
    content = b"".join(
        message("session.update", bitrate=6000 + next(_number) % 500_000, sample_rate=8000 + next(_number) % 40_000)
        for _ in range(2000)
    )
    exchange(port, content)


def largest_messages(port):
    """As large as the server takes, each character of them written in six bytes; and one that is larger."""
    escaped = text_frame('{"type":"text","context_id":"c","text":"' + "\\u0041" * 16_000 + '"}')
    exchange(port, escaped * 15 + text_frame("x" * 1_000_000))


def forged_ids(port):
    ids = ["a\n21:05:31.204 error forged", "b\x1b[2J", "c\x9b31m", "d\r", "e\u2028x", "f" * 128]
    content = b"".join(
        message("context.start", context_id=f"{forged}{next(_number)}"[:128])
        + text("Hi.", f"{forged}{next(_number)}"[:128])
        for forged in ids * 10
    )
    exchange(port, content)


def cancels(port):
    content = b"".join(
        message("context.start", context_id=f"c{number}")
        + text("Hello there, this is begun and never heard. ", f"c{number}")
        + message("context.cancel", context_id=f"c{number}", played_ms=0)
        for number in range(300)
    )
    exchange(port, content)


def connects(port):
    end = time.monotonic() + ROUND_S
    while time.monotonic() < end:
        with contextlib.suppress(ConnectionError, TimeoutError), RawPeer(port):
            pass
        with contextlib.suppress(ConnectionError), socket.create_connection(("127.0.0.1", port)) as bare:
            bare.sendall(handshake(port))


_BAD_HEADERS = (
    {"Origin": "http://["},
    {"Host": "a\r\nHost: b"},
    {"Origin": "http://a\r\nOrigin: http://b"},
    {"Authorization": "Bearer a\r\nAuthorization: Bearer b"},
    {"Sec-WebSocket-Key": "short"},
    {"Sec-WebSocket-Protocol": None},
    {"Content-Length": "99999999999999999999"},
    {"X-Long": "x" * 20_000},
)


def bad_headers(port):
    end = time.monotonic() + ROUND_S
    for headers in itertools.cycle(_BAD_HEADERS):
        if time.monotonic() > end:
            return
        heads = (
            handshake(port, **headers),
            b"GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\nAccept-Encoding: x\r\nAccept-Encoding: y\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        )
        for head in heads:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=ROUND_S) as bare:
                bare.sendall(head)
                bare.recv(100)


def slow_heads(port):
    """Two hundred handshakes, a byte at a time, and pages in the same way; none ever ends."""
    with contextlib.ExitStack() as closing:
        sockets = [closing.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(200)]
        end = time.monotonic() + 2 * ROUND_S
        for byte in handshake(port):
            for bare in sockets:
                with contextlib.suppress(OSError):
                    bare.sendall(bytes([byte]))
            if time.monotonic() > end:
                return


def tiny_windows(port):
    """Eight contexts of PCM through a window of 4 KiB, read a little at a time."""
    names = [f"c{number}" for number in range(8)]
    content = message("session.update", format="pcm_s16le", sample_rate=48_000, max_lead_ms=0)
    content += b"".join(text("Hello there, who listens to this? " * 20, name) for name in names)
    with contextlib.suppress(ConnectionError), RawPeer(port) as peer:
        peer.socket.sendall(content)
        end = time.monotonic() + 2 * ROUND_S
        while time.monotonic() < end and peer.socket.recv(512):
            pass


def paused_listeners(port):
    """Contexts whose listener says it hears nothing more: they hold what they have."""
    content = b"".join(
        text("Hello there, this is to be heard later. " * 20, f"c{number}")
        + message("context.end", context_id=f"c{number}")
        for number in range(16)
    )
    reports = b"".join(
        message("playback", context_id=f"c{number}", played_ms=0, buffered_ms=10_000) for number in range(16)
    )
    exchange(port, content + reports * 50)


ATTACKS = {
    attack.__name__: attack
    for attack in (
        pings,
        pings_of_the_library,
        fragments,
        empty_objects,
        updates_unread,
        invalid_json,
        binary_messages,
        prose,
        brackets,
        prose_and_away,
        brackets_and_away,
        updates_with_new_values,
        largest_messages,
        forged_ids,
        cancels,
        connects,
        bad_headers,
        slow_heads,
        tiny_windows,
        paused_listeners,
    )
}


def is_told():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main(name, port):
    os.nice(19)
    while sys.stdin.readline():  # on
        rounds = 0
        answer(rounds)
        while not is_told():
            with contextlib.suppress(ConnectionError, TimeoutError):  # refused, or the server is at its end
                ATTACKS[name](port)
                rounds += 1
        sys.stdin.readline()  # off, or the end
        answer(rounds)


def answer(rounds):
    sys.stdout.write(f"{rounds}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
