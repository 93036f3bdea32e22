"""Voices are added, removed and previewed over HTTP: by a real client, at a real server, made by the real process."""

import io
from contextlib import asynccontextmanager

import aiohttp
import av
import numpy as np
import onnx_networks
import pytest
import recordings

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import private_model_dir

from sayline.codecs import provenance
from sayline.gateway.serving.http.voices import MAX_BYTES
from sayline.gateway.settings import Settings
from sayline.gateway.wiring import running_server
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore, read_voice
from sayline.synthesis.tone import ToneSynthesizer

KEY = "a-key-of-some-length"


@pytest.fixture
def model_dir(tmp_path):
    model_dir = private_model_dir(tmp_path)
    onnx_networks.write(model_dir)
    return model_dir


def wav(samples, rate_hz=24_000):
    file = io.BytesIO()
    recordings.write_wav(file, samples, rate_hz)
    return file.getvalue()


def form(audio=None, **changes):
    fields = {"name": "anna", "consent": "Anna Example", "language": "en", **changes}
    written = aiohttp.FormData()
    for name, text in fields.items():
        if text is not None:
            written.add_field(name, text)
    written.add_field(
        "audio",
        io.BytesIO(wav(recordings.speech(4, 24_000)) if audio is None else audio),
        filename="a.wav",
        content_type="audio/wav",
    )
    return written


@asynccontextmanager
async def client(*, key=KEY, **settings):
    """A client of a server that speaks in tones and keeps the voices of a real model directory."""
    given = {"port": 0, "api_keys": (KEY,), "voices_over_http": True, **settings}
    async with running_server(Settings(**given), ToneSynthesizer()) as server:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        base = server.url.replace("ws", "http", 1)
        async with aiohttp.ClientSession(base, headers=headers) as session:
            yield session


async def test_a_voice_is_added_with_who_agreed_and_removed(model_dir):
    async with client(model_dir=model_dir) as session:
        async with session.post("/v1/voices", data=form(description="Calm")) as answer:
            assert (answer.status, await answer.json()) == (201, {"name": "anna", "warnings": []})
        assert VoiceStore(model_dir).get("anna").description == "Calm"
        _, metadata = read_voice(model_dir / "voices" / "anna.safetensors")
        assert metadata["consent"] == "Anna Example"
        async with session.post("/v1/voices", data=form()) as answer:
            assert answer.status == 422
            assert "already" in (await answer.json())["error"]["message"]
        async with session.delete("/v1/voices/anna") as answer:
            assert answer.status == 200
        async with session.delete("/v1/voices/anna") as answer:
            assert answer.status == 404
    assert not (model_dir / "voices" / "anna.safetensors").exists()


async def test_a_poor_recording_is_refused_with_the_reason_and_no_path_of_the_server(model_dir):
    async with (
        client(model_dir=model_dir) as session,
        session.post("/v1/voices", data=form(wav(np.zeros(96_000)))) as answer,
    ):
        assert answer.status == 422
        error = (await answer.json())["error"]
        assert error["code"] == "unfit_voice"
        assert "silent" in error["message"]
        assert "/" not in error["message"]


async def test_an_engine_that_makes_no_voices_says_so():
    async with client(engine="tone") as session, session.post("/v1/voices", data=form()) as answer:
        assert answer.status == 404
        assert "makes none of recordings" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"name": None}, "name"), ({"consent": None}, "consent"), ({"consent": " "}, "consent"), ({"nam": "x"}, "nam")],
)
async def test_a_wrong_form_is_refused_by_the_field(model_dir, changes, named):
    async with client(model_dir=model_dir) as session, session.post("/v1/voices", data=form(**changes)) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["message"].startswith(f"{named}: ")


async def test_a_body_that_is_no_form_is_refused(model_dir):
    async with client(model_dir=model_dir) as session, session.post("/v1/voices", json={"name": "anna"}) as answer:
        assert answer.status == 400


async def test_a_body_over_the_cap_is_refused(model_dir):
    async with (
        client(model_dir=model_dir) as session,
        session.post("/v1/voices", data=form(bytes(MAX_BYTES))) as answer,
    ):
        assert answer.status == 413


@pytest.mark.parametrize(("key", "status"), [(None, 401), ("another-key-of-length", 401)])
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_without_the_key_nothing_is_changed(model_dir, method, key, status):
    path = "/v1/voices" if method == "POST" else "/v1/voices/demo"
    async with client(model_dir=model_dir, key=key) as session, session.request(method, path) as answer:
        assert answer.status == status


@pytest.mark.parametrize("settings", [{"voices_over_http": False}, {"api_keys": ()}])
async def test_what_the_operator_did_not_allow_is_refused(model_dir, settings):
    """Without keys any page that a person opens could change voices on a loopback address."""
    async with client(model_dir=model_dir, **settings) as session, session.post("/v1/voices", data=form()) as answer:
        assert answer.status == 403
        assert "voices_over_http" in (await answer.json())["error"]["message"]


async def test_a_page_of_another_origin_changes_nothing_even_with_a_key(model_dir):
    headers = {"Origin": "https://elsewhere.example"}
    async with (
        client(model_dir=model_dir) as session,
        session.delete("/v1/voices/demo", headers=headers) as answer,
    ):
        assert answer.status == 403


async def test_a_voice_is_previewed_as_a_file_that_says_it_is_synthetic():
    async with client(engine="tone") as session, session.get("/v1/voices/tone/preview") as answer:
        sound = await answer.read()
        assert (answer.status, answer.content_type) == (200, "audio/mpeg")
        assert answer.headers["AI-Disclosure"] == provenance.HTTP_HEADER[1]
    assert sound.startswith(b"ID3")
    with av.open(io.BytesIO(sound)) as file:
        assert sum(frame.samples for frame in file.decode(audio=0)) > 24_000


@pytest.mark.parametrize(
    ("path", "status"),
    [("tone/preview?format=wma", 400), ("nobody/preview", 400), ("tone/preview?text=" + "x" * 501, 400)],
)
async def test_a_preview_that_cannot_be_is_refused(path, status):
    async with client(engine="tone") as session, session.get(f"/v1/voices/{path}") as answer:
        assert answer.status == status
