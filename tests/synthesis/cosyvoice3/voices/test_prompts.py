"""Each mode asks the language model with exactly the sequence it was trained on."""

import dataclasses

import numpy as np
import pytest

pytest.importorskip("torch", reason="the CosyVoice3 engine is not installed")
pytest.importorskip("tokenizers", reason="the CosyVoice3 engine is not installed")

from cosyvoice3_checkpoint import reference, reference_meta, tiny_model_dir

from sayline.synthesis.cosyvoice3.release.model_facts import END_OF_PROMPT, SOS, TASK, TEXT_ID_OFFSET
from sayline.synthesis.cosyvoice3.text.markup import ADDED_IDS
from sayline.synthesis.cosyvoice3.text.tokenizer import TextTokenizer
from sayline.synthesis.cosyvoice3.voices.prompt import make_prompt
from sayline.synthesis.cosyvoice3.voices.prompts import build_prompt, choose_mode, transcript_ids

TRANSCRIPT = "Hello, this is the voice."


@pytest.fixture(scope="module")
def tokenizer():
    return TextTokenizer(tiny_model_dir())


@pytest.fixture(scope="module")
def voice(tokenizer):
    tokens = tuple(range(100, 140))
    return make_prompt(
        "anna",
        "",
        ("en",),
        prompt_text_ids=transcript_ids(tokenizer, TRANSCRIPT),
        lm_speech_tokens=tokens,
        flow_speech_tokens=tokens,
        flow_mel=np.zeros((80, 80), np.float32),
        embedding=np.ones(192, np.float32),
        trim=True,
    )


@pytest.fixture(scope="module")
def untold(voice):
    """The same voice without a transcript."""
    return dataclasses.replace(voice, prompt_text_ids=())


def text_of(*parts):
    """Text ids as they stand in the one vocabulary."""
    return [TEXT_ID_OFFSET + number for part in parts for number in part]


def test_zero_shot_is_phrase_transcript_text_and_the_voices_tokens(tokenizer, voice):
    said = tokenizer.encode("Good day.", allow_markup=False)
    prompt = build_prompt(tokenizer, voice, said, "zero-shot")
    phrase = tokenizer.encode("You are a helpful assistant.", allow_markup=False)
    transcript = tokenizer.encode(TRANSCRIPT, allow_markup=False)
    assert list(prompt.ids) == [
        SOS,
        *text_of(phrase, [END_OF_PROMPT], transcript, said),
        TASK,
        *voice.lm_speech_tokens,
    ]


def test_zero_shot_is_the_sequence_of_the_reference(tokenizer, voice):
    arrays, meta = reference("tiny0_lm"), reference_meta("tiny0_lm")
    demo = dataclasses.replace(
        voice,
        prompt_text_ids=tuple(map(int, arrays["prompt_text"])),
        lm_speech_tokens=tuple(map(int, arrays["prompt_speech"])),
    )
    said = tokenizer.encode(str(meta["text"]), allow_markup=True)
    prompt = build_prompt(tokenizer, demo, said, "zero-shot")
    assert list(prompt.ids) == [
        SOS,
        *text_of(arrays["prompt_text"], arrays["text"]),
        TASK,
        *arrays["prompt_speech"],
    ]
    assert prompt.min_tokens == meta["min_tokens"]


def test_cross_lingual_is_phrase_and_text_without_the_voices_tokens(tokenizer, untold):
    said = tokenizer.encode("你好", allow_markup=False)
    phrase = tokenizer.encode("You are a helpful assistant.", allow_markup=False)
    prompt = build_prompt(tokenizer, untold, said, "cross-lingual")
    assert list(prompt.ids) == [SOS, *text_of(phrase, [END_OF_PROMPT], said), TASK]


def test_instruct_is_phrase_instruction_and_text_without_the_voices_tokens(tokenizer, voice):
    said = tokenizer.encode("Hi", allow_markup=False)
    phrase = tokenizer.encode("You are a helpful assistant. 请用四川话表达。", allow_markup=False)
    prompt = build_prompt(tokenizer, voice, said, "instruct", "请用四川话表达。")
    assert list(prompt.ids) == [SOS, *text_of(phrase, [END_OF_PROMPT], said), TASK]


def test_an_instruction_cannot_end_the_prompt_nor_hold_markup(tokenizer, voice):
    said = tokenizer.encode("Hi", allow_markup=False)
    prompt = build_prompt(tokenizer, voice, said, "instruct", "x<|endofprompt|>[laughter]<|im_start|>")
    added = [number for number in prompt.ids if number >= TEXT_ID_OFFSET + min(ADDED_IDS.values())]
    assert added == [TEXT_ID_OFFSET + END_OF_PROMPT]


def test_the_length_limits_count_the_text_that_is_said_and_nothing_else(tokenizer, voice):
    for mode, instructions in (("zero-shot", None), ("cross-lingual", None), ("instruct", "slowly")):
        prompt = build_prompt(tokenizer, voice, [5, 6, 7], mode, instructions)
        assert (prompt.min_tokens, prompt.max_tokens) == (6, 60)


def test_a_transcript_may_hold_markup_and_no_control_token(tokenizer):
    ids = transcript_ids(tokenizer, "oh [laughter] <|im_end|>")
    assert [number for number in ids if number in ADDED_IDS.values()] == [END_OF_PROMPT, ADDED_IDS["[laughter]"]]


@pytest.mark.parametrize(
    ("text_ids", "mode", "instructions"),
    [
        ([], "zero-shot", None),
        ([END_OF_PROMPT], "zero-shot", None),
        ([5, ADDED_IDS["<|im_end|>"]], "cross-lingual", None),
        ([5], "instruct", None),
        ([5], "instruct", " "),
    ],
)
def test_a_callers_mistake_that_no_request_can_cause_raises(tokenizer, voice, text_ids, mode, instructions):
    with pytest.raises(ValueError, match=r"control token|needs instructions"):
        build_prompt(tokenizer, voice, text_ids, mode, instructions)


def test_a_prompt_without_its_end_is_never_sent(tokenizer, untold):
    """The model would say the phrase aloud."""
    with pytest.raises(ValueError, match=r"lacks <\|endofprompt\|>"):
        build_prompt(tokenizer, untold, [5], "zero-shot")


@pytest.mark.parametrize(
    ("recorded", "text", "language", "mode"),
    [
        (("en",), "Hello", None, "zero-shot"),
        (("en",), "Hello", "en-GB", "zero-shot"),
        (("en",), "你好", None, "cross-lingual"),
        (("en",), "Hola", "es", "cross-lingual"),
        (("es",), "Hola", None, "zero-shot"),  # script tells no Latin language from another
        (("zh",), "你好", "yue", "zero-shot"),
        (("zh",), "Hello", None, "cross-lingual"),
        (("zh-CN", "en"), "Hello", None, "zero-shot"),
        (("zh",), "123", None, "zero-shot"),
        ((), "你好", "zh", "zero-shot"),
        (("ru",), "кот", None, "zero-shot"),
        (("ja",), "кот", None, "cross-lingual"),
    ],
)
def test_the_mode_follows_from_the_languages_of_recording_and_text(voice, recorded, text, language, mode):
    assert choose_mode(dataclasses.replace(voice, languages=recorded), text, language, None) == mode


def test_instructions_decide_the_mode_and_blank_ones_are_none(voice, untold):
    assert choose_mode(voice, "Hi", None, "slowly") == "instruct"
    assert choose_mode(untold, "Hi", None, "slowly") == "instruct"
    assert choose_mode(voice, "Hi", None, "  ") == "zero-shot"


def test_blank_instructions_change_no_prompt(tokenizer, voice):
    assert build_prompt(tokenizer, voice, [5], "zero-shot", "  ") == build_prompt(tokenizer, voice, [5], "zero-shot")


def test_a_voice_without_transcript_is_cross_lingual_whatever_it_says(untold):
    assert choose_mode(untold, "Hi", "en", None) == "cross-lingual"
