"""Messages: strict in, exact out."""

import pytest

from sayline.gateway.dialects.tts_v1 import messages as wire
from sayline.gateway.errors import BadMessage


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


@pytest.mark.parametrize(
    "message",
    [
        wire.SessionReady(
            session_id="s",
            voices=("a", "b"),
            limits=wire.Limits(max_contexts=1, max_text_bytes=2, max_lead_ms=3, idle_s=4.5),
        ),
        wire.Words(
            context_id="c",
            segment_id=0,
            words=(wire.WordTime(text="w", start_ms=0, end_ms=5),),
            approximate=True,
        ),
        wire.ContextDone(context_id="c", reason="cancel", audio_ms=5, text_spoken="a", text_remaining="b"),
        wire.GoAway(drain_ms=5),
        wire.Pong(id="5"),
        wire.Pong(id=5),
    ],
)
def test_what_the_server_writes_a_client_reads_back(message):
    assert wire.parse_server_message(wire.encode(message)) == message


def test_a_client_ignores_what_came_after_it():
    """Fields, also inside others, whole messages, and codes; what a known field may be is still checked."""
    done = '"type":"context.done","context_id":"c","reason":"end","audio_ms":5,"text_spoken":"a","text_remaining":""'
    expected = wire.ContextDone(context_id="c", reason="end", audio_ms=5, text_spoken="a", text_remaining="")
    assert wire.parse_server_message("{" + done + ',"mood":"fine"}') == expected
    limits = '{"max_contexts":1,"max_text_bytes":2,"max_lead_ms":3,"idle_s":4,"max_moods":5}'
    ready = wire.parse_server_message(
        '{"type":"session.ready","session_id":"s","protocol":1,"voices":[],"limits":' + limits + "}"
    )
    assert ready.limits.idle_s == 4
    assert wire.parse_server_message('{"type":"mood","context_id":"c"}') is None
    error = wire.parse_server_message('{"type":"error","code":"bored","message":"x","retryable":true}')
    assert error.code == "bored"
    for broken in ("{}", "[]", "{" + done.replace("5", '"5"') + "}"):
        with pytest.raises(BadMessage):
            wire.parse_server_message(broken)
