"""Speech over HTTP, from a real gateway over real sockets: requests as bytes, answers as they come."""

import asyncio
import base64
import contextlib
import json
import signal
import socket
import ssl

import numpy as np
import pytest
import pytest_asyncio
from certificates import make_certificate
from raw_http import UPGRADE, RawPeer, ask
from server_process import ServerProcess
from wire_peer import PATIENCE_S, WirePeer

from sayline.codecs import provenance
from sayline.gateway.dialects.http import HttpDialect, HttpRequest, SpeechRoute
from sayline.gateway.dialects.openai.dialect import OPENAI
from sayline.gateway.serving.http.requests import find
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Segment, Style, SynthesisFailed, never
from sayline.synthesis.tone import VOICE, ToneSynthesizer, tone_for

pytestmark = pytest.mark.asyncio(loop_scope="module")

HOST = "Host: localhost\r\n"
SPEECH = "/v1/audio/speech"
TEXT = "Good evening. This is the second sentence of the evening."
RAW = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000}  # as Cartesia's clients ask for PCM


def serving(synthesizer=None, **changes):
    return running_server(Settings(**{"port": 0, **changes}), synthesizer or ToneSynthesizer())


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server():
    async with serving() as running:
        yield running


def body_of(**fields):
    return json.dumps({"model": "tts-1", "input": TEXT, "voice": "alloy", "response_format": "pcm", **fields})


def post(body=None, headers="", *, path=SPEECH, version="1.1", **fields):
    body = body_of(**fields) if body is None else body
    length = len(body.encode())
    return f"POST {path} HTTP/{version}\r\n{HOST}Content-Length: {length}\r\n{headers}\r\n{body}"


def tones(text=TEXT):
    """What the tone engine makes of a text so short that it is one segment."""
    return tone_for(Segment(0, text, text, 0, len(text)), Style(VOICE))


async def until(condition):
    """Wait until something that nobody tells is so."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


class BreakingEngine(ToneSynthesizer):
    """Breaks at the given chunk."""

    def __init__(self, at):
        super().__init__()
        self.at = at

    async def speak(self, segment, style, runs_dry_at=never):
        number = 0
        async for chunk in super().speak(segment, style, runs_dry_at):
            if number == self.at:
                raise SynthesisFailed("the engine's own secret words")
            number += 1
            yield chunk


class HeldEngine(ToneSynthesizer):
    """Says nothing before it is let."""

    def __init__(self):
        super().__init__()
        self.may_speak = asyncio.Event()
        self.speaking = 0

    async def speak(self, segment, style, runs_dry_at=never):
        self.speaking += 1
        try:
            await self.may_speak.wait()
            async for chunk in super().speak(segment, style, runs_dry_at):
                yield chunk
        finally:
            self.speaking -= 1


# -- speech ------------------------------------------------------------------------------------------------------------


async def test_a_text_is_answered_with_its_sound_to_the_sample(server):
    answer = await ask(server.port, post())
    heard = np.frombuffer(answer.body, "<i2")

    assert (answer.status, answer.headers["content-type"]) == (200, "audio/pcm")
    assert np.array_equal(heard, tones())
    assert answer.headers["x-request-id"]
    name, value = provenance.HTTP_HEADER
    assert answer.headers[name.lower()] == value


class NotedTransport(asyncio.Transport):
    """A connection to nobody: each write is a packet of its own."""

    def __init__(self):
        super().__init__(extra={"peername": ("127.0.0.1", 1)})
        self.written = []

    def write(self, data):
        self.written.append(bytes(data))

    def set_write_buffer_limits(self, high=None, low=None):
        pass

    def get_write_buffer_size(self):
        return 0

    def is_closing(self):
        return False

    def close(self):
        pass


async def test_the_head_of_an_answer_leaves_with_its_first_sound(server):
    """A client that is woken for the head alone waits a second time."""
    transport = NotedTransport()
    connection = server._http.connection(lambda: None)
    connection.connection_made(transport)
    connection.data_received(post().encode())
    await until(lambda: transport.written)
    connection.connection_lost(None)
    assert transport.written[0].startswith(b"HTTP/1.1 200 OK\r\n")
    assert len(transport.written[0].partition(b"\r\n\r\n")[2]) > 100


async def test_sound_in_events_is_the_same_sound(server):
    answer = await ask(server.port, post(stream_format="sse"))
    events = [json.loads(line.removeprefix(b"data: ")) for line in answer.body.split(b"\n\n") if line]

    assert answer.headers["content-type"].startswith("text/event-stream")
    sound = b"".join(base64.b64decode(event["audio"]) for event in events[:-1])
    assert np.array_equal(np.frombuffer(sound, "<i2"), tones())
    assert events[-1]["type"] == "speech.audio.done"


async def test_rule_11_pieces_of_pcm_hold_whole_samples(server):
    answer = await ask(server.port, post(stream_format="sse"))
    events = [json.loads(line.removeprefix(b"data: ")) for line in answer.body.split(b"\n\n") if line]
    assert all(len(base64.b64decode(event["audio"])) % 2 == 0 for event in events[:-1])


async def test_rule_04_the_last_event_comes_once_and_after_all_sound(server):
    answer = await ask(server.port, post(stream_format="sse"))
    kinds = [json.loads(line.removeprefix(b"data: "))["type"] for line in answer.body.split(b"\n\n") if line]
    assert kinds.count("speech.audio.done") == 1
    assert kinds[-1] == "speech.audio.done"


async def test_a_connection_serves_speech_after_speech_and_then_a_websocket(server):
    async with RawPeer.connect(server.port) as peer:
        for number in ("one", "two", "three"):
            text = f"Sentence number {number}."
            peer.say(post(input=text))
            answer = await peer.answer()
            assert np.array_equal(np.frombuffer(answer.body, "<i2"), tones(text))
        peer.say(f"GET /v1/tts/stream HTTP/1.1\r\n{HOST}{UPGRADE}\r\n")
        assert (await peer.answer(has_body=False)).status == 101


async def test_a_body_in_chunks_is_read_like_any(server):
    body = body_of().encode()
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in (body[:7], body[7:20], body[20:]))
    head = f"POST {SPEECH} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n"
    answer = await ask(server.port, head.encode() + chunks + b"0\r\n\r\n")
    assert np.array_equal(np.frombuffer(answer.body, "<i2"), tones())


async def test_a_client_of_http_1_0_gets_no_chunks(server):
    async with RawPeer.connect(server.port) as peer:
        peer.say(post(version="1.0"))
        head, _, sound = (await peer.until_closed()).partition(b"\r\n\r\n")
    assert b"chunked" not in head
    assert np.array_equal(np.frombuffer(sound, "<i2"), tones())


async def test_over_tls_it_is_the_same(tmp_path):
    cert, key = make_certificate(tmp_path)
    async with serving(tls_cert=cert, tls_key=key) as server:
        trusting = ssl.create_default_context(cafile=cert)
        answer = await ask(server.port, post(), ssl=trusting, server_hostname="127.0.0.1")
        assert np.array_equal(np.frombuffer(answer.body, "<i2"), tones())


async def test_rule_21_an_alias_is_a_voice_and_an_unknown_one_the_default_and_the_client_is_told():
    async with serving(voice_aliases={"alloy": "tone"}) as server:
        alias = await ask(server.port, post())
        unknown = await ask(server.port, post(voice="21m00Tcm4TlvDq8ikWAM"))
        own = await ask(server.port, post(voice="tone"))
        assert [answer.status for answer in (alias, unknown, own)] == [200, 200, 200]
        assert alias.body == unknown.body == own.body
        assert "sayline-ignored" not in alias.headers
        assert "sayline-ignored" not in own.headers
        assert unknown.headers["sayline-ignored"] == "voice"


async def test_wishes_that_change_nothing_are_told(server):
    answer = await ask(server.port, post(speed=4.0, voice="tone"))
    assert answer.headers["sayline-ignored"] == "speed"


async def test_rule_16_a_text_that_sounds_like_nothing_is_a_whole_answer(server):
    beginnings = {"pcm": b"\0\0", "wav": b"RIFF", "mp3": b"ID3", "opus": b"OggS", "flac": b"fLaC", "aac": b"\xff\xf1"}
    for name, beginning in beginnings.items():
        answer = await ask(server.port, post(input="**", response_format=name))
        assert answer.status == 200
        assert answer.body.startswith(beginning), "a moment of silence, for players take no sound for a broken file"


# -- what is refused ---------------------------------------------------------------------------------------------------


async def test_a_wrong_field_is_told_in_the_dialects_shape(server):
    answer = await ask(server.port, post(response_format="midi"))
    error = json.loads(answer.body)["error"]
    assert (answer.status, error["type"], error["param"]) == (400, "invalid_request_error", "response_format")
    assert "mp3" in error["message"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "\x00"])
async def test_a_body_that_is_no_request_is_refused(server, body):
    answer = await ask(server.port, post(body))
    assert (answer.status, answer.error) == (400, "bad_message")


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        (SPEECH, {"input": "Half \ud83d of it.", "voice": "\ud83d", "model": "\ud83d", "response_format": "pcm"}),
        ("/v1/text-to-speech/any", {"text": "Half \ud83d of it.", "model_id": "\ud83d"}),
        ("/v1/text-to-speech/any/stream/with-timestamps", {"text": "Half \ud83d of it."}),
        ("/tts/bytes", {"transcript": "Half \ud83d of it.", "voice": "\ud83d", "output_format": RAW}),
        ("/tts/sse", {"transcript": "Half \ud83d of it.", "context_id": "\ud83d", "output_format": RAW}),
        ("/v1/speak", {"text": "Half \ud83d of it."}),
    ],
)
async def test_half_a_character_which_json_can_hold_and_no_text_is_no_fault(server, path, fields):
    """A client that cuts what a model writes may cut between the two halves of a character."""
    answer = await ask(server.port, post(json.dumps(fields), path=path))
    assert answer.status == 200
    assert len(answer.body) > 1000


async def test_a_text_may_have_4096_characters_or_what_the_setting_says(server):
    assert (await ask(server.port, post(input="ä" * 4097))).error == "text_too_long"
    assert (await ask(server.port, post(input="a " * 2048), has_body=False)).status == 200
    async with serving(max_speech_chars=10) as small:
        answer = await ask(small.port, post(input="eleven char"))
        assert (answer.status, answer.error) == (400, "text_too_long")


async def test_an_unknown_path_and_a_wrong_method_are_errors_in_the_dialects_shape(server):
    unknown = await ask(server.port, post(path="/v1/audio/transcriptions"))
    wrong = await ask(server.port, f"GET {SPEECH} HTTP/1.1\r\n{HOST}\r\n")
    assert (unknown.status, json.loads(unknown.body)["error"]["type"]) == (404, "invalid_request_error")
    assert (wrong.status, wrong.headers["allow"]) == (405, "POST, OPTIONS")
    assert json.loads(wrong.body)["error"]["param"] is None
    for method in ("PUT", "DELETE", "PATCH"):
        assert (await ask(server.port, f"{method} {SPEECH} HTTP/1.1\r\n{HOST}\r\n")).status == 405
    assert (await ask(server.port, f"HEAD {SPEECH} HTTP/1.1\r\n{HOST}\r\n", has_body=False)).status == 405


async def test_a_path_of_nobody_is_an_error_in_our_own_shape(server):
    answer = await ask(server.port, post(path="/v1/no/such/path"))
    assert (answer.status, answer.error) == (404, "not_found")


async def test_models_and_voices_are_listed_without_a_key():
    async with serving(api_keys=("geheim",)) as server:
        for path in ("/v1/models", "/v1/models/tts-1", "/v1/audio/voices", "/v1/audio/models"):
            answer = await ask(server.port, f"GET {path} HTTP/1.1\r\n{HOST}\r\n")
            assert answer.status == 200
            assert json.loads(answer.body)
            assert (await ask(server.port, f"HEAD {path} HTTP/1.1\r\n{HOST}\r\n", has_body=False)).status == 200


async def test_a_key_is_asked_for_before_the_body_is():
    async with serving(api_keys=("geheim",)) as server, RawPeer.connect(server.port) as peer:
        expecting = f"POST {SPEECH} HTTP/1.1\r\n{HOST}Content-Length: 100\r\nExpect: 100-continue\r\n"
        peer.say(f"{expecting}Authorization: Bearer falsch\r\n\r\n")
        answer = await peer.answer()
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["code"], error["type"]) == (401, "key", "authentication_error")
    async with serving(api_keys=("geheim",)) as server:
        answer = await ask(server.port, post(headers="Authorization: Bearer geheim\r\n"))
        assert answer.status == 200


async def test_a_body_is_asked_for_once_its_request_is_let_in(server):
    body = body_of()
    async with RawPeer.connect(server.port) as peer:
        peer.say(f"POST {SPEECH} HTTP/1.1\r\n{HOST}Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n")
        async with asyncio.timeout(PATIENCE_S):
            assert await peer.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        peer.say(body)
        assert np.array_equal(np.frombuffer((await peer.answer()).body, "<i2"), tones())


async def test_a_body_that_is_too_large_is_refused_before_it_is_sent_and_while_it_is():
    async with serving(max_body_kib=64) as server:
        async with RawPeer.connect(server.port) as peer:
            peer.say(f"POST {SPEECH} HTTP/1.1\r\n{HOST}Content-Length: 65537\r\nExpect: 100-continue\r\n\r\n")
            assert (await peer.answer()).error == "body_too_large"
        async with RawPeer.connect(server.port) as peer:
            peer.say(f"POST {SPEECH} HTTP/1.1\r\n{HOST}Transfer-Encoding: chunked\r\n\r\n")
            peer.say(b"".join(b"4000\r\n" + b"x" * 0x4000 + b"\r\n" for _ in range(40)))
            answer = await peer.answer()
            assert (answer.status, answer.error) == (413, "body_too_large")
            assert answer.headers["connection"] == "close"


async def test_a_body_that_does_not_come_is_given_up():
    async with serving(handshake_timeout_s=0.2) as server, RawPeer.connect(server.port) as peer:
        peer.say(f"POST {SPEECH} HTTP/1.1\r\n{HOST}Content-Length: 1000\r\n\r\n{{")
        answer = await peer.answer()
        assert (answer.status, answer.error) == (408, "body_too_late")
        assert server.load().connections == 0


async def test_a_compressed_body_is_not_read(server):
    answer = await ask(server.port, post(headers="Content-Encoding: gzip\r\n"))
    assert (answer.status, answer.error) == (415, "body_encoding")


async def test_a_page_of_another_origin_asks_in_vain_unless_it_is_allowed(server):
    foreign = "Origin: https://elsewhere.example\r\n"
    refused = await ask(server.port, post(headers=foreign))
    assert (refused.status, refused.error) == (403, "origin")
    assert refused.headers["access-control-allow-origin"] == "*", "the page may read why"
    async with serving(allow_origins=("https://elsewhere.example",)) as open_server:
        answer = await ask(open_server.port, post(headers=foreign))
        assert (answer.status, answer.headers["access-control-allow-origin"]) == (200, "*")


async def test_a_preflight_is_answered_without_a_key():
    async with serving(api_keys=("geheim",)) as server:
        asked = f"OPTIONS {SPEECH} HTTP/1.1\r\n{HOST}Origin: https://a.example\r\n"
        answer = await ask(server.port, f"{asked}Access-Control-Request-Method: POST\r\n\r\n")
        assert (answer.status, answer.headers["access-control-allow-methods"]) == (204, "POST, OPTIONS")
        assert "Authorization" in answer.headers["access-control-allow-headers"]


# -- room --------------------------------------------------------------------------------------------------------------


async def test_rule_02_a_full_server_says_429_and_when_to_try_again():
    engine = HeldEngine()
    async with serving(engine, max_connections=1) as server, RawPeer.connect(server.port) as first:
        first.say(post())
        await until(lambda: engine.speaking)
        answer = await ask(server.port, post())
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["type"]) == (429, "rate_limit_error")
        assert int(answer.headers["retry-after"]) >= 1
        engine.may_speak.set()
        assert (await first.answer()).status == 200
        assert (await ask(server.port, post())).status == 200


async def test_a_tenant_over_its_quota_gets_429_by_every_way_and_others_are_served():
    engine = HeldEngine()
    keys = {"api_keys": ("eins", "zwei"), "max_connections_per_key": 1}
    async with serving(engine, **keys) as server, RawPeer.connect(server.port) as first:
        first.say(post(headers="Authorization: Bearer eins\r\n"))
        await until(lambda: engine.speaking)
        again = await ask(server.port, post(headers="Authorization: Bearer eins\r\n"))
        assert (again.status, again.error) == (429, "quota")
        handshake = f"GET /v1/tts/stream HTTP/1.1\r\n{HOST}{UPGRADE}Authorization: Bearer eins\r\n\r\n"
        assert (await ask(server.port, handshake)).status == 429
        engine.may_speak.set()
        assert (await ask(server.port, post(headers="Authorization: Bearer zwei\r\n"))).status == 200
        await first.answer()
        assert (await ask(server.port, post(headers="Authorization: Bearer eins\r\n"))).status == 200


async def test_requests_that_nobody_hears_leave_room_for_listeners():
    engine = HeldEngine()
    async with serving(engine, max_concurrent_requests=4) as server, contextlib.AsyncExitStack() as stack:
        for _ in range(3):
            peer = await stack.enter_async_context(RawPeer.connect(server.port))
            peer.say(post())
        await until(lambda: engine.speaking == 3)
        assert (await ask(server.port, post())).status == 429
        listener = await stack.enter_async_context(await WirePeer.join(server.url))
        await listener.send("text", context_id="c", text="Here I am.")
        await listener.send("context.end", context_id="c")
        await until(lambda: engine.speaking == 4)
        engine.may_speak.set()


async def test_a_server_that_drains_finishes_what_it_says_and_takes_no_more():
    engine = HeldEngine()
    async with serving(engine) as server, RawPeer.connect(server.port) as first, RawPeer.connect(server.port) as late:
        first.say(post())
        late.say("GET /ready HTTP/1.1\r\n" + HOST + "\r\n")
        await late.answer()
        await until(lambda: engine.speaking)
        draining = asyncio.create_task(server.drain())
        await until(lambda: server.load().is_draining)
        late.say(post())
        answer = await late.answer()
        assert (answer.status, answer.error) == (503, "draining")
        engine.may_speak.set()
        answer = await first.answer()
        assert np.array_equal(np.frombuffer(answer.body, "<i2"), tones())
        assert answer.headers["connection"] == "close"
        await draining


async def test_sigterm_lets_an_answer_finish():
    with ServerProcess("--engine", "tone", "--http-pacing") as server:
        async with RawPeer.connect(server.port) as peer:
            peer.say(post())
            async with asyncio.timeout(PATIENCE_S):
                head = await peer.reader.readuntil(b"\r\n\r\n")
                server.process.send_signal(signal.SIGTERM)
                rest = await peer.reader.read()
            await asyncio.to_thread(server.process.wait, PATIENCE_S)
    assert b" 200 " in head
    assert rest.endswith(b"0\r\n\r\n"), "the answer is whole"


# -- faults ------------------------------------------------------------------------------------------------------------


async def test_an_engine_that_breaks_before_any_sound_is_an_error():
    async with serving(BreakingEngine(0)) as server:
        answer = await ask(server.port, post())
        error = json.loads(answer.body)["error"]
        assert (answer.status, error["code"], error["type"]) == (500, "synthesis_failed", "server_error")
        assert "secret" not in error["message"]


async def test_rule_13_an_engine_that_breaks_after_some_sound_cuts_the_answer_off():
    async with serving(BreakingEngine(2)) as server, RawPeer.connect(server.port) as peer:
        peer.say(post())
        everything = await peer.until_closed()
        head, _, body = everything.partition(b"\r\n\r\n")
        assert b" 200 " in head
        assert b"error" not in body
        assert not body.endswith(b"0\r\n\r\n"), "no client takes it for the whole"


async def test_rule_13_among_events_it_is_an_event():
    async with serving(BreakingEngine(2)) as server:
        answer = await ask(server.port, post(stream_format="sse"))
        last = json.loads(answer.body.split(b"\n\n")[-2].removeprefix(b"data: "))
        assert (last["type"], last["error"]["code"]) == ("error", "synthesis_failed")


async def test_a_fault_of_one_request_reaches_no_other(server):
    engine = BreakingEngine(2)
    async with serving(engine) as server, await WirePeer.join(server.url) as listener:
        engine.at = None
        await listener.send("text", context_id="c", text=TEXT)
        await listener.send("context.end", context_id="c")
        engine.at = 0
        assert (await ask(server.port, post())).status == 500


# -- a client that leaves, or does not read ----------------------------------------------------------------------------


async def leave(peer):
    """Close as a program that ends: with what it has not read lost."""
    peer.writer.transport.abort()


async def slots_are_free(server):
    """How long it takes until no slot is held and no connection counted."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    await until(lambda: server.load().requests == 0 and server.load().connections == 0)
    return loop.time() - began


async def test_rule_03_a_client_that_leaves_before_the_first_sound_frees_its_slot():
    engine = HeldEngine()
    async with serving(engine) as server, RawPeer.connect(server.port) as peer:
        peer.say(post())
        await until(lambda: engine.speaking)
        await leave(peer)
        assert await slots_are_free(server) < PATIENCE_S / 4
        await until(lambda: not engine.speaking)


@pytest.mark.parametrize("is_paced", [True, False])
async def test_rule_03_a_client_that_leaves_in_the_middle_frees_its_slot(is_paced):
    async with serving(http_pacing=is_paced) as server, RawPeer.connect(server.port, limit=1024) as peer:
        peer.say(post(input="A long text. " * 300))
        await peer.reader.readuntil(b"\r\n\r\n")
        await until(lambda: server.load().requests == 1)
        await leave(peer)
        assert await slots_are_free(server) < PATIENCE_S / 4


async def stalled(port, body):
    """A peer that asks and never reads; its kernel has little room."""
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    raw.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(raw, ("127.0.0.1", port))
    await loop.sock_sendall(raw, body.encode())
    return raw


def only_conversation(server):
    (runner,) = server._conversations.values()
    return runner


async def test_a_client_that_reads_nothing_has_little_ahead_of_it_and_gives_its_slot_to_others():
    async with serving(slot_lease_s=0.3, max_concurrent_requests=1) as server:
        raw = await stalled(server.port, post(input="A long text. " * 300))
        await until(lambda: server._conversations and only_conversation(server)._is_blocked)
        (context,) = only_conversation(server)._session.conversation._contexts.values()
        sent_ms = context.clock.sent_ms
        # What the kernel holds at both ends, what the connection holds, and what was granted in one go; 48 bytes a ms.
        assert sent_ms * 48 < 65_536 + 2 * 4096 + 16_384 + 2 * 1200 * 48 + 65_536
        await until(lambda: server.load().requests == 0)
        assert (await ask(server.port, post())).status == 200, "another one is served meanwhile"
        assert context.clock.sent_ms == sent_ms
        raw.close()
        assert await slots_are_free(server) < PATIENCE_S / 4


async def test_a_paced_client_that_reads_nothing_is_closed_like_a_listener():
    async with serving(http_pacing=True, slow_client_s=0.5) as server:
        raw = await stalled(server.port, post(input="A long text. " * 300, response_format="wav"))
        await until(lambda: server._conversations)
        (context,) = only_conversation(server)._session.conversation._contexts.values()
        await slots_are_free(server)
        assert context.clock.sent_ms < 8000
        raw.close()


async def test_paced_speech_comes_in_real_time_and_no_more_than_the_lead_ahead():
    async with serving(http_pacing=True) as server, RawPeer.connect(server.port) as peer:
        peer.say(post(input="A long text. " * 300))
        await peer.reader.readuntil(b"\r\n\r\n")
        await until(lambda: server._conversations)
        (context,) = only_conversation(server)._session.conversation._contexts.values()
        loop = asyncio.get_running_loop()
        began, had = loop.time(), context.clock.sent_ms
        reading = asyncio.create_task(peer.reader.read(1 << 30))
        await until(lambda: context.clock.sent_ms > had + 1000)
        assert context.clock.lead_ms(loop.time()) <= 2000
        assert loop.time() - began >= 0.2
        reading.cancel()


async def test_pipelined_requests_are_answered_in_order(server):
    async with RawPeer.connect(server.port) as peer:
        texts = ["First of all.", "And the second.", "Third and last."]
        peer.say("".join(post(input=text) for text in texts))
        for text in texts:
            assert np.array_equal(np.frombuffer((await peer.answer()).body, "<i2"), tones(text))


# -- which dialect's a request is --------------------------------------------------------------------------------------


def dialect(name, *routes, home=""):
    return HttpDialect(name, routes, OPENAI.error, home=home)


async def test_of_two_dialects_at_one_path_the_first_that_takes_the_request_gets_it():
    picky = SpeechRoute("POST", "/v1/x/{name}", None, when=lambda request: "key" in request.headers)
    other = SpeechRoute("POST", "/v1/x/{name}", None)
    both = (dialect("picky", picky), dialect("other", other))

    assert find(both, HttpRequest("POST", "/v1/x/a", headers={"key": "1"})).dialect.name == "picky"
    found = find(both, HttpRequest("POST", "/v1/x/a%20b"))
    assert (found.dialect.name, found.request.parameters) == ("other", {"name": "a b"})
    assert find(both, HttpRequest("GET", "/v1/x/a")).methods == ("POST",)
    assert find(both, HttpRequest("GET", "/v1/y")) is None


async def test_a_path_below_a_dialects_home_is_its_own():
    found = find((dialect("homely", home="/v1/homely/"),), HttpRequest("GET", "/v1/homely/x"))
    assert (found.dialect.name, found.route, found.methods) == ("homely", None, ())
