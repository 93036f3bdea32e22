"""WebSocket frames of our own writing: what the library's own reader takes from them."""

import pytest
from websockets.client import ClientProtocol
from websockets.frames import Opcode
from websockets.protocol import State
from websockets.uri import parse_uri

from sayline.gateway.serving.server_frames import binary_messages, text_message


def read(data):
    """What a client that is connected makes of these bytes."""
    client = ClientProtocol(parse_uri("ws://localhost/"), state=State.OPEN, max_size=None)
    client.receive_data(data)
    assert client.parser_exc is None
    return [(frame.opcode, frame.data, frame.fin) for frame in client.events_received()]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 127, 0xFFFF, 0x10000], ids=lambda length: f"{length} bytes")
def test_a_client_reads_messages_of_any_length(length):
    text, packet = "x" * length, bytes(length)
    assert read(b"".join(text_message(text))) == [(Opcode.TEXT, text.encode(), True)]
    assert read(b"".join(binary_messages([packet]))) == [(Opcode.BINARY, packet, True)]


def test_several_messages_follow_each_other():
    packets = [b"one", bytes(200), b""]
    assert [data for _, data, _ in read(b"".join(binary_messages(packets)))] == packets


def test_text_is_utf_8():
    assert read(b"".join(text_message("Grüße, 世界"))) == [(Opcode.TEXT, "Grüße, 世界".encode(), True)]
