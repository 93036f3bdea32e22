"""A recording is read from any container, and one that makes a poor voice is refused with what to do."""

import io
import re

import av
import numpy as np
import pytest
import recordings

from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice
from sayline.synthesis.cosyvoice3.voices.recording import fault_of, read_recording


def test_a_wav_is_read_exactly(tmp_path):
    speech = recordings.speech(4, 48_000)
    samples, rate_hz = read_recording(recordings.write_wav(tmp_path / "a.wav", speech, 48_000))
    assert rate_hz == 48_000
    np.testing.assert_array_equal(samples, np.round(speech * 32767).astype(np.int16).astype(np.float32) / 32768)


def test_stereo_is_mixed_to_its_mean(tmp_path):
    speech = recordings.speech(4, 16_000)
    path = recordings.write_wav(tmp_path / "a.wav", np.stack([speech, speech / 2]), 16_000)
    mono, _ = read_recording(path)
    assert mono.ndim == 1
    np.testing.assert_allclose(mono, speech * 0.75, atol=1e-4)


@pytest.mark.parametrize(("container", "codec"), [("flac", "flac"), ("ogg", "libopus"), ("mp3", "mp3")])
def test_other_containers_and_codecs_are_read_as_well(tmp_path, container, codec):
    speech = recordings.speech(4, 48_000)
    path = tmp_path / f"a.{container}"
    with av.open(str(path), "w", format=container) as out:
        stream = out.add_stream(codec, rate=48_000, layout="mono")
        pcm = (speech * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.rate = 48_000
        out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    samples, rate_hz = read_recording(path)
    assert (rate_hz, round(len(samples) / rate_hz, 1)) == (48_000, 4.0)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "fault"),
    [
        (recordings.speech(4, 8000), 8000, "recorded at 8000 Hz; 16000 Hz at least"),
        (recordings.speech(2.9, 16_000), 16_000, r"2.9 s is too short; 3 to 30 s"),
        (recordings.speech(30.1, 16_000), 16_000, "longer than 30 s"),
        (np.zeros(64_000), 16_000, "it is silent"),
        (recordings.speech(4, 16_000) * np.repeat([1, 0, 0, 0], 16_000), 16_000, "of it is silence"),
        (recordings.speech(4, 16_000) * 0.02, 16_000, "too quiet"),
        (np.clip(recordings.speech(4, 16_000) * 4, -1, 1), 16_000, "clipped"),
        (np.full(64_000, np.nan), 16_000, "no numbers"),
    ],
)
def test_a_recording_that_makes_a_poor_voice_is_refused_with_the_reason(samples, rate_hz, fault):
    assert re.search(fault, fault_of(samples.astype(np.float32), rate_hz) or "")


@pytest.mark.parametrize("seconds", [3, 30])
def test_the_limits_of_length_are_included(seconds):
    assert fault_of(recordings.speech(seconds, 16_000), 16_000) is None


def test_a_peak_that_touches_full_scale_is_not_clipping():
    samples = recordings.speech(4, 16_000)
    samples[[100, 200, 300]] = 1.0
    assert fault_of(samples, 16_000) is None


def test_the_file_is_named_in_the_refusal(tmp_path):
    path = recordings.write_wav(tmp_path / "short.wav", recordings.speech(1, 16_000), 16_000)
    with pytest.raises(BadVoice, match=r"short.wav: 1.0 s is too short"):
        read_recording(path)


def test_a_very_long_file_is_refused_without_being_read_to_its_end(tmp_path):
    """Most of a minute is left unread."""
    path = recordings.write_wav(tmp_path / "book.wav", recordings.speech(60, 16_000), 16_000)
    with pytest.raises(BadVoice, match="longer than 30 s"):
        read_recording(path)


@pytest.mark.parametrize("content", [b"", b"this is no sound at all" * 100, b"RIFF\x00\x00"])
def test_a_file_that_is_no_audio_is_refused(tmp_path, content):
    path = tmp_path / "a.wav"
    path.write_bytes(content)
    with pytest.raises(BadVoice, match="cannot be read as audio"):
        read_recording(path)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(BadVoice, match="cannot be read as audio"):
        read_recording(tmp_path / "nothing.wav")


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(BadVoice, match="cannot be read as audio"):
        read_recording(tmp_path)


def test_a_file_with_pictures_only_is_refused(tmp_path):
    path = tmp_path / "film.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mjpeg", rate=1)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuvj420p"
        out.mux(stream.encode(av.VideoFrame(16, 16, "yuvj420p")))
        out.mux(stream.encode(None))
    with pytest.raises(BadVoice, match="holds no audio"):
        read_recording(path)


def test_a_recording_that_holds_no_sample_is_refused(tmp_path):
    header = io.BytesIO()
    recordings.write_wav(header, np.zeros(0), 16_000)
    (tmp_path / "empty.wav").write_bytes(header.getvalue())
    with pytest.raises(BadVoice, match=r"holds no sound|cannot be read"):
        read_recording(tmp_path / "empty.wav")
