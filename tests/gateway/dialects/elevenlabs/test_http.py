"""ElevenLabs' HTTP requests against a real server over real sockets."""

import asyncio
import base64
import io
import json

import aiohttp
import av
import numpy as np
import pytest
import soxr
from elevenlabs_peer import ANY_VOICE, Recorder
from wire_peer import PATIENCE_S, correlation

from sayline.gateway.dialects.elevenlabs.formats import NAMES
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.interface import SynthesisFailed, never
from sayline.synthesis.tone import ToneSynthesizer

pytestmark = pytest.mark.slow  # a whole server for each test

TEXT = "Hello there, this is one text. And it has a second sentence, which is longer than the first."
KEY = {"xi-api-key": "any"}


@pytest.fixture
def engine():
    return Recorder()


@pytest.fixture
async def server(engine):
    async with running_server(Settings(port=0), engine) as running:
        yield running


async def ask(server, path, *, method="POST", body=None, headers=KEY, **query):
    """(status, headers, body)."""
    url = f"http://127.0.0.1:{server.port}/v1/{path}"
    async with (
        asyncio.timeout(PATIENCE_S),
        aiohttp.ClientSession() as session,
        session.request(method, url, json=body, headers=headers, params=query) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def speech(server, way="", *, voice=ANY_VOICE, **options):
    body = {"text": TEXT, "model_id": "eleven_multilingual_v2", **options.pop("body", {})}
    return await ask(server, f"text-to-speech/{voice}{way}", body=body, **{"output_format": "pcm_24000", **options})


def decoded(sound, name):
    """Mono samples at 24 kHz, by FFmpeg."""
    codec, rate = name.split("_")[:2]
    raw = {"pcm": "s16le", "ulaw": "mulaw", "alaw": "alaw"}.get(codec)
    options = {"format": raw, "options": {"sample_rate": rate}} if raw else {}
    with av.open(io.BytesIO(sound), **options) as file:
        stream = file.streams.audio[0]
        assert stream.rate == int(rate)
        assert stream.channels == 1
        resampler = av.AudioResampler("s16", "mono", stream.rate)
        frames = [part for frame in file.decode(stream) for part in resampler.resample(frame)]
    samples = np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float64)
    return soxr.resample(samples, int(rate), 24_000)


@pytest.mark.parametrize("way", ["", "/stream"])
async def test_a_text_is_heard_as_the_engine_made_it(server, engine, way):
    status, headers, sound = await speech(server, way)

    assert status == 200
    assert headers["Content-Type"] == "audio/pcm"
    assert sound == engine.pcm()


@pytest.mark.parametrize("name", NAMES)
async def test_rule_12_every_format_is_what_its_name_says(server, engine, name):
    _, _, sound = await speech(server, "/stream", output_format=name)

    made = np.frombuffer(engine.pcm(), "<i2").astype(np.float64)
    heard = decoded(sound, name)
    assert abs(len(heard) - len(made)) <= 0.1 * 24_000
    assert correlation(heard, made, max_shift=2400)[0] >= 0.95


async def test_the_default_is_mp3_as_the_service_has_it(server):
    _, headers, sound = await ask(server, f"text-to-speech/{ANY_VOICE}", body={"text": TEXT})

    assert headers["Content-Type"] == "audio/mpeg"
    with av.open(io.BytesIO(sound)) as file:
        assert (file.streams.audio[0].codec_context.name, file.streams.audio[0].rate) == ("mp3float", 44_100)


async def test_the_body_says_how_it_is_spoken(server, engine):
    body = {
        "voice_settings": {"speed": 1.2, "stability": 0.4},
        "language_code": "de",
        "seed": 5,
        "previous_text": "Hm.",
    }
    status, _, _ = await speech(server, body=body)

    assert status == 200
    assert {(style.speed, style.language, style.seed) for _, style in engine.asked} == {(1.2, "de", 5)}


def characters(alignment):
    assert len({len(entries) for entries in alignment.values()}) == 1
    return "".join(alignment["characters"])


async def test_with_timestamps_the_answer_is_one_object_with_sound_and_times(server, engine):
    _, headers, body = await speech(server, "/with-timestamps")

    answer = json.loads(body)
    assert headers["Content-Type"].startswith("application/json")
    assert base64.b64decode(answer["audio_base64"], validate=True) == engine.pcm()
    assert characters(answer["alignment"]).split() == TEXT.split()
    assert characters(answer["normalized_alignment"]).split() == TEXT.split()
    ends = answer["alignment"]["character_end_times_seconds"]
    assert ends == sorted(ends)
    assert ends[-1] == pytest.approx(len(engine.pcm()) / 48_000, abs=0.002)


async def test_streamed_times_come_in_lines_of_which_each_is_an_object(server, engine):
    _, _, body = await speech(server, "/stream/with-timestamps")

    lines = [json.loads(line) for line in body.splitlines()]
    assert b"".join(base64.b64decode(line["audio_base64"]) for line in lines) == engine.pcm()
    told = [line["alignment"] for line in lines if line["alignment"]]
    assert "".join(map(characters, told)).split() == TEXT.split()
    starts = [start for alignment in told for start in alignment["character_start_times_seconds"]]
    assert starts == sorted(starts)


async def test_a_text_in_pieces_of_three_bytes_or_not_is_one_base64(server, engine):
    """At 8 kHz a packet has 160 samples, 320 bytes: no multiple of three."""
    _, _, body = await speech(server, "/with-timestamps", output_format="ulaw_8000")

    sound = base64.b64decode(json.loads(body)["audio_base64"], validate=True)
    assert len(sound) == pytest.approx(len(engine.pcm()) / 6, abs=8)


# -- errors ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ({"text": None}, "text"), ({"text": 5}, "text"), ({"text": "  "}, "text"), ({"seed": -1}, "seed"),
        ({"seed": "1"}, "seed"), ({"voice_settings": 1}, "voice_settings"), ({"language_code": "<en>"}, "language"),
        ({"voice_settings": {"speed": "fast"}}, "speed"),
    ],
)  # fmt: skip
async def test_a_wrong_field_is_400_in_the_services_form(server, engine, body, names):
    status, _, answer = await speech(server, body=body)

    detail = json.loads(answer)["detail"]
    assert status == 400
    assert set(detail) == {"status", "message"}
    assert names in detail["message"]
    assert engine.asked == []


async def test_rule_12_an_unknown_format_is_400_with_the_list(server):
    status, _, answer = await speech(server, output_format="wav_48000")

    assert status == 400
    assert "mp3_44100_128" in json.loads(answer)["detail"]["message"]


async def test_rule_2_a_full_server_is_429_and_says_when_to_come_again():
    async with running_server(Settings(port=0, max_concurrent_requests=1), Recorder()) as server:
        first = asyncio.create_task(speech(server, body={"text": TEXT * 400}))
        while not server.load().requests:
            await asyncio.sleep(0.01)
        status, headers, answer = await speech(server)
        first.cancel()

    assert status == 429
    assert headers["Retry-After"]
    assert set(json.loads(answer)["detail"]) == {"status", "message"}


async def test_a_wrong_key_is_401_in_the_services_form():
    async with running_server(Settings(port=0, api_keys=("geheim",)), Recorder()) as server:
        status, _, answer = await speech(server, headers={"xi-api-key": "wrong"})
        allowed, _, _ = await speech(server, headers={"xi-api-key": "geheim"})

    assert (status, allowed) == (401, 200)
    assert json.loads(answer)["detail"]["status"] == "key"


async def test_an_engine_that_breaks_is_told_without_its_reason():
    class Broken(ToneSynthesizer):
        async def speak(self, segment, style, runs_dry_at=never):
            del segment, style, runs_dry_at
            raise SynthesisFailed("secret")
            yield

    async with running_server(Settings(port=0), Broken()) as server:
        status, _, answer = await speech(server)

    assert status >= 500
    assert b"secret" not in answer
    assert "detail" in json.loads(answer)


# -- what clients ask before they speak --------------------------------------------------------------------------------


async def page(server, path, headers=KEY):
    status, _, body = await ask(server, path, method="GET", headers=headers)
    assert status == 200
    return json.loads(body)


async def test_voices_are_told_with_their_ids(server):
    (voice,) = (await page(server, "voices"))["voices"]

    assert (voice["voice_id"], voice["name"], voice["category"]) == ("tone", "tone", "premade")
    assert (await page(server, "../v2/voices"))["has_more"] is False
    assert (await page(server, "voices/tone"))["voice_id"] == "tone"


async def test_the_gateways_own_clients_still_get_their_own_list(server):
    offer = await page(server, "voices", headers={})

    assert offer["voices"][0]["name"] == "tone"
    assert "opus" in offer["formats"]


async def test_models_and_the_user_are_told(server):
    assert "eleven_flash_v2_5" in [model["model_id"] for model in await page(server, "models")]
    assert (await page(server, "models", headers={}))["object"] == "list"  # OpenAI's clients ask at the same path
    assert (await page(server, "user"))["subscription"] == await page(server, "user/subscription")


async def test_a_voice_that_is_not_there_is_told_in_the_services_form(server):
    status, _, answer = await ask(server, "voices/nobody", method="GET")

    assert status == 400
    assert "detail" in json.loads(answer)
