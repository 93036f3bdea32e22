"""Real speech for tests: a text as an engine says it, without a gateway."""

import asyncio
import functools

import numpy as np

from sayline.synthesis.espeak.synthesizer import EspeakSynthesizer
from sayline.synthesis.interface import Segment, Style


async def say_with(engine, text, **style):
    """(N,) int16 at the engine's rate; the engine runs already."""
    segment = Segment(0, text, text, 0, len(text), is_last=True)
    voice = engine.voices()[0].name
    return np.concatenate([chunk.samples async for chunk in engine.speak(segment, Style(voice, **style))])


@functools.cache
def say(text, language="en"):
    """(N,) int16 and its rate, by the embedded voice; not to be written to."""

    async def spoken():
        engine = EspeakSynthesizer()
        await engine.start()
        try:
            return await say_with(engine, text, language=language), engine.sample_rate_hz
        finally:
            await engine.close()

    samples, rate_hz = asyncio.run(spoken())
    samples.flags.writeable = False
    return samples, rate_hz
