"""Inside a process that speaks: takes turns from the gateway and speaks them, one after the other.

The socket to the gateway is its standard input. It ends when the socket does.
"""

from __future__ import annotations

import contextlib
import socket
import time
from collections import deque
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from ..processes.child import take_leash
from ..processes.link import READ_BYTES
from ..rates import MODEL_SAMPLE_RATE_HZ
from .link import SAMPLES, VOCABULARY, Cancel, Ready, Refused, Speak, Spoken, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..interface import Pcm
    from .link import FromProcess

# How often the trial is said at the start, to see how fast this machine is. The best counts: the first one is slower,
# and other work comes and goes.
_TRIALS: Final = 4


class VoiceUnavailable(Exception):
    """The voice cannot speak here; the message says why."""


class Sound(NamedTuple):
    """What was made of a turn.

    Attributes:
        samples: (n,) int16 mono at 24 kHz.
        words: [offset, length, sample] each, in the turn's text.
    """

    samples: Pcm
    words: list[tuple[int, int, int]]


class Voice(Protocol):
    """A model that speaks.

    Attributes:
        version: for people.
        has_times: it tells when its words begin.
        trial: a turn as most are, by which its speed is measured.
    """

    version: str
    has_times: bool
    trial: Speak

    def speak(self, turn: Speak) -> Sound:
        """Speak a turn. Whatever it raises is taken for the fault of this turn's text."""
        ...


def serve(load: Callable[[], Voice]) -> None:
    """Serve the socket on standard input until the gateway closes it.

    Args:
        load: makes the voice; raises ``VoiceUnavailable`` if it cannot speak here.
    """
    with contextlib.suppress(ConnectionError):  # a killed gateway does not close the socket in good order
        _serve(take_leash(), load)


class _Conversation:
    """The process's end of the link, and the turns that wait here."""

    def __init__(self, gateway: socket.socket) -> None:
        self._gateway = gateway
        self._incoming = bytearray()
        self._is_known = False
        self._received = memoryview(bytearray(READ_BYTES))
        self._turns: deque[Speak] = deque()
        self._cancelled: set[int] = set()
        gateway.sendall(VOCABULARY.pack(VOCABULARY.hello))

    def say(self, message: FromProcess) -> None:
        """Send a message."""
        self._gateway.sendall(VOCABULARY.pack(message))

    def next_turn(self) -> tuple[Speak, bool] | None:
        """Wait for the next turn; tells whether it is still wanted. None at the end."""
        while self._listen(socket.MSG_DONTWAIT if self._turns else 0):
            if self._turns:
                turn = self._turns.popleft()
                is_wanted = turn.number not in self._cancelled
                self._cancelled.discard(turn.number)
                return turn, is_wanted
        return None

    def _listen(self, flags: int) -> bool:
        """Take in what the gateway has sent; False at the end."""
        try:
            count = self._gateway.recv_into(self._received, 0, flags)
        except BlockingIOError:
            return True
        if not count:
            return False
        self._incoming += self._received[:count]
        messages = VOCABULARY.take(self._incoming)
        if messages and not self._is_known:
            VOCABULARY.check(messages.pop(0))
            self._is_known = True
        for message in messages:
            if isinstance(message, Speak):
                self._turns.append(message)
            elif isinstance(message, Cancel) and any(turn.number == message.number for turn in self._turns):
                self._cancelled.add(message.number)  # a turn that is over stays over
        return True


def _serve(gateway: socket.socket, load: Callable[[], Voice]) -> None:
    conversation = _Conversation(gateway)
    try:
        voice = load()
        seconds_per_second = _measure(voice)
    except VoiceUnavailable as exc:
        conversation.say(Unavailable(str(exc)))
        return
    conversation.say(Ready(voice.version, seconds_per_second, voice.has_times))
    while found := conversation.next_turn():
        turn, is_wanted = found
        conversation.say(_speak(voice, turn) if is_wanted else Spoken(turn.number, [], b""))


def _measure(voice: Voice) -> float:
    """Tell how long a second of speech keeps a core busy here, in seconds: other work on the machine does not count."""
    taken = []
    for _ in range(_TRIALS):
        begun = time.process_time()
        samples = len(voice.speak(voice.trial).samples)
        taken.append((time.process_time() - begun) * MODEL_SAMPLE_RATE_HZ / samples)
    return min(taken)


def _speak(voice: Voice, turn: Speak) -> Spoken | Refused:
    try:
        sound = voice.speak(turn)
    except Exception as exc:  # noqa: BLE001 - whatever a text does to a model is that text's fault alone
        return Refused(turn.number, f"{type(exc).__name__}: {exc}")
    return Spoken(turn.number, sound.words, sound.samples.astype(SAMPLES, copy=False).tobytes())
