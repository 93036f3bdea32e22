"""What is not spoken, and why."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.text.silent import silences


@pytest.mark.parametrize(
    ("text", "silent"),
    [
        ("Hello.", []),
        ("<think>hm, well</think>Hello.", [("<think>hm, well</think>", "reasoning")]),
        ("Hi. <think>never closed", [("<think>never closed", "reasoning")]),
        (
            'Hi.\n{"name": "f", "arguments": {}}',
            [('{"name": "f", "arguments": {}}', "a call of a tool, or its result")],
        ),
        ("---\ntitle: x\n---\nHi.", [("---\ntitle: x\n---", "front matter")]),
        ("Hi.\n```py\nx = 1\n```\nBye.", [("```py\nx = 1\n```", "a block of code")]),
        ('Hi <break time="1s"/> you', [('<break time="1s"/>', "a tag")]),
        (
            "See [this](https://a.b/c).",
            [("[", "a mark of a source, a note or a label"), ("](https://a.b/c)", "the target of a link")],
        ),
        ("Hi 😀 you", [("😀", "an emoji or a sign")]),
        ("so **bold**", [("**", "marks around what is said"), ("**", "marks around what is said")]),
        ("At <https://a.b/c>.", [("<https://", "part of an address"), ("/c>", "part of an address")]),
        ("a < b", []),
    ],
)
def test_a_silence_has_its_reason(text, silent):
    assert [(text[each.start : each.end].strip(), each.why) for each in silences(text)] == silent


def test_what_the_operator_has_spoken_is_no_silence():
    assert silences("<think>hm</think>Hi.", frozenset({"reasoning"})) != silences("<think>hm</think>Hi.")
    assert all(each.why == "a tag" for each in silences("<think>hm</think>Hi.", frozenset({"reasoning"})))


def test_two_asides_that_touch_have_a_reason_each():
    text = 'Hi.\n```py\nx = 1\n```\n{"name": "f", "arguments": {}}'
    assert [each.why for each in silences(text)] == ["a block of code", "a call of a tool, or its result"]


@given(st.text('ab <>/`*[]()\n{}":think', max_size=60))
def test_silences_are_in_order_and_apart(text):
    found = silences(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= other.start for one, other in pairwise(found))
