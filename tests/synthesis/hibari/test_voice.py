"""The model in this process: what is read, when words begin, and what is cut."""

import numpy as np
import pytest

from sayline.synthesis.hibari import voice as hibari
from sayline.synthesis.hibari.voice import GAIN, UNIT_SAMPLES, HibariVoice, Unreadable
from sayline.synthesis.turns.child import VoiceUnavailable
from sayline.synthesis.turns.sound import LEAD_MS, TAIL_MS, as_int16, mark_starts

RATE = 24_000
SENTENCES = (
    "The ferry leaves the northern harbour at seven, and nobody waits for late passengers.",
    "Could you please tell me when the next train to the city leaves?",
    "Take a slow breath, put the phone on the table, and look out of the window.",
    "Your balance is one hundred and twelve euros, and nothing else is waiting to be booked.",
    "Both plans cover the same countries, but the smaller one has a limit on data.",
)


@pytest.fixture(scope="module")
def voice():
    return HibariVoice()


def say(voice, text, **changes):
    return voice.speak(voice.trial._replace(text=text, **changes))


def words(sound, text):
    return [text[offset : offset + length] for offset, length, _ in sound.words]


def energy(samples, window=120):
    """RMS of each 5 ms, of full scale."""
    frames = samples[: len(samples) // window * window].reshape(-1, window).astype(float) / 32_768
    return np.sqrt(np.square(frames).mean(axis=1))


def test_a_sentence_becomes_speech_of_a_plausible_length_and_loudness(voice):
    samples = say(voice, SENTENCES[0]).samples

    assert samples.dtype == np.int16
    assert 4.0 < len(samples) / RATE < 5.5
    level_db = 20 * np.log10(np.sqrt(np.square(samples / 32_768).mean()))
    assert -23 < level_db < -18  # espeak-ng has -20.9


@pytest.mark.parametrize("text", SENTENCES)
def test_the_silence_at_the_edges_is_cut_to_what_is_kept(voice, text):
    loud = np.flatnonzero(energy(say(voice, text).samples) > 0.01)
    samples = len(say(voice, text).samples)

    assert loud[0] * 5 <= LEAD_MS + 45  # a soft first phoneme is kept whole
    assert samples / 24 - (loud[-1] + 1) * 5 <= TAIL_MS + 60


def test_no_sound_clips(voice):
    assert max(np.abs(say(voice, text).samples.astype(int)).max() for text in SENTENCES) < 32_767


def test_a_sound_that_would_clip_is_turned_down_as_a_whole():
    loud = np.array([0.1, -0.9, 0.5], np.float32)

    assert as_int16(loud, GAIN).tolist() == pytest.approx([3532, -31784, 17658], abs=2)
    assert as_int16(loud / 2, GAIN).tolist() == pytest.approx((loud / 2 * GAIN * 32_767).tolist(), abs=1)


def test_the_pause_is_silence_behind_the_words(voice):
    plain, paused = say(voice, "Hello there."), say(voice, "Hello there.", pause_ms=300.0)

    assert len(paused.samples) - len(plain.samples) == 300 * 24
    assert not paused.samples[-300 * 24 :].any()
    assert paused.words == plain.words


def test_the_same_seed_makes_the_same_sound_and_another_seed_another(voice):
    one, again, other = (say(voice, "Hello there.", seed=seed).samples for seed in (1, 1, 2))

    assert np.array_equal(one, again)
    assert len(one) == len(other)
    assert not np.array_equal(one, other)


# --- words ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", SENTENCES)
def test_every_word_is_marked_once_and_in_order(voice, text):
    sound = say(voice, text)

    assert words(sound, text) == [word.strip(".,?") for word in text.split()]
    starts = [start for _, _, start in sound.words]
    assert starts == sorted(starts)
    assert starts[-1] < len(sound.samples)


@pytest.mark.parametrize("threshold", [0.01, 0.02])
def test_words_are_heard_where_they_are_marked(voice, threshold):
    """By the energy, at -40 and -34 dBFS: a word behind a pause begins where the sound rises nearest to its mark."""
    errors_ms = []
    for text in SENTENCES:
        sound = say(voice, text)
        level = energy(sound.samples)
        rises = 5 * (1 + np.flatnonzero((level[1:] > threshold) & (level[:-1] <= threshold)))
        errors_ms += [
            np.abs(rises - start / 24).min()
            for offset, _, start in sound.words
            if offset == 0 or text[offset - 2] == ","
        ]

    assert len(errors_ms) > 8
    assert np.median(errors_ms) <= 30


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At 7:30 pm it cost $3,000.50 (really).", ["At", "7:30", "pm", "it", "cost", "$3,000.50", "really"]),
        ("The well-known Zoë and/or Đặng", ["The", "well-known", "Zoë", "and/or", "Đặng"]),
        ("“Quoted,” she said – twice…", ["Quoted", "she", "said", "twice"]),
        ("From 3/4/2024 to No. 5", ["From", "3/4/2024", "to", "No", "5"]),
    ],
)
def test_words_are_marked_as_a_reader_sees_them(voice, text, expected):
    assert words(say(voice, text), text) == expected


# --- reading ----------------------------------------------------------------------------------------------------------


def phonemes(voice, text, *, has_links=False):
    tokens = voice.read(voice.trial._replace(text=text, obeys_markup=has_links))
    return " ".join(token.phonemes for token in tokens if token.phonemes)


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("5 €", "€5"),
        ("C#", "C sharp"),
        ("a -> b", "a → b"),
        ("so\u00adft", "soft"),
        ("Łukasz", "Łukasz"),
        ("Đặng", "Đang"),
        ("ﬁne", "fine"),
    ],
)
def test_what_hibari_reads_wrongly_is_written_in_a_way_that_it_reads(voice, written, spoken):
    assert phonemes(voice, written) == phonemes(voice, spoken)


@pytest.mark.parametrize("text", ["你好", "a 你 b", "a Ⳁ b", "x ə̃ⴰ y"])
def test_what_would_not_be_heard_is_refused(voice, text):
    with pytest.raises(Unreadable):
        say(voice, text)


def test_a_pronunciation_is_spoken_exactly_where_the_caller_allows_it(voice):
    text = "I say [tomato](/təmˈɑtO/), you do."

    assert "təmˈɑtO" in phonemes(voice, text, has_links=True)
    assert words(say(voice, text, obeys_markup=True), text)[0] == "I"


@pytest.mark.parametrize("text", ["[hello](/kˈæt/)", "a [b](/kˈæt/) c", "[x](kˈæt)", "[[x](/kˈæt/)](/kˈæt/)"])
def test_text_is_never_taken_for_a_pronunciation(voice, text):
    """The package would obey it; ours reads it out, or refuses letters that are no English."""
    try:
        read = phonemes(voice, text)
    except Unreadable:
        return
    assert "kˈæt" not in read


def test_a_phoneme_that_the_model_lacks_is_refused(voice):
    with pytest.raises(Unreadable, match="no phoneme"):
        say(voice, "[x](/ʘʘ/)", obeys_markup=True)


def test_more_phonemes_than_the_network_takes_are_made_in_pieces(voice):
    text = "777,777,777 " * 12
    sound = say(voice, text)

    assert len(phonemes(voice, text)) > 2 * hibari.MOST_PHONEMES
    assert 40 < len(sound.samples) / RATE < 90
    assert words(sound, text) == ["777,777,777"] * 12


@pytest.mark.parametrize("text", ["...", "—", "()", "\u200b"])
def test_punctuation_alone_is_survived(voice, text):
    assert len(say(voice, text).samples) < RATE


# --- what may be missing ----------------------------------------------------------------------------------------------


def test_without_the_package_the_voice_says_why(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "hibari", None)
    with pytest.raises(VoiceUnavailable, match="hibari"):
        HibariVoice()


def test_a_model_that_tells_no_durations_speaks_without_word_times(monkeypatch):
    monkeypatch.setattr(hibari, "_TELL_DURATIONS", b"\x3a\x0a\x62\x08\x0a\x06/other")
    voice = HibariVoice()
    sound = voice.speak(voice.trial)

    assert not voice.has_times
    assert sound.words == []
    loud = np.flatnonzero(energy(sound.samples) > 0.01)
    assert loud[0] * 5 <= LEAD_MS + 45


def test_durations_that_are_not_those_of_the_sound_are_not_believed():
    assert mark_starts(np.array([2.0, 3.0], np.float32), UNIT_SAMPLES, 3_000) == [0, 1_200 - 480]
    assert mark_starts(np.array([2.0, 3.0], np.float32), UNIT_SAMPLES, 3_600) == []
    assert mark_starts(None, UNIT_SAMPLES, 3_000) == []
