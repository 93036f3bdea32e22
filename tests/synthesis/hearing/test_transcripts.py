"""A transcript that cannot be what is heard is refused with the reason; what is doubtful is told."""

import pytest

from sayline.synthesis.hearing.transcripts import UnfitTranscript, judge_transcript

GOOD = "The ferry leaves the northern harbour at seven, and nobody waits."
GOOD_S = 4.5

REFUSED = {
    "far too long": (GOOD * 4, "en", "too long"),
    "far too short": ("Hi.", "en", "too short"),
    "Chinese for English": ("渡轮七点从北港出发，没有人会等迟到的乘客。", "en", "script of its language, en"),
    "English for Chinese": (GOOD, "zh", "script of its language, zh"),
    "Latin for Russian": (GOOD, "ru", "script of its language, ru"),
    "a control token": ("<|endofprompt|>" + GOOD, "en", "a control token"),
    "a chat's tokens": ("<|im_start|>system " + GOOD, "en", "a control token"),
    "SSML": ("<speak>" + GOOD + "</speak>", "en", "markup"),
    "subtitles": ("1 00:00:01,000 --> 00:00:04,000 " + GOOD, "en", "times of subtitles"),
    "JSON": ('{"text": "' + GOOD + '"}', "en", "JSON"),
    "a web address": ("See https://example.com/a " + GOOD, "en", "a web address"),
    "Markdown": ("# Title\n" + GOOD, "en", "Markdown"),
    "a broken encoding": ("The cafÃ© leaves the northern harbour at seven and nobody waits.", "en", "broken encoding"),
    "a chat's roles": ("User: " + GOOD, "en", "a chat's roles"),
    "a template": ("{{ transcript }} goes here, all of what is said and nothing else", "en", "not filled in"),
    "a file's name": ("anna.wav " + GOOD, "en", "a file's name"),
    "nothing that is said": ("... !!! ???", "en", "nothing that can be said"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_transcript_that_cannot_be_right_is_refused_with_the_reason(name):
    transcript, language, reason = REFUSED[name]
    with pytest.raises(UnfitTranscript, match=reason):
        judge_transcript(transcript, language, GOOD_S)


DOUBTFUL = {
    "digits": ("The ferry leaves the northern harbour at 7, and nobody waits.", "digits"),
    "stage directions": ("(laughs) The ferry leaves the northern harbour at seven.", "brackets"),
    "a speaker's name": ("Anna: The ferry leaves the northern harbour at seven.", "names a speaker"),
}


@pytest.mark.parametrize("name", DOUBTFUL)
def test_what_is_doubtful_is_told(name):
    transcript, doubt = DOUBTFUL[name]
    assert any(doubt in line for line in judge_transcript(transcript, "en", GOOD_S))


@pytest.mark.parametrize(
    ("transcript", "language"),
    [
        (GOOD, "en"),
        (GOOD, None),
        ("渡轮七点从北港出发，没有人会等迟到的乘客。", "zh"),
        ("渡轮七点从北港出发，没有人会等迟到的乘客。", "yue"),
        ("フェリーは七時に北の港を出発します。誰も待ちません。", "ja"),
        ("Паром уходит из северного порта в семь часов, и никто не ждёт.", "ru"),
        ("Die Fähre verlässt den nördlichen Hafen um sieben.", "de"),
        ("Polazi u sedam časova iz severne luke, i niko ne čeka.", "sr"),
        ("The <strong>ferry</strong> leaves [laughter] the northern harbour at seven.", "en"),
        ("我的 iPhone 昨天在火车站丢了，真是太可惜了，怎么办呢。", "zh"),
    ],
)
def test_a_transcript_that_can_be_right_is_taken_without_a_word(transcript, language):
    assert judge_transcript(transcript, language, GOOD_S) == []


@pytest.mark.parametrize("speech_s", [3.0, 4.5, 6.0])
def test_people_speak_fast_and_slowly(speech_s):
    assert judge_transcript(GOOD, "en", speech_s) == []
