"""What a peer sends at once is parsed a little at a time: no other client waits, nothing is lost, little is held."""

import asyncio
import json
from functools import partial

from raw_http import UPGRADE
from raw_peer import RawPeer, empty_fragments, ping_frame, text_frame
from server_process import ServerProcess
from websockets.asyncio.server import serve
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.serving.front_door import Newcomers
from sayline.gateway.serving.sliced_reading import SlicedConnection

PINGS = 3000


async def test_thousands_of_messages_in_one_write_are_all_obeyed_in_their_order():
    with ServerProcess("--engine", "tone") as server:
        async with await WirePeer.join(server.url) as peer:
            ids = [f"c{number}" for number in range(PINGS)]
            unused = b"".join(
                text_frame(json.dumps({"type": "playback", "context_id": name, "played_ms": -1, "buffered_ms": 0}))
                for name in ids
            )
            peer.websocket.transport.write(unused)
            peer.websocket.transport.write(text_frame(json.dumps({"type": "ping"})))
            while not (peer.others and peer.others[-1]["type"] == "pong"):
                await peer.take()
        answered = [name for name in ids if peer.heard(name).errors]
        assert answered in ([], ids), "each gets the same, and the pong comes last"


async def test_a_message_of_many_slices_arrives_whole():
    with ServerProcess("--engine", "tone") as server:
        async with await WirePeer.join(server.url) as peer:
            await peer.send("session.update", max_lead_ms=0)
            text = "One two three four five six seven. " * 400
            await peer.speak(text)
            heard = await peer.listen()
            assert heard.done["text_spoken"] == text


async def test_the_librarys_answers_to_pings_do_not_pile_up_for_a_peer_that_reads_nothing():
    with ServerProcess("--engine", "tone") as server, RawPeer(server.port) as peer:
        before = server.private_bytes
        peer.send_bytes_without_reading(ping_frame(b"x" * 125) * 400_000)
        assert server.private_bytes - before < 20_000_000, "of 52 MB: half of it is what any first peer costs"


async def test_a_message_in_more_fragments_than_any_client_s_ends_its_connection():
    with ServerProcess("--engine", "tone") as server:
        with RawPeer(server.port) as peer:
            before = server.private_bytes
            peer.send_bytes_without_reading(empty_fragments(500_000))
            assert server.private_bytes - before < 20_000_000
            peer.until_closed()
        async with asyncio.timeout(PATIENCE_S):
            while (await server.health())["connections"]:
                await asyncio.sleep(0.05)


async def test_a_message_in_as_many_fragments_as_it_may_have_is_obeyed():
    with ServerProcess("--engine", "tone") as server:
        async with await WirePeer.join(server.url) as peer:
            pieces = ["", *json.dumps({"type": "ping"}), *[""] * 900]
            await peer.websocket.send(pieces)
            assert (await peer.take())["type"] == "pong"


async def test_a_peer_that_does_not_read_the_answer_to_its_handshake_is_hung_up_on():
    """The library's own time for a handshake is off: it also ran while the server had not come to the answer."""
    newcomers = Newcomers()
    options = {
        "create_connection": partial(SlicedConnection, newcomers=newcomers, blocked_s=0.1),
        "open_timeout": None,
        # As the transport says of a connection on which the answers to other requests lie unread.
        "process_request": lambda websocket, _: websocket.pause_writing(),
    }
    async with serve(lambda _: None, "127.0.0.1", 0, **options) as listener, asyncio.timeout(PATIENCE_S):
        reader, writer = await asyncio.open_connection(*listener.sockets[0].getsockname())
        writer.write(f"GET / HTTP/1.1\r\nHost: localhost\r\n{UPGRADE}\r\n".encode())
        await reader.read()
        await newcomers.answered()
        writer.close()
