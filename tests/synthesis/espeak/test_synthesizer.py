from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from time import perf_counter

import numpy as np
import pytest
import soxr
import uvloop

from sayline.synthesis.delivery.delivery import Delivery
from sayline.synthesis.espeak import engine as espeak_engine
from sayline.synthesis.espeak import synthesizer as espeak
from sayline.synthesis.espeak import text as espeak_text
from sayline.synthesis.espeak.engine import TURNS_IN_FLIGHT, Turn
from sayline.synthesis.espeak.process import BUFFER_MS
from sayline.synthesis.espeak.process import SAMPLE_RATE_HZ as ENGINE_RATE_HZ
from sayline.synthesis.espeak.synthesizer import DEFAULT_VOICE, TURN_SAMPLES, EspeakSynthesizer, _Converter, _voice_for
from sayline.synthesis.interface import (
    EngineUnavailable,
    PcmChunk,
    Segment,
    Style,
    SynthesisFailed,
    UnsupportedRequest,
)
from sayline.synthesis.turns.utterance import CHUNK_SAMPLES, SAMPLE_RATE_HZ

# Generous: what is awaited comes in milliseconds, and a machine that is busy with other work must not fail a test.
PATIENCE_S = 20
# One sentence per language of its script, about as long as each other.
SENTENCES = {
    "en": "The ferry leaves the northern harbour at seven, and nobody waits for late passengers.",
    "de": "Die Fähre verlässt den nördlichen Hafen um sieben, und niemand wartet auf Nachzügler.",
    "fr": "Le bac quitte le port du nord à sept heures, et personne n'attend les retardataires.",
    "es": "El transbordador sale del puerto norte a las siete, y nadie espera a los rezagados.",
    "ru": "Паром уходит из северного порта в семь часов, и никто не ждёт опоздавших.",
    "cmn": "渡轮七点从北港出发，没有人会等迟到的乘客。",
    "ar": "تغادر العبارة الميناء الشمالي في السابعة، ولا أحد ينتظر المتأخرين.",
    "hi": "नौका सात बजे उत्तरी बंदरगाह से निकलती है, और कोई देर से आने वालों का इंतज़ार नहीं करता।",
    "el": "Το πλοίο φεύγει από το βόρειο λιμάνι στις επτά, και κανείς δεν περιμένει.",
    "ko": "배는 일곱 시에 북쪽 항구를 떠나고, 아무도 늦은 승객을 기다리지 않습니다.",
}
LONG = " ".join(f"Sentence number {number}, which is not short, ends here." for number in range(12))


def segment(spoken: str, *, is_last: bool = True) -> Segment:
    return Segment(0, spoken, spoken, 0, len(spoken), is_last)


@pytest.fixture
async def voice():
    synthesizer = EspeakSynthesizer()
    await synthesizer.start()
    yield synthesizer
    await synthesizer.close()
    assert not synthesizer._utterances, "an utterance was left behind"


async def speak(synthesizer: EspeakSynthesizer, text: str, *, is_last: bool = True, **style) -> list[PcmChunk]:
    wanted = Style(**{"voice": DEFAULT_VOICE} | style)
    return [chunk async for chunk in synthesizer.speak(segment(text, is_last=is_last), wanted)]


def sound(chunks: list[PcmChunk]) -> np.ndarray:
    return np.concatenate([np.zeros(0, np.int16), *(chunk.samples for chunk in chunks)])


def words(chunks: list[PcmChunk], text: str) -> list[str]:
    return [text[word.char_start : word.char_end] for chunk in chunks for word in chunk.words]


def seconds(chunks: list[PcmChunk]) -> float:
    return len(sound(chunks)) / SAMPLE_RATE_HZ


def spectrum(samples: np.ndarray) -> np.ndarray:
    """Average magnitude over 100 Hz bands up to 5 kHz, unit length: a fingerprint of voice, language and text."""
    frames = samples[: len(samples) // 2205 * 2205].reshape(-1, 2205).astype(float)
    bands = np.abs(np.fft.rfft(frames * np.hanning(2205)))[:, :500].reshape(len(frames), 50, 10).mean((0, 2))
    return bands / np.linalg.norm(bands)


# --- the sample rate --------------------------------------------------------------------------------------------------


def converted(converter: _Converter, turn: Turn, samples: np.ndarray, piece: int) -> np.ndarray:
    pieces = [converter.convert(turn, samples[at : at + piece].tobytes()) for at in range(0, len(samples), piece)]
    return np.concatenate([*pieces, converter.convert(turn, b"", last=True)])


def a_turn() -> Turn:
    return Turn(None, "", voice="", full_at_samples=0, needed_at=0.0)


@pytest.mark.parametrize("length", [1, 146, 147, 148, 4_410, 11_025, 30_001])
@pytest.mark.parametrize("piece", [441, 4_410, 40_000])
def test_a_turn_is_converted_as_if_it_were_alone(length, piece):
    """soxr starts a stream a trifle differently than it goes on: the first samples may differ by 1 % of the sound."""
    converter, noise = _Converter(), np.random.default_rng(length)
    for _ in range(3):
        samples = (8_000 * np.sin(np.arange(length) * 0.2) + noise.normal(0, 300, length)).astype(np.int16)
        alone = soxr.resample(samples, ENGINE_RATE_HZ, SAMPLE_RATE_HZ, "HQ")
        turn = converted(converter, a_turn(), samples, piece)
        assert len(turn) == round(length * SAMPLE_RATE_HZ / ENGINE_RATE_HZ)
        np.testing.assert_allclose(turn[:4], alone[: len(turn)][:4], atol=80)
        np.testing.assert_allclose(turn[4:], alone[4 : len(turn)], atol=2)


def test_nothing_of_a_turn_that_was_cut_short_is_heard_in_the_next():
    converter = _Converter()
    converter.convert(a_turn(), np.full(5_000, 20_000, np.int16).tobytes())
    rest = converted(converter, a_turn(), np.zeros(5_000, np.int16), 1_000)
    assert np.abs(rest).max() <= 1  # dither


# --- what is said -----------------------------------------------------------------------------------------------------


async def test_text_becomes_speech_of_a_plausible_length(voice):
    chunks = await speak(voice, "Hello there. This is real time speech.")
    samples = sound(chunks)
    assert samples.dtype == np.int16
    assert 2.0 < len(samples) / SAMPLE_RATE_HZ < 4.0
    assert 500 < np.sqrt(np.mean(samples.astype(float) ** 2)) < 10_000


@pytest.mark.parametrize("text", ["", "   \n", "\x00", "\u2003"])
async def test_nothing_to_say_is_nothing_said(voice, text):
    assert sound(await speak(voice, text)).size == 0


async def test_the_pause_between_sentences_is_kept_unless_nothing_follows(voice):
    last, followed = [await speak(voice, "Hello there.", is_last=is_last) for is_last in (True, False)]
    assert 0.2 < seconds(followed) - seconds(last) < 0.6
    assert np.abs(sound(followed)[-SAMPLE_RATE_HZ // 10 :]).max() < 100


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 2.0])
async def test_behind_the_gateways_delivery_speed_is_exact_and_words_are_where_they_are_heard(voice, speed):
    async def spoken(speed):
        segment = Segment(0, SENTENCES["en"], SENTENCES["en"], 0, len(SENTENCES["en"]), is_last=True)
        return [chunk async for chunk in Delivery(voice).speak(segment, Style("espeak", language="en", speed=speed))]

    normal, changed = await spoken(1.0), await spoken(speed)
    assert seconds(changed) == pytest.approx(seconds(normal) / speed, rel=0.01)
    words, moved = [[word for chunk in chunks for word in chunk.words] for chunks in (normal, changed)]
    assert [word.char_start for word in moved] == [word.char_start for word in words]
    for word, other in zip(words, moved, strict=True):
        assert other.start_sample == pytest.approx(word.start_sample / speed, abs=0.02 * SAMPLE_RATE_HZ / speed)


async def test_variants_sound_different(voice):
    fingerprints = [
        spectrum(sound(await speak(voice, SENTENCES["en"], voice=offered.name))) for offered in voice.voices()
    ]
    assert len(fingerprints) == 3
    for one, other in ((0, 1), (0, 2), (1, 2)):
        assert fingerprints[one] @ fingerprints[other] < 0.99


@pytest.mark.parametrize(
    "text",
    ["a <b>bold</b> word", "a <break time='5s'/> word", "[[h@l'oU]] word", "&lt; word", "<speak>hello word</speak>"],
)
async def test_markup_is_read_never_obeyed(voice, text):
    plain = seconds(await speak(voice, "word"))
    chunks = await speak(voice, text)
    assert words(chunks, text)[-1].startswith(("word", "hello", "</speak")) or "word" in words(chunks, text)[-1]
    assert plain + 0.5 < seconds(chunks) < 6.0  # the characters are named; five seconds of silence would be obeying


async def test_espeaks_embedded_commands_do_not_reach_it(voice):
    """U+0001 begins a command: ``\\x01 350S`` would change the pace of all later speech."""
    before = seconds(await speak(voice, SENTENCES["en"]))
    chunks = await speak(voice, "one \x01350S two \x0199P three")
    assert "350S" in words(chunks, "one \x01350S two \x0199P three")
    assert seconds(await speak(voice, SENTENCES["en"])) == pytest.approx(before, rel=0.02)


@pytest.mark.parametrize(
    "text", ["a\x00b hello", "\ud83d hello", "hello \udc00\udc00", "\ue05b hello", "\x7f\x1b[31m hello"]
)
async def test_text_that_is_no_text_harms_nothing(voice, text):
    assert "hello" in words(await speak(voice, text), text)


@pytest.mark.parametrize(
    ("voice_language", "text"),
    [
        ("ne", "ⓜ"),
        ("mr", "ⓜ ⓐ Ⓩ"),
        ("bn", "ⓜ ⓐ Ⓩ"),
        ("hi", "ꣳƙⓌ"),
        ("vi", "`"),
        ("si", "] and so on" * 20),
        ("pt", "© and so on" * 20),
    ],
)
async def test_text_that_overruns_espeaks_buffers_is_kept_from_it(voice, voice_language, text):
    """Each of these ended the process: espeak-ng 1.52 writes past a buffer on the letters' names."""
    await speak(voice, text, language=voice_language)
    assert seconds(await speak(voice, "hello", language=voice_language)) > 0.1


async def test_decorated_letters_are_read_as_letters_and_keep_their_places(voice):
    text = "𝓗𝓮𝓵𝓵𝓸 ｗｏｒｌｄ"
    chunks, plain = await speak(voice, text), await speak(voice, "Hello world")
    assert words(chunks, text) == ["𝓗𝓮𝓵𝓵𝓸", "ｗｏｒｌｄ"]
    assert seconds(chunks) == pytest.approx(seconds(plain), rel=0.05)


async def test_punctuation_and_emoji_alone_are_survived(voice):
    for text in ("...", "?!", "😀", "-", '"', "()"):
        assert seconds(await speak(voice, text)) < 3


# --- languages --------------------------------------------------------------------------------------------------------


async def test_the_script_chooses_the_language_where_none_is_named(voice):
    for language in ("ru", "cmn", "ar", "hi", "el", "ko"):
        detected, named = [sound(await speak(voice, SENTENCES[language], language=tag)) for tag in (None, language)]
        assert len(detected) == pytest.approx(len(named), rel=0.02)
        assert spectrum(detected) @ spectrum(named) > 0.99


@pytest.mark.parametrize(
    ("asked", "same_as"),
    [
        ("en", "en-us"),
        ("EN-us", "en-us"),
        ("zh", "cmn"),
        ("zh-Hans-CN", "cmn"),
        ("zh-HK", "yue"),
        ("pt-BR", "pt-br"),
        ("pt_BR", "pt-br"),
        ("fr-CA", "fr-fr"),
        ("es-AR", "es-419"),
        ("no", "nb"),
        ("sr-Latn-RS", "sr"),
        ("ja-JP", "ja"),
    ],
)
async def test_language_tags_find_their_voice(voice, asked, same_as):
    assert _voice_for(Style("espeak", asked), "x", voice._languages) == voice._languages[same_as]


@pytest.mark.parametrize("language", [None, "zh"])
async def test_another_script_is_read_by_its_own_voice_and_not_spelled(voice, language):
    text = "推荐使用 Visual Studio Code 和 GitHub。"
    names = "Visual Studio Code GitHub"
    chunks = await speak(voice, text, language=language)
    marks = [word for chunk in chunks for word in chunk.words]

    assert words(chunks, text) == [*"推荐使用", "Visual", "Studio", "Code", "和", "GitHub"]
    assert [mark.start_sample for mark in marks] == sorted(mark.start_sample for mark in marks)
    # By the voice of Chinese, which spells each letter, they alone take longer than the whole.
    assert seconds(chunks) < seconds(await speak(voice, "推荐使用 和", language="zh")) + 1.5 * seconds(
        await speak(voice, names, language="en")
    )


@pytest.mark.parametrize(("text", "language"), [("東京タワー", None), ("東京", "ja"), ("It is 東京です today", "en")])
async def test_kanji_are_refused_with_a_reason_and_not_spelled(voice, text, language):
    with pytest.raises(UnsupportedRequest, match="kana only"):
        await speak(voice, text, language=language)


@pytest.mark.parametrize("text", ["ខ្មែរ", "Say བོད་ཡིག now", "ދިވެހި", "ᏣᎳᎩ", "ພາສາລາວ"])
@pytest.mark.parametrize("language", [None, "en"])
async def test_a_script_that_no_voice_reads_is_refused_with_a_reason_and_not_spelled(voice, text, language):
    with pytest.raises(UnsupportedRequest, match="no voice that reads"):
        await speak(voice, text, language=language)


@pytest.mark.parametrize("foreign", ["สวัสดี", "שלום", "مرحبا", "नमस्ते", "λόγος", "გამარჯობა", "ሰላም"])
async def test_a_word_of_another_script_is_no_longer_than_its_own_voice_makes_it(voice, foreign):
    """Spelled, it takes several seconds."""
    whole = seconds(await speak(voice, f"Say {foreign} now", language="en"))

    assert whole < seconds(await speak(voice, "Say now", language="en")) + 1.6


async def test_a_named_language_beats_the_script(voice):
    english, german = [await speak(voice, "Wie geht es dir heute", language=tag) for tag in (None, "de")]
    assert spectrum(sound(english)) @ spectrum(sound(german)) < 0.99


async def test_every_language_on_offer_speaks(voice):
    """A voice whose dictionary is missing says nothing. Digits for those that read no Latin, letters for the elves."""
    languages = voice.voices()[0].languages
    assert len(languages) > 120
    for language in sorted(set(voice._languages.values())):
        tag = next(tag for tag, identifier in voice._languages.items() if identifier == language)
        assert seconds(await speak(voice, "1 2 3 alda", language=tag)) > 0.3, language


@pytest.mark.parametrize(
    ("style", "message"),
    [
        ({"voice": "alice"}, "no voice 'alice'; espeak has espeak,"),
        ({"language": "tlh"}, "does not speak 'tlh'"),
    ],
)
async def test_what_it_cannot_honour_is_refused_from_the_first_step(voice, style, message):
    with pytest.raises(UnsupportedRequest, match=message):
        await speak(voice, "hello", **style)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello there, my friend.", ["Hello", "there", "my", "friend"]),
        ("Zoë 😀 naïve 𝒳 end", ["Zoë", "😀", "naïve", "𝒳", "end"]),  # beyond ASCII, beyond the basic plane
        ("«Привет», мир!", ["Привет", "мир"]),
        ("It cost $3,000.50 (really).", ["It", "cost", "$3,000.50", "really"]),
        ("well-known — and/or", ["well-known", "and/or"]),
    ],
)
async def test_words_are_marked_as_a_reader_sees_them(voice, text, expected):
    assert words(await speak(voice, text), text) == expected


async def test_word_positions_hold_across_turns(voice):
    """Twelve sentences take several turns; every word is still found, once, in order, at its place."""
    text = "😀 " + LONG
    chunks = await speak(voice, text)
    expected = [word.strip(".,") for word in text.split()]
    assert words(chunks, text) == expected
    starts = [word.start_sample for chunk in chunks for word in chunk.words]
    assert starts == sorted(starts)


@pytest.mark.parametrize("language", SENTENCES)
async def test_words_begin_inside_their_chunk(voice, language):
    position = 0
    for chunk in await speak(voice, SENTENCES[language] * 3, language=language):
        assert all(position <= word.start_sample < position + len(chunk.samples) for word in chunk.words)
        position += len(chunk.samples)


async def test_words_are_heard_where_they_are_marked(voice):
    """The pause after a comma ends where the next word is marked: before it is silence, from it on there is sound."""
    text = "Stop, papa."
    chunks = await speak(voice, text)
    (_, papa) = (word for chunk in chunks for word in chunk.words)
    samples = np.abs(sound(chunks).astype(int))
    assert samples[papa.start_sample - 1_000 : papa.start_sample].max() < 200
    assert samples[papa.start_sample : papa.start_sample + 4_000].max() > 2_000


# --- turns: bounded, resumed, fair ------------------------------------------------------------------------------------


async def test_text_spoken_in_turns_sounds_like_text_spoken_at_once(voice, monkeypatch):
    in_turns = await speak(voice, LONG)
    monkeypatch.setattr(espeak, "TURN_SAMPLES", 10**9)
    at_once = await speak(voice, LONG)
    assert len(sound(in_turns)) == pytest.approx(len(sound(at_once)), rel=0.01)
    assert words(in_turns, LONG) == words(at_once, LONG)
    assert spectrum(sound(in_turns)) @ spectrum(sound(at_once)) > 0.999


async def idle(voice: EspeakSynthesizer) -> None:
    """Wait until espeak has done all that was asked of it so far."""
    await speak(voice, "x")


@pytest.mark.parametrize("text", [LONG, "word " * 500, "字" * 500, "x" * 5_000, SENTENCES["ru"] * 20])
async def test_work_is_done_only_while_asked_for_and_a_bounded_stretch_ahead(voice, text):
    stream = voice.speak(segment(text), Style(DEFAULT_VOICE))
    first = await anext(stream)
    assert 0 < len(first.samples) <= SAMPLE_RATE_HZ * BUFFER_MS // 1000 + 1
    await idle(voice)
    (utterance,) = voice._utterances
    held = utterance.held_bytes
    assert held <= 2 * (TURN_SAMPLES + 10 * SAMPLE_RATE_HZ)  # a turn and its last clause
    await idle(voice)
    assert utterance.held_bytes == held
    await stream.aclose()


async def test_ordinary_sentences_hold_less_than_a_quarter_megabyte(voice):
    """What was handed over counts: of a turn that is over, it may be all."""
    stream = voice.speak(segment(LONG), Style(DEFAULT_VOICE))
    most = 0
    async for chunk in stream:
        (utterance,) = (one for one in voice._utterances if one.reading.text == LONG)
        most = max(most, chunk.samples.nbytes + utterance.held_bytes)
    assert 0 < most < 256 * 1024


async def test_many_at_once_never_mix(voice):
    """Ten languages in step with each other: each sounds, word for word, as it does alone."""
    texts = {language: " ".join([sentence] * 3) for language, sentence in SENTENCES.items()}
    alone = {language: await speak(voice, text, language=language) for language, text in texts.items()}
    async with asyncio.TaskGroup() as group:
        tasks = {language: group.create_task(speak(voice, text, language=language)) for language, text in texts.items()}
    for language, text in texts.items():
        together = tasks[language].result()
        assert words(together, text) == words(alone[language], text)
        assert len(sound(together)) == pytest.approx(len(sound(alone[language])), rel=0.01)
        own = spectrum(sound(together)) @ spectrum(sound(alone[language]))
        assert own > 0.995
        assert all(
            own > spectrum(sound(together)) @ spectrum(sound(alone[other])) for other in texts if other != language
        )


async def test_a_long_text_does_not_keep_a_short_one_waiting(voice):
    finished = []

    async def tell(name: str, text: str) -> None:
        await speak(voice, text)
        finished.append(name)

    async with asyncio.TaskGroup() as group:
        group.create_task(tell("long", LONG * 3))
        group.create_task(tell("short", "Hello there."))
    assert finished == ["short", "long"]


async def test_the_listener_that_runs_dry_first_is_spoken_to_first(voice):
    """As many as are in flight are past changing; the others were asked for in the opposite order."""
    begun = []

    async def tell(number: int) -> None:
        async for _ in voice.speak(segment("Hello there."), Style(DEFAULT_VOICE), lambda: -number):
            if number not in begun:
                begun.append(number)

    async with asyncio.TaskGroup() as group:
        for number in range(TURNS_IN_FLIGHT + 5):
            group.create_task(tell(number))
    assert begun == [*range(TURNS_IN_FLIGHT), *reversed(range(TURNS_IN_FLIGHT, TURNS_IN_FLIGHT + 5))]


async def test_chunks_for_a_listener_are_short(voice):
    """The first chunk is one callback's, nobody waits for more; the others are bounded: a stalled one holds no more."""
    first, *others = [len(chunk.samples) for chunk in await speak(voice, "word " * 500)]
    assert first <= SAMPLE_RATE_HZ * BUFFER_MS // 1000 + 1
    assert CHUNK_SAMPLES / 2 < max(others) <= CHUNK_SAMPLES


async def test_two_synthesizers_have_nothing_in_common():
    first, second = EspeakSynthesizer(), EspeakSynthesizer()
    await first.start()
    await second.start()
    assert first.process_id != second.process_id
    await first.close()
    assert seconds(await speak(second, "Hello there.")) > 0.5
    await second.close()


# --- latency and cancellation -----------------------------------------------------------------------------------------


async def test_the_first_sound_comes_at_once_and_does_not_wait_for_the_rest(voice):
    await speak(voice, LONG)  # voice loaded
    begun = perf_counter()
    await speak(voice, LONG)
    whole = perf_counter() - begun
    taken = []
    for _ in range(20):
        stream = voice.speak(segment(LONG), Style(DEFAULT_VOICE))
        begun = perf_counter()
        await anext(stream)
        taken.append(perf_counter() - begun)
        await stream.aclose()
    assert min(taken) < whole / 10  # the best one: what else runs on this machine is not the subject


async def test_closing_stops_espeak_at_its_next_callback(voice):
    taken = []
    for _ in range(5):
        stream = voice.speak(segment("word " * 500), Style(DEFAULT_VOICE))
        await anext(stream)
        (utterance,) = voice._utterances
        await stream.aclose()
        begun = perf_counter()
        await idle(voice)
        taken.append(perf_counter() - begun)
        assert utterance.held_bytes < 2 * TURN_SAMPLES * 6
        assert not voice._utterances
    assert min(taken) < 0.05  # the best one: a fraction of a millisecond when nothing else runs here


async def test_a_cancelled_consumer_leaves_the_engine_to_the_others(voice):
    async def listen_for_ever() -> None:
        async with contextlib.aclosing(voice.speak(segment(LONG * 10), Style(DEFAULT_VOICE))) as stream:
            async for _ in stream:
                pass

    tasks = [asyncio.create_task(listen_for_ever()) for _ in range(10)]
    await idle(voice)
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {asyncio.CancelledError}
    assert not voice._utterances
    assert seconds(await speak(voice, "Hello there.")) > 0.5


async def test_an_utterance_cancelled_while_it_waits_for_its_turn_is_never_spoken(voice):
    streams = [voice.speak(segment(LONG), Style(DEFAULT_VOICE)) for _ in range(20)]
    asks = [asyncio.ensure_future(anext(stream)) for stream in streams]
    await asyncio.sleep(0)  # each has asked
    utterances = list(voice._utterances)
    for ask in asks:
        ask.cancel()
    await asyncio.gather(*asks, return_exceptions=True)
    for stream in streams:
        await stream.aclose()
    assert not voice._turns.are_waiting
    await idle(voice)
    assert len(utterances) == 20
    assert not any(utterance.held_bytes for utterance in utterances)


async def test_closing_the_engine_ends_what_is_being_spoken():
    voice = EspeakSynthesizer()
    await voice.start()
    stream = voice.speak(segment(LONG), Style(DEFAULT_VOICE))
    await anext(stream)
    await voice.close()
    with pytest.raises(EngineUnavailable, match="closed"):
        async for _ in stream:
            pass
    await voice.close()


async def test_it_can_be_started_again_after_it_was_closed():
    voice = EspeakSynthesizer()
    for _ in range(3):
        await voice.start()
        await voice.start()
        assert seconds(await speak(voice, "Hello there.")) > 0.5
        await voice.close()


# --- faults -----------------------------------------------------------------------------------------------------------


async def test_a_voice_that_espeak_refuses_is_a_failure_of_that_segment_only(voice, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(voice._languages, "xx", "no/such")
        with pytest.raises(SynthesisFailed, match="SetVoiceByName"):
            await speak(voice, "Hello there.", language="xx")
    assert seconds(await speak(voice, "Hello there.")) > 0.5


async def test_speaking_needs_a_start():
    voice = EspeakSynthesizer()
    assert voice.status().state == "loading"
    assert voice.voices()[0].name == "espeak"
    with pytest.raises(EngineUnavailable, match="not started"):
        await speak(voice, "hello")


async def test_without_the_wheel_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "espeakng_loader", None)
    voice = EspeakSynthesizer()
    with pytest.raises(EngineUnavailable, match="pip install espeakng-loader") as caught:
        await voice.start()
    assert "\n" not in str(caught.value)
    assert voice.status() == espeak.EngineStatus("espeak", "failed", str(caught.value))


async def test_a_library_that_does_not_load_is_named(monkeypatch, tmp_path):
    import espeakng_loader

    broken = tmp_path / "libespeak-ng.so"
    broken.write_text("no library")
    monkeypatch.setattr(espeakng_loader, "get_library_path", lambda: str(broken))
    with pytest.raises(EngineUnavailable, match=r"libespeak-ng\.so"):
        await EspeakSynthesizer().start()


async def test_missing_data_is_an_answer_not_an_exit(monkeypatch, tmp_path):
    """espeak-ng would end its process without a word."""
    import espeakng_loader

    monkeypatch.setattr(espeakng_loader, "get_data_path", lambda: str(tmp_path))
    voice = EspeakSynthesizer()
    with pytest.raises(EngineUnavailable, match=r"does not start .*espeak_Initialize answered"):
        await voice.start()
    assert voice.status().state == "failed"
    assert voice.process_id is None


async def test_a_python_that_does_not_run_is_an_answer_too(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(EngineUnavailable, match="/no/such/python"):
        await EspeakSynthesizer().start()


async def test_the_status_names_the_version(voice):
    status = voice.status()
    assert (status.engine, status.state) == ("espeak", "ready")
    assert status.detail.startswith("espeak-ng 1.")
    assert voice.sample_rate_hz == SAMPLE_RATE_HZ
    assert voice.default_max_concurrent_requests > 100


# --- the process may die ----------------------------------------------------------------------------------------------

KILLER = "`"  # in Vietnamese, see ``espeak_text.OVERRUNS``


@pytest.fixture
def overruns_unknown(monkeypatch):
    """Let texts through that espeak-ng does not survive."""
    monkeypatch.setattr(espeak_text, "OVERRUNS", {})


async def outcomes(*speaking) -> list[object]:
    return await asyncio.gather(*speaking, return_exceptions=True)


async def ended(pid: int) -> None:
    """Wait until a process is gone, reaped too."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            await asyncio.sleep(0.01)


async def test_a_killed_process_fails_the_utterance_in_turn_and_no_other(voice):
    """The one in turn is stopped there, so that it is known which it is; the others have sound, or wait for it."""
    alone = await speak(voice, LONG)
    others = [voice.speak(segment(LONG), Style(DEFAULT_VOICE)) for _ in range(8)]
    begun = [await anext(stream) for stream in others[:4]]
    await idle(voice)
    pid = voice.process_id
    os.kill(pid, signal.SIGSTOP)
    in_turn = asyncio.create_task(speak(voice, "This one is unlucky."))
    await asyncio.sleep(0)
    rest = [asyncio.create_task(_rest(stream)) for stream in others]
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(SynthesisFailed, match="signal 9"):
        await in_turn
    finished = [await task for task in rest]
    assert voice.process_id != pid
    for index, chunks in enumerate(finished):
        heard = [*begun[index : index + 1], *chunks]
        assert words(heard, LONG) == words(alone, LONG)
        assert len(sound(heard)) == pytest.approx(len(sound(alone)), rel=0.01)
    await ended(pid)


async def _rest(stream) -> list[PcmChunk]:
    return [chunk async for chunk in stream]


async def test_a_process_killed_while_nothing_is_spoken_fails_no_utterance(voice):
    pid = voice.process_id
    os.kill(pid, signal.SIGKILL)
    await ended(pid)
    assert seconds(await speak(voice, "Hello there.")) > 0.5
    assert voice.process_id not in (pid, None)
    assert voice.status().state == "ready"


@pytest.mark.usefixtures("overruns_unknown")
async def test_a_text_that_crashes_espeak_fails_itself_only_each_time(voice):
    alone = await speak(voice, LONG)
    for _ in range(2):
        spoken, failed, *rest = await outcomes(
            speak(voice, LONG), speak(voice, KILLER, language="vi"), *(speak(voice, LONG) for _ in range(6))
        )
        assert isinstance(failed, SynthesisFailed)
        for chunks in (spoken, *rest):
            assert words(chunks, LONG) == words(alone, LONG)
        assert seconds(await speak(voice, "Hello there.")) > 0.5


@pytest.mark.usefixtures("overruns_unknown")
async def test_many_crashes_at_once_fail_as_many_utterances(voice):
    texts = [("hello there", "en"), (KILLER, "vi")] * 5
    results = await outcomes(*(speak(voice, text, language=language) for text, language in texts))
    assert [type(result) for result in results] == [list, SynthesisFailed] * 5


@pytest.mark.usefixtures("overruns_unknown")
async def test_if_the_listener_of_a_crashing_text_has_left_no_other_listener_fails_for_it(voice):
    stream = voice.speak(segment(KILLER), Style(DEFAULT_VOICE, "vi"))
    ask = asyncio.ensure_future(anext(stream))
    await asyncio.sleep(0)
    other = asyncio.create_task(speak(voice, "Hello there."))
    await asyncio.sleep(0)
    ask.cancel()
    assert seconds(await other) > 0.5
    await asyncio.gather(ask, return_exceptions=True)
    await stream.aclose()


async def test_a_process_that_hangs_is_replaced(monkeypatch):
    monkeypatch.setattr(espeak_engine, "PATIENCE_S", 2)  # in which its successor must come up, on a busy machine too
    voice = EspeakSynthesizer()
    await voice.start()
    pid = voice.process_id
    os.kill(pid, signal.SIGSTOP)
    hanging, *others = await outcomes(*(speak(voice, f"Hello number {number}.") for number in range(6)))
    assert isinstance(hanging, SynthesisFailed)
    assert all(seconds(chunks) > 0.5 for chunks in others)
    await ended(pid)
    await voice.close()


async def test_a_process_that_cannot_be_replaced_is_reported_and_tried_again(voice, monkeypatch):
    monkeypatch.setattr(espeak_engine, "RETRY_S", 0.05)
    stream = voice.speak(segment(LONG), Style(DEFAULT_VOICE))
    await anext(stream)
    await idle(voice)  # its first turn is over: the next one meets the failure
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/no/such/python")
        pid = voice.process_id
        os.kill(pid, signal.SIGKILL)
        await ended(pid)
        with pytest.raises(SynthesisFailed, match="/no/such/python"):
            await _rest(stream)
        with pytest.raises(SynthesisFailed, match="/no/such/python"):
            await speak(voice, "Hello there.")
        assert (voice.status().state, voice.process_id) == ("failed", None)
    async with asyncio.timeout(PATIENCE_S):
        while voice.status().state != "ready":
            await asyncio.sleep(0.01)
    assert seconds(await speak(voice, "Hello there.")) > 0.5


async def test_closing_ends_the_attempts_to_replace_a_process(monkeypatch):
    monkeypatch.setattr(espeak_engine, "RETRY_S", 0.0)
    voice = EspeakSynthesizer()
    await voice.start()
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/no/such/python")
        pid, engine = voice.process_id, voice._engine
        os.kill(pid, signal.SIGKILL)
        await ended(pid)
        await voice.close()
    for _ in range(3):  # turns of the loop: an attempt would be made by now, and succeed
        await asyncio.sleep(0)
    assert engine.process_id is None


async def test_closing_leaves_no_process_and_no_descriptor():
    def descriptors() -> set[str]:
        return set(os.listdir("/dev/fd"))  # noqa: PTH208 - the names are all there is to see

    voice = EspeakSynthesizer()
    before = descriptors()
    await voice.start()
    pid = voice.process_id
    os.kill(pid, signal.SIGKILL)
    await ended(pid)
    assert seconds(await speak(voice, "Hello there.")) > 0.5
    pid = voice.process_id
    await voice.close()
    await voice.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert voice.process_id is None
    assert descriptors() == before


async def test_a_cancelled_start_leaves_nothing_behind():
    voice = EspeakSynthesizer()
    starting = asyncio.create_task(voice.start())
    await asyncio.sleep(0)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert voice.process_id is None
    await voice.start()
    assert seconds(await speak(voice, "Hello there.")) > 0.5
    await voice.close()


@pytest.mark.usefixtures("overruns_unknown")
def test_all_of_it_works_under_uvloop_and_in_any_thread():
    async def crash_and_go_on() -> list[object]:
        voice = EspeakSynthesizer()
        await voice.start()
        results = await outcomes(speak(voice, KILLER, language="vi"), speak(voice, LONG))
        await voice.close()
        return results

    async def in_a_thread() -> list[object]:
        return await asyncio.to_thread(uvloop.run, crash_and_go_on())

    failed, chunks = asyncio.run(in_a_thread())
    assert isinstance(failed, SynthesisFailed)
    assert seconds(chunks) > 20


async def test_the_process_goes_with_its_parent_and_not_at_ctrl_c():
    """The parent is killed in the middle of its work, so it cannot say goodbye."""
    program = (
        "import asyncio\n"
        "from sayline.synthesis.espeak.synthesizer import EspeakSynthesizer\n"
        "async def main():\n"
        "    voice = EspeakSynthesizer()\n"
        "    await voice.start()\n"
        "    print(voice.process_id, flush=True)\n"
        "    await asyncio.Event().wait()\n"
        "asyncio.run(main())\n"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, stdout=asyncio.subprocess.PIPE, env=environment
    )
    pid = int(await parent.stdout.readline())
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(pid, number)
    assert os.getsid(pid) == pid  # a terminal's Ctrl-C goes to its own session's processes
    os.kill(pid, 0)
    gone = os.pidfd_open(pid) if hasattr(os, "pidfd_open") else None
    parent.kill()
    await parent.communicate()
    if gone is None:
        await ended(pid)
        return
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(gone, over.set)
    await asyncio.wait_for(over.wait(), PATIENCE_S)
    loop.remove_reader(gone)
    os.close(gone)
