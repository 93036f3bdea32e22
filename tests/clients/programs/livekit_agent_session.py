"""The agent of examples/livekit_agent.py without a room: its messages and its loudspeaker are the test's.

The test orders: ``ask`` (a message from the room), ``recall`` (the history), ``end``.
"""

import asyncio
import importlib.util
import time

from harness import asked, given, heard, tell
from livekit.agents import Agent
from livekit.agents.voice.io import AudioOutput, AudioOutputCapabilities

spec = importlib.util.spec_from_file_location("livekit_agent", given["example"])
example = importlib.util.module_from_spec(spec)
spec.loader.exec_module(example)


class Loudspeaker(AudioOutput):
    """Takes as long for a piece of sound as the piece lasts."""

    def __init__(self):
        super().__init__(label="loudspeaker", capabilities=AudioOutputCapabilities(pause=False))
        self._begun = None
        self._played_s = 0.0

    async def capture_frame(self, frame):
        await super().capture_frame(frame)
        if self._begun is None:
            self._begun, self._played_s = time.monotonic(), 0.0
            self.on_playback_started(created_at=time.time())
        heard(bytes(frame.data), frame.sample_rate)
        self._played_s += frame.duration
        await asyncio.sleep(max(0.0, self._begun + self._played_s - time.monotonic()))

    def flush(self):
        super().flush()
        self._finish(interrupted=False)

    def clear_buffer(self):
        self._finish(interrupted=True)

    def _finish(self, *, interrupted):
        if self._begun is not None:
            self._begun = None
            self.on_playback_finished(playback_position=self._played_s, interrupted=interrupted)


async def main():
    session = example.new_session()
    session.output.audio = Loudspeaker()
    await session.start(agent=Agent(instructions="Answer."))
    tell("ready")
    answer = None
    while True:
        order = await asked("agent")
        match order["do"]:
            case "ask":
                if answer:
                    await session.interrupt()
                answer = session.generate_reply(user_input=order["text"])
                answer.add_done_callback(lambda _: tell("answered"))
            case "recall":
                items = [item for item in session.history.items if item.type == "message"]
                tell("history", messages=[[item.role, item.text_content] for item in items])
            case "end":
                await session.aclose()
                return


asyncio.run(main())
