"""A listener whose socket is full reads slowly, or not at all: the first is served, the second is closed."""

import json
import time

from raw_peer import RawPeer
from server_process import ServerProcess

SLOW_CLIENT_S = 2.0
READ_BYTES, EVERY_S = 4096, 0.05  # 80 KB/s, less than the 96 KB/s that one context of this PCM makes a second
FOR_S = 4 * SLOW_CLIENT_S


def test_a_peer_that_reads_slowly_and_all_the_time_is_not_closed_as_one_that_does_not_read():
    """What eight contexts have ready is written at once, and takes this peer longer than ``slow_client_s``."""
    with ServerProcess("--slow-client-s", str(SLOW_CLIENT_S)) as server, RawPeer(server.port) as peer:
        peer.send(
            json.dumps({"type": "session.update", "format": "pcm_s16le", "sample_rate": 48_000, "max_lead_ms": 0})
        )
        for number in range(8):
            text = "This sentence is one of many, and there is another one after it. " * 20
            peer.send(json.dumps({"type": "text", "context_id": f"c{number}", "text": text}))
        end = time.monotonic() + FOR_S
        while time.monotonic() < end:
            assert peer.socket.recv(READ_BYTES), "it was closed"
            time.sleep(EVERY_S)
        peer.send(json.dumps({"type": "ping"}))
        while (received := peer.socket.recv(1 << 16)) and b'"pong"' not in received:
            pass
        assert received, "it was closed"
