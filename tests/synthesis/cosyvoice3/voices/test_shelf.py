"""A server's voices are added and removed in a process of its own, and every way that can end is told."""

import asyncio

import numpy as np
import onnx_networks
import pytest
import recordings

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("onnxruntime", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import private_model_dir
from spoken import say

from sayline.synthesis.cosyvoice3.voices import shelf as shelf_module
from sayline.synthesis.cosyvoice3.voices.shelf import VoiceShelf
from sayline.synthesis.cosyvoice3.voices.store import VoiceStore, read_voice
from sayline.synthesis.hearing import recogniser
from sayline.synthesis.interface import EngineUnavailable, NewVoice, SynthesisFailed, UnsupportedRequest

# A program that does whatever it is told at once.
OBEDIENT = """
import socket
leash = socket.socket(fileno=0)
leash.recv(9999)
leash.sendall(b'{"warnings": []}\\n')
"""
TEXT = "The ferry leaves the northern harbour at seven, and nobody waits for late passengers."


@pytest.fixture
def model_dir(tmp_path):
    model_dir = private_model_dir(tmp_path)
    onnx_networks.write(model_dir)
    return model_dir


@pytest.fixture
def audio(tmp_path):
    return recordings.write_wav(tmp_path / "a.wav", recordings.speech(4, 24_000), 24_000)


def new(audio, **changes):
    given = {"transcript": None, "language": "en", "description": "Calm", "consent": "Anna Example", "replace": False}
    return NewVoice(name="anna", audio=audio, **{**given, **changes})


async def test_a_voice_is_added_and_removed(model_dir, audio):
    shelf, server = VoiceShelf(model_dir), VoiceStore(model_dir)
    assert await shelf.add(new(audio)) == ()
    assert server.get("anna").description == "Calm"
    _, metadata = read_voice(model_dir / "voices" / "anna.safetensors")
    assert metadata["consent"] == "Anna Example"
    await shelf.remove("anna")
    assert "anna" not in [voice.name for voice in server.voices()]


async def test_warnings_come_back(model_dir, tmp_path):
    padded = np.pad(recordings.speech(4, 24_000), 48_000)
    (warning,) = await VoiceShelf(model_dir).add(new(recordings.write_wav(tmp_path / "p.wav", padded, 24_000)))
    assert "silence" in warning


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": "a/b"}, "cannot be a voice's name"),
        ({"name": "demo"}, "there is a voice 'demo' already"),
        ({"transcript": "Hi."}, "too short"),
        ({"language": "English"}, "is no language tag"),
        ({"audio": "absent.wav"}, "cannot be read as audio"),
    ],
)
async def test_what_will_not_do_is_refused_with_the_reason(model_dir, audio, changes, fault):
    order = {"name": "anna", "audio": audio, "transcript": None, "language": "en"} | changes
    with pytest.raises(UnsupportedRequest, match=fault):
        await VoiceShelf(model_dir).add(NewVoice(**order, description="", consent="Anna", replace=False))


async def test_a_voice_that_is_not_there_cannot_be_removed(model_dir):
    with pytest.raises(UnsupportedRequest, match="there is no voice 'nobody'"):
        await VoiceShelf(model_dir).remove("nobody")


@pytest.fixture
def spoken(tmp_path):
    """A recording of ``TEXT``."""
    samples, rate_hz = say(TEXT)
    return recordings.write_wav(tmp_path / "say.wav", samples / 32768, rate_hz)


@pytest.mark.skipif(bool(recogniser.missing_packages()), reason="sayline[eval] is not installed")
@pytest.mark.parametrize(
    ("transcript", "is_right"),
    [(TEXT, True), ("My brother plays the violin, and my sister plays the drums in a band.", False)],
)
async def test_a_transcript_is_compared_with_what_is_heard(model_dir, spoken, transcript, is_right):
    adding = VoiceShelf(model_dir).add(new(spoken, transcript=transcript))
    if is_right:
        await adding
        assert VoiceStore(model_dir).get("anna").prompt_text_ids
    else:
        with pytest.raises(UnsupportedRequest, match="not what is heard in the recording"):
            await adding


async def test_a_machine_without_the_networks_says_what_is_missing(tmp_path, audio):
    with pytest.raises((EngineUnavailable, UnsupportedRequest), match="sayline download cosyvoice3"):
        await VoiceShelf(private_model_dir(tmp_path)).add(new(audio))


async def test_a_process_that_dies_fails_one_voice_and_the_next_is_made(model_dir, audio, monkeypatch):
    shelf = VoiceShelf(model_dir)
    monkeypatch.setattr(shelf_module, "PROGRAM", ("-c", "import os; os.kill(os.getpid(), 9)"))
    with pytest.raises(SynthesisFailed, match="signal 9"):
        await shelf.add(new(audio))
    monkeypatch.undo()
    await shelf.add(new(audio))


async def test_voices_are_made_one_after_the_other_and_only_a_few_may_wait(model_dir, audio, monkeypatch):
    shelf = VoiceShelf(model_dir)
    monkeypatch.setattr(shelf_module, "PROGRAM", ("-c", OBEDIENT))
    async with asyncio.TaskGroup() as tasks:
        adding = [tasks.create_task(settled(shelf.add(new(audio, replace=True)))) for _ in range(6)]
    results = [task.result() for task in adding]
    assert sum(isinstance(result, SynthesisFailed) for result in results) == 2
    assert sum(result == () for result in results) == 4


async def settled(adding):
    try:
        return await adding
    except SynthesisFailed as fault:
        return fault
