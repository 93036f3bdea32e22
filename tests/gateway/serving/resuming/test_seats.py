"""Who may have a conversation back whose socket broke, for how long it waits, and what it gives up for others."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S, WirePeer

from sayline.gateway.dialects.tts_v1.messages import ENDPOINT, SUBPROTOCOL
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server

TEXT = "One two three four five six seven eight nine ten. " * 40  # far more than a full lead
KEY = {"Authorization": "Bearer a"}


@asynccontextmanager
async def server(**settings):
    async with running_server(Settings(**{"port": 0, "engine": "tone"} | settings)) as running:
        yield running


async def answer(peer):
    """The next message on a peer's socket."""
    return json.loads(await asyncio.wait_for(peer.websocket.recv(), PATIENCE_S))


async def joined(running, headers=None, **wishes):
    """A peer who has asked that its conversation outlive its socket, and who hears a long text."""
    peer = await WirePeer.join(running.url, additional_headers=headers)
    await peer.send("session.update", resume=True, **wishes)
    peer.ready = await answer(peer)
    peer.received = 1
    await peer.speak(TEXT)
    while not peer.contexts or not peer.heard().frames:
        await peer.take()
        peer.received += 1
    return peer


async def break_off(running, peer):
    """Let the peer's socket end without a word, and wait until the gateway has seen it."""
    peer.websocket.transport.abort()
    await peer.websocket.wait_closed()
    await until(lambda: running.waiting_conversations or not running.load().connections)


async def come_back(running, peer, headers=None, **changed):
    """Ask for the peer's conversation on another socket; returns that and the gateway's answer."""
    session_id = peer.ready["session_id"]
    address = f"{running.url}{ENDPOINT}?resume={session_id}"
    socket = await connect(address, subprotocols=[SUBPROTOCOL], compression=None, additional_headers=headers)
    again = WirePeer(socket)
    again.contexts, again.channels = peer.contexts, peer.channels
    again.ready = await answer(again)
    wish = {"session_id": session_id, "token": peer.ready["resume"]["token"], "received": peer.received}
    await again.send("session.resume", **wish | changed)
    return again, await answer(again)


async def until(holds):
    """Wait until something holds that no event tells."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)


async def test_a_conversation_goes_on_where_its_socket_broke():
    async with server(max_lead_ms=0) as running:
        peer = await joined(running)
        await break_off(running, peer)
        again, told = await come_back(running, peer)
        assert told == {"type": "session.resumed", "session_id": peer.ready["session_id"], "received": 2}
        async with again:
            heard = await again.listen()
        assert heard.done["text_spoken"] == TEXT
        assert [frame.sequence for frame in heard.frames] == list(range(len(heard.frames)))
        await until(lambda: running.load().connections == 0)


async def test_a_socket_that_the_gateway_still_takes_for_alive_is_replaced():
    """The client's network changed, and nobody told the gateway."""
    async with server(max_lead_ms=0) as running:
        peer = await joined(running)
        again, told = await come_back(running, peer)
        assert told["type"] == "session.resumed"
        async with again:
            assert (await again.listen()).done["text_spoken"] == TEXT
        assert (await peer.until_closed()).rcvd is None


@pytest.mark.parametrize(
    "changed",
    [{"token": "guessed"}, {"session_id": "0123456789abcdef"}, {"received": 10**6}, {"received": 0}],
    ids=["another token", "another session", "more than was sent", "what is kept no longer"],
)
async def test_who_cannot_have_it_learns_so_and_speaks_on_the_new_socket(changed):
    async with server(max_lead_ms=0) as running:
        peer = await joined(running, format="pcm_f32le", sample_rate=48_000)
        await peer.listen()  # megabytes have left by now
        await break_off(running, peer)
        again, told = await come_back(running, peer, **changed)
        assert (told["type"], told["code"], told["retryable"]) == ("error", "resume_failed", False)
        async with again:
            await again.speak("One.", "d")
            assert (await again.listen("d")).done["reason"] == "end"


async def test_only_the_key_and_the_origin_that_began_it_may_resume_it():
    settings = {"api_keys": ("a", "b"), "allow_origins": ("https://one.example", "https://two.example")}
    async with server(**settings) as running:
        page = {**KEY, "Origin": "https://one.example"}
        peer = await joined(running, page)
        await break_off(running, peer)
        for strange in ({**page, "Authorization": "Bearer b"}, {**page, "Origin": "https://two.example"}, KEY):
            again, told = await come_back(running, peer, strange)
            async with again:
                assert told["code"] == "resume_failed", strange
        again, told = await come_back(running, peer, page)
        async with again:
            assert told["type"] == "session.resumed"


async def test_without_the_wish_a_broken_socket_ends_the_conversation_at_once():
    async with server() as running:
        peer = await WirePeer.join(running.url)
        assert "resume" in peer.ready["features"]
        assert "resume" not in peer.ready
        await peer.speak(TEXT)
        await peer.take()
        peer.websocket.transport.abort()
        await until(lambda: running.load().connections == running.load().requests == 0)
        assert running.waiting_conversations == 0


async def test_a_clean_close_ends_the_conversation_at_once():
    async with server() as running:
        peer = await joined(running)
        await peer.websocket.close()
        await until(lambda: running.load().connections == running.load().requests == 0)
        _, told = await come_back(running, peer)
        assert told["code"] == "resume_failed"


async def test_nobody_is_waited_for_longer_than_the_setting_says():
    async with server(resume_s=0.2) as running:
        peer = await joined(running)
        assert peer.ready["resume"]["seconds"] == pytest.approx(0.2)
        await break_off(running, peer)
        await until(lambda: running.load().connections == running.load().requests == 0)
        _, told = await come_back(running, peer)
        assert told["code"] == "resume_failed"


@pytest.mark.parametrize("settings", [{"resume_s": 0}, {"workers": 2}], ids=["off", "of several workers"])
async def test_a_gateway_that_cannot_resume_offers_nothing(settings):
    async with server(**settings) as running:
        peer = await WirePeer.join(running.url)
        async with peer:
            await peer.send("session.update", resume=True)
            ready = await answer(peer)
            assert "resume" not in ready["features"]
            assert "resume" not in ready


async def test_a_conversation_that_waits_is_the_first_to_go_if_there_is_no_room():
    async with server(max_connections=2) as running:
        first, second = await joined(running), await joined(running)
        await break_off(running, first)
        newcomer = await WirePeer.join(running.url)
        async with newcomer, second:
            with pytest.raises(InvalidStatus):
                await come_back(running, first)
            await newcomer.speak("One.")
            assert (await newcomer.listen()).done["reason"] == "end"


async def test_a_full_gateway_has_room_for_who_comes_back():
    async with server(max_connections=1, max_concurrent_requests=1) as running:
        peer = await joined(running)
        await break_off(running, peer)
        again, told = await come_back(running, peer)
        async with again:
            assert told["type"] == "session.resumed"


async def test_a_gateway_that_drains_waits_for_nobody():
    async with server(drain_s=0.3) as running:
        peer = await joined(running)
        await break_off(running, peer)
        await asyncio.wait_for(running.drain(), PATIENCE_S)
        assert running.load().connections == 0


async def test_while_it_waits_it_sends_no_sound_beyond_its_lead():
    async with server(max_lead_ms=300) as running:
        peer = await joined(running)
        before = peer.heard().frames[-1]
        await break_off(running, peer)
        await asyncio.sleep(1.0)  # a client that is away for a second
        again, _ = await come_back(running, peer)
        async with again:
            at_once = []
            while True:
                told = await again.take()
                if not isinstance(told, dict):
                    at_once.append(told)
                    if told.pts > before.pts + 48 * 600:
                        break
        # What had left before the break and the lead of 300 ms come at once; what follows is paced as ever.
        assert sum(frame.duration for frame in at_once) / 48 < 1000


async def test_one_newcomer_costs_one_waiting_conversation_its_place_and_the_longest_waiting_goes():
    async with server(max_connections=3) as running:
        first, second = await joined(running), await joined(running)
        await break_off(running, second)
        await break_off(running, first)
        await until(lambda: running.waiting_conversations == 2)
        async with await WirePeer.join(running.url), await WirePeer.join(running.url):
            again, told = await come_back(running, first)
            async with again:
                assert told["type"] == "session.resumed"


async def test_who_shows_no_key_takes_nobody_s_place():
    async with server(max_connections=1, api_keys=("a",)) as running:
        peer = await joined(running, KEY)
        await break_off(running, peer)
        with pytest.raises(InvalidStatus):
            await WirePeer.join(running.url)
        again, told = await come_back(running, peer, KEY)
        async with again:
            assert told["type"] == "session.resumed"
