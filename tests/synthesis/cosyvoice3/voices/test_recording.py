"""A recording is read from any container, and one that makes a poor voice is refused with what to do."""

import io

import av
import numpy as np
import pytest
import recordings

from sayline.synthesis.cosyvoice3.voices.prompt import BadVoice
from sayline.synthesis.cosyvoice3.voices.recording import judge, read_recording
from sayline.synthesis.hearing.judgement import UnfitRecording

# Containers and codecs that people record in; what FFmpeg calls them, and at which rate it takes their sound.
CONTAINERS = {
    "wav": ("wav", "pcm_s16le", 44_100),
    "24-bit.wav": ("wav", "pcm_s24le", 48_000),
    "float.wav": ("wav", "pcm_f32le", 48_000),
    "aiff": ("aiff", "pcm_s16be", 44_100),
    "flac": ("flac", "flac", 48_000),
    "mp3": ("mp3", "mp3", 44_100),
    "m4a": ("ipod", "aac", 44_100),
    "aac": ("adts", "aac", 44_100),
    "opus": ("ogg", "libopus", 48_000),
    "ogg": ("ogg", "vorbis", 44_100),
    "webm": ("webm", "libopus", 48_000),
    "mkv": ("matroska", "libopus", 48_000),
    "caf": ("caf", "pcm_s16le", 44_100),
    "wma": ("asf", "wmav2", 44_100),
}


def write(path, samples, container, codec, rate_hz, bits=128_000):
    """Write (N,) samples with FFmpeg, both channels alike where a codec wants two."""
    with av.open(str(path), "w", format=container) as out:
        layout = "stereo" if codec == "vorbis" else "mono"
        stream = out.add_stream(codec, rate=rate_hz, layout=layout)
        if not codec.startswith("pcm"):
            stream.bit_rate = bits
        if codec == "vorbis":
            stream.codec_context.options = {"strict": "experimental"}
        pcm = np.round(samples * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.rate = rate_hz
        fitting = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=rate_hz)
        for piece in (*fitting.resample(frame), *fitting.resample(None)):
            for packet in stream.encode(piece):
                out.mux(packet)
        for packet in stream.encode(None):
            out.mux(packet)
    return path


def test_a_wav_is_read_exactly(tmp_path):
    speech = recordings.speech(4, 48_000)
    judged, rate_hz = read_recording(recordings.write_wav(tmp_path / "a.wav", speech, 48_000))
    assert rate_hz == 48_000
    expected = np.round(speech * 32767).astype(np.int16).astype(np.float32) / 32768
    np.testing.assert_array_equal(judged.samples, expected)


@pytest.mark.parametrize("ending", CONTAINERS)
def test_a_good_recording_is_taken_in_whatever_container(tmp_path, ending):
    container, codec, rate = CONTAINERS[ending]
    path = write(tmp_path / f"a.{ending}", recordings.speech(4, rate), container, codec, rate)
    judged, rate_hz = read_recording(path)
    assert rate_hz == rate
    assert judged.warnings == ()
    assert len(judged.samples) / rate_hz == pytest.approx(4, abs=0.15)


@pytest.mark.parametrize("ending", ["mp3", "m4a", "opus", "webm", "wma"])
def test_few_bits_a_second_are_told(tmp_path, ending):
    container, codec, rate = CONTAINERS[ending]
    bits = 12_000 if codec == "libopus" else 32_000
    judged, _ = read_recording(
        write(tmp_path / f"a.{ending}", recordings.speech(4, rate), container, codec, rate, bits)
    )
    assert any("kbit/s of" in warning for warning in judged.warnings)


@pytest.mark.parametrize(
    ("samples", "rate_hz", "fault"),
    [
        (recordings.speech(4, 8000), 8000, "recorded at 8000 Hz; 16000 Hz at least"),
        (recordings.speech(2.9, 16_000), 16_000, r"2.9 s is too short"),
        (recordings.speech(30.1, 16_000), 16_000, "longer than 30 s"),
        (np.zeros(64_000), 16_000, "it is silent"),
        (recordings.speech(4, 16_000) * 0.02, 16_000, "too quiet"),
        (np.clip(recordings.speech(4, 16_000) * 4, -1, 1), 16_000, "clipped"),
        (np.full(64_000, np.nan), 16_000, "no numbers"),
    ],
)
def test_a_recording_that_makes_a_poor_voice_is_refused_with_the_reason(samples, rate_hz, fault):
    with pytest.raises(UnfitRecording, match=fault):
        judge(samples[None].astype(np.float32), rate_hz)


@pytest.mark.parametrize("seconds", [3, 30])
def test_the_limits_of_length_are_included(seconds):
    judge(recordings.speech(seconds, 16_000)[None], 16_000)


def test_a_peak_that_touches_full_scale_is_not_clipping():
    samples = recordings.speech(4, 16_000)
    samples[[100, 200, 300]] = 1.0
    judge(samples[None], 16_000)


def test_the_file_is_named_in_the_refusal(tmp_path):
    path = recordings.write_wav(tmp_path / "short.wav", recordings.speech(1, 16_000), 16_000)
    with pytest.raises(BadVoice, match=r"short.wav: 1.0 s is too short"):
        read_recording(path)


def test_a_very_long_file_is_refused_without_being_read_to_its_end(tmp_path):
    """Most of a minute is left unread."""
    path = recordings.write_wav(tmp_path / "book.wav", recordings.speech(90, 16_000), 16_000)
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
