"""Every container says that a machine made the sound, in the words of one place, and is read by others."""

import io
import wave

import av
import numpy as np

from sayline.codecs import provenance
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.codecs.wav import wav_header


def metadata(content):
    """What FFmpeg finds: of the container and of its stream, with names in lower case."""
    with av.open(io.BytesIO(content)) as container:
        found = {**container.metadata, **container.streams.audio[0].metadata}
    return {name.lower(): value for name, value in found.items()}


def test_ogg_opus_says_so():
    encoder = SpeechEncoder(24_000, AudioFormat("ogg_opus"))
    encoder.feed(np.zeros(24_000, np.int16))
    encoder.finish()
    found = metadata(b"".join(page.payload for page in encoder.encode(10_000)))
    assert found["digitalsourcetype"] == provenance.DIGITAL_SOURCE_TYPE
    assert found["comment"] == provenance.STATEMENT


def test_wav_says_so_and_is_read_to_its_last_sample():
    sound = np.arange(24_000, dtype=np.int16)
    content = wav_header(24_000, sound.nbytes) + sound.tobytes()
    found = metadata(content)
    assert found["comment"] == provenance.STATEMENT
    assert found["encoder"] == provenance.GENERATOR
    with wave.open(io.BytesIO(content)) as file:
        assert file.readframes(30_000) == sound.tobytes()


def test_the_source_type_is_in_the_wav_as_it_is_written():
    assert provenance.DIGITAL_SOURCE_TYPE.encode() in wav_header(24_000, 0)


def test_riff_chunks_have_even_lengths():
    """A chunk of an odd length is followed by a byte that does not count, or the next one is not found."""
    content = provenance.riff_info()
    assert content[:4] == b"LIST"
    assert len(content) % 2 == 0
    assert int.from_bytes(content[4:8], "little") == len(content) - 8


def test_mp3_says_so_and_its_sound_is_whole():
    sound = io.BytesIO()
    with av.open(sound, "w", format="mp3", options={"id3v2_version": "0", "write_xing": "0"}) as out:
        stream = out.add_stream("mp3", rate=24_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 24_000), np.int16), format="s16p", layout="mono")
        frame.rate = 24_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            out.mux(packet)
    found = metadata(provenance.id3() + sound.getvalue())
    assert found["digitalsourcetype"] == provenance.DIGITAL_SOURCE_TYPE
    assert found["comment"] == provenance.STATEMENT


def test_a_header_of_http_can_carry_the_statement():
    name, value = provenance.HTTP_HEADER
    assert (name + value).isascii()
    assert value.isprintable()
