"""The client's messages are the gateway's: the same fields, the same bounds, and what one writes the other reads."""

import dataclasses
import itertools
import json
from typing import get_args

import pytest
from pydantic import ValidationError

from sayline.gateway.client.arguments import checked_message
from sayline.gateway.client.errors import BadArgument
from sayline.gateway.client.wire import messages as ours
from sayline.gateway.dialects.tts_v1 import messages as theirs
from sayline.gateway.errors import BadMessage

NGINX = {"word": "nginx", "respelling": "engine x"}
# Whatever a field may be, or may just not be: each is tried in every field of every message of a client.
VALUES = [
    *(True, "", "x", "xy", [], ["x"], {}, b"x", float("nan"), float("inf"), -1, -0.5, 0, 1, 10.0, 10.5, 10**400),
    *(0.49, 0.5, 2.0, 2.01, 7999, 8000, 48_000, 48_001, 5999, 6000, 510_000, 510_001, 60_000, 60_001, 2**32 - 1, 2**32),
    *(1e10, 1.1e10, "opus", "sentence", "word", "cancel", 10, 20, 30, 40, 60),
    *("x" * length for length in (35, 36, 128, 129, 1024, 1025)),
    *((NGINX,), [NGINX] * 100, [NGINX] * 101, [{"word": "nginx"}], [{**NGINX, "mood": "glad"}], [{"word": 1}]),
]
SAID = [
    ours.SessionUpdate(format="opus", sample_rate=24_000, frame_ms=20, resume=True),
    ours.SessionResume(session_id="s", token="t", received=7),  # noqa: S106 - no secret
    checked_message(ours.ContextStart, {"context_id": "c", "voice": "alice", "lexicon": [NGINX], "speed": 2}),
    ours.Text(context_id="c", text='Grüße, "Welt" 🌍\n'),
    ours.Flush(context_id="c"),
    ours.ContextEnd(context_id="c"),
    ours.ContextCancel(context_id="c", played_ms=20.5),
    ours.ContextCancel(context_id="c"),
    ours.Playback(context_id="c", played_ms=0, buffered_ms=40.0),
    ours.Ping(id=3),
]
LIMITS = {"max_contexts": 4, "max_text_bytes": 16_384, "max_lead_ms": 2000, "idle_s": 180}
WORDS = [{"text": "Hi", "start_ms": 0, "end_ms": 90}]
HEARD = [
    theirs.SessionReady(session_id="s", voices=("a", "b"), limits=theirs.Limits(**LIMITS)),
    theirs.SessionReady(
        session_id="s",
        voices=(),
        limits=theirs.Limits(**LIMITS),
        features=("resume",),
        resume=theirs.Resumption(token="t", seconds=10),  # noqa: S106 - no secret
    ),
    theirs.SessionResumed(session_id="s", received=3),
    theirs.ContextStarted(
        context_id="c", channel=1, format="opus", sample_rate=24_000, preskip=312, provenance=theirs.Provenance()
    ),
    theirs.SegmentStarted(context_id="c", segment_id=0, text="Grüße", char_start=0, char_end=5, start_ms=0),
    theirs.Words(context_id="c", segment_id=0, words=WORDS, approximate=True),
    theirs.SegmentDone(context_id="c", segment_id=0, end_ms=90),
    theirs.ContextDone(context_id="c", reason="cancel", audio_ms=90, text_spoken="Hi", text_remaining="!"),
    theirs.ContextDone(context_id="c", reason="end", audio_ms=90, text_spoken="", text_remaining="", characters=2),
    theirs.Error(code="of_a_later_gateway", message="no", retryable=True, retry_after_ms=250),
    theirs.GoAway(drain_ms=1000),
    theirs.Pong(id=3),
    theirs.Pong(id="three"),
]


def plain(message):
    """A message of ours as the gateway's can be compared with."""
    return {"type": message.type, **json.loads(json.dumps(dataclasses.asdict(message)))}


def theirs_of(message):
    return json.loads(message.model_dump_json())


def pairs():
    """Each class of ours with the gateway's, those inside of messages too."""
    inner = ("Limits", "Resumption", "WordTime", "Provenance")
    names = [kind.__name__ for union in (ours.ClientMessage, ours.ServerMessage) for kind in get_args(union)]
    return [(getattr(ours, name), getattr(theirs, name)) for name in (*names, *inner)]


def test_every_message_has_its_twin():
    for union in ("ClientMessage", "ServerMessage", "ContextMessage"):
        assert {kind.__name__ for kind in get_args(getattr(ours, union))} == {
            kind.__name__ for kind in get_args(getattr(theirs, union))
        }


@pytest.mark.parametrize(("kind", "twin"), pairs(), ids=lambda kind: kind.__name__)
def test_a_message_has_its_twin_s_fields_and_defaults(kind, twin):
    fields = dict(twin.model_fields)
    if "type" in fields:
        assert kind.type == fields.pop("type").default
    assert [field.name for field in dataclasses.fields(kind)] == list(fields)
    defaults = {field.name: field.default for field in dataclasses.fields(kind)}
    assert {name for name, default in defaults.items() if default is dataclasses.MISSING} == {
        name for name, field in fields.items() if field.is_required()
    }
    assert all(fields[name].is_required() or fields[name].default == default for name, default in defaults.items())


@pytest.mark.parametrize("name", ["AudioFormatName", "Chunking", "Timestamps", "DoneReason"])
def test_words_to_choose_from_are_the_same(name):
    assert get_args(getattr(ours, name)) == get_args(getattr(theirs, name))


@pytest.mark.parametrize("kind", [ours.SessionUpdate, ours.ContextStart, ours.ContextCancel, ours.Playback, ours.Text])
def test_a_client_takes_from_its_caller_what_a_gateway_takes_from_it(kind):
    """So no argument is refused only by the gateway, and none that it would take is refused here."""
    twin, needed = getattr(theirs, kind.__name__), {"context_id": "c", "played_ms": 1.0, "text": "x"}
    of_this_kind = {field.name for field in dataclasses.fields(kind)}
    taken = refused = 0
    for name, value in itertools.product(of_this_kind, VALUES):
        given = {**{key: known for key, known in needed.items() if key in of_this_kind}, name: value}
        try:
            expected = twin.model_validate(given)
        except ValidationError:
            with pytest.raises(BadArgument, match=f"^{name}: "):
                checked_message(kind, given)
            refused += 1
        else:
            message = checked_message(kind, given)
            assert theirs.hear_client_message(ours.encode(message)).message == expected, (name, value)
            taken += 1
    assert taken
    assert refused


@pytest.mark.parametrize("message", SAID, ids=lambda message: message.type)
def test_a_gateway_reads_what_a_client_writes(message):
    heard = theirs.hear_client_message(ours.encode(message))
    assert heard.fault is None
    fields = dict(heard.message)
    assert fields.pop("type") == message.type
    assert type(message)(**fields) == message


@pytest.mark.parametrize("message", HEARD, ids=lambda message: message.type)
def test_a_client_reads_what_a_gateway_writes(message):
    heard = ours.parse_server_message(theirs.encode(message))
    assert type(heard).__name__ == type(message).__name__
    assert plain(heard) == theirs_of(message)


@pytest.mark.parametrize("message", HEARD, ids=lambda message: message.type)
def test_a_message_without_a_field_that_it_must_have_is_refused(message):
    whole = json.loads(theirs.encode(message))
    for name in whole:
        part = json.dumps({key: value for key, value in whole.items() if key != name})
        if name != "type" and not type(message).model_fields[name].is_required():
            assert plain(ours.parse_server_message(part)) == theirs_of(type(message).model_validate_json(part))
        else:
            with pytest.raises(BadMessage, match=name):
                ours.parse_server_message(part)


def test_what_a_newer_gateway_adds_is_passed_over():
    """Fields, also inside others, whole messages, and codes."""
    ready = theirs_of(HEARD[0])
    ready["limits"]["max_moods"] = 5
    assert ours.parse_server_message(json.dumps(ready)) == ours.parse_server_message(theirs.encode(HEARD[0]))
    assert ours.parse_server_message('{"type": "goaway", "drain_ms": 5, "why": ["x"]}') == ours.GoAway(drain_ms=5)
    assert ours.parse_server_message('{"type": "of.tomorrow", "x": 1}') is None


@pytest.mark.parametrize(
    "message",
    [
        *("", "{", "[]", "1", '"x"', "null", "{}", '{"type": 1}', '{"type": null}', "[" * 100_000, b"\xff"),
        *('{"type": "goaway"}', '{"type": "goaway", "drain_ms": "5"}', '{"type": "goaway", "drain_ms": true}'),
        *('{"type": "goaway", "drain_ms": NaN}', '{"type": "goaway", "drain_ms": 1.5}', '{"type": "pong", "id": []}'),
        '{"type": "segment.done", "context_id": "\\ud83d", "segment_id": 0, "end_ms": 0}',
        '{"type": "words", "context_id": "c", "segment_id": 0, "words": [{"text": "x"}], "approximate": true}',
        '{"type": "words", "context_id": "c", "segment_id": 0, "words": {}, "approximate": true}',
        '{"type": "words", "context_id": "c", "segment_id": 0, "words": [], "approximate": 1}',
        '{"type": "session.ready", "session_id": "s", "voices": [1], "limits": {}}',
        '{"type": "session.ready", "session_id": "s", "voices": [], "limits": []}',
    ],
    ids=lambda message: repr(message[:40]),
)
def test_what_is_no_message_is_refused(message):
    with pytest.raises(BadMessage):
        ours.parse_server_message(message)


def test_half_of_a_character_is_refused_in_every_text():
    for name in ("context_id", "voice", "language", "instructions"):
        with pytest.raises(BadArgument, match=f"^{name}: "):
            checked_message(ours.ContextStart, {"context_id": "c", name: "x\ud83d"})


def test_a_refusal_repeats_nothing_of_what_was_given():
    with pytest.raises(BadArgument) as refusal:
        checked_message(ours.ContextStart, {"context_id": "a secret" * 99})
    assert "secret" not in str(refusal.value)
