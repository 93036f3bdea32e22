"""What a dialect's request of HTTP gives before the dialect reads it."""

import json

import pytest

from sayline.gateway.dialects.http import HttpRequest
from sayline.gateway.errors import BadMessage


def read(body):
    return HttpRequest("POST", "/", body=body).json_object()


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (rb'{"text": "a \ud83d b"}', "a \ufffd b"),
        (rb'{"text": "a \ude00"}', "a \ufffd"),
        (b'{"text": "a \xed\xa0\xbd"}', "a \ufffd"),  # as some write it in UTF-8, though no UTF-8 may hold it
        (rb'{"text": "\ud83d\ude00"}', "😀"),
        ('{"text": "😀"}'.encode(), "😀"),
        ('{"text": "😀"}'.encode("utf-16"), "😀"),
    ],
)
def test_half_a_character_becomes_a_mark_and_a_whole_one_stays(body, text):
    assert read(body) == {"text": text}


def test_half_a_character_is_found_wherever_it_stands():
    assert read(rb'{"\ud83d": ["\ud83d", {"voice": "\ud83d"}], "n": 1.5, "x": NaN}')["\ufffd"] == [
        "\ufffd",
        {"voice": "\ufffd"},
    ]


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'"x"', b"1", b"{", b"\xff", b"[" * 100_000, b'{"x": ' + b"9" * 5000 + b"}"]
)
def test_what_is_no_json_object_is_refused(body):
    with pytest.raises(BadMessage):
        read(body)


def test_other_text_stays_as_it_is():
    fields = {"text": 'Grüße, \\ " \u2028 你好 \x00', "n": [1, 2.5, None, True]}
    assert read(json.dumps(fields).encode()) == read(json.dumps(fields, ensure_ascii=False).encode()) == fields
