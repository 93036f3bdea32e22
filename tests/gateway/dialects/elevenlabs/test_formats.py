"""ElevenLabs' names of formats, and what a client may write in its address."""

import pytest

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.elevenlabs.formats import NAMES, audio_of
from sayline.gateway.dialects.elevenlabs.options import read_options, shown_keys
from sayline.gateway.dialects.opening import Opening
from sayline.gateway.errors import BadMessage


def opening(**query):
    return Opening(named={"voice_id": "21m00Tcm4TlvDq8ikWAM"}, query=query)


@pytest.mark.parametrize(
    ("name", "form", "rate_hz", "bitrate"),
    [
        ("mp3_22050_32", "mp3", 22_050, 32_000),
        ("mp3_44100_192", "mp3", 44_100, 192_000),
        ("pcm_8000", "pcm_s16le", 8_000, 32_000),
        ("pcm_44100", "pcm_s16le", 44_100, 32_000),
        ("ulaw_8000", "mulaw", 8_000, 32_000),
        ("alaw_8000", "alaw", 8_000, 32_000),
        ("opus_48000_96", "ogg_opus", 48_000, 96_000),
    ],
)
def test_a_name_says_codec_rate_and_kilobits(name, form, rate_hz, bitrate):
    assert audio_of(name) == AudioParameters(form, rate_hz, 20, bitrate)


@pytest.mark.parametrize("name", NAMES)
def test_rule_12_every_name_is_honoured_with_its_own_rate(name):
    assert audio_of(name).sample_rate_hz == int(name.split("_")[1])


@pytest.mark.parametrize(
    "name", ["mp3", "mp3_44100", "mp3_44100_129", "pcm_11025", "wav", "MP3_44100_128", "opus_48000"]
)
def test_rule_12_an_unknown_format_is_refused_with_the_list(name):
    with pytest.raises(BadMessage, match=r"mp3_44100_128.*pcm_24000.*ulaw_8000"):
        read_options(opening(output_format=name))


def test_rule_21_any_model_and_any_unknown_field_will_do():
    options = read_options(opening(model_id="eleven_of_tomorrow", optimize_streaming_latency="4", new="1"))

    assert options.voice == "21m00Tcm4TlvDq8ikWAM"
    assert options.audio == audio_of("mp3_44100_128")
    assert (options.language, options.inactivity_s, options.seed, options.is_whole) == (None, None, None, False)


def test_every_field_that_means_something_is_read():
    options = read_options(
        opening(output_format="pcm_24000", language_code="pt-BR", inactivity_timeout="60", seed="7", auto_mode="True")
    )

    assert (options.language, options.inactivity_s, options.seed, options.is_whole) == ("pt-BR", 60, 7, True)


@pytest.mark.parametrize(
    "query",
    [
        {"seed": "-1"},
        {"seed": "4294967296"},
        {"seed": "x"},
        {"seed": "9" * 5000},
        {"seed": "\u0663"},
        {"inactivity_timeout": "0x10"},
        {"inactivity_timeout": "nan"},
        {"inactivity_timeout": "0"},
        {"auto_mode": "perhaps"},
        {"language_code": "<en>"},
    ],
)
def test_a_value_that_a_field_cannot_have_is_refused_by_the_fields_name(query):
    with pytest.raises(BadMessage, match=next(iter(query))):
        read_options(opening(**query))


def test_a_browser_shows_its_key_in_the_query():
    for query in (
        {"authorization": "Bearer geheim"},
        {"authorization": "geheim"},
        {"single_use_token": "geheim"},
        {"xi-api-key": "geheim"},
    ):
        assert list(shown_keys(opening(**query))) == ["geheim"]
    assert list(shown_keys(Opening(headers={"xi-api-key": "geheim"}))) == ["geheim"]
    assert list(shown_keys(opening())) == []
