"""An engine around any program that reads a text and writes samples; it is run anew for each segment."""

import asyncio
import shlex
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from pydantic import Field

from sayline.synthesis.declaration import Engine
from sayline.synthesis.interface import EngineStatus, PcmChunk, SynthesisFailed, Voice, never


@dataclass(frozen=True)
class CommandSettings:
    command: Annotated[str, Field(description="program that speaks: text in, 16-bit mono samples out")]
    command_rate_hz: Annotated[int, Field(ge=8_000, le=48_000, description="rate of its samples")] = 22_050


class CommandSynthesizer:
    default_max_concurrent_requests = 4  # programs that run at once

    def __init__(self, settings):
        self._command, self.sample_rate_hz = shlex.split(settings.command), settings.command_rate_hz

    def voices(self):
        return [Voice("command", self._command[0], ("mul",))]

    def status(self):
        return EngineStatus("command", "ready", self._command[0])

    def watch(self, changed): ...  # no forecast is made
    async def start(self): ...  # nothing is to be loaded
    async def close(self): ...

    async def speak(self, segment, style, runs_dry_at=never):
        pipes = {"stdin": asyncio.subprocess.PIPE, "stdout": asyncio.subprocess.PIPE}
        program = await asyncio.create_subprocess_exec(*self._command, **pipes)
        try:
            sound, _ = await program.communicate(segment.spoken.encode())
        finally:
            if program.returncode is None:  # the listener interrupted
                program.kill()
        if program.returncode or len(sound) % 2:
            raise SynthesisFailed(f"{self._command[0]} ended with status {program.returncode}")
        yield PcmChunk(np.frombuffer(sound, "<i2"))


ENGINE = Engine("command", "a program of yours", lambda order: CommandSynthesizer(order.settings), CommandSettings)
