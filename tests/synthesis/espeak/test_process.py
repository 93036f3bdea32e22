from __future__ import annotations

import signal
import socket
import subprocess
import sys

import espeakng_loader
import pytest

from sayline.synthesis.espeak import process
from sayline.synthesis.espeak.engine import Turn

WAIT_S = 20  # for anything to come; a fault shall not hang the tests, nor other work on this machine fail them
ENGLISH = "gmw/en-US"
SECOND = process.SAMPLE_RATE_HZ
SENTENCES = "This is one sentence. " * 20


class Conversation:
    """What a parent says to the process, and what it hears."""

    def __init__(self, *paths: str) -> None:
        self.socket, childs_end = socket.socketpair()
        self.socket.settimeout(WAIT_S)
        self._received = bytearray()
        self._frames: list[tuple[int, int, bytes]] = []
        command = [sys.executable, "-I", "-S", process.__file__, *paths]
        with childs_end:
            self.child = subprocess.Popen(command, stdin=childs_end.fileno(), stderr=subprocess.DEVNULL)

    def say(self, *frames: bytes) -> None:
        self.socket.sendall(b"".join(frames))

    def hear(self) -> tuple[int, int, bytes] | None:
        """Wait for the next frame; None at the end."""
        while not self._frames:
            try:
                received = self.socket.recv(process.RECEIVE_BYTES)
            except ConnectionResetError:
                received = b""
            if not received:
                return None
            self._received += received
            self._frames, taken = process.split_frames(self._received)
            del self._received[:taken]
        return self._frames.pop(0)

    def hear_turns(self, *numbers: int) -> list[tuple[int, int, bytes]]:
        """Wait until these turns have ended; every frame until then."""
        heard, missing = [], set(numbers)
        while missing and (frame := self.hear()):
            heard.append(frame)
            if frame[0] in (process.END, process.FAULT):
                missing.discard(frame[1])
        return heard

    def close(self) -> None:
        self.socket.close()
        self.child.wait(WAIT_S)


def speak(
    number: int, text: str, *, voice: str = ENGLISH, full_at_samples: int = SECOND, is_first: bool = False
) -> bytes:
    turn = Turn(None, text, voice=voice, full_at_samples=full_at_samples, needed_at=0.0, is_first=is_first)
    return process.HEADER.pack(process.SPEAK, number, len(turn.request)) + turn.request


def cancel(number: int) -> bytes:
    return process.HEADER.pack(process.CANCEL, number, 0)


def seconds(frames: list[tuple[int, int, bytes]], number: int) -> float:
    return sum(len(body) for kind, turn, body in frames if (kind, turn) == (process.SOUND, number)) / 2 / SECOND


@pytest.fixture
def conversation():
    talk = Conversation(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    kind, number, _ = talk.hear()
    assert (kind, number) == (process.READY, 0)
    yield talk
    talk.close()
    assert talk.child.returncode in (0, -signal.SIGABRT, -signal.SIGSEGV)


def test_it_introduces_itself_with_its_version_and_voices():
    talk = Conversation(espeakng_loader.get_library_path(), espeakng_loader.get_data_path())
    _, _, body = talk.hear()
    version, *voices = body.decode().splitlines()
    talk.close()
    assert version.startswith("espeak-ng 1.")
    assert f"2\ten-us\t{ENGLISH}" in voices
    assert all(priority.isdigit() for priority, _, _ in (line.split("\t") for line in voices))


@pytest.mark.parametrize("paths", [("/no/such/library", "/no"), (espeakng_loader.get_library_path(), "/no")])
def test_it_says_why_it_cannot_start(paths):
    talk = Conversation(*paths)
    kind, number, why = talk.hear()
    assert (kind, number) == (process.FAULT, 0)
    assert b"/no/such/library" in why or b"espeak_Initialize" in why
    assert talk.hear() is None
    talk.close()


def test_turns_are_spoken_in_the_order_in_which_they_came(conversation):
    conversation.say(speak(1, "One."), speak(2, "Two."), speak(3, "Three."))
    heard = conversation.hear_turns(1, 2, 3)
    assert [number for kind, number, _ in heard if kind == process.END] == [1, 2, 3]
    assert sorted(number for _, number, _ in heard) == [number for _, number, _ in heard]
    assert all(seconds(heard, number) > 0.2 for number in (1, 2, 3))


def test_a_turn_ends_with_the_clause_in_which_it_is_full(conversation):
    conversation.say(speak(1, SENTENCES))
    *heard, (_, _, end) = conversation.hear_turns(1)
    (characters,) = process.END_BODY.unpack(end)
    assert 1 <= seconds(heard, 1) < 3
    assert SENTENCES[:characters].rstrip().endswith("sentence.")


def test_the_first_sound_goes_out_at_once_and_the_rest_by_the_second(conversation):
    conversation.say(speak(1, SENTENCES, full_at_samples=3 * SECOND, is_first=True))
    sounds = [len(body) // 2 for kind, _, body in conversation.hear_turns(1) if kind == process.SOUND]
    assert sounds[0] <= SECOND * process.BUFFER_MS // 1000 + 1
    assert len(sounds) <= 3


def test_words_come_before_the_sound_in_which_they_begin(conversation):
    conversation.say(speak(1, SENTENCES, is_first=True))
    samples = 0
    for kind, _, body in conversation.hear_turns(1):
        if kind == process.WORDS:
            assert all(sample >= samples for _, _, sample in process.WORD.iter_unpack(body))
        elif kind == process.SOUND:
            samples += len(body) // 2


def test_a_cancelled_turn_that_had_not_begun_is_not_spoken(conversation):
    conversation.say(speak(1, SENTENCES), speak(2, SENTENCES), speak(3, "Three."), cancel(2))
    heard = conversation.hear_turns(1, 2, 3)
    assert seconds(heard, 1) > 1
    assert seconds(heard, 2) == 0
    assert seconds(heard, 3) > 0.2


def test_a_cancelled_turn_is_cut_short(conversation):
    """Half an hour of speech would take three seconds to make."""
    conversation.say(speak(1, SENTENCES * 100, full_at_samples=10**8, is_first=True))
    assert conversation.hear()[1] == 1
    conversation.say(cancel(1), speak(2, "Two."))
    heard = conversation.hear_turns(1, 2)
    assert seconds(heard, 1) < 600
    assert seconds(heard, 2) > 0.2


def test_a_cancel_that_comes_too_late_harms_nothing(conversation):
    conversation.say(speak(1, "One."))
    conversation.hear_turns(1)
    conversation.say(cancel(1), speak(2, "Two."))
    assert seconds(conversation.hear_turns(2), 2) > 0.2


def test_a_request_may_arrive_in_any_pieces(conversation):
    for byte in speak(1, "One."):
        conversation.say(bytes([byte]))
    assert seconds(conversation.hear_turns(1), 1) > 0.2


def test_a_voice_that_espeak_refuses_is_a_fault_of_that_turn_only(conversation):
    conversation.say(speak(1, "One.", voice="no/such"), speak(2, "Two."))
    heard = conversation.hear_turns(1, 2)
    assert [(kind, number) for kind, number, _ in heard if number == 1] == [(process.FAULT, 1)]
    assert seconds(heard, 2) > 0.2


def test_a_text_that_overruns_espeak_ends_the_process_after_what_was_said_before(conversation):
    conversation.say(speak(1, "One."), speak(2, "`", voice="aav/vi"), speak(3, "Three."))
    heard = conversation.hear_turns(1, 2, 3)
    assert heard[-1][:2] == (process.END, 1)
    assert conversation.child.wait(WAIT_S) < 0


@pytest.mark.parametrize("text", ["", SENTENCES * 100])
def test_it_ends_with_the_socket_whatever_it_is_doing(conversation, text):
    if text:
        conversation.say(speak(1, text, full_at_samples=10**8, is_first=True))
        conversation.hear()
    conversation.socket.close()
    assert conversation.child.wait(WAIT_S) == 0
