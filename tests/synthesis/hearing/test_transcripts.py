"""A transcript that cannot be what is heard is refused with the reason; what is doubtful is told."""

import pytest

from sayline.synthesis.hearing.transcripts import UnfitTranscript, judge_transcript

GOOD = "The ferry leaves the northern harbour at seven, and nobody waits."
GOOD_S = 4.5

REFUSED = {
    "far too long": (
        GOOD + " " + GOOD.replace("ferry", "train") + " All of it was said before. " + GOOD,
        "en",
        "too long",
    ),
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
    "a file's name": ("anna.wav " + GOOD, "en", "the name of a file"),
    "a template's names": ("{name} leaves the northern harbour at {time}, and nobody waits.", "en", "not filled in"),
    "a form's own text": ("Enter your transcript here, all of what is said and nothing else.", "en", "not filled in"),
    "a task": ("TODO: " + GOOD, "en", "not filled in"),
    "signs of HTML": (GOOD.replace(",", "&nbsp;&amp;"), "en", "markup"),
    "XML": ("<?xml version='1.0'?> " + GOOD, "en", "markup"),
    "a subtitle's style": ("{\\an8}" + GOOD, "en", "markup"),
    "TeX": ("\\textbf{The ferry} leaves the northern harbour at seven, and nobody waits.", "en", "markup"),
    "JSON inside": ('text {"said": "' + GOOD + '"}', "en", "JSON"),
    "a table's line": ("anna,en,five,the ferry leaves the northern harbour at seven", "en", "columns"),
    "tabs": ("anna\t" + GOOD, "en", "columns"),
    "a path": ("/data/wavs/anna " + GOOD, "en", "path"),
    "program text": ("def speak(text): return engine.speak(text, voice='anna')", "en", "program text"),
    "what nobody understood": ("[inaudible] the ferry leaves the northern harbour at seven", "en", "remark"),
    "notes": ("♪ " + GOOD + " ♪", "en", "remark"),
    "who speaks": ("SPEAKER_00: " + GOOD, "en", "label of who speaks"),
    "phonetic signs": ("ðə ˈfɛri liːvz ðə ˈnɔːðən ˈhɑːbər ət ˈsɛvən", "en", "phonetic signs"),
    "hidden blanks": ("\u200b".join(GOOD), "en", "invisible characters"),
    "text from right to left": ("\u202e" + GOOD, "en", "invisible characters"),
    "NUL": (GOOD.replace(" ", "\x00", 1), "en", "invisible characters"),
    "an encoding broken twice": ("The cafÃƒÂ© leaves the northern harbour at seven.", "en", "broken encoding"),
    "Cyrillic as Latin": ("Ïàðîì óõîäèò èç ñåâåðíîãî ïîðòà â ñåìü ÷àñîâ", "en", "broken encoding"),
    "letters that were lost": ("?????? the northern ??????? at seven, and nobody waits", "en", "broken encoding"),
    "letters that look alike": (GOOD.replace("a", "\u0430"), "en", "two scripts in one word"),
    "no blanks": (GOOD.replace(" ", ""), "en", "a word of"),
    "base64": ("VGhlIGZlcnJ5IGxlYXZlcyB0aGUgbm9ydGhlcm4gaGFyYm91cg==", "en", "a word of"),
    "everything twice": (" ".join([GOOD] * 2), "en", "says everything twice"),
    "a recording's name": ("anna_take_two leaves the northern harbour at seven", "en", "the name of a file"),
    "one word again and again": ("ferry " * 12, "en", "'ferry' 12 times"),
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
    "an address": ("Write to anna@example.com about the northern harbour at seven.", "has signs"),
    "pictures": (GOOD + " 😀", "has signs"),
    "a list": ("- The ferry leaves\n- the northern harbour\n- at seven", "marks of a list"),
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
        ("No, no, no, no! We never said that it leaves at seven.", "en"),
        ("¿Qué??? ¡No me digas que lo sabías todo desde el principio!", "es"),
        ("Die Donaudampfschifffahrtsgesellschaft fährt um sieben.", "de"),
        ("\u0645\u06cc\u200c\u0631\u0648\u0645 \u0628\u0647 \u062e\u0627\u0646\u0647 " * 3, "fa"),
        ("今天天气很好,我们去公园,然后吃饭,再回家。", "zh"),
        ("我的 iPhone 昨天在火车站丢了，真是太可惜了，怎么办呢。", "zh"),
    ],
)
def test_a_transcript_that_can_be_right_is_taken_without_a_word(transcript, language):
    assert judge_transcript(transcript, language, GOOD_S) == []


@pytest.mark.parametrize("speech_s", [2.2, 9.5])
def test_a_pace_that_few_people_speak_is_told(speech_s):
    """Half of the text is missing, or a recording was stretched or squeezed."""
    assert any("syllables a second" in line for line in judge_transcript(GOOD, "en", speech_s))


@pytest.mark.parametrize("speech_s", [3.0, 4.5, 6.0])
def test_people_speak_fast_and_slowly(speech_s):
    assert judge_transcript(GOOD, "en", speech_s) == []
