"""Two engines as one: who speaks which part of a text, and what happens where one of them is missing."""

import logging

import numpy as np
import pytest
import pytest_asyncio

from sayline.synthesis.delivery.delivery import Delivery
from sayline.synthesis.embedded.synthesizer import EmbeddedSynthesizer, _parts
from sayline.synthesis.interface import EngineUnavailable, NoSuchVoice, Segment, Style, UnsupportedRequest, Wish

RATE = 24_000
pytestmark = pytest.mark.asyncio(loop_scope="module")


def segment(spoken, *, is_last=True):
    return Segment(0, spoken, spoken, 0, len(spoken), is_last)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def voice():
    synthesizer = EmbeddedSynthesizer(1)
    await synthesizer.start()
    yield synthesizer
    await synthesizer.close()


async def speak(synthesizer, text, **style):
    wanted = Style(**{"voice": "heart"} | style)
    return [chunk async for chunk in synthesizer.speak(segment(text), wanted)]


def sound(chunks):
    return np.concatenate([np.zeros(0, np.int16), *(chunk.samples for chunk in chunks)])


def words(chunks, text):
    return [text[word.char_start : word.char_end] for chunk in chunks for word in chunk.words]


def parts(text, language=None, **style):
    """Who speaks what: the text of each part, and "hibari" or the language for espeak-ng."""
    found = list(_parts(segment(text), Style("heart", language, **style), any))
    assert "".join(part.said.spoken for part in found) == text
    return [(part.said.spoken, "hibari" if part.is_hibaris else part.language) for part in found]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello there.", None, [("Hello there.", "hibari")]),
        ("12, 13", None, [("12, 13", "hibari")]),
        ("Hello there.", "en-GB", [("Hello there.", "hibari")]),
        ("Guten Morgen.", "de", [("Guten Morgen.", "de")]),
        ("你好，世界", None, [("你好，世界", "cmn")]),
        ("Say 你好 to them.", "en", [("Say ", "hibari"), ("你好 ", "cmn"), ("to them.", "hibari")]),
        ("打开Settings页面", "zh", [("打开", "zh"), ("Settings", "hibari"), ("页面", "zh")]),
        ("I ♥ you", None, [("I ", "hibari"), ("♥", "en"), (" you", "hibari")]),
        ("Das ♥ schlägt", "de", [("Das ♥ schlägt", "de")]),
    ],
)
async def test_each_part_is_spoken_by_the_engine_that_speaks_its_language(text, language, expected):
    assert parts(text, language) == expected


async def test_a_pronunciation_says_nothing_of_the_language():
    text = "a [theta](/θˈeɪtə/) b"

    assert parts(text, allow_markup=True) == [(text, "hibari")]


async def test_a_pause_follows_a_part_only_if_a_sentence_ends_with_it():
    found = list(_parts(segment("Say 你好。Then go", is_last=False), Style("heart"), any))

    assert [part.said.is_last for part in found] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("Hello there. This is real.", None, ["Hello", "there", "This", "is", "real"]),
        ("Say 你好 to them.", None, ["Say", "你", "to", "them"]),
        ("Привет, world!", None, ["Привет", "world"]),
        ("Wie geht es dir?", "de", ["Wie", "geht", "es", "dir"]),
        ("I ♥ you.", None, ["I", "♥", "you"]),
    ],
)
async def test_words_are_marked_in_the_whole_text_whoever_speaks_them(voice, text, language, expected):
    chunks = await speak(voice, text, language=language)

    assert words(chunks, text)[: len(expected)] == expected
    position, starts = 0, []
    for chunk in chunks:
        starts += [word.start_sample for word in chunk.words]
        assert all(position <= word.start_sample < position + len(chunk.samples) for word in chunk.words)
        position += len(chunk.samples)
    assert starts == sorted(starts)


def wishing(text, *wishes):
    return Segment(0, text, text, 0, len(text), True, wishes=wishes)


async def heard(synthesizer, said, **style):
    return [chunk async for chunk in synthesizer.speak(said, Style(**{"voice": "heart"} | style))]


@pytest.mark.parametrize("speaker", ["heart", "espeak"])
async def test_a_stretch_that_its_writer_calls_german_is_spoken_in_german(voice, speaker):
    text = "She said Guten Tag to me."
    alone = len(sound(await speak(voice, text, voice=speaker)))
    chunks = await heard(voice, wishing(text, Wish(9, 18, "language", "de")), voice=speaker)

    assert words(chunks, text) == ["She", "said", "Guten", "Tag", "to", "me"]
    assert len(sound(chunks)) != pytest.approx(alone, rel=0.005)


async def test_a_wish_for_a_language_that_nobody_speaks_changes_nothing(voice):
    text = "She said Guten Tag to me."
    chunks = await heard(voice, wishing(text, Wish(9, 18, "language", "tlh")))

    assert np.array_equal(sound(chunks), sound(await speak(voice, text)))


@pytest.mark.parametrize(
    ("style", "written", "wish", "same_as"),
    [
        ({}, "We like nginx here.", "cmu:T AH0 M EY1 T OW2 Z", "[nginx](/təmˈAtˌOz/)"),
        ({}, "We like nginx here.", "ipa:təˈmeɪˌtoʊz", "[nginx](/təmˈAtˌOz/)"),
        ({"voice": "espeak"}, "We like nginx here.", "ipa:təˈmeɪɾoʊz", "tomatoes"),
        ({"voice": "espeak", "language": "de"}, "Er mag nginx sehr.", "ipa:toˈmaːtən", "Tomaten"),
        ({"voice": "espeak", "language": "fr"}, "On dit nginx ici.", "ipa:bɔ̃ʒuʁ", "bonjour"),
    ],
)
async def test_a_word_sounds_as_its_phonemes_say(voice, style, written, wish, same_as):
    start = written.index("nginx")
    said = wishing(written, Wish(start, start + 5, "phonemes", wish))
    chunks = await heard(voice, said, **style)
    other = await speak(voice, written.replace("nginx", same_as), **style, allow_markup=True)

    assert "nginx" in words(chunks, written)
    assert len(sound(chunks)) == pytest.approx(len(sound(other)), rel=0.1)  # a voice's own words have finer sounds
    assert style or np.array_equal(sound(chunks), sound(other))


@pytest.mark.parametrize("speaker", ["heart", "espeak"])
async def test_pinyin_is_read_as_pinyin(voice, speaker):
    text = "我在重庆，不在。"
    chunks = await heard(voice, wishing(text, Wish(2, 4, "phonemes", "pinyin:zhong4 qing4")), voice=speaker)

    assert words(chunks, text)[:4] == ["我", "在", "重庆", "不"]


async def test_brackets_of_a_writer_are_never_phonemes(voice):
    text = "Say [[h@l'oU]] and nginx."
    start = text.index("nginx")
    chunks = await heard(
        voice, wishing(text, Wish(start, start + 5, "phonemes", "ipa:ˈɛndʒɪn")), voice="espeak", language="de"
    )
    plain = await speak(voice, text.replace("[[", "((").replace("]]", "))"), voice="espeak", language="de")

    assert len(sound(chunks)) == pytest.approx(len(sound(plain)), rel=0.2)


async def test_both_engines_are_about_as_loud(voice):
    levels = []
    for text, language in (("The ferry leaves at seven.", "en"), ("Die Fähre fährt um sieben ab.", "de")):
        samples = sound(await speak(voice, text, language=language)).astype(float)
        loud = samples[np.abs(samples) > 300]
        levels.append(20 * np.log10(np.sqrt(np.square(loud).mean()) / 32_768))

    assert abs(levels[0] - levels[1]) < 4


async def test_what_hibari_cannot_read_is_read_by_espeak(voice, caplog):
    """Letters of phonetics are no letters that it knows."""
    text = "We have waited. Then he said xə̃x ʘ. Bye."
    with caplog.at_level(logging.WARNING, "sayline.embedded"):
        chunks = await speak(voice, text)

    assert words(chunks, text)[:3] == ["We", "have", "waited"]
    assert "Bye" in words(chunks, text)
    assert "espeak-ng speaks a text that hibari cannot" in caplog.text


async def test_espeak_s_voices_speak_alone(voice):
    text = "Say 你好 to them."
    chunks = await speak(voice, text, voice="espeak-male")

    assert words(chunks, text)[0] == "Say"
    assert [offer.name for offer in voice.voices()] == ["heart", "espeak", "espeak-female", "espeak-male"]


async def test_the_first_voice_tells_all_languages_that_it_is_heard_in(voice):
    first = voice.voices()[0]

    assert {"en", "de", "cmn", "ru"} <= set(first.languages)
    assert "hibari" in first.description


async def test_what_it_cannot_honour_is_refused_from_the_first_step(voice):
    with pytest.raises(NoSuchVoice, match="no voice 'alice'; the embedded engine has heart"):
        await speak(voice, "hello", voice="alice")
    with pytest.raises(UnsupportedRequest, match="'tlh'"):
        await speak(voice, "你好", language="tlh")


@pytest.mark.parametrize("speed", [0.5, 1.25, 2.0])
@pytest.mark.parametrize("text", ["The ferry leaves at seven, and nobody waits.", "Say 你好 to them."])
async def test_behind_the_gateway_s_delivery_speed_is_exact_whoever_speaks(voice, speed, text):
    async def length(speed):
        chunks = Delivery(voice).speak(segment(text), Style("heart", speed=speed))
        return sum([len(chunk.samples) async for chunk in chunks])

    assert await length(speed) == pytest.approx(await length(1.0) / speed, rel=0.01)


async def test_the_status_tells_both_engines_and_the_measured_capacity(voice):
    status = voice.status()

    assert (status.engine, status.state) == ("embedded", "ready")
    assert "hibari-tts" in status.detail
    assert "espeak-ng" in status.detail
    assert status.sustainable_requests == voice.default_max_concurrent_requests
    assert voice.speaker_of("en-US") == (f"hibari, voice heart ({status.detail.partition(';')[0]})", True)


@pytest.mark.usefixtures("no_durations")
async def test_word_times_are_exact_only_if_the_model_tells_durations(voice):
    assert voice.voices()[0].has_word_times

    synthesizer = EmbeddedSynthesizer(1)
    await synthesizer.start()
    try:
        assert words(await speak(synthesizer, "Hello there."), "Hello there.") == []
        assert [offer.has_word_times for offer in synthesizer.voices()] == [False, True, True, True]
    finally:
        await synthesizer.close()


# --- one of them is missing -------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("no_hibari")
async def test_without_hibari_the_log_says_so_once_and_espeak_speaks_english(caplog):
    synthesizer = EmbeddedSynthesizer(1)
    with caplog.at_level(logging.WARNING, "sayline"):
        await synthesizer.start()
    try:
        chunks = [await speak(synthesizer, "Hello there.") for _ in range(2)]

        assert all(words(spoken, "Hello there.") == ["Hello", "there"] for spoken in chunks)
        (warning,) = [
            record.message for record in caplog.records if "espeak-ng speaks English instead" in record.message
        ]
        assert "libonnxruntime" in warning
        status = synthesizer.status()
        assert (status.state, status.sustainable_requests) == ("ready", None)
        assert "libonnxruntime" in status.detail
        assert synthesizer.speaker_of("en")[1] is False
        assert synthesizer.default_max_concurrent_requests > 100
    finally:
        await synthesizer.close()


@pytest.mark.usefixtures("no_hibari")
async def test_without_either_nothing_starts(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    synthesizer = EmbeddedSynthesizer(1)
    with pytest.raises(EngineUnavailable, match=r"libonnxruntime.*espeakng-loader"):
        await synthesizer.start()
    assert synthesizer.status().state == "failed"


async def test_without_espeak_english_is_spoken_and_german_is_refused(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    synthesizer = EmbeddedSynthesizer(1)
    await synthesizer.start()
    try:
        assert words(await speak(synthesizer, "Hello there."), "Hello there.") == ["Hello", "there"]
        with pytest.raises((UnsupportedRequest, EngineUnavailable)):
            await speak(synthesizer, "Guten Tag.", language="de")
        assert [voice.name for voice in synthesizer.voices()] == ["heart"]
    finally:
        await synthesizer.close()
