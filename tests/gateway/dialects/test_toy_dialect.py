"""A protocol of lines drives a whole conversation, and nothing outside its own folder knows of it."""

import ast
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation import actions
from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.session import Session, SessionSettings
from sayline.synthesis.interface import Voice

from .toy_dialect import ToyDialect

FRAME = 960  # 20 ms in 48 kHz samples


@dataclass
class Packet:
    payload: bytes
    duration: int


class Room:
    """The shell around a conversation: a slot for who asks, and a speaker that makes a second of each segment."""

    def __init__(self, **limits):
        self.now = 0.0
        self.dialect = ToyDialect(
            Session(
                "s",
                SessionSettings(AudioParameters("pcm_s16le", 24_000, 20, 0), "ada", **limits),
                voices=lambda: [Voice("ada", "", ("mul",))],
                negotiate=lambda audio: AudioFacts(2, audio.sample_rate_hz, 0),
                synthesis_rate_hz=24_000,
                now=0.0,
            )
        )
        self.fed = {}
        self.left = {}
        self.closed = None
        self.perform()

    def say(self, *lines):
        self.dialect.received("".join(f"{line}\n" for line in lines), self.now)
        return self.perform()

    def wait(self, seconds):
        """Let time pass, as the conversation's own deadlines have it."""
        until = self.now + seconds
        while (at := self.dialect.conversation.next_deadline(self.now)) <= until:
            self.now = max(self.now, at)
            self.dialect.conversation.tick(self.now)
            self.perform()
        self.now = until

    def perform(self):
        while todo := self.dialect.actions():
            while todo:
                self._perform(todo.popleft())
        return list(self.dialect.lines)

    def heard(self, context_id):
        """Milliseconds of sound that were sent."""
        lines = [line.split() for line in self.dialect.lines if line.startswith(f"sound {context_id} ")]
        return sum(int(line[3]) for line in lines) / 48

    def _perform(self, action):
        talk = self.dialect.conversation
        match action:
            case actions.RequestSlot():
                talk.slot_granted(action.context_id, self.now)
            case actions.Speak(name, segment):
                start = self.fed.get(name, 0)
                self.fed[name] = start + 50 * FRAME
                self.left[name] = 50
                talk.segment_begun(name, segment, start, self.now)
                talk.segment_spoken(name, self.fed[name], 0.0)
                talk.frames_ready(name, 50, self.now)
            case actions.FinishAudio(name):
                talk.audio_encoded(name, [Packet(b"", FRAME)], 0, self.now, is_last=True)
            case actions.GrantFrames(name, frames):
                self.left[name] -= frames
                talk.audio_encoded(name, [Packet(b"", FRAME)] * frames, self.left[name], self.now)
                if not self.left[name]:
                    talk.segment_wanted(name, self.now)
            case actions.Close():
                self.closed = action


@pytest.fixture
def room():
    return Room()


def test_what_is_spoken_and_ended_is_heard_to_its_end(room):
    room.say("speak a Hello there. ", "end a")
    room.wait(5)

    lines = list(room.dialect.lines)
    assert lines[:3] == ["ready", "opened", "segment a Hello there. "]
    assert lines[-1] == "done a end [Hello there. |]"
    assert lines[-2].endswith(" last")
    assert room.heard("a") == 1020


def test_a_flush_speaks_what_has_no_end_yet(room):
    assert "segment a Hello" not in room.say("speak a Hello")
    assert "segment a Hello" in room.say("flush a")


def test_a_cancel_stops_at_what_was_heard():
    room = Room(max_lead_ms=400)
    room.say("speak a Hello there you. ", "end a")
    room.wait(0.5)
    room.say("cancel a")

    assert room.dialect.lines[-1] == "done a cancel [Hello| there you. ]"
    sent = room.heard("a")
    room.wait(5)
    assert room.heard("a") == sent


def test_a_listener_that_is_paused_is_sent_no_more_than_its_lead_until_it_has_heard_some():
    room = Room(max_lead_ms=400)
    room.say("speak a Hello there. ", "end a")
    room.say("heard a 0", "heard a 0")
    room.wait(3)
    assert room.heard("a") == 400

    room.say("heard a 300")
    assert room.heard("a") == 700


def test_a_draining_conversation_finishes_what_it_has_and_takes_nothing_new(room):
    room.say("speak a Hello there. ")
    room.dialect.conversation.drain(room.now, 10.0)
    room.say("speak b Hello. ", "end a")
    room.wait(5)

    lines = list(room.dialect.lines)
    assert "going away in 10 s" in lines
    assert "fault b Overloaded" in lines
    assert lines[-1] == "done a end [Hello there. |]"
    assert room.closed.reason == "drained"


def test_a_line_that_is_none_is_answered_and_the_conversation_goes_on(room):
    assert room.say("sing", "hello")[-2:] == ["what is 'sing'?", "stillhere"]


@given(st.lists(st.integers(1, 20), max_size=20))
def test_any_cutting_of_the_lines_says_the_same(cuts):
    text = "speak a Hello there. \nhello\nend a\n"
    whole, cut = Room(), Room()
    whole.dialect.received(text, 0.0)
    for length in cuts:
        cut.dialect.received(text[:length], 0.0)
        text = text[length:]
    cut.dialect.received(text, 0.0)

    assert cut.perform() == whole.perform()


def test_the_dialect_is_small_and_imports_only_the_conversation():
    source = (Path(__file__).parent / "toy_dialect.py").read_text()
    modules = {node.module for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)}

    assert len(source.splitlines()) <= 80
    assert {module for module in modules if module.startswith("sayline.")} == {
        "sayline.gateway.conversation",
        "sayline.gateway.conversation.actions",
        "sayline.gateway.conversation.messages",
    }
    assert not any(isinstance(node, ast.Import) for node in ast.walk(ast.parse(source)))
