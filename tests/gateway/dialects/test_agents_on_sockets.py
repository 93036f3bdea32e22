"""Cartesia's, Deepgram's and vLLM-Omni's dialects on real sockets: the wire as it is, without anybody's client."""

import asyncio
import base64
import json
import time

import aiohttp
import numpy as np
import pytest
import soxr
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from wire_peer import PATIENCE_S, correlation

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import UnsupportedRequest, never
from sayline.synthesis.tone import ToneSynthesizer, tone_for

pytestmark = pytest.mark.slow  # a whole server for each test

TEXT = "Hello there, this is the first sentence. And here comes a second one, which is a little longer. Bye now!"
LONG = "This is one of very many sentences that nobody will ever hear. " * 200
CARTESIA, AURA, FLUX, VLLM = "/tts/websocket", "/v1/speak", "/v2/speak", "/v1/audio/speech/stream"
ENDPOINTS = [CARTESIA, AURA, FLUX, VLLM]
KEY = "a-key-of-some-length"
DITHER = 2  # soxr's, between two runs over one sound, in steps of 16 bits


class Recorder(ToneSynthesizer):
    """The tone engine, which keeps what it is asked for."""

    def __init__(self):
        super().__init__()
        self.asked = []

    async def speak(self, segment, style, runs_dry_at=never):
        self.asked.append((segment, style))
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield chunk

    def sound(self, rate_hz):
        """All that was asked for, as the engine makes it, at a rate."""
        samples = np.concatenate([tone_for(segment, style) for segment, style in self.asked])
        return soxr.resample(samples, self.sample_rate_hz, rate_hz, "HQ")


class Mute(ToneSynthesizer):
    """An engine that refuses every text, at a length that no close frame holds, and in no ASCII."""

    async def speak(self, *_):
        raise UnsupportedRequest("für diese Sprache gibt es keine Stimme " * 9)
        yield


class Agent:
    """A peer that speaks one of the dialects, as its clients do."""

    def __init__(self, url, path, **options):
        self.url = url + path
        self.path = path.partition("?")[0]
        self.options = {"max_queue": None, "max_size": None, **options}
        self.messages = []
        self.sound = b""

    async def __aenter__(self):
        self.socket = await connect(self.url, **self.options)
        return self

    async def __aexit__(self, *_):
        await self.socket.close()

    async def send(self, *messages):
        for message in messages:
            await self.socket.send(json.dumps(message))

    async def take(self):
        message = await asyncio.wait_for(self.socket.recv(), PATIENCE_S)
        if isinstance(message, bytes):
            self.sound += message
            return message
        fields = json.loads(message)
        self.messages.append(fields)
        if fields["type"] == "chunk":
            self.sound += base64.b64decode(fields["data"], validate=True)
        return fields

    async def until(self, kind):
        while True:
            message = await self.take()
            if isinstance(message, dict) and message["type"] == kind:
                return message

    async def until_closed(self):
        """Take what still comes; returns how the connection ended."""
        try:
            while True:
                await self.take()
        except ConnectionClosed as closed:
            return closed.rcvd

    async def until_sound(self):
        known = len(self.sound)
        while len(self.sound) == known:
            await self.take()

    # What each dialect calls things.

    async def begin(self, name="c", rate_hz=24_000, encoding="pcm_s16le"):
        self.name = name
        self.form = {"container": "raw", "encoding": encoding, "sample_rate": rate_hz}
        if self.path == VLLM:
            await self.send({"type": "session.config", "response_format": "pcm", "stream_audio": True})

    async def write(self, text):
        if self.path == CARTESIA:
            await self.send(
                {
                    "context_id": self.name,
                    "transcript": text,
                    "output_format": self.form,
                    "continue": True,
                    "voice": None,
                }
            )
        else:
            await self.send({"type": "input.text" if self.path == VLLM else "Speak", "text": text})

    async def end(self):
        if self.path == CARTESIA:
            await self.send({"context_id": self.name, "transcript": "", "output_format": self.form, "continue": False})
        else:
            await self.send({"type": "input.done" if self.path == VLLM else "Flush"})

    async def interrupt(self):
        if self.path == CARTESIA:
            await self.send({"context_id": self.name, "cancel": True})
        else:
            await self.send({"type": {AURA: "Clear", FLUX: "Interrupt", VLLM: "input.cancel"}[self.path]})

    @property
    def interrupted(self):
        return {CARTESIA: "done", AURA: "Cleared", FLUX: "SpeechInterrupted", VLLM: "session.done"}[self.path]

    @property
    def over(self):
        return {CARTESIA: "done", AURA: "Flushed", FLUX: "SpeechMetadata", VLLM: "session.done"}[self.path]


def settings(**given):
    return Settings(port=0, engine="tone", **given)


async def until_free(server):
    async with asyncio.timeout(PATIENCE_S):
        while server.load().requests:
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_text_in_pieces_is_heard_as_the_engine_made_it(path):
    engine = Recorder()
    async with running_server(settings(max_lead_ms=60_000), engine) as server, Agent(server.url, path) as agent:
        await agent.begin()
        for at in range(0, len(TEXT), 7):
            await agent.write(TEXT[at : at + 7])
        await agent.end()
        await agent.until(agent.over)

    heard = np.frombuffer(agent.sound, "<i2")
    produced = engine.sound(24_000)
    assert "".join(segment.text for segment, _ in engine.asked) == TEXT
    assert len(heard) == len(produced)
    assert correlation(heard.astype(float), produced.astype(float))[0] > 0.999


@pytest.mark.parametrize("path", [CARTESIA, AURA])
async def test_rule_12_sound_comes_at_the_rate_that_was_asked_for(path):
    engine = Recorder()
    async with running_server(settings(), engine) as server:
        for rate_hz in (8_000, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000):
            engine.asked.clear()
            query = f"?encoding=linear16&sample_rate={rate_hz}" if path == AURA else ""
            async with Agent(server.url, path + query) as agent:
                await agent.begin(rate_hz=rate_hz)
                await agent.write("Hello there.")
                await agent.end()
                await agent.until(agent.over)

            heard, produced = np.frombuffer(agent.sound, "<i2"), engine.sound(rate_hz)
            assert len(heard) == len(produced)
            assert np.abs(heard.astype(int) - produced).max() <= DITHER


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_an_interruption_stops_the_sound_frees_the_slot_and_leaves_the_next_turn_clean(path):
    engine = Recorder()
    async with running_server(settings(), engine) as server, Agent(server.url, path) as agent:
        await agent.begin()
        await agent.write(LONG)
        await agent.end()
        await agent.until_sound()
        await agent.interrupt()
        asked_at = time.monotonic()
        await agent.until(agent.interrupted)
        stopped_s = time.monotonic() - asked_at
        await until_free(server)
        heard = len(agent.sound)

        engine.asked.clear()
        await agent.begin("next")
        await agent.write("Hello there.")
        await agent.end()
        await agent.until(agent.over)

    assert stopped_s < 5  # milliseconds on an idle machine; tests/clients measures it
    after, produced = np.frombuffer(agent.sound[heard:], "<i2"), engine.sound(24_000)
    assert len(after) == len(produced)
    assert np.abs(after.astype(int) - produced).max() <= DITHER


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_rule_03_a_client_that_goes_frees_its_slot(path):
    async with running_server(settings(max_concurrent_requests=1)) as server:
        async with Agent(server.url, path) as agent:
            await agent.begin()
            await agent.write(LONG)
            await agent.until_sound()
            assert server.load().requests == 1
            agent.socket.transport.abort()
        await until_free(server)

        async with Agent(server.url, path) as agent:
            await agent.begin()
            await agent.write("Hello there.")
            await agent.end()
            await agent.until(agent.over)
            assert agent.sound


@pytest.mark.parametrize("path", ENDPOINTS)
async def test_rule_02_a_full_server_answers_429_before_the_upgrade_and_loses_no_text(path):
    async with running_server(settings(max_connections=1)) as server:
        async with Agent(server.url, path) as first:
            with pytest.raises(InvalidStatus) as refused:
                await connect(server.url + path)
            assert refused.value.response.status_code == 429
            assert int(refused.value.response.headers["Retry-After"]) >= 1
            await first.begin()
            await first.write("Hello there.")
            await first.end()
            await first.until(first.over)
        async with asyncio.timeout(PATIENCE_S):
            while server.load().connections:
                await asyncio.sleep(0.005)
        async with Agent(server.url, path) as second:
            await second.begin()
            await second.write("Hello there.")
            await second.end()
            await second.until(second.over)
            assert second.sound


async def test_rule_12_a_format_that_cannot_be_had_is_400_before_the_upgrade():
    async with running_server(settings()) as server:
        for path in (AURA, FLUX):
            for query in ("?encoding=opus", "?sample_rate=4000", "?container=wav", "?speed=9"):
                with pytest.raises(InvalidStatus) as refused:
                    await connect(server.url + path + query)
                answer = refused.value.response
                assert answer.status_code == 400
                assert set(json.loads(answer.body)) == {"err_code", "err_msg", "request_id"}


async def test_rule_20_compression_is_declined():
    async with running_server(settings()) as server:
        for path in ENDPOINTS:
            async with Agent(server.url, path) as agent:
                assert "Sec-WebSocket-Extensions" not in agent.socket.response.headers


@pytest.mark.parametrize("path", [AURA, FLUX])
async def test_rule_19_a_browser_s_scheme_is_confirmed_and_its_key_never(path):
    async with running_server(settings(api_keys=(KEY,))) as server:
        for scheme in ("token", "bearer"):
            async with Agent(server.url, path, subprotocols=[scheme, KEY]) as agent:
                assert agent.socket.subprotocol == scheme
        async with Agent(server.url, path, additional_headers={"Authorization": f"Token {KEY}"}) as agent:
            assert agent.socket.subprotocol is None
        for refused in ({"subprotocols": ["token", "wrong"]}, {}):
            with pytest.raises(InvalidStatus) as error:
                await connect(server.url + path, **refused)
            assert error.value.response.status_code == 401


async def test_cartesia_s_key_may_stand_in_a_header_or_in_the_query():
    async with running_server(settings(api_keys=(KEY,))) as server:
        for query, headers in [
            (f"?api_key={KEY}&cartesia_version=2025-04-16", {}),
            (f"?access_token={KEY}", {}),
            ("", {"X-API-Key": KEY, "Cartesia-Version": "2099-01-01"}),
            ("", {"Authorization": f"Bearer {KEY}"}),
        ]:
            async with Agent(server.url, CARTESIA + query, additional_headers=headers):
                pass
        with pytest.raises(InvalidStatus) as error:
            await connect(f"{server.url}{CARTESIA}?api_key=wrong")
    assert error.value.response.status_code == 401
    assert json.loads(error.value.response.body)["error_code"] == "unauthorized"


@pytest.mark.parametrize(("path", "code"), [(AURA, 1011), (FLUX, 1011), ("/v1/text-to-speech/anna/stream-input", 1008)])
async def test_a_close_says_why_as_far_as_its_frame_holds(path, code):
    async with running_server(settings(), Mute()) as server, connect(server.url + path) as socket:
        await socket.send(json.dumps({"type": "Speak", "text": "Hello there."}))
        await socket.send(json.dumps({"type": "Flush", "text": "", "flush": True}))
        await asyncio.wait_for(socket.wait_closed(), PATIENCE_S)
    assert socket.close_code == code
    assert "für diese Sprache" in socket.close_reason
    assert len(socket.close_reason.encode()) in (122, 123)  # a letter of two bytes is not cut


@pytest.mark.parametrize("path", [AURA, FLUX])
async def test_rule_18_close_is_answered_when_all_was_said(path):
    async with running_server(settings()) as server, Agent(server.url, path) as agent:
        await agent.begin()
        await agent.write("Hello there.")
        await agent.end()
        await agent.send({"type": "Close"})
        closed = await agent.until_closed()
    assert closed.code == 1000
    assert agent.messages[-1]["type"] == ("SessionMetadata" if path == FLUX else "Flushed")
    assert agent.sound


async def test_rule_09_sixteen_contexts_speak_on_one_socket():
    async with running_server(settings()) as server, Agent(server.url, CARTESIA) as agent:
        names = [f"c{number}" for number in range(16)]
        for name in names:
            await agent.begin(name)
            await agent.write("One two three.")
            await agent.end()
        while len([message for message in agent.messages if message["type"] == "done"]) < 16:
            await agent.take()
    kinds = {(message["type"], message["context_id"]) for message in agent.messages}
    assert kinds == {(kind, name) for kind in ("chunk", "done") for name in names}


async def test_a_voice_and_a_model_that_nobody_has_are_spoken_with_the_default_voice():
    """Rule 21 on the wire: clients come with the vendors' own names."""
    engine = Recorder()
    async with running_server(settings(), engine) as server:
        async with Agent(server.url, AURA + "?model=aura-2-thalia-en") as agent:
            await agent.begin()
            await agent.write("Hello there.")
            await agent.end()
            await agent.until(agent.over)
        voice = {"mode": "id", "id": "6ccbfb76-1fc6-48f7-b71d-91ac6298247b"}
        request = {"context_id": "c", "transcript": "Hello.", "voice": voice, "model_id": "sonic-3.5"}
        async with Agent(server.url, CARTESIA) as agent:
            await agent.begin()
            await agent.send(request | {"output_format": agent.form})
            await agent.until("done")
    assert len({style.voice for _, style in engine.asked}) == 1


async def test_opus_of_an_utterance_is_one_ogg_stream():
    async with running_server(settings(max_lead_ms=60_000)) as server, Agent(server.url, VLLM) as agent:
        await agent.send({"type": "session.config", "response_format": "opus", "stream_audio": True})
        await agent.write(TEXT)
        await agent.end()
        await agent.until("session.done")
    pages = agent.sound.split(b"OggS")[1:]
    assert (pages[0][1], pages[-1][1]) == (2, 4)  # the beginning and the end of the stream (RFC 3533, 6)
    numbers = [int.from_bytes(page[14:18], "little") for page in pages]
    assert numbers == list(range(len(pages)))


async def test_requests_over_http_are_answered_beside_the_websockets():
    engine = Recorder()
    output = {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 24_000}
    asked = {"model_id": "sonic-3", "transcript": TEXT, "voice": {"mode": "id", "id": "x"}, "output_format": output}
    async with running_server(settings(api_keys=(KEY,)), engine) as server, aiohttp.ClientSession() as http:
        base = server.url.replace("ws", "http", 1)
        answer = await http.post(f"{base}/tts/bytes", json=asked, headers={"X-API-Key": KEY})
        samples = await answer.read()
        produced = engine.sound(24_000)
        assert (answer.status, len(samples)) == (200, 2 * len(produced))

        answer = await http.post(f"{base}/tts/sse", json=asked, headers={"Authorization": f"Bearer {KEY}"})
        events = [json.loads(line[6:]) for line in (await answer.text()).splitlines() if line.startswith("data: ")]
        sound = b"".join(base64.b64decode(event["data"]) for event in events if event["type"] == "chunk")
        assert (len(sound), events[-1]["type"]) == (2 * len(produced), "done")

        query, token = "?encoding=linear16&container=none&sample_rate=24000", {"Authorization": f"Token {KEY}"}
        answer = await http.post(f"{base}{AURA}{query}", json={"text": TEXT}, headers=token)
        assert (answer.status, len(await answer.read())) == (200, 2 * len(produced))
        assert answer.headers["dg-char-count"] == str(len(TEXT))

        for path, field in ((f"{AURA}?encoding=midi", "err_msg"), ("/tts/bytes", "message")):
            refused = await http.post(base + path, json={"text": TEXT}, headers=token)
            assert refused.status == 400
            assert field in await refused.json()
        for path, code in ((AURA, "err_code"), ("/tts/bytes", "error_code")):
            refused = await http.post(base + path, json={"text": TEXT})
            assert refused.status == 401
            assert code in await refused.json()
        assert (await (await http.get(f"{base}/voices")).json())["data"]
