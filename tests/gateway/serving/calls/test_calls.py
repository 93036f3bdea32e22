"""Phone calls: the caller hears what programs write, one text after the other, and what was heard is what marks say."""

import asyncio
import json
import os
import re
import socket
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import aiohttp
import numpy as np
import pytest
from integrations import lines_of
from twilio_peer import RATE_HZ, TwilioPeer
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from wire_peer import WirePeer, correlation

import sayline
from sayline.gateway.dialects.twilio.messages import ENDPOINT
from sayline.gateway.dialects.twilio.signature import sign
from sayline.gateway.serving.calls import book
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import Segment, Style
from sayline.synthesis.tone import tone_for

ROOT = Path(__file__).parents[4]
PATIENCE_S = 20
KEYS = ("first-key", "second-key")
LONG = "This sentence is spoken for several seconds, so that there is time to interrupt it. "


def serving(**settings):
    return running_server(Settings(port=0, engine="tone", **settings))


@pytest.fixture
async def gateway():
    async with serving() as server:
        yield server


class Writer(WirePeer):
    @classmethod
    async def join(cls, gateway, sid, **options):
        peer = cls(
            await connect(
                f"{gateway.url}/v1/tts/stream?call={sid}", subprotocols=["tts.v1"], compression=None, **options
            )
        )
        peer.ready = json.loads(await asyncio.wait_for(peer.websocket.recv(), PATIENCE_S))
        return peer


def tone_at_8_khz(text):
    """What the engine makes of a text that is one segment, at every third sample: the tones lie far below 4 kHz."""
    return tone_for(Segment(0, text, text, 0, len(text)), Style("tone"))[::3]


async def until(condition):
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.01)


async def test_the_caller_hears_a_text_that_is_written_word_by_word(gateway):
    text = "Hello there, this is your bank."
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak(text, cuts=range(0, len(text), 5))
        heard = await writer.listen()
        sound = call.sound()

    assert heard.done["reason"] == "end"
    assert heard.done["text_spoken"] == text
    assert heard.started["format"] == "mulaw"
    assert heard.frames == []  # the phone has them
    expected = tone_at_8_khz(text)
    assert len(sound) == pytest.approx(len(expected), abs=RATE_HZ // 20)
    assert correlation(sound.astype(float), expected.astype(float), max_shift=40)[0] > 0.99


async def test_the_python_client_writes_for_a_call_by_the_name_of_its_stream(gateway):
    lines = lines_of("a phone call's writer (Python)", at=f"127.0.0.1:{gateway.port}")
    async with TwilioPeer(gateway.url) as call:
        told = {}
        exec(re.sub("CA[0-9a-f]{32}", call.stream_sid, lines), told)  # noqa: S102 - our own document
        async with told["connecting"] as line, line.speak("Hello there.") as speech:
            events = [event async for event in speech]
        sound = call.sound()

    assert isinstance(events[-1], sayline.ContextDone)
    assert len(sound) / RATE_HZ == pytest.approx(events[-1].audio_ms / 1000, abs=0.03)


async def test_twilio_is_led_here_by_a_line_of_twiml(gateway):
    twiml = ET.fromstring(lines_of("Twilio", at=f"127.0.0.1:{gateway.port}"))  # noqa: S314 - our own
    url = twiml.find("Connect/Stream").get("url")
    assert url.startswith("wss://")  # Twilio takes no other; a proxy makes it ours
    led_to = url.replace("wss", "ws", 1).removesuffix(ENDPOINT)
    async with TwilioPeer(led_to) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak("Hello.")
        assert (await writer.listen()).done["reason"] == "end"


async def test_the_example_answers_a_call_and_says_what_was_heard(tmp_path):
    """From Twilio's webhook to the last word, with a key."""
    program = ROOT / "examples/answer_a_call.py"
    assert len(program.read_text().splitlines()) <= 50
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
    async with serving(api_keys=KEYS) as gateway:
        env = {"SAYLINE_URL": gateway.url, "SAYLINE_KEY": KEYS[0], "PUBLIC_URL": gateway.url, "PORT": str(port)}
        env["PYTHONUNBUFFERED"] = "1"  # aiohttp does not flush what it says of itself
        process = await asyncio.create_subprocess_exec(
            sys.executable, str(program), cwd=tmp_path, env=os.environ | env, stdout=asyncio.subprocess.PIPE
        )
        try:
            await asyncio.wait_for(process.stdout.readline(), PATIENCE_S)  # it listens
            call = TwilioPeer("")
            async with (
                aiohttp.ClientSession() as twilio,
                twilio.post(f"http://127.0.0.1:{port}/answer", data={"CallSid": call.call_sid}) as answer,
            ):
                assert answer.content_type == "text/xml"
                stream = ET.fromstring(await answer.text()).find("Connect/Stream")  # noqa: S314 - of our own example
            call.url = stream.get("url").removesuffix(ENDPOINT)
            call.parameters = {each.get("name"): each.get("value") for each in stream.findall("Parameter")}
            async with call:
                async with asyncio.timeout(PATIENCE_S):
                    while b"heard: " not in (line := await process.stdout.readline()):
                        assert line
                assert line.decode().endswith("while it is being written. Goodbye. \n")
                assert call.call_sid in line.decode()
                assert len(call.sound()) > 3 * RATE_HZ
        finally:
            process.terminate()
            await process.wait()


async def test_a_writer_that_comes_before_the_call_waits_for_it(gateway):
    call = TwilioPeer(gateway.url)
    async with asyncio.TaskGroup() as tasks:
        joining = tasks.create_task(Writer.join(gateway, call.call_sid))
        await until(lambda: gateway.load().connections == 1)
        async with call, await joining as writer:
            await writer.speak("Hello.")
            assert (await writer.listen()).done["reason"] == "end"


async def test_a_text_is_over_when_it_was_heard_and_not_when_it_was_sent(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak("Hello there, you.")
        await writer.listen()
        assert asyncio.get_running_loop().time() >= call.played[-1].ends_at - 0.05


async def test_a_call_whose_marks_never_come_back_ends_its_texts_by_the_clock(gateway):
    async with TwilioPeer(gateway.url, is_deaf=True) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak("Hello there, you.")
        assert (await writer.listen()).done["reason"] == "end"


async def test_an_interruption_empties_the_phone_s_queue_and_tells_what_was_heard(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak(LONG, timestamps="word")
        await call.until(lambda peer: len(peer.sound(asyncio.get_running_loop().time())) > RATE_HZ)
        await writer.send("context.cancel", context_id="c")
        heard = await writer.listen()
        await call.until(lambda peer: peer.said[-1][1] == "clear")
        cleared_at = call.said[-1][0]

        assert heard.done["reason"] == "cancel"
        assert heard.done["text_spoken"] + heard.done["text_remaining"] == LONG
        assert 0 < len(heard.done["text_spoken"]) < len(LONG)
        spoken_words = len(heard.done["text_spoken"].split())
        said_ms = heard.words[spoken_words - 1]["end_ms"]
        played_ms = 1000 * len(call.sound(cleared_at)) / RATE_HZ
        assert said_ms <= played_ms + 100  # a mark's way back, and no word more
        assert said_ms >= played_ms - 1000
        await until(lambda: gateway.load().requests == 0)

        await writer.speak("Sorry, go on.", "d")
        assert (await writer.listen("d")).done["reason"] == "end"
        expected = tone_at_8_khz("Sorry, go on.")
        after = call.sound()[-len(expected) :]
        assert correlation(after.astype(float), expected.astype(float), max_shift=400)[0] > 0.99
        assert [event for _, event in call.said].count("clear") == 1


async def test_an_interruption_after_all_was_sent_still_empties_the_queue(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak("Hello there, all of you there.")
        await call.until(lambda peer: len(peer.sound()) > 1.5 * RATE_HZ)
        await writer.send("context.cancel", context_id="c")
        assert (await writer.listen()).done["reason"] == "cancel"
        await call.until(lambda peer: peer.said[-1][1] == "clear")


async def test_texts_of_two_writers_are_heard_one_after_the_other(gateway):
    async with (
        TwilioPeer(gateway.url) as call,
        await Writer.join(gateway, call.call_sid) as one,
        await Writer.join(gateway, call.call_sid) as two,
    ):
        await one.send("text", context_id="c", text="Hello there, you. ")
        await call.until(lambda peer: peer.played)
        await two.speak("Me too, please.", "c")  # a name that the other writer uses as well
        await one.send("context.end", context_id="c")
        await one.listen()
        assert two.heard("c").done is None
        await two.listen("c")
        sound = call.sound()

    expected = np.concatenate([tone_at_8_khz("Hello there, you."), tone_at_8_khz("Me too, please.")])
    assert correlation(sound.astype(float), expected.astype(float), max_shift=800)[0] > 0.9
    assert [message["type"] for message in two.others] == []


async def test_a_caller_that_hangs_up_ends_what_is_spoken_and_the_writers_are_told(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak(LONG)
        await call.until(lambda peer: len(peer.sound()) > RATE_HZ // 2)
        await call.hang_up()
        closed = await writer.until_closed()

        assert writer.heard().done["reason"] == "cancel"
        assert writer.heard().done["text_remaining"]
        assert closed.rcvd.code == 1000
        assert closed.rcvd.reason == "the call is over"
        await until(lambda: gateway.load().requests == gateway.load().connections == 0)


async def test_a_call_that_is_cut_off_tells_the_same(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak(LONG)
        await call.until(lambda peer: peer.played)
        call.socket.transport.abort()
        await writer.until_closed()
        assert writer.heard().done["reason"] == "cancel"


async def test_a_writer_that_leaves_has_said_what_it_wrote_and_the_call_goes_on(gateway):
    async with TwilioPeer(gateway.url) as call:
        async with await Writer.join(gateway, call.call_sid) as writer:
            await writer.send("text", context_id="c", text="Hello there, you")
        expected = tone_at_8_khz("Hello there, you")
        await call.until(lambda peer: len(peer.sound()) >= len(expected) - RATE_HZ // 50)
        async with await Writer.join(gateway, call.call_sid) as writer:
            await writer.speak("Hello.")
            assert (await writer.listen()).done["reason"] == "end"


async def test_keys_that_the_caller_presses_reach_the_writers(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await call.press("5")
        assert await writer.take() == {"type": "call.digit", "digit": "5"}


async def test_a_writer_cannot_change_the_call_s_format_and_is_greeted_again_instead(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.send("session.update", format="opus", sample_rate=48000)
        assert (await writer.take())["type"] == "session.ready"
        await writer.send("playback", context_id="c", played_ms=10**9)
        await writer.send("ping", id=7)
        assert await writer.take() == {"type": "pong", "id": 7}
        await writer.send("nonsense")
        assert (await writer.take())["code"] == "bad_message"


async def test_the_caller_s_own_sound_is_let_pass(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await call.speak(frames=500)
        await writer.speak("Hello.")
        assert (await writer.listen()).done["reason"] == "end"


async def test_there_is_no_such_call(gateway, monkeypatch):
    monkeypatch.setattr(book, "PATIENCE_S", 0.05)
    with pytest.raises(ConnectionClosed) as closed:
        await Writer.join(gateway, "CAnone")
    assert (closed.value.rcvd.code, closed.value.rcvd.reason) == (4404, "there is no such call")


@pytest.mark.parametrize("message", ["no JSON", '{"event": "start", "start": {}}', b"\x00"])
async def test_a_peer_that_is_not_twilio_is_closed(gateway, message):
    async with connect(gateway.url + ENDPOINT) as socket:
        await socket.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
    assert closed.value.rcvd.code == 1008


async def test_a_call_is_refused_before_the_upgrade_if_there_is_no_room():
    async with serving(max_connections=1) as gateway, TwilioPeer(gateway.url):
        with pytest.raises(InvalidStatus) as refused:
            await connect(gateway.url + ENDPOINT)
    assert refused.value.response.status_code == 503


async def test_a_server_that_drains_lets_the_caller_hear_the_text_to_its_end():
    async with serving() as gateway, TwilioPeer(gateway.url) as call:
        async with await Writer.join(gateway, call.call_sid) as writer:
            await writer.speak("Hello there, you.")
            await call.until(lambda peer: peer.played)
            async with asyncio.TaskGroup() as tasks:
                draining = tasks.create_task(gateway.drain())
                await writer.until_closed()
                await draining
            assert writer.heard().done["reason"] == "end"
            assert [message["type"] for message in writer.others] == ["goaway"]
        await call.until(lambda peer: peer.close == 1001)


# -- requests of HTTP --------------------------------------------------------------------------------------------------


def request(gateway, method, sid, **options):
    return aiohttp.request(method, f"http://127.0.0.1:{gateway.port}/v1/calls/{sid}", **options)


async def test_a_request_s_text_is_heard_while_it_is_written_and_answered_when_it_was_heard(gateway):
    async with TwilioPeer(gateway.url) as call:

        async def text():
            yield b"Hello there, thi"
            yield b"s is caf\xc3"
            yield b"\xa9. "

        async with request(gateway, "POST", call.call_sid, data=text()) as answer:
            told = await answer.json()
        assert answer.status == 200
        assert (told["reason"], told["text_spoken"], told["text_remaining"]) == (
            "end",
            "Hello there, this is café. ",
            "",
        )
        assert len(call.sound()) / RATE_HZ == pytest.approx(told["audio_ms"] / 1000, abs=0.03)


async def test_a_json_body_may_say_how_the_text_is_to_be_spoken(gateway):
    async with TwilioPeer(gateway.url) as call:
        for body, status in [
            ({"text": "Hello.", "speed": 2.0}, 200),
            ({"text": "Hello.", "voice": "nobody"}, 400),
            ({"text": 7}, 400),
            ({"text": "x", "nonsense": 1}, 400),
            ([], 400),
        ]:
            async with request(gateway, "POST", call.stream_sid, json=body) as answer:
                told = await answer.json()
            assert answer.status == status, told
            assert ("error" in told) == (status == 400)


async def test_a_request_interrupts_all_that_is_spoken(gateway):
    async with TwilioPeer(gateway.url) as call, await Writer.join(gateway, call.call_sid) as writer:
        await writer.speak(LONG)
        await call.until(lambda peer: peer.played)
        async with request(gateway, "DELETE", call.call_sid) as answer:
            assert await answer.json() == {"cancelled": 1}
        assert (await writer.listen()).done["reason"] == "cancel"
        await call.until(lambda peer: peer.said[-1][1] == "clear")


async def test_requests_for_no_call_and_of_other_kinds_are_errors_in_json(gateway, monkeypatch):
    monkeypatch.setattr(book, "PATIENCE_S", 0.05)
    for method, sid, status in [("POST", "CAnone", 404), ("DELETE", "CAnone", 404), ("GET", "CA1", 405)]:
        async with request(gateway, method, sid, data=b"x") as answer:
            assert answer.status == status
            assert "error" in await answer.json()


async def test_a_request_shows_the_key_of_the_call():
    call = TwilioPeer("", token=lambda sid: sayline.call_token(KEYS[0], sid))
    async with serving(api_keys=KEYS) as gateway:
        call.url = gateway.url
        async with call:
            for headers, status in [({}, 401), ({"Authorization": f"Bearer {KEYS[0]}"}, 200)]:
                async with request(gateway, "POST", call.call_sid, data=b"Hello.", headers=headers) as answer:
                    assert answer.status == status


# -- who may ---------------------------------------------------------------------------------------------------------


async def test_with_keys_a_call_shows_a_token_that_is_good_for_this_call_alone():
    async with serving(api_keys=KEYS) as gateway:
        key = {"Authorization": f"Bearer {KEYS[1]}"}
        async with (
            TwilioPeer(gateway.url, token=lambda sid: sayline.call_token(KEYS[1], sid)) as call,
            await Writer.join(gateway, call.call_sid, additional_headers=key) as writer,
        ):
            await writer.speak("Hello.")
            assert (await writer.listen()).done["reason"] == "end"

        for token in (None, "", "x", sayline.call_token(KEYS[1], "CAother"), sayline.call_token("no-key", "CA1")):
            async with TwilioPeer(gateway.url, token=token) as call:
                await call.until(lambda peer: peer.close is not None)
                assert call.close == 1008


async def test_nobody_writes_for_the_call_of_another_key(monkeypatch):
    monkeypatch.setattr(book, "PATIENCE_S", 0.05)
    first = TwilioPeer("", token=lambda sid: sayline.call_token(KEYS[0], sid))
    async with serving(api_keys=KEYS) as gateway:
        first.url = gateway.url
        async with first as call:
            with pytest.raises(InvalidStatus) as refused:
                await Writer.join(gateway, call.call_sid)
            assert refused.value.response.status_code == 401
            with pytest.raises(ConnectionClosed) as closed:
                await Writer.join(gateway, call.call_sid, additional_headers={"Authorization": f"Bearer {KEYS[1]}"})
            assert closed.value.rcvd.code == 4404


AUTH_TOKEN = "0123456789abcdef"  # noqa: S105 - made up


@pytest.mark.parametrize("public_url", [None, "https://voice.example/speech/"])
async def test_with_auth_tokens_only_a_call_that_twilio_has_signed_is_let_in(public_url):
    async with serving(twilio_auth_tokens=("older", AUTH_TOKEN), public_url=public_url) as gateway:
        place = f"127.0.0.1:{gateway.port}" if public_url is None else "voice.example/speech"
        call = TwilioPeer(gateway.url)
        for url, token in [(f"wss://{place}/v1/other", AUTH_TOKEN), (f"wss://{place}{ENDPOINT}", "another")]:
            call.headers = {"X-Twilio-Signature": sign(url, token)}
            with pytest.raises(InvalidStatus) as refused:
                await call.__aenter__()
            assert refused.value.response.status_code == 403
            assert json.loads(refused.value.response.body)["error"]["code"] == "signature"
        call.headers = {"X-Twilio-Signature": sign(f"wss://{place}{ENDPOINT}", AUTH_TOKEN)}
        async with call, await Writer.join(gateway, call.call_sid) as writer:  # who writes signs nothing
            await writer.speak("Hello.")
            assert (await writer.listen()).done["reason"] == "end"


async def test_a_call_that_shows_nothing_in_time_is_closed():
    async with serving(api_keys=KEYS, handshake_timeout_s=0.2) as gateway:
        async with connect(gateway.url + ENDPOINT) as socket:
            with pytest.raises(ConnectionClosed) as closed:
                await asyncio.wait_for(socket.recv(), PATIENCE_S)
        assert closed.value.rcvd.code == 1008


def test_a_token_tells_nothing_of_the_key_and_differs_for_each_call():
    tokens = {sayline.call_token(key, sid) for key in KEYS for sid in ("CA1", "CA2")}
    assert len(tokens) == 4
    assert sayline.call_token("key", "CA1") == sayline.call_token("key", "CA1")
