"""A conversation without a socket: its peers are lists. Session, speaker and codec are real, the engine makes tones."""

import asyncio
import json
from contextlib import asynccontextmanager

import numpy as np
import pytest

from sayline.codecs.speech_encoder import AudioFormat, SpeechEncoder
from sayline.gateway.capacity.desk import OwnDesk
from sayline.gateway.conversation.audio import AudioFacts, AudioParameters
from sayline.gateway.conversation.session import SessionSettings
from sayline.gateway.dialects.actions import SendText
from sayline.gateway.dialects.tts_v1.frames import Codec, unpack_frame
from sayline.gateway.dialects.tts_v1.protocol import TtsV1Protocol
from sayline.gateway.errors import CloseCode
from sayline.gateway.observing.metrics import Metrics
from sayline.gateway.serving.conversation_runner import MAX_KEPT_BYTES, Services, running
from sayline.gateway.serving.timers import SharedTimers
from sayline.synthesis.interface import Segment, Style
from sayline.synthesis.tone import VOICE, ToneSynthesizer, tone_for

PATIENCE_S = 30
RATE_HZ = 24_000
BURST_BYTES = 2 * RATE_HZ * 12 // 10  # of PCM: what one grant may be, 1.2 s
FIRST, SECOND = "One sentence of some length is spoken here.", " And a second one follows it."
LONG = "This sentence is one of many, and there is another one after it. " * 8  # 31 s of tone, 1.5 MB


class Engine(ToneSynthesizer):
    """Tones; segments from the second on wait until they may be spoken."""

    def __init__(self):
        super().__init__()
        self.may_go_on = asyncio.Event()
        self.has_spoken = asyncio.Event()  # the second segment, to its end

    async def speak(self, segment, style, runs_dry_at):
        if segment.index:
            await self.may_go_on.wait()
        async for chunk in super().speak(segment, style, runs_dry_at):
            yield chunk
        if segment.index:
            self.has_spoken.set()


class Encoder:
    """What a process of the pool answers, computed here."""

    open = 0  # of all

    def __init__(self, audio):
        Encoder.open += 1
        self._encoder = SpeechEncoder(RATE_HZ, AudioFormat(audio.format, audio.sample_rate_hz, audio.frame_ms))

    @property
    def fed(self):
        return self._encoder.fed

    @property
    def frames_ready(self):
        return self._encoder.frames_ready

    async def feed(self, samples, *, ends_segment=False):
        self._encoder.feed(samples, ends_segment=ends_segment)

    async def pad_tail(self):
        self._encoder.pad_tail()

    async def finish(self):
        self._encoder.finish()

    async def encode(self, max_frames, *, needed_at):
        assert needed_at
        await asyncio.sleep(0)  # another process would have its turn
        return self._encoder.encode(max_frames)

    def close(self):
        Encoder.open -= 1


class ListPeer:
    """Takes all that it is offered, and keeps it."""

    def __init__(self):
        self.messages = []
        self.frames = []
        self.pings = 0
        self.close_code = None
        self.changed = asyncio.Event()

    def send(self, outbox):
        while outbox:
            entry = outbox.popleft()
            if isinstance(entry, SendText):
                self.messages.append(json.loads(entry.message))
            else:
                self.frames += map(unpack_frame, entry.frames)
        self.changed.set()

    def read_again(self):
        pass

    def has_moved(self):
        return False

    def ping(self):
        self.pings += 1

    def close(self, close):
        self.close_code = close.code
        self.changed.set()

    def abort(self):
        raise AssertionError

    def types(self):
        return [message["type"] for message in self.messages]

    async def until(self, message_type):
        async with asyncio.timeout(PATIENCE_S):
            while message_type not in self.types():
                self.changed.clear()
                await self.changed.wait()


@asynccontextmanager
async def conversation(engine, **changes):
    """A conversation of PCM without pacing, with no peer attached."""
    audio = AudioParameters("pcm_s16le", RATE_HZ, 20, 32_000)
    settings = SessionSettings(default_audio=audio, default_voice=VOICE, max_lead_ms=0, **changes)
    loop = asyncio.get_running_loop()
    session = TtsV1Protocol(
        "s",
        settings,
        voices=engine.voices,
        negotiate=lambda audio: AudioFacts(Codec.PCM_S16LE, audio.sample_rate_hz, 0),
        synthesis_rate_hz=RATE_HZ,
        now=loop.time(),
    )
    await engine.start()
    desk = OwnDesk(loop.call_soon)
    services = Services(engine, Encoder, desk, Metrics(), SharedTimers())
    async with running(session, services, "127.0.0.1:1") as runner:
        desk.open(1, lambda slot: runner.slot_granted(slot.context_id))
        yield runner


def say(runner, text):
    runner.text_received(json.dumps({"type": "context.start", "context_id": "c", "timestamps": "segment"}))
    runner.text_received(json.dumps({"type": "text", "context_id": "c", "text": text}))
    while runner.has_unread_text:
        runner.read_on()
    runner.text_received(json.dumps({"type": "context.end", "context_id": "c"}))


def pcm(*peers):
    return np.concatenate([np.frombuffer(frame.payload, np.int16) for peer in peers for frame in peer.frames])


def tones(*texts):
    segments = [Segment(index, text, text.strip(), 0, len(text)) for index, text in enumerate(texts)]
    return np.concatenate([tone_for(segment, Style(VOICE)) for segment in segments])


async def test_a_conversation_that_loses_its_peer_goes_on_and_hands_what_it_made_to_the_next():
    engine, first, second = Engine(), ListPeer(), ListPeer()
    async with conversation(engine) as runner:
        runner.attach(first)
        say(runner, FIRST + SECOND)
        await first.until("segment")
        runner.detach()
        heard_by_first = len(first.frames)
        engine.may_go_on.set()
        async with asyncio.timeout(PATIENCE_S):
            await engine.has_spoken.wait()
        assert len(first.frames) == heard_by_first
        runner.attach(second)
        kept = len(second.frames)
        await second.until("context.done")

    frames = first.frames + second.frames
    assert kept > 0
    assert first.types()[:2] == ["session.ready", "context.started"]
    for kind in ("segment", "segment.done"):
        told = [message for message in first.messages + second.messages if message["type"] == kind]
        assert [message["segment_id"] for message in told] == [0, 1]
    assert [frame.sequence for frame in frames] == list(range(len(frames)))
    np.testing.assert_array_equal(pcm(first, second), tones(FIRST, SECOND))


async def test_a_peer_may_go_in_the_middle_of_a_long_message_and_all_of_it_is_spoken():
    engine, first, second = Engine(), ListPeer(), ListPeer()
    engine.may_go_on.set()
    async with conversation(engine) as runner:
        runner.attach(first)
        runner.text_received(json.dumps({"type": "text", "context_id": "c", "text": LONG}))
        assert runner.has_unread_text
        runner.detach()
        assert not runner.has_unread_text
        runner.attach(second)
        runner.text_received(json.dumps({"type": "context.end", "context_id": "c"}))
        await second.until("context.done")

    assert second.messages[-1]["text_spoken"] == LONG


async def test_what_is_kept_for_the_next_peer_is_bounded_and_nothing_of_it_is_lost():
    """More than the bound is made ready, and no more is granted until a peer takes it."""
    engine, peer = Engine(), ListPeer()
    engine.may_go_on.set()
    async with conversation(engine) as runner:
        say(runner, LONG)
        async with asyncio.timeout(PATIENCE_S):
            while not runner._is_blocked:
                await asyncio.sleep(0)
        for _ in range(1000):  # it would go on at once if it could
            await asyncio.sleep(0)
        runner.attach(peer)
        kept_bytes = len(pcm(peer)) * 2
        await peer.until("context.done")

    assert MAX_KEPT_BYTES < kept_bytes + 16 * len(peer.frames) <= MAX_KEPT_BYTES + 3 * BURST_BYTES
    assert peer.messages[-1]["text_spoken"] == LONG
    assert len(pcm(peer)) / RATE_HZ * 1000 == peer.messages[-1]["audio_ms"]


async def test_a_conversation_to_which_no_peer_comes_back_closes_as_if_its_peer_did_not_read():
    engine, late = Engine(), ListPeer()
    engine.may_go_on.set()
    async with conversation(engine, slow_client_s=0.05) as runner:
        say(runner, LONG)
        async with asyncio.timeout(PATIENCE_S):
            while not runner.is_closing:
                await asyncio.sleep(0)
        runner.attach(late)

    assert late.close_code == CloseCode.SLOW_OR_IDLE
    assert late.frames == late.messages == []


async def test_a_conversation_to_which_no_peer_comes_back_closes_as_if_its_peer_answered_no_pings():
    async with conversation(Engine(), ping_interval_s=0.02, slow_client_s=0.05) as runner:
        async with asyncio.timeout(PATIENCE_S):
            while not runner.is_closing:
                await asyncio.sleep(0)


async def test_a_ping_for_which_no_peer_was_attached_is_sent_to_the_next_peer_once():
    peer = ListPeer()
    async with conversation(Engine(), ping_interval_s=0.02, slow_client_s=PATIENCE_S) as runner:
        async with asyncio.timeout(PATIENCE_S):
            while not runner._owes_ping:
                await asyncio.sleep(0)
        runner.attach(peer)
        assert peer.pings == 1
        runner.pong_received()
        runner.detach()
        runner.attach(peer)
        assert peer.pings == 1


async def test_audio_that_is_dropped_is_not_kept_and_what_was_said_is():
    engine, peer = Engine(), ListPeer()
    async with conversation(engine) as runner:
        runner.text_received(json.dumps({"type": "text", "context_id": "c", "text": FIRST + SECOND}))
        async with asyncio.timeout(PATIENCE_S):
            while not any(not isinstance(entry, SendText) for entry in runner._outbox):
                await asyncio.sleep(0)
        runner.text_received(json.dumps({"type": "context.cancel", "context_id": "c"}))
        runner.attach(peer)

    assert peer.frames == []
    assert peer.types()[:2] == ["session.ready", "context.started"]
    assert peer.messages[-1] | {"text_spoken": "", "text_remaining": ""} == {
        "type": "context.done",
        "context_id": "c",
        "reason": "cancel",
        "audio_ms": peer.messages[-1]["audio_ms"],
        "text_spoken": "",
        "text_remaining": "",
        "characters": len(FIRST + SECOND),
    }


@pytest.mark.parametrize("is_cancelled", [True, False], ids=["cancelled", "at an end"])
async def test_a_speaker_that_is_stopped_before_its_first_step_leaves_no_encoder_open(is_cancelled):
    before = Encoder.open
    async with conversation(Engine()) as runner:
        runner.attach(ListPeer())
        runner.text_received(json.dumps({"type": "text", "context_id": "c", "text": FIRST + SECOND}))
        while not runner.speaking:  # from then on its task is about to begin
            await asyncio.sleep(0)
        assert Encoder.open == before + 1
        if is_cancelled:
            runner.text_received(json.dumps({"type": "context.cancel", "context_id": "c"}))
            assert not runner.speaking
    assert Encoder.open == before


async def test_the_end_of_a_conversation_stops_its_speakers_and_nothing_is_done_after_it():
    engine, peer = Engine(), ListPeer()
    async with conversation(engine) as runner:
        runner.attach(peer)
        say(runner, FIRST + SECOND)
        await peer.until("segment")
    heard = len(peer.messages), len(peer.frames)
    runner.slot_granted("c")
    runner.drain(1.0)
    runner._tick()

    assert (len(peer.messages), len(peer.frames)) == heard
