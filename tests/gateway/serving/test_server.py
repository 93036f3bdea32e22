"""The gateway end to end: a real server, a real socket, the real embedded voice, an independent decoder."""

import asyncio
import base64
import contextlib
import gc
import gzip
import json
import random
import socket
import ssl
import subprocess

import numpy as np
import pytest
import soxr
from websockets.exceptions import ConnectionClosed, InvalidStatus
from wire_peer import PATIENCE_S, WirePeer, correlation, decode, done_of_ten_when_one_is_heard

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.tts_v1.frames import Codec, Flags
from sayline.gateway.errors import CloseCode
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.espeak.synthesizer import EspeakSynthesizer
from sayline.synthesis.interface import NoSuchVoice, SynthesisFailed, UnsupportedRequest, never
from sayline.synthesis.tone import ToneSynthesizer

TEXT = (
    "Hello there. This is real time speech, and it goes on for a while. "
    "Dr. Smith paid $3.50 at 5 p.m. on Monday; nobody knows why! Do you?"
)


class RecordingSynthesizer:
    """The real engine, with everything that it produced kept by segment text."""

    def __init__(self, engine):
        self._engine = engine
        self.produced = {}  # (voice, segment text) -> list of int16 arrays

    def __getattr__(self, name):
        return getattr(self._engine, name)

    async def speak(self, segment, style, _runs_dry_at=never):
        chunks = self.produced.setdefault((style.voice, style.language, segment.text), [])
        async for chunk in self._engine.speak(segment, style):
            chunks.append(chunk.samples)
            yield chunk

    def sound(self, heard, voice, language=None):
        """What was produced for a context's segments, at 48 kHz."""
        pieces = [
            np.concatenate(self.produced[voice, language, segment["text"]])
            for segment in heard.segments
            if (voice, language, segment["text"]) in self.produced
        ]
        return soxr.resample(np.concatenate(pieces).astype(np.float64), self.sample_rate_hz, 48_000)


def settings(**changes):
    return Settings(**{"port": 0, "engine": "espeak", **changes})


@pytest.fixture
async def server():
    async with running_server(settings()) as running:
        yield running


async def http(server, path="/health", *, headers=""):
    """A bare HTTP/1.1 GET: (status, headers, body)."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nConnection: close\r\n{headers}\r\n".encode())
    answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
    writer.close()
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    return int(lines[0].split()[1]), dict(line.split(": ", 1) for line in lines[1:]), body


async def health(server):
    return json.loads((await http(server))[2])


# -- sound -------------------------------------------------------------------------------------------------------------


async def test_what_a_client_receives_is_what_the_synthesizer_produced():
    engine = RecordingSynthesizer(EspeakSynthesizer())
    async with running_server(settings(), engine) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak(TEXT)
        heard = await peer.listen()

    produced = engine.sound(heard, "espeak")
    received = decode(heard)
    assert abs(len(received) - len(produced)) <= 960
    assert correlation(received, produced)[0] >= 0.95
    assert "".join(segment["text"] for segment in heard.segments) == TEXT


async def test_eight_contexts_interleaved_on_one_socket_do_not_mix():
    texts = {
        f"c{number}": " ".join(f"Context {number} says sentence {part} now." for part in range(number + 2))
        for number in range(8)
    }
    engine = RecordingSynthesizer(EspeakSynthesizer())
    async with running_server(settings(), engine) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        for position in range(0, max(map(len, texts.values())), 7):
            for context_id, text in texts.items():
                if delta := text[position : position + 7]:
                    await peer.send("text", context_id=context_id, text=delta)
        for context_id in texts:
            await peer.send("context.end", context_id=context_id)
        await peer.listen(*texts)

    for context_id, text in texts.items():
        heard = peer.heard(context_id)
        produced, received = engine.sound(heard, "espeak"), decode(heard)
        assert "".join(segment["text"] for segment in heard.segments) == text
        assert abs(len(received) - len(produced)) <= 960
        assert correlation(received, produced)[0] >= 0.95
        assert heard.frames_after_done == 0


@pytest.mark.parametrize("seed", range(5))
async def test_any_cutting_of_the_text_is_heard_the_same(seed):
    draw = random.Random(seed)
    cuts = draw.sample(range(1, len(TEXT)), draw.randrange(1, len(TEXT) - 1))
    engine = RecordingSynthesizer(ToneSynthesizer())
    async with running_server(settings(), engine) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak(TEXT, cuts=cuts)
        heard = await peer.listen()

    produced, received = engine.sound(heard, heard_voice(peer)), decode(heard)
    assert "".join(segment["text"] for segment in heard.segments) == TEXT
    assert abs(len(received) - len(produced)) <= 960
    assert correlation(received, produced)[0] >= 0.95


def heard_voice(peer):
    return peer.ready["voices"][0]


async def test_pcm_is_the_synthesizers_own_to_the_sample():
    engine = RecordingSynthesizer(ToneSynthesizer())
    async with running_server(settings(), engine) as server, await WirePeer.join(server.url) as peer:
        rate_hz = engine.sample_rate_hz
        await peer.send("session.update", format="pcm_s16le", sample_rate=rate_hz, max_lead_ms=0)
        await peer.speak("Hello there. How are you?")
        heard = await peer.listen()

    received = np.frombuffer(b"".join(frame.payload for frame in heard.frames), np.int16)
    produced = np.concatenate(
        [np.concatenate(engine.produced[heard_voice(peer), None, segment["text"]]) for segment in heard.segments]
    )
    assert heard.started["preskip"] == 0
    assert {frame.codec for frame in heard.frames} == {Codec.PCM_S16LE}
    np.testing.assert_array_equal(received, produced)


async def test_ogg_pages_make_a_file_that_others_can_play(server, tmp_path):
    import av

    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", format="ogg_opus", max_lead_ms=0)
        await peer.speak(TEXT)
        heard = await peer.listen()
    assert b"sayline_underruns_total 0.0" in (await http(server, "/metrics"))[2]
    assert not any(frame.flags & Flags.DISCONTINUITY for frame in heard.frames)
    path = tmp_path / "speech.ogg"
    path.write_bytes(b"".join(frame.payload for frame in heard.frames))

    with av.open(str(path)) as file:
        samples = sum(frame.samples for frame in file.decode(audio=0))
    assert {frame.codec for frame in heard.frames} == {Codec.OGG_PAGE}
    assert all(frame.duration <= 4800 for frame in heard.frames), "a page is flushed at least every 100 ms"
    assert abs(samples / 48 - heard.done["audio_ms"]) <= 20


async def test_frames_of_a_context_are_contiguous_and_flagged_once(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak(TEXT)
        heard = await peer.listen()

    assert [frame.sequence for frame in heard.frames] == list(range(len(heard.frames)))
    for before, after in zip(heard.frames, heard.frames[1:], strict=False):
        assert after.pts == before.pts + before.duration
    assert [frame.sequence for frame in heard.frames if frame.flags & Flags.FIRST_OF_CONTEXT] == [0]
    assert [frame.sequence for frame in heard.frames if frame.flags & Flags.LAST_OF_CONTEXT] == [len(heard.frames) - 1]
    assert sum(bool(frame.flags & Flags.LAST_OF_SEGMENT) for frame in heard.frames) == len(heard.segments)
    assert not any(frame.flags & Flags.DISCONTINUITY for frame in heard.frames)


async def test_word_times_tile_the_segment_they_belong_to(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("One two three four five. Six seven.", timestamps="word")
        heard = await peer.listen()

    assert [word["text"] for word in heard.words] == ["One", "two", "three", "four", "five", "Six", "seven"]
    assert all(word["start_ms"] < word["end_ms"] for word in heard.words)
    assert all(a["end_ms"] <= b["start_ms"] for a, b in zip(heard.words, heard.words[1:], strict=False))
    assert heard.words[-1]["end_ms"] <= heard.done["audio_ms"]


async def test_speed_is_honoured(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        for context_id, speed in [("slow", 0.5), ("plain", 1.0), ("fast", 2.0)]:
            await peer.speak(TEXT, context_id, speed=speed)
        await peer.listen("slow", "plain", "fast")

    slow, plain, fast = (peer.heard(name).done["audio_ms"] for name in ("slow", "plain", "fast"))
    assert slow > 1.5 * plain
    assert fast < 0.7 * plain


async def test_a_pause_that_the_writer_asks_for_is_silence_of_that_length(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", format="pcm_s16le", sample_rate=24_000, max_lead_ms=0)
        await peer.speak("One two.", "plain")
        await peer.speak('<break time="1s"/>One two.<break time="2s"/>', "paused", timestamps="word")
        await peer.listen("plain", "paused")

    plain, paused = peer.heard("plain"), peer.heard("paused")
    assert abs(paused.done["audio_ms"] - plain.done["audio_ms"] - 3000) < 400  # espeak-ng's sound is never the same
    sound = np.frombuffer(b"".join(frame.payload for frame in paused.frames), np.int16)
    assert not sound[:24_000].any()
    assert not sound[-48_000:].any()
    assert [word["text"] for word in paused.words] == ["One", "two"]
    assert paused.words[0]["start_ms"] >= 1000
    assert paused.words[-1]["end_ms"] <= paused.done["audio_ms"] - 2000
    assert paused.done["text_spoken"] == '<break time="1s"/>One two.<break time="2s"/>'


async def test_what_is_not_for_the_ear_is_not_heard(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        for delta in ("<thi", "nk>She wants", " tea.</", 'think>Yes. {"na', 'me": "brew", "arguments": {}}'):
            await peer.send("text", context_id="c", text=delta)
        await peer.send("context.end", context_id="c")
        heard = await peer.listen("c")

    assert heard.done["audio_ms"] < 1500
    assert "".join(segment["text"] for segment in heard.segments).startswith("<think>She")


# -- faults ------------------------------------------------------------------------------------------------------------


class BrokenSynthesizer(ToneSynthesizer):
    """A real engine with an organ removed: it fails on cue, as engines do."""

    async def speak(self, segment, style, _runs_dry_at=never):
        async for chunk in super().speak(segment, style):
            yield chunk
            match segment.spoken.split()[0]:
                case "fail":
                    raise SynthesisFailed("the engine ran out of breath")
                case "refuse":
                    raise UnsupportedRequest("no such language")
                case "mute":
                    raise NoSuchVoice("its file is damaged")
                case "crash":
                    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("word", "code"),
    [("fail", "synthesis_failed"), ("crash", "synthesis_failed"), ("refuse", "unsupported"), ("mute", "unknown_voice")],
)
async def test_an_engine_that_fails_ends_that_context_and_nothing_else(word, code):
    engine = BrokenSynthesizer()
    async with running_server(settings(), engine) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("A healthy neighbour speaks on. And on.", "well")
        await peer.speak(f"{word} here.", "ill")
        await peer.listen("well", "ill")

        assert peer.heard("ill").errors[0]["code"] == code
        assert "breath" not in peer.heard("ill").errors[0]["message"]
        assert peer.heard("ill").done["reason"] == "error"
        assert peer.heard("well").done["reason"] == "end"
        assert (await health(server))["current_requests"] == 0


async def test_ever_new_audio_parameters_are_not_remembered(server):
    """What a peer chooses must not become a key of something that lasts as long as the server."""
    gc.collect()  # what other tests left

    def kept():
        return sum(type(each) is AudioParameters for each in gc.get_objects())

    async with await WirePeer.join(server.url) as peer:
        before = kept()
        for bitrate in range(6000, 6200):
            await peer.send("session.update", bitrate=bitrate, sample_rate=2 * bitrate)
        for _ in range(200):
            assert (await peer.take())["type"] == "session.ready"
        assert kept() - before < 20


async def test_listeners_that_say_they_are_paused_do_not_keep_the_slots_of_others():
    limits = settings(max_concurrent_requests=1, slot_lease_s=0.5, max_lead_ms=200)
    async with running_server(limits) as server, await WirePeer.join(server.url) as paused:
        other = await WirePeer.join(server.url)
        await paused.speak(TEXT)
        while len(paused.heard().frames) < 10:
            await paused.take()
        await paused.send("playback", context_id="c", played_ms=0)
        await paused.send("playback", context_id="c", played_ms=0)
        await other.speak("My turn.")
        assert (await other.listen()).done["reason"] == "end"
        assert paused.heard().done is None

        played_ms = 0
        async with asyncio.timeout(4 * PATIENCE_S):
            while paused.heard().done is None:  # it plays on, and hears all
                played_ms += 200
                await paused.send("playback", context_id="c", played_ms=played_ms)
                told = await paused.take()
        await other.websocket.close()
    assert told["text_spoken"] == TEXT


async def test_a_quiet_client_that_answers_pings_is_not_idle():
    """Its library answers them; it says nothing for many times ``idle_s``, and then speaks."""
    async with (
        running_server(settings(idle_s=2, ping_interval_s=0.1)) as server,
        await WirePeer.join(server.url) as peer,
    ):
        with pytest.raises(TimeoutError):  # nothing comes, and no close either
            await asyncio.wait_for(peer.websocket.recv(), 5)
        await peer.speak("Still here.")
        assert (await peer.listen()).done["reason"] == "end"


@pytest.mark.parametrize("codec", ["opus", "ogg_opus", "pcm_s16le"])
async def test_a_sentence_is_heard_and_told_to_its_end_while_the_writer_pauses(server, codec):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", format=codec)
        await peer.send("text", context_id="c", text="Hello there, friend.")
        await peer.send("flush", context_id="c")
        ended = False
        while not ended:
            told = await peer.take()
            ended = isinstance(told, dict) and told["type"] == "segment.done"
        heard = peer.heard()
        sound = sum(frame.duration for frame in heard.frames) - heard.started["preskip"]

    assert sound / 48 >= told["end_ms"] - 0.5


async def test_a_cancelled_ogg_stream_is_a_whole_file(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", format="ogg_opus")
        await peer.speak(TEXT)
        while len(peer.heard().frames) < 10:
            await peer.take()
        await peer.send("context.cancel", context_id="c")
        heard = await peer.listen()

    assert heard.frames[-1].payload[5] == 4, "the end of the stream (RFC 3533, 6)"
    assert heard.frames[-1].duration == 0
    assert heard.frames_after_done == 0
    numbers = [int.from_bytes(frame.payload[18:22], "little") for frame in heard.frames]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("text", ["[" * 16_000, "This is a sentence of prose. " * 550])
async def test_a_peer_with_much_to_read_keeps_no_neighbour_waiting(server, text):
    """The neighbour's message is answered before all that was written earlier is read."""
    answered = []

    async def answer(name, peer):
        while {"type": "pong"} not in peer.others:
            await peer.take()
        peer.others.remove({"type": "pong"})
        answered.append(name)

    async with await WirePeer.join(server.url) as writer, await WirePeer.join(server.url) as neighbour:
        reading = asyncio.create_task(answer("writer", writer))
        for _ in range(15):
            await writer.send("text", context_id="c", text=text)
        await writer.send("ping")
        while not writer.heard().started:
            await asyncio.sleep(0)
        for _ in range(3):
            await neighbour.send("ping")
            await answer("neighbour", neighbour)
        await reading

    assert answered == ["neighbour", "neighbour", "neighbour", "writer"]


class StillSynthesizer(ToneSynthesizer):
    """An engine that stops in mid-sentence, without a word, if the sentence says so."""

    async def speak(self, segment, style, _runs_dry_at=never):
        async for chunk in super().speak(segment, style):
            yield chunk
            if segment.spoken.startswith("stop"):
                await asyncio.Event().wait()


async def test_an_engine_that_stands_still_ends_that_context_frees_its_slot_and_is_counted():
    limits = settings(stuck_s=3, max_concurrent_requests=1)
    async with running_server(limits, StillSynthesizer()) as server, await WirePeer.join(server.url) as peer:
        await peer.speak("stop here.", "ill")
        await peer.speak("A neighbour speaks on.", "well")
        await peer.listen("well", "ill")

        assert [(error["code"], error["retryable"]) for error in peer.heard("ill").errors] == [
            ("synthesis_failed", True)
        ]
        assert peer.heard("ill").frames, "it began"
        assert peer.heard("ill").done["reason"] == "error"
        assert peer.heard("well").done["reason"] == "end"
        assert b"sayline_standstills_total 1.0" in (await http(server, "/metrics"))[2]


@pytest.mark.parametrize("message", ["{", "[]", '{"type":"what"}', '{"type":"text","context_id":"c","text":"\\ud800"}'])
async def test_nonsense_is_answered_and_the_connection_goes_on(server, message):
    async with await WirePeer.join(server.url) as peer:
        await peer.websocket.send(message)
        assert (await peer.take())["code"] == "bad_message"
        await peer.websocket.send(b"\0\1\2")
        assert (await peer.take())["code"] == "bad_message"
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("Still here.")
        assert (await peer.listen()).done["reason"] == "end"


async def test_text_with_nul_and_odd_characters_is_spoken_as_far_as_it_can_be(server):
    text = "One\0two \u202e three\ufffe \U0001f600 four.\x1b[31m"
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak(text)
        heard = await peer.listen()

    assert heard.done["text_spoken"] == text
    assert heard.done["audio_ms"] > 500


async def test_a_message_of_a_gigabyte_closes_with_too_big_and_costs_nothing(server):
    async with await WirePeer.join(server.url) as peer:
        # A text frame's header that announces 1 GiB (RFC 6455, 5.2), straight onto the transport.
        peer.websocket.transport.write(b"\x81\xff" + (1 << 30).to_bytes(8, "big") + b"\0\0\0\0" + b"x" * 1000)
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
    assert closed.value.rcvd.code == CloseCode.TOO_BIG


async def test_a_peer_that_does_not_speak_our_protocol_is_told_so(server):
    from websockets.asyncio.client import connect

    async with connect(server.url + "/v1/tts/stream") as websocket:
        with pytest.raises(ConnectionClosed) as closed:
            await websocket.recv()
    assert closed.value.rcvd.code == CloseCode.NOT_A_CLIENT


async def test_a_handshake_that_never_ends_is_cut_off():
    async with running_server(settings(handshake_timeout_s=0.2)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.write(b"GET /v1/tts/stream HTTP/1.1\r\n")
        answer = await asyncio.wait_for(reader.read(), PATIENCE_S)
        writer.close()

    assert b"101" not in answer


async def test_a_half_open_socket_is_found_by_its_missing_pong():
    """The peer is there for TCP and dead for us: it reads nothing, so it answers no ping."""
    async with running_server(settings(ping_interval_s=0.2, slow_client_s=0.3)) as server:
        peer = await WirePeer.join(server.url)
        peer.websocket.transport.pause_reading()
        while (await health(server))["connections"]:
            await asyncio.sleep(0.05)
        peer.websocket.transport.resume_reading()
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
    assert closed.value.rcvd.code == CloseCode.SLOW_OR_IDLE


async def test_an_idle_connection_is_closed_as_idle():
    async with running_server(settings(idle_s=0.2)) as server, await WirePeer.join(server.url) as peer:
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
    assert closed.value.rcvd.code == CloseCode.SLOW_OR_IDLE


# -- admission ---------------------------------------------------------------------------------------------------------


async def test_over_the_connection_cap_a_handshake_gets_503_and_pages_still_answer():
    async with running_server(settings(max_connections=1)) as server, await WirePeer.join(server.url):
        with pytest.raises(InvalidStatus) as refused:
            await WirePeer.join(server.url)
        assert refused.value.response.status_code == 503
        assert refused.value.response.headers["Retry-After"] == "1"
        for path in ("/health", "/ready", "/metrics", "/v1/voices", "/"):
            assert (await http(server, path))[0] == 200


async def test_over_the_stream_cap_a_handshake_gets_503_until_a_slot_is_free():
    async with running_server(settings(max_concurrent_requests=1)) as server:
        async with await WirePeer.join(server.url) as peer:
            await peer.speak(TEXT)
            while not peer.heard().frames:
                await peer.take()
            with pytest.raises(InvalidStatus) as refused:
                await WirePeer.join(server.url)
            assert refused.value.response.status_code == 503
            await peer.send("context.cancel", context_id="c")
            await peer.listen()
        async with await WirePeer.join(server.url):
            pass


async def test_contexts_of_an_accepted_connection_queue_and_are_all_served():
    async with running_server(settings(max_concurrent_requests=1)) as server, await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        names = [f"c{number}" for number in range(20)]
        for name in names:
            await peer.speak("One of many.", name)
        await peer.listen(*names)

        assert {peer.heard(name).done["reason"] for name in names} == {"end"}


async def test_a_connection_with_ten_contexts_does_not_starve_a_connection_with_one():
    async with (
        running_server(settings(max_concurrent_requests=2, max_lead_ms=100)) as server,
        await WirePeer.join(server.url) as greedy,
        await WirePeer.join(server.url) as modest,
    ):
        assert await done_of_ten_when_one_is_heard(greedy, modest) < 10


# -- operations --------------------------------------------------------------------------------------------------------


async def test_health_shows_the_engine_and_the_load(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.speak(TEXT)
        while not peer.heard().frames:
            await peer.take()
        body = await health(server)

    assert body["status"] == "ok"
    assert body["engine"] == "espeak"
    assert body["model_loaded"] is True
    assert body["current_requests"] == 1
    assert body["max_concurrent_requests"] >= 150
    assert body["connections"] == 1


async def test_large_bodies_come_compressed_to_clients_that_take_it(server):
    plain = await http(server, "/metrics")
    packed = await http(server, "/metrics", headers="Accept-Encoding: gzip\r\n")

    assert "Content-Encoding" not in plain[1]
    assert packed[1]["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed[2]).startswith(b"# HELP")


async def test_metrics_count_what_happened(server):
    async with await WirePeer.join(server.url) as peer:
        await peer.send("session.update", max_lead_ms=0)
        await peer.speak("Hello there.", "a")
        await peer.listen("a")
        await peer.send("text", context_id="b", text="Hello there. And more.")
        await peer.send("context.cancel", context_id="b")
        await peer.listen("b")
    metrics = (await http(server, "/metrics"))[2].decode()

    assert 'sayline_contexts_total{reason="end"} 1.0' in metrics
    assert 'sayline_contexts_total{reason="cancel"} 1.0' in metrics
    assert "sayline_ttfa_seconds_count" in metrics
    assert f"sayline_frames_total {float(sum(len(peer.heard(n).frames) for n in 'ab'))}" in metrics
    assert "sayline_underruns_total 0.0" in metrics


async def test_each_context_is_logged_with_its_figures(server, caplog):
    with caplog.at_level("INFO", logger="sayline"):
        async with await WirePeer.join(server.url) as peer:
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak("Hello there.")
            await peer.listen()
    report = next(record.report for record in caplog.records if record.message == "context over")

    assert report.first_audio_s > 0
    assert report.total_s >= report.first_audio_s
    assert report.segments == 1
    assert 0 < report.rtf < 1


async def test_keys_guard_the_socket_and_not_the_health_page():
    async with running_server(settings(api_keys=("geheim",))) as server:
        with pytest.raises(InvalidStatus) as refused:
            await WirePeer.join(server.url)
        assert refused.value.response.status_code == 401
        async with await WirePeer.join(server.url, additional_headers={"Authorization": "Bearer geheim"}):
            pass
        key = base64.urlsafe_b64encode(b"geheim").decode().rstrip("=")
        async with await WirePeer.join(server.url, subprotocols=["tts.v1", f"tts.auth.{key}"]) as peer:
            assert peer.websocket.subprotocol == "tts.v1"
        assert (await http(server))[0] == 200


async def test_contexts_and_sound_are_counted_for_the_key_that_let_their_peer_in():
    """Named by its place: neither a key nor anything else that a peer sends becomes a label."""
    async with running_server(settings(api_keys=("geheim", "secret")), ToneSynthesizer()) as server:
        for key in ("secret", "geheim", "secret"):
            async with await WirePeer.join(server.url, additional_headers={"xi-api-key": key}) as peer:
                await peer.speak("Hello there.")
                await peer.listen()
        told = (await http(server, "/metrics"))[2].decode()

    assert 'sayline_tenant_contexts_total{tenant="1"} 1.0' in told
    assert 'sayline_tenant_contexts_total{tenant="2"} 2.0' in told
    assert told.count("sayline_tenant_audio_seconds_total{") == 2
    assert "geheim" not in told


class OrderedSynthesizer(ToneSynthesizer):
    """Notes for which contexts it speaks, and lets no context be heard before the test allows it."""

    def __init__(self):
        super().__init__()
        self.order = []
        self.may_speak = asyncio.Event()

    async def speak(self, segment, style, runs_dry_at=never):
        self.order.append(segment.text.split()[0])
        await self.may_speak.wait()
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield chunk


async def test_a_key_with_many_connections_does_not_keep_another_key_waiting():
    """One slot: the first key's connections take it, and wait for it twice more, before the second key's one comes.

    That one is next: its key had no turn yet.
    """
    engine = OrderedSynthesizer()
    limits = settings(api_keys=("many", "one"), max_concurrent_requests=1)
    async with running_server(limits, engine) as server, contextlib.AsyncExitStack() as stack:
        keys = ("many", "many", "many", "one")
        peers = [await WirePeer.join(server.url, additional_headers={"xi-api-key": key}) for key in keys]
        for place, (key, peer) in enumerate(zip(keys, peers, strict=True)):
            await stack.enter_async_context(peer)
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak(f"{key}{place} speaks.")
            while (await health(server))["current_requests"] <= place:
                pass
        engine.may_speak.set()
        for peer in peers:
            await peer.listen()

    assert engine.order == ["many0", "one3", "many1", "many2"]


async def test_a_foreign_origin_is_403_and_our_own_is_welcome(server):
    with pytest.raises(InvalidStatus) as refused:
        await WirePeer.join(server.url, origin="https://evil.example")
    assert refused.value.response.status_code == 403
    async with await WirePeer.join(server.url, origin=server.url.replace("ws", "http")):
        pass


async def test_the_server_speaks_tls(tmp_path):
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    certificate = ["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, *certificate]
    subprocess.run(command, check=True, capture_output=True)
    trusting = ssl.create_default_context(cafile=cert)
    async with running_server(settings(tls_cert=cert, tls_key=key)) as server:
        assert server.url.startswith("wss://")
        async with await WirePeer.join(server.url, ssl=trusting) as peer:
            await peer.send("session.update", max_lead_ms=0)
            await peer.speak("Hello there.")
            assert (await peer.listen()).done["reason"] == "end"


async def test_draining_finishes_what_runs_and_closes_with_going_away():
    async with running_server(settings(max_lead_ms=100)) as server, await WirePeer.join(server.url) as peer:
        await peer.speak("One two three four five six.")
        while not peer.heard().frames:
            await peer.take()
        draining = asyncio.create_task(server.drain())
        heard = await peer.listen()
        with pytest.raises(InvalidStatus):
            await WirePeer.join(server.url)
        with pytest.raises(ConnectionClosed) as closed:
            await peer.take()
        await draining

    assert [message["type"] for message in peer.others] == ["goaway"]
    assert heard.done["reason"] == "end"
    assert closed.value.rcvd.code == CloseCode.DRAIN


@pytest.mark.parametrize("turns", range(5))
async def test_a_client_that_connects_just_before_the_listener_closes_is_hung_up_on(turns):
    async with running_server(settings(handshake_timeout_s=0.1), ToneSynthesizer()) as server:
        peer = socket.create_connection(("127.0.0.1", server.port))
        for _ in range(turns):
            await asyncio.sleep(0)

    peer.setblocking(False)
    with peer, contextlib.suppress(ConnectionResetError):
        async with asyncio.timeout(PATIENCE_S):
            while await asyncio.get_running_loop().sock_recv(peer, 4096):
                pass


async def test_whatever_is_due_after_the_end_of_a_connection_is_not_done():
    """A ping may be due between the peer's going and the connection's: its task would begin in a group that is over."""
    async with running_server(settings(ping_interval_s=0.1)) as server:
        peer = await WirePeer.join(server.url)
        (runner,) = server._conversations.values()
        socket_s_end = runner._peer
        peer.websocket.transport.abort()
        async with asyncio.timeout(PATIENCE_S):
            await socket_s_end._socket.wait_closed()
            while server._conversations:
                await asyncio.sleep(0)
        ping_is_due = asyncio.Event()
        asyncio.get_running_loop().call_later(0.2, ping_is_due.set)
        await ping_is_due.wait()
        runner._tick()
        runner.slot_granted("c")
        socket_s_end.ping()


async def test_a_context_whose_peer_hangs_up_is_counted(server):
    peer = await WirePeer.join(server.url)
    await peer.send("text", context_id="c", text=TEXT)
    while not peer.heard().frames:
        await peer.take()
    peer.websocket.transport.abort()
    async with asyncio.timeout(PATIENCE_S):
        while b'sayline_contexts_total{reason="gone"} 1.0' not in (await http(server, "/metrics"))[2]:
            pass
