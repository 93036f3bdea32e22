"""What a model does not mean for the ear stays silent, however its text is cut; what only looks so is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.text.speakable import MarkupReader

JSON_CALL = '{"name": "weather", "arguments": {"city": "a } and a \\" in Oslo"}}'


def said(text: str, sizes=(), also_spoken=frozenset()) -> str:
    reader, pieces, at = MarkupReader(also_spoken=also_spoken), [], 0
    for size in sizes:
        pieces += reader.feed(text[at : at + size])
        at += size
    pieces += [*reader.feed(text[at:]), *reader.settle()]
    return " ".join("".join(piece.text for piece in pieces).replace("\x1e", " ").split())


ASIDES = [
    "<think>\nShe wants <b>tea</b>.\n\nOr 1 < 2?\n</think>\n\n",
    "<THINK>Hm.</Think>",
    "<thinking>Hm.</thinking>",
    "<reasoning>Hm.</reasoning>\n",
    "<seed:think>Hm.</seed:think>",
    '<details type="reasoning" done="true">\n<summary>Thought for 3 s</summary>\n> Hm.\n</details>\n',
    "[THINK]Hm.[/THINK]",
    "◁think▷Hm.◁/think▷",
    "<|START_THINKING|>Hm.<|END_THINKING|>",
    "<|begin_of_thought|>Hm.<|end_of_thought|>",
    "<unused94>thought\nHm.<unused95>",
    "<|channel|>analysis<|message|>Hm.<|end|><|start|>assistant<|channel|>final<|message|>",
    '<|channel|>commentary to=functions.weather <|constrain|>json<|message|>{"city": "Oslo"}<|call|>',
    "<|im_start|>assistant\n",
    "<|start_header_id|>assistant<|end_header_id|>\n\n",
    f"<tool_call>\n{JSON_CALL}\n</tool_call>\n",
    f"<|tool_calls_section_begin|>{JSON_CALL}<|tool_calls_section_end|>",
    "<｜tool▁calls▁begin｜>weather<｜tool▁calls▁end｜>",
    '<function_calls><invoke name="weather"><parameter name="city">Oslo</parameter></invoke></function_calls>',
    "<function=weather><parameter=city>Oslo</parameter></function>",
    "<tool_result>Rain.</tool_result>",
    f"<|python_tag|>{JSON_CALL}<|eom_id|>",
    f"[TOOL_CALLS] [{JSON_CALL}]\n",
    '[TOOL_CALLS]weather[ARGS]{"city": "Oslo"}</s>',
    f"{JSON_CALL}\n",
    f"  [\n  {JSON_CALL}\n]\n",
    '{\n  "city": "Oslo",\n  "days": [1, 2]\n}\n',
    "<script>if (a < b) { alert('no') }</script>",
    "<style>\np { color: red }\n\nb { }\n</style>\n",
    f"<!-- {'not for you ' * 30} -->",
    '<?xml version="1.0"?>',
    "<!DOCTYPE html>",
    "```python\nprint('no')\n```\n",
    "</s>",
    "<|eot_id|>",
]


@pytest.mark.parametrize("aside", ASIDES)
def test_what_is_not_for_the_ear_is_silent_at_the_start_and_further_on(aside):
    assert said(f"{aside}It rains.") == "It rains."
    assert said(f"I looked.\n{aside}It rains.") == "I looked. It rains."


@given(st.sampled_from(ASIDES), st.lists(st.integers(1, 9), max_size=60))
def test_it_is_silent_however_the_stream_is_cut(aside, sizes):
    assert said(f"I looked.\n{aside}It rains.", sizes) == "I looked. It rains."


@pytest.mark.parametrize("size", [1, 2, 5, 1000])
def test_a_call_inside_a_line_is_silent(size):
    text = f"I look. {JSON_CALL} It rains."
    assert said(text, [size] * (len(text) // size)) == "I look. It rains."


@pytest.mark.parametrize(
    "opening", ["<think>", "<tool_call>", "<|channel|>analysis<|message|>", "[THINK]", "◁think▷", "<|python_tag|>"]
)
def test_reasoning_and_calls_that_are_never_closed_stay_silent(opening):
    assert said(f"Well. {opening}" + "And then she said no. " * 5000) == "Well."


@pytest.mark.parametrize("opening", ["<script>", "<style>", "<!--", "<svg>", "<|channel|>", "<|start|>"])
def test_hidden_markup_that_is_never_closed_silences_a_bounded_stretch(opening):
    text = "word " * 2000
    assert said(f"{opening}{text}").count("word") > 1100


def test_json_that_is_never_closed_ends_at_a_blank_line():
    assert said('{"name": "weather", "arguments": {"city": "Oslo\n\nIt rains.') == "It rains."


def test_reasoning_whose_opening_was_in_the_prompt_leaves_a_silent_mark():
    assert said("Hm.</think>\n\nIt rains.") == "Hm. It rains."


@pytest.mark.parametrize(
    "text",
    [
        "a < b and x<y, I <3 you, if a<b and c>d",
        "The set {1, 2} and {x: 1} and the braces {}",
        "[one] and [Think] and [INSTALL]",
        "A thinker thinks. The tool_call failed.",
        'She said {"hm"} and left',
        "1 <| 2 |> 3 ◁ 4",
    ],
)
def test_what_only_looks_like_it_is_said(text):
    assert said(text) == text


def test_names_in_inline_code_are_said():
    assert said('Put it in `<think>` and `{"name": 1}`.') == 'Put it in <think> and {"name": 1}.'


FRONT_MATTER = [
    "---\ntitle: Rain\ntags: [a, b]\nlist:\n  - x\n---\n",
    '+++\ntitle = "Rain"\n+++\n',
]


@pytest.mark.parametrize("size", [1, 3, 1000])
@pytest.mark.parametrize("front_matter", FRONT_MATTER)
def test_front_matter_is_silent_at_the_start_only(front_matter, size):
    text = f"{front_matter}\nIt rains."
    assert said(text, [size] * (len(text) // size)) == "It rains."
    assert "title" in said(f"Look.\n\n{text}")


@pytest.mark.parametrize("text", ["---\nNo: this is text.\n\nMore.", "---\nIt rains.", "-- it rains"])
def test_a_rule_at_the_start_is_no_front_matter(text):
    assert said(text).removeprefix("-- ") == " ".join(text.strip("-").split())


@pytest.mark.parametrize(
    ("kind", "text", "heard"),
    [
        ("reasoning", "<think>Hm.</think> Yes.", "Hm. Yes."),
        ("reasoning", "<|channel|>analysis<|message|>Hm.<|end|> Yes.", "Hm. Yes."),
        ("tools", "<tool_result>Rain.</tool_result> Yes.", "Rain. Yes."),
        ("tools", '{"name": "x"}', '{"name": "x"}'),
        ("code", "```py\nprint(1)\n```\nYes.", "print(1) Yes."),
        ("front_matter", "---\ntitle: Rain\n---\nYes.", "title: Rain Yes."),
    ],
)
def test_an_operator_may_have_it_spoken(kind, text, heard):
    assert said(text, also_spoken=frozenset((kind,))) == heard
