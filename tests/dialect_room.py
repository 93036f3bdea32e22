"""A room around a dialect's protocol: the peer's messages in, its answers out, and an engine that makes a second each.

No loop, no socket, no clock: time passes only in ``wait``.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from sayline.gateway.conversation import actions
from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.session import SessionSettings
from sayline.gateway.dialects.actions import SendAudio, SendText
from sayline.gateway.dialects.opening import Opening
from sayline.gateway.errors import SpeechFailed
from sayline.synthesis.interface import Voice, WordMark

FRAME = 960  # 20 ms in 48 kHz samples
FRAMES = 50  # of each segment
RATE_HZ = 24_000


@dataclass
class Packet:
    payload: bytes
    duration: int


class Room:
    """One conversation.

    Attributes:
        said: what the peer was sent: JSON as dictionaries, sound as bytes.
        ordered: the segments that the engine was given, with their contexts.
        styles: how each context was to be spoken.
        audio: in which format.
        closed: the close, once there was one.
        slots: contexts that hold a slot.
        has_slots: slots are granted as soon as they are asked for.
        is_broken: the engine fails.
        answers_pings: the peer does, as WebSocket libraries do by themselves.
    """

    def __init__(self, protocol, query=None, *, voices=("ada", "bob"), **limits):
        self.now = 0.0
        self.said = []
        self.ordered = []
        self.styles = {}
        self.audio = {}
        self.closed = None
        self.slots = set()
        self.has_slots = True
        self.is_broken = False
        self.answers_pings = True
        self._orders = {}  # of each speaker, in order; the first is under way
        self._fed = {}
        self._left = {}
        self.protocol = protocol(
            "5e55",
            SessionSettings(AudioParameters("opus", RATE_HZ, 20, 32_000), "ada", **limits),
            voices=lambda: [Voice(name, "", ("mul",), frozenset({"instructions", "seed", "speed"})) for name in voices],
            negotiate=lambda audio: AudioFacts(2, audio.sample_rate_hz, 0),
            synthesis_rate_hz=RATE_HZ,
            now=0.0,
            opening=Opening(query=query or {}),
        )
        self.perform()

    # -- the peer ------------------------------------------------------------------------------------------------------

    def say(self, *messages):
        """Send messages; returns what was answered at once."""
        known = len(self.said)
        for message in messages:
            text = message if isinstance(message, str) else json.dumps(message)
            self.protocol.text_received(text, self.now, most_chars=256)
            self.perform()
            while self.protocol.has_unread_text:
                self.protocol.read_on(self.now, most_chars=256)
                self.perform()
        return self.said[known:]

    def wait(self, seconds):
        """Let time pass, as the conversation's own deadlines have it; returns what was said meanwhile."""
        known, until = len(self.said), self.now + seconds
        while (at := self.protocol.next_deadline(self.now)) <= until:
            self.now = max(self.now, at)
            self.protocol.tick(self.now)
            self.perform()
        self.now = until
        return self.said[known:]

    def kinds(self):
        """What was said, by type; neighbouring sound is one."""
        kinds = ["sound" if isinstance(each, bytes) else each.get("type") for each in self.said]
        return [kind for at, kind in enumerate(kinds) if at == 0 or kind != "sound" or kinds[at - 1] != "sound"]

    def of(self, kind):
        """All messages of a type."""
        return [each for each in self.said if not isinstance(each, bytes) and each.get("type") == kind]

    @property
    def texts(self):
        """What the engine was given to speak, in order."""
        return [segment.text for _, segment in self.ordered]

    # -- the shell -----------------------------------------------------------------------------------------------------

    def perform(self):
        while todo := self.protocol.actions():
            while todo:
                self._perform(todo.popleft())

    def _perform(self, action):
        talk = self.protocol
        match action:
            case SendText():
                self.said.append(json.loads(action.message))
            case SendAudio():
                self.said += [frame for frame in action.frames if frame]
            case actions.RequestSlot(name):
                if self.has_slots:
                    self.slots.add(name)
                    talk.slot_granted(name, self.now)
            case actions.ReleaseSlot(name):
                self.slots.discard(name)
            case actions.StartSpeaker(name, style, audio):
                self.styles[name], self.audio[name] = style, audio
            case actions.Speak() | actions.FinishAudio() | actions.PadTail():
                if isinstance(action, actions.Speak):
                    self.ordered.append((action.context_id, action.segment))
                orders = self._orders.setdefault(action.context_id, [])
                orders.append(action)
                if len(orders) == 1:
                    self._obey(action)
            case actions.DropAudio(name):
                self._orders.pop(name, None)
            case actions.GrantFrames(name, frames):
                self._left[name] -= frames
                talk.audio_encoded(name, [Packet(b"\1\2", FRAME)] * frames, self._left[name], self.now)
                if not self._left[name]:
                    talk.segment_wanted(name, self.now)
                    self._done(name)
            case actions.SendPing():
                if self.answers_pings:
                    talk.pong_received(self.now)
            case actions.Close():
                self.closed = action

    def _obey(self, order):
        name = order.context_id
        match order:
            case actions.Speak(_, segment):
                self._speak(name, segment)
            case actions.FinishAudio():
                self.protocol.audio_encoded(name, [], 0, self.now, is_last=True)
                self._done(name)
            case actions.PadTail():
                self.protocol.audio_encoded(name, [], 0, self.now)
                self._done(name)

    def _done(self, name):
        orders = self._orders.get(name, [])
        if orders:
            orders.pop(0)
        if orders:
            self._obey(orders[0])

    def _speak(self, name, segment):
        talk, start = self.protocol, self._fed.get(name, 0)
        talk.segment_begun(name, segment, start, self.now)
        if self.is_broken:
            talk.speech_failed(name, SpeechFailed("speech synthesis failed"), self.now)
            return
        self._fed[name], self._left[name] = start + FRAMES * FRAME, FRAMES
        talk.pcm_made(name, _marks(segment), self._fed[name], 0.01, self.now)
        talk.segment_spoken(name, self._fed[name], 0.0)
        talk.frames_ready(name, FRAMES, self.now)


def _marks(segment):
    """Say where each word begins, spread evenly over the second."""
    words, at, marks = segment.spoken.split(), 0, []
    for number, word in enumerate(words):
        start = segment.spoken.index(word, at)
        at = start + len(word)
        marks.append(WordMark(start, at, number * RATE_HZ // len(words)))
    return tuple(marks)
