"""Speaking from a script: one call, a file or an array, on a real gateway in another process."""

import asyncio
import wave

import av
import numpy as np
import pytest
from server_process import ServerProcess
from wire_peer import PATIENCE_S

import sayline
from sayline.gateway.client.errors import BadArgument

TEXT = "This is real time speech, and only one sentence of it."


@pytest.fixture(scope="module")
def gateway():
    with ServerProcess("--engine", "tone") as server:  # whose sound is the same for the same text
        yield server


@pytest.fixture(autouse=True)
def environment(gateway, monkeypatch):
    """Scripts find the gateway there, as the command line does."""
    monkeypatch.setenv("SAYLINE_URL", gateway.url)


@pytest.fixture(scope="module")
def sound(gateway):
    return sayline.speak(TEXT, url=gateway.url)


def decoded(path):
    """What FFmpeg finds in a file: (n,) samples and their rate."""
    with av.open(str(path)) as file:
        pieces = [frame.to_ndarray().reshape(-1) for frame in file.decode(audio=0)]
        return np.concatenate(pieces), file.streams.audio[0].rate


def test_a_text_becomes_samples_with_their_rate(sound):
    samples, sample_rate = sound
    assert sound.samples.dtype == np.int16
    assert samples.ndim == 1
    assert 1 < len(samples) / sample_rate < 5
    assert np.abs(samples).max() > 3000


def test_the_same_samples_are_there_as_bytes(sound):
    assert np.array_equal(np.frombuffer(sound.pcm, "<i2"), sound.samples)


def test_a_recording_that_is_printed_fills_no_terminal():
    assert repr(sayline.speak("Hello there.")) == "Recording(sample_rate=24000)"


@pytest.mark.parametrize(
    "text",
    [list(TEXT), iter(TEXT), (letter for letter in [*TEXT, None])],
    ids=lambda text: type(text).__name__,
)
def test_deltas_of_any_source_are_the_same_speech(sound, text):
    assert np.array_equal(sayline.speak(text).samples, sound.samples)


def test_the_deltas_of_an_async_source_are_the_same_speech(sound):
    async def chatbot():
        for letter in TEXT:
            yield letter

    assert np.array_equal(sayline.speak(chatbot()).samples, sound.samples)


@pytest.mark.parametrize("name", ["x.wav", "x.WAV"])
def test_a_wav_file_holds_the_very_samples(tmp_path, sound, name):
    path = tmp_path / name
    assert sayline.speak(TEXT, out=path) == path
    with wave.open(str(path)) as file:
        assert file.getframerate() == sound.sample_rate
        assert np.array_equal(np.frombuffer(file.readframes(file.getnframes()), "<i2"), sound.samples)


@pytest.mark.parametrize("options", [{"out": "x.ogg"}, {"out": "x.opus"}, {"out": "x", "format": "ogg"}], ids=repr)
def test_an_ogg_file_is_as_long_as_the_sound(tmp_path, monkeypatch, sound, options):
    monkeypatch.chdir(tmp_path)
    path = sayline.speak(TEXT, **options)
    assert path.read_bytes()[:4] == b"OggS"
    samples, rate = decoded(path)
    assert len(samples) / rate == pytest.approx(len(sound.samples) / sound.sample_rate, abs=0.02)


def test_a_file_of_bare_samples_holds_them(tmp_path, sound):
    path = sayline.speak(TEXT, out=tmp_path / "x.pcm")
    assert np.array_equal(np.fromfile(path, "<i2"), sound.samples)


def test_the_sample_rate_and_the_speed_are_taken(sound):
    slow, fast = sayline.speak(TEXT, sample_rate=16_000), sayline.speak(TEXT, speed=2)
    assert slow.sample_rate == 16_000
    assert len(fast.samples) < 0.7 * len(sound.samples)


async def test_speak_works_while_an_event_loop_runs(sound):
    assert np.array_equal(sayline.speak(TEXT).samples, sound.samples)
    spoken = await asyncio.wait_for(asyncio.to_thread(sayline.speak, TEXT), PATIENCE_S)
    assert np.array_equal(spoken.samples, sound.samples)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"out": "x.mp3"}, "out: the name should end"),
        ({"out": "x"}, "or `format` says"),
        ({"out": ""}, "out: the name"),
        ({"out": 5}, "out: the name of a file is wanted, not int"),
        ({"out": "x.wav", "format": "mp3"}, "format"),
        ({"format": "wav"}, "format"),
        ({"out": "no/such/folder/x.wav"}, "no/such/folder"),
        ({"speed": 9}, "speed"),
    ],
    ids=repr,
)
def test_an_argument_that_cannot_work_is_refused_by_its_name(tmp_path, monkeypatch, options, words):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadArgument, match=words):
        sayline.speak(TEXT, **options)
    assert list(tmp_path.iterdir()) == []


def test_a_value_that_is_no_text_is_refused_before_anything_is_sent():
    with pytest.raises(sayline.BadArgument, match="decode it"):
        sayline.speak(b"Hello.")


@pytest.mark.parametrize("out", [None, "x.wav", "x.ogg"])
def test_a_gateway_that_is_not_there_is_said_to_be_so(tmp_path, monkeypatch, out):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(sayline.ConnectionFailed, match="nobody listens there"):
        sayline.speak(TEXT, url="ws://127.0.0.1:1", out=out)
    assert list(tmp_path.iterdir()) == []


def test_a_source_that_fails_leaves_what_was_spoken(tmp_path):
    def broken():
        yield TEXT
        raise RuntimeError("out of memory")

    with pytest.raises(RuntimeError, match="out of memory"):
        sayline.speak(broken(), out=tmp_path / "x.wav")
    samples, rate = decoded(tmp_path / "x.wav")
    assert len(samples) / rate > 1


def test_a_text_without_a_sound_is_an_empty_recording_and_no_file(tmp_path):
    assert len(sayline.speak(" ").samples) == 0
    with pytest.raises(sayline.GatewayError, match="nothing was spoken"):
        sayline.speak(" ", out=tmp_path / "x.wav")
    assert list(tmp_path.iterdir()) == []
