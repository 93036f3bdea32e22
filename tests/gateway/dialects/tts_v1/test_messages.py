"""Messages: strict in, exact out."""

import pytest

from sayline.gateway.dialects.tts_v1 import messages as wire


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "Invalid JSON"),
        ("{", "Invalid JSON"),
        ("[]", "object"),
        ("null", "object"),
        ("{}", "Unable to extract tag"),
        ('{"type": "shout"}', "does not match any of the expected tags"),
        ('{"type": "text", "context_id": "a"}', "text: Field required"),
        ('{"type": "text", "context_id": "a", "text": 5}', "text: Input should be a valid string"),
        ('{"type": "text", "context_id": "a", "text": "x", "extra": 1}', "extra: Extra inputs are not permitted"),
        ('{"type": "text", "context_id": "", "text": "x"}', "context_id"),
        ('{"type": "text", "context_id": "%s", "text": "x"}' % ("a" * 129), "context_id"),
        ('{"type": "text", "context_id": "a", "text": "\\ud83d"}', "Invalid JSON"),
        ('{"type": "context.start", "context_id": "a", "speed": 3}', "speed"),
        ('{"type": "context.start", "context_id": "a", "speed": "1"}', "speed"),
        ('{"type": "context.start", "context_id": "a", "chunking": "word"}', "chunking"),
        ('{"type": "playback", "context_id": "a", "played_ms": -1, "buffered_ms": 0}', "played_ms"),
        ('{"type": "playback", "context_id": "a", "played_ms": NaN, "buffered_ms": 0}', "played_ms"),
        ('{"type": "session.update", "frame_ms": 25}', "frame_ms"),
        ('{"type": "session.update", "sample_rate": 96000}', "sample_rate"),
    ],
)
def test_a_message_that_is_not_ours_is_refused_with_its_field_named(text, complaint):
    assert complaint in str(wire.hear_client_message(text).fault)


def test_a_refusal_does_not_repeat_a_long_message():
    heard = wire.hear_client_message('{"type": "%s"}' % ("x" * 100_000))

    assert 0 < len(str(heard.fault)) <= 300


def test_text_may_hold_any_character_that_unicode_has():
    heard = wire.hear_client_message('{"type": "text", "context_id": "a", "text": "\\u0000 \\ud83d\\ude00 \u2028"}')

    assert heard == wire.Heard(wire.Text(context_id="a", text="\0 😀 \u2028"))


def test_fields_that_are_not_set_are_left_out():
    assert wire.encode(wire.Pong()) == '{"type":"pong"}'
    assert wire.encode(wire.Error(code="overloaded", message="m", retryable=True)) == (
        '{"type":"error","code":"overloaded","message":"m","retryable":true}'
    )
