"""How sound is put out: decoded to the sample, and files that are whole at every moment."""

import os
import wave
from pathlib import Path

import av
import numpy as np
import pytest

from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.codecs.wav import wav_header
from sayline.gateway.client.audio_out import (
    LoudspeakerSink,
    NothingToPlayOn,
    OpusSink,
    PcmSink,
    SpeechDecoder,
    WavSink,
    can_decode_opus,
    find_player,
)
from sayline.gateway.client.output import Output
from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.dialects.tts_v1.frames import AudioFrame, Codec, Flags

WAV_HEADER = len(wav_header(24_000, 0))

# -- sound -------------------------------------------------------------------------------------------------------------


def spoken(codec, samples):
    """Encode as the gateway does, and return the announcement and the frames."""
    encoder = SpeechEncoder(24_000, AudioFormat(codec))
    encoder.feed(samples, ends_segment=True)
    encoder.finish()
    started = wire.ContextStarted(
        context_id="c", channel=0, format=codec, sample_rate=encoder.sample_rate_hz, preskip=encoder.preskip
    )
    frames, pts = [], 0
    for sequence, packet in enumerate(encoder.encode(10_000)):
        codec_id = Codec(encoder.codec_id)
        frames.append(AudioFrame(codec_id, 0, sequence, pts, packet.duration, Flags.NONE, packet.payload))
        pts += packet.duration
    return started, frames


@pytest.mark.parametrize("codec", ["opus", "pcm_s16le"])
@pytest.mark.parametrize("length", [1, 479, 480, 481, 24_000, 30_001])
def test_decoding_gives_exactly_the_sound_that_was_made(codec, length):
    """No pre-skip in front, no padding behind, aligned to the sample."""
    sound = sine(length)
    started, frames = spoken(codec, sound)
    assert can_decode_opus()
    decoder = SpeechDecoder(started)
    decoded = np.frombuffer(b"".join(decoder.decode(frame) for frame in frames), "<i2")
    assert len(decoded) == length
    if length > 10_000:
        assert np.corrcoef(decoded[960:], sound[960:])[0, 1] > 0.99


def sine(length):
    return (8000 * np.sin(2 * np.pi * 440 * np.arange(length) / 24_000)).astype(np.int16)


async def put(sink, *speeches):
    """Give a sink these contexts, one after the other."""
    for started, frames in speeches:
        await sink.begin(started)
        for frame in frames:
            await sink.write(frame)


def decode(path):
    """Decode with FFmpeg; returns (n,) samples at 48 kHz."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().ravel() for frame in container.decode(audio=0)])


# -- files -------------------------------------------------------------------------------------------------------------


async def test_a_wav_file_holds_the_samples_of_all_contexts_and_nothing_else(tmp_path):
    sound = sine(10_001)
    sink = WavSink(Output.open(str(tmp_path / "a.wav")))
    await put(sink, spoken("pcm_s16le", sound), spoken("pcm_s16le", sound))
    await sink.close(abort=False)
    with wave.open(str(tmp_path / "a.wav")) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 24_000)
        assert np.array_equal(np.frombuffer(file.readframes(30_000), np.int16), np.tile(sound, 2))


async def test_a_wav_file_is_what_its_header_says_after_every_frame(tmp_path):
    """So it is right whatever ends the program, kill -9 too."""
    path = tmp_path / "a.wav"
    started, frames = spoken("pcm_s16le", np.ones(4800, np.int16))
    sink = WavSink(Output.open(str(path)))
    await sink.begin(started)
    for count, frame in enumerate(frames, 1):
        await sink.write(frame)
        with wave.open(str(path)) as file:
            assert file.getnframes() == count * 480
        assert path.stat().st_size == WAV_HEADER + count * 960
    sink.close_at_once()
    await sink.close(abort=True)
    assert path.stat().st_size == WAV_HEADER + 10 * 960


async def test_wav_to_a_pipe_has_no_length_and_all_of_the_sound():
    read_end, write_end = os.pipe()
    sound = sine(4_000)
    sink = WavSink(Output.open(f"/dev/fd/{write_end}"))
    await put(sink, spoken("pcm_s16le", sound))
    await sink.close(abort=False)
    os.close(write_end)
    with os.fdopen(read_end, "rb") as pipe:
        heard = pipe.read()
    assert heard[4:8] == heard[WAV_HEADER - 4 : WAV_HEADER] == b"\xff" * 4
    assert np.array_equal(np.frombuffer(heard[WAV_HEADER:], "<i2"), sound)


@pytest.mark.parametrize("suffix", [".ogg", ".opus"])
@pytest.mark.parametrize("length", [1, 481, 24_000, 100_001])
async def test_an_ogg_file_plays_exactly_the_sound(tmp_path, suffix, length):
    sink = OpusSink(Output.open(str(tmp_path / f"a{suffix}")))
    await put(sink, spoken("opus", sine(length)))
    await sink.close(abort=False)
    heard = decode(tmp_path / f"a{suffix}")
    assert len(heard) == 2 * length
    if length > 10_000:
        assert np.corrcoef(heard[1920::2], sine(length)[960:])[0, 1] > 0.99


async def test_an_ogg_file_of_two_contexts_is_one_stream_with_less_than_50_ms_in_between(tmp_path):
    sink = OpusSink(Output.open(str(tmp_path / "a.ogg")))
    await put(sink, spoken("opus", sine(24_001)), spoken("opus", sine(24_001)))
    await sink.close(abort=False)
    assert 0 <= len(decode(tmp_path / "a.ogg")) - 2 * 48_002 < 50 * 48


async def test_an_ogg_file_that_is_ended_at_once_has_its_last_page(tmp_path):
    sink = OpusSink(Output.open(str(tmp_path / "a.ogg")))
    started, frames = spoken("opus", sine(48_000))
    await put(sink, (started, frames[:60]))
    sink.close_at_once()
    assert len(decode(tmp_path / "a.ogg")) == 60 * 960 - started.preskip
    await sink.close(abort=True)


async def test_samples_alone_are_samples_alone(tmp_path):
    sink = PcmSink(Output.open(str(tmp_path / "a.pcm")))
    await put(sink, spoken("pcm_s16le", sine(999)))
    await sink.close(abort=False)
    assert np.array_equal(np.fromfile(tmp_path / "a.pcm", "<i2"), sine(999))


# -- the loudspeaker ---------------------------------------------------------------------------------------------------


def install_player(folder, name, script):
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


async def test_a_player_is_fed_the_decoded_sound(tmp_path, monkeypatch):
    install_player(tmp_path, "aplay", f'echo "$@" > {tmp_path}/flags; exec /bin/cat > {tmp_path}/played')
    monkeypatch.setenv("PATH", str(tmp_path))
    sound = np.arange(4800).astype(np.int16)
    started, frames = spoken("pcm_s16le", sound)
    sink = LoudspeakerSink("aplay")
    await sink.begin(started)
    for frame in frames:
        await sink.write(frame)
    await sink.close(abort=False)
    assert np.array_equal(np.fromfile(tmp_path / "played", "<i2"), sound)
    assert "24000" in (tmp_path / "flags").read_text()


async def test_a_player_that_gives_up_is_said_so(tmp_path, monkeypatch):
    install_player(tmp_path, "aplay", "exit 3")
    monkeypatch.setenv("PATH", str(tmp_path))
    started, frames = spoken("pcm_s16le", np.ones(4800, np.int16))
    sink = LoudspeakerSink("aplay")
    await sink.begin(started)
    with pytest.raises(NothingToPlayOn, match="aplay stopped with status 3"):  # noqa: PT012 - the pipe holds some frames
        while True:
            await sink.write(frames[0])
    await sink.close(abort=True)


def test_without_a_player_there_is_none_to_find(monkeypatch):
    monkeypatch.setenv("PATH", str(Path("/nonexistent")))
    assert find_player() is None
