"""Contexts that are heard one after the other, and contexts that are over when they have been heard."""

import pytest

from sayline.gateway.conversation import actions

from .test_session import Peer


def asked_for_slots(peer):
    return [action.context_id for action in peer.done if isinstance(action, actions.RequestSlot)]


@pytest.fixture
def in_turn():
    return Peer(in_turn=True)


@pytest.fixture
def heard():
    return Peer(done_when_heard=True)


def spoken(peer, context_id="c", frames=5):
    """A sentence that is ended and all of which has left but the encoder's last frame."""
    peer.send("text", context_id=context_id, text="Hello there you. ")
    peer.send("context.end", context_id=context_id)
    peer.grant_slots()
    peer.speak(context_id, frames)


def test_a_later_context_asks_for_no_slot_while_the_first_one_lives(in_turn):
    in_turn.send("text", context_id="a", text="Hello there. ")
    in_turn.send("flush", context_id="a")
    in_turn.send("text", context_id="b", text="And more. ")
    in_turn.send("context.end", context_id="b")
    assert asked_for_slots(in_turn) == ["a"]

    in_turn.grant_slots()
    in_turn.speak("a")  # the writer pauses, so the slot is given back
    assert in_turn.ordered(actions.ReleaseSlot)
    assert asked_for_slots(in_turn) == []

    in_turn.send("context.end", context_id="a")
    in_turn.finish("a")
    assert asked_for_slots(in_turn) == ["b"]
    in_turn.grant_slots()
    in_turn.speak("b")
    in_turn.finish("b")
    assert [message["context_id"] for message in in_turn.messages if message["type"] == "context.done"] == ["a", "b"]


def test_a_later_context_without_a_sound_is_not_over_before_the_first_one(in_turn):
    in_turn.send("text", context_id="a", text="Hello there. ")
    for name in ("b", "c"):
        in_turn.send("text", context_id=name, text=" ")
        in_turn.send("context.end", context_id=name)
    assert "context.done" not in in_turn.types()

    in_turn.send("context.cancel", context_id="a")
    over = [message for message in in_turn.messages if message["type"] == "context.done"]
    assert [message["context_id"] for message in over] == ["a", "b", "c"]


def test_a_context_is_over_when_its_listener_reports_the_end_and_frees_its_slot_before(heard):
    spoken(heard)
    heard.finish()
    assert heard.ordered(actions.ReleaseSlot)
    assert "context.done" not in heard.types()

    heard.send("playback", context_id="c", played_ms=119)
    assert "context.done" not in heard.types()
    heard.send("playback", context_id="c", played_ms=120)
    assert heard.last("context.done")["reason"] == "end"


def test_a_context_whose_listener_reports_nothing_is_over_a_second_after_it_should_have_been_heard(heard):
    spoken(heard)
    heard.finish()

    assert heard.session.next_deadline(heard.now) == pytest.approx(1.12)
    heard.at(1.11)
    assert "context.done" not in heard.types()
    heard.at(1.13)
    assert heard.last("context.done")["reason"] == "end"


def test_a_context_can_be_cancelled_after_all_has_left_and_tells_what_was_heard(heard):
    spoken(heard, frames=15)
    heard.finish()
    assert "context.done" not in heard.types()

    heard.send("playback", context_id="c", played_ms=240)
    heard.send("context.cancel", context_id="c")
    assert heard.last("context.done")["reason"] == "cancel"
    assert heard.last("context.done")["text_spoken"] == "Hello there"
    assert heard.last("context.done")["text_remaining"] == " you. "


def test_a_server_that_drains_waits_until_the_last_context_was_heard(heard):
    spoken(heard)
    heard.finish()
    heard.session.drain(heard.now, 30.0)
    heard.take()
    assert not heard.ordered(actions.Close)

    heard.send("playback", context_id="c", played_ms=120)
    assert heard.ordered(actions.Close)
