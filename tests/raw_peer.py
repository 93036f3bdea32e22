"""A WebSocket peer without a library, so that it can do what no library does: send and never read, or read nothing."""

import base64
import contextlib
import os
import socket
import struct

from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL

_FINAL_TEXT, _FINAL_BINARY, _FINAL_PING = 0x81, 0x82, 0x89
_FIRST_TEXT, _CONTINUATION, _MASKED = 0x01, 0x00, 0x80
SMALL_WINDOW_BYTES = 4096  # the kernel doubles it
PATIENCE_S = 20


class RawPeer:
    """One socket to a server on this machine. Whatever it sends, it does not wait for longer than ``PATIENCE_S``."""

    def __init__(self, port, *, receive_buffer=SMALL_WINDOW_BYTES):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(handshake(port))
        answer = b""
        while b"\r\n\r\n" not in answer:
            if not (received := self.socket.recv(1)):
                raise ConnectionRefusedError(answer)
            answer += received
        if not answer.startswith(b"HTTP/1.1 101 "):
            raise ConnectionRefusedError(answer)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, text):
        self.socket.sendall(text_frame(text))

    def send_without_reading(self, text, times, *, patience_s=2.0):
        """Send a message so often, or until the server has taken nothing for some seconds."""
        self.send_bytes_without_reading(text_frame(text) * times, patience_s=patience_s)

    def send_bytes_without_reading(self, content, *, patience_s=2.0):
        self.socket.settimeout(patience_s)
        with contextlib.suppress(TimeoutError, ConnectionError):
            self.socket.sendall(content)

    def until_closed(self):
        """Read until the server has closed the connection."""
        self.socket.settimeout(PATIENCE_S)
        with contextlib.suppress(ConnectionError):
            while self.socket.recv(1 << 16):
                pass


def handshake(port, **headers):
    """The head of an upgrade, as bytes; headers replace its own, None leaves one out."""
    lines = {
        "Host": f"127.0.0.1:{port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": SUBPROTOCOL,
        **headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value is not None)
    return f"GET {ENDPOINT} HTTP/1.1\r\n{head}\r\n".encode()


def text_frame(text):
    """Mask with zeros: what is sent is what is written."""
    return _frame(_FINAL_TEXT, text.encode())


def binary_frame(content):
    return _frame(_FINAL_BINARY, content)


def ping_frame(content):
    """A ping of WebSocket's own, which the server's library answers by itself."""
    return _frame(_FINAL_PING, content)


def empty_fragments(how_many):
    """The beginning of a message that never ends."""
    return _frame(_FIRST_TEXT, b"") + _frame(_CONTINUATION, b"") * how_many


def _frame(first, payload):
    length = len(payload)
    if length < 126:
        head = struct.pack(">BB", first, _MASKED | length)
    elif length < 1 << 16:
        head = struct.pack(">BBH", first, _MASKED | 126, length)
    else:
        head = struct.pack(">BBQ", first, _MASKED | 127, length)
    return head + b"\0\0\0\0" + payload
