from __future__ import annotations

import io
import wave
from dataclasses import dataclass

import av
import numpy as np
import pytest
import soxr

from sayline.codecs.base import WIRE_RATE_HZ, Packet
from sayline.codecs.ogg import OggOpusMuxer, ogg_end_after
from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.codecs.wav import wav_header

BEGIN, END = 2, 4  # header type flags of an Ogg page (RFC 3533, 6)


@dataclass
class Page:
    flags: int
    granule: int
    serial: int
    number: int
    packets: list[bytes]


def read_page(raw: bytes) -> Page:
    """Take one Ogg page apart (RFC 3533, 6), and check that it is exactly one."""
    assert raw[:5] == b"OggS\0"
    lacing = raw[27 : 27 + raw[26]]
    body = raw[27 + raw[26] :]
    assert len(body) == sum(lacing)
    packets, current = [], b""
    for size in lacing:
        current, body = current + body[:size], body[size:]
        if size < 255:
            packets.append(current)
            current = b""
    assert not current, "a packet goes on in the next page"
    granule, serial, number = (int.from_bytes(raw[at : at + size], "little") for at, size in ((6, 8), (14, 4), (18, 4)))
    return Page(raw[5], granule, serial, number, packets)


def ogg_pages(
    samples: np.ndarray, source_hz: int, rate_hz: int, frame_ms: int = 20
) -> tuple[SpeechEncoder, list[Packet]]:
    encoder = SpeechEncoder(source_hz, AudioFormat("ogg_opus", rate_hz, frame_ms))
    encoder.feed(samples, ends_segment=True)
    encoder.finish()
    pages = []
    while encoder.frames_ready:
        pages += encoder.encode(2)
    return encoder, pages


def decode(file: io.BytesIO | str) -> np.ndarray:
    """Decode with FFmpeg, as (n,) int16 at 48 kHz."""
    with av.open(file) as container:
        frames = [frame.to_ndarray().ravel() for frame in container.decode(audio=0)]
    return (np.concatenate(frames) * 32_767).astype(np.int16)


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 24_000, 48_000])
def test_an_ogg_stream_decodes_to_exactly_the_sound(speech, speech_rate_hz, correlation, rate_hz):
    encoder, pages = ogg_pages(speech, speech_rate_hz, rate_hz)
    heard = decode(io.BytesIO(b"".join(page.payload for page in pages)))
    assert len(heard) == encoder.fed
    expected = soxr.resample(soxr.resample(speech, speech_rate_hz, rate_hz), rate_hz, WIRE_RATE_HZ)
    assert correlation(heard, expected) >= 0.95


def test_the_head_tells_preskip_and_input_rate(speech, speech_rate_hz):
    encoder, pages = ogg_pages(speech, speech_rate_hz, 16_000)
    head, tags = read_page(pages[0].payload), read_page(pages[1].payload)
    assert head.flags == BEGIN
    (opus_head,) = head.packets
    assert opus_head[:10] == b"OpusHead\x01\x01"  # version 1, mono
    assert int.from_bytes(opus_head[10:12], "little") == encoder.preskip
    assert int.from_bytes(opus_head[12:16], "little") == 16_000
    assert tags.packets[0][:8] == b"OpusTags"
    assert [page.duration for page in pages[:2]] == [0, 0]
    assert (head.granule, tags.granule) == (0, 0)


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60])
def test_granules_run_on_and_the_last_page_ends_where_the_sound_does(speech, speech_rate_hz, frame_ms):
    encoder, payloads = ogg_pages(speech, speech_rate_hz, 24_000, frame_ms)
    pages = [read_page(page.payload) for page in payloads]
    assert [page.number for page in pages] == list(range(len(pages)))
    assert len({page.serial for page in pages}) == 1
    decodable = 0
    for page in pages[2:-1]:
        decodable += len(page.packets) * frame_ms * WIRE_RATE_HZ // 1000
        assert page.granule == decodable
        assert page.flags == 0
    assert pages[-1].flags == END
    assert pages[-1].granule == encoder.preskip + encoder.fed
    assert decodable < pages[-1].granule <= decodable + len(pages[-1].packets) * frame_ms * WIRE_RATE_HZ // 1000


@pytest.mark.parametrize("frame_ms", [10, 20, 40, 60])
def test_pages_hold_20_to_100_ms(speech, speech_rate_hz, frame_ms):
    _, pages = ogg_pages(speech, speech_rate_hz, 24_000, frame_ms)
    lengths = {len(read_page(page.payload).packets) * frame_ms for page in pages[2:-1]}
    assert len(lengths) == 1
    assert 20 <= lengths.pop() <= 100


def test_the_durations_of_pages_sum_to_the_preskip_and_the_sound(speech, speech_rate_hz):
    encoder, pages = ogg_pages(speech, speech_rate_hz, 24_000)
    assert sum(page.duration for page in pages) == encoder.preskip + encoder.fed


def test_pages_come_while_sound_goes_in_one_page_behind(speech, speech_rate_hz):
    encoder = SpeechEncoder(speech_rate_hz, AudioFormat("ogg_opus"))
    encoder.feed(speech)
    per_call = [len(encoder.encode(2)) for _ in range(10)]
    assert per_call == [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]  # the headers; from then on the page before


@pytest.mark.parametrize("samples", [240, 479, 480, 481, 700, 960, 12_345])
def test_while_the_writer_pauses_no_page_is_kept_back(speech, samples):
    """What went in has all been in a page, to its last sample, before more comes; and the stream goes on behind it."""
    encoder = SpeechEncoder(24_000, AudioFormat("ogg_opus"))
    encoder.feed(speech[:samples])
    pages = encoder.encode(9999)
    encoder.pad_tail()
    while encoder.frames_ready:
        pages += encoder.encode(1)
    assert sum(page.duration for page in pages) - encoder.preskip >= 2 * samples

    encoder.feed(speech[samples:20_000])
    encoder.finish()
    while encoder.frames_ready:
        pages += encoder.encode(2)
    assert len(decode(io.BytesIO(b"".join(page.payload for page in pages)))) == encoder.fed
    assert [read_page(page.payload).number for page in pages] == list(range(len(pages)))


def test_a_stream_that_is_cut_short_is_complete_with_its_end_page(speech, speech_rate_hz):
    _, pages = ogg_pages(speech, speech_rate_hz, 24_000)
    sent = [page.payload for page in pages[:20]]
    end = ogg_end_after(sent[-1])
    last, before = read_page(end), read_page(sent[-1])

    assert (last.flags, last.granule, last.number) == (END, before.granule, before.number + 1)
    assert last.serial == before.serial
    assert len(decode(io.BytesIO(b"".join([*sent, end])))) > 0


def test_every_page_has_the_checksum_that_others_compute(speech, speech_rate_hz):
    """Bit by bit, as RFC 3533, 6 says: the polynomial 0x04c11db7, over the page with its checksum taken as zero."""
    for page in ogg_pages(speech, speech_rate_hz, 24_000)[1][:5]:
        raw, checksum = page.payload, 0
        for byte in raw[:22] + bytes(4) + raw[26:]:
            checksum ^= byte << 24
            for _ in range(8):
                checksum = (checksum << 1 ^ (0x04C11DB7 if checksum & 0x80000000 else 0)) & 0xFFFFFFFF
        assert checksum == int.from_bytes(raw[22:26], "little")


@pytest.mark.parametrize("payload_bytes", [0, 1, 254, 255, 256, 1275, 60_000])
def test_packets_of_any_size_go_whole_into_a_page(payload_bytes):
    muxer = OggOpusMuxer(24_000, 312)
    payload = bytes(payload_bytes)
    pages = muxer.mux([Packet(payload, 240)] * 9, last=True)

    read = [read_page(page.payload) for page in pages[2:]]
    assert [packet for page in read for packet in page.packets] == [payload] * 9
    assert sum(page.duration for page in pages) == 9 * 240


@pytest.mark.parametrize(("data_bytes", "riff"), [(0, 0), (1000, 1000), (None, 2**32 - 1), (2**33, 2**32 - 1)])
def test_a_wav_header_says_how_many_bytes_follow_or_that_the_number_is_unknown(data_bytes, riff):
    header = wav_header(22_050, data_bytes)
    assert int.from_bytes(header[4:8], "little") == min(riff + len(header) - 8, 2**32 - 1)
    with wave.open(io.BytesIO(header)) as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, 22_050)
        assert read.getnframes() == (2**32 - 1 if data_bytes is None else min(data_bytes, 2**32 - 1)) // 2


@pytest.mark.parametrize(
    ("form", "ffmpeg_s", "width"), [("pcm_f32le", "pcm_f32le", 4), ("mulaw", "pcm_mulaw", 1), ("alaw", "pcm_alaw", 1)]
)
@pytest.mark.parametrize("is_known", [True, False])
def test_a_wav_file_of_other_samples_is_read_as_such(form, ffmpeg_s, width, is_known):
    content = bytes(width * 800)
    with av.open(io.BytesIO(wav_header(8_000, len(content) if is_known else None, form) + content)) as file:
        stream = file.streams.audio[0]
        assert (stream.codec_context.name, stream.rate) == (ffmpeg_s, 8_000)
        assert sum(frame.samples for frame in file.decode(audio=0)) == 800
