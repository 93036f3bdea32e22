"""A Pipecat pipeline of one speech service, between a language model and a listener that this program plays.

``lines`` make the service, ``tts``. Each of ``turns`` is {"deltas": [...], "is_stopped": bool, "is_written": bool}:
what the model writes; whether the listener interrupts, when the test asks for it; and whether the model has finished by
then. A turn that ``is_asked`` for waits for the test.
"""

import asyncio
import time

import aiohttp
from harness import asked, given, heard, tell
from pipecat.frames.frames import (
    BotStartedSpeakingFrame,
    BotStoppedSpeakingFrame,
    EndFrame,
    ErrorFrame,
    InterruptionFrame,
    LLMFullResponseEndFrame,
    LLMFullResponseStartFrame,
    LLMTextFrame,
    TTSAudioRawFrame,
    TTSStartedFrame,
    TTSStoppedFrame,
    TTSTextFrame,
)
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.workers.runner import WorkerRunner


class Listener(FrameProcessor):
    """Stands where a transport would: it takes the sound, and says when the bot begins and stops to speak."""

    def __init__(self):
        super().__init__()
        self.sound = bytearray()  # of the turn
        self.words = []
        self.is_sounding = asyncio.Event()
        self.is_over = asyncio.Event()

    def begin(self):
        self.sound.clear()
        self.words.clear()
        self.is_sounding.clear()
        self.is_over.clear()

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, TTSAudioRawFrame):
            self.sound += frame.audio
            self.rate = frame.sample_rate
            self.is_sounding.set()
        elif isinstance(frame, TTSStartedFrame):
            await self.push_frame(BotStartedSpeakingFrame(), FrameDirection.UPSTREAM)
        elif isinstance(frame, TTSStoppedFrame):
            await self.push_frame(BotStoppedSpeakingFrame(), FrameDirection.UPSTREAM)
            self.is_over.set()
        elif isinstance(frame, TTSTextFrame):
            self.words.append((frame.text, frame.pts))
        await self.push_frame(frame, direction)


class Complaints(FrameProcessor):
    """Stands where a language model would: errors of the service come up to it."""

    async def process_frame(self, frame, direction):
        await super().process_frame(frame, direction)
        if isinstance(frame, ErrorFrame):
            tell("error", text=frame.error)
        await self.push_frame(frame, direction)


async def speak(worker, listener, turn):
    listener.begin()
    frames = [LLMFullResponseStartFrame(), *map(LLMTextFrame, turn["deltas"])]
    if turn.get("is_written", True):
        frames.append(LLMFullResponseEndFrame())
    await worker.queue_frames(frames)
    if not turn.get("is_stopped"):
        await listener.is_over.wait()
        heard(bytes(listener.sound), listener.rate)
        tell("turn", bytes=len(listener.sound), words=listener.words)
        return
    await listener.is_sounding.wait()
    tell("sounding")
    await asked("interrupt")
    tell("interrupted", at=time.monotonic())
    await worker.queue_frame(InterruptionFrame())
    await asked("go on")
    tell("turn", bytes=len(listener.sound))


async def main():
    async with aiohttp.ClientSession() as session:
        made = {"session": session}
        exec(given["lines"], made)  # noqa: S102 - lines of our own document
        listener = Listener()
        worker = PipelineWorker(
            Pipeline([Complaints(), made["tts"], listener]),
            params=PipelineParams(audio_out_sample_rate=given.get("rate", 24_000)),
            cancel_on_idle_timeout=False,
        )
        started = asyncio.Event()
        worker.event_handler("on_pipeline_started")(lambda *_: started.set())
        runner = WorkerRunner(handle_sigint=False)
        await runner.add_workers(worker)
        running = asyncio.create_task(runner.run())
        await started.wait()
        for turn in given["turns"]:
            if turn.get("is_asked"):
                await asked("turn")
            await speak(worker, listener, turn)
        await worker.queue_frame(EndFrame())
        await running
        tell("over")


asyncio.run(main())
