"""What a flush promises, how long a long text keeps its followers waiting, and contexts with a format of their own."""

import json

import pytest
from dialect_room import FRAMES, Room

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.conversation.messages import Cancel, End, Flush, Open, Write
from sayline.gateway.dialects.actions import SendAudio
from sayline.gateway.dialects.socket_protocol import SocketProtocol


class Plain(SocketProtocol):
    """A dialect without words of its own: a test gives the conversation its messages."""

    def text_received(self, message, now, *, most_chars=None):
        raise NotImplementedError

    def binary_received(self, now):
        raise NotImplementedError

    def write_event(self, event):
        fields = {name: getattr(event, name) for name in ("context_id", "token", "reason") if hasattr(event, name)}
        return json.dumps({"type": type(event).__name__, **fields})

    def write_audio(self, run):
        return SendAudio(run.context_id, [packet.payload for packet in run.packets])


@pytest.fixture
def room():
    return Room(Plain)


def tell(room, *messages, most_chars=None):
    """Give the conversation messages; returns what was said at once."""
    known = len(room.said)
    for message in messages:
        room.protocol.conversation.message_received(message, room.now, most_chars=most_chars)
        room.perform()
    return room.said[known:]


def tokens(room):
    return [message["token"] for message in room.of("Flushed")]


def sound_ms(said):
    return 20 * sum(isinstance(each, bytes) for each in said)


def test_a_flush_with_a_token_is_told_right_behind_the_last_packet_of_what_was_written_before(room):
    tell(room, Write("a", "Hello there."), Flush("a", token=7), Write("a", "How are you?"), Flush("a", token=8))
    room.wait(10)

    first, second = (place for place, each in enumerate(room.said) if each in room.of("Flushed"))
    assert tokens(room) == [7, 8]
    assert sound_ms(room.said[:first]) == 20 * FRAMES
    assert sound_ms(room.said[first:second]) == 20 * FRAMES


def test_a_flush_without_a_token_is_not_told(room):
    tell(room, Write("a", "Hello there."), Flush("a"))
    room.wait(10)
    assert tokens(room) == []


def test_a_flush_of_what_was_sent_or_is_silent_is_told_at_once(room):
    tell(room, Open("a"))
    assert [each["type"] for each in tell(room, Flush("a", token=1))] == ["Flushed"]
    tell(room, Write("a", " ...  "), Flush("a", token=2))
    assert tokens(room) == [1, 2]
    assert room.ordered == []


def test_a_flush_is_told_before_its_context_is_done(room):
    tell(room, Write("a", "Hello there."), Flush("a", token=1), End("a"))
    room.wait(10)
    assert room.kinds()[-1] == "Done"
    assert tokens(room) == [1]


def test_a_flush_of_a_context_that_is_cut_short_is_never_told(room):
    tell(room, Write("a", "Hello there."), Flush("a", token=1))
    room.wait(0.1)
    tell(room, Cancel("a"))
    room.wait(10)
    assert tokens(room) == []


def test_what_is_flushed_does_not_wait_for_its_listener_to_run_dry(room):
    tell(room, Write("a", "Hello there."))
    tell(room, Flush("a", token=1))
    room.wait(0.5)
    assert tokens(room) == [1]
    assert room.protocol.conversation.is_heard_out("a", room.now) is False
    room.wait(10)
    assert room.protocol.conversation.is_heard_out("a", room.now) is True
    assert room.protocol.conversation.is_heard_out("b", room.now) is False


def test_requests_behind_a_long_text_wait_until_it_is_read(room):
    text = "Hello there, this is a sentence. " * 20
    tell(room, Write("a", text), Flush("a", token=1), End("a"), most_chars=100)

    assert room.protocol.has_unread_text
    assert tokens(room) == []
    pieces = 0
    while room.protocol.has_unread_text:
        room.protocol.read_on(room.now, most_chars=100)
        room.perform()
        pieces += 1
    room.wait(100)
    assert pieces >= 5
    assert "".join(room.texts) == text
    assert (tokens(room), room.kinds()[-1]) == ([1], "Done")


def test_what_waits_behind_a_text_is_obeyed_even_if_its_context_ends_meanwhile(room):
    tell(room, Write("a", "Hello there, this is a sentence. " * 20), End("a"), Write("b", "Bye now. "), most_chars=100)
    room.protocol.conversation.speech_failed("a", ValueError("broken"), room.now)
    room.perform()
    room.protocol.read_on(room.now, most_chars=100)
    room.perform()
    assert not room.protocol.has_unread_text
    assert room.protocol.conversation.is_live("b")
    assert not room.protocol.conversation.is_live("a")


def test_a_context_may_have_a_format_of_its_own(room):
    audio = AudioParameters("mulaw", 8_000, 20, 0)
    tell(room, Open("a", audio=audio), Write("a", "Hello."), End("a"), Write("b", "Hello."), End("b"))
    room.wait(10)
    assert room.audio["a"] == audio
    assert room.audio["b"].format == "opus"


def test_a_writer_s_pause_may_be_cut_shorter(room):
    tell(room, Open("a", idle_release_s=0.1), Write("a", "Well as I was about to say"))
    tell(room, Open("b"), Write("b", "Well as I was about to say"))
    room.wait(0.2)
    assert {name for name, _ in room.ordered} == {"a"}
    room.wait(1)
    assert {name for name, _ in room.ordered} == {"a", "b"}
