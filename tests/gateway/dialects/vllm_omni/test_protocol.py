"""vLLM-Omni's ``/v1/audio/speech/stream`` and what it gained. No loop, no socket, no clock."""

import base64
import io
import wave

import pytest
from dialect_room import FRAMES, Room

from sayline.gateway.conversation.audio import AudioParameters
from sayline.gateway.dialects.vllm_omni.protocol import VllmOmniProtocol

DONE, CANCEL = {"type": "input.done"}, {"type": "input.cancel"}
STREAM = {"type": "session.config", "response_format": "pcm", "stream_audio": True, "voice": "bob"}
LONG = "The first sentence is quite long enough to stand alone here. The second sentence is long enough as well. "


def text(content, **fields):
    return {"type": "input.text", "text": content, **fields}


@pytest.fixture
def room():
    return Room(VllmOmniProtocol)


def test_each_sentence_s_sound_lies_between_its_start_and_its_done(room):
    room.say(STREAM, text(LONG[:30]), text(LONG[30:]), DONE)
    room.wait(20)

    assert room.kinds() == [*["audio.start", "sound", "audio.done"] * 2, "session.done"]
    starts, ends = room.of("audio.start"), room.of("audio.done")
    assert "".join(start["sentence_text"] for start in starts) == LONG
    assert [start["sentence_index"] for start in starts] == [end["sentence_index"] for end in ends] == [0, 1]
    assert [start["format"] for start in starts] == ["pcm", "pcm"]
    assert sum(end["total_bytes"] for end in ends) == sum(len(each) for each in room.said if isinstance(each, bytes))
    assert not any(end["error"] for end in ends)
    assert room.said[-1] == {"type": "session.done", "utterance_index": 0, "total_sentences": 2}


def test_utterances_follow_each_other_on_one_connection(room):
    room.say(STREAM, text("Hello there."), DONE, text("Bye now."), DONE)
    room.wait(20)

    one = ["audio.start", "sound", "audio.done", "session.done"]
    assert room.kinds() == one + one
    assert [message["utterance_index"] for message in room.of("session.done")] == [0, 1]


def test_without_streaming_each_sentence_is_a_whole_wav_file(room):
    room.say(text(LONG), DONE)
    room.wait(20)

    assert room.kinds() == [*["audio.start", "sound", "audio.done"] * 2, "session.done"]
    files = [each for each in room.said if isinstance(each, bytes)]
    for content, end in zip(files, room.of("audio.done"), strict=True):
        with wave.open(io.BytesIO(content)) as file:
            assert (file.getframerate(), file.getnframes()) == (24_000, FRAMES)  # the room's packets have a sample each
        assert end["total_bytes"] == len(content)


def test_files_come_as_fast_as_they_are_made(room):
    said = room.say(text(LONG), DONE)
    assert sum(isinstance(each, bytes) for each in said) >= 1
    assert room.now == 0.0


@pytest.mark.parametrize(("form", "ours"), [("flac", "flac"), ("opus", "ogg_opus")])
def test_a_format_that_cannot_be_cut_is_one_file_for_the_utterance(room, form, ours):
    room.say({"type": "session.config", "response_format": form}, text(LONG), DONE)
    room.wait(20)

    assert room.kinds() == ["audio.start", "sound", "audio.done", "session.done"]
    assert room.of("audio.start")[0]["sentence_text"] == LONG
    assert {audio.format for audio in room.audio.values()} == {ours}


def test_opus_can_be_streamed(room):
    room.say({**STREAM, "response_format": "opus"}, text("Hello there."), DONE)
    assert set(room.audio.values()) == {AudioParameters("ogg_opus", 24_000, 20, 64_000)}


@pytest.mark.parametrize(
    "config",
    [
        {"response_format": "mp3", "stream_audio": True},
        {"response_format": "aac"},
        {"word_timestamps": True},
        {"response_format": "opus", "stream_audio": True, "word_timestamps": True},
        {"speed": 9},
        {"seed": -1},
        {"split_granularity": "word"},
    ],
)
def test_rule_12_a_configuration_that_cannot_be_had_is_an_error_and_changes_nothing(room, config):
    room.say(STREAM)
    said = room.say({"type": "session.config", **config})
    assert [set(message) for message in said] == [{"type", "message"}]
    room.say(text("Hello there."), DONE)
    assert {audio.format for audio in room.audio.values()} == {"pcm_s16le"}


def test_what_only_their_models_need_is_ignored(room):
    config = {"model": "x", "task_type": "CustomVoice", "ref_audio": "data:", "max_new_tokens": 5, "speaker": None}
    assert room.say({**STREAM, **config}) == []


def test_word_times_come_with_the_sound(room):
    room.say({**STREAM, "word_timestamps": True}, text("Hello there."), DONE)
    room.wait(10)
    chunks = room.of("audio.chunk")

    words = [word for chunk in chunks for word in chunk["timestamps"]]
    assert words == [
        {"word": "Hello", "start_ms": 0.0, "end_ms": 500.0},
        {"word": "there", "start_ms": 500.0, "end_ms": 1000.0},
    ]
    assert [chunk["chunk_id"] for chunk in chunks] == list(range(len(chunks)))
    assert len(b"".join(base64.b64decode(chunk["audio_b64"]) for chunk in chunks)) == 2 * FRAMES
    assert chunks[-1]["chunk_end_ms"] == 1000.0


def test_a_cancel_stops_at_once_tells_what_was_heard_and_is_done_once(room):
    room.say(STREAM, text("Hello there you two. "))
    room.wait(0.2)
    said = room.say(CANCEL)

    assert [message["type"] for message in said] == ["audio.done", "audio.cancelled", "session.done"]
    assert said[1]["text_spoken"] + said[1]["text_remaining"] == "Hello there you two. "
    assert room.slots == set()
    assert room.wait(10) == []
    assert room.say(CANCEL) == []
    room.say(text("Next."), DONE)
    room.wait(10)
    assert room.kinds()[-4:] == ["audio.start", "sound", "audio.done", "session.done"]


def test_contexts_are_named_and_cancelled_by_name(room):
    room.say(STREAM, text("Hello there you two. ", context_id="a"), {**DONE, "context_id": "a"})
    room.say(text("Never heard. ", context_id="b"), {**DONE, "context_id": "b"})
    room.wait(0.1)
    said = room.say({**CANCEL, "context_id": "b"})
    assert [(message["type"], message["context_id"]) for message in said] == [
        ("audio.cancelled", "b"),
        ("session.done", "b"),
    ]
    room.wait(10)
    assert room.said[-1]["context_id"] == "a"
    assert room.texts == ["Hello there you two. "]


@pytest.mark.parametrize("content", [None, "", " ", "..."])
def test_rule_16_an_utterance_without_anything_to_say_is_done_without_an_engine(room, content):
    room.say(STREAM, *([] if content is None else [text(content)]), DONE)
    assert room.kinds() == ["session.done"]
    assert room.ordered == []


def test_an_utterance_that_fails_says_so_and_is_done_once(room):
    room.is_broken = True
    room.say(STREAM, text(LONG))
    room.say(text("More. "), DONE)
    room.wait(10)

    assert room.kinds() == ["audio.start", "error", "audio.done", "session.done"]
    error = room.of("error")[0]
    assert (error["action"], error["partial_audio"]) == ("discard", True)
    assert room.of("audio.done")[0]["error"] is True
    room.is_broken = False
    room.say(text("Next."), DONE)
    room.wait(10)
    assert room.kinds()[-1] == "session.done"
    assert room.said[-1]["utterance_index"] == 1


def test_a_connection_that_drains_refuses_an_utterance_and_ends_it(room):
    room.say(STREAM, text("Hello there."))
    room.protocol.drain(room.now, 30.0)
    room.perform()
    said = room.say(text("Bye.", context_id="b"), {**DONE, "context_id": "b"})
    assert [message["type"] for message in said] == ["error", "session.done"]


def test_what_cannot_be_read_is_told_and_the_connection_goes_on(room):
    said = room.say("no JSON", {"type": "sing"}, {"type": "input.text"}, text("x", context_id=5), text(5))
    assert [message["type"] for message in said] == ["error"] * 5
    assert room.closed is None


def test_session_close_closes(room):
    room.say({"type": "session.close"})
    assert room.closed.code == 1000
