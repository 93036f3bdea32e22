"""``stream-input`` against a real server over real sockets: one speech on a socket."""

import asyncio
import json

import pytest
from elevenlabs_peer import ElevenLabsPeer, Recorder
from websockets.exceptions import InvalidStatus
from wire_peer import PATIENCE_S

from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import SynthesisFailed, never
from sayline.synthesis.tone import ToneSynthesizer

pytestmark = pytest.mark.slow  # a whole server for each test

# What the vendor's Python package begins a speech with, and one of its texts.
BEGIN = {
    "text": " ",
    "try_trigger_generation": True,
    "voice_settings": None,
    "generation_config": {"chunk_length_schedule": [50]},
}
WORDS = "Hello there. This is a second sentence, and it goes on for a while. Then there is a third one. ".split(" ")
END = {"text": ""}
FINAL = {"audio": None, "isFinal": True, "normalizedAlignment": None, "alignment": None}


def text(words, **fields):
    return {"text": words, "try_trigger_generation": True, **fields}


def settings(**changes):
    return Settings(**{"port": 0, "max_lead_ms": 0, **changes})


async def join(server, **query):
    return await ElevenLabsPeer.join(server.url, "stream-input", **query)


async def live(server):
    """Contexts that hold a slot or wait for one, once there are none; gives up after a while."""
    async with asyncio.timeout(PATIENCE_S):
        while server.load().requests:
            await asyncio.sleep(0.01)
    return server.load().requests


@pytest.fixture
def engine():
    return Recorder()


@pytest.fixture
async def server(engine):
    async with running_server(settings(), engine) as running:
        yield running


async def test_rule_7_what_is_heard_is_what_the_engine_made_and_the_end_closes_the_socket(server, engine):
    async with await join(server) as peer:
        await peer.send(BEGIN, *[text(f"{word} ") for word in WORDS], END)
        closed = await peer.until_closed()

    spoken = peer.of()
    assert "".join(engine.texts).split() == " ".join(WORDS).split()
    assert spoken.audio == engine.pcm()
    assert len(engine.asked) > 1
    assert peer.messages[-1] == FINAL
    assert spoken.finals == 1
    assert (closed.code, closed.reason) == (1000, "")


async def test_rule_11_every_message_holds_whole_samples(server):
    async with await join(server, output_format="pcm_22050") as peer:
        await peer.send(BEGIN, text("One sentence of some length. "), END)
        await peer.until_closed()

    assert len(peer.of().pieces) > 1
    assert all(len(piece) % 2 == 0 for piece in peer.of().pieces)


async def test_rule_8_blanks_nulls_and_unknown_fields_change_nothing(server, engine):
    async with await join(server) as peer:
        await peer.send(
            BEGIN, text("Hello "), text(" ", voice_settings=None), text("there. "), {"text": " "}, {"new": 1}, END
        )
        await peer.until_closed()

    assert [style.speed for _, style in engine.asked] == [1.0]
    assert "".join(engine.texts) == "Hello  there.  "
    assert peer.of().errors == []


@pytest.mark.parametrize("said", [[], [BEGIN], [BEGIN, {"text": " \n"}], [BEGIN, text("... ")]])
async def test_rule_16_a_speech_without_a_word_ends_without_the_engine(server, engine, said):
    async with await join(server) as peer:
        await peer.send(*said, END)
        closed = await peer.until_closed()

    assert engine.asked == []
    assert peer.messages == [FINAL]
    assert closed.code == 1000


async def test_a_flush_speaks_what_was_written_at_once(server, engine):
    async with await join(server) as peer:
        await peer.send(BEGIN, text("Well, then", flush=True))
        await peer.until_sound()
        await peer.send(text(" we go. "), END)
        await peer.until_closed()

    assert engine.texts == ["Well, then", " we go. "]


async def test_rule_15_with_auto_mode_each_text_is_a_whole_phrase(server, engine):
    async with await join(server, auto_mode="true") as peer:
        await peer.send(BEGIN, text("Hello there."), text("How are you"), END)
        await peer.until_closed()

    assert engine.texts == ["Hello there.", "How are you"]


async def test_rule_15_without_auto_mode_texts_are_joined_as_they_are(server, engine):
    async with await join(server) as peer:
        await peer.send(BEGIN, text("Hel"), text("lo th"), text("ere."), END)
        await peer.until_closed()

    assert engine.texts == ["Hello there."]


CLAUSES = "This clause is one of many, and it goes on here, and then it goes on there, " * 8


@pytest.mark.parametrize("name", ["generation_config", "generator_config"])
async def test_a_chunk_length_schedule_says_how_long_the_first_segment_is_at_least(server, engine, name):
    for first in (None, 50, 250):
        config = {} if first is None else {name: {"chunk_length_schedule": [first, 300]}}
        async with await join(server) as peer:
            await peer.send({"text": " ", **config}, text(CLAUSES), END)
            await peer.until_closed()

    usual, short, long = [len(segment.text) for segment, _ in engine.asked if segment.index == 0]
    assert usual <= short < long
    assert long >= 200


async def test_a_schedule_that_is_none_changes_nothing(server, engine):
    for schedule in ([], "120", [None], [True], [1e9]):
        async with await join(server) as peer:
            await peer.send({"text": " ", "generation_config": {"chunk_length_schedule": schedule}}, text("Hi. "), END)
            assert (await peer.until_closed()).code == 1000

    assert engine.texts == ["Hi. "] * 5


async def test_what_comes_behind_the_end_is_not_spoken(server, engine):
    async with await join(server) as peer:
        await peer.send(BEGIN, text("Hello. "), END, text("Too late. "), END)
        await peer.until_closed()

    assert "".join(engine.texts) == "Hello. "
    assert peer.of().finals == 1


async def test_voice_settings_and_the_address_say_how_it_is_spoken(server, engine):
    async with await join(server, language_code="de", seed="7") as peer:
        await peer.send({"text": " ", "voice_settings": {"speed": 1.2, "stability": 0.5}}, text("Hallo. "), END)
        await peer.until_closed()

    ((_, style),) = engine.asked
    assert (style.speed, style.language, style.seed, style.voice) == (1.2, "de", 7, "tone")
    assert peer.of().errors == []


@pytest.mark.parametrize(("asked", "granted"), [(0.1, 0.5), (9, 2.0)])
async def test_a_speed_that_no_voice_has_becomes_the_nearest(server, engine, asked, granted):
    async with await join(server) as peer:
        await peer.send({"text": " ", "voice_settings": {"speed": asked}}, text("Hello. "), END)
        await peer.until_closed()

    assert engine.asked[0][1].speed == granted


async def test_a_text_cut_between_the_halves_of_a_character_is_spoken(server, engine):
    async with await join(server) as peer:
        await peer.websocket.send('{"text": "Hi \\ud83d"}')
        await peer.websocket.send('{"text": "\\ude00 there."}')
        await peer.send(END)
        closed = await peer.until_closed()

    assert closed.code == 1000
    assert "".join(engine.texts).startswith("Hi ")


@pytest.mark.parametrize(
    "message",
    [
        "hello", "[]", '{"text": 5}', '{"text": ["a"]}', "{" * 50_000, b"sound", '{"voice_settings": []}',
        '{"voice_settings": {"speed": "fast"}}', '{"text": NaN}', "1" * 100_000,
    ],
)  # fmt: skip
async def test_a_message_that_cannot_be_read_is_told_and_closes_with_1008(server, message):
    async with await join(server) as peer:
        await peer.websocket.send(message)
        closed = await peer.until_closed()

    (error,) = peer.of().errors
    assert set(error) == {"message", "error", "code"}
    assert error["code"] == closed.code == 1008
    assert await live(server) == 0


async def test_text_over_the_limit_is_told_and_closes_with_1008(server):
    async with await join(server) as peer:
        await peer.send(BEGIN, text("word " * 4000))
        closed = await peer.until_closed()

    (error,) = peer.of().errors
    assert (error["error"], error["code"], closed.code) == ("text_too_long", 1008, 1008)


async def test_an_engine_that_breaks_is_told_and_closes_with_1011():
    class Broken(ToneSynthesizer):
        async def speak(self, segment, style, runs_dry_at=never):
            del segment, style, runs_dry_at
            raise SynthesisFailed("secret")
            yield

    async with running_server(settings(), Broken()) as server, await join(server) as peer:
        await peer.send(BEGIN, text("Hello. "), END)
        closed = await peer.until_closed()

    (error,) = peer.of().errors
    assert (error["error"], error["code"], closed.code) == ("synthesis_failed", 1011, 1011)
    assert "secret" not in json.dumps(peer.messages)


async def test_rule_3_a_client_that_leaves_frees_its_slot():
    async with running_server(settings(max_lead_ms=1000), Recorder()) as server:
        async with await join(server) as peer:
            await peer.send(BEGIN, text("A sentence that goes on for many seconds, and then some more. " * 20))
            await peer.until_sound()
            assert server.load().requests == 1
        assert await live(server) == 0


async def test_rule_17_the_connection_ends_after_the_time_that_the_client_named():
    async with running_server(settings(), Recorder()) as server, await join(server, inactivity_timeout="1") as peer:
        closed = await peer.until_closed()

    (error,) = peer.of().errors
    assert (error["error"], error["code"], closed.code) == ("input_timeout_exceeded", 1008, 1008)


async def test_rule_20_compression_is_declined_and_rule_19_no_subprotocol_is_made_up(server):
    async with await join(server) as peer:
        answer = peer.websocket.response.headers
        assert "permessage-deflate" in peer.websocket.request.headers["Sec-WebSocket-Extensions"]
        assert "Sec-WebSocket-Extensions" not in answer
        assert "Sec-WebSocket-Protocol" not in answer


# -- the door ----------------------------------------------------------------------------------------------------------


async def refusal(server, **options):
    with pytest.raises(InvalidStatus) as refused:
        await join(server, **options)
    response = refused.value.response
    return response.status_code, json.loads(response.body)["detail"], response.headers


async def test_rule_12_an_unknown_format_is_400_before_the_upgrade(server):
    status, detail, _ = await refusal(server, output_format="mp3_11025_32")

    assert status == 400
    assert "mp3_44100_128" in detail["message"]


async def test_rule_2_a_full_server_is_429_and_says_when_to_come_again():
    async with running_server(settings(max_connections=1), Recorder()) as server, await join(server):
        status, detail, headers = await refusal(server)

    assert status == 429
    assert detail["status"] == "too_many_connections"
    assert headers["Retry-After"] == "1"


@pytest.fixture
async def locked(engine):
    async with running_server(settings(api_keys=("secret", "geheim"), handshake_timeout_s=1), engine) as running:
        yield running


@pytest.mark.parametrize(
    "shown",
    [
        {"headers": {"xi-api-key": "geheim"}},
        {"headers": {"Authorization": "Bearer geheim"}},
        {"authorization": "Bearer%20geheim"},
        {"single_use_token": "geheim"},
    ],
)
async def test_a_key_in_a_header_or_in_the_query_lets_a_client_in(locked, shown):
    async with await join(locked, **shown) as peer:
        await peer.send(BEGIN, text("Hello. "), END)
        assert (await peer.until_closed()).code == 1000


@pytest.mark.parametrize("shown", [{"headers": {"xi-api-key": "wrong"}}, {"authorization": "wrong"}])
async def test_a_wrong_key_is_401(locked, shown):
    status, detail, _ = await refusal(locked, **shown)

    assert status == 401
    assert detail["status"] == "key"


@pytest.mark.parametrize("field", ["xi_api_key", "xi-api-key"])
async def test_a_key_in_the_first_message_lets_its_tenant_in_before_anything_is_spoken(locked, engine, field):
    async with await join(locked) as peer:
        await peer.send({**BEGIN, field: "geheim"}, text("Hello. "), END)
        assert (await peer.until_closed()).code == 1000

    assert engine.texts == ["Hello. "]


@pytest.mark.parametrize("first", [BEGIN, text("Hello. "), {**BEGIN, "xi_api_key": "wrong"}, END])
async def test_a_first_message_without_a_right_key_speaks_nothing_and_closes(locked, engine, first):
    async with await join(locked) as peer:
        await peer.send(first, text("Hello. "))
        closed = await peer.until_closed()

    assert closed.code == 1008
    assert peer.messages == [{"message": "a valid API key is required", "error": "invalid_request", "code": 1008}]
    assert engine.asked == []


async def test_a_client_that_shows_no_key_in_time_is_closed(locked):
    async with await join(locked) as peer:
        assert (await peer.until_closed()).code == 1008


async def test_no_key_is_ever_written_to_the_log(locked, caplog):
    caplog.set_level("INFO", logger="sayline")
    caplog.set_level("WARNING", logger="sayline.websockets")  # as ``logs.py`` has it, whatever the operator's level
    async with await join(locked, authorization="geheim") as peer:
        await peer.send({**BEGIN, "xi_api_key": "geheim"}, text("Hello. "), END)
        await peer.until_closed()
    with pytest.raises(InvalidStatus):
        await join(locked, authorization="halbgeheim")

    assert "geheim" not in caplog.text
