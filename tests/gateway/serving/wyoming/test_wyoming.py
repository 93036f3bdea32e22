"""Wyoming's port: streamed and whole texts, one after the other, and a connection that hangs up is an interruption."""

import asyncio

import numpy as np
import pytest
from wyoming_peer import WyomingPeer, kinds, sound

from sayline.gateway.errors import BadSettings
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Segment, Style
from sayline.synthesis.tone import tone_for

PATIENCE_S = 20
SENTENCES = ["Hello there. ", "This is the second one, ", "which is longer. ", "Good night."]


@pytest.fixture
async def gateway():
    async with serving() as server:
        yield server


def serving(**settings):
    return running_server(Settings(port=0, wyoming_port=0, engine="tone", **settings))


def peer_of(server):
    return WyomingPeer(server.beside.port)


def tone(text):
    """What the engine makes of a text that is one segment."""
    return tone_for(Segment(0, text, text, 0, len(text)), Style("tone"))


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_streamed_text_is_heard_as_one_sound_however_it_is_cut(gateway):
    async with peer_of(gateway) as peer:
        await peer.stream(*SENTENCES)
        events = await peer.until("synthesize-stopped")

    assert kinds(events) == ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"]
    assert events[0].data == events[1].data == {"rate": 24_000, "width": 2, "channels": 1}
    async with peer_of(gateway) as peer:
        await peer.stream(*"".join(SENTENCES), repeat=False)
        again = sound(await peer.until("synthesize-stopped"))
    assert len(again) == pytest.approx(len(sound(events)), rel=0.05)  # a busy machine may cut the sentences elsewhere


async def test_the_first_sound_comes_before_the_last_word_is_written(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("synthesize-start")
        await peer.send("synthesize-chunk", text="Hello there, this is me. And ")
        await peer.until("audio-chunk")
        await peer.send("synthesize-chunk", text="that was it.")
        await peer.send("synthesize-stop")
        assert kinds(await peer.until("synthesize-stopped"))[-2:] == ["audio-stop", "synthesize-stopped"]


async def test_a_whole_text_is_answered_without_the_event_that_ends_streams(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("synthesize", text="Hello there.")
        first = await peer.until("audio-stop")
        await peer.send("ping", text="well?")
        assert [(event.type, event.data) for event in await peer.until("pong")] == [("pong", {"text": "well?"})]

    assert kinds(first) == ["audio-start", "audio-chunk", "audio-stop"]
    assert np.array_equal(sound(first), tone("Hello there."))


async def test_texts_of_one_connection_are_heard_one_after_the_other(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("synthesize-start")
        await peer.send("synthesize-chunk", text="Hello there. ")
        await peer.send("synthesize-stop")
        await peer.send("synthesize", text="Me too.")
        await peer.send("synthesize", text=" ")
        heard = [kinds(await peer.until("synthesize-stopped"))]
        second = await peer.until("audio-stop")
        heard += [kinds(second), kinds(await peer.until("audio-stop"))]

    assert heard == [
        ["audio-start", "audio-chunk", "audio-stop", "synthesize-stopped"],
        ["audio-start", "audio-chunk", "audio-stop"],
        ["audio-start", "audio-stop"],
    ]
    assert np.array_equal(sound(second), tone("Me too."))


async def test_info_lists_the_voices_and_says_that_texts_may_be_streamed(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("describe")
        (info,) = await peer.until("info")

    (program,) = info.data["tts"]
    assert program["supports_synthesize_streaming"] is True
    assert program["installed"] is True
    assert [voice["name"] for voice in program["voices"]] == ["tone"]
    assert all(voice["installed"] and voice["languages"] for voice in program["voices"])
    assert info.data["asr"] == info.data["wake"] == []


async def test_a_peer_that_hangs_up_frees_its_slot_at_once(gateway):
    async with peer_of(gateway) as peer:
        await peer.stream("A long sentence. " * 50)
        await peer.until("audio-chunk")
        assert gateway.load().requests == 1
        peer.writer.close()
        loop = asyncio.get_running_loop()
        left_at = loop.time()
        await until(lambda: gateway.load().requests == 0)
        assert loop.time() - left_at < 2.0  # 0.1 s on a machine with nothing else to do
        assert gateway.load().connections == 0

    async with peer_of(gateway) as peer:  # and the next one is served
        await peer.send("synthesize", text="Hello there.")
        assert np.array_equal(sound(await peer.until("audio-stop")), tone("Hello there."))


async def test_sound_is_paced_and_not_sent_all_at_once(gateway):
    async with peer_of(gateway) as peer:
        await peer.stream("One two three four five six. " * 6)
        loop = asyncio.get_running_loop()
        await peer.until("audio-chunk")
        began_at = loop.time()
        rest = sound(await peer.until("synthesize-stopped"))
        assert loop.time() - began_at > len(rest) / 24_000 - 2.5  # two seconds may be ahead


async def test_more_texts_than_slots_wait_and_none_is_lost():
    async with serving(max_concurrent_requests=1) as gateway, peer_of(gateway) as one, peer_of(gateway) as two:
        await one.send("synthesize", text="Hello there.")
        await two.send("synthesize", text="Me too.")
        assert np.array_equal(sound(await two.until("audio-stop")), tone("Me too."))
        assert np.array_equal(sound(await one.until("audio-stop")), tone("Hello there."))


async def test_a_connection_too_many_is_told_so_and_closed():
    async with serving(max_connections=1) as gateway, peer_of(gateway) as one:
        await one.send("ping")
        await one.until("pong")
        async with peer_of(gateway) as two:
            (error,) = await two.until("nothing")
    assert error.type == "error"
    assert error.data == {"text": "too many connections", "code": "too_many_connections"}


async def test_an_unknown_voice_is_an_error_and_the_text_ends_all_the_same(gateway):
    async with peer_of(gateway) as peer:
        await peer.stream("Hello.", voice={"name": "nobody"})
        events = await peer.until("synthesize-stopped")
        assert kinds(events) == ["error", "audio-start", "audio-stop", "synthesize-stopped"]
        assert events[0].data["code"] == "unknown_voice"

        await peer.stream("Hello there.")
        assert len(sound(await peer.until("synthesize-stopped")))


@pytest.mark.parametrize("bytes_", [b"POST / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\n", b"[1]\n", b'{"type": 7}\n'])
async def test_what_is_not_wyoming_is_told_so_and_closed(gateway, bytes_):
    async with peer_of(gateway) as peer:
        peer.writer.write(bytes_)
        events = await peer.until("nothing")
    assert [event.type for event in events] == ["error"]
    assert await gateway_is_well(gateway)


async def gateway_is_well(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("describe")
        return [event.type for event in await peer.until("info")] == ["info"]


async def test_events_out_of_place_harm_nothing(gateway):
    async with peer_of(gateway) as peer:
        await peer.send("synthesize-chunk", text="nobody asked")
        await peer.send("synthesize-stop")
        await peer.send("audio-chunk", rate=16000, width=2, channels=1)
        await peer.send("transcribe")
        await peer.send("synthesize", text=["no text"])
        assert kinds(await peer.until("audio-stop")) == ["error", "audio-start", "audio-stop"]
        await peer.send("synthesize", text="half a pair \ud83d is no text")
        assert len(sound(await peer.until("audio-stop")))


async def test_a_server_that_drains_finishes_what_is_being_heard_and_closes():
    async with serving() as gateway, peer_of(gateway) as peer:
        await peer.send("synthesize", text="Hello there, all of you.")
        await peer.until("audio-start")
        async with asyncio.TaskGroup() as tasks:
            draining = tasks.create_task(gateway.drain())
            events = await peer.until("nothing")
            await draining
    assert kinds(events)[-1] == "audio-stop"


async def test_a_peer_that_reads_nothing_is_cut_off_and_others_hear_all():
    async with serving(slow_client_s=1.0, max_lead_ms=60_000) as gateway, peer_of(gateway) as deaf:
        deaf.writer.get_extra_info("socket").setsockopt(1, 8, 4096)  # SO_RCVBUF
        deaf.reader._transport.pause_reading()
        await deaf.stream("One two three four five six seven. " * 200)
        async with peer_of(gateway) as peer:
            await peer.send("synthesize", text="Hello there.")
            assert np.array_equal(sound(await peer.until("audio-stop")), tone("Hello there."))
        await until(lambda: gateway.load().connections == 0)


async def test_a_port_that_is_taken_is_named():
    async with serving() as gateway:
        with pytest.raises(BadSettings, match=f"wyoming_port: cannot listen on 127.0.0.1:{gateway.beside.port}: "):
            async with running_server(Settings(port=0, engine="tone", wyoming_port=gateway.beside.port)):
                pass


async def test_the_port_is_off_unless_it_is_set():
    async with running_server(Settings(port=0, engine="tone")) as gateway:
        assert gateway.beside is None
