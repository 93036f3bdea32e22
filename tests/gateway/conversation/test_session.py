"""The session: what a client may say, and what it hears back. No loop, no socket, no clock."""

import json
import math
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sayline.gateway.conversation import actions, events, messages
from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.pacing import (
    BURST_MS,
    COMFORTABLE_BURST_MS,
    COMFORTABLE_LEAD_MS,
    FIRST_BURST_MS,
    QUANTUM_MS,
    TAIL_MARGIN_MS,
)
from sayline.gateway.conversation.session import SessionSettings
from sayline.gateway.dialects.actions import SendAudio, SendText
from sayline.gateway.dialects.tts_v1.frames import Flags, unpack_frame
from sayline.gateway.dialects.tts_v1.protocol import TtsV1Protocol as Session
from sayline.gateway.errors import CloseCode, SpeechFailed, UnknownVoice, Unsupported
from sayline.gateway.text.accumulator import ChunkingSettings
from sayline.synthesis.interface import Style, Voice, WordMark

FRAME = 960  # 20 ms in 48 kHz samples
RATE_HZ = 24_000
OPUS = AudioParameters("opus", 24_000, 20, 32_000)
ADA = Voice("ada", "", ("en", "de"), frozenset({"instructions", "seed", "allow_markup"}))
BOB = Voice("bob", "", ("mul",), frozenset({"instructions", "seed", "allow_markup"}))
VOICES = (ADA, BOB)
PLAIN = Voice("ada", "", ("en-US", "de"))


@dataclass
class Packet:
    payload: bytes
    duration: int


class Peer:
    """A session with both its sides in a test's hands: the client's messages and the speaker's reports."""

    def __init__(self, now=0.0, preskip=0, voices=VOICES, **limits):
        self.now = now
        self.session = Session(
            "s1",
            SessionSettings(default_audio=OPUS, default_voice="ada", **limits),
            voices=lambda: list(voices),
            negotiate=lambda audio: AudioFacts(1, audio.sample_rate_hz, preskip),
            synthesis_rate_hz=RATE_HZ,
            now=now,
        )
        self.messages = []
        self.frames = []
        self.done = []  # all actions that were not messages or frames
        self.take()

    def take(self):
        """Collect what the session wants done; slots are granted at once."""
        todo = self.session.actions()
        taken = []
        while todo:
            action = todo.popleft()
            taken.append(action)
            if isinstance(action, SendText):
                self.messages.append(json.loads(action.message))
            elif isinstance(action, SendAudio):
                self.frames += map(unpack_frame, action.frames)
            else:
                self.done.append(action)
        return taken

    def send(self, kind, **fields):
        self.session.text_received(json.dumps({"type": kind, **fields}), self.now)
        return self.take()

    def grant_slots(self):
        for action in [a for a in self.done if isinstance(a, actions.RequestSlot)]:
            self.done.remove(action)
            self.session.slot_granted(action.context_id, self.now)
            self.take()

    def at(self, now):
        self.now = now
        self.session.tick(now)
        return self.take()

    def ordered(self, kind):
        return [action for action in self.done if isinstance(action, kind)]

    def last(self, kind):
        return next(message for message in reversed(self.messages) if message["type"] == kind)

    def types(self):
        return [message["type"] for message in self.messages]

    def speak(self, context_id="c", frames=5, words=()):
        """Play the speaker's part for the segment that was ordered last: synthesize it and send it all."""
        order = self.ordered(actions.Speak)[-1]
        assert order.context_id == context_id
        start = sum(frame.duration for frame in self.frames)
        self.session.segment_begun(context_id, order.segment, start, self.now)
        self.session.pcm_made(context_id, words, start + frames * FRAME, 0.01, self.now)
        self.session.segment_spoken(context_id, start + frames * FRAME, 0.0)
        self.take()
        self.send_frames(context_id, frames)
        self.session.segment_wanted(context_id, self.now)
        return self.take()

    def send_frames(self, context_id, frames, *, is_last=False):
        """Encode what is granted of so many frames; returns how many were not."""
        left = frames
        self.session.frames_ready(context_id, left, self.now)
        self.take()
        while grants := self.ordered(actions.GrantFrames):
            self.done.remove(grants[0])
            left -= grants[0].frames
            packets = [Packet(b"opus", FRAME)] * grants[0].frames
            self.session.audio_encoded(context_id, packets, left, self.now, is_last=is_last and not left)
            self.take()
        return left

    def finish(self, context_id="c"):
        assert self.ordered(actions.FinishAudio)
        self.session.audio_encoded(context_id, [Packet(b"opus", FRAME)], 0, self.now, is_last=True)
        return self.take()


@pytest.fixture
def peer():
    return Peer()


def spoken_context(peer, text="Hello there. ", frames=5):
    """One sentence, spoken."""
    peer.send("text", context_id="c", text=text)
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames)


# -- the ordinary course -----------------------------------------------------------------------------------------------


def test_the_first_message_says_what_this_server_offers_and_allows(peer):
    assert peer.messages == [
        {
            "type": "session.ready",
            "session_id": "s1",
            "protocol": 1,
            "voices": ["ada", "bob"],
            "limits": {"max_contexts": 64, "max_text_bytes": 16384, "max_lead_ms": 2000, "idle_s": 180.0},
            "features": ["unsupported", "volume", "provenance", "ssml", "lexicon", "usage"],
        }
    ]


def test_a_context_runs_from_text_to_done_in_order(peer):
    peer.send("context.start", context_id="c", voice="bob", timestamps="segment")
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=5)
    peer.finish()

    assert peer.types() == ["session.ready", "context.started", "segment", "segment.done", "context.done"]
    assert peer.last("segment") == {
        "type": "segment",
        "context_id": "c",
        "segment_id": 0,
        "text": "Hello there. ",
        "char_start": 0,
        "char_end": 13,
        "start_ms": 0,
    }
    assert peer.last("segment.done")["end_ms"] == 100
    assert peer.last("context.done") == {
        "type": "context.done",
        "context_id": "c",
        "reason": "end",
        "audio_ms": 120,
        "text_spoken": "Hello there. ",
        "text_remaining": "",
        "characters": 13,
    }


def test_text_to_a_new_id_starts_a_context_with_the_defaults(peer):
    peer.send("text", context_id="c", text="Hello")

    assert peer.last("context.started")["sample_rate"] == 24_000
    assert peer.session.live_contexts == 1


def test_frames_are_numbered_timed_and_flagged(peer):
    spoken_context(peer, frames=3)
    peer.send("context.end", context_id="c")
    peer.finish()

    assert [frame.sequence for frame in peer.frames] == [0, 1, 2, 3]
    assert [frame.pts for frame in peer.frames] == [0, FRAME, 2 * FRAME, 3 * FRAME]
    assert [frame.flags for frame in peer.frames] == [
        Flags.FIRST_OF_CONTEXT,
        Flags.NONE,
        Flags.LAST_OF_SEGMENT,
        Flags.LAST_OF_CONTEXT,
    ]


def test_a_segments_end_is_told_behind_its_last_frame_and_before_the_next(peer):
    peer.send("context.start", context_id="c", timestamps="segment")
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[-1].segment, 0, peer.now)
    peer.session.segment_spoken("c", 3 * FRAME, 0.0)
    peer.take()
    peer.session.audio_encoded("c", [Packet(b"opus", FRAME)] * 5, 0, peer.now)

    first, end, rest = peer.take()
    assert (len(first.frames), json.loads(end.message)["type"], len(rest.frames)) == (3, "segment.done", 2)


def test_the_pre_skip_is_not_sound():
    """Opus holds back 6.5 ms; a decoder puts them out first, so sound ends that much after its place in pts."""
    peer = Peer(preskip=312)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=5)
    peer.finish()

    assert Flags.LAST_OF_SEGMENT not in peer.frames[4].flags
    assert Flags.LAST_OF_SEGMENT in peer.frames[5].flags
    assert peer.last("context.done")["audio_ms"] == round((6 * FRAME - 312) / 48)


def test_each_context_has_its_own_channel(peer):
    for name in "abc":
        peer.send("context.start", context_id=name)

    assert [m["channel"] for m in peer.messages if m["type"] == "context.started"] == [0, 1, 2]


def test_a_context_without_text_ends_with_done_and_no_engine_call(peer):
    peer.send("context.start", context_id="c")
    peer.send("context.end", context_id="c")

    assert peer.last("context.done")["reason"] == "end"
    assert not peer.ordered(actions.RequestSlot)


@pytest.mark.parametrize("text", ["   \n ", "...", "***", "?!"])
def test_text_with_nothing_to_say_needs_no_engine_and_is_still_done(peer, text):
    peer.send("text", context_id="c", text=text)
    peer.send("context.end", context_id="c")

    assert not peer.ordered(actions.Speak)
    assert peer.last("context.done")["text_spoken"] == text
    assert peer.last("context.done")["audio_ms"] == 0


def test_the_style_of_a_context_reaches_its_speaker(peer):
    peer.send(
        "context.start",
        context_id="c",
        voice="bob",
        language="de",
        speed=1.5,
        volume=0.5,
        seed=7,
        instructions="softly",
    )
    peer.send("text", context_id="c", text="Guten Tag. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()

    style = peer.ordered(actions.StartSpeaker)[0].style
    assert (style.voice, style.language, style.seed, style.instructions) == ("bob", "de", 7, "softly")
    assert (style.speed, style.volume) == (1.5, 0.5)


def test_a_wish_that_the_voice_does_not_obey_is_told_by_name_and_the_context_goes_on_without_it():
    peer = Peer(voices=[PLAIN])
    peer.send("context.start", context_id="c", language="fr", instructions="softly", seed=0, allow_markup=True)
    spoken_context(peer)
    peer.send("context.end", context_id="c")
    peer.finish()

    told = [message for message in peer.messages if message["type"] == "error"]
    assert [(answer["code"], answer["context_id"], answer["retryable"]) for answer in told] == [
        ("unsupported", "c", False)
    ] * 4
    wishes = ["language", "instructions", "seed", "allow_markup"]
    assert [answer["message"].partition(":")[0] for answer in told] == wishes
    assert peer.last("context.done")["reason"] == "end"
    assert peer.ordered(actions.StartSpeaker)[0].style == Style("ada", utterance="s1/c")


@pytest.mark.parametrize("language", ["en", "EN-us", "en_GB", "de-CH-1901"])
def test_a_language_is_granted_if_a_shorter_form_of_its_tag_is_spoken(peer, language):
    peer.send("context.start", context_id="c", language=language)

    assert "error" not in peer.types()


def test_a_language_that_is_not_spoken_is_answered_with_those_of_like_names():
    peer = Peer(voices=[PLAIN])
    peer.send("context.start", context_id="c", language="ed-US")

    assert "did you mean en-US?" in peer.last("error")["message"]


@pytest.mark.parametrize("volume", [0, 0.5, 1, 2.0])
@pytest.mark.parametrize("speed", [0.5, 2])
def test_speed_and_volume_are_granted_with_every_voice(volume, speed):
    peer = Peer(voices=[PLAIN])
    peer.send("context.start", context_id="c", speed=speed, volume=volume)
    spoken_context(peer)

    assert "error" not in peer.types()
    style = peer.ordered(actions.StartSpeaker)[0].style
    assert (style.speed, style.volume) == (speed, volume)


@pytest.mark.parametrize(
    "wishes", [{}, {"instructions": ""}, {"instructions": None, "seed": None, "language": None, "allow_markup": False}]
)
def test_who_wishes_for_nothing_is_told_nothing(wishes):
    peer = Peer(voices=[PLAIN])
    peer.send("context.start", context_id="c", **wishes)

    assert "error" not in peer.types()


def test_a_wish_that_the_voice_obeys_is_not_told(peer):
    peer.send("context.start", context_id="c", language="en-GB", instructions="softly", seed=1, allow_markup=True)

    assert "error" not in peer.types()


def test_raw_chunking_leaves_text_alone(peer):
    peer.send("context.start", context_id="c", chunking="none")
    peer.send("text", context_id="c", text="**bold** text. More")
    peer.send("flush", context_id="c")
    peer.grant_slots()

    assert peer.ordered(actions.Speak)[0].segment.spoken == "**bold** text. More"


def test_ping_is_answered_with_its_id(peer):
    peer.send("ping", id="x")
    peer.send("ping")

    assert peer.messages[-2:] == [{"type": "pong", "id": "x"}, {"type": "pong"}]


# -- session.update ----------------------------------------------------------------------------------------------------


def test_audio_parameters_may_be_changed_before_the_first_context(peer):
    peer.send("session.update", format="pcm_s16le", sample_rate=16000, frame_ms=40, max_lead_ms=500)
    peer.send("text", context_id="c", text="Hello. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()

    assert peer.types()[:3] == ["session.ready", "session.ready", "context.started"]
    assert peer.messages[1]["limits"]["max_lead_ms"] == 500
    assert peer.ordered(actions.StartSpeaker)[0].audio == AudioParameters("pcm_s16le", 16_000, 40, 32_000)


def test_audio_parameters_are_fixed_once_a_context_has_begun(peer):
    peer.send("context.start", context_id="c")
    peer.send("session.update", format="pcm_s16le")

    assert peer.last("error")["code"] == "bad_message"


# -- faults ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", ["", "{", "[1]", '{"type":"nonsense"}', '{"type":"ping","x":1}'])
def test_a_bad_message_is_answered_and_the_socket_stays_open(peer, message):
    peer.session.text_received(message, 0.0)
    peer.take()

    assert peer.last("error")["code"] == "bad_message"
    assert not peer.last("error")["retryable"]
    assert not peer.ordered(actions.Close)


def test_binary_from_a_client_is_a_bad_message(peer):
    peer.session.binary_received(0.0)
    peer.take()

    assert peer.last("error")["code"] == "bad_message"


def test_an_unknown_voice_ends_its_context_and_nothing_else(peer):
    peer.send("context.start", context_id="x", voice="nobody")
    peer.send("text", context_id="x", text="Never spoken. ")
    peer.send("context.start", context_id="y")

    assert peer.messages[-3]["code"] == "unknown_voice"
    assert peer.messages[-3]["context_id"] == "x"
    assert peer.messages[-2]["type"] == "context.done"
    assert peer.messages[-2]["reason"] == "error"
    assert peer.messages[-1]["type"] == "context.started"


def test_a_delta_over_its_cap_is_refused_and_the_context_goes_on(peer):
    peer.send("text", context_id="c", text="é" * 8193)
    peer.send("text", context_id="c", text="Short. ")
    peer.send("context.end", context_id="c")
    peer.grant_slots()

    assert peer.last("error")["code"] == "text_too_long"
    assert peer.ordered(actions.Speak)[0].segment.text == "Short. "


def test_a_context_holds_so_much_text_and_no_more():
    peer = Peer(max_context_text_bytes=100)
    peer.send("text", context_id="c", text="x" * 100)
    peer.send("text", context_id="c", text="y")

    assert peer.last("error") == {
        "type": "error",
        "code": "text_too_long",
        "message": "a context holds at most 100 bytes of text",
        "context_id": "c",
        "retryable": False,
    }


def test_all_contexts_of_a_connection_together_hold_so_much_text_and_no_more():
    peer = Peer(max_connection_text_bytes=100)
    for name in "abc":
        peer.send("text", context_id=name, text="x" * 40)

    assert peer.last("error")["code"] == "text_too_long"
    assert peer.last("error")["context_id"] == "c"


def test_waiting_for_the_first_segment_is_not_counted_from_a_refused_delta():
    peer = Peer(max_connection_text_bytes=100)
    peer.send("text", context_id="a", text="x" * 90)
    peer.send("text", context_id="c", text="x" * 40)
    assert peer.last("error")["code"] == "text_too_long"
    peer.send("context.cancel", context_id="a")
    peer.now = 5.0
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.send("context.cancel", context_id="c")

    assert peer.ordered(actions.ReportContext)[-1].report.first_segment_s == 0


@pytest.mark.slow
def test_ten_thousand_contexts_are_refused_at_the_limit_and_may_be_retried():
    peer = Peer(max_contexts=3)
    for number in range(10_000):
        peer.send("context.start", context_id=str(number))

    assert peer.session.live_contexts == 3
    assert peer.last("error")["code"] == "too_many_contexts"
    assert peer.last("error")["retryable"]
    assert peer.last("error")["context_id"] == "9999"


def test_finished_contexts_do_not_count_against_the_limit():
    peer = Peer(max_contexts=1)
    for number in range(50):
        peer.send("context.start", context_id=str(number))
        peer.send("context.cancel", context_id=str(number))

    assert "error" not in peer.types()


def test_starting_a_context_twice_is_an_error(peer):
    peer.send("context.start", context_id="c")
    peer.send("context.start", context_id="c")

    assert peer.last("error")["code"] == "bad_message"
    assert peer.last("error")["context_id"] == "c"


@pytest.mark.parametrize("kind", ["flush", "playback"])
def test_messages_for_a_context_that_never_began_are_ignored(peer, kind):
    extra = {"played_ms": 0, "buffered_ms": 0} if kind == "playback" else {}
    peer.send(kind, context_id="c", **extra)

    assert peer.types() == ["session.ready"]
    assert peer.session.live_contexts == 0


@pytest.mark.parametrize("kind", ["text", "flush", "context.end", "context.cancel", "playback"])
def test_messages_for_a_context_that_is_over_are_ignored(peer, kind):
    peer.send("context.start", context_id="c")
    peer.send("context.cancel", context_id="c")
    before = len(peer.messages)
    extra = {"text": {"text": "late"}, "playback": {"played_ms": 0, "buffered_ms": 0}}.get(kind, {})
    peer.send(kind, context_id="c", **extra)

    assert len(peer.messages) == before


def test_text_after_the_end_is_a_race_and_is_ignored(peer):
    spoken_context(peer)
    peer.send("context.end", context_id="c")
    peer.send("text", context_id="c", text="Too late. ")
    peer.finish()

    assert peer.last("context.done")["text_spoken"] == "Hello there. "


@pytest.mark.parametrize(("kind", "reason"), [("context.cancel", "cancel"), ("context.end", "end")])
def test_a_context_that_ends_before_its_first_text_is_done_at_once_and_speaks_none_of_it(peer, kind, reason):
    """An interruption can overtake the text that it interrupts."""
    peer.send(kind, context_id="c")
    assert peer.last("context.done") == {
        "type": "context.done",
        "context_id": "c",
        "reason": reason,
        "audio_ms": 0,
        "text_spoken": "",
        "text_remaining": "",
        "characters": 0,
    }

    peer.send("text", context_id="c", text="Hello there. This was interrupted. ")
    peer.send("context.end", context_id="c")
    assert peer.types().count("context.done") == 1
    assert peer.session.live_contexts == 0


@pytest.mark.slow
def test_ids_that_were_cancelled_before_their_text_are_remembered_within_bounds(peer):
    for number in range(5000):
        peer.send("context.cancel", context_id=f"c{number}")
    peer.send("text", context_id="c4999", text="Hello")

    assert len(peer.session.conversation._over) <= 4096
    assert peer.session.live_contexts == 0


def end_by_itself(peer):
    spoken_context(peer)
    peer.send("context.end", context_id="c")
    peer.finish()


@pytest.mark.parametrize("over", [end_by_itself, lambda peer: peer.send("context.cancel", context_id="c")])
def test_starting_a_context_with_a_used_id_is_answered_at_once(peer, over):
    over(peer)
    peer.send("context.start", context_id="c")

    assert peer.types()[-1] == "error"
    assert (peer.last("error")["code"], peer.last("error")["context_id"]) == ("bad_message", "c")


def test_starting_a_context_that_is_still_speaking_its_last_is_answered_at_once(peer):
    spoken_context(peer)
    peer.send("context.end", context_id="c")
    peer.send("context.start", context_id="c")

    assert (peer.last("error")["code"], peer.last("error")["context_id"]) == ("bad_message", "c")


def test_text_to_an_id_whose_context_ended_by_itself_is_answered_once(peer):
    end_by_itself(peer)
    for _ in range(3):
        peer.send("text", context_id="c", text="Another turn. ")

    assert peer.types().count("error") == 1
    assert peer.last("error")["context_id"] == "c"


BAD_NUMBERS = [
    "-12",
    "-0.001",
    "true",
    '"12"',
    "1e308",
    "1e999",
    "NaN",
    "null",
    "[]",
    "{}",
    "9" * 5000,
    "-" + "9" * 5000,
]


@pytest.mark.parametrize("played_ms", BAD_NUMBERS)
def test_a_cancel_cancels_whatever_its_position(peer, played_ms):
    spoken_context(peer)
    message = f'{{"type":"context.cancel","context_id":"c","played_ms":{played_ms}}}'
    peer.session.text_received(message, peer.now)
    peer.take()

    assert peer.types()[-1] == "context.done"
    assert peer.last("context.done")["reason"] == "cancel"
    if played_ms != "null":  # which means the same as leaving it out
        assert (peer.last("error")["code"], peer.last("error")["context_id"]) == ("bad_message", "c")


@pytest.mark.parametrize(
    "detail", ['"why":"barge-in"', '"why":"\\ud83d"', ",".join(f'"a{number}":1' for number in range(3000))]
)
def test_a_cancel_cancels_whatever_else_it_says(peer, detail):
    spoken_context(peer)
    peer.session.text_received(f'{{"type":"context.cancel","context_id":"c",{detail}}}', peer.now)
    peer.take()

    assert peer.types()[-2:] == ["error", "context.done"]


def test_a_flush_and_an_end_are_obeyed_whatever_else_they_say(peer):
    peer.send("text", context_id="c", text="Hello there")
    peer.send("flush", context_id="c", now=True)
    assert peer.ordered(actions.RequestSlot)
    peer.send("context.end", context_id="c", reason=None)
    peer.send("context.start", context_id="c")

    assert [message["message"].split(":")[0] for message in peer.messages if message["type"] == "error"] == [
        "now",
        "reason",
        "context.start for a context that is ended",
    ]


@pytest.mark.parametrize("buffered_ms", [-1, "1", None, True, [1]])
def test_a_playback_report_counts_whatever_it_says_beside_the_position(peer, buffered_ms):
    spoken_context(peer)
    peer.send("playback", context_id="c", played_ms=100, buffered_ms=buffered_ms)
    peer.now = 0.05
    peer.send("context.cancel", context_id="c")

    assert peer.last("context.done")["text_remaining"] == ""


def test_a_ping_is_answered_whatever_its_id(peer):
    for bad in ({}, ["x"], "x" * 129, 1.5):
        peer.send("ping", id=bad)
        assert peer.types()[-2:] == ["error", "pong"]


def test_an_update_applies_what_can_be_read_of_it_and_tells_what_cannot(peer):
    peer.send("session.update", format="pcm_s16le", bitrate="loud", mood="fine")
    assert peer.types()[-2:] == ["error", "session.ready"]
    peer.send("context.start", context_id="c")

    assert peer.last("context.started")["format"] == "pcm_s16le"


def test_whole_numbers_may_be_written_with_a_point(peer):
    peer.send("session.update", sample_rate=24000.0, frame_ms=20.0, bitrate=32e3, max_lead_ms=1000.0)
    assert peer.types()[-1] == "session.ready"
    peer.send("context.start", context_id="c", seed=7.0)

    assert peer.last("context.started")["sample_rate"] == 24_000
    assert "error" not in peer.types()


def test_an_error_names_the_context_whose_message_could_not_be_read(peer):
    for fields in ({"text": None}, {"text": 5}, {"text": "x", "extra": 1}, {}):
        peer.send("text", context_id="c", **fields)
        assert peer.last("error")["context_id"] == "c"
    for context_id in (5, "", "x" * 129, None):
        peer.send("text", context_id=context_id, text="x")
        assert "context_id" not in peer.last("error")


def test_a_delta_that_is_null_or_empty_takes_nothing_from_the_speech(peer):
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("text", context_id="c", text=None)
    peer.send("text", context_id="c", text="")
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    peer.speak("c")
    peer.finish()

    assert peer.types().count("error") == 1
    assert peer.last("context.done")["text_spoken"] == "Hello there. "


def test_an_empty_delta_is_no_sign_that_the_writer_goes_on(peer):
    """A keep-alive of a chat API must not put off what a writer's pause releases."""
    peer.send("text", context_id="c", text="No end in sight and")
    before = peer.session.next_deadline(0.0)
    peer.now = before - 0.01
    peer.send("text", context_id="c", text="")

    assert peer.session.next_deadline(peer.now) == pytest.approx(before)


def test_a_voice_that_is_removed_takes_nothing_from_the_contexts_that_speak_with_it():
    voices = [ADA, BOB]
    peer = Peer(voices=voices)
    peer.send("context.start", context_id="c", voice="bob")
    voices.remove(BOB)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=0)
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    peer.speak("c")
    peer.finish()

    assert peer.last("context.done")["reason"] == "end"


def test_voices_are_looked_up_once_for_a_context_and_not_for_each_message():
    lookups = []
    peer = Peer()
    peer.session.conversation._voices = lambda: lookups.append(1) or [ADA]
    for _ in range(100):
        peer.send("text", context_id="c", text="word ")

    assert len(lookups) == 1


def test_an_engine_failure_ends_its_context_with_an_error_then_done(peer):
    spoken_context(peer)
    peer.session.speech_failed("c", SpeechFailed("speech synthesis failed"), peer.now)
    peer.take()

    assert [m["type"] for m in peer.messages[-2:]] == ["error", "context.done"]
    assert peer.last("error")["code"] == "synthesis_failed"
    assert peer.last("error")["retryable"]
    assert peer.last("context.done")["reason"] == "error"
    assert peer.ordered(actions.DropAudio)
    assert peer.ordered(actions.ReleaseSlot)


# -- cancel ------------------------------------------------------------------------------------------------------------


def test_cancel_drops_audio_frees_the_slot_and_is_done_at_once(peer):
    spoken_context(peer)
    taken = peer.send("context.cancel", context_id="c")

    kinds = [type(action) for action in taken]
    assert kinds.index(actions.DropAudio) < kinds.index(SendText)
    assert actions.ReleaseSlot in kinds or peer.ordered(actions.ReleaseSlot)
    assert peer.last("context.done")["reason"] == "cancel"


def test_no_frame_follows_the_done_of_a_cancelled_context(peer):
    spoken_context(peer)
    peer.send("context.cancel", context_id="c")
    before = len(peer.frames)
    peer.session.audio_encoded("c", [Packet(b"late", FRAME)], 0, peer.now)
    peer.session.frames_ready("c", 5, peer.now)
    peer.session.segment_wanted("c", peer.now)
    peer.take()

    assert len(peer.frames) == before
    assert peer.types()[-1] == "context.done"


def test_cancel_says_what_was_heard_by_the_words_that_were_over(peer):
    marks = tuple(WordMark(start, end, at) for start, end, at in [(0, 3, 0), (4, 7, 4800), (8, 14, 9600)])
    peer.send("text", context_id="c", text="One two three. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=30, words=marks)
    peer.send("context.cancel", context_id="c", played_ms=450)

    assert peer.last("context.done")["text_spoken"] == "One two"
    assert peer.last("context.done")["text_remaining"] == " three. "


def test_cancel_without_word_times_cuts_at_a_word_in_proportion(peer):
    peer.send("text", context_id="c", text="One two three four. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=50)
    peer.send("context.cancel", context_id="c", played_ms=500)
    done = peer.last("context.done")

    assert done["text_spoken"] == "One two"
    assert done["text_spoken"] + done["text_remaining"] == "One two three four. "


def test_cancel_without_a_position_goes_by_the_clock(peer):
    peer.send("text", context_id="c", text="One two three four. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=50)
    peer.now = 0.5
    peer.send("context.cancel", context_id="c")

    assert peer.last("context.done")["text_spoken"] == "One two"


def test_cancel_before_any_sound_leaves_all_text_remaining(peer):
    peer.send("text", context_id="c", text="Never mind. ")
    peer.send("context.cancel", context_id="c", played_ms=9999)

    assert peer.last("context.done")["text_spoken"] == ""
    assert peer.last("context.done")["text_remaining"] == "Never mind. "


def test_silence_in_markup_is_heard_when_its_place_is_passed():
    peer = Peer(max_lead_ms=0)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=50)
    peer.send("text", context_id="c", text="***\n\n")
    peer.send("context.end", context_id="c")
    peer.finish()

    assert peer.last("context.done")["text_spoken"] == "Hello there. ***\n\n"


# -- words -------------------------------------------------------------------------------------------------------------


def test_words_are_sent_when_asked_for_and_exact_where_the_engine_knows_them(peer):
    peer.send("context.start", context_id="c", timestamps="word")
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=50, words=(WordMark(0, 5, 0), WordMark(6, 11, 12_000)))

    words = [word for message in peer.messages if message["type"] == "words" for word in message["words"]]
    assert words == [
        {"text": "Hello", "start_ms": 0, "end_ms": 500},
        {"text": "there", "start_ms": 500, "end_ms": 1000},
    ]
    assert all(not message["approximate"] for message in peer.messages if message["type"] == "words")


def test_words_are_interpolated_and_said_to_be_so_where_the_engine_knows_none(peer):
    peer.send("context.start", context_id="c", timestamps="word")
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=50)
    message = peer.last("words")

    assert message["approximate"]
    assert [word["text"] for word in message["words"]] == ["Hello", "there"]
    assert message["words"][0]["start_ms"] == 0
    assert message["words"][-1]["end_ms"] == 1000


def test_without_timestamps_neither_segments_nor_words_are_sent(peer):
    peer.send("context.start", context_id="c", timestamps="none")
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    peer.speak("c")
    peer.finish()

    assert peer.types() == ["session.ready", "context.started", "context.done"]


# -- pacing ------------------------------------------------------------------------------------------------------------


def test_the_more_a_listener_has_left_to_hear_the_more_is_encoded_at_once(peer):
    peer.send("text", context_id="c", text="A long sentence is spoken here. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[0].segment, 0, peer.now)
    peer.session.frames_ready("c", 1000, peer.now)
    bursts_ms = []
    peer.take()
    while len(peer.frames) < 300:
        while grants := peer.ordered(actions.GrantFrames):
            grant = grants[0]
            peer.done.remove(grant)
            bursts_ms.append((grant.needed_at - peer.now, 20 * grant.frames))
            peer.session.audio_encoded("c", [Packet(b"opus", FRAME)] * grant.frames, 1000, peer.now)
            peer.take()
        peer.at(peer.session.next_deadline(peer.now))

    assert bursts_ms[0] == (0, FIRST_BURST_MS)
    assert {ms for lead_s, ms in bursts_ms[1:] if lead_s < COMFORTABLE_LEAD_MS / 1000} == {BURST_MS}
    assert {ms for lead_s, ms in bursts_ms[1:] if lead_s >= COMFORTABLE_LEAD_MS / 1000} == {COMFORTABLE_BURST_MS}


def test_frames_stop_at_the_maximum_lead_and_go_on_in_real_time():
    peer = Peer(max_lead_ms=200)
    spoken = peer
    spoken.send("text", context_id="c", text="A long sentence is spoken here. ")
    spoken.send("flush", context_id="c")
    spoken.grant_slots()
    left = 0
    order = peer.ordered(actions.Speak)[0]
    peer.session.segment_begun("c", order.segment, 0, peer.now)
    peer.session.pcm_made("c", (), 100 * FRAME, 0.01, 0.0)
    left = peer.send_frames("c", 100)

    assert len(peer.frames) == 10
    assert 0 < 100 - 10 - left <= (BURST_MS + QUANTUM_MS) / 20, "a little is encoded ahead of its time"
    assert peer.session.next_deadline(0.0) == pytest.approx(0.04)
    peer.at(0.04)
    assert len(peer.frames) == 12
    for tick in range(2, 50):
        peer.at(tick * 0.04)
        peer.send_frames("c", left)
    assert len(peer.frames) == 10 + 2 * 49


def test_many_listeners_are_served_at_common_instants():
    """Whenever a context began, its releases fall on the grid, at most one step late."""
    peer = Peer(max_lead_ms=200, now=0.1234)
    peer.send("text", context_id="c", text="A long sentence is spoken here. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.pcm_made("c", (), 100 * FRAME, 0.01, peer.now)
    peer.send_frames("c", 100)

    assert peer.session.next_deadline(peer.now) == pytest.approx(0.165)


def test_a_blocked_socket_stops_frames_and_then_closes_the_connection():
    peer = Peer(slow_client_s=5)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.write_blocked(1.0)
    peer.session.frames_ready("c", 5, 1.0)
    peer.take()
    assert not peer.ordered(actions.GrantFrames)
    assert peer.session.next_deadline(1.0) == 6.0

    peer.at(6.0)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


def test_a_socket_that_takes_bytes_again_is_sent_what_waited():
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.write_blocked(1.0)
    peer.session.frames_ready("c", 5, 1.0)
    peer.session.write_resumed(1.5)
    peer.take()

    assert peer.ordered(actions.GrantFrames)


def test_a_socket_that_is_full_for_a_moment_is_not_taken_for_a_listener_without_credit():
    """The listener reports nothing and reads all the time; what was released last left no time for the next release."""
    peer = Peer(max_lead_ms=0)
    begin_speaking(peer, frames=0)
    peer.session.write_blocked(40.0)
    peer.session.audio_encoded("c", [Packet(b"opus", FRAME)] * 5, 0, 40.0)
    peer.at(40.05)
    assert not peer.ordered(actions.Close)

    peer.session.write_resumed(40.06)
    peer.take()
    assert len(peer.frames) == 5


def test_a_listener_that_reports_is_not_without_credit_while_its_socket_is_full():
    peer = Peer(max_lead_ms=200, slow_client_s=1000, stuck_s=1000, ping_interval_s=10_000)
    begin_speaking(peer, frames=100)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
    peer.session.write_blocked(1.0)
    peer.at(100.0)

    assert not peer.ordered(actions.Close)


def test_a_listener_whose_credit_was_awaited_is_paced_by_the_clock_once_reports_are_not_read():
    peer = Peer(max_lead_ms=200, max_queued_text_bytes=100, ping_interval_s=10_000)
    begin_speaking(peer, frames=100)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
    before = len(peer.frames)
    for _ in range(6):
        peer.send("text", context_id="d", text="This is one sentence of thirty. ")
        peer.send("flush", context_id="d")
    assert peer.ordered(actions.PauseReading)
    for tick in range(1, 20):
        peer.at(tick / 10)

    assert len(peer.frames) > before
    assert not peer.ordered(actions.Close)


def test_a_stream_that_needs_an_end_gets_one_before_it_is_said_to_be_over(peer):
    peer.session.conversation._facts = AudioFacts(3, 24_000, 0, end_after=lambda page: b"the end after " + page)
    spoken_context(peer)
    peer.session.text_received('{"type":"context.cancel","context_id":"c"}', peer.now)
    kinds = [type(action) for action in peer.session.actions()]
    peer.take()

    assert kinds.index(actions.DropAudio) < kinds.index(SendAudio) < kinds.index(SendText)
    end = peer.frames[-1]
    assert (end.payload, end.duration, end.flags) == (b"the end after opus", 0, Flags.LAST_OF_CONTEXT)
    assert end.pts == peer.frames[-2].pts + FRAME


def test_no_credit_with_a_full_lead_closes_the_connection():
    peer = Peer(max_lead_ms=200, credit_timeout_s=30, ping_interval_s=1000)
    peer.send("text", context_id="c", text="A long sentence is spoken here. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[0].segment, 0, peer.now)
    peer.session.pcm_made("c", (), 500 * FRAME, 0.01, 0.0)
    peer.send_frames("c", 10)
    peer.now = 0.1
    peer.send("playback", context_id="c", played_ms=100, buffered_ms=100)
    for second in range(20):
        peer.now = 1.2 + second / 10
        peer.send_frames("c", 400)
    assert len(peer.frames) < 80, "a listener whose reports stopped is believed for one more second"

    peer.at(30.05)
    assert not peer.ordered(actions.Close)
    peer.at(30.15)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


def test_the_last_partial_frame_is_let_out_before_the_listener_runs_dry():
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    order = peer.ordered(actions.Speak)[0]
    peer.session.segment_begun("c", order.segment, 0, peer.now)
    peer.session.pcm_made("c", (), 10 * FRAME + 100, 0.01, 0.0)
    peer.session.segment_spoken("c", 10 * FRAME + 100, 0.0)
    peer.send_frames("c", 10)
    peer.session.segment_wanted("c", 0.0)
    peer.take()

    assert peer.session.next_deadline(0.0) == pytest.approx(0.14)
    peer.at(0.1)
    assert not peer.ordered(actions.PadTail)
    peer.at(0.14)
    assert len(peer.ordered(actions.PadTail)) == 1
    peer.at(0.2)
    assert len(peer.ordered(actions.PadTail)) == 1


def test_a_hole_that_the_writer_made_is_a_discontinuity_and_no_underrun():
    peer = Peer()
    spoken_context(peer, frames=5)
    peer.now = 3.0
    peer.send("text", context_id="c", text="And more. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.speak("c", frames=5)

    assert Flags.DISCONTINUITY in peer.frames[5].flags
    assert not peer.ordered(actions.ReportUnderrun)


def test_a_hole_that_we_made_is_an_underrun():
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there. And more text follows. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    order = peer.ordered(actions.Speak)[0]
    peer.session.segment_begun("c", order.segment, 0, peer.now)
    peer.session.pcm_made("c", (), 20 * FRAME, 0.01, 0.0)
    peer.send_frames("c", 5)
    peer.now = 0.35
    peer.send_frames("c", 5)

    assert Flags.DISCONTINUITY in peer.frames[5].flags
    assert peer.ordered(actions.ReportUnderrun)[0].dry_ms == pytest.approx(250)


# -- reading in pieces -------------------------------------------------------------------------------------------------

PARAGRAPH = "# A title\n\nHello there, *Dr.* Smith! This is [a link](https://example.org/a?b=c), and `code`. " * 6


@given(pieces=st.lists(st.integers(1, 200), min_size=1, max_size=40), end=st.booleans())
def test_a_delta_that_is_read_in_pieces_gives_the_same_segments(pieces, end):
    def segments(read):
        peer = Peer()
        read(peer)
        if end:
            peer.send("context.end", context_id="c")
        return list(peer.session.conversation._contexts["c"].segments)

    def in_pieces(peer):
        message = json.dumps({"type": "text", "context_id": "c", "text": PARAGRAPH})
        peer.session.text_received(message, peer.now, most_chars=pieces[0])
        for most_chars in pieces[1:]:
            peer.session.read_on(peer.now, most_chars=most_chars)
        peer.session.read_on(peer.now)
        assert not peer.session.has_unread_text

    assert segments(in_pieces) == segments(lambda peer: peer.send("text", context_id="c", text=PARAGRAPH))


def half_read(peer):
    message = json.dumps({"type": "text", "context_id": "c", "text": "Yes! " + PARAGRAPH})
    peer.session.text_received(message, peer.now, most_chars=5)
    peer.take()


def test_time_releases_nothing_while_more_of_the_text_is_there_to_be_read(peer):
    half_read(peer)
    peer.at(1.0)
    assert not peer.ordered(actions.RequestSlot), "a short first sentence is joined by the next"

    peer.session.read_on(1.0)
    peer.take()
    assert peer.ordered(actions.RequestSlot)


def test_text_is_not_overtaken_by_the_next_message(peer):
    half_read(peer)
    peer.send("context.end", context_id="c")

    assert "".join(segment.text for segment in peer.session.conversation._contexts["c"].segments) == "Yes! " + PARAGRAPH


@pytest.mark.parametrize("end", ["cancel", "failure", "gone"])
def test_no_text_is_read_on_for_a_peer_that_is_gone(peer, end):
    half_read(peer)
    match end:
        case "cancel":
            peer.send("context.cancel", context_id="c")
        case "failure":
            peer.session.speech_failed("c", SpeechFailed("broken"), peer.now)
        case "gone":
            peer.session.peer_gone(peer.now)

    assert not peer.session.has_unread_text
    peer.session.read_on(peer.now)


# -- slots and limits --------------------------------------------------------------------------------------------------


def test_above_the_running_limit_contexts_wait_and_are_served_in_order():
    peer = Peer(max_running_contexts=2)
    for name in "abcd":
        peer.send("text", context_id=name, text="Hello there. ")
        peer.send("flush", context_id=name)
    assert [action.context_id for action in peer.ordered(actions.RequestSlot)] == ["a", "b"]

    peer.send("context.cancel", context_id="a")
    assert [action.context_id for action in peer.ordered(actions.RequestSlot)] == ["a", "b", "c"]


def test_a_context_whose_writer_is_silent_holds_no_slot(peer):
    spoken_context(peer)

    assert peer.ordered(actions.ReleaseSlot)
    peer.send("text", context_id="c", text="More. ")
    peer.send("flush", context_id="c")
    assert peer.ordered(actions.RequestSlot)[-1].is_continuing


def pause(peer, seconds, played_ms=0.0, creep_ms=0.0):
    """Report one position, or one that hardly moves, for so long."""
    for _ in range(int(4 * seconds)):
        peer.send("playback", context_id="c", played_ms=played_ms, buffered_ms=200)
        played_ms += creep_ms
        encode_what_is_granted(peer)
        let_pass(peer, 0.25)


def encode_what_is_granted(peer):
    while grants := peer.ordered(actions.GrantFrames):
        peer.done.remove(grants[0])
        peer.session.audio_encoded("c", [Packet(b"opus", FRAME)] * grants[0].frames, 1000, peer.now)
        peer.take()


def full_listener():
    """One context of a long sentence, whose listener has all it may be sent ahead; a thousand frames wait."""
    peer = Peer(max_lead_ms=200)
    peer.send("text", context_id="c", text="A long sentence is spoken here. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[0].segment, 0, peer.now)
    peer.session.pcm_made("c", (), 1000 * FRAME, 0.01, peer.now)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=0)
    peer.session.frames_ready("c", 1000, peer.now)
    peer.take()
    encode_what_is_granted(peer)
    return peer


@pytest.mark.parametrize("creep_ms", [0.0, 1.0])
def test_a_listener_with_a_full_lead_that_does_not_play_gives_its_slot_to_waiting_contexts(creep_ms):
    peer = full_listener()
    pause(peer, 60, creep_ms=creep_ms)

    assert len(peer.ordered(actions.ReleaseSlot)) >= 1
    assert "error" not in peer.types()
    assert peer.session.live_contexts == 1


def test_a_listener_that_plays_on_asks_for_a_slot_again_and_loses_nothing():
    peer = full_listener()
    pause(peer, 12)
    assert len(peer.ordered(actions.ReleaseSlot)) == 1
    assert not peer.ordered(actions.RequestSlot)
    for report in range(1, 4):
        peer.send("playback", context_id="c", played_ms=250 * report, buffered_ms=0)
        let_pass(peer, 0.25)
    request, *more = peer.ordered(actions.RequestSlot)
    assert (request.context_id, request.is_continuing, more) == ("c", True, [])
    assert not peer.ordered(actions.GrantFrames), "nothing is encoded without a slot"

    sent = len(peer.frames)
    peer.grant_slots()
    encode_what_is_granted(peer)
    assert len(peer.frames) > sent


def test_a_listener_that_waits_for_its_slot_again_does_not_stand_still():
    peer = full_listener()
    pause(peer, 12)
    for report in range(1, 400):
        peer.send("playback", context_id="c", played_ms=250 * report, buffered_ms=0)
        let_pass(peer, 0.25)

    assert peer.ordered(actions.RequestSlot)
    assert "error" not in peer.types()


def test_a_context_that_loses_its_slot_again_and_again_waits_with_contexts_that_begin():
    peer = full_listener()
    played_ms = 0.0
    asked = []
    for _ in range(3):
        pause(peer, 25, played_ms)
        while not (requests := peer.ordered(actions.RequestSlot)):
            played_ms += 250
            peer.send("playback", context_id="c", played_ms=played_ms, buffered_ms=0)
            encode_what_is_granted(peer)
        asked += [request.is_continuing for request in requests]
        peer.grant_slots()
        encode_what_is_granted(peer)

    assert asked == [True, False, False]


def test_a_listener_that_plays_in_real_time_keeps_its_slot_however_full_it_is():
    peer = full_listener()
    for report in range(1, 60):
        peer.send("playback", context_id="c", played_ms=250 * report, buffered_ms=200)
        let_pass(peer, 0.25)
        encode_what_is_granted(peer)

    assert not peer.ordered(actions.ReleaseSlot)


def test_a_listener_that_never_reports_keeps_its_slot():
    peer = Peer(max_lead_ms=200)
    begin_speaking(peer, frames=5)
    for _ in range(60):
        let_pass(peer, 0.25)
        peer.send_frames("c", 1000)

    assert not peer.ordered(actions.ReleaseSlot)


def test_a_slot_that_comes_too_late_is_given_back(peer):
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.send("context.cancel", context_id="c")
    peer.done.clear()
    peer.session.slot_granted("c", 0.0)
    peer.take()

    assert peer.done == [actions.ReleaseSlot("c")]


def test_too_much_unspoken_text_stops_reading_until_half_of_it_is_spoken():
    peer = Peer(max_queued_text_bytes=100, max_lead_ms=0)
    for _ in range(6):
        peer.send("text", context_id="c", text="This is one sentence of thirty. ")
        peer.send("flush", context_id="c")
    assert len(peer.ordered(actions.PauseReading)) == 1

    peer.grant_slots()
    peer.speak("c", frames=1)
    peer.speak("c", frames=1)
    assert not peer.ordered(actions.ResumeReading), "96 bytes wait, which is more than half"
    peer.speak("c", frames=1)
    peer.speak("c", frames=1)
    assert len(peer.ordered(actions.ResumeReading)) == 1


def test_text_that_waits_for_its_boundary_never_stops_reading():
    """The boundary, or the flush, can only be read if we go on reading."""
    peer = Peer(max_queued_text_bytes=100)
    peer.send("context.start", context_id="c", chunking="none")
    for _ in range(50):
        peer.send("text", context_id="c", text="no boundary in sight ")

    assert not peer.ordered(actions.PauseReading)


def test_cancelling_a_context_gives_its_unspoken_text_back_to_the_budget():
    peer = Peer(max_queued_text_bytes=100)
    for _ in range(5):
        peer.send("text", context_id="c", text="This is one sentence of thirty. ")
        peer.send("flush", context_id="c")
    peer.send("context.cancel", context_id="c")

    assert peer.ordered(actions.ResumeReading)
    assert peer.session.conversation._queued_bytes == 0


# -- time --------------------------------------------------------------------------------------------------------------


def test_an_idle_connection_is_closed():
    peer = Peer(ping_interval_s=10_000)
    peer.at(179.9)
    assert not peer.ordered(actions.Close)
    peer.at(180.0)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


def test_a_quiet_conversation_stays_open_while_its_client_answers_pings(peer):
    let_pass(peer, 3599)
    assert not peer.ordered(actions.Close)
    spoken_context(peer)
    assert peer.frames


def test_a_client_that_only_answers_pings_is_let_go_at_last(peer):
    let_pass(peer, 3601)
    close = peer.ordered(actions.Close)[0]
    assert (close.code, close.reason) == (CloseCode.SLOW_OR_IDLE, "idle")


def test_a_client_that_asks_for_pongs_is_never_idle(peer):
    for _ in range(500):
        peer.send("ping")
        let_pass(peer, 100)

    assert not peer.ordered(actions.Close)


def test_a_context_that_is_never_ended_does_not_keep_a_silent_connection_open():
    peer = Peer(ping_interval_s=10_000)
    spoken_context(peer)
    peer.at(100.0)
    assert not peer.ordered(actions.Close)
    peer.at(180.0)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


def test_pings_are_sent_and_a_missing_pong_closes_the_connection(peer):
    assert peer.session.next_deadline(0.0) == 20.0
    peer.at(20.0)
    assert len(peer.ordered(actions.SendPing)) == 1
    peer.at(29.9)
    assert not peer.ordered(actions.Close)
    peer.at(30.0)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


def test_a_client_whose_messages_still_come_is_not_taken_for_one_that_answers_no_pings(peer):
    """Its pong may lie behind a book that waits to be read."""
    for second in range(20, 40):
        peer.at(float(second))
        peer.send("text", context_id="c", text="word ")
    peer.at(40.0)
    assert len(peer.ordered(actions.SendPing)) == 2
    assert not peer.ordered(actions.Close)

    peer.at(50.0)
    assert peer.ordered(actions.Close)[0].code == CloseCode.SLOW_OR_IDLE


# -- standing still ----------------------------------------------------------------------------------------------------

LONG_S = 1000.0  # longer than any engine needs


def begin_speaking(peer, frames=10):
    """One sentence of which the speaker has made some frames, and has more to say."""
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[-1].segment, 0, peer.now)
    peer.session.pcm_made("c", (), frames * FRAME, 0.01, peer.now)
    peer.send_frames("c", frames)


def let_pass(peer, seconds):
    """Call ``tick`` whenever the session wants to be called; pings are answered."""
    end = peer.now + seconds
    while (at := peer.session.next_deadline(peer.now)) < end and not peer.ordered(actions.Close):
        for ping in peer.ordered(actions.SendPing):
            peer.done.remove(ping)
            peer.session.pong_received(peer.now)
        peer.at(max(at, peer.now + 1e-6))
    peer.now = end


def assert_was_given_up(peer):
    assert peer.types()[-2:] == ["error", "context.done"]
    error = peer.last("error")
    assert (error["code"], error["retryable"], error["context_id"]) == ("synthesis_failed", True, "c")
    assert peer.last("context.done")["reason"] == "error"
    assert peer.ordered(actions.ReleaseSlot)
    assert peer.ordered(actions.DropAudio), "its speaker is stopped"


def test_an_engine_that_never_makes_a_sound_ends_its_context_with_an_error_that_may_be_retried(peer):
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    let_pass(peer, LONG_S)

    assert_was_given_up(peer)


def test_an_engine_that_stops_in_mid_sentence_ends_its_context_once_all_is_heard(peer):
    begin_speaking(peer, frames=10)
    let_pass(peer, LONG_S)

    assert_was_given_up(peer)


def test_an_engine_that_gives_chunks_without_sound_for_ever_stands_still_too():
    peer = Peer(ping_interval_s=10_000)
    begin_speaking(peer, frames=10)
    for _ in range(100):
        peer.now += 1.0
        peer.session.pcm_made("c", (), 10 * FRAME, 1.0, peer.now)
        peer.at(peer.now)

    assert_was_given_up(peer)


def test_an_encoder_that_never_answers_a_grant_ends_its_context(peer):
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[-1].segment, 0, peer.now)
    peer.session.pcm_made("c", (), 10 * FRAME, 0.01, peer.now)
    peer.session.frames_ready("c", 10, peer.now)
    peer.take()
    assert peer.ordered(actions.GrantFrames)
    let_pass(peer, LONG_S)

    assert_was_given_up(peer)


def test_an_encoder_that_never_finishes_ends_its_context(peer):
    spoken_context(peer)
    peer.send("context.end", context_id="c")
    assert peer.ordered(actions.FinishAudio)
    let_pass(peer, LONG_S)

    assert_was_given_up(peer)


def test_an_encoder_that_never_pads_the_last_frame_ends_its_context(peer):
    begin_speaking(peer, frames=10)
    peer.session.segment_spoken("c", 10 * FRAME + 100, 0.0)
    peer.session.segment_wanted("c", peer.now)
    peer.take()
    let_pass(peer, LONG_S)

    assert peer.ordered(actions.PadTail)
    assert_was_given_up(peer)


def test_a_file_writers_context_is_given_up_though_it_holds_minutes_of_sound():
    """Without pacing no listener listens in real time, so the session waits for nothing."""
    peer = Peer(max_lead_ms=0, stuck_s=5)
    begin_speaking(peer, frames=3000)
    peer.at(5.1)

    assert_was_given_up(peer)


def test_a_context_that_was_given_up_is_reported_with_the_state_of_every_part():
    peer = Peer(stuck_s=5)
    begin_speaking(peer, frames=10)
    let_pass(peer, 10)

    standstill = peer.ordered(actions.ReportStandstill)[0].standstill
    assert (standstill.context_id, standstill.speaker, standstill.holds_slot) == ("c", "speaking", True)
    assert (standstill.made_ms, standstill.sent_ms, standstill.lead_ms) == (200, 200, 0)
    assert not standstill.begun_is_over
    assert standstill.still_s == pytest.approx(5.2)


def test_a_context_that_waits_for_a_slot_does_not_stand_still():
    peer = Peer(idle_s=10_000)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    let_pass(peer, LONG_S)

    assert "error" not in peer.types()


def test_a_context_whose_writer_pauses_does_not_stand_still():
    peer = Peer(idle_s=10_000)
    spoken_context(peer)
    let_pass(peer, LONG_S)

    assert "error" not in peer.types()


def test_a_context_whose_listener_pauses_with_much_to_hear_does_not_stand_still():
    peer = Peer(max_lead_ms=200, credit_timeout_s=10_000)
    begin_speaking(peer, frames=100)
    peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
    for _ in range(int(LONG_S)):
        peer.send("playback", context_id="c", played_ms=0, buffered_ms=200)
        let_pass(peer, 1.0)

    assert "error" not in peer.types()


def test_an_engine_that_is_slow_and_never_silent_for_long_does_not_stand_still(peer):
    begin_speaking(peer, frames=10)
    for second in range(10, 10 + 20 * 20, 20):
        let_pass(peer, 20.0)
        peer.session.pcm_made("c", (), second * FRAME, 20.0, peer.now)
        peer.send_frames("c", 1)

    assert "error" not in peer.types()


def test_a_context_may_stand_still_and_others_of_its_connection_go_on():
    peer = Peer(stuck_s=5)
    begin_speaking(peer)
    peer.send("text", context_id="d", text="Hello there. ")
    let_pass(peer, 20)

    assert peer.last("context.done")["context_id"] == "c"
    assert peer.session.live_contexts == 1


@pytest.mark.parametrize("frame_ms", [20, 60])
@pytest.mark.parametrize("max_lead_ms", [1, 19, 30])
def test_a_lead_that_is_smaller_than_a_packet_paces_and_never_stops(max_lead_ms, frame_ms):
    peer = Peer(max_lead_ms=max_lead_ms)
    peer.send("session.update", frame_ms=frame_ms)
    begin_speaking(peer, frames=0)
    peer.session.pcm_made("c", (), 50 * 3 * FRAME, 0.01, peer.now)
    packets = [Packet(b"opus", 48 * frame_ms)] * 50
    peer.session.audio_encoded("c", packets, 0, peer.now)
    peer.take()
    for _ in range(60):
        if len(peer.frames) < 50:
            peer.at(peer.session.next_deadline(peer.now))

    assert len(peer.frames) == 50
    assert peer.now == pytest.approx(0.048 * frame_ms, abs=0.01), "in real time, two packets ahead"
    assert not any(Flags.DISCONTINUITY in frame.flags for frame in peer.frames)


# -- the next segment, before its turn ---------------------------------------------------------------------------------

THREE = ["One sentence stands here. ", "Another sentence follows it. ", "And this one is the last. "]
MANY_FRAMES = 300  # 6 s


def begin(peer, frames, sentences=THREE):
    """The first of some sentences is ordered, and so much sound of it is made and on its way; it goes on."""
    for sentence in sentences:
        peer.send("text", context_id="c", text=sentence)
        peer.send("flush", context_id="c")
    peer.grant_slots()
    order = peer.ordered(actions.Speak)[-1]
    peer.session.segment_begun("c", order.segment, 0, peer.now)
    peer.session.pcm_made("c", (), frames * FRAME, 0.01, peer.now)
    peer.take()
    peer.send_frames("c", frames)
    return order.segment


def test_if_little_is_left_to_hear_the_next_segment_is_asked_for_before_its_turn():
    peer = Peer()
    first = begin(peer, 10)
    _, ahead = peer.ordered(actions.Speak)
    assert ahead.segment.index == first.index + 1
    unmade_s = 0.065 * len(first.spoken) - 0.2  # by the guess of 65 ms a character
    assert ahead.dry_at == pytest.approx(peer.now + 0.2 + unmade_s)


def test_before_its_first_frame_has_left_a_context_is_given_no_second_segment():
    peer = Peer()
    for sentence in THREE:
        peer.send("text", context_id="c", text=sentence)
        peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[0].segment, 0, peer.now)
    peer.take()
    assert len(peer.ordered(actions.Speak)) == 1


def test_behind_a_start_that_is_short_the_next_segment_is_asked_for_before_anything_is_heard():
    """But not before the first has begun, because its place must be taken first."""
    peer = Peer()
    for sentence in ("Yes!", *THREE[1:]):
        peer.send("text", context_id="c", text=sentence)
        peer.send("flush", context_id="c")
    peer.grant_slots()
    (first,) = peer.ordered(actions.Speak)
    peer.session.segment_begun("c", first.segment, 0, peer.now)
    peer.take()
    _, ahead = peer.ordered(actions.Speak)
    assert ahead.segment.index == first.segment.index + 1
    assert ahead.dry_at == pytest.approx(peer.now + 0.065 * len("Yes!"))


def test_what_is_written_while_a_segment_has_yet_to_begin_is_not_given_ahead_of_its_turn():
    peer = Peer()
    begin(peer, 10, THREE[:1])
    peer.session.segment_spoken("c", 10 * FRAME, 0.0)
    peer.session.segment_wanted("c", peer.now)
    for sentence in ("It goes on.", "And on."):
        peer.send("text", context_id="c", text=sentence)
        peer.send("flush", context_id="c")
        peer.grant_slots()
    second = peer.ordered(actions.Speak)[-1].segment
    assert second.index == 1
    peer.session.segment_begun("c", second, 10 * FRAME, peer.now)
    peer.take()
    assert peer.ordered(actions.Speak)[-1].segment.index == 2


def test_where_much_is_left_to_hear_the_next_segment_waits():
    peer = Peer()
    begin(peer, MANY_FRAMES)
    assert len(peer.ordered(actions.Speak)) == 1


def test_one_segment_is_given_ahead_and_no_more():
    peer = Peer()
    begin(peer, 10)
    peer.session.pcm_made("c", (), 12 * FRAME, 0.01, peer.now)
    peer.take()
    assert len(peer.ordered(actions.Speak)) == 2


def test_a_speaker_that_was_given_its_next_segment_is_not_idle_when_it_wants_one():
    peer = Peer(max_lead_ms=0)
    first = begin(peer, 10, THREE[:2])
    peer.send("context.end", context_id="c")
    peer.session.segment_spoken("c", 10 * FRAME, 0.0)
    peer.session.segment_wanted("c", peer.now)
    peer.take()
    assert not peer.ordered(actions.FinishAudio)
    ahead = peer.ordered(actions.Speak)[-1].segment
    assert ahead.index == first.index + 1
    peer.session.segment_begun("c", ahead, 10 * FRAME, peer.now)
    peer.session.pcm_made("c", (), 20 * FRAME, 0.01, peer.now)
    peer.session.segment_spoken("c", 20 * FRAME, 0.0)
    peer.take()
    peer.send_frames("c", 10)
    peer.session.segment_wanted("c", peer.now)
    peer.take()
    peer.finish()
    assert peer.last("context.done")["text_spoken"] == "".join(THREE[:2])


def test_a_segment_that_comes_while_little_is_left_to_hear_is_asked_for_at_once():
    peer = Peer()
    begin(peer, 10, THREE[:1])
    assert len(peer.ordered(actions.Speak)) == 1
    peer.send("text", context_id="c", text=THREE[1])
    peer.send("flush", context_id="c")
    assert len(peer.ordered(actions.Speak)) == 2


def test_what_was_given_ahead_and_not_heard_remains_when_its_context_is_cancelled():
    peer = Peer()
    begin(peer, 10, THREE[:2])
    peer.send("context.cancel", context_id="c", played_ms=0)
    done = peer.last("context.done")
    assert done["text_spoken"] + done["text_remaining"] == "".join(THREE[:2])
    assert THREE[1] in done["text_remaining"]


def test_a_segment_without_sound_is_passed_in_its_turn_and_never_ahead():
    peer = Peer(max_lead_ms=0)
    begin(peer, 10, THREE[:1])
    peer.send("text", context_id="c", text="***\n\n")
    peer.send("context.end", context_id="c")
    assert len(peer.ordered(actions.Speak)) == 1
    peer.session.segment_spoken("c", 10 * FRAME, 0.0)
    peer.session.segment_wanted("c", peer.now)
    peer.take()
    peer.finish()
    assert peer.last("context.done")["text_spoken"] == THREE[0] + "***\n\n"


def test_draining_finishes_what_runs_takes_nothing_new_and_closes(peer):
    spoken_context(peer)
    peer.session.drain(0.0, 30.0)
    peer.take()
    assert peer.last("goaway")["drain_ms"] == 30_000
    peer.send("context.start", context_id="new")
    assert peer.last("error")["code"] == "overloaded"
    assert peer.last("error")["retryable"]
    assert not peer.ordered(actions.Close)

    peer.send("context.end", context_id="c")
    peer.finish()
    assert peer.ordered(actions.Close)[0].code == CloseCode.DRAIN


def test_draining_ends_at_its_deadline(peer):
    spoken_context(peer)
    peer.session.drain(0.0, 30.0)
    peer.at(20.0)
    peer.session.pong_received(20.0)
    peer.at(30.0)

    assert peer.ordered(actions.Close)[0].code == CloseCode.DRAIN


def test_an_idle_connection_is_drained_at_once(peer):
    peer.session.drain(0.0, 30.0)
    peer.take()

    assert peer.ordered(actions.Close)[0].code == CloseCode.DRAIN


def test_a_closed_session_has_no_deadline(peer):
    peer.session.drain(0.0, 30.0)
    peer.take()

    assert peer.session.next_deadline(0.0) == float("inf")


# -- the report --------------------------------------------------------------------------------------------------------


def test_each_context_is_reported_with_its_times(peer):
    peer.send("context.start", context_id="c")
    peer.now = 1.0
    peer.send("text", context_id="c", text="Hello there")
    peer.now = 1.25
    peer.send("context.end", context_id="c")
    peer.now = 1.5
    peer.grant_slots()
    peer.now = 1.75
    peer.speak("c", frames=5)
    peer.now = 2.0
    peer.finish()
    report = peer.ordered(actions.ReportContext)[0].report

    assert (report.first_segment_s, report.queue_s, report.first_pcm_s) == (0.25, 0.25, 0.25)
    assert (report.first_audio_s, report.total_s) == (0.75, 2.0)
    assert (report.segments, report.frames, report.audio_ms, report.chars) == (1, 6, 120, 11)
    assert report.rtf == pytest.approx(0.01 / 0.12)


def test_a_peer_that_goes_leaves_a_report_of_every_context_that_still_ran(peer):
    for context_id in ("a", "b"):
        peer.send("text", context_id=context_id, text="This is spoken. And this is not any more, for the peer is gone.")
        peer.grant_slots()
    peer.send("context.cancel", context_id="a")
    peer.at(1.5)
    before = len(peer.ordered(actions.ReportContext))
    peer.session.peer_gone(2.0)
    peer.take()
    (left,) = peer.ordered(actions.ReportContext)[before:]
    assert (left.report.context_id, left.report.reason, left.report.total_s) == ("b", "gone", 2.0)
    assert peer.session.next_deadline(2.0) > 2.0


# -- speech that nobody hears in real time -----------------------------------------------------------------------------


def for_a_file(**limits):
    return Peer(is_live=False, max_lead_ms=0, **limits)


def test_work_for_a_file_is_never_urgent():
    peer = for_a_file()
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    (request,) = peer.ordered(actions.RequestSlot)
    peer.grant_slots()
    (start,) = peer.ordered(actions.StartSpeaker)
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[-1].segment, 0, peer.now)
    peer.session.frames_ready("c", 5, peer.now)
    peer.take()
    (grant,) = peer.ordered(actions.GrantFrames)

    assert (request.is_live, start.is_live, grant.needed_at) == (False, False, math.inf)


def test_work_for_a_listener_is_as_urgent_as_it_was():
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    (request,) = peer.ordered(actions.RequestSlot)
    peer.grant_slots()
    (start,) = peer.ordered(actions.StartSpeaker)

    assert (request.is_live, start.is_live) == (True, True)


def test_the_next_segment_of_a_file_is_asked_for_early_and_without_haste():
    peer = for_a_file()
    peer.send("text", context_id="c", text="Yes. This is the second sentence of them, and it is longer. ")
    peer.send("context.end", context_id="c")
    peer.grant_slots()
    first = peer.ordered(actions.Speak)[0]
    peer.session.segment_begun("c", first.segment, 0, peer.now)
    peer.take()
    ahead = peer.ordered(actions.Speak)[1:]

    assert first.dry_at is None
    assert [order.dry_at for order in ahead] in ([], [math.inf])


def test_a_file_that_is_made_slowly_has_no_underruns_and_no_lead():
    peer = for_a_file()
    spoken_context(peer, frames=5)
    peer.at(10.0)
    peer.send("text", context_id="c", text="And more of it. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.at(20.0)
    peer.speak("c", 5)

    assert not peer.ordered(actions.ReportUnderrun)
    assert peer.session.leads_ms(peer.now) == []


def test_a_file_s_client_that_takes_nothing_gives_its_slot_to_others_and_gets_it_back():
    peer = for_a_file(slot_lease_s=10.0, slow_client_s=60.0)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    peer.session.segment_begun("c", peer.ordered(actions.Speak)[-1].segment, 0, peer.now)
    peer.session.write_blocked(1.0)
    peer.session.frames_ready("c", 500, 1.0)
    for second in range(2, 30):
        peer.at(float(second))
    assert peer.ordered(actions.ReleaseSlot)
    assert not peer.ordered(actions.GrantFrames)

    peer.now = 30.0
    peer.session.write_resumed(peer.now)
    peer.take()
    assert peer.ordered(actions.RequestSlot)
    peer.grant_slots()
    assert peer.ordered(actions.GrantFrames)


# -- voices by other names ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "or_default", "voice", "faults"),
    [
        ("bob", False, "bob", []),
        ("alloy", False, "bob", []),
        ("alloy", True, "bob", []),
        ("nobody", True, "ada", [Unsupported]),
        ("lost", True, "ada", [Unsupported]),
        ("nobody", False, None, [UnknownVoice]),
        (None, True, "ada", []),
    ],
)
def test_rule_21_a_voice_is_found_by_its_name_by_another_or_not_at_all(asked, or_default, voice, faults):
    peer = Peer(voice_aliases={"alloy": "bob", "lost": "gone"})
    conversation = peer.session.conversation
    conversation.message_received(messages.Open("c", voice=asked, or_default=or_default), 0.0)
    conversation.message_received(messages.Write("c", "Hello. "), 0.0)
    conversation.message_received(messages.Flush("c"), 0.0)
    told = [action.event for action in conversation.actions() if isinstance(action, actions.Tell)]
    peer.take()
    peer.grant_slots()

    assert [type(event.error) for event in told if isinstance(event, events.Fault)] == faults
    assert [start.style.voice for start in peer.ordered(actions.StartSpeaker)] == ([voice] if voice else [])


def ticks_within(peer, seconds):
    """Let time pass; how often the session woke."""
    until, ticks = peer.now + seconds, 0
    while peer.session.next_deadline(peer.now) <= until and ticks < 200:
        peer.at(peer.session.next_deadline(peer.now))
        ticks += 1
    peer.at(until)
    return ticks


def test_text_that_waits_for_a_listener_who_has_paused_wakes_nobody_again_and_again():
    """Its lead stays 1 ms above that at which held text is released."""
    low = ChunkingSettings(release_lead_s=0.05)
    peer = Peer(chunking=low, idle_s=1e6, ping_interval_s=1e6)
    spoken_context(peer, frames=5)
    peer.send("text", context_id="c", text="And so the ferry went ")
    for _ in range(2):
        peer.send("playback", context_id="c", played_ms=49)
    ordered = len(peer.ordered(actions.Speak))

    assert ticks_within(peer, seconds=30) < 20
    assert len(peer.ordered(actions.Speak)) == ordered
    peer.send("playback", context_id="c", played_ms=51)
    peer.at(peer.session.next_deadline(peer.now))
    peer.grant_slots()
    assert peer.ordered(actions.Speak)[-1].segment.text == "And so the ferry went "


def test_a_part_of_a_packet_waits_for_a_listener_who_has_paused_without_waking_anybody():
    """Its lead stays 1 ms above that at which the packet is filled up with silence."""
    peer = Peer(idle_s=1e6, ping_interval_s=1e6)
    peer.send("text", context_id="c", text="Hello there. ")
    peer.send("flush", context_id="c")
    peer.grant_slots()
    order = peer.ordered(actions.Speak)[-1]
    peer.session.segment_begun("c", order.segment, 0, peer.now)
    peer.session.pcm_made("c", (), 5 * FRAME + FRAME // 2, 0.01, peer.now)
    peer.session.segment_spoken("c", 5 * FRAME + FRAME // 2, 0.0)
    peer.send_frames("c", 5)
    peer.session.segment_wanted("c", peer.now)
    for _ in range(2):
        peer.send("playback", context_id="c", played_ms=100 - TAIL_MARGIN_MS - 1)

    assert ticks_within(peer, seconds=30) < 20
    assert not peer.ordered(actions.PadTail)
    peer.send("playback", context_id="c", played_ms=100 - TAIL_MARGIN_MS)
    peer.at(peer.session.next_deadline(peer.now))
    assert peer.ordered(actions.PadTail)


# -- a peer that is away -----------------------------------------------------------------------------------------------


def test_while_its_peer_is_away_a_context_is_granted_nothing_and_nothing_is_awaited():
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there. And more of it, to be sure. ")
    peer.grant_slots()
    peer.session.frames_ready("c", 100, peer.now)
    peer.take()
    peer.session.peer_lost(peer.now)
    peer.take()
    assert peer.session.next_deadline(peer.now) == math.inf
    taken = peer.at(1000.0)
    peer.session.frames_ready("c", 200, peer.now)
    assert [*taken, *peer.take()] == []
    peer.session.peer_back(peer.now)
    assert any(isinstance(action, actions.GrantFrames) for action in peer.take())


def test_a_peer_that_was_away_for_long_is_neither_idle_nor_silent_nor_stuck():
    peer = Peer()
    spoken_context(peer)
    peer.session.peer_lost(peer.now)
    peer.now = 10_000.0
    peer.session.peer_back(peer.now)
    peer.at(peer.now)
    assert peer.ordered(actions.Close) == []
    assert peer.ordered(actions.ReportStandstill) == []
    assert peer.session.next_deadline(peer.now) > peer.now


def test_the_writer_s_silence_does_not_count_while_it_could_not_be_heard():
    """Half a sentence waits for its writer; the outage is not the pause after which it would be spoken."""
    peer = Peer()
    peer.send("text", context_id="c", text="Hello there my good")
    peer.at(0.2)
    peer.session.peer_lost(peer.now)
    peer.now = 9.0
    peer.session.peer_back(peer.now)
    peer.take()
    peer.at(9.1)
    assert peer.ordered(actions.RequestSlot) == []
    peer.send("text", context_id="c", text=" friend. How are you? ")
    assert len(peer.ordered(actions.RequestSlot)) == 1


def test_a_peer_that_is_away_is_not_waited_for_beyond_the_drain():
    peer = Peer()
    spoken_context(peer)
    peer.session.peer_lost(peer.now)
    peer.session.drain(peer.now, 5.0)
    peer.take()
    assert peer.session.next_deadline(peer.now) == peer.now + 5.0
    peer.at(peer.now + 5.0)
    assert [close.code for close in peer.ordered(actions.Close)] == [CloseCode.DRAIN]
