"""espeak-ng in a process of its own: ``espeak/engine.py`` runs this file as a script, which imports nothing of ours.

espeak-ng 1.52 writes past fixed buffers on some texts, and then its process ends; that must not be the gateway's. The
parent holds the other end of a socket, which is this process's standard input, and sends one request per turn::

    SPEAK turn  ──►  WORDS, SOUND ... END turn      as far as the first clause end past half a second
    CANCEL turn ──►  END turn                       at the next callback, or unspoken if it had not begun

Turns are spoken in the order in which they came. Between them the process remembers only the voice that is set, so a
fresh process goes on where a dead one stopped. It ends when the socket does: with its parent, however that died.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import socket
import struct
import sys
from collections import deque

TYPE_CHECKING = False  # `typing` takes as long to import as espeak-ng to start, and a restart keeps every voice waiting
if TYPE_CHECKING:
    from typing import Any, Final

SAMPLE_RATE_HZ: Final = 22_050  # what espeak-ng's data is made for; checked when it starts
# espeak-ng's own default pace, words per minute. Its speed is up to 20 % off what is asked for, because it shortens
# vowels more than consonants; so it is left to be stretched.
NORMAL_WPM: Final = 175
BUFFER_MS: Final = 200  # sound per callback: 0.4 ms of work, and enough to hear until a busy gateway sends the next

# Frames, both ways: a header, then `length` bytes. All numbers are little-endian.
HEADER: Final = struct.Struct("<IQI")  # kind, turn (0: none), length
# ... to the child
SPEAK: Final = 1  # SPEAK_HEAD, the voice's identifier, the text; both UTF-8
CANCEL: Final = 2
SPEAK_HEAD: Final = struct.Struct("<IBB")  # samples that fill the turn, flags, bytes of identifier
IS_FIRST: Final = 1  # flag: the listener waits in silence, so the first callback's sound goes out at once
PAUSE_AT_END: Final = 2  # flag: end with the pause between sentences
HAS_PHONEMES: Final = 4  # flag: what stands between "[[" and "]]" is how something sounds
# ... to the parent
READY: Final = 3  # first of all: one line with the version, then one line per voice and language, see _voices
WORDS: Final = 4  # WORD, repeated; comes before the sound in which they begin
SOUND: Final = 5  # int16 mono
END: Final = 6  # END_BODY
FAULT: Final = 7  # why espeak-ng refused this turn, or (turn 0) why it does not start; instead of END or READY
WORD: Final = struct.Struct("<iii")  # offset and length in characters of the turn's text, sample of the turn
END_BODY: Final = struct.Struct("<i")  # characters of the text that were spoken; SPOKEN_ALL if it was not cut
SPOKEN_ALL: Final = -1

RECEIVE_BYTES: Final = 65_536  # below malloc's mmap threshold: no page faults per call

# speak_lib.h of espeak-ng 1.52
_OUTPUT_SYNCHRONOUS: Final = 2
# Without it espeak-ng calls exit() if its data is missing, and the parent learns no reason.
_INITIALIZE_DONT_EXIT: Final = 0x8000
_POSITION_CHARACTER: Final = 1
_CHARS_UTF8: Final = 1  # and not espeakSSML (0x10): tags are read, not obeyed
PHONEMES: Final = 0x100
_END_PAUSE: Final = 0x1000
_PARAMETER_RATE: Final = 1
_EVENT_LIST_TERMINATED: Final = 0
_EVENT_WORD: Final = 1
_EVENT_END: Final = 5
_CONTINUE: Final = 0
_ABORT: Final = 1


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    """``espeak_EVENT``: positions and lengths are in characters, positions from 1."""

    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _VoiceRecord(ctypes.Structure):
    """``espeak_VOICE``."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class _CannotStart(Exception):
    """espeak-ng does not load or start; the message says why."""


class _Refused(Exception):
    """espeak-ng answered an error for this turn."""


class _Turn:
    """One request, and what the callbacks have brought of it.

    Attributes:
        number: the parent's name for it.
        is_cancelled: the parent does not want it any more.
        fault: what went wrong inside a callback.
        spoken: characters spoken if it was cut, otherwise ``SPOKEN_ALL``.
    """

    def __init__(self, number: int, body: memoryview) -> None:
        self.number = number
        self.full_at, flags, voice_bytes = SPEAK_HEAD.unpack_from(body)
        text_start = SPEAK_HEAD.size + voice_bytes
        self.voice = bytes(body[SPEAK_HEAD.size : text_start])
        self.text = bytes(body[text_start:])
        self.pause_at_end = bool(flags & PAUSE_AT_END)
        self.has_phonemes = bool(flags & HAS_PHONEMES)
        self.is_cancelled = False
        self.fault: BaseException | None = None
        self.spoken = SPOKEN_ALL
        self.samples = 0
        self.words = bytearray()  # not sent yet
        self.sound = bytearray()  # not sent yet
        # One wake-up of the parent per turn is enough, except for the first sound; most turns are over before twice of
        # what fills them, and in no more than a socket holds.
        self.together_bytes = 4 * self.full_at
        self.send_at_bytes = 1 if flags & IS_FIRST else self.together_bytes


class _Speaker:
    """Takes turns from the parent and speaks them, one after the other."""

    def __init__(self, parent: socket.socket, library: ctypes.CDLL) -> None:
        self._parent = parent
        self._library = library
        self._received = bytearray()  # of a frame that is not complete
        self._turns: deque[_Turn] = deque()  # the one being spoken, then those that wait
        self._selected: bytes | None = None  # the voice that espeak-ng is set to
        self._callback = _Callback(self._on_sound)  # kept: C holds a bare pointer to it
        library.espeak_SetSynthCallback(self._callback)

    def take_turns(self) -> None:
        """Speak until the parent is gone."""
        while True:
            while not self._turns:
                self._listen()
            turn = self._turns[0]
            try:
                if not turn.is_cancelled:
                    self._speak(turn)
            except _Refused as exc:
                self._send(_frame(FAULT, turn.number, str(exc).encode()))
            else:
                self._send(_sound(turn) + _frame(END, turn.number, END_BODY.pack(turn.spoken)))
            self._turns.popleft()

    def _speak(self, turn: _Turn) -> None:
        if self._selected != turn.voice:
            self._selected = None
            if status := self._library.espeak_SetVoiceByName(turn.voice):
                raise _Refused(f"espeak_SetVoiceByName answered {status} for {turn.voice.decode()}")
            # After the voice, which sets its own.
            self._library.espeak_SetParameter(_PARAMETER_RATE, NORMAL_WPM, 0)
            self._selected = turn.voice
        flags = _CHARS_UTF8 | _END_PAUSE * turn.pause_at_end | PHONEMES * turn.has_phonemes
        status = self._library.espeak_Synth(turn.text, len(turn.text) + 1, 0, _POSITION_CHARACTER, 0, flags, None, None)
        if turn.fault:
            raise turn.fault
        if status:
            raise _Refused(f"espeak_Synth answered {status}")

    def _on_sound(self, wave: int | None, samples: int, events: Any) -> int:  # noqa: ANN401 - a ctypes pointer
        turn = self._turns[0]
        try:
            self._gather(turn, wave, samples, events)
        except BaseException as exc:  # noqa: BLE001 - ctypes would print it and go on; raised when C returns, and fatal
            turn.fault = exc
        return _ABORT if turn.fault or turn.is_cancelled or turn.spoken != SPOKEN_ALL else _CONTINUE

    def _gather(self, turn: _Turn, wave: int | None, samples: int, events: Any) -> None:  # noqa: ANN401 - the same
        """Take one callback's sound and events, and send them on if they are enough."""
        self._listen(socket.MSG_DONTWAIT)  # for a cancel
        if turn.is_cancelled:
            return
        if wave and samples > 0:
            turn.sound += ctypes.string_at(wave, 2 * samples)
            turn.samples += samples
        index = 0
        while (event := events[index]).type != _EVENT_LIST_TERMINATED:
            if event.type == _EVENT_WORD:
                turn.words += WORD.pack(event.text_position - 1, event.length, event.sample)
            elif event.type == _EVENT_END and turn.samples >= turn.full_at and event.text_position > 0:
                # The clause and its pause end exactly with this callback's sound: the next clause is not begun before
                # the last sample of this one is out (speech.c, Synthesize).
                turn.spoken = event.text_position
            index += 1
        if turn.spoken == SPOKEN_ALL and len(turn.sound) >= turn.send_at_bytes:
            turn.send_at_bytes = turn.together_bytes
            self._send(_sound(turn))

    def _listen(self, flags: int = 0) -> None:
        """Take in what the parent has sent."""
        try:
            received = self._parent.recv(RECEIVE_BYTES, flags)
        except BlockingIOError:
            return
        except OSError:
            received = b""
        if not received:
            # The parent is gone. Inside a callback there is no other way past espeak-ng, and there is nothing to save.
            os._exit(0)
        self._received += received
        frames, taken = split_frames(self._received)
        del self._received[:taken]
        for kind, number, body in frames:
            if kind == SPEAK:
                self._turns.append(_Turn(number, memoryview(body)))
            else:
                for turn in self._turns:  # a handful
                    turn.is_cancelled = turn.is_cancelled or turn.number == number

    def _send(self, frames: bytes) -> None:
        try:
            self._parent.sendall(frames)
        except OSError:
            os._exit(0)  # the same


def split_frames(received: bytearray) -> tuple[list[tuple[int, int, bytes]], int]:
    """Take the complete frames off the front: (kind, turn, body) each, and how many bytes they were."""
    frames = []
    position = 0
    while len(received) - position >= HEADER.size:
        kind, number, length = HEADER.unpack_from(received, position)
        end = position + HEADER.size + length
        if len(received) < end:
            break
        frames.append((kind, number, bytes(memoryview(received)[position + HEADER.size : end])))
        position = end
    return frames, position


def _frame(kind: int, number: int, body: bytes | bytearray) -> bytes:
    return HEADER.pack(kind, number, len(body)) + body


def _sound(turn: _Turn) -> bytes:
    """Frame what was gathered, and let go of it."""
    frames = b""
    if turn.words:
        frames += _frame(WORDS, turn.number, turn.words)
    if turn.sound:
        frames += _frame(SOUND, turn.number, turn.sound)
    turn.words, turn.sound = bytearray(), bytearray()
    return frames


def load(path: str, data: str) -> ctypes.CDLL:
    """Load and initialize espeak-ng.

    Raises:
        _CannotStart: the library or its data is broken or missing.
    """
    try:
        library = ctypes.CDLL(path)
    except OSError as exc:
        raise _CannotStart(str(exc)) from exc
    library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
    library.espeak_Info.argtypes = (ctypes.POINTER(ctypes.c_char_p),)
    library.espeak_Info.restype = ctypes.c_char_p
    library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_VoiceRecord))
    library.espeak_SetSynthCallback.argtypes = (_Callback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
    library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p,  # text
        ctypes.c_size_t,  # its size, with the final NUL
        ctypes.c_uint,  # start position
        ctypes.c_int,  # ... and what it counts
        ctypes.c_uint,  # end position, 0 for none
        ctypes.c_uint,  # flags
        ctypes.POINTER(ctypes.c_uint),  # identifier, returned
        ctypes.c_void_p,  # user data
    )
    rate = library.espeak_Initialize(_OUTPUT_SYNCHRONOUS, BUFFER_MS, data.encode(), _INITIALIZE_DONT_EXIT)
    if rate != SAMPLE_RATE_HZ:
        raise _CannotStart(f"espeak_Initialize answered {rate} for its rate")
    return library


def _voices(library: ctypes.CDLL) -> list[str]:
    """List what espeak-ng speaks, in its own order: a line of priority, language tag and voice identifier each."""
    lines = []
    records = library.espeak_ListVoices(None)
    rank = 0
    while record := records[rank]:
        identifier = record.contents.identifier.decode()
        lines += [f"{priority}\t{tag}\t{identifier}" for priority, tag in _tags(record.contents.languages)]
        rank += 1
    return lines


def _tags(languages: int) -> list[tuple[int, str]]:
    """Read ``espeak_VOICE.languages``: pairs of a priority byte and a NUL-terminated tag, ended by a zero byte."""
    tags = []
    while priority := ctypes.string_at(languages, 1)[0]:
        tag = ctypes.string_at(languages + 1)
        tags.append((priority, tag.decode().lower()))
        languages += len(tag) + 2
    return tags


def main(library_path: str, data_path: str) -> None:
    """Serve the parent at the other end of standard input until it is gone."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # service managers signal every process; the parent
        signal.signal(number, signal.SIG_IGN)  # wants to finish its sentences first, and tells by closing the socket
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash is expected here, and a core file each would fill a disk
    parent = socket.socket(fileno=0)
    try:
        library = load(library_path, data_path)
    except _CannotStart as exc:
        parent.sendall(_frame(FAULT, 0, str(exc).encode()))
        return
    lines = [f"espeak-ng {library.espeak_Info(None).decode()}", *_voices(library)]
    parent.sendall(_frame(READY, 0, "\n".join(lines).encode()))
    _Speaker(parent, library).take_turns()


if __name__ == "__main__":
    main(*sys.argv[1:])
