"""The speaker with real encoders, its session and its engine in the test's hands."""

import asyncio
from contextlib import suppress

import numpy as np
import pytest

from sayline.codecs.speech_encoder import AudioFormat
from sayline.gateway.conversation.actions import FinishAudio, GrantFrames, Speak
from sayline.gateway.speaking.encoder_pool import EncoderPool
from sayline.gateway.speaking.speaker import Speaker
from sayline.synthesis.interface import PcmChunk, Segment, Style, SynthesisFailed

RATE_HZ = 24_000
PATIENCE_S = 30
CHUNK = np.full(RATE_HZ // 10, 1000, np.int16)  # 100 ms: five frames


class Engine:
    """Speaks three chunks a segment; notes what was asked for, closed, and when listeners were said to run dry."""

    def __init__(self):
        self.begun = []
        self.closed = []
        self.dry_at = {}
        self.fails = set()
        self.is_held = set()
        self.never = asyncio.Event()

    async def speak(self, segment, _style, runs_dry_at):
        self.begun.append(segment.index)
        self.dry_at[segment.index] = [runs_dry_at()]
        try:
            if segment.index in self.fails:
                raise SynthesisFailed("it broke")
            if segment.index in self.is_held:
                await self.never.wait()
            for _ in range(3):
                yield PcmChunk(CHUNK)
                self.dry_at[segment.index].append(runs_dry_at())
        finally:
            self.closed.append(segment.index)


class Session:
    """Grants all frames at once, or none; keeps what it is told."""

    def __init__(self):
        self.speaker = None
        self.grants = True
        self.heard = []
        self.changed = asyncio.Event()

    def _note(self, *what):
        self.heard.append(what)
        self.changed.set()

    def segment_wanted(self, _context_id):
        self._note("wanted")

    def segment_begun(self, _context_id, segment, position):
        self._note("begun", segment.index, position)

    def pcm_made(self, _context_id, _words, fed, _waited_s):
        self._note("made", fed)

    def segment_spoken(self, _context_id, fed, _waited_s):
        self._note("spoken", fed)

    def frames_ready(self, context_id, frames):
        self._note("ready", frames)
        if self.grants:
            self.speaker.grant(GrantFrames(context_id, frames, needed_at=5.0))

    def audio_encoded(self, context_id, packets, frames_left, *, is_last):
        self._note("encoded", len(packets))
        if frames_left:
            self.speaker.grant(GrantFrames(context_id, frames_left, needed_at=5.0))
        if is_last:
            self._note("last")

    def holds_sound(self):
        """The speaker waits for a grant."""
        return any(what[0] == "ready" for what in self.heard)

    async def until(self, holds):
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self.changed.clear()
                await self.changed.wait()


class Stage:
    """A speaker at work, and who works with it."""

    async def __aenter__(self):
        self.engine, self.session = Engine(), Session()
        self._pool = EncoderPool(1, RATE_HZ)
        await self._pool.__aenter__()
        encoder = self._pool.open(AudioFormat())
        self._tasks = asyncio.TaskGroup()
        await self._tasks.__aenter__()
        self.speaker = self.session.speaker = Speaker(
            "c", Style("ada"), encoder, self.engine, self.session, self._tasks
        )
        self.task = asyncio.create_task(self.speaker.run())
        return self

    async def __aexit__(self, *_):
        self.task.cancel()
        with suppress(asyncio.CancelledError, SynthesisFailed):
            await self.task
        await self._tasks.__aexit__(None, None, None)
        await self._pool.__aexit__(None, None, None)

    @property
    def encoder_load(self):
        return self._pool.load

    def speak(self, index, dry_at=None):
        self.speaker.order(Speak("c", Segment(index, "text", "text", 0, 4), dry_at))

    async def speak_until_it_waits(self):
        """Speak segment 0 until its sound waits to be granted."""
        self.session.grants = False
        self.speak(0)
        await self.session.until(self.session.holds_sound)

    async def turns(self):
        """Let every task run that waits for nothing outside."""
        for _ in range(20):
            await asyncio.sleep(0)


async def test_a_segment_given_ahead_is_asked_for_at_once_and_heard_in_its_turn():
    async with Stage() as stage:
        await stage.speak_until_it_waits()
        stage.speak(1, dry_at=7.5)
        await stage.turns()
        assert stage.engine.begun == [0, 1]
        assert not any(what[0] == "begun" and what[1] == 1 for what in stage.session.heard)
        stage.session.grants = True
        stage.speaker.grant(GrantFrames("c", 1, needed_at=5.0))
        stage.speaker.order(FinishAudio("c"))
        await stage.session.until(lambda: ("last",) in stage.session.heard)
        begun = [what[1:] for what in stage.session.heard if what[0] == "begun"]
        assert begun == [(0, 0), (1, 3 * 4800)]  # 48 kHz samples: right behind the first
        assert stage.engine.closed == [0, 1]
    assert stage.task.done()


async def test_the_engine_is_told_when_the_listener_runs_dry_first_by_guess_then_by_what_was_granted():
    async with Stage() as stage:
        now = asyncio.get_running_loop().time()
        stage.speak(0)
        stage.speak(1, dry_at=now + 100)
        await stage.turns()
        assert stage.engine.dry_at[0][0] <= now + 1
        assert stage.engine.dry_at[1] == [now + 100]
        stage.speaker.order(FinishAudio("c"))
        await stage.session.until(lambda: ("last",) in stage.session.heard)
        assert all(dry_at < 6 for dry_at in stage.engine.dry_at[1][1:])  # the grant's 5 s, and what it let through


async def test_cancelled_it_wants_no_more_of_what_it_spoke_and_what_it_was_given_ahead():
    async with Stage() as stage:
        stage.engine.is_held = {1}
        await stage.speak_until_it_waits()
        stage.speak(1)
        stage.speak(2)
        await stage.turns()
        stage.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stage.task
        assert sorted(stage.engine.closed) == [0, 1, 2]


async def test_stopped_before_it_has_begun_it_lets_go_of_its_encoder_and_of_what_it_was_given():
    async with Stage() as stage:
        stage.speak(0)
        stage.speak(1)
        stage.speaker.stop()
        with pytest.raises(asyncio.CancelledError):
            await stage.task
        assert stage.encoder_load == 0
        assert sorted(stage.engine.closed) == sorted(stage.engine.begun)
        assert stage.session.heard == []


async def test_stopped_at_work_it_lets_go_of_its_encoder_and_reports_nothing_more():
    async with Stage() as stage:
        await stage.speak_until_it_waits()
        heard = list(stage.session.heard)
        stage.speaker.stop()
        with pytest.raises(asyncio.CancelledError):
            await stage.task
        assert stage.encoder_load == 0
        assert stage.engine.closed == [0]
        assert stage.session.heard == heard


async def test_an_engine_that_fails_ahead_of_time_fails_when_its_turn_has_come():
    async with Stage() as stage:
        stage.engine.fails = {1}
        stage.speak(0)
        stage.speak(1)
        with pytest.raises(SynthesisFailed, match="it broke"):
            await asyncio.wait_for(stage.task, PATIENCE_S)
        assert ("spoken", 3 * 4800) in stage.session.heard
        assert sorted(stage.engine.closed) == [0, 1]


async def test_a_failure_of_a_segment_that_will_not_be_heard_is_not_reported():
    unhandled = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: unhandled.append(context))
    async with Stage() as stage:
        stage.engine.fails = {1}
        await stage.speak_until_it_waits()
        stage.speak(1)
        await stage.turns()
    del stage
    await asyncio.sleep(0)
    assert not unhandled
