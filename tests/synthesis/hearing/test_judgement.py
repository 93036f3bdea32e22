"""Recordings that make a poor voice are refused with the reason, or mended and told of; good ones are taken."""

import numpy as np
import pytest
import soxr
from spoken import say

from sayline.synthesis.hearing.judgement import UnfitRecording, judge_recording, speech_seconds

TEXT = (
    "The ferry leaves the northern harbour at seven, and nobody waits for late passengers. "
    "Sixty fresh fish lay on the shelf, she says; six were sold, and the rest is for us."
)
RATE_HZ = 24_000


@pytest.fixture(scope="module")
def speech():
    """Ten seconds at 24 kHz, full scale 1, with a quiet room behind it."""
    samples, rate_hz = say(TEXT)
    assert rate_hz == RATE_HZ
    voice = samples.astype(np.float32) / 32768
    return voice / np.abs(voice).max() * np.float32(0.5) + noise(len(voice), -70)


def noise(count, dbfs):
    return (np.random.default_rng(0).standard_normal(count) * 10 ** (dbfs / 20)).astype(np.float32)


def judge(samples, rate_hz=RATE_HZ):
    return judge_recording(np.atleast_2d(samples).astype(np.float32), rate_hz, min_s=3, max_s=30, min_rate_hz=16_000)


def tone(hz, seconds, level=0.3):
    return level * np.sin(2 * np.pi * hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)


def telephone(speech):
    return soxr.resample(soxr.resample(speech, RATE_HZ, 8_000), 8_000, RATE_HZ)


def chopped(speech):
    speech = speech.copy()
    for at in range(RATE_HZ // 8, len(speech), RATE_HZ // 5):
        speech[at : at + RATE_HZ // 40] = 0
    return speech


def clicking(speech, count):
    speech = speech.copy()
    loud = np.flatnonzero(np.convolve(np.abs(speech), np.ones(1200) / 1200, "same") > 0.08)
    for at in loud[np.linspace(2_400, len(loud) - 2_400, count).astype(int)]:
        speech[at:] += 0.4 * np.exp(-np.arange(len(speech) - at) / 72)
    return speech.clip(-1, 1)


def crackling(speech):
    speech = speech.copy()
    random = np.random.default_rng(1)
    speech[random.integers(0, len(speech), 20 * len(speech) // RATE_HZ)] += 0.6
    return speech.clip(-1, 1)


def without_lows(speech):
    spectrum = np.fft.rfft(speech)
    spectrum[: len(speech) * 400 // RATE_HZ] = 0
    return np.fft.irfft(spectrum, len(speech))


def delayed(speech, seconds):
    return np.pad(speech, (round(seconds * RATE_HZ), 0))[: len(speech)]


REFUSED = {
    "said twice": (lambda speech: np.tile(speech, 2), "comes again after"),
    "chopped": (chopped, "chopped"),
    "five bits a sample": (lambda speech: np.round(speech * 16) / 16, "chopped|noisy|no voice"),
    "crackling": (crackling, "crackles"),
    "a chord": (lambda _: sum(tone(hz, 6, 0.1) for hz in (220, 277, 330, 440)), "noisy|a tone"),
    "noise": (lambda speech: noise(len(speech), -20), "no voice is heard"),
    "speech under noise": (lambda speech: speech + noise(len(speech), -28), "noisy"),
    "a tone": (lambda _: tone(440, 6), "a tone of 440 Hz"),
    "a dial tone": (lambda _: tone(350, 6) + tone(440, 6), "a tone of"),
    "beeps": (lambda _: tone(1000, 6) * (np.arange(6 * RATE_HZ) // 6000 % 2), "a tone of 1000 Hz"),
    "nothing but DC": (lambda _: np.full(6 * RATE_HZ, 0.2), "silent"),
    "clipped": (lambda speech: np.clip(8 * speech, -1, 1), "clipped"),
    "clipped and lowered": (lambda speech: 0.3 * np.clip(8 * speech, -1, 1), "made quieter afterwards"),
    "clipped on one side": (lambda speech: 0.4 * np.clip(8 * speech, -1, 9) / 2, "made quieter afterwards"),
    "telephone": (telephone, "telephone"),
    "one word in much silence": (lambda speech: np.pad(speech[: 2 * RATE_HZ], 5 * RATE_HZ), "too short"),
    "long pauses": (
        lambda speech: np.concatenate([speech[:RATE_HZ], np.zeros(6 * RATE_HZ), speech[RATE_HZ : 2 * RATE_HZ]]),
        "is silence",
    ),
    "mains hum": (lambda speech: speech + tone(50, len(speech) / RATE_HZ, 0.1), "hums with the mains"),
    "too quiet": (lambda speech: speech * 0.01, "too quiet"),
    "silence": (lambda _: np.zeros(6 * RATE_HZ), "silent"),
    "no numbers": (lambda _: np.full(6 * RATE_HZ, np.nan), "no numbers"),
    "too short": (lambda speech: speech[: 2 * RATE_HZ], "too short"),
    "too long": (lambda speech: np.tile(speech, 4), "longer than 30 s"),
    "whispering": (lambda speech: noise(len(speech), -20) * np.abs(speech) * 8, "no voice is heard"),
    "opposite phases that were mixed": (lambda speech: speech - speech, "silent"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_recording_that_makes_a_poor_voice_is_refused_with_the_reason(speech, name):
    spoil, reason = REFUSED[name]
    with pytest.raises(UnfitRecording, match=reason):
        judge(spoil(speech))


def holed(speech):
    speech = speech.copy()
    loud = int(np.argmax(np.convolve(speech**2, np.ones(1200), "same")))
    speech[loud : loud + RATE_HZ // 40] = 0
    return speech


WARNED = {
    "an echo": (lambda speech: 0.6 * (speech + 0.7 * delayed(speech, 0.12)), "an echo 120 ms later"),
    "a double 30 ms later": (lambda speech: 0.5 * (speech + delayed(speech, 0.03)), "an echo 30 ms later"),
    "eight bits": (lambda speech: np.round(speech * 128) / 128, "8 bits a sample"),
    "a rate of 11 kHz": (
        lambda speech: soxr.resample(soxr.resample(speech, RATE_HZ, 11_025), 11_025, RATE_HZ),
        "nothing above 5.8 kHz",
    ),
    "an instrument": (
        lambda _: sum(tone(110 * number, 6, 0.2 / number) for number in range(1, 60)) * (1.01 + tone(3, 6, 1.0)),
        "hardly a consonant",
    ),
    "some clicks": (lambda speech: clicking(speech, 5), "it clicks"),
    "rumble": (lambda speech: speech + tone(7, len(speech) / RATE_HZ, 0.2)[: len(speech)], "rumbles below"),
    "no lows": (without_lows, "nothing below 300 Hz"),
    "a level that jumps": (lambda speech: speech * (1 - 0.9 * np.linspace(0, 1, len(speech)).round()), "softer"),
    "two people on two channels": (lambda speech: np.stack([speech, delayed(speech, 3)]), "different sounds"),
    "DC": (lambda speech: speech + 0.1, "DC"),
    "opposite stereo phases": (lambda speech: np.stack([speech, -0.9 * speech]), "opposite phase"),
    "silence at the edges": (lambda speech: np.pad(speech, 2 * RATE_HZ), "silence before the speech"),
    "some noise": (lambda speech: speech + noise(len(speech), -40), "between the words"),
    "mains hum": (lambda speech: speech + tone(50, len(speech) / RATE_HZ, 0.02), "mains"),
    "drop-outs": (holed, "drops out"),
}


@pytest.mark.parametrize("name", WARNED)
def test_what_can_be_mended_or_borne_is_told(speech, name):
    spoil, warning = WARNED[name]
    assert any(warning in line for line in judge(spoil(speech)).warnings)


def test_good_speech_is_taken_without_a_word(speech):
    judged = judge(speech)
    assert judged.warnings == ()
    assert abs(len(judged.samples) - len(speech)) < RATE_HZ


def test_dc_is_taken_out(speech):
    assert abs(float(judge(speech + 0.1).samples.mean())) < 0.01


def test_of_opposite_channels_the_louder_one_is_taken(speech):
    taken = judge(np.stack([-0.5 * speech, speech])).samples
    assert np.abs(taken).max() == pytest.approx(np.abs(speech).max(), rel=0.05)


def test_channels_in_phase_are_mixed_to_their_mean(speech):
    taken = judge(np.stack([speech, speech / 2])).samples
    assert np.abs(taken).max() == pytest.approx(0.75 * np.abs(speech).max(), rel=0.05)


def test_a_microphone_on_one_channel_is_not_halved(speech):
    taken = judge(np.stack([speech, np.zeros_like(speech)])).samples
    assert np.abs(taken).max() == pytest.approx(np.abs(speech).max(), rel=0.05)


def test_silence_at_the_edges_is_cut_but_for_a_moment(speech):
    judged, padded = judge(speech), judge(np.pad(speech, 2 * RATE_HZ))
    assert abs(len(padded.samples) - len(judged.samples)) < 0.3 * RATE_HZ


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 44_100, 48_000, 96_000])
def test_good_speech_is_taken_at_any_rate(speech, rate_hz):
    assert judge(soxr.resample(speech, RATE_HZ, rate_hz), rate_hz).warnings == ()


@pytest.mark.parametrize("language", ["de", "fr", "cmn", "ru"])
def test_good_speech_is_taken_in_any_language(language):
    texts = {
        "de": "Die Fähre verlässt den nördlichen Hafen um sieben, und niemand wartet auf Nachzügler.",
        "fr": "Le bac quitte le port du nord à sept heures, et personne n'attend les retardataires.",
        "cmn": "渡轮七点从北港出发，没有人会等迟到的乘客。今天天气很好。",
        "ru": "Паром уходит из северного порта в семь часов, и никто не ждёт опоздавших.",
    }
    samples, rate_hz = say(texts[language], language)
    assert judge(samples.astype(np.float32) / 32768, rate_hz).samples.any()


def test_the_length_of_speech_leaves_pauses_out(speech):
    assert speech_seconds(np.pad(speech, 2 * RATE_HZ), RATE_HZ) == pytest.approx(
        speech_seconds(speech, RATE_HZ), abs=0.1
    )
